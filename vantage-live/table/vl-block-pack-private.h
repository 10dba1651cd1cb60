/* vl-block-pack-private.h: blocks of rows whose columns are known from the start
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-block-private.h"

G_BEGIN_DECLS

/* All take the columns from a block without rows, and cells one a column: null,
 * booleans, numbers, text that is UTF-8 without NUL, or bytes. */

/* A block of one row. */
VlBlock *_vl_block_new_row (VlBlock *like, const VlCell *cells);

/* Lives on one thread at a time, in its owner's memory. */
typedef struct
{
  VlBlock *like; /* referenced */
  VlBlockCell *cells;
  guint n_rows;
  guint n_rows_allocated;
  char *heap; /* without the names */
  gsize used;
  gsize heap_allocated;
} VlBlockPacker;

void _vl_block_packer_init (VlBlockPacker *self, VlBlock *like, guint n_rows);
void _vl_block_packer_clear (VlBlockPacker *self);
void _vl_block_packer_add (VlBlockPacker *self, const VlCell *cells);

/* Leaves nothing behind. */
VlBlock *_vl_block_packer_end (VlBlockPacker *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VlBlockPacker, _vl_block_packer_clear)

G_END_DECLS
