/* vl-clock.c: time and timers, replaceable in tests
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-clock-private.h"

#include <time.h>

#include "vl-context-private.h"
#include "vl-lock-private.h"

/* The real clock has one source a context, however many timers: a source each
 * would be looked at in each turn of the main loop, and every call that is
 * under way has a timer. Timers of one delay fall due in the order in which
 * they were started, so that those of a context are a queue for each delay.
 *
 * The source is told of a timer that falls due before all others, but not of a
 * long one that is cleared: now and then it wakes up and finds nothing to do. */

/* Milliseconds: timers of less than that are taken back properly. */
#define LONG_DELAY 1000

typedef struct _TimerHome TimerHome;

typedef struct
{
  TimerHome *home;
  guint delay;
  GQueue timers; /* of VlTimer, the next one first */
} TimerLane;

typedef struct
{
  GSource source;
  TimerHome *home;
} TimerSource;

struct _TimerHome
{
  GMainContext *context; /* not a reference */
  GSource *source;       /* not a reference: this goes with it */
  GPtrArray *lanes;      /* of TimerLane, under the lock */
  gint64 wakes;          /* when the source does, G_MAXINT64 = never; under the lock */
};

struct _VlTimer
{
  GList link;      /* in the lane */
  TimerLane *lane; /* NULL once it has run, or its context has gone; under the lock */
  gint64 due;
  gpointer handle; /* the backend's, NULL with the real clock */
  VlTimerFunc func;
  gpointer user_data;
};

/* Guards all timers; nothing is called with it held but g_source_set_ready_time(). */
static VlLock timers_lock;
static GHashTable *timer_homes; /* GMainContext to TimerHome; under the lock */

/* NULL = the real clock. Set by tests only. */
static const VlClockBackend *clock_backend;

static const VlClockBackend *
get_backend (void)
{
  return g_atomic_pointer_get (&clock_backend);
}

void
_vl_clock_set_backend (const VlClockBackend *backend)
{
  g_atomic_pointer_set (&clock_backend, backend);
}

gint64
_vl_clock_monotonic (void)
{
  const VlClockBackend *backend = get_backend ();

  return backend != NULL ? backend->monotonic () : g_get_monotonic_time ();
}

gint64
_vl_clock_real (void)
{
  const VlClockBackend *backend = get_backend ();

  return backend != NULL ? backend->real () : g_get_real_time ();
}

gboolean
_vl_clock_has_come (gint64 real)
{
#ifdef CLOCK_REALTIME_COARSE
  struct timespec tick;

  /* The last tick: at most some milliseconds ago. */
  if (get_backend () == NULL && clock_gettime (CLOCK_REALTIME_COARSE, &tick) == 0 &&
      real <= (gint64) tick.tv_sec * G_USEC_PER_SEC + tick.tv_nsec / 1000)
    return TRUE;
#endif

  return real <= _vl_clock_real ();
}

/* The rest is the real clock's. Under the lock, but for what says otherwise. */

static VlTimer *
home_find_next (TimerHome *self)
{
  VlTimer *next = NULL;

  for (guint i = 0; i < self->lanes->len; i++)
    {
      TimerLane *lane = g_ptr_array_index (self->lanes, i);
      VlTimer *first = g_queue_peek_head (&lane->timers);

      if (first != NULL && (next == NULL || first->due < next->due))
        next = first;
    }

  return next;
}

static void
home_wake_at (TimerHome *self, gint64 due)
{
  self->wakes = due;
  g_source_set_ready_time (self->source, due == G_MAXINT64 ? -1 : due);
}

static void
timer_unlink (VlTimer *self)
{
  g_queue_unlink (&self->lane->timers, &self->link);
  self->lane = NULL;
}

/* Takes out the first that is due; when there is none the source sleeps until
 * there is. Takes the lock. */
static gboolean
home_pop_due (TimerHome *self, gint64 now, VlTimerFunc *func, gpointer *user_data)
{
  VlTimer *next;
  gboolean found;

  _vl_lock_acquire (&timers_lock);
  next = home_find_next (self);
  found = next != NULL && next->due <= now;
  if (found)
    {
      *func = next->func;
      *user_data = next->user_data;
      timer_unlink (next);
    }
  else
    {
      home_wake_at (self, next != NULL ? next->due : G_MAXINT64);
    }
  _vl_lock_release (&timers_lock);

  return found;
}

static TimerHome *
source_get_home (GSource *source)
{
  _vl_source_entered (source);

  return ((TimerSource *) source)->home;
}

/* A function may free its timer, turn the main loop, or drop the context. */
static gboolean
timers_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  TimerHome *home = source_get_home (source);
  GMainContext *context = home->context;
  gint64 now = g_get_monotonic_time ();
  VlTimerFunc func;
  gpointer func_data;
  gboolean pushed = _vl_context_enter (context);

  while (!g_source_is_destroyed (source) && home_pop_due (home, now, &func, &func_data))
    func (func_data);
  _vl_context_leave (context, pushed);

  return G_SOURCE_CONTINUE;
}

static void
lane_free (gpointer data)
{
  TimerLane *lane = data;

  while (!g_queue_is_empty (&lane->timers))
    timer_unlink (g_queue_peek_head (&lane->timers));
  g_free (lane);
}

/* Runs when the context goes, or later if a timer runs just then; takes the
 * lock. */
static void
timers_finalize (GSource *source)
{
  TimerHome *home = source_get_home (source);

  _vl_lock_acquire (&timers_lock);
  g_ptr_array_unref (home->lanes);
  _vl_lock_release (&timers_lock);
  g_free (home);
}

/* The context goes; takes the lock. */
static void
timers_context_gone (gpointer user_data)
{
  TimerHome *home = user_data;

  _vl_lock_acquire (&timers_lock);
  g_hash_table_remove (timer_homes, home->context);
  _vl_lock_release (&timers_lock);
}

static gboolean
timers_never_called (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs timers_funcs = {
  .dispatch = timers_dispatch,
  .finalize = timers_finalize,
};

static TimerHome *
home_new (GMainContext *context)
{
  TimerHome *self = g_new0 (TimerHome, 1);
  GSource *source = g_source_new (&timers_funcs, sizeof (TimerSource));

  self->context = context;
  self->source = source;
  self->lanes = g_ptr_array_new_with_free_func (lane_free);
  self->wakes = G_MAXINT64;
  ((TimerSource *) source)->home = self;
  g_source_set_static_name (source, "[vantage-live] timers");
  g_source_set_can_recurse (source, TRUE);
  g_source_set_callback (source, timers_never_called, self, timers_context_gone);
  _vl_source_attach (source, context);
  g_source_unref (source);

  return self;
}

static TimerHome *
home_get (GMainContext *context)
{
  TimerHome *home;

  if (timer_homes == NULL)
    timer_homes = g_hash_table_new (NULL, NULL);
  home = g_hash_table_lookup (timer_homes, context);
  if (home == NULL)
    {
      home = home_new (context);
      g_hash_table_insert (timer_homes, context, home);
    }

  return home;
}

static TimerLane *
home_get_lane (TimerHome *self, guint delay)
{
  TimerLane *lane;

  for (guint i = 0; i < self->lanes->len; i++)
    {
      lane = g_ptr_array_index (self->lanes, i);
      if (lane->delay == delay)
        return lane;
    }
  /* Delays that are not in use are forgotten only when another is new. */
  for (guint i = self->lanes->len; i > 0; i--)
    {
      lane = g_ptr_array_index (self->lanes, i - 1);
      if (g_queue_is_empty (&lane->timers))
        g_ptr_array_remove_index_fast (self->lanes, i - 1);
    }

  lane = g_new0 (TimerLane, 1);
  lane->home = self;
  lane->delay = delay;
  g_ptr_array_add (self->lanes, lane);

  return lane;
}

/* Takes the lock. */
static void
timer_take_back (VlTimer *self)
{
  TimerHome *home;
  VlTimer *next;
  gboolean wakes;

  _vl_lock_acquire (&timers_lock);
  if (self->lane != NULL)
    {
      home = self->lane->home;
      wakes = self->lane->delay < LONG_DELAY && self->due == home->wakes;
      timer_unlink (self);
      next = wakes ? home_find_next (home) : NULL;
      if (wakes)
        home_wake_at (home, next != NULL ? next->due : G_MAXINT64);
    }
  _vl_lock_release (&timers_lock);
}

/* Takes the lock. */
static void
timer_link (VlTimer *self, GMainContext *context, guint delay)
{
  TimerHome *home;

  _vl_lock_acquire (&timers_lock);
  home = home_get (context);
  self->due = g_get_monotonic_time () + (gint64) delay * 1000;
  self->lane = home_get_lane (home, delay);
  self->link.data = self;
  g_queue_push_tail_link (&self->lane->timers, &self->link);
  if (self->due < home->wakes)
    home_wake_at (home, self->due);
  _vl_lock_release (&timers_lock);
}

VlTimer *
_vl_timer_start (GMainContext *context, guint delay, VlTimerFunc func, gpointer user_data)
{
  const VlClockBackend *backend = get_backend ();
  g_autoptr (GMainContext) home = NULL;
  VlTimer *self = g_new0 (VlTimer, 1);

  home = context != NULL ? g_main_context_ref (context) : g_main_context_ref_thread_default ();
  self->func = func;
  self->user_data = user_data;
  if (backend != NULL)
    self->handle = backend->timer_start (home, delay, func, user_data);
  else
    timer_link (self, home, delay);

  return self;
}

void
_vl_timer_clear (VlTimer **timer)
{
  VlTimer *self = g_steal_pointer (timer);
  const VlClockBackend *backend = get_backend ();

  if (self == NULL)
    return;

  /* Without one the backend was taken away first, its handles with it. */
  if (self->handle == NULL)
    timer_take_back (self);
  else if (backend != NULL)
    backend->timer_cancel (self->handle);
  g_free (self);
}
