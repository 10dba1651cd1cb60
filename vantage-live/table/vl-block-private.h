/* vl-block-private.h: rows packed into one buffer, the same in memory and on disk
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-cell-private.h"
#include "vl-page-private.h"

G_BEGIN_DECLS

/* The buffer, all of it aligned to 8 and in the byte order of the machine:
 *
 *   header    VlBlockHeader
 *   columns   VlBlockColumn [n_columns]
 *   cells     VlBlockCell [n_rows][n_columns]
 *   heap      names, text, bytes and variants, up to the end
 *
 * Offsets in columns and cells count from the start of the heap.
 *
 *   null, absent   no length, no value
 *   boolean        the value 0 or 1
 *   int64, double  the value
 *   string         UTF-8 without NUL, `length` bytes and a NUL after them
 *   bytes          `length` bytes
 *   variant        aligned to 8: `length` bytes of serialised data, and right
 *                  after them the type string and a NUL
 *
 * No two cells share bytes of the heap; a reader sees to it that together they
 * do not claim more than there is, so that checking a block never costs more
 * than its length. A block with rows has at least one column. The id
 * column holds the ids: an int64 or a string, anything else is a NULL id. It is
 * hidden when it is not a field; the name of a hidden column means nothing.
 * All other names are unique.
 *
 * magic, version and byte_order must be just right; the checksum covers all
 * that follows it. A reader refuses versions that it does not know: raise
 * VL_BLOCK_VERSION with every change. */
#define VL_BLOCK_MAGIC      "VlBk"
#define VL_BLOCK_VERSION    3
#define VL_BLOCK_BYTE_ORDER 0x0a0b
#define VL_BLOCK_NO_COLUMN  G_MAXUINT32

typedef struct
{
  char magic[4];
  guint16 version;
  guint16 byte_order;
  guint64 checksum; /* 0 in blocks that never were on disk */
  guint64 length;   /* of the whole buffer */
  guint32 n_columns;
  guint32 n_rows;
  guint32 id_column; /* or VL_BLOCK_NO_COLUMN */
  guint32 reserved;  /* 0 */

  /* What VlPageInfo keeps; only set in bytes. */
  guint64 fingerprint;
  guint64 offset;
  gint64 total;
  gint64 fetched_at;
  guint64 seq;
  guint64 run;
} VlBlockHeader;

enum
{
  VL_BLOCK_COLUMN_HIDDEN = 1 << 0,
};

typedef struct
{
  guint64 name; /* offset in the heap; a NUL follows the name there */
  guint32 name_length;
  guint32 flags;
} VlBlockColumn;

/* A tag is a VlFieldType + 1; 0 says that the row does not have the field. */
#define VL_BLOCK_ABSENT    0
#define VL_BLOCK_TAG(type) ((guint) (type) + 1)

typedef struct
{
  guint64 head; /* the tag in the lowest byte, the length above it */
  union
  {
    guint64 offset;
    gint64 int64;
    double real;
  } value;
} VlBlockCell;

#define VL_BLOCK_HEAD(tag, length) ((guint64) (tag) | (guint64) (length) << 8)
#define VL_BLOCK_CELL_TAG(cell)    ((guint) ((cell)->head & 0xff))
#define VL_BLOCK_CELL_LENGTH(cell) ((cell)->head >> 8)

G_STATIC_ASSERT (sizeof (VlBlockHeader) == 88);
G_STATIC_ASSERT (sizeof (VlBlockColumn) == 16);
G_STATIC_ASSERT (sizeof (VlBlockCell) == 16);

/* Immutable and shared: any thread may read it and hold references. The two
 * members that are made late are published atomically, once. */
typedef struct
{
  const VlBlockHeader *header; /* the start of the buffer */
  const VlBlockColumn *columns;
  const VlBlockCell *cells;
  const char *heap;
  gsize heap_length;

  GBytes *bytes;     /* owns the buffer; NULL when it is part of this allocation */
  gpointer index;    /* VlBlockIndex: made with the first lookup in many columns */
  gpointer id_texts; /* gpointer [n_rows]: texts of int64 ids, each made when asked for */

  guint n_columns;
  guint n_rows;
  guint id_column;
  gint ref_count;
  gboolean trusted; /* variants are known to be in normal form */
  guint room;       /* bytes of this allocation that go back to the kept ones, 0 = none */
} VlBlock;

/* An empty buffer of `length` bytes that the caller fills and then opens. */
VlBlock *_vl_block_alloc (gsize length);
void _vl_block_open (VlBlock *self);

/* Takes the bytes as they are if they are a whole and sound block of a version
 * we know, else VL_ERROR_CORRUPT. Copies them only when they are misaligned. */
VlBlock *_vl_block_new_from_bytes (GBytes *bytes, GError **error);

/* Likewise, of a copy of the data, aligned or not. */
VlBlock *_vl_block_new_from_data (gconstpointer data, gsize length, GError **error);

/* Likewise, in two steps: whoever calls fills the buffer in between. The second
 * one consumes the block if it is not sound. */
VlBlock *_vl_block_new_empty (gsize length, gpointer *buffer);
VlBlock *_vl_block_open_filled (VlBlock *self, gsize length, GError **error);

/* Memory for a block, perhaps that of an earlier one, and what it is given back
 * with. From any thread. */
gpointer _vl_block_room_take (gsize length, guint *size);
void _vl_block_room_give (gpointer memory, guint size);

/* The block with `info` in its header and a checksum: a copy. */
GBytes *_vl_block_to_bytes (VlBlock *self, const VlPageInfo *info);
void _vl_block_get_info (VlBlock *self, VlPageInfo *info);

VlBlock *_vl_block_ref (VlBlock *self);
void _vl_block_unref (VlBlock *self);

gboolean _vl_block_find_column (VlBlock *self, const char *name, gsize length, guint *column);

/* FALSE and a null cell when the row does not have the column. */
gboolean _vl_block_read (VlBlock *self, guint row, guint column, VlCell *cell);
gboolean _vl_block_read_id (VlBlock *self, guint row, VlCell *cell);

/* The id as text, which lives as long as the block; NULL for a NULL id. */
const char *_vl_block_get_id (VlBlock *self, guint row);

gsize _vl_block_get_n_bytes (VlBlock *self);

/* vl-block-check.c: is what stands in the buffer sound? NULL when it is, else
 * what is wrong. Expects sizes and pointers to be set. */
const char *_vl_block_check (VlBlock *self);

/* vl-block-row.c */
gboolean _vl_block_row_equal (VlBlock *a, guint row_a, VlBlock *b, guint row_b);
gboolean _vl_cell_equal (const VlCell *a, const VlCell *b);
GVariant *_vl_block_cell_to_variant (VlBlock *self, const VlCell *cell);

/* vl-block-json.c: appends one object, `id` first. */
void _vl_block_row_to_json (VlBlock *self, guint row, GString *json);

/* Text that can be a string field: UTF-8 without NUL. */
gboolean _vl_text_is_valid (const char *text, gsize length);

static inline gboolean
_vl_block_column_is_hidden (VlBlock *self, guint column)
{
  return (self->columns[column].flags & VL_BLOCK_COLUMN_HIDDEN) != 0;
}

static inline const char *
_vl_block_get_name (VlBlock *self, guint column)
{
  return self->heap + self->columns[column].name;
}

static inline gboolean
_vl_block_has_name (VlBlock *self, guint column, const char *name, gsize length)
{
  return self->columns[column].name_length == length &&
         !_vl_block_column_is_hidden (self, column) &&
         memcmp (_vl_block_get_name (self, column), name, length) == 0;
}

/* Whether the id is a field too. */
static inline gboolean
_vl_block_id_is_field (VlBlock *self)
{
  return self->id_column != VL_BLOCK_NO_COLUMN &&
         !_vl_block_column_is_hidden (self, self->id_column);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VlBlock, _vl_block_unref)

G_END_DECLS
