/* test-live-surgical.c: changes are laid over what is cached, which stays fresh
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fake-clock.h"
#include "live-ask.h"
#include "live-fixture.h"
#include "probe-cache.h"
#include "shown-fixture.h"
#include "vantage-live/live/vl-live-core-private.h"
#include "vantage-live/live/vl-live-key-private.h"
#include "vantage-live/live/vl-live-table-private.h"
#include "vantage-live/table/vl-page-private.h"

/* All of the master is cached, in pages of ten rows, and a stream tells. */
static LiveFixture
fixture_new (VlLiveStream **stream, VlCache *cache)
{
  LiveFixture f = live_fixture_new (cache);
  g_autoptr (VlPage) page = NULL;

  *stream = vl_live_stream_new ();
  vl_live_table_set_invalidation (f.live, VL_INVALIDATION_SURGICAL);
  vl_live_table_set_page_size (f.live, 10);
  vl_live_table_add_stream (f.live, *stream);
  settle ();
  page = live_fixture_list (&f, NULL);
  g_assert_nonnull (page);
  settle ();
  vl_fault_table_set_keep_order (f.master, FALSE);

  return f;
}

/* Somebody else does it, and the stream tells. */
static void
tell (LiveFixture *f, VlLiveStream *stream, VlLiveEventKind kind, const char *id, const char *name)
{
  const char *ids[] = { id, NULL };
  g_autoptr (VlRecord) record = name != NULL ? live_fixture_record (id, name, 1.0) : NULL;
  g_autoptr (VlLiveEvent) bare = vl_live_event_new (kind, ids);
  g_autoptr (VlLiveEvent) event = record != NULL ? vl_live_event_with_record (bare, record)
                                                 : g_object_ref (bare);
  g_autoptr (VlRecord) gone = NULL;

  if (name != NULL)
    live_fixture_put (f, id, name, 1.0);
  else
    gone = vl_table_delete_sync (VL_TABLE (f->memory), id, NULL, NULL);
  vl_live_stream_push (stream, event);
}

static guint
n_reads (LiveFixture *f)
{
  return (guint) vl_fault_table_get_n_reads (f->master);
}

static void
test_own_write (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, NULL);
  guint before = n_reads (&f);
  g_autoptr (VlWrite) patched = patch (&f, "b", "name", "Blueberry");
  g_autoptr (VlWrite) inserted = insert (&f, "bb", "Broccoli");
  g_autoptr (VlWrite) deleted = delete (&f, "a");
  g_autoptr (VlPage) page = NULL;

  settle ();
  g_assert_cmpint (vl_write_get_state (deleted), ==, VL_WRITE_STATE_APPLIED);
  page = vl_live_table_peek_page (f.live, NULL);
  g_assert_nonnull (page);
  assert_page (page, "b:Blueberry bb:Broccoli c:Cherry");
  assert_origin (page, TRUE, FALSE);
  g_assert_false (vl_page_get_has_pending (page));
  g_assert_cmpint (vl_page_get_total (page), ==, 3);
  g_assert_cmpuint (n_reads (&f), ==, before);
}

static void
test_events (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, NULL);
  guint before = n_reads (&f);
  Changes changes = { 0 };

  watch_changes (f.live, &changes);
  tell (&f, stream, VL_LIVE_EVENT_KIND_UPDATED, "b", "Blueberry");
  assert_shown (&f, NULL, "a:Apple b:Blueberry c:Cherry");
  g_assert_cmpuint (changes.n_emitted, ==, 1);
  tell (&f, stream, VL_LIVE_EVENT_KIND_INSERTED, "bb", "Broccoli");
  assert_shown (&f, NULL, "a:Apple b:Blueberry bb:Broccoli c:Cherry");
  tell (&f, stream, VL_LIVE_EVENT_KIND_DELETED, "a", NULL);
  assert_shown (&f, NULL, "b:Blueberry bb:Broccoli c:Cherry");
  g_assert_cmpuint (n_reads (&f), ==, before);
}

/* Told twice, or told of our own write: once is enough. */
static void
test_echo (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, NULL);
  guint before = n_reads (&f);
  g_autoptr (VlRecord) record = live_fixture_record ("bb", "Broccoli", 1.0);
  g_autoptr (VlChange) change = vl_change_new_insert (record);
  g_autoptr (VlWrite) write = vl_live_table_write (f.live, change);

  settle ();
  tell (&f, stream, VL_LIVE_EVENT_KIND_INSERTED, "bb", "Broccoli");
  tell (&f, stream, VL_LIVE_EVENT_KIND_INSERTED, "bb", "Broccoli");
  assert_shown (&f, NULL, "a:Apple b:Banana bb:Broccoli c:Cherry");
  g_assert_cmpuint (n_reads (&f), ==, before);
}

/* A page that is fetched between a change and the word of it has it already. The
 * others do not, and the word is no echo. */
static void
test_late_word (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, NULL);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) down = vl_query_order_by (all, "name", TRUE);
  g_autoptr (VlQuery) up = vl_query_order_by (all, "name", FALSE);
  g_autoptr (VlQuery) some = vl_query_where (all, "name", VL_OP_NE, g_variant_new_string ("x"));
  g_autoptr (VlRecord) gone = NULL;

  live_fixture_put (&f, "b", "Blueberry", 1.0);
  assert_shown (&f, down, "c:Cherry b:Blueberry a:Apple");
  tell (&f, stream, VL_LIVE_EVENT_KIND_UPDATED, "b", "Blueberry");
  assert_shown (&f, NULL, "a:Apple b:Blueberry c:Cherry");

  live_fixture_put (&f, "bb", "Broccoli", 1.0);
  assert_shown (&f, up, "a:Apple b:Blueberry bb:Broccoli c:Cherry");
  tell (&f, stream, VL_LIVE_EVENT_KIND_INSERTED, "bb", "Broccoli");
  assert_shown (&f, NULL, "a:Apple b:Blueberry bb:Broccoli c:Cherry");
  assert_shown (&f, up, "a:Apple b:Blueberry bb:Broccoli c:Cherry");

  gone = vl_table_delete_sync (VL_TABLE (f.memory), "a", NULL, NULL);
  assert_shown (&f, some, "b:Blueberry bb:Broccoli c:Cherry");
  tell (&f, stream, VL_LIVE_EVENT_KIND_DELETED, "a", NULL);
  assert_shown (&f, NULL, "b:Blueberry bb:Broccoli c:Cherry");
  assert_shown (&f, some, "b:Blueberry bb:Broccoli c:Cherry");
  assert_shown (&f, down, "c:Cherry bb:Broccoli b:Blueberry");
}

/* Nobody knows where a row was that nobody has seen, or what has changed. */
static void
test_unknown (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, NULL);
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();
  guint before = n_reads (&f);

  tell (&f, stream, VL_LIVE_EVENT_KIND_UPDATED, "x", "Xigua");
  assert_shown (&f, NULL, "a:Apple b:Banana c:Cherry x:Xigua");
  g_assert_cmpuint (n_reads (&f), ==, before + 1);

  live_fixture_put (&f, "y", "Yam", 1.0);
  vl_live_stream_push (stream, event);
  assert_shown (&f, NULL, "a:Apple b:Banana c:Cherry x:Xigua y:Yam");
  g_assert_cmpuint (n_reads (&f), ==, before + 2);
}

/* A fetch that is under way is not overtaken: what it brings is stored, and the
 * fact laid over it. */
static void
test_under_way (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, NULL);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_order_by (all, "name", TRUE);
  g_autoptr (Ask) ask = NULL;
  g_autoptr (VlPage) page = NULL;
  guint before;

  vl_fault_table_set_latency (f.master, 100);
  ask = ask_list (f.live, query);
  fake_clock_advance (50);
  before = n_reads (&f);
  tell (&f, stream, VL_LIVE_EVENT_KIND_UPDATED, "b", "Zucchini");
  fake_clock_advance (50);
  g_assert_true (ask->is_done);
  assert_page (ask->page, "b:Zucchini c:Cherry a:Apple");
  assert_origin (ask->page, FALSE, FALSE);
  page = vl_live_table_peek_page (f.live, query);
  g_assert_nonnull (page);
  assert_page (page, "b:Zucchini c:Cherry a:Apple");
  assert_origin (page, TRUE, FALSE);
  g_assert_cmpuint (n_reads (&f), ==, before);
}

/* What is told of a record that we are writing to may have come before or after
 * that: nothing that is cached counts. */
static void
test_race (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, NULL);
  g_autoptr (VlWrite) write = NULL;
  guint before;

  vl_fault_table_set_latency (f.master, 100);
  vl_live_table_set_optimistic (f.live, TRUE);
  write = patch (&f, "b", "price", "7");
  tell (&f, stream, VL_LIVE_EVENT_KIND_UPDATED, "b", "Blueberry");
  fake_clock_advance (100);
  before = n_reads (&f);
  vl_fault_table_set_latency (f.master, 0);
  assert_shown (&f, NULL, "a:Apple b:Blueberry c:Cherry");
  g_assert_cmpuint (n_reads (&f), ==, before + 1);
}

/* More facts than are remembered: what lacks them is stale. */
static void
test_too_many (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, NULL);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_order_by (all, "name", TRUE);
  g_autoptr (VlPage) page = live_fixture_list (&f, query);
  guint before;

  for (guint i = 0; i < 4096; i++)
    {
      g_autofree char *name = g_strdup_printf ("B%u", i);

      tell (&f, stream, VL_LIVE_EVENT_KIND_UPDATED, "b", name);
      settle ();
    }
  before = n_reads (&f);
  g_clear_object (&page);
  page = vl_live_table_peek_page (f.live, query);
  g_assert_nonnull (page);
  assert_page (page, "c:Cherry b:B4095 a:Apple");

  tell (&f, stream, VL_LIVE_EVENT_KIND_UPDATED, "b", "Beech");
  g_clear_object (&page);
  page = vl_live_table_peek_page (f.live, NULL);
  g_assert_null (page);
  assert_shown (&f, NULL, "a:Apple b:Beech c:Cherry");
  g_assert_cmpuint (n_reads (&f), ==, before + 1);
}

/* The page is stored as it is shown, and then there is nothing to be done for it
 * any more. */
static void
test_repaired (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, NULL);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) window = vl_query_window (all, 0, 10);
  g_autoptr (VlQuery) query = vl_query_order_by (window, "name", TRUE);
  const VlSlot slot = { .kind = VL_SLOT_PAGE, .query = query, .size = 10 };
  g_auto (VlSlotKey) key;
  g_autoptr (VlPage) before = live_fixture_list (&f, query);
  g_autoptr (VlPage) shown = NULL;
  g_autoptr (VlPage) stored = NULL;

  tell (&f, stream, VL_LIVE_EVENT_KIND_UPDATED, "b", "Zucchini");
  shown = vl_live_table_peek_page (f.live, query);
  assert_page (shown, "b:Zucchini c:Cherry a:Apple");
  settle ();
  _vl_slot_key_init (&key, &slot);
  stored = VL_CACHE_GET_IFACE (f.cache)->peek (f.cache, f.live->core->root, key.text);
  g_assert_nonnull (stored);
  assert_page (stored, "b:Zucchini c:Cherry a:Apple");
  g_assert_false (vl_page_get_is_stale (stored));
  g_assert_cmpuint (stored->info.seq, >, 0);
  g_assert_cmpuint (stored->info.seq, ==, _vl_facts_get_seq (f.live->core->facts));
  g_assert_cmpint (vl_page_get_fetched_at (stored), ==, vl_page_get_fetched_at (before));
}

/* The mark of the root stays: the next process must not take the pages, which
 * lack the facts, for fresh. */
static void
test_mark_stays (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_autoptr (ProbeCache) cache = probe_cache_new ();
  guint n_invalidated;

  {
    g_auto (LiveFixture) f = fixture_new (&stream, VL_CACHE (cache));
    g_autoptr (VlWrite) write = NULL;

    n_invalidated = cache->n_invalidated;
    write = patch (&f, "b", "name", "Blueberry");
    settle ();
    g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
    g_assert_cmpuint (cache->n_opened, ==, 1);
    g_assert_cmpuint (cache->n_closed, ==, 0);
    g_assert_cmpuint (cache->n_invalidated, ==, n_invalidated);
  }
  g_assert_cmpuint (cache->n_closed, ==, 0);
}

/* A live table over the same master and cache, when there is no other. */
static void
begin_anew (LiveFixture *f)
{
  g_clear_object (&f->live);
  settle ();
  f->live = g_object_new (VL_TYPE_LIVE_TABLE, "master", f->master, "cache-key", "products", "cache",
                          f->cache, "follow-master", FALSE, NULL);
  vl_live_table_set_invalidation (f->live, VL_INVALIDATION_SURGICAL);
  vl_live_table_set_page_size (f->live, 10);
  settle ();
}

/* The facts go with the live table, and the pages that lack them stay: they are
 * not fresh for the next one. */
static void
test_facts_go (gconstpointer data)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, NULL);
  gboolean is_told = GPOINTER_TO_INT (data);
  g_autoptr (VlWrite) write = NULL;
  guint before;

  if (is_told)
    tell (&f, stream, VL_LIVE_EVENT_KIND_UPDATED, "b", "Blueberry");
  else
    write = patch (&f, "b", "name", "Blueberry");
  settle ();
  begin_anew (&f);
  before = n_reads (&f);
  assert_shown (&f, NULL, "a:Apple b:Blueberry c:Cherry");
  g_assert_cmpuint (n_reads (&f), ==, before + 1);
}

/* The numbers of one live table mean nothing to the next. */
static void
test_numbers_go (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, NULL);
  g_autoptr (VlWrite) write = NULL;
  guint before;

  for (guint i = 0; i < 5; i++)
    {
      tell (&f, stream, VL_LIVE_EVENT_KIND_UPDATED, "b", i % 2 == 0 ? "Bilberry" : "Banana");
      settle ();
    }
  vl_live_table_invalidate (f.live);
  settle ();
  assert_shown (&f, NULL, "a:Apple b:Bilberry c:Cherry");
  begin_anew (&f);
  before = n_reads (&f);
  assert_shown (&f, NULL, "a:Apple b:Bilberry c:Cherry");
  write = patch (&f, "b", "name", "Blueberry");
  settle ();
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
  assert_shown (&f, NULL, "a:Apple b:Blueberry c:Cherry");
  g_assert_cmpuint (n_reads (&f), ==, before);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  fake_clock_advance (1000);
  g_test_add_func ("/live-surgical/own-write", test_own_write);
  g_test_add_func ("/live-surgical/events", test_events);
  g_test_add_func ("/live-surgical/echo", test_echo);
  g_test_add_func ("/live-surgical/late-word", test_late_word);
  g_test_add_func ("/live-surgical/unknown", test_unknown);
  g_test_add_func ("/live-surgical/fetch-under-way", test_under_way);
  g_test_add_func ("/live-surgical/event-and-write", test_race);
  g_test_add_func ("/live-surgical/too-many-facts", test_too_many);
  g_test_add_func ("/live-surgical/page-is-repaired", test_repaired);
  g_test_add_func ("/live-surgical/mark-stays", test_mark_stays);
  g_test_add_data_func ("/live-surgical/facts-go/of-a-write", GINT_TO_POINTER (FALSE),
                        test_facts_go);
  g_test_add_data_func ("/live-surgical/facts-go/of-an-event", GINT_TO_POINTER (TRUE),
                        test_facts_go);
  g_test_add_func ("/live-surgical/numbers-go", test_numbers_go);
  result = g_test_run ();
  fake_clock_end ();

  return result;
}
