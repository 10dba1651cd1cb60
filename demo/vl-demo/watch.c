/* watch.c: prints changes as they come
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib-unix.h>
#include <stdio.h>

#include "commands.h"
#include "fields.h"
#include "json-writer.h"
#include "reads.h"
#include "text-table.h"

/* Records that are kept to compare with, unless --limit says otherwise. */
#define DEFAULT_ROWS 1000

typedef struct
{
  DemoWiring *wiring;
  DemoReport *report;
  VlQuery *query;
  VlPage *page;     /* as it was last seen */
  gboolean changed; /* an event came since it was read */
  gboolean stop;
  gboolean wake; /* one of the two */
} Watch;

static char *
format_now (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  return g_date_time_format (now, "%H:%M:%S");
}

static void
print_change_json (const char *kind, const char *id, VlRecord *record)
{
  g_autoptr (GString) json = g_string_new ("{");
  g_autofree char *time = format_now ();
  g_autofree char *text = record != NULL ? vl_record_to_json (record) : NULL;

  demo_json_add_string (json, "time", time);
  demo_json_add_string (json, "kind", kind);
  demo_json_add_string (json, "id", id);
  demo_json_open (json, "records", '[');
  if (text != NULL)
    demo_json_add_raw (json, NULL, text);
  printf ("%s]}\n", json->str);
}

/* The fields of a record, or those that differ from an older one. */
static char *
describe_fields (Watch *self, VlRecord *older, VlRecord *record)
{
  VlSchema *schema = self->wiring->schema;
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < vl_schema_get_n_columns (schema); i++)
    {
      const char *name = vl_schema_get_column_name (schema, i);
      g_autofree char *value = demo_format_field (record, name);
      g_autofree char *before = older != NULL ? demo_format_field (older, name) : NULL;

      if (g_strcmp0 (name, vl_schema_get_id_column (schema)) == 0 ||
          (before != NULL && g_str_equal (before, value)))
        continue;
      g_string_append_printf (text, "%s%s ", text->len > 0 ? ", " : "", name);
      if (before != NULL)
        g_string_append_printf (text, "%s → ", before);
      g_string_append (text, value);
    }

  return g_string_free (text, FALSE);
}

static void
print_change (Watch *self, const char *kind, VlRecord *older, VlRecord *record)
{
  VlRecord *shown = record != NULL ? record : older;
  const char *id = vl_record_get_id (shown);
  g_autofree char *fields = NULL;
  g_autofree char *time = NULL;
  g_autofree char *line = NULL;
  g_autofree char *clean = NULL;

  if (demo_report_is_json (self->report))
    {
      print_change_json (kind, id, shown);
      return;
    }

  time = format_now ();
  fields = describe_fields (self, record != NULL ? older : NULL, shown);
  line = g_strdup_printf ("%s  %-8s  %s: %s", time, kind, id, fields);
  clean = demo_text_clean (line);
  demo_report_say (self->report, DEMO_STYLE_PLAIN, "%s", clean);
}

static VlRecord *
find_in (VlPage *page, const char *id)
{
  guint position = 0;

  if (id == NULL || !vl_page_find (page, id, &position))
    return NULL;

  return vl_page_get_record (page, position);
}

/* Rows of one page that the other does not have; those in both are compared
 * once. */
static guint
print_differences (Watch *self, VlPage *page)
{
  guint n = 0;

  for (guint i = 0; i < vl_page_get_n_records (page); i++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (page, i);
      g_autoptr (VlRecord) older = find_in (self->page, vl_record_get_id (record));

      if (vl_record_get_id (record) == NULL || (older != NULL && vl_record_equal (older, record)))
        continue;
      print_change (self, older != NULL ? "updated" : "inserted", older, record);
      n++;
    }
  for (guint i = 0; i < vl_page_get_n_records (self->page); i++)
    {
      g_autoptr (VlRecord) older = vl_page_get_record (self->page, i);
      g_autoptr (VlRecord) record = find_in (page, vl_record_get_id (older));

      if (vl_record_get_id (older) == NULL || record != NULL)
        continue;
      print_change (self, "deleted", older, NULL);
      n++;
    }

  return n;
}

static gboolean
read_again (Watch *self, GError **error)
{
  g_autoptr (VlPage) page = NULL;
  DemoRead read;

  page = demo_list (self->wiring, self->query, &read, error);
  if (page == NULL)
    return FALSE;

  if (print_differences (self, page) == 0)
    {
      g_autofree char *time = format_now ();

      if (demo_report_is_json (self->report))
        print_change_json ("changed", NULL, NULL);
      demo_report_say (self->report, DEMO_STYLE_DIM, "%s  changed   nothing in the records watched",
                       time);
    }
  g_set_object (&self->page, page);

  return TRUE;
}

static void
on_changed (VlLiveTable *live, VlLiveEvent *event, gpointer user_data)
{
  Watch *self = user_data;

  self->changed = TRUE;
  self->wake = TRUE;
}

static gboolean
on_signal (gpointer user_data)
{
  Watch *self = user_data;

  self->stop = TRUE;
  self->wake = TRUE;

  return G_SOURCE_CONTINUE;
}

static void
print_start (Watch *self)
{
  gint64 total = vl_page_get_total (self->page);
  guint n = vl_page_get_n_records (self->page);
  g_autofree char *count = demo_format_count (n);
  g_autofree char *all = demo_format_count (total >= 0 ? (guint64) total : n);

  if (demo_report_is_json (self->report))
    {
      print_change_json ("watching", NULL, NULL);
      return;
    }

  demo_report_say (self->report, DEMO_STYLE_PLAIN,
                   "Watching %s of %s records; other programs may write now. Ctrl-C ends.", count,
                   all);
}

static gboolean
watch (Watch *self, GError **error)
{
  gulong handler;
  guint interrupt = g_unix_signal_add (SIGINT, on_signal, self);
  guint terminate = g_unix_signal_add (SIGTERM, on_signal, self);
  gboolean good = TRUE;

  handler = g_signal_connect (self->wiring->live, "changed", G_CALLBACK (on_changed), self);
  print_start (self);
  while (good && !self->stop)
    {
      demo_wait (&self->wake);
      self->wake = FALSE;
      if (self->changed && !self->stop)
        {
          self->changed = FALSE;
          good = read_again (self, error);
        }
    }
  g_signal_handler_disconnect (self->wiring->live, handler);
  g_source_remove (interrupt);
  g_source_remove (terminate);

  return good;
}

gboolean
demo_watch_command (const DemoOptions *options, DemoReport *report, GError **error)
{
  g_autoptr (DemoWiring) wiring = demo_wiring_open (options, error);
  g_autoptr (VlQuery) query = NULL;
  g_autoptr (VlPage) page = NULL;
  DemoOptions wide = *options;
  Watch self = { .wiring = wiring, .report = report };
  DemoRead read;
  gboolean good;

  if (wiring == NULL)
    return FALSE;

  if (!options->has_limit)
    wide.limit = DEFAULT_ROWS;
  query = demo_fields_make_query (&wide, wiring->schema, error);
  if (query == NULL)
    return FALSE;

  if (!demo_report_is_json (report))
    demo_wiring_introduce (wiring, options, report);
  page = demo_list (wiring, query, &read, error);
  if (page == NULL)
    return FALSE;

  self.query = query;
  self.page = g_object_ref (page);
  good = watch (&self, error);
  g_object_unref (self.page);

  return good;
}
