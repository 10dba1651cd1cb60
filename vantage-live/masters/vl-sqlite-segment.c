/* vl-sqlite-segment.c: the rows after a row that is known
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-sqlite-reader-private.h"

/* For keys k1 to kn and the last key z, and a row (a1 ... an, b), the rows
 * after it are, in this order:
 *
 *   k1 = a1 ... kn = an, z after b
 *   k1 = a1 ... kn = an, z null           (rows without an id)
 *   k1 = a1 ... kn after an
 *   k1 = a1 ... kn null
 *   ...
 *   k1 after a1
 *   k1 null
 *
 * so that segment 2i fixes the first n - i keys and moves on in the next. */

guint
_vl_sqlite_count_segments (VlQueryParts *parts)
{
  return 2 * (parts->n_orders + 1);
}

static void
add_key (VlSqliteText *self,
         VlSqliteLayout *layout,
         const VlColumnState *states,
         VlQueryParts *parts,
         guint key)
{
  if (key == parts->n_orders)
    _vl_sqlite_text_add_tail_key (self, layout, states);
  else
    _vl_sqlite_text_add_key (self, layout, states,
                             _vl_sqlite_layout_find (layout, parts->orders[key].field));
}

static void
add_equal (VlSqliteText *self,
           VlSqliteLayout *layout,
           const VlColumnState *states,
           VlQueryParts *parts,
           guint key,
           const VlCell *cell)
{
  add_key (self, layout, states, parts, key);
  if (_vl_cell_is_null (cell))
    g_string_append (self->sql, " IS NULL");
  else
    _vl_sqlite_text_add_cell (self, " = ?", cell);
  g_string_append (self->sql, " AND ");
}

/* Whether the key can be null at all. */
static gboolean
may_be_null (VlSqliteLayout *layout, const VlColumnState *states, VlQueryParts *parts, guint key)
{
  int column;

  if (key < parts->n_orders)
    {
      column = _vl_sqlite_layout_find (layout, parts->orders[key].field);
      return layout->columns[column].nullable;
    }

  return layout->tail == VL_TAIL_ID && !layout->columns[layout->id_column].is_rowid &&
         states[layout->id_column] != VL_COLUMN_PLAIN;
}

gboolean
_vl_sqlite_text_add_segment (VlSqliteText *self,
                             VlSqliteLayout *layout,
                             const VlColumnState *states,
                             VlQueryParts *parts,
                             const VlSqliteAnchor *anchor,
                             guint segment)
{
  guint moving = parts->n_orders - segment / 2;
  gboolean descending = moving < parts->n_orders && parts->orders[moving].descending;
  const VlCell *cell = &anchor->cells[moving];

  if (_vl_cell_is_null (cell) || (segment % 2 == 1 && !may_be_null (layout, states, parts, moving)))
    return FALSE;

  g_string_append (self->sql,
                   parts->n_conditions > 0 || parts->search != NULL ? " AND " : " WHERE ");
  for (guint i = 0; i < moving; i++)
    add_equal (self, layout, states, parts, i, &anchor->cells[i]);

  add_key (self, layout, states, parts, moving);
  if (segment % 2 == 1)
    g_string_append (self->sql, " IS NULL");
  else
    _vl_sqlite_text_add_cell (self, descending ? " < ?" : " > ?", cell);

  /* What is fixed need not be sorted by. */
  _vl_sqlite_text_add_order (self, layout, states, parts, segment % 2 == 1 ? moving + 1 : moving);

  return TRUE;
}
