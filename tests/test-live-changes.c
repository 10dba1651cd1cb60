/* test-live-changes.c: how a live table hears of changes, and tells of them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "write-fixture.h"

static void
push (VlLiveStream *stream, VlLiveEvent *event)
{
  vl_live_stream_push (stream, event);
  g_object_unref (event);
}

static void
push_deleted (VlLiveStream *stream, const char *id)
{
  push (stream, vl_live_event_new_deleted (id));
}

/* A stream that the live table listens to. Becoming live is news itself, which
 * is over and done with when this returns. */
static VlLiveStream *
attach_stream (WriteFixture *f)
{
  VlLiveStream *stream = vl_live_stream_new ();

  vl_live_table_add_stream (f->live, stream);
  run_turns ();

  return stream;
}

static VlLiveTable *
view_above (VlLiveTable *below)
{
  return vl_live_table_new (VL_TABLE (below), "above", NULL);
}

static VlPage *
list (VlLiveTable *live)
{
  g_autoptr (GError) error = NULL;
  VlPage *page = vl_table_list_sync (VL_TABLE (live), NULL, NULL, &error);

  g_assert_no_error (error);

  return page;
}

static gboolean
has_fresh_page (VlLiveTable *live)
{
  g_autoptr (VlPage) page = vl_live_table_peek_page (live, NULL);

  return page != NULL && !vl_page_get_is_stale (page);
}

/* Events. */

static void
check_event (WriteFixture *f, VlLiveStream *stream, VlLiveEvent *event, const char *expected)
{
  g_autoptr (GString) heard = g_string_new (NULL);
  gulong handler = g_signal_connect (f->live, "changed", G_CALLBACK (write_down_change), heard);

  read_all (f);
  assert_all_hits (f);
  push (stream, event);
  assert_all_misses (f);
  run_turns ();
  assert_told (heard, expected);
  g_signal_handler_disconnect (f->live, handler);
}

static void
test_each_kind (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlLiveStream) stream = attach_stream (&f);
  g_autoptr (VlRecord) record = live_fixture_record ("a", "Apple", 2.0);
  const char *const ids[] = { "a", "b", NULL };
  guint64 n_events = vl_live_stats_get_events (vl_live_table_get_stats (f.live));

  check_event (&f, stream, vl_live_event_new_changed (), "changed by stream: ?");
  check_event (&f, stream, vl_live_event_new_inserted (record), "inserted by stream: a");
  check_event (&f, stream, vl_live_event_new_updated ("a", record), "updated by stream: a");
  check_event (&f, stream, vl_live_event_new_updated ("a", NULL), "updated by stream: a");
  check_event (&f, stream, vl_live_event_new_deleted ("b"), "deleted by stream: b");
  check_event (&f, stream, vl_live_event_new (VL_LIVE_EVENT_KIND_DELETED, ids),
               "deleted by stream: a b");
  g_assert_cmpuint (vl_live_stats_get_events (vl_live_table_get_stats (f.live)), ==, n_events + 6);
  vl_live_table_remove_stream (f.live, stream);
}

static void
test_merged (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlLiveStream) stream = attach_stream (&f);
  g_autoptr (GString) heard = g_string_new (NULL);

  listen_to_changes (f.live, heard);
  push_deleted (stream, "a");
  push_deleted (stream, "b");
  push_deleted (stream, "a");
  assert_told (heard, "");
  run_turns ();
  assert_told (heard, "deleted by stream: a b");

  push_deleted (stream, "a");
  push (stream, vl_live_event_new_updated ("b", NULL));
  run_turns ();
  assert_told (heard, "changed by stream: a b");

  push_deleted (stream, "a");
  push (stream, vl_live_event_new_changed ());
  run_turns ();
  assert_told (heard, "changed by stream: ?");

  push_deleted (stream, "a");
  vl_live_table_invalidate (f.live);
  run_turns ();
  assert_told (heard, "changed by other: ?");
  vl_live_table_remove_stream (f.live, stream);
}

static void
count_ids (VlLiveTable *live, VlLiveEvent *event, int *n_ids)
{
  const char *const *ids = vl_live_event_get_ids (event);

  *n_ids = ids != NULL ? (int) g_strv_length ((char **) ids) : -1;
}

static void
test_many_ids (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlLiveStream) stream = attach_stream (&f);
  int n_ids = 0;

  g_signal_connect (f.live, "changed", G_CALLBACK (count_ids), &n_ids);
  for (guint round = 256; round <= 257; round++)
    {
      for (guint i = 0; i < round; i++)
        {
          g_autofree char *id = g_strdup_printf ("%u", i);

          push_deleted (stream, id);
        }
      run_turns ();
      g_assert_cmpint (n_ids, ==, round == 256 ? 256 : -1);
    }
  vl_live_table_remove_stream (f.live, stream);
}

/* Heard before the push returns. */

static void
test_push_then_list (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlLiveStream) stream = attach_stream (&f);

  read_all (&f);
  g_assert_true (has_fresh_page (f.live));
  push_deleted (stream, "x");
  g_assert_false (has_fresh_page (f.live));
  assert_all_misses (&f);
  assert_all_hits (&f);
  vl_live_table_remove_stream (f.live, stream);
}

static gpointer
push_there (gpointer data)
{
  push_deleted (data, "x");

  return NULL;
}

static void
test_push_from_thread_then_list (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlLiveStream) stream = attach_stream (&f);

  read_all (&f);
  g_thread_join (g_thread_new ("push", push_there, stream));
  g_assert_false (has_fresh_page (f.live));
  assert_all_misses (&f);
  assert_all_hits (&f);
  vl_live_table_remove_stream (f.live, stream);
}

static gpointer
invalidate_there (gpointer data)
{
  vl_live_table_invalidate (data);

  return NULL;
}

static void
test_invalidate (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GString) heard = g_string_new (NULL);

  listen_to_changes (f.live, heard);
  read_all (&f);
  vl_live_table_invalidate (f.live);
  assert_all_misses (&f);
  run_turns ();
  assert_told (heard, "changed by other: ?");

  g_thread_join (g_thread_new ("invalidate", invalidate_there, f.live));
  assert_all_misses (&f);
  run_turns ();
  assert_told (heard, "changed by other: ?");
  assert_all_hits (&f);
}

/* Own writes. */

static void
note_record (VlLiveTable *live, VlLiveEvent *event, VlRecord **record)
{
  g_set_object (record, vl_live_event_get_record (event));
}

static void
test_own_writes (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GString) heard = g_string_new (NULL);
  g_autoptr (VlChange) insert = insert_change ("d");
  g_autoptr (VlRecord) whole = live_fixture_record ("d", "Date", 1.0);
  g_autoptr (VlChange) replace = vl_change_new_replace (whole);
  g_autoptr (VlChange) patch = patch_change ("d", 3.0);
  g_autoptr (VlChange) deletion = vl_change_new_delete ("d");
  g_autoptr (VlChange) delete_all = vl_change_new_delete_all (NULL);
  VlChange *changes[] = { insert, replace, patch, deletion, delete_all };
  const char *const expected[] = { "inserted by write: d", "changed by write: d",
                                   "updated by write: d", "deleted by write: d",
                                   "deleted by write: ?" };
  g_autoptr (VlRecord) record = NULL;

  listen_to_changes (f.live, heard);
  g_signal_connect (f.live, "changed", G_CALLBACK (note_record), &record);
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (VlWrite) write = vl_live_table_write (f.live, changes[i]);

      run_turns ();
      g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
      assert_told (heard, expected[i]);
      g_assert_cmpint (record != NULL, ==, i < 3);
      if (i == 2)
        g_assert_cmpstr (vl_record_get_string (record, "name"), ==, "Date");
    }
}

/* Everything has happened when `changed` tells of it. */
static void
read_in_handler (VlLiveTable *live, VlLiveEvent *event, guint *n_records)
{
  g_autoptr (VlPage) page = list (live);

  *n_records = vl_page_get_n_records (page);
}

static void
test_read_in_handler (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlChange) insert = insert_change ("d");
  g_autoptr (VlWrite) write = NULL;
  guint n_records = 0;

  read_all (&f);
  g_signal_connect (f.live, "changed", G_CALLBACK (read_in_handler), &n_records);
  write = vl_live_table_write (f.live, insert);
  run_turns ();
  g_assert_cmpuint (n_records, ==, 4);
}

/* Live tables that share a core: each tells once. */
static void
test_two_shells (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GString) first = g_string_new (NULL);
  g_autoptr (GString) second = g_string_new (NULL);
  g_autoptr (VlLiveStream) stream = attach_stream (&f);
  VlLiveTable *twin = g_object_new (VL_TYPE_LIVE_TABLE, "master", f.master, "cache-key", "products",
                                    "cache", f.cache, "follow-master", FALSE, NULL);
  guint64 n_events;

  vl_live_table_add_stream (twin, stream);
  run_turns ();
  listen_to_changes (f.live, first);
  listen_to_changes (twin, second);
  n_events = vl_live_stats_get_events (vl_live_table_get_stats (f.live));
  push_deleted (stream, "x");
  run_turns ();
  assert_told (first, "deleted by stream: x");
  assert_told (second, "deleted by stream: x");
  g_assert_cmpuint (vl_live_stats_get_events (vl_live_table_get_stats (f.live)), ==, n_events + 1);
  g_assert_true (vl_live_table_get_writes (f.live) == vl_live_table_get_writes (twin));
  g_assert_finalize_object (twin);

  push_deleted (stream, "y");
  run_turns ();
  assert_told (first, "deleted by stream: y");
  assert_told (second, "");
  vl_live_table_remove_stream (f.live, stream);
}

/* Streams come and go. */

static void
test_remove_stream (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  VlLiveStream *stream = attach_stream (&f);
  VlLiveStream *other = attach_stream (&f);

  read_all (&f);
  vl_live_table_remove_stream (f.live, stream);
  push_deleted (stream, "x");
  assert_all_hits (&f);
  push_deleted (other, "x");
  assert_all_misses (&f);

  run_turns ();
  g_assert_cmpint (vl_live_stream_get_state (stream), ==, VL_LIVE_STREAM_STATE_STOPPED);
  g_assert_finalize_object (stream);
  vl_live_table_remove_stream (f.live, other);
  run_turns ();
  g_assert_finalize_object (other);
}

/* What the master is told by somebody else. */
static void
change_behind (WriteFixture *f, const char *id)
{
  live_fixture_put (&(LiveFixture){ .memory = f->memory }, id, "elsewhere", 1.0);
}

static void
test_follow_master (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GString) heard = g_string_new (NULL);

  /* It was made not to follow, and has never listened. */
  listen_to_changes (f.live, heard);
  run_turns ();
  assert_told (heard, "");
  g_assert_false (vl_live_table_get_follow_master (f.live));
  read_all (&f);
  change_behind (&f, "d");
  assert_all_hits (&f);

  vl_live_table_set_follow_master (f.live, TRUE);
  run_turns ();
  assert_told (heard, "changed by stream: ?");
  assert_all_misses (&f);
  change_behind (&f, "e");
  assert_all_misses (&f);
  run_turns ();
  assert_told (heard, "inserted by stream: e");

  vl_live_table_set_follow_master (f.live, FALSE);
  change_behind (&f, "f");
  assert_all_hits (&f);
  run_turns ();
  assert_told (heard, "");
}

static void
test_follows_by_itself (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GString) heard = g_string_new (NULL);

  g_assert_finalize_object (g_steal_pointer (&f.live));
  f.live = vl_live_table_new (VL_TABLE (f.master), "products", VL_CACHE (f.cache));
  g_assert_true (vl_live_table_get_follow_master (f.live));
  run_turns ();
  listen_to_changes (f.live, heard);
  read_all (&f);
  change_behind (&f, "d");
  assert_all_misses (&f);
  run_turns ();
  assert_told (heard, "inserted by stream: d");
}

/* One above another. */

static void
test_above_hears (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlLiveStream) stream = attach_stream (&f);
  g_autoptr (GString) heard = g_string_new (NULL);
  VlLiveTable *above = view_above (f.live);
  g_autoptr (VlPage) before = NULL;
  g_autoptr (VlPage) after = NULL;

  run_turns ();
  listen_to_changes (above, heard);
  before = list (above);
  g_assert_true (has_fresh_page (above));

  change_behind (&f, "d");
  push_deleted (stream, "x");
  g_assert_false (has_fresh_page (above));
  after = list (above);
  g_assert_cmpuint (vl_page_get_n_records (after), ==, 4);
  run_turns ();
  assert_told (heard, "deleted by stream: x");

  g_assert_finalize_object (above);
  vl_live_table_remove_stream (f.live, stream);
}

static void
test_above_hears_of_invalidate (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  VlLiveTable *above = view_above (f.live);
  g_autoptr (VlPage) before = NULL;

  run_turns ();
  before = list (above);
  vl_live_table_invalidate (f.live);
  g_assert_false (has_fresh_page (above));
  g_assert_finalize_object (above);
}

static void
test_above_reads_what_is_written_below (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  VlLiveTable *above = view_above (f.live);
  g_auto (Answer) answer = { 0 };
  g_autoptr (VlPage) before = NULL;
  g_autoptr (VlPage) after = NULL;

  run_turns ();
  before = list (above);
  begin_insert (&f, "d", NULL, &answer);
  assert_inserted (&f, &answer, "d");
  g_assert_false (has_fresh_page (above));
  after = list (above);
  g_assert_cmpuint (vl_page_get_n_records (after), ==, 4);
  g_assert_finalize_object (above);
}

static void
test_above_writes_through (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  VlLiveTable *above = view_above (f.live);
  g_autoptr (VlRecord) record = live_fixture_record ("d", "Date", 1.0);
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (VlPage) before = NULL;
  g_autoptr (VlPage) after = NULL;
  g_autoptr (GError) error = NULL;

  before = list (above);
  read_all (&f);
  stored = vl_table_insert_sync (VL_TABLE (above), record, NULL, &error);
  g_assert_no_error (error);
  probe_table_assert_trace (f.master, "insert d");
  g_assert_false (has_fresh_page (f.live));
  g_assert_false (has_fresh_page (above));
  after = list (above);
  g_assert_cmpuint (vl_page_get_n_records (after), ==, 4);
  g_assert_finalize_object (above);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define CHANGES "/live-table/changes/"
  g_test_add_func (CHANGES "each-kind-of-event-invalidates-and-is-told", test_each_kind);
  g_test_add_func (CHANGES "merged-within-a-turn", test_merged);
  g_test_add_func (CHANGES "more-than-256-ids-are-not-listed", test_many_ids);
  g_test_add_func (CHANGES "push-then-list-in-one-turn-misses", test_push_then_list);
  g_test_add_func (CHANGES "push-from-a-thread-then-list-misses", test_push_from_thread_then_list);
  g_test_add_func (CHANGES "invalidate-then-list-misses", test_invalidate);
  g_test_add_func (CHANGES "own-writes-are-told", test_own_writes);
  g_test_add_func (CHANGES "handler-reads-what-was-written", test_read_in_handler);
  g_test_add_func (CHANGES "live-tables-that-share-tell-once-each", test_two_shells);
  g_test_add_func (CHANGES "removed-stream-is-not-heard", test_remove_stream);
  g_test_add_func (CHANGES "follow-master-on-and-off", test_follow_master);
  g_test_add_func (CHANGES "follow-master-is-the-default", test_follows_by_itself);
  g_test_add_func (CHANGES "push-below-then-list-above-misses", test_above_hears);
  g_test_add_func (CHANGES "invalidate-below-then-list-above-misses",
                   test_above_hears_of_invalidate);
  g_test_add_func (CHANGES "written-below-is-read-above", test_above_reads_what_is_written_below);
  g_test_add_func (CHANGES "written-above-is-read-below-and-above", test_above_writes_through);
#undef CHANGES

  return g_test_run ();
}
