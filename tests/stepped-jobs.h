/* stepped-jobs.h: what worker threads would do, one step at a time
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

#include "vantage-live/base/vl-executor-private.h"

/* Instead of being done on threads the jobs wait here, those of one executor in
 * their order, until the test does them: so that a seed decides everything. */

typedef struct
{
  VlJobFunc func;
  gpointer user_data;
} SteppedJob;

static GQueue stepped_jobs = G_QUEUE_INIT;

static inline void
stepped_jobs_push (VlExecutor *executor, VlJobFunc func, gpointer user_data)
{
  SteppedJob *job = g_new (SteppedJob, 1);

  job->func = func;
  job->user_data = user_data;
  g_queue_push_tail (&stepped_jobs, job);
}

static inline void
stepped_jobs_begin (void)
{
  _vl_executor_set_push_func (stepped_jobs_push);
}

static inline void
stepped_jobs_end (void)
{
  g_assert_true (g_queue_is_empty (&stepped_jobs));
  _vl_executor_set_push_func (NULL);
}

/* FALSE when there was none. */
static inline gboolean
stepped_jobs_do_one (void)
{
  SteppedJob *job = g_queue_pop_head (&stepped_jobs);

  if (job == NULL)
    return FALSE;
  job->func (job->user_data);
  g_free (job);
  return TRUE;
}

/* Until nothing is left to do, on what would be threads or here. */
static inline void
stepped_jobs_do_all (void)
{
  while (stepped_jobs_do_one () || g_main_context_iteration (NULL, FALSE))
    ;
}
