/* vl-live-table-ops.c: what a live table can do that other tables cannot
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-live-table.h"

#include "../base/vl-context-private.h"
#include "../table/vl-change.h"
#include "../table/vl-page.h"
#include "../table/vl-query.h"
#include "../table/vl-record.h"
#include "../table/vl-schema.h"
#include "../table/vl-table-call-private.h"
#include "../vl-error.h"
#include "vl-live-table-private.h"
#include "vl-live-window-private.h"
#include "vl-write-private.h"

/**
 * vl_live_table_get_master: (get-property master)
 * @self: a live table
 *
 * Gets where truth lives.
 *
 * Returns: (transfer none): the master
 *
 * Since: 1.0
 */
VlTable *
vl_live_table_get_master (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), NULL);

  return self->master;
}

/**
 * vl_live_table_get_cache_key: (get-property cache-key)
 * @self: a live table
 *
 * Gets what the copy is called in the cache.
 *
 * Returns: (transfer none): the cache key
 *
 * Since: 1.0
 */
const char *
vl_live_table_get_cache_key (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), NULL);

  return self->cache_key;
}

/**
 * vl_live_table_get_cache: (get-property cache)
 * @self: a live table
 *
 * Gets where copies live.
 *
 * Returns: (transfer none): the cache
 *
 * Since: 1.0
 */
VlCache *
vl_live_table_get_cache (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), NULL);

  return self->cache;
}

/**
 * vl_live_table_get_pending_writes: (get-property pending-writes)
 * @self: a live table
 *
 * Gets how many writes wait or are with the master. From any thread.
 *
 * Returns: the number of writes
 *
 * Since: 1.0
 */
guint
vl_live_table_get_pending_writes (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), 0);

  return _vl_writer_get_n_unsettled (self->core);
}

/**
 * vl_live_table_get_stats: (get-property stats)
 * @self: a live table
 *
 * Gets what it has counted.
 *
 * Returns: (transfer none): the counters
 *
 * Since: 1.0
 */
VlLiveStats *
vl_live_table_get_stats (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), NULL);

  return self->core->stats;
}

/* Whether the cache can be peeked at, from here and now. */
static gboolean
can_peek (VlLiveTable *self, VlLiveCore *core)
{
  if (!_vl_live_core_is_home (core) || g_atomic_int_get (&self->is_closed))
    return FALSE;

  _vl_live_core_drain (core);

  return core->schema.schema != NULL;
}

/**
 * vl_live_table_peek_page:
 * @self: a live table
 * @query: (nullable): which records, in what order, or %NULL for all
 *
 * Gets what is cached of a query, at once.
 *
 * It never waits and never asks the master: an application calls it to draw its
 * first frame, and [method@Table.list_async] for the rest. With the read
 * policies %VL_READ_POLICY_STALE_WHILE_REVALIDATE and
 * %VL_READ_POLICY_CACHE_ONLY it answers stale copies too, flagged; with those
 * that go to the master first it answers nothing. With the others it answers what
 * an earlier run of the program has left, flagged, until the stream has told
 * whether that is still good.
 *
 * On another thread than that of the live table, or while another
 * thread-default context than its own is pushed there, it answers nothing.
 *
 * Returns: (transfer full) (nullable): the page, or %NULL unless all of it is
 *   cached
 *
 * Since: 1.0
 */
VlPage *
vl_live_table_peek_page (VlLiveTable *self, VlQuery *query)
{
  g_autoptr (VlQuery) all = NULL;
  VlLiveCore *core;
  VlLiveView view;

  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), NULL);
  g_return_val_if_fail (query == NULL || VL_IS_QUERY (query), NULL);

  core = self->core;
  if (!can_peek (self, core))
    return NULL;

  if (query == NULL)
    query = all = vl_query_new ();
  view = _vl_live_table_get_view (self);

  return _vl_window_peek (core, query, view.page_size, &view.options);
}

VlPage *
_vl_live_table_get_at_hand (VlTable *table, VlQuery *query)
{
  VlLiveTable *self = (VlLiveTable *) table;
  VlLiveCore *core = self->core;
  GMainContext *context = _vl_handoff_get_context (core->home);
  g_autoptr (VlQuery) all = NULL;
  VlLiveView view;
  VlPage *page = NULL;

  /* Readers have the master described; and another thread that turns our
   * context would call back while we are here. */
  if (!can_peek (self, core) || !core->schema.described || !_vl_context_acquire (context))
    return NULL;

  if (query == NULL)
    query = all = vl_query_new ();
  view = _vl_live_table_get_view (self);
  page = _vl_window_get_at_hand (core, query, view.page_size, &view.options);
  _vl_context_release (context);

  return page;
}

/* What is cached of a record, with the facts laid over it. */
static VlPage *
peek_record_page (VlLiveCore *core, const char *id, const VlReadOptions *options)
{
  const VlSlot slot = { .kind = VL_SLOT_RECORD, .id = _vl_facts_resolve (core->facts, id) };
  g_autoptr (VlPage) page = NULL;

  if (_vl_facts_is_unstored (core->facts, id))
    return _vl_overlay_new_record (core->overlay, id);

  page = _vl_reader_peek (core, &slot, options);

  return page != NULL ? _vl_overlay_record (core->overlay, slot.id, page) : NULL;
}

/**
 * vl_live_table_peek_record:
 * @self: a live table
 * @id: the id of the record
 *
 * Gets what is cached of a record, at once; see
 * [method@LiveTable.peek_page].
 *
 * Returns: (transfer full) (nullable): the record, or %NULL if it is not cached,
 *   is known not to exist, or @id is not UTF-8 and so no record's
 *
 * Since: 1.0
 */
VlRecord *
vl_live_table_peek_record (VlLiveTable *self, const char *id)
{
  g_autoptr (VlPage) page = NULL;
  VlLiveCore *core;
  VlLiveView view;

  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), NULL);
  g_return_val_if_fail (id != NULL, NULL);

  core = self->core;
  if (!g_utf8_validate (id, -1, NULL) || !can_peek (self, core))
    return NULL;

  view = _vl_live_table_get_view (self);
  page = peek_record_page (core, id, &view.options);
  if (page == NULL || vl_page_get_n_records (page) == 0)
    return NULL;

  return vl_page_get_record (page, 0);
}

typedef struct
{
  VlWrite *write;
  GError *error;
} Refusal;

/* A write that did not get in line fails in its own turn, at home. */
static void
write_refused (gpointer user_data, gboolean orphaned)
{
  Refusal *refusal = user_data;

  if (!orphaned)
    {
      _vl_write_set_result (refusal->write, NULL, refusal->error);
      _vl_write_settle (refusal->write, VL_WRITE_STATE_FAILED);
    }
  g_object_unref (refusal->write);
  g_error_free (refusal->error);
  g_free (refusal);
}

/**
 * vl_live_table_write:
 * @self: a live table
 * @change: what to write
 *
 * Writes, and returns at once with what there is to watch.
 *
 * Nobody is called back: a failure shows in [property@Write:state], in
 * [method@LiveTable.get_writes] and by [signal@LiveTable::write-failed]. One
 * that does not even get in line, because the queue is full or the live table
 * is closed, fails in the next turn of the main loop and is on no list.
 *
 * From any thread; the order of all writes is that of these calls.
 *
 * Returns: (transfer full): the write
 *
 * Since: 1.0
 */
VlWrite *
vl_live_table_write (VlLiveTable *self, VlChange *change)
{
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (GError) error = NULL;
  VlLiveCore *core;
  Refusal *refusal;

  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), NULL);
  g_return_val_if_fail (VL_IS_CHANGE (change), NULL);

  core = self->core;
  write = _vl_write_new (change, NULL, NULL);
  if (!_vl_live_table_is_closed (self, &error) && _vl_writer_add (core, write, 0, &error))
    {
      _vl_writer_go (core);
      return g_steal_pointer (&write);
    }

  refusal = g_new0 (Refusal, 1);
  refusal->write = g_object_ref (write);
  refusal->error = g_steal_pointer (&error);
  _vl_handoff_post (core->home, write_refused, refusal);

  return g_steal_pointer (&write);
}

/**
 * vl_live_table_get_writes:
 * @self: a live table
 *
 * Gets the writes that wait, are with the master, or have failed.
 *
 * A failed write stays until [method@Write.discard]; those whose caller was
 * told of the failure are not kept. The list changes at home only.
 *
 * Returns: (transfer none): a list of [class@Write]
 *
 * Since: 1.0
 */
GListModel *
vl_live_table_get_writes (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), NULL);

  _vl_writer_take_in (self->core);

  return G_LIST_MODEL (self->core->writer.writes);
}

/**
 * vl_live_table_invalidate:
 * @self: a live table
 *
 * Makes everything stale that is cached of the master.
 *
 * It counts at once: no later read, on any thread, is a hit until the master
 * was asked again. From any thread.
 *
 * Since: 1.0
 */
void
vl_live_table_invalidate (VlLiveTable *self)
{
  g_autoptr (VlLiveEvent) changed = NULL;
  g_autoptr (VlLiveEvent) event = NULL;

  g_return_if_fail (VL_IS_LIVE_TABLE (self));

  changed = vl_live_event_new_changed ();
  event = vl_live_event_with_origin (changed, VL_ORIGIN_OTHER);
  _vl_live_core_hear (self->core, event);
}

static void
clear_at_home (gpointer user_data, gboolean orphaned)
{
  g_autoptr (VlLiveCore) core = user_data;
  g_autoptr (VlLiveEvent) changed = vl_live_event_new_changed ();
  g_autoptr (VlLiveEvent) event = vl_live_event_with_origin (changed, VL_ORIGIN_OTHER);

  if (orphaned)
    return;

  _vl_gate_invalidate (core, TRUE, NULL, NULL);
  _vl_live_schema_keep (core);
  _vl_live_core_tell (core, event);
}

/**
 * vl_live_table_clear:
 * @self: a live table
 *
 * Erases everything that is cached of the master.
 *
 * Reads that are made afterwards on the live table's thread wait for it, those
 * of other threads find stale copies at most; [method@LiveTable.close_async]
 * waits for it too. From any thread.
 *
 * Since: 1.0
 */
void
vl_live_table_clear (VlLiveTable *self)
{
  VlLiveCore *core;

  g_return_if_fail (VL_IS_LIVE_TABLE (self));

  core = self->core;
  if (_vl_live_core_is_home (core))
    {
      clear_at_home (_vl_live_core_ref (core), FALSE);
      return;
    }

  vl_live_table_invalidate (self);
  _vl_handoff_post (core->home, clear_at_home, _vl_live_core_ref (core));
}

/* refresh */

static void
refreshed (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  if (!_vl_call_failed (task, answer))
    g_task_return_pointer (task, g_steal_pointer (&answer->page), g_object_unref);
}

static void
start_refresh (GTask *task, VlCall *call, VlSchema *schema)
{
  VlLiveTable *self = VL_LIVE_TABLE (call->table);
  const VlReplyInfo info = {
    .kind = VL_ANSWER_PAGE,
    .vfunc = "refresh",
    .type = VL_TYPE_LIVE_TABLE,
  };
  VlLiveView view = _vl_live_table_get_view (self);
  VlReply *reply = _vl_reply_new (&info, refreshed, task, g_object_unref);
  GError *error = NULL;
  gboolean sent = !_vl_live_table_is_closed (self, &error);

  view.options.refresh = TRUE;
  if (sent)
    _vl_live_call_list (self->core, call->query, &view, reply);
  _vl_call_fly (task, _vl_reply_sent (reply, sent, error));
}

/**
 * vl_live_table_refresh_async:
 * @self: a live table
 * @query: (nullable): which records, in what order, or %NULL for all
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the master has answered
 * @user_data: data for @callback
 *
 * Fetches records from the master whatever the read policy, and caches them.
 *
 * [signal@LiveTable::changed] is emitted if they differ from what was cached.
 * A refresh that fails leaves what is cached as it is.
 *
 * Since: 1.0
 */
void
vl_live_table_refresh_async (VlLiveTable *self,
                             VlQuery *query,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  VlCall *call;
  GTask *task;

  g_return_if_fail (VL_IS_LIVE_TABLE (self));
  g_return_if_fail (query == NULL || VL_IS_QUERY (query));

  task = _vl_call_new (VL_TABLE (self), cancellable, callback, user_data,
                       vl_live_table_refresh_async, start_refresh, &call);
  call->query = query != NULL ? g_object_ref (query) : vl_query_new ();
  _vl_call_run (task);
}

/**
 * vl_live_table_refresh_finish:
 * @self: a live table
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Gets what [method@LiveTable.refresh_async] fetched.
 *
 * Errors: as [method@Table.list_finish].
 *
 * Returns: (transfer full): the page, or %NULL with @error set
 *
 * Since: 1.0
 */
VlPage *
vl_live_table_refresh_finish (VlLiveTable *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), NULL);

  return _vl_call_finish (VL_TABLE (self), result, vl_live_table_refresh_async, error);
}

static void
begin_refresh (gpointer data,
               GCancellable *cancellable,
               GAsyncReadyCallback callback,
               gpointer user_data)
{
  VlSyncArgs *args = data;

  vl_live_table_refresh_async (VL_LIVE_TABLE (args->self), (gpointer) args->argument, cancellable,
                               callback, user_data);
}

/**
 * vl_live_table_refresh_sync:
 * @self: a live table
 * @query: (nullable): which records, in what order, or %NULL for all
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Fetches records from the master and waits for them; see
 * [method@LiveTable.refresh_async], and [iface@Table] for what may happen
 * meanwhile.
 *
 * Returns: (transfer full): the page, or %NULL with @error set
 *
 * Since: 1.0
 */
VlPage *
vl_live_table_refresh_sync (VlLiveTable *self,
                            VlQuery *query,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  VlSyncArgs args = { VL_TABLE (self), query, NULL };

  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), NULL);
  g_return_val_if_fail (query == NULL || VL_IS_QUERY (query), NULL);

  result = _vl_sync_run (self, begin_refresh, &args, cancellable, error);
  return result != NULL ? vl_live_table_refresh_finish (self, result, error) : NULL;
}
