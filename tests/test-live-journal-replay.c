/* test-live-journal-replay.c: what an earlier run has left in the journal
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "journal-live.h"

static const RunOptions away = { .is_away = TRUE };
static const RunOptions plain = { .without = VL_CAPABILITY_IDEMPOTENT };

static VlChange *
new_change (const char *name)
{
  g_autoptr (VlRecord) record = live_fixture_record (NULL, name, 7);

  return vl_change_new_insert (record);
}

static void
assert_failed (WriteFixture *f, guint i, VlError code)
{
  g_autoptr (VlWrite) write = get_listed (f, i);
  g_autoptr (GError) error = vl_write_dup_error (write);

  assert_write_state (write, FAILED);
  g_assert_true (vl_write_get_accepted (write));
  g_assert_error (error, VL_ERROR, (int) code);
}

static void
retry (WriteFixture *f, guint i)
{
  g_autoptr (VlWrite) write = get_listed (f, i);

  g_assert_true (vl_write_retry (write));
}

static void
discard (WriteFixture *f, guint i)
{
  g_autoptr (VlWrite) write = get_listed (f, i);

  vl_write_discard (write);
}

/* --- In line again --- */

static void
test_order (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = start_run (memory, &away);
  write_and_forget (&f, patch_change ("a", 2));
  write_and_forget (&f, insert_change ("d"));
  write_and_forget (&f, patch_change ("a", 3));
  run_all ();
  kill_run (&f);
  g_assert_cmpfloat (get_price (memory, "a"), ==, 1.5);

  /* Ahead of what is made since, even before it is open. */
  f = begin_run (memory, &away);
  write_and_forget (&f, patch_change ("a", 4));
  run_all ();
  assert_listed (&f, "patch a:queued; insert d:queued; patch a:queued; patch a:queued");
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 4);
  f.master->without = VL_CAPABILITY_BATCH;
  online (&f);
  probe_table_assert_trace (f.master, "patch a; insert d; patch a; patch a");
  g_assert_cmpfloat (get_price (memory, "a"), ==, 4);
  assert_listed (&f, "");
  finish_run (&f);
  assert_nothing_left (memory);
  world_end ();
}

/* The order is not one of time. */
static void
test_clock_put_back (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  fake_clock_advance (7200 * 1000);
  f = start_run (memory, &away);
  write_and_forget (&f, patch_change ("a", 2));
  write_and_forget (&f, new_change ("first"));
  run_all ();
  fake_clock_put_back (3600 * 1000);
  write_and_forget (&f, patch_change ("a", 3));
  write_and_forget (&f, new_change ("second"));
  run_all ();
  kill_run (&f);

  fake_clock_put_back (3000 * 1000);
  f = begin_run (memory, NULL);
  write_and_forget (&f, patch_change ("a", 4));
  run_all ();
  g_assert_cmpfloat (get_price (memory, "a"), ==, 4);
  g_assert_cmpint (count_rows (memory), ==, 4);
  finish_run (&f);
  assert_nothing_left (memory);
  world_end ();
}

static void
test_shown (gconstpointer data)
{
  gboolean is_known = GPOINTER_TO_INT (data);
  g_autoptr (VlMemoryTable) memory = make_memory ();
  const RunOptions shown = { .optimistic = TRUE, .is_away = TRUE };
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (VlWrite) last = NULL;
  WriteFixture f;

  world_begin ();
  f = start_run (memory, &away);
  write_and_forget (&f, patch_change ("a", 2));
  run_all ();
  kill_run (&f);

  /* What is made while it is opened is shown on top all the same. */
  f = begin_run (memory, &shown);
  if (is_known)
    read_all (&f);
  last = write_change (&f, patch_change ("a", 3));
  g_assert_cmpint (_vl_facts_has (f.live->core->facts, last), ==, is_known);
  run_all ();
  read_all (&f);
  record = _vl_show_get_record (f.live->core, last);
  g_assert_cmpfloat (vl_record_get_double (record, "price"), ==, 3);
  g_assert_true (vl_write_cancel (last));
  g_clear_object (&last);
  g_clear_object (&record);
  last = get_listed (&f, 0);
  g_assert_true (_vl_facts_has (f.live->core->facts, last));
  record = _vl_show_get_record (f.live->core, last);
  g_assert_cmpfloat (vl_record_get_double (record, "price"), ==, 2);
  g_clear_object (&last);
  online (&f);
  g_assert_cmpfloat (get_price (memory, "a"), ==, 2);
  finish_run (&f);
  world_end ();
}

/* A program that starts offline, with an empty cache. */
static void
test_not_described (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_auto (Answer) answer = { 0 };
  WriteFixture f;

  world_begin ();
  f = start_run (memory, &away);
  write_and_forget (&f, patch_change ("a", 2));
  run_all ();
  kill_run (&f);

  f = begin_run (memory, NULL);
  f.master->describe_error = VL_ERROR_UNAVAILABLE;
  f.master->n_describe_errors = 3;
  begin_insert (&f, "d", NULL, &answer);
  run_all ();
  assert_listed (&f, "patch a:queued; insert d:queued");
  g_assert_cmpint (vl_live_table_get_state (f.live), ==, VL_LIVE_STATE_OFFLINE);
  assert_inserted (&f, &answer, "d");
  answer_clear (&answer);
  fake_clock_advance (3 * vl_live_table_get_retry_cap (f.live));
  run_all ();
  assert_listed (&f, "");
  g_assert_cmpfloat (get_price (memory, "a"), ==, 2);
  g_assert_cmpint (vl_live_table_get_state (f.live), ==, VL_LIVE_STATE_ONLINE);
  finish_run (&f);
  world_end ();
}

/* --- In doubt --- */

static void
test_doubtful (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = start_run (memory, &plain);
  f.master->holds_writes = TRUE;
  write_and_forget (&f, new_change ("once"));
  run_all ();
  g_assert_cmpuint (f.master->held->len, ==, 1);
  kill_run (&f);
  g_assert_cmpint (count_rows (memory), ==, 3);

  /* Sent again it would be there twice. */
  f = start_run (memory, &plain);
  write_and_forget (&f, patch_change ("a", 2));
  run_all ();
  probe_table_assert_trace (f.master, "patch a");
  assert_failed (&f, 0, VL_ERROR_IN_DOUBT);
  g_assert_cmpint (count_rows (memory), ==, 3);
  finish_run (&f);

  /* Until somebody decides. */
  f = start_run (memory, &plain);
  assert_failed (&f, 0, VL_ERROR_IN_DOUBT);
  discard (&f, 0);
  finish_run (&f);
  assert_nothing_left (memory);
  world_end ();
}

static void
test_harmless (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = start_run (memory, &plain);
  f.master->holds_writes = TRUE;
  write_and_forget (&f, insert_change ("d"));
  run_all ();
  kill_run (&f);
  assert_master_has (&(WriteFixture){ .memory = memory }, "d", TRUE);

  /* That it exists means that it was applied. */
  f = start_run (memory, &plain);
  run_all ();
  probe_table_assert_trace (f.master, "insert d");
  assert_listed (&f, "");
  finish_run (&f);
  assert_nothing_left (memory);
  world_end ();
}

static void
test_applied_once (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  f.master->holds_writes = TRUE;
  write_and_forget (&f, new_change ("once"));
  run_all ();
  kill_run (&f);
  g_assert_cmpint (count_rows (memory), ==, 3);

  f = start_run (memory, NULL);
  run_all ();
  g_assert_cmpuint (f.master->n_writes, ==, 1);
  g_assert_cmpint (count_rows (memory), ==, 3);
  assert_listed (&f, "");
  finish_run (&f);
  assert_nothing_left (memory);
  world_end ();
}

/* It knew uids when this was sent, and does not any more. */
static void
test_not_idempotent_any_more (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  read_all (&f);
  f.master->holds_writes = TRUE;
  write_and_forget (&f, new_change ("once"));
  run_all ();
  g_assert_cmpuint (f.master->held->len, ==, 1);
  kill_run (&f);

  f = start_run (memory, &plain);
  read_all (&f);
  run_all ();
  g_assert_cmpuint (f.master->n_writes, ==, 0);
  assert_failed (&f, 0, VL_ERROR_IN_DOUBT);
  discard (&f, 0);
  finish_run (&f);
  world_end ();
}

/* Nobody knew what it is when this was recorded: that it is sent is noted. */
static void
test_recorded_before_described (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  f.master->holds_writes = TRUE;
  write_and_forget (&f, new_change ("once"));
  run_all ();
  g_assert_cmpuint (f.master->held->len, ==, 1);
  kill_run (&f);

  f = start_run (memory, &plain);
  run_all ();
  g_assert_cmpuint (f.master->n_writes, ==, 0);
  assert_failed (&f, 0, VL_ERROR_IN_DOUBT);
  kill_run (&f);

  /* And what was not sent is not in doubt. */
  f = start_run (memory, &away);
  discard (&f, 0);
  write_and_forget (&f, new_change ("twice"));
  run_all ();
  kill_run (&f);
  f = start_run (memory, &plain);
  run_all ();
  assert_listed (&f, "");
  g_assert_cmpint (count_rows (memory), ==, 4);
  finish_run (&f);
  world_end ();
}

/* --- Failed --- */

static void
test_parked (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  probe_table_push_error (f.master, VL_ERROR_REJECTED);
  write_and_forget (&f, patch_change ("a", 2));
  run_all ();
  probe_table_push_error (f.master, VL_ERROR_CONFLICT);
  write_and_forget (&f, patch_change ("b", 2));
  run_all ();
  kill_run (&f);

  f = start_run (memory, NULL);
  assert_listed (&f, "patch a:failed; patch b:failed");
  assert_failed (&f, 0, VL_ERROR_REJECTED);
  assert_failed (&f, 1, VL_ERROR_CONFLICT);
  g_assert_cmpuint (f.master->n_writes, ==, 0);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 0);
  retry (&f, 0);
  run_all ();
  assert_listed (&f, "patch b:failed");
  g_assert_cmpfloat (get_price (memory, "a"), ==, 2);
  discard (&f, 0);
  finish_run (&f);
  assert_nothing_left (memory);
  world_end ();
}

/* What was refused may have been applied by an attempt before that, and the next
 * run knows it, too; so does the one after, when it was to be sent again. */
static void
test_parked_in_doubt (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = start_run (memory, &plain);
  f.master->holds_writes = TRUE;
  write_and_forget (&f, insert_change ("d"));
  run_all ();
  g_assert_cmpuint (f.master->held->len, ==, 1);
  f.master->holds_writes = FALSE;
  probe_table_push_error (f.master, VL_ERROR_REJECTED);
  fake_clock_advance (vl_live_table_get_timeout (f.live) + vl_live_table_get_retry_cap (f.live));
  run_all ();
  assert_failed (&f, 0, VL_ERROR_REJECTED);
  /* It was applied, by a master that does not know the uid. */
  probe_table_drop (f.master);
  live_fixture_put (&(LiveFixture){ .memory = memory }, "d", "new", 9.0);
  kill_run (&f);

  f = start_run (memory, &plain);
  assert_failed (&f, 0, VL_ERROR_REJECTED);
  _vl_live_network_set_away (f.live->core, TRUE);
  retry (&f, 0);
  run_all ();
  assert_listed (&f, "insert d:queued");
  kill_run (&f);

  f = start_run (memory, &plain);
  probe_table_assert_trace (f.master, "insert d");
  assert_listed (&f, "");
  finish_run (&f);
  assert_nothing_left (memory);
  world_end ();
}

/* Who was told of the failure does not hear again. */
static void
test_told (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_auto (Answer) answer = { 0 };
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  probe_table_push_error (f.master, VL_ERROR_REJECTED);
  begin_insert (&f, "d", NULL, &answer);
  run_all ();
  assert_insert_failed (&f, &answer, VL_ERROR, VL_ERROR_REJECTED);
  answer_clear (&answer);
  kill_run (&f);
  assert_nothing_left (memory);
  world_end ();
}

/* In line anew it stands last, in the next run, too. */
static void
test_retried_is_last (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  probe_table_push_error (f.master, VL_ERROR_REJECTED);
  write_and_forget (&f, patch_change ("a", 2));
  run_all ();
  _vl_live_network_set_away (f.live->core, TRUE);
  write_and_forget (&f, patch_change ("a", 3));
  retry (&f, 0);
  run_all ();
  kill_run (&f);

  f = start_run (memory, NULL);
  run_all ();
  g_assert_cmpfloat (get_price (memory, "a"), ==, 2);
  finish_run (&f);
  world_end ();
}

/* The master was not there, so that it surely was not applied, in the next run
 * either: it is sent, and not parked. */
static void
test_waiting_is_not_doubtful (void)
{
  const RunOptions options = { .without = VL_CAPABILITY_IDEMPOTENT };
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = start_run (memory, &options);
  read_all (&f);
  probe_table_push_error (f.master, VL_ERROR_UNAVAILABLE);
  write_and_forget (&f, insert_change (NULL));
  run_all ();
  assert_listed (&f, "insert (null):waiting");
  kill_run (&f);

  f = start_run (memory, &options);
  read_all (&f);
  run_all ();
  assert_listed (&f, "");
  g_assert_cmpint (count_rows (memory), ==, 3);
  finish_run (&f);
  world_end ();
}

/* It may have been sent by the last run, and got there while this one reads: what is
 * counted with it is not counted again. */
static void
test_replayed_counts_once (void)
{
  const RunOptions options = { .optimistic = TRUE, .is_away = TRUE };
  g_autoptr (VlMemoryTable) memory = make_memory ();
  LiveFixture part = { .memory = memory };
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) cheap = vl_query_where (all, "price", VL_OP_LT, g_variant_new_double (2));
  WriteFixture f;

  world_begin ();
  f = start_run (memory, &options);
  read_all (&f);
  write_and_forget (&f, patch_change ("a", 7));
  run_all ();
  kill_run (&f);

  f = start_run (memory, &options);
  vl_live_table_set_invalidation (f.live, VL_INVALIDATION_SURGICAL);
  read_all (&f);
  live_fixture_put (&part, "a", "Apple", 7);
  g_assert_cmpint (vl_table_count_sync (VL_TABLE (f.live), cheap, NULL, NULL), ==, 1);
  online (&f);
  assert_listed (&f, "");
  g_assert_cmpint (vl_table_count_sync (VL_TABLE (f.live), cheap, NULL, NULL), ==, 1);
  finish_run (&f);
  world_end ();
}

/* How often it was sent by those before counts. */
static void
test_attempts (void)
{
  const RunOptions options = { .without = VL_CAPABILITY_IDEMPOTENT };
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (VlWrite) write = NULL;
  WriteFixture f;

  world_begin ();
  f = start_run (memory, &options);
  read_all (&f);
  f.master->holds_writes = TRUE;
  write_and_forget (&f, patch_change ("a", 2));
  run_all ();
  kill_run (&f);

  f = start_run (memory, &away);
  write = get_listed (&f, 0);
  g_assert_cmpuint (vl_write_get_attempts (write), ==, 1);
  online (&f);
  assert_write_state (write, APPLIED);
  g_assert_cmpuint (vl_write_get_attempts (write), ==, 2);
  g_clear_object (&write);
  finish_run (&f);
  world_end ();
}

static VlConflictPolicy
keep_ours (VlLiveTable *live, VlWrite *write, VlRecord *current, guint *n_asked)
{
  ++*n_asked;

  return VL_CONFLICT_POLICY_KEEP_LOCAL;
}

/* What somebody has decided is decided for the next run, too. */
static void
test_rebased (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  LiveFixture part = { .memory = memory };
  g_autoptr (VlRecord) base = live_fixture_record ("a", "Apple", 1.5);
  g_autoptr (VlChange) patch = patch_change ("a", 2);
  guint n_asked = 0;
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  vl_live_table_set_conflict_policy (f.live, VL_CONFLICT_POLICY_FAIL);
  g_signal_connect (f.live, "conflict", G_CALLBACK (keep_ours), &n_asked);
  live_fixture_put (&part, "a", "Apple", 7);
  f.master->holds_writes = TRUE;
  write_and_forget (&f, vl_change_with_base (patch, base));
  run_all ();
  probe_table_answer (f.master);
  run_turns ();
  g_assert_cmpuint (n_asked, ==, 1);
  run_all ();
  probe_table_fail (f.master, VL_ERROR_UNAVAILABLE);
  run_all ();
  assert_listed (&f, "patch a:waiting");
  kill_run (&f);

  f = start_run (memory, &away);
  vl_live_table_set_conflict_policy (f.live, VL_CONFLICT_POLICY_FAIL);
  online (&f);
  assert_listed (&f, "");
  g_assert_cmpfloat (get_price (memory, "a"), ==, 2);
  finish_run (&f);
  world_end ();
}

/* --- Ids --- */

static void
test_renamed (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (VlWrite) insert = NULL;
  g_autofree char *provisional = NULL;
  g_autofree char *real = NULL;
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  insert = write_change (&f, new_change ("named"));
  provisional = g_strdup (_vl_write_get_key (insert));
  run_all ();
  real = g_strdup (vl_record_get_id (vl_write_get_record (insert)));
  g_assert_cmpstr (provisional, !=, real);
  g_clear_object (&insert);
  finish_run (&f);

  /* Who still has the provisional one reaches the record. */
  f = start_run (memory, NULL);
  write_and_forget (&f, patch_change (provisional, 8));
  run_all ();
  assert_listed (&f, "");
  g_assert_cmpfloat (get_price (memory, real), ==, 8);
  finish_run (&f);
  world_end ();
}

static void
test_not_stored_yet (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (VlWrite) insert = NULL;
  g_autofree char *provisional = NULL;
  WriteFixture f;

  world_begin ();
  f = start_run (memory, &away);
  insert = write_change (&f, new_change ("named"));
  provisional = g_strdup (_vl_write_get_key (insert));
  write_and_forget (&f, patch_change (provisional, 8));
  run_all ();
  g_clear_object (&insert);
  kill_run (&f);

  f = start_run (memory, NULL);
  run_all ();
  assert_listed (&f, "");
  g_assert_cmpint (count_rows (memory), ==, 3);
  g_assert_cmpfloat (get_price (memory, _vl_facts_resolve (f.live->core->facts, provisional)), ==,
                     8);
  finish_run (&f);
  world_end ();
}

/* The master is not asked for a record that it never had, nor told to delete it. */
static void
test_never_stored (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (VlWrite) insert = NULL;
  g_autoptr (VlWrite) removal = NULL;
  g_autoptr (VlChange) change = NULL;
  g_autofree char *failed = NULL;
  g_autoptr (GError) error = NULL;
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  insert = write_change (&f, new_change ("named"));
  change = vl_change_new_delete (_vl_write_get_key (insert));
  g_assert_true (vl_write_cancel (insert));
  failed = g_strdup_printf ("delete %s:failed", _vl_write_get_key (insert));
  write_and_forget (&f, g_steal_pointer (&change));
  run_all ();
  assert_listed (&f, failed);
  g_clear_object (&insert);
  kill_run (&f);

  f = start_run (memory, NULL);
  assert_listed (&f, failed);
  removal = get_listed (&f, 0);
  g_assert_true (vl_write_retry (removal));
  run_all ();
  assert_write_state (removal, FAILED);
  error = vl_write_dup_error (removal);
  g_assert_error (error, VL_ERROR, VL_ERROR_NOT_FOUND);
  g_assert_cmpuint (f.master->n_writes, ==, 0);
  g_clear_object (&removal);
  finish_run (&f);
  world_end ();
}

/* A table may have ids of its own that begin like those that are given here. */
static void
test_looks_new (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (VlRecord) record = live_fixture_record ("new:5", "old", 1.0);
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = vl_table_insert_sync (VL_TABLE (memory), record, NULL, &error);
  WriteFixture f;

  g_assert_no_error (error);
  world_begin ();
  f = start_run (memory, NULL);
  write = write_change (&f, patch_change ("new:5", 2));
  run_all ();
  assert_write_state (write, APPLIED);
  g_clear_object (&write);
  finish_run (&f);
  world_end ();
}

/* --- Damage --- */

static void
assert_told_of_damage (WriteFixture *f, const char *part)
{
  g_autoptr (GError) error = vl_live_table_dup_journal_error (f->live);

  g_assert_error (error, VL_ERROR, VL_ERROR_CORRUPT);
  g_assert_nonnull (strstr (error->message, part));
  g_assert_cmpuint (take_warnings (), >, 0);
  g_assert_cmpint (vl_live_table_get_journal_state (f->live), ==, VL_JOURNAL_STATE_OPEN);
}

static void
test_torn_tail (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GByteArray) torn = g_byte_array_new ();
  WriteFixture f;

  world_begin ();
  f = start_run (memory, &away);
  g_assert_null (vl_live_table_dup_journal_error (f.live));
  write_and_forget (&f, patch_change ("a", 2));
  run_all ();
  kill_run (&f);
  bytes = fake_disk_get (JOURNAL);
  g_byte_array_append (torn, g_bytes_get_data (bytes, NULL), (guint) g_bytes_get_size (bytes));
  g_byte_array_append (torn, (const guint8 *) "\x20\0\0\0\0\0\0\0half", 12);
  fake_disk_put (JOURNAL, torn->data, torn->len);

  f = start_run (memory, NULL);
  assert_told_of_damage (&f, "cut off");
  g_assert_cmpfloat (get_price (memory, "a"), ==, 2);
  finish_run (&f);
  world_end ();
}

/* An end that the disk has spoiled looks the same: nobody may say that nothing is
 * lost. */
static void
test_spoiled_tail (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (GBytes) bytes = NULL;
  g_autofree guint8 *spoiled = NULL;
  gsize length;
  WriteFixture f;

  world_begin ();
  f = start_run (memory, &away);
  write_and_forget (&f, patch_change ("a", 2));
  run_all ();
  assert_listed (&f, "patch a:queued");
  kill_run (&f);
  bytes = fake_disk_get (JOURNAL);
  length = g_bytes_get_size (bytes);
  spoiled = g_memdup2 (g_bytes_get_data (bytes, NULL), length);
  spoiled[length - 9] ^= 1;
  fake_disk_put (JOURNAL, spoiled, length);

  f = start_run (memory, NULL);
  assert_told_of_damage (&f, "only if the disk");
  assert_listed (&f, "");
  g_assert_cmpfloat (get_price (memory, "a"), ==, 1.5);
  finish_run (&f);
  world_end ();
}

static void
test_foreign (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  fake_disk_put (JOURNAL, "Dear diary, ...", 15);
  f = start_run (memory, NULL);
  assert_told_of_damage (&f, JOURNAL ".aside-1");
  g_assert_true (fake_disk_has (JOURNAL ".aside-1"));
  write_and_forget (&f, patch_change ("a", 2));
  finish_run (&f);
  g_assert_cmpfloat (get_price (memory, "a"), ==, 2);
  world_end ();
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define REPLAY "/live-table/journal/replay/"
  g_test_add_func (REPLAY "in-order-and-ahead", test_order);
  g_test_add_func (REPLAY "clock-put-back-is-harmless", test_clock_put_back);
  g_test_add_data_func (REPLAY "shown-below-what-came-since", GINT_TO_POINTER (TRUE), test_shown);
  g_test_add_data_func (REPLAY "shown-when-the-master-is-known", GINT_TO_POINTER (FALSE),
                        test_shown);
  g_test_add_func (REPLAY "waits-until-the-master-is-known", test_not_described);
  g_test_add_func (REPLAY "doubtful-is-parked", test_doubtful);
  g_test_add_func (REPLAY "harmless-is-sent-again", test_harmless);
  g_test_add_func (REPLAY "idempotent-master-has-it-once", test_applied_once);
  g_test_add_func (REPLAY "idempotent-no-more", test_not_idempotent_any_more);
  g_test_add_func (REPLAY "recorded-before-it-was-known", test_recorded_before_described);
  g_test_add_func (REPLAY "failed-stays-on-the-list", test_parked);
  g_test_add_func (REPLAY "failed-is-as-doubtful-as-before", test_parked_in_doubt);
  g_test_add_func (REPLAY "failed-and-told-is-not-kept", test_told);
  g_test_add_func (REPLAY "retried-is-last", test_retried_is_last);
  g_test_add_func (REPLAY "waiting-is-not-doubtful", test_waiting_is_not_doubtful);
  g_test_add_func (REPLAY "replayed-counts-once", test_replayed_counts_once);
  g_test_add_func (REPLAY "attempts-of-before-count", test_attempts);
  g_test_add_func (REPLAY "decided-stays-decided", test_rebased);
  g_test_add_func (REPLAY "renames-survive", test_renamed);
  g_test_add_func (REPLAY "new-record-and-its-patch", test_not_stored_yet);
  g_test_add_func (REPLAY "never-stored-is-not-sent", test_never_stored);
  g_test_add_func (REPLAY "looks-new-and-is-not", test_looks_new);
  g_test_add_func (REPLAY "torn-tail-is-told", test_torn_tail);
  g_test_add_func (REPLAY "spoiled-tail-is-told", test_spoiled_tail);
  g_test_add_func (REPLAY "foreign-file-is-set-aside", test_foreign);
#undef REPLAY

  return g_test_run ();
}
