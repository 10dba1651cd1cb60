/* test-live-offline.c: a master that is away, and what becomes of writes then
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "patient-fixture.h"

static void
note_live_state (VlLiveTable *live, GParamSpec *pspec, GString *heard)
{
  g_string_append (heard,
                   vl_live_table_get_state (live) == VL_LIVE_STATE_ONLINE ? "online " : "offline ");
}

static GString *
listen_to_state (WriteFixture *f)
{
  GString *heard = g_string_new (NULL);

  g_signal_connect (f->live, "notify::state", G_CALLBACK (note_live_state), heard);

  return heard;
}

static void
push_unavailable (WriteFixture *f, guint n)
{
  for (guint i = 0; i < n; i++)
    probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
}

static gint64
get_pause (WriteFixture *f)
{
  return (f->live->core->writer.retry.paused_until - fake_clock_time ()) / 1000;
}

/* --- The whole queue waits --- */

/* Two in a row to different records: it is the master, and not a record. */
static void
test_pause (WriteFixture *f, gconstpointer data)
{
  g_autoptr (GString) states = listen_to_state (f);
  g_autoptr (VlWrite) first = NULL;
  g_autoptr (VlWrite) second = NULL;
  g_autoptr (VlWrite) third = NULL;

  assert_state (f, ONLINE);
  push_unavailable (f, 2);
  first = make_write (f, patch_change ("a", 2));
  run_turns ();
  assert_state (f, ONLINE);
  second = make_write (f, patch_change ("b", 2));
  third = make_write (f, patch_change ("c", 2));
  run_turns ();
  assert_state (f, OFFLINE);
  assert_write_state (second, WAITING);
  g_assert_cmpint (get_pause (f), >=, 500);
  g_assert_cmpint (get_pause (f), <=, 1000);
  fake_clock_advance ((guint) get_pause (f) - 1);
  probe_table_assert_trace (f->master, "patch a; patch b");

  /* One gets there, and all go. */
  vl_live_table_set_retry_floor (f->live, 50000);
  fake_clock_advance (1);
  run_turns ();
  assert_state (f, ONLINE);
  assert_write_state (first, APPLIED);
  assert_write_state (second, APPLIED);
  assert_write_state (third, APPLIED);
  g_assert_cmpstr (states->str, ==, "offline online ");
}

/* Only the same record again and again: that one alone waits. */
static void
test_no_pause (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) bad = NULL;
  g_autoptr (VlWrite) good = NULL;

  f->master->bad_id = "a";
  f->master->bad_error = VL_ERROR_UNAVAILABLE;
  bad = make_write (f, patch_change ("a", 2));
  fake_clock_advance (20 * FIRST_WAIT);
  g_assert_cmpuint (vl_write_get_attempts (bad), >, 2);
  assert_state (f, ONLINE);
  good = make_write (f, patch_change ("b", 2));
  run_turns ();
  assert_write_state (good, APPLIED);

  /* And is not hurried by it. */
  assert_write_state (bad, WAITING);
  f->master->bad_id = NULL;
  fake_clock_advance (60000);
  assert_write_state (bad, APPLIED);
}

/* One that got there in between: they are not in a row. */
static void
test_not_in_a_row (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) one = NULL;
  g_autoptr (VlWrite) two = NULL;
  g_autoptr (VlWrite) three = NULL;

  push_unavailable (f, 1);
  one = make_write (f, patch_change ("a", 2));
  run_turns ();
  probe_table_push_error (f->master, VL_ERROR_REJECTED);
  two = make_write (f, patch_change ("b", 2));
  run_turns ();
  push_unavailable (f, 1);
  three = make_write (f, patch_change ("c", 2));
  run_turns ();
  assert_state (f, ONLINE);
  fake_clock_advance (FIRST_WAIT);
  assert_write_state (one, APPLIED);
  assert_write_state (three, APPLIED);
  vl_write_discard (two);
}

/* One write tries, with longer and longer waits, and not all of them. */
static void
test_one_backoff (WriteFixture *f, gconstpointer data)
{
  VlWrite *writes[20];

  f->master->without = VL_CAPABILITY_BATCH;
  push_unavailable (f, 8);
  for (guint i = 0; i < G_N_ELEMENTS (writes); i++)
    {
      g_autofree char *id = g_strdup_printf ("n%u", i);

      writes[i] = make_write (f, insert_change (id));
    }
  run_turns ();
  g_assert_cmpuint (f->master->n_writes, ==, 2);
  for (guint i = 0; i < 6; i++)
    {
      gint64 pause = get_pause (f);

      g_assert_cmpint (pause, >=, 500);
      g_assert_cmpint (pause, <=, 500 << (i + 1));
      fake_clock_advance ((guint) pause - 1);
      g_assert_cmpuint (f->master->n_writes, ==, i + 2);
      fake_clock_advance (1);
      g_assert_cmpuint (f->master->n_writes, ==, i + 3);
    }
  fake_clock_advance ((guint) get_pause (f));
  assert_state (f, ONLINE);
  for (guint i = 0; i < G_N_ELEMENTS (writes); i++)
    {
      assert_write_state (writes[i], APPLIED);
      g_object_unref (writes[i]);
    }
  g_assert_cmpuint (f->master->n_writes, ==, 28);
}

/* What was refused without being sent says nothing of the network. */
static void
test_unsent_says_nothing (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) one = NULL;
  g_autoptr (VlWrite) two = NULL;
  g_autoptr (VlWrite) bad = NULL;
  g_autoptr (GString) states = listen_to_state (f);

  f->master->without = VL_CAPABILITY_DELETE;
  push_unavailable (f, 1000);
  one = make_write (f, patch_change ("a", 2));
  two = make_write (f, patch_change ("b", 2));
  bad = make_write (f, vl_change_new_delete ("c"));
  run_turns ();
  assert_state (f, OFFLINE);
  while (vl_write_get_state (bad) != VL_WRITE_STATE_FAILED)
    fake_clock_advance (100);
  assert_write_error (bad, UNSUPPORTED);
  g_assert_cmpstr (states->str, ==, "offline ");
  g_array_set_size (f->master->errors, 0);
  fake_clock_advance (120000);
  assert_state (f, ONLINE);
  assert_write_state (two, APPLIED);
  vl_write_discard (bad);
}

/* By hand: somebody knows better. */
static void
test_retry_ends_pause (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) one = NULL;
  g_autoptr (VlWrite) two = NULL;

  push_unavailable (f, 2);
  one = make_write (f, patch_change ("a", 2));
  two = make_write (f, patch_change ("b", 2));
  run_turns ();
  g_assert_true (vl_write_retry (two));
  run_turns ();
  assert_write_state (two, APPLIED);
  assert_write_state (one, APPLIED);
  assert_state (f, ONLINE);
}

/* A pause with nothing in the queue is over: nobody would find out that it could be. */
static void
test_pause_without_writes (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) one = NULL;
  g_autoptr (VlWrite) two = NULL;
  g_autoptr (VlWrite) three = NULL;

  push_unavailable (f, 2);
  one = make_write (f, patch_change ("a", 2));
  two = make_write (f, patch_change ("b", 2));
  run_turns ();
  vl_write_discard (one);
  vl_write_discard (two);
  g_assert_cmpuint (fake_clock_get_n_timers (), ==, 0);
  three = make_write (f, patch_change ("c", 2));
  run_turns ();
  assert_write_state (three, APPLIED);
  assert_state (f, ONLINE);
}

/* --- Nobody hangs --- */

static void
test_callers_never_hang (WriteFixture *f, gconstpointer data)
{
  push_unavailable (f, 1000);
  for (guint i = 0; i < 10; i++)
    {
      g_autofree char *id = g_strdup_printf ("n%u", i);
      g_auto (Answer) answer = { 0 };

      begin_insert (f, id, NULL, &answer);
      assert_inserted (f, &answer, id);
    }
  assert_state (f, OFFLINE);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f->live), ==, 10);
  g_assert_cmpuint (get_n_listed (f), ==, 10);
  g_array_set_size (f->master->errors, 0);
  fake_clock_advance (120000);
  g_assert_cmpuint (vl_memory_table_get_n_records (f->memory), ==, 13);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f->live), ==, 0);
  assert_state (f, ONLINE);
}

/* --- The network --- */

static void
test_no_network (WriteFixture *f, gconstpointer data)
{
  g_autoptr (GString) states = listen_to_state (f);
  g_auto (Answer) answer = { 0 };

  read_all (f);
  _vl_live_network_set_away (f->live->core, TRUE);
  assert_state (f, OFFLINE);
  begin_insert (f, "d", NULL, &answer);
  assert_inserted (f, &answer, "d");
  fake_clock_advance (600000);
  g_assert_cmpuint (f->master->n_writes, ==, 0);
  g_assert_cmpfloat (get_shown_price (f, "d"), ==, 9);

  _vl_live_network_set_away (f->live->core, FALSE);
  run_turns ();
  assert_master_has (f, "d", TRUE);
  g_assert_cmpstr (states->str, ==, "offline online ");
}

/* Those that wait do not wait any longer. */
static void
test_network_hurries (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) one = NULL;
  g_autoptr (VlWrite) two = NULL;

  push_unavailable (f, 2);
  one = make_write (f, patch_change ("a", 2));
  two = make_write (f, patch_change ("b", 2));
  run_turns ();
  _vl_live_network_set_away (f->live->core, TRUE);
  fake_clock_advance (60000);
  g_assert_cmpuint (f->master->n_writes, ==, 2);
  _vl_live_network_set_away (f->live->core, FALSE);
  run_turns ();
  assert_write_state (one, APPLIED);
  assert_write_state (two, APPLIED);

  /* Nor one whose time has not come. */
  push_unavailable (f, 1);
  g_clear_object (&one);
  one = make_write (f, patch_change ("a", 3));
  run_turns ();
  assert_write_state (one, WAITING);
  _vl_live_network_set_away (f->live->core, TRUE);
  _vl_live_network_set_away (f->live->core, FALSE);
  run_turns ();
  assert_write_state (one, APPLIED);
  assert_state (f, ONLINE);
}

/* Without `optimistic` nobody answers for them: they go, and fail. */
static void
test_no_network_not_optimistic (WriteFixture *f, gconstpointer data)
{
  g_auto (Answer) answer = { 0 };

  vl_live_table_set_optimistic (f->live, FALSE);
  _vl_live_network_set_away (f->live->core, TRUE);
  push_unavailable (f, 1);
  begin_insert (f, "d", NULL, &answer);
  assert_insert_failed (f, &answer, VL_ERROR, VL_ERROR_UNAVAILABLE);
}

/* The monitor is asked for masters that are reached over a network, and for
 * those alone. */
static void
test_remote (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlFaultTable) remote = vl_fault_table_new (VL_TABLE (f->memory));
  g_autoptr (VlLiveTable) live = vl_live_table_new (VL_TABLE (remote), "remote", NULL);
  g_autoptr (VlSchema) schema = NULL;

  read_all (f);
  g_assert_null (f->live->core->network.watch);
  assert_state (f, ONLINE);

  vl_fault_table_set_remote (remote, TRUE);
  schema = vl_table_describe_sync (VL_TABLE (live), NULL, NULL);
  g_assert_nonnull (live->core->network.watch);
  g_assert_cmpint (vl_live_table_get_state (live) == VL_LIVE_STATE_ONLINE, ==,
                   g_network_monitor_get_network_available (g_network_monitor_get_default ()));

  /* What is written to is near from now on, and the network does not matter. */
  _vl_live_network_set_away (live->core, TRUE);
  g_assert_cmpint (vl_live_table_get_state (live), ==, VL_LIVE_STATE_OFFLINE);
  vl_live_table_set_write_target (live, VL_TABLE (f->memory));
  run_turns ();
  g_assert_null (live->core->network.watch);
  g_assert_cmpint (vl_live_table_get_state (live), ==, VL_LIVE_STATE_ONLINE);
  g_assert_finalize_object (g_steal_pointer (&live));
  run_turns ();
}

/* --- Batches --- */

static void
add (GListStore *changes, VlChange *change)
{
  g_autoptr (VlChange) owned = change;

  g_list_store_append (changes, owned);
}

static GListModel *
apply_many (WriteFixture *f, GListStore *changes)
{
  g_autoptr (GError) error = NULL;
  g_auto (Answer) answer = { 0 };
  GListModel *outcomes;

  vl_table_apply_many_async (VL_TABLE (f->live), G_LIST_MODEL (changes), NULL, answer_cb, &answer);
  answer_wait (&answer);
  outcomes = vl_table_apply_many_finish (VL_TABLE (f->live), answer.result, &error);
  g_assert_no_error (error);

  return outcomes;
}

static double
get_outcome_price (GListModel *outcomes, guint i)
{
  g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, i);

  g_assert_no_error (vl_outcome_get_error (outcome));

  return vl_record_get_double (vl_outcome_get_record (outcome), "price");
}

/* One did not get there, and the others did: it alone waits, and the caller has
 * an answer to each. */
static void
test_batch_in_part (WriteFixture *f, gconstpointer data)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (VlWrite) waiting = NULL;

  read_all (f);
  f->master->bad_id = "b";
  f->master->bad_error = VL_ERROR_UNAVAILABLE;
  add (changes, patch_change ("a", 11));
  add (changes, patch_change ("b", 12));
  add (changes, patch_change ("c", 13));
  outcomes = apply_many (f, changes);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpfloat (get_outcome_price (outcomes, i), ==, 11 + i);
  g_assert_cmpuint (get_n_listed (f), ==, 1);
  waiting = get_listed (f, 0);
  assert_write_state (waiting, WAITING);
  assert_state (f, ONLINE);
  g_assert_cmpfloat (get_stored_price (f, "b"), ==, 0.5);
  f->master->bad_id = NULL;
  fake_clock_advance (FIRST_WAIT);
  assert_write_state (waiting, APPLIED);
  probe_table_assert_trace (f->master, "[patch a, patch b, patch c]; patch b");
}

/* Two that did not get there are nothing in a row when a third did. */
static void
test_batch_reached (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) one = NULL;
  g_autoptr (VlWrite) two = NULL;
  g_autoptr (VlWrite) three = NULL;
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;

  push_unavailable (f, 1);
  one = make_write (f, patch_change ("a", 2));
  run_turns ();
  f->master->bad_id = "b";
  f->master->bad_error = VL_ERROR_UNAVAILABLE;
  add (changes, patch_change ("b", 12));
  add (changes, patch_change ("c", 13));
  outcomes = apply_many (f, changes);
  assert_state (f, ONLINE);
  two = get_listed (f, 1);
  assert_write_state (two, WAITING);

  /* So that another one is the first. */
  push_unavailable (f, 1);
  three = make_write (f, patch_change ("c", 14));
  run_turns ();
  assert_write_state (three, WAITING);
  assert_state (f, ONLINE);
  f->master->bad_id = NULL;
  fake_clock_advance (FIRST_WAIT);
  assert_write_state (one, APPLIED);
  assert_write_state (two, APPLIED);
  assert_write_state (three, APPLIED);
}

/* All of it met with the same network: it is one failure, and its writes go
 * together again. */
static void
test_batch_as_a_whole (WriteFixture *f, gconstpointer data)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;

  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *id = g_strdup_printf ("n%02u", i);

      add (changes, insert_change (id));
    }
  push_unavailable (f, 1);
  outcomes = apply_many (f, changes);
  g_assert_cmpfloat (get_outcome_price (outcomes, 49), ==, 9);
  assert_state (f, ONLINE);
  g_assert_cmpint (get_pause (f), <=, 0);
  fake_clock_advance (FIRST_WAIT);
  g_assert_cmpuint (vl_memory_table_get_n_records (f->memory), ==, 53);

  /* A second failure in a row is one of the master, with a short wait. */
  g_clear_object (&outcomes);
  g_list_store_remove_all (changes);
  add (changes, patch_change ("a", 2));
  add (changes, patch_change ("b", 2));
  push_unavailable (f, 2);
  outcomes = apply_many (f, changes);
  assert_state (f, ONLINE);
  fake_clock_advance (FIRST_WAIT);
  g_assert_cmpint (get_pause (f), <=, 1000);
  fake_clock_advance (4 * FIRST_WAIT);
  g_assert_cmpfloat (get_stored_price (f, "a"), ==, 2);
  assert_state (f, ONLINE);
}

/* Those behind one that waits, in the same batch, have their place. */
static void
test_batch_in_order (WriteFixture *f, gconstpointer data)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;

  f->master->bad_id = "a";
  f->master->bad_error = VL_ERROR_UNAVAILABLE;
  add (changes, patch_change ("a", 1));
  add (changes, patch_change ("b", 1));
  add (changes, patch_change ("a", 2));
  add (changes, patch_change ("b", 2));
  outcomes = apply_many (f, changes);
  probe_table_assert_trace (f->master, "[patch a, patch b]; patch b");
  g_assert_cmpuint (get_n_listed (f), ==, 2);
  f->master->bad_id = NULL;
  fake_clock_advance (FIRST_WAIT);
  probe_table_assert_trace (f->master, "patch a; patch a");
  g_assert_cmpfloat (get_stored_price (f, "a"), ==, 2);
}

/* --- Lists and signals --- */

static void
note_failed (VlLiveTable *live, VlWrite *write, GString *heard)
{
  g_string_append_printf (heard, "%s ", vl_change_get_id (vl_write_get_change (write)));
}

static void
count_pending (VlLiveTable *live, GParamSpec *pspec, guint *n_heard)
{
  ++*n_heard;
}

static void
test_lists (WriteFixture *f, gconstpointer data)
{
  GListModel *writes = vl_live_table_get_writes (f->live);
  g_autoptr (GString) heard = g_string_new (NULL);
  g_autoptr (VlWrite) waiting = NULL;
  g_autoptr (VlWrite) failed = NULL;
  guint n_heard = 0;

  g_signal_connect (f->live, "write-failed", G_CALLBACK (note_failed), heard);
  g_signal_connect (f->live, "notify::pending-writes", G_CALLBACK (count_pending), &n_heard);
  push_unavailable (f, 1);
  probe_table_push_error (f->master, VL_ERROR_REJECTED);
  waiting = make_write (f, patch_change ("a", 2));
  failed = make_write (f, patch_change ("b", 2));
  run_turns ();
  g_assert_cmpuint (vl_live_table_get_pending_writes (f->live), ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (writes), ==, 2);
  g_assert_cmpstr (heard->str, ==, "b ");
  g_assert_cmpuint (n_heard, >, 0);

  fake_clock_advance (FIRST_WAIT);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f->live), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (writes), ==, 1);
  vl_write_discard (failed);
  g_assert_cmpuint (g_list_model_get_n_items (writes), ==, 0);
  g_assert_cmpstr (heard->str, ==, "b ");
}

/* A caller that was let go hears nothing more: the write stays, with its data. */
static void
test_fails_after_waiting (WriteFixture *f, gconstpointer data)
{
  g_autoptr (GString) heard = g_string_new (NULL);
  g_autoptr (VlWrite) write = NULL;
  g_auto (Answer) answer = { 0 };

  g_signal_connect (f->live, "write-failed", G_CALLBACK (note_failed), heard);
  push_unavailable (f, 1);
  probe_table_push_error (f->master, VL_ERROR_REJECTED);
  begin_insert (f, "d", NULL, &answer);
  assert_inserted (f, &answer, "d");
  fake_clock_advance (FIRST_WAIT);
  g_assert_cmpstr (heard->str, ==, "d ");
  g_assert_cmpuint (get_n_listed (f), ==, 1);
  write = get_listed (f, 0);
  assert_write_state (write, FAILED);
  assert_write_error (write, REJECTED);
  g_assert_true (vl_write_retry (write));
  run_turns ();
  assert_write_state (write, APPLIED);
  assert_master_has (f, "d", TRUE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define OFFLINE "/live-table/offline/"
  add_patient_test (OFFLINE "pause/after-two-in-a-row", test_pause);
  add_patient_test (OFFLINE "pause/not-after-one-record-alone", test_no_pause);
  add_patient_test (OFFLINE "pause/not-after-two-that-are-not-in-a-row", test_not_in_a_row);
  add_patient_test (OFFLINE "pause/one-tries", test_one_backoff);
  add_patient_test (OFFLINE "pause/what-was-not-sent-says-nothing", test_unsent_says_nothing);
  add_patient_test (OFFLINE "pause/ended-by-hand", test_retry_ends_pause);
  add_patient_test (OFFLINE "pause/with-an-empty-queue", test_pause_without_writes);
  add_patient_test (OFFLINE "callers-never-hang", test_callers_never_hang);
  add_patient_test (OFFLINE "network/none", test_no_network);
  add_patient_test (OFFLINE "network/back-hurries-those-that-wait", test_network_hurries);
  add_patient_test (OFFLINE "network/none-and-not-optimistic", test_no_network_not_optimistic);
  add_patient_test (OFFLINE "network/watched-for-remote-masters", test_remote);
  add_patient_test (OFFLINE "batch/some-wait-and-each-has-its-answer", test_batch_in_part);
  add_patient_test (OFFLINE "batch/reached-in-part-is-reached", test_batch_reached);
  add_patient_test (OFFLINE "batch/counts-once", test_batch_as_a_whole);
  add_patient_test (OFFLINE "batch/keeps-the-order-of-a-record", test_batch_in_order);
  add_patient_test (OFFLINE "lists-and-signals", test_lists);
  add_patient_test (OFFLINE "fails-after-its-caller-was-let-go", test_fails_after_waiting);
#undef OFFLINE

  return g_test_run ();
}
