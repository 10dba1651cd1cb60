/* test-record-builder.c: records made field by field
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>
#include <vantage-live.h>

#include "table/vl-record-private.h"

static void
test_setters (void)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new ("1");
  g_autoptr (GBytes) bytes = g_bytes_new_static ("\0x", 2);
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (VlRecord)
    expected = vl_record_new ("1",
                              g_variant_new_parsed (
                                "{'n': <@mv nothing>, 'b': <true>, 'i': <int64 -3>, 'd': <2.5>,"
                                " 's': <'text'>, 'y': <[byte 0, 0x78]>, 'v': <[1]>}"));

  vl_record_builder_set_null (builder, "n");
  vl_record_builder_set_boolean (builder, "b", 2);
  vl_record_builder_set_int64 (builder, "i", -3);
  vl_record_builder_set_double (builder, "d", 2.5);
  vl_record_builder_set_string (builder, "s", "text");
  vl_record_builder_set_bytes (builder, "y", bytes);
  vl_record_builder_set_variant (builder, "v", g_variant_new_parsed ("<[1]>"));
  record = vl_record_builder_end (builder);

  g_assert_true (vl_record_equal (record, expected));
}

static void
test_null_pointers (void)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
  g_autoptr (VlRecord) record = NULL;
  static const char *const fields[] = { "s", "y", "v", "g" };

  vl_record_builder_set_string (builder, "s", NULL);
  vl_record_builder_set_bytes (builder, "y", NULL);
  vl_record_builder_set_variant (builder, "v", NULL);
  g_assert_true (vl_record_builder_set_value (builder, "g", NULL, NULL));
  record = vl_record_builder_end (builder);

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      g_assert_true (vl_record_has_field (record, fields[i]));
      g_assert_true (vl_record_is_null (record, fields[i]));
    }
}

static void
test_text_that_is_not_utf8 (void)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (GBytes) bytes = NULL;

  vl_record_builder_set_string (builder, "s", "long enough for a word, and then \xe9");
  vl_record_builder_set_string (builder, "name \xff", "x");
  record = vl_record_builder_end (builder);
  bytes = vl_record_get_bytes (record, "s");

  g_assert_cmpint (vl_record_get_field_type (record, "s"), ==, VL_FIELD_TYPE_BYTES);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 34);
  g_assert_cmpstr (vl_record_get_string (record, "name \xef\xbf\xbd"), ==, "x");
}

/* What was overwritten is not kept. */
static void
test_set_again (void)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new ("first id");
  g_autoptr (VlRecordBuilder) other = vl_record_builder_new ("1");
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (VlRecord) direct = NULL;
  guint row;

  vl_record_builder_set_string (builder, "a", "a long text that nobody wants");
  vl_record_builder_set_int64 (builder, "b", 1);
  vl_record_builder_set_string (builder, "a", "short");
  vl_record_builder_set_id (builder, "1");
  record = vl_record_builder_end (builder);
  vl_record_builder_set_string (other, "a", "short");
  vl_record_builder_set_int64 (other, "b", 1);
  direct = vl_record_builder_end (other);

  g_assert_true (vl_record_equal (record, direct));
  g_assert_cmpuint (_vl_block_get_n_bytes (_vl_record_get_row (record, &row)), ==,
                    _vl_block_get_n_bytes (_vl_record_get_row (direct, &row)));
}

static void
test_unset (void)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new ("1");
  g_autoptr (VlRecord) record = NULL;

  vl_record_builder_set_string (builder, "a", "x");
  vl_record_builder_set_int64 (builder, "b", 1);
  vl_record_builder_unset (builder, "a");
  vl_record_builder_unset (builder, "unknown");
  record = vl_record_builder_end (builder);

  g_assert_false (vl_record_has_field (record, "a"));
  g_assert_cmpint (vl_record_get_int64 (record, "b"), ==, 1);
  g_assert_cmpstr (vl_record_get_id (record), ==, "1");
}

static void
test_reuse (void)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new ("1");
  g_autoptr (VlRecord) first = NULL;
  g_autoptr (VlRecord) second = NULL;

  vl_record_builder_set_int64 (builder, "a", 1);
  first = vl_record_builder_end (builder);
  vl_record_builder_set_int64 (builder, "b", 2);
  second = vl_record_builder_end (builder);

  g_assert_cmpint (vl_record_get_int64 (first, "a"), ==, 1);
  g_assert_null (vl_record_get_id (second));
  g_assert_false (vl_record_has_field (second, "a"));
  g_assert_cmpint (vl_record_get_int64 (second, "b"), ==, 2);
}

static void
test_from_record (void)
{
  g_autoptr (VlRecord) base = vl_record_new ("1", g_variant_new_parsed ("{'a': <'x'>, 'b': <2>}"));
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new_from (base);
  g_autoptr (VlRecord)
    expected = vl_record_new ("1", g_variant_new_parsed ("{'a': <'y'>, 'b': <2>}"));
  g_autoptr (VlRecord) record = NULL;

  vl_record_builder_set_string (builder, "a", "y");
  record = vl_record_builder_end (builder);

  g_assert_true (vl_record_equal (record, expected));
  g_assert_cmpstr (vl_record_get_string (base, "a"), ==, "x");
}

/* The id and the field of the id column are one. */
static void
test_id_column (void)
{
  g_autoptr (VlRecord) base = vl_record_new_from_json ("{\"id\":5,\"a\":1}", NULL);
  g_autoptr (VlRecordBuilder) by_id = vl_record_builder_new_from (base);
  g_autoptr (VlRecordBuilder) by_field = vl_record_builder_new_from (base);
  g_autoptr (VlRecordBuilder) without = vl_record_builder_new_from (base);
  g_autoptr (VlRecord) record = NULL;

  vl_record_builder_set_id (by_id, "6");
  record = vl_record_builder_end (by_id);
  g_assert_cmpint (vl_record_get_int64 (record, "id"), ==, 6);
  g_assert_cmpstr (vl_record_get_id (record), ==, "6");
  g_clear_object (&record);

  vl_record_builder_set_int64 (by_field, "id", 7);
  record = vl_record_builder_end (by_field);
  g_assert_cmpstr (vl_record_get_id (record), ==, "7");
  g_clear_object (&record);

  vl_record_builder_unset (without, "id");
  record = vl_record_builder_end (without);
  g_assert_false (vl_record_has_field (record, "id"));
  g_assert_cmpstr (vl_record_get_id (record), ==, "5");
  g_assert_cmpint (vl_record_get_int64 (record, "a"), ==, 1);
}

static void
assert_value (const GValue *value, const char *expected)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *printed = NULL;

  g_assert_true (vl_record_builder_set_value (builder, "f", value, &error));
  g_assert_no_error (error);
  record = vl_record_builder_end (builder);
  g_assert_true (vl_record_has_field (record, "f"));
  variant = vl_record_get_variant (record, "f");
  if (variant != NULL)
    printed = g_variant_print (variant, TRUE);
  g_assert_cmpstr (printed, ==, expected);
}

#define ASSERT_VALUE(type, setter, source, expected) \
 G_STMT_START                                        \
 {                                                   \
  GValue value = G_VALUE_INIT;                       \
  g_value_init (&value, type);                       \
  setter (&value, source);                           \
  assert_value (&value, expected);                   \
  g_value_unset (&value);                            \
 }                                                   \
 G_STMT_END

static void
test_values (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("\1", 1);
  g_autoptr (GDateTime) date_time = g_date_time_new_utc (2025, 2, 28, 17, 5, 0);

  ASSERT_VALUE (G_TYPE_CHAR, g_value_set_schar, -1, "int64 -1");
  ASSERT_VALUE (G_TYPE_UCHAR, g_value_set_uchar, 255, "int64 255");
  ASSERT_VALUE (G_TYPE_INT, g_value_set_int, G_MININT, "int64 -2147483648");
  ASSERT_VALUE (G_TYPE_UINT, g_value_set_uint, G_MAXUINT, "int64 4294967295");
  ASSERT_VALUE (G_TYPE_LONG, g_value_set_long, -5, "int64 -5");
  ASSERT_VALUE (G_TYPE_ULONG, g_value_set_ulong, 5, "int64 5");
  ASSERT_VALUE (G_TYPE_INT64, g_value_set_int64, G_MININT64, "int64 -9223372036854775808");
  ASSERT_VALUE (G_TYPE_UINT64, g_value_set_uint64, 6, "int64 6");
  ASSERT_VALUE (G_TYPE_UINT64, g_value_set_uint64, G_MAXUINT64, "uint64 18446744073709551615");
  ASSERT_VALUE (VL_TYPE_OP, g_value_set_enum, VL_OP_LT, "int64 2");
  ASSERT_VALUE (VL_TYPE_CAPABILITIES, g_value_set_flags, VL_CAPABILITY_COUNT, "int64 16");
  ASSERT_VALUE (G_TYPE_FLOAT, g_value_set_float, 0.5f, "0.5");
  ASSERT_VALUE (G_TYPE_DOUBLE, g_value_set_double, 1.0, "1.0");
  ASSERT_VALUE (G_TYPE_BOOLEAN, g_value_set_boolean, TRUE, "true");
  ASSERT_VALUE (G_TYPE_STRING, g_value_set_string, "x", "'x'");
  ASSERT_VALUE (G_TYPE_BYTES, g_value_set_boxed, bytes, "[byte 0x01]");
  ASSERT_VALUE (G_TYPE_DATE_TIME, g_value_set_boxed, date_time, "'2025-02-28T17:05:00Z'");
  ASSERT_VALUE (G_TYPE_VARIANT, g_value_take_variant, g_variant_new_parsed ("[1]"), "[1]");
}

static void
test_null_values (void)
{
  ASSERT_VALUE (G_TYPE_STRING, g_value_set_string, NULL, NULL);
  ASSERT_VALUE (G_TYPE_BYTES, g_value_set_boxed, NULL, NULL);
  ASSERT_VALUE (G_TYPE_VARIANT, g_value_set_variant, NULL, NULL);
  ASSERT_VALUE (G_TYPE_OBJECT, g_value_set_object, NULL, NULL);
  ASSERT_VALUE (G_TYPE_POINTER, g_value_set_pointer, NULL, NULL);
}

static void
test_foreign_values (void)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (GError) error = NULL;
  GValue value = G_VALUE_INIT;

  g_value_init (&value, VL_TYPE_RECORD_BUILDER);
  g_value_set_object (&value, builder);
  vl_record_builder_set_int64 (builder, "owner", 1);
  g_assert_false (vl_record_builder_set_value (builder, "owner", &value, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "owner"));
  g_assert_nonnull (strstr (error->message, "VlRecordBuilder"));
  g_value_unset (&value);
  record = vl_record_builder_end (builder);
  g_assert_cmpint (vl_record_get_int64 (record, "owner"), ==, 1);
}

/* Enough columns that the builder finds them by hash. */
static void
test_many_fields (void)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new ("1");
  g_autoptr (VlRecord) record = NULL;

  for (int round = 0; round < 2; round++)
    for (int i = 0; i < 1000; i++)
      {
        g_autofree char *name = g_strdup_printf ("c%d", i);

        vl_record_builder_set_int64 (builder, name, i + round);
      }
  vl_record_builder_unset (builder, "c999");
  record = vl_record_builder_end (builder);

  g_assert_cmpint (vl_record_get_int64 (record, "c0"), ==, 1);
  g_assert_cmpint (vl_record_get_int64 (record, "c998"), ==, 999);
  g_assert_false (vl_record_has_field (record, "c999"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/record-builder/setters", test_setters);
  g_test_add_func ("/record-builder/null-pointers-are-null", test_null_pointers);
  g_test_add_func ("/record-builder/text-that-is-not-utf8-is-bytes", test_text_that_is_not_utf8);
  g_test_add_func ("/record-builder/set-again-replaces", test_set_again);
  g_test_add_func ("/record-builder/unset", test_unset);
  g_test_add_func ("/record-builder/reusable-after-end", test_reuse);
  g_test_add_func ("/record-builder/from-a-record", test_from_record);
  g_test_add_func ("/record-builder/id-column-is-the-id", test_id_column);
  g_test_add_func ("/record-builder/value/normalised", test_values);
  g_test_add_func ("/record-builder/value/null", test_null_values);
  g_test_add_func ("/record-builder/value/foreign-type-is-named", test_foreign_values);
  g_test_add_func ("/record-builder/many-fields", test_many_fields);

  return g_test_run ();
}
