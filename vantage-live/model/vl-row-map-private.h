/* vl-row-map-private.h: which rows of a list somebody holds, by position
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-row-private.h"

G_BEGIN_DECLS

/* Positions to rows, none referenced: as large as the rows that are there, not
 * as the list. Rows are kept in chunks, so that the next one of a list that is
 * read in order is where the last one was. */
#define VL_ROW_CHUNK 64

typedef struct
{
  guint number; /* the first position is VL_ROW_CHUNK times this */
  guint n_rows;
  VlRow *rows[VL_ROW_CHUNK];
} VlRowChunk;

typedef struct
{
  GHashTable *chunks; /* number to VlRowChunk, owned */
  VlRowChunk *last;   /* that was looked into; NULL = none */
  guint n_rows;
} VlRowMap;

typedef void (*VlRowMapFunc) (VlRow *row, gpointer user_data);

void _vl_row_map_init (VlRowMap *self);
void _vl_row_map_clear (VlRowMap *self);
VlRowChunk *_vl_row_map_find_chunk (VlRowMap *self, guint number);

/* The position must be free; sets that of the row. */
void _vl_row_map_put (VlRowMap *self, guint position, VlRow *row);
void _vl_row_map_remove (VlRowMap *self, VlRow *row);

/* The rows of `n` positions, in order, referenced. */
GPtrArray *_vl_row_map_get_range (VlRowMap *self, guint first, guint n);
gboolean _vl_row_map_has_range (VlRowMap *self, guint first, guint n);

/* From `first` on, positions become `delta` more, or less when it is negative;
 * those that this leaves have no rows. */
void _vl_row_map_shift (VlRowMap *self, guint first, gint64 delta);

static inline VlRow *
_vl_row_map_get (VlRowMap *self, guint position)
{
  guint number = position / VL_ROW_CHUNK;
  VlRowChunk *chunk = self->last;

  if (G_UNLIKELY (chunk == NULL || chunk->number != number))
    chunk = _vl_row_map_find_chunk (self, number);

  return chunk != NULL ? chunk->rows[position % VL_ROW_CHUNK] : NULL;
}

G_END_DECLS
