/* position-fixture.h: a program that runs again and again over one cache
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

#include "live-ask.h"
#include "live-fixture.h"
#include "probe-table.h"

/* A stream with a source that the test speaks for. */
#define TEST_TYPE_STREAM (test_stream_get_type ())
G_DECLARE_FINAL_TYPE (TestStream, test_stream, TEST, STREAM, VlLiveStream)

struct _TestStream
{
  VlLiveStream parent_instance;

  guint n_starts;
};

G_DEFINE_FINAL_TYPE (TestStream, test_stream, VL_TYPE_LIVE_STREAM)

static void
test_stream_start (VlLiveStream *stream)
{
  TEST_STREAM (stream)->n_starts++;
}

static void
test_stream_class_init (TestStreamClass *klass)
{
  VL_LIVE_STREAM_CLASS (klass)->start = test_stream_start;
}

static void
test_stream_init (TestStream *self)
{
}

/* One whose positions are another source's. */
#define OTHER_TYPE_STREAM (other_stream_get_type ())
G_DECLARE_FINAL_TYPE (OtherStream, other_stream, OTHER, STREAM, VlLiveStream)

struct _OtherStream
{
  VlLiveStream parent_instance;
};

G_DEFINE_FINAL_TYPE (OtherStream, other_stream, VL_TYPE_LIVE_STREAM)

static void
other_stream_start (VlLiveStream *stream)
{
}

static void
other_stream_class_init (OtherStreamClass *klass)
{
  VL_LIVE_STREAM_CLASS (klass)->start = other_stream_start;
}

static void
other_stream_init (OtherStream *self)
{
}

/* A run of the program: all but the rows and the cache is made anew. */
typedef struct
{
  VlMemoryTable *rows;
  VlCache *cache;

  VlLiveStream *stream;
  ProbeTable *master;
  VlLiveTable *live;
  Changes changes;
} Run;

static inline void
run_turns (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static inline VlLiveTable *
live_new (Run *run, const char *key)
{
  return vl_live_table_new (VL_TABLE (run->master), key, run->cache);
}

/* Nothing has come of it yet. */
static inline void
run_begin_early (Run *run, GType stream_type)
{
  run->stream = g_object_new (stream_type, NULL);
  run->master = probe_table_new (VL_TABLE (run->rows));
  run->master->identity = g_strdup ("shop");
  run->master->stream = g_object_ref (run->stream);
  run->live = live_new (run, "products");
  run->changes = (Changes){ 0 };
  watch_changes (run->live, &run->changes);
}

static inline void
run_begin_with (Run *run, GType stream_type)
{
  run_begin_early (run, stream_type);
  run_turns ();
}

static inline void
run_end (Run *run)
{
  g_clear_object (&run->live);
  run_turns ();
  g_assert_finalize_object (run->master);
  run->master = NULL;
  g_assert_finalize_object (run->stream);
  run->stream = NULL;
}

static inline void
run_again (Run *run)
{
  run_end (run);
  run_begin_with (run, TEST_TYPE_STREAM);
}

/* The second run, over a cache that the first one has left, which was at
 * position 1. */
static inline void
run_init_with_cache (Run *run, VlCache *cache)
{
  g_autoptr (VlSchema) schema = live_fixture_schema ();
  LiveFixture part = { 0 };
  g_autoptr (VlPage) page = NULL;

  run->rows = part.memory = vl_memory_table_new (schema);
  live_fixture_put (&part, "a", "Apple", 1.5);
  live_fixture_put (&part, "b", "Banana", 0.5);
  run->cache = g_object_ref (cache);
  run_begin_with (run, TEST_TYPE_STREAM);
  vl_live_stream_report_live_at (run->stream, "1");
  page = live_fixture_list (&(LiveFixture){ .live = run->live }, NULL);
  run_turns ();
  run_again (run);
}

static inline void
run_init (Run *run)
{
  g_autoptr (VlCache) cache = VL_CACHE (vl_memory_cache_new (0));

  run_init_with_cache (run, cache);
}

static inline void
run_clear (Run *run)
{
  run_end (run);
  g_assert_finalize_object (run->rows);
  g_assert_finalize_object (run->cache);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static inline guint64
n_fetches (Run *run)
{
  return vl_live_stats_get_fetches (vl_live_table_get_stats (run->live));
}

/* Puts a row into the master while nobody listens. */
static inline void
put (Run *run, const char *id, const char *name)
{
  live_fixture_put (&(LiveFixture){ .memory = run->rows }, id, name, 1.0);
}

static inline VlPage *
list (Run *run)
{
  return live_fixture_list (&(LiveFixture){ .live = run->live }, NULL);
}

#define assert_list(run, ids, cached, stale)  \
 G_STMT_START                                 \
 {                                            \
  g_autoptr (VlPage) listed_ = list (run);    \
  assert_ids (listed_, ids);                  \
  assert_origin (listed_, (cached), (stale)); \
 }                                            \
 G_STMT_END
