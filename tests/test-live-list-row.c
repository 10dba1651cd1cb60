/* test-live-list-row.c: how a change comes to the row that shows its record
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "list-fixture.h"
#include "live-fixture.h"

/* What a live table does about a change of which it is told all. */
typedef enum
{
  INVALIDATES,
  SURGICAL,
  OPTIMISTIC,
} Policy;

static const Policy policies[] = { INVALIDATES, SURGICAL, OPTIMISTIC };

typedef struct
{
  LiveFixture live;
  ListFixture *list;
  VlLiveStream *stream;
  VlRow *row; /* of b, looked at */
  guint n_records;
  guint n_names;
  guint n_prices;
  guint64 n_reads;
} RowFixture;

static void
count_changed (VlRow *row, const char *column, guint *n)
{
  (*n)++;
}

/* Everything is loaded and at rest; from here on the clock stands still. */
static RowFixture
row_fixture_new (Policy policy)
{
  RowFixture f = { .live = live_fixture_new (NULL), .stream = vl_live_stream_new () };

  if (policy != INVALIDATES)
    vl_live_table_set_invalidation (f.live.live, VL_INVALIDATION_SURGICAL);
  vl_live_table_set_optimistic (f.live.live, policy == OPTIMISTIC);
  vl_live_table_add_stream (f.live.live, f.stream);
  f.list = g_new0 (ListFixture, 1);
  list_fixture_watch (f.list, vl_live_list_new (VL_TABLE (f.live.live), NULL));
  settle ();
  pass_while ();
  assert_changes (f.list, "0+3");
  f.row = list_fixture_get (f.list, 1);
  for (guint i = 0; i < 20; i++)
    fake_clock_advance (250);
  g_assert_cmpint (vl_row_get_state (f.row), ==, VL_ROW_STATE_FRESH);
  f.n_reads = vl_fault_table_get_n_reads (f.live.master);

  return f;
}

/* What a row says, in its order, and what it was like when it said that. */
static void
write_down (VlRow *row, GParamSpec *pspec, GString *said)
{
  VlRecord *record = vl_row_get_record (row);

  g_string_append_printf (said, "%s(%s%s) ", pspec->name,
                          record != NULL ? vl_record_get_string (record, "name") : "",
                          vl_row_get_loading (row) ? " loading" : "");
}

static void
write_down_column (VlRow *row, const char *column, GString *said)
{
  g_string_append_printf (said, "+%s ", column);
}

/* A placeholder is filled: the record is there, whole, before it is said that
 * nothing is loading any more, and both are said once. */
static void
test_order (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("a b c d e f g h i j k l/Lemon m");
  g_autoptr (GString) said = g_string_new (NULL);
  g_autoptr (VlRow) row = NULL;

  settle ();
  assert_changes (f, "0+13");
  row = list_fixture_get (f, 11);
  g_assert_true (vl_row_get_loading (row));
  g_signal_connect (row, "notify", G_CALLBACK (write_down), said);
  g_signal_connect (row, "changed", G_CALLBACK (write_down_column), said);
  pass_frame ();
  g_assert_cmpstr (said->str, ==, "id(Lemon) record(Lemon) +id +name state(Lemon) loading(Lemon) ");
  pass_while ();
  g_assert_cmpstr (said->str, ==, "id(Lemon) record(Lemon) +id +name state(Lemon) loading(Lemon) ");
}

static void
row_fixture_listen (RowFixture *f)
{
  g_signal_connect (f->row, "notify::record", G_CALLBACK (count_notify), &f->n_records);
  g_signal_connect (f->row, "changed::name", G_CALLBACK (count_changed), &f->n_names);
  g_signal_connect (f->row, "changed::price", G_CALLBACK (count_changed), &f->n_prices);
}

static void
row_fixture_clear (RowFixture *f)
{
  assert_changes (f->list, "");
  g_clear_object (&f->row);
  list_fixture_free (f->list);
  g_clear_object (&f->stream);
  live_fixture_clear (&f->live);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RowFixture, row_fixture_clear)

static void
assert_shown (RowFixture *f, const char *name)
{
  g_assert_cmpuint (f->n_records, ==, 1);
  g_assert_cmpuint (f->n_names, ==, 1);
  g_assert_cmpuint (f->n_prices, ==, 0);
  g_assert_cmpstr (vl_record_get_string (vl_row_get_record (f->row), "name"), ==, name);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f->live.master), ==, f->n_reads);
}

/* No time goes by, so no timer runs; the record is that of the event, since
 * nothing is read. */
static void
test_event (gconstpointer data)
{
  g_auto (RowFixture) f = row_fixture_new (*(const Policy *) data);
  g_autoptr (VlRecord) record = live_fixture_record ("b", "Blueberry", 0.5);
  g_autoptr (VlLiveEvent) event = vl_live_event_new_updated ("b", record);

  row_fixture_listen (&f);
  live_fixture_put (&f.live, "b", "Blueberry", 0.5);
  vl_live_stream_push (f.stream, event);
  settle ();
  assert_shown (&f, "Blueberry");
  g_assert_cmpint (vl_row_get_state (f.row), ==, VL_ROW_STATE_FRESH);

  /* And that was all there is to hear of it. */
  for (guint i = 0; i < 20; i++)
    fake_clock_advance (250);
  g_assert_cmpuint (f.n_records, ==, 1);
  if (*(const Policy *) data != INVALIDATES)
    assert_shown (&f, "Blueberry");
}

/* The master is far away: nothing has come back from it when the row shows. */
static void
test_optimistic_write (void)
{
  g_auto (RowFixture) f = row_fixture_new (OPTIMISTIC);
  g_autoptr (VlRecord) patch = live_fixture_record ("b", "Blackberry", 0.5);
  g_autoptr (VlChange) change = vl_change_new_patch ("b", patch);
  g_autoptr (VlWrite) write = NULL;

  row_fixture_listen (&f);
  vl_fault_table_set_latency (f.live.master, 300);
  write = vl_live_table_write (f.live.live, change);
  settle ();
  assert_shown (&f, "Blackberry");
  /* That it waits is marked with the next frame. */
  pass_frame ();
  g_assert_cmpint (vl_row_get_state (f.row), ==, VL_ROW_STATE_PENDING);
  for (guint i = 0; i < 20; i++)
    fake_clock_advance (300);
  assert_shown (&f, "Blackberry");
  g_assert_cmpint (vl_row_get_state (f.row), ==, VL_ROW_STATE_FRESH);
}

/* A master that does not tell what it has stored was told of the fields that were
 * to change alone: the others are still there. */
static void
test_not_told (gconstpointer data)
{
  g_autoptr (ListMaster) master = list_master_new (LIST_EVERYTHING | LIST_WRITES);
  g_autoptr (VlLiveTable) live = NULL;
  ListFixture *f = g_new0 (ListFixture, 1);
  g_autoptr (VlRecordBuilder) fields = vl_record_builder_new (NULL);
  g_autoptr (VlRecord) patch = NULL;
  g_autoptr (VlChange) change = NULL;
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlRow) row = NULL;

  vl_record_builder_set_string (fields, "name", "Blackberry");
  patch = vl_record_builder_end (fields);
  change = vl_change_new_patch ("b", patch);
  list_master_set (master, "a/Apple b/Banana");
  master->tells_nothing = TRUE;
  live = g_object_new (VL_TYPE_LIVE_TABLE, "master", master, "cache-key", "fruits", NULL);
  if (*(const Policy *) data != INVALIDATES)
    vl_live_table_set_invalidation (live, VL_INVALIDATION_SURGICAL);
  vl_live_table_set_optimistic (live, *(const Policy *) data == OPTIMISTIC);
  list_fixture_watch (f, vl_live_list_new (VL_TABLE (live), NULL));
  settle ();
  pass_while ();
  assert_changes (f, "0+2");
  row = list_fixture_get (f, 1);
  write = vl_live_table_write (live, change);
  settle ();
  g_assert_cmpstr (vl_record_get_string (vl_row_get_record (row), "name"), ==, "Blackberry");
  g_assert_cmpstr (vl_record_get_string (vl_row_get_record (row), "id"), ==, "b");
  pass_while ();
  g_assert_cmpstr (vl_record_get_string (vl_row_get_record (row), "id"), ==, "b");
  assert_changes (f, "");
  g_clear_object (&row);
  g_clear_object (&write);
  list_fixture_free (f);
}

/* A target that does not tell either: what was written stays until the master shows
 * it, and no longer. */
static void
test_not_told_by_target (void)
{
  g_auto (RowFixture) f = row_fixture_new (OPTIMISTIC);
  g_autoptr (ListMaster) target = list_master_new (LIST_EVERYTHING | LIST_WRITES);
  g_autoptr (VlRecordBuilder) fields = vl_record_builder_new (NULL);
  g_autoptr (VlRecord) patch = NULL;
  g_autoptr (VlChange) change = NULL;
  g_autoptr (VlWrite) write = NULL;

  vl_record_builder_set_string (fields, "name", "Blueberry");
  patch = vl_record_builder_end (fields);
  change = vl_change_new_patch ("b", patch);
  list_master_set (target, "b/Banana");
  target->tells_nothing = TRUE;
  vl_live_table_set_write_target (f.live.live, VL_TABLE (target));
  write = vl_live_table_write (f.live.live, change);
  settle ();
  pass_while ();
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
  g_assert_cmpstr (vl_record_get_string (vl_row_get_record (f.row), "name"), ==, "Blueberry");
  g_assert_cmpfloat (vl_record_get_double (vl_row_get_record (f.row), "price"), ==, 0.5);

  /* The master has it now, and then as somebody else has made it. */
  live_fixture_put (&f.live, "b", "Blueberry", 1);
  vl_live_table_invalidate (f.live.live);
  settle ();
  pass_while ();
  live_fixture_put (&f.live, "b", "Blackberry", 1);
  vl_live_table_invalidate (f.live.live);
  settle ();
  pass_while ();
  g_assert_cmpstr (vl_record_get_string (vl_row_get_record (f.row), "name"), ==, "Blackberry");
  vl_live_table_set_write_target (f.live.live, NULL);
}

/* Columns that the record does not have any more have changed, too. */
static void
test_lost_column (void)
{
  g_auto (RowFixture) f = row_fixture_new (SURGICAL);
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new ("b");
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (VlLiveEvent) event = NULL;

  row_fixture_listen (&f);
  vl_record_builder_set_string (builder, "name", "Banana");
  record = vl_record_builder_end (builder);
  event = vl_live_event_new_updated ("b", record);
  vl_live_stream_push (f.stream, event);
  settle ();
  g_assert_false (vl_record_has_field (vl_row_get_record (f.row), "price"));
  g_assert_cmpuint (f.n_records, ==, 1);
  g_assert_cmpuint (f.n_names, ==, 0);
  g_assert_cmpuint (f.n_prices, ==, 1);
}

/* A write that changes nothing waits, but its record is the same. */
static void
test_write_of_the_same (void)
{
  g_auto (RowFixture) f = row_fixture_new (OPTIMISTIC);
  g_autoptr (VlRecord) patch = live_fixture_record ("b", "Banana", 0.5);
  g_autoptr (VlChange) change = vl_change_new_patch ("b", patch);
  g_autoptr (VlWrite) write = NULL;

  row_fixture_listen (&f);
  vl_fault_table_set_latency (f.live.master, 300);
  write = vl_live_table_write (f.live.live, change);
  settle ();
  pass_frame ();
  g_assert_cmpint (vl_row_get_state (f.row), ==, VL_ROW_STATE_PENDING);
  for (guint i = 0; i < 20; i++)
    fake_clock_advance (300);
  g_assert_cmpint (vl_row_get_state (f.row), ==, VL_ROW_STATE_FRESH);
  g_assert_cmpuint (f.n_records, ==, 0);
}

static VlWrite *
write_name (RowFixture *f, const char *id, const char *name)
{
  g_autoptr (VlRecord) patch = live_fixture_record (id, name, 0.5);
  g_autoptr (VlChange) change = vl_change_new_patch (id, patch);

  return vl_live_table_write (f->live.live, change);
}

/* What has failed is to be seen, whatever is written later. It does not wait. */
static void
test_failed_and_pending (void)
{
  g_auto (RowFixture) f = row_fixture_new (INVALIDATES);
  g_autoptr (GError) refusal = g_error_new (VL_ERROR, VL_ERROR_REJECTED, "not a fruit");
  g_autoptr (VlWrite) failed = NULL;
  g_autoptr (VlWrite) later = NULL;

  vl_fault_table_push_error (f.live.master, refusal);
  failed = write_name (&f, "b", "Bicycle");
  settle ();
  pass_while ();
  g_assert_cmpint (vl_row_get_state (f.row), ==, VL_ROW_STATE_WRITE_FAILED);
  g_assert_cmpuint (vl_live_list_get_pending (f.list->list), ==, 0);

  vl_fault_table_set_latency (f.live.master, 300);
  later = write_name (&f, "b", "Blackberry");
  settle ();
  pass_frame ();
  g_assert_cmpint (vl_write_get_state (later), !=, VL_WRITE_STATE_APPLIED);
  g_assert_cmpint (vl_row_get_state (f.row), ==, VL_ROW_STATE_WRITE_FAILED);
  for (guint i = 0; i < 20; i++)
    fake_clock_advance (300);
  g_assert_cmpint (vl_row_get_state (f.row), ==, VL_ROW_STATE_WRITE_FAILED);
  vl_write_discard (failed);
  settle ();
  pass_while ();
  g_assert_cmpint (vl_row_get_state (f.row), ==, VL_ROW_STATE_FRESH);
}

/* A row that is deleted is in the list no more, and waits for nothing there. */
static void
test_pending_deletion (void)
{
  g_auto (RowFixture) f = row_fixture_new (OPTIMISTIC);
  g_autoptr (VlChange) change = vl_change_new_delete ("b");
  g_autoptr (VlWrite) write = NULL;

  vl_fault_table_set_latency (f.live.master, 300);
  write = vl_live_table_write (f.live.live, change);
  settle ();
  pass_frame ();
  assert_changes (f.list, "1-1");
  g_assert_cmpint (vl_row_get_state (f.row), ==, VL_ROW_STATE_GONE);
  g_assert_cmpuint (vl_live_list_get_pending (f.list->list), ==, 0);
  for (guint i = 0; i < 20; i++)
    fake_clock_advance (300);
}

/* A refresh goes past what is cached. */
static void
test_refresh_past_the_cache (void)
{
  g_auto (RowFixture) f = row_fixture_new (INVALIDATES);

  live_fixture_put (&f.live, "b", "Blueberry", 0.5);
  row_fixture_listen (&f);
  vl_live_list_refresh (f.list->list);
  settle ();
  pass_while ();
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.live.master), ==, f.n_reads + 1);
  g_assert_cmpuint (f.n_names, ==, 1);
}

/* What was read while there was no network is read again when there is one, and
 * nobody has to ask for it. */
static void
test_back_online (void)
{
  g_auto (RowFixture) f = row_fixture_new (INVALIDATES);

  vl_fault_table_set_offline (f.live.master, TRUE);
  vl_live_table_invalidate (f.live.live);
  settle ();
  pass_while ();
  g_assert_cmpint (vl_row_get_state (f.row), ==, VL_ROW_STATE_STALE);
  live_fixture_put (&f.live, "b", "Blueberry", 0.5);
  vl_fault_table_set_offline (f.live.master, FALSE);
  for (guint i = 0; i < 120; i++)
    fake_clock_advance (500);
  g_assert_cmpint (vl_row_get_state (f.row), ==, VL_ROW_STATE_FRESH);
  g_assert_cmpstr (vl_record_get_string (vl_row_get_record (f.row), "name"), ==, "Blueberry");
}

typedef struct
{
  VlRow *row;
  VlRow *twin;
  guint n_told;
} Twins;

static void
compare_twins (VlRow *row, GParamSpec *pspec, Twins *twins)
{
  twins->n_told++;
  g_assert_true (vl_row_get_record (twins->row) == vl_row_get_record (twins->twin));
}

/* Rows of one record in two lists are never at odds, not while they tell. */
static void
test_twins (void)
{
  g_auto (RowFixture) f = row_fixture_new (SURGICAL);
  g_autoptr (VlRecord) record = live_fixture_record ("b", "Blueberry", 0.5);
  g_autoptr (VlLiveEvent) event = vl_live_event_new_updated ("b", record);
  g_autoptr (VlLiveList) other = vl_live_list_new (VL_TABLE (f.live.live), NULL);
  g_autoptr (VlRow) twin = NULL;
  Twins twins = { .row = f.row };

  settle ();
  pass_while ();
  twins.twin = twin = g_list_model_get_item (G_LIST_MODEL (other), 1);
  g_assert_true (twin != f.row);
  g_signal_connect (f.row, "notify::record", G_CALLBACK (compare_twins), &twins);
  g_signal_connect (twin, "notify::record", G_CALLBACK (compare_twins), &twins);
  live_fixture_put (&f.live, "b", "Blueberry", 0.5);
  vl_live_stream_push (f.stream, event);
  settle ();
  g_assert_cmpuint (twins.n_told, ==, 2);
  g_signal_handlers_disconnect_by_data (f.row, &twins);
}

/* An old copy of another page does not take a row back to what it was, in
 * whichever list that is shown. */
static void
test_older_copy (void)
{
  g_auto (RowFixture) f = row_fixture_new (INVALIDATES);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_order_by (all, "name", TRUE);
  g_autoptr (VlQuery) window = vl_query_window (query, 0, 100);
  g_autoptr (VlPage) old = live_fixture_list (&f.live, window);
  g_autoptr (VlLiveList) other = NULL;
  g_autoptr (VlRow) twin = NULL;

  g_assert_nonnull (old);
  fake_clock_advance (1000);
  live_fixture_put (&f.live, "b", "Blueberry", 0.5);
  row_fixture_listen (&f);
  vl_live_table_invalidate (f.live.live);
  for (guint i = 0; i < 20; i++)
    fake_clock_advance (250);
  g_assert_cmpstr (vl_record_get_string (vl_row_get_record (f.row), "name"), ==, "Blueberry");
  g_assert_cmpuint (f.n_records, ==, 1);

  vl_live_table_set_read_policy (f.live.live, VL_READ_POLICY_STALE_WHILE_REVALIDATE);
  other = vl_live_list_new (VL_TABLE (f.live.live), query);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (other)), ==, 3);
  twin = g_list_model_get_item (G_LIST_MODEL (other), 1);
  g_assert_cmpstr (vl_row_get_id (twin), ==, "b");
  g_assert_cmpstr (vl_record_get_string (vl_row_get_record (twin), "name"), ==, "Blueberry");
  for (guint i = 0; i < 20; i++)
    fake_clock_advance (250);
  g_assert_cmpuint (f.n_records, ==, 1);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  g_test_add_data_func ("/live-list/row/event-with-its-record", &policies[INVALIDATES], test_event);
  g_test_add_data_func ("/live-list/row/event-with-its-record/surgical", &policies[SURGICAL],
                        test_event);
  g_test_add_data_func ("/live-list/row/event-with-its-record/optimistic", &policies[OPTIMISTIC],
                        test_event);
  g_test_add_func ("/live-list/row/optimistic-write", test_optimistic_write);
  g_test_add_data_func ("/live-list/row/not-told", &policies[INVALIDATES], test_not_told);
  g_test_add_data_func ("/live-list/row/not-told/surgical", &policies[SURGICAL], test_not_told);
  g_test_add_data_func ("/live-list/row/not-told/optimistic", &policies[OPTIMISTIC], test_not_told);
  g_test_add_func ("/live-list/row/not-told-by-target", test_not_told_by_target);
  g_test_add_func ("/live-list/row/lost-column", test_lost_column);
  g_test_add_func ("/live-list/row/write-of-the-same", test_write_of_the_same);
  g_test_add_func ("/live-list/row/failed-and-pending", test_failed_and_pending);
  g_test_add_func ("/live-list/row/pending-deletion", test_pending_deletion);
  g_test_add_func ("/live-list/row/refresh-past-the-cache", test_refresh_past_the_cache);
  g_test_add_func ("/live-list/row/back-online", test_back_online);
  g_test_add_func ("/live-list/row/twins", test_twins);
  g_test_add_func ("/live-list/row/older-copy", test_older_copy);
  g_test_add_func ("/live-list/row/record-before-loading", test_order);
  result = g_test_run ();
  fake_clock_end ();

  return result;
}
