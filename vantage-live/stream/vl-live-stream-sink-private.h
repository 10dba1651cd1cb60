/* vl-live-stream-sink-private.h: one who listens to a stream
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../base/vl-lock-private.h"
#include "vl-live-stream-private.h"

G_BEGIN_DECLS

struct _VlStreamSink
{
  gatomicrefcount ref_count; /* lists of sinks and the attacher hold it */
  VlStreamSinkFunc func;     /* one of the two */
  VlStreamWordFunc word_func;
  gpointer user_data;
  GDestroyNotify destroy;

  VlLiveStream *stream; /* owned until detached */

  /* Under the stream's lock. */
  guint n_running; /* calls of func, on all threads */
  gboolean detached;
  gboolean destroy_late; /* detached inside func: the last call destroys */
};

VlStreamSink *_vl_stream_sink_ref (VlStreamSink *self);
void _vl_stream_sink_unref (VlStreamSink *self);

/* Runs on any thread, without the lock. The caller holds a reference on the
 * stream whose lock this is; `idle` is signalled when a call has ended. */
void _vl_stream_sink_call (VlStreamSink *self,
                           VlLock *lock,
                           VlCondition *idle,
                           const VlStreamWord *word);

/* How many calls of the sink are on the stack of this thread. */
guint _vl_stream_sink_count_own_calls (VlStreamSink *self);
void _vl_stream_sink_destroy_data (VlStreamSink *self);

/* A list that never changes once it is in use, by several threads at a time. */
typedef struct
{
  gatomicrefcount ref_count;
  guint len;
  VlStreamSink *items[];
} VlStreamSinks;

VlStreamSinks *_vl_stream_sinks_new (void);
VlStreamSinks *_vl_stream_sinks_ref (VlStreamSinks *self);
void _vl_stream_sinks_unref (VlStreamSinks *self);

/* A list with the sinks of `self` but for `without`, and `with` after them;
 * either may be NULL. */
VlStreamSinks *_vl_stream_sinks_replace (VlStreamSinks *self,
                                         VlStreamSink *without,
                                         VlStreamSink *with);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VlStreamSinks, _vl_stream_sinks_unref)

G_END_DECLS
