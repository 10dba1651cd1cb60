/* test-sqlite-cache-clear.c: what is cleared is erased, and nobody else waits
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "cache-folder.h"
#include "stepped-jobs.h"

#include "vantage-live/cache/vl-disk-private.h"

/* More than a part, of a root. */
#define N_KEYS 40
#define PART   2

static VlCache *
open_cache (CacheFolder *folder)
{
  return g_object_new (VL_TYPE_SQLITE_CACHE, "folder", folder->path, "memory-bytes", (guint64) 0,
                       NULL);
}

static void
count_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(guint *) user_data += 1;
}

/* Whoever is answered hears of it before more is done. */
static void
wait_step (void)
{
  g_assert_true (g_main_context_iteration (NULL, FALSE) || stepped_jobs_do_one ());
}

/* Requests that are waited for. */

static void
store_now (VlCache *cache, const char *root, guint i, const char *text)
{
  g_autoptr (GAsyncResult) lease_result = NULL;
  g_autofree char *key = g_strdup_printf ("key-%u", i);
  g_autoptr (VlPage) page = text_page (text, 10);
  guint64 lease = 0;
  guint n_done = 0;

  vl_cache_get_lease_async (cache, root, NULL, keep_result, &lease_result);
  while (lease_result == NULL)
    wait_step ();
  g_assert_true (vl_cache_get_lease_finish (cache, lease_result, &lease, NULL));
  vl_cache_store_async (cache, root, key, page, lease, NULL, count_result, &n_done);
  while (n_done == 0)
    wait_step ();
}

static Expected
look_now (VlCache *cache, const char *root, guint i, const char *expected)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *key = g_strdup_printf ("key-%u", i);
  g_autoptr (VlPage) page = NULL;
  g_autofree char *text = NULL;
  gboolean fresh = FALSE;

  vl_cache_lookup_async (cache, root, key, NULL, keep_result, &result);
  while (result == NULL)
    wait_step ();
  page = vl_cache_lookup_finish (cache, result, &fresh, NULL, NULL);
  if (page == NULL)
    return EXPECT_MISS;
  text = page_text (page);
  g_assert_cmpstr (text, ==, expected);
  return fresh ? EXPECT_FRESH : EXPECT_STALE;
}

static void
call_now (VlCache *cache,
          const char *root,
          void (*call) (VlCache *, const char *, GCancellable *, GAsyncReadyCallback, gpointer))
{
  guint n_done = 0;

  call (cache, root, NULL, count_result, &n_done);
  while (n_done == 0)
    wait_step ();
}

static void
fill (VlCache *cache, const char *root, const char *text)
{
  for (guint i = 0; i < N_KEYS; i++)
    store_now (cache, root, i, text);
}

static void
setup (CacheFolder *folder)
{
  cache_folder_init (folder);
  stepped_jobs_begin ();
  _vl_disk_erase_set_part (PART);
}

static void
teardown (void)
{
  stepped_jobs_do_all ();
  _vl_disk_erase_set_part (0);
  stepped_jobs_end ();
  g_assert_cmpint (take_warnings (), ==, 0);
}

/* All that can happen to the others happens while the file is written anew. */
static void
test_meanwhile (void)
{
  g_auto (CacheFolder) folder = { 0 };
  VlCache *cache;
  guint n_done = 0;

  setup (&folder);
  cache = open_cache (&folder);
  fill (cache, "other", "kept");
  fill (cache, "secret-root", "secret-text");
  fill (cache, "third", "third");

  vl_cache_clear_async (cache, "secret-root", NULL, count_result, &n_done);
  for (guint i = 0; i < 5; i++)
    g_assert_cmpint (look_now (cache, "other", i, "kept"), ==, EXPECT_FRESH);
  g_assert_cmpint (look_now (cache, "secret-root", 1, ""), ==, EXPECT_MISS);
  /* The first of the others are in the new file by now. */
  store_now (cache, "secret-root", 1, "stored since");
  store_now (cache, "other", 1, "replaced");
  store_now (cache, "other", N_KEYS + 1, "added");
  call_now (cache, "third", vl_cache_invalidate_async);
  call_now (cache, "other", vl_cache_open_async);
  g_assert_cmpuint (n_done, ==, 0);
  stepped_jobs_do_all ();
  g_assert_cmpuint (n_done, ==, 1);
  g_assert_false (cache_folder_contains (&folder, "secret-text"));

  for (guint life = 0; life < 2; life++)
    {
      Expected others = life == 0 ? EXPECT_FRESH : EXPECT_STALE;

      g_assert_cmpint (look_now (cache, "secret-root", 1, "stored since"), ==, EXPECT_FRESH);
      g_assert_cmpint (look_now (cache, "secret-root", 2, ""), ==, EXPECT_MISS);
      g_assert_cmpint (look_now (cache, "other", 0, "kept"), ==, others);
      g_assert_cmpint (look_now (cache, "other", 1, "replaced"), ==, others);
      g_assert_cmpint (look_now (cache, "other", N_KEYS + 1, "added"), ==, others);
      g_assert_cmpint (look_now (cache, "third", 7, "third"), ==, EXPECT_STALE);
      g_assert_cmpuint (vl_sqlite_cache_get_n_pages (VL_SQLITE_CACHE (cache)), ==, 2 * N_KEYS + 2);
      g_object_unref (cache);
      stepped_jobs_do_all ();
      cache = open_cache (&folder);
    }
  g_object_unref (cache);
  teardown ();
}

/* The process dies when it is half done: the next one goes on. */
static void
test_goes_on (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_auto (CacheFolder) copy = { 0 };
  g_autoptr (VlCache) cache = NULL;
  g_autoptr (VlCache) later = NULL;
  guint n_done = 0;

  setup (&folder);
  cache_folder_init (&copy);
  cache = open_cache (&folder);
  fill (cache, "secret-root", "secret-text");
  fill (cache, "other", "kept");
  vl_cache_clear_async (cache, "secret-root", NULL, count_result, &n_done);
  for (guint i = 0; i < 4; i++)
    g_assert_true (stepped_jobs_do_one ());
  g_assert_cmpuint (n_done, ==, 0);
  cache_folder_copy (&folder, &copy);
  g_assert_true (cache_folder_contains (&copy, "secret-text"));

  later = open_cache (&copy);
  g_assert_cmpint (look_now (later, "secret-root", 3, ""), ==, EXPECT_MISS);
  stepped_jobs_do_all ();
  g_assert_false (cache_folder_contains (&copy, "secret-text"));
  g_assert_cmpuint (cache_folder_count (&copy, "cache.new"), ==, 0);
  g_assert_cmpint (look_now (later, "other", 3, "kept"), ==, EXPECT_FRESH);
  g_clear_object (&later);
  g_clear_object (&cache);
  teardown ();
}

/* One after the other, and everything, while another is on its way. */
static void
test_again (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;
  guint n_done = 0;

  setup (&folder);
  cache = open_cache (&folder);
  fill (cache, "secret-root", "secret-text");
  fill (cache, "other", "other-text");
  fill (cache, "third", "kept");
  vl_cache_clear_async (cache, "secret-root", NULL, count_result, &n_done);
  g_assert_cmpint (look_now (cache, "other", 3, "other-text"), ==, EXPECT_FRESH);
  vl_cache_clear_async (cache, "other", NULL, count_result, &n_done);
  g_assert_cmpint (look_now (cache, "other", 3, "other-text"), ==, EXPECT_MISS);
  stepped_jobs_do_all ();
  g_assert_cmpuint (n_done, ==, 2);
  g_assert_false (cache_folder_contains (&folder, "secret-text"));
  g_assert_false (cache_folder_contains (&folder, "other-text"));
  g_assert_cmpint (look_now (cache, "third", 3, "kept"), ==, EXPECT_FRESH);

  store_now (cache, "other", 1, "other-text");
  vl_cache_clear_async (cache, "other", NULL, count_result, &n_done);
  g_assert_cmpint (look_now (cache, "other", 1, ""), ==, EXPECT_MISS);
  vl_cache_clear_async (cache, NULL, NULL, count_result, &n_done);
  stepped_jobs_do_all ();
  g_assert_cmpuint (n_done, ==, 4);
  g_assert_cmpuint (vl_sqlite_cache_get_n_pages (VL_SQLITE_CACHE (cache)), ==, 0);
  g_assert_cmpuint (vl_sqlite_cache_get_n_bytes (VL_SQLITE_CACHE (cache)), ==, 0);
  g_assert_false (cache_folder_contains (&folder, "kept"));
  g_clear_object (&cache);
  teardown ();
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sqlite-cache/clear/others-do-not-wait-and-lose-nothing", test_meanwhile);
  g_test_add_func ("/sqlite-cache/clear/goes-on-after-a-crash", test_goes_on);
  g_test_add_func ("/sqlite-cache/clear/once-more-while-it-is-on-its-way", test_again);

  return g_test_run ();
}
