/* stream-listener.h: a sink that writes down what it hears
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

#include "vantage-live/stream/vl-live-stream-private.h"

/* What is written down: "c" for a change of unknown records,
 * else the position of the event. */

typedef struct _Listener Listener;

struct _Listener
{
  GString *heard;
  guint n_destroyed;
  VlStreamSink *sink;
  gboolean detach_inside;
  VlLiveStream *drop_inside;
  Listener *send_away; /* detached inside, too */
};

static inline Listener *
listener_new (void)
{
  Listener *self = g_new0 (Listener, 1);

  self->heard = g_string_new (NULL);

  return self;
}

static inline void
listener_free (Listener *self)
{
  g_string_free (self->heard, TRUE);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Listener, listener_free)

static void
on_heard (VlLiveEvent *event, gpointer user_data)
{
  Listener *self = user_data;
  const char *position = vl_live_event_get_position (event);

  g_assert_cmpuint (self->n_destroyed, ==, 0);
  g_string_append (self->heard, position != NULL ? position : "c");

  if (self->detach_inside)
    {
      self->detach_inside = FALSE;
      _vl_live_stream_detach (g_steal_pointer (&self->sink));
      g_assert_cmpuint (self->n_destroyed, ==, 0);
    }
  if (self->send_away != NULL)
    {
      _vl_live_stream_detach (g_steal_pointer (&self->send_away->sink));
      g_assert_cmpuint (self->send_away->n_destroyed, ==, 1);
      self->send_away = NULL;
    }
  g_clear_object (&self->drop_inside);
  g_assert_cmpuint (self->n_destroyed, ==, 0);
}

static void
on_destroyed (gpointer user_data)
{
  ((Listener *) user_data)->n_destroyed++;
}

static inline void
listen (Listener *self, VlLiveStream *stream)
{
  self->sink = _vl_live_stream_attach (stream, on_heard, self, on_destroyed);
}

static inline void
leave (Listener *self)
{
  _vl_live_stream_detach (g_steal_pointer (&self->sink));
  g_assert_cmpuint (self->n_destroyed, ==, 1);
}

static inline void
push_position (VlLiveStream *stream, const char *position)
{
  g_autoptr (VlLiveEvent) plain = vl_live_event_new_deleted (position);
  g_autoptr (VlLiveEvent) event = vl_live_event_with_position (plain, position);

  vl_live_stream_push (stream, event);
}

#define assert_state(stream, expected)                                    \
 g_assert_cmpint (vl_live_stream_get_state (VL_LIVE_STREAM (stream)), ==, \
                  VL_LIVE_STREAM_STATE_##expected)
