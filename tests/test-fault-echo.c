/* test-fault-echo.c: a stream that tells of the program's own writes
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fault-listener.h"

/* A target whose stream says nothing about writes. */
#define TEST_TYPE_SILENT (test_silent_get_type ())
G_DECLARE_FINAL_TYPE (TestSilent, test_silent, TEST, SILENT, GObject)

struct _TestSilent
{
  GObject parent_instance;
  VlLiveStream *stream;
};

static gboolean
test_silent_describe (VlTable *table, VlReply *reply, GError **error)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("silent");
  g_autoptr (VlSchema) schema = NULL;

  vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_set_id_column (builder, "id");
  vl_schema_builder_set_capabilities (builder, VL_CAPABILITY_INSERT | VL_CAPABILITY_REPLACE |
                                                 VL_CAPABILITY_PATCH | VL_CAPABILITY_DELETE |
                                                 VL_CAPABILITY_DELETE_ALL | VL_CAPABILITY_BATCH);
  schema = vl_schema_builder_end (builder);
  vl_reply_return_schema (reply, schema);

  return TRUE;
}

/* Does what it is asked to; an id that begins with "x" is refused. */
static GError *
judge (VlChange *change)
{
  const char *id = vl_change_get_id (change);

  return id != NULL && *id == 'x' ? g_error_new_literal (VL_ERROR, VL_ERROR_REJECTED, "No") : NULL;
}

static gboolean
test_silent_apply (VlTable *table, VlChange *change, VlReply *reply, GError **error)
{
  g_autoptr (GError) refused = judge (change);

  if (refused != NULL)
    vl_reply_fail (reply, refused);
  else if (vl_change_get_kind (change) == VL_CHANGE_KIND_DELETE_ALL)
    vl_reply_return_done (reply);
  else
    vl_reply_return_record (reply, vl_change_get_record (change));

  return TRUE;
}

static gboolean
test_silent_apply_batch (VlTable *table, GListModel *changes, VlReply *reply, GError **error)
{
  for (guint i = 0; i < g_list_model_get_n_items (changes); i++)
    {
      g_autoptr (VlChange) change = g_list_model_get_item (changes, i);
      g_autoptr (GError) refused = judge (change);

      if (refused != NULL)
        vl_reply_fail_nth (reply, i, refused);
      else
        vl_reply_return_nth (reply, i, vl_change_get_record (change));
    }
  vl_reply_finish (reply);

  return TRUE;
}

static VlLiveStream *
test_silent_get_stream (VlTable *table)
{
  return g_object_ref (TEST_SILENT (table)->stream);
}

static void
test_silent_iface_init (VlTableInterface *iface)
{
  iface->describe = test_silent_describe;
  iface->apply = test_silent_apply;
  iface->apply_batch = test_silent_apply_batch;
  iface->get_stream = test_silent_get_stream;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestSilent,
                               test_silent,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_TABLE, test_silent_iface_init))

static void
test_silent_finalize (GObject *object)
{
  g_object_unref (TEST_SILENT (object)->stream);

  G_OBJECT_CLASS (test_silent_parent_class)->finalize (object);
}

static void
test_silent_class_init (TestSilentClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_silent_finalize;
}

static void
test_silent_init (TestSilent *self)
{
  self->stream = vl_live_stream_new ();
}

/* One write of each kind; what they answer is of no interest. */
static void
write_all_kinds (VlTable *table)
{
  g_autoptr (GPtrArray) answers = g_ptr_array_new ();
  g_autoptr (VlRecord) record = make_record ("a");
  g_autoptr (VlRecord) refused = make_record ("x");
  g_autoptr (VlRecord) fields = vl_record_new (NULL, NULL);

  g_ptr_array_add (answers, vl_table_insert_sync (table, record, NULL, NULL));
  g_ptr_array_add (answers, vl_table_insert_sync (table, refused, NULL, NULL));
  g_ptr_array_add (answers, vl_table_replace_sync (table, record, NULL, NULL));
  g_ptr_array_add (answers, vl_table_patch_sync (table, "a", fields, NULL, NULL));
  g_ptr_array_add (answers, vl_table_delete_sync (table, "a", NULL, NULL));
  vl_table_delete_all_sync (table, NULL, NULL, NULL);
  for (guint i = 0; i < answers->len; i++)
    g_clear_object ((GObject **) &answers->pdata[i]);
}

static void
write_batch (VlTable *table)
{
  static const char *const ids[] = { "b", "x", "c" };
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autoptr (VlRecord) record = make_record (ids[i]);
      g_autoptr (VlChange) change = vl_change_new_insert (record);

      g_list_store_append (changes, change);
    }
  outcomes = vl_table_apply_many_sync (table, G_LIST_MODEL (changes), NULL, NULL);
  g_assert_nonnull (outcomes);
}

static void
test_echo (void)
{
  TestSilent *target = g_object_new (TEST_TYPE_SILENT, NULL);
  VlFaultTable *fault = vl_fault_table_new (VL_TABLE (target));
  Fixture fixture = { VL_TABLE (target), fault, VL_TABLE (fault) };
  Listener listener = { 0 };

  listener_init (&listener, &fixture);
  assert_heard (&listener, "* ");
  write_all_kinds (fixture.table);
  assert_heard (&listener, "");

  vl_fault_table_set_echo (fault, TRUE);
  write_all_kinds (fixture.table);
  assert_heard (&listener, "i.a c.a u.a d.a * ");
  write_batch (fixture.table);
  assert_heard (&listener, "i.b i.c ");

  /* Whether its caller knows that it was applied or not. */
  vl_fault_table_set_lost_ack_rate (fault, 1);
  write_batch (fixture.table);
  assert_heard (&listener, "i.b i.c ");
  vl_fault_table_set_lost_ack_rate (fault, 0);
  vl_fault_table_set_error_rate (fault, 1);
  write_batch (fixture.table);
  assert_heard (&listener, "");

  /* It fares as all events do. */
  vl_fault_table_set_error_rate (fault, 0);
  vl_fault_table_set_event_repeat_rate (fault, 1);
  write_batch (fixture.table);
  assert_heard (&listener, "i.b i.b i.c i.c ");

  listener_clear (&listener);
  g_assert_finalize_object (fault);
  g_assert_finalize_object (target);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/fault-table/echo/of-what-was-applied", test_echo);

  return g_test_run ();
}
