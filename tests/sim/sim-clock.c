/* sim-clock.c: a clock that goes on when it is told to
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sim.h"

#include "base/vl-clock-private.h"

/* What the clocks say when a run begins. */
#define START      G_GINT64_CONSTANT (1000000000)
#define REAL_START G_GINT64_CONSTANT (1750000000000000)

typedef struct
{
  gint64 due;
  guint64 number;        /* those due at one time fire in the order they were set */
  GMainContext *context; /* not a reference */
  VlTimerFunc func;
  gpointer user_data;
} Timer;

static gint64 now;
static guint64 n_timers;
static GPtrArray *timers; /* of Timer, that have not fired */

static gint64
monotonic (void)
{
  return now;
}

static gint64
real (void)
{
  return sim_clock_real ();
}

static gpointer
timer_start (GMainContext *context, guint delay, VlTimerFunc func, gpointer user_data)
{
  Timer *timer = g_new0 (Timer, 1);

  timer->due = now + (gint64) delay * 1000;
  timer->number = ++n_timers;
  timer->context = context;
  timer->func = func;
  timer->user_data = user_data;
  g_ptr_array_add (timers, timer);

  return timer;
}

static void
timer_cancel (gpointer handle)
{
  g_ptr_array_remove_fast (timers, handle);
  g_free (handle);
}

static const VlClockBackend backend = { monotonic, real, timer_start, timer_cancel };

void
sim_clock_reset (void)
{
  g_assert (timers == NULL);
  timers = g_ptr_array_new ();
  n_timers = 0;
  now = START;
  _vl_clock_set_backend (&backend);
}

/* Timers that are left belong to what a failed run has leaked. */
void
sim_clock_stop (void)
{
  g_clear_pointer (&timers, g_ptr_array_unref);
}

gint64
sim_clock_now (void)
{
  return now;
}

gint64
sim_clock_real (void)
{
  return now - START + REAL_START;
}

static Timer *
next_timer (void)
{
  Timer *next = NULL;

  for (guint i = 0; i < timers->len; i++)
    {
      Timer *timer = g_ptr_array_index (timers, i);

      if (next == NULL || timer->due < next->due ||
          (timer->due == next->due && timer->number < next->number))
        next = timer;
    }

  return next;
}

gboolean
sim_clock_next (gint64 *due)
{
  Timer *next = next_timer ();

  if (next == NULL)
    return FALSE;

  *due = next->due;
  return TRUE;
}

/* Goes on to the next timer that is due until then, and fires it; to that time
 * if there is none. */
gboolean
sim_clock_fire (gint64 until)
{
  Timer *next = next_timer ();
  GMainContext *context;

  if (next == NULL || next->due > until)
    {
      now = MAX (now, until);
      return FALSE;
    }

  now = MAX (now, next->due);
  g_ptr_array_remove_fast (timers, next);
  /* It is the owner's to free, perhaps from within. */
  context = next->context;
  g_main_context_push_thread_default (context);
  next->func (next->user_data);
  g_main_context_pop_thread_default (context);
  return TRUE;
}
