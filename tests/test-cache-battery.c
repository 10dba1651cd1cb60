/* test-cache-battery.c: the library's own caches keep the contract
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

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

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cache-battery/memory-and-null-pass-as-many-checks", test_caches);
  g_test_add_func ("/cache-battery/runs-in-any-context", test_thread);
  g_test_add_func ("/cache-battery/a-cache-too-small-for-anything", test_unfit);

  return g_test_run ();
}
