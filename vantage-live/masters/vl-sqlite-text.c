/* vl-sqlite-text.c: SQL text and the values bound to it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include <string.h>

#include "vl-sqlite-text-private.h"

#include "../vl-error.h"
#include "vl-sqlite-functions-private.h"

/* SQLite takes expressions that are a thousand deep, search words included. */
#define MAX_CONDITIONS 800

void
_vl_sqlite_text_init (VlSqliteText *self)
{
  self->sql = g_string_sized_new (512);
  self->values = g_array_new (FALSE, TRUE, sizeof (VlSqliteValue));
}

void
_vl_sqlite_text_clear (VlSqliteText *self)
{
  g_string_free (self->sql, TRUE);
  g_array_unref (self->values);
}

void
_vl_sqlite_text_add_cell (VlSqliteText *self, const char *sql, const VlCell *cell)
{
  VlSqliteValue value = { .kind = VL_VALUE_CELL, .cell = *cell };

  g_string_append (self->sql, sql);
  g_array_append_val (self->values, value);
}

void
_vl_sqlite_text_add_int64 (VlSqliteText *self, const char *sql, gint64 value)
{
  VlCell cell = { .type = VL_FIELD_TYPE_INT64 };

  cell.int64 = value;
  _vl_sqlite_text_add_cell (self, sql, &cell);
}

gboolean
_vl_sqlite_bind_cell (VlSqlite *sqlite,
                      sqlite3_stmt *statement,
                      int position,
                      const VlCell *cell,
                      GError **error)
{
  /* SQLite takes a NULL pointer for null. */
  const char *data = cell->data != NULL ? cell->data : "";
  int rc;

  switch (cell->type)
    {
    case VL_FIELD_TYPE_BOOLEAN:
      rc = sqlite3_bind_int (statement, position, cell->boolean ? 1 : 0);
      break;
    case VL_FIELD_TYPE_INT64:
      rc = sqlite3_bind_int64 (statement, position, cell->int64);
      break;
    case VL_FIELD_TYPE_DOUBLE:
      rc = sqlite3_bind_double (statement, position, cell->real);
      break;
    case VL_FIELD_TYPE_STRING:
      rc = sqlite3_bind_text64 (statement, position, data, cell->length, SQLITE_STATIC,
                                SQLITE_UTF8);
      break;
    case VL_FIELD_TYPE_BYTES:
    case VL_FIELD_TYPE_VARIANT:
      rc = sqlite3_bind_blob64 (statement, position, data, cell->length, SQLITE_STATIC);
      break;
    case VL_FIELD_TYPE_NULL:
    default:
      rc = sqlite3_bind_null (statement, position);
      break;
    }

  return _vl_sqlite_check (sqlite, rc, error);
}

static gboolean
bind_value (VlSqlite *sqlite,
            sqlite3_stmt *statement,
            int position,
            const VlSqliteValue *value,
            GError **error)
{
  VlCell text = value->cell;

  switch (value->kind)
    {
    case VL_VALUE_AS_TEXT:
      text.type = VL_FIELD_TYPE_STRING;
      return _vl_sqlite_bind_cell (sqlite, statement, position, &text, error);
    case VL_VALUE_LIST:
      return _vl_sqlite_check (sqlite,
                               sqlite3_bind_pointer (statement, position, (void *) value->list,
                                                     VL_SQLITE_LIST, NULL),
                               error);
    case VL_VALUE_CELL:
    default:
      return _vl_sqlite_bind_cell (sqlite, statement, position, &value->cell, error);
    }
}

sqlite3_stmt *
_vl_sqlite_text_prepare (VlSqliteText *self, VlSqlite *sqlite, GError **error)
{
  sqlite3_stmt *statement = _vl_sqlite_prepare (sqlite, self->sql->str, error);
  gboolean bound = TRUE;

  if (statement == NULL)
    return NULL;

  for (guint i = 0; i < self->values->len && bound; i++)
    bound = bind_value (sqlite, statement, (int) i + 1,
                        &g_array_index (self->values, VlSqliteValue, i), error);
  if (!bound)
    {
      _vl_sqlite_release (sqlite, statement);
      return NULL;
    }

  return statement;
}

static gboolean
check_column (VlSqliteLayout *layout, const char *name, GError **error)
{
  if (_vl_sqlite_layout_find (layout, name) >= 0)
    return TRUE;

  g_set_error (error, VL_ERROR, VL_ERROR_INVALID, _ ("The table “%s” has no column “%s”"),
               layout->table, name);
  return FALSE;
}

gboolean
_vl_sqlite_check_query (VlSqliteLayout *layout, VlQueryParts *parts, GError **error)
{
  if (parts->n_conditions > MAX_CONDITIONS)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_INVALID,
                   _ ("A query of the table “%s” has %u conditions; no more than %d are possible"),
                   layout->table, parts->n_conditions, MAX_CONDITIONS);
      return FALSE;
    }

  for (guint i = 0; i < parts->n_conditions; i++)
    {
      if (!check_column (layout, parts->conditions[i]->field, error))
        return FALSE;
    }
  for (guint i = 0; i < parts->n_orders; i++)
    {
      if (!check_column (layout, parts->orders[i].field, error))
        return FALSE;
    }

  return TRUE;
}

gboolean
_vl_sqlite_id_cell (VlSqliteLayout *layout, const char *id, VlCell *cell)
{
  gint64 number;

  if (!layout->columns[layout->id_column].is_integer || !_vl_id_parse_int64 (id, &number))
    {
      *cell = (VlCell){ .type = VL_FIELD_TYPE_STRING, .data = id, .length = strlen (id) };
      return FALSE;
    }

  *cell = (VlCell){ .type = VL_FIELD_TYPE_INT64 };
  cell->int64 = number;

  return TRUE;
}

gboolean
_vl_sqlite_text_add_find (VlSqliteText *self, VlSqliteLayout *layout, const char *id)
{
  VlSqliteColumn *column = &layout->columns[layout->id_column];
  VlCell cell;

  if (!_vl_sqlite_id_cell (layout, id, &cell) && column->is_rowid)
    return FALSE;

  /* The first comparison may use the index of a column that has a collation
   * of its own, the second is the one that counts. A text is not made a
   * number, whatever the column would make of it. */
  g_string_append (self->sql, " WHERE ");
  if (column->is_integer && cell.type == VL_FIELD_TYPE_STRING)
    g_string_append_c (self->sql, '+');
  g_string_append (self->sql, column->sql);
  _vl_sqlite_text_add_cell (self, " = ?", &cell);
  if (!g_str_equal (column->sql, column->compare_sql))
    {
      g_string_append_printf (self->sql, " AND %s", column->compare_sql);
      _vl_sqlite_text_add_cell (self, " = ?", &cell);
    }

  return TRUE;
}

void
_vl_sqlite_text_add_key (VlSqliteText *self,
                         VlSqliteLayout *layout,
                         const VlColumnState *states,
                         int column)
{
  VlSqliteColumn *key = &layout->columns[column];

  if (key->is_rowid)
    g_string_append (self->sql, key->sql);
  else if (states != NULL && states[column] == VL_COLUMN_PLAIN)
    g_string_append (self->sql, key->compare_sql);
  else
    g_string_append_printf (self->sql, "vl_norm (%s)%s", key->sql,
                            layout->is_utf16 ? " COLLATE " VL_SQLITE_COLLATION : "");
}

void
_vl_sqlite_text_add_tail_key (VlSqliteText *self,
                              VlSqliteLayout *layout,
                              const VlColumnState *states)
{
  VlSqliteColumn *id;

  if (layout->tail == VL_TAIL_ROWID)
    {
      g_string_append (self->sql, layout->rowid_sql);
      return;
    }

  id = &layout->columns[layout->id_column];
  if (id->is_rowid || (states != NULL && states[layout->id_column] == VL_COLUMN_PLAIN))
    _vl_sqlite_text_add_key (self, layout, states, layout->id_column);
  else
    g_string_append_printf (self->sql, "vl_id (%s)%s", id->sql,
                            layout->is_utf16 ? " COLLATE " VL_SQLITE_COLLATION : "");
}

/* Whether rows are all different by this column. */
static gboolean
is_unique (VlSqliteLayout *layout, const VlColumnState *states, int column)
{
  if (column != layout->id_column)
    return FALSE;

  return layout->columns[column].is_rowid || (states != NULL && states[column] == VL_COLUMN_PLAIN);
}

static void
add_order_key (VlSqliteText *self,
               VlSqliteLayout *layout,
               const VlColumnState *states,
               int column,
               gboolean descending)
{
  _vl_sqlite_text_add_key (self, layout, states, column);
  if (descending)
    g_string_append (self->sql, " DESC");
  /* What can only be NOT NULL must not keep SQLite from using an index. */
  if (!descending && layout->columns[column].nullable && !is_unique (layout, states, column))
    g_string_append (self->sql, " NULLS LAST");
}

static void
add_order_tail (VlSqliteText *self, VlSqliteLayout *layout, const VlColumnState *states)
{
  gboolean irregular;

  _vl_sqlite_text_add_tail_key (self, layout, states);
  if (layout->tail == VL_TAIL_ROWID)
    return;

  irregular = !is_unique (layout, states, layout->id_column);
  if (irregular)
    g_string_append (self->sql, " NULLS LAST");
  if (irregular && layout->rowid_sql != NULL)
    g_string_append_printf (self->sql, ", %s", layout->rowid_sql);
}

void
_vl_sqlite_text_add_order (VlSqliteText *self,
                           VlSqliteLayout *layout,
                           const VlColumnState *states,
                           VlQueryParts *parts,
                           guint first)
{
  const char *lead = " ORDER BY ";

  for (guint i = first; i < parts->n_orders; i++)
    {
      int column = _vl_sqlite_layout_find (layout, parts->orders[i].field);

      g_string_append (self->sql, lead);
      add_order_key (self, layout, states, column, parts->orders[i].descending);
      if (is_unique (layout, states, column))
        return;
      lead = ", ";
    }

  if (layout->tail == VL_TAIL_NONE)
    return;
  g_string_append (self->sql, lead);
  add_order_tail (self, layout, states);
}
