/* test-live-list-change.c: what a list emits when something changes
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "list-fixture.h"

/* A list that has been loaded, with rows that somebody holds. */
static ListFixture *
loaded (const char *words)
{
  ListFixture *f = list_fixture_new (words);

  f->mirrors = TRUE;
  settle ();
  pass_while ();
  g_string_truncate (f->changes, 0);
  g_string_truncate (f->master->asked, 0);

  return f;
}

static void
change_unknown (ListFixture *f, const char *words)
{
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();

  list_master_set (f->master, words);
  vl_live_stream_push (f->master->stream, event);
  settle ();
  pass_while ();
}

/* Known changes are exact and ask for nothing at first; then one page is asked
 * for, to see whether the table counts alike. */
static void
assert_exact (ListFixture *f, const char *changes, const char *model)
{
  settle ();
  pass_frame ();
  assert_changes (f, changes);
  assert_model (f, model);
  assert_asked (f->master, "");
  fake_clock_advance (2000);
  assert_changes (f, "");
  assert_model (f, model);
}

static void
test_insert (void)
{
  g_autoptr (ListFixture) f = loaded ("b d f");

  list_master_put (f->master, "c", "c");
  assert_exact (f, "1+1", "b c d f");
  assert_asked (f->master, "0+10");
  list_master_put (f->master, "a", "a");
  assert_exact (f, "0+1", "a b c d f");
  list_master_put (f->master, "g", "g");
  assert_asked (f->master, "0+10");
  assert_exact (f, "5+1", "a b c d f g");
}

static void
test_insert_into_nothing (void)
{
  g_autoptr (ListFixture) f = loaded ("");

  list_master_put (f->master, "c", "c");
  assert_exact (f, "0+1", "c");
}

static void
test_delete (void)
{
  g_autoptr (ListFixture) f = loaded ("a b c d");
  g_autoptr (VlRow) row = list_fixture_get (f, 1);

  list_master_remove (f->master, "b");
  assert_exact (f, "1-1", "a c d");
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_GONE);
  g_assert_cmpstr (vl_row_get_id (row), ==, "b");
}

/* One dispatch, and runs that touch: one emission. */
static void
test_merged (void)
{
  g_autoptr (ListFixture) f = loaded ("a b c d e f g");

  list_master_remove (f->master, "b");
  list_master_remove (f->master, "c");
  list_master_put (f->master, "b1", "x");
  assert_exact (f, "1-2+1", "a b1 d e f g");
}

static void
test_not_merged (void)
{
  g_autoptr (ListFixture) f = loaded ("a b c d e f g");

  list_master_put (f->master, "0", "x");
  list_master_remove (f->master, "f");
  assert_exact (f, "0+1 6-1", "0 a b c d e g");
}

static void
test_update (void)
{
  g_autoptr (ListFixture) f = loaded ("a/Apple b/Banana");
  g_autoptr (VlRow) row = list_fixture_get (f, 0);
  guint n_records = 0, n_names = 0, n_ids = 0;

  g_signal_connect (row, "notify::record", G_CALLBACK (count_notify), &n_records);
  g_signal_connect (row, "changed::name", G_CALLBACK (count_notify), &n_names);
  g_signal_connect (row, "changed::id", G_CALLBACK (count_notify), &n_ids);
  list_master_put (f->master, "a", "Apricot");
  assert_exact (f, "", "a b");
  g_assert_cmpuint (n_records, ==, 1);
  g_assert_cmpuint (n_names, ==, 1);
  g_assert_cmpuint (n_ids, ==, 0);
  {
    g_autofree char *text = vl_row_get_text (row, "name");

    g_assert_cmpstr (text, ==, "Apricot");
  }
}

static void
set_order (ListFixture *f)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_order_by (all, "name", FALSE);

  vl_live_list_set_query (f->list, query);
  pass_while ();
  g_string_truncate (f->changes, 0);
  g_string_truncate (f->master->asked, 0);
}

/* The record moves, and its row with it, inside one run. */
static void
test_move (void)
{
  g_autoptr (ListFixture) f = loaded ("a/1 b/2 c/3 d/4 e/5");
  g_autoptr (VlRow) row = NULL;
  g_autoptr (VlRow) again = NULL;

  set_order (f);
  row = list_fixture_get (f, 1);
  f->n_notifies = 0;
  list_master_put (f->master, "b", "44");
  assert_exact (f, "1-3+3", "a c d b e");
  g_assert_cmpuint (f->n_notifies, ==, 0);
  again = list_fixture_get (f, 3);
  g_assert_true (again == row);
  g_clear_object (&again);

  list_master_put (f->master, "b", "0");
  assert_asked (f->master, "0+10");
  assert_exact (f, "0-4+4", "b a c d e");
  again = list_fixture_get (f, 0);
  g_assert_true (again == row);
}

static void
test_out_of_the_query (void)
{
  g_autoptr (ListFixture) f = loaded ("a/x b/x c/x");
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_where (all, "name", VL_OP_EQ, g_variant_new_string ("x"));

  vl_live_list_set_query (f->list, query);
  pass_while ();
  assert_changes (f, "0-3 0+3");
  assert_asked (f->master, "0+10");
  list_master_put (f->master, "b", "y");
  assert_exact (f, "1-1", "a c");
  assert_asked (f->master, "0+10");
  /* And one that was never in it. */
  list_master_put (f->master, "d", "y");
  assert_exact (f, "", "a c");
}

static void
test_unknown_same_number (void)
{
  g_autoptr (ListFixture) f = loaded ("a b c d e");
  g_autoptr (VlRow) c = list_fixture_get (f, 2);
  g_autoptr (VlRow) again = NULL;

  change_unknown (f, "a c c1 d e");
  assert_changes (f, "1-2+2");
  assert_model (f, "a c c1 d e");
  again = list_fixture_get (f, 1);
  g_assert_true (again == c);
}

static void
test_unknown_grown (void)
{
  g_autoptr (ListFixture) f = loaded ("a b c d e");

  change_unknown (f, "a b b1 c d e");
  /* At the tail first, then what is somebody else there: one run. */
  assert_changes (f, "2-3+4");
  assert_model (f, "a b b1 c d e");
}

static void
test_unknown_shrunk (void)
{
  g_autoptr (ListFixture) f = loaded ("a b c d e");

  change_unknown (f, "a c d e");
  assert_changes (f, "1-4+3");
  assert_model (f, "a c d e");
}

static void
test_unknown_to_nothing (void)
{
  g_autoptr (ListFixture) f = loaded ("a b c d e");

  change_unknown (f, "");
  assert_changes (f, "0-5");
  change_unknown (f, "x y");
  assert_changes (f, "0+2");
  assert_model (f, "x y");
}

/* Far from what is looked at nothing is emitted but at the tail. */
static void
test_unknown_far_away (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("");
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();
  g_autoptr (GPtrArray) held = NULL;

  f->master->n_virtual = 1000000;
  settle ();
  assert_changes (f, "0+1000000");
  held = list_fixture_hold (f, 500000, 200);
  pass_while ();
  pass_while ();
  g_string_truncate (f->master->asked, 0);
  f->master->n_lists = 0;
  f->master->n_virtual = 1000010;
  vl_live_stream_push (f->master->stream, event);
  pass_while ();
  pass_while ();
  assert_changes (f, "1000000+10");
  g_assert_cmpuint (f->master->n_lists, <=, 21);
  g_assert_cmpint (vl_row_get_state (held->pdata[0]), ==, VL_ROW_STATE_FRESH);
}

/* Refreshing what is the same emits nothing at all, and blanks nothing. */
static void
test_refresh_same (void)
{
  g_autoptr (ListFixture) f = loaded ("a b c");
  g_autoptr (VlRow) row = list_fixture_get (f, 1);
  guint n_notifies = 0;

  g_signal_connect (row, "notify", G_CALLBACK (count_notify), &n_notifies);
  g_signal_connect (row, "changed", G_CALLBACK (count_notify), &n_notifies);
  f->master->holds = TRUE;
  vl_live_list_refresh (f->list);
  settle ();
  assert_model (f, "a b c");
  assert_asked (f->master, "0+10");
  list_master_answer (f->master);
  pass_while ();
  assert_changes (f, "");
  assert_model (f, "a b c");
  g_assert_cmpuint (n_notifies, ==, 0);
}

/* A record that turns up on another page takes its row along. */
static void
test_torn_pages (void)
{
  g_autoptr (ListFixture)
    f = loaded ("a00 a01 a02 a03 a04 a05 a06 a07 a08 a09 b00 b01 b02 b03 b04 b05 b06 b07 b08 b09");
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();
  g_autoptr (VlRow) row = list_fixture_get (f, 9);
  g_autoptr (VlRow) again = NULL;

  f->master->holds = TRUE;
  vl_live_stream_push (f->master->stream, event);
  pass_while ();
  g_assert_cmpuint (f->master->held->len, ==, 2);
  /* Between the two answers a record is put in front. */
  list_master_set (f->master,
                   "a a00 a01 a02 a03 a04 a05 a06 a07 a08 a09 b00 b01 b02 b03 b04 b05 b06 b07 b08");
  list_master_answer_as_asked (f->master);
  settle ();
  list_master_answer (f->master);
  settle ();
  f->master->holds = FALSE;
  pass_while ();
  list_master_answer_all (f->master);
  pass_while ();
  fake_clock_advance (2000);
  assert_model (f, "a a00 a01 a02 a03 a04 a05 a06 a07 a08 a09 b00 b01 b02 b03 b04 b05 b06 b07 b08");
  again = list_fixture_get (f, 10);
  g_assert_true (again == row);
  g_string_truncate (f->changes, 0);
}

/* An answer that was given before an exact change was made does not undo it. */
static void
test_late_answer (void)
{
  g_autoptr (ListFixture) f = loaded ("b c d");

  f->master->holds = TRUE;
  vl_live_list_refresh (f->list);
  pass_frame ();
  g_assert_cmpuint (f->master->held->len, ==, 1);
  /* Known only once what is at hand is clean again. */
  list_master_answer (f->master);
  pass_while ();
  fake_clock_advance (2000);
  list_master_put (f->master, "e", "e");
  settle ();
  assert_changes (f, "3+1");
  fake_clock_advance (1100);
  g_assert_cmpuint (f->master->held->len, ==, 1);
  list_master_put (f->master, "a", "a");
  settle ();
  assert_changes (f, "0+1");
  list_master_answer_as_asked (f->master);
  settle ();
  assert_changes (f, "");
  assert_model (f, "a b c d e");
  f->master->holds = FALSE;
  list_master_answer_all (f->master);
  fake_clock_advance (3000);
  assert_changes (f, "");
  assert_model (f, "a b c d e");
}

/* An event that comes when its page has come already. */
static void
test_late_event (void)
{
  g_autoptr (ListFixture) f = loaded ("a c");
  g_autoptr (VlRecord) record = list_master_record ("b", "b");
  g_autoptr (VlLiveEvent) event = vl_live_event_new_inserted (record);

  change_unknown (f, "a b c");
  assert_changes (f, "1-1+2");
  vl_live_stream_push (f->master->stream, event);
  settle ();
  assert_changes (f, "");
  fake_clock_advance (2000);
  assert_changes (f, "");
  assert_model (f, "a b c");
}

/* What an event says may be old by the time it is heard. Nobody looks at the record
 * when the table is asked: whoever does later sees what it is. */
static void
test_late_value (void)
{
  g_autoptr (ListFixture)
    f = loaded ("a00 a01 a02 a03 a04 a05 a06 a07 a08 a09 b00 b01 b02 b03 b04 b05 b06 b07 b08 b09");
  g_autoptr (VlRecord) record = list_master_record ("b03", "old");
  g_autoptr (VlLiveEvent) event = vl_live_event_new_updated ("b03", record);
  g_autoptr (VlRow) first = NULL;
  g_autoptr (VlRow) row = NULL;
  g_autofree char *told = NULL;
  g_autofree char *text = NULL;

  g_object_unref (list_fixture_get (f, 13));
  pass_while ();
  first = list_fixture_get (f, 3);
  pass_while ();
  list_master_set (f->master, "a00 a01 a02 a03 a04 a05 a06 a07 a08 a09 b00 b01 b02 b03/new b04 "
                              "b05 b06 b07 b08 b09");
  vl_live_stream_push (f->master->stream, event);
  settle ();
  row = list_fixture_get (f, 13);
  told = vl_row_get_text (row, "name");
  g_assert_cmpstr (told, ==, "old");
  g_clear_object (&row);
  g_object_unref (list_fixture_get (f, 4));
  settle ();
  fake_clock_advance (2000);
  pass_while ();
  row = list_fixture_get (f, 13);
  pass_while ();
  text = vl_row_get_text (row, "name");
  g_assert_cmpstr (text, ==, "new");
}

/* An insert that the total has counted already is found out. */
static void
test_miscounted (void)
{
  g_autoptr (ListFixture) f = loaded ("a c");

  f->master->total = 2;
  list_master_put (f->master, "b", "b");
  settle ();
  assert_changes (f, "1+1");
  list_master_set (f->master, "a b");
  fake_clock_advance (2000);
  assert_changes (f, "2-1");
  assert_model (f, "a b");
}

/* The check finds another number of records than there ought to be: what is on
 * other pages is not to be trusted either, though nobody has told of it. */
static void
test_surprise (void)
{
  g_autoptr (ListFixture)
    f = loaded ("a00 a01 a02 a03 a04 a05 a06 a07 a08 a09 b00 b01 b02 b03 b04 b05 b06 b07 b08 b09");
  const char *expected = "a00 a01 a02 a03 a04 a05 a06 a07 a08 a09 b00 b01 b03 b04 b05 b06 b07 b08 "
                         "b09";

  g_object_unref (list_fixture_get (f, 3));
  list_master_set (f->master, expected);
  list_master_put (f->master, "a05", "other");
  settle ();
  assert_changes (f, "");
  fake_clock_advance (1500);
  pass_while ();
  assert_model (f, expected);
  g_string_truncate (f->changes, 0);
}

static void
test_rename (void)
{
  g_autoptr (ListFixture) f = loaded ("a new:1 b");
  g_autoptr (VlRow) row = list_fixture_get (f, 2);
  g_autoptr (VlRecord) record = list_master_record ("c", "Cherry");
  g_autoptr (VlLiveEvent) bare = vl_live_event_new_inserted (record);
  g_autoptr (VlLiveEvent) event = vl_live_event_with_renamed_from (bare, "new:1");
  guint n_ids = 0;

  g_assert_cmpstr (vl_row_get_id (row), ==, "new:1");
  g_signal_connect (row, "notify::id", G_CALLBACK (count_notify), &n_ids);
  list_master_set (f->master, "a b c");
  vl_live_stream_push (f->master->stream, event);
  settle ();
  assert_changes (f, "");
  assert_model (f, "a b c");
  g_assert_cmpstr (vl_row_get_id (row), ==, "c");
  g_assert_cmpuint (n_ids, ==, 1);
  fake_clock_advance (2000);
  assert_changes (f, "");
}

/* The id is known from when the table tells of it, whether or not the record comes
 * with it. */
static void
test_rename_alone (void)
{
  g_autoptr (ListFixture) f = loaded ("a new:1 b");
  g_autoptr (VlRow) row = list_fixture_get (f, 2);
  const char *const ids[] = { "c", NULL };
  g_autoptr (VlLiveEvent) bare = vl_live_event_new (VL_LIVE_EVENT_KIND_UPDATED, ids);
  g_autoptr (VlLiveEvent) event = vl_live_event_with_renamed_from (bare, "new:1");
  guint n_ids = 0;

  f->master->holds = TRUE;
  g_signal_connect (row, "notify::id", G_CALLBACK (count_notify), &n_ids);
  vl_live_stream_push (f->master->stream, event);
  settle ();
  g_assert_cmpstr (vl_row_get_id (row), ==, "c");
  g_assert_cmpuint (n_ids, ==, 1);
  list_master_set (f->master, "a b c");
  pass_while ();
  list_master_answer_all (f->master);
  settle ();
  assert_changes (f, "");
  assert_model (f, "a b c");
}

/* Nobody holds a row of it: the record that is at hand has the new id. */
static void
test_rename_unseen (void)
{
  g_autoptr (ListFixture) f = loaded ("a new:1 b");
  g_autoptr (VlRecord) record = list_master_record ("c", "Cherry");
  g_autoptr (VlLiveEvent) bare = vl_live_event_new_updated ("c", record);
  g_autoptr (VlLiveEvent) event = vl_live_event_with_renamed_from (bare, "new:1");
  guint position = 0;

  g_ptr_array_set_size (f->mirror, 0);
  f->mirrors = FALSE;
  list_master_set (f->master, "a b c");
  f->master->holds = TRUE;
  vl_live_stream_push (f->master->stream, event);
  settle ();
  g_assert_false (vl_live_list_find_position (f->list, "new:1", &position));
  g_assert_true (vl_live_list_find_position (f->list, "c", &position));
  g_assert_cmpuint (position, ==, 2);
  assert_model (f, "a b c");
  assert_changes (f, "");
  list_master_answer_all (f->master);
}

/* A row that somebody kept is the row of its record as soon as that is back. */
static void
test_comes_back (void)
{
  g_autoptr (ListFixture) f = loaded ("a b c");
  g_autoptr (VlRow) row = list_fixture_get (f, 1);

  f->mirrors = FALSE;
  list_master_remove (f->master, "b");
  settle ();
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_GONE);
  list_master_put (f->master, "b", "Banana");
  settle ();
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_FRESH);
  g_assert_cmpstr (vl_record_get_string (vl_row_get_record (row), "name"), ==, "Banana");
  assert_changes (f, "1-1 1+1");
  {
    g_autoptr (VlRow) again = list_fixture_get (f, 1);

    g_assert_true (again == row);
  }
}

/* Where a record goes is not guessed: not at the edge of what is at hand, not
 * among pages that may be old, and not in a table without an order. */
static void
test_unknown_place (void)
{
  g_autoptr (ListFixture)
    f = list_fixture_new ("a00 a01 a02 a03 a04 a05 a06 a07 a08 a09 b00 b01 b02 b03 b04 b05 b06 b07 "
                          "b08 b09 c00 c01 c02 c03 c04 c05");
  g_autoptr (VlRow) row = NULL;

  settle ();
  assert_changes (f, "0+26");
  row = list_fixture_get (f, 23);
  pass_while ();
  g_assert_cmpstr (vl_row_get_id (row), ==, "c03");
  list_master_put (f->master, "b00x", "x");
  settle ();
  g_assert_false (vl_live_list_find_position (f->list, "b00x", NULL));
  pass_while ();
  g_string_truncate (f->changes, 0);
  g_assert_true (list_fixture_get (f, 24) == row);
  g_object_unref (row);
}

static void
test_unknown_place_among_old (void)
{
  g_autoptr (ListFixture) f = loaded ("a c");
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();

  f->mirrors = FALSE;
  f->master->holds = TRUE;
  vl_live_stream_push (f->master->stream, event);
  settle ();
  list_master_put (f->master, "b", "b");
  settle ();
  assert_changes (f, "");
  pass_while ();
  list_master_answer_all (f->master);
  pass_while ();
  list_master_answer_all (f->master);
  pass_while ();
  assert_model (f, "a b c");
  g_string_truncate (f->changes, 0);
}

static void
test_unknown_place_without_order (void)
{
  g_autoptr (ListFixture) f = g_new0 (ListFixture, 1);

  f->master = list_master_new (LIST_EVERYTHING & ~VL_CAPABILITY_ORDER);
  list_master_set (f->master, "a c");
  list_fixture_watch (f, vl_live_list_new (VL_TABLE (f->master), NULL));
  settle ();
  assert_changes (f, "0+2");
  pass_while ();
  f->master->holds = TRUE;
  list_master_put (f->master, "b", "b");
  settle ();
  assert_changes (f, "");
  f->master->holds = FALSE;
  pass_while ();
  list_master_answer_all (f->master);
  pass_while ();
  g_string_truncate (f->changes, 0);
  assert_model (f, "a b c");
}

/* A handler that turns the list over. */
static void
set_query_again (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_search (all, "x");

  vl_live_list_set_query (VL_LIVE_LIST (model), query);
  vl_live_list_refresh (VL_LIVE_LIST (model));
}

static void
test_handler_changes_list (void)
{
  g_autoptr (ListFixture) f = loaded ("a b x");
  gulong handler = g_signal_connect (f->list, "items-changed", G_CALLBACK (set_query_again), NULL);

  list_master_remove (f->master, "a");
  settle ();
  g_signal_handler_disconnect (f->list, handler);
  pass_while ();
  assert_changes (f, "0-1 0-2 0+1");
  assert_model (f, "x");
}

/* A burst of changes that nobody knows costs one refill in a while. */
static void
test_burst (void)
{
  g_autoptr (ListFixture) f = loaded ("a b c");

  f->master->n_lists = 0;
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();

      vl_live_stream_push (f->master->stream, event);
      fake_clock_advance (10);
    }
  g_assert_cmpuint (f->master->n_lists, <=, 12);
  assert_changes (f, "");
}

static void
test_many_single_records (void)
{
  g_autoptr (ListFixture) f = loaded ("a z");

  for (guint i = 0; i < 600; i++)
    {
      g_autofree char *id = g_strdup_printf ("m%03u", i);

      list_master_put (f->master, id, id);
      settle ();
    }
  pass_while ();
  fake_clock_advance (3000);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->list)), ==, 602);
  g_string_truncate (f->changes, 0);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  g_test_add_func ("/live-list/change/insert", test_insert);
  g_test_add_func ("/live-list/change/insert-into-nothing", test_insert_into_nothing);
  g_test_add_func ("/live-list/change/delete", test_delete);
  g_test_add_func ("/live-list/change/merged", test_merged);
  g_test_add_func ("/live-list/change/not-merged", test_not_merged);
  g_test_add_func ("/live-list/change/update", test_update);
  g_test_add_func ("/live-list/change/move", test_move);
  g_test_add_func ("/live-list/change/out-of-the-query", test_out_of_the_query);
  g_test_add_func ("/live-list/change/unknown/same-number", test_unknown_same_number);
  g_test_add_func ("/live-list/change/unknown/grown", test_unknown_grown);
  g_test_add_func ("/live-list/change/unknown/shrunk", test_unknown_shrunk);
  g_test_add_func ("/live-list/change/unknown/to-nothing", test_unknown_to_nothing);
  g_test_add_func ("/live-list/change/unknown/far-away", test_unknown_far_away);
  g_test_add_func ("/live-list/change/unknown/burst", test_burst);
  g_test_add_func ("/live-list/change/refresh-of-the-same", test_refresh_same);
  g_test_add_func ("/live-list/change/torn-pages", test_torn_pages);
  g_test_add_func ("/live-list/change/late-answer", test_late_answer);
  g_test_add_func ("/live-list/change/late-event", test_late_event);
  g_test_add_func ("/live-list/change/late-value", test_late_value);
  g_test_add_func ("/live-list/change/miscounted", test_miscounted);
  g_test_add_func ("/live-list/change/surprise", test_surprise);
  g_test_add_func ("/live-list/change/rename", test_rename);
  g_test_add_func ("/live-list/change/rename-alone", test_rename_alone);
  g_test_add_func ("/live-list/change/rename-unseen", test_rename_unseen);
  g_test_add_func ("/live-list/change/comes-back", test_comes_back);
  g_test_add_func ("/live-list/change/unknown-place/edge", test_unknown_place);
  g_test_add_func ("/live-list/change/unknown-place/among-old", test_unknown_place_among_old);
  g_test_add_func ("/live-list/change/unknown-place/without-order",
                   test_unknown_place_without_order);
  g_test_add_func ("/live-list/change/handler-changes-list", test_handler_changes_list);
  g_test_add_func ("/live-list/change/many-single-records", test_many_single_records);
  result = g_test_run ();
  fake_clock_end ();

  return result;
}
