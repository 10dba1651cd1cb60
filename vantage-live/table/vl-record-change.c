/* vl-record-change.c: records made of other records
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <string.h>

#include "vl-block-builder-private.h"
#include "vl-record-private.h"
#include "vl-schema.h"

/* The row being made becomes a record. */
static VlRecord *
end_record (VlBlockBuilder *builder)
{
  _vl_block_builder_end_row (builder);

  return _vl_record_new_take (_vl_block_builder_end (builder));
}

/* Whether that is the column of the record's id. */
static gboolean
is_id_column (VlBlock *block, const char *name)
{
  return _vl_block_id_is_field (block) &&
         _vl_block_has_name (block, block->id_column, name, strlen (name));
}

/* Puts fields of `record` over those of the row being made; the field of the
 * id column of `block` is not theirs to change. */
static void
put_fields (VlBlockBuilder *builder, VlBlock *block, VlRecord *record)
{
  for (guint slot = 0; slot < _vl_record_get_n_slots (record); slot++)
    {
      VlCell cell;
      const char *name = _vl_record_get_slot (record, slot, &cell);

      if (name != NULL && !is_id_column (block, name))
        _vl_block_builder_set_cell (builder,
                                    _vl_block_builder_add_column (builder, name, strlen (name)),
                                    &cell);
    }
}

/* Puts what `block` has and `patch` has not into the row being made. */
static void
put_kept (VlBlockBuilder *builder, VlBlock *block, guint row, VlRecord *patch)
{
  for (guint column = 0; column < block->n_columns; column++)
    {
      VlCell cell, changed;
      const char *name = _vl_block_get_name (block, column);
      guint target;

      if (_vl_block_column_is_hidden (block, column) || !_vl_block_read (block, row, column, &cell))
        continue;
      target = _vl_block_builder_add_column (builder, name, block->columns[column].name_length);
      if (column == block->id_column)
        builder->id_column = target;
      if (column == block->id_column || !_vl_record_get_cell (patch, name, &changed))
        _vl_block_builder_set_cell (builder, target, &cell);
    }
}

/* Gives the row being made the id of a record, unless it has it as a field. */
static void
put_id (VlBlockBuilder *builder, VlBlock *block, guint row)
{
  VlCell id;

  if (builder->id_column == VL_BLOCK_NO_COLUMN && _vl_block_read_id (block, row, &id))
    _vl_block_builder_set_cell (builder, _vl_block_builder_add_hidden_id (builder), &id);
}

/**
 * vl_record_merge:
 * @patch: a record with the fields to change
 *
 * Applies a patch: makes a record with the fields of @patch in place of those
 * of the same names, and with the other fields as they are.
 *
 * The id stays that of the record, and so does the field of its id column.
 *
 * Returns: (transfer full): a record
 *
 * Since: 1.0
 */
VlRecord *
vl_record_merge (VlRecord *self, VlRecord *patch)
{
  g_auto (VlBlockBuilder) builder = { 0 };
  VlBlock *block;
  guint row;

  g_return_val_if_fail (VL_IS_RECORD (self), NULL);
  g_return_val_if_fail (VL_IS_RECORD (patch), NULL);

  block = _vl_record_get_row (self, &row);
  _vl_block_builder_init (&builder, VL_BLOCK_IDS_HIDDEN);
  _vl_block_builder_begin_row (&builder);
  put_kept (&builder, block, row, patch);
  put_fields (&builder, block, patch);
  put_id (&builder, block, row);

  return end_record (&builder);
}

/**
 * vl_record_diff:
 * @newer: another state of the same record
 *
 * Makes a patch: a record with only those fields of @newer that this record
 * lacks or has with another type or value.
 *
 * It has the id of this record. Fields that @newer lacks do not count, because
 * a patch cannot take a field away, and neither does the field of the id
 * column. A patch without fields says that nothing changed.
 *
 * Returns: (transfer full): a record with the changed fields
 *
 * Since: 1.0
 */
VlRecord *
vl_record_diff (VlRecord *self, VlRecord *newer)
{
  g_auto (VlBlockBuilder) builder = { 0 };
  VlBlock *block;
  VlBlock *newer_block;
  guint row, newer_row;

  g_return_val_if_fail (VL_IS_RECORD (self), NULL);
  g_return_val_if_fail (VL_IS_RECORD (newer), NULL);

  block = _vl_record_get_row (self, &row);
  newer_block = _vl_record_get_row (newer, &newer_row);
  _vl_block_builder_init (&builder, VL_BLOCK_IDS_HIDDEN);
  _vl_block_builder_begin_row (&builder);
  for (guint slot = 0; slot < _vl_record_get_n_slots (newer); slot++)
    {
      VlCell cell, old;
      const char *name = _vl_record_get_slot (newer, slot, &cell);

      if (name == NULL || slot == newer_block->id_column || is_id_column (block, name) ||
          (_vl_record_get_cell (self, name, &old) && _vl_cell_equal (&old, &cell)))
        continue;
      _vl_block_builder_set_cell (&builder,
                                  _vl_block_builder_add_column (&builder, name, strlen (name)),
                                  &cell);
    }
  put_id (&builder, block, row);

  return end_record (&builder);
}

/* What normalising makes of the id and of the field of the id column. */
typedef struct
{
  const char *column; /* the schema's id column */
  gboolean is_int64;
  VlCell id;
  VlCell field;
} Normal;

static void
normalize_cell (const Normal *self, VlCell *cell)
{
  gint64 number;

  if (self->is_int64 && cell->type == VL_FIELD_TYPE_STRING &&
      _vl_id_parse_int64 (cell->data, &number))
    *cell = (VlCell){ .type = VL_FIELD_TYPE_INT64, .int64 = number };
}

static gboolean
can_be_id (const VlCell *cell)
{
  return cell->type == VL_FIELD_TYPE_INT64 || cell->type == VL_FIELD_TYPE_STRING;
}

/* TRUE when something is to be done. */
static gboolean
plan_normal (Normal *self, VlRecord *record, VlSchema *schema)
{
  VlCell id, field;
  guint column;

  self->column = vl_schema_get_id_column (schema);
  if (self->column == NULL)
    return FALSE;

  self->is_int64 = vl_schema_find_column (schema, self->column, &column) &&
                   vl_schema_get_column_type (schema, column) == VL_FIELD_TYPE_INT64;
  _vl_record_get_id_cell (record, &id);
  _vl_record_get_cell (record, self->column, &field);
  self->id = id;
  self->field = field;
  normalize_cell (self, &self->id);
  normalize_cell (self, &self->field);
  if (!can_be_id (&self->id) && can_be_id (&self->field))
    self->id = self->field;
  if (self->field.type == VL_FIELD_TYPE_NULL)
    self->field = self->id;

  return !_vl_cell_equal (&self->id, &id) || !_vl_cell_equal (&self->field, &field);
}

VlRecord *
_vl_record_normalize (VlRecord *record, VlSchema *schema)
{
  g_auto (VlBlockBuilder) builder = { 0 };
  Normal normal;
  VlBlock *block;
  guint row;
  guint column;

  if (!plan_normal (&normal, record, schema))
    return g_object_ref (record);

  block = _vl_record_get_row (record, &row);
  _vl_block_builder_init (&builder, VL_BLOCK_IDS_COLUMN);
  column = _vl_block_builder_add_column (&builder, normal.column, strlen (normal.column));
  builder.id_column = column;
  builder.id_is_int64 = normal.is_int64;
  _vl_block_builder_begin_row (&builder);
  _vl_block_builder_put_row (&builder, block, row);

  if (normal.field.type == VL_FIELD_TYPE_INT64)
    _vl_block_builder_set_int64 (&builder, column, normal.field.int64);
  if (!_vl_cell_equal (&normal.id, &normal.field))
    _vl_block_builder_set_cell (&builder, _vl_block_builder_add_hidden_id (&builder), &normal.id);

  return end_record (&builder);
}
