/* vl-sqlite-row.c: from rows of a statement to records
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <string.h>

#include "vl-sqlite-row-private.h"

#include "../table/vl-record-private.h"
#include "vl-sqlite-functions-private.h"
#include "vl-sqlite-text-private.h"

static void
get_integer (sqlite3_value *value, const VlSqliteColumn *column, VlCell *cell)
{
  gint64 integer = sqlite3_value_int64 (value);

  if (column->is_boolean && (integer == 0 || integer == 1))
    {
      cell->type = VL_FIELD_TYPE_BOOLEAN;
      cell->boolean = integer != 0;
    }
  else
    {
      cell->type = VL_FIELD_TYPE_INT64;
      cell->int64 = integer;
    }
}

static void
get_text (sqlite3_value *value, VlCell *cell)
{
  const char *text = (const char *) sqlite3_value_text (value);

  cell->data = text != NULL ? text : "";
  cell->length = (gsize) sqlite3_value_bytes (value);
  cell->type = _vl_text_is_valid (cell->data, cell->length) ? VL_FIELD_TYPE_STRING
                                                            : VL_FIELD_TYPE_BYTES;
}

/* The functions for values instead of those for columns, which look for the
 * value anew each time. That may be done where a connection has a thread of its
 * own. */
void
_vl_sqlite_row_get_cell (sqlite3_stmt *statement,
                         VlSqliteLayout *layout,
                         guint column,
                         VlCell *cell)
{
  sqlite3_value *value = sqlite3_column_value (statement, (int) column);

  *cell = (VlCell){ .type = VL_FIELD_TYPE_NULL };
  switch (sqlite3_value_type (value))
    {
    case SQLITE_INTEGER:
      get_integer (value, &layout->columns[column], cell);
      break;
    case SQLITE_FLOAT:
      cell->type = VL_FIELD_TYPE_DOUBLE;
      cell->real = sqlite3_value_double (value);
      break;
    case SQLITE_TEXT:
      get_text (value, cell);
      break;
    case SQLITE_BLOB:
      cell->type = VL_FIELD_TYPE_BYTES;
      cell->data = sqlite3_value_blob (value);
      cell->length = (gsize) sqlite3_value_bytes (value);
      break;
    default:
      break;
    }
}

/* More columns than this are not put on the stack. */
#define MAX_CELLS 64

/* The cells of the row, in `few` or, if these are too few, in *many. */
static const VlCell *
get_cells (sqlite3_stmt *statement, VlSqliteLayout *layout, VlCell *few, VlCell **many)
{
  VlCell *cells = few;

  if (layout->n_columns > MAX_CELLS)
    cells = *many = g_new (VlCell, layout->n_columns);
  for (guint i = 0; i < layout->n_columns; i++)
    _vl_sqlite_row_get_cell (statement, layout, i, &cells[i]);

  return cells;
}

static VlRecord *
make_record (sqlite3_stmt *statement, VlSqliteLayout *layout)
{
  VlCell few[MAX_CELLS];
  g_autofree VlCell *many = NULL;
  const VlCell *cells = get_cells (statement, layout, few, &many);

  return _vl_record_new_take (_vl_block_new_row (layout->like, cells));
}

void
_vl_sqlite_row_append (sqlite3_stmt *statement, VlSqliteLayout *layout, VlBlockPacker *packer)
{
  VlCell few[MAX_CELLS];
  g_autofree VlCell *many = NULL;

  _vl_block_packer_add (packer, get_cells (statement, layout, few, &many));
}

static gboolean
read_one (VlSqlite *sqlite,
          VlSqliteLayout *layout,
          sqlite3_stmt *statement,
          VlRecord **record,
          GError **error)
{
  gboolean row;

  if (!_vl_sqlite_step (sqlite, statement, &row, error))
    return FALSE;
  if (row)
    *record = make_record (statement, layout);

  return TRUE;
}

static void
start_select (VlSqliteText *text, VlSqliteLayout *layout)
{
  _vl_sqlite_text_init (text);
  g_string_append_printf (text->sql, "SELECT %s FROM %s AS t", layout->select_sql,
                          layout->table_sql);
}

static sqlite3_stmt *
keep_find (VlSqlite *sqlite, VlSqliteLayout *layout, guint64 place, const char *id, GError **error)
{
  g_auto (VlSqliteText) text = { 0 };

  start_select (&text, layout);
  if (!_vl_sqlite_text_add_find (&text, layout, id))
    return NULL;

  return _vl_sqlite_keep (sqlite, layout->serial, place, text.sql->str, error);
}

gboolean
_vl_sqlite_read_record (VlSqlite *sqlite,
                        VlSqliteLayout *layout,
                        const char *id,
                        VlRecord **record,
                        GError **error)
{
  VlCell cell;
  guint64 place = _vl_sqlite_id_cell (layout, id, &cell) ? VL_KEPT_FIND_NUMBER : VL_KEPT_FIND_TEXT;
  sqlite3_stmt *statement = _vl_sqlite_get_kept (sqlite, layout->serial, place);
  int n_values;
  gboolean done = TRUE;

  *record = NULL;
  if (place == VL_KEPT_FIND_TEXT && layout->columns[layout->id_column].is_rowid)
    return TRUE;
  if (statement == NULL)
    statement = keep_find (sqlite, layout, place, id, error);
  if (statement == NULL)
    return FALSE;

  n_values = sqlite3_bind_parameter_count (statement);
  for (int i = 1; i <= n_values && done; i++)
    done = _vl_sqlite_bind_cell (sqlite, statement, i, &cell, error);
  done = done && read_one (sqlite, layout, statement, record, error);
  sqlite3_reset (statement);

  return done;
}
