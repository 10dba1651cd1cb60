/* bench-memory.c: the cache in memory: what it keeps, and how it forgets
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"

#include <stdio.h>
#include <unistd.h>

#include "bench-table.h"
#include "vantage-live/cache/vl-cache-private.h"
#include "vantage-live/cache/vl-memory-cache-private.h"

/* Invalidation */

#define BIG_ROOT   "products/big"
#define SMALL_ROOT "products/small"
#define OTHER_ROOT "products/other"
#define N_SMALL    100
#define N_WARM     20

typedef struct
{
  VlMemoryCache *cache;
  VlPage *page;
} Roots;

static guint
n_big (void)
{
  return bench_is_quick () ? 1000 : 100000;
}

static gpointer
roots_set_up (void)
{
  Roots *roots = g_new0 (Roots, 1);

  roots->cache = vl_memory_cache_new (G_GUINT64_CONSTANT (1) << 30);
  roots->page = bench_table_page (0, 1);

  return roots;
}

static void
roots_tear_down (gpointer data)
{
  Roots *roots = data;

  g_object_unref (roots->cache);
  g_object_unref (roots->page);
  g_free (roots);
}

static void
fill_root (Roots *roots, const char *root, guint n_pages)
{
  guint64 lease = _vl_memory_cache_get_lease (roots->cache, root);
  char key[32];

  for (guint i = 0; i < n_pages; i++)
    {
      g_snprintf (key, sizeof key, "q/*/100/%u", i);
      _vl_memory_cache_put (roots->cache, root, key, roots->page, lease);
    }
}

static gboolean
is_fresh (Roots *roots, const char *root)
{
  g_autoptr (VlPage) page = _vl_memory_cache_find (roots->cache, root, "q/*/100/7");

  return page != NULL && !vl_page_get_is_stale (page);
}

static void
invalidated (VlAnswer *answer, gpointer user_data)
{
  g_assert (answer->error == NULL);
}

/* As the live table does it after a write. */
static void
invalidate (Roots *roots, const char *root)
{
  VlFlight *flight = _vl_cache_send_invalidate (VL_CACHE (roots->cache), root, 0, invalidated, NULL,
                                                NULL);

  g_assert (flight == NULL);
}

/* All pages of both roots are fresh; and so that their number does not tell by
 * what it pushed out of the processor's caches, another root is made stale some
 * times. */
static void
fill_roots (gpointer data, guint n)
{
  Roots *roots = data;

  fill_root (roots, BIG_ROOT, n_big ());
  fill_root (roots, SMALL_ROOT, N_SMALL);
  for (guint i = 0; i < N_WARM; i++)
    {
      fill_root (roots, OTHER_ROOT, N_SMALL);
      invalidate (roots, OTHER_ROOT);
    }
  g_assert_true (is_fresh (roots, BIG_ROOT));
  g_assert_true (is_fresh (roots, SMALL_ROOT));
}

static void
invalidate_big (gpointer data, guint n)
{
  invalidate (data, BIG_ROOT);
}

static void
invalidate_small (gpointer data, guint n)
{
  invalidate (data, SMALL_ROOT);
}

static void
roots_check (gpointer data)
{
  Roots *roots = data;

  fill_roots (roots, 1);
  g_assert_cmpuint (vl_memory_cache_get_n_pages (roots->cache), ==, n_big () + 2 * N_SMALL);
  invalidate_big (roots, 1);
  g_assert_false (is_fresh (roots, BIG_ROOT));
  g_assert_true (is_fresh (roots, SMALL_ROOT));
  invalidate_small (roots, 1);
  g_assert_false (is_fresh (roots, SMALL_ROOT));
}

static const BenchCase roots_case = {
  .id = "6-memory",
  .title = "Invalidating a root with 100,000 cached pages against one with 100, in memory",
  .ours = { .what = "100,000 pages become stale",
            .prepare = fill_roots,
            .run = invalidate_big,
            .n = 1 },
  .peer = { .what = "100 pages become stale",
            .prepare = fill_roots,
            .run = invalidate_small,
            .n = 1 },
  .bar = BENCH_AT_MOST,
  .limit = 2,
  .figure = "making 100,000 cached pages stale, in memory",
  .rounds = 31,
  .set_up = roots_set_up,
  .tear_down = roots_tear_down,
  .check = roots_check,
};

/* Residence */

#define ROWS_A_PAGE 100

static guint
n_rows (void)
{
  return bench_is_quick () ? 1000 : 200000;
}

static double
resident_bytes (void)
{
  long n_pages = 0;
  FILE *file = fopen ("/proc/self/statm", "r");

  g_assert_nonnull (file);
  g_assert_cmpint (fscanf (file, "%*s %ld", &n_pages), ==, 1);
  fclose (file);

  return (double) n_pages * (double) sysconf (_SC_PAGESIZE);
}

/* In a process that does nothing else. */
static double
keep_pages (gpointer data, guint n)
{
  g_autoptr (VlMemoryCache) cache = NULL;
  guint64 lease;
  double before;

  if (!bench_is_elsewhere ())
    return bench_measure_elsewhere ("11", "ours", n);

  cache = vl_memory_cache_new (G_GUINT64_CONSTANT (1) << 30);
  g_object_unref (bench_table_page (0, ROWS_A_PAGE));
  before = resident_bytes ();
  lease = _vl_memory_cache_get_lease (cache, BIG_ROOT);
  for (guint i = 0; i < n; i += ROWS_A_PAGE)
    {
      g_autoptr (VlPage) page = bench_table_page (i, ROWS_A_PAGE);
      g_autofree char *key = g_strdup_printf ("q/*/%u/%u", ROWS_A_PAGE, i / ROWS_A_PAGE);

      _vl_memory_cache_put (cache, BIG_ROOT, key, page, lease);
    }

  return resident_bytes () - before;
}

static GValue *
new_value (GType type)
{
  GValue *value = g_new0 (GValue, 1);

  return g_value_init (value, type);
}

static void
value_free (gpointer data)
{
  GValue *value = data;

  g_value_unset (value);
  g_free (value);
}

static GHashTable *
row_of_values (guint number)
{
  GHashTable *fields = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, value_free);
  GValue *id = new_value (G_TYPE_STRING);
  GValue *name = new_value (G_TYPE_STRING);
  GValue *city = new_value (G_TYPE_STRING);
  GValue *price = new_value (G_TYPE_DOUBLE);
  GValue *stock = new_value (G_TYPE_INT64);
  GValue *listed = new_value (G_TYPE_BOOLEAN);
  BenchRow row;

  bench_row (number, &row);
  g_value_set_string (id, row.id);
  g_value_set_string (name, row.name);
  g_value_set_string (city, row.city);
  g_value_set_double (price, row.price);
  g_value_set_int64 (stock, row.stock);
  g_value_set_boolean (listed, row.listed);
  /* The names are shared by all rows. */
  g_hash_table_insert (fields, (gpointer) "id", id);
  g_hash_table_insert (fields, (gpointer) "name", name);
  g_hash_table_insert (fields, (gpointer) "city", city);
  g_hash_table_insert (fields, (gpointer) "price", price);
  g_hash_table_insert (fields, (gpointer) "stock", stock);
  g_hash_table_insert (fields, (gpointer) "listed", listed);

  return fields;
}

static double
keep_values (gpointer data, guint n)
{
  g_autoptr (GPtrArray) rows = NULL;
  double before;

  if (!bench_is_elsewhere ())
    return bench_measure_elsewhere ("11", "peer", n);

  g_hash_table_unref (row_of_values (0));
  before = resident_bytes ();
  rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_hash_table_unref);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (rows, row_of_values (i));

  return resident_bytes () - before;
}

static void
residence_check (gpointer data)
{
  g_assert_cmpfloat (keep_pages (data, n_rows ()), >, 0);
  g_assert_cmpfloat (keep_values (data, n_rows ()), >, 0);
}

static const BenchCase residence_case = {
  .id = "11",
  .title = "Resident memory a cached row of 6 fields",
  .ours = { .what = "pages of 100 rows in a memory cache", .measure = keep_pages, .n = 200000 },
  .peer = { .what = "a GHashTable of GValues a row, the names shared",
            .measure = keep_values,
            .n = 200000 },
  .bar = BENCH_AT_MOST,
  .limit = 0.3,
  .figure = "a row in the cache in memory",
  .unit = "bytes",
  .note = "What the process grows by over 200,000 rows, each side in a process of its own.",
  .check = residence_check,
};

void
bench_add_memory (void)
{
  bench_add_case (&roots_case);
  bench_add_case (&residence_case);
}
