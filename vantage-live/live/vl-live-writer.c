/* vl-live-writer.c: the write queue
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Writes get in line under a lock, from any thread; everything else runs at
 * home. One write, or one batch, is with the target at a time:
 *
 *   intake -> queue -> (schema, open mark) -> vl-live-send.c
 *
 * Writes to one record are sent in the order they were made. One that waits to
 * be sent again holds back later ones to its record, or all, as `ordering` has
 * it; nothing passes a deletion of all rows, and that passes nothing.
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-live-core-private.h"

#include "../base/vl-log-private.h"
#include "../base/vl-mutant-private.h"
#include "../cache/vl-cache-private.h"
#include "../table/vl-change-private.h"
#include "../table/vl-change.h"
#include "../table/vl-record-private.h"
#include "../table/vl-schema.h"
#include "../vl-error.h"
#include "vl-live-coalesce-private.h"
#include "vl-live-send-private.h"
#include "vl-live-show-private.h"
#include "vl-write-private.h"

/* How many writes may wait, unless the application says otherwise. */
#define DEFAULT_CAPACITY 10000

void
_vl_writer_log (VlLiveCore *core, VlWrite *write, const char *outcome)
{
  if (G_LIKELY (!_vl_log_enabled ()))
    return;

  _vl_log_debug ("VL_OP", "write", "VL_KEY", core->root, "VL_ID",
                 vl_change_get_id (vl_write_get_change (write)), "VL_OUTCOME", outcome, NULL);
}

VlTable *
_vl_writer_get_target (VlLiveCore *core)
{
  return core->write_target != NULL ? core->write_target : core->master;
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

/* All at once if that is how they stand there: each change of the list is a
 * signal. */
void
_vl_writer_list_settled (VlLiveCore *core, GPtrArray *writes)
{
  GListModel *list = G_LIST_MODEL (core->writer.writes);
  guint position;
  guint n = 0;

  if (writes->len == 0 || !g_list_store_find (core->writer.writes, writes->pdata[0], &position))
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

void
_vl_writer_let_go (VlLiveCore *core, VlWrite *write)
{
  list_remove (core, write);
  _vl_write_set_core (write, NULL, FALSE);
}

gboolean
_vl_writer_answers_for (VlLiveCore *core)
{
  return core->optimistic || _vl_recorder_is_on (core);
}

/* It does not go on while somebody whom it has called turns the main loop, to
 * wait for a write. */
gboolean
_vl_writer_is_looping (gboolean on_stack, gint depth)
{
  return on_stack && g_main_depth () <= depth;
}

void
_vl_writer_put_back (VlLiveCore *core, VlWrite *write, VlWriteState state)
{
  GQueue *queue = &core->writer.queue;
  GList *link = queue->head;

  while (link != NULL && _vl_write_get_number (link->data) < _vl_write_get_number (write))
    link = link->next;
  g_queue_insert_before (queue, link, g_object_ref (write));
  _vl_write_set_state (write, state);
}

gboolean
_vl_writer_take_out (VlLiveCore *core, VlWrite *write)
{
  return g_queue_remove (&core->writer.queue, write);
}

/* What is sent next */

static gboolean
is_barrier (VlWrite *write)
{
  return vl_change_get_kind (vl_write_get_change (write)) == VL_CHANGE_KIND_DELETE_ALL;
}

/* The records that must wait since an earlier write to them does. */
typedef struct
{
  VlLiveCore *core;
  GHashTable *keys; /* NULL = none */
  gint64 now;
} Held;

static void
hold (Held *held, VlWrite *write)
{
  if (VL_MUTANT (RETRY_WITHOUT_ORDER))
    return;
  if (held->keys == NULL)
    held->keys = g_hash_table_new (g_str_hash, g_str_equal);
  g_hash_table_add (held->keys,
                    (gpointer) _vl_facts_resolve (held->core->facts, _vl_write_get_key (write)));
}

static gboolean
is_held (Held *held, VlWrite *write)
{
  const char *key = _vl_facts_resolve (held->core->facts, _vl_write_get_key (write));

  return _vl_write_get_due (write) > held->now ||
         (held->keys != NULL && key != NULL && g_hash_table_contains (held->keys, key));
}

/* The next write after `link` (NULL = the first of all) that may be sent. */
static GList *
find_next (Held *held, GList *link)
{
  VlWriter *writer = &held->core->writer;

  for (GList *l = link != NULL ? link->next : writer->queue.head; l != NULL; l = l->next)
    {
      gboolean is_first = held->keys == NULL && link == NULL;

      /* None of those behind it is on the disk either. */
      if (_vl_write_get_recording (l->data)->is_recording)
        return NULL;
      if (is_barrier (l->data))
        return is_first && !is_held (held, l->data) ? l : NULL;
      if (!is_held (held, l->data))
        return l;
      if (writer->ordering == VL_ORDERING_STRICT)
        return NULL;
      hold (held, l->data);
    }

  return NULL;
}

/* Why nothing is sent to a record by an id of ours. One that was given here belongs
 * to a write that has failed or was withdrawn, perhaps in doubt; of any other there
 * is nothing to be known, and the target does not know it either. */
static void
set_unstored_error (VlLiveCore *core, const char *id, GError **error)
{
  if (_vl_facts_has_issued (core->facts, id))
    g_set_error (error, VL_ERROR, VL_ERROR_NOT_FOUND,
                 _ ("As far as is known the record “%s” of “%s” was never stored"), id,
                 core->cache_key);
  else
    g_set_error (error, VL_ERROR, VL_ERROR_NOT_FOUND,
                 _ ("Which record of “%s” the id “%s” stands for is not known here; another live "
                    "table gave it to a new record, which has one of its own if it was stored"),
                 core->cache_key, id);
}

/* The change by the ids that the target knows. NULL and an error when nobody knows
 * of one. */
static VlChange *
address (VlLiveCore *core, VlWrite *write, GError **error)
{
  VlChange *change = _vl_write_get_current (write);
  const char *id = vl_change_get_id (change);
  const char *real = _vl_facts_resolve (core->facts, id);

  if (real != id && !VL_MUTANT (SENT_BY_FIRST_ID))
    return _vl_change_with_id (change, real);
  if (id == NULL || !_vl_facts_is_unstored (core->facts, id))
    return g_object_ref (change);

  set_unstored_error (core, id, error);
  return NULL;
}

/* The writes that may be sent in one go: those of one batch, or all that wait if
 * to the target that is the same. An error ends them; when it is that of the
 * first there are none, but `first` is that one. */
static GPtrArray *
check_batch (VlLiveCore *core, VlTable *target, VlSchema *schema, GPtrArray *links, GError **error)
{
  Held held = { core, NULL, _vl_clock_monotonic () };
  GPtrArray *changes = g_ptr_array_new_with_free_func (g_object_unref);
  gboolean merges = _vl_table_merges_writes (target);
  VlChange *(*check) (VlSchema *, VlChange *, GError **) = merges ? _vl_table_check_raw_change
                                                                  : _vl_table_check_change;
  guint64 batch = 0;
  gboolean batches = FALSE;

  for (GList *l = find_next (&held, NULL); l != NULL; l = find_next (&held, l))
    {
      guint n_changes = links->len;
      g_autoptr (VlChange) addressed = NULL;
      VlChange *change = NULL;

      if (n_changes == 0)
        {
          batch = _vl_write_get_batch (l->data);
          batches = (merges || batch != 0) && _vl_table_has_apply_batch (target) &&
                    vl_schema_can (schema, VL_CAPABILITY_BATCH);
        }
      else if (!batches || n_changes >= VL_BATCH_MAX ||
               (!merges && _vl_write_get_batch (l->data) != batch))
        {
          break;
        }

      /* In order: what was taken before is sent before this one fails. */
      addressed = address (core, l->data, n_changes == 0 ? error : NULL);
      if (addressed != NULL)
        change = check (schema, addressed, n_changes == 0 ? error : NULL);
      if (n_changes == 0 || change != NULL)
        g_ptr_array_add (links, l);
      if (change == NULL)
        break;
      g_ptr_array_add (changes, change);
    }
  g_clear_pointer (&held.keys, g_hash_table_unref);

  return changes;
}

static void
move_to_send (VlLiveCore *core, GList *link, VlSend *send)
{
  _vl_send_add (send, link->data);
  g_queue_delete_link (&core->writer.queue, link);
}

/* Sends what can be sent next; FALSE when nothing can be now. */
static gboolean
send_next (VlLiveCore *core, VlTable *target, VlSchema *schema)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) links = g_ptr_array_new ();
  g_autoptr (GPtrArray) changes = check_batch (core, target, schema, links, &error);
  guint n_legal = _vl_table_batch_size ((VlChange *const *) changes->pdata, changes->len);
  VlSend *send;

  if (links->len == 0)
    return FALSE;

  send = _vl_send_new (core);
  for (guint i = 0; i < n_legal; i++)
    {
      GList *link = g_ptr_array_index (links, i);

      _vl_write_set_sent (link->data, changes->pdata[i]);
      move_to_send (core, link, send);
    }
  if (n_legal > 0)
    {
      _vl_recorder_send_out (core, send, target);
      return TRUE;
    }

  move_to_send (core, g_ptr_array_index (links, 0), send);
  _vl_send_fail (send, error);

  return TRUE;
}

/* None of the queue can be sent, since nobody knows what to. They fail
 * together: each on its own would ask the table again. */
static void
fail_queued (VlLiveCore *core, const GError *error)
{
  VlSend *send;
  g_autoptr (GError) own = NULL;

  if (g_queue_is_empty (&core->writer.queue))
    return;

  send = _vl_send_new (core);
  own = g_error_copy (error);
  g_prefix_error_literal (&own,
                          _ ("The write was not sent, since the table could not be described: "));
  while (!g_queue_is_empty (&core->writer.queue))
    move_to_send (core, core->writer.queue.head, send);
  _vl_send_fail (send, own);
}

/* What we answer for waits until somebody can say what the target is. */
static void
not_described (VlLiveCore *core, const GError *error)
{
  if (_vl_writer_answers_for (core) && (g_error_matches (error, VL_ERROR, VL_ERROR_UNAVAILABLE) ||
                                        g_error_matches (error, VL_ERROR, VL_ERROR_TIMED_OUT)))
    _vl_retry_pause (core);
  else
    fail_queued (core, error);
}

static void
schema_needed (VlSchema *schema, const GError *error, gpointer user_data)
{
  g_autoptr (VlLiveCore) core = user_data;

  core->writer.preparing = FALSE;
  if (error != NULL && _vl_writer_get_target (core) == core->master)
    not_described (core, error);
  _vl_writer_pump (core);
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
  else if (_vl_writer_get_target (core) == call->target)
    not_described (core, answer->error);
  target_call_free (call);
  _vl_writer_pump (core);
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

VlSchema *
_vl_writer_dup_target_schema (VlLiveCore *core)
{
  VlTable *target = _vl_writer_get_target (core);

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
      _vl_writer_mark (core);
      return;
    }

  core->writer.preparing = TRUE;
  if (target == core->master)
    _vl_live_core_need_schema (core, schema_needed, _vl_live_core_ref (core));
  else
    describe_target (core, target);
}

/* FALSE when there is nothing to be done now. */
static gboolean
pump_step (VlLiveCore *core)
{
  g_autoptr (VlTable) target = g_object_ref (_vl_writer_get_target (core));
  g_autoptr (VlSchema) schema = _vl_writer_dup_target_schema (core);
  gboolean is_marked = core->writer.is_marked || !_vl_cache_has_open (core->cache);

  if (schema != NULL && _vl_recorder_park_doubtful (core))
    return TRUE;
  if (schema != NULL && is_marked)
    _vl_coalesce_queue (core);
  if (schema != NULL && is_marked)
    return send_next (core, target, schema);

  prepare (core, target, schema);
  return TRUE;
}

/* Whether something may be sent, or prepared for that. */
static gboolean
is_ready (VlLiveCore *core, gint64 *now)
{
  Held held = { core, NULL, *now = _vl_clock_monotonic () };
  gboolean is_away = _vl_live_network_is_away (core) && _vl_writer_answers_for (core);
  gboolean found = !is_away && !_vl_retry_is_paused (core, *now) && find_next (&held, NULL) != NULL;

  g_clear_pointer (&held.keys, g_hash_table_unref);
  return found;
}

void
_vl_writer_list_callers (VlWrite *write, GPtrArray *writes)
{
  GPtrArray *joined = _vl_write_get_joined (write);

  if (_vl_write_has_caller (write))
    g_ptr_array_add (writes, g_object_ref (write));
  for (guint i = 0; joined != NULL && i < joined->len; i++)
    _vl_writer_list_callers (joined->pdata[i], writes);
}

/* Nothing more can be sent for now: who waits for what is in the queue is told
 * what is shown, and does not wait for the master to come back. */
static void
release_callers (VlLiveCore *core)
{
  VlWriter *writer = &core->writer;
  g_autoptr (GPtrArray) waiting = NULL;

  if (!writer->has_callers || !_vl_writer_answers_for (core) || writer->sent != NULL ||
      writer->preparing || writer->n_marking > 0)
    return;

  waiting = g_ptr_array_new_with_free_func (g_object_unref);
  writer->has_callers = FALSE;
  for (GList *l = writer->queue.head; l != NULL; l = l->next)
    {
      /* It waits for the journal alone, and those behind it for their turn. */
      if ((writer->has_callers = _vl_write_get_recording (l->data)->is_recording))
        break;
      _vl_writer_list_callers (l->data, waiting);
    }
  for (guint i = 0; i < waiting->len; i++)
    {
      g_autoptr (VlRecord) shown = _vl_show_get_record (core, waiting->pdata[i]);

      _vl_write_release (waiting->pdata[i], shown);
    }
}

/* A loop, not a recursion: a master in memory answers at once. */
void
_vl_writer_pump (VlLiveCore *core)
{
  VlWriter *writer = &core->writer;
  g_autoptr (VlLiveCore) self = NULL;
  const gboolean outer = writer->pumping;
  const gint outer_depth = writer->pump_depth;
  gint64 now = _vl_clock_monotonic ();

  if (_vl_writer_is_looping (outer, outer_depth))
    return;

  self = _vl_live_core_ref (core);
  writer->pumping = TRUE;
  writer->pump_depth = g_main_depth ();
  /* What is left to the next run is not passed by what has just been recorded. */
  _vl_recorder_check_parted (core);
  while (writer->sent == NULL && !writer->preparing && writer->n_marking == 0 &&
         !core->recorder.is_parting && is_ready (core, &now) && pump_step (core))
    ;
  writer->pumping = outer;
  writer->pump_depth = outer_depth;
  _vl_recorder_check_parted (core);
  _vl_retry_schedule (core, now);
  release_callers (core);

  /* What the mark was set for may have been withdrawn. */
  if (!writer->preparing && g_queue_is_empty (&writer->queue))
    _vl_writer_close_mark (core);
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
      _vl_write_set_number (write, ++writer->n_writes);
      if (_vl_write_is_new (write))
        _vl_facts_issue (core->facts, _vl_write_get_key (write));
      writer->has_callers |= _vl_write_has_caller (write);
      if (VL_MUTANT (NOT_FIFO))
        g_queue_push_head (&writer->queue, g_object_ref (write));
      else
        g_queue_push_tail (&writer->queue, g_object_ref (write));
      _vl_recorder_begin (core, write);
      _vl_writer_log (core, write, "queued");
      g_ptr_array_add (added, write);
    }
  g_list_store_splice (writer->writes, g_list_model_get_n_items (G_LIST_MODEL (writer->writes)), 0,
                       added->pdata, added->len);
  for (guint i = 0; i < added->len; i++)
    {
      if (_vl_write_get_recording (added->pdata[i])->is_recording)
        _vl_write_set_state (added->pdata[i], VL_WRITE_STATE_RECORDING);
      _vl_show_begin (core, added->pdata[i]);
    }
  _vl_live_core_tell_writes_changed (core);
  if (!_vl_live_core_is_home (core) ||
      _vl_writer_is_looping (writer->pumping, writer->pump_depth) || _vl_send_is_settling (core))
    _vl_handoff_post (core->home, take_in_turn, _vl_live_core_ref (core));
  else
    _vl_writer_pump (core);
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
  _vl_writer_pump (core);
  _vl_send_settle_ready (core);
}

gboolean
_vl_writer_add (VlLiveCore *core, VlWrite *write, guint64 batch, GError **error)
{
  VlWriter *writer = &core->writer;
  gboolean is_full;

  _vl_write_set_core (write, core, TRUE);
  _vl_write_set_batch (write, batch);

  _vl_lock_acquire (&writer->lock);
  is_full = writer->n_unsettled >= writer->capacity + VL_MUTANT (ONE_TOO_MANY);
  if (!is_full)
    {
      writer->n_unsettled++;
      g_queue_push_tail (&writer->intake, g_object_ref (write));
    }
  _vl_lock_release (&writer->lock);

  if (is_full && VL_MUTANT (DROPPED_AT_OVERFLOW))
    {
      _vl_write_set_core (write, NULL, FALSE);
      return TRUE;
    }
  if (is_full)
    {
      _vl_write_set_core (write, NULL, FALSE);
      g_set_error (error, VL_ERROR, VL_ERROR_QUEUE_FULL,
                   _ ("Too many writes to “%s” are waiting (%u); try again when some are done"),
                   core->cache_key, writer->capacity);
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
   * turn there may be many to take in; unless they are to be seen now. */
  if (_vl_writer_answers_for (core) ||
      (writer->sent == NULL && writer->n_marking == 0 && !writer->preparing))
    take_in (core);
  else
    _vl_writer_look_again (core);
}

void
_vl_writer_look_again (VlLiveCore *core)
{
  if (core->writer.is_expected)
    return;

  core->writer.is_expected = TRUE;
  _vl_handoff_post (core->home, take_in_turn, _vl_live_core_ref (core));
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

/* Out of the queue, or of what is sent as soon as the journal has that. */
static gboolean
take_from_line (VlLiveCore *core, VlWrite *write)
{
  if (!_vl_writer_take_out (core, write))
    return core->writer.sent != NULL && _vl_send_take_out (core->writer.sent, write);

  g_object_unref (write);
  return TRUE;
}

gboolean
_vl_writer_withdraw (VlLiveCore *core, VlWrite *write)
{
  g_autoptr (VlLiveCore) self G_GNUC_UNUSED = _vl_live_core_ref (core);
  g_autoptr (VlWrite) own G_GNUC_UNUSED = g_object_ref (write);
  g_autoptr (GError) error = NULL;
  gboolean was_shown;

  take_in (core);
  if (_vl_write_get_joined (write) != NULL || !take_from_line (core, write))
    return FALSE;

  g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                       _ ("The write was withdrawn before it was sent"));
  _vl_write_set_result (write, NULL, error);
  was_shown = _vl_show_is_shown (core, write);
  _vl_show_drop (core, write);
  _vl_recorder_note_discarded (core, write);
  _vl_writer_count_settled (core, 1);
  _vl_writer_let_go (core, write);
  _vl_writer_log (core, write, "withdrawn");
  if (was_shown)
    _vl_show_tell_taken_back (core, write);
  _vl_write_settle (write, VL_WRITE_STATE_DISCARDED);
  _vl_live_core_tell_writes_changed (core);
  /* It may have held others back. */
  _vl_retry_withdrawn (core, write);
  _vl_writer_pump (core);
  _vl_writer_check_idle (core);

  return TRUE;
}

/* A failed write: it holds the core no more, and is on the list. */
static gboolean
get_in_line_again (VlLiveCore *core, VlWrite *write)
{
  VlWriter *writer = &core->writer;
  VlWriteState state;
  gboolean is_full;

  _vl_lock_acquire (&writer->lock);
  is_full = writer->n_unsettled >= writer->capacity;
  if (!is_full)
    writer->n_unsettled++;
  _vl_lock_release (&writer->lock);
  if (is_full)
    return FALSE;

  _vl_write_set_core (write, core, TRUE);
  _vl_write_set_number (write, ++writer->n_writes);
  _vl_write_begin_anew (write);
  state = _vl_recorder_note_retried (core, write) ? VL_WRITE_STATE_RECORDING
                                                  : VL_WRITE_STATE_QUEUED;
  _vl_writer_put_back (core, write, state);
  _vl_show_begin (core, write);
  _vl_live_core_tell_writes_changed (core);

  return TRUE;
}

gboolean
_vl_writer_retry (VlLiveCore *core, VlWrite *write)
{
  g_autoptr (VlLiveCore) self G_GNUC_UNUSED = _vl_live_core_ref (core);
  g_autoptr (VlWrite) own G_GNUC_UNUSED = g_object_ref (write);

  if (vl_write_get_state (write) == VL_WRITE_STATE_FAILED)
    {
      if (!get_in_line_again (core, write))
        return FALSE;
    }
  _vl_write_set_due (write, 0);
  core->writer.retry.paused_until = 0;
  _vl_writer_pump (core);

  return TRUE;
}

void
_vl_writer_forget (VlLiveCore *core, VlWrite *write)
{
  g_autoptr (VlWrite) own G_GNUC_UNUSED = g_object_ref (write);

  _vl_recorder_note_discarded (core, write);
  _vl_writer_let_go (core, write);
  _vl_write_set_state (write, VL_WRITE_STATE_DISCARDED);
}

gboolean
_vl_writer_take_back (VlLiveCore *core, VlWrite *write)
{
  if (vl_write_get_state (write) != VL_WRITE_STATE_FAILED || _vl_write_get_core (write) != core)
    return FALSE;

  /* So that nobody sends it again, or takes it off, until it is settled. */
  _vl_write_set_state (g_object_ref (write), VL_WRITE_STATE_SENT);

  return TRUE;
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
  _vl_retry_init (&writer->retry);
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
  _vl_send_forget_late (core);
  _vl_retry_clear (&writer->retry);
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
