/* test-live-stream.c: who hears an event, when and where
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fake-clock.h"
#include "stream-listener.h"

static GThread *main_thread;

/* Manual streams, sinks. */

static void
test_manual (void)
{
  g_autoptr (VlLiveStream) stream = vl_live_stream_new ();
  g_autoptr (Listener) listener = listener_new ();

  assert_state (stream, STOPPED);
  listen (listener, stream);
  assert_state (stream, LIVE);
  g_assert_cmpstr (listener->heard->str, ==, "c");

  leave (listener);
  assert_state (stream, STOPPED);
  settle ();
  g_assert_finalize_object (g_steal_pointer (&stream));
}

static void
test_push_reaches_sinks (void)
{
  g_autoptr (VlLiveStream) stream = vl_live_stream_new ();
  g_autoptr (Listener) a = listener_new ();
  g_autoptr (Listener) b = listener_new ();

  push_position (stream, "0");
  listen (a, stream);
  push_position (stream, "1");
  listen (b, stream);
  push_position (stream, "2");
  g_assert_cmpstr (a->heard->str, ==, "c12");
  g_assert_cmpstr (b->heard->str, ==, "c2");

  leave (a);
  push_position (stream, "3");
  g_assert_cmpstr (a->heard->str, ==, "c12");
  g_assert_cmpstr (b->heard->str, ==, "c23");
  leave (b);
  settle ();
}

static void
test_sink_keeps_stream (void)
{
  VlLiveStream *stream = vl_live_stream_new ();
  g_autoptr (Listener) listener = listener_new ();
  gpointer weak = stream;

  g_object_add_weak_pointer (G_OBJECT (stream), &weak);
  listen (listener, stream);
  g_object_unref (stream);
  settle ();
  g_assert_nonnull (weak);
  push_position (stream, "1");
  g_assert_cmpstr (listener->heard->str, ==, "c1");

  leave (listener);
  settle ();
  g_assert_null (weak);
}

static void
test_detach_inside (void)
{
  g_autoptr (VlLiveStream) stream = vl_live_stream_new ();
  g_autoptr (Listener) a = listener_new ();
  g_autoptr (Listener) b = listener_new ();

  listen (a, stream);
  listen (b, stream);
  a->detach_inside = TRUE;
  push_position (stream, "1");
  g_assert_cmpuint (a->n_destroyed, ==, 1);
  push_position (stream, "2");
  g_assert_cmpstr (a->heard->str, ==, "c1");
  g_assert_cmpstr (b->heard->str, ==, "c12");
  leave (b);
  settle ();
}

static void
test_detach_other_inside (void)
{
  g_autoptr (VlLiveStream) stream = vl_live_stream_new ();
  g_autoptr (Listener) a = listener_new ();
  g_autoptr (Listener) b = listener_new ();

  listen (a, stream);
  listen (b, stream);
  a->send_away = b;
  push_position (stream, "1");
  g_assert_cmpstr (a->heard->str, ==, "c1");
  g_assert_cmpstr (b->heard->str, ==, "c");
  leave (a);
  settle ();
}

static void
test_drop_inside (void)
{
  VlLiveStream *stream = vl_live_stream_new ();
  g_autoptr (Listener) listener = listener_new ();
  gpointer weak = stream;

  g_object_add_weak_pointer (G_OBJECT (stream), &weak);
  listen (listener, stream);
  settle ();
  listener->detach_inside = TRUE;
  listener->drop_inside = stream;
  push_position (stream, "1");
  g_assert_cmpuint (listener->n_destroyed, ==, 1);
  settle ();
  g_assert_null (weak);
}

/* Threads. */

#define N_THREADS 4
#define N_PUSHES  2000

static gpointer
push_many (gpointer data)
{
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();

  for (guint i = 0; i < N_PUSHES; i++)
    vl_live_stream_push (data, event);

  return NULL;
}

static void
count_up (VlLiveEvent *event, gpointer user_data)
{
  g_atomic_int_inc ((int *) user_data);
}

static void
test_push_from_threads (void)
{
  g_autoptr (VlLiveStream) stream = vl_live_stream_new ();
  GThread *threads[N_THREADS];
  int count = 0;
  VlStreamSink *sink = _vl_live_stream_attach (stream, count_up, &count, NULL);

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("push", push_many, stream);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  g_assert_cmpint (count, ==, 1 + N_THREADS * N_PUSHES);
  _vl_live_stream_detach (sink);
  settle ();
  g_assert_finalize_object (g_steal_pointer (&stream));
}

typedef struct
{
  VlLiveStream *stream;
  int stop;
  int n_pushed;
} Pusher;

static gpointer
push_until_told (gpointer data)
{
  Pusher *self = data;
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();

  while (!g_atomic_int_get (&self->stop))
    {
      vl_live_stream_push (self->stream, event);
      g_atomic_int_inc (&self->n_pushed);
    }

  return NULL;
}

typedef struct
{
  int alive;
  int n_heard;
} Mortal;

static void
check_alive (VlLiveEvent *event, gpointer user_data)
{
  Mortal *self = user_data;

  g_assert_cmpint (g_atomic_int_get (&self->alive), ==, 1);
  g_atomic_int_inc (&self->n_heard);
  g_assert_cmpint (g_atomic_int_get (&self->alive), ==, 1);
}

/* A sink lives on the stack of a short function here, while others push. */
static void
test_detach_races (void)
{
  g_autoptr (VlLiveStream) stream = vl_live_stream_new ();
  Pusher pushers[2] = { { stream, 0, 0 }, { stream, 0, 0 } };
  GThread *threads[2];
  guint n_rounds = 0;
  guint n_heard = 0;

  for (guint i = 0; i < 2; i++)
    threads[i] = g_thread_new ("push", push_until_told, &pushers[i]);

  /* Until sinks were called by other threads often, not just by attaching. */
  while (n_rounds < 2000 || n_heard < 2 * n_rounds)
    {
      Mortal mortal = { 1, 0 };
      VlStreamSink *sink = _vl_live_stream_attach (stream, check_alive, &mortal, NULL);
      int n_pushed = g_atomic_int_get (&pushers[0].n_pushed);

      while (n_rounds % 64 == 0 && g_atomic_int_get (&pushers[0].n_pushed) < n_pushed + 100)
        ;
      _vl_live_stream_detach (sink);
      g_atomic_int_set (&mortal.alive, 0);
      n_heard += (guint) mortal.n_heard;
      n_rounds++;
    }

  for (guint i = 0; i < 2; i++)
    {
      g_atomic_int_set (&pushers[i].stop, 1);
      g_thread_join (threads[i]);
    }
  settle ();
  g_assert_finalize_object (g_steal_pointer (&stream));
}

typedef struct
{
  VlLock lock;
  VlCondition changed;
  gboolean is_inside; /* under the lock */
  gboolean may_leave;
  gboolean has_left;
} Gate;

static void
pass_gate (VlLiveEvent *event, gpointer user_data)
{
  Gate *gate = user_data;

  if (vl_live_event_get_position (event) == NULL)
    return;

  _vl_lock_acquire (&gate->lock);
  gate->is_inside = TRUE;
  _vl_condition_broadcast (&gate->changed);
  while (!gate->may_leave)
    _vl_condition_wait (&gate->changed, &gate->lock, -1);
  gate->has_left = TRUE;
  _vl_lock_release (&gate->lock);
}

static gpointer
push_one (gpointer data)
{
  push_position (data, "1");

  return NULL;
}

static gpointer
open_gate (gpointer data)
{
  Gate *gate = data;

  _vl_lock_acquire (&gate->lock);
  gate->may_leave = TRUE;
  _vl_condition_broadcast (&gate->changed);
  _vl_lock_release (&gate->lock);

  return NULL;
}

static void
test_detach_waits (void)
{
  g_autoptr (VlLiveStream) stream = vl_live_stream_new ();
  Gate gate = { 0 };
  VlStreamSink *sink;
  GThread *pusher;
  GThread *opener;

  _vl_lock_init (&gate.lock);
  _vl_condition_init (&gate.changed);
  sink = _vl_live_stream_attach (stream, pass_gate, &gate, NULL);
  pusher = g_thread_new ("push", push_one, stream);

  _vl_lock_acquire (&gate.lock);
  while (!gate.is_inside)
    _vl_condition_wait (&gate.changed, &gate.lock, -1);
  _vl_lock_release (&gate.lock);

  opener = g_thread_new ("open", open_gate, &gate);
  _vl_live_stream_detach (sink);
  g_assert_true (gate.has_left);

  g_thread_join (opener);
  g_thread_join (pusher);
  _vl_condition_destroy (&gate.changed);
  _vl_lock_destroy (&gate.lock);
  settle ();
}

/* The signal. */

static void
on_event (VlLiveStream *stream, VlLiveEvent *event, GString *heard)
{
  const char *position = vl_live_event_get_position (event);

  g_assert_true (g_thread_self () == main_thread);
  g_string_append (heard, position != NULL ? position : "c");
}

static gpointer
push_ten (gpointer data)
{
  static const char *const digits[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" };

  for (guint i = 0; i < 10; i++)
    push_position (data, digits[i]);

  return NULL;
}

static void
test_event_at_home (void)
{
  g_autoptr (VlLiveStream) stream = vl_live_stream_new ();
  g_autoptr (GString) heard = g_string_new (NULL);

  g_signal_connect (stream, "event", G_CALLBACK (on_event), heard);
  push_ten (stream);
  g_assert_cmpstr (heard->str, ==, "");
  settle ();
  g_assert_cmpstr (heard->str, ==, "0123456789");

  g_thread_join (g_thread_new ("push", push_ten, stream));
  g_assert_cmpstr (heard->str, ==, "0123456789");
  settle ();
  g_assert_cmpstr (heard->str, ==, "01234567890123456789");
  assert_state (stream, STOPPED);
}

static void
test_event_only_for_handlers (void)
{
  g_autoptr (VlLiveStream) stream = vl_live_stream_new ();
  g_autoptr (Listener) listener = listener_new ();

  listen (listener, stream);
  settle ();
  push_position (stream, "1");
  g_assert_false (g_main_context_pending (NULL));
  leave (listener);
  settle ();
}

static void
drop_stream (VlLiveStream *stream, VlLiveEvent *event, VlLiveStream **held)
{
  g_clear_object (held);
}

static void
test_event_drops_last_reference (void)
{
  VlLiveStream *stream = vl_live_stream_new ();
  gpointer weak = stream;

  g_object_add_weak_pointer (G_OBJECT (stream), &weak);
  g_signal_connect (stream, "event", G_CALLBACK (drop_stream), &stream);
  push_position (stream, "1");
  settle ();
  g_assert_null (weak);
}

static gpointer
make_elsewhere (gpointer data)
{
  GMainContext *context = data;
  VlLiveStream *stream;

  g_main_context_push_thread_default (context);
  stream = vl_live_stream_new ();
  g_main_context_pop_thread_default (context);

  return stream;
}

static void
test_home_is_gone (void)
{
  GMainContext *context = g_main_context_new ();
  g_autoptr (VlLiveStream) stream = g_thread_join (g_thread_new ("home", make_elsewhere, context));
  g_autoptr (GString) heard = g_string_new (NULL);
  g_autoptr (Listener) listener = listener_new ();

  g_signal_connect (stream, "event", G_CALLBACK (on_event), heard);
  push_position (stream, "1");
  g_main_context_unref (context);

  listen (listener, stream);
  push_position (stream, "2");
  g_assert_cmpstr (listener->heard->str, ==, "c2");
  leave (listener);
  g_assert_cmpstr (heard->str, ==, "");
  g_assert_finalize_object (g_steal_pointer (&stream));
}

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);

  main_thread = g_thread_self ();
  fake_clock_begin ();

  g_test_add_func ("/live-stream/manual/is-live-while-attached", test_manual);
  g_test_add_func ("/live-stream/push/reaches-sinks-before-it-returns", test_push_reaches_sinks);
  g_test_add_func ("/live-stream/push/from-many-threads", test_push_from_threads);
  g_test_add_func ("/live-stream/sink/keeps-the-stream-alive", test_sink_keeps_stream);
  g_test_add_func ("/live-stream/detach/inside-the-sink", test_detach_inside);
  g_test_add_func ("/live-stream/detach/another-one-inside-the-sink", test_detach_other_inside);
  g_test_add_func ("/live-stream/detach/last-reference-inside-the-sink", test_drop_inside);
  g_test_add_func ("/live-stream/detach/never-called-afterwards", test_detach_races);
  g_test_add_func ("/live-stream/detach/waits-for-other-threads", test_detach_waits);
  g_test_add_func ("/live-stream/event/at-home-in-order", test_event_at_home);
  g_test_add_func ("/live-stream/event/only-for-handlers", test_event_only_for_handlers);
  g_test_add_func ("/live-stream/event/handler-drops-last-reference",
                   test_event_drops_last_reference);
  g_test_add_func ("/live-stream/home/is-gone", test_home_is_gone);

  result = g_test_run ();

  fake_clock_end ();

  return result;
}
