/* handler.c: answers JSON requests from any table
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "handler.h"

#include <json-glib/json-glib.h>

typedef char *(*Answer) (VlTable *table, JsonObject *request, GError **error);

typedef struct
{
  const char *op;
  Answer answer;
} Operation;

static gboolean fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Always FALSE. */
static gboolean
fail (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_propagate_error (error, g_error_new_valist (VL_ERROR, VL_ERROR_INVALID, format, arguments));
  va_end (arguments);

  return FALSE;
}

static JsonNode *
get_member (JsonObject *request, const char *name)
{
  return json_object_has_member (request, name) ? json_object_get_member (request, name) : NULL;
}

/* FALSE if it is there and no text. */
static gboolean
get_text (JsonObject *request, const char *name, const char **text, GError **error)
{
  JsonNode *node = get_member (request, name);

  *text = NULL;
  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return fail (error, "“%s” has to be text", name);

  *text = json_node_get_string (node);

  return TRUE;
}

static gboolean
get_number (JsonObject *request, const char *name, gint64 max, gint64 *number, GError **error)
{
  JsonNode *node = get_member (request, name);

  *number = 0;
  if (node == NULL)
    return TRUE;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64)
    *number = json_node_get_int (node);
  else
    *number = -1;

  return (*number >= 0 && *number <= max) || fail (error, "“%s” has to be a whole number", name);
}

static const char *
need_id (JsonObject *request, GError **error)
{
  const char *id = NULL;

  if (get_text (request, "id", &id, error) && id == NULL)
    fail (error, "“id” is missing");

  return id;
}

static void
take_query (VlQuery **query, VlQuery *next)
{
  g_object_unref (*query);
  *query = next;
}

static gboolean
add_conditions (VlQuery **query, JsonObject *request, GError **error)
{
  JsonNode *node = get_member (request, "where");
  JsonObjectIter iter;
  const char *field;
  JsonNode *value;

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return fail (error, "“where” has to be an object of fields and values");

  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &field, &value))
    {
      g_autoptr (GVariant) variant = NULL;

      if (JSON_NODE_HOLDS_NULL (value))
        {
          take_query (query, vl_query_where (*query, field, VL_OP_IS_NULL, NULL));
          continue;
        }
      variant = json_gvariant_deserialize (value, NULL, error);
      if (variant == NULL)
        return FALSE;
      g_variant_ref_sink (variant);
      take_query (query, vl_query_where (*query, field, VL_OP_EQ, variant));
    }

  return TRUE;
}

static gboolean
add_order (VlQuery **query, JsonObject *request, GError **error)
{
  JsonNode *node = get_member (request, "order");
  JsonArray *array;

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return fail (error, "“order” has to be an array of fields");

  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      const char *field;

      if (!JSON_NODE_HOLDS_VALUE (element) || json_node_get_value_type (element) != G_TYPE_STRING)
        return fail (error, "“order” has to be an array of fields");
      field = json_node_get_string (element);
      take_query (query,
                  vl_query_order_by (*query, *field == '-' ? field + 1 : field, *field == '-'));
    }

  return TRUE;
}

static VlQuery *
make_query (JsonObject *request, GError **error)
{
  g_autoptr (VlQuery) query = vl_query_new ();
  const char *search = NULL;
  gint64 offset = 0;
  gint64 limit = 0;

  if (!add_conditions (&query, request, error) || !add_order (&query, request, error) ||
      !get_text (request, "search", &search, error) ||
      !get_number (request, "offset", G_MAXINT64, &offset, error) ||
      !get_number (request, "limit", G_MAXUINT, &limit, error))
    return NULL;

  if (search != NULL)
    take_query (&query, vl_query_search (query, search));
  take_query (&query, vl_query_window (query, (guint64) offset, (guint) limit));

  return g_steal_pointer (&query);
}

static char *
answer_page (VlPage *page)
{
  g_autofree char *records = vl_page_to_json (page);

  return g_strdup_printf ("{\"ok\":true,\"total\":%" G_GINT64_FORMAT ",\"records\":%s}",
                          vl_page_get_total (page), records);
}

/* NULL: there is no such record. */
static char *
answer_record (VlRecord *record)
{
  g_autofree char *json = record != NULL ? vl_record_to_json (record) : g_strdup ("");

  return g_strdup_printf ("{\"ok\":true,\"records\":[%s]}", json);
}

static char *
answer_describe (VlTable *table, JsonObject *request, GError **error)
{
  g_autoptr (VlSchema) schema = vl_table_describe_sync (table, NULL, error);
  g_autoptr (GEnumClass) types = g_type_class_ref (VL_TYPE_FIELD_TYPE);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  if (schema == NULL)
    return NULL;

  json_builder_begin_object (builder);
  json_builder_add_boolean_value (json_builder_set_member_name (builder, "ok"), TRUE);
  json_builder_add_string_value (json_builder_set_member_name (builder, "table"),
                                 vl_schema_get_table_name (schema));
  json_builder_begin_object (json_builder_set_member_name (builder, "columns"));
  for (guint i = 0; i < vl_schema_get_n_columns (schema); i++)
    json_builder_add_string_value (
      json_builder_set_member_name (builder, vl_schema_get_column_name (schema, i)),
      g_enum_get_value (types, (int) vl_schema_get_column_type (schema, i))->value_nick);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);

  return json_to_string (root, FALSE);
}

static char *
answer_list (VlTable *table, JsonObject *request, GError **error)
{
  g_autoptr (VlQuery) query = make_query (request, error);
  g_autoptr (VlPage) page = NULL;

  if (query != NULL)
    page = vl_table_list_sync (table, query, NULL, error);

  return page != NULL ? answer_page (page) : NULL;
}

static char *
answer_count (VlTable *table, JsonObject *request, GError **error)
{
  g_autoptr (VlQuery) query = make_query (request, error);
  gint64 count = query != NULL ? vl_table_count_sync (table, query, NULL, error) : -1;

  if (count < 0)
    return NULL;

  return g_strdup_printf ("{\"ok\":true,\"count\":%" G_GINT64_FORMAT "}", count);
}

static char *
answer_find (VlTable *table, JsonObject *request, GError **error)
{
  const char *id = need_id (request, error);
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (GError) local_error = NULL;

  if (id == NULL)
    return NULL;

  record = vl_table_find_sync (table, id, NULL, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }

  return answer_record (record);
}

static VlRecord *
need_record (JsonObject *request, GError **error)
{
  JsonNode *node = get_member (request, "record");
  g_autofree char *json = NULL;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      fail (error, "“record” has to be an object");
      return NULL;
    }

  json = json_to_string (node, FALSE);

  return vl_record_new_from_json (json, error);
}

static char *
answer_insert (VlTable *table, JsonObject *request, GError **error)
{
  g_autoptr (VlRecord) record = need_record (request, error);
  g_autoptr (VlRecord) stored = NULL;

  if (record != NULL)
    stored = vl_table_insert_sync (table, record, NULL, error);

  return stored != NULL ? answer_record (stored) : NULL;
}

static char *
answer_replace (VlTable *table, JsonObject *request, GError **error)
{
  g_autoptr (VlRecord) record = need_record (request, error);
  g_autoptr (VlRecord) stored = NULL;

  if (record != NULL)
    stored = vl_table_replace_sync (table, record, NULL, error);

  return stored != NULL ? answer_record (stored) : NULL;
}

static char *
answer_patch (VlTable *table, JsonObject *request, GError **error)
{
  const char *id = need_id (request, error);
  g_autoptr (VlRecord) fields = id != NULL ? need_record (request, error) : NULL;
  g_autoptr (VlRecord) stored = NULL;

  if (fields != NULL)
    stored = vl_table_patch_sync (table, id, fields, NULL, error);

  return stored != NULL ? answer_record (stored) : NULL;
}

static char *
answer_delete (VlTable *table, JsonObject *request, GError **error)
{
  const char *id = need_id (request, error);
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (GError) local_error = NULL;

  if (id == NULL)
    return NULL;

  record = vl_table_delete_sync (table, id, NULL, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }

  return answer_record (record);
}

static const Operation operations[] = {
  { "describe", answer_describe }, { "list", answer_list },     { "count", answer_count },
  { "find", answer_find },         { "insert", answer_insert }, { "replace", answer_replace },
  { "patch", answer_patch },       { "delete", answer_delete },
};

static char *
dispatch (VlTable *table, JsonObject *request, GError **error)
{
  const char *op = NULL;

  if (!get_text (request, "op", &op, error))
    return NULL;

  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    if (g_strcmp0 (op, operations[i].op) == 0)
      return operations[i].answer (table, request, error);

  fail (error, "“op” has to be describe, list, count, find, insert, replace, patch or delete");

  return NULL;
}

static char *
answer_error (const GError *error)
{
  g_autoptr (GEnumClass) codes = g_type_class_ref (VL_TYPE_ERROR);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  const GEnumValue *code = NULL;

  if (error->domain == VL_ERROR)
    code = g_enum_get_value (codes, error->code);

  json_builder_begin_object (builder);
  json_builder_add_boolean_value (json_builder_set_member_name (builder, "ok"), FALSE);
  json_builder_begin_object (json_builder_set_member_name (builder, "error"));
  json_builder_add_string_value (json_builder_set_member_name (builder, "code"),
                                 code != NULL ? code->value_nick : "failed");
  json_builder_add_string_value (json_builder_set_member_name (builder, "message"), error->message);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);

  return json_to_string (root, FALSE);
}

char *
handler_answer (VlTable *table, const char *request)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonNode *root = NULL;
  char *answer = NULL;

  if (!g_utf8_validate (request, -1, NULL))
    fail (&error, "A request has to be text in UTF-8");
  else if (json_parser_load_from_data (parser, request, -1, &error))
    root = json_parser_get_root (parser);

  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    answer = dispatch (table, json_node_get_object (root), &error);
  else if (error == NULL)
    fail (&error, "A request has to be a JSON object");
  else if (error->domain != VL_ERROR)
    {
      g_autofree char *message = g_strdup_printf ("A request has to be JSON: %s", error->message);

      g_clear_error (&error);
      fail (&error, "%s", message);
    }

  return answer != NULL ? answer : answer_error (error);
}
