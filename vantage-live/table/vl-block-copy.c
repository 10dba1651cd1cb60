/* vl-block-copy.c: rows of one block into another
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <string.h>

#include "vl-block-builder-private.h"

static void
map_columns (VlBlockBuilder *self, VlBlock *block)
{
  if (self->mapped == block)
    return;

  g_clear_pointer (&self->mapped, _vl_block_unref);
  self->mapped = _vl_block_ref (block);
  self->map = g_renew (guint, self->map, block->n_columns);
  for (guint column = 0; column < block->n_columns; column++)
    self->map[column] = VL_BLOCK_NO_COLUMN;
}

/* Blocks of one table have the same columns in the same places. */
static guint
map_column (VlBlockBuilder *self, VlBlock *block, guint column)
{
  const char *name = _vl_block_get_name (block, column);
  gsize length = block->columns[column].name_length;

  if (self->map[column] != VL_BLOCK_NO_COLUMN)
    return self->map[column];

  if (column < self->n_columns && self->columns[column].flags == 0 &&
      self->columns[column].name_length == length &&
      memcmp (self->heap + self->columns[column].name, name, length) == 0)
    self->map[column] = column;
  else
    self->map[column] = _vl_block_builder_add_column (self, name, length);

  return self->map[column];
}

static void
copy_cells (VlBlockBuilder *self, VlBlock *block, guint row)
{
  for (guint column = 0; column < block->n_columns; column++)
    {
      VlCell cell;

      if (!_vl_block_column_is_hidden (block, column) && _vl_block_read (block, row, column, &cell))
        _vl_block_builder_set_cell (self, map_column (self, block, column), &cell);
    }
}

static gboolean
is_id (const VlBlockCell *cell)
{
  guint tag = VL_BLOCK_CELL_TAG (cell);

  return tag == VL_BLOCK_TAG (VL_FIELD_TYPE_INT64) || tag == VL_BLOCK_TAG (VL_FIELD_TYPE_STRING);
}

/* Moves the ids of the finished rows to a hidden column: the next row does not
 * have its id where they have theirs. */
static void
hide_ids (VlBlockBuilder *self)
{
  guint from = self->id_column;
  guint to = _vl_block_builder_add_hidden_id (self);

  for (gsize row = 0; row < self->n_rows; row++)
    {
      VlBlockCell *cells = self->cells + row * self->stride;
      gsize length = (gsize) VL_BLOCK_CELL_LENGTH (&cells[from]);
      g_autofree char *text = NULL;

      if (!is_id (&cells[from]))
        continue;
      cells[to] = cells[from];
      if (VL_BLOCK_CELL_TAG (&cells[from]) == VL_BLOCK_TAG (VL_FIELD_TYPE_INT64))
        continue;

      /* No two cells share bytes. The heap may move while it grows. */
      text = g_memdup2 (self->heap + cells[from].value.offset, length + 1);
      cells[to].value.offset = _vl_block_builder_add_text (self, text, length);
    }
}

/* Whether the row has its id in the id column here too. */
static gboolean
agrees (VlBlockBuilder *self, VlBlock *block, gboolean has_id)
{
  if (!has_id)
    return !is_id (_vl_block_builder_get_cell (self, self->id_column));

  return _vl_block_id_is_field (block) && self->map[block->id_column] == self->id_column;
}

static void
follow_id (VlBlockBuilder *self, VlBlock *block, const VlCell *id)
{
  gboolean has_id = id->type != VL_FIELD_TYPE_NULL;

  if (self->id_column == VL_BLOCK_NO_COLUMN && self->n_rows == 0 && _vl_block_id_is_field (block))
    {
      self->id_column = map_column (self, block, block->id_column);
      return;
    }
  if (self->id_column == VL_BLOCK_NO_COLUMN && has_id)
    _vl_block_builder_add_hidden_id (self);
  else if (self->id_column != VL_BLOCK_NO_COLUMN && self->columns[self->id_column].flags == 0 &&
           !agrees (self, block, has_id))
    hide_ids (self);

  if (has_id && self->columns[self->id_column].flags != 0)
    _vl_block_builder_set_cell (self, self->id_column, id);
}

static void
put_id (VlBlockBuilder *self, VlBlock *block, guint row)
{
  VlCell id;
  gboolean has_id = _vl_block_read_id (block, row, &id);

  switch (self->ids)
    {
    case VL_BLOCK_IDS_COLUMN:
      if (has_id && VL_BLOCK_CELL_TAG (_vl_block_builder_get_cell (self, self->id_column)) <=
                      VL_BLOCK_TAG (VL_FIELD_TYPE_NULL))
        _vl_block_builder_set_id (self, self->id_column, &id, self->id_is_int64);
      break;
    case VL_BLOCK_IDS_HIDDEN:
      if (has_id && self->id_column == VL_BLOCK_NO_COLUMN)
        _vl_block_builder_add_hidden_id (self);
      if (has_id)
        _vl_block_builder_set_cell (self, self->id_column, &id);
      break;
    case VL_BLOCK_IDS_FOLLOW:
    default:
      follow_id (self, block, &id);
      break;
    }
}

void
_vl_block_builder_put_row (VlBlockBuilder *self, VlBlock *block, guint row)
{
  map_columns (self, block);
  copy_cells (self, block, row);
  put_id (self, block, row);
}

void
_vl_block_builder_add_row (VlBlockBuilder *self, VlBlock *block, guint row)
{
  _vl_block_builder_begin_row (self);
  _vl_block_builder_put_row (self, block, row);
  _vl_block_builder_end_row (self);
}
