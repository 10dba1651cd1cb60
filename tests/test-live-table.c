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

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/live-table/read/miss-then-hit", test_miss_then_hit);

  return g_test_run ();
}
