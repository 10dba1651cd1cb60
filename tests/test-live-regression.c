/* test-live-regression.c: interleavings of a live table that went wrong once
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "live-fixture.h"
#include "live-hold.h"
#include "vantage-live/table/vl-schema-private.h"

/* A live table over a table and a cache that answer when they are told to. */
typedef struct
{
  VlMemoryTable *memory;
  HoldTable *master;
  HoldCache *cache;
  VlLiveTable *live;
} Fixture;

static Fixture
fixture_new (void)
{
  g_autoptr (VlSchema) schema = live_fixture_schema ();
  Fixture f = { 0 };
  LiveFixture put = { 0 };

  f.memory = put.memory = vl_memory_table_new (schema);
  live_fixture_put (&put, "a", "Apple", 1.5);
  live_fixture_put (&put, "b", "Banana", 0.5);
  live_fixture_put (&put, "c", "Cherry", 4.0);
  f.master = hold_table_new (VL_TABLE (f.memory));
  f.cache = hold_cache_new ();
  f.live = g_object_new (VL_TYPE_LIVE_TABLE, "master", f.master, "cache-key", "products", "cache",
                         f.cache, "follow-master", FALSE, NULL);

  return f;
}

static void
turn (void)
{
  for (guint i = 0; i < 20; i++)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
}

static void
fixture_clear (Fixture *f)
{
  memset (f->cache->holds, 0, sizeof f->cache->holds);
  memset (f->master->holds, 0, sizeof f->master->holds);
  do
    turn ();
  while (hold_cache_release (f->cache) + hold_table_release (f->master) > 0);
  if (f->live != NULL)
    g_assert_finalize_object (f->live);
  turn ();
  g_assert_finalize_object (f->master);
  g_assert_finalize_object (f->cache);
  g_assert_finalize_object (f->memory);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static void
put (Fixture *f, const char *id, const char *name)
{
  LiveFixture fixture = { .memory = f->memory };

  live_fixture_put (&fixture, id, name, 1);
}

/* What a call ended with. */
typedef struct
{
  GAsyncResult *result;
} Waiting;

static void
waiting_clear (Waiting *waiting)
{
  g_clear_object (&waiting->result);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Waiting, waiting_clear)

static void
take_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Waiting *waiting = user_data;

  g_assert_null (waiting->result);
  waiting->result = g_object_ref (result);
}

static VlPage *
finish_list (Fixture *f, Waiting *waiting)
{
  g_autoptr (GError) error = NULL;
  VlPage *page;

  g_assert_nonnull (waiting->result);
  page = vl_table_list_finish (VL_TABLE (f->live), waiting->result, &error);
  g_assert_no_error (error);
  g_assert_nonnull (page);

  return page;
}

static void
assert_name (VlPage *page, guint position, const char *name)
{
  g_autoptr (VlRecord) record = vl_page_get_record (page, position);

  g_assert_cmpstr (vl_record_get_string (record, "name"), ==, name);
}

/* Windows */

static void
test_last_offset (void)
{
  g_auto (Fixture) f = fixture_new ();
  const guint64 offsets[] = { G_MAXUINT64, G_MAXUINT64 - 5, G_MAXUINT64 - 1000, G_MAXINT64 };

  for (guint i = 0; i < G_N_ELEMENTS (offsets); i++)
    {
      for (guint limit = 0; limit < 300; limit += 100)
        {
          g_autoptr (VlQuery) all = vl_query_new ();
          g_autoptr (VlQuery) query = vl_query_window (all, offsets[i], limit);
          g_autoptr (GError) error = NULL;
          g_autoptr (VlPage) page = vl_table_list_sync (VL_TABLE (f.live), query, NULL, &error);

          g_assert_no_error (error);
          g_assert_cmpuint (vl_page_get_n_records (page), ==, 0);
        }
    }
}

/* The gate */

static void
test_busy_stream (void)
{
  g_auto (Fixture) f = fixture_new ();
  g_auto (Waiting) waiting = { 0 };
  g_autoptr (VlPage) page = NULL;

  turn ();
  f.cache->holds[HOLD_INVALIDATE] = TRUE;
  vl_live_table_invalidate (f.live);
  turn ();
  vl_table_list_async (VL_TABLE (f.live), NULL, NULL, take_result, &waiting);
  for (guint i = 0; i < 10 && waiting.result == NULL; i++)
    {
      vl_live_table_invalidate (f.live);
      turn ();
      g_assert_cmpuint (hold_cache_release (f.cache), ==, 1);
      turn ();
    }

  page = finish_list (&f, &waiting);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, 3);
}

static void
test_cache_that_hangs (void)
{
  g_auto (Fixture) f = fixture_new ();
  g_auto (Waiting) listing = { 0 };
  g_auto (Waiting) writing = { 0 };
  g_autoptr (VlRecord) record = live_fixture_record ("d", "Date", 1);
  g_autoptr (VlPage) page = NULL;

  turn ();
  f.cache->holds[HOLD_INVALIDATE] = TRUE;
  vl_live_table_invalidate (f.live);
  turn ();
  g_test_expect_message ("vantage-live", G_LOG_LEVEL_WARNING, "*could not be invalidated*");
  g_assert_cmpuint (hold_cache_fail (f.cache), ==, 1);
  turn ();
  g_test_assert_expected_messages ();

  /* The next attempt is not answered at all. */
  vl_live_table_invalidate (f.live);
  turn ();
  g_assert_cmpuint (f.cache->held.length, ==, 1);
  vl_table_replace_async (VL_TABLE (f.live), record, NULL, take_result, &writing);
  turn ();
  g_assert_nonnull (writing.result);
  vl_table_list_async (VL_TABLE (f.live), NULL, NULL, take_result, &listing);
  turn ();
  page = finish_list (&f, &listing);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, 4);
  g_assert_cmpuint (f.cache->n_calls[HOLD_STORE], <=, 1);

  /* It is: then one more has to be, for what was wanted meanwhile. */
  g_assert_cmpuint (hold_cache_release (f.cache), ==, 1);
  turn ();
  g_assert_cmpuint (hold_cache_release (f.cache), ==, 1);
}

static void
test_clear_while_fetching (void)
{
  g_auto (Fixture) f = fixture_new ();
  g_auto (Waiting) waiting = { 0 };
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlPage) none = NULL;
  g_autoptr (GError) error = NULL;

  turn ();
  f.master->holds[HOLD_LIST] = TRUE;
  vl_table_list_async (VL_TABLE (f.live), NULL, NULL, take_result, &waiting);
  turn ();
  vl_live_table_clear (f.live);
  g_assert_cmpuint (hold_table_release (f.master), ==, 1);
  turn ();
  page = finish_list (&f, &waiting);
  g_assert_true (vl_page_get_is_stale (page));

  /* What was read before it is not put back. */
  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_CACHE_ONLY);
  none = vl_table_list_sync (VL_TABLE (f.live), NULL, NULL, &error);
  g_assert_error (error, VL_ERROR, VL_ERROR_NOT_FOUND);
  g_assert_null (none);
}

/* Fetches */

/* Who wants the master asked is not served what it said before. */
static void
test_refresh_while_storing (void)
{
  g_auto (Fixture) f = fixture_new ();
  g_auto (Waiting) first = { 0 };
  g_auto (Waiting) second = { 0 };
  g_auto (Waiting) third = { 0 };
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlPage) cached = NULL;

  turn ();
  f.cache->holds[HOLD_STORE] = TRUE;
  vl_table_list_async (VL_TABLE (f.live), NULL, NULL, take_result, &first);
  turn ();
  g_assert_nonnull (first.result);
  put (&f, "a", "Apricot");

  vl_table_list_async (VL_TABLE (f.live), NULL, NULL, take_result, &second);
  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_MASTER_ONLY);
  vl_table_list_async (VL_TABLE (f.live), NULL, NULL, take_result, &third);
  turn ();
  page = finish_list (&f, &third);
  assert_name (page, 0, "Apricot");

  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_CACHE_FIRST);
  while (hold_cache_release (f.cache) > 0)
    turn ();
  cached = live_fixture_list (&(LiveFixture){ .live = f.live }, NULL);
  assert_name (cached, 0, "Apricot");
  g_assert_cmpuint (f.master->n_calls[HOLD_LIST], ==, 2);
}

/* A live table over a live table: what is stale below is not fresh above. */
static void
test_stale_master (void)
{
  g_auto (Fixture) f = fixture_new ();
  g_autoptr (VlLiveTable) upper = NULL;
  g_autoptr (VlPage) fresh = live_fixture_list (&(LiveFixture){ .live = f.live }, NULL);
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlPage) again = NULL;

  vl_live_table_invalidate (f.live);
  turn ();
  upper = g_object_new (VL_TYPE_LIVE_TABLE, "master", f.live, "cache-key", "upper", "follow-master",
                        FALSE, NULL);
  turn ();
  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_CACHE_ONLY);
  page = live_fixture_list (&(LiveFixture){ .live = upper }, NULL);
  g_assert_true (vl_page_get_is_stale (page));

  vl_live_table_set_read_policy (f.live, VL_READ_POLICY_CACHE_FIRST);
  again = live_fixture_list (&(LiveFixture){ .live = upper }, NULL);
  g_assert_false (vl_page_get_is_stale (again));
  g_assert_finalize_object (g_steal_pointer (&upper));
  turn ();
}

/* The schema */

/* The master refuses to be described before the cache has answered. */
static void
test_offline_start (void)
{
  g_auto (Fixture) f = fixture_new ();
  g_auto (Waiting) waiting = { 0 };
  g_autoptr (VlPage) first = live_fixture_list (&(LiveFixture){ .live = f.live }, NULL);
  g_autoptr (VlPage) page = NULL;

  /* What is erased and fetched anew can be shown by the next start, too. */
  vl_live_table_clear (f.live);
  g_clear_object (&first);
  first = live_fixture_list (&(LiveFixture){ .live = f.live }, NULL);
  g_assert_finalize_object (g_steal_pointer (&f.live));
  turn ();

  f.cache->holds[HOLD_LOOKUP] = TRUE;
  f.live = g_object_new (VL_TYPE_LIVE_TABLE, "master", f.master, "cache-key", "products", "cache",
                         f.cache, "follow-master", FALSE, NULL);
  f.master->holds[HOLD_DESCRIBE] = TRUE;
  vl_table_list_async (VL_TABLE (f.live), NULL, NULL, take_result, &waiting);
  turn ();
  hold_table_fail (f.master, VL_ERROR_UNAVAILABLE);
  turn ();
  g_assert_null (waiting.result);
  f.cache->holds[HOLD_LOOKUP] = FALSE;
  hold_cache_release (f.cache);
  turn ();
  page = finish_list (&f, &waiting);
  g_assert_true (vl_page_get_from_cache (page));
  g_assert_cmpuint (vl_page_get_n_records (page), ==, 3);
}

static void
test_sync_below_another_context (void)
{
  g_auto (Fixture) f = fixture_new ();
  g_autoptr (GMainContext) other = g_main_context_new ();
  g_autoptr (VlPage) page = NULL;

  g_main_context_push_thread_default (other);
  page = live_fixture_list (&(LiveFixture){ .live = f.live }, NULL);
  g_main_context_pop_thread_default (other);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, 3);
}

/* Scripts that turn the main loop inside a vfunc */

static void
cancel_inside (gpointer data)
{
  g_cancellable_cancel (data);
  turn ();
}

static void
test_cancelled_inside_a_lookup (void)
{
  g_auto (Fixture) f = fixture_new ();
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_window (all, 0, 2);

  vl_live_table_set_page_size (f.live, 1);
  f.master->holds[HOLD_DESCRIBE] = TRUE;
  for (guint i = 0; i < 3; i++)
    {
      g_auto (Waiting) waiting = { 0 };
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;

      if (i == 2)
        vl_table_find_async (VL_TABLE (f.live), "a", cancellable, take_result, &waiting);
      else
        vl_table_list_async (VL_TABLE (f.live), query, cancellable, take_result, &waiting);
      f.cache->inside = cancel_inside;
      f.cache->inside_data = cancellable;
      /* At first the read begins when the schema has come, then at once. */
      turn ();
      f.cache->holds[HOLD_LOOKUP] = i > 0;
      hold_table_release (f.master);
      turn ();
      f.cache->inside = NULL;
      g_cancellable_cancel (cancellable);
      turn ();
      g_assert_nonnull (waiting.result);
      g_assert_true (g_task_had_error (G_TASK (waiting.result)));
      hold_cache_release (f.cache);
      turn ();
    }
}

/* Writes */

static void
test_withdrawn_while_marking (void)
{
  g_auto (Fixture) f = fixture_new ();
  g_autoptr (VlRecord) record = live_fixture_record ("d", "Date", 1);
  g_autoptr (VlChange) change = vl_change_new_replace (record);
  g_autoptr (VlPage) page = live_fixture_list (&(LiveFixture){ .live = f.live }, NULL);
  g_autoptr (VlWrite) write = NULL;

  f.cache->holds[HOLD_OPEN] = TRUE;
  write = vl_live_table_write (f.live, change);
  turn ();
  g_assert_cmpuint (f.cache->held.length, ==, 1);
  g_assert_true (vl_write_cancel (write));
  g_assert_cmpuint (hold_cache_release (f.cache), ==, 1);
  turn ();
  g_assert_cmpint (f.cache->marked, ==, 0);
  g_assert_cmpuint (f.master->n_calls[HOLD_APPLY], ==, 0);
}

static GListModel *
finish_many (Fixture *f, Waiting *waiting)
{
  g_autoptr (GError) error = NULL;
  GListModel *outcomes;

  g_assert_nonnull (waiting->result);
  outcomes = vl_table_apply_many_finish (VL_TABLE (f->live), waiting->result, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < g_list_model_get_n_items (outcomes); i++)
    {
      g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, i);

      g_assert_no_error (vl_outcome_get_error (outcome));
    }

  return outcomes;
}

static void
test_batch_in_one_go (void)
{
  g_auto (Fixture) f = fixture_new ();
  g_auto (Waiting) waiting = { 0 };
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;

  turn ();
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *id = g_strdup_printf ("new-%u", i);
      g_autoptr (VlRecord) record = live_fixture_record (id, "New", 1);
      g_autoptr (VlChange) change = vl_change_new_insert (record);

      g_list_store_append (changes, change);
    }
  vl_table_apply_many_async (VL_TABLE (f.live), G_LIST_MODEL (changes), NULL, take_result,
                             &waiting);
  turn ();
  outcomes = finish_many (&f, &waiting);
  g_assert_cmpuint (g_list_model_get_n_items (outcomes), ==, 3);
  g_assert_cmpuint (f.master->n_calls[HOLD_APPLY], ==, 0);
  g_assert_cmpuint (f.master->n_calls[HOLD_BATCH], ==, 1);
  g_assert_cmpuint (f.master->n_in_batches, ==, 3);
}

/* Two changes of one record are never in one batch, however its id is said. */
static void
test_batch_of_one_record (void)
{
  g_auto (Fixture) f = fixture_new ();
  g_auto (Waiting) waiting = { 0 };
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
  g_autoptr (VlRecord) named = NULL;
  g_autoptr (VlRecord) again = live_fixture_record ("d", "Damson", 1);
  g_autoptr (VlChange) insert = NULL;
  g_autoptr (VlChange) replace = vl_change_new_replace (again);
  g_autoptr (GListModel) outcomes = NULL;

  turn ();
  vl_record_builder_set_string (builder, "id", "d");
  vl_record_builder_set_string (builder, "name", "Date");
  named = vl_record_builder_end (builder);
  insert = vl_change_new_insert (named);
  g_list_store_append (changes, insert);
  g_list_store_append (changes, replace);
  vl_table_apply_many_async (VL_TABLE (f.live), G_LIST_MODEL (changes), NULL, take_result,
                             &waiting);
  turn ();
  outcomes = finish_many (&f, &waiting);
  g_assert_cmpuint (f.master->n_calls[HOLD_BATCH], ==, 0);
  g_assert_cmpuint (f.master->n_calls[HOLD_APPLY], ==, 2);
}

/* What may be written is what the write target can, not the master. */
static void
test_master_that_is_read_only (void)
{
  g_auto (Fixture) f = fixture_new ();
  g_autoptr (VlSchema) schema = live_fixture_schema ();
  g_autoptr (VlRecord) record = live_fixture_record ("d", "Date", 1);
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (GError) error = NULL;

  f.master->schema = _vl_schema_with_capabilities (schema, VL_CAPABILITY_WINDOW);
  vl_live_table_set_write_target (f.live, VL_TABLE (f.memory));
  stored = vl_table_insert_sync (VL_TABLE (f.live), record, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (stored);
  turn ();
}

static void
write_again (VlLiveTable *live, VlWrite *write, gpointer user_data)
{
  gboolean *done = user_data;
  g_autoptr (VlRecord) record = live_fixture_record ("e", "Elder", 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = vl_table_replace_sync (VL_TABLE (live), record, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (stored);
  *done = TRUE;
}

/* Who hears of a failure may write, and wait for that. */
static void
test_sync_write_when_one_failed (void)
{
  for (guint late = 0; late < 2; late++)
    {
      g_auto (Fixture) f = fixture_new ();
      g_autoptr (VlRecord) record = live_fixture_record ("a", "Apple", 1);
      g_autoptr (VlChange) change = vl_change_new_insert (record);
      g_autoptr (VlWrite) write = NULL;
      gboolean done = FALSE;

      turn ();
      g_signal_connect (f.live, "write-failed", G_CALLBACK (write_again), &done);
      f.master->holds[HOLD_APPLY] = late;
      write = vl_live_table_write (f.live, change);
      if (late)
        {
          turn ();
          f.master->holds[HOLD_APPLY] = FALSE;
          g_assert_cmpuint (hold_table_release (f.master), ==, 1);
        }
      turn ();
      g_assert_true (done);
      g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_FAILED);
    }
}

static gpointer
write_and_leave (gpointer data)
{
  Fixture *f = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (VlRecord) record = live_fixture_record ("d", "Date", 1);
  g_autoptr (VlChange) change = vl_change_new_replace (record);

  g_main_context_push_thread_default (context);
  {
    g_autoptr (VlLiveTable)
      live = g_object_new (VL_TYPE_LIVE_TABLE, "master", f->master, "cache-key", "left", "cache",
                           f->cache, "follow-master", FALSE, NULL);
    g_autoptr (VlWrite) write = vl_live_table_write (live, change);

    while (f->master->held.length == 0)
      g_main_context_iteration (context, FALSE);
  }
  while (g_main_context_iteration (context, FALSE))
    ;
  g_main_context_pop_thread_default (context);

  return NULL;
}

/* The context of a live table may go while a write is with the master. */
static void
test_context_that_goes (void)
{
  g_auto (Fixture) f = fixture_new ();

  turn ();
  f.master->holds[HOLD_APPLY] = TRUE;
  g_thread_join (g_thread_new ("leaves", write_and_leave, &f));
  g_assert_cmpuint (hold_table_release (f.master), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/live-regression/window/last-offset", test_last_offset);
  g_test_add_func ("/live-regression/gate/busy-stream", test_busy_stream);
  g_test_add_func ("/live-regression/gate/cache-that-hangs", test_cache_that_hangs);
  g_test_add_func ("/live-regression/gate/clear-while-fetching", test_clear_while_fetching);
  g_test_add_func ("/live-regression/fetch/refresh-while-storing", test_refresh_while_storing);
  g_test_add_func ("/live-regression/fetch/stale-master", test_stale_master);
  g_test_add_func ("/live-regression/schema/offline-start", test_offline_start);
  g_test_add_func ("/live-regression/sync/below-another-context", test_sync_below_another_context);
  g_test_add_func ("/live-regression/script/cancelled-inside-a-lookup",
                   test_cancelled_inside_a_lookup);
  g_test_add_func ("/live-regression/write/withdrawn-while-marking", test_withdrawn_while_marking);
  g_test_add_func ("/live-regression/write/batch-in-one-go", test_batch_in_one_go);
  g_test_add_func ("/live-regression/write/batch-of-one-record", test_batch_of_one_record);
  g_test_add_func ("/live-regression/write/master-that-is-read-only",
                   test_master_that_is_read_only);
  g_test_add_func ("/live-regression/write/sync-write-when-one-failed",
                   test_sync_write_when_one_failed);
  g_test_add_func ("/live-regression/write/context-that-goes", test_context_that_goes);

  return g_test_run ();
}
