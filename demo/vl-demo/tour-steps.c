/* tour-steps.c: the steps of the tour
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "tour.h"

/* Readers that ask for the same page in one turn. */
#define READERS 10

/* Milliseconds between two beats of the heart that shows the loop is free. */
#define HEARTBEAT 1

/* Seconds that another program's write may take to be noticed. */
#define PATIENCE 5

static gboolean
read_twice (DemoTour *self, VlQuery *query, GError **error)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (VlPage) page = demo_read_page (self->wiring, query, self->report, error);

      if (page == NULL)
        return FALSE;
    }

  return TRUE;
}

static gboolean
read_once (DemoTour *self, VlQuery *query, GError **error)
{
  g_autoptr (VlPage) page = demo_read_page (self->wiring, query, self->report, error);

  return page != NULL;
}

gboolean
demo_tour_miss (DemoTour *self, GError **error)
{
  g_autoptr (VlPage) peeked = NULL;
  g_autoptr (VlPage) page = NULL;
  DemoRead read;

  demo_report_step (self->report, "The first read is a miss",
                    "A peek at the cache finds nothing. The asynchronous read asks the master, "
                    "across the network, and the cache keeps a copy of what it answers.");
  peeked = demo_peek_page (self->wiring, self->query, &read);
  demo_report_read (self->report, &read);
  page = demo_list (self->wiring, self->query, &read, error);
  if (page == NULL)
    return FALSE;

  demo_report_read (self->report, &read);
  self->miss_time = read.time;
  demo_report_page (self->report, self->wiring->schema, page, self->query);

  return TRUE;
}

gboolean
demo_tour_hit (DemoTour *self, GError **error)
{
  g_autoptr (VlPage) peeked = NULL;
  g_autoptr (VlPage) page = NULL;
  g_autofree char *ratio = NULL;
  DemoRead read;

  demo_report_step (self->report, "The second is a hit",
                    "The same page again. A peek answers at once, without leaving the function; "
                    "the asynchronous read answers in the next turn of the main loop. Nobody asks "
                    "the master.");
  peeked = demo_peek_page (self->wiring, self->query, &read);
  demo_report_read (self->report, &read);
  self->peek_time = read.time;

  page = demo_list (self->wiring, self->query, &read, error);
  if (page == NULL)
    return FALSE;
  demo_report_read (self->report, &read);
  self->hit_time = read.time;

  ratio = demo_format_count ((guint64) (self->miss_time / self->hit_time));
  demo_report_say (self->report, DEMO_STYLE_PLAIN, "  The miss took %s times as long as the hit.",
                   ratio);

  return TRUE;
}

static VlQuery *
reorder (DemoTour *self)
{
  return vl_query_order_by (self->query,
                            self->column != NULL
                              ? self->column
                              : vl_schema_get_column_name (self->wiring->schema, 0),
                            TRUE);
}

gboolean
demo_tour_queries (DemoTour *self, GError **error)
{
  g_autoptr (VlQuery) second = NULL;
  g_autoptr (VlQuery) ordered = NULL;
  guint limit = vl_query_get_limit (self->query);

  demo_report_step (self->report, "Other pages, other questions",
                    "Records are fetched and kept a hundred at a time, whatever the size of the "
                    "window: the next page is here already. Another order is another question, and "
                    "is kept apart: a miss, then a hit.");
  second = vl_query_window (self->query, limit, limit);
  demo_report_say (self->report, DEMO_STYLE_PLAIN, "Page 2:");
  if (!read_once (self, second, error))
    return FALSE;

  ordered = reorder (self);
  demo_report_say (self->report, DEMO_STYLE_PLAIN,
                   "Page 1, sorted by %s, descending:", vl_query_get_order (ordered, 0, NULL));

  return read_twice (self, ordered, error);
}

gboolean
demo_tour_record (DemoTour *self, GError **error)
{
  demo_report_step (self->report, "One record",
                    "Records that are asked for by their id have a place of their own in the "
                    "cache.");
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (VlRecord) record = NULL;
      DemoRead read;

      record = demo_find (self->wiring, self->id, &read, error);
      if (record == NULL)
        return FALSE;
      demo_report_read (self->report, &read);
    }

  return TRUE;
}

typedef struct
{
  guint n_answers;
  gboolean done;
  GError *error;
} Readers;

static void
on_list (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Readers *readers = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = vl_table_list_finish (VL_TABLE (source), result, &error);

  if (page == NULL && readers->error == NULL)
    readers->error = g_steal_pointer (&error);
  readers->done = ++readers->n_answers == READERS;
}

gboolean
demo_tour_joins (DemoTour *self, GError **error)
{
  VlLiveStats *stats = vl_live_table_get_stats (self->wiring->live);
  guint64 fetches = vl_live_stats_get_fetches (stats);
  guint64 joins = vl_live_stats_get_joins (stats);
  g_autoptr (VlQuery) query = NULL;
  g_autofree char *time = NULL;
  Readers readers = { 0 };
  double begin = demo_now ();

  demo_report_step (self->report, "Ten readers, one question",
                    "Ten parts of a program ask for the same page, which is not cached, before any "
                    "of them has an answer. They share one read of the master.");
  query = self->column != NULL ? vl_query_search (self->query, self->text) : reorder (self);
  for (guint i = 0; i < READERS; i++)
    vl_table_list_async (VL_TABLE (self->wiring->live), query, NULL, on_list, &readers);
  demo_wait (&readers.done);
  if (readers.error != NULL)
    {
      g_propagate_error (error, readers.error);
      return FALSE;
    }

  time = demo_format_time (demo_now () - begin);
  demo_report_say (self->report, DEMO_STYLE_PLAIN,
                   "  %u answers in %s: %" G_GUINT64_FORMAT
                   " read of the master, %" G_GUINT64_FORMAT " readers joined it.",
                   READERS, time, vl_live_stats_get_fetches (stats) - fetches,
                   vl_live_stats_get_joins (stats) - joins);

  return TRUE;
}

static gboolean
on_heartbeat (gpointer user_data)
{
  guint *n_beats = user_data;

  (*n_beats)++;

  return G_SOURCE_CONTINUE;
}

static VlChange *
make_patch (DemoTour *self, const char *suffix)
{
  g_autofree char *text = g_strconcat (self->text, suffix, NULL);
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
  g_autoptr (VlRecord) fields = NULL;

  vl_record_builder_set_string (builder, self->column, text);
  fields = vl_record_builder_end (builder);

  return vl_change_new_patch (self->id, fields);
}

gboolean
demo_tour_write (DemoTour *self, GError **error)
{
  g_autoptr (VlChange) first = NULL;
  g_autoptr (VlChange) second = NULL;
  g_autoptr (VlWrite) first_write = NULL;
  g_auto (DemoWrite) write = { 0 };
  gboolean applied;
  guint n_beats = 0;
  guint heart;

  if (self->column == NULL)
    return TRUE;

  demo_report_step (self->report, "A write does not block",
                    "Two edits, one right after the other. The calls return at once, and the "
                    "program goes on; the writes cross the network in the order they were made, "
                    "one at a time. This is the second, which waits in the queue for the first.");

  first = make_patch (self, " (edited)");
  second = make_patch (self, " (edited twice)");

  heart = g_timeout_add (HEARTBEAT, on_heartbeat, &n_beats);
  first_write = vl_live_table_write (self->wiring->live, first);
  applied = demo_write (self->wiring, "patch", second, TRUE, &write, error);
  g_source_remove (heart);

  demo_report_write (self->report, &write);
  self->call_time = write.call_time;
  self->write_time = write.time;
  demo_report_say (self->report, DEMO_STYLE_PLAIN,
                   "  Meanwhile the main loop ran %u callbacks of a timer.", n_beats);

  return applied;
}

gboolean
demo_tour_own_write (DemoTour *self, GError **error)
{
  g_autoptr (VlPage) page = NULL;

  if (self->column == NULL)
    return TRUE;

  demo_report_step (self->report, "Reading one's own write",
                    "The cache knew of the write before its caller did: the copies are stale, the "
                    "next read is a miss and shows what was written.");
  page = demo_read_page (self->wiring, self->query, self->report, error);
  if (page == NULL)
    return FALSE;

  demo_report_page (self->report, self->wiring->schema, page, self->query);

  return TRUE;
}

gboolean
demo_tour_event (DemoTour *self, GError **error)
{
  g_autoptr (VlLiveEvent) event = vl_live_event_new_updated (self->id, NULL);

  demo_report_step (self->report, "An event from elsewhere",
                    "A stream says that a record was changed by somebody else. From the moment the "
                    "push returns, no read takes the old copy for fresh.");
  demo_report_say (self->report, DEMO_STYLE_PLAIN, "Before the event:");
  if (!read_once (self, self->query, error))
    return FALSE;

  vl_live_stream_push (self->stream, event);
  demo_report_say (self->report, DEMO_STYLE_PLAIN, "The event lands: “%s” was updated elsewhere.",
                   self->id);

  return read_twice (self, self->query, error);
}

static char *
quote_name (const char *name)
{
  g_auto (GStrv) parts = g_strsplit (name, "\"", -1);
  g_autofree char *doubled = g_strjoinv ("\"\"", parts);

  return g_strdup_printf ("\"%s\"", doubled);
}

static char *
quote_text (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "'", -1);
  g_autofree char *doubled = g_strjoinv ("''", parts);

  return g_strdup_printf ("'%s'", doubled);
}

static char *
make_sql (DemoTour *self)
{
  const char *id_column = vl_schema_get_id_column (self->wiring->schema);
  g_autofree char *table = quote_name (self->wiring->table_name);
  g_autofree char *column = quote_name (self->column);
  g_autofree char *id_name = quote_name (id_column);
  g_autofree char *id = quote_text (self->id);
  g_autofree char *changed = g_strconcat (self->text, " (by the shell)", NULL);
  g_autofree char *text = quote_text (changed);

  return g_strdup_printf ("UPDATE %s SET %s = %s WHERE %s = %s", table, column, text, id_name, id);
}

static void
on_changed (VlLiveTable *live, VlLiveEvent *event, gboolean *done)
{
  *done = TRUE;
}

static gboolean
on_patience (gpointer user_data)
{
  gboolean *done = user_data;

  *done = TRUE;

  return G_SOURCE_CONTINUE;
}

/* Runs the shell and waits until the master's stream has noticed. */
static gboolean
run_shell (DemoTour *self, GError **error)
{
  g_autofree char *sql = make_sql (self);
  g_autoptr (GSubprocess) shell = NULL;
  g_autofree char *time = NULL;
  gboolean done = FALSE;
  double begin = demo_now ();
  gulong handler;
  guint timer;

  handler = g_signal_connect (self->wiring->live, "changed", G_CALLBACK (on_changed), &done);
  timer = g_timeout_add_seconds (PATIENCE, on_patience, &done);
  demo_report_say (self->report, DEMO_STYLE_PLAIN, "  sqlite> %s;", sql);
  shell = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, error, "sqlite3", self->wiring->path, sql,
                            NULL);
  if (shell != NULL && g_subprocess_wait_check (shell, NULL, error))
    demo_wait (&done);
  g_source_remove (timer);
  g_signal_handler_disconnect (self->wiring->live, handler);
  if (!done)
    return FALSE;

  time = demo_format_time (demo_now () - begin);
  demo_report_say (self->report, DEMO_STYLE_PLAIN, "  The live table heard of it after %s.", time);

  return TRUE;
}

gboolean
demo_tour_other_program (DemoTour *self, GError **error)
{
  g_autofree char *shell = g_find_program_in_path ("sqlite3");
  g_autoptr (VlPage) page = NULL;

  if (self->column == NULL)
    return TRUE;

  demo_report_step (
    self->report, "Another program writes",
    "The sqlite3 shell changes a record in the file. The master has a stream of its "
    "own, which notices that something has changed, though not what.");
  if (shell == NULL)
    {
      demo_report_say (self->report, DEMO_STYLE_WARN,
                       "  There is no sqlite3 here (Debian: apt-get install sqlite3); skipped.");
      return TRUE;
    }

  if (!run_shell (self, error))
    return FALSE;
  page = demo_read_page (self->wiring, self->query, self->report, error);
  if (page == NULL)
    return FALSE;
  demo_report_page (self->report, self->wiring->schema, page, self->query);

  return TRUE;
}

gboolean
demo_tour_refused (DemoTour *self, GError **error)
{
  g_autoptr (VlRecord) record = vl_record_new (self->id, NULL);
  g_autoptr (VlChange) change = vl_change_new_insert (record);
  g_autoptr (GError) local_error = NULL;
  g_auto (DemoWrite) write = { 0 };

  demo_report_step (
    self->report, "A write that is refused",
    "The error reaches the one who wrote, with the write in hand, and says what was tried and why "
    "it failed. That the record exists is news to the cache, whose copies are stale from now on.");
  demo_write (self->wiring, "add", change, TRUE, &write, &local_error);
  demo_report_write (self->report, &write);
  if (local_error != NULL)
    demo_report_say (self->report, DEMO_STYLE_WARN, "  %s", local_error->message);

  return TRUE;
}

gboolean
demo_tour_offline (DemoTour *self, GError **error)
{
  g_autoptr (GError) outage = NULL;

  if (self->wiring->network == NULL)
    return TRUE;

  demo_report_step (self->report, "The network fails",
                    "A copy is fetched; then all copies are made stale, and the master cannot be "
                    "reached. A failed refresh costs freshness, not data: the reader gets the old "
                    "copy, flagged as stale. Then the network is back.");
  demo_report_say (self->report, DEMO_STYLE_PLAIN, "Up:");
  if (!read_once (self, self->query, error))
    return FALSE;

  vl_live_table_invalidate (self->wiring->live);
  outage = g_error_new (VL_ERROR, VL_ERROR_UNAVAILABLE, "The simulated network is down");
  vl_fault_table_push_error (self->wiring->network, outage);
  demo_report_say (self->report, DEMO_STYLE_PLAIN, "Down:");
  if (!read_once (self, self->query, error))
    return FALSE;

  demo_report_say (self->report, DEMO_STYLE_PLAIN, "Back:");

  return read_once (self, self->query, error);
}
