/* test-live-surgical-race.c: facts that meet with fetches and with each other
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fake-clock.h"
#include "live-ask.h"
#include "live-fixture.h"
#include "shown-fixture.h"
#include "write-fixture.h"

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

/* The same when the first page is the newer one. */
static void
test_window_begins_later (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, 2);
  g_autoptr (VlQuery) up = by_name (FALSE);
  g_autoptr (VlQuery) first = vl_query_window (up, 0, 2);
  g_autoptr (VlQuery) last = vl_query_window (up, 2, 2);
  g_autoptr (VlQuery) both = vl_query_window (up, 0, 4);

  assert_shown (&f, last, "c:Cherry");
  tell (&f, stream, VL_LIVE_EVENT_KIND_INSERTED, "d", "Date");
  settle ();
  assert_shown (&f, first, "a:Apple b:Banana");
  assert_counted (&f, both, "a:Apple b:Banana c:Cherry d:Date", 4);
}

/* What is fetched while we write may have that in it when it comes, and the total
 * may be without it already. */
static void
test_own_counted_once (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, 10);
  g_autoptr (VlQuery) fruit = but_zucchini ();
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (Ask) ask = NULL;

  vl_fault_table_set_latency (f.master, 100);
  write = patch (&f, "b", "name", "Zucchini");
  fake_clock_advance (50);
  ask = ask_list (f.live, fruit);
  fake_clock_advance (50);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
  g_assert_false (ask->is_done);
  vl_fault_table_set_latency (f.master, 0);
  fake_clock_advance (50);
  g_assert_true (ask->is_done);
  assert_page (ask->page, "a:Apple c:Cherry");
  g_assert_true (vl_page_get_is_stale (ask->page));
  assert_counted (&f, fruit, "a:Apple c:Cherry", 2);
}

static gint64
count (LiveFixture *f, VlQuery *query)
{
  g_autoptr (GError) error = NULL;
  gint64 n_records = vl_table_count_sync (VL_TABLE (f->live), query, NULL, &error);

  g_assert_no_error (error);

  return n_records;
}

/* A page that comes after a change was told does not say what was before it: what
 * was counted then is without the row now. */
static void
test_page_comes_after_fact (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, 10);
  g_autoptr (VlLiveEvent) event = make_event (VL_LIVE_EVENT_KIND_UPDATED, "b", "Zucchini");
  g_autoptr (VlQuery) fruit = but_zucchini ();
  g_autoptr (VlQuery) down = by_name (TRUE);
  g_autoptr (Ask) ask = NULL;

  g_assert_cmpint (count (&f, fruit), ==, 3);
  fake_clock_advance (10);
  vl_fault_table_set_latency (f.master, 100);
  ask = ask_list (f.live, down);
  live_fixture_put (&f, "b", "Zucchini", 1.0);
  fake_clock_advance (50);
  vl_live_stream_push (stream, event);
  vl_fault_table_set_latency (f.master, 0);
  fake_clock_advance (50);
  g_assert_true (ask->is_done);
  assert_page (ask->page, "b:Zucchini c:Cherry a:Apple");
  g_assert_cmpint (count (&f, fruit), ==, 2);
}

/* A patch of a record that is in no page may have moved it into any. */
static void
test_unknown_is_written (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, 10);
  g_autoptr (VlWrite) write = NULL;
  guint before;

  live_fixture_put (&f, "d", "Date", 1.0);
  write = patch (&f, "d", "name", "Dragonfruit");
  settle ();
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
  before = n_reads (&f);
  assert_shown (&f, NULL, "a:Apple b:Banana c:Cherry d:Dragonfruit");
  g_assert_cmpuint (n_reads (&f), ==, before + 1);
}

/* Its answer was lost with the connection, and what was counted before it was sent
 * again has it already. */
static void
test_counted_between (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, 10);
  g_autoptr (GError) away = g_error_new_literal (VL_ERROR, VL_ERROR_UNAVAILABLE, "away");
  g_autoptr (VlQuery) fruit = but_zucchini ();
  g_autoptr (VlWrite) write = NULL;

  vl_live_table_set_optimistic (f.live, TRUE);
  vl_fault_table_push_error_after (f.master, away);
  write = insert (&f, "d", "Date");
  settle ();
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_WAITING);
  count (&f, fruit);
  g_assert_true (vl_write_retry (write));
  settle ();
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
  g_assert_cmpint (count (&f, fruit), ==, 4);
}

/* Somebody else writes behind us, and is heard of before our answer. */
static void
test_told_before_answer (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, 10);
  g_autoptr (VlLiveEvent) event = make_event (VL_LIVE_EVENT_KIND_UPDATED, "b", "Bilberry");
  g_autoptr (VlWrite) write = NULL;
  guint before;

  vl_fault_table_set_latency (f.master, 100);
  write = patch (&f, "b", "name", "Blueberry");
  fake_clock_advance (50);
  vl_live_stream_push (stream, event);
  fake_clock_advance (50);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
  live_fixture_put (&f, "b", "Bilberry", 1.0);
  vl_fault_table_set_latency (f.master, 0);
  before = n_reads (&f);
  assert_shown (&f, NULL, "a:Apple b:Bilberry c:Cherry");
  g_assert_cmpuint (n_reads (&f), ==, before + 1);
}

/* Likewise, but the event does not say of what: what is fetched then is newer than
 * our write. */
static void
test_invalidated_before_answer (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, 10);
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();
  g_autoptr (VlRecord) gone = NULL;
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (Ask) early = NULL;
  g_autoptr (Ask) late = NULL;

  vl_fault_table_set_latency (f.master, 100);
  write = insert (&f, "d", "Date");
  fake_clock_advance (50);
  vl_live_stream_push (stream, event);
  early = ask_find (f.live, "d");
  fake_clock_advance (50);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
  gone = vl_table_delete_sync (VL_TABLE (f.memory), "d", NULL, NULL);
  vl_fault_table_set_latency (f.master, 0);
  fake_clock_advance (50);
  g_assert_true (early->is_done);
  late = ask_find (f.live, "d");
  settle ();
  g_assert_true (late->is_done);
  g_assert_null (late->record);
}

/* That somebody else has invalidated comes late: what was stored since lacks what
 * was told since, and the next live table must not take it for fresh. */
static void
test_invalidated_late (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, 10);
  guint before;

  tell (&f, stream, VL_LIVE_EVENT_KIND_UPDATED, "b", "Blueberry");
  settle ();
  vl_cache_emit_invalidated (f.cache, "products");
  g_clear_object (&f.live);
  settle ();
  f.live = g_object_new (VL_TYPE_LIVE_TABLE, "master", f.master, "cache-key", "products", "cache",
                         f.cache, "follow-master", FALSE, "page-size", 10, NULL);
  before = n_reads (&f);
  assert_shown (&f, NULL, "a:Apple b:Blueberry c:Cherry");
  g_assert_cmpuint (n_reads (&f), ==, before + 1);
}

/* One of two who wait for a page finds that it contradicts another: so the page is
 * as old for the other one. */
static void
test_torn_for_all (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, 2);
  g_autoptr (VlQuery) up = by_name (FALSE);
  g_autoptr (VlQuery) first = vl_query_window (up, 0, 2);
  g_autoptr (VlQuery) last = vl_query_window (up, 2, 2);
  g_autoptr (VlQuery) both = vl_query_window (up, 0, 4);
  g_autoptr (Ask) finds = NULL;
  g_autoptr (Ask) waits = NULL;

  assert_shown (&f, first, "a:Apple b:Banana");
  tell (&f, stream, VL_LIVE_EVENT_KIND_UPDATED, "a", "Apricot");
  settle ();
  live_fixture_put (&f, "d", "Date", 1.0);
  vl_fault_table_set_latency (f.master, 100);
  finds = ask_list (f.live, both);
  waits = ask_list (f.live, last);
  fake_clock_advance (100);
  g_assert_true (waits->is_done);
  g_assert_false (finds->is_done);
  assert_page (waits->page, "c:Cherry d:Date");
  g_assert_true (vl_page_get_is_stale (waits->page));
  vl_fault_table_set_latency (f.master, 0);
  fake_clock_advance (200);
  g_assert_true (finds->is_done);
  assert_page (finds->page, "a:Apricot b:Banana c:Cherry d:Date");
  g_assert_false (vl_page_get_is_stale (finds->page));
}

typedef struct
{
  VlLiveTable *live;
  VlWrite *write;
} Passer;

static void
write_once (VlCache *cache, const char *root, gpointer user_data)
{
  Passer *passer = user_data;
  g_autoptr (VlChange) change = patch_change ("b", 3);

  if (passer->write == NULL)
    passer->write = vl_live_table_write (passer->live, change);
}

/* An answer comes together with an event, and who hears of that writes to the same
 * record: behind the write that was answered, which is to be sent again. */
static void
test_nothing_passes (void)
{
  g_autoptr (VlLiveStream) stream = vl_live_stream_new ();
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlChange) change = patch_change ("b", 2);
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (VlWrite) write = NULL;
  Passer passer = { f.live, NULL };

  vl_live_table_set_invalidation (f.live, VL_INVALIDATION_SURGICAL);
  vl_live_table_set_optimistic (f.live, TRUE);
  vl_live_table_add_stream (f.live, stream);
  read_all (&f);
  settle ();
  f.master->holds_writes = TRUE;
  write = vl_live_table_write (f.live, change);
  settle ();
  g_signal_connect (f.cache->target, "invalidated", G_CALLBACK (write_once), &passer);
  probe_table_fail (f.master, VL_ERROR_UNAVAILABLE);
  vl_live_stream_push (stream, event);
  settle ();
  g_assert_nonnull (passer.write);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_WAITING);
  probe_table_assert_trace (f.master, "patch b");
  f.master->holds_writes = FALSE;
  probe_table_answer_all (f.master);
  g_assert_true (vl_write_retry (write));
  settle ();
  g_assert_cmpint (vl_write_get_state (passer.write), ==, VL_WRITE_STATE_APPLIED);
  stored = look_into_master (&f, "b");
  g_assert_cmpfloat (vl_record_get_double (stored, "price"), ==, 3);
  g_clear_object (&passer.write);
}

#define RACE "/live-surgical/race/"

/* The first attempt is on its way while one page is read that does not have it, and
 * a count is made that has: what was counted with it is not counted again when the
 * second is answered, though nobody has answered the first. */
static void
test_retried_unanswered (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  LiveFixture part = { .memory = f.memory };
  g_autoptr (VlQuery) query = but_zucchini ();
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
  g_autoptr (VlRecord) fields = NULL;
  g_autoptr (VlChange) change = NULL;
  g_autoptr (VlWrite) write = NULL;

  vl_record_builder_set_string (builder, "name", "Zucchini");
  fields = vl_record_builder_end (builder);
  change = vl_change_new_patch ("b", fields);
  vl_live_table_set_optimistic (f.live, TRUE);
  vl_live_table_set_invalidation (f.live, VL_INVALIDATION_SURGICAL);
  vl_live_table_set_timeout (f.live, 1000);
  read_all (&f);
  f.master->holds_writes = TRUE;
  write = vl_live_table_write (f.live, change);
  settle ();
  fake_clock_advance (1000);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_WAITING);
  read_all (&f);
  live_fixture_put (&part, "b", "Zucchini", 0.5); /* it gets there */
  g_assert_cmpint (vl_table_count_sync (VL_TABLE (f.live), query, NULL, NULL), ==, 2);
  f.master->holds_writes = FALSE;
  g_assert_true (vl_write_retry (write));
  settle ();
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
  g_assert_cmpint (vl_table_count_sync (VL_TABLE (f.live), query, NULL, NULL), ==, 2);
  probe_table_drop (f.master);
  settle ();
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  g_test_add_func (RACE "a-write-meets-a-fetch", test_write_meets_fetch);
  g_test_add_func (RACE "a-write-is-sent-twice", test_retried);
  g_test_add_func (RACE "another-live-table-tells", test_told_by_another);
  g_test_add_func (RACE "a-fact-counts-once", test_counted_once);
  g_test_add_func (RACE "a-window-counts-each-fact-once", test_window_counts);
  g_test_add_func (RACE "a-window-begins-with-the-newer-page", test_window_begins_later);
  g_test_add_func (RACE "a-write-counts-once", test_own_counted_once);
  g_test_add_func (RACE "a-page-comes-after-a-fact", test_page_comes_after_fact);
  g_test_add_func (RACE "a-record-in-no-page-is-written", test_unknown_is_written);
  g_test_add_func (RACE "a-count-comes-between-two-attempts", test_counted_between);
  g_test_add_func (RACE "a-count-comes-and-the-first-is-unanswered", test_retried_unanswered);
  g_test_add_func (RACE "another-is-told-of-before-our-answer", test_told_before_answer);
  g_test_add_func (RACE "anything-is-told-of-before-our-answer", test_invalidated_before_answer);
  g_test_add_func (RACE "an-invalidation-is-heard-of-late", test_invalidated_late);
  g_test_add_func (RACE "a-page-is-old-for-all-who-wait", test_torn_for_all);
  g_test_add_func (RACE "nothing-passes-what-was-answered", test_nothing_passes);
  result = g_test_run ();
  fake_clock_end ();

  return result;
}
