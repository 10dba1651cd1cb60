/* test-live-flight.c: readers who share one fetch, and those who leave it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fake-clock.h"
#include "live-ask.h"
#include "scripted-table.h"
#include "shaped-fixture.h"
#include "slow-cache.h"

/* A described live table over a master that takes 100 ms. */
static LiveFixture
fixture_new (ShapedTable **shaped, VlCache *cache)
{
  LiveFixture f = shaped_fixture_new (shaped, NULL, NULL, cache);
  g_autoptr (VlSchema) schema = vl_table_describe_sync (VL_TABLE (f.live), NULL, NULL);

  g_assert_nonnull (schema);
  settle ();
  vl_fault_table_set_latency (f.master, 100);

  return f;
}

static void
cancel (Ask *ask)
{
  g_cancellable_cancel (ask->cancellable);
  settle ();
  g_assert_true (ask->is_done);
  g_assert_error (ask->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (ask->page);
}

static void
test_joined (void)
{
  ShapedTable *shaped;
  g_auto (LiveFixture) f = fixture_new (&shaped, NULL);
  VlLiveStats *stats = vl_live_table_get_stats (f.live);
  g_autoptr (GPtrArray) asks = g_ptr_array_new_with_free_func ((GDestroyNotify) ask_free);

  for (guint i = 0; i < 10; i++)
    {
      g_ptr_array_add (asks, ask_list (f.live, NULL));
      fake_clock_advance (5);
    }
  fake_clock_advance (50);
  for (guint i = 0; i < asks->len; i++)
    {
      Ask *ask = g_ptr_array_index (asks, i);

      g_assert_true (ask->is_done);
      assert_ids (ask->page, "abc");
      assert_origin (ask->page, FALSE, FALSE);
    }
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 1);
  g_assert_cmpuint (vl_live_stats_get_misses (stats), ==, 1);
  g_assert_cmpuint (vl_live_stats_get_joins (stats), ==, 9);
  g_assert_cmpuint (vl_live_stats_get_fetches (stats), ==, 1);
}

/* Windows that lie on the same pages share those. */
static void
test_windows_join (void)
{
  ShapedTable *shaped;
  g_auto (LiveFixture) f = fixture_new (&shaped, NULL);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) front = vl_query_window (all, 0, 2);
  g_autoptr (VlQuery) back = vl_query_window (all, 1, 2);
  g_autoptr (Ask) first = ask_list (f.live, front);
  g_autoptr (Ask) second = ask_list (f.live, back);

  fake_clock_advance (100);
  assert_ids (first->page, "ab");
  assert_ids (second->page, "bc");
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 1);
}

/* Whoever leaves, in whatever order, the others are served. */
static void
test_one_cancels (void)
{
  for (guint leaver = 0; leaver < 3; leaver++)
    {
      ShapedTable *shaped;
      g_auto (LiveFixture) f = fixture_new (&shaped, NULL);
      g_autoptr (Ask) a = ask_list (f.live, NULL);
      g_autoptr (Ask) b = ask_list (f.live, NULL);
      g_autoptr (Ask) c = ask_list (f.live, NULL);
      Ask *asks[] = { a, b, c };

      fake_clock_advance (50);
      cancel (asks[leaver]);
      fake_clock_advance (50);
      for (guint i = 0; i < G_N_ELEMENTS (asks); i++)
        {
          if (i != leaver)
            assert_ids (asks[i]->page, "abc");
        }
      g_assert_cmpuint (shaped_table_get_n_cancelled (shaped), ==, 0);
      g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 1);
    }
}

static void
test_last_cancels (void)
{
  ShapedTable *shaped;
  g_auto (LiveFixture) f = fixture_new (&shaped, NULL);
  g_autoptr (Ask) a = ask_list (f.live, NULL);
  g_autoptr (Ask) b = ask_list (f.live, NULL);
  g_autoptr (Ask) late = NULL;

  fake_clock_advance (20);
  cancel (a);
  cancel (b);

  /* It never reached the master: half of the time is the way there. */
  fake_clock_advance (1000);
  g_assert_cmpstr (shaped_table_get_lists (shaped), ==, "");

  late = ask_list (f.live, NULL);
  fake_clock_advance (100);
  assert_ids (late->page, "abc");
  assert_origin (late->page, FALSE, FALSE);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);
}

/* The reply that the master holds is told. */
static void
test_cancel_reaches_master (void)
{
  g_autoptr (VlSchema) schema = live_fixture_schema ();
  g_autoptr (VlMemoryTable) memory = vl_memory_table_new (schema);
  g_autoptr (VlFaultTable) network = vl_fault_table_new (VL_TABLE (memory));
  g_autoptr (ShapedTable) shaped = shaped_table_new (VL_TABLE (network));
  g_autoptr (VlLiveTable) live = vl_live_table_new (VL_TABLE (shaped), "products", NULL);
  g_autoptr (VlSchema) described = vl_table_describe_sync (VL_TABLE (live), NULL, NULL);
  g_autoptr (Ask) a = NULL;
  g_autoptr (Ask) b = NULL;

  g_assert_nonnull (described);
  vl_fault_table_set_never_answer (network, TRUE);
  a = ask_find (live, "a");
  b = ask_find (live, "a");
  settle ();
  cancel (a);
  g_assert_cmpuint (shaped_table_get_n_cancelled (shaped), ==, 0);
  cancel (b);
  g_assert_cmpuint (shaped_table_get_n_cancelled (shaped), ==, 1);
}

/* A cancelled fetch is dead: who asks later begins anew. One who asks in the
 * turn of the cancelling has a fetch in any case, be it that one. */
static void
test_dead_for_later (void)
{
  ShapedTable *shaped;
  g_auto (LiveFixture) f = fixture_new (&shaped, NULL);
  g_autoptr (Ask) a = ask_list (f.live, NULL);
  g_autoptr (Ask) b = NULL;
  g_autoptr (Ask) c = NULL;
  g_autoptr (Ask) d = NULL;

  fake_clock_advance (50);
  cancel (a);
  b = ask_list (f.live, NULL);
  fake_clock_advance (99);
  g_assert_false (b->is_done);
  fake_clock_advance (1);
  assert_ids (b->page, "abc");
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);

  vl_live_table_invalidate (f.live);
  c = ask_list (f.live, NULL);
  fake_clock_advance (50);
  g_cancellable_cancel (c->cancellable);
  d = ask_list (f.live, NULL);
  fake_clock_advance (100);
  g_assert_error (c->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_ids (d->page, "abc");
}

/* Who reads while the master is told that nobody waits any more. */
typedef struct
{
  VlLiveTable *live;
  Ask *again;
} Returning;

static void
read_again (GCancellable *cancellable, Returning *returning)
{
  returning->again = ask_list (returning->live, NULL);
}

static gboolean
keep_and_return (ScriptedTable *self,
                 ScriptedOp op,
                 gpointer argument,
                 VlReply *reply,
                 GError **error)
{
  self->acts[OP_LIST] = NULL;
  g_cancellable_connect (vl_reply_get_cancellable (reply), G_CALLBACK (read_again), self->data,
                         NULL);

  return scripted_keep (self, op, argument, reply, error);
}

/* It is dead for that one, too. */
static void
test_dead_while_it_is_cancelled (void)
{
  g_autoptr (ScriptedTable) master = scripted_table_new (VL_CAPABILITY_WINDOW);
  g_autoptr (VlLiveTable) live = vl_live_table_new (VL_TABLE (master), "things", NULL);
  Returning returning = { live, NULL };
  g_autoptr (Ask) first = NULL;
  g_autoptr (Ask) again = NULL;

  scripted_table_add (master, "a", "Apple");
  master->acts[OP_LIST] = keep_and_return;
  master->data = &returning;
  first = ask_list (live, NULL);
  settle ();
  g_assert_cmpuint (master->kept->len, ==, 1);
  cancel (first);
  again = g_steal_pointer (&returning.again);
  g_assert_nonnull (again);
  settle ();
  g_assert_true (again->is_done);
  g_assert_no_error (again->error);
  assert_ids (again->page, "a");
  g_ptr_array_set_size (master->kept, 0);
  settle ();
}

/* Cancelled at each stage of a read: while the schema, the cache or the master
 * is waited for. */
static void
test_cancelled_anywhere (void)
{
  for (guint stage = 0; stage < 4; stage++)
    {
      g_autoptr (SlowCache) cache = slow_cache_new ();
      g_auto (LiveFixture) f = live_fixture_new (VL_CACHE (cache));
      g_autoptr (Ask) ask = NULL;
      g_autoptr (Ask) late = NULL;

      settle ();
      vl_fault_table_set_latency (f.master, 100);
      if (stage == 1)
        slow_cache_hold (cache, "l");
      ask = ask_list (f.live, NULL);
      if (stage >= 1)
        fake_clock_advance (100); /* describe */
      if (stage == 3)
        fake_clock_advance (60);
      cancel (ask);
      slow_cache_hold (cache, "");
      slow_cache_release (cache);
      fake_clock_advance (1000);

      late = ask_list (f.live, NULL);
      fake_clock_advance (1000);
      g_assert_no_error (late->error);
      assert_ids (late->page, "abc");
    }
}

static void
test_cancelled_before (void)
{
  ShapedTable *shaped;
  g_auto (LiveFixture) f = fixture_new (&shaped, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (vl_table_list_sync (VL_TABLE (f.live), NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 0);
}

/* A refresh behind the readers belongs to none of them. */
static void
test_background_goes_on (void)
{
  ShapedTable *shaped;
  g_auto (LiveFixture) f = fixture_new (&shaped, NULL);
  g_autoptr (Ask) first = ask_list (f.live, NULL);
  g_autoptr (Ask) stale = NULL;
  g_autoptr (Ask) from_master = NULL;
  g_autoptr (VlPage) fresh = NULL;

  g_assert_nonnull (first);
  fake_clock_advance (100);
  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_STALE_WHILE_REVALIDATE);
  vl_live_table_invalidate (f.live);
  stale = ask_list (f.live, NULL);
  settle ();
  assert_origin (stale->page, TRUE, TRUE);

  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_MASTER_FIRST);
  from_master = ask_list (f.live, NULL);
  fake_clock_advance (50);
  cancel (from_master);
  fake_clock_advance (50);
  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_CACHE_FIRST);
  fresh = vl_live_table_peek_page (f.live, NULL);
  g_assert_nonnull (fresh);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);
}

/* The fetch is over, but the cache has not been told: readers are served from
 * the fetch. Those who want the master get the master. */
static void
test_while_storing (void)
{
  ShapedTable *shaped;
  g_autoptr (SlowCache) cache = slow_cache_new ();
  g_auto (LiveFixture) f = fixture_new (&shaped, VL_CACHE (cache));
  g_autoptr (Ask) first = NULL;
  g_autoptr (Ask) second = NULL;
  g_autoptr (Ask) refresh = NULL;
  g_autoptr (Ask) from_master = NULL;
  g_autoptr (Ask) last = NULL;

  slow_cache_hold (cache, "s");
  first = ask_list (f.live, NULL);
  fake_clock_advance (100);
  g_assert_cmpuint (slow_cache_get_n_held (cache), ==, 1);
  second = ask_list (f.live, NULL);
  settle ();
  g_assert_true (second->is_done);
  assert_origin (second->page, TRUE, FALSE);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 1);

  live_fixture_put (&f, "a", "Apricot", 9.0);
  refresh = ask_refresh (f.live, NULL);
  fake_clock_advance (100);
  g_assert_true (refresh->is_done);
  assert_first_name (refresh->page, "Apricot");

  live_fixture_put (&f, "a", "Avocado", 9.0);
  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_MASTER_ONLY);
  from_master = ask_list (f.live, NULL);
  fake_clock_advance (100);
  assert_first_name (from_master->page, "Avocado");

  slow_cache_hold (cache, "");
  slow_cache_release (cache);
  settle ();
  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_CACHE_FIRST);
  last = ask_list (f.live, NULL);
  settle ();
  assert_first_name (last->page, "Avocado");
  assert_origin (last->page, TRUE, FALSE);
}

/* The master answers everybody with its one error. */
static void
test_error_for_all (void)
{
  ShapedTable *shaped;
  g_auto (LiveFixture) f = fixture_new (&shaped, NULL);
  g_autoptr (GError) pushed = g_error_new (VL_ERROR, VL_ERROR_REJECTED, "Not today");
  g_autoptr (Ask) a = NULL;
  g_autoptr (Ask) b = NULL;
  g_autoptr (Ask) later = NULL;

  vl_fault_table_push_error (f.master, pushed);
  a = ask_list (f.live, NULL);
  b = ask_list (f.live, NULL);
  fake_clock_advance (100);
  g_assert_error (a->error, VL_ERROR, VL_ERROR_REJECTED);
  g_assert_error (b->error, VL_ERROR, VL_ERROR_REJECTED);

  /* An error is not cached. */
  later = ask_list (f.live, NULL);
  fake_clock_advance (100);
  assert_ids (later->page, "abc");
}

/* A master that never answers: its readers time out, and the next one is not
 * held up by them. */
static void
test_never_answers (void)
{
  ShapedTable *shaped;
  g_auto (LiveFixture) f = fixture_new (&shaped, NULL);
  g_autoptr (Ask) a = NULL;
  g_autoptr (Ask) b = NULL;

  vl_live_table_set_timeout (f.live, 5000);
  vl_fault_table_set_never_answer (f.master, TRUE);
  a = ask_list (f.live, NULL);
  fake_clock_advance (4999);
  g_assert_false (a->is_done);
  fake_clock_advance (1);
  g_assert_error (a->error, VL_ERROR, VL_ERROR_TIMED_OUT);

  vl_fault_table_set_never_answer (f.master, FALSE);
  b = ask_list (f.live, NULL);
  fake_clock_advance (100);
  assert_ids (b->page, "abc");
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  fake_clock_advance (1000);

  g_test_add_func ("/live-table/flight/readers-share-one-fetch", test_joined);
  g_test_add_func ("/live-table/flight/windows-share-pages", test_windows_join);
  g_test_add_func ("/live-table/flight/one-cancels-and-harms-nobody", test_one_cancels);
  g_test_add_func ("/live-table/flight/last-cancel-cancels-the-fetch", test_last_cancels);
  g_test_add_func ("/live-table/flight/cancel-reaches-the-master", test_cancel_reaches_master);
  g_test_add_func ("/live-table/flight/cancelled-is-dead-for-later-readers", test_dead_for_later);
  g_test_add_func ("/live-table/flight/cancelled-is-dead-while-it-is-cancelled",
                   test_dead_while_it_is_cancelled);
  g_test_add_func ("/live-table/flight/cancelled-at-any-stage", test_cancelled_anywhere);
  g_test_add_func ("/live-table/flight/cancelled-beforehand", test_cancelled_before);
  g_test_add_func ("/live-table/flight/revalidation-goes-on", test_background_goes_on);
  g_test_add_func ("/live-table/flight/while-the-cache-is-told", test_while_storing);
  g_test_add_func ("/live-table/flight/one-error-for-all", test_error_for_all);
  g_test_add_func ("/live-table/flight/never-answered-wedges-nothing", test_never_answers);
  status = g_test_run ();

  fake_clock_end ();

  return status;
}
