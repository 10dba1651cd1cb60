/* vl-page-builder.c: makes a page cell by cell
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <string.h>

#include "vl-block-builder-private.h"
#include "vl-page-builder.h"
#include "vl-page-rows-private.h"
#include "vl-page.h"
#include "vl-record-private.h"
#include "vl-schema.h"

#include "../base/vl-clock-private.h"

/**
 * VlPageBuilder:
 *
 * Makes a [class@Page], cell by cell or record by record.
 *
 * Cells are appended in the order of the schema's columns, without a record
 * being made for each row:
 *
 * ```c
 * builder = vl_page_builder_new (schema);
 * while (next_row (source))
 *   {
 *     vl_page_builder_append_int64 (builder, id);
 *     vl_page_builder_append_string (builder, name, -1);
 *     vl_page_builder_end_row (builder);
 *   }
 * page = vl_page_builder_end (builder);
 * ```
 *
 * The id of such a row is the cell of the schema's id column, if that is an
 * integer or text.
 *
 * A builder belongs to one thread at a time. After [method@PageBuilder.end] it
 * is empty and can make another page under the same schema.
 *
 * Since: 1.0
 */
struct _VlPageBuilder
{
  GObject parent_instance;

  VlSchema *schema; /* nullable */
  VlPageInfo info;
  VlBlockBuilder builder;
  guint n_columns; /* of the schema: those that cells can be appended to */
  guint column;    /* where the next cell goes */
};

G_DEFINE_FINAL_TYPE (VlPageBuilder, vl_page_builder, G_TYPE_OBJECT)

static void
vl_page_builder_finalize (GObject *object)
{
  VlPageBuilder *self = VL_PAGE_BUILDER (object);

  _vl_block_builder_clear (&self->builder);
  g_clear_object (&self->schema);

  G_OBJECT_CLASS (vl_page_builder_parent_class)->finalize (object);
}

static void
vl_page_builder_class_init (VlPageBuilderClass *class)
{
  G_OBJECT_CLASS (class)->finalize = vl_page_builder_finalize;
}

static void
vl_page_builder_init (VlPageBuilder *self)
{
  _vl_block_builder_init (&self->builder, VL_BLOCK_IDS_FOLLOW);
  self->info.total = -1;
}

static void
set_id_column (VlPageBuilder *self, const char *id_column)
{
  guint column;

  self->builder.ids = VL_BLOCK_IDS_HIDDEN;
  if (id_column == NULL || !vl_schema_find_column (self->schema, id_column, &column))
    return;

  self->builder.ids = VL_BLOCK_IDS_COLUMN;
  self->builder.id_column = column;
  self->builder.id_is_int64 = vl_schema_get_column_type (self->schema, column) ==
                              VL_FIELD_TYPE_INT64;
}

/* Starts a page: with the columns of the schema, and nothing else. */
static void
begin (VlPageBuilder *self)
{
  self->info = (VlPageInfo){ .total = -1 };
  self->column = 0;
  if (self->schema == NULL)
    return;

  for (guint i = 0; i < self->n_columns; i++)
    {
      const char *name = vl_schema_get_column_name (self->schema, i);

      _vl_block_builder_add_column (&self->builder, name, strlen (name));
    }
  set_id_column (self, vl_schema_get_id_column (self->schema));
  self->info.fingerprint = vl_schema_get_fingerprint (self->schema);
}

/**
 * vl_page_builder_new:
 * @schema: (nullable): the schema of the table that the rows come from, or
 *   %NULL to take columns from the records that are added
 *
 * Makes a builder without rows.
 *
 * Returns: (transfer full): a new builder
 *
 * Since: 1.0
 */
VlPageBuilder *
vl_page_builder_new (VlSchema *schema)
{
  VlPageBuilder *self;

  g_return_val_if_fail (schema == NULL || VL_IS_SCHEMA (schema), NULL);

  self = g_object_new (VL_TYPE_PAGE_BUILDER, NULL);
  if (schema != NULL)
    {
      self->schema = g_object_ref (schema);
      self->n_columns = vl_schema_get_n_columns (schema);
    }
  begin (self);

  return self;
}

/**
 * vl_page_builder_set_offset:
 * @offset: the position of the first row in the whole list
 *
 * Sets where the page begins; at first that is 0.
 *
 * Since: 1.0
 */
void
vl_page_builder_set_offset (VlPageBuilder *self, guint64 offset)
{
  g_return_if_fail (VL_IS_PAGE_BUILDER (self));

  self->info.offset = offset;
}

/**
 * vl_page_builder_set_total:
 * @total: the length of the whole list, or -1 if it is not known
 *
 * Sets how long the whole list is; at first that is not known.
 *
 * Since: 1.0
 */
void
vl_page_builder_set_total (VlPageBuilder *self, gint64 total)
{
  g_return_if_fail (VL_IS_PAGE_BUILDER (self));

  self->info.total = MAX (total, -1);
}

/* The next cell, its row begun; FALSE with a critical when the row is full. */
static inline gboolean
next_cell (VlPageBuilder *self, guint *column)
{
  g_return_val_if_fail (VL_IS_PAGE_BUILDER (self), FALSE);
  g_return_val_if_fail (self->column < self->n_columns, FALSE);

  if (self->column == 0)
    _vl_block_builder_begin_row (&self->builder);
  *column = self->column++;

  return TRUE;
}

/**
 * vl_page_builder_append_null:
 *
 * Appends a null cell to the row.
 *
 * Appending more cells than the schema has columns is a programmer error.
 *
 * Since: 1.0
 */
void
vl_page_builder_append_null (VlPageBuilder *self)
{
  guint column;

  if (next_cell (self, &column))
    _vl_block_builder_set_null (&self->builder, column);
}

/**
 * vl_page_builder_append_boolean:
 * @value: the value
 *
 * Appends a boolean cell to the row.
 *
 * Since: 1.0
 */
void
vl_page_builder_append_boolean (VlPageBuilder *self, gboolean value)
{
  guint column;

  if (next_cell (self, &column))
    _vl_block_builder_set_boolean (&self->builder, column, value);
}

/**
 * vl_page_builder_append_int64:
 * @value: the value
 *
 * Appends an integer cell to the row.
 *
 * Since: 1.0
 */
void
vl_page_builder_append_int64 (VlPageBuilder *self, gint64 value)
{
  guint column;

  if (next_cell (self, &column))
    _vl_block_builder_set_int64 (&self->builder, column, value);
}

/**
 * vl_page_builder_append_double:
 * @value: the value
 *
 * Appends a double cell to the row.
 *
 * Since: 1.0
 */
void
vl_page_builder_append_double (VlPageBuilder *self, double value)
{
  guint column;

  if (next_cell (self, &column))
    _vl_block_builder_set_double (&self->builder, column, value);
}

/**
 * vl_page_builder_append_string:
 * @value: (nullable): the text; %NULL appends a null cell
 * @length: its length in bytes, or -1 if it ends in a NUL
 *
 * Appends a text cell to the row.
 *
 * Text that is not UTF-8, or has a NUL within, becomes a cell of bytes.
 *
 * Since: 1.0
 */
void
vl_page_builder_append_string (VlPageBuilder *self, const char *value, gssize length)
{
  guint column;

  if (!next_cell (self, &column))
    return;

  if (value == NULL)
    _vl_block_builder_set_null (&self->builder, column);
  else
    _vl_block_builder_set_text (&self->builder, column, value,
                                length < 0 ? strlen (value) : (gsize) length);
}

/**
 * vl_page_builder_append_bytes:
 * @data: (array length=length) (nullable): the bytes, which are copied; %NULL
 *   is only possible without any
 * @length: their number
 *
 * Appends a cell of bytes to the row.
 *
 * Since: 1.0
 */
void
vl_page_builder_append_bytes (VlPageBuilder *self, const guint8 *data, gsize length)
{
  guint column;

  g_return_if_fail (data != NULL || length == 0);

  if (next_cell (self, &column))
    _vl_block_builder_set_bytes (&self->builder, column, data, length);
}

/**
 * vl_page_builder_append_variant:
 * @value: (nullable): the value; %NULL appends a null cell
 *
 * Appends a cell with what a variant stands for, as [ctor@Record.new] does it.
 *
 * If @value is floating, it is consumed.
 *
 * Since: 1.0
 */
void
vl_page_builder_append_variant (VlPageBuilder *self, GVariant *value)
{
  g_autoptr (GVariant) owned = value != NULL ? g_variant_ref_sink (value) : NULL;
  guint column;

  if (!next_cell (self, &column))
    return;

  if (owned == NULL)
    _vl_block_builder_set_null (&self->builder, column);
  else
    _vl_block_builder_set_variant (&self->builder, column, owned);
}

/**
 * vl_page_builder_end_row:
 *
 * Ends the row. Cells that were not appended are null.
 *
 * Since: 1.0
 */
void
vl_page_builder_end_row (VlPageBuilder *self)
{
  g_return_if_fail (VL_IS_PAGE_BUILDER (self));
  g_return_if_fail (self->schema != NULL);

  if (!self->builder.in_row)
    _vl_block_builder_begin_row (&self->builder);
  for (guint i = self->column; i < self->n_columns; i++)
    _vl_block_builder_set_null (&self->builder, i);
  _vl_block_builder_end_row (&self->builder);
  self->column = 0;
}

/**
 * vl_page_builder_add_record:
 * @record: a record
 *
 * Adds a row with the id and the fields of a record.
 *
 * Fields that the schema does not know become columns of their own; columns
 * that the record does not know stay missing in this row. If the schema has an
 * id column and the record no such field, the field is made of the id. A row
 * that was not ended is ended first.
 *
 * Since: 1.0
 */
void
vl_page_builder_add_record (VlPageBuilder *self, VlRecord *record)
{
  VlBlock *block;
  guint row;

  g_return_if_fail (VL_IS_PAGE_BUILDER (self));
  g_return_if_fail (VL_IS_RECORD (record));

  if (self->builder.in_row)
    vl_page_builder_end_row (self);

  block = _vl_record_get_row (record, &row);
  _vl_block_builder_add_row (&self->builder, block, row);
}

/**
 * vl_page_builder_get_n_rows:
 *
 * Gets the number of rows that were ended.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
vl_page_builder_get_n_rows (VlPageBuilder *self)
{
  g_return_val_if_fail (VL_IS_PAGE_BUILDER (self), 0);

  return self->builder.n_rows;
}

/**
 * vl_page_builder_end:
 *
 * Makes the page, fetched now. The builder has no rows, offset and total
 * afterwards.
 *
 * A row that was not ended is ended first.
 *
 * Returns: (transfer full): a new page
 *
 * Since: 1.0
 */
VlPage *
vl_page_builder_end (VlPageBuilder *self)
{
  g_autoptr (VlPage) page = NULL;

  g_return_val_if_fail (VL_IS_PAGE_BUILDER (self), NULL);

  if (self->builder.in_row)
    vl_page_builder_end_row (self);

  self->info.fetched_at = _vl_clock_real ();
  page = _vl_page_new_take_block (_vl_block_builder_end (&self->builder), &self->info);
  begin (self);

  return g_steal_pointer (&page);
}
