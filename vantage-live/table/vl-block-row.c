/* vl-block-row.c: rows of blocks compared, and cells as variants
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <string.h>

#include "vl-block-private.h"

static gboolean
same_data (const VlCell *a, const VlCell *b)
{
  return a->length == b->length && (a->length == 0 || memcmp (a->data, b->data, a->length) == 0);
}

/* Same type and value; NaN is NaN. */
gboolean
_vl_cell_equal (const VlCell *a, const VlCell *b)
{
  if (a->type != b->type)
    return FALSE;

  switch (a->type)
    {
    case VL_FIELD_TYPE_BOOLEAN:
      return a->boolean == b->boolean;
    case VL_FIELD_TYPE_INT64:
      return a->int64 == b->int64;
    case VL_FIELD_TYPE_DOUBLE:
      return a->real == b->real || (a->real != a->real && b->real != b->real);
    case VL_FIELD_TYPE_VARIANT:
      return strcmp (a->variant_type, b->variant_type) == 0 && same_data (a, b);
    case VL_FIELD_TYPE_STRING:
    case VL_FIELD_TYPE_BYTES:
      return same_data (a, b);
    case VL_FIELD_TYPE_NULL:
    default:
      return TRUE;
    }
}

static gboolean
is_text_of (const VlCell *text, gint64 number)
{
  gint64 parsed;

  return _vl_id_parse_int64 (text->data, &parsed) && parsed == number;
}

/* Ids are equal when their text is. */
static gboolean
same_id (VlBlock *a, guint row_a, VlBlock *b, guint row_b)
{
  VlCell id_a, id_b;

  _vl_block_read_id (a, row_a, &id_a);
  _vl_block_read_id (b, row_b, &id_b);
  if (id_a.type == VL_FIELD_TYPE_STRING && id_b.type == VL_FIELD_TYPE_INT64)
    return is_text_of (&id_a, id_b.int64);
  if (id_a.type == VL_FIELD_TYPE_INT64 && id_b.type == VL_FIELD_TYPE_STRING)
    return is_text_of (&id_b, id_a.int64);

  return _vl_cell_equal (&id_a, &id_b);
}

/* The fields that count: not the id column of either side. */
static gboolean
counts (VlBlock *block, guint column, VlBlock *other)
{
  if (_vl_block_column_is_hidden (block, column) || column == block->id_column)
    return FALSE;

  return !_vl_block_id_is_field (other) ||
         !_vl_block_has_name (other, other->id_column, _vl_block_get_name (block, column),
                              block->columns[column].name_length);
}

static gboolean
find_counterpart (VlBlock *block, guint column, VlBlock *other, guint *found)
{
  const char *name = _vl_block_get_name (block, column);
  gsize length = block->columns[column].name_length;

  *found = column;

  return block == other ||
         (column < other->n_columns && _vl_block_has_name (other, column, name, length)) ||
         _vl_block_find_column (other, name, length, found);
}

static guint
count_fields (VlBlock *block, guint row, VlBlock *other)
{
  guint n_fields = 0;
  VlCell cell;

  for (guint column = 0; column < block->n_columns; column++)
    if (counts (block, column, other) && _vl_block_read (block, row, column, &cell))
      n_fields++;

  return n_fields;
}

gboolean
_vl_block_row_equal (VlBlock *a, guint row_a, VlBlock *b, guint row_b)
{
  guint n_fields = 0;

  if (a == b && row_a == row_b)
    return TRUE;
  if (!same_id (a, row_a, b, row_b))
    return FALSE;

  for (guint column = 0; column < a->n_columns; column++)
    {
      VlCell cell_a, cell_b;
      guint found;

      if (!counts (a, column, b) || !_vl_block_read (a, row_a, column, &cell_a))
        continue;
      if (!find_counterpart (a, column, b, &found) || !_vl_block_read (b, row_b, found, &cell_b) ||
          !_vl_cell_equal (&cell_a, &cell_b))
        return FALSE;
      n_fields++;
    }

  return n_fields == count_fields (b, row_b, a);
}

GVariant *
_vl_block_cell_to_variant (VlBlock *self, const VlCell *cell)
{
  switch (cell->type)
    {
    case VL_FIELD_TYPE_BOOLEAN:
      return g_variant_new_boolean (cell->boolean);
    case VL_FIELD_TYPE_INT64:
      return g_variant_new_int64 (cell->int64);
    case VL_FIELD_TYPE_DOUBLE:
      return g_variant_new_double (cell->real);
    case VL_FIELD_TYPE_STRING:
      return g_variant_new_string (cell->data);
    case VL_FIELD_TYPE_BYTES:
      return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, cell->data, cell->length, 1);
    case VL_FIELD_TYPE_VARIANT:
      return g_variant_new_from_data ((const GVariantType *) cell->variant_type, cell->data,
                                      cell->length, self->trusted, (GDestroyNotify) _vl_block_unref,
                                      _vl_block_ref (self));
    case VL_FIELD_TYPE_NULL:
    default:
      return NULL;
    }
}
