/* import.c: rows from a JSON file
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <json-glib/json-glib.h>
#include <string.h>

#include "source.h"

/* The column that numbers the rows when no member tells them apart. */
#define ROW_COLUMN "row"

/* What the objects have in common. */
typedef struct
{
  GPtrArray *names;  /* of the members, in the order they were first seen */
  GHashTable *types; /* of name to VlFieldType */
} Columns;

typedef struct
{
  JsonParser *parser;
  JsonArray *array; /* of the parser */
  char *id_column;
  gboolean is_numbered; /* the id column is ours */
} Import;

static gboolean fail (GError **error, const char *path, const char *format, ...)
  G_GNUC_PRINTF (3, 4);

/* Always FALSE. */
static gboolean
fail (GError **error, const char *path, const char *format, ...)
{
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, DEMO_ERROR, 0, "%s cannot be imported: %s", name, text);

  return FALSE;
}

static void
import_free (gpointer data)
{
  Import *self = data;

  g_clear_object (&self->parser);
  g_free (self->id_column);
  g_free (self);
}

static JsonParser *
load (const char *path, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) local_error = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;

  if (!g_file_get_contents (path, &text, &length, &local_error))
    {
      fail (error, path, "%s", local_error->message);
      return NULL;
    }
  if (!g_utf8_validate_len (text, length, NULL))
    {
      fail (error, path, "%s", "it is not text in UTF-8");
      return NULL;
    }
  if (!json_parser_load_from_data (parser, text, (gssize) length, &local_error))
    {
      const char *message = local_error->message;

      /* Line and column follow. */
      if (g_str_has_prefix (message, "<data>:"))
        message += strlen ("<data>:");
      fail (error, path, "it is not JSON: %s", message);
      return NULL;
    }

  return g_steal_pointer (&parser);
}

/* The array itself, or the only member of an object. */
static JsonArray *
find_array (JsonNode *root)
{
  if (root == NULL)
    return NULL;
  if (JSON_NODE_HOLDS_ARRAY (root))
    return json_node_get_array (root);

  if (JSON_NODE_HOLDS_OBJECT (root))
    {
      g_autoptr (GList) members = json_object_get_values (json_node_get_object (root));

      if (members != NULL && members->next == NULL && JSON_NODE_HOLDS_ARRAY (members->data))
        return json_node_get_array (members->data);
    }

  return NULL;
}

static VlFieldType
get_type (JsonNode *node)
{
  if (!JSON_NODE_HOLDS_VALUE (node))
    return JSON_NODE_HOLDS_NULL (node) ? VL_FIELD_TYPE_NULL : VL_FIELD_TYPE_VARIANT;

  switch (json_node_get_value_type (node))
    {
    case G_TYPE_BOOLEAN:
      return VL_FIELD_TYPE_BOOLEAN;
    case G_TYPE_INT64:
      return VL_FIELD_TYPE_INT64;
    case G_TYPE_DOUBLE:
      return VL_FIELD_TYPE_DOUBLE;
    default:
      return VL_FIELD_TYPE_STRING;
    }
}

/* No type yet is -1; columns of mixed types take anything, which is what
 * VL_FIELD_TYPE_NULL means to a schema. */
static int
join_types (int a, int b)
{
  if (a == b || b < 0)
    return a;
  if (a < 0)
    return b;
  if ((a == VL_FIELD_TYPE_INT64 && b == VL_FIELD_TYPE_DOUBLE) ||
      (a == VL_FIELD_TYPE_DOUBLE && b == VL_FIELD_TYPE_INT64))
    return VL_FIELD_TYPE_DOUBLE;

  return VL_FIELD_TYPE_NULL;
}

static void
note_member (JsonObject *object, const char *name, JsonNode *node, gpointer user_data)
{
  Columns *columns = user_data;
  gpointer known = NULL;
  int type = get_type (node) == VL_FIELD_TYPE_NULL ? -1 : (int) get_type (node);

  if (!g_hash_table_lookup_extended (columns->types, name, NULL, &known))
    {
      g_ptr_array_add (columns->names, g_strdup (name));
      known = GINT_TO_POINTER (-1);
    }
  g_hash_table_insert (columns->types, g_strdup (name),
                       GINT_TO_POINTER (join_types (GPOINTER_TO_INT (known), type)));
}

static void
columns_clear (Columns *columns)
{
  g_clear_pointer (&columns->names, g_ptr_array_unref);
  g_clear_pointer (&columns->types, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Columns, columns_clear)

static gboolean
collect_columns (JsonArray *array, const char *path, Columns *columns, GError **error)
{
  columns->names = g_ptr_array_new_with_free_func (g_free);
  columns->types = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (!JSON_NODE_HOLDS_OBJECT (node))
        return fail (error, path, "element %u of the array is no object", i + 1);
      json_object_foreach_member (json_node_get_object (node), note_member, columns);
    }

  return columns->names->len > 0 || fail (error, path, "%s", "it has no objects with members");
}

/* Whether the member tells all rows apart. */
static gboolean
is_key (JsonArray *array, const char *name)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_object_get_member (json_array_get_object_element (array, i), name);
      VlFieldType type = node != NULL ? get_type (node) : VL_FIELD_TYPE_NULL;
      char *text = NULL;

      if (type == VL_FIELD_TYPE_STRING)
        text = g_strdup (json_node_get_string (node));
      else if (type == VL_FIELD_TYPE_INT64)
        text = g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
      if (text == NULL || *text == '\0' || !g_hash_table_add (seen, text))
        return FALSE;
    }

  return TRUE;
}

/* "id" if that will do, else the first member that does. NULL = none. */
static const char *
find_id_column (JsonArray *array, const Columns *columns)
{
  if (g_hash_table_contains (columns->types, "id") && is_key (array, "id"))
    return "id";

  for (guint i = 0; i < columns->names->len; i++)
    {
      const char *name = g_ptr_array_index (columns->names, i);
      int type = GPOINTER_TO_INT (g_hash_table_lookup (columns->types, name));

      if ((type == VL_FIELD_TYPE_STRING || type == VL_FIELD_TYPE_INT64) && is_key (array, name))
        return name;
    }

  return NULL;
}

static void
choose_id_column (Import *self, const Columns *columns)
{
  const char *found = find_id_column (self->array, columns);

  self->is_numbered = found == NULL;
  self->id_column = g_strdup (found != NULL ? found : ROW_COLUMN);
  while (self->is_numbered && g_hash_table_contains (columns->types, self->id_column))
    {
      g_autofree char *taken = g_steal_pointer (&self->id_column);

      self->id_column = g_strconcat ("_", taken, NULL);
    }
}

static VlSchema *
make_schema (const Import *self, const char *table_name, const Columns *columns)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new (table_name);

  if (self->is_numbered)
    vl_schema_builder_add_column (builder, self->id_column, VL_FIELD_TYPE_INT64, FALSE);
  for (guint i = 0; i < columns->names->len; i++)
    {
      const char *name = g_ptr_array_index (columns->names, i);
      int type = GPOINTER_TO_INT (g_hash_table_lookup (columns->types, name));
      gboolean is_id = g_str_equal (name, self->id_column);

      vl_schema_builder_add_column (builder, name,
                                    type < 0 ? VL_FIELD_TYPE_STRING : (VlFieldType) type, !is_id);
    }
  vl_schema_builder_set_id_column (builder, self->id_column);

  return vl_schema_builder_end (builder);
}

static void
set_member (JsonObject *object, const char *name, JsonNode *node, gpointer user_data)
{
  g_autoptr (GVariant) value = NULL;

  if (JSON_NODE_HOLDS_NULL (node))
    {
      vl_record_builder_set_null (user_data, name);
      return;
    }

  value = g_variant_ref_sink (json_gvariant_deserialize (node, NULL, NULL));
  vl_record_builder_set_variant (user_data, name, value);
}

static VlRecord *
make_row (DemoSource *source, guint64 index)
{
  Import *self = source->data;
  JsonObject *object = json_array_get_object_element (self->array, (guint) index);
  JsonNode *id = json_object_get_member (object, self->id_column);
  g_autoptr (VlRecordBuilder) builder = NULL;
  g_autofree char *text = NULL;

  if (self->is_numbered)
    text = g_strdup_printf ("%" G_GUINT64_FORMAT, index + 1);
  else if (json_node_get_value_type (id) == G_TYPE_INT64)
    text = g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (id));
  else
    text = g_strdup (json_node_get_string (id));

  builder = vl_record_builder_new (text);
  json_object_foreach_member (object, set_member, builder);
  if (self->is_numbered)
    vl_record_builder_set_int64 (builder, self->id_column, (gint64) index + 1);

  return vl_record_builder_end (builder);
}

/* "iso_3166-2.json" is a table iso_3166_2. */
static char *
make_table_name (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);
  char *dot = strrchr (base, '.');
  char *name;

  if (dot != NULL && dot != base)
    *dot = '\0';
  name = g_utf8_make_valid (base, -1);

  return g_strdelimit (name, " -.\"'", '_');
}

DemoSource *
demo_source_new_import (const char *path, GError **error)
{
  g_autoptr (DemoSource) source = g_new0 (DemoSource, 1);
  Import *self = g_new0 (Import, 1);
  g_auto (Columns) columns = { 0 };
  g_autofree char *name = g_filename_display_basename (path);

  source->data = self;
  source->free_data = import_free;

  self->parser = load (path, error);
  if (self->parser == NULL)
    return NULL;
  self->array = find_array (json_parser_get_root (self->parser));
  if (self->array == NULL)
    {
      fail (
        error, path, "%s",
        "it is neither an array of objects nor an object with one member that is such an array");
      return NULL;
    }
  if (!collect_columns (self->array, path, &columns, error))
    return NULL;

  choose_id_column (self, &columns);
  source->table_name = make_table_name (path);
  source->description = g_strdup_printf ("objects of %s", name);
  source->schema = make_schema (self, source->table_name, &columns);
  source->n_rows = json_array_get_length (self->array);
  source->make = make_row;

  return g_steal_pointer (&source);
}
