/* vl-block-builder.c: packs rows into a block
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <string.h>

#include "vl-block-builder-private.h"

/* From this many columns on names are looked up in a hash table. */
#define MIN_HASHED 24

#define INITIAL_ROWS 8
#define INITIAL_HEAP 256

void
_vl_block_builder_init (VlBlockBuilder *self, VlBlockIds ids)
{
  *self = (VlBlockBuilder){ .ids = ids, .id_column = VL_BLOCK_NO_COLUMN };
}

void
_vl_block_builder_clear (VlBlockBuilder *self)
{
  g_clear_pointer (&self->columns, g_free);
  g_clear_pointer (&self->names, g_hash_table_unref);
  g_clear_pointer (&self->cells, g_free);
  g_clear_pointer (&self->heap, g_free);
  g_clear_pointer (&self->mapped, _vl_block_unref);
  g_clear_pointer (&self->map, g_free);
  _vl_block_builder_init (self, self->ids);
}

/* The heap */

static char *
reserve_heap (VlBlockBuilder *self, gsize length)
{
  gsize needed;

  if (!g_size_checked_add (&needed, self->heap_length, length) || needed > G_MAXSIZE / 4)
    g_error ("A page of more than %" G_GSIZE_FORMAT " bytes cannot be made", G_MAXSIZE / 4);

  if (needed > self->heap_allocated)
    {
      self->heap_allocated = MAX (needed + needed / 2, INITIAL_HEAP);
      self->heap = g_realloc (self->heap, self->heap_allocated);
    }

  return self->heap + self->heap_length;
}

/* Appends data and `tail`, which may be a NUL or a type string with its NUL. */
static gsize
add_to_heap (VlBlockBuilder *self, gconstpointer data, gsize length, const char *tail, gsize n_tail)
{
  gsize offset = self->heap_length;
  char *target = reserve_heap (self, length + n_tail);

  if (length > 0)
    memcpy (target, data, length);
  if (n_tail > 0)
    memcpy (target + length, tail, n_tail);
  self->heap_length += length + n_tail;

  return offset;
}

static void
align_heap (VlBlockBuilder *self)
{
  static const char zeros[8] = { 0 };

  add_to_heap (self, NULL, 0, zeros, -self->heap_length & 7);
}

/* Columns */

static void
restride (VlBlockBuilder *self, guint stride)
{
  gsize n_rows = (gsize) self->n_rows + (self->in_row ? 1 : 0);
  VlBlockCell *cells = g_new0 (VlBlockCell, self->n_rows_allocated * stride);

  for (gsize row = 0; row < n_rows && self->stride > 0; row++)
    memcpy (cells + row * stride, self->cells + row * self->stride,
            self->stride * sizeof (VlBlockCell));

  g_free (self->cells);
  self->cells = cells;
  self->stride = stride;
}

static guint
append_column (VlBlockBuilder *self, const char *name, gsize length, guint32 flags)
{
  guint column = self->n_columns;

  if (column == self->n_columns_allocated)
    {
      self->n_columns_allocated = MAX (8, column * 2);
      self->columns = g_renew (VlBlockColumn, self->columns, self->n_columns_allocated);
    }
  self->columns[column] = (VlBlockColumn){
    .name = add_to_heap (self, name, length, "", 1),
    .name_length = (guint32) length,
    .flags = flags,
  };
  self->n_columns++;
  if (self->n_columns > self->stride && self->n_rows_allocated > 0)
    restride (self, self->n_columns_allocated);

  return column;
}

static gboolean
has_name (VlBlockBuilder *self, guint column, const char *name, gsize length)
{
  const VlBlockColumn *candidate = &self->columns[column];

  return candidate->name_length == length && candidate->flags == 0 &&
         memcmp (self->heap + candidate->name, name, length) == 0;
}

/* The table holds names that the heap's moves cannot touch. */
static void
hash_columns (VlBlockBuilder *self)
{
  if (self->names != NULL)
    return;

  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint column = 0; column < self->n_columns; column++)
    if (self->columns[column].flags == 0)
      g_hash_table_insert (self->names, g_strdup (self->heap + self->columns[column].name),
                           GUINT_TO_POINTER (column + 1));
}

static gboolean
find_hashed (VlBlockBuilder *self, const char *name, guint *column)
{
  guint found;

  hash_columns (self);
  found = GPOINTER_TO_UINT (g_hash_table_lookup (self->names, name));
  *column = found - 1;

  return found != 0 && self->columns[*column].flags == 0;
}

gboolean
_vl_block_builder_find_column (VlBlockBuilder *self, const char *name, gsize length, guint *column)
{
  if (self->n_columns >= MIN_HASHED)
    return find_hashed (self, name, column);

  for (guint i = 0; i < self->n_columns; i++)
    if (has_name (self, i, name, length))
      {
        *column = i;
        return TRUE;
      }

  return FALSE;
}

guint
_vl_block_builder_add_column (VlBlockBuilder *self, const char *name, gsize length)
{
  g_autofree char *valid = NULL;
  guint column;

  if (!_vl_text_is_valid (name, length))
    {
      valid = g_utf8_make_valid (name, (gssize) length);
      name = valid;
      length = strlen (valid);
    }
  if (_vl_block_builder_find_column (self, name, length, &column))
    return column;

  column = append_column (self, name, length, 0);
  if (self->names != NULL)
    g_hash_table_replace (self->names, g_strndup (name, length), GUINT_TO_POINTER (column + 1));

  return column;
}

guint
_vl_block_builder_add_hidden_id (VlBlockBuilder *self)
{
  self->id_column = append_column (self, "", 0, VL_BLOCK_COLUMN_HIDDEN);

  return self->id_column;
}

/* Cells */

void
_vl_block_builder_begin_row (VlBlockBuilder *self)
{
  g_assert (!self->in_row && self->n_rows < G_MAXUINT - 1);

  if (self->stride < self->n_columns)
    restride (self, self->n_columns);
  if (self->n_rows == self->n_rows_allocated)
    {
      self->n_rows_allocated = MAX (INITIAL_ROWS, self->n_rows_allocated * 2);
      self->cells = g_realloc_n (self->cells, self->n_rows_allocated * self->stride,
                                 sizeof (VlBlockCell));
    }
  if (self->stride > 0)
    memset (_vl_block_builder_get_cell (self, 0), 0, self->stride * sizeof (VlBlockCell));
  self->in_row = TRUE;
}

void
_vl_block_builder_end_row (VlBlockBuilder *self)
{
  g_assert (self->in_row);

  self->in_row = FALSE;
  self->n_rows++;
}

void
_vl_block_builder_unset (VlBlockBuilder *self, guint column)
{
  *_vl_block_builder_get_cell (self, column) = (VlBlockCell){ 0 };
}

void
_vl_block_builder_set_null (VlBlockBuilder *self, guint column)
{
  *_vl_block_builder_get_cell (self, column) = (VlBlockCell){
    .head = VL_BLOCK_TAG (VL_FIELD_TYPE_NULL),
  };
}

void
_vl_block_builder_set_boolean (VlBlockBuilder *self, guint column, gboolean value)
{
  *_vl_block_builder_get_cell (self, column) = (VlBlockCell){
    .head = VL_BLOCK_TAG (VL_FIELD_TYPE_BOOLEAN),
    .value.int64 = value ? 1 : 0,
  };
}

void
_vl_block_builder_set_int64 (VlBlockBuilder *self, guint column, gint64 value)
{
  *_vl_block_builder_get_cell (self, column) = (VlBlockCell){
    .head = VL_BLOCK_TAG (VL_FIELD_TYPE_INT64),
    .value.int64 = value,
  };
}

void
_vl_block_builder_set_double (VlBlockBuilder *self, guint column, double value)
{
  *_vl_block_builder_get_cell (self, column) = (VlBlockCell){
    .head = VL_BLOCK_TAG (VL_FIELD_TYPE_DOUBLE),
    .value.real = value,
  };
}

gsize
_vl_block_builder_add_text (VlBlockBuilder *self, const char *text, gsize length)
{
  return add_to_heap (self, text, length, "", 1);
}

static void
set_heap (VlBlockBuilder *self, guint column, VlFieldType type, gsize offset, gsize length)
{
  *_vl_block_builder_get_cell (self, column) = (VlBlockCell){
    .head = VL_BLOCK_HEAD (VL_BLOCK_TAG (type), length),
    .value.offset = offset,
  };
}

static void
set_string (VlBlockBuilder *self, guint column, const char *text, gsize length)
{
  set_heap (self, column, VL_FIELD_TYPE_STRING, _vl_block_builder_add_text (self, text, length),
            length);
}

void
_vl_block_builder_set_bytes (VlBlockBuilder *self, guint column, gconstpointer data, gsize length)
{
  set_heap (self, column, VL_FIELD_TYPE_BYTES, add_to_heap (self, data, length, NULL, 0), length);
}

void
_vl_block_builder_set_text (VlBlockBuilder *self, guint column, const char *text, gsize length)
{
  if (_vl_text_is_valid (text, length))
    set_string (self, column, text, length);
  else
    _vl_block_builder_set_bytes (self, column, text, length);
}

static void
set_serialised (VlBlockBuilder *self,
                guint column,
                gconstpointer data,
                gsize length,
                const char *type)
{
  gsize offset;

  align_heap (self);
  offset = add_to_heap (self, data, length, type, strlen (type) + 1);
  set_heap (self, column, VL_FIELD_TYPE_VARIANT, offset, length);
}

static void
set_nested (VlBlockBuilder *self, guint column, GVariant *value)
{
  g_autoptr (GVariant) normal = g_variant_get_normal_form (value);

  set_serialised (self, column, g_variant_get_data (normal), g_variant_get_size (normal),
                  g_variant_get_type_string (normal));
}

static void
set_byte_array (VlBlockBuilder *self, guint column, GVariant *value)
{
  gsize length;
  gconstpointer data = g_variant_get_fixed_array (value, &length, 1);

  _vl_block_builder_set_bytes (self, column, data, length);
}

static void
set_maybe (VlBlockBuilder *self, guint column, GVariant *value)
{
  g_autoptr (GVariant) child = g_variant_get_maybe (value);

  if (child == NULL)
    _vl_block_builder_set_null (self, column);
  else
    _vl_block_builder_set_variant (self, column, child);
}

static void
set_boxed (VlBlockBuilder *self, guint column, GVariant *value)
{
  g_autoptr (GVariant) child = g_variant_get_variant (value);

  _vl_block_builder_set_variant (self, column, child);
}

static gboolean
get_integer (GVariant *value, gint64 *integer)
{
  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_BYTE:
      *integer = g_variant_get_byte (value);
      return TRUE;
    case G_VARIANT_CLASS_INT16:
      *integer = g_variant_get_int16 (value);
      return TRUE;
    case G_VARIANT_CLASS_UINT16:
      *integer = g_variant_get_uint16 (value);
      return TRUE;
    case G_VARIANT_CLASS_INT32:
      *integer = g_variant_get_int32 (value);
      return TRUE;
    case G_VARIANT_CLASS_UINT32:
      *integer = g_variant_get_uint32 (value);
      return TRUE;
    case G_VARIANT_CLASS_INT64:
      *integer = g_variant_get_int64 (value);
      return TRUE;
    case G_VARIANT_CLASS_UINT64:
      *integer = (gint64) g_variant_get_uint64 (value);
      return *integer >= 0;
    case G_VARIANT_CLASS_BOOLEAN:
    case G_VARIANT_CLASS_HANDLE:
    case G_VARIANT_CLASS_DOUBLE:
    case G_VARIANT_CLASS_STRING:
    case G_VARIANT_CLASS_OBJECT_PATH:
    case G_VARIANT_CLASS_SIGNATURE:
    case G_VARIANT_CLASS_VARIANT:
    case G_VARIANT_CLASS_MAYBE:
    case G_VARIANT_CLASS_ARRAY:
    case G_VARIANT_CLASS_TUPLE:
    case G_VARIANT_CLASS_DICT_ENTRY:
    default:
      return FALSE;
    }
}

void
_vl_block_builder_set_variant (VlBlockBuilder *self, guint column, GVariant *value)
{
  GVariantClass class = g_variant_classify (value);
  gsize length;
  const char *text;
  gint64 integer;

  if (get_integer (value, &integer))
    _vl_block_builder_set_int64 (self, column, integer);
  else if (class == G_VARIANT_CLASS_BOOLEAN)
    _vl_block_builder_set_boolean (self, column, g_variant_get_boolean (value));
  else if (class == G_VARIANT_CLASS_DOUBLE)
    _vl_block_builder_set_double (self, column, g_variant_get_double (value));
  else if (class == G_VARIANT_CLASS_VARIANT)
    set_boxed (self, column, value);
  else if (class == G_VARIANT_CLASS_MAYBE)
    set_maybe (self, column, value);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
    set_byte_array (self, column, value);
  else if (class == G_VARIANT_CLASS_STRING || class == G_VARIANT_CLASS_OBJECT_PATH ||
           class == G_VARIANT_CLASS_SIGNATURE)
    {
      text = g_variant_get_string (value, &length);
      set_string (self, column, text, length);
    }
  else
    set_nested (self, column, value);
}

void
_vl_block_builder_set_cell (VlBlockBuilder *self, guint column, const VlCell *cell)
{
  switch (cell->type)
    {
    case VL_FIELD_TYPE_BOOLEAN:
      _vl_block_builder_set_boolean (self, column, cell->boolean);
      break;
    case VL_FIELD_TYPE_INT64:
      _vl_block_builder_set_int64 (self, column, cell->int64);
      break;
    case VL_FIELD_TYPE_DOUBLE:
      _vl_block_builder_set_double (self, column, cell->real);
      break;
    case VL_FIELD_TYPE_STRING:
      set_string (self, column, cell->data, cell->length);
      break;
    case VL_FIELD_TYPE_BYTES:
      _vl_block_builder_set_bytes (self, column, cell->data, cell->length);
      break;
    case VL_FIELD_TYPE_VARIANT:
      set_serialised (self, column, cell->data, cell->length, cell->variant_type);
      break;
    case VL_FIELD_TYPE_NULL:
    default:
      _vl_block_builder_set_null (self, column);
      break;
    }
}

void
_vl_block_builder_set_id (VlBlockBuilder *self, guint column, const VlCell *id, gboolean as_int64)
{
  gint64 number;

  if (as_int64 && id->type == VL_FIELD_TYPE_STRING && _vl_id_parse_int64 (id->data, &number))
    _vl_block_builder_set_int64 (self, column, number);
  else
    _vl_block_builder_set_cell (self, column, id);
}

/* The block */

static gsize
get_buffer_size (VlBlockBuilder *self)
{
  gsize n_cells;
  gsize size;

  /* What fits in memory with its stride fits without. */
  n_cells = (gsize) self->n_rows * self->n_columns;
  size = sizeof (VlBlockHeader) + self->n_columns * sizeof (VlBlockColumn);
  if (!g_size_checked_mul (&n_cells, n_cells, sizeof (VlBlockCell)) ||
      !g_size_checked_add (&size, size, n_cells) ||
      !g_size_checked_add (&size, size, self->heap_length))
    g_error ("A page of %u rows with %u columns cannot be made", self->n_rows, self->n_columns);

  return size;
}

static void
write_cells (VlBlockBuilder *self, char *target)
{
  gsize row_size = self->n_columns * sizeof (VlBlockCell);

  if (self->stride == self->n_columns)
    {
      memcpy (target, self->cells, self->n_rows * row_size);
      return;
    }

  for (gsize row = 0; row < self->n_rows; row++)
    memcpy (target + row * row_size, self->cells + row * self->stride, row_size);
}

VlBlock *
_vl_block_builder_end (VlBlockBuilder *self)
{
  gsize size;
  VlBlock *block;
  VlBlockHeader *header;

  g_assert (!self->in_row);

  if (self->n_rows > 0 && self->n_columns == 0)
    _vl_block_builder_add_hidden_id (self);

  size = get_buffer_size (self);
  block = _vl_block_alloc (size);
  header = (VlBlockHeader *) (void *) (block + 1);
  header->n_columns = self->n_columns;
  header->n_rows = self->n_rows;
  header->id_column = self->id_column;
  _vl_block_open (block);

  if (self->n_columns > 0)
    memcpy ((char *) block->columns, self->columns, self->n_columns * sizeof (VlBlockColumn));
  if (self->n_rows > 0)
    write_cells (self, (char *) block->cells);
  if (self->heap_length > 0)
    memcpy ((char *) block->heap, self->heap, self->heap_length);

  _vl_block_builder_clear (self);

  return block;
}
