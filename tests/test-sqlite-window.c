/* test-sqlite-window.c: pages far down a long list
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "masters/vl-sqlite-table-private.h"
#include "sqlite-file.h"

#define N_ROWS    20000
#define PAGE_SIZE 100

/* `v` repeats and is null now and then, `w` is not in an index, and `t` has
 * one text that is none to us if asked for. */
static void
fill (SqliteFile *file, const char *key, gboolean odd)
{
  g_autofree char *sql =
    g_strdup_printf ("CREATE TABLE t (id %s, v INTEGER, w INTEGER, t TEXT NOT NULL);"
                     "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                     "WHERE i < %d) INSERT INTO t SELECT %s, nullif (i * 7 %% 1000, 3), "
                     "i * 31 %% 10007, 'text ' || (i * 17 %% 5000) FROM n;"
                     "CREATE INDEX by_v ON t (v); CREATE INDEX by_t ON t (t);%s",
                     key, N_ROWS, g_str_has_prefix (key, "TEXT") ? "printf ('%06d', i)" : "i",
                     odd ? "UPDATE t SET t = CAST (x'74ff' AS TEXT) WHERE v = 77" : "");

  sqlite_file_init (file);
  sqlite_file_run (file, sql);
}

static VlQuery *
make_query (const char *first, gboolean first_down, const char *second, gboolean second_down)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) one = NULL;

  if (first == NULL)
    return g_steal_pointer (&all);
  one = vl_query_order_by (all, first, first_down);
  if (second == NULL)
    return g_steal_pointer (&one);

  return vl_query_order_by (one, second, second_down);
}

static VlPage *
list_window (VlSqliteTable *table, VlQuery *query, guint64 offset, guint limit)
{
  g_autoptr (VlQuery) window = vl_query_window (query, offset, limit);

  return list_all (table, window);
}

/* Walks to the end, page by page: every page costs the same and all of them
 * together are the whole. */
static void
assert_linear (VlSqliteTable *table, VlQuery *query, guint page_size, gboolean is_indexed)
{
  g_autoptr (VlPage) whole = list_all (table, query);
  guint64 most = 0;
  guint64 first = 0;

  g_assert_cmpuint (vl_page_get_n_records (whole), ==, N_ROWS);
  for (guint offset = 0; offset < N_ROWS; offset += page_size)
    {
      g_autoptr (VlPage) page = list_window (table, query, offset, page_size);
      guint64 n_steps = _vl_sqlite_table_get_n_steps (table);

      g_assert_cmpuint (vl_page_get_n_records (page), ==, page_size);
      g_assert_cmpint (vl_page_get_total (page), ==, N_ROWS);
      for (guint i = 0; i < page_size; i++)
        g_assert_cmpstr (vl_page_get_record_id (page, i), ==,
                         vl_page_get_record_id (whole, offset + i));
      if (offset == 0)
        first = n_steps;
      most = MAX (most, n_steps);
    }

  g_test_message ("%s: %" G_GUINT64_FORMAT " steps for the first page, at most %" G_GUINT64_FORMAT,
                  vl_query_get_key (query), first, most);
  if (is_indexed)
    g_assert_cmpuint (most, <, 40 * page_size);
  else
    g_assert_cmpuint (most, <, 4 * first + 100000);
}

static void
test_linear (gconstpointer key)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlSqliteTable) table = NULL;
  g_autoptr (VlQuery) by_id = make_query (NULL, FALSE, NULL, FALSE);
  g_autoptr (VlQuery) by_id_down = make_query ("id", TRUE, NULL, FALSE);
  g_autoptr (VlQuery) by_v = make_query ("v", FALSE, NULL, FALSE);
  g_autoptr (VlQuery) by_v_down = make_query ("v", TRUE, NULL, FALSE);
  g_autoptr (VlQuery) by_t = make_query ("t", FALSE, NULL, FALSE);
  g_autoptr (VlQuery) by_both = make_query ("v", TRUE, "w", FALSE);

  fill (&file, key, FALSE);
  table = vl_sqlite_table_new (file.path, "t");
  assert_linear (table, by_id, PAGE_SIZE, TRUE);
  assert_linear (table, by_id_down, PAGE_SIZE, TRUE);
  assert_linear (table, by_v, PAGE_SIZE, TRUE);
  assert_linear (table, by_v_down, PAGE_SIZE, TRUE);
  assert_linear (table, by_t, PAGE_SIZE, TRUE);
  assert_linear (table, by_both, PAGE_SIZE, TRUE);
}

/* Right, if not quick: no index can serve them. */
static void
test_not_indexed (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlSqliteTable) table = NULL;
  g_autoptr (VlQuery) by_w = make_query ("w", FALSE, "t", TRUE);
  g_autoptr (VlQuery) by_t = make_query ("t", TRUE, "w", FALSE);

  fill (&file, "INTEGER PRIMARY KEY", TRUE);
  table = vl_sqlite_table_new (file.path, "t");
  assert_linear (table, by_w, 20 * PAGE_SIZE, FALSE);
  assert_linear (table, by_t, 20 * PAGE_SIZE, FALSE);
}

/* Steps at 0 and far down, without having been anywhere between. */
static void
test_jump (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlSqliteTable) table = NULL;
  g_autoptr (VlQuery) by_v = make_query ("v", FALSE, NULL, FALSE);
  g_autoptr (VlPage) far = NULL;
  g_autoptr (VlPage) next = NULL;
  guint64 jump;

  fill (&file, "INTEGER PRIMARY KEY", FALSE);
  table = vl_sqlite_table_new (file.path, "t");
  far = list_window (table, by_v, 15000, PAGE_SIZE);
  jump = _vl_sqlite_table_get_n_steps (table);
  next = list_window (table, by_v, 15000 + PAGE_SIZE, PAGE_SIZE);
  g_assert_cmpuint (_vl_sqlite_table_get_n_steps (table) * 5, <, jump);
}

/* The page that is asked for after the table has changed is the one that
 * OFFSET says, whoever changed it. */
static void
assert_next_page_true (SqliteFile *file, gboolean own)
{
  g_autoptr (VlSqliteTable) table = vl_sqlite_table_new (file->path, "t");
  g_autoptr (VlQuery) by_v = make_query ("v", TRUE, NULL, FALSE);

  for (guint offset = 0; offset < 10 * PAGE_SIZE; offset += PAGE_SIZE)
    {
      g_autoptr (VlPage) page = list_window (table, by_v, offset, PAGE_SIZE);
      g_autofree char *ids = join_column (page, "id");
      g_autofree char *sql = g_strdup_printf (
        "SELECT group_concat (id) FROM (SELECT id FROM t ORDER BY v IS NULL, v DESC, id LIMIT %d "
        "OFFSET %u)",
        PAGE_SIZE, offset);
      g_autofree char *expected = sqlite_file_get_text (file, sql);

      g_assert_cmpstr (ids, ==, expected);
      g_assert_cmpint (vl_page_get_total (page), ==,
                       sqlite_file_get_int64 (file, "SELECT count(*) FROM t"));

      /* Ahead of everything: all that follows moves. */
      if (own)
        {
          g_autoptr (VlRecord)
            record = vl_record_new (NULL, g_variant_new_parsed ("{'v': <100000>, 't': <''>}"));
          g_autoptr (GError) error = NULL;
          g_autoptr (VlRecord)
            stored G_GNUC_UNUSED = vl_table_insert_sync (VL_TABLE (table), record, NULL, &error);

          g_assert_no_error (error);
          g_assert_nonnull (stored);
        }
      else
        {
          sqlite_file_run (file, "INSERT INTO t (v, t) VALUES (100000, '')");
        }
    }
}

static void
test_changed_between (gconstpointer data)
{
  g_auto (SqliteFile) file = { 0 };

  fill (&file, "INTEGER PRIMARY KEY", FALSE);
  assert_next_page_true (&file, FALSE);
  assert_next_page_true (&file, TRUE);
  sqlite_file_run (&file, "PRAGMA journal_mode = WAL");
  assert_next_page_true (&file, FALSE);
  assert_next_page_true (&file, TRUE);
}

/* What is known of a column does not outlive a change of it. */
static void
test_odd_text_arrives (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlSqliteTable) table = NULL;
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) by_v = vl_query_order_by (all, "v", FALSE);
  g_autoptr (VlPage) before = NULL;
  g_autoptr (VlPage) after = NULL;
  g_autofree char *ids_before = NULL;
  g_autofree char *ids_after = NULL;

  sqlite_file_init (&file);
  sqlite_file_run (&file, "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);"
                          "CREATE INDEX by_v ON t (v);"
                          "INSERT INTO t VALUES (1, 'z'), (2, 'a')");
  table = vl_sqlite_table_new (file.path, "t");
  before = list_all (table, by_v);
  ids_before = join_column (before, "id");
  g_assert_cmpstr (ids_before, ==, "2,1");

  sqlite_file_run (&file, "INSERT INTO t VALUES (3, CAST (x'62ff' AS TEXT))");
  after = list_all (table, by_v);
  ids_after = join_column (after, "id");
  g_assert_cmpstr (ids_after, ==, "2,1,3");
}

/* The total is counted once for each state of the file, and never for a
 * single row. */
static void
test_totals (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlSqliteTable) table = NULL;
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlPage) one = NULL;
  g_autoptr (VlPage) ten = NULL;
  g_autoptr (VlPage) one_again = NULL;
  g_autoptr (VlPage) beyond = NULL;
  g_autoptr (VlPage) last = NULL;

  fill (&file, "INTEGER PRIMARY KEY", FALSE);
  table = vl_sqlite_table_new (file.path, "t");
  one = list_window (table, all, 5, 1);
  g_assert_cmpint (vl_page_get_total (one), ==, -1);
  ten = list_window (table, all, 0, 10);
  g_assert_cmpint (vl_page_get_total (ten), ==, N_ROWS);
  one_again = list_window (table, all, 5, 1);
  g_assert_cmpint (vl_page_get_total (one_again), ==, N_ROWS);
  beyond = list_window (table, all, 10 * N_ROWS, 10);
  g_assert_cmpuint (vl_page_get_n_records (beyond), ==, 0);
  g_assert_cmpint (vl_page_get_total (beyond), ==, N_ROWS);
  last = list_window (table, all, G_MAXUINT64, G_MAXUINT);
  g_assert_cmpuint (vl_page_get_n_records (last), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/sqlite-table/window/linear/rowid", "INTEGER PRIMARY KEY", test_linear);
  g_test_add_data_func ("/sqlite-table/window/linear/text", "TEXT PRIMARY KEY", test_linear);
  g_test_add_data_func ("/sqlite-table/window/linear/text-not-null", "TEXT NOT NULL PRIMARY KEY",
                        test_linear);
  g_test_add_func ("/sqlite-table/window/without-an-index", test_not_indexed);
  g_test_add_func ("/sqlite-table/window/after-a-jump", test_jump);
  g_test_add_data_func ("/sqlite-table/window/changed-between-pages", NULL, test_changed_between);
  g_test_add_func ("/sqlite-table/window/odd-text-arrives", test_odd_text_arrives);
  g_test_add_func ("/sqlite-table/window/totals", test_totals);

  return g_test_run ();
}
