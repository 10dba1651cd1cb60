/* test-live-window.c: windows cut from and glued out of pages
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fake-clock.h"
#include "live-ask.h"
#include "shaped-fixture.h"
#include "slow-cache.h"

#define N_ROWS 10

static const char rows[] = "abcdefghij";

/* Ten rows, a to j. */
static LiveFixture
fixture_new (ShapedTable **shaped, VlCapabilities capabilities)
{
  g_autoptr (VlSchema) schema = shaped_schema (capabilities, NULL, NULL);
  LiveFixture f = shaped_fixture_new (shaped, NULL, schema, NULL);

  for (guint i = 3; i < N_ROWS; i++)
    {
      const char id[] = { rows[i], '\0' };

      live_fixture_put (&f, id, id, i);
    }

  return f;
}

static VlQuery *
window (guint64 offset, guint limit)
{
  g_autoptr (VlQuery) all = vl_query_new ();

  return vl_query_window (all, offset, limit);
}

/* The part of a to j that a window shows. */
static char *
model (guint64 offset, guint limit)
{
  guint64 from = MIN (offset, N_ROWS);
  guint64 to = limit == 0 ? N_ROWS : MIN (from + limit, N_ROWS);

  return g_strndup (rows + from, to - from);
}

static VlPage *
list_window (LiveFixture *f, guint64 offset, guint limit)
{
  g_autoptr (VlQuery) query = window (offset, limit);

  return live_fixture_list (f, query);
}

/* Some window of a cold table, then the same again: right, and the second time
 * out of the cache; and what can be listed from the cache can be peeked at. */
static void
check_window (VlCapabilities capabilities, guint page_size, guint64 offset, guint limit)
{
  ShapedTable *shaped;
  g_auto (LiveFixture) f = fixture_new (&shaped, capabilities);
  g_autofree char *expected = model (offset, limit);
  g_autoptr (VlQuery) query = window (offset, limit);
  guint64 n_reads = 0;

  vl_live_table_set_page_size (f.live, page_size);
  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (VlPage) page = live_fixture_list (&f, query);

      assert_ids (page, expected);
      assert_origin (page, round == 1, FALSE);
      g_assert_cmpuint (vl_page_get_offset (page), ==, offset);
      if (vl_page_get_total (page) != -1 || limit == 0)
        g_assert_cmpint (vl_page_get_total (page), ==, N_ROWS);
      if (round == 1)
        g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, n_reads);
      n_reads = vl_fault_table_get_n_reads (f.master);
    }

  {
    g_autoptr (VlPage) page = vl_live_table_peek_page (f.live, query);

    g_assert_nonnull (page);
    assert_ids (page, expected);
    assert_origin (page, TRUE, FALSE);
  }
}

static void
check_windows (VlCapabilities capabilities)
{
  static const guint page_sizes[] = { 1, 2, 3, 5, 7, 10, 11, G_MAXUINT };
  static const guint limits[] = { 0, 1, 2, 5, 9, 10, 11, G_MAXUINT };

  for (guint i = 0; i < G_N_ELEMENTS (page_sizes); i++)
    for (guint offset = 0; offset <= N_ROWS + 1; offset++)
      for (guint j = 0; j < G_N_ELEMENTS (limits); j++)
        check_window (capabilities, page_sizes[i], offset, limits[j]);
}

static void
test_any_window (void)
{
  check_windows (SHAPED_CAPABILITIES);
}

static void
test_without_capability (void)
{
  check_windows (SHAPED_CAPABILITIES & ~(guint) VL_CAPABILITY_WINDOW);
}

/* The master is asked once, for everything, and all windows come from that. */
static void
test_whole_answer (void)
{
  ShapedTable *shaped;
  g_auto (LiveFixture)
    f = fixture_new (&shaped, SHAPED_CAPABILITIES & ~(guint) VL_CAPABILITY_WINDOW);

  vl_live_table_set_page_size (f.live, 2);
  for (guint offset = 0; offset < N_ROWS; offset++)
    {
      g_autoptr (VlPage) page = list_window (&f, offset, 3);

      g_assert_cmpuint (vl_page_get_n_records (page), ==, MIN (3, N_ROWS - offset));
      g_assert_cmpint (vl_page_get_total (page), ==, N_ROWS);
    }
  g_assert_cmpstr (shaped_table_get_lists (shaped), ==, "0+0 ");
}

/* Windows far beyond the end, as far as numbers go. */
static void
test_over_the_end (void)
{
  static const guint64 offsets[] = { N_ROWS,          1000,
                                     G_MAXUINT,       G_MAXINT64,
                                     G_MAXUINT64 / 2, G_MAXUINT64 - 3,
                                     G_MAXUINT64 - 2, G_MAXUINT64 - 1,
                                     G_MAXUINT64 };
  static const guint limits[] = { 0, 1, 2, 5, G_MAXUINT };
  static const guint page_sizes[] = { 1, 2, 3, 100, G_MAXUINT };

  for (guint i = 0; i < G_N_ELEMENTS (offsets); i++)
    for (guint j = 0; j < G_N_ELEMENTS (limits); j++)
      for (guint k = 0; k < G_N_ELEMENTS (page_sizes); k++)
        {
          ShapedTable *shaped;
          g_auto (LiveFixture) f = fixture_new (&shaped, SHAPED_CAPABILITIES);
          g_autoptr (VlQuery) query = window (offsets[i], limits[j]);
          g_autoptr (VlPage) page = NULL;
          g_autoptr (VlPage) before = NULL;

          vl_live_table_set_page_size (f.live, page_sizes[k]);
          before = vl_live_table_peek_page (f.live, query);
          g_assert_null (before);
          page = live_fixture_list (&f, query);
          assert_ids (page, "");
          g_assert_cmpuint (vl_page_get_offset (page), ==, offsets[i]);
          before = vl_live_table_peek_page (f.live, query);
        }
}

/* A window over the end is cut; what the pages tell of the end is believed. */
static void
test_lists_of_pages (void)
{
  static const struct
  {
    guint page_size;
    guint offset;
    guint limit;
    const char *ids;
    const char *lists;
  } cases[] = {
    { 4, 0, 4, "abcd", "0+4 " },      { 4, 1, 2, "bc", "0+4 " },
    { 4, 3, 2, "de", "0+4 4+4 " },    { 4, 2, 8, "cdefghij", "0+4 4+4 8+4 " },
    { 4, 8, 4, "ij", "8+4 " },        { 4, 9, 100, "j", "8+4 " },
    { 100, 0, 5, "abcde", "0+100 " }, { 5, 5, 5, "fghij", "5+5 " },
    { 5, 5, 100, "fghij", "5+5 " },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ShapedTable *shaped;
      g_auto (LiveFixture) f = fixture_new (&shaped, SHAPED_CAPABILITIES);
      g_autoptr (VlPage) page = NULL;

      vl_live_table_set_page_size (f.live, cases[i].page_size);
      page = list_window (&f, cases[i].offset, cases[i].limit);
      assert_ids (page, cases[i].ids);
      g_assert_cmpstr (shaped_table_get_lists (shaped), ==, cases[i].lists);
    }
}

static void
test_walk (void)
{
  ShapedTable *shaped;
  g_auto (LiveFixture) f = fixture_new (&shaped, SHAPED_CAPABILITIES);
  g_autoptr (VlPage) page = NULL;

  vl_live_table_set_page_size (f.live, 4);
  page = list_window (&f, 0, 0);
  assert_ids (page, rows);
  g_assert_cmpstr (shaped_table_get_lists (shaped), ==, "0+4 4+4 8+4 ");
}

/* Ten rows in pages of five: the end is not to be seen in the second, unless
 * the master told the total. */
static void
test_last_page_full (void)
{
  ShapedTable *shaped;
  g_auto (LiveFixture) f = fixture_new (&shaped, SHAPED_CAPABILITIES);
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlPage) again = NULL;
  g_autoptr (VlPage) longer = NULL;

  vl_live_table_set_page_size (f.live, 5);
  page = list_window (&f, 0, 0);
  assert_ids (page, rows);
  g_assert_cmpint (vl_page_get_total (page), ==, N_ROWS);
  again = list_window (&f, 0, 0);
  assert_ids (again, rows);
  assert_origin (again, TRUE, FALSE);

  live_fixture_put (&f, "k", "Kiwi", 1.0);
  vl_live_table_invalidate (f.live);
  longer = list_window (&f, 0, 0);
  assert_ids (longer, "abcdefghijk");
}

/* Windows that overlap what is cached fetch only the rest. */
static void
test_partly_cached (void)
{
  ShapedTable *shaped;
  g_auto (LiveFixture) f = fixture_new (&shaped, SHAPED_CAPABILITIES);
  g_autoptr (VlPage) first = NULL;
  g_autoptr (VlPage) second = NULL;

  vl_live_table_set_page_size (f.live, 3);
  first = list_window (&f, 3, 3);
  shaped_table_forget_lists (shaped);
  second = list_window (&f, 2, 6);
  assert_ids (second, "cdefgh");
  assert_origin (second, FALSE, FALSE);
  g_assert_cmpstr (shaped_table_get_lists (shaped), ==, "0+3 6+3 ");
}

/* The root is invalidated between two pages of one window. */
static void
test_moved_meanwhile (void)
{
  ShapedTable *shaped;
  g_auto (LiveFixture) f = fixture_new (&shaped, SHAPED_CAPABILITIES);
  g_autoptr (VlPage) cached = NULL;
  g_autoptr (Ask) ask = NULL;

  vl_live_table_set_page_size (f.live, 5);
  cached = list_window (&f, 0, 5);
  shaped_table_forget_lists (shaped);
  vl_fault_table_set_latency (f.master, 100);
  {
    g_autoptr (VlQuery) query = window (0, 10);

    ask = ask_list (f.live, query);
  }
  fake_clock_advance (10);
  g_assert_cmpstr (shaped_table_get_lists (shaped), ==, "");

  /* The first page was a hit, the second is under way. A row comes in front. */
  live_fixture_put (&f, "A", "Ananas", 1.0);
  vl_live_table_invalidate (f.live);
  fake_clock_advance (90);
  g_assert_false (ask->is_done);
  fake_clock_advance (100);
  g_assert_true (ask->is_done);
  assert_ids (ask->page, "Aabcdefghi");
  assert_origin (ask->page, FALSE, FALSE);
  g_assert_cmpstr (shaped_table_get_lists (shaped), ==, "5+5 0+5 5+5 ");
}

/* It is invalidated again while the window is read anew: enough of that. */
static void
test_moved_twice (void)
{
  ShapedTable *shaped;
  g_auto (LiveFixture) f = fixture_new (&shaped, SHAPED_CAPABILITIES);
  g_autoptr (VlPage) cached = NULL;
  g_autoptr (VlPage) later = NULL;
  g_autoptr (Ask) ask = NULL;

  vl_live_table_set_page_size (f.live, 5);
  cached = list_window (&f, 0, 5);
  vl_fault_table_set_latency (f.master, 100);
  {
    g_autoptr (VlQuery) query = window (0, 10);

    ask = ask_list (f.live, query);
  }
  fake_clock_advance (50);
  vl_live_table_invalidate (f.live);
  fake_clock_advance (50);
  g_assert_false (ask->is_done);

  fake_clock_advance (50);
  vl_live_table_invalidate (f.live);
  fake_clock_advance (50);
  g_assert_true (ask->is_done);
  assert_ids (ask->page, rows);
  assert_origin (ask->page, FALSE, TRUE);

  /* The rest that such a page takes is over. */
  vl_fault_table_set_latency (f.master, 0);
  fake_clock_advance (1000);
  later = list_window (&f, 0, 10);
  assert_ids (later, rows);
  g_assert_false (vl_page_get_is_stale (later));
}

/* No page was overtaken, but they were read at different times. */
static void
test_moved_between_pages (void)
{
  g_autoptr (SlowCache) cache = slow_cache_new ();
  g_auto (LiveFixture) f = live_fixture_new (VL_CACHE (cache));
  g_autoptr (VlSchema) schema = vl_table_describe_sync (VL_TABLE (f.live), NULL, NULL);
  g_autoptr (VlQuery) query = window (0, 0);
  g_autoptr (Ask) ask = NULL;

  g_assert_nonnull (schema);
  settle ();
  vl_live_table_set_page_size (f.live, 2);
  slow_cache_set_blind (cache);
  slow_cache_hold (cache, "l");
  ask = ask_list (f.live, query);
  settle ();
  g_assert_cmpuint (slow_cache_release (cache), ==, 1); /* the first page */
  settle ();
  g_assert_cmpuint (slow_cache_get_n_held (cache), ==, 1); /* the second */

  /* The page that waits for the cache begins again, and is newer than the one
   * that is in; then the same the other way round. */
  for (guint i = 0; i < 2; i++)
    {
      vl_live_table_invalidate (f.live);
      settle ();
      g_assert_false (ask->is_done);
      g_assert_cmpuint (slow_cache_release (cache), ==, 1);
      settle ();
      g_assert_cmpuint (slow_cache_release (cache), ==, 1);
      settle ();
    }
  g_assert_true (ask->is_done);
  assert_ids (ask->page, "abc");
  assert_origin (ask->page, FALSE, TRUE);
}

/* What a window is flagged with is the worst of its pages. */
static void
test_glued_flags (void)
{
  ShapedTable *shaped;
  g_auto (LiveFixture) f = fixture_new (&shaped, SHAPED_CAPABILITIES);
  g_autoptr (VlPage) first = NULL;
  g_autoptr (VlPage) second = NULL;
  g_autoptr (VlPage) glued = NULL;
  g_autoptr (VlPage) stale = NULL;

  vl_live_table_set_page_size (f.live, 5);
  first = list_window (&f, 0, 5);
  fake_clock_advance (1000);
  second = list_window (&f, 5, 5);
  g_assert_cmpint (vl_page_get_fetched_at (second), >, vl_page_get_fetched_at (first));

  glued = list_window (&f, 0, 10);
  assert_origin (glued, TRUE, FALSE);
  g_assert_cmpint (vl_page_get_fetched_at (glued), ==, vl_page_get_fetched_at (first));

  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_CACHE_ONLY);
  vl_live_table_set_max_age (f.live, 500);
  stale = list_window (&f, 0, 10);
  assert_ids (stale, rows);
  assert_origin (stale, TRUE, TRUE);
}

/* One page that fails fails the window, once. */
static void
test_failed_page (void)
{
  ShapedTable *shaped;
  g_auto (LiveFixture) f = fixture_new (&shaped, SHAPED_CAPABILITIES);
  g_autoptr (VlPage) cached = NULL;
  g_autoptr (VlPage) after = NULL;
  g_autoptr (VlQuery) query = window (0, 10);
  g_autoptr (GError) pushed = g_error_new (VL_ERROR, VL_ERROR_UNAVAILABLE, "No network");
  g_autoptr (Ask) ask = NULL;

  vl_live_table_set_page_size (f.live, 2);
  cached = list_window (&f, 4, 2);
  vl_fault_table_set_latency (f.master, 100);
  vl_fault_table_push_error (f.master, pushed);
  ask = ask_list (f.live, query);
  fake_clock_advance (1000);
  g_assert_error (ask->error, VL_ERROR, VL_ERROR_UNAVAILABLE);

  vl_fault_table_set_latency (f.master, 0);
  after = live_fixture_list (&f, query);
  assert_ids (after, rows);
}

/* Cancelled with some pages in and some under way: nothing goes on. */
static void
test_cancelled (void)
{
  ShapedTable *shaped;
  g_auto (LiveFixture) f = fixture_new (&shaped, SHAPED_CAPABILITIES);
  g_autoptr (VlPage) cached = NULL;
  g_autoptr (VlQuery) query = window (0, 10);
  g_autoptr (Ask) ask = NULL;

  vl_live_table_set_page_size (f.live, 2);
  cached = list_window (&f, 4, 2);
  vl_fault_table_set_latency (f.master, 100);
  ask = ask_list (f.live, query);
  fake_clock_advance (50);
  g_cancellable_cancel (ask->cancellable);
  settle ();
  g_assert_error (ask->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  shaped_table_forget_lists (shaped);
  fake_clock_advance (1000);
  g_assert_cmpstr (shaped_table_get_lists (shaped), ==, "");
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  fake_clock_advance (1000);

  g_test_add_func ("/live-table/window/any-offset-and-limit", test_any_window);
  g_test_add_func ("/live-table/window/master-without-windows", test_without_capability);
  g_test_add_func ("/live-table/window/whole-answer-serves-all", test_whole_answer);
  g_test_add_func ("/live-table/window/over-the-end", test_over_the_end);
  g_test_add_func ("/live-table/window/asks-for-its-pages-only", test_lists_of_pages);
  g_test_add_func ("/live-table/window/no-limit-walks", test_walk);
  g_test_add_func ("/live-table/window/last-page-exactly-full", test_last_page_full);
  g_test_add_func ("/live-table/window/partly-cached", test_partly_cached);
  g_test_add_func ("/live-table/window/moved-meanwhile-is-read-anew", test_moved_meanwhile);
  g_test_add_func ("/live-table/window/moved-twice-is-flagged-stale", test_moved_twice);
  g_test_add_func ("/live-table/window/moved-between-its-pages", test_moved_between_pages);
  g_test_add_func ("/live-table/window/is-as-old-as-its-oldest-page", test_glued_flags);
  g_test_add_func ("/live-table/window/one-page-fails", test_failed_page);
  g_test_add_func ("/live-table/window/cancelled", test_cancelled);
  status = g_test_run ();

  fake_clock_end ();

  return status;
}
