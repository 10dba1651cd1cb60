/* sqlite-file.c: a database file for a test, and a second look at it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <vantage-live.h>

#include "sqlite-file.h"

void
sqlite_file_init (SqliteFile *self)
{
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("vl-sqlite-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->folder, "test.db", NULL);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

void
sqlite_file_clear (SqliteFile *self)
{
  if (self->folder == NULL)
    return;

  remove_tree (self->folder);
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->path, g_free);
}

static sqlite3 *
file_open (SqliteFile *self)
{
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open (self->path, &db), ==, SQLITE_OK);
  sqlite3_busy_timeout (db, 60000);
  sqlite3_exec (db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);

  return db;
}

void
sqlite_file_run (SqliteFile *self, const char *sql)
{
  sqlite3 *db = file_open (self);
  char *message = NULL;

  if (sqlite3_exec (db, sql, NULL, NULL, &message) != SQLITE_OK)
    g_error ("%s: %s", message, sql);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

gint64
sqlite_file_get_int64 (SqliteFile *self, const char *sql)
{
  g_autofree char *text = sqlite_file_get_text (self, sql);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : 0;
}

char *
sqlite_file_get_text (SqliteFile *self, const char *sql)
{
  sqlite3 *db = file_open (self);
  sqlite3_stmt *statement = NULL;
  char *text = NULL;

  if (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL) != SQLITE_OK)
    g_error ("%s: %s", sqlite3_errmsg (db), sql);
  if (sqlite3_step (statement) == SQLITE_ROW)
    text = g_strdup ((const char *) sqlite3_column_text (statement, 0));
  sqlite3_finalize (statement);
  sqlite3_close (db);

  return text;
}

VlPage *
list_all (VlSqliteTable *table, VlQuery *query)
{
  g_autoptr (GError) error = NULL;
  VlPage *page = vl_table_list_sync (VL_TABLE (table), query, NULL, &error);

  g_assert_no_error (error);

  return page;
}

char *
join_column (VlPage *page, const char *column)
{
  GString *joined = g_string_new (NULL);

  for (guint i = 0; i < vl_page_get_n_records (page); i++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (page, i);
      g_autoptr (GVariant) value = vl_record_get_variant (record, column);
      g_autofree char *text = NULL;

      if (value == NULL)
        text = g_strdup ("-");
      else if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
        text = g_variant_dup_string (value, NULL);
      else
        text = g_variant_print (value, FALSE);
      g_string_append_printf (joined, "%s%s", i > 0 ? "," : "", text);
    }

  return g_string_free (joined, FALSE);
}
