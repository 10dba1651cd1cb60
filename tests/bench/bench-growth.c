/* bench-growth.c: how costs grow with the work, for the plot
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"

#include "bench-database.h"
#include "bench-table.h"

/* A hit, by rows a page */

static const guint page_sizes[] = { 1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 0 };

typedef struct
{
  VlMemoryTable *master;
  VlLiveTable *live;
  VlQuery *query;
  guint n_records; /* of each page peeked at, so that it is no dead code */
} Hit;

static gpointer
hit_set_up (guint size)
{
  Hit *hit = g_new0 (Hit, 1);
  g_autoptr (VlPage) page = NULL;

  hit->master = bench_table_new (size);
  hit->live = bench_table_live (VL_TABLE (hit->master), size);
  hit->query = bench_table_query (0, size);
  page = bench_table_list (hit->live, hit->query);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, size);

  return hit;
}

static void
hit_run (gpointer data, guint n)
{
  Hit *hit = data;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (VlPage) page = vl_live_table_peek_page (hit->live, hit->query);

      hit->n_records += vl_page_get_n_records (page);
    }
}

static void
hit_tear_down (gpointer data)
{
  Hit *hit = data;

  g_object_unref (hit->query);
  g_object_unref (hit->live);
  g_object_unref (hit->master);
  g_free (hit);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static const BenchSeries hit_series = {
  .is_alone = TRUE,
  .name = "a hit",
  .size = "rows a page",
  .sizes = page_sizes,
  .set_up = hit_set_up,
  .run = hit_run,
  .tear_down = hit_tear_down,
};

/* A store, by rows a page */

#define ROOT "products/plot"

/* So many keys, and so many stores under way at a time. */
#define N_KEYS 64

typedef struct
{
  VlCache *cache;
  VlPage *pages[2]; /* in turn: what is stored has to change */
  guint n_rounds;
  guint n_under_way;
  guint64 lease;
  gboolean is_done;
} Store;

static Store *
store_new (VlCache *cache, guint size)
{
  Store *store = g_new0 (Store, 1);

  store->cache = cache;
  store->pages[0] = bench_table_page (0, size);
  store->pages[1] = bench_table_page (size, size);

  return store;
}

static void
leased (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Store *store = user_data;

  g_assert (vl_cache_get_lease_finish (VL_CACHE (source), result, &store->lease, NULL));
  store->is_done = TRUE;
}

static void
store_get_lease (Store *store)
{
  store->is_done = FALSE;
  vl_cache_get_lease_async (store->cache, ROOT, NULL, leased, store);
  bench_turn_until (&store->is_done);
}

static gpointer
store_set_up (guint size)
{
  Store *store = store_new (VL_CACHE (vl_memory_cache_new (G_GUINT64_CONSTANT (1) << 30)), size);

  store_get_lease (store);
  return store;
}

static gpointer
disk_store_set_up (guint size)
{
  g_autofree char *name = g_strdup_printf ("plot-cache-%u", size);
  g_autofree char *folder = bench_temp_path (name);
  VlSqliteCache *cache = vl_sqlite_cache_new (folder);
  Store *store = store_new (VL_CACHE (cache), size);

  vl_sqlite_cache_set_max_bytes (cache, G_GUINT64_CONSTANT (1) << 30);
  store_get_lease (store);
  return store;
}

static void
stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Store *store = user_data;

  g_assert (vl_cache_store_finish (VL_CACHE (source), result, NULL));
  store->is_done = --store->n_under_way == 0;
}

static void
store_run (gpointer data, guint n)
{
  Store *store = data;

  for (guint i = 0; i < n; i++)
    {
      char key[32];

      g_snprintf (key, sizeof key, "q/*/100/%u", i % N_KEYS);
      store->n_under_way++;
      store->is_done = FALSE;
      vl_cache_store_async (store->cache, ROOT, key, store->pages[store->n_rounds % 2],
                            store->lease, NULL, stored, store);
      if (i % N_KEYS == N_KEYS - 1 || i + 1 == n)
        {
          bench_turn_until (&store->is_done);
          store->n_rounds++;
        }
    }
}

static void
store_tear_down (gpointer data)
{
  Store *store = data;

  g_object_unref (store->cache);
  g_object_unref (store->pages[0]);
  g_object_unref (store->pages[1]);
  g_free (store);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static const BenchSeries store_series = {
  .is_alone = TRUE,
  .name = "a store in memory",
  .size = "rows a page",
  .sizes = page_sizes,
  .set_up = store_set_up,
  .run = store_run,
  .tear_down = store_tear_down,
};

static const BenchSeries disk_store_series = {
  .name = "a store on disk",
  .size = "rows a page",
  .sizes = page_sizes,
  .set_up = disk_store_set_up,
  .run = store_run,
  .tear_down = store_tear_down,
};

/* An invalidation, by pages a root */

#define OTHER_ROOT "products/other"
#define N_WARM     20

static const guint root_sizes[] = { 10, 100, 1000, 10000, 100000, 0 };
static const guint disk_root_sizes[] = { 10, 100, 1000, 10000, 0 };

typedef struct
{
  VlCache *cache;
  VlPage *page;
  guint size;
  guint64 lease;
  guint n_under_way;
  gboolean is_done;
} Forget;

static Forget *
forget_new (VlCache *cache, guint size)
{
  Forget *forget = g_new0 (Forget, 1);

  forget->cache = cache;
  forget->page = bench_table_page (0, 1);
  forget->size = size;

  return forget;
}

static gpointer
forget_set_up (guint size)
{
  return forget_new (VL_CACHE (vl_memory_cache_new (G_GUINT64_CONSTANT (1) << 30)), size);
}

static gpointer
disk_forget_set_up (guint size)
{
  g_autofree char *name = g_strdup_printf ("plot-roots-%u", size);
  g_autofree char *folder = bench_temp_path (name);

  return forget_new (VL_CACHE (vl_sqlite_cache_new (folder)), size);
}

static void
forget_leased (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Forget *forget = user_data;

  g_assert (vl_cache_get_lease_finish (VL_CACHE (source), result, &forget->lease, NULL));
  forget->is_done = TRUE;
}

static void
forget_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Forget *forget = user_data;

  g_assert (vl_cache_store_finish (VL_CACHE (source), result, NULL));
  forget->is_done = --forget->n_under_way == 0;
}

static void
forget_get_lease (Forget *forget, const char *root)
{
  forget->is_done = FALSE;
  vl_cache_get_lease_async (forget->cache, root, NULL, forget_leased, forget);
  bench_turn_until (&forget->is_done);
}

static void
forget_fill (Forget *forget, const char *root, guint n_pages)
{
  forget_get_lease (forget, root);
  forget->is_done = FALSE;
  forget->n_under_way = n_pages;
  for (guint i = 0; i < n_pages; i++)
    {
      char key[32];

      g_snprintf (key, sizeof key, "q/*/100/%u", i);
      vl_cache_store_async (forget->cache, root, key, forget->page, forget->lease, NULL,
                            forget_stored, forget);
    }
  bench_turn_until (&forget->is_done);
}

static void
forgotten (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Forget *forget = user_data;

  g_assert (vl_cache_invalidate_finish (VL_CACHE (source), result, NULL));
  forget->is_done = TRUE;
}

static void
forget_root (Forget *forget, const char *root)
{
  forget->is_done = FALSE;
  vl_cache_invalidate_async (forget->cache, root, NULL, forgotten, forget);
  bench_turn_until (&forget->is_done);
}

/* All pages of the root are fresh again; and so that its size does not tell by
 * what it pushed out of the processor's caches, another one is forgotten some
 * times. */
static void
forget_prepare (gpointer data, guint n)
{
  Forget *forget = data;

  forget_fill (forget, ROOT, forget->size);
  for (guint i = 0; i < N_WARM; i++)
    {
      forget_fill (forget, OTHER_ROOT, 1);
      forget_root (forget, OTHER_ROOT);
    }
}

static void
forget_run (gpointer data, guint n)
{
  forget_root (data, ROOT);
}

static void
forget_tear_down (gpointer data)
{
  Forget *forget = data;

  g_object_unref (forget->cache);
  g_object_unref (forget->page);
  g_free (forget);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static const BenchSeries forget_series = {
  .name = "an invalidation in memory",
  .size = "pages a root",
  .sizes = root_sizes,
  .set_up = forget_set_up,
  .prepare = forget_prepare,
  .run = forget_run,
  .n = 1,
  .tear_down = forget_tear_down,
};

static const BenchSeries disk_forget_series = {
  .name = "an invalidation on disk",
  .size = "pages a root",
  .sizes = disk_root_sizes,
  .set_up = disk_forget_set_up,
  .prepare = forget_prepare,
  .run = forget_run,
  .n = 1,
  .tear_down = forget_tear_down,
};

/* A walk, by rows a table */

#define WALK_PAGE_SIZE 100

static const guint table_sizes[] = { 100, 1000, 10000, 100000, 1000000, 0 };

typedef struct
{
  char *path;
  VlSqliteTable *master;
  VlLiveTable *live;
  guint size;
  guint n_records;
  gboolean is_done;
} Walk;

static gpointer
walk_set_up (guint size)
{
  Walk *walk = g_new0 (Walk, 1);
  g_autofree char *name = g_strdup_printf ("walk-%u.db", size);
  g_autoptr (VlCache) cache = VL_CACHE (vl_null_cache_new ());

  walk->path = bench_temp_path (name);
  walk->size = size;
  bench_database_make (walk->path, size);
  walk->master = vl_sqlite_table_new (walk->path, "products");
  walk->live = vl_live_table_new (VL_TABLE (walk->master), "walk", cache);

  return walk;
}

static void
walked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Walk *walk = user_data;
  g_autoptr (VlPage) page = vl_table_list_finish (VL_TABLE (source), result, NULL);

  g_assert_nonnull (page);
  walk->n_records += vl_page_get_n_records (page);
  walk->is_done = TRUE;
}

static void
walk_run (gpointer data, guint n)
{
  Walk *walk = data;
  g_autoptr (VlQuery) all = vl_query_new ();

  for (guint i = 0; i < n; i++)
    {
      walk->n_records = 0;
      for (guint at = 0; at < walk->size; at += WALK_PAGE_SIZE)
        {
          g_autoptr (VlQuery) query = vl_query_window (all, at, WALK_PAGE_SIZE);

          walk->is_done = FALSE;
          vl_table_list_async (VL_TABLE (walk->live), query, NULL, walked, walk);
          bench_turn_until (&walk->is_done);
        }
      g_assert_cmpuint (walk->n_records, ==, walk->size);
    }
}

static void
walk_tear_down (gpointer data)
{
  Walk *walk = data;

  g_object_unref (walk->live);
  g_object_unref (walk->master);
  g_free (walk->path);
  g_free (walk);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static const BenchSeries walk_series = {
  .name = "a walk over SQLite",
  .size = "rows a table",
  .sizes = table_sizes,
  .set_up = walk_set_up,
  .run = walk_run,
  .tear_down = walk_tear_down,
};

void
bench_add_growth (void)
{
  bench_add_series (&hit_series);
  bench_add_series (&store_series);
  bench_add_series (&disk_store_series);
  bench_add_series (&forget_series);
  bench_add_series (&disk_forget_series);
  bench_add_series (&walk_series);
}
