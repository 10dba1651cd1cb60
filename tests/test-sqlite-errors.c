/* test-sqlite-errors.c: files that are locked, full, damaged or not there
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>
#include <vantage-live.h>

#include "base/vl-sqlite-private.h"
#include "sqlite-file.h"

static const char *program;

/* For the tests that run as another user; its path is in the environment. */
static SqliteFile locked;

static VlRecord *
make_record (const char *id, const char *fields)
{
  return vl_record_new (id, g_variant_new_parsed (fields));
}

/* Reading and writing both fail like this, and say which file it is. */
static void
assert_fails (const char *path, const char *name, VlError code)
{
  g_autoptr (VlTable) table = VL_TABLE (vl_sqlite_table_new (path, name));
  g_autoptr (VlRecord) record = make_record ("1", "@a{sv} {}");
  g_autoptr (GError) error = NULL;

  vl_sqlite_table_set_busy_timeout (VL_SQLITE_TABLE (table), 20);
  g_assert_null (vl_table_describe_sync (table, NULL, &error));
  g_assert_error (error, VL_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, path));
  g_clear_error (&error);
  g_assert_null (vl_table_list_sync (table, NULL, NULL, &error));
  g_assert_error (error, VL_ERROR, (int) code);
  g_clear_error (&error);
  g_assert_null (vl_table_insert_sync (table, record, NULL, &error));
  g_assert_error (error, VL_ERROR, (int) code);
}

static void
test_missing (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autofree char *deep = NULL;

  sqlite_file_init (&file);
  assert_fails (file.path, "t", VL_ERROR_NOT_FOUND);
  g_assert_false (g_file_test (file.path, G_FILE_TEST_EXISTS));

  deep = g_build_filename (file.folder, "none", "test.db", NULL);
  assert_fails (deep, "t", VL_ERROR_NOT_FOUND);

  sqlite_file_run (&file, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
  assert_fails (file.path, "u", VL_ERROR_NOT_FOUND);
}

static void
test_folder (void)
{
  g_auto (SqliteFile) file = { 0 };

  sqlite_file_init (&file);
  assert_fails (file.folder, "t", VL_ERROR_INVALID);
}

static void
test_not_a_database (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autofree char *content = g_strnfill (4096, 'x');
  g_autofree char *after = NULL;

  sqlite_file_init (&file);
  g_assert_true (g_file_set_contents (file.path, content, -1, NULL));
  assert_fails (file.path, "t", VL_ERROR_CORRUPT);
  g_assert_true (g_file_get_contents (file.path, &after, NULL, NULL));
  g_assert_cmpstr (after, ==, content);
}

/* The schema can be read, the rows cannot. */
static void
test_corrupt (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autofree char *content = NULL;
  gsize length;
  g_autoptr (VlTable) table = NULL;
  g_autoptr (VlSchema) schema = NULL;
  g_autoptr (VlRecord) fields = make_record (NULL, "{'v': <'y'>}");
  g_autoptr (GError) error = NULL;

  sqlite_file_init (&file);
  sqlite_file_run (&file, "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);"
                          "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                          "WHERE i < 3000) INSERT INTO t SELECT i, 'some text' FROM n");
  g_assert_true (g_file_get_contents (file.path, &content, &length, NULL));
  memset (content + 4096, 0x55, length - 4096);
  g_assert_true (g_file_set_contents (file.path, content, (gssize) length, NULL));

  table = VL_TABLE (vl_sqlite_table_new (file.path, "t"));
  schema = vl_table_describe_sync (table, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (vl_table_list_sync (table, NULL, NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_CORRUPT);
  g_assert_nonnull (strstr (error->message, file.path));
  g_clear_error (&error);
  g_assert_null (vl_table_patch_sync (table, "5", fields, NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_CORRUPT);
}

/* Runs as a user who may read the file and nothing more. */
static void
test_read_only_child (void)
{
  const char *path = g_getenv ("VL_TEST_PATH");
  g_autoptr (VlTable) table = NULL;
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlRecord) record = make_record ("2", "@a{sv} {}");
  g_autoptr (GError) error = NULL;

  if (geteuid () == 0)
    g_assert_cmpint (setuid (65534), ==, 0);

  table = VL_TABLE (vl_sqlite_table_new (path, "t"));
  page = list_all (VL_SQLITE_TABLE (table), NULL);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, 1);
  g_assert_null (vl_table_insert_sync (table, record, NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_READ_ONLY);
  g_assert_nonnull (strstr (error->message, path));
  g_clear_error (&error);
  g_assert_false (vl_table_delete_all_sync (table, NULL, NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_READ_ONLY);
}

static void
test_read_only (void)
{
  sqlite_file_run (&locked, "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
  g_assert_cmpint (g_chmod (locked.path, 0444), ==, 0);
  g_assert_cmpint (g_chmod (locked.folder, 0555), ==, 0);

  g_test_trap_subprocess ("/sqlite-table/errors/read-only/subprocess", 0,
                          G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();

  g_assert_cmpint (g_chmod (locked.folder, 0755), ==, 0);
  g_assert_cmpint (g_chmod (locked.path, 0644), ==, 0);
  g_assert_cmpint (sqlite_file_get_int64 (&locked, "SELECT count(*) FROM t"), ==, 1);
  sqlite_file_run (&locked, "DROP TABLE t");
}

static void
test_may_not_be_read_child (void)
{
  const char *path = g_getenv ("VL_TEST_PATH");

  if (geteuid () == 0)
    g_assert_cmpint (setuid (65534), ==, 0);
  assert_fails (path, "t", VL_ERROR_UNAVAILABLE);
}

static void
test_may_not_be_read (void)
{
  sqlite_file_run (&locked, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
  g_assert_cmpint (g_chmod (locked.path, 0), ==, 0);
  g_assert_cmpint (g_chmod (locked.folder, 0755), ==, 0);

  g_test_trap_subprocess ("/sqlite-table/errors/may-not-be-read/subprocess", 0,
                          G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();

  g_assert_cmpint (g_chmod (locked.path, 0644), ==, 0);
  sqlite_file_run (&locked, "DROP TABLE t");
}

/* Runs on the worker: lets the database grow a little and no more. */
static void
limit_growth (VlSqlite *sqlite, VlSqliteMode mode)
{
  if (mode == VL_SQLITE_WRITE)
    g_assert_true (_vl_sqlite_exec (sqlite, "PRAGMA max_page_count = 8", NULL));
}

/* A row of a page and more. */
static VlRecord *
make_large (const char *id)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (id);
  g_autofree char *text = g_strnfill (5000, 'x');

  vl_record_builder_set_string (builder, "v", text);

  return vl_record_builder_end (builder);
}

/* A batch that does not fit is not there at all. */
static void
assert_batch_fails (VlTable *table)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (VlRecord) small = make_record ("1000", "@a{sv} {}");
  g_autoptr (VlRecord) large = make_large ("2000");
  g_autoptr (VlChange) first = vl_change_new_insert (small);
  g_autoptr (VlChange) second = vl_change_new_insert (large);

  g_list_store_append (changes, first);
  g_list_store_append (changes, second);
  outcomes = vl_table_apply_many_sync (table, G_LIST_MODEL (changes), NULL, NULL);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, i);

      g_assert_error (vl_outcome_get_error (outcome), VL_ERROR, VL_ERROR_UNAVAILABLE);
    }
}

static void
test_full (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = NULL;
  g_autoptr (VlRecord) record = make_large (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *check = NULL;
  gint64 n_rows = 0;

  sqlite_file_init (&file);
  sqlite_file_run (&file, "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)");
  _vl_sqlite_set_opened_func (limit_growth);
  table = VL_TABLE (vl_sqlite_table_new (file.path, "t"));

  while (error == NULL)
    {
      g_autoptr (VlRecord) stored = vl_table_insert_sync (table, record, NULL, &error);

      n_rows += stored != NULL;
      g_assert_cmpint (n_rows, <, 8);
    }
  g_assert_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, file.path));
  g_assert_cmpint (n_rows, >, 0);
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM t"), ==, n_rows);

  assert_batch_fails (table);
  _vl_sqlite_set_opened_func (NULL);
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM t"), ==, n_rows);
  check = sqlite_file_get_text (&file, "PRAGMA integrity_check");
  g_assert_cmpstr (check, ==, "ok");
}

/* Another process that holds the file until it is told to let go. */
typedef struct
{
  GSubprocess *process;
} Holder;

static void
holder_init (Holder *self, SqliteFile *file)
{
  g_autoptr (GError) error = NULL;
  char byte = 0;

  self->process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                    &error, program, "--hold", file->path, NULL);
  g_assert_no_error (error);
  g_assert_cmpint (g_input_stream_read (g_subprocess_get_stdout_pipe (self->process), &byte, 1,
                                        NULL, NULL),
                   ==, 1);
}

static void
holder_let_go (Holder *self)
{
  g_output_stream_close (g_subprocess_get_stdin_pipe (self->process), NULL, NULL);
}

static void
holder_clear (Holder *self)
{
  holder_let_go (self);
  g_assert_true (g_subprocess_wait_check (self->process, NULL, NULL));
  g_clear_object (&self->process);
}

/* What the other process does. */
static int
hold (const char *path)
{
  sqlite3 *db = NULL;
  char byte;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (write (STDOUT_FILENO, "h", 1), ==, 1);
  g_assert_cmpint (read (STDIN_FILENO, &byte, 1), ==, 0);
  g_assert_cmpint (sqlite3_exec (db, "COMMIT", NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);

  return 0;
}

static void
test_busy (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = NULL;
  g_autoptr (VlRecord) record = make_record ("1", "@a{sv} {}");
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (GError) error = NULL;
  Holder holder;

  sqlite_file_init (&file);
  sqlite_file_run (&file, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
  table = VL_TABLE (vl_sqlite_table_new (file.path, "t"));
  vl_sqlite_table_set_busy_timeout (VL_SQLITE_TABLE (table), 50);
  g_object_unref (list_all (VL_SQLITE_TABLE (table), NULL));

  holder_init (&holder, &file);
  g_assert_null (vl_table_insert_sync (table, record, NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, file.path));
  g_clear_error (&error);
  g_assert_null (vl_table_list_sync (table, NULL, NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  holder_clear (&holder);

  stored = vl_table_insert_sync (table, record, NULL, &error);
  g_assert_no_error (error);
}

typedef struct
{
  VlRecord *record;
  GError *error;
  guint n_turns;
  guint turns_at_end;
  gboolean done;
} Beat;

static gboolean
on_beat (gpointer user_data)
{
  Beat *beat = user_data;

  beat->n_turns++;

  return G_SOURCE_CONTINUE;
}

static void
on_inserted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Beat *beat = user_data;

  beat->record = vl_table_insert_finish (VL_TABLE (source), result, &beat->error);
  beat->turns_at_end = beat->n_turns;
  beat->done = TRUE;
}

static void
test_main_loop_goes_on (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = NULL;
  g_autoptr (VlRecord) record = make_record ("1", "@a{sv} {}");
  Holder holder;
  Beat beat = { 0 };
  guint source;

  sqlite_file_init (&file);
  sqlite_file_run (&file, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
  table = VL_TABLE (vl_sqlite_table_new (file.path, "t"));
  vl_sqlite_table_set_busy_timeout (VL_SQLITE_TABLE (table), 60000);
  g_object_unref (list_all (VL_SQLITE_TABLE (table), NULL));

  holder_init (&holder, &file);
  source = g_idle_add (on_beat, &beat);
  vl_table_insert_async (table, record, NULL, on_inserted, &beat);
  wait_until (beat.n_turns >= 1000);
  g_assert_false (beat.done);
  holder_let_go (&holder);
  wait_until (beat.done);
  g_source_remove (source);
  holder_clear (&holder);

  g_assert_no_error (beat.error);
  g_assert_cmpstr (vl_record_get_id (beat.record), ==, "1");
  g_assert_cmpuint (beat.turns_at_end, >=, 1000);
  g_clear_object (&beat.record);
}

/* A write that waits for a lock has not begun: it can be taken back. */
static void
test_cancel_while_busy (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = NULL;
  g_autoptr (VlRecord) record = make_record ("1", "@a{sv} {}");
  g_autoptr (VlRecord) second = make_record ("2", "@a{sv} {}");
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Holder holder;
  Beat beat = { 0 };
  guint source;

  sqlite_file_init (&file);
  sqlite_file_run (&file, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
  table = VL_TABLE (vl_sqlite_table_new (file.path, "t"));
  vl_sqlite_table_set_busy_timeout (VL_SQLITE_TABLE (table), 60000);
  g_object_unref (list_all (VL_SQLITE_TABLE (table), NULL));

  holder_init (&holder, &file);
  source = g_idle_add (on_beat, &beat);
  vl_table_insert_async (table, record, cancellable, on_inserted, &beat);
  wait_until (beat.n_turns >= 1000);
  g_cancellable_cancel (cancellable);
  wait_until (beat.done);
  g_source_remove (source);
  g_assert_error (beat.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&beat.error);
  holder_clear (&holder);

  stored = vl_table_insert_sync (table, second, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT sum (id) FROM t"), ==, 2);
}

/* Another file in the place of the one that is open. */
static void
test_replaced_file (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_auto (SqliteFile) other = { 0 };
  g_autoptr (VlTable) table = NULL;
  g_autoptr (VlRecord) record = make_record ("1", "{'v': <'new'>}");
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (VlPage) before = NULL;
  g_autoptr (VlPage) after = NULL;
  g_autoptr (VlSchema) first = NULL;
  g_autoptr (VlSchema) second = NULL;
  g_autofree char *values = NULL;
  g_autoptr (GError) error = NULL;

  sqlite_file_init (&file);
  sqlite_file_init (&other);
  sqlite_file_run (&file,
                   "CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 'a')");
  sqlite_file_run (&other,
                   "CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (9, 'b')");
  table = VL_TABLE (vl_sqlite_table_new (file.path, "t"));
  first = vl_table_describe_sync (table, NULL, &error);
  before = list_all (VL_SQLITE_TABLE (table), NULL);

  g_assert_cmpint (g_rename (other.path, file.path), ==, 0);
  after = list_all (VL_SQLITE_TABLE (table), NULL);
  values = join_column (after, "v");
  g_assert_cmpstr (values, ==, "b");
  stored = vl_table_insert_sync (table, record, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM t"), ==, 2);
  second = vl_table_describe_sync (table, NULL, &error);
  g_assert_cmpstr (vl_schema_get_instance (first), !=, vl_schema_get_instance (second));

  g_assert_cmpint (g_remove (file.path), ==, 0);
  g_assert_null (vl_table_list_sync (table, NULL, NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_clear_object (&stored);
  stored = vl_table_insert_sync (table, record, NULL, &error);
  g_assert_error (error, VL_ERROR, VL_ERROR_NOT_FOUND);
}

int
main (int argc, char *argv[])
{
  int status;

  if (argc == 3 && g_str_equal (argv[1], "--hold"))
    return hold (argv[2]);

  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  if (!g_test_subprocess ())
    {
      sqlite_file_init (&locked);
      g_setenv ("VL_TEST_PATH", locked.path, TRUE);
    }

  g_test_add_func ("/sqlite-table/errors/missing", test_missing);
  g_test_add_func ("/sqlite-table/errors/folder", test_folder);
  g_test_add_func ("/sqlite-table/errors/not-a-database", test_not_a_database);
  g_test_add_func ("/sqlite-table/errors/corrupt", test_corrupt);
  g_test_add_func ("/sqlite-table/errors/read-only", test_read_only);
  g_test_add_func ("/sqlite-table/errors/read-only/subprocess", test_read_only_child);
  g_test_add_func ("/sqlite-table/errors/may-not-be-read", test_may_not_be_read);
  g_test_add_func ("/sqlite-table/errors/may-not-be-read/subprocess", test_may_not_be_read_child);
  g_test_add_func ("/sqlite-table/errors/full", test_full);
  g_test_add_func ("/sqlite-table/errors/busy", test_busy);
  g_test_add_func ("/sqlite-table/errors/main-loop-goes-on-while-busy", test_main_loop_goes_on);
  g_test_add_func ("/sqlite-table/errors/cancelled-while-busy", test_cancel_while_busy);
  g_test_add_func ("/sqlite-table/errors/replaced-file", test_replaced_file);

  status = g_test_run ();
  sqlite_file_clear (&locked);

  return status;
}
