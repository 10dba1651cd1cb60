/* test-table-battery.c: the library's own tables keep the contract
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "cache-folder.h"
#include "vl-test.h"

static VlTable *
make_memory_table (void)
{
  g_autoptr (VlSchema) schema = vl_test_schema ();

  return VL_TABLE (vl_memory_table_new (schema));
}

static guint
run_battery (VlTable *table)
{
  g_autoptr (GError) error = NULL;
  guint n_checks = vl_test_table (table, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (n_checks, >, 0);
  return n_checks;
}

static void
test_memory_table (void)
{
  g_autoptr (VlTable) table = make_memory_table ();

  /* The table is left as it was found, so that it can take it again. */
  g_assert_cmpuint (run_battery (table), ==, run_battery (table));
}

/* One that applies what it is sent as often as it is sent. */
static void
test_plain_table (void)
{
  g_autoptr (VlSchema) schema = vl_test_schema ();
  g_autoptr (VlTable) table = make_memory_table ();
  g_autoptr (VlTable)
    plain = g_object_new (VL_TYPE_MEMORY_TABLE, "schema", schema, "idempotent", FALSE, NULL);

  g_assert_cmpuint (run_battery (plain), ==, run_battery (table));
}

static void
test_fault_table (void)
{
  g_autoptr (VlTable) plain = make_memory_table ();
  g_autoptr (VlTable) target = make_memory_table ();
  g_autoptr (VlFaultTable) table = vl_fault_table_new (target);

  g_assert_cmpuint (run_battery (VL_TABLE (table)), ==, run_battery (plain));
}

static void
test_fault_table_that_answers_later (void)
{
  g_autoptr (VlTable) plain = make_memory_table ();
  g_autoptr (VlTable) target = make_memory_table ();
  g_autoptr (VlFaultTable) table = vl_fault_table_new (target);

  vl_fault_table_set_latency (table, 1);
  g_assert_cmpuint (run_battery (VL_TABLE (table)), ==, run_battery (plain));
}

/* What makes calls late and events odd is no excuse. */
static void
test_fault_table_on_a_bad_line (gconstpointer keep_order)
{
  g_autoptr (VlTable) plain = make_memory_table ();
  g_autoptr (VlTable) target = make_memory_table ();
  g_autoptr (VlTable)
    table = g_object_new (VL_TYPE_FAULT_TABLE, "target", target, "seed", (guint64) 11, "jitter", 3,
                          "keep-order", keep_order != NULL, "remote", TRUE, "event-delay", 2,
                          "event-repeat-rate", 0.3, "event-loss-rate", 0.1, "echo", TRUE, NULL);

  g_assert_cmpuint (run_battery (table), ==, run_battery (plain));
}

static void
test_scoped_table (void)
{
  g_autoptr (VlTable) plain = make_memory_table ();
  g_autoptr (VlTable) target = make_memory_table ();
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlScopedTable) table = vl_scoped_table_new (target, all);

  g_assert_cmpuint (run_battery (VL_TABLE (table)), ==, run_battery (plain));
}

/* --- Live tables --- */

static VlTable *
make_live_table (VlTable *master, VlCache *cache, guint page_size)
{
  VlLiveTable *live = vl_live_table_new (master, "battery", cache);

  if (page_size > 0)
    vl_live_table_set_page_size (live, page_size);
  return VL_TABLE (live);
}

static VlTable *
make_slow_table (void)
{
  g_autoptr (VlTable) target = make_memory_table ();
  VlFaultTable *table = vl_fault_table_new (target);

  vl_fault_table_set_latency (table, 1);
  return VL_TABLE (table);
}

static VlTable *
make_part (void)
{
  g_autoptr (VlTable) target = make_memory_table ();
  g_autoptr (VlQuery) all = vl_query_new ();

  return VL_TABLE (vl_scoped_table_new (target, all));
}

static void
test_live_table (VlTable *(*make_master) (void), VlCache *cache, guint page_size)
{
  g_autoptr (VlTable) plain = make_memory_table ();
  g_autoptr (VlTable) master = make_master ();
  g_autoptr (VlTable) live = make_live_table (master, cache, page_size);

  g_assert_cmpuint (run_battery (live), ==, run_battery (plain));
}

static void
test_live_memory_table (void)
{
  g_autoptr (VlMemoryCache) memory = vl_memory_cache_new (0);
  g_autoptr (VlMemoryCache) small = vl_memory_cache_new (2000);
  g_autoptr (VlNullCache) null = vl_null_cache_new ();

  test_live_table (make_memory_table, VL_CACHE (memory), 0);
  test_live_table (make_memory_table, VL_CACHE (small), 0);
  test_live_table (make_memory_table, VL_CACHE (null), 0);
}

/* From a file, with memory in front or without; the second table over it finds
 * what the first has left. */
static void
test_live_table_over_a_file (gconstpointer memory_bytes)
{
  g_auto (CacheFolder) folder = { 0 };
  guint i;

  cache_folder_init (&folder);
  for (i = 0; i < 2; i++)
    {
      VlSqliteCache *cache = g_object_new (VL_TYPE_SQLITE_CACHE, "folder", folder.path,
                                           "memory-bytes",
                                           (guint64) GPOINTER_TO_UINT (memory_bytes), NULL);

      test_live_table (i == 0 ? make_memory_table : make_slow_table, VL_CACHE (cache), 0);
      g_assert_false (vl_sqlite_cache_get_is_degraded (cache));

      /* What is left of the live table goes in a later turn. */
      g_object_add_weak_pointer (G_OBJECT (cache), (gpointer *) &cache);
      g_object_unref (cache);
      while (cache != NULL)
        g_main_context_iteration (NULL, TRUE);
    }
}

static void
test_live_fault_table (void)
{
  g_autoptr (VlMemoryCache) memory = vl_memory_cache_new (0);
  g_autoptr (VlNullCache) null = vl_null_cache_new ();

  test_live_table (make_slow_table, VL_CACHE (memory), 0);
  test_live_table (make_slow_table, VL_CACHE (null), 0);
}

static VlTable *
make_far_table (void)
{
  g_autoptr (VlTable) target = make_memory_table ();

  return g_object_new (VL_TYPE_FAULT_TABLE, "target", target, "seed", (guint64) 12, "jitter", 3,
                       "event-delay", 1, "event-repeat-rate", 0.3, "event-loss-rate", 0.1, "echo",
                       TRUE, NULL);
}

static void
test_live_far_table (void)
{
  g_autoptr (VlMemoryCache) memory = vl_memory_cache_new (0);
  g_autoptr (VlNullCache) null = vl_null_cache_new ();

  test_live_table (make_far_table, VL_CACHE (memory), 0);
  test_live_table (make_far_table, VL_CACHE (null), 0);
}

static void
test_live_scoped_table (void)
{
  g_autoptr (VlMemoryCache) memory = vl_memory_cache_new (0);
  g_autoptr (VlNullCache) null = vl_null_cache_new ();

  test_live_table (make_part, VL_CACHE (memory), 0);
  test_live_table (make_part, VL_CACHE (null), 0);
}

/* Windows are cut from, and glued of, pages of any size. */
static void
test_live_table_of_any_page_size (void)
{
  const guint sizes[] = { 1, 2, 3, 7, 1000 };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (VlMemoryCache) memory = vl_memory_cache_new (0);

      test_live_table (make_memory_table, VL_CACHE (memory), sizes[i]);
    }
}

static VlTable *
make_live_master (void)
{
  g_autoptr (VlTable) master = make_memory_table ();
  g_autoptr (VlMemoryCache) memory = vl_memory_cache_new (0);

  return make_live_table (master, VL_CACHE (memory), 5);
}

static void
test_live_live_table (void)
{
  g_autoptr (VlMemoryCache) memory = vl_memory_cache_new (0);
  g_autoptr (VlNullCache) null = vl_null_cache_new ();

  test_live_table (make_live_master, VL_CACHE (memory), 0);
  test_live_table (make_live_master, VL_CACHE (null), 0);
}

/* The battery wants an empty table and says which check failed. */
static void
test_a_table_that_is_not_empty (void)
{
  g_autoptr (VlTable) table = make_memory_table ();
  g_autoptr (VlRecord) record = vl_record_new ("a", NULL);
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (GError) error = NULL;

  stored = vl_table_insert_sync (table, record, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (vl_test_table (table, &error), ==, 0);
  g_assert_error (error, VL_ERROR, VL_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "empty/list"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/table-battery/memory-table", test_memory_table);
  g_test_add_func ("/table-battery/memory-table-that-does-not-remember", test_plain_table);
  g_test_add_func ("/table-battery/fault-table", test_fault_table);
  g_test_add_func ("/table-battery/fault-table-that-answers-later",
                   test_fault_table_that_answers_later);
  g_test_add_data_func ("/table-battery/fault-table-on-a-bad-line", NULL,
                        test_fault_table_on_a_bad_line);
  g_test_add_data_func ("/table-battery/fault-table-on-a-bad-line-in-order", GUINT_TO_POINTER (1),
                        test_fault_table_on_a_bad_line);
  g_test_add_func ("/table-battery/scoped-table", test_scoped_table);
  g_test_add_func ("/table-battery/a-table-that-is-not-empty", test_a_table_that_is_not_empty);

  g_test_add_func ("/table-battery/live/memory-table", test_live_memory_table);
  g_test_add_data_func ("/table-battery/live/file", NULL, test_live_table_over_a_file);
  g_test_add_data_func ("/table-battery/live/file-with-memory", GUINT_TO_POINTER (100000),
                        test_live_table_over_a_file);
  g_test_add_func ("/table-battery/live/fault-table", test_live_fault_table);
  g_test_add_func ("/table-battery/live/fault-table-on-a-bad-line", test_live_far_table);
  g_test_add_func ("/table-battery/live/scoped-table", test_live_scoped_table);
  g_test_add_func ("/table-battery/live/any-page-size", test_live_table_of_any_page_size);
  g_test_add_func ("/table-battery/live/live-table", test_live_live_table);

  return g_test_run ();
}
