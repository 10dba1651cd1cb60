/* vl-record-builder.c: makes a record field by field
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "vl-block-builder-private.h"
#include "vl-record-builder-private.h"
#include "vl-record-private.h"

#include "../vl-error.h"

/**
 * VlRecordBuilder:
 *
 * Makes a [class@Record] field by field.
 *
 * Setting a field again replaces it. Field names that are not UTF-8 are made
 * so. In a builder made from a record whose id column is a field, the id and
 * that field stay the same: setting one sets both.
 *
 * A builder belongs to one thread at a time. After
 * [method@RecordBuilder.end] it is empty and can make another record.
 *
 * Since: 1.0
 */
struct _VlRecordBuilder
{
  GObject parent_instance;

  VlBlockBuilder builder; /* with one row that is always being made */
};

G_DEFINE_FINAL_TYPE (VlRecordBuilder, vl_record_builder, G_TYPE_OBJECT)

static void
begin (VlRecordBuilder *self)
{
  _vl_block_builder_init (&self->builder, VL_BLOCK_IDS_FOLLOW);
  _vl_block_builder_begin_row (&self->builder);
}

static void
vl_record_builder_finalize (GObject *object)
{
  VlRecordBuilder *self = VL_RECORD_BUILDER (object);

  _vl_block_builder_clear (&self->builder);

  G_OBJECT_CLASS (vl_record_builder_parent_class)->finalize (object);
}

static void
vl_record_builder_class_init (VlRecordBuilderClass *class)
{
  G_OBJECT_CLASS (class)->finalize = vl_record_builder_finalize;
}

static void
vl_record_builder_init (VlRecordBuilder *self)
{
  begin (self);
}

/* Notes when what the cell holds in the heap is about to belong to nobody. */
static void
note_waste (VlRecordBuilder *self, guint column)
{
  const VlBlockCell *cell = _vl_block_builder_get_cell (&self->builder, column);

  if (VL_BLOCK_CELL_TAG (cell) >= VL_BLOCK_TAG (VL_FIELD_TYPE_STRING))
    self->builder.wasted = TRUE;
}

static guint
prepare_field (VlRecordBuilder *self, const char *field)
{
  guint column = _vl_block_builder_add_column (&self->builder, field, strlen (field));

  note_waste (self, column);

  return column;
}

void
_vl_record_builder_set_id_field (VlRecordBuilder *self, const char *field, gint64 id)
{
  vl_record_builder_set_int64 (self, field, id);
  _vl_block_builder_find_column (&self->builder, field, strlen (field), &self->builder.id_column);
}

/**
 * vl_record_builder_new:
 * @id: (nullable): the id of the record, or %NULL
 *
 * Makes a builder without fields.
 *
 * Returns: (transfer full): a new builder
 *
 * Since: 1.0
 */
VlRecordBuilder *
vl_record_builder_new (const char *id)
{
  g_autoptr (VlRecordBuilder) self = g_object_new (VL_TYPE_RECORD_BUILDER, NULL);

  if (id != NULL)
    vl_record_builder_set_id (self, id);

  return g_steal_pointer (&self);
}

/**
 * vl_record_builder_new_from:
 * @record: a record
 *
 * Makes a builder with the id and the fields of a record.
 *
 * Returns: (transfer full): a new builder
 *
 * Since: 1.0
 */
VlRecordBuilder *
vl_record_builder_new_from (VlRecord *record)
{
  g_autoptr (VlRecordBuilder) self = NULL;
  VlBlock *block;
  guint row;

  g_return_val_if_fail (VL_IS_RECORD (record), NULL);

  self = g_object_new (VL_TYPE_RECORD_BUILDER, NULL);
  block = _vl_record_get_row (record, &row);
  _vl_block_builder_put_row (&self->builder, block, row);

  return g_steal_pointer (&self);
}

/* An integer id stays one if the text can be. */
static gboolean
has_int64_id (VlRecordBuilder *self)
{
  const VlBlockCell *cell;

  if (self->builder.id_column == VL_BLOCK_NO_COLUMN)
    return FALSE;
  cell = _vl_block_builder_get_cell (&self->builder, self->builder.id_column);

  return VL_BLOCK_CELL_TAG (cell) == VL_BLOCK_TAG (VL_FIELD_TYPE_INT64);
}

/**
 * vl_record_builder_set_id:
 * @id: (nullable): the id of the record, or %NULL for none
 *
 * Sets the id.
 *
 * An id that is not UTF-8 is no id.
 *
 * Since: 1.0
 */
void
vl_record_builder_set_id (VlRecordBuilder *self, const char *id)
{
  VlCell cell = { .type = VL_FIELD_TYPE_NULL };
  gboolean as_int64;

  g_return_if_fail (VL_IS_RECORD_BUILDER (self));

  if (id != NULL && _vl_text_is_valid (id, strlen (id)))
    cell = (VlCell){ .type = VL_FIELD_TYPE_STRING, .data = id, .length = strlen (id) };

  as_int64 = has_int64_id (self);
  if (self->builder.id_column == VL_BLOCK_NO_COLUMN)
    _vl_block_builder_add_hidden_id (&self->builder);
  else
    note_waste (self, self->builder.id_column);
  _vl_block_builder_set_id (&self->builder, self->builder.id_column, &cell, as_int64);
}

/**
 * vl_record_builder_set_null:
 * @field: the name of a field
 *
 * Makes a field null.
 *
 * Since: 1.0
 */
void
vl_record_builder_set_null (VlRecordBuilder *self, const char *field)
{
  g_return_if_fail (VL_IS_RECORD_BUILDER (self));
  g_return_if_fail (field != NULL);

  _vl_block_builder_set_null (&self->builder, prepare_field (self, field));
}

/**
 * vl_record_builder_set_boolean:
 * @field: the name of a field
 * @value: its value
 *
 * Sets a field to a boolean.
 *
 * Since: 1.0
 */
void
vl_record_builder_set_boolean (VlRecordBuilder *self, const char *field, gboolean value)
{
  g_return_if_fail (VL_IS_RECORD_BUILDER (self));
  g_return_if_fail (field != NULL);

  _vl_block_builder_set_boolean (&self->builder, prepare_field (self, field), value);
}

/**
 * vl_record_builder_set_int64:
 * @field: the name of a field
 * @value: its value
 *
 * Sets a field to an integer.
 *
 * Since: 1.0
 */
void
vl_record_builder_set_int64 (VlRecordBuilder *self, const char *field, gint64 value)
{
  g_return_if_fail (VL_IS_RECORD_BUILDER (self));
  g_return_if_fail (field != NULL);

  _vl_block_builder_set_int64 (&self->builder, prepare_field (self, field), value);
}

/**
 * vl_record_builder_set_double:
 * @field: the name of a field
 * @value: its value
 *
 * Sets a field to a double.
 *
 * Since: 1.0
 */
void
vl_record_builder_set_double (VlRecordBuilder *self, const char *field, double value)
{
  g_return_if_fail (VL_IS_RECORD_BUILDER (self));
  g_return_if_fail (field != NULL);

  _vl_block_builder_set_double (&self->builder, prepare_field (self, field), value);
}

/**
 * vl_record_builder_set_string:
 * @field: the name of a field
 * @value: (nullable): its value; %NULL makes the field null
 *
 * Sets a field to text. Text that is not UTF-8 becomes bytes.
 *
 * Since: 1.0
 */
void
vl_record_builder_set_string (VlRecordBuilder *self, const char *field, const char *value)
{
  guint column;

  g_return_if_fail (VL_IS_RECORD_BUILDER (self));
  g_return_if_fail (field != NULL);

  column = prepare_field (self, field);
  if (value != NULL)
    _vl_block_builder_set_text (&self->builder, column, value, strlen (value));
  else
    _vl_block_builder_set_null (&self->builder, column);
}

/**
 * vl_record_builder_set_bytes:
 * @field: the name of a field
 * @value: (nullable): its value, which is copied; %NULL makes the field null
 *
 * Sets a field to bytes.
 *
 * Since: 1.0
 */
void
vl_record_builder_set_bytes (VlRecordBuilder *self, const char *field, GBytes *value)
{
  gconstpointer data;
  gsize length;
  guint column;

  g_return_if_fail (VL_IS_RECORD_BUILDER (self));
  g_return_if_fail (field != NULL);

  column = prepare_field (self, field);
  if (value == NULL)
    {
      _vl_block_builder_set_null (&self->builder, column);
      return;
    }

  data = g_bytes_get_data (value, &length);
  _vl_block_builder_set_bytes (&self->builder, column, data, length);
}

/**
 * vl_record_builder_set_variant:
 * @field: the name of a field
 * @value: (nullable): its value; %NULL makes the field null
 *
 * Sets a field to what a variant stands for, as [ctor@Record.new] does it.
 *
 * If @value is floating, it is consumed.
 *
 * Since: 1.0
 */
void
vl_record_builder_set_variant (VlRecordBuilder *self, const char *field, GVariant *value)
{
  g_autoptr (GVariant) owned = NULL;
  guint column;

  g_return_if_fail (VL_IS_RECORD_BUILDER (self));
  g_return_if_fail (field != NULL);

  column = prepare_field (self, field);
  if (value == NULL)
    {
      _vl_block_builder_set_null (&self->builder, column);
      return;
    }

  owned = g_variant_ref_sink (value);
  _vl_block_builder_set_variant (&self->builder, column, owned);
}

/* NULL for what is not a number. */
static GVariant *
number_to_variant (const GValue *value)
{
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_CHAR:
      return g_variant_new_int64 (g_value_get_schar (value));
    case G_TYPE_UCHAR:
      return g_variant_new_int64 (g_value_get_uchar (value));
    case G_TYPE_INT:
      return g_variant_new_int64 (g_value_get_int (value));
    case G_TYPE_UINT:
      return g_variant_new_int64 (g_value_get_uint (value));
    case G_TYPE_LONG:
      return g_variant_new_int64 (g_value_get_long (value));
    case G_TYPE_ULONG:
      return g_variant_new_uint64 (g_value_get_ulong (value));
    case G_TYPE_INT64:
      return g_variant_new_int64 (g_value_get_int64 (value));
    case G_TYPE_UINT64:
      return g_variant_new_uint64 (g_value_get_uint64 (value));
    case G_TYPE_ENUM:
      return g_variant_new_int64 (g_value_get_enum (value));
    case G_TYPE_FLAGS:
      return g_variant_new_int64 (g_value_get_flags (value));
    case G_TYPE_FLOAT:
      return g_variant_new_double ((double) g_value_get_float (value));
    case G_TYPE_DOUBLE:
      return g_variant_new_double (g_value_get_double (value));
    case G_TYPE_BOOLEAN:
      return g_variant_new_boolean (g_value_get_boolean (value));
    default:
      return NULL;
    }
}

static gboolean
is_null_value (const GValue *value)
{
  return value == NULL || G_VALUE_TYPE (value) == G_TYPE_INVALID ||
         (g_value_fits_pointer (value) && g_value_peek_pointer (value) == NULL);
}

static void
set_date_time (VlRecordBuilder *self, const char *field, GDateTime *date_time)
{
  g_autofree char *text = g_date_time_format_iso8601 (date_time);

  vl_record_builder_set_string (self, field, text);
}

/**
 * vl_record_builder_set_value:
 * @field: the name of a field
 * @value: (nullable): its value
 *
 * Sets a field to a value of one of many types.
 *
 * All integer types, enumerations and flags become 64-bit integers; `gfloat`
 * and `gdouble` become doubles; a `GDateTime` becomes ISO 8601 text; `GVariant`
 * is taken as in [method@RecordBuilder.set_variant]; booleans, text and
 * `GBytes` stay what they are; %NULL of any type becomes null.
 *
 * Fails with %VL_ERROR_INVALID, and leaves the field alone, if the value is of
 * any other type.
 *
 * Returns: %TRUE if the field was set
 *
 * Since: 1.0
 */
gboolean
vl_record_builder_set_value (VlRecordBuilder *self,
                             const char *field,
                             const GValue *value,
                             GError **error)
{
  GVariant *number;

  g_return_val_if_fail (VL_IS_RECORD_BUILDER (self), FALSE);
  g_return_val_if_fail (field != NULL, FALSE);

  if (is_null_value (value))
    vl_record_builder_set_null (self, field);
  else if ((number = number_to_variant (value)) != NULL)
    vl_record_builder_set_variant (self, field, number);
  else if (G_VALUE_HOLDS_STRING (value))
    vl_record_builder_set_string (self, field, g_value_get_string (value));
  else if (G_VALUE_HOLDS_VARIANT (value))
    vl_record_builder_set_variant (self, field, g_value_get_variant (value));
  else if (G_VALUE_HOLDS (value, G_TYPE_BYTES))
    vl_record_builder_set_bytes (self, field, g_value_get_boxed (value));
  else if (G_VALUE_HOLDS (value, G_TYPE_DATE_TIME))
    set_date_time (self, field, g_value_get_boxed (value));
  else
    {
      g_set_error (error, VL_ERROR, VL_ERROR_INVALID,
                   _ ("The field “%s” cannot hold a value of type %s"), field,
                   G_VALUE_TYPE_NAME (value));
      return FALSE;
    }

  return TRUE;
}

/**
 * vl_record_builder_unset:
 * @field: the name of a field
 *
 * Takes a field away, if there is one. The id stays, also where the field is
 * that of the id column.
 *
 * Since: 1.0
 */
void
vl_record_builder_unset (VlRecordBuilder *self, const char *field)
{
  guint column;

  g_return_if_fail (VL_IS_RECORD_BUILDER (self));
  g_return_if_fail (field != NULL);

  if (!_vl_block_builder_find_column (&self->builder, field, strlen (field), &column))
    return;

  if (column == self->builder.id_column)
    {
      self->builder.columns[column].flags = VL_BLOCK_COLUMN_HIDDEN;
      return;
    }
  note_waste (self, column);
  _vl_block_builder_unset (&self->builder, column);
}

/* The same row without what was overwritten. */
static VlBlock *
compact (VlBlock *block)
{
  g_autoptr (VlBlock) wasteful = block;
  g_auto (VlBlockBuilder) builder = { 0 };

  _vl_block_builder_init (&builder, VL_BLOCK_IDS_FOLLOW);
  _vl_block_builder_add_row (&builder, wasteful, 0);

  return _vl_block_builder_end (&builder);
}

/**
 * vl_record_builder_end:
 *
 * Makes the record. The builder has neither id nor fields afterwards.
 *
 * Returns: (transfer full): a new record
 *
 * Since: 1.0
 */
VlRecord *
vl_record_builder_end (VlRecordBuilder *self)
{
  gboolean wasted;
  VlBlock *block;

  g_return_val_if_fail (VL_IS_RECORD_BUILDER (self), NULL);

  wasted = self->builder.wasted;
  _vl_block_builder_end_row (&self->builder);
  block = _vl_block_builder_end (&self->builder);
  begin (self);

  return _vl_record_new_take (wasted ? compact (block) : block);
}
