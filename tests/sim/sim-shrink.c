/* sim-shrink.c: which steps of a failing run matter
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sim.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs at most, whatever is left then. */
#define MAX_RUNS 600

typedef struct
{
  guint64 seed;
  SimCacheKind cache;
  guint8 *skip;
  guint n_steps;
  guint n_runs;
  char *rule; /* what the failure begins with: it must stay the same */
} Shrink;

/* In a child, since a failed run leaves things behind, or crashes. Returns
 * what failed; "crash" for a crash. */
static char *
run_in_child (Shrink *self)
{
  const SimOptions options = { .skip = self->skip, .cache = self->cache };
  int ends[2];
  char text[256] = "";
  gssize length = 0;
  gssize n;
  int status;
  pid_t child;

  self->n_runs++;
  if (pipe (ends) != 0)
    return NULL;
  child = fork ();
  if (child == 0)
    {
      int nowhere = open ("/dev/null", O_WRONLY);
      char *failure;

      dup2 (nowhere, STDOUT_FILENO);
      dup2 (nowhere, STDERR_FILENO);
      failure = sim_run (self->seed, &options, NULL);
      if (failure != NULL && write (ends[1], failure, strlen (failure)) < 0)
        _exit (2);
      _exit (0);
    }

  close (ends[1]);
  while ((n = read (ends[0], text + length, sizeof text - 1 - (gsize) length)) > 0)
    length += n;
  text[length] = '\0';
  close (ends[0]);
  waitpid (child, &status, 0);
  if (!WIFEXITED (status))
    return g_strdup ("crash");

  return length > 0 ? g_strdup (text) : NULL;
}

static gboolean
still_fails (Shrink *self)
{
  g_autofree char *failure = run_in_child (self);

  return failure != NULL && strncmp (failure, self->rule, strlen (self->rule)) == 0;
}

/* Leaves out `n` steps from `first` on, if it fails without them too. */
static gboolean
leave_out (Shrink *self, guint first, guint n)
{
  g_autofree guint8 *before = g_memdup2 (self->skip, self->n_steps);
  gboolean any = FALSE;

  for (guint i = first; i < MIN (first + n, self->n_steps); i++)
    {
      any |= !self->skip[i];
      self->skip[i] = TRUE;
    }
  if (!any || self->n_runs >= MAX_RUNS || !still_fails (self))
    {
      memcpy (self->skip, before, self->n_steps);
      return FALSE;
    }

  return TRUE;
}

/* The numbers of the steps that are needed, or NULL if the seed does not fail. */
GArray *
sim_shrink (guint64 seed, SimCacheKind cache)
{
  const SimOptions options = { .cache = cache };
  Shrink self = {
    .seed = seed,
    .cache = cache,
    .n_steps = sim_count_steps (seed, &options),
  };
  GArray *needed;

  self.skip = g_new0 (guint8, self.n_steps);
  self.rule = run_in_child (&self);
  if (self.rule == NULL)
    {
      g_free (self.skip);
      return NULL;
    }

  /* The rule's name, or the first word. */
  self.rule[strcspn (self.rule, ": ")] = '\0';
  for (guint n = self.n_steps / 2; n > 0; n /= 2)
    {
      gboolean again;

      do
        {
          again = FALSE;
          for (guint first = 0; first < self.n_steps; first += n)
            again |= leave_out (&self, self.n_steps - MIN (self.n_steps, first + n), n);
        }
      while (again && n == 1 && self.n_runs < MAX_RUNS);
    }

  needed = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < self.n_steps; i++)
    {
      if (!self.skip[i])
        g_array_append_val (needed, i);
    }
  g_free (self.skip);
  g_free (self.rule);

  return needed;
}
