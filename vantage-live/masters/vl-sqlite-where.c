/* vl-sqlite-where.c: conditions and search in SQL
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <string.h>

#include "vl-sqlite-text-private.h"

#include "vl-sqlite-functions-private.h"

/* More items than this go through a function of ours. */
#define MAX_LISTED 500

typedef struct
{
  VlSqliteText *text;
  VlSqliteLayout *layout;
  VlSqliteColumn *column;
  gboolean may_be_odd; /* the column may have text that is bytes to us */
} Writer;

static void
append (Writer *self, const char *sql)
{
  g_string_append (self->text->sql, sql);
}

/* The column, to be compared with `cell`. SQLite gives the value the affinity
 * of the column, which would make 5 and '5' equal: the plus takes it off where
 * it matters, and only there, since it keeps indices from being used. */
static void
append_column (Writer *self, const VlCell *cell)
{
  gboolean is_text = cell->type == VL_FIELD_TYPE_STRING || cell->type == VL_FIELD_TYPE_BYTES;

  if (!self->layout->is_table || (self->column->affinity == VL_AFFINITY_TEXT && !is_text) ||
      (self->column->affinity == VL_AFFINITY_NUMERIC && is_text))
    append (self, "+");
  append (self, self->column->compare_sql);
}

static void
append_norm (Writer *self)
{
  g_string_append_printf (self->text->sql, "vl_norm (%s)", self->column->sql);
}

static void
add_value (Writer *self, const char *sql, const VlCell *cell, VlSqliteValueKind kind)
{
  VlSqliteValue value = { .kind = kind, .cell = *cell };

  append (self, sql);
  g_array_append_val (self->text->values, value);
}

/* Bytes that SQLite may hold as text, and if it does so can only be odd. */
static gboolean
is_odd_text (Writer *self, const VlCell *cell)
{
  return cell->type == VL_FIELD_TYPE_BYTES && self->may_be_odd &&
         !_vl_sqlite_is_text (cell->data != NULL ? cell->data : "", cell->length);
}

static void
write_equal (Writer *self, const VlCell *cell)
{
  gboolean odd = is_odd_text (self, cell);

  if (odd && self->layout->is_utf16)
    {
      append_norm (self);
      add_value (self, " = ?", cell, VL_VALUE_CELL);
      return;
    }

  append (self, odd ? "(" : "");
  append_column (self, cell);
  add_value (self, " = ?", cell, VL_VALUE_CELL);
  if (odd)
    {
      append (self, " OR ");
      append_column (self, cell);
      add_value (self, " = ?)", cell, VL_VALUE_AS_TEXT);
    }
}

static const char *
op_sql (VlOp op)
{
  switch (op)
    {
    case VL_OP_LT:
      return " < ?";
    case VL_OP_LE:
      return " <= ?";
    case VL_OP_GT:
      return " > ?";
    case VL_OP_GE:
    case VL_OP_EQ:
    case VL_OP_NE:
    case VL_OP_IN:
    case VL_OP_NOT_IN:
    case VL_OP_CONTAINS:
    case VL_OP_IS_NULL:
    case VL_OP_NOT_NULL:
    default:
      return " >= ?";
    }
}

/* Odd text is more than any other text, whatever its bytes. */
static void
write_range (Writer *self, VlOp op, const VlCell *cell)
{
  gboolean less = op == VL_OP_LT || op == VL_OP_LE;

  if (cell->type == VL_FIELD_TYPE_BYTES && self->may_be_odd)
    {
      append_norm (self);
      add_value (self, op_sql (op), cell, VL_VALUE_CELL);
      return;
    }

  append (self, "(");
  append_column (self, cell);
  add_value (self, op_sql (op), cell, VL_VALUE_CELL);
  if (cell->type == VL_FIELD_TYPE_STRING && self->may_be_odd)
    g_string_append_printf (self->text->sql, less ? " AND NOT vl_odd (%s)" : " OR vl_odd (%s)",
                            self->column->sql);
  append (self, ")");
}

/* Everything that SQLite can hold comes before a nested value, and is not
 * equal to one. */
static void
write_against_variant (Writer *self, VlOp op)
{
  if (op == VL_OP_NE || op == VL_OP_LT || op == VL_OP_LE)
    g_string_append_printf (self->text->sql, "%s IS NOT NULL", self->column->sql);
  else
    append (self, "0");
}

static void
write_comparison (Writer *self, VlOp op, const VlCell *cell)
{
  if (_vl_cell_is_null (cell))
    {
      append (self, "0");
    }
  else if (cell->type == VL_FIELD_TYPE_VARIANT)
    {
      write_against_variant (self, op);
    }
  else if (op == VL_OP_EQ)
    {
      write_equal (self, cell);
    }
  else if (op == VL_OP_NE)
    {
      append (self, "NOT (");
      write_equal (self, cell);
      append (self, ")");
    }
  else
    {
      write_range (self, op, cell);
    }
}

/* A run of items that the column is written alike for. */
static guint
write_run (Writer *self, const VlQueryCondition *condition, guint first)
{
  const VlCell *cells = condition->cells;
  gboolean is_text = cells[first].type == VL_FIELD_TYPE_STRING;
  guint i;

  append_column (self, &cells[first]);
  for (i = first; i < condition->n_cells; i++)
    {
      if (cells[i].type == VL_FIELD_TYPE_BYTES || cells[i].type == VL_FIELD_TYPE_VARIANT ||
          (cells[i].type == VL_FIELD_TYPE_STRING) != is_text)
        break;
      add_value (self, i == first ? " IN (?" : ", ?", &cells[i], VL_VALUE_CELL);
    }
  append (self, ")");

  return i;
}

static void
write_items (Writer *self, const VlQueryCondition *condition)
{
  const char *lead = "(";
  guint i = 0;

  while (i < condition->n_cells)
    {
      const VlCell *cell = &condition->cells[i];

      if (cell->type == VL_FIELD_TYPE_VARIANT)
        {
          i++;
          continue;
        }

      append (self, lead);
      lead = " OR ";
      if (cell->type == VL_FIELD_TYPE_BYTES)
        {
          write_equal (self, cell);
          i++;
        }
      else
        {
          i = write_run (self, condition, i);
        }
    }
  append (self, lead[0] == '(' ? "0" : ")");
}

static void
write_list (Writer *self, const VlQueryCondition *condition)
{
  gboolean negated = condition->op == VL_OP_NOT_IN;

  if (negated)
    g_string_append_printf (self->text->sql, "(%s IS NOT NULL AND NOT ", self->column->sql);
  if (condition->n_cells > MAX_LISTED)
    {
      VlSqliteValue value = { .kind = VL_VALUE_LIST, .list = condition };

      g_string_append_printf (self->text->sql, "vl_in (%s, ?)", self->column->sql);
      g_array_append_val (self->text->values, value);
    }
  else
    {
      write_items (self, condition);
    }
  if (negated)
    append (self, ")");
}

static void
write_condition (Writer *self, const VlQueryCondition *condition)
{
  if (!condition->well_formed)
    {
      append (self, "0");
      return;
    }

  switch (condition->op)
    {
    case VL_OP_IN:
    case VL_OP_NOT_IN:
      write_list (self, condition);
      break;
    case VL_OP_CONTAINS:
      g_string_append_printf (self->text->sql, "vl_contains (%s", self->column->sql);
      add_value (self, ", ?)", condition->cells, VL_VALUE_CELL);
      break;
    case VL_OP_IS_NULL:
      g_string_append_printf (self->text->sql, "%s IS NULL", self->column->sql);
      break;
    case VL_OP_NOT_NULL:
      g_string_append_printf (self->text->sql, "%s IS NOT NULL", self->column->sql);
      break;
    case VL_OP_EQ:
    case VL_OP_NE:
    case VL_OP_LT:
    case VL_OP_LE:
    case VL_OP_GT:
    case VL_OP_GE:
    default:
      write_comparison (self, condition->op, condition->cells);
      break;
    }
}

/* One word, in any column that may have text. */
static void
write_word (VlSqliteText *text, VlSqliteLayout *layout, const char *word, gsize length)
{
  VlCell cell = { .type = VL_FIELD_TYPE_STRING, .data = word, .length = length };
  guint n_searched = 0;

  g_string_append (text->sql, "(0");
  for (guint i = 0; i < layout->n_columns; i++)
    {
      if (layout->columns[i].is_rowid)
        continue;
      if (n_searched % VL_SQLITE_MAX_SEARCHED == 0)
        {
          if (n_searched > 0)
            g_string_append_c (text->sql, ')');
          _vl_sqlite_text_add_cell (text, " OR vl_search (?", &cell);
        }
      g_string_append_printf (text->sql, ", %s", layout->columns[i].sql);
      n_searched++;
    }
  g_string_append (text->sql, n_searched > 0 ? "))" : ")");
}

static void
write_search (VlSqliteText *text, VlSqliteLayout *layout, const char *search, const char *lead)
{
  for (const char *word = search; word != NULL;)
    {
      const char *space = strchr (word, ' ');

      g_string_append (text->sql, lead);
      write_word (text, layout, word, space != NULL ? (gsize) (space - word) : strlen (word));
      word = space != NULL ? space + 1 : NULL;
      lead = " AND ";
    }
}

void
_vl_sqlite_text_add_where (VlSqliteText *self,
                           VlSqliteLayout *layout,
                           const VlColumnState *states,
                           VlQueryParts *parts)
{
  Writer writer = { .text = self, .layout = layout };
  const char *lead = " WHERE ";

  for (guint i = 0; i < parts->n_conditions; i++)
    {
      int column = _vl_sqlite_layout_find (layout, parts->conditions[i]->field);

      writer.column = &layout->columns[column];
      writer.may_be_odd = !writer.column->is_rowid &&
                          (states == NULL || states[column] != VL_COLUMN_PLAIN);
      g_string_append (self->sql, lead);
      write_condition (&writer, parts->conditions[i]);
      lead = " AND ";
    }
  if (parts->search != NULL)
    write_search (self, layout, parts->search, lead);
}
