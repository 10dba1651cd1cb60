/* bench-sqlite-hit.c: a page from the cache on disk
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The peer keeps the same bytes under the same keys in one table with a unique
 * key, under the same pragmas, and copies each blob into memory of its own:
 * 256 of them in one read transaction, or one at a time.
 */

#include "bench.h"

#include <string.h>

#include "../../vantage-live/live/vl-live-key-private.h"
#include "bench-sqlite-peer.h"

#define N_PAGES   256
#define PAGE_SIZE 100

typedef struct
{
  char *folder;
  VlLiveTable *live;
  VlQuery *queries[N_PAGES];
  VlPage *last; /* of our side */
  guint n_left;

  sqlite3 *db;
  sqlite3_stmt *select;
  char *keys[N_PAGES];
  GBytes *copy; /* of the peer */
} Hit;

static void
listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Hit *self = user_data;

  g_clear_object (&self->last);
  self->last = vl_table_list_finish (VL_TABLE (source), result, NULL);
  g_assert_true (vl_page_get_from_cache (self->last) && !vl_page_get_is_stale (self->last));
  self->n_left--;
}

static void
list (Hit *self, guint n)
{
  self->n_left++;
  vl_table_list_async (VL_TABLE (self->live), self->queries[n], NULL, listed, self);
}

/* Reads every page once, so that it is stored, and gives the peer its copy. */
static void
share_pages (Hit *self)
{
  sqlite3_stmt *insert;

  peer_exec (self->db, "PRAGMA page_size = 16384; PRAGMA locking_mode = EXCLUSIVE; "
                       "PRAGMA cache_size = -65536; PRAGMA journal_mode = WAL; "
                       "PRAGMA synchronous = NORMAL");
  peer_exec (self->db, "CREATE TABLE pages (id INTEGER PRIMARY KEY, root INTEGER NOT NULL, "
                       "key TEXT NOT NULL, data BLOB NOT NULL, UNIQUE (root, key))");
  insert = peer_prepare (self->db, "INSERT INTO pages (root, key, data) VALUES (1, ?, ?)");
  for (guint i = 0; i < N_PAGES; i++)
    {
      const VlSlot slot = { .kind = VL_SLOT_PAGE,
                            .query = self->queries[i],
                            .size = PAGE_SIZE,
                            .n = i };
      g_autoptr (VlPage)
        page = vl_table_list_sync (VL_TABLE (self->live), self->queries[i], NULL, NULL);
      g_autoptr (GBytes) bytes = vl_page_to_bytes (page);
      g_auto (VlSlotKey) key;

      _vl_slot_key_init (&key, &slot);
      self->keys[i] = g_strdup (key.text);
      sqlite3_bind_text (insert, 1, self->keys[i], -1, SQLITE_STATIC);
      sqlite3_bind_blob (insert, 2, g_bytes_get_data (bytes, NULL), (int) g_bytes_get_size (bytes),
                         SQLITE_STATIC);
      peer_done (insert);
    }
  sqlite3_finalize (insert);
  self->select = peer_prepare (self->db, "SELECT data FROM pages WHERE root = 1 AND key = ?");
}

static void
peer_read (Hit *self, guint n)
{
  sqlite3_bind_text (self->select, 1, self->keys[n], -1, SQLITE_STATIC);
  if (sqlite3_step (self->select) != SQLITE_ROW)
    g_error ("The peer has lost a page");
  g_clear_pointer (&self->copy, g_bytes_unref);
  self->copy = g_bytes_new (sqlite3_column_blob (self->select, 0),
                            (gsize) sqlite3_column_bytes (self->select, 0));
  sqlite3_reset (self->select);
}

static void
hit_check (gpointer data)
{
  Hit *self = data;

  for (guint i = 0; i < N_PAGES; i += 17)
    {
      g_autoptr (GBytes) ours = NULL;

      list (self, i);
      peer_wait (&self->n_left);
      ours = vl_page_to_bytes (self->last);
      peer_read (self, i);
      g_assert_true (g_bytes_equal (ours, self->copy));
    }
}

static gpointer
hit_set_up (void)
{
  Hit *self = g_new0 (Hit, 1);
  g_autoptr (VlTable) master = NULL;
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) ordered = vl_query_order_by (all, "id", FALSE);
  g_autoptr (VlCache) cache = NULL;
  g_autofree char *path = NULL;
  g_autofree char *cache_path = NULL;
  g_autofree char *master_path = NULL;

  self->folder = peer_folder_new ();
  path = g_build_filename (self->folder, "peer.db", NULL);
  cache_path = g_build_filename (self->folder, "cache", NULL);
  master_path = g_build_filename (self->folder, "clients.db", NULL);
  peer_make_clients (master_path, N_PAGES * PAGE_SIZE);
  master = VL_TABLE (vl_sqlite_table_new (master_path, "client"));
  cache = g_object_new (VL_TYPE_SQLITE_CACHE, "folder", cache_path, "memory-bytes", (guint64) 0,
                        NULL);
  self->live = vl_live_table_new (master, "client", cache);
  vl_live_table_set_page_size (self->live, PAGE_SIZE);
  for (guint i = 0; i < N_PAGES; i++)
    self->queries[i] = vl_query_window (ordered, i * PAGE_SIZE, PAGE_SIZE);
  self->db = peer_open (path);
  share_pages (self);

  return self;
}

static void
hit_tear_down (gpointer data)
{
  Hit *self = data;

  vl_live_table_close_sync (self->live, NULL, NULL);
  g_clear_object (&self->last);
  g_clear_object (&self->live);
  for (guint i = 0; i < N_PAGES; i++)
    {
      g_object_unref (self->queries[i]);
      g_free (self->keys[i]);
    }
  g_clear_pointer (&self->copy, g_bytes_unref);
  sqlite3_finalize (self->select);
  sqlite3_close (self->db);
  peer_folder_free (self->folder);
  g_free (self);
}

static double
hit_many (gpointer data, guint n)
{
  Hit *self = data;
  guint64 began = peer_now ();

  for (guint i = 0; i < N_PAGES; i++)
    list (self, i);
  peer_wait (&self->n_left);

  return n * peer_each (began, N_PAGES);
}

static double
hit_many_peer (gpointer data, guint n)
{
  Hit *self = data;
  guint64 began = peer_now ();

  peer_exec (self->db, "BEGIN");
  for (guint i = 0; i < N_PAGES; i++)
    peer_read (self, i);
  peer_exec (self->db, "COMMIT");

  return n * peer_each (began, N_PAGES);
}

static double
hit_one (gpointer data, guint n)
{
  Hit *self = data;
  guint64 began = peer_now ();

  for (guint i = 0; i < N_PAGES; i++)
    {
      list (self, i);
      peer_wait (&self->n_left);
    }

  return n * peer_each (began, N_PAGES);
}

static double
hit_one_peer (gpointer data, guint n)
{
  Hit *self = data;
  guint64 began = peer_now ();

  for (guint i = 0; i < N_PAGES; i++)
    peer_read (self, i);

  return n * peer_each (began, N_PAGES);
}

static const BenchCase hit_many_case = {
  .id = "4-many",
  .title = "A hit on disk, 256 in flight, against a raw read of the same bytes",
  .ours = { .what =
              "vl_table_list_async() of 256 pages, no memory in front, until all have called back",
            .measure = hit_many,
            .n = N_PAGES },
  .peer = { .what = "256 blobs by key in one read transaction, each copied",
            .measure = hit_many_peer,
            .n = N_PAGES },
  .figure = "a page from the cache on disk, 256 asked for at once",
  .bar = BENCH_AT_MOST,
  .limit = 1.6,
  .set_up = hit_set_up,
  .tear_down = hit_tear_down,
  .check = hit_check,
  .note = "We check each byte of a page before it is believed; the peer does not.",
  .when_missed =
    "The cache's thread copies a page once, where the peer does twice, but then goes "
    "through it for its checksum and for its shape, and searches three of SQLite's trees "
    "where the peer searches two: in instructions without the copies, 31,000 against "
    "8,000. The caller's thread does 25,000 beside it, 7,700 of which are the task's, so "
    "that two free processors are needed. A table in memory of where each page is would "
    "save two searches, a sixth of the first; pages that are looked at only where they "
    "are read would save most of the rest.",
};

static const BenchCase hit_one_case = {
  .id = "4-one",
  .title = "A hit on disk, one at a time, against a raw read of the same bytes",
  .ours = { .what = "vl_table_list_async() of a page, no memory in front, until it has called back",
            .measure = hit_one,
            .n = N_PAGES },
  .peer = { .what = "a blob by key, copied", .measure = hit_one_peer, .n = N_PAGES },
  .beside = { .what = "a hand-off to a thread that waits, and back",
              .measure = peer_hop,
              .n = 256 },
  .n_besides = 1,
  .bar = BENCH_AT_MOST,
  .limit = 1.5,
  .set_up = hit_set_up,
  .tear_down = hit_tear_down,
  .check = hit_check,
  .when_missed = "As with 256 in flight, and nothing is done at the same time here; how long a "
                 "hand-off takes depends on who else wants the processors.",
};

void
bench_add_sqlite_hit (void)
{
  bench_add_case (&hit_many_case);
  bench_add_case (&hit_one_case);
}
