/* test-blocking-table.c: a table whose work blocks
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "scripted-table.h"
#include "vantage-live/base/vl-lock-private.h"
#include "vantage-live/table/vl-table-private.h"

/* Writes down what its thread does. The id "gate" keeps that thread busy until
 * it is let go. */

typedef gboolean (*SlowAct) (gpointer self, VlReply *reply, GError **error);

#define SLOW_TYPE_TABLE (slow_table_get_type ())
G_DECLARE_FINAL_TYPE (SlowTable, slow_table, SLOW, TABLE, VlBlockingTable)

struct _SlowTable
{
  VlBlockingTable parent_instance;

  VlSchema *schema;
  SlowAct act; /* of list, NULL = answers with an empty page */

  VlLock lock;
  VlCondition wake;
  GString *log;     /* under the lock: a word a request */
  GThread *worker;  /* under the lock: the thread of the first one */
  gboolean at_gate; /* under the lock */
  gboolean open;    /* under the lock */
};

G_DEFINE_FINAL_TYPE (SlowTable, slow_table, VL_TYPE_BLOCKING_TABLE)

static void
slow_wait_at_gate (SlowTable *self)
{
  _vl_lock_acquire (&self->lock);
  self->at_gate = TRUE;
  _vl_condition_broadcast (&self->wake);
  while (!self->open)
    _vl_condition_wait (&self->wake, &self->lock, -1);
  self->at_gate = FALSE;
  _vl_lock_release (&self->lock);
}

static SlowTable *
slow_note (gpointer table, const char *word, const char *id)
{
  SlowTable *self = SLOW_TABLE (table);

  if (g_strcmp0 (id, "gate") == 0)
    slow_wait_at_gate (self);

  _vl_lock_acquire (&self->lock);
  if (self->worker == NULL)
    self->worker = g_thread_self ();
  g_assert_true (self->worker == g_thread_self ());
  g_string_append_printf (self->log, "%s%s%s", self->log->len > 0 ? " " : "", word,
                          id != NULL ? id : "");
  _vl_lock_release (&self->lock);

  return self;
}

static gboolean
slow_table_describe_blocking (VlBlockingTable *table, VlReply *reply, GError **error)
{
  SlowTable *self = slow_note (table, "describe", NULL);

  vl_reply_return_schema (reply, self->schema);
  return TRUE;
}

static gboolean
slow_table_list_blocking (VlBlockingTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  SlowTable *self = slow_note (table, "list", NULL);

  if (self->act != NULL)
    return self->act (self, reply, error);

  vl_reply_finish (reply);
  return TRUE;
}

static gboolean
slow_table_find_blocking (VlBlockingTable *table, const char *id, VlReply *reply, GError **error)
{
  slow_note (table, "?", id);
  vl_reply_return_record (reply, NULL);
  return TRUE;
}

static gboolean
slow_table_count_blocking (VlBlockingTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  slow_note (table, "count", NULL);
  vl_reply_return_count (reply, 3);
  return TRUE;
}

static gboolean
slow_table_apply_blocking (VlBlockingTable *table, VlChange *change, VlReply *reply, GError **error)
{
  const char *id = vl_change_get_id (change);

  slow_note (table, "!", id != NULL ? id : "*");
  vl_reply_return_done (reply);
  return TRUE;
}

static gboolean
slow_table_apply_batch_blocking (VlBlockingTable *table,
                                 GListModel *changes,
                                 VlReply *reply,
                                 GError **error)
{
  slow_note (table, "batch", NULL);
  for (guint i = 0; i < g_list_model_get_n_items (changes); i++)
    vl_reply_return_nth (reply, i, NULL);
  vl_reply_finish (reply);
  return TRUE;
}

static void
slow_table_finalize (GObject *object)
{
  SlowTable *self = SLOW_TABLE (object);

  g_clear_object (&self->schema);
  g_string_free (self->log, TRUE);
  _vl_condition_destroy (&self->wake);
  _vl_lock_destroy (&self->lock);

  G_OBJECT_CLASS (slow_table_parent_class)->finalize (object);
}

static void
slow_table_class_init (SlowTableClass *klass)
{
  VlBlockingTableClass *blocking_class = VL_BLOCKING_TABLE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = slow_table_finalize;
  blocking_class->describe_blocking = slow_table_describe_blocking;
  blocking_class->list_blocking = slow_table_list_blocking;
  blocking_class->find_blocking = slow_table_find_blocking;
  blocking_class->count_blocking = slow_table_count_blocking;
  blocking_class->apply_blocking = slow_table_apply_blocking;
  blocking_class->apply_batch_blocking = slow_table_apply_batch_blocking;
}

static void
slow_table_init (SlowTable *self)
{
  _vl_lock_init (&self->lock);
  _vl_condition_init (&self->wake);
  self->log = g_string_new (NULL);
  self->schema = scripted_schema (VL_FIELD_TYPE_STRING, SCRIPTED_EVERYTHING);
}

/* One that implements nothing. */
#define IDLE_TYPE_TABLE (idle_table_get_type ())
G_DECLARE_FINAL_TYPE (IdleTable, idle_table, IDLE, TABLE, VlBlockingTable)

struct _IdleTable
{
  VlBlockingTable parent_instance;
};

G_DEFINE_FINAL_TYPE (IdleTable, idle_table, VL_TYPE_BLOCKING_TABLE)

static void
idle_table_class_init (IdleTableClass *klass)
{
}

static void
idle_table_init (IdleTable *self)
{
}

/* Calls that are under way, and their table */
typedef struct
{
  SlowTable *slow;
  VlTable *table; /* the same */
  guint n_asked;
  guint n_answered;
  guint n_failed;
} Queue;

static void
on_queue (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Queue *queue = user_data;

  queue->n_answered++;
  if (g_task_had_error (G_TASK (result)))
    queue->n_failed++;
}

/* Describes the table, and sends its thread to the gate. */
static void
queue_begin (Queue *self)
{
  g_autoptr (VlSchema) schema = NULL;

  self->slow = g_object_new (SLOW_TYPE_TABLE, NULL);
  self->table = VL_TABLE (self->slow);
  schema = vl_table_describe_sync (self->table, NULL, NULL);
  g_assert_nonnull (schema);

  vl_table_find_async (self->table, "gate", NULL, on_queue, self);
  self->n_asked = 1;
  _vl_lock_acquire (&self->slow->lock);
  while (!self->slow->at_gate)
    _vl_condition_wait (&self->slow->wake, &self->slow->lock, -1);
  g_string_truncate (self->slow->log, 0);
  _vl_lock_release (&self->slow->lock);
}

/* "?a" finds, "!a" deletes a, "!*" all; "batch" deletes a and b. */
static void
queue_ask (Queue *self, const char *word, GCancellable *cancellable)
{
  self->n_asked++;
  if (g_str_equal (word, "list"))
    {
      vl_table_list_async (self->table, NULL, cancellable, on_queue, self);
    }
  else if (g_str_equal (word, "count"))
    {
      vl_table_count_async (self->table, NULL, cancellable, on_queue, self);
    }
  else if (g_str_equal (word, "!*"))
    {
      vl_table_delete_all_async (self->table, NULL, cancellable, on_queue, self);
    }
  else if (g_str_equal (word, "batch"))
    {
      g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
      g_autoptr (VlChange) a = vl_change_new_delete ("a");
      g_autoptr (VlChange) b = vl_change_new_delete ("b");

      g_list_store_append (changes, a);
      g_list_store_append (changes, b);
      vl_table_apply_many_async (self->table, G_LIST_MODEL (changes), cancellable, on_queue, self);
    }
  else if (*word == '!')
    {
      vl_table_delete_async (self->table, word + 1, cancellable, on_queue, self);
    }
  else
    {
      vl_table_find_async (self->table, word + 1, cancellable, on_queue, self);
    }
}

static void
queue_ask_all (Queue *self, const char *words)
{
  g_auto (GStrv) each = g_strsplit (words, " ", -1);

  for (guint i = 0; each[i] != NULL; i++)
    queue_ask (self, each[i], NULL);
}

static void
open_gate (SlowTable *table)
{
  _vl_lock_acquire (&table->lock);
  table->open = TRUE;
  _vl_condition_broadcast (&table->wake);
  _vl_lock_release (&table->lock);
}

/* Opens the gate, waits for all answers and tells what was done. */
static char *
queue_end (Queue *self)
{
  char *log;

  open_gate (self->slow);
  while (self->n_answered < self->n_asked)
    g_main_context_iteration (NULL, TRUE);
  _vl_lock_acquire (&self->slow->lock);
  log = g_strdup (self->slow->log->str);
  _vl_lock_release (&self->slow->lock);
  g_clear_object (&self->slow);

  return log;
}

static void
assert_order (const char *asked, const char *expected)
{
  Queue queue = { NULL, NULL, 0, 0, 0 };
  g_autofree char *with_gate = g_strconcat ("?gate ", expected, NULL);
  g_autofree char *log = NULL;

  queue_begin (&queue);
  queue_ask_all (&queue, asked);
  log = queue_end (&queue);
  g_assert_cmpstr (log, ==, with_gate);
  g_assert_cmpuint (queue.n_failed, ==, 0);
}

/* The thread */

static void
test_one_thread (void)
{
  g_autoptr (SlowTable) table = g_object_new (SLOW_TYPE_TABLE, NULL);

  for (guint again = 0; again < 3; again++)
    {
      for (guint op = 0; op < N_OPS; op++)
        {
          g_autoptr (GError) error = NULL;
          g_auto (Waiter) waiter = { NULL, NULL };

          call_async (table, op, NULL, &waiter);
          error = call_finish (table, op, &waiter);
          g_assert_no_error (error);
          g_assert_true (waiter.thread == g_thread_self ());
        }
    }
  /* slow_note() saw that they are one. */
  g_assert_true (table->worker != g_thread_self ());
}

static gpointer
use_table (gpointer user_data)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (vl_table_count_sync (user_data, NULL, NULL, &error), ==, 3);
      g_assert_no_error (error);
      g_assert_null (vl_table_delete_sync (user_data, "a", NULL, &error));
      g_assert_no_error (error);
    }

  return NULL;
}

static void
test_many_callers (void)
{
  g_autoptr (SlowTable) table = g_object_new (SLOW_TYPE_TABLE, NULL);
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("calls", use_table, table);
  use_table (table);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

/* The order */

static void
test_order (void)
{
  assert_order ("!a !b !c !a", "!a !b !c !a");
  assert_order ("list count ?a ?b", "list count ?a ?b");
  assert_order ("!a list !b count", "list count !a !b");
  assert_order ("!a ?b !b ?b ?a", "?b !a ?a !b ?b");
  assert_order ("!a !b ?a ?c list count !c ?b", "?c list count !a ?a !b ?b !c");
  assert_order ("?a !a ?a !a ?a", "?a !a ?a !a ?a");
}

static void
test_order_of_many (void)
{
  assert_order ("!* ?a list", "list !* ?a");
  assert_order ("batch ?a ?b ?c count", "?c count batch ?a ?b");
  assert_order ("!x batch ?a ?x", "!x ?x batch ?a");
}

/* A write waits for no more than 64 reads. */
static void
test_fairness (void)
{
  Queue queue = { NULL, NULL, 0, 0, 0 };
  g_autofree char *log = NULL;
  g_auto (GStrv) words = NULL;

  queue_begin (&queue);
  queue_ask_all (&queue, "!a !b");
  for (guint i = 0; i < 200; i++)
    queue_ask (&queue, "list", NULL);
  log = queue_end (&queue);
  words = g_strsplit (log, " ", -1);
  g_assert_cmpuint (g_strv_length (words), ==, 203);
  g_assert_cmpstr (words[64], ==, "list");
  g_assert_cmpstr (words[65], ==, "!a");
  g_assert_cmpstr (words[66], ==, "list");
  g_assert_cmpstr (words[130], ==, "!b");
}

/* Cancellation */

static void
test_cancelled_in_queue (void)
{
  Queue queue = { NULL, NULL, 0, 0, 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  const char *const asked[] = { "list", "count", "?a", "!a", "!*", "batch" };
  g_autofree char *log = NULL;

  queue_begin (&queue);
  for (guint i = 0; i < G_N_ELEMENTS (asked); i++)
    queue_ask (&queue, asked[i], cancellable);
  queue_ask (&queue, "!z", NULL);
  g_cancellable_cancel (cancellable);
  while (queue.n_answered < G_N_ELEMENTS (asked))
    g_main_context_iteration (NULL, TRUE);
  log = queue_end (&queue);
  g_assert_cmpstr (log, ==, "?gate !z");
  g_assert_cmpuint (queue.n_failed, ==, G_N_ELEMENTS (asked));
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  open_gate (user_data);
}

/* Busy until the caller does not want it any more. */
static gboolean
wait_for_cancellation (gpointer self, VlReply *reply, GError **error)
{
  GCancellable *cancellable = vl_reply_get_cancellable (reply);
  gulong handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), self, NULL);

  slow_wait_at_gate (self);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  g_cancellable_disconnect (cancellable, handler);

  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

static void
test_cancelled_while_running (void)
{
  g_autoptr (SlowTable) table = g_object_new (SLOW_TYPE_TABLE, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };

  table->act = wait_for_cancellation;
  call_async (table, OP_LIST, cancellable, &waiter);
  _vl_lock_acquire (&table->lock);
  while (!table->at_gate)
    {
      _vl_lock_release (&table->lock);
      g_main_context_iteration (NULL, FALSE);
      _vl_lock_acquire (&table->lock);
    }
  _vl_lock_release (&table->lock);
  g_assert_null (waiter.result);
  g_cancellable_cancel (cancellable);
  error = call_finish (table, OP_LIST, &waiter);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  /* The thread is free again. */
  g_assert_cmpint (vl_table_count_sync (VL_TABLE (table), NULL, NULL, NULL), ==, 3);
}

/* Answers */

static gboolean
fail_silently (gpointer self, VlReply *reply, GError **error)
{
  return FALSE;
}

static gboolean
forget (gpointer self, VlReply *reply, GError **error)
{
  return TRUE;
}

static gboolean
refuse (gpointer self, VlReply *reply, GError **error)
{
  g_set_error_literal (error, VL_ERROR, VL_ERROR_CORRUPT, "broken");
  return FALSE;
}

static gboolean
read_itself (gpointer self, VlReply *reply, GError **error)
{
  if (vl_table_count_sync (self, NULL, NULL, error) < 0)
    return FALSE;

  vl_reply_finish (reply);
  return TRUE;
}

static void
assert_fails (SlowAct act, VlError code, const char *message)
{
  g_autoptr (SlowTable) table = g_object_new (SLOW_TYPE_TABLE, NULL);
  g_autoptr (GError) error = NULL;

  table->act = act;
  g_assert_null (vl_table_list_sync (VL_TABLE (table), NULL, NULL, &error));
  g_assert_error (error, VL_ERROR, (int) code);
  g_assert_true (g_str_has_prefix (error->message, message));
}

static void
test_failures (void)
{
  assert_fails (fail_silently, VL_ERROR_FAILED, "SlowTable.list() raised or did not return TRUE");
  assert_fails (forget, VL_ERROR_FAILED, "SlowTable.list() dropped its reply without an answer");
  assert_fails (refuse, VL_ERROR_CORRUPT, "broken");
}

/* It would wait for its own thread. */
static void
test_sync_inside (void)
{
  assert_fails (read_itself, VL_ERROR_FAILED, "A _sync call of a SlowTable cannot be made");
}

static void
test_missing (void)
{
  g_autoptr (VlTable) table = g_object_new (IDLE_TYPE_TABLE, NULL);
  g_autoptr (VlSchema) schema = scripted_schema (VL_FIELD_TYPE_STRING, SCRIPTED_EVERYTHING);
  g_autoptr (GError) describe = NULL;

  g_assert_null (vl_table_describe_sync (table, NULL, &describe));
  g_assert_error (describe, VL_ERROR, VL_ERROR_UNSUPPORTED);
  g_assert_cmpstr (describe->message, ==, "IdleTable does not implement describe_blocking()");

  _vl_table_set_schema (table, schema);
  for (guint op = OP_LIST; op < N_OPS; op++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (Waiter) waiter = { NULL, NULL };

      call_async (table, op, NULL, &waiter);
      error = call_finish (table, op, &waiter);
      g_assert_error (error, VL_ERROR, VL_ERROR_UNSUPPORTED);
      g_assert_nonnull (strstr (error->message, "_blocking()"));
    }
}

static gpointer
answer_later (gpointer user_data)
{
  VlReply *reply = user_data;

  vl_reply_finish (reply);
  g_object_unref (reply);
  return NULL;
}

static gboolean
answer_from_a_thread (gpointer self, VlReply *reply, GError **error)
{
  g_thread_unref (g_thread_new ("answers", answer_later, g_object_ref (reply)));
  return TRUE;
}

static void
test_answered_elsewhere (void)
{
  g_autoptr (SlowTable) table = g_object_new (SLOW_TYPE_TABLE, NULL);

  table->act = answer_from_a_thread;
  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (Waiter) waiter = { NULL, NULL };

      call_async (table, OP_LIST, NULL, &waiter);
      error = call_finish (table, OP_LIST, &waiter);
      g_assert_no_error (error);
      g_assert_true (waiter.thread == g_thread_self ());
    }
}

/* The end */

typedef struct
{
  GThread *home;
  guint n_gone;
} Owner;

static void
on_gone (gpointer user_data, GObject *object)
{
  Owner *owner = user_data;

  g_assert_true (g_thread_self () == owner->home);
  owner->n_gone++;
}

/* The calls have ended for their callers: the worker holds the last references
 * to the table and to what it was asked. */
static void
test_last_reference (void)
{
  for (guint i = 0; i < 50; i++)
    {
      Queue queue = { NULL, NULL, 0, 0, 0 };
      Owner owner = { g_thread_self (), 0 };
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      VlQuery *query;
      SlowTable *slow;

      queue_begin (&queue);
      slow = queue.slow;
      query = vl_query_new ();
      vl_table_list_async (queue.table, query, cancellable, on_queue, &queue);
      g_object_weak_ref (G_OBJECT (query), on_gone, &owner);
      g_object_unref (query);
      g_object_weak_ref (G_OBJECT (slow), on_gone, &owner);

      g_cancellable_cancel (cancellable);
      while (queue.n_answered == 0)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (owner.n_gone, ==, 0);
      open_gate (slow);
      g_object_unref (slow);
      while (owner.n_gone < 2)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (queue.n_answered, ==, 2);
    }
}

static void
test_unused (void)
{
  g_autoptr (SlowTable) table = g_object_new (SLOW_TYPE_TABLE, NULL);

  /* No thread was started, and none has to end. */
  g_assert_finalize_object (g_steal_pointer (&table));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/blocking-table/runs-on-one-thread", test_one_thread);
  g_test_add_func ("/blocking-table/many-callers", test_many_callers);
  g_test_add_func ("/blocking-table/order/reads-overtake-writes", test_order);
  g_test_add_func ("/blocking-table/order/writes-of-many-records", test_order_of_many);
  g_test_add_func ("/blocking-table/order/writes-get-their-turn", test_fairness);
  g_test_add_func ("/blocking-table/cancelled/in-the-queue-never-runs", test_cancelled_in_queue);
  g_test_add_func ("/blocking-table/cancelled/while-running-is-told", test_cancelled_while_running);
  g_test_add_func ("/blocking-table/failures-name-the-vfunc", test_failures);
  g_test_add_func ("/blocking-table/sync-inside-a-vfunc-fails", test_sync_inside);
  g_test_add_func ("/blocking-table/missing-vfuncs-are-unsupported", test_missing);
  g_test_add_func ("/blocking-table/answered-later-by-another-thread", test_answered_elsewhere);
  g_test_add_func ("/blocking-table/last-references-come-home", test_last_reference);
  g_test_add_func ("/blocking-table/never-used", test_unused);

  return g_test_run ();
}
