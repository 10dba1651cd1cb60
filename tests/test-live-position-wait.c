/* test-live-position-wait.c: copies of an earlier run, before the stream speaks
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "position-fixture.h"
#include "slow-cache.h"

#define POSITION "/live-table/position/"

/* Before the first word */

static void
test_waits (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (Ask) first = NULL;
  g_autoptr (Ask) second = NULL;
  g_autoptr (Ask) record = NULL;

  run_init (&run);
  first = ask_list (run.live, NULL);
  second = ask_list (run.live, NULL);
  /* There is no copy of this, and nothing to wait for, but for a moment. */
  record = ask_find (run.live, "a");
  run_turns ();
  g_assert_false (record->is_done);
  g_assert_cmpuint (n_fetches (&run), ==, 0);
  ask_wait (record);
  g_assert_false (first->is_done);
  g_assert_false (second->is_done);
  g_assert_cmpuint (n_fetches (&run), ==, 1);

  vl_live_stream_report_live_at (run.stream, "1");
  ask_wait (first);
  ask_wait (second);
  assert_origin (first->page, TRUE, FALSE);
  assert_origin (second->page, TRUE, FALSE);
  g_assert_cmpuint (n_fetches (&run), ==, 1);
}

/* What is asked of the master before the gap would be overtaken by it. */
static void
test_imminent (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (Ask) record = NULL;
  g_autoptr (Ask) refresh = NULL;

  run_init (&run);
  record = ask_find (run.live, "a");
  refresh = ask_refresh (run.live, NULL);
  run_turns ();
  g_assert_false (record->is_done);
  g_assert_false (refresh->is_done);
  vl_live_stream_report_live (run.stream);
  ask_wait (record);
  ask_wait (refresh);
  assert_origin (refresh->page, FALSE, FALSE);
  g_assert_cmpuint (n_fetches (&run), ==, 2);
  g_assert_cmpuint (vl_live_stats_get_refused_fills (vl_live_table_get_stats (run.live)), ==, 0);
}

static void
test_waits_for_nothing_good (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (Ask) ask = NULL;

  run_init (&run);
  put (&run, "c", "Cherry");
  ask = ask_list (run.live, NULL);
  run_turns ();
  g_assert_false (ask->is_done);

  vl_live_stream_report_live_at (run.stream, "2");
  ask_wait (ask);
  assert_ids (ask->page, "abc");
  assert_origin (ask->page, FALSE, FALSE);
}

/* Whoever takes stale copies gets one at once, and no more is done when it
 * turns out to be good. */
static void
test_revalidates (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (VlPage) next = NULL;

  run_init (&run);
  vl_live_table_set_read_policy (run.live, VL_READ_POLICY_STALE_WHILE_REVALIDATE);
  assert_list (&run, "ab", TRUE, TRUE);
  assert_list (&run, "ab", TRUE, TRUE);
  run_turns ();
  g_assert_cmpuint (n_fetches (&run), ==, 0);
  vl_live_stream_report_live_at (run.stream, "1");
  run_turns ();
  g_assert_cmpuint (n_fetches (&run), ==, 0);
  g_assert_cmpuint (run.changes.n_emitted, ==, 0);
  assert_list (&run, "ab", TRUE, FALSE);

  run_again (&run);
  vl_live_table_set_read_policy (run.live, VL_READ_POLICY_STALE_WHILE_REVALIDATE);
  put (&run, "c", "Cherry");
  assert_list (&run, "ab", TRUE, TRUE);
  vl_live_stream_report_live_at (run.stream, "2");
  run_turns ();
  g_assert_cmpuint (n_fetches (&run), ==, 1);
  g_assert_cmpuint (run.changes.n_emitted, >=, 1);
  next = list (&run);
  run_turns ();
  assert_list (&run, "abc", TRUE, FALSE);
}

static void
test_cache_only (void)
{
  g_auto (Run) run = { 0 };

  run_init (&run);
  vl_live_table_set_read_policy (run.live, VL_READ_POLICY_CACHE_ONLY);
  assert_list (&run, "ab", TRUE, TRUE);
  vl_live_stream_report_live_at (run.stream, "1");
  assert_list (&run, "ab", TRUE, FALSE);
}

/* Who wants the master's word has it, and who waits beside him, too. */
static void
test_master_only (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (Ask) waiting = NULL;
  g_autoptr (Ask) impatient = NULL;
  g_autoptr (Ask) refresh = NULL;

  run_init (&run);
  waiting = ask_list (run.live, NULL);
  run_turns ();
  g_assert_false (waiting->is_done);
  vl_live_table_set_read_policy (run.live, VL_READ_POLICY_MASTER_ONLY);
  impatient = ask_list (run.live, NULL);
  ask_wait (impatient);
  ask_wait (waiting);
  assert_origin (impatient->page, FALSE, FALSE);
  assert_origin (waiting->page, FALSE, FALSE);
  g_assert_cmpuint (n_fetches (&run), ==, 1);

  run_again (&run);
  refresh = ask_refresh (run.live, NULL);
  ask_wait (refresh);
  assert_origin (refresh->page, FALSE, FALSE);
}

/* What this run has fetched is fresh, while the stream takes its time. */
static void
test_own (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (Ask) refresh = NULL;

  run_init (&run);
  put (&run, "c", "Cherry");
  refresh = ask_refresh (run.live, NULL);
  ask_wait (refresh);
  run_turns ();
  assert_list (&run, "abc", TRUE, FALSE);
  g_assert_cmpuint (n_fetches (&run), ==, 1);

  /* As with any gap, what came before it is not. */
  vl_live_stream_report_live_at (run.stream, "2");
  assert_list (&run, "abc", FALSE, FALSE);
}

static void
test_peek (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (VlPage) before = NULL;
  g_autoptr (VlPage) after = NULL;
  g_autoptr (VlPage) late = NULL;
  g_autoptr (GError) error = g_error_new_literal (VL_ERROR, VL_ERROR_UNAVAILABLE, "gone");

  run_init (&run);
  run_turns ();
  before = vl_live_table_peek_page (run.live, NULL);
  g_assert_nonnull (before);
  assert_origin (before, TRUE, TRUE);
  vl_live_stream_report_live_at (run.stream, "1");
  after = vl_live_table_peek_page (run.live, NULL);
  g_assert_nonnull (after);
  assert_origin (after, TRUE, FALSE);

  run_again (&run);
  run_turns ();
  vl_live_stream_report_end (run.stream, error);
  late = vl_live_table_peek_page (run.live, NULL);
  g_assert_null (late);
}

/* A stream that cannot be reached */

static void
test_offline (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (Ask) waiting = NULL;
  g_autoptr (GError) error = g_error_new_literal (VL_ERROR, VL_ERROR_UNAVAILABLE, "gone");
  g_autoptr (VlFaultTable) network = NULL;
  g_autoptr (VlLiveTable) live = NULL;

  run_init (&run);
  network = vl_fault_table_new (VL_TABLE (run.master));
  g_clear_object (&run.live);
  run_turns ();
  run.live = vl_live_table_new (VL_TABLE (network), "products", run.cache);
  /* For describe, and for list. */
  vl_fault_table_push_error (network, error);
  vl_fault_table_push_error (network, error);
  waiting = ask_list (run.live, NULL);
  run_turns ();
  g_assert_false (waiting->is_done);

  vl_live_stream_report_end (run.stream, error);
  ask_wait (waiting);
  g_assert_no_error (waiting->error);
  assert_ids (waiting->page, "ab");
  assert_origin (waiting->page, TRUE, TRUE);

  /* Back, and nothing has happened meanwhile. */
  vl_live_stream_report_live_at (run.stream, "1");
  assert_list (&run, "ab", TRUE, FALSE);
  g_clear_object (&run.live);
  run_turns ();
}

static void
test_ended_before (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (VlLiveTable) second = NULL;
  g_autoptr (VlPage) page = NULL;

  /* Another live table, with copies of its own, comes when it is known. */
  run_init (&run);
  second = live_new (&run, "other");
  vl_live_stream_report_live_at (run.stream, "1");
  page = vl_table_list_sync (VL_TABLE (second), NULL, NULL, NULL);
  g_clear_object (&second);
  run_again (&run);
  vl_live_stream_report_end (run.stream, NULL);
  second = live_new (&run, "other");
  /* It would wait for ever. */
  vl_live_table_set_timeout (second, 0);
  g_clear_object (&page);
  page = vl_table_list_sync (VL_TABLE (second), NULL, NULL, NULL);
  assert_origin (page, FALSE, FALSE);
  g_clear_object (&second);
}

static void
test_silent (void)
{
  g_auto (Run) run = { 0 };

  run_init (&run);
  put (&run, "c", "Cherry");
  vl_live_table_set_timeout (run.live, 20);
  assert_list (&run, "abc", FALSE, FALSE);
  g_assert_cmpint (vl_live_stream_get_state (run.stream), ==, VL_LIVE_STREAM_STATE_CONNECTING);
}

static void
test_left (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (Ask) refresh = NULL;
  g_autoptr (VlPage) peeked = NULL;
  g_autoptr (Ask) waiting = NULL;

  run_init (&run);
  waiting = ask_list (run.live, NULL);
  run_turns ();
  g_assert_false (waiting->is_done);

  /* Who has asked while it was followed is not put off with a copy. */
  vl_live_table_set_follow_master (run.live, FALSE);
  ask_wait (waiting);
  assert_origin (waiting->page, FALSE, FALSE);

  /* Nobody has listened since, what was fetched meanwhile included. */
  refresh = ask_refresh (run.live, NULL);
  ask_wait (refresh);
  run_turns ();
  put (&run, "c", "Cherry");
  vl_live_table_set_follow_master (run.live, TRUE);
  run_turns ();
  peeked = vl_live_table_peek_page (run.live, NULL);
  g_assert_true (peeked == NULL || vl_page_get_is_stale (peeked));
  vl_live_stream_report_live_at (run.stream, "2");
  assert_list (&run, "abc", FALSE, FALSE);
}

static void
test_left_before (void)
{
  g_auto (Run) run = { 0 };

  /* Then the copies are all there is to know, as without a stream. */
  run_init (&run);
  vl_live_table_set_follow_master (run.live, FALSE);
  assert_list (&run, "ab", TRUE, FALSE);
}

static void
closed (GObject *table, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  vl_live_table_close_finish (VL_LIVE_TABLE (table), result, &error);
  g_assert_no_error (error);
}

/* What is pending then is answered, and with no less than it has asked for. */
static void
test_closed (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (Ask) waiting = NULL;

  run_init (&run);
  put (&run, "c", "Cherry");
  waiting = ask_list (run.live, NULL);
  run_turns ();
  g_assert_false (waiting->is_done);
  vl_live_table_close_async (run.live, NULL, closed, NULL);
  ask_wait (waiting);
  g_assert_no_error (waiting->error);
  assert_ids (waiting->page, "abc");
  assert_origin (waiting->page, FALSE, FALSE);
}

static void
test_cancelled (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (Ask) waiting = NULL;

  run_init (&run);
  waiting = ask_list (run.live, NULL);
  run_turns ();
  g_cancellable_cancel (waiting->cancellable);
  ask_wait (waiting);
  g_assert_error (waiting->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  vl_live_stream_report_live_at (run.stream, "1");
  assert_list (&run, "ab", TRUE, FALSE);
}

/* A cache that takes its time to say what was kept */

static void
test_slow_look (gconstpointer position)
{
  g_auto (Run) run = { 0 };
  g_autoptr (SlowCache) cache = slow_cache_new ();
  gboolean same = g_str_equal (position, "1");
  g_autoptr (Ask) before = NULL;
  g_autoptr (Ask) after = NULL;
  g_autoptr (VlPage) peeked = NULL;

  run_init_with_cache (&run, VL_CACHE (cache));
  run_end (&run);
  slow_cache_hold (cache, "p");
  run_begin_with (&run, TEST_TYPE_STREAM);
  before = ask_list (run.live, NULL);
  run_turns ();
  if (!same)
    put (&run, "c", "Cherry");
  vl_live_stream_report_live_at (run.stream, position);
  after = ask_list (run.live, NULL);
  peeked = vl_live_table_peek_page (run.live, NULL);
  g_assert_true (peeked == NULL || vl_page_get_is_stale (peeked));
  run_turns ();
  g_assert_false (before->is_done);
  g_assert_cmpuint (slow_cache_release (cache), ==, 1);
  ask_wait (before);
  ask_wait (after);
  assert_origin (before->page, same, FALSE);
  g_assert_false (vl_page_get_is_stale (after->page));
  assert_ids (after->page, same ? "ab" : "abc");
  run_turns ();
  g_assert_cmpuint (n_fetches (&run), ==, same ? 0 : 1);
  g_clear_object (&cache);
}

/* What is fetched while the meaning of the gap is open began before it. */
static void
test_slow_look_and_fetch (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (SlowCache) cache = slow_cache_new ();
  g_autoptr (Ask) refresh = NULL;
  g_autoptr (VlPage) peeked = NULL;

  run_init_with_cache (&run, VL_CACHE (cache));
  run_end (&run);
  slow_cache_hold (cache, "p");
  run_begin_with (&run, TEST_TYPE_STREAM);
  vl_live_stream_report_live_at (run.stream, "2");
  run_turns ();

  /* Stored as fresh, for all that the cache knows. */
  refresh = ask_refresh (run.live, NULL);
  ask_wait (refresh);
  run_turns ();
  put (&run, "c", "Cherry");
  peeked = vl_live_table_peek_page (run.live, NULL);
  g_assert_true (peeked == NULL || vl_page_get_is_stale (peeked));

  g_assert_cmpuint (slow_cache_release (cache), ==, 1);
  run_turns ();
  assert_list (&run, "abc", FALSE, FALSE);
  g_clear_object (&cache);
}

/* What was on its way from the master may be from before the gap. */
static void
test_slow_look_and_master (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (SlowCache) cache = slow_cache_new ();
  g_autoptr (VlFaultTable) network = NULL;
  g_autoptr (VlQuery) query = vl_query_new ();
  g_autoptr (VlQuery) backwards = vl_query_order_by (query, "id", TRUE);
  g_autoptr (Ask) ask = NULL;

  run_init_with_cache (&run, VL_CACHE (cache));
  network = vl_fault_table_new (VL_TABLE (run.master));
  vl_fault_table_set_latency (network, 5);
  g_clear_object (&run.live);
  run_turns ();
  slow_cache_hold (cache, "p");
  run.live = vl_live_table_new (VL_TABLE (network), "products", run.cache);
  run_turns ();
  ask = ask_list (run.live, backwards);
  while (n_fetches (&run) == 0)
    g_main_context_iteration (NULL, TRUE);
  vl_live_stream_report_live_at (run.stream, "2");
  ask_wait (ask);
  assert_ids (ask->page, "ba");
  assert_origin (ask->page, FALSE, TRUE);
  g_assert_cmpuint (slow_cache_release (cache), ==, 1);
  g_clear_object (&run.live);
  run_turns ();
  g_clear_object (&cache);
}

/* A list of two pages, one from before the gap and one from after it. */
static void
test_slow_look_and_window (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (SlowCache) cache = slow_cache_new ();
  g_autoptr (VlQuery) query = vl_query_new ();
  g_autoptr (VlQuery) backwards = vl_query_order_by (query, "id", TRUE);
  g_autoptr (Ask) ask = NULL;

  run_init_with_cache (&run, VL_CACHE (cache));
  run_end (&run);
  slow_cache_hold (cache, "p");
  run_begin_with (&run, TEST_TYPE_STREAM);
  vl_live_stream_report_end (run.stream, NULL);
  vl_live_table_set_page_size (run.live, 1);
  slow_cache_hold (cache, "pl");
  ask = ask_list (run.live, backwards);
  run_turns ();
  slow_cache_release_last (cache);
  run_turns ();
  g_assert_cmpuint (n_fetches (&run), ==, 1);
  g_assert_cmpuint (slow_cache_get_n_held (cache), ==, 2);

  /* The first page is there. */
  put (&run, "c", "Cherry");
  vl_live_stream_report_live_at (run.stream, "2");
  run_turns ();
  slow_cache_hold (cache, "p");
  slow_cache_release_last (cache);
  ask_wait (ask);
  assert_ids (ask->page, "cba");
  assert_origin (ask->page, FALSE, FALSE);
  slow_cache_release (cache);
  run_turns ();
  g_clear_object (&cache);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func (POSITION "is-waited-for", test_waits);
  g_test_add_func (POSITION "is-waited-for-a-moment-by-all", test_imminent);
  g_test_add_func (POSITION "is-waited-for-and-another", test_waits_for_nothing_good);
  g_test_add_func (POSITION "is-not-waited-for-with-a-stale-copy", test_revalidates);
  g_test_add_func (POSITION "is-not-waited-for-by-cache-only", test_cache_only);
  g_test_add_func (POSITION "is-not-waited-for-by-master-only", test_master_only);
  g_test_add_func (POSITION "is-not-asked-about-own-copies", test_own);
  g_test_add_func (POSITION "peek-before-it-is-flagged", test_peek);
  g_test_add_func (POSITION "offline-shows-copies-flagged", test_offline);
  g_test_add_func (POSITION "not-to-be-expected", test_ended_before);
  g_test_add_func (POSITION "never-comes", test_silent);
  g_test_add_func (POSITION "stream-is-taken-away", test_left);
  g_test_add_func (POSITION "stream-was-taken-away", test_left_before);
  g_test_add_func (POSITION "table-is-closed-while-a-read-waits", test_closed);
  g_test_add_func (POSITION "wait-is-cancelled", test_cancelled);
  g_test_add_data_func (POSITION "kept-is-slow-to-come/the-same", "1", test_slow_look);
  g_test_add_data_func (POSITION "kept-is-slow-to-come/another", "2", test_slow_look);
  g_test_add_func (POSITION "kept-is-slow-to-come/and-a-fetch", test_slow_look_and_fetch);
  g_test_add_func (POSITION "kept-is-slow-to-come/and-the-master", test_slow_look_and_master);
  g_test_add_func (POSITION "kept-is-slow-to-come/and-a-window", test_slow_look_and_window);

  return g_test_run ();
}
