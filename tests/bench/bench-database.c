/* bench-database.c: an SQLite file with the table of the benchmarks
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench-database.h"

#include <sqlite3.h>

static void
execute (sqlite3 *db, const char *text)
{
  char *message = NULL;

  if (sqlite3_exec (db, text, NULL, NULL, &message) != SQLITE_OK)
    g_error ("%s", message);
}

void
bench_database_make (const char *path, guint n_rows)
{
  g_autofree char *insert = g_strdup_printf (
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %u)"
    "INSERT INTO products SELECT i, 'Product number ' || i, 'Berlin', i * 0.25, i * 7919 %% 1000,"
    " i %% 3 != 0 FROM n",
    n_rows);
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  execute (db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
               "CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT, city TEXT,"
               " price REAL, stock INTEGER, listed INTEGER)");
  execute (db, insert);
  sqlite3_close (db);
}
