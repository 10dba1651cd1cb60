/* test-page-builder.c: pages made cell by cell
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <math.h>
#include <string.h>
#include <vantage-live.h>

#include "base/vl-clock-private.h"
#include "table/vl-cell-private.h"
#include "table/vl-page-private.h"

static VlSchema *
make_schema (const char *id_column)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("t");

  vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_INT64, FALSE);
  vl_schema_builder_add_column (builder, "name", VL_FIELD_TYPE_STRING, TRUE);
  vl_schema_builder_add_column (builder, "price", VL_FIELD_TYPE_DOUBLE, TRUE);
  vl_schema_builder_set_id_column (builder, id_column);

  return vl_schema_builder_end (builder);
}

static void
assert_row (VlPage *page, guint position, const char *expected)
{
  g_autoptr (VlRecord) record = vl_page_get_record (page, position);
  g_autofree char *json = vl_record_to_json (record);

  g_assert_cmpstr (json, ==, expected);
}

static gint64
frozen_time (void)
{
  return 1234567;
}

static void
test_cells (void)
{
  g_autoptr (VlSchema) schema = make_schema ("id");
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (schema);
  const VlClockBackend clock = { .real = frozen_time, .monotonic = frozen_time };
  g_autoptr (VlPage) page = NULL;
  VlPageInfo info;

  vl_page_builder_append_int64 (builder, 1);
  vl_page_builder_append_string (builder, "one", -1);
  vl_page_builder_append_double (builder, 1.5);
  vl_page_builder_end_row (builder);
  vl_page_builder_append_int64 (builder, 2);
  vl_page_builder_append_string (builder, "two and more", 3);
  vl_page_builder_end_row (builder);
  vl_page_builder_end_row (builder);
  g_assert_cmpuint (vl_page_builder_get_n_rows (builder), ==, 3);
  vl_page_builder_set_offset (builder, 50);
  vl_page_builder_set_total (builder, 99);
  _vl_clock_set_backend (&clock);
  page = vl_page_builder_end (builder);
  _vl_clock_set_backend (NULL);

  g_assert_cmpuint (vl_page_get_n_records (page), ==, 3);
  assert_row (page, 0, "{\"id\":1,\"name\":\"one\",\"price\":1.5}");
  assert_row (page, 1, "{\"id\":2,\"name\":\"two\",\"price\":null}");
  assert_row (page, 2, "{\"id\":null,\"name\":null,\"price\":null}");
  g_assert_cmpstr (vl_page_get_record_id (page, 0), ==, "1");
  g_assert_null (vl_page_get_record_id (page, 2));

  _vl_page_get_info (page, &info);
  g_assert_cmpuint (info.offset, ==, 50);
  g_assert_cmpint (info.total, ==, 99);
  g_assert_cmpint (info.fetched_at, ==, 1234567);
  g_assert_cmpuint (info.fingerprint, ==, vl_schema_get_fingerprint (schema));
}

static void
test_odd_cells (void)
{
  g_autoptr (VlSchema) schema = make_schema ("id");
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (schema);
  g_autoptr (VlPage) page = NULL;
  static const VlFieldType types[] = {
    VL_FIELD_TYPE_NULL,   VL_FIELD_TYPE_BYTES,   VL_FIELD_TYPE_BYTES,
    VL_FIELD_TYPE_NULL,   VL_FIELD_TYPE_BYTES,   VL_FIELD_TYPE_VARIANT,
    VL_FIELD_TYPE_STRING, VL_FIELD_TYPE_BOOLEAN, VL_FIELD_TYPE_NULL,
  };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      vl_page_builder_append_int64 (builder, i);
      switch (i)
        {
        case 0:
          vl_page_builder_append_string (builder, NULL, -1);
          break;
        case 1:
          vl_page_builder_append_string (builder, "in\0side", 7);
          break;
        case 2:
          vl_page_builder_append_string (builder, "\xff", 1);
          break;
        case 3:
          vl_page_builder_append_null (builder);
          break;
        case 4:
          vl_page_builder_append_bytes (builder, NULL, 0);
          break;
        case 5:
          vl_page_builder_append_variant (builder, g_variant_new_parsed ("(1, 'x')"));
          break;
        case 6:
          vl_page_builder_append_string (builder, "", 0);
          break;
        case 7:
          vl_page_builder_append_boolean (builder, TRUE);
          break;
        default:
          vl_page_builder_append_variant (builder, NULL);
          break;
        }
      vl_page_builder_end_row (builder);
    }
  page = vl_page_builder_end (builder);

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (page, i);

      g_assert_true (vl_record_has_field (record, "name"));
      g_assert_cmpint (vl_record_get_field_type (record, "name"), ==, types[i]);
    }
}

/* What can be an id is an integer or text. */
static void
test_ids (void)
{
  g_autoptr (VlSchema) schema = make_schema ("id");
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (schema);
  g_autoptr (VlPage) page = NULL;
  static const char *const expected[] = { "-9223372036854775808", "x", NULL, NULL, NULL };

  vl_page_builder_append_int64 (builder, G_MININT64);
  vl_page_builder_end_row (builder);
  vl_page_builder_append_string (builder, "x", -1);
  vl_page_builder_end_row (builder);
  vl_page_builder_append_string (builder, "\xff", -1);
  vl_page_builder_end_row (builder);
  vl_page_builder_append_double (builder, NAN);
  vl_page_builder_end_row (builder);
  vl_page_builder_append_null (builder);
  page = vl_page_builder_end (builder);

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (page, i);

      g_assert_cmpstr (vl_page_get_record_id (page, i), ==, expected[i]);
      g_assert_cmpstr (vl_record_get_id (record), ==, expected[i]);
    }
}

static void
test_records_under_schema (void)
{
  g_autoptr (VlSchema) schema = make_schema ("id");
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (schema);
  g_autoptr (VlRecord) plain = vl_record_new ("7", g_variant_new_parsed ("{'name': <'x'>}"));
  g_autoptr (VlRecord)
    extra = vl_record_new ("8", g_variant_new_parsed ("{'price': <1>, 'new': <true>, 'id': <8>}"));
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlRecord) first = NULL;
  VlCell id;

  vl_page_builder_append_int64 (builder, 6);
  vl_page_builder_append_string (builder, "w", -1);
  vl_page_builder_add_record (builder, plain);
  vl_page_builder_add_record (builder, extra);
  vl_page_builder_append_int64 (builder, 9);
  page = vl_page_builder_end (builder);

  assert_row (page, 0, "{\"id\":6,\"name\":\"w\",\"price\":null}");
  assert_row (page, 1, "{\"id\":7,\"name\":\"x\"}");
  assert_row (page, 2, "{\"id\":8,\"price\":1,\"new\":true}");
  assert_row (page, 3, "{\"id\":9,\"name\":null,\"price\":null}");
  first = vl_page_get_record (page, 1);
  _vl_record_get_id_cell (first, &id);
  g_assert_cmpint (id.type, ==, VL_FIELD_TYPE_INT64);
  g_assert_cmpstr (vl_page_get_record_id (page, 2), ==, "8");
}

/* A table without a usable key: what is appended has no id. */
static void
test_no_id_column (void)
{
  g_autoptr (VlSchema) schema = make_schema (NULL);
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (schema);
  g_autoptr (VlRecord) stored = vl_record_new_from_json ("{\"id\":3,\"name\":\"x\"}", NULL);
  g_autoptr (VlPage) page = NULL;

  vl_page_builder_append_int64 (builder, 1);
  vl_page_builder_end_row (builder);
  vl_page_builder_add_record (builder, stored);
  vl_page_builder_append_int64 (builder, 2);
  page = vl_page_builder_end (builder);

  g_assert_null (vl_page_get_record_id (page, 0));
  g_assert_cmpstr (vl_page_get_record_id (page, 1), ==, "3");
  g_assert_null (vl_page_get_record_id (page, 2));
}

/* Without a schema columns come as the records bring them. */
static void
test_no_schema (void)
{
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (NULL);
  g_autoptr (VlRecord) a = vl_record_new ("1", g_variant_new_parsed ("{'a': <1>}"));
  g_autoptr (VlRecord) b = vl_record_new ("2", g_variant_new_parsed ("{'b': <2>, 'a': <3>}"));
  g_autoptr (VlRecord) c = vl_record_new (NULL, NULL);
  g_autoptr (VlRecord) d = vl_record_new_from_json ("{\"id\":4,\"a\":5}", NULL);
  VlRecord *const records[] = { a, b, c, d };
  g_autoptr (VlPage) page = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (records); i++)
    vl_page_builder_add_record (builder, records[i]);
  page = vl_page_builder_end (builder);

  for (guint i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (page, i);

      g_assert_true (vl_record_equal (record, records[i]));
      g_assert_cmpstr (vl_record_get_id (record), ==, vl_record_get_id (records[i]));
    }
}

/* Records that agree on their id column keep it; the first that does not makes
 * all ids separate ones. */
static void
test_id_column_followed (void)
{
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (NULL);
  g_autoptr (VlPage) page = NULL;

  for (gint64 i = 0; i < 100; i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"id\":%d,\"a\":1}", (int) i);
      g_autoptr (VlRecord) record = vl_record_new_from_json (json, NULL);

      vl_page_builder_add_record (builder, record);
    }
  for (gint64 i = 100; i < 200; i++)
    {
      g_autofree char *id = g_strdup_printf ("%d", (int) i);
      g_autoptr (VlRecord) record = vl_record_new (id, g_variant_new_parsed ("{'id': <'other'>}"));

      vl_page_builder_add_record (builder, record);
    }
  page = vl_page_builder_end (builder);

  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);

      g_assert_cmpstr (vl_page_get_record_id (page, i), ==, id);
    }
}

static void
test_reuse (void)
{
  g_autoptr (VlSchema) schema = make_schema ("id");
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (schema);

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (VlPage) page = NULL;

      g_assert_cmpuint (vl_page_builder_get_n_rows (builder), ==, 0);
      vl_page_builder_append_int64 (builder, i);
      if (i == 0)
        vl_page_builder_set_total (builder, 5);
      page = vl_page_builder_end (builder);
      g_assert_cmpuint (vl_page_get_n_records (page), ==, 1);
      g_assert_cmpint (vl_page_get_total (page), ==, i == 0 ? 5 : -1);
    }
}

static void
test_too_many_cells (void)
{
  g_autoptr (VlSchema) schema = make_schema ("id");
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (schema);
  g_autoptr (VlPage) page = NULL;

  for (guint i = 0; i < 3; i++)
    vl_page_builder_append_int64 (builder, i);
  g_test_expect_message ("vantage-live", G_LOG_LEVEL_CRITICAL, "*column < *n_columns*");
  vl_page_builder_append_int64 (builder, 4);
  g_test_assert_expected_messages ();
  page = vl_page_builder_end (builder);
  assert_row (page, 0, "{\"id\":0,\"name\":1,\"price\":2}");
}

static void
test_empty (void)
{
  g_autoptr (VlSchema) schema = make_schema ("id");
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (schema);
  g_autoptr (VlPageBuilder) free_builder = vl_page_builder_new (NULL);
  g_autoptr (VlPage) page = vl_page_builder_end (builder);
  g_autoptr (VlPage) free_page = vl_page_builder_end (free_builder);

  g_assert_cmpuint (vl_page_get_n_records (page), ==, 0);
  g_assert_cmpuint (vl_page_get_n_records (free_page), ==, 0);
}

static VlPage *
build_hundred_rows (VlPageBuilder *builder)
{
  for (guint row = 0; row < 100; row++)
    {
      vl_page_builder_append_int64 (builder, row);
      vl_page_builder_append_string (builder, "Somebody with a name", -1);
      vl_page_builder_append_string (builder, "somebody@example.org", -1);
      vl_page_builder_append_string (builder, "Paris", -1);
      vl_page_builder_append_double (builder, row * 1.5);
      vl_page_builder_append_boolean (builder, row % 2 == 0);
      vl_page_builder_end_row (builder);
    }

  return vl_page_builder_end (builder);
}

static VlSchema *
make_wide_schema (void)
{
  g_autoptr (VlSchemaBuilder) columns = vl_schema_builder_new ("t");

  vl_schema_builder_add_column (columns, "id", VL_FIELD_TYPE_INT64, FALSE);
  vl_schema_builder_add_column (columns, "name", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (columns, "mail", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (columns, "city", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (columns, "price", VL_FIELD_TYPE_DOUBLE, FALSE);
  vl_schema_builder_add_column (columns, "paid", VL_FIELD_TYPE_BOOLEAN, FALSE);
  vl_schema_builder_set_id_column (columns, "id");

  return vl_schema_builder_end (columns);
}

static gint64
read_hundred_rows (VlPage *page)
{
  gint64 sum = 0;

  for (guint row = 0; row < 100; row++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (page, row);

      sum += vl_record_get_int64 (record, "id") + vl_record_get_boolean (record, "paid");
      sum += vl_record_get_string (record, "name")[0] + vl_record_get_string (record, "mail")[0];
      sum += vl_record_get_string (record, "city")[0];
      sum += vl_record_get_double (record, "price") > 1;
    }

  return sum;
}

#define ROUNDS 10000

/* Only with -m perf: what a page of 100 rows and 6 fields takes. */
static void
test_speed (void)
{
  g_autoptr (VlSchema) schema = make_wide_schema ();
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (schema);
  g_autoptr (VlPage) page = build_hundred_rows (builder);
  g_autoptr (GBytes) bytes = vl_page_to_bytes (page);
  gint64 sum = 0;

  g_test_timer_start ();
  for (guint i = 0; i < ROUNDS; i++)
    g_object_unref (build_hundred_rows (builder));
  g_test_message ("build: %.1f us a page", g_test_timer_elapsed () * 1e6 / ROUNDS);

  g_test_timer_start ();
  for (guint i = 0; i < ROUNDS; i++)
    g_object_unref (vl_page_new_from_bytes (bytes, NULL));
  g_test_message ("load: %.1f us a page of %u bytes", g_test_timer_elapsed () * 1e6 / ROUNDS,
                  (guint) g_bytes_get_size (bytes));

  g_test_timer_start ();
  for (guint i = 0; i < ROUNDS; i++)
    sum += read_hundred_rows (page);
  g_test_message ("read: %.1f us for 600 fields", g_test_timer_elapsed () * 1e6 / ROUNDS);
  g_assert_cmpint (sum, >, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/page-builder/cells", test_cells);
  g_test_add_func ("/page-builder/odd-cells", test_odd_cells);
  g_test_add_func ("/page-builder/ids", test_ids);
  g_test_add_func ("/page-builder/records-under-a-schema", test_records_under_schema);
  g_test_add_func ("/page-builder/no-id-column", test_no_id_column);
  g_test_add_func ("/page-builder/no-schema", test_no_schema);
  g_test_add_func ("/page-builder/id-column-is-followed", test_id_column_followed);
  g_test_add_func ("/page-builder/reusable-after-end", test_reuse);
  g_test_add_func ("/page-builder/too-many-cells", test_too_many_cells);
  g_test_add_func ("/page-builder/empty", test_empty);
  if (g_test_perf ())
    g_test_add_func ("/page-builder/speed", test_speed);

  return g_test_run ();
}
