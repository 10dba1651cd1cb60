/* test-live-simulated.c: what the simulation has found, once more and alone
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fake-clock.h"
#include "live-ask.h"
#include "live-fixture.h"
#include "shown-fixture.h"

static LiveFixture
fixture_new (void)
{
  LiveFixture f = live_fixture_new (NULL);
  g_autoptr (VlPage) page = NULL;

  vl_live_table_set_optimistic (f.live, TRUE);
  page = live_fixture_list (&f, NULL);
  g_assert_nonnull (page);
  settle ();

  return f;
}

/* Nothing else happens but that time passes: the one behind is due since it was
 * made, and that must not stop the clock of the one that waits. */
static void
test_behind_one_that_waits (gconstpointer data)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlWrite) first = NULL;
  g_autoptr (VlWrite) second = NULL;

  vl_live_table_set_ordering (f.live, (VlOrdering) GPOINTER_TO_UINT (data));
  vl_live_table_set_retry_floor (f.live, 100);
  vl_live_table_set_retry_cap (f.live, 100);
  vl_fault_table_set_offline (f.master, TRUE);
  first = patch (&f, "b", "name", "Blueberry");
  settle ();
  second = patch (&f, "b", "name", "Blackberry");
  settle ();
  g_assert_cmpint (vl_write_get_state (first), ==, VL_WRITE_STATE_WAITING);
  g_assert_cmpint (vl_write_get_state (second), ==, VL_WRITE_STATE_QUEUED);

  vl_fault_table_set_offline (f.master, FALSE);
  fake_clock_advance (150);
  g_assert_cmpint (vl_write_get_state (first), ==, VL_WRITE_STATE_APPLIED);
  g_assert_cmpint (vl_write_get_state (second), ==, VL_WRITE_STATE_APPLIED);
  assert_shown (&f, NULL, "a:Apple b:Blackberry c:Cherry");
}

/* Of a record that was written before, too, nothing is left. */
static void
test_swept_after_a_write (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlWrite) first = patch (&f, "b", "name", "Blueberry");
  g_autoptr (VlWrite) sweep = NULL;
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery)
    blue = vl_query_where (all, "name", VL_OP_EQ, g_variant_new_string ("Blueberry"));
  g_autoptr (VlChange) change = vl_change_new_delete_all (blue);

  settle ();
  g_assert_cmpint (vl_write_get_state (first), ==, VL_WRITE_STATE_APPLIED);
  assert_shown (&f, NULL, "a:Apple b:Blueberry c:Cherry");

  vl_fault_table_set_latency (f.master, 100);
  sweep = vl_live_table_write (f.live, change);
  assert_shown (&f, NULL, "a:Apple c:Cherry");
  fake_clock_advance (200);
  g_assert_cmpint (vl_write_get_state (sweep), ==, VL_WRITE_STATE_APPLIED);
  assert_shown (&f, NULL, "a:Apple c:Cherry");
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();

  g_test_add_data_func ("/live-simulated/one-behind-one-that-waits-is-sent-after-it",
                        GUINT_TO_POINTER (VL_ORDERING_PER_RECORD), test_behind_one_that_waits);
  g_test_add_data_func ("/live-simulated/one-behind-one-that-waits-is-sent-in-strict-order",
                        GUINT_TO_POINTER (VL_ORDERING_STRICT), test_behind_one_that_waits);
  g_test_add_func ("/live-simulated/what-was-written-before-is-swept-too",
                   test_swept_after_a_write);
  result = g_test_run ();
  fake_clock_end ();

  return result;
}
