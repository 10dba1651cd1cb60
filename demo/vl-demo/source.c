/* source.c: where the rows of a table come from
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "source.h"

/* Clients are the same in every run. */
#define SEED 20

typedef struct
{
  const char *id;
  const char *name;
  double price;
} Product;

static const Product products[] = {
  { "coffee", "Café crème", 3.2 },
  { "matcha", "抹茶", 4.5 },
  { "tea", "Tea with milk", 2.8 },
};

typedef struct
{
  const char *given[6];
  const char *family[6];
  const char *city[3];
  gboolean family_first;
  const char *between;
} Culture;

static const Culture cultures[] = {
  { { "Anna", "James", "Maya", "Noah", "Ruth", "Oscar" },
    { "Whitfield", "Okafor", "Brennan", "Marsh", "Adeyemi", "Lowe" },
    { "Leeds", "Lagos", "Cork" },
    FALSE,
    " " },
  { { "Zoë", "Jürgen", "Søren", "Łucja", "Ðorđe", "Åsa" },
    { "Müller", "Nuñez", "Kowalczyk", "Ólafsdóttir", "Çelik", "Dvořák" },
    { "Zürich", "Łódź", "Málaga" },
    FALSE,
    " " },
  { { "Ольга", "Іван", "Мария", "Борис", "Надія", "Тимур" },
    { "Шевчук", "Орлов", "Бондар", "Петренко", "Лебедь", "Жук" },
    { "Київ", "София", "Алматы" },
    FALSE,
    " " },
  { { "Ελένη", "Νίκος", "Άννα", "Γιώργος", "Ζωή", "Πέτρος" },
    { "Παππάς", "Βλάχος", "Μακρή", "Δήμου", "Σαρρής", "Ιωάννου" },
    { "Αθήνα", "Πάτρα", "Λευκωσία" },
    FALSE,
    " " },
  { { "伟", "秀英", "明", "丽华", "建国", "小雨" },
    { "王", "李", "欧阳", "陈", "刘", "赵" },
    { "上海", "台北", "新加坡" },
    TRUE,
    "" },
  { { "さくら", "健太", "美咲", "大輔", "ゆい", "翔" },
    { "佐藤", "鈴木", "高橋", "長谷川", "小林", "林" },
    { "東京", "大阪", "札幌" },
    TRUE,
    " " },
  { { "민준", "서연", "지우", "하은", "도윤", "수빈" },
    { "김", "이", "박", "최", "남궁", "정" },
    { "서울", "부산", "제주" },
    TRUE,
    "" },
  { { "ليلى", "يوسف", "مريم", "عمر", "سارة", "خالد" },
    { "حداد", "منصور", "خوري", "العلي", "نجار", "سالم" },
    { "القاهرة", "بيروت", "الرباط" },
    FALSE,
    " " },
  { { "प्रिया", "अर्जुन", "मीरा", "रवि", "अनीता", "देव" },
    { "शर्मा", "पटेल", "वर्मा", "गुप्ता", "नायर", "सिंह" },
    { "मुंबई", "दिल्ली", "पुणे" },
    FALSE,
    " " },
  { { "สมชาย", "มาลี", "นิดา", "ชัย", "อรุณ", "พิม" },
    { "ศรีสุข", "ใจดี", "ทองคำ", "วงศ์", "แสงทอง", "บุญมา" },
    { "กรุงเทพ", "เชียงใหม่", "ภูเก็ต" },
    FALSE,
    " " },
};

static VlRecord *
make_product (DemoSource *self, guint64 index)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (products[index].id);

  vl_record_builder_set_string (builder, "name", products[index].name);
  vl_record_builder_set_double (builder, "price", products[index].price);

  return vl_record_builder_end (builder);
}

DemoSource *
demo_source_new_products (void)
{
  DemoSource *self = g_new0 (DemoSource, 1);
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("products");

  vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (builder, "name", VL_FIELD_TYPE_STRING, TRUE);
  vl_schema_builder_add_column (builder, "price", VL_FIELD_TYPE_DOUBLE, TRUE);
  vl_schema_builder_set_id_column (builder, "id");

  self->table_name = g_strdup ("products");
  self->description = g_strdup ("sample products");
  self->schema = vl_schema_builder_end (builder);
  self->n_rows = G_N_ELEMENTS (products);
  self->make = make_product;

  return self;
}

static char *
make_name (const Culture *culture, GRand *random)
{
  const char *given = culture->given[g_rand_int_range (random, 0, 6)];
  const char *family = culture->family[g_rand_int_range (random, 0, 6)];

  return g_strconcat (culture->family_first ? family : given, culture->between,
                      culture->family_first ? given : family, NULL);
}

static VlRecord *
make_client (DemoSource *self, guint64 index)
{
  GRand *random = self->data;
  const Culture *culture = &cultures[g_rand_int_range (random, 0, G_N_ELEMENTS (cultures))];
  g_autofree char *id = g_strdup_printf ("c%07" G_GUINT64_FORMAT, index + 1);
  g_autofree char *name = make_name (culture, random);
  g_autofree char *since = NULL;
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (id);

  vl_record_builder_set_string (builder, "name", name);
  vl_record_builder_set_string (builder, "city", culture->city[g_rand_int_range (random, 0, 3)]);
  vl_record_builder_set_double (builder, "balance",
                                g_rand_int_range (random, -20000, 500000) / 100.0);
  since = g_strdup_printf ("20%02d-%02d-%02d", g_rand_int_range (random, 5, 26),
                           g_rand_int_range (random, 1, 13), g_rand_int_range (random, 1, 29));
  vl_record_builder_set_string (builder, "since", since);
  vl_record_builder_set_boolean (builder, "active", g_rand_int_range (random, 0, 5) > 0);

  return vl_record_builder_end (builder);
}

static void
free_random (gpointer data)
{
  g_rand_free (data);
}

DemoSource *
demo_source_new_clients (guint64 n_rows)
{
  DemoSource *self = g_new0 (DemoSource, 1);
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("clients");

  vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (builder, "name", VL_FIELD_TYPE_STRING, TRUE);
  vl_schema_builder_add_column (builder, "city", VL_FIELD_TYPE_STRING, TRUE);
  vl_schema_builder_add_column (builder, "balance", VL_FIELD_TYPE_DOUBLE, TRUE);
  vl_schema_builder_add_column (builder, "since", VL_FIELD_TYPE_STRING, TRUE);
  vl_schema_builder_add_column (builder, "active", VL_FIELD_TYPE_BOOLEAN, TRUE);
  vl_schema_builder_set_id_column (builder, "id");

  self->table_name = g_strdup ("clients");
  self->description = g_strdup ("generated clients");
  self->schema = vl_schema_builder_end (builder);
  self->n_rows = n_rows;
  self->make = make_client;
  self->data = g_rand_new_with_seed (SEED);
  self->free_data = free_random;

  return self;
}

/* The same columns under another name. */
static VlSchema *
rename_schema (VlSchema *schema, const char *name)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new (name);

  for (guint i = 0; i < vl_schema_get_n_columns (schema); i++)
    vl_schema_builder_add_column (builder, vl_schema_get_column_name (schema, i),
                                  vl_schema_get_column_type (schema, i),
                                  vl_schema_get_column_nullable (schema, i));
  vl_schema_builder_set_id_column (builder, vl_schema_get_id_column (schema));

  return vl_schema_builder_end (builder);
}

DemoSource *
demo_source_new (const DemoOptions *options, GError **error)
{
  g_autoptr (DemoSource) self = NULL;
  g_autoptr (VlSchema) schema = NULL;

  if (options->import != NULL)
    self = demo_source_new_import (options->import, error);
  else if (options->rows >= 0)
    self = demo_source_new_clients ((guint64) options->rows);
  else
    self = demo_source_new_products ();

  if (self == NULL || options->table == NULL)
    return g_steal_pointer (&self);

  schema = rename_schema (self->schema, options->table);
  g_set_object (&self->schema, schema);
  g_free (self->table_name);
  self->table_name = g_strdup (options->table);

  return g_steal_pointer (&self);
}

void
demo_source_free (DemoSource *self)
{
  if (self->free_data != NULL)
    self->free_data (self->data);
  g_free (self->table_name);
  g_free (self->description);
  g_clear_object (&self->schema);
  g_free (self);
}
