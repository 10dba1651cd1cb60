/* scripted-table.h: a master that does as a test tells it, and who waits for it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

typedef enum
{
  OP_DESCRIBE,
  OP_LIST,
  OP_FIND,
  OP_COUNT,
  OP_APPLY,
  OP_APPLY_BATCH,
  N_OPS
} ScriptedOp;

#define SCRIPTED_TYPE_TABLE (scripted_table_get_type ())
G_DECLARE_FINAL_TYPE (ScriptedTable, scripted_table, SCRIPTED, TABLE, GObject)

/* One call of a vfunc. `argument` is the query, the id, the change or the list
 * of changes. */
typedef gboolean (*ScriptedAct) (ScriptedTable *self,
                                 ScriptedOp op,
                                 gpointer argument,
                                 VlReply *reply,
                                 GError **error);

struct _ScriptedTable
{
  GObject parent_instance;

  VlSchema *schema;
  GPtrArray *records;      /* what it answers from */
  gint64 count;            /* what count answers, -1 = as many as there are records */
  ScriptedAct acts[N_OPS]; /* NULL = scripted_answer() */
  gpointer data;           /* of the acts */

  guint n_calls[N_OPS];
  GThread *thread;    /* the one that ran the last vfunc */
  GPtrArray *kept;    /* replies that scripted_keep() kept */
  GPtrArray *queries; /* all that list and count were given */
  GPtrArray *sent;    /* all changes that were sent */
  GArray *batches;    /* the length of each batch, 1 for a single change */
};

static void scripted_table_iface_init (VlTableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ScriptedTable,
                               scripted_table,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_TABLE, scripted_table_iface_init))

static inline VlRecord *
scripted_find (ScriptedTable *self, const char *id)
{
  for (guint i = 0; i < self->records->len; i++)
    {
      VlRecord *record = g_ptr_array_index (self->records, i);

      if (g_strcmp0 (vl_record_get_id (record), id) == 0)
        return record;
    }

  return NULL;
}

static inline void
scripted_answer_list (ScriptedTable *self, VlQuery *query, VlReply *reply)
{
  for (guint i = 0; i < self->records->len; i++)
    {
      VlRecord *record = g_ptr_array_index (self->records, i);

      if (vl_query_matches (query, record))
        vl_reply_add_record (reply, record);
    }
  vl_reply_set_total (reply, self->records->len);
  vl_reply_finish (reply);
}

static inline void
scripted_answer_batch (GListModel *changes, VlReply *reply)
{
  for (guint i = 0; i < g_list_model_get_n_items (changes); i++)
    {
      g_autoptr (VlChange) change = g_list_model_get_item (changes, i);

      vl_reply_return_nth (reply, i, vl_change_get_record (change));
    }
  vl_reply_finish (reply);
}

/* The answer that a sound master gives; from any thread that has the reply. */
static inline gboolean
scripted_answer (ScriptedTable *self,
                 ScriptedOp op,
                 gpointer argument,
                 VlReply *reply,
                 GError **error)
{
  switch (op)
    {
    case OP_DESCRIBE:
      vl_reply_return_schema (reply, self->schema);
      return TRUE;
    case OP_LIST:
      scripted_answer_list (self, argument, reply);
      return TRUE;
    case OP_FIND:
      vl_reply_return_record (reply, scripted_find (self, argument));
      return TRUE;
    case OP_COUNT:
      vl_reply_return_count (reply, self->count >= 0 ? self->count : self->records->len);
      return TRUE;
    case OP_APPLY:
      vl_reply_return_record (reply, vl_change_get_record (argument));
      return TRUE;
    case OP_APPLY_BATCH:
      scripted_answer_batch (argument, reply);
      return TRUE;
    case N_OPS:
    default:
      g_assert_not_reached ();
    }
}

/* Answers when the test takes the reply out of `kept`. */
static inline gboolean
scripted_keep (ScriptedTable *self,
               ScriptedOp op,
               gpointer argument,
               VlReply *reply,
               GError **error)
{
  g_ptr_array_add (self->kept, g_object_ref (reply));

  return TRUE;
}

static inline VlReply *
scripted_take (ScriptedTable *self)
{
  g_assert_cmpuint (self->kept->len, >, 0);

  return g_ptr_array_steal_index (self->kept, 0);
}

static inline gboolean
scripted_call (VlTable *table, ScriptedOp op, gpointer argument, VlReply *reply, GError **error)
{
  ScriptedTable *self = SCRIPTED_TABLE (table);
  ScriptedAct act = self->acts[op] != NULL ? self->acts[op] : scripted_answer;

  self->n_calls[op]++;
  self->thread = g_thread_self ();

  return act (self, op, argument, reply, error);
}

static gboolean
scripted_table_describe (VlTable *table, VlReply *reply, GError **error)
{
  return scripted_call (table, OP_DESCRIBE, NULL, reply, error);
}

static gboolean
scripted_table_list (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  g_ptr_array_add (SCRIPTED_TABLE (table)->queries, g_object_ref (query));

  return scripted_call (table, OP_LIST, query, reply, error);
}

static gboolean
scripted_table_find (VlTable *table, const char *id, VlReply *reply, GError **error)
{
  return scripted_call (table, OP_FIND, (gpointer) id, reply, error);
}

static gboolean
scripted_table_count (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  g_ptr_array_add (SCRIPTED_TABLE (table)->queries, g_object_ref (query));

  return scripted_call (table, OP_COUNT, query, reply, error);
}

static gboolean
scripted_table_apply (VlTable *table, VlChange *change, VlReply *reply, GError **error)
{
  ScriptedTable *self = SCRIPTED_TABLE (table);
  guint one = 1;

  g_ptr_array_add (self->sent, g_object_ref (change));
  g_array_append_val (self->batches, one);

  return scripted_call (table, OP_APPLY, change, reply, error);
}

static gboolean
scripted_table_apply_batch (VlTable *table, GListModel *changes, VlReply *reply, GError **error)
{
  ScriptedTable *self = SCRIPTED_TABLE (table);
  guint n_changes = g_list_model_get_n_items (changes);

  for (guint i = 0; i < n_changes; i++)
    g_ptr_array_add (self->sent, g_list_model_get_item (changes, i));
  g_array_append_val (self->batches, n_changes);

  return scripted_call (table, OP_APPLY_BATCH, changes, reply, error);
}

static void
scripted_table_iface_init (VlTableInterface *iface)
{
  iface->describe = scripted_table_describe;
  iface->list = scripted_table_list;
  iface->find = scripted_table_find;
  iface->count = scripted_table_count;
  iface->apply = scripted_table_apply;
  iface->apply_batch = scripted_table_apply_batch;
}

static void
scripted_table_finalize (GObject *object)
{
  ScriptedTable *self = SCRIPTED_TABLE (object);

  g_clear_object (&self->schema);
  g_ptr_array_unref (self->records);
  g_ptr_array_unref (self->kept);
  g_ptr_array_unref (self->queries);
  g_ptr_array_unref (self->sent);
  g_array_unref (self->batches);

  G_OBJECT_CLASS (scripted_table_parent_class)->finalize (object);
}

static void
scripted_table_class_init (ScriptedTableClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = scripted_table_finalize;
}

static void
scripted_table_init (ScriptedTable *self)
{
  self->count = -1;
  self->records = g_ptr_array_new_with_free_func (g_object_unref);
  self->kept = g_ptr_array_new_with_free_func (g_object_unref);
  self->queries = g_ptr_array_new_with_free_func (g_object_unref);
  self->sent = g_ptr_array_new_with_free_func (g_object_unref);
  self->batches = g_array_new (FALSE, FALSE, sizeof (guint));
}

#define SCRIPTED_EVERYTHING                                                                  \
 (VL_CAPABILITY_ORDER | VL_CAPABILITY_FILTER | VL_CAPABILITY_SEARCH | VL_CAPABILITY_WINDOW | \
  VL_CAPABILITY_COUNT | VL_CAPABILITY_INSERT | VL_CAPABILITY_REPLACE | VL_CAPABILITY_PATCH | \
  VL_CAPABILITY_DELETE | VL_CAPABILITY_DELETE_ALL | VL_CAPABILITY_BATCH)

/* "things" with the columns "id" (of `id_type`, the key) and "name". */
static inline VlSchema *
scripted_schema (VlFieldType id_type, VlCapabilities capabilities)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("things");

  vl_schema_builder_add_column (builder, "id", id_type, FALSE);
  vl_schema_builder_add_column (builder, "name", VL_FIELD_TYPE_STRING, TRUE);
  vl_schema_builder_set_id_column (builder, "id");
  vl_schema_builder_set_capabilities (builder, capabilities);

  return vl_schema_builder_end (builder);
}

static inline VlRecord *
scripted_record (const char *id, const char *name)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (id);

  vl_record_builder_set_string (builder, "name", name);

  return vl_record_builder_end (builder);
}

static inline ScriptedTable *
scripted_table_new (VlCapabilities capabilities)
{
  ScriptedTable *self = g_object_new (SCRIPTED_TYPE_TABLE, NULL);

  self->schema = scripted_schema (VL_FIELD_TYPE_STRING, capabilities);

  return self;
}

/* As a table has them: the id is a field, too. */
static inline void
scripted_table_add (ScriptedTable *self, const char *id, const char *name)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (id);

  vl_record_builder_set_string (builder, "id", id);
  vl_record_builder_set_string (builder, "name", name);
  g_ptr_array_add (self->records, vl_record_builder_end (builder));
}

/* Somebody who waits for one call. */
typedef struct
{
  GAsyncResult *result; /* NULL = has not been called back */
  GThread *thread;      /* the one that called back */
} Waiter;

static inline void
waiter_clear (Waiter *self)
{
  g_clear_object (&self->result);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Waiter, waiter_clear)

static inline void
on_waiter (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Waiter *self = user_data;

  g_assert_null (self->result);
  self->result = g_object_ref (result);
  self->thread = g_thread_self ();
}

static inline GAsyncResult *
waiter_wait (Waiter *self)
{
  while (self->result == NULL)
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);

  return self->result;
}

/* Lets the thread-default context run what it has, without waiting. */
static inline void
turn (void)
{
  while (g_main_context_iteration (g_main_context_get_thread_default (), FALSE))
    ;
}

/* The call of `op` with some argument. */
static inline void
call_async (gpointer table, ScriptedOp op, GCancellable *cancellable, Waiter *waiter)
{
  g_autoptr (VlRecord) record = scripted_record ("a", "one");
  g_autoptr (VlRecord) other = scripted_record ("b", "two");
  g_autoptr (VlChange) first = vl_change_new_insert (record);
  g_autoptr (VlChange) second = vl_change_new_insert (other);
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);

  switch (op)
    {
    case OP_DESCRIBE:
      vl_table_describe_async (table, cancellable, on_waiter, waiter);
      break;
    case OP_LIST:
      vl_table_list_async (table, NULL, cancellable, on_waiter, waiter);
      break;
    case OP_FIND:
      vl_table_find_async (table, "a", cancellable, on_waiter, waiter);
      break;
    case OP_COUNT:
      vl_table_count_async (table, NULL, cancellable, on_waiter, waiter);
      break;
    case OP_APPLY:
      vl_table_insert_async (table, record, cancellable, on_waiter, waiter);
      break;
    case OP_APPLY_BATCH:
      g_list_store_append (changes, first);
      g_list_store_append (changes, second);
      vl_table_apply_many_async (table, G_LIST_MODEL (changes), cancellable, on_waiter, waiter);
      break;
    case N_OPS:
    default:
      g_assert_not_reached ();
    }
}

/* How the call ended: an error, or NULL. What it found is let go of. */
static inline GError *
call_finish (gpointer table, ScriptedOp op, Waiter *waiter)
{
  g_autoptr (GObject) object = NULL;
  GAsyncResult *result = waiter_wait (waiter);
  GError *error = NULL;

  switch (op)
    {
    case OP_DESCRIBE:
      object = (GObject *) vl_table_describe_finish (table, result, &error);
      break;
    case OP_LIST:
      object = (GObject *) vl_table_list_finish (table, result, &error);
      break;
    case OP_FIND:
      object = (GObject *) vl_table_find_finish (table, result, &error);
      break;
    case OP_COUNT:
      vl_table_count_finish (table, result, &error);
      break;
    case OP_APPLY:
      object = (GObject *) vl_table_insert_finish (table, result, &error);
      break;
    case OP_APPLY_BATCH:
      object = (GObject *) vl_table_apply_many_finish (table, result, &error);
      /* Each change ends for itself; those of a batch alike. */
      if (error == NULL)
        {
          g_autoptr (VlOutcome) outcome = g_list_model_get_item (G_LIST_MODEL (object), 0);

          if (vl_outcome_get_error (outcome) != NULL)
            error = g_error_copy (vl_outcome_get_error (outcome));
        }
      break;
    case N_OPS:
    default:
      g_assert_not_reached ();
    }

  g_assert_true (error == NULL || object == NULL || op == OP_APPLY_BATCH);

  return error;
}
