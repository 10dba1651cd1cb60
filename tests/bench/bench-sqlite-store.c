/* bench-sqlite-store.c: pages into the cache on disk, and roots made stale there
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Stores: the peer upserts the same bytes under the same keys into one table
 * with a unique key, under the same pragmas, 256 in one transaction. Each round
 * stores other bytes than the one before, or SQLite would not write them.
 *
 * Invalidations: one root has a thousand times the pages of the other.
 */

#include "bench.h"

#include <string.h>

#include "bench-sqlite-peer.h"

#define N_PAGES   256
#define PAGE_SIZE 100
#define ROOT      "client@/srv/data/clients.db#client"

typedef struct
{
  char *folder;
  VlCache *cache;
  VlPage *pages[2][N_PAGES];
  char *keys[N_PAGES];
  guint64 lease;
  guint n_left;
  guint round;

  sqlite3 *db;
  sqlite3_stmt *upsert;
  GBytes *bytes[2][N_PAGES];
  guint peer_round;
} Store;

static VlPage *
make_page (VlSchema *schema, gint64 first, guint n_rows)
{
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (schema);

  for (gint64 id = first; id < first + n_rows; id++)
    {
      PeerClient client;

      peer_client (&client, id);
      vl_page_builder_append_int64 (builder, client.id);
      vl_page_builder_append_string (builder, client.name, -1);
      vl_page_builder_append_string (builder, client.email, -1);
      vl_page_builder_append_string (builder, client.city, -1);
      vl_page_builder_append_double (builder, client.balance);
      vl_page_builder_append_boolean (builder, client.active);
      vl_page_builder_end_row (builder);
    }

  return vl_page_builder_end (builder);
}

static void
stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  vl_cache_store_finish (VL_CACHE (source), result, &error);
  g_assert_no_error (error);
  --*(guint *) user_data;
}

static void
invalidated (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  vl_cache_invalidate_finish (VL_CACHE (source), result, &error);
  g_assert_no_error (error);
  --*(guint *) user_data;
}

static void
leased (GObject *source, GAsyncResult *result, gpointer user_data)
{
  vl_cache_get_lease_finish (VL_CACHE (source), result, user_data, NULL);
}

static guint64
get_lease (VlCache *cache, const char *root)
{
  guint64 lease = 0;

  vl_cache_get_lease_async (cache, root, NULL, leased, &lease);
  while (lease == 0)
    g_main_context_iteration (NULL, TRUE);

  return lease;
}

static VlCache *
make_cache (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "cache", NULL);

  return g_object_new (VL_TYPE_SQLITE_CACHE, "folder", path, "memory-bytes", (guint64) 0, NULL);
}

static void
open_peer (Store *self)
{
  g_autofree char *path = g_build_filename (self->folder, "peer.db", NULL);

  self->db = peer_open (path);
  peer_exec (self->db, "PRAGMA page_size = 16384; PRAGMA locking_mode = EXCLUSIVE; "
                       "PRAGMA cache_size = -65536; PRAGMA journal_mode = WAL; "
                       "PRAGMA wal_autocheckpoint = 256; PRAGMA synchronous = NORMAL; "
                       "PRAGMA secure_delete = OFF");
  peer_exec (self->db, "CREATE TABLE pages (id INTEGER PRIMARY KEY, root INTEGER NOT NULL, "
                       "key TEXT NOT NULL, data BLOB NOT NULL, UNIQUE (root, key))");
  self->upsert = peer_prepare (self->db,
                               "INSERT INTO pages (root, key, data) VALUES (1, ?, ?) "
                               "ON CONFLICT (root, key) DO UPDATE SET data = excluded.data");
}

static double
store_ours (gpointer data, guint n)
{
  Store *self = data;
  guint64 began = peer_now ();
  guint side = self->round++ % 2;

  self->n_left = N_PAGES;
  for (guint i = 0; i < N_PAGES; i++)
    vl_cache_store_async (self->cache, ROOT, self->keys[i], self->pages[side][i], self->lease, NULL,
                          stored, &self->n_left);
  peer_wait (&self->n_left);

  return n * peer_each (began, N_PAGES);
}

static double
store_peer (gpointer data, guint n)
{
  Store *self = data;
  guint64 began = peer_now ();
  guint side = self->peer_round++ % 2;

  peer_exec (self->db, "BEGIN IMMEDIATE");
  for (guint i = 0; i < N_PAGES; i++)
    {
      GBytes *bytes = self->bytes[side][i];

      sqlite3_bind_text (self->upsert, 1, self->keys[i], -1, SQLITE_STATIC);
      sqlite3_bind_blob (self->upsert, 2, g_bytes_get_data (bytes, NULL),
                         (int) g_bytes_get_size (bytes), SQLITE_STATIC);
      peer_done (self->upsert);
    }
  peer_exec (self->db, "COMMIT");

  return n * peer_each (began, N_PAGES);
}

typedef struct
{
  VlPage *page;
  gboolean is_fresh;
  guint n_left;
} Found;

static void
found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Found *self = user_data;
  guint64 lease;

  self->page = vl_cache_lookup_finish (VL_CACHE (source), result, &self->is_fresh, &lease, NULL);
  self->n_left = 0;
}

/* What one side has stored last is what the other has. */
static void
store_check (gpointer data)
{
  Store *self = data;
  sqlite3_stmt *select = peer_prepare (self->db,
                                       "SELECT data FROM pages WHERE root = 1 AND key = ?");

  for (guint i = 0; i < N_PAGES; i += 17)
    {
      Found result = { .n_left = 1 };
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GBytes) copy = NULL;

      vl_cache_lookup_async (self->cache, ROOT, self->keys[i], NULL, found, &result);
      peer_wait (&result.n_left);
      g_assert_true (result.is_fresh);
      bytes = vl_page_to_bytes (result.page);
      g_object_unref (result.page);
      sqlite3_bind_text (select, 1, self->keys[i], -1, SQLITE_STATIC);
      g_assert_cmpint (sqlite3_step (select), ==, SQLITE_ROW);
      copy = g_bytes_new (sqlite3_column_blob (select, 0),
                          (gsize) sqlite3_column_bytes (select, 0));
      sqlite3_reset (select);
      g_assert_true (g_bytes_equal (bytes, copy));
    }
  sqlite3_finalize (select);
}

static gpointer
store_set_up (void)
{
  Store *self = g_new0 (Store, 1);
  g_autoptr (VlSchema) schema = peer_schema ();

  self->folder = peer_folder_new ();
  self->cache = make_cache (self->folder);
  self->lease = get_lease (self->cache, ROOT);
  for (guint i = 0; i < N_PAGES; i++)
    {
      self->keys[i] = g_strdup_printf ("q/(\"city\" = \"Vilnius\") [\"name\", \"id\"]/100/%u", i);
      for (guint side = 0; side < 2; side++)
        {
          self->pages[side][i] = make_page (schema, i * PAGE_SIZE + 1 + side * 7, PAGE_SIZE);
          self->bytes[side][i] = vl_page_to_bytes (self->pages[side][i]);
        }
    }
  open_peer (self);
  store_ours (self, 1);
  store_peer (self, 1);

  return self;
}

static void
store_tear_down (gpointer data)
{
  Store *self = data;

  for (guint i = 0; i < N_PAGES; i++)
    {
      g_free (self->keys[i]);
      for (guint side = 0; side < 2; side++)
        {
          g_object_unref (self->pages[side][i]);
          g_bytes_unref (self->bytes[side][i]);
        }
    }
  sqlite3_finalize (self->upsert);
  sqlite3_close (self->db);
  g_clear_object (&self->cache);
  peer_folder_free (self->folder);
  g_free (self);
}

static const BenchCase store_case = {
  .id = "5",
  .title = "A store on disk, the content changing, against a raw upsert",
  .ours = { .what = "vl_cache_store_async() of 256 pages, until all have called back",
            .measure = store_ours,
            .n = N_PAGES },
  .peer = { .what = "256 upserts of the same bytes in one transaction",
            .measure = store_peer,
            .n = N_PAGES },
  .figure = "a page into the cache on disk",
  .bar = BENCH_AT_MOST,
  .limit = 1.3,
  .set_up = store_set_up,
  .tear_down = store_tear_down,
  .check = store_check,
  .when_missed = "Each store writes what is said about the page beside the page, and an index of "
                 "what was used when: a few trees more than the peer. Without the index the budget "
                 "could not be kept in small steps.",
};

/* Invalidating */

#define N_LARGE  100000
#define N_SMALL  100
#define N_TIMES  20
#define N_FLIGHT 1000

typedef struct
{
  char *folder;
  VlCache *cache;
  VlPage *page;
  guint n_left;
} Roots;

static void
fill_root (Roots *self, const char *root, guint n_pages)
{
  guint64 lease = get_lease (self->cache, root);

  for (guint i = 0; i < n_pages; i++)
    {
      g_autofree char *key = g_strdup_printf ("q//1/%u", i);

      self->n_left++;
      vl_cache_store_async (self->cache, root, key, self->page, lease, NULL, stored, &self->n_left);
      if (self->n_left == N_FLIGHT)
        peer_wait (&self->n_left);
    }
  peer_wait (&self->n_left);
}

static guint
n_large (void)
{
  return bench_is_quick () ? 10 * N_SMALL : N_LARGE;
}

static gpointer
roots_set_up (void)
{
  Roots *self = g_new0 (Roots, 1);
  g_autoptr (VlSchema) schema = peer_schema ();

  self->folder = peer_folder_new ();
  self->cache = make_cache (self->folder);
  self->page = make_page (schema, 1, 1);
  fill_root (self, "large", n_large ());
  fill_root (self, "small", N_SMALL);

  return self;
}

static void
roots_tear_down (gpointer data)
{
  Roots *self = data;

  g_clear_object (&self->page);
  g_clear_object (&self->cache);
  peer_folder_free (self->folder);
  g_free (self);
}

/* Each time something fresh is there to be made stale. */
static double
invalidate (Roots *self, const char *root)
{
  double each = 0;

  for (guint i = 0; i < N_TIMES; i++)
    {
      guint64 began;

      fill_root (self, root, 1);
      began = peer_now ();
      self->n_left = 1;
      vl_cache_invalidate_async (self->cache, root, NULL, invalidated, &self->n_left);
      peer_wait (&self->n_left);
      each += peer_each (began, N_TIMES);
    }

  return each;
}

static void
roots_check (gpointer data)
{
  static const char *const roots[] = { "large", "small" };
  Roots *self = data;

  g_assert_cmpuint (vl_sqlite_cache_get_n_pages (VL_SQLITE_CACHE (self->cache)), ==,
                    n_large () + N_SMALL);
  for (guint i = 0; i < G_N_ELEMENTS (roots); i++)
    {
      Found result = { .n_left = 1 };

      invalidate (self, roots[i]);
      vl_cache_lookup_async (self->cache, roots[i], "q//1/0", NULL, found, &result);
      peer_wait (&result.n_left);
      g_assert_nonnull (result.page);
      g_assert_false (result.is_fresh);
      g_object_unref (result.page);
    }
}

static double
invalidate_large (gpointer data, guint n)
{
  return n * invalidate (data, "large");
}

static double
invalidate_small (gpointer data, guint n)
{
  return n * invalidate (data, "small");
}

static const BenchCase invalidate_case = {
  .id = "6-disk",
  .title = "Invalidating a root with 100,000 pages on disk against one with 100",
  .ours = { .what = "vl_cache_invalidate_async() of 100,000 pages, one of them fresh",
            .measure = invalidate_large,
            .n = N_TIMES },
  .peer = { .what = "the same of 100 pages", .measure = invalidate_small, .n = N_TIMES },
  .bar = BENCH_AT_MOST,
  .limit = 2,
  .set_up = roots_set_up,
  .tear_down = roots_tear_down,
  .check = roots_check,
  .note = "Nearly all of it is the wait for the disk.",
};

void
bench_add_sqlite_store (void)
{
  bench_add_case (&store_case);
  bench_add_case (&invalidate_case);
}
