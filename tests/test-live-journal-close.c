/* test-live-journal-close.c: closing a live table that has a journal, and opening
 * it again
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "journal-live.h"

static const RunOptions away = { .is_away = TRUE };

/* --- Closing --- */

static void
test_close_leaves (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (GError) error = NULL;
  g_auto (Answer) closed = { 0 };
  WriteFixture f;

  world_begin ();
  f = start_run (memory, &away);
  vl_live_table_set_close_timeout (f.live, 2000);
  write_and_forget (&f, patch_change ("a", 2));
  run_all ();
  vl_live_table_close_async (f.live, NULL, answer_cb, &closed);
  fake_clock_advance (1999);
  g_assert_cmpuint (closed.n_called, ==, 0);
  fake_clock_advance (1);
  g_assert_false (vl_live_table_close_finish (f.live, closed.result, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_TIMED_OUT);
  g_assert_nonnull (strstr (error->message, JOURNAL));
  assert_listed (&f, "patch a:queued");
  answer_clear (&closed);

  /* Another one may take it up while this one is still there. */
  run_all ();
  g_assert_cmpint (vl_live_table_get_journal_state (f.live), ==, VL_JOURNAL_STATE_NONE);
  {
    WriteFixture next = start_run (memory, NULL);

    g_assert_cmpfloat (get_price (memory, "a"), ==, 2);
    finish_run (&next);
  }
  online (&f);
  g_assert_cmpuint (f.master->n_writes, ==, 0);
  finish_run (&f);
  world_end ();
}

/* What is with the master is not waited for, and its answer is noted. */
static void
test_close_while_sent (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_auto (Answer) closed = { 0 };
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  f.master->holds_writes = TRUE;
  vl_live_table_set_close_timeout (f.live, 1);
  write_and_forget (&f, patch_change ("a", 2));
  run_all ();
  write_and_forget (&f, patch_change ("b", 2));
  run_all ();
  vl_live_table_close_async (f.live, NULL, answer_cb, &closed);
  fake_clock_advance (1);
  g_assert_cmpuint (closed.n_called, ==, 1);
  answer_clear (&closed);
  assert_listed (&f, "patch a:sent; patch b:queued");
  probe_table_answer (f.master);
  run_all ();
  assert_listed (&f, "patch b:queued");
  finish_run (&f);

  f = start_run (memory, NULL);
  run_all ();
  probe_table_assert_trace (f.master, "patch b");
  finish_run (&f);
  world_end ();
}

/* The file is free when it is closed. */
static void
test_close_frees (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (GError) error = NULL;
  g_auto (Answer) closed = { 0 };
  Journal other;
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  write_and_forget (&f, patch_change ("a", 2));
  vl_live_table_close_async (f.live, NULL, answer_cb, &closed);
  run_turns ();
  g_assert_cmpuint (closed.n_called, ==, 0);
  run_all ();
  g_assert_true (vl_live_table_close_finish (f.live, closed.result, &error));
  g_assert_no_error (error);
  answer_clear (&closed);
  journal_open (&other);
  g_assert_no_error (other.error);
  journal_clear (&other);
  finish_run (&f);
  world_end ();
}

/* Another live table that shares the queue uses the journal as long as it is open,
 * also when the first cannot wait for what is left. */
static void
test_close_of_one (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (VlWrite) write = NULL;
  VlLiveTable *other;
  WriteFixture f;

  world_begin ();
  f = start_run (memory, &away);
  other = g_object_new (VL_TYPE_LIVE_TABLE, "master", f.master, "cache-key", "products", "cache",
                        f.cache, "follow-master", FALSE, NULL);
  vl_live_table_set_close_timeout (other, 1);
  vl_live_table_close_async (other, NULL, NULL, NULL);
  run_all ();
  g_assert_cmpint (vl_live_table_get_journal_state (f.live), ==, VL_JOURNAL_STATE_OPEN);
  g_assert_finalize_object (other);

  other = g_object_new (VL_TYPE_LIVE_TABLE, "master", f.master, "cache-key", "products", "cache",
                        f.cache, "follow-master", FALSE, NULL);
  vl_live_table_set_close_timeout (other, 1);
  write = write_change (&f, patch_change ("a", 2));
  vl_live_table_close_async (other, NULL, NULL, NULL);
  fake_clock_advance (1);
  run_all ();
  g_assert_cmpint (vl_live_table_get_journal_state (f.live), ==, VL_JOURNAL_STATE_OPEN);
  g_assert_true (vl_write_get_accepted (write));
  online (&f);
  assert_write_state (write, APPLIED);
  g_assert_finalize_object (other);
  g_clear_object (&write);
  finish_run (&f);
  world_end ();
}

/* Closed and taken up again by the same live tables' core. */
static void
test_taken_up_again (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  VlLiveTable *again;
  WriteFixture f;

  world_begin ();
  f = start_run (memory, &away);
  vl_live_table_set_close_timeout (f.live, 1);
  write_and_forget (&f, patch_change ("a", 2));
  run_all ();
  vl_live_table_close_async (f.live, NULL, NULL, NULL);
  fake_clock_advance (1);
  run_all ();

  again = g_object_new (VL_TYPE_LIVE_TABLE, "master", f.master, "cache-key", "products", "cache",
                        f.cache, "follow-master", FALSE, NULL);
  g_object_unref (f.live);
  f.live = again;
  use_journal (&f);
  run_all ();
  assert_listed (&f, "patch a:queued");
  online (&f);
  assert_listed (&f, "");
  g_assert_cmpfloat (get_price (memory, "a"), ==, 2);
  finish_run (&f);
  world_end ();
}

/* Another live table takes the place of the one that is closed, over the same
 * core. */
static void
take_place (WriteFixture *f)
{
  VlLiveTable *again = g_object_new (VL_TYPE_LIVE_TABLE, "master", f->master, "cache-key",
                                     "products", "cache", f->cache, "follow-master", FALSE, NULL);

  g_object_unref (f->live);
  f->live = again;
  use_journal (f);
}

/* It is accepted, and nobody will hear more than that. */
static void
test_close_tells_callers (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (VlRecord) fields = live_fixture_record (NULL, NULL, 2);
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Answer) told = { 0 };
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  f.master->holds_writes = TRUE;
  vl_live_table_set_close_timeout (f.live, 1);
  write_and_forget (&f, patch_change ("a", 2));
  run_all ();
  vl_table_patch_async (VL_TABLE (f.live), "b", fields, NULL, answer_cb, &told);
  run_all ();
  g_assert_cmpuint (told.n_called, ==, 0);
  vl_live_table_close_async (f.live, NULL, NULL, NULL);
  fake_clock_advance (1);
  run_all ();
  g_assert_cmpuint (told.n_called, ==, 1);
  record = vl_table_patch_finish (VL_TABLE (f.live), told.result, &error);
  g_assert_no_error (error);
  answer_clear (&told);
  probe_table_answer (f.master);
  run_all ();
  finish_run (&f);
  world_end ();
}

/* While something is still with the master the journal is not closed, and what
 * was left so far is in line again. */
static void
test_taken_up_before_it_was_closed (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  f.master->holds_writes = TRUE;
  vl_live_table_set_close_timeout (f.live, 1);
  write_and_forget (&f, patch_change ("a", 2));
  run_all ();
  write_and_forget (&f, patch_change ("b", 2));
  run_all ();
  vl_live_table_close_async (f.live, NULL, NULL, NULL);
  fake_clock_advance (1);

  take_place (&f);
  run_all ();
  g_assert_cmpint (vl_live_table_get_journal_state (f.live), ==, VL_JOURNAL_STATE_OPEN);
  assert_listed (&f, "patch a:sent; patch b:queued");
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 2);
  f.master->holds_writes = FALSE;
  probe_table_answer (f.master);
  run_all ();
  assert_listed (&f, "");
  g_assert_cmpfloat (get_price (memory, "b"), ==, 2);
  g_assert_cmpint (vl_live_table_get_journal_state (f.live), ==, VL_JOURNAL_STATE_OPEN);
  finish_run (&f);
  world_end ();
}

/* What it had when it was closed first is of no matter any more. */
static void
test_taken_up_while_it_was_opened (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  WriteFixture f;

  world_begin ();
  f = begin_run (memory, NULL);
  vl_live_table_close_async (f.live, NULL, NULL, NULL);
  run_turns ();
  take_place (&f);
  write_and_forget (&f, patch_change ("a", 2));
  run_all ();
  g_assert_cmpint (vl_live_table_get_journal_state (f.live), ==, VL_JOURNAL_STATE_OPEN);
  assert_listed (&f, "");
  g_assert_cmpfloat (get_price (memory, "a"), ==, 2);
  finish_run (&f);
  world_end ();
}

/* It is in the journal and on the list: one of the two. */
static void
test_failed_is_taken_up_once (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (VlWrite) write = NULL;
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  write_and_forget (&f, patch_change ("nobody", 2));
  run_all ();
  assert_listed (&f, "patch nobody:failed");
  vl_live_table_close_async (f.live, NULL, NULL, NULL);
  run_all ();

  take_place (&f);
  run_all ();
  assert_listed (&f, "patch nobody:failed");
  write = get_listed (&f, 0);
  g_assert_true (vl_write_retry (write));
  run_all ();
  assert_listed (&f, "patch nobody:failed");
  vl_write_discard (write);
  run_all ();
  assert_listed (&f, "");
  g_clear_object (&write);
  finish_run (&f);
  world_end ();
}

/* It was retried while the journal was closed: that is the one which is left. */
static void
test_retried_meanwhile (void)
{
  g_autoptr (VlMemoryTable) memory = make_memory ();
  g_autoptr (VlWrite) write = NULL;
  WriteFixture f;

  world_begin ();
  f = start_run (memory, NULL);
  write_and_forget (&f, patch_change ("nobody", 2));
  run_all ();
  vl_live_table_close_async (f.live, NULL, NULL, NULL);
  run_all ();
  f.master->holds_writes = TRUE;
  write = get_listed (&f, 0);
  g_assert_true (vl_write_retry (write));

  take_place (&f);
  run_all ();
  assert_listed (&f, "patch nobody:sent");
  f.master->holds_writes = FALSE;
  probe_table_answer (f.master);
  run_all ();
  assert_listed (&f, "patch nobody:failed");
  vl_write_discard (write);
  run_all ();
  g_clear_object (&write);
  finish_run (&f);
  assert_nothing_left (memory);
  world_end ();
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define CLOSE "/live-table/journal/close/"
  g_test_add_func (CLOSE "leaves-to-the-next-run", test_close_leaves);
  g_test_add_func (CLOSE "notes-what-was-sent", test_close_while_sent);
  g_test_add_func (CLOSE "gives-the-file-free", test_close_frees);
  g_test_add_func (CLOSE "of-one-leaves-it-to-the-other", test_close_of_one);
  g_test_add_func (CLOSE "can-be-taken-up-again", test_taken_up_again);
  g_test_add_func (CLOSE "tells-callers", test_close_tells_callers);
  g_test_add_func (CLOSE "can-be-taken-up-before-it-is-over", test_taken_up_before_it_was_closed);
  g_test_add_func (CLOSE "can-be-taken-up-while-it-is-opened", test_taken_up_while_it_was_opened);
  g_test_add_func (CLOSE "failed-is-taken-up-once", test_failed_is_taken_up_once);
  g_test_add_func (CLOSE "retried-meanwhile-goes-on", test_retried_meanwhile);
#undef CLOSE

  return g_test_run ();
}
