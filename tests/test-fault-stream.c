/* test-fault-stream.c: a stream behind a simulated network
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fault-listener.h"

/* Somebody else changes the target. */
static void
put (Fixture *fixture, const char *id)
{
  g_autoptr (VlRecord) record = make_record (id);
  g_autoptr (VlRecord) stored = vl_table_insert_sync (fixture->memory, record, NULL, NULL);

  g_assert_nonnull (stored);
}

static void
put_many (Fixture *fixture, guint n, char letter)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("%c%02u", letter, i);

      put (fixture, id);
    }
}

static void
test_plain (Fixture *self, gconstpointer data)
{
  g_auto (Listener) listener = { 0 };
  g_autoptr (VlLiveStream) again = NULL;
  g_autoptr (VlLiveStream) target = vl_table_get_stream (self->memory);

  listener_init (&listener, self);
  again = vl_table_get_stream (self->table);
  g_assert_true (again == listener.stream);

  /* As with the target's stream: there before anything else happens. */
  assert_state (listener.stream, LIVE);
  assert_heard (&listener, "* ");
  put (self, "a");
  assert_heard (&listener, "i.a ");
  vl_fault_table_set_latency (self->fault, 100);
  vl_fault_table_set_jitter (self->fault, 100);
  put (self, "b");
  assert_heard (&listener, "i.b ");

  /* The target's stream runs for as long as this one. */
  assert_state (target, LIVE);
  g_clear_pointer (&listener.sink, _vl_live_stream_detach);
  settle ();
  assert_state (listener.stream, STOPPED);
  assert_state (target, STOPPED);
  listener.sink = _vl_live_stream_attach (listener.stream, on_heard, &listener, NULL);
  assert_state (target, LIVE);
  assert_heard (&listener, "* ");
}

static void
test_without_a_stream (void)
{
  g_autoptr (VlFaultTable) nothing = g_object_new (VL_TYPE_FAULT_TABLE, NULL);

  g_assert_null (vl_table_get_stream (VL_TABLE (nothing)));
}

static void
test_delay (Fixture *self, gconstpointer data)
{
  g_auto (Listener) listener = { 0 };

  listener_init (&listener, self);
  assert_heard (&listener, "* ");
  vl_fault_table_set_event_delay (self->fault, 100);
  put (self, "a");
  fake_clock_advance (40);
  put (self, "b");
  fake_clock_advance (59);
  assert_heard (&listener, "");
  fake_clock_advance (1);
  assert_heard (&listener, "i.a ");
  fake_clock_advance (39);
  assert_heard (&listener, "");
  fake_clock_advance (1);
  assert_heard (&listener, "i.b ");

  /* What is told at once waits for what is late. */
  put (self, "c");
  vl_fault_table_set_event_delay (self->fault, 0);
  put (self, "d");
  assert_heard (&listener, "");
  fake_clock_advance (100);
  assert_heard (&listener, "i.c i.d ");
  put (self, "e");
  assert_heard (&listener, "i.e ");
}

static void
test_delay_by_chance (Fixture *self, gconstpointer data)
{
  g_auto (Listener) listener = { 0 };
  g_autoptr (GString) expected = g_string_new (NULL);

  listener_init (&listener, self);
  g_string_truncate (listener.heard, 0);
  g_object_set (self->fault, "event-delay", 10, "jitter", 50, NULL);
  put_many (self, 30, 'a');
  for (guint i = 0; i < 30; i++)
    g_string_append_printf (expected, "i.a%02u ", i);
  fake_clock_advance (9);
  assert_heard (&listener, "");

  /* Not all at one time, but in order. */
  fake_clock_advance (10);
  g_assert_cmpuint (listener.heard->len, <, expected->len);
  fake_clock_advance (41);
  assert_heard (&listener, expected->str);
}

static void
test_late_events_are_lost (Fixture *self, gconstpointer data)
{
  g_auto (Listener) listener = { 0 };

  listener_init (&listener, self);
  assert_heard (&listener, "* ");
  vl_fault_table_set_event_delay (self->fault, 100);
  put (self, "a");
  settle ();
  g_clear_pointer (&listener.sink, _vl_live_stream_detach);
  settle ();
  g_assert_cmpuint (fake_clock_get_n_timers (), ==, 0);
  listener.sink = _vl_live_stream_attach (listener.stream, on_heard, &listener, NULL);
  fake_clock_advance (1000);
  assert_heard (&listener, "* ");
}

static void
test_repeat (Fixture *self, gconstpointer data)
{
  g_auto (Listener) listener = { 0 };

  listener_init (&listener, self);
  assert_heard (&listener, "* ");
  vl_fault_table_set_event_repeat_rate (self->fault, 1);
  put (self, "a");
  put (self, "b");
  assert_heard (&listener, "i.a i.a i.b i.b ");

  vl_fault_table_set_event_repeat_rate (self->fault, 0.5);
  put_many (self, 100, 'c');
  g_assert_cmpuint (listener.heard->len, >, 120 * strlen ("i.c00 "));
  g_assert_cmpuint (listener.heard->len, <, 180 * strlen ("i.c00 "));
}

static void
test_loss (Fixture *self, gconstpointer data)
{
  g_auto (Listener) listener = { 0 };
  g_autoptr (GError) error = NULL;

  listener_init (&listener, self);
  assert_heard (&listener, "* ");
  vl_fault_table_set_event_delay (self->fault, 100);
  put (self, "late");
  vl_fault_table_set_event_loss_rate (self->fault, 1);
  put (self, "lost");
  assert_state (listener.stream, CONNECTING);
  error = vl_live_stream_dup_error (listener.stream);
  g_assert_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE);
  vl_fault_table_set_event_loss_rate (self->fault, 0);
  vl_fault_table_set_event_delay (self->fault, 0);
  put (self, "meanwhile");
  fake_clock_advance (499);
  assert_heard (&listener, "");

  /* Started again after a while. */
  fake_clock_advance (501);
  assert_state (listener.stream, LIVE);
  assert_heard (&listener, "* ");
  put (self, "a");
  assert_heard (&listener, "i.a ");
}

/* The same events of the same seed get lost. */
static char *
lose_some (Fixture *self, Listener *listener, char letter)
{
  GString *lost = g_string_new (NULL);

  vl_fault_table_set_seed (self->fault, 5);
  vl_fault_table_set_event_loss_rate (self->fault, 0.2);
  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *id = g_strdup_printf ("%c%02u", letter, i);

      put (self, id);
      g_string_append_c (lost, listener->heard->len == 0 ? '-' : '+');
      fake_clock_advance (60000);
      assert_state (listener->stream, LIVE);
      g_string_truncate (listener->heard, 0);
    }

  return g_string_free (lost, FALSE);
}

static void
test_loss_from_a_seed (Fixture *self, gconstpointer data)
{
  g_auto (Listener) listener = { 0 };
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  listener_init (&listener, self);
  g_string_truncate (listener.heard, 0);
  first = lose_some (self, &listener, 'a');
  second = lose_some (self, &listener, 'b');
  g_assert_cmpstr (first, ==, second);
  g_assert_nonnull (strchr (first, '-'));
  g_assert_nonnull (strchr (first, '+'));
}

static void
test_offline (Fixture *self, gconstpointer data)
{
  g_auto (Listener) listener = { 0 };
  g_autoptr (GError) error = NULL;

  listener_init (&listener, self);
  assert_heard (&listener, "* ");
  vl_fault_table_set_offline (self->fault, TRUE);
  assert_state (listener.stream, CONNECTING);
  error = vl_live_stream_dup_error (listener.stream);
  g_assert_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE);

  /* However often it is started again. */
  put (self, "a");
  fake_clock_advance (200000);
  assert_state (listener.stream, CONNECTING);
  assert_heard (&listener, "");

  /* Back at once, however long it would have waited. */
  vl_fault_table_set_offline (self->fault, FALSE);
  settle ();
  assert_state (listener.stream, LIVE);
  assert_heard (&listener, "* ");
  put (self, "b");
  assert_heard (&listener, "i.b ");
}

static void
test_offline_from_the_start (Fixture *self, gconstpointer data)
{
  g_auto (Listener) listener = { 0 };

  vl_fault_table_set_offline (self->fault, TRUE);
  listener_init (&listener, self);
  settle ();
  assert_state (listener.stream, CONNECTING);
  put (self, "a");
  assert_heard (&listener, "");
  vl_fault_table_set_offline (self->fault, FALSE);
  settle ();
  assert_state (listener.stream, LIVE);
  assert_heard (&listener, "* ");
}

static gpointer
switch_off (gpointer data)
{
  vl_fault_table_set_offline (data, TRUE);

  return NULL;
}

static gpointer
switch_on (gpointer data)
{
  vl_fault_table_set_offline (data, FALSE);

  return NULL;
}

static void
test_offline_from_another_thread (Fixture *self, gconstpointer data)
{
  g_auto (Listener) listener = { 0 };

  listener_init (&listener, self);
  assert_heard (&listener, "* ");
  g_thread_join (g_thread_new ("off", switch_off, self->fault));
  assert_state (listener.stream, CONNECTING);
  put (self, "a");
  assert_heard (&listener, "");
  g_thread_join (g_thread_new ("on", switch_on, self->fault));
  settle ();
  assert_heard (&listener, "* ");
}

/* It comes and goes by itself. */
static void
test_windows (Fixture *self, gconstpointer data)
{
  g_auto (Listener) listener = { 0 };

  listener_init (&listener, self);
  assert_heard (&listener, "* ");
  vl_fault_table_add_offline_window (self->fault, 100, 100);
  vl_fault_table_add_offline_window (self->fault, 300, 100);
  settle ();
  for (guint i = 0; i < 2; i++)
    {
      fake_clock_advance (99);
      assert_state (listener.stream, LIVE);
      fake_clock_advance (1);
      assert_state (listener.stream, CONNECTING);
      fake_clock_advance (99);
      assert_state (listener.stream, CONNECTING);
      assert_heard (&listener, "");
      fake_clock_advance (1);
      assert_state (listener.stream, LIVE);
      assert_heard (&listener, "* ");
    }
  g_assert_cmpuint (fake_clock_get_n_timers (), ==, 0);
}

/* Time passes while the main loop is busy. */
static void
jump (guint milliseconds)
{
  _vl_lock_acquire (&fake_lock);
  fake_now += (gint64) milliseconds * 1000;
  _vl_lock_release (&fake_lock);
}

/* An event within a window is not told though nobody has noticed that it has
 * begun; afterwards there is a gap. */
static void
test_window_nobody_noticed (Fixture *self, gconstpointer data)
{
  g_auto (Listener) listener = { 0 };

  listener_init (&listener, self);
  assert_heard (&listener, "* ");
  vl_fault_table_add_offline_window (self->fault, 10, 10);
  settle ();
  jump (15);
  put (self, "a");
  assert_heard (&listener, "");
  jump (15);
  fake_clock_advance (0);
  assert_state (listener.stream, LIVE);
  assert_heard (&listener, "* ");
}

/* --- Positions --- */

/* Writes down all words: "*" a gap, "." an event, "=" a position that was
 * reached, each with the position; "!" an end. */
static void
on_word (const VlStreamWord *word, gpointer user_data)
{
  g_string_append_c (user_data, ".*=!"[word->kind]);
  if (word->position != NULL)
    g_string_append (user_data, word->position);
  g_string_append_c (user_data, ' ');
}

static void
push_at (VlLiveStream *stream, const char *position)
{
  g_autoptr (VlLiveEvent) bare = vl_live_event_new_changed ();
  g_autoptr (VlLiveEvent) event = vl_live_event_with_position (bare, position);

  vl_live_stream_push (stream, event);
}

#define assert_words(words, expected)             \
 G_STMT_START                                     \
 {                                                \
  g_assert_cmpstr ((words)->str, ==, (expected)); \
  g_string_truncate ((words), 0);                 \
 }                                                \
 G_STMT_END

static void
test_positions (Fixture *self, gconstpointer data)
{
  g_autoptr (GString) words = g_string_new (NULL);
  g_autoptr (VlLiveStream) target = vl_table_get_stream (self->memory);
  g_autoptr (VlLiveStream) stream = vl_table_get_stream (self->table);
  VlStreamSink *sink = _vl_live_stream_attach_words (stream, on_word, words, NULL);

  assert_words (words, "* ");
  vl_live_stream_report_live_at (target, "1");
  assert_words (words, "*1 ");
  push_at (target, "2");
  vl_live_stream_report_position (target, "3");
  assert_words (words, ".2 =3 ");

  /* In order, however late. */
  vl_fault_table_set_event_delay (self->fault, 100);
  push_at (target, "4");
  vl_live_stream_report_position (target, "5");
  fake_clock_advance (99);
  assert_words (words, "");
  fake_clock_advance (1);
  assert_words (words, ".4 =5 ");

  /* A gap leaves nothing behind it. */
  push_at (target, "6");
  vl_live_stream_report_live_at (target, "7");
  fake_clock_advance (100);
  assert_words (words, "*7 ");

  _vl_live_stream_detach (sink);
  settle ();
}

static void
test_positions_offline (Fixture *self, gconstpointer data)
{
  g_autoptr (GString) words = g_string_new (NULL);
  g_autoptr (VlLiveStream) target = vl_table_get_stream (self->memory);
  g_autoptr (VlLiveStream) stream = vl_table_get_stream (self->table);
  VlStreamSink *sink = _vl_live_stream_attach_words (stream, on_word, words, NULL);

  vl_live_stream_report_live_at (target, "1");
  g_string_truncate (words, 0);

  /* Nothing happened. */
  vl_fault_table_set_offline (self->fault, TRUE);
  vl_fault_table_set_offline (self->fault, FALSE);
  settle ();
  assert_words (words, "! *1 ");

  vl_fault_table_set_offline (self->fault, TRUE);
  push_at (target, "2");
  vl_live_stream_report_position (target, "3");
  vl_fault_table_set_offline (self->fault, FALSE);
  settle ();
  assert_words (words, "! *3 ");
  vl_fault_table_set_offline (self->fault, TRUE);
  push_at (target, "4");
  vl_fault_table_set_offline (self->fault, FALSE);
  settle ();
  assert_words (words, "! *4 ");

  /* Something did, and nobody knows where that leaves the source. */
  vl_fault_table_set_offline (self->fault, TRUE);
  put (self, "a");
  vl_fault_table_set_offline (self->fault, FALSE);
  settle ();
  assert_words (words, "! * ");

  /* The target's stream ends before it was ever live. */
  vl_live_stream_report_end (target, NULL);
  vl_live_stream_report_end (target, NULL);
  assert_words (words, "! ! ");

  _vl_live_stream_detach (sink);
  settle ();
}

/* --- The target's stream has a life of its own --- */

static void
test_target_ends (Fixture *self, gconstpointer data)
{
  g_auto (Listener) listener = { 0 };
  g_autoptr (VlLiveStream) target = vl_table_get_stream (self->memory);
  g_autoptr (GError) down = g_error_new_literal (VL_ERROR, VL_ERROR_UNAVAILABLE, "Down");
  g_autoptr (GError) error = NULL;

  listener_init (&listener, self);
  assert_heard (&listener, "* ");
  vl_live_stream_report_end (target, down);
  settle ();
  assert_state (listener.stream, CONNECTING);
  error = vl_live_stream_dup_error (listener.stream);
  g_assert_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE);
  g_assert_cmpstr (error->message, ==, "Down");
  fake_clock_advance (100000);
  assert_state (listener.stream, CONNECTING);
  assert_heard (&listener, "");

  /* Live as soon as the target's. */
  vl_live_stream_report_live (target);
  assert_state (listener.stream, LIVE);
  assert_heard (&listener, "* ");
  put (self, "a");
  assert_heard (&listener, "i.a ");
}

static void
test_target_fails (Fixture *self, gconstpointer data)
{
  g_auto (Listener) listener = { 0 };
  g_autoptr (VlLiveStream) target = vl_table_get_stream (self->memory);
  g_autoptr (GError) no = g_error_new_literal (VL_ERROR, VL_ERROR_REJECTED, "No");

  listener_init (&listener, self);
  vl_live_stream_report_end (target, no);
  settle ();
  assert_state (listener.stream, FAILED);
}

static void
test_target_ends_while_offline (Fixture *self, gconstpointer data)
{
  g_auto (Listener) listener = { 0 };
  g_autoptr (VlLiveStream) target = vl_table_get_stream (self->memory);

  listener_init (&listener, self);
  assert_heard (&listener, "* ");
  vl_fault_table_set_offline (self->fault, TRUE);
  vl_live_stream_report_end (target, NULL);
  settle ();
  vl_fault_table_set_offline (self->fault, FALSE);
  settle ();
  assert_state (listener.stream, CONNECTING);
  assert_heard (&listener, "");
  vl_live_stream_report_live (target);
  assert_state (listener.stream, LIVE);
  assert_heard (&listener, "* ");
}

static void
test_target_fails_while_offline (Fixture *self, gconstpointer data)
{
  g_auto (Listener) listener = { 0 };
  g_autoptr (VlLiveStream) target = vl_table_get_stream (self->memory);
  g_autoptr (GError) no = g_error_new_literal (VL_ERROR, VL_ERROR_REJECTED, "No");
  g_autoptr (GError) error = NULL;

  listener_init (&listener, self);
  vl_fault_table_set_offline (self->fault, TRUE);
  vl_live_stream_report_end (target, no);
  settle ();
  assert_state (listener.stream, CONNECTING);
  vl_fault_table_set_offline (self->fault, FALSE);
  settle ();
  assert_state (listener.stream, FAILED);
  error = vl_live_stream_dup_error (listener.stream);
  g_assert_error (error, VL_ERROR, VL_ERROR_REJECTED);
}

static void
test_outlives_the_table (Fixture *self, gconstpointer data)
{
  g_auto (Listener) listener = { 0 };
  VlFaultTable *fault = vl_fault_table_new (self->memory);
  Fixture other = { self->memory, fault, VL_TABLE (fault) };

  listener_init (&listener, &other);
  assert_heard (&listener, "* ");
  g_assert_finalize_object (fault);
  put (self, "a");
  assert_heard (&listener, "i.a ");
}

/* --- Threads --- */

#define N_PUSHES 2000

static gpointer
push_many (gpointer data)
{
  for (guint i = 0; i < N_PUSHES; i++)
    {
      g_autofree char *id = g_strdup_printf ("%04u", i);
      g_autoptr (VlLiveEvent) event = vl_live_event_new_deleted (id);

      vl_live_stream_push (data, event);
    }

  return NULL;
}

/* Tells it all in order, be it late, unless it was off the line in between. */
static void
test_pushes_from_a_thread (Fixture *self, gconstpointer data)
{
  g_auto (Listener) listener = { 0 };
  g_autoptr (VlLiveStream) target = vl_table_get_stream (self->memory);
  g_autoptr (GString) expected = g_string_new ("* ");
  GThread *thread;

  listener_init (&listener, self);
  thread = g_thread_new ("pushes", push_many, target);
  for (guint i = 0; i < 100; i++)
    {
      vl_fault_table_set_event_delay (self->fault, i % 3);
      fake_clock_advance (1);
    }
  g_thread_join (thread);
  fake_clock_advance (10);
  for (guint i = 0; i < N_PUSHES; i++)
    g_string_append_printf (expected, "d.%04u ", i);
  assert_heard (&listener, expected->str);

  vl_fault_table_set_event_loss_rate (self->fault, 0.1);
  thread = g_thread_new ("pushes", push_many, target);
  for (guint i = 0; i < 100; i++)
    {
      vl_fault_table_set_offline (self->fault, i % 2);
      fake_clock_advance (1000);
    }
  g_thread_join (thread);
  vl_fault_table_set_offline (self->fault, FALSE);
  vl_fault_table_set_event_loss_rate (self->fault, 0);
  fake_clock_advance (60000);
  assert_state (listener.stream, LIVE);
  g_string_truncate (listener.heard, 0);
  put (self, "a");
  fake_clock_advance (10);
  assert_heard (&listener, "i.a ");
}

/* --- A live table over it --- */

static VlRecord *
find_in (VlTable *live, const char *id)
{
  g_autoptr (GError) error = NULL;
  VlRecord *record = vl_table_find_sync (live, id, NULL, &error);

  g_assert_no_error (error);

  return record;
}

static void
test_live_table (Fixture *self, gconstpointer data)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (0);
  VlLiveTable *live = vl_live_table_new (self->table, "fault", VL_CACHE (cache));
  g_autoptr (VlRecord) before = find_in (VL_TABLE (live), "a");
  g_autoptr (VlRecord) cached = NULL;
  g_autoptr (VlRecord) after = NULL;

  g_assert_null (before);
  vl_fault_table_set_offline (self->fault, TRUE);
  put (self, "a");
  cached = find_in (VL_TABLE (live), "a");
  g_assert_null (cached);

  /* The gap makes old what is cached. */
  vl_fault_table_set_offline (self->fault, FALSE);
  settle ();
  after = find_in (VL_TABLE (live), "a");
  g_assert_nonnull (after);

  g_assert_finalize_object (live);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add_test ("/fault-table/stream/tells-what-the-target's-tells", test_plain);
  g_test_add_func ("/fault-table/stream/is-none-without-the-target's", test_without_a_stream);
  add_test ("/fault-table/stream/outlives-the-table", test_outlives_the_table);
  add_test ("/fault-table/stream/ends-and-comes-back-with-the-target's", test_target_ends);
  add_test ("/fault-table/stream/fails-with-the-target's", test_target_fails);
  add_test ("/fault-table/stream/positions-pass", test_positions);
  add_test ("/fault-table/stream/positions-after-a-break", test_positions_offline);
  add_test ("/fault-table/event-delay/keeps-the-order", test_delay);
  add_test ("/fault-table/event-delay/by-chance", test_delay_by_chance);
  add_test ("/fault-table/event-delay/late-ones-end-with-the-stream", test_late_events_are_lost);
  add_test ("/fault-table/event-repeat/told-twice", test_repeat);
  add_test ("/fault-table/event-loss/is-a-gap", test_loss);
  add_test ("/fault-table/event-loss/from-a-seed", test_loss_from_a_seed);
  add_test ("/fault-table/offline/stream-ends-and-comes-back", test_offline);
  add_test ("/fault-table/offline/stream-starts-there", test_offline_from_the_start);
  add_test ("/fault-table/offline/set-by-another-thread", test_offline_from_another_thread);
  add_test ("/fault-table/offline/stream-follows-windows", test_windows);
  add_test ("/fault-table/offline/window-nobody-noticed", test_window_nobody_noticed);
  add_test ("/fault-table/offline/target-ends-meanwhile", test_target_ends_while_offline);
  add_test ("/fault-table/offline/target-fails-meanwhile", test_target_fails_while_offline);
  add_test ("/fault-table/threads/events-from-any", test_pushes_from_a_thread);
  add_test ("/fault-table/live-table/hears-of-the-gap", test_live_table);

  return g_test_run ();
}
