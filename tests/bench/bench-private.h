/* bench-private.h: the parts of the runner
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "bench.h"

/* What the rounds of a case came to. Costs are medians an operation. */
typedef struct
{
  const BenchCase *bench_case;
  const char *missing; /* why it did not run, or NULL */
  double ours;
  double peer;
  double beside;
  double ratio; /* the median of the ratios of the rounds, what the bar is about */
  double low;   /* the lower and the upper quartile of them */
  double high;
  guint n_rounds;
  double ours_instructions; /* an operation; 0 = not counted */
  double peer_instructions;
  gboolean is_met;
} BenchResult;

typedef struct
{
  double size;
  double cost;
} BenchPoint;

typedef struct
{
  const BenchSeries *series;
  GArray *points; /* of BenchPoint */
} BenchLine;

typedef struct
{
  GPtrArray *results; /* of BenchResult */
  GPtrArray *lines;   /* of BenchLine */
  guint n_rounds;
  gboolean has_callgrind;
} BenchReport;

GPtrArray *bench_get_cases (void);  /* of BenchCase */
GPtrArray *bench_get_series (void); /* of BenchSeries */
void bench_set_quick (gboolean quick);

/* Milliseconds that a round of one side should take at least. */
#define BENCH_ROUND_TIME 20

/* bench-run.c */
BenchResult *bench_run_case (const BenchCase *bench_case, guint n_rounds);
BenchLine *bench_run_series (const BenchSeries *series, guint n_rounds);
void bench_line_free (gpointer line);
gboolean bench_result_is_met (const BenchResult *result);
double bench_run_once (const BenchCase *bench_case, const char *side, guint n);
void bench_set_elsewhere (void);

/* bench-callgrind.c: counts the instructions of a case in processes of its own. */
gboolean bench_callgrind_is_there (void);
void bench_callgrind_count (BenchResult *result);

/* bench-report.c */
void bench_report_print (const BenchReport *report);
char *bench_report_to_json (const BenchReport *report);

/* bench-markdown.c */
char *bench_report_to_markdown (const BenchReport *report, const char *picture);

/* The few that the README shows. */
char *bench_report_to_figures (const BenchReport *report);

/* bench-plot.c */
char *bench_report_to_svg (const BenchReport *report);

/* bench-words.c: numbers as people read them, "1.2 µs"; the caller frees. */
char *bench_cost_to_words (double cost, const char *unit);
char *bench_count_to_words (guint count);
char *bench_bar_to_words (const BenchCase *bench_case);
/* NULL when the bar is met; else by how much it is missed. */
char *bench_miss_to_words (const BenchResult *result);
const char *bench_processor_name (void);
/* How many processes wanted a processor in the last minute before the run. */
double bench_get_load (void);
