/* probe-table.c: a table that tests look into, bound to its thread
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "probe-table.h"

#include "vantage-live/table/vl-schema-private.h"

typedef struct
{
  VlReply *reply;
  VlChange *change;    /* or */
  GListModel *changes; /* or neither: describe */
} HeldCall;

static gint n_alive; /* atomic */

static void probe_table_iface_init (VlTableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ProbeTable,
                               probe_table,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_TABLE, probe_table_iface_init))

static void
assert_home (ProbeTable *self)
{
  g_assert_true (g_thread_self () == self->home);
}

static void
held_call_free (gpointer data)
{
  HeldCall *call = data;

  g_clear_object (&call->reply);
  g_clear_object (&call->change);
  g_clear_object (&call->changes);
  g_free (call);
}

static void
hold (ProbeTable *self, VlReply *reply, VlChange *change, GListModel *changes)
{
  HeldCall *call = g_new0 (HeldCall, 1);

  call->reply = g_object_ref (reply);
  g_set_object (&call->change, change);
  g_set_object (&call->changes, changes);
  g_ptr_array_add (self->held, call);
}

static void
trace_change (ProbeTable *self, VlChange *change)
{
  static const char *const names[] = { "insert", "replace", "patch", "delete", "delete-all" };
  const char *id = vl_change_get_id (change);

  g_string_append (self->trace, names[vl_change_get_kind (change)]);
  if (id != NULL)
    g_string_append_printf (self->trace, " %s", id);
}

static void
trace_begin (ProbeTable *self)
{
  if (self->trace->len > 0)
    g_string_append (self->trace, "; ");
}

/* The vfuncs. */

static VlTableInterface *
target_iface (ProbeTable *self)
{
  return VL_TABLE_GET_IFACE (self->target);
}

static void
return_schema (ProbeTable *self, VlReply *reply)
{
  g_autoptr (VlSchema) shown = NULL;

  shown = _vl_schema_with_capabilities (self->schema,
                                        vl_schema_get_capabilities (self->schema) & ~self->without);
  vl_reply_return_schema (reply, shown);
}

static gboolean
probe_table_describe (VlTable *table, VlReply *reply, GError **error)
{
  ProbeTable *self = PROBE_TABLE (table);

  assert_home (self);
  if (self->n_describe_errors > 0)
    {
      self->n_describe_errors--;
      g_set_error_literal (error, VL_ERROR, (int) self->describe_error, "no description");
      return FALSE;
    }

  if (self->holds_describe)
    hold (self, reply, NULL, NULL);
  else
    return_schema (self, reply);

  return TRUE;
}

static gboolean
probe_table_list (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  ProbeTable *self = PROBE_TABLE (table);

  assert_home (self);
  self->n_reads++;

  return target_iface (self)->list (self->target, query, reply, error);
}

static gboolean
probe_table_find (VlTable *table, const char *id, VlReply *reply, GError **error)
{
  ProbeTable *self = PROBE_TABLE (table);

  assert_home (self);
  self->n_reads++;

  return target_iface (self)->find (self->target, id, reply, error);
}

static gboolean
probe_table_count (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  ProbeTable *self = PROBE_TABLE (table);

  assert_home (self);
  self->n_reads++;

  return target_iface (self)->count (self->target, query, reply, error);
}

static gboolean
is_bad (ProbeTable *self, VlChange *change)
{
  return self->bad_id != NULL && g_strcmp0 (vl_change_get_id (change), self->bad_id) == 0;
}

/* Whether this write is one that fails. */
static gboolean
is_failing (ProbeTable *self, VlChange *change, GError **error)
{
  if (change != NULL && is_bad (self, change))
    {
      g_set_error (error, VL_ERROR, (int) self->bad_error, "not to “%s”", self->bad_id);
      return TRUE;
    }
  if (self->errors->len == 0)
    return FALSE;

  g_set_error (error, VL_ERROR, (int) g_array_index (self->errors, VlError, 0), "no: %s",
               self->trace->str);
  g_array_remove_index (self->errors, 0);

  return TRUE;
}

/* As a service does that knows the version of a record, and not its fields. */
static gboolean
is_outdated (ProbeTable *self, VlChange *change, VlReply *reply)
{
  VlRecord *base = vl_change_get_base (change);
  g_autoptr (VlRecord) current = NULL;

  if (!self->is_coarse || base == NULL)
    return FALSE;

  current = vl_table_find_sync (self->target, vl_change_get_id (change), NULL, NULL);
  if (current != NULL && vl_record_equal (base, current))
    return FALSE;

  vl_reply_fail_conflict (reply, current, NULL);
  return TRUE;
}

static gboolean
probe_table_apply (VlTable *table, VlChange *change, VlReply *reply, GError **error)
{
  ProbeTable *self = PROBE_TABLE (table);

  assert_home (self);
  self->n_writes++;
  trace_begin (self);
  trace_change (self, change);
  if (self->holds_writes)
    {
      hold (self, reply, change, NULL);
      return TRUE;
    }
  if (is_failing (self, change, error))
    return FALSE;
  if (is_outdated (self, change, reply))
    return TRUE;

  return target_iface (self)->apply (self->target, change, reply, error);
}

/* All of a batch but what is written to the bad record. */
static void
apply_some (ProbeTable *self, GListModel *changes, VlReply *reply)
{
  for (guint i = 0; i < g_list_model_get_n_items (changes); i++)
    {
      g_autoptr (VlChange) change = g_list_model_get_item (changes, i);
      g_autoptr (GListStore) one = g_list_store_new (VL_TYPE_CHANGE);
      g_autoptr (GListModel) outcomes = NULL;
      g_autoptr (VlOutcome) outcome = NULL;

      if (is_bad (self, change))
        {
          g_autoptr (GError) error = g_error_new (VL_ERROR, (int) self->bad_error, "not this one");

          vl_reply_fail_nth (reply, i, error);
          continue;
        }
      g_list_store_append (one, change);
      outcomes = vl_table_apply_many_sync (self->target, G_LIST_MODEL (one), NULL, NULL);
      outcome = g_list_model_get_item (outcomes, 0);
      if (vl_outcome_get_error (outcome) != NULL)
        vl_reply_fail_nth (reply, i, vl_outcome_get_error (outcome));
      else
        vl_reply_return_nth (reply, i, vl_outcome_get_record (outcome));
    }
  vl_reply_finish (reply);
}

static gboolean
probe_table_apply_batch (VlTable *table, GListModel *changes, VlReply *reply, GError **error)
{
  ProbeTable *self = PROBE_TABLE (table);

  assert_home (self);
  self->n_writes++;
  self->n_batches++;
  trace_begin (self);
  for (guint i = 0; i < g_list_model_get_n_items (changes); i++)
    {
      g_autoptr (VlChange) change = g_list_model_get_item (changes, i);

      g_string_append (self->trace, i == 0 ? "[" : ", ");
      trace_change (self, change);
    }
  g_string_append (self->trace, "]");
  if (self->holds_writes)
    {
      hold (self, reply, NULL, changes);
      return TRUE;
    }
  if (is_failing (self, NULL, error))
    return FALSE;
  if (self->bad_id != NULL)
    {
      apply_some (self, changes, reply);
      return TRUE;
    }

  return target_iface (self)->apply_batch (self->target, changes, reply, error);
}

static VlLiveStream *
probe_table_get_stream (VlTable *table)
{
  ProbeTable *self = PROBE_TABLE (table);

  assert_home (self);
  if (self->stream != NULL)
    return g_object_ref (self->stream);

  return vl_table_get_stream (self->target);
}

static char *
probe_table_get_identity (VlTable *table)
{
  return g_strdup (PROBE_TABLE (table)->identity);
}

static void
probe_table_iface_init (VlTableInterface *iface)
{
  iface->describe = probe_table_describe;
  iface->list = probe_table_list;
  iface->find = probe_table_find;
  iface->count = probe_table_count;
  iface->apply = probe_table_apply;
  iface->apply_batch = probe_table_apply_batch;
  iface->get_stream = probe_table_get_stream;
  iface->get_identity = probe_table_get_identity;
}

static void
probe_table_dispose (GObject *object)
{
  assert_home (PROBE_TABLE (object));

  G_OBJECT_CLASS (probe_table_parent_class)->dispose (object);
}

static void
probe_table_finalize (GObject *object)
{
  ProbeTable *self = PROBE_TABLE (object);

  assert_home (self);
  g_clear_object (&self->target);
  g_clear_object (&self->schema);
  g_clear_object (&self->stream);
  g_free (self->identity);
  g_string_free (self->trace, TRUE);
  g_ptr_array_unref (self->held);
  g_array_unref (self->errors);
  g_atomic_int_add (&n_alive, -1);

  G_OBJECT_CLASS (probe_table_parent_class)->finalize (object);
}

static void
probe_table_class_init (ProbeTableClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = probe_table_dispose;
  G_OBJECT_CLASS (klass)->finalize = probe_table_finalize;
}

static void
probe_table_init (ProbeTable *self)
{
  self->home = g_thread_self ();
  self->trace = g_string_new (NULL);
  self->held = g_ptr_array_new_with_free_func (held_call_free);
  self->errors = g_array_new (FALSE, FALSE, sizeof (VlError));
  g_atomic_int_inc (&n_alive);
}

ProbeTable *
probe_table_new (VlTable *target)
{
  ProbeTable *self = g_object_new (PROBE_TYPE_TABLE, NULL);

  self->target = g_object_ref (target);
  self->schema = vl_table_describe_sync (target, NULL, NULL);

  return self;
}

void
probe_table_push_error (ProbeTable *self, VlError code)
{
  g_array_append_val (self->errors, code);
}

static HeldCall *
take_held (ProbeTable *self)
{
  assert_home (self);
  g_assert_cmpuint (self->held->len, >, 0);

  return g_ptr_array_steal_index (self->held, 0);
}

void
probe_table_answer (ProbeTable *self)
{
  HeldCall *call = take_held (self);
  GError *error = NULL;
  gboolean answered = TRUE;

  if (call->change != NULL)
    answered = target_iface (self)->apply (self->target, call->change, call->reply, &error);
  else if (call->changes != NULL)
    answered = target_iface (self)->apply_batch (self->target, call->changes, call->reply, &error);
  else
    return_schema (self, call->reply);

  if (!answered)
    vl_reply_fail (call->reply, error);
  g_clear_error (&error);
  held_call_free (call);
}

void
probe_table_fail (ProbeTable *self, VlError code)
{
  HeldCall *call = take_held (self);

  vl_reply_fail_literal (call->reply, code, "failed by the test");
  held_call_free (call);
}

void
probe_table_drop (ProbeTable *self)
{
  held_call_free (take_held (self));
}

void
probe_table_answer_all (ProbeTable *self)
{
  self->holds_writes = FALSE;
  self->holds_describe = FALSE;
  while (self->held->len > 0)
    probe_table_answer (self);
}

char *
probe_table_take_trace (ProbeTable *self)
{
  char *trace = g_string_free (self->trace, FALSE);

  self->trace = g_string_new (NULL);

  return trace;
}

guint
probe_table_get_n_alive (void)
{
  return (guint) g_atomic_int_get (&n_alive);
}
