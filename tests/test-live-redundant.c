/* test-live-redundant.c: pages that were fetched for nothing are counted
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "live-fixture.h"

static guint64
count (LiveFixture *f)
{
  return vl_live_stats_get_redundant (vl_live_table_get_stats (f->live));
}

/* Nothing is kept but by whoever asked. */
static LiveFixture
forgetful_fixture_new (void)
{
  g_autoptr (VlCache) cache = VL_CACHE (vl_null_cache_new ());

  return live_fixture_new (cache);
}

/* Of everything, or of a window. */
static VlPage *
list (LiveFixture *f, guint first, guint n)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) window = vl_query_window (all, first, n);

  return live_fixture_list (f, window);
}

static void
clear_cache (LiveFixture *f)
{
  vl_memory_cache_set_max_bytes (VL_MEMORY_CACHE (f->cache), 1);
}

static void
test_unread (void)
{
  g_auto (LiveFixture) f = forgetful_fixture_new ();

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (VlPage) page = list (&f, 0, 0);

      /* Its ids and its length are no records. */
      g_assert_cmpuint (vl_page_get_n_records (page), ==, 3);
      g_assert_cmpstr (vl_page_get_record_id (page, 0), ==, "a");
      g_assert_true (vl_page_find (page, "b", NULL));
      g_assert_cmpuint (count (&f), ==, i);
    }
  g_assert_cmpuint (count (&f), ==, 3);
}

static void
test_read (void)
{
  g_auto (LiveFixture) f = forgetful_fixture_new ();
  VlPage *page = list (&f, 0, 0);
  g_autoptr (VlRecord) record = vl_page_get_record (page, 2);
  g_autofree char *json = NULL;

  g_object_unref (page);
  g_assert_cmpuint (count (&f), ==, 0);
  g_assert_cmpstr (vl_record_get_id (record), ==, "c");

  page = list (&f, 0, 0);
  json = vl_page_to_json (page);
  g_object_unref (page);
  g_assert_cmpuint (count (&f), ==, 0);
}

/* The copy is another page, and the same rows. */
static void
test_cached (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlRecord) record = NULL;
  VlPage *page;

  g_object_unref (list (&f, 0, 0));
  g_assert_cmpuint (count (&f), ==, 0);
  page = list (&f, 0, 0);
  g_assert_true (vl_page_get_from_cache (page));
  record = vl_page_get_record (page, 0);
  g_object_unref (page);
  clear_cache (&f);
  g_assert_cmpuint (count (&f), ==, 0);
}

static void
test_cached_in_vain (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);

  g_object_unref (list (&f, 0, 0));
  g_object_unref (list (&f, 0, 0));
  g_assert_cmpuint (count (&f), ==, 0);
  clear_cache (&f);
  g_assert_cmpuint (count (&f), ==, 1);
}

/* A window over two pages, of which one is read. */
static void
test_window (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlRecord) record = NULL;
  VlPage *page;

  vl_live_table_set_page_size (f.live, 2);
  page = list (&f, 1, 2);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);
  record = vl_page_get_record (page, 1);
  g_assert_cmpstr (vl_record_get_id (record), ==, "c");
  clear_cache (&f);
  /* The window still has a part of either. */
  g_assert_cmpuint (count (&f), ==, 0);
  g_object_unref (page);
  g_assert_cmpuint (count (&f), ==, 1);
}

/* What has no rows, or is no page, cannot be read. */
static void
test_nothing_to_read (void)
{
  g_auto (LiveFixture) f = forgetful_fixture_new ();
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) none = vl_query_search (all, "nobody");
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  g_object_unref (live_fixture_list (&f, none));
  g_assert_cmpint (vl_table_count_sync (VL_TABLE (f.live), NULL, NULL, &error), ==, 3);
  g_assert_no_error (error);
  record = vl_table_find_sync (VL_TABLE (f.live), "a", NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (record);
  g_clear_object (&record);
  g_assert_cmpuint (count (&f), ==, 0);
}

/* Another thread is the last that has it, and outlives those who count. */
static gpointer
drop (gpointer page)
{
  g_object_unref (page);

  return NULL;
}

static void
test_other_thread (void)
{
  g_autoptr (VlLiveStats) stats = NULL;

  {
    g_auto (LiveFixture) f = forgetful_fixture_new ();

    stats = g_object_ref (vl_live_table_get_stats (f.live));
    g_thread_join (g_thread_new ("drops", drop, list (&f, 0, 0)));
    g_assert_cmpuint (count (&f), ==, 1);
  }
  g_assert_cmpuint (vl_live_stats_get_redundant (stats), ==, 1);
}

static void
test_outlives (void)
{
  VlPage *page;

  {
    g_auto (LiveFixture) f = forgetful_fixture_new ();

    page = list (&f, 0, 0);
  }
  g_assert_finalize_object (page);
}

/* What another live table has fetched from this one is for that to count. */
static void
test_stacked (void)
{
  g_auto (LiveFixture) f = forgetful_fixture_new ();
  g_autoptr (VlCache) cache = VL_CACHE (vl_null_cache_new ());
  g_autoptr (VlLiveTable) outer = vl_live_table_new (VL_TABLE (f.live), "outer", cache);
  VlLiveStats *stats = vl_live_table_get_stats (outer);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (VlQuery) all = vl_query_new ();
      g_autoptr (VlPage) page = vl_table_list_sync (VL_TABLE (outer), all, NULL, &error);
      g_autoptr (VlRecord) record = NULL;

      g_assert_no_error (error);
      if (i == 0)
        record = vl_page_get_record (page, 0);
    }
  g_assert_cmpuint (vl_live_stats_get_redundant (stats), ==, 1);
  g_assert_cmpuint (count (&f), ==, 0);
}

/* Two rows are looked at, one after the other, and the third is read ahead. */
static void
test_list (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  VlLiveList *rows;

  vl_live_table_set_page_size (f.live, 1);
  rows = vl_live_list_new (VL_TABLE (f.live), NULL);
  while (g_list_model_get_n_items (G_LIST_MODEL (rows)) == 0)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (VlRow) row = g_list_model_get_item (G_LIST_MODEL (rows), i);

      while (vl_fault_table_get_n_reads (f.master) < 1 + 2 * i || vl_live_list_get_loading (rows) ||
             vl_row_get_loading (row))
        g_main_context_iteration (NULL, TRUE);
      g_assert_nonnull (vl_row_get_record (row));
    }
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 3);
  clear_cache (&f);
  g_assert_finalize_object (rows);
  g_assert_cmpuint (count (&f), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/live-table/redundant/unread", test_unread);
  g_test_add_func ("/live-table/redundant/not-when-read", test_read);
  g_test_add_func ("/live-table/redundant/not-when-the-copy-is-read", test_cached);
  g_test_add_func ("/live-table/redundant/not-while-the-cache-has-it", test_cached_in_vain);
  g_test_add_func ("/live-table/redundant/window-over-two-pages", test_window);
  g_test_add_func ("/live-table/redundant/nothing-to-read", test_nothing_to_read);
  g_test_add_func ("/live-table/redundant/dropped-by-another-thread", test_other_thread);
  g_test_add_func ("/live-table/redundant/page-outlives-the-table", test_outlives);
  g_test_add_func ("/live-table/redundant/stacked", test_stacked);
  g_test_add_func ("/live-table/redundant/read-ahead-of-a-list", test_list);

  return g_test_run ();
}
