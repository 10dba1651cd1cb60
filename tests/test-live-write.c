/* test-live-write.c: what a write does to the master and to what is cached
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "write-fixture.h"

/* Each kind of write. */

static void
test_insert (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlRecord) record = live_fixture_record ("d", "Date", 2.0);
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (GError) error = NULL;

  read_all (&f);
  stored = vl_table_insert_sync (VL_TABLE (f.live), record, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vl_record_get_string (stored, "name"), ==, "Date");
  assert_master_has (&f, "d", TRUE);
  probe_table_assert_trace (f.master, "insert d");
  assert_all_misses (&f);
  assert_all_hits (&f);
}

static void
test_insert_without_id (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlRecord) record = live_fixture_record (NULL, "Date", 2.0);
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) heard = g_string_new (NULL);
  g_autofree char *expected = NULL;

  listen_to_changes (f.live, heard);
  stored = vl_table_insert_sync (VL_TABLE (f.live), record, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (vl_record_get_id (stored));
  assert_master_has (&f, vl_record_get_id (stored), TRUE);

  run_turns ();
  expected = g_strdup_printf ("inserted by write: %s", vl_record_get_id (stored));
  assert_told (heard, expected);
}

static void
test_replace (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlRecord) record = live_fixture_record ("a", "Apricot", 2.0);
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (VlRecord) found = NULL;
  g_autoptr (GError) error = NULL;

  read_all (&f);
  stored = vl_table_replace_sync (VL_TABLE (f.live), record, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vl_record_get_string (stored, "name"), ==, "Apricot");
  found = look_into_master (&f, "a");
  g_assert_cmpstr (vl_record_get_string (found, "name"), ==, "Apricot");
  assert_all_misses (&f);
}

static void
test_patch (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlChange) change = patch_change ("a", 7.0);
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (VlRecord) found = NULL;
  g_autoptr (GError) error = NULL;

  read_all (&f);
  stored = vl_table_patch_sync (VL_TABLE (f.live), "a", vl_change_get_record (change), NULL,
                                &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vl_record_get_string (stored, "name"), ==, "Apple");
  g_assert_cmpfloat (vl_record_get_double (stored, "price"), ==, 7.0);
  found = look_into_master (&f, "a");
  g_assert_cmpfloat (vl_record_get_double (found, "price"), ==, 7.0);
  assert_all_misses (&f);
}

static void
test_delete (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlRecord) before = NULL;
  g_autoptr (GError) error = NULL;

  read_all (&f);
  before = vl_table_delete_sync (VL_TABLE (f.live), "a", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vl_record_get_string (before, "name"), ==, "Apple");
  assert_master_has (&f, "a", FALSE);
  assert_all_misses (&f);
  g_clear_object (&before);

  before = vl_table_delete_sync (VL_TABLE (f.live), "a", NULL, &error);
  g_assert_no_error (error);
  g_assert_null (before);
}

static void
test_delete_all (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) cheap = vl_query_where (all, "price", VL_OP_LT, g_variant_new_double (1.0));
  g_autoptr (GError) error = NULL;

  read_all (&f);
  g_assert_true (vl_table_delete_all_sync (VL_TABLE (f.live), cheap, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (vl_memory_table_get_n_records (f.memory), ==, 2);
  assert_master_has (&f, "b", FALSE);
  assert_all_misses (&f);

  g_assert_true (vl_table_delete_all_sync (VL_TABLE (f.live), NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (vl_memory_table_get_n_records (f.memory), ==, 0);
  assert_all_misses (&f);
}

/* Failures. */

/* A write that the master answers with `code`. */
static void
fail_insert (WriteFixture *f, VlError code)
{
  g_auto (Answer) answer = { 0 };

  probe_table_push_error (f->master, code);
  begin_insert (f, "d", NULL, &answer);
  assert_insert_failed (f, &answer, VL_ERROR, code);
  run_turns ();
}

static void
test_refused (void)
{
  const VlError codes[] = { VL_ERROR_UNSUPPORTED, VL_ERROR_INVALID, VL_ERROR_REJECTED,
                            VL_ERROR_QUEUE_FULL };
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GString) heard = g_string_new (NULL);
  guint64 generation;

  listen_to_changes (f.live, heard);
  read_all (&f);
  generation = get_generation (&f);
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      fail_insert (&f, codes[i]);
      assert_all_hits (&f);
      g_assert_cmpuint (get_generation (&f), ==, generation);
      assert_told (heard, "");
    }
  g_assert_cmpuint (f.master->n_writes, ==, G_N_ELEMENTS (codes));
  g_assert_cmpuint (f.cache->n_invalidated, ==, 0);
}

/* The schema alone says that the master cannot take these. */
static void
test_refused_unsent (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new ("d");
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (GError) error = NULL;
  guint64 generation;

  f.master->without = VL_CAPABILITY_DELETE;
  vl_record_builder_set_string (builder, "colour", "red");
  record = vl_record_builder_end (builder);
  read_all (&f);
  generation = get_generation (&f);

  g_assert_null (vl_table_insert_sync (VL_TABLE (f.live), record, NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "colour"));
  g_clear_error (&error);
  g_assert_null (vl_table_delete_sync (VL_TABLE (f.live), "a", NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_UNSUPPORTED);

  g_assert_cmpuint (f.master->n_writes, ==, 0);
  assert_all_hits (&f);
  g_assert_cmpuint (get_generation (&f), ==, generation);
}

static void
test_refused_full_or_withdrawn (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) first = { 0 };
  g_auto (Answer) second = { 0 };
  g_auto (Answer) third = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GString) heard = g_string_new (NULL);
  guint64 generation;

  read_all (&f);
  generation = get_generation (&f);
  listen_to_changes (f.live, heard);
  f.master->holds_writes = TRUE;
  vl_live_table_set_queue_capacity (f.live, 2);
  begin_insert (&f, "d", NULL, &first);
  begin_insert (&f, "e", cancellable, &second);
  begin_insert (&f, "f", NULL, &third);

  assert_insert_failed (&f, &third, VL_ERROR, VL_ERROR_QUEUE_FULL);
  g_cancellable_cancel (cancellable);
  assert_insert_failed (&f, &second, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_all_hits (&f);
  g_assert_cmpuint (get_generation (&f), ==, generation);
  assert_told (heard, "");

  probe_table_answer (f.master);
  assert_inserted (&f, &first, "d");
  probe_table_assert_trace (f.master, "insert d");
}

static void
test_unknown_outcome (void)
{
  const VlError codes[] = {
    VL_ERROR_UNAVAILABLE, VL_ERROR_IN_DOUBT, VL_ERROR_FAILED,   VL_ERROR_TIMED_OUT,
    VL_ERROR_NOT_FOUND,   VL_ERROR_EXISTS,   VL_ERROR_CONFLICT, VL_ERROR_READ_ONLY,
    VL_ERROR_CLOSED,      VL_ERROR_CORRUPT,
  };
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GString) heard = g_string_new (NULL);

  listen_to_changes (f.live, heard);
  read_all (&f);
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      guint64 generation = get_generation (&f);

      fail_insert (&f, codes[i]);
      g_assert_cmpuint (get_generation (&f), !=, generation);
      assert_all_misses (&f);
      assert_told (heard, "changed by write: d");
    }
}

/* A master that is cancelled by itself, or forgets to answer. */
static void
test_unknown_outcome_without_answer (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) dropped = { 0 };

  read_all (&f);
  f.master->holds_writes = TRUE;
  begin_insert (&f, "d", NULL, &dropped);
  probe_table_drop (f.master);
  assert_insert_failed (&f, &dropped, VL_ERROR, VL_ERROR_FAILED);
  assert_all_misses (&f);
}

static void
test_each_its_own_error (void)
{
  const VlError codes[] = { VL_ERROR_REJECTED, VL_ERROR_UNAVAILABLE, VL_ERROR_CONFLICT };
  const char *const ids[] = { "d", "e", "f", "g" };
  g_auto (WriteFixture) f = write_fixture_new ();
  Answer answers[4] = { 0 };

  f.master->holds_writes = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    begin_insert (&f, ids[i], NULL, &answers[i]);
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      run_turns ();
      probe_table_fail (f.master, codes[i]);
      assert_insert_failed (&f, &answers[i], VL_ERROR, codes[i]);
      g_assert_cmpuint (answers[i + 1].n_called, ==, 0);
    }
  probe_table_answer_all (f.master);
  assert_inserted (&f, &answers[3], "g");

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    answer_clear (&answers[i]);
}

/* The cache first, then the caller. */

static void
test_cache_knows_first (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) applied = { 0 };
  g_auto (Answer) failed = { 0 };

  read_all (&f);
  f.cache->holds_invalidate = TRUE;
  begin_insert (&f, "d", NULL, &applied);
  run_turns ();
  assert_master_has (&f, "d", TRUE);
  g_assert_cmpuint (f.cache->n_invalidated, ==, 1);
  g_assert_cmpuint (applied.n_called, ==, 0);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 1);
  probe_cache_answer (f.cache);
  assert_inserted (&f, &applied, "d");

  probe_table_push_error (f.master, VL_ERROR_UNAVAILABLE);
  begin_insert (&f, "e", NULL, &failed);
  run_turns ();
  g_assert_cmpuint (failed.n_called, ==, 0);
  probe_cache_answer (f.cache);
  assert_insert_failed (&f, &failed, VL_ERROR, VL_ERROR_UNAVAILABLE);
  f.cache->holds_invalidate = FALSE;
}

/* Two writes, and the cache has answered for one of them only. */
static void
test_cache_knows_each (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) first = { 0 };
  g_auto (Answer) second = { 0 };

  f.cache->holds_invalidate = TRUE;
  begin_insert (&f, "d", NULL, &first);
  run_turns ();
  begin_insert (&f, "e", NULL, &second);
  run_turns ();
  assert_master_has (&f, "e", TRUE);
  probe_cache_answer (f.cache);
  assert_inserted (&f, &first, "d");
  run_turns ();
  g_assert_cmpuint (second.n_called, ==, 0);
  probe_cache_answer (f.cache);
  assert_inserted (&f, &second, "e");
}

/* A read that is asked while the cache is being told waits for it. */
static void
test_no_read_overtakes_the_cache (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) written = { 0 };
  g_auto (Answer) read = { 0 };
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlPage) peeked = NULL;

  read_all (&f);
  f.cache->holds_invalidate = TRUE;
  begin_insert (&f, "d", NULL, &written);
  run_turns ();
  peeked = vl_live_table_peek_page (f.live, NULL);
  g_assert_null (peeked);
  vl_table_list_async (VL_TABLE (f.live), NULL, NULL, answer_cb, &read);
  run_turns ();
  g_assert_cmpuint (read.n_called, ==, 0);
  probe_cache_answer (f.cache);
  answer_wait (&read);
  page = vl_table_list_finish (VL_TABLE (f.live), read.result, NULL);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, 4);
  g_assert_false (vl_page_get_from_cache (page));
  assert_inserted (&f, &written, "d");
}

/* A cache that cannot be told is not asked. */
static void
test_cache_that_fails_is_bypassed (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) answer = { 0 };
  g_autoptr (VlPage) peeked = NULL;

  read_all (&f);
  g_test_expect_message ("vantage-live", G_LOG_LEVEL_WARNING, "*could not be invalidated*");
  f.cache->n_invalidate_errors = 1;
  begin_insert (&f, "d", NULL, &answer);
  assert_inserted (&f, &answer, "d");
  g_test_assert_expected_messages ();

  peeked = vl_live_table_peek_page (f.live, NULL);
  g_assert_null (peeked);
  assert_all_misses (&f);
  assert_all_misses (&f);

  /* The next one succeeds, and the cache is back. */
  vl_live_table_invalidate (f.live);
  run_turns ();
  assert_all_misses (&f);
  assert_all_hits (&f);
}

/* Read your writes. */

typedef struct
{
  WriteFixture *f;
  guint n_called;
} ReadBack;

static void
read_back (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ReadBack *check = user_data;
  VlTable *table = VL_TABLE (source);
  g_autoptr (VlRecord) stored = vl_table_insert_finish (table, result, NULL);
  g_autoptr (VlPage) peeked = vl_live_table_peek_page (VL_LIVE_TABLE (source), NULL);
  g_autoptr (VlRecord) peeked_record = NULL;
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlRecord) found = NULL;

  g_assert_nonnull (stored);
  g_assert_null (peeked);
  peeked_record = vl_live_table_peek_record (VL_LIVE_TABLE (source), "d");
  g_assert_null (peeked_record);

  g_assert_cmpint (vl_table_count_sync (table, NULL, NULL, NULL), ==, 4);
  found = vl_table_find_sync (table, "d", NULL, NULL);
  g_assert_nonnull (found);
  page = vl_table_list_sync (table, NULL, NULL, NULL);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, 4);
  peeked_record = vl_live_table_peek_record (VL_LIVE_TABLE (source), "d");
  g_assert_nonnull (peeked_record);
  check->n_called++;
}

static void
test_read_your_writes (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlRecord) record = live_fixture_record ("d", "Date", 2.0);
  g_autoptr (VlRecord) unknown = NULL;
  ReadBack check = { &f, 0 };

  read_all (&f);
  unknown = vl_table_find_sync (VL_TABLE (f.live), "d", NULL, NULL);
  g_assert_null (unknown);
  vl_table_insert_async (VL_TABLE (f.live), record, NULL, read_back, &check);
  while (check.n_called == 0)
    g_main_context_iteration (NULL, TRUE);
}

/* Another live table over the same master, with another key. */
static VlLiveTable *
second_view (WriteFixture *f, VlTable *master)
{
  return g_object_new (VL_TYPE_LIVE_TABLE, "master", master, "cache-key", "view", "cache", f->cache,
                       "follow-master", FALSE, NULL);
}

static void
check_other_view (WriteFixture *f, VlLiveTable *other)
{
  g_autoptr (GString) heard = g_string_new (NULL);
  g_autoptr (VlPage) before = vl_table_list_sync (VL_TABLE (other), NULL, NULL, NULL);
  g_autoptr (VlPage) peeked = vl_live_table_peek_page (other, NULL);
  g_autoptr (VlPage) after = NULL;
  g_auto (Answer) answer = { 0 };

  g_assert_nonnull (before);
  g_assert_nonnull (peeked);
  listen_to_changes (other, heard);
  begin_insert (f, "d", NULL, &answer);
  answer_wait (&answer);

  g_clear_object (&peeked);
  peeked = vl_live_table_peek_page (other, NULL);
  g_assert_null (peeked);
  after = vl_table_list_sync (VL_TABLE (other), NULL, NULL, NULL);
  g_assert_cmpuint (vl_page_get_n_records (after), ==, 4);
  run_turns ();
  assert_told (heard, "inserted by other: d");
}

static void
test_read_other_view (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  VlLiveTable *other = second_view (&f, VL_TABLE (f.master));

  check_other_view (&f, other);
  g_assert_finalize_object (other);
}

/* Two objects, and one table behind them. */
static void
test_read_other_view_by_identity (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  ProbeTable *twin = probe_table_new (VL_TABLE (f.memory));
  VlLiveTable *other;

  g_clear_object (&f.live);
  f.master->identity = g_strdup ("shop/products");
  twin->identity = g_strdup ("shop/products");
  f.live = vl_live_table_new (VL_TABLE (f.master), "products", VL_CACHE (f.cache));
  vl_live_table_set_follow_master (f.live, FALSE);
  other = second_view (&f, VL_TABLE (twin));

  check_other_view (&f, other);
  g_assert_finalize_object (other);
  run_turns ();
  g_assert_finalize_object (twin);
}

/* What was refused is no news to the other one. */
static void
test_refused_is_not_told_to_others (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  VlLiveTable *other = second_view (&f, VL_TABLE (f.master));
  g_autoptr (VlPage) page = vl_table_list_sync (VL_TABLE (other), NULL, NULL, NULL);
  g_autoptr (VlPage) peeked = NULL;

  g_assert_nonnull (page);
  fail_insert (&f, VL_ERROR_REJECTED);
  peeked = vl_live_table_peek_page (other, NULL);
  g_assert_nonnull (peeked);
  fail_insert (&f, VL_ERROR_UNAVAILABLE);
  g_clear_object (&peeked);
  peeked = vl_live_table_peek_page (other, NULL);
  g_assert_null (peeked);
  g_assert_finalize_object (other);
}

/* The crash mark. */

static void
test_mark (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) applied = { 0 };
  g_auto (Answer) refused = { 0 };

  read_all (&f);
  f.cache->trace = f.master->trace;
  f.cache->holds_open = TRUE;
  begin_insert (&f, "d", NULL, &applied);
  run_turns ();
  g_assert_cmpstr (f.master->trace->str, ==, "open");
  f.cache->holds_open = FALSE;
  probe_cache_answer (f.cache);
  assert_inserted (&f, &applied, "d");
  g_assert_cmpstr (f.master->trace->str, ==, "open; insert d; invalidate");

  g_string_truncate (f.master->trace, 0);
  probe_table_push_error (f.master, VL_ERROR_REJECTED);
  begin_insert (&f, "e", NULL, &refused);
  assert_insert_failed (&f, &refused, VL_ERROR, VL_ERROR_REJECTED);
  run_turns ();
  g_assert_cmpstr (f.master->trace->str, ==, "open; insert e; close");
  f.cache->trace = NULL;
}

/* An invalidation that has nothing to do with the write takes its mark away;
 * it is set again at once, behind it. */
static void
test_mark_stays (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) applied = { 0 };
  g_auto (Answer) second = { 0 };
  g_auto (Answer) third = { 0 };

  read_all (&f);
  f.cache->trace = f.master->trace;
  f.master->holds_writes = TRUE;
  begin_insert (&f, "d", NULL, &applied);
  run_turns ();
  vl_live_table_invalidate (f.live);
  run_turns ();
  g_assert_cmpstr (f.master->trace->str, ==, "open; insert d; invalidate; open");
  probe_table_answer (f.master);
  assert_inserted (&f, &applied, "d");
  run_turns ();
  g_assert_cmpstr (f.master->trace->str, ==, "open; insert d; invalidate; open; invalidate");

  /* The next is not sent while the mark is on its way. */
  g_string_truncate (f.master->trace, 0);
  begin_insert (&f, "e", NULL, &second);
  run_turns ();
  f.cache->holds_open = TRUE;
  vl_live_table_invalidate (f.live);
  probe_table_answer (f.master);
  run_turns ();
  begin_insert (&f, "f", NULL, &third);
  run_turns ();
  g_assert_cmpstr (f.master->trace->str, ==, "open; insert e; invalidate; open; invalidate; open");
  f.cache->holds_open = FALSE;
  f.master->holds_writes = FALSE;
  probe_cache_answer (f.cache);
  run_turns ();
  g_assert_null (strstr (f.master->trace->str, "insert f"));
  probe_cache_answer (f.cache);
  run_turns ();
  g_assert_nonnull (strstr (f.master->trace->str, "insert f; invalidate"));
  assert_inserted (&f, &second, "e");
  assert_inserted (&f, &third, "f");
  f.cache->trace = NULL;
}

/* What invalidates on behalf of a write waits for the invalidation before it:
 * until it is sent the mark has to stay. */
static void
test_mark_waits (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) applied = { 0 };

  read_all (&f);
  f.cache->trace = f.master->trace;
  f.cache->holds_invalidate = TRUE;
  vl_live_table_invalidate (f.live);
  run_turns ();
  begin_insert (&f, "d", NULL, &applied);
  run_turns ();
  g_assert_cmpstr (f.master->trace->str, ==, "invalidate; open; insert d");
  f.cache->holds_invalidate = FALSE;
  probe_cache_answer (f.cache);
  assert_inserted (&f, &applied, "d");
  run_turns ();
  g_assert_cmpstr (f.master->trace->str, ==, "invalidate; open; insert d; invalidate");
  f.cache->trace = NULL;
}

static void
refuse_next (WriteFixture *f, const char *id, VlError code)
{
  g_auto (Answer) failed = { 0 };

  g_string_truncate (f->master->trace, 0);
  probe_table_push_error (f->master, code);
  begin_insert (f, id, NULL, &failed);
  assert_insert_failed (f, &failed, VL_ERROR, code);
  run_turns ();
}

/* Nobody can say that what the master did not answer for will not turn up: what
 * is read until it answers again must not be found as fresh after a crash, nor then. */
static void
test_mark_of_unanswered (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();

  read_all (&f);
  f.cache->trace = f.master->trace;
  refuse_next (&f, "d", VL_ERROR_UNAVAILABLE);
  g_assert_cmpstr (f.master->trace->str, ==, "open; insert d; invalidate; open");
  refuse_next (&f, "e", VL_ERROR_REJECTED);
  g_assert_cmpstr (f.master->trace->str, ==, "insert e; invalidate");

  /* Nor does it stay for good. */
  refuse_next (&f, "f", VL_ERROR_UNAVAILABLE);
  g_assert_cmpstr (f.master->trace->str, ==, "open; insert f; invalidate; open");
  g_string_truncate (f.master->trace, 0);
  g_assert_finalize_object (g_steal_pointer (&f.live));
  run_turns ();
  g_assert_cmpstr (f.master->trace->str, ==, "invalidate");
  f.cache->trace = NULL;
}

static void
forward_invalidated (VlCache *target, const char *root, gpointer user_data)
{
  ProbeCache *cache = user_data;

  vl_cache_emit_invalidated (VL_CACHE (cache), root);
  cache->holds_open = TRUE;
}

/* A cache that says at once that it has invalidated, and marked again. */
static void
test_marked_twice (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) refused = { 0 };
  g_auto (Answer) applied = { 0 };

  read_all (&f);
  f.cache->trace = f.master->trace;
  f.master->holds_writes = TRUE;
  begin_insert (&f, "d", NULL, &refused);
  run_turns ();
  g_signal_connect (f.cache->target, "invalidated", G_CALLBACK (forward_invalidated), f.cache);
  vl_live_table_invalidate (f.live);
  run_turns ();
  g_assert_cmpstr (f.master->trace->str, ==, "open; insert d; invalidate; open; open");

  probe_table_fail (f.master, VL_ERROR_REJECTED);
  assert_insert_failed (&f, &refused, VL_ERROR, VL_ERROR_REJECTED);
  run_turns ();
  g_assert_cmpstr (f.master->trace->str, ==, "open; insert d; invalidate; open; open");
  f.cache->holds_open = FALSE;
  probe_cache_answer (f.cache);
  run_turns ();
  g_assert_cmpstr (f.master->trace->str, ==, "open; insert d; invalidate; open; open; close");

  g_string_truncate (f.master->trace, 0);
  f.master->holds_writes = FALSE;
  begin_insert (&f, "e", NULL, &applied);
  assert_inserted (&f, &applied, "e");
  g_assert_cmpstr (f.master->trace->str, ==, "open; insert e; invalidate");
  f.cache->trace = NULL;
}

/* The write target. */

static void
test_write_target (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlSchema) schema = live_fixture_schema ();
  g_autoptr (VlMemoryTable) elsewhere = vl_memory_table_new (schema);
  g_auto (Answer) answer = { 0 };
  g_auto (Answer) back = { 0 };
  ProbeTable *target = probe_table_new (VL_TABLE (elsewhere));

  read_all (&f);
  vl_live_table_set_write_target (f.live, VL_TABLE (target));
  g_assert_true (vl_live_table_get_write_target (f.live) == VL_TABLE (target));
  begin_insert (&f, "d", NULL, &answer);
  assert_inserted (&f, &answer, "d");
  probe_table_assert_trace (target, "insert d");
  g_assert_cmpuint (f.master->n_writes, ==, 0);
  g_assert_cmpuint (vl_memory_table_get_n_records (elsewhere), ==, 1);

  assert_all_misses (&f);
  assert_all_hits (&f);
  g_assert_cmpuint (target->n_reads, ==, 0);

  vl_live_table_set_write_target (f.live, NULL);
  begin_insert (&f, "e", NULL, &back);
  assert_inserted (&f, &back, "e");
  probe_table_assert_trace (f.master, "insert e");
  g_assert_finalize_object (target);
}

/* Who reads the table that another one writes to has heard of it. */
static void
test_write_target_is_read_elsewhere (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlSchema) schema = live_fixture_schema ();
  VlMemoryTable *memory = vl_memory_table_new (schema);
  VlLiveTable *source = vl_live_table_new (VL_TABLE (memory), "source", NULL);
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlPage) peeked = NULL;
  g_autoptr (VlRecord) record = live_fixture_record ("d", "Date", 2.0);
  g_autoptr (VlRecord) stored = NULL;

  vl_live_table_set_write_target (source, VL_TABLE (f.master));
  page = live_fixture_list (&(LiveFixture){ .live = f.live }, NULL);
  stored = vl_table_insert_sync (VL_TABLE (source), record, NULL, NULL);
  g_assert_nonnull (stored);
  peeked = vl_live_table_peek_page (f.live, NULL);
  g_assert_null (peeked);

  g_assert_finalize_object (source);
  g_assert_finalize_object (memory);
}

/* Before the schema is known. */

static void
test_before_schema (void)
{
  const char *const ids[] = { "d", "e", "f" };
  g_auto (WriteFixture) f = write_fixture_new ();
  Answer answers[3] = { 0 };

  f.master->holds_describe = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    begin_insert (&f, ids[i], NULL, &answers[i]);
  run_turns ();
  g_assert_cmpuint (f.master->held->len, ==, 1);
  g_assert_cmpuint (f.master->n_writes, ==, 0);

  probe_table_answer_all (f.master);
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      assert_inserted (&f, &answers[i], ids[i]);
      answer_clear (&answers[i]);
    }
  probe_table_assert_trace (f.master, "insert d; insert e; insert f");
}

static void
test_describe_fails (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) answer = { 0 };
  g_auto (Answer) again = { 0 };
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) heard = g_string_new (NULL);

  listen_to_changes (f.live, heard);
  f.master->n_describe_errors = 1;
  f.master->describe_error = VL_ERROR_UNAVAILABLE;
  begin_insert (&f, "d", NULL, &answer);
  record = finish_insert (&f, &answer, &error);
  g_assert_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "not sent"));
  g_assert_nonnull (strstr (error->message, "no description"));
  g_assert_cmpuint (f.master->n_writes, ==, 0);

  /* Nobody has changed anything. */
  run_turns ();
  assert_told (heard, "");
  g_assert_cmpuint (f.cache->n_invalidated, ==, 0);

  begin_insert (&f, "d", NULL, &again);
  assert_inserted (&f, &again, "d");
  assert_all_misses (&f);
}

static void
note_failed_id (VlLiveTable *live, VlWrite *write, gpointer user_data)
{
  g_string_append_printf (user_data, "%s ", vl_change_get_id (vl_write_get_change (write)));
}

/* Those that wait fail together and in order; later ones have a new chance. */
static void
test_describe_fails_for_all (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) first = { 0 };
  g_auto (Answer) second = { 0 };
  g_auto (Answer) later = { 0 };
  g_autoptr (GString) order = g_string_new (NULL);

  g_signal_connect (f.live, "write-failed", G_CALLBACK (note_failed_id), order);
  f.master->holds_describe = TRUE;
  begin_insert (&f, "d", NULL, &first);
  begin_insert (&f, "e", NULL, &second);
  run_turns ();
  probe_table_fail (f.master, VL_ERROR_UNAVAILABLE);
  run_turns ();
  g_assert_cmpuint (f.master->held->len, ==, 0);
  g_assert_cmpstr (order->str, ==, "d e ");
  assert_insert_failed (&f, &first, VL_ERROR, VL_ERROR_UNAVAILABLE);
  assert_insert_failed (&f, &second, VL_ERROR, VL_ERROR_UNAVAILABLE);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 0);

  f.master->holds_describe = FALSE;
  begin_insert (&f, "e", NULL, &later);
  assert_inserted (&f, &later, "e");
  probe_table_assert_trace (f.master, "insert e");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define WRITE "/live-table/write/"
  g_test_add_func (WRITE "insert-reaches-the-master-and-makes-copies-stale", test_insert);
  g_test_add_func (WRITE "insert-without-an-id-tells-the-new-one", test_insert_without_id);
  g_test_add_func (WRITE "replace-reaches-the-master-and-makes-copies-stale", test_replace);
  g_test_add_func (WRITE "patch-reaches-the-master-and-makes-copies-stale", test_patch);
  g_test_add_func (WRITE "delete-reaches-the-master-and-makes-copies-stale", test_delete);
  g_test_add_func (WRITE "delete-all-reaches-the-master-and-makes-copies-stale", test_delete_all);
  g_test_add_func (WRITE "refused-changes-nothing", test_refused);
  g_test_add_func (WRITE "refused-before-it-is-sent-changes-nothing", test_refused_unsent);
  g_test_add_func (WRITE "queue-full-or-withdrawn-changes-nothing", test_refused_full_or_withdrawn);
  g_test_add_func (WRITE "unknown-outcome-invalidates", test_unknown_outcome);
  g_test_add_func (WRITE "dropped-reply-invalidates", test_unknown_outcome_without_answer);
  g_test_add_func (WRITE "each-error-reaches-its-own-caller", test_each_its_own_error);
  g_test_add_func (WRITE "cache-knows-before-the-caller", test_cache_knows_first);
  g_test_add_func (WRITE "cache-knows-of-each-write-before-its-caller", test_cache_knows_each);
  g_test_add_func (WRITE "no-read-overtakes-the-cache", test_no_read_overtakes_the_cache);
  g_test_add_func (WRITE "cache-that-cannot-be-told-is-bypassed",
                   test_cache_that_fails_is_bypassed);
  g_test_add_func (WRITE "reply-implies-read-your-write", test_read_your_writes);
  g_test_add_func (WRITE "reply-implies-that-other-views-read-it", test_read_other_view);
  g_test_add_func (WRITE "reply-implies-that-views-of-equal-identity-read-it",
                   test_read_other_view_by_identity);
  g_test_add_func (WRITE "refused-is-not-told-to-other-views", test_refused_is_not_told_to_others);
  g_test_add_func (WRITE "root-is-marked-open-before-it-is-sent", test_mark);
  g_test_add_func (WRITE "mark-outlives-other-invalidations", test_mark_stays);
  g_test_add_func (WRITE "mark-stays-until-the-invalidation", test_mark_waits);
  g_test_add_func (WRITE "mark-stays-until-somebody-answers", test_mark_of_unanswered);
  g_test_add_func (WRITE "mark-is-not-closed-before-it-is-set", test_marked_twice);
  g_test_add_func (WRITE "target-gets-the-writes-and-reads-stay", test_write_target);
  g_test_add_func (WRITE "target-is-read-elsewhere", test_write_target_is_read_elsewhere);
  g_test_add_func (WRITE "before-the-schema-is-known-keeps-its-order", test_before_schema);
  g_test_add_func (WRITE "fails-unsent-when-describe-fails", test_describe_fails);
  g_test_add_func (WRITE "one-failed-describe-fails-all-that-wait", test_describe_fails_for_all);
#undef WRITE

  return g_test_run ();
}
