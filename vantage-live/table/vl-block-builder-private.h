/* vl-block-builder-private.h: packs rows into a block
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-block-private.h"

G_BEGIN_DECLS

/* How the id of a row that comes from another block is kept. */
typedef enum
{
  /* In the column that is its id column there, as long as all rows agree on
   * one; else in a hidden column. */
  VL_BLOCK_IDS_FOLLOW,
  /* In a hidden column. */
  VL_BLOCK_IDS_HIDDEN,
  /* In the column `id_column`, if the row brings no field of that name. */
  VL_BLOCK_IDS_COLUMN,
} VlBlockIds;

/* Lives on one thread at a time, in its owner's memory. Columns may be added
 * at any time, also in the middle of a row. Cells of the row being made are
 * absent until they are set; setting one again leaves its old bytes in the
 * heap, see `wasted`. */
typedef struct
{
  VlBlockColumn *columns;
  guint n_columns;
  guint n_columns_allocated;
  GHashTable *names; /* of the columns, once there are many: name → column + 1 */

  VlBlockCell *cells; /* rows of `stride` cells each */
  guint stride;
  gsize n_rows_allocated;
  guint n_rows;    /* finished ones */
  gboolean in_row; /* row number n_rows is being made */

  char *heap;
  gsize heap_length;
  gsize heap_allocated;
  gboolean wasted; /* cells were overwritten: the heap holds bytes of nobody */

  VlBlockIds ids;
  guint id_column;
  gboolean id_is_int64; /* what VL_BLOCK_IDS_COLUMN makes of decimal text */

  VlBlock *mapped; /* the block that the last row came from: */
  guint *map;      /* its columns here, VL_BLOCK_NO_COLUMN while not needed */
} VlBlockBuilder;

void _vl_block_builder_init (VlBlockBuilder *self, VlBlockIds ids);
void _vl_block_builder_clear (VlBlockBuilder *self);

/* The column of that name, made when there is none. Names end in a NUL; one
 * that is not UTF-8 is made so. */
guint _vl_block_builder_add_column (VlBlockBuilder *self, const char *name, gsize length);
gboolean _vl_block_builder_find_column (VlBlockBuilder *self,
                                        const char *name,
                                        gsize length,
                                        guint *column);
guint _vl_block_builder_add_hidden_id (VlBlockBuilder *self);

void _vl_block_builder_begin_row (VlBlockBuilder *self);
void _vl_block_builder_set_null (VlBlockBuilder *self, guint column);
void _vl_block_builder_set_boolean (VlBlockBuilder *self, guint column, gboolean value);
void _vl_block_builder_set_int64 (VlBlockBuilder *self, guint column, gint64 value);
void _vl_block_builder_set_double (VlBlockBuilder *self, guint column, double value);
/* Text that cannot be a string becomes bytes. */
void _vl_block_builder_set_text (VlBlockBuilder *self,
                                 guint column,
                                 const char *text,
                                 gsize length);
void _vl_block_builder_set_bytes (VlBlockBuilder *self,
                                  guint column,
                                  gconstpointer data,
                                  gsize length);
/* Any variant becomes the field it stands for: `v` and `m` are unwrapped. */
void _vl_block_builder_set_variant (VlBlockBuilder *self, guint column, GVariant *value);
/* The cell must not lie in this builder. */
void _vl_block_builder_set_cell (VlBlockBuilder *self, guint column, const VlCell *cell);
/* Text as it is, or int64 where it is canonical decimal text and that is
 * asked for. */
void _vl_block_builder_set_id (VlBlockBuilder *self,
                               guint column,
                               const VlCell *id,
                               gboolean as_int64);
/* Only into the heap; answers the offset there. */
gsize _vl_block_builder_add_text (VlBlockBuilder *self, const char *text, gsize length);
void _vl_block_builder_unset (VlBlockBuilder *self, guint column);
void _vl_block_builder_end_row (VlBlockBuilder *self);

/* What a row has, its id included, into the row being made. */
void _vl_block_builder_put_row (VlBlockBuilder *self, VlBlock *block, guint row);
/* The same as a row of its own. */
void _vl_block_builder_add_row (VlBlockBuilder *self, VlBlock *block, guint row);

/* The block; the builder is as good as new then. */
VlBlock *_vl_block_builder_end (VlBlockBuilder *self);

static inline VlBlockCell *
_vl_block_builder_get_cell (VlBlockBuilder *self, guint column)
{
  return &self->cells[(gsize) self->n_rows * self->stride + column];
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VlBlockBuilder, _vl_block_builder_clear)

G_END_DECLS
