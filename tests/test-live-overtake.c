/* test-live-overtake.c: fetches that something changes under
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fake-clock.h"
#include "live-ask.h"
#include "live-fixture.h"
#include "live-hold.h"

/* What makes a fetch old. */
typedef enum
{
  BY_EVENT,
  BY_INVALIDATE,
  BY_CLEAR,
  BY_WRITE,
  N_WAYS,
} Way;

/* A described live table over a master that takes 100 ms, with a stream. */
static LiveFixture
fixture_new (VlLiveStream **stream)
{
  LiveFixture f = live_fixture_new (NULL);
  g_autoptr (VlSchema) schema = vl_table_describe_sync (VL_TABLE (f.live), NULL, NULL);

  g_assert_nonnull (schema);
  *stream = vl_live_stream_new ();
  vl_live_table_add_stream (f.live, *stream);
  settle ();
  vl_fault_table_set_latency (f.master, 100);

  return f;
}

static void
push_changed (VlLiveStream *stream)
{
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();

  vl_live_stream_push (stream, event);
}

static void
on_written (GObject *table, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record = vl_table_replace_finish (VL_TABLE (table), result, &error);
  guint *n_written = user_data;

  g_assert_nonnull (record);
  g_assert_no_error (error);
  (*n_written)++;
}

static guint n_written;

static void
make_old (LiveFixture *f, VlLiveStream *stream, Way way)
{
  g_autoptr (VlRecord) record = live_fixture_record ("a", "Apricot", 9.0);

  switch (way)
    {
    case BY_EVENT:
      live_fixture_put (f, "a", "Apricot", 9.0);
      push_changed (stream);
      break;
    case BY_INVALIDATE:
      live_fixture_put (f, "a", "Apricot", 9.0);
      vl_live_table_invalidate (f->live);
      break;
    case BY_CLEAR:
      live_fixture_put (f, "a", "Apricot", 9.0);
      vl_live_table_clear (f->live);
      break;
    case BY_WRITE:
    case N_WAYS:
    default:
      n_written = 0;
      vl_table_replace_async (VL_TABLE (f->live), record, NULL, on_written, &n_written);
      break;
    }
}

/* The read was made before, and its question had reached the master: it gets
 * what the master said, with our write laid over it if it was one, flagged. Who
 * asks later begins anew, and what comes of the first fetch is not taken for
 * fresh by anybody, ever. */
static void
check_overtaken (Way way, gboolean is_record)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream);
  VlLiveStats *stats = vl_live_table_get_stats (f.live);
  g_autoptr (Ask) early = NULL;
  g_autoptr (Ask) late = NULL;
  g_autoptr (Ask) last = NULL;
  const char *told = way == BY_WRITE ? "Apricot" : "Apple";

  g_test_message ("way %d, record %d", way, is_record);
  early = is_record ? ask_find (f.live, "a") : ask_list (f.live, NULL);
  fake_clock_advance (50);
  if (way == BY_WRITE)
    vl_fault_table_set_latency (f.master, 20);
  make_old (&f, stream, way);
  fake_clock_advance (20);
  vl_fault_table_set_latency (f.master, 100);
  if (way == BY_WRITE)
    g_assert_cmpuint (n_written, ==, 1);

  late = is_record ? ask_find (f.live, "a") : ask_list (f.live, NULL);
  g_assert_false (early->is_done);
  fake_clock_advance (30);
  g_assert_true (early->is_done);
  g_assert_false (late->is_done);
  fake_clock_advance (100);
  g_assert_true (late->is_done);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);

  last = is_record ? ask_find (f.live, "a") : ask_list (f.live, NULL);
  settle ();
  g_assert_true (last->is_done);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);
  if (is_record)
    {
      g_assert_cmpstr (vl_record_get_string (early->record, "name"), ==, told);
      g_assert_cmpstr (vl_record_get_string (late->record, "name"), ==, "Apricot");
      g_assert_cmpstr (vl_record_get_string (last->record, "name"), ==, "Apricot");
    }
  else
    {
      assert_first_name (early->page, told);
      assert_origin (early->page, FALSE, TRUE);
      assert_first_name (late->page, "Apricot");
      assert_origin (late->page, FALSE, FALSE);
      assert_first_name (last->page, "Apricot");
      assert_origin (last->page, TRUE, FALSE);
    }
  g_assert_cmpuint (vl_live_stats_get_repeats (stats), ==, 0);
}

static void
test_overtaken (gconstpointer data)
{
  check_overtaken (GPOINTER_TO_UINT (data), FALSE);
  check_overtaken (GPOINTER_TO_UINT (data), TRUE);
}

/* An old copy that is shown since there is nothing else, and a reader who was
 * overtaken: what we have written is in what they see. */
static void
test_own_writes_are_seen (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream);
  g_autoptr (VlRecord) apricot = live_fixture_record ("a", "Apricot", 9.0);
  g_autoptr (VlRecord) date = live_fixture_record ("d", "Date", 7.0);
  g_autoptr (Ask) early = NULL;
  g_autoptr (Ask) late = NULL;
  g_autoptr (VlPage) before = NULL;

  vl_fault_table_set_latency (f.master, 0);
  before = live_fixture_list (&f, NULL);
  assert_ids (before, "abc");

  vl_fault_table_set_latency (f.master, 100);
  early = ask_refresh (f.live, NULL);
  fake_clock_advance (50);
  vl_fault_table_set_latency (f.master, 0);
  vl_table_replace_async (VL_TABLE (f.live), apricot, NULL, NULL, NULL);
  vl_table_insert_async (VL_TABLE (f.live), date, NULL, NULL, NULL);
  vl_table_delete_async (VL_TABLE (f.live), "b", NULL, NULL, NULL);
  settle ();
  fake_clock_advance (50);
  assert_ids (early->page, "acd");
  assert_first_name (early->page, "Apricot");
  assert_origin (early->page, FALSE, TRUE);
  g_assert_cmpint (vl_page_get_total (early->page), ==, 3);

  vl_fault_table_set_offline (f.master, TRUE);
  late = ask_list (f.live, NULL);
  settle ();
  assert_ids (late->page, "acd");
  assert_first_name (late->page, "Apricot");
  assert_origin (late->page, TRUE, TRUE);
  g_assert_cmpint (vl_page_get_total (late->page), ==, 3);
}

/* The master is asked before the write and answers after it: what is laid over
 * the answer is in it. */
static void
test_total (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (HoldTable) master = hold_table_new (VL_TABLE (f.memory));
  g_autoptr (VlLiveTable) live = vl_live_table_new (VL_TABLE (master), "others", f.cache);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) dear = vl_query_where (all, "price", VL_OP_GT, g_variant_new_double (1.0));
  g_autoptr (VlPage) before = vl_table_list_sync (VL_TABLE (live), dear, NULL, NULL);
  g_autoptr (VlRecord) cheap = live_fixture_record ("a", "Apple", 0.1);
  g_autoptr (VlRecord) written = NULL;
  g_autoptr (Ask) early = NULL;

  assert_ids (before, "ac");
  master->holds[HOLD_LIST] = TRUE;
  early = ask_refresh (live, dear);
  settle ();
  written = vl_table_replace_sync (VL_TABLE (live), cheap, NULL, NULL);
  g_assert_nonnull (written);
  hold_table_release (master);
  ask_wait (early);
  assert_ids (early->page, "c");
  assert_origin (early->page, FALSE, TRUE);
  g_assert_cmpint (vl_page_get_total (early->page), ==, 1);
}

/* Nobody asks between the event and the answer: it is stored as stale. */
static void
test_not_a_hit_later (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream);
  VlLiveStats *stats = vl_live_table_get_stats (f.live);
  g_autoptr (Ask) early = ask_list (f.live, NULL);
  g_autoptr (VlPage) stale = NULL;
  g_autoptr (VlPage) news = NULL;

  fake_clock_advance (50);
  make_old (&f, stream, BY_EVENT);
  fake_clock_advance (50);
  assert_origin (early->page, FALSE, TRUE);
  g_assert_cmpuint (vl_live_stats_get_refused_fills (stats), ==, 1);
  g_assert_null (vl_live_table_peek_page (f.live, NULL));

  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_CACHE_ONLY);
  stale = live_fixture_list (&f, NULL);
  assert_first_name (stale, "Apple");
  assert_origin (stale, TRUE, TRUE);

  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_CACHE_FIRST);
  vl_fault_table_set_latency (f.master, 0);
  news = live_fixture_list (&f, NULL);
  assert_first_name (news, "Apricot");
  assert_origin (news, FALSE, FALSE);
}

static gpointer
release_elsewhere (gpointer data)
{
  return GUINT_TO_POINTER (hold_table_release (data));
}

/* The master has answered on its thread, and then, before that is taken, the
 * event is pushed: it lies in the inbox, and counts. */
static void
test_inbox_before_answer (void)
{
  g_autoptr (VlSchema) schema = live_fixture_schema ();
  g_autoptr (VlMemoryTable) memory = vl_memory_table_new (schema);
  g_autoptr (HoldTable) master = hold_table_new (VL_TABLE (memory));
  g_autoptr (VlLiveTable) live = vl_live_table_new (VL_TABLE (master), "products", NULL);
  g_autoptr (VlSchema) described = vl_table_describe_sync (VL_TABLE (live), NULL, NULL);
  LiveFixture f = { .memory = memory, .live = live };
  g_autoptr (Ask) early = NULL;
  g_autoptr (Ask) late = NULL;

  g_assert_nonnull (described);
  live_fixture_put (&f, "a", "Apple", 1.5);
  settle ();
  master->holds[HOLD_LIST] = TRUE;
  early = ask_list (live, NULL);
  settle ();
  g_thread_join (g_thread_new ("master", release_elsewhere, master));
  vl_live_table_invalidate (live);
  settle ();
  assert_first_name (early->page, "Apple");
  assert_origin (early->page, FALSE, TRUE);

  live_fixture_put (&f, "a", "Apricot", 9.0);
  late = ask_list (live, NULL);
  settle ();
  g_assert_cmpuint (hold_table_release (master), ==, 1);
  settle ();
  assert_first_name (late->page, "Apricot");
  assert_origin (late->page, FALSE, FALSE);
}

/* `push` then `list`, in one turn. */
static void
test_push_then_list (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream);
  g_autoptr (Ask) first = ask_list (f.live, NULL);
  g_autoptr (Ask) second = NULL;

  g_assert_nonnull (first);
  fake_clock_advance (100);
  make_old (&f, stream, BY_EVENT);
  g_assert_null (vl_live_table_peek_page (f.live, NULL));
  second = ask_list (f.live, NULL);
  fake_clock_advance (100);
  assert_first_name (second->page, "Apricot");
  assert_origin (second->page, FALSE, FALSE);
}

/* A reader who waits for the cache when the event comes has not begun: it gets
 * the new state, unflagged. */
static void
test_readers_begin_again (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream);
  g_autoptr (Ask) first = ask_list (f.live, NULL);
  g_autoptr (Ask) second = NULL;

  g_assert_nonnull (first);
  fake_clock_advance (100);
  live_fixture_put (&f, "a", "Apricot", 9.0);
  push_changed (stream);
  push_changed (stream);
  second = ask_list (f.live, NULL);
  push_changed (stream);
  fake_clock_advance (100);
  assert_first_name (second->page, "Apricot");
}

/* 50 events a second, a master that takes 300 ms, and a reader after each
 * event. */
typedef struct
{
  LiveFixture *f;
  VlLiveStream *stream;
  GPtrArray *asks; /* of Ask */
  guint n_at_once; /* answered from what is there */
} Storm;

static void
storm_turn (Storm *storm, gboolean reads)
{
  Ask *ask;

  push_changed (storm->stream);
  if (reads)
    {
      ask = ask_list (storm->f->live, NULL);
      g_ptr_array_add (storm->asks, ask);
      settle ();
      storm->n_at_once += ask->is_done;
    }
  fake_clock_advance (20);
}

static void
storm_end (Storm *storm)
{
  for (guint i = 0; i < storm->asks->len; i++)
    {
      Ask *ask = g_ptr_array_index (storm->asks, i);

      g_assert_true (ask->is_done);
      g_assert_no_error (ask->error);
      assert_ids (ask->page, "abc");
    }
  g_ptr_array_unref (storm->asks);
}

static void
test_busy_stream (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream);
  Storm storm = { &f, stream, g_ptr_array_new_with_free_func ((GDestroyNotify) ask_free), 0 };
  g_autoptr (Ask) first = ask_list (f.live, NULL);
  g_autoptr (Ask) after = NULL;
  g_autoptr (Ask) hit = NULL;
  guint64 n_reads;

  g_assert_nonnull (first);
  fake_clock_advance (1000);
  vl_fault_table_set_latency (f.master, 300);
  for (guint i = 0; i < 500; i++)
    storm_turn (&storm, TRUE);

  /* Ten seconds: once every 600 ms, and a few until it was known to be busy. */
  n_reads = vl_fault_table_get_n_reads (f.master);
  g_test_message ("%" G_GUINT64_FORMAT " fetches, %u of 500 at once", n_reads, storm.n_at_once);
  g_assert_cmpuint (n_reads, >=, 10);
  g_assert_cmpuint (n_reads, <=, 25);
  g_assert_cmpuint (storm.n_at_once, >=, 450);

  /* It caches: what the readers are shown follows the master. */
  live_fixture_put (&f, "a", "Apricot", 9.0);
  for (guint i = 0; i < 100; i++)
    storm_turn (&storm, TRUE);
  {
    Ask *ask = g_ptr_array_index (storm.asks, storm.asks->len - 1);

    assert_first_name (ask->page, "Apricot");
    g_assert_true (vl_page_get_is_stale (ask->page));
  }

  /* It is over: the next fetch is not overtaken, and then there are hits. */
  fake_clock_advance (2000);
  after = ask_list (f.live, NULL);
  fake_clock_advance (2000);
  assert_first_name (after->page, "Apricot");
  hit = ask_list (f.live, NULL);
  settle ();
  assert_origin (hit->page, TRUE, FALSE);
  storm_end (&storm);
}

/* Nobody asks: the master is left alone, however busy the stream. */
static void
test_busy_stream_without_readers (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream);
  Storm storm = { &f, stream, g_ptr_array_new_with_free_func ((GDestroyNotify) ask_free), 0 };
  g_autoptr (Ask) first = ask_list (f.live, NULL);
  guint64 n_reads;

  g_assert_nonnull (first);
  fake_clock_advance (1000);
  vl_fault_table_set_latency (f.master, 300);
  for (guint i = 0; i < 100; i++)
    storm_turn (&storm, TRUE);
  /* A refetch may be under way, and one due. */
  fake_clock_advance (1000);
  n_reads = vl_fault_table_get_n_reads (f.master);
  for (guint i = 0; i < 100; i++)
    storm_turn (&storm, FALSE);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, n_reads);
  storm_end (&storm);
}

/* One reader, while the key rests: the refetch that is due because of it tells
 * those who look when it finds something. */
static void
test_rest_tells (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream);
  Storm storm = { &f, stream, g_ptr_array_new_with_free_func ((GDestroyNotify) ask_free), 0 };
  g_autoptr (Ask) first = ask_list (f.live, NULL);
  g_autoptr (Ask) resting = NULL;
  g_autoptr (VlPage) fresh = NULL;
  Changes changes = { 0 };
  guint64 n_reads;

  g_assert_nonnull (first);
  fake_clock_advance (1000);
  for (guint i = 0; i < 10; i++)
    storm_turn (&storm, TRUE);
  live_fixture_put (&f, "a", "Apricot", 9.0);
  push_changed (stream);
  resting = ask_list (f.live, NULL);
  settle ();
  assert_first_name (resting->page, "Apple");
  assert_origin (resting->page, TRUE, TRUE);

  watch_changes (f.live, &changes);
  n_reads = vl_fault_table_get_n_reads (f.master);
  fake_clock_advance (1000);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, n_reads + 1);
  g_assert_cmpuint (changes.n_emitted, ==, 1);
  g_assert_cmpint (changes.origin, ==, VL_ORIGIN_REFRESH);
  fresh = vl_live_table_peek_page (f.live, NULL);
  assert_first_name (fresh, "Apricot");
  storm_end (&storm);
}

/* A fetch that takes 10 ms, and is overtaken before it is answered. */
static void
fetch_overtaken (LiveFixture *f)
{
  g_autoptr (Ask) ask = ask_list (f->live, NULL);

  fake_clock_advance (5);
  vl_live_table_invalidate (f->live);
  fake_clock_advance (5);
  g_assert_true (ask->is_done);
  assert_origin (ask->page, FALSE, TRUE);
}

static void
assert_resting (LiveFixture *f)
{
  guint64 n_reads = vl_fault_table_get_n_reads (f->master);
  g_autoptr (Ask) ask = ask_list (f->live, NULL);

  settle ();
  assert_origin (ask->page, TRUE, TRUE);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f->master), ==, n_reads);
}

/* Once is no storm, twice running is: then 200 ms lie between the beginnings of
 * two fetches, however fast the master answers. */
static void
test_rest_to_the_millisecond (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream);
  g_autoptr (Ask) fresh = NULL;
  guint64 n_reads;

  vl_fault_table_set_latency (f.master, 10);
  fetch_overtaken (&f);
  fetch_overtaken (&f);
  n_reads = vl_fault_table_get_n_reads (f.master);
  assert_resting (&f);
  fake_clock_advance (189);
  assert_resting (&f);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, n_reads);

  fake_clock_advance (1);
  fake_clock_advance (10);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, n_reads + 1);
  fresh = ask_list (f.live, NULL);
  settle ();
  assert_origin (fresh->page, TRUE, FALSE);
}

/* What was written here may have been applied although it has failed: a key
 * that rests does not keep what the master has from who reads then. */
static void
test_no_rest_for_who_writes (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream);
  g_autoptr (VlRecord) record = live_fixture_record ("a", "Apricot", 9.0);
  g_autoptr (GError) lost = g_error_new_literal (VL_ERROR, VL_ERROR_FAILED, "lost");
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) none = NULL;
  g_autoptr (Ask) after = NULL;

  vl_fault_table_set_latency (f.master, 10);
  fetch_overtaken (&f);
  fetch_overtaken (&f);
  assert_resting (&f);
  vl_fault_table_set_latency (f.master, 0);
  vl_fault_table_push_error_after (f.master, lost);
  none = vl_table_replace_sync (VL_TABLE (f.live), record, NULL, &error);
  g_assert_error (error, VL_ERROR, VL_ERROR_FAILED);

  after = ask_list (f.live, NULL);
  settle ();
  assert_first_name (after->page, "Apricot");
  assert_origin (after->page, FALSE, FALSE);
}

/* Those who want the master are not put off with a copy. */
static void
test_rest_is_for_cache_first (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream);
  Storm storm = { &f, stream, g_ptr_array_new_with_free_func ((GDestroyNotify) ask_free), 0 };
  g_autoptr (Ask) first = ask_list (f.live, NULL);
  g_autoptr (Ask) from_master = NULL;
  g_autoptr (Ask) refresh = NULL;

  g_assert_nonnull (first);
  fake_clock_advance (1000);
  for (guint i = 0; i < 10; i++)
    storm_turn (&storm, TRUE);
  live_fixture_put (&f, "a", "Apricot", 9.0);
  push_changed (stream);
  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_MASTER_FIRST);
  from_master = ask_list (f.live, NULL);
  fake_clock_advance (100);
  assert_first_name (from_master->page, "Apricot");
  assert_origin (from_master->page, FALSE, FALSE);

  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_CACHE_FIRST);
  push_changed (stream);
  refresh = ask_refresh (f.live, NULL);
  fake_clock_advance (100);
  assert_origin (refresh->page, FALSE, FALSE);
  fake_clock_advance (1000);
  storm_end (&storm);
}

/* Readers who take stale copies anyway do not make more fetches than others. */
static void
test_busy_stream_revalidates_in_turn (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream);
  Storm storm = { &f, stream, g_ptr_array_new_with_free_func ((GDestroyNotify) ask_free), 0 };
  g_autoptr (Ask) first = ask_list (f.live, NULL);

  g_assert_nonnull (first);
  fake_clock_advance (1000);
  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_STALE_WHILE_REVALIDATE);
  vl_fault_table_set_latency (f.master, 300);
  for (guint i = 0; i < 500; i++)
    storm_turn (&storm, TRUE);
  g_assert_cmpuint (storm.n_at_once, ==, 500);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), >=, 10);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), <=, 25);
  fake_clock_advance (2000);
  storm_end (&storm);
}

int
main (int argc, char *argv[])
{
  static const char *const names[] = { "by-an-event", "by-invalidate", "by-clear", "by-a-write" };
  int status;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  fake_clock_advance (1000);

  for (guint i = 0; i < N_WAYS; i++)
    {
      g_autofree char *path = g_strconcat ("/live-table/overtaken/", names[i], NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_overtaken);
    }
  g_test_add_func ("/live-table/busy-stream/rests-to-the-millisecond",
                   test_rest_to_the_millisecond);
  g_test_add_func ("/live-table/busy-stream/no-rest-for-who-writes", test_no_rest_for_who_writes);
  g_test_add_func ("/live-table/overtaken/own-writes-are-seen", test_own_writes_are_seen);
  g_test_add_func ("/live-table/overtaken/total-counts-what-is-shown", test_total);
  g_test_add_func ("/live-table/overtaken/is-not-a-hit-later", test_not_a_hit_later);
  g_test_add_func ("/live-table/overtaken/by-what-lies-in-the-inbox", test_inbox_before_answer);
  g_test_add_func ("/live-table/overtaken/push-then-list-misses", test_push_then_list);
  g_test_add_func ("/live-table/overtaken/before-it-had-begun", test_readers_begin_again);
  g_test_add_func ("/live-table/busy-stream/answers-and-caches", test_busy_stream);
  g_test_add_func ("/live-table/busy-stream/nobody-asks", test_busy_stream_without_readers);
  g_test_add_func ("/live-table/busy-stream/refetch-tells", test_rest_tells);
  g_test_add_func ("/live-table/busy-stream/master-is-asked-for-it", test_rest_is_for_cache_first);
  g_test_add_func ("/live-table/busy-stream/revalidates-in-turn",
                   test_busy_stream_revalidates_in_turn);
  status = g_test_run ();

  fake_clock_end ();

  return status;
}
