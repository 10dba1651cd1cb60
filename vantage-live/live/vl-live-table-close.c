/* vl-live-table-close.c: how a live table ends
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-live-table.h"

#include "../base/vl-cancel-watch-private.h"
#include "../table/vl-change.h"
#include "../table/vl-table-call-private.h"
#include "../vl-error.h"
#include "vl-live-table-private.h"
#include "vl-write-private.h"

/* So many of the writes that are left are named when a close gives up. */
#define NAMED_WRITES 5

/* Waits, at home, until no write is unsettled and the cache has answered. */
typedef struct
{
  GTask *task;      /* referenced */
  VlLiveCore *core; /* referenced */
  guint64 waits;    /* for the writer; 0 = not */
  VlTimer *timer;
  VlCancelWatch *cancel; /* of the task's cancellable, NULL = none */
  gboolean is_over;
} Closing;

static void
closing_end (Closing *closing, GError *error)
{
  closing->is_over = TRUE;
  _vl_timer_clear (&closing->timer);
  _vl_cancel_watch_clear (&closing->cancel);
  if (error != NULL)
    g_task_return_error (closing->task, error);
  else
    g_task_return_boolean (closing->task, TRUE);
  g_clear_object (&closing->task);
}

static void
closing_free (Closing *closing)
{
  _vl_live_core_unref (closing->core);
  g_free (closing);
}

static void
closing_done (gpointer user_data)
{
  Closing *closing = user_data;

  if (!closing->is_over)
    closing_end (closing, NULL);
  closing_free (closing);
}

/* Whether this was the last of those that share the write queue. */
static gboolean
is_last (VlLiveCore *core)
{
  return g_atomic_int_get (&core->recorder.n_open) == 0;
}

static void
closing_passed (gpointer user_data)
{
  Closing *closing = user_data;
  VlLiveCore *core = closing->core;

  if (is_last (core) && _vl_writer_get_n_unsettled (core) == 0)
    _vl_recorder_close (core, closing_done, closing);
  else
    closing_done (closing);
}

static void
closing_idle (gpointer user_data)
{
  Closing *closing = user_data;

  closing->waits = 0;
  _vl_gate_pass (closing->core, closing_passed, closing);
}

/* What a write is known by to whoever has made it. */
static void
append_name (GString *names, VlWrite *write)
{
  VlChange *change = vl_write_get_change (write);

  if (vl_change_get_kind (change) == VL_CHANGE_KIND_DELETE_ALL)
    g_string_append (names, _ ("a deletion of all records"));
  else if (vl_change_get_id (change) == NULL)
    g_string_append (names, _ ("a new record"));
  else
    g_string_append_printf (names, "“%s”", vl_change_get_id (change));
}

static char *
name_left_writes (VlLiveCore *core, guint n_left)
{
  GString *names = g_string_new (NULL);
  GListModel *writes = G_LIST_MODEL (core->writer.writes);
  guint n_named = 0;

  for (guint i = 0; i < g_list_model_get_n_items (writes) && n_named < NAMED_WRITES; i++)
    {
      g_autoptr (VlWrite) write = g_list_model_get_item (writes, i);

      if (vl_write_get_state (write) == VL_WRITE_STATE_FAILED)
        continue;
      if (n_named++ > 0)
        g_string_append (names, ", ");
      append_name (names, write);
    }
  if (n_named < n_left)
    g_string_append (names, ", …");

  return g_string_free (names, FALSE);
}

static GError *
error_of_left_writes (VlLiveCore *core)
{
  guint n_left = _vl_writer_get_n_unsettled (core);
  g_autofree char *names = name_left_writes (core, n_left);

  if (is_last (core) && core->recorder.journal != NULL)
    return g_error_new (
      VL_ERROR, VL_ERROR_TIMED_OUT,
      g_dngettext (GETTEXT_PACKAGE,
                   "%u write to “%s” has not been applied; the journal “%s” has it for the next "
                   "run, and vl_live_table_get_writes() for now: %s",
                   "%u writes to “%s” have not been applied; the journal “%s” has them for the "
                   "next run, and vl_live_table_get_writes() for now: %s",
                   n_left),
      n_left, core->cache_key, g_file_peek_path (core->recorder.file), names);

  return g_error_new (VL_ERROR, VL_ERROR_TIMED_OUT,
                      g_dngettext (GETTEXT_PACKAGE,
                                   "%u write to “%s” has not been answered; it goes on, and "
                                   "vl_live_table_get_writes() has it: %s",
                                   "%u writes to “%s” have not been answered; they go on, and "
                                   "vl_live_table_get_writes() has them: %s",
                                   n_left),
                      n_left, core->cache_key, names);
}

/* Ends the wait early, with `error`. */
static void
closing_give_up (Closing *closing, GError *error)
{
  /* While the cache is waited for, closing_passed() is still to come. */
  gboolean passes = closing->waits == 0;

  if (!passes)
    _vl_writer_give_up (closing->core, closing->waits);
  closing_end (closing, error);
  if (!passes)
    closing_free (closing);
}

static void
closing_timed_out (gpointer user_data)
{
  Closing *closing = user_data;
  g_autoptr (VlLiveCore) core = _vl_live_core_ref (closing->core);
  gboolean has_left = closing->waits != 0;

  /* If it is the cache that does not answer, nothing of the caller's is left. */
  closing_give_up (closing, has_left ? error_of_left_writes (core) : NULL);
  if (has_left && is_last (core))
    _vl_recorder_part (core);
}

static void
closing_cancelled (gpointer user_data)
{
  closing_give_up (user_data, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                   _ ("The call was cancelled")));
}

static void
closing_watch (Closing *closing, guint timeout)
{
  GMainContext *context = _vl_handoff_get_context (closing->core->home);
  GCancellable *cancellable = g_task_get_cancellable (closing->task);

  if (timeout > 0)
    closing->timer = _vl_timer_start (context, timeout, closing_timed_out, closing);
  if (cancellable == NULL)
    return;

  closing->cancel = _vl_cancel_watch_start (context, cancellable, closing_cancelled, closing);
}

static void
close_at_home (gpointer user_data, gboolean orphaned)
{
  g_autoptr (GTask) task = user_data;
  VlLiveTable *self = g_task_get_source_object (task);
  Closing *closing;
  VlLiveCore *core;
  guint64 waits;

  if (orphaned)
    {
      g_task_return_new_error (task, VL_ERROR, VL_ERROR_CLOSED,
                               _ ("The main context of the live table “%s” has gone"),
                               self->cache_key);
      return;
    }

  core = self->core;
  if (g_atomic_int_compare_and_exchange (&self->is_closed, FALSE, TRUE))
    g_atomic_int_add (&core->recorder.n_open, -1);
  _vl_live_table_detach_all (self);
  closing = g_new0 (Closing, 1);
  closing->core = _vl_live_core_ref (core);
  closing->task = g_steal_pointer (&task);
  closing_watch (closing, self->close_timeout > 0 ? self->close_timeout : core->timeout);
  waits = _vl_writer_when_idle (core, closing_idle, closing);
  if (waits != 0)
    closing->waits = waits;
}

/**
 * vl_live_table_close_async:
 * @self: a live table
 * @cancellable: (nullable): a cancellable; the live table is closed all the same
 * @callback: (scope async): called when nothing is under way any more
 * @user_data: data for @callback
 *
 * Takes no more reads or writes, listens to no more streams, and waits until
 * the writes that are under way have been answered, for
 * [property@LiveTable:close-timeout] at most.
 *
 * What is left then goes on as long as the program runs, unless there is a
 * [property@LiveTable:journal] and this is the last live table to use it: then
 * nothing more is sent, and the next run of the program takes up what is left.
 * In both cases [method@LiveTable.get_writes] has the writes, with their data. A
 * journal is given free: it is by the end of this when nothing is left, and when
 * the last write that is with the master has been answered if there is.
 *
 * An application closes its live tables before it ends. One that is only
 * dropped finishes its writes too, as long as the main loop runs.
 *
 * Since: 1.0
 */
void
vl_live_table_close_async (VlLiveTable *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  VlLiveCore *core;
  GTask *task;

  g_return_if_fail (VL_IS_LIVE_TABLE (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, vl_live_table_close_async);
  core = self->core;
  if (_vl_live_core_is_home (core))
    close_at_home (task, FALSE);
  else
    _vl_handoff_post (core->home, close_at_home, task);
}

/**
 * vl_live_table_close_finish:
 * @self: a live table
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Gets how [method@LiveTable.close_async] ended.
 *
 * Errors: %VL_ERROR_TIMED_OUT if writes are left, %G_IO_ERROR_CANCELLED;
 * [method@LiveTable.get_writes] has them with their data, and the message says
 * how many there are and whether they are in a journal.
 *
 * Returns: %TRUE if nothing is left, %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
vl_live_table_close_finish (VlLiveTable *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, vl_live_table_close_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
begin_close (gpointer data,
             GCancellable *cancellable,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
  VlSyncArgs *args = data;

  vl_live_table_close_async (VL_LIVE_TABLE (args->self), cancellable, callback, user_data);
}

/**
 * vl_live_table_close_sync:
 * @self: a live table
 * @cancellable: (nullable): a cancellable; the live table is closed all the same
 * @error: return location for an error
 *
 * Closes the live table and waits until nothing is under way any more; see
 * [method@LiveTable.close_async], and [iface@Table] for what may happen
 * meanwhile.
 *
 * Returns: %TRUE if nothing is left, %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
vl_live_table_close_sync (VlLiveTable *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  VlSyncArgs args = { VL_TABLE (self), NULL, NULL };

  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), FALSE);

  result = _vl_sync_run (self, begin_close, &args, cancellable, error);
  return result != NULL ? vl_live_table_close_finish (self, result, error) : FALSE;
}
