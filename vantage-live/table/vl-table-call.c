/* vl-table-call.c: one call of a table, from its _async to its answer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-table-call-private.h"

#include "../base/vl-context-private.h"
#include "../base/vl-handoff-private.h"
#include "../vl-error.h"
#include "vl-change.h"
#include "vl-page.h"
#include "vl-query.h"
#include "vl-record.h"
#include "vl-schema.h"

static void
call_free (gpointer data)
{
  VlCall *call = data;

  g_assert (call->flight == NULL);
  g_assert (call->cancel == NULL);
  g_clear_object (&call->query);
  g_clear_pointer (&call->id, g_free);
  g_clear_object (&call->change);
  g_clear_pointer (&call->ids, g_strfreev);
  g_clear_pointer (&call->found, g_hash_table_unref);
  g_clear_pointer (&call->given, g_ptr_array_unref);
  g_clear_object (&call->changes);
  g_clear_pointer (&call->origins, g_array_unref);
  g_clear_pointer (&call->outcomes, g_ptr_array_unref);
  g_slist_free_full (call->unheard, (GDestroyNotify) _vl_unheard_free);
  g_free (call);
}

GTask *
_vl_call_new (VlTable *self,
              GCancellable *cancellable,
              GAsyncReadyCallback callback,
              gpointer user_data,
              gpointer source_tag,
              VlCallStart start,
              VlCall **call)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  *call = g_new0 (VlCall, 1);
  (*call)->start = start;
  (*call)->table = self;
  (*call)->timeout = _vl_table_checks_itself (self) ? 0 : VL_DEFAULT_TIMEOUT;
  g_task_set_source_tag (task, source_tag);
  g_task_set_task_data (task, *call, call_free);

  return task;
}

/* The caller's cancellable fired; runs at the caller's. */
static void
call_cancelled (gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);
  VlCall *call = g_task_get_task_data (task);
  VlFlight *flight = g_steal_pointer (&call->flight);

  /* Even if the caller has reset the cancellable meanwhile. */
  _vl_call_landed (task, NULL);
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("The call was cancelled"));
  _vl_flight_cancel (flight);
}

void
_vl_call_fly (GTask *task, VlFlight *flight)
{
  VlCall *call;
  GCancellable *cancellable;

  /* The answer was taken inside the send, and the task may be gone. */
  if (flight == NULL)
    return;

  call = g_task_get_task_data (task);
  call->flight = flight;

  cancellable = g_task_get_cancellable (task);
  if (cancellable == NULL)
    return;

  call->cancel = _vl_cancel_watch_start (g_task_get_context (task), cancellable, call_cancelled,
                                         task);
}

void
_vl_call_landed (GTask *task, VlAnswer *answer)
{
  VlCall *call = g_task_get_task_data (task);

  if (answer != NULL && answer->unheard != NULL)
    call->unheard = g_slist_prepend (call->unheard, g_steal_pointer (&answer->unheard));
  g_clear_pointer (&call->flight, _vl_flight_unref);
  _vl_cancel_watch_clear (&call->cancel);
}

static void
call_described (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  VlCall *call = g_task_get_task_data (task);

  _vl_call_landed (task, answer);
  if (answer->error != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&answer->error));
      return;
    }

  _vl_table_take_described (call->table, answer->schema);
  call->start (g_steal_pointer (&task), call, answer->schema);
}

/* Consumes `task`. Runs in the context of the caller, or before anybody else
 * can turn it. */
static void
call_begin (GTask *task)
{
  VlCall *call = g_task_get_task_data (task);
  g_autoptr (VlSchema) schema = NULL;

  if (g_task_return_error_if_cancelled (task))
    {
      g_object_unref (task);
      return;
    }

  if (call->describes || (!call->needs_schema && _vl_table_checks_itself (call->table)))
    {
      call->start (task, call, NULL);
      return;
    }

  schema = vl_table_get_schema (call->table);
  if (schema != NULL)
    {
      call->start (task, call, schema);
      return;
    }

  _vl_call_fly (task, _vl_table_send_describe (call->table, call->timeout, call_described, task,
                                               g_object_unref));
}

static void
call_begin_at_home (gpointer user_data, gboolean orphaned)
{
  /* The task holds its context. */
  g_assert (!orphaned);
  call_begin (user_data);
}

/* A thread without a context of its own gets its answers in the default one,
 * which another thread may be turning right now: an answer could then overtake
 * what is still being set up here. */
void
_vl_call_run (GTask *task)
{
  g_autoptr (GMainContext) context = g_main_context_ref (g_task_get_context (task));
  g_autoptr (VlHandoff) home = NULL;

  if (g_main_context_is_owner (context))
    {
      call_begin (task);
    }
  else if (_vl_context_acquire (context))
    {
      GMainContext *outer = _vl_table_borrow_context (context);

      call_begin (task);
      _vl_table_borrow_context (outer);
      _vl_context_release (context);
    }
  else
    {
      home = _vl_handoff_get (context);
      _vl_handoff_post (home, call_begin_at_home, task);
    }
}

gboolean
_vl_call_failed (GTask *task, VlAnswer *answer)
{
  _vl_call_landed (task, answer);
  if (answer->error == NULL)
    return FALSE;

  g_task_return_error (task, g_steal_pointer (&answer->error));
  return TRUE;
}

/* A task says of what was answered, too, that it was cancelled. */
void
_vl_call_told (GTask *task, const GError *error)
{
  /* None where the answer was at hand. */
  VlCall *call = g_task_get_task_data (task);
  gboolean is_cancelled = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  while (call != NULL && call->unheard != NULL)
    {
      VlUnheard *unheard = call->unheard->data;

      call->unheard = g_slist_delete_link (call->unheard, call->unheard);
      if (is_cancelled)
        _vl_unheard_tell (unheard);
      _vl_unheard_free (unheard);
    }
}

gpointer
_vl_call_finish (VlTable *self, GAsyncResult *result, gpointer tag, GError **error)
{
  GError *own_error = NULL;
  gpointer pointer;

  g_return_val_if_fail (VL_IS_TABLE (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, tag), NULL);

  pointer = g_task_propagate_pointer (G_TASK (result), &own_error);
  _vl_call_told (G_TASK (result), own_error);
  if (own_error != NULL)
    g_propagate_error (error, own_error);

  return pointer;
}

void
_vl_call_refuse (GTask *task, GError *error)
{
  g_task_return_error (task, error);
  g_object_unref (task);
}

typedef struct
{
  GAsyncResult *result;
  GMainContext *context;
} SyncRun;

static void
sync_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SyncRun *run = user_data;

  run->result = g_object_ref (result);
  g_main_context_wakeup (run->context);
}

/* The thread may have another context than `context` on top just now; the
 * answer has to come to the one that is turned. */
static GAsyncResult *
sync_turn (GMainContext *context, VlSyncBegin begin, gpointer data, GCancellable *cancellable)
{
  SyncRun run = { NULL, context };

  g_main_context_push_thread_default (context);
  begin (data, cancellable, sync_done, &run);
  while (run.result == NULL)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);

  return run.result;
}

GAsyncResult *
_vl_sync_run (gpointer table,
              VlSyncBegin begin,
              gpointer data,
              GCancellable *cancellable,
              GError **error)
{
  GMainContext *home, *outer;
  g_autoptr (GMainContext) context = NULL;
  GAsyncResult *result;

  if (_vl_table_is_in_vfunc (table))
    {
      g_set_error (error, VL_ERROR, VL_ERROR_FAILED,
                   _ ("A _sync call of a %s cannot be made inside one of its own vfuncs; answer "
                      "the reply later instead"),
                   G_OBJECT_TYPE_NAME (table));
      return NULL;
    }

  home = _vl_table_get_home_context (table);
  if (home != NULL && _vl_context_acquire (home))
    {
      result = sync_turn (home, begin, data, cancellable);
      _vl_context_release (home);
      return result;
    }

  /* Elsewhere nothing of the thread's own may run: the answer is waited for in
   * a context that nobody else knows. */
  context = g_main_context_new ();
  outer = _vl_table_borrow_context (context);
  result = sync_turn (context, begin, data, cancellable);
  _vl_table_borrow_context (outer);

  return result;
}
