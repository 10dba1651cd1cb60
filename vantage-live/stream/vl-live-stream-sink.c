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

GPtrArray *
_vl_stream_sinks_replace (GPtrArray *sinks, VlStreamSink *without, VlStreamSink *with)
{
  GPtrArray *replaced = g_ptr_array_new_with_free_func ((GDestroyNotify) _vl_stream_sink_unref);

  for (guint i = 0; i < sinks->len; i++)
    {
      if (sinks->pdata[i] != without)
        g_ptr_array_add (replaced, _vl_stream_sink_ref (sinks->pdata[i]));
    }
  if (with != NULL)
    g_ptr_array_add (replaced, _vl_stream_sink_ref (with));

  return replaced;
}
