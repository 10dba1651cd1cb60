/* test-sqlite-bookkeeping.c: changes of a database that are sent again
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The program runs itself as a child, which is killed while it writes: just
 * before the transaction ends, and just after it, before anybody has heard.
 */

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "sqlite-file.h"

#include "vantage-live/base/vl-sqlite-private.h"

#define HAS_BOOKS "SELECT count(*) FROM sqlite_master WHERE name = 'vantage_live_applied'"
#define N_BOOKED  "SELECT count(*) FROM vantage_live_applied"

static VlRecord *
make_record (const char *id, const char *fields)
{
  g_autoptr (GVariant) variant = g_variant_parse (G_VARIANT_TYPE_VARDICT, fields, NULL, NULL, NULL);

  return vl_record_new (id, variant);
}

static VlTable *
open_named (const char *path, const char *name, gboolean allow)
{
  return g_object_new (VL_TYPE_SQLITE_TABLE, "path", path, "table-name", name, "allow-bookkeeping",
                       allow, NULL);
}

static VlTable *
open_table (SqliteFile *file, const char *sql)
{
  sqlite_file_init (file);
  sqlite_file_run (file, sql);

  return open_named (file->path, "t", TRUE);
}

#define TABLE "CREATE TABLE t (id INTEGER PRIMARY KEY, a)"

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

/* The id of the record that it was answered with. */
static char *
apply_well (VlTable *table, VlChange *change)
{
  g_autoptr (VlOutcome) outcome = apply (table, change);
  VlRecord *record = vl_outcome_get_record (outcome);

  g_assert_no_error (vl_outcome_get_error (outcome));

  return g_strdup (record != NULL ? vl_record_get_id (record) : NULL);
}

static void
apply_badly (VlTable *table, VlChange *change, VlError code)
{
  g_autoptr (VlOutcome) outcome = apply (table, change);

  g_assert_error (vl_outcome_get_error (outcome), VL_ERROR, (int) code);
}

static VlChange *
new_insert (void)
{
  g_autoptr (VlRecord) record = make_record (NULL, "{'a': <1>}");

  return vl_change_new_insert (record);
}

/* A user's database gets no table that nobody asked for. */
static void
test_unasked (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) allowed = open_table (&file, TABLE);
  g_autoptr (VlTable) plain = open_named (file.path, "t", FALSE);
  g_autoptr (VlTable) usual = VL_TABLE (vl_sqlite_table_new (file.path, "t"));
  g_autoptr (VlChange) change = new_insert ();
  g_autoptr (VlSchema) schema = NULL;

  g_assert_false (vl_sqlite_table_get_allow_bookkeeping (VL_SQLITE_TABLE (usual)));
  g_assert_true (vl_sqlite_table_get_allow_bookkeeping (VL_SQLITE_TABLE (allowed)));
  for (guint i = 0; i < 2; i++)
    {
      g_free (apply_well (plain, change));
      g_free (apply_well (usual, change));
    }
  schema = vl_table_describe_sync (usual, NULL, NULL);
  g_assert_false (vl_schema_can (schema, VL_CAPABILITY_IDEMPOTENT));
  g_clear_object (&schema);

  /* Nor by one who may, but only reads. */
  schema = vl_table_describe_sync (allowed, NULL, NULL);
  g_assert_true (vl_schema_can (schema, VL_CAPABILITY_IDEMPOTENT));
  g_assert_cmpint (vl_table_count_sync (allowed, NULL, NULL, NULL), ==, 4);
  g_assert_cmpint (sqlite_file_get_int64 (&file, HAS_BOOKS), ==, 0);

  g_free (apply_well (allowed, change));
  g_assert_cmpint (sqlite_file_get_int64 (&file, HAS_BOOKS), ==, 1);

  /* Those who may not do not look either. */
  g_free (apply_well (plain, change));
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM t"), ==, 6);
}

static void
test_claim (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (&file, TABLE "; CREATE TABLE k (a, b)");
  g_autoptr (VlTable) keyless = open_named (file.path, "k", TRUE);
  g_autoptr (VlSchema) first = vl_table_describe_sync (table, NULL, NULL);
  g_autoptr (VlSchema) read_only = vl_table_describe_sync (keyless, NULL, NULL);
  g_autoptr (VlSchema) again = NULL;
  g_autoptr (VlChange) change = new_insert ();

  g_assert_true (vl_schema_can (first, VL_CAPABILITY_IDEMPOTENT));
  g_assert_false (vl_schema_can (read_only, VL_CAPABILITY_IDEMPOTENT));
  g_free (apply_well (table, change));
  again = vl_table_describe_sync (table, NULL, NULL);
  g_assert_true (vl_schema_equal (first, again));
}

/* What is kept of a change, and what is not. */
static void
test_row (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (&file, TABLE);
  g_autoptr (VlRecord) record = make_record (NULL, "{'a': <'secret'>}");
  g_autoptr (VlChange) insertion = vl_change_new_insert (record);
  g_autoptr (VlChange) deletion = vl_change_new_delete ("1");
  g_autofree char *row = NULL;
  g_autofree char *row_of_deletion = NULL;
  g_autofree char *expected = NULL;

  g_free (apply_well (table, insertion));
  g_free (apply_well (table, deletion));
  row = sqlite_file_get_text (&file, "SELECT uid || table_name || record_id FROM "
                                     "vantage_live_applied WHERE seq = 1");
  expected = g_strconcat (vl_change_get_uid (insertion), "t1", NULL);
  g_assert_cmpstr (row, ==, expected);
  row_of_deletion = sqlite_file_get_text (
    &file, "SELECT typeof (record_id) FROM vantage_live_applied WHERE seq = 2");
  g_assert_cmpstr (row_of_deletion, ==, "null");
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT abs (max (applied_at) / 1000000 - "
                                                 "strftime ('%s')) < 3600 FROM "
                                                 "vantage_live_applied"),
                   ==, 1);
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM pragma_table_info "
                                                 "('vantage_live_applied')"),
                   ==, 5);
}

/* Another object, and one over another connection, know it as well. */
static void
test_after_reopening (void)
{
  g_auto (SqliteFile) file = { 0 };
  VlTable *table = open_table (&file, TABLE);
  g_autoptr (VlTable) reopened = NULL;
  g_autoptr (VlChange) change = new_insert ();
  g_autofree char *first = apply_well (table, change);
  g_autofree char *second = NULL;

  g_assert_finalize_object (table);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  sqlite_file_run (&file, "INSERT INTO t VALUES (2, 2)");
  reopened = open_named (file.path, "t", TRUE);
  second = apply_well (reopened, change);
  g_assert_cmpstr (first, ==, "1");
  g_assert_cmpstr (second, ==, "1");
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM t"), ==, 2);
}

/* The table may be made by somebody else in between, or lost. */
static void
test_table_comes_and_goes (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (&file, TABLE);
  g_autoptr (VlChange) change = new_insert ();

  for (guint i = 0; i < 3; i++)
    {
      g_free (apply_well (table, change));
      g_free (apply_well (table, change));
      g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM t"), ==, i + 1);
      sqlite_file_run (&file, "DROP TABLE vantage_live_applied");
    }
}

/* The change and its uid are both there, or neither. */
static void
test_undone_together (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = NULL;
  g_autoptr (VlRecord) record = make_record ("1", "{'p': <7>}");
  g_autoptr (VlChange) change = vl_change_new_insert (record);

  table = open_table (&file, "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (id INTEGER "
                             "PRIMARY KEY, p REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)");
  apply_badly (table, change, VL_ERROR_REJECTED);
  g_assert_cmpint (sqlite_file_get_int64 (&file, HAS_BOOKS), ==, 0);
  sqlite_file_run (&file, "INSERT INTO p VALUES (7)");
  g_free (apply_well (table, change));
  g_free (apply_well (table, change));
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM t"), ==, 1);
  g_assert_cmpint (sqlite_file_get_int64 (&file, N_BOOKED), ==, 1);
}

/* Of a batch those that were refused are not remembered, triggers or not. */
static void
test_refused_in_batch (gconstpointer trigger)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (&file, TABLE);
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (VlRecord) fields = make_record (NULL, "{'a': <3>}");
  g_autoptr (VlChange) insertion = new_insert ();
  g_autoptr (VlChange) refused = vl_change_new_patch ("2", fields);

  if (trigger != NULL)
    sqlite_file_run (&file, trigger);
  g_list_store_append (changes, insertion);
  g_list_store_append (changes, refused);
  g_list_store_append (changes, insertion);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GListModel)
        outcomes = vl_table_apply_many_sync (table, G_LIST_MODEL (changes), NULL, NULL);
      g_autoptr (VlOutcome) second = g_list_model_get_item (outcomes, 1);
      g_autoptr (VlOutcome) third = g_list_model_get_item (outcomes, 2);

      if (i == 0)
        g_assert_error (vl_outcome_get_error (second), VL_ERROR, VL_ERROR_NOT_FOUND);
      else
        g_assert_no_error (vl_outcome_get_error (second));
      g_assert_cmpstr (vl_record_get_id (vl_outcome_get_record (third)), ==, "1");
      g_assert_cmpint (sqlite_file_get_int64 (&file, N_BOOKED), ==, i + 1);
      sqlite_file_run (&file, "INSERT OR IGNORE INTO t VALUES (2, 2)");
    }
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM t"), ==, 2);
}

/* One uid, two tables: two changes. */
static void
test_other_table (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (&file, TABLE "; CREATE TABLE u (id INTEGER PRIMARY KEY, "
                                                       "a)");
  g_autoptr (VlTable) other = open_named (file.path, "u", TRUE);
  g_autoptr (VlTable) same = open_named (file.path, "T", TRUE);
  g_autoptr (VlChange) change = new_insert ();

  g_free (apply_well (table, change));
  g_free (apply_well (other, change));
  g_free (apply_well (same, change));
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM t"), ==, 1);
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM u"), ==, 1);
}

/* Somebody's table of that name is left alone. */
static void
test_name_is_taken (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (&file, TABLE "; CREATE TABLE vantage_live_applied (uid, "
                                                       "x); INSERT INTO vantage_live_applied "
                                                       "VALUES (1, 2)");
  g_autoptr (VlSchema) schema = vl_table_describe_sync (table, NULL, NULL);
  g_autoptr (VlChange) change = new_insert ();
  g_autofree char *rows = NULL;

  g_assert_false (vl_schema_can (schema, VL_CAPABILITY_IDEMPOTENT));
  for (guint i = 1; i <= 3; i++)
    {
      g_free (apply_well (table, change));
      g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM t"), ==, i);
    }
  rows = sqlite_file_get_text (&file,
                               "SELECT group_concat (uid || '-' || x) FROM vantage_live_applied");
  g_assert_cmpstr (rows, ==, "1-2");

  /* When it is gone there is room. */
  sqlite_file_run (&file, "DROP TABLE vantage_live_applied");
  g_clear_object (&schema);
  schema = vl_table_describe_sync (table, NULL, NULL);
  g_assert_true (vl_schema_can (schema, VL_CAPABILITY_IDEMPOTENT));
  g_free (apply_well (table, change));
  g_free (apply_well (table, change));
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM t"), ==, 4);
}

/* The last 100,000 stay, and every 256th looks. */
static void
test_bounded (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (&file, TABLE);
  g_autoptr (VlChange) first = new_insert ();
  g_autoptr (VlChange) second = new_insert ();
  g_autoptr (VlChange) last = new_insert ();

  g_free (apply_well (table, first));
  g_free (apply_well (table, second));
  sqlite_file_run (&file, "UPDATE vantage_live_applied SET seq = 352 WHERE seq = 1;"
                          "UPDATE vantage_live_applied SET seq = 353 WHERE seq = 2;"
                          "INSERT INTO vantage_live_applied VALUES (100351, 'x', 't', '1', 0)");
  g_free (apply_well (table, last));

  /* 100352 is a multiple of 256. */
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT max (seq) FROM vantage_live_applied"), ==,
                   100352);
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT min (seq) FROM vantage_live_applied"), ==,
                   353);
  g_free (apply_well (table, second));
  g_free (apply_well (table, last));
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM t"), ==, 3);
  g_free (apply_well (table, first));
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM t"), ==, 4);
}

static void
test_related (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = NULL;
  g_autoptr (VlSchema) schema = NULL;
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (VlTable) related = NULL;
  g_autoptr (VlSchema) related_schema = NULL;

  table = open_table (&file, TABLE "; INSERT INTO t VALUES (1, 1); CREATE TABLE u (id INTEGER "
                                   "PRIMARY KEY, t REFERENCES t (id))");
  schema = vl_table_describe_sync (table, NULL, NULL);
  g_assert_nonnull (schema);
  record = vl_table_find_sync (table, "1", NULL, NULL);
  related = vl_table_get_related (table, "u.t", record, NULL);
  related_schema = vl_table_describe_sync (related, NULL, NULL);
  g_assert_true (vl_schema_can (related_schema, VL_CAPABILITY_IDEMPOTENT));
}

/* Killed */

#define UID "0191d5a0-0000-7000-8000-000000000001"

static VlChange *
new_child_insert (void)
{
  g_autoptr (VlChange) change = new_insert ();

  return vl_change_with_uid (change, UID);
}

/* On the worker, when the transaction is there to last. */
static int
die_after_commit (void *data, sqlite3 *db, const char *name, int n_pages)
{
  raise (SIGKILL);

  return SQLITE_OK;
}

/* Just before that. */
static int
die_before_commit (void *data)
{
  raise (SIGKILL);

  return 0;
}

static void
arm_after (VlSqlite *sqlite, VlSqliteMode mode)
{
  if (mode == VL_SQLITE_WRITE)
    sqlite3_wal_hook (_vl_sqlite_get_db (sqlite), die_after_commit, NULL);
}

static void
arm_before (VlSqlite *sqlite, VlSqliteMode mode)
{
  if (mode == VL_SQLITE_WRITE)
    sqlite3_commit_hook (_vl_sqlite_get_db (sqlite), die_before_commit, NULL);
}

static void
run_child (const char *path, const char *when)
{
  g_autoptr (VlTable) table = open_named (path, "t", TRUE);
  g_autoptr (VlChange) change = new_child_insert ();

  _vl_sqlite_set_opened_func (g_str_equal (when, "after") ? arm_after : arm_before);
  g_object_unref (apply (table, change));
}

static const char *program;

static void
test_killed (gconstpointer when)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (&file, "PRAGMA journal_mode = WAL;" TABLE);
  g_autoptr (VlChange) change = new_child_insert ();
  const char *argv[] = { program, "--child", file.path, when, NULL };
  gboolean after = g_str_equal (when, "after");
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  int status;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status,
                &error);
  g_assert_no_error (error);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM t"), ==, after);

  /* Nobody heard how it ended, and so it is sent again. */
  id = apply_well (table, change);
  g_assert_cmpstr (id, ==, "1");
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM t"), ==, 1);
  g_assert_cmpint (sqlite_file_get_int64 (&file, N_BOOKED), ==, 1);
}

int
main (int argc, char *argv[])
{
  if (argc == 4 && g_str_equal (argv[1], "--child"))
    {
      run_child (argv[2], argv[3]);
      return 0;
    }

  g_test_init (&argc, &argv, NULL);
  program = argv[0];

  g_test_add_func ("/sqlite-table/bookkeeping/never-unasked", test_unasked);
  g_test_add_func ("/sqlite-table/bookkeeping/is-claimed-where-it-is-done", test_claim);
  g_test_add_func ("/sqlite-table/bookkeeping/keeps-no-values", test_row);
  g_test_add_func ("/sqlite-table/bookkeeping/outlives-the-program", test_after_reopening);
  g_test_add_func ("/sqlite-table/bookkeeping/its-table-may-come-and-go",
                   test_table_comes_and_goes);
  g_test_add_func ("/sqlite-table/bookkeeping/is-undone-with-the-change", test_undone_together);
  g_test_add_data_func ("/sqlite-table/bookkeeping/not-of-what-is-refused", NULL,
                        test_refused_in_batch);
  g_test_add_data_func ("/sqlite-table/bookkeeping/not-of-what-is-refused-with-triggers",
                        "CREATE TRIGGER r AFTER UPDATE ON t BEGIN SELECT 1; END",
                        test_refused_in_batch);
  g_test_add_func ("/sqlite-table/bookkeeping/each-table-for-itself", test_other_table);
  g_test_add_func ("/sqlite-table/bookkeeping/leaves-what-is-not-ours", test_name_is_taken);
  g_test_add_func ("/sqlite-table/bookkeeping/is-bounded", test_bounded);
  g_test_add_func ("/sqlite-table/bookkeeping/also-of-related-tables", test_related);
  g_test_add_data_func ("/sqlite-table/bookkeeping/killed/after-the-commit", "after", test_killed);
  g_test_add_data_func ("/sqlite-table/bookkeeping/killed/before-the-commit", "before",
                        test_killed);

  return g_test_run ();
}
