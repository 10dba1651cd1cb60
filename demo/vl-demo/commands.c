/* commands.c: reading, writing and counting
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "commands.h"

#include "fields.h"
#include "json-writer.h"
#include "reads.h"
#include "text-table.h"

/* Reads of a page by stats, unless --repeat says otherwise. */
#define STATS_READS 3

/* Reads the page that the options ask for, several times. */
static VlPage *
read_repeatedly (DemoWiring *wiring,
                 VlQuery *query,
                 guint n_times,
                 DemoReport *report,
                 GError **error)
{
  g_autoptr (VlPage) page = NULL;

  for (guint i = 0; i < n_times; i++)
    {
      g_clear_object (&page);
      page = demo_read_page (wiring, query, report, error);
      if (page == NULL)
        return NULL;
    }

  return g_steal_pointer (&page);
}

gboolean
demo_list_command (const DemoOptions *options, DemoReport *report, GError **error)
{
  g_autoptr (DemoWiring) wiring = demo_wiring_open (options, error);
  g_autoptr (VlQuery) query = NULL;
  g_autoptr (VlPage) page = NULL;

  if (wiring == NULL)
    return FALSE;

  query = demo_fields_make_query (options, wiring->schema, error);
  if (query == NULL)
    return FALSE;

  demo_wiring_introduce (wiring, options, report);
  page = read_repeatedly (wiring, query, MAX (1, options->repeat), report, error);
  if (page == NULL)
    return FALSE;

  demo_report_page (report, wiring->schema, page, query);

  return TRUE;
}

static gboolean
fail_not_found (DemoWiring *wiring, const char *id, GError **error)
{
  g_set_error (error, VL_ERROR, VL_ERROR_NOT_FOUND, "There is no record “%s” in table %s", id,
               wiring->table_name);

  return FALSE;
}

gboolean
demo_get_command (const DemoOptions *options, DemoReport *report, GError **error)
{
  g_autoptr (DemoWiring) wiring = demo_wiring_open (options, error);
  g_autoptr (VlRecord) record = NULL;
  const char *id = options->arguments[0];

  if (wiring == NULL)
    return FALSE;

  demo_wiring_introduce (wiring, options, report);
  for (guint i = 0; i < MAX (1, options->repeat); i++)
    {
      g_autoptr (VlRecord) peeked = NULL;
      g_autoptr (GError) local_error = NULL;
      DemoRead read;

      peeked = demo_peek_record (wiring, id, &read);
      demo_report_read (report, &read);

      g_clear_object (&record);
      record = demo_find (wiring, id, &read, &local_error);
      if (local_error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      demo_report_read (report, &read);
    }

  if (record == NULL)
    return fail_not_found (wiring, id, error);

  demo_report_record (report, wiring->schema, record);

  return TRUE;
}

gboolean
demo_run_write (DemoWiring *wiring,
                const DemoOptions *options,
                VlChange *change,
                DemoReport *report,
                GError **error)
{
  g_auto (DemoWrite) write = { 0 };
  g_autoptr (VlChange) owned = change;
  gboolean applied;

  demo_wiring_introduce (wiring, options, report);
  applied = demo_write (wiring, options->command_name, owned, !options->no_wait, &write, error);
  demo_report_write (report, &write);
  if (!applied)
    return FALSE;

  if (write.is_left)
    demo_report_say (report, DEMO_STYLE_DIM, "%s",
                     "  it is in the journal; the next run that uses it takes it up");
  else if (write.record != NULL)
    demo_report_record (report, wiring->schema, write.record);
  else
    demo_report_say (report, DEMO_STYLE_DIM, "  there was no record “%s”; nothing was deleted",
                     write.id);

  return demo_wiring_leave (wiring, error);
}

gboolean
demo_add_command (const DemoOptions *options, DemoReport *report, GError **error)
{
  g_autoptr (DemoWiring) wiring = demo_wiring_open (options, error);
  g_autoptr (VlRecord) record = NULL;

  if (wiring == NULL)
    return FALSE;

  record = demo_fields_parse_record (wiring->schema, options->arguments, error);
  if (record == NULL)
    return FALSE;

  return demo_run_write (wiring, options, vl_change_new_insert (record), report, error);
}

gboolean
demo_patch_command (const DemoOptions *options, DemoReport *report, GError **error)
{
  g_autoptr (DemoWiring) wiring = demo_wiring_open (options, error);
  g_autoptr (VlRecord) fields = NULL;

  if (wiring == NULL)
    return FALSE;

  fields = demo_fields_parse_patch (wiring->schema, options->arguments + 1, error);
  if (fields == NULL)
    return FALSE;

  return demo_run_write (wiring, options, vl_change_new_patch (options->arguments[0], fields),
                         report, error);
}

gboolean
demo_delete_command (const DemoOptions *options, DemoReport *report, GError **error)
{
  g_autoptr (DemoWiring) wiring = demo_wiring_open (options, error);

  if (wiring == NULL)
    return FALSE;

  return demo_run_write (wiring, options, vl_change_new_delete (options->arguments[0]), report,
                         error);
}

static gboolean
read_and_say (DemoWiring *wiring,
              VlQuery *query,
              const char *text,
              VlPage **page,
              DemoReport *report,
              GError **error)
{
  demo_report_say (report, DEMO_STYLE_PLAIN, "%s", text);
  g_clear_object (page);
  *page = demo_read_page (wiring, query, report, error);

  return *page != NULL;
}

static void
push_event (VlLiveStream *stream, const char *id, DemoReport *report)
{
  g_autoptr (VlLiveEvent) event = NULL;

  event = id != NULL ? vl_live_event_new_updated (id, NULL) : vl_live_event_new_changed ();
  if (demo_report_is_json (report))
    {
      GString *json = demo_report_get_json (report);

      demo_json_open (json, "event", '{');
      demo_json_add_string (json, "kind", id != NULL ? "updated" : "changed");
      demo_json_add_string (json, "id", id);
      g_string_append_c (json, '}');
    }
  demo_report_say (report, DEMO_STYLE_BOLD, "An event lands: %s%s%s.",
                   id != NULL ? "record “" : "something changed elsewhere", id != NULL ? id : "",
                   id != NULL ? "” was updated elsewhere" : "");
  vl_live_stream_push (stream, event);
}

gboolean
demo_event_command (const DemoOptions *options, DemoReport *report, GError **error)
{
  g_autoptr (DemoWiring) wiring = demo_wiring_open (options, error);
  g_autoptr (VlLiveStream) stream = NULL;
  g_autoptr (VlQuery) query = NULL;
  g_autoptr (VlPage) page = NULL;

  if (wiring == NULL)
    return FALSE;

  query = demo_fields_make_query (options, wiring->schema, error);
  if (query == NULL)
    return FALSE;

  demo_wiring_introduce (wiring, options, report);
  stream = vl_live_stream_new ();
  vl_live_table_add_stream (wiring->live, stream);
  vl_live_table_clear (wiring->live);

  if (!read_and_say (wiring, query, "The cache was cleared. First list:", &page, report, error) ||
      !read_and_say (wiring, query, "Second list:", &page, report, error))
    return FALSE;

  push_event (stream, options->id, report);

  if (!read_and_say (wiring, query, "The next list:", &page, report, error) ||
      !read_and_say (wiring, query, "And the one after it:", &page, report, error))
    return FALSE;

  demo_report_page (report, wiring->schema, page, query);

  return TRUE;
}

typedef struct
{
  const char *name;
  guint64 (*get) (VlLiveStats *stats);
  const char *meaning;
} Counter;

static const Counter counters[] = {
  { "hits", vl_live_stats_get_hits, "reads and peeks answered from the cache, fresh" },
  { "misses", vl_live_stats_get_misses, "reads for which the cache had nothing fresh" },
  { "stale_hits", vl_live_stats_get_stale_hits, "reads answered with a stale copy, flagged" },
  { "joins", vl_live_stats_get_joins, "reads that shared a fetch under way" },
  { "fetches", vl_live_stats_get_fetches, "reads of the master" },
  { "refused_fills", vl_live_stats_get_refused_fills,
    "fetches overtaken by a change, stored as stale" },
  { "repeats", vl_live_stats_get_repeats, "fetches of what was there and good" },
  { "events", vl_live_stats_get_events, "events heard" },
  { "writes", vl_live_stats_get_writes, "writes applied" },
  { "failed_writes", vl_live_stats_get_failed_writes, "writes that failed" },
};

static void
print_stats (VlLiveStats *stats, DemoReport *report)
{
  g_autoptr (DemoTextTable) table = demo_text_table_new ();
  g_autofree char *text = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (counters); i++)
    {
      g_autofree char *count = demo_format_count (counters[i].get (stats));

      demo_text_table_begin_row (table);
      demo_text_table_add (table, counters[i].name, FALSE);
      demo_text_table_add (table, count, TRUE);
      demo_text_table_add (table, counters[i].meaning, FALSE);
    }

  text = demo_text_table_format (table, 0, "", "");
  g_strchomp (text);
  demo_report_say (report, DEMO_STYLE_PLAIN, "%s", text);
}

void
demo_report_stats (DemoWiring *wiring, DemoReport *report)
{
  VlLiveStats *stats = vl_live_table_get_stats (wiring->live);
  GString *json = demo_report_get_json (report);

  if (!demo_report_is_json (report))
    {
      print_stats (stats, report);
      return;
    }

  demo_json_open (json, "stats", '{');
  for (guint i = 0; i < G_N_ELEMENTS (counters); i++)
    demo_json_add_int (json, counters[i].name, (gint64) counters[i].get (stats));
  g_string_append_c (json, '}');
}

gboolean
demo_stats_command (const DemoOptions *options, DemoReport *report, GError **error)
{
  g_autoptr (DemoWiring) wiring = demo_wiring_open (options, error);
  g_autoptr (VlQuery) query = NULL;
  g_autoptr (VlPage) page = NULL;

  if (wiring == NULL)
    return FALSE;

  query = demo_fields_make_query (options, wiring->schema, error);
  if (query == NULL)
    return FALSE;

  demo_wiring_introduce (wiring, options, report);
  page = read_repeatedly (wiring, query, options->repeat > 0 ? options->repeat : STATS_READS,
                          report, error);
  if (page == NULL)
    return FALSE;

  demo_report_say (report, DEMO_STYLE_PLAIN, "%s", "\nThe live table has counted:");
  demo_report_stats (wiring, report);

  return TRUE;
}

/* It knows the table by its name alone: neither the file nor the table has to be
 * there still. */
gboolean
demo_clear_command (const DemoOptions *options, DemoReport *report, GError **error)
{
  g_autoptr (DemoWiring) wiring = NULL;

  if (options->cache != DEMO_CACHE_FOLDER)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "clear is for a cache in a folder: leave out --cache, or name one");
      return FALSE;
    }

  wiring = demo_wiring_new (options, options->table != NULL ? options->table : DEMO_TABLE, NULL, 0);
  demo_wiring_introduce (wiring, options, report);
  vl_live_table_clear (wiring->live);
  if (!vl_live_table_close_sync (wiring->live, NULL, error))
    return FALSE;

  if (demo_report_is_json (report))
    demo_json_add_boolean (demo_report_get_json (report), "cleared", TRUE);
  demo_report_say (report, DEMO_STYLE_PLAIN, "%s", "Nothing is cached of it any more.");

  return TRUE;
}
