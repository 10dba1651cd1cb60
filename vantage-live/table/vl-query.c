/* vl-query.c: which records, in what order, which of them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "../base/vl-lock-private.h"
#include "../vl-error.h"
#include "vl-query-private.h"
#include "vl-schema.h"

/**
 * VlQuery:
 *
 * Which records of a table, in what order, and which stretch of them.
 *
 * A query is made step by step, each step answering a new query:
 *
 * ```c
 * g_autoptr (VlQuery) all = vl_query_new ();
 * g_autoptr (VlQuery) cheap = vl_query_where (all, "price", VL_OP_LT, g_variant_new_int64 (10));
 * g_autoptr (VlQuery) sorted = vl_query_order_by (cheap, "name", FALSE);
 * g_autoptr (VlQuery) first = vl_query_window (sorted, 0, 50);
 * ```
 *
 * What the conditions and the order mean is written down, as code, in
 * [method@Query.matches] and [method@Query.compare].
 *
 * Values are kept in a normal form: integers of all sizes as int64 (unsigned
 * ones that do not fit stay as they are), object paths and signatures as
 * strings, variants and maybes unwrapped, `ay` as bytes. Nothing is the same as
 * null.
 *
 * Immutable, and may be used from any thread.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (VlQuery, vl_query, G_TYPE_OBJECT)

static void
vl_query_finalize (GObject *object)
{
  VlQuery *self = VL_QUERY (object);

  g_clear_pointer (&self->parts, _vl_query_parts_unref);

  G_OBJECT_CLASS (vl_query_parent_class)->finalize (object);
}

static void
vl_query_class_init (VlQueryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = vl_query_finalize;
}

/* The parts of a query */

VlQueryParts *
_vl_query_parts_new (guint n_conditions, guint n_orders)
{
  VlQueryParts *self = g_new0 (VlQueryParts, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->conditions = g_new0 (VlQueryCondition *, MAX (n_conditions, 1));
  self->n_conditions = n_conditions;
  self->orders = g_new0 (VlOrder, MAX (n_orders, 1));
  self->n_orders = n_orders;

  return self;
}

void
_vl_query_parts_unref (VlQueryParts *self)
{
  if (!_vl_ref_count_dec (&self->ref_count))
    return;

  for (guint i = 0; i < self->n_conditions; i++)
    g_clear_pointer (&self->conditions[i], _vl_condition_unref);
  for (guint i = 0; i < self->n_orders; i++)
    g_clear_pointer (&self->orders[i].field, g_ref_string_release);
  g_free (self->conditions);
  g_free (self->orders);
  g_clear_pointer (&self->search, g_ref_string_release);
  g_free (self->key);
  g_free (self);
}

static VlQueryParts *
parts_ref (VlQueryParts *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

/* Those of the empty query; every query begins with them, also one that a
 * script makes without vl_query_new(). */
static VlQueryParts *
no_parts (void)
{
  static gsize parts;

  if (g_once_init_enter (&parts))
    g_once_init_leave (&parts, (gsize) _vl_query_parts_new (0, 0));
  return (VlQueryParts *) parts;
}

static void
vl_query_init (VlQuery *self)
{
  self->parts = parts_ref (no_parts ());
}

static void
copy_conditions (VlQueryParts *to, guint at, const VlQueryParts *from, guint first, guint end)
{
  for (guint i = first; i < end; i++)
    to->conditions[at++] = _vl_condition_ref (from->conditions[i]);
}

static void
copy_orders (VlQueryParts *to, const VlQueryParts *from)
{
  for (guint i = 0; i < from->n_orders; i++)
    {
      to->orders[i].field = g_ref_string_acquire (from->orders[i].field);
      to->orders[i].descending = from->orders[i].descending;
    }
}

static void
copy_search (VlQueryParts *to, const VlQueryParts *from)
{
  if (from->search != NULL)
    to->search = g_ref_string_acquire (from->search);
}

/* Where a condition belongs; TRUE if an equal one is there. */
static gboolean
find_place (const VlQueryParts *parts, const VlQueryCondition *condition, guint *place)
{
  guint low = 0;
  guint high = parts->n_conditions;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      int result = _vl_condition_compare (condition, parts->conditions[middle]);

      if (result == 0)
        return TRUE;
      if (result < 0)
        high = middle;
      else
        low = middle + 1;
    }

  *place = low;
  return FALSE;
}

static VlQueryParts *
parts_with_condition (VlQueryParts *parts, VlQueryCondition *condition)
{
  VlQueryParts *copy = NULL;
  guint place = 0;

  if (find_place (parts, condition, &place))
    return parts_ref (parts);

  copy = _vl_query_parts_new (parts->n_conditions + 1, parts->n_orders);
  copy_conditions (copy, 0, parts, 0, place);
  copy->conditions[place] = _vl_condition_ref (condition);
  copy_conditions (copy, place + 1, parts, place, parts->n_conditions);
  copy_orders (copy, parts);
  copy_search (copy, parts);

  return copy;
}

static VlQueryParts *
parts_with_order (VlQueryParts *parts, const char *field, gboolean descending)
{
  VlQueryParts *copy = NULL;

  for (guint i = 0; i < parts->n_orders; i++)
    {
      if (g_str_equal (parts->orders[i].field, field))
        return parts_ref (parts);
    }

  copy = _vl_query_parts_new (parts->n_conditions, parts->n_orders + 1);
  copy_conditions (copy, 0, parts, 0, parts->n_conditions);
  copy_orders (copy, parts);
  copy_search (copy, parts);
  copy->orders[parts->n_orders].field = g_ref_string_new (field);
  copy->orders[parts->n_orders].descending = descending != FALSE;

  return copy;
}

static VlQueryParts *
parts_with_search (VlQueryParts *parts, const char *text)
{
  char *search = text != NULL ? _vl_query_normalize_search (text) : NULL;
  VlQueryParts *copy = _vl_query_parts_new (parts->n_conditions, parts->n_orders);

  copy_conditions (copy, 0, parts, 0, parts->n_conditions);
  copy_orders (copy, parts);
  copy->search = search;

  return copy;
}

char *
_vl_query_normalize_search (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autoptr (GString) words = g_string_new (NULL);
  gboolean in_word = FALSE;

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (g_unichar_isspace (c) || c == '\v')
        {
          in_word = FALSE;
          continue;
        }
      if (!in_word && words->len > 0)
        g_string_append_c (words, ' ');
      in_word = TRUE;
      g_string_append_unichar (words, c);
    }

  return words->len > 0 ? g_ref_string_new_len (words->str, (gssize) words->len) : NULL;
}

static VlQuery *
new_query (VlQueryParts *parts, guint64 offset, guint limit)
{
  VlQuery *self = g_object_new (VL_TYPE_QUERY, NULL);

  _vl_query_parts_unref (self->parts);
  self->parts = parts;
  self->offset = offset;
  self->limit = limit;

  return self;
}

VlQuery *
_vl_query_new_take_parts (VlQueryParts *parts)
{
  return new_query (parts, 0, 0);
}

/**
 * vl_query_new:
 *
 * Makes a query for all records of a table.
 *
 * Returns: (transfer full): a new query
 *
 * Since: 1.0
 */
VlQuery *
vl_query_new (void)
{
  return g_object_new (VL_TYPE_QUERY, NULL);
}

/**
 * vl_query_where:
 * @self: a query
 * @field: the name of a column
 * @op: how to compare
 * @value: (nullable): what to compare with: an array for %VL_OP_IN and
 *   %VL_OP_NOT_IN, text for %VL_OP_CONTAINS, nothing for %VL_OP_IS_NULL and
 *   %VL_OP_NOT_NULL, which ignore it; if it is floating, it is consumed
 *
 * Adds a condition to those that a record must meet.
 *
 * The order of conditions does not matter, and one given twice counts once; nor
 * does the order of the values of an array, in which nulls and NaN are left
 * out because nothing is equal to them. A condition whose value does not fit
 * is kept: no record meets it, and [method@Query.check] says so.
 *
 * Returns: (transfer full): a new query
 *
 * Since: 1.0
 */
VlQuery *
vl_query_where (VlQuery *self, const char *field, VlOp op, GVariant *value)
{
  g_autoptr (GVariant) held = NULL;
  g_autoptr (VlQueryCondition) condition = NULL;

  g_return_val_if_fail (VL_IS_QUERY (self), NULL);
  g_return_val_if_fail (field != NULL, NULL);

  held = value != NULL ? g_variant_ref_sink (value) : NULL;
  condition = _vl_condition_new (field, op, held);

  return new_query (parts_with_condition (self->parts, condition), self->offset, self->limit);
}

/**
 * vl_query_search:
 * @self: a query
 * @text: (nullable): words to look for; %NULL or a text without words to look
 *   for none
 *
 * Sets the words that must occur in a record, in place of those set before.
 *
 * Each word must occur in some text field, all of them anywhere; the case of
 * ASCII letters does not matter, nor does how much white space there is.
 *
 * Returns: (transfer full): a new query
 *
 * Since: 1.0
 */
VlQuery *
vl_query_search (VlQuery *self, const char *text)
{
  g_return_val_if_fail (VL_IS_QUERY (self), NULL);

  return new_query (parts_with_search (self->parts, text), self->offset, self->limit);
}

/**
 * vl_query_order_by:
 * @self: a query
 * @field: the name of a column
 * @descending: whether great values come first
 *
 * Adds a key to the order, to decide where the keys before it do not.
 *
 * A column that is in the order already is not added again.
 *
 * Returns: (transfer full): a new query
 *
 * Since: 1.0
 */
VlQuery *
vl_query_order_by (VlQuery *self, const char *field, gboolean descending)
{
  g_autofree char *valid = NULL;

  g_return_val_if_fail (VL_IS_QUERY (self), NULL);
  g_return_val_if_fail (field != NULL, NULL);

  valid = g_utf8_make_valid (field, -1);

  return new_query (parts_with_order (self->parts, valid, descending), self->offset, self->limit);
}

/**
 * vl_query_window:
 * @self: a query
 * @offset: how many records to leave out at the beginning
 * @limit: how many records to answer at most; 0 for all
 *
 * Sets which stretch of the records is asked for, in place of the one before.
 *
 * Returns: (transfer full): a new query
 *
 * Since: 1.0
 */
VlQuery *
vl_query_window (VlQuery *self, guint64 offset, guint limit)
{
  g_return_val_if_fail (VL_IS_QUERY (self), NULL);

  return new_query (parts_ref (self->parts), offset, limit);
}

const VlQueryKey *
_vl_query_parts_publish_key (VlQueryParts *self)
{
  VlQueryKey *key = _vl_query_make_key (self);

  if (g_atomic_pointer_compare_and_exchange (&self->key, NULL, key))
    return key;

  /* Another thread was quicker. */
  g_free (key);
  return g_atomic_pointer_get (&self->key);
}

/**
 * vl_query_get_key:
 * @self: a query
 *
 * Gets a text that is the same for equal queries and no others, their windows
 * apart.
 *
 * It is ASCII without spaces, never empty, and [func@Query.parse] reads it
 * back. An integer and a double of one value make different keys.
 *
 * Returns: (transfer none): the key
 *
 * Since: 1.0
 */
const char *
vl_query_get_key (VlQuery *self)
{
  g_return_val_if_fail (VL_IS_QUERY (self), NULL);

  return _vl_query_get_key (self)->text;
}

/**
 * vl_query_equal:
 * @self: a query
 * @other: another query
 *
 * Gets whether two queries have the same key and the same window.
 *
 * Returns: whether they are equal
 *
 * Since: 1.0
 */
gboolean
vl_query_equal (VlQuery *self, VlQuery *other)
{
  g_return_val_if_fail (VL_IS_QUERY (self), FALSE);
  g_return_val_if_fail (VL_IS_QUERY (other), FALSE);

  if (self->offset != other->offset || self->limit != other->limit)
    return FALSE;

  return self->parts == other->parts ||
         g_str_equal (vl_query_get_key (self), vl_query_get_key (other));
}

/**
 * vl_query_get_n_conditions:
 * @self: a query
 *
 * Gets how many different conditions there are.
 *
 * Returns: the number of conditions
 *
 * Since: 1.0
 */
guint
vl_query_get_n_conditions (VlQuery *self)
{
  g_return_val_if_fail (VL_IS_QUERY (self), 0);

  return self->parts->n_conditions;
}

/**
 * vl_query_get_condition:
 * @self: a query
 * @index: the number of a condition, from 0
 * @op: (out) (optional): how to compare
 * @value: (out) (optional) (nullable) (transfer full): what to compare with:
 *   an `av` for %VL_OP_IN and %VL_OP_NOT_IN, %NULL where there is none
 *
 * Gets a condition.
 *
 * Conditions are numbered in an order of their own, whatever the order they
 * were given in, and their values are normal, see [class@Query].
 *
 * Returns: (transfer none): the name of the column
 *
 * Since: 1.0
 */
const char *
vl_query_get_condition (VlQuery *self, guint index, VlOp *op, GVariant **value)
{
  const VlQueryCondition *condition = NULL;

  g_return_val_if_fail (VL_IS_QUERY (self), NULL);
  g_return_val_if_fail (index < self->parts->n_conditions, NULL);

  condition = self->parts->conditions[index];
  if (op != NULL)
    *op = condition->op;
  if (value != NULL)
    *value = condition->value != NULL ? g_variant_ref (condition->value) : NULL;

  return condition->field;
}

/**
 * vl_query_get_search:
 * @self: a query
 *
 * Gets the words to look for, with one space between them.
 *
 * Returns: (transfer none) (nullable): the words, or %NULL if there are none
 *
 * Since: 1.0
 */
const char *
vl_query_get_search (VlQuery *self)
{
  g_return_val_if_fail (VL_IS_QUERY (self), NULL);

  return self->parts->search;
}

/**
 * vl_query_get_n_orders:
 * @self: a query
 *
 * Gets how many keys the order has.
 *
 * Returns: the number of keys; 0 means ordered by id
 *
 * Since: 1.0
 */
guint
vl_query_get_n_orders (VlQuery *self)
{
  g_return_val_if_fail (VL_IS_QUERY (self), 0);

  return self->parts->n_orders;
}

/**
 * vl_query_get_order:
 * @self: a query
 * @index: the number of a key, from 0, the first deciding first
 * @descending: (out) (optional): whether great values come first
 *
 * Gets a key of the order.
 *
 * Returns: (transfer none): the name of the column
 *
 * Since: 1.0
 */
const char *
vl_query_get_order (VlQuery *self, guint index, gboolean *descending)
{
  g_return_val_if_fail (VL_IS_QUERY (self), NULL);
  g_return_val_if_fail (index < self->parts->n_orders, NULL);

  if (descending != NULL)
    *descending = self->parts->orders[index].descending;

  return self->parts->orders[index].field;
}

/**
 * vl_query_get_offset:
 * @self: a query
 *
 * Gets how many records are left out at the beginning.
 *
 * Returns: the offset
 *
 * Since: 1.0
 */
guint64
vl_query_get_offset (VlQuery *self)
{
  g_return_val_if_fail (VL_IS_QUERY (self), 0);

  return self->offset;
}

/**
 * vl_query_get_limit:
 * @self: a query
 *
 * Gets how many records are asked for at most.
 *
 * Returns: the limit; 0 means all
 *
 * Since: 1.0
 */
guint
vl_query_get_limit (VlQuery *self)
{
  g_return_val_if_fail (VL_IS_QUERY (self), 0);

  return self->limit;
}

static gboolean
check_column (VlSchema *schema, const char *field, GError **error)
{
  if (vl_schema_has_column (schema, field))
    return TRUE;

  g_set_error (error, VL_ERROR, VL_ERROR_INVALID,
               _ ("The table “%s” has no column “%s” to filter or sort by"),
               vl_schema_get_table_name (schema), field);
  return FALSE;
}

static char *
describe_misfit (const VlQueryCondition *condition, const char *table)
{
  switch (condition->op)
    {
    case VL_OP_IN:
    case VL_OP_NOT_IN:
      return g_strdup_printf (
        _ ("A condition on column “%s” of table “%s” needs an array of values"), condition->field,
        table);
    case VL_OP_CONTAINS:
      return g_strdup_printf (
        _ ("A condition on column “%s” of table “%s” needs a text to look for"), condition->field,
        table);
    case VL_OP_EQ:
    case VL_OP_NE:
    case VL_OP_LT:
    case VL_OP_LE:
    case VL_OP_GT:
    case VL_OP_GE:
      return g_strdup_printf (_ ("A condition on column “%s” of table “%s” needs a value that is "
                                 "not null; ask for null with “is-null” or “not-null”"),
                              condition->field, table);
    case VL_OP_IS_NULL:
    case VL_OP_NOT_NULL:
    default:
      return g_strdup_printf (_ (
                                "A condition on column “%s” of table “%s” has an unknown operator"),
                              condition->field, table);
    }
}

static gboolean
check_condition (VlSchema *schema, const VlQueryCondition *condition, GError **error)
{
  g_autofree char *message = NULL;

  if (!check_column (schema, condition->field, error))
    return FALSE;
  if (condition->well_formed)
    return TRUE;

  message = describe_misfit (condition, vl_schema_get_table_name (schema));
  g_set_error_literal (error, VL_ERROR, VL_ERROR_INVALID, message);
  return FALSE;
}

/**
 * vl_query_check:
 * @self: a query
 * @schema: the schema of a table
 * @error: return location for an error
 *
 * Checks whether a query makes sense for a table.
 *
 * Fails with %VL_ERROR_INVALID if a condition or the order names a column that
 * the table does not have, or if the value of a condition does not fit its
 * comparison. Whether the table can filter or sort at all is not looked at.
 *
 * Returns: %TRUE if it does, else %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
vl_query_check (VlQuery *self, VlSchema *schema, GError **error)
{
  g_return_val_if_fail (VL_IS_QUERY (self), FALSE);
  g_return_val_if_fail (VL_IS_SCHEMA (schema), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  for (guint i = 0; i < self->parts->n_conditions; i++)
    {
      if (!check_condition (schema, self->parts->conditions[i], error))
        return FALSE;
    }

  for (guint i = 0; i < self->parts->n_orders; i++)
    {
      if (!check_column (schema, self->parts->orders[i].field, error))
        return FALSE;
    }

  return TRUE;
}
