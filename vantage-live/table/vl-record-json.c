/* vl-record-json.c: records read from JSON text
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "vl-record-builder-private.h"
#include "vl-record.h"

#include "../vl-error.h"

/* Deeper nesting is refused before parsing: the parser recurses, and so do
 * those who read nested variants. */
#define MAX_DEPTH 60

/* What the parser would take although JSON does not know it; comments could
 * hide quotation marks from us. */
static gboolean
is_foreign (char c)
{
  return c == '/' || c == '#' || c == '\'';
}

/* NULL when the parser may have the text, else what is wrong. */
static const char *
check_text (const char *json)
{
  gboolean in_string = FALSE;
  guint depth = 0;

  for (; *json != '\0'; json++)
    {
      if (in_string && *json == '\\' && json[1] != '\0')
        json++;
      else if (*json == '"')
        in_string = !in_string;
      else if (!in_string && (*json == '[' || *json == '{'))
        depth++;
      else if (!in_string && (*json == ']' || *json == '}') && depth > 0)
        depth--;
      else if (!in_string && is_foreign (*json))
        return _ ("it has comments or single quotation marks");

      if (depth > MAX_DEPTH)
        return _ ("it is nested too deeply");
    }

  return NULL;
}

static GVariant *node_to_variant (JsonNode *node);

static GVariant *
array_to_variant (JsonArray *array)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("av"));

  for (guint i = 0; i < json_array_get_length (array); i++)
    g_variant_builder_add (&builder, "v", node_to_variant (json_array_get_element (array, i)));

  return g_variant_builder_end (&builder);
}

static GVariant *
object_to_variant (JsonObject *object)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    g_variant_builder_add (&builder, "{sv}", name, node_to_variant (node));

  return g_variant_builder_end (&builder);
}

static GVariant *
value_to_variant (JsonNode *node)
{
  GType type = json_node_get_value_type (node);

  if (type == G_TYPE_BOOLEAN)
    return g_variant_new_boolean (json_node_get_boolean (node));
  if (type == G_TYPE_INT64)
    return g_variant_new_int64 (json_node_get_int (node));
  if (type == G_TYPE_DOUBLE)
    return g_variant_new_double (json_node_get_double (node));

  return g_variant_new_take_string (json_node_dup_string (node));
}

static GVariant *
node_to_variant (JsonNode *node)
{
  switch (json_node_get_node_type (node))
    {
    case JSON_NODE_OBJECT:
      return object_to_variant (json_node_get_object (node));
    case JSON_NODE_ARRAY:
      return array_to_variant (json_node_get_array (node));
    case JSON_NODE_VALUE:
      return value_to_variant (node);
    case JSON_NODE_NULL:
    default:
      return g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL);
    }
}

/* The id is text, a whole number or missing. */
static gboolean
set_id (VlRecordBuilder *builder, JsonNode *node, GError **error)
{
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    {
      vl_record_builder_set_id (builder, json_node_get_string (node));
      return TRUE;
    }
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64)
    {
      _vl_record_builder_set_id_field (builder, "id", json_node_get_int (node));
      return TRUE;
    }

  g_set_error_literal (error, VL_ERROR, VL_ERROR_INVALID,
                       _ ("The id of a record must be text or a whole number"));

  return FALSE;
}

static VlRecord *
read_object (JsonObject *object, GError **error)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (!set_id (builder, json_object_get_member (object, "id"), error))
    return NULL;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (strcmp (name, "id") != 0)
      vl_record_builder_set_variant (builder, name, node_to_variant (node));

  return vl_record_builder_end (builder);
}

/**
 * vl_record_new_from_json:
 * @json: JSON text: one object
 *
 * Reads a record from JSON text.
 *
 * The member `id`, text or a whole number, becomes the id, and a field too if
 * it is a number. Of the other members whole numbers become 64-bit integers,
 * and objects and arrays become variants of type `a{sv}` and `av`.
 *
 * Fails with %VL_ERROR_INVALID if the text is not JSON or not an object, if it
 * is nested more than 60 levels deep, or if `id` is something else.
 *
 * Returns: (transfer full): a new record
 *
 * Since: 1.0
 */
VlRecord *
vl_record_new_from_json (const char *json, GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (GError) local_error = NULL;
  const char *problem;
  JsonNode *root;

  g_return_val_if_fail (json != NULL, NULL);

  problem = check_text (json);
  if (problem == NULL)
    {
      parser = json_parser_new_immutable ();
      if (!json_parser_load_from_data (parser, json, -1, &local_error))
        problem = local_error->message;
    }
  if (problem != NULL)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_INVALID,
                   _ ("The JSON text of a record cannot be read: %s"), problem);
      return NULL;
    }

  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error_literal (error, VL_ERROR, VL_ERROR_INVALID,
                           _ ("The JSON text of a record must be an object"));
      return NULL;
    }

  return read_object (json_node_get_object (root), error);
}
