/* reads.c: reads and writes of a live table, timed
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "reads.h"

static void
begin_read (DemoRead *read, const char *how, DemoWiring *wiring)
{
  *read = (DemoRead){ .how = how, .age = -1, .latency = demo_wiring_get_latency (wiring) };
}

static void
take_page (DemoRead *read, VlPage *page)
{
  gint64 fetched_at = vl_page_get_fetched_at (page);

  read->is_stale = vl_page_get_is_stale (page);
  if (fetched_at > 0)
    read->age = MAX (0, g_get_real_time () - fetched_at);

  if (!vl_page_get_from_cache (page))
    read->outcome = DEMO_OUTCOME_MISS;
  else
    read->outcome = read->is_stale ? DEMO_OUTCOME_STALE : DEMO_OUTCOME_HIT;
}

VlPage *
demo_peek_page (DemoWiring *wiring, VlQuery *query, DemoRead *read)
{
  VlPage *page;
  double begin;

  begin_read (read, "peek", wiring);
  begin = demo_now ();
  page = vl_live_table_peek_page (wiring->live, query);
  read->time = demo_now () - begin;
  if (page != NULL)
    take_page (read, page);

  return page;
}

static void
take_age (DemoRead *read, DemoWiring *wiring, const char *id)
{
  if (g_strcmp0 (wiring->found_id, id) == 0 && read->outcome != DEMO_OUTCOME_NOTHING)
    read->age = MAX (0, g_get_real_time () - wiring->found_at);
}

static void
note_found (DemoWiring *wiring, const char *id)
{
  g_free (wiring->found_id);
  wiring->found_id = g_strdup (id);
  wiring->found_at = g_get_real_time ();
}

VlRecord *
demo_peek_record (DemoWiring *wiring, const char *id, DemoRead *read)
{
  VlRecord *record;
  double begin;

  begin_read (read, "peek", wiring);
  begin = demo_now ();
  record = vl_live_table_peek_record (wiring->live, id);
  read->time = demo_now () - begin;
  if (record != NULL)
    read->outcome = DEMO_OUTCOME_HIT;
  take_age (read, wiring, id);

  return record;
}

VlPage *
demo_list (DemoWiring *wiring, VlQuery *query, DemoRead *read, GError **error)
{
  VlTable *table = VL_TABLE (wiring->live);
  VlLiveStats *stats = vl_live_table_get_stats (wiring->live);
  guint64 fetches = vl_live_stats_get_fetches (stats);
  g_auto (DemoAnswer) answer = { 0 };
  VlPage *page;
  double begin;

  begin_read (read, "list", wiring);
  begin = demo_now ();
  vl_table_list_async (table, query, NULL, demo_answer_take, &answer);
  demo_wait (&answer.done);
  read->time = demo_now () - begin;
  demo_wiring_settle (wiring);

  page = vl_table_list_finish (table, answer.result, error);
  if (page == NULL)
    return NULL;

  take_page (read, page);
  read->to_master = read->outcome == DEMO_OUTCOME_MISS ||
                    vl_live_stats_get_fetches (stats) != fetches;

  return page;
}

VlRecord *
demo_find (DemoWiring *wiring, const char *id, DemoRead *read, GError **error)
{
  VlTable *table = VL_TABLE (wiring->live);
  VlLiveStats *stats = vl_live_table_get_stats (wiring->live);
  guint64 hits = vl_live_stats_get_hits (stats);
  guint64 stale_hits = vl_live_stats_get_stale_hits (stats);
  guint64 fetches = vl_live_stats_get_fetches (stats);
  g_auto (DemoAnswer) answer = { 0 };
  double begin;

  begin_read (read, "get", wiring);
  begin = demo_now ();
  vl_table_find_async (table, id, NULL, demo_answer_take, &answer);
  demo_wait (&answer.done);
  read->time = demo_now () - begin;
  demo_wiring_settle (wiring);

  read->to_master = vl_live_stats_get_fetches (stats) != fetches;
  read->is_stale = vl_live_stats_get_stale_hits (stats) != stale_hits;
  if (read->is_stale)
    read->outcome = DEMO_OUTCOME_STALE;
  else
    read->outcome = vl_live_stats_get_hits (stats) != hits ? DEMO_OUTCOME_HIT : DEMO_OUTCOME_MISS;
  if (read->outcome == DEMO_OUTCOME_MISS)
    note_found (wiring, id);
  take_age (read, wiring, id);

  return vl_table_find_finish (table, answer.result, error);
}

VlPage *
demo_read_page (DemoWiring *wiring, VlQuery *query, DemoReport *report, GError **error)
{
  g_autoptr (VlPage) peeked = NULL;
  g_autoptr (VlPage) page = NULL;
  DemoRead read;

  peeked = demo_peek_page (wiring, query, &read);
  demo_report_read (report, &read);

  page = demo_list (wiring, query, &read, error);
  if (page == NULL)
    return NULL;
  demo_report_read (report, &read);

  return g_steal_pointer (&page);
}

/* A write that is being watched. */
typedef struct
{
  DemoWrite *write;
  gboolean waits; /* for more than that it is accepted */
  gboolean settled;
} Watch;

/* Whether the master will not hear of it any sooner for being waited for. */
static gboolean
can_be_left (VlWrite *live_write, const Watch *watch)
{
  return vl_write_get_accepted (live_write) &&
         (!watch->waits || vl_write_get_state (live_write) == VL_WRITE_STATE_WAITING);
}

static void
note_state (VlWrite *live_write, Watch *watch)
{
  g_autoptr (GEnumClass) states = g_type_class_ref (VL_TYPE_WRITE_STATE);
  VlWriteState state = vl_write_get_state (live_write);
  GString *names = watch->write->states;

  g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "",
                          g_enum_get_value (states, (int) state)->value_nick);
  watch->write->is_left = can_be_left (live_write, watch);
  watch->settled = watch->write->is_left || state == VL_WRITE_STATE_APPLIED ||
                   state == VL_WRITE_STATE_FAILED || state == VL_WRITE_STATE_DISCARDED;
}

static void
on_state (VlWrite *live_write, GParamSpec *pspec, gpointer user_data)
{
  note_state (live_write, user_data);
}

/* Whether the one that it waits for waits for the master. */
static gboolean
is_held_back (DemoWiring *wiring, VlWrite *live_write)
{
  GListModel *list = vl_live_table_get_writes (wiring->live);

  if (!vl_write_get_accepted (live_write) ||
      vl_write_get_state (live_write) != VL_WRITE_STATE_QUEUED)
    return FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (VlWrite) other = g_list_model_get_item (list, i);

      if (vl_write_get_state (other) == VL_WRITE_STATE_WAITING)
        return TRUE;
    }

  return FALSE;
}

gboolean
demo_write (DemoWiring *wiring,
            const char *how,
            VlChange *change,
            gboolean waits,
            DemoWrite *write,
            GError **error)
{
  g_autoptr (VlWrite) live_write = NULL;
  Watch watch = { write, waits, FALSE };
  double begin;
  gulong handler;

  write->how = how;
  write->id = g_strdup (vl_change_get_id (change));
  write->states = g_string_new (NULL);
  write->latency = demo_wiring_get_latency (wiring);

  begin = demo_now ();
  live_write = vl_live_table_write (wiring->live, change);
  write->call_time = demo_now () - begin;

  note_state (live_write, &watch);
  handler = g_signal_connect (live_write, "notify::state", G_CALLBACK (on_state), &watch);
  while (!watch.settled && !is_held_back (wiring, live_write))
    g_main_context_iteration (NULL, TRUE);
  write->is_left |= !watch.settled;
  write->time = demo_now () - begin;
  g_signal_handler_disconnect (live_write, handler);

  g_set_object (&write->record, vl_write_get_record (live_write));
  if (write->is_left || vl_write_get_state (live_write) == VL_WRITE_STATE_APPLIED)
    return TRUE;

  g_propagate_error (error, vl_write_dup_error (live_write));

  return FALSE;
}
