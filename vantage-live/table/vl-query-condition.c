/* vl-query-condition.c: conditions and their normal values
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <math.h>
#include <string.h>

#include "../base/vl-lock-private.h"
#include "vl-query-private.h"

/* Takes off variants and maybes; NULL for nothing. */
static GVariant *
unwrap (GVariant *value)
{
  g_autoptr (GVariant) inner = g_variant_get_normal_form (value);

  while (inner != NULL)
    {
      GVariant *next = NULL;

      if (g_variant_is_of_type (inner, G_VARIANT_TYPE_VARIANT))
        next = g_variant_get_variant (inner);
      else if (g_variant_is_of_type (inner, G_VARIANT_TYPE_MAYBE))
        next = g_variant_get_maybe (inner);
      else
        break;

      g_variant_unref (inner);
      inner = next;
    }

  return g_steal_pointer (&inner);
}

static GVariant *
normalize_double (GVariant *value)
{
  double number = g_variant_get_double (value);

  if (isnan (number))
    return g_variant_ref_sink (g_variant_new_double ((double) NAN));
  if (number == 0)
    return g_variant_ref_sink (g_variant_new_double (0));

  return g_variant_ref (value);
}

static GVariant *
new_int64 (gint64 value)
{
  return g_variant_ref_sink (g_variant_new_int64 (value));
}

/* Of a value that is unwrapped. */
static GVariant *
normalize_scalar (GVariant *value)
{
  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_BYTE:
      return new_int64 (g_variant_get_byte (value));
    case G_VARIANT_CLASS_INT16:
      return new_int64 (g_variant_get_int16 (value));
    case G_VARIANT_CLASS_UINT16:
      return new_int64 (g_variant_get_uint16 (value));
    case G_VARIANT_CLASS_INT32:
      return new_int64 (g_variant_get_int32 (value));
    case G_VARIANT_CLASS_UINT32:
      return new_int64 (g_variant_get_uint32 (value));
    case G_VARIANT_CLASS_UINT64:
      if (g_variant_get_uint64 (value) > G_MAXINT64)
        return g_variant_ref (value);
      return new_int64 ((gint64) g_variant_get_uint64 (value));
    case G_VARIANT_CLASS_DOUBLE:
      return normalize_double (value);
    case G_VARIANT_CLASS_OBJECT_PATH:
    case G_VARIANT_CLASS_SIGNATURE:
      return g_variant_ref_sink (g_variant_new_string (g_variant_get_string (value, NULL)));
    case G_VARIANT_CLASS_BOOLEAN:
    case G_VARIANT_CLASS_INT64:
    case G_VARIANT_CLASS_HANDLE:
    case G_VARIANT_CLASS_STRING:
    case G_VARIANT_CLASS_VARIANT:
    case G_VARIANT_CLASS_MAYBE:
    case G_VARIANT_CLASS_ARRAY:
    case G_VARIANT_CLASS_TUPLE:
    case G_VARIANT_CLASS_DICT_ENTRY:
    default:
      return g_variant_ref (value);
    }
}

/* Of a normal value. The cell points into it. */
static void
read_cell (GVariant *value, VlCell *cell)
{
  memset (cell, 0, sizeof *cell);

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    {
      cell->type = VL_FIELD_TYPE_BOOLEAN;
      cell->boolean = g_variant_get_boolean (value);
    }
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT64))
    {
      cell->type = VL_FIELD_TYPE_INT64;
      cell->int64 = g_variant_get_int64 (value);
    }
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    {
      cell->type = VL_FIELD_TYPE_DOUBLE;
      cell->real = g_variant_get_double (value);
    }
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    {
      cell->type = VL_FIELD_TYPE_STRING;
      cell->data = g_variant_get_string (value, &cell->length);
    }
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
    {
      cell->type = VL_FIELD_TYPE_BYTES;
      cell->data = g_variant_get_fixed_array (value, &cell->length, 1);
    }
  else
    {
      cell->type = VL_FIELD_TYPE_VARIANT;
      cell->data = g_variant_get_data (value);
      cell->length = g_variant_get_size (value);
      cell->variant_type = g_variant_get_type_string (value);
    }
}

/* As they compare, then by type, so that 1, 1.0 and true stay apart. */
static int
compare_cells (const VlCell *a, const VlCell *b)
{
  int result = _vl_cell_compare (a, b);

  if (result != 0)
    return result;

  return (a->type > b->type) - (a->type < b->type);
}

static int
compare_items (gconstpointer a, gconstpointer b)
{
  VlCell a_cell;
  VlCell b_cell;

  read_cell (*(GVariant *const *) a, &a_cell);
  read_cell (*(GVariant *const *) b, &b_cell);

  return compare_cells (&a_cell, &b_cell);
}

static gboolean
is_list_value (VlOp op, GVariant *value)
{
  if (op != VL_OP_IN && op != VL_OP_NOT_IN)
    return FALSE;

  return g_variant_is_of_type (value, G_VARIANT_TYPE_ARRAY) &&
         !g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING) &&
         !g_variant_is_of_type (value, G_VARIANT_TYPE_DICTIONARY);
}

static GPtrArray *
collect_items (GVariant *list)
{
  GPtrArray *items = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  gsize length = g_variant_n_children (list);

  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (list, i);
      g_autoptr (GVariant) inner = unwrap (child);
      g_autoptr (GVariant) item = inner != NULL ? normalize_scalar (inner) : NULL;
      VlCell cell;

      if (item == NULL)
        continue;
      read_cell (item, &cell);
      if (!_vl_cell_is_null (&cell))
        g_ptr_array_add (items, g_steal_pointer (&item));
    }

  g_ptr_array_sort (items, compare_items);
  return items;
}

static void
set_list (VlQueryCondition *self, GVariant *list)
{
  g_autoptr (GPtrArray) items = collect_items (list);
  GVariantBuilder builder;

  self->is_list = TRUE;
  self->cells = g_new (VlCell, MAX (items->len, 1));
  self->items = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("av"));

  for (guint i = 0; i < items->len; i++)
    {
      VlCell *cell = &self->cells[self->n_cells];

      read_cell (items->pdata[i], cell);
      if (self->n_cells > 0 && compare_cells (cell - 1, cell) == 0)
        continue;
      self->n_cells++;
      g_ptr_array_add (self->items, g_variant_ref (items->pdata[i]));
      g_variant_builder_add (&builder, "v", items->pdata[i]);
    }

  self->value = g_variant_ref_sink (g_variant_builder_end (&builder));
}

static void
set_value (VlQueryCondition *self, GVariant *value)
{
  g_autoptr (GVariant) inner = NULL;

  if (value == NULL || self->op == VL_OP_IS_NULL || self->op == VL_OP_NOT_NULL)
    return;
  inner = unwrap (value);
  if (inner == NULL)
    return;

  if (is_list_value (self->op, inner))
    {
      set_list (self, inner);
      return;
    }

  self->value = normalize_scalar (inner);
  self->cells = g_new (VlCell, 1);
  self->n_cells = 1;
  read_cell (self->value, self->cells);
}

static gboolean
is_well_formed (VlQueryCondition *self)
{
  switch (self->op)
    {
    case VL_OP_EQ:
    case VL_OP_NE:
    case VL_OP_LT:
    case VL_OP_LE:
    case VL_OP_GT:
    case VL_OP_GE:
      return self->value != NULL;
    case VL_OP_IN:
    case VL_OP_NOT_IN:
      return self->is_list;
    case VL_OP_CONTAINS:
      return self->value != NULL && self->cells->type == VL_FIELD_TYPE_STRING;
    case VL_OP_IS_NULL:
    case VL_OP_NOT_NULL:
      return TRUE;
    default:
      return FALSE;
    }
}

VlQueryCondition *
_vl_condition_new (const char *field, VlOp op, GVariant *value)
{
  VlQueryCondition *self = g_new0 (VlQueryCondition, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->field = g_utf8_make_valid (field, -1);
  self->field_length = strlen (self->field);
  self->op = op;
  set_value (self, value);
  self->well_formed = is_well_formed (self);

  return self;
}

VlQueryCondition *
_vl_condition_ref (VlQueryCondition *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
_vl_condition_unref (VlQueryCondition *self)
{
  if (!_vl_ref_count_dec (&self->ref_count))
    return;

  g_free (self->field);
  g_free (self->cells);
  g_clear_pointer (&self->value, g_variant_unref);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_free (self);
}

int
_vl_condition_compare (const VlQueryCondition *a, const VlQueryCondition *b)
{
  int result = strcmp (a->field, b->field);
  guint shorter = MIN (a->n_cells, b->n_cells);

  if (result != 0)
    return result;
  if (a->op != b->op)
    return a->op < b->op ? -1 : 1;
  if (a->is_list != b->is_list)
    return a->is_list ? 1 : -1;

  for (guint i = 0; i < shorter; i++)
    {
      result = compare_cells (&a->cells[i], &b->cells[i]);
      if (result != 0)
        return result;
    }

  return (a->n_cells > b->n_cells) - (a->n_cells < b->n_cells);
}
