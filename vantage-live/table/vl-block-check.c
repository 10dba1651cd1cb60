/* vl-block-check.c: whether what stands in a block is sound
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "vl-block-private.h"

#define HIGH_BITS G_GUINT64_CONSTANT (0x8080808080808080)
#define LOW_BITS  G_GUINT64_CONSTANT (0x0101010101010101)

typedef struct
{
  VlBlock *block;
  gboolean is_ascii; /* of the whole heap: spares validating each text */
  guint64 used;      /* bytes of the heap that cells and names claim */
} Check;

static inline guint64
load_word (const char *data)
{
  guint64 word;

  memcpy (&word, data, sizeof word);

  return word;
}

/* Bytes that the processor deals with all at once. */
typedef guint8 Vector __attribute__ ((vector_size (16)));

/* Goes through `n_vectors` of them, not more than a counter of a byte can
 * count. Bytes that are NUL compare as all ones, which is -1. */
static const char *
count_nuls (const char *data, gsize n_vectors, Vector *seen, guint64 *n_nuls)
{
  Vector counters = { 0 };
  Vector all = *seen;

  for (; n_vectors > 0; n_vectors--, data += sizeof (Vector))
    {
      Vector bytes;

      memcpy (&bytes, data, sizeof bytes);
      all |= bytes;
      counters -= (Vector) (bytes == 0);
    }
  for (guint i = 0; i < sizeof (Vector); i++)
    *n_nuls += counters[i];
  *seen = all;

  return data;
}

/* Whether all of it is ASCII, and how many NULs there are. */
static gboolean
is_ascii (const char *data, gsize length, guint64 *n_nuls)
{
  Vector seen = { 0 };
  guint all = 0;
  gsize rest = length;

  *n_nuls = 0;
  while (rest >= sizeof (Vector))
    {
      gsize n_vectors = MIN (rest / sizeof (Vector), G_MAXUINT8);

      data = count_nuls (data, n_vectors, &seen, n_nuls);
      rest -= n_vectors * sizeof (Vector);
    }
  for (; rest > 0; data++, rest--)
    {
      all |= (guint8) *data;
      *n_nuls += *data == '\0';
    }
  for (guint i = 0; i < sizeof (Vector); i++)
    all |= seen[i];

  return all < 0x80;
}

gboolean
_vl_text_is_valid (const char *text, gsize length)
{
  for (; length >= sizeof (guint64); text += sizeof (guint64), length -= sizeof (guint64))
    {
      guint64 word = load_word (text);

      /* A byte with its high bit set, or (as none is) one that is NUL. */
      if ((word & HIGH_BITS) != 0 || ((word - LOW_BITS) & ~word & HIGH_BITS) != 0)
        return g_utf8_validate_len (text, length, NULL);
    }
  for (; length > 0; text++, length--)
    if ((guint8) (*text - 1) >= 0x7f)
      return g_utf8_validate_len (text, length, NULL);

  return TRUE;
}

/* Claims `length` bytes from `offset` on; FALSE when the heap does not have
 * them, or when more was claimed than there is. */
static gboolean
claim (Check *self, guint64 offset, guint64 length)
{
  guint64 room = self->block->heap_length;

  if (offset > room || length > room - offset || length > room - self->used)
    return FALSE;
  self->used += length;

  return TRUE;
}

/* Text is where offset and length say, with a NUL behind it and none inside. */
static gboolean
check_text (Check *self, guint64 offset, guint64 length)
{
  const char *text;

  /* Of two lengths whose sum could overflow the first is bounded here. */
  if (length >= self->block->heap_length || !claim (self, offset, length + 1))
    return FALSE;

  text = self->block->heap + offset;
  if (memchr (text, '\0', (gsize) length + 1) != text + length)
    return FALSE;

  return self->is_ascii || _vl_text_is_valid (text, (gsize) length);
}

static gboolean
check_variant (Check *self, guint64 offset, guint64 length)
{
  const char *heap = self->block->heap;
  const char *limit = heap + self->block->heap_length;
  const char *type;
  const char *end;

  if (offset % 8 != 0 || !claim (self, offset, length))
    return FALSE;

  type = heap + offset + length;
  if (!g_variant_type_string_scan (type, limit, &end) || end == limit || *end != '\0')
    return FALSE;

  return g_variant_type_is_definite ((const GVariantType *) type) &&
         claim (self, offset + length, (guint64) (end - type) + 1);
}

static gboolean
check_cell (Check *self, const VlBlockCell *cell)
{
  guint64 length = VL_BLOCK_CELL_LENGTH (cell);

  switch (VL_BLOCK_CELL_TAG (cell))
    {
    case VL_BLOCK_ABSENT:
    case VL_BLOCK_TAG (VL_FIELD_TYPE_NULL):
    case VL_BLOCK_TAG (VL_FIELD_TYPE_INT64):
    case VL_BLOCK_TAG (VL_FIELD_TYPE_DOUBLE):
      return length == 0;
    case VL_BLOCK_TAG (VL_FIELD_TYPE_BOOLEAN):
      return length == 0 && cell->value.offset <= 1;
    case VL_BLOCK_TAG (VL_FIELD_TYPE_STRING):
      return check_text (self, cell->value.offset, length);
    case VL_BLOCK_TAG (VL_FIELD_TYPE_BYTES):
      return claim (self, cell->value.offset, length);
    case VL_BLOCK_TAG (VL_FIELD_TYPE_VARIANT):
      return check_variant (self, cell->value.offset, length);
    default:
      return FALSE;
    }
}

static gboolean
check_header (const VlBlockHeader *header)
{
  return (header->n_columns > 0 || header->n_rows == 0) && header->reserved == 0 &&
         (header->id_column == VL_BLOCK_NO_COLUMN || header->id_column < header->n_columns) &&
         header->total >= -1 && header->fetched_at >= 0 &&
         header->offset <= G_MAXUINT64 - header->n_rows;
}

static gboolean
check_column (Check *self, guint column)
{
  const VlBlockColumn *source = &self->block->columns[column];
  guint32 expected = 0;

  if (_vl_block_column_is_hidden (self->block, column))
    expected = VL_BLOCK_COLUMN_HIDDEN;

  return source->flags == expected && check_text (self, source->name, source->name_length) &&
         (expected == 0 || column == self->block->id_column);
}

/* Looks each name up: one that another column has too is found there. */
static gboolean
check_unique (VlBlock *block)
{
  for (guint column = 0; column < block->n_columns; column++)
    {
      guint found;

      if (!_vl_block_column_is_hidden (block, column) &&
          (!_vl_block_find_column (block, _vl_block_get_name (block, column),
                                   block->columns[column].name_length, &found) ||
           found != column))
        return FALSE;
    }

  return TRUE;
}

/* Where the heap is ASCII and its texts stand there one after the other, in the
 * order of the columns and cells and up to the end, as a builder leaves them:
 * when each ends in a NUL and there are no others, none of them has one inside.
 * FALSE says nothing: then each has to be looked at. */
static gboolean
is_plain (VlBlock *block, gsize n_cells, guint64 n_nuls)
{
  const char *heap = block->heap;
  guint64 room = block->heap_length;
  guint64 used = 0;

  /* The names have been looked at, and are where they should be. */
  for (guint column = 0; column < block->n_columns; column++)
    {
      if (block->columns[column].name != used)
        return FALSE;
      used += block->columns[column].name_length + (guint64) 1;
      n_nuls--;
    }

  for (const VlBlockCell *cell = block->cells; cell < block->cells + n_cells; cell++)
    {
      guint64 length;

      /* What comes before a string among the tags has no length. */
      if (cell->head < VL_BLOCK_TAG (VL_FIELD_TYPE_STRING))
        {
          if (cell->head == VL_BLOCK_TAG (VL_FIELD_TYPE_BOOLEAN) && cell->value.offset > 1)
            return FALSE;
          continue;
        }

      length = VL_BLOCK_CELL_LENGTH (cell);
      if (VL_BLOCK_CELL_TAG (cell) != VL_BLOCK_TAG (VL_FIELD_TYPE_STRING) ||
          cell->value.offset != used || length >= room - used || heap[used + length] != '\0')
        return FALSE;
      used += length + 1;
      n_nuls--;
    }

  return used == room && n_nuls == 0;
}

const char *
_vl_block_check (VlBlock *block)
{
  Check check = { .block = block };
  gsize n_cells = (gsize) block->n_columns * block->n_rows;
  guint64 n_nuls;

  if (!check_header (block->header))
    return _ ("its header makes no sense");

  check.is_ascii = is_ascii (block->heap, block->heap_length, &n_nuls);
  for (guint column = 0; column < block->n_columns; column++)
    if (!check_column (&check, column))
      return _ ("a column makes no sense");
  if (!check_unique (block))
    return _ ("two columns share a name");
  if (check.is_ascii && is_plain (block, n_cells, n_nuls))
    return NULL;

  for (gsize i = 0; i < n_cells; i++)
    if (!check_cell (&check, &block->cells[i]))
      return _ ("a cell makes no sense");

  return NULL;
}
