/* test-sqlite-requests.c: queues, batches and relations of databases
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>
#include <vantage-live.h>

#include "base/vl-lock-private.h"
#include "base/vl-sqlite-private.h"
#include "sqlite-file.h"
#include "stepped-jobs.h"
#include "table/vl-table-private.h"

static VlRecord *
make_record (const char *id, const char *fields)
{
  return vl_record_new (id, g_variant_new_parsed (fields));
}

static VlTable *
open_table (SqliteFile *file, const char *sql, const char *name)
{
  sqlite_file_init (file);
  sqlite_file_run (file, sql);

  return VL_TABLE (vl_sqlite_table_new (file->path, name));
}

/* One call, and what it ended with. */
typedef struct
{
  GObject *result;
  GError *error;
  gboolean done;
  guint place; /* of all that ended, from 1 on */
} Call;

static guint n_ended;

static void
call_clear (Call *call)
{
  g_clear_object (&call->result);
  g_clear_error (&call->error);
  call->done = FALSE;
}

static void
call_end (Call *call, gpointer result)
{
  call->result = result;
  call->done = TRUE;
  call->place = ++n_ended;
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;

  call_end (call, vl_table_list_finish (VL_TABLE (source), result, &call->error));
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;

  call_end (call, vl_table_find_finish (VL_TABLE (source), result, &call->error));
}

static void
on_inserted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;

  call_end (call, vl_table_insert_finish (VL_TABLE (source), result, &call->error));
}

/* The gate: an SQL function that a trigger or a view calls on a worker, and
 * that waits there until the test lets it go. */
static VlLock gate_lock;
static VlCondition gate_condition;
static gboolean gate_is_open;
static int n_waiting; /* atomic */

static void
gate_func (sqlite3_context *context, int n_args, sqlite3_value **args)
{
  _vl_lock_acquire (&gate_lock);
  g_atomic_int_inc (&n_waiting);
  g_main_context_wakeup (NULL);
  while (!gate_is_open)
    _vl_condition_wait (&gate_condition, &gate_lock, -1);
  g_atomic_int_add (&n_waiting, -1);
  _vl_lock_release (&gate_lock);
  sqlite3_result_int (context, 1);
}

static void
add_gate (VlSqlite *sqlite, VlSqliteMode mode)
{
  sqlite3_create_function (_vl_sqlite_get_db (sqlite), "gate", 0, SQLITE_UTF8, NULL, gate_func,
                           NULL, NULL);
}

static void
gate_set (gboolean is_open)
{
  _vl_sqlite_set_opened_func (add_gate);
  _vl_lock_acquire (&gate_lock);
  gate_is_open = is_open;
  _vl_condition_broadcast (&gate_condition);
  _vl_lock_release (&gate_lock);
}

#define GATED_WRITES                                                      \
 "PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, v);" \
 "INSERT INTO t VALUES (1, 1);"                                           \
 "CREATE TRIGGER wait BEFORE INSERT ON t WHEN new.v = 'wait' BEGIN SELECT gate (); END"

static void
test_reads_overtake (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (&file, GATED_WRITES, "t");
  g_autoptr (VlRecord) slow = make_record ("2", "{'v': <'wait'>}");
  g_autoptr (VlRecord) next = make_record ("3", "{'v': <'x'>}");
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlRecord) other = NULL;
  Call writes[2] = { 0 };
  Call find = { 0 };

  gate_set (FALSE);
  vl_table_insert_async (table, slow, NULL, on_inserted, &writes[0]);
  vl_table_insert_async (table, next, NULL, on_inserted, &writes[1]);
  wait_until (g_atomic_int_get (&n_waiting) == 1);

  /* Lists and finds of other records do not wait for the writes... */
  page = list_all (VL_SQLITE_TABLE (table), NULL);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, 1);
  g_assert_cmpint (vl_table_count_sync (table, NULL, NULL, NULL), ==, 1);
  other = vl_table_find_sync (table, "1", NULL, NULL);
  g_assert_nonnull (other);

  /* ... that of a record being written does. */
  vl_table_find_async (table, "3", NULL, on_found, &find);
  g_assert_false (writes[0].done || writes[1].done);
  gate_set (TRUE);
  wait_until (find.done);
  g_assert_true (writes[0].done && writes[1].done);
  g_assert_nonnull (find.result);
  g_assert_cmpuint (writes[0].place, <, writes[1].place);
  g_assert_cmpuint (writes[1].place, <, find.place);

  call_clear (&writes[0]);
  call_clear (&writes[1]);
  call_clear (&find);
}

static void
test_cancelled_in_queue (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (&file, GATED_WRITES, "t");
  g_autoptr (VlRecord) slow = make_record ("2", "{'v': <'wait'>}");
  g_autoptr (VlRecord) never = make_record ("3", "{'v': <'x'>}");
  g_autoptr (VlRecord) after = make_record ("4", "{'v': <'x'>}");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *ids = NULL;
  Call writes[3] = { 0 };

  gate_set (FALSE);
  vl_table_insert_async (table, slow, NULL, on_inserted, &writes[0]);
  vl_table_insert_async (table, never, cancellable, on_inserted, &writes[1]);
  vl_table_insert_async (table, after, NULL, on_inserted, &writes[2]);
  wait_until (g_atomic_int_get (&n_waiting) == 1);
  g_cancellable_cancel (cancellable);
  wait_until (writes[1].done);
  g_assert_error (writes[1].error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (writes[0].done);

  gate_set (TRUE);
  wait_until (writes[0].done && writes[2].done);
  g_assert_no_error (writes[2].error);
  ids = sqlite_file_get_text (&file, "SELECT group_concat (id) FROM t");
  g_assert_cmpstr (ids, ==, "1,2,4");

  for (guint i = 0; i < G_N_ELEMENTS (writes); i++)
    call_clear (&writes[i]);
}

/* A write that has begun is finished: its caller has gone, the row is there. */
static void
test_cancelled_too_late (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (&file, GATED_WRITES, "t");
  g_autoptr (VlRecord) slow = make_record ("2", "{'v': <'wait'>}");
  g_autoptr (VlRecord) next = make_record ("3", "{'v': <'x'>}");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Call writes[2] = { 0 };

  gate_set (FALSE);
  vl_table_insert_async (table, slow, cancellable, on_inserted, &writes[0]);
  vl_table_insert_async (table, next, NULL, on_inserted, &writes[1]);
  wait_until (g_atomic_int_get (&n_waiting) == 1);
  g_cancellable_cancel (cancellable);
  wait_until (writes[0].done);
  gate_set (TRUE);
  wait_until (writes[1].done);
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM t"), ==, 3);

  call_clear (&writes[0]);
  call_clear (&writes[1]);
}

/* A read that would go on for hours. */
static void
test_cancelled_read (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (
    &file,
    "CREATE VIEW endless AS WITH RECURSIVE n (i) AS (SELECT gate () UNION ALL SELECT i + 1 FROM n "
    "WHERE i < 100000000000) SELECT count(*) AS c FROM n;"
    "CREATE TABLE t (id INTEGER PRIMARY KEY)",
    "endless");
  g_autoptr (VlTable) other = VL_TABLE (vl_sqlite_table_new (file.path, "t"));
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (VlPage) page = NULL;
  Call list = { 0 };

  gate_set (FALSE);
  vl_table_list_async (table, NULL, cancellable, on_listed, &list);
  wait_until (g_atomic_int_get (&n_waiting) == 1);
  gate_set (TRUE);
  g_cancellable_cancel (cancellable);
  wait_until (list.done);
  g_assert_error (list.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  call_clear (&list);

  /* The same thread is free again, and the next read is not interrupted. */
  page = list_all (VL_SQLITE_TABLE (other), NULL);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, 0);
}

/* The last reference goes while requests are on their way. */
static void
test_dropped (void)
{
  g_auto (SqliteFile) file = { 0 };
  VlTable *table = open_table (&file, GATED_WRITES, "t");
  g_autoptr (VlRecord) slow = make_record ("2", "{'v': <'wait'>}");
  Call write = { 0 };
  Call list = { 0 };

  gate_set (FALSE);
  vl_table_insert_async (table, slow, NULL, on_inserted, &write);
  wait_until (g_atomic_int_get (&n_waiting) == 1);
  vl_table_list_async (table, NULL, NULL, on_listed, &list);
  g_object_add_weak_pointer (G_OBJECT (table), (gpointer *) &table);
  g_object_unref (table);
  gate_set (TRUE);
  wait_until (write.done && list.done);
  g_assert_no_error (write.error);
  wait_until (table == NULL);
  call_clear (&write);
  call_clear (&list);
}

static void
test_many (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (&file, "CREATE TABLE t (id INTEGER PRIMARY KEY, v)", "t");
  g_autofree Call *calls = g_new0 (Call, 200);
  guint n_done = 0;

  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);
      g_autoptr (VlRecord) record = make_record (id, "{'v': <1>}");

      vl_table_insert_async (table, record, NULL, on_inserted, &calls[i]);
    }
  while (n_done < 200)
    {
      g_main_context_iteration (NULL, TRUE);
      for (n_done = 0; n_done < 200 && calls[n_done].done;)
        n_done++;
    }
  for (guint i = 0; i < 200; i++)
    {
      g_assert_no_error (calls[i].error);
      g_assert_cmpint (vl_record_get_int64 (VL_RECORD (calls[i].result), "id"), ==, i);
      if (i > 0)
        g_assert_cmpuint (calls[i].place, ==, calls[i - 1].place + 1);
      call_clear (&calls[i]);
    }
}

/* A letter for each change: + applied, else what it failed with. */
static char *
apply_many (VlTable *table, VlChange *const *changes, guint n_changes)
{
  g_autoptr (GListStore) list = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (GError) error = NULL;
  GString *summary = g_string_new (NULL);

  for (guint i = 0; i < n_changes; i++)
    g_list_store_append (list, changes[i]);
  outcomes = vl_table_apply_many_sync (table, G_LIST_MODEL (list), NULL, &error);
  g_assert_no_error (error);

  for (guint i = 0; i < n_changes; i++)
    {
      g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, i);
      const GError *failure = vl_outcome_get_error (outcome);

      if (failure == NULL)
        g_string_append_c (summary, '+');
      else if (g_error_matches (failure, VL_ERROR, VL_ERROR_EXISTS))
        g_string_append_c (summary, 'e');
      else if (g_error_matches (failure, VL_ERROR, VL_ERROR_NOT_FOUND))
        g_string_append_c (summary, 'n');
      else if (g_error_matches (failure, VL_ERROR, VL_ERROR_REJECTED))
        g_string_append_c (summary, 'r');
      else
        g_error ("%s", failure->message);
    }

  return g_string_free (summary, FALSE);
}

/* Inserts of ids 1 to 5 with the given values of `v`, a patch of one that is
 * not there and a deletion. */
static char *
apply_mixture (VlTable *table, const char *const *values)
{
  VlChange *changes[7];
  g_autoptr (VlRecord) fields = make_record (NULL, "{'v': <'p'>}");
  char *summary;

  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i + 1);
      g_autoptr (VlRecord)
        record = vl_record_new (id, g_variant_new_parsed ("{'v': <%s>}", values[i]));

      changes[i] = vl_change_new_insert (record);
    }
  changes[5] = vl_change_new_patch ("77", fields);
  changes[6] = vl_change_new_delete ("10");

  summary = apply_many (table, changes, G_N_ELEMENTS (changes));
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    g_object_unref (changes[i]);

  return summary;
}

static void
assert_rows (SqliteFile *file, const char *expected)
{
  g_autofree char *rows = sqlite_file_get_text (
    file, "SELECT group_concat (id || v) FROM (SELECT id, v FROM t ORDER BY id)");

  g_assert_cmpstr (rows, ==, expected);
}

static void
test_batch (void)
{
  static const char *const values[] = { "a", "b", "bad", "d", "e" };
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable)
    table = open_table (&file,
                        "CREATE TABLE t (id INTEGER PRIMARY KEY, v CHECK (v <> 'bad'));"
                        "INSERT INTO t VALUES (2, 'old'), (10, 'old')",
                        "t");
  g_autofree char *summary = apply_mixture (table, values);

  g_assert_cmpstr (summary, ==, "+er++n+");
  assert_rows (&file, "1a,2old,4d,5e");
}

/* What a trigger had done before its change failed is undone, and only that. */
static void
test_batch_with_triggers (void)
{
  static const char *const values[] = { "a", "fail", "ignore", "d", "e" };
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (
    &file,
    "CREATE TABLE t (id INTEGER PRIMARY KEY, v); CREATE TABLE log (x);"
    "CREATE TRIGGER note BEFORE INSERT ON t BEGIN INSERT INTO log VALUES (new.v); "
    "SELECT CASE new.v WHEN 'fail' THEN RAISE (FAIL, 'no') WHEN 'ignore' THEN RAISE (IGNORE) END; "
    "END",
    "t");
  g_autofree char *summary = apply_mixture (table, values);
  g_autofree char *noted = sqlite_file_get_text (&file, "SELECT group_concat (x, '') FROM log");

  g_assert_cmpstr (summary, ==, "+rr++n+");
  assert_rows (&file, "1a,4d,5e");
  g_assert_cmpstr (noted, ==, "ade");
}

/* One change takes the whole transaction with it: the others are made again. */
static void
test_batch_rolled_back (void)
{
  static const char *const values[] = { "a", "b", "undo", "d", "e" };
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable)
    table = open_table (&file,
                        "CREATE TABLE t (id INTEGER PRIMARY KEY, v);"
                        "CREATE TRIGGER undo BEFORE INSERT ON t WHEN new.v = 'undo' BEGIN "
                        "SELECT RAISE (ROLLBACK, 'undone'); END",
                        "t");
  g_autofree char *summary = apply_mixture (table, values);

  g_assert_cmpstr (summary, ==, "++r++n+");
  assert_rows (&file, "1a,2b,4d,5e");
}

/* A foreign key that is only looked at in the end fails the change that it is
 * about, not those beside it. */
static void
test_batch_fails_to_commit (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = open_table (
    &file,
    "CREATE TABLE p (id INTEGER PRIMARY KEY);"
    "CREATE TABLE t (id INTEGER PRIMARY KEY, v REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)",
    "t");
  g_autoptr (VlRecord) good = make_record ("1", "@a{sv} {}");
  g_autoptr (VlRecord) bad = make_record ("2", "{'v': <99>}");
  g_autoptr (VlChange) first = vl_change_new_insert (good);
  g_autoptr (VlChange) second = vl_change_new_insert (bad);
  VlChange *changes[] = { first, second };
  g_autofree char *summary = apply_many (table, changes, 2);
  g_autoptr (GError) error = NULL;
  g_autofree char *ids = sqlite_file_get_text (&file, "SELECT group_concat (id, '') FROM t");

  g_assert_cmpstr (summary, ==, "+r");
  g_assert_cmpstr (ids, ==, "1");
  g_assert_null (vl_table_insert_sync (table, bad, NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_REJECTED);
}

#define RELATED                                                                                  \
 "CREATE TABLE \"big client\" (id INTEGER PRIMARY KEY, code TEXT UNIQUE, boss REFERENCES "       \
 "\"big client\");"                                                                              \
 "CREATE TABLE bill (id INTEGER PRIMARY KEY, client REFERENCES \"big client\", "                 \
 "code TEXT REFERENCES \"BIG client\" (code), a, b, FOREIGN KEY (a, b) REFERENCES pair (a, b));" \
 "CREATE TABLE pair (a, b, PRIMARY KEY (a, b));"                                                 \
 "CREATE TABLE stray (id INTEGER PRIMARY KEY, x REFERENCES nowhere);"                            \
 "INSERT INTO \"big client\" VALUES (1, 'x', NULL), (2, 'y', 1);"                                \
 "INSERT INTO bill VALUES (1, 1, 'y', NULL, NULL), (2, 1, 'x', NULL, NULL), (3, 2, NULL, NULL, " \
 "NULL)"

static void
assert_relations (VlTable *table, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlSchema) schema = vl_table_describe_sync (table, NULL, &error);
  g_auto (GStrv) wanted = g_strsplit (expected, "|", 0);
  const char *const *relations;

  g_assert_no_error (error);
  relations = vl_schema_get_relations (schema);
  g_assert_cmpuint (g_strv_length ((char **) relations), ==, g_strv_length (wanted));
  for (guint i = 0; wanted[i] != NULL; i++)
    g_assert_true (g_strv_contains (relations, wanted[i]));
}

static void
assert_related (VlTable *table, const char *relation, const char *id, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record = vl_table_find_sync (table, id, NULL, &error);
  g_autoptr (VlTable) related = NULL;
  g_autoptr (VlPage) page = NULL;
  g_autofree char *ids = NULL;

  g_assert_no_error (error);
  related = vl_table_get_related (table, relation, record, &error);
  g_assert_no_error (error);
  g_assert_true (VL_IS_SCOPED_TABLE (related));
  page = vl_table_list_sync (related, NULL, NULL, &error);
  g_assert_no_error (error);
  ids = join_column (page, "id");
  g_assert_cmpstr (ids, ==, expected);
}

static void
test_related (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) clients = open_table (&file, RELATED, "big client");
  g_autoptr (VlTable) bills = VL_TABLE (vl_sqlite_table_new (file.path, "bill"));
  g_autoptr (VlTable) stray = VL_TABLE (vl_sqlite_table_new (file.path, "stray"));
  g_autoptr (VlRecord) record = make_record ("1", "@a{sv} {}");
  g_autoptr (VlRecord) orphan = NULL;
  g_autoptr (VlTable) related = NULL;
  g_autoptr (VlTable) bills_of = NULL;
  g_autoptr (VlRecord) bill = make_record (NULL, "{'code': <'x'>}");
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (GError) error = NULL;

  /* Before describe nothing is known, and nothing is read to find out. */
  related = vl_table_get_related (clients, "bill.client", record, &error);
  g_assert_null (related);
  g_assert_error (error, VL_ERROR, VL_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "describe"));
  g_clear_error (&error);

  assert_relations (clients, "big client.boss|bill.client|bill.code|boss");
  assert_relations (bills, "client|code");
  assert_relations (stray, "");

  assert_related (bills, "client", "3", "2");
  assert_related (bills, "code", "1", "2");
  assert_related (clients, "bill.client", "1", "1,2");
  assert_related (clients, "bill.code", "1", "2");
  assert_related (clients, "boss", "2", "1");
  assert_related (clients, "big client.boss", "1", "2");

  related = vl_table_get_related (clients, "bill.a", record, &error);
  g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
  g_clear_error (&error);
  orphan = vl_table_find_sync (bills, "3", NULL, NULL);
  related = vl_table_get_related (bills, "code", orphan, &error);
  g_assert_error (error, VL_ERROR, VL_ERROR_NOT_FOUND);
  g_clear_error (&error);

  /* The id alone is enough, and what is inserted belongs to it. */
  bills_of = vl_table_get_related (clients, "bill.client", record, &error);
  g_assert_no_error (error);
  stored = vl_table_insert_sync (bills_of, bill, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (vl_record_get_int64 (stored, "client"), ==, 1);
}

/* Of reads that wait until the table is made none overtakes another, nor does
 * one that comes when it was made, but not for all of them. */
static void
test_created_in_order (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("made");
  g_autoptr (VlSchema) schema = NULL;
  g_autoptr (VlTable) table = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Call calls[4] = { 0 };
  Call cancelled = { 0 };

  vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_INT64, FALSE);
  vl_schema_builder_set_id_column (builder, "id");
  schema = vl_schema_builder_end (builder);
  sqlite_file_init (&file);
  stepped_jobs_begin ();
  table = VL_TABLE (vl_sqlite_table_new_with_schema (file.path, schema));
  /* As if it had been described: that would be the first to make it. */
  _vl_table_set_schema (table, schema);
  n_ended = 0;
  for (guint i = 0; i < 3; i++)
    vl_table_list_async (table, NULL, NULL, on_listed, &calls[i]);
  vl_table_list_async (table, NULL, cancellable, on_listed, &cancelled);
  g_assert_true (stepped_jobs_do_one ());
  g_cancellable_cancel (cancellable);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  vl_table_list_async (table, NULL, NULL, on_listed, &calls[3]);
  stepped_jobs_do_all ();
  g_assert_error (cancelled.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  for (guint i = 0; i < 4; i++)
    {
      g_assert_no_error (calls[i].error);
      g_assert_cmpuint (calls[i].place, ==, i + 2);
      call_clear (&calls[i]);
    }
  call_clear (&cancelled);

  /* Then the way is the short one. */
  vl_table_list_async (table, NULL, NULL, on_listed, &calls[0]);
  g_assert_true (stepped_jobs_do_one ());
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_true (calls[0].done);
  call_clear (&calls[0]);
  g_clear_object (&table);
  stepped_jobs_do_all ();
  stepped_jobs_end ();
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sqlite-table/requests/reads-overtake-writes", test_reads_overtake);
  g_test_add_func ("/sqlite-table/requests/cancelled-in-the-queue", test_cancelled_in_queue);
  g_test_add_func ("/sqlite-table/requests/cancelled-too-late", test_cancelled_too_late);
  g_test_add_func ("/sqlite-table/requests/cancelled-read-is-interrupted", test_cancelled_read);
  g_test_add_func ("/sqlite-table/requests/table-dropped-meanwhile", test_dropped);
  g_test_add_func ("/sqlite-table/requests/many-in-order", test_many);
  g_test_add_func ("/sqlite-table/requests/in-order-while-it-is-made", test_created_in_order);
  g_test_add_func ("/sqlite-table/batch/each-its-own-answer", test_batch);
  g_test_add_func ("/sqlite-table/batch/with-triggers", test_batch_with_triggers);
  g_test_add_func ("/sqlite-table/batch/rolled-back-by-one", test_batch_rolled_back);
  g_test_add_func ("/sqlite-table/batch/fails-to-commit", test_batch_fails_to_commit);
  g_test_add_func ("/sqlite-table/relations", test_related);

  return g_test_run ();
}
