/* vl-sim.c: runs the simulation
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sim.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/vl-log-private.h"

#define QUICK_SEEDS 100

static guint64 seed_now;
static gboolean show_logs;

static gint64 option_seed = -1;
static gint64 option_first = 1;
static int option_seeds = 200;
static gboolean option_trace;
static gboolean option_shrink;
static gboolean option_no_shrink;
static gboolean option_check_replay;
static char *option_keep;
static int option_jobs = 2;
static gboolean option_mutants;
static char *option_mutant;
static SimCacheKind option_cache = SIM_N_CACHES;

static const char *const cache_names[] = { "sim", "memory", "null", "disk" };

static gboolean
choose_cache (const char *option, const char *value, gpointer data, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (cache_names); i++)
    {
      if (!g_str_equal (value, cache_names[i]))
        continue;
      option_cache = (SimCacheKind) i;
      return TRUE;
    }

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "There is no cache “%s”", value);
  return FALSE;
}

static GOptionEntry entries[] = {
  { "seed", 0, 0, G_OPTION_ARG_INT64, &option_seed, "Run this seed alone", "N" },
  { "trace", 0, 0, G_OPTION_ARG_NONE, &option_trace, "Print all that happens", NULL },
  { "keep", 0, 0, G_OPTION_ARG_STRING, &option_keep, "Do only these steps, as in 3,17,20",
    "STEPS" },
  { "shrink", 0, 0, G_OPTION_ARG_NONE, &option_shrink, "Find the steps that matter", NULL },
  { "no-shrink", 0, 0, G_OPTION_ARG_NONE, &option_no_shrink, "Leave a failing seed as it is",
    NULL },
  { "seeds", 0, 0, G_OPTION_ARG_INT, &option_seeds, "How many seeds to run (200)", "N" },
  { "first", 0, 0, G_OPTION_ARG_INT64, &option_first, "The first seed (1)", "N" },
  { "jobs", 0, 0, G_OPTION_ARG_INT, &option_jobs, "How many to run at a time (2)", "N" },
  { "mutant", 0, 0, G_OPTION_ARG_STRING, &option_mutant, "Break this rule", "NAME" },
  { "mutants", 0, 0, G_OPTION_ARG_NONE, &option_mutants, "Break each rule, and see who notices",
    NULL },
  { "check-replay", 0, 0, G_OPTION_ARG_NONE, &option_check_replay,
    "Run each seed twice and compare", NULL },
  { "cache", 0, 0, G_OPTION_ARG_CALLBACK, choose_cache,
    "One of sim, memory, null and disk, whatever the seed says", "CACHE" },
  G_OPTION_ENTRY_NULL,
};

/* Async-signal-safe: an assertion of the library has failed, or worse. */
static void
crashed (int number)
{
  static const char before[] = "# crashed; replay with: vl-sim --trace --seed ";
  char digits[24];
  guint at = sizeof digits - 1;
  guint64 seed = seed_now;

  digits[at] = '\n';
  do
    {
      digits[--at] = (char) ('0' + seed % 10);
      seed /= 10;
    }
  while (seed > 0);
  if (write (STDOUT_FILENO, before, sizeof before - 1) < 0 ||
      write (STDOUT_FILENO, digits + at, sizeof digits - at) < 0)
    _exit (2);
  signal (number, SIG_DFL);
  raise (number);
}

/* Caches that fail are warned of; that is what they are for. */
static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if ((level & (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR)) != 0)
    {
      g_log_writer_standard_streams (level, fields, n_fields, NULL);
      abort ();
    }
  if (show_logs)
    return g_log_writer_standard_streams (level, fields, n_fields, NULL);

  return G_LOG_WRITER_HANDLED;
}

/* What has to be said to replay a seed beside its number. */
static char *
replay_options (void)
{
  return g_strconcat (option_cache != SIM_N_CACHES ? " --cache " : "",
                      option_cache != SIM_N_CACHES ? cache_names[option_cache] : "",
                      option_mutant != NULL ? " --mutant " : "", option_mutant, NULL);
}

static void
print_shrunk (guint64 seed)
{
  g_autoptr (GArray) needed = sim_shrink (seed, option_cache);
  g_autoptr (GString) steps = g_string_new (NULL);
  g_autofree char *options = replay_options ();

  if (needed == NULL)
    {
      g_print ("# seed %" G_GUINT64_FORMAT " does not fail\n", seed);
      return;
    }

  for (guint i = 0; i < needed->len; i++)
    g_string_append_printf (steps, "%s%u", i > 0 ? "," : "", g_array_index (needed, guint, i));
  g_print ("# %u steps matter; replay with: vl-sim --trace --seed %" G_GUINT64_FORMAT
           "%s --keep %s\n",
           needed->len, seed, options, steps->str);
}

static guint8 *
make_skip (guint64 seed)
{
  const SimOptions options = { .cache = option_cache };
  guint n_steps = sim_count_steps (seed, &options);
  g_auto (GStrv) kept = NULL;
  guint8 *skip;

  if (option_keep == NULL)
    return NULL;

  skip = g_malloc (n_steps);
  memset (skip, 1, n_steps);
  kept = g_strsplit (option_keep, ",", -1);
  for (guint i = 0; kept[i] != NULL; i++)
    {
      guint64 step = g_ascii_strtoull (kept[i], NULL, 10);

      if (step < n_steps)
        skip[step] = 0;
    }

  return skip;
}

static int
run_one (guint64 seed)
{
  g_autofree guint8 *skip = make_skip (seed);
  const SimOptions options = { .trace = option_trace, .cache = option_cache, .skip = skip };
  g_autofree char *failure = NULL;

  seed_now = seed;
  show_logs = option_trace;
  failure = sim_run (seed, &options, NULL);
  g_print ("# seed %" G_GUINT64_FORMAT ": %s\n", seed, failure != NULL ? failure : "passed");

  return failure != NULL ? 1 : 0;
}

static void
print_counts (const SimTotals *totals)
{
  g_print ("# %.0f runs a second of processor time\n", option_seeds / MAX (totals->seconds, 0.001));
  for (guint i = 0; i < SIM_N_COUNTS; i++)
    g_print ("# %-28s %8" G_GUINT64_FORMAT " in %5.1f %% of the runs\n",
             sim_count_name ((SimCount) i), totals->counts[i],
             totals->in_runs[i] * 100.0 / MAX (option_seeds, 1));
}

/* Runs a seed, once or twice; FALSE when it fails. */
static gboolean
run_seed (guint64 seed, SimResult *result, gpointer user_data)
{
  const SimOptions options = { .digests = option_check_replay, .cache = option_cache };
  g_autofree char *failure = NULL;
  g_autofree char *replay = replay_options ();
  SimResult again;

  seed_now = seed;
  failure = sim_run (seed, &options, result);
  if (failure == NULL && option_check_replay)
    {
      failure = sim_run (seed, &options, &again);
      if (failure == NULL && again.digest != result->digest)
        failure = g_strdup ("it does not happen again in the same way");
    }
  if (failure == NULL)
    return TRUE;

  g_print ("# seed %" G_GUINT64_FORMAT ": %s\n", seed, failure);
  g_print ("# replay with: vl-sim --trace --seed %" G_GUINT64_FORMAT "%s\n", seed, replay);
  return FALSE;
}

/* Not everything happens to every cache. */
static gboolean
is_all_wanted (void)
{
  return option_seeds >= 100 && option_cache == SIM_N_CACHES;
}

static int
run_many (void)
{
  SimTotals totals;
  gboolean all = TRUE;

  sim_jobs_run (&totals, (guint64) option_first, (guint) option_seeds, (guint) option_jobs,
                run_seed, NULL);
  if (totals.failed != 0 && !option_no_shrink)
    print_shrunk (totals.failed);

  g_print ("%s 1 %d runs of %d operations keep the contract\n",
           totals.failed == 0 ? "ok" : "not ok", option_seeds, SIM_OPS);
  if (totals.failed != 0)
    {
      g_print ("1..1\n");
      return 1;
    }

  print_counts (&totals);
  for (guint i = 0; i < SIM_N_COUNTS; i++)
    {
      if (totals.in_runs[i] * sim_count_get_share ((SimCount) i) >= (guint) option_seeds)
        continue;
      g_print ("# rare: %s\n", sim_count_name ((SimCount) i));
      all = FALSE;
    }
  g_print ("%s 2 everything happens as often as it should%s\n",
           all || !is_all_wanted () ? "ok" : "not ok",
           is_all_wanted () ? "" : " # SKIP too few runs, or of one cache");
  g_print ("1..2\n");

  return all || !is_all_wanted () ? 0 : 1;
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (context, "Simulates live tables, their users, masters and caches.");
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }

  g_log_set_writer_func (write_log, NULL, NULL);
  if (option_mutant != NULL && !sim_mutants_choose (option_mutant))
    {
      g_printerr ("There is no mutant “%s” in this program\n", option_mutant);
      return 2;
    }
  signal (SIGABRT, crashed);
  signal (SIGSEGV, crashed);
  setvbuf (stdout, NULL, _IOLBF, 0);

  if (option_mutants)
    return sim_mutants_run ((guint64) option_first, (guint) option_seeds, (guint) option_jobs);
  if (option_seed >= 0 && option_shrink)
    {
      print_shrunk ((guint64) option_seed);
      return 0;
    }
  if (option_seed >= 0)
    return run_one ((guint64) option_seed);

  /* Under valgrind. */
  if (g_getenv ("VL_TEST_QUICK") != NULL)
    option_seeds = MIN (option_seeds, QUICK_SEEDS);

  return run_many ();
}
