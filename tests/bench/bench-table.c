/* bench-table.c: the table that the benchmarks are about
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench-table.h"

void
bench_row (guint number, BenchRow *row)
{
  static const char *const cities[] = { "Amsterdam", "Berlin",   "Copenhagen", "Dublin",
                                        "Edinburgh", "Florence", "Gothenburg" };

  g_snprintf (row->id, sizeof row->id, "row-%07u", number);
  g_snprintf (row->name, sizeof row->name, "Product number %u", number);
  row->city = cities[number % G_N_ELEMENTS (cities)];
  row->price = number * 0.25 + 1;
  row->stock = (gint64) number * 7919 % 1000;
  row->listed = number % 3 != 0;
}

VlSchema *
bench_table_schema (void)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("products");

  vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (builder, "name", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (builder, "city", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (builder, "price", VL_FIELD_TYPE_DOUBLE, FALSE);
  vl_schema_builder_add_column (builder, "stock", VL_FIELD_TYPE_INT64, FALSE);
  vl_schema_builder_add_column (builder, "listed", VL_FIELD_TYPE_BOOLEAN, FALSE);
  vl_schema_builder_set_id_column (builder, "id");

  return vl_schema_builder_end (builder);
}

VlRecord *
bench_table_record (guint number)
{
  BenchRow row;
  g_autoptr (VlRecordBuilder) builder = NULL;

  bench_row (number, &row);
  builder = vl_record_builder_new (row.id);
  vl_record_builder_set_string (builder, "id", row.id);
  vl_record_builder_set_string (builder, "name", row.name);
  vl_record_builder_set_string (builder, "city", row.city);
  vl_record_builder_set_double (builder, "price", row.price);
  vl_record_builder_set_int64 (builder, "stock", row.stock);
  vl_record_builder_set_boolean (builder, "listed", row.listed);

  return vl_record_builder_end (builder);
}

VlMemoryTable *
bench_table_new (guint n_rows)
{
  g_autoptr (VlSchema) schema = bench_table_schema ();
  VlMemoryTable *table = vl_memory_table_new (schema);

  for (guint i = 0; i < n_rows; i++)
    {
      g_autoptr (VlRecord) record = bench_table_record (i);
      g_autoptr (GError) error = NULL;
      g_autoptr (VlRecord) stored = vl_table_insert_sync (VL_TABLE (table), record, NULL, &error);

      g_assert_no_error (error);
    }

  return table;
}

VlPage *
bench_table_page (guint first, guint n_rows)
{
  g_autoptr (VlSchema) schema = bench_table_schema ();
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (schema);

  for (guint i = first; i < first + n_rows; i++)
    {
      BenchRow row;

      bench_row (i, &row);
      vl_page_builder_append_string (builder, row.id, -1);
      vl_page_builder_append_string (builder, row.name, -1);
      vl_page_builder_append_string (builder, row.city, -1);
      vl_page_builder_append_double (builder, row.price);
      vl_page_builder_append_int64 (builder, row.stock);
      vl_page_builder_append_boolean (builder, row.listed);
      vl_page_builder_end_row (builder);
    }
  vl_page_builder_set_offset (builder, first);

  return vl_page_builder_end (builder);
}

VlQuery *
bench_table_query (guint64 offset, guint limit)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) one = vl_query_where (all, "stock", VL_OP_GE, g_variant_new_int64 (0));
  g_autoptr (VlQuery) two = vl_query_where (one, "city", VL_OP_NE, g_variant_new_string ("Vienna"));
  g_autoptr (VlQuery) by_price = vl_query_order_by (two, "price", FALSE);
  g_autoptr (VlQuery) by_name = vl_query_order_by (by_price, "name", FALSE);

  return vl_query_window (by_name, offset, limit);
}

VlLiveTable *
bench_table_live (VlTable *master, guint page_size)
{
  g_autoptr (VlCache) cache = VL_CACHE (vl_memory_cache_new (0));
  VlLiveTable *live = vl_live_table_new (master, "products", cache);

  vl_live_table_set_page_size (live, page_size);
  return live;
}

VlPage *
bench_table_list (VlLiveTable *live, VlQuery *query)
{
  g_autoptr (GError) error = NULL;
  VlPage *page = vl_table_list_sync (VL_TABLE (live), query, NULL, &error);

  g_assert_no_error (error);
  return page;
}
