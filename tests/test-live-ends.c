/* test-live-ends.c: the loose ends of live tables: contexts, targets, roots
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "live-ask.h"
#include "write-fixture.h"

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

  return g_test_run ();
}
