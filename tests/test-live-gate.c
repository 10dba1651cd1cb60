/* test-live-gate.c: caches that are slow, or fail, or hang
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fake-clock.h"
#include "live-ask.h"
#include "live-fixture.h"
#include "slow-cache.h"

/* The library says it once that it does without its cache. */
static void
expect_warning (void)
{
  g_test_expect_message ("vantage-live", G_LOG_LEVEL_WARNING, "*could not be invalidated*");
}

/* A live table that has listed everything and found “a” once. */
static LiveFixture
fixture_new (SlowCache **cache)
{
  LiveFixture f;

  *cache = slow_cache_new ();
  f = live_fixture_new (VL_CACHE (*cache));
  {
    g_autoptr (VlPage) page = live_fixture_list (&f, NULL);
    g_autoptr (VlRecord) record = vl_table_find_sync (VL_TABLE (f.live), "a", NULL, NULL);

    assert_ids (page, "abc");
    g_assert_nonnull (record);
  }
  settle ();
  slow_cache_forget_log (*cache);
  g_object_unref (*cache); /* the fixture has it */

  return f;
}

/* Changes the master, and says so. */
static void
change (LiveFixture *f, const char *name)
{
  live_fixture_put (f, "a", name, 9.0);
  vl_live_table_invalidate (f->live);
}

#define assert_log(cache, expected) g_assert_cmpstr (slow_cache_get_log (cache), ==, (expected))

static void
test_lookups_wait (void)
{
  SlowCache *cache;
  g_auto (LiveFixture) f = fixture_new (&cache);
  g_autoptr (Ask) list = NULL;
  g_autoptr (Ask) found = NULL;

  slow_cache_hold (cache, "i");
  change (&f, "Apricot");
  list = ask_list (f.live, NULL);
  found = ask_find (f.live, "a");
  settle ();
  assert_log (cache, "i");
  g_assert_false (list->is_done);
  g_assert_null (vl_live_table_peek_page (f.live, NULL));
  g_assert_null (vl_live_table_peek_record (f.live, "a"));

  slow_cache_release (cache);
  settle ();
  assert_log (cache, "ilsls");
  assert_first_name (list->page, "Apricot");
  assert_origin (list->page, FALSE, FALSE);
  g_assert_cmpstr (vl_record_get_string (found->record, "name"), ==, "Apricot");
}

static void
test_stores_wait (void)
{
  SlowCache *cache;
  g_auto (LiveFixture) f = fixture_new (&cache);
  g_autoptr (Ask) early = NULL;
  g_autoptr (VlPage) page = NULL;

  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_MASTER_FIRST);
  vl_fault_table_set_latency (f.master, 100);
  early = ask_list (f.live, NULL);
  fake_clock_advance (60);
  slow_cache_hold (cache, "i");
  change (&f, "Apricot");
  fake_clock_advance (40);

  /* Its reader does not wait for the cache. */
  assert_first_name (early->page, "Apple");
  assert_origin (early->page, FALSE, TRUE);
  assert_log (cache, "li");

  slow_cache_release (cache);
  settle ();
  assert_log (cache, "lis");
  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_CACHE_ONLY);
  page = live_fixture_list (&f, NULL);
  assert_origin (page, TRUE, TRUE);
}

/* Who comes before the second one is wanted is let in between the two; who comes
 * after that would be overtaken at once. */
static void
test_between_two (void)
{
  SlowCache *cache;
  g_auto (LiveFixture) f = fixture_new (&cache);
  g_autoptr (Ask) early = NULL;
  g_autoptr (Ask) late = NULL;

  slow_cache_hold (cache, "i");
  change (&f, "Apricot");
  early = ask_find (f.live, "a");
  settle ();
  change (&f, "Avocado");
  late = ask_list (f.live, NULL);
  settle ();
  slow_cache_release (cache);
  settle ();
  g_assert_true (early->is_done);
  g_assert_false (late->is_done);
  assert_log (cache, "ilsi");

  slow_cache_release (cache);
  settle ();
  assert_log (cache, "ilsils");
  assert_first_name (late->page, "Avocado");
  assert_origin (late->page, FALSE, FALSE);
}

/* Whose look into the cache is overtaken begins again, once: the second time the
 * master is asked, however often the root is invalidated. */
static void
test_begins_again_once (void)
{
  SlowCache *cache;
  g_auto (LiveFixture) f = fixture_new (&cache);
  guint64 n_reads = vl_fault_table_get_n_reads (f.master);
  g_autoptr (Ask) list = NULL;

  slow_cache_set_blind (cache);
  slow_cache_hold (cache, "l");
  list = ask_list (f.live, NULL);
  settle ();
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpuint (slow_cache_get_n_held (cache), ==, 1);
      g_assert_false (list->is_done);
      change (&f, "Apricot");
      settle ();
      slow_cache_release (cache);
      settle ();
    }
  g_assert_true (list->is_done);
  assert_first_name (list->page, "Apricot");
  assert_origin (list->page, FALSE, FALSE);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, n_reads + 1);
  assert_log (cache, "lili");
}

/* One is under way at a time, and one more stands for all that come. */
static void
test_invalidations_are_merged (void)
{
  SlowCache *cache;
  g_auto (LiveFixture) f = fixture_new (&cache);
  g_autoptr (VlPage) page = NULL;

  slow_cache_hold (cache, "i");
  for (guint i = 0; i < 5; i++)
    {
      change (&f, "Apricot");
      settle ();
    }
  assert_log (cache, "i");
  slow_cache_release (cache);
  settle ();
  assert_log (cache, "ii");
  slow_cache_hold (cache, "");
  slow_cache_release (cache);
  settle ();
  assert_log (cache, "ii");
  page = live_fixture_list (&f, NULL);
  assert_first_name (page, "Apricot");
}

/* What the cache holds as fresh is not: it is not asked. */
static void
test_failed_invalidation (void)
{
  SlowCache *cache;
  g_auto (LiveFixture) f = fixture_new (&cache);
  VlLiveStats *stats = vl_live_table_get_stats (f.live);
  g_autoptr (VlPage) held = NULL;
  g_autoptr (VlPage) hit = NULL;
  guint64 n_hits = vl_live_stats_get_hits (stats);

  slow_cache_fail (cache, "i", 1);
  expect_warning ();
  change (&f, "Apricot");
  settle ();
  g_test_assert_expected_messages ();
  held = vl_cache_peek (slow_cache_get_memory (cache), "products", "q/*/100/0");
  assert_first_name (held, "Apple");
  assert_origin (held, TRUE, FALSE);

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (VlPage) page = live_fixture_list (&f, NULL);
      g_autoptr (VlRecord) record = vl_table_find_sync (VL_TABLE (f.live), "a", NULL, NULL);

      assert_first_name (page, "Apricot");
      assert_origin (page, FALSE, FALSE);
      g_assert_cmpstr (vl_record_get_string (record, "name"), ==, "Apricot");
      g_assert_null (vl_live_table_peek_page (f.live, NULL));
    }
  assert_log (cache, "i");
  g_assert_cmpuint (vl_live_stats_get_hits (stats), ==, n_hits);

  /* Until one succeeds. */
  fake_clock_advance (250);
  assert_log (cache, "ii");
  {
    g_autoptr (VlPage) page = live_fixture_list (&f, NULL);

    assert_origin (page, FALSE, FALSE);
  }
  hit = live_fixture_list (&f, NULL);
  assert_first_name (hit, "Apricot");
  assert_origin (hit, TRUE, FALSE);
  assert_log (cache, "iils");
}

/* Tried again less and less often, and said once. */
static void
test_retries (void)
{
  SlowCache *cache;
  g_auto (LiveFixture) f = fixture_new (&cache);

  slow_cache_fail (cache, "i", 4);
  expect_warning ();
  change (&f, "Apricot");
  settle ();
  assert_log (cache, "i");
  fake_clock_advance (249);
  assert_log (cache, "i");
  fake_clock_advance (1);
  assert_log (cache, "ii");
  fake_clock_advance (499);
  assert_log (cache, "ii");
  fake_clock_advance (1);
  assert_log (cache, "iii");
  fake_clock_advance (1000);
  assert_log (cache, "iiii");
  fake_clock_advance (2000);
  assert_log (cache, "iiiii");
  fake_clock_advance (100000);
  assert_log (cache, "iiiii");
  g_test_assert_expected_messages ();
}

/* The next reason to invalidate does not wait for that. */
static void
test_next_one_succeeds (void)
{
  SlowCache *cache;
  g_auto (LiveFixture) f = fixture_new (&cache);
  g_autoptr (VlPage) first = NULL;
  g_autoptr (VlPage) second = NULL;

  slow_cache_fail (cache, "i", 1);
  expect_warning ();
  change (&f, "Apricot");
  settle ();
  change (&f, "Avocado");
  settle ();
  assert_log (cache, "ii");
  first = live_fixture_list (&f, NULL);
  second = live_fixture_list (&f, NULL);
  assert_first_name (second, "Avocado");
  assert_origin (second, TRUE, FALSE);
  fake_clock_advance (100000);
  assert_log (cache, "iils");
}

static void
test_hanging_invalidation (void)
{
  SlowCache *cache;
  g_auto (LiveFixture) f = fixture_new (&cache);
  g_autoptr (Ask) waiting = NULL;
  g_autoptr (Ask) later = NULL;

  vl_live_table_set_timeout (f.live, 5000);
  slow_cache_hold (cache, "i");
  expect_warning ();
  change (&f, "Apricot");
  waiting = ask_list (f.live, NULL);
  fake_clock_advance (4999);
  g_assert_false (waiting->is_done);
  fake_clock_advance (1);
  g_assert_true (waiting->is_done);
  assert_first_name (waiting->page, "Apricot");
  g_test_assert_expected_messages ();
  assert_log (cache, "i");

  /* From then on nobody waits for it. */
  fake_clock_advance (250);
  assert_log (cache, "ii");
  later = ask_list (f.live, NULL);
  settle ();
  g_assert_true (later->is_done);
  assert_first_name (later->page, "Apricot");
  slow_cache_hold (cache, "");
  slow_cache_release (cache);
  fake_clock_advance (100000);
}

static void
test_cache_only_while_bypassed (void)
{
  SlowCache *cache;
  g_auto (LiveFixture) f = fixture_new (&cache);
  g_autoptr (GError) error = NULL;

  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_CACHE_ONLY);
  slow_cache_fail (cache, "i", 1);
  expect_warning ();
  change (&f, "Apricot");
  settle ();
  g_assert_null (vl_table_list_sync (VL_TABLE (f.live), NULL, NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_NOT_FOUND);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);
}

/* What failed was to erase: so that is what is tried again. */
static void
test_failed_clear (void)
{
  SlowCache *cache;
  g_auto (LiveFixture) f = fixture_new (&cache);
  g_autoptr (VlPage) held = NULL;

  slow_cache_fail (cache, "c", 1);
  expect_warning ();
  vl_live_table_clear (f.live);
  settle ();
  assert_log (cache, "c");
  vl_live_table_invalidate (f.live);
  settle ();
  assert_log (cache, "cc");
  held = vl_cache_peek (slow_cache_get_memory (cache), "products", "q/*/100/0");
  g_assert_null (held);
  fake_clock_advance (100000);
  assert_log (cache, "cc");
}

/* Its last reference goes while it waits to try again; the next live table does
 * not believe the cache either. */
static void
test_dropped_while_bypassed (void)
{
  SlowCache *cache;
  g_auto (LiveFixture) f = fixture_new (&cache);
  g_autoptr (VlPage) page = NULL;

  slow_cache_fail (cache, "i", 1);
  expect_warning ();
  change (&f, "Apricot");
  settle ();
  g_assert_finalize_object (g_steal_pointer (&f.live));
  settle ();
  g_assert_cmpuint (fake_clock_get_n_timers (), ==, 0);

  f.live = g_object_new (VL_TYPE_LIVE_TABLE, "master", f.master, "cache-key", "products", "cache",
                         f.cache, "follow-master", FALSE, NULL);
  page = live_fixture_list (&f, NULL);
  assert_first_name (page, "Apricot");
}

/* A write is answered although the cache cannot be told, and then read. */
static void
test_read_your_write (void)
{
  SlowCache *cache;
  g_auto (LiveFixture) f = fixture_new (&cache);
  g_autoptr (VlRecord) record = live_fixture_record ("a", "Apricot", 9.0);
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (VlPage) page = NULL;
  g_autoptr (GError) error = NULL;

  slow_cache_fail (cache, "i", 1);
  expect_warning ();
  stored = vl_table_replace_sync (VL_TABLE (f.live), record, NULL, &error);
  g_assert_no_error (error);
  page = live_fixture_list (&f, NULL);
  assert_first_name (page, "Apricot");
  assert_origin (page, FALSE, FALSE);
}

/* Without a lease nothing is stored. */
static void
test_failed_lookup (void)
{
  SlowCache *cache;
  g_auto (LiveFixture) f = fixture_new (&cache);
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlPage) hit = NULL;

  slow_cache_set_blind (cache);
  slow_cache_fail (cache, "l", 1);
  page = live_fixture_list (&f, NULL);
  assert_ids (page, "abc");
  assert_origin (page, FALSE, FALSE);
  assert_log (cache, "l");
  hit = live_fixture_list (&f, NULL);
  assert_origin (hit, TRUE, FALSE);
}

static void
test_hanging_lookup (void)
{
  SlowCache *cache;
  g_auto (LiveFixture) f = fixture_new (&cache);
  g_autoptr (Ask) ask = NULL;

  vl_live_table_set_timeout (f.live, 5000);
  slow_cache_set_blind (cache);
  slow_cache_hold (cache, "l");
  ask = ask_list (f.live, NULL);
  fake_clock_advance (4999);
  g_assert_false (ask->is_done);
  fake_clock_advance (1);
  g_assert_true (ask->is_done);
  assert_origin (ask->page, FALSE, FALSE);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 3);
  slow_cache_hold (cache, "");
  slow_cache_release (cache);
}

static void
test_failed_store (void)
{
  SlowCache *cache;
  g_auto (LiveFixture) f = fixture_new (&cache);

  slow_cache_fail (cache, "s", 1);
  vl_live_table_invalidate (f.live);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (VlPage) page = live_fixture_list (&f, NULL);

      assert_ids (page, "abc");
      assert_origin (page, i == 2, FALSE);
    }
}

static void
test_hanging_store (void)
{
  SlowCache *cache;
  g_auto (LiveFixture) f = fixture_new (&cache);
  g_autoptr (Ask) miss = NULL;
  g_autoptr (Ask) joined = NULL;
  g_autoptr (Ask) after = NULL;

  slow_cache_hold (cache, "s");
  vl_live_table_invalidate (f.live);
  miss = ask_list (f.live, NULL);
  settle ();
  g_assert_true (miss->is_done);
  joined = ask_list (f.live, NULL);
  settle ();
  g_assert_true (joined->is_done);
  fake_clock_advance (30000);
  slow_cache_hold (cache, "");
  after = ask_list (f.live, NULL);
  settle ();
  assert_ids (after->page, "abc");
  slow_cache_release (cache);
}

static void
on_invalidated (GObject *cache, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  vl_cache_invalidate_finish (VL_CACHE (cache), result, &error);
  g_assert_no_error (error);
}

/* Somebody else invalidates the root in the cache while a fetch is under way:
 * that counts as if it had been done here. */
static void
test_invalidated_elsewhere (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = live_fixture_list (&f, NULL);
  g_autoptr (Ask) early = NULL;
  g_autoptr (Ask) late = NULL;

  g_assert_nonnull (first);
  vl_fault_table_set_latency (f.master, 100);
  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_MASTER_FIRST);
  early = ask_list (f.live, NULL);
  fake_clock_advance (60);
  vl_cache_invalidate_async (f.cache, "products", NULL, on_invalidated, NULL);
  settle ();
  late = ask_list (f.live, NULL);
  fake_clock_advance (40);
  assert_origin (early->page, FALSE, TRUE);
  g_assert_false (late->is_done);
  fake_clock_advance (60);
  assert_origin (late->page, FALSE, FALSE);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  fake_clock_advance (1000);

  g_test_add_func ("/live-table/gate/lookups-wait-for-invalidations", test_lookups_wait);
  g_test_add_func ("/live-table/gate/stores-wait-for-invalidations", test_stores_wait);
  g_test_add_func ("/live-table/gate/readers-between-two-invalidations", test_between_two);
  g_test_add_func ("/live-table/gate/begins-again-once", test_begins_again_once);
  g_test_add_func ("/live-table/gate/invalidations-are-merged", test_invalidations_are_merged);
  g_test_add_func ("/live-table/gate/invalidated-elsewhere", test_invalidated_elsewhere);
  g_test_add_func ("/live-table/bypass/failed-invalidation", test_failed_invalidation);
  g_test_add_func ("/live-table/bypass/is-tried-again", test_retries);
  g_test_add_func ("/live-table/bypass/until-the-next-succeeds", test_next_one_succeeds);
  g_test_add_func ("/live-table/bypass/hanging-invalidation", test_hanging_invalidation);
  g_test_add_func ("/live-table/bypass/cache-only-finds-nothing", test_cache_only_while_bypassed);
  g_test_add_func ("/live-table/bypass/failed-clear-stays-a-clear", test_failed_clear);
  g_test_add_func ("/live-table/bypass/dropped-meanwhile", test_dropped_while_bypassed);
  g_test_add_func ("/live-table/bypass/read-your-write", test_read_your_write);
  g_test_add_func ("/live-table/odd-cache/failed-lookup", test_failed_lookup);
  g_test_add_func ("/live-table/odd-cache/hanging-lookup-is-a-miss", test_hanging_lookup);
  g_test_add_func ("/live-table/odd-cache/failed-store", test_failed_store);
  g_test_add_func ("/live-table/odd-cache/hanging-store", test_hanging_store);
  status = g_test_run ();

  fake_clock_end ();

  return status;
}
