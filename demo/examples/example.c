/* example.c: a live table over the products of an SQLite file
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <stdio.h>
#include <vantage-live.h>

static gboolean
read_products (VlLiveTable *live, const char *when, GError **error)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_order_by (all, "price", TRUE);
  g_autoptr (VlPage) page = vl_table_list_sync (VL_TABLE (live), query, NULL, error);

  if (page != NULL)
    printf ("%s: %u products from the %s, %s first\n", when, vl_page_get_n_records (page),
            vl_page_get_from_cache (page) ? "cache" : "master", vl_page_get_record_id (page, 0));

  return page != NULL;
}

int
main (int argc, char **argv)
{
  const char *path = argc > 1 ? argv[1] : "demo-master.db";
  g_autoptr (VlSqliteTable) master = vl_sqlite_table_new (path, "products");
  g_autoptr (VlLiveTable) live = vl_live_table_new (VL_TABLE (master), "products", NULL);
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
  g_autoptr (VlRecord) fields = NULL;
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (GError) error = NULL;

  vl_record_builder_set_double (builder, "price", 4.75);
  fields = vl_record_builder_end (builder);

  if (read_products (live, "first", &error) && read_products (live, "second", &error))
    stored = vl_table_patch_sync (VL_TABLE (live), "tea", fields, NULL, &error);
  if (stored != NULL)
    printf ("%s costs %.2f now\n", vl_record_get_string (stored, "name"),
            vl_record_get_double (stored, "price"));
  if (stored == NULL || !read_products (live, "third", &error))
    {
      fprintf (stderr, "%s\n", error->message);
      return 1;
    }

  return 0;
}
