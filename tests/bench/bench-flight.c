/* bench-flight.c: many readers of one key, and one fetch
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"

#include "bench-table.h"

#define PAGE_SIZE 100
#define N_READERS 1000

/* Milliseconds that the master takes: long enough for all to come. */
#define LATENCY 20

typedef struct
{
  VlMemoryTable *memory;
  VlQuery *query;
} Flight;

typedef struct
{
  guint n_waiting;
  guint n_records;
  gboolean done;
} Crowd;

static gpointer
flight_set_up (void)
{
  Flight *flight = g_new0 (Flight, 1);

  flight->memory = bench_table_new (2 * PAGE_SIZE);
  flight->query = bench_table_query (0, PAGE_SIZE);

  return flight;
}

static void
flight_tear_down (gpointer data)
{
  Flight *flight = data;

  g_object_unref (flight->query);
  g_object_unref (flight->memory);
  g_free (flight);
}

static void
one_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Crowd *crowd = user_data;
  g_autoptr (VlPage) page = vl_table_list_finish (VL_TABLE (source), result, NULL);

  g_assert_nonnull (page);
  crowd->n_records += vl_page_get_n_records (page);
  crowd->done = --crowd->n_waiting == 0;
}

/* How often the master is read when 1,000 ask at the same time and nothing is
 * cached. */
static double
count_reads (gpointer data, guint n)
{
  Flight *flight = data;
  g_autoptr (VlFaultTable) master = vl_fault_table_new (VL_TABLE (flight->memory));
  g_autoptr (VlLiveTable) live = bench_table_live (VL_TABLE (master), PAGE_SIZE);
  Crowd crowd = { .n_waiting = N_READERS };

  vl_fault_table_set_latency (master, LATENCY);
  for (guint i = 0; i < N_READERS; i++)
    vl_table_list_async (VL_TABLE (live), flight->query, NULL, one_read, &crowd);
  bench_turn_until (&crowd.done);
  g_assert_cmpuint (crowd.n_records, ==, N_READERS * PAGE_SIZE);

  return (double) vl_fault_table_get_n_reads (master);
}

static void
flight_check (gpointer data)
{
  g_assert_cmpfloat (count_reads (data, 1), ==, 1);
}

static const BenchCase flight_case = {
  .id = "10",
  .title = "1,000 concurrent cold reads of one key",
  .ours = { .what = "reads that the master sees", .measure = count_reads, .n = 1 },
  .bar = BENCH_EXACTLY,
  .limit = 1,
  .unit = "reads",
  .set_up = flight_set_up,
  .tear_down = flight_tear_down,
  .check = flight_check,
};

void
bench_add_flight (void)
{
  bench_add_case (&flight_case);
}
