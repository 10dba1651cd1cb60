/* test-live-schema.c: a live table that knows its master from the cache
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fake-clock.h"
#include "live-ask.h"
#include "shaped-fixture.h"
#include "slow-cache.h"

/* A live table over a shaped master; the memory table behind outlives it, and
 * the cache as well, as if the program had been started again. */
static LiveFixture
start (VlCache *cache, ShapedTable **shaped, const char *instance, const char *extra_column)
{
  g_autoptr (VlSchema) schema = shaped_schema (SHAPED_CAPABILITIES, instance, extra_column);

  return shaped_fixture_new (shaped, "there", schema, cache);
}

/* One run of the program, in which everything is listed and “a” is found. */
static void
run_once (VlCache *cache, const char *instance, const char *extra_column)
{
  ShapedTable *shaped;
  g_auto (LiveFixture) f = start (cache, &shaped, instance, extra_column);
  g_autoptr (VlPage) page = live_fixture_list (&f, NULL);
  g_autoptr (VlRecord) record = vl_table_find_sync (VL_TABLE (f.live), "a", NULL, NULL);

  assert_ids (page, "abc");
  g_assert_nonnull (record);
}

typedef enum
{
  PENDING,
  FAILING,
} Trouble;

static void
check_without_master (Trouble trouble)
{
  g_autoptr (VlCache) cache = VL_CACHE (vl_memory_cache_new (0));
  ShapedTable *shaped;
  g_auto (LiveFixture) f = { 0 };
  g_autoptr (GError) error = g_error_new (VL_ERROR, VL_ERROR_UNAVAILABLE, "No network");
  g_autoptr (VlPage) peeked = NULL;
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlSchema) schema = NULL;
  g_autoptr (Ask) found = NULL;

  run_once (cache, "disk", NULL);
  f = start (cache, &shaped, "disk", NULL);
  if (trouble == PENDING)
    vl_fault_table_set_never_answer (f.master, TRUE);
  else
    for (guint i = 0; i < 10; i++)
      vl_fault_table_push_error (f.master, error);

  /* At once, without a turn. */
  schema = vl_table_get_schema (VL_TABLE (f.live));
  g_assert_nonnull (schema);
  g_assert_cmpstr (vl_schema_get_table_name (schema), ==, "products");
  peeked = vl_live_table_peek_page (f.live, NULL);
  assert_ids (peeked, "abc");
  assert_origin (peeked, TRUE, FALSE);
  record = vl_live_table_peek_record (f.live, "a");
  g_assert_cmpstr (vl_record_get_string (record, "name"), ==, "Apple");

  page = live_fixture_list (&f, NULL);
  assert_ids (page, "abc");
  assert_origin (page, TRUE, FALSE);
  found = ask_find (f.live, "a");
  settle ();
  g_assert_true (found->is_done);
  g_assert_nonnull (found->record);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 0);
  fake_clock_advance (60000);
}

static void
test_describe_pending (void)
{
  check_without_master (PENDING);
}

static void
test_describe_failing (void)
{
  check_without_master (FAILING);
}

/* Without a stored schema there is nothing to go by. */
static void
test_cold (void)
{
  ShapedTable *shaped;
  g_auto (LiveFixture) f = start (NULL, &shaped, NULL, NULL);
  g_autoptr (GError) pushed = g_error_new (VL_ERROR, VL_ERROR_UNAVAILABLE, "No network");
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = NULL;

  g_assert_null (vl_table_get_schema (VL_TABLE (f.live)));
  vl_fault_table_push_error (f.master, pushed);
  g_assert_null (vl_table_list_sync (VL_TABLE (f.live), NULL, NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE);

  /* It is asked again by the next reader. */
  page = live_fixture_list (&f, NULL);
  assert_ids (page, "abc");
}

/* Asked behind the readers, once while it is under way, and not over and over
 * when it fails. */
static void
test_described_behind (void)
{
  g_autoptr (VlCache) cache = VL_CACHE (vl_memory_cache_new (0));
  g_autoptr (GError) error = g_error_new (VL_ERROR, VL_ERROR_UNAVAILABLE, "No network");
  ShapedTable *shaped;
  g_auto (LiveFixture) f = { 0 };

  run_once (cache, "disk", NULL);
  f = start (cache, &shaped, "disk", NULL);
  vl_fault_table_push_error (f.master, error);
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (VlPage) page = live_fixture_list (&f, NULL);

      assert_origin (page, TRUE, FALSE);
    }
  g_assert_cmpuint (vl_fault_table_get_n_calls (f.master), ==, 1);

  fake_clock_advance (5001);
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (VlPage) page = live_fixture_list (&f, NULL);

      settle ();
      assert_origin (page, TRUE, FALSE);
    }
  g_assert_cmpuint (vl_fault_table_get_n_calls (f.master), ==, 2);
}

/* The columns have changed since: all copies are stale. */
static void
test_other_fingerprint (void)
{
  g_autoptr (VlCache) cache = VL_CACHE (vl_memory_cache_new (0));
  ShapedTable *shaped;
  g_auto (LiveFixture) f = { 0 };
  g_autoptr (VlPage) early = NULL;
  g_autoptr (VlPage) held = NULL;
  g_autoptr (VlPage) stale = NULL;
  g_autoptr (VlPage) news = NULL;
  g_autoptr (VlSchema) schema = NULL;

  run_once (cache, "disk", NULL);
  f = start (cache, &shaped, "disk", "colour");
  early = vl_live_table_peek_page (f.live, NULL);
  assert_origin (early, TRUE, FALSE);
  schema = vl_table_describe_sync (VL_TABLE (f.live), NULL, NULL);
  settle ();
  g_clear_object (&schema);
  schema = vl_table_get_schema (VL_TABLE (f.live));
  g_assert_cmpuint (vl_schema_get_n_columns (schema), ==, 4);

  /* The cache itself knows, so that stale copies go first. */
  held = vl_cache_peek (cache, "products@there", "q/*/100/0");
  assert_origin (held, TRUE, TRUE);
  g_assert_null (vl_live_table_peek_page (f.live, NULL));
  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_CACHE_ONLY);
  stale = live_fixture_list (&f, NULL);
  assert_ids (stale, "abc");
  assert_origin (stale, TRUE, TRUE);
  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_CACHE_FIRST);
  news = live_fixture_list (&f, NULL);
  assert_origin (news, FALSE, FALSE);
}

static void
on_leased (GObject *cache, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  vl_cache_get_lease_finish (VL_CACHE (cache), result, user_data, &error);
  g_assert_no_error (error);
}

static void
on_stored (GObject *cache, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  vl_cache_store_finish (VL_CACHE (cache), result, &error);
  g_assert_no_error (error);
}

/* Pages say under which schema they were written: they are stale even if the
 * cache, and the schema that is stored, know nothing of a change. */
static void
test_page_of_other_fingerprint (void)
{
  g_autoptr (VlCache) cache = VL_CACHE (vl_memory_cache_new (0));
  ShapedTable *shaped, *other_shaped;
  g_auto (LiveFixture) f = start (cache, &shaped, NULL, NULL);
  g_auto (LiveFixture) other = start (NULL, &other_shaped, NULL, "colour");
  g_autoptr (VlPage) own = live_fixture_list (&f, NULL);
  g_autoptr (VlPage) foreign = live_fixture_list (&other, NULL);
  VlPage *pages[] = { own, foreign };

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      g_autoptr (VlPage) page = NULL;
      guint64 lease = 0;

      vl_live_table_clear (f.live);
      vl_cache_get_lease_async (cache, "products@there", NULL, on_leased, &lease);
      settle ();
      g_assert_cmpuint (lease, !=, 0);
      vl_cache_store_async (cache, "products@there", "q/*/100/0", pages[i], lease, NULL, on_stored,
                            NULL);
      settle ();
      page = live_fixture_list (&f, NULL);
      assert_ids (page, "abc");
      assert_origin (page, i == 0, FALSE);
    }
}

/* Another file behind the same name: nothing of the old one may be shown. */
static void
test_other_instance (void)
{
  g_autoptr (VlCache) cache = VL_CACHE (vl_memory_cache_new (0));
  ShapedTable *shaped;
  g_auto (LiveFixture) f = { 0 };
  g_autoptr (VlSchema) schema = NULL;
  g_autoptr (GError) error = NULL;

  run_once (cache, "disk", NULL);
  f = start (cache, &shaped, "another disk", NULL);
  schema = vl_table_describe_sync (VL_TABLE (f.live), NULL, NULL);
  settle ();
  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_CACHE_ONLY);
  g_assert_null (vl_table_list_sync (VL_TABLE (f.live), NULL, NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_NOT_FOUND);
}

/* The same, when the master is quicker than the cache: the stored schema comes
 * later, and counts all the same. */
static void
test_other_instance_slow_cache (void)
{
  g_autoptr (SlowCache) cache = slow_cache_new ();
  ShapedTable *shaped;
  g_auto (LiveFixture) f = { 0 };
  g_autoptr (Ask) ask = NULL;

  run_once (VL_CACHE (cache), "disk", NULL);
  slow_cache_hold (cache, "l");
  f = start (VL_CACHE (cache), &shaped, "another disk", NULL);
  live_fixture_put (&f, "a", "Apricot", 9.0);
  ask = ask_list (f.live, NULL);
  settle ();
  g_assert_null (vl_live_table_peek_page (f.live, NULL));
  slow_cache_hold (cache, "");
  while (slow_cache_release (cache) > 0)
    settle ();
  settle ();
  g_assert_true (ask->is_done);
  assert_first_name (ask->page, "Apricot");
  assert_origin (ask->page, FALSE, FALSE);
}

/* Offline, and the cache is not quick either: the reader waits for it. */
static void
test_failing_slow_cache (void)
{
  g_autoptr (SlowCache) cache = slow_cache_new ();
  g_autoptr (GError) error = g_error_new (VL_ERROR, VL_ERROR_UNAVAILABLE, "No network");
  ShapedTable *shaped;
  g_auto (LiveFixture) f = { 0 };
  g_autoptr (Ask) ask = NULL;

  run_once (VL_CACHE (cache), "disk", NULL);
  slow_cache_hold (cache, "l");
  f = start (VL_CACHE (cache), &shaped, "disk", NULL);
  vl_fault_table_push_error (f.master, error);
  ask = ask_list (f.live, NULL);
  settle ();
  g_assert_false (ask->is_done);
  slow_cache_hold (cache, "");
  while (slow_cache_release (cache) > 0)
    settle ();
  g_assert_true (ask->is_done);
  g_assert_no_error (ask->error);
  assert_ids (ask->page, "abc");
  assert_origin (ask->page, TRUE, FALSE);
}

/* And if that has nothing either, the master is asked once more: it may be back
 * by now. If it is not, that is the answer. */
static void
check_failing_empty_slow_cache (gboolean is_back)
{
  g_autoptr (SlowCache) cache = slow_cache_new ();
  g_autoptr (GError) error = g_error_new (VL_ERROR, VL_ERROR_UNAVAILABLE, "No network");
  ShapedTable *shaped;
  g_auto (LiveFixture) f = { 0 };
  g_autoptr (Ask) ask = NULL;

  slow_cache_hold (cache, "l");
  f = start (VL_CACHE (cache), &shaped, "disk", NULL);
  vl_fault_table_push_error (f.master, error);
  if (!is_back)
    vl_fault_table_push_error (f.master, error);
  ask = ask_list (f.live, NULL);
  settle ();
  g_assert_false (ask->is_done);
  slow_cache_hold (cache, "");
  slow_cache_release (cache);
  settle ();
  g_assert_true (ask->is_done);
  if (is_back)
    assert_ids (ask->page, "abc");
  else
    g_assert_error (ask->error, VL_ERROR, VL_ERROR_UNAVAILABLE);
}

static void
test_failing_empty_slow_cache (void)
{
  check_failing_empty_slow_cache (FALSE);
  check_failing_empty_slow_cache (TRUE);
}

/* What is erased is data; the next start without a master still works. */
static void
test_clear_keeps_schema (void)
{
  g_autoptr (VlCache) cache = VL_CACHE (vl_memory_cache_new (0));
  ShapedTable *shaped;
  g_auto (LiveFixture) f = { 0 };
  g_autoptr (VlPage) peeked = NULL;

  {
    g_auto (LiveFixture) before = start (cache, &shaped, "disk", NULL);
    g_autoptr (VlPage) page = live_fixture_list (&before, NULL);

    vl_live_table_clear (before.live);
    settle ();
    g_clear_object (&page);
    page = live_fixture_list (&before, NULL);
    assert_origin (page, FALSE, FALSE);
  }
  f = start (cache, &shaped, "disk", NULL);
  vl_fault_table_set_never_answer (f.master, TRUE);
  peeked = vl_live_table_peek_page (f.live, NULL);
  g_assert_nonnull (peeked);
  assert_ids (peeked, "abc");
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  fake_clock_advance (1000);

  g_test_add_func ("/live-table/schema/stored-serves-while-pending", test_describe_pending);
  g_test_add_func ("/live-table/schema/stored-serves-while-failing", test_describe_failing);
  g_test_add_func ("/live-table/schema/cold-root-waits", test_cold);
  g_test_add_func ("/live-table/schema/described-behind", test_described_behind);
  g_test_add_func ("/live-table/schema/other-fingerprint-is-stale", test_other_fingerprint);
  g_test_add_func ("/live-table/schema/page-of-other-fingerprint-is-stale",
                   test_page_of_other_fingerprint);
  g_test_add_func ("/live-table/schema/other-instance-clears", test_other_instance);
  g_test_add_func ("/live-table/schema/other-instance-and-slow-cache",
                   test_other_instance_slow_cache);
  g_test_add_func ("/live-table/schema/failing-and-slow-cache", test_failing_slow_cache);
  g_test_add_func ("/live-table/schema/failing-and-slow-empty-cache",
                   test_failing_empty_slow_cache);
  g_test_add_func ("/live-table/schema/clear-keeps-it", test_clear_keeps_schema);
  status = g_test_run ();

  fake_clock_end ();

  return status;
}
