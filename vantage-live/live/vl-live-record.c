/* vl-live-record.c: the write queue and its journal
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A write gets in line and is recorded at once, so that the journal has the
 * order of the queue; it is accepted, and may be sent, when that is on the disk.
 * From then on the journal is told what becomes of it. Nobody waits for these
 * notes but a write that the target would apply twice: it is sent when it is
 * certain that the next run of the program will know.
 *
 * Everything here runs at home.
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-live-core-private.h"

#include "../base/vl-mutant-private.h"
#include "../table/vl-change.h"
#include "../table/vl-record.h"
#include "../table/vl-schema.h"
#include "../vl-error.h"
#include "vl-live-send-private.h"
#include "vl-live-show-private.h"
#include "vl-write-private.h"

void
_vl_recorder_init (VlLiveCore *core)
{
  core->recorder.left = g_ptr_array_new_with_free_func (g_object_unref);
}

void
_vl_recorder_dispose (VlLiveCore *core)
{
  VlRecorder *recorder = &core->recorder;

  g_assert (recorder->opening == NULL);
  if (recorder->journal != NULL)
    _vl_live_journal_close (g_steal_pointer (&recorder->journal), NULL, NULL, NULL);
  g_clear_object (&recorder->file);
  g_clear_object (&recorder->last_file);
  g_clear_error (&recorder->error);
  g_clear_pointer (&recorder->left, g_ptr_array_unref);
}

gboolean
_vl_recorder_is_on (VlLiveCore *core)
{
  return core->recorder.state != VL_JOURNAL_STATE_NONE;
}

/* Recording */

gboolean
_vl_recorder_is_for_idempotent (VlLiveCore *core)
{
  g_autoptr (VlSchema) schema = _vl_writer_dup_target_schema (core);

  return schema != NULL && vl_schema_can (schema, VL_CAPABILITY_IDEMPOTENT);
}

/* One write that is being recorded. */
typedef struct
{
  VlLiveCore *core; /* referenced */
  VlWrite *write;   /* referenced */
  guint64 number;   /* in the journal */
} Recording;

static void
recording_free (gpointer data)
{
  Recording *self = data;

  g_object_unref (self->write);
  _vl_live_core_unref (self->core);
  g_free (self);
}

/* Fails those of the queue that stand in the list. */
static void
refuse (VlLiveCore *core, GPtrArray *writes, const GError *error)
{
  g_autoptr (GError) own = g_error_copy (error);
  VlSend *send = _vl_send_new (core);

  g_prefix_error_literal (&own, _ ("The change was not recorded, and is not going to be made: "));
  for (guint i = 0; i < writes->len; i++)
    {
      VlWrite *write = g_ptr_array_index (writes, i);

      _vl_write_get_recording (write)->is_recording = FALSE;
      if (_vl_writer_take_out (core, write))
        _vl_send_add (send, write);
    }
  _vl_send_fail (send, own);
}

static void
recorded (const GError *error, gpointer user_data)
{
  Recording *call = user_data;
  VlRecording *recording = _vl_write_get_recording (call->write);

  /* It may have been withdrawn meanwhile. */
  if (recording->is_recording && recording->number == call->number)
    {
      recording->is_recording = FALSE;
      if (error != NULL)
        recording->number = 0;
      if (error != NULL && !VL_MUTANT (MADE_UNRECORDED))
        {
          g_autoptr (GPtrArray) writes = g_ptr_array_new ();

          g_ptr_array_add (writes, call->write);
          refuse (call->core, writes, error);
        }
      else
        {
          _vl_write_set_accepted (call->write);
          /* It may have failed meanwhile, since the table could not be described. */
          if (vl_write_get_state (call->write) == VL_WRITE_STATE_RECORDING)
            _vl_write_set_state (call->write, VL_WRITE_STATE_QUEUED);
        }
    }
  /* In the next turn, when all that went to the disk together are known. */
  _vl_writer_look_again (call->core);
  recording_free (call);
}

/* A target that knows what it has applied may be sent what it was sent before:
 * who sends to it need not wait for a note. All that is recorded for it may have
 * been sent, as far as the next run is concerned. */
static VlJournaledState
get_recorded_state (VlRecording *recording)
{
  recording->noted = VL_JOURNALED_QUEUED;

  return recording->may_be_sent ? VL_JOURNALED_SENT : VL_JOURNALED_QUEUED;
}

static void
record (VlLiveCore *core, VlWrite *write)
{
  VlRecording *recording = _vl_write_get_recording (write);
  Recording *call = g_new0 (Recording, 1);

  call->core = _vl_live_core_ref (core);
  call->write = g_object_ref (write);
  recording->may_be_sent = _vl_recorder_is_for_idempotent (core);
  call->number = _vl_live_journal_record (core->recorder.journal, vl_write_get_change (write),
                                          get_recorded_state (recording), recorded, call,
                                          recording_free);
  recording->number = call->number;
}

static void
refuse_turn (gpointer user_data, gboolean orphaned)
{
  g_autoptr (VlLiveCore) core = user_data;

  core->recorder.is_refusing = FALSE;
  if (!orphaned && core->recorder.state == VL_JOURNAL_STATE_FAILED)
    _vl_recorder_refuse_all (core);
}

void
_vl_recorder_begin (VlLiveCore *core, VlWrite *write)
{
  VlRecorder *recorder = &core->recorder;

  if (!_vl_recorder_is_on (core))
    return;

  _vl_write_get_recording (write)->is_recording = TRUE;
  if (recorder->journal != NULL)
    {
      record (core, write);
    }
  else if (recorder->state == VL_JOURNAL_STATE_FAILED && !recorder->is_refusing)
    {
      recorder->is_refusing = TRUE;
      _vl_handoff_post (core->home, refuse_turn, _vl_live_core_ref (core));
    }
}

/* Those in the queue that wait for the journal. */
static GPtrArray *
list_waiting (VlLiveCore *core)
{
  GPtrArray *waiting = g_ptr_array_new_with_free_func (g_object_unref);

  for (GList *l = core->writer.queue.head; l != NULL; l = l->next)
    {
      const VlRecording *recording = _vl_write_get_recording (l->data);

      if (recording->is_recording && recording->number == 0)
        g_ptr_array_add (waiting, g_object_ref (l->data));
    }

  return waiting;
}

/* They get in line anew, behind those of an earlier run. */
void
_vl_recorder_record_all (VlLiveCore *core)
{
  VlWriter *writer = &core->writer;
  g_autoptr (GPtrArray) waiting = list_waiting (core);

  for (guint i = 0; i < waiting->len; i++)
    {
      VlWrite *write = g_ptr_array_index (waiting, i);

      if (_vl_writer_take_out (core, write))
        g_queue_push_tail (&writer->queue, write);
      _vl_write_set_number (write, ++writer->n_writes);
      _vl_show_again (core, write);
      record (core, write);
    }
}

void
_vl_recorder_refuse_all (VlLiveCore *core)
{
  g_autoptr (GPtrArray) waiting = list_waiting (core);

  if (waiting->len > 0)
    refuse (core, waiting, core->recorder.error);
}

/* What becomes of writes */

static void
note_state (VlLiveCore *core, VlWrite *write, VlJournaledState state, const GError *error)
{
  VlRecording *recording = _vl_write_get_recording (write);

  recording->noted = state;
  recording->may_be_sent &= state != VL_JOURNALED_QUEUED;
  _vl_live_journal_set_state (core->recorder.journal, recording->number, state, error, NULL, NULL,
                              NULL);
}

static gboolean
is_in_journal (VlLiveCore *core, VlWrite *write)
{
  return core->recorder.journal != NULL && _vl_write_get_recording (write)->number != 0;
}

/* Of one that is not with the target. */
static VlJournaledState
get_unsent_state (VlWrite *write)
{
  return _vl_write_is_in_doubt (write) ? VL_JOURNALED_SENT : VL_JOURNALED_QUEUED;
}

static void
note_unsent (VlLiveCore *core, VlWrite *write)
{
  VlJournaledState state = get_unsent_state (write);

  if (is_in_journal (core, write) && _vl_write_get_recording (write)->noted != state)
    note_state (core, write, state, NULL);
}

/* Those that have joined it wait with it. */
static void
promise (VlWrite *write)
{
  GPtrArray *joined = _vl_write_get_joined (write);

  _vl_write_get_recording (write)->is_promised = TRUE;
  for (guint i = 0; joined != NULL && i < joined->len; i++)
    promise (joined->pdata[i]);
}

void
_vl_recorder_note_waiting (VlLiveCore *core, VlWrite *write)
{
  promise (write);
  note_unsent (core, write);
}

void
_vl_recorder_note_rebased (VlLiveCore *core, VlWrite *write)
{
  if (!is_in_journal (core, write))
    return;

  _vl_live_journal_replace (core->recorder.journal, _vl_write_get_recording (write)->number,
                            _vl_write_get_current (write), NULL, NULL, NULL);
  note_unsent (core, write);
}

static void
note_settled (VlLiveCore *core, VlWrite *write, VlSettledOutcome outcome, const char *real_id)
{
  VlRecording *recording = _vl_write_get_recording (write);

  if (is_in_journal (core, write))
    _vl_live_journal_settle (core->recorder.journal, recording->number, outcome, real_id, NULL,
                             NULL, NULL);
  recording->number = 0;
  recording->is_recording = FALSE;
}

void
_vl_recorder_note_discarded (VlLiveCore *core, VlWrite *write)
{
  note_settled (core, write, VL_SETTLED_DISCARDED, NULL);
}

/* Whether who waits for it hears how it ends, and not that it is accepted. */
static gboolean
is_told (VlWrite *write)
{
  return _vl_write_has_caller (write) && !_vl_write_get_recording (write)->is_promised;
}

/* One that nobody was told of, or will be, is kept until somebody decides. */
void
_vl_recorder_note_ended (VlLiveCore *core, VlWrite *write)
{
  g_autoptr (GError) error = vl_write_dup_error (write);
  VlRecord *record = vl_write_get_record (write);

  if (error == NULL && VL_MUTANT (REPLAYED_TWICE))
    return;
  if (error == NULL)
    note_settled (core, write, VL_SETTLED_APPLIED,
                  _vl_write_is_new (write) && record != NULL ? vl_record_get_id (record) : NULL);
  else if (is_told (write))
    note_settled (core, write, VL_SETTLED_FAILED, NULL);
  else if (is_in_journal (core, write))
    note_state (core, write,
                _vl_write_is_in_doubt (write) ? VL_JOURNALED_PARKED_IN_DOUBT : VL_JOURNALED_PARKED,
                error);
}

/* Another write stands for these in the journal. */
static void
leave_to (GPtrArray *joined)
{
  for (guint i = 0; i < joined->len; i++)
    _vl_write_get_recording (joined->pdata[i])->number = 0;
}

static void
joined_noted (const GError *error, gpointer user_data)
{
  Recording *call = user_data;
  VlRecording *recording = _vl_write_get_recording (call->write);

  if (recording->is_recording && recording->number == call->number)
    {
      recording->is_recording = FALSE;
      recording->has_to_note = error != NULL;
      if (error != NULL)
        _vl_retry_put_off (call->core, call->write);
      else
        leave_to (_vl_write_get_joined (call->write));
    }
  _vl_writer_look_again (call->core);
  recording_free (call);
}

void
_vl_recorder_note_joined (VlLiveCore *core, VlWrite *write)
{
  VlRecording *recording = _vl_write_get_recording (write);
  GPtrArray *joined = _vl_write_get_joined (write);
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (guint64));
  Recording *call;

  if (!is_in_journal (core, write))
    return;

  for (guint i = 0; i < joined->len; i++)
    {
      const VlRecording *other = _vl_write_get_recording (joined->pdata[i]);

      if (other->number != 0)
        g_array_append_val (numbers, other->number);
    }

  call = g_new0 (Recording, 1);
  call->core = _vl_live_core_ref (core);
  call->write = g_object_ref (write);
  call->number = recording->number;
  recording->is_recording = TRUE;
  recording->has_to_note = FALSE;
  _vl_live_journal_merge (core->recorder.journal, recording->number, numbers,
                          _vl_write_get_current (write), joined_noted, call, recording_free);
}

void
_vl_recorder_note_parted (VlLiveCore *core, VlWrite *write)
{
  VlRecording *recording = _vl_write_get_recording (write);

  if (core->recorder.journal == NULL || recording->number != 0 || is_told (write))
    return;

  /* It was accepted: what the disk has no room for now is noted when it has. */
  recording->may_be_sent = _vl_recorder_is_for_idempotent (core);
  recording->number = _vl_live_journal_record (core->recorder.journal, vl_write_get_change (write),
                                               get_recorded_state (recording), NULL, NULL, NULL);
}

gboolean
_vl_recorder_note_retried (VlLiveCore *core, VlWrite *write)
{
  if (is_in_journal (core, write))
    {
      note_state (core, write, get_unsent_state (write), NULL);
      return FALSE;
    }

  _vl_recorder_begin (core, write);

  return _vl_write_get_recording (write)->is_recording;
}

/* Sending */

/* What is sent when the journal has it that it may have been applied. */
typedef struct
{
  VlLiveCore *core; /* referenced */
  VlSend *send;
  VlTable *target; /* referenced */
  guint n_left;    /* notes that are not on the disk */
  GError *error;
} Noting;

static void
noting_free (Noting *self)
{
  g_object_unref (self->target);
  g_clear_error (&self->error);
  _vl_live_core_unref (self->core);
  g_free (self);
}

static void
sent_noted (const GError *error, gpointer user_data)
{
  Noting *self = user_data;

  if (error != NULL && self->error == NULL)
    self->error = g_error_copy (error);
  if (--self->n_left > 0)
    return;

  /* What was withdrawn meanwhile is not in it any more. */
  if (self->error == NULL && _vl_send_get_n_writes (self->send) > 0)
    _vl_send_out (self->send, self->target);
  else
    _vl_send_hold_back (self->send, self->error);
  noting_free (self);
}

/* The home context has gone. */
static void
sent_dropped (gpointer user_data)
{
  Noting *self = user_data;

  if (--self->n_left > 0)
    return;

  _vl_send_abandon (self->send);
  noting_free (self);
}

/* Whether the journal has to say that it is sent. */
static gboolean
needs_note (VlLiveCore *core, VlWrite *write)
{
  const VlRecording *recording = _vl_write_get_recording (write);

  return is_in_journal (core, write) &&
         (!_vl_recorder_is_for_idempotent (core) ||
          (!recording->may_be_sent && recording->noted != VL_JOURNALED_SENT));
}

static guint
count_notes (VlLiveCore *core, VlSend *send)
{
  guint n = 0;

  for (guint i = 0; i < _vl_send_get_n_writes (send); i++)
    n += needs_note (core, _vl_send_get_write (send, i));

  return n;
}

void
_vl_recorder_send_out (VlLiveCore *core, VlSend *send, VlTable *target)
{
  guint n_notes = count_notes (core, send);
  Noting *self;

  if (n_notes == 0)
    {
      _vl_send_out (send, target);
      return;
    }

  self = g_new0 (Noting, 1);
  self->core = _vl_live_core_ref (core);
  self->send = send;
  self->target = g_object_ref (target);
  self->n_left = n_notes;
  _vl_send_claim (send);
  for (guint i = 0; i < _vl_send_get_n_writes (send); i++)
    {
      VlWrite *write = _vl_send_get_write (send, i);

      if (!needs_note (core, write))
        continue;
      _vl_write_get_recording (write)->noted = VL_JOURNALED_SENT;
      _vl_live_journal_set_state (core->recorder.journal, _vl_write_get_recording (write)->number,
                                  VL_JOURNALED_SENT, NULL, sent_noted, self, sent_dropped);
    }
}

/* Letting go */

/* Whether the core answers for it, and for those that have joined it; how many
 * there are. */
static guint
set_held (VlLiveCore *core, VlWrite *write, gboolean is_held)
{
  GPtrArray *joined = _vl_write_get_joined (write);
  guint n = 1;

  for (guint i = 0; joined != NULL && i < joined->len; i++)
    n += set_held (core, joined->pdata[i], is_held);
  _vl_write_set_core (write, core, is_held);

  return n;
}

/* TRUE when nothing of the journal's is on its way any more. `callers` are those
 * that somebody waits for. */
static gboolean
leave_all (VlLiveCore *core, GPtrArray *callers)
{
  VlWriter *writer = &core->writer;
  guint n_left = 0;
  gboolean is_over = writer->sent == NULL;
  GList *next;

  for (GList *l = writer->queue.head; l != NULL; l = next)
    {
      VlWrite *write = l->data;

      next = l->next;
      is_over &= !_vl_write_get_recording (write)->is_recording;
      if (!is_in_journal (core, write) || _vl_write_get_recording (write)->is_recording)
        continue;
      g_queue_delete_link (&writer->queue, l);
      _vl_writer_list_callers (write, callers);
      n_left += set_held (core, write, FALSE);
      g_ptr_array_add (core->recorder.left, write);
    }
  if (n_left > 0)
    {
      _vl_writer_count_settled (core, n_left);
      _vl_live_core_tell_writes_changed (core);
    }

  return is_over;
}

/* What is left is accepted, and that is all that they will hear. */
void
_vl_recorder_check_parted (VlLiveCore *core)
{
  VlRecorder *recorder = &core->recorder;
  g_autoptr (GPtrArray) callers = NULL;

  if (!recorder->is_parting)
    return;

  callers = g_ptr_array_new_with_free_func (g_object_unref);
  if (leave_all (core, callers))
    {
      recorder->is_parting = FALSE;
      _vl_recorder_close (core, NULL, NULL);
    }
  for (guint i = 0; i < callers->len; i++)
    {
      g_autoptr (VlRecord) shown = _vl_show_get_record (core, callers->pdata[i]);

      _vl_write_release (callers->pdata[i], shown);
    }
}

/* Somebody uses the journal again before all is left: what was left so far is in
 * line as it was. */
void
_vl_recorder_stay (VlLiveCore *core)
{
  VlRecorder *recorder = &core->recorder;
  VlWriter *writer = &core->writer;
  g_autoptr (GPtrArray) left = g_steal_pointer (&recorder->left);
  guint n_held = 0;

  recorder->is_parting = FALSE;
  recorder->left = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < left->len; i++)
    {
      n_held += set_held (core, left->pdata[i], TRUE);
      _vl_writer_put_back (core, left->pdata[i], vl_write_get_state (left->pdata[i]));
    }
  _vl_lock_acquire (&writer->lock);
  writer->n_unsettled += n_held;
  _vl_lock_release (&writer->lock);
  if (n_held > 0)
    _vl_live_core_tell_writes_changed (core);
  _vl_writer_look_again (core);
}

gboolean
_vl_recorder_part (VlLiveCore *core)
{
  g_autoptr (VlLiveCore) self G_GNUC_UNUSED = _vl_live_core_ref (core);

  if (core->recorder.journal == NULL)
    return FALSE;

  core->recorder.is_parting = TRUE;
  _vl_recorder_check_parted (core);

  return TRUE;
}

typedef struct
{
  VlRecorderFunc done;
  gpointer user_data;
  VlLiveCore *core; /* referenced */
} Closing;

static void
closing_free (gpointer data)
{
  Closing *closing = data;

  _vl_live_core_unref (closing->core);
  g_free (closing);
}

static void
closed (const GError *error, gpointer user_data)
{
  Closing *closing = user_data;

  if (closing->done != NULL)
    closing->done (closing->user_data);
  closing_free (closing);
}

void
_vl_recorder_close (VlLiveCore *core, VlRecorderFunc done, gpointer user_data)
{
  VlRecorder *recorder = &core->recorder;
  VlLiveJournal *journal = recorder->journal != NULL ? recorder->journal : recorder->opening;
  Closing *closing;

  if (journal == NULL)
    {
      if (done != NULL)
        done (user_data);
      return;
    }

  closing = g_new0 (Closing, 1);
  closing->done = done;
  closing->user_data = user_data;
  closing->core = _vl_live_core_ref (core);
  recorder->journal = NULL;
  recorder->opening = NULL;
  recorder->state = VL_JOURNAL_STATE_NONE;
  g_clear_object (&recorder->file);
  g_clear_error (&recorder->error);
  _vl_live_journal_close (journal, closed, closing, closing_free);
  _vl_live_core_tell_journal_changed (core);
}
