/* test-schema.c: schemas and their builder
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>
#include <vantage-live.h>

static VlSchemaBuilder *
begin_products (void)
{
  VlSchemaBuilder *builder = vl_schema_builder_new ("product");

  vl_schema_builder_set_id_column (builder, "id");
  vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_INT64, FALSE);
  vl_schema_builder_add_column (builder, "name", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (builder, "größe \"x\"", VL_FIELD_TYPE_NULL, TRUE);

  return builder;
}

static VlSchema *
make_full (void)
{
  g_autoptr (VlSchemaBuilder) builder = begin_products ();

  vl_schema_builder_set_instance (builder, "66306:1234");
  vl_schema_builder_add_title_column (builder, "name");
  vl_schema_builder_add_relation (builder, "order.product_id");
  vl_schema_builder_add_relation (builder, "maker");
  vl_schema_builder_set_capabilities (builder, VL_CAPABILITY_ORDER | VL_CAPABILITY_REMOTE);

  return vl_schema_builder_end (builder);
}

static void
test_getters (void)
{
  g_autoptr (VlSchema) schema = make_full ();
  const char *const titles[] = { "name", NULL };
  const char *const relations[] = { "order.product_id", "maker", NULL };
  guint column = 99;

  g_assert_cmpstr (vl_schema_get_table_name (schema), ==, "product");
  g_assert_cmpstr (vl_schema_get_instance (schema), ==, "66306:1234");
  g_assert_cmpuint (vl_schema_get_n_columns (schema), ==, 3);
  g_assert_cmpstr (vl_schema_get_column_name (schema, 2), ==, "größe \"x\"");
  g_assert_cmpint (vl_schema_get_column_type (schema, 0), ==, VL_FIELD_TYPE_INT64);
  g_assert_cmpint (vl_schema_get_column_type (schema, 2), ==, VL_FIELD_TYPE_NULL);
  g_assert_false (vl_schema_get_column_nullable (schema, 1));
  g_assert_true (vl_schema_get_column_nullable (schema, 2));
  g_assert_true (vl_schema_has_column (schema, "name"));
  g_assert_false (vl_schema_has_column (schema, "Name"));
  g_assert_false (vl_schema_find_column (schema, "price", &column));
  g_assert_cmpuint (column, ==, 99);
  g_assert_true (vl_schema_find_column (schema, "name", &column));
  g_assert_cmpuint (column, ==, 1);
  g_assert_cmpstr (vl_schema_get_id_column (schema), ==, "id");
  g_assert_cmpstrv (vl_schema_get_title_columns (schema), titles);
  g_assert_cmpstrv (vl_schema_get_relations (schema), relations);
  g_assert_true (vl_schema_can (schema, VL_CAPABILITY_ORDER));
  g_assert_true (vl_schema_can (schema, VL_CAPABILITY_ORDER | VL_CAPABILITY_REMOTE));
  g_assert_false (vl_schema_can (schema, VL_CAPABILITY_ORDER | VL_CAPABILITY_COUNT));

  g_assert_finalize_object (g_steal_pointer (&schema));
}

static void
test_empty (void)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("");
  g_autoptr (VlSchema) schema = vl_schema_builder_end (builder);

  g_assert_cmpstr (vl_schema_get_table_name (schema), ==, "");
  g_assert_null (vl_schema_get_instance (schema));
  g_assert_null (vl_schema_get_id_column (schema));
  g_assert_cmpuint (vl_schema_get_n_columns (schema), ==, 0);
  g_assert_null (vl_schema_get_title_columns (schema)[0]);
  g_assert_null (vl_schema_get_relations (schema)[0]);
  g_assert_cmpint (vl_schema_get_capabilities (schema), ==, VL_CAPABILITY_NONE);
  g_assert_true (vl_schema_can (schema, VL_CAPABILITY_NONE));
  g_assert_cmpuint (vl_schema_get_fingerprint (schema), !=, 0);
}

static void
test_nonsense (void)
{
  g_autoptr (VlSchemaBuilder) builder = begin_products ();
  g_autoptr (VlSchema) schema = NULL;

  g_test_expect_message ("vantage-live", G_LOG_LEVEL_WARNING, "*product*two columns*name*");
  vl_schema_builder_add_column (builder, "name", VL_FIELD_TYPE_BYTES, TRUE);
  g_test_expect_message ("vantage-live", G_LOG_LEVEL_WARNING, "*product*not UTF-8*");
  vl_schema_builder_add_column (builder, "\xff", VL_FIELD_TYPE_BYTES, TRUE);
  vl_schema_builder_set_id_column (builder, "key");
  vl_schema_builder_add_title_column (builder, "title");
  vl_schema_builder_add_title_column (builder, "name");
  vl_schema_builder_add_title_column (builder, "name");
  vl_schema_builder_add_relation (builder, "maker");
  vl_schema_builder_add_relation (builder, "maker");
  g_test_expect_message ("vantage-live", G_LOG_LEVEL_WARNING, "*product*no column*key*ids*");
  g_test_expect_message ("vantage-live", G_LOG_LEVEL_WARNING, "*product*no column*title*titles*");
  schema = vl_schema_builder_end (builder);
  g_test_assert_expected_messages ();

  g_assert_cmpuint (vl_schema_get_n_columns (schema), ==, 3);
  g_assert_cmpint (vl_schema_get_column_type (schema, 1), ==, VL_FIELD_TYPE_STRING);
  g_assert_null (vl_schema_get_id_column (schema));
  g_assert_cmpuint (g_strv_length ((char **) vl_schema_get_title_columns (schema)), ==, 1);
  g_assert_cmpuint (g_strv_length ((char **) vl_schema_get_relations (schema)), ==, 1);
}

static void
test_builder_goes_on (void)
{
  g_autoptr (VlSchemaBuilder) builder = begin_products ();
  g_autoptr (VlSchema) first = vl_schema_builder_end (builder);
  g_autoptr (VlSchema) second = vl_schema_builder_end (builder);
  g_autoptr (VlSchema) third = NULL;

  g_assert_true (vl_schema_equal (first, second));

  vl_schema_builder_add_column (builder, "price", VL_FIELD_TYPE_DOUBLE, TRUE);
  third = vl_schema_builder_end (builder);
  g_assert_cmpuint (vl_schema_get_n_columns (first), ==, 3);
  g_assert_cmpuint (vl_schema_get_n_columns (third), ==, 4);
  g_assert_false (vl_schema_equal (first, third));
}

typedef void (*Twist) (VlSchemaBuilder *builder);

static void
add_title (VlSchemaBuilder *builder)
{
  vl_schema_builder_add_title_column (builder, "name");
}

static void
add_relation (VlSchemaBuilder *builder)
{
  vl_schema_builder_add_relation (builder, "maker");
}

static void
set_instance (VlSchemaBuilder *builder)
{
  vl_schema_builder_set_instance (builder, "1:2");
}

static void
set_capabilities (VlSchemaBuilder *builder)
{
  vl_schema_builder_set_capabilities (builder, VL_CAPABILITY_COUNT);
}

static void
add_column (VlSchemaBuilder *builder)
{
  vl_schema_builder_add_column (builder, "more", VL_FIELD_TYPE_STRING, TRUE);
}

static void
add_column_not_null (VlSchemaBuilder *builder)
{
  vl_schema_builder_add_column (builder, "more", VL_FIELD_TYPE_STRING, FALSE);
}

static void
add_column_of_bytes (VlSchemaBuilder *builder)
{
  vl_schema_builder_add_column (builder, "more", VL_FIELD_TYPE_BYTES, TRUE);
}

static void
add_other_column (VlSchemaBuilder *builder)
{
  vl_schema_builder_add_column (builder, "most", VL_FIELD_TYPE_STRING, TRUE);
}

static void
set_other_id (VlSchemaBuilder *builder)
{
  vl_schema_builder_set_id_column (builder, "name");
}

static void
set_no_id (VlSchemaBuilder *builder)
{
  vl_schema_builder_set_id_column (builder, NULL);
}

static VlSchema *
make_twisted (Twist twist)
{
  g_autoptr (VlSchemaBuilder) builder = begin_products ();

  if (twist != NULL)
    twist (builder);

  return vl_schema_builder_end (builder);
}

static void
test_fingerprint (void)
{
  const Twist same[] = { add_title, add_relation, set_instance, set_capabilities };
  const Twist others[] = {
    NULL,         add_column, add_column_not_null, add_column_of_bytes, add_other_column,
    set_other_id, set_no_id
  };
  g_autoptr (VlSchema) plain = make_twisted (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (same); i++)
    {
      g_autoptr (VlSchema) schema = make_twisted (same[i]);

      g_assert_cmpuint (vl_schema_get_fingerprint (schema), ==, vl_schema_get_fingerprint (plain));
      g_assert_false (vl_schema_equal (schema, plain));
      g_assert_false (vl_schema_equal (plain, schema));
    }

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    for (guint j = 0; j < G_N_ELEMENTS (others); j++)
      {
        g_autoptr (VlSchema) a = make_twisted (others[i]);
        g_autoptr (VlSchema) b = make_twisted (others[j]);

        g_assert_cmpint (vl_schema_get_fingerprint (a) == vl_schema_get_fingerprint (b), ==,
                         i == j);
        g_assert_cmpint (vl_schema_equal (a, b), ==, i == j);
      }
}

static void
test_fingerprint_table (void)
{
  g_autoptr (VlSchemaBuilder) a = vl_schema_builder_new ("client");
  g_autoptr (VlSchemaBuilder) b = vl_schema_builder_new ("clients");
  g_autoptr (VlSchema) a_schema = vl_schema_builder_end (a);
  g_autoptr (VlSchema) b_schema = vl_schema_builder_end (b);

  g_assert_cmpuint (vl_schema_get_fingerprint (a_schema), !=, vl_schema_get_fingerprint (b_schema));
}

static void
assert_round_trip (VlSchema *schema)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) variant = vl_schema_to_variant (schema);
  g_autoptr (VlSchema) back = vl_schema_new_from_variant (variant, &error);

  g_assert_no_error (error);
  g_assert_false (g_variant_is_floating (variant));
  g_assert_true (vl_schema_equal (schema, back));
  g_assert_cmpuint (vl_schema_get_fingerprint (schema), ==, vl_schema_get_fingerprint (back));
}

static void
test_round_trip (void)
{
  g_autoptr (VlSchema) full = make_full ();
  g_autoptr (VlSchema) plain = make_twisted (NULL);
  g_autoptr (VlSchema) without_id = make_twisted (set_no_id);

  assert_round_trip (full);
  assert_round_trip (plain);
  assert_round_trip (without_id);
}

static void
assert_corrupt (GVariant *variant)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlSchema) schema = vl_schema_new_from_variant (variant, &error);

  g_assert_error (error, VL_ERROR, VL_ERROR_CORRUPT);
  g_assert_null (schema);
}

static void
test_foreign_variants (void)
{
  static const char *const texts[] = {
    "1",
    "()",
    "(uint32 2, 't', @ms nothing, @a(syb) [], @ms nothing, @as [], @as [], uint32 0)",
    "(uint32 1, 't', @ms nothing, [('a', byte 7, true)], @ms nothing, @as [], @as [], uint32 0)",
    "(uint32 1, '', @ms nothing, [('a', byte 1, true), ('a', 2, true)], @ms 'a', ['a'], ['r'], 0)",
    "(uint32 1, 't', @ms nothing, [('a', byte 1, true)], @ms 'b', @as [], @as [], uint32 0)",
    "(uint32 1, 't', @ms nothing, [('a', byte 1, true)], @ms 'a', ['b'], @as [], uint32 0)",
    "(uint32 1, 't', @ms nothing, [('a', byte 1, true)], @ms 'a', ['a', 'a'], @as [], uint32 0)",
    "(uint32 1, 't', @ms nothing, [('a', byte 1, true)], @ms 'a', ['a'], ['r', 'r'], uint32 0)",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) variant = g_variant_parse (NULL, texts[i], NULL, NULL, &error);

      g_assert_no_error (error);
      assert_corrupt (variant);
    }
}

/* Every truncation and every changed byte is corrupt or another schema, and
 * never says anything in the log. */
static void
test_damaged_variants (void)
{
  g_autoptr (VlSchema) schema = make_full ();
  g_autoptr (GVariant) variant = vl_schema_to_variant (schema);
  const GVariantType *type = g_variant_get_type (variant);
  gsize size = g_variant_get_size (variant);
  const guchar *data = g_variant_get_data (variant);

  for (gsize length = 0; length < size; length++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (data, length);
      g_autoptr (GVariant)
        damaged = g_variant_ref_sink (g_variant_new_from_bytes (type, bytes, FALSE));

      assert_corrupt (damaged);
    }

  for (gsize i = 0; i < size; i++)
    for (guint bit = 0; bit < 8; bit++)
      {
        g_autofree guchar *copy = g_memdup2 (data, size);
        g_autoptr (GBytes) bytes = NULL;
        g_autoptr (GVariant) damaged = NULL;
        g_autoptr (VlSchema) read = NULL;

        copy[i] ^= (guchar) (1u << bit);
        bytes = g_bytes_new (copy, size);
        damaged = g_variant_ref_sink (g_variant_new_from_bytes (type, bytes, FALSE));
        read = vl_schema_new_from_variant (damaged, NULL);
        g_assert_true (read == NULL || !vl_schema_equal (read, schema));
      }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/schema/getters-say-what-the-builder-was-told", test_getters);
  g_test_add_func ("/schema/may-be-empty", test_empty);
  g_test_add_func ("/schema/builder/leaves-out-nonsense", test_nonsense);
  g_test_add_func ("/schema/builder/may-be-gone-on-with", test_builder_goes_on);
  g_test_add_func ("/schema/fingerprint/changes-with-the-shape-alone", test_fingerprint);
  g_test_add_func ("/schema/fingerprint/changes-with-the-table", test_fingerprint_table);
  g_test_add_func ("/schema/variant/round-trip", test_round_trip);
  g_test_add_func ("/schema/variant/foreign-is-corrupt", test_foreign_variants);
  g_test_add_func ("/schema/variant/damage-is-seen-or-harmless", test_damaged_variants);

  return g_test_run ();
}
