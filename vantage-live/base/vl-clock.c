/* vl-clock.c: time and timers, replaceable in tests
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-clock-private.h"

struct _VlTimer
{
  GSource *source; /* the real clock's; NULL under a backend */
  gpointer handle; /* the backend's */
  VlTimerFunc func;
  gpointer user_data;
};

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

static gboolean
timer_fired (gpointer user_data)
{
  VlTimer *self = user_data;
  VlTimerFunc func = self->func;
  gpointer func_data = self->user_data;

  /* Destroyed first: a main loop that `func` nests would find the source still
   * due and dispatch it again. `func` may free `self`. */
  g_source_destroy (self->source);
  func (func_data);

  return G_SOURCE_REMOVE;
}

static GSource *
timer_source_new (VlTimer *self, GMainContext *context, guint delay)
{
  GSource *source = g_timeout_source_new (delay);

  g_source_set_static_name (source, "[vantage-live] timer");
  g_source_set_can_recurse (source, TRUE);
  g_source_set_callback (source, timer_fired, self, NULL);
  g_source_attach (source, context);

  return source;
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
    self->source = timer_source_new (self, home, delay);

  return self;
}

void
_vl_timer_clear (VlTimer **timer)
{
  VlTimer *self = g_steal_pointer (timer);

  if (self == NULL)
    return;

  if (self->source != NULL)
    {
      g_source_destroy (self->source);
      g_source_unref (self->source);
    }
  else
    {
      const VlClockBackend *backend = get_backend ();

      /* Without one the backend was taken away first, its handles with it. */
      if (backend != NULL)
        backend->timer_cancel (self->handle);
    }
  g_free (self);
}
