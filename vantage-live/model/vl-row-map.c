/* vl-row-map.c: which rows of a list somebody holds, by position
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-row-map-private.h"

void
_vl_row_map_init (VlRowMap *self)
{
  self->chunks = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->last = NULL;
  self->n_rows = 0;
}

void
_vl_row_map_clear (VlRowMap *self)
{
  g_clear_pointer (&self->chunks, g_hash_table_unref);
  self->last = NULL;
  self->n_rows = 0;
}

VlRowChunk *
_vl_row_map_find_chunk (VlRowMap *self, guint number)
{
  VlRowChunk *chunk = g_hash_table_lookup (self->chunks, GUINT_TO_POINTER (number));

  if (chunk != NULL)
    self->last = chunk;

  return chunk;
}

void
_vl_row_map_put (VlRowMap *self, guint position, VlRow *row)
{
  guint number = position / VL_ROW_CHUNK;
  VlRowChunk *chunk = _vl_row_map_find_chunk (self, number);

  if (chunk == NULL)
    {
      chunk = g_new0 (VlRowChunk, 1);
      chunk->number = number;
      g_hash_table_insert (self->chunks, GUINT_TO_POINTER (number), chunk);
      self->last = chunk;
    }

  g_assert (chunk->rows[position % VL_ROW_CHUNK] == NULL);
  chunk->rows[position % VL_ROW_CHUNK] = row;
  chunk->n_rows++;
  self->n_rows++;
  row->position = position;
  row->is_placed = TRUE;
}

void
_vl_row_map_remove (VlRowMap *self, VlRow *row)
{
  guint number = row->position / VL_ROW_CHUNK;
  VlRowChunk *chunk = _vl_row_map_find_chunk (self, number);

  g_assert (row->is_placed && chunk->rows[row->position % VL_ROW_CHUNK] == row);
  chunk->rows[row->position % VL_ROW_CHUNK] = NULL;
  self->n_rows--;
  row->is_placed = FALSE;
  if (--chunk->n_rows > 0)
    return;

  self->last = NULL;
  g_hash_table_remove (self->chunks, GUINT_TO_POINTER (number));
}

/* The first position from `first` on that might have a row, at most `end`. */
static guint64
skip_empty (VlRowMap *self, guint64 first, guint64 end)
{
  while (first < end && _vl_row_map_find_chunk (self, (guint) (first / VL_ROW_CHUNK)) == NULL)
    first = (first / VL_ROW_CHUNK + 1) * VL_ROW_CHUNK;

  return MIN (first, end);
}

static int
compare_positions (gconstpointer a, gconstpointer b)
{
  const VlRow *first = *(VlRow *const *) a;
  const VlRow *second = *(VlRow *const *) b;

  return first->position < second->position ? -1 : first->position > second->position;
}

/* A range that is larger than all there is. */
static void
add_from_chunks (VlRowMap *self, guint64 first, guint64 end, GPtrArray *rows)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->chunks);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      VlRowChunk *chunk = value;

      for (guint i = 0; i < VL_ROW_CHUNK; i++)
        {
          VlRow *row = chunk->rows[i];

          if (row != NULL && row->position >= first && row->position < end)
            g_ptr_array_add (rows, g_object_ref (row));
        }
    }
  g_ptr_array_sort (rows, compare_positions);
}

GPtrArray *
_vl_row_map_get_range (VlRowMap *self, guint first, guint n)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func (g_object_unref);
  guint64 end = (guint64) first + n;

  if (n / VL_ROW_CHUNK > g_hash_table_size (self->chunks))
    {
      add_from_chunks (self, first, end, rows);
      return rows;
    }

  for (guint64 i = skip_empty (self, first, end); i < end;)
    {
      VlRow *row = _vl_row_map_get (self, (guint) i);

      if (row != NULL)
        g_ptr_array_add (rows, g_object_ref (row));
      i++;
      if (i % VL_ROW_CHUNK == 0)
        i = skip_empty (self, i, end);
    }

  return rows;
}

gboolean
_vl_row_map_has_range (VlRowMap *self, guint first, guint n)
{
  guint64 end = (guint64) first + n;

  for (guint64 i = skip_empty (self, first, end); i < end;)
    {
      if (_vl_row_map_get (self, (guint) i) != NULL)
        return TRUE;
      i++;
      if (i % VL_ROW_CHUNK == 0)
        i = skip_empty (self, i, end);
    }

  return FALSE;
}

void
_vl_row_map_shift (VlRowMap *self, guint first, gint64 delta)
{
  g_autoptr (GPtrArray) rows = NULL;

  if (delta == 0)
    return;

  rows = _vl_row_map_get_range (self, first, G_MAXUINT - first);
  for (guint i = 0; i < rows->len; i++)
    _vl_row_map_remove (self, rows->pdata[i]);
  for (guint i = 0; i < rows->len; i++)
    {
      VlRow *row = rows->pdata[i];

      _vl_row_map_put (self, (guint) ((gint64) row->position + delta), row);
    }
}
