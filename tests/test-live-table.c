/* test-live-table.c: reads and writes through a live table
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "live-fixture.h"

static void
test_miss_then_hit (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = NULL;
  g_autoptr (VlPage) second = NULL;

  first = live_fixture_list (&f, NULL);
  g_assert_cmpuint (vl_page_get_n_records (first), ==, 3);
  g_assert_false (vl_page_get_from_cache (first));
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 1);

  second = live_fixture_list (&f, NULL);
  g_assert_cmpuint (vl_page_get_n_records (second), ==, 3);
  g_assert_true (vl_page_get_from_cache (second));
  g_assert_false (vl_page_get_is_stale (second));
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 1);
  g_assert_cmpuint (vl_live_stats_get_hits (vl_live_table_get_stats (f.live)), ==, 1);
  g_assert_cmpuint (vl_live_stats_get_misses (vl_live_table_get_stats (f.live)), ==, 1);
}

/* A stream that is followed already is not attached again: that would begin
 * with a gap, and make stale what the first one has cached. */
static void
test_second_window_keeps_the_cache (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlLiveTable) first = vl_live_table_new (VL_TABLE (f.master), "shared", f.cache);
  g_autoptr (VlLiveTable) second = NULL;
  g_autoptr (VlPage) fetched = NULL;
  g_autoptr (VlPage) peeked = NULL;
  g_autoptr (VlPage) after = NULL;
  g_autoptr (GError) error = NULL;

  fetched = vl_table_list_sync (VL_TABLE (first), NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (vl_page_get_from_cache (fetched));

  second = vl_live_table_new (VL_TABLE (f.master), "shared", f.cache);
  peeked = vl_live_table_peek_page (second, NULL);
  g_assert_nonnull (peeked);
  g_assert_false (vl_page_get_is_stale (peeked));

  /* One of them going does not stop the other from hearing. */
  g_assert_finalize_object (g_steal_pointer (&first));
  live_fixture_put (&f, "d", "Date", 9.0);
  after = vl_live_table_peek_page (second, NULL);
  g_assert_null (after);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/live-table/read/miss-then-hit", test_miss_then_hit);

  g_test_add_func ("/live-table/share/second-window-keeps-the-cache",
                   test_second_window_keeps_the_cache);

  return g_test_run ();
}
