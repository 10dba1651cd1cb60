/* test-live-optimistic.c: writes are shown before the master has them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include <string.h>

#include "fake-clock.h"
#include "live-ask.h"
#include "live-fixture.h"
#include "shown-fixture.h"
#include "slow-cache.h"

/* Pages of two rows over a master that takes 100 ms, all of it cached. */
static LiveFixture
fixture_new (void)
{
  LiveFixture f = live_fixture_new (NULL);
  g_autoptr (VlPage) page = NULL;

  vl_live_table_set_optimistic (f.live, TRUE);
  vl_live_table_set_page_size (f.live, 2);
  page = live_fixture_list (&f, NULL);
  g_assert_nonnull (page);
  settle ();
  vl_fault_table_set_latency (f.master, 100);
  vl_fault_table_set_keep_order (f.master, FALSE);

  return f;
}

static void
refuse_next (LiveFixture *f)
{
  g_autoptr (GError) error = g_error_new_literal (VL_ERROR, VL_ERROR_REJECTED, "No");

  vl_fault_table_push_error (f->master, error);
}

/* The rows come with their names, in that order. */
static VlQuery *
by_name (void)
{
  g_autoptr (VlQuery) all = vl_query_new ();

  return vl_query_order_by (all, "name", FALSE);
}

static void
test_at_once (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlWrite) write = patch (&f, "b", "name", "Blueberry");
  g_autoptr (VlPage) page = vl_live_table_peek_page (f.live, NULL);
  g_autoptr (Ask) found = NULL;

  g_assert_true (vl_write_get_accepted (write));
  g_assert_nonnull (page);
  assert_page (page, "a:Apple b:Blueberry c:Cherry");
  g_assert_true (vl_page_get_has_pending (page));
  g_assert_false (vl_page_get_is_stale (page));
  g_assert_cmpint (vl_page_get_total (page), ==, 3);

  found = ask_find (f.live, "b");
  fake_clock_advance (100);
  g_assert_true (found->is_done);
  g_assert_cmpstr (vl_record_get_string (found->record, "name"), ==, "Blueberry");
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);

  assert_shown (&f, NULL, "a:Apple b:Blueberry c:Cherry");
  assert_pending (&f, NULL, FALSE);
}

/* Nobody knows yet what the table looks like. */
static void
test_before_the_schema (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (Ask) ask = NULL;

  vl_live_table_set_optimistic (f.live, TRUE);
  vl_fault_table_set_latency (f.master, 100);
  vl_fault_table_set_keep_order (f.master, FALSE);
  write = patch (&f, "b", "name", "Blueberry");
  ask = ask_list (f.live, NULL);
  fake_clock_advance (100);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_SENT);
  vl_fault_table_set_latency (f.master, 0);
  assert_shown (&f, NULL, "a:Apple b:Blueberry c:Cherry");
  fake_clock_advance (1000);
  assert_page (ask->page, "a:Apple b:Blueberry c:Cherry");
}

/* What the master refuses is taken back, and that is told. */
static void
test_taken_back (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlWrite) write = NULL;
  Changes changes = { 0 };

  watch_changes (f.live, &changes);
  refuse_next (&f);
  write = patch (&f, "b", "name", "Blueberry");
  settle ();
  g_assert_cmpuint (changes.n_emitted, ==, 1);
  assert_shown (&f, NULL, "a:Apple b:Blueberry c:Cherry");

  fake_clock_advance (100);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_FAILED);
  g_assert_cmpuint (changes.n_emitted, ==, 2);
  assert_shown (&f, NULL, "a:Apple b:Banana c:Cherry");
  assert_pending (&f, NULL, FALSE);
  vl_write_discard (write);
}

/* The first of two is refused: the second is as if it had been alone. */
static void
test_taken_back_under_another (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlWrite) first = NULL;
  g_autoptr (VlWrite) second = NULL;
  g_autoptr (Ask) found = NULL;

  refuse_next (&f);
  first = patch (&f, "b", "name", "Blueberry");
  second = patch (&f, "b", "price", "7");
  fake_clock_advance (100);
  g_assert_cmpint (vl_write_get_state (first), ==, VL_WRITE_STATE_FAILED);
  g_assert_cmpint (vl_write_get_state (second), ==, VL_WRITE_STATE_SENT);
  assert_shown (&f, NULL, "a:Apple b:Banana c:Cherry");
  found = ask_find (f.live, "b");
  fake_clock_advance (200);
  g_assert_cmpfloat (vl_record_get_double (found->record, "price"), ==, 7);
  vl_write_discard (first);
}

/* A refetch does not overwrite what is being written. */
static void
test_refresh_keeps_it (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (Ask) refreshed = NULL;

  vl_live_table_set_page_size (f.live, 10);
  vl_fault_table_set_latency (f.master, 300);
  write = patch (&f, "b", "name", "Blueberry");
  vl_fault_table_set_latency (f.master, 20);
  refreshed = ask_refresh (f.live, NULL);
  fake_clock_advance (60);
  g_assert_true (refreshed->is_done);
  assert_page (refreshed->page, "a:Apple b:Blueberry c:Cherry");
  g_assert_true (vl_page_get_has_pending (refreshed->page));
  fake_clock_advance (1000);
}

static char *renamed_from;
static char *renamed_to;
static guint n_renames;

static void
on_rename (VlLiveTable *live, VlLiveEvent *event, gpointer user_data)
{
  if (vl_live_event_get_renamed_from (event) == NULL)
    return;

  n_renames++;
  g_free (renamed_from);
  g_free (renamed_to);
  renamed_from = g_strdup (vl_live_event_get_renamed_from (event));
  renamed_to = g_strdup (vl_live_event_get_ids (event)[0]);
}

/* A new record has an id of ours until the master has given it one, and is
 * found by either afterwards. */
static void
test_new_record (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlQuery) query = by_name ();
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlWrite) edit = NULL;
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlRecord) shown = NULL;
  g_autoptr (VlRecord) found = NULL;
  g_autoptr (Ask) asked = NULL;
  const char *id;

  n_renames = 0;
  g_signal_connect (f.live, "changed", G_CALLBACK (on_rename), NULL);
  assert_shown (&f, query, "a:Apple b:Banana c:Cherry");
  write = insert (&f, NULL, "Beetroot");
  page = vl_live_table_peek_page (f.live, query);
  g_assert_nonnull (page);
  assert_page (page, "a:Apple b:Banana new:Beetroot c:Cherry");
  g_assert_cmpint (vl_page_get_total (page), ==, 4);

  shown = vl_page_get_record (page, 2);
  id = vl_record_get_id (shown);
  g_assert_true (g_str_has_prefix (id, "new:"));
  found = vl_live_table_peek_record (f.live, id);
  g_assert_true (vl_record_equal (found, shown));
  edit = patch (&f, id, "name", "Bean");
  g_clear_object (&page);
  page = vl_live_table_peek_page (f.live, query);
  assert_page (page, "a:Apple b:Banana new:Bean c:Cherry");

  fake_clock_advance (1000);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
  g_assert_cmpint (vl_write_get_state (edit), ==, VL_WRITE_STATE_APPLIED);
  g_assert_cmpuint (n_renames, ==, 1);
  g_assert_cmpstr (renamed_from, ==, id);
  g_assert_false (g_str_has_prefix (renamed_to, "new:"));

  asked = ask_find (f.live, id);
  fake_clock_advance (1000);
  g_assert_no_error (asked->error);
  g_assert_cmpstr (vl_record_get_id (asked->record), ==, renamed_to);
  g_assert_cmpstr (vl_record_get_string (asked->record, "name"), ==, "Bean");
}

/* Of new records that the master has got together each is told of by itself. */
static void
test_new_records (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  const char *names[] = { "Beetroot", "Cabbage", "Daikon" };
  g_autofree char *last = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (VlRecord) record = named (NULL, names[i]);
      g_autoptr (VlChange) change = vl_change_new_insert (record);

      g_list_store_append (changes, change);
      g_free (last);
      last = g_strconcat ("new:", vl_change_get_uid (change), NULL);
    }
  n_renames = 0;
  g_signal_connect (f.live, "changed", G_CALLBACK (on_rename), NULL);
  vl_table_apply_many_async (VL_TABLE (f.live), G_LIST_MODEL (changes), NULL, NULL, NULL);
  fake_clock_advance (1000);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 0);
  g_assert_cmpuint (n_renames, ==, G_N_ELEMENTS (names));
  g_assert_cmpstr (renamed_from, ==, last);
  g_assert_false (g_str_has_prefix (renamed_to, "new:"));
}

static void
test_new_record_refused (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlWrite) edit = NULL;
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlRecord) shown = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlQuery) query = by_name ();
  g_autoptr (Ask) asked = NULL;

  assert_shown (&f, query, "a:Apple b:Banana c:Cherry");
  refuse_next (&f);
  write = insert (&f, NULL, "Zucchini");
  page = vl_live_table_peek_page (f.live, query);
  assert_page (page, "a:Apple b:Banana c:Cherry new:Zucchini");
  shown = vl_page_get_record (page, 3);
  edit = patch (&f, vl_record_get_id (shown), "name", "Courgette");
  fake_clock_advance (1000);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_FAILED);
  error = vl_write_dup_error (edit);
  g_assert_error (error, VL_ERROR, VL_ERROR_NOT_FOUND);
  assert_shown (&f, query, "a:Apple b:Banana c:Cherry");
  asked = ask_find (f.live, vl_record_get_id (shown));
  fake_clock_advance (1000);
  g_assert_null (asked->record);
  g_assert_no_error (asked->error);
  vl_write_discard (write);
  vl_write_discard (edit);
}

/* The row turns up in a page before the master has said which it is. */
static void
test_one_row (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (Ask) early = NULL;
  g_autoptr (VlQuery) query = by_name ();

  /* The answer is late, the page that has the row is not. */
  vl_live_table_set_page_size (f.live, 10);
  vl_fault_table_set_latency (f.master, 300);
  write = insert (&f, NULL, "Beetroot");
  vl_fault_table_set_latency (f.master, 100);
  fake_clock_advance (100);
  live_fixture_put (&f, "z", "Zucchini", 1.0);
  early = ask_refresh (f.live, query);
  fake_clock_advance (150);
  g_assert_false (early->is_done);
  fake_clock_advance (100);
  g_assert_true (early->is_done);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
  g_assert_cmpuint (vl_page_get_n_records (early->page), ==, 5);
  g_assert_false (vl_page_get_has_pending (early->page));
}

/* Who else has heard of the new record tells of it before the master has said
 * that it is ours. */
static void
test_one_row_for_an_event (gconstpointer data)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlLiveStream) stream = vl_live_stream_new ();
  g_autoptr (VlQuery) query = by_name ();
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlPage) stored = NULL;
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (VlLiveEvent) bare = NULL;
  g_autoptr (VlLiveEvent) event = NULL;
  const char *ids[] = { NULL, NULL };
  Changes changes = { 0 };

  vl_live_table_set_invalidation (f.live, (VlInvalidation) GPOINTER_TO_INT (data));
  vl_live_table_add_stream (f.live, stream);
  settle ();
  assert_shown (&f, query, "a:Apple b:Banana c:Cherry");
  vl_fault_table_set_latency (f.master, 300);
  write = insert (&f, NULL, "Zucchini");
  fake_clock_advance (200);
  stored = vl_table_list_sync (VL_TABLE (f.memory), query, NULL, NULL);
  g_assert_cmpuint (vl_page_get_n_records (stored), ==, 4);
  record = vl_page_get_record (stored, 3);
  ids[0] = vl_record_get_id (record);
  bare = vl_live_event_new (VL_LIVE_EVENT_KIND_INSERTED, ids);
  event = vl_live_event_with_record (bare, record);

  watch_changes (f.live, &changes);
  vl_live_stream_push (stream, event);
  settle ();
  g_assert_cmpuint (changes.n_emitted, ==, 0);
  {
    g_autoptr (VlPage) page = vl_live_table_peek_page (f.live, query);

    g_assert_nonnull (page);
    assert_page (page, "a:Apple b:Banana c:Cherry new:Zucchini");
  }
  fake_clock_advance (100);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
  {
    g_autoptr (Ask) after = ask_list (f.live, query);

    fake_clock_advance (1000);
    g_assert_cmpuint (vl_page_get_n_records (after->page), ==, 4);
    g_assert_cmpstr (vl_page_get_record_id (after->page, 3), ==, ids[0]);
  }
}

/* But not longer than for the settle time. */
static void
test_held_for_a_time (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (Ask) early = NULL;

  vl_live_table_set_page_size (f.live, 10);
  vl_live_table_set_settle_time (f.live, 50);
  vl_fault_table_set_latency (f.master, 3000);
  write = insert (&f, NULL, "Beetroot");
  vl_fault_table_set_latency (f.master, 10);
  early = ask_refresh (f.live, NULL);
  fake_clock_advance (49);
  g_assert_false (early->is_done);
  fake_clock_advance (1);
  g_assert_true (early->is_done);
  fake_clock_advance (5000);
}

/* A deletion leaves no hole: the row of the next page comes up. */
static void
test_delete (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) first = vl_query_window (all, 0, 2);
  g_autoptr (VlQuery) second = vl_query_window (all, 2, 2);
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlPage) page = NULL;

  write = delete (&f, "a");
  page = vl_live_table_peek_page (f.live, first);
  g_assert_nonnull (page);
  assert_page (page, "b:Banana c:Cherry");
  g_assert_cmpint (vl_page_get_total (page), ==, 2);
  g_clear_object (&page);
  page = vl_live_table_peek_page (f.live, second);
  g_assert_nonnull (page);
  assert_page (page, "");
  fake_clock_advance (1000);
  assert_shown (&f, first, "b:Banana c:Cherry");
}

/* What does not meet the query any more stays until the master has it. */
static void
test_stays_in_place (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_where (all, "name", VL_OP_LT, g_variant_new_string ("C"));
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlPage) page = NULL;

  assert_shown (&f, query, "a:Apple b:Banana");
  write = patch (&f, "a", "name", "Zebra");
  page = vl_live_table_peek_page (f.live, query);
  assert_page (page, "a:Zebra b:Banana");
  g_assert_cmpint (vl_page_get_total (page), ==, 2);
  fake_clock_advance (1000);
  assert_shown (&f, query, "b:Banana");
}

static void
on_counted (GObject *table, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  *(gint64 *) user_data = vl_table_count_finish (VL_TABLE (table), result, &error);
  g_assert_no_error (error);
}

static void
test_count (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlWrite) first = NULL;
  g_autoptr (VlWrite) second = NULL;
  g_autoptr (VlWrite) third = NULL;
  gint64 count = -1;

  first = insert (&f, NULL, "Beetroot");
  second = insert (&f, "q", "Quince");
  third = delete (&f, "a");
  vl_fault_table_set_latency (f.master, 0);
  vl_table_count_async (VL_TABLE (f.live), NULL, NULL, on_counted, &count);
  fake_clock_advance (1000);
  g_assert_cmpint (count, ==, 4);
}

/* All rows go at once, and what is inserted behind that is there. */
static void
test_delete_all (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlChange) change = vl_change_new_delete_all (NULL);
  g_autoptr (VlWrite) write = vl_live_table_write (f.live, change);
  g_autoptr (VlWrite) after = NULL;
  g_autoptr (VlPage) page = vl_live_table_peek_page (f.live, NULL);

  assert_page (page, "");
  after = insert (&f, "q", "Quince");
  assert_shown (&f, NULL, "q:Quince");
  fake_clock_advance (1000);
  assert_shown (&f, NULL, "q:Quince");
}

/* The reads of before are shown it, too, as long as it is not refused. */
static void
test_read_before (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (Ask) early = NULL;
  g_autoptr (VlWrite) write = NULL;

  vl_live_table_invalidate (f.live);
  settle ();
  early = ask_find (f.live, "b");
  fake_clock_advance (50);
  vl_fault_table_set_latency (f.master, 10);
  write = patch (&f, "b", "name", "Blueberry");
  fake_clock_advance (100);
  g_assert_true (early->is_done);
  g_assert_cmpstr (vl_record_get_string (early->record, "name"), ==, "Blueberry");
}

/* Writes go to another table, which tells the master later. */
static void
test_write_target (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlSchema) schema = live_fixture_schema ();
  g_autoptr (VlMemoryTable) target = vl_memory_table_new (schema);
  g_autoptr (VlRecord) record = named ("b", "Banana");
  g_autoptr (VlRecord) kept = vl_table_insert_sync (VL_TABLE (target), record, NULL, NULL);
  g_autoptr (VlWrite) write = NULL;

  g_assert_nonnull (kept);
  vl_live_table_set_write_target (f.live, VL_TABLE (target));
  vl_fault_table_set_latency (f.master, 0);
  write = patch (&f, "b", "name", "Blueberry");
  fake_clock_advance (100);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
  assert_shown (&f, NULL, "a:Apple b:Blueberry c:Cherry");

  /* The master has it now, as somebody else has made it. */
  live_fixture_put (&f, "b", "Blueberry", 1.0);
  vl_live_table_invalidate (f.live);
  assert_shown (&f, NULL, "a:Apple b:Blueberry c:Cherry");
  live_fixture_put (&f, "b", "Blackberry", 1.0);
  vl_live_table_invalidate (f.live);
  assert_shown (&f, NULL, "a:Apple b:Blackberry c:Cherry");
  vl_live_table_set_write_target (f.live, NULL);
}

/* What was asked before it was written shows what it was then: should that be
 * the same, the master does not have the write for all that. */
static void
test_write_target_and_an_old_answer (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlSchema) schema = live_fixture_schema ();
  g_autoptr (VlMemoryTable) target = vl_memory_table_new (schema);
  g_autoptr (VlRecord) record = live_fixture_record ("b", "Banana", 0.5);
  g_autoptr (VlRecord) kept = vl_table_insert_sync (VL_TABLE (target), record, NULL, NULL);
  g_autoptr (Ask) early = NULL;
  g_autoptr (VlWrite) first = NULL;
  g_autoptr (VlWrite) second = NULL;

  g_assert_nonnull (kept);
  vl_live_table_set_write_target (f.live, VL_TABLE (target));
  vl_live_table_invalidate (f.live);
  early = ask_find (f.live, "b");
  fake_clock_advance (10);
  first = patch (&f, "b", "name", "Blueberry");
  second = patch (&f, "b", "name", "Banana");
  settle ();
  g_assert_cmpint (vl_write_get_state (second), ==, VL_WRITE_STATE_APPLIED);
  g_assert_false (early->is_done);
  fake_clock_advance (100);
  g_assert_true (early->is_done);

  /* The master has got as far as the first. */
  vl_fault_table_set_latency (f.master, 0);
  live_fixture_put (&f, "b", "Blueberry", 0.5);
  vl_live_table_invalidate (f.live);
  assert_shown (&f, NULL, "a:Apple b:Banana c:Cherry");
  vl_live_table_set_write_target (f.live, NULL);
}

/* A master that never shows it has the last word. */
/* Of two writes to a record the master shows the later one: the earlier is in that. */
static void
test_write_target_twice (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlSchema) schema = live_fixture_schema ();
  g_autoptr (VlMemoryTable) target = vl_memory_table_new (schema);
  g_autoptr (VlRecord) record = named ("b", "Banana");
  g_autoptr (VlRecord) kept = vl_table_insert_sync (VL_TABLE (target), record, NULL, NULL);
  g_autoptr (VlWrite) first = NULL;
  g_autoptr (VlWrite) second = NULL;

  g_assert_nonnull (kept);
  vl_live_table_set_write_target (f.live, VL_TABLE (target));
  vl_fault_table_set_latency (f.master, 0);
  first = patch (&f, "b", "name", "Blueberry");
  second = patch (&f, "b", "name", "Bilberry");
  fake_clock_advance (100);
  g_assert_cmpint (vl_write_get_state (second), ==, VL_WRITE_STATE_APPLIED);
  assert_shown (&f, NULL, "a:Apple b:Bilberry c:Cherry");

  live_fixture_put (&f, "b", "Bilberry", 1.0);
  vl_live_table_invalidate (f.live);
  assert_shown (&f, NULL, "a:Apple b:Bilberry c:Cherry");
  assert_shown (&f, NULL, "a:Apple b:Bilberry c:Cherry");
  vl_live_table_set_write_target (f.live, NULL);
}

static void
test_write_target_for_a_time (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlSchema) schema = live_fixture_schema ();
  g_autoptr (VlMemoryTable) target = vl_memory_table_new (schema);
  g_autoptr (VlWrite) write = NULL;
  Changes changes = { 0 };

  vl_live_table_set_optimistic (f.live, FALSE);
  vl_live_table_set_write_target (f.live, VL_TABLE (target));
  vl_fault_table_set_latency (f.master, 0);
  write = insert (&f, "q", "Quince");
  fake_clock_advance (100);
  assert_shown (&f, NULL, "a:Apple b:Banana c:Cherry q:Quince");
  watch_changes (f.live, &changes);
  fake_clock_advance (5000);
  g_assert_cmpuint (changes.n_emitted, ==, 1);
  assert_shown (&f, NULL, "a:Apple b:Banana c:Cherry");
  vl_live_table_set_write_target (f.live, NULL);
}

/* A page with rows that the master does not have is kept by no live table
 * above. */
static void
test_not_stored_above (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlLiveTable) above = vl_live_table_new (VL_TABLE (f.live), "above", NULL);
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (Ask) early = NULL;
  g_autoptr (Ask) late = NULL;

  refuse_next (&f);
  write = patch (&f, "b", "name", "Blueberry");
  early = ask_list (above, NULL);
  fake_clock_advance (50);
  g_assert_true (early->is_done);
  assert_page (early->page, "a:Apple b:Blueberry c:Cherry");
  fake_clock_advance (100);
  late = ask_list (above, NULL);
  fake_clock_advance (1000);
  assert_page (late->page, "a:Apple b:Banana c:Cherry");
  vl_write_discard (write);
}

/* Not even one that would take it: it is not given one. */
static void
test_not_stored_at_all (void)
{
  g_autoptr (SlowCache) cache = slow_cache_new ();
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlLiveTable) above = vl_live_table_new (VL_TABLE (f.live), "above", VL_CACHE (cache));
  g_autoptr (VlWrite) write = patch (&f, "b", "name", "Blueberry");
  g_autoptr (Ask) early = ask_list (above, NULL);

  fake_clock_advance (50);
  assert_page (early->page, "a:Apple b:Blueberry c:Cherry");
  g_assert_true (vl_page_get_has_pending (early->page));
  g_assert_null (strchr (slow_cache_get_log (cache), 's'));
  fake_clock_advance (1000);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
}

/* Nor is a record, or how many there are. */
static void
test_neither_record_nor_count (void)
{
  g_autoptr (SlowCache) cache = slow_cache_new ();
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlLiveTable) above = vl_live_table_new (VL_TABLE (f.live), "above", VL_CACHE (cache));
  g_autoptr (VlWrite) patched = NULL;
  g_autoptr (VlWrite) inserted = NULL;
  g_autoptr (Ask) found = NULL;
  g_autoptr (Ask) counted = NULL;

  found = ask_find (f.live, "b");
  counted = ask_count (f.live, NULL);
  fake_clock_advance (100);
  g_assert_true (found->is_done && counted->is_done);
  g_clear_pointer (&found, ask_free);
  g_clear_pointer (&counted, ask_free);

  patched = patch (&f, "b", "name", "Blueberry");
  inserted = insert (&f, "d", "Date");
  found = ask_find (above, "b");
  counted = ask_count (above, NULL);
  fake_clock_advance (50);
  g_assert_true (found->is_done && counted->is_done);
  g_assert_cmpstr (vl_record_get_string (found->record, "name"), ==, "Blueberry");
  g_assert_cmpint (counted->count, ==, 4);
  g_assert_null (strchr (slow_cache_get_log (cache), 's'));
  fake_clock_advance (1000);
  g_assert_cmpint (vl_write_get_state (inserted), ==, VL_WRITE_STATE_APPLIED);
}

/* And what the one below could only find in its cache is as old above. */
static void
test_stale_above (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlLiveTable) above = vl_live_table_new (VL_TABLE (f.live), "above", NULL);
  g_autoptr (Ask) known = ask_find (f.live, "b");
  g_autoptr (Ask) stale = NULL;
  g_autoptr (Ask) fresh = NULL;

  fake_clock_advance (100);
  g_assert_true (known->is_done);
  vl_live_table_invalidate (f.live);
  vl_fault_table_set_offline (f.master, TRUE);
  stale = ask_find (above, "b");
  fake_clock_advance (100);
  g_assert_true (stale->is_done);
  g_assert_cmpstr (vl_record_get_string (stale->record, "name"), ==, "Banana");

  live_fixture_put (&f, "b", "Blueberry", 1.0);
  vl_fault_table_set_offline (f.master, FALSE);
  fresh = ask_find (above, "b");
  fake_clock_advance (100);
  g_assert_true (fresh->is_done);
  g_assert_cmpstr (vl_record_get_string (fresh->record, "name"), ==, "Blueberry");
}

/* Nor is one that facts were laid over while a write was on its way. */
static void
test_not_repaired (void)
{
  g_autoptr (SlowCache) cache = slow_cache_new ();
  g_autoptr (VlLiveStream) stream = vl_live_stream_new ();
  g_auto (LiveFixture) f = live_fixture_new (VL_CACHE (cache));
  g_autoptr (VlRecord) record = named ("b", "Blueberry");
  g_autoptr (VlLiveEvent) event = vl_live_event_new_updated ("b", record);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_window (all, 0, 10);
  g_autoptr (VlWrite) write = NULL;

  vl_live_table_set_page_size (f.live, 10);
  vl_live_table_set_optimistic (f.live, TRUE);
  vl_live_table_set_invalidation (f.live, VL_INVALIDATION_SURGICAL);
  vl_live_table_add_stream (f.live, stream);
  assert_shown (&f, query, "a:Apple b:Banana c:Cherry");
  vl_fault_table_set_latency (f.master, 100);
  refuse_next (&f);
  write = patch (&f, "a", "name", "Apricot");
  live_fixture_put (&f, "b", "Blueberry", 1.0);
  vl_live_stream_push (stream, event);
  settle ();
  slow_cache_forget_log (cache);
  slow_cache_hold (cache, "l");
  assert_shown (&f, query, "a:Apricot b:Blueberry c:Cherry");
  fake_clock_advance (100);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_FAILED);
  slow_cache_hold (cache, "");
  slow_cache_release (cache);
  settle ();
  g_assert_null (strchr (slow_cache_get_log (cache), 's'));
  assert_shown (&f, query, "a:Apple b:Blueberry c:Cherry");
  vl_write_discard (write);
}

/* A live table whose writes go elsewhere by the time one is answered. */
static void
test_renamed_meanwhile (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlFaultTable) other = vl_fault_table_new (VL_TABLE (f.memory));
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (Ask) found = NULL;
  g_autofree char *id = NULL;

  vl_live_table_set_optimistic (f.live, FALSE);
  write = insert (&f, NULL, "Date");
  id = g_strconcat ("new:", vl_change_get_uid (vl_write_get_change (write)), NULL);
  fake_clock_advance (50);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_SENT);
  vl_live_table_set_write_target (f.live, VL_TABLE (other));
  fake_clock_advance (1000);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
  found = ask_find (f.live, id);
  fake_clock_advance (1000);
  g_assert_no_error (found->error);
  g_assert_nonnull (found->record);
  g_assert_cmpstr (vl_record_get_string (found->record, "name"), ==, "Date");
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  fake_clock_advance (1000);
  g_test_add_func ("/live-optimistic/is-shown-at-once", test_at_once);
  g_test_add_func ("/live-optimistic/before-the-schema", test_before_the_schema);
  g_test_add_func ("/live-optimistic/refused-is-taken-back", test_taken_back);
  g_test_add_func ("/live-optimistic/refused-under-another", test_taken_back_under_another);
  g_test_add_func ("/live-optimistic/refresh-keeps-it", test_refresh_keeps_it);
  g_test_add_func ("/live-optimistic/new-record", test_new_record);
  g_test_add_func ("/live-optimistic/new-records-together", test_new_records);
  g_test_add_func ("/live-optimistic/new-record-is-refused", test_new_record_refused);
  g_test_add_func ("/live-optimistic/one-row-for-a-new-record", test_one_row);
  g_test_add_func ("/live-optimistic/rows-are-held-for-a-time", test_held_for_a_time);
  g_test_add_func ("/live-optimistic/deletion-leaves-no-hole", test_delete);
  g_test_add_func ("/live-optimistic/row-stays-in-place", test_stays_in_place);
  g_test_add_func ("/live-optimistic/count", test_count);
  g_test_add_func ("/live-optimistic/delete-all", test_delete_all);
  g_test_add_func ("/live-optimistic/reads-of-before", test_read_before);
  g_test_add_func ("/live-optimistic/write-target", test_write_target);
  g_test_add_func ("/live-optimistic/write-target-is-written-to-twice", test_write_target_twice);
  g_test_add_func ("/live-optimistic/write-target-for-a-time", test_write_target_for_a_time);
  g_test_add_data_func ("/live-optimistic/one-row-for-an-event/sloppy",
                        GINT_TO_POINTER (VL_INVALIDATION_SLOPPY), test_one_row_for_an_event);
  g_test_add_data_func ("/live-optimistic/one-row-for-an-event/surgical",
                        GINT_TO_POINTER (VL_INVALIDATION_SURGICAL), test_one_row_for_an_event);
  g_test_add_func ("/live-optimistic/write-target-and-an-old-answer",
                   test_write_target_and_an_old_answer);
  g_test_add_func ("/live-optimistic/not-stored-at-all", test_not_stored_at_all);
  g_test_add_func ("/live-optimistic/stale-below-is-stale-above", test_stale_above);
  g_test_add_func ("/live-optimistic/neither-record-nor-count-stored",
                   test_neither_record_nor_count);
  g_test_add_func ("/live-optimistic/not-stored-above", test_not_stored_above);
  g_test_add_func ("/live-optimistic/not-repaired-while-pending", test_not_repaired);
  g_test_add_func ("/live-optimistic/renamed-whoever-is-written-to", test_renamed_meanwhile);
  result = g_test_run ();
  fake_clock_end ();
  g_free (renamed_from);
  g_free (renamed_to);

  return result;
}
