/* vl-live-writer.c: the write queue
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Writes get in line under a lock, from any thread; everything else runs at
 * home. One write, or one batch, is with the target at a time:
 *
 *   intake -> queue -> (schema, open mark) -> sent -> settling -> settled
 *
 * A write settles when the cache has been told that what it holds is old, and
 * in the order of the queue: only then does its caller hear. One that is not
 * answered in time is in doubt, and the next goes out; should its answer come
 * after all, the root is invalidated once more.
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-live-core-private.h"

#include "../base/vl-log-private.h"
#include "../cache/vl-cache-private.h"
#include "../table/vl-change-private.h"
#include "../table/vl-schema.h"
#include "../vl-error.h"
#include "vl-write-private.h"

/* How many writes may wait, unless the application says otherwise. */
#define DEFAULT_CAPACITY 10000

/* What was sent in one go. */
typedef struct _VlSend VlSend;

struct _VlSend
{
  VlLiveCore *core;  /* referenced until it is late or settled */
  GPtrArray *writes; /* of VlWrite */
  VlFlight *flight;
  VlTimer *timer;
  gboolean is_late;   /* given up: the core is not referenced any more */
  gboolean is_unsent; /* failed before the target had it */
  gboolean is_ready;  /* the cache knows: may settle */
  gboolean is_told;   /* the shells have the events */
  guint n_settled;    /* writes whose callers have heard */
};

static void writer_pump (VlLiveCore *core);

static VlTable *
get_target (VlLiveCore *core)
{
  return core->write_target != NULL ? core->write_target : core->master;
}

static VlSend *
send_new (VlLiveCore *core)
{
  VlSend *send = g_new0 (VlSend, 1);

  send->core = _vl_live_core_ref (core);
  send->writes = g_ptr_array_new_with_free_func (g_object_unref);

  return send;
}

static void
send_free (VlSend *send)
{
  g_assert (send->timer == NULL);
  g_clear_pointer (&send->flight, _vl_flight_unref);
  g_clear_pointer (&send->writes, g_ptr_array_unref);
  if (!send->is_late)
    _vl_live_core_unref (send->core);
  g_free (send);
}

static void
write_log (VlLiveCore *core, VlWrite *write, const char *outcome)
{
  if (G_LIKELY (!_vl_log_enabled ()))
    return;

  _vl_log_debug ("VL_OP", "write", "VL_KEY", core->root, "VL_ID",
                 vl_change_get_id (vl_write_get_change (write)), "VL_OUTCOME", outcome, NULL);
}

static void
list_remove (VlLiveCore *core, VlWrite *write)
{
  guint position;

  if (g_list_store_find (core->writer.writes, write, &position))
    g_list_store_remove (core->writer.writes, position);
}

/* Whether the write leaves the list when it is settled. */
static gboolean
leaves_list (VlWrite *write)
{
  return _vl_write_has_caller (write) || !_vl_write_has_failed (write);
}

/* Takes those off the list that are settled now, all at once if that is how
 * they stand there: each change of the list is a signal. */
static void
list_remove_settled (VlLiveCore *core, GPtrArray *writes)
{
  GListModel *list = G_LIST_MODEL (core->writer.writes);
  guint position;
  guint n = 0;

  if (!g_list_store_find (core->writer.writes, writes->pdata[0], &position))
    return;

  for (; n < writes->len && leaves_list (writes->pdata[n]); n++)
    {
      g_autoptr (VlWrite) listed = g_list_model_get_item (list, position + n);

      if (listed != writes->pdata[n])
        break;
    }
  g_list_store_splice (core->writer.writes, position, n, NULL, 0);
  for (; n < writes->len; n++)
    {
      if (leaves_list (writes->pdata[n]))
        list_remove (core, writes->pdata[n]);
    }
}

/* Settling */

/* The caller hears, and the write is out of the queue's hands. */
static void
settle_write (VlLiveCore *core, VlWrite *write)
{
  g_autoptr (GError) error = vl_write_dup_error (write);

  write_log (core, write, error != NULL ? error->message : "applied");
  if (error == NULL)
    core->stats->writes++;
  else
    core->stats->failed_writes++;

  _vl_write_set_core (write, leaves_list (write) ? NULL : core, FALSE);
  _vl_write_settle (write, error == NULL ? VL_WRITE_STATE_APPLIED : VL_WRITE_STATE_FAILED);
  if (error != NULL)
    _vl_live_core_tell_write_failed (core, write);
}

static void
settle_tell (VlLiveCore *core, VlSend *send)
{
  send->is_told = TRUE;
  if (!send->is_unsent)
    _vl_writer_tell (core, send->writes);
  _vl_writer_count_settled (core, send->writes->len);
  list_remove_settled (core, send->writes);
}

static void
settle_step (VlLiveCore *core, VlSend *send)
{
  if (!send->is_told)
    {
      settle_tell (core, send);
    }
  else if (send->n_settled < send->writes->len)
    {
      g_autoptr (VlWrite) write = g_object_ref (g_ptr_array_index (send->writes, send->n_settled));

      send->n_settled++;
      settle_write (core, write);
    }
  else
    {
      g_queue_pop_head (&core->writer.settling);
      send_free (send);
      _vl_live_core_tell_writes_changed (core);
    }
}

/* Whether a loop that is on the stack goes on by itself. It does not while
 * somebody whom it has called turns the main loop, to wait for a write. */
static gboolean
is_looping (gboolean on_stack, gint depth)
{
  return on_stack && g_main_depth () <= depth;
}

static void
settle_ready (VlLiveCore *core)
{
  VlWriter *writer = &core->writer;
  g_autoptr (VlLiveCore) self = NULL;
  const gboolean outer = writer->is_settling;
  const gint outer_depth = writer->settling_depth;
  VlSend *send;

  /* A callback that gets here again must not pass those that wait behind it. */
  if (is_looping (outer, outer_depth))
    return;

  self = _vl_live_core_ref (core);
  writer->is_settling = TRUE;
  writer->settling_depth = g_main_depth ();
  while ((send = g_queue_peek_head (&writer->settling)) != NULL && send->is_ready)
    settle_step (core, send);
  writer->is_settling = outer;
  writer->settling_depth = outer_depth;
  _vl_writer_check_idle (core);
}

/* The cache knows what it has to know of these writes. */
static void
send_ready (gpointer user_data)
{
  VlSend *send = user_data;

  send->is_ready = TRUE;
  settle_ready (send->core);
}

static void
closed_mark (VlAnswer *answer, gpointer user_data)
{
  _vl_live_core_unref (user_data);
}

/* Not while an invalidation waits for the one before it, or is to be tried
 * again: it takes the mark away, and until then the mark stands for it. Nor
 * while another mark is on its way, which would seem to be set afterwards. */
static void
close_mark (VlLiveCore *core)
{
  VlWriter *writer = &core->writer;
  VlFlight *flight;

  if (!writer->is_marked || writer->sent != NULL || writer->n_marking > 0 || core->gate.wanted ||
      core->gate.state == VL_GATE_BYPASSED)
    return;

  writer->is_marked = FALSE;
  flight = _vl_cache_send_close (core->cache, core->root, core->timeout, closed_mark,
                                 _vl_live_core_ref (core), (GDestroyNotify) _vl_live_core_unref);
  g_clear_pointer (&flight, _vl_flight_unref);
}

/* All of a send have their result. */
static void
send_done (VlLiveCore *core, VlSend *send)
{
  gboolean changed = FALSE;

  for (guint i = 0; i < send->writes->len; i++)
    {
      g_autoptr (GError) error = vl_write_dup_error (g_ptr_array_index (send->writes, i));

      changed |= error == NULL || !_vl_writer_changed_nothing (error);
    }

  g_queue_push_tail (&core->writer.settling, send);
  if (changed && !send->is_unsent)
    {
      core->writer.written = core->gate.epoch + 1;
      _vl_gate_invalidate (core, FALSE, send_ready, send);
    }
  else
    {
      close_mark (core);
      send_ready (send);
    }
}

/* Sending */

static void
send_late (VlLiveCore *core, VlSend *send)
{
  g_ptr_array_remove_fast (core->writer.late, send);
  if (_vl_live_core_try_ref (core))
    {
      /* What was in doubt has been decided just now: whatever was read since
       * the doubt may be from before. */
      _vl_gate_invalidate (core, FALSE, NULL, NULL);
      _vl_writer_tell (core, send->writes);
      _vl_live_core_unref (core);
    }
  send_free (send);
}

static void
send_take_result (VlSend *send, guint i, VlRecord *record, const GError *error)
{
  VlWrite *write = g_ptr_array_index (send->writes, i);
  VlRecord *written = vl_change_get_record (vl_write_get_change (write));

  _vl_write_set_result (write, record != NULL || error != NULL ? record : written, error);
}

static void
send_answered (VlAnswer *answer, gpointer user_data)
{
  VlSend *send = user_data;
  g_autoptr (VlLiveCore) core = NULL;

  g_clear_pointer (&send->flight, _vl_flight_unref);
  if (send->is_late)
    {
      send_late (send->core, send);
      return;
    }

  core = _vl_live_core_ref (send->core);

  _vl_timer_clear (&send->timer);
  for (guint i = 0; i < send->writes->len; i++)
    {
      if (answer->error != NULL || answer->items == NULL)
        send_take_result (send, i, answer->record, answer->error);
      else
        send_take_result (send, i, answer->items[i].record, answer->items[i].error);
    }

  core->writer.sent = NULL;
  _vl_live_core_drain (core);
  send_done (core, send);
  writer_pump (core);
}

/* Nobody waits for an answer any more. */
static void
send_dropped (gpointer user_data)
{
  VlSend *send = user_data;

  g_clear_pointer (&send->flight, _vl_flight_unref);
  if (!send->is_late)
    {
      /* The home context has gone, and what is left of the timer is ours. */
      _vl_timer_clear (&send->timer);
      send->core->writer.sent = NULL;
      for (guint i = 0; i < send->writes->len; i++)
        _vl_write_set_core (g_ptr_array_index (send->writes, i), NULL, FALSE);
    }
  send_free (send);
}

static void
send_timed_out (gpointer user_data)
{
  VlSend *late = user_data;
  g_autoptr (VlLiveCore) core = _vl_live_core_ref (late->core);
  VlSend *send = send_new (core);

  _vl_timer_clear (&late->timer);
  core->writer.sent = NULL;
  for (guint i = 0; i < late->writes->len; i++)
    {
      VlWrite *write = g_ptr_array_index (late->writes, i);
      g_autoptr (GError) error =
        g_error_new (VL_ERROR, VL_ERROR_IN_DOUBT,
                     _ ("The write to “%s” was not answered within %u ms; nobody knows whether it "
                        "was applied"),
                     core->root, core->timeout);

      _vl_write_set_result (write, NULL, error);
      g_ptr_array_add (send->writes, g_object_ref (write));
    }

  /* A master that never answers must not keep the core that keeps it. */
  late->is_late = TRUE;
  g_ptr_array_add (core->writer.late, late);
  _vl_live_core_unref (core);

  send_done (core, send);
  writer_pump (core);
}

/* The changes at the head of the queue, checked, as far as they may be sent in
 * one go: those of one batch, or all that wait if to the target that is the
 * same. An error ends them; when it is that of the first there are none. */
static GPtrArray *
check_batch (VlLiveCore *core, VlTable *target, VlSchema *schema, GError **error)
{
  guint64 batch = _vl_write_get_batch (g_queue_peek_head (&core->writer.queue));
  gboolean merges = _vl_table_merges_writes (target);
  gboolean batches = (merges || batch != 0) && _vl_table_has_apply_batch (target) &&
                     vl_schema_can (schema, VL_CAPABILITY_BATCH);
  VlChange *(*check) (VlSchema *, VlChange *, GError **) = merges ? _vl_table_check_raw_change
                                                                  : _vl_table_check_change;
  GPtrArray *changes = g_ptr_array_new_with_free_func (g_object_unref);

  for (GList *l = core->writer.queue.head; l != NULL; l = l->next)
    {
      guint n_changes = changes->len;
      VlChange *change;

      if (n_changes > 0 && (!batches || n_changes >= VL_BATCH_MAX ||
                            (!merges && _vl_write_get_batch (l->data) != batch)))
        break;

      /* In order: what was taken before is sent before this one fails. */
      change = check (schema, vl_write_get_change (l->data), n_changes == 0 ? error : NULL);
      if (change == NULL)
        break;
      g_ptr_array_add (changes, change);
    }

  return changes;
}

/* What is to be sent next, or NULL when the first of the queue cannot be: that
 * one has failed then. */
static VlSend *
take_send (VlLiveCore *core, VlTable *target, VlSchema *schema)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) changes = check_batch (core, target, schema, &error);
  VlSend *send = send_new (core);
  guint n_legal = _vl_table_batch_size ((VlChange *const *) changes->pdata, changes->len);

  for (guint i = 0; i < n_legal; i++)
    {
      _vl_write_set_sent (g_queue_peek_head (&core->writer.queue), changes->pdata[i]);
      g_ptr_array_add (send->writes, g_queue_pop_head (&core->writer.queue));
    }
  if (n_legal > 0)
    return send;

  _vl_write_set_result (g_queue_peek_head (&core->writer.queue), NULL, error);
  g_ptr_array_add (send->writes, g_queue_pop_head (&core->writer.queue));
  send_done (core, send);

  return NULL;
}

static void
send_out (VlLiveCore *core, VlTable *target, VlSend *send)
{
  VlFlight *flight;

  core->writer.sent = send;
  for (guint i = 0; i < send->writes->len; i++)
    {
      _vl_write_add_attempt (g_ptr_array_index (send->writes, i));
      _vl_change_set_is_told (_vl_write_get_sent (g_ptr_array_index (send->writes, i)), TRUE);
      _vl_write_set_state (g_ptr_array_index (send->writes, i), VL_WRITE_STATE_SENT);
      write_log (core, g_ptr_array_index (send->writes, i), "sent");
    }

  if (core->timeout > 0)
    send->timer = _vl_timer_start (_vl_handoff_get_context (core->home), core->timeout,
                                   send_timed_out, send);
  if (send->writes->len == 1)
    {
      VlChange *change = _vl_write_get_sent (g_ptr_array_index (send->writes, 0));

      flight = _vl_table_send_apply (target, change, 0, send_answered, send, send_dropped);
    }
  else
    {
      g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
      g_autoptr (GPtrArray) sent = g_ptr_array_sized_new (send->writes->len);

      for (guint i = 0; i < send->writes->len; i++)
        g_ptr_array_add (sent, _vl_write_get_sent (g_ptr_array_index (send->writes, i)));
      g_list_store_splice (changes, 0, 0, sent->pdata, sent->len);
      flight = _vl_table_send_apply_batch (target, G_LIST_MODEL (changes), 0, send_answered, send,
                                           send_dropped);
    }
  if (flight != NULL)
    send->flight = flight;
}

/* None of the queue can be sent, since nobody knows what to. They fail
 * together: each on its own would ask the table again. */
static void
fail_queued (VlLiveCore *core, const GError *error)
{
  VlSend *send;
  VlWrite *write;
  g_autoptr (GError) own = NULL;

  if (g_queue_is_empty (&core->writer.queue))
    return;

  send = send_new (core);
  own = g_error_copy (error);
  g_prefix_error_literal (&own,
                          _ ("The write was not sent, since the table could not be described: "));
  send->is_unsent = TRUE;
  while ((write = g_queue_pop_head (&core->writer.queue)) != NULL)
    {
      _vl_write_set_result (write, NULL, own);
      g_ptr_array_add (send->writes, write);
    }
  send_done (core, send);
}

static void
schema_needed (VlSchema *schema, const GError *error, gpointer user_data)
{
  g_autoptr (VlLiveCore) core = user_data;

  core->writer.preparing = FALSE;
  if (error != NULL && get_target (core) == core->master)
    fail_queued (core, error);
  writer_pump (core);
}

/* Who has asked a write target what it is. */
typedef struct
{
  VlLiveCore *core; /* referenced */
  VlTable *target;  /* referenced */
} TargetCall;

static void
target_call_free (gpointer data)
{
  TargetCall *call = data;

  g_object_unref (call->target);
  _vl_live_core_unref (call->core);
  g_free (call);
}

static void
target_described (VlAnswer *answer, gpointer user_data)
{
  TargetCall *call = user_data;
  g_autoptr (VlLiveCore) core = _vl_live_core_ref (call->core);

  core->writer.preparing = FALSE;
  if (answer->error == NULL)
    {
      _vl_table_take_described (call->target, answer->schema);
      _vl_live_core_tell_schema_changed (core);
    }
  else if (get_target (core) == call->target)
    fail_queued (core, answer->error);
  target_call_free (call);
  writer_pump (core);
}

static void
describe_target (VlLiveCore *core, VlTable *target)
{
  TargetCall *call = g_new (TargetCall, 1);
  VlFlight *flight;

  call->core = _vl_live_core_ref (core);
  call->target = g_object_ref (target);
  flight = _vl_table_send_describe (target, core->timeout, target_described, call,
                                    target_call_free);
  g_clear_pointer (&flight, _vl_flight_unref);
}

static void
marked (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (VlLiveCore) core = user_data;
  VlWriter *writer = &core->writer;

  if (answer->error != NULL)
    _vl_log_warning ("The cache could not note that a write is under way: %s",
                     answer->error->message);

  /* One that was overtaken by an invalidation says nothing; another follows. */
  if (--writer->n_marking > 0)
    return;

  writer->is_marked = TRUE;
  writer_pump (core);
}

static void
mark (VlLiveCore *core)
{
  VlFlight *flight;

  core->writer.n_marking++;
  flight = _vl_cache_send_open (core->cache, core->root, core->timeout, marked,
                                _vl_live_core_ref (core), (GDestroyNotify) _vl_live_core_unref);
  g_clear_pointer (&flight, _vl_flight_unref);
}

gboolean
_vl_writer_unmark (VlLiveCore *core)
{
  VlWriter *writer = &core->writer;

  writer->is_marked = FALSE;

  return (writer->sent != NULL || writer->n_marking > 0) && _vl_cache_has_open (core->cache);
}

void
_vl_writer_mark_again (VlLiveCore *core)
{
  mark (core);
}

/* What writes are checked against, or NULL when nobody knows yet. */
static VlSchema *
dup_target_schema (VlLiveCore *core, VlTable *target)
{
  if (target != core->master)
    return vl_table_get_schema (target);

  return core->schema.schema != NULL ? g_object_ref (core->schema.schema) : NULL;
}

/* Gets what has to be there before the first of the queue can be sent. It may
 * come at once. */
static void
prepare (VlLiveCore *core, VlTable *target, VlSchema *schema)
{
  if (schema != NULL)
    {
      mark (core);
      return;
    }

  core->writer.preparing = TRUE;
  if (target == core->master)
    _vl_live_core_need_schema (core, schema_needed, _vl_live_core_ref (core));
  else
    describe_target (core, target);
}

static void
pump_step (VlLiveCore *core)
{
  g_autoptr (VlTable) target = g_object_ref (get_target (core));
  g_autoptr (VlSchema) schema = dup_target_schema (core, target);
  gboolean is_marked = core->writer.is_marked || !_vl_cache_has_open (core->cache);
  VlSend *send;

  if (schema == NULL || !is_marked)
    {
      prepare (core, target, schema);
      return;
    }
  send = take_send (core, target, schema);
  if (send != NULL)
    send_out (core, target, send);
}

/* A loop, not a recursion: a master in memory answers at once. */
static void
writer_pump (VlLiveCore *core)
{
  VlWriter *writer = &core->writer;
  g_autoptr (VlLiveCore) self = NULL;
  const gboolean outer = writer->pumping;
  const gint outer_depth = writer->pump_depth;

  if (is_looping (outer, outer_depth))
    return;

  self = _vl_live_core_ref (core);
  writer->pumping = TRUE;
  writer->pump_depth = g_main_depth ();
  while (writer->sent == NULL && !writer->preparing && writer->n_marking == 0 &&
         !g_queue_is_empty (&writer->queue))
    pump_step (core);
  writer->pumping = outer;
  writer->pump_depth = outer_depth;

  /* What the mark was set for may have been withdrawn. */
  if (!writer->preparing && g_queue_is_empty (&writer->queue))
    close_mark (core);
}

/* The way in */

static void take_in_turn (gpointer user_data, gboolean orphaned);

static void
take_in (VlLiveCore *core)
{
  VlWriter *writer = &core->writer;
  g_autoptr (GPtrArray) added = NULL;
  GQueue intake;
  VlWrite *write;

  _vl_lock_acquire (&writer->lock);
  intake = writer->intake;
  g_queue_init (&writer->intake);
  _vl_lock_release (&writer->lock);

  if (g_queue_is_empty (&intake))
    return;

  added = g_ptr_array_new_full (intake.length, g_object_unref);
  while ((write = g_queue_pop_head (&intake)) != NULL)
    {
      g_queue_push_tail (&writer->queue, g_object_ref (write));
      write_log (core, write, "queued");
      g_ptr_array_add (added, write);
    }
  g_list_store_splice (writer->writes, g_list_model_get_n_items (G_LIST_MODEL (writer->writes)), 0,
                       added->pdata, added->len);
  _vl_live_core_tell_writes_changed (core);
  if (!_vl_live_core_is_home (core) || is_looping (writer->pumping, writer->pump_depth) ||
      is_looping (writer->is_settling, writer->settling_depth))
    _vl_handoff_post (core->home, take_in_turn, _vl_live_core_ref (core));
  else
    writer_pump (core);
}

/* When this runs inside a loop over the writes, somebody turns the main loop
 * there and waits: the loop is taken over. */
static void
take_in_turn (gpointer user_data, gboolean orphaned)
{
  g_autoptr (VlLiveCore) core = user_data;

  if (orphaned)
    return;

  core->writer.is_expected = FALSE;
  take_in (core);
  writer_pump (core);
  settle_ready (core);
}

gboolean
_vl_writer_add (VlLiveCore *core, VlWrite *write, guint64 batch, GError **error)
{
  VlWriter *writer = &core->writer;
  gboolean is_full;

  _vl_write_set_core (write, core, TRUE);
  _vl_write_set_batch (write, batch);

  _vl_lock_acquire (&writer->lock);
  is_full = writer->n_unsettled >= writer->capacity;
  if (!is_full)
    {
      writer->n_unsettled++;
      g_queue_push_tail (&writer->intake, g_object_ref (write));
    }
  _vl_lock_release (&writer->lock);

  if (is_full)
    {
      _vl_write_set_core (write, NULL, FALSE);
      g_set_error (error, VL_ERROR, VL_ERROR_QUEUE_FULL,
                   _ ("Too many writes to “%s” are waiting (%u); try again when some are done"),
                   core->root, writer->capacity);
      return FALSE;
    }

  return TRUE;
}

void
_vl_writer_go (VlLiveCore *core)
{
  VlWriter *writer = &core->writer;

  if (!_vl_live_core_is_home (core))
    {
      _vl_handoff_post (core->home, take_in_turn, _vl_live_core_ref (core));
      return;
    }

  /* While another is on its way the queue cannot go on anyway, and in the next
   * turn there may be many to take in. */
  if (writer->sent == NULL && writer->n_marking == 0 && !writer->preparing)
    {
      take_in (core);
    }
  else if (!writer->is_expected)
    {
      writer->is_expected = TRUE;
      _vl_handoff_post (core->home, take_in_turn, _vl_live_core_ref (core));
    }
}

void
_vl_writer_take_in (VlLiveCore *core)
{
  if (_vl_live_core_is_home (core))
    take_in (core);
}

guint64
_vl_writer_next_batch (VlLiveCore *core)
{
  guint64 batch;

  _vl_lock_acquire (&core->writer.lock);
  batch = ++core->writer.n_batches;
  _vl_lock_release (&core->writer.lock);

  return batch;
}

gboolean
_vl_writer_withdraw (VlLiveCore *core, VlWrite *write)
{
  g_autoptr (VlLiveCore) self G_GNUC_UNUSED = _vl_live_core_ref (core);
  g_autoptr (VlWrite) own G_GNUC_UNUSED = g_object_ref (write);
  g_autoptr (GError) error = NULL;

  take_in (core);
  if (!g_queue_remove (&core->writer.queue, write))
    return FALSE;
  g_object_unref (write);

  g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                       _ ("The write was withdrawn before it was sent"));
  _vl_write_set_result (write, NULL, error);
  _vl_writer_count_settled (core, 1);
  list_remove (core, write);
  _vl_write_set_core (write, NULL, FALSE);
  write_log (core, write, "withdrawn");
  _vl_write_settle (write, VL_WRITE_STATE_DISCARDED);
  _vl_live_core_tell_writes_changed (core);
  _vl_writer_check_idle (core);

  return TRUE;
}

void
_vl_writer_forget (VlLiveCore *core, VlWrite *write)
{
  list_remove (core, write);
  _vl_write_set_core (write, NULL, FALSE);
}

void
_vl_writer_init (VlLiveCore *core)
{
  VlWriter *writer = &core->writer;

  _vl_lock_init (&writer->lock);
  g_queue_init (&writer->intake);
  g_queue_init (&writer->queue);
  g_queue_init (&writer->settling);
  g_queue_init (&writer->idle);
  writer->capacity = DEFAULT_CAPACITY;
  writer->late = g_ptr_array_new ();
  writer->writes = g_list_store_new (VL_TYPE_WRITE);
}

void
_vl_writer_dispose (VlLiveCore *core)
{
  VlWriter *writer = &core->writer;

  /* An unsettled write holds the core. */
  g_assert (g_queue_is_empty (&writer->intake));
  g_assert (g_queue_is_empty (&writer->queue));
  g_assert (g_queue_is_empty (&writer->settling));
  g_assert (writer->sent == NULL);
  while (writer->late->len > 0)
    {
      VlSend *send = g_ptr_array_steal_index_fast (writer->late, 0);

      _vl_flight_cancel (g_steal_pointer (&send->flight));
    }
  g_clear_pointer (&writer->late, g_ptr_array_unref);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (writer->writes)); i++)
    {
      g_autoptr (VlWrite) write = g_list_model_get_item (G_LIST_MODEL (writer->writes), i);

      _vl_write_set_core (write, NULL, FALSE);
    }
  g_clear_object (&writer->writes);
  g_queue_clear_full (&writer->idle, g_free);
  _vl_lock_destroy (&writer->lock);
}
