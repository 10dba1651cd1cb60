/* vl-sqlite-create.c: makes a table as a schema says
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-sqlite-layout-private.h"

#include "../table/vl-schema.h"

static const char *
declared_type (VlFieldType type)
{
  switch (type)
    {
    case VL_FIELD_TYPE_BOOLEAN:
      return " BOOLEAN";
    case VL_FIELD_TYPE_INT64:
      return " INTEGER";
    case VL_FIELD_TYPE_DOUBLE:
      return " REAL";
    case VL_FIELD_TYPE_STRING:
      return " TEXT";
    case VL_FIELD_TYPE_BYTES:
      return " BLOB";
    case VL_FIELD_TYPE_VARIANT:
      return " TEXT";
    case VL_FIELD_TYPE_NULL:
    default:
      return "";
    }
}

static void
append_column (GString *sql, VlSchema *schema, guint column)
{
  const char *name = vl_schema_get_column_name (schema, column);
  const char *id_column = vl_schema_get_id_column (schema);
  VlFieldType type = vl_schema_get_column_type (schema, column);

  _vl_sqlite_append_name (sql, name);
  if (id_column != NULL && g_str_equal (name, id_column))
    {
      g_string_append (sql, type == VL_FIELD_TYPE_INT64 ? " INTEGER PRIMARY KEY"
                                                        : " TEXT NOT NULL PRIMARY KEY");
      return;
    }

  g_string_append (sql, declared_type (type));
  if (!vl_schema_get_column_nullable (schema, column))
    g_string_append (sql, " NOT NULL");
}

gboolean
_vl_sqlite_create_table (VlSqlite *sqlite, VlSchema *schema, GError **error)
{
  g_autoptr (GString) sql = g_string_new ("CREATE TABLE IF NOT EXISTS \"main\".");
  gint64 n_pages = 0;

  if (!_vl_sqlite_get_int64 (sqlite, "PRAGMA page_count", &n_pages, error))
    return FALSE;

  /* A file that is somebody else's keeps the journal mode it has. */
  if (n_pages == 0 && !_vl_sqlite_exec (sqlite, "PRAGMA journal_mode = WAL", error))
    return FALSE;

  _vl_sqlite_append_name (sql, vl_schema_get_table_name (schema));
  for (guint i = 0; i < vl_schema_get_n_columns (schema); i++)
    {
      g_string_append (sql, i == 0 ? " (" : ", ");
      append_column (sql, schema, i);
    }
  g_string_append_c (sql, ')');

  return _vl_sqlite_exec (sqlite, sql->str, error);
}
