/* test-live-hit.c: what the cache has at hand is answered at once
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "live-ask.h"
#include "live-fixture.h"
#include "vantage-live/live/vl-live-key-private.h"

/* The names of slots */

static void
assert_key (const VlSlot *slot, const char *expected)
{
  g_auto (VlSlotKey) key;

  _vl_slot_key_init (&key, slot);
  g_assert_cmpstr (key.text, ==, expected);
}

static void
test_page_keys (void)
{
  static const struct
  {
    guint size;
    guint64 n;
    const char *key;
  } pages[] = {
    { 0, 0, "q/*/0/0" },
    { 9, 10, "q/*/9/10" },
    { 100, 99, "q/*/100/99" },
    { 101, 100, "q/*/101/100" },
    { G_MAXUINT, G_GUINT64_CONSTANT (9999999999999999999), "q/*/4294967295/9999999999999999999" },
    { 1, G_GUINT64_CONSTANT (10000000000000000000), "q/*/1/10000000000000000000" },
    { 1, G_MAXUINT64, "q/*/1/18446744073709551615" },
  };
  g_autoptr (VlQuery) all = vl_query_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      const VlSlot slot = { VL_SLOT_PAGE, all, pages[i].size, pages[i].n, NULL };

      assert_key (&slot, pages[i].key);
    }
}

static void
test_escaped_keys (void)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) search = vl_query_search (all, "a/b");
  const VlSlot page = { VL_SLOT_PAGE, search, 5, 0, NULL };
  const VlSlot count = { VL_SLOT_COUNT, search, 0, 0, NULL };
  const VlSlot record = { VL_SLOT_RECORD, NULL, 0, 0, "a/b%c" };

  g_assert_cmpstr (vl_query_get_key (search), ==, "/a%2Fb");
  assert_key (&page, "q/%2Fa%252Fb/5/0");
  assert_key (&count, "n/%2Fa%252Fb");
  assert_key (&record, "id/a%2Fb%25c");
}

/* One that does not fit into the room that is there. */
static void
test_long_keys (void)
{
  g_autofree char *id = g_strnfill (1000, '/');
  const VlSlot slot = { VL_SLOT_RECORD, NULL, 0, 0, id };
  g_auto (VlSlotKey) key;

  _vl_slot_key_init (&key, &slot);
  g_assert_cmpuint (strlen (key.text), ==, strlen ("id/") + 3000);
  g_assert_true (g_str_has_suffix (key.text, "%2F%2F"));
}

/* Lists */

static void
test_callback_after_return (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = live_fixture_list (&f, NULL);
  g_autoptr (Ask) ask = ask_list (f.live, NULL);

  g_assert_false (ask->is_done);
  while (!ask->is_done)
    g_main_context_iteration (NULL, TRUE);
  assert_ids (ask->page, "abc");
  assert_origin (ask->page, TRUE, FALSE);
  g_assert_cmpuint (vl_live_stats_get_hits (vl_live_table_get_stats (f.live)), ==, 1);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 1);
}

/* Within a callback of the main loop it is the next turn that answers. */
static gboolean
list_twice (gpointer user_data)
{
  LiveFixture *f = user_data;
  g_autoptr (VlPage) page = live_fixture_list (f, NULL);
  g_autoptr (Ask) ask = ask_list (f->live, NULL);

  assert_origin (page, TRUE, FALSE);
  g_assert_false (ask->is_done);
  while (!ask->is_done)
    g_main_context_iteration (NULL, TRUE);
  assert_ids (ask->page, "abc");

  return G_SOURCE_REMOVE;
}

static void
test_nested (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = live_fixture_list (&f, NULL);

  g_idle_add (list_twice, &f);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (vl_live_stats_get_hits (vl_live_table_get_stats (f.live)), ==, 2);
}

static void
test_cancelled_before (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = live_fixture_list (&f, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (vl_table_list_sync (VL_TABLE (f.live), NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (vl_live_stats_get_hits (vl_live_table_get_stats (f.live)), ==, 0);
}

static void
test_cancelled_after (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = live_fixture_list (&f, NULL);
  g_autoptr (Ask) ask = ask_list (f.live, NULL);

  g_cancellable_cancel (ask->cancellable);
  while (!ask->is_done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (ask->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_closed (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = live_fixture_list (&f, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (vl_live_table_close_sync (f.live, NULL, NULL));
  g_assert_null (vl_table_list_sync (VL_TABLE (f.live), NULL, NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_CLOSED);
}

/* What was pushed before the call counts. */
static void
test_inbox_first (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = live_fixture_list (&f, NULL);
  g_autoptr (VlPage) second = NULL;

  live_fixture_put (&f, "d", "Date", 3);
  vl_live_table_invalidate (f.live);
  second = live_fixture_list (&f, NULL);
  assert_ids (second, "abcd");
}

/* Rows that are not all on one page, and a part of one. */
static void
test_windows (void)
{
  static const struct
  {
    guint64 offset;
    guint limit;
    const char *ids;
    guint n_hits;
  } windows[] = {
    { 0, 2, "ab", 1 }, { 2, 2, "c", 1 },   { 0, 1, "a", 1 },   { 1, 1, "b", 1 },
    { 1, 2, "bc", 2 }, { 0, 3, "abc", 2 }, { 0, 0, "abc", 2 }, { 2, 0, "c", 1 },
  };
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlPage) filled = NULL;
  guint64 n_hits;

  vl_live_table_set_page_size (f.live, 2);
  filled = live_fixture_list (&f, NULL);
  assert_ids (filled, "abc");
  n_hits = vl_live_stats_get_hits (vl_live_table_get_stats (f.live));

  for (gsize i = 0; i < G_N_ELEMENTS (windows); i++)
    {
      g_autoptr (VlQuery) query = vl_query_window (all, windows[i].offset, windows[i].limit);
      g_autoptr (VlPage) page = live_fixture_list (&f, query);

      assert_ids (page, windows[i].ids);
      assert_origin (page, TRUE, FALSE);
      g_assert_cmpuint (vl_page_get_offset (page), ==, windows[i].offset);
      n_hits += windows[i].n_hits;
      g_assert_cmpuint (vl_live_stats_get_hits (vl_live_table_get_stats (f.live)), ==, n_hits);
    }
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);
}

/* Policies that ask the master first are not served from here. */
static void
test_policies (void)
{
  static const VlReadPolicy policies[] = { VL_READ_POLICY_MASTER_FIRST,
                                           VL_READ_POLICY_MASTER_ONLY };
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) first = live_fixture_list (&f, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (policies); i++)
    {
      g_autoptr (VlPage) page = NULL;

      vl_live_table_set_read_policy (f.live, policies[i]);
      page = live_fixture_list (&f, NULL);
      assert_origin (page, FALSE, FALSE);
      g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, i + 2);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/live-table/key/numbers-of-pages", test_page_keys);
  g_test_add_func ("/live-table/key/what-means-something-in-a-path", test_escaped_keys);
  g_test_add_func ("/live-table/key/may-be-long", test_long_keys);
  g_test_add_func ("/live-table/hit/callback-after-return", test_callback_after_return);
  g_test_add_func ("/live-table/hit/in-a-nested-loop", test_nested);
  g_test_add_func ("/live-table/hit/cancelled-before-it-began", test_cancelled_before);
  g_test_add_func ("/live-table/hit/cancelled-before-the-callback", test_cancelled_after);
  g_test_add_func ("/live-table/hit/not-when-closed", test_closed);
  g_test_add_func ("/live-table/hit/not-before-the-inbox-is-drained", test_inbox_first);
  g_test_add_func ("/live-table/hit/windows-of-any-size", test_windows);
  g_test_add_func ("/live-table/hit/not-when-the-master-comes-first", test_policies);

  return g_test_run ();
}
