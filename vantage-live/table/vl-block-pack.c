/* vl-block-pack.c: blocks of rows whose columns are known from the start
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <string.h>

#include "vl-block-pack-private.h"

/* Rows that there is room for at first: as many as are expected, within reason. */
#define MIN_ROWS     4
#define MAX_EXPECTED 1024

/* What the cell takes in the heap. */
static gsize
heap_size (const VlCell *cell)
{
  if (cell->type == VL_FIELD_TYPE_STRING)
    return cell->length + 1;

  return cell->type == VL_FIELD_TYPE_BYTES ? cell->length : 0;
}

/* `heap` is what follows the names, which take `n_names` bytes. */
static inline void
put_cell (VlBlockCell *target, const VlCell *cell, char *heap, gsize n_names, gsize *used)
{
  target->head = VL_BLOCK_HEAD (VL_BLOCK_TAG (cell->type), 0);
  target->value.int64 = 0;
  switch (cell->type)
    {
    case VL_FIELD_TYPE_BOOLEAN:
      target->value.int64 = cell->boolean;
      break;
    case VL_FIELD_TYPE_INT64:
      target->value.int64 = cell->int64;
      break;
    case VL_FIELD_TYPE_DOUBLE:
      target->value.real = cell->real;
      break;
    case VL_FIELD_TYPE_STRING:
    case VL_FIELD_TYPE_BYTES:
      target->head = VL_BLOCK_HEAD (VL_BLOCK_TAG (cell->type), cell->length);
      target->value.offset = n_names + *used;
      if (cell->length > 0)
        memcpy (heap + *used, cell->data, cell->length);
      *used += cell->length;
      if (cell->type == VL_FIELD_TYPE_STRING)
        heap[(*used)++] = '\0';
      break;
    case VL_FIELD_TYPE_NULL:
    case VL_FIELD_TYPE_VARIANT:
    default:
      target->head = VL_BLOCK_HEAD (VL_BLOCK_TAG (VL_FIELD_TYPE_NULL), 0);
      break;
    }
}

/* A block of that many rows with the columns of `like`; its heap is `n_bytes`
 * longer. */
static VlBlock *
alloc_like (VlBlock *like, guint n_rows, gsize n_bytes)
{
  gsize size = sizeof (VlBlockHeader) + like->n_columns * sizeof (VlBlockColumn);
  gsize n_cells = (gsize) like->n_columns * n_rows;
  VlBlockHeader *header;
  VlBlock *block;

  g_assert (like->n_rows == 0);
  if (!g_size_checked_mul (&n_cells, n_cells, sizeof (VlBlockCell)) ||
      !g_size_checked_add (&size, size, n_cells) ||
      !g_size_checked_add (&size, size, like->heap_length + n_bytes))
    g_error ("A page of %u rows with %u columns cannot be made", n_rows, like->n_columns);

  block = _vl_block_alloc (size);
  header = (VlBlockHeader *) (void *) (block + 1);
  header->n_columns = like->n_columns;
  header->n_rows = n_rows;
  header->id_column = like->id_column;
  _vl_block_open (block);
  if (like->n_columns > 0)
    memcpy ((char *) block->columns, like->columns, like->n_columns * sizeof (VlBlockColumn));
  if (like->heap_length > 0)
    memcpy ((char *) block->heap, like->heap, like->heap_length);

  return block;
}

VlBlock *
_vl_block_new_row (VlBlock *like, const VlCell *cells)
{
  gsize n_bytes = 0;
  gsize used = 0;
  VlBlock *block;

  for (guint i = 0; i < like->n_columns; i++)
    n_bytes += heap_size (&cells[i]);

  block = alloc_like (like, 1, n_bytes);
  for (guint i = 0; i < like->n_columns; i++)
    put_cell ((VlBlockCell *) &block->cells[i], &cells[i], (char *) block->heap + like->heap_length,
              like->heap_length, &used);

  return block;
}

void
_vl_block_packer_init (VlBlockPacker *self, VlBlock *like, guint n_rows)
{
  *self = (VlBlockPacker){ .like = _vl_block_ref (like) };
  self->n_rows_allocated = MAX (MIN (n_rows, MAX_EXPECTED), MIN_ROWS);
  self->cells = g_new (VlBlockCell, (gsize) self->n_rows_allocated * like->n_columns);
}

void
_vl_block_packer_clear (VlBlockPacker *self)
{
  g_clear_pointer (&self->like, _vl_block_unref);
  g_clear_pointer (&self->cells, g_free);
  g_clear_pointer (&self->heap, g_free);
}

static void
reserve (VlBlockPacker *self, gsize n_bytes)
{
  gsize needed;

  if (self->n_rows == self->n_rows_allocated)
    {
      self->n_rows_allocated *= 2;
      self->cells = g_realloc_n (self->cells,
                                 (gsize) self->n_rows_allocated * self->like->n_columns,
                                 sizeof (VlBlockCell));
    }

  if (!g_size_checked_add (&needed, self->used, n_bytes) || needed > G_MAXSIZE / 4)
    g_error ("A page of more than %" G_GSIZE_FORMAT " bytes cannot be made", G_MAXSIZE / 4);
  if (needed > self->heap_allocated)
    {
      self->heap_allocated = MAX (needed + needed / 2, self->n_rows_allocated * n_bytes);
      self->heap = g_realloc (self->heap, self->heap_allocated);
    }
}

void
_vl_block_packer_add (VlBlockPacker *self, const VlCell *cells)
{
  guint n_columns = self->like->n_columns;
  VlBlockCell *row;
  gsize n_bytes = 0;

  for (guint i = 0; i < n_columns; i++)
    n_bytes += heap_size (&cells[i]);
  reserve (self, n_bytes);

  row = self->cells + (gsize) self->n_rows++ * n_columns;
  for (guint i = 0; i < n_columns; i++)
    put_cell (&row[i], &cells[i], self->heap, self->like->heap_length, &self->used);
}

VlBlock *
_vl_block_packer_end (VlBlockPacker *self)
{
  VlBlock *like = self->like;
  VlBlock *block = alloc_like (like, self->n_rows, self->used);

  if (self->n_rows > 0)
    memcpy ((char *) block->cells, self->cells,
            (gsize) self->n_rows * like->n_columns * sizeof (VlBlockCell));
  if (self->used > 0)
    memcpy ((char *) block->heap + like->heap_length, self->heap, self->used);
  _vl_block_packer_clear (self);

  return block;
}
