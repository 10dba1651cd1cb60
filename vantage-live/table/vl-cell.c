/* vl-cell.c: how values compare
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <math.h>
#include <string.h>

#include "vl-cell-private.h"

/* The classes of contract A3 in their order; values of two classes are never
 * equal. */
typedef enum
{
  CLASS_NUMBER,
  CLASS_TEXT,
  CLASS_BYTES,
  CLASS_VARIANT,
  CLASS_NULL,
} CellClass;

static CellClass
get_class (const VlCell *cell)
{
  switch (cell->type)
    {
    case VL_FIELD_TYPE_BOOLEAN:
    case VL_FIELD_TYPE_INT64:
      return CLASS_NUMBER;
    case VL_FIELD_TYPE_DOUBLE:
      return isnan (cell->real) ? CLASS_NULL : CLASS_NUMBER;
    case VL_FIELD_TYPE_STRING:
      return CLASS_TEXT;
    case VL_FIELD_TYPE_BYTES:
      return CLASS_BYTES;
    case VL_FIELD_TYPE_VARIANT:
      return CLASS_VARIANT;
    case VL_FIELD_TYPE_NULL:
    default:
      return CLASS_NULL;
    }
}

/* Exact: converting the integer to a double would round above 2^53. */
static int
compare_int64_double (gint64 a, double b)
{
  gint64 whole;
  double fraction;

  if (b >= 9223372036854775808.0)
    return -1;
  if (b < -9223372036854775808.0)
    return 1;

  whole = (gint64) b;
  if (a != whole)
    return a < whole ? -1 : 1;

  fraction = b - (double) whole;
  return (fraction < 0) - (fraction > 0);
}

static gint64
get_integer (const VlCell *cell)
{
  return cell->type == VL_FIELD_TYPE_BOOLEAN ? cell->boolean != FALSE : cell->int64;
}

static int
compare_numbers (const VlCell *a, const VlCell *b)
{
  gboolean a_real = a->type == VL_FIELD_TYPE_DOUBLE;
  gboolean b_real = b->type == VL_FIELD_TYPE_DOUBLE;

  if (a_real && b_real)
    return (a->real > b->real) - (a->real < b->real);
  if (a_real)
    return -compare_int64_double (get_integer (b), a->real);
  if (b_real)
    return compare_int64_double (get_integer (a), b->real);

  return (get_integer (a) > get_integer (b)) - (get_integer (a) < get_integer (b));
}

static int
compare_data (const VlCell *a, const VlCell *b)
{
  gsize shorter = MIN (a->length, b->length);
  int result = shorter > 0 ? memcmp (a->data, b->data, shorter) : 0;

  if (result != 0)
    return result < 0 ? -1 : 1;

  return (a->length > b->length) - (a->length < b->length);
}

/* The type comes last, so that variants of one content but two types differ. */
static int
compare_variants (const VlCell *a, const VlCell *b)
{
  int result = compare_data (a, b);

  if (result == 0)
    result = strcmp (a->variant_type, b->variant_type);

  return (result > 0) - (result < 0);
}

int
_vl_cell_compare (const VlCell *a, const VlCell *b)
{
  CellClass a_class = get_class (a);
  CellClass b_class = get_class (b);

  if (a_class != b_class)
    return a_class < b_class ? -1 : 1;

  switch (a_class)
    {
    case CLASS_NUMBER:
      return compare_numbers (a, b);
    case CLASS_TEXT:
    case CLASS_BYTES:
      return compare_data (a, b);
    case CLASS_VARIANT:
      return compare_variants (a, b);
    case CLASS_NULL:
    default:
      return 0;
    }
}

gboolean
_vl_cell_is_null (const VlCell *cell)
{
  return get_class (cell) == CLASS_NULL;
}

gboolean
_vl_id_parse_int64 (const char *id, gint64 *value)
{
  const char *digit = id;
  gboolean negative = *digit == '-';
  guint64 limit = negative ? (guint64) G_MAXINT64 + 1 : (guint64) G_MAXINT64;
  guint64 sum = 0;

  if (negative)
    digit++;
  if (!g_ascii_isdigit (*digit) || (*digit == '0' && (negative || digit[1] != '\0')))
    return FALSE;

  for (; g_ascii_isdigit (*digit); digit++)
    {
      guint64 next = (guint64) (*digit - '0');

      if (sum > (limit - next) / 10)
        return FALSE;
      sum = sum * 10 + next;
    }
  if (*digit != '\0')
    return FALSE;

  *value = negative ? (gint64) (0 - sum) : (gint64) sum;
  return TRUE;
}
