/* vl-lock-private.h: locks, annotated for the thread sanitizer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* All locks of the library are these, so that a build under
 * -fsanitize=thread knows what they order (GLib itself is not instrumented,
 * and its futexes are invisible to the sanitizer). */
#if defined(__SANITIZE_THREAD__)
# define VL_TSAN 1
#elif defined(__has_feature)
# if __has_feature(thread_sanitizer)
#  define VL_TSAN 1
# endif
#endif

#ifdef VL_TSAN
void __tsan_acquire (void *address);
void __tsan_release (void *address);
# define _vl_tsan_acquire(address) __tsan_acquire ((void *) (address))
# define _vl_tsan_release(address) __tsan_release ((void *) (address))
#else
# define _vl_tsan_acquire(address) ((void) (address))
# define _vl_tsan_release(address) ((void) (address))
#endif

/* TRUE for the last reference: what the others did before they let go of
 * theirs has happened then. */
static inline gboolean
_vl_ref_count_dec (gatomicrefcount *count)
{
  _vl_tsan_release (count);
  if (!g_atomic_ref_count_dec (count))
    return FALSE;
  _vl_tsan_acquire (count);

  return TRUE;
}

/* For what goes to another thread through GLib, as the data of a signal's
 * handler does: given before it is connected, taken by the handler. */
static inline void
_vl_hand_over (gpointer data)
{
  _vl_tsan_release (data);
}

static inline void
_vl_take_over (gpointer data)
{
  _vl_tsan_acquire (data);
}

typedef struct
{
  GMutex mutex;
} VlLock;

typedef struct
{
  GCond cond;
} VlCondition;

static inline void
_vl_lock_init (VlLock *self)
{
  g_mutex_init (&self->mutex);
}

static inline void
_vl_lock_destroy (VlLock *self)
{
  g_mutex_clear (&self->mutex);
}

static inline void
_vl_lock_acquire (VlLock *self)
{
  g_mutex_lock (&self->mutex);
  _vl_tsan_acquire (self);
}

static inline void
_vl_lock_release (VlLock *self)
{
  _vl_tsan_release (self);
  g_mutex_unlock (&self->mutex);
}

static inline void
_vl_condition_init (VlCondition *self)
{
  g_cond_init (&self->cond);
}

static inline void
_vl_condition_destroy (VlCondition *self)
{
  g_cond_clear (&self->cond);
}

static inline void
_vl_condition_broadcast (VlCondition *self)
{
  g_cond_broadcast (&self->cond);
}

/* Waits until it is woken or the monotonic clock has reached `deadline`
 * (-1 = for ever); FALSE when time ran out. */
static inline gboolean
_vl_condition_wait (VlCondition *self, VlLock *lock, gint64 deadline)
{
  gboolean woken = TRUE;

  _vl_tsan_release (lock);
  if (deadline < 0)
    g_cond_wait (&self->cond, &lock->mutex);
  else
    woken = g_cond_wait_until (&self->cond, &lock->mutex, deadline);
  _vl_tsan_acquire (lock);

  return woken;
}

G_END_DECLS
