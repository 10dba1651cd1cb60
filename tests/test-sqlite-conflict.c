/* test-sqlite-conflict.c: changes of a database that somebody else has changed
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "sqlite-file.h"

#include "vantage-live/base/vl-sqlite-private.h"

static VlRecord *
make_record (const char *id, const char *fields)
{
  g_autoptr (GVariant) variant = g_variant_parse (G_VARIANT_TYPE_VARDICT, fields, NULL, NULL, NULL);

  return vl_record_new (id, variant);
}

static VlTable *
open_table (SqliteFile *file, const char *sql)
{
  sqlite_file_init (file);
  sqlite_file_run (file, sql);

  return VL_TABLE (vl_sqlite_table_new (file->path, "t"));
}

static VlOutcome *
apply (VlTable *table, VlChange *change)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (GError) error = NULL;

  g_list_store_append (changes, change);
  outcomes = vl_table_apply_many_sync (table, G_LIST_MODEL (changes), NULL, &error);
  g_assert_no_error (error);

  return g_list_model_get_item (outcomes, 0);
}

/* The first is consumed. */
static VlOutcome *
apply_based (VlTable *table, VlChange *plain, VlRecord *base)
{
  g_autoptr (VlChange) owned = plain;
  g_autoptr (VlChange) change = vl_change_with_base (owned, base);

  return apply (table, change);
}

static VlOutcome *
patch_based (VlTable *table, const char *fields, VlRecord *base)
{
  g_autoptr (VlRecord) record = make_record (NULL, fields);

  return apply_based (table, vl_change_new_patch ("1", record), base);
}

#define THREE                                                            \
 "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, c TEXT COLLATE NOCASE);" \
 "INSERT INTO t VALUES (1, 1, 1, 'x')"

static void
test_message (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (&file, THREE);
  g_autoptr (VlRecord) base = vl_table_find_sync (table, "1", NULL, NULL);
  g_autoptr (VlOutcome) outcome = NULL;
  g_autoptr (VlRecord) now = NULL;
  const char *message;

  sqlite_file_run (&file, "UPDATE t SET a = 2, c = 'X'");
  now = vl_table_find_sync (table, "1", NULL, NULL);
  outcome = patch_based (table, "{'a': <5>, 'b': <5>, 'c': <'5'>}", base);
  g_assert_error (vl_outcome_get_error (outcome), VL_ERROR, VL_ERROR_CONFLICT);
  g_assert_true (vl_record_equal (vl_outcome_get_record (outcome), now));

  /* Table, operation, record, and just those fields. */
  message = vl_outcome_get_error (outcome)->message;
  g_assert_true (g_str_has_prefix (message, "t, patch “1”: "));
  g_assert_nonnull (strstr (message, "“1” of the table “t”"));
  g_assert_nonnull (strstr (message, "in “a”, “c”;"));
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT a FROM t"), ==, 2);
}

/* What the record is now is what the next attempt is based on. */
static void
test_again_with_the_record (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (&file, THREE);
  g_autoptr (VlRecord) base = vl_table_find_sync (table, "1", NULL, NULL);
  g_autoptr (VlOutcome) refused = NULL;
  g_autoptr (VlOutcome) applied = NULL;

  sqlite_file_run (&file, "UPDATE t SET a = 2.5, b = x'00ff'");
  refused = patch_based (table, "{'a': <5>, 'b': <5>}", base);
  g_assert_error (vl_outcome_get_error (refused), VL_ERROR, VL_ERROR_CONFLICT);
  applied = patch_based (table, "{'a': <5>, 'b': <5>}", vl_outcome_get_record (refused));
  g_assert_no_error (vl_outcome_get_error (applied));
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT a + b FROM t"), ==, 10);
}

static void
test_gone (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (&file, THREE);
  g_autoptr (VlRecord) base = vl_table_find_sync (table, "1", NULL, NULL);
  g_autoptr (VlOutcome) patched = NULL;
  g_autoptr (VlOutcome) replaced = NULL;
  g_autoptr (VlOutcome) deleted = NULL;

  sqlite_file_run (&file, "DELETE FROM t");
  patched = patch_based (table, "{'a': <5>}", base);
  replaced = apply_based (table, vl_change_new_replace (base), base);
  deleted = apply_based (table, vl_change_new_delete ("1"), base);

  g_assert_error (vl_outcome_get_error (patched), VL_ERROR, VL_ERROR_CONFLICT);
  g_assert_nonnull (strstr (vl_outcome_get_error (patched)->message, "deleted"));
  g_assert_null (vl_outcome_get_record (patched));
  g_assert_error (vl_outcome_get_error (replaced), VL_ERROR, VL_ERROR_CONFLICT);
  g_assert_null (vl_outcome_get_record (replaced));
  g_assert_no_error (vl_outcome_get_error (deleted));
  g_assert_null (vl_outcome_get_record (deleted));
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM t"), ==, 0);
}

/* A base that is what somebody wrote, and not what was read: nested values are
 * text when they are read, and 5 is 5.0 in a column of REAL affinity. */
static void
test_values_as_written (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (&file, "CREATE TABLE t (id INTEGER PRIMARY KEY, tags, "
                                                 "price REAL, active BOOLEAN)");
  g_autoptr (VlRecord)
    written = make_record ("1", "{'tags': <['a', 'b']>, 'price': <5>, 'active': <1>}");
  g_autoptr (VlRecord) stored = vl_table_insert_sync (table, written, NULL, NULL);
  g_autoptr (VlRecord) other = make_record ("1", "{'tags': <['a', 'c']>}");
  g_autoptr (VlOutcome) refused = NULL;
  g_autoptr (VlOutcome) applied = NULL;

  g_assert_cmpstr (vl_record_get_string (stored, "tags"), ==, "[\"a\",\"b\"]");
  refused = apply_based (table, vl_change_new_delete ("1"), other);
  g_assert_error (vl_outcome_get_error (refused), VL_ERROR, VL_ERROR_CONFLICT);
  applied = apply_based (table, vl_change_new_delete ("1"), written);
  g_assert_no_error (vl_outcome_get_error (applied));
  g_assert_true (vl_record_equal (vl_outcome_get_record (applied), stored));
}

/* Somebody writes when our write has begun, and before it has the file to
 * itself: what is compared is what is there then. */
static SqliteFile *intruded;
static int n_intrusions; /* atomic */

static int
intrude (unsigned int kind, void *data, void *statement, void *text)
{
  if (strcmp (text, "BEGIN IMMEDIATE") == 0 && g_atomic_int_add (&n_intrusions, 1) == 0)
    sqlite_file_run (intruded, "UPDATE t SET a = 99");

  return 0;
}

static void
watch_for_begin (VlSqlite *sqlite, VlSqliteMode mode)
{
  if (mode == VL_SQLITE_WRITE)
    sqlite3_trace_v2 (_vl_sqlite_get_db (sqlite), SQLITE_TRACE_STMT, intrude, NULL);
}

static void
test_same_transaction (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (&file, THREE);
  g_autoptr (VlRecord) base = vl_table_find_sync (table, "1", NULL, NULL);
  g_autoptr (VlOutcome) outcome = NULL;

  intruded = &file;
  _vl_sqlite_set_opened_func (watch_for_begin);
  outcome = patch_based (table, "{'a': <5>}", base);
  _vl_sqlite_set_opened_func (NULL);
  g_assert_cmpint (g_atomic_int_get (&n_intrusions), ==, 1);
  g_assert_error (vl_outcome_get_error (outcome), VL_ERROR, VL_ERROR_CONFLICT);
  g_assert_cmpint (vl_record_get_int64 (vl_outcome_get_record (outcome), "a"), ==, 99);
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT a FROM t"), ==, 99);
}

/* A conflict leaves the others of its batch alone, with triggers and without. */
static void
test_batch (gconstpointer more)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = NULL;
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (VlRecord) base = make_record (NULL, "{'a': <1>}");
  g_autoptr (VlRecord) fields = make_record (NULL, "{'a': <5>}");

  table = open_table (&file, "CREATE TABLE t (id INTEGER PRIMARY KEY, a);"
                             "INSERT INTO t VALUES (1, 1), (2, 2), (3, 1)");
  if (more != NULL)
    sqlite_file_run (&file, more);
  for (guint i = 1; i <= 3; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);
      g_autoptr (VlChange) plain = vl_change_new_patch (id, fields);
      g_autoptr (VlChange) change = vl_change_with_base (plain, base);

      g_list_store_append (changes, change);
    }
  outcomes = vl_table_apply_many_sync (table, G_LIST_MODEL (changes), NULL, NULL);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, i);
      gint64 a = vl_record_get_int64 (vl_outcome_get_record (outcome), "a");

      if (i == 1)
        g_assert_error (vl_outcome_get_error (outcome), VL_ERROR, VL_ERROR_CONFLICT);
      else
        g_assert_no_error (vl_outcome_get_error (outcome));
      g_assert_cmpint (a, ==, i == 1 ? 2 : 5);
    }
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT sum (a) FROM t"), ==, 12);
}

/* A batch that is lost as a whole tells of no record. */
static void
test_lost_batch (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (&file, THREE);
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (VlRecord) fields = make_record (NULL, "{'a': <5>}");
  g_autoptr (VlSchema) known = NULL;

  for (guint i = 1; i <= 2; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);
      g_autoptr (VlChange) change = vl_change_new_patch (id, fields);

      g_list_store_append (changes, change);
    }
  known = vl_table_describe_sync (table, NULL, NULL);
  g_assert_nonnull (known);
  sqlite_file_run (&file, "DROP TABLE t");
  outcomes = vl_table_apply_many_sync (table, G_LIST_MODEL (changes), NULL, NULL);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, i);

      g_assert_error (vl_outcome_get_error (outcome), VL_ERROR, VL_ERROR_NOT_FOUND);
      g_assert_null (vl_outcome_get_record (outcome));
    }
}

static void
test_capability (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (&file, THREE ";CREATE TABLE k (a, b)");
  g_autoptr (VlTable) keyless = VL_TABLE (vl_sqlite_table_new (file.path, "k"));
  g_autoptr (VlSchema) schema = vl_table_describe_sync (table, NULL, NULL);
  g_autoptr (VlSchema) read_only = vl_table_describe_sync (keyless, NULL, NULL);

  g_assert_true (vl_schema_can (schema, VL_CAPABILITY_CHECK_BASE));
  g_assert_false (vl_schema_can (read_only, VL_CAPABILITY_CHECK_BASE));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sqlite-table/conflict/names-what-is-different", test_message);
  g_test_add_func ("/sqlite-table/conflict/its-record-is-a-good-base", test_again_with_the_record);
  g_test_add_func ("/sqlite-table/conflict/of-what-is-gone", test_gone);
  g_test_add_func ("/sqlite-table/conflict/not-with-what-was-written", test_values_as_written);
  g_test_add_func ("/sqlite-table/conflict/in-the-same-transaction", test_same_transaction);
  g_test_add_data_func ("/sqlite-table/conflict/in-a-batch", NULL, test_batch);
  g_test_add_data_func ("/sqlite-table/conflict/in-a-batch-with-triggers",
                        "CREATE TRIGGER r AFTER UPDATE ON t BEGIN SELECT 1; END", test_batch);
  g_test_add_func ("/sqlite-table/conflict/lost-batch-tells-of-no-record", test_lost_batch);
  g_test_add_func ("/sqlite-table/conflict/is-claimed-by-what-can-be-written", test_capability);

  return g_test_run ();
}
