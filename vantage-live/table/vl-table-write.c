/* vl-table-write.c: the writes of a table, as its callers see them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-table.h"

#include "vl-change-private.h"
#include "vl-query.h"
#include "vl-record.h"
#include "vl-schema.h"
#include "vl-table-call-private.h"

/* What a write answers that the table answered without a record: nothing for
 * a deletion, for the others what was written. */
static VlRecord *
stored_record (VlChange *change, VlAnswer *answer)
{
  VlRecord *written = vl_change_get_record (change);

  if (answer->record != NULL || written == NULL)
    return g_steal_pointer (&answer->record);

  return g_object_ref (written);
}

static void
applied (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  VlCall *call = g_task_get_task_data (task);

  if (_vl_call_failed (task, answer))
    return;
  if (vl_change_get_kind (call->change) == VL_CHANGE_KIND_DELETE_ALL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_pointer (task, stored_record (call->change, answer), g_object_unref);
}

static void
start_apply (GTask *task, VlCall *call, VlSchema *schema)
{
  if (schema != NULL)
    {
      g_autoptr (VlChange) given = g_steal_pointer (&call->change);
      g_autoptr (GError) error = NULL;

      call->change = _vl_table_check_change (schema, given, &error);
      if (call->change == NULL)
        {
          _vl_call_refuse (task, g_steal_pointer (&error));
          return;
        }
    }

  _vl_change_set_is_told (call->change, FALSE);
  _vl_call_fly (task, _vl_table_send_apply (call->table, call->change, call->timeout, applied, task,
                                            g_object_unref));
}

/* Takes `change` over. */
static void
apply_async (VlTable *self,
             VlChange *change,
             gpointer tag,
             GCancellable *cancellable,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
  VlCall *call;
  GTask *task;

  task = _vl_call_new (self, cancellable, callback, user_data, tag, start_apply, &call);
  call->change = change;
  _vl_call_run (task);
}

/**
 * vl_table_insert_async:
 * @self: a table
 * @record: the record; one without an id needs %VL_CAPABILITY_ASSIGN_ID
 * @cancellable: (nullable): a cancellable; what was sent already may still be
 *   applied
 * @callback: (scope async): called when the table has answered
 * @user_data: data for @callback
 *
 * Inserts a record.
 *
 * Since: 1.0
 */
void
vl_table_insert_async (VlTable *self,
                       VlRecord *record,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_return_if_fail (VL_IS_TABLE (self));
  g_return_if_fail (VL_IS_RECORD (record));

  apply_async (self, vl_change_new_insert (record), vl_table_insert_async, cancellable, callback,
               user_data);
}

/**
 * vl_table_insert_finish:
 * @self: a table
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Gets how [method@Table.insert_async] ended.
 *
 * Errors: %VL_ERROR_EXISTS if there is a record of that id, %VL_ERROR_INVALID,
 * %VL_ERROR_UNSUPPORTED, %VL_ERROR_REJECTED, %VL_ERROR_READ_ONLY,
 * %VL_ERROR_UNAVAILABLE, %VL_ERROR_IN_DOUBT.
 *
 * Returns: (transfer full): the record as it is stored now, or %NULL with @error
 *   set
 *
 * Since: 1.0
 */
VlRecord *
vl_table_insert_finish (VlTable *self, GAsyncResult *result, GError **error)
{
  return _vl_call_finish (self, result, vl_table_insert_async, error);
}

static void
begin_insert (gpointer data,
              GCancellable *cancellable,
              GAsyncReadyCallback callback,
              gpointer user_data)
{
  VlSyncArgs *args = data;

  vl_table_insert_async (args->self, (gpointer) args->argument, cancellable, callback, user_data);
}

/**
 * vl_table_insert_sync:
 * @self: a table
 * @record: the record; one without an id needs %VL_CAPABILITY_ASSIGN_ID
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Inserts a record. Waits
 * for the answer; see [iface@Table] for what may happen meanwhile and
 * [method@Table.insert_finish] for the errors.
 *
 * Returns: (transfer full): the record as it is stored now, or %NULL with @error
 *   set
 *
 * Since: 1.0
 */
VlRecord *
vl_table_insert_sync (VlTable *self, VlRecord *record, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  VlSyncArgs args = { self, record, NULL };

  g_return_val_if_fail (VL_IS_TABLE (self), NULL);
  g_return_val_if_fail (VL_IS_RECORD (record), NULL);

  result = _vl_sync_run (self, begin_insert, &args, cancellable, error);
  return result != NULL ? vl_table_insert_finish (self, result, error) : NULL;
}

/**
 * vl_table_replace_async:
 * @self: a table
 * @record: the record, with an id
 * @cancellable: (nullable): a cancellable; what was sent already may still be
 *   applied
 * @callback: (scope async): called when the table has answered
 * @user_data: data for @callback
 *
 * Puts a record in place of the one of its id, or inserts it if there is none.
 *
 * Since: 1.0
 */
void
vl_table_replace_async (VlTable *self,
                        VlRecord *record,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_return_if_fail (VL_IS_TABLE (self));
  g_return_if_fail (VL_IS_RECORD (record));

  apply_async (self, vl_change_new_replace (record), vl_table_replace_async, cancellable, callback,
               user_data);
}

/**
 * vl_table_replace_finish:
 * @self: a table
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Gets how [method@Table.replace_async] ended.
 *
 * Errors: %VL_ERROR_INVALID, %VL_ERROR_UNSUPPORTED, %VL_ERROR_REJECTED,
 * %VL_ERROR_READ_ONLY, %VL_ERROR_UNAVAILABLE, %VL_ERROR_IN_DOUBT.
 *
 * Returns: (transfer full): the record as it is stored now, or %NULL with @error
 *   set
 *
 * Since: 1.0
 */
VlRecord *
vl_table_replace_finish (VlTable *self, GAsyncResult *result, GError **error)
{
  return _vl_call_finish (self, result, vl_table_replace_async, error);
}

static void
begin_replace (gpointer data,
               GCancellable *cancellable,
               GAsyncReadyCallback callback,
               gpointer user_data)
{
  VlSyncArgs *args = data;

  vl_table_replace_async (args->self, (gpointer) args->argument, cancellable, callback, user_data);
}

/**
 * vl_table_replace_sync:
 * @self: a table
 * @record: the record, with an id
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Puts a record in place of the one of its id, or inserts it if there is none. Waits
 * for the answer; see [iface@Table] for what may happen meanwhile and
 * [method@Table.replace_finish] for the errors.
 *
 * Returns: (transfer full): the record as it is stored now, or %NULL with @error
 *   set
 *
 * Since: 1.0
 */
VlRecord *
vl_table_replace_sync (VlTable *self, VlRecord *record, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  VlSyncArgs args = { self, record, NULL };

  g_return_val_if_fail (VL_IS_TABLE (self), NULL);
  g_return_val_if_fail (VL_IS_RECORD (record), NULL);

  result = _vl_sync_run (self, begin_replace, &args, cancellable, error);
  return result != NULL ? vl_table_replace_finish (self, result, error) : NULL;
}

/**
 * vl_table_patch_async:
 * @self: a table
 * @id: the id of the record
 * @fields: a record of the fields to change; its id does not count
 * @cancellable: (nullable): a cancellable; what was sent already may still be
 *   applied
 * @callback: (scope async): called when the table has answered
 * @user_data: data for @callback
 *
 * Changes some fields of a record.
 *
 * Since: 1.0
 */
void
vl_table_patch_async (VlTable *self,
                      const char *id,
                      VlRecord *fields,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_return_if_fail (VL_IS_TABLE (self));
  g_return_if_fail (id != NULL);
  g_return_if_fail (VL_IS_RECORD (fields));

  apply_async (self, vl_change_new_patch (id, fields), vl_table_patch_async, cancellable, callback,
               user_data);
}

/**
 * vl_table_patch_finish:
 * @self: a table
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Gets how [method@Table.patch_async] ended.
 *
 * Errors: %VL_ERROR_NOT_FOUND if there is no record of that id,
 * %VL_ERROR_INVALID, %VL_ERROR_UNSUPPORTED, %VL_ERROR_REJECTED,
 * %VL_ERROR_READ_ONLY, %VL_ERROR_UNAVAILABLE, %VL_ERROR_IN_DOUBT.
 *
 * Returns: (transfer full): the record as it is stored now, or %NULL with @error
 *   set
 *
 * Since: 1.0
 */
VlRecord *
vl_table_patch_finish (VlTable *self, GAsyncResult *result, GError **error)
{
  return _vl_call_finish (self, result, vl_table_patch_async, error);
}

static void
begin_patch (gpointer data,
             GCancellable *cancellable,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
  VlSyncArgs *args = data;

  vl_table_patch_async (args->self, args->argument, (gpointer) args->argument2, cancellable,
                        callback, user_data);
}

/**
 * vl_table_patch_sync:
 * @self: a table
 * @id: the id of the record
 * @fields: a record of the fields to change; its id does not count
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Changes some fields of a record. Waits
 * for the answer; see [iface@Table] for what may happen meanwhile and
 * [method@Table.patch_finish] for the errors.
 *
 * Returns: (transfer full): the record as it is stored now, or %NULL with @error
 *   set
 *
 * Since: 1.0
 */
VlRecord *
vl_table_patch_sync (VlTable *self,
                     const char *id,
                     VlRecord *fields,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  VlSyncArgs args = { self, id, fields };

  g_return_val_if_fail (VL_IS_TABLE (self), NULL);
  g_return_val_if_fail (id != NULL, NULL);
  g_return_val_if_fail (VL_IS_RECORD (fields), NULL);

  result = _vl_sync_run (self, begin_patch, &args, cancellable, error);
  return result != NULL ? vl_table_patch_finish (self, result, error) : NULL;
}

/**
 * vl_table_delete_async:
 * @self: a table
 * @id: the id of the record
 * @cancellable: (nullable): a cancellable; what was sent already may still be
 *   applied
 * @callback: (scope async): called when the table has answered
 * @user_data: data for @callback
 *
 * Deletes a record. That there is none of that id is not an error.
 *
 * Since: 1.0
 */
void
vl_table_delete_async (VlTable *self,
                       const char *id,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_return_if_fail (VL_IS_TABLE (self));
  g_return_if_fail (id != NULL);

  apply_async (self, vl_change_new_delete (id), vl_table_delete_async, cancellable, callback,
               user_data);
}

/**
 * vl_table_delete_finish:
 * @self: a table
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Gets how [method@Table.delete_async] ended.
 *
 * Errors: %VL_ERROR_UNSUPPORTED, %VL_ERROR_REJECTED, %VL_ERROR_READ_ONLY,
 * %VL_ERROR_UNAVAILABLE, %VL_ERROR_IN_DOUBT.
 *
 * Returns: (transfer full) (nullable): the record as it was before, or %NULL if there was none
 *   or the table does not tell
 *
 * Since: 1.0
 */
VlRecord *
vl_table_delete_finish (VlTable *self, GAsyncResult *result, GError **error)
{
  return _vl_call_finish (self, result, vl_table_delete_async, error);
}

static void
begin_delete (gpointer data,
              GCancellable *cancellable,
              GAsyncReadyCallback callback,
              gpointer user_data)
{
  VlSyncArgs *args = data;

  vl_table_delete_async (args->self, args->argument, cancellable, callback, user_data);
}

/**
 * vl_table_delete_sync:
 * @self: a table
 * @id: the id of the record
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Deletes a record. That there is none of that id is not an error. Waits
 * for the answer; see [iface@Table] for what may happen meanwhile and
 * [method@Table.delete_finish] for the errors.
 *
 * Returns: (transfer full) (nullable): the record as it was before, or %NULL if there was none
 *   or the table does not tell
 *
 * Since: 1.0
 */
VlRecord *
vl_table_delete_sync (VlTable *self, const char *id, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  VlSyncArgs args = { self, id, NULL };

  g_return_val_if_fail (VL_IS_TABLE (self), NULL);
  g_return_val_if_fail (id != NULL, NULL);

  result = _vl_sync_run (self, begin_delete, &args, cancellable, error);
  return result != NULL ? vl_table_delete_finish (self, result, error) : NULL;
}

/**
 * vl_table_delete_all_async:
 * @self: a table
 * @query: (nullable): which records, or %NULL for all; its window does not count
 * @cancellable: (nullable): a cancellable; what was sent already may still be
 *   applied
 * @callback: (scope async): called when the table has answered
 * @user_data: data for @callback
 *
 * Deletes all records that meet a query.
 *
 * Since: 1.0
 */
void
vl_table_delete_all_async (VlTable *self,
                           VlQuery *query,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_return_if_fail (VL_IS_TABLE (self));
  g_return_if_fail (query == NULL || VL_IS_QUERY (query));

  apply_async (self, vl_change_new_delete_all (query), vl_table_delete_all_async, cancellable,
               callback, user_data);
}

/**
 * vl_table_delete_all_finish:
 * @self: a table
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Gets how [method@Table.delete_all_async] ended.
 *
 * Errors: %VL_ERROR_INVALID, %VL_ERROR_UNSUPPORTED, %VL_ERROR_REJECTED,
 * %VL_ERROR_READ_ONLY, %VL_ERROR_UNAVAILABLE, %VL_ERROR_IN_DOUBT.
 *
 * Returns: %TRUE if they are gone, %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
vl_table_delete_all_finish (VlTable *self, GAsyncResult *result, GError **error)
{
  GError *own_error = NULL;
  gboolean are_gone;

  g_return_val_if_fail (VL_IS_TABLE (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, vl_table_delete_all_async), FALSE);

  are_gone = g_task_propagate_boolean (G_TASK (result), &own_error);
  _vl_call_told (G_TASK (result), own_error);
  if (own_error != NULL)
    g_propagate_error (error, own_error);

  return are_gone;
}

static void
begin_delete_all (gpointer data,
                  GCancellable *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
  VlSyncArgs *args = data;

  vl_table_delete_all_async (args->self, (gpointer) args->argument, cancellable, callback,
                             user_data);
}

/**
 * vl_table_delete_all_sync:
 * @self: a table
 * @query: (nullable): which records, or %NULL for all; its window does not count
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Deletes all records that meet a query. Waits
 * for the answer; see [iface@Table] for what may happen meanwhile and
 * [method@Table.delete_all_finish] for the errors.
 *
 * Returns: %TRUE if they are gone, %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
vl_table_delete_all_sync (VlTable *self, VlQuery *query, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  VlSyncArgs args = { self, query, NULL };

  g_return_val_if_fail (VL_IS_TABLE (self), FALSE);
  g_return_val_if_fail (query == NULL || VL_IS_QUERY (query), FALSE);

  result = _vl_sync_run (self, begin_delete_all, &args, cancellable, error);
  return result != NULL ? vl_table_delete_all_finish (self, result, error) : FALSE;
}
