/* test-live-withdraw.c: a caller that cancels before it hears that a write was accepted
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Whoever hears that a call was cancelled may count on what is still in the queue:
 * it is not sent, although it had been accepted by then.
 */

#include "patient-fixture.h"

static void
go_away (WriteFixture *f)
{
  read_all (f);
  _vl_live_network_set_away (f->live->core, TRUE);
}

static void
come_back (WriteFixture *f)
{
  _vl_live_network_set_away (f->live->core, FALSE);
  run_turns ();
}

static void
assert_shown (WriteFixture *f, guint n_records)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = vl_table_list_sync (VL_TABLE (f->live), NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, n_records);
}

static void
assert_nothing_left (WriteFixture *f)
{
  g_assert_cmpuint (vl_live_table_get_pending_writes (f->live), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (vl_live_table_get_writes (f->live)), ==, 0);
}

/* The answer is there when the call returns, and waits for a turn. */
static void
test_at_once (WriteFixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Answer) cancelled = { 0 };

  go_away (f);
  begin_insert (f, "d", cancellable, &cancelled);
  assert_shown (f, 4);
  g_cancellable_cancel (cancellable);
  assert_insert_failed (f, &cancelled, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_shown (f, 3);
  assert_nothing_left (f);
  come_back (f);
  assert_master_has (f, "d", FALSE);
  assert_nothing_left (f);
}

/* It is on its way when the call is cancelled. */
static void
test_on_its_way (WriteFixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (VlWrite) write = NULL;
  g_auto (Answer) cancelled = { 0 };

  read_all (f);
  f->master->holds_writes = TRUE;
  begin_insert (f, "d", cancellable, &cancelled);
  run_turns ();
  write = get_listed (f, 0);
  probe_table_fail (f->master, VL_ERROR_UNAVAILABLE);
  while (vl_write_get_state (write) != VL_WRITE_STATE_WAITING)
    g_main_context_iteration (NULL, TRUE);
  g_cancellable_cancel (cancellable);
  assert_insert_failed (f, &cancelled, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  run_turns ();
  assert_nothing_left (f);
}

/* Who has heard that it was accepted has the write, and cancels that. */
static void
test_heard (WriteFixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Answer) accepted = { 0 };

  go_away (f);
  begin_insert (f, "d", cancellable, &accepted);
  assert_inserted (f, &accepted, "d");
  g_cancellable_cancel (cancellable);
  run_turns ();
  g_assert_cmpuint (vl_live_table_get_pending_writes (f->live), ==, 1);
  come_back (f);
  assert_master_has (f, "d", TRUE);
  assert_nothing_left (f);
}

/* All or none of a batch, as far as they are in the queue. */
static void
test_batch (WriteFixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (VlChange) insert = insert_change ("d");
  g_autoptr (VlChange) patch = patch_change ("a", 7.0);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Answer) cancelled = { 0 };

  g_list_store_append (changes, insert);
  g_list_store_append (changes, patch);
  go_away (f);
  vl_table_apply_many_async (VL_TABLE (f->live), G_LIST_MODEL (changes), cancellable, answer_cb,
                             &cancelled);
  g_cancellable_cancel (cancellable);
  answer_wait (&cancelled);
  outcomes = vl_table_apply_many_finish (VL_TABLE (f->live), cancelled.result, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (outcomes);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f->live), ==, 0);
  come_back (f);
  g_assert_cmpuint (f->master->n_writes, ==, 0);
  assert_nothing_left (f);
}

static void
cancel_when_it_waits (VlWrite *write, GParamSpec *pspec, GCancellable *cancellable)
{
  if (vl_write_get_state (write) == VL_WRITE_STATE_WAITING)
    g_cancellable_cancel (cancellable);
}

/* None is sent because the one that held it back has been withdrawn. */
static void
test_strict_batch (WriteFixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (VlChange) patch = patch_change ("a", 7.0);
  g_autoptr (VlChange) insert = insert_change ("d");
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlWrite) first = NULL;
  g_auto (Answer) cancelled = { 0 };

  vl_live_table_set_ordering (f->live, VL_ORDERING_STRICT);
  f->master->without = VL_CAPABILITY_BATCH;
  f->master->holds_writes = TRUE;
  read_all (f);
  g_list_store_append (changes, patch);
  g_list_store_append (changes, insert);
  vl_table_apply_many_async (VL_TABLE (f->live), G_LIST_MODEL (changes), cancellable, answer_cb,
                             &cancelled);
  run_turns ();
  first = get_listed (f, 0);
  g_signal_connect (first, "notify::state", G_CALLBACK (cancel_when_it_waits), cancellable);
  probe_table_fail (f->master, VL_ERROR_UNAVAILABLE);
  answer_wait (&cancelled);
  outcomes = vl_table_apply_many_finish (VL_TABLE (f->live), cancelled.result, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (outcomes);
  run_turns ();
  probe_table_assert_trace (f->master, "patch a");
  assert_nothing_left (f);
}

/* Who shows it is told that it is as before. */
static void
test_told (WriteFixture *f, gconstpointer data)
{
  g_autoptr (GString) heard = g_string_new (NULL);
  g_autoptr (VlWrite) write = NULL;

  go_away (f);
  listen_to_changes (f->live, heard);
  write = make_write (f, patch_change ("a", 7.0));
  run_turns ();
  assert_told (heard, "updated by write: a");
  g_assert_true (vl_write_cancel (write));
  run_turns ();
  assert_told (heard, "changed by write: a");
  g_assert_cmpfloat (get_shown_price (f, "a"), ==, 1.5);
  assert_nothing_left (f);
}

static void
test_delete_all (WriteFixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_auto (Answer) cancelled = { 0 };

  go_away (f);
  vl_table_delete_all_async (VL_TABLE (f->live), NULL, cancellable, answer_cb, &cancelled);
  assert_shown (f, 0);
  g_cancellable_cancel (cancellable);
  answer_wait (&cancelled);
  g_assert_false (vl_table_delete_all_finish (VL_TABLE (f->live), cancelled.result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_shown (f, 3);
  come_back (f);
  assert_master_has (f, "a", TRUE);
  assert_nothing_left (f);
}

/* Nobody asks for the answer: what was accepted goes on, and all is freed. */
static void
test_nobody_asks (WriteFixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (VlRecord) record = live_fixture_record ("d", "new", 9.0);

  go_away (f);
  vl_table_insert_async (VL_TABLE (f->live), record, cancellable, NULL, NULL);
  g_cancellable_cancel (cancellable);
  come_back (f);
  assert_master_has (f, "d", TRUE);
  assert_nothing_left (f);
}

typedef struct
{
  WriteFixture *f;
  gboolean is_done; /* atomic */
} Elsewhere;

/* A caller elsewhere, which holds its own thread up while the write is accepted. */
static gpointer
cancel_elsewhere (gpointer data)
{
  Elsewhere *elsewhere = data;
  WriteFixture *f = elsewhere->f;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record = NULL;
  Answer cancelled = { 0 };

  g_main_context_push_thread_default (context);
  begin_insert (f, "d", cancellable, &cancelled);
  while (vl_live_table_get_pending_writes (f->live) < 1)
    g_thread_yield ();
  g_cancellable_cancel (cancellable);
  while (cancelled.n_called == 0)
    g_main_context_iteration (context, TRUE);
  record = vl_table_insert_finish (VL_TABLE (f->live), cancelled.result, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  answer_clear (&cancelled);
  g_main_context_pop_thread_default (context);
  g_atomic_int_set (&elsewhere->is_done, TRUE);
  g_main_context_wakeup (NULL);

  return NULL;
}

static void
test_elsewhere (WriteFixture *f, gconstpointer data)
{
  Elsewhere elsewhere = { f, FALSE };
  GThread *thread;

  go_away (f);
  thread = g_thread_new ("caller", cancel_elsewhere, &elsewhere);
  while (!g_atomic_int_get (&elsewhere.is_done))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  run_turns ();
  come_back (f);
  assert_master_has (f, "d", FALSE);
  assert_nothing_left (f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_patient_test ("/live-table/withdraw/before-the-next-turn", test_at_once);
  add_patient_test ("/live-table/withdraw/on-its-way", test_on_its_way);
  add_patient_test ("/live-table/withdraw/not-once-it-was-heard-of", test_heard);
  add_patient_test ("/live-table/withdraw/a-batch", test_batch);
  add_patient_test ("/live-table/withdraw/a-batch-in-strict-order", test_strict_batch);
  add_patient_test ("/live-table/withdraw/who-shows-it-is-told", test_told);
  add_patient_test ("/live-table/withdraw/a-deletion-of-all", test_delete_all);
  add_patient_test ("/live-table/withdraw/not-if-nobody-asks", test_nobody_asks);
  add_patient_test ("/live-table/withdraw/from-another-thread", test_elsewhere);

  return g_test_run ();
}
