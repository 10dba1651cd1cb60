/* vl-table-many.c: many changes, or many ids, in one call of a table
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-table.h"

#include "../base/vl-clock-private.h"
#include "../vl-error.h"
#include "vl-cell-private.h"
#include "vl-change-private.h"
#include "vl-outcome-private.h"
#include "vl-outcome.h"
#include "vl-page-private.h"
#include "vl-page.h"
#include "vl-query.h"
#include "vl-record.h"
#include "vl-schema.h"
#include "vl-table-call-private.h"

/* How many ids go into one condition of find_many: well below what any
 * database takes as bound parameters of one statement. */
#define FIND_CHUNK 500

/* apply_many: the changes go out in order, one answer awaited before the next
 * is sent; in batches where the table takes them. */

static void apply_next (GTask *task);

/* Notes how the change at `index` of those that are sent ended. */
static void
take_outcome (VlCall *call, guint index, VlRecord *record, const GError *error)
{
  guint origin = g_array_index (call->origins, guint, index);
  g_autoptr (VlChange) sent = g_list_model_get_item (call->changes, index);

  if (record == NULL && error == NULL)
    record = vl_change_get_record (sent);
  call->outcomes->pdata[origin] = _vl_outcome_new (g_ptr_array_index (call->given, origin), record,
                                                   error);
}

static void
applied_one (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  VlCall *call = g_task_get_task_data (task);

  _vl_call_landed (task, answer);
  take_outcome (call, call->position - 1, answer->record, answer->error);
  if (!call->looping)
    apply_next (task);
}

static void
applied_batch (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  VlCall *call = g_task_get_task_data (task);
  guint first = call->position - call->n_sent;

  _vl_call_landed (task, answer);
  for (guint i = 0; i < call->n_sent; i++)
    {
      if (answer->error != NULL)
        take_outcome (call, first + i, NULL, answer->error);
      else
        take_outcome (call, first + i, answer->items[i].record, answer->items[i].error);
    }
  if (!call->looping)
    apply_next (task);
}

static GListModel *
slice_changes (GListModel *changes, guint first, guint n)
{
  GListStore *slice = g_list_store_new (VL_TYPE_CHANGE);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (VlChange) change = g_list_model_get_item (changes, first + i);

      _vl_change_set_is_told (change, FALSE);
      g_list_store_append (slice, change);
    }

  return G_LIST_MODEL (slice);
}

/* Sends what comes next; TRUE when its outcome is there already. */
static gboolean
apply_send (GTask *task, VlCall *call, gboolean batches)
{
  guint first = call->position;
  guint n = 1;
  VlFlight *flight;

  if (batches)
    n = _vl_table_checks_itself (call->table) ? g_list_model_get_n_items (call->changes)
                                              : _vl_table_batch_length (call->changes, first);
  call->position += n;
  call->n_sent = n;
  g_clear_object (&call->change);
  call->change = g_list_model_get_item (call->changes, first);

  if (n == 1)
    {
      _vl_change_set_is_told (call->change, FALSE);
      flight = _vl_table_send_apply (call->table, call->change, call->timeout, applied_one,
                                     g_object_ref (task), g_object_unref);
    }
  else
    {
      g_autoptr (GListModel) slice = slice_changes (call->changes, first, n);

      flight = _vl_table_send_apply_batch (call->table, slice, call->timeout, applied_batch,
                                           g_object_ref (task), g_object_unref);
    }
  _vl_call_fly (task, flight);

  return flight == NULL;
}

/* A loop instead of a recursion: a table in memory answers at once, any number
 * of times. */
static void
apply_next (GTask *task)
{
  VlCall *call = g_task_get_task_data (task);
  g_autoptr (VlSchema) schema = vl_table_get_schema (call->table);
  GListStore *outcomes;
  gboolean batches = _vl_table_has_apply_batch (call->table) &&
                     (_vl_table_checks_itself (call->table) ||
                      (schema != NULL && vl_schema_can (schema, VL_CAPABILITY_BATCH)));

  call->looping = TRUE;
  while (call->position < g_list_model_get_n_items (call->changes))
    {
      if (g_task_return_error_if_cancelled (task))
        {
          call->looping = FALSE;
          return;
        }
      if (!apply_send (task, call, batches))
        {
          call->looping = FALSE;
          return;
        }
    }
  call->looping = FALSE;

  outcomes = g_list_store_new (VL_TYPE_OUTCOME);
  g_list_store_splice (outcomes, 0, 0, call->outcomes->pdata, call->outcomes->len);
  g_task_return_pointer (task, outcomes, g_object_unref);
}

static void
clear_outcome (gpointer data)
{
  g_clear_object ((GObject **) &data);
}

/* Sorts out the changes that the table cannot take: they fail on their own. */
static void
start_apply_many (GTask *task, VlCall *call, VlSchema *schema)
{
  g_autoptr (GListStore) checked = g_list_store_new (VL_TYPE_CHANGE);

  call->origins = g_array_new (FALSE, FALSE, sizeof (guint));
  call->outcomes = g_ptr_array_new_with_free_func (clear_outcome);
  g_ptr_array_set_size (call->outcomes, (int) call->given->len);

  for (guint i = 0; i < call->given->len; i++)
    {
      VlChange *given = g_ptr_array_index (call->given, i);
      g_autoptr (VlChange) change = NULL;
      g_autoptr (GError) error = NULL;

      if (schema != NULL)
        change = _vl_table_check_change (schema, given, &error);
      else
        change = g_object_ref (given);

      if (change == NULL)
        {
          call->outcomes->pdata[i] = _vl_outcome_new (given, NULL, error);
          continue;
        }
      g_list_store_append (checked, change);
      g_array_append_val (call->origins, i);
    }

  call->changes = G_LIST_MODEL (g_steal_pointer (&checked));
  apply_next (task);
  g_object_unref (task);
}

/**
 * vl_table_apply_many_async:
 * @self: a table
 * @changes: the changes, a list of [class@Change]
 * @cancellable: (nullable): a cancellable; what was sent already may still be
 *   applied
 * @callback: (scope async): called when all changes have ended
 * @user_data: data for @callback
 *
 * Applies changes in their order, each with an outcome of its own.
 *
 * One that fails does not keep the following ones from being applied. The table
 * is sent batches if it has %VL_CAPABILITY_BATCH.
 *
 * Since: 1.0
 */
void
vl_table_apply_many_async (VlTable *self,
                           GListModel *changes,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  VlCall *call;
  GTask *task;
  guint n_changes;

  g_return_if_fail (VL_IS_TABLE (self));
  g_return_if_fail (G_IS_LIST_MODEL (changes));

  task = _vl_call_new (self, cancellable, callback, user_data, vl_table_apply_many_async,
                       start_apply_many, &call);
  n_changes = g_list_model_get_n_items (changes);
  call->given = g_ptr_array_new_full (n_changes, g_object_unref);
  for (guint i = 0; i < n_changes; i++)
    {
      g_autoptr (GObject) change = g_list_model_get_item (changes, i);

      if (!VL_IS_CHANGE (change))
        {
          _vl_call_refuse (task, g_error_new (VL_ERROR, VL_ERROR_INVALID,
                                              _ ("Item %u of the changes is a %s, not a change"), i,
                                              G_OBJECT_TYPE_NAME (change)));
          return;
        }
      g_ptr_array_add (call->given, g_steal_pointer (&change));
    }
  _vl_call_run (task);
}

/**
 * vl_table_apply_many_finish:
 * @self: a table
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Gets how the changes of [method@Table.apply_many_async] ended.
 *
 * An error here says that the changes could not be begun with, or were
 * cancelled half-way. How each one ended is in its [class@Outcome].
 *
 * Returns: (transfer full): a list of [class@Outcome], one for each change in
 *   its order, or %NULL with @error set
 *
 * Since: 1.0
 */
GListModel *
vl_table_apply_many_finish (VlTable *self, GAsyncResult *result, GError **error)
{
  return _vl_call_finish (self, result, vl_table_apply_many_async, error);
}

static void
begin_apply_many (gpointer data,
                  GCancellable *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
  VlSyncArgs *args = data;

  vl_table_apply_many_async (args->self, (gpointer) args->argument, cancellable, callback,
                             user_data);
}

/**
 * vl_table_apply_many_sync:
 * @self: a table
 * @changes: the changes, a list of [class@Change]
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Applies changes in their order and waits until all have ended; see
 * [method@Table.apply_many_async], and [iface@Table] for what may happen
 * meanwhile.
 *
 * Returns: (transfer full): a list of [class@Outcome], one for each change in
 *   its order, or %NULL with @error set
 *
 * Since: 1.0
 */
GListModel *
vl_table_apply_many_sync (VlTable *self,
                          GListModel *changes,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  VlSyncArgs args = { self, changes, NULL };

  g_return_val_if_fail (VL_IS_TABLE (self), NULL);
  g_return_val_if_fail (G_IS_LIST_MODEL (changes), NULL);

  result = _vl_sync_run (self, begin_apply_many, &args, cancellable, error);
  return result != NULL ? vl_table_apply_many_finish (self, result, error) : NULL;
}

/* find_many: conditions on the id column where the table can filter, else one
 * record after the other. */

static void find_next (GTask *task);

static void
note_found (VlCall *call, VlRecord *record)
{
  const char *id = vl_record_get_id (record);

  if (id != NULL)
    g_hash_table_insert (call->found, g_strdup (id), g_object_ref (record));
}

/* The answer as a whole is as old as the oldest part of it. */
static void
note_page (VlCall *call, VlPage *page)
{
  gint64 fetched_at = vl_page_get_fetched_at (page);

  call->is_stale |= vl_page_get_is_stale (page);
  call->is_fetched |= !vl_page_get_from_cache (page);
  if (fetched_at > 0 && (call->fetched_at == 0 || fetched_at < call->fetched_at))
    call->fetched_at = fetched_at;
}

static void
found_chunk (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  VlCall *call = g_task_get_task_data (task);
  guint n_records;

  if (_vl_call_failed (task, answer))
    {
      call->failed = TRUE;
      return;
    }

  note_page (call, answer->page);
  n_records = vl_page_get_n_records (answer->page);
  for (guint i = 0; i < n_records; i++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (answer->page, i);

      note_found (call, record);
    }
  if (!call->looping)
    find_next (task);
}

static void
found_one (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  VlCall *call = g_task_get_task_data (task);

  if (_vl_call_failed (task, answer))
    {
      call->failed = TRUE;
      return;
    }
  if (answer->record != NULL)
    note_found (call, answer->record);
  if (!call->looping)
    find_next (task);
}

/* A condition for the next ids. One that is no number cannot be that of a
 * record in an integer column, and as text it meets none. */
static VlQuery *
chunk_query (VlCall *call, VlSchema *schema)
{
  const char *id_column = vl_schema_get_id_column (schema);
  g_autoptr (VlQuery) all = vl_query_new ();
  GVariantBuilder values;
  guint column;
  gboolean numbers = vl_schema_find_column (schema, id_column, &column) &&
                     vl_schema_get_column_type (schema, column) == VL_FIELD_TYPE_INT64;

  g_variant_builder_init (&values, G_VARIANT_TYPE ("av"));
  for (guint n = 0; n < FIND_CHUNK && call->ids[call->position] != NULL; n++, call->position++)
    {
      const char *id = call->ids[call->position];
      gint64 number;

      if (numbers && _vl_id_parse_int64 (id, &number))
        g_variant_builder_add (&values, "v", g_variant_new_int64 (number));
      else
        g_variant_builder_add (&values, "v", g_variant_new_string (id));
    }

  return vl_query_where (all, id_column, VL_OP_IN, g_variant_builder_end (&values));
}

static VlFlight *
find_send (GTask *task, VlCall *call, VlSchema *schema)
{
  if (vl_schema_get_id_column (schema) != NULL && vl_schema_can (schema, VL_CAPABILITY_FILTER))
    {
      g_autoptr (VlQuery) query = chunk_query (call, schema);

      return _vl_table_send_list (call->table, query, call->timeout, found_chunk,
                                  g_object_ref (task), g_object_unref);
    }

  return _vl_table_send_find (call->table, call->ids[call->position++], call->timeout, found_one,
                              g_object_ref (task), g_object_unref);
}

static VlPage *
page_of_found (VlCall *call)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new ();
  VlPageInfo info = { 0 };

  for (guint i = 0; call->ids[i] != NULL; i++)
    {
      VlRecord *record = g_hash_table_lookup (call->found, call->ids[i]);

      if (record != NULL)
        g_ptr_array_add (records, record);
    }
  info.total = records->len;
  info.fetched_at = call->fetched_at != 0 ? call->fetched_at : _vl_clock_real ();
  info.from_cache = call->fetched_at != 0 && !call->is_fetched;
  info.is_stale = call->is_stale;

  return _vl_page_new_from_records ((VlRecord *const *) records->pdata, records->len, &info);
}

static void
find_next (GTask *task)
{
  VlCall *call = g_task_get_task_data (task);
  g_autoptr (VlSchema) schema = vl_table_get_schema (call->table);

  call->looping = TRUE;
  while (!call->failed && call->ids[call->position] != NULL)
    {
      VlFlight *flight;

      if (g_task_return_error_if_cancelled (task))
        {
          call->failed = TRUE;
          break;
        }
      flight = find_send (task, call, schema);
      if (flight != NULL)
        {
          _vl_call_fly (task, flight);
          call->looping = FALSE;
          return;
        }
    }
  call->looping = FALSE;

  if (!call->failed)
    g_task_return_pointer (task, page_of_found (call), g_object_unref);
}

static void
start_find_many (GTask *task, VlCall *call, VlSchema *schema)
{
  for (guint i = 0; call->ids[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;

      if (!_vl_table_check_id (schema, call->ids[i], &error))
        {
          _vl_call_refuse (task, g_steal_pointer (&error));
          return;
        }
    }

  call->found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  find_next (task);
  g_object_unref (task);
}

/**
 * vl_table_find_many_async:
 * @self: a table
 * @ids: (array zero-terminated=1): the ids of the records
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the table has answered
 * @user_data: data for @callback
 *
 * Finds several records by their ids.
 *
 * Since: 1.0
 */
void
vl_table_find_many_async (VlTable *self,
                          const char *const *ids,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  VlCall *call;
  GTask *task;

  g_return_if_fail (VL_IS_TABLE (self));
  g_return_if_fail (ids != NULL);

  task = _vl_call_new (self, cancellable, callback, user_data, vl_table_find_many_async,
                       start_find_many, &call);
  call->ids = g_strdupv ((char **) ids);
  call->needs_schema = TRUE;
  _vl_call_run (task);
}

/**
 * vl_table_find_many_finish:
 * @self: a table
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Gets what [method@Table.find_many_async] found.
 *
 * Errors: as [method@Table.find_finish].
 *
 * Returns: (transfer full): a page of the records in the order of the ids,
 *   unknown ones left out, or %NULL with @error set
 *
 * Since: 1.0
 */
VlPage *
vl_table_find_many_finish (VlTable *self, GAsyncResult *result, GError **error)
{
  return _vl_call_finish (self, result, vl_table_find_many_async, error);
}

static void
begin_find_many (gpointer data,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  VlSyncArgs *args = data;

  vl_table_find_many_async (args->self, args->argument, cancellable, callback, user_data);
}

/**
 * vl_table_find_many_sync:
 * @self: a table
 * @ids: (array zero-terminated=1): the ids of the records
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Finds several records by their ids and waits for the answer; see
 * [iface@Table] for what may happen meanwhile.
 *
 * Returns: (transfer full): a page of the records in the order of the ids,
 *   unknown ones left out, or %NULL with @error set
 *
 * Since: 1.0
 */
VlPage *
vl_table_find_many_sync (VlTable *self,
                         const char *const *ids,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  VlSyncArgs args = { self, ids, NULL };

  g_return_val_if_fail (VL_IS_TABLE (self), NULL);
  g_return_val_if_fail (ids != NULL, NULL);

  result = _vl_sync_run (self, begin_find_many, &args, cancellable, error);
  return result != NULL ? vl_table_find_many_finish (self, result, error) : NULL;
}
