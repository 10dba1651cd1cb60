/* bench-run.c: the rounds of a case, side by side
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A shared machine is now fast and now slow. The sides of a case take turns,
 * now one first and now the other, and each round has a ratio of its own; the
 * median of those is what counts.
 */

#include "bench-private.h"

#include <time.h>

/* Nobody asks for more operations a round than this. */
#define MAX_OPERATIONS (1u << 24)

/* Of a series. */
#define MAX_SIZES 16

/* Nanoseconds of the processor, for this thread. */
static gint64
thread_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (gint64) now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

static gboolean
side_is_there (const BenchSide *side)
{
  return side->run != NULL || side->measure != NULL;
}

/* What one operation costs, over `n`. */
static double
side_time (const BenchSide *side, gboolean is_alone, gpointer data, guint n)
{
  gint64 (*now) (void) = is_alone ? thread_time : bench_now;
  gint64 begin, end;

  if (side->prepare != NULL)
    side->prepare (data, n);
  if (side->measure != NULL)
    return side->measure (data, n) / n;

  begin = now ();
  side->run (data, n);
  end = now ();

  return (double) (end - begin) / n;
}

/* A number of operations that takes long enough to be timed; that it takes so
 * long also warms the side up. */
static guint
side_calibrate (const BenchSide *side, gboolean is_alone, gpointer data)
{
  const double enough = BENCH_ROUND_TIME * 1e6;
  guint n = 1;

  if (!side_is_there (side))
    return 0;
  if (side->n > 0 || bench_is_quick ())
    {
      n = bench_is_quick () ? MIN (MAX (side->n, 1), 8) : side->n;
      side_time (side, is_alone, data, n);
      return n;
    }

  while (n < MAX_OPERATIONS && side_time (side, is_alone, data, n) * n < enough)
    n *= 2;

  return n;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *) a;
  const double y = *(const double *) b;

  return (x > y) - (x < y);
}

/* Sorts `values`. */
static double
quantile (GArray *values, double where)
{
  double at = where * (values->len - 1);
  guint below = (guint) at;
  double low, high;

  g_array_sort (values, compare_doubles);
  low = g_array_index (values, double, below);
  high = g_array_index (values, double, MIN (below + 1, values->len - 1));

  return low + (high - low) * (at - below);
}

static double
ratio_of_round (const BenchCase *bench_case, double ours, double peer, double beside)
{
  double less = ours - bench_case->n_besides * beside;

  if (!side_is_there (&bench_case->peer))
    return ours;

  return bench_case->bar == BENCH_AT_LEAST ? peer / less : less / peer;
}

typedef struct
{
  GArray *ours;
  GArray *peer;
  GArray *beside;
  GArray *ratios;
} Rounds;

static void
run_rounds (const BenchCase *bench_case, gpointer data, guint n_rounds, Rounds *rounds)
{
  const BenchSide *sides[] = { &bench_case->ours, &bench_case->peer, &bench_case->beside };
  GArray *costs[] = { rounds->ours, rounds->peer, rounds->beside };
  guint n[G_N_ELEMENTS (sides)];

  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    n[i] = side_calibrate (sides[i], bench_case->is_alone, data);

  for (guint round = 0; round < n_rounds; round++)
    {
      double cost[G_N_ELEMENTS (sides)] = { 0 };
      double ratio;

      for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
        {
          guint which = round % 2 == 0 ? i : (guint) G_N_ELEMENTS (sides) - 1 - i;

          if (n[which] > 0)
            cost[which] = side_time (sides[which], bench_case->is_alone, data, n[which]);
        }
      for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
        g_array_append_val (costs[i], cost[i]);
      ratio = ratio_of_round (bench_case, cost[0], cost[1], cost[2]);
      g_array_append_val (rounds->ratios, ratio);
    }
}

static GArray *
new_doubles (void)
{
  return g_array_new (FALSE, FALSE, sizeof (double));
}

gboolean
bench_result_is_met (const BenchResult *result)
{
  const BenchCase *bench_case = result->bench_case;

  if (bench_case->max_instructions > 0 &&
      result->ours_instructions > (double) bench_case->max_instructions)
    return FALSE;

  switch (bench_case->bar)
    {
    case BENCH_AT_MOST:
      return result->ratio <= bench_case->limit;
    case BENCH_AT_LEAST:
      return result->ratio >= bench_case->limit;
    case BENCH_EXACTLY:
      return ABS (result->ratio - bench_case->limit) < 1e-9;
    case BENCH_PUBLISHED:
    default:
      return TRUE;
    }
}

BenchResult *
bench_run_case (const BenchCase *bench_case, guint n_rounds)
{
  g_autoptr (GArray) ours = new_doubles ();
  g_autoptr (GArray) peer = new_doubles ();
  g_autoptr (GArray) beside = new_doubles ();
  g_autoptr (GArray) ratios = new_doubles ();
  Rounds rounds = { ours, peer, beside, ratios };
  BenchResult *result = g_new0 (BenchResult, 1);
  gpointer data;

  result->bench_case = bench_case;
  result->n_rounds = bench_case->rounds > 0 && !bench_is_quick () ? bench_case->rounds : n_rounds;
  if (bench_case->get_missing != NULL)
    result->missing = bench_case->get_missing ();
  if (result->missing != NULL)
    return result;

  data = bench_case->set_up != NULL ? bench_case->set_up () : NULL;
  if (bench_case->check != NULL)
    bench_case->check (data);
  run_rounds (bench_case, data, result->n_rounds, &rounds);
  if (bench_case->tear_down != NULL)
    bench_case->tear_down (data);

  result->ours = quantile (ours, 0.5);
  result->peer = quantile (peer, 0.5);
  result->beside = quantile (beside, 0.5);
  result->ratio = quantile (ratios, 0.5);
  result->low = quantile (ratios, 0.25);
  result->high = quantile (ratios, 0.75);
  result->is_met = bench_result_is_met (result);

  return result;
}

/* One size of a series while its rounds are run. */
typedef struct
{
  guint size;
  gpointer data;
  guint n;
  GArray *costs;
} Measured;

static void
measured_init (Measured *self, const BenchSeries *series, const BenchSide *side, guint size)
{
  self->size = size;
  self->data = series->set_up (size);
  self->n = side_calibrate (side, series->is_alone, self->data);
  self->costs = new_doubles ();
}

static void
measured_end (Measured *self, const BenchSeries *series, BenchLine *line)
{
  const BenchPoint point = { self->size, quantile (self->costs, 0.5) };

  series->tear_down (self->data);
  g_array_unref (self->costs);
  g_array_append_val (line->points, point);
}

/* The sizes take turns, so that a slow moment of the machine shows in all of
 * them or in none. */
BenchLine *
bench_run_series (const BenchSeries *series, guint n_rounds)
{
  const BenchSide side = { .prepare = series->prepare, .run = series->run, .n = series->n };
  BenchLine *line = g_new0 (BenchLine, 1);
  Measured measured[MAX_SIZES];
  guint n_sizes = 0;

  /* A single operation is soon disturbed. */
  if (side.n == 1 && !bench_is_quick ())
    n_rounds *= 3;

  line->series = series;
  line->points = g_array_new (FALSE, FALSE, sizeof (BenchPoint));
  while (series->sizes[n_sizes] != 0 && n_sizes < (bench_is_quick () ? 1 : MAX_SIZES))
    {
      measured_init (&measured[n_sizes], series, &side, series->sizes[n_sizes]);
      n_sizes++;
    }

  for (guint round = 0; round < n_rounds; round++)
    {
      for (guint i = 0; i < n_sizes; i++)
        {
          double cost = side_time (&side, series->is_alone, measured[i].data, measured[i].n);

          g_array_append_val (measured[i].costs, cost);
        }
    }

  for (guint i = 0; i < n_sizes; i++)
    measured_end (&measured[i], series, line);

  return line;
}

void
bench_line_free (gpointer data)
{
  BenchLine *line = data;

  g_array_unref (line->points);
  g_free (line);
}

/* For callgrind and for processes apart: sets up, does `n` operations of one
 * side, and nothing else; in whole rounds, where a round has its size. */
double
bench_run_once (const BenchCase *bench_case, const char *side_name, guint n)
{
  const BenchSide *side = g_str_equal (side_name, "peer") ? &bench_case->peer : &bench_case->ours;
  gpointer data = bench_case->set_up != NULL ? bench_case->set_up () : NULL;
  guint n_round = side->n > 0 ? side->n : n;
  double cost = 0;

  for (guint done = 0; done < n; done += n_round)
    cost = side_time (side, FALSE, data, MIN (n - done, n_round));

  if (bench_case->tear_down != NULL)
    bench_case->tear_down (data);

  return cost * n;
}

static gboolean is_elsewhere;

void
bench_set_elsewhere (void)
{
  is_elsewhere = TRUE;
}

gboolean
bench_is_elsewhere (void)
{
  return is_elsewhere;
}

double
bench_measure_elsewhere (const char *id, const char *side, guint n)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *number = g_strdup_printf ("%u", n);
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  const char *argv[] = { self, "--once", id, "--side", side, "--operations", number, NULL };

  g_assert_nonnull (self);
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL, NULL,
                &error);
  g_assert_no_error (error);

  return g_ascii_strtod (output, NULL);
}
