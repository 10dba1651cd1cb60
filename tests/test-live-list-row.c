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
  g_test_add_func ("/live-list/row/record-before-loading", test_order);
  result = g_test_run ();
  fake_clock_end ();

  return result;
}
