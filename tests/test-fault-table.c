/* test-fault-table.c: a table behind a simulated network
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fault-fixture.h"

/* A master with relations, on top of a memory table: "self" is the table's
 * own records of the same name, "other" another table. */

#define TEST_TYPE_MASTER (test_master_get_type ())
G_DECLARE_FINAL_TYPE (TestMaster, test_master, TEST, MASTER, GObject)

struct _TestMaster
{
  GObject parent_instance;
  VlTable *other;
};

static gboolean
test_master_describe (VlTable *table, VlReply *reply, GError **error)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("master");
  g_autoptr (VlSchema) schema = NULL;

  vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_set_id_column (builder, "id");
  vl_schema_builder_add_relation (builder, "self");
  vl_schema_builder_add_relation (builder, "other");
  vl_schema_builder_add_relation (builder, "part");
  schema = vl_schema_builder_end (builder);
  vl_reply_return_schema (reply, schema);

  return TRUE;
}

static VlTable *
test_master_get_related (VlTable *table, const char *relation, VlRecord *record, GError **error)
{
  TestMaster *self = TEST_MASTER (table);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery)
    scope = vl_query_where (all, "id", VL_OP_EQ, g_variant_new_string (vl_record_get_id (record)));

  if (g_str_equal (relation, "self"))
    return VL_TABLE (vl_scoped_table_new (table, scope));
  if (g_str_equal (relation, "part"))
    return VL_TABLE (vl_scoped_table_new (self->other, scope));

  return g_object_ref (self->other);
}

static char *
test_master_get_identity (VlTable *table)
{
  return g_strdup ("master");
}

static void
test_master_iface_init (VlTableInterface *iface)
{
  iface->describe = test_master_describe;
  iface->get_related = test_master_get_related;
  iface->get_identity = test_master_get_identity;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestMaster,
                               test_master,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_TABLE, test_master_iface_init))

static void
test_master_finalize (GObject *object)
{
  g_clear_object (&TEST_MASTER (object)->other);

  G_OBJECT_CLASS (test_master_parent_class)->finalize (object);
}

static void
test_master_class_init (TestMasterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_master_finalize;
}

static void
test_master_init (TestMaster *self)
{
}

static void
test_plain (Fixture *self, gconstpointer data)
{
  g_auto (Outcome) inserted = { 0 };
  g_auto (Outcome) found = { 0 };
  g_autoptr (GError) error = NULL;

  begin_insert (self, "a", NULL, &inserted);
  g_assert_true (inserted.ended);
  g_assert_no_error (inserted.error);
  vl_table_find_async (self->table, "a", NULL, on_found, &found);
  settle ();
  g_assert_cmpstr (vl_record_get_id (found.record), ==, "a");
  g_assert_cmpint (vl_table_count_sync (self->table, NULL, NULL, &error), ==, 1);
  g_assert_no_error (error);

  g_assert_cmpuint (vl_fault_table_get_n_calls (self->fault), ==, 4);
  g_assert_cmpuint (vl_fault_table_get_n_reads (self->fault), ==, 2);
  g_assert_cmpuint (vl_fault_table_get_n_writes (self->fault), ==, 1);
  g_assert_true (vl_fault_table_get_target (self->fault) == self->memory);
}

static void
test_batch (Fixture *self, gconstpointer data)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (VlRecord) a = make_record ("a");
  g_autoptr (VlRecord) b = make_record ("b");
  g_autoptr (VlRecord) known = make_record ("known");
  VlRecord *records[] = { a, known, b };
  g_autoptr (GError) error = NULL;

  g_object_unref (vl_table_insert_sync (self->memory, known, NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_autoptr (VlChange) change = vl_change_new_insert (records[i]);

      g_list_store_append (changes, change);
    }
  outcomes = vl_table_apply_many_sync (self->table, G_LIST_MODEL (changes), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (vl_fault_table_get_n_writes (self->fault), ==, 1);

  for (guint i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, i);

      if (records[i] == known)
        g_assert_error (vl_outcome_get_error (outcome), VL_ERROR, VL_ERROR_EXISTS);
      else
        g_assert_cmpstr (vl_record_get_id (vl_outcome_get_record (outcome)), ==,
                         vl_record_get_id (records[i]));
    }
}

static void
test_latency (Fixture *self, gconstpointer data)
{
  g_auto (Outcome) inserted = { 0 };
  g_auto (Outcome) found = { 0 };

  vl_fault_table_set_latency (self->fault, 101);
  begin_insert (self, "a", NULL, &inserted);
  fake_clock_advance (49);
  g_assert_cmpuint (n_stored (self), ==, 0);
  fake_clock_advance (1);
  g_assert_cmpuint (n_stored (self), ==, 1);
  fake_clock_advance (50);
  g_assert_false (inserted.ended);
  fake_clock_advance (1);
  g_assert_true (inserted.ended);
  g_assert_cmpstr (vl_record_get_id (inserted.record), ==, "a");

  /* A call keeps the latency it began with. */
  vl_table_find_async (self->table, "a", NULL, on_found, &found);
  vl_fault_table_set_latency (self->fault, 0);
  fake_clock_advance (100);
  g_assert_false (found.ended);
  fake_clock_advance (1);
  g_assert_true (found.ended);
  g_assert_nonnull (found.record);
}

static void
test_latency_one (Fixture *self, gconstpointer data)
{
  g_auto (Outcome) inserted = { 0 };

  vl_fault_table_set_latency (self->fault, 1);
  begin_insert (self, "a", NULL, &inserted);
  g_assert_false (inserted.ended);
  fake_clock_advance (1);
  g_assert_true (inserted.ended);
}

static void
test_cancel_on_the_way (Fixture *self, gconstpointer data)
{
  g_auto (Outcome) inserted = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  vl_fault_table_set_latency (self->fault, 100);
  begin_insert (self, "a", cancellable, &inserted);
  fake_clock_advance (49);
  g_cancellable_cancel (cancellable);
  settle ();
  g_assert_error (inserted.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  fake_clock_advance (1000);
  g_assert_cmpuint (n_stored (self), ==, 0);
}

static void
test_cancel_on_the_way_back (Fixture *self, gconstpointer data)
{
  g_auto (Outcome) inserted = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  vl_fault_table_set_latency (self->fault, 100);
  begin_insert (self, "a", cancellable, &inserted);
  fake_clock_advance (50);
  g_cancellable_cancel (cancellable);
  settle ();
  g_assert_error (inserted.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (n_stored (self), ==, 1);
}

/* Cancelled while the target has the call and does not answer it. */
static void
test_cancel_at_the_target (Fixture *self, gconstpointer data)
{
  g_autoptr (VlFaultTable) outer = vl_fault_table_new (self->table);
  g_autoptr (VlSchema) schema = vl_table_describe_sync (VL_TABLE (outer), NULL, NULL);
  g_auto (Outcome) found = { 0 };
  g_auto (Outcome) later = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_assert_nonnull (schema);
  vl_fault_table_set_latency (self->fault, 100);
  vl_table_find_async (VL_TABLE (outer), "a", cancellable, on_found, &found);
  settle ();
  g_assert_cmpuint (fake_clock_get_n_timers (), >, 0);
  g_cancellable_cancel (cancellable);
  settle ();
  g_assert_error (found.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (fake_clock_get_n_timers (), ==, 0);

  /* Both in a row still work. */
  vl_fault_table_set_latency (outer, 20);
  vl_table_find_async (VL_TABLE (outer), "a", NULL, on_found, &later);
  fake_clock_advance (119);
  g_assert_false (later.ended);
  fake_clock_advance (1);
  g_assert_true (later.ended);
  g_assert_no_error (later.error);
}

static void
test_error_before (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) down = g_error_new_literal (VL_ERROR, VL_ERROR_UNAVAILABLE, "Down");
  g_auto (Outcome) first = { 0 };
  g_auto (Outcome) second = { 0 };

  vl_fault_table_push_error (self->fault, down);
  begin_insert (self, "a", NULL, &first);
  g_assert_error (first.error, VL_ERROR, VL_ERROR_UNAVAILABLE);
  g_assert_cmpstr (first.error->message, ==, "Down");
  g_assert_cmpuint (n_stored (self), ==, 0);

  begin_insert (self, "a", NULL, &second);
  g_assert_no_error (second.error);
  g_assert_cmpuint (n_stored (self), ==, 1);
  g_assert_cmpuint (vl_fault_table_get_n_writes (self->fault), ==, 2);
}

static void
test_error_after (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) lost = g_error_new_literal (VL_ERROR, VL_ERROR_IN_DOUBT, "Lost");
  g_auto (Outcome) first = { 0 };

  vl_fault_table_set_latency (self->fault, 10);
  vl_fault_table_push_error_after (self->fault, lost);
  begin_insert (self, "a", NULL, &first);
  fake_clock_advance (9);
  g_assert_false (first.ended);
  fake_clock_advance (1);
  g_assert_error (first.error, VL_ERROR, VL_ERROR_IN_DOUBT);
  g_assert_null (first.record);
  g_assert_cmpuint (n_stored (self), ==, 1);
}

static void
test_errors_in_order (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) down = g_error_new_literal (VL_ERROR, VL_ERROR_UNAVAILABLE, "Down");
  g_autoptr (GError) lost = g_error_new_literal (VL_ERROR, VL_ERROR_IN_DOUBT, "Lost");
  static const int codes[] = { VL_ERROR_IN_DOUBT, VL_ERROR_UNAVAILABLE, VL_ERROR_IN_DOUBT };

  vl_fault_table_push_error_after (self->fault, lost);
  vl_fault_table_push_error (self->fault, down);
  vl_fault_table_push_error_after (self->fault, lost);
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_auto (Outcome) outcome = { 0 };
      g_autofree char *id = g_strdup_printf ("%u", i);

      begin_insert (self, id, NULL, &outcome);
      g_assert_error (outcome.error, VL_ERROR, codes[i]);
    }
  g_assert_cmpuint (n_stored (self), ==, 2);
  vl_fault_table_push_error (self->fault, down);
}

/* The error that the target itself gives passes through. */
static void
test_error_of_the_target (Fixture *self, gconstpointer data)
{
  g_auto (Outcome) first = { 0 };
  g_auto (Outcome) second = { 0 };

  begin_insert (self, "a", NULL, &first);
  begin_insert (self, "a", NULL, &second);
  g_assert_no_error (first.error);
  g_assert_error (second.error, VL_ERROR, VL_ERROR_EXISTS);
}

static void
test_never_answer (Fixture *self, gconstpointer data)
{
  g_auto (Outcome) first = { 0 };
  g_auto (Outcome) second = { 0 };
  g_auto (Outcome) third = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  guint n_notified = 0;

  g_signal_connect_swapped (self->fault, "notify::never-answer", G_CALLBACK (g_atomic_int_inc),
                            &n_notified);
  vl_fault_table_set_never_answer (self->fault, TRUE);
  vl_fault_table_set_never_answer (self->fault, TRUE);
  g_assert_cmpuint (n_notified, ==, 1);

  begin_insert (self, "a", NULL, &first);
  begin_insert (self, "b", cancellable, &second);
  g_assert_false (first.ended);
  g_cancellable_cancel (cancellable);
  settle ();
  g_assert_error (second.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  vl_fault_table_set_never_answer (self->fault, FALSE);
  begin_insert (self, "c", NULL, &third);
  g_assert_no_error (third.error);
  g_assert_cmpuint (n_stored (self), ==, 1);

  /* Time runs out for the first one. */
  g_assert_false (first.ended);
  fake_clock_advance (30000);
  g_assert_error (first.error, VL_ERROR, VL_ERROR_IN_DOUBT);
}

static void
test_describe_is_a_call (void)
{
  g_autoptr (VlTable) memory = g_object_new (VL_TYPE_MEMORY_TABLE, NULL);
  g_autoptr (VlFaultTable) fault = vl_fault_table_new (memory);
  g_autoptr (VlFaultTable) nothing = g_object_new (VL_TYPE_FAULT_TABLE, NULL);
  g_autoptr (GError) down = g_error_new_literal (VL_ERROR, VL_ERROR_UNAVAILABLE, "Down");
  g_autoptr (GError) error = NULL;

  vl_fault_table_push_error (fault, down);
  g_assert_null (vl_table_find_sync (VL_TABLE (fault), "a", NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  g_assert_cmpuint (vl_fault_table_get_n_calls (fault), ==, 1);
  g_assert_cmpuint (vl_fault_table_get_n_reads (fault), ==, 0);

  g_assert_null (vl_table_find_sync (VL_TABLE (fault), "a", NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (vl_fault_table_get_n_calls (fault), ==, 3);

  g_assert_null (vl_table_describe_sync (VL_TABLE (nothing), NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
}

static void
test_related (void)
{
  g_autoptr (TestMaster) master = g_object_new (TEST_TYPE_MASTER, NULL);
  g_autoptr (VlFaultTable) fault = vl_fault_table_new (VL_TABLE (master));
  g_autoptr (VlRecord) record = make_record ("a");
  g_autoptr (VlTable) own = NULL;
  g_autoptr (VlTable) other = NULL;
  g_autoptr (VlTable) part = NULL;
  g_autoptr (VlSchema) schema = NULL;
  g_autofree char *identity = vl_table_get_identity (VL_TABLE (fault));
  g_autoptr (GError) error = NULL;
  VlTable *front;

  g_assert_cmpstr (identity, ==, "master");
  master->other = g_object_new (VL_TYPE_MEMORY_TABLE, NULL);
  schema = vl_table_describe_sync (VL_TABLE (fault), NULL, &error);
  g_assert_no_error (error);

  own = vl_table_get_related (VL_TABLE (fault), "self", record, &error);
  g_assert_no_error (error);
  g_assert_true (vl_scoped_table_get_target (VL_SCOPED_TABLE (own)) == VL_TABLE (fault));

  other = vl_table_get_related (VL_TABLE (fault), "other", record, &error);
  g_assert_no_error (error);
  g_assert_true (vl_fault_table_get_target (VL_FAULT_TABLE (other)) == master->other);

  part = vl_table_get_related (VL_TABLE (fault), "part", record, &error);
  g_assert_no_error (error);
  front = vl_scoped_table_get_target (VL_SCOPED_TABLE (part));
  g_assert_true (vl_fault_table_get_target (VL_FAULT_TABLE (front)) == master->other);

  /* All behind one network. */
  g_assert_cmpint (vl_table_count_sync (part, NULL, NULL, &error), ==, 0);
  g_assert_no_error (error);
  g_assert_cmpint (vl_table_count_sync (other, NULL, NULL, &error), ==, 0);
  g_assert_no_error (error);
  g_assert_cmpuint (vl_fault_table_get_n_reads (fault), ==, 2);
  vl_fault_table_set_latency (fault, 7);
  g_assert_cmpuint (vl_fault_table_get_latency (VL_FAULT_TABLE (other)), ==, 7);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add_test ("/fault-table/plain/hands-calls-on-and-counts-them", test_plain);
  add_test ("/fault-table/plain/batch-is-one-write", test_batch);
  add_test ("/fault-table/latency/half-before-half-after", test_latency);
  add_test ("/fault-table/latency/of-one-millisecond", test_latency_one);
  add_test ("/fault-table/cancel/on-the-way-never-arrives", test_cancel_on_the_way);
  add_test ("/fault-table/cancel/on-the-way-back-is-applied", test_cancel_on_the_way_back);
  add_test ("/fault-table/cancel/at-the-target-reaches-it", test_cancel_at_the_target);
  add_test ("/fault-table/error/before-never-arrives", test_error_before);
  add_test ("/fault-table/error/after-is-applied", test_error_after);
  add_test ("/fault-table/error/one-a-call-in-order", test_errors_in_order);
  add_test ("/fault-table/error/of-the-target-passes", test_error_of_the_target);
  add_test ("/fault-table/never-answer/until-time-runs-out", test_never_answer);
  g_test_add_func ("/fault-table/describe/is-a-call", test_describe_is_a_call);
  g_test_add_func ("/fault-table/related/is-behind-the-same-network", test_related);

  return g_test_run ();
}
