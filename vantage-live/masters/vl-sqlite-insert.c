/* vl-sqlite-insert.c: inserts without making their SQL again
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Records of one table mostly have the same fields: the statement for them is
 * kept, under the set of their columns.
 */

#include "vl-config.h"

#include "vl-sqlite-writer-private.h"

#include "../table/vl-record-private.h"
#include "vl-sqlite-row-private.h"

/* The set is a 64-bit number, and the highest bit is taken. */
#define MAX_COLUMNS 63

typedef struct
{
  guint64 columns; /* those that are written, a bit each */
  VlCell cells[MAX_COLUMNS];
} Values;

/* FALSE for what is not written as it is, and so not here. */
static gboolean
collect (Values *self, VlSqliteLayout *layout, VlRecord *record)
{
  guint n_slots = _vl_record_get_n_slots (record);

  self->columns = 0;
  for (guint i = 0; i < n_slots; i++)
    {
      VlCell cell;
      const char *field = _vl_record_get_slot (record, i, &cell);
      int column;

      if (field == NULL)
        continue;
      column = _vl_sqlite_layout_find (layout, field);
      if (column < 0 || cell.type == VL_FIELD_TYPE_VARIANT)
        return FALSE;
      if (column == layout->id_column || layout->columns[column].is_generated)
        continue;
      self->columns |= G_GUINT64_CONSTANT (1) << column;
      self->cells[column] = cell;
    }

  return TRUE;
}

static sqlite3_stmt *
keep_insert (VlSqlite *sqlite,
             VlSqliteLayout *layout,
             guint64 columns,
             guint64 place,
             GError **error)
{
  g_autoptr (GString) sql = g_string_new ("INSERT OR ABORT INTO ");
  g_autoptr (GString) values = g_string_new (") VALUES (?");

  g_string_append_printf (sql, "%s (", layout->table_sql);
  _vl_sqlite_append_name (sql, layout->columns[layout->id_column].name);
  for (guint i = 0; i < layout->n_columns; i++)
    {
      if ((columns & G_GUINT64_CONSTANT (1) << i) == 0)
        continue;
      g_string_append (sql, ", ");
      _vl_sqlite_append_name (sql, layout->columns[i].name);
      g_string_append (values, ", ?");
    }
  g_string_append_printf (sql, "%s)", values->str);

  return _vl_sqlite_keep (sqlite, layout->serial, place, sql->str, error);
}

static gboolean
bind_all (VlSqlite *sqlite,
          sqlite3_stmt *statement,
          const VlCell *id,
          const Values *values,
          GError **error)
{
  guint64 left = values->columns;
  int position = 1;

  if (!_vl_sqlite_bind_cell (sqlite, statement, position++, id, error))
    return FALSE;
  for (guint i = 0; left != 0; i++, left >>= 1)
    {
      if ((left & 1) != 0 &&
          !_vl_sqlite_bind_cell (sqlite, statement, position++, &values->cells[i], error))
        return FALSE;
    }

  return TRUE;
}

gboolean
_vl_sqlite_insert_kept (VlSqlite *sqlite,
                        VlSqliteLayout *layout,
                        VlRecord *record,
                        const VlCell *id,
                        gboolean *is_here,
                        int *n_changed,
                        GError **error)
{
  guint64 place;
  sqlite3_stmt *statement;
  Values values;
  gboolean done;

  *is_here = layout->n_columns <= MAX_COLUMNS && collect (&values, layout, record);
  if (!*is_here)
    return FALSE;

  place = VL_KEPT_INSERT | values.columns;
  statement = _vl_sqlite_get_kept (sqlite, layout->serial, place);
  if (statement == NULL)
    statement = keep_insert (sqlite, layout, values.columns, place, error);
  if (statement == NULL)
    return FALSE;

  done = bind_all (sqlite, statement, id, &values, error) &&
         _vl_sqlite_step (sqlite, statement, NULL, error);
  *n_changed = done ? sqlite3_changes (_vl_sqlite_get_db (sqlite)) : 0;
  sqlite3_reset (statement);

  return done;
}
