/* test-table-sync.c: calls that wait, and where a table is at home
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fake-clock.h"
#include "scripted-table.h"
#include "vantage-live/table/vl-table-call-private.h"

/* Ways to answer */

typedef struct
{
  ScriptedTable *table;
  ScriptedOp op;
  gpointer argument;
  VlReply *reply;
} Later;

static void
later_free (gpointer data)
{
  Later *later = data;

  g_object_unref (later->reply);
  g_free (later);
}

static gboolean
later_answer (gpointer user_data)
{
  Later *later = user_data;

  scripted_answer (later->table, later->op, later->argument, later->reply, NULL);
  return G_SOURCE_REMOVE;
}

static gpointer
later_answer_on_thread (gpointer user_data)
{
  later_answer (user_data);
  later_free (user_data);
  return NULL;
}

/* Arguments outlast the call: its queries are kept, and it finds only "a". */
static Later *
later_new (ScriptedTable *table, ScriptedOp op, gpointer argument, VlReply *reply)
{
  Later *later = g_new0 (Later, 1);

  later->table = table;
  later->op = op;
  later->argument = op == OP_FIND ? (gpointer) "a" : argument;
  later->reply = g_object_ref (reply);

  return later;
}

/* As a script does that has its own things to do in the main loop. */
static gboolean
answer_in_main_loop (ScriptedTable *self,
                     ScriptedOp op,
                     gpointer argument,
                     VlReply *reply,
                     GError **error)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, later_answer, later_new (self, op, argument, reply),
                   later_free);
  return TRUE;
}

static gboolean
answer_on_thread (ScriptedTable *self,
                  ScriptedOp op,
                  gpointer argument,
                  VlReply *reply,
                  GError **error)
{
  g_thread_unref (
    g_thread_new ("answers", later_answer_on_thread, later_new (self, op, argument, reply)));
  return TRUE;
}

static ScriptedTable *
table_that (ScriptedAct act)
{
  ScriptedTable *table = scripted_table_new (SCRIPTED_EVERYTHING);

  scripted_table_add (table, "a", "one");
  for (guint op = OP_DESCRIBE; op <= OP_COUNT; op++)
    table->acts[op] = act;

  return table;
}

static void
assert_reads (gpointer table)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlSchema) schema = vl_table_describe_sync (table, NULL, &error);
  g_autoptr (VlPage) page = vl_table_list_sync (table, NULL, NULL, &error);
  g_autoptr (VlRecord) found = vl_table_find_sync (table, "a", NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (schema);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, 1);
  g_assert_cmpstr (vl_record_get_id (found), ==, "a");
  g_assert_cmpint (vl_table_count_sync (table, NULL, NULL, &error), ==, 1);
  g_assert_no_error (error);
}

static gboolean
count_turn (gpointer user_data)
{
  guint *n_turns = user_data;

  ++*n_turns;
  return G_SOURCE_CONTINUE;
}

/* At home */

static void
test_turns_home (void)
{
  g_autoptr (ScriptedTable) table = table_that (answer_in_main_loop);
  guint n_turns = 0;
  guint id = g_timeout_add (0, count_turn, &n_turns);

  assert_reads (table);
  g_assert_cmpuint (n_turns, >, 0);
  g_source_remove (id);
}

static void
test_thread_answers (void)
{
  g_autoptr (ScriptedTable) table = table_that (answer_on_thread);

  assert_reads (table);
}

/* Every source of ours can be entered again. */

typedef struct
{
  ScriptedTable *table;
  guint depth;
  guint n_ended;
} Nest;

static void
on_nested (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Nest *nest = user_data;

  assert_reads (nest->table);
  if (--nest->depth > 0)
    {
      guint n_ended = nest->n_ended;

      vl_table_list_async (VL_TABLE (source), NULL, NULL, on_nested, nest);
      while (nest->n_ended == n_ended)
        g_main_context_iteration (NULL, TRUE);
    }
  nest->n_ended++;
}

static void
test_inside_callbacks (void)
{
  g_autoptr (ScriptedTable) early = table_that (NULL);
  g_autoptr (ScriptedTable) idle = table_that (answer_in_main_loop);
  g_autoptr (ScriptedTable) thread = table_that (answer_on_thread);
  ScriptedTable *tables[] = { early, idle, thread };

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      Nest nest = { tables[i], 5, 0 };

      vl_table_list_async (VL_TABLE (tables[i]), NULL, NULL, on_nested, &nest);
      while (nest.n_ended < 5)
        g_main_context_iteration (NULL, TRUE);
    }
}

/* The callback of a cancelled call runs inside the source that watches the
 * cancellable. */
static void
test_inside_cancellation (void)
{
  g_autoptr (ScriptedTable) table = table_that (scripted_keep);
  g_autoptr (ScriptedTable) other = table_that (answer_on_thread);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Nest nest = { other, 1, 0 };

  vl_table_list_async (VL_TABLE (table), NULL, cancellable, on_nested, &nest);
  turn ();
  g_cancellable_cancel (cancellable);
  while (nest.n_ended == 0)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
cancel_in_idle (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_REMOVE;
}

static void
test_cancelled (void)
{
  g_autoptr (ScriptedTable) table = table_that (scripted_keep);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) again = NULL;

  g_idle_add (cancel_in_idle, cancellable);
  g_assert_null (vl_table_list_sync (VL_TABLE (table), NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (vl_table_count_sync (VL_TABLE (table), NULL, cancellable, &again), ==, -1);
  g_assert_error (again, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (table->n_calls[OP_DESCRIBE], ==, 1);
}

static gboolean
let_time_pass (gpointer user_data)
{
  fake_clock_advance (VL_DEFAULT_TIMEOUT);
  return G_SOURCE_REMOVE;
}

static void
test_timeout (void)
{
  g_autoptr (ScriptedTable) table = NULL;
  g_autoptr (GError) error = NULL;

  fake_clock_begin ();
  table = table_that (scripted_keep);
  table->acts[OP_DESCRIBE] = NULL;
  g_idle_add (let_time_pass, NULL);
  g_assert_null (vl_table_list_sync (VL_TABLE (table), NULL, NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_TIMED_OUT);
  fake_clock_end ();
}

/* Another context is on top, but home is what is turned. */
static void
test_other_context_on_top (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSource) source = g_timeout_source_new (0);
  g_autoptr (ScriptedTable) table = table_that (answer_in_main_loop);
  guint n_turns = 0;

  assert_reads (table);
  g_source_set_callback (source, count_turn, &n_turns, NULL);
  g_source_attach (source, context);
  g_main_context_push_thread_default (context);
  assert_reads (table);
  g_assert_true (g_main_context_get_thread_default () == context);
  g_main_context_pop_thread_default (context);
  g_assert_cmpuint (n_turns, ==, 0);
  g_source_destroy (source);
}

typedef struct
{
  VlLock lock;
  VlCondition wake;
  gboolean owned;
  gboolean done;
} Holder;

static gpointer
hold_default_context (gpointer user_data)
{
  Holder *holder = user_data;

  g_assert_true (g_main_context_acquire (NULL));
  _vl_lock_acquire (&holder->lock);
  holder->owned = TRUE;
  _vl_condition_broadcast (&holder->wake);
  while (!holder->done)
    _vl_condition_wait (&holder->wake, &holder->lock, -1);
  _vl_lock_release (&holder->lock);
  g_main_context_release (NULL);

  return NULL;
}

/* Somebody else turns home: the answer is waited for alone. */
static void
test_home_is_owned (void)
{
  g_autoptr (ScriptedTable) table = table_that (answer_on_thread);
  Holder holder = { .owned = FALSE, .done = FALSE };
  GThread *thread;

  assert_reads (table);
  _vl_lock_init (&holder.lock);
  _vl_condition_init (&holder.wake);
  thread = g_thread_new ("holds", hold_default_context, &holder);
  _vl_lock_acquire (&holder.lock);
  while (!holder.owned)
    _vl_condition_wait (&holder.wake, &holder.lock, -1);
  _vl_lock_release (&holder.lock);

  assert_reads (table);

  _vl_lock_acquire (&holder.lock);
  holder.done = TRUE;
  _vl_condition_broadcast (&holder.wake);
  _vl_lock_release (&holder.lock);
  g_thread_join (thread);
  _vl_condition_destroy (&holder.wake);
  _vl_lock_destroy (&holder.lock);
}

/* On other threads */

static gpointer
read_on_thread (gpointer user_data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSource) source = g_timeout_source_new (0);
  guint n_turns = 0;

  /* Without a context of its own, and with one, which is not turned either. */
  assert_reads (user_data);
  g_source_set_callback (source, count_turn, &n_turns, NULL);
  g_source_attach (source, context);
  g_main_context_push_thread_default (context);
  assert_reads (user_data);
  g_main_context_pop_thread_default (context);
  g_assert_cmpuint (n_turns, ==, 0);
  g_source_destroy (source);

  return NULL;
}

static void
test_elsewhere (void)
{
  g_autoptr (ScriptedTable) early = table_that (NULL);
  g_autoptr (ScriptedTable) thread = table_that (answer_on_thread);
  ScriptedTable *tables[] = { early, thread };
  guint n_turns = 0;
  guint id = g_timeout_add (0, count_turn, &n_turns);

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      assert_reads (tables[i]);
      n_turns = 0;
      g_thread_join (g_thread_new ("reads", read_on_thread, tables[i]));
      /* Nobody but its own thread turns home. */
      g_assert_cmpuint (n_turns, ==, 0);
      g_assert_true (tables[i]->thread != g_thread_self ());
    }
  g_source_remove (id);
}

static gpointer
read_cancelled (gpointer user_data)
{
  Nest *nest = user_data;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  nest->table->data = cancellable;
  g_assert_null (vl_table_list_sync (VL_TABLE (nest->table), NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  return NULL;
}

static gpointer
cancel_on_thread (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  g_object_unref (user_data);
  return NULL;
}

static gboolean
keep_and_cancel (ScriptedTable *self,
                 ScriptedOp op,
                 gpointer argument,
                 VlReply *reply,
                 GError **error)
{
  g_thread_unref (g_thread_new ("cancels", cancel_on_thread, g_object_ref (self->data)));
  return scripted_keep (self, op, argument, reply, error);
}

static void
test_elsewhere_cancelled (void)
{
  g_autoptr (ScriptedTable) table = table_that (NULL);
  Nest nest = { table, 0, 0 };

  table->acts[OP_LIST] = keep_and_cancel;
  g_thread_join (g_thread_new ("reads", read_cancelled, &nest));
  g_assert_cmpuint (table->kept->len, ==, 1);
}

#define N_THREADS 8
#define N_READS   50

static gpointer
read_much (gpointer user_data)
{
  for (guint i = 0; i < N_READS; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);
      g_autoptr (GError) error = NULL;
      g_autoptr (VlRecord) found = vl_table_find_sync (user_data, id, NULL, &error);
      g_autoptr (VlPage) page = vl_table_list_sync (user_data, NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (vl_record_get_string (found, "name"), ==, "one");
      g_assert_cmpuint (vl_page_get_n_records (page), ==, N_READS);
    }

  return NULL;
}

static void
test_many_threads (void)
{
  g_autoptr (VlSchema) schema = scripted_schema (VL_FIELD_TYPE_INT64, SCRIPTED_EVERYTHING);
  g_autoptr (VlTable) table = VL_TABLE (vl_memory_table_new (schema));
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_READS; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);
      g_autoptr (VlRecord) record = scripted_record (id, "one");

      g_object_unref (vl_table_insert_sync (table, record, NULL, NULL));
    }
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("reads", read_much, table);
  read_much (table);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
}

/* Inside vfuncs */

static gboolean
read_inside (ScriptedTable *self, ScriptedOp op, gpointer argument, VlReply *reply, GError **error)
{
  g_autoptr (VlRecord) found = vl_table_find_sync (self->data, "a", NULL, error);

  if (found == NULL)
    return FALSE;

  return scripted_answer (self, op, argument, reply, error);
}

static void
test_inside_own_vfunc (void)
{
  g_autoptr (ScriptedTable) table = table_that (NULL);
  g_autoptr (ScriptedTable) outer = table_that (NULL);
  g_autoptr (GError) direct = NULL;
  g_autoptr (GError) around = NULL;

  table->acts[OP_LIST] = read_inside;
  table->data = table;
  g_assert_null (vl_table_list_sync (VL_TABLE (table), NULL, NULL, &direct));
  g_assert_error (direct, VL_ERROR, VL_ERROR_FAILED);
  g_assert_nonnull (strstr (direct->message, "_sync"));
  g_assert_nonnull (strstr (direct->message, "ScriptedTable"));

  /* Around a corner it is no better. */
  outer->acts[OP_LIST] = read_inside;
  outer->data = table;
  table->acts[OP_FIND] = read_inside;
  table->data = outer;
  outer->acts[OP_FIND] = read_inside;
  g_assert_null (vl_table_list_sync (VL_TABLE (outer), NULL, NULL, &around));
  g_assert_error (around, VL_ERROR, VL_ERROR_FAILED);
}

static void
test_inside_other_vfunc (void)
{
  g_autoptr (ScriptedTable) inner = table_that (answer_in_main_loop);
  g_autoptr (ScriptedTable) outer = table_that (NULL);

  outer->acts[OP_LIST] = outer->acts[OP_COUNT] = read_inside;
  outer->data = inner;
  assert_reads (outer);
  g_assert_cmpuint (inner->n_calls[OP_FIND], ==, 2);
  /* And afterwards nothing is inside any more. */
  assert_reads (inner);
}

/* Where a table is at home */

static gboolean
is_home (gpointer table)
{
  return _vl_table_get_home_context (table) != NULL;
}

static gpointer
read_without_context (gpointer user_data)
{
  g_assert_false (is_home (user_data));
  assert_reads (user_data);
  g_assert_false (is_home (user_data));

  return NULL;
}

static gpointer
use_with_context (gpointer user_data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  assert_reads (user_data);
  g_assert_true (_vl_table_get_home_context (user_data) == context);
  g_main_context_pop_thread_default (context);

  return NULL;
}

static gpointer
call_without_context (gpointer user_data)
{
  vl_table_list_async (user_data, NULL, NULL, NULL, NULL);
  return NULL;
}

static void
test_home_later (void)
{
  g_autoptr (ScriptedTable) table = table_that (NULL);
  g_autoptr (ScriptedTable) called = table_that (NULL);

  /* Scripts may use a new table on any thread: its home comes to be known when
   * it is used on one that has a main loop. */
  g_thread_join (g_thread_new ("reads", read_without_context, table));
  g_assert_true (table->thread != g_thread_self ());
  for (guint op = OP_DESCRIBE; op <= OP_COUNT; op++)
    table->acts[op] = answer_in_main_loop;
  assert_reads (table);
  g_assert_true (_vl_table_get_home_context (VL_TABLE (table)) == g_main_context_default ());

  /* The thread owns the default context, but only during the call. */
  g_thread_join (g_thread_new ("calls", call_without_context, called));
  g_assert_true (called->thread != g_thread_self ());
  turn ();
  g_assert_true (is_home (called));
}

static void
test_home_is_first (void)
{
  g_autoptr (ScriptedTable) ours = table_that (NULL);
  g_autoptr (ScriptedTable) theirs = table_that (NULL);

  assert_reads (ours);
  g_thread_join (g_thread_new ("uses", read_without_context, ours));
  g_assert_true (is_home (ours));

  g_thread_join (g_thread_new ("uses", use_with_context, theirs));
  assert_reads (theirs);
  g_assert_false (is_home (theirs));
}

/* Used first while a thread waits in a context that is gone afterwards. */
static void
test_home_not_private (void)
{
  g_autoptr (ScriptedTable) inner = table_that (NULL);
  g_autoptr (ScriptedTable) outer = table_that (NULL);

  outer->acts[OP_LIST] = read_inside;
  outer->data = inner;
  g_thread_join (g_thread_new ("reads", read_without_context, outer));
  g_assert_cmpuint (inner->n_calls[OP_FIND], ==, 1);
  g_assert_true (inner->thread != g_thread_self ());
  g_assert_true (is_home (inner));
  g_assert_true (is_home (outer));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/table/sync/turns-the-context-at-home", test_turns_home);
  g_test_add_func ("/table/sync/answered-by-a-thread", test_thread_answers);
  g_test_add_func ("/table/sync/inside-callbacks", test_inside_callbacks);
  g_test_add_func ("/table/sync/inside-a-cancellation", test_inside_cancellation);
  g_test_add_func ("/table/sync/cancelled", test_cancelled);
  g_test_add_func ("/table/sync/times-out", test_timeout);
  g_test_add_func ("/table/sync/another-context-on-top", test_other_context_on_top);
  g_test_add_func ("/table/sync/home-turned-by-another-thread", test_home_is_owned);
  g_test_add_func ("/table/sync/elsewhere-turns-nothing", test_elsewhere);
  g_test_add_func ("/table/sync/elsewhere-cancelled", test_elsewhere_cancelled);
  g_test_add_func ("/table/sync/many-threads", test_many_threads);
  g_test_add_func ("/table/sync/inside-a-vfunc-of-the-same-table-fails", test_inside_own_vfunc);
  g_test_add_func ("/table/sync/inside-a-vfunc-of-another-table", test_inside_other_vfunc);
  g_test_add_func ("/table/home/found-when-a-main-loop-uses-it", test_home_later);
  g_test_add_func ("/table/home/is-where-it-was-first-used", test_home_is_first);
  g_test_add_func ("/table/home/is-no-private-context", test_home_not_private);

  return g_test_run ();
}
