/* test-live-coalesce.c: patches that are sent as one
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "journal-live.h"

static VlChange *
name_change (const char *id, const char *name)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
  g_autoptr (VlRecord) fields = NULL;

  vl_record_builder_set_string (builder, "name", name);
  fields = vl_record_builder_end (builder);

  return vl_change_new_patch (id, fields);
}

/* A patch of somebody who has seen this. */
static VlChange *
based_change (VlChange *change, const char *name, double price)
{
  g_autoptr (VlChange) owned = change;
  g_autoptr (VlRecord) base = live_fixture_record ("a", name, price);

  return vl_change_with_base (owned, base);
}

/* Without a journal; the master has a write that holds the others up. */
static WriteFixture
busy_fixture (void)
{
  WriteFixture f = write_fixture_new ();

  vl_live_table_set_coalesce (f.live, TRUE);
  f.master->holds_writes = TRUE;
  write_and_forget (&f, patch_change ("c", 1));
  run_turns ();
  probe_table_assert_trace (f.master, "patch c");

  return f;
}

static void
go_on (WriteFixture *f)
{
  f->master->holds_writes = FALSE;
  f->master->without |= VL_CAPABILITY_BATCH;
  probe_table_answer_all (f->master);
  run_turns ();
}

static void
assert_record (VlMemoryTable *memory, const char *id, const char *name, double price)
{
  g_autoptr (VlRecord) record = vl_table_find_sync (VL_TABLE (memory), id, NULL, NULL);

  g_assert_cmpstr (vl_record_get_string (record, "name"), ==, name);
  g_assert_cmpfloat (vl_record_get_double (record, "price"), ==, price);
}

static void
test_merged (void)
{
  g_auto (WriteFixture) f = busy_fixture ();
  g_autoptr (VlWrite) first = write_change (&f, patch_change ("a", 2));
  g_autoptr (VlWrite) other = write_change (&f, patch_change ("b", 3));
  g_autoptr (VlWrite) second = write_change (&f, name_change ("a", "Apricot"));
  g_autoptr (VlWrite) third = write_change (&f, patch_change ("a", 4));

  go_on (&f);
  probe_table_assert_trace (f.master, "patch a; patch b");
  assert_record (f.memory, "a", "Apricot", 4);
  assert_write_state (first, APPLIED);
  assert_write_state (other, APPLIED);
  assert_write_state (second, APPLIED);
  assert_write_state (third, APPLIED);
  g_assert_true (vl_write_get_record (first) == vl_write_get_record (third));
  g_assert_cmpuint (vl_write_get_attempts (third), ==, 1);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 0);
  assert_listed (&f, "");

  /* Each still says what it was. */
  g_assert_cmpfloat (vl_record_get_double (vl_change_get_record (vl_write_get_change (first)),
                                           "price"),
                     ==, 2);
}

static void
test_not_unasked (void)
{
  g_auto (WriteFixture) f = busy_fixture ();

  g_assert_true (vl_live_table_get_coalesce (f.live));
  vl_live_table_set_coalesce (f.live, FALSE);
  write_and_forget (&f, patch_change ("a", 2));
  write_and_forget (&f, patch_change ("a", 3));
  go_on (&f);
  probe_table_assert_trace (f.master, "patch a; patch a");
}

/* What stands between them keeps them apart. */
static void
test_between (void)
{
  g_auto (WriteFixture) f = busy_fixture ();
  g_autoptr (VlRecord) record = live_fixture_record ("a", "Again", 1);

  write_and_forget (&f, patch_change ("a", 2));
  write_and_forget (&f, vl_change_new_replace (record));
  write_and_forget (&f, patch_change ("a", 3));
  write_and_forget (&f, name_change ("a", "Apricot"));
  write_and_forget (&f, vl_change_new_delete_all (NULL));
  write_and_forget (&f, insert_change ("a"));
  write_and_forget (&f, patch_change ("a", 4));
  go_on (&f);
  probe_table_assert_trace (f.master, "patch a; replace a; patch a; delete-all; insert a; patch a");
  assert_record (f.memory, "a", "new", 4);
}

static void
test_strict (void)
{
  g_auto (WriteFixture) f = busy_fixture ();

  vl_live_table_set_ordering (f.live, VL_ORDERING_STRICT);
  write_and_forget (&f, patch_change ("a", 2));
  write_and_forget (&f, patch_change ("b", 2));
  write_and_forget (&f, patch_change ("a", 3));
  write_and_forget (&f, patch_change ("a", 4));
  go_on (&f);
  probe_table_assert_trace (f.master, "patch a; patch b; patch a");
}

/* Both on the same, or neither. */
static void
test_bases (void)
{
  g_auto (WriteFixture) f = busy_fixture ();

  write_and_forget (&f, based_change (patch_change ("a", 2), "Apple", 1.5));
  write_and_forget (&f, based_change (name_change ("a", "Apricot"), "Apple", 2));
  write_and_forget (&f, name_change ("a", "Acorn"));
  write_and_forget (&f, based_change (patch_change ("a", 3), "Acorn", 2));
  write_and_forget (&f, based_change (name_change ("a", "Almond"), "Avocado", 3));
  go_on (&f);
  probe_table_assert_trace (f.master, "patch a; patch a; patch a; patch a");
  assert_record (f.memory, "a", "Acorn", 3);
  assert_listed (&f, "patch a:failed");
}

static void
test_sent_is_not_joined (void)
{
  g_auto (WriteFixture) f = busy_fixture ();

  vl_live_table_set_optimistic (f.live, TRUE);
  write_and_forget (&f, patch_change ("a", 2));
  probe_table_answer (f.master);
  run_turns ();
  probe_table_fail (f.master, VL_ERROR_UNAVAILABLE);
  run_turns ();
  write_and_forget (&f, patch_change ("a", 3));
  run_turns ();
  assert_listed (&f, "patch a:waiting; patch a:queued");
  probe_table_assert_trace (f.master, "patch a");
  f.master->holds_writes = FALSE;
  {
    g_autoptr (VlWrite) first = get_listed (&f, 0);

    g_assert_true (vl_write_retry (first));
  }
  run_turns ();
  probe_table_assert_trace (f.master, "patch a; patch a");
}

/* It was refused, and somebody has asked for it again: an idempotent master may
 * know its uid. */
static void
test_refused_is_not_joined (void)
{
  g_auto (WriteFixture) f = busy_fixture ();

  write_and_forget (&f, patch_change ("a", 2));
  probe_table_answer (f.master);
  run_turns ();
  probe_table_fail (f.master, VL_ERROR_REJECTED);
  run_turns ();
  assert_listed (&f, "patch a:failed");
  write_and_forget (&f, patch_change ("b", 2));
  run_turns ();
  {
    g_autoptr (VlWrite) refused = get_listed (&f, 0);

    g_assert_true (vl_write_retry (refused));
  }
  write_and_forget (&f, name_change ("a", "Apricot"));
  probe_table_assert_trace (f.master, "patch a; patch b");
  go_on (&f);
  probe_table_assert_trace (f.master, "patch a; patch a");
  assert_record (f.memory, "a", "Apricot", 2);
}

/* Others have joined it, and would be withdrawn with it. */
static void
test_joined_is_not_withdrawn (void)
{
  g_auto (WriteFixture) f = busy_fixture ();
  g_autoptr (VlWrite) first = NULL;
  g_autoptr (VlWrite) second = NULL;

  vl_live_table_set_optimistic (f.live, TRUE);
  first = write_change (&f, patch_change ("a", 2));
  second = write_change (&f, name_change ("a", "Apricot"));
  probe_table_answer (f.master);
  run_turns ();
  probe_table_fail (f.master, VL_ERROR_UNAVAILABLE);
  run_turns ();
  assert_write_state (first, WAITING);
  assert_write_state (second, WAITING);
  g_assert_false (vl_write_cancel (first));
  g_assert_false (vl_write_cancel (second));
  f.master->holds_writes = FALSE;
  g_assert_true (vl_write_retry (first));
  run_turns ();
  assert_write_state (first, APPLIED);
  assert_write_state (second, APPLIED);
  assert_record (f.memory, "a", "Apricot", 2);
  probe_table_assert_trace (f.master, "patch a; patch a");
}

static void
test_fail_together (void)
{
  g_auto (WriteFixture) f = busy_fixture ();
  g_autoptr (VlWrite) first = write_change (&f, patch_change ("a", 2));
  g_autoptr (VlWrite) second = write_change (&f, name_change ("a", "Apricot"));

  probe_table_answer (f.master);
  run_turns ();
  assert_listed (&f, "patch a:sent; patch a:sent");
  g_assert_false (vl_write_cancel (second));
  probe_table_fail (f.master, VL_ERROR_REJECTED);
  run_turns ();
  assert_listed (&f, "patch a:failed; patch a:failed");

  /* Then each stands for itself. */
  f.master->holds_writes = FALSE;
  g_assert_true (vl_write_retry (second));
  run_turns ();
  assert_record (f.memory, "a", "Apricot", 1.5);
  vl_write_discard (first);
  assert_listed (&f, "");
}

/* What was not answered in time, and failed, was applied after all. */
static void
check_late (gboolean discards_first)
{
  g_auto (WriteFixture) f = busy_fixture ();
  g_autoptr (VlWrite) first = write_change (&f, patch_change ("a", 2));
  g_autoptr (VlWrite) second = write_change (&f, name_change ("a", "Apricot"));
  g_autoptr (VlWrite) third = write_change (&f, patch_change ("a", 3));

  probe_table_answer (f.master);
  run_turns ();
  fake_clock_advance (vl_live_table_get_timeout (f.live));
  run_turns ();
  assert_listed (&f, "patch a:failed; patch a:failed; patch a:failed");
  if (discards_first)
    vl_write_discard (first);

  probe_table_answer (f.master);
  run_turns ();
  assert_record (f.memory, "a", "Apricot", 3);
  if (discards_first)
    assert_write_state (first, DISCARDED);
  else
    assert_write_state (first, APPLIED);
  assert_write_state (second, APPLIED);
  assert_write_state (third, APPLIED);
  assert_listed (&f, "");
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 0);
}

static void
test_late (void)
{
  fake_clock_begin ();
  check_late (FALSE);
  check_late (TRUE);
  fake_clock_end ();
}

/* They wait together, and end together. */
static void
test_late_while_waiting (void)
{
  fake_clock_begin ();
  {
    g_auto (WriteFixture) f = busy_fixture ();
    g_autoptr (VlWrite) first = NULL;
    g_autoptr (VlWrite) second = NULL;

    vl_live_table_set_optimistic (f.live, TRUE);
    first = write_change (&f, patch_change ("a", 2));
    second = write_change (&f, name_change ("a", "Apricot"));
    probe_table_answer (f.master);
    run_turns ();
    fake_clock_advance (vl_live_table_get_timeout (f.live));
    assert_listed (&f, "patch a:waiting; patch a:waiting");
    probe_table_answer (f.master);
    run_turns ();
    assert_write_state (first, APPLIED);
    assert_write_state (second, APPLIED);
    assert_listed (&f, "");
    g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 0);
  }
  fake_clock_end ();
}

static void
test_callers (void)
{
  g_auto (WriteFixture) f = busy_fixture ();
  g_auto (Answer) first = { 0 };
  g_auto (Answer) second = { 0 };
  g_autoptr (VlChange) price = patch_change ("a", 2);
  g_autoptr (VlChange) name = name_change ("a", "Apricot");

  vl_live_table_set_optimistic (f.live, TRUE);
  vl_table_patch_async (VL_TABLE (f.live), "a", vl_change_get_record (price), NULL, answer_cb,
                        &first);
  vl_table_patch_async (VL_TABLE (f.live), "a", vl_change_get_record (name), NULL, answer_cb,
                        &second);
  probe_table_answer (f.master);
  run_turns ();
  g_assert_cmpuint (second.n_called, ==, 0);
  probe_table_fail (f.master, VL_ERROR_UNAVAILABLE);
  run_turns ();
  g_assert_cmpuint (first.n_called, ==, 1);
  g_assert_cmpuint (second.n_called, ==, 1);
  assert_listed (&f, "patch a:waiting; patch a:waiting");
  _vl_live_network_set_away (f.live->core, TRUE);
  _vl_live_network_set_away (f.live->core, FALSE);
  go_on (&f);
  assert_listed (&f, "");
  assert_record (f.memory, "a", "Apricot", 2);
}

/* --- With a journal --- */

static const RunOptions away = { .is_away = TRUE };

/* Two patches in the journal, and the note that they are one on its way. */
static WriteFixture
begin_merge (VlMemoryTable *memory)
{
  WriteFixture f = start_run (memory, &away);

  read_all (&f);
  vl_live_table_set_coalesce (f.live, TRUE);
  write_and_forget (&f, patch_change ("a", 2));
  write_and_forget (&f, name_change ("a", "Apricot"));
  run_all ();
  _vl_live_network_set_away (f.live->core, FALSE);
  run_turns ();

  return f;
}

static void
test_noted_first (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = begin_merge (memory);
  g_assert_cmpuint (f.master->n_writes, ==, 0);
  g_assert_true (run_job ());
  run_turns ();
  probe_table_assert_trace (f.master, "patch a");
  assert_record (memory, "a", "Apricot", 2);
  finish_run (&f);
  f = start_run (memory, &away);
  assert_listed (&f, "");
  finish_run (&f);
  world_end ();
}

static void
on_patched (GObject *table, GAsyncResult *result, gpointer user_data)
{
  VlRecord **record = user_data;
  g_autoptr (GError) error = NULL;

  *record = vl_table_patch_finish (VL_TABLE (table), result, &error);
  g_assert_no_error (error);
}

/* Who stands behind them waits for the journal and not for the master, and so is
 * told what the master has. */
static void
test_noted_before_others (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (VlChange) change = patch_change ("b", 3);
  g_autoptr (VlRecord) record = NULL;
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  read_all (&f);
  vl_live_table_set_coalesce (f.live, TRUE);
  f.master->holds_writes = TRUE;
  write_and_forget (&f, patch_change ("b", 1));
  run_all ();
  write_and_forget (&f, patch_change ("a", 2));
  write_and_forget (&f, name_change ("a", "Apricot"));
  vl_table_patch_async (VL_TABLE (f.live), "b", vl_change_get_record (change), NULL, on_patched,
                        &record);
  run_all ();
  f.master->holds_writes = FALSE;
  probe_table_answer_all (f.master);
  run_turns ();
  g_assert_null (record);
  run_all ();
  g_assert_cmpstr (vl_record_get_string (record, "name"), ==, "Banana");
  g_assert_cmpfloat (vl_record_get_double (record, "price"), ==, 3);
  finish_run (&f);
  world_end ();
}

static void
test_note_fails (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = begin_merge (memory);
  fake_disk.room = 0;
  run_all ();
  g_assert_cmpuint (f.master->n_writes, ==, 0);
  fake_disk.room = -1;
  fake_clock_advance (vl_live_table_get_retry_cap (f.live));
  run_all ();
  probe_table_assert_trace (f.master, "patch a");
  assert_listed (&f, "");
  finish_run (&f);
  take_warnings ();
  f = start_run (memory, &away);
  assert_listed (&f, "");
  finish_run (&f);
  world_end ();
}

/* Before the note is on the disk they are two, and neither was sent. */
static void
test_killed_before (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = begin_merge (memory);
  kill_run (&f);
  assert_record (memory, "a", "Apple", 1.5);
  f = start_run (memory, &away);
  assert_listed (&f, "patch a:queued; patch a:queued");
  _vl_live_network_set_away (f.live->core, FALSE);
  finish_run (&f);
  assert_record (memory, "a", "Apricot", 2);
  world_end ();
}

/* Afterwards they are one, which the master knows, and others do not join it
 * under the same uid. */
static void
test_killed_after (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = begin_merge (memory);
  f.master->holds_writes = TRUE;
  run_all ();
  probe_table_assert_trace (f.master, "patch a");
  write_and_forget (&f, patch_change ("a", 3));
  run_all ();
  kill_run (&f);
  assert_record (memory, "a", "Apricot", 2);

  f = start_run (memory, &away);
  assert_listed (&f, "patch a:queued; patch a:queued");
  _vl_live_network_set_away (f.live->core, FALSE);
  finish_run (&f);
  assert_record (memory, "a", "Apricot", 3);
  world_end ();
}

/* What has failed is kept apart. */
static void
test_parked_apart (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = begin_merge (memory);
  probe_table_push_error (f.master, VL_ERROR_REJECTED);
  run_all ();
  assert_listed (&f, "patch a:failed; patch a:failed");
  kill_run (&f);

  f = start_run (memory, &away);
  assert_listed (&f, "patch a:failed; patch a:failed");
  {
    g_autoptr (VlWrite) first = get_listed (&f, 0);
    g_autoptr (VlWrite) second = get_listed (&f, 1);

    vl_write_discard (first);
    g_assert_true (vl_write_retry (second));
  }
  _vl_live_network_set_away (f.live->core, FALSE);
  finish_run (&f);
  assert_record (memory, "a", "Apricot", 1.5);
  world_end ();
}

/* They were accepted: that they stand apart is noted as soon as there is room. */
static void
test_parked_apart_later (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = begin_merge (memory);
  probe_table_push_error (f.master, VL_ERROR_REJECTED);
  g_assert_true (run_job ());
  run_turns ();
  assert_listed (&f, "patch a:failed; patch a:failed");
  fake_disk.room = 0;
  run_all ();
  fake_disk.room = -1;
  write_and_forget (&f, patch_change ("b", 3));
  run_all ();
  kill_run (&f);

  f = start_run (memory, &away);
  assert_listed (&f, "patch a:failed; patch a:failed");
  finish_run (&f);
  take_warnings ();
  world_end ();
}

/* What the last run may have sent is what the master knows by its uid: none may
 * join it that the master would take for known, too. */
static void
test_replayed_is_not_joined (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  read_all (&f);
  f.master->holds_writes = TRUE;
  write_and_forget (&f, patch_change ("a", 2));
  run_all ();
  probe_table_assert_trace (f.master, "patch a");
  kill_run (&f);

  f = start_run (memory, &away);
  read_all (&f);
  vl_live_table_set_coalesce (f.live, TRUE);
  write_and_forget (&f, name_change ("a", "Apricot"));
  run_all ();
  f.master->without = VL_CAPABILITY_BATCH;
  _vl_live_network_set_away (f.live->core, FALSE);
  run_all ();
  probe_table_assert_trace (f.master, "patch a; patch a");
  assert_record (memory, "a", "Apricot", 2);
  assert_listed (&f, "");
  finish_run (&f);
  world_end ();
}

/* Nor when it was refused, and somebody has asked for it again since. */
static void
test_retried_is_not_joined (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  read_all (&f);
  probe_table_push_error (f.master, VL_ERROR_REJECTED);
  write_and_forget (&f, patch_change ("a", 2));
  run_all ();
  assert_listed (&f, "patch a:failed");
  _vl_live_network_set_away (f.live->core, TRUE);
  {
    g_autoptr (VlWrite) write = get_listed (&f, 0);

    g_assert_true (vl_write_retry (write));
  }
  run_all ();
  kill_run (&f);

  f = start_run (memory, &away);
  assert_listed (&f, "patch a:queued");
  read_all (&f);
  vl_live_table_set_coalesce (f.live, TRUE);
  write_and_forget (&f, name_change ("a", "Apricot"));
  run_all ();
  f.master->without = VL_CAPABILITY_BATCH;
  _vl_live_network_set_away (f.live->core, FALSE);
  run_all ();
  probe_table_assert_trace (f.master, "patch a; patch a");
  assert_record (memory, "a", "Apricot", 2);
  finish_run (&f);
  world_end ();
}

/* Left to the next run together. */
static void
test_left (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = begin_merge (memory);
  probe_table_push_error (f.master, VL_ERROR_UNAVAILABLE);
  run_all ();
  assert_listed (&f, "patch a:waiting; patch a:waiting");
  vl_live_table_set_close_timeout (f.live, 1);
  vl_live_table_close_async (f.live, NULL, NULL, NULL);
  fake_clock_advance (1);
  run_all ();
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 0);
  finish_run (&f);

  f = start_run (memory, &away);
  assert_listed (&f, "patch a:queued");
  _vl_live_network_set_away (f.live->core, FALSE);
  finish_run (&f);
  assert_record (memory, "a", "Apricot", 2);
  world_end ();
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define COALESCE "/live-table/coalesce/"
  g_test_add_func (COALESCE "patches-become-one", test_merged);
  g_test_add_func (COALESCE "not-unless-asked-for", test_not_unasked);
  g_test_add_func (COALESCE "not-past-another-change", test_between);
  g_test_add_func (COALESCE "strict-passes-nothing", test_strict);
  g_test_add_func (COALESCE "bases-have-to-agree", test_bases);
  g_test_add_func (COALESCE "not-with-what-was-sent", test_sent_is_not_joined);
  g_test_add_func (COALESCE "not-with-what-was-refused", test_refused_is_not_joined);
  g_test_add_func (COALESCE "not-withdrawn-with-another", test_joined_is_not_withdrawn);
  g_test_add_func (COALESCE "fail-together-and-stand-alone", test_fail_together);
  g_test_add_func (COALESCE "late-answer-is-for-all", test_late);
  g_test_add_func (COALESCE "late-answer-while-they-wait", test_late_while_waiting);
  g_test_add_func (COALESCE "callers-all-hear", test_callers);
  g_test_add_func (COALESCE "journal/noted-before-it-is-sent", test_noted_first);
  g_test_add_func (COALESCE "journal/told-when-it-is-done", test_noted_before_others);
  g_test_add_func (COALESCE "journal/not-sent-unless-noted", test_note_fails);
  g_test_add_func (COALESCE "journal/killed-before-they-are-two", test_killed_before);
  g_test_add_func (COALESCE "journal/killed-after-they-are-one", test_killed_after);
  g_test_add_func (COALESCE "journal/failed-are-kept-apart", test_parked_apart);
  g_test_add_func (COALESCE "journal/failed-are-kept-apart-when-there-is-room",
                   test_parked_apart_later);
  g_test_add_func (COALESCE "journal/not-with-what-was-replayed", test_replayed_is_not_joined);
  g_test_add_func (COALESCE "journal/not-with-what-was-retried", test_retried_is_not_joined);
  g_test_add_func (COALESCE "journal/left-together", test_left);
#undef COALESCE

  return g_test_run ();
}
