/* fault-listener.h: somebody who listens to the stream of a fault table
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "fault-fixture.h"

#include "vantage-live/stream/vl-live-stream-private.h"

#define assert_state(stream, expected) \
 g_assert_cmpint (vl_live_stream_get_state (stream), ==, VL_LIVE_STREAM_STATE_##expected)

/* Somebody who listens: "*" is a gap, an event is its first letter and its ids. */
typedef struct
{
  GString *heard;
  VlLiveStream *stream;
  VlStreamSink *sink;
} Listener;

/* A gap and an event may come from two threads at one time. */
static inline void
on_heard (VlLiveEvent *event, gpointer user_data)
{
  Listener *self = user_data;
  const char *const *ids = vl_live_event_get_ids (event);

  _vl_lock_acquire (&fake_lock);
  g_string_append_c (self->heard, ids == NULL ? '*' : "ciud"[vl_live_event_get_kind (event)]);
  for (guint i = 0; ids != NULL && ids[i] != NULL; i++)
    g_string_append_printf (self->heard, ".%s", ids[i]);
  g_string_append_c (self->heard, ' ');
  _vl_lock_release (&fake_lock);
}

static inline void
listener_init (Listener *self, Fixture *fixture)
{
  self->heard = g_string_new (NULL);
  self->stream = vl_table_get_stream (fixture->table);
  self->sink = _vl_live_stream_attach (self->stream, on_heard, self, NULL);
}

static inline void
listener_clear (Listener *self)
{
  g_clear_pointer (&self->sink, _vl_live_stream_detach);
  settle ();
  g_clear_object (&self->stream);
  g_string_free (self->heard, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Listener, listener_clear)

/* What was heard since the last time. */
#define assert_heard(listener, expected)                    \
 G_STMT_START                                               \
 {                                                          \
  g_assert_cmpstr ((listener)->heard->str, ==, (expected)); \
  g_string_truncate ((listener)->heard, 0);                 \
 }                                                          \
 G_STMT_END
