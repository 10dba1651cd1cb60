/* test-reply-conflict.c: an answer that is an error and a record
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "write-fixture.h"

#include "scripted-table.h"
#include "vantage-live/table/vl-table-private.h"

/* What a private call of a table was answered. */
typedef struct
{
  guint n_called;
  GError *error;
  VlRecord *record;
} Got;

static void
got_clear (Got *self)
{
  g_clear_error (&self->error);
  g_clear_object (&self->record);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Got, got_clear)

static void
on_got (VlAnswer *answer, gpointer user_data)
{
  Got *self = user_data;

  self->n_called++;
  self->error = g_steal_pointer (&answer->error);
  self->record = g_steal_pointer (&answer->record);
}

static const char *message = "b is not what it was, in “name”";

static ScriptedTable *
keeping_table (void)
{
  ScriptedTable *table = scripted_table_new (SCRIPTED_EVERYTHING);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlSchema) schema = vl_table_describe_sync (VL_TABLE (table), NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (schema);
  for (guint op = 0; op < N_OPS; op++)
    table->acts[op] = scripted_keep;

  return table;
}

/* A change of "b" that says what it was based on. */
static VlChange *
make_change (void)
{
  g_autoptr (VlRecord) fields = scripted_record ("b", "mine");
  g_autoptr (VlRecord) base = scripted_record ("b", "then");
  g_autoptr (VlChange) plain = vl_change_new_patch ("b", fields);

  return vl_change_with_base (plain, base);
}

static VlReply *
send (ScriptedTable *table, Got *got)
{
  g_autoptr (VlChange) change = make_change ();
  g_autoptr (VlFlight)
    flight = _vl_table_send_apply (VL_TABLE (table), change, 0, on_got, got, NULL);

  g_assert_nonnull (flight);
  return scripted_take (table);
}

static gboolean
answer_conflict (ScriptedTable *self,
                 ScriptedOp op,
                 gpointer argument,
                 VlReply *reply,
                 GError **error)
{
  vl_reply_fail_conflict (reply, scripted_find (self, "b"), message);
  return TRUE;
}

static void
test_at_once (void)
{
  g_autoptr (ScriptedTable) table = keeping_table ();
  g_autoptr (VlChange) change = make_change ();
  g_auto (Got) got = { 0 };

  scripted_table_add (table, "b", "theirs");
  table->acts[OP_APPLY] = answer_conflict;
  g_assert_null (_vl_table_send_apply (VL_TABLE (table), change, 0, on_got, &got, NULL));
  g_assert_cmpuint (got.n_called, ==, 1);
  g_assert_error (got.error, VL_ERROR, VL_ERROR_CONFLICT);
  g_assert_cmpstr (got.error->message, ==, message);
  g_assert_true (got.record == scripted_find (table, "b"));
}

static gpointer
answer_in_thread (gpointer data)
{
  g_autoptr (VlReply) reply = data;
  g_autoptr (VlRecord) current = scripted_record ("b", "theirs");

  vl_reply_fail_conflict (reply, current, message);

  return NULL;
}

static void
test_later_from_a_thread (void)
{
  g_autoptr (ScriptedTable) table = keeping_table ();
  g_auto (Got) got = { 0 };

  g_thread_join (g_thread_new ("answer", answer_in_thread, send (table, &got)));
  g_assert_cmpuint (got.n_called, ==, 0);
  turn ();
  g_assert_cmpuint (got.n_called, ==, 1);
  g_assert_error (got.error, VL_ERROR, VL_ERROR_CONFLICT);
  g_assert_cmpstr (vl_record_get_string (got.record, "name"), ==, "theirs");
}

/* Without a message it says what it knows. */
static void
assert_default (VlRecord *current, const char *expected)
{
  g_autoptr (ScriptedTable) table = keeping_table ();
  g_auto (Got) got = { 0 };
  g_autoptr (VlReply) reply = send (table, &got);

  vl_reply_fail_conflict (reply, current, NULL);
  turn ();
  g_assert_error (got.error, VL_ERROR, VL_ERROR_CONFLICT);
  g_assert_true (g_str_has_prefix (got.error->message, "ScriptedTable.apply() "));
  g_assert_nonnull (strstr (got.error->message, expected));
  g_assert_true (got.record == current);
}

static void
test_default_message (void)
{
  g_autoptr (VlRecord) current = scripted_record ("b", "theirs");
  g_autoptr (VlRecord) nameless = scripted_record (NULL, "theirs");

  assert_default (current, "“b”");
  assert_default (nameless, "changed by somebody else");
  assert_default (NULL, "deleted by somebody else");
}

/* The first answer wins; the other one is let go of. */
static void
test_twice (void)
{
  g_autoptr (ScriptedTable) table = keeping_table ();
  VlRecord *current = scripted_record ("b", "theirs");
  VlRecord *other = scripted_record ("b", "another");
  g_auto (Got) got = { 0 };
  g_autoptr (VlReply) reply = send (table, &got);

  vl_reply_fail_conflict (reply, current, NULL);
  g_test_expect_message ("vantage-live", G_LOG_LEVEL_WARNING, "*more than once*");
  vl_reply_fail_conflict (reply, other, NULL);
  g_test_assert_expected_messages ();
  turn ();
  g_assert_true (got.record == current);
  got_clear (&got);
  g_assert_finalize_object (other);
  g_assert_finalize_object (current);
}

static void
test_dropped_with_its_record (void)
{
  g_autoptr (ScriptedTable) table = keeping_table ();
  g_autoptr (VlChange) change = make_change ();
  VlRecord *current = scripted_record ("b", "theirs");
  g_auto (Got) got = { 0 };
  VlFlight *flight = _vl_table_send_apply (VL_TABLE (table), change, 0, on_got, &got, NULL);
  VlReply *reply = scripted_take (table);

  vl_reply_fail_conflict (reply, current, NULL);
  _vl_flight_cancel (flight);
  turn ();
  g_assert_cmpuint (got.n_called, ==, 0);
  g_object_unref (reply);
  g_assert_finalize_object (current);
}

/* Only a write can be in conflict, and a batch is so change by change. */
static void
test_wrong_vfunc (void)
{
  const ScriptedOp ops[] = { OP_DESCRIBE, OP_LIST, OP_FIND, OP_COUNT, OP_APPLY_BATCH };
  const char *const names[] = { "describe", "list", "find", "count", "apply_batch" };

  for (guint i = 0; i < G_N_ELEMENTS (ops); i++)
    {
      g_autoptr (ScriptedTable) table = keeping_table ();
      g_autoptr (VlReply) reply = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *who = g_strdup_printf ("ScriptedTable.%s()", names[i]);
      g_auto (Waiter) waiter = { 0 };

      call_async (table, ops[i], NULL, &waiter);
      reply = scripted_take (table);
      vl_reply_fail_conflict (reply, NULL, NULL);
      error = call_finish (table, ops[i], &waiter);
      g_assert_error (error, VL_ERROR, VL_ERROR_FAILED);
      g_assert_true (g_str_has_prefix (error->message, who));
      g_assert_nonnull (strstr (error->message, "“conflict”"));
    }
}

/* Who made a single call gets the error and nothing else. */
static void
test_single_call (void)
{
  g_autoptr (ScriptedTable) table = keeping_table ();
  g_autoptr (VlRecord) fields = scripted_record ("b", "mine");
  VlRecord *current = scripted_record ("b", "theirs");
  g_autoptr (VlReply) reply = NULL;
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Waiter) waiter = { 0 };

  vl_table_patch_async (VL_TABLE (table), "b", fields, NULL, on_waiter, &waiter);
  reply = scripted_take (table);
  vl_reply_fail_conflict (reply, current, message);
  stored = vl_table_patch_finish (VL_TABLE (table), waiter_wait (&waiter), &error);
  g_assert_error (error, VL_ERROR, VL_ERROR_CONFLICT);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_null (stored);
  waiter_clear (&waiter);
  g_assert_finalize_object (current);
}

/* Batches */

static gboolean
answer_batch (ScriptedTable *self, ScriptedOp op, gpointer argument, VlReply *reply, GError **error)
{
  g_autoptr (GError) plain = g_error_new_literal (VL_ERROR, VL_ERROR_EXISTS, "there is one");

  vl_reply_return_nth (reply, 0, scripted_find (self, "a"));
  vl_reply_fail_nth_conflict (reply, 1, scripted_find (self, "b"), message);
  vl_reply_fail_nth_conflict (reply, 2, NULL, NULL);
  vl_reply_fail_nth (reply, 3, plain);
  vl_reply_finish (reply);

  return TRUE;
}

static ScriptedTable *
batch_table (void)
{
  ScriptedTable *table = scripted_table_new (SCRIPTED_EVERYTHING | VL_CAPABILITY_CHECK_BASE);

  scripted_table_add (table, "a", "mine");
  scripted_table_add (table, "b", "theirs");
  table->acts[OP_APPLY_BATCH] = answer_batch;

  return table;
}

static GListModel *
make_changes (guint n)
{
  GListStore *changes = g_list_store_new (VL_TYPE_CHANGE);

  for (guint i = 0; i < n; i++)
    {
      const char id[] = { (char) ('a' + i), '\0' };
      g_autoptr (VlRecord) fields = scripted_record (id, "mine");
      g_autoptr (VlRecord) base = scripted_record (id, "then");
      g_autoptr (VlChange) plain = vl_change_new_patch (id, fields);
      g_autoptr (VlChange) change = vl_change_with_base (plain, base);

      g_list_store_append (changes, change);
    }

  return G_LIST_MODEL (changes);
}

static void
assert_outcome (GListModel *outcomes, guint i, int code, const char *name)
{
  g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, i);
  const GError *error = vl_outcome_get_error (outcome);
  VlRecord *record = vl_outcome_get_record (outcome);

  if (code < 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, VL_ERROR, code);
  if (name == NULL)
    g_assert_null (record);
  else
    g_assert_cmpstr (vl_record_get_string (record, "name"), ==, name);
}

static void
assert_batch (VlTable *table)
{
  g_autoptr (GListModel) changes = make_changes (4);
  g_autoptr (GError) error = NULL;
  g_autoptr (GListModel) outcomes = vl_table_apply_many_sync (table, changes, NULL, &error);
  g_autoptr (VlOutcome) outcome = NULL;

  g_assert_no_error (error);
  assert_outcome (outcomes, 0, -1, "mine");
  assert_outcome (outcomes, 1, VL_ERROR_CONFLICT, "theirs");
  assert_outcome (outcomes, 2, VL_ERROR_CONFLICT, NULL);
  assert_outcome (outcomes, 3, VL_ERROR_EXISTS, NULL);

  outcome = g_list_model_get_item (outcomes, 1);
  g_assert_cmpstr (vl_outcome_get_error (outcome)->message, ==, message);
}

static void
test_batch (void)
{
  g_autoptr (ScriptedTable) table = batch_table ();

  assert_batch (VL_TABLE (table));
}

/* The first answer of each change wins. */
static void
test_batch_twice (void)
{
  g_autoptr (ScriptedTable) table = keeping_table ();
  g_autoptr (GListModel) changes = make_changes (2);
  g_autoptr (VlReply) reply = NULL;
  g_autoptr (GListModel) outcomes = NULL;
  g_auto (Waiter) waiter = { 0 };
  VlRecord *first = scripted_record ("a", "theirs");
  VlRecord *second = scripted_record ("a", "another");

  vl_table_apply_many_async (VL_TABLE (table), changes, NULL, on_waiter, &waiter);
  reply = scripted_take (table);
  vl_reply_fail_nth_conflict (reply, 0, first, message);
  g_test_expect_message ("vantage-live", G_LOG_LEVEL_WARNING, "*answered item 0*");
  vl_reply_fail_nth_conflict (reply, 0, second, message);
  g_test_expect_message ("vantage-live", G_LOG_LEVEL_WARNING, "*answered item 2*");
  vl_reply_fail_nth_conflict (reply, 2, second, message);
  g_test_assert_expected_messages ();
  g_assert_finalize_object (second);
  vl_reply_finish (reply);
  outcomes = vl_table_apply_many_finish (VL_TABLE (table), waiter_wait (&waiter), NULL);
  assert_outcome (outcomes, 0, VL_ERROR_CONFLICT, "theirs");
  assert_outcome (outcomes, 1, VL_ERROR_FAILED, NULL);
  g_object_unref (first);
}

static void
test_batch_wrong_vfunc (void)
{
  g_autoptr (ScriptedTable) table = keeping_table ();
  g_auto (Got) got = { 0 };
  g_autoptr (VlReply) reply = send (table, &got);
  VlRecord *current = scripted_record ("b", "theirs");

  vl_reply_fail_nth_conflict (reply, 0, current, message);
  g_assert_finalize_object (current);
  turn ();
  g_assert_error (got.error, VL_ERROR, VL_ERROR_FAILED);
  g_assert_null (got.record);
}

/* Tables in front of tables */

static void
test_fault_table (void)
{
  const guint latencies[] = { 0, 2 };

  for (guint i = 0; i < G_N_ELEMENTS (latencies); i++)
    {
      g_autoptr (ScriptedTable) table = batch_table ();
      g_autoptr (VlFaultTable) front = vl_fault_table_new (VL_TABLE (table));
      g_autoptr (GListModel) one = make_changes (1);
      g_autoptr (GListModel) outcomes = NULL;

      vl_fault_table_set_latency (front, latencies[i]);
      assert_batch (VL_TABLE (front));
      table->acts[OP_APPLY] = answer_conflict;
      outcomes = vl_table_apply_many_sync (VL_TABLE (front), one, NULL, NULL);
      assert_outcome (outcomes, 0, VL_ERROR_CONFLICT, "theirs");
    }
}

static gboolean
fail_conflict (ScriptedTable *self,
               ScriptedOp op,
               gpointer argument,
               VlReply *reply,
               GError **error)
{
  g_set_error_literal (error, VL_ERROR, VL_ERROR_CONFLICT, "not a write");
  return FALSE;
}

/* A read may fail with what it likes. */
static void
test_fault_table_read (void)
{
  g_autoptr (ScriptedTable) table = batch_table ();
  g_autoptr (VlFaultTable) front = vl_fault_table_new (VL_TABLE (table));
  g_autoptr (VlRecord) found = NULL;
  g_autoptr (GListModel) changes = make_changes (2);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (GError) error = NULL;

  table->acts[OP_FIND] = table->acts[OP_APPLY_BATCH] = fail_conflict;
  found = vl_table_find_sync (VL_TABLE (front), "b", NULL, &error);
  g_assert_error (error, VL_ERROR, VL_ERROR_CONFLICT);
  g_assert_null (found);

  outcomes = vl_table_apply_many_sync (VL_TABLE (front), changes, NULL, NULL);
  assert_outcome (outcomes, 0, VL_ERROR_CONFLICT, NULL);
  assert_outcome (outcomes, 1, VL_ERROR_CONFLICT, NULL);
}

static void
test_live_table (void)
{
  g_autoptr (ScriptedTable) table = batch_table ();
  g_autoptr (VlNullCache) cache = vl_null_cache_new ();
  g_autoptr (VlLiveTable) live = vl_live_table_new (VL_TABLE (table), "things", VL_CACHE (cache));
  g_autoptr (VlSchema) schema = NULL;

  assert_batch (VL_TABLE (live));
  schema = vl_table_get_schema (VL_TABLE (live));
  g_assert_true (vl_schema_can (schema, VL_CAPABILITY_CHECK_BASE));
}

/* A write that nobody waits for has the record, too. */
static void
test_live_write (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlRecord) base = live_fixture_record ("b", "Plum", 0.5);
  g_autoptr (VlRecord) fields = live_fixture_record ("b", "Berry", 0.5);
  g_autoptr (VlChange) plain = vl_change_new_patch ("b", fields);
  g_autoptr (VlChange) change = vl_change_with_base (plain, base);
  g_autoptr (VlWrite) write = vl_live_table_write (f.live, change);
  g_autoptr (GError) error = NULL;

  while (vl_write_get_state (write) != VL_WRITE_STATE_FAILED)
    g_main_context_iteration (NULL, TRUE);
  error = vl_write_dup_error (write);
  g_assert_error (error, VL_ERROR, VL_ERROR_CONFLICT);
  g_assert_nonnull (strstr (error->message, "“b”"));
  g_assert_nonnull (strstr (error->message, "“name”"));
  g_assert_nonnull (strstr (error->message, "“products”"));
  g_assert_null (strstr (error->message, "price"));
  g_assert_cmpstr (vl_record_get_string (vl_write_get_record (write), "name"), ==, "Banana");
  vl_write_discard (write);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/reply/conflict/carries-the-record", test_at_once);
  g_test_add_func ("/reply/conflict/later-from-a-thread", test_later_from_a_thread);
  g_test_add_func ("/reply/conflict/says-something-by-itself", test_default_message);
  g_test_add_func ("/reply/conflict/first-answer-wins", test_twice);
  g_test_add_func ("/reply/conflict/is-dropped-with-its-record", test_dropped_with_its_record);
  g_test_add_func ("/reply/conflict/is-for-writes-only", test_wrong_vfunc);
  g_test_add_func ("/reply/conflict/single-call-gets-the-error-alone", test_single_call);
  g_test_add_func ("/reply/conflict/batch/each-has-its-record", test_batch);
  g_test_add_func ("/reply/conflict/batch/first-answer-wins", test_batch_twice);
  g_test_add_func ("/reply/conflict/batch/is-for-batches-only", test_batch_wrong_vfunc);
  g_test_add_func ("/reply/conflict/passes/a-fault-table", test_fault_table);
  g_test_add_func ("/reply/conflict/passes/as-the-error-of-a-read", test_fault_table_read);
  g_test_add_func ("/reply/conflict/passes/a-live-table", test_live_table);
  g_test_add_func ("/reply/conflict/passes/to-a-write", test_live_write);

  return g_test_run ();
}
