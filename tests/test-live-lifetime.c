/* test-live-lifetime.c: how a live table ends
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Each test ends with a look whether everything has gone.
 */

#include "fake-clock.h"
#include "write-fixture.h"

static void
assert_all_gone (void)
{
  run_turns ();
  g_assert_cmpuint (probe_table_get_n_alive (), ==, 0);
  g_assert_cmpuint (probe_cache_get_n_alive (), ==, 0);
}

/* From now on only what uses the live table holds it, and only that holds the
 * probes. */
static VlLiveTable *
give_away (WriteFixture *f)
{
  g_clear_object (&f->master);
  g_clear_object (&f->cache);

  return g_steal_pointer (&f->live);
}

/* Who drops the last reference to a live table inside a callback of it. */
typedef struct
{
  VlLiveTable *live;
  guint n_called;
} Owner;

static void
owner_drop (Owner *owner)
{
  owner->n_called++;
  g_clear_object (&owner->live);
}

static void
drop_in_callback (GObject *source, GAsyncResult *result, gpointer user_data)
{
  owner_drop (user_data);
}

static void
drop_in_handler (GObject *object, gpointer argument, Owner *owner)
{
  owner_drop (owner);
}

static void
drop_in_items_changed (GListModel *writes, guint position, guint removed, guint added, Owner *owner)
{
  owner_drop (owner);
}

static void
wait_for (Owner *owner)
{
  while (owner->n_called == 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_drop_in_callbacks (void)
{
  for (guint i = 0; i < 8; i++)
    {
      g_auto (WriteFixture) f = write_fixture_new ();
      g_autoptr (VlRecord) record = live_fixture_record ("d", "Date", 2.0);
      g_autoptr (VlChange) change = insert_change ("e");
      g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
      const char *const ids[] = { "a", "b", NULL };
      Owner owner = { give_away (&f), 0 };
      VlTable *table = VL_TABLE (owner.live);

      g_list_store_append (changes, change);
      if (i == 0)
        vl_table_list_async (table, NULL, NULL, drop_in_callback, &owner);
      else if (i == 1)
        vl_table_find_async (table, "a", NULL, drop_in_callback, &owner);
      else if (i == 2)
        vl_table_count_async (table, NULL, NULL, drop_in_callback, &owner);
      else if (i == 3)
        vl_table_insert_async (table, record, NULL, drop_in_callback, &owner);
      else if (i == 4)
        vl_table_apply_many_async (table, G_LIST_MODEL (changes), NULL, drop_in_callback, &owner);
      else if (i == 5)
        vl_table_find_many_async (table, ids, NULL, drop_in_callback, &owner);
      else if (i == 6)
        vl_live_table_refresh_async (owner.live, NULL, NULL, drop_in_callback, &owner);
      else
        vl_live_table_close_async (owner.live, NULL, drop_in_callback, &owner);
      wait_for (&owner);
      assert_all_gone ();
    }
}

/* Two wait for one thing, and the first ends it all. */
static void
test_drop_with_others_waiting (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  Owner owner = { give_away (&f), 0 };
  Answer answers[4] = { 0 };

  vl_table_list_async (VL_TABLE (owner.live), NULL, NULL, drop_in_callback, &owner);
  vl_table_list_async (VL_TABLE (owner.live), NULL, NULL, answer_cb, &answers[0]);
  vl_table_find_async (VL_TABLE (owner.live), "a", NULL, answer_cb, &answers[1]);
  vl_table_delete_async (VL_TABLE (owner.live), "a", NULL, answer_cb, &answers[2]);
  vl_live_table_close_async (owner.live, NULL, answer_cb, &answers[3]);
  run_turns ();
  g_assert_cmpuint (owner.n_called, ==, 1);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      answer_wait (&answers[i]);
      answer_clear (&answers[i]);
    }
  assert_all_gone ();
}

static void
check_drop_in_signal (const char *signal, gboolean fails)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlChange) change = insert_change (fails ? "a" : "d");
  g_autoptr (VlChange) next = insert_change ("e");
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlWrite) second = NULL;
  Owner owner = { give_away (&f), 0 };

  g_signal_connect (owner.live, signal, G_CALLBACK (drop_in_handler), &owner);
  write = vl_live_table_write (owner.live, change);
  if (owner.live != NULL)
    second = vl_live_table_write (owner.live, next);
  wait_for (&owner);
  assert_all_gone ();
  g_assert_cmpint (vl_write_get_state (write), ==,
                   fails ? VL_WRITE_STATE_FAILED : VL_WRITE_STATE_APPLIED);
  assert_master_has (&f, "e", second != NULL);
}

static void
test_drop_in_signals (void)
{
  check_drop_in_signal ("changed", FALSE);
  check_drop_in_signal ("changed", TRUE);
  check_drop_in_signal ("write-failed", TRUE);
  check_drop_in_signal ("notify::pending-writes", FALSE);
  check_drop_in_signal ("notify::pending-writes", TRUE);
}

static void
test_drop_in_notify_of_a_write (void)
{
  const char *const signals[] = { "notify::state", "notify::record", "notify::attempts" };

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      g_auto (WriteFixture) f = write_fixture_new ();
      g_autoptr (VlChange) change = insert_change ("d");
      g_autoptr (VlWrite) write = NULL;
      ProbeTable *master = f.master;
      Owner owner = { give_away (&f), 0 };

      master->holds_describe = TRUE;
      write = vl_live_table_write (owner.live, change);
      g_signal_connect (write, signals[i], G_CALLBACK (drop_in_handler), &owner);
      run_turns ();
      probe_table_answer_all (master);
      wait_for (&owner);
      assert_all_gone ();
      assert_master_has (&f, "d", TRUE);
    }
}

static void
test_drop_in_items_changed (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlChange) change = insert_change ("d");
  g_autoptr (VlWrite) write = NULL;
  Owner owner = { give_away (&f), 0 };

  g_signal_connect (vl_live_table_get_writes (owner.live), "items-changed",
                    G_CALLBACK (drop_in_items_changed), &owner);
  write = vl_live_table_write (owner.live, change);
  g_assert_cmpuint (owner.n_called, >, 0);
  assert_all_gone ();
  assert_master_has (&f, "d", TRUE);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_APPLIED);
}

/* Handlers that do what they like. */

static void
write_again (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Owner *owner = user_data;
  g_autoptr (VlChange) change = NULL;
  g_autoptr (VlWrite) write = NULL;
  g_autofree char *id = g_strdup_printf ("again%u", owner->n_called++);

  if (owner->n_called > 5)
    return;

  change = insert_change (id);
  write = vl_live_table_write (VL_LIVE_TABLE (source), change);
  vl_table_insert_async (VL_TABLE (source), vl_change_get_record (change), NULL, write_again,
                         owner);
}

static void
test_write_in_callback (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlRecord) record = live_fixture_record ("d", "Date", 2.0);
  Owner owner = { f.live, 0 };

  vl_table_insert_async (VL_TABLE (f.live), record, NULL, write_again, &owner);
  while (owner.n_called < 6)
    g_main_context_iteration (NULL, TRUE);
  run_turns ();
  probe_table_assert_trace (f.master,
                            "insert d; insert again0; insert again0; insert again1; insert again1; "
                            "insert again2; insert again2; insert again3; insert again3; "
                            "insert again4; insert again4");
}

static void
write_and_wait (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Owner *owner = user_data;
  g_autoptr (VlRecord) record = live_fixture_record ("inner", "Inner", 2.0);
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (GError) error = NULL;

  stored = vl_table_insert_sync (VL_TABLE (source), record, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (stored);
  g_assert_cmpint (vl_table_count_sync (VL_TABLE (source), NULL, NULL, &error), ==, 6);
  owner->n_called++;
}

/* The callback does not return before its own write is done, which waits for
 * those before it. */
static void
test_write_and_wait_in_callback (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlRecord) record = live_fixture_record ("d", "Date", 2.0);
  Owner owner = { f.live, 0 };
  g_auto (Answer) next = { 0 };

  vl_table_insert_async (VL_TABLE (f.live), record, NULL, write_and_wait, &owner);
  begin_insert (&f, "e", NULL, &next);
  wait_for (&owner);
  assert_inserted (&f, &next, "e");
  probe_table_assert_trace (f.master, "insert d; insert e; insert inner");
}

static void
discard_it (VlLiveTable *live, VlWrite *write, guint *n_called)
{
  ++*n_called;
  vl_write_discard (write);
}

static void
test_discard_in_write_failed (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlChange) change = insert_change ("a");
  g_autoptr (VlWrite) write = NULL;
  guint n_called = 0;

  g_signal_connect (f.live, "write-failed", G_CALLBACK (discard_it), &n_called);
  write = vl_live_table_write (f.live, change);
  run_turns ();
  g_assert_cmpuint (n_called, ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (vl_live_table_get_writes (f.live)), ==, 0);
}

/* Dropped with work left. */

static void
test_drop_with_writes_queued (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  ProbeTable *master = f.master;
  g_auto (Answer) answer = { 0 };
  g_autoptr (VlWrite) second = NULL;
  g_autoptr (VlChange) change = insert_change ("e");

  f.master->holds_writes = TRUE;
  second = vl_live_table_write (f.live, change);
  begin_insert (&f, "f", NULL, &answer);
  g_object_unref (give_away (&f));
  run_turns ();
  g_assert_cmpuint (probe_table_get_n_alive (), ==, 1);
  g_assert_cmpuint (probe_cache_get_n_alive (), ==, 1);

  probe_table_answer (master);
  run_turns ();
  g_assert_cmpint (vl_write_get_state (second), ==, VL_WRITE_STATE_APPLIED);
  probe_table_answer (master);
  answer_wait (&answer);
  answer_clear (&answer);
  assert_all_gone ();
  assert_master_has (&f, "e", TRUE);
  assert_master_has (&f, "f", TRUE);
}

static void
test_drop_before_describe (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  ProbeTable *master = f.master;
  g_autoptr (VlChange) change = insert_change ("e");
  g_autoptr (VlWrite) write = NULL;

  f.master->holds_describe = TRUE;
  write = vl_live_table_write (f.live, change);
  g_object_unref (give_away (&f));
  run_turns ();
  probe_table_answer_all (master);
  assert_all_gone ();
  assert_master_has (&f, "e", TRUE);
}

/* A write that failed and that nobody has looked at goes with the list. */
static void
test_drop_with_failed_writes (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlChange) change = insert_change ("a");
  VlWrite *unseen = vl_live_table_write (f.live, change);
  VlWrite *kept = vl_live_table_write (f.live, change);
  GListModel *writes = vl_live_table_get_writes (f.live);

  run_turns ();
  g_assert_cmpuint (g_list_model_get_n_items (writes), ==, 2);
  g_object_unref (unseen);
  g_object_unref (give_away (&f));
  assert_all_gone ();

  g_assert_cmpint (vl_write_get_state (kept), ==, VL_WRITE_STATE_FAILED);
  g_assert_false (vl_write_cancel (kept));
  vl_write_discard (kept);
  g_assert_finalize_object (kept);
}

/* The failure comes when the live table has gone. */
static void
test_fails_after_drop (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  ProbeTable *master = f.master;
  g_autoptr (VlChange) change = insert_change ("d");
  VlWrite *write;

  f.master->holds_writes = TRUE;
  write = vl_live_table_write (f.live, change);
  run_turns ();
  g_object_unref (give_away (&f));
  probe_table_fail (master, VL_ERROR_UNAVAILABLE);
  assert_all_gone ();
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_FAILED);
  g_assert_finalize_object (write);
}

/* A context that ends takes with it what waits in it. */
static gpointer
leave_home (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  VlTable *master = data;
  g_autoptr (VlLiveTable) live = NULL;
  g_autoptr (VlChange) change = insert_change ("d");
  g_autoptr (VlWrite) first = NULL;
  g_autoptr (VlWrite) second = NULL;

  g_main_context_push_thread_default (context);
  live = vl_live_table_new (master, "products", NULL);
  first = vl_live_table_write (live, change);
  second = vl_live_table_write (live, change);
  vl_live_table_invalidate (live);
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
test_home_ends (void)
{
  g_autoptr (VlSchema) schema = live_fixture_schema ();
  VlMemoryTable *memory = vl_memory_table_new (schema);

  g_thread_join (g_thread_new ("home", leave_home, memory));
  g_assert_finalize_object (memory);
}

/* A master that never answers. */

typedef struct
{
  VlMemoryTable *memory;
  VlFaultTable *master;
  VlLiveTable *live;
} Silence;

static Silence
silence_begin (void)
{
  g_autoptr (VlSchema) schema = live_fixture_schema ();
  Silence s = { 0 };

  fake_clock_begin ();
  s.memory = vl_memory_table_new (schema);
  s.master = vl_fault_table_new (VL_TABLE (s.memory));
  s.live = vl_live_table_new (VL_TABLE (s.master), "products", NULL);
  vl_live_table_set_timeout (s.live, 1000);

  return s;
}

static void
silence_end (Silence *s)
{
  if (s->live != NULL)
    g_assert_finalize_object (s->live);
  run_turns ();
  g_assert_finalize_object (s->master);
  g_assert_finalize_object (s->memory);
  fake_clock_end ();
}

static void
describe_it (Silence *s)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlSchema) schema = vl_table_describe_sync (VL_TABLE (s->live), NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (schema);
}

static void
test_silent_reads (void)
{
  Silence s = silence_begin ();
  Answer answers[3] = { 0 };
  g_autoptr (GError) error = NULL;

  describe_it (&s);
  vl_fault_table_set_never_answer (s.master, TRUE);
  vl_table_list_async (VL_TABLE (s.live), NULL, NULL, answer_cb, &answers[0]);
  vl_table_find_async (VL_TABLE (s.live), "a", NULL, answer_cb, &answers[1]);
  vl_table_count_async (VL_TABLE (s.live), NULL, NULL, answer_cb, &answers[2]);
  fake_clock_advance (999);
  g_assert_cmpuint (answers[0].n_called, ==, 0);
  fake_clock_advance (1);
  g_assert_null (vl_table_list_finish (VL_TABLE (s.live), answers[0].result, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_TIMED_OUT);
  g_clear_error (&error);
  g_assert_null (vl_table_find_finish (VL_TABLE (s.live), answers[1].result, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_TIMED_OUT);
  g_clear_error (&error);
  g_assert_cmpint (vl_table_count_finish (VL_TABLE (s.live), answers[2].result, &error), ==, -1);
  g_assert_error (error, VL_ERROR, VL_ERROR_TIMED_OUT);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    answer_clear (&answers[i]);

  /* And when it is back, all is well. */
  vl_fault_table_set_never_answer (s.master, FALSE);
  g_assert_cmpint (vl_table_count_sync (VL_TABLE (s.live), NULL, NULL, NULL), ==, 0);
  silence_end (&s);
}

static void
test_silent_writes (void)
{
  Silence s = silence_begin ();
  g_autoptr (VlChange) change = insert_change ("d");
  VlWrite *writes[5];
  g_autoptr (VlWrite) after = NULL;

  describe_it (&s);
  vl_fault_table_set_never_answer (s.master, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (writes); i++)
    writes[i] = vl_live_table_write (s.live, change);
  fake_clock_advance (4000);
  vl_fault_table_set_never_answer (s.master, FALSE);
  after = vl_live_table_write (s.live, change);
  fake_clock_advance (1000);
  for (guint i = 0; i < G_N_ELEMENTS (writes); i++)
    {
      g_autoptr (GError) error = vl_write_dup_error (writes[i]);

      g_assert_error (error, VL_ERROR, VL_ERROR_IN_DOUBT);
      vl_write_discard (writes[i]);
    }
  g_assert_cmpint (vl_write_get_state (after), ==, VL_WRITE_STATE_APPLIED);
  g_assert_cmpuint (vl_live_table_get_pending_writes (s.live), ==, 0);

  /* A late answer would still be listened to, but not after the end. */
  silence_end (&s);
  for (guint i = 0; i < G_N_ELEMENTS (writes); i++)
    g_assert_finalize_object (writes[i]);
}

static void
test_silent_describe (void)
{
  Silence s = silence_begin ();
  g_autoptr (VlChange) change = insert_change ("d");
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Answer) answer = { 0 };

  vl_fault_table_set_never_answer (s.master, TRUE);
  write = vl_live_table_write (s.live, change);
  vl_table_list_async (VL_TABLE (s.live), NULL, NULL, answer_cb, &answer);
  fake_clock_advance (1000);
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_FAILED);
  g_assert_cmpuint (answer.n_called, ==, 1);
  g_assert_null (vl_table_list_finish (VL_TABLE (s.live), answer.result, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_TIMED_OUT);
  g_assert_cmpuint (vl_fault_table_get_n_writes (s.master), ==, 0);
  answer_clear (&answer);
  silence_end (&s);
}

/* Dropped in the middle of it, everything goes when the time is up. */
static void
test_silent_drop (void)
{
  Silence s = silence_begin ();
  g_autoptr (VlChange) change = insert_change ("d");
  g_autoptr (VlWrite) write = NULL;
  g_auto (Answer) answer = { 0 };

  describe_it (&s);
  vl_fault_table_set_never_answer (s.master, TRUE);
  write = vl_live_table_write (s.live, change);
  vl_table_list_async (VL_TABLE (s.live), NULL, NULL, answer_cb, &answer);
  g_clear_object (&s.live);
  fake_clock_advance (1000);
  g_assert_cmpuint (answer.n_called, ==, 1);
  answer_clear (&answer);
  silence_end (&s);
}

/* Closing. */

static void
test_close_waits (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) written = { 0 };
  g_auto (Answer) closed = { 0 };
  g_autoptr (GError) error = NULL;

  f.master->holds_writes = TRUE;
  begin_insert (&f, "d", NULL, &written);
  vl_live_table_close_async (f.live, NULL, answer_cb, &closed);
  run_turns ();
  g_assert_cmpuint (closed.n_called, ==, 0);
  f.cache->holds_invalidate = TRUE;
  probe_table_answer (f.master);
  run_turns ();
  g_assert_cmpuint (closed.n_called, ==, 0);
  probe_cache_answer (f.cache);
  answer_wait (&closed);
  g_assert_true (vl_live_table_close_finish (f.live, closed.result, &error));
  g_assert_no_error (error);
  assert_inserted (&f, &written, "d");
}

static void
test_close_idle (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (vl_live_table_close_sync (f.live, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (vl_live_table_close_sync (f.live, NULL, &error));
  g_assert_no_error (error);
}

static void
test_close_times_out (void)
{
  WriteFixture f;
  Answer closed = { 0 };
  g_autoptr (VlChange) first = insert_change ("d");
  g_autoptr (VlChange) second = insert_change ("e");
  g_autoptr (VlChange) third = insert_change ("g");
  g_autoptr (VlWrite) sent = NULL;
  g_autoptr (VlWrite) queued = NULL;
  g_autoptr (VlWrite) discarded = NULL;
  g_autoptr (VlWrite) left = NULL;
  g_autoptr (GError) error = NULL;
  VlRecord *record;

  fake_clock_begin ();
  f = write_fixture_new ();
  vl_live_table_set_timeout (f.live, 1000);
  f.master->holds_writes = TRUE;
  sent = vl_live_table_write (f.live, first);
  fake_clock_advance (500);
  queued = vl_live_table_write (f.live, second);
  discarded = vl_live_table_write (f.live, third);
  vl_write_discard (discarded);
  vl_live_table_close_async (f.live, NULL, answer_cb, &closed);
  fake_clock_advance (999);
  g_assert_cmpuint (closed.n_called, ==, 0);
  fake_clock_advance (1);
  g_assert_false (vl_live_table_close_finish (f.live, closed.result, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_TIMED_OUT);
  g_assert_true (g_str_has_prefix (error->message, "1 write to “products” has not"));
  g_assert_true (g_str_has_suffix (error->message, ": “e”"));

  /* With its data: the one in doubt, which has failed, and the one that is
   * left. */
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (vl_live_table_get_writes (f.live)), ==, 2);
  left = g_list_model_get_item (vl_live_table_get_writes (f.live), 1);
  g_assert_true (left == queued);
  record = vl_change_get_record (vl_write_get_change (left));
  g_assert_cmpstr (vl_change_get_id (vl_write_get_change (left)), ==, "e");
  g_assert_cmpstr (vl_record_get_string (record, "name"), ==, "new");

  /* It goes on. */
  probe_table_answer_all (f.master);
  run_turns ();
  g_assert_cmpint (vl_write_get_state (queued), ==, VL_WRITE_STATE_APPLIED);
  vl_write_discard (sent);
  answer_clear (&closed);
  write_fixture_clear (&f);
  fake_clock_end ();
}

/* By what somebody who reads it knows them; the list has them all. */
static void
test_close_names_left (void)
{
  static const char *const ids[] = { "d", NULL, "e", "g", "h", "i", "j" };
  WriteFixture f;
  Answer closed = { 0 };
  g_autoptr (GError) error = NULL;

  fake_clock_begin ();
  f = write_fixture_new ();
  vl_live_table_set_close_timeout (f.live, 1000);
  f.master->holds_writes = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autoptr (VlChange) change = insert_change (ids[i]);

      g_object_unref (vl_live_table_write (f.live, change));
    }
  run_turns ();
  vl_live_table_close_async (f.live, NULL, answer_cb, &closed);
  fake_clock_advance (1000);
  g_assert_false (vl_live_table_close_finish (f.live, closed.result, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_TIMED_OUT);
  g_assert_true (g_str_has_prefix (error->message, "7 writes to “products” have not"));
  g_assert_true (g_str_has_suffix (error->message, ": “d”, a new record, “e”, “g”, “h”, …"));
  probe_table_answer_all (f.master);
  run_turns ();
  answer_clear (&closed);
  write_fixture_clear (&f);
  fake_clock_end ();
}

/* A cache that does not answer keeps nothing of the caller's. */
static void
test_close_with_silent_cache (void)
{
  WriteFixture f;
  Answer closed = { 0 };
  g_autoptr (GError) error = NULL;

  fake_clock_begin ();
  f = write_fixture_new ();
  f.cache->holds_invalidate = TRUE;
  vl_live_table_invalidate (f.live);
  run_turns ();
  vl_live_table_set_timeout (f.live, 1000);
  vl_live_table_close_async (f.live, NULL, answer_cb, &closed);
  fake_clock_advance (999);
  g_assert_cmpuint (closed.n_called, ==, 0);
  fake_clock_advance (1);
  g_assert_true (vl_live_table_close_finish (f.live, closed.result, &error));
  g_assert_no_error (error);
  probe_cache_answer (f.cache);
  answer_clear (&closed);
  write_fixture_clear (&f);
  fake_clock_end ();
}

static void
test_close_cancelled (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Answer) written = { 0 };
  g_auto (Answer) closed = { 0 };
  g_autoptr (GError) error = NULL;

  f.master->holds_writes = TRUE;
  begin_insert (&f, "d", NULL, &written);
  vl_live_table_close_async (f.live, cancellable, answer_cb, &closed);
  run_turns ();
  g_cancellable_cancel (cancellable);
  run_turns ();
  g_assert_cmpuint (closed.n_called, ==, 1);
  g_assert_false (vl_live_table_close_finish (f.live, closed.result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (vl_table_list_sync (VL_TABLE (f.live), NULL, NULL, NULL));
  probe_table_answer (f.master);
  assert_inserted (&f, &written, "d");
}

#define assert_closed(f, call)                          \
 G_STMT_START                                           \
 {                                                      \
  g_autoptr (GError) refused_ = NULL;                   \
  GError **error = &refused_;                           \
  g_assert_false (call);                                \
  g_assert_error (refused_, VL_ERROR, VL_ERROR_CLOSED); \
 }                                                      \
 G_STMT_END

static void
test_closed_calls (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  VlTable *table = VL_TABLE (f.live);
  const char *const ids[] = { "a", NULL };
  g_autoptr (VlRecord) record = live_fixture_record ("d", "Date", 2.0);
  g_autoptr (VlChange) change = insert_change ("d");
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (VlLiveStream) stream = vl_live_stream_new ();
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (VlOutcome) outcome = NULL;
  g_autoptr (GError) failure = NULL;
  guint n_reads;

  read_all (&f);
  vl_live_table_add_stream (f.live, stream);
  g_list_store_append (changes, change);
  g_assert_true (vl_live_table_close_sync (f.live, NULL, NULL));
  n_reads = f.master->n_reads;

  assert_closed (&f, vl_table_describe_sync (table, NULL, error) != NULL);
  assert_closed (&f, vl_table_list_sync (table, NULL, NULL, error) != NULL);
  assert_closed (&f, vl_table_find_sync (table, "a", NULL, error) != NULL);
  assert_closed (&f, vl_table_count_sync (table, NULL, NULL, error) != -1);
  assert_closed (&f, vl_table_get_first_sync (table, NULL, NULL, error) != NULL);
  assert_closed (&f, vl_table_find_many_sync (table, ids, NULL, error) != NULL);
  assert_closed (&f, vl_live_table_refresh_sync (f.live, NULL, NULL, error) != NULL);
  assert_closed (&f, vl_table_insert_sync (table, record, NULL, error) != NULL);
  assert_closed (&f, vl_table_delete_sync (table, "a", NULL, error) != NULL);
  assert_closed (&f, vl_table_delete_all_sync (table, NULL, NULL, error));
  outcomes = vl_table_apply_many_sync (table, G_LIST_MODEL (changes), NULL, NULL);
  outcome = g_list_model_get_item (outcomes, 0);
  g_assert_error (vl_outcome_get_error (outcome), VL_ERROR, VL_ERROR_CLOSED);
  g_assert_null (vl_live_table_peek_page (f.live, NULL));
  g_assert_null (vl_live_table_peek_record (f.live, "a"));

  write = vl_live_table_write (f.live, change);
  run_turns ();
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_FAILED);
  failure = vl_write_dup_error (write);
  g_assert_error (failure, VL_ERROR, VL_ERROR_CLOSED);
  g_assert_cmpuint (f.master->n_reads, ==, n_reads);
  g_assert_cmpuint (f.master->n_writes, ==, 0);

  /* It listens to nothing, either. */
  g_assert_cmpint (vl_live_stream_get_state (stream), ==, VL_LIVE_STREAM_STATE_STOPPED);
  vl_live_table_add_stream (f.live, stream);
  run_turns ();
  g_assert_cmpint (vl_live_stream_get_state (stream), ==, VL_LIVE_STREAM_STATE_STOPPED);
  vl_live_table_invalidate (f.live);
  vl_live_table_clear (f.live);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define LIFETIME "/live-table/lifetime/"
  g_test_add_func (LIFETIME "last-unref-in-callbacks", test_drop_in_callbacks);
  g_test_add_func (LIFETIME "last-unref-with-others-waiting", test_drop_with_others_waiting);
  g_test_add_func (LIFETIME "last-unref-in-signals", test_drop_in_signals);
  g_test_add_func (LIFETIME "last-unref-in-notify-of-a-write", test_drop_in_notify_of_a_write);
  g_test_add_func (LIFETIME "last-unref-in-items-changed", test_drop_in_items_changed);
  g_test_add_func (LIFETIME "callback-writes-again", test_write_in_callback);
  g_test_add_func (LIFETIME "callback-writes-and-waits", test_write_and_wait_in_callback);
  g_test_add_func (LIFETIME "handler-discards-what-failed", test_discard_in_write_failed);
  g_test_add_func (LIFETIME "writes-queued-are-sent-after-the-end", test_drop_with_writes_queued);
  g_test_add_func (LIFETIME "writes-before-describe-are-sent-after-the-end",
                   test_drop_before_describe);
  g_test_add_func (LIFETIME "failed-writes-go-with-it", test_drop_with_failed_writes);
  g_test_add_func (LIFETIME "failure-after-the-end", test_fails_after_drop);
  g_test_add_func (LIFETIME "home-ends", test_home_ends);
  g_test_add_func (LIFETIME "silent-master-times-reads-out", test_silent_reads);
  g_test_add_func (LIFETIME "silent-master-leaves-writes-in-doubt", test_silent_writes);
  g_test_add_func (LIFETIME "silent-master-is-not-described", test_silent_describe);
  g_test_add_func (LIFETIME "silent-master-keeps-nothing-alive", test_silent_drop);
  g_test_add_func (LIFETIME "close-waits", test_close_waits);
  g_test_add_func (LIFETIME "close-with-nothing-to-do", test_close_idle);
  g_test_add_func (LIFETIME "close-times-out-with-what-is-left", test_close_times_out);
  g_test_add_func (LIFETIME "close-names-what-is-left", test_close_names_left);
  g_test_add_func (LIFETIME "close-does-not-wait-for-a-silent-cache", test_close_with_silent_cache);
  g_test_add_func (LIFETIME "close-can-be-cancelled", test_close_cancelled);
  g_test_add_func (LIFETIME "closed-refuses-calls", test_closed_calls);
#undef LIFETIME

  return g_test_run ();
}
