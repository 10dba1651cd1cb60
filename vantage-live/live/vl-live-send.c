/* vl-live-send.c: writes that are with the master, and how they end
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 *   sent -> (answered, or given up) -> (looked after) -> settling -> settled
 *                                                     \-> back in the queue
 *
 * A write settles when the cache has been told that what it holds is old, and
 * in the order of the queue: only then does its caller hear. One that is not
 * answered in time is in doubt, and the next goes out; should its answer come
 * after all, the root is invalidated once more. What could not reach the master,
 * and may be sent again, goes back to its place in the queue; its caller is let
 * go then.
 *
 * Everything here runs at home.
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-live-core-private.h"
#include "vl-live-send-private.h"

#include "../base/vl-log-private.h"
#include "../base/vl-mutant-private.h"
#include "../table/vl-change-private.h"
#include "../table/vl-record.h"
#include "../table/vl-schema.h"
#include "../vl-error.h"
#include "vl-live-coalesce-private.h"
#include "vl-live-conflict-private.h"
#include "vl-live-show-private.h"
#include "vl-write-private.h"

typedef enum
{
  FATE_ENDS,    /* the result stands */
  FATE_WAITS,   /* is sent again when the master can be reached */
  FATE_AGAIN,   /* is sent again at once, based on what the master has */
  FATE_GIVEN_UP /* what the master has is kept */
} Fate;

typedef struct
{
  VlWrite *write;
  guint64 number;  /* its place in line when it was sent */
  gboolean is_out; /* the target is about to have it, or has */
  Fate fate;
  VlRecord *current;  /* of a conflict: what the master has, nullable */
  gboolean was_shown; /* before the master had it */
  gboolean is_back;   /* it had failed, and has been counted */
  GPtrArray *parts;   /* of VlWrite: those that had joined one that is late; nullable */
} Entry;

struct _VlSend
{
  VlLiveCore *core; /* referenced until it is late or settled */
  GArray *entries;  /* of Entry */
  VlFlight *flight;
  VlTimer *timer;
  guint n_judged;     /* whose fate is known */
  gboolean is_late;   /* given up: the core is not referenced any more */
  gboolean is_unsent; /* failed before the target had it */
  gboolean is_ready;  /* the cache knows: may settle */
  gboolean is_told;   /* the shells have the events */
  guint n_settled;    /* writes whose callers have heard */
};

static void send_judge (VlSend *send);

static void
entry_clear (gpointer data)
{
  Entry *entry = data;

  g_clear_object (&entry->write);
  g_clear_object (&entry->current);
  g_clear_pointer (&entry->parts, g_ptr_array_unref);
}

static Entry *
get_entry (VlSend *send, guint i)
{
  return &g_array_index (send->entries, Entry, i);
}

VlSend *
_vl_send_new (VlLiveCore *core)
{
  VlSend *send = g_new0 (VlSend, 1);

  send->core = _vl_live_core_ref (core);
  send->entries = g_array_new (FALSE, TRUE, sizeof (Entry));
  g_array_set_clear_func (send->entries, entry_clear);

  return send;
}

void
_vl_send_add (VlSend *send, VlWrite *write)
{
  const Entry entry = { .write = write, .number = _vl_write_get_number (write) };

  g_array_append_val (send->entries, entry);
}

guint
_vl_send_get_n_writes (VlSend *send)
{
  return send->entries->len;
}

VlWrite *
_vl_send_get_write (VlSend *send, guint i)
{
  return get_entry (send, i)->write;
}

gboolean
_vl_send_take_out (VlSend *send, VlWrite *write)
{
  for (guint i = 0; i < send->entries->len; i++)
    {
      if (get_entry (send, i)->write != write || get_entry (send, i)->is_out)
        continue;
      g_array_remove_index (send->entries, i);
      return TRUE;
    }

  return FALSE;
}

static void
send_free (VlSend *send)
{
  g_assert (send->timer == NULL);
  g_clear_pointer (&send->flight, _vl_flight_unref);
  g_clear_pointer (&send->entries, g_array_unref);
  if (!send->is_late)
    _vl_live_core_unref (send->core);
  g_free (send);
}

/* Settling */

/* Whether it is to be sent again, and not over. */
static gboolean
goes_back (const Entry *entry)
{
  return entry->fate == FATE_WAITS || entry->fate == FATE_AGAIN;
}

/* Tells of all that went together at once. */
static void
settle_tell (VlLiveCore *core, VlSend *send)
{
  g_autoptr (GPtrArray) settled = g_ptr_array_new_full (send->entries->len, g_object_unref);
  guint n_counted = 0;

  send->is_told = TRUE;
  for (guint i = 0; i < send->entries->len; i++)
    {
      const Entry *entry = get_entry (send, i);

      if (goes_back (entry))
        continue;
      g_ptr_array_add (settled, g_object_ref (entry->write));
      n_counted += !entry->is_back;
    }

  if (!send->is_unsent)
    _vl_writer_tell (core, settled);
  for (guint i = 0; i < send->entries->len; i++)
    {
      const Entry *entry = get_entry (send, i);

      if (entry->was_shown && _vl_write_has_failed (entry->write) &&
          !_vl_show_is_shown (core, entry->write))
        _vl_show_tell_taken_back (core, entry->write);
    }
  _vl_writer_count_settled (core, n_counted);
  _vl_writer_list_settled (core, settled);
}

/* The caller hears, and the write is out of the queue's hands. */
static void
settle_write (VlLiveCore *core, VlWrite *write, Fate fate)
{
  g_autoptr (GError) error = vl_write_dup_error (write);
  gboolean stays = error != NULL && !_vl_write_has_caller (write);

  _vl_writer_log (core, write, error != NULL ? error->message : "applied");
  if (error != NULL)
    core->stats->failed_writes++;
  else if (fate != FATE_GIVEN_UP)
    core->stats->writes++;

  _vl_write_set_core (write, stays ? core : NULL, FALSE);
  if (fate == FATE_GIVEN_UP)
    _vl_write_settle (write, VL_WRITE_STATE_DISCARDED);
  else
    _vl_write_settle (write, error == NULL ? VL_WRITE_STATE_APPLIED : VL_WRITE_STATE_FAILED);
  if (error != NULL)
    _vl_live_core_tell_write_failed (core, write);
}

static void
settle_next (VlLiveCore *core, VlSend *send)
{
  const Entry *entry = get_entry (send, send->n_settled++);
  g_autoptr (VlWrite) write = g_object_ref (entry->write);
  g_autoptr (GPtrArray) waiting = NULL;

  if (entry->fate == FATE_AGAIN)
    return;
  if (entry->fate != FATE_WAITS)
    {
      settle_write (core, write, entry->fate);
      return;
    }

  waiting = g_ptr_array_new_with_free_func (g_object_unref);
  _vl_writer_list_callers (write, waiting);
  for (guint i = 0; i < waiting->len; i++)
    {
      g_autoptr (VlRecord) shown = _vl_show_get_record (core, waiting->pdata[i]);

      _vl_write_release (waiting->pdata[i], shown);
    }
}

static void
settle_step (VlLiveCore *core, VlSend *send)
{
  if (!send->is_told)
    {
      settle_tell (core, send);
    }
  else if (send->n_settled < send->entries->len)
    {
      settle_next (core, send);
    }
  else
    {
      g_queue_pop_head (&core->writer.settling);
      send_free (send);
      _vl_live_core_tell_writes_changed (core);
    }
}

gboolean
_vl_send_is_settling (VlLiveCore *core)
{
  return _vl_writer_is_looping (core->writer.is_settling, core->writer.settling_depth);
}

void
_vl_send_settle_ready (VlLiveCore *core)
{
  VlWriter *writer = &core->writer;
  g_autoptr (VlLiveCore) self = NULL;
  const gboolean outer = writer->is_settling;
  const gint outer_depth = writer->settling_depth;
  VlSend *send;

  /* A callback that gets here again must not pass those that wait behind it. */
  if (_vl_send_is_settling (core))
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
  _vl_send_settle_ready (send->core);
}

/* Whether nobody knows what became of it. */
static gboolean
is_unknown (const GError *error)
{
  return g_error_matches (error, VL_ERROR, VL_ERROR_IN_DOUBT) ||
         g_error_matches (error, VL_ERROR, VL_ERROR_TIMED_OUT);
}

/* Whether later writes to its record may have been sent before it was known that
 * it had been applied: it had failed in doubt, and may have been retried. */
static gboolean
was_passed (const Entry *entry)
{
  return (entry->is_back || entry->number != _vl_write_get_number (entry->write)) &&
         !_vl_write_is_new (entry->write);
}

/* What becomes of a write, before anybody hears of it. TRUE when what is cached
 * has to be given up. */
static gboolean
conclude (VlLiveCore *core, VlSend *send, Entry *entry)
{
  g_autoptr (GError) error = vl_write_dup_error (entry->write);

  entry->was_shown = _vl_show_is_shown (core, entry->write);
  switch (entry->fate)
    {
    case FATE_WAITS:
      _vl_recorder_note_waiting (core, entry->write);
      _vl_writer_put_back (core, entry->write, VL_WRITE_STATE_WAITING);
      return !send->is_unsent;
    case FATE_AGAIN:
      _vl_write_set_due (entry->write, 0);
      _vl_recorder_note_rebased (core, entry->write);
      _vl_writer_put_back (core, entry->write, VL_WRITE_STATE_QUEUED);
      return TRUE;
    case FATE_GIVEN_UP:
      _vl_recorder_note_discarded (core, entry->write);
      _vl_show_drop (core, entry->write);
      return TRUE;
    case FATE_ENDS:
    default:
      _vl_recorder_note_ended (core, entry->write);
      if (error == NULL && !was_passed (entry))
        return _vl_show_settle (core, entry->write);
      _vl_show_drop (core, entry->write);
      if (error == NULL)
        return TRUE;
      /* That this attempt changed nothing says nothing of those before it. */
      return _vl_write_is_in_doubt (entry->write) ||
             (!send->is_unsent && !_vl_writer_changed_nothing (error));
    }
}

/* Those that have joined a write end as it does, behind it. */
static void
add_joined (VlLiveCore *core, VlSend *send, guint i)
{
  const Entry leader = *get_entry (send, i);
  g_autoptr (GPtrArray) joined = NULL;
  g_autoptr (GError) error = NULL;

  if (_vl_write_get_joined (leader.write) == NULL || goes_back (&leader))
    return;

  joined = _vl_write_steal_joined (leader.write);
  error = vl_write_dup_error (leader.write);
  if (error != NULL)
    _vl_coalesce_part (core, leader.write, joined);
  for (guint j = 0; j < joined->len; j++)
    {
      const Entry entry = {
        .write = g_object_ref (joined->pdata[j]),
        .fate = leader.fate,
        .current = leader.current != NULL ? g_object_ref (leader.current) : NULL,
      };

      _vl_write_set_result (entry.write, vl_write_get_record (leader.write), error);
      g_array_insert_val (send->entries, i + 1 + j, entry);
    }
}

/* Whether an answer says that somebody was there to give it. */
static gboolean
has_reached (const Entry *entry)
{
  g_autoptr (GError) error = vl_write_dup_error (entry->write);

  return entry->fate != FATE_WAITS && !g_error_matches (error, VL_ERROR, VL_ERROR_UNAVAILABLE) &&
         !is_unknown (error);
}

/* All that went together met with the same network: it counts once. TRUE when nobody
 * needs to wait any more for what an earlier write does that was not answered: what was
 * read meanwhile may have been read before it. */
static gboolean
note_reach (VlLiveCore *core, VlSend *send)
{
  g_autoptr (GPtrArray) waiting = g_ptr_array_new ();
  gboolean is_reached = FALSE;
  gboolean is_unsure = core->writer.late->len > 0;
  gboolean ends;

  for (guint i = 0; i < send->entries->len; i++)
    {
      const Entry *entry = get_entry (send, i);

      is_reached |= !send->is_unsent && has_reached (entry);
      is_unsure |= !send->is_unsent && !has_reached (entry);
      if (entry->fate == FATE_WAITS)
        g_ptr_array_add (waiting, entry->write);
    }

  /* Who answers has done with what was sent before. */
  ends = core->writer.is_unsure && is_reached && !is_unsure;
  core->writer.is_unsure = is_unsure || (core->writer.is_unsure && !is_reached);
  if (is_reached)
    _vl_retry_reached (core);
  for (guint i = 0; i < waiting->len; i++)
    _vl_retry_put_off (core, waiting->pdata[i]);
  if (!is_reached && waiting->len > 0)
    _vl_retry_unreached (core, waiting);

  return ends;
}

/* A write and those that have joined it. */
static void
list_all (VlWrite *write, GPtrArray *writes)
{
  GPtrArray *joined = _vl_write_get_joined (write);

  g_ptr_array_add (writes, g_object_ref (write));
  for (guint i = 0; joined != NULL && i < joined->len; i++)
    list_all (joined->pdata[i], writes);
}

static void
freeze (gpointer write, gpointer user_data)
{
  g_object_freeze_notify (write);
}

static void
thaw (gpointer write, gpointer user_data)
{
  g_object_thaw_notify (write);
}

static void
invalidate_late (gpointer user_data, gboolean orphaned)
{
  g_autoptr (VlLiveCore) core = user_data;

  if (!orphaned)
    _vl_gate_invalidate (core, FALSE, NULL, NULL);
}

/* The fate of all of a send is known. */
static void
send_done (VlLiveCore *core, VlSend *send)
{
  g_autoptr (GPtrArray) frozen = g_ptr_array_new_with_free_func (g_object_unref);
  gboolean gives_up = FALSE;

  g_queue_push_tail (&core->writer.settling, send);
  for (guint i = send->entries->len; i > 0; i--)
    add_joined (core, send, i - 1);
  /* Who hears of the first that goes back into the queue, and writes, must find
   * the others there. */
  for (guint i = 0; i < send->entries->len; i++)
    {
      if (goes_back (get_entry (send, i)))
        list_all (get_entry (send, i)->write, frozen);
    }
  g_ptr_array_foreach (frozen, freeze, NULL);
  for (guint i = 0; i < send->entries->len; i++)
    gives_up |= conclude (core, send, get_entry (send, i));
  gives_up |= note_reach (core, send);
  g_ptr_array_foreach (frozen, thaw, NULL);
  _vl_live_network_check (core);
  /* This may be one that comes late, while a new record gets its id. */
  if (core->writer.sent == NULL)
    _vl_hold_end (core);

  if (gives_up && VL_MUTANT (REPLY_BEFORE_INVALIDATING))
    {
      core->writer.written = core->gate.epoch + 1;
      _vl_handoff_post (core->home, invalidate_late, _vl_live_core_ref (core));
      send_ready (send);
    }
  else if (gives_up)
    {
      core->writer.written = core->gate.epoch + 1;
      _vl_gate_invalidate (core, FALSE, send_ready, send);
    }
  else
    {
      _vl_writer_close_mark (core);
      send_ready (send);
    }
}

/* What is to become of them */

/* What an earlier attempt may have done is done, and is what this one ran into. */
static gboolean
was_applied (Entry *entry)
{
  VlChange *sent = _vl_write_get_sent (entry->write);

  if (!_vl_write_is_in_doubt (entry->write))
    return FALSE;
  if (vl_change_get_kind (sent) == VL_CHANGE_KIND_DELETE)
    return entry->current == NULL;

  return entry->current != NULL &&
         _vl_conflict_has_fields (entry->current, vl_change_get_record (sent));
}

static Fate
judge_conflict (VlLiveCore *core, Entry *entry)
{
  if (was_applied (entry))
    {
      _vl_write_set_result (entry->write, entry->current, NULL);
      return FATE_ENDS;
    }

  switch (_vl_conflict_resolve (core, entry->write, entry->current))
    {
    case VL_CONFLICT_AGAIN:
      return FATE_AGAIN;
    case VL_CONFLICT_GIVE_UP:
      _vl_write_set_result (entry->write, entry->current, NULL);
      return FATE_GIVEN_UP;
    case VL_CONFLICT_FAIL:
    default:
      return FATE_ENDS;
    }
}

static Fate
judge (VlLiveCore *core, Entry *entry)
{
  g_autoptr (GError) error = vl_write_dup_error (entry->write);

  if (error == NULL)
    return FATE_ENDS;
  if (g_error_matches (error, VL_ERROR, VL_ERROR_CONFLICT))
    return judge_conflict (core, entry);
  if (is_unknown (error))
    _vl_write_set_in_doubt (entry->write, TRUE);
  if (!vl_write_get_accepted (entry->write))
    return FATE_ENDS;
  if (g_error_matches (error, VL_ERROR, VL_ERROR_UNAVAILABLE))
    return FATE_WAITS;

  return is_unknown (error) && _vl_retry_can_repeat (core, entry->write) ? FATE_WAITS : FATE_ENDS;
}

/* A new record that may have been stored by an earlier attempt, and is there. */
static gboolean
has_to_look (Entry *entry)
{
  g_autoptr (GError) error = vl_write_dup_error (entry->write);
  VlChange *sent = _vl_write_get_sent (entry->write);

  return _vl_write_is_in_doubt (entry->write) &&
         g_error_matches (error, VL_ERROR, VL_ERROR_EXISTS) &&
         vl_change_get_kind (sent) == VL_CHANGE_KIND_INSERT && vl_change_get_id (sent) != NULL;
}

/* Nobody could look: it is as much in doubt as before. One that will not be sent
 * again ends, and says so. */
static void
look_failed (VlWrite *write, const GError *error)
{
  g_autoptr (GError) doubt = NULL;

  if (vl_write_get_accepted (write))
    {
      _vl_write_set_result (write, NULL, error);
      return;
    }

  doubt = g_error_new (VL_ERROR, VL_ERROR_IN_DOUBT,
                       _ ("Nobody knows whether the record that is there was written by an "
                          "attempt of before, since it could not be read: %s"),
                       error->message);
  _vl_write_set_result (write, NULL, doubt);
}

static void
looked (VlAnswer *answer, gpointer user_data)
{
  VlSend *send = user_data;
  Entry *entry = get_entry (send, send->n_judged);
  VlChange *sent = _vl_write_get_sent (entry->write);

  g_clear_pointer (&send->flight, _vl_flight_unref);
  if (g_error_matches (answer->error, VL_ERROR, VL_ERROR_UNAVAILABLE) || is_unknown (answer->error))
    {
      look_failed (entry->write, answer->error);
    }
  else
    {
      if (answer->error == NULL && answer->record != NULL &&
          _vl_conflict_has_fields (answer->record, vl_change_get_record (sent)))
        _vl_write_set_result (entry->write, answer->record, NULL);
      _vl_write_set_in_doubt (entry->write, FALSE);
    }
  send_judge (send);
}

void
_vl_send_abandon (VlSend *send)
{
  g_clear_pointer (&send->flight, _vl_flight_unref);
  if (!send->is_late)
    {
      /* The home context has gone, and what is left of the timer is ours. */
      _vl_timer_clear (&send->timer);
      send->core->writer.sent = NULL;
      for (guint i = 0; i < send->entries->len; i++)
        _vl_write_set_core (get_entry (send, i)->write, NULL, FALSE);
    }
  send_free (send);
}

static void
send_dropped (gpointer user_data)
{
  _vl_send_abandon (user_data);
}

static void
look (VlSend *send)
{
  VlLiveCore *core = send->core;
  VlChange *sent = _vl_write_get_sent (get_entry (send, send->n_judged)->write);
  VlFlight *flight = _vl_table_send_find (_vl_writer_get_target (core), vl_change_get_id (sent),
                                          core->timeout, looked, send, send_dropped);

  if (flight != NULL)
    send->flight = flight;
}

/* Goes on from the first write whose fate is not known; until all are, the send
 * is with the target. */
static void
send_judge (VlSend *send)
{
  g_autoptr (VlLiveCore) core = _vl_live_core_ref (send->core);

  for (; send->n_judged < send->entries->len; send->n_judged++)
    {
      Entry *entry = get_entry (send, send->n_judged);

      if (has_to_look (entry))
        {
          look (send);
          return;
        }
      entry->fate = judge (core, entry);
    }

  core->writer.sent = NULL;
  /* Nothing passes those that are neither sent nor in the queue. */
  core->writer.preparing = TRUE;
  _vl_live_core_drain (core);
  core->writer.preparing = FALSE;
  send_done (core, send);
  _vl_writer_pump (core);
}

/* Sending */

static gboolean
is_refused (VlAnswer *answer, guint i)
{
  return answer->error != NULL || (answer->items != NULL && answer->items[i].error != NULL);
}

static void
take_result (Entry *entry, VlAnswer *answer, guint i)
{
  gboolean is_item = answer->error == NULL && answer->items != NULL;
  GError *error = is_item ? answer->items[i].error : answer->error;
  VlRecord *record = is_item ? answer->items[i].record : answer->record;

  /* With a conflict comes what the master has. */
  if (g_error_matches (error, VL_ERROR, VL_ERROR_CONFLICT))
    g_set_object (&entry->current, record);
  else if (error != NULL)
    record = NULL;
  if (error == NULL && record == NULL)
    record = _vl_change_get_stored (vl_write_get_change (entry->write));
  _vl_write_set_result (entry->write, record, error);
}

/* One that has been applied after all need not be sent again, nor has it failed.
 * FALSE when it is with the target once more, or was given up. */
static gboolean
add_late (VlLiveCore *core, VlSend *applied, VlWrite *write)
{
  gboolean waits = _vl_writer_take_out (core, write);

  if (!waits && !_vl_writer_take_back (core, write))
    return FALSE;

  _vl_send_add (applied, write);
  get_entry (applied, applied->entries->len - 1)->is_back = !waits;

  return TRUE;
}

/* As far as it was about these: those that have joined one that waits are with
 * it, and those that were parted from it stand for themselves. */
static void
add_late_all (VlLiveCore *core, VlSend *applied, Entry *late, VlAnswer *answer, guint i)
{
  for (guint j = 0; j < late->parts->len; j++)
    {
      if (add_late (core, applied, late->parts->pdata[j]))
        take_result (get_entry (applied, applied->entries->len - 1), answer, i);
    }
}

/* An answer after all. What was in doubt has been decided just now: whatever was
 * read since the doubt may be from before. */
static void
send_late (VlLiveCore *core, VlSend *send, VlAnswer *answer)
{
  g_ptr_array_remove_fast (core->writer.late, send);
  if (_vl_live_core_try_ref (core))
    {
      VlSend *applied = _vl_send_new (core);
      g_autoptr (GPtrArray) told = g_ptr_array_new_with_free_func (g_object_unref);

      _vl_gate_invalidate (core, FALSE, NULL, NULL);
      for (guint i = 0; i < send->entries->len; i++)
        {
          Entry *entry = get_entry (send, i);

          if (is_refused (answer, i) || !add_late (core, applied, entry->write))
            g_ptr_array_add (told, g_object_ref (entry->write));
          else
            {
              get_entry (applied, applied->entries->len - 1)->number = entry->number;
              take_result (get_entry (applied, applied->entries->len - 1), answer, i);
            }
          if (entry->parts != NULL && !is_refused (answer, i))
            add_late_all (core, applied, entry, answer, i);
        }
      _vl_writer_tell (core, told);
      if (applied->entries->len > 0)
        send_done (core, applied);
      else
        send_free (applied);
      _vl_live_core_unref (core);
    }
  send_free (send);
}

static void
send_answered (VlAnswer *answer, gpointer user_data)
{
  VlSend *send = user_data;

  g_clear_pointer (&send->flight, _vl_flight_unref);
  if (!send->is_late)
    {
      _vl_timer_clear (&send->timer);
      for (guint i = 0; i < send->entries->len; i++)
        take_result (get_entry (send, i), answer, i);
      send_judge (send);
      return;
    }

  send_late (send->core, send, answer);
}

static gpointer
copy_ref (gconstpointer object, gpointer user_data)
{
  return g_object_ref ((gpointer) object);
}

static void
send_timed_out (gpointer user_data)
{
  VlSend *late = user_data;
  g_autoptr (VlLiveCore) core = _vl_live_core_ref (late->core);
  VlSend *send = _vl_send_new (core);

  _vl_timer_clear (&late->timer);
  for (guint i = 0; i < late->entries->len; i++)
    {
      VlWrite *write = get_entry (late, i)->write;
      GPtrArray *joined = _vl_write_get_joined (write);
      g_autoptr (GError) error =
        g_error_new (VL_ERROR, VL_ERROR_IN_DOUBT,
                     _ ("The write to “%s” was not answered within %u ms; nobody knows whether it "
                        "was applied"),
                     core->cache_key, core->timeout);

      if (joined != NULL)
        get_entry (late, i)->parts = g_ptr_array_copy (joined, copy_ref, NULL);
      _vl_write_set_result (write, NULL, error);
      _vl_send_add (send, g_object_ref (write));
    }

  /* A master that never answers must not keep the core that keeps it. */
  late->is_late = TRUE;
  g_ptr_array_add (core->writer.late, late);
  _vl_live_core_unref (core);

  send_judge (send);
}

void
_vl_send_claim (VlSend *send)
{
  send->core->writer.sent = send;
}

void
_vl_send_out (VlSend *send, VlTable *target)
{
  VlLiveCore *core = send->core;
  VlFlight *flight;

  _vl_send_claim (send);
  core->writer.sent_at = (VlSentAt){ _vl_facts_get_seq (core->facts), core->gate.epoch,
                                     core->reader.n_answered };
  /* Who hears of the first may withdraw the next. */
  for (guint i = 0; i < send->entries->len; i++)
    {
      VlWrite *write = get_entry (send, i)->write;

      get_entry (send, i)->is_out = TRUE;
      _vl_write_add_attempt (write);
      _vl_change_set_is_told (_vl_write_get_sent (write), TRUE);
      _vl_write_set_state (write, VL_WRITE_STATE_SENT);
      if (_vl_write_is_new (write) && _vl_show_is_shown (core, write) &&
          !VL_MUTANT (TWO_ROWS_FOR_ONE))
        _vl_hold_begin (core);
      _vl_writer_log (core, write, "sent");
    }

  if (core->timeout > 0)
    send->timer = _vl_timer_start (_vl_handoff_get_context (core->home), core->timeout,
                                   send_timed_out, send);
  if (send->entries->len == 1)
    {
      VlChange *change = _vl_write_get_sent (get_entry (send, 0)->write);

      flight = _vl_table_send_apply (target, change, 0, send_answered, send, send_dropped);
    }
  else
    {
      g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
      g_autoptr (GPtrArray) sent = g_ptr_array_sized_new (send->entries->len);

      for (guint i = 0; i < send->entries->len; i++)
        g_ptr_array_add (sent, _vl_write_get_sent (get_entry (send, i)->write));
      g_list_store_splice (changes, 0, 0, sent->pdata, sent->len);
      flight = _vl_table_send_apply_batch (target, G_LIST_MODEL (changes), 0, send_answered, send,
                                           send_dropped);
    }
  if (flight != NULL)
    send->flight = flight;
}

void
_vl_send_fail (VlSend *send, const GError *error)
{
  send->is_unsent = TRUE;
  for (guint i = 0; i < send->entries->len; i++)
    _vl_write_set_result (get_entry (send, i)->write, NULL, error);
  send_done (send->core, send);
}

void
_vl_send_hold_back (VlSend *send, const GError *error)
{
  g_autoptr (VlLiveCore) core = _vl_live_core_ref (send->core);

  core->writer.sent = NULL;
  send->is_unsent = TRUE;
  for (guint i = 0; i < send->entries->len; i++)
    {
      _vl_write_set_result (get_entry (send, i)->write, NULL, error);
      get_entry (send, i)->fate = FATE_WAITS;
    }
  send_done (core, send);
  _vl_writer_pump (core);
}

void
_vl_send_forget_late (VlLiveCore *core)
{
  while (core->writer.late->len > 0)
    {
      VlSend *send = g_ptr_array_steal_index_fast (core->writer.late, 0);

      _vl_flight_cancel (g_steal_pointer (&send->flight));
    }
}
