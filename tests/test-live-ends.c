/* test-live-ends.c: the loose ends of live tables: contexts, targets, roots
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "live-ask.h"
#include "write-fixture.h"

#include "vantage-live/base/vl-log-private.h"

/* Other contexts on the home thread. */

static void
turn_until_done (GMainContext *context, Ask *ask)
{
  while (!ask->is_done)
    {
      /* Neither of the two may be left out: one has the work, one the answer. */
      if (!g_main_context_iteration (context, FALSE))
        g_main_context_iteration (NULL, FALSE);
    }
}

static void
test_context_not_turned (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_auto (Answer) inserted = { 0 };
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlChange) change = insert_change ("e");
  g_autoptr (Ask) first = NULL;
  g_autoptr (Ask) second = NULL;

  /* What is begun under a context that nobody turns must not keep what others
   * wait for. */
  f.master->holds_writes = TRUE;
  g_main_context_push_thread_default (context);
  first = ask_list (f.live, NULL);
  begin_insert (&f, "d", NULL, &inserted);
  write = vl_live_table_write (f.live, change);
  vl_live_table_clear (f.live);
  g_main_context_pop_thread_default (context);

  second = ask_list (f.live, NULL);
  ask_wait (second);
  g_assert_no_error (second->error);
  while (vl_live_table_get_pending_writes (f.live) > 0)
    {
      probe_table_answer_all (f.master);
      g_main_context_iteration (NULL, FALSE);
    }
  assert_master_has (&f, "d", TRUE);
  assert_master_has (&f, "e", TRUE);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);

  g_assert_false (first->is_done);
  g_assert_cmpuint (inserted.n_called, ==, 0);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_true (first->is_done);
  assert_inserted (&f, &inserted, "d");
}

static void
test_context_answered (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (VlPage) peeked = NULL;
  g_autoptr (VlRecord) found = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (Ask) ask = NULL;

  g_main_context_push_thread_default (context);
  ask = ask_list (f.live, NULL);
  turn_until_done (context, ask);
  g_assert_no_error (ask->error);
  assert_ids (ask->page, "abc");
  /* The context of the live table is turned for that. */
  found = vl_table_find_sync (VL_TABLE (f.live), "b", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vl_record_get_id (found), ==, "b");
  g_assert_null (vl_live_table_peek_page (f.live, NULL));
  g_main_context_pop_thread_default (context);

  peeked = vl_live_table_peek_page (f.live, NULL);
  g_assert_nonnull (peeked);
}

/* What needs the home thread alone works under any of its contexts. */
static void
test_context_withdrawn (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (VlLiveStream) stream = vl_live_stream_new ();
  g_autoptr (VlChange) change = insert_change ("d");
  g_autoptr (VlWrite) write = NULL;

  g_main_context_push_thread_default (context);
  vl_live_table_set_timeout (f.live, 1000);
  vl_live_table_set_write_target (f.live, NULL);
  vl_live_table_add_stream (f.live, stream);
  vl_live_table_remove_stream (f.live, stream);
  write = vl_live_table_write (f.live, change);
  g_assert_true (vl_write_cancel (write));
  g_main_context_pop_thread_default (context);

  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_DISCARDED);
  run_turns ();
  probe_table_assert_trace (f.master, "");
  assert_master_has (&f, "d", FALSE);
}

static void
test_context_last_unref (void)
{
  WriteFixture f = write_fixture_new ();
  g_autoptr (GMainContext) context = g_main_context_new ();

  read_all (&f);
  g_main_context_push_thread_default (context);
  g_assert_finalize_object (g_steal_pointer (&f.live));
  g_main_context_pop_thread_default (context);
  write_fixture_clear (&f);
}

/* The home is a context that is turned without being on top. */
static void
test_context_turned_from_another (void)
{
  g_autoptr (GMainContext) home = g_main_context_new ();
  g_autoptr (VlChange) change = insert_change ("d");
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (Ask) ask = NULL;
  g_auto (Answer) closed = { 0 };
  WriteFixture f;

  g_main_context_push_thread_default (home);
  f = write_fixture_new ();
  g_main_context_pop_thread_default (home);

  ask = ask_list (f.live, NULL);
  turn_until_done (home, ask);
  g_assert_no_error (ask->error);
  assert_ids (ask->page, "abc");

  /* Nothing is left to the default context but the answer. */
  f.master->holds_writes = TRUE;
  write = vl_live_table_write (f.live, change);
  while (g_main_context_iteration (home, FALSE))
    ;
  probe_table_answer (f.master);
  while (g_main_context_iteration (home, FALSE))
    ;
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
  vl_live_table_close_async (f.live, NULL, answer_cb, &closed);
  while (g_main_context_iteration (home, FALSE))
    ;
  answer_wait (&closed);
  answer_clear (&closed);
  g_assert_finalize_object (g_steal_pointer (&f.live));
  while (g_main_context_iteration (home, FALSE))
    ;
  write_fixture_clear (&f);
}

/* What a live table says that it can write. */

static VlCapabilities
shown_capabilities (VlLiveTable *live)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlSchema) described = vl_table_describe_sync (VL_TABLE (live), NULL, &error);
  g_autoptr (VlSchema) known = vl_table_get_schema (VL_TABLE (live));

  g_assert_no_error (error);
  g_assert_true (vl_schema_equal (described, known));

  return vl_schema_get_capabilities (described);
}

static void
test_target_capabilities (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  ProbeTable *target = probe_table_new (VL_TABLE (f.memory));
  g_auto (Answer) inserted = { 0 };
  VlCapabilities of_master;

  f.master->without = VL_CAPABILITY_INSERT | VL_CAPABILITY_SEARCH;
  target->without = VL_CAPABILITY_PATCH | VL_CAPABILITY_DELETE_ALL | VL_CAPABILITY_FILTER;
  of_master = shown_capabilities (f.live);
  g_assert_false (of_master & VL_CAPABILITY_INSERT);

  /* Nobody knows yet what it can do. */
  vl_live_table_set_write_target (f.live, VL_TABLE (target));
  g_assert_cmpuint (shown_capabilities (f.live), ==, of_master);

  begin_insert (&f, "d", NULL, &inserted);
  assert_inserted (&f, &inserted, "d");
  g_assert_cmpuint (shown_capabilities (f.live), ==,
                    (of_master | VL_CAPABILITY_INSERT) &
                      ~(VL_CAPABILITY_PATCH | VL_CAPABILITY_DELETE_ALL));

  vl_live_table_set_write_target (f.live, NULL);
  g_assert_cmpuint (shown_capabilities (f.live), ==, of_master);
  vl_live_table_set_write_target (f.live, VL_TABLE (target));
  g_assert_true (shown_capabilities (f.live) & VL_CAPABILITY_INSERT);

  answer_clear (&inserted);
  g_object_unref (target);
  vl_live_table_set_write_target (f.live, NULL);
}

/* A target that was asked what it is, and is none any more when that fails. */
static void
test_target_changed (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  ProbeTable *target = probe_table_new (VL_TABLE (f.memory));
  g_auto (Answer) inserted = { 0 };

  target->holds_describe = TRUE;
  vl_live_table_set_write_target (f.live, VL_TABLE (target));
  begin_insert (&f, "d", NULL, &inserted);
  run_turns ();
  vl_live_table_set_write_target (f.live, NULL);
  probe_table_fail (target, VL_ERROR_UNAVAILABLE);
  assert_inserted (&f, &inserted, "d");
  probe_table_assert_trace (f.master, "insert d");
  g_object_unref (target);
}

/* Roots. */

static VlLiveTable *
live_over (WriteFixture *f, ProbeTable **master)
{
  *master = probe_table_new (VL_TABLE (f->memory));

  return g_object_new (VL_TYPE_LIVE_TABLE, "master", *master, "cache-key", "products", "cache",
                       f->cache, "follow-master", FALSE, NULL);
}

/* The root of a live table that clashes with that of the fixture. */
static char *
clashing_root (WriteFixture *f, gboolean is_wrong)
{
  ProbeTable *master;
  g_autofree char *root = NULL;
  VlLiveTable *live;

  if (is_wrong)
    g_test_expect_message ("vantage-live", G_LOG_LEVEL_CRITICAL, "*cache key*products*exists*");
  live = live_over (f, &master);
  g_test_assert_expected_messages ();
  root = g_strdup (live->core->root);
  run_turns ();
  g_assert_finalize_object (live);
  run_turns ();
  g_assert_finalize_object (master);

  return g_steal_pointer (&root);
}

static void
test_root_in_use (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autofree char *first = clashing_root (&f, TRUE);
  g_autofree char *second = clashing_root (&f, TRUE);

  /* The cache may hold what an earlier one has left. */
  g_assert_cmpstr (f.live->core->root, ==, "products");
  g_assert_cmpstr (first, !=, second);
  g_assert_true (g_str_has_prefix (first, "products@@"));
  g_assert_true (g_str_has_prefix (second, "products@@"));
  g_assert_cmpstr (strchr (first, '.'), !=, strchr (second, '.'));
}

static void
test_root_of_one_that_goes (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autofree char *unique = NULL;
  g_autofree char *plain = NULL;

  read_all (&f);
  run_turns ();
  /* Its core has something to do yet. */
  vl_live_table_invalidate (f.live);
  g_assert_finalize_object (g_steal_pointer (&f.live));
  unique = clashing_root (&f, FALSE);
  g_assert_cmpstr (unique, !=, "products");

  run_turns ();
  plain = clashing_root (&f, FALSE);
  g_assert_cmpstr (plain, ==, "products");
}

static void
test_root_with_writes (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlChange) change = insert_change ("d");
  g_autoptr (VlWrite) write = NULL;
  g_autofree char *unique = NULL;
  g_autofree char *plain = NULL;

  f.master->holds_writes = TRUE;
  write = vl_live_table_write (f.live, change);
  run_turns ();
  g_assert_finalize_object (g_steal_pointer (&f.live));
  unique = clashing_root (&f, TRUE);
  g_assert_cmpstr (unique, !=, "products");

  probe_table_answer (f.master);
  run_turns ();
  plain = clashing_root (&f, FALSE);
  g_assert_cmpstr (plain, ==, "products");
}

/* Small things. */

static void
note_outcome (const GLogField *fields, gsize n_fields, gpointer user_data)
{
  for (gsize i = 0; i < n_fields; i++)
    {
      if (g_str_equal (fields[i].key, "VL_OUTCOME") &&
          g_str_equal (fields[i].value, "the disk is full"))
        ++*(guint *) user_data;
    }
}

static void
test_failed_store (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  guint n_told = 0;

  _vl_log_set_listener (note_outcome, &n_told);
  f.cache->n_store_errors = 2;
  read_all (&f);
  run_turns ();
  _vl_log_set_listener (NULL, NULL);
  /* That of the schema, and that of the page. */
  g_assert_cmpuint (f.cache->n_store_errors, ==, 0);
  g_assert_cmpuint (n_told, ==, 2);
}

static void
test_peek_not_utf8 (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlRecord) found = NULL;
  guint n_peeked;

  read_all (&f);
  found = vl_live_table_peek_record (f.live, "a");
  g_assert_nonnull (found);
  n_peeked = f.cache->n_peeked;
  g_assert_null (vl_live_table_peek_record (f.live, "\xff"));
  g_assert_cmpuint (f.cache->n_peeked, ==, n_peeked);
}

#define ENDS "/live-table/ends/"

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func (ENDS "context/of-the-caller-need-not-be-turned", test_context_not_turned);
  g_test_add_func (ENDS "context/of-the-caller-gets-the-answer", test_context_answered);
  g_test_add_func (ENDS "context/does-not-matter-to-setters", test_context_withdrawn);
  g_test_add_func (ENDS "context/does-not-matter-to-the-last-unref", test_context_last_unref);
  g_test_add_func (ENDS "context/home-is-turned-from-another", test_context_turned_from_another);

  g_test_add_func (ENDS "target/says-what-can-be-written", test_target_capabilities);
  g_test_add_func (ENDS "target/changed-while-it-is-asked", test_target_changed);
  g_test_add_func (ENDS "root/in-use-is-a-mistake", test_root_in_use);
  g_test_add_func (ENDS "root/of-one-that-goes-is-none", test_root_of_one_that_goes);
  g_test_add_func (ENDS "root/with-writes-is-a-mistake", test_root_with_writes);
  g_test_add_func (ENDS "store/that-fails-is-told", test_failed_store);
  g_test_add_func (ENDS "peek/id-has-to-be-utf-8", test_peek_not_utf8);

  return g_test_run ();
}
