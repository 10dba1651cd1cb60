/* vl-test-table-calls.c: how calls end: cancellation, contexts, `_sync`
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-test-private.h"

#define N_FLIGHTS 20

/* --- Cancellation --- */

static void
check_cancelled_list (VlTestRun *run)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = NULL;
  VlTestCall call;

  _vl_test_seed_three (run);
  g_cancellable_cancel (cancellable);
  _vl_test_begin (&call, run);
  vl_table_list_async (run->table, NULL, cancellable, _vl_test_ready, &call);
  page = vl_table_list_finish (run->table, _vl_test_wait (&call), &error);
  _vl_test_expect_cancelled (run, "list", page, error);
  _vl_test_end (&call);
}

static void
check_cancelled_find (VlTestRun *run)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record = NULL;
  VlTestCall call;

  _vl_test_seed_three (run);
  g_cancellable_cancel (cancellable);
  _vl_test_begin (&call, run);
  vl_table_find_async (run->table, "a", cancellable, _vl_test_ready, &call);
  record = vl_table_find_finish (run->table, _vl_test_wait (&call), &error);
  _vl_test_expect_cancelled (run, "find", record, error);
  _vl_test_end (&call);
}

static void
check_cancelled_insert (VlTestRun *run)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (VlRecord) record = _vl_test_record ("d", "Date", 4);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;
  VlTestCall call;

  _vl_test_seed_three (run);
  g_cancellable_cancel (cancellable);
  _vl_test_begin (&call, run);
  vl_table_insert_async (run->table, record, cancellable, _vl_test_ready, &call);
  stored = vl_table_insert_finish (run->table, _vl_test_wait (&call), &error);
  _vl_test_expect_cancelled (run, "insert", stored, error);
  _vl_test_end (&call);
  /* Cancelled before it was made: it never happened. */
  _vl_test_expect_stored (run, "d", NULL);
}

static void
check_cancelled_apply_many (VlTestRun *run)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (VlChange) change = vl_change_new_delete ("a");
  g_autoptr (GError) error = NULL;
  g_autoptr (GListModel) outcomes = NULL;
  VlTestCall call;

  _vl_test_seed_three (run);
  g_list_store_append (changes, change);
  g_cancellable_cancel (cancellable);
  _vl_test_begin (&call, run);
  vl_table_apply_many_async (run->table, G_LIST_MODEL (changes), cancellable, _vl_test_ready,
                             &call);
  outcomes = vl_table_apply_many_finish (run->table, _vl_test_wait (&call), &error);
  _vl_test_expect_cancelled (run, "apply_many", outcomes, error);
  _vl_test_end (&call);
  _vl_test_expect_ids (run, "list", NULL, "a b c");
}

static void
check_cancel_list_in_flight (VlTestRun *run)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = NULL;
  VlTestCall call;

  _vl_test_seed_three (run);
  _vl_test_begin (&call, run);
  vl_table_list_async (run->table, NULL, cancellable, _vl_test_ready, &call);
  g_cancellable_cancel (cancellable);
  page = vl_table_list_finish (run->table, _vl_test_wait (&call), &error);
  _vl_test_expect_cancelled (run, "list", page, error);
  _vl_test_end (&call);
  _vl_test_expect_ids (run, "list afterwards", NULL, "a b c");
}

/* Whether it happened is open; the answer and the table must be sound. */
static void
check_cancel_insert_in_flight (VlTestRun *run)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (VlRecord) record = _vl_test_record ("d", "Date", 4);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (VlRecord) again = NULL;
  VlTestCall call;

  _vl_test_seed_three (run);
  _vl_test_begin (&call, run);
  vl_table_insert_async (run->table, record, cancellable, _vl_test_ready, &call);
  g_cancellable_cancel (cancellable);
  stored = vl_table_insert_finish (run->table, _vl_test_wait (&call), &error);
  if (error != NULL)
    _vl_test_expect_cancelled (run, "insert", stored, error);
  _vl_test_end (&call);

  g_clear_error (&error);
  again = _vl_test_replace (run, record, &error);
  if (_vl_test_no_error (run, "replace afterwards", error))
    _vl_test_expect_ids (run, "list afterwards", NULL, "a b c d");
}

static void
check_cancel_when_over (VlTestRun *run)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = NULL;
  VlTestCall call;

  _vl_test_seed_three (run);
  _vl_test_begin (&call, run);
  vl_table_list_async (run->table, NULL, cancellable, _vl_test_ready, &call);
  page = vl_table_list_finish (run->table, _vl_test_wait (&call), &error);
  _vl_test_end (&call);
  g_cancellable_cancel (cancellable);
  if (_vl_test_no_error (run, "list", error))
    _vl_test_expect_page (run, "list", page, "a b c");
}

static void
check_cancel_one_of_two (VlTestRun *run)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) cancelled = NULL;
  g_autoptr (VlPage) none = NULL;
  g_autoptr (VlPage) page = NULL;
  VlTestCall first;
  VlTestCall second;

  _vl_test_seed_three (run);
  _vl_test_begin (&first, run);
  _vl_test_begin (&second, run);
  vl_table_list_async (run->table, NULL, cancellable, _vl_test_ready, &first);
  vl_table_list_async (run->table, NULL, NULL, _vl_test_ready, &second);
  first.in_call = FALSE;
  g_cancellable_cancel (cancellable);
  page = vl_table_list_finish (run->table, _vl_test_wait (&second), &error);
  none = vl_table_list_finish (run->table, _vl_test_wait (&first), &cancelled);
  _vl_test_expect_cancelled (run, "the one", none, cancelled);
  if (_vl_test_no_error (run, "the other", error))
    _vl_test_expect_page (run, "the other", page, "a b c");
  _vl_test_end (&first);
  _vl_test_end (&second);
}

/* --- Several in flight --- */

static void
check_lists_in_flight (VlTestRun *run)
{
  VlTestCall calls[N_FLIGHTS];
  guint i;

  _vl_test_seed_goods (run);
  for (i = 0; i < N_FLIGHTS; i++)
    {
      g_autoptr (VlQuery) all = vl_query_new ();
      g_autoptr (VlQuery) query = vl_query_window (all, i % 10, 1);

      _vl_test_begin (&calls[i], run);
      vl_table_list_async (run->table, query, NULL, _vl_test_ready, &calls[i]);
    }
  for (i = 0; i < N_FLIGHTS; i++)
    calls[i].in_call = FALSE;
  for (i = N_FLIGHTS; i > 0; i--)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VlPage)
        page = vl_table_list_finish (run->table, _vl_test_wait (&calls[i - 1]), &error);
      const char id[] = { (char) ('a' + (i - 1) % 10), '\0' };

      if (_vl_test_no_error (run, "list", error))
        _vl_test_expect_page (run, "list", page, id);
      _vl_test_end (&calls[i - 1]);
    }
}

static void
check_finds_in_flight (VlTestRun *run)
{
  VlTestCall calls[N_FLIGHTS];
  guint i;

  _vl_test_seed_goods (run);
  for (i = 0; i < N_FLIGHTS; i++)
    {
      /* Every second one is of nobody. */
      const char id[] = { (char) ((i % 2 == 0 ? 'a' : 'A') + i % 10), '\0' };

      _vl_test_begin (&calls[i], run);
      vl_table_find_async (run->table, id, NULL, _vl_test_ready, &calls[i]);
    }
  for (i = 0; i < N_FLIGHTS; i++)
    calls[i].in_call = FALSE;
  for (i = 0; i < N_FLIGHTS; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VlRecord)
        record = vl_table_find_finish (run->table, _vl_test_wait (&calls[i]), &error);
      const char id[] = { (char) ('a' + i % 10), '\0' };

      if (_vl_test_no_error (run, "find", error))
        _vl_test_expect_text (run, "find", record == NULL ? NULL : vl_record_get_id (record),
                              i % 2 == 0 ? id : NULL);
      _vl_test_end (&calls[i]);
    }
}

static void
check_inserts_in_flight (VlTestRun *run)
{
  VlTestCall calls[10];
  guint i;

  _vl_test_clear (run);
  for (i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      const char id[] = { (char) ('a' + i), '\0' };
      g_autoptr (VlRecord) record = _vl_test_record (id, id, (gint64) i);

      _vl_test_begin (&calls[i], run);
      vl_table_insert_async (run->table, record, NULL, _vl_test_ready, &calls[i]);
    }
  for (i = 0; i < G_N_ELEMENTS (calls); i++)
    calls[i].in_call = FALSE;
  for (i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      const char id[] = { (char) ('a' + i), '\0' };
      g_autoptr (GError) error = NULL;
      g_autoptr (VlRecord)
        stored = vl_table_insert_finish (run->table, _vl_test_wait (&calls[i]), &error);

      if (_vl_test_no_error (run, "insert", error) && stored != NULL)
        _vl_test_expect_text (run, "insert", vl_record_get_id (stored), id);
      _vl_test_end (&calls[i]);
    }
  _vl_test_expect_ids (run, "list", NULL, "a b c d e f g h i j");
}

/* One insert of two wins; the other hears that it exists. */
static void
check_same_insert_twice (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_record ("x", "Twin", 1);
  g_autoptr (GError) errors = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) first = NULL;
  g_autoptr (VlRecord) second = NULL;
  VlTestCall calls[2];

  _vl_test_clear (run);
  _vl_test_begin (&calls[0], run);
  _vl_test_begin (&calls[1], run);
  vl_table_insert_async (run->table, record, NULL, _vl_test_ready, &calls[0]);
  vl_table_insert_async (run->table, record, NULL, _vl_test_ready, &calls[1]);
  calls[1].in_call = FALSE;
  first = vl_table_insert_finish (run->table, _vl_test_wait (&calls[0]), &error);
  second = vl_table_insert_finish (run->table, _vl_test_wait (&calls[1]), &errors);
  _vl_test_expect_true (run, (first == NULL) != (second == NULL), "exactly one insert succeeds");
  _vl_test_expect_error (run, "the other insert", error != NULL ? error : errors, VL_ERROR_EXISTS);
  _vl_test_end (&calls[0]);
  _vl_test_end (&calls[1]);
}

/* --- From a callback --- */

typedef struct
{
  VlTestCall call;
  VlTestCall nested;
} NestedCall;

static void
on_inserted_list (GObject *source, GAsyncResult *result, gpointer data)
{
  NestedCall *both = data;

  /* The writer reads its own write as soon as it hears of it. */
  _vl_test_begin (&both->nested, both->call.run);
  vl_table_list_async (VL_TABLE (source), NULL, NULL, _vl_test_ready, &both->nested);
  both->nested.in_call = FALSE;
  _vl_test_ready (source, result, &both->call);
}

static void
check_call_in_callback (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_record ("d", "Date", 4);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (VlPage) page = NULL;
  NestedCall both = { 0 };

  _vl_test_seed_three (run);
  _vl_test_begin (&both.call, run);
  vl_table_insert_async (run->table, record, NULL, on_inserted_list, &both);
  stored = vl_table_insert_finish (run->table, _vl_test_wait (&both.call), &error);
  if (_vl_test_no_error (run, "insert", error))
    page = vl_table_list_finish (run->table, _vl_test_wait (&both.nested), &error);
  if (_vl_test_no_error (run, "list in the callback of insert", error))
    _vl_test_expect_page (run, "list in the callback of insert", page, "a b c d");
  _vl_test_end (&both.nested);
  _vl_test_end (&both.call);
}

/* --- Contexts --- */

typedef struct
{
  VlTestCall call;
  GMainContext *dispatching; /* the context that is being iterated */
  GMainContext *seen;        /* where the callback ran */
} ContextCall;

static void
on_ready_in_context (GObject *source, GAsyncResult *result, gpointer data)
{
  ContextCall *wanted = data;

  wanted->seen = wanted->dispatching;
  _vl_test_ready (source, result, &wanted->call);
}

/* Two contexts on one thread; the answer comes out in the caller's. */
static void
check_callers_context (VlTestRun *run)
{
  g_autoptr (GMainContext) mine = g_main_context_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = NULL;
  ContextCall wanted = { 0 };

  _vl_test_seed_three (run);
  g_main_context_push_thread_default (mine);
  _vl_test_begin (&wanted.call, run);
  vl_table_list_async (run->table, NULL, NULL, on_ready_in_context, &wanted);
  wanted.call.in_call = FALSE;
  while (wanted.call.result == NULL && run->error == NULL)
    {
      wanted.dispatching = run->context;
      g_main_context_iteration (run->context, FALSE);
      wanted.dispatching = mine;
      g_main_context_iteration (mine, FALSE);
      g_thread_yield ();
    }
  g_main_context_pop_thread_default (mine);

  page = vl_table_list_finish (run->table, _vl_test_wait (&wanted.call), &error);
  if (_vl_test_no_error (run, "list", error))
    _vl_test_expect_page (run, "list", page, "a b c");
  _vl_test_expect_true (run, wanted.seen == mine,
                        "the callback runs in the context that the call was made in");
  _vl_test_end (&wanted.call);
}

/* --- Snapshots --- */

static void
check_page_is_a_snapshot (VlTestRun *run)
{
  g_autoptr (VlRecord) fields = _vl_test_record (NULL, "Changed", 77);
  g_autoptr (VlRecord) old = _vl_test_record ("a", "Apple", 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (VlRecord) deleted = NULL;
  g_autoptr (VlRecord) record = NULL;

  _vl_test_seed_three (run);
  page = _vl_test_list (run, NULL, &error);
  if (!_vl_test_no_error (run, "list", error) || page == NULL)
    return;
  stored = _vl_test_patch (run, "a", fields, &error);
  if (!_vl_test_no_error (run, "patch", error))
    return;
  deleted = _vl_test_delete (run, "b", &error);
  if (!_vl_test_no_error (run, "delete", error))
    return;
  record = vl_page_get_record (page, 0);
  _vl_test_expect_record (run, "a page taken before", record, old);
  _vl_test_expect_page (run, "a page taken before", page, "a b c");
}

/* --- Sync --- */

static void
check_sync_reads (VlTestRun *run)
{
  const char *const ids[] = { "c", "a", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (VlSchema) schema = NULL;
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlPage) many = NULL;
  g_autoptr (VlRecord) found = NULL;
  g_autoptr (VlRecord) first = NULL;

  _vl_test_seed_three (run);
  schema = vl_table_describe_sync (run->table, NULL, &error);
  if (!_vl_test_no_error (run, "describe_sync", error))
    return;
  page = vl_table_list_sync (run->table, NULL, NULL, &error);
  if (!_vl_test_no_error (run, "list_sync", error))
    return;
  _vl_test_expect_page (run, "list_sync", page, "a b c");
  found = vl_table_find_sync (run->table, "b", NULL, &error);
  if (!_vl_test_no_error (run, "find_sync", error))
    return;
  _vl_test_expect_true (run, found != NULL, "find_sync gives the record");
  many = vl_table_find_many_sync (run->table, ids, NULL, &error);
  if (!_vl_test_no_error (run, "find_many_sync", error))
    return;
  _vl_test_expect_page (run, "find_many_sync", many, "c a");
  first = vl_table_get_first_sync (run->table, NULL, NULL, &error);
  if (_vl_test_no_error (run, "get_first_sync", error))
    _vl_test_expect_true (run, first != NULL, "get_first_sync gives the record");
}

static void
check_sync_find_unknown (VlTestRun *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) found = NULL;

  _vl_test_seed_three (run);
  found = vl_table_find_sync (run->table, "nobody", NULL, &error);
  _vl_test_expect_true (run, found == NULL, "find_sync of nobody gives no record");
  _vl_test_no_error (run, "find_sync", error);
}

static void
check_sync_count (VlTestRun *run)
{
  g_autoptr (GError) error = NULL;
  gint64 count;

  _vl_test_seed_three (run);
  count = vl_table_count_sync (run->table, NULL, NULL, &error);
  if (_vl_test_no_error (run, "count_sync", error))
    _vl_test_expect_number (run, "count_sync", count, 3);
}

static void
check_sync_insert (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_record ("d", "Date", 4);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (VlRecord) again = NULL;

  _vl_test_seed_three (run);
  stored = vl_table_insert_sync (run->table, record, NULL, &error);
  if (!_vl_test_no_error (run, "insert_sync", error))
    return;
  _vl_test_expect_record (run, "insert_sync", stored, record);
  again = vl_table_insert_sync (run->table, record, NULL, &error);
  _vl_test_expect_error (run, "insert_sync again", error, VL_ERROR_EXISTS);
}

static void
check_sync_replace (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_record ("b", "Blueberry", 22);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  stored = vl_table_replace_sync (run->table, record, NULL, &error);
  if (!_vl_test_no_error (run, "replace_sync", error))
    return;
  _vl_test_expect_record (run, "replace_sync", stored, record);
  _vl_test_expect_stored (run, "b", record);
}

static void
check_sync_patch (VlTestRun *run)
{
  g_autoptr (VlRecord) fields = _vl_test_record (NULL, "Blackberry", 23);
  g_autoptr (VlRecord) expected = _vl_test_record ("b", "Blackberry", 23);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  stored = vl_table_patch_sync (run->table, "b", fields, NULL, &error);
  if (!_vl_test_no_error (run, "patch_sync", error))
    return;
  _vl_test_expect_record (run, "patch_sync", stored, expected);
  _vl_test_expect_stored (run, "b", expected);
}

static void
check_sync_delete (VlTestRun *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) before = NULL;

  _vl_test_seed_three (run);
  before = vl_table_delete_sync (run->table, "b", NULL, &error);
  if (_vl_test_no_error (run, "delete_sync", error))
    _vl_test_expect_ids (run, "list", NULL, "a c");
}

static void
check_sync_delete_all (VlTestRun *run)
{
  g_autoptr (GError) error = NULL;

  _vl_test_seed_three (run);
  _vl_test_expect_true (run, vl_table_delete_all_sync (run->table, NULL, NULL, &error),
                        "delete_all_sync succeeds");
  _vl_test_no_error (run, "delete_all_sync", error);
  _vl_test_expect_ids (run, "list", NULL, "");
}

static void
check_sync_apply_many (VlTestRun *run)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (VlChange) change = vl_change_new_delete ("a");
  g_autoptr (GError) error = NULL;
  g_autoptr (GListModel) outcomes = NULL;

  _vl_test_seed_three (run);
  g_list_store_append (changes, change);
  outcomes = vl_table_apply_many_sync (run->table, G_LIST_MODEL (changes), NULL, &error);
  if (!_vl_test_no_error (run, "apply_many_sync", error) || outcomes == NULL)
    return;
  _vl_test_expect_number (run, "outcomes", g_list_model_get_n_items (outcomes), 1);
  _vl_test_expect_ids (run, "list", NULL, "b c");
}

static void
check_sync_cancelled (VlTestRun *run)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (VlRecord) record = _vl_test_record ("d", "Date", 4);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  g_cancellable_cancel (cancellable);
  stored = vl_table_insert_sync (run->table, record, cancellable, &error);
  _vl_test_expect_cancelled (run, "insert_sync", stored, error);
  _vl_test_expect_stored (run, "d", NULL);
}

static const VlTestCheck checks[] = {
  { "cancel/list-before-it-began", 0, check_cancelled_list },
  { "cancel/find-before-it-began", 0, check_cancelled_find },
  { "cancel/insert-before-it-began", 0, check_cancelled_insert },
  { "cancel/apply-many-before-it-began", VL_CAPABILITY_DELETE, check_cancelled_apply_many },
  { "cancel/list-in-flight", 0, check_cancel_list_in_flight },
  { "cancel/insert-in-flight", VL_CAPABILITY_REPLACE, check_cancel_insert_in_flight },
  { "cancel/when-it-is-over", 0, check_cancel_when_over },
  { "cancel/one-of-two", 0, check_cancel_one_of_two },
  { "flights/lists", VL_CAPABILITY_WINDOW, check_lists_in_flight },
  { "flights/finds", 0, check_finds_in_flight },
  { "flights/inserts", 0, check_inserts_in_flight },
  { "flights/one-insert-twice", 0, check_same_insert_twice },
  { "callback/reads-its-write", 0, check_call_in_callback },
  { "callback/in-the-context-of-the-call", 0, check_callers_context },
  { "page/is-a-snapshot", VL_CAPABILITY_PATCH | VL_CAPABILITY_DELETE, check_page_is_a_snapshot },
  { "sync/reads", 0, check_sync_reads },
  { "sync/find-unknown", 0, check_sync_find_unknown },
  { "sync/count", VL_CAPABILITY_COUNT, check_sync_count },
  { "sync/insert", 0, check_sync_insert },
  { "sync/replace", VL_CAPABILITY_REPLACE, check_sync_replace },
  { "sync/patch", VL_CAPABILITY_PATCH, check_sync_patch },
  { "sync/delete", VL_CAPABILITY_DELETE, check_sync_delete },
  { "sync/delete-all", VL_CAPABILITY_DELETE_ALL, check_sync_delete_all },
  { "sync/apply-many", VL_CAPABILITY_DELETE, check_sync_apply_many },
  { "sync/cancelled", 0, check_sync_cancelled },
};

void
_vl_test_table_calls (VlTestRun *run)
{
  _vl_test_run_checks (run, checks, G_N_ELEMENTS (checks));
}
