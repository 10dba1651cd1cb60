/* test-cache-battery.c: the library's own caches keep the contract
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "cache-folder.h"
#include "vl-test.h"

static guint
run_battery (VlCache *cache)
{
  g_autoptr (GError) error = NULL;
  guint n_checks = vl_test_cache (cache, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (n_checks, >, 0);
  return n_checks;
}

static void
test_caches (void)
{
  g_autoptr (VlMemoryCache) memory = vl_memory_cache_new (0);
  g_autoptr (VlNullCache) null = vl_null_cache_new ();
  guint n_checks = run_battery (VL_CACHE (memory));

  g_assert_cmpuint (run_battery (VL_CACHE (null)), ==, n_checks);
  g_test_message ("%u checks each", n_checks);
}

static gpointer
run_elsewhere (gpointer user_data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  guint n_checks;

  g_main_context_push_thread_default (context);
  n_checks = run_battery (user_data);
  g_main_context_pop_thread_default (context);
  return GUINT_TO_POINTER (n_checks);
}

static void
test_thread (void)
{
  g_autoptr (VlMemoryCache) memory = vl_memory_cache_new (0);
  g_autoptr (VlNullCache) null = vl_null_cache_new ();
  GThread *thread = g_thread_new ("battery", run_elsewhere, memory);

  g_assert_cmpuint (GPOINTER_TO_UINT (g_thread_join (thread)), ==, run_battery (VL_CACHE (null)));
}

/* A small cache forgets, which the battery must not take for a fault. */
static void
test_unfit (void)
{
  g_autoptr (VlMemoryCache) tiny = vl_memory_cache_new (1);

  run_battery (VL_CACHE (tiny));
}

static void
test_sqlite (gconstpointer memory_bytes)
{
  g_autoptr (VlNullCache) null = vl_null_cache_new ();
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;

  cache_folder_init (&folder);
  /* Twice, the second time over the same file. */
  for (guint i = 0; i < 2; i++)
    {
      cache = g_object_new (VL_TYPE_SQLITE_CACHE, "folder", folder.path, "memory-bytes",
                            (guint64) GPOINTER_TO_UINT (memory_bytes), NULL);
      g_assert_cmpuint (run_battery (cache), ==, run_battery (VL_CACHE (null)));
      g_assert_false (vl_sqlite_cache_get_is_degraded (VL_SQLITE_CACHE (cache)));
      g_clear_object (&cache);
    }
}

/* From memory alone, since another one has the folder. */
static void
test_sqlite_degraded (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlSqliteCache) owner = NULL;
  g_autoptr (VlSqliteCache) cache = NULL;

  cache_folder_init (&folder);
  owner = vl_sqlite_cache_new (folder.path);
  run_battery (VL_CACHE (owner));
  cache = vl_sqlite_cache_new (folder.path);
  run_battery (VL_CACHE (cache));
  g_assert_true (vl_sqlite_cache_get_is_degraded (cache));
  g_assert_cmpint (take_warnings (), ==, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cache-battery/memory-and-null-pass-as-many-checks", test_caches);
  g_test_add_func ("/cache-battery/runs-in-any-context", test_thread);
  g_test_add_func ("/cache-battery/a-cache-too-small-for-anything", test_unfit);
  g_test_add_data_func ("/cache-battery/sqlite", GUINT_TO_POINTER (1000000), test_sqlite);
  g_test_add_data_func ("/cache-battery/sqlite-without-memory", NULL, test_sqlite);
  g_test_add_data_func ("/cache-battery/sqlite-with-little-memory", GUINT_TO_POINTER (1000),
                        test_sqlite);
  g_test_add_func ("/cache-battery/sqlite-from-memory-alone", test_sqlite_degraded);

  return g_test_run ();
}
