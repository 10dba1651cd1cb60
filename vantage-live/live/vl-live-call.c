/* vl-live-call.c: one call of a live table, from its reply to its answer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A call may come from any thread. Writes get in line there and then; reads are
 * brought home first. Once home, everything is in the hands of the core, and
 * the reply brings the answer back to where the call came from.
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-live-call-private.h"

#include "../base/vl-lock-private.h"
#include "../base/vl-mutant-private.h"
#include "../table/vl-change.h"
#include "../table/vl-page.h"
#include "../table/vl-query.h"
#include "../table/vl-record.h"
#include "../table/vl-flight-private.h"
#include "../table/vl-reply.h"
#include "../table/vl-schema-private.h"
#include "../vl-error.h"
#include "vl-live-window-private.h"
#include "vl-write-private.h"

typedef enum
{
  CALL_DESCRIBE,
  CALL_LIST,
  CALL_FIND,
  CALL_COUNT,
} CallKind;

/* A read on its way. One reference is held by whatever it waits for. */
typedef struct
{
  gatomicrefcount ref_count;
  CallKind kind;
  VlLiveCore *core; /* referenced */
  VlReply *reply;   /* referenced; NULL for a list that has a flight alone */
  VlFlight *flight; /* referenced */
  VlLiveView view;
  VlQuery *query;
  char *id;

  /* Home only. */
  gboolean is_over;    /* answered or cancelled */
  gboolean is_watched; /* the reply tells when the caller has cancelled */
  VlReading *reading;
  VlWindow *window;
} LiveCall;

static LiveCall *
call_new (VlLiveCore *core, CallKind kind, VlFlight *flight, const VlLiveView *view)
{
  LiveCall *call = g_new0 (LiveCall, 1);

  g_atomic_ref_count_init (&call->ref_count);
  call->kind = kind;
  call->core = _vl_live_core_ref (core);
  call->flight = _vl_flight_ref (flight);
  if (view != NULL)
    call->view = *view;

  return call;
}

static LiveCall *
call_new_with_reply (VlLiveCore *core, CallKind kind, VlReply *reply, const VlLiveView *view)
{
  LiveCall *call = call_new (core, kind, _vl_reply_get_flight (reply), view);

  call->reply = g_object_ref (reply);

  return call;
}

static void
call_unref (gpointer data)
{
  LiveCall *call = data;

  if (!_vl_ref_count_dec (&call->ref_count))
    return;

  g_clear_object (&call->reply);
  _vl_flight_unref (call->flight);
  g_clear_object (&call->query);
  g_free (call->id);
  _vl_live_core_unref (call->core);
  g_free (call);
}

/* Nothing more will be said, or wanted. */
static void
call_over (LiveCall *call)
{
  call->is_over = TRUE;
  if (call->is_watched)
    _vl_flight_unwatch (call->flight);
  call->is_watched = FALSE;
}

static void
call_cancel (LiveCall *call)
{
  VlReading *reading = g_steal_pointer (&call->reading);
  VlWindow *window = g_steal_pointer (&call->window);

  if (call->is_over)
    return;

  call_over (call);
  if (reading != NULL)
    _vl_reading_cancel (reading);
  if (window != NULL)
    _vl_window_cancel (window);
  call_unref (call);
}

static void
call_cancel_at_home (gpointer user_data, gboolean orphaned)
{
  LiveCall *call = user_data;

  if (!orphaned)
    call_cancel (call);
  call_unref (call);
}

/* Runs where the call came from. */
static void
call_cancelled (gpointer user_data)
{
  LiveCall *call = user_data;

  g_atomic_ref_count_inc (&call->ref_count);
  if (_vl_live_core_is_home (call->core))
    call_cancel_at_home (call, FALSE);
  else
    _vl_handoff_post (call->core->home, call_cancel_at_home, call);
}

/* The answer did not come at once: from now on the call can be cancelled. */
static void
call_wait (LiveCall *call)
{
  if (call->is_over || call->is_watched)
    return;

  g_atomic_ref_count_inc (&call->ref_count);
  call->is_watched = _vl_flight_watch (call->flight, call_cancelled, call, call_unref);
  if (!call->is_watched)
    {
      call_cancelled (call);
      call_unref (call);
    }
}

static void
call_fail (LiveCall *call, const GError *error)
{
  call_over (call);
  _vl_flight_answer_error (call->flight, g_error_copy (error));
  call_unref (call);
}

/* The record of a page, or its total; with what a live table above this one has to
 * know of it. */
static void
call_return_part (LiveCall *call, VlPage *page)
{
  VlAnswer answer = {
    .has_pending = vl_page_get_has_pending (page),
    .is_stale = vl_page_get_is_stale (page),
  };

  call_over (call);
  answer.count = vl_page_get_total (page);
  if (call->kind == CALL_COUNT && answer.count < 0)
    answer.error = g_error_new (VL_ERROR, VL_ERROR_FAILED,
                                _ ("The cache has no number of records for “%s”"),
                                call->core->root);
  else if (vl_page_get_n_records (page) > 0)
    answer.record = vl_page_get_record (page, 0);
  _vl_flight_answer (call->flight, &answer);
  call_unref (call);
}

static void
call_read (const VlReadResult *result, gpointer user_data)
{
  LiveCall *call = user_data;
  VlOverlay *overlay = call->core->overlay;
  const VlSlot slot = { .kind = VL_SLOT_RECORD, .id = call->id };
  g_autoptr (VlPage) page = NULL;

  /* Cancelled while its read was being begun. */
  if (call->is_over)
    return;

  call->reading = NULL;
  if (result->error != NULL)
    {
      call_fail (call, result->error);
      return;
    }

  if (call->kind == CALL_FIND)
    {
      if (_vl_facts_expects (call->core->facts))
        _vl_facts_note (call->core->facts, result->page);
      page = _vl_overlay_record (overlay, call->id, result->page);
      if (page != result->page)
        _vl_repair (call->core, &slot, result->page, page);
      call_return_part (call, page);
      return;
    }

  /* Nobody has remembered what was there before, and a count cannot say that it
   * is a guess: the master's word is better. */
  page = _vl_facts_expects (call->core->facts)
           ? _vl_overlay_count (overlay, call->query, result->page)
           : g_object_ref (result->page);
  call_return_part (call, page);
}

static void
call_window_read (VlPage *page, const GError *error, gpointer user_data)
{
  LiveCall *call = user_data;
  VlAnswer answer = { 0 };

  if (call->is_over)
    return;

  call->window = NULL;
  if (error != NULL)
    {
      call_fail (call, error);
      return;
    }

  call_over (call);
  answer.page = g_object_ref (page);
  _vl_flight_answer (call->flight, &answer);
  call_unref (call);
}

static gboolean
call_is_sound (LiveCall *call, VlSchema *schema, GError **error)
{
  switch (call->kind)
    {
    case CALL_LIST:
      return _vl_table_check_query (schema, call->query, error);
    case CALL_FIND:
      return _vl_table_check_id (schema, call->id, error);
    case CALL_COUNT:
      if (vl_schema_can (schema, VL_CAPABILITY_COUNT))
        return _vl_table_check_query (schema, call->query, error);
      g_set_error (error, VL_ERROR, VL_ERROR_UNSUPPORTED, _ ("The table “%s” does not support: %s"),
                   vl_schema_get_table_name (schema), _ ("count"));
      return FALSE;
    case CALL_DESCRIBE:
    default:
      return TRUE;
    }
}

/* Begins the read of a call that the reader answers. A script of the cache or
 * the master may turn the main loop inside, and the call may be over then. */
static void
call_begin_reading (LiveCall *call, const VlSlot *slot)
{
  VlReading *reading = _vl_reader_read (call->core, slot, &call->view.options, call_read, call);

  if (reading == NULL)
    return;
  if (call->is_over)
    _vl_reading_cancel (reading);
  else
    call->reading = reading;
}

/* Likewise, of a call that takes a window. */
static void
call_begin_window (LiveCall *call)
{
  VlWindow *window = _vl_window_read (call->core, call->query, call->view.page_size,
                                      &call->view.options, call_window_read, call);

  if (window == NULL)
    return;
  if (call->is_over)
    _vl_window_cancel (window);
  else
    call->window = window;
}

/* The master could not be described, and nothing is cached of a table that
 * never was: who asks the cache alone does not care about the master. */
static void
call_refuse (LiveCall *call, const GError *schema_error)
{
  g_autoptr (GError) error = NULL;

  if (call->kind == CALL_DESCRIBE || call->view.options.refresh ||
      call->view.options.policy != VL_READ_POLICY_CACHE_ONLY)
    {
      call_fail (call, schema_error);
      return;
    }

  error = g_error_new (VL_ERROR, VL_ERROR_NOT_FOUND,
                       _ ("Nothing is cached of “%s”, and only the cache may be asked"),
                       call->core->cache_key);
  call_fail (call, error);
}

/* A record that was given its id here, and that the master does not have: TRUE
 * when the call is answered. Otherwise it goes on with the master's id. */
static gboolean
call_find_new (LiveCall *call)
{
  const char *id = _vl_facts_resolve (call->core->facts, call->id);
  g_autoptr (VlPage) page = NULL;

  if (_vl_facts_is_unstored (call->core->facts, call->id))
    {
      page = _vl_overlay_new_record (call->core->overlay, call->id);
      call_return_part (call, page);
      return TRUE;
    }
  if (id != call->id && !VL_MUTANT (FIRST_ID_FORGOTTEN))
    {
      g_autofree char *provisional = call->id;

      call->id = g_strdup (id);
    }

  return FALSE;
}

/* At home, with the schema known. */
static void
call_start (VlSchema *schema, const GError *schema_error, gpointer user_data)
{
  LiveCall *call = user_data;
  VlSlot slot = { .kind = VL_SLOT_RECORD, .query = call->query };
  g_autoptr (GError) error = NULL;
  g_autoptr (VlSchema) shown = NULL;

  if (call->is_over)
    {
      /* Cancelled while the schema was waited for; that took its reference. */
      call_unref (call);
      return;
    }
  if (schema_error != NULL)
    {
      call_refuse (call, schema_error);
      call_unref (call);
      return;
    }
  if (call->kind == CALL_FIND && call_find_new (call))
    {
      call_unref (call);
      return;
    }
  if (!call_is_sound (call, schema, &error))
    {
      call_fail (call, error);
      call_unref (call);
      return;
    }

  switch (call->kind)
    {
    case CALL_LIST:
      call_begin_window (call);
      break;
    case CALL_COUNT:
      slot.kind = VL_SLOT_COUNT;
      call_begin_reading (call, &slot);
      break;
    case CALL_FIND:
      slot.id = call->id;
      call_begin_reading (call, &slot);
      break;
    case CALL_DESCRIBE:
    default:
      shown = _vl_live_call_show_schema (call->core, schema);
      call_over (call);
      vl_reply_return_schema (call->reply, shown);
      call_unref (call);
      break;
    }
  call_unref (call);
}

static void
call_at_home (gpointer user_data, gboolean orphaned)
{
  LiveCall *call = user_data;
  g_autoptr (VlLiveCore) core = _vl_live_core_ref (call->core);

  if (orphaned)
    {
      call_unref (call);
      return;
    }

  _vl_live_core_drain (core);
  /* One reference for what comes, one for call_start(), one for here. */
  g_atomic_ref_count_inc (&call->ref_count);
  g_atomic_ref_count_inc (&call->ref_count);
  _vl_live_core_need_schema (core, call_start, call);
  call_wait (call);
  call_unref (call);
}

/* Consumes `call`. */
static void
call_run (LiveCall *call)
{
  if (_vl_live_core_is_home (call->core))
    call_at_home (call, FALSE);
  else
    _vl_handoff_post (call->core->home, call_at_home, call);
}

void
_vl_live_call_describe (VlLiveCore *core, VlReply *reply)
{
  call_run (call_new_with_reply (core, CALL_DESCRIBE, reply, NULL));
}

void
_vl_live_call_list_quick (VlLiveCore *core,
                          VlQuery *query,
                          const VlLiveView *view,
                          VlFlight *flight)
{
  LiveCall *call = call_new (core, CALL_LIST, flight, view);

  call->query = g_object_ref (query);
  call_run (call);
}

void
_vl_live_call_list (VlLiveCore *core, VlQuery *query, const VlLiveView *view, VlReply *reply)
{
  LiveCall *call = call_new_with_reply (core, CALL_LIST, reply, view);

  call->query = g_object_ref (query);
  call_run (call);
}

void
_vl_live_call_find (VlLiveCore *core, const char *id, const VlLiveView *view, VlReply *reply)
{
  LiveCall *call = call_new_with_reply (core, CALL_FIND, reply, view);

  call->id = g_strdup (id);
  call_run (call);
}

void
_vl_live_call_count (VlLiveCore *core, VlQuery *query, const VlLiveView *view, VlReply *reply)
{
  LiveCall *call = call_new_with_reply (core, CALL_COUNT, reply, view);

  call->query = g_object_ref (query);
  call_run (call);
}

VlSchema *
_vl_live_call_show_schema (VlLiveCore *core, VlSchema *schema)
{
  const VlCapabilities own = VL_CAPABILITY_WINDOW | VL_CAPABILITY_BATCH | VL_CAPABILITY_SUBSCRIBE;
  const VlCapabilities writes = VL_CAPABILITY_INSERT | VL_CAPABILITY_REPLACE | VL_CAPABILITY_PATCH |
                                VL_CAPABILITY_DELETE | VL_CAPABILITY_DELETE_ALL |
                                VL_CAPABILITY_ASSIGN_ID | VL_CAPABILITY_IDEMPOTENT |
                                VL_CAPABILITY_CHECK_BASE;
  VlCapabilities shown = vl_schema_get_capabilities (schema) | own;
  g_autoptr (VlSchema) target = NULL;

  if (core->write_target != NULL)
    target = vl_table_get_schema (core->write_target);
  if (target != NULL)
    shown = (shown & ~writes) | (vl_schema_get_capabilities (target) & writes);

  return _vl_schema_with_capabilities (schema, shown);
}

/* Writes */

/* Who waits for one write, or for those of a batch. */
typedef struct
{
  VlReply *reply;    /* referenced */
  VlLiveCore *core;  /* referenced */
  GPtrArray *writes; /* of VlWrite, for who cancels; home only once in line */
  guint n_left;      /* home only */
  gboolean is_batch;
  gboolean is_watched; /* home only */
  gatomicrefcount ref_count;
} WriteCall;

/* One write's place in its batch. */
typedef struct
{
  WriteCall *call; /* referenced */
  guint index;
} WritePlace;

static void
write_call_unref (gpointer data)
{
  WriteCall *call = data;

  if (!_vl_ref_count_dec (&call->ref_count))
    return;

  g_clear_object (&call->reply);
  g_ptr_array_unref (call->writes);
  _vl_live_core_unref (call->core);
  g_free (call);
}

static WriteCall *
write_call_new (VlLiveCore *core, VlReply *reply, guint n_writes, gboolean is_batch)
{
  WriteCall *call = g_new0 (WriteCall, 1);

  g_atomic_ref_count_init (&call->ref_count);
  call->reply = g_object_ref (reply);
  call->core = _vl_live_core_ref (core);
  call->writes = g_ptr_array_new_full (n_writes, g_object_unref);
  call->n_left = n_writes;
  call->is_batch = is_batch;

  return call;
}

static void
write_settled (VlWrite *write, VlRecord *record, const GError *error, gpointer user_data)
{
  WritePlace *place = user_data;
  WriteCall *call = place->call;

  if (!call->is_batch && error != NULL)
    _vl_reply_fail_with (call->reply, vl_write_get_record (write), error);
  else if (!call->is_batch)
    vl_reply_return_record (call->reply, record);
  else if (error != NULL)
    _vl_reply_fail_nth_with (call->reply, place->index, vl_write_get_record (write), error);
  else
    vl_reply_return_nth (call->reply, place->index, record);

  if (--call->n_left == 0)
    {
      if (call->is_batch)
        vl_reply_finish (call->reply);
      if (call->is_watched)
        _vl_reply_unwatch (call->reply);
      call->is_watched = FALSE;
    }
  write_call_unref (call);
  g_free (place);
}

/* The caller does not wait any more: what was not sent yet is withdrawn, in the
 * opposite order so that none is sent because of it. */
static void
write_cancel_at_home (gpointer user_data, gboolean orphaned)
{
  WriteCall *call = user_data;
  g_autoptr (GPtrArray) writes = g_ptr_array_copy (call->writes, (GCopyFunc) g_object_ref, NULL);

  for (guint i = writes->len; !orphaned && i > 0; i--)
    vl_write_cancel (g_ptr_array_index (writes, i - 1));
  write_call_unref (call);
}

/* Runs where the call came from. */
static void
write_cancelled (gpointer user_data)
{
  WriteCall *call = user_data;

  g_atomic_ref_count_inc (&call->ref_count);
  if (_vl_live_core_is_home (call->core))
    write_cancel_at_home (call, FALSE);
  else
    _vl_handoff_post (call->core->home, write_cancel_at_home, call);
}

/* At home, after the writes got in line: watches for cancellation if they are
 * still there. A caller elsewhere may have cancelled by now even if all were
 * accepted, and has heard nothing else. */
static void
write_wait_at_home (gpointer user_data, gboolean orphaned)
{
  WriteCall *call = user_data;

  if (!orphaned)
    {
      g_atomic_ref_count_inc (&call->ref_count);
      call->is_watched = _vl_reply_watch (call->reply, write_cancelled, call, write_call_unref);
      if (!call->is_watched)
        {
          write_cancelled (call);
          write_call_unref (call);
        }
      else if (call->n_left == 0)
        {
          _vl_reply_unwatch (call->reply);
          call->is_watched = FALSE;
        }
    }
  write_call_unref (call);
}

/* A write that did not get in line. */
typedef struct
{
  VlWrite *write;
  GError *error;
  WritePlace *place;
} Refusal;

static void
write_refused (gpointer user_data, gboolean orphaned)
{
  Refusal *refusal = user_data;

  if (orphaned)
    {
      write_call_unref (refusal->place->call);
      g_free (refusal->place);
    }
  else
    {
      _vl_write_set_result (refusal->write, NULL, refusal->error);
      _vl_write_settle (refusal->write, VL_WRITE_STATE_FAILED);
    }
  g_object_unref (refusal->write);
  g_error_free (refusal->error);
  g_free (refusal);
}

static void
write_add (WriteCall *call, VlChange *change, guint index, guint64 batch)
{
  WritePlace *place = g_new0 (WritePlace, 1);
  g_autoptr (VlWrite) write = _vl_write_new (change, write_settled, place);
  g_autoptr (GError) error = NULL;
  Refusal *refusal;

  place->call = call;
  place->index = index;
  g_atomic_ref_count_inc (&call->ref_count);
  g_ptr_array_add (call->writes, g_object_ref (write));
  if (_vl_writer_add (call->core, write, batch, &error))
    return;

  refusal = g_new0 (Refusal, 1);
  refusal->write = g_steal_pointer (&write);
  refusal->error = g_steal_pointer (&error);
  refusal->place = place;
  if (_vl_live_core_is_home (call->core))
    write_refused (refusal, FALSE);
  else
    _vl_handoff_post (call->core->home, write_refused, refusal);
}

/* Consumes `call`. */
static void
write_wait (WriteCall *call)
{
  if (_vl_live_core_is_home (call->core))
    write_wait_at_home (call, FALSE);
  else
    _vl_handoff_post (call->core->home, write_wait_at_home, call);
}

/* A write that was accepted goes on, and is withdrawn all the same if the caller
 * hears that the call was cancelled. */
static void
write_expect (WriteCall *call)
{
  g_atomic_ref_count_inc (&call->ref_count);
  _vl_reply_set_unheard (call->reply, write_cancelled, call, write_call_unref);
}

void
_vl_live_call_apply (VlLiveCore *core, VlChange *change, VlReply *reply)
{
  WriteCall *call = write_call_new (core, reply, 1, FALSE);

  write_expect (call);
  write_add (call, change, 0, 0);
  _vl_writer_go (core);
  write_wait (call);
}

void
_vl_live_call_apply_batch (VlLiveCore *core, GListModel *changes, VlReply *reply)
{
  guint n_changes = g_list_model_get_n_items (changes);
  WriteCall *call = write_call_new (core, reply, n_changes, TRUE);
  guint64 batch = _vl_writer_next_batch (core);

  write_expect (call);
  for (guint i = 0; i < n_changes; i++)
    {
      g_autoptr (VlChange) change = g_list_model_get_item (changes, i);

      write_add (call, change, i, batch);
    }
  _vl_writer_go (core);
  write_wait (call);
}
