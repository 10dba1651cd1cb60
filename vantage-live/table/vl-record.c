/* vl-record.c: one immutable row
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <math.h>
#include <string.h>

#include "vl-block-builder-private.h"
#include "vl-record-builder.h"
#include "vl-record-private.h"

/* Doubles from here on, and below its negative, are outside of int64. */
#define INT64_END 9223372036854775808.0

/**
 * VlRecord:
 *
 * One immutable row of a table: an id and named values, its fields.
 *
 * A field is a boolean, a 64-bit integer, a double, text, bytes, a nested
 * array or dictionary, or null; a record may also lack a field altogether. The
 * getters never fail: they answer their default for a field that is null,
 * missing or of another kind. To change a record, make another one: with
 * [method@Record.merge] or a [class@RecordBuilder].
 *
 * The id is text to its readers, though a table may keep it as an integer. In
 * a record that comes from a table the id column is among the fields too.
 *
 * Records may be used from any thread.
 *
 * Since: 1.0
 */
struct _VlRecord
{
  GObject parent_instance;

  VlBlock *block;
  guint row;
};

G_DEFINE_FINAL_TYPE (VlRecord, vl_record, G_TYPE_OBJECT)

static void
vl_record_finalize (GObject *object)
{
  VlRecord *self = VL_RECORD (object);

  g_clear_pointer (&self->block, _vl_block_unref);

  G_OBJECT_CLASS (vl_record_parent_class)->finalize (object);
}

static void
vl_record_class_init (VlRecordClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->finalize = vl_record_finalize;
}

static void
vl_record_init (VlRecord *self)
{
}

/* A record that somebody made with g_object_new() has no row; it becomes one
 * without id and fields. */
static VlBlock *
ensure_block (VlRecord *self)
{
  g_auto (VlBlockBuilder) builder = { 0 };
  VlBlock *block;

  _vl_block_builder_init (&builder, VL_BLOCK_IDS_HIDDEN);
  _vl_block_builder_begin_row (&builder);
  _vl_block_builder_end_row (&builder);
  block = _vl_block_builder_end (&builder);
  if (!g_atomic_pointer_compare_and_exchange (&self->block, NULL, block))
    _vl_block_unref (block);

  return g_atomic_pointer_get (&self->block);
}

static inline VlBlock *
get_block (VlRecord *self)
{
  if (G_LIKELY (self->block != NULL))
    return self->block;

  return ensure_block (self);
}

VlRecord *
_vl_record_new_for_row (VlBlock *block, guint row)
{
  VlRecord *self = g_object_new (VL_TYPE_RECORD, NULL);

  self->block = _vl_block_ref (block);
  self->row = row;

  return self;
}

VlRecord *
_vl_record_new_take (VlBlock *block)
{
  VlRecord *self = g_object_new (VL_TYPE_RECORD, NULL);

  self->block = block;

  return self;
}

VlBlock *
_vl_record_get_row (VlRecord *self, guint *row)
{
  *row = self->row;

  return get_block (self);
}

gboolean
_vl_record_get_cell (VlRecord *record, const char *field, VlCell *cell)
{
  VlBlock *block = get_block (record);
  guint column;

  if (_vl_block_find_column (block, field, strlen (field), &column))
    return _vl_block_read (block, record->row, column, cell);

  memset (cell, 0, sizeof *cell);

  return FALSE;
}

gboolean
_vl_record_get_id_cell (VlRecord *record, VlCell *cell)
{
  return _vl_block_read_id (get_block (record), record->row, cell);
}

guint
_vl_record_get_n_slots (VlRecord *record)
{
  return get_block (record)->n_columns;
}

const char *
_vl_record_get_slot (VlRecord *record, guint slot, VlCell *cell)
{
  VlBlock *block = get_block (record);

  if (_vl_block_column_is_hidden (block, slot) || !_vl_block_read (block, record->row, slot, cell))
    return NULL;

  return _vl_block_get_name (block, slot);
}

static gboolean
read_field (VlRecord *self, const char *field, VlFieldType type, VlCell *cell)
{
  return _vl_record_get_cell (self, field, cell) && cell->type == type;
}

/**
 * vl_record_new:
 * @id: (nullable): the id, or %NULL for a record that has none yet
 * @fields: (nullable): the fields, a dictionary of type `a{sv}`
 *
 * Makes a record.
 *
 * Values become fields like this: booleans stay booleans; all integers become
 * 64-bit integers (but for a `t` above the range of those, which stays what it
 * is); doubles, strings, object paths and signatures become doubles and text;
 * `ay` becomes bytes; a maybe that is nothing becomes null, other maybes and
 * nested variants are unwrapped; anything else stays a variant. Of two entries
 * with one name the last counts. An id that is not UTF-8 is no id.
 *
 * If @fields is floating, it is consumed.
 *
 * Returns: (transfer full): a new record
 *
 * Since: 1.0
 */
VlRecord *
vl_record_new (const char *id, GVariant *fields)
{
  g_autoptr (VlRecordBuilder) builder = NULL;
  g_autoptr (GVariant) owned = NULL;
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_return_val_if_fail (fields == NULL || g_variant_is_of_type (fields, G_VARIANT_TYPE_VARDICT),
                        NULL);

  builder = vl_record_builder_new (id);
  if (fields != NULL)
    {
      owned = g_variant_ref_sink (fields);
      g_variant_iter_init (&iter, owned);
      while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
        vl_record_builder_set_variant (builder, name, value);
    }

  return vl_record_builder_end (builder);
}

/**
 * vl_record_get_id:
 *
 * Gets the id of the record as text.
 *
 * An integer id is its decimal text.
 *
 * Returns: (transfer none) (nullable): the id, or %NULL if the record has
 *   none; it lives as long as the record
 *
 * Since: 1.0
 */
const char *
vl_record_get_id (VlRecord *self)
{
  g_return_val_if_fail (VL_IS_RECORD (self), NULL);

  return _vl_block_get_id (get_block (self), self->row);
}

/**
 * vl_record_is_provisional:
 *
 * Tells whether the id of the record is provisional: given here to a record
 * that its table has not stored yet.
 *
 * Provisional ids begin with `new:`. The table replaces them with its own.
 *
 * Returns: %TRUE if the id is provisional
 *
 * Since: 1.0
 */
gboolean
vl_record_is_provisional (VlRecord *self)
{
  VlCell id;

  g_return_val_if_fail (VL_IS_RECORD (self), FALSE);

  return _vl_record_get_id_cell (self, &id) && id.type == VL_FIELD_TYPE_STRING &&
         g_str_has_prefix (id.data, VL_PROVISIONAL_PREFIX);
}

/**
 * vl_record_has_field:
 * @field: the name of a field
 *
 * Tells whether the record has a field of that name, null or not.
 *
 * Returns: %TRUE if the record has the field
 *
 * Since: 1.0
 */
gboolean
vl_record_has_field (VlRecord *self, const char *field)
{
  VlCell cell;

  g_return_val_if_fail (VL_IS_RECORD (self), FALSE);
  g_return_val_if_fail (field != NULL, FALSE);

  return _vl_record_get_cell (self, field, &cell);
}

/**
 * vl_record_is_null:
 * @field: the name of a field
 *
 * Tells whether a field is null, or missing.
 *
 * Returns: %TRUE if the record has no value for the field
 *
 * Since: 1.0
 */
gboolean
vl_record_is_null (VlRecord *self, const char *field)
{
  return vl_record_get_field_type (self, field) == VL_FIELD_TYPE_NULL;
}

/**
 * vl_record_get_field_type:
 * @field: the name of a field
 *
 * Gets the type of the value of a field in this record.
 *
 * Returns: the type; %VL_FIELD_TYPE_NULL also if the record lacks the field
 *
 * Since: 1.0
 */
VlFieldType
vl_record_get_field_type (VlRecord *self, const char *field)
{
  VlCell cell;

  g_return_val_if_fail (VL_IS_RECORD (self), VL_FIELD_TYPE_NULL);
  g_return_val_if_fail (field != NULL, VL_FIELD_TYPE_NULL);

  _vl_record_get_cell (self, field, &cell);

  return cell.type;
}

/**
 * vl_record_get_field_names:
 *
 * Gets the names of the fields that the record has, in their order.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names
 *
 * Since: 1.0
 */
char **
vl_record_get_field_names (VlRecord *self)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  g_return_val_if_fail (VL_IS_RECORD (self), NULL);

  for (guint slot = 0; slot < _vl_record_get_n_slots (self); slot++)
    {
      VlCell cell;
      const char *name = _vl_record_get_slot (self, slot, &cell);

      if (name != NULL)
        g_strv_builder_add (names, name);
    }

  return g_strv_builder_end (names);
}

/**
 * vl_record_get_string:
 * @field: the name of a field
 *
 * Gets a text field.
 *
 * Fields of other types are not made into text: use
 * [method@Record.get_variant] for those.
 *
 * Returns: (transfer none) (nullable): the text, or %NULL if the field is
 *   null, missing or not text; it lives as long as the record
 *
 * Since: 1.0
 */
const char *
vl_record_get_string (VlRecord *self, const char *field)
{
  VlCell cell;

  g_return_val_if_fail (VL_IS_RECORD (self), NULL);
  g_return_val_if_fail (field != NULL, NULL);

  if (!read_field (self, field, VL_FIELD_TYPE_STRING, &cell))
    return NULL;

  return cell.data;
}

/* Cuts off the fraction; what int64 cannot hold becomes its nearest end. */
static gint64
truncate_double (double value)
{
  if (isnan (value))
    return 0;
  if (value >= INT64_END)
    return G_MAXINT64;
  if (value < -INT64_END)
    return G_MININT64;

  return (gint64) value;
}

/**
 * vl_record_get_int64:
 * @field: the name of a field
 *
 * Gets a number field as an integer.
 *
 * A double loses its fraction; one outside the range of 64-bit integers
 * becomes the nearest of these; NaN becomes 0. A boolean is 0 or 1. Text is
 * not read as a number.
 *
 * Returns: the number, or 0 if the field is null, missing or not a number
 *
 * Since: 1.0
 */
gint64
vl_record_get_int64 (VlRecord *self, const char *field)
{
  VlCell cell;

  g_return_val_if_fail (VL_IS_RECORD (self), 0);
  g_return_val_if_fail (field != NULL, 0);

  _vl_record_get_cell (self, field, &cell);
  if (cell.type == VL_FIELD_TYPE_INT64)
    return cell.int64;
  if (cell.type == VL_FIELD_TYPE_DOUBLE)
    return truncate_double (cell.real);

  return cell.type == VL_FIELD_TYPE_BOOLEAN && cell.boolean ? 1 : 0;
}

/**
 * vl_record_get_double:
 * @field: the name of a field
 *
 * Gets a number field as a double.
 *
 * An integer becomes the nearest double, which is the same number up to 2⁵³. A
 * boolean is 0 or 1. Text is not read as a number.
 *
 * Returns: the number, or 0.0 if the field is null, missing or not a number
 *
 * Since: 1.0
 */
double
vl_record_get_double (VlRecord *self, const char *field)
{
  VlCell cell;

  g_return_val_if_fail (VL_IS_RECORD (self), 0.0);
  g_return_val_if_fail (field != NULL, 0.0);

  _vl_record_get_cell (self, field, &cell);
  if (cell.type == VL_FIELD_TYPE_DOUBLE)
    return cell.real;
  if (cell.type == VL_FIELD_TYPE_INT64)
    return (double) cell.int64;

  return cell.type == VL_FIELD_TYPE_BOOLEAN && cell.boolean ? 1.0 : 0.0;
}

/**
 * vl_record_get_boolean:
 * @field: the name of a field
 *
 * Gets a field as a boolean.
 *
 * A number is true if it is neither 0 nor NaN; many databases keep booleans
 * so. Text is not read as a boolean.
 *
 * Returns: the value, or %FALSE if the field is null, missing or of another
 *   type
 *
 * Since: 1.0
 */
gboolean
vl_record_get_boolean (VlRecord *self, const char *field)
{
  VlCell cell;

  g_return_val_if_fail (VL_IS_RECORD (self), FALSE);
  g_return_val_if_fail (field != NULL, FALSE);

  _vl_record_get_cell (self, field, &cell);
  if (cell.type == VL_FIELD_TYPE_BOOLEAN)
    return cell.boolean;
  if (cell.type == VL_FIELD_TYPE_INT64)
    return cell.int64 != 0;

  return cell.type == VL_FIELD_TYPE_DOUBLE && (cell.real < 0.0 || cell.real > 0.0);
}

/**
 * vl_record_get_bytes:
 * @field: the name of a field
 *
 * Gets a field of bytes, without a copy.
 *
 * Text that is not UTF-8, or has a NUL within, arrives as bytes too.
 *
 * Returns: (transfer full) (nullable): the bytes, or %NULL if the field is
 *   null, missing or of another type
 *
 * Since: 1.0
 */
GBytes *
vl_record_get_bytes (VlRecord *self, const char *field)
{
  VlCell cell;

  g_return_val_if_fail (VL_IS_RECORD (self), NULL);
  g_return_val_if_fail (field != NULL, NULL);

  if (!read_field (self, field, VL_FIELD_TYPE_BYTES, &cell))
    return NULL;

  return g_bytes_new_with_free_func (cell.data, cell.length, (GDestroyNotify) _vl_block_unref,
                                     _vl_block_ref (get_block (self)));
}

/**
 * vl_record_get_variant:
 * @field: the name of a field
 *
 * Gets a field of any type as a variant: `b`, `x`, `d`, `s`, `ay`, or the type
 * that a nested value has.
 *
 * Returns: (transfer full) (nullable): the value, or %NULL if the field is
 *   null or missing
 *
 * Since: 1.0
 */
GVariant *
vl_record_get_variant (VlRecord *self, const char *field)
{
  VlCell cell;

  g_return_val_if_fail (VL_IS_RECORD (self), NULL);
  g_return_val_if_fail (field != NULL, NULL);

  _vl_record_get_cell (self, field, &cell);
  if (cell.type == VL_FIELD_TYPE_NULL)
    return NULL;

  return g_variant_ref_sink (_vl_block_cell_to_variant (get_block (self), &cell));
}

/**
 * vl_record_get_date_time:
 * @field: the name of a field
 *
 * Reads a text field as date and time by ISO 8601, for example
 * `2025-02-28T17:05:00+01:00`.
 *
 * Text without a time zone is in UTC; a date alone is its midnight.
 *
 * Returns: (transfer full) (nullable): the date and time, or %NULL if the
 *   field is null, missing, not text or not a date and time
 *
 * Since: 1.0
 */
GDateTime *
vl_record_get_date_time (VlRecord *self, const char *field)
{
  g_autoptr (GTimeZone) utc = NULL;
  g_autofree char *midnight = NULL;
  const char *text = vl_record_get_string (self, field);

  if (text == NULL)
    return NULL;

  utc = g_time_zone_new_utc ();
  if (strpbrk (text, "T ") == NULL)
    text = midnight = g_strconcat (text, "T00:00:00", NULL);

  return g_date_time_new_from_iso8601 (text, utc);
}

static void
take_value (GValue *value, VlBlock *block, const VlCell *cell)
{
  switch (cell->type)
    {
    case VL_FIELD_TYPE_BOOLEAN:
      g_value_init (value, G_TYPE_BOOLEAN);
      g_value_set_boolean (value, cell->boolean);
      break;
    case VL_FIELD_TYPE_INT64:
      g_value_init (value, G_TYPE_INT64);
      g_value_set_int64 (value, cell->int64);
      break;
    case VL_FIELD_TYPE_DOUBLE:
      g_value_init (value, G_TYPE_DOUBLE);
      g_value_set_double (value, cell->real);
      break;
    case VL_FIELD_TYPE_BYTES:
      g_value_init (value, G_TYPE_BYTES);
      g_value_take_boxed (value, g_bytes_new_with_free_func (cell->data, cell->length,
                                                             (GDestroyNotify) _vl_block_unref,
                                                             _vl_block_ref (block)));
      break;
    case VL_FIELD_TYPE_VARIANT:
      g_value_init (value, G_TYPE_VARIANT);
      g_value_take_variant (value, _vl_block_cell_to_variant (block, cell));
      break;
    case VL_FIELD_TYPE_STRING:
    case VL_FIELD_TYPE_NULL:
    default:
      g_value_init (value, G_TYPE_STRING);
      g_value_set_string (value, cell->data);
      break;
    }
}

/**
 * vl_record_get_value:
 * @field: the name of a field
 * @value: (out caller-allocates): an uninitialised value, which is always
 *   initialised here
 *
 * Gets a field of any type.
 *
 * The value is of type `gboolean`, `gint64`, `gdouble`, `gchararray`, `GBytes`
 * or `GVariant`; a null or missing field is a `gchararray` of %NULL.
 *
 * Returns: %TRUE if the record has the field, null or not
 *
 * Since: 1.0
 */
gboolean
vl_record_get_value (VlRecord *self, const char *field, GValue *value)
{
  VlCell cell;
  gboolean found;

  g_return_val_if_fail (VL_IS_RECORD (self), FALSE);
  g_return_val_if_fail (field != NULL, FALSE);
  g_return_val_if_fail (value != NULL && G_VALUE_TYPE (value) == G_TYPE_INVALID, FALSE);

  found = _vl_record_get_cell (self, field, &cell);
  take_value (value, get_block (self), &cell);

  return found;
}

/**
 * vl_record_to_variant:
 *
 * Makes a dictionary of the fields, as [ctor@Record.new] takes it.
 *
 * A null field is a maybe (`mv`) that is nothing. The id is only in it where
 * the id column is a field.
 *
 * Returns: (transfer full): a dictionary of type `a{sv}`
 *
 * Since: 1.0
 */
GVariant *
vl_record_to_variant (VlRecord *self)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_return_val_if_fail (VL_IS_RECORD (self), NULL);

  for (guint slot = 0; slot < _vl_record_get_n_slots (self); slot++)
    {
      VlCell cell;
      const char *name = _vl_record_get_slot (self, slot, &cell);
      GVariant *value;

      if (name == NULL)
        continue;
      value = _vl_block_cell_to_variant (get_block (self), &cell);
      if (value == NULL)
        value = g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL);
      g_variant_builder_add (&builder, "{sv}", name, value);
    }

  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

/**
 * vl_record_to_json:
 *
 * Makes JSON text of the record: one object, with the id as its first member
 * `id`, then the fields.
 *
 * A field that is called `id` stands for the id. Bytes are base64 text; numbers
 * that JSON cannot say (NaN and the infinities) are null.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
vl_record_to_json (VlRecord *self)
{
  g_autoptr (GString) json = g_string_new (NULL);

  g_return_val_if_fail (VL_IS_RECORD (self), NULL);

  _vl_block_row_to_json (get_block (self), self->row, json);

  return g_string_free (g_steal_pointer (&json), FALSE);
}

/**
 * vl_record_equal:
 * @other: another record
 *
 * Tells whether two records have the same id and the same fields with the same
 * types and values, in any order.
 *
 * NaN is equal to itself here. A null field and a missing one differ. The
 * field of the id column does not count, as the id does.
 *
 * Returns: %TRUE if the records are equal
 *
 * Since: 1.0
 */
gboolean
vl_record_equal (VlRecord *self, VlRecord *other)
{
  g_return_val_if_fail (VL_IS_RECORD (self), FALSE);
  g_return_val_if_fail (VL_IS_RECORD (other), FALSE);

  return _vl_block_row_equal (get_block (self), self->row, get_block (other), other->row);
}
