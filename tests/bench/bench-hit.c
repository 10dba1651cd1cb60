/* bench-hit.c: what a hit costs
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"

#include <string.h>

#include "bench-table.h"
#include "vantage-live/live/vl-live-key-private.h"

#define PAGE_SIZE     100
#define BIG_PAGE_SIZE 10000

/* Pages that are cached beside the one that is looked for. */
#define N_PAGES 10

/* Queries that are built before they are used. */
#define N_QUERIES 500

typedef struct
{
  VlMemoryTable *master;
  VlLiveTable *live; /* pages of PAGE_SIZE */
  VlLiveTable *big;  /* pages of BIG_PAGE_SIZE */
  VlQuery *query;    /* the fifth page */
  VlQuery *big_query;
  char *key;         /* what the cache calls that page */
  GHashTable *pages; /* the peer: such a key to a page */
  VlPage *page;
  GPtrArray *queries; /* equal ones, made for one round */
} Hit;

/* A class of which no instance can be smaller. */
typedef GObject BenchEmpty;
typedef GObjectClass BenchEmptyClass;

static GType bench_empty_get_type (void);
G_DEFINE_FINAL_TYPE (BenchEmpty, bench_empty, G_TYPE_OBJECT)

static void
bench_empty_class_init (BenchEmptyClass *klass)
{
}

static void
bench_empty_init (BenchEmpty *self)
{
}

static guint
big_page_size (void)
{
  return bench_is_quick () ? 2 * N_PAGES * PAGE_SIZE : BIG_PAGE_SIZE;
}

static char *
page_key (VlQuery *query, guint64 n)
{
  const VlSlot slot = { .kind = VL_SLOT_PAGE, .query = query, .size = PAGE_SIZE, .n = n };

  g_auto (VlSlotKey) key;

  _vl_slot_key_init (&key, &slot);
  return g_strdup (key.text);
}

static gpointer
hit_set_up (void)
{
  Hit *hit = g_new0 (Hit, 1);

  hit->master = bench_table_new (N_PAGES * PAGE_SIZE);
  hit->live = bench_table_live (VL_TABLE (hit->master), PAGE_SIZE);
  hit->pages = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  for (guint i = 0; i < N_PAGES; i++)
    {
      g_autoptr (VlQuery) query = bench_table_query (i * PAGE_SIZE, PAGE_SIZE);

      g_hash_table_insert (hit->pages, page_key (query, i), bench_table_list (hit->live, query));
    }
  hit->query = bench_table_query (5 * PAGE_SIZE, PAGE_SIZE);
  hit->key = page_key (hit->query, 5);
  hit->page = vl_live_table_peek_page (hit->live, hit->query);

  return hit;
}

static gpointer
two_sizes_set_up (void)
{
  Hit *hit = g_new0 (Hit, 1);
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlPage) big_page = NULL;

  hit->master = bench_table_new (big_page_size ());
  hit->live = bench_table_live (VL_TABLE (hit->master), PAGE_SIZE);
  hit->big = bench_table_live (VL_TABLE (hit->master), big_page_size ());
  hit->query = bench_table_query (0, PAGE_SIZE);
  hit->big_query = bench_table_query (0, big_page_size ());
  page = bench_table_list (hit->live, hit->query);
  big_page = bench_table_list (hit->big, hit->big_query);

  return hit;
}

static void
hit_tear_down (gpointer data)
{
  Hit *hit = data;

  g_clear_object (&hit->page);
  g_clear_object (&hit->live);
  g_clear_object (&hit->big);
  g_clear_object (&hit->master);
  g_clear_object (&hit->query);
  g_clear_object (&hit->big_query);
  g_clear_pointer (&hit->pages, g_hash_table_unref);
  g_clear_pointer (&hit->queries, g_ptr_array_unref);
  g_free (hit->key);
  g_free (hit);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
hit_check (gpointer data)
{
  Hit *hit = data;
  g_autoptr (VlPage) page = vl_live_table_peek_page (hit->live, hit->query);
  VlPage *peer = g_hash_table_lookup (hit->pages, hit->key);

  g_assert_nonnull (page);
  g_assert_nonnull (peer);
  g_assert_true (vl_page_get_from_cache (page));
  g_assert_false (vl_page_get_is_stale (page));
  g_assert_cmpuint (vl_page_get_n_records (page), ==, PAGE_SIZE);
  g_assert_cmpuint (vl_page_get_n_records (peer), ==, PAGE_SIZE);
  g_assert_cmpstr (vl_page_get_record_id (page, 7), ==, vl_page_get_record_id (peer, 7));
}

static void
two_sizes_check (gpointer data)
{
  Hit *hit = data;
  g_autoptr (VlPage) page = vl_live_table_peek_page (hit->live, hit->query);
  g_autoptr (VlPage) big_page = vl_live_table_peek_page (hit->big, hit->big_query);

  g_assert_cmpuint (vl_page_get_n_records (page), ==, PAGE_SIZE);
  g_assert_cmpuint (vl_page_get_n_records (big_page), ==, big_page_size ());
}

/* The sides */

static void
peek (gpointer data, guint n)
{
  Hit *hit = data;

  for (guint i = 0; i < n; i++)
    g_object_unref (vl_live_table_peek_page (hit->live, hit->query));
}

static void
peek_big (gpointer data, guint n)
{
  Hit *hit = data;

  for (guint i = 0; i < n; i++)
    g_object_unref (vl_live_table_peek_page (hit->big, hit->big_query));
}

static void
build_queries (gpointer data, guint n)
{
  Hit *hit = data;

  g_clear_pointer (&hit->queries, g_ptr_array_unref);
  hit->queries = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (hit->queries, bench_table_query (5 * PAGE_SIZE, PAGE_SIZE));
}

static void
peek_new_query (gpointer data, guint n)
{
  Hit *hit = data;

  for (guint i = 0; i < n; i++)
    g_object_unref (vl_live_table_peek_page (hit->live, g_ptr_array_index (hit->queries, i)));
}

static void
build_and_peek (gpointer data, guint n)
{
  Hit *hit = data;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (VlQuery) query = bench_table_query (5 * PAGE_SIZE, PAGE_SIZE);

      g_object_unref (vl_live_table_peek_page (hit->live, query));
    }
}

static void
six_objects (gpointer data, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      for (guint k = 0; k < 6; k++)
        g_object_unref (g_object_new (bench_empty_get_type (), NULL));
    }
}

static void
bare_lookup (gpointer data, guint n)
{
  Hit *hit = data;

  for (guint i = 0; i < n; i++)
    g_assert (g_hash_table_lookup (hit->pages, hit->key) != NULL);
}

static void
got_page (GObject *source, GAsyncResult *result, gpointer user_data)
{
  VlPage **page = user_data;

  *page = vl_table_list_finish ((VlTable *) source, result, NULL);
}

static void
list_hits (gpointer data, guint n)
{
  Hit *hit = data;
  VlTable *table = VL_TABLE (hit->live);

  for (guint i = 0; i < n; i++)
    {
      VlPage *page = NULL;

      vl_table_list_async (table, hit->query, NULL, got_page, &page);
      while (page == NULL)
        g_main_context_iteration (NULL, TRUE);
      g_object_unref (page);
    }
}

static void
got_pointer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  VlPage **page = user_data;

  *page = g_task_propagate_pointer (G_TASK (result), NULL);
}

static void
bare_tasks (gpointer data, guint n)
{
  Hit *hit = data;

  for (guint i = 0; i < n; i++)
    {
      VlPage *page = NULL;
      g_autoptr (GTask) task = g_task_new (hit->live, NULL, got_pointer, &page);

      g_task_return_pointer (task, g_object_ref (hit->page), g_object_unref);
      while (page == NULL)
        g_main_context_iteration (NULL, TRUE);
      g_object_unref (page);
    }
}

static const BenchCase peek_case = {
  .id = "1",
  .title = "A hit of a page of 100 rows, 2 conditions and 2 order keys",
  .ours = { .what = "vl_live_table_peek_page() and unref", .run = peek },
  .peer = { .what = "g_hash_table_lookup() of the same key string", .run = bare_lookup },
  .bar = BENCH_AT_MOST,
  .limit = 3,
  .n_instructions = 10000,
  .max_instructions = 800,
  .figure = "a cached page of 100 rows, at once",
  .is_alone = TRUE,
  .rounds = 31,
  .set_up = hit_set_up,
  .tear_down = hit_tear_down,
  .check = hit_check,
};

static const BenchCase new_query_case = {
  .id = "1-new-query",
  .title = "The same hit with an equal query that was never used before",
  .ours = { .what = "vl_live_table_peek_page() and unref, the query built before",
            .prepare = build_queries,
            .run = peek_new_query,
            .n = N_QUERIES },
  .peer = { .what = "g_hash_table_lookup() of the same key string", .run = bare_lookup },
  .bar = BENCH_AT_MOST,
  .limit = 10,
  .is_alone = TRUE,
  .rounds = 51,
  .set_up = hit_set_up,
  .tear_down = hit_tear_down,
  .check = hit_check,
};

static const BenchCase build_case = {
  .id = "1-build",
  .title = "Building that query, five steps, and the hit",
  .ours = { .what = "vl_query_new(), five steps, peek, unref of all", .run = build_and_peek },
  .peer = { .what = "six GObjects of an empty class, new and unref", .run = six_objects },
  .n_instructions = 2000,
  .note =
    "Each step is an object of its own. If building counted for the hit, the bar of 10 lookups "
    "would be far away, and no query that is an object a step could reach it: the bare objects "
    "alone take longer.",
  .is_alone = TRUE,
  .rounds = 31,
  .set_up = hit_set_up,
  .tear_down = hit_tear_down,
  .check = hit_check,
};

static const BenchCase size_case = {
  .id = "2",
  .title = "A hit of a page of 10,000 rows against one of 100",
  .ours = { .what = "peek of 10,000 rows", .run = peek_big },
  .peer = { .what = "peek of 100 rows", .run = peek },
  .bar = BENCH_AT_MOST,
  .limit = 1.2,
  .n_instructions = 10000,
  .is_alone = TRUE,
  .rounds = 31,
  .set_up = two_sizes_set_up,
  .tear_down = hit_tear_down,
  .check = two_sizes_check,
};

static const BenchCase async_case = {
  .id = "3",
  .title = "An asynchronous hit",
  .ours = { .what = "vl_table_list_async() and _finish()", .run = list_hits },
  .peer = { .what = "a bare GTask, returned and propagated", .run = bare_tasks },
  .bar = BENCH_AT_MOST,
  .limit = 1.3,
  .figure = "the same page, asynchronously",
  .n_instructions = 3000,
  .is_alone = TRUE,
  .rounds = 31,
  .set_up = hit_set_up,
  .tear_down = hit_tear_down,
  .check = hit_check,
};

void
bench_add_hits (void)
{
  bench_add_case (&peek_case);
  bench_add_case (&new_query_case);
  bench_add_case (&build_case);
  bench_add_case (&size_case);
  bench_add_case (&async_case);
}
