/* test-live-doubt.c: writes of which nobody knows whether they were applied
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "patient-fixture.h"
#include "sqlite-file.h"

/* A live table that sends again, over a master that loses acknowledgements. */
typedef struct
{
  VlMemoryTable *memory;
  VlFaultTable *fault;
  VlLiveTable *live;
} DoubtFixture;

static void
doubt_set_up (DoubtFixture *f, gconstpointer data)
{
  g_autoptr (VlSchema) schema = live_fixture_schema ();
  g_autoptr (VlSchema) described = NULL;
  LiveFixture part = { 0 };

  fake_clock_begin ();
  _vl_random_set_func (patient_random);
  f->memory = g_object_new (VL_TYPE_MEMORY_TABLE, "schema", schema, "idempotent", data != NULL,
                            NULL);
  part.memory = f->memory;
  live_fixture_put (&part, "a", "Apple", 1.5);
  live_fixture_put (&part, "b", "Banana", 0.5);
  live_fixture_put (&part, "c", "Cherry", 4.0);
  f->fault = vl_fault_table_new (VL_TABLE (f->memory));
  f->live = vl_live_table_new (VL_TABLE (f->fault), "products", NULL);
  vl_live_table_set_optimistic (f->live, TRUE);
  described = vl_table_describe_sync (VL_TABLE (f->live), NULL, NULL);
  g_assert_nonnull (described);
}

static void
doubt_tear_down (DoubtFixture *f, gconstpointer data)
{
  run_turns ();
  g_assert_finalize_object (f->live);
  run_turns ();
  g_assert_finalize_object (f->fault);
  g_assert_finalize_object (f->memory);
  _vl_random_set_func (NULL);
  fake_clock_end ();
}

static VlWrite *
write_change (DoubtFixture *f, VlChange *change)
{
  g_autoptr (VlChange) owned = change;
  VlWrite *write = vl_live_table_write (f->live, owned);

  run_turns ();

  return write;
}

static void
push (DoubtFixture *f, VlError code)
{
  g_autoptr (GError) error = g_error_new (VL_ERROR, (int) code, "by the test");

  vl_fault_table_push_error (f->fault, error);
}

/* The next write is applied, and nobody hears of it. */
static void
lose (DoubtFixture *f, VlError code)
{
  g_autoptr (GError) error = g_error_new (VL_ERROR, (int) code, "lost by the test");

  vl_fault_table_push_error_after (f->fault, error);
}

static guint
n_stored (DoubtFixture *f)
{
  return vl_memory_table_get_n_records (f->memory);
}

static guint
n_listed (DoubtFixture *f)
{
  return g_list_model_get_n_items (vl_live_table_get_writes (f->live));
}

static double
stored_price (DoubtFixture *f, const char *id)
{
  g_autoptr (VlRecord) record = vl_table_find_sync (VL_TABLE (f->memory), id, NULL, NULL);

  g_assert_nonnull (record);

  return vl_record_get_double (record, "price");
}

static double
shown_price (DoubtFixture *f, const char *id)
{
  g_autoptr (VlRecord) record = vl_table_find_sync (VL_TABLE (f->live), id, NULL, NULL);

  g_assert_nonnull (record);

  return vl_record_get_double (record, "price");
}

/* Somebody else does. */
static void
put (DoubtFixture *f, const char *id, const char *name, double price)
{
  LiveFixture part = { .memory = f->memory };

  live_fixture_put (&part, id, name, price);
}

/* --- Sent again --- */

static void
test_idempotent (DoubtFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) inserted = NULL;
  g_autoptr (VlWrite) emptied = NULL;

  lose (f, VL_ERROR_IN_DOUBT);
  inserted = write_change (f, insert_change (NULL));
  assert_write_state (inserted, WAITING);
  assert_write_error (inserted, IN_DOUBT);
  g_assert_cmpuint (n_stored (f), ==, 4);
  fake_clock_advance (FIRST_WAIT);
  assert_write_state (inserted, APPLIED);
  g_assert_cmpuint (vl_write_get_attempts (inserted), ==, 2);
  g_assert_cmpuint (n_stored (f), ==, 4);

  /* Not what came to be there since. */
  lose (f, VL_ERROR_TIMED_OUT);
  emptied = write_change (f, vl_change_new_delete_all (NULL));
  assert_write_state (emptied, WAITING);
  g_assert_cmpuint (n_stored (f), ==, 0);
  put (f, "x", "kept", 1);
  fake_clock_advance (FIRST_WAIT);
  assert_write_state (emptied, APPLIED);
  g_assert_cmpuint (n_stored (f), ==, 1);
}

static void
test_harmless (DoubtFixture *f, gconstpointer data)
{
  g_autoptr (VlRecord) whole = live_fixture_record ("c", "Cherry", 8);
  g_autoptr (VlWrite) patch = NULL;
  g_autoptr (VlWrite) replace = NULL;
  g_autoptr (VlWrite) deleted = NULL;

  lose (f, VL_ERROR_IN_DOUBT);
  patch = write_change (f, patch_change ("a", 2));
  fake_clock_advance (FIRST_WAIT);
  lose (f, VL_ERROR_TIMED_OUT);
  replace = write_change (f, vl_change_new_replace (whole));
  fake_clock_advance (FIRST_WAIT);
  lose (f, VL_ERROR_IN_DOUBT);
  deleted = write_change (f, vl_change_new_delete ("b"));
  fake_clock_advance (FIRST_WAIT);
  assert_write_state (patch, APPLIED);
  assert_write_state (replace, APPLIED);
  assert_write_state (deleted, APPLIED);
  g_assert_cmpuint (vl_write_get_attempts (patch), ==, 2);
  g_assert_cmpuint (vl_write_get_attempts (replace), ==, 2);
  g_assert_cmpuint (vl_write_get_attempts (deleted), ==, 2);
  g_assert_cmpfloat (stored_price (f, "a"), ==, 2);
  g_assert_cmpfloat (stored_price (f, "c"), ==, 8);
  g_assert_cmpuint (n_stored (f), ==, 2);
}

/* The caller does not wait until it is certain. */
static void
test_caller (DoubtFixture *f, gconstpointer data)
{
  g_autoptr (VlRecord) record = live_fixture_record ("d", "new", 9);
  g_autoptr (VlRecord) heard = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Answer) answer = { 0 };

  lose (f, VL_ERROR_IN_DOUBT);
  vl_table_insert_async (VL_TABLE (f->live), record, NULL, answer_cb, &answer);
  answer_wait (&answer);
  heard = vl_table_insert_finish (VL_TABLE (f->live), answer.result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vl_record_get_id (heard), ==, "d");
  g_assert_cmpuint (vl_live_table_get_pending_writes (f->live), ==, 1);
  fake_clock_advance (FIRST_WAIT);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f->live), ==, 0);
  g_assert_cmpuint (n_listed (f), ==, 0);
}

/* --- A new record with an id: it is there --- */

static void
test_insert_is_there (DoubtFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;

  lose (f, VL_ERROR_IN_DOUBT);
  write = write_change (f, insert_change ("d"));
  assert_write_state (write, WAITING);
  fake_clock_advance (FIRST_WAIT);
  assert_write_state (write, APPLIED);
  g_assert_null (vl_write_dup_error (write));
  g_assert_cmpstr (vl_record_get_id (vl_write_get_record (write)), ==, "d");
  g_assert_cmpuint (n_stored (f), ==, 4);
}

/* But it is not ours. */
static void
test_insert_of_another (DoubtFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;

  push (f, VL_ERROR_IN_DOUBT);
  write = write_change (f, insert_change ("d"));
  put (f, "d", "somebody else's", 1);
  fake_clock_advance (FIRST_WAIT);
  assert_write_state (write, FAILED);
  assert_write_error (write, EXISTS);
  g_assert_cmpfloat (shown_price (f, "d"), ==, 1);
  vl_write_discard (write);
}

/* It never got there the first time. */
static void
test_insert_not_there (DoubtFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;

  push (f, VL_ERROR_TIMED_OUT);
  write = write_change (f, insert_change ("d"));
  g_assert_cmpuint (n_stored (f), ==, 3);
  fake_clock_advance (FIRST_WAIT);
  assert_write_state (write, APPLIED);
  g_assert_cmpuint (n_stored (f), ==, 4);
}

/* Without a doubt `exists` is what it says, equal or not. */
static void
test_exists_without_doubt (DoubtFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;

  push (f, VL_ERROR_UNAVAILABLE);
  write = write_change (f, insert_change ("d"));
  put (f, "d", "new", 9);
  fake_clock_advance (FIRST_WAIT);
  assert_write_state (write, FAILED);
  assert_write_error (write, EXISTS);
  vl_write_discard (write);
}

/* The master cannot be asked what is there: the doubt stays, and so does the
 * write. */
static void
test_look_fails (DoubtFixture *f, gconstpointer data)
{
  static const VlError codes[] = { VL_ERROR_UNAVAILABLE, VL_ERROR_TIMED_OUT };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autofree char *id = g_strdup_printf ("n%u", i);
      g_autoptr (VlWrite) write = NULL;

      lose (f, VL_ERROR_IN_DOUBT);
      lose (f, VL_ERROR_EXISTS);
      push (f, codes[i]);
      write = write_change (f, insert_change (id));
      fake_clock_advance (FIRST_WAIT);
      g_assert_cmpuint (vl_write_get_attempts (write), ==, 2);
      assert_write_state (write, WAITING);
      fake_clock_advance (4 * FIRST_WAIT);
      assert_write_state (write, APPLIED);
      g_assert_cmpuint (n_stored (f), ==, 4 + i);
    }
}

/* It can be asked, and does not want to say. */
static void
test_look_refused (DoubtFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;

  lose (f, VL_ERROR_IN_DOUBT);
  lose (f, VL_ERROR_EXISTS);
  push (f, VL_ERROR_REJECTED);
  write = write_change (f, insert_change ("d"));
  fake_clock_advance (FIRST_WAIT);
  assert_write_state (write, FAILED);
  assert_write_error (write, EXISTS);
  vl_write_discard (write);
}

/* --- Parked --- */

static void
test_insert_parked (DoubtFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlWrite) next = NULL;
  g_autoptr (VlPage) page = NULL;

  lose (f, VL_ERROR_IN_DOUBT);
  write = write_change (f, insert_change (NULL));
  assert_write_state (write, FAILED);
  assert_write_error (write, IN_DOUBT);
  g_assert_cmpuint (n_listed (f), ==, 1);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f->live), ==, 0);
  g_assert_cmpuint (vl_write_get_attempts (write), ==, 1);

  /* What the master has of it is shown: once. */
  page = vl_table_list_sync (VL_TABLE (f->live), NULL, NULL, NULL);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, 4);
  next = write_change (f, patch_change ("a", 2));
  assert_write_state (next, APPLIED);
  fake_clock_advance (120000);
  g_assert_cmpuint (n_stored (f), ==, 4);

  /* By hand it is sent again, and that is twice. */
  g_assert_true (vl_write_retry (write));
  run_turns ();
  assert_write_state (write, APPLIED);
  g_assert_cmpuint (n_stored (f), ==, 5);
}

static void
test_delete_all_parked (DoubtFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlWrite) next = NULL;

  lose (f, VL_ERROR_TIMED_OUT);
  write = write_change (f, vl_change_new_delete_all (NULL));
  assert_write_state (write, FAILED);
  assert_write_error (write, TIMED_OUT);
  next = write_change (f, insert_change ("d"));
  assert_write_state (next, APPLIED);
  fake_clock_advance (120000);
  g_assert_cmpuint (n_stored (f), ==, 1);
  vl_write_discard (write);
}

/* Nobody answers for it, so that it is not sent again: the caller is told. */
static void
test_not_optimistic (DoubtFixture *f, gconstpointer data)
{
  g_autoptr (VlRecord) record = live_fixture_record ("d", "new", 9);
  g_autoptr (VlRecord) heard = NULL;
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (GError) error = NULL;

  vl_live_table_set_optimistic (f->live, FALSE);
  lose (f, VL_ERROR_IN_DOUBT);
  heard = vl_table_insert_sync (VL_TABLE (f->live), record, NULL, &error);
  g_assert_error (error, VL_ERROR, VL_ERROR_IN_DOUBT);
  g_assert_null (heard);
  g_assert_cmpuint (n_listed (f), ==, 0);

  /* One without a caller can be tried by hand, and finds itself. */
  lose (f, VL_ERROR_IN_DOUBT);
  write = write_change (f, insert_change ("e"));
  assert_write_state (write, FAILED);
  g_assert_true (vl_write_retry (write));
  run_turns ();
  assert_write_state (write, APPLIED);
  g_assert_cmpuint (n_stored (f), ==, 5);
}

/* Tried by hand, it finds a record, and nobody can say whose it is. */
static void
test_not_optimistic_look_fails (DoubtFixture *f, gconstpointer data)
{
  static const VlError codes[] = { VL_ERROR_UNAVAILABLE, VL_ERROR_TIMED_OUT };

  vl_live_table_set_optimistic (f->live, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autofree char *id = g_strdup_printf ("n%u", i);
      g_autoptr (VlWrite) write = NULL;

      lose (f, VL_ERROR_IN_DOUBT);
      lose (f, VL_ERROR_EXISTS);
      push (f, codes[i]);
      write = write_change (f, insert_change (id));
      assert_write_state (write, FAILED);
      g_assert_true (vl_write_retry (write));
      run_turns ();
      assert_write_state (write, FAILED);
      assert_write_error (write, IN_DOUBT);
      vl_write_discard (write);
    }
}

static void
count_call (VlLiveTable *live, GParamSpec *pspec, guint *n_calls)
{
  ++*n_calls;
}

/* A master that swallows writes is not one that was reached. */
static void
test_parked_is_not_reached (DoubtFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) one = NULL;
  g_autoptr (VlWrite) two = NULL;
  g_autoptr (VlWrite) parked = NULL;
  guint n_calls = 0;

  for (guint i = 0; i < 2; i++)
    push (f, VL_ERROR_UNAVAILABLE);
  one = write_change (f, patch_change ("a", 2));
  two = write_change (f, patch_change ("b", 2));
  g_assert_cmpint (vl_live_table_get_state (f->live), ==, VL_LIVE_STATE_OFFLINE);
  for (guint i = 0; i < 1000; i++)
    push (f, VL_ERROR_TIMED_OUT);
  parked = write_change (f, insert_change (NULL));
  g_signal_connect (f->live, "notify::state", G_CALLBACK (count_call), &n_calls);
  while (vl_write_get_state (parked) != VL_WRITE_STATE_FAILED)
    fake_clock_advance (100);
  g_assert_cmpuint (n_calls, ==, 0);
  vl_write_discard (one);
  vl_write_discard (two);
  vl_write_discard (parked);
}

/* --- What an earlier attempt has done --- */

static VlChange *
based (DoubtFixture *f, VlChange *change, const char *id)
{
  g_autoptr (VlChange) owned = change;
  g_autoptr (VlRecord) base = vl_table_find_sync (VL_TABLE (f->memory), id, NULL, NULL);

  return vl_change_with_base (change, base);
}

/* Our own earlier attempt is nobody else's change. */
static void
test_own_conflict (DoubtFixture *f, gconstpointer data)
{
  g_autoptr (VlRecord) whole = live_fixture_record ("b", "Berry", 3);
  g_autoptr (VlWrite) patch = NULL;
  g_autoptr (VlWrite) replace = NULL;
  g_autoptr (VlWrite) deleted = NULL;

  vl_live_table_set_conflict_policy (f->live, VL_CONFLICT_POLICY_FAIL);
  lose (f, VL_ERROR_IN_DOUBT);
  patch = write_change (f, based (f, patch_change ("a", 2), "a"));
  fake_clock_advance (FIRST_WAIT);
  assert_write_state (patch, APPLIED);
  g_assert_cmpfloat (vl_record_get_double (vl_write_get_record (patch), "price"), ==, 2);
  g_assert_cmpstr (vl_record_get_string (vl_write_get_record (patch), "name"), ==, "Apple");

  lose (f, VL_ERROR_IN_DOUBT);
  replace = write_change (f, based (f, vl_change_new_replace (whole), "b"));
  fake_clock_advance (FIRST_WAIT);
  assert_write_state (replace, APPLIED);

  lose (f, VL_ERROR_IN_DOUBT);
  deleted = write_change (f, based (f, vl_change_new_delete ("c"), "c"));
  fake_clock_advance (FIRST_WAIT);
  assert_write_state (deleted, APPLIED);
  g_assert_cmpuint (n_stored (f), ==, 2);
}

/* Somebody else's is one, in doubt or not. */
static void
test_others_conflict (DoubtFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;

  vl_live_table_set_conflict_policy (f->live, VL_CONFLICT_POLICY_FAIL);
  push (f, VL_ERROR_IN_DOUBT);
  write = write_change (f, based (f, patch_change ("a", 2), "a"));
  put (f, "a", "Apple", 7);
  fake_clock_advance (FIRST_WAIT);
  assert_write_state (write, FAILED);
  assert_write_error (write, CONFLICT);
  g_assert_cmpfloat (vl_record_get_double (vl_write_get_record (write), "price"), ==, 7);
  g_assert_cmpfloat (stored_price (f, "a"), ==, 7);
  vl_write_discard (write);
}

static void
note_change (VlLiveTable *live, VlLiveEvent *event, guint *n_changes)
{
  ++*n_changes;
}

/* The first attempt was applied, the second is refused: what is cached from
 * between the two has to go. */
static void
test_refused_after_doubt (DoubtFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;
  guint64 generation;
  guint n_changes = 0;

  push (f, VL_ERROR_IN_DOUBT);
  write = write_change (f, patch_change ("a", 2));
  g_assert_cmpfloat (shown_price (f, "a"), ==, 2);
  put (f, "a", "Apple", 2); /* it was on its way for long */
  push (f, VL_ERROR_REJECTED);
  generation = f->live->core->gate.epoch;
  g_signal_connect (f->live, "changed", G_CALLBACK (note_change), &n_changes);
  fake_clock_advance (FIRST_WAIT);
  assert_write_state (write, FAILED);
  g_assert_cmpuint (f->live->core->gate.epoch, >, generation);
  g_assert_cmpuint (n_changes, >, 0);
  g_assert_cmpfloat (shown_price (f, "a"), ==, 2);
  vl_write_discard (write);
}

/* Nor is it known when the first one was never answered: it may still be on its way
 * while who reads gets what was before it. */
static void
test_refused_after_silence (WriteFixture *f, gconstpointer data)
{
  LiveFixture part = { .memory = f->memory };
  g_autoptr (VlWrite) write = NULL;

  read_all (f);
  vl_live_table_set_timeout (f->live, 1000);
  f->master->holds_writes = TRUE;
  write = make_write (f, patch_change ("a", 2));
  run_turns ();
  fake_clock_advance (1000);
  assert_write_state (write, WAITING);
  read_all (f);
  assert_all_hits (f);
  live_fixture_put (&part, "a", "Apple", 2); /* it gets there */
  f->master->holds_writes = FALSE;
  probe_table_push_error (f->master, VL_ERROR_REJECTED);
  fake_clock_advance (FIRST_WAIT);
  assert_write_state (write, FAILED);
  g_assert_cmpfloat (get_shown_price (f, "a"), ==, 2);
  vl_write_discard (write);
  probe_table_drop (f->master);
  run_turns ();
}

/* --- Exactly once --- */

/* Whatever is lost, of many writes. */
static void
test_exactly_once (DoubtFixture *f, gconstpointer data)
{
  GPtrArray *writes = g_ptr_array_new_with_free_func (g_object_unref);

  vl_fault_table_set_seed (f->fault, patient_random ());
  vl_fault_table_set_latency (f->fault, 10);
  vl_fault_table_set_jitter (f->fault, 50);
  vl_fault_table_set_error_rate (f->fault, 0.2);
  vl_fault_table_set_lost_ack_rate (f->fault, 0.2);
  vl_fault_table_set_never_answer_rate (f->fault, 0.1);
  for (guint i = 0; i < 60; i++)
    {
      g_ptr_array_add (writes, write_change (f, insert_change (NULL)));
      g_ptr_array_add (writes, write_change (f, patch_change ("a", i)));
      fake_clock_advance (50);
    }
  while (vl_live_table_get_pending_writes (f->live) > 0)
    fake_clock_advance (1000);
  for (guint i = 0; i < writes->len; i++)
    assert_write_state (writes->pdata[i], APPLIED);
  g_assert_cmpuint (n_stored (f), ==, 3 + 60);
  g_assert_cmpfloat (stored_price (f, "a"), ==, 59);
  g_ptr_array_unref (writes);
}

/* A database that may keep book of what it has applied. */
static void
test_sqlite (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlSqliteTable) table = NULL;
  g_autoptr (VlFaultTable) fault = NULL;
  g_autoptr (VlLiveTable) live = NULL;
  g_autoptr (VlSchema) described = NULL;
  g_autoptr (GError) lost = g_error_new_literal (VL_ERROR, VL_ERROR_IN_DOUBT, "lost");
  VlWrite *writes[12];

  sqlite_file_init (&file);
  sqlite_file_run (&file, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, price REAL)");
  table = g_object_new (VL_TYPE_SQLITE_TABLE, "path", file.path, "table-name", "t",
                        "allow-bookkeeping", TRUE, NULL);
  fault = vl_fault_table_new (VL_TABLE (table));
  live = vl_live_table_new (VL_TABLE (fault), "t", NULL);
  vl_live_table_set_optimistic (live, TRUE);
  vl_live_table_set_retry_floor (live, 1);
  vl_live_table_set_retry_cap (live, 2);
  described = vl_table_describe_sync (VL_TABLE (live), NULL, NULL);
  g_assert_true (vl_schema_can (described, VL_CAPABILITY_IDEMPOTENT));
  for (guint i = 0; i < G_N_ELEMENTS (writes); i++)
    {
      g_autoptr (VlChange) change = insert_change (NULL);

      vl_fault_table_push_error_after (fault, lost);
      writes[i] = vl_live_table_write (live, change);
      if (i % 2 == 0)
        wait_until (vl_write_get_state (writes[i]) == VL_WRITE_STATE_APPLIED);
    }
  wait_until (vl_live_table_get_pending_writes (live) == 0);
  for (guint i = 0; i < G_N_ELEMENTS (writes); i++)
    {
      assert_write_state (writes[i], APPLIED);
      g_object_unref (writes[i]);
    }
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM t"), ==,
                   G_N_ELEMENTS (writes));
}

/* --- Answers that come late --- */

static void
test_late_while_waiting (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;

  read_all (f);
  vl_live_table_set_timeout (f->live, 1000);
  f->master->holds_writes = TRUE;
  write = make_write (f, patch_change ("a", 2));
  run_turns ();
  fake_clock_advance (1000);
  assert_write_state (write, WAITING);
  assert_write_error (write, IN_DOUBT);

  /* It need not be sent again. */
  probe_table_answer_all (f->master);
  run_turns ();
  assert_write_state (write, APPLIED);
  g_assert_null (vl_write_dup_error (write));
  fake_clock_advance (120000);
  probe_table_assert_trace (f->master, "patch a");
  g_assert_cmpfloat (get_shown_price (f, "a"), ==, 2);
}

/* A new record that is on its way meanwhile has no id yet: what others tell of it
 * waits on. */
static void
test_late_while_new (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlWrite) insert = NULL;

  read_all (f);
  vl_live_table_set_timeout (f->live, 1000);
  f->master->holds_writes = TRUE;
  write = make_write (f, patch_change ("a", 2));
  run_turns ();
  fake_clock_advance (1000);
  assert_write_state (write, WAITING);
  insert = make_write (f, insert_change_without_id ());
  run_turns ();
  assert_write_state (insert, SENT);
  g_assert_true (_vl_hold_is_on (f->live->core));
  probe_table_answer (f->master);
  run_turns ();
  assert_write_state (write, APPLIED);
  g_assert_true (_vl_hold_is_on (f->live->core));
  probe_table_answer (f->master);
  run_turns ();
  assert_write_state (insert, APPLIED);
}

/* Nor has it failed; else somebody would send it again by hand. */
static void
test_late_when_parked (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlPage) page = NULL;

  f->master->without = VL_CAPABILITY_IDEMPOTENT;
  vl_live_table_set_timeout (f->live, 1000);
  f->master->holds_writes = TRUE;
  write = make_write (f, insert_change (NULL));
  run_turns ();
  fake_clock_advance (1000);
  assert_write_state (write, FAILED);
  assert_write_error (write, IN_DOUBT);
  g_assert_cmpuint (get_n_listed (f), ==, 1);

  /* Until the cache knows it is not to be sent again, and the queue is no fuller. */
  f->cache->holds_invalidate = TRUE;
  probe_table_answer_all (f->master);
  run_turns ();
  assert_write_state (write, SENT);
  g_assert_false (vl_write_retry (write));
  vl_write_discard (write);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f->live), ==, 0);
  f->cache->holds_invalidate = FALSE;
  while (f->cache->held->len > 0)
    {
      probe_cache_answer (f->cache);
      run_turns ();
    }
  assert_write_state (write, APPLIED);
  g_assert_null (vl_write_dup_error (write));
  g_assert_cmpuint (get_n_listed (f), ==, 0);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f->live), ==, 0);
  g_assert_false (vl_write_retry (write));
  page = vl_table_list_sync (VL_TABLE (f->live), NULL, NULL, NULL);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, 4);
}

/* Others may have written to the record since it had failed. */
static void
check_late_lays_nothing (WriteFixture *f, gboolean retries)
{
  g_autoptr (VlWrite) write = NULL;
  g_autoptr (VlWrite) other = NULL;

  vl_live_table_set_optimistic (f->live, FALSE);
  vl_live_table_set_invalidation (f->live, VL_INVALIDATION_SURGICAL);
  read_all (f);
  vl_live_table_set_timeout (f->live, 1000);
  f->master->holds_writes = TRUE;
  write = make_write (f, vl_change_new_delete ("a"));
  run_turns ();
  fake_clock_advance (1000);
  assert_write_state (write, FAILED);
  other = make_write (f, patch_change ("b", 2));
  run_turns ();
  if (retries)
    g_assert_true (vl_write_retry (write));
  probe_table_answer (f->master);
  run_turns ();
  assert_write_state (write, APPLIED);
  g_assert_null (_vl_facts_get_chain (f->live->core->facts, "a"));
  probe_table_answer_all (f->master);
  run_turns ();
  assert_write_state (other, APPLIED);
  assert_master_has (f, "a", FALSE);
}

static void
test_late_lays_nothing (WriteFixture *f, gconstpointer data)
{
  check_late_lays_nothing (f, FALSE);
}

static void
test_late_lays_nothing_when_retried (WriteFixture *f, gconstpointer data)
{
  check_late_lays_nothing (f, TRUE);
}

/* One that was given up by hand stays so, and what it did is seen. */
static void
test_late_when_discarded (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;

  read_all (f);
  vl_live_table_set_timeout (f->live, 1000);
  f->master->holds_writes = TRUE;
  write = make_write (f, patch_change ("a", 2));
  run_turns ();
  fake_clock_advance (1000);
  vl_write_discard (write);
  g_assert_cmpfloat (get_shown_price (f, "a"), ==, 1.5);
  probe_table_answer_all (f->master);
  run_turns ();
  assert_write_state (write, DISCARDED);
  g_assert_cmpfloat (get_shown_price (f, "a"), ==, 2);
}

/* A late error decides nothing. */
static void
test_late_error (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;

  vl_live_table_set_timeout (f->live, 1000);
  f->master->holds_writes = TRUE;
  write = make_write (f, patch_change ("a", 2));
  run_turns ();
  fake_clock_advance (1000);
  probe_table_fail (f->master, VL_ERROR_REJECTED);
  run_turns ();
  assert_write_state (write, WAITING);
  f->master->holds_writes = FALSE;
  fake_clock_advance (FIRST_WAIT);
  assert_write_state (write, APPLIED);
}

/* Sent again already when the first answer comes: the second settles it. */
static void
test_late_while_sent (WriteFixture *f, gconstpointer data)
{
  g_autoptr (VlWrite) write = NULL;

  vl_live_table_set_timeout (f->live, 5000);
  f->master->holds_writes = TRUE;
  write = make_write (f, insert_change (NULL));
  run_turns ();
  fake_clock_advance (5000 + FIRST_WAIT);
  assert_write_state (write, SENT);
  g_assert_cmpuint (vl_write_get_attempts (write), ==, 2);
  probe_table_answer (f->master);
  run_turns ();
  assert_write_state (write, SENT);
  probe_table_answer_all (f->master);
  run_turns ();
  assert_write_state (write, APPLIED);
  g_assert_cmpuint (vl_memory_table_get_n_records (f->memory), ==, 4);
}

/* Some of a batch were applied, nobody knows which. */
static void
test_batch (WriteFixture *f, gconstpointer data)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (VlChange) patch = patch_change ("a", 2);
  g_autoptr (VlChange) insert = insert_change (NULL);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (VlOutcome) first = NULL;
  g_autoptr (VlOutcome) second = NULL;
  g_auto (Answer) answer = { 0 };

  f->master->without = VL_CAPABILITY_IDEMPOTENT;
  vl_live_table_set_timeout (f->live, 1000);
  f->master->holds_writes = TRUE;
  g_list_store_append (changes, patch);
  g_list_store_append (changes, insert);
  vl_table_apply_many_async (VL_TABLE (f->live), G_LIST_MODEL (changes), NULL, answer_cb, &answer);
  run_turns ();
  fake_clock_advance (1000);
  answer_wait (&answer);
  outcomes = vl_table_apply_many_finish (VL_TABLE (f->live), answer.result, NULL);
  first = g_list_model_get_item (outcomes, 0);
  second = g_list_model_get_item (outcomes, 1);
  g_assert_no_error (vl_outcome_get_error (first));
  g_assert_error (vl_outcome_get_error (second), VL_ERROR, VL_ERROR_IN_DOUBT);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f->live), ==, 1);
  probe_table_drop (f->master);
  f->master->holds_writes = FALSE;
  fake_clock_advance (FIRST_WAIT);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f->live), ==, 0);
  g_assert_cmpfloat (get_stored_price (f, "a"), ==, 2);
}

#define IDEMPOTENT GINT_TO_POINTER (TRUE)

static void
add_doubt_test (const char *path,
                gconstpointer idempotent,
                void (*test) (DoubtFixture *, gconstpointer))
{
  g_test_add (path, DoubtFixture, idempotent, doubt_set_up, test, doubt_tear_down);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define DOUBT "/live-table/doubt/"
  add_doubt_test (DOUBT "again/idempotent-masters-get-any-change", IDEMPOTENT, test_idempotent);
  add_doubt_test (DOUBT "again/others-get-what-does-no-harm", NULL, test_harmless);
  add_doubt_test (DOUBT "again/its-caller-hears-at-once", NULL, test_caller);
  add_doubt_test (DOUBT "exists/equal-is-applied", NULL, test_insert_is_there);
  add_doubt_test (DOUBT "exists/another-is-a-failure", NULL, test_insert_of_another);
  add_doubt_test (DOUBT "exists/not-there-is-inserted", NULL, test_insert_not_there);
  add_doubt_test (DOUBT "exists/without-doubt-is-a-failure", NULL, test_exists_without_doubt);
  add_doubt_test (DOUBT "exists/doubt-stays-while-nobody-can-look", NULL, test_look_fails);
  add_doubt_test (DOUBT "exists/stands-when-looking-is-refused", NULL, test_look_refused);
  add_doubt_test (DOUBT "parked/insert-without-an-id", NULL, test_insert_parked);
  add_doubt_test (DOUBT "parked/deletion-of-all", NULL, test_delete_all_parked);
  add_doubt_test (DOUBT "parked/not-optimistic", NULL, test_not_optimistic);
  add_doubt_test (DOUBT "parked/not-optimistic-and-nobody-can-look", NULL,
                  test_not_optimistic_look_fails);
  add_doubt_test (DOUBT "parked/is-not-reached", NULL, test_parked_is_not_reached);
  add_doubt_test (DOUBT "conflict/with-ourselves-is-none", NULL, test_own_conflict);
  add_doubt_test (DOUBT "conflict/with-others-is-one", NULL, test_others_conflict);
  add_doubt_test (DOUBT "refused-the-second-time-invalidates", NULL, test_refused_after_doubt);
  add_patient_test (DOUBT "refused-while-the-first-is-unanswered", test_refused_after_silence);
  add_doubt_test (DOUBT "exactly-once", IDEMPOTENT, test_exactly_once);
  g_test_add_func (DOUBT "exactly-once-in-a-database", test_sqlite);
  add_patient_test (DOUBT "late/while-it-waits", test_late_while_waiting);
  add_patient_test (DOUBT "late/while-a-new-record-is-sent", test_late_while_new);
  add_patient_test (DOUBT "late/when-it-is-parked", test_late_when_parked);
  add_patient_test (DOUBT "late/lays-nothing-over-what-may-be-newer", test_late_lays_nothing);
  add_patient_test (DOUBT "late/nor-when-it-was-retried", test_late_lays_nothing_when_retried);
  add_patient_test (DOUBT "late/when-it-was-discarded", test_late_when_discarded);
  add_patient_test (DOUBT "late/error-decides-nothing", test_late_error);
  add_patient_test (DOUBT "late/while-it-is-sent-again", test_late_while_sent);
  add_patient_test (DOUBT "batch", test_batch);
#undef DOUBT

  return g_test_run ();
}
