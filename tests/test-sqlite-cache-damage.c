/* test-sqlite-cache-damage.c: a cache whose file or disk is not what it was
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <sqlite3.h>

#include "cache-folder.h"

#include "vantage-live/base/vl-sqlite-private.h"

#define PAGE_SIZE 16384

/* What a file holds before it is damaged: fresh and stale pages of two roots,
 * small and large, some of them replaced. */
static void
fill_file (CacheFolder *folder)
{
  g_autoptr (VlSqliteCache) cache = vl_sqlite_cache_new (folder->path);

  for (guint i = 0; i < 8; i++)
    {
      g_autofree char *key = g_strdup_printf ("key-%u", i);
      g_autofree char *old = g_strdup_printf ("stale-%u", i);
      g_autofree char *text = g_strdup_printf ("fresh-%u", i);

      put (VL_CACHE (cache), "stale", key, old, 100);
      put (VL_CACHE (cache), "fresh", key, "replaced", 200);
      put (VL_CACHE (cache), "fresh", key, text, i == 3 ? 40000 : 1000);
    }
  cache_invalidate (VL_CACHE (cache), "stale");
}

/* Whatever there still is has to be what was put there. */
static void
check_contents (VlCache *cache)
{
  for (guint i = 0; i < 8; i++)
    {
      g_autofree char *key = g_strdup_printf ("key-%u", i);
      g_autofree char *stale = g_strdup_printf ("stale-%u", i);
      g_autofree char *fresh = g_strdup_printf ("fresh-%u", i);
      g_autofree char *found = NULL;
      g_autofree char *other = NULL;

      if (look (cache, "fresh", key, &found) != EXPECT_MISS)
        g_assert_cmpstr (found, ==, fresh);
      g_assert_cmpint (look (cache, "stale", key, &other), !=, EXPECT_FRESH);
      if (other != NULL)
        g_assert_cmpstr (other, ==, stale);
    }
}

/* It may be this that meets the damage, and then with a lease of before. */
static void
put_new (VlCache *cache)
{
  put (cache, "new", "key", "new", 10000);
  if (look (cache, "new", "key", NULL) != EXPECT_FRESH)
    put (cache, "new", "key", "new", 10000);
  expect (cache, "new", "key", EXPECT_FRESH);
}

/* The cache opens, serves nothing wrong, and works: before and after it is
 * opened again. Where pages are looked for in the wrong place it may be met the
 * second time only, or never, and what is there is not found, or not as fresh.
 * Returns how often it was warned. */
static int
check_damaged (CacheFolder *folder)
{
  g_autoptr (VlCache) cache = VL_CACHE (vl_sqlite_cache_new (folder->path));
  int n;

  check_contents (cache);
  put_new (cache);
  g_assert_false (vl_sqlite_cache_get_is_degraded (VL_SQLITE_CACHE (cache)));
  n = take_warnings ();
  g_assert_cmpint (n, <=, 1);
  g_assert_cmpint (cache_folder_count (folder, "aside-1") > 0, ==, n);
  g_clear_object (&cache);
  cache_folder_wait_free (folder);

  cache = VL_CACHE (vl_sqlite_cache_new (folder->path));
  check_contents (cache);
  if (look (cache, "new", "key", NULL) != EXPECT_FRESH)
    {
      g_assert_cmpint (n, ==, 0);
      put_new (cache);
    }
  n += take_warnings ();
  g_assert_cmpint (n, <=, 1);
  g_assert_cmpint (cache_folder_count (folder, "aside-1") > 0, ==, n);
  return n;
}

typedef struct
{
  char *data;
  gsize length;
} Contents;

static Contents
make_contents (void)
{
  g_auto (CacheFolder) folder = { 0 };
  Contents contents;

  cache_folder_init (&folder);
  fill_file (&folder);

  /* Opened again, it has been closed. */
  {
    g_autoptr (VlSqliteCache) cache = vl_sqlite_cache_new (folder.path);

    check_contents (VL_CACHE (cache));
    g_assert_cmpuint (vl_sqlite_cache_get_n_pages (cache), ==, 16);
  }
  {
    g_autoptr (VlSqliteCache) cache = vl_sqlite_cache_new (folder.path);
    g_autofree char *log = g_strconcat (folder.file, "-wal", NULL);

    cache_get_lease (VL_CACHE (cache), "a");
    g_clear_object (&cache);
    while (g_file_test (log, G_FILE_TEST_EXISTS))
      g_thread_yield ();
  }
  g_assert_true (g_file_get_contents (folder.file, &contents.data, &contents.length, NULL));
  g_assert_cmpuint (contents.length % PAGE_SIZE, ==, 0);
  return contents;
}

static int
check_with (const char *data, gsize length)
{
  g_auto (CacheFolder) folder = { 0 };

  cache_folder_init (&folder);
  g_assert_cmpint (g_mkdir (folder.path, 0700), ==, 0);
  g_assert_true (g_file_set_contents (folder.file, data, (gssize) length, NULL));
  return check_damaged (&folder);
}

static void
overwrite (char *page, guint pattern, const char *other)
{
  switch (pattern)
    {
    case 0:
      memset (page, 0, PAGE_SIZE);
      break;
    case 1:
      memset (page, 0xff, PAGE_SIZE);
      break;
    case 2:
      for (guint i = 0; i < PAGE_SIZE; i++)
        page[i] = (char) g_test_rand_int ();
      break;
    case 3:
      for (guint i = 0; i < 20; i++)
        page[g_test_rand_int_range (0, PAGE_SIZE)] ^= (char) (1 << g_test_rand_int_range (0, 7));
      break;
    case 4:
    default:
      memcpy (page, other, PAGE_SIZE);
      break;
    }
}

static void
test_pages (void)
{
  Contents contents = make_contents ();
  g_autofree char *data = contents.data;
  gsize n_pages = contents.length / PAGE_SIZE;
  guint n_noticed = 0;

  for (gsize i = 0; i < n_pages; i++)
    {
      for (guint pattern = 0; pattern < 5; pattern++)
        {
          g_autofree char *damaged = g_memdup2 (data, contents.length);
          gsize other = (gsize) g_test_rand_int_range (0, (gint32) n_pages);

          overwrite (damaged + i * PAGE_SIZE, pattern, data + other * PAGE_SIZE);
          n_noticed += (guint) check_with (damaged, contents.length);
        }
    }
  g_test_message ("%u of %u noticed", n_noticed, (guint) n_pages * 5);
  g_assert_cmpuint (n_noticed, >, n_pages * 2);
}

/* A page of an index in which one entry after the other says where another would
 * begin: what is looked for is looked for in the wrong half. */
static void
test_out_of_order (void)
{
  enum
  {
    LEAF_OF_INDEX = 0x0a,
    HEADER = 8,
  };
  Contents contents = make_contents ();
  g_autofree char *data = contents.data;
  guint n = 0;

  for (gsize i = 1; i < contents.length / PAGE_SIZE; i++)
    {
      const guint8 *page = (const guint8 *) data + i * PAGE_SIZE;
      guint n_entries = page[0] == LEAF_OF_INDEX ? page[3] * 256u + page[4] : 0;

      for (guint entry = 0; entry < n_entries; entry++, n++)
        {
          g_autofree char *damaged = g_memdup2 (data, contents.length);

          damaged[i * PAGE_SIZE + HEADER + 2 * entry + 1] ^= 4;
          check_with (damaged, contents.length);
        }
    }
  g_assert_cmpuint (n, >=, 2 * 16);
}

static void
test_truncated (void)
{
  Contents contents = make_contents ();
  g_autofree char *data = contents.data;

  /* Of the last page the end may be what nobody needs. */
  for (gsize length = 0; length < contents.length; length += 512)
    g_assert_cmpint (check_with (data, length), >=, length <= contents.length - PAGE_SIZE);
  g_assert_cmpint (check_with (data, contents.length), ==, 0);
}

static void
test_log (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_auto (CacheFolder) crashed = { 0 };
  g_autoptr (VlSqliteCache) cache = NULL;
  g_autofree char *log = NULL;
  g_autofree char *data = NULL;
  gsize length;

  /* What a crash leaves is in the log. */
  cache_folder_init (&folder);
  cache_folder_init (&crashed);
  fill_file (&folder);
  cache = vl_sqlite_cache_new (folder.path);
  put (VL_CACHE (cache), "fresh", "key-0", "fresh-0", 1000);
  cache_folder_copy (&folder, &crashed);
  log = g_strconcat (crashed.file, "-wal", NULL);
  g_assert_true (g_file_get_contents (log, &data, &length, NULL));
  g_assert_cmpuint (length, >, 2 * PAGE_SIZE);

  for (gsize offset = 0; offset < length; offset += 4096)
    {
      g_autofree char *damaged = g_memdup2 (data, length);
      g_auto (CacheFolder) copy = { 0 };
      g_autofree char *copied_log = NULL;

      cache_folder_init (&copy);
      cache_folder_copy (&crashed, &copy);
      copied_log = g_strconcat (copy.file, "-wal", NULL);
      memset (damaged + offset, 0x55, MIN (100, length - offset));
      g_assert_true (g_file_set_contents (copied_log, damaged, (gssize) length, NULL));
      check_damaged (&copy);
    }
}

static void
test_directory (void)
{
  g_auto (CacheFolder) folder = { 0 };

  cache_folder_init (&folder);
  g_assert_cmpint (g_mkdir_with_parents (folder.file, 0700), ==, 0);
  g_assert_cmpint (check_damaged (&folder), ==, 1);
}

static void
run_sql (const char *path, const char *sql)
{
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  if (sqlite3_exec (db, sql, NULL, NULL, NULL) != SQLITE_OK)
    g_error ("%s: %s", sqlite3_errmsg (db), sql);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

/* Changed with SQLite's own means: each is sound as a database. */
static void
test_changed (void)
{
  static const char *const changes[] = {
    "PRAGMA user_version = 99999999",
    "PRAGMA user_version = 0",
    "PRAGMA application_id = 1",
    "CREATE TABLE more (x)",
    "CREATE TRIGGER evil AFTER UPDATE ON state BEGIN DELETE FROM pages; END",
    "DROP INDEX entries_by_use",
    "DROP TABLE pages",
    "DELETE FROM state",
    "UPDATE state SET n_bytes = -1",
    "UPDATE roots SET generation = generation + 1",
    "UPDATE roots SET name = CASE name WHEN 'fresh' THEN 'stale' ELSE 'x' END",
    "UPDATE roots SET is_open = 1 - is_open",
    "UPDATE entries SET generation = (SELECT max (generation) FROM roots)",
    ("UPDATE entries SET key = 'key-' || (7 - substr (key, 5)) || 'x'; "
     "UPDATE entries SET key = substr (key, 1, 5)"),
    "UPDATE entries SET root = 10 + root; UPDATE entries SET root = 13 - root",
    "UPDATE pages SET data = (SELECT data FROM pages WHERE id = 2)",
    "UPDATE pages SET data = x''",
    "UPDATE pages SET data = 'text'",
    "UPDATE pages SET data = substr (data, 1, 50)",
  };
  Contents contents = make_contents ();
  g_autofree char *data = contents.data;

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_auto (CacheFolder) folder = { 0 };

      cache_folder_init (&folder);
      g_assert_cmpint (g_mkdir (folder.path, 0700), ==, 0);
      g_assert_true (g_file_set_contents (folder.file, data, (gssize) contents.length, NULL));
      run_sql (folder.file, changes[i]);
      g_test_message ("%s", changes[i]);
      g_assert_cmpint (check_damaged (&folder), ==, 1);
    }
}

static void
test_another_database (void)
{
  g_auto (CacheFolder) folder = { 0 };

  cache_folder_init (&folder);
  g_assert_cmpint (g_mkdir (folder.path, 0700), ==, 0);
  run_sql (folder.file, "PRAGMA journal_mode = WAL; CREATE TABLE mail (subject); "
                        "INSERT INTO mail VALUES ('precious')");
  g_assert_cmpint (check_damaged (&folder), ==, 1);
  g_assert_true (cache_folder_contains (&folder, "precious"));
}

/* Its header is that of a cache. */
static void
test_without_tables (void)
{
  g_auto (CacheFolder) folder = { 0 };
  Contents contents = make_contents ();
  g_autofree char *data = contents.data;

  cache_folder_init (&folder);
  g_assert_cmpint (g_mkdir (folder.path, 0700), ==, 0);
  g_assert_true (g_file_set_contents (folder.file, data, (gssize) contents.length, NULL));
  run_sql (folder.file, "DROP TABLE entries; DROP TABLE pages; DROP TABLE roots; DROP TABLE state");
  g_assert_cmpint (check_damaged (&folder), ==, 1);
}

/* What is set aside is what was there, to the last byte. */
static void
check_kept (const char *data, gsize length)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autofree char *aside = NULL;
  g_autofree char *kept = NULL;
  gsize kept_length;

  cache_folder_init (&folder);
  g_assert_cmpint (g_mkdir (folder.path, 0700), ==, 0);
  g_assert_true (g_file_set_contents (folder.file, data, (gssize) length, NULL));
  g_assert_cmpint (check_damaged (&folder), ==, 1);
  aside = g_strconcat (folder.file, ".aside-1", NULL);
  g_assert_true (g_file_get_contents (aside, &kept, &kept_length, NULL));
  g_assert_cmpmem (kept, kept_length, data, length);
}

static void
test_kept (void)
{
  static const char *const changes[] = {
    "PRAGMA user_version = 99999999",
    "PRAGMA application_id = 1; CREATE TABLE precious (x)",
  };
  Contents contents = make_contents ();
  g_autofree char *data = contents.data;

  check_kept ("", 0);
  check_kept ("a text", 6);
  check_kept (data, 100);
  check_kept (data, contents.length / 2);
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_auto (CacheFolder) folder = { 0 };
      g_autofree char *changed = NULL;
      gsize length;

      cache_folder_init (&folder);
      g_assert_cmpint (g_mkdir (folder.path, 0700), ==, 0);
      g_assert_true (g_file_set_contents (folder.file, data, (gssize) contents.length, NULL));
      run_sql (folder.file, changes[i]);
      g_assert_true (g_file_get_contents (folder.file, &changed, &length, NULL));
      check_kept (changed, length);
    }
}

/* However often it happens there are not more and more of them. */
static void
test_often (void)
{
  g_auto (CacheFolder) folder = { 0 };

  cache_folder_init (&folder);
  g_assert_cmpint (g_mkdir (folder.path, 0700), ==, 0);
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (VlCache) cache = NULL;

      g_assert_true (g_file_set_contents (folder.file, "nothing like it", -1, NULL));
      cache = VL_CACHE (vl_sqlite_cache_new (folder.path));
      put (cache, "a", "key", "text", 10);
      expect (cache, "a", "key", EXPECT_FRESH);
      g_assert_cmpint (take_warnings (), ==, 1);
      g_clear_object (&cache);
      cache_folder_wait_free (&folder);
    }
  g_assert_cmpuint (cache_folder_count (&folder, "aside"), ==, 16);
}

/* Something in the place of the files that come and go. */
static void
test_in_the_way (void)
{
  static const char *const names[] = { "lock", "cache.new", "cache.db-wal", "cache.db-shm",
                                       "cache.db-journal" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_auto (CacheFolder) folder = { 0 };
      g_autofree char *path = NULL;
      g_autoptr (VlCache) cache = NULL;

      cache_folder_init (&folder);
      path = g_build_filename (folder.path, names[i], "more", NULL);
      g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
      cache = VL_CACHE (vl_sqlite_cache_new (folder.path));
      put (cache, "a", "key", "text", 10);
      expect (cache, "a", "key", EXPECT_FRESH);
      g_assert_cmpint (take_warnings (), <=, 1);
      g_clear_object (&cache);
      cache_folder_wait_free (&folder);
      cache = VL_CACHE (vl_sqlite_cache_new (folder.path));
      put (cache, "a", "key", "text", 10);
      expect (cache, "a", "key", EXPECT_FRESH);
      g_assert_cmpint (take_warnings (), <=, 1);
    }
}

/* A log that has lost its database must not come back with the next one. */
static void
test_log_alone (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_auto (CacheFolder) copy = { 0 };
  g_autoptr (VlSqliteCache) cache = NULL;

  cache_folder_init (&folder);
  cache_folder_init (&copy);
  cache = vl_sqlite_cache_new (folder.path);
  put (VL_CACHE (cache), "fresh", "key-0", "fresh-0", 1000);
  cache_folder_copy (&folder, &copy);
  g_unlink (copy.file);
  g_assert_cmpint (check_damaged (&copy), ==, 1);
}

/* While it is in use. */
static void
test_under_the_hands (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_auto (CacheFolder) copy = { 0 };
  g_autoptr (VlCache) cache = NULL;
  g_autoptr (VlCache) later = NULL;
  g_autofree char *noise = g_strnfill (100, 'x');
  FILE *file;

  cache_folder_init (&folder);
  fill_file (&folder);
  cache = g_object_new (VL_TYPE_SQLITE_CACHE, "folder", folder.path, "memory-bytes", (guint64) 0,
                        NULL);
  cache_open (cache, "fresh");
  file = fopen (folder.file, "r+");
  for (guint i = 1; i < 12; i++)
    {
      fseek (file, (long) i * PAGE_SIZE, SEEK_SET);
      fwrite (noise, 1, 100, file);
    }
  fclose (file);
  check_contents (cache);
  put (cache, "new", "key", "new", 10);
  expect (cache, "new", "key", EXPECT_FRESH);
  g_assert_cmpint (take_warnings (), ==, 1);

  /* The mark is one of the new file: what comes now is not for those who come later. */
  put (cache, "fresh", "key", "text", 10);
  expect (cache, "fresh", "key", EXPECT_FRESH);
  g_assert_false (vl_sqlite_cache_get_is_degraded (VL_SQLITE_CACHE (cache)));
  cache_folder_init (&copy);
  cache_folder_copy (&folder, &copy);
  later = VL_CACHE (vl_sqlite_cache_new (copy.path));
  expect (later, "fresh", "key", EXPECT_STALE);
  expect (later, "new", "key", EXPECT_FRESH);
}

/* --- A disk that is full, or fails --- */

static guint max_file_pages;

static void
limit_pages (VlSqlite *sqlite, VlSqliteMode mode)
{
  g_autofree char *sql = g_strdup_printf ("PRAGMA max_page_count = %u", max_file_pages);

  sqlite3_exec (_vl_sqlite_get_db (sqlite), sql, NULL, NULL, NULL);
}

static void
count_notify (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  *(guint *) user_data += 1;
}

static void
test_full (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;
  guint n_notified = 0;
  guint64 lease;

  cache_folder_init (&folder);
  max_file_pages = 20;
  _vl_sqlite_set_opened_func (limit_pages);
  cache = VL_CACHE (vl_sqlite_cache_new (folder.path));
  g_signal_connect (cache, "notify::is-degraded", G_CALLBACK (count_notify), &n_notified);
  lease = cache_get_lease (cache, "a");
  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *key = g_strdup_printf ("key-%u", i);
      g_autoptr (VlPage) page = text_page ("text", 20000);

      if (i == 35)
        lease = cache_get_lease (cache, "a");
      cache_store (cache, "a", key, page, lease);
    }
  expect (cache, "a", "key-39", EXPECT_FRESH);
  g_assert_true (vl_sqlite_cache_get_is_degraded (VL_SQLITE_CACHE (cache)));
  g_assert_cmpint (take_warnings (), ==, 1);
  while (n_notified == 0)
    g_main_context_iteration (NULL, TRUE);

  /* A write of which the file could not be told: nothing in it may be fresh
   * for the next one, so it is gone. */
  cache_open (cache, "a");
  cache_invalidate (cache, "a");
  expect (cache, "a", "key-39", EXPECT_STALE);
  g_assert_cmpuint (cache_folder_count (&folder, "cache"), ==, 0);
  _vl_sqlite_set_opened_func (NULL);

  g_clear_object (&cache);
  cache_folder_wait_free (&folder);
  cache = VL_CACHE (vl_sqlite_cache_new (folder.path));
  expect (cache, "a", "key-0", EXPECT_MISS);
  put (cache, "a", "key", "text", 10);
  expect (cache, "a", "key", EXPECT_FRESH);
  g_assert_false (vl_sqlite_cache_get_is_degraded (VL_SQLITE_CACHE (cache)));
  g_assert_cmpint (take_warnings (), ==, 0);
}

/* From the first on: not even an empty file fits. */
static void
test_full_at_once (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;

  cache_folder_init (&folder);
  max_file_pages = 2;
  _vl_sqlite_set_opened_func (limit_pages);
  cache = VL_CACHE (vl_sqlite_cache_new (folder.path));
  put (cache, "a", "key", "text", 10);
  expect (cache, "a", "key", EXPECT_FRESH);
  g_assert_true (vl_sqlite_cache_get_is_degraded (VL_SQLITE_CACHE (cache)));
  g_assert_cmpint (take_warnings (), ==, 1);
  _vl_sqlite_set_opened_func (NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sqlite-cache/damage/any-page-overwritten", test_pages);
  g_test_add_func ("/sqlite-cache/damage/an-index-out-of-order", test_out_of_order);
  g_test_add_func ("/sqlite-cache/damage/truncated-anywhere", test_truncated);
  g_test_add_func ("/sqlite-cache/damage/in-the-log", test_log);
  g_test_add_func ("/sqlite-cache/damage/a-folder-in-its-place", test_directory);
  g_test_add_func ("/sqlite-cache/damage/changed-by-somebody", test_changed);
  g_test_add_func ("/sqlite-cache/damage/another-programs-database", test_another_database);
  g_test_add_func ("/sqlite-cache/damage/without-its-tables", test_without_tables);
  g_test_add_func ("/sqlite-cache/damage/what-is-set-aside-is-not-changed", test_kept);
  g_test_add_func ("/sqlite-cache/damage/again-and-again", test_often);
  g_test_add_func ("/sqlite-cache/damage/folders-in-the-way", test_in_the_way);
  g_test_add_func ("/sqlite-cache/damage/a-log-without-its-database", test_log_alone);
  g_test_add_func ("/sqlite-cache/damage/while-it-is-in-use", test_under_the_hands);

  g_test_add_func ("/sqlite-cache/disk/becomes-full", test_full);
  g_test_add_func ("/sqlite-cache/disk/is-full", test_full_at_once);

  return g_test_run ();
}
