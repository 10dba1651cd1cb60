/* test-live-retry.c: writes that do not reach the master, and are sent again
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "patient-fixture.h"

/* What the random numbers of a test begin with. */
static guint64 seed;
static guint64 n_drawn;

static guint64
draw (void)
{
  return _vl_random_at (seed, n_drawn++);
}

/* --- Waiting --- */

static void
test_waits (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;
  g_auto (Answer) answer = { 0 };

  read_all (f);
  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  begin_insert (f, "d", NULL, &answer);

  /* The caller does not wait for the master to come back. */
  assert_inserted (f, &answer, "d");
  write = get_listed (f, 0);
  assert_write_state (write, WAITING);
  assert_write_error (write, UNAVAILABLE);
  g_assert_true (vl_write_get_accepted (write));
  g_assert_null (vl_write_get_record (write));
  g_assert_cmpuint (vl_write_get_attempts (write), ==, 1);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f->live), ==, 1);
  g_assert_cmpfloat (get_shown_price (f, "d"), ==, 9);
  assert_master_has (f, "d", FALSE);

  fake_clock_advance (499);
  g_assert_cmpuint (f->master->n_writes, ==, 1);
  fake_clock_advance (FIRST_WAIT - 499);
  assert_write_state (write, APPLIED);
  g_assert_null (vl_write_dup_error (write));
  g_assert_cmpuint (vl_write_get_attempts (write), ==, 2);
  g_assert_cmpstr (vl_record_get_id (vl_write_get_record (write)), ==, "d");
  g_assert_cmpuint (vl_live_table_get_pending_writes (f->live), ==, 0);
  g_assert_cmpuint (get_n_listed (f), ==, 0);
  assert_master_has (f, "d", TRUE);
}

/* It comes due while the queue is looked at for another reason: not yet when it
 * is looked for what to send, but when it is looked how long to wait. */
static void
test_due_between_looks (WriteFixture *f, gconstpointer data)
{
  for (guint step = 20; step <= 1000; step += 20)
    {
      g_autoptr (VlWrite) write = NULL;
      g_autoptr (VlWrite) other = NULL;

      probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
      write = make_write (f, patch_change ("a", step));
      run_turns ();
      assert_write_state (write, WAITING);
      fake_clock_advance ((guint) fake_clock_get_due () - 1);
      assert_write_state (write, WAITING);

      fake_clock_set_step (step);
      other = make_write (f, patch_change ("b", step));
      run_turns ();
      fake_clock_set_step (0);
      assert_write_state (other, APPLIED);
      fake_clock_advance (FIRST_WAIT);
      assert_write_state (write, APPLIED);
    }
}

/* What two writes have found out keeps all others from being tried, until one of the
 * two is tried again. When they are given up there is none to wait for. */
static void
test_given_up (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) first = NULL;
  g_autoptr (VlWrite) second = NULL;
  g_autoptr (VlWrite) held = NULL;
  g_autoptr (VlWrite) next = NULL;

  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  first = make_write (f, patch_change ("a", 1));
  second = make_write (f, patch_change ("b", 2));
  run_turns ();
  assert_write_state (first, WAITING);
  assert_write_state (second, WAITING);
  held = make_write (f, patch_change ("c", 3));
  run_turns ();
  assert_write_state (held, QUEUED);
  vl_write_discard (first);
  run_turns ();
  assert_write_state (held, QUEUED);
  vl_write_discard (held);
  run_turns ();
  vl_write_discard (second);
  next = make_write (f, patch_change ("a", 4));
  run_turns ();
  assert_write_state (next, APPLIED);
  g_assert_cmpuint (f->master->n_writes, ==, 3);
}

static void
count_notified (VlWrite *write, GParamSpec *pspec, guint *n_notified)
{
  ++*n_notified;
}

/* The error that it waits for is gone when it is applied, and that is told. */
static void
test_error_is_told (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;
  guint n_notified = 0;

  f->master->holds_writes = TRUE;
  write = make_write (f, insert_change ("d"));
  g_signal_connect (write, "notify::error", G_CALLBACK (count_notified), &n_notified);
  probe_table_fail (f->master, VL_ERROR_UNAVAILABLE);
  run_turns ();
  assert_write_state (write, WAITING);
  g_assert_cmpuint (n_notified, ==, 1);
  f->master->holds_writes = FALSE;
  fake_clock_advance (FIRST_WAIT);
  assert_write_state (write, APPLIED);
  g_assert_cmpuint (n_notified, ==, 2);
}

static void
test_provisional (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlRecord) heard = NULL;
  g_autoptr (VlRecord) found = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Answer) answer = { 0 };

  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  begin_insert (f, NULL, NULL, &answer);
  heard = finish_insert (f, &answer, &error);
  g_assert_no_error (error);
  g_assert_true (vl_record_is_provisional (heard));
  g_assert_cmpstr (vl_record_get_string (heard, "name"), ==, "new");
  write = get_listed (f, 0);

  fake_clock_advance (FIRST_WAIT);
  assert_write_state (write, APPLIED);
  g_assert_false (vl_record_is_provisional (vl_write_get_record (write)));
  found = vl_table_find_sync (VL_TABLE (f->live), vl_record_get_id (heard), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (vl_record_equal (found, vl_write_get_record (write)));
}

/* What is written to a record looks like the record. */
static void
test_patch_as_shown (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlChange) change = patch_change ("a", 7);
  g_autoptr (VlRecord) heard = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Answer) answer = { 0 };

  read_all (f);
  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  vl_table_patch_async (VL_TABLE (f->live), "a", vl_change_get_record (change), NULL, answer_cb,
                        &answer);
  answer_wait (&answer);
  heard = vl_table_patch_finish (VL_TABLE (f->live), answer.result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vl_record_get_id (heard), ==, "a");
  g_assert_cmpfloat (vl_record_get_double (heard, "price"), ==, 7);
  g_assert_cmpfloat (get_stored_price (f, "a"), ==, 1.5);
  fake_clock_advance (FIRST_WAIT);
  g_assert_cmpfloat (get_stored_price (f, "a"), ==, 7);
}

/* --- How long --- */

static gint64
get_wait (VlWrite *write)
{
  return (_vl_write_get_due (write) - fake_clock_time ()) / 1000;
}

#define N_SEEDS    100
#define N_ATTEMPTS 9

/* Between the floor and twice as much as before, up to the cap, and all of that:
 * who loses the same server must not come back at the same moment. */
static void
test_jitter (WriteFixture *f, gconstpointer data)
{
  gint64 shortest[N_ATTEMPTS], longest[N_ATTEMPTS];

  vl_live_table_set_retry_floor (f->live, 100);
  vl_live_table_set_retry_cap (f->live, 10000);
  for (guint i = 0; i < N_ATTEMPTS; i++)
    {
      shortest[i] = G_MAXINT64;
      longest[i] = 0;
    }

  _vl_random_set_func (draw);
  for (seed = 0; seed < N_SEEDS; seed++)
    {
      g_autoptr (VlWrite) write = NULL;

      for (guint i = 0; i < N_ATTEMPTS; i++)
        probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
      write = make_write (f, patch_change ("a", (double) seed));
      run_turns ();
      for (guint i = 0; i < N_ATTEMPTS; i++)
        {
          gint64 wait = get_wait (write);

          assert_write_state (write, WAITING);
          g_assert_cmpuint (vl_write_get_attempts (write), ==, i + 1);
          g_assert_cmpint (wait, >=, 100);
          g_assert_cmpint (wait, <=, MIN (100 << (i + 1), 10000));
          shortest[i] = MIN (shortest[i], wait);
          longest[i] = MAX (longest[i], wait);
          fake_clock_advance ((guint) wait - 1);
          assert_write_state (write, WAITING);
          fake_clock_advance (1);
        }
      assert_write_state (write, APPLIED);
    }
  _vl_random_set_func (patient_random);

  for (guint i = 0; i < N_ATTEMPTS; i++)
    {
      gint64 most = MIN (100 << (i + 1), 10000);

      g_assert_cmpint (shortest[i], <, 100 + (most - 100) / 10);
      g_assert_cmpint (longest[i], >, most - (most - 100) / 10);
    }
}

static void
test_cap_below_floor (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;

  vl_live_table_set_retry_floor (f->live, 3000);
  vl_live_table_set_retry_cap (f->live, 1);
  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  write = make_write (f, patch_change ("a", 2));
  run_turns ();
  g_assert_cmpint (get_wait (write), ==, 3000);
  fake_clock_advance (3000);
  assert_write_state (write, APPLIED);
}

/* The settings are as the contract has them, and say when they change. */
static void
test_settings (WriteFixture *f, gconstpointer data)
{
  g_assert_cmpuint (vl_live_table_get_retry_floor (f->live), ==, 500);
  g_assert_cmpuint (vl_live_table_get_retry_cap (f->live), ==, 60000);
  g_assert_cmpint (vl_live_table_get_ordering (f->live), ==, VL_ORDERING_PER_RECORD);
  g_assert_cmpint (vl_live_table_get_conflict_policy (f->live), ==,
                   VL_CONFLICT_POLICY_MERGE_FIELDS);
  g_object_set (f->live, "retry-floor", 7, "retry-cap", 8, "ordering", VL_ORDERING_STRICT, NULL);
  g_assert_cmpuint (vl_live_table_get_retry_floor (f->live), ==, 7);
  g_assert_cmpuint (vl_live_table_get_retry_cap (f->live), ==, 8);
  g_assert_cmpint (vl_live_table_get_ordering (f->live), ==, VL_ORDERING_STRICT);
}

/* --- Not optimistic --- */

static void
test_not_optimistic (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;
  g_auto (Answer) answer = { 0 };

  vl_live_table_set_optimistic (f->live, FALSE);
  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  begin_insert (f, "d", NULL, &answer);
  assert_insert_failed (f, &answer, VL_ERROR, VL_ERROR_UNAVAILABLE);
  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  write = make_write (f, insert_change ("e"));
  run_turns ();
  assert_write_state (write, FAILED);
  g_assert_false (vl_write_get_accepted (write));
  fake_clock_advance (120000);
  probe_table_assert_trace (f->master, "insert d; insert e");

  /* One that nobody waited for can be tried again. */
  g_assert_true (vl_write_retry (write));
  run_turns ();
  assert_write_state (write, APPLIED);
  g_assert_null (vl_write_dup_error (write));
  g_assert_cmpuint (vl_write_get_attempts (write), ==, 2);
  g_assert_cmpuint (get_n_listed (f), ==, 0);
}

/* What was accepted stays accepted. */
static void
test_not_optimistic_any_more (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;

  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  write = make_write (f, insert_change ("d"));
  run_turns ();
  vl_live_table_set_optimistic (f->live, FALSE);
  fake_clock_advance (FIRST_WAIT);
  g_assert_cmpuint (vl_write_get_attempts (write), ==, 2);
  assert_write_state (write, WAITING);
  fake_clock_advance (2 * FIRST_WAIT);
  assert_write_state (write, APPLIED);
}

/* Those behind it that are not accepted have nobody to answer for them: who has made
 * one waits for the master. */
static void
test_not_optimistic_behind_others (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlRecord) record = live_fixture_record ("a", "new", 9.0);
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Answer) answer = { 0 };

  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  write = make_write (f, patch_change ("a", 2));
  run_turns ();
  assert_write_state (write, WAITING);
  vl_live_table_set_optimistic (f->live, FALSE);
  vl_table_replace_async (VL_TABLE (f->live), record, NULL, answer_cb, &answer);
  run_turns ();
  g_assert_cmpuint (answer.n_called, ==, 0);
  fake_clock_advance (FIRST_WAIT);
  answer_wait (&answer);
  stored = vl_table_replace_finish (VL_TABLE (f->live), answer.result, &error);
  g_assert_no_error (error);
  probe_table_assert_trace (f->master, "patch a; patch a; replace a");
}

/* --- By hand --- */

static void
test_retry_waiting (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;

  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  write = make_write (f, insert_change ("d"));
  run_turns ();
  assert_write_state (write, WAITING);
  g_assert_true (vl_write_retry (write));
  run_turns ();
  assert_write_state (write, APPLIED);
  g_assert_false (vl_write_retry (write));
  fake_clock_advance (120000);
  probe_table_assert_trace (f->master, "insert d; insert d");
}

static void
test_retry_failed (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;
  guint n_errors = 0;

  probe_table_push_error (f->master, VL_ERROR_REJECTED);
  write = make_write (f, patch_change ("a", 2));
  g_signal_connect (write, "notify::error", G_CALLBACK (count_notified), &n_errors);
  run_turns ();
  assert_write_state (write, FAILED);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f->live), ==, 0);
  g_assert_cmpfloat (get_shown_price (f, "a"), ==, 1.5);

  f->master->holds_writes = TRUE;
  g_assert_true (vl_write_retry (write));
  run_turns ();
  assert_write_state (write, SENT);
  g_assert_null (vl_write_dup_error (write));
  g_assert_cmpuint (n_errors, ==, 1);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f->live), ==, 1);
  g_assert_cmpuint (get_n_listed (f), ==, 1);
  g_assert_cmpfloat (get_shown_price (f, "a"), ==, 2);
  g_assert_false (vl_write_retry (write));
  probe_table_answer_all (f->master);
  run_turns ();
  assert_write_state (write, APPLIED);
  g_assert_cmpuint (get_n_listed (f), ==, 0);
}

static void
test_retry_full (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) failed = NULL;
  g_autoptr (VlWrite) waiting = NULL;
  g_autoptr (VlWrite) refused = NULL;

  vl_live_table_set_queue_capacity (f->live, 1);
  probe_table_push_error (f->master, VL_ERROR_REJECTED);
  failed = make_write (f, patch_change ("a", 2));
  run_turns ();
  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  waiting = make_write (f, patch_change ("b", 2));
  run_turns ();

  /* One that waits takes its place, too. */
  refused = make_write (f, patch_change ("c", 2));
  run_turns ();
  assert_write_state (refused, FAILED);
  assert_write_error (refused, QUEUE_FULL);
  g_assert_false (vl_write_retry (failed));
  assert_write_state (failed, FAILED);
  g_assert_true (vl_write_retry (waiting));
  run_turns ();
  g_assert_true (vl_write_retry (failed));
  run_turns ();
  assert_write_state (failed, APPLIED);
}

static void
test_discard_waiting (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;

  read_all (f);
  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  write = make_write (f, patch_change ("a", 2));
  run_turns ();
  g_assert_cmpfloat (get_shown_price (f, "a"), ==, 2);
  vl_write_discard (write);
  assert_write_state (write, DISCARDED);
  g_assert_cmpuint (get_n_listed (f), ==, 0);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f->live), ==, 0);
  g_assert_cmpfloat (get_shown_price (f, "a"), ==, 1.5);
  fake_clock_advance (120000);
  probe_table_assert_trace (f->master, "patch a");
  g_assert_false (vl_write_retry (write));
}

static void
test_discard_failed (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;

  probe_table_push_error (f->master, VL_ERROR_REJECTED);
  write = make_write (f, patch_change ("a", 2));
  run_turns ();
  g_assert_false (vl_write_cancel (write));
  assert_write_state (write, FAILED);
  vl_write_discard (write);
  assert_write_state (write, DISCARDED);
  assert_write_error (write, REJECTED);
  g_assert_cmpuint (get_n_listed (f), ==, 0);
  g_assert_false (vl_write_retry (write));
  vl_write_discard (write);
}

static void
test_cancel (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) sent = NULL;
  g_autoptr (VlWrite) queued = NULL;
  g_autoptr (VlWrite) waiting = NULL;
  g_autoptr (GError) error = NULL;

  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  waiting = make_write (f, patch_change ("a", 2));
  run_turns ();
  f->master->holds_writes = TRUE;
  sent = make_write (f, patch_change ("b", 2));
  queued = make_write (f, patch_change ("c", 2));
  run_turns ();
  assert_write_state (sent, SENT);
  assert_write_state (queued, QUEUED);
  g_assert_false (vl_write_cancel (sent));
  g_assert_true (vl_write_cancel (queued));
  g_assert_true (vl_write_cancel (waiting));
  assert_write_state (waiting, DISCARDED);
  error = vl_write_dup_error (waiting);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  probe_table_answer_all (f->master);
  fake_clock_advance (120000);
  assert_write_state (sent, APPLIED);
  g_assert_false (vl_write_cancel (sent));
  probe_table_assert_trace (f->master, "patch a; patch b");
}

/* --- In order --- */

static void
test_per_record (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) first = NULL;
  g_autoptr (VlWrite) second = NULL;
  g_autoptr (VlWrite) other = NULL;

  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  first = make_write (f, patch_change ("a", 2));
  second = make_write (f, patch_change ("a", 3));
  other = make_write (f, patch_change ("b", 2));
  run_turns ();
  assert_write_state (other, APPLIED);
  assert_write_state (first, WAITING);
  g_assert_false (vl_write_get_state (second) == VL_WRITE_STATE_APPLIED);
  probe_table_assert_trace (f->master, "patch a; patch b");
  g_assert_cmpfloat (get_shown_price (f, "a"), ==, 3);

  /* Nor does a retry by hand pass it. */
  fake_clock_advance (FIRST_WAIT);
  assert_write_state (first, APPLIED);
  assert_write_state (second, APPLIED);
  probe_table_assert_trace (f->master, "patch a; patch a");
  g_assert_cmpfloat (get_stored_price (f, "a"), ==, 3);
}

/* Those that are held back do not wait for ever when what holds them goes. */
static void
test_held_after_discard (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) first = NULL;
  g_autoptr (VlWrite) second = NULL;

  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  first = make_write (f, patch_change ("a", 2));
  second = make_write (f, patch_change ("a", 3));
  run_turns ();
  vl_write_discard (first);
  run_turns ();
  assert_write_state (second, APPLIED);
}

/* The callers of those that are held back do not wait either. */
static void
test_held_callers (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) first = NULL;
  g_auto (Answer) answer = { 0 };
  g_auto (Answer) barrier = { 0 };

  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  first = make_write (f, vl_change_new_delete ("a"));
  begin_insert (f, "a", NULL, &answer);
  assert_inserted (f, &answer, "a");
  vl_table_delete_all_async (VL_TABLE (f->live), NULL, NULL, answer_cb, &barrier);
  answer_wait (&barrier);
  g_assert_true (vl_table_delete_all_finish (VL_TABLE (f->live), barrier.result, NULL));
  assert_write_state (first, WAITING);
  probe_table_assert_trace (f->master, "delete a");
  fake_clock_advance (FIRST_WAIT);
  probe_table_assert_trace (f->master, "delete a; insert a; delete-all");
}

/* A change to a record that has no id yet waits for it, and goes by it. */
static void
test_provisional_in_order (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) first = NULL;
  g_autoptr (VlWrite) second = NULL;
  g_autofree char *expected = NULL;
  const char *id;

  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  first = make_write (f, insert_change_without_id ());
  run_turns ();
  second = make_write (f, patch_change (_vl_write_get_key (first), 5));
  run_turns ();
  probe_table_assert_trace (f->master, "insert");
  fake_clock_advance (FIRST_WAIT);
  assert_write_state (first, APPLIED);
  assert_write_state (second, APPLIED);
  id = vl_record_get_id (vl_write_get_record (first));
  expected = g_strdup_printf ("insert; patch %s", id);
  probe_table_assert_trace (f->master, expected);
  g_assert_cmpfloat (get_stored_price (f, id), ==, 5);
}

/* One to the real id and one to the provisional one are to the same record. */
static void
test_both_ids_in_order (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) first = make_write (f, insert_change_without_id ());
  g_autoptr (VlWrite) waiting = NULL;
  g_autoptr (VlWrite) held = NULL;
  const char *id;

  run_turns ();
  assert_write_state (first, APPLIED);
  id = vl_record_get_id (vl_write_get_record (first));
  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  waiting = make_write (f, patch_change (_vl_write_get_key (first), 5));
  held = make_write (f, patch_change (id, 6));
  run_turns ();
  assert_write_state (waiting, WAITING);
  g_assert_cmpuint (vl_write_get_attempts (held), ==, 0);
  fake_clock_advance (FIRST_WAIT);
  g_assert_cmpfloat (get_stored_price (f, id), ==, 6);
  g_clear_object (&waiting);
  g_clear_object (&held);

  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  waiting = make_write (f, patch_change (id, 7));
  held = make_write (f, patch_change (_vl_write_get_key (first), 8));
  run_turns ();
  assert_write_state (waiting, WAITING);
  g_assert_cmpuint (vl_write_get_attempts (held), ==, 0);
  fake_clock_advance (FIRST_WAIT);
  g_assert_cmpfloat (get_stored_price (f, id), ==, 8);
}

static void
assert_not_found (VlWrite *write, const char *part)
{
  g_autoptr (GError) error = vl_write_dup_error (write);

  g_assert_error (error, VL_ERROR, VL_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, part));
}

/* A record that was never stored has nothing that could be changed. */
static void
test_never_stored (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) first = NULL;
  g_autoptr (VlWrite) second = NULL;

  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  first = make_write (f, insert_change_without_id ());
  second = make_write (f, patch_change (_vl_write_get_key (first), 5));
  run_turns ();
  vl_write_discard (first);
  run_turns ();
  assert_write_state (second, FAILED);
  assert_not_found (second, "never stored");
  probe_table_assert_trace (f->master, "insert");
}

/* One that has an id from elsewhere may have been. */
static void
test_given_elsewhere (WriteFixture *f, gconstpointer data)
{
  g_autofree char *uuid = g_uuid_string_random ();
  g_autofree char *id = g_strconcat ("new:", uuid, NULL);
  g_autoptr (VlWrite) write = make_write (f, patch_change (id, 5));

  run_turns ();
  assert_write_state (write, FAILED);
  assert_not_found (write, "not known here");
  probe_table_assert_trace (f->master, "");
}

static void
test_strict (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) first = NULL;
  g_autoptr (VlWrite) other = NULL;

  vl_live_table_set_ordering (f->live, VL_ORDERING_STRICT);
  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  first = make_write (f, patch_change ("a", 2));
  other = make_write (f, patch_change ("b", 2));
  run_turns ();
  probe_table_assert_trace (f->master, "patch a");
  fake_clock_advance (FIRST_WAIT);
  probe_table_assert_trace (f->master, "patch a; patch b");

  /* Less strict, and those that were held back go at once. */
  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  g_clear_object (&first);
  g_clear_object (&other);
  first = make_write (f, patch_change ("a", 4));
  other = make_write (f, patch_change ("b", 4));
  run_turns ();
  assert_write_state (other, QUEUED);
  vl_live_table_set_ordering (f->live, VL_ORDERING_PER_RECORD);
  run_turns ();
  assert_write_state (other, APPLIED);
  fake_clock_advance (FIRST_WAIT);
}

/* Nothing passes a deletion of all, and that passes nothing. */
static void
test_barrier (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) first = NULL;
  g_autoptr (VlWrite) barrier = NULL;
  g_autoptr (VlWrite) last = NULL;

  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  first = make_write (f, insert_change ("d"));
  barrier = make_write (f, vl_change_new_delete_all (NULL));
  last = make_write (f, insert_change ("e"));
  run_turns ();
  probe_table_assert_trace (f->master, "insert d");

  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  g_assert_true (vl_write_retry (first));
  run_turns ();
  assert_write_state (first, WAITING);
  fake_clock_advance (2 * FIRST_WAIT);
  probe_table_assert_trace (f->master, "insert d; insert d; delete-all; insert e");
  g_assert_cmpuint (vl_memory_table_get_n_records (f->memory), ==, 1);
  assert_write_state (last, APPLIED);
}

static void
test_barrier_waits (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) barrier = NULL;
  g_autoptr (VlWrite) last = NULL;

  probe_table_push_error (f->master, VL_ERROR_UNAVAILABLE);
  barrier = make_write (f, vl_change_new_delete_all (NULL));
  last = make_write (f, insert_change ("e"));
  run_turns ();
  assert_write_state (barrier, WAITING);
  probe_table_assert_trace (f->master, "delete-all");
  fake_clock_advance (FIRST_WAIT);
  probe_table_assert_trace (f->master, "delete-all; insert e");
  assert_master_has (f, "e", TRUE);
}

/* What the master refuses is reported, and in nobody's way. */
static void
test_bad_write (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) bad = NULL;
  g_autoptr (VlWrite) same = NULL;
  g_autoptr (VlWrite) other = NULL;

  read_all (f);
  probe_table_push_error (f->master, VL_ERROR_REJECTED);
  bad = make_write (f, patch_change ("a", 2));
  same = make_write (f, patch_change ("a", 3));
  other = make_write (f, patch_change ("b", 2));
  run_turns ();
  assert_write_state (bad, FAILED);
  assert_write_state (same, APPLIED);
  assert_write_state (other, APPLIED);
  g_assert_cmpuint (get_n_listed (f), ==, 1);
  g_assert_cmpfloat (get_shown_price (f, "a"), ==, 3);
  vl_write_discard (bad);
}

/* Whoever watches a write go back into the queue and writes: behind all that go
 * back with it. */
static void
write_more (VlWrite *write, GParamSpec *pspec, WriteFixture *f)
{
  if (vl_write_get_state (write) == VL_WRITE_STATE_WAITING)
    {
      g_autoptr (VlWrite) more = make_write (f, patch_change ("b", 8));

      g_signal_handlers_disconnect_by_func (write, write_more, f);
    }
}

static void
test_handler_writes (WriteFixture *f, gconstpointer data)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (VlChange) one = patch_change ("a", 2);
  g_autoptr (VlChange) two = patch_change ("b", 2);
  g_autoptr (VlWrite) first = NULL;
  g_auto (Answer) answer = { 0 };

  f->master->holds_writes = TRUE;
  g_list_store_append (changes, one);
  g_list_store_append (changes, two);
  vl_table_apply_many_async (VL_TABLE (f->live), G_LIST_MODEL (changes), NULL, answer_cb, &answer);
  run_turns ();
  first = get_listed (f, 0);
  g_signal_connect (first, "notify::state", G_CALLBACK (write_more), f);
  probe_table_fail (f->master, VL_ERROR_UNAVAILABLE);
  f->master->holds_writes = FALSE;
  answer_wait (&answer);
  fake_clock_advance (4 * FIRST_WAIT);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f->live), ==, 0);
  g_assert_cmpfloat (get_stored_price (f, "b"), ==, 8);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define RETRY "/live-table/retry/"
  add_patient_test (RETRY "waits-and-is-sent-again", test_waits);
  add_patient_test (RETRY "due-between-two-looks-at-the-clock", test_due_between_looks);
  add_patient_test (RETRY "given-up", test_given_up);
  add_patient_test (RETRY "the-error-that-it-waits-for-is-told-of", test_error_is_told);
  add_patient_test (RETRY "a-new-record-is-provisional-for-its-caller", test_provisional);
  add_patient_test (RETRY "a-patch-is-heard-of-as-it-is-shown", test_patch_as_shown);
  add_patient_test (RETRY "waits-between-the-floor-and-twice-the-time-before", test_jitter);
  add_patient_test (RETRY "a-cap-below-the-floor-is-the-floor", test_cap_below_floor);
  add_patient_test (RETRY "settings", test_settings);
  add_patient_test (RETRY "not-optimistic-fails-and-is-not-sent-again", test_not_optimistic);
  add_patient_test (RETRY "what-was-accepted-stays-so", test_not_optimistic_any_more);
  add_patient_test (RETRY "not-optimistic-behind-what-is", test_not_optimistic_behind_others);
  add_patient_test (RETRY "by-hand/waiting-is-sent-at-once", test_retry_waiting);
  add_patient_test (RETRY "by-hand/failed-is-sent-at-once", test_retry_failed);
  add_patient_test (RETRY "by-hand/full-queue-takes-none-back", test_retry_full);
  add_patient_test (RETRY "by-hand/discarded-while-waiting", test_discard_waiting);
  add_patient_test (RETRY "by-hand/discarded-when-failed", test_discard_failed);
  add_patient_test (RETRY "by-hand/cancelled-in-each-state", test_cancel);
  add_patient_test (RETRY "order/holds-back-later-ones-to-its-record", test_per_record);
  add_patient_test (RETRY "order/held-goes-when-the-first-is-discarded", test_held_after_discard);
  add_patient_test (RETRY "order/callers-of-those-held-back-hear", test_held_callers);
  add_patient_test (RETRY "order/holds-back-those-to-its-provisional-id",
                    test_provisional_in_order);
  add_patient_test (RETRY "order/two-ids-of-one-record", test_both_ids_in_order);
  add_patient_test (RETRY "order/change-of-what-was-never-stored", test_never_stored);
  add_patient_test (RETRY "order/change-of-what-was-never-stored-here", test_given_elsewhere);
  add_patient_test (RETRY "order/strict-holds-back-all", test_strict);
  add_patient_test (RETRY "order/deletion-of-all-passes-nothing", test_barrier);
  add_patient_test (RETRY "order/nothing-passes-a-deletion-of-all", test_barrier_waits);
  add_patient_test (RETRY "order/a-bad-write-is-in-nobodys-way", test_bad_write);
  add_patient_test (RETRY "order/written-by-who-watches-it-go-back", test_handler_writes);
#undef RETRY

  return g_test_run ();
}
