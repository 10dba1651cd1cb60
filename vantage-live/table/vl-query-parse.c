/* vl-query-parse.c: reads the key of a query back
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "../vl-error.h"
#include "vl-query-private.h"

/* How much of a bad key an error message shows. */
#define SHOWN_LENGTH 80

/* What vl-query-key.c writes and nothing else is a key. The reader only cares
 * to get the parts right; that the text is the canonical one for them is seen
 * by writing it again. */
typedef struct
{
  const char *at;
  GPtrArray *conditions; /* VlQueryCondition */
  GArray *orders;        /* VlOrder */
  GHashTable *ordered;   /* the fields of the orders, owned by them */
  char *search;
} Reader;

/* What stands before any of the characters of `ends` or the end of the text. */
static char *
take_until (Reader *reader, const char *ends)
{
  gsize length = strcspn (reader->at, ends);
  char *token = g_strndup (reader->at, length);

  reader->at += length;
  return token;
}

static gboolean
take_char (Reader *reader, char c)
{
  if (*reader->at != c)
    return FALSE;

  reader->at++;
  return TRUE;
}

static char *
take_text (Reader *reader, const char *ends)
{
  g_autofree char *token = take_until (reader, ends);
  g_autofree char *text = g_uri_unescape_string (token, NULL);

  if (text == NULL || !g_utf8_validate (text, -1, NULL))
    return NULL;

  return g_steal_pointer (&text);
}

static GBytes *
decode_hex (const char *text)
{
  gsize length = strlen (text);
  g_autofree guchar *data = NULL;

  if (length % 2 != 0)
    return NULL;

  data = g_malloc (MAX (length / 2, 1));
  for (gsize i = 0; i < length; i += 2)
    {
      if (!g_ascii_isxdigit (text[i]) || !g_ascii_isxdigit (text[i + 1]))
        return NULL;
      data[i / 2] = (guchar) (g_ascii_xdigit_value (text[i]) << 4 |
                              g_ascii_xdigit_value (text[i + 1]));
    }

  return g_bytes_new_take (g_steal_pointer (&data), length / 2);
}

static GVariant *
decode_bytes (const char *token, const GVariantType *type)
{
  g_autoptr (GBytes) bytes = decode_hex (token);
  g_autoptr (GVariant) value = NULL;

  if (bytes == NULL)
    return NULL;

  value = g_variant_ref_sink (g_variant_new_from_bytes (type, bytes, FALSE));
  return g_variant_is_normal_form (value) ? g_steal_pointer (&value) : NULL;
}

static GVariant *
decode_variant (char *token)
{
  char *dot = strchr (token, '.');
  g_autofree char *type = NULL;

  if (dot == NULL)
    return NULL;

  *dot = '\0';
  type = g_uri_unescape_string (token, NULL);
  if (type == NULL || !g_variant_type_string_is_valid (type) ||
      !g_variant_type_is_definite (G_VARIANT_TYPE (type)))
    return NULL;

  return decode_bytes (dot + 1, G_VARIANT_TYPE (type));
}

static GVariant *
decode_string (const char *token)
{
  g_autofree char *text = g_uri_unescape_string (token, NULL);

  if (text == NULL || !g_utf8_validate (text, -1, NULL))
    return NULL;

  return g_variant_ref_sink (g_variant_new_take_string (g_steal_pointer (&text)));
}

static GVariant *
decode_double (const char *token)
{
  char *end = NULL;
  double value = g_ascii_strtod (token, &end);

  if (end == token || *end != '\0')
    return NULL;

  return g_variant_ref_sink (g_variant_new_double (value));
}

static GVariant *
take_value (Reader *reader)
{
  g_autofree char *token = take_until (reader, "&,)");
  gint64 number = 0;

  switch (token[0])
    {
    case 'b':
      return g_variant_ref_sink (g_variant_new_boolean (token[1] == '1'));
    case 'i':
      if (!_vl_id_parse_int64 (token + 1, &number))
        return NULL;
      return g_variant_ref_sink (g_variant_new_int64 (number));
    case 'd':
      return decode_double (token + 1);
    case 's':
      return decode_string (token + 1);
    case 'x':
      return decode_bytes (token + 1, G_VARIANT_TYPE_BYTESTRING);
    case 'v':
      return decode_variant (token + 1);
    default:
      return NULL;
    }
}

static GVariant *
take_list (Reader *reader)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("av"));

  if (!take_char (reader, ')'))
    {
      do
        {
          g_autoptr (GVariant) item = take_value (reader);

          if (item == NULL)
            return NULL;
          g_variant_builder_add (&builder, "v", item);
        }
      while (take_char (reader, ','));

      if (!take_char (reader, ')'))
        return NULL;
    }

  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static gboolean
take_op (Reader *reader, VlOp *op)
{
  g_autofree char *token = take_until (reader, ":&");
  gint64 number = 0;

  for (guint i = 0; i < _VL_N_OPS; i++)
    {
      if (g_str_equal (token, _vl_op_names[i]))
        {
          *op = (VlOp) i;
          return TRUE;
        }
    }

  if (!_vl_id_parse_int64 (token, &number) || number < (gint64) _VL_N_OPS || number > G_MAXUINT)
    return FALSE;

  *op = (VlOp) (guint) number;
  return TRUE;
}

static gboolean
take_condition (Reader *reader)
{
  g_autofree char *field = take_text (reader, ":&");
  g_autoptr (GVariant) value = NULL;
  VlOp op;

  if (field == NULL || !take_char (reader, ':') || !take_op (reader, &op))
    return FALSE;

  if (take_char (reader, ':'))
    {
      value = take_char (reader, '(') ? take_list (reader) : take_value (reader);
      if (value == NULL)
        return FALSE;
    }

  g_ptr_array_add (reader->conditions, _vl_condition_new (field, op, value));
  return TRUE;
}

static gboolean
take_search (Reader *reader)
{
  g_autofree char *token = take_until (reader, "&");
  g_autofree char *text = NULL;

  if (reader->search != NULL)
    return FALSE;

  g_strdelimit (token, "+", ' ');
  text = g_uri_unescape_string (token, NULL);
  if (text == NULL || !g_utf8_validate (text, -1, NULL))
    return FALSE;

  reader->search = _vl_query_normalize_search (text);
  return reader->search != NULL;
}

static gboolean
take_order (Reader *reader, gboolean descending)
{
  g_autofree char *field = take_text (reader, "&");
  VlOrder order = { NULL, descending };

  if (field == NULL || g_hash_table_contains (reader->ordered, field))
    return FALSE;

  order.field = g_ref_string_new (field);
  g_array_append_val (reader->orders, order);
  g_hash_table_add (reader->ordered, order.field);
  return TRUE;
}

static gboolean
take_part (Reader *reader)
{
  switch (*reader->at++)
    {
    case '?':
      return take_condition (reader);
    case '/':
      return take_search (reader);
    case '+':
      return take_order (reader, FALSE);
    case '-':
      return take_order (reader, TRUE);
    default:
      reader->at--;
      return FALSE;
    }
}

static gboolean
take_parts (Reader *reader)
{
  if (g_str_equal (reader->at, "*"))
    return TRUE;

  do
    {
      if (!take_part (reader))
        return FALSE;
    }
  while (take_char (reader, '&'));

  return *reader->at == '\0';
}

/* FALSE when the conditions are not in their order. */
static gboolean
are_ascending (GPtrArray *conditions)
{
  for (guint i = 1; i < conditions->len; i++)
    {
      if (_vl_condition_compare (conditions->pdata[i - 1], conditions->pdata[i]) >= 0)
        return FALSE;
    }

  return TRUE;
}

static VlQueryParts *
read_parts (Reader *reader)
{
  g_autoptr (VlQueryParts) parts = NULL;

  if (!take_parts (reader) || !are_ascending (reader->conditions))
    return NULL;

  parts = _vl_query_parts_new (reader->conditions->len, reader->orders->len);
  for (guint i = 0; i < parts->n_conditions; i++)
    parts->conditions[i] = _vl_condition_ref (reader->conditions->pdata[i]);
  for (guint i = 0; i < parts->n_orders; i++)
    {
      parts->orders[i] = g_array_index (reader->orders, VlOrder, i);
      g_ref_string_acquire (parts->orders[i].field);
    }
  parts->search = g_steal_pointer (&reader->search);

  return g_steal_pointer (&parts);
}

static void
clear_order (gpointer data)
{
  VlOrder *order = data;

  g_clear_pointer (&order->field, g_ref_string_release);
}

static VlQueryParts *
parse_parts (const char *key)
{
  Reader reader = { .at = key };
  g_autoptr (VlQueryParts) parts = NULL;

  reader.conditions = g_ptr_array_new_with_free_func ((GDestroyNotify) _vl_condition_unref);
  reader.orders = g_array_new (FALSE, FALSE, sizeof (VlOrder));
  g_array_set_clear_func (reader.orders, clear_order);
  reader.ordered = g_hash_table_new (g_str_hash, g_str_equal);

  parts = read_parts (&reader);

  g_clear_pointer (&reader.ordered, g_hash_table_unref);
  g_clear_pointer (&reader.conditions, g_ptr_array_unref);
  g_clear_pointer (&reader.orders, g_array_unref);
  g_clear_pointer (&reader.search, g_ref_string_release);

  if (parts == NULL)
    return NULL;

  parts->key = _vl_query_make_key (parts);
  return g_str_equal (parts->key->text, key) ? g_steal_pointer (&parts) : NULL;
}

/**
 * vl_query_parse:
 * @key: a text that [method@Query.get_key] made
 * @error: return location for an error
 *
 * Reads a key back.
 *
 * The text need not be trusted. Fails with %VL_ERROR_INVALID if it is not the
 * key of a query.
 *
 * Returns: (transfer full): a query of that key, without a window, or %NULL
 *   with @error set
 *
 * Since: 1.0
 */
VlQuery *
vl_query_parse (const char *key, GError **error)
{
  VlQueryParts *parts = NULL;
  g_autofree char *start = NULL;
  g_autofree char *shown = NULL;

  g_return_val_if_fail (key != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  parts = parse_parts (key);
  if (parts != NULL)
    return _vl_query_new_take_parts (parts);

  start = g_strndup (key, SHOWN_LENGTH);
  shown = g_strescape (start, NULL);
  g_set_error (error, VL_ERROR, VL_ERROR_INVALID, _ ("“%s” is not the key of a query"), shown);
  return NULL;
}
