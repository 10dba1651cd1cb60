/* vl-query-match.c: what a query means
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <string.h>

#include "vl-query-private.h"
#include "vl-record.h"

static gboolean
starts_with (const char *text, const char *word, gsize length)
{
  for (gsize i = 0; i < length; i++)
    {
      if (g_ascii_tolower (text[i]) != g_ascii_tolower (word[i]))
        return FALSE;
    }

  return TRUE;
}

gboolean
_vl_text_contains (const char *text, gsize text_length, const char *word, gsize word_length)
{
  char first;

  if (word_length == 0)
    return TRUE;
  if (word_length > text_length)
    return FALSE;

  first = g_ascii_tolower (word[0]);
  for (gsize i = 0; i <= text_length - word_length; i++)
    {
      if (g_ascii_tolower (text[i]) == first &&
          starts_with (text + i + 1, word + 1, word_length - 1))
        return TRUE;
    }

  return FALSE;
}

/* The list is sorted by the very comparison, so that equal cells of other
 * types (1 and 1.0) lie side by side. */
static gboolean
list_has (const VlQueryCondition *condition, const VlCell *cell)
{
  guint low = 0;
  guint high = condition->n_cells;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      int result = _vl_cell_compare (cell, &condition->cells[middle]);

      if (result == 0)
        return TRUE;
      if (result < 0)
        high = middle;
      else
        low = middle + 1;
    }

  return FALSE;
}

/* Of a field that is not null and a condition that takes one value. A value
 * that is NaN counts as null, which meets nothing. */
static gboolean
cell_compares (const VlQueryCondition *condition, const VlCell *cell)
{
  int result;

  if (_vl_cell_is_null (condition->cells))
    return FALSE;

  result = _vl_cell_compare (cell, condition->cells);
  switch (condition->op)
    {
    case VL_OP_EQ:
      return result == 0;
    case VL_OP_NE:
      return result != 0;
    case VL_OP_LT:
      return result < 0;
    case VL_OP_LE:
      return result <= 0;
    case VL_OP_GT:
      return result > 0;
    case VL_OP_GE:
      return result >= 0;
    case VL_OP_IN:
    case VL_OP_NOT_IN:
    case VL_OP_CONTAINS:
    case VL_OP_IS_NULL:
    case VL_OP_NOT_NULL:
    default:
      return FALSE;
    }
}

static gboolean
cell_meets (const VlQueryCondition *condition, const VlCell *cell)
{
  if (!condition->well_formed)
    return FALSE;
  if (_vl_cell_is_null (cell))
    return condition->op == VL_OP_IS_NULL;

  switch (condition->op)
    {
    case VL_OP_EQ:
    case VL_OP_NE:
    case VL_OP_LT:
    case VL_OP_LE:
    case VL_OP_GT:
    case VL_OP_GE:
      return cell_compares (condition, cell);
    case VL_OP_IN:
      return list_has (condition, cell);
    case VL_OP_NOT_IN:
      return !list_has (condition, cell);
    case VL_OP_CONTAINS:
      return cell->type == VL_FIELD_TYPE_STRING &&
             _vl_text_contains (cell->data, cell->length, condition->cells->data,
                                condition->cells->length);
    case VL_OP_NOT_NULL:
      return TRUE;
    case VL_OP_IS_NULL:
    default:
      return FALSE;
    }
}

static gboolean
word_occurs (VlRecord *record, const char *word, gsize length)
{
  guint n_slots = _vl_record_get_n_slots (record);

  for (guint i = 0; i < n_slots; i++)
    {
      VlCell cell;

      if (_vl_record_get_slot (record, i, &cell) != NULL && cell.type == VL_FIELD_TYPE_STRING &&
          _vl_text_contains (cell.data, cell.length, word, length))
        return TRUE;
    }

  return FALSE;
}

static gboolean
search_matches (const char *search, VlRecord *record)
{
  const char *word = search;

  while (word != NULL)
    {
      const char *space = strchr (word, ' ');
      gsize length = space != NULL ? (gsize) (space - word) : strlen (word);

      if (!word_occurs (record, word, length))
        return FALSE;
      word = space != NULL ? space + 1 : NULL;
    }

  return TRUE;
}

/**
 * vl_query_matches:
 * @self: a query
 * @record: a record
 *
 * Gets whether a record meets all conditions and the search of a query.
 *
 * This is what conditions mean; a table that filters by itself must agree.
 *
 * A field that the record does not have is null, as is a NaN. Null meets
 * %VL_OP_IS_NULL and nothing else; everything else meets %VL_OP_NOT_NULL.
 * Values compare as they are sorted, see [method@Query.compare], also those of
 * different types: any text is greater than any number. %VL_OP_CONTAINS and
 * search look for the literal text, ignore the case of ASCII letters, and only
 * look at text; a search is met if each of its words occurs in some field. A
 * condition that makes no sense, such as %VL_OP_IN without an array, is met by
 * nothing.
 *
 * The window does not matter. May be called from any thread.
 *
 * Returns: whether the record is one that the query asks for
 *
 * Since: 1.0
 */
gboolean
vl_query_matches (VlQuery *self, VlRecord *record)
{
  const VlQueryParts *parts = NULL;

  g_return_val_if_fail (VL_IS_QUERY (self), FALSE);
  g_return_val_if_fail (VL_IS_RECORD (record), FALSE);

  parts = self->parts;
  for (guint i = 0; i < parts->n_conditions; i++)
    {
      VlCell cell;

      _vl_record_get_cell (record, parts->conditions[i]->field, &cell);
      if (!cell_meets (parts->conditions[i], &cell))
        return FALSE;
    }

  return search_matches (parts->search, record);
}

/* Nulls stay last when the rest is turned round. */
static int
compare_by (const VlOrder *order, VlRecord *a, VlRecord *b)
{
  VlCell a_cell;
  VlCell b_cell;
  int result;

  _vl_record_get_cell (a, order->field, &a_cell);
  _vl_record_get_cell (b, order->field, &b_cell);
  result = _vl_cell_compare (&a_cell, &b_cell);

  if (order->descending && !_vl_cell_is_null (&a_cell) && !_vl_cell_is_null (&b_cell))
    return -result;

  return result;
}

/**
 * vl_query_compare:
 * @self: a query
 * @a: a record
 * @b: another record
 *
 * Compares two records by the order that a query asks for.
 *
 * This is what order means; a table that sorts by itself must agree. Ascending,
 * numbers come first (compared exactly, whether integers or not, a boolean
 * being 0 or 1), then text and bytes (byte by byte), then other variants; null,
 * NaN and missing fields come last, also in descending order.
 *
 * Records that are equal by all the keys of the order, and those of a query
 * without one, are ordered by their ids, ascending: numbers before text, and
 * records without an id last.
 *
 * May be called from any thread.
 *
 * Returns: a number below 0, 0 or above 0 if @a comes before, is level with, or
 *   comes after @b
 *
 * Since: 1.0
 */
int
vl_query_compare (VlQuery *self, VlRecord *a, VlRecord *b)
{
  VlCell a_id;
  VlCell b_id;

  g_return_val_if_fail (VL_IS_QUERY (self), 0);
  g_return_val_if_fail (VL_IS_RECORD (a), 0);
  g_return_val_if_fail (VL_IS_RECORD (b), 0);

  for (guint i = 0; i < self->parts->n_orders; i++)
    {
      int result = compare_by (&self->parts->orders[i], a, b);

      if (result != 0)
        return result;
    }

  _vl_record_get_id_cell (a, &a_id);
  _vl_record_get_id_cell (b, &b_id);

  return _vl_cell_compare (&a_id, &b_id);
}
