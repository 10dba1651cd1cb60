/* test-live-batch.c: many writes in one call of a live table
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "write-fixture.h"

static void
add (GListStore *changes, VlChange *change)
{
  g_list_store_append (changes, change);
  g_object_unref (change);
}

static GListStore *
inserts (const char *const *ids)
{
  GListStore *changes = g_list_store_new (VL_TYPE_CHANGE);

  for (guint i = 0; ids[i] != NULL; i++)
    add (changes, insert_change (ids[i]));

  return changes;
}

static GListModel *
apply_many (WriteFixture *f, GListStore *changes)
{
  g_autoptr (GError) error = NULL;
  GListModel *outcomes = vl_table_apply_many_sync (VL_TABLE (f->live), G_LIST_MODEL (changes), NULL,
                                                   &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (outcomes), ==,
                    g_list_model_get_n_items (G_LIST_MODEL (changes)));

  return outcomes;
}

/* The outcomes in short: the id that was stored, "-" for none, or the number
 * of the error. */
static char *
describe_outcomes (GListModel *outcomes)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (outcomes); i++)
    {
      g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, i);
      const GError *error = vl_outcome_get_error (outcome);
      VlRecord *record = vl_outcome_get_record (outcome);

      if (i > 0)
        g_string_append_c (text, ' ');
      if (error != NULL)
        g_string_append_printf (text, "%s!%d", error->domain == VL_ERROR ? "" : "?", error->code);
      else
        g_string_append (text, record != NULL ? vl_record_get_id (record) : "-");
    }

  return g_string_free (text, FALSE);
}

static void
assert_outcomes (GListModel *outcomes, const char *expected)
{
  g_autofree char *text = describe_outcomes (outcomes);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_batch (void)
{
  const char *const ids[] = { "d", "e", "f", NULL };
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GListStore) changes = inserts (ids);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (GString) heard = g_string_new (NULL);
  guint n_invalidated;

  read_all (&f);
  listen_to_changes (f.live, heard);
  n_invalidated = f.cache->n_invalidated;
  outcomes = apply_many (&f, changes);
  assert_outcomes (outcomes, "d e f");
  probe_table_assert_trace (f.master, "[insert d, insert e, insert f]");
  g_assert_cmpuint (vl_memory_table_get_n_records (f.memory), ==, 6);

  /* One batch, one invalidation, one event. */
  g_assert_cmpuint (f.cache->n_invalidated, ==, n_invalidated + 1);
  run_turns ();
  assert_told (heard, "inserted by write: d e f");
  assert_all_misses (&f);
}

static void
test_without_batches (void)
{
  const char *const ids[] = { "d", "a", "f", NULL };
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GListStore) changes = inserts (ids);
  g_autoptr (GListModel) outcomes = NULL;

  f.master->without = VL_CAPABILITY_BATCH;
  read_all (&f);
  outcomes = apply_many (&f, changes);
  assert_outcomes (outcomes, "d !1 f");
  probe_table_assert_trace (f.master, "insert d; insert a; insert f");
  g_assert_cmpuint (f.master->n_batches, ==, 0);
  assert_all_misses (&f);
}

static void
test_failures_in_the_middle (void)
{
  const char *const ids[] = { "d", "a", "e", "b", "f", NULL };
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GListStore) changes = inserts (ids);
  g_autoptr (GListModel) outcomes = NULL;

  outcomes = apply_many (&f, changes);
  assert_outcomes (outcomes, "d !1 e !1 f");
  probe_table_assert_trace (f.master, "[insert d, insert a, insert e, insert b, insert f]");
}

/* What the schema refuses is never sent, and what is around it is. */
static void
test_refused_in_the_middle (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;

  f.master->without = VL_CAPABILITY_DELETE;
  add (changes, insert_change ("d"));
  add (changes, insert_change ("e"));
  add (changes, vl_change_new_delete ("a"));
  add (changes, insert_change ("f"));
  add (changes, insert_change ("g"));
  outcomes = apply_many (&f, changes);
  assert_outcomes (outcomes, "d e !3 f g");
  probe_table_assert_trace (f.master, "[insert d, insert e]; [insert f, insert g]");
  assert_master_has (&f, "a", TRUE);
}

/* The whole batch is refused: each of its writes is. */
static void
test_batch_fails (void)
{
  const char *const ids[] = { "d", "e", NULL };
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GListStore) changes = inserts (ids);
  g_autoptr (GListModel) refused = NULL;
  g_autoptr (GListModel) failed = NULL;

  read_all (&f);
  probe_table_push_error (f.master, VL_ERROR_REJECTED);
  refused = apply_many (&f, changes);
  assert_outcomes (refused, "!6 !6");
  assert_all_hits (&f);

  probe_table_push_error (f.master, VL_ERROR_UNAVAILABLE);
  failed = apply_many (&f, changes);
  assert_outcomes (failed, "!5 !5");
  assert_all_misses (&f);
}

static void
test_one_change_a_record (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (VlRecord) record = NULL;

  add (changes, insert_change ("d"));
  add (changes, patch_change ("a", 2.0));
  add (changes, patch_change ("d", 3.0));
  add (changes, vl_change_new_delete ("a"));
  add (changes, patch_change ("d", 4.0));
  outcomes = apply_many (&f, changes);
  assert_outcomes (outcomes, "d a d a d");
  probe_table_assert_trace (f.master, "[insert d, patch a]; [patch d, delete a]; patch d");
  record = look_into_master (&f, "d");
  g_assert_cmpfloat (vl_record_get_double (record, "price"), ==, 4.0);
}

static void
test_delete_all_alone (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;

  add (changes, insert_change ("d"));
  add (changes, insert_change ("e"));
  add (changes, vl_change_new_delete_all (NULL));
  add (changes, insert_change ("f"));
  add (changes, insert_change ("g"));
  outcomes = apply_many (&f, changes);
  assert_outcomes (outcomes, "d e - f g");
  probe_table_assert_trace (f.master, "[insert d, insert e]; delete-all; [insert f, insert g]");
  g_assert_cmpuint (vl_memory_table_get_n_records (f.memory), ==, 2);
}

/* Two calls are two batches, and single writes keep their place. */
static void
test_keeps_its_place (void)
{
  const char *const first[] = { "d", "e", NULL };
  const char *const second[] = { "f", "g", NULL };
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GListStore) one = inserts (first);
  g_autoptr (GListStore) two = inserts (second);
  g_auto (Answer) single = { 0 };
  g_auto (Answer) many = { 0 };
  g_auto (Answer) more = { 0 };
  g_auto (Answer) last = { 0 };

  f.master->holds_writes = TRUE;
  begin_insert (&f, "x", NULL, &single);
  vl_table_apply_many_async (VL_TABLE (f.live), G_LIST_MODEL (one), NULL, answer_cb, &many);
  vl_table_apply_many_async (VL_TABLE (f.live), G_LIST_MODEL (two), NULL, answer_cb, &more);
  begin_insert (&f, "y", NULL, &last);
  run_turns ();
  probe_table_answer_all (f.master);
  answer_wait (&last);
  g_assert_cmpuint (single.n_called + many.n_called + more.n_called, ==, 3);
  probe_table_assert_trace (f.master, "insert x; [insert d, insert e]; [insert f, insert g]; "
                                      "insert y");
}

/* Nothing is left out, and nothing is sent twice. */
static void
test_many (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;

  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *id = g_strdup_printf ("n%u", i);

      add (changes, insert_change (id));
    }
  outcomes = apply_many (&f, changes);
  for (guint i = 0; i < 3000; i++)
    {
      g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, i);
      g_autoptr (VlChange) change = g_list_model_get_item (G_LIST_MODEL (changes), i);

      g_assert_null (vl_outcome_get_error (outcome));
      g_assert_true (vl_outcome_get_change (outcome) == change);
      g_assert_cmpstr (vl_record_get_id (vl_outcome_get_record (outcome)), ==,
                       vl_change_get_id (change));
    }
  g_assert_cmpuint (vl_memory_table_get_n_records (f.memory), ==, 3003);
  g_assert_cmpuint (f.master->n_batches, <, 30);
}

static void
test_none (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = apply_many (&f, changes);

  g_assert_cmpuint (g_list_model_get_n_items (outcomes), ==, 0);
  g_assert_cmpuint (f.master->n_writes, ==, 0);
}

/* The queue takes some of them, and refuses the others at once. */
static void
test_full (void)
{
  const char *const ids[] = { "d", "e", "f", "g", NULL };
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GListStore) changes = inserts (ids);
  g_autoptr (GListModel) outcomes = NULL;

  read_all (&f);
  f.master->without = VL_CAPABILITY_BATCH;
  f.master->holds_describe = TRUE;
  g_clear_object (&f.live);
  run_turns ();
  f.live = vl_live_table_new (VL_TABLE (f.master), "small", VL_CACHE (f.cache));
  vl_live_table_set_queue_capacity (f.live, 2);
  {
    g_auto (Answer) answer = { 0 };

    vl_table_apply_many_async (VL_TABLE (f.live), G_LIST_MODEL (changes), NULL, answer_cb, &answer);
    probe_table_answer_all (f.master);
    answer_wait (&answer);
    outcomes = vl_table_apply_many_finish (VL_TABLE (f.live), answer.result, NULL);
  }
  assert_outcomes (outcomes, "d e !10 !10");
  probe_table_assert_trace (f.master, "insert d; insert e");
}

/* What is with the master goes on, the rest is withdrawn. */
static void
test_cancel (void)
{
  const char *const ids[] = { "d", "e", "f", NULL };
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (GListStore) changes = inserts (ids);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Answer) answer = { 0 };

  f.master->without = VL_CAPABILITY_BATCH;
  f.master->holds_writes = TRUE;
  vl_table_apply_many_async (VL_TABLE (f.live), G_LIST_MODEL (changes), cancellable, answer_cb,
                             &answer);
  run_turns ();
  g_cancellable_cancel (cancellable);
  answer_wait (&answer);
  outcomes = vl_table_apply_many_finish (VL_TABLE (f.live), answer.result, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (outcomes);
  run_turns ();
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 1);
  probe_table_answer_all (f.master);
  run_turns ();
  probe_table_assert_trace (f.master, "insert d");
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define BATCH "/live-table/batch/"
  g_test_add_func (BATCH "goes-out-as-one", test_batch);
  g_test_add_func (BATCH "goes-out-one-by-one-without-the-capability", test_without_batches);
  g_test_add_func (BATCH "failures-in-the-middle-are-their-own", test_failures_in_the_middle);
  g_test_add_func (BATCH "refused-in-the-middle-is-not-sent", test_refused_in_the_middle);
  g_test_add_func (BATCH "failed-as-a-whole-fails-each", test_batch_fails);
  g_test_add_func (BATCH "one-change-of-a-record", test_one_change_a_record);
  g_test_add_func (BATCH "delete-all-goes-alone", test_delete_all_alone);
  g_test_add_func (BATCH "keeps-its-place-in-the-queue", test_keeps_its_place);
  g_test_add_func (BATCH "of-three-thousand", test_many);
  g_test_add_func (BATCH "of-none", test_none);
  g_test_add_func (BATCH "queue-full-takes-what-it-can", test_full);
  g_test_add_func (BATCH "cancelled-withdraws-what-was-not-sent", test_cancel);
#undef BATCH

  return g_test_run ();
}
