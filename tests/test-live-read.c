/* test-live-read.c: what is read from a cache, and what from the master
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "live-ask.h"
#include "live-fixture.h"

static VlRecord *
find (LiveFixture *f, const char *id)
{
  g_autoptr (GError) error = NULL;
  VlRecord *record = vl_table_find_sync (VL_TABLE (f->live), id, NULL, &error);

  g_assert_no_error (error);

  return record;
}

static gint64
count (LiveFixture *f, VlQuery *query)
{
  g_autoptr (GError) error = NULL;
  gint64 n = vl_table_count_sync (VL_TABLE (f->live), query, NULL, &error);

  g_assert_no_error (error);

  return n;
}

static void
test_hit_without_master (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = live_fixture_list (&f, NULL);
  g_autoptr (VlPage) second = NULL;
  g_autoptr (VlRecord) before = find (&f, "b");
  g_autoptr (VlRecord) after = NULL;
  guint64 n_calls = vl_fault_table_get_n_calls (f.master);

  vl_fault_table_set_never_answer (f.master, TRUE);
  second = live_fixture_list (&f, NULL);
  after = find (&f, "b");

  assert_ids (second, "abc");
  assert_origin (second, TRUE, FALSE);
  g_assert_true (vl_record_equal (before, after));
  g_assert_cmpint (vl_page_get_fetched_at (second), ==, vl_page_get_fetched_at (first));
  g_assert_cmpuint (vl_fault_table_get_n_calls (f.master), ==, n_calls);
}

static void
test_null_cache (void)
{
  g_autoptr (VlCache) cache = VL_CACHE (vl_null_cache_new ());
  g_auto (LiveFixture) f = live_fixture_new (cache);

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (VlPage) page = live_fixture_list (&f, NULL);
      g_autoptr (VlRecord) record = find (&f, "a");

      assert_ids (page, "abc");
      assert_origin (page, FALSE, FALSE);
      g_assert_cmpstr (vl_record_get_string (record, "name"), ==, "Apple");
      g_assert_cmpint (count (&f, NULL), ==, 3);
      g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 3 * (i + 1));
    }
  g_assert_cmpuint (vl_live_stats_get_repeats (vl_live_table_get_stats (f.live)), ==, 0);
}

static void
test_record_slot (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlRecord) first = find (&f, "a");
  g_autoptr (VlRecord) second = NULL;
  g_autoptr (VlRecord) other = NULL;

  g_assert_nonnull (first);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 1);
  second = find (&f, "a");
  g_assert_cmpstr (vl_record_get_string (second, "name"), ==, "Apple");
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 1);

  other = find (&f, "b");
  g_assert_cmpstr (vl_record_get_string (other, "name"), ==, "Banana");
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);
}

/* Not found is an answer that is kept, but never as a record. */
static void
test_unknown_id (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) slot = NULL;

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (VlRecord) record = find (&f, "x");

      g_assert_null (record);
      g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 1);
    }
  slot = vl_cache_peek (f.cache, "products", "id/x");
  g_assert_nonnull (slot);
  g_assert_cmpuint (vl_page_get_n_records (slot), ==, 0);
  g_assert_null (vl_live_table_peek_record (f.live, "x"));

  live_fixture_put (&f, "x", "Xigua", 2.0);
  vl_live_table_invalidate (f.live);
  {
    g_autoptr (VlRecord) record = find (&f, "x");

    g_assert_nonnull (record);
    g_assert_cmpstr (vl_record_get_string (record, "name"), ==, "Xigua");
  }
}

/* Ids and queries that would run into each other if they were not escaped. */
static void
test_odd_ids (void)
{
  static const char *const ids[] = { "a/b", "a%2Fb", "a%252Fb", "../q/*/100/0", "", "ä\n", "%" };
  g_auto (LiveFixture) f = live_fixture_new (NULL);

  for (guint round = 0; round < 2; round++)
    for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
      {
        g_autoptr (VlRecord) record = NULL;

        if (round == 0)
          live_fixture_put (&f, ids[i], ids[i], i);
        record = find (&f, ids[i]);
        g_assert_nonnull (record);
        g_assert_cmpstr (vl_record_get_id (record), ==, ids[i]);
        g_assert_cmpfloat (vl_record_get_double (record, "price"), ==, i);
      }
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, G_N_ELEMENTS (ids));

  /* Whoever looks into the cache finds them under their escaped names. */
  {
    g_autoptr (VlPage) slash = vl_cache_peek (f.cache, "products", "id/a%2Fb");
    g_autoptr (VlPage) percent = vl_cache_peek (f.cache, "products", "id/a%252Fb");

    assert_ids (slash, "a/b");
    assert_ids (percent, "a%2Fb");
  }
}

static void
test_pages_apart (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);

  vl_live_table_set_page_size (f.live, 1);
  for (guint round = 0; round < 2; round++)
    for (guint i = 0; i < 3; i++)
      {
        g_autoptr (VlQuery) all = vl_query_new ();
        g_autoptr (VlQuery) query = vl_query_window (all, i, 1);
        g_autoptr (VlPage) page = live_fixture_list (&f, query);
        const char expected[] = { (char) ('a' + i), '\0' };

        assert_ids (page, expected);
        assert_origin (page, round == 1, FALSE);
        g_assert_cmpuint (vl_page_get_offset (page), ==, i);
        g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, round == 0 ? i + 1 : 3);
      }
}

static void
test_queries_apart (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) dear = vl_query_where (all, "price", VL_OP_GT, g_variant_new_double (1.0));
  g_autoptr (VlQuery) down = vl_query_order_by (all, "name", TRUE);
  g_autoptr (VlQuery) search = vl_query_search (all, "an");
  VlQuery *queries[] = { all, dear, down, search };
  static const char *const expected[] = { "abc", "ac", "cba", "b" };

  for (guint round = 0; round < 2; round++)
    for (guint i = 0; i < G_N_ELEMENTS (queries); i++)
      {
        g_autoptr (VlPage) page = live_fixture_list (&f, queries[i]);

        assert_ids (page, expected[i]);
        assert_origin (page, round == 1, FALSE);
        g_assert_cmpint (count (&f, queries[i]), ==, (gint64) strlen (expected[i]));
      }
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2 * G_N_ELEMENTS (queries));
}

/* The same conditions in another order are the same query. */
static void
test_equal_queries (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) a = vl_query_where (all, "price", VL_OP_GT, g_variant_new_double (1.0));
  g_autoptr (VlQuery) ab = vl_query_where (a, "name", VL_OP_NOT_NULL, NULL);
  g_autoptr (VlQuery) b = vl_query_where (all, "name", VL_OP_NOT_NULL, NULL);
  g_autoptr (VlQuery) ba = vl_query_where (b, "price", VL_OP_GT, g_variant_new_double (1.0));
  g_autoptr (VlPage) first = live_fixture_list (&f, ab);
  g_autoptr (VlPage) second = live_fixture_list (&f, ba);

  g_assert_nonnull (first);
  assert_ids (second, "ac");
  assert_origin (second, TRUE, FALSE);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 1);
}

static void
test_page_sizes (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) two = vl_query_window (all, 0, 2);
  g_autoptr (VlQuery) one = vl_query_window (all, 1, 1);
  g_autoptr (VlLiveTable) other = NULL;
  g_autoptr (GError) error = NULL;

  other = g_object_new (VL_TYPE_LIVE_TABLE, "master", f.master, "cache-key", "products", "cache",
                        f.cache, "follow-master", FALSE, "page-size", 1, NULL);
  vl_live_table_set_page_size (f.live, 2);
  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (VlPage) of_two = live_fixture_list (&f, two);
      g_autoptr (VlPage) of_one = vl_table_list_sync (VL_TABLE (other), one, NULL, &error);

      g_assert_no_error (error);
      assert_ids (of_two, "ab");
      assert_ids (of_one, "b");
      assert_origin (of_two, round == 1, FALSE);
      assert_origin (of_one, round == 1, FALSE);
      g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);
    }
}

static void
test_count (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  VlLiveStats *stats = vl_live_table_get_stats (f.live);

  g_assert_cmpint (count (&f, NULL), ==, 3);
  g_assert_cmpint (count (&f, NULL), ==, 3);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 1);
  g_assert_cmpuint (vl_live_stats_get_hits (stats), ==, 1);

  live_fixture_put (&f, "d", "Date", 3.0);
  vl_live_table_invalidate (f.live);
  g_assert_cmpint (count (&f, NULL), ==, 4);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);
}

/* The window of a query does not count, and shares the count of the others. */
static void
test_count_of_window (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) window = vl_query_window (all, 1, 1);

  g_assert_cmpint (count (&f, window), ==, 3);
  g_assert_cmpint (count (&f, all), ==, 3);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 1);
}

static void
test_get_first (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) down = vl_query_order_by (all, "name", TRUE);
  g_autoptr (VlQuery) none = vl_query_where (all, "price", VL_OP_LT, g_variant_new_double (0.0));
  g_autoptr (VlPage) page = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (VlRecord) last = vl_table_get_first_sync (VL_TABLE (f.live), down, NULL, &error);
      g_autoptr (VlRecord) no = vl_table_get_first_sync (VL_TABLE (f.live), none, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (vl_record_get_id (last), ==, "c");
      g_assert_null (no);
      g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);
    }

  /* It fetched a page, and that serves lists too. */
  page = live_fixture_list (&f, down);
  assert_ids (page, "cba");
  assert_origin (page, TRUE, FALSE);
}

static void
test_find_many (void)
{
  static const char *const ids[] = { "c", "x", "a", "c", NULL };
  static const char *const again[] = { "a", "c", "x", NULL };
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (VlPage) page = vl_table_find_many_sync (VL_TABLE (f.live), ids, NULL, &error);

      g_assert_no_error (error);
      assert_ids (page, "cac");
      g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 1);
    }

  /* Their order is no part of what is cached. */
  {
    g_autoptr (VlPage) page = vl_table_find_many_sync (VL_TABLE (f.live), again, NULL, &error);

    assert_ids (page, "ac");
    g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 1);
  }

  vl_live_table_set_page_size (f.live, 1);
  {
    g_autoptr (VlPage) page = vl_table_find_many_sync (VL_TABLE (f.live), ids, NULL, &error);

    assert_ids (page, "cac");
  }
}

/* A column that does not exist is refused before anybody is asked. */
static void
test_invalid_query (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_order_by (all, "colour", FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = vl_table_list_sync (VL_TABLE (f.live), query, NULL, &error);

  g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
  g_assert_null (page);
  g_clear_error (&error);
  g_assert_cmpint (vl_table_count_sync (VL_TABLE (f.live), query, NULL, &error), ==, -1);
  g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 0);
}

static void
test_invalidate (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = live_fixture_list (&f, NULL);
  g_autoptr (VlPage) second = NULL;
  Changes changes = { 0 };

  g_assert_nonnull (first);
  watch_changes (f.live, &changes);
  live_fixture_put (&f, "d", "Date", 3.0);
  vl_live_table_invalidate (f.live);
  g_assert_null (vl_live_table_peek_page (f.live, NULL));
  second = live_fixture_list (&f, NULL);
  assert_ids (second, "abcd");
  assert_origin (second, FALSE, FALSE);
  while (changes.n_emitted == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (changes.origin, ==, VL_ORIGIN_OTHER);
  g_assert_cmpuint (changes.n_emitted, ==, 1);
}

static gpointer
invalidate_elsewhere (gpointer data)
{
  vl_live_table_invalidate (data);
  return NULL;
}

/* It counts as soon as the call has returned: no turn of the main loop lies
 * between it and the read. */
static void
test_invalidate_from_thread (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = live_fixture_list (&f, NULL);
  g_autoptr (VlPage) second = NULL;

  g_assert_nonnull (first);
  live_fixture_put (&f, "d", "Date", 3.0);
  g_thread_join (g_thread_new ("invalidate", invalidate_elsewhere, f.live));
  g_assert_null (vl_live_table_peek_page (f.live, NULL));
  second = live_fixture_list (&f, NULL);
  assert_ids (second, "abcd");
  assert_origin (second, FALSE, FALSE);
}

/* What is erased does not serve even those who take stale copies. */
static void
test_clear (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = live_fixture_list (&f, NULL);
  g_autoptr (VlPage) second = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (first);
  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_CACHE_ONLY);
  vl_live_table_invalidate (f.live);
  second = live_fixture_list (&f, NULL);
  assert_origin (second, TRUE, TRUE);

  vl_live_table_clear (f.live);
  g_clear_object (&second);
  second = vl_table_list_sync (VL_TABLE (f.live), NULL, NULL, &error);
  g_assert_error (error, VL_ERROR, VL_ERROR_NOT_FOUND);
  g_assert_null (second);
  g_assert_null (vl_cache_peek (f.cache, "products", "q/*/100/0"));
}

static gpointer
clear_elsewhere (gpointer data)
{
  vl_live_table_clear (data);
  return NULL;
}

static void
test_clear_from_thread (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = live_fixture_list (&f, NULL);
  g_autoptr (VlPage) slot = vl_cache_peek (f.cache, "products", "q/*/100/0");

  g_assert_nonnull (first);
  g_assert_nonnull (slot);
  g_thread_join (g_thread_new ("clear", clear_elsewhere, f.live));
  g_assert_null (vl_live_table_peek_page (f.live, NULL));
  g_clear_object (&slot);
  while ((slot = vl_cache_peek (f.cache, "products", "q/*/100/0")) != NULL)
    {
      g_clear_object (&slot);
      g_main_context_iteration (NULL, TRUE);
    }
}

/* A thread with a context of its own: the answer comes there. */
static void
on_listed_elsewhere (GObject *table, GAsyncResult *result, gpointer user_data)
{
  GThread **thread = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = vl_table_list_finish (VL_TABLE (table), result, &error);

  g_assert_no_error (error);
  assert_ids (page, "abc");
  *thread = g_thread_self ();
}

static gpointer
read_elsewhere (gpointer data)
{
  LiveFixture *f = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (VlPage) page = NULL;
  g_autoptr (GError) error = NULL;
  GThread *answered_in = NULL;

  g_main_context_push_thread_default (context);
  g_assert_null (vl_live_table_peek_page (f->live, NULL));
  g_assert_null (vl_live_table_peek_record (f->live, "a"));
  vl_table_list_async (VL_TABLE (f->live), NULL, NULL, on_listed_elsewhere, &answered_in);
  g_assert_null (answered_in);
  while (answered_in == NULL)
    g_main_context_iteration (context, TRUE);
  g_assert_true (answered_in == g_thread_self ());

  page = vl_table_list_sync (VL_TABLE (f->live), NULL, NULL, &error);
  g_assert_no_error (error);
  assert_origin (page, TRUE, FALSE);
  g_main_context_pop_thread_default (context);
  g_main_context_wakeup (NULL);

  return g_steal_pointer (&page);
}

static gpointer
run_and_note (gpointer data)
{
  gpointer *args = data;
  gpointer page = read_elsewhere (args[0]);

  g_atomic_pointer_set (&args[1], page);
  g_main_context_wakeup (NULL);
  return NULL;
}

static void
test_from_thread (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) here = live_fixture_list (&f, NULL);
  gpointer args[2] = { &f, NULL };
  GThread *thread = g_thread_new ("reader", run_and_note, args);
  g_autoptr (VlPage) there = NULL;

  g_assert_nonnull (here);
  while ((there = g_atomic_pointer_get (&args[1])) == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  assert_ids (there, "abc");
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 1);
}

static void
test_stats (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  VlLiveStats *stats = vl_live_table_get_stats (f.live);
  g_autoptr (VlLiveStats) property = NULL;

  g_object_get (f.live, "stats", &property, NULL);
  g_assert_true (property == stats);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (VlPage) page = live_fixture_list (&f, NULL);
      g_autoptr (VlPage) peeked = vl_live_table_peek_page (f.live, NULL);

      g_assert_nonnull (page);
      g_assert_nonnull (peeked);
    }
  g_assert_cmpuint (vl_live_stats_get_misses (stats), ==, 1);
  g_assert_cmpuint (vl_live_stats_get_fetches (stats), ==, 1);
  g_assert_cmpuint (vl_live_stats_get_hits (stats), ==, 5);
  g_assert_cmpuint (vl_live_stats_get_stale_hits (stats), ==, 0);
  g_assert_cmpuint (vl_live_stats_get_joins (stats), ==, 0);
  g_assert_cmpuint (vl_live_stats_get_events (stats), ==, 0);
  g_assert_cmpuint (vl_live_stats_get_repeats (stats), ==, 0);
}

static void
on_removed (GObject *cache, GAsyncResult *result, gpointer user_data)
{
  gboolean *is_done = user_data;
  g_autoptr (GError) error = NULL;

  *is_done = vl_cache_remove_finish (VL_CACHE (cache), result, &error);
  g_assert_no_error (error);
}

/* A fetch of what should still be there: somebody took it out of the cache
 * behind the live table's back. */
static void
test_repeats (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  VlLiveStats *stats = vl_live_table_get_stats (f.live);
  g_autoptr (VlPage) first = live_fixture_list (&f, NULL);
  g_autoptr (VlPage) second = NULL;
  g_autoptr (VlPage) third = NULL;
  g_autoptr (VlPage) refreshed = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_done = FALSE;

  g_assert_nonnull (first);
  vl_live_table_invalidate (f.live);
  second = live_fixture_list (&f, NULL);
  g_assert_cmpuint (vl_live_stats_get_fetches (stats), ==, 2);
  g_assert_cmpuint (vl_live_stats_get_repeats (stats), ==, 0);

  vl_cache_remove_async (f.cache, "products", "q/*/100/0", NULL, on_removed, &is_done);
  while (!is_done)
    g_main_context_iteration (NULL, TRUE);
  third = live_fixture_list (&f, NULL);
  g_assert_cmpuint (vl_live_stats_get_fetches (stats), ==, 3);
  g_assert_cmpuint (vl_live_stats_get_repeats (stats), ==, 1);

  /* What was asked for is not needless. */
  refreshed = vl_live_table_refresh_sync (f.live, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (vl_live_stats_get_fetches (stats), ==, 4);
  g_assert_cmpuint (vl_live_stats_get_repeats (stats), ==, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/live-table/read/hit-without-master", test_hit_without_master);
  g_test_add_func ("/live-table/read/null-cache-passes-through", test_null_cache);
  g_test_add_func ("/live-table/read/record-slot", test_record_slot);
  g_test_add_func ("/live-table/read/unknown-id-is-null", test_unknown_id);
  g_test_add_func ("/live-table/read/odd-ids-are-told-apart", test_odd_ids);
  g_test_add_func ("/live-table/read/pages-are-cached-apart", test_pages_apart);
  g_test_add_func ("/live-table/read/queries-are-cached-apart", test_queries_apart);
  g_test_add_func ("/live-table/read/equal-queries-share", test_equal_queries);
  g_test_add_func ("/live-table/read/page-sizes-never-share", test_page_sizes);
  g_test_add_func ("/live-table/read/count-is-cached", test_count);
  g_test_add_func ("/live-table/read/count-ignores-the-window", test_count_of_window);
  g_test_add_func ("/live-table/read/get-first", test_get_first);
  g_test_add_func ("/live-table/read/find-many", test_find_many);
  g_test_add_func ("/live-table/read/invalid-query-asks-nobody", test_invalid_query);
  g_test_add_func ("/live-table/read/invalidate", test_invalidate);
  g_test_add_func ("/live-table/read/invalidate-from-thread", test_invalidate_from_thread);
  g_test_add_func ("/live-table/read/clear-erases", test_clear);
  g_test_add_func ("/live-table/read/clear-from-thread", test_clear_from_thread);
  g_test_add_func ("/live-table/read/from-thread", test_from_thread);
  g_test_add_func ("/live-table/read/stats", test_stats);
  g_test_add_func ("/live-table/read/repeats-are-counted", test_repeats);

  return g_test_run ();
}
