/* sim-jobs.c: many seeds, in several processes
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sim.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_JOBS 16

typedef struct
{
  pid_t child;
  FILE *totals; /* that it writes when it is done */
} Job;

static double
get_seconds (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);

  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Each of the seeds that is a multiple of the stride away from the first. */
static void
run (SimTotals *totals,
     guint64 first,
     guint n_seeds,
     guint stride,
     SimSeedFunc func,
     gpointer user_data)
{
  SimResult result;

  memset (totals, 0, sizeof *totals);
  for (guint i = 0; i < n_seeds && totals->failed == 0; i += stride)
    {
      if (!func (first + i, &result, user_data))
        {
          totals->failed = first + i;
          break;
        }
      for (guint j = 0; j < SIM_N_COUNTS; j++)
        {
          totals->counts[j] += result.counts[j];
          totals->in_runs[j] += result.counts[j] > 0;
        }
    }
  totals->seconds = get_seconds ();
}

static void
add (SimTotals *totals, const SimTotals *other)
{
  for (guint i = 0; i < SIM_N_COUNTS; i++)
    {
      totals->counts[i] += other->counts[i];
      totals->in_runs[i] += other->in_runs[i];
    }
  totals->seconds += other->seconds;
  if (other->failed != 0 && (totals->failed == 0 || other->failed < totals->failed))
    totals->failed = other->failed;
}

static void
end_all (const Job *jobs, guint n_jobs)
{
  for (guint i = 0; i < n_jobs; i++)
    kill (jobs[i].child, SIGTERM);
}

/* A child that crashes has said where. */
static gboolean
take (Job *job, SimTotals *totals)
{
  SimTotals own;
  int status;
  gboolean done = fread (&own, sizeof own, 1, job->totals) == 1;

  fclose (job->totals);
  waitpid (job->child, &status, 0);
  if (done)
    add (totals, &own);
  else if (totals->failed == 0 && WIFSIGNALED (status) && WTERMSIG (status) != SIGTERM)
    totals->failed = G_MAXUINT64;

  return totals->failed == 0;
}

void
sim_jobs_run (SimTotals *totals,
              guint64 first,
              guint n_seeds,
              guint n_jobs,
              SimSeedFunc func,
              gpointer user_data)
{
  Job jobs[MAX_JOBS];

  n_jobs = CLAMP (n_jobs, 1, MIN (MAX_JOBS, MAX (n_seeds, 1)));
  if (n_jobs == 1)
    {
      run (totals, first, n_seeds, 1, func, user_data);
      return;
    }

  memset (totals, 0, sizeof *totals);
  for (guint i = 0; i < n_jobs; i++)
    {
      int ends[2];

      if (pipe (ends) != 0)
        g_error ("no pipe");
      jobs[i].child = fork ();
      if (jobs[i].child == 0)
        {
          run (totals, first + i, n_seeds - i, n_jobs, func, user_data);
          if (write (ends[1], totals, sizeof *totals) < 0)
            _exit (2);
          _exit (0);
        }
      close (ends[1]);
      jobs[i].totals = fdopen (ends[0], "r");
    }
  for (guint i = 0; i < n_jobs; i++)
    {
      if (!take (&jobs[i], totals))
        end_all (jobs + i + 1, n_jobs - i - 1);
    }
}
