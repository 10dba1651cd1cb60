/* vl-property-value.c: what a property of an object holds, and a field
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <math.h>

#include "vl-property-value-private.h"

#include "../table/vl-record-builder.h"
#include "../table/vl-record.h"

/* The first double above all of gint64. */
#define INT64_END 9223372036854775808.0

gboolean
_vl_property_value_is_field (GType type)
{
  switch (G_TYPE_FUNDAMENTAL (type))
    {
    case G_TYPE_BOOLEAN:
    case G_TYPE_CHAR:
    case G_TYPE_UCHAR:
    case G_TYPE_INT:
    case G_TYPE_UINT:
    case G_TYPE_LONG:
    case G_TYPE_ULONG:
    case G_TYPE_INT64:
    case G_TYPE_UINT64:
    case G_TYPE_ENUM:
    case G_TYPE_FLAGS:
    case G_TYPE_FLOAT:
    case G_TYPE_DOUBLE:
    case G_TYPE_STRING:
    case G_TYPE_VARIANT:
      return TRUE;
    case G_TYPE_BOXED:
      return type == G_TYPE_BYTES || type == G_TYPE_DATE_TIME || type == G_TYPE_STRV;
    default:
      return FALSE;
    }
}

/* Numbers */

static gboolean
read_integer (const VlCell *cell, gint64 *number)
{
  switch (cell->type)
    {
    case VL_FIELD_TYPE_BOOLEAN:
      *number = cell->boolean ? 1 : 0;
      return TRUE;
    case VL_FIELD_TYPE_INT64:
      *number = cell->int64;
      return TRUE;
    case VL_FIELD_TYPE_DOUBLE:
      if (!(cell->real >= -INT64_END && cell->real < INT64_END) ||
          fabs (cell->real - trunc (cell->real)) > 0)
        return FALSE;
      *number = (gint64) cell->real;
      return TRUE;
    case VL_FIELD_TYPE_NULL:
    case VL_FIELD_TYPE_STRING:
    case VL_FIELD_TYPE_BYTES:
    case VL_FIELD_TYPE_VARIANT:
    default:
      return FALSE;
    }
}

static gboolean
read_signed (GValue *value, gint64 number)
{
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_CHAR:
      g_value_set_schar (value, (gint8) number);
      return number >= G_MININT8 && number <= G_MAXINT8;
    case G_TYPE_INT:
      g_value_set_int (value, (int) number);
      return number >= G_MININT && number <= G_MAXINT;
    case G_TYPE_LONG:
      g_value_set_long (value, (glong) number);
      return number >= G_MINLONG && number <= G_MAXLONG;
    default:
      g_value_set_int64 (value, number);
      return TRUE;
    }
}

static gboolean
read_unsigned (GValue *value, gint64 number)
{
  guint64 positive = (guint64) number;

  if (number < 0)
    return FALSE;

  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_UCHAR:
      g_value_set_uchar (value, (guint8) positive);
      return positive <= G_MAXUINT8;
    case G_TYPE_UINT:
      g_value_set_uint (value, (guint) positive);
      return positive <= G_MAXUINT;
    case G_TYPE_ULONG:
      g_value_set_ulong (value, (gulong) positive);
      return positive <= G_MAXULONG;
    case G_TYPE_FLAGS:
      g_value_set_flags (value, (guint) positive);
      return positive <= G_MAXUINT;
    default:
      g_value_set_uint64 (value, positive);
      return TRUE;
    }
}

static gboolean
is_unsigned (GType type)
{
  switch (G_TYPE_FUNDAMENTAL (type))
    {
    case G_TYPE_UCHAR:
    case G_TYPE_UINT:
    case G_TYPE_ULONG:
    case G_TYPE_UINT64:
    case G_TYPE_FLAGS:
      return TRUE;
    default:
      return FALSE;
    }
}

/* What is above the range of 64-bit integers has stayed a variant. */
static gboolean
read_large (GValue *value, VlRecord *record, const char *column, const VlCell *cell)
{
  g_autoptr (GVariant) variant = NULL;

  if (cell->type != VL_FIELD_TYPE_VARIANT || !G_VALUE_HOLDS_UINT64 (value))
    return FALSE;
  variant = vl_record_get_variant (record, column);
  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE_UINT64))
    return FALSE;
  g_value_set_uint64 (value, g_variant_get_uint64 (variant));

  return TRUE;
}

static gboolean
read_real (GValue *value, const VlCell *cell)
{
  double number;

  if (cell->type == VL_FIELD_TYPE_DOUBLE)
    number = cell->real;
  else if (cell->type == VL_FIELD_TYPE_INT64)
    number = (double) cell->int64;
  else
    return FALSE;

  if (G_VALUE_HOLDS_DOUBLE (value))
    {
      g_value_set_double (value, number);
      return TRUE;
    }
  if (isfinite (number) && fabs (number) > (double) G_MAXFLOAT)
    return FALSE;
  g_value_set_float (value, (float) number);

  return TRUE;
}

static gboolean
read_boolean (GValue *value, const VlCell *cell)
{
  gint64 number;

  if (!read_integer (cell, &number) || (number != 0 && number != 1))
    return FALSE;
  g_value_set_boolean (value, number == 1);

  return TRUE;
}

/* By its nick, as text, or by its number. */
static gboolean
read_enum (GValue *value, const VlCell *cell)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (G_VALUE_TYPE (value));
  GEnumValue *found = NULL;
  gint64 number;

  if (cell->type == VL_FIELD_TYPE_STRING)
    found = g_enum_get_value_by_nick (klass, cell->data);
  else if (read_integer (cell, &number) && number >= G_MININT && number <= G_MAXINT)
    found = g_enum_get_value (klass, (int) number);
  if (found == NULL)
    return FALSE;
  g_value_set_enum (value, found->value);

  return TRUE;
}

/* Everything else */

static gboolean
read_string (GValue *value, VlRecord *record, const char *column, const VlCell *cell)
{
  if (column == NULL)
    g_value_set_string (value, vl_record_get_id (record));
  else if (cell->type == VL_FIELD_TYPE_STRING)
    g_value_set_string (value, cell->data);
  else
    return FALSE;

  return TRUE;
}

static GStrv
get_strv (VlRecord *record, const char *column)
{
  g_autoptr (GVariant) variant = vl_record_get_variant (record, column);
  g_autoptr (GStrvBuilder) texts = NULL;

  if (g_variant_is_of_type (variant, G_VARIANT_TYPE_STRING_ARRAY))
    return g_variant_dup_strv (variant, NULL);
  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE ("av")))
    return NULL;

  texts = g_strv_builder_new ();
  for (gsize i = 0; i < g_variant_n_children (variant); i++)
    {
      g_autoptr (GVariant) boxed = g_variant_get_child_value (variant, i);
      g_autoptr (GVariant) child = g_variant_get_variant (boxed);

      if (!g_variant_is_of_type (child, G_VARIANT_TYPE_STRING))
        return NULL;
      g_strv_builder_add (texts, g_variant_get_string (child, NULL));
    }

  return g_strv_builder_end (texts);
}

static gboolean
read_boxed (GValue *value, VlRecord *record, const char *column, const VlCell *cell)
{
  if (column == NULL)
    return FALSE;
  if (G_VALUE_HOLDS (value, G_TYPE_BYTES) && cell->type == VL_FIELD_TYPE_BYTES)
    g_value_take_boxed (value, vl_record_get_bytes (record, column));
  else if (G_VALUE_HOLDS (value, G_TYPE_DATE_TIME))
    g_value_take_boxed (value, vl_record_get_date_time (record, column));
  else if (G_VALUE_HOLDS (value, G_TYPE_STRV) && cell->type == VL_FIELD_TYPE_VARIANT)
    g_value_take_boxed (value, get_strv (record, column));

  return g_value_get_boxed (value) != NULL;
}

/* What is null is NULL, where there is such a thing. */
static gboolean
can_be_null (GType type)
{
  switch (G_TYPE_FUNDAMENTAL (type))
    {
    case G_TYPE_STRING:
    case G_TYPE_VARIANT:
    case G_TYPE_BOXED:
    case G_TYPE_OBJECT:
    case G_TYPE_INTERFACE:
    case G_TYPE_POINTER:
    case G_TYPE_PARAM:
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
read_cell (GValue *value, VlRecord *record, const char *column, const VlCell *cell)
{
  GType type = G_VALUE_TYPE (value);
  gint64 number;

  switch (G_TYPE_FUNDAMENTAL (type))
    {
    case G_TYPE_BOOLEAN:
      return read_boolean (value, cell);
    case G_TYPE_ENUM:
      return read_enum (value, cell);
    case G_TYPE_FLOAT:
    case G_TYPE_DOUBLE:
      return read_real (value, cell);
    case G_TYPE_STRING:
      return read_string (value, record, column, cell);
    case G_TYPE_VARIANT:
      g_value_take_variant (value, column != NULL ? vl_record_get_variant (record, column) : NULL);
      return TRUE;
    case G_TYPE_BOXED:
      return read_boxed (value, record, column, cell);
    default:
      if (!_vl_property_value_is_field (type))
        return FALSE;
      if (!read_integer (cell, &number))
        return read_large (value, record, column, cell);
      return is_unsigned (type) ? read_unsigned (value, number) : read_signed (value, number);
    }
}

/* g_param_value_is_valid() of GLib 2.74 says the opposite for objects. */
static gboolean
is_valid (GParamSpec *pspec, const GValue *value)
{
  g_auto (GValue) copy = G_VALUE_INIT;

  g_value_init (&copy, G_VALUE_TYPE (value));
  g_value_copy (value, &copy);

  return !g_param_value_validate (pspec, &copy);
}

gboolean
_vl_property_value_read (GValue *value,
                         GParamSpec *pspec,
                         VlRecord *record,
                         const char *column,
                         const VlCell *cell)
{
  gboolean fits = cell->type == VL_FIELD_TYPE_NULL ? can_be_null (G_VALUE_TYPE (value))
                                                   : read_cell (value, record, column, cell);

  return fits && is_valid (pspec, value);
}

static void
write_enum (const GValue *value, VlRecordBuilder *builder, const char *column)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (G_VALUE_TYPE (value));
  GEnumValue *found = g_enum_get_value (klass, g_value_get_enum (value));

  if (found != NULL)
    vl_record_builder_set_string (builder, column, found->value_nick);
  else
    vl_record_builder_set_int64 (builder, column, g_value_get_enum (value));
}

gboolean
_vl_property_value_write (const GValue *value,
                          VlRecordBuilder *builder,
                          const char *column,
                          const VlCell *was,
                          GError **error)
{
  gboolean was_integer = was != NULL && was->type == VL_FIELD_TYPE_INT64;

  if (G_VALUE_HOLDS_ENUM (value) && !was_integer)
    write_enum (value, builder, column);
  else if (G_VALUE_HOLDS_BOOLEAN (value) && was_integer)
    vl_record_builder_set_int64 (builder, column, g_value_get_boolean (value) ? 1 : 0);
  else if (G_VALUE_HOLDS (value, G_TYPE_STRV) && g_value_get_boxed (value) != NULL)
    vl_record_builder_set_variant (builder, column,
                                   g_variant_new_strv (g_value_get_boxed (value), -1));
  else
    return vl_record_builder_set_value (builder, column, value, error);

  return TRUE;
}

static gboolean
equal_reals (double a, double b)
{
  return isnan (a) || isnan (b) ? isnan (a) && isnan (b) : !(a < b) && !(a > b);
}

static gboolean
equal_boxed (GType type, gpointer a, gpointer b)
{
  if (a == NULL || b == NULL)
    return a == b;
  if (type == G_TYPE_BYTES)
    return g_bytes_equal (a, b);
  if (type == G_TYPE_DATE_TIME)
    return g_date_time_equal (a, b) &&
           g_date_time_get_utc_offset (a) == g_date_time_get_utc_offset (b);
  if (type == G_TYPE_STRV)
    return g_strv_equal (a, b);

  return a == b;
}

static gboolean
equal_variants (GVariant *a, GVariant *b)
{
  return a == NULL || b == NULL ? a == b : g_variant_equal (a, b);
}

gboolean
_vl_property_value_equal (GParamSpec *pspec, const GValue *a, const GValue *b)
{
  if (G_VALUE_HOLDS_DOUBLE (a))
    return equal_reals (g_value_get_double (a), g_value_get_double (b));
  if (G_VALUE_HOLDS_FLOAT (a))
    return equal_reals ((double) g_value_get_float (a), (double) g_value_get_float (b));
  if (G_VALUE_HOLDS_VARIANT (a))
    return equal_variants (g_value_get_variant (a), g_value_get_variant (b));
  if (G_VALUE_HOLDS_BOXED (a))
    return equal_boxed (G_VALUE_TYPE (a), g_value_get_boxed (a), g_value_get_boxed (b));

  return g_param_values_cmp (pspec, a, b) == 0;
}
