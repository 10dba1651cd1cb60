/* vl-live-stream.c: a source of change events
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "../base/vl-log-private.h"
#include "../vl-enums.h"
#include "../vl-error.h"
#include "vl-backoff-private.h"
#include "vl-live-event.h"
#include "vl-live-stream-state-private.h"
#include "vl-live-stream.h"

enum
{
  PROP_STATE = 1,
  PROP_ERROR,
  N_PROPS
};

enum
{
  SIGNAL_EVENT,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

/**
 * VlLiveStream:
 *
 * A source of change events.
 *
 * A live table attached to a stream learns from it what changes elsewhere.
 * Whoever knows of a change calls [method@LiveStream.push], from any thread.
 * Each live table has heard of it before that returns; the signal
 * [signal@LiveStream::event] follows in the main loop of the thread that made
 * the stream, its *home*.
 *
 * An instance of this very class is a *manual* stream: it is live as long as a
 * live table is attached to it and somebody else does the pushing. A class
 * that has a source to connect to overrides [vfunc@LiveStream.start], and
 * there or later calls [method@LiveStream.report_live] when it hears the
 * source, [method@LiveStream.report_end] when it does not any more. The end
 * of a source is normal: `start` is called again after a while, as long as the
 * stream runs. The wait is chosen at random between half a second and a bound
 * that doubles from one to sixty seconds, and starts small again once the
 * stream has been live for thirty seconds.
 *
 * A stream runs while it is attached to a live table; connecting to its
 * signals alone does not start it. It may tell of less than happened (see
 * [class@LiveEvent]), of the program's own writes, and of records that nobody
 * asked about. At each moment from which on it tells everything again, be it
 * the first, after a reconnect or after the source lost something, it tells of
 * a *gap*: an event of kind %VL_LIVE_EVENT_KIND_CHANGED without ids, which
 * means that anything may have changed. A source that can name the point where
 * it is spares those who listen that doubt; see
 * [method@LiveStream.report_live_at].
 *
 * Since: 1.0
 */
G_DEFINE_TYPE_WITH_PRIVATE (VlLiveStream, vl_live_stream, G_TYPE_OBJECT)

#define GET_PRIVATE(self) \
 ((VlLiveStreamPrivate *) vl_live_stream_get_instance_private (VL_LIVE_STREAM (self)))

VlLiveStreamPrivate *
_vl_live_stream_get_private (VlLiveStream *self)
{
  return GET_PRIVATE (self);
}

static gboolean
is_manual (VlLiveStream *self)
{
  return VL_LIVE_STREAM_GET_CLASS (self)->start == NULL;
}

/* Under the lock; what it returns was the list until now, to be freed outside. */
static VlStreamSinks *
replace_sinks (VlLiveStreamPrivate *priv, VlStreamSink *without, VlStreamSink *with)
{
  VlStreamSinks *old = priv->sinks;

  priv->sinks = _vl_stream_sinks_replace (old, without, with);

  return old;
}

/* What happens at home. */

typedef struct
{
  VlLiveStream *stream;
  VlLiveEvent *event;
} Emission;

/* Runs at home, or anywhere when home is gone. */
static void
emit_at_home (gpointer user_data, gboolean orphaned)
{
  g_autofree Emission *emission = user_data;
  g_autoptr (VlLiveStream) stream = emission->stream;
  g_autoptr (VlLiveEvent) event = emission->event;

  if (!orphaned)
    g_signal_emit (stream, signals[SIGNAL_EVENT], 0, event);
}

void
_vl_live_stream_post_emission (VlLiveStream *self, VlLiveEvent *event)
{
  Emission *emission;

  if (!g_signal_has_handler_pending (self, signals[SIGNAL_EVENT], 0, FALSE))
    return;

  emission = g_new0 (Emission, 1);
  emission->stream = g_object_ref (self);
  emission->event = g_object_ref (event);
  _vl_handoff_post (GET_PRIVATE (self)->home, emit_at_home, emission);
}

gboolean
_vl_live_stream_is_heard (VlLiveStream *self)
{
  VlLiveStreamPrivate *priv = GET_PRIVATE (self);
  gboolean has_sinks;

  _vl_lock_acquire (&priv->lock);
  has_sinks = priv->sinks->len > 0;
  _vl_lock_release (&priv->lock);

  return has_sinks || g_signal_has_handler_pending (self, signals[SIGNAL_EVENT], 0, FALSE);
}

static gboolean
errors_equal (const GError *a, const GError *b)
{
  if (a == NULL || b == NULL)
    return a == b;

  return g_error_matches (a, b->domain, b->code) && g_strcmp0 (a->message, b->message) == 0;
}

/* Runs at home. */
static void
show_state (VlLiveStream *self)
{
  VlLiveStreamPrivate *priv = GET_PRIVATE (self);
  VlLiveStreamState state;
  g_autoptr (GError) error = vl_live_stream_dup_error (self);
  gboolean state_differs;
  gboolean error_differs;

  _vl_lock_acquire (&priv->lock);
  state = priv->state;
  _vl_lock_release (&priv->lock);

  state_differs = state != priv->shown_state;
  error_differs = !errors_equal (error, priv->shown_error);

  priv->shown_state = state;
  g_clear_error (&priv->shown_error);
  priv->shown_error = g_steal_pointer (&error);

  /* A handler may run all of this again. */
  if (state_differs)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  if (error_differs)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
}

/* Runs at home. */
static void
call_start (VlLiveStream *self)
{
  VlLiveStreamPrivate *priv = GET_PRIVATE (self);

  if (is_manual (self))
    return;

  _vl_lock_acquire (&priv->lock);
  priv->ended = FALSE;
  if (priv->sinks->len > 0)
    priv->state = VL_LIVE_STREAM_STATE_CONNECTING;
  _vl_lock_release (&priv->lock);

  _vl_log_debug ("VL_OP", "stream-start", "VL_STREAM", G_OBJECT_TYPE_NAME (self), NULL);
  VL_LIVE_STREAM_GET_CLASS (self)->start (self);
}

/* Runs at home. */
static void
call_stop (VlLiveStream *self)
{
  VlLiveStreamClass *klass = VL_LIVE_STREAM_GET_CLASS (self);

  _vl_log_debug ("VL_OP", "stream-stop", "VL_STREAM", G_OBJECT_TYPE_NAME (self), NULL);
  if (klass->stop != NULL)
    klass->stop (self);
}

/* Runs at home; the timer is running only while the stream is held by a sink
 * or by an update on its way, which clears it. */
static void
on_retry (gpointer user_data)
{
  g_autoptr (VlLiveStream) self = g_object_ref (user_data);
  VlLiveStreamPrivate *priv = GET_PRIVATE (self);
  gboolean due;

  _vl_timer_clear (&priv->retry);

  _vl_lock_acquire (&priv->lock);
  due = priv->ended && priv->state == VL_LIVE_STREAM_STATE_CONNECTING &&
        priv->running == priv->attachment && priv->sinks->len > 0;
  _vl_lock_release (&priv->lock);

  if (due)
    call_start (self);
  show_state (self);
}

/* Runs at home: the timer runs exactly while a retry is due. */
static void
update_retry (VlLiveStream *self)
{
  VlLiveStreamPrivate *priv = GET_PRIVATE (self);
  gboolean due;
  guint attempt = 0;

  _vl_lock_acquire (&priv->lock);
  due = priv->ended && priv->state == VL_LIVE_STREAM_STATE_CONNECTING && priv->sinks->len > 0 &&
        !is_manual (self);
  if (due && priv->retry == NULL)
    attempt = priv->n_retries++;
  _vl_lock_release (&priv->lock);

  if (!due)
    _vl_timer_clear (&priv->retry);
  else if (priv->retry == NULL)
    priv->retry = _vl_timer_start (_vl_handoff_get_context (priv->home),
                                   _vl_backoff_delay (attempt), on_retry, self);
}

/* Runs at home: makes what the source does follow what the sinks want. Start
 * and stop may attach, detach, push and report, which posts another round. */
static void
update (VlLiveStream *self, gboolean orphaned)
{
  VlLiveStreamPrivate *priv = GET_PRIVATE (self);
  guint64 wanted;
  guint64 running = priv->running;

  _vl_lock_acquire (&priv->lock);
  wanted = priv->sinks->len > 0 && !orphaned ? priv->attachment : 0;
  _vl_lock_release (&priv->lock);

  if (running != wanted)
    _vl_timer_clear (&priv->retry);
  if (orphaned)
    return;

  if (running != wanted)
    {
      priv->running = wanted;
      if (running != 0)
        call_stop (self);
      if (wanted != 0)
        call_start (self);
    }

  update_retry (self);
  show_state (self);
}

/* Runs at home, or anywhere when home is gone. */
static void
update_at_home (gpointer user_data, gboolean orphaned)
{
  g_autoptr (VlLiveStream) self = user_data;
  VlLiveStreamPrivate *priv = GET_PRIVATE (self);

  _vl_lock_acquire (&priv->lock);
  priv->has_update = FALSE;
  _vl_lock_release (&priv->lock);

  update (self, orphaned);
}

void
_vl_live_stream_post_update (VlLiveStream *self)
{
  VlLiveStreamPrivate *priv = GET_PRIVATE (self);
  gboolean post;

  _vl_lock_acquire (&priv->lock);
  post = !priv->has_update;
  priv->has_update = TRUE;
  _vl_lock_release (&priv->lock);

  if (post)
    _vl_handoff_post (priv->home, update_at_home, g_object_ref (self));
}

/* What happens on any thread. */

/* For one who comes later than others. What they have told the master since the
 * stream was at its last position he does not know of, so that the position
 * says nothing to him. */
static void
call_with_gap (VlStreamSink *sink)
{
  g_autoptr (VlLiveEvent) gap = vl_live_event_new_changed ();
  const VlStreamWord word = { VL_STREAM_GAP, gap, NULL };

  _vl_live_stream_call_sink (GET_PRIVATE (sink->stream), sink, &word);
}

static void
call_with_end (VlStreamSink *sink)
{
  const VlStreamWord word = { VL_STREAM_ENDED, NULL, NULL };

  _vl_live_stream_call_sink (GET_PRIVATE (sink->stream), sink, &word);
}

static VlStreamSink *
sink_new (VlLiveStream *stream, gpointer user_data, GDestroyNotify destroy)
{
  VlStreamSink *sink = g_new0 (VlStreamSink, 1);

  g_atomic_ref_count_init (&sink->ref_count);
  sink->user_data = user_data;
  sink->destroy = destroy;
  sink->stream = g_object_ref (stream);

  return sink;
}

/* Under the lock: the first sink of a stream makes it run. */
static void
begin_attachment (VlLiveStream *self)
{
  VlLiveStreamPrivate *priv = GET_PRIVATE (self);

  priv->attachment++;
  priv->n_retries = 0;
  priv->ended = FALSE;
  if (is_manual (self))
    _vl_live_stream_set_live (priv);
  else
    priv->state = VL_LIVE_STREAM_STATE_CONNECTING;
}

static void
attach_sink (VlLiveStream *self, VlStreamSink *sink)
{
  VlLiveStreamPrivate *priv = GET_PRIVATE (self);
  g_autoptr (VlStreamSinks) old = NULL;
  gboolean is_first;
  gboolean is_live;
  gboolean has_ended;

  _vl_lock_acquire (&priv->lock);
  old = replace_sinks (priv, NULL, sink);
  is_first = old->len == 0;
  if (is_first)
    begin_attachment (self);
  is_live = priv->state == VL_LIVE_STREAM_STATE_LIVE;
  has_ended = !is_live && priv->ended;
  _vl_lock_release (&priv->lock);

  if (is_first && priv->stands_for != NULL && g_thread_self () == priv->home_thread)
    update (self, FALSE);
  else if (is_first)
    _vl_live_stream_post_update (self);
  if (is_live && is_first)
    _vl_live_stream_push_gap (self, NULL);
  else if (is_live)
    call_with_gap (sink);
  else if (has_ended)
    call_with_end (sink);
}

VlStreamSink *
_vl_live_stream_attach (VlLiveStream *self,
                        VlStreamSinkFunc func,
                        gpointer user_data,
                        GDestroyNotify destroy)
{
  VlStreamSink *sink = sink_new (self, user_data, destroy);

  sink->func = func;
  attach_sink (self, sink);

  return sink;
}

VlStreamSink *
_vl_live_stream_attach_words (VlLiveStream *self,
                              VlStreamWordFunc func,
                              gpointer user_data,
                              GDestroyNotify destroy)
{
  VlStreamSink *sink = sink_new (self, user_data, destroy);

  sink->word_func = func;
  attach_sink (self, sink);

  return sink;
}

void
_vl_live_stream_detach (VlStreamSink *sink)
{
  g_autoptr (VlLiveStream) stream = g_steal_pointer (&sink->stream);
  VlLiveStreamPrivate *priv = GET_PRIVATE (stream);
  g_autoptr (VlStreamSinks) old = NULL;
  guint n_own_calls = _vl_stream_sink_count_own_calls (sink);
  gboolean is_last;

  _vl_lock_acquire (&priv->lock);
  g_assert (!sink->detached);
  sink->detached = TRUE;
  old = replace_sinks (priv, sink, NULL);
  is_last = priv->sinks->len == 0;
  if (is_last)
    {
      priv->state = VL_LIVE_STREAM_STATE_STOPPED;
      g_clear_error (&priv->error);
    }
  while (sink->n_running > n_own_calls)
    _vl_condition_wait (&priv->idle, &priv->lock, -1);
  sink->destroy_late = n_own_calls > 0;
  _vl_lock_release (&priv->lock);

  if (is_last)
    _vl_live_stream_post_update (stream);
  if (n_own_calls == 0)
    _vl_stream_sink_destroy_data (sink);
  _vl_stream_sink_unref (sink);
}

void
_vl_live_stream_stand_for (VlLiveStream *self, VlLiveStream *source)
{
  GET_PRIVATE (self)->stands_for = g_object_ref (source);
}

const char *
_vl_live_stream_get_source_name (VlLiveStream *self)
{
  VlLiveStreamPrivate *priv = GET_PRIVATE (self);

  return priv->stands_for != NULL ? _vl_live_stream_get_source_name (priv->stands_for)
                                  : G_OBJECT_TYPE_NAME (self);
}

static void
vl_live_stream_finalize (GObject *object)
{
  VlLiveStreamPrivate *priv = GET_PRIVATE (object);

  /* Sinks and updates hold the stream, and the last update ended the timer. */
  g_assert (priv->sinks->len == 0);
  g_assert (priv->retry == NULL);

  _vl_stream_sinks_unref (priv->sinks);
  g_clear_object (&priv->stands_for);
  g_clear_error (&priv->error);
  g_clear_error (&priv->shown_error);
  _vl_condition_destroy (&priv->idle);
  _vl_lock_destroy (&priv->lock);
  g_clear_pointer (&priv->home, _vl_handoff_unref);

  G_OBJECT_CLASS (vl_live_stream_parent_class)->finalize (object);
}

static void
vl_live_stream_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  VlLiveStream *self = VL_LIVE_STREAM (object);

  switch (prop_id)
    {
    case PROP_STATE:
      g_value_set_enum (value, vl_live_stream_get_state (self));
      break;

    case PROP_ERROR:
      g_value_take_boxed (value, vl_live_stream_dup_error (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
vl_live_stream_class_init (VlLiveStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = vl_live_stream_finalize;
  object_class->get_property = vl_live_stream_get_property;

  /**
   * VlLiveStream:state: (getter get_state)
   *
   * How the stream is doing.
   *
   * It can change on any thread; that it did is notified at home, once for
   * several changes in a row.
   *
   * Since: 1.0
   */
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, VL_TYPE_LIVE_STREAM_STATE,
                                              VL_LIVE_STREAM_STATE_STOPPED,
                                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * VlLiveStream:error: (getter dup_error)
   *
   * Why the stream has failed, or what ended it last while it is connecting
   * again; %NULL otherwise.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR,
                                               G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * VlLiveStream::event:
   * @self: the stream
   * @event: what happened
   *
   * Emitted for each event that was pushed, in order.
   *
   * It is emitted in the main context that was the thread-default one where
   * the stream was made, from a later turn of its loop than the push.
   *
   * Since: 1.0
   */
  signals[SIGNAL_EVENT] = g_signal_new ("event", VL_TYPE_LIVE_STREAM, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, g_cclosure_marshal_VOID__OBJECT, G_TYPE_NONE, 1,
                                        VL_TYPE_LIVE_EVENT);
}

static void
vl_live_stream_init (VlLiveStream *self)
{
  VlLiveStreamPrivate *priv = GET_PRIVATE (self);

  _vl_lock_init (&priv->lock);
  _vl_condition_init (&priv->idle);
  priv->home = _vl_handoff_get (NULL);
  priv->home_thread = g_thread_self ();
  priv->sinks = _vl_stream_sinks_new ();
}

/**
 * VlLiveStreamClass:
 * @parent_class: the parent class
 * @start: connects to the source
 * @stop: leaves the source alone
 *
 * What a class with a source of its own fills in.
 *
 * Since: 1.0
 */

/**
 * VlLiveStreamClass::start:
 * @self: a stream
 *
 * Connects to the source.
 *
 * Called at home when somebody begins to listen, and again some time after
 * each [method@LiveStream.report_end]. It does not block; it, or whatever it
 * sets going, calls [method@LiveStream.report_live] once the source is heard,
 * or [method@LiveStream.report_end] if that fails. A class without it is a
 * manual stream.
 *
 * Since: 1.0
 */

/**
 * VlLiveStreamClass::stop:
 * @self: a stream
 *
 * Leaves the source alone.
 *
 * Called at home when nobody listens any more, once for all calls of `start`
 * since somebody did; also when the source has ended meanwhile. Reports that
 * come after it are ignored.
 *
 * Since: 1.0
 */

/**
 * vl_live_stream_new:
 *
 * Makes a manual stream, which tells what is pushed to it.
 *
 * The thread that makes it, with its thread-default main context, becomes its
 * home: the signals are emitted there.
 *
 * Returns: (transfer full): the stream
 *
 * Since: 1.0
 */
VlLiveStream *
vl_live_stream_new (void)
{
  return g_object_new (VL_TYPE_LIVE_STREAM, NULL);
}

/**
 * vl_live_stream_get_state:
 * @self: a stream
 *
 * Tells how the stream is doing. May be called from any thread.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
VlLiveStreamState
vl_live_stream_get_state (VlLiveStream *self)
{
  VlLiveStreamPrivate *priv;
  VlLiveStreamState state;

  g_return_val_if_fail (VL_IS_LIVE_STREAM (self), VL_LIVE_STREAM_STATE_STOPPED);

  priv = GET_PRIVATE (self);

  _vl_lock_acquire (&priv->lock);
  state = priv->state;
  _vl_lock_release (&priv->lock);

  return state;
}

/**
 * vl_live_stream_dup_error:
 * @self: a stream
 *
 * Tells why the stream has failed, or what ended it last while it is
 * connecting again. May be called from any thread.
 *
 * Returns: (transfer full) (nullable): a copy of the error, or %NULL if there
 *   is none
 *
 * Since: 1.0
 */
GError *
vl_live_stream_dup_error (VlLiveStream *self)
{
  VlLiveStreamPrivate *priv;
  GError *error;

  g_return_val_if_fail (VL_IS_LIVE_STREAM (self), NULL);

  priv = GET_PRIVATE (self);

  _vl_lock_acquire (&priv->lock);
  error = priv->error != NULL ? g_error_copy (priv->error) : NULL;
  _vl_lock_release (&priv->lock);

  return error;
}
