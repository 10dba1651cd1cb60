/* fake-clock.h: a clock that moves only when it is told to
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "vantage-live/base/vl-clock-private.h"
#include "vantage-live/base/vl-lock-private.h"

/* One clock a program. Timers belong to the main thread; the time can be read
 * by any. */

typedef struct
{
  gint64 due;
  GMainContext *context;
  VlTimerFunc func; /* NULL once it has run */
  gpointer user_data;
} FakeTimer;

static VlLock fake_lock;
static gint64 fake_now;      /* microseconds; under the lock */
static gint64 fake_wall_lag; /* of real time behind it; under the lock */
static gint64 fake_step;     /* that it goes on with each look at it; under the lock */
static GPtrArray *fake_timers;

static void
fake_timer_free (gpointer data)
{
  FakeTimer *timer = data;

  g_main_context_unref (timer->context);
  g_free (timer);
}

static gint64
fake_clock_time (void)
{
  gint64 now;

  _vl_lock_acquire (&fake_lock);
  fake_now += fake_step;
  now = fake_now;
  _vl_lock_release (&fake_lock);

  return now;
}

static gint64
fake_clock_real (void)
{
  gint64 now;

  _vl_lock_acquire (&fake_lock);
  now = fake_now - fake_wall_lag;
  _vl_lock_release (&fake_lock);

  return now;
}

static gpointer
fake_timer_start (GMainContext *context, guint delay, VlTimerFunc func, gpointer user_data)
{
  FakeTimer *timer = g_new0 (FakeTimer, 1);

  timer->due = fake_clock_time () + (gint64) delay * 1000;
  timer->context = g_main_context_ref (context);
  timer->func = func;
  timer->user_data = user_data;
  g_ptr_array_add (fake_timers, timer);

  return timer;
}

static void
fake_timer_cancel (gpointer handle)
{
  g_ptr_array_remove (fake_timers, handle);
}

/* Runs what the default context has to run, without waiting. */
static inline void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static FakeTimer *
fake_clock_find_due (gint64 now)
{
  FakeTimer *first = NULL;

  for (guint i = 0; i < fake_timers->len; i++)
    {
      FakeTimer *timer = g_ptr_array_index (fake_timers, i);

      if (timer->func != NULL && timer->due <= now && (first == NULL || timer->due < first->due))
        first = timer;
    }

  return first;
}

/* Lets time pass and runs the timers that fall due, the earliest first. A
 * timer stays known until its owner clears it, as with the real clock. */
static inline void
fake_clock_advance (guint milliseconds)
{
  FakeTimer *timer;
  gint64 until = fake_clock_time () + (gint64) milliseconds * 1000;

  while ((timer = fake_clock_find_due (until)) != NULL)
    {
      VlTimerFunc func = timer->func;

      _vl_lock_acquire (&fake_lock);
      fake_now = MAX (fake_now, timer->due);
      _vl_lock_release (&fake_lock);
      timer->func = NULL;
      func (timer->user_data);
      settle ();
    }

  _vl_lock_acquire (&fake_lock);
  fake_now = until;
  _vl_lock_release (&fake_lock);
  settle ();
}

/* Somebody puts the clock of the wall back. */
static inline void
fake_clock_put_back (guint milliseconds)
{
  _vl_lock_acquire (&fake_lock);
  fake_wall_lag += (gint64) milliseconds * 1000;
  _vl_lock_release (&fake_lock);
}

/* From now on no two looks at it tell the same time, nor do timers run; with 0 it
 * stands still again. */
static inline void
fake_clock_set_step (guint microseconds)
{
  _vl_lock_acquire (&fake_lock);
  fake_step = microseconds;
  _vl_lock_release (&fake_lock);
}

/* Timers that have not run yet. */
static inline guint
fake_clock_get_n_timers (void)
{
  guint n_timers = 0;

  for (guint i = 0; i < fake_timers->len; i++)
    n_timers += ((FakeTimer *) g_ptr_array_index (fake_timers, i))->func != NULL;

  return n_timers;
}

/* Milliseconds until the only timer is due. */
static inline gint64
fake_clock_get_due (void)
{
  g_assert_cmpuint (fake_timers->len, ==, 1);

  return (((FakeTimer *) g_ptr_array_index (fake_timers, 0))->due - fake_clock_time ()) / 1000;
}

static inline void
fake_clock_begin (void)
{
  static const VlClockBackend fake_clock = {
    fake_clock_time,
    fake_clock_real,
    fake_timer_start,
    fake_timer_cancel,
  };

  _vl_lock_init (&fake_lock);
  fake_timers = g_ptr_array_new_with_free_func (fake_timer_free);
  _vl_clock_set_backend (&fake_clock);
}

static inline void
fake_clock_end (void)
{
  g_assert_cmpuint (fake_timers->len, ==, 0);
  _vl_clock_set_backend (NULL);
  g_ptr_array_unref (fake_timers);
  _vl_lock_destroy (&fake_lock);
}
