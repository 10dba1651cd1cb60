/* bench.h: what a benchmark is made of
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

/* One of two sides that do the same work in different ways, or something that
 * is measured beside them. */
typedef struct
{
  const char *what; /* it does, in words */

  /* Makes ready for a round of `n` operations; not timed, may be NULL. */
  void (*prepare) (gpointer data, guint n);

  /* Does `n` operations; timed by the runner. */
  void (*run) (gpointer data, guint n);

  /* Instead of `run`: does `n` operations and says what all of them cost, in
   * nanoseconds or in the unit of the case. */
  double (*measure) (gpointer data, guint n);

  /* Operations a round; 0: the runner finds a number that takes a while. */
  guint n;
} BenchSide;

typedef enum
{
  BENCH_PUBLISHED, /* there is no bar */
  BENCH_AT_MOST,   /* ours / peer */
  BENCH_AT_LEAST,  /* peer / ours: so many times cheaper */
  BENCH_EXACTLY,   /* ours alone; there is no peer */
} BenchBar;

/* Two sides, and how they should compare. All texts are static. */
typedef struct
{
  const char *id;    /* "1", "1-new-query": the point, and which part of it */
  const char *title; /* one line */

  BenchSide ours;
  BenchSide peer;
  BenchSide beside; /* measured in the same rounds; no functions = nothing */
  double n_besides; /* so many of `beside` an operation are allowed on top of the bar */

  BenchBar bar;
  double limit;

  gboolean is_alone;       /* neither side waits or uses another thread: what counts is the time
                            * that the processor gives to this one */
  guint n_instructions;    /* callgrind counts so many operations a side; 0 = it does not */
  guint max_instructions;  /* of ours an operation; 0 = no bar */
  const char *unit;        /* of `measure`; NULL = nanoseconds */
  guint rounds;            /* 0 = as many as the runner was told */
  const char *figure;      /* what ours is, for the README; NULL = not there */
  const char *note;        /* said with the result, may be NULL */
  const char *when_missed; /* why, and what would close it; said only when it is missed */

  /* NULL when it can run here, else why not. May itself be NULL. */
  const char *(*get_missing) (void);

  /* The data for all functions. With bench_is_quick() it makes little of it. */
  gpointer (*set_up) (void);
  void (*tear_down) (gpointer data);

  /* Asserts that both sides do the same, and do it right; runs once before the
   * rounds, and is all that a quick run is for. */
  void (*check) (gpointer data);
} BenchCase;

/* A line of the plot: the cost of one operation against how much there is.
 * What is flat there costs the same whatever the size; what is straight costs
 * so much a row. */
typedef struct
{
  const char *name;   /* in the legend: "peek hit, by rows a page" */
  const char *size;   /* what grows: "rows a page" */
  const guint *sizes; /* ascending, 0 at the end */
  gpointer (*set_up) (guint size);
  void (*prepare) (gpointer data, guint n);
  void (*run) (gpointer data, guint n);
  guint n;           /* as in BenchSide */
  gboolean is_alone; /* as in BenchCase */
  void (*tear_down) (gpointer data);
} BenchSeries;

/* What the files bench-*.c call from their bench_add_*(). */
void bench_add_case (const BenchCase *bench_case);
void bench_add_series (const BenchSeries *series);

/* Little data and one round: only what `check` asserts counts. */
gboolean bench_is_quick (void);

/* Nanoseconds of the monotonic clock. */
gint64 bench_now (void);

/* Turns the default context until `*done`. */
void bench_turn_until (const gboolean *done);

/* A folder that is gone after the run; the path of something in it. */
char *bench_temp_path (const char *name);

/* For a `measure` that wants a process of its own: runs the case there and
 * answers what `measure` does, which is called with bench_is_elsewhere() TRUE. */
gboolean bench_is_elsewhere (void);
double bench_measure_elsewhere (const char *id, const char *side, guint n);

/* The files with cases, in the order of the report. */
void bench_add_hits (void);
void bench_add_flight (void);
void bench_add_sqlite_hit (void);
void bench_add_sqlite_store (void);
void bench_add_sqlite_write (void);
void bench_add_sqlite_read (void);
void bench_add_memory (void);
void bench_add_copy (void);
void bench_add_facts (void);
void bench_add_journal (void);
void bench_add_list (void);
void bench_add_list_view (void);
void bench_add_peers (void);
void bench_add_growth (void);
