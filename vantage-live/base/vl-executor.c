/* vl-executor.c: worker threads, replaceable in tests
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-executor-private.h"

#include "vl-lock-private.h"

/* How often the thread steps back before it goes to sleep: some microseconds. */
#define N_YIELDS 20

typedef struct
{
  VlJobFunc func;
  gpointer user_data;
} Job;

struct _VlExecutor
{
  gint ref_count; /* atomic; the thread holds none */
  char *name;
  VlLock lock; /* guards what follows */
  VlCondition wake;
  GQueue jobs;
  gint n_jobs;    /* atomic, changed under the lock: a hint for who looks without it */
  gboolean waits; /* the thread has nothing to do and has to be woken */
  gboolean started;
  gboolean dropped; /* nobody can push any more; the thread frees self */
};

/* NULL = threads. Set by tests only. */
static VlExecutorPushFunc push_func;

void
_vl_executor_set_push_func (VlExecutorPushFunc push)
{
  g_atomic_pointer_set (&push_func, push);
}

VlExecutor *
_vl_executor_new (const char *name)
{
  VlExecutor *self = g_new0 (VlExecutor, 1);

  self->ref_count = 1;
  self->name = g_strdup (name);
  _vl_lock_init (&self->lock);
  _vl_condition_init (&self->wake);
  g_queue_init (&self->jobs);

  return self;
}

static void
executor_free (VlExecutor *self)
{
  g_assert (g_queue_is_empty (&self->jobs));
  _vl_condition_destroy (&self->wake);
  _vl_lock_destroy (&self->lock);
  g_free (self->name);
  g_free (self);
}

/* Jobs mostly come in flocks, and to sleep between two of them takes longer than
 * they do: so others may run a few times first. */
static void
executor_linger (VlExecutor *self)
{
  for (guint i = 0; i < N_YIELDS && g_atomic_int_get (&self->n_jobs) == 0; i++)
    g_thread_yield ();
}

/* Waits for the next job; NULL when there is none left to come. Runs on the
 * worker thread. */
static Job *
executor_pop (VlExecutor *self)
{
  Job *job;

  executor_linger (self);
  _vl_lock_acquire (&self->lock);
  while ((job = g_queue_pop_head (&self->jobs)) == NULL && !self->dropped)
    {
      self->waits = TRUE;
      _vl_condition_wait (&self->wake, &self->lock, -1);
      self->waits = FALSE;
    }
  g_atomic_int_set (&self->n_jobs, (gint) self->jobs.length);
  _vl_lock_release (&self->lock);

  return job;
}

static gpointer
executor_thread (gpointer user_data)
{
  VlExecutor *self = user_data;
  Job *job;

  while ((job = executor_pop (self)) != NULL)
    {
      job->func (job->user_data);
      g_free (job);
    }
  executor_free (self);

  return NULL;
}

VlExecutor *
_vl_executor_ref (VlExecutor *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
_vl_executor_unref (VlExecutor *self)
{
  gboolean started;

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  /* The thread frees self as soon as it sees `dropped`: nothing may touch it
   * after the lock is released, and the wake-up is given under the lock. */
  _vl_lock_acquire (&self->lock);
  started = self->started;
  self->dropped = TRUE;
  _vl_condition_broadcast (&self->wake);
  _vl_lock_release (&self->lock);

  if (!started)
    executor_free (self);
}

void
_vl_executor_push (VlExecutor *self, VlJobFunc func, gpointer user_data)
{
  VlExecutorPushFunc push = g_atomic_pointer_get (&push_func);
  gboolean wakes;
  Job *job;

  if (push != NULL)
    {
      push (self, func, user_data);
      return;
    }

  job = g_new (Job, 1);
  job->func = func;
  job->user_data = user_data;

  _vl_lock_acquire (&self->lock);
  g_queue_push_tail (&self->jobs, job);
  g_atomic_int_set (&self->n_jobs, (gint) self->jobs.length);
  if (!self->started)
    {
      self->started = TRUE;
      g_thread_unref (g_thread_new (self->name, executor_thread, self));
    }
  wakes = self->waits;
  self->waits = FALSE;
  _vl_lock_release (&self->lock);

  /* Not under the lock, which is what the thread takes first thing. */
  if (wakes)
    _vl_condition_broadcast (&self->wake);
}
