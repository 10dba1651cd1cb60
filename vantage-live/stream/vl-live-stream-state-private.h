/* vl-live-stream-state-private.h: the inside of a stream, for its own files
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../base/vl-clock-private.h"
#include "../base/vl-handoff-private.h"
#include "../base/vl-lock-private.h"
#include "vl-live-stream-sink-private.h"
#include "vl-live-stream.h"

G_BEGIN_DECLS

typedef struct
{
  VlHandoff *home;          /* where signals come out and start and stop are called */
  GThread *home_thread;     /* to compare with */
  VlLiveStream *stands_for; /* nullable; set when it is made */

  VlLock lock;
  VlCondition idle; /* a call of a sink has ended */

  /* Under the lock. */
  VlStreamSinks *sinks; /* replaced, never changed: a push works on its own reference */
  guint64 attachment;   /* counts the times that sinks came where none were */
  VlLiveStreamState state;
  GError *error;       /* what the last end was, until live again */
  gboolean ended;      /* the source ended and was not started again yet */
  gint64 live_since;   /* monotonic, while live */
  guint n_retries;     /* starts since it was last live for long */
  gboolean has_update; /* update_at_home() is on its way */

  /* Only at home. */
  guint64 running; /* the attachment that start was called for, 0 = none */
  VlTimer *retry;
  VlLiveStreamState shown_state; /* last notified */
  GError *shown_error;
} VlLiveStreamPrivate;

VlLiveStreamPrivate *_vl_live_stream_get_private (VlLiveStream *self);

/* vl-live-stream.c: from any thread, not under the lock. */
void _vl_live_stream_post_update (VlLiveStream *self);
void _vl_live_stream_post_emission (VlLiveStream *self, VlLiveEvent *event);

/* vl-live-stream-report.c: from any thread, not under the lock. The caller
 * holds a reference on the stream. */
void _vl_live_stream_call_sink (VlLiveStreamPrivate *priv,
                                VlStreamSink *sink,
                                const VlStreamWord *word);
void _vl_live_stream_push_gap (VlLiveStream *self, const char *position);

/* Under the lock. */
void _vl_live_stream_set_live (VlLiveStreamPrivate *priv);

G_END_DECLS
