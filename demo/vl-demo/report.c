/* report.c: what a command prints, as text or as one JSON object
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "json-writer.h"
#include "text-table.h"

/* Microseconds between two lines of progress, on a terminal and elsewhere. */
#define PROGRESS_EVERY      100000
#define PROGRESS_EVERY_FILE 2000000

/* Columns of the explanations. */
#define TEXT_WIDTH 78

struct _DemoReport
{
  const DemoOptions *options;
  gboolean colours;
  guint step;
  gint64 progress_at;
  gboolean progress_shown;

  /* JSON members, each without its brackets. */
  GString *extra;
  GString *steps;
  GString *reads;
  GString *writes;
  GString *page;
  GString *records;
};

static gboolean
wants_colours (void)
{
  const char *no_color = g_getenv ("NO_COLOR");
  const char *terminal = g_getenv ("TERM");

  return isatty (STDOUT_FILENO) && (no_color == NULL || *no_color == '\0') && terminal != NULL &&
         !g_str_equal (terminal, "dumb");
}

static guint
terminal_width (void)
{
  struct winsize size = { 0 };

  if (!isatty (STDOUT_FILENO) || ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
    return 0;

  return size.ws_col;
}

DemoReport *
demo_report_new (const DemoOptions *options)
{
  DemoReport *self = g_new0 (DemoReport, 1);

  self->options = options;
  self->colours = wants_colours ();
  self->extra = g_string_new ("{");
  self->steps = g_string_new ("[");
  self->reads = g_string_new ("[");
  self->writes = g_string_new ("[");
  self->page = g_string_new (NULL);
  self->records = g_string_new ("[");
  self->progress_at = g_get_monotonic_time ();

  return self;
}

void
demo_report_free (DemoReport *self)
{
  g_string_free (self->extra, TRUE);
  g_string_free (self->steps, TRUE);
  g_string_free (self->reads, TRUE);
  g_string_free (self->writes, TRUE);
  g_string_free (self->page, TRUE);
  g_string_free (self->records, TRUE);
  g_free (self);
}

void
demo_write_clear (DemoWrite *self)
{
  g_clear_pointer (&self->id, g_free);
  if (self->states != NULL)
    g_string_free (g_steal_pointer (&self->states), TRUE);
  g_clear_object (&self->record);
}

gboolean
demo_report_is_json (DemoReport *self)
{
  return self->options->json;
}

GString *
demo_report_get_json (DemoReport *self)
{
  return self->extra;
}

static const char *
style_on (DemoReport *self, DemoStyle style)
{
  static const char *const codes[] = {
    "", "\033[1m", "\033[2m", "\033[32m", "\033[33m", "\033[31m"
  };

  return self->colours ? codes[style] : "";
}

static const char *
style_off (DemoReport *self, DemoStyle style)
{
  return self->colours && style != DEMO_STYLE_PLAIN ? "\033[0m" : "";
}

void
demo_report_say (DemoReport *self, DemoStyle style, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  if (self->options->json)
    return;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  printf ("%s%s%s\n", style_on (self, style), text, style_off (self, style));
}

/* Words in lines of TEXT_WIDTH. */
static void
print_wrapped (DemoReport *self, DemoStyle style, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  guint column = 0;

  fputs (style_on (self, style), stdout);
  for (guint i = 0; words[i] != NULL; i++)
    {
      guint width = demo_text_width (words[i]);

      if (column > 0 && column + 1 + width > TEXT_WIDTH)
        {
          putchar ('\n');
          column = 0;
        }
      printf ("%s%s", column > 0 ? " " : "", words[i]);
      column += width + (column > 0 ? 1 : 0);
    }
  printf ("%s\n", style_off (self, style));
}

void
demo_report_step (DemoReport *self, const char *title, const char *explanation)
{
  self->step++;
  if (self->options->json)
    {
      demo_json_open (self->steps, NULL, '{');
      demo_json_add_int (self->steps, "step", self->step);
      demo_json_add_string (self->steps, "title", title);
      demo_json_add_string (self->steps, "explanation", explanation);
      g_string_append_c (self->steps, '}');
      return;
    }

  printf ("\n%s%u. %s%s\n", style_on (self, DEMO_STYLE_BOLD), self->step, title,
          style_off (self, DEMO_STYLE_BOLD));
  print_wrapped (self, DEMO_STYLE_PLAIN, explanation);
  putchar ('\n');
  fflush (stdout);
}

char *
demo_format_time (double microseconds)
{
  if (microseconds < 9.95)
    return g_strdup_printf ("%.1f µs", microseconds);
  if (microseconds < 999.5)
    return g_strdup_printf ("%.0f µs", microseconds);
  if (microseconds < 999950)
    return g_strdup_printf ("%.1f ms", microseconds / 1000);

  return g_strdup_printf ("%.1f s", microseconds / 1000000);
}

char *
demo_format_count (guint64 count)
{
  GString *text = g_string_new (NULL);

  g_string_printf (text, "%" G_GUINT64_FORMAT, count);
  for (gssize i = (gssize) text->len - 3; i > 0; i -= 3)
    g_string_insert_c (text, i, ',');

  return g_string_free (text, FALSE);
}

char *
demo_format_field (VlRecord *record, const char *field)
{
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GBytes) bytes = NULL;

  switch (vl_record_get_field_type (record, field))
    {
    case VL_FIELD_TYPE_BOOLEAN:
      return g_strdup (vl_record_get_boolean (record, field) ? "true" : "false");
    case VL_FIELD_TYPE_INT64:
      return g_strdup_printf ("%" G_GINT64_FORMAT, vl_record_get_int64 (record, field));
    case VL_FIELD_TYPE_DOUBLE:
      return g_strdup_printf ("%.15g", vl_record_get_double (record, field));
    case VL_FIELD_TYPE_STRING:
      return g_strdup (vl_record_get_string (record, field));
    case VL_FIELD_TYPE_BYTES:
      bytes = vl_record_get_bytes (record, field);
      return g_strdup_printf ("(%" G_GSIZE_FORMAT " bytes)", g_bytes_get_size (bytes));
    case VL_FIELD_TYPE_VARIANT:
      value = vl_record_get_variant (record, field);
      return g_variant_print (value, FALSE);
    case VL_FIELD_TYPE_NULL:
    default:
      return g_strdup ("–");
    }
}

static const char *
outcome_name (DemoOutcome outcome)
{
  static const char *const names[] = { "nothing", "hit", "stale", "miss" };

  return names[outcome];
}

static DemoStyle
outcome_style (DemoOutcome outcome)
{
  static const DemoStyle styles[] = { DEMO_STYLE_DIM, DEMO_STYLE_GOOD, DEMO_STYLE_WARN,
                                      DEMO_STYLE_BOLD };

  return styles[outcome];
}

static char *
describe_age (const DemoRead *read)
{
  g_autofree char *time = NULL;

  if (read->outcome == DEMO_OUTCOME_NOTHING)
    return g_strdup ("");
  if (read->outcome == DEMO_OUTCOME_MISS)
    return g_strdup (read->is_stale ? "overtaken" : "new");
  if (read->age < 0)
    return g_strdup ("age unknown");

  time = demo_format_time ((double) read->age);

  return g_strdup_printf ("%s old", time);
}

/* What the time is the time of. */
static char *
describe_timing (const DemoRead *read)
{
  if (g_str_equal (read->how, "peek"))
    return g_strdup ("peek: the cache in memory, at once");
  if (!read->to_master)
    return g_strdup ("asynchronous, from the cache, no network");
  if (read->latency > 0)
    return g_strdup_printf ("asynchronous, with the simulated network (%u ms)", read->latency);

  return g_strdup ("asynchronous, from the master, no simulated network");
}

static void
print_line (DemoReport *self,
            const char *how,
            const char *outcome,
            DemoStyle style,
            const char *age,
            double time,
            const char *timing)
{
  g_autofree char *shown = demo_format_time (time);
  int padding = (int) demo_text_width (shown);

  printf ("  %-7s%s%-8s%s %-14s %*s%s   %s\n", how, style_on (self, style), outcome,
          style_off (self, style), age, MAX (0, 8 - padding), "", shown, timing);
}

/* The padding of printf() counts bytes. */
static char *
pad (const char *text, guint width)
{
  guint used = demo_text_width (text);

  return g_strdup_printf ("%s%*s", text, used < width ? (int) (width - used) : 0, "");
}

static void
append_read (DemoReport *self, const DemoRead *read)
{
  GString *json = self->reads;

  demo_json_open (json, NULL, '{');
  if (self->step > 0)
    demo_json_add_int (json, "step", self->step);
  demo_json_add_string (json, "how", read->how);
  demo_json_add_string (json, "outcome", outcome_name (read->outcome));
  demo_json_add_boolean (json, "is_stale", read->is_stale);
  if (read->age < 0)
    demo_json_add_raw (json, "age_ms", "null");
  else
    demo_json_add_double (json, "age_ms", (double) read->age / 1000);
  demo_json_add_double (json, "time_ms", read->time / 1000);
  demo_json_add_string (json, "timed", g_str_equal (read->how, "peek") ? "peek" : "asynchronous");
  demo_json_add_boolean (json, "from_master", read->to_master);
  demo_json_add_int (json, "network_ms", read->to_master ? read->latency : 0);
  g_string_append_c (json, '}');
}

void
demo_report_read (DemoReport *self, const DemoRead *read)
{
  g_autofree char *age = NULL;
  g_autofree char *padded = NULL;
  g_autofree char *timing = NULL;

  if (self->options->json)
    {
      append_read (self, read);
      return;
    }

  age = describe_age (read);
  padded = pad (age, 14);
  timing = describe_timing (read);
  print_line (self, read->how, outcome_name (read->outcome), outcome_style (read->outcome), padded,
              read->time, timing);
}

static void
append_write (DemoReport *self, const DemoWrite *write)
{
  GString *json = self->writes;
  g_auto (GStrv) states = g_strsplit (write->states->str, ", ", -1);

  demo_json_open (json, NULL, '{');
  if (self->step > 0)
    demo_json_add_int (json, "step", self->step);
  demo_json_add_string (json, "how", write->how);
  demo_json_add_string (json, "id", write->id);
  demo_json_open (json, "states", '[');
  for (guint i = 0; states[i] != NULL; i++)
    demo_json_add_string (json, NULL, states[i]);
  g_string_append_c (json, ']');
  demo_json_add_boolean (json, "left", write->is_left);
  demo_json_add_double (json, "call_ms", write->call_time / 1000);
  demo_json_add_double (json, "time_ms", write->time / 1000);
  demo_json_add_int (json, "network_ms", write->latency);
  g_string_append_c (json, '}');
}

void
demo_report_write (DemoReport *self, const DemoWrite *write)
{
  g_auto (GStrv) states = g_strsplit (write->states->str, ", ", -1);
  const char *end = states[g_strv_length (states) - 1];
  gboolean applied = write->is_left || g_str_equal (end, "applied");
  g_autofree char *timing = NULL;

  if (self->options->json)
    {
      append_write (self, write);
      return;
    }

  timing = write->latency > 0
             ? g_strdup_printf ("asynchronous, with the simulated network (%u ms)", write->latency)
             : g_strdup ("asynchronous, to the master, no simulated network");
  if (write->is_left)
    {
      g_free (timing);
      timing = g_strdup ("accepted: it is on the disk");
    }
  print_line (self, write->how, states[0], DEMO_STYLE_GOOD, "", write->call_time,
              "until the call returned");
  print_line (self, "", end, applied ? DEMO_STYLE_GOOD : DEMO_STYLE_BAD, "", write->time, timing);
}

static gboolean
is_number (VlFieldType type)
{
  return type == VL_FIELD_TYPE_INT64 || type == VL_FIELD_TYPE_DOUBLE;
}

static void
add_headings (DemoTextTable *table, VlSchema *schema)
{
  demo_text_table_begin_row (table);
  for (guint i = 0; i < vl_schema_get_n_columns (schema); i++)
    demo_text_table_add (table, vl_schema_get_column_name (schema, i),
                         is_number (vl_schema_get_column_type (schema, i)));
}

static void
add_record (DemoTextTable *table, VlSchema *schema, VlRecord *record)
{
  demo_text_table_begin_row (table);
  for (guint i = 0; i < vl_schema_get_n_columns (schema); i++)
    {
      const char *name = vl_schema_get_column_name (schema, i);
      g_autofree char *text = demo_format_field (record, name);
      VlFieldType type = vl_record_get_field_type (record, name);

      if (type == VL_FIELD_TYPE_NULL)
        type = vl_schema_get_column_type (schema, i);
      demo_text_table_add (table, text, is_number (type));
    }
}

static void
print_table (DemoReport *self, DemoTextTable *table)
{
  g_autofree char *text = NULL;

  text = demo_text_table_format (table, terminal_width (), style_on (self, DEMO_STYLE_BOLD),
                                 style_off (self, DEMO_STYLE_BOLD));
  fputs (text, stdout);
}

static void
append_page (DemoReport *self, VlPage *page, VlQuery *query)
{
  g_autofree char *records = vl_page_to_json (page);
  guint limit = vl_query_get_limit (query);
  guint64 offset = vl_query_get_offset (query);

  g_string_truncate (self->page, 0);
  g_string_append_c (self->page, ',');
  g_string_append_printf (self->page,
                          "\"page\":%" G_GUINT64_FORMAT
                          ",\"limit\":%u,\"offset\":%" G_GUINT64_FORMAT
                          ",\"total\":%" G_GINT64_FORMAT,
                          limit > 0 ? offset / limit + 1 : 1, limit, offset,
                          vl_page_get_total (page));
  g_string_assign (self->records, records);
  /* The closing bracket comes last. */
  g_string_truncate (self->records, self->records->len - 1);
}

static void
print_page_line (DemoReport *self, VlPage *page, VlQuery *query)
{
  guint n = vl_page_get_n_records (page);
  gint64 total = vl_page_get_total (page);
  guint limit = vl_query_get_limit (query);
  g_autofree char *first = demo_format_count (vl_query_get_offset (query) + 1);
  g_autofree char *last = demo_format_count (vl_query_get_offset (query) + n);
  g_autofree char *all = total >= 0 ? demo_format_count ((guint64) total) : g_strdup ("many");

  if (n == 0)
    demo_report_say (self, DEMO_STYLE_DIM, "  no records here, %s in all", all);
  else if (limit > 0 && total > limit)
    demo_report_say (self, DEMO_STYLE_DIM, "  records %s to %s of %s", first, last, all);
  else
    demo_report_say (self, DEMO_STYLE_DIM, "  %s of %s records", last, all);
}

void
demo_report_page (DemoReport *self, VlSchema *schema, VlPage *page, VlQuery *query)
{
  g_autoptr (DemoTextTable) table = NULL;

  if (self->options->json)
    {
      append_page (self, page, query);
      return;
    }

  table = demo_text_table_new ();
  add_headings (table, schema);
  for (guint i = 0; i < vl_page_get_n_records (page); i++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (page, i);

      add_record (table, schema, record);
    }

  putchar ('\n');
  print_table (self, table);
  print_page_line (self, page, query);
}

void
demo_report_record (DemoReport *self, VlSchema *schema, VlRecord *record)
{
  g_autoptr (DemoTextTable) table = NULL;
  g_autofree char *json = NULL;

  if (self->options->json)
    {
      json = vl_record_to_json (record);
      g_string_assign (self->records, "[");
      demo_json_add_raw (self->records, NULL, json);
      return;
    }

  table = demo_text_table_new ();
  add_headings (table, schema);
  add_record (table, schema, record);
  putchar ('\n');
  print_table (self, table);
}

void
demo_report_pairs (DemoReport *self, const char *const *pairs)
{
  guint width = 0;

  if (self->options->json)
    return;

  for (guint i = 0; pairs[i] != NULL; i += 2)
    width = MAX (width, demo_text_width (pairs[i]));
  for (guint i = 0; pairs[i] != NULL; i += 2)
    {
      g_autofree char *name = pad (pairs[i], width);
      g_autofree char *value = demo_text_clean (pairs[i + 1]);

      printf ("  %s%s%s  %s\n", style_on (self, DEMO_STYLE_DIM), name,
              style_off (self, DEMO_STYLE_DIM), value);
    }
}

void
demo_report_progress (DemoReport *self, const char *what, guint64 done, guint64 total)
{
  gboolean terminal = isatty (STDERR_FILENO);
  gint64 now = g_get_monotonic_time ();
  g_autofree char *n_done = NULL;
  g_autofree char *n_total = NULL;

  if (now - self->progress_at < (terminal ? PROGRESS_EVERY : PROGRESS_EVERY_FILE))
    return;

  self->progress_at = now;
  self->progress_shown = TRUE;
  n_done = demo_format_count (done);
  n_total = demo_format_count (total);
  fprintf (stderr, "%s%s: %s of %s (%u %%)%s", terminal ? "\r\033[K" : "", what, n_done, n_total,
           total > 0 ? (guint) (done * 100 / total) : 100, terminal ? "" : "\n");
  fflush (stderr);
}

void
demo_report_progress_end (DemoReport *self)
{
  if (self->progress_shown && isatty (STDERR_FILENO))
    fputs ("\r\033[K", stderr);
  self->progress_shown = FALSE;
}

static void
print_json (DemoReport *self)
{
  const DemoOptions *options = self->options;
  g_autoptr (GString) json = g_string_new ("{");

  demo_json_add_string (json, "command", options->command_name);
  if (self->extra->len > 1)
    g_string_append_printf (json, ",%s", self->extra->str + 1);
  if (self->steps->len > 1)
    g_string_append_printf (json, ",\"steps\":%s]", self->steps->str);
  g_string_append_printf (json, ",\"reads\":%s],\"writes\":%s]%s,\"records\":%s]}\n",
                          self->reads->str, self->writes->str, self->page->str, self->records->str);
  fwrite (json->str, 1, json->len, stdout);
}

gboolean
demo_report_finish (DemoReport *self, GError **error)
{
  if (self->options->json && self->options->command != DEMO_COMMAND_WATCH)
    print_json (self);

  if (fflush (stdout) == 0 && !ferror (stdout))
    return TRUE;

  g_set_error (error, VL_ERROR, VL_ERROR_FAILED, "The output could not be written: %s",
               g_strerror (errno));

  return FALSE;
}
