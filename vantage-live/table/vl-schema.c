/* vl-schema.c: what a table looks like and what it can do
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "../base/vl-checksum-private.h"
#include "../base/vl-log-private.h"
#include "../vl-error.h"
#include "vl-schema-builder.h"
#include "vl-schema-private.h"

/* Goes up when the layout of the variant changes; another number is corrupt
 * to this version, so that a cache asks the table again. */
#define VARIANT_VERSION 1
#define VARIANT_TYPE    "(usmsa(syb)msasasu)"

/* So that a fingerprint is never equal to a checksum of something else. */
#define FINGERPRINT_SEED G_GUINT64_CONSTANT (0x766c2d736368656d)

/**
 * VlSchema:
 *
 * What a table looks like and what it can do.
 *
 * A table answers its schema when it is described. Schemas are made with a
 * [class@SchemaBuilder].
 *
 * Immutable, and may be used from any thread.
 *
 * Since: 1.0
 */
struct _VlSchema
{
  GObject parent_instance;

  char *table_name;
  char *instance; /* nullable */
  VlSchemaColumn *columns;
  guint n_columns;
  GHashTable *index;     /* name of a column (owned by it) to its number */
  const char *id_column; /* name of a column (owned by it), nullable */
  char **title_columns;
  char **relations;
  VlCapabilities capabilities;
  guint64 fingerprint;
};

G_DEFINE_FINAL_TYPE (VlSchema, vl_schema, G_TYPE_OBJECT)

static void
clear (VlSchema *self)
{
  g_clear_pointer (&self->index, g_hash_table_unref);
  for (guint i = 0; i < self->n_columns; i++)
    g_free (self->columns[i].name);
  g_clear_pointer (&self->columns, g_free);
  g_clear_pointer (&self->table_name, g_free);
  g_clear_pointer (&self->instance, g_free);
  g_clear_pointer (&self->title_columns, g_strfreev);
  g_clear_pointer (&self->relations, g_strfreev);
}

static void
vl_schema_finalize (GObject *object)
{
  clear (VL_SCHEMA (object));

  G_OBJECT_CLASS (vl_schema_parent_class)->finalize (object);
}

static void
vl_schema_class_init (VlSchemaClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = vl_schema_finalize;
}

/* A script can make one without a builder: a table without a name and columns. */
static void
vl_schema_init (VlSchema *self)
{
  self->table_name = g_strdup ("");
  self->columns = g_new0 (VlSchemaColumn, 1);
  self->index = g_hash_table_new (g_str_hash, g_str_equal);
  self->title_columns = g_new0 (char *, 1);
  self->relations = g_new0 (char *, 1);
}

static void
copy_columns (VlSchema *self, GArray *columns)
{
  self->n_columns = columns->len;
  self->columns = g_new0 (VlSchemaColumn, MAX (columns->len, 1));
  self->index = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < columns->len; i++)
    {
      self->columns[i] = g_array_index (columns, VlSchemaColumn, i);
      self->columns[i].name = g_strdup (self->columns[i].name);
      g_hash_table_insert (self->index, self->columns[i].name, GUINT_TO_POINTER (i));
    }
}

static void
set_id_column (VlSchema *self, const char *name)
{
  guint column = 0;

  if (name == NULL)
    return;

  if (vl_schema_find_column (self, name, &column))
    self->id_column = self->columns[column].name;
  else
    _vl_log_warning ("Table “%s” has no column “%s” to take ids from", self->table_name, name);
}

static char **
copy_title_columns (VlSchema *self, GPtrArray *names)
{
  g_autoptr (GStrvBuilder) known = g_strv_builder_new ();

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];

      if (vl_schema_has_column (self, name))
        g_strv_builder_add (known, name);
      else
        _vl_log_warning ("Table “%s” has no column “%s” to take titles from", self->table_name,
                         name);
    }

  return g_strv_builder_end (known);
}

static char **
copy_names (GPtrArray *names)
{
  g_autoptr (GStrvBuilder) copy = g_strv_builder_new ();

  for (guint i = 0; i < names->len; i++)
    g_strv_builder_add (copy, names->pdata[i]);

  return g_strv_builder_end (copy);
}

/* Names hold no NUL, so that their ends are unmistakable and two different
 * schemas never have one text. */
static guint64
make_fingerprint (VlSchema *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint64 fingerprint;

  g_string_append_len (text, self->table_name, (gssize) strlen (self->table_name) + 1);
  for (guint i = 0; i < self->n_columns; i++)
    {
      const VlSchemaColumn *column = &self->columns[i];

      g_string_append_c (text, 'c');
      g_string_append_c (text, (char) ('0' + (int) column->type));
      g_string_append_c (text, column->nullable ? '?' : '!');
      g_string_append_len (text, column->name, (gssize) strlen (column->name) + 1);
    }
  g_string_append_c (text, self->id_column != NULL ? 'i' : 'n');
  if (self->id_column != NULL)
    g_string_append (text, self->id_column);

  fingerprint = _vl_checksum (text->str, text->len, FINGERPRINT_SEED);
  return fingerprint != 0 ? fingerprint : 1;
}

VlSchema *
_vl_schema_new (const VlSchemaParts *parts)
{
  VlSchema *self = g_object_new (VL_TYPE_SCHEMA, NULL);

  clear (self);
  self->table_name = g_strdup (parts->table_name);
  self->instance = g_strdup (parts->instance);
  copy_columns (self, parts->columns);
  set_id_column (self, parts->id_column);
  self->title_columns = copy_title_columns (self, parts->title_columns);
  self->relations = copy_names (parts->relations);
  self->capabilities = parts->capabilities;
  self->fingerprint = make_fingerprint (self);

  return self;
}

VlSchema *
_vl_schema_with_capabilities (VlSchema *schema, VlCapabilities capabilities)
{
  VlSchema *self;

  if (schema->capabilities == capabilities)
    return g_object_ref (schema);

  self = g_object_new (VL_TYPE_SCHEMA, NULL);
  clear (self);
  self->table_name = g_strdup (schema->table_name);
  self->instance = g_strdup (schema->instance);
  self->n_columns = schema->n_columns;
  self->columns = g_memdup2 (schema->columns, schema->n_columns * sizeof (VlSchemaColumn));
  self->index = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < self->n_columns; i++)
    {
      self->columns[i].name = g_strdup (self->columns[i].name);
      g_hash_table_insert (self->index, self->columns[i].name, GUINT_TO_POINTER (i));
    }
  set_id_column (self, schema->id_column);
  self->title_columns = g_strdupv (schema->title_columns);
  self->relations = g_strdupv (schema->relations);
  self->capabilities = capabilities;
  self->fingerprint = schema->fingerprint;

  return self;
}

/**
 * vl_schema_get_table_name:
 * @self: a schema
 *
 * Gets the name of the table.
 *
 * Returns: (transfer none): the name, perhaps empty
 *
 * Since: 1.0
 */
const char *
vl_schema_get_table_name (VlSchema *self)
{
  g_return_val_if_fail (VL_IS_SCHEMA (self), NULL);

  return self->table_name;
}

/**
 * vl_schema_get_instance:
 * @self: a schema
 *
 * Gets what tells this table from another one that took its place.
 *
 * For a table in a file this is the device and the inode: another instance
 * under the same identity means that nothing that was cached is of any use.
 *
 * Returns: (transfer none) (nullable): the instance, or %NULL if the table
 *   does not know
 *
 * Since: 1.0
 */
const char *
vl_schema_get_instance (VlSchema *self)
{
  g_return_val_if_fail (VL_IS_SCHEMA (self), NULL);

  return self->instance;
}

/**
 * vl_schema_get_n_columns:
 * @self: a schema
 *
 * Gets how many columns the table has.
 *
 * Returns: the number of columns
 *
 * Since: 1.0
 */
guint
vl_schema_get_n_columns (VlSchema *self)
{
  g_return_val_if_fail (VL_IS_SCHEMA (self), 0);

  return self->n_columns;
}

/**
 * vl_schema_get_column_name:
 * @self: a schema
 * @column: the number of a column, from 0
 *
 * Gets the name of a column.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
vl_schema_get_column_name (VlSchema *self, guint column)
{
  g_return_val_if_fail (VL_IS_SCHEMA (self), NULL);
  g_return_val_if_fail (column < self->n_columns, NULL);

  return self->columns[column].name;
}

/**
 * vl_schema_get_column_type:
 * @self: a schema
 * @column: the number of a column, from 0
 *
 * Gets the type of the values of a column.
 *
 * Returns: the type; %VL_FIELD_TYPE_NULL means values of any type
 *
 * Since: 1.0
 */
VlFieldType
vl_schema_get_column_type (VlSchema *self, guint column)
{
  g_return_val_if_fail (VL_IS_SCHEMA (self), VL_FIELD_TYPE_NULL);
  g_return_val_if_fail (column < self->n_columns, VL_FIELD_TYPE_NULL);

  return self->columns[column].type;
}

/**
 * vl_schema_get_column_nullable:
 * @self: a schema
 * @column: the number of a column, from 0
 *
 * Gets whether a column may be null.
 *
 * Returns: whether null is allowed
 *
 * Since: 1.0
 */
gboolean
vl_schema_get_column_nullable (VlSchema *self, guint column)
{
  g_return_val_if_fail (VL_IS_SCHEMA (self), FALSE);
  g_return_val_if_fail (column < self->n_columns, FALSE);

  return self->columns[column].nullable;
}

/**
 * vl_schema_has_column:
 * @self: a schema
 * @name: the name of a column
 *
 * Gets whether there is a column of that name.
 *
 * Names are compared exactly, letter case included.
 *
 * Returns: whether there is one
 *
 * Since: 1.0
 */
gboolean
vl_schema_has_column (VlSchema *self, const char *name)
{
  return vl_schema_find_column (self, name, NULL);
}

/**
 * vl_schema_find_column:
 * @self: a schema
 * @name: the name of a column
 * @column: (out) (optional): the number of the column, from 0; it is left as
 *   it is if there is none
 *
 * Finds a column by its name.
 *
 * Names are compared exactly, letter case included.
 *
 * Returns: whether there is one
 *
 * Since: 1.0
 */
gboolean
vl_schema_find_column (VlSchema *self, const char *name, guint *column)
{
  gpointer number = NULL;

  g_return_val_if_fail (VL_IS_SCHEMA (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  if (!g_hash_table_lookup_extended (self->index, name, NULL, &number))
    return FALSE;

  if (column != NULL)
    *column = GPOINTER_TO_UINT (number);
  return TRUE;
}

/**
 * vl_schema_get_id_column:
 * @self: a schema
 *
 * Gets the name of the column that holds the ids of the records.
 *
 * Returns: (transfer none) (nullable): the name, or %NULL if the ids are in no
 *   column
 *
 * Since: 1.0
 */
const char *
vl_schema_get_id_column (VlSchema *self)
{
  g_return_val_if_fail (VL_IS_SCHEMA (self), NULL);

  return self->id_column;
}

/**
 * vl_schema_get_title_columns:
 * @self: a schema
 *
 * Gets the names of the columns that tell a person which record it is.
 *
 * Returns: (transfer none) (array zero-terminated=1): the names, best first,
 *   perhaps none
 *
 * Since: 1.0
 */
const char *const *
vl_schema_get_title_columns (VlSchema *self)
{
  g_return_val_if_fail (VL_IS_SCHEMA (self), NULL);

  return (const char *const *) self->title_columns;
}

/**
 * vl_schema_get_relations:
 * @self: a schema
 *
 * Gets the names that [method@Table.get_related] knows.
 *
 * Returns: (transfer none) (array zero-terminated=1): the names, perhaps none
 *
 * Since: 1.0
 */
const char *const *
vl_schema_get_relations (VlSchema *self)
{
  g_return_val_if_fail (VL_IS_SCHEMA (self), NULL);

  return (const char *const *) self->relations;
}

/**
 * vl_schema_get_capabilities:
 * @self: a schema
 *
 * Gets what the table can do.
 *
 * Returns: the capabilities
 *
 * Since: 1.0
 */
VlCapabilities
vl_schema_get_capabilities (VlSchema *self)
{
  g_return_val_if_fail (VL_IS_SCHEMA (self), VL_CAPABILITY_NONE);

  return self->capabilities;
}

/**
 * vl_schema_can:
 * @self: a schema
 * @capabilities: one or more capabilities
 *
 * Gets whether the table can do all of that.
 *
 * Returns: whether the table has every one of @capabilities
 *
 * Since: 1.0
 */
gboolean
vl_schema_can (VlSchema *self, VlCapabilities capabilities)
{
  g_return_val_if_fail (VL_IS_SCHEMA (self), FALSE);

  return (self->capabilities & capabilities) == capabilities;
}

/**
 * vl_schema_get_fingerprint:
 * @self: a schema
 *
 * Gets a number for the shape of the table's records.
 *
 * It changes with everything that changes what a stored record means: the name
 * of the table, its columns (names, types, nullability and order) and the id
 * column. It does not change with the instance, the title columns, the
 * relations and the capabilities.
 *
 * Returns: the fingerprint, never 0
 *
 * Since: 1.0
 */
guint64
vl_schema_get_fingerprint (VlSchema *self)
{
  g_return_val_if_fail (VL_IS_SCHEMA (self), 0);

  return self->fingerprint;
}

static gboolean
columns_equal (VlSchema *self, VlSchema *other)
{
  if (self->n_columns != other->n_columns)
    return FALSE;

  for (guint i = 0; i < self->n_columns; i++)
    {
      const VlSchemaColumn *a = &self->columns[i];
      const VlSchemaColumn *b = &other->columns[i];

      if (a->type != b->type || a->nullable != b->nullable || !g_str_equal (a->name, b->name))
        return FALSE;
    }

  return g_strcmp0 (self->id_column, other->id_column) == 0;
}

/**
 * vl_schema_equal:
 * @self: a schema
 * @other: another schema
 *
 * Gets whether two schemas say the same in every respect.
 *
 * Returns: whether they are equal
 *
 * Since: 1.0
 */
gboolean
vl_schema_equal (VlSchema *self, VlSchema *other)
{
  g_return_val_if_fail (VL_IS_SCHEMA (self), FALSE);
  g_return_val_if_fail (VL_IS_SCHEMA (other), FALSE);

  if (self == other)
    return TRUE;

  return self->fingerprint == other->fingerprint && self->capabilities == other->capabilities &&
         g_str_equal (self->table_name, other->table_name) &&
         g_strcmp0 (self->instance, other->instance) == 0 && columns_equal (self, other) &&
         g_strv_equal (vl_schema_get_title_columns (self), vl_schema_get_title_columns (other)) &&
         g_strv_equal (vl_schema_get_relations (self), vl_schema_get_relations (other));
}

/**
 * vl_schema_to_variant:
 * @self: a schema
 *
 * Writes a schema down, to be kept somewhere.
 *
 * What the variant looks like inside may change with the version of the
 * library; [ctor@Schema.new_from_variant] then refuses it.
 *
 * Returns: (transfer full): a variant that is not floating
 *
 * Since: 1.0
 */
GVariant *
vl_schema_to_variant (VlSchema *self)
{
  GVariantBuilder columns;

  g_return_val_if_fail (VL_IS_SCHEMA (self), NULL);

  g_variant_builder_init (&columns, G_VARIANT_TYPE ("a(syb)"));
  for (guint i = 0; i < self->n_columns; i++)
    g_variant_builder_add (&columns, "(syb)", self->columns[i].name, (guchar) self->columns[i].type,
                           self->columns[i].nullable);

  return g_variant_ref_sink (g_variant_new ("(usmsa(syb)ms^as^asu)", (guint32) VARIANT_VERSION,
                                            self->table_name, self->instance, &columns,
                                            self->id_column, self->title_columns, self->relations,
                                            (guint32) self->capabilities));
}

static gboolean
read_columns (VlSchemaBuilder *builder, GVariantIter *columns, GHashTable *seen)
{
  const char *name = NULL;
  guchar type = 0;
  gboolean nullable = FALSE;

  while (g_variant_iter_next (columns, "(&syb)", &name, &type, &nullable))
    {
      if (type > VL_FIELD_TYPE_VARIANT || !g_hash_table_add (seen, (gpointer) name))
        return FALSE;
      vl_schema_builder_add_column (builder, name, (VlFieldType) type, nullable);
    }

  return TRUE;
}

static gboolean
are_known (GHashTable *seen, const char *const *names)
{
  for (guint i = 0; names[i] != NULL; i++)
    {
      if (!g_hash_table_contains (seen, names[i]))
        return FALSE;
    }

  return TRUE;
}

static VlSchema *
read_schema (GVariant *variant)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (VlSchemaBuilder) builder = NULL;
  g_autoptr (VlSchema) schema = NULL;
  g_autoptr (GVariantIter) columns = NULL;
  g_autofree const char **titles = NULL;
  g_autofree const char **relations = NULL;
  const char *table_name = NULL;
  const char *instance = NULL;
  const char *id_column = NULL;
  guint32 version = 0;
  guint32 capabilities = 0;

  g_variant_get (variant, "(u&sm&sa(syb)m&s^a&s^a&su)", &version, &table_name, &instance, &columns,
                 &id_column, &titles, &relations, &capabilities);
  if (version != VARIANT_VERSION)
    return NULL;

  builder = vl_schema_builder_new (table_name);
  vl_schema_builder_set_instance (builder, instance);
  if (!read_columns (builder, columns, seen) || !are_known (seen, titles) ||
      (id_column != NULL && !g_hash_table_contains (seen, id_column)))
    return NULL;
  vl_schema_builder_set_id_column (builder, id_column);
  for (guint i = 0; titles[i] != NULL; i++)
    vl_schema_builder_add_title_column (builder, titles[i]);
  for (guint i = 0; relations[i] != NULL; i++)
    vl_schema_builder_add_relation (builder, relations[i]);
  vl_schema_builder_set_capabilities (builder, (VlCapabilities) capabilities);
  schema = vl_schema_builder_end (builder);

  /* The builder leaves out duplicates; a schema that was written down has
   * none. */
  if (!g_strv_equal (vl_schema_get_title_columns (schema), titles) ||
      !g_strv_equal (vl_schema_get_relations (schema), relations))
    return NULL;

  return g_steal_pointer (&schema);
}

/**
 * vl_schema_new_from_variant:
 * @variant: a variant made by [method@Schema.to_variant]
 * @error: return location for an error
 *
 * Reads a schema that was written down.
 *
 * The variant need not be trusted. Fails with %VL_ERROR_CORRUPT if it is not a
 * schema, or one of another version of the library.
 *
 * Returns: (transfer full): an equal schema, or %NULL with @error set
 *
 * Since: 1.0
 */
VlSchema *
vl_schema_new_from_variant (GVariant *variant, GError **error)
{
  g_autoptr (GVariant) held = NULL;
  VlSchema *schema = NULL;

  g_return_val_if_fail (variant != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  held = g_variant_ref_sink (variant);
  if (g_variant_is_of_type (held, G_VARIANT_TYPE (VARIANT_TYPE)) && g_variant_is_normal_form (held))
    schema = read_schema (held);

  if (schema == NULL)
    g_set_error_literal (error, VL_ERROR, VL_ERROR_CORRUPT,
                         _ ("The stored schema cannot be read. Describe the table again."));

  return schema;
}
