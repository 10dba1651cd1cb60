/* vl-schema-builder.c: makes a schema column by column
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "../base/vl-log-private.h"
#include "vl-schema-builder.h"
#include "vl-schema-private.h"

/**
 * VlSchemaBuilder:
 *
 * Makes a [class@Schema] column by column.
 *
 * What a database or a service says about itself is not a programming error,
 * however odd: what makes no sense is left out, with a warning in the log.
 *
 * To be used by one thread at a time.
 *
 * Since: 1.0
 */
struct _VlSchemaBuilder
{
  GObject parent_instance;

  VlSchemaParts parts;
  GHashTable *names; /* the columns' names so far, owned by the parts */
};

G_DEFINE_FINAL_TYPE (VlSchemaBuilder, vl_schema_builder, G_TYPE_OBJECT)

static void
vl_schema_builder_finalize (GObject *object)
{
  VlSchemaBuilder *self = VL_SCHEMA_BUILDER (object);

  g_clear_pointer (&self->names, g_hash_table_unref);
  g_clear_pointer (&self->parts.table_name, g_free);
  g_clear_pointer (&self->parts.instance, g_free);
  g_clear_pointer (&self->parts.columns, g_array_unref);
  g_clear_pointer (&self->parts.id_column, g_free);
  g_clear_pointer (&self->parts.title_columns, g_ptr_array_unref);
  g_clear_pointer (&self->parts.relations, g_ptr_array_unref);

  G_OBJECT_CLASS (vl_schema_builder_parent_class)->finalize (object);
}

static void
vl_schema_builder_class_init (VlSchemaBuilderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = vl_schema_builder_finalize;
}

static void
clear_column (gpointer data)
{
  VlSchemaColumn *column = data;

  g_clear_pointer (&column->name, g_free);
}

static void
vl_schema_builder_init (VlSchemaBuilder *self)
{
  /* Stays when a script makes one without a name. */
  self->parts.table_name = g_strdup ("");
  self->names = g_hash_table_new (g_str_hash, g_str_equal);
  self->parts.columns = g_array_new (FALSE, FALSE, sizeof (VlSchemaColumn));
  g_array_set_clear_func (self->parts.columns, clear_column);
  self->parts.title_columns = g_ptr_array_new_with_free_func (g_free);
  self->parts.relations = g_ptr_array_new_with_free_func (g_free);
}

/* A name that is not UTF-8 could be asked for by nobody. */
static gboolean
is_usable (VlSchemaBuilder *self, const char *name)
{
  if (g_utf8_validate (name, -1, NULL))
    return TRUE;

  _vl_log_warning ("Table “%s” has a name that is not UTF-8; it is left out",
                   self->parts.table_name);
  return FALSE;
}

static void
add_name (VlSchemaBuilder *self, GPtrArray *names, const char *name)
{
  if (is_usable (self, name) && !g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
    g_ptr_array_add (names, g_strdup (name));
}

/**
 * vl_schema_builder_new:
 * @table_name: the name of the table, perhaps empty
 *
 * Begins a schema without columns and without capabilities.
 *
 * Returns: (transfer full): a new builder
 *
 * Since: 1.0
 */
VlSchemaBuilder *
vl_schema_builder_new (const char *table_name)
{
  VlSchemaBuilder *self = NULL;

  g_return_val_if_fail (table_name != NULL, NULL);

  self = g_object_new (VL_TYPE_SCHEMA_BUILDER, NULL);
  g_free (self->parts.table_name);
  self->parts.table_name = g_utf8_make_valid (table_name, -1);

  return self;
}

/**
 * vl_schema_builder_set_instance:
 * @self: a builder
 * @instance: (nullable): what tells this table from another one that takes its
 *   place, see [method@Schema.get_instance]
 *
 * Sets the instance of the table.
 *
 * Since: 1.0
 */
void
vl_schema_builder_set_instance (VlSchemaBuilder *self, const char *instance)
{
  g_return_if_fail (VL_IS_SCHEMA_BUILDER (self));

  g_free (self->parts.instance);
  self->parts.instance = instance != NULL ? g_utf8_make_valid (instance, -1) : NULL;
}

/**
 * vl_schema_builder_add_column:
 * @self: a builder
 * @name: the name of the column
 * @type: the type of its values; %VL_FIELD_TYPE_NULL for values of any type
 * @nullable: whether the column may be null
 *
 * Adds a column after those already there.
 *
 * A second column of a name is left out, with a warning in the log.
 *
 * Since: 1.0
 */
void
vl_schema_builder_add_column (VlSchemaBuilder *self,
                              const char *name,
                              VlFieldType type,
                              gboolean nullable)
{
  VlSchemaColumn column = { NULL, type, nullable != FALSE };

  g_return_if_fail (VL_IS_SCHEMA_BUILDER (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (type <= VL_FIELD_TYPE_VARIANT);

  if (!is_usable (self, name))
    return;
  if (g_hash_table_contains (self->names, name))
    {
      _vl_log_warning ("Table “%s” has two columns “%s”; the second is left out",
                       self->parts.table_name, name);
      return;
    }

  column.name = g_strdup (name);
  g_hash_table_add (self->names, column.name);
  g_array_append_val (self->parts.columns, column);
}

/**
 * vl_schema_builder_set_id_column:
 * @self: a builder
 * @name: (nullable): the name of a column; %NULL for none
 *
 * Sets the column that holds the ids of the records.
 *
 * It may be named before it is added. One that is never added is left out, with
 * a warning in the log: the table then has no id column.
 *
 * Since: 1.0
 */
void
vl_schema_builder_set_id_column (VlSchemaBuilder *self, const char *name)
{
  g_return_if_fail (VL_IS_SCHEMA_BUILDER (self));

  if (name != NULL && !is_usable (self, name))
    return;

  g_free (self->parts.id_column);
  self->parts.id_column = g_strdup (name);
}

/**
 * vl_schema_builder_add_title_column:
 * @self: a builder
 * @name: the name of a column
 *
 * Adds a column that tells a person which record it is, after those already
 * there.
 *
 * One that is not among the columns at the end is left out, with a warning in
 * the log; one that is named twice counts once.
 *
 * Since: 1.0
 */
void
vl_schema_builder_add_title_column (VlSchemaBuilder *self, const char *name)
{
  g_return_if_fail (VL_IS_SCHEMA_BUILDER (self));
  g_return_if_fail (name != NULL);

  add_name (self, self->parts.title_columns, name);
}

/**
 * vl_schema_builder_add_relation:
 * @self: a builder
 * @name: a name that [method@Table.get_related] knows
 *
 * Adds the name of a relation; one that is named twice counts once.
 *
 * Since: 1.0
 */
void
vl_schema_builder_add_relation (VlSchemaBuilder *self, const char *name)
{
  g_return_if_fail (VL_IS_SCHEMA_BUILDER (self));
  g_return_if_fail (name != NULL);

  add_name (self, self->parts.relations, name);
}

/**
 * vl_schema_builder_set_capabilities:
 * @self: a builder
 * @capabilities: what the table can do
 *
 * Sets what the table can do, in place of what was set before.
 *
 * Since: 1.0
 */
void
vl_schema_builder_set_capabilities (VlSchemaBuilder *self, VlCapabilities capabilities)
{
  g_return_if_fail (VL_IS_SCHEMA_BUILDER (self));

  self->parts.capabilities = capabilities;
}

/**
 * vl_schema_builder_end:
 * @self: a builder
 *
 * Makes a schema of what the builder was told so far.
 *
 * The builder keeps it and may be gone on with.
 *
 * Returns: (transfer full): a new schema
 *
 * Since: 1.0
 */
VlSchema *
vl_schema_builder_end (VlSchemaBuilder *self)
{
  g_return_val_if_fail (VL_IS_SCHEMA_BUILDER (self), NULL);

  return _vl_schema_new (&self->parts);
}
