/* test-live-surgical-race.c: facts that meet with fetches and with each other
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fake-clock.h"
#include "live-ask.h"
#include "live-fixture.h"
#include "shown-fixture.h"

/* All of the master is cached, and a stream tells. */
static LiveFixture
fixture_new (VlLiveStream **stream, guint page_size)
{
  LiveFixture f = live_fixture_new (NULL);
  g_autoptr (VlPage) page = NULL;

  *stream = vl_live_stream_new ();
  vl_live_table_set_invalidation (f.live, VL_INVALIDATION_SURGICAL);
  vl_live_table_set_page_size (f.live, page_size);
  vl_live_table_add_stream (f.live, *stream);
  settle ();
  page = live_fixture_list (&f, NULL);
  g_assert_nonnull (page);
  settle ();
  vl_fault_table_set_keep_order (f.master, FALSE);

  return f;
}

static guint
n_reads (LiveFixture *f)
{
  return (guint) vl_fault_table_get_n_reads (f->master);
}

static VlLiveEvent *
make_event (VlLiveEventKind kind, const char *id, const char *name)
{
  const char *ids[] = { id, NULL };
  g_autoptr (VlRecord) record = live_fixture_record (id, name, 1.0);
  g_autoptr (VlLiveEvent) bare = vl_live_event_new (kind, ids);

  return vl_live_event_with_record (bare, record);
}

/* Somebody else does it, and the stream tells. */
static void
tell (LiveFixture *f, VlLiveStream *stream, VlLiveEventKind kind, const char *id, const char *name)
{
  g_autoptr (VlLiveEvent) event = make_event (kind, id, name);

  live_fixture_put (f, id, name, 1.0);
  vl_live_stream_push (stream, event);
}

static VlQuery *
by_name (gboolean descending)
{
  g_autoptr (VlQuery) all = vl_query_new ();

  return vl_query_order_by (all, "name", descending);
}

/* What was fetched while a write was with the master may have it, or not. */
static void
test_write_meets_fetch (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, 10);
  g_autoptr (VlQuery) down = by_name (TRUE);
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (Ask) ask = NULL;
  guint before;

  vl_fault_table_set_latency (f.master, 100);
  ask = ask_list (f.live, down);
  fake_clock_advance (50);
  write = patch (&f, "b", "name", "Blueberry");
  settle ();
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_SENT);
  fake_clock_advance (50);
  g_assert_true (ask->is_done);
  fake_clock_advance (50);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
  vl_fault_table_set_latency (f.master, 0);
  before = n_reads (&f);
  assert_shown (&f, down, "c:Cherry b:Blueberry a:Apple");
  assert_shown (&f, NULL, "a:Apple b:Blueberry c:Cherry");
  g_assert_cmpuint (n_reads (&f), ==, before + 2);
}

/* One that was sent twice may have been applied at either time. */
static void
test_retried (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, 10);
  g_autoptr (GError) away = g_error_new_literal (VL_ERROR, VL_ERROR_UNAVAILABLE, "away");
  g_autoptr (VlWrite) write = NULL;
  guint before;

  vl_live_table_set_optimistic (f.live, TRUE);
  vl_fault_table_push_error (f.master, away);
  write = patch (&f, "b", "name", "Blueberry");
  settle ();
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_WAITING);
  assert_shown (&f, NULL, "a:Apple b:Blueberry c:Cherry");
  settle ();
  g_assert_true (vl_write_retry (write));
  settle ();
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
  before = n_reads (&f);
  assert_shown (&f, NULL, "a:Apple b:Blueberry c:Cherry");
  g_assert_cmpuint (n_reads (&f), ==, before + 1);
}

/* What another live table has heard of may be older than what is cached here. */
static void
test_told_by_another (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, 10);
  g_autoptr (VlLiveEvent) event = make_event (VL_LIVE_EVENT_KIND_UPDATED, "b", "Blueberry");
  g_autoptr (VlLiveEvent) told = vl_live_event_with_origin (event, VL_ORIGIN_OTHER);
  guint before = n_reads (&f);

  live_fixture_put (&f, "b", "Bilberry", 1.0);
  vl_live_stream_push (stream, told);
  assert_shown (&f, NULL, "a:Apple b:Bilberry c:Cherry");
  g_assert_cmpuint (n_reads (&f), ==, before + 1);
}

static VlQuery *
but_zucchini (void)
{
  g_autoptr (VlQuery) all = vl_query_new ();

  return vl_query_where (all, "name", VL_OP_NE, g_variant_new_string ("Zucchini"));
}

static void
assert_counted (LiveFixture *f, VlQuery *query, const char *expected, gint64 total)
{
  g_autoptr (VlPage) page = live_fixture_list (f, query);

  assert_page (page, expected);
  g_assert_cmpint (vl_page_get_total (page), ==, total);
}

/* A fact that may be in the page already would be counted twice there. */
static void
test_counted_once (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, 10);
  g_autoptr (VlLiveEvent) event = make_event (VL_LIVE_EVENT_KIND_UPDATED, "b", "Zucchini");
  g_autoptr (VlQuery) fruit = but_zucchini ();
  g_autoptr (Ask) ask = NULL;

  live_fixture_put (&f, "b", "Zucchini", 1.0);
  vl_fault_table_set_latency (f.master, 100);
  ask = ask_list (f.live, fruit);
  fake_clock_advance (50);
  vl_live_stream_push (stream, event);
  vl_fault_table_set_latency (f.master, 0);
  fake_clock_advance (50);
  settle ();
  g_assert_true (ask->is_done);
  assert_page (ask->page, "a:Apple c:Cherry");
  g_assert_true (vl_page_get_is_stale (ask->page));
  assert_counted (&f, fruit, "a:Apple c:Cherry", 2);
}

/* Pages that have different facts in them say different numbers, and together the
 * right one. */
static void
test_window_counts (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, 2);
  g_autoptr (VlQuery) up = by_name (FALSE);
  g_autoptr (VlQuery) first = vl_query_window (up, 0, 2);
  g_autoptr (VlQuery) last = vl_query_window (up, 2, 2);
  g_autoptr (VlQuery) both = vl_query_window (up, 0, 4);
  g_autoptr (VlPage) page = NULL;

  assert_shown (&f, first, "a:Apple b:Banana");
  tell (&f, stream, VL_LIVE_EVENT_KIND_INSERTED, "d", "Date");
  settle ();
  assert_shown (&f, last, "c:Cherry d:Date");
  page = live_fixture_list (&f, both);
  assert_page (page, "a:Apple b:Banana c:Cherry d:Date");
  g_assert_cmpint (vl_page_get_total (page), ==, 4);
  tell (&f, stream, VL_LIVE_EVENT_KIND_INSERTED, "e", "Elderberry");
  settle ();
  g_clear_object (&page);
  page = live_fixture_list (&f, both);
  assert_page (page, "a:Apple b:Banana c:Cherry d:Date");
  g_assert_cmpint (vl_page_get_total (page), ==, 5);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  g_test_add_func ("/live-surgical/race/a-write-meets-a-fetch", test_write_meets_fetch);
  g_test_add_func ("/live-surgical/race/a-write-is-sent-twice", test_retried);
  g_test_add_func ("/live-surgical/race/another-live-table-tells", test_told_by_another);
  g_test_add_func ("/live-surgical/race/a-fact-counts-once", test_counted_once);
  g_test_add_func ("/live-surgical/race/a-window-counts-each-fact-once", test_window_counts);
  result = g_test_run ();
  fake_clock_end ();

  return result;
}
