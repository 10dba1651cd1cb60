/* test-sqlite-cache.c: a cache in a folder, and what it remembers
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <sys/stat.h>

#include "cache-folder.h"

static VlCache *
open_cache (CacheFolder *folder)
{
  return VL_CACHE (vl_sqlite_cache_new (folder->path));
}

/* Without memory in front, so that it is the file that answers. */
static VlCache *
open_file_cache (CacheFolder *folder)
{
  return g_object_new (VL_TYPE_SQLITE_CACHE, "folder", folder->path, "memory-bytes", (guint64) 0,
                       NULL);
}

static gboolean
is_degraded (VlCache *cache)
{
  cache_get_lease (cache, "any");
  return vl_sqlite_cache_get_is_degraded (VL_SQLITE_CACHE (cache));
}

/* --- Again --- */

static void
test_reopen (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;

  cache_folder_init (&folder);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *text = NULL;

      cache = open_cache (&folder);
      if (i > 0)
        {
          g_assert_cmpint (look (cache, "a", "key", &text), ==, EXPECT_FRESH);
          g_assert_cmpstr (text, ==, "kept");
          expect (cache, "b", "key", EXPECT_STALE);
          expect (cache, "c", "key", EXPECT_MISS);
          g_assert_cmpuint (vl_sqlite_cache_get_n_pages (VL_SQLITE_CACHE (cache)), ==, 2);
        }
      put (cache, "a", "key", "kept", 10);
      put (cache, "b", "key", "old", 10);
      put (cache, "c", "key", "gone", 10);
      cache_invalidate (cache, "b");
      cache_clear (cache, "c");
      g_clear_object (&cache);
    }
  g_assert_cmpint (take_warnings (), ==, 0);
}

/* What the process did not come to close is there as well. */
static void
test_crash (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_auto (CacheFolder) copy = { 0 };
  g_autoptr (VlCache) cache = NULL;
  g_autoptr (VlCache) later = NULL;

  cache_folder_init (&folder);
  cache_folder_init (&copy);
  cache = open_cache (&folder);
  put (cache, "quiet", "key", "quiet", 10);
  put (cache, "written", "key", "written", 10);
  put (cache, "done", "key", "done", 10);
  put (cache, "nothing", "key", "nothing", 10);
  cache_open (cache, "written");
  cache_open (cache, "done");
  cache_open (cache, "nothing");
  cache_invalidate (cache, "done");
  put (cache, "done", "key", "done again", 10);
  cache_close (cache, "nothing");
  cache_folder_copy (&folder, &copy);

  later = open_cache (&copy);
  expect (later, "quiet", "key", EXPECT_FRESH);
  expect (later, "written", "key", EXPECT_STALE);
  expect (later, "done", "key", EXPECT_FRESH);
  expect (later, "nothing", "key", EXPECT_FRESH);

  /* The mark has done its work. */
  put (later, "written", "key", "new", 10);
  g_clear_object (&later);
  later = open_cache (&copy);
  expect (later, "written", "key", EXPECT_FRESH);
  g_assert_cmpint (take_warnings (), ==, 0);
}

/* What is read while a root is marked is fresh for those who have it marked, and
 * for nobody who comes later, whether they come to close it or not. */
static void
test_store_while_open (gconstpointer data)
{
  VlCache *(*open_as_told) (CacheFolder *) = GPOINTER_TO_INT (data) ? open_cache : open_file_cache;
  g_auto (CacheFolder) folder = { 0 };
  g_auto (CacheFolder) copy = { 0 };
  g_autoptr (VlCache) cache = NULL;
  g_autoptr (VlCache) later = NULL;

  cache_folder_init (&folder);
  cache_folder_init (&copy);
  cache = open_as_told (&folder);
  put (cache, "a", "before", "before", 10);
  cache_open (cache, "a");
  put (cache, "a", "key", "read while written", 10);
  put (cache, "b", "key", "elsewhere", 10);
  expect (cache, "a", "before", EXPECT_FRESH);
  expect (cache, "a", "key", EXPECT_FRESH);
  expect (cache, "b", "key", EXPECT_FRESH);
  cache_folder_copy (&folder, &copy);
  later = open_as_told (&copy);
  expect (later, "a", "before", EXPECT_STALE);
  expect (later, "a", "key", EXPECT_STALE);
  expect (later, "b", "key", EXPECT_FRESH);

  cache_close (cache, "a");
  expect (cache, "a", "key", EXPECT_FRESH);
  g_clear_object (&cache);
  cache = open_as_told (&folder);
  expect (cache, "a", "before", EXPECT_FRESH);
  expect (cache, "a", "key", EXPECT_STALE);
  put (cache, "a", "key", "read afterwards", 10);
  expect (cache, "a", "key", EXPECT_FRESH);
  g_clear_object (&cache);
  cache = open_as_told (&folder);
  expect (cache, "a", "key", EXPECT_FRESH);
  g_assert_cmpint (take_warnings (), ==, 0);
}

static void
store_with (VlCache *cache, const char *key, const char *text, guint64 lease)
{
  g_autoptr (VlPage) page = text_page (text, 10);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  vl_cache_store_async (cache, "a", key, page, lease, NULL, keep_result, &result);
  vl_cache_store_finish (cache, wait_result (&result), &error);
  g_assert_no_error (error);
}

/* It is like what is fresh for all: what comes late does not replace it, and an
 * invalidation makes it stale, for good. */
static void
test_fresh_here (gconstpointer data)
{
  VlCache *(*open_as_told) (CacheFolder *) = GPOINTER_TO_INT (data) ? open_cache : open_file_cache;
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;
  g_autofree char *text = NULL;
  guint64 old;

  cache_folder_init (&folder);
  cache = open_as_told (&folder);
  put (cache, "a", "before", "before", 10);
  old = cache_get_lease (cache, "a");
  cache_invalidate (cache, "a");
  cache_open (cache, "a");
  store_with (cache, "key", "late", old);
  expect (cache, "a", "key", EXPECT_STALE);
  put (cache, "a", "key", "new", 10);
  store_with (cache, "key", "late", old);
  g_assert_cmpint (look (cache, "a", "key", &text), ==, EXPECT_FRESH);
  g_assert_cmpstr (text, ==, "new");

  cache_invalidate (cache, "a");
  expect (cache, "a", "key", EXPECT_STALE);
  cache_open (cache, "a");
  expect (cache, "a", "key", EXPECT_STALE);
  put (cache, "a", "other", "new", 10);
  expect (cache, "a", "key", EXPECT_STALE);
  cache_clear (cache, "a");
  expect (cache, "a", "other", EXPECT_MISS);
  g_assert_cmpint (take_warnings (), ==, 0);
}

static void
test_generations (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  guint64 last = 0;

  cache_folder_init (&folder);
  for (guint i = 0; i < 12; i++)
    {
      g_autoptr (VlCache) cache = open_cache (&folder);

      for (guint j = 0; j < 5; j++)
        {
          guint64 lease = cache_get_lease (cache, j % 2 == 0 ? "a" : "b");

          g_assert_cmpuint (lease, <, G_GUINT64_CONSTANT (1) << 53);
          if (j == 0)
            g_assert_cmpuint (lease, !=, last);
          last = lease;
          g_hash_table_add (seen, g_memdup2 (&lease, sizeof lease));
          put (cache, "a", "key", "text", 10);
          if (j % 2 == 0)
            cache_invalidate (cache, "a");
          else
            cache_clear (cache, "b");
        }
      if (i % 3 == 2)
        {
          /* Rebuilt, in one way or another. */
          g_clear_object (&cache);
          cache = open_cache (&folder);
          cache_get_lease (cache, "c");
          g_clear_object (&cache);
          g_assert_true (g_file_set_contents (folder.file, "nothing like it", -1, NULL));
        }
    }
  g_assert_cmpuint (g_hash_table_size (seen), >=, 12 * 3);
  take_warnings ();
}

static void
test_generations_differ (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  cache_folder_init (&folder);
  for (guint i = 0; i < 9; i++)
    {
      g_autoptr (VlCache) cache = open_cache (&folder);

      for (guint j = 0; j < 5; j++)
        {
          guint64 lease = cache_get_lease (cache, "a");

          g_assert_true (g_hash_table_add (seen, g_memdup2 (&lease, sizeof lease)));
          if (j % 2 == 0)
            cache_invalidate (cache, "a");
          else
            cache_clear (cache, NULL);
        }
      put (cache, "a", "key", "text", 10);
      if (i % 3 == 0)
        continue;

      /* The file is lost, or damaged. Closed first. */
      g_clear_object (&cache);
      cache = open_cache (&folder);
      cache_get_lease (cache, "b");
      if (i % 3 == 1)
        g_assert_true (g_file_set_contents (folder.file, "nothing like it", -1, NULL));
      else
        g_unlink (folder.file);
    }
  take_warnings ();
}

/* --- Room --- */

static void
wait_until_below (VlCache *cache, guint64 n_bytes)
{
  while (vl_sqlite_cache_get_n_bytes (VL_SQLITE_CACHE (cache)) > n_bytes)
    cache_get_lease (cache, "ask the file");
}

static void
fill (VlCache *cache, const char *root, guint first, guint n)
{
  for (guint i = first; i < first + n; i++)
    {
      g_autofree char *key = g_strdup_printf ("key-%u", i);

      put (cache, root, key, "text", 1000);
    }
}

static guint
count_kept (VlCache *cache, const char *root, guint first, guint n)
{
  guint n_kept = 0;

  for (guint i = first; i < first + n; i++)
    {
      g_autofree char *key = g_strdup_printf ("key-%u", i);

      n_kept += look (cache, root, key, NULL) != EXPECT_MISS;
    }
  return n_kept;
}

static void
test_oldest_go (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;
  guint64 all;

  cache_folder_init (&folder);
  cache = open_file_cache (&folder);
  fill (cache, "a", 0, 100);
  fill (cache, "b", 0, 100);
  all = vl_sqlite_cache_get_n_bytes (VL_SQLITE_CACHE (cache));
  g_assert_cmpuint (vl_sqlite_cache_get_n_pages (VL_SQLITE_CACHE (cache)), ==, 200);

  /* Those that were used are the youngest now. */
  g_assert_cmpuint (count_kept (cache, "a", 0, 20), ==, 20);
  put (cache, "b", "one more", "text", 10);
  vl_sqlite_cache_set_max_bytes (VL_SQLITE_CACHE (cache), all * 3 / 4);
  wait_until_below (cache, all * 3 / 4);
  g_assert_cmpuint (vl_sqlite_cache_get_n_pages (VL_SQLITE_CACHE (cache)), >=, 149);
  g_assert_cmpuint (count_kept (cache, "a", 0, 20), ==, 20);
  g_assert_cmpuint (count_kept (cache, "a", 20, 50), ==, 0);
  g_assert_cmpuint (count_kept (cache, "b", 0, 100), ==, 100);

  g_clear_object (&cache);
  cache = open_file_cache (&folder);
  g_assert_cmpuint (count_kept (cache, "b", 0, 100), ==, 100);
  g_assert_cmpuint (vl_sqlite_cache_get_n_bytes (VL_SQLITE_CACHE (cache)), <=, all * 3 / 4);
}

/* What only memory was asked for is used, too. */
static void
test_used_in_memory (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;
  guint64 all;

  cache_folder_init (&folder);
  cache = open_cache (&folder);
  fill (cache, "a", 0, 100);
  all = vl_sqlite_cache_get_n_bytes (VL_SQLITE_CACHE (cache));
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *key = g_strdup_printf ("key-%u", i);
      g_autoptr (VlPage) page = vl_cache_peek (cache, "a", key);

      g_assert_nonnull (page);
    }
  vl_sqlite_cache_set_max_bytes (VL_SQLITE_CACHE (cache), all / 2);
  wait_until_below (cache, all / 2);
  vl_sqlite_cache_set_memory_bytes (VL_SQLITE_CACHE (cache), 0);
  g_assert_cmpuint (count_kept (cache, "a", 0, 20), ==, 20);
  g_assert_cmpuint (count_kept (cache, "a", 20, 40), ==, 0);
}

/* If all is used, some go nevertheless. */
static void
test_all_used_in_memory (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;
  guint64 all;

  cache_folder_init (&folder);
  cache = open_cache (&folder);
  fill (cache, "a", 0, 200);
  all = vl_sqlite_cache_get_n_bytes (VL_SQLITE_CACHE (cache));
  g_assert_cmpuint (count_kept (cache, "a", 0, 200), ==, 200);
  vl_sqlite_cache_set_max_bytes (VL_SQLITE_CACHE (cache), all / 10);
  wait_until_below (cache, all / 10);
  g_assert_cmpuint (vl_sqlite_cache_get_n_pages (VL_SQLITE_CACHE (cache)), <=, 20);
}

static void
test_stale_go_first (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;
  guint64 all;

  cache_folder_init (&folder);
  cache = open_file_cache (&folder);
  fill (cache, "old", 0, 50);
  fill (cache, "stale", 0, 50);
  cache_invalidate (cache, "stale");
  all = vl_sqlite_cache_get_n_bytes (VL_SQLITE_CACHE (cache));
  vl_sqlite_cache_set_max_bytes (VL_SQLITE_CACHE (cache), all / 2 + all / 20);
  wait_until_below (cache, all / 2 + all / 20);
  g_assert_cmpuint (count_kept (cache, "old", 0, 50), ==, 50);
  g_assert_cmpuint (count_kept (cache, "stale", 0, 50), <=, 5);
  expect (cache, "old", "key-0", EXPECT_FRESH);
}

/* The pages that nobody finds fresh later go before the others do. */
static void
test_fresh_here_goes (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;
  guint64 all;

  cache_folder_init (&folder);
  cache = open_file_cache (&folder);
  fill (cache, "kept", 0, 50);
  cache_open (cache, "marked");
  fill (cache, "marked", 0, 50);
  all = vl_sqlite_cache_get_n_bytes (VL_SQLITE_CACHE (cache));
  vl_sqlite_cache_set_max_bytes (VL_SQLITE_CACHE (cache), all / 2 + all / 20);
  wait_until_below (cache, all / 2 + all / 20);
  g_assert_cmpuint (count_kept (cache, "kept", 0, 50), ==, 50);
  g_assert_cmpuint (count_kept (cache, "marked", 0, 50), <=, 5);
  g_assert_false (is_degraded (cache));
  g_assert_cmpint (take_warnings (), ==, 0);
}

static void
test_budget_holds (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;
  struct stat info;

  cache_folder_init (&folder);
  cache = g_object_new (VL_TYPE_SQLITE_CACHE, "folder", folder.path, "max-bytes", (guint64) 200000,
                        NULL);
  put (cache, "a", "too large", "text", 200001);
  expect (cache, "a", "too large", EXPECT_MISS);
  fill (cache, "a", 0, 1000);
  g_assert_cmpuint (vl_sqlite_cache_get_n_bytes (VL_SQLITE_CACHE (cache)), <=, 250000);
  wait_until_below (cache, 200000);
  g_assert_cmpuint (count_kept (cache, "a", 990, 10), ==, 10);
  g_clear_object (&cache);
  cache = open_cache (&folder);
  cache_get_lease (cache, "a");
  g_assert_cmpint (stat (folder.file, &info), ==, 0);
  g_assert_cmpint (info.st_size, <, 2000000);
}

static void
test_clear_erases (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;

  cache_folder_init (&folder);
  cache = open_cache (&folder);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *key = g_strdup_printf ("key-%u", i);

      put (cache, "secret-root", key, "secret-text", i * 1000);
      put (cache, "secret-root", key, "secret-text again", 10);
      put (cache, "other-root", key, "other-text", 1000);
    }
  g_clear_object (&cache);
  cache = open_cache (&folder);
  cache_get_lease (cache, "a");
  g_assert_true (cache_folder_contains (&folder, "secret-text"));
  cache_clear (cache, "secret-root");
  g_assert_false (cache_folder_contains (&folder, "secret-text"));
  g_assert_false (cache_folder_contains (&folder, "secret-root"));
  expect (cache, "other-root", "key-7", EXPECT_FRESH);
  cache_clear (cache, NULL);
  g_assert_false (cache_folder_contains (&folder, "other-text"));
  g_assert_false (cache_folder_contains (&folder, "other-root"));
  g_assert_cmpuint (vl_sqlite_cache_get_n_bytes (VL_SQLITE_CACHE (cache)), ==, 0);
  g_assert_cmpuint (vl_sqlite_cache_get_n_pages (VL_SQLITE_CACHE (cache)), ==, 0);
}

/* --- Order --- */

static void
count_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(guint *) user_data += 1;
}

static void
test_order (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;
  g_autoptr (VlPage) found = NULL;
  g_autofree char *text = NULL;
  guint64 lease;
  guint n_done = 0;

  cache_folder_init (&folder);
  cache = open_cache (&folder);
  lease = cache_get_lease (cache, "a");
  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *key = g_strdup_printf ("key-%u", i % 700);
      g_autofree char *value = g_strdup_printf ("%u", i);
      g_autoptr (VlPage) page = text_page (value, 100);

      vl_cache_store_async (cache, "a", key, page, lease, NULL, count_result, &n_done);
    }
  g_assert_cmpint (look (cache, "a", "key-599", &text), ==, EXPECT_FRESH);
  g_assert_cmpstr (text, ==, "1999");
  g_assert_cmpuint (n_done, ==, 2000);
  found = vl_cache_peek (cache, "a", "key-599");
  g_assert_nonnull (found);
  g_assert_false (vl_page_get_is_stale (found));
}

static void
test_peek (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;
  g_autoptr (VlPage) found = NULL;
  guint n_done = 0;

  cache_folder_init (&folder);
  cache = open_file_cache (&folder);
  put (cache, "a", "key", "text", 10);
  expect (cache, "a", "key", EXPECT_FRESH);
  g_assert_null (vl_cache_peek (cache, "a", "key"));

  vl_sqlite_cache_set_memory_bytes (VL_SQLITE_CACHE (cache), 1000000);
  expect (cache, "a", "key", EXPECT_FRESH);
  found = vl_cache_peek (cache, "a", "key");
  g_assert_nonnull (found);
  g_assert_false (vl_page_get_is_stale (found));
  g_clear_object (&found);

  /* Not fresh any more from the moment on that it is asked for. */
  vl_cache_invalidate_async (cache, "a", NULL, count_result, &n_done);
  found = vl_cache_peek (cache, "a", "key");
  g_assert_true (vl_page_get_is_stale (found));
  g_clear_object (&found);
  while (n_done == 0)
    g_main_context_iteration (NULL, TRUE);

  vl_sqlite_cache_set_memory_bytes (VL_SQLITE_CACHE (cache), 0);
  g_assert_null (vl_cache_peek (cache, "a", "key"));
  expect (cache, "a", "key", EXPECT_STALE);
}

/* --- The folder --- */

static guint
mode_of (const char *path)
{
  struct stat info;

  g_assert_cmpint (lstat (path, &info), ==, 0);
  return info.st_mode & 07777;
}

static void
check_modes (CacheFolder *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder->path, 0, NULL);
  const char *name;

  g_assert_cmpuint (mode_of (folder->path), ==, 0700);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder->path, name, NULL);

      g_assert_cmpuint (mode_of (path), ==, 0600);
    }
}

static void
test_modes (void)
{
  const mode_t masks[] = { 0, 022, 077, 0277 };

  for (guint i = 0; i < G_N_ELEMENTS (masks); i++)
    {
      g_auto (CacheFolder) folder = { 0 };
      g_autoptr (VlCache) cache = NULL;
      mode_t before;

      cache_folder_init (&folder);
      if (i == 1)
        g_assert_cmpint (g_mkdir (folder.path, 0755), ==, 0);
      before = umask (masks[i]);
      cache = open_cache (&folder);
      put (cache, "a", "key", "text", 10);
      umask (before);
      check_modes (&folder);
      g_assert_true (g_file_test (folder.file, G_FILE_TEST_EXISTS));
      g_clear_object (&cache);

      cache = open_cache (&folder);
      cache_get_lease (cache, "a");
      g_chmod (folder.file, 0644);
      g_chmod (folder.path, 0755);
      g_clear_object (&cache);
      cache = open_cache (&folder);
      expect (cache, "a", "key", EXPECT_FRESH);
      check_modes (&folder);
    }
  g_assert_cmpint (take_warnings (), ==, 0);
}

static void
test_parents (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autofree char *path = NULL;
  g_autoptr (VlSqliteCache) cache = NULL;

  cache_folder_init (&folder);
  path = g_build_filename (folder.path, "more", "and more", NULL);
  cache = vl_sqlite_cache_new (path);
  g_assert_cmpstr (vl_sqlite_cache_get_folder (cache), ==, path);
  g_assert_false (is_degraded (VL_CACHE (cache)));
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_DIR));
}

/* It works all the same, and says so once. */
static void
expect_memory_alone (VlCache *cache, int n_expected)
{
  g_autoptr (GError) error = NULL;

  put (cache, "a", "key", "text", 10);
  cache_open (cache, "a");
  expect (cache, "a", "key", EXPECT_FRESH);
  cache_invalidate (cache, "a");
  expect (cache, "a", "key", EXPECT_STALE);
  put (cache, "a", "key", "text", 10);
  expect (cache, "a", "key", EXPECT_FRESH);
  cache_clear (cache, NULL);
  expect (cache, "a", "key", EXPECT_MISS);
  g_assert_true (is_degraded (cache));
  error = vl_sqlite_cache_dup_error (VL_SQLITE_CACHE (cache));
  g_assert_true (error != NULL && error->domain == VL_ERROR);
  g_assert_cmpint (take_warnings (), ==, n_expected);
}

static void
test_links (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autofree char *elsewhere = NULL;
  g_autofree char *file = NULL;
  g_autoptr (VlCache) cache = NULL;

  cache_folder_init (&folder);
  elsewhere = g_build_filename (folder.parent, "elsewhere", NULL);
  file = g_build_filename (elsewhere, "cache.db", NULL);
  g_assert_cmpint (g_mkdir (elsewhere, 0755), ==, 0);
  g_assert_cmpint (symlink (elsewhere, folder.path), ==, 0);
  cache = open_cache (&folder);
  expect_memory_alone (cache, 1);
  g_assert_false (g_file_test (file, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (mode_of (elsewhere), ==, 0755);
  g_clear_object (&cache);

  /* And the file in it. */
  g_unlink (folder.path);
  g_assert_cmpint (g_mkdir (folder.path, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "precious", -1, NULL));
  g_assert_cmpint (symlink (file, folder.file), ==, 0);
  cache = open_cache (&folder);
  expect_memory_alone (cache, 1);
  g_assert_true (g_file_test (folder.file, G_FILE_TEST_IS_SYMLINK));
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
}

static void
test_not_a_folder (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;

  cache_folder_init (&folder);
  g_assert_true (g_file_set_contents (folder.path, "a file", -1, NULL));
  cache = open_cache (&folder);
  expect_memory_alone (cache, 1);
}

/* Only root can make it belong to somebody else, and then may not be one. */
static void
test_foreign (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;

  cache_folder_init (&folder);
  g_assert_cmpint (g_mkdir (folder.path, 0777), ==, 0);
  if (chown (folder.path, 12345, 12345) != 0)
    {
      g_test_skip ("only root can give a folder away");
      return;
    }
  cache = open_cache (&folder);
  expect_memory_alone (cache, 1);
  g_assert_cmpuint (cache_folder_count (&folder, ""), ==, 0);
}

static void
count_notify (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  *(guint *) user_data += 1;
}

static void
test_second_owner (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) first = NULL;
  g_autoptr (VlCache) second = NULL;
  guint n_notified = 0;

  cache_folder_init (&folder);
  first = open_cache (&folder);
  put (first, "b", "key", "first", 10);
  second = open_cache (&folder);
  g_signal_connect (second, "notify::is-degraded", G_CALLBACK (count_notify), &n_notified);
  expect_memory_alone (second, 1);
  while (n_notified == 0)
    g_main_context_iteration (NULL, TRUE);
  expect (second, "b", "key", EXPECT_MISS);
  g_assert_false (is_degraded (first));
  expect (first, "b", "key", EXPECT_FRESH);
  g_assert_cmpuint (n_notified, ==, 1);

  /* The folder is free again once the first has gone. */
  g_clear_object (&second);
  g_clear_object (&first);
  first = open_cache (&folder);
  expect (first, "b", "key", EXPECT_FRESH);
  g_assert_cmpint (take_warnings (), ==, 0);
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

/* The names, modes and contents of all there is. */
static char *
describe_folder (CacheFolder *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder->path, 0, NULL);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder->path, name, NULL);
      g_autofree char *data = NULL;
      g_autofree char *sum = NULL;
      gsize length;

      g_assert_true (g_file_get_contents (path, &data, &length, NULL));
      sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) data, length);
      g_ptr_array_add (lines, g_strdup_printf ("%s %o %s", name, mode_of (path), sum));
    }
  g_ptr_array_sort (lines, compare_lines);
  g_ptr_array_add (lines, NULL);

  return g_strjoinv ("\n", (char **) lines->pdata);
}

static void
test_second_harms_nothing (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) first = NULL;
  g_autoptr (VlCache) second = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  cache_folder_init (&folder);
  first = open_file_cache (&folder);
  put (first, "a", "key", "first", 10);
  put (first, "b", "key", "first", 10);
  cache_open (first, "b");
  before = describe_folder (&folder);
  second = open_cache (&folder);
  expect_memory_alone (second, 1);
  cache_open (second, "b");
  cache_close (second, "b");
  g_clear_object (&second);
  second = open_cache (&folder);
  put (second, "a", "key", "second", 10);
  after = describe_folder (&folder);
  g_assert_cmpstr (before, ==, after);

  /* Nor does the first one's end change anything for the second. */
  expect (first, "a", "key", EXPECT_FRESH);
  g_clear_object (&first);
  cache_folder_wait_free (&folder);
  expect (second, "a", "key", EXPECT_FRESH);
  g_assert_true (is_degraded (second));
  first = open_file_cache (&folder);
  expect (first, "a", "key", EXPECT_FRESH);
  expect (first, "b", "key", EXPECT_STALE);
  g_assert_cmpint (take_warnings (), ==, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sqlite-cache/keeps-what-was-fresh-when-it-is-opened-again", test_reopen);
  g_test_add_func ("/sqlite-cache/a-root-found-open-is-stale", test_crash);
  g_test_add_data_func ("/sqlite-cache/nothing-becomes-fresh-for-later-while-a-root-is-open/file",
                        GINT_TO_POINTER (FALSE), test_store_while_open);
  g_test_add_data_func ("/sqlite-cache/nothing-becomes-fresh-for-later-while-a-root-is-open/memory",
                        GINT_TO_POINTER (TRUE), test_store_while_open);
  g_test_add_data_func ("/sqlite-cache/fresh-here-is-like-fresh/file", GINT_TO_POINTER (FALSE),
                        test_fresh_here);
  g_test_add_data_func ("/sqlite-cache/fresh-here-is-like-fresh/memory", GINT_TO_POINTER (TRUE),
                        test_fresh_here);
  g_test_add_func ("/sqlite-cache/fresh-here-goes-first", test_fresh_here_goes);
  g_test_add_func ("/sqlite-cache/generations/of-a-file-that-is-rebuilt", test_generations);
  g_test_add_func ("/sqlite-cache/generations/never-repeat", test_generations_differ);

  g_test_add_func ("/sqlite-cache/room/the-oldest-go", test_oldest_go);
  g_test_add_func ("/sqlite-cache/room/memory-counts-as-use", test_used_in_memory);
  g_test_add_func ("/sqlite-cache/room/some-go-even-if-all-are-used", test_all_used_in_memory);
  g_test_add_func ("/sqlite-cache/room/stale-pages-go-first", test_stale_go_first);
  g_test_add_func ("/sqlite-cache/room/the-budget-holds", test_budget_holds);
  g_test_add_func ("/sqlite-cache/room/clear-erases-the-bytes", test_clear_erases);

  g_test_add_func ("/sqlite-cache/order/a-lookup-sees-the-stores-before-it", test_order);
  g_test_add_func ("/sqlite-cache/order/peek", test_peek);

  g_test_add_func ("/sqlite-cache/folder/modes-do-not-depend-on-the-umask", test_modes);
  g_test_add_func ("/sqlite-cache/folder/is-made-with-its-parents", test_parents);
  g_test_add_func ("/sqlite-cache/folder/links-are-not-followed", test_links);
  g_test_add_func ("/sqlite-cache/folder/a-file-in-its-place", test_not_a_folder);
  g_test_add_func ("/sqlite-cache/folder/somebody-elses", test_foreign);
  g_test_add_func ("/sqlite-cache/folder/has-one-owner", test_second_owner);
  g_test_add_func ("/sqlite-cache/folder/a-second-owner-harms-nothing", test_second_harms_nothing);

  return g_test_run ();
}
