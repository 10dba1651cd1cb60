/* test-live-list.c: what a list asks for, and when it shows it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "list-fixture.h"

#define ALPHABET "a b c d e f g h i j k l m n o p q r s t u v w x y z"

static void
test_first_page (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("b c a");

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->list)), ==, 0);
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (f->list)) == VL_TYPE_ROW);
  g_assert_true (vl_live_list_get_loading (f->list));
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_LOADING);
  assert_asked (f->master, "");

  settle ();
  assert_changes (f, "0+3");
  g_assert_cmpuint (f->n_notifies, ==, 1);
  assert_model (f, "a b c");
  assert_asked (f->master, "0+10");
  g_assert_false (vl_live_list_get_loading (f->list));
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_COMPLETE);
  g_assert_cmpint (vl_live_list_get_total_kind (f->list), ==, VL_TOTAL_KIND_EXACT);
  g_assert_cmpuint (f->master->n_counts, ==, 0);

  pass_while ();
  assert_asked (f->master, "");
}

static void
test_empty (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("");

  settle ();
  assert_changes (f, "");
  assert_model (f, "");
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_COMPLETE);
}

static void
test_same_object (void)
{
  g_autoptr (ListFixture) f = list_fixture_new (ALPHABET);
  g_autoptr (VlRow) row = NULL;
  g_autoptr (VlRow) again = NULL;

  settle ();
  assert_changes (f, "0+26");
  row = list_fixture_get (f, 15);
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_LOADING);
  again = list_fixture_get (f, 15);
  g_assert_true (again == row);
  g_clear_object (&again);

  pass_frame ();
  again = list_fixture_get (f, 15);
  g_assert_true (again == row);
  g_assert_cmpstr (vl_row_get_id (row), ==, "p");
}

static void
test_demand (void)
{
  g_autoptr (ListFixture) f = list_fixture_new (ALPHABET);
  g_autoptr (VlRow) row = NULL;
  guint n_records = 0, n_loading = 0, n_states = 0;

  settle ();
  assert_changes (f, "0+26");
  assert_asked (f->master, "0+10");

  row = list_fixture_get (f, 12);
  g_signal_connect (row, "notify::record", G_CALLBACK (count_notify), &n_records);
  g_signal_connect (row, "notify::loading", G_CALLBACK (count_notify), &n_loading);
  g_signal_connect (row, "notify::state", G_CALLBACK (count_notify), &n_states);
  settle ();
  /* Nothing is fetched from get_item, nor before a frame has gone by. */
  assert_asked (f->master, "");
  fake_clock_advance (10);
  assert_asked (f->master, "");
  fake_clock_advance (10);
  assert_asked (f->master, "10+10");
  assert_changes (f, "");
  g_assert_cmpuint (n_records, ==, 1);
  g_assert_cmpuint (n_loading, ==, 1);
  g_assert_cmpuint (n_states, ==, 1);
  g_assert_cmpstr (vl_row_get_id (row), ==, "m");
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_FRESH);
}

/* Of what was scrolled past nothing is asked for. */
static void
test_scrolled_past (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("");
  g_autoptr (GPtrArray) held = NULL;

  f->master->n_virtual = 100000;
  settle ();
  assert_changes (f, "0+100000");
  assert_asked (f->master, "0+10");

  for (guint i = 0; i < 4000; i++)
    {
      g_autoptr (VlRow) row = list_fixture_get (f, i);

      g_assert_nonnull (row);
    }
  held = list_fixture_hold (f, 4000, 10);
  pass_frame ();
  assert_asked (f->master, "4000+10 4010+10");
  g_assert_cmpstr (vl_row_get_id (held->pdata[3]), ==, "0004003");
}

static void
test_cancel (void)
{
  g_autoptr (ListFixture) f = list_fixture_new (ALPHABET);
  g_autoptr (VlRow) row = NULL;

  settle ();
  assert_changes (f, "0+26");
  assert_asked (f->master, "0+10");
  f->master->holds = TRUE;
  row = list_fixture_get (f, 12);
  pass_frame ();
  assert_asked (f->master, "10+10");

  g_clear_object (&row);
  pass_frame ();
  settle ();
  g_assert_cmpuint (f->master->n_cancelled, ==, 1);
  g_assert_false (vl_live_list_get_loading (f->list));
  list_master_answer (f->master);
  settle ();

  row = list_fixture_get (f, 12);
  pass_frame ();
  assert_asked (f->master, "10+10");
  list_master_answer (f->master);
  settle ();
  g_assert_cmpstr (vl_row_get_id (row), ==, "m");
}

static void
test_read_ahead (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("");
  g_autoptr (VlRow) first = NULL;
  g_autoptr (VlRow) second = NULL;
  g_autoptr (VlRow) third = NULL;

  f->master->n_virtual = 1000;
  settle ();
  assert_changes (f, "0+1000");
  assert_asked (f->master, "0+10");
  first = list_fixture_get (f, 505);
  pass_frame ();
  assert_asked (f->master, "500+10");
  second = list_fixture_get (f, 515);
  pass_frame ();
  assert_asked (f->master, "510+10 520+10");
  third = list_fixture_get (f, 522);
  /* It was read ahead: no placeholder. */
  g_assert_cmpint (vl_row_get_state (third), ==, VL_ROW_STATE_FRESH);
  pass_frame ();
  assert_asked (f->master, "530+10");
  g_clear_object (&first);
  first = list_fixture_get (f, 501);
  pass_frame ();
  assert_asked (f->master, "490+10");
}

/* Eight pages of 50 and more rows are kept up to date, whoever holds them. */
static void
test_behind (void)
{
  g_autoptr (ListFixture) f = g_new0 (ListFixture, 1);
  g_autoptr (GPtrArray) held = NULL;
  VlRow *row;

  f->master = list_master_new (LIST_EVERYTHING);
  f->master->n_virtual = 10000;
  list_fixture_watch (f,
                      g_object_new (VL_TYPE_LIVE_LIST, "table", f->master, "page-size", 50, NULL));
  settle ();
  assert_changes (f, "0+10000");
  held = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint page = 0; page < 20; page++)
    {
      g_ptr_array_add (held, list_fixture_get (f, page * 50));
      pass_frame ();
      settle ();
    }
  g_string_truncate (f->master->asked, 0);
  row = held->pdata[0];
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_STALE);
  g_assert_cmpstr (vl_row_get_id (row), ==, "0000000");
  g_assert_cmpint (vl_row_get_state (held->pdata[11]), ==, VL_ROW_STATE_STALE);
  g_assert_cmpint (vl_row_get_state (held->pdata[12]), ==, VL_ROW_STATE_FRESH);

  vl_live_list_refresh (f->list);
  pass_while ();
  g_assert_cmpuint (f->master->n_lists, <=, 1 + 20 + 20 + 9);
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_STALE);
  g_string_truncate (f->master->asked, 0);

  g_object_unref (list_fixture_get (f, 0));
  pass_while ();
  g_assert_true (g_str_has_prefix (f->master->asked->str, "0+50"));
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_FRESH);
  assert_changes (f, "");
}

static void
test_failed_page (void)
{
  g_autoptr (ListFixture) f = list_fixture_new (ALPHABET);
  g_autoptr (VlRow) row = NULL;
  g_autoptr (GError) error = NULL;

  settle ();
  assert_changes (f, "0+26");
  f->master->n_errors = 1;
  row = list_fixture_get (f, 12);
  assert_asked (f->master, "0+10");
  pass_frame ();
  assert_asked (f->master, "10+10");
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_LOAD_FAILED);
  error = vl_row_dup_error (row);
  g_assert_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE);
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_FAILED);

  /* Nobody asks: nothing is asked for, however long it takes. */
  fake_clock_advance (10000);
  assert_asked (f->master, "");
  /* Whoever asks has it asked for again, but not all the time. */
  f->master->n_errors = 1;
  g_object_unref (list_fixture_get (f, 12));
  pass_frame ();
  assert_asked (f->master, "10+10");
  g_object_unref (list_fixture_get (f, 12));
  fake_clock_advance (900);
  assert_asked (f->master, "");
  fake_clock_advance (200);
  assert_asked (f->master, "10+10");
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_FRESH);
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_PARTIAL);
  g_clear_error (&error);
  error = vl_row_dup_error (row);
  g_assert_no_error (error);
}

static void
test_retry (void)
{
  g_autoptr (ListFixture) f = list_fixture_new (ALPHABET);

  f->master->n_errors = 1;
  settle ();
  assert_changes (f, "");
  assert_asked (f->master, "0+10");
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_FAILED);
  vl_live_list_retry (f->list);
  settle ();
  assert_asked (f->master, "0+10");
  assert_changes (f, "0+26");
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_PARTIAL);
}

/* A refresh that fails costs freshness, not data. */
static void
test_failed_refresh (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("a b");
  g_autoptr (GPtrArray) held = NULL;

  settle ();
  assert_changes (f, "0+2");
  held = list_fixture_hold (f, 0, 2);
  f->master->n_errors = 1;
  vl_live_list_refresh (f->list);
  pass_while ();
  assert_model (f, "a b");
  g_assert_cmpint (vl_row_get_state (held->pdata[0]), ==, VL_ROW_STATE_STALE);
}

static void
test_new_query (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("a/X b/Y c/X d/Y");
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_where (all, "name", VL_OP_EQ, g_variant_new_string ("X"));
  g_autoptr (GPtrArray) held = NULL;

  settle ();
  assert_changes (f, "0+4");
  held = list_fixture_hold (f, 0, 4);
  f->master->holds = TRUE;
  vl_live_list_set_query (f->list, query);
  settle ();
  fake_clock_advance (200);
  /* The old rows stay. */
  assert_changes (f, "");
  assert_model (f, "a b c d");
  g_assert_true (vl_live_list_get_loading (f->list));

  list_master_answer (f->master);
  settle ();
  assert_changes (f, "0-4 0+2");
  assert_model (f, "a c");
  g_assert_false (vl_live_list_get_loading (f->list));
  /* A row follows its record. */
  {
    g_autoptr (VlRow) row = list_fixture_get (f, 1);

    g_assert_true (row == held->pdata[2]);
    g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_FRESH);
    g_assert_cmpint (vl_row_get_state (held->pdata[1]), ==, VL_ROW_STATE_GONE);
  }
}

static void
test_new_query_fails (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("a b c");
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_search (all, "b");

  settle ();
  assert_changes (f, "0+3");
  f->master->n_errors = 1;
  vl_live_list_set_query (f->list, query);
  pass_while ();
  assert_changes (f, "0-3");
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_FAILED);
  vl_live_list_retry (f->list);
  pass_while ();
  assert_changes (f, "0+1");
  assert_model (f, "b");
}

static void
test_keystrokes (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("anna bert");
  g_autoptr (VlQuery) all = vl_query_new ();
  const char *const typed[] = { "a", "an", "ann", "anna" };

  settle ();
  assert_changes (f, "0+2");
  fake_clock_advance (1000);
  assert_asked (f->master, "0+10");
  f->master->holds = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (typed); i++)
    {
      g_autoptr (VlQuery) query = vl_query_search (all, typed[i]);

      vl_live_list_set_query (f->list, query);
      fake_clock_advance (20);
    }
  /* The first key, and what was there when some time had gone by. */
  fake_clock_advance (200);
  assert_asked (f->master, "0+10 0+10");
  list_master_answer_all (f->master);
  settle ();
  assert_changes (f, "0-2 0+1");
  assert_model (f, "anna");
}

static void
test_query_and_back (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("a b");
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_search (all, "b");

  settle ();
  assert_changes (f, "0+2");
  f->master->holds = TRUE;
  vl_live_list_set_query (f->list, query);
  fake_clock_advance (200);
  vl_live_list_set_query (f->list, NULL);
  settle ();
  list_master_answer_all (f->master);
  pass_while ();
  assert_changes (f, "");
  assert_model (f, "a b");
  g_assert_false (vl_live_list_get_loading (f->list));
}

static void
test_window_of_query (void)
{
  g_autoptr (ListFixture) f = list_fixture_new (ALPHABET);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_window (all, 3, 14);
  g_autoptr (GPtrArray) held = NULL;

  settle ();
  assert_changes (f, "0+26");
  vl_live_list_set_query (f->list, query);
  pass_while ();
  assert_changes (f, "0-26 0+14");
  held = list_fixture_hold (f, 0, 14);
  pass_frame ();
  assert_model (f, "d e f g h i j k l m n o p q");
  assert_asked (f->master, "0+10 3+10 13+4");
}

/* Totals */

static void
scroll_to_end (ListFixture *f)
{
  for (guint i = 0; i < 20; i++)
    {
      guint n = g_list_model_get_n_items (G_LIST_MODEL (f->list));
      g_autoptr (GPtrArray) held = n > 0 ? list_fixture_hold (f, n > 10 ? n - 10 : 0, MIN (n, 10))
                                         : NULL;

      g_assert_true (n == 0 || held != NULL);
      pass_frame ();
    }
}

static void
test_unknown_total (void)
{
  g_autoptr (ListFixture) f = g_new0 (ListFixture, 1);

  f->master = list_master_new (VL_CAPABILITY_WINDOW | VL_CAPABILITY_ORDER | VL_CAPABILITY_FILTER);
  list_master_set (f->master, ALPHABET);
  f->master->total = -1;
  list_fixture_watch (f,
                      g_object_new (VL_TYPE_LIVE_LIST, "table", f->master, "page-size", 10, NULL));
  settle ();
  assert_changes (f, "0+20");
  g_assert_cmpint (vl_live_list_get_total_kind (f->list), ==, VL_TOTAL_KIND_UNKNOWN);
  scroll_to_end (f);
  assert_changes (f, "20+10 26-4");
  g_assert_cmpint (vl_live_list_get_total_kind (f->list), ==, VL_TOTAL_KIND_EXACT);
}

static void
test_counted_total (void)
{
  g_autoptr (ListFixture) f = g_new0 (ListFixture, 1);

  f->master = list_master_new (LIST_EVERYTHING);
  list_master_set (f->master, ALPHABET);
  f->master->total = -1;
  list_fixture_watch (f,
                      g_object_new (VL_TYPE_LIVE_LIST, "table", f->master, "page-size", 10, NULL));
  settle ();
  assert_changes (f, "0+20 20+6");
  g_assert_cmpint (vl_live_list_get_total_kind (f->list), ==, VL_TOTAL_KIND_EXACT);
  g_assert_cmpuint (f->master->n_counts, ==, 1);
  scroll_to_end (f);
  g_assert_cmpuint (f->master->n_counts, ==, 1);
}

static void
test_total_too_high (void)
{
  g_autoptr (ListFixture) f = list_fixture_new (ALPHABET);

  f->master->total = 100;
  settle ();
  assert_changes (f, "0+100");
  scroll_to_end (f);
  assert_changes (f, "90-10 40-50 26-14");
  g_assert_cmpint (vl_live_list_get_total_kind (f->list), ==, VL_TOTAL_KIND_CAPPED);
  /* The same lie is not believed again. */
  vl_live_list_refresh (f->list);
  scroll_to_end (f);
  pass_while ();
  assert_changes (f, "");
}

/* The table has as many records by now as it has claimed all the time. */
static void
test_total_that_comes_true (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("A B C D E F G H I J K L");
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();

  f->master->total = 13;
  settle ();
  scroll_to_end (f);
  g_assert_cmpint (vl_live_list_get_total_kind (f->list), ==, VL_TOTAL_KIND_CAPPED);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->list)), ==, 12);
  assert_changes (f, "0+13 12-1");
  list_master_set (f->master, "A B C D E F G H I J K L M");
  vl_live_stream_push (f->master->stream, event);
  settle ();
  scroll_to_end (f);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->list)), ==, 13);
  assert_changes (f, "12+1");
}

static void
test_total_too_low (void)
{
  g_autoptr (ListFixture) f = list_fixture_new (ALPHABET);

  f->master->total = 5;
  f->master->count = 5;
  settle ();
  scroll_to_end (f);
  assert_changes (f, "0+20 20+10 26-4");
  g_assert_cmpint (vl_live_list_get_total_kind (f->list), ==, VL_TOTAL_KIND_EXACT);
}

/* A page that brings nothing for the rows it was fetched for. */
static void
test_id_twice (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("a b c d e");
  g_autoptr (GPtrArray) held = NULL;

  f->master->shows_twice = TRUE;
  settle ();
  assert_changes (f, "0+5");
  held = list_fixture_hold (f, 0, 5);
  g_assert_cmpstr (vl_row_get_id (held->pdata[4]), ==, "a");
  g_assert_null (vl_row_get_id (held->pdata[0]));
  /* It is asked for again, but not for ever. */
  for (guint i = 0; i < 100; i++)
    fake_clock_advance (250);
  g_assert_cmpuint (f->master->n_lists, <, 15);

  f->master->shows_twice = FALSE;
  vl_live_list_refresh (f->list);
  pass_while ();
  assert_changes (f, "0-5+5");
  assert_model (f, "a b c d e");
}

static void
test_without_windows (void)
{
  g_autoptr (ListFixture) f = g_new0 (ListFixture, 1);
  g_autoptr (GPtrArray) held = NULL;

  f->master = list_master_new (VL_CAPABILITY_NONE);
  list_master_set (f->master, ALPHABET);
  list_fixture_watch (f,
                      g_object_new (VL_TYPE_LIVE_LIST, "table", f->master, "page-size", 10, NULL));
  settle ();
  assert_changes (f, "0+26");
  assert_model (f, ALPHABET);
  held = list_fixture_hold (f, 0, 26);
  pass_while ();
  g_assert_cmpuint (f->master->n_lists, ==, 1);
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_COMPLETE);
}

static void
test_finalize_in_flight (void)
{
  g_autoptr (ListFixture) f = list_fixture_new (ALPHABET);
  g_autoptr (VlRow) row = NULL;

  settle ();
  assert_changes (f, "0+26");
  f->master->holds = TRUE;
  row = list_fixture_get (f, 12);
  pass_frame ();
  g_assert_cmpuint (f->master->held->len, ==, 1);
  g_signal_handlers_disconnect_by_data (f->list, f);
  g_assert_finalize_object (f->list);
  settle ();
  g_assert_cmpuint (f->master->n_cancelled, ==, 1);
  list_master_answer (f->master);
  settle ();
  g_assert_null (vl_row_get_record (row));

  /* Another one, for the fixture to take down. */
  g_string_free (f->changes, TRUE);
  g_ptr_array_unref (f->mirror);
  list_fixture_watch (f, vl_live_list_new (VL_TABLE (f->master), NULL));
}

static void
last_reference_gone (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  VlLiveList **list = data;

  g_clear_object (list);
}

static void
test_unref_in_handler (void)
{
  g_autoptr (ListMaster) master = list_master_new (LIST_EVERYTHING);
  VlLiveList *list;

  list_master_set (master, ALPHABET);
  list = vl_live_list_new (VL_TABLE (master), NULL);
  g_signal_connect (list, "items-changed", G_CALLBACK (last_reference_gone), &list);
  g_object_add_weak_pointer (G_OBJECT (list), (gpointer *) &list);
  pass_while ();
  g_assert_null (list);
}

static GObject *
make_label (VlRecord *record, GObject *object, gpointer user_data)
{
  GObject *made = object != NULL ? g_object_ref (object)
                                 : G_OBJECT (g_simple_action_new ("x", NULL));

  (*(guint *) user_data)++;
  g_object_set_data_full (made, "name", g_strdup (vl_record_get_string (record, "name")), g_free);

  return made;
}

static void
count_destroyed (gpointer data)
{
  (*(guint *) data)++;
}

/* Data of a factory goes with it. */
static void
test_factory_data (void)
{
  guint n_first = 0, n_second = 0;

  {
    g_autoptr (ListFixture) f = list_fixture_new ("");

    vl_live_list_set_object_factory (f->list, make_label, &n_first, count_destroyed);
    vl_live_list_set_object_factory (f->list, make_label, &n_second, count_destroyed);
    g_assert_cmpuint (n_first, ==, 1);
    g_assert_cmpuint (n_second, ==, 0);
    settle ();
    assert_changes (f, "");
  }
  g_assert_cmpuint (n_first, ==, 1);
  g_assert_cmpuint (n_second, ==, 1);
}

static void
test_object_factory (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("a/Apple b/Banana");
  g_autoptr (VlRow) row = NULL;
  guint n_made = 0;
  GObject *object;

  vl_live_list_set_object_factory (f->list, make_label, &n_made, NULL);
  settle ();
  assert_changes (f, "0+2");
  row = list_fixture_get (f, 0);
  g_assert_cmpuint (n_made, ==, 0);
  object = vl_row_get_object (row);
  g_assert_cmpstr (g_object_get_data (object, "name"), ==, "Apple");
  g_assert_true (vl_row_get_object (row) == object);
  g_assert_cmpuint (n_made, ==, 1);

  list_master_put (f->master, "a", "Apricot");
  settle ();
  g_assert_cmpuint (n_made, ==, 2);
  g_assert_true (vl_row_get_object (row) == object);
  g_assert_cmpstr (g_object_get_data (object, "name"), ==, "Apricot");
}

static void
test_text (void)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new ("a");
  g_autoptr (VlRecord) record = NULL;
  const char *const expected[][2] = {
    { "text", "T" }, { "number", "-7" }, { "real", "0.1" },      { "yes", "Yes" },
    { "null", "" },  { "absent", "" },   { "bytes", "5 bytes" },
  };
  g_autoptr (GBytes) bytes = g_bytes_new_static ("bytes", 5);

  vl_record_builder_set_string (builder, "text", "T");
  vl_record_builder_set_int64 (builder, "number", -7);
  vl_record_builder_set_double (builder, "real", 0.1);
  vl_record_builder_set_boolean (builder, "yes", TRUE);
  vl_record_builder_set_null (builder, "null");
  vl_record_builder_set_bytes (builder, "bytes", bytes);
  record = vl_record_builder_end (builder);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autofree char *text = vl_row_dup_text (NULL, record, expected[i][0]);

      g_assert_cmpstr (text, ==, expected[i][1]);
    }
  {
    g_autofree char *nothing = vl_row_dup_text (NULL, NULL, "text");

    g_assert_cmpstr (nothing, ==, "");
  }
}

/* Memory goes by what is held, not by how long the list is. */
static void
test_sweep (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("");

  f->master->n_virtual = 1000000;
  settle ();
  assert_changes (f, "0+1000000");
  g_test_expect_message ("vantage-live", G_LOG_LEVEL_WARNING, "*All of a live list is being read*");
  for (guint i = 0; i < 1000000; i++)
    g_object_unref (list_fixture_get (f, i));
  g_test_assert_expected_messages ();
  pass_frame ();
  g_assert_cmpuint (f->master->n_lists, <=, 2);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  g_test_add_func ("/live-list/first-page", test_first_page);
  g_test_add_func ("/live-list/empty", test_empty);
  g_test_add_func ("/live-list/same-object", test_same_object);
  g_test_add_func ("/live-list/demand/deferred", test_demand);
  g_test_add_func ("/live-list/demand/scrolled-past-is-not-asked-for", test_scrolled_past);
  g_test_add_func ("/live-list/demand/cancelled-with-its-rows", test_cancel);
  g_test_add_func ("/live-list/demand/read-ahead", test_read_ahead);
  g_test_add_func ("/live-list/demand/behind", test_behind);
  g_test_add_func ("/live-list/demand/sweep", test_sweep);
  g_test_add_func ("/live-list/failure/page", test_failed_page);
  g_test_add_func ("/live-list/failure/retry", test_retry);
  g_test_add_func ("/live-list/failure/refresh-keeps-data", test_failed_refresh);
  g_test_add_func ("/live-list/query/old-rows-stay", test_new_query);
  g_test_add_func ("/live-list/query/fails", test_new_query_fails);
  g_test_add_func ("/live-list/query/keystrokes", test_keystrokes);
  g_test_add_func ("/live-list/query/and-back", test_query_and_back);
  g_test_add_func ("/live-list/query/window", test_window_of_query);
  g_test_add_func ("/live-list/total/unknown", test_unknown_total);
  g_test_add_func ("/live-list/total/counted", test_counted_total);
  g_test_add_func ("/live-list/total/too-high", test_total_too_high);
  g_test_add_func ("/live-list/total/that-comes-true", test_total_that_comes_true);
  g_test_add_func ("/live-list/total/too-low", test_total_too_low);
  g_test_add_func ("/live-list/page/id-twice", test_id_twice);
  g_test_add_func ("/live-list/page/whole", test_without_windows);
  g_test_add_func ("/live-list/lifetime/in-flight", test_finalize_in_flight);
  g_test_add_func ("/live-list/lifetime/unref-in-handler", test_unref_in_handler);
  g_test_add_func ("/live-list/row/object-factory", test_object_factory);
  g_test_add_func ("/live-list/row/factory-data", test_factory_data);
  g_test_add_func ("/live-list/row/text", test_text);
  result = g_test_run ();
  fake_clock_end ();

  return result;
}
