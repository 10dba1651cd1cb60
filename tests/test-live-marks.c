/* test-live-marks.c: what a later process must not take for fresh, and this one may
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "cache-folder.h"
#include "fake-clock.h"
#include "live-ask.h"
#include "live-fixture.h"
#include "probe-cache.h"
#include "shown-fixture.h"

/* Of one kind of rows that a stream tells of, over a cache. */
static LiveFixture
fixture_new (VlLiveStream **stream, VlCache *cache, VlInvalidation invalidation)
{
  LiveFixture f = live_fixture_new (cache);

  *stream = vl_live_stream_new ();
  vl_live_table_set_invalidation (f.live, invalidation);
  vl_live_table_set_page_size (f.live, 10);
  vl_live_table_add_stream (f.live, *stream);
  vl_fault_table_set_keep_order (f.master, FALSE);

  return f;
}

/* Until the cache has done all that it was asked to. */
static void
flush (VlCache *cache)
{
  cache_invalidate (cache, "nobody");
  settle ();
}

static void
wait_for (VlWrite *write)
{
  while (vl_write_get_state (write) != VL_WRITE_STATE_APPLIED &&
         vl_write_get_state (write) != VL_WRITE_STATE_FAILED)
    g_main_context_iteration (NULL, TRUE);
}

static void
tell (LiveFixture *f, VlLiveStream *stream, const char *id, const char *name)
{
  const char *ids[] = { id, NULL };
  g_autoptr (VlRecord) record = live_fixture_record (id, name, 1.0);
  g_autoptr (VlLiveEvent) bare = vl_live_event_new (VL_LIVE_EVENT_KIND_UPDATED, ids);
  g_autoptr (VlLiveEvent) event = vl_live_event_with_record (bare, record);

  live_fixture_put (f, id, name, 1.0);
  vl_live_stream_push (stream, event);
}

/* How often the master is asked when somebody reads. */
static guint
count_reads (LiveFixture *f, VlTable *live, VlQuery *query, const char *expected)
{
  guint before = (guint) vl_fault_table_get_n_reads (f->master);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = vl_table_list_sync (live, query, NULL, &error);

  g_assert_no_error (error);
  assert_page (page, expected);
  g_assert_false (vl_page_get_is_stale (page));

  return (guint) vl_fault_table_get_n_reads (f->master) - before;
}

#define reads(f, query, expected) count_reads ((f), VL_TABLE ((f)->live), (query), (expected))

static VlQuery *
downwards (void)
{
  g_autoptr (VlQuery) all = vl_query_new ();

  return vl_query_order_by (all, "name", TRUE);
}

/* How often the next process asks, that finds the folder as it is. */
static guint
count_reads_after (LiveFixture *f, CacheFolder *folder, VlQuery *query, const char *expected)
{
  g_autoptr (VlCache) cache = VL_CACHE (vl_sqlite_cache_new (folder->path));
  g_autoptr (VlTable)
    live = g_object_new (VL_TYPE_LIVE_TABLE, "master", f->master, "cache-key", "products", "cache",
                         cache, "follow-master", FALSE, "page-size", 10, NULL);
  guint n_reads = count_reads (f, live, query, expected);

  g_clear_object (&live);
  flush (cache);
  g_assert_finalize_object (g_steal_pointer (&cache));

  return n_reads;
}

static guint
count_reads_after_crash (LiveFixture *f, CacheFolder *folder, VlQuery *query, const char *expected)
{
  g_auto (CacheFolder) copy = { 0 };

  cache_folder_init (&copy);
  cache_folder_copy (folder, &copy);

  return count_reads_after (f, &copy, query, expected);
}

/* And all that was under way has been done. */
static void
close_cleanly (LiveFixture *f)
{
  g_clear_object (&f->live);
  flush (f->cache);
  g_assert_finalize_object (g_steal_pointer (&f->cache));
}

static void
test_own_write (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;
  g_autoptr (VlLiveStream) stream = NULL;
  g_autoptr (VlQuery) down = downwards ();
  g_auto (LiveFixture) f = { 0 };
  g_autoptr (VlWrite) write = NULL;

  cache_folder_init (&folder);
  cache = VL_CACHE (vl_sqlite_cache_new (folder.path));
  f = fixture_new (&stream, cache, VL_INVALIDATION_SURGICAL);
  g_clear_object (&cache);
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Banana c:Cherry"), ==, 1);
  write = patch (&f, "b", "name", "Blueberry");
  wait_for (write);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Blueberry c:Cherry"), ==, 0);

  g_assert_cmpuint (reads (&f, down, "c:Cherry b:Blueberry a:Apple"), ==, 1);
  g_assert_cmpuint (reads (&f, down, "c:Cherry b:Blueberry a:Apple"), ==, 0);
  flush (f.cache);
  g_assert_cmpuint (reads (&f, down, "c:Cherry b:Blueberry a:Apple"), ==, 0);
  g_assert_cmpuint (count_reads_after_crash (&f, &folder, NULL, "a:Apple b:Blueberry c:Cherry"), ==,
                    1);
  g_assert_cmpuint (count_reads_after_crash (&f, &folder, down, "c:Cherry b:Blueberry a:Apple"), ==,
                    1);

  close_cleanly (&f);
  g_assert_cmpuint (count_reads_after (&f, &folder, down, "c:Cherry b:Blueberry a:Apple"), ==, 1);
  g_assert_cmpuint (count_reads_after (&f, &folder, down, "c:Cherry b:Blueberry a:Apple"), ==, 0);
}

/* The same without memory in front of the file: it is the file that knows. */
static void
test_without_memory (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;
  g_autoptr (VlLiveStream) stream = NULL;
  g_autoptr (VlQuery) down = downwards ();
  g_auto (LiveFixture) f = { 0 };
  g_autoptr (VlWrite) write = NULL;

  cache_folder_init (&folder);
  cache = g_object_new (VL_TYPE_SQLITE_CACHE, "folder", folder.path, "memory-bytes", (guint64) 0,
                        NULL);
  f = fixture_new (&stream, cache, VL_INVALIDATION_SURGICAL);
  g_clear_object (&cache);
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Banana c:Cherry"), ==, 1);
  write = patch (&f, "b", "name", "Blueberry");
  wait_for (write);
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Blueberry c:Cherry"), ==, 0);
  g_assert_cmpuint (reads (&f, down, "c:Cherry b:Blueberry a:Apple"), ==, 1);
  g_assert_cmpuint (reads (&f, down, "c:Cherry b:Blueberry a:Apple"), ==, 0);
}

/* After a write that the master has not answered for. */
static void
test_unsure (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = { 0 };
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (GError) lost = g_error_new_literal (VL_ERROR, VL_ERROR_TIMED_OUT, "lost");

  cache_folder_init (&folder);
  cache = VL_CACHE (vl_sqlite_cache_new (folder.path));
  f = fixture_new (&stream, cache, VL_INVALIDATION_SLOPPY);
  g_clear_object (&cache);
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Banana c:Cherry"), ==, 1);
  vl_fault_table_push_error_after (f.master, lost);
  write = patch (&f, "b", "name", "Blueberry");
  wait_for (write);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_FAILED);
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Blueberry c:Cherry"), ==, 1);
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Blueberry c:Cherry"), ==, 0);
  flush (f.cache);
  g_assert_cmpuint (count_reads_after_crash (&f, &folder, NULL, "a:Apple b:Blueberry c:Cherry"), ==,
                    1);
  close_cleanly (&f);
  g_assert_cmpuint (count_reads_after (&f, &folder, NULL, "a:Apple b:Blueberry c:Cherry"), ==, 1);
}

/* It may turn up until the next one is answered, behind what was read meanwhile. */
static void
test_unsure_ends (gconstpointer data)
{
  gboolean is_refused = GPOINTER_TO_INT (data);
  g_autoptr (ProbeCache) cache = probe_cache_new ();
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, VL_CACHE (cache), VL_INVALIDATION_SURGICAL);
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlWrite) next = NULL;
  g_autoptr (GError) lost = g_error_new_literal (VL_ERROR, VL_ERROR_TIMED_OUT, "lost");
  g_autoptr (GError) no = g_error_new_literal (VL_ERROR, VL_ERROR_REJECTED, "no");

  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Banana c:Cherry"), ==, 1);
  vl_fault_table_push_error (f.master, lost);
  write = patch (&f, "b", "name", "Blueberry");
  wait_for (write);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_FAILED);
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Banana c:Cherry"), ==, 1);
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Banana c:Cherry"), ==, 0);

  live_fixture_put (&f, "b", "Blueberry", 1.0);
  if (is_refused)
    vl_fault_table_push_error (f.master, no);
  next = patch (&f, "a", "name", "Apricot");
  wait_for (next);
  g_assert_cmpint (vl_write_get_state (next), ==,
                   is_refused ? VL_WRITE_STATE_FAILED : VL_WRITE_STATE_APPLIED);
  g_assert_cmpuint (reads (&f, NULL,
                           is_refused ? "a:Apple b:Blueberry c:Cherry"
                                      : "a:Apricot b:Blueberry c:Cherry"),
                    ==, 1);

  /* Once. */
  g_clear_object (&next);
  next = patch (&f, "c", "name", "Citron");
  wait_for (next);
  g_assert_cmpuint (reads (&f, NULL,
                           is_refused ? "a:Apple b:Blueberry c:Citron"
                                      : "a:Apricot b:Blueberry c:Citron"),
                    ==, 0);
}

/* Nobody knows of it any more who could ask again. */
static void
test_unsure_to_the_end (void)
{
  g_autoptr (VlCache) cache = VL_CACHE (vl_memory_cache_new (0));
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, cache, VL_INVALIDATION_SLOPPY);
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (GError) lost = g_error_new_literal (VL_ERROR, VL_ERROR_TIMED_OUT, "lost");

  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Banana c:Cherry"), ==, 1);
  vl_fault_table_push_error (f.master, lost);
  write = patch (&f, "b", "name", "Blueberry");
  wait_for (write);
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Banana c:Cherry"), ==, 1);
  g_clear_object (&write);
  g_clear_object (&f.live);
  settle ();
  live_fixture_put (&f, "b", "Blueberry", 1.0);
  f.live = g_object_new (VL_TYPE_LIVE_TABLE, "master", f.master, "cache-key", "products", "cache",
                         cache, "follow-master", FALSE, "page-size", 10, NULL);
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Blueberry c:Cherry"), ==, 1);
}

/* A stream has told, and nobody here has written. */
static void
test_event (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;
  g_autoptr (VlLiveStream) stream = NULL;
  g_autoptr (VlQuery) down = downwards ();
  g_auto (LiveFixture) f = { 0 };

  cache_folder_init (&folder);
  cache = VL_CACHE (vl_sqlite_cache_new (folder.path));
  f = fixture_new (&stream, cache, VL_INVALIDATION_SURGICAL);
  g_clear_object (&cache);
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Banana c:Cherry"), ==, 1);
  g_assert_cmpuint (reads (&f, down, "c:Cherry b:Banana a:Apple"), ==, 1);
  flush (f.cache);
  g_assert_cmpuint (count_reads_after_crash (&f, &folder, NULL, "a:Apple b:Banana c:Cherry"), ==,
                    0);

  tell (&f, stream, "b", "Blueberry");
  settle ();
  flush (f.cache);
  g_assert_cmpuint (count_reads_after_crash (&f, &folder, NULL, "a:Apple b:Blueberry c:Cherry"), ==,
                    1);
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Blueberry c:Cherry"), ==, 0);
  flush (f.cache);
  g_assert_cmpuint (count_reads_after_crash (&f, &folder, down, "c:Cherry b:Blueberry a:Apple"), ==,
                    1);

  /* All is read anew: then it is fresh for those who come later, too. */
  vl_live_table_invalidate (f.live);
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Blueberry c:Cherry"), ==, 1);
  flush (f.cache);
  g_assert_cmpuint (count_reads_after_crash (&f, &folder, NULL, "a:Apple b:Blueberry c:Cherry"), ==,
                    0);
  tell (&f, stream, "b", "Bilberry");
  settle ();
  flush (f.cache);
  g_assert_cmpuint (count_reads_after_crash (&f, &folder, NULL, "a:Apple b:Bilberry c:Cherry"), ==,
                    1);
}

/* Nothing has changed that the pages lack: they are fresh for the next start. */
static void
test_closed (void)
{
  g_auto (CacheFolder) folder = { 0 };
  g_autoptr (VlCache) cache = NULL;
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = { 0 };
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (GError) no = g_error_new_literal (VL_ERROR, VL_ERROR_REJECTED, "no");

  cache_folder_init (&folder);
  cache = VL_CACHE (vl_sqlite_cache_new (folder.path));
  f = fixture_new (&stream, cache, VL_INVALIDATION_SURGICAL);
  g_clear_object (&cache);
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Banana c:Cherry"), ==, 1);
  vl_fault_table_push_error (f.master, no);
  write = patch (&f, "b", "name", "Blueberry");
  wait_for (write);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_FAILED);
  flush (f.cache);
  g_assert_cmpuint (count_reads_after_crash (&f, &folder, NULL, "a:Apple b:Banana c:Cherry"), ==,
                    0);
  close_cleanly (&f);
  g_assert_cmpuint (count_reads_after (&f, &folder, NULL, "a:Apple b:Banana c:Cherry"), ==, 0);
}

/* One mark for any number of facts; and nobody waits for it who reads, or hears. */
static void
test_behind (void)
{
  g_autoptr (ProbeCache) cache = probe_cache_new ();
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, VL_CACHE (cache), VL_INVALIDATION_SURGICAL);
  g_autoptr (VlQuery) down = downwards ();
  g_autoptr (VlWrite) write = NULL;
  guint n_invalidated;

  assert_shown (&f, NULL, "a:Apple b:Banana c:Cherry");
  n_invalidated = cache->n_invalidated;
  cache->holds_open = TRUE;
  tell (&f, stream, "b", "Blueberry");
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Blueberry c:Cherry"), ==, 0);
  tell (&f, stream, "b", "Bilberry");
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Bilberry c:Cherry"), ==, 0);
  g_assert_cmpuint (reads (&f, down, "c:Cherry b:Bilberry a:Apple"), ==, 1);
  g_assert_cmpuint (cache->n_opened, ==, 1);

  /* A write does wait, and needs no other. */
  write = patch (&f, "a", "name", "Apricot");
  settle ();
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_QUEUED);
  cache->holds_open = FALSE;
  probe_cache_answer (cache);
  settle ();
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
  tell (&f, stream, "b", "Blueberry");
  assert_shown (&f, NULL, "a:Apricot b:Blueberry c:Cherry");
  g_assert_cmpuint (cache->n_opened, ==, 1);
  g_assert_cmpuint (cache->n_closed, ==, 0);
  g_assert_cmpuint (cache->n_invalidated, ==, n_invalidated);

  /* It goes with an invalidation, and the next fact sets it anew. */
  vl_live_table_invalidate (f.live);
  assert_shown (&f, NULL, "a:Apricot b:Blueberry c:Cherry");
  g_assert_cmpuint (cache->n_opened, ==, 1);
  tell (&f, stream, "b", "Bilberry");
  assert_shown (&f, NULL, "a:Apricot b:Bilberry c:Cherry");
  g_assert_cmpuint (cache->n_opened, ==, 2);
}

/* What a later process would not be warned of must not be fresh. */
static void
test_unnoted (void)
{
  g_autoptr (ProbeCache) cache = probe_cache_new ();
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, VL_CACHE (cache), VL_INVALIDATION_SURGICAL);
  g_autoptr (VlWrite) write = NULL;
  guint n_invalidated;

  assert_shown (&f, NULL, "a:Apple b:Banana c:Cherry");
  n_invalidated = cache->n_invalidated;
  cache->n_open_errors = 2;
  tell (&f, stream, "b", "Blueberry");
  settle ();
  g_assert_cmpint (take_warnings (), >=, 1);
  g_assert_cmpuint (cache->n_invalidated, ==, n_invalidated + 1);
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Blueberry c:Cherry"), ==, 1);
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Blueberry c:Cherry"), ==, 0);

  /* Nor is it tried for each event. */
  cache->n_open_errors = 0;
  cache->n_opened = 0;
  tell (&f, stream, "b", "Bilberry");
  settle ();
  g_assert_cmpuint (cache->n_opened, ==, 0);
  g_assert_cmpuint (cache->n_invalidated, ==, n_invalidated + 2);
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Bilberry c:Cherry"), ==, 1);

  /* A write tries it again, and then facts will do. */
  write = patch (&f, "a", "name", "Apricot");
  settle ();
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
  tell (&f, stream, "b", "Blueberry");
  g_assert_cmpuint (reads (&f, NULL, "a:Apricot b:Blueberry c:Cherry"), ==, 0);
  g_assert_cmpuint (cache->n_opened, ==, 1);
  g_assert_cmpuint (cache->n_invalidated, ==, n_invalidated + 2);
}

/* Where nobody writes an event tries it again, after a while. */
static void
test_noted_again (void)
{
  g_autoptr (ProbeCache) cache = probe_cache_new ();
  g_autoptr (VlLiveStream) stream = NULL;
  g_auto (LiveFixture) f = fixture_new (&stream, VL_CACHE (cache), VL_INVALIDATION_SURGICAL);

  assert_shown (&f, NULL, "a:Apple b:Banana c:Cherry");
  cache->n_open_errors = 3;
  tell (&f, stream, "b", "Blueberry");
  settle ();
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Blueberry c:Cherry"), ==, 1);

  for (guint i = cache->n_open_errors; i > 0; i--)
    {
      cache->n_opened = 0;
      fake_clock_advance (29999);
      tell (&f, stream, "b", "Bilberry");
      settle ();
      g_assert_cmpuint (cache->n_opened, ==, 0);
      fake_clock_advance (1);
      tell (&f, stream, "b", "Blueberry");
      settle ();
      g_assert_cmpuint (cache->n_opened, ==, 1);
    }
  g_assert_cmpuint (cache->n_open_errors, ==, 0);
  take_warnings ();

  fake_clock_advance (30000);
  cache->n_opened = 0;
  cache->n_closed = 0;
  tell (&f, stream, "b", "Bilberry");
  settle ();
  g_assert_cmpuint (cache->n_opened, ==, 1);
  g_assert_cmpuint (cache->n_closed, ==, 1);
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Bilberry c:Cherry"), ==, 1);
  tell (&f, stream, "b", "Blueberry");
  settle ();
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Blueberry c:Cherry"), ==, 0);
  g_assert_cmpuint (cache->n_opened, ==, 2);
  g_assert_cmpuint (cache->n_closed, ==, 1);
}

/* Nor is what was written here laid over anything, when the cache could not note
 * that it would be. */
static void
test_unnoted_write (void)
{
  g_autoptr (VlLiveStream) stream = NULL;
  g_autoptr (ProbeCache) cache = probe_cache_new ();
  g_auto (LiveFixture) f = fixture_new (&stream, VL_CACHE (cache), VL_INVALIDATION_SURGICAL);
  g_autoptr (VlWrite) write = NULL;

  assert_shown (&f, NULL, "a:Apple b:Banana c:Cherry");
  cache->n_open_errors = 1;
  write = patch (&f, "b", "name", "Blueberry");
  settle ();
  g_assert_cmpint (take_warnings (), ==, 1);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
  g_assert_cmpuint (reads (&f, NULL, "a:Apple b:Blueberry c:Cherry"), ==, 1);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  g_log_set_handler ("vantage-live", G_LOG_LEVEL_WARNING, count_warning, NULL);
  fake_clock_begin ();
  fake_clock_advance (1000);
  g_test_add_func ("/live-marks/own-write", test_own_write);
  g_test_add_func ("/live-marks/own-write-without-memory", test_without_memory);
  g_test_add_func ("/live-marks/unsure", test_unsure);
  g_test_add_data_func ("/live-marks/unsure-until-one-is-applied", GINT_TO_POINTER (FALSE),
                        test_unsure_ends);
  g_test_add_data_func ("/live-marks/unsure-until-one-is-refused", GINT_TO_POINTER (TRUE),
                        test_unsure_ends);
  g_test_add_func ("/live-marks/unsure-to-the-end", test_unsure_to_the_end);
  g_test_add_func ("/live-marks/event", test_event);
  g_test_add_func ("/live-marks/closed", test_closed);
  g_test_add_func ("/live-marks/event-waits-for-none", test_behind);
  g_test_add_func ("/live-marks/no-mark-no-facts", test_unnoted);
  g_test_add_func ("/live-marks/tried-again-after-a-while", test_noted_again);
  g_test_add_func ("/live-marks/no-mark-no-facts-of-a-write", test_unnoted_write);
  result = g_test_run ();
  fake_clock_end ();

  return result;
}
