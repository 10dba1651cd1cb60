/* bench-table.h: the table that the benchmarks are about
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

/* Six columns: id (string), name (string), city (string), price (double),
 * stock (int64), listed (boolean). */
#define BENCH_N_COLUMNS 6

typedef struct
{
  char id[16];
  char name[32];
  const char *city;
  double price;
  gint64 stock;
  gboolean listed;
} BenchRow;

/* What is in row `number` of any table here. */
void bench_row (guint number, BenchRow *row);

VlSchema *bench_table_schema (void);
VlRecord *bench_table_record (guint number);

/* `n_rows` rows in memory, numbered from 0. */
VlMemoryTable *bench_table_new (guint n_rows);

/* Rows from `first` on, as a master would answer them. */
VlPage *bench_table_page (guint first, guint n_rows);

/* Two conditions, which all rows meet, and two keys of order; a new query at
 * each call. */
VlQuery *bench_table_query (guint64 offset, guint limit);

/* A live table over it, with a memory cache. */
VlLiveTable *bench_table_live (VlTable *master, guint page_size);

/* Lists it, so that it is cached; fails unless it can be. */
VlPage *bench_table_list (VlLiveTable *live, VlQuery *query);
