/* test-live-list-review.c: what can come between two turns of a list
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "list-fixture.h"
#include "live-fixture.h"

#define ALPHABET "a b c d e f g h i j k l m n o p q r s t u v w x y z"

static VlQuery *
starting_from (const char *name)
{
  g_autoptr (VlQuery) all = vl_query_new ();

  return vl_query_where (all, "name", VL_OP_GE, g_variant_new_string (name));
}

typedef struct
{
  ListFixture *f;
  VlQuery *query;
} Wish;

/* Wants another query, once. */
static void
wish (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  Wish *w = data;
  g_autoptr (VlQuery) query = g_steal_pointer (&w->query);

  if (query != NULL)
    vl_live_list_set_query (w->f->list, query);
}

static void
test_query_while_rows_go (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("a b c d e");
  g_autoptr (VlQuery) first = starting_from ("c");
  Wish w = { .f = f };

  settle ();
  assert_changes (f, "0+5");
  f->mirrors = TRUE;
  list_fixture_mirror (f, 0, 0, 5);
  w.query = starting_from ("e");
  g_signal_connect (f->list, "items-changed", G_CALLBACK (wish), &w);
  vl_live_list_set_query (f->list, first);
  fake_clock_advance (100);
  /* The page that was here is that of the first. */
  assert_changes (f, "0-5 0+3");
  assert_model (f, "c d e");
  pass_while ();
  assert_changes (f, "0-3 0+1");
  assert_model (f, "e");
  g_assert_false (vl_live_list_get_loading (f->list));
  g_signal_handlers_disconnect_by_data (f->list, &w);
}

static void
test_query_back_while_rows_go (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("a b c d e");
  g_autoptr (VlQuery) first = starting_from ("c");
  Wish w = { .f = f };

  settle ();
  assert_changes (f, "0+5");
  w.query = vl_query_new ();
  g_signal_connect (f->list, "items-changed", G_CALLBACK (wish), &w);
  vl_live_list_set_query (f->list, first);
  pass_while ();
  pass_while ();
  g_string_truncate (f->changes, 0);
  assert_model (f, "a b c d e");
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_COMPLETE);
  g_signal_handlers_disconnect_by_data (f->list, &w);
}

/* Pages of 50, eight of which are kept up to date. */
static ListFixture *
long_list (void)
{
  ListFixture *f = g_new0 (ListFixture, 1);

  f->master = list_master_new (LIST_EVERYTHING);
  f->master->n_virtual = 10000;
  list_fixture_watch (f,
                      g_object_new (VL_TYPE_LIVE_LIST, "table", f->master, "page-size", 50, NULL));
  settle ();
  assert_changes (f, "0+10000");
  assert_asked (f->master, "0+50");

  return f;
}

/* Six pages are asked for at a time, and one that has been scrolled past is not
 * waited for, whoever holds its rows. */
static void
test_pages_under_way (void)
{
  g_autoptr (ListFixture) f = long_list ();
  g_autoptr (GPtrArray) held = g_ptr_array_new_with_free_func (g_object_unref);

  f->master->holds = TRUE;
  g_ptr_array_add (held, list_fixture_get (f, 10 * 50));
  pass_frame ();
  assert_asked (f->master, "500+50");
  for (guint page = 27; page >= 20; page--)
    g_ptr_array_add (held, list_fixture_get (f, page * 50));
  pass_frame ();
  settle ();
  g_assert_cmpuint (f->master->n_cancelled, ==, 1);
  assert_asked (f->master, "1000+50 1050+50 1100+50 1150+50 1200+50 1250+50");
  list_master_answer (f->master);
  list_master_answer (f->master);
  settle ();
  assert_asked (f->master, "1300+50");
  list_master_answer_all (f->master);
  pass_frame ();
  f->master->holds = FALSE;
  list_master_answer_all (f->master);
  pass_while ();
}

/* What was scrolled past and is still at hand is good again when somebody looks. */
static void
test_page_brought_forward (void)
{
  g_autoptr (ListFixture) f = long_list ();
  g_autoptr (VlRow) row = list_fixture_get (f, 5 * 50);

  pass_while ();
  for (guint page = 20; page < 27; page++)
    {
      g_object_unref (list_fixture_get (f, page * 50));
      pass_while ();
    }
  g_object_unref (list_fixture_get (f, 6 * 50));
  pass_while ();
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_STALE);
  g_string_truncate (f->master->asked, 0);
  g_object_unref (list_fixture_get (f, 5 * 50));
  pass_frame ();
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_FRESH);
  g_assert_false (g_str_has_prefix (f->master->asked->str, "250+50"));
  pass_while ();
}

/* Nobody waits any more for pages of a query that is not wanted. */
static void
test_pages_of_the_old_query (void)
{
  g_autoptr (ListFixture) f = list_fixture_new (ALPHABET);
  g_autoptr (VlQuery) query = starting_from ("c");
  g_autoptr (VlRow) row = NULL;

  settle ();
  assert_changes (f, "0+26");
  f->master->holds = TRUE;
  row = list_fixture_get (f, 15);
  pass_frame ();
  g_assert_cmpuint (f->master->held->len, ==, 1);
  vl_live_list_set_query (f->list, query);
  settle ();
  g_assert_cmpuint (f->master->n_cancelled, ==, 1);
  f->master->holds = FALSE;
  list_master_answer_all (f->master);
  pass_while ();
  g_string_truncate (f->changes, 0);
}

static void
tell (GObject *object, GParamSpec *pspec, GString *told)
{
  if (!g_str_equal (pspec->name, "n-items"))
    g_string_append_printf (told, "%s%s", told->len > 0 ? " " : "", pspec->name);
}

static void
assert_told (GString *told, const char *expected)
{
  g_assert_cmpstr (told->str, ==, expected);
  g_string_truncate (told, 0);
}

/* What a spinner, a page for errors and an empty page are bound to. */
static void
test_told (void)
{
  g_autoptr (ListFixture) f = list_fixture_new (ALPHABET);
  g_autoptr (VlQuery) query = starting_from ("c");
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_signal_connect (f->list, "notify", G_CALLBACK (tell), told);
  settle ();
  assert_changes (f, "0+26");
  assert_told (told, "total-kind load-state loading");
  f->master->n_errors = 1;
  vl_live_list_set_query (f->list, query);
  assert_told (told, "query");
  pass_while ();
  assert_changes (f, "0-26");
  assert_told (told, "loading error total-kind load-state loading");
  error = vl_live_list_dup_error (f->list);
  g_assert_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE);

  /* Another query has not failed. */
  vl_live_list_set_query (f->list, NULL);
  pass_while ();
  assert_changes (f, "0+26");
  g_clear_error (&error);
  error = vl_live_list_dup_error (f->list);
  g_assert_no_error (error);
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_PARTIAL);
  g_signal_handlers_disconnect_by_data (f->list, told);
}

/* Whoever asks for it gets it now, however lately something was asked for. */
static void
test_refresh_at_once (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("a b c");
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();

  settle ();
  assert_changes (f, "0+3");
  g_object_unref (list_fixture_get (f, 0));
  pass_while ();
  f->master->n_lists = 0;
  vl_live_stream_push (f->master->stream, event);
  settle ();
  g_assert_cmpuint (f->master->n_lists, ==, 1);
  vl_live_list_refresh (f->list);
  settle ();
  g_assert_cmpuint (f->master->n_lists, ==, 2);
}

static void
test_count_of_the_old_query (void)
{
  g_autoptr (ListFixture) f = list_fixture_new (ALPHABET);
  g_autoptr (VlQuery) query = starting_from ("c");

  f->master->total = -1;
  f->master->holds_counts = TRUE;
  settle ();
  assert_changes (f, "0+20");
  g_assert_cmpuint (f->master->held->len, ==, 1);

  vl_live_list_set_query (f->list, query);
  pass_while ();
  assert_changes (f, "0-20 0+20");
  g_assert_cmpuint (f->master->n_cancelled, ==, 1);
  g_assert_cmpuint (f->master->held->len, ==, 2);
  list_master_answer (f->master);
  settle ();
  assert_changes (f, "");
  g_assert_cmpint (vl_live_list_get_total_kind (f->list), ==, VL_TOTAL_KIND_UNKNOWN);
  list_master_answer (f->master);
  settle ();
  assert_changes (f, "20+4");
  g_assert_cmpint (vl_live_list_get_total_kind (f->list), ==, VL_TOTAL_KIND_EXACT);
}

/* The answer is no news any more, and is asked for once more. */
static void
test_count_and_change (void)
{
  g_autoptr (ListFixture) f = list_fixture_new (ALPHABET);

  f->master->total = -1;
  f->master->holds_counts = TRUE;
  settle ();
  assert_changes (f, "0+20");
  list_master_put (f->master, "bb", "bb");
  settle ();
  assert_changes (f, "2+1");
  list_master_answer (f->master);
  settle ();
  g_assert_cmpuint (f->master->held->len, ==, 1);
  list_master_answer (f->master);
  settle ();
  assert_changes (f, "21+6");
  g_assert_cmpint (vl_live_list_get_total_kind (f->list), ==, VL_TOTAL_KIND_EXACT);
}

/* The fixture asserts that the list goes. */
static void
test_goes_while_it_counts (void)
{
  g_autoptr (ListFixture) f = list_fixture_new (ALPHABET);

  f->master->total = -1;
  f->master->holds_counts = TRUE;
  settle ();
  assert_changes (f, "0+20");
  g_assert_cmpuint (f->master->held->len, ==, 1);
  g_assert_finalize_object (f->list);
  settle ();
  g_assert_cmpuint (f->master->n_cancelled, ==, 1);
  list_master_answer (f->master);
  settle ();
  f->list = vl_live_list_new (VL_TABLE (f->master), NULL);
}

/* Nobody knows what else there is. */
static void
test_insert_after_a_failure (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("a b c");

  f->master->n_errors = 1;
  settle ();
  assert_changes (f, "");
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_FAILED);
  g_assert_cmpint (vl_live_list_get_total_kind (f->list), ==, VL_TOTAL_KIND_UNKNOWN);
  g_assert_cmpuint (f->master->n_counts, ==, 0);
  list_master_put (f->master, "d", "d");
  settle ();
  pass_while ();
  assert_changes (f, "0+4");
  assert_model (f, "a b c d");
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_COMPLETE);
}

/* A total that was a lie once is none when something has changed. */
static void
test_lie_that_comes_true (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("a b c d e f g h i j");
  g_autoptr (VlRow) row = NULL;
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();

  f->master->total = 13;
  settle ();
  assert_changes (f, "0+13");
  row = list_fixture_get (f, 11);
  pass_while ();
  assert_changes (f, "10-3");
  g_assert_cmpint (vl_live_list_get_total_kind (f->list), ==, VL_TOTAL_KIND_CAPPED);
  vl_live_list_refresh (f->list);
  pass_while ();
  assert_changes (f, "");
  f->master->total = LIST_TOTAL_TRUE;
  list_master_set (f->master, "a b c d e f g h i j k l m");
  vl_live_stream_push (f->master->stream, event);
  pass_while ();
  assert_changes (f, "10+3");
  g_assert_cmpint (vl_live_list_get_total_kind (f->list), ==, VL_TOTAL_KIND_EXACT);
}

/* As many as a list model can have, and one more. */
static void
test_more_than_a_model_has (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("a b c d e f g h i j k l");

  f->master->total = G_MAXINT64;
  settle ();
  assert_changes (f, "0+4294967294");
  list_master_put (f->master, "bb", "bb");
  settle ();
  pass_while ();
  g_string_truncate (f->changes, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->list)), ==, G_MAXUINT - 1);
}

static void
test_page_larger_than_the_table (void)
{
  g_autoptr (ListFixture) f = g_new0 (ListFixture, 1);

  f->master = list_master_new (LIST_EVERYTHING);
  list_master_set (f->master, "a b c");
  f->master->total = -1;
  list_fixture_watch (f, g_object_new (VL_TYPE_LIVE_LIST, "table", f->master, "page-size", G_MAXINT,
                                       NULL));
  settle ();
  assert_changes (f, "0+3");
  assert_model (f, "a b c");
  pass_frame ();
  g_assert_cmpint (vl_live_list_get_total_kind (f->list), ==, VL_TOTAL_KIND_EXACT);
  list_master_put (f->master, "d", "d");
  settle ();
  assert_changes (f, "3+1");
  assert_model (f, "a b c d");
}

/* A handler of a row that tells of a change. */
static void
put_another (GObject *row, GParamSpec *pspec, gpointer data)
{
  ListFixture *f = data;

  g_signal_handlers_disconnect_by_func (row, put_another, data);
  list_master_put (f->master, "aa", "aa");
  settle ();
}

static void
test_event_in_a_handler (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("a b c");
  g_autoptr (VlRow) row = NULL;

  settle ();
  assert_changes (f, "0+3");
  row = list_fixture_get (f, 1);
  g_signal_connect (row, "notify::record", G_CALLBACK (put_another), f);
  list_master_put (f->master, "b", "bb");
  settle ();
  assert_changes (f, "1+1");
  assert_model (f, "a aa b c");
  g_assert_cmpstr (vl_record_get_string (vl_row_get_record (row), "name"), ==, "bb");
}

static void
test_window_and_changes (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("a b c d e f");
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) window = vl_query_window (all, 2, 3);

  settle ();
  assert_changes (f, "0+6");
  vl_live_list_set_query (f->list, window);
  pass_while ();
  assert_changes (f, "0-6 0+3");
  assert_model (f, "c d e");
  f->mirrors = TRUE;
  list_fixture_mirror (f, 0, 0, 3);
  list_master_put (f->master, "aa", "aa");
  settle ();
  pass_while ();
  g_string_truncate (f->changes, 0);
  assert_model (f, "b c d");
  list_master_remove (f->master, "a");
  list_master_remove (f->master, "aa");
  list_master_remove (f->master, "b");
  list_master_remove (f->master, "c");
  settle ();
  pass_while ();
  g_string_truncate (f->changes, 0);
  assert_model (f, "f");
  f->mirrors = FALSE;
}

static void
test_closed_table (void)
{
  g_auto (LiveFixture) live = live_fixture_new (NULL);
  g_autoptr (ListFixture) f = g_new0 (ListFixture, 1);
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GError) error = NULL;

  list_fixture_watch (f, vl_live_list_new (VL_TABLE (live.live), NULL));
  settle ();
  pass_while ();
  assert_changes (f, "0+3");
  rows = list_fixture_hold (f, 0, 3);
  vl_live_table_close_async (live.live, NULL, NULL, NULL);
  settle ();
  vl_live_list_refresh (f->list);
  settle ();
  pass_while ();
  error = vl_live_list_dup_error (f->list);
  g_assert_error (error, VL_ERROR, VL_ERROR_CLOSED);
  assert_model (f, "a b c");
  g_assert_false (vl_live_list_get_loading (f->list));
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  fake_clock_advance (1000);
  g_test_add_func ("/live-list/query/while-the-rows-go", test_query_while_rows_go);
  g_test_add_func ("/live-list/query/back-while-the-rows-go", test_query_back_while_rows_go);
  g_test_add_func ("/live-list/query/window-and-changes", test_window_and_changes);
  g_test_add_func ("/live-list/page/under-way", test_pages_under_way);
  g_test_add_func ("/live-list/page/brought-forward", test_page_brought_forward);
  g_test_add_func ("/live-list/page/of-the-old-query", test_pages_of_the_old_query);
  g_test_add_func ("/live-list/told", test_told);
  g_test_add_func ("/live-list/refresh-at-once", test_refresh_at_once);
  g_test_add_func ("/live-list/count/of-the-old-query", test_count_of_the_old_query);
  g_test_add_func ("/live-list/count/and-a-change", test_count_and_change);
  g_test_add_func ("/live-list/count/goes-meanwhile", test_goes_while_it_counts);
  g_test_add_func ("/live-list/total/insert-after-a-failure", test_insert_after_a_failure);
  g_test_add_func ("/live-list/total/lie-that-comes-true", test_lie_that_comes_true);
  g_test_add_func ("/live-list/total/more-than-a-model-has", test_more_than_a_model_has);
  g_test_add_func ("/live-list/page/larger-than-the-table", test_page_larger_than_the_table);
  g_test_add_func ("/live-list/lifetime/event-in-a-handler", test_event_in_a_handler);
  g_test_add_func ("/live-list/lifetime/closed-table", test_closed_table);
  result = g_test_run ();
  fake_clock_end ();

  return result;
}
