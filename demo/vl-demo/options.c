/* options.c: what the command line says
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "options.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_MASTER  "./demo-master.db"
#define DEFAULT_LATENCY 50
#define DEFAULT_MAX_AGE 60
#define DEFAULT_LIMIT   10

/* Years, in seconds: what fits into milliseconds of a guint. */
#define MAX_SECONDS 4000000.0

/* Options that not every command has. */
typedef enum
{
  OPTION_ROWS = 1 << 0,
  OPTION_IMPORT = 1 << 1,
  OPTION_PAGE = 1 << 2,
  OPTION_LIMIT = 1 << 3,
  OPTION_WHERE = 1 << 4,
  OPTION_ORDER = 1 << 5,
  OPTION_SEARCH = 1 << 6,
  OPTION_REPEAT = 1 << 7,
  OPTION_ID = 1 << 8,
  OPTION_JOURNAL = 1 << 9,
  OPTION_NO_WAIT = 1 << 10,
} OptionFlags;

#define QUERY_OPTIONS (OPTION_LIMIT | OPTION_WHERE | OPTION_ORDER | OPTION_SEARCH)
#define WRITE_OPTIONS (OPTION_JOURNAL | OPTION_NO_WAIT)
#define PAGE_OPTIONS  (QUERY_OPTIONS | OPTION_PAGE)

typedef struct
{
  const char *name;
  const char *arguments;
  guint min_arguments;
  guint max_arguments;
  OptionFlags options;
  const char *summary;
} Command;

/* In the order of DemoCommand. */
static const Command commands[] = {
  { "seed", "[--rows N | --import FILE.json]", 0, 0, OPTION_ROWS | OPTION_IMPORT,
    "make the table, or replace its rows: three products, N generated clients, or the objects of a "
    "JSON file" },
  { "list", "", 0, 0, PAGE_OPTIONS | OPTION_REPEAT, "read a page" },
  { "get", "ID", 1, 1, OPTION_REPEAT, "read one record" },
  { "add", "ID NAME PRICE | ID FIELD=VALUE...", 1, G_MAXUINT, WRITE_OPTIONS, "insert a record" },
  { "write", "ID NAME PRICE | ID FIELD=VALUE...", 1, G_MAXUINT, WRITE_OPTIONS,
    "insert a record, or replace it" },
  { "patch", "ID FIELD=VALUE...", 2, G_MAXUINT, WRITE_OPTIONS, "change fields of a record" },
  { "delete", "ID", 1, 1, WRITE_OPTIONS, "delete a record" },
  { "writes", "[list | retry [N] | discard [N]]", 0, 2, OPTION_JOURNAL,
    "take up what is in the journal, and print what became of it; send again what had failed, or "
    "give it up" },
  { "event-then-list", "[--id ID]", 0, 0, PAGE_OPTIONS | OPTION_ID,
    "read a page before and after an event says that something changed elsewhere" },
  { "info", "", 0, 0, 0, "show how the live table is wired, and what the table looks like" },
  { "watch", "", 0, 0, QUERY_OPTIONS,
    "stay, and print changes as they come, also those made by other programs" },
  { "stats", "", 0, 0, PAGE_OPTIONS | OPTION_REPEAT, "read a few times, then print the counters" },
  { "clear", "", 0, 0, 0, "erase what is cached of the table" },
  { "tour", "[--rows N | --import FILE.json]", 0, 0, OPTION_ROWS | OPTION_IMPORT,
    "walk through all of it, with a line of explanation before each step" },
};

/* What GOption fills in; text, so that nothing is converted or rounded before
 * it is checked. */
typedef struct
{
  char *cache;
  char *latency;
  char *error_rate;
  char *seed;
  char *max_age;
  char *rows;
  char *page;
  char *limit;
  char *repeat;
  gboolean help;
  gboolean version;
  char **rest;
} Raw;

static void
raw_clear (Raw *raw)
{
  g_free (raw->cache);
  g_free (raw->latency);
  g_free (raw->error_rate);
  g_free (raw->seed);
  g_free (raw->max_age);
  g_free (raw->rows);
  g_free (raw->page);
  g_free (raw->limit);
  g_free (raw->repeat);
  g_strfreev (raw->rest);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Raw, raw_clear)

G_DEFINE_QUARK (vl - demo - error - quark, demo_error)

static gboolean usage_error (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Always FALSE. */
static gboolean
usage_error (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_propagate_error (error, g_error_new_valist (G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, format,
                                                arguments));
  va_end (arguments);

  return FALSE;
}

static gboolean
parse_number (const char *option,
              const char *text,
              guint64 min,
              guint64 max,
              guint64 *number,
              GError **error)
{
  if (text == NULL || g_ascii_string_to_unsigned (text, 10, min, max, number, NULL))
    return TRUE;

  return usage_error (error,
                      "%s takes a number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
                      ", not “%s”",
                      option, min, max, text);
}

static gboolean
parse_small_number (const char *option,
                    const char *text,
                    guint min,
                    guint max,
                    guint *number,
                    GError **error)
{
  guint64 value = *number;

  if (!parse_number (option, text, min, max, &value, error))
    return FALSE;

  *number = (guint) value;

  return TRUE;
}

static gboolean
parse_seconds (const char *text, guint *milliseconds, GError **error)
{
  char *end = NULL;
  double seconds;

  if (text == NULL)
    return TRUE;

  seconds = g_ascii_strtod (text, &end);
  if (end == text || *end != '\0' || !isfinite (seconds) || seconds < 0 || seconds > MAX_SECONDS)
    return usage_error (error, "--max-age takes seconds from 0 (none) to %.0f, not “%s”",
                        MAX_SECONDS, text);

  *milliseconds = (guint) ceil (seconds * 1000);

  return TRUE;
}

static gboolean
parse_rate (const char *text, double *rate, GError **error)
{
  char *end = NULL;
  double value;

  if (text == NULL)
    return TRUE;

  value = g_ascii_strtod (text, &end);
  if (end == text || *end != '\0' || !(value >= 0 && value <= 1))
    return usage_error (error, "--error-rate takes a number from 0 (never) to 1 (always), not “%s”",
                        text);

  *rate = value;

  return TRUE;
}

static gboolean
parse_cache (DemoOptions *self, const char *text, GError **error)
{
  if (text == NULL)
    return TRUE;
  if (*text == '\0')
    return usage_error (error, "--cache is mem, none or the path of a folder");

  if (g_str_equal (text, "mem"))
    self->cache = DEMO_CACHE_MEMORY;
  else if (g_str_equal (text, "none"))
    self->cache = DEMO_CACHE_NONE;
  else
    self->folder = g_strdup (text);

  return TRUE;
}

static gboolean
check_text (const char *option, const char *text, GError **error)
{
  if (text == NULL || g_utf8_validate (text, -1, NULL))
    return TRUE;

  return usage_error (error, "%s takes text in UTF-8", option);
}

static gboolean
check_texts (const char *option, char **texts, GError **error)
{
  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    if (!check_text (option, texts[i], error))
      return FALSE;

  return TRUE;
}

static gboolean
check_path (const char *option, const char *path, GError **error)
{
  if (path == NULL || *path != '\0')
    return TRUE;

  return usage_error (error, "%s takes the path of a file", option);
}

static gboolean
convert (DemoOptions *self, const Raw *raw, GError **error)
{
  guint64 rows = 0;

  self->has_latency = raw->latency != NULL;
  self->has_limit = raw->limit != NULL;

  if (!parse_cache (self, raw->cache, error) ||
      !parse_small_number ("--latency", raw->latency, 0, 60000, &self->latency, error) ||
      !parse_rate (raw->error_rate, &self->error_rate, error) ||
      !parse_number ("--seed", raw->seed, 0, G_MAXUINT64, &self->seed, error) ||
      !parse_seconds (raw->max_age, &self->max_age, error) ||
      !parse_number ("--rows", raw->rows, 0, 100000000, &rows, error) ||
      !parse_number ("--page", raw->page, 1, G_MAXINT32, &self->page, error) ||
      !parse_small_number ("--limit", raw->limit, 0, G_MAXINT32, &self->limit, error) ||
      !parse_small_number ("--repeat", raw->repeat, 1, 1000000, &self->repeat, error))
    return FALSE;

  if (raw->rows != NULL)
    self->rows = (gint64) rows;
  if (self->rows >= 0 && self->import != NULL)
    return usage_error (error, "--rows and --import exclude each other");

  if (self->no_wait && self->journal == NULL)
    return usage_error (error, "--no-wait needs a journal, or the write is lost: --journal PATH");

  return check_path ("--journal", self->journal, error) &&
         check_path ("--master", self->master, error) &&
         check_path ("--import", self->import, error) &&
         check_text ("--table", self->table, error) && check_text ("--id", self->id, error) &&
         check_text ("--search", self->search, error) &&
         check_texts ("--where", self->where, error) && check_texts ("--order", self->order, error);
}

static const Command *
find_command (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i].name, name))
      return &commands[i];

  return NULL;
}

static gboolean
check_option (const Command *command,
              OptionFlags flag,
              const char *option,
              gboolean given,
              GError **error)
{
  if (!given || (command->options & flag) != 0)
    return TRUE;

  return usage_error (error, "%s has no option %s", command->name, option);
}

/* The table is filled, and the tour goes on, without surprises. */
static gboolean
check_faults (const DemoOptions *self, const Raw *raw, const Command *command, GError **error)
{
  if ((command->options & OPTION_ROWS) == 0 ||
      (raw->error_rate == NULL && raw->seed == NULL && !self->offline))
    return TRUE;

  return usage_error (error, "%s has no options --error-rate, --seed and --offline", command->name);
}

static gboolean
check_options (const DemoOptions *self, const Raw *raw, const Command *command, GError **error)
{
  return check_faults (self, raw, command, error) &&
         check_option (command, OPTION_ROWS, "--rows", raw->rows != NULL, error) &&
         check_option (command, OPTION_IMPORT, "--import", self->import != NULL, error) &&
         check_option (command, OPTION_PAGE, "--page", raw->page != NULL, error) &&
         check_option (command, OPTION_LIMIT, "--limit", raw->limit != NULL, error) &&
         check_option (command, OPTION_WHERE, "--where", self->where != NULL, error) &&
         check_option (command, OPTION_ORDER, "--order", self->order != NULL, error) &&
         check_option (command, OPTION_SEARCH, "--search", self->search != NULL, error) &&
         check_option (command, OPTION_REPEAT, "--repeat", raw->repeat != NULL, error) &&
         check_option (command, OPTION_JOURNAL, "--journal", self->journal != NULL, error) &&
         check_option (command, OPTION_NO_WAIT, "--no-wait", self->no_wait, error) &&
         check_option (command, OPTION_ID, "--id", self->id != NULL, error);
}

static char *
list_commands (void)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", commands[i].name);

  return g_string_free (names, FALSE);
}

static gboolean
take_command (DemoOptions *self, Raw *raw, const Command **found, GError **error)
{
  const char *name = raw->rest != NULL ? raw->rest[0] : NULL;
  g_autofree char *names = list_commands ();

  *found = name != NULL ? find_command (name) : NULL;
  if (name == NULL)
    return usage_error (error, "a command is missing: one of %s", names);
  if (*found == NULL)
    return usage_error (error, "there is no command “%s”: it is one of %s", name, names);

  self->command = (DemoCommand) (*found - commands);
  self->command_name = (*found)->name;
  self->arguments = g_strdupv (raw->rest + 1);
  self->n_arguments = g_strv_length (self->arguments);

  return TRUE;
}

static gboolean
check_arguments (const DemoOptions *self, const Command *command, GError **error)
{
  if (self->n_arguments < command->min_arguments)
    return usage_error (error, "arguments are missing: vl-demo %s %s", command->name,
                        command->arguments);
  if (self->n_arguments > command->max_arguments)
    return usage_error (error, "“%s” is one argument too many: vl-demo %s %s",
                        self->arguments[command->max_arguments], command->name, command->arguments);

  return check_texts (command->name, self->arguments, error);
}

static GOptionContext *
make_context (DemoOptions *self, Raw *raw)
{
  const GOptionEntry entries[] = {
    { "master", 0, 0, G_OPTION_ARG_FILENAME, &self->master,
      "The SQLite file that plays the remote database (" DEFAULT_MASTER ")", "PATH" },
    { "table", 0, 0, G_OPTION_ARG_FILENAME, &self->table,
      "The table in it; any existing database is welcome (products)", "NAME" },
    { "cache", 0, 0, G_OPTION_ARG_FILENAME, &raw->cache,
      "Where copies are kept: in memory, nowhere, or in a folder, from one run of the program to "
      "the next (a folder of the user's cache)",
      "mem|none|PATH" },
    { "latency", 0, 0, G_OPTION_ARG_FILENAME, &raw->latency,
      "Milliseconds that each call of the master takes; 0 = no simulated network (50)", "MS" },
    { "error-rate", 0, 0, G_OPTION_ARG_FILENAME, &raw->error_rate,
      "How likely the simulated network is to lose a call, from 0 to 1 (0)", "P" },
    { "seed", 0, 0, G_OPTION_ARG_FILENAME, &raw->seed,
      "Which calls those are: the same number, the same calls (0)", "N" },
    { "offline", 0, 0, G_OPTION_ARG_NONE, &self->offline, "The simulated network is down", NULL },
    { "max-age", 0, 0, G_OPTION_ARG_FILENAME, &raw->max_age,
      "When a copy is too old to be a hit; 0 = never (60)", "SECONDS" },
    { "fresh", 0, 0, G_OPTION_ARG_NONE, &self->fresh,
      "Ask the master first; copies only when it cannot be reached", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, "Print one JSON object", NULL },
    { "debug", 0, 0, G_OPTION_ARG_NONE, &self->debug,
      "Print what the live table does, to the standard error", NULL },
    { "journal", 0, 0, G_OPTION_ARG_FILENAME, &self->journal,
      "add, write, patch, delete, writes: the file in which changes are recorded before they are "
      "accepted; the master then gets a table of those that it has applied",
      "PATH" },
    { "no-wait", 0, 0, G_OPTION_ARG_NONE, &self->no_wait,
      "add, write, patch, delete: return as soon as the change is in the journal", NULL },
    { "rows", 0, 0, G_OPTION_ARG_FILENAME, &raw->rows,
      "seed, tour: generate N clients, in a table clients", "N" },
    { "import", 0, 0, G_OPTION_ARG_FILENAME, &self->import,
      "seed, tour: the objects of a JSON file, in a table named after it", "FILE" },
    { "page", 0, 0, G_OPTION_ARG_FILENAME, &raw->page, "Which page, from 1 (1)", "N" },
    { "limit", 0, 0, G_OPTION_ARG_FILENAME, &raw->limit, "Records a page; 0 = all (10)", "N" },
    { "where", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->where,
      "Only records with this value; repeatable", "FIELD=VALUE" },
    { "order", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->order,
      "Sort by a field, descending with :desc; repeatable", "FIELD[:desc]" },
    { "search", 0, 0, G_OPTION_ARG_FILENAME, &self->search,
      "Only records in which every word occurs", "TEXT" },
    { "repeat", 0, 0, G_OPTION_ARG_FILENAME, &raw->repeat, "Read that many times", "N" },
    { "id", 0, 0, G_OPTION_ARG_FILENAME, &self->id,
      "event-then-list: the record that changed elsewhere", "ID" },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &raw->help, "Print this, or about one command", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &raw->version, "Print the version", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &raw->rest, NULL, NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  GOptionContext *context = g_option_context_new ("COMMAND [ARGUMENT]...");

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, entries, NULL);

  return context;
}

static void
print_help (GOptionContext *context, const Command *command)
{
  g_autoptr (GString) summary = g_string_new (
    "A live table over an SQLite file that plays a remote database.\n\nCommands:");
  g_autofree char *text = NULL;

  if (command != NULL)
    {
      printf ("Usage: vl-demo %s %s%s[OPTION]...\n\n%s: %s.\n\nvl-demo --help lists the options.\n",
              command->name, command->arguments, *command->arguments != '\0' ? " " : "",
              command->name, command->summary);
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (summary, "\n  %s%s%s\n      %s", commands[i].name,
                            *commands[i].arguments != '\0' ? " " : "", commands[i].arguments,
                            commands[i].summary);
  g_option_context_set_summary (context, summary->str);
  g_option_context_set_description (
    context,
    "Arguments after -- are no options, whatever they begin with.\n"
    "seed sets the table up without the simulated network, unless --latency is given.\n\n"
    "Exit status: 0 if all went well, 1 if an operation failed, 2 if the command line is wrong.\n"
    "Colours appear on a terminal only, and never when NO_COLOR is set.");
  text = g_option_context_get_help (context, TRUE, NULL);
  fputs (text, stdout);
}

/* Options are taken wherever they stand; "--" ends them. GOption leaves it in
 * place when what follows looks like an option. */
static void
drop_separator (char **rest)
{
  for (guint i = 0; rest != NULL && rest[i] != NULL; i++)
    if (g_str_equal (rest[i], "--"))
      {
        g_free (rest[i]);
        memmove (rest + i, rest + i + 1, (g_strv_length (rest + i + 1) + 1) * sizeof (char *));
        return;
      }
}

static void
set_defaults (DemoOptions *self)
{
  memset (self, 0, sizeof *self);
  self->latency = DEFAULT_LATENCY;
  self->max_age = DEFAULT_MAX_AGE * 1000;
  self->limit = DEFAULT_LIMIT;
  self->page = 1;
  self->rows = -1;
}

DemoParse
demo_options_parse (DemoOptions *self, int argc, char **argv, GError **error)
{
  g_auto (Raw) raw = { 0 };
  g_autoptr (GOptionContext) context = NULL;
  const Command *command = NULL;

  set_defaults (self);
  self->program = argv[0];
  context = make_context (self, &raw);
  if (!g_option_context_parse (context, &argc, &argv, error))
    return DEMO_PARSE_FAILED;
  drop_separator (raw.rest);

  if (raw.help)
    {
      print_help (context, raw.rest != NULL ? find_command (raw.rest[0]) : NULL);
      return DEMO_PARSE_DONE;
    }
  if (raw.version)
    {
      printf ("vl-demo %s\n", VL_VERSION_S);
      return DEMO_PARSE_DONE;
    }

  if (!take_command (self, &raw, &command, error) || !convert (self, &raw, error) ||
      !check_options (self, &raw, command, error) || !check_arguments (self, command, error))
    return DEMO_PARSE_FAILED;
  if (self->master == NULL)
    self->master = g_strdup (DEFAULT_MASTER);

  return DEMO_PARSE_GO;
}

void
demo_options_clear (DemoOptions *self)
{
  g_strfreev (self->arguments);
  g_free (self->master);
  g_free (self->table);
  g_free (self->folder);
  g_free (self->journal);
  g_free (self->import);
  g_strfreev (self->where);
  g_strfreev (self->order);
  g_free (self->search);
  g_free (self->id);
}
