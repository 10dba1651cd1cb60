/* test-live-list-live.c: lists over live tables
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "list-fixture.h"
#include "live-fixture.h"

/* The fixture of a list around that of a live table. */
static ListFixture *
list_over (VlLiveTable *live)
{
  ListFixture *f = g_new0 (ListFixture, 1);

  list_fixture_watch (f, vl_live_list_new (VL_TABLE (live), NULL));

  return f;
}

static void
test_cached_from_the_start (void)
{
  g_auto (LiveFixture) live = live_fixture_new (NULL);
  g_autoptr (ListFixture) f = NULL;
  g_autoptr (VlPage) page = live_fixture_list (&live, NULL);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) window = vl_query_window (all, 0, 100);
  g_autoptr (VlPage) first = live_fixture_list (&live, window);

  g_assert_nonnull (page);
  g_assert_nonnull (first);
  f = list_over (live.live);
  assert_model (f, "a b c");
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_COMPLETE);
  g_assert_false (vl_live_list_get_loading (f->list));
  settle ();
  pass_while ();
  assert_changes (f, "");
}

static void
test_own_writes (void)
{
  g_auto (LiveFixture) live = live_fixture_new (NULL);
  g_autoptr (ListFixture) f = list_over (live.live);
  g_autoptr (VlRecord) record = live_fixture_record ("bb", "Blueberry", 2);
  g_autoptr (VlChange) insert = vl_change_new_insert (record);
  g_autoptr (VlChange) remove = vl_change_new_delete ("a");
  g_autoptr (VlWrite) first = NULL;
  g_autoptr (VlWrite) second = NULL;

  settle ();
  pass_while ();
  assert_changes (f, "0+3");
  first = vl_live_table_write (live.live, insert);
  settle ();
  pass_while ();
  assert_changes (f, "2+1");
  assert_model (f, "a b bb c");
  second = vl_live_table_write (live.live, remove);
  settle ();
  pass_while ();
  assert_changes (f, "0-1");
  assert_model (f, "b bb c");
}

/* Several new records that the master gets together: each stays the row that it is,
 * and a form stays with its record. */
static void
test_new_together (void)
{
  g_auto (LiveFixture) live = live_fixture_new (NULL);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) by_name = vl_query_order_by (all, "name", FALSE);
  g_autoptr (ListFixture) f = g_new0 (ListFixture, 1);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (VlRecordEdit) edit = NULL;
  const char *names[] = { "Damson", "Elderberry", "Fig" };

  list_fixture_watch (f, vl_live_list_new (VL_TABLE (live.live), by_name));
  settle ();
  pass_while ();
  assert_changes (f, "0+3");
  vl_fault_table_set_latency (live.master, 100);
  vl_live_table_set_optimistic (live.live, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (VlRecord) record = live_fixture_record (NULL, names[i], 3);
      g_autoptr (VlChange) insert = vl_change_new_insert (record);

      g_list_store_append (changes, insert);
    }
  vl_table_apply_many_async (VL_TABLE (live.live), G_LIST_MODEL (changes), NULL, NULL, NULL);
  fake_clock_advance (50);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->list)), ==, 6);
  assert_changes (f, "3+3");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      VlRow *row = g_list_model_get_item (G_LIST_MODEL (f->list), 3 + i);

      g_ptr_array_add (rows, row);
      g_assert_true (g_str_has_prefix (vl_row_get_id (row), "new:"));
    }
  edit = vl_record_edit_new_for_row (VL_TABLE (live.live), rows->pdata[1]);

  pass_while ();
  pass_while ();
  g_assert_cmpuint (vl_live_table_get_pending_writes (live.live), ==, 0);
  assert_changes (f, "");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (VlRow) row = g_list_model_get_item (G_LIST_MODEL (f->list), 3 + i);

      g_assert_true (row == rows->pdata[i]);
      g_assert_false (g_str_has_prefix (vl_row_get_id (row), "new:"));
      g_assert_cmpstr (vl_record_get_string (vl_row_get_record (row), "name"), ==, names[i]);
    }
  g_assert_cmpstr (vl_record_get_id (vl_record_edit_get_record (edit)), ==,
                   vl_row_get_id (rows->pdata[1]));
}

/* Rows of one record in two lists have one cell. */
static void
test_two_lists (void)
{
  g_auto (LiveFixture) live = live_fixture_new (NULL);
  g_autoptr (ListFixture) f = list_over (live.live);
  g_autoptr (ListFixture) g = NULL;
  g_autoptr (VlLiveTable)
    other = g_object_new (VL_TYPE_LIVE_TABLE, "master", live.master, "cache-key", "products",
                          "cache", live.cache, "follow-master", FALSE, NULL);
  g_autoptr (VlRow) row = NULL;
  g_autoptr (VlRow) twin = NULL;
  g_autoptr (VlRecord) patch = live_fixture_record ("b", "Blackberry", 7);
  g_autoptr (VlChange) change = vl_change_new_patch ("b", patch);
  g_autoptr (VlWrite) write = NULL;
  guint n_rows = 0, n_twins = 0;

  g = list_over (other);
  settle ();
  pass_while ();
  assert_changes (f, "0+3");
  g_string_truncate (g->changes, 0);
  row = list_fixture_get (f, 1);
  twin = list_fixture_get (g, 1);
  g_assert_true (row != twin);
  g_assert_true (vl_row_get_record (row) == vl_row_get_record (twin));
  g_signal_connect (row, "notify::record", G_CALLBACK (count_notify), &n_rows);
  g_signal_connect (twin, "notify::record", G_CALLBACK (count_notify), &n_twins);
  write = vl_live_table_write (live.live, change);
  settle ();
  pass_while ();
  fake_clock_advance (2000);
  g_assert_cmpuint (n_rows, ==, 1);
  g_assert_cmpuint (n_twins, ==, 1);
  g_assert_true (vl_row_get_record (row) == vl_row_get_record (twin));
  g_assert_cmpstr (vl_record_get_string (vl_row_get_record (row), "name"), ==, "Blackberry");
}

static void
test_pending (void)
{
  g_auto (LiveFixture) live = live_fixture_new (NULL);
  g_autoptr (ListFixture) f = list_over (live.live);
  g_autoptr (VlRow) row = NULL;
  g_autoptr (VlRecord) patch = live_fixture_record ("b", "Blackberry", 7);
  g_autoptr (VlChange) change = vl_change_new_patch ("b", patch);
  g_autoptr (VlWrite) write = NULL;
  guint n_states = 0, n_pendings = 0;

  settle ();
  pass_while ();
  assert_changes (f, "0+3");
  row = list_fixture_get (f, 1);
  g_signal_connect (row, "notify::state", G_CALLBACK (count_notify), &n_states);
  g_signal_connect (f->list, "notify::pending", G_CALLBACK (count_notify), &n_pendings);
  vl_fault_table_set_latency (live.master, 300);
  write = vl_live_table_write (live.live, change);
  settle ();
  fake_clock_advance (20);
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_PENDING);
  g_assert_cmpuint (vl_live_list_get_pending (f->list), ==, 1);
  g_assert_cmpuint (n_states, ==, 1);
  g_assert_cmpuint (n_pendings, ==, 1);
  for (guint i = 0; i < 20; i++)
    fake_clock_advance (300);
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_FRESH);
  g_assert_cmpuint (vl_live_list_get_pending (f->list), ==, 0);
  g_assert_cmpuint (n_pendings, ==, 2);
  assert_changes (f, "");
}

static void
test_write_failed (void)
{
  g_auto (LiveFixture) live = live_fixture_new (NULL);
  g_autoptr (ListFixture) f = list_over (live.live);
  g_autoptr (VlRow) row = NULL;
  g_autoptr (VlRecord) patch = live_fixture_record ("b", "Blackberry", 7);
  g_autoptr (VlChange) change = vl_change_new_patch ("b", patch);
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (GError) refusal = g_error_new (VL_ERROR, VL_ERROR_REJECTED, "not a fruit");
  g_autoptr (GError) error = NULL;

  settle ();
  pass_while ();
  assert_changes (f, "0+3");
  row = list_fixture_get (f, 1);
  vl_fault_table_push_error (live.master, refusal);
  write = vl_live_table_write (live.live, change);
  settle ();
  pass_while ();
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_WRITE_FAILED);
  error = vl_row_dup_error (row);
  g_assert_error (error, VL_ERROR, VL_ERROR_REJECTED);
  g_assert_cmpstr (vl_record_get_string (vl_row_get_record (row), "name"), ==, "Banana");

  vl_write_discard (write);
  settle ();
  pass_while ();
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_FRESH);
}

/* The rows of a list that has gone still know their records. */
static void
test_rows_outlive_list (void)
{
  g_auto (LiveFixture) live = live_fixture_new (NULL);
  ListFixture *f = list_over (live.live);
  g_autoptr (ListFixture) g = NULL;
  g_autoptr (VlRow) row = NULL;

  settle ();
  pass_while ();
  assert_changes (f, "0+3");
  row = list_fixture_get (f, 1);
  list_fixture_free (f);
  g_assert_cmpstr (vl_row_get_id (row), ==, "b");

  g = list_over (live.live);
  g_string_truncate (g->changes, 0);
  settle ();
  g_object_unref (list_fixture_get (g, 1));
  g_string_truncate (g->changes, 0);
  g_assert_cmpstr (vl_row_get_id (row), ==, "b");
  g_clear_object (&row);
}

/* A stale copy is shown at once, and brought up to date. */
static void
test_stale_copy (void)
{
  g_auto (LiveFixture) live = live_fixture_new (NULL);
  g_autoptr (ListFixture) f = NULL;
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) window = vl_query_window (all, 0, 100);
  g_autoptr (VlPage) first = live_fixture_list (&live, window);
  g_autoptr (VlRow) row = NULL;

  g_assert_nonnull (first);
  live_fixture_put (&live, "b", "Blueberry", 1);
  vl_live_table_set_read_policy (live.live, VL_READ_POLICY_STALE_WHILE_REVALIDATE);
  vl_live_table_invalidate (live.live);
  settle ();
  f = list_over (live.live);
  assert_model (f, "a b c");
  row = list_fixture_get (f, 1);
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_STALE);
  g_assert_cmpstr (vl_record_get_string (vl_row_get_record (row), "name"), ==, "Banana");
  settle ();
  pass_while ();
  pass_while ();
  assert_changes (f, "");
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_FRESH);
  g_assert_cmpstr (vl_record_get_string (vl_row_get_record (row), "name"), ==, "Blueberry");
}

/* Without a network what is there stays, and is not asked for all the time. */
static void
test_offline (void)
{
  g_auto (LiveFixture) live = live_fixture_new (NULL);
  g_autoptr (ListFixture) f = list_over (live.live);
  g_autoptr (VlRow) row = NULL;
  guint64 n_calls;

  settle ();
  pass_while ();
  assert_changes (f, "0+3");
  row = list_fixture_get (f, 1);
  vl_fault_table_set_offline (live.master, TRUE);
  vl_live_table_invalidate (live.live);
  settle ();
  n_calls = vl_fault_table_get_n_calls (live.master);
  for (guint i = 0; i < 600; i++)
    fake_clock_advance (100);
  assert_changes (f, "");
  assert_model (f, "a b c");
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_STALE);
  g_assert_cmpuint (vl_fault_table_get_n_calls (live.master) - n_calls, <, 20);

  vl_fault_table_set_offline (live.master, FALSE);
  vl_live_list_refresh (f->list);
  pass_while ();
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_FRESH);
}

/* A new record is there before the master has it; when it is given its id the row
 * stays the same. */
static void
test_new_record (void)
{
  g_auto (LiveFixture) live = live_fixture_new (NULL);
  g_autoptr (ListFixture) f = NULL;
  g_autoptr (VlRecord) record = live_fixture_record (NULL, "Date", 3);
  g_autoptr (VlChange) change = vl_change_new_insert (record);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_order_by (all, "name", FALSE);
  g_autoptr (VlRow) row = NULL;
  g_autoptr (VlRow) again = NULL;
  g_autoptr (VlWrite) write = NULL;
  guint n_ids = 0;

  vl_live_table_set_optimistic (live.live, TRUE);
  f = list_over (live.live);
  vl_live_list_set_query (f->list, query);
  settle ();
  pass_while ();
  assert_changes (f, "0+3");
  vl_fault_table_set_latency (live.master, 300);
  write = vl_live_table_write (live.live, change);
  settle ();
  assert_changes (f, "3+1");
  row = list_fixture_get (f, 3);
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_PENDING);
  fake_clock_advance (50);
  g_assert_true (g_str_has_prefix (vl_row_get_id (row), "new:"));
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_PENDING);
  g_assert_cmpuint (vl_live_list_get_pending (f->list), ==, 1);
  g_signal_connect (row, "notify::id", G_CALLBACK (count_notify), &n_ids);
  for (guint i = 0; i < 20; i++)
    fake_clock_advance (300);
  assert_changes (f, "");
  again = list_fixture_get (f, 3);
  g_assert_true (again == row);
  g_assert_cmpuint (n_ids, ==, 1);
  g_assert_false (g_str_has_prefix (vl_row_get_id (row), "new:"));
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_FRESH);
  g_assert_cmpuint (vl_live_list_get_pending (f->list), ==, 0);
}

/* What is written shows at once, in its place, and moves when the master has
 * it. */
static void
test_early_patch (void)
{
  g_auto (LiveFixture) live = live_fixture_new (NULL);
  g_autoptr (ListFixture) f = NULL;
  g_autoptr (VlRecord) patch = live_fixture_record ("a", "Zucchini", 7);
  g_autoptr (VlChange) change = vl_change_new_patch ("a", patch);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_order_by (all, "name", FALSE);
  g_autoptr (VlRow) row = NULL;
  g_autoptr (VlRow) again = NULL;
  g_autoptr (VlWrite) write = NULL;

  vl_live_table_set_optimistic (live.live, TRUE);
  f = list_over (live.live);
  vl_live_list_set_query (f->list, query);
  settle ();
  pass_while ();
  assert_changes (f, "0+3");
  row = list_fixture_get (f, 0);
  vl_fault_table_set_latency (live.master, 300);
  write = vl_live_table_write (live.live, change);
  settle ();
  fake_clock_advance (50);
  assert_changes (f, "");
  g_assert_cmpstr (vl_record_get_string (vl_row_get_record (row), "name"), ==, "Zucchini");
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_PENDING);
  for (guint i = 0; i < 20; i++)
    fake_clock_advance (300);
  assert_changes (f, "0-3+3");
  again = list_fixture_get (f, 2);
  g_assert_true (again == row);
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_FRESH);
}

/* That a record is not in its place shows only when the page before its own is
 * there: it is known to be out of place all the same, and moves in the end. */
static void
test_early_patch_before_its_neighbours (void)
{
  g_auto (LiveFixture) live = live_fixture_new (NULL);
  ListFixture *f = g_new0 (ListFixture, 1);
  g_autoptr (VlRecord) patch = live_fixture_record ("e", "Aardvark", 1.0);
  g_autoptr (VlChange) change = vl_change_new_patch ("e", patch);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_order_by (all, "name", FALSE);
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlRow) third = NULL;
  g_autoptr (VlRow) fifth = NULL;
  g_autoptr (VlRow) last = NULL;
  g_autoptr (GPtrArray) held = NULL;

  live_fixture_put (&live, "d", "Date", 1.0);
  live_fixture_put (&live, "e", "Elder", 1.0);
  live_fixture_put (&live, "f", "Fig", 1.0);
  live_fixture_put (&live, "g", "Grape", 1.0);
  vl_live_table_set_invalidation (live.live, VL_INVALIDATION_SURGICAL);
  vl_live_table_set_optimistic (live.live, TRUE);
  page = live_fixture_list (&live, query);
  vl_fault_table_set_latency (live.master, 300);
  write = vl_live_table_write (live.live, change);
  settle ();

  list_fixture_watch (f, g_object_new (VL_TYPE_LIVE_LIST, "table", live.live, "query", query,
                                       "page-size", 2, NULL));
  settle ();
  third = list_fixture_get (f, 2);
  fifth = list_fixture_get (f, 4);
  last = list_fixture_get (f, 6);
  pass_frame ();
  g_assert_cmpstr (vl_row_get_id (third), ==, "c");
  g_assert_cmpstr (vl_row_get_id (fifth), ==, "e");
  g_assert_cmpint (vl_row_get_state (fifth), ==, VL_ROW_STATE_PENDING);
  g_string_truncate (f->changes, 0);
  for (guint i = 0; i < 20; i++)
    fake_clock_advance (300);
  held = list_fixture_hold (f, 0, 7);
  pass_while ();
  assert_model (f, "e a b c d f g");
  g_string_truncate (f->changes, 0);
  g_clear_object (&third);
  g_clear_object (&fifth);
  g_clear_object (&last);
  g_clear_pointer (&held, g_ptr_array_unref);
  list_fixture_free (f);
}

static void
test_early_patch_refused (void)
{
  g_auto (LiveFixture) live = live_fixture_new (NULL);
  g_autoptr (ListFixture) f = NULL;
  g_autoptr (VlRecord) patch = live_fixture_record ("a", "Zucchini", 7);
  g_autoptr (VlChange) change = vl_change_new_patch ("a", patch);
  g_autoptr (VlRow) row = NULL;
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (GError) refusal = g_error_new (VL_ERROR, VL_ERROR_REJECTED, "not a fruit");

  vl_live_table_set_optimistic (live.live, TRUE);
  f = list_over (live.live);
  settle ();
  pass_while ();
  assert_changes (f, "0+3");
  row = list_fixture_get (f, 0);
  vl_fault_table_set_latency (live.master, 300);
  vl_fault_table_push_error (live.master, refusal);
  write = vl_live_table_write (live.live, change);
  settle ();
  fake_clock_advance (50);
  g_assert_cmpstr (vl_record_get_string (vl_row_get_record (row), "name"), ==, "Zucchini");
  for (guint i = 0; i < 20; i++)
    fake_clock_advance (300);
  assert_changes (f, "");
  g_assert_cmpstr (vl_record_get_string (vl_row_get_record (row), "name"), ==, "Apple");
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_WRITE_FAILED);
  vl_write_discard (write);
  pass_while ();
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_FRESH);
}

/* The only writer never sees what was there before, whatever becomes of the reads. */
static void
check_flaky (guint64 seed)
{
  g_auto (LiveFixture) live = live_fixture_new (NULL);
  g_autoptr (ListFixture) f = NULL;
  g_autofree char *changes = NULL;
  VlRow *row;

  vl_live_table_set_optimistic (live.live, TRUE);
  f = list_over (live.live);
  settle ();
  pass_while ();
  assert_changes (f, "0+3");
  row = list_fixture_get (f, 1);
  vl_fault_table_set_seed (live.master, seed);
  vl_fault_table_set_jitter (live.master, 700);
  vl_fault_table_set_error_rate (live.master, 0.3);
  vl_fault_table_set_lost_ack_rate (live.master, 0.05);
  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *name = g_strdup_printf ("Banana %u", i);
      g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
      g_autoptr (VlRecord) fields = NULL;
      g_autoptr (VlChange) change = NULL;
      g_autoptr (VlWrite) write = NULL;

      vl_record_builder_set_string (builder, "name", name);
      fields = vl_record_builder_end (builder);
      change = vl_change_new_patch ("b", fields);
      write = vl_live_table_write (live.live, change);
      settle ();
      for (guint wait = 0; wait < 20 || vl_write_get_state (write) != VL_WRITE_STATE_APPLIED;
           wait++)
        {
          fake_clock_advance (40);
          settle ();
          g_assert_cmpstr (vl_record_get_string (vl_row_get_record (row), "name"), ==, name);
        }
    }
  vl_fault_table_set_error_rate (live.master, 0);
  vl_fault_table_set_lost_ack_rate (live.master, 0);
  vl_fault_table_set_jitter (live.master, 0);
  for (guint i = 0; i < 40; i++)
    pass_while ();
  changes = list_fixture_take_changes (f);
  g_clear_object (&row);
  g_clear_pointer (&f, list_fixture_free);
  fake_clock_advance (60000);
  settle ();
}

static void
test_flaky (void)
{
  for (guint64 seed = 1; seed <= 20; seed++)
    check_flaky (seed);
}

/* What was given up goes, though nobody can be asked what there is instead. */
static void
test_discard_offline (void)
{
  g_auto (LiveFixture) live = live_fixture_new (NULL);
  g_autoptr (ListFixture) f = list_over (live.live);
  g_autoptr (VlRow) row = NULL;
  g_autoptr (VlRecord) record = live_fixture_record ("b", "Blackberry", 7);
  g_autoptr (VlChange) change = vl_change_new_patch ("b", record);
  g_autoptr (VlWrite) write = NULL;

  settle ();
  pass_while ();
  assert_changes (f, "0+3");
  row = list_fixture_get (f, 1);
  vl_live_table_set_optimistic (live.live, TRUE);
  vl_fault_table_set_offline (live.master, TRUE);
  write = vl_live_table_write (live.live, change);
  settle ();
  fake_clock_advance (500);
  g_assert_cmpint (vl_write_get_attempts (write), >, 0);
  g_assert_cmpstr (vl_record_get_string (vl_row_get_record (row), "name"), ==, "Blackberry");
  vl_write_discard (write);
  for (guint i = 0; i < 5; i++)
    pass_while ();
  g_assert_cmpstr (vl_record_get_string (vl_row_get_record (row), "name"), ==, "Banana");
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_STALE);
  assert_changes (f, "");
}

static void
cache_window (VlLiveTable *live, guint64 offset)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) window = vl_query_window (all, offset, 2);
  g_autoptr (VlPage) page = vl_table_list_sync (VL_TABLE (live), window, NULL, NULL);

  g_assert_cmpuint (vl_page_get_n_records (page), ==, 2);
}

/* Copies of different times have a record twice, each time they are asked for; a
 * view asks each time that its rows move. */
static void
check_contradicting_copies (VlReadPolicy policy, const char *expected, guint n_reads_max)
{
  g_autoptr (ListMaster) master = list_master_new (LIST_EVERYTHING);
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (1 << 20);
  g_autoptr (VlLiveTable)
    live = g_object_new (VL_TYPE_LIVE_TABLE, "master", master, "cache-key", "words", "cache", cache,
                         "follow-master", FALSE, "page-size", 2, NULL);
  g_autoptr (ListFixture) f = NULL;
  g_autofree char *changes = NULL;
  guint n_before;

  list_master_set (master, "b c d e f");
  cache_window (live, 0);
  list_master_set (master, "a b c d e f");
  cache_window (live, 2);
  n_before = master->n_lists;
  vl_live_table_set_read_policy (live, policy);
  f = g_new0 (ListFixture, 1);
  list_fixture_watch (f, g_object_new (VL_TYPE_LIVE_LIST, "table", live, "page-size", 2, NULL));
  f->mirrors = TRUE;
  list_fixture_mirror (f, 0, 0, g_list_model_get_n_items (G_LIST_MODEL (f->list)));
  for (guint i = 0; i < 40; i++)
    pass_while ();
  changes = list_fixture_take_changes (f);
  g_assert_cmpuint (master->n_lists - n_before, <=, n_reads_max);
  if (expected == NULL)
    return;

  assert_model (f, expected);
  for (guint i = 0; i < 10; i++)
    pass_while ();
  assert_changes (f, "");
}

static void
test_contradicting_copies (void)
{
  check_contradicting_copies (VL_READ_POLICY_CACHE_FIRST, "a b c d e f", 8);
}

/* The master cannot say which of them is right: who waits for a record hears why. */
static void
test_contradicting_copies_in_vain (void)
{
  g_autoptr (ListMaster) master = list_master_new (LIST_EVERYTHING);
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (1 << 20);
  g_autoptr (VlLiveTable)
    live = g_object_new (VL_TYPE_LIVE_TABLE, "master", master, "cache-key", "words", "cache", cache,
                         "follow-master", FALSE, "page-size", 2, NULL);
  g_autoptr (ListFixture) f = NULL;
  g_autofree char *changes = NULL;
  g_autoptr (GError) error = NULL;
  guint n_failed = 0;

  list_master_set (master, "b c d");
  cache_window (live, 0);
  list_master_set (master, "a b c d");
  cache_window (live, 2);
  list_master_set (master, "a b c d");
  master->n_errors = G_MAXUINT;
  f = g_new0 (ListFixture, 1);
  list_fixture_watch (f, g_object_new (VL_TYPE_LIVE_LIST, "table", live, "page-size", 2, NULL));
  f->mirrors = TRUE;
  list_fixture_mirror (f, 0, 0, g_list_model_get_n_items (G_LIST_MODEL (f->list)));
  for (guint i = 0; i < 20; i++)
    pass_while ();
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (f->list)); i++)
    {
      g_autoptr (VlRow) row = list_fixture_get (f, i);
      g_autoptr (GError) row_error = vl_row_dup_error (row);

      g_assert_cmpint (vl_row_get_state (row), !=, VL_ROW_STATE_LOADING);
      g_assert_true (vl_row_get_record (row) != NULL || row_error != NULL);
      n_failed += vl_row_get_state (row) == VL_ROW_STATE_LOAD_FAILED;
    }
  g_assert_cmpuint (n_failed, >, 0);
  error = vl_live_list_dup_error (f->list);
  g_assert_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE);
  g_clear_error (&error);

  master->n_errors = 0;
  vl_live_list_retry (f->list);
  for (guint i = 0; i < 20; i++)
    pass_while ();
  assert_model (f, "a b c d");
  changes = list_fixture_take_changes (f);
  error = vl_live_list_dup_error (f->list);
  g_assert_no_error (error);
}

/* Somebody looks at all of the list meanwhile. */
static void
retry_in_view (ListFixture *f)
{
  f->mirrors = TRUE;
  list_fixture_mirror (f, 0, 0, g_list_model_get_n_items (G_LIST_MODEL (f->list)));
  vl_live_list_retry (f->list);
  for (guint i = 0; i < 20; i++)
    pass_while ();
}

/* Nobody holds the row whose record another page has taken any more when the master
 * fails, and so nobody has to hear of it: until somebody looks at it again. */
static void
test_contradicting_copies_looked_at_late (void)
{
  g_autoptr (ListMaster) master = list_master_new (LIST_EVERYTHING);
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (1 << 20);
  g_autoptr (VlLiveTable)
    live = g_object_new (VL_TYPE_LIVE_TABLE, "master", master, "cache-key", "words", "cache", cache,
                         "follow-master", FALSE, "page-size", 2, NULL);
  g_autoptr (ListFixture) f = g_new0 (ListFixture, 1);
  g_autoptr (VlRow) first = NULL;
  g_autoptr (VlRow) taken = NULL;
  g_autoptr (VlRow) third = NULL;
  g_autoptr (VlRow) late = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *changes = NULL;
  guint n_before;

  list_master_set (master, "b c d");
  cache_window (live, 0);
  list_master_set (master, "a b c d");
  cache_window (live, 2);
  master->holds = TRUE;
  n_before = master->n_lists;
  list_fixture_watch (f, g_object_new (VL_TYPE_LIVE_LIST, "table", live, "page-size", 2, NULL));
  first = list_fixture_get (f, 0);
  taken = list_fixture_get (f, 1);
  third = list_fixture_get (f, 2);
  pass_frame ();
  g_assert_cmpstr (vl_row_get_id (taken), ==, "c");
  g_clear_object (&third);
  third = list_fixture_get (f, 2);
  g_assert_true (third == taken);
  late = list_fixture_get (f, 1);
  pass_while ();
  g_assert_cmpuint (master->n_lists, >, n_before);
  g_assert_cmpint (vl_row_get_state (late), ==, VL_ROW_STATE_LOADING);
  g_clear_object (&late);
  master->n_errors = G_MAXUINT;
  list_master_fail (master);
  settle ();
  g_assert_cmpstr (vl_row_get_id (first), ==, "b");
  g_assert_cmpstr (vl_row_get_id (third), ==, "c");
  g_assert_cmpint (vl_live_list_get_load_state (f->list), !=, VL_LOAD_STATE_FAILED);

  late = list_fixture_get (f, 1);
  g_assert_cmpint (vl_row_get_state (late), ==, VL_ROW_STATE_LOADING);
  pass_frame ();
  g_assert_cmpint (vl_row_get_state (late), ==, VL_ROW_STATE_LOAD_FAILED);
  error = vl_row_dup_error (late);
  g_assert_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE);
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_FAILED);

  master->holds = FALSE;
  master->n_errors = 0;
  retry_in_view (f);
  assert_model (f, "a b c d");
  g_assert_cmpint (vl_row_get_state (late), !=, VL_ROW_STATE_LOAD_FAILED);
  changes = list_fixture_take_changes (f);
}

/* What only the cache may be asked for stays as it is. */
static void
test_contradicting_copies_alone (void)
{
  check_contradicting_copies (VL_READ_POLICY_CACHE_ONLY, NULL, 0);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  g_test_add_func ("/live-list/live/cached-from-the-start", test_cached_from_the_start);
  g_test_add_func ("/live-list/live/own-writes", test_own_writes);
  g_test_add_func ("/live-list/live/two-lists", test_two_lists);
  g_test_add_func ("/live-list/live/pending", test_pending);
  g_test_add_func ("/live-list/live/write-failed", test_write_failed);
  g_test_add_func ("/live-list/live/rows-outlive-list", test_rows_outlive_list);
  g_test_add_func ("/live-list/live/stale-copy", test_stale_copy);
  g_test_add_func ("/live-list/live/offline", test_offline);
  g_test_add_func ("/live-list/live/new-record", test_new_record);
  g_test_add_func ("/live-list/live/early-patch", test_early_patch);
  g_test_add_func ("/live-list/live/early-patch-before-its-neighbours",
                   test_early_patch_before_its_neighbours);
  g_test_add_func ("/live-list/live/early-patch-refused", test_early_patch_refused);
  g_test_add_func ("/live-list/live/new-records-together", test_new_together);
  g_test_add_func ("/live-list/live/own-words-stay-over-a-flaky-network", test_flaky);
  g_test_add_func ("/live-list/live/discarded-while-offline", test_discard_offline);
  g_test_add_func ("/live-list/live/copies-that-contradict-each-other", test_contradicting_copies);
  g_test_add_func ("/live-list/live/copies-contradict-each-other-and-the-master-fails",
                   test_contradicting_copies_in_vain);
  g_test_add_func ("/live-list/live/copies-contradict-each-other-and-are-looked-at-late",
                   test_contradicting_copies_looked_at_late);
  g_test_add_func ("/live-list/live/copies-alone-contradict-each-other",
                   test_contradicting_copies_alone);
  result = g_test_run ();
  fake_clock_end ();

  return result;
}
