/* test-live-position.c: copies of an earlier run, and what the stream says
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "live-ask.h"
#include "live-fixture.h"
#include "probe-table.h"
#include "slow-cache.h"

#define POSITION "/live-table/position/"

/* A stream with a source that the test speaks for. */
#define TEST_TYPE_STREAM (test_stream_get_type ())
G_DECLARE_FINAL_TYPE (TestStream, test_stream, TEST, STREAM, VlLiveStream)

struct _TestStream
{
  VlLiveStream parent_instance;

  guint n_starts;
};

G_DEFINE_FINAL_TYPE (TestStream, test_stream, VL_TYPE_LIVE_STREAM)

static void
test_stream_start (VlLiveStream *stream)
{
  TEST_STREAM (stream)->n_starts++;
}

static void
test_stream_class_init (TestStreamClass *klass)
{
  VL_LIVE_STREAM_CLASS (klass)->start = test_stream_start;
}

static void
test_stream_init (TestStream *self)
{
}

/* One whose positions are another source's. */
#define OTHER_TYPE_STREAM (other_stream_get_type ())
G_DECLARE_FINAL_TYPE (OtherStream, other_stream, OTHER, STREAM, VlLiveStream)

struct _OtherStream
{
  VlLiveStream parent_instance;
};

G_DEFINE_FINAL_TYPE (OtherStream, other_stream, VL_TYPE_LIVE_STREAM)

static void
other_stream_start (VlLiveStream *stream)
{
}

static void
other_stream_class_init (OtherStreamClass *klass)
{
  VL_LIVE_STREAM_CLASS (klass)->start = other_stream_start;
}

static void
other_stream_init (OtherStream *self)
{
}

/* A run of the program: all but the rows and the cache is made anew. */
typedef struct
{
  VlMemoryTable *rows;
  VlCache *cache;

  VlLiveStream *stream;
  ProbeTable *master;
  VlLiveTable *live;
  Changes changes;
} Run;

static void
run_turns (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static VlLiveTable *
live_new (Run *run, const char *key)
{
  return vl_live_table_new (VL_TABLE (run->master), key, run->cache);
}

/* Nothing has come of it yet. */
static void
run_begin_early (Run *run, GType stream_type)
{
  run->stream = g_object_new (stream_type, NULL);
  run->master = probe_table_new (VL_TABLE (run->rows));
  run->master->identity = g_strdup ("shop");
  run->master->stream = g_object_ref (run->stream);
  run->live = live_new (run, "products");
  run->changes = (Changes){ 0 };
  watch_changes (run->live, &run->changes);
}

static void
run_begin_with (Run *run, GType stream_type)
{
  run_begin_early (run, stream_type);
  run_turns ();
}

static void
run_end (Run *run)
{
  g_clear_object (&run->live);
  run_turns ();
  g_assert_finalize_object (run->master);
  run->master = NULL;
  g_assert_finalize_object (run->stream);
  run->stream = NULL;
}

static void
run_again (Run *run)
{
  run_end (run);
  run_begin_with (run, TEST_TYPE_STREAM);
}

/* The second run, over a cache that the first one has left, which was at
 * position 1. */
static void
run_init_with_cache (Run *run, VlCache *cache)
{
  g_autoptr (VlSchema) schema = live_fixture_schema ();
  LiveFixture part = { 0 };
  g_autoptr (VlPage) page = NULL;

  run->rows = part.memory = vl_memory_table_new (schema);
  live_fixture_put (&part, "a", "Apple", 1.5);
  live_fixture_put (&part, "b", "Banana", 0.5);
  run->cache = g_object_ref (cache);
  run_begin_with (run, TEST_TYPE_STREAM);
  vl_live_stream_report_live_at (run->stream, "1");
  page = live_fixture_list (&(LiveFixture){ .live = run->live }, NULL);
  run_turns ();
  run_again (run);
}

static void
run_init (Run *run)
{
  g_autoptr (VlCache) cache = VL_CACHE (vl_memory_cache_new (0));

  run_init_with_cache (run, cache);
}

static void
run_clear (Run *run)
{
  run_end (run);
  g_assert_finalize_object (run->rows);
  g_assert_finalize_object (run->cache);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static guint64
n_fetches (Run *run)
{
  return vl_live_stats_get_fetches (vl_live_table_get_stats (run->live));
}

/* Puts a row into the master while nobody listens. */
static void
put (Run *run, const char *id, const char *name)
{
  live_fixture_put (&(LiveFixture){ .memory = run->rows }, id, name, 1.0);
}

static VlPage *
list (Run *run)
{
  return live_fixture_list (&(LiveFixture){ .live = run->live }, NULL);
}

#define assert_list(run, ids, cached, stale)  \
 G_STMT_START                                 \
 {                                            \
  g_autoptr (VlPage) listed_ = list (run);    \
  assert_ids (listed_, ids);                  \
  assert_origin (listed_, (cached), (stale)); \
 }                                            \
 G_STMT_END

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

  /* Then the copies are all there is to know, as without a stream. */
  vl_live_table_set_follow_master (run.live, FALSE);
  ask_wait (waiting);
  assert_origin (waiting->page, TRUE, FALSE);

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
  g_test_add_func (POSITION "wait-is-cancelled", test_cancelled);
  g_test_add_func (POSITION "moves-with-own-writes", test_moves);
  g_test_add_func (POSITION "moves-before-the-write-is-answered", test_moves_early);
  g_test_add_func (POSITION "moves-with-the-write-of-another", test_write_of_another);
  g_test_add_func (POSITION "comes-with-events", test_events_with_position);
  g_test_add_func (POSITION "after-a-reconnect", test_reconnect);
  g_test_add_func (POSITION "of-a-second-stream-does-not-count", test_second_stream);
  g_test_add_data_func (POSITION "kept-is-slow-to-come/the-same", "1", test_slow_look);
  g_test_add_data_func (POSITION "kept-is-slow-to-come/another", "2", test_slow_look);
  g_test_add_func (POSITION "kept-is-slow-to-come/and-a-fetch", test_slow_look_and_fetch);
  g_test_add_func (POSITION "kept-is-slow-to-come/and-the-master", test_slow_look_and_master);

  return g_test_run ();
}
