/* vl-live-stream-sink.c: one who listens to a stream
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-live-stream-sink-private.h"

/* One call of a sink's function, on the stack of the thread that makes it. */
typedef struct _SinkCall SinkCall;

struct _SinkCall
{
  VlStreamSink *sink;
  SinkCall *outer; /* the call inside which this one is made */
};

/* The calls of sinks that are running on this thread, innermost first. */
static _Thread_local SinkCall *running_calls;

VlStreamSink *
_vl_stream_sink_ref (VlStreamSink *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
_vl_stream_sink_unref (VlStreamSink *self)
{
  if (_vl_ref_count_dec (&self->ref_count))
    g_free (self);
}

void
_vl_stream_sink_destroy_data (VlStreamSink *self)
{
  if (self->destroy != NULL)
    self->destroy (self->user_data);
}

guint
_vl_stream_sink_count_own_calls (VlStreamSink *self)
{
  guint n_calls = 0;

  for (SinkCall *call = running_calls; call != NULL; call = call->outer)
    n_calls += call->sink == self;

  return n_calls;
}

void
_vl_stream_sink_call (VlStreamSink *self, VlLock *lock, VlCondition *idle, const VlStreamWord *word)
{
  SinkCall call = { self, running_calls };
  gboolean destroy;

  if (self->word_func == NULL && word->event == NULL)
    return;

  _vl_lock_acquire (lock);
  if (self->detached)
    {
      _vl_lock_release (lock);
      return;
    }
  self->n_running++;
  _vl_lock_release (lock);

  running_calls = &call;
  if (self->word_func != NULL)
    self->word_func (word, self->user_data);
  else
    self->func (word->event, self->user_data);
  running_calls = call.outer;

  _vl_lock_acquire (lock);
  self->n_running--;
  destroy = self->destroy_late && self->n_running == 0;
  _vl_condition_broadcast (idle);
  _vl_lock_release (lock);

  if (destroy)
    _vl_stream_sink_destroy_data (self);
}

/* With room for so many. */
static VlStreamSinks *
sinks_new (guint room)
{
  VlStreamSinks *self = g_malloc (sizeof (VlStreamSinks) + room * sizeof (VlStreamSink *));

  g_atomic_ref_count_init (&self->ref_count);
  self->len = 0;

  return self;
}

static void
sinks_add (VlStreamSinks *self, VlStreamSink *sink)
{
  self->items[self->len++] = _vl_stream_sink_ref (sink);
}

VlStreamSinks *
_vl_stream_sinks_new (void)
{
  return sinks_new (0);
}

VlStreamSinks *
_vl_stream_sinks_ref (VlStreamSinks *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
_vl_stream_sinks_unref (VlStreamSinks *self)
{
  if (!_vl_ref_count_dec (&self->ref_count))
    return;

  for (guint i = 0; i < self->len; i++)
    _vl_stream_sink_unref (self->items[i]);
  g_free (self);
}

VlStreamSinks *
_vl_stream_sinks_replace (VlStreamSinks *self, VlStreamSink *without, VlStreamSink *with)
{
  VlStreamSinks *replaced = sinks_new (self->len + 1);

  for (guint i = 0; i < self->len; i++)
    {
      if (self->items[i] != without)
        sinks_add (replaced, self->items[i]);
    }
  if (with != NULL)
    sinks_add (replaced, with);

  return replaced;
}
