/* bench-main.c: runs the benchmarks
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench-private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_ROUNDS 11
#define LEAST_ROUNDS   7

static gboolean option_quick;
static gboolean option_list;
static gboolean option_figures;
static gboolean option_no_callgrind;
static gboolean option_no_series;
static int option_rounds = DEFAULT_ROUNDS;
static char *option_only;
static char *option_json;
static char *option_markdown;
static char *option_svg;
static char *option_once;
static char *option_side;
static int option_operations = 1;

static const GOptionEntry options[] = {
  { "only", 0, 0, G_OPTION_ARG_STRING, &option_only,
    "Run these points and no others, with commas between them: 1,3,12-copy", "POINTS" },
  { "list", 0, 0, G_OPTION_ARG_NONE, &option_list, "List the cases", NULL },
  { "figures", 0, 0, G_OPTION_ARG_NONE, &option_figures,
    "Run what the README shows, and print that", NULL },
  { "rounds", 0, 0, G_OPTION_ARG_INT, &option_rounds, "Rounds a case, at least 7", "N" },
  { "quick", 0, 0, G_OPTION_ARG_NONE, &option_quick,
    "Run everything once, with little data, to see that it works", NULL },
  { "no-callgrind", 0, 0, G_OPTION_ARG_NONE, &option_no_callgrind, "Count no instructions", NULL },
  { "no-series", 0, 0, G_OPTION_ARG_NONE, &option_no_series, "Measure nothing for the plot", NULL },
  { "json", 0, 0, G_OPTION_ARG_FILENAME, &option_json, "Write the results as JSON", "FILE" },
  { "markdown", 0, 0, G_OPTION_ARG_FILENAME, &option_markdown, "Write them as a page", "FILE" },
  { "svg", 0, 0, G_OPTION_ARG_FILENAME, &option_svg, "Write the plot", "FILE" },
  { "once", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &option_once, NULL, NULL },
  { "side", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &option_side, NULL, NULL },
  { "operations", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, &option_operations, NULL, NULL },
  G_OPTION_ENTRY_NULL,
};

/* "1" asks for "1" and "1-new-query", not for "12". */
static gboolean
is_asked_for (const char *id)
{
  g_auto (GStrv) points = NULL;

  if (option_only == NULL)
    return TRUE;

  points = g_strsplit (option_only, ",", -1);
  for (char **point = points; *point != NULL; point++)
    {
      gsize length = strlen (*point);

      if (g_str_has_prefix (id, *point) && (id[length] == '\0' || id[length] == '-'))
        return TRUE;
    }

  return FALSE;
}

static void
run_cases (BenchReport *report)
{
  GPtrArray *cases = bench_get_cases ();

  for (guint i = 0; i < cases->len; i++)
    {
      const BenchCase *bench_case = g_ptr_array_index (cases, i);
      BenchResult *result;

      if (!is_asked_for (bench_case->id) || (option_figures && bench_case->figure == NULL))
        continue;

      g_printerr ("%s  %s\n", bench_case->id, bench_case->title);
      result = bench_run_case (bench_case, report->n_rounds);
      if (report->has_callgrind)
        bench_callgrind_count (result);
      g_ptr_array_add (report->results, result);
    }
}

static void
run_series (BenchReport *report)
{
  GPtrArray *all = bench_get_series ();

  if (option_no_series || option_figures || (option_only != NULL && !is_asked_for ("plot")))
    return;

  for (guint i = 0; i < all->len; i++)
    {
      const BenchSeries *series = g_ptr_array_index (all, i);

      g_printerr ("plot  %s\n", series->name);
      g_ptr_array_add (report->lines, bench_run_series (series, report->n_rounds));
    }
}

static gboolean
write_file (const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;

  if (g_file_set_contents (path, text, -1, &error))
    return TRUE;

  g_printerr ("%s\n", error->message);
  return FALSE;
}

static gboolean
write_files (const BenchReport *report)
{
  gboolean done = TRUE;

  if (option_json != NULL)
    {
      g_autofree char *json = bench_report_to_json (report);

      done &= write_file (option_json, json);
    }
  if (option_svg != NULL)
    {
      g_autofree char *svg = bench_report_to_svg (report);

      done &= write_file (option_svg, svg);
    }
  if (option_markdown != NULL)
    {
      g_autofree char *picture = option_svg != NULL ? g_path_get_basename (option_svg) : NULL;
      g_autofree char *text = bench_report_to_markdown (report, picture);

      done &= write_file (option_markdown, text);
    }

  return done;
}

static const BenchCase *
find_case (const char *id)
{
  GPtrArray *cases = bench_get_cases ();

  for (guint i = 0; i < cases->len; i++)
    {
      const BenchCase *bench_case = g_ptr_array_index (cases, i);

      if (g_str_equal (bench_case->id, id))
        return bench_case;
    }

  return NULL;
}

static int
run_once (void)
{
  const BenchCase *bench_case = find_case (option_once);

  if (bench_case == NULL)
    {
      g_printerr ("There is no case “%s”\n", option_once);
      return EXIT_FAILURE;
    }
  if (bench_case->get_missing != NULL && bench_case->get_missing () != NULL)
    return EXIT_FAILURE;

  bench_set_elsewhere ();
  g_print ("%f\n", bench_run_once (bench_case, option_side != NULL ? option_side : "ours",
                                   (guint) option_operations));
  return EXIT_SUCCESS;
}

static void
list_cases (void)
{
  GPtrArray *cases = bench_get_cases ();

  for (guint i = 0; i < cases->len; i++)
    {
      const BenchCase *bench_case = g_ptr_array_index (cases, i);

      g_print ("%-16s %s\n", bench_case->id, bench_case->title);
    }
}

static void
print_figures (const BenchReport *report)
{
  g_autofree char *figures = bench_report_to_figures (report);

  g_print ("%s", figures);
}

static int
run_all (void)
{
  g_autoptr (GPtrArray) results = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (bench_line_free);
  BenchReport report = { .results = results, .lines = lines };

  bench_get_load ();
  report.n_rounds = option_quick ? 1 : (guint) MAX (option_rounds, LEAST_ROUNDS);
  report.has_callgrind = !option_quick && !option_no_callgrind && !option_figures &&
                         bench_callgrind_is_there ();
  run_cases (&report);
  run_series (&report);
  if (option_figures)
    print_figures (&report);
  else if (!option_quick)
    bench_report_print (&report);

  return write_files (&report) ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* UTF-8 whatever the locale: the results are read by machines and pages. */
static void
print_raw (const char *text)
{
  fputs (text, stdout);
}

static void
printerr_raw (const char *text)
{
  fputs (text, stderr);
}

static int
compare_points (gconstpointer a, gconstpointer b)
{
  const BenchCase *const *x = a;
  const BenchCase *const *y = b;

  return atoi ((*x)->id) - atoi ((*y)->id);
}

static void
add_everything (void)
{
  bench_add_hits ();
  bench_add_sqlite_hit ();
  bench_add_sqlite_store ();
  bench_add_sqlite_write ();
  bench_add_sqlite_read ();
  bench_add_memory ();
  bench_add_flight ();
  bench_add_copy ();
  bench_add_facts ();
  bench_add_journal ();
  bench_add_list ();
  bench_add_list_view ();
  bench_add_peers ();
  bench_add_growth ();
  g_ptr_array_sort (bench_get_cases (), compare_points);
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (context, "Measures vantage-live against what it could cost at "
                                         "least. A bar that is missed is said, and no failure.");
  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  g_set_print_handler (print_raw);
  g_set_printerr_handler (printerr_raw);
  bench_set_quick (option_quick);
  add_everything ();
  if (option_list)
    {
      list_cases ();
      return EXIT_SUCCESS;
    }

  return option_once != NULL ? run_once () : run_all ();
}
