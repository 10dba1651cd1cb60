/* test-sqlite-queue.c: writes that wait for a database go in one transaction
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "base/vl-sqlite-private.h"
#include "sqlite-file.h"

#define N_WRITES 1000

static gint n_commits; /* atomic */

static int
on_commit (void *data)
{
  g_atomic_int_inc (&n_commits);
  return 0;
}

static void
count_commits (VlSqlite *sqlite, VlSqliteMode mode)
{
  sqlite3_commit_hook (_vl_sqlite_get_db (sqlite), on_commit, NULL);
}

typedef struct
{
  SqliteFile file;
  VlLiveTable *live;
  guint n_answers;
  GString *summary; /* a sign for each answer, in the order in which they came */
} Fixture;

static void
fixture_init (Fixture *self, const char *sql)
{
  g_autoptr (VlCache) cache = VL_CACHE (vl_memory_cache_new (0));
  g_autoptr (VlTable) master = NULL;

  sqlite_file_init (&self->file);
  sqlite_file_run (&self->file, sql);
  master = VL_TABLE (vl_sqlite_table_new (self->file.path, "t"));
  self->live = vl_live_table_new (master, "t", cache);
  self->summary = g_string_new (NULL);
}

static void
fixture_clear (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  vl_live_table_close_sync (self->live, NULL, &error);
  g_assert_no_error (error);
  g_assert_finalize_object (self->live);
  g_string_free (self->summary, TRUE);
  sqlite_file_clear (&self->file);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static void
inserted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *f = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record = vl_table_insert_finish (VL_TABLE (source), result, &error);

  f->n_answers++;
  if (record != NULL)
    g_string_append_printf (f->summary, "%s ", vl_record_get_id (record));
  else if (g_error_matches (error, VL_ERROR, VL_ERROR_EXISTS))
    g_string_append (f->summary, "exists ");
  else if (g_error_matches (error, VL_ERROR, VL_ERROR_REJECTED))
    g_string_append (f->summary, "rejected ");
  else
    g_assert_no_error (error);
}

static void
insert (Fixture *f, const char *id, const char *fields)
{
  g_autoptr (VlRecord) record = vl_record_new (id, g_variant_new_parsed (fields));

  vl_table_insert_async (VL_TABLE (f->live), record, NULL, inserted, f);
}

static void
wait_for (Fixture *f, guint n_answers)
{
  while (f->n_answers < n_answers)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_few_transactions (void)
{
  g_auto (Fixture) f = { 0 };
  g_autofree char *count = NULL;

  fixture_init (&f, "CREATE TABLE t (id INTEGER PRIMARY KEY, v)");
  _vl_sqlite_set_opened_func (count_commits);
  for (guint i = 1; i <= N_WRITES; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);

      insert (&f, id, "{'v': <'x'>}");
    }
  wait_for (&f, N_WRITES);
  _vl_sqlite_set_opened_func (NULL);

  /* The first goes alone, the others 256 at a time. */
  g_assert_cmpint (g_atomic_int_get (&n_commits), <=, 2 + (N_WRITES + 255) / 256);
  g_assert_true (g_str_has_prefix (f.summary->str, "1 2 3 4 "));
  count = sqlite_file_get_text (&f.file, "SELECT count (*) FROM t");
  g_assert_cmpstr (count, ==, "1000");
}

/* An error of one is not that of those beside it, be it said at once or only
 * when the transaction ends. */
static void
test_errors_stay_apart (void)
{
  g_auto (Fixture) f = { 0 };

  fixture_init (&f,
                "CREATE TABLE p (id INTEGER PRIMARY KEY);"
                "CREATE TABLE t (id INTEGER PRIMARY KEY, v REFERENCES p (id) DEFERRABLE INITIALLY "
                "DEFERRED); INSERT INTO t (id) VALUES (3)");
  insert (&f, "1", "@a{sv} {}");
  insert (&f, "2", "@a{sv} {}");
  insert (&f, "3", "@a{sv} {}");
  insert (&f, "4", "@a{sv} {}");
  insert (&f, "5", "{'v': <99>}");
  insert (&f, "6", "@a{sv} {}");
  wait_for (&f, 6);
  g_assert_cmpstr (f.summary->str, ==, "1 2 exists 4 rejected 6 ");
}

/* What a record has beside plain values, or what the table makes of it, goes the
 * same way as it would alone. */
static void
test_kinds_of_records (void)
{
  g_auto (Fixture) f = { 0 };
  g_autofree char *rows = NULL;

  fixture_init (&f, "CREATE TABLE t (id INTEGER PRIMARY KEY, v, w DEFAULT 'd', "
                    "g GENERATED ALWAYS AS (v || '!'))");
  insert (&f, "1", "{'v': <'a'>}");
  insert (&f, "2", "{'v': <'b'>, 'w': <@mv nothing>}");
  insert (&f, "3", "{'w': <[1, 2]>, 'v': <2.5>}");
  insert (&f, "4", "{'id': <4>, 'g': <'ignored'>, 'v': <'c'>}");
  insert (&f, NULL, "{'v': <'e'>}");
  insert (&f, "007", "@a{sv} {}");
  wait_for (&f, 6);
  g_assert_cmpstr (f.summary->str, ==, "1 2 3 4 5 rejected ");
  rows = sqlite_file_get_text (&f.file, "SELECT group_concat (id || coalesce (v, '-') || "
                                        "coalesce (w, '-') || g, ' ') FROM t");
  g_assert_cmpstr (rows, ==, "1ada! 2b-b! 32.5[1,2]2.5! 4cdc! 5ede!");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sqlite-queue/few-transactions", test_few_transactions);
  g_test_add_func ("/sqlite-queue/errors-stay-apart", test_errors_stay_apart);
  g_test_add_func ("/sqlite-queue/all-kinds-of-records", test_kinds_of_records);

  return g_test_run ();
}
