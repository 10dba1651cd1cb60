/* vl-fault-network.c: what a fault table and those related to it share
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-fault-network-private.h"

#include "../base/vl-random-private.h"
#include "../table/vl-reply.h"
#include "vl-fault-stream-private.h"

/* How far off a lie is, at most. */
#define LIE_MAX 10

/* An error that somebody wants a call to end with. */
typedef struct
{
  GError *error;
  gboolean after; /* the target is asked nevertheless */
} VlFaultError;

/* A time without network; monotonic. */
typedef struct
{
  gint64 start;
  gint64 end; /* the first moment after it */
} VlFaultWindow;

/* What chance is asked about one call or event. Each question has a number of
 * its own, so that a setting changes what it is about and nothing else. */
typedef enum
{
  ASK_ERROR,
  ASK_NEVER_ANSWER,
  ASK_WHICH_WAY,
  ASK_LOST_ACK,
  ASK_JITTER,
  ASK_LIE,
  ASK_WHICH_LIE,
  ASK_EVENT_LOSS,
  ASK_EVENT_REPEAT,
  ASK_EVENT_JITTER,
  N_ASKED = 16 /* room for more: the answers to these stay as they are */
} Question;

static void
fault_error_free (gpointer data)
{
  VlFaultError *self = data;

  g_error_free (self->error);
  g_free (self);
}

/* Not a reference: a stream takes itself off the list when it ends. */
typedef struct
{
  VlLiveStream *stream; /* to compare with */
  GWeakRef weak;
} VlFaultListener;

static void
listener_free (gpointer data)
{
  VlFaultListener *self = data;

  g_weak_ref_clear (&self->weak);
  g_free (self);
}

void
_vl_fault_plan_clear (VlFaultPlan *self)
{
  g_clear_error (&self->error);
}

VlFaultNetwork *
_vl_fault_network_new (void)
{
  VlFaultNetwork *self = g_new0 (VlFaultNetwork, 1);

  g_atomic_ref_count_init (&self->ref_count);
  _vl_lock_init (&self->lock);
  self->settings.lost_ack_error = VL_ERROR_IN_DOUBT;
  self->windows = g_array_new (FALSE, FALSE, sizeof (VlFaultWindow));
  g_queue_init (&self->pushed);
  self->held = g_ptr_array_new_with_free_func (g_object_unref);
  self->streams = g_ptr_array_new_with_free_func (listener_free);

  return self;
}

VlFaultNetwork *
_vl_fault_network_ref (VlFaultNetwork *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
_vl_fault_network_unref (VlFaultNetwork *self)
{
  if (!_vl_ref_count_dec (&self->ref_count))
    return;

  g_ptr_array_unref (self->streams);
  g_ptr_array_unref (self->held);
  g_queue_clear_full (&self->pushed, fault_error_free);
  g_array_unref (self->windows);
  _vl_lock_destroy (&self->lock);
  g_free (self);
}

void
_vl_fault_network_get_settings (VlFaultNetwork *self, VlFaultSettings *settings)
{
  _vl_lock_acquire (&self->lock);
  *settings = self->settings;
  _vl_lock_release (&self->lock);
}

/* Chance. All of it under the lock. */

static guint64
ask (VlFaultNetwork *self, guint64 number, Question question)
{
  return _vl_random_at (self->settings.seed, number * N_ASKED + question);
}

/* Whether something happens that has this likelihood. */
static gboolean
befalls (VlFaultNetwork *self, guint64 number, Question question, double rate)
{
  /* The 53 bits that a double holds. */
  double share = (double) (ask (self, number, question) >> 11) * 0x1p-53;

  return share < rate;
}

static guint
travel_time (VlFaultNetwork *self, guint64 number, Question question, guint at_least)
{
  guint64 range = (guint64) self->settings.jitter + 1;

  return (guint) MIN (at_least + ask (self, number, question) % range, G_MAXUINT);
}

static gboolean
is_write (VlRelayKind kind)
{
  return kind == VL_RELAY_APPLY || kind == VL_RELAY_APPLY_BATCH;
}

static void
count_call (VlFaultNetwork *self, VlRelayKind kind)
{
  self->n_calls++;
  if (is_write (kind))
    self->n_writes++;
  else if (kind != VL_RELAY_DESCRIBE)
    self->n_reads++;
}

/* Under the lock. */
static gboolean
is_offline (VlFaultNetwork *self)
{
  gint64 now;

  if (self->settings.offline || self->windows->len == 0)
    return self->settings.offline;

  now = _vl_clock_monotonic ();
  for (guint i = 0; i < self->windows->len; i++)
    {
      VlFaultWindow *window = &g_array_index (self->windows, VlFaultWindow, i);

      if (window->start <= now && now < window->end)
        return TRUE;
    }

  return FALSE;
}

static VlFaultFate
draw_fate (VlFaultNetwork *self, VlRelayKind kind, guint64 number)
{
  const VlFaultSettings *settings = &self->settings;

  if (befalls (self, number, ASK_ERROR, settings->error_rate))
    return VL_FAULT_FATE_LOST;
  if (befalls (self, number, ASK_NEVER_ANSWER, settings->never_answer_rate))
    return ask (self, number, ASK_WHICH_WAY) % 2 == 0 ? VL_FAULT_FATE_NEVER_THERE
                                                      : VL_FAULT_FATE_NEVER_ANSWER;
  if (is_write (kind) && befalls (self, number, ASK_LOST_ACK, settings->lost_ack_rate))
    return VL_FAULT_FATE_LOST_ANSWER;

  return VL_FAULT_FATE_PASS;
}

static VlFaultFate
choose_fate (VlFaultNetwork *self, VlRelayKind kind, guint64 number, GError **pushed)
{
  VlFaultError *error;
  VlFaultFate fate;

  if (is_offline (self))
    return VL_FAULT_FATE_OFFLINE;
  if (self->settings.never_answer)
    return VL_FAULT_FATE_NEVER_THERE;

  error = g_queue_pop_head (&self->pushed);
  if (error == NULL)
    return draw_fate (self, kind, number);

  fate = error->after ? VL_FAULT_FATE_LOST_ANSWER : VL_FAULT_FATE_LOST;
  *pushed = g_steal_pointer (&error->error);
  g_free (error);

  return fate;
}

void
_vl_fault_network_plan (VlFaultNetwork *self, VlRelayKind kind, VlFaultPlan *plan)
{
  guint64 number;
  guint time;

  *plan = (VlFaultPlan){ 0 };

  _vl_lock_acquire (&self->lock);
  count_call (self, kind);
  number = self->n_chances++;
  plan->fate = choose_fate (self, kind, number, &plan->error);
  if (plan->fate != VL_FAULT_FATE_PASS)
    self->n_faults++;
  time = travel_time (self, number, ASK_JITTER, self->settings.latency);
  plan->there = time / 2;
  plan->back = time - time / 2;
  if (befalls (self, number, ASK_LIE, self->settings.total_lie_rate))
    plan->lie = ask (self, number, ASK_WHICH_LIE) | 1;
  _vl_lock_release (&self->lock);
}

void
_vl_fault_network_count_fault (VlFaultNetwork *self)
{
  _vl_lock_acquire (&self->lock);
  self->n_faults++;
  _vl_lock_release (&self->lock);
}

void
_vl_fault_network_plan_event (VlFaultNetwork *self, VlFaultEventPlan *plan)
{
  const VlFaultSettings *settings = &self->settings;
  guint64 number;

  _vl_lock_acquire (&self->lock);
  number = self->n_event_chances++;
  plan->is_lost = befalls (self, number, ASK_EVENT_LOSS, settings->event_loss_rate);
  plan->is_repeated = befalls (self, number, ASK_EVENT_REPEAT, settings->event_repeat_rate);
  plan->delay = settings->event_delay > 0
                  ? travel_time (self, number, ASK_EVENT_JITTER, settings->event_delay)
                  : 0;
  _vl_lock_release (&self->lock);
}

gint64
_vl_fault_lie (gint64 truth, guint64 lie)
{
  guint64 off = 1 + (lie >> 8) % LIE_MAX;
  gint64 known = MAX (truth, 0);

  switch ((lie >> 1) % 3)
    {
    case 0:
      if (truth >= 0)
        return -1;
      break;

    case 1:
      if (truth > 0)
        return truth - (gint64) MIN (off, (guint64) truth);
      break;

    default:
      break;
    }

  return known <= G_MAXINT64 - LIE_MAX ? known + (gint64) off : -1;
}

void
_vl_fault_network_push_error (VlFaultNetwork *self, const GError *error, gboolean after)
{
  VlFaultError *pushed = g_new0 (VlFaultError, 1);

  pushed->error = g_error_copy (error);
  pushed->after = after;

  _vl_lock_acquire (&self->lock);
  g_queue_push_tail (&self->pushed, pushed);
  _vl_lock_release (&self->lock);
}

/* Forgets the replies that nobody waits for any more. */
void
_vl_fault_network_hold (VlFaultNetwork *self, VlReply *reply)
{
  g_autoptr (GPtrArray) forgotten = g_ptr_array_new_with_free_func (g_object_unref);

  _vl_lock_acquire (&self->lock);
  for (guint i = self->held->len; i > 0; i--)
    {
      VlReply *held = self->held->pdata[i - 1];

      if (g_cancellable_is_cancelled (vl_reply_get_cancellable (held)))
        g_ptr_array_add (forgotten, g_ptr_array_steal_index_fast (self->held, i - 1));
    }
  g_ptr_array_add (self->held, g_object_ref (reply));
  _vl_lock_release (&self->lock);
}

/* Order. */

static guint
milliseconds_until (gint64 time, gint64 now)
{
  return time > now ? (guint) MIN ((time - now + 999) / 1000, G_MAXUINT) : 0;
}

/* Of timers that are due at one time, the one that was started first runs
 * first. So it is enough that nobody is due before the one ahead: `last` is
 * read when its timer runs already, and so not earlier than that is due. */
VlTimer *
_vl_fault_network_enter_lane (VlFaultNetwork *self,
                              VlFaultDirection direction,
                              guint delay,
                              GMainContext *context,
                              VlTimerFunc func,
                              gpointer user_data,
                              gboolean *in_lane)
{
  VlFaultLane *lane = &self->lanes[direction];
  VlTimer *timer = NULL;
  gboolean must_wait;

  _vl_lock_acquire (&self->lock);
  must_wait = self->settings.keep_order && lane->n_calls > 0;
  if (must_wait)
    delay = MAX (delay, milliseconds_until (lane->last, _vl_clock_monotonic ()));
  if (delay > 0 || must_wait)
    timer = _vl_timer_start (context, delay, func, user_data);
  *in_lane = timer != NULL && self->settings.keep_order;
  if (*in_lane)
    {
      lane->n_calls++;
      lane->last = _vl_clock_monotonic () + (gint64) delay * 1000;
    }
  _vl_lock_release (&self->lock);

  return timer;
}

void
_vl_fault_network_leave_lane (VlFaultNetwork *self, VlFaultDirection direction)
{
  _vl_lock_acquire (&self->lock);
  self->lanes[direction].n_calls--;
  _vl_lock_release (&self->lock);
}

/* Times without network. */

gboolean
_vl_fault_network_is_offline (VlFaultNetwork *self)
{
  gboolean offline;

  _vl_lock_acquire (&self->lock);
  offline = is_offline (self);
  _vl_lock_release (&self->lock);

  return offline;
}

void
_vl_fault_network_add_window (VlFaultNetwork *self, guint start, guint duration)
{
  gint64 now = _vl_clock_monotonic ();
  VlFaultWindow window;

  window.start = now + (gint64) start * 1000;
  window.end = window.start + (gint64) duration * 1000;

  _vl_lock_acquire (&self->lock);
  for (guint i = self->windows->len; i > 0; i--)
    {
      if (g_array_index (self->windows, VlFaultWindow, i - 1).end <= now)
        g_array_remove_index_fast (self->windows, i - 1);
    }
  g_array_append_val (self->windows, window);
  _vl_lock_release (&self->lock);

  _vl_fault_network_tell_streams (self);
}

gboolean
_vl_fault_network_get_edge (VlFaultNetwork *self, guint *delay)
{
  gint64 now = _vl_clock_monotonic ();
  gint64 edge = G_MAXINT64;

  _vl_lock_acquire (&self->lock);
  for (guint i = 0; i < self->windows->len; i++)
    {
      VlFaultWindow *window = &g_array_index (self->windows, VlFaultWindow, i);

      if (window->start > now)
        edge = MIN (edge, window->start);
      else if (window->end > now)
        edge = MIN (edge, window->end);
    }
  _vl_lock_release (&self->lock);

  *delay = edge < G_MAXINT64 ? milliseconds_until (edge, now) : 0;

  return edge < G_MAXINT64;
}

/* Streams. */

void
_vl_fault_network_add_stream (VlFaultNetwork *self, VlLiveStream *stream)
{
  VlFaultListener *listener = g_new0 (VlFaultListener, 1);

  listener->stream = stream;
  g_weak_ref_init (&listener->weak, stream);

  _vl_lock_acquire (&self->lock);
  g_ptr_array_add (self->streams, listener);
  _vl_lock_release (&self->lock);
}

void
_vl_fault_network_remove_stream (VlFaultNetwork *self, VlLiveStream *stream)
{
  _vl_lock_acquire (&self->lock);
  for (guint i = self->streams->len; i > 0; i--)
    {
      if (((VlFaultListener *) self->streams->pdata[i - 1])->stream == stream)
        g_ptr_array_remove_index_fast (self->streams, i - 1);
    }
  _vl_lock_release (&self->lock);
}

void
_vl_fault_network_tell_streams (VlFaultNetwork *self)
{
  g_autoptr (GPtrArray) streams = g_ptr_array_new_with_free_func (g_object_unref);

  _vl_lock_acquire (&self->lock);
  for (guint i = 0; i < self->streams->len; i++)
    {
      VlFaultListener *listener = self->streams->pdata[i];
      GObject *stream = g_weak_ref_get (&listener->weak);

      if (stream != NULL)
        g_ptr_array_add (streams, stream);
    }
  _vl_lock_release (&self->lock);

  for (guint i = 0; i < streams->len; i++)
    _vl_fault_stream_network_changed (streams->pdata[i]);
}
