/* test-live-threads.c: a live table that is used from other threads
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The main thread is home: the probes abort when they are called, or go, on
 * any other.
 */

#include <stdio.h>

#include "write-fixture.h"

#define N_THREADS 8
#define N_WRITES  125 /* of each thread */

/* A stream that is bound to its thread like the probes are. */

#define PROBE_TYPE_STREAM (probe_stream_get_type ())

G_DECLARE_FINAL_TYPE (ProbeStream, probe_stream, PROBE, STREAM, VlLiveStream)

struct _ProbeStream
{
  VlLiveStream parent_instance;

  GThread *home;
};

static gint n_streams; /* atomic */

G_DEFINE_FINAL_TYPE (ProbeStream, probe_stream, VL_TYPE_LIVE_STREAM)

static void
probe_stream_start (VlLiveStream *stream)
{
  g_assert_true (g_thread_self () == PROBE_STREAM (stream)->home);
  vl_live_stream_report_live (stream);
}

static void
probe_stream_stop (VlLiveStream *stream)
{
  g_assert_true (g_thread_self () == PROBE_STREAM (stream)->home);
}

static void
probe_stream_dispose (GObject *object)
{
  g_assert_true (g_thread_self () == PROBE_STREAM (object)->home);

  G_OBJECT_CLASS (probe_stream_parent_class)->dispose (object);
}

static void
probe_stream_finalize (GObject *object)
{
  g_assert_true (g_thread_self () == PROBE_STREAM (object)->home);
  g_atomic_int_add (&n_streams, -1);

  G_OBJECT_CLASS (probe_stream_parent_class)->finalize (object);
}

static void
probe_stream_class_init (ProbeStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = probe_stream_dispose;
  G_OBJECT_CLASS (klass)->finalize = probe_stream_finalize;
  VL_LIVE_STREAM_CLASS (klass)->start = probe_stream_start;
  VL_LIVE_STREAM_CLASS (klass)->stop = probe_stream_stop;
}

static void
probe_stream_init (ProbeStream *self)
{
  self->home = g_thread_self ();
  g_atomic_int_inc (&n_streams);
}

/* Threads. */

typedef struct _Job Job;

typedef void (*JobFunc) (Job *job);

/* What one thread does, with a context of its own. */
struct _Job
{
  JobFunc func;
  WriteFixture *f;
  VlLiveTable *live; /* a reference that the thread drops */
  VlLiveCore *core;  /* likewise */
  guint number;

  GThread *thread;
  GMainContext *context;
  guint n_answered;
  guint n_failed;
  gint is_done; /* atomic */
};

static gpointer
job_run (gpointer data)
{
  Job *job = data;

  job->thread = g_thread_self ();
  job->context = g_main_context_new ();
  g_main_context_push_thread_default (job->context);
  job->func (job);
  g_main_context_pop_thread_default (job->context);
  g_main_context_unref (job->context);

  g_atomic_int_set (&job->is_done, TRUE);
  g_main_context_wakeup (NULL);

  return NULL;
}

/* Runs home until the threads are done. */
static void
jobs_run (Job *jobs, guint n_jobs)
{
  GThread *threads[N_THREADS];

  for (guint i = 0; i < n_jobs; i++)
    threads[i] = g_thread_new ("job", job_run, &jobs[i]);
  for (guint i = 0; i < n_jobs; i++)
    {
      while (!g_atomic_int_get (&jobs[i].is_done))
        g_main_context_iteration (NULL, TRUE);
      g_thread_join (threads[i]);
    }
}

static void
run_there (WriteFixture *f, JobFunc func)
{
  Job job = { .func = func, .f = f };

  jobs_run (&job, 1);
}

/* Home does not run meanwhile. */
static void
run_there_alone (WriteFixture *f, VlLiveTable *live, JobFunc func)
{
  Job job = { .func = func, .f = f, .live = live };

  g_thread_join (g_thread_new ("job", job_run, &job));
}

static void
assert_signal_at_home (gpointer object, gpointer argument, GThread *home)
{
  g_assert_true (g_thread_self () == home);
}

/* A thousand writes. */

/* Each tenth insert of a thread fails. */
static char *
make_id (guint thread, guint i)
{
  return i % 10 == 9 ? g_strdup ("a") : g_strdup_printf ("t%u.%03u", thread, i);
}

static void
write_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;
  g_autofree char *id = make_id (job->number, job->n_answered);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record = vl_table_insert_finish (VL_TABLE (source), result, &error);

  g_assert_true (g_thread_self () == job->thread);
  if (g_str_equal (id, "a"))
    {
      g_assert_error (error, VL_ERROR, VL_ERROR_EXISTS);
      job->n_failed++;
    }
  else
    {
      g_assert_no_error (error);
      g_assert_cmpstr (vl_record_get_id (record), ==, id);
    }
  job->n_answered++;
}

static void
write_many (Job *job)
{
  for (guint i = 0; i < N_WRITES; i++)
    {
      g_autofree char *id = make_id (job->number, i);
      g_autoptr (VlRecord) record = live_fixture_record (id, "new", i);

      vl_table_insert_async (VL_TABLE (job->f->live), record, NULL, write_answered, job);
      g_assert_cmpuint (job->n_answered, <=, i);
    }
  while (job->n_answered < N_WRITES)
    g_main_context_iteration (job->context, TRUE);
}

/* The master got the writes of each thread in their order. */
static void
check_order (const char *trace)
{
  g_auto (GStrv) sent = g_strsplit (trace, "; ", -1);
  guint next[N_THREADS] = { 0 };

  g_assert_cmpuint (g_strv_length (sent), ==, N_THREADS * N_WRITES);
  for (guint i = 0; sent[i] != NULL; i++)
    {
      guint thread;
      guint number;

      if (sscanf (sent[i], "insert t%u.%u", &thread, &number) != 2)
        continue;
      if (next[thread] % 10 == 9)
        next[thread]++;
      g_assert_cmpuint (number, ==, next[thread]);
      next[thread]++;
    }
}

static void
test_thousand (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  Job jobs[N_THREADS] = { 0 };
  g_autofree char *trace = NULL;

  g_signal_connect (f.live, "changed", G_CALLBACK (assert_signal_at_home), g_thread_self ());
  g_signal_connect (f.live, "write-failed", G_CALLBACK (assert_signal_at_home), g_thread_self ());
  g_signal_connect (f.live, "notify::pending-writes", G_CALLBACK (assert_signal_at_home),
                    g_thread_self ());
  for (guint i = 0; i < N_THREADS; i++)
    jobs[i] = (Job){ .func = write_many, .f = &f, .number = i };
  jobs_run (jobs, N_THREADS);

  for (guint i = 0; i < N_THREADS; i++)
    g_assert_cmpuint (jobs[i].n_failed, ==, N_WRITES / 10);
  g_assert_cmpuint (f.master->n_writes, ==, N_THREADS * N_WRITES);
  g_assert_cmpuint (vl_memory_table_get_n_records (f.memory), ==,
                    3 + N_THREADS * (N_WRITES - N_WRITES / 10));
  trace = probe_table_take_trace (f.master);
  check_order (trace);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 0);
}

/* Calls. */

static void
call_sync (Job *job)
{
  VlTable *table = VL_TABLE (job->f->live);
  g_autoptr (VlRecord) record = live_fixture_record ("x", "Fig", 2.0);
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (VlRecord) found = NULL;
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlPage) peeked = NULL;
  g_autoptr (VlPage) refreshed = NULL;
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (VlChange) change = insert_change ("e");
  g_autoptr (VlSchema) schema = NULL;
  g_autoptr (GError) error = NULL;
  gint64 n_records;

  schema = vl_table_describe_sync (table, NULL, &error);
  g_assert_no_error (error);
  stored = vl_table_insert_sync (table, record, NULL, &error);
  g_assert_no_error (error);
  found = vl_table_find_sync (table, "x", NULL, &error);
  g_assert_no_error (error);
  g_assert_true (vl_record_equal (found, stored));
  n_records = vl_table_count_sync (table, NULL, NULL, &error);
  g_assert_no_error (error);
  page = vl_table_list_sync (table, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (vl_page_get_n_records (page), ==, n_records);
  refreshed = vl_live_table_refresh_sync (job->f->live, NULL, NULL, &error);
  g_assert_no_error (error);

  g_list_store_append (changes, change);
  outcomes = vl_table_apply_many_sync (table, G_LIST_MODEL (changes), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (vl_table_count_sync (table, NULL, NULL, &error), ==, n_records + 1);

  /* The cache is at home. */
  peeked = vl_live_table_peek_page (job->f->live, NULL);
  g_assert_null (peeked);
  g_assert_null (vl_live_table_peek_record (job->f->live, "a"));
}

static void
test_sync (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();

  run_there (&f, call_sync);
}

static void
call_full (Job *job)
{
  g_auto (Answer) answer = { 0 };

  begin_insert (job->f, "e", NULL, &answer);
  while (answer.n_called == 0)
    g_main_context_iteration (job->context, TRUE);
  assert_insert_failed (job->f, &answer, VL_ERROR, VL_ERROR_QUEUE_FULL);
}

static void
test_full (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) first = { 0 };

  f.master->holds_writes = TRUE;
  vl_live_table_set_queue_capacity (f.live, 1);
  begin_insert (&f, "d", NULL, &first);
  run_there (&f, call_full);
  probe_table_answer_all (f.master);
  assert_inserted (&f, &first, "d");
  probe_table_assert_trace (f.master, "insert d");
}

static void
call_cancelled (Job *job)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Answer) answer = { 0 };

  begin_insert (job->f, "e", cancellable, &answer);
  while (vl_live_table_get_pending_writes (job->f->live) < 2)
    g_thread_yield ();
  g_cancellable_cancel (cancellable);
  while (answer.n_called == 0)
    g_main_context_iteration (job->context, TRUE);
  assert_insert_failed (job->f, &answer, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_cancel (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) first = { 0 };

  f.master->holds_writes = TRUE;
  begin_insert (&f, "d", NULL, &first);
  run_there (&f, call_cancelled);
  run_turns ();
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 1);
  probe_table_answer_all (f.master);
  assert_inserted (&f, &first, "d");
  probe_table_assert_trace (f.master, "insert d");
}

/* In line from the moment of the call, whenever home gets to it. */
static void
call_write (Job *job)
{
  g_autoptr (VlChange) change = insert_change ("d");
  g_autoptr (VlWrite) write = vl_live_table_write (job->f->live, change);

  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_QUEUED);
  g_assert_cmpuint (vl_live_table_get_pending_writes (job->f->live), ==, 1);
}

static void
test_order_of_calls (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) answer = { 0 };

  run_there_alone (&f, NULL, call_write);
  g_assert_cmpuint (f.master->n_writes, ==, 0);
  begin_insert (&f, "e", NULL, &answer);
  assert_inserted (&f, &answer, "e");
  probe_table_assert_trace (f.master, "insert d; insert e");
}

static void
call_close (Job *job)
{
  g_autoptr (GError) error = NULL;
  gboolean closed = vl_live_table_close_sync (job->f->live, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (closed);
  g_assert_null (vl_table_list_sync (VL_TABLE (job->f->live), NULL, NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_CLOSED);
}

static void
test_close (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_auto (Answer) answer = { 0 };

  begin_insert (&f, "d", NULL, &answer);
  run_there (&f, call_close);
  assert_inserted (&f, &answer, "d");
}

/* A caller that lets its answer wait holds up nobody. */
static void
call_slowly (Job *job)
{
  g_auto (Answer) answer = { 0 };

  begin_insert (job->f, "d", NULL, &answer);
  while (vl_live_table_get_pending_writes (job->f->live) > 0)
    g_thread_yield ();
  call_sync (job);
  g_assert_cmpuint (answer.n_called, ==, 0);
  while (answer.n_called == 0)
    g_main_context_iteration (job->context, TRUE);
  assert_inserted (job->f, &answer, "d");
}

static void
test_slow_caller (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();

  run_there (&f, call_slowly);
}

/* The last reference goes elsewhere. */

static void
drop (Job *job)
{
  g_object_unref (g_steal_pointer (&job->live));
}

static void
call_and_drop (Job *job)
{
  g_auto (Answer) written = { 0 };
  g_auto (Answer) read = { 0 };
  g_autoptr (VlRecord) record = live_fixture_record ("d", "Date", 2.0);

  vl_table_insert_async (VL_TABLE (job->live), record, NULL, answer_cb, &written);
  vl_table_list_async (VL_TABLE (job->live), NULL, NULL, answer_cb, &read);
  g_object_unref (g_steal_pointer (&job->live));
  while (written.n_called == 0 || read.n_called == 0)
    g_main_context_iteration (job->context, TRUE);
}

/* Nothing but the live table holds the probes; they must go all the same, and
 * at home. */
static void
assert_all_gone (void)
{
  run_turns ();
  g_assert_cmpuint (probe_table_get_n_alive (), ==, 0);
  g_assert_cmpuint (probe_cache_get_n_alive (), ==, 0);
  g_assert_cmpint (g_atomic_int_get (&n_streams), ==, 0);
}

static VlLiveTable *
give_away (WriteFixture *f)
{
  VlLiveTable *live = g_steal_pointer (&f->live);

  g_clear_object (&f->master);
  g_clear_object (&f->cache);

  return live;
}

static void
test_last_unref (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();

  run_there_alone (&f, give_away (&f), drop);
  g_assert_cmpuint (probe_table_get_n_alive (), ==, 1);
  assert_all_gone ();
}

/* Even when something else that the thread has held on to was the last. */

static void
drop_core (Job *job)
{
  _vl_live_core_unref (job->core);
}

static void
test_last_unref_of_the_core (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  Job job = { .func = drop_core, .core = _vl_live_core_ref (f.live->core) };

  read_all (&f);
  g_object_unref (give_away (&f));
  run_turns ();
  g_assert_cmpuint (probe_table_get_n_alive (), ==, 1);
  g_thread_join (g_thread_new ("job", job_run, &job));
  g_assert_cmpuint (probe_table_get_n_alive (), ==, 1);
  assert_all_gone ();
}

static void
test_last_unref_after_use (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlLiveStream) stream = g_object_new (PROBE_TYPE_STREAM, NULL);

  f.master->stream = g_object_new (PROBE_TYPE_STREAM, NULL);
  vl_live_table_add_stream (f.live, stream);
  g_clear_object (&stream);
  vl_live_table_set_follow_master (f.live, TRUE);
  vl_live_table_set_write_target (f.live, VL_TABLE (f.master));
  run_turns ();
  read_all (&f);
  run_there_alone (&f, give_away (&f), drop);
  assert_all_gone ();
}

static void
test_last_unref_with_writes_queued (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  ProbeTable *master = f.master;
  g_autoptr (VlChange) first = insert_change ("d");
  g_autoptr (VlChange) second = insert_change ("e");
  g_autoptr (VlWrite) sent = NULL;
  g_autoptr (VlWrite) queued = NULL;

  f.master->holds_writes = TRUE;
  sent = vl_live_table_write (f.live, first);
  queued = vl_live_table_write (f.live, second);
  run_turns ();
  run_there_alone (&f, give_away (&f), drop);
  run_turns ();
  g_assert_cmpuint (probe_table_get_n_alive (), ==, 1);
  probe_table_answer (master);
  run_turns ();
  probe_table_answer (master);
  assert_all_gone ();
  assert_master_has (&f, "d", TRUE);
  assert_master_has (&f, "e", TRUE);
  g_assert_cmpint (vl_write_get_state (queued), ==, VL_WRITE_STATE_APPLIED);
}

static void
test_last_unref_with_a_failed_write (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  g_autoptr (VlChange) change = insert_change ("a");
  g_autoptr (VlWrite) write = vl_live_table_write (f.live, change);

  run_turns ();
  g_assert_cmpint (vl_write_get_state (write), ==, VL_WRITE_STATE_FAILED);
  run_there_alone (&f, give_away (&f), drop);
  assert_all_gone ();
  vl_write_discard (write);
}

/* The live table goes with its last task, on the thread of the caller. */
static void
test_last_unref_by_a_call (void)
{
  g_auto (WriteFixture) f = write_fixture_new ();
  Job job = { .func = call_and_drop, .f = &f, .live = give_away (&f) };

  jobs_run (&job, 1);
  assert_all_gone ();
  assert_master_has (&f, "d", TRUE);
}

static void
test_last_unref_by_many (void)
{
  for (guint i = 0; i < 20; i++)
    {
      g_auto (WriteFixture) f = write_fixture_new ();
      VlLiveTable *live = give_away (&f);
      Job jobs[4] = { 0 };

      for (guint j = 0; j < G_N_ELEMENTS (jobs); j++)
        jobs[j] = (Job){ .func = j % 2 == 0 ? call_and_drop : drop,
                         .f = &f,
                         .live = g_object_ref (live) };
      g_object_unref (live);
      jobs_run (jobs, G_N_ELEMENTS (jobs));
      assert_all_gone ();
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define THREADS "/live-table/threads/"
  g_test_add_func (THREADS "thousand-writes-from-eight-threads", test_thousand);
  g_test_add_func (THREADS "sync-calls-while-home-runs", test_sync);
  g_test_add_func (THREADS "queue-full-is-told-where-it-was-called", test_full);
  g_test_add_func (THREADS "cancelled-while-queued", test_cancel);
  g_test_add_func (THREADS "order-is-that-of-the-calls", test_order_of_calls);
  g_test_add_func (THREADS "close", test_close);
  g_test_add_func (THREADS "caller-lets-its-answer-wait", test_slow_caller);
  g_test_add_func (THREADS "last-unref", test_last_unref);
  g_test_add_func (THREADS "last-unref-of-the-core", test_last_unref_of_the_core);
  g_test_add_func (THREADS "last-unref-with-streams-and-copies", test_last_unref_after_use);
  g_test_add_func (THREADS "last-unref-with-writes-queued", test_last_unref_with_writes_queued);
  g_test_add_func (THREADS "last-unref-with-a-failed-write", test_last_unref_with_a_failed_write);
  g_test_add_func (THREADS "last-unref-by-a-call", test_last_unref_by_a_call);
  g_test_add_func (THREADS "last-unref-by-many", test_last_unref_by_many);
#undef THREADS

  return g_test_run ();
}
