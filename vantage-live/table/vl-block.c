/* vl-block.c: rows packed into one buffer, the same in memory and on disk
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "vl-block-private.h"

#include "../base/vl-checksum-private.h"
#include "../vl-error.h"

/* Up to this many columns comparing their names beats a table of hashes. */
#define MAX_LINEAR 16

/* What the checksum covers starts behind it. */
#define CHECKED_OFFSET (G_STRUCT_OFFSET (VlBlockHeader, checksum) + sizeof (guint64))

/* Decimal text of any int64 and its NUL. */
#define ID_TEXT_SIZE 21

/* Open addressing; a bucket holds a column + 1, 0 is free. */
typedef struct
{
  guint mask;
  guint buckets[];
} VlBlockIndex;

/* The buffer follows the struct in one allocation. */
G_STATIC_ASSERT (sizeof (VlBlock) % 8 == 0);

static gsize
get_length (VlBlock *self)
{
  return (gsize) (self->heap - (const char *) self->header) + self->heap_length;
}

/* Stores `mine` where nothing stood yet, and answers what stands there now. */
static gpointer
publish (gpointer *location, gpointer mine)
{
  if (g_atomic_pointer_compare_and_exchange (location, NULL, mine))
    return mine;

  g_free (mine);

  return g_atomic_pointer_get (location);
}

/* With room for a buffer of that length, which is not initialised. */
static VlBlock *
alloc_block (gsize length)
{
  guint room;
  VlBlock *self = _vl_block_room_take (sizeof (VlBlock) + length, &room);

  memset (self, 0, sizeof (VlBlock));
  self->ref_count = 1;
  self->room = room;

  return self;
}

VlBlock *
_vl_block_alloc (gsize length)
{
  VlBlock *self;
  VlBlockHeader *header;

  g_assert (length >= sizeof (VlBlockHeader) && length <= G_MAXSIZE - sizeof (VlBlock));

  self = alloc_block (length);
  memset (self + 1, 0, sizeof (VlBlockHeader));
  self->trusted = TRUE;

  header = (VlBlockHeader *) (void *) (self + 1);
  memcpy (header->magic, VL_BLOCK_MAGIC, sizeof header->magic);
  header->version = VL_BLOCK_VERSION;
  header->byte_order = VL_BLOCK_BYTE_ORDER;
  header->length = length;
  header->total = -1;
  self->header = header;

  return self;
}

/* Sets sizes and pointers by the header; the numbers there fit the buffer. */
void
_vl_block_open (VlBlock *self)
{
  const VlBlockHeader *header = self->header;
  const char *start = (const char *) header;
  gsize n_cells = (gsize) header->n_columns * header->n_rows;

  self->n_columns = header->n_columns;
  self->n_rows = header->n_rows;
  self->id_column = header->id_column;
  self->columns = (const VlBlockColumn *) (const void *) (start + sizeof (VlBlockHeader));
  self->cells = (const VlBlockCell *) (const void *) (self->columns + self->n_columns);
  self->heap = (const char *) (self->cells + n_cells);
  self->heap_length = (gsize) header->length - (gsize) (self->heap - start);
}

static guint64
compute_checksum (gconstpointer data, gsize length)
{
  return _vl_checksum ((const char *) data + CHECKED_OFFSET, length - CHECKED_OFFSET,
                       VL_BLOCK_VERSION);
}

/* Whether columns and cells fit into a buffer of that length. */
static gboolean
has_room (const VlBlockHeader *header, gsize length)
{
  guint64 n_cells = (guint64) header->n_columns * header->n_rows;
  guint64 room = length - sizeof (VlBlockHeader);

  if (header->n_columns > room / sizeof (VlBlockColumn))
    return FALSE;
  room -= header->n_columns * sizeof (VlBlockColumn);

  return n_cells <= room / sizeof (VlBlockCell);
}

/* NULL when a block of ours begins there, else what is wrong. */
static const char *
check_envelope (gconstpointer data, gsize length)
{
  const VlBlockHeader *header = data;

  if (length < sizeof (VlBlockHeader))
    return _ ("it is cut short");
  if (memcmp (header->magic, VL_BLOCK_MAGIC, sizeof header->magic) != 0)
    return _ ("it is something else");
  if (header->byte_order != VL_BLOCK_BYTE_ORDER)
    return _ ("it comes from a machine of another byte order");
  if (header->version > VL_BLOCK_VERSION)
    return _ ("it was written by a newer version of this library");
  if (header->version != VL_BLOCK_VERSION)
    return _ ("it was written by an older version of this library");
  if (header->length != length)
    return _ ("it has the wrong length");
  if (header->checksum != compute_checksum (data, length))
    return _ ("its checksum does not match");
  if (!has_room (header, length))
    return _ ("it has more cells than room");

  return NULL;
}

static gboolean
is_aligned (gconstpointer data)
{
  return GPOINTER_TO_SIZE (data) % 8 == 0;
}

/* Opens the block if its buffer, of that length, is one. Consumes it if not. */
static VlBlock *
open_if_sound (VlBlock *block, gsize length, GError **error)
{
  g_autoptr (VlBlock) self = block;
  const char *problem = check_envelope (self->header, length);

  if (problem == NULL)
    {
      _vl_block_open (self);
      problem = _vl_block_check (self);
    }
  if (problem != NULL)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_CORRUPT,
                   _ ("The stored page cannot be used and has to be fetched again: %s"), problem);
      return NULL;
    }

  return g_steal_pointer (&self);
}

VlBlock *
_vl_block_new_empty (gsize length, gpointer *buffer)
{
  VlBlock *self = alloc_block (length);

  self->header = (const VlBlockHeader *) (void *) (self + 1);
  *buffer = self + 1;

  return self;
}

VlBlock *
_vl_block_open_filled (VlBlock *self, gsize length, GError **error)
{
  return open_if_sound (self, length, error);
}

VlBlock *
_vl_block_new_from_data (gconstpointer data, gsize length, GError **error)
{
  gpointer buffer;
  VlBlock *self = _vl_block_new_empty (length, &buffer);

  memcpy (buffer, data, length);

  return open_if_sound (self, length, error);
}

VlBlock *
_vl_block_new_from_bytes (GBytes *bytes, GError **error)
{
  VlBlock *self = g_new0 (VlBlock, 1);
  gconstpointer data;
  gsize length;

  self->ref_count = 1;
  data = g_bytes_get_data (bytes, &length);
  if (is_aligned (data))
    self->bytes = g_bytes_ref (bytes);
  else
    self->bytes = g_bytes_new (data, length);
  self->header = g_bytes_get_data (self->bytes, NULL);

  return open_if_sound (self, length, error);
}

GBytes *
_vl_block_to_bytes (VlBlock *self, const VlPageInfo *info)
{
  gsize length = get_length (self);
  VlBlockHeader *header = g_malloc (length);

  memcpy (header, self->header, length);
  header->fingerprint = info->fingerprint;
  header->offset = info->offset;
  header->total = info->total;
  header->fetched_at = info->fetched_at;
  header->seq = info->seq;
  header->run = info->run;
  header->checksum = compute_checksum (header, length);

  return g_bytes_new_take (header, length);
}

void
_vl_block_get_info (VlBlock *self, VlPageInfo *info)
{
  *info = (VlPageInfo){
    .fingerprint = self->header->fingerprint,
    .offset = self->header->offset,
    .total = self->header->total,
    .fetched_at = self->header->fetched_at,
    .seq = self->header->seq,
    .run = self->header->run,
  };
}

VlBlock *
_vl_block_ref (VlBlock *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

static void
free_id_texts (VlBlock *self)
{
  gpointer *texts = self->id_texts;

  for (guint row = 0; texts != NULL && row < self->n_rows; row++)
    g_free (texts[row]);
  g_free (texts);
}

void
_vl_block_unref (VlBlock *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  free_id_texts (self);
  g_free (self->index);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  _vl_block_room_give (self, self->room);
}

gsize
_vl_block_get_n_bytes (VlBlock *self)
{
  return sizeof (VlBlock) + get_length (self);
}

static guint
hash_name (const char *name, gsize length)
{
  guint64 hash = _vl_checksum (name, length, 0);

  return (guint) (hash ^ hash >> 32);
}

/* The bucket of that name, or the free one where it would be. */
static guint
find_bucket (VlBlock *self, const VlBlockIndex *index, const char *name, gsize length)
{
  guint bucket = hash_name (name, length) & index->mask;

  while (index->buckets[bucket] != 0 &&
         !_vl_block_has_name (self, index->buckets[bucket] - 1, name, length))
    bucket = (bucket + 1) & index->mask;

  return bucket;
}

static VlBlockIndex *
make_index (VlBlock *self)
{
  gsize size = 32;
  VlBlockIndex *index;

  while (size < (gsize) self->n_columns * 2)
    size *= 2;

  index = g_malloc0 (sizeof (VlBlockIndex) + size * sizeof (guint));
  index->mask = (guint) (size - 1);

  for (guint column = 0; column < self->n_columns; column++)
    {
      const char *name = _vl_block_get_name (self, column);
      guint bucket;

      if (_vl_block_column_is_hidden (self, column))
        continue;
      bucket = find_bucket (self, index, name, self->columns[column].name_length);
      if (index->buckets[bucket] == 0)
        index->buckets[bucket] = column + 1;
    }

  return index;
}

static gboolean
find_column_by_index (VlBlock *self, const char *name, gsize length, guint *column)
{
  VlBlockIndex *index = g_atomic_pointer_get (&self->index);
  guint found;

  if (index == NULL)
    index = publish (&self->index, make_index (self));

  found = index->buckets[find_bucket (self, index, name, length)];
  *column = found - 1;

  return found != 0;
}

gboolean
_vl_block_find_column (VlBlock *self, const char *name, gsize length, guint *column)
{
  if (self->n_columns > MAX_LINEAR)
    return find_column_by_index (self, name, length, column);

  for (guint i = 0; i < self->n_columns; i++)
    /* Most are told apart by the first letter. */
    if (self->columns[i].name_length == length && *_vl_block_get_name (self, i) == *name &&
        _vl_block_has_name (self, i, name, length))
      {
        *column = i;
        return TRUE;
      }

  return FALSE;
}

static inline void
read_heap (VlBlock *self, const VlBlockCell *source, VlCell *cell)
{
  cell->data = self->heap + source->value.offset;
  cell->length = (gsize) VL_BLOCK_CELL_LENGTH (source);
  if (cell->type == VL_FIELD_TYPE_VARIANT)
    cell->variant_type = cell->data + cell->length;
}

gboolean
_vl_block_read (VlBlock *self, guint row, guint column, VlCell *cell)
{
  const VlBlockCell *source = &self->cells[(gsize) row * self->n_columns + column];
  guint tag = VL_BLOCK_CELL_TAG (source);

  memset (cell, 0, sizeof *cell);
  if (tag == VL_BLOCK_ABSENT)
    return FALSE;

  cell->type = (VlFieldType) (tag - 1);
  switch (cell->type)
    {
    case VL_FIELD_TYPE_BOOLEAN:
      cell->boolean = source->value.int64 != 0;
      break;
    case VL_FIELD_TYPE_INT64:
      cell->int64 = source->value.int64;
      break;
    case VL_FIELD_TYPE_DOUBLE:
      cell->real = source->value.real;
      break;
    case VL_FIELD_TYPE_STRING:
    case VL_FIELD_TYPE_BYTES:
    case VL_FIELD_TYPE_VARIANT:
      read_heap (self, source, cell);
      break;
    case VL_FIELD_TYPE_NULL:
    default:
      break;
    }

  return TRUE;
}

gboolean
_vl_block_read_id (VlBlock *self, guint row, VlCell *cell)
{
  if (self->id_column != VL_BLOCK_NO_COLUMN)
    _vl_block_read (self, row, self->id_column, cell);
  else
    memset (cell, 0, sizeof *cell);

  if (cell->type == VL_FIELD_TYPE_INT64 || cell->type == VL_FIELD_TYPE_STRING)
    return TRUE;

  memset (cell, 0, sizeof *cell);

  return FALSE;
}

/* Without the detour by way of a format: every record of an integer key that is
 * asked for its id comes here. */
static void
write_int64 (char *text, gint64 value)
{
  guint64 rest = value < 0 ? 0 - (guint64) value : (guint64) value;
  char digits[ID_TEXT_SIZE];
  guint n_digits = 0;

  do
    digits[n_digits++] = (char) ('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (value < 0)
    *text++ = '-';
  while (n_digits > 0)
    *text++ = digits[--n_digits];
  *text = '\0';
}

static const char *
ensure_id_text (VlBlock *self, guint row, gint64 id)
{
  gpointer *texts = g_atomic_pointer_get (&self->id_texts);
  char *text;

  if (texts == NULL)
    texts = publish (&self->id_texts, g_new0 (gpointer, self->n_rows));

  text = g_atomic_pointer_get (&texts[row]);
  if (text != NULL)
    return text;

  text = g_malloc (ID_TEXT_SIZE);
  write_int64 (text, id);

  return publish (&texts[row], text);
}

const char *
_vl_block_get_id (VlBlock *self, guint row)
{
  VlCell cell;

  if (!_vl_block_read_id (self, row, &cell))
    return NULL;
  if (cell.type == VL_FIELD_TYPE_STRING)
    return cell.data;

  return ensure_id_text (self, row, cell.int64);
}
