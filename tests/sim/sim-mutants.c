/* sim-mutants.c: rules that are broken on purpose
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is checked is worth as much as what it notices. Each mutant of the
 * library breaks one rule, and dies when a run fails.
 */

#include "sim.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/vl-mutant-private.h"

#ifdef VL_MUTANTS

/* Seconds in which a mutant that hangs is to say so. */
# define PATIENCE 120

typedef struct
{
  pid_t child;
  int from; /* it tells here how it died */
} Trial;

/* In a child: a failed run leaves things behind. */
static void G_GNUC_NORETURN
run_trial (VlMutant mutant, guint64 first, guint n_seeds, int to)
{
  const SimOptions options = { .cache = SIM_N_CACHES };

  _vl_mutant = mutant;
  signal (SIGABRT, SIG_DFL);
  signal (SIGSEGV, SIG_DFL);
  alarm (PATIENCE);
  for (guint i = 0; i < n_seeds; i++)
    {
      g_autofree char *failure = NULL;
      g_autofree char *text = NULL;

      failure = sim_run (first + i, &options, NULL);
      if (failure == NULL)
        continue;
      text = g_strdup_printf ("after %u seeds: %s", i + 1, failure);
      if (write (to, text, strlen (text)) < 0)
        _exit (2);
      break;
    }
  _exit (0);
}

static Trial
begin_trial (VlMutant mutant, guint64 first, guint n_seeds)
{
  Trial trial;
  int ends[2];

  if (pipe (ends) != 0)
    g_error ("no pipe");
  trial.child = fork ();
  if (trial.child == 0)
    {
      close (STDERR_FILENO);
      run_trial (mutant, first, n_seeds, ends[1]);
    }
  close (ends[1]);
  trial.from = ends[0];

  return trial;
}

/* FALSE when it lives; a crash is not what should have noticed it. */
static gboolean
end_trial (Trial *trial, VlMutant mutant)
{
  char text[256] = "";
  gssize n = read (trial->from, text, sizeof text - 1);
  int status;

  close (trial->from);
  waitpid (trial->child, &status, 0);
  if (WIFSIGNALED (status))
    g_snprintf (text, sizeof text, "by signal %d", WTERMSIG (status));
  else if (n <= 0)
    g_snprintf (text, sizeof text, "not");
  g_print ("%s %u %s dies %s\n", n > 0 ? "ok" : "not ok", mutant, _vl_mutant_get_name (mutant),
           text);

  return n > 0;
}

gboolean
sim_mutants_choose (const char *name)
{
  for (guint i = 0; i < VL_N_MUTANTS; i++)
    {
      if (!g_str_equal (_vl_mutant_get_name ((VlMutant) i), name))
        continue;
      _vl_mutant = (VlMutant) i;
      return TRUE;
    }

  return FALSE;
}

int
sim_mutants_run (guint64 first, guint n_seeds, guint n_jobs)
{
  Trial trials[VL_N_MUTANTS];
  guint n_begun = 1;
  gboolean all = TRUE;

  g_print ("1..%d\n", VL_N_MUTANTS - 1);
  for (guint i = 1; i < VL_N_MUTANTS; i++)
    {
      for (; n_begun < VL_N_MUTANTS && n_begun < i + MAX (n_jobs, 1); n_begun++)
        trials[n_begun] = begin_trial ((VlMutant) n_begun, first, n_seeds);
      all &= end_trial (&trials[i], (VlMutant) i);
    }

  return all ? 0 : 1;
}

#else

gboolean
sim_mutants_choose (const char *name)
{
  return FALSE;
}

int
sim_mutants_run (guint64 first, guint n_seeds, guint n_jobs)
{
  g_print ("1..0 # SKIP no rule can be broken in this program\n");

  return 0;
}

#endif
