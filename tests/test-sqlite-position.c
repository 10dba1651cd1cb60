/* test-sqlite-position.c: what is cached of an SQLite table from run to run
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A run of the program is a master, a cache on disk and a live table that are
 * made anew. What happens between two runs is done by others.
 */

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "cache-folder.h"
#include "sqlite-file.h"

#define POSITION "/sqlite-position/"

/* For a file without a log its times have to be older than this, microseconds. */
#define SETTLED (80 * 1000)

typedef struct
{
  CacheFolder folder;
  SqliteFile file;
  VlSqliteTable *master;
  VlSqliteCache *cache;
  VlLiveTable *live;
  VlLiveStream *stream;
} World;

static void
world_init (World *w, const char *journal)
{
  g_autofree char *sql = g_strdup_printf (
    "PRAGMA journal_mode = %s; CREATE TABLE things (id INTEGER PRIMARY KEY, n INTEGER);"
    "INSERT INTO things VALUES (1, 10); CREATE TABLE others (id INTEGER PRIMARY KEY)",
    journal);

  cache_folder_init (&w->folder);
  w->file.folder = g_strdup (w->folder.parent);
  w->file.path = g_build_filename (w->folder.parent, "things.db", NULL);
  sqlite_file_run (&w->file, sql);
}

static void
world_begin (World *w)
{
  cache_folder_wait_free (&w->folder);
  w->master = vl_sqlite_table_new (w->file.path, "things");
  w->cache = vl_sqlite_cache_new (w->folder.path);
  w->live = vl_live_table_new (VL_TABLE (w->master), "things", VL_CACHE (w->cache));
  w->stream = vl_table_get_stream (VL_TABLE (w->master));
}

/* Turns the loop until nothing of a run is left, so that its files are closed. */
static void
world_end (World *w)
{
  gpointer cache = w->cache;
  gpointer stream = w->stream;

  g_object_add_weak_pointer (cache, &cache);
  g_object_add_weak_pointer (stream, &stream);
  g_clear_object (&w->live);
  g_clear_object (&w->cache);
  g_clear_object (&w->master);
  g_clear_object (&w->stream);
  wait_until (cache == NULL && stream == NULL);
  cache_folder_wait_free (&w->folder);
}

static void
world_clear (World *w)
{
  if (w->live != NULL)
    world_end (w);
  g_clear_pointer (&w->file.path, g_free);
  g_clear_pointer (&w->file.folder, g_free);
  cache_folder_clear (&w->folder);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (World, world_clear)

static VlPage *
read_all (World *w)
{
  g_autoptr (GError) error = NULL;
  VlPage *page = vl_table_list_sync (VL_TABLE (w->live), NULL, NULL, &error);

  g_assert_no_error (error);

  return page;
}

/* One read of all, of so many rows, from the cache or not. */
#define assert_read(w, n, cached)                                 \
 G_STMT_START                                                     \
 {                                                                \
  g_autoptr (VlPage) read_ = read_all (w);                        \
  g_assert_cmpuint (vl_page_get_n_records (read_), ==, (n));      \
  g_assert_cmpint (vl_page_get_from_cache (read_), ==, (cached)); \
  g_assert_false (vl_page_get_is_stale (read_));                  \
 }                                                                \
 G_STMT_END

static gboolean
on_tick (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* What the cache has kept of the position, read behind its back. */
static char *
dup_kept (World *w)
{
  g_autofree char *identity = vl_table_get_identity (VL_TABLE (w->master));
  g_autofree char *escaped = g_uri_escape_string (identity, NULL, FALSE);
  g_autofree char *root = g_strconcat ("things@", escaped, NULL);
  gboolean fresh = FALSE;
  g_autoptr (VlPage) page = cache_lookup (VL_CACHE (w->cache), root, "position", &fresh, NULL);
  g_autoptr (VlRecord) record = NULL;

  if (page == NULL || !fresh)
    return NULL;
  record = vl_page_get_record (page, 0);

  return g_strdup (vl_record_get_string (record, "position"));
}

/* Waits until the stream has looked, and the cache knows another position than
 * the given one, or any. */
static char *
wait_for_kept (World *w, const char *other)
{
  guint tick = g_timeout_add (5, on_tick, NULL);
  char *kept;

  while ((kept = dup_kept (w)) == NULL || g_strcmp0 (kept, other) == 0)
    {
      g_free (kept);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (tick);

  return kept;
}

/* Until what is done to the file cannot be mistaken for what was done before. */
static void
let_settle (World *w)
{
  guint tick = g_timeout_add (1, on_tick, NULL);
  struct stat info;

  do
    {
      g_main_context_iteration (NULL, TRUE);
      g_assert_cmpint (stat (w->file.path, &info), ==, 0);
    }
  while (g_get_real_time () -
           ((gint64) info.st_ctim.tv_sec * G_USEC_PER_SEC + info.st_ctim.tv_nsec / 1000) <
         SETTLED);
  g_source_remove (tick);
}

/* A run that leaves a page of `n` rows behind, and where that was. */
static void
warm_run (World *w, guint n)
{
  g_autofree char *kept = NULL;

  g_autoptr (VlPage) page = NULL;

  let_settle (w);
  world_begin (w);
  /* Its first word is that something may have been missed, also between two reads. */
  wait_until (vl_live_stream_get_state (w->stream) == VL_LIVE_STREAM_STATE_LIVE);
  page = read_all (w);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, n);
  assert_read (w, n, TRUE);
  kept = wait_for_kept (w, NULL);
  world_end (w);
}

/* The read comes after the first word of the stream: how long that takes is not
 * what this is about. */
static void
second_run (World *w, guint n, gboolean cached)
{
  world_begin (w);
  wait_until (vl_live_stream_get_state (w->stream) == VL_LIVE_STREAM_STATE_LIVE);
  assert_read (w, n, cached);
  world_end (w);
}

/* Somebody else, who has the file open for a while. */
static sqlite3 *
open_file (World *w)
{
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open (w->file.path, &db), ==, SQLITE_OK);
  sqlite3_busy_timeout (db, 60000);

  return db;
}

static void
run_sql (sqlite3 *db, const char *sql)
{
  char *message = NULL;

  if (sqlite3_exec (db, sql, NULL, NULL, &message) != SQLITE_OK)
    g_error ("%s: %s", message, sql);
}

/* --- Nothing has happened --- */

static void
test_again (gconstpointer journal)
{
  g_auto (World) w = { 0 };

  world_init (&w, journal);
  warm_run (&w, 1);
  second_run (&w, 1, TRUE);
  second_run (&w, 1, TRUE);
}

/* Somebody has the log open all the time, and there is something in it. */
static void
test_again_with_log (void)
{
  g_auto (World) w = { 0 };
  sqlite3 *db;

  world_init (&w, "WAL");
  db = open_file (&w);
  run_sql (db, "INSERT INTO things VALUES (2, 20)");
  warm_run (&w, 2);
  second_run (&w, 2, TRUE);

  /* And on it goes. */
  run_sql (db, "INSERT INTO things VALUES (3, 30)");
  second_run (&w, 3, FALSE);
  second_run (&w, 3, TRUE);

  /* Into the file, and from the beginning of the log again. */
  run_sql (db, "PRAGMA wal_checkpoint (TRUNCATE)");
  run_sql (db, "INSERT INTO things VALUES (4, 40)");
  second_run (&w, 4, FALSE);
  sqlite3_close (db);
}

/* --- Others write --- */

static void
test_written (gconstpointer journal)
{
  g_auto (World) w = { 0 };

  world_init (&w, journal);
  warm_run (&w, 1);
  sqlite_file_run (&w.file, "INSERT INTO things VALUES (2, 20)");
  second_run (&w, 2, FALSE);
  warm_run (&w, 2);
  second_run (&w, 2, TRUE);
}

/* In the log, which nobody has come to put into the file. */
static void
test_written_to_log (void)
{
  g_auto (World) w = { 0 };
  sqlite3 *db;

  world_init (&w, "WAL");
  warm_run (&w, 1);
  db = open_file (&w);
  run_sql (db, "INSERT INTO things VALUES (2, 20)");
  second_run (&w, 2, FALSE);
  sqlite3_close (db);
}

static void
copy_file (const char *from, const char *to)
{
  g_autofree char *data = NULL;
  gsize length;
  g_autoptr (GError) error = NULL;
  int fd;

  g_file_get_contents (from, &data, &length, &error);
  g_assert_no_error (error);
  /* Into the file that is there, as cp does. */
  fd = g_open (to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, data, length), ==, (gssize) length);
  close (fd);
}

/* Another file, which counts the same, takes the place of the first one. */
static void
test_replaced (gconstpointer journal)
{
  g_auto (World) w = { 0 };
  g_autofree char *copy = NULL;
  g_autoptr (VlPage) page = NULL;
  SqliteFile other = { 0 };

  world_init (&w, journal);
  copy = g_strconcat (w.file.path, ".other", NULL);
  copy_file (w.file.path, copy);
  other.path = copy;
  sqlite_file_run (&w.file, "UPDATE things SET n = 11");
  sqlite_file_run (&other, "INSERT INTO things VALUES (2, 20)");
  warm_run (&w, 1);
  g_assert_cmpint (g_rename (copy, w.file.path), ==, 0);
  let_settle (&w);

  /* What describe then finds may overtake the read. */
  world_begin (&w);
  page = read_all (&w);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, 2);
  g_assert_false (vl_page_get_from_cache (page));
  world_end (&w);
}

/* A copy is put back, and somebody goes on from there as far as it was before. */
static void
test_restored (gconstpointer journal)
{
  g_auto (World) w = { 0 };
  g_autofree char *copy = NULL;

  world_init (&w, journal);
  copy = g_strconcat (w.file.path, ".backup", NULL);
  copy_file (w.file.path, copy);
  sqlite_file_run (&w.file, "UPDATE things SET n = 11");
  warm_run (&w, 1);

  copy_file (copy, w.file.path);
  let_settle (&w);
  second_run (&w, 1, FALSE);

  sqlite_file_run (&w.file, "UPDATE things SET n = 11");
  warm_run (&w, 1);
  copy_file (copy, w.file.path);
  sqlite_file_run (&w.file, "UPDATE things SET n = 12");
  let_settle (&w);
  second_run (&w, 1, FALSE);
}

/* A file that was written to just now has no position yet: in a log it has, and
 * one that is done with may be written to again in the same tick. */
static void
test_racy (void)
{
  g_auto (World) w = { 0 };

  world_init (&w, "WAL");
  for (guint i = 2; i < 12; i++)
    {
      g_autofree char *sql = g_strdup_printf ("INSERT INTO things VALUES (%u, 1)", i);

      sqlite_file_run (&w.file, sql);
      world_begin (&w);
      assert_read (&w, i, FALSE);
      world_end (&w);
    }
}

/* Between the moment when the live table is made and its first read. */
static void
test_race (gconstpointer journal)
{
  g_auto (World) w = { 0 };

  world_init (&w, journal);
  warm_run (&w, 1);
  world_begin (&w);
  sqlite_file_run (&w.file, "INSERT INTO things VALUES (2, 20)");
  assert_read (&w, 2, FALSE);
  world_end (&w);

  /* And after it was found to be good. */
  warm_run (&w, 2);
  world_begin (&w);
  assert_read (&w, 2, TRUE);
  sqlite_file_run (&w.file, "INSERT INTO things VALUES (3, 30)");
  world_end (&w);
  second_run (&w, 3, FALSE);
}

/* --- We write --- */

static void
insert (VlTable *table, const char *id)
{
  g_autoptr (VlRecord) record = vl_record_new (id, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = vl_table_insert_sync (table, record, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (stored);
}

static void
test_own_write (gconstpointer journal)
{
  g_auto (World) w = { 0 };
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  sqlite3 *db;

  world_init (&w, journal);
  /* A log goes with the last who has it open. */
  db = open_file (&w);
  run_sql (db, "SELECT * FROM things");
  warm_run (&w, 1);
  world_begin (&w);
  assert_read (&w, 1, TRUE);
  before = dup_kept (&w);
  g_assert_nonnull (before);
  insert (VL_TABLE (w.live), "2");
  assert_read (&w, 2, FALSE);
  after = wait_for_kept (&w, before);
  assert_read (&w, 2, TRUE);
  world_end (&w);
  second_run (&w, 2, TRUE);

  /* One that nobody had the time to keep the position of. */
  world_begin (&w);
  assert_read (&w, 2, TRUE);
  insert (VL_TABLE (w.live), "3");
  world_end (&w);
  second_run (&w, 3, FALSE);
  sqlite3_close (db);
}

/* To another table of the same file: no news, and the copies stay good. */
static void
test_write_beside (gconstpointer journal)
{
  g_auto (World) w = { 0 };
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (VlSqliteTable) others = NULL;
  sqlite3 *db;

  world_init (&w, journal);
  db = open_file (&w);
  run_sql (db, "SELECT * FROM things");
  warm_run (&w, 1);
  world_begin (&w);
  assert_read (&w, 1, TRUE);
  before = dup_kept (&w);
  others = vl_sqlite_table_new (w.file.path, "others");
  insert (VL_TABLE (others), "1");
  after = wait_for_kept (&w, before);
  assert_read (&w, 1, TRUE);
  g_clear_object (&others);
  world_end (&w);
  second_run (&w, 1, TRUE);
  sqlite3_close (db);
}

/* Past the live table, which nobody tells: the stream does, and where nothing is
 * kept after it there is nothing wrong. */
static void
test_write_past (gconstpointer journal)
{
  g_auto (World) w = { 0 };
  sqlite3 *db;
  guint tick = g_timeout_add (5, on_tick, NULL);

  world_init (&w, journal);
  db = open_file (&w);
  run_sql (db, "SELECT * FROM things");
  warm_run (&w, 1);
  world_begin (&w);
  assert_read (&w, 1, TRUE);
  insert (VL_TABLE (w.master), "2");
  world_end (&w);
  second_run (&w, 2, FALSE);

  world_begin (&w);
  insert (VL_TABLE (w.master), "3");
  for (;;)
    {
      g_autoptr (VlPage) page = read_all (&w);

      if (vl_page_get_n_records (page) == 3)
        break;
      g_main_context_iteration (NULL, TRUE);
    }
  world_end (&w);
  g_source_remove (tick);
  sqlite3_close (db);
}

/* --- There is no master --- */

static void
test_gone (void)
{
  g_auto (World) w = { 0 };
  g_autofree char *hidden = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlPage) copy = NULL;

  world_init (&w, "DELETE");
  warm_run (&w, 1);
  hidden = g_strconcat (w.file.path, ".hidden", NULL);
  g_assert_cmpint (g_rename (w.file.path, hidden), ==, 0);
  world_begin (&w);
  page = vl_table_list_sync (VL_TABLE (w.live), NULL, NULL, &error);
  g_assert_error (error, VL_ERROR, VL_ERROR_NOT_FOUND);
  vl_live_table_set_read_policy (w.live, VL_READ_POLICY_CACHE_ONLY);
  copy = read_all (&w);
  g_assert_cmpuint (vl_page_get_n_records (copy), ==, 1);
  g_assert_true (vl_page_get_is_stale (copy));
}

/* Locked by somebody else, from the start to the end. */
static void
test_locked (void)
{
  g_auto (World) w = { 0 };
  sqlite3 *db;
  g_autoptr (VlPage) page = NULL;

  world_init (&w, "DELETE");
  warm_run (&w, 1);
  db = open_file (&w);
  run_sql (db, "BEGIN EXCLUSIVE");
  world_begin (&w);
  g_object_set (w.master, "busy-timeout", 1, NULL);
  page = read_all (&w);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, 1);
  g_assert_true (vl_page_get_is_stale (page));
  run_sql (db, "ROLLBACK");
  sqlite3_close (db);
}

int
main (int argc, char *argv[])
{
  static const char *const journals[] = { "DELETE", "WAL" };
  static const struct
  {
    const char *name;
    GTestDataFunc func;
  } tests[] = {
    { "nothing-has-happened", test_again },
    { "another-has-written", test_written },
    { "another-file-is-there", test_replaced },
    { "a-copy-was-put-back", test_restored },
    { "another-writes-before-the-first-read", test_race },
    { "own-write", test_own_write },
    { "own-write-to-another-table", test_write_beside },
    { "own-write-past-the-live-table", test_write_past },
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    for (guint j = 0; j < G_N_ELEMENTS (journals); j++)
      {
        g_autofree char *path = g_strconcat (POSITION, tests[i].name, "/", journals[j], NULL);

        g_test_add_data_func (path, journals[j], tests[i].func);
      }
  g_test_add_func (POSITION "nothing-has-happened/log-in-use", test_again_with_log);
  g_test_add_func (POSITION "another-has-written/log-in-use", test_written_to_log);
  g_test_add_func (POSITION "another-writes-again-and-again", test_racy);
  g_test_add_func (POSITION "file-is-gone", test_gone);
  g_test_add_func (POSITION "file-is-locked", test_locked);

  return g_test_run ();
}
