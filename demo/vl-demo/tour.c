/* tour.c: all of it, step by step
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "tour.h"

#include "json-writer.h"
#include "seed.h"
#include "text-table.h"

/* Clients, when nothing else was asked for. */
#define DEFAULT_ROWS 5000

/* Records that are shown of a page. */
#define ROWS_SHOWN 5

typedef gboolean (*Step) (DemoTour *self, GError **error);

static const Step steps[] = {
  demo_tour_miss,          demo_tour_hit,     demo_tour_queries,   demo_tour_record,
  demo_tour_joins,         demo_tour_write,   demo_tour_own_write, demo_tour_event,
  demo_tour_other_program, demo_tour_refused, demo_tour_offline,
};

static void
tour_clear (DemoTour *self)
{
  g_clear_pointer (&self->wiring, demo_wiring_free);
  g_clear_object (&self->stream);
  g_clear_object (&self->query);
  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->text, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DemoTour, tour_clear)

static gboolean
prepare_table (DemoTour *self, DemoSource *source, GError **error)
{
  g_autoptr (DemoWiring) stage = NULL;
  g_autofree char *count = demo_format_count (source->n_rows);
  g_autofree char *explanation = NULL;

  explanation = g_strdup_printf (
    "An SQLite file plays a remote database. It is filled with %s %s, and then put behind a "
    "simulated network%s. In front of that stands a live table with a cache %s: a "
    "table like any other to those who use it.",
    count, source->description,
    self->options->latency > 0 ? ", so that each call of it takes time" : " (of 0 ms)",
    self->options->cache == DEMO_CACHE_FOLDER ? "in a folder" : "in memory");
  demo_report_step (self->report, "A table that is far away", explanation);

  stage = demo_wiring_new (self->options, source->table_name, source->schema, 0);

  return demo_seed_fill (stage, source, self->report, error);
}

static void
find_text_column (DemoTour *self, VlRecord *record)
{
  VlSchema *schema = self->wiring->schema;

  for (guint i = 0; i < vl_schema_get_n_columns (schema); i++)
    {
      const char *name = vl_schema_get_column_name (schema, i);

      if (vl_record_get_field_type (record, name) != VL_FIELD_TYPE_STRING ||
          g_strcmp0 (name, vl_schema_get_id_column (schema)) == 0)
        continue;
      if (self->column == NULL || g_str_equal (name, "name"))
        self->column = name;
    }

  if (self->column != NULL)
    self->text = g_strdup (vl_record_get_string (record, self->column));
}

/* Chooses the record that the tour will change, without the live table, so that
 * its cache knows nothing yet. */
static gboolean
choose_record (DemoTour *self, GError **error)
{
  g_autoptr (VlRecord) record = NULL;

  record = vl_table_get_first_sync (self->wiring->sqlite, NULL, NULL, error);
  if (record == NULL)
    return FALSE;

  self->id = g_strdup (vl_record_get_id (record));
  find_text_column (self, record);

  return TRUE;
}

static gboolean
set_up (DemoTour *self, GError **error)
{
  DemoOptions options = *self->options;
  g_autoptr (DemoSource) source = NULL;
  g_autoptr (VlQuery) all = vl_query_new ();

  if (options.rows < 0 && options.import == NULL)
    options.rows = DEFAULT_ROWS;
  source = demo_source_new (&options, error);
  if (source == NULL)
    return FALSE;
  if (source->n_rows == 0)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "tour needs a record at least");
      return FALSE;
    }

  if (!prepare_table (self, source, error))
    return FALSE;

  self->query = vl_query_window (all, 0, ROWS_SHOWN);
  self->wiring = demo_wiring_new (self->options, source->table_name, NULL, self->options->latency);
  if (!demo_wiring_connect (self->wiring, error))
    return FALSE;
  self->stream = vl_live_stream_new ();
  vl_live_table_add_stream (self->wiring->live, self->stream);
  demo_wiring_settle (self->wiring);
  demo_wiring_introduce (self->wiring, self->options, self->report);

  return choose_record (self, error);
}

static void
add_time (DemoTextTable *table, DemoReport *report, const char *what, double time, double unit)
{
  g_autofree char *shown = demo_format_time (time);
  g_autofree char *share = NULL;
  g_autofree char *ratio = NULL;

  if (demo_report_is_json (report))
    {
      demo_json_add_double (demo_report_get_json (report), what, time / 1000);
      return;
    }

  share = demo_format_count ((guint64) (unit / time + 0.5));
  ratio = g_strconcat ("1 / ", share, NULL);
  demo_text_table_begin_row (table);
  demo_text_table_add (table, what, FALSE);
  demo_text_table_add (table, shown, TRUE);
  demo_text_table_add (table, time < unit ? ratio : "1", TRUE);
}

static void
print_times (DemoTour *self)
{
  g_autoptr (DemoTextTable) table = demo_text_table_new ();
  g_autofree char *text = NULL;

  demo_report_step (
    self->report, "In short",
    "Measured once, here and now, as they come; the last column is the share of the "
    "first miss. Without a network the shares are others.");
  if (demo_report_is_json (self->report))
    demo_json_open (demo_report_get_json (self->report), "times_ms", '{');
  add_time (table, self->report, "miss", self->miss_time, self->miss_time);
  add_time (table, self->report, "hit", self->hit_time, self->miss_time);
  add_time (table, self->report, "peek", self->peek_time, self->miss_time);
  if (self->call_time > 0)
    {
      add_time (table, self->report, "write: the call", self->call_time, self->miss_time);
      add_time (table, self->report, "write: applied", self->write_time, self->miss_time);
    }
  if (demo_report_is_json (self->report))
    {
      g_string_append_c (demo_report_get_json (self->report), '}');
      return;
    }

  text = demo_text_table_format (table, 0, "", "");
  g_strchomp (text);
  demo_report_say (self->report, DEMO_STYLE_PLAIN, "%s", text);
}

static void
print_counters (DemoTour *self)
{
  demo_report_step (self->report, "What the live table has counted",
                    "Every live table counts; tests rely on these numbers, not on times.");
  demo_report_stats (self->wiring, self->report);
}

static void
print_farewell (DemoTour *self)
{
  g_autofree char *table = demo_shell_word (self->wiring->table_name);
  g_autofree char *path = demo_shell_word (self->wiring->path);
  const char *program = demo_program_name ();

  demo_report_say (self->report, DEMO_STYLE_PLAIN,
                   "\nThe table is yours now. For example:\n"
                   "  %s list --master %s --table %s --limit 5 --repeat 2\n"
                   "  %s watch --master %s --table %s",
                   program, path, table, program, path, table);
}

gboolean
demo_tour (const DemoOptions *options, DemoReport *report, GError **error)
{
  g_auto (DemoTour) self = { .options = options, .report = report };

  if (options->cache == DEMO_CACHE_NONE || options->fresh)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "tour shows a cache: leave out --cache none and --fresh");
      return FALSE;
    }
  if (!set_up (&self, error))
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    if (!steps[i](&self, error))
      return FALSE;

  print_counters (&self);
  if (options->cache == DEMO_CACHE_FOLDER && !demo_tour_restart (&self, error))
    return FALSE;
  print_times (&self);
  print_farewell (&self);

  return TRUE;
}
