/* fields.c: FIELD=VALUE and FIELD:desc, as the table's schema reads them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fields.h"

#include <math.h>
#include <string.h>

static gboolean wrong (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Always FALSE. */
static gboolean
wrong (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_propagate_error (error, g_error_new_valist (G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, format,
                                                arguments));
  va_end (arguments);

  return FALSE;
}

static gboolean
unknown_column (VlSchema *schema, const char *name, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < vl_schema_get_n_columns (schema); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            vl_schema_get_column_name (schema, i));

  return wrong (error, "table %s has no column for “%s”; it has %s",
                vl_schema_get_table_name (schema), name, names->str);
}

static GVariant *
parse_int64 (const char *column, const char *text, GError **error)
{
  gint64 number = 0;

  if (g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &number, NULL))
    return g_variant_new_int64 (number);

  wrong (error, "%s takes a whole number of 64 bits, not “%s”", column, text);

  return NULL;
}

static gboolean
scan_double (const char *text, double *number)
{
  char *end = NULL;

  *number = g_ascii_strtod (text, &end);

  return end != text && *end == '\0' && !g_ascii_isspace (*text) && isfinite (*number);
}

static GVariant *
parse_double (const char *column, const char *text, GError **error)
{
  double number = 0;

  if (scan_double (text, &number))
    return g_variant_new_double (number);

  wrong (error, "%s takes a number, not “%s”", column, text);

  return NULL;
}

static GVariant *
parse_boolean (const char *column, const char *text, GError **error)
{
  static const char *const yes[] = { "true", "yes", "1", NULL };
  static const char *const no[] = { "false", "no", "0", NULL };

  if (g_strv_contains (yes, text))
    return g_variant_new_boolean (TRUE);
  if (g_strv_contains (no, text))
    return g_variant_new_boolean (FALSE);

  wrong (error, "%s takes true or false, not “%s”", column, text);

  return NULL;
}

/* For columns that take anything: a number if it looks like one. */
static GVariant *
guess_value (const char *text)
{
  gint64 number = 0;
  double real = 0;

  if (g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &number, NULL))
    return g_variant_new_int64 (number);
  if (scan_double (text, &real))
    return g_variant_new_double (real);

  return g_variant_new_string (text);
}

GVariant *
demo_fields_parse_value (VlSchema *schema, const char *column, const char *text, GError **error)
{
  guint position = 0;
  VlFieldType type = VL_FIELD_TYPE_NULL;

  if (vl_schema_find_column (schema, column, &position))
    type = vl_schema_get_column_type (schema, position);
  if (type != VL_FIELD_TYPE_STRING && g_str_equal (text, "null"))
    return g_variant_new_maybe (G_VARIANT_TYPE_STRING, NULL);

  switch (type)
    {
    case VL_FIELD_TYPE_BOOLEAN:
      return parse_boolean (column, text, error);
    case VL_FIELD_TYPE_INT64:
      return parse_int64 (column, text, error);
    case VL_FIELD_TYPE_DOUBLE:
      return parse_double (column, text, error);
    case VL_FIELD_TYPE_BYTES:
      return g_variant_new_from_data (G_VARIANT_TYPE_BYTESTRING, text, strlen (text), TRUE, NULL,
                                      NULL);
    case VL_FIELD_TYPE_STRING:
    case VL_FIELD_TYPE_VARIANT:
      return g_variant_new_string (text);
    case VL_FIELD_TYPE_NULL:
    default:
      return guess_value (text);
    }
}

/* The column whose name and a separator the text begins with; the longest, as
 * names may contain anything. */
static const char *
match_column (VlSchema *schema, const char *text, char separator, const char **rest)
{
  const char *found = NULL;

  for (guint i = 0; i < vl_schema_get_n_columns (schema); i++)
    {
      const char *name = vl_schema_get_column_name (schema, i);
      gsize length = strlen (name);

      if (strncmp (text, name, length) == 0 && text[length] == separator &&
          (found == NULL || length > strlen (found)))
        {
          found = name;
          *rest = text + length + 1;
        }
    }

  return found;
}

static const char *
take_assignment (VlSchema *schema, const char *text, const char **value, GError **error)
{
  const char *column = match_column (schema, text, '=', value);
  g_autofree char *name = NULL;

  if (column != NULL)
    return column;

  if (strchr (text, '=') == NULL)
    {
      wrong (error, "“%s” is not of the form FIELD=VALUE", text);
      return NULL;
    }

  name = g_strndup (text, (gsize) (strchr (text, '=') - text));
  unknown_column (schema, name, error);

  return NULL;
}

static gboolean
set_field (VlRecordBuilder *builder,
           VlSchema *schema,
           const char *column,
           const char *text,
           GError **error)
{
  g_autoptr (GVariant) value = demo_fields_parse_value (schema, column, text, error);

  if (value == NULL)
    return FALSE;

  g_variant_ref_sink (value);
  vl_record_builder_set_variant (builder, column, value);

  return TRUE;
}

static gboolean
set_fields (VlRecordBuilder *builder, VlSchema *schema, char **arguments, GError **error)
{
  for (guint i = 0; arguments[i] != NULL; i++)
    {
      const char *text = NULL;
      const char *column = take_assignment (schema, arguments[i], &text, error);

      if (column == NULL || !set_field (builder, schema, column, text, error))
        return FALSE;
    }

  return TRUE;
}

VlRecord *
demo_fields_parse_patch (VlSchema *schema, char **arguments, GError **error)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);

  if (!set_fields (builder, schema, arguments, error))
    return NULL;

  return vl_record_builder_end (builder);
}

static gboolean
are_assignments (VlSchema *schema, char **arguments)
{
  const char *rest = NULL;

  for (guint i = 0; arguments[i] != NULL; i++)
    if (match_column (schema, arguments[i], '=', &rest) == NULL)
      return FALSE;

  return TRUE;
}

VlRecord *
demo_fields_parse_record (VlSchema *schema, char **arguments, GError **error)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (arguments[0]);
  gboolean by_position = g_strv_length (arguments) == 3 &&
                         !are_assignments (schema, arguments + 1) &&
                         vl_schema_has_column (schema, "name") &&
                         vl_schema_has_column (schema, "price");

  if (by_position)
    {
      if (!set_field (builder, schema, "name", arguments[1], error) ||
          !set_field (builder, schema, "price", arguments[2], error))
        return NULL;
    }
  else if (!set_fields (builder, schema, arguments + 1, error))
    return NULL;

  return vl_record_builder_end (builder);
}

static void
replace_query (VlQuery **query, VlQuery *next)
{
  g_object_unref (*query);
  *query = next;
}

static gboolean
add_condition (VlQuery **query, VlSchema *schema, const char *text, GError **error)
{
  const char *value = NULL;
  const char *column = take_assignment (schema, text, &value, error);
  g_autoptr (GVariant) variant = NULL;
  gboolean is_null;

  if (column == NULL)
    return FALSE;

  variant = demo_fields_parse_value (schema, column, value, error);
  if (variant == NULL)
    return FALSE;

  g_variant_ref_sink (variant);
  is_null = g_variant_is_of_type (variant, G_VARIANT_TYPE_MAYBE);
  replace_query (query, vl_query_where (*query, column, is_null ? VL_OP_IS_NULL : VL_OP_EQ,
                                        is_null ? NULL : variant));

  return TRUE;
}

static gboolean
add_order (VlQuery **query, VlSchema *schema, const char *text, GError **error)
{
  const char *direction = "asc";
  const char *column = text;

  if (!vl_schema_has_column (schema, text))
    column = match_column (schema, text, ':', &direction);
  if (column == NULL)
    {
      const char *colon = strrchr (text, ':');
      g_autofree char *name = g_strndup (text,
                                         colon != NULL ? (gsize) (colon - text) : strlen (text));

      return unknown_column (schema, name, error);
    }
  if (!g_str_equal (direction, "asc") && !g_str_equal (direction, "desc"))
    return wrong (error, "--order takes FIELD or FIELD:desc, not “%s”", text);

  replace_query (query, vl_query_order_by (*query, column, g_str_equal (direction, "desc")));

  return TRUE;
}

VlQuery *
demo_fields_make_query (const DemoOptions *options, VlSchema *schema, GError **error)
{
  g_autoptr (VlQuery) query = vl_query_new ();
  guint64 offset = (options->page - 1) * options->limit;

  for (guint i = 0; options->where != NULL && options->where[i] != NULL; i++)
    if (!add_condition (&query, schema, options->where[i], error))
      return NULL;
  for (guint i = 0; options->order != NULL && options->order[i] != NULL; i++)
    if (!add_order (&query, schema, options->order[i], error))
      return NULL;
  if (options->search != NULL)
    replace_query (&query, vl_query_search (query, options->search));

  /* All is one page. */
  if (options->limit == 0 && options->page > 1)
    offset = G_MAXINT32;
  replace_query (&query, vl_query_window (query, offset, options->limit));

  return g_steal_pointer (&query);
}
