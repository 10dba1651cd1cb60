/* vl-clock-private.h: time and timers, replaceable in tests
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Every use of time goes through this file, so that a test or the simulation
 * can own it. All times are microseconds, all delays milliseconds. */

typedef struct _VlTimer VlTimer;

typedef void (*VlTimerFunc) (gpointer user_data);

/* A replacement for the real clock. `timer_start` answers a handle that
 * `timer_cancel` takes back, once for each, fired or not, perhaps from within
 * `func`; it never runs `func` before it returns, and runs it at most once,
 * with `context` (never NULL) as the thread-default one. */
typedef struct
{
  gint64 (*monotonic) (void);
  gint64 (*real) (void);
  gpointer (*timer_start) (GMainContext *context,
                           guint delay,
                           VlTimerFunc func,
                           gpointer user_data);
  void (*timer_cancel) (gpointer handle);
} VlClockBackend;

gint64 _vl_clock_monotonic (void);
gint64 _vl_clock_real (void);

/* Whether a time of the real clock has come. What lies a while back, as it
 * does with most copies, is told without asking for the exact time. */
gboolean _vl_clock_has_come (gint64 real);

/* Runs `func` once in `context` (NULL = the thread-default one) after `delay`.
 * The timer belongs to the caller, who ends it, fired or not, with
 * _vl_timer_clear(): from the thread of the context, after which `func` does
 * not run any more. `func` may clear its own timer. */
VlTimer *_vl_timer_start (GMainContext *context, guint delay, VlTimerFunc func, gpointer user_data);
void _vl_timer_clear (VlTimer **timer);

/* NULL restores the real clock. For tests; not while timers are running. */
void _vl_clock_set_backend (const VlClockBackend *backend);

G_END_DECLS
