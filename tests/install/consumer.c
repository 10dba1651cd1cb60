/* consumer.c: a program of somebody who has installed the library
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Usage: consumer [LOCALE-DIR]
 */

#include <libintl.h>
#include <vantage-live.h>

static VlTable *
make_master (void)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("product");
  g_autoptr (VlSchema) schema = NULL;

  vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (builder, "name", VL_FIELD_TYPE_STRING, TRUE);
  vl_schema_builder_set_id_column (builder, "id");
  schema = vl_schema_builder_end (builder);

  return VL_TABLE (vl_memory_table_new (schema));
}

int
main (int argc, char **argv)
{
  g_autoptr (VlTable) master = make_master ();
  g_autoptr (VlLiveTable) live = vl_live_table_new (master, "product", NULL);
  g_autoptr (VlRecord) tea = vl_record_new ("tea", g_variant_new_parsed ("{'name': <'Tea'>}"));
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (VlRecord) twin = NULL;
  g_autoptr (VlPage) page = NULL;
  g_autoptr (GError) error = NULL;

  stored = vl_table_insert_sync (VL_TABLE (live), tea, NULL, &error);
  g_assert_no_error (error);
  page = vl_table_list_sync (VL_TABLE (live), NULL, NULL, &error);
  g_assert_no_error (error);
  twin = vl_table_insert_sync (VL_TABLE (live), tea, NULL, &error);
  g_assert_error (error, VL_ERROR, VL_ERROR_EXISTS);
  g_assert_null (twin);

  if (argc > 1)
    g_assert_cmpstr (bindtextdomain ("vantage-live-1", NULL), ==, argv[1]);

  g_assert_true (VL_CHECK_VERSION (1, 0, 0));
  g_assert_cmpuint (vl_page_get_n_records (page), ==, 1);
  g_print ("%s %s\n", VL_VERSION_S, vl_record_get_string (stored, "name"));

  return 0;
}
