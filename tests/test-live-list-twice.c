/* test-live-list-twice.c: a table that has an id twice, and stays so
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A list has one row for an id, and so one of the places cannot be shown. Whoever
 * looks at it hears so in the end, and nothing is asked any more by itself.
 */

#include "list-fixture.h"

/* In the order of the names: "x" is on the first page, and on the third. */
#define TWICE        "a/1 x/2 b/3 c/4 x/5 d/6"
#define MENDED_FIRST "a/1 w/2 b/3 c/4 x/5 d/6"
#define MENDED_LAST  "a/1 x/2 b/3 c/4 w/5 d/6"

/* Somebody looks at all of it, pages of two. */
static void
show (ListFixture *f, VlTable *table)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_order_by (all, "name", FALSE);

  list_fixture_watch (f, g_object_new (VL_TYPE_LIVE_LIST, "table", table, "query", query,
                                       "page-size", 2, NULL));
  f->mirrors = TRUE;
  list_fixture_mirror (f, 0, 0, g_list_model_get_n_items (G_LIST_MODEL (f->list)));
}

static ListFixture *
shown_fixture_new (VlCapabilities capabilities, const char *words)
{
  ListFixture *f = g_new0 (ListFixture, 1);

  f->master = list_master_new (capabilities);
  list_master_set (f->master, words);
  show (f, VL_TABLE (f->master));

  return f;
}

static void
pass_long (void)
{
  for (guint i = 0; i < 40; i++)
    pass_while ();
}

static void
assert_error_names (const GError *error, const char *id)
{
  g_autofree char *quoted = g_strdup_printf ("“%s”", id);

  g_assert_error (error, VL_ERROR, VL_ERROR_CORRUPT);
  g_assert_nonnull (strstr (error->message, quoted));
}

/* All rows of the mirror have their records but for `n_failed` ones, of the id. */
static void
assert_shown (ListFixture *f, guint n_failed, const char *id)
{
  guint n_found = 0;

  for (guint i = 0; i < f->mirror->len; i++)
    {
      VlRow *row = f->mirror->pdata[i];
      g_autoptr (GError) error = vl_row_dup_error (row);

      if (vl_row_get_state (row) == VL_ROW_STATE_LOAD_FAILED)
        {
          assert_error_names (error, id);
          g_assert_null (vl_row_get_record (row));
          n_found++;
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_FRESH);
    }
  g_assert_cmpuint (n_found, ==, n_failed);
}

static void
assert_failed (ListFixture *f, const char *id)
{
  g_autoptr (GError) error = vl_live_list_dup_error (f->list);

  assert_error_names (error, id);
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_FAILED);
  g_assert_false (vl_live_list_get_loading (f->list));
}

static void
assert_complete (ListFixture *f)
{
  g_autoptr (GError) error = vl_live_list_dup_error (f->list);

  g_assert_no_error (error);
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_COMPLETE);
  g_assert_false (vl_live_list_get_loading (f->list));
}

static void
assert_mended (ListFixture *f, const char *words)
{
  g_string_truncate (f->changes, 0);
  assert_shown (f, 0, NULL);
  assert_complete (f);
  assert_model (f, words);
}

/* The place that has no record. */
static guint
find_failed (ListFixture *f)
{
  guint i = 0;

  while (vl_row_get_record (f->mirror->pdata[i]) != NULL)
    i++;

  return i;
}

static char *
describe (ListFixture *f)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < f->mirror->len; i++)
    {
      g_autofree char *name = vl_row_get_text (f->mirror->pdata[i], "name");

      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", *name != '\0' ? name : ".");
    }

  return g_string_free (text, FALSE);
}

/* Nothing moves, and nobody is asked, as long as nobody looks. */
static void
assert_calm (ListFixture *f)
{
  guint n_before = f->master->n_lists;

  g_string_truncate (f->changes, 0);
  pass_long ();
  assert_changes (f, "");
  g_assert_cmpuint (f->master->n_lists, ==, n_before);
}

static void
test_in_two_pages (void)
{
  g_autoptr (ListFixture) f = shown_fixture_new (LIST_EVERYTHING, TWICE);
  g_autofree char *text = NULL;

  pass_long ();
  assert_shown (f, 1, "x");
  assert_failed (f, "x");
  assert_calm (f);
  /* Three pages, and each time that one of them was torn. */
  g_assert_cmpuint (f->master->n_lists, <=, 12);
  text = describe (f);
  g_assert_true (g_str_equal (text, "1 2 3 4 . 6") || g_str_equal (text, "1 . 3 4 5 6"));
}

/* Who looks at it again has it asked for again, and the other place keeps its row. */
static void
test_looked_at_again (void)
{
  g_autoptr (ListFixture) f = shown_fixture_new (LIST_EVERYTHING, TWICE);
  g_autoptr (GPtrArray) before = NULL;
  guint n_before;

  pass_long ();
  g_string_truncate (f->changes, 0);
  before = list_fixture_hold (f, 0, 6);
  n_before = f->master->n_lists;
  pass_long ();
  g_assert_cmpuint (f->master->n_lists, ==, n_before + 1);
  assert_changes (f, "");
  assert_shown (f, 1, "x");
  assert_failed (f, "x");
  for (guint i = 0; i < 6; i++)
    g_assert_true (before->pdata[i] == f->mirror->pdata[i]);
}

/* A row that is made when it is known already knows it from the start. */
static void
test_looked_at_late (void)
{
  g_autoptr (ListFixture) f = shown_fixture_new (LIST_EVERYTHING, TWICE);
  guint failed;

  pass_long ();
  failed = find_failed (f);
  /* And its neighbour, which there is nothing wrong with. */
  for (guint i = failed / 2 * 2; i < failed / 2 * 2 + 2; i++)
    {
      g_object_unref (g_steal_pointer (&f->mirror->pdata[i]));
      f->mirror->pdata[i] = list_fixture_get (f, i);
    }
  assert_shown (f, 1, "x");
  pass_long ();
  assert_shown (f, 1, "x");
  assert_failed (f, "x");
  g_string_truncate (f->changes, 0);
}

/* A page that is read ahead is no failure before somebody looks at it. */
static void
test_ahead (void)
{
  g_autoptr (ListFixture) f = g_new0 (ListFixture, 1);
  g_autoptr (GString) words = g_string_new (NULL);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_order_by (all, "name", FALSE);
  g_autoptr (GPtrArray) held = NULL;
  g_autoptr (VlRow) late = NULL;

  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (words, "%03u/%03u%s", i == 510 ? 520 : i, i, i < 999 ? " " : "");
  f->master = list_master_new (LIST_EVERYTHING);
  list_master_set (f->master, words->str);
  list_fixture_watch (f, g_object_new (VL_TYPE_LIVE_LIST, "table", f->master, "query", query,
                                       "page-size", 50, NULL));
  settle ();
  assert_changes (f, "0+1000");
  held = list_fixture_hold (f, 510, 1);
  pass_long ();
  assert_failed (f, "520");

  /* Nobody looks at it any more, nor lately. */
  g_ptr_array_set_size (held, 0);
  for (guint i = 0; i < 9; i++)
    {
      g_ptr_array_add (held, list_fixture_get (f, i * 50));
      pass_while ();
    }
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_PARTIAL);
  f->master->n_lists = 0;
  g_ptr_array_add (held, list_fixture_get (f, 450));
  pass_while ();
  g_assert_cmpuint (f->master->n_lists, ==, 1);
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_PARTIAL);

  late = list_fixture_get (f, 510);
  pass_frame ();
  g_assert_cmpint (vl_row_get_state (late), ==, VL_ROW_STATE_LOAD_FAILED);
  assert_failed (f, "520");
}

static void
test_retry (void)
{
  g_autoptr (ListFixture) f = shown_fixture_new (LIST_EVERYTHING, TWICE);
  guint n_before;

  pass_long ();
  assert_failed (f, "x");
  n_before = f->master->n_lists;
  vl_live_list_retry (f->list);
  settle ();
  g_assert_cmpuint (f->master->n_lists, >, n_before);
  pass_long ();
  assert_shown (f, 1, "x");
  assert_failed (f, "x");
  assert_calm (f);
  g_assert_cmpuint (f->master->n_lists - n_before, <=, 12);
}

static void
check_retry (const char *words, const char *model)
{
  g_autoptr (ListFixture) f = shown_fixture_new (LIST_EVERYTHING, TWICE);

  pass_long ();
  assert_failed (f, "x");
  list_master_set (f->master, words);
  vl_live_list_retry (f->list);
  pass_long ();
  assert_mended (f, model);
}

static void
test_retry_helps (void)
{
  check_retry (MENDED_FIRST, "a w b c x d");
  check_retry (MENDED_LAST, "a x b c w d");
}

/* What is cached is what was torn. */
static void
test_retry_past_the_cache (void)
{
  g_autoptr (ListMaster) master = list_master_new (LIST_EVERYTHING);
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (1 << 20);
  g_autoptr (VlLiveTable)
    live = g_object_new (VL_TYPE_LIVE_TABLE, "master", master, "cache-key", "words", "cache", cache,
                         "follow-master", FALSE, "page-size", 2, NULL);
  g_autoptr (ListFixture) f = g_new0 (ListFixture, 1);
  guint n_before;

  list_master_set (master, TWICE);
  show (f, VL_TABLE (live));
  pass_long ();
  assert_shown (f, 1, "x");
  assert_failed (f, "x");
  n_before = master->n_lists;
  pass_long ();
  g_assert_cmpuint (master->n_lists, ==, n_before);

  list_master_set (master, MENDED_FIRST);
  vl_live_list_retry (f->list);
  settle ();
  g_assert_cmpuint (master->n_lists, >, n_before);
  pass_long ();
  assert_mended (f, "a w b c x d");
}

/* A change is a reason to look again. */
static void
check_change (const char *words, const char *model)
{
  g_autoptr (ListFixture) f = shown_fixture_new (LIST_EVERYTHING | VL_CAPABILITY_SUBSCRIBE, TWICE);
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();
  g_autoptr (VlRow) row = NULL;

  pass_long ();
  assert_failed (f, "x");
  /* Its page is the first to be asked for. */
  row = list_fixture_get (f, find_failed (f));
  pass_long ();
  list_master_set (f->master, words);
  vl_live_stream_push (f->master->stream, event);
  pass_long ();
  assert_mended (f, model);
}

static void
test_changed (void)
{
  check_change (MENDED_FIRST, "a w b c x d");
  check_change (MENDED_LAST, "a x b c w d");
}

/* So is one that can be shown exactly; it moves no row, as long as that is all. */
static void
test_changed_elsewhere (void)
{
  g_autoptr (ListFixture) f = shown_fixture_new (LIST_EVERYTHING | VL_CAPABILITY_SUBSCRIBE, TWICE);
  guint failed;
  guint n_before;

  pass_long ();
  assert_failed (f, "x");
  assert_calm (f);
  n_before = f->master->n_lists;
  list_master_put (f->master, "e", "7");
  settle ();
  assert_changes (f, "6+1");
  pass_long ();
  assert_shown (f, 1, "x");
  assert_failed (f, "x");
  assert_calm (f);
  g_assert_cmpuint (f->master->n_lists - n_before, <=, 4);

  failed = find_failed (f);
  list_master_set (f->master, failed == 1 ? MENDED_FIRST " e/7" : MENDED_LAST " e/7");
  list_master_put (f->master, "e", "8");
  pass_long ();
  assert_mended (f, failed == 1 ? "a w b c x d e" : "a x b c w d e");
}

/* Nothing goes on for ever where the page that is given up is the one that tells
 * whether the table counts as the list does. */
static void
test_counted (void)
{
  g_autoptr (ListFixture) f = shown_fixture_new (LIST_EVERYTHING | VL_CAPABILITY_SUBSCRIBE, TWICE);
  g_autoptr (VlRow) row = NULL;

  pass_long ();
  row = list_fixture_get (f, find_failed (f));
  pass_long ();
  assert_failed (f, "x");
  /* Its neighbours are known, and so it stays. */
  list_master_put (f->master, find_failed (f) == 1 ? "c" : "b", find_failed (f) == 1 ? "4a" : "3a");
  pass_long ();
  assert_shown (f, 1, "x");
  assert_failed (f, "x");
  assert_calm (f);
}

/* Another query has other pages. */
static void
test_other_query (void)
{
  g_autoptr (ListFixture) f = shown_fixture_new (LIST_EVERYTHING, TWICE);
  VlQuery *query = vl_live_list_get_query (f->list);
  g_autoptr (VlQuery) other = vl_query_where (query, "name", VL_OP_NE, g_variant_new_string ("9"));
  guint n_first;

  pass_long ();
  assert_failed (f, "x");
  n_first = f->master->n_lists;
  vl_live_list_set_query (f->list, other);
  pass_long ();
  assert_shown (f, 1, "x");
  assert_failed (f, "x");
  assert_calm (f);
  g_assert_cmpuint (f->master->n_lists, ==, 2 * n_first);
}

/* Nothing is wrong any more, and nobody has to say so. */
static void
test_deleted (void)
{
  g_autoptr (ListFixture) f = shown_fixture_new (LIST_EVERYTHING | VL_CAPABILITY_SUBSCRIBE, TWICE);

  pass_long ();
  assert_failed (f, "x");
  list_master_remove (f->master, "x");
  list_master_remove (f->master, "x");
  pass_long ();
  assert_mended (f, "a b c d");
}

/* Several of them, side by side. */
static void
test_in_one_page (void)
{
  g_autoptr (ListFixture) f = g_new0 (ListFixture, 1);

  f->master = list_master_new (LIST_EVERYTHING);
  list_master_set (f->master, "a b b b c");
  list_fixture_watch (f,
                      g_object_new (VL_TYPE_LIVE_LIST, "table", f->master, "page-size", 10, NULL));
  f->mirrors = TRUE;
  pass_long ();
  assert_shown (f, 2, "b");
  assert_failed (f, "b");
  assert_model (f, "a . . b c");
  g_assert_cmpuint (f->master->n_lists, <=, 10);
  pass_long ();
  g_string_truncate (f->changes, 0);
  assert_calm (f);

  list_master_set (f->master, "a b c");
  vl_live_list_retry (f->list);
  pass_long ();
  assert_mended (f, "a b c");
}

/* A table that answers whole: the ids are on different pages of the list. */
static void
test_without_windows (void)
{
  g_autoptr (ListFixture) f = g_new0 (ListFixture, 1);

  f->master = list_master_new (VL_CAPABILITY_NONE);
  list_master_set (f->master, "a a b c d d");
  list_fixture_watch (f,
                      g_object_new (VL_TYPE_LIVE_LIST, "table", f->master, "page-size", 2, NULL));
  f->mirrors = TRUE;
  for (guint i = 0; i < 3; i++)
    pass_long ();
  assert_model (f, ". a b c . d");
  for (guint i = 0; i < 6; i++)
    {
      VlRow *row = f->mirror->pdata[i];
      g_autoptr (GError) error = vl_row_dup_error (row);

      if (i % 4 == 0)
        assert_error_names (error, i == 0 ? "a" : "d");
      else
        g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_FRESH);
    }
  g_assert_cmpint (vl_live_list_get_load_state (f->list), ==, VL_LOAD_STATE_FAILED);
  pass_long ();
  g_string_truncate (f->changes, 0);
  assert_calm (f);
}

/* Pages that never met: nobody may be asked which of them is right. */
static void
test_in_copies_alone (void)
{
  g_autoptr (ListMaster) master = list_master_new (LIST_EVERYTHING);
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (1 << 20);
  g_autoptr (VlLiveTable)
    live = g_object_new (VL_TYPE_LIVE_TABLE, "master", master, "cache-key", "words", "cache", cache,
                         "follow-master", FALSE, "page-size", 2, NULL);
  g_autoptr (ListFixture) before = g_new0 (ListFixture, 1);
  g_autoptr (ListFixture) f = g_new0 (ListFixture, 1);
  guint n_before;

  list_master_set (master, TWICE);
  show (before, VL_TABLE (live));
  pass_long ();
  n_before = master->n_lists;
  vl_live_table_set_read_policy (live, VL_READ_POLICY_CACHE_ONLY);
  show (f, VL_TABLE (live));
  pass_long ();
  assert_shown (f, 1, "x");
  assert_failed (f, "x");
  g_string_truncate (f->changes, 0);
  pass_long ();
  assert_changes (f, "");
  g_assert_cmpuint (master->n_lists, ==, n_before);
  vl_live_list_retry (f->list);
  pass_long ();
  assert_shown (f, 1, "x");
  assert_failed (f, "x");
  g_string_truncate (f->changes, 0);
  g_string_truncate (before->changes, 0);
}

/* Many rows of a page that have moved at once are one reason to ask again, and
 * nothing is said to be there twice. */
static void
test_moved_at_once (void)
{
  g_autoptr (ListFixture) f = g_new0 (ListFixture, 1);

  f->master = list_master_new (LIST_EVERYTHING);
  list_master_set (f->master, "b00 b01 b02 b03 b04 b05 b06 b07 b08 b09 c00 c01 c02 c03 c04 c05");
  list_fixture_watch (f,
                      g_object_new (VL_TYPE_LIVE_LIST, "table", f->master, "page-size", 10, NULL));
  settle ();
  f->mirrors = TRUE;
  for (guint i = 0; i < 10; i++)
    g_ptr_array_add (f->mirror, list_fixture_get (f, i));
  pass_while ();
  /* Nobody tells of it: the second page has nine rows of the first. */
  list_master_set (f->master, "a0 a1 a2 a3 a4 a5 a6 a7 a8 b00 b01 b02 b03 b04 b05 b06");
  for (guint i = 10; i < 16; i++)
    g_ptr_array_add (f->mirror, list_fixture_get (f, i));
  pass_frame ();
  for (guint i = 0; i < f->mirror->len; i++)
    g_assert_cmpint (vl_row_get_state (f->mirror->pdata[i]), !=, VL_ROW_STATE_LOAD_FAILED);
  pass_long ();
  g_string_truncate (f->changes, 0);
  assert_model (f, "a0 a1 a2 a3 a4 a5 a6 a7 a8 b00 b01 b02 b03 b04 b05 b06");
  assert_complete (f);
}

/* However often it happens: each time the pages came to fit. Nobody tells of what
 * has moved; it is found when the list looks whether the table counts as it does. */
static void
test_moved_often (void)
{
  static const char *const orders[] = { "a/1 x/2 b/3 c/4 y/5 d/6 e/7",
                                        "a/1 y/2 b/3 c/4 x/5 d/6 e/7" };
  g_autoptr (ListFixture)
    f = shown_fixture_new (LIST_EVERYTHING | VL_CAPABILITY_SUBSCRIBE, orders[0]);

  pass_while ();
  for (guint i = 1; i < 40; i++)
    {
      g_autoptr (VlRow) row = list_fixture_get (f, 0);

      list_master_set (f->master, orders[i % 2]);
      list_master_put (f->master, "e", i % 2 == 0 ? "7" : "8");
      fake_clock_advance (1100);
      pass_while ();
      assert_shown (f, 0, NULL);
      g_string_truncate (f->changes, 0);
      assert_model (f, i % 2 == 0 ? "a x b c y d e" : "a y b c x d e");
    }
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  g_test_add_func ("/live-list/twice/in-two-pages", test_in_two_pages);
  g_test_add_func ("/live-list/twice/looked-at-again", test_looked_at_again);
  g_test_add_func ("/live-list/twice/looked-at-late", test_looked_at_late);
  g_test_add_func ("/live-list/twice/ahead", test_ahead);
  g_test_add_func ("/live-list/twice/retry", test_retry);
  g_test_add_func ("/live-list/twice/retry-helps", test_retry_helps);
  g_test_add_func ("/live-list/twice/retry-past-the-cache", test_retry_past_the_cache);
  g_test_add_func ("/live-list/twice/changed", test_changed);
  g_test_add_func ("/live-list/twice/changed-elsewhere", test_changed_elsewhere);
  g_test_add_func ("/live-list/twice/counted", test_counted);
  g_test_add_func ("/live-list/twice/other-query", test_other_query);
  g_test_add_func ("/live-list/twice/deleted", test_deleted);
  g_test_add_func ("/live-list/twice/in-one-page", test_in_one_page);
  g_test_add_func ("/live-list/twice/without-windows", test_without_windows);
  g_test_add_func ("/live-list/twice/in-copies-alone", test_in_copies_alone);
  g_test_add_func ("/live-list/twice/moved-at-once", test_moved_at_once);
  g_test_add_func ("/live-list/twice/moved-often", test_moved_often);
  result = g_test_run ();
  fake_clock_end ();

  return result;
}
