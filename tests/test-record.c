/* test-record.c: records
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <math.h>
#include <string.h>
#include <vantage-live.h>

#include "table/vl-cell-private.h"

static VlRecord *
make_all_types (void)
{
  GVariant *fields = g_variant_new_parsed (
    "{'yes': <true>, 'small': <byte 7>, 'low': <int64 -9223372036854775808>,"
    " 'high': <int64 9223372036854775807>, 'half': <0.5>, 'text': <'größe'>, 'path': <objectpath "
    "'/a'>,"
    " 'raw': <[byte 0xff, 0x00]>, 'nothing': <@mv nothing>, 'just': <just 3>, 'nested': <<'in'>>,"
    " 'list': <['a', 'b']>, 'huge': <uint64 18446744073709551615>, 'fits': <uint64 5>,"
    " 'dict': <{'k': <1>}>}");

  return vl_record_new ("r1", fields);
}

static void
test_types (void)
{
  g_autoptr (VlRecord) record = make_all_types ();
  static const struct
  {
    const char *field;
    VlFieldType type;
  } expected[] = {
    { "yes", VL_FIELD_TYPE_BOOLEAN },   { "small", VL_FIELD_TYPE_INT64 },
    { "low", VL_FIELD_TYPE_INT64 },     { "high", VL_FIELD_TYPE_INT64 },
    { "half", VL_FIELD_TYPE_DOUBLE },   { "text", VL_FIELD_TYPE_STRING },
    { "path", VL_FIELD_TYPE_STRING },   { "raw", VL_FIELD_TYPE_BYTES },
    { "nothing", VL_FIELD_TYPE_NULL },  { "just", VL_FIELD_TYPE_INT64 },
    { "nested", VL_FIELD_TYPE_STRING }, { "list", VL_FIELD_TYPE_VARIANT },
    { "huge", VL_FIELD_TYPE_VARIANT },  { "fits", VL_FIELD_TYPE_INT64 },
    { "dict", VL_FIELD_TYPE_VARIANT },  { "unknown", VL_FIELD_TYPE_NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpint (vl_record_get_field_type (record, expected[i].field), ==, expected[i].type);
}

static void
test_getters (void)
{
  g_autoptr (VlRecord) record = make_all_types ();
  g_autoptr (GBytes) raw = vl_record_get_bytes (record, "raw");

  g_assert_cmpstr (vl_record_get_id (record), ==, "r1");
  g_assert_cmpint (vl_record_get_int64 (record, "low"), ==, G_MININT64);
  g_assert_cmpint (vl_record_get_int64 (record, "high"), ==, G_MAXINT64);
  g_assert_cmpint (vl_record_get_int64 (record, "half"), ==, 0);
  g_assert_cmpint (vl_record_get_int64 (record, "yes"), ==, 1);
  g_assert_cmpint (vl_record_get_int64 (record, "text"), ==, 0);
  g_assert_cmpfloat (vl_record_get_double (record, "small"), ==, 7.0);
  g_assert_cmpfloat (vl_record_get_double (record, "yes"), ==, 1.0);
  g_assert_cmpfloat (vl_record_get_double (record, "unknown"), ==, 0.0);
  g_assert_true (vl_record_get_boolean (record, "yes"));
  g_assert_true (vl_record_get_boolean (record, "half"));
  g_assert_true (vl_record_get_boolean (record, "low"));
  g_assert_false (vl_record_get_boolean (record, "text"));
  g_assert_false (vl_record_get_boolean (record, "nothing"));
  g_assert_cmpstr (vl_record_get_string (record, "text"), ==, "größe");
  g_assert_null (vl_record_get_string (record, "small"));
  g_assert_null (vl_record_get_string (record, "nothing"));
  g_assert_null (vl_record_get_string (record, "raw"));
  g_assert_cmpmem (g_bytes_get_data (raw, NULL), g_bytes_get_size (raw), "\xff\x00", 2);
  g_assert_null (vl_record_get_bytes (record, "text"));
  g_assert_true (vl_record_has_field (record, "nothing"));
  g_assert_true (vl_record_is_null (record, "nothing"));
  g_assert_false (vl_record_has_field (record, "unknown"));
  g_assert_true (vl_record_is_null (record, "unknown"));
  g_assert_false (vl_record_is_null (record, "yes"));
}

static void
test_doubles_saturate (void)
{
  static const struct
  {
    double real;
    gint64 integer;
  } expected[] = {
    { 1e300, G_MAXINT64 },
    { -1e300, G_MININT64 },
    { INFINITY, G_MAXINT64 },
    { -INFINITY, G_MININT64 },
    { NAN, 0 },
    { 9223372036854775808.0, G_MAXINT64 },
    { -9223372036854775808.0, G_MININT64 },
    { 9223372036854774784.0, G_GINT64_CONSTANT (9223372036854774784) },
    { -1.9, -1 },
    { 1.9, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
      g_autoptr (VlRecord) record = NULL;

      vl_record_builder_set_double (builder, "d", expected[i].real);
      record = vl_record_builder_end (builder);
      g_assert_cmpint (vl_record_get_int64 (record, "d"), ==, expected[i].integer);
      g_assert_true (vl_record_get_boolean (record, "d") != !!isnan (expected[i].real));
    }
}

static void
test_variants (void)
{
  static const char *const printed[] = { "yes",        "true",      "small",
                                         "int64 7",    "half",      "0.5",
                                         "text",       "'größe'",   "list",
                                         "['a', 'b']", "huge",      "uint64 18446744073709551615",
                                         "dict",       "{'k': <1>}" };
  g_autoptr (VlRecord) record = make_all_types ();

  for (guint i = 0; i < G_N_ELEMENTS (printed); i += 2)
    {
      g_autoptr (GVariant) value = vl_record_get_variant (record, printed[i]);
      g_autofree char *text = g_variant_print (value, TRUE);

      g_assert_false (g_variant_is_floating (value));
      g_assert_cmpstr (text, ==, printed[i + 1]);
    }
  g_assert_null (vl_record_get_variant (record, "nothing"));
  g_assert_null (vl_record_get_variant (record, "unknown"));
}

static void
test_values_outlive_record (void)
{
  VlRecord *record = make_all_types ();
  g_autoptr (GBytes) bytes = vl_record_get_bytes (record, "raw");
  g_autoptr (GVariant) list = vl_record_get_variant (record, "list");
  const char *second = NULL;

  g_object_unref (record);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 2);
  g_variant_get_child (list, 1, "&s", &second);
  g_assert_cmpstr (second, ==, "b");
}

static void
test_value (void)
{
  g_autoptr (VlRecord) record = make_all_types ();
  static const struct
  {
    const char *field;
    const char *type;
  } expected[] = {
    { "yes", "gboolean" },    { "small", "gint64" },       { "half", "gdouble" },
    { "text", "gchararray" }, { "nothing", "gchararray" }, { "raw", "GBytes" },
    { "list", "GVariant" },
  };
  GValue missing = G_VALUE_INIT;

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      GValue value = G_VALUE_INIT;

      g_assert_true (vl_record_get_value (record, expected[i].field, &value));
      g_assert_cmpstr (G_VALUE_TYPE_NAME (&value), ==, expected[i].type);
      g_value_unset (&value);
    }

  g_assert_false (vl_record_get_value (record, "unknown", &missing));
  g_assert_true (G_VALUE_HOLDS_STRING (&missing));
  g_assert_null (g_value_get_string (&missing));
  g_value_unset (&missing);
}

static void
test_date_time (void)
{
  static const struct
  {
    const char *text;
    gint64 unix_time;
  } expected[] = {
    { "2025-02-28T17:05:00Z", 1740762300 },
    { "2025-02-28T18:05:00+01:00", 1740762300 },
    { "2025-02-28 17:05:00", 1740762300 },
    { "2025-02-28", 1740700800 },
  };
  g_autoptr (VlRecord)
    bad = vl_record_new (NULL, g_variant_new_parsed ("{'t': <'soon'>, 'n': <1>}"));

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (VlRecord)
        record = vl_record_new (NULL, g_variant_new_parsed ("{'t': <%s>}", expected[i].text));
      g_autoptr (GDateTime) date_time = vl_record_get_date_time (record, "t");

      g_assert_nonnull (date_time);
      g_assert_cmpint (g_date_time_to_unix (date_time), ==, expected[i].unix_time);
    }
  g_assert_null (vl_record_get_date_time (bad, "t"));
  g_assert_null (vl_record_get_date_time (bad, "n"));
}

static void
test_ids (void)
{
  g_autoptr (VlRecord) none = vl_record_new (NULL, NULL);
  g_autoptr (VlRecord) text = vl_record_new ("7", NULL);
  g_autoptr (VlRecord) broken = vl_record_new ("\xff", NULL);
  g_autoptr (VlRecord) fresh = vl_record_new ("new:0190", NULL);
  g_autoptr (VlRecord) bare = g_object_new (VL_TYPE_RECORD, NULL);
  VlCell cell;

  g_assert_null (vl_record_get_id (none));
  g_assert_false (_vl_record_get_id_cell (none, &cell));
  g_assert_cmpstr (vl_record_get_id (text), ==, "7");
  g_assert_true (_vl_record_get_id_cell (text, &cell));
  g_assert_cmpint (cell.type, ==, VL_FIELD_TYPE_STRING);
  g_assert_null (vl_record_get_id (broken));
  g_assert_true (vl_record_is_provisional (fresh));
  g_assert_false (vl_record_is_provisional (text));
  g_assert_false (vl_record_is_provisional (none));
  g_assert_null (vl_record_get_id (bare));
  g_assert_false (vl_record_has_field (bare, "x"));
  g_assert_true (vl_record_equal (bare, none));
}

static void
test_field_names (void)
{
  g_autoptr (VlRecord)
    record = vl_record_new ("1", g_variant_new_parsed ("{'b': <1>, 'a': <@mv nothing>, 'b': <2>}"));
  g_auto (GStrv) names = vl_record_get_field_names (record);
  const char *const expected[] = { "b", "a", NULL };

  g_assert_cmpstrv (names, (char **) expected);
  g_assert_cmpint (vl_record_get_int64 (record, "b"), ==, 2);
}

/* Enough columns that they are found by hash. */
static void
test_many_fields (void)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new ("1");
  g_autoptr (VlRecord) record = NULL;

  for (int i = 0; i < 500; i++)
    {
      g_autofree char *name = g_strdup_printf ("column%d", i);

      vl_record_builder_set_int64 (builder, name, i);
    }
  record = vl_record_builder_end (builder);

  for (int i = 0; i < 500; i++)
    {
      g_autofree char *name = g_strdup_printf ("column%d", i);

      g_assert_cmpint (vl_record_get_int64 (record, name), ==, i);
    }
  g_assert_false (vl_record_has_field (record, "column500"));
  g_assert_false (vl_record_has_field (record, ""));
}

static void
test_to_variant (void)
{
  g_autoptr (VlRecord) record = make_all_types ();
  g_autoptr (GVariant) fields = vl_record_to_variant (record);
  g_autoptr (VlRecord) again = vl_record_new ("r1", fields);
  g_autoptr (VlRecord) renamed = vl_record_new ("r2", fields);

  g_assert_true (vl_record_equal (record, again));
  g_assert_false (vl_record_equal (record, renamed));
}

static VlRecord *
parse (const char *id, const char *fields)
{
  return vl_record_new (id, g_variant_new_parsed (fields));
}

static void
assert_equal (const char *a, const char *b, gboolean expected)
{
  g_autoptr (VlRecord) record_a = parse ("1", a);
  g_autoptr (VlRecord) record_b = parse ("1", b);

  g_assert_true (vl_record_equal (record_a, record_b) == expected);
  g_assert_true (vl_record_equal (record_b, record_a) == expected);
}

static void
test_equal (void)
{
  assert_equal ("{'a': <1>, 'b': <2>}", "{'b': <2>, 'a': <1>}", TRUE);
  assert_equal ("{'a': <1>}", "{'a': <1.0>}", FALSE);
  assert_equal ("{'a': <1>}", "{'a': <'1'>}", FALSE);
  assert_equal ("{'a': <1>}", "{'a': <1>, 'b': <@mv nothing>}", FALSE);
  assert_equal ("{'a': <@mv nothing>}", "{'a': <@ms nothing>}", TRUE);
  assert_equal ("{'a': <[1]>}", "{'a': <[uint32 1]>}", FALSE);
  assert_equal ("{'a': <[1]>}", "{'a': <[1]>}", TRUE);
  assert_equal ("{'a': <b'x'>}", "{'a': <'x'>}", FALSE);
  assert_equal ("@a{sv} {}", "@a{sv} {}", TRUE);
}

static void
test_equal_nan (void)
{
  g_autoptr (VlRecord) a = vl_record_new ("1", g_variant_new_parsed ("{'n': <%d>}", NAN));
  g_autoptr (VlRecord) b = vl_record_new ("1", g_variant_new_parsed ("{'n': <%d>}", NAN));

  g_assert_true (vl_record_equal (a, b));
}

/* The record of a table has its id as an integer and as a field, the one made
 * by a caller has it as text. */
static void
test_equal_id_column (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = vl_record_new_from_json ("{\"id\": 5, \"a\": 1}", &error);
  g_autoptr (VlRecord) made = parse ("5", "{'a': <1>}");
  g_autoptr (VlRecord) other = parse ("6", "{'a': <1>}");

  g_assert_no_error (error);
  g_assert_true (vl_record_has_field (stored, "id"));
  g_assert_true (vl_record_equal (stored, made));
  g_assert_true (vl_record_equal (made, stored));
  g_assert_false (vl_record_equal (stored, other));
}

static void
test_merge (void)
{
  g_autoptr (VlRecord) base = parse ("1", "{'a': <1>, 'b': <'x'>, 'c': <true>}");
  g_autoptr (VlRecord) patch = parse ("2", "{'b': <@mv nothing>, 'd': <4.5>, 'a': <'one'>}");
  g_autoptr (VlRecord)
    expected = parse ("1", "{'a': <'one'>, 'b': <@mv nothing>, 'c': <true>, 'd': <4.5>}");
  g_autoptr (VlRecord) merged = vl_record_merge (base, patch);
  g_auto (GStrv) names = vl_record_get_field_names (merged);
  const char *const order[] = { "a", "b", "c", "d", NULL };

  g_assert_true (vl_record_equal (merged, expected));
  g_assert_cmpstrv (names, (char **) order);
}

static void
test_merge_keeps_id (void)
{
  g_autoptr (VlRecord) base = vl_record_new_from_json ("{\"id\": 5, \"a\": 1}", NULL);
  g_autoptr (VlRecord) patch = vl_record_new_from_json ("{\"id\": 6, \"a\": 2}", NULL);
  g_autoptr (VlRecord) merged = vl_record_merge (base, patch);
  VlCell cell;

  g_assert_cmpstr (vl_record_get_id (merged), ==, "5");
  g_assert_cmpint (vl_record_get_int64 (merged, "id"), ==, 5);
  g_assert_cmpint (vl_record_get_int64 (merged, "a"), ==, 2);
  g_assert_true (_vl_record_get_id_cell (merged, &cell));
  g_assert_cmpint (cell.type, ==, VL_FIELD_TYPE_INT64);
}

static void
test_diff (void)
{
  g_autoptr (VlRecord) base = parse ("1", "{'a': <1>, 'b': <'x'>, 'c': <true>, 'e': <1>}");
  g_autoptr (VlRecord)
    newer = parse ("2", "{'a': <1>, 'b': <'y'>, 'd': <@mv nothing>, 'e': <1.0>}");
  g_autoptr (VlRecord) expected = parse ("1", "{'b': <'y'>, 'd': <@mv nothing>, 'e': <1.0>}");
  g_autoptr (VlRecord) diff = vl_record_diff (base, newer);
  g_autoptr (VlRecord) none = vl_record_diff (base, base);
  g_auto (GStrv) names = vl_record_get_field_names (none);

  g_assert_true (vl_record_equal (diff, expected));
  g_assert_cmpuint (g_strv_length (names), ==, 0);
  g_assert_cmpstr (vl_record_get_id (none), ==, "1");
}

static void
test_diff_without_id_column (void)
{
  g_autoptr (VlRecord) base = parse ("5", "{'a': <1>}");
  g_autoptr (VlRecord) newer = vl_record_new_from_json ("{\"id\": 5, \"a\": 2}", NULL);
  g_autoptr (VlRecord) diff = vl_record_diff (base, newer);

  g_assert_false (vl_record_has_field (diff, "id"));
  g_assert_cmpint (vl_record_get_int64 (diff, "a"), ==, 2);
  g_assert_cmpstr (vl_record_get_id (diff), ==, "5");
}

/* A patch made by diff and applied by merge gives the newer record. */
static void
test_diff_then_merge (void)
{
  g_autoptr (VlRecord) base = parse ("1", "{'a': <1>, 'b': <'x'>}");
  g_autoptr (VlRecord) newer = parse ("1", "{'b': <'y'>, 'a': <@mv nothing>, 'c': <[1, 2]>}");
  g_autoptr (VlRecord) patch = vl_record_diff (base, newer);
  g_autoptr (VlRecord) merged = vl_record_merge (base, patch);

  g_assert_true (vl_record_equal (merged, newer));
}

static VlSchema *
make_schema (VlFieldType id_type)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("t");

  vl_schema_builder_add_column (builder, "key", id_type, FALSE);
  vl_schema_builder_add_column (builder, "a", VL_FIELD_TYPE_INT64, TRUE);
  vl_schema_builder_set_id_column (builder, "key");

  return vl_schema_builder_end (builder);
}

static void
assert_normal (VlRecord *record,
               VlSchema *schema,
               const char *id,
               VlFieldType type,
               VlFieldType field)
{
  g_autoptr (VlRecord) normal = _vl_record_normalize (record, schema);
  g_autoptr (VlRecord) again = _vl_record_normalize (normal, schema);
  VlCell cell;

  g_assert_true (again == normal);
  g_assert_cmpstr (vl_record_get_id (normal), ==, id);
  _vl_record_get_id_cell (normal, &cell);
  g_assert_cmpint (cell.type, ==, type);
  g_assert_cmpint (vl_record_get_field_type (normal, "key"), ==, field);
  g_assert_cmpint (vl_record_get_int64 (normal, "a"), ==, 1);
}

static void
test_normalize (void)
{
  g_autoptr (VlSchema) integers = make_schema (VL_FIELD_TYPE_INT64);
  g_autoptr (VlSchema) texts = make_schema (VL_FIELD_TYPE_STRING);
  g_autoptr (VlRecord) plain = parse ("5", "{'a': <1>}");
  g_autoptr (VlRecord) odd = parse ("05", "{'a': <1>}");
  g_autoptr (VlRecord) none = parse (NULL, "{'a': <1>}");
  g_autoptr (VlRecord) by_field = parse (NULL, "{'a': <1>, 'key': <'8'>}");
  g_autoptr (VlRecord) text_field = parse ("5", "{'key': <'5'>, 'a': <1>}");
  g_autoptr (VlRecord) other_field = parse ("5", "{'key': <'6'>, 'a': <1>}");

  assert_normal (plain, integers, "5", VL_FIELD_TYPE_INT64, VL_FIELD_TYPE_INT64);
  assert_normal (plain, texts, "5", VL_FIELD_TYPE_STRING, VL_FIELD_TYPE_STRING);
  assert_normal (odd, integers, "05", VL_FIELD_TYPE_STRING, VL_FIELD_TYPE_STRING);
  assert_normal (none, integers, NULL, VL_FIELD_TYPE_NULL, VL_FIELD_TYPE_NULL);
  assert_normal (by_field, integers, "8", VL_FIELD_TYPE_INT64, VL_FIELD_TYPE_INT64);
  assert_normal (by_field, texts, "8", VL_FIELD_TYPE_STRING, VL_FIELD_TYPE_STRING);
  assert_normal (text_field, integers, "5", VL_FIELD_TYPE_INT64, VL_FIELD_TYPE_INT64);
  assert_normal (other_field, integers, "5", VL_FIELD_TYPE_INT64, VL_FIELD_TYPE_INT64);
}

static void
assert_json (VlRecord *record, const char *expected)
{
  g_autofree char *json = vl_record_to_json (record);

  g_assert_cmpstr (json, ==, expected);
}

static void
test_to_json (void)
{
  g_autoptr (VlRecord) plain =
    parse ("a\"b",
           "{'s': <'x\\n\\t\\\\é'>, 'd': <1.0>, 'e': <0.1>, 'n': <@mv nothing>, 'y': <[byte 1, 2]>,"
           " 'v': <[(1, 'x')]>, 'o': <{'k': <just 2.5>, 'm': <@ms nothing>}>, 't': <true>,"
           " 'q': <{1: uint64 2}>}");
  g_autoptr (VlRecord) field = parse ("5", "{'a': <1>, 'id': <7>}");
  g_autoptr (VlRecord) empty = vl_record_new (NULL, NULL);
  g_autoptr (VlRecord)
    nan = vl_record_new ("1", g_variant_new_parsed ("{'n': <%d>, 'i': <%d>}", NAN, -INFINITY));

  assert_json (plain,
               "{\"id\":\"a\\\"b\",\"s\":\"x\\n\\u0009\\\\é\",\"d\":1.0,\"e\":0.1,\"n\":null,"
               "\"y\":\"AQI=\",\"v\":[[1,\"x\"]],\"o\":{\"k\":2.5,\"m\":null},\"t\":true,"
               "\"q\":{\"1\":2}}");
  assert_json (field, "{\"id\":7,\"a\":1}");
  assert_json (empty, "{\"id\":null}");
  assert_json (nan, "{\"id\":\"1\",\"n\":null,\"i\":null}");
}

static void
test_json_round_trip (void)
{
  static const char *const texts[] = {
    "{\"id\":\"x\",\"a\":1,\"b\":1.5,\"c\":null,\"d\":true,\"e\":\"t\"}",
    "{\"id\":9223372036854775807,\"a\":-9223372036854775808}",
    "{\"id\":null,\"a\":1e300,\"b\":2.0,\"c\":-0.0,\"d\":5e-324,\"f\":0.30000000000000004}",
    "{\"id\":\"x\",\"a\":[],\"b\":[1,[null,\"x\"]],\"c\":{},\"d\":{\"k\":{\"l\":2.5}}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VlRecord) record = vl_record_new_from_json (texts[i], &error);
      g_autoptr (VlRecord) again = NULL;
      g_autofree char *json = NULL;

      g_assert_no_error (error);
      json = vl_record_to_json (record);
      again = vl_record_new_from_json (json, &error);
      g_assert_no_error (error);
      g_assert_true (vl_record_equal (record, again));
    }
}

static void
test_from_json (void)
{
  g_autoptr (VlRecord)
    record = vl_record_new_from_json ("{\"a\":[1,null],\"id\":42,\"b\":{\"k\":1}}", NULL);
  g_autoptr (VlRecord) text = vl_record_new_from_json ("{\"id\":\"42\"}", NULL);
  g_autoptr (GVariant) list = vl_record_get_variant (record, "a");
  g_autofree char *printed = g_variant_print (list, TRUE);
  VlCell cell;

  g_assert_cmpstr (vl_record_get_id (record), ==, "42");
  g_assert_cmpint (vl_record_get_int64 (record, "id"), ==, 42);
  g_assert_true (_vl_record_get_id_cell (record, &cell));
  g_assert_cmpint (cell.type, ==, VL_FIELD_TYPE_INT64);
  g_assert_cmpstr (printed, ==, "[<int64 1>, <@mv nothing>]");
  g_assert_false (vl_record_has_field (text, "id"));
  g_assert_cmpstr (vl_record_get_id (text), ==, "42");
}

/* What comes out for the field `x`. */
static void
assert_field (const char *value, const char *expected)
{
  g_autofree char *json = g_strdup_printf ("{ \"id\" : \"1\" ,\n\t\"x\" : %s }", value);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record = vl_record_new_from_json (json, &error);
  g_autoptr (GVariant) field = NULL;
  g_autofree char *printed = NULL;

  g_assert_no_error (error);
  field = vl_record_get_variant (record, "x");
  if (field != NULL)
    printed = g_variant_print (field, TRUE);
  g_assert_cmpstr (printed, ==, expected);
}

static void
test_from_json_values (void)
{
  assert_field ("9223372036854775807", "int64 9223372036854775807");
  assert_field ("9223372036854775808", "uint64 9223372036854775808");
  assert_field ("18446744073709551615", "uint64 18446744073709551615");
  assert_field ("18446744073709551616", "1.8446744073709552e+19");
  assert_field ("-9223372036854775808", "int64 -9223372036854775808");
  assert_field ("-9223372036854775809", "-9.2233720368547758e+18");
  assert_field ("1E2", "100.0");
  assert_field ("-0.5e-1", "-0.050000000000000003");
  assert_field ("0", "int64 0");
  assert_field ("null", NULL);
  assert_field ("true", "true");
  assert_field ("\"\\u00e9\\ud83d\\ude00\\n\\/\\\"\"", "'é😀\\n/\"'");
  assert_field ("\"\\ud83d x\\ude00\"", "'\xef\xbf\xbd x\xef\xbf\xbd'");
  assert_field ("\"a\\u0000b\"", "[byte 0x61, 0x00, 0x62]");
  assert_field ("[ ]", "@av []");
  assert_field ("[ 1 , {\"k\" : [ ] } ]", "[<int64 1>, <{'k': <@av []>}>]");
}

static void
test_from_json_refuses (void)
{
  g_autofree char *open = g_strnfill (100000, '[');
  g_autofree char *deep = g_strconcat ("{\"a\":", open, NULL);
  const char *const texts[] = {
    "",
    "nonsense",
    "[]",
    "1",
    "null",
    "{",
    "{\"id\":1.5}",
    "{\"id\":true}",
    "{\"id\":[1]}",
    "{\"id\":18446744073709551615}",
    "{\"a\":01}",
    "{\"a\":0x10}",
    "{\"a\":1.}",
    "{\"a\":.5}",
    "{\"a\":-}",
    "{\"a\":1e}",
    "{\"a\":1e999}",
    "{\"a\":+1}",
    "{\"a\":NaN}",
    "{\"a\":1,}",
    "{\"a\":[1,]}",
    "{\"a\":[1 2]}",
    "{\"a\" 1}",
    "{a:1}",
    "{'a':1}",
    "{\"a\":1} x",
    "{\"a\":1}{}",
    "{\"a\":\"\\x\"}",
    "{\"a\":\"\\u12g4\"}",
    "{\"a\":\"\\",
    "{\"a\":\"tab\tinside\"}",
    "{\"a\":\"open}",
    "{\"a\\u0000\":1}",
    "{\"a\":\"\xff\"}",
    "{\"a\":1 /* no */}",
    "{\"a\":truely}",
    deep,
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (vl_record_new_from_json (texts[i], &error));
      g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
    }
}

/* No prefix of a text and no random change of it does harm. */
static void
test_from_json_damaged (void)
{
  static const char sound[] = "{\"id\":\"1\",\"a\":[1,-2.5e3,{\"k\":null}],\"b\":\"\\u00e9\\n\","
                              "\"c\":true}";

  for (gsize cut = 0; cut < strlen (sound); cut++)
    {
      g_autofree char *part = g_strndup (sound, cut);

      g_assert_null (vl_record_new_from_json (part, NULL));
    }
  for (guint round = 0; round < 20000; round++)
    {
      static const char alphabet[] = "{}[]\",:\\u0123eE+-.tfn \xc3\xa9";
      g_autofree char *text = g_strdup (sound);
      g_autoptr (VlRecord) record = NULL;

      for (guint i = 0; i < 2; i++)
        text[g_test_rand_int_range (0, (gint32) strlen (sound))] =
          alphabet[g_test_rand_int_range (0, (gint32) strlen (alphabet))];
      record = vl_record_new_from_json (text, NULL);
      if (record != NULL)
        {
          g_autofree char *json = vl_record_to_json (record);
          g_autoptr (VlRecord) again = vl_record_new_from_json (json, NULL);

          g_assert_nonnull (again);
        }
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/record/types-by-variant", test_types);
  g_test_add_func ("/record/getters-convert", test_getters);
  g_test_add_func ("/record/doubles-saturate", test_doubles_saturate);
  g_test_add_func ("/record/any-field-as-variant", test_variants);
  g_test_add_func ("/record/values-outlive-the-record", test_values_outlive_record);
  g_test_add_func ("/record/value-is-always-initialised", test_value);
  g_test_add_func ("/record/date-time", test_date_time);
  g_test_add_func ("/record/ids", test_ids);
  g_test_add_func ("/record/field-names-in-order", test_field_names);
  g_test_add_func ("/record/many-fields", test_many_fields);
  g_test_add_func ("/record/to-variant-round-trips", test_to_variant);
  g_test_add_func ("/record/equal", test_equal);
  g_test_add_func ("/record/equal/nan-is-nan", test_equal_nan);
  g_test_add_func ("/record/equal/id-column-does-not-count", test_equal_id_column);
  g_test_add_func ("/record/merge/patch-wins", test_merge);
  g_test_add_func ("/record/merge/id-stays", test_merge_keeps_id);
  g_test_add_func ("/record/diff/changed-fields-only", test_diff);
  g_test_add_func ("/record/diff/id-column-is-no-change", test_diff_without_id_column);
  g_test_add_func ("/record/diff/merges-to-the-newer", test_diff_then_merge);
  g_test_add_func ("/record/normalize", test_normalize);
  g_test_add_func ("/record/json/written", test_to_json);
  g_test_add_func ("/record/json/round-trips", test_json_round_trip);
  g_test_add_func ("/record/json/read", test_from_json);
  g_test_add_func ("/record/json/values", test_from_json_values);
  g_test_add_func ("/record/json/damaged", test_from_json_damaged);
  g_test_add_func ("/record/json/refuses-what-is-not-a-record", test_from_json_refuses);

  return g_test_run ();
}
