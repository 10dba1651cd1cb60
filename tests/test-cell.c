/* test-cell.c: how values compare
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <math.h>
#include <string.h>
#include <vantage-live.h>

#include "table/vl-cell-private.h"

static VlCell
null_cell (void)
{
  return (VlCell){ .type = VL_FIELD_TYPE_NULL };
}

static VlCell
boolean_cell (gboolean value)
{
  return (VlCell){ .type = VL_FIELD_TYPE_BOOLEAN, .boolean = value };
}

static VlCell
int64_cell (gint64 value)
{
  return (VlCell){ .type = VL_FIELD_TYPE_INT64, .int64 = value };
}

static VlCell
double_cell (double value)
{
  return (VlCell){ .type = VL_FIELD_TYPE_DOUBLE, .real = value };
}

static VlCell
string_cell (const char *text)
{
  return (VlCell){ .type = VL_FIELD_TYPE_STRING, .data = text, .length = strlen (text) };
}

static VlCell
bytes_cell (const char *data, gsize length)
{
  return (VlCell){ .type = VL_FIELD_TYPE_BYTES, .data = data, .length = length };
}

static VlCell
variant_cell (const char *type, const char *data, gsize length)
{
  return (
    VlCell){ .type = VL_FIELD_TYPE_VARIANT, .data = data, .length = length, .variant_type = type };
}

static void
assert_level (VlCell a, VlCell b)
{
  g_assert_cmpint (_vl_cell_compare (&a, &b), ==, 0);
  g_assert_cmpint (_vl_cell_compare (&b, &a), ==, 0);
}

static void
assert_ascending (const VlCell *cells, guint n_cells)
{
  for (guint i = 0; i < n_cells; i++)
    for (guint j = 0; j < n_cells; j++)
      g_assert_cmpint (_vl_cell_compare (&cells[i], &cells[j]), ==, (i > j) - (i < j));
}

static void
test_classes (void)
{
  const VlCell cells[] = {
    double_cell (-INFINITY),
    int64_cell (-1),
    boolean_cell (FALSE),
    boolean_cell (TRUE),
    int64_cell (2),
    double_cell (INFINITY),
    string_cell (""),
    string_cell ("10"),
    string_cell ("9"),
    string_cell ("Z"),
    string_cell ("a"),
    string_cell ("a\x01"),
    string_cell ("ab"),
    string_cell ("\xc3\xa4"),
    bytes_cell (NULL, 0),
    bytes_cell ("\0", 1),
    bytes_cell ("a", 1),
    bytes_cell ("\xff", 1),
    variant_cell ("as", NULL, 0),
    variant_cell ("ax", NULL, 0),
    variant_cell ("ab", "\0", 1),
    variant_cell ("an", "\0\0", 2),
    null_cell (),
  };

  assert_ascending (cells, G_N_ELEMENTS (cells));
}

static void
test_nulls (void)
{
  const VlCell null = null_cell ();
  const VlCell nan_cell = double_cell (NAN);
  const VlCell zero = int64_cell (0);
  const VlCell empty = string_cell ("");

  assert_level (null, nan_cell);
  assert_level (null, null);
  g_assert_true (_vl_cell_is_null (&null));
  g_assert_true (_vl_cell_is_null (&nan_cell));
  g_assert_false (_vl_cell_is_null (&zero));
  g_assert_false (_vl_cell_is_null (&empty));
}

static void
test_booleans (void)
{
  assert_level (boolean_cell (TRUE), int64_cell (1));
  assert_level (boolean_cell (TRUE), double_cell (1));
  assert_level (boolean_cell (42), boolean_cell (TRUE));
  assert_level (boolean_cell (FALSE), double_cell (-0.0));
}

static void
test_exact_numbers (void)
{
  const gint64 big = G_GINT64_CONSTANT (9007199254740993); /* 2^53 + 1 */
  const VlCell cells[] = {
    double_cell (-9223372036854777856.0),
    int64_cell (G_MININT64),
    int64_cell (G_MININT64 + 1),
    int64_cell (-big),
    double_cell (-9007199254740992.0),
    double_cell (-1.5),
    int64_cell (-1),
    double_cell (-0.5),
    double_cell (-5e-324),
    int64_cell (0),
    double_cell (5e-324),
    double_cell (0.5),
    int64_cell (1),
    double_cell (1.5),
    double_cell (9007199254740992.0),
    int64_cell (big),
    double_cell (9007199254740994.0),
    double_cell (9223372036854774784.0),
    int64_cell (G_MAXINT64),
    double_cell (9223372036854775808.0),
    double_cell (1e300),
  };

  assert_ascending (cells, G_N_ELEMENTS (cells));
  assert_level (double_cell (-9223372036854775808.0), int64_cell (G_MININT64));
  assert_level (double_cell (9007199254740992.0), int64_cell (big - 1));
  assert_level (double_cell (0.0), double_cell (-0.0));
}

static void
test_ids (void)
{
  static const struct
  {
    const char *text;
    gint64 value;
  } good[] = {
    { "0", 0 },
    { "7", 7 },
    { "-1", -1 },
    { "1024", 1024 },
    { "9223372036854775807", G_MAXINT64 },
    { "-9223372036854775808", G_MININT64 },
  };
  static const char *const bad[] = {
    "",
    "-",
    "-0",
    "+1",
    "01",
    "-01",
    "1 ",
    " 1",
    "1x",
    "0x1",
    "1.0",
    "9223372036854775808",
    "--1",
    "1e3",
    "-9223372036854775809",
    "18446744073709551616",
    "99999999999999999999999",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      gint64 value = 99;

      g_assert_true (_vl_id_parse_int64 (good[i].text, &value));
      g_assert_cmpint (value, ==, good[i].value);
    }

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      gint64 value = 99;

      g_assert_false (_vl_id_parse_int64 (bad[i], &value));
      g_assert_cmpint (value, ==, 99);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cell/compare/classes-in-order", test_classes);
  g_test_add_func ("/cell/compare/null-and-nan-are-level-and-last", test_nulls);
  g_test_add_func ("/cell/compare/booleans-are-numbers", test_booleans);
  g_test_add_func ("/cell/compare/integers-and-doubles-exactly", test_exact_numbers);
  g_test_add_func ("/cell/id/only-canonical-decimals-are-integers", test_ids);

  return g_test_run ();
}
