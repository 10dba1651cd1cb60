/* test-live-queue.c: the writes of a live table, and how they wait
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fake-clock.h"
#include "write-fixture.h"

/* Writes down each state that a write takes, and what comes with it. */
static void
write_down_state (VlWrite *write, GParamSpec *pspec, GString *heard)
{
  static const char *const names[] = { "recording", "queued", "sent",     "waiting",
                                       "applied",   "failed", "discarded" };

  g_string_append_printf (heard, "%s ", names[vl_write_get_state (write)]);
}

static void
write_down_notify (VlWrite *write, GParamSpec *pspec, GString *heard)
{
  g_string_append_printf (heard, "%s ", pspec->name);
}

static VlWrite *
watch_insert (WriteFixture *f, const char *id, GString *states)
{
  g_autoptr (VlChange) change = insert_change (id);
  VlWrite *write = vl_live_table_write (f->live, change);

  g_signal_connect (write, "notify::state", G_CALLBACK (write_down_state), states);

  return write;
}

static guint
get_n_listed (WriteFixture *f)
{
  return g_list_model_get_n_items (vl_live_table_get_writes (f->live));
}

static void
count_call (gpointer object, GParamSpec *pspec, guint *n_calls)
{
  ++*n_calls;
}

#define assert_write_state(write, expected) \
 g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_##expected)

/* One write. */

static void
test_returns_at_once (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlChange) change = insert_change ("d");
  g_autoptr (VlWrite) write = NULL;
  guint n_notified = 0;

  read_all (&f);
  g_signal_connect (f.live, "notify::pending-writes", G_CALLBACK (count_call), &n_notified);
  f.master->holds_writes = TRUE;
  write = vl_live_table_write (f.live, change);
  g_assert_true (vl_write_get_change (write) == change);
  g_assert_null (vl_write_get_record (write));
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 1);
  g_assert_cmpuint (get_n_listed (&f), ==, 1);
  g_assert_cmpuint (n_notified, >, 0);
  assert_master_has (&f, "d", FALSE);
  assert_all_hits (&f);

  probe_table_answer (f.master);
  run_turns ();
  assert_write_state (write, APPLIED);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 0);
  g_assert_cmpuint (get_n_listed (&f), ==, 0);
}

static void
test_states_applied (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GString) states = g_string_new (NULL);
  g_autoptr (GString) notified = g_string_new (NULL);
  g_autoptr (VlWrite) write = NULL;

  f.master->holds_describe = TRUE;
  write = watch_insert (&f, "d", states);
  g_signal_connect (write, "notify", G_CALLBACK (write_down_notify), notified);
  assert_write_state (write, QUEUED);
  g_assert_cmpuint (vl_write_get_attempts (write), ==, 0);

  f.master->holds_writes = TRUE;
  f.master->holds_describe = FALSE;
  probe_table_answer (f.master);
  run_turns ();
  assert_write_state (write, SENT);
  g_assert_cmpuint (vl_write_get_attempts (write), ==, 1);

  probe_table_answer (f.master);
  run_turns ();
  g_assert_cmpstr (states->str, ==, "sent applied ");
  g_assert_cmpstr (notified->str, ==, "attempts state record state ");
  g_assert_cmpstr (vl_record_get_id (vl_write_get_record (write)), ==, "d");
  g_assert_null (vl_write_dup_error (write));
  g_assert_false (vl_write_cancel (write));
  vl_write_discard (write);
  assert_write_state (write, APPLIED);
}

typedef struct
{
  GString *heard;
  VlWrite *write;
} FailedWrite;

static void
note_failed (VlLiveTable *live, VlWrite *write, gpointer user_data)
{
  FailedWrite *failed = user_data;

  g_string_append (failed->heard, "write-failed ");
  assert_write_state (write, FAILED);
  g_set_object (&failed->write, write);
}

static void
test_states_failed (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GString) states = g_string_new (NULL);
  FailedWrite failed = { states, NULL };
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlWrite) listed = NULL;
  g_autoptr (GError) error = NULL;

  g_signal_connect (f.live, "write-failed", G_CALLBACK (note_failed), &failed);
  f.master->holds_describe = TRUE;
  write = watch_insert (&f, "d", states);
  probe_table_push_error (f.master, VL_ERROR_REJECTED);
  probe_table_answer_all (f.master);
  run_turns ();

  g_assert_cmpstr (states->str, ==, "sent failed write-failed ");
  g_assert_true (failed.write == write);
  error = vl_write_dup_error (write);
  g_assert_error (error, VL_ERROR, VL_ERROR_REJECTED);

  /* With its data, until it is given up. */
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 0);
  g_assert_cmpuint (get_n_listed (&f), ==, 1);
  listed = g_list_model_get_item (vl_live_table_get_writes (f.live), 0);
  g_assert_true (listed == write);
  g_assert_cmpstr (vl_change_get_id (vl_write_get_change (listed)), ==, "d");
  vl_write_discard (write);
  g_assert_cmpuint (get_n_listed (&f), ==, 0);
  assert_write_state (write, DISCARDED);
  vl_write_discard (write);
  g_clear_object (&failed.write);
}

/* Who was told needs no list to look into. */
static void
test_failed_with_caller (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) answer = { 0 };
  g_autoptr (GString) heard = g_string_new (NULL);
  FailedWrite failed = { heard, NULL };

  g_signal_connect (f.live, "write-failed", G_CALLBACK (note_failed), &failed);
  probe_table_push_error (f.master, VL_ERROR_UNAVAILABLE);
  begin_insert (&f, "d", NULL, &answer);
  assert_insert_failed (&f, &answer, VL_ERROR, VL_ERROR_UNAVAILABLE);
  g_assert_cmpstr (heard->str, ==, "write-failed ");
  g_assert_cmpstr (vl_change_get_id (vl_write_get_change (failed.write)), ==, "d");
  g_assert_cmpuint (get_n_listed (&f), ==, 0);
  g_clear_object (&failed.write);
}

/* In order. */

static void
test_one_at_a_time (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  Answer answers[3] = { 0 };
  const char *const ids[] = { "d", "e", "f" };

  f.master->holds_writes = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    begin_insert (&f, ids[i], NULL, &answers[i]);
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      run_turns ();
      g_assert_cmpuint (f.master->held->len, ==, 1);
      g_assert_cmpuint (f.master->n_writes, ==, i + 1);
      probe_table_answer (f.master);
      assert_inserted (&f, &answers[i], ids[i]);
      answer_clear (&answers[i]);
    }
  probe_table_assert_trace (f.master, "insert d; insert e; insert f");
}

static void
test_failure_passes (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GString) states = g_string_new (NULL);
  g_autoptr (VlWrite) first = watch_insert (&f, "a", states); /* exists */
  g_autoptr (VlWrite) second = watch_insert (&f, "d", states);

  run_turns ();
  assert_write_state (first, FAILED);
  assert_write_state (second, APPLIED);
  vl_write_discard (first);
}

/* Withdrawn. */

static void
test_cancel_queued (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GString) states = g_string_new (NULL);
  g_autoptr (GString) others = g_string_new (NULL);
  g_autoptr (VlWrite) first = NULL;
  g_autoptr (VlWrite) second = NULL;
  g_autoptr (VlWrite) third = NULL;
  g_autoptr (GError) error = NULL;

  f.master->holds_writes = TRUE;
  first = watch_insert (&f, "d", others);
  second = watch_insert (&f, "e", states);
  third = watch_insert (&f, "f", others);
  run_turns ();
  g_assert_true (vl_write_cancel (second));
  assert_write_state (second, DISCARDED);
  g_assert_true (vl_write_cancel (second));
  error = vl_write_dup_error (second);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (states->str, ==, "discarded ");
  g_assert_cmpuint (get_n_listed (&f), ==, 2);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 2);

  g_assert_false (vl_write_cancel (first));
  vl_write_discard (first);
  assert_write_state (first, SENT);
  vl_write_discard (third);
  assert_write_state (third, DISCARDED);

  probe_table_answer_all (f.master);
  run_turns ();
  assert_write_state (first, APPLIED);
  probe_table_assert_trace (f.master, "insert d");
}

/* Nothing was sent yet, not even the question what the table is. */
static void
test_cancel_while_preparing (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GString) states = g_string_new (NULL);
  g_autoptr (VlWrite) write = NULL;

  f.master->holds_describe = TRUE;
  write = watch_insert (&f, "d", states);
  run_turns ();
  g_assert_true (vl_write_cancel (write));
  probe_table_answer_all (f.master);
  run_turns ();
  g_assert_cmpuint (f.master->n_writes, ==, 0);
  g_assert_cmpstr (states->str, ==, "discarded ");
}

static void
test_cancel_call_queued (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) first = { 0 };
  g_auto (Answer) second = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GString) heard = g_string_new (NULL);
  FailedWrite failed = { heard, NULL };

  g_signal_connect (f.live, "write-failed", G_CALLBACK (note_failed), &failed);
  f.master->holds_writes = TRUE;
  begin_insert (&f, "d", NULL, &first);
  begin_insert (&f, "e", cancellable, &second);
  run_turns ();
  g_cancellable_cancel (cancellable);
  assert_insert_failed (&f, &second, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  run_turns ();
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 1);
  probe_table_answer (f.master);
  assert_inserted (&f, &first, "d");
  run_turns ();
  probe_table_assert_trace (f.master, "insert d");
  g_assert_cmpstr (heard->str, ==, "");
}

static void
test_cancel_call_sent (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) answer = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GString) heard = g_string_new (NULL);

  read_all (&f);
  listen_to_changes (f.live, heard);
  f.master->holds_writes = TRUE;
  begin_insert (&f, "d", cancellable, &answer);
  run_turns ();
  g_cancellable_cancel (cancellable);
  assert_insert_failed (&f, &answer, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  run_turns ();
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 1);
  assert_all_hits (&f);

  probe_table_answer (f.master);
  run_turns ();
  assert_master_has (&f, "d", TRUE);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 0);
  assert_told (heard, "inserted by write: d");
  assert_all_misses (&f);
}

static void
test_cancelled_before (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) answer = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  begin_insert (&f, "d", cancellable, &answer);
  g_assert_cmpuint (answer.n_called, ==, 0);
  assert_insert_failed (&f, &answer, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (f.master->n_writes, ==, 0);
}

/* Full. */

static void
test_full (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) first = { 0 };
  g_auto (Answer) second = { 0 };
  g_auto (Answer) again = { 0 };
  g_autoptr (VlChange) change = insert_change ("f");
  g_autoptr (VlWrite) refused = NULL;
  g_autoptr (GError) error = NULL;

  f.master->holds_writes = TRUE;
  vl_live_table_set_queue_capacity (f.live, 1);
  g_assert_cmpuint (vl_live_table_get_queue_capacity (f.live), ==, 1);
  begin_insert (&f, "d", NULL, &first);
  begin_insert (&f, "e", NULL, &second);

  /* At once: while the master has not even answered the first one. */
  assert_insert_failed (&f, &second, VL_ERROR, VL_ERROR_QUEUE_FULL);
  g_assert_cmpuint (first.n_called, ==, 0);
  refused = vl_live_table_write (f.live, change);
  assert_write_state (refused, QUEUED);
  run_turns ();
  assert_write_state (refused, FAILED);
  error = vl_write_dup_error (refused);
  g_assert_error (error, VL_ERROR, VL_ERROR_QUEUE_FULL);
  g_assert_cmpuint (get_n_listed (&f), ==, 1);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 1);

  f.master->holds_writes = FALSE;
  probe_table_answer (f.master);
  assert_inserted (&f, &first, "d");
  begin_insert (&f, "g", NULL, &again);
  assert_inserted (&f, &again, "g");
  probe_table_assert_trace (f.master, "insert d; insert g");
}

/* In doubt. */

static void
test_timeout (void)
{
  WriteFixture f;
  Answer answer = { 0 };
  g_autoptr (GString) states = g_string_new (NULL);
  g_autoptr (GString) heard = g_string_new (NULL);
  g_autoptr (VlWrite) write = NULL;
  guint64 generation;

  fake_clock_begin ();
  f = write_fixture_new ();
  read_all (&f);
  listen_to_changes (f.live, heard);
  vl_live_table_set_timeout (f.live, 1000);
  f.master->holds_writes = TRUE;
  begin_insert (&f, "d", NULL, &answer);
  write = watch_insert (&f, "e", states);
  fake_clock_advance (999);
  g_assert_cmpuint (answer.n_called, ==, 0);
  assert_all_hits (&f);
  generation = get_generation (&f);
  fake_clock_advance (1);
  assert_insert_failed (&f, &answer, VL_ERROR, VL_ERROR_IN_DOUBT);
  assert_told (heard, "changed by write: d");
  g_assert_cmpuint (get_generation (&f), >, generation);
  assert_all_misses (&f);

  /* The next one goes out, while the master still has the first. */
  assert_write_state (write, SENT);
  probe_table_assert_trace (f.master, "insert d; insert e");
  assert_all_hits (&f);

  /* And the late answer makes stale what was read meanwhile. */
  probe_table_answer (f.master);
  run_turns ();
  assert_master_has (&f, "d", TRUE);
  assert_told (heard, "changed by write: d");
  assert_all_misses (&f);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 1);

  probe_table_answer (f.master);
  run_turns ();
  assert_write_state (write, APPLIED);
  answer_clear (&answer);
  write_fixture_clear (&f);
  fake_clock_end ();
}

/* Answered in time: nothing happens later. */
static void
test_no_timeout (void)
{
  WriteFixture f;
  Answer answer = { 0 };
  guint n_invalidated;

  fake_clock_begin ();
  f = write_fixture_new ();
  vl_live_table_set_timeout (f.live, 0);
  f.master->holds_writes = TRUE;
  begin_insert (&f, "d", NULL, &answer);
  fake_clock_advance (100000000);
  g_assert_cmpuint (answer.n_called, ==, 0);
  probe_table_answer (f.master);
  assert_inserted (&f, &answer, "d");
  answer_clear (&answer);

  vl_live_table_set_timeout (f.live, 1000);
  n_invalidated = f.cache->n_invalidated;
  begin_insert (&f, "e", NULL, &answer);
  fake_clock_advance (500);
  probe_table_answer (f.master);
  assert_inserted (&f, &answer, "e");
  fake_clock_advance (10000);
  g_assert_cmpuint (f.cache->n_invalidated, ==, n_invalidated + 1);
  answer_clear (&answer);
  write_fixture_clear (&f);
  fake_clock_end ();
}

/* A live table that goes while an answer may still come. */
static void
test_timeout_then_gone (void)
{
  WriteFixture f;
  Answer answer = { 0 };

  fake_clock_begin ();
  f = write_fixture_new ();
  vl_live_table_set_timeout (f.live, 1000);
  f.master->holds_writes = TRUE;
  begin_insert (&f, "d", NULL, &answer);
  fake_clock_advance (1000);
  assert_insert_failed (&f, &answer, VL_ERROR, VL_ERROR_IN_DOUBT);
  answer_clear (&answer);
  g_assert_finalize_object (g_steal_pointer (&f.live));
  run_turns ();
  g_assert_finalize_object (g_steal_pointer (&f.cache));
  probe_table_answer (f.master);
  run_turns ();
  write_fixture_clear (&f);
  fake_clock_end ();
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define QUEUE "/live-table/queue/"
  g_test_add_func (QUEUE "write-returns-at-once", test_returns_at_once);
  g_test_add_func (QUEUE "states-of-an-applied-write", test_states_applied);
  g_test_add_func (QUEUE "states-of-a-failed-write", test_states_failed);
  g_test_add_func (QUEUE "failed-with-a-caller-is-not-listed", test_failed_with_caller);
  g_test_add_func (QUEUE "one-is-sent-at-a-time", test_one_at_a_time);
  g_test_add_func (QUEUE "failure-lets-the-next-one-pass", test_failure_passes);
  g_test_add_func (QUEUE "cancelled-while-queued-is-never-sent", test_cancel_queued);
  g_test_add_func (QUEUE "cancelled-before-describe-is-never-sent", test_cancel_while_preparing);
  g_test_add_func (QUEUE "cancelled-call-while-queued-is-withdrawn", test_cancel_call_queued);
  g_test_add_func (QUEUE "cancelled-call-once-sent-goes-on", test_cancel_call_sent);
  g_test_add_func (QUEUE "cancelled-before-the-call", test_cancelled_before);
  g_test_add_func (QUEUE "full-says-so-at-once", test_full);
  g_test_add_func (QUEUE "not-answered-in-time-is-in-doubt", test_timeout);
  g_test_add_func (QUEUE "answered-in-time-is-not-in-doubt", test_no_timeout);
  g_test_add_func (QUEUE "in-doubt-does-not-keep-the-live-table", test_timeout_then_gone);
#undef QUEUE

  return g_test_run ();
}
