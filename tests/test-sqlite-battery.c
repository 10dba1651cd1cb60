/* test-sqlite-battery.c: the contract of a table, over SQLite
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sqlite-file.h"
#include "vl-test.h"

static VlSchema *
make_schema (VlFieldType id_type)
{
  g_autoptr (VlSchema) like = vl_test_schema ();
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new (vl_schema_get_table_name (like));

  for (guint i = 0; i < vl_schema_get_n_columns (like); i++)
    {
      const char *name = vl_schema_get_column_name (like, i);
      gboolean is_id = g_strcmp0 (name, vl_schema_get_id_column (like)) == 0;

      vl_schema_builder_add_column (builder, name,
                                    is_id ? id_type : vl_schema_get_column_type (like, i),
                                    vl_schema_get_column_nullable (like, i));
    }
  vl_schema_builder_set_id_column (builder, vl_schema_get_id_column (like));

  return vl_schema_builder_end (builder);
}

static VlTable *
make_table (SqliteFile *file, gboolean allow_bookkeeping)
{
  g_autoptr (VlSchema) schema = make_schema (VL_FIELD_TYPE_STRING);

  return g_object_new (VL_TYPE_SQLITE_TABLE, "path", file->path, "schema", schema,
                       "allow-bookkeeping", allow_bookkeeping, NULL);
}

/* The number of checks is that of any other table. */
static void
run_battery (VlTable *table)
{
  g_autoptr (VlSchema) schema = vl_test_schema ();
  g_autoptr (VlMemoryTable) plain = vl_memory_table_new (schema);
  g_autoptr (GError) error = NULL;
  guint n_checks = vl_test_table (table, &error);

  g_assert_no_error (error);
  g_test_message ("%u checks", n_checks);
  g_assert_cmpuint (n_checks, ==, vl_test_table (VL_TABLE (plain), &error));
}

static void
test_battery (gconstpointer journal)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = NULL;

  sqlite_file_init (&file);
  if (journal != NULL)
    sqlite_file_run (&file, "PRAGMA journal_mode = DELETE; CREATE TABLE other (x)");
  table = make_table (&file, FALSE);
  run_battery (table);
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM sqlite_master WHERE name = "
                                                 "'vantage_live_applied'"),
                   ==, 0);
}

static void
test_battery_with_bookkeeping (gconstpointer journal)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = NULL;

  sqlite_file_init (&file);
  if (journal != NULL)
    sqlite_file_run (&file, "PRAGMA journal_mode = DELETE; CREATE TABLE other (x)");
  table = make_table (&file, TRUE);
  run_battery (table);
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM vantage_live_applied"), >,
                   100);
}

/* The same over a live table in front, with each cache. */
static void
test_live_battery (gconstpointer kind)
{
  g_auto (SqliteFile) file = { 0 };
  g_autofree char *folder = NULL;
  g_autoptr (VlCache) cache = NULL;
  g_autoptr (VlTable) table = NULL;
  g_autoptr (VlLiveTable) live = NULL;
  g_autoptr (GError) error = NULL;

  sqlite_file_init (&file);
  folder = g_build_filename (file.folder, "cache", NULL);
  if (g_strcmp0 (kind, "file") == 0)
    cache = VL_CACHE (vl_sqlite_cache_new (folder));
  else
    cache = kind != NULL ? VL_CACHE (vl_memory_cache_new (0)) : VL_CACHE (vl_null_cache_new ());
  table = make_table (&file, kind != NULL);
  live = vl_live_table_new (table, "battery", cache);
  run_battery (VL_TABLE (live));
  g_assert_true (vl_live_table_close_sync (live, NULL, &error));
  g_assert_no_error (error);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  /* SQLite compares integers with doubles in a long double, which valgrind
   * gives but 64 bits. */
  if (g_getenv ("VL_TEST_VALGRIND") != NULL)
    {
      g_print ("1..0 # SKIP valgrind computes less exactly than SQLite expects\n");
      return 0;
    }

  g_test_add_data_func ("/sqlite-table/battery/write-ahead-log", NULL, test_battery);
  g_test_add_data_func ("/sqlite-table/battery/rollback-journal", "", test_battery);
  g_test_add_data_func ("/sqlite-table/battery/bookkeeping/write-ahead-log", NULL,
                        test_battery_with_bookkeeping);
  g_test_add_data_func ("/sqlite-table/battery/bookkeeping/rollback-journal", "",
                        test_battery_with_bookkeeping);

  g_test_add_data_func ("/sqlite-table/battery/live-with-memory", "memory", test_live_battery);
  g_test_add_data_func ("/sqlite-table/battery/live-with-file", "file", test_live_battery);
  g_test_add_data_func ("/sqlite-table/battery/live-without-cache", NULL, test_live_battery);

  return g_test_run ();
}
