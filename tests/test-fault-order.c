/* test-fault-order.c: calls that overtake each other, and none at all
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fault-fixture.h"

#define N_CALLS 30

/* --- Order --- */

typedef struct
{
  GString *order; /* of the calls, as they end */
  const char *id;
} Ending;

static void
on_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Ending *ending = user_data;
  g_autoptr (VlRecord) record = vl_table_insert_finish (VL_TABLE (source), result, NULL);

  g_assert_nonnull (record);
  g_string_append_printf (ending->order, "%s ", ending->id);
}

static void
on_event (VlLiveStream *stream, VlLiveEvent *event, gpointer user_data)
{
  g_string_append_printf (user_data, "%s ", vl_live_event_get_ids (event)[0]);
}

/* Makes writes that are on their way at one time, and tells in which order they
 * were made, reached the target, and ended. */
static void
race (Fixture *self, GString *made, GString *applied, GString *ended)
{
  g_autoptr (VlLiveStream) stream = vl_table_get_stream (self->memory);
  Ending endings[N_CALLS];
  gulong id = g_signal_connect (stream, "event", G_CALLBACK (on_event), applied);

  for (guint i = 0; i < N_CALLS; i++)
    {
      g_autofree char *name = g_strdup_printf ("%c%02u", 'a' + (int) n_stored (self) % 26, i);
      g_autoptr (VlRecord) record = make_record (name);

      g_string_append_printf (made, "%s ", name);
      endings[i].order = ended;
      endings[i].id = g_intern_string (name);
      vl_table_insert_async (self->table, record, NULL, on_ended, &endings[i]);
      fake_clock_advance (1);
    }
  fake_clock_advance (10000);
  g_signal_handler_disconnect (stream, id);
  g_assert_cmpuint (ended->len, ==, made->len);
}

static void
test_overtaking (Fixture *self, gconstpointer data)
{
  g_autoptr (GString) made = g_string_new (NULL);
  g_autoptr (GString) applied = g_string_new (NULL);
  g_autoptr (GString) ended = g_string_new (NULL);

  g_object_set (self->fault, "latency", 10, "jitter", 100, NULL);
  race (self, made, applied, ended);
  g_assert_cmpstr (applied->str, !=, made->str);
  g_assert_cmpstr (ended->str, !=, made->str);
}

static void
test_keep_order (Fixture *self, gconstpointer data)
{
  g_autoptr (GString) made = g_string_new (NULL);
  g_autoptr (GString) applied = g_string_new (NULL);
  g_autoptr (GString) ended = g_string_new (NULL);

  g_object_set (self->fault, "latency", 10, "jitter", 100, "keep-order", TRUE, NULL);
  race (self, made, applied, ended);
  g_assert_cmpstr (applied->str, ==, made->str);
  g_assert_cmpstr (ended->str, ==, made->str);

  /* Those that take no time wait too. */
  vl_fault_table_set_jitter (self->fault, 0);
  {
    g_auto (Outcome) slow = { 0 };
    g_auto (Outcome) fast = { 0 };

    begin_find (self, "x", &slow);
    vl_fault_table_set_latency (self->fault, 0);
    begin_find (self, "y", &fast);
    fake_clock_advance (4);
    g_assert_false (fast.ended);
    fake_clock_advance (5);
    g_assert_false (fast.ended);
    fake_clock_advance (1);
    g_assert_true (slow.ended);
    g_assert_true (fast.ended);
  }
}

/* The ones that were cancelled do not keep others back. */
static void
test_keep_order_without_the_cancelled (Fixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Outcome) slow = { 0 };
  g_auto (Outcome) fast = { 0 };

  g_object_set (self->fault, "latency", 1000, "keep-order", TRUE, NULL);
  vl_table_find_async (self->table, "x", cancellable, on_found, &slow);
  settle ();
  g_cancellable_cancel (cancellable);
  settle ();
  vl_fault_table_set_latency (self->fault, 0);
  begin_find (self, "y", &fast);
  g_assert_true (slow.ended);
  g_assert_true (fast.ended);
}

/* A call that is never answered keeps nobody waiting. */
static void
test_keep_order_around_the_unanswered (Fixture *self, gconstpointer data)
{
  g_auto (Outcome) never = { 0 };
  g_auto (Outcome) found = { 0 };

  g_object_set (self->fault, "latency", 10, "keep-order", TRUE, "never-answer-rate", 1.0, NULL);
  begin_find (self, "x", &never);
  vl_fault_table_set_never_answer_rate (self->fault, 0);
  begin_find (self, "y", &found);
  fake_clock_advance (10);
  g_assert_true (found.ended);
  g_assert_false (never.ended);
  fake_clock_advance (30000);
}

/* --- Offline --- */

static void
test_offline (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) pushed = g_error_new_literal (VL_ERROR, VL_ERROR_REJECTED, "No");
  g_autoptr (GError) find = NULL;
  g_autoptr (GError) insert = NULL;
  g_autoptr (GError) after = NULL;
  g_autoptr (GError) plain = NULL;

  vl_fault_table_set_latency (self->fault, 100);
  vl_fault_table_push_error (self->fault, pushed);
  vl_fault_table_set_offline (self->fault, TRUE);
  g_assert_true (vl_fault_table_is_offline (self->fault));

  /* At once, for all that they would take. */
  find = try_find (self, "a");
  insert = try_insert (self, "a");
  g_assert_error (find, VL_ERROR, VL_ERROR_UNAVAILABLE);
  g_assert_error (insert, VL_ERROR, VL_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (find->message, "find a"));
  g_assert_cmpuint (n_stored (self), ==, 0);
  g_assert_cmpuint (vl_fault_table_get_n_faults (self->fault), ==, 2);

  vl_fault_table_set_offline (self->fault, FALSE);
  vl_fault_table_set_latency (self->fault, 0);
  g_assert_false (vl_fault_table_is_offline (self->fault));
  after = try_find (self, "a");
  g_assert_error (after, VL_ERROR, VL_ERROR_REJECTED);
  plain = try_insert (self, "a");
  g_assert_no_error (plain);
}

/* Whoever reads the error has to know which table it is about. */
static void
test_offline_names_table (Fixture *self, gconstpointer data)
{
  g_autoptr (VlSqliteTable) target = vl_sqlite_table_new ("/nowhere/shop.db", "things");
  g_autoptr (VlFaultTable) fault = vl_fault_table_new (VL_TABLE (target));
  g_autoptr (GError) error = NULL;

  vl_fault_table_set_offline (fault, TRUE);
  g_assert_null (vl_table_describe_sync (VL_TABLE (fault), NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "shop.db#things"));
}

static void
test_offline_on_the_way (Fixture *self, gconstpointer data)
{
  g_auto (Outcome) inserted = { 0 };

  vl_fault_table_set_latency (self->fault, 100);
  begin_insert (self, "a", NULL, &inserted);
  fake_clock_advance (20);
  vl_fault_table_set_offline (self->fault, TRUE);
  fake_clock_advance (29);
  g_assert_false (inserted.ended);
  fake_clock_advance (1);
  g_assert_error (inserted.error, VL_ERROR, VL_ERROR_UNAVAILABLE);
  g_assert_cmpuint (n_stored (self), ==, 0);
  g_assert_cmpuint (vl_fault_table_get_n_faults (self->fault), ==, 1);
}

static void
test_offline_on_the_way_back (Fixture *self, gconstpointer data)
{
  g_auto (Outcome) inserted = { 0 };
  g_auto (Outcome) refused = { 0 };
  g_auto (Outcome) found = { 0 };

  vl_fault_table_set_latency (self->fault, 100);
  begin_insert (self, "a", NULL, &inserted);
  begin_insert (self, "a", NULL, &refused);
  begin_find (self, "a", &found);
  fake_clock_advance (60);
  vl_fault_table_set_offline (self->fault, TRUE);
  fake_clock_advance (40);
  g_assert_error (inserted.error, VL_ERROR, VL_ERROR_IN_DOUBT);
  g_assert_error (refused.error, VL_ERROR, VL_ERROR_IN_DOUBT);
  g_assert_error (found.error, VL_ERROR, VL_ERROR_UNAVAILABLE);
  g_assert_cmpuint (n_stored (self), ==, 1);
  g_assert_cmpuint (vl_fault_table_get_n_faults (self->fault), ==, 3);
}

/* Nobody notices a network that is back in time. */
static void
test_offline_for_a_moment (Fixture *self, gconstpointer data)
{
  g_auto (Outcome) inserted = { 0 };

  vl_fault_table_set_latency (self->fault, 100);
  begin_insert (self, "a", NULL, &inserted);
  vl_fault_table_set_offline (self->fault, TRUE);
  fake_clock_advance (30);
  vl_fault_table_set_offline (self->fault, FALSE);
  fake_clock_advance (70);
  g_assert_true (inserted.ended);
  g_assert_no_error (inserted.error);
}

/* '-' for each 10 ms that begin offline. */
static char *
look_ahead (Fixture *self, guint n)
{
  GString *times = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = try_find (self, "a");

      g_assert_true ((error != NULL) == vl_fault_table_is_offline (self->fault));
      g_string_append_c (times, error != NULL ? '-' : '+');
      fake_clock_advance (10);
    }

  return g_string_free (times, FALSE);
}

static void
test_windows (Fixture *self, gconstpointer data)
{
  g_autofree char *times = NULL;
  g_autofree char *later = NULL;

  vl_fault_table_add_offline_window (self->fault, 20, 30);
  vl_fault_table_add_offline_window (self->fault, 100, 0);
  vl_fault_table_add_offline_window (self->fault, 110, 30);
  vl_fault_table_add_offline_window (self->fault, 120, 40);
  g_assert_false (vl_fault_table_get_offline (self->fault));
  times = look_ahead (self, 18);
  g_assert_cmpstr (times, ==, "++---++++++-----++");

  vl_fault_table_add_offline_window (self->fault, 0, 10);
  later = look_ahead (self, 3);
  g_assert_cmpstr (later, ==, "-++");
}

/* To the millisecond, and whatever the switch says. */
static void
test_window_edges (Fixture *self, gconstpointer data)
{
  vl_fault_table_add_offline_window (self->fault, 5, 5);
  fake_clock_advance (4);
  g_assert_false (vl_fault_table_is_offline (self->fault));
  fake_clock_advance (1);
  g_assert_true (vl_fault_table_is_offline (self->fault));
  vl_fault_table_set_offline (self->fault, FALSE);
  fake_clock_advance (4);
  g_assert_true (vl_fault_table_is_offline (self->fault));
  fake_clock_advance (1);
  g_assert_false (vl_fault_table_is_offline (self->fault));
}

static void
test_remote (Fixture *self, gconstpointer data)
{
  g_autoptr (VlFaultTable) fault = vl_fault_table_new (self->memory);
  g_autoptr (VlSchema) plain = vl_table_describe_sync (VL_TABLE (fault), NULL, NULL);
  g_autoptr (VlSchema) remote = NULL;
  g_autoptr (VlSchema) kept = NULL;
  g_autoptr (VlSchema) of_target = NULL;

  g_assert_false (vl_schema_can (plain, VL_CAPABILITY_REMOTE));
  vl_fault_table_set_remote (fault, TRUE);
  remote = vl_table_describe_sync (VL_TABLE (fault), NULL, NULL);
  kept = vl_table_get_schema (VL_TABLE (fault));
  of_target = vl_table_get_schema (self->memory);
  g_assert_cmpuint (vl_schema_get_capabilities (remote), ==,
                    vl_schema_get_capabilities (plain) | VL_CAPABILITY_REMOTE);
  g_assert_true (vl_schema_can (kept, VL_CAPABILITY_REMOTE));
  g_assert_true (vl_schema_equal (of_target, plain));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add_test ("/fault-table/order/calls-overtake-each-other", test_overtaking);
  add_test ("/fault-table/order/can-be-kept", test_keep_order);
  add_test ("/fault-table/order/cancelled-keep-nobody-back", test_keep_order_without_the_cancelled);
  add_test ("/fault-table/order/unanswered-keep-nobody-back",
            test_keep_order_around_the_unanswered);
  add_test ("/fault-table/offline/fails-at-once", test_offline);
  add_test ("/fault-table/offline/names-the-table", test_offline_names_table);
  add_test ("/fault-table/offline/on-the-way-never-arrives", test_offline_on_the_way);
  add_test ("/fault-table/offline/on-the-way-back-is-applied", test_offline_on_the_way_back);
  add_test ("/fault-table/offline/for-a-moment-is-not-noticed", test_offline_for_a_moment);
  add_test ("/fault-table/offline/windows", test_windows);
  add_test ("/fault-table/offline/windows-to-the-millisecond", test_window_edges);
  add_test ("/fault-table/remote/is-claimed-for-itself-alone", test_remote);

  return g_test_run ();
}
