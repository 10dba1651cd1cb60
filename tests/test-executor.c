/* test-executor.c: worker threads
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "base/vl-executor-private.h"
#include "base/vl-lock-private.h"

#define N_PUSHERS 4
#define N_JOBS    500

/* What the jobs of one test share. */
typedef struct
{
  VlLock lock;
  VlCondition changed;
  VlExecutor *executor;
  GThread *worker;
  gboolean gate_open;
  gboolean done;
  guint next[N_PUSHERS];
  guint n_run;
} Fixture;

typedef struct
{
  Fixture *fixture;
  guint pusher;
  guint number;
} NumberedJob;

static void
fixture_set_up (Fixture *fixture, gconstpointer data)
{
  _vl_lock_init (&fixture->lock);
  _vl_condition_init (&fixture->changed);
  fixture->executor = _vl_executor_new ("test");
}

static void
fixture_tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->executor, _vl_executor_unref);
  _vl_condition_destroy (&fixture->changed);
  _vl_lock_destroy (&fixture->lock);
}

static void
set_flag (Fixture *fixture, gboolean *flag)
{
  _vl_lock_acquire (&fixture->lock);
  *flag = TRUE;
  _vl_condition_broadcast (&fixture->changed);
  _vl_lock_release (&fixture->lock);
}

static void
wait_for_flag (Fixture *fixture, const gboolean *flag)
{
  _vl_lock_acquire (&fixture->lock);
  while (!*flag)
    _vl_condition_wait (&fixture->changed, &fixture->lock, -1);
  _vl_lock_release (&fixture->lock);
}

static void
job_wait_at_gate (gpointer user_data)
{
  Fixture *fixture = user_data;

  wait_for_flag (fixture, &fixture->gate_open);
}

static void
job_done (gpointer user_data)
{
  Fixture *fixture = user_data;

  set_flag (fixture, &fixture->done);
}

static void
job_count (gpointer user_data)
{
  ((Fixture *) user_data)->n_run++;
}

static void
job_drop_executor (gpointer user_data)
{
  Fixture *fixture = user_data;

  _vl_executor_push (fixture->executor, job_done, fixture);
  g_clear_pointer (&fixture->executor, _vl_executor_unref);
}

/* Nothing but the one thread of the executor touches `next` and `worker`. */
static void
job_numbered (gpointer user_data)
{
  g_autofree NumberedJob *job = user_data;
  Fixture *fixture = job->fixture;

  if (fixture->worker == NULL)
    fixture->worker = g_thread_self ();
  g_assert_true (fixture->worker == g_thread_self ());
  g_assert_cmpuint (job->number, ==, fixture->next[job->pusher]);
  fixture->next[job->pusher]++;
}

static gpointer
push_numbered_jobs (gpointer user_data)
{
  g_autofree NumberedJob *template = user_data;

  for (guint i = 0; i < N_JOBS; i++)
    {
      NumberedJob *job = g_memdup2 (template, sizeof *template);

      job->number = i;
      _vl_executor_push (template->fixture->executor, job_numbered, job);
    }

  return NULL;
}

static void
test_order (Fixture *fixture, gconstpointer data)
{
  GThread *threads[N_PUSHERS];

  for (guint i = 0; i < N_PUSHERS; i++)
    {
      NumberedJob *template = g_new0 (NumberedJob, 1);

      template->fixture = fixture;
      template->pusher = i;
      threads[i] = g_thread_new ("pusher", push_numbered_jobs, template);
    }
  for (guint i = 0; i < N_PUSHERS; i++)
    g_thread_join (threads[i]);
  _vl_executor_push (fixture->executor, job_done, fixture);
  wait_for_flag (fixture, &fixture->done);

  for (guint i = 0; i < N_PUSHERS; i++)
    g_assert_cmpuint (fixture->next[i], ==, N_JOBS);
  g_assert_true (fixture->worker != g_thread_self ());
}

static void
test_drop_finishes_jobs (Fixture *fixture, gconstpointer data)
{
  _vl_executor_push (fixture->executor, job_wait_at_gate, fixture);
  for (guint i = 0; i < 10; i++)
    _vl_executor_push (fixture->executor, job_count, fixture);
  _vl_executor_push (fixture->executor, job_done, fixture);

  /* Does not wait: the worker is held at the gate. */
  g_clear_pointer (&fixture->executor, _vl_executor_unref);
  g_assert_false (fixture->done);
  set_flag (fixture, &fixture->gate_open);
  wait_for_flag (fixture, &fixture->done);
  g_assert_cmpuint (fixture->n_run, ==, 10);
}

static void
test_drop_on_worker (Fixture *fixture, gconstpointer data)
{
  _vl_executor_push (fixture->executor, job_wait_at_gate, fixture);
  _vl_executor_push (fixture->executor, job_drop_executor, fixture);
  set_flag (fixture, &fixture->gate_open);
  wait_for_flag (fixture, &fixture->done);
  g_assert_null (fixture->executor);
}

static void
test_never_used (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VlExecutor) other = _vl_executor_ref (fixture->executor);

  g_assert_true (other == fixture->executor);
}

static VlExecutor *pushed_to;
static VlJobFunc pushed_func;

static void
keep_job (VlExecutor *executor, VlJobFunc func, gpointer user_data)
{
  pushed_to = executor;
  pushed_func = func;
}

static void
test_push_func (Fixture *fixture, gconstpointer data)
{
  _vl_executor_set_push_func (keep_job);
  _vl_executor_push (fixture->executor, job_count, fixture);
  _vl_executor_set_push_func (NULL);

  g_assert_true (pushed_to == fixture->executor);
  g_assert_true (pushed_func == job_count);
  g_assert_cmpuint (fixture->n_run, ==, 0);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/executor/one-thread-runs-jobs-in-the-order-pushed", test_order);
  ADD ("/executor/drop-lets-pushed-jobs-finish", test_drop_finishes_jobs);
  ADD ("/executor/dropped-on-the-worker-itself", test_drop_on_worker);
  ADD ("/executor/never-used-starts-no-thread", test_never_used);
  ADD ("/executor/push-func-takes-over", test_push_func);

  return g_test_run ();
}
