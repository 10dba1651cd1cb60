/* bench-sqlite-read.c: a miss over SQLite, and a walk over a million rows
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The peer prepares its statement once, goes on after the last key of the page
 * before, and reads each page in a transaction of its own, as a program does
 * whose user scrolls. For a miss it copies the cells into one buffer, for a
 * walk it looks at each of them where it is, and so do we.
 */

#include "bench.h"

#include <string.h>

#include "bench-sqlite-peer.h"

#define PAGE_SIZE 100
#define N_MISSES  200
#define N_ROWS    1000000
#define N_WALK    1000 /* pages a round of the walk */

/* How many pages a walk asks for ahead of the one it reads. */
#define AHEAD 4

typedef struct
{
  char *folder;
  VlLiveTable *live;
  VlQuery *ordered;
  VlQuery **queries; /* one a page */
  guint n_pages;
  guint n_left;
  VlPage *last;
  guint next; /* page to be asked for by a walk */
  guint end;
  guint64 sum;

  sqlite3 *db;
  sqlite3_stmt *select;
  char buffer[PAGE_SIZE * 128];
  gint64 peer_id;
  guint64 peer_sum;
} Read;

static Read *
read_new (gint64 n_rows, VlCache *cache)
{
  Read *self = g_new0 (Read, 1);
  g_autofree char *path = NULL;
  g_autoptr (VlTable) master = NULL;
  g_autoptr (VlQuery) all = vl_query_new ();

  self->folder = peer_folder_new ();
  path = g_build_filename (self->folder, "clients.db", NULL);
  peer_make_clients (path, n_rows);
  master = VL_TABLE (vl_sqlite_table_new (path, "client"));
  self->live = vl_live_table_new (master, "client", cache);
  vl_live_table_set_page_size (self->live, PAGE_SIZE);
  self->ordered = vl_query_order_by (all, "id", FALSE);
  self->n_pages = (guint) (n_rows / PAGE_SIZE);
  self->queries = g_new0 (VlQuery *, self->n_pages);
  for (guint i = 0; i < self->n_pages; i++)
    self->queries[i] = vl_query_window (self->ordered, (guint64) i * PAGE_SIZE, PAGE_SIZE);
  self->db = peer_open (path);
  self->select = peer_prepare (self->db, "SELECT " PEER_COLUMNS " FROM client WHERE id > ? "
                                         "ORDER BY id LIMIT 100");

  return self;
}

static void
read_tear_down (gpointer data)
{
  Read *self = data;

  vl_live_table_close_sync (self->live, NULL, NULL);
  g_clear_object (&self->last);
  g_clear_object (&self->live);
  for (guint i = 0; i < self->n_pages; i++)
    g_object_unref (self->queries[i]);
  g_free (self->queries);
  g_clear_object (&self->ordered);
  sqlite3_finalize (self->select);
  sqlite3_close (self->db);
  peer_folder_free (self->folder);
  g_free (self);
}

/* Misses */

static void
missed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Read *self = user_data;

  g_clear_object (&self->last);
  self->last = vl_table_list_finish (VL_TABLE (source), result, NULL);
  g_assert_cmpuint (vl_page_get_n_records (self->last), ==, PAGE_SIZE);
  g_assert_false (vl_page_get_from_cache (self->last));
  self->n_left--;
}

static double
miss_ours (gpointer data, guint n)
{
  Read *self = data;
  guint64 began;

  vl_live_table_clear (self->live);
  began = peer_now ();
  for (guint i = 0; i < N_MISSES; i++)
    {
      self->n_left = 1;
      vl_table_list_async (VL_TABLE (self->live), self->queries[i], NULL, missed, self);
      peer_wait (&self->n_left);
    }

  return n * peer_each (began, N_MISSES);
}

static void
copy_page (Read *self)
{
  char *end = self->buffer;

  sqlite3_bind_int64 (self->select, 1, self->peer_id);
  while (sqlite3_step (self->select) == SQLITE_ROW)
    {
      self->peer_id = sqlite3_column_int64 (self->select, 0);
      end = peer_copy_row (self->select, end);
    }
  sqlite3_reset (self->select);
}

static double
miss_peer (gpointer data, guint n)
{
  Read *self = data;
  guint64 began = peer_now ();

  self->peer_id = 0;
  for (guint i = 0; i < N_MISSES; i++)
    copy_page (self);

  return n * peer_each (began, N_MISSES);
}

static gpointer
miss_set_up (void)
{
  g_autoptr (VlCache) cache = VL_CACHE (vl_memory_cache_new (0));

  return read_new (N_MISSES * PAGE_SIZE, cache);
}

static void
miss_check (gpointer data)
{
  Read *self = data;
  const char *cell = self->buffer;

  miss_ours (self, 1);
  miss_peer (self, 1);
  g_assert_cmpint (self->peer_id, ==, N_MISSES * PAGE_SIZE);
  for (guint i = 0; i < PAGE_SIZE; i++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (self->last, i);
      gint64 id;

      memcpy (&id, cell, sizeof id);
      cell += sizeof id;
      g_assert_cmpint (vl_record_get_int64 (record, "id"), ==, id);
      g_assert_cmpstr (vl_record_get_string (record, "name"), ==, cell);
      cell += strlen (cell) + 1;
      g_assert_cmpstr (vl_record_get_string (record, "email"), ==, cell);
      cell += strlen (cell) + 1;
      g_assert_cmpstr (vl_record_get_string (record, "city"), ==, cell);
      cell += strlen (cell) + 1 + 2 * sizeof (gint64);
    }
}

static const BenchCase miss_case = {
  .id = "8",
  .title = "A miss over SQLite, end to end, against the raw query of the same rows",
  .ours = { .what = "vl_table_list_async() of a page of 100 rows that is not cached",
            .measure = miss_ours,
            .n = N_MISSES },
  .peer = { .what = "100 rows after the last key, each cell copied into one buffer",
            .measure = miss_peer,
            .n = N_MISSES },
  .beside = { .what = "a hand-off to a thread that waits, and back",
              .measure = peer_hop,
              .n = 256 },
  .n_besides = 1,
  .figure = "a page from SQLite that is not cached",
  .bar = BENCH_AT_MOST,
  .limit = 1.5,
  .set_up = miss_set_up,
  .tear_down = read_tear_down,
  .check = miss_check,
  .when_missed =
    "Counted in instructions the database's thread takes 1.15 of the peer (each text is "
    "checked to be UTF-8, the transaction looks whether somebody has changed the file) "
    "and the caller's thread a sixth, for the task, the fetch and the store. How long "
    "the hand-off takes depends on who else wants the processors. SQL text that is kept "
    "with its query would save a twentieth.",
};

/* Walks */

static gint64
n_rows (void)
{
  return bench_is_quick () ? N_WALK * PAGE_SIZE : N_ROWS;
}

static void walk_next (Read *self);

static void
walked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Read *self = user_data;
  g_autoptr (VlPage) page = vl_table_list_finish (VL_TABLE (source), result, NULL);
  guint n_records = vl_page_get_n_records (page);

  self->n_left--;
  walk_next (self);
  for (guint i = 0; i < n_records; i++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (page, i);

      self->sum += peer_sum_record (record);
    }
}

static void
walk_next (Read *self)
{
  if (self->next >= self->end)
    return;

  self->n_left++;
  vl_table_list_async (VL_TABLE (self->live), self->queries[self->next++], NULL, walked, self);
}

/* Each round goes on where the one before has ended, and starts anew at the end
 * of the table. */
static double
walk_ours (gpointer data, guint n)
{
  Read *self = data;
  guint64 began = peer_now ();

  if (self->end == self->n_pages)
    {
      self->next = self->end = 0;
      self->sum = 0;
    }
  self->end += N_WALK;
  for (guint i = 0; i < AHEAD; i++)
    walk_next (self);
  peer_wait (&self->n_left);

  return n * peer_each (began, N_WALK);
}

static void
sum_page (Read *self)
{
  sqlite3_bind_int64 (self->select, 1, self->peer_id);
  while (sqlite3_step (self->select) == SQLITE_ROW)
    {
      self->peer_id = sqlite3_column_int64 (self->select, 0);
      self->peer_sum += peer_sum_row (self->select);
    }
  sqlite3_reset (self->select);
}

static double
walk_peer (gpointer data, guint n)
{
  Read *self = data;
  guint64 began = peer_now ();

  if (self->peer_id == n_rows ())
    self->peer_id = self->peer_sum = 0;
  for (guint i = 0; i < N_WALK; i++)
    sum_page (self);

  return n * peer_each (began, N_WALK);
}

static gpointer
walk_set_up (void)
{
  g_autoptr (VlCache) cache = VL_CACHE (vl_memory_cache_new (0));

  return read_new (n_rows (), cache);
}

static void
walk_check (gpointer data)
{
  Read *self = data;

  do
    walk_ours (self, 1);
  while (self->end < self->n_pages);
  do
    walk_peer (self, 1);
  while (self->peer_id < n_rows ());
  g_assert_cmpuint (self->sum, ==, self->peer_sum);
}

static const BenchCase walk_case = {
  .id = "9-walk",
  .title = "A walk over a million rows in pages of 100, every cell read",
  .ours = { .what = "vl_table_list_async() page by page, four ahead, and 600 cells of each",
            .measure = walk_ours,
            .n = N_WALK },
  .peer = { .what = "100 rows after the last key, by one statement, and their cells",
            .measure = walk_peer,
            .n = N_WALK },
  .figure = "a page of a walk over a million rows",
  .bar = BENCH_AT_MOST,
  .limit = 2.5,
  .set_up = walk_set_up,
  .tear_down = read_tear_down,
  .check = walk_check,
  .note = "Pages are read on one thread while the one before is looked at on another.",
  .when_missed =
    "Two threads share the work, each about twice what the peer does: packing the rows "
    "on one, a record for each row and a name looked up for each cell on the other. It "
    "needs two free processors.",
};

/* Deep pages, after walk_check() has been everywhere. */

static double
read_at (Read *self, guint first)
{
  const guint n_pages = 20;
  guint64 began;

  vl_live_table_clear (self->live);
  began = peer_now ();
  for (guint i = 0; i < n_pages; i++)
    {
      self->n_left = 1;
      vl_table_list_async (VL_TABLE (self->live), self->queries[first + i], NULL, missed, self);
      peer_wait (&self->n_left);
    }

  return peer_each (began, n_pages);
}

static double
deep_ours (gpointer data, guint n)
{
  return n * read_at (data, (guint) (n_rows () / 10 * 9 / PAGE_SIZE));
}

static double
deep_peer (gpointer data, guint n)
{
  return n * read_at (data, 0);
}

static const BenchCase deep_case = {
  .id = "9-deep",
  .title = "The page at row 900,000, reached by walking, against the page at 0",
  .ours = { .what = "20 pages from row 900,000 on, none cached", .measure = deep_ours, .n = 20 },
  .peer = { .what = "20 pages from row 0 on, none cached", .measure = deep_peer, .n = 20 },
  .bar = BENCH_AT_MOST,
  .limit = 2,
  .set_up = walk_set_up,
  .tear_down = read_tear_down,
  .check = walk_check,
};

void
bench_add_sqlite_read (void)
{
  bench_add_case (&miss_case);
  bench_add_case (&walk_case);
  bench_add_case (&deep_case);
}
