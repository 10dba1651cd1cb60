/* test-live-stream.c: who hears an event, when and where
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fake-clock.h"
#include "vantage-live/base/vl-random-private.h"
#include "vantage-live/stream/vl-backoff-private.h"
#include "vantage-live/stream/vl-live-stream-private.h"

/* A stream with a source that does as it is told. */

#define TEST_TYPE_STREAM (test_stream_get_type ())
G_DECLARE_FINAL_TYPE (TestStream, test_stream, TEST, STREAM, VlLiveStream)

struct _TestStream
{
  VlLiveStream parent_instance;

  guint n_starts;
  guint n_stops;
  GString *calls; /* "+" for each start, "-" for each stop */
  gboolean live_at_once;
  GError *end_at_once;
};

G_DEFINE_FINAL_TYPE (TestStream, test_stream, VL_TYPE_LIVE_STREAM)

static GThread *main_thread;

static void
test_stream_start (VlLiveStream *stream)
{
  TestStream *self = TEST_STREAM (stream);

  g_assert_true (g_thread_self () == main_thread);
  self->n_starts++;
  g_string_append_c (self->calls, '+');
  if (self->live_at_once)
    vl_live_stream_report_live (stream);
  if (self->end_at_once != NULL)
    vl_live_stream_report_end (stream, self->end_at_once);
}

static void
test_stream_stop (VlLiveStream *stream)
{
  TestStream *self = TEST_STREAM (stream);

  g_assert_true (g_thread_self () == main_thread);
  self->n_stops++;
  g_string_append_c (self->calls, '-');
}

static void
test_stream_finalize (GObject *object)
{
  TestStream *self = TEST_STREAM (object);

  g_string_free (self->calls, TRUE);
  g_clear_error (&self->end_at_once);

  G_OBJECT_CLASS (test_stream_parent_class)->finalize (object);
}

static void
test_stream_class_init (TestStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_stream_finalize;
  VL_LIVE_STREAM_CLASS (klass)->start = test_stream_start;
  VL_LIVE_STREAM_CLASS (klass)->stop = test_stream_stop;
}

static void
test_stream_init (TestStream *self)
{
  self->calls = g_string_new (NULL);
}

/* A sink that writes down what it hears: "c" for a change of unknown records,
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

static Listener *
listener_new (void)
{
  Listener *self = g_new0 (Listener, 1);

  self->heard = g_string_new (NULL);

  return self;
}

static void
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

static void
listen (Listener *self, VlLiveStream *stream)
{
  self->sink = _vl_live_stream_attach (stream, on_heard, self, on_destroyed);
}

static void
leave (Listener *self)
{
  _vl_live_stream_detach (g_steal_pointer (&self->sink));
  g_assert_cmpuint (self->n_destroyed, ==, 1);
}

static void
push_position (VlLiveStream *stream, const char *position)
{
  g_autoptr (VlLiveEvent) plain = vl_live_event_new_deleted (position);
  g_autoptr (VlLiveEvent) event = vl_live_event_with_position (plain, position);

  vl_live_stream_push (stream, event);
}

#define assert_state(stream, expected)                                    \
 g_assert_cmpint (vl_live_stream_get_state (VL_LIVE_STREAM (stream)), ==, \
                  VL_LIVE_STREAM_STATE_##expected)

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

/* Sources. */

static TestStream *
test_stream_new (void)
{
  return g_object_new (TEST_TYPE_STREAM, NULL);
}

static void
assert_end (TestStream *stream)
{
  settle ();
  g_assert_cmpuint (fake_clock_get_n_timers (), ==, 0);
  g_assert_finalize_object (stream);
}

static void
test_start_and_stop (void)
{
  TestStream *stream = test_stream_new ();
  g_autoptr (Listener) a = listener_new ();
  g_autoptr (Listener) b = listener_new ();

  listen (a, VL_LIVE_STREAM (stream));
  assert_state (stream, CONNECTING);
  g_assert_cmpstr (stream->calls->str, ==, "");
  settle ();
  g_assert_cmpstr (stream->calls->str, ==, "+");
  listen (b, VL_LIVE_STREAM (stream));
  settle ();
  g_assert_cmpstr (a->heard->str, ==, "");
  g_assert_cmpstr (b->heard->str, ==, "");

  vl_live_stream_report_live (VL_LIVE_STREAM (stream));
  assert_state (stream, LIVE);
  g_assert_cmpstr (a->heard->str, ==, "c");
  g_assert_cmpstr (b->heard->str, ==, "c");

  leave (a);
  settle ();
  g_assert_cmpstr (stream->calls->str, ==, "+");
  leave (b);
  assert_state (stream, STOPPED);
  settle ();
  g_assert_cmpstr (stream->calls->str, ==, "+-");
  assert_end (stream);
}

static void
test_late_listener_hears_a_gap (void)
{
  TestStream *stream = test_stream_new ();
  g_autoptr (Listener) a = listener_new ();
  g_autoptr (Listener) b = listener_new ();

  stream->live_at_once = TRUE;
  listen (a, VL_LIVE_STREAM (stream));
  settle ();
  g_assert_cmpstr (a->heard->str, ==, "c");
  listen (b, VL_LIVE_STREAM (stream));
  g_assert_cmpstr (a->heard->str, ==, "c");
  g_assert_cmpstr (b->heard->str, ==, "c");
  leave (a);
  leave (b);
  assert_end (stream);
}

static void
test_attached_again (void)
{
  TestStream *stream = test_stream_new ();
  g_autoptr (Listener) a = listener_new ();
  g_autoptr (Listener) b = listener_new ();
  g_autoptr (Listener) c = listener_new ();

  stream->live_at_once = TRUE;
  listen (a, VL_LIVE_STREAM (stream));
  settle ();
  leave (a);
  listen (b, VL_LIVE_STREAM (stream));
  assert_state (stream, CONNECTING);
  settle ();
  g_assert_cmpstr (stream->calls->str, ==, "+-+");
  assert_state (stream, LIVE);
  g_assert_cmpstr (b->heard->str, ==, "c");
  leave (b);
  settle ();
  g_assert_cmpstr (stream->calls->str, ==, "+-+-");

  /* Come and gone before home had a turn: nothing to start. */
  listen (c, VL_LIVE_STREAM (stream));
  leave (c);
  settle ();
  g_assert_cmpstr (stream->calls->str, ==, "+-+-");
  assert_end (stream);
}

static void
count_notify (GObject *object, GParamSpec *pspec, guint *count)
{
  g_assert_true (g_thread_self () == main_thread);
  (*count)++;
}

static gpointer
report_live (gpointer data)
{
  vl_live_stream_report_live (data);

  return NULL;
}

static gpointer
report_refused (gpointer data)
{
  g_autoptr (GError) error = g_error_new_literal (VL_ERROR, VL_ERROR_REJECTED, "No");

  vl_live_stream_report_end (data, error);

  return NULL;
}

static void
test_reports_from_threads (void)
{
  TestStream *stream = test_stream_new ();
  g_autoptr (Listener) listener = listener_new ();
  g_autoptr (GError) error = NULL;
  guint n_state = 0;
  guint n_error = 0;

  g_signal_connect (stream, "notify::state", G_CALLBACK (count_notify), &n_state);
  g_signal_connect (stream, "notify::error", G_CALLBACK (count_notify), &n_error);
  listen (listener, VL_LIVE_STREAM (stream));
  settle ();
  g_assert_cmpuint (n_state, ==, 1);

  g_thread_join (g_thread_new ("report", report_live, stream));
  assert_state (stream, LIVE);
  g_assert_cmpuint (n_state, ==, 1);
  settle ();
  g_assert_cmpuint (n_state, ==, 2);
  g_assert_cmpuint (n_error, ==, 0);

  g_thread_join (g_thread_new ("report", report_refused, stream));
  assert_state (stream, FAILED);
  settle ();
  g_assert_cmpuint (n_state, ==, 3);
  g_assert_cmpuint (n_error, ==, 1);
  g_object_get (stream, "error", &error, NULL);
  g_assert_error (error, VL_ERROR, VL_ERROR_REJECTED);

  leave (listener);
  settle ();
  g_assert_cmpuint (n_state, ==, 4);
  g_assert_cmpuint (n_error, ==, 2);
  g_assert_null (vl_live_stream_dup_error (VL_LIVE_STREAM (stream)));
  assert_end (stream);
}

static void
test_reports_to_nobody (void)
{
  TestStream *stream = test_stream_new ();

  vl_live_stream_report_live (VL_LIVE_STREAM (stream));
  assert_state (stream, STOPPED);
  report_refused (stream);
  assert_state (stream, STOPPED);
  g_assert_null (vl_live_stream_dup_error (VL_LIVE_STREAM (stream)));
  assert_end (stream);
}

static void
test_reconnect_is_a_gap (void)
{
  TestStream *stream = test_stream_new ();
  g_autoptr (Listener) listener = listener_new ();

  stream->live_at_once = TRUE;
  listen (listener, VL_LIVE_STREAM (stream));
  settle ();
  push_position (VL_LIVE_STREAM (stream), "1");
  vl_live_stream_report_live (VL_LIVE_STREAM (stream));
  push_position (VL_LIVE_STREAM (stream), "2");
  vl_live_stream_report_end (VL_LIVE_STREAM (stream), NULL);
  assert_state (stream, CONNECTING);
  settle ();
  fake_clock_advance (1000);
  assert_state (stream, LIVE);
  g_assert_cmpstr (listener->heard->str, ==, "c1c2c");
  g_assert_cmpuint (stream->n_starts, ==, 2);
  g_assert_cmpuint (stream->n_stops, ==, 0);
  leave (listener);
  assert_end (stream);
}

static guint64
most (void)
{
  /* The remainder by the width of the last interval is its greatest. */
  return 59500;
}

static guint64
least (void)
{
  return 0;
}

static void
test_backoff_grows (void)
{
  TestStream *stream = test_stream_new ();
  g_autoptr (Listener) listener = listener_new ();
  guint bound = 1000;

  stream->end_at_once = g_error_new_literal (VL_ERROR, VL_ERROR_UNAVAILABLE, "The server is down");
  listen (listener, VL_LIVE_STREAM (stream));
  settle ();
  g_assert_cmpuint (stream->n_starts, ==, 1);

  for (guint i = 0; i < 12; i++)
    {
      g_autoptr (GError) error = vl_live_stream_dup_error (VL_LIVE_STREAM (stream));
      gint64 due = fake_clock_get_due ();

      assert_state (stream, CONNECTING);
      g_assert_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE);
      g_assert_cmpint (due, >=, 500);
      g_assert_cmpint (due, <=, bound);
      fake_clock_advance ((guint) due - 1);
      g_assert_cmpuint (stream->n_starts, ==, i + 1);
      fake_clock_advance (1);
      g_assert_cmpuint (stream->n_starts, ==, i + 2);
      bound = MIN (bound * 2, 60000);
    }
  g_assert_cmpuint (bound, ==, 60000);

  _vl_random_set_func (most);

  /* Live for a moment is not enough to be trusted again ... */
  g_clear_error (&stream->end_at_once);
  fake_clock_advance ((guint) fake_clock_get_due ());
  vl_live_stream_report_live (VL_LIVE_STREAM (stream));
  settle ();
  g_assert_null (vl_live_stream_dup_error (VL_LIVE_STREAM (stream)));
  fake_clock_advance (29999);
  vl_live_stream_report_end (VL_LIVE_STREAM (stream), NULL);
  settle ();
  g_assert_cmpint (fake_clock_get_due (), ==, 60000);
  fake_clock_advance (60000);

  /* ... half a minute is. */
  vl_live_stream_report_live (VL_LIVE_STREAM (stream));
  settle ();
  fake_clock_advance (30000);
  vl_live_stream_report_end (VL_LIVE_STREAM (stream), NULL);
  settle ();
  g_assert_cmpint (fake_clock_get_due (), <=, 1000);
  _vl_random_set_func (NULL);

  leave (listener);
  assert_end (stream);
}

static void
test_backoff_bounds (void)
{
  static const guint bounds[] = { 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000 };

  for (guint attempt = 0; attempt < 1000; attempt++)
    {
      guint bound = bounds[MIN (attempt, G_N_ELEMENTS (bounds) - 1)];

      _vl_random_set_func (least);
      g_assert_cmpuint (_vl_backoff_delay (attempt), ==, 500);
      _vl_random_set_func (NULL);
      for (guint i = 0; i < 20; i++)
        {
          g_assert_cmpuint (_vl_backoff_delay (attempt), >=, 500);
          g_assert_cmpuint (_vl_backoff_delay (attempt), <=, bound);
        }
    }

  _vl_random_set_func (most);
  g_assert_cmpuint (_vl_backoff_delay (7), ==, 60000);
  g_assert_cmpuint (_vl_backoff_delay (G_MAXUINT), ==, 60000);
  _vl_random_set_func (NULL);
}

static void
test_permanent (void)
{
  static const int codes[] = { VL_ERROR_UNSUPPORTED, VL_ERROR_INVALID, VL_ERROR_REJECTED,
                               VL_ERROR_READ_ONLY, VL_ERROR_CLOSED };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      TestStream *stream = test_stream_new ();
      g_autoptr (Listener) listener = listener_new ();

      stream->end_at_once = g_error_new_literal (VL_ERROR, codes[i], "No use");
      listen (listener, VL_LIVE_STREAM (stream));
      settle ();
      assert_state (stream, FAILED);
      fake_clock_advance (3600000);
      g_assert_cmpuint (stream->n_starts, ==, 1);

      leave (listener);
      settle ();
      g_assert_cmpstr (stream->calls->str, ==, "+-");
      assert_end (stream);
    }
}

static void
test_detach_ends_backoff (void)
{
  TestStream *stream = test_stream_new ();
  g_autoptr (Listener) listener = listener_new ();

  listen (listener, VL_LIVE_STREAM (stream));
  settle ();
  vl_live_stream_report_end (VL_LIVE_STREAM (stream), NULL);
  vl_live_stream_report_end (VL_LIVE_STREAM (stream), NULL);
  settle ();
  g_assert_cmpuint (fake_clock_get_n_timers (), ==, 1);
  leave (listener);
  settle ();
  g_assert_cmpuint (fake_clock_get_n_timers (), ==, 0);
  fake_clock_advance (60000);
  g_assert_cmpstr (stream->calls->str, ==, "+-");
  assert_end (stream);
}

static void
test_live_ends_backoff (void)
{
  TestStream *stream = test_stream_new ();
  g_autoptr (Listener) listener = listener_new ();

  listen (listener, VL_LIVE_STREAM (stream));
  settle ();
  vl_live_stream_report_end (VL_LIVE_STREAM (stream), NULL);
  settle ();
  vl_live_stream_report_live (VL_LIVE_STREAM (stream));
  settle ();
  g_assert_cmpuint (fake_clock_get_n_timers (), ==, 0);
  leave (listener);
  assert_end (stream);
}

static void
test_manual_end_waits (void)
{
  g_autoptr (VlLiveStream) stream = vl_live_stream_new ();
  g_autoptr (Listener) listener = listener_new ();

  listen (listener, stream);
  vl_live_stream_report_end (stream, NULL);
  assert_state (stream, CONNECTING);
  settle ();
  g_assert_cmpuint (fake_clock_get_n_timers (), ==, 0);
  push_position (stream, "1");
  vl_live_stream_report_live (stream);
  assert_state (stream, LIVE);
  g_assert_cmpstr (listener->heard->str, ==, "c1c");
  leave (listener);
  settle ();
}

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);

  main_thread = g_thread_self ();
  fake_clock_begin ();

  g_test_add_func ("/live-stream/manual/is-live-while-attached", test_manual);
  g_test_add_func ("/live-stream/manual/waits-for-whoever-pushes", test_manual_end_waits);
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
  g_test_add_func ("/live-stream/source/start-and-stop", test_start_and_stop);
  g_test_add_func ("/live-stream/source/late-listener-hears-a-gap", test_late_listener_hears_a_gap);
  g_test_add_func ("/live-stream/source/attached-again", test_attached_again);
  g_test_add_func ("/live-stream/source/reports-from-threads", test_reports_from_threads);
  g_test_add_func ("/live-stream/source/reports-to-nobody", test_reports_to_nobody);
  g_test_add_func ("/live-stream/end/reconnect-is-a-gap", test_reconnect_is_a_gap);
  g_test_add_func ("/live-stream/end/backoff-grows-and-resets", test_backoff_grows);
  g_test_add_func ("/live-stream/end/backoff-bounds", test_backoff_bounds);
  g_test_add_func ("/live-stream/end/permanent-errors-are-final", test_permanent);
  g_test_add_func ("/live-stream/end/detach-ends-backoff", test_detach_ends_backoff);
  g_test_add_func ("/live-stream/end/live-ends-backoff", test_live_ends_backoff);

  result = g_test_run ();

  fake_clock_end ();

  return result;
}
