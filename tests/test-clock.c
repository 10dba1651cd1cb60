/* test-clock.c: time and timers
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "base/vl-clock-private.h"

typedef struct
{
  GMainLoop *loop;
  VlTimer *timer;
  guint n_fired;
} Fixture;

static void
on_timer_quit (gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_fired++;
  g_main_loop_quit (fixture->loop);
}

static void
on_timer_count (gpointer user_data)
{
  ((Fixture *) user_data)->n_fired++;
}

static void
on_timer_clear_itself (gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_fired++;
  _vl_timer_clear (&fixture->timer);
}

static void
on_timer_nest (gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_fired++;
  for (guint i = 0; i < 10; i++)
    g_main_context_iteration (NULL, FALSE);
}

static void
test_monotonic (void)
{
  gint64 before = _vl_clock_monotonic ();

  g_assert_cmpint (_vl_clock_monotonic (), >=, before);
}

static void
test_timer_fires_once (void)
{
  Fixture fixture = { .loop = g_main_loop_new (NULL, FALSE) };
  gint64 start = _vl_clock_monotonic ();

  fixture.timer = _vl_timer_start (NULL, 5, on_timer_quit, &fixture);
  g_assert_cmpuint (fixture.n_fired, ==, 0);
  g_main_loop_run (fixture.loop);
  g_assert_cmpint (_vl_clock_monotonic () - start, >=, 5000);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (fixture.n_fired, ==, 1);

  _vl_timer_clear (&fixture.timer);
  g_assert_null (fixture.timer);
  _vl_timer_clear (&fixture.timer);
  g_main_loop_unref (fixture.loop);
}

static void
test_timer_cleared (void)
{
  Fixture fixture = { 0 };

  fixture.timer = _vl_timer_start (NULL, 0, on_timer_count, &fixture);
  _vl_timer_clear (&fixture.timer);
  g_assert_false (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpuint (fixture.n_fired, ==, 0);
}

static void
test_timer_clears_itself (void)
{
  Fixture fixture = { 0 };

  fixture.timer = _vl_timer_start (NULL, 0, on_timer_clear_itself, &fixture);
  while (fixture.timer != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (fixture.n_fired, ==, 1);
}

static void
test_timer_nested_loop (void)
{
  Fixture fixture = { 0 };

  fixture.timer = _vl_timer_start (NULL, 0, on_timer_nest, &fixture);
  while (fixture.n_fired == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (fixture.n_fired, ==, 1);
  _vl_timer_clear (&fixture.timer);
}

static void
test_timer_thread_default (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Fixture fixture = { 0 };

  g_main_context_push_thread_default (context);
  fixture.timer = _vl_timer_start (NULL, 0, on_timer_count, &fixture);
  g_main_context_pop_thread_default (context);

  g_assert_false (g_main_context_iteration (NULL, FALSE));
  while (fixture.n_fired == 0)
    g_main_context_iteration (context, TRUE);
  _vl_timer_clear (&fixture.timer);
}

static void
on_timer_look_on_top (gpointer user_data)
{
  GMainContext **on_top = user_data;

  *on_top = g_main_context_ref_thread_default ();
}

/* Whoever turns home may have another context on top, which may be gone before
 * what the function sends is answered. */
static void
test_timer_other_context_on_top (void)
{
  g_autoptr (GMainContext) other = g_main_context_new ();
  g_autoptr (GMainContext) on_top = NULL;
  VlTimer *timer = _vl_timer_start (NULL, 0, on_timer_look_on_top, &on_top);

  g_main_context_push_thread_default (other);
  while (on_top == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (on_top == g_main_context_default ());
  g_assert_true (g_main_context_get_thread_default () == other);
  g_main_context_pop_thread_default (other);
  _vl_timer_clear (&timer);
}

static gint64 fake_now;
static GMainContext *fake_context;
static guint fake_delay;
static guint n_fake_cancelled;

static gint64
fake_monotonic (void)
{
  return fake_now;
}

static gint64
fake_real (void)
{
  return -fake_now;
}

static gpointer
fake_timer_start (GMainContext *context, guint delay, VlTimerFunc func, gpointer user_data)
{
  fake_context = context;
  fake_delay = delay;

  return &fake_now;
}

static void
fake_timer_cancel (gpointer handle)
{
  g_assert_true (handle == &fake_now);
  n_fake_cancelled++;
}

/* A timer that says in which order it ran. */
typedef struct
{
  GString *trace;
  char letter;
  VlTimer *timer;
} Traced;

static void
on_timer_trace (gpointer user_data)
{
  Traced *traced = user_data;

  g_string_append_c (traced->trace, traced->letter);
}

/* Those of a context share a source, whatever their delays; any of them may be
 * cleared, by another one too. */
static void
on_timer_clear_next (gpointer user_data)
{
  Traced *traced = user_data;

  on_timer_trace (traced);
  _vl_timer_clear (&traced[1].timer);
}

static void
test_timer_order (void)
{
  static const guint delays[] = { 6, 2, 2, 4, 2, 30000, 8 };
  g_autoptr (GString) trace = g_string_new (NULL);
  Traced traced[G_N_ELEMENTS (delays)];

  for (guint i = 0; i < G_N_ELEMENTS (delays); i++)
    {
      traced[i] = (Traced){ trace, (char) ('a' + i), NULL };
      traced[i].timer = _vl_timer_start (NULL, delays[i],
                                         i == 1 ? on_timer_clear_next : on_timer_trace, &traced[i]);
    }
  while (trace->len < 5)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (trace->str, ==, "bedag");

  for (guint i = 0; i < G_N_ELEMENTS (delays); i++)
    _vl_timer_clear (&traced[i].timer);
}

/* What a context that has gone leaves behind can be cleared, and does not run. */
static void
test_timer_context_gone (void)
{
  GMainContext *context = g_main_context_new ();
  Fixture fixture = { 0 };

  fixture.timer = _vl_timer_start (context, 0, on_timer_count, &fixture);
  g_main_context_unref (context);
  _vl_timer_clear (&fixture.timer);
  g_assert_cmpuint (fixture.n_fired, ==, 0);
}

static void
test_backend (void)
{
  static const VlClockBackend backend = {
    fake_monotonic,
    fake_real,
    fake_timer_start,
    fake_timer_cancel,
  };
  VlTimer *timer;

  fake_now = 77;
  _vl_clock_set_backend (&backend);
  g_assert_cmpint (_vl_clock_monotonic (), ==, 77);
  g_assert_cmpint (_vl_clock_real (), ==, -77);

  timer = _vl_timer_start (NULL, 123, on_timer_count, NULL);
  g_assert_true (fake_context == g_main_context_default ());
  g_assert_cmpuint (fake_delay, ==, 123);
  _vl_timer_clear (&timer);
  g_assert_cmpuint (n_fake_cancelled, ==, 1);

  _vl_clock_set_backend (NULL);
  g_assert_cmpint (_vl_clock_real (), >, 0);
}

/* The last tick of the coarse clock may be enough to tell, and may not. */
static void
test_has_come (void)
{
  gint64 now = _vl_clock_real ();

  g_assert_true (_vl_clock_has_come (0));
  g_assert_true (_vl_clock_has_come (now - G_USEC_PER_SEC));
  g_assert_true (_vl_clock_has_come (now));
  g_assert_false (_vl_clock_has_come (now + G_TIME_SPAN_HOUR));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/clock/monotonic-never-goes-back", test_monotonic);
  g_test_add_func ("/clock/real-time-has-come", test_has_come);
  g_test_add_func ("/clock/timer/fires-once", test_timer_fires_once);
  g_test_add_func ("/clock/timer/cleared-never-fires", test_timer_cleared);
  g_test_add_func ("/clock/timer/clears-itself", test_timer_clears_itself);
  g_test_add_func ("/clock/timer/nested-loop-does-not-fire-it-again", test_timer_nested_loop);
  g_test_add_func ("/clock/timer/null-is-the-thread-default-context", test_timer_thread_default);
  g_test_add_func ("/clock/timer/another-context-on-top", test_timer_other_context_on_top);
  g_test_add_func ("/clock/timer/in-the-order-of-their-times", test_timer_order);
  g_test_add_func ("/clock/timer/outlives-its-context-without-firing", test_timer_context_gone);
  g_test_add_func ("/clock/backend-takes-over", test_backend);

  return g_test_run ();
}
