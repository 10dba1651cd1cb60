/* vl-table-read.c: the reads of a table, as its callers see them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-table.h"

#include "../vl-error.h"
#include "vl-page-private.h"
#include "vl-page.h"
#include "vl-query.h"
#include "vl-record.h"
#include "vl-schema.h"
#include "vl-table-call-private.h"

/* Ends the task, consuming it, when the query does not fit the table. */
static gboolean
query_is_refused (GTask *task, VlCall *call, VlSchema *schema)
{
  g_autoptr (GError) error = NULL;

  if (schema == NULL || _vl_table_check_query (schema, call->query, &error))
    return FALSE;

  _vl_call_refuse (task, g_steal_pointer (&error));
  return TRUE;
}

/* describe */

static void
described (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  VlCall *call = g_task_get_task_data (task);

  if (_vl_call_failed (task, answer))
    return;

  _vl_table_take_described (call->table, answer->schema);
  g_task_return_pointer (task, g_steal_pointer (&answer->schema), g_object_unref);
}

static void
start_describe (GTask *task, VlCall *call, VlSchema *schema)
{
  _vl_call_fly (task, _vl_table_send_describe (call->table, call->timeout, described, task,
                                               g_object_unref));
}

/**
 * vl_table_describe_async:
 * @self: a table
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the table has answered
 * @user_data: data for @callback
 *
 * Asks the table what it looks like and can do, opening it if need be.
 *
 * Since: 1.0
 */
void
vl_table_describe_async (VlTable *self,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  VlCall *call;
  GTask *task;

  g_return_if_fail (VL_IS_TABLE (self));

  task = _vl_call_new (self, cancellable, callback, user_data, vl_table_describe_async,
                       start_describe, &call);
  call->describes = TRUE;
  _vl_call_run (task);
}

/**
 * vl_table_describe_finish:
 * @self: a table
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Gets what [method@Table.describe_async] found.
 *
 * Errors: %VL_ERROR_NOT_FOUND if there is no such table,
 * %VL_ERROR_UNAVAILABLE, %VL_ERROR_CORRUPT.
 *
 * Returns: (transfer full): the schema, or %NULL with @error set
 *
 * Since: 1.0
 */
VlSchema *
vl_table_describe_finish (VlTable *self, GAsyncResult *result, GError **error)
{
  return _vl_call_finish (self, result, vl_table_describe_async, error);
}

static void
begin_describe (gpointer data,
                GCancellable *cancellable,
                GAsyncReadyCallback callback,
                gpointer user_data)
{
  VlSyncArgs *args = data;

  vl_table_describe_async (args->self, cancellable, callback, user_data);
}

/**
 * vl_table_describe_sync:
 * @self: a table
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Asks the table what it looks like and can do, and waits for the answer. See
 * [iface@Table] for what may happen meanwhile.
 *
 * Returns: (transfer full): the schema, or %NULL with @error set
 *
 * Since: 1.0
 */
VlSchema *
vl_table_describe_sync (VlTable *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  VlSyncArgs args = { self, NULL, NULL };

  g_return_val_if_fail (VL_IS_TABLE (self), NULL);

  result = _vl_sync_run (self, begin_describe, &args, cancellable, error);
  return result != NULL ? vl_table_describe_finish (self, result, error) : NULL;
}

/* list */

/* Rows that came with a window are where the window said, and no more of them
 * than it asked for, whatever the page says of itself. */
static VlPage *
fit_window (VlTable *table, VlQuery *query, VlPage *page)
{
  g_autoptr (VlSchema) schema = vl_table_get_schema (table);
  guint n_records = vl_page_get_n_records (page);
  guint limit = vl_query_get_limit (query);
  VlPageInfo info;

  if (schema == NULL || !vl_schema_can (schema, VL_CAPABILITY_WINDOW))
    return g_object_ref (page);
  if (vl_page_get_offset (page) == vl_query_get_offset (query) &&
      (limit == 0 || n_records <= limit))
    return g_object_ref (page);

  _vl_page_get_info (page, &info);
  info.offset = vl_query_get_offset (query);

  return _vl_page_cut (page, 0, limit == 0 ? n_records : MIN (n_records, limit), &info);
}

static void
listed (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  VlCall *call = g_task_get_task_data (task);

  if (!_vl_call_failed (task, answer))
    g_task_return_pointer (task, fit_window (call->table, call->query, answer->page),
                           g_object_unref);
}

static void
start_list (GTask *task, VlCall *call, VlSchema *schema)
{
  if (query_is_refused (task, call, schema))
    return;
  _vl_call_fly (task, _vl_table_send_list (call->table, call->query, call->timeout, listed, task,
                                           g_object_unref));
}

/* The shortcut for what needs no asking, which most calls of a live table end
 * in: a task and nothing else. */
static gboolean
list_at_hand (VlTable *self,
              VlQuery *query,
              GCancellable *cancellable,
              GAsyncReadyCallback callback,
              gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  VlPage *page;

  if (g_cancellable_is_cancelled (cancellable))
    return FALSE;

  page = _vl_table_get_at_hand (self, query);
  if (page == NULL)
    return FALSE;

  /* Made last: a task calls back at once if the context was turned since. */
  task = g_task_new (self, cancellable, callback, user_data);
  /* The function, not the macro, which names the task as well: that would cost
   * a tenth of all this. */
  (g_task_set_source_tag) (task, vl_table_list_async);
  g_task_return_pointer (task, page, g_object_unref);

  return TRUE;
}

static VlQuery *
ref_query (VlQuery *query)
{
  return query != NULL ? g_object_ref (query) : vl_query_new ();
}

/**
 * vl_table_list_async:
 * @self: a table
 * @query: (nullable): which records, in what order, or %NULL for all
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the table has answered
 * @user_data: data for @callback
 *
 * Lists records.
 *
 * A table without %VL_CAPABILITY_WINDOW answers with all records that meet the
 * query, whatever its offset and limit; see [property@Page:offset].
 *
 * Since: 1.0
 */
void
vl_table_list_async (VlTable *self,
                     VlQuery *query,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  VlCall *call;
  GTask *task;

  g_return_if_fail (VL_IS_TABLE (self));
  g_return_if_fail (query == NULL || VL_IS_QUERY (query));

  if (list_at_hand (self, query, cancellable, callback, user_data))
    return;

  task = _vl_call_new (self, cancellable, callback, user_data, vl_table_list_async, start_list,
                       &call);
  call->query = ref_query (query);
  _vl_call_run (task);
}

/**
 * vl_table_list_finish:
 * @self: a table
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Gets what [method@Table.list_async] found.
 *
 * Errors: %VL_ERROR_INVALID, %VL_ERROR_UNSUPPORTED, %VL_ERROR_UNAVAILABLE,
 * %VL_ERROR_TIMED_OUT.
 *
 * Returns: (transfer full): the page, or %NULL with @error set
 *
 * Since: 1.0
 */
VlPage *
vl_table_list_finish (VlTable *self, GAsyncResult *result, GError **error)
{
  return _vl_call_finish (self, result, vl_table_list_async, error);
}

static void
begin_list (gpointer data,
            GCancellable *cancellable,
            GAsyncReadyCallback callback,
            gpointer user_data)
{
  VlSyncArgs *args = data;

  vl_table_list_async (args->self, (gpointer) args->argument, cancellable, callback, user_data);
}

/**
 * vl_table_list_sync:
 * @self: a table
 * @query: (nullable): which records, in what order, or %NULL for all
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Lists records and waits for the answer; see [method@Table.list_async], and
 * [iface@Table] for what may happen meanwhile.
 *
 * Returns: (transfer full): the page, or %NULL with @error set
 *
 * Since: 1.0
 */
VlPage *
vl_table_list_sync (VlTable *self, VlQuery *query, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  VlSyncArgs args = { self, query, NULL };

  g_return_val_if_fail (VL_IS_TABLE (self), NULL);
  g_return_val_if_fail (query == NULL || VL_IS_QUERY (query), NULL);

  result = _vl_sync_run (self, begin_list, &args, cancellable, error);
  return result != NULL ? vl_table_list_finish (self, result, error) : NULL;
}

/* get_first */

static void
got_first (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  VlCall *call = g_task_get_task_data (task);
  guint64 wanted = vl_query_get_offset (call->query);
  g_autoptr (VlPage) page = NULL;
  guint64 offset;
  VlRecord *record = NULL;

  if (_vl_call_failed (task, answer))
    return;

  page = fit_window (call->table, call->query, answer->page);
  offset = vl_page_get_offset (page);
  if (wanted >= offset && wanted - offset < vl_page_get_n_records (page))
    record = vl_page_get_record (page, (guint) (wanted - offset));
  g_task_return_pointer (task, record, g_object_unref);
}

static void
start_get_first (GTask *task, VlCall *call, VlSchema *schema)
{
  g_autoptr (VlQuery) given = g_steal_pointer (&call->query);

  call->query = vl_query_window (given, vl_query_get_offset (given), 1);
  if (query_is_refused (task, call, schema))
    return;
  _vl_call_fly (task, _vl_table_send_list (call->table, call->query, call->timeout, got_first, task,
                                           g_object_unref));
}

/**
 * vl_table_get_first_async:
 * @self: a table
 * @query: (nullable): which records, in what order, or %NULL for all
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the table has answered
 * @user_data: data for @callback
 *
 * Gets the first record that meets a query.
 *
 * Since: 1.0
 */
void
vl_table_get_first_async (VlTable *self,
                          VlQuery *query,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  VlCall *call;
  GTask *task;

  g_return_if_fail (VL_IS_TABLE (self));
  g_return_if_fail (query == NULL || VL_IS_QUERY (query));

  task = _vl_call_new (self, cancellable, callback, user_data, vl_table_get_first_async,
                       start_get_first, &call);
  call->query = ref_query (query);
  _vl_call_run (task);
}

/**
 * vl_table_get_first_finish:
 * @self: a table
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Gets what [method@Table.get_first_async] found. No record is not an error.
 *
 * Errors: as [method@Table.list_finish].
 *
 * Returns: (transfer full) (nullable): the record, or %NULL if none meets the
 *   query
 *
 * Since: 1.0
 */
VlRecord *
vl_table_get_first_finish (VlTable *self, GAsyncResult *result, GError **error)
{
  return _vl_call_finish (self, result, vl_table_get_first_async, error);
}

static void
begin_get_first (gpointer data,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  VlSyncArgs *args = data;

  vl_table_get_first_async (args->self, (gpointer) args->argument, cancellable, callback,
                            user_data);
}

/**
 * vl_table_get_first_sync:
 * @self: a table
 * @query: (nullable): which records, in what order, or %NULL for all
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Gets the first record that meets a query and waits for the answer; see
 * [iface@Table] for what may happen meanwhile.
 *
 * Returns: (transfer full) (nullable): the record, or %NULL if none meets the
 *   query
 *
 * Since: 1.0
 */
VlRecord *
vl_table_get_first_sync (VlTable *self, VlQuery *query, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  VlSyncArgs args = { self, query, NULL };

  g_return_val_if_fail (VL_IS_TABLE (self), NULL);
  g_return_val_if_fail (query == NULL || VL_IS_QUERY (query), NULL);

  result = _vl_sync_run (self, begin_get_first, &args, cancellable, error);
  return result != NULL ? vl_table_get_first_finish (self, result, error) : NULL;
}

/* find */

static void
found (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  if (!_vl_call_failed (task, answer))
    g_task_return_pointer (task, g_steal_pointer (&answer->record), g_object_unref);
}

static void
start_find (GTask *task, VlCall *call, VlSchema *schema)
{
  g_autoptr (GError) error = NULL;

  if (schema != NULL && !_vl_table_check_id (schema, call->id, &error))
    {
      _vl_call_refuse (task, g_steal_pointer (&error));
      return;
    }
  _vl_call_fly (task, _vl_table_send_find (call->table, call->id, call->timeout, found, task,
                                           g_object_unref));
}

/**
 * vl_table_find_async:
 * @self: a table
 * @id: the id of the record
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the table has answered
 * @user_data: data for @callback
 *
 * Finds a record by its id.
 *
 * Since: 1.0
 */
void
vl_table_find_async (VlTable *self,
                     const char *id,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  VlCall *call;
  GTask *task;

  g_return_if_fail (VL_IS_TABLE (self));
  g_return_if_fail (id != NULL);

  task = _vl_call_new (self, cancellable, callback, user_data, vl_table_find_async, start_find,
                       &call);
  call->id = g_strdup (id);
  _vl_call_run (task);
}

/**
 * vl_table_find_finish:
 * @self: a table
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Gets what [method@Table.find_async] found. An unknown id is not an error.
 *
 * Errors: %VL_ERROR_UNSUPPORTED if the table has no ids,
 * %VL_ERROR_UNAVAILABLE, %VL_ERROR_TIMED_OUT.
 *
 * Returns: (transfer full) (nullable): the record, or %NULL if there is none of
 *   that id
 *
 * Since: 1.0
 */
VlRecord *
vl_table_find_finish (VlTable *self, GAsyncResult *result, GError **error)
{
  return _vl_call_finish (self, result, vl_table_find_async, error);
}

static void
begin_find (gpointer data,
            GCancellable *cancellable,
            GAsyncReadyCallback callback,
            gpointer user_data)
{
  VlSyncArgs *args = data;

  vl_table_find_async (args->self, (gpointer) args->argument, cancellable, callback, user_data);
}

/**
 * vl_table_find_sync:
 * @self: a table
 * @id: the id of the record
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Finds a record by its id and waits for the answer; see [iface@Table] for what
 * may happen meanwhile. An unknown id is not an error.
 *
 * Returns: (transfer full) (nullable): the record, or %NULL if there is none of
 *   that id
 *
 * Since: 1.0
 */
VlRecord *
vl_table_find_sync (VlTable *self, const char *id, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  VlSyncArgs args = { self, id, NULL };

  g_return_val_if_fail (VL_IS_TABLE (self), NULL);
  g_return_val_if_fail (id != NULL, NULL);

  result = _vl_sync_run (self, begin_find, &args, cancellable, error);
  return result != NULL ? vl_table_find_finish (self, result, error) : NULL;
}

/* count */

static void
counted (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  if (!_vl_call_failed (task, answer))
    g_task_return_pointer (task, g_memdup2 (&answer->count, sizeof (gint64)), g_free);
}

static void
start_count (GTask *task, VlCall *call, VlSchema *schema)
{
  if (schema != NULL && !vl_schema_can (schema, VL_CAPABILITY_COUNT))
    {
      g_task_return_new_error (task, VL_ERROR, VL_ERROR_UNSUPPORTED,
                               _ ("The table “%s” does not support: %s"),
                               vl_schema_get_table_name (schema), _ ("count"));
      g_object_unref (task);
      return;
    }
  if (query_is_refused (task, call, schema))
    return;
  _vl_call_fly (task, _vl_table_send_count (call->table, call->query, call->timeout, counted, task,
                                            g_object_unref));
}

/**
 * vl_table_count_async:
 * @self: a table
 * @query: (nullable): which records, or %NULL for all; its window does not count
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the table has answered
 * @user_data: data for @callback
 *
 * Counts records.
 *
 * Since: 1.0
 */
void
vl_table_count_async (VlTable *self,
                      VlQuery *query,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  VlCall *call;
  GTask *task;

  g_return_if_fail (VL_IS_TABLE (self));
  g_return_if_fail (query == NULL || VL_IS_QUERY (query));

  task = _vl_call_new (self, cancellable, callback, user_data, vl_table_count_async, start_count,
                       &call);
  call->query = ref_query (query);
  _vl_call_run (task);
}

/**
 * vl_table_count_finish:
 * @self: a table
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Gets what [method@Table.count_async] found.
 *
 * Errors: %VL_ERROR_INVALID, %VL_ERROR_UNSUPPORTED, %VL_ERROR_UNAVAILABLE,
 * %VL_ERROR_TIMED_OUT.
 *
 * Returns: the number of records, or -1 with @error set
 *
 * Since: 1.0
 */
gint64
vl_table_count_finish (VlTable *self, GAsyncResult *result, GError **error)
{
  g_autofree gint64 *count = _vl_call_finish (self, result, vl_table_count_async, error);

  return count != NULL ? *count : -1;
}

static void
begin_count (gpointer data,
             GCancellable *cancellable,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
  VlSyncArgs *args = data;

  vl_table_count_async (args->self, (gpointer) args->argument, cancellable, callback, user_data);
}

/**
 * vl_table_count_sync:
 * @self: a table
 * @query: (nullable): which records, or %NULL for all; its window does not count
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Counts records and waits for the answer; see [iface@Table] for what may
 * happen meanwhile.
 *
 * Returns: the number of records, or -1 with @error set
 *
 * Since: 1.0
 */
gint64
vl_table_count_sync (VlTable *self, VlQuery *query, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  VlSyncArgs args = { self, query, NULL };

  g_return_val_if_fail (VL_IS_TABLE (self), -1);
  g_return_val_if_fail (query == NULL || VL_IS_QUERY (query), -1);

  result = _vl_sync_run (self, begin_count, &args, cancellable, error);
  return result != NULL ? vl_table_count_finish (self, result, error) : -1;
}
