/* vl-block-json.c: rows of blocks as JSON text
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <math.h>
#include <string.h>

#include "vl-block-private.h"

static void
append_string (GString *json, const char *text)
{
  g_string_append_c (json, '"');
  while (*text != '\0')
    {
      gsize plain = 0;

      while ((guchar) text[plain] >= ' ' && text[plain] != '"' && text[plain] != '\\')
        plain++;
      g_string_append_len (json, text, (gssize) plain);
      text += plain;
      if (*text == '\0')
        break;
      if (*text == '"' || *text == '\\')
        g_string_append_printf (json, "\\%c", *text);
      else if (*text == '\n')
        g_string_append (json, "\\n");
      else
        g_string_append_printf (json, "\\u%04x", (guint) (guchar) *text);
      text++;
    }
  g_string_append_c (json, '"');
}

static void
append_int64 (GString *json, gint64 value)
{
  char buffer[24];

  g_snprintf (buffer, sizeof buffer, "%" G_GINT64_FORMAT, value);
  g_string_append (json, buffer);
}

/* The shortest text that reads back as the same number, and as a double. */
static void
append_double (GString *json, double value)
{
  static const char *const formats[] = { "%.15g", "%.16g", "%.17g" };
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (value))
    {
      g_string_append (json, "null");
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_ascii_formatd (buffer, sizeof buffer, formats[i], value);
      if (!(g_ascii_strtod (buffer, NULL) < value) && !(g_ascii_strtod (buffer, NULL) > value))
        break;
    }
  g_string_append (json, buffer);
  if (strpbrk (buffer, ".e") == NULL)
    g_string_append (json, ".0");
}

static void
append_bytes (GString *json, gconstpointer data, gsize length)
{
  g_autofree char *text = g_base64_encode (data, length);

  g_string_append_c (json, '"');
  g_string_append (json, text);
  g_string_append_c (json, '"');
}

static void append_variant (GString *json, GVariant *value);

static void
append_byte_array (GString *json, GVariant *value)
{
  gsize length;
  gconstpointer data = g_variant_get_fixed_array (value, &length, 1);

  append_bytes (json, data, length);
}

static void
append_child (GString *json, GVariant *value, gsize child)
{
  g_autoptr (GVariant) item = g_variant_get_child_value (value, child);

  append_variant (json, item);
}

/* Keys that are not strings become their GVariant text. */
static void
append_member (GString *json, GVariant *entry)
{
  g_autoptr (GVariant) key = g_variant_get_child_value (entry, 0);
  g_autofree char *printed = NULL;

  if (g_variant_is_of_type (key, G_VARIANT_TYPE_STRING))
    append_string (json, g_variant_get_string (key, NULL));
  else
    append_string (json, printed = g_variant_print (key, FALSE));
  g_string_append_c (json, ':');
  append_child (json, entry, 1);
}

static void
append_dictionary (GString *json, GVariant *value)
{
  g_string_append_c (json, '{');
  for (gsize i = 0; i < g_variant_n_children (value); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (value, i);

      if (i > 0)
        g_string_append_c (json, ',');
      append_member (json, entry);
    }
  g_string_append_c (json, '}');
}

/* Arrays, tuples and lone dictionary entries. */
static void
append_children (GString *json, GVariant *value)
{
  g_string_append_c (json, '[');
  for (gsize i = 0; i < g_variant_n_children (value); i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      append_child (json, value, i);
    }
  g_string_append_c (json, ']');
}

/* The text of a boolean or an integer is that of GVariant. */
static void
append_printed (GString *json, GVariant *value)
{
  g_autofree char *text = NULL;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BYTE))
    {
      append_int64 (json, g_variant_get_byte (value));
      return;
    }

  text = g_variant_print (value, FALSE);
  g_string_append (json, text);
}

static void
append_variant (GString *json, GVariant *value)
{
  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_DOUBLE:
      append_double (json, g_variant_get_double (value));
      break;
    case G_VARIANT_CLASS_STRING:
    case G_VARIANT_CLASS_OBJECT_PATH:
    case G_VARIANT_CLASS_SIGNATURE:
      append_string (json, g_variant_get_string (value, NULL));
      break;
    case G_VARIANT_CLASS_MAYBE:
      if (g_variant_n_children (value) == 0)
        g_string_append (json, "null");
      else
        append_child (json, value, 0);
      break;
    case G_VARIANT_CLASS_VARIANT:
      append_child (json, value, 0);
      break;
    case G_VARIANT_CLASS_ARRAY:
      if (g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
        append_byte_array (json, value);
      else if (g_variant_is_of_type (value, G_VARIANT_TYPE_DICTIONARY))
        append_dictionary (json, value);
      else
        append_children (json, value);
      break;
    case G_VARIANT_CLASS_TUPLE:
    case G_VARIANT_CLASS_DICT_ENTRY:
      append_children (json, value);
      break;
    case G_VARIANT_CLASS_BOOLEAN:
    case G_VARIANT_CLASS_BYTE:
    case G_VARIANT_CLASS_INT16:
    case G_VARIANT_CLASS_UINT16:
    case G_VARIANT_CLASS_INT32:
    case G_VARIANT_CLASS_UINT32:
    case G_VARIANT_CLASS_INT64:
    case G_VARIANT_CLASS_UINT64:
      append_printed (json, value);
      break;
    case G_VARIANT_CLASS_HANDLE:
      append_int64 (json, g_variant_get_handle (value));
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
append_nested (GString *json, VlBlock *block, const VlCell *cell)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (_vl_block_cell_to_variant (block, cell));

  append_variant (json, value);
}

static void
append_cell (GString *json, VlBlock *block, const VlCell *cell)
{
  switch (cell->type)
    {
    case VL_FIELD_TYPE_BOOLEAN:
      g_string_append (json, cell->boolean ? "true" : "false");
      break;
    case VL_FIELD_TYPE_INT64:
      append_int64 (json, cell->int64);
      break;
    case VL_FIELD_TYPE_DOUBLE:
      append_double (json, cell->real);
      break;
    case VL_FIELD_TYPE_STRING:
      append_string (json, cell->data);
      break;
    case VL_FIELD_TYPE_BYTES:
      append_bytes (json, cell->data, cell->length);
      break;
    case VL_FIELD_TYPE_VARIANT:
      append_nested (json, block, cell);
      break;
    case VL_FIELD_TYPE_NULL:
    default:
      g_string_append (json, "null");
      break;
    }
}

/* The field named `id`, if there is one, stands for the id. */
static guint
append_id (GString *json, VlBlock *block, guint row)
{
  const char *id = _vl_block_get_id (block, row);
  guint column = VL_BLOCK_NO_COLUMN;
  VlCell cell;

  g_string_append (json, "\"id\":");
  if (_vl_block_find_column (block, "id", 2, &column) &&
      _vl_block_read (block, row, column, &cell) && (cell.type != VL_FIELD_TYPE_NULL || id == NULL))
    append_cell (json, block, &cell);
  else if (id != NULL)
    append_string (json, id);
  else
    g_string_append (json, "null");

  return column;
}

void
_vl_block_row_to_json (VlBlock *self, guint row, GString *json)
{
  guint id_column;

  g_string_append_c (json, '{');
  id_column = append_id (json, self, row);
  for (guint column = 0; column < self->n_columns; column++)
    {
      VlCell cell;

      if (_vl_block_column_is_hidden (self, column) || column == id_column ||
          !_vl_block_read (self, row, column, &cell))
        continue;
      g_string_append_c (json, ',');
      append_string (json, _vl_block_get_name (self, column));
      g_string_append_c (json, ':');
      append_cell (json, self, &cell);
    }
  g_string_append_c (json, '}');
}
