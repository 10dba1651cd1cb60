/* clients-names.c: people who do not exist
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "clients-names.h"

#define N_NAMES  12
#define N_CITIES 6

/* Each name twice: as it is written, and as it stands in an address. */
typedef struct
{
  const char *given[N_NAMES][2];
  const char *family[N_NAMES][2];
  const char *cities[N_CITIES];
  const char *prefix; /* of phone numbers */
  const char *domain;
  gboolean is_family_first;
} Country;

static const Country countries[] = {
  {
    .given = { { "Aoife", "aoife" },
               { "Oisín", "oisin" },
               { "Grace", "grace" },
               { "Callum", "callum" },
               { "Imogen", "imogen" },
               { "Rhys", "rhys" },
               { "Harriet", "harriet" },
               { "Dylan", "dylan" },
               { "Niamh", "niamh" },
               { "Owen", "owen" },
               { "Sadie", "sadie" },
               { "Theo", "theo" } },
    .family = { { "O’Connell", "oconnell" },
                { "Whitaker", "whitaker" },
                { "Ashdown", "ashdown" },
                { "Pritchard", "pritchard" },
                { "MacLeod", "macleod" },
                { "Thornbury", "thornbury" },
                { "Gallagher", "gallagher" },
                { "Hargreaves", "hargreaves" },
                { "Llewellyn", "llewellyn" },
                { "Fairclough", "fairclough" },
                { "Byrne", "byrne" },
                { "Sinclair", "sinclair" } },
    .cities = { "Galway", "Leeds", "Cardiff", "Inverness", "Cork", "Norwich" },
    .prefix = "+44",
    .domain = "example.org",
  },
  {
    .given = { { "Jürgen", "juergen" },
               { "Anneliese", "anneliese" },
               { "Björn", "bjoern" },
               { "Käthe", "kaethe" },
               { "Lukas", "lukas" },
               { "Zoë", "zoe" },
               { "Matthias", "matthias" },
               { "Friederike", "friederike" },
               { "Günter", "guenter" },
               { "Heike", "heike" },
               { "Sören", "soeren" },
               { "Wiebke", "wiebke" } },
    .family = { { "Müller", "mueller" },
                { "Schäfer", "schaefer" },
                { "Großmann", "grossmann" },
                { "Weiß", "weiss" },
                { "Krüger", "krueger" },
                { "Böhm", "boehm" },
                { "Hoffmann", "hoffmann" },
                { "Zimmermann", "zimmermann" },
                { "Lindner", "lindner" },
                { "Jäger", "jaeger" },
                { "von der Heide", "vonderheide" },
                { "Petersen", "petersen" } },
    .cities = { "München", "Köln", "Lübeck", "Zürich", "Graz", "Würzburg" },
    .prefix = "+49",
    .domain = "example.net",
  },
  {
    .given = { { "Éloïse", "eloise" },
               { "François", "francois" },
               { "Hélène", "helene" },
               { "Raphaël", "raphael" },
               { "Chloé", "chloe" },
               { "Benoît", "benoit" },
               { "Maëlle", "maelle" },
               { "Jérôme", "jerome" },
               { "Noémie", "noemie" },
               { "Théo", "theo" },
               { "Inès", "ines" },
               { "Gaëtan", "gaetan" } },
    .family = { { "Lefèvre", "lefevre" },
                { "Beauchêne", "beauchene" },
                { "d’Aubigny", "daubigny" },
                { "Moreau", "moreau" },
                { "Garçon", "garcon" },
                { "Rousseau", "rousseau" },
                { "Châtelain", "chatelain" },
                { "Marchand", "marchand" },
                { "Préville", "preville" },
                { "Dufour", "dufour" },
                { "Lacroix", "lacroix" },
                { "Bonnet", "bonnet" } },
    .cities = { "Orléans", "Nîmes", "Genève", "Québec", "Liège", "Besançon" },
    .prefix = "+33",
    .domain = "example.com",
  },
  {
    .given = { { "Íñigo", "inigo" },
               { "María José", "mariajose" },
               { "Begoña", "begona" },
               { "Andrés", "andres" },
               { "Lucía", "lucia" },
               { "Joaquín", "joaquin" },
               { "Ximena", "ximena" },
               { "Sebastián", "sebastian" },
               { "Núria", "nuria" },
               { "Martín", "martin" },
               { "Inés", "ines" },
               { "Tomás", "tomas" } },
    .family = { { "Ibáñez", "ibanez" },
                { "Muñoz", "munoz" },
                { "Núñez", "nunez" },
                { "Echeverría", "echeverria" },
                { "Castaño", "castano" },
                { "Villagrán", "villagran" },
                { "Domínguez", "dominguez" },
                { "Quiñones", "quinones" },
                { "Peñalver", "penalver" },
                { "Ordóñez", "ordonez" },
                { "Salazar", "salazar" },
                { "Rubio", "rubio" } },
    .cities = { "Córdoba", "A Coruña", "Bogotá", "Mérida", "León", "Asunción" },
    .prefix = "+34",
    .domain = "example.org",
  },
  {
    .given = { { "Łukasz", "lukasz" },
               { "Grażyna", "grazyna" },
               { "Wojciech", "wojciech" },
               { "Żaneta", "zaneta" },
               { "Paweł", "pawel" },
               { "Małgorzata", "malgorzata" },
               { "Jiří", "jiri" },
               { "Šárka", "sarka" },
               { "Zbyněk", "zbynek" },
               { "Růžena", "ruzena" },
               { "István", "istvan" },
               { "Zsófia", "zsofia" } },
    .family = { { "Wiśniewski", "wisniewski" },
                { "Dąbrowska", "dabrowska" },
                { "Zając", "zajac" },
                { "Gołębiowski", "golebiowski" },
                { "Świątek", "swiatek" },
                { "Dvořák", "dvorak" },
                { "Novotná", "novotna" },
                { "Kučera", "kucera" },
                { "Őri", "ori" },
                { "Szűcs", "szucs" },
                { "Čermák", "cermak" },
                { "Kowalczyk", "kowalczyk" } },
    .cities = { "Łódź", "Gdańsk", "Plzeň", "Győr", "Poznań", "České Budějovice" },
    .prefix = "+48",
    .domain = "example.net",
  },
  {
    .given = { { "Çağla", "cagla" },
               { "İbrahim", "ibrahim" },
               { "Şule", "sule" },
               { "Oğuz", "oguz" },
               { "Gülşen", "gulsen" },
               { "Umut", "umut" },
               { "Ayşe", "ayse" },
               { "Yiğit", "yigit" },
               { "Zeynep", "zeynep" },
               { "Cem", "cem" },
               { "Nilüfer", "nilufer" },
               { "Tuğrul", "tugrul" } },
    .family = { { "Yıldız", "yildiz" },
                { "Öztürk", "ozturk" },
                { "Şahin", "sahin" },
                { "Kılıç", "kilic" },
                { "Güneş", "gunes" },
                { "Aydın", "aydin" },
                { "Çelik", "celik" },
                { "Erdoğdu", "erdogdu" },
                { "Işık", "isik" },
                { "Koç", "koc" },
                { "Ünal", "unal" },
                { "Bağcı", "bagci" } },
    .cities = { "İzmir", "Eskişehir", "Muğla", "Kütahya", "Çanakkale", "Niğde" },
    .prefix = "+90",
    .domain = "example.com",
  },
  {
    .given = { { "Анастасия", "anastasia" },
               { "Дмитрий", "dmitri" },
               { "Ольга", "olga" },
               { "Сергей", "sergei" },
               { "Людмила", "ludmila" },
               { "Юрий", "yuri" },
               { "Ярослав", "yaroslav" },
               { "Галина", "galina" },
               { "Єва", "yeva" },
               { "Тарас", "taras" },
               { "Жанна", "zhanna" },
               { "Фёдор", "fedor" } },
    .family = { { "Кузнецов", "kuznetsov" },
                { "Шевченко", "shevchenko" },
                { "Щербак", "shcherbak" },
                { "Лебедева", "lebedeva" },
                { "Мельник", "melnyk" },
                { "Журавлёв", "zhuravlev" },
                { "Цветкова", "tsvetkova" },
                { "Бондаренко", "bondarenko" },
                { "Яковлева", "yakovleva" },
                { "Ткачук", "tkachuk" },
                { "Эрдман", "erdman" },
                { "Фомина", "fomina" } },
    .cities = { "Київ", "Новосибирск", "Львів", "Тверь", "Харків", "София" },
    .prefix = "+380",
    .domain = "example.org",
  },
  {
    .given = { { "Ελένη", "eleni" },
               { "Γιώργος", "giorgos" },
               { "Αθηνά", "athina" },
               { "Δημήτρης", "dimitris" },
               { "Κατερίνα", "katerina" },
               { "Νίκος", "nikos" },
               { "Σοφία", "sofia" },
               { "Παναγιώτης", "panagiotis" },
               { "Ιωάννα", "ioanna" },
               { "Χρήστος", "christos" },
               { "Φωτεινή", "fotini" },
               { "Θάνος", "thanos" } },
    .family = { { "Παπαδόπουλος", "papadopoulos" },
                { "Οικονόμου", "oikonomou" },
                { "Γεωργίου", "georgiou" },
                { "Καραγιάννης", "karagiannis" },
                { "Νικολάου", "nikolaou" },
                { "Ζαχαρίου", "zachariou" },
                { "Μακρής", "makris" },
                { "Ξενάκης", "xenakis" },
                { "Βλάχος", "vlachos" },
                { "Ψαρράς", "psarras" },
                { "Αλεξίου", "alexiou" },
                { "Θεοδώρου", "theodorou" } },
    .cities = { "Αθήνα", "Θεσσαλονίκη", "Πάτρα", "Χανιά", "Λεμεσός", "Βόλος" },
    .prefix = "+30",
    .domain = "example.net",
  },
  {
    .given = { { "فاطمة", "fatima" },
               { "يوسف", "yusuf" },
               { "ليلى", "layla" },
               { "خالد", "khalid" },
               { "مريم", "maryam" },
               { "عمر", "omar" },
               { "سلمى", "salma" },
               { "طارق", "tariq" },
               { "نور", "nour" },
               { "حسن", "hassan" },
               { "هدى", "huda" },
               { "زياد", "ziad" } },
    .family = { { "الحداد", "alhaddad" },
                { "منصور", "mansour" },
                { "النجار", "alnajjar" },
                { "القاسم", "alqasim" },
                { "عبد الله", "abdullah" },
                { "الشريف", "alsharif" },
                { "درويش", "darwish" },
                { "الخطيب", "alkhatib" },
                { "سليمان", "suleiman" },
                { "حمدان", "hamdan" },
                { "البغدادي", "albaghdadi" },
                { "فارس", "faris" } },
    .cities = { "القاهرة", "بيروت", "عمّان", "الدار البيضاء", "تونس", "مسقط" },
    .prefix = "+20",
    .domain = "example.com",
  },
  {
    .given = { { "अनन्या", "ananya" },
               { "विक्रम", "vikram" },
               { "दीपिका", "deepika" },
               { "राजेश", "rajesh" },
               { "प्रिया", "priya" },
               { "अर्जुन", "arjun" },
               { "कविता", "kavita" },
               { "संजय", "sanjay" },
               { "मीरा", "meera" },
               { "रोहन", "rohan" },
               { "लक्ष्मी", "lakshmi" },
               { "हर्ष", "harsh" } },
    .family = { { "शर्मा", "sharma" },
                { "अग्रवाल", "agrawal" },
                { "चौधरी", "chaudhary" },
                { "मिश्रा", "mishra" },
                { "त्रिपाठी", "tripathi" },
                { "गुप्ता", "gupta" },
                { "जोशी", "joshi" },
                { "ठाकुर", "thakur" },
                { "पाण्डेय", "pandey" },
                { "भट्ट", "bhatt" },
                { "कुलकर्णी", "kulkarni" },
                { "सिंह", "singh" } },
    .cities = { "दिल्ली", "जयपुर", "वाराणसी", "पुणे", "लखनऊ", "काठमांडू" },
    .prefix = "+91",
    .domain = "example.org",
  },
  {
    .given = { { "伟", "wei" },
               { "秀英", "xiuying" },
               { "建国", "jianguo" },
               { "雨桐", "yutong" },
               { "子轩", "zixuan" },
               { "欣怡", "xinyi" },
               { "浩然", "haoran" },
               { "梦洁", "mengjie" },
               { "志强", "zhiqiang" },
               { "丽华", "lihua" },
               { "思远", "siyuan" },
               { "晓明", "xiaoming" } },
    .family = { { "王", "wang" },
                { "李", "li" },
                { "张", "zhang" },
                { "刘", "liu" },
                { "陈", "chen" },
                { "杨", "yang" },
                { "欧阳", "ouyang" },
                { "赵", "zhao" },
                { "黄", "huang" },
                { "周", "zhou" },
                { "司马", "sima" },
                { "吴", "wu" } },
    .cities = { "上海", "成都", "杭州", "西安", "台北", "哈尔滨" },
    .prefix = "+86",
    .domain = "example.net",
    .is_family_first = TRUE,
  },
  {
    .given = { { "さくら", "sakura" },
               { "健太", "kenta" },
               { "美咲", "misaki" },
               { "大輔", "daisuke" },
               { "陽子", "yoko" },
               { "翔", "sho" },
               { "真由美", "mayumi" },
               { "隆", "takashi" },
               { "지우", "jiwoo" },
               { "민준", "minjun" },
               { "서연", "seoyeon" },
               { "하은", "haeun" } },
    .family = { { "佐藤", "sato" },
                { "鈴木", "suzuki" },
                { "高橋", "takahashi" },
                { "渡辺", "watanabe" },
                { "小林", "kobayashi" },
                { "山口", "yamaguchi" },
                { "斎藤", "saito" },
                { "김", "kim" },
                { "이", "lee" },
                { "박", "park" },
                { "최", "choi" },
                { "정", "jung" } },
    .cities = { "京都", "札幌", "福岡", "서울", "부산", "仙台" },
    .prefix = "+81",
    .domain = "example.com",
    .is_family_first = TRUE,
  },
};

/* A number that looks like chance, of each number: the generator of chance in
 * GLib may be another one tomorrow. */
static guint64
mix (guint64 number)
{
  number += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  number = (number ^ (number >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  number = (number ^ (number >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);

  return number ^ (number >> 31);
}

static guint
draw (guint64 *state, guint n)
{
  *state = mix (*state);

  return (guint) (*state % n);
}

void
clients_person_init (ClientsPerson *self, guint64 seed, guint number)
{
  guint64 state = mix (seed) + number;
  const Country *country = &countries[draw (&state, G_N_ELEMENTS (countries))];
  const char *const *given = country->given[draw (&state, N_NAMES)];
  const char *const *second = country->given[draw (&state, N_NAMES)];
  const char *const *family = country->family[draw (&state, N_NAMES)];

  if (country->is_family_first)
    self->name = g_strdup_printf ("%s %s", family[0], given[0]);
  else if (second != given && draw (&state, 2) > 0)
    self->name = g_strdup_printf ("%s %s %s", given[0], second[0], family[0]);
  else
    self->name = g_strdup_printf ("%s %s", given[0], family[0]);
  self->city = g_strdup (country->cities[draw (&state, N_CITIES)]);
  self->email = g_strdup_printf ("%s.%s.%u@%s", given[1], family[1], number, country->domain);
  self->phone = g_strdup_printf ("%s %u %03u %04u", country->prefix, 20 + draw (&state, 80),
                                 draw (&state, 1000), draw (&state, 10000));
  self->credit = draw (&state, 500000) / 100.0;
  self->is_active = draw (&state, 10) > 0;
}

void
clients_person_clear (ClientsPerson *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->city, g_free);
  g_clear_pointer (&self->email, g_free);
  g_clear_pointer (&self->phone, g_free);
}
