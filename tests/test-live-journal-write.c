/* test-live-journal-write.c: a write is accepted when it is on the disk
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "journal-live.h"

#define N_MANY 100

static void
note_state (VlWrite *write, GParamSpec *pspec, GString *heard)
{
  static const char *const names[] = { "recording", "queued", "sent",     "waiting",
                                       "applied",   "failed", "discarded" };

  g_string_append_printf (heard, "%s ", names[vl_write_get_state (write)]);
}

static void
note_accepted (VlWrite *write, GParamSpec *pspec, GString *heard)
{
  g_assert_true (vl_write_get_accepted (write));
  g_string_append (heard, "accepted ");
}

static VlWrite *
watch (WriteFixture *f, VlChange *change, GString *heard)
{
  VlWrite *write = write_change (f, change);

  g_signal_connect (write, "notify::state", G_CALLBACK (note_state), heard);
  g_signal_connect (write, "notify::accepted", G_CALLBACK (note_accepted), heard);

  return write;
}

/* --- Accepted --- */

static void
test_accepted_on_disk (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (GString) heard = g_string_new (NULL);
  g_autoptr (VlWrite) write = NULL;
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  read_all (&f);
  g_assert_false (vl_write_get_accepted (write = watch (&f, patch_change ("a", 2), heard)));
  assert_write_state (write, RECORDING);
  run_turns ();
  assert_write_state (write, RECORDING);
  g_assert_cmpuint (f.master->n_writes, ==, 0);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 1);

  /* It is on the disk, but we have not heard. */
  g_assert_true (run_job ());
  g_assert_false (vl_write_get_accepted (write));
  g_assert_cmpuint (f.master->n_writes, ==, 0);
  run_turns ();
  g_assert_cmpstr (heard->str, ==, "accepted queued sent applied ");
  g_assert_cmpfloat (get_price (memory, "a"), ==, 2);
  g_clear_object (&write);
  finish_run (&f);
  world_end ();
}

/* What was accepted survives that the power goes. */
static void
test_accepted_is_synced (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  const RunOptions away = { .is_away = TRUE };
  g_autoptr (VlWrite) write = NULL;
  WriteFixture f;

  world_begin ();
  f = start_run (memory, &away);
  write = write_change (&f, patch_change ("a", 2));
  while (!vl_write_get_accepted (write))
    {
      run_job ();
      run_turns ();
    }
  fake_disk.is_off = TRUE;
  vl_live_table_set_close_timeout (f.live, 1);
  vl_live_table_close_async (f.live, NULL, NULL, NULL);
  fake_clock_advance (1);
  g_clear_object (&write);
  finish_run (&f);
  fake_disk_restart ();

  f = start_run (memory, NULL);
  g_assert_cmpfloat (get_price (memory, "a"), ==, 2);
  finish_run (&f);
  world_end ();
}

static void
test_waits_for_opening (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (GString) heard = g_string_new (NULL);
  g_autoptr (VlWrite) write = NULL;
  WriteFixture f;

  world_begin ();
  f = begin_run (memory, NULL);
  g_assert_cmpint (vl_live_table_get_journal_state (f.live), ==, VL_JOURNAL_STATE_OPENING);
  write = watch (&f, patch_change ("a", 2), heard);
  run_turns ();
  assert_write_state (write, RECORDING);
  g_assert_cmpuint (f.master->n_writes, ==, 0);
  run_all ();
  g_assert_cmpstr (heard->str, ==, "accepted queued sent applied ");
  g_clear_object (&write);
  finish_run (&f);
  world_end ();
}

/* What comes together goes to the disk together. */
static void
test_group (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;
  guint n_syncs;

  world_begin ();
  f = start_run (memory, NULL);
  read_all (&f);
  f.master->holds_writes = TRUE;
  n_syncs = fake_disk.n_syncs;
  for (guint i = 0; i < N_MANY; i++)
    write_and_forget (&f, patch_change (i % 2 == 0 ? "a" : "b", i));
  run_all ();
  g_assert_cmpuint (fake_disk.n_syncs - n_syncs, ==, 1);
  f.master->holds_writes = FALSE;
  probe_table_answer_all (f.master);
  finish_run (&f);
  g_assert_cmpfloat (get_price (memory, "b"), ==, N_MANY - 1);
  world_end ();
}

/* It is shown at once, and not accepted. */
static void
test_shown_while_recording (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  const RunOptions optimistic = { .optimistic = TRUE };
  g_autoptr (VlWrite) write = NULL;
  WriteFixture f;

  world_begin ();
  f = start_run (memory, &optimistic);
  read_all (&f);
  write = write_change (&f, patch_change ("a", 2));
  g_assert_true (_vl_facts_has (f.live->core->facts, write));
  g_assert_false (vl_write_get_accepted (write));
  fake_disk.fail_syncs = 1;
  run_all ();
  assert_write_state (write, FAILED);
  g_assert_false (_vl_facts_has (f.live->core->facts, write));
  g_assert_cmpuint (f.master->n_writes, ==, 0);
  g_clear_object (&write);
  finish_run (&f);
  take_warnings ();
  world_end ();
}

/* --- Not accepted --- */

static void
assert_not_recorded (VlWrite *write, const char *part)
{
  g_autoptr (GError) error = vl_write_dup_error (write);

  assert_write_state (write, FAILED);
  g_assert_false (vl_write_get_accepted (write));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "was not recorded"));
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_disk_full (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (VlWrite) write = NULL;
  g_auto (Answer) answer = { 0 };
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  fake_disk.room = 0;
  write = write_change (&f, patch_change ("a", 2));
  begin_insert (&f, "d", NULL, &answer);
  run_all ();
  assert_not_recorded (write, JOURNAL);
  g_assert_cmpuint (answer.n_called, ==, 1);
  g_assert_null (vl_table_insert_finish (VL_TABLE (f.live), answer.result, NULL));
  answer_clear (&answer);
  g_assert_cmpuint (f.master->n_writes, ==, 0);
  g_assert_cmpint (vl_live_table_get_journal_state (f.live), ==, VL_JOURNAL_STATE_OPEN);

  /* With its data in hand, until there is room again. */
  assert_listed (&f, "patch a:failed");
  fake_disk.room = -1;
  g_assert_true (vl_write_retry (write));
  assert_write_state (write, RECORDING);
  run_all ();
  assert_write_state (write, APPLIED);
  g_assert_true (vl_write_get_accepted (write));
  g_clear_object (&write);
  finish_run (&f);
  take_warnings ();
  world_end ();
}

/* The disk has taken it, perhaps, and does not say that it keeps it. */
static void
test_failing_sync (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (VlWrite) write = NULL;
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  fake_disk.fail_syncs = 1;
  write = write_change (&f, patch_change ("a", 2));
  run_all ();
  assert_not_recorded (write, JOURNAL);
  g_assert_cmpuint (f.master->n_writes, ==, 0);
  assert_listed (&f, "patch a:failed");
  /* What was refused does not come back. */
  g_clear_object (&write);
  kill_run (&f);
  fake_disk_restart ();
  f = start_run (memory, NULL);
  assert_listed (&f, "");

  /* It goes on. */
  write = write_change (&f, patch_change ("a", 3));
  run_all ();
  assert_write_state (write, APPLIED);
  g_clear_object (&write);
  finish_run (&f);
  take_warnings ();
  world_end ();
}

/* The disk fails once more when what it may have taken is to be taken away: that is
 * done when the journal is closed. */
static void
test_refused_is_taken_away (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  const RunOptions away = { .is_away = TRUE };
  g_autoptr (VlWrite) write = NULL;
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  fake_disk.fail_syncs = 2;
  fake_disk.fail_truncates = 1;
  write = write_change (&f, patch_change ("a", 2));
  run_all ();
  assert_not_recorded (write, JOURNAL);
  g_assert_cmpuint (fake_disk.fail_syncs + fake_disk.fail_truncates, ==, 0);
  g_clear_object (&write);
  finish_run (&f);

  f = start_run (memory, &away);
  assert_listed (&f, "");
  finish_run (&f);
  take_warnings ();
  world_end ();
}

static void
test_read_only_folder (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VlWrite) early = NULL;
  g_autoptr (VlWrite) late = NULL;
  g_autoptr (VlWrite) unrecorded = NULL;
  WriteFixture f;

  world_begin ();
  fake_disk.read_only = TRUE;
  f = begin_run (memory, NULL);
  early = write_change (&f, patch_change ("a", 2));
  run_all ();
  g_assert_cmpint (vl_live_table_get_journal_state (f.live), ==, VL_JOURNAL_STATE_FAILED);
  error = vl_live_table_dup_journal_error (f.live);
  g_assert_nonnull (strstr (error->message, JOURNAL));
  g_assert_cmpuint (take_warnings (), ==, 1);
  assert_not_recorded (early, JOURNAL);

  late = write_change (&f, patch_change ("b", 2));
  run_all ();
  assert_not_recorded (late, JOURNAL);
  g_assert_cmpuint (f.master->n_writes, ==, 0);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 0);

  /* The application would rather write without one. */
  vl_live_table_set_journal (f.live, NULL);
  g_assert_cmpint (vl_live_table_get_journal_state (f.live), ==, VL_JOURNAL_STATE_NONE);
  unrecorded = write_change (&f, patch_change ("b", 3));
  run_all ();
  assert_write_state (unrecorded, APPLIED);
  g_assert_true (vl_write_retry (early));
  run_all ();
  assert_write_state (early, APPLIED);

  /* Or tries again. */
  fake_disk.read_only = FALSE;
  use_journal (&f);
  g_assert_true (vl_write_retry (late));
  run_all ();
  assert_write_state (late, APPLIED);
  g_assert_true (vl_write_get_accepted (late));
  g_clear_object (&early);
  g_clear_object (&late);
  g_clear_object (&unrecorded);
  finish_run (&f);
  world_end ();
}

static void
test_in_use (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VlWrite) write = NULL;
  Journal other;
  WriteFixture f;

  world_begin ();
  journal_open (&other);
  f = begin_run (memory, NULL);
  write = write_change (&f, patch_change ("a", 2));
  run_all ();
  g_assert_cmpint (vl_live_table_get_journal_state (f.live), ==, VL_JOURNAL_STATE_FAILED);
  error = vl_live_table_dup_journal_error (f.live);
  g_assert_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "in use"));
  assert_not_recorded (write, "in use");
  g_assert_cmpuint (f.master->n_writes, ==, 0);
  g_clear_object (&write);
  finish_run (&f);
  journal_clear (&other);
  take_warnings ();
  world_end ();
}

static void
test_not_local (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GFile) file = g_file_new_for_uri ("https://example.org/journal");
  g_autoptr (GError) error = NULL;

  vl_live_table_set_journal (f.live, file);
  g_assert_cmpint (vl_live_table_get_journal_state (f.live), ==, VL_JOURNAL_STATE_FAILED);
  error = vl_live_table_dup_journal_error (f.live);
  g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
}

/* --- Sent --- */

/* A master that would apply it twice is not sent what the next run would not
 * know to have been sent. */
static void
test_sent_is_noted_first (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  const RunOptions plain = { .without = VL_CAPABILITY_IDEMPOTENT };
  g_autoptr (VlWrite) write = NULL;
  WriteFixture f;

  world_begin ();
  f = start_run (memory, &plain);
  write = write_change (&f, patch_change ("a", 2));
  run_turns ();
  g_assert_true (run_job ());
  run_turns ();
  g_assert_true (vl_write_get_accepted (write));
  g_assert_cmpuint (f.master->n_writes, ==, 0);
  g_assert_true (run_job ());
  run_turns ();
  assert_write_state (write, APPLIED);
  g_clear_object (&write);
  finish_run (&f);
  world_end ();
}

static void
test_not_sent_unless_noted (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  const RunOptions plain = { .without = VL_CAPABILITY_IDEMPOTENT };
  g_autoptr (VlWrite) write = NULL;
  WriteFixture f;

  world_begin ();
  f = start_run (memory, &plain);
  write = write_change (&f, patch_change ("a", 2));
  run_turns ();
  g_assert_true (run_job ());
  fake_disk.room = 0;
  run_all ();
  assert_write_state (write, WAITING);
  g_assert_cmpuint (f.master->n_writes, ==, 0);
  fake_disk.room = -1;
  g_assert_true (vl_write_retry (write));
  run_all ();
  assert_write_state (write, APPLIED);
  g_assert_cmpuint (f.master->n_writes, ==, 1);
  g_clear_object (&write);
  finish_run (&f);
  take_warnings ();
  world_end ();
}

/* --- Callers --- */

static void
test_callers_do_not_wait (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_auto (Answer) first = { 0 };
  g_auto (Answer) second = { 0 };
  g_auto (Answer) third = { 0 };
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  probe_table_push_error (f.master, VL_ERROR_UNAVAILABLE);
  begin_insert (&f, "d", NULL, &first);
  begin_insert (&f, "d", NULL, &second);
  run_all ();
  assert_inserted (&f, &first, "d");
  assert_inserted (&f, &second, "d");
  assert_listed (&f, "insert d:waiting; insert d:queued");

  /* There is no network, and so nothing to wait for. */
  _vl_live_network_set_away (f.live->core, TRUE);
  begin_insert (&f, "e", NULL, &third);
  run_all ();
  assert_inserted (&f, &third, "e");
  assert_master_has (&f, "e", FALSE);

  _vl_live_network_set_away (f.live->core, FALSE);
  run_all ();
  assert_master_has (&f, "e", TRUE);
  assert_listed (&f, "insert d:failed");
  answer_clear (&first);
  answer_clear (&second);
  answer_clear (&third);
  finish_run (&f);
  world_end ();
}

/* What waits for one that waits has no time of its own, and does not hide when
 * that one is due. */
/* Who waits for a write hears that it has failed, or finds it on the list. */
static void
test_told_once (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  LiveFixture part = { .memory = memory };
  g_autoptr (VlRecord) base = vl_table_find_sync (VL_TABLE (memory), "a", NULL, NULL);
  g_autoptr (VlChange) bare = patch_change ("a", 2);
  g_autoptr (VlChange) change = vl_change_with_base (bare, base);
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (VlOutcome) outcome = NULL;
  g_auto (Answer) answer = { 0 };
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  vl_live_table_set_conflict_policy (f.live, VL_CONFLICT_POLICY_KEEP_LOCAL);
  f.master->holds_writes = TRUE;
  live_fixture_put (&part, "a", "Apple", 3);
  g_list_store_append (changes, change);
  vl_table_apply_many_async (VL_TABLE (f.live), G_LIST_MODEL (changes), NULL, answer_cb, &answer);
  run_all ();

  /* It meets a conflict, is based on what the master has, and is refused. */
  probe_table_answer (f.master);
  run_all ();
  probe_table_fail (f.master, VL_ERROR_REJECTED);
  run_all ();
  probe_table_assert_trace (f.master, "patch a; patch a");
  answer_wait (&answer);
  outcomes = vl_table_apply_many_finish (VL_TABLE (f.live), answer.result, NULL);
  outcome = g_list_model_get_item (outcomes, 0);
  g_assert_error (vl_outcome_get_error (outcome), VL_ERROR, VL_ERROR_REJECTED);
  assert_listed (&f, "");
  answer_clear (&answer);
  finish_run (&f);
  assert_nothing_left (memory);
  world_end ();
}

static void
test_held_back (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  probe_table_push_error (f.master, VL_ERROR_UNAVAILABLE);
  write_and_forget (&f, patch_change ("a", 2));
  run_all ();
  write_and_forget (&f, patch_change ("a", 3));
  run_all ();
  assert_listed (&f, "patch a:waiting; patch a:queued");
  fake_clock_advance (vl_live_table_get_retry_cap (f.live));
  run_all ();
  assert_listed (&f, "");
  g_assert_cmpfloat (get_price (memory, "a"), ==, 3);
  finish_run (&f);
  world_end ();
}

/* What was withdrawn is not in the journal. */
static void
test_withdrawn (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  const RunOptions away = { .is_away = TRUE };
  g_autoptr (VlWrite) recording = NULL;
  g_autoptr (VlWrite) queued = NULL;
  WriteFixture f;

  world_begin ();
  f = start_run (memory, &away);
  queued = write_change (&f, patch_change ("a", 2));
  run_all ();
  recording = write_change (&f, patch_change ("b", 2));
  g_assert_true (vl_write_cancel (recording));
  vl_write_discard (queued);
  assert_write_state (recording, DISCARDED);
  assert_write_state (queued, DISCARDED);
  run_all ();
  g_assert_false (vl_write_get_accepted (recording));
  g_clear_object (&recording);
  g_clear_object (&queued);
  kill_run (&f);

  f = start_run (memory, &away);
  assert_listed (&f, "");
  finish_run (&f);
  world_end ();
}

/* Two writes that go together, and of which the journal is being told that they may
 * have been applied. */
static WriteFixture
start_noting (VlMemoryTable *memory, VlWrite **first, VlWrite **second)
{
  const RunOptions plain = { .without = VL_CAPABILITY_IDEMPOTENT };
  WriteFixture f = start_run (memory, &plain);

  *first = write_change (&f, patch_change ("a", 2));
  *second = write_change (&f, patch_change ("b", 2));
  run_turns ();
  g_assert_true (run_job ());
  run_turns ();
  g_assert_true (vl_write_get_accepted (*second));
  assert_write_state (*first, QUEUED);
  g_assert_cmpuint (f.master->n_writes, ==, 0);

  return f;
}

static void
test_withdrawn_of_two (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (VlWrite) first = NULL;
  g_autoptr (VlWrite) second = NULL;
  WriteFixture f;

  world_begin ();
  f = start_noting (memory, &first, &second);
  vl_write_discard (first);
  assert_write_state (first, DISCARDED);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 1);
  run_all ();
  assert_write_state (second, APPLIED);
  probe_table_assert_trace (f.master, "patch b");
  g_clear_object (&first);
  g_clear_object (&second);
  finish_run (&f);
  assert_nothing_left (memory);
  world_end ();
}

/* The next one is not kept waiting, whether or not the disk had room for the note. */
static void
test_withdrawn_all (gconstpointer data)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (VlWrite) first = NULL;
  g_autoptr (VlWrite) second = NULL;
  g_autoptr (VlWrite) next = NULL;
  WriteFixture f;

  world_begin ();
  f = start_noting (memory, &first, &second);
  fake_disk.room = GPOINTER_TO_INT (data);
  g_assert_true (vl_write_cancel (first));
  g_assert_true (vl_write_cancel (second));
  run_all ();
  fake_disk.room = -1;
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 0);
  next = write_change (&f, patch_change ("a", 3));
  run_all ();
  assert_write_state (next, APPLIED);
  assert_write_state (first, DISCARDED);
  probe_table_assert_trace (f.master, "patch a");
  g_clear_object (&first);
  g_clear_object (&second);
  g_clear_object (&next);
  finish_run (&f);
  assert_nothing_left (memory);
  world_end ();
}

static void
withdraw_other (VlWrite *write, GParamSpec *pspec, VlWrite *other)
{
  if (vl_write_get_state (write) != VL_WRITE_STATE_SENT)
    return;

  g_assert_cmpuint (vl_write_get_attempts (write), ==, 1);
  g_assert_false (vl_write_cancel (write));
  g_assert_true (vl_write_cancel (other));
}

static void
test_withdrawn_by_listener (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (VlWrite) first = NULL;
  g_autoptr (VlWrite) second = NULL;
  WriteFixture f;

  world_begin ();
  f = start_noting (memory, &first, &second);
  g_signal_connect (first, "notify::state", G_CALLBACK (withdraw_other), second);
  run_all ();
  assert_write_state (first, APPLIED);
  assert_write_state (second, DISCARDED);
  probe_table_assert_trace (f.master, "patch a");
  g_clear_object (&first);
  g_clear_object (&second);
  finish_run (&f);
  assert_nothing_left (memory);
  world_end ();
}

/* --- One journal --- */

static void
count_notify (GObject *object, GParamSpec *pspec, guint *n_notified)
{
  ++*n_notified;
}

static void
test_shared (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (GFile) other = g_file_new_for_path ("/disk/other");
  VlLiveTable *twin;
  guint n_notified = 0;
  WriteFixture f;

  world_begin ();
  f = begin_run (memory, NULL);
  twin = g_object_new (VL_TYPE_LIVE_TABLE, "master", f.master, "cache-key", "products", "cache",
                       f.cache, "follow-master", FALSE, NULL);
  g_signal_connect (twin, "notify::journal-state", G_CALLBACK (count_notify), &n_notified);
  g_assert_true (vl_live_table_get_journal (twin) == vl_live_table_get_journal (f.live));
  run_all ();
  g_assert_cmpuint (n_notified, ==, 1);
  g_assert_cmpint (vl_live_table_get_journal_state (twin), ==, VL_JOURNAL_STATE_OPEN);

  g_test_expect_message ("vantage-live", G_LOG_LEVEL_CRITICAL, "*keeps it until it is closed*");
  vl_live_table_set_journal (twin, other);
  g_test_expect_message ("vantage-live", G_LOG_LEVEL_CRITICAL, "*keeps it until it is closed*");
  vl_live_table_set_journal (twin, NULL);
  g_test_assert_expected_messages ();
  use_journal (&f);

  g_object_unref (twin);
  finish_run (&f);
  world_end ();
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define JOURNALED "/live-table/journal/"
  g_test_add_func (JOURNALED "accepted-when-on-the-disk", test_accepted_on_disk);
  g_test_add_func (JOURNALED "accepted-survives-the-power", test_accepted_is_synced);
  g_test_add_func (JOURNALED "writes-wait-for-it-to-open", test_waits_for_opening);
  g_test_add_func (JOURNALED "many-go-to-the-disk-together", test_group);
  g_test_add_func (JOURNALED "shown-at-once-and-taken-back", test_shown_while_recording);
  g_test_add_func (JOURNALED "full-disk-accepts-nothing", test_disk_full);
  g_test_add_func (JOURNALED "failing-sync-accepts-nothing", test_failing_sync);
  g_test_add_func (JOURNALED "refused-is-taken-away-on-closing", test_refused_is_taken_away);
  g_test_add_func (JOURNALED "read-only-folder-accepts-nothing", test_read_only_folder);
  g_test_add_func (JOURNALED "in-use-accepts-nothing", test_in_use);
  g_test_add_func (JOURNALED "has-to-be-on-this-machine", test_not_local);
  g_test_add_func (JOURNALED "sent-when-that-is-noted", test_sent_is_noted_first);
  g_test_add_func (JOURNALED "not-sent-unless-that-is-noted", test_not_sent_unless_noted);
  g_test_add_func (JOURNALED "callers-do-not-wait-for-the-master", test_callers_do_not_wait);
  g_test_add_func (JOURNALED "caller-or-list-is-told", test_told_once);
  g_test_add_func (JOURNALED "held-back-does-not-stop-the-timer", test_held_back);
  g_test_add_func (JOURNALED "withdrawn-is-not-replayed", test_withdrawn);
  g_test_add_func (JOURNALED "withdrawn-while-that-is-noted/one-of-two", test_withdrawn_of_two);
  g_test_add_data_func (JOURNALED "withdrawn-while-that-is-noted/all", GINT_TO_POINTER (-1),
                        test_withdrawn_all);
  g_test_add_data_func (JOURNALED "withdrawn-while-that-is-noted/all-and-the-disk-is-full",
                        GINT_TO_POINTER (0), test_withdrawn_all);
  g_test_add_func (JOURNALED "withdrawn-while-that-is-noted/by-a-listener",
                   test_withdrawn_by_listener);
  g_test_add_func (JOURNALED "one-for-all-that-share", test_shared);
#undef JOURNALED

  return g_test_run ();
}
