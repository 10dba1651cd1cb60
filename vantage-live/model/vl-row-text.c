/* vl-row-text.c: fields as text to show
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-row.h"

#include "../table/vl-record.h"

/* As many digits as tell one number from another when somebody reads it. */
#define DIGITS 15

static char *
show_bytes (VlRecord *record, const char *column)
{
  g_autoptr (GBytes) bytes = vl_record_get_bytes (record, column);

  return g_format_size (bytes != NULL ? g_bytes_get_size (bytes) : 0);
}

static char *
show_variant (VlRecord *record, const char *column)
{
  g_autoptr (GVariant) variant = vl_record_get_variant (record, column);

  return variant != NULL ? g_variant_print (variant, FALSE) : g_strdup ("");
}

static char *
show (VlRecord *record, const char *column)
{
  switch (vl_record_get_field_type (record, column))
    {
    case VL_FIELD_TYPE_STRING:
      return g_strdup (vl_record_get_string (record, column));
    case VL_FIELD_TYPE_INT64:
      return g_strdup_printf ("%" G_GINT64_FORMAT, vl_record_get_int64 (record, column));
    case VL_FIELD_TYPE_DOUBLE:
      return g_strdup_printf ("%.*g", DIGITS, vl_record_get_double (record, column));
    case VL_FIELD_TYPE_BOOLEAN:
      return g_strdup (vl_record_get_boolean (record, column) ? _ ("Yes") : _ ("No"));
    case VL_FIELD_TYPE_BYTES:
      return show_bytes (record, column);
    case VL_FIELD_TYPE_VARIANT:
      return show_variant (record, column);
    case VL_FIELD_TYPE_NULL:
    default:
      return g_strdup ("");
    }
}

/**
 * vl_row_get_text:
 * @self: a row
 * @column: the name of a column
 *
 * Gets a field of the record as text to show: numbers and truth values as the
 * locale writes them, the size of bytes, and nothing for null, for a column
 * that is not there and for a record that is still to come.
 *
 * Returns: (transfer full): the text, perhaps empty
 *
 * Since: 1.0
 */
char *
vl_row_get_text (VlRow *self, const char *column)
{
  g_return_val_if_fail (VL_IS_ROW (self), NULL);
  g_return_val_if_fail (column != NULL, NULL);

  return vl_row_dup_text (NULL, vl_row_get_record (self), column);
}

/**
 * vl_row_dup_text:
 * @item: (nullable): not used: what an expression is evaluated for
 * @record: (nullable): a record
 * @column: (nullable): the name of a column
 *
 * Gets a field of a record as text to show, as [method@Row.get_text] does.
 *
 * It is made for a closure in an expression or a `.ui` file, which is evaluated
 * again whenever the record becomes another one:
 *
 * ```xml
 * <closure type="gchararray" function="vl_row_dup_text">
 *   <lookup name="record" type="VlRow">
 *     <lookup name="item">GtkListItem</lookup>
 *   </lookup>
 *   <constant type="gchararray">name</constant>
 * </closure>
 * ```
 *
 * Returns: (transfer full): the text, perhaps empty
 *
 * Since: 1.0
 */
char *
vl_row_dup_text (GObject *item, VlRecord *record, const char *column)
{
  g_return_val_if_fail (record == NULL || VL_IS_RECORD (record), NULL);

  if (record == NULL || column == NULL)
    return g_strdup ("");

  return show (record, column);
}
