/* vl-live-stream-private.h: who hears a stream first
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../vl-types.h"

G_BEGIN_DECLS

/* A sink hears each event on the thread that pushes it, before the push
 * returns, while no lock of the stream is held. It should only put the event
 * aside. Pushes from several threads call it at the same time. It may push,
 * attach and detach (itself too). */
typedef struct _VlStreamSink VlStreamSink;

typedef void (*VlStreamSinkFunc) (VlLiveEvent *event, gpointer user_data);

/* What a stream says, to those who want to hear more than events. */
typedef enum
{
  VL_STREAM_EVENT,   /* something happened */
  VL_STREAM_GAP,     /* from now on it tells everything; what was before it may have missed */
  VL_STREAM_REACHED, /* it is at this position, and has told of all that it tells of */
  VL_STREAM_ENDED,   /* the source is not heard any more, or could not be reached */
} VlStreamWordKind;

typedef struct
{
  VlStreamWordKind kind;
  VlLiveEvent *event;   /* of an event and a gap, else NULL */
  const char *position; /* of the event, the gap, or that was reached; NULL = unknown */
} VlStreamWord;

typedef void (*VlStreamWordFunc) (const VlStreamWord *word, gpointer user_data);

/* From any thread. The sink keeps the stream alive, and the stream runs while
 * it has sinks. Each sink hears a gap at the moment from which on it hears
 * everything: from inside this function when the stream is live already (a
 * manual one always is), else when the stream becomes live. */
VlStreamSink *_vl_live_stream_attach (VlLiveStream *self,
                                      VlStreamSinkFunc func,
                                      gpointer user_data,
                                      GDestroyNotify destroy);

/* The same, for all words. A source that is being waited for after it ended, or
 * is not going to be tried again, is said to have ended from inside this
 * function. */
VlStreamSink *_vl_live_stream_attach_words (VlLiveStream *self,
                                            VlStreamWordFunc func,
                                            gpointer user_data,
                                            GDestroyNotify destroy);

/* From any thread; consumes `sink`. Once this has returned `func` is neither
 * running on another thread nor called again, and `destroy` has run (when
 * called from inside `func`: runs on this thread when that has returned). It
 * waits for calls on other threads, so the caller holds no lock that `func`
 * wants. */
void _vl_live_stream_detach (VlStreamSink *sink);

/* Whether an event that is pushed now reaches anybody. From any thread. */
gboolean _vl_live_stream_is_heard (VlLiveStream *self);

/* For a stream in front of another, before anybody knows it. Attaching to it at
 * home starts it before that returns, so that it is live as soon as the other,
 * and its positions are those of the other. */
void _vl_live_stream_stand_for (VlLiveStream *self, VlLiveStream *source);

/* Whose positions it tells: they say nothing about those of another name. */
const char *_vl_live_stream_get_source_name (VlLiveStream *self);

G_END_DECLS
