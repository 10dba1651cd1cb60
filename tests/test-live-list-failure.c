/* test-live-list-failure.c: pages that fail, and totals that lie
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "list-fixture.h"

#define N_CLAIMED 1000000

static ListFixture *
virtual_fixture_new (guint n)
{
  ListFixture *f = list_fixture_new ("");

  f->master->n_virtual = n;
  settle ();
  g_string_truncate (f->changes, 0);
  g_string_truncate (f->master->asked, 0);

  return f;
}

/* Pages that are read ahead */

/* Nobody looks at the page that is missing: the list is as good as before. */
static void
test_ahead (void)
{
  g_autoptr (ListFixture) f = virtual_fixture_new (1000);
  g_autoptr (VlRow) first = list_fixture_get (f, 505);
  g_autoptr (VlRow) second = NULL;
  g_autoptr (VlRow) third = NULL;
  guint n_states = 0, n_errors = 0;

  g_assert_nonnull (first);
  pass_frame ();
  g_signal_connect (f->list, "notify::load-state", G_CALLBACK (count_notify), &n_states);
  g_signal_connect (f->list, "notify::error", G_CALLBACK (count_notify), &n_errors);
  f->master->holds = TRUE;
  second = list_fixture_get (f, 515);
  pass_frame ();
  assert_asked (f->master, "500+10 510+10 520+10");
  list_master_answer (f->master);
  list_master_fail (f->master);
  settle ();
  g_assert_cmpstr (vl_row_get_id (second), ==, "0000515");
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_PARTIAL);
  g_assert_cmpuint (n_states, ==, 0);
  g_assert_cmpuint (n_errors, ==, 0);

  /* It is not asked for again before a row of it is, and then at once. */
  f->master->holds = FALSE;
  g_object_unref (list_fixture_get (f, 514));
  pass_while ();
  assert_asked (f->master, "");
  third = list_fixture_get (f, 522);
  g_assert_cmpint (vl_row_get_state (third), ==, VL_ROW_STATE_LOADING);
  pass_frame ();
  assert_asked (f->master, "520+10 530+10");
  g_assert_cmpint (vl_row_get_state (third), ==, VL_ROW_STATE_FRESH);
}

/* Somebody has come to look at it meanwhile. */
static void
test_ahead_and_looked_at (void)
{
  g_autoptr (ListFixture) f = virtual_fixture_new (1000);
  g_autoptr (VlRow) first = list_fixture_get (f, 505);
  g_autoptr (VlRow) second = NULL;
  g_autoptr (VlRow) third = NULL;

  g_assert_nonnull (first);
  pass_frame ();
  f->master->holds = TRUE;
  second = list_fixture_get (f, 515);
  pass_frame ();
  list_master_answer (f->master);
  settle ();
  third = list_fixture_get (f, 522);
  list_master_fail (f->master);
  settle ();
  g_assert_cmpint (vl_row_get_state (third), ==, VL_ROW_STATE_LOAD_FAILED);
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_FAILED);
  list_master_answer_all (f->master);
}

/* Rows whose page is tried again */

typedef void (*TryAgain) (ListFixture *f);

static void
look_again (ListFixture *f)
{
  fake_clock_advance (1100);
  g_object_unref (list_fixture_get (f, 505));
  pass_frame ();
}

static void
call_retry (ListFixture *f)
{
  vl_live_list_retry (f->list);
  settle ();
}

static void
try_again (TryAgain again)
{
  g_autoptr (ListFixture) f = virtual_fixture_new (1000);
  g_autoptr (VlRow) row = NULL;
  g_autoptr (VlRow) other = NULL;
  guint n_loading = 0, n_states = 0;

  f->master->n_errors = 1;
  row = list_fixture_get (f, 505);
  pass_frame ();
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_LOAD_FAILED);
  g_assert_false (vl_row_get_loading (row));
  g_signal_connect (row, "notify::loading", G_CALLBACK (count_notify), &n_loading);
  g_signal_connect (row, "notify::state", G_CALLBACK (count_notify), &n_states);

  f->master->holds = TRUE;
  again (f);
  assert_asked (f->master, "500+10 500+10");
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_LOADING);
  g_assert_null (vl_row_dup_error (row));
  g_assert_cmpuint (n_loading, ==, 1);
  /* So is one that is made while it is under way. */
  other = list_fixture_get (f, 506);
  g_assert_cmpint (vl_row_get_state (other), ==, VL_ROW_STATE_LOADING);

  list_master_fail (f->master);
  settle ();
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_LOAD_FAILED);
  g_assert_cmpint (vl_row_get_state (other), ==, VL_ROW_STATE_LOAD_FAILED);
  f->master->holds = FALSE;
  again (f);
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_FRESH);
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_PARTIAL);
  /* Loading, failed, loading, and there. */
  g_assert_cmpuint (n_states, >=, 3);
  g_assert_cmpuint (n_states, <=, 4);
}

static void
test_looked_at_again (void)
{
  try_again (look_again);
}

static void
test_called_retry (void)
{
  try_again (call_retry);
}

/* A record that was there is not blanked, and not said to be good. */
static void
test_refresh_again (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("a b");
  g_autoptr (VlRow) row = NULL;

  settle ();
  assert_changes (f, "0+2");
  row = list_fixture_get (f, 0);
  f->master->n_errors = 1;
  vl_live_list_refresh (f->list);
  pass_while ();
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_STALE);
  f->master->holds = TRUE;
  vl_live_list_retry (f->list);
  pass_while ();
  g_assert_cmpuint (f->master->held->len, ==, 1);
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_STALE);
  g_assert_cmpstr (vl_row_get_id (row), ==, "a");
  list_master_answer_all (f->master);
  settle ();
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_FRESH);
}

/* Totals that are far too high */

/* The last rows there are, as a view that is at the end shows them. */
static GPtrArray *
hold_last (ListFixture *f)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (f->list));

  return list_fixture_hold (f, n - MIN (n, 25), MIN (n, 25));
}

static void
look_at_end (ListFixture *f)
{
  g_autoptr (GPtrArray) held = NULL;

  for (guint i = 0; i < 60; i++)
    {
      GPtrArray *last = hold_last (f);

      g_clear_pointer (&held, g_ptr_array_unref);
      held = last;
      pass_frame ();
    }
}

/* How many signals there were. */
static guint
take_n_changes (ListFixture *f)
{
  g_autofree char *changes = list_fixture_take_changes (f);
  g_auto (GStrv) each = g_strsplit (changes, " ", -1);

  return changes[0] != '\0' ? g_strv_length (each) : 0;
}

static void
assert_end (ListFixture *f, guint n, VlTotalKind kind)
{
  guint last = g_list_model_get_n_items (G_LIST_MODEL (f->list));

  g_assert_cmpuint (last, ==, n);
  g_assert_cmpint (vl_live_list_get_total_kind (f->list), ==, kind);
  if (n > 0)
    {
      g_autofree char *id = g_strdup_printf ("%07u", n - 1);
      g_autoptr (VlRow) row = list_fixture_get (f, n - 1);

      g_assert_cmpstr (vl_row_get_id (row), ==, id);
    }
}

/* 100,000 pages are claimed, and half that many are looked through in one step:
 * 17 of these, and what the view looks at when it is where they end. */
static void
hunt (guint n, gint64 total, gint64 count, VlTotalKind kind)
{
  g_autoptr (ListFixture) f = g_new0 (ListFixture, 1);

  f->master = list_master_new (LIST_EVERYTHING);
  f->master->n_virtual = n;
  f->master->total = total;
  f->master->count = count;
  list_fixture_watch (f,
                      g_object_new (VL_TYPE_LIVE_LIST, "table", f->master, "page-size", 10, NULL));
  settle ();
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->list)), ==, N_CLAIMED);
  take_n_changes (f);
  look_at_end (f);
  assert_end (f, n, kind);
  g_assert_cmpuint (f->master->n_lists, <=, 17 + 8);
  g_assert_cmpuint (take_n_changes (f), <=, 17 + 2);
}

static void
test_far_too_high (void)
{
  static const guint lengths[] = { 10, 11, 20, 25, 12345, 500000, 500005, 999990, 999999 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    hunt (lengths[i], N_CLAIMED, LIST_TOTAL_TRUE, VL_TOTAL_KIND_CAPPED);
}

static void
test_count_far_too_high (void)
{
  hunt (12345, -1, N_CLAIMED, VL_TOTAL_KIND_CAPPED);
}

/* The master has begun to claim more than it has. */
static ListFixture *
lying_fixture_new (void)
{
  ListFixture *f = virtual_fixture_new (12345);

  f->master->total = N_CLAIMED;
  vl_live_list_refresh (f->list);
  pass_while ();

  return f;
}

/* Nobody looks at where the end is: nothing is asked for to find it. */
static void
test_not_looked_at (void)
{
  g_autoptr (ListFixture) f = lying_fixture_new ();
  g_autoptr (GPtrArray) held = NULL;
  guint n_lists;

  held = hold_last (f);
  f->master->holds = TRUE;
  pass_frame ();
  g_clear_pointer (&held, g_ptr_array_unref);
  held = list_fixture_hold (f, 0, 10);
  f->master->holds = FALSE;
  list_master_answer_all (f->master);
  pass_while ();
  n_lists = f->master->n_lists;
  for (guint i = 0; i < 20; i++)
    fake_clock_advance (250);
  g_assert_cmpuint (f->master->n_lists, ==, n_lists);
  g_clear_pointer (&held, g_ptr_array_unref);
  look_at_end (f);
  assert_end (f, 12345, VL_TOTAL_KIND_CAPPED);
  take_n_changes (f);
}

/* What fails on the way is an error of the rows that wait, and is asked for again
 * when they are. */
static void
test_failing_hunt (void)
{
  g_autoptr (ListFixture) f = lying_fixture_new ();
  g_autoptr (GPtrArray) held = NULL;
  guint n_lists;

  held = hold_last (f);
  pass_frame ();
  g_clear_pointer (&held, g_ptr_array_unref);
  held = hold_last (f);
  f->master->n_errors = 1;
  pass_frame ();
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_FAILED);
  g_assert_cmpint (vl_row_get_state (held->pdata[held->len - 1]), ==, VL_ROW_STATE_LOAD_FAILED);
  n_lists = f->master->n_lists;
  for (guint i = 0; i < 20; i++)
    fake_clock_advance (250);
  g_assert_cmpuint (f->master->n_lists, ==, n_lists);

  g_clear_pointer (&held, g_ptr_array_unref);
  look_at_end (f);
  assert_end (f, 12345, VL_TOTAL_KIND_CAPPED);
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_PARTIAL);
  g_assert_cmpuint (f->master->n_lists - n_lists, <=, 17 + 8);
  take_n_changes (f);
}

/* Most of the table is deleted, and its pages do not say how many are left. */
static void
test_without_total (void)
{
  g_autoptr (ListFixture) f = g_new0 (ListFixture, 1);
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();
  guint n_lists;

  f->master = list_master_new (VL_CAPABILITY_WINDOW | VL_CAPABILITY_ORDER | VL_CAPABILITY_FILTER);
  f->master->n_virtual = 3000;
  f->master->total = -1;
  list_fixture_watch (f,
                      g_object_new (VL_TYPE_LIVE_LIST, "table", f->master, "page-size", 10, NULL));
  settle ();
  for (guint i = 0; i < 10; i++)
    look_at_end (f);
  assert_end (f, 3000, VL_TOTAL_KIND_EXACT);
  take_n_changes (f);
  n_lists = f->master->n_lists;

  f->master->n_virtual = 123;
  vl_live_stream_push (f->master->stream, event);
  settle ();
  fake_clock_advance (200);
  look_at_end (f);
  assert_end (f, 123, VL_TOTAL_KIND_EXACT);
  g_assert_cmpuint (f->master->n_lists - n_lists, <=, 2 * 9 + 8);
  g_assert_cmpuint (take_n_changes (f), <=, 2 * 9);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  g_test_add_func ("/live-list/failure/read-ahead", test_ahead);
  g_test_add_func ("/live-list/failure/read-ahead-and-looked-at", test_ahead_and_looked_at);
  g_test_add_func ("/live-list/failure/loading-again/looked-at", test_looked_at_again);
  g_test_add_func ("/live-list/failure/loading-again/retry", test_called_retry);
  g_test_add_func ("/live-list/failure/loading-again/with-a-record", test_refresh_again);
  g_test_add_func ("/live-list/total/far-too-high", test_far_too_high);
  g_test_add_func ("/live-list/total/far-too-high/count", test_count_far_too_high);
  g_test_add_func ("/live-list/total/far-too-high/not-looked-at", test_not_looked_at);
  g_test_add_func ("/live-list/total/far-too-high/fails", test_failing_hunt);
  g_test_add_func ("/live-list/total/nothing-tells", test_without_total);
  result = g_test_run ();
  fake_clock_end ();

  return result;
}
