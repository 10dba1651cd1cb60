/* test-live-stream-source.c: streams that connect, end and connect again
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fake-clock.h"
#include "stream-listener.h"
#include "vantage-live/base/vl-random-private.h"
#include "vantage-live/stream/vl-backoff-private.h"

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

/* What those hear who ask for more than events. */
static void
write_word (const VlStreamWord *word, gpointer user_data)
{
  static const char *const kinds[] = { "event", "gap", "reached", "ended" };
  GString *words = user_data;

  g_assert_true ((word->event != NULL) == (word->kind <= VL_STREAM_GAP));
  if (word->event != NULL)
    g_assert_cmpstr (vl_live_event_get_position (word->event), ==, word->position);
  g_string_append_printf (words, "%s%s", kinds[word->kind],
                          word->position != NULL ? word->position : "-");
}

#define assert_words(words, expected)             \
 G_STMT_START                                     \
 {                                                \
  g_assert_cmpstr ((words)->str, ==, (expected)); \
  g_string_truncate ((words), 0);                 \
 }                                                \
 G_STMT_END

static void
test_positions (void)
{
  TestStream *stream = test_stream_new ();
  VlLiveStream *base = VL_LIVE_STREAM (stream);
  g_autoptr (GString) words = g_string_new (NULL);
  g_autoptr (GString) others = g_string_new (NULL);
  g_autoptr (Listener) listener = listener_new ();
  VlStreamSink *sink;
  VlStreamSink *late;

  sink = _vl_live_stream_attach_words (base, write_word, words, NULL);
  listen (listener, base);
  settle ();
  vl_live_stream_report_position (base, "0");
  assert_words (words, "");
  vl_live_stream_report_live_at (base, "1");
  vl_live_stream_report_position (base, "2");
  push_position (base, "3");
  assert_words (words, "gap1reached2event3");
  vl_live_stream_report_live (base);
  assert_words (words, "gap-");
  vl_live_stream_report_position (base, "4");

  /* Who comes later does not know what came before that. */
  late = _vl_live_stream_attach_words (base, write_word, others, NULL);
  assert_words (others, "gap-");
  assert_words (words, "reached4");
  _vl_live_stream_detach (late);

  vl_live_stream_report_end (base, NULL);
  vl_live_stream_report_position (base, "5");
  assert_words (words, "ended-");
  late = _vl_live_stream_attach_words (base, write_word, others, NULL);
  assert_words (others, "ended-");
  _vl_live_stream_detach (late);

  /* The others hear events. */
  g_assert_cmpstr (listener->heard->str, ==, "13c");
  leave (listener);
  _vl_live_stream_detach (sink);
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

  g_test_add_func ("/live-stream-source/manual/waits-for-whoever-pushes", test_manual_end_waits);
  g_test_add_func ("/live-stream-source/start-and-stop", test_start_and_stop);
  g_test_add_func ("/live-stream-source/late-listener-hears-a-gap", test_late_listener_hears_a_gap);
  g_test_add_func ("/live-stream-source/attached-again", test_attached_again);
  g_test_add_func ("/live-stream-source/reports-from-threads", test_reports_from_threads);
  g_test_add_func ("/live-stream-source/reports-to-nobody", test_reports_to_nobody);
  g_test_add_func ("/live-stream-source/positions", test_positions);
  g_test_add_func ("/live-stream-source/end/reconnect-is-a-gap", test_reconnect_is_a_gap);
  g_test_add_func ("/live-stream-source/end/backoff-grows-and-resets", test_backoff_grows);
  g_test_add_func ("/live-stream-source/end/backoff-bounds", test_backoff_bounds);
  g_test_add_func ("/live-stream-source/end/permanent-errors-are-final", test_permanent);
  g_test_add_func ("/live-stream-source/end/detach-ends-backoff", test_detach_ends_backoff);
  g_test_add_func ("/live-stream-source/end/live-ends-backoff", test_live_ends_backoff);

  result = g_test_run ();

  fake_clock_end ();

  return result;
}
