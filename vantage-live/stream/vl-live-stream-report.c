/* vl-live-stream-report.c: what a source says
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Everything here runs on any thread.
 */

#include "vl-config.h"

#include "../vl-error.h"
#include "vl-live-event.h"
#include "vl-live-stream-state-private.h"

/* A connection that held this long (microseconds) was a good one: the next
 * loss starts with short waits again. */
#define STABLE_AFTER (30 * G_USEC_PER_SEC)

void
_vl_live_stream_call_sink (VlLiveStreamPrivate *priv, VlStreamSink *sink, const VlStreamWord *word)
{
  _vl_stream_sink_call (sink, &priv->lock, &priv->idle, word);
}

static void
call_sinks (VlLiveStreamPrivate *priv, VlStreamSinks *sinks, const VlStreamWord *word)
{
  for (guint i = 0; i < sinks->len; i++)
    _vl_live_stream_call_sink (priv, sinks->items[i], word);
}

void
_vl_live_stream_set_live (VlLiveStreamPrivate *priv)
{
  priv->state = VL_LIVE_STREAM_STATE_LIVE;
  priv->live_since = _vl_clock_monotonic ();
  priv->ended = FALSE;
  g_clear_error (&priv->error);
}

/* A change of unknown records, at a position or NULL. */
static VlLiveEvent *
gap_new (const char *position)
{
  g_autoptr (VlLiveEvent) bare = vl_live_event_new_changed ();

  return position != NULL ? vl_live_event_with_position (bare, position) : g_steal_pointer (&bare);
}

/* Tells the sinks, and those who have connected to the signal. The caller holds
 * a reference on the stream. */
static void
tell (VlLiveStream *self, VlStreamWordKind kind, VlLiveEvent *event)
{
  VlLiveStreamPrivate *priv = _vl_live_stream_get_private (self);
  const VlStreamWord word = { kind, event, vl_live_event_get_position (event) };
  g_autoptr (VlStreamSinks) sinks = NULL;

  _vl_lock_acquire (&priv->lock);
  sinks = _vl_stream_sinks_ref (priv->sinks);
  _vl_lock_release (&priv->lock);

  call_sinks (priv, sinks, &word);
  _vl_live_stream_post_emission (self, event);
}

void
_vl_live_stream_push_gap (VlLiveStream *self, const char *position)
{
  g_autoptr (VlLiveEvent) gap = gap_new (position);

  tell (self, VL_STREAM_GAP, gap);
}

static gboolean
is_permanent (const GError *error)
{
  return g_error_matches (error, VL_ERROR, VL_ERROR_UNSUPPORTED) ||
         g_error_matches (error, VL_ERROR, VL_ERROR_INVALID) ||
         g_error_matches (error, VL_ERROR, VL_ERROR_REJECTED) ||
         g_error_matches (error, VL_ERROR, VL_ERROR_READ_ONLY) ||
         g_error_matches (error, VL_ERROR, VL_ERROR_CLOSED);
}

/**
 * vl_live_stream_push:
 * @self: a stream
 * @event: what happened
 *
 * Tells everybody who listens of an event.
 *
 * May be called from any thread, at any time. Each live table that the stream
 * is attached to has taken note of the event when this returns, so that a read
 * made after it sees what the event is about. The signal
 * [signal@LiveStream::event] follows at home.
 *
 * Since: 1.0
 */
void
vl_live_stream_push (VlLiveStream *self, VlLiveEvent *event)
{
  g_autoptr (VlLiveStream) hold = NULL;
  g_autoptr (VlLiveEvent) hold_event = NULL;

  g_return_if_fail (VL_IS_LIVE_STREAM (self));
  g_return_if_fail (VL_IS_LIVE_EVENT (event));

  /* A sink may drop what the caller holds. */
  hold = g_object_ref (self);
  hold_event = g_object_ref (event);
  tell (self, VL_STREAM_EVENT, event);
}

/**
 * vl_live_stream_report_live:
 * @self: a stream
 *
 * Tells that the source is heard from now on.
 *
 * May be called from any thread, and again whenever the source was lost and
 * found without [method@LiveStream.report_end] in between. Pushes a gap, so
 * it has to be called when the subscription stands, not before: what changes
 * in between would be lost. Ignored while nobody listens.
 *
 * A source that knows where it is says so with
 * [method@LiveStream.report_live_at] instead.
 *
 * Since: 1.0
 */
void
vl_live_stream_report_live (VlLiveStream *self)
{
  vl_live_stream_report_live_at (self, NULL);
}

/**
 * vl_live_stream_report_live_at:
 * @self: a stream
 * @position: (nullable): the source's own name for the point from which on it
 *   is heard, or %NULL if it is unknown
 *
 * Tells that the source is heard from now on, and where it is.
 *
 * Like [method@LiveStream.report_live], but a live table that has heard of
 * everything up to the same position, in this run of the program or in an
 * earlier one from which its cache is left, knows that nothing was missed, and
 * keeps what is cached.
 *
 * So a position has to be more than a hint. As long as it is the same nothing
 * has happened that the stream would tell of: two states of the source never
 * have the same position, not even when it is restored from a copy and goes on
 * from there. A source that has nothing of that kind uses
 * [method@LiveStream.report_live].
 *
 * A live table minds the positions of the stream that it was attached to first,
 * which is the master's own unless it does not follow that.
 *
 * Since: 1.0
 */
void
vl_live_stream_report_live_at (VlLiveStream *self, const char *position)
{
  VlLiveStreamPrivate *priv;
  g_autoptr (VlLiveStream) hold = NULL;
  gboolean listens;

  g_return_if_fail (VL_IS_LIVE_STREAM (self));

  hold = g_object_ref (self);
  priv = _vl_live_stream_get_private (self);

  _vl_lock_acquire (&priv->lock);
  listens = priv->sinks->len > 0;
  if (listens)
    _vl_live_stream_set_live (priv);
  _vl_lock_release (&priv->lock);

  if (!listens)
    return;

  _vl_live_stream_post_update (self);
  _vl_live_stream_push_gap (self, position);
}

/**
 * vl_live_stream_report_position:
 * @self: a stream
 * @position: the source's own name for the point that it has come to
 *
 * Tells that the source has come to another position, and that everything up to
 * there was told.
 *
 * It is for what moves a source without being news: writes of this program that
 * went through a live table, changes to something else. An event that brings
 * news can carry the position itself; see [method@LiveEvent.with_position]. The
 * next start of the program compares with the last position that was told; see
 * [method@LiveStream.report_live_at].
 *
 * May be called from any thread. Ignored while the stream is not live. The
 * signal [signal@LiveStream::event] is not emitted.
 *
 * Since: 1.0
 */
void
vl_live_stream_report_position (VlLiveStream *self, const char *position)
{
  const VlStreamWord word = { VL_STREAM_REACHED, NULL, position };
  VlLiveStreamPrivate *priv;
  g_autoptr (VlLiveStream) hold = NULL;
  g_autoptr (VlStreamSinks) sinks = NULL;

  g_return_if_fail (VL_IS_LIVE_STREAM (self));
  g_return_if_fail (position != NULL);

  hold = g_object_ref (self);
  priv = _vl_live_stream_get_private (self);

  _vl_lock_acquire (&priv->lock);
  if (priv->state == VL_LIVE_STREAM_STATE_LIVE)
    sinks = _vl_stream_sinks_ref (priv->sinks);
  _vl_lock_release (&priv->lock);

  if (sinks != NULL)
    call_sinks (priv, sinks, &word);
}

/* Under the lock. */
static void
set_ended (VlLiveStreamPrivate *priv, const GError *error)
{
  if (priv->state == VL_LIVE_STREAM_STATE_LIVE &&
      _vl_clock_monotonic () - priv->live_since >= STABLE_AFTER)
    priv->n_retries = 0;

  priv->state = is_permanent (error) ? VL_LIVE_STREAM_STATE_FAILED
                                     : VL_LIVE_STREAM_STATE_CONNECTING;
  priv->ended = TRUE;
  g_clear_error (&priv->error);
  priv->error = error != NULL ? g_error_copy (error) : NULL;
}

/**
 * vl_live_stream_report_end:
 * @self: a stream
 * @error: (nullable): why the source ended, or %NULL if it just did
 *
 * Tells that the source is not heard any more, or could not be reached.
 *
 * The state becomes %VL_LIVE_STREAM_STATE_CONNECTING, and
 * [vfunc@LiveStream.start] is called again after a wait. With one of the
 * errors %VL_ERROR_UNSUPPORTED, %VL_ERROR_INVALID, %VL_ERROR_REJECTED,
 * %VL_ERROR_READ_ONLY and %VL_ERROR_CLOSED, which no patience helps against,
 * the state becomes %VL_LIVE_STREAM_STATE_FAILED and nothing more is tried.
 * A manual stream is not started again: it waits for
 * [method@LiveStream.report_live].
 *
 * May be called from any thread. Ignored while nobody listens.
 *
 * Since: 1.0
 */
void
vl_live_stream_report_end (VlLiveStream *self, const GError *error)
{
  const VlStreamWord word = { VL_STREAM_ENDED, NULL, NULL };
  VlLiveStreamPrivate *priv;
  g_autoptr (VlLiveStream) hold = NULL;
  g_autoptr (VlStreamSinks) sinks = NULL;

  g_return_if_fail (VL_IS_LIVE_STREAM (self));

  hold = g_object_ref (self);
  priv = _vl_live_stream_get_private (self);

  _vl_lock_acquire (&priv->lock);
  sinks = _vl_stream_sinks_ref (priv->sinks);
  if (sinks->len > 0)
    set_ended (priv, error);
  _vl_lock_release (&priv->lock);

  if (sinks->len == 0)
    return;

  _vl_live_stream_post_update (self);
  call_sinks (priv, sinks, &word);
}
