/* test-query.c: queries, their keys and what they mean
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <math.h>
#include <string.h>
#include <vantage-live.h>

#include "table/vl-query-private.h"

static GVariant *
value_of (const char *text)
{
  g_autoptr (GError) error = NULL;
  GVariant *value = g_variant_parse (NULL, text, NULL, NULL, &error);

  g_assert_no_error (error);
  return value;
}

/* All helpers consume the query they are given, so that steps can be nested. */

static VlQuery *
where (VlQuery *query, const char *field, VlOp op, const char *value)
{
  g_autoptr (VlQuery) held = query;
  g_autoptr (GVariant) variant = value != NULL ? value_of (value) : NULL;

  return vl_query_where (held, field, op, variant);
}

static VlQuery *
search (VlQuery *query, const char *text)
{
  g_autoptr (VlQuery) held = query;

  return vl_query_search (held, text);
}

static VlQuery *
order_by (VlQuery *query, const char *field, gboolean descending)
{
  g_autoptr (VlQuery) held = query;

  return vl_query_order_by (held, field, descending);
}

static VlRecord *
record (const char *id, const char *fields)
{
  g_autoptr (GVariant) dictionary = value_of (fields);

  return vl_record_new (id, dictionary);
}

/* The key, and that it leads back to the query. */
static void
assert_key (VlQuery *taken, const char *key)
{
  g_autoptr (VlQuery) query = taken;
  g_autoptr (VlQuery) whole = vl_query_window (query, 0, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlQuery) back = vl_query_parse (key, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (vl_query_get_key (query), ==, key);
  g_assert_cmpstr (vl_query_get_key (back), ==, key);
  g_assert_true (vl_query_equal (back, whole));
  g_assert_cmpuint (vl_query_get_n_conditions (back), ==, vl_query_get_n_conditions (query));
  g_assert_cmpuint (vl_query_get_n_orders (back), ==, vl_query_get_n_orders (query));
  g_assert_cmpstr (vl_query_get_search (back), ==, vl_query_get_search (query));
}

static void
assert_equal (VlQuery *a_taken, VlQuery *b_taken)
{
  g_autoptr (VlQuery) a = a_taken;
  g_autoptr (VlQuery) b = b_taken;

  g_assert_cmpstr (vl_query_get_key (a), ==, vl_query_get_key (b));
  g_assert_true (vl_query_equal (a, b));
}

static void
assert_different (VlQuery *a_taken, VlQuery *b_taken)
{
  g_autoptr (VlQuery) a = a_taken;
  g_autoptr (VlQuery) b = b_taken;

  g_assert_cmpstr (vl_query_get_key (a), !=, vl_query_get_key (b));
  g_assert_false (vl_query_equal (a, b));
}

/* Kept by caches over restarts: changing one of these makes them useless. */
static void
test_key_texts (void)
{
  assert_key (vl_query_new (), "*");
  assert_key (where (vl_query_new (), "price", VL_OP_GT, "10"), "?price:gt:i10");
  assert_key (where (vl_query_new (), "a", VL_OP_EQ, "-0.0"), "?a:eq:d0");
  assert_key (where (vl_query_new (), "a", VL_OP_EQ, "0.1"), "?a:eq:d0.10000000000000001");
  assert_key (where (vl_query_new (), "a", VL_OP_LT, "-1e300"), "?a:lt:d-1.0000000000000001e+300");
  assert_key (where (vl_query_new (), "a", VL_OP_LE, "2.0"), "?a:le:d2");
  assert_key (where (vl_query_new (), "a", VL_OP_GE, "true"), "?a:ge:b1");
  assert_key (where (vl_query_new (), "a", VL_OP_NE, "'x y/é'"), "?a:ne:sx%20y%2F%C3%A9");
  assert_key (where (vl_query_new (), "a", VL_OP_EQ, "''"), "?a:eq:s");
  assert_key (where (vl_query_new (), "a", VL_OP_EQ, "@ay [1, 255]"), "?a:eq:x01ff");
  assert_key (where (vl_query_new (), "a", VL_OP_EQ, "@ay []"), "?a:eq:x");
  assert_key (where (vl_query_new (), "a", VL_OP_EQ, "('b', byte 1)"), "?a:eq:v%28sy%29.62000102");
  assert_key (where (vl_query_new (), "a", VL_OP_EQ, "@as []"), "?a:eq:vas.");
  assert_key (where (vl_query_new (), "a", VL_OP_IN, "[3, 1, 2, 1]"), "?a:in:(i1,i2,i3)");
  assert_key (where (vl_query_new (), "a", VL_OP_NOT_IN, "@ax []"), "?a:ni:()");
  assert_key (where (vl_query_new (), "a", VL_OP_CONTAINS, "'b'"), "?a:ct:sb");
  assert_key (where (vl_query_new (), "a", VL_OP_IS_NULL, NULL), "?a:nu");
  assert_key (where (vl_query_new (), "a", VL_OP_NOT_NULL, "1"), "?a:nn");
  assert_key (where (vl_query_new (), "", VL_OP_NOT_NULL, NULL), "?:nn");
  assert_key (search (vl_query_new (), "  two\t words+ "), "/two+words%2B");
  assert_key (order_by (order_by (vl_query_new (), "name", FALSE), "-x", TRUE), "+name&--x");
  assert_key (order_by (search (where (vl_query_new (), "b", VL_OP_EQ, "1"), "q"), "name", TRUE),
              "?b:eq:i1&/q&-name");
}

static void
test_ill_formed_keys (void)
{
  assert_key (where (vl_query_new (), "a", VL_OP_EQ, NULL), "?a:eq");
  assert_key (where (vl_query_new (), "a", VL_OP_IN, "1"), "?a:in:i1");
  assert_key (where (vl_query_new (), "a", VL_OP_IN, "@ay [1]"), "?a:in:x01");
  assert_key (where (vl_query_new (), "a", VL_OP_CONTAINS, "1"), "?a:ct:i1");
  assert_key (where (vl_query_new (), "a", (VlOp) 77, "'x'"), "?a:77:sx");
  assert_key (where (vl_query_new (), "a", (VlOp) -1, NULL), "?a:4294967295");
}

static void
test_special_numbers (void)
{
  g_autoptr (VlQuery) all = vl_query_new ();

  assert_key (vl_query_where (all, "a", VL_OP_EQ, g_variant_new_double (NAN)), "?a:eq:dnan");
  assert_key (vl_query_where (all, "a", VL_OP_EQ, g_variant_new_double (-NAN)), "?a:eq:dnan");
  assert_key (vl_query_where (all, "a", VL_OP_EQ, g_variant_new_double (INFINITY)), "?a:eq:dinf");
  assert_key (vl_query_where (all, "a", VL_OP_EQ, g_variant_new_double (-INFINITY)), "?a:eq:d-inf");
  assert_key (vl_query_where (all, "a", VL_OP_EQ, g_variant_new_int64 (G_MININT64)),
              "?a:eq:i-9223372036854775808");
  assert_key (vl_query_where (all, "a", VL_OP_EQ, g_variant_new_uint64 (G_MAXINT64)),
              "?a:eq:i9223372036854775807");
  assert_key (vl_query_where (all, "a", VL_OP_EQ, g_variant_new_double (999999999999999.0)),
              "?a:eq:d999999999999999");
  assert_key (vl_query_where (all, "a", VL_OP_EQ, g_variant_new_double (1e15)),
              "?a:eq:d1000000000000000");
}

static void
test_long_keys (void)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autofree char *text = g_strnfill (5000, '&');
  g_autoptr (GString) key = g_string_new ("?a:eq:s");

  for (guint i = 0; i < 5000; i++)
    g_string_append (key, "%26");

  assert_key (vl_query_where (all, "a", VL_OP_EQ, g_variant_new_string (text)), key->str);
}

static void
test_values_are_normal (void)
{
  static const char *const ones[] = {
    "byte 1",  "int16 1",  "uint16 1", "int32 1",   "uint32 1",
    "int64 1", "uint64 1", "<1>",      "<<@mx 1>>", "@mmi 1",
  };
  static const char *const nothings[] = { "@mx nothing", "<@ms nothing>", "@mmv just nothing" };
  static const char *const texts[] = { "'/a'", "objectpath '/a'", "@mo '/a'" };

  for (guint i = 0; i < G_N_ELEMENTS (ones); i++)
    assert_key (where (vl_query_new (), "a", VL_OP_EQ, ones[i]), "?a:eq:i1");
  for (guint i = 0; i < G_N_ELEMENTS (nothings); i++)
    assert_key (where (vl_query_new (), "a", VL_OP_EQ, nothings[i]), "?a:eq");
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_key (where (vl_query_new (), "a", VL_OP_EQ, texts[i]), "?a:eq:s%2Fa");

  assert_key (where (vl_query_new (), "a", VL_OP_EQ, "signature 'as'"), "?a:eq:sas");
  assert_key (where (vl_query_new (), "a", VL_OP_EQ, "uint64 9223372036854775808"),
              "?a:eq:vt.0000000000000080");
  assert_key (where (vl_query_new (), "a", VL_OP_IN, "<[<1>, <@mx nothing>, <'x'>, <1.5>]>"),
              "?a:in:(i1,d1.5,sx)");
  assert_key (where (vl_query_new (), "a", VL_OP_IN, "[<@av []>, <true>, <1>, <1.0>, <nan>]"),
              "?a:in:(b1,i1,d1,vav.)");
}

static void
test_equality (void)
{
  assert_equal (where (where (vl_query_new (), "a", VL_OP_EQ, "1"), "b", VL_OP_EQ, "2"),
                where (where (vl_query_new (), "b", VL_OP_EQ, "2"), "a", VL_OP_EQ, "1"));
  assert_equal (where (where (vl_query_new (), "a", VL_OP_EQ, "1"), "a", VL_OP_EQ, "1"),
                where (vl_query_new (), "a", VL_OP_EQ, "1"));
  assert_equal (order_by (order_by (vl_query_new (), "a", TRUE), "a", FALSE),
                order_by (vl_query_new (), "a", TRUE));
  assert_equal (search (vl_query_new (), " a \n b"), search (vl_query_new (), "a b"));
  assert_equal (search (search (vl_query_new (), "a"), " "), vl_query_new ());
  assert_equal (search (search (vl_query_new (), "a"), "b"), search (vl_query_new (), "b"));
  assert_equal (search (search (vl_query_new (), "a"), NULL), vl_query_new ());

  assert_different (where (vl_query_new (), "a", VL_OP_EQ, "1"),
                    where (vl_query_new (), "a", VL_OP_EQ, "1.0"));
  assert_different (where (vl_query_new (), "a", VL_OP_EQ, "1"),
                    where (vl_query_new (), "a", VL_OP_EQ, "true"));
  assert_different (where (vl_query_new (), "a", VL_OP_EQ, "1"),
                    where (vl_query_new (), "a", VL_OP_EQ, "'1'"));
  assert_different (where (vl_query_new (), "a", VL_OP_IN, "[1]"),
                    where (vl_query_new (), "a", VL_OP_IN, "[1.0]"));
  assert_different (where (vl_query_new (), "a", VL_OP_EQ, "@as []"),
                    where (vl_query_new (), "a", VL_OP_EQ, "@ax []"));
  assert_different (order_by (order_by (vl_query_new (), "a", FALSE), "b", FALSE),
                    order_by (order_by (vl_query_new (), "b", FALSE), "a", FALSE));
  assert_different (search (vl_query_new (), "a b"), search (vl_query_new (), "b a"));
}

static void
test_window (void)
{
  g_autoptr (VlQuery) all = where (vl_query_new (), "a", VL_OP_EQ, "1");
  g_autoptr (VlQuery) page = vl_query_window (all, G_GUINT64_CONSTANT (1) << 40, 20);
  g_autoptr (VlQuery) same = vl_query_window (page, G_GUINT64_CONSTANT (1) << 40, 20);
  g_autoptr (VlQuery) sorted = vl_query_order_by (page, "b", FALSE);

  g_assert_cmpstr (vl_query_get_key (all), ==, vl_query_get_key (page));
  g_assert_false (vl_query_equal (all, page));
  g_assert_true (vl_query_equal (same, page));
  g_assert_cmpuint (vl_query_get_offset (sorted), ==, G_GUINT64_CONSTANT (1) << 40);
  g_assert_cmpuint (vl_query_get_limit (sorted), ==, 20);
  g_assert_cmpuint (vl_query_get_offset (all), ==, 0);
  g_assert_cmpuint (vl_query_get_limit (all), ==, 0);
}

static void
test_getters (void)
{
  g_autoptr (VlQuery) query = vl_query_new ();
  g_autoptr (GVariant) expected = value_of ("[<int64 1>, <int64 2>]");
  g_autoptr (GVariant) value = NULL;
  gboolean descending = FALSE;
  VlOp op = VL_OP_EQ;

  query = where (query, "b", VL_OP_IS_NULL, "1");
  query = where (query, "a", VL_OP_IN, "[int16 2, 1]");
  query = order_by (order_by (query, "x", TRUE), "y", FALSE);
  query = search (query, "one  two");

  g_assert_cmpuint (vl_query_get_n_conditions (query), ==, 2);
  g_assert_cmpstr (vl_query_get_condition (query, 0, &op, &value), ==, "a");
  g_assert_cmpint (op, ==, VL_OP_IN);
  g_assert_cmpvariant (value, expected);
  g_clear_pointer (&value, g_variant_unref);
  g_assert_cmpstr (vl_query_get_condition (query, 1, &op, &value), ==, "b");
  g_assert_cmpint (op, ==, VL_OP_IS_NULL);
  g_assert_null (value);
  g_assert_cmpstr (vl_query_get_condition (query, 1, NULL, NULL), ==, "b");

  g_assert_cmpstr (vl_query_get_search (query), ==, "one two");
  g_assert_cmpuint (vl_query_get_n_orders (query), ==, 2);
  g_assert_cmpstr (vl_query_get_order (query, 0, &descending), ==, "x");
  g_assert_true (descending);
  g_assert_cmpstr (vl_query_get_order (query, 1, &descending), ==, "y");
  g_assert_false (descending);

  g_assert_finalize_object (g_steal_pointer (&query));
}

static void
test_invalid_text (void)
{
  g_autoptr (VlQuery) query = where (vl_query_new (), "\xff", VL_OP_IS_NULL, NULL);

  query = order_by (search (query, "\xfe"), "\xfd", FALSE);
  assert_key (g_steal_pointer (&query), "?%EF%BF%BD:nu&/%EF%BF%BD&+%EF%BF%BD");
}

static const char *const foreign_keys[] = {
  "",
  "**",
  "*&*",
  "&",
  "?",
  "?a",
  "?a:",
  "?a:zz",
  "?a:eq:",
  "?a:eq:i",
  "?a:eq:i01",
  "?a:eq:i1&",
  "&?a:eq:i1",
  "?a:eq:i9223372036854775808",
  "?a:eq:d",
  "?a:eq:d1x",
  "?a:eq:d0x1p3",
  "?a:eq:d1.0",
  "?a:eq:d1e999",
  "?a:eq:dNAN",
  "?a:eq:d-nan",
  "?a:eq:d-0",
  "?a:eq:b2",
  "?a:eq:b",
  "?a:eq:q1",
  "?a:eq:s%00",
  "?a:eq:s%zz",
  "?a:eq:s%4",
  "?a:eq:s%41",
  "?a:eq:s%c3%a9",
  "?a:eq:s%FF",
  "?a:eq:sé",
  "?a:eq:s b",
  "?a:eq:x0",
  "?a:eq:xFF",
  "?a:eq:xzz",
  "?a:eq:v",
  "?a:eq:vx.",
  "?a:eq:vx.0100000000000000",
  "?a:eq:v%2A.00",
  "?a:eq:v%28.00",
  "?a:eq:vas.6100",
  "?a:eq:vas",
  "?a:eq:(i1)",
  "?a:in:(",
  "?a:in:(i1",
  "?a:in:(i1,",
  "?a:in:(i1,)",
  "?a:in:(i2,i1)",
  "?a:in:(i1,i1)",
  "?a:in:(dnan)",
  "?a:in:()x",
  "?a:in:((i1))",
  "?a:nu:i1",
  "?a:3:i1",
  "?a:-1",
  "?a:4294967296",
  "?b:nu&?a:nu",
  "?a:nu&?a:nu",
  "?a:nu?b:nu",
  "/",
  "/+",
  "/a+",
  "/a++b",
  "/a&/b",
  "/a%20b",
  "+a&?a:nu",
  "+a&/b",
  "+a&+a",
  "+a&-a",
  "+a+b",
  "%2A",
  "x",
  " ",
  "?a:12&?a:nu ",
  "\xff",
  "?\xff:nu",
};

static void
test_foreign_keys (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (foreign_keys); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VlQuery) query = vl_query_parse (foreign_keys[i], &error);

      g_test_message ("%u: %s", i, error != NULL ? error->message : "taken for a key");
      g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
      g_assert_null (query);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
}

static gpointer
get_key (gpointer data)
{
  return (gpointer) vl_query_get_key (data);
}

static void
test_threads (void)
{
  for (guint round = 0; round < 50; round++)
    {
      g_autoptr (VlQuery) query = where (vl_query_new (), "a", VL_OP_EQ, "1");
      g_autoptr (VlQuery) page = vl_query_window (query, 10, 10);
      GThread *threads[4];

      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        threads[i] = g_thread_new ("key", get_key, i % 2 == 0 ? query : page);
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        g_assert_true (g_thread_join (threads[i]) == (gpointer) vl_query_get_key (query));
    }
}

/* Fails with a message like `pattern`, or not at all when that is NULL. */
static void
assert_check (VlQuery *taken, const char *pattern)
{
  g_autoptr (VlQuery) query = taken;
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("product");
  g_autoptr (VlSchema) schema = NULL;
  g_autoptr (GError) error = NULL;

  vl_schema_builder_add_column (builder, "name", VL_FIELD_TYPE_STRING, TRUE);
  schema = vl_schema_builder_end (builder);

  if (pattern == NULL)
    {
      g_assert_true (vl_query_check (query, schema, &error));
      g_assert_no_error (error);
      return;
    }

  g_assert_false (vl_query_check (query, schema, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
  g_test_message ("%s", error->message);
  g_assert_true (g_pattern_match_simple (pattern, error->message));
}

static void
test_check (void)
{
  assert_check (vl_query_new (), NULL);
  assert_check (where (vl_query_new (), "name", VL_OP_EQ, "1"), NULL);
  assert_check (where (vl_query_new (), "name", VL_OP_EQ, "nan"), NULL);
  assert_check (where (vl_query_new (), "name", VL_OP_IN, "@as []"), NULL);
  assert_check (where (vl_query_new (), "name", VL_OP_IS_NULL, "5"), NULL);
  assert_check (where (vl_query_new (), "name", VL_OP_NOT_NULL, NULL), NULL);
  assert_check (order_by (search (vl_query_new (), "x"), "name", TRUE), NULL);

  assert_check (where (vl_query_new (), "price", VL_OP_EQ, "1"), "*product*price*");
  assert_check (order_by (vl_query_new (), "price", TRUE), "*product*price*");
  assert_check (where (vl_query_new (), "name", VL_OP_EQ, NULL), "*name*product*value*");
  assert_check (where (vl_query_new (), "name", VL_OP_LT, "@ms nothing"), "*name*product*value*");
  assert_check (where (vl_query_new (), "name", VL_OP_IN, "'x'"), "*name*product*array*");
  assert_check (where (vl_query_new (), "name", VL_OP_IN, NULL), "*name*product*array*");
  assert_check (where (vl_query_new (), "name", VL_OP_NOT_IN, "{'a': 1}"), "*name*product*array*");
  assert_check (where (vl_query_new (), "name", VL_OP_CONTAINS, "5"), "*name*product*text*");
  assert_check (where (vl_query_new (), "name", (VlOp) 50, "5"), "*name*product*unknown*");
}

static gboolean
meets (const char *fields, VlOp op, const char *value)
{
  g_autoptr (VlQuery) query = where (vl_query_new (), "f", op, value);
  g_autoptr (VlRecord) row = record ("1", fields);

  return vl_query_matches (query, row);
}

static void
test_null (void)
{
  static const char *const nulls[] = { "@a{sv} {}", "{'f': <@mx nothing>}", "{'f': <nan>}" };

  for (guint i = 0; i < G_N_ELEMENTS (nulls); i++)
    {
      for (guint op = VL_OP_EQ; op <= VL_OP_NOT_NULL; op++)
        {
          g_assert_cmpint (meets (nulls[i], (VlOp) op, "1"), ==, op == VL_OP_IS_NULL);
          g_assert_false (op != VL_OP_IS_NULL && meets (nulls[i], (VlOp) op, "[<nan>]"));
        }
      g_assert_false (meets (nulls[i], VL_OP_NOT_IN, "[1]"));
      g_assert_false (meets (nulls[i], VL_OP_CONTAINS, "''"));
      g_assert_false (meets (nulls[i], VL_OP_EQ, "nan"));
    }

  g_assert_true (meets ("{'f': <''>}", VL_OP_NOT_NULL, NULL));
  g_assert_false (meets ("{'f': <''>}", VL_OP_IS_NULL, NULL));
  g_assert_false (meets ("{'f': <1>}", VL_OP_EQ, "nan"));
  g_assert_false (meets ("{'f': <1>}", VL_OP_NE, "nan"));
  g_assert_false (meets ("{'f': <1>}", VL_OP_LT, "nan"));
}

static void
test_operators (void)
{
  g_assert_true (meets ("{'f': <true>}", VL_OP_EQ, "1"));
  g_assert_true (meets ("{'f': <1.0>}", VL_OP_EQ, "true"));
  g_assert_true (meets ("{'f': <-0.0>}", VL_OP_EQ, "0"));
  g_assert_false (meets ("{'f': <int64 9007199254740993>}", VL_OP_EQ, "9007199254740992.0"));
  g_assert_true (meets ("{'f': <int64 9007199254740993>}", VL_OP_GT, "9007199254740992.0"));
  g_assert_false (meets ("{'f': <'1'>}", VL_OP_EQ, "1"));
  g_assert_true (meets ("{'f': <'1'>}", VL_OP_NE, "1"));
  g_assert_true (meets ("{'f': <'1'>}", VL_OP_GT, "1000"));
  g_assert_true (meets ("{'f': <@ay [0]>}", VL_OP_GT, "'zzz'"));
  g_assert_true (meets ("{'f': <@as []>}", VL_OP_GE, "@ay [255]"));
  g_assert_false (meets ("{'f': <'a'>}", VL_OP_EQ, "'A'"));
  g_assert_true (meets ("{'f': <'a'>}", VL_OP_LE, "'a'"));
  g_assert_false (meets ("{'f': <'a'>}", VL_OP_LT, "'a'"));
  g_assert_true (meets ("{'f': <['x']>}", VL_OP_EQ, "['x']"));
  g_assert_true (meets ("{'f': <2>}", VL_OP_IN, "[1.0, 2.0, 3.0]"));
  g_assert_false (meets ("{'f': <4>}", VL_OP_IN, "[1.0, 2.0, 3.0]"));
  g_assert_true (meets ("{'f': <4>}", VL_OP_NOT_IN, "[<1>, <nan>, <@mx nothing>]"));
  g_assert_true (meets ("{'f': <4>}", VL_OP_NOT_IN, "@ax []"));
  g_assert_false (meets ("{'f': <4>}", VL_OP_IN, "@ax []"));
}

static void
test_misfits_meet_nothing (void)
{
  g_assert_false (meets ("{'f': <4>}", VL_OP_IN, "4"));
  g_assert_false (meets ("{'f': <4>}", VL_OP_NOT_IN, "5"));
  g_assert_false (meets ("{'f': <'4'>}", VL_OP_CONTAINS, "4"));
  g_assert_false (meets ("{'f': <4>}", VL_OP_NE, NULL));
  g_assert_false (meets ("{'f': <4>}", (VlOp) 40, "4"));
  g_assert_false (meets ("@a{sv} {}", (VlOp) 40, NULL));
}

static void
test_contains (void)
{
  g_assert_true (meets ("{'f': <'Hello World'>}", VL_OP_CONTAINS, "'LO w'"));
  g_assert_true (meets ("{'f': <'aab'>}", VL_OP_CONTAINS, "'AB'"));
  g_assert_true (meets ("{'f': <'100%_'>}", VL_OP_CONTAINS, "'%_'"));
  g_assert_false (meets ("{'f': <'1000'>}", VL_OP_CONTAINS, "'1%0'"));
  g_assert_false (meets ("{'f': <'abc'>}", VL_OP_CONTAINS, "'abcd'"));
  g_assert_true (meets ("{'f': <'x'>}", VL_OP_CONTAINS, "''"));
  g_assert_true (meets ("{'f': <'ÄÖ'>}", VL_OP_CONTAINS, "'Ö'"));
  g_assert_false (meets ("{'f': <'äö'>}", VL_OP_CONTAINS, "'Ö'"));
  g_assert_false (meets ("{'f': <100>}", VL_OP_CONTAINS, "'1'"));
  g_assert_false (meets ("{'f': <b'abc'>}", VL_OP_CONTAINS, "'b'"));
}

static gboolean
finds (const char *fields, const char *text)
{
  g_autoptr (VlQuery) query = search (vl_query_new (), text);
  g_autoptr (VlRecord) row = record ("1", fields);

  return vl_query_matches (query, row);
}

static void
test_search (void)
{
  const char *fields = "{'name': <'Oak Chair'>, 'city': <'Berlin'>, 'price': <42>}";

  g_assert_true (finds (fields, "chair"));
  g_assert_true (finds (fields, "berlin OAK"));
  g_assert_false (finds (fields, "berlin pine"));
  g_assert_false (finds (fields, "42"));
  g_assert_true (finds (fields, ""));
  g_assert_false (finds ("@a{sv} {}", "a"));
}

static void
assert_order (const char *field, gboolean descending, const char *const *fields)
{
  g_autoptr (VlQuery) query = order_by (vl_query_new (), field, descending);

  for (guint i = 0; fields[i] != NULL; i++)
    for (guint j = 0; fields[j] != NULL; j++)
      {
        g_autoptr (VlRecord) a = record ("1", fields[i]);
        g_autoptr (VlRecord) b = record ("1", fields[j]);

        g_assert_cmpint (vl_query_compare (query, a, b), ==, (i > j) - (i < j));
      }
}

static void
test_nulls_last (void)
{
  static const char *const ascending[] = { "{'f': <1>}", "{'f': <1.5>}", "{'f': <'a'>}",
                                           "@a{sv} {}", NULL };
  static const char *const descending[] = { "{'f': <'a'>}", "{'f': <1.5>}", "{'f': <1>}",
                                            "{'f': <nan>}", NULL };

  assert_order ("f", FALSE, ascending);
  assert_order ("f", TRUE, descending);
}

static VlRecord *
record_with_number_id (const char *id)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("t");
  g_autoptr (VlSchema) schema = NULL;
  g_autoptr (VlRecord) row = record (id, "@a{sv} {}");

  vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_INT64, FALSE);
  vl_schema_builder_set_id_column (builder, "id");
  schema = vl_schema_builder_end (builder);

  return _vl_record_normalize (row, schema);
}

static void
test_ids (void)
{
  g_autoptr (VlQuery) descending = order_by (vl_query_new (), "f", TRUE);
  VlRecord *rows[6] = { record_with_number_id ("9"), record_with_number_id ("10"),
                        record ("10", "@a{sv} {}"),  record ("9", "@a{sv} {}"),
                        record ("a", "@a{sv} {}"),   record (NULL, "@a{sv} {}") };

  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++)
      g_assert_cmpint (vl_query_compare (descending, rows[i], rows[j]), ==, (i > j) - (i < j));

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_object_unref (rows[i]);
}

static void
test_order_keys (void)
{
  g_autoptr (VlQuery) query = order_by (order_by (vl_query_new (), "a", FALSE), "b", TRUE);
  g_autoptr (VlRecord) first = record ("9", "{'a': <1>, 'b': <2>}");
  g_autoptr (VlRecord) second = record ("1", "{'a': <1>, 'b': <1>}");
  g_autoptr (VlRecord) third = record ("0", "{'a': <2>, 'b': <5>}");

  g_assert_cmpint (vl_query_compare (query, first, second), <, 0);
  g_assert_cmpint (vl_query_compare (query, second, third), <, 0);
  g_assert_cmpint (vl_query_compare (query, third, first), >, 0);
  g_assert_cmpint (vl_query_compare (query, first, first), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/query/key/texts-are-stable", test_key_texts);
  g_test_add_func ("/query/key/ill-formed-conditions-have-one", test_ill_formed_keys);
  g_test_add_func ("/query/key/special-numbers", test_special_numbers);
  g_test_add_func ("/query/key/may-be-long", test_long_keys);
  g_test_add_func ("/query/key/threads-get-the-same", test_threads);
  g_test_add_func ("/query/parse/foreign-text-is-invalid", test_foreign_keys);
  g_test_add_func ("/query/values-are-normal", test_values_are_normal);
  g_test_add_func ("/query/equal/whatever-the-order-of-conditions", test_equality);
  g_test_add_func ("/query/window-is-not-in-the-key", test_window);
  g_test_add_func ("/query/getters-say-what-it-was-made-of", test_getters);
  g_test_add_func ("/query/text-becomes-utf8", test_invalid_text);
  g_test_add_func ("/query/check/names-what-is-wrong", test_check);
  g_test_add_func ("/query/matches/null-meets-is-null-alone", test_null);
  g_test_add_func ("/query/matches/operators", test_operators);
  g_test_add_func ("/query/matches/misfits-meet-nothing", test_misfits_meet_nothing);
  g_test_add_func ("/query/matches/contains-is-literal", test_contains);
  g_test_add_func ("/query/matches/search-wants-every-word-somewhere", test_search);
  g_test_add_func ("/query/compare/nulls-last-both-ways", test_nulls_last);
  g_test_add_func ("/query/compare/ids-decide-last", test_ids);
  g_test_add_func ("/query/compare/keys-in-turn", test_order_keys);

  return g_test_run ();
}
