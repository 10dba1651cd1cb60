/* test-live-position.c: copies of an earlier run, and what the stream says
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "position-fixture.h"

#define POSITION "/live-table/position/"

/* At the start */

static void
test_same (void)
{
  g_auto (Run) run = { 0 };

  run_init (&run);
  vl_live_stream_report_live_at (run.stream, "1");
  assert_list (&run, "ab", TRUE, FALSE);
  run_turns ();
  g_assert_cmpuint (n_fetches (&run), ==, 0);
  g_assert_cmpuint (run.changes.n_emitted, ==, 0);
}

/* The stream is quicker than the cache is asked. */
static void
test_early (gconstpointer position)
{
  g_auto (Run) run = { 0 };
  gboolean same = g_str_equal (position, "1");

  run_init (&run);
  run_end (&run);
  run_begin_early (&run, TEST_TYPE_STREAM);
  vl_live_stream_report_live_at (run.stream, position);
  assert_list (&run, "ab", same, FALSE);
  run_turns ();
  g_assert_cmpuint (run.changes.n_emitted, ==, same ? 0 : 1);
}

static void
test_other (void)
{
  g_auto (Run) run = { 0 };

  run_init (&run);
  put (&run, "c", "Cherry");
  vl_live_stream_report_live_at (run.stream, "2");
  assert_list (&run, "abc", FALSE, FALSE);
  run_turns ();
  g_assert_cmpuint (run.changes.n_emitted, ==, 1);

  /* It is kept, for the next. */
  run_again (&run);
  vl_live_stream_report_live_at (run.stream, "2");
  assert_list (&run, "abc", TRUE, FALSE);
}

static void
test_none (void)
{
  g_auto (Run) run = { 0 };

  run_init (&run);
  put (&run, "c", "Cherry");
  vl_live_stream_report_live (run.stream);
  assert_list (&run, "abc", FALSE, FALSE);

  /* Where that was nobody knows. */
  run_again (&run);
  vl_live_stream_report_live_at (run.stream, "1");
  assert_list (&run, "abc", FALSE, FALSE);
}

/* Positions of two kinds are not compared. */
static void
test_other_source (void)
{
  g_auto (Run) run = { 0 };

  run_init (&run);
  run_end (&run);
  put (&run, "c", "Cherry");
  run_begin_with (&run, OTHER_TYPE_STREAM);
  vl_live_stream_report_live_at (run.stream, "1");
  assert_list (&run, "abc", FALSE, FALSE);
}

/* What came last before the end of the run. */
static void
test_invalidated_since (void)
{
  g_auto (Run) run = { 0 };

  run_init (&run);
  vl_live_stream_report_live_at (run.stream, "1");
  assert_list (&run, "ab", TRUE, FALSE);
  vl_live_table_invalidate (run.live);
  run_turns ();
  run_again (&run);
  vl_live_stream_report_live_at (run.stream, "1");
  assert_list (&run, "ab", FALSE, FALSE);
}

/* Later on */

/* Our own write moves the source, and is no news. */
static void
test_moves (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (VlRecord) record = live_fixture_record ("c", "Cherry", 4.0);
  g_autoptr (VlRecord) stored = NULL;

  run_init (&run);
  vl_live_stream_report_live_at (run.stream, "1");
  stored = vl_table_insert_sync (VL_TABLE (run.live), record, NULL, NULL);
  g_assert_nonnull (stored);
  assert_list (&run, "abc", FALSE, FALSE);
  run_turns ();
  run.changes.n_emitted = 0;
  vl_live_stream_report_position (run.stream, "2");
  assert_list (&run, "abc", TRUE, FALSE);
  run_turns ();
  g_assert_cmpuint (run.changes.n_emitted, ==, 0);

  run_again (&run);
  vl_live_stream_report_live_at (run.stream, "2");
  assert_list (&run, "abc", TRUE, FALSE);

  /* That it was there before does not help. */
  run_again (&run);
  vl_live_stream_report_live_at (run.stream, "1");
  assert_list (&run, "abc", FALSE, FALSE);
}

/* The word comes before the write is answered: it is kept with what is fetched
 * after that. */
static void
test_moves_early (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (VlRecord) record = live_fixture_record ("c", "Cherry", 4.0);
  g_autoptr (VlChange) change = vl_change_new_insert (record);
  g_autoptr (VlWrite) write = NULL;

  run_init (&run);
  vl_live_stream_report_live_at (run.stream, "1");
  assert_list (&run, "ab", TRUE, FALSE);
  run.master->holds_writes = TRUE;
  write = vl_live_table_write (run.live, change);
  run_turns ();
  vl_live_stream_report_position (run.stream, "2");
  run_turns ();
  probe_table_answer (run.master);
  run_turns ();
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
  assert_list (&run, "abc", FALSE, FALSE);
  run_turns ();
  g_clear_object (&write);

  run_again (&run);
  vl_live_stream_report_live_at (run.stream, "2");
  assert_list (&run, "abc", TRUE, FALSE);
}

/* Another live table writes: until this one has heard of it, the position that
 * has come with it says too much. */
static void
test_write_of_another (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (VlRecord) record = live_fixture_record ("c", "Cherry", 4.0);
  g_autoptr (VlChange) change = vl_change_new_insert (record);
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlLiveTable) other = NULL;
  g_autoptr (VlCache) copy = VL_CACHE (vl_memory_cache_new (0));
  VlCache *left;

  run_init (&run);
  other = vl_live_table_new (VL_TABLE (run.master), "products", copy);
  vl_live_stream_report_live_at (run.stream, "1");
  assert_list (&run, "ab", TRUE, FALSE);
  run.master->holds_writes = TRUE;
  write = vl_live_table_write (other, change);
  run_turns ();
  /* It is in the master; the answer is on its way. */
  put (&run, "d", "Date");
  vl_live_stream_report_position (run.stream, "2");
  run_turns ();

  /* If the program ended now, which nobody hears of: */
  left = g_object_ref (run.cache);
  {
    g_autoptr (VlLiveStream) stream = g_object_new (TEST_TYPE_STREAM, NULL);
    g_autoptr (ProbeTable) master = probe_table_new (VL_TABLE (run.rows));
    g_autoptr (VlLiveTable) next = NULL;
    g_autoptr (VlPage) page = NULL;
    g_autoptr (GMainContext) elsewhere = NULL;

    g_clear_object (&run.live);
    run_turns ();
    master->identity = g_strdup ("shop");
    master->stream = g_object_ref (stream);
    next = vl_live_table_new (VL_TABLE (master), "products", left);
    vl_live_stream_report_live_at (stream, "2");
    page = vl_table_list_sync (VL_TABLE (next), NULL, NULL, NULL);
    assert_ids (page, "abd");
    assert_origin (page, FALSE, FALSE);
    g_clear_object (&next);
    run_turns ();
  }
  probe_table_answer_all (run.master);
  run_turns ();
  g_clear_object (&write);
  g_clear_object (&other);
  run_turns ();
  g_object_unref (left);
}

static void
test_events_with_position (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (VlLiveEvent) bare = vl_live_event_new_updated ("a", NULL);
  g_autoptr (VlLiveEvent) event = vl_live_event_with_position (bare, "7");
  g_autoptr (VlLiveEvent) change = vl_live_event_new_changed ();
  g_autoptr (VlLiveEvent) same = vl_live_event_with_position (change, "7");

  run_init (&run);
  vl_live_stream_report_live_at (run.stream, "1");
  assert_list (&run, "ab", TRUE, FALSE);
  vl_live_stream_push (run.stream, event);
  put (&run, "a", "Apricot");
  assert_list (&run, "ab", FALSE, FALSE);
  run_turns ();
  run_again (&run);
  vl_live_stream_report_live_at (run.stream, "7");
  assert_list (&run, "ab", TRUE, FALSE);

  /* Only a gap is compared: an event is news, whatever its position. */
  vl_live_stream_push (run.stream, same);
  assert_list (&run, "ab", FALSE, FALSE);
}

static void
test_reconnect (void)
{
  g_auto (Run) run = { 0 };

  run_init (&run);
  vl_live_stream_report_live_at (run.stream, "1");
  assert_list (&run, "ab", TRUE, FALSE);
  vl_live_stream_report_end (run.stream, NULL);
  vl_live_stream_report_live_at (run.stream, "1");
  assert_list (&run, "ab", TRUE, FALSE);
  run_turns ();
  g_assert_cmpuint (run.changes.n_emitted, ==, 0);

  vl_live_stream_report_end (run.stream, NULL);
  put (&run, "c", "Cherry");
  vl_live_stream_report_live_at (run.stream, "2");
  assert_list (&run, "abc", FALSE, FALSE);
  run_turns ();
  g_assert_cmpuint (run.changes.n_emitted, ==, 1);
  vl_live_stream_report_live (run.stream);
  assert_list (&run, "abc", FALSE, FALSE);
}

/* The positions of a second stream are no gauge for what the first one told. */
static void
test_second_stream (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (VlLiveStream) second = g_object_new (TEST_TYPE_STREAM, NULL);

  run_init (&run);
  vl_live_table_add_stream (run.live, second);
  vl_live_stream_report_live_at (run.stream, "1");
  assert_list (&run, "ab", TRUE, FALSE);
  vl_live_stream_report_live_at (second, "1");
  assert_list (&run, "ab", FALSE, FALSE);
  run_turns ();
  vl_live_stream_report_position (second, "2");
  run_turns ();
  vl_live_table_remove_stream (run.live, second);
  run_again (&run);
  vl_live_stream_report_live_at (run.stream, "2");
  assert_list (&run, "ab", FALSE, FALSE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func (POSITION "the-same-keeps-the-copies", test_same);
  g_test_add_func (POSITION "another-is-a-gap", test_other);
  g_test_add_data_func (POSITION "is-told-at-once/the-same", "1", test_early);
  g_test_add_data_func (POSITION "is-told-at-once/another", "2", test_early);
  g_test_add_func (POSITION "none-is-a-gap", test_none);
  g_test_add_func (POSITION "of-another-source-is-a-gap", test_other_source);
  g_test_add_func (POSITION "invalidated-with-the-rest", test_invalidated_since);
  g_test_add_func (POSITION "moves-with-own-writes", test_moves);
  g_test_add_func (POSITION "moves-before-the-write-is-answered", test_moves_early);
  g_test_add_func (POSITION "moves-with-the-write-of-another", test_write_of_another);
  g_test_add_func (POSITION "comes-with-events", test_events_with_position);
  g_test_add_func (POSITION "after-a-reconnect", test_reconnect);
  g_test_add_func (POSITION "of-a-second-stream-does-not-count", test_second_stream);

  return g_test_run ();
}
