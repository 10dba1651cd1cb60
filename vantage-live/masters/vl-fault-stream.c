/* vl-fault-stream.c: a stream behind a simulated network
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * It listens to the target's stream for as long as somebody listens to it, and
 * tells nothing of what it hears while it is not connected: being live again is
 * a gap, which makes up for that.
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-fault-stream-private.h"

#include "../base/vl-handoff-private.h"
#include "../stream/vl-live-event.h"
#include "../stream/vl-live-stream-private.h"
#include "../table/vl-change.h"
#include "../table/vl-record.h"
#include "../vl-error.h"

typedef enum
{
  PHASE_STOPPED, /* nobody listens */
  PHASE_WAITING, /* for the target's stream to be live */
  PHASE_BROKEN,  /* until it is started again */
  PHASE_OFFLINE, /* until the network is back */
  PHASE_CONNECTED,
} Phase;

/* An event on its way, or word of a position. */
typedef struct
{
  VlLiveEvent *event;
  char *position; /* without an event */
  gint64 due;     /* monotonic */
} Late;

struct _VlFaultStream
{
  VlLiveStream parent_instance;

  VlFaultNetwork *network;
  VlLiveStream *target;
  VlHandoff *home;

  VlLock lock;

  /* Under the lock. */
  Phase phase;
  char *position;      /* where the target's stream is, NULL = not known */
  GQueue late;         /* of Late, in the order they were told */
  gboolean is_telling; /* a thread is busy with those of them that are due */
  gboolean has_update; /* update_at_home() is on its way */

  /* Only at home. */
  VlStreamSink *sink; /* on the target's stream, while somebody listens */
  VlTimer *late_timer;
  VlTimer *edge_timer; /* when a time without network begins or ends */
};

G_DEFINE_FINAL_TYPE (VlFaultStream, _vl_fault_stream, VL_TYPE_LIVE_STREAM)

static void post_update (VlFaultStream *self);

static void
late_free (gpointer data)
{
  Late *self = data;

  g_clear_object (&self->event);
  g_free (self->position);
  g_free (self);
}

/* What the target's stream holds of this one. */
static GWeakRef *
ear_new (VlFaultStream *stream)
{
  GWeakRef *ear = g_new0 (GWeakRef, 1);

  g_weak_ref_init (ear, stream);

  return ear;
}

static void
ear_free (gpointer ear)
{
  g_weak_ref_clear (ear);
  g_free (ear);
}

/* Connecting and breaking off. */

static GError *
make_offline_error (void)
{
  return g_error_new_literal (VL_ERROR, VL_ERROR_UNAVAILABLE,
                              _ ("The stream has ended: the simulated network is down"));
}

/* Under the lock: what is on its way is lost. */
static void
set_phase (VlFaultStream *self, Phase phase)
{
  self->phase = phase;
  g_queue_clear_full (&self->late, late_free);
}

/* From any thread. */
static void
break_off (VlFaultStream *self, Phase phase, const GError *error)
{
  gboolean was_started;

  _vl_lock_acquire (&self->lock);
  was_started = self->phase != PHASE_STOPPED;
  if (was_started)
    set_phase (self, phase);
  _vl_lock_release (&self->lock);

  if (was_started)
    vl_live_stream_report_end (VL_LIVE_STREAM (self), error);
}

/* From any thread. */
static void
become_live (VlFaultStream *self)
{
  g_autofree char *position = NULL;
  gboolean is_connected;

  _vl_lock_acquire (&self->lock);
  position = g_strdup (self->position);
  _vl_lock_release (&self->lock);

  vl_live_stream_report_live_at (VL_LIVE_STREAM (self), position);

  /* It may have broken off before it was reported live. */
  _vl_lock_acquire (&self->lock);
  is_connected = self->phase == PHASE_CONNECTED || self->phase == PHASE_STOPPED;
  _vl_lock_release (&self->lock);

  if (!is_connected)
    vl_live_stream_report_end (VL_LIVE_STREAM (self), NULL);
}

/* From any thread: it is the target's stream that is not heard. */
static void
end_with_target (VlFaultStream *self)
{
  g_autoptr (GError) error = vl_live_stream_dup_error (self->target);

  break_off (self, PHASE_WAITING, error);
}

/* Runs at home, when the stream is started and when the network is back. */
static void
try_connect (VlFaultStream *self)
{
  VlLiveStreamState state = vl_live_stream_get_state (self->target);
  gboolean is_live = state == VL_LIVE_STREAM_STATE_LIVE;

  if (_vl_fault_network_is_offline (self->network))
    {
      g_autoptr (GError) error = make_offline_error ();

      break_off (self, PHASE_OFFLINE, error);
      return;
    }

  _vl_lock_acquire (&self->lock);
  set_phase (self, is_live ? PHASE_CONNECTED : PHASE_WAITING);
  _vl_lock_release (&self->lock);

  if (is_live)
    become_live (self);
  else if (state == VL_LIVE_STREAM_STATE_FAILED)
    end_with_target (self);
}

/* Events. */

/* From any thread, not under the lock; consumes `late`. */
static void
tell (VlFaultStream *self, Late *late)
{
  if (late->event != NULL)
    vl_live_stream_push (VL_LIVE_STREAM (self), late->event);
  else
    vl_live_stream_report_position (VL_LIVE_STREAM (self), late->position);
  late_free (late);
}

/* From any thread, one at a time: tells what is due, in order; a sink may make
 * more of it. Answers whether something is left that is not due yet. */
static gboolean
tell_due (VlFaultStream *self)
{
  Late *late;

  _vl_lock_acquire (&self->lock);
  if (!self->is_telling)
    {
      self->is_telling = TRUE;
      while ((late = g_queue_peek_head (&self->late)) != NULL &&
             late->due <= _vl_clock_monotonic ())
        {
          g_queue_pop_head (&self->late);
          _vl_lock_release (&self->lock);
          tell (self, late);
          _vl_lock_acquire (&self->lock);
        }
      self->is_telling = FALSE;
    }
  late = g_queue_peek_head (&self->late);
  _vl_lock_release (&self->lock);

  return late != NULL;
}

/* Under the lock. It is told after those that are on their way, however soon it
 * is due. */
static void
add_late (VlFaultStream *self, VlLiveEvent *event, const char *position, gint64 due)
{
  Late *late = g_new0 (Late, 1);

  late->event = event != NULL ? g_object_ref (event) : NULL;
  late->position = event == NULL ? g_strdup (position) : NULL;
  late->due = due;
  g_queue_push_tail (&self->late, late);
}

/* From any thread, while connected. */
static void
carry (VlFaultStream *self, VlLiveEvent *event)
{
  gint64 due = _vl_clock_monotonic ();
  VlFaultEventPlan plan;

  _vl_fault_network_plan_event (self->network, &plan);
  if (plan.is_lost)
    {
      g_autoptr (GError)
        error = g_error_new_literal (VL_ERROR, VL_ERROR_UNAVAILABLE,
                                     _ ("The stream has ended: the simulated network has lost an "
                                        "event"));

      break_off (self, PHASE_BROKEN, error);
      return;
    }

  due += (gint64) plan.delay * 1000;
  _vl_lock_acquire (&self->lock);
  if (self->phase == PHASE_CONNECTED)
    add_late (self, event, NULL, due);
  if (self->phase == PHASE_CONNECTED && plan.is_repeated)
    add_late (self, event, NULL, due);
  _vl_lock_release (&self->lock);

  if (tell_due (self))
    post_update (self);
}

/* From any thread. */
static void
carry_position (VlFaultStream *self, const char *position)
{
  _vl_lock_acquire (&self->lock);
  if (self->phase == PHASE_CONNECTED)
    add_late (self, NULL, position, _vl_clock_monotonic ());
  _vl_lock_release (&self->lock);

  if (tell_due (self))
    post_update (self);
}

/* From any thread. Whether what was heard is to be told. A gap that the stream
 * waits for connects it, and an end need not be connected to. */
static gboolean
take_note (VlFaultStream *self, const VlStreamWord *word)
{
  gboolean offline = _vl_fault_network_is_offline (self->network);
  Phase phase;

  _vl_lock_acquire (&self->lock);
  g_free (self->position);
  self->position = g_strdup (word->position);
  phase = self->phase;
  if (word->kind == VL_STREAM_GAP && !offline && phase == PHASE_WAITING)
    phase = PHASE_CONNECTED;
  /* What was on its way before a gap is part of it. */
  if (word->kind == VL_STREAM_GAP && !offline && phase == PHASE_CONNECTED)
    set_phase (self, PHASE_CONNECTED);
  _vl_lock_release (&self->lock);

  if (phase == PHASE_CONNECTED && offline)
    _vl_fault_stream_network_changed (VL_LIVE_STREAM (self));

  return !offline &&
         (phase == PHASE_CONNECTED || (phase == PHASE_WAITING && word->kind == VL_STREAM_ENDED));
}

/* From any thread. */
static void
hear (VlFaultStream *self, const VlStreamWord *word)
{
  gboolean is_told = take_note (self, word);

  switch (word->kind)
    {
    case VL_STREAM_EVENT:
      if (is_told)
        carry (self, word->event);
      break;

    case VL_STREAM_REACHED:
      if (is_told)
        carry_position (self, word->position);
      break;

    case VL_STREAM_GAP:
      if (is_told)
        become_live (self);
      break;

    case VL_STREAM_ENDED:
    default:
      if (is_told)
        end_with_target (self);
      break;
    }
}

/* From any thread. */
static void
on_word (const VlStreamWord *word, gpointer user_data)
{
  g_autoptr (VlFaultStream) self = g_weak_ref_get (user_data);

  if (self != NULL)
    hear (self, word);
}

/* What happens at home. */

static void
on_late_time (gpointer user_data)
{
  g_autoptr (VlFaultStream) self = g_object_ref (user_data);

  _vl_timer_clear (&self->late_timer);
  if (tell_due (self))
    post_update (self);
}

static void
on_edge_time (gpointer user_data)
{
  VlFaultStream *self = user_data;

  _vl_timer_clear (&self->edge_timer);
  _vl_fault_stream_network_changed (VL_LIVE_STREAM (self));
}

static guint
milliseconds_until (gint64 time)
{
  gint64 wait = time - _vl_clock_monotonic ();

  return wait > 0 ? (guint) MIN ((wait + 999) / 1000, G_MAXUINT) : 0;
}

static void
update_timers (VlFaultStream *self, gboolean has_late, gint64 late_due)
{
  GMainContext *context = _vl_handoff_get_context (self->home);
  guint delay;

  _vl_timer_clear (&self->edge_timer);
  if (_vl_fault_network_get_edge (self->network, &delay))
    self->edge_timer = _vl_timer_start (context, delay, on_edge_time, self);

  _vl_timer_clear (&self->late_timer);
  if (has_late)
    self->late_timer = _vl_timer_start (context, milliseconds_until (late_due), on_late_time, self);
}

/* The timers run only while the stream does, and so while somebody holds it. */
static void
update_at_home (gpointer user_data, gboolean orphaned)
{
  g_autoptr (VlFaultStream) self = user_data;
  gboolean offline = _vl_fault_network_is_offline (self->network);
  Late *late;
  gint64 late_due;
  Phase phase;

  _vl_lock_acquire (&self->lock);
  self->has_update = FALSE;
  phase = self->phase;
  late = g_queue_peek_head (&self->late);
  late_due = late != NULL ? late->due : 0;
  _vl_lock_release (&self->lock);

  if (orphaned || self->sink == NULL)
    return;

  update_timers (self, late != NULL, late_due);
  if (phase == PHASE_OFFLINE && !offline)
    try_connect (self);
}

/* From any thread. */
static void
post_update (VlFaultStream *self)
{
  gboolean post;

  _vl_lock_acquire (&self->lock);
  post = !self->has_update;
  self->has_update = TRUE;
  _vl_lock_release (&self->lock);

  if (post)
    _vl_handoff_post (self->home, update_at_home, g_object_ref (self));
}

void
_vl_fault_stream_network_changed (VlLiveStream *stream)
{
  VlFaultStream *self = VL_FAULT_STREAM (stream);
  gboolean offline = _vl_fault_network_is_offline (self->network);
  Phase phase;

  _vl_lock_acquire (&self->lock);
  phase = self->phase;
  _vl_lock_release (&self->lock);

  if (phase == PHASE_STOPPED)
    return;

  if (offline && phase != PHASE_OFFLINE)
    {
      g_autoptr (GError) error = make_offline_error ();

      break_off (self, PHASE_OFFLINE, error);
    }
  post_update (self);
}

static VlLiveEvent *
make_event (VlChange *change, VlRecord *record)
{
  const char *id = record != NULL ? vl_record_get_id (record) : NULL;
  const char *ids[] = { id != NULL ? id : vl_change_get_id (change), NULL };
  g_autoptr (VlLiveEvent) event = NULL;

  if (ids[0] == NULL)
    return vl_live_event_new_changed ();

  switch (vl_change_get_kind (change))
    {
    case VL_CHANGE_KIND_INSERT:
      return id != NULL ? vl_live_event_new_inserted (record)
                        : vl_live_event_new (VL_LIVE_EVENT_KIND_INSERTED, ids);

    case VL_CHANGE_KIND_PATCH:
      return vl_live_event_new_updated (ids[0], record);

    case VL_CHANGE_KIND_DELETE:
      return vl_live_event_new_deleted (ids[0]);

    /* Nobody has said whether it was there before. */
    case VL_CHANGE_KIND_REPLACE:
    case VL_CHANGE_KIND_DELETE_ALL:
    default:
      event = vl_live_event_new (VL_LIVE_EVENT_KIND_CHANGED, ids);
      return record != NULL ? vl_live_event_with_record (event, record) : g_steal_pointer (&event);
    }
}

void
_vl_fault_stream_echo (VlLiveStream *stream, VlChange *change, VlRecord *record)
{
  VlFaultStream *self = VL_FAULT_STREAM (stream);
  g_autoptr (VlLiveEvent) event = NULL;
  VlFaultSettings settings;
  gboolean is_connected;

  _vl_fault_network_get_settings (self->network, &settings);
  if (!settings.echo)
    return;

  _vl_lock_acquire (&self->lock);
  is_connected = self->phase == PHASE_CONNECTED;
  _vl_lock_release (&self->lock);

  if (is_connected && !_vl_fault_network_is_offline (self->network))
    {
      event = make_event (change, record);
      carry (self, event);
    }
}

static void
listen (VlFaultStream *self)
{
  _vl_lock_acquire (&self->lock);
  set_phase (self, PHASE_WAITING);
  _vl_lock_release (&self->lock);

  self->sink = _vl_live_stream_attach_words (self->target, on_word, ear_new (self), ear_free);
}

static void
vl_fault_stream_start (VlLiveStream *stream)
{
  VlFaultStream *self = VL_FAULT_STREAM (stream);
  Phase phase;

  /* Attaching may have been enough. */
  if (self->sink == NULL)
    listen (self);
  _vl_lock_acquire (&self->lock);
  phase = self->phase;
  _vl_lock_release (&self->lock);

  if (phase != PHASE_CONNECTED)
    try_connect (self);
  post_update (self);
}

static void
stop_listening (VlFaultStream *self)
{
  _vl_lock_acquire (&self->lock);
  set_phase (self, PHASE_STOPPED);
  g_clear_pointer (&self->position, g_free);
  _vl_lock_release (&self->lock);

  _vl_timer_clear (&self->late_timer);
  _vl_timer_clear (&self->edge_timer);
  g_clear_pointer (&self->sink, _vl_live_stream_detach);
}

static void
vl_fault_stream_stop (VlLiveStream *stream)
{
  stop_listening (VL_FAULT_STREAM (stream));
}

static void
vl_fault_stream_finalize (GObject *object)
{
  VlFaultStream *self = VL_FAULT_STREAM (object);

  /* It is not stopped when home has gone first. */
  stop_listening (self);
  _vl_fault_network_remove_stream (self->network, VL_LIVE_STREAM (self));
  g_clear_pointer (&self->home, _vl_handoff_unref);
  g_object_unref (self->target);
  _vl_fault_network_unref (self->network);
  _vl_lock_destroy (&self->lock);

  G_OBJECT_CLASS (_vl_fault_stream_parent_class)->finalize (object);
}

static void
_vl_fault_stream_class_init (VlFaultStreamClass *klass)
{
  VlLiveStreamClass *stream_class = VL_LIVE_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = vl_fault_stream_finalize;
  stream_class->start = vl_fault_stream_start;
  stream_class->stop = vl_fault_stream_stop;
}

static void
_vl_fault_stream_init (VlFaultStream *self)
{
  _vl_lock_init (&self->lock);
  self->home = _vl_handoff_get (NULL);
  g_queue_init (&self->late);
}

VlLiveStream *
_vl_fault_stream_new (VlFaultNetwork *network, VlLiveStream *target)
{
  VlFaultStream *self = g_object_new (VL_TYPE_FAULT_STREAM, NULL);

  self->network = _vl_fault_network_ref (network);
  self->target = g_object_ref (target);
  _vl_live_stream_stand_for (VL_LIVE_STREAM (self), target);
  _vl_fault_network_add_stream (network, VL_LIVE_STREAM (self));

  return VL_LIVE_STREAM (self);
}
