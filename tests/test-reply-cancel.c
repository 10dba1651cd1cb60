/* test-reply-cancel.c: replies that nobody waits for any more
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fake-clock.h"
#include "scripted-table.h"
#include "vantage-live/table/vl-table-private.h"

static ScriptedTable *
keeping_table (void)
{
  ScriptedTable *table = scripted_table_new (SCRIPTED_EVERYTHING);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlSchema) schema = vl_table_describe_sync (VL_TABLE (table), NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (schema);
  scripted_table_add (table, "a", "one");
  for (guint op = 0; op < N_OPS; op++)
    table->acts[op] = scripted_keep;

  return table;
}

/* The argument of the only call of `op`, for an answer to it. */
static void
answer (ScriptedTable *table, ScriptedOp op, VlReply *reply)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  gpointer argument = NULL;

  if (op == OP_LIST || op == OP_COUNT)
    argument = g_ptr_array_index (table->queries, table->queries->len - 1);
  else if (op == OP_FIND)
    argument = (gpointer) "a";
  else if (op == OP_APPLY)
    argument = g_ptr_array_index (table->sent, table->sent->len - 1);
  else if (op == OP_APPLY_BATCH)
    {
      g_list_store_splice (changes, 0, 0, table->sent->pdata, table->sent->len);
      argument = changes;
    }

  scripted_answer (table, op, argument, reply, NULL);
}

typedef struct
{
  GThread *thread;
  guint n_fired;
} Watch;

static void
on_fired (GCancellable *cancellable, gpointer user_data)
{
  Watch *watch = user_data;

  watch->thread = g_thread_self ();
  watch->n_fired++;
}

static gpointer
cancel (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return NULL;
}

static void
check_cancel (ScriptedTable *table, ScriptedOp op)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (VlReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };
  GCancellable *own;
  Watch watch = { NULL, 0 };

  call_async (table, op, cancellable, &waiter);
  reply = scripted_take (table);
  own = vl_reply_get_cancellable (reply);
  g_assert_true (own != cancellable);
  g_assert_true (own == vl_reply_get_cancellable (reply));
  g_signal_connect (own, "cancelled", G_CALLBACK (on_fired), &watch);

  g_thread_join (g_thread_new ("cancels", cancel, cancellable));
  g_assert_false (g_cancellable_is_cancelled (own));
  g_assert_null (waiter.result);
  error = call_finish (table, op, &waiter);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  turn ();
  g_assert_cmpuint (watch.n_fired, ==, 1);
  g_assert_true (watch.thread == g_thread_self ());

  /* Dropped quietly. */
  answer (table, op, reply);
  turn ();
  g_assert_cmpuint (watch.n_fired, ==, 1);
}

static gpointer
cancel_all_ops (gpointer user_data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  for (guint op = 0; op < N_OPS; op++)
    {
      g_autoptr (ScriptedTable) table = keeping_table ();

      check_cancel (table, op);
    }
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
test_cancel (void)
{
  cancel_all_ops (NULL);
  g_thread_join (g_thread_new ("calls", cancel_all_ops, NULL));
}

static void
test_cancel_before (void)
{
  for (guint op = 0; op < N_OPS; op++)
    {
      g_autoptr (ScriptedTable) table = keeping_table ();
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      g_auto (Waiter) waiter = { NULL, NULL };
      guint n_before = table->n_calls[op];

      g_cancellable_cancel (cancellable);
      call_async (table, op, cancellable, &waiter);
      error = call_finish (table, op, &waiter);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpuint (table->n_calls[op], ==, n_before);
    }
}

/* Not allowed by GCancellable, and done all the same. */
static void
test_cancel_and_reset (void)
{
  g_autoptr (ScriptedTable) table = keeping_table ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };

  call_async (table, OP_LIST, cancellable, &waiter);
  g_cancellable_cancel (cancellable);
  g_cancellable_reset (cancellable);
  error = call_finish (table, OP_LIST, &waiter);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_asked_for_late (void)
{
  g_autoptr (ScriptedTable) table = keeping_table ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (VlReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };

  call_async (table, OP_LIST, cancellable, &waiter);
  reply = scripted_take (table);
  g_cancellable_cancel (cancellable);
  error = call_finish (table, OP_LIST, &waiter);
  g_assert_true (g_cancellable_is_cancelled (vl_reply_get_cancellable (reply)));
}

static void
test_answered (void)
{
  g_autoptr (ScriptedTable) table = keeping_table ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (VlReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };
  GCancellable *own;

  call_async (table, OP_LIST, cancellable, &waiter);
  reply = scripted_take (table);
  own = vl_reply_get_cancellable (reply);
  answer (table, OP_LIST, reply);
  error = call_finish (table, OP_LIST, &waiter);
  g_assert_no_error (error);

  g_cancellable_cancel (cancellable);
  turn ();
  g_assert_false (g_cancellable_is_cancelled (own));
}

/* The table learns of it by its cancellable, and may answer right there. */

typedef struct
{
  ScriptedTable *table;
  VlReply *reply;
} Answerer;

static void
on_fired_answer (GCancellable *cancellable, gpointer user_data)
{
  Answerer *answerer = user_data;

  answer (answerer->table, OP_LIST, answerer->reply);
  g_clear_object (&answerer->reply);
}

static void
test_answered_by_handler (void)
{
  g_autoptr (ScriptedTable) table = keeping_table ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };
  Answerer answerer = { table, NULL };

  call_async (table, OP_LIST, cancellable, &waiter);
  answerer.reply = scripted_take (table);
  g_signal_connect (vl_reply_get_cancellable (answerer.reply), "cancelled",
                    G_CALLBACK (on_fired_answer), &answerer);
  g_cancellable_cancel (cancellable);
  error = call_finish (table, OP_LIST, &waiter);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  turn ();
  g_assert_null (answerer.reply);
}

static void
test_timeout (void)
{
  fake_clock_begin ();
  for (guint op = 0; op < N_OPS; op++)
    {
      g_autoptr (ScriptedTable) table = keeping_table ();
      g_autoptr (VlReply) reply = NULL;
      g_autoptr (GError) error = NULL;
      g_auto (Waiter) waiter = { NULL, NULL };
      Watch watch = { NULL, 0 };

      call_async (table, op, NULL, &waiter);
      reply = scripted_take (table);
      g_signal_connect (vl_reply_get_cancellable (reply), "cancelled", G_CALLBACK (on_fired),
                        &watch);
      fake_clock_advance (VL_DEFAULT_TIMEOUT - 1);
      g_assert_cmpuint (watch.n_fired, ==, 0);
      fake_clock_advance (1);
      g_assert_cmpuint (watch.n_fired, ==, 1);
      error = call_finish (table, op, &waiter);
      g_assert_nonnull (error);
      answer (table, op, reply);
      turn ();
    }
  fake_clock_end ();
}

G_NORETURN static void
never_answered (VlAnswer *given, gpointer user_data)
{
  g_assert_not_reached ();
}

static void
count_drop (gpointer user_data)
{
  guint *n_dropped = user_data;

  ++*n_dropped;
}

/* Cancelled while the answer is on its way home. */
static void
test_meets_answer (void)
{
  g_autoptr (ScriptedTable) table = keeping_table ();
  g_autoptr (VlQuery) query = vl_query_new ();
  g_autoptr (VlReply) reply = NULL;
  guint n_dropped = 0;
  VlFlight *flight = _vl_table_send_list (VL_TABLE (table), query, 0, never_answered, &n_dropped,
                                          count_drop);

  reply = scripted_take (table);
  answer (table, OP_LIST, reply);
  _vl_flight_cancel (_vl_flight_ref (flight));
  g_assert_cmpuint (n_dropped, ==, 1);
  turn ();
  _vl_flight_cancel (flight);
  g_assert_cmpuint (n_dropped, ==, 1);
}

static gpointer
answer_on_thread (gpointer user_data)
{
  Answerer *answerer = user_data;

  answer (answerer->table, OP_LIST, answerer->reply);
  g_object_unref (answerer->reply);
  return NULL;
}

/* Nobody turns the context any more, and then it goes. */
static void
test_context_gone (void)
{
  GMainContext *context = g_main_context_new ();
  g_autoptr (ScriptedTable) table = keeping_table ();
  g_autoptr (VlQuery) query = vl_query_new ();
  Answerer answerer = { table, NULL };
  guint n_dropped = 0;
  VlFlight *flight;

  g_main_context_push_thread_default (context);
  flight = _vl_table_send_list (VL_TABLE (table), query, 0, never_answered, &n_dropped, count_drop);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  answerer.reply = scripted_take (table);
  g_assert_cmpuint (n_dropped, ==, 0);
  g_thread_join (g_thread_new ("answers", answer_on_thread, &answerer));
  g_assert_cmpuint (n_dropped, ==, 1);
  _vl_flight_unref (flight);
}

static void
count (gpointer user_data)
{
  ++*(guint *) user_data;
}

static void
count_freed (gpointer user_data)
{
  ((guint *) user_data)[1]++;
}

/* What tables in C use instead of the cancellable. */
static void
test_watch (void)
{
  g_autoptr (ScriptedTable) table = keeping_table ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (VlReply) reply = NULL;
  g_autoptr (VlReply) second = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };
  g_auto (Waiter) other = { NULL, NULL };
  guint n[2] = { 0, 0 };

  call_async (table, OP_FIND, cancellable, &waiter);
  reply = scripted_take (table);
  g_assert_true (_vl_reply_watch (reply, count, n, count_freed));
  _vl_reply_unwatch (reply);
  g_assert_cmpuint (n[0], ==, 0);
  g_assert_cmpuint (n[1], ==, 1);

  g_assert_true (_vl_reply_watch (reply, count, n, count_freed));
  g_cancellable_cancel (cancellable);
  while (waiter.result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n[0], ==, 1);
  g_assert_cmpuint (n[1], ==, 2);

  /* Too late: nobody waits any more. */
  g_assert_false (_vl_reply_watch (reply, count, n, count_freed));
  g_assert_cmpuint (n[1], ==, 2);

  /* After an answer it does not run. */
  call_async (table, OP_FIND, NULL, &other);
  second = scripted_take (table);
  g_assert_true (_vl_reply_watch (second, count, n, count_freed));
  answer (table, OP_FIND, second);
  while (other.result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_clear_object (&second);
  g_assert_cmpuint (n[0], ==, 1);
  g_assert_cmpuint (n[1], ==, 3);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/reply/cancellable/fires-at-home-alone", test_cancel);
  g_test_add_func ("/reply/cancellable/cancelled-before-the-call-nothing-is-sent",
                   test_cancel_before);
  g_test_add_func ("/reply/cancellable/a-reset-by-the-caller-does-no-harm", test_cancel_and_reset);
  g_test_add_func ("/reply/cancellable/has-fired-when-it-is-asked-for-late", test_asked_for_late);
  g_test_add_func ("/reply/cancellable/does-not-fire-after-the-answer", test_answered);
  g_test_add_func ("/reply/cancellable/its-handlers-may-answer", test_answered_by_handler);
  g_test_add_func ("/reply/cancellable/fires-at-a-timeout", test_timeout);
  g_test_add_func ("/reply/watch/runs-when-nobody-waits-any-more", test_watch);
  g_test_add_func ("/reply/flight/cancelled-beats-an-answer-on-its-way", test_meets_answer);
  g_test_add_func ("/reply/flight/is-dropped-when-its-context-has-gone", test_context_gone);

  return g_test_run ();
}
