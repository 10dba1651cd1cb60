/* test-reply.c: the answer that a vfunc owes
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fake-clock.h"
#include "scripted-table.h"
#include "vantage-live/table/vl-table-private.h"

#define TWICE "*was answered more than once*"

/* A scripted table that is described already, every vfunc of which does
 * `act`. */
static ScriptedTable *
table_that (ScriptedAct act)
{
  ScriptedTable *table = scripted_table_new (SCRIPTED_EVERYTHING);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlSchema) schema = vl_table_describe_sync (VL_TABLE (table), NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (schema);
  scripted_table_add (table, "a", "one");
  for (guint op = 0; op < N_OPS; op++)
    table->acts[op] = act;
  memset (table->n_calls, 0, sizeof table->n_calls);

  return table;
}

/* Every kind of answer, the right ones at the index of their op. */
enum
{
  ANSWER_LOOKUP = N_OPS,
  ANSWER_DONE,
  N_ANSWERS
};

static void
give (ScriptedTable *table, guint answer, VlReply *reply)
{
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (NULL);

  switch (answer)
    {
    case OP_DESCRIBE:
      vl_reply_return_schema (reply, table->schema);
      break;
    case OP_LIST:
      page = vl_page_builder_end (builder);
      vl_reply_return_page (reply, page);
      break;
    case OP_FIND:
    case OP_APPLY:
      vl_reply_return_record (reply, g_ptr_array_index (table->records, 0));
      break;
    case OP_COUNT:
      vl_reply_return_count (reply, 1);
      break;
    case OP_APPLY_BATCH:
      vl_reply_return_nth (reply, 0, NULL);
      vl_reply_return_nth (reply, 1, NULL);
      vl_reply_finish (reply);
      break;
    case ANSWER_LOOKUP:
      vl_reply_return_lookup (reply, NULL, TRUE, 1);
      break;
    case ANSWER_DONE:
      vl_reply_return_done (reply);
      break;
    default:
      g_assert_not_reached ();
    }
}

/* Return values */

static void
test_later (void)
{
  for (guint op = 0; op < N_OPS; op++)
    {
      g_autoptr (ScriptedTable) table = table_that (scripted_keep);
      g_autoptr (VlReply) reply = NULL;
      g_autoptr (GError) error = NULL;
      g_auto (Waiter) waiter = { NULL, NULL };

      call_async (table, op, NULL, &waiter);
      turn ();
      g_assert_cmpuint (table->n_calls[op], ==, 1);
      g_assert_null (waiter.result);

      reply = scripted_take (table);
      give (table, op, reply);
      g_assert_null (waiter.result);
      error = call_finish (table, op, &waiter);
      g_assert_no_error (error);
    }
}

static gboolean
refuse (ScriptedTable *self, ScriptedOp op, gpointer argument, VlReply *reply, GError **error)
{
  g_set_error_literal (error, VL_ERROR, VL_ERROR_REJECTED, "no");
  return FALSE;
}

static void
test_false_with_error (void)
{
  for (guint op = 0; op < N_OPS; op++)
    {
      g_autoptr (ScriptedTable) table = table_that (refuse);
      g_autoptr (GError) error = NULL;
      g_auto (Waiter) waiter = { NULL, NULL };

      call_async (table, op, NULL, &waiter);
      error = call_finish (table, op, &waiter);
      g_assert_error (error, VL_ERROR, VL_ERROR_REJECTED);
      g_assert_cmpstr (error->message, ==, "no");
    }
}

static gboolean
fail_silently (ScriptedTable *self,
               ScriptedOp op,
               gpointer argument,
               VlReply *reply,
               GError **error)
{
  return FALSE;
}

static const char *const vfuncs[] = { "describe", "list", "find", "count", "apply", "apply_batch" };

static void
test_false_without_error (void)
{
  for (guint op = 0; op < N_OPS; op++)
    {
      g_autoptr (ScriptedTable) table = table_that (fail_silently);
      g_autofree char
        *message = g_strdup_printf ("ScriptedTable.%s() raised or did not return TRUE", vfuncs[op]);
      g_autoptr (GError) error = NULL;
      g_auto (Waiter) waiter = { NULL, NULL };

      call_async (table, op, NULL, &waiter);
      error = call_finish (table, op, &waiter);
      g_assert_error (error, VL_ERROR, VL_ERROR_FAILED);
      g_assert_cmpstr (error->message, ==, message);
    }
}

static gboolean
answer_but_false (ScriptedTable *self,
                  ScriptedOp op,
                  gpointer argument,
                  VlReply *reply,
                  GError **error)
{
  give (self, op, reply);
  return FALSE;
}

static gboolean
answer_and_refuse (ScriptedTable *self,
                   ScriptedOp op,
                   gpointer argument,
                   VlReply *reply,
                   GError **error)
{
  give (self, op, reply);
  return refuse (self, op, argument, reply, error);
}

static void
test_answered_and_false (void)
{
  for (guint op = 0; op < N_OPS; op++)
    {
      g_autoptr (ScriptedTable) table = table_that (answer_but_false);
      g_autoptr (GError) error = NULL;
      g_auto (Waiter) waiter = { NULL, NULL };

      call_async (table, op, NULL, &waiter);
      error = call_finish (table, op, &waiter);
      g_assert_no_error (error);
    }
}

static void
test_answered_and_error (void)
{
  g_autoptr (ScriptedTable) table = table_that (answer_and_refuse);
  g_autoptr (GError) error = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };

  g_test_expect_message ("vantage-live", G_LOG_LEVEL_WARNING,
                         "*ScriptedTable.find() answered and set an error*no*");
  call_async (table, OP_FIND, NULL, &waiter);
  g_test_assert_expected_messages ();
  error = call_finish (table, OP_FIND, &waiter);
  g_assert_no_error (error);
}

/* One answer */

static gboolean
answer_twice (ScriptedTable *self, ScriptedOp op, gpointer argument, VlReply *reply, GError **error)
{
  give (self, op, reply);
  vl_reply_fail_literal (reply, VL_ERROR_REJECTED, "second");
  return TRUE;
}

static void
test_twice_early (void)
{
  for (guint op = 0; op < N_OPS; op++)
    {
      g_autoptr (ScriptedTable) table = table_that (answer_twice);
      g_autoptr (GError) error = NULL;
      g_auto (Waiter) waiter = { NULL, NULL };

      g_test_expect_message ("vantage-live", G_LOG_LEVEL_WARNING, TWICE);
      call_async (table, op, NULL, &waiter);
      g_test_assert_expected_messages ();
      error = call_finish (table, op, &waiter);
      g_assert_no_error (error);
    }
}

static void
test_twice_late (void)
{
  g_autoptr (ScriptedTable) table = table_that (scripted_keep);
  g_autoptr (VlReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };

  call_async (table, OP_COUNT, NULL, &waiter);
  reply = scripted_take (table);
  vl_reply_return_count (reply, 4);
  g_test_expect_message ("vantage-live", G_LOG_LEVEL_WARNING, TWICE);
  vl_reply_return_count (reply, 5);
  g_test_assert_expected_messages ();
  g_assert_cmpint (vl_table_count_finish (VL_TABLE (table), waiter_wait (&waiter), &error), ==, 4);
  g_assert_no_error (error);

  /* Nor does a third one, long after. */
  g_test_expect_message ("vantage-live", G_LOG_LEVEL_WARNING, TWICE);
  vl_reply_fail_literal (reply, VL_ERROR_REJECTED, "third");
  g_test_assert_expected_messages ();
  turn ();
}

static gboolean
fits (guint op, guint answer)
{
  gboolean records = (op == OP_FIND || op == OP_APPLY) && (answer == OP_FIND || answer == OP_APPLY);

  return op == answer || records || (op == OP_APPLY && answer == ANSWER_DONE);
}

static void
check_wrong_kind (guint op, guint answer)
{
  g_autoptr (ScriptedTable) table = table_that (scripted_keep);
  g_autofree char *message =
    g_strdup_printf ("ScriptedTable.%s() was answered with the wrong kind of answer", vfuncs[op]);
  g_autoptr (VlReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };

  call_async (table, op, NULL, &waiter);
  reply = scripted_take (table);
  /* Three calls make the answer to a batch, each of them wrong. */
  for (guint n = 1; answer == OP_APPLY_BATCH && n < 3; n++)
    g_test_expect_message ("vantage-live", G_LOG_LEVEL_WARNING, TWICE);
  give (table, answer, reply);
  g_test_assert_expected_messages ();

  error = call_finish (table, op, &waiter);
  g_assert_error (error, VL_ERROR, VL_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (error->message, message));
}

static void
test_wrong_kind (void)
{
  for (guint op = 0; op < N_OPS; op++)
    {
      for (guint answer = 0; answer < N_ANSWERS; answer++)
        {
          if (!fits (op, answer))
            check_wrong_kind (op, answer);
        }
    }
}

static void
test_done (void)
{
  g_autoptr (ScriptedTable) table = table_that (scripted_keep);
  g_autoptr (VlReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };

  call_async (table, OP_APPLY, NULL, &waiter);
  reply = scripted_take (table);
  vl_reply_return_done (reply);
  error = call_finish (table, OP_APPLY, &waiter);
  g_assert_no_error (error);
}

static void
test_negative_count (void)
{
  g_autoptr (ScriptedTable) table = table_that (scripted_keep);
  g_autoptr (VlReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };

  call_async (table, OP_COUNT, NULL, &waiter);
  reply = scripted_take (table);
  vl_reply_return_count (reply, -1);
  error = call_finish (table, OP_COUNT, &waiter);
  g_assert_error (error, VL_ERROR, VL_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "ScriptedTable.count()"));
}

static void
on_lookup (VlAnswer *answer, gpointer user_data)
{
  VlAnswer *got = user_data;

  *got = *answer;
  *answer = (VlAnswer){ 0 };
}

static VlAnswer
look_up (ScriptedTable *table, guint answer)
{
  const VlReplyInfo info = { .kind = VL_ANSWER_LOOKUP, .vfunc = "lookup", .type = G_TYPE_OBJECT };
  VlAnswer got = { 0 };
  VlReply *reply = _vl_reply_new (&info, on_lookup, &got, NULL);

  give (table, answer, reply);
  g_assert_null (_vl_reply_sent (reply, TRUE, NULL));

  return got;
}

static void
test_lookup (void)
{
  g_autoptr (ScriptedTable) table = table_that (NULL);
  g_auto (VlAnswer) right = look_up (table, ANSWER_LOOKUP);
  g_auto (VlAnswer) wrong = look_up (table, OP_FIND);

  /* Nothing cannot be fresh. */
  g_assert_no_error (right.error);
  g_assert_null (right.page);
  g_assert_false (right.fresh);
  g_assert_cmpuint (right.lease, ==, 1);

  g_assert_error (wrong.error, VL_ERROR, VL_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (wrong.error->message, "GObject.lookup() was answered with"));
}

/* When and where callers hear of it */

/* One call; a vfunc that turns the context may well end the others. */
typedef struct
{
  gboolean inside; /* the _async call has not returned */
  gboolean called;
} Reentry;

#define N_REENTRIES 12

static void
on_not_inside (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Reentry *reentry = user_data;

  g_assert_false (reentry->inside);
  g_assert_false (reentry->called);
  reentry->called = TRUE;
}

/* Fires in the middle of a nested loop. */
static gboolean
on_idle (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
answer_after_a_nested_loop (ScriptedTable *self,
                            ScriptedOp op,
                            gpointer argument,
                            VlReply *reply,
                            GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  gint64 begun = g_get_monotonic_time ();

  /* A turn later by the clock, too. */
  while (g_get_monotonic_time () == begun)
    ;
  g_idle_add (on_idle, loop);
  g_main_loop_run (loop);

  return scripted_answer (self, op, argument, reply, error);
}

static void
call_one (VlTable *table, guint op, Reentry *reentry)
{
  reentry->inside = TRUE;
  if (op == 0)
    vl_table_describe_async (table, NULL, on_not_inside, reentry);
  else if (op == 1)
    vl_table_list_async (table, NULL, NULL, on_not_inside, reentry);
  else if (op == 2)
    vl_table_find_async (table, "a", NULL, on_not_inside, reentry);
  else
    vl_table_delete_async (table, "a", NULL, on_not_inside, reentry);
  reentry->inside = FALSE;
}

static gboolean
call_inside_a_source (gpointer user_data)
{
  const ScriptedAct acts[] = { NULL, answer_after_a_nested_loop, refuse };
  Reentry *reentries = user_data;

  for (guint i = 0; i < N_REENTRIES; i++)
    {
      g_autoptr (ScriptedTable) table = table_that (acts[i % G_N_ELEMENTS (acts)]);

      call_one (VL_TABLE (table), i / G_N_ELEMENTS (acts), &reentries[i]);
    }

  return G_SOURCE_REMOVE;
}

static void
wait_for_all (Reentry *reentries)
{
  for (guint i = 0; i < N_REENTRIES; i++)
    {
      while (!reentries[i].called)
        g_main_context_iteration (NULL, TRUE);
    }
}

static void
test_not_inside_async (void)
{
  Reentry outside[N_REENTRIES] = { { FALSE, FALSE } };
  Reentry inside[N_REENTRIES] = { { FALSE, FALSE } };

  call_inside_a_source (outside);
  wait_for_all (outside);

  g_idle_add (call_inside_a_source, inside);
  wait_for_all (inside);
}

typedef struct
{
  VlReply *reply;
  ScriptedTable *table;
  ScriptedOp op;
} Delivery;

static gpointer
deliver (gpointer user_data)
{
  Delivery *delivery = user_data;

  give (delivery->table, delivery->op, delivery->reply);
  g_object_unref (delivery->reply);
  return NULL;
}

static gpointer
call_from_a_thread (gpointer user_data)
{
  ScriptedTable *table = user_data;
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  for (guint op = 0; op < N_OPS; op++)
    {
      Delivery delivery = { NULL, table, op };
      g_autoptr (GError) error = NULL;
      g_auto (Waiter) waiter = { NULL, NULL };

      call_async (table, op, NULL, &waiter);
      g_assert_true (table->thread == g_thread_self ());
      delivery.reply = scripted_take (table);
      g_thread_join (g_thread_new ("answers", deliver, &delivery));
      g_assert_null (waiter.result);
      error = call_finish (table, op, &waiter);
      g_assert_no_error (error);
      g_assert_true (waiter.thread == g_thread_self ());
    }
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
test_caller_context (void)
{
  g_autoptr (ScriptedTable) table = table_that (scripted_keep);

  call_from_a_thread (table);
  g_thread_join (g_thread_new ("calls", call_from_a_thread, table));
}

/* Callers without a context of their own are called back in the default one. */

typedef struct
{
  ScriptedTable *table;
  Waiter waiter;
} HomelessCall;

static gpointer
call_without_a_context (gpointer user_data)
{
  HomelessCall *call = user_data;

  call_async (call->table, OP_LIST, NULL, &call->waiter);
  g_assert_null (call->waiter.result);
  return NULL;
}

static gboolean
join_inside_the_loop (gpointer user_data)
{
  HomelessCall *call = user_data;

  /* This thread turns the default context all the while. */
  g_thread_join (g_thread_new ("calls", call_without_a_context, call));
  g_assert_cmpuint (call->table->n_calls[OP_LIST], ==, 0);
  return G_SOURCE_REMOVE;
}

static void
test_caller_without_context (void)
{
  g_autoptr (ScriptedTable) table = table_that (NULL);
  HomelessCall turned = { table, { NULL, NULL } };
  HomelessCall idle = { table, { NULL, NULL } };

  g_idle_add (join_inside_the_loop, &turned);
  waiter_wait (&turned.waiter);
  g_assert_true (table->thread == g_thread_self ());
  g_assert_true (turned.waiter.thread == g_thread_self ());

  /* Nobody turns it: the vfunc runs in the thread that calls. */
  g_thread_join (g_thread_new ("calls", call_without_a_context, &idle));
  g_assert_cmpuint (table->n_calls[OP_LIST], ==, 2);
  g_assert_true (table->thread != g_thread_self ());
  waiter_wait (&idle.waiter);
  g_assert_true (idle.waiter.thread == g_thread_self ());

  waiter_clear (&turned.waiter);
  waiter_clear (&idle.waiter);
}

/* Whose references are dropped where */

typedef struct
{
  GThread *home;
  guint n_gone;
} Owner;

static void
on_gone_at_home (gpointer user_data, GObject *object)
{
  Owner *owner = user_data;

  g_assert_true (g_thread_self () == owner->home);
  owner->n_gone++;
}

static void
on_owned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Owner *owner = user_data;

  g_object_weak_ref (G_OBJECT (result), on_gone_at_home, owner);
}

static void
test_references_come_home (void)
{
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (ScriptedTable) table = table_that (scripted_keep);
      Owner owner = { g_thread_self (), 0 };
      Delivery delivery = { NULL, table, OP_FIND };
      VlTable *source = VL_TABLE (table_that (scripted_keep));
      GCancellable *cancellable = g_cancellable_new ();
      GThread *thread;

      vl_table_find_async (source, "a", cancellable, on_owned, &owner);
      g_object_weak_ref (G_OBJECT (source), on_gone_at_home, &owner);
      g_object_weak_ref (G_OBJECT (cancellable), on_gone_at_home, &owner);
      g_object_unref (cancellable);
      delivery.reply = scripted_take (SCRIPTED_TABLE (source));
      /* The call is all that keeps the table. */
      g_object_unref (source);

      thread = g_thread_new ("answers", deliver, &delivery);
      if (i % 2 == 0)
        g_thread_join (thread);
      while (owner.n_gone < 3)
        g_main_context_iteration (NULL, TRUE);
      if (i % 2 != 0)
        g_thread_join (thread);
    }
}

/* Never answered */

static gpointer
drop (gpointer user_data)
{
  g_object_unref (user_data);
  return NULL;
}

static void
test_dropped (void)
{
  for (guint op = 0; op < N_OPS; op++)
    {
      g_autoptr (ScriptedTable) table = table_that (scripted_keep);
      g_autofree char *message =
        g_strdup_printf ("ScriptedTable.%s() dropped its reply without an answer", vfuncs[op]);
      g_autoptr (GError) error = NULL;
      g_auto (Waiter) waiter = { NULL, NULL };

      call_async (table, op, NULL, &waiter);
      if (op % 2 == 0)
        drop (scripted_take (table));
      else
        g_thread_join (g_thread_new ("drops", drop, scripted_take (table)));
      g_assert_null (waiter.result);
      error = call_finish (table, op, &waiter);
      g_assert_error (error, VL_ERROR, VL_ERROR_FAILED);
      g_assert_cmpstr (error->message, ==, message);
    }
}

static gboolean
forget (ScriptedTable *self, ScriptedOp op, gpointer argument, VlReply *reply, GError **error)
{
  return TRUE;
}

static void
test_dropped_inside (void)
{
  g_autoptr (ScriptedTable) table = table_that (forget);
  g_autoptr (GError) error = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };

  call_async (table, OP_LIST, NULL, &waiter);
  g_assert_null (waiter.result);
  error = call_finish (table, OP_LIST, &waiter);
  g_assert_error (error, VL_ERROR, VL_ERROR_FAILED);
}

static void
test_timeout (void)
{
  fake_clock_begin ();
  for (guint op = 0; op < N_OPS; op++)
    {
      gboolean writes = op == OP_APPLY || op == OP_APPLY_BATCH;
      int code = writes ? VL_ERROR_IN_DOUBT : VL_ERROR_TIMED_OUT;
      g_autoptr (ScriptedTable) table = table_that (scripted_keep);
      g_autoptr (VlReply) reply = NULL;
      g_autoptr (GError) error = NULL;
      g_auto (Waiter) waiter = { NULL, NULL };

      call_async (table, op, NULL, &waiter);
      fake_clock_advance (VL_DEFAULT_TIMEOUT - 1);
      g_assert_null (waiter.result);
      fake_clock_advance (1);
      g_assert_nonnull (waiter.result);
      error = call_finish (table, op, &waiter);
      g_assert_error (error, VL_ERROR, code);
      g_assert_nonnull (strstr (error->message, vfuncs[op]));
      g_assert_nonnull (strstr (error->message, "30000 ms"));

      /* Late, and of no interest. */
      reply = scripted_take (table);
      give (table, op, reply);
      turn ();
    }
  fake_clock_end ();
}

static void
test_timeout_cleared (void)
{
  g_autoptr (ScriptedTable) table = NULL;
  g_autoptr (VlReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };

  fake_clock_begin ();
  table = table_that (scripted_keep);
  call_async (table, OP_FIND, NULL, &waiter);
  g_assert_cmpint (fake_clock_get_due (), ==, VL_DEFAULT_TIMEOUT);
  reply = scripted_take (table);
  vl_reply_return_record (reply, NULL);
  error = call_finish (table, OP_FIND, &waiter);
  g_assert_no_error (error);
  g_assert_cmpuint (fake_timers->len, ==, 0);
  fake_clock_end ();
}

static void
test_timeout_meets_answer (void)
{
  g_autoptr (ScriptedTable) table = NULL;
  g_autoptr (VlReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };

  fake_clock_begin ();
  table = table_that (scripted_keep);
  call_async (table, OP_FIND, NULL, &waiter);
  reply = scripted_take (table);
  vl_reply_return_record (reply, NULL);
  /* The answer is on its way home. */
  fake_clock_advance (VL_DEFAULT_TIMEOUT);
  error = call_finish (table, OP_FIND, &waiter);
  g_assert_no_error (error);
  fake_clock_end ();
}

static void
on_answer (VlAnswer *answer, gpointer user_data)
{
  guint *n_called = user_data;

  ++*n_called;
}

static void
test_no_timeout (void)
{
  g_autoptr (ScriptedTable) table = NULL;
  g_autoptr (VlFlight) flight = NULL;
  g_autoptr (VlQuery) query = vl_query_new ();
  guint n_called = 0;

  fake_clock_begin ();
  table = table_that (scripted_keep);
  flight = _vl_table_send_list (VL_TABLE (table), query, 0, on_answer, &n_called, NULL);
  g_assert_nonnull (flight);
  g_assert_cmpuint (fake_timers->len, ==, 0);
  g_object_unref (scripted_take (table));
  g_assert_cmpuint (n_called, ==, 0);
  turn ();
  g_assert_cmpuint (n_called, ==, 1);
  fake_clock_end ();
}

/* Inside the library an early answer is taken without a turn. */
static void
test_early (void)
{
  g_autoptr (ScriptedTable) table = table_that (NULL);
  g_autoptr (VlQuery) query = vl_query_new ();
  guint n_called = 0;

  g_assert_null (_vl_table_send_list (VL_TABLE (table), query, 1, on_answer, &n_called, NULL));
  g_assert_cmpuint (n_called, ==, 1);
  g_assert_null (_vl_table_send_find (VL_TABLE (table), "a", 1, on_answer, &n_called, NULL));
  g_assert_cmpuint (n_called, ==, 2);
  turn ();
  g_assert_cmpuint (n_called, ==, 2);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/reply/true-may-be-answered-later", test_later);
  g_test_add_func ("/reply/false-with-an-error-is-that-error", test_false_with_error);
  g_test_add_func ("/reply/false-without-one-names-the-vfunc", test_false_without_error);
  g_test_add_func ("/reply/false-after-an-answer-is-answered", test_answered_and_false);
  g_test_add_func ("/reply/an-error-after-an-answer-is-logged", test_answered_and_error);
  g_test_add_func ("/reply/the-first-answer-wins/early", test_twice_early);
  g_test_add_func ("/reply/the-first-answer-wins/late", test_twice_late);
  g_test_add_func ("/reply/wrong-kinds-fail-and-name-the-vfunc", test_wrong_kind);
  g_test_add_func ("/reply/done-is-an-answer-to-a-write", test_done);
  g_test_add_func ("/reply/a-negative-count-fails", test_negative_count);
  g_test_add_func ("/reply/a-lookup-is-an-answer-of-its-own", test_lookup);
  g_test_add_func ("/reply/callbacks-never-run-inside-async", test_not_inside_async);
  g_test_add_func ("/reply/callbacks-run-in-the-callers-context", test_caller_context);
  g_test_add_func ("/reply/callers-without-a-context-use-the-default-one",
                   test_caller_without_context);
  g_test_add_func ("/reply/the-callers-references-are-dropped-at-home", test_references_come_home);
  g_test_add_func ("/reply/dropped-fails-in-a-later-turn", test_dropped);
  g_test_add_func ("/reply/dropped-inside-the-vfunc-fails-too", test_dropped_inside);
  g_test_add_func ("/reply/never-answered-times-out", test_timeout);
  g_test_add_func ("/reply/an-answer-ends-the-timeout", test_timeout_cleared);
  g_test_add_func ("/reply/an-answer-on-its-way-beats-the-timeout", test_timeout_meets_answer);
  g_test_add_func ("/reply/timeout-0-waits-for-ever", test_no_timeout);
  g_test_add_func ("/reply/early-answers-are-taken-at-once", test_early);

  return g_test_run ();
}
