/* vl-sqlite-database.c: one database file, its threads and requests
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-sqlite-database-private.h"

#include "../base/vl-executor-private.h"
#include "../table/vl-change.h"
#include "../table/vl-reply-private.h"
#include "../table/vl-reply.h"
#include "../vl-error.h"

/* A thread, its connection, and what waits for it. It outlives the database
 * until its thread has closed the connection. */
typedef struct
{
  gatomicrefcount ref_count; /* the database, and each push on the executor */
  VlExecutor *executor;
  VlSqliteSession *session; /* the worker's */
  VlLock lock;
  GQueue jobs;          /* under the lock */
  VlSqliteJob *running; /* under the lock */
  gboolean was_used;    /* under the lock: there is something to close */
} Lane;

struct _VlSqliteDatabase
{
  guint ref_count; /* under the registry's lock */
  char *path;
  Lane *reader;
  Lane *writer;
};

/* All that are open, by path; made and dropped under the lock. */
static VlLock registry_lock;
static GHashTable *registry;

static Lane *
lane_new (const char *path, gboolean writes)
{
  Lane *self = g_new0 (Lane, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->executor = _vl_executor_new (writes ? "vl-sqlite-write" : "vl-sqlite-read");
  self->session = _vl_sqlite_session_new (path, writes);
  _vl_lock_init (&self->lock);
  g_queue_init (&self->jobs);

  return self;
}

static Lane *
lane_ref (Lane *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

static void
lane_unref (Lane *self)
{
  if (!_vl_ref_count_dec (&self->ref_count))
    return;

  g_assert (g_queue_is_empty (&self->jobs));
  g_clear_pointer (&self->session, _vl_sqlite_session_free);
  g_clear_pointer (&self->executor, _vl_executor_unref);
  _vl_lock_destroy (&self->lock);
  g_free (self);
}

/* Runs on the worker: closing may take a while. */
static void
lane_close (gpointer user_data)
{
  Lane *self = user_data;

  g_clear_pointer (&self->session, _vl_sqlite_session_free);
  lane_unref (self);
}

static void
lane_drop (Lane *self)
{
  gboolean was_used;

  _vl_lock_acquire (&self->lock);
  was_used = self->was_used;
  _vl_lock_release (&self->lock);

  if (was_used)
    _vl_executor_push (self->executor, lane_close, lane_ref (self));
  lane_unref (self);
}

static VlSqliteDatabase *
database_new (const char *path)
{
  VlSqliteDatabase *self = g_new0 (VlSqliteDatabase, 1);

  self->ref_count = 1;
  self->path = g_strdup (path);
  self->reader = lane_new (path, FALSE);
  self->writer = lane_new (path, TRUE);

  return self;
}

static void
database_free (VlSqliteDatabase *self)
{
  lane_drop (self->reader);
  lane_drop (self->writer);
  g_free (self->path);
  g_free (self);
}

VlSqliteDatabase *
_vl_sqlite_database_get (const char *path)
{
  VlSqliteDatabase *self;

  _vl_lock_acquire (&registry_lock);
  if (registry == NULL)
    registry = g_hash_table_new (g_str_hash, g_str_equal);
  self = g_hash_table_lookup (registry, path);
  if (self != NULL)
    {
      self->ref_count++;
    }
  else
    {
      self = database_new (path);
      g_hash_table_insert (registry, self->path, self);
    }
  _vl_lock_release (&registry_lock);

  return self;
}

VlSqliteDatabase *
_vl_sqlite_database_ref (VlSqliteDatabase *self)
{
  _vl_lock_acquire (&registry_lock);
  self->ref_count++;
  _vl_lock_release (&registry_lock);

  return self;
}

void
_vl_sqlite_database_unref (VlSqliteDatabase *self)
{
  gboolean last;

  _vl_lock_acquire (&registry_lock);
  last = --self->ref_count == 0;
  if (last)
    g_hash_table_remove (registry, self->path);
  if (last && g_hash_table_size (registry) == 0)
    g_clear_pointer (&registry, g_hash_table_unref);
  _vl_lock_release (&registry_lock);

  if (last)
    database_free (self);
}

VlSqliteTarget *
_vl_sqlite_target_new (const char *path, const char *table, VlSchema *schema)
{
  VlSqliteTarget *self = g_new0 (VlSqliteTarget, 1);

  g_atomic_ref_count_init (&self->ref_count);
  _vl_lock_init (&self->lock);
  self->database = _vl_sqlite_database_get (path);
  self->table = g_strdup (table);
  g_set_object (&self->schema, schema);
  self->is_created = schema == NULL;

  return self;
}

VlSqliteTarget *
_vl_sqlite_target_ref (VlSqliteTarget *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
_vl_sqlite_target_unref (VlSqliteTarget *self)
{
  if (!_vl_ref_count_dec (&self->ref_count))
    return;

  _vl_sqlite_database_unref (self->database);
  g_clear_pointer (&self->layout, _vl_sqlite_layout_unref);
  g_clear_object (&self->schema);
  _vl_lock_destroy (&self->lock);
  g_free (self->table);
  g_free (self);
}

VlSqliteLayout *
_vl_sqlite_target_get_layout (VlSqliteTarget *self)
{
  VlSqliteLayout *layout;

  _vl_lock_acquire (&self->lock);
  layout = self->layout != NULL ? _vl_sqlite_layout_ref (self->layout) : NULL;
  _vl_lock_release (&self->lock);

  return layout;
}

static gboolean
target_is_created (VlSqliteTarget *self)
{
  gboolean is_created;

  _vl_lock_acquire (&self->lock);
  is_created = self->is_created;
  _vl_lock_release (&self->lock);

  return is_created;
}

/* Runs on the writer's thread. */
static gboolean
target_create (VlSqliteTarget *self, VlSqliteSession *session, GError **error)
{
  if (target_is_created (self))
    return TRUE;
  if (!_vl_sqlite_session_create (session, self->schema, error))
    return FALSE;

  _vl_lock_acquire (&self->lock);
  self->is_created = TRUE;
  _vl_lock_release (&self->lock);

  return TRUE;
}

/* Whether the job goes to the writer: to write, to make the table, or not to
 * overtake the reads that went there for that. */
static gboolean
target_needs_writer (VlSqliteTarget *self, VlSqliteJob *job)
{
  if (job->writes)
    return TRUE;

  _vl_lock_acquire (&self->lock);
  job->is_passing = !self->is_created || self->n_passing > 0;
  self->n_passing += job->is_passing;
  _vl_lock_release (&self->lock);

  return job->is_passing;
}

static void
target_passed (VlSqliteTarget *self)
{
  _vl_lock_acquire (&self->lock);
  self->n_passing--;
  _vl_lock_release (&self->lock);
}

VlSqliteJob *
_vl_sqlite_job_new (VlSqliteTarget *target,
                    const char *name,
                    VlSqliteJobRun run,
                    VlSqliteJobDone done)
{
  VlSqliteJob *job = g_new0 (VlSqliteJob, 1);

  job->target = _vl_sqlite_target_ref (target);
  job->name = name;
  job->run = run;
  job->done = done;
  job->home = _vl_handoff_get (NULL);

  return job;
}

/* At home, or wherever it ends when home is gone. */
static void
job_free (VlSqliteJob *job)
{
  for (guint i = 0; job->outcomes != NULL && i < job->changes->len; i++)
    {
      g_clear_object (&job->outcomes[i].record);
      g_clear_error (&job->outcomes[i].error);
    }
  g_free (job->outcomes);
  /* It never got to the reader. */
  if (job->is_passing)
    target_passed (job->target);
  if (job->is_watched)
    _vl_reply_unwatch (job->reply);
  g_clear_object (&job->reply);
  g_clear_object (&job->owner);
  g_clear_pointer (&job->parts, _vl_query_parts_unref);
  g_free (job->id);
  g_clear_pointer (&job->changes, g_ptr_array_unref);
  g_clear_error (&job->error);
  g_clear_object (&job->page);
  g_clear_object (&job->record);
  g_clear_pointer (&job->layout, _vl_sqlite_layout_unref);
  g_free (job->position);
  _vl_handoff_unref (job->home);
  _vl_sqlite_target_unref (job->target);
  g_free (job);
}

/* Runs at home. */
static void
job_landed (gpointer user_data, gboolean orphaned)
{
  VlSqliteJob *job = user_data;

  if (!orphaned)
    job->done (job);
  job_free (job);
}

/* The last that the worker does with a job. */
static void
job_post (VlSqliteJob *job)
{
  g_autoptr (VlHandoff) home = _vl_handoff_ref (job->home);

  _vl_handoff_post (home, job_landed, job);
}

static void
fail_cancelled (VlSqliteJob *job)
{
  g_set_error_literal (&job->error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                       _ ("Operation was cancelled"));
}

static void lane_push (Lane *self, VlSqliteJob *job);

/* Opens the file if need be and runs the job; FALSE when it went on to the
 * other lane. Runs on the worker. */
static gboolean
lane_run (Lane *self, VlSqliteJob *job)
{
  VlSqliteSession *session = self->session;
  gboolean to_create = session->writes && !target_is_created (job->target);
  gboolean done;

  if (!_vl_sqlite_session_open (session, to_create, &job->error))
    return TRUE;

  _vl_sqlite_set_busy_timeout (session->sqlite, job->busy_timeout);
  _vl_sqlite_set_cancelled (session->sqlite, &job->cancelled);
  done = !to_create || target_create (job->target, session, &job->error);
  if (done && (job->writes || !session->writes))
    job->run (job, session, &job->error);
  _vl_sqlite_set_cancelled (session->sqlite, NULL);

  return !done || job->writes || !session->writes;
}

/* From the writer's thread to the reader. */
static void
pass_on (VlSqliteJob *job)
{
  VlSqliteTarget *target = _vl_sqlite_target_ref (job->target);

  /* It may be gone as soon as it is there. */
  job->is_passing = FALSE;
  lane_push (target->database->reader, job);
  target_passed (target);
  _vl_sqlite_target_unref (target);
}

/* Which table, operation and record an error is about. */
static void
prefix_error (VlSqliteJob *job)
{
  const char *id = job->id;

  if (job->error == NULL || job->error->domain != VL_ERROR)
    return;
  if (job->changes != NULL && job->changes->len == 1)
    id = vl_change_get_id (job->changes->pdata[0]);

  if (id != NULL)
    g_prefix_error (&job->error, "%s, %s “%s”: ", job->target->table, job->name, id);
  else
    g_prefix_error (&job->error, "%s, %s: ", job->target->table, job->name);
}

/* Runs on the worker: the job at the head of the queue, if nobody has taken it
 * out. */
static void
lane_turn (gpointer user_data)
{
  Lane *self = user_data;
  VlSqliteJob *job;
  gboolean ended;

  _vl_lock_acquire (&self->lock);
  job = self->running = g_queue_pop_head (&self->jobs);
  _vl_lock_release (&self->lock);

  if (job != NULL)
    {
      ended = lane_run (self, job);
      prefix_error (job);

      _vl_lock_acquire (&self->lock);
      self->running = NULL;
      _vl_lock_release (&self->lock);

      if (ended)
        job_post (job);
      else
        pass_on (job);
    }
  lane_unref (self);
}

/* From any thread. */
static void
lane_push (Lane *self, VlSqliteJob *job)
{
  /* As soon as it is in the queue the job may be taken out and freed, and the
   * database with it. */
  lane_ref (self);
  _vl_lock_acquire (&self->lock);
  self->was_used = TRUE;
  if (job->is_urgent)
    g_queue_push_head (&self->jobs, job);
  else
    g_queue_push_tail (&self->jobs, job);
  _vl_lock_release (&self->lock);

  _vl_executor_push (self->executor, lane_turn, lane_ref (self));
  lane_unref (self);
}

/* Whether the job may change the record, or might as well. */
static gboolean
job_touches (VlSqliteJob *job, const char *table, const char *id)
{
  if (job->changes == NULL || g_ascii_strcasecmp (job->target->table, table) != 0)
    return FALSE;

  for (guint i = 0; i < job->changes->len; i++)
    {
      VlChange *change = job->changes->pdata[i];
      const char *changed = vl_change_get_id (change);

      if (vl_change_get_kind (change) == VL_CHANGE_KIND_DELETE_ALL || g_strcmp0 (changed, id) == 0)
        return TRUE;
    }

  return FALSE;
}

/* A record is not looked for while a write of it is on its way. */
static gboolean
lane_touches (Lane *self, const char *table, const char *id)
{
  gboolean touches;

  _vl_lock_acquire (&self->lock);
  touches = self->running != NULL && job_touches (self->running, table, id);
  for (GList *link = self->jobs.head; link != NULL && !touches; link = link->next)
    touches = job_touches (link->data, table, id);
  _vl_lock_release (&self->lock);

  return touches;
}

/* Takes the job out of the queue, if it is there. */
static gboolean
lane_withdraw (Lane *self, VlSqliteJob *job)
{
  gboolean found;

  _vl_lock_acquire (&self->lock);
  found = g_queue_remove (&self->jobs, job);
  _vl_lock_release (&self->lock);

  return found;
}

void
_vl_sqlite_job_cancel (VlSqliteJob *job)
{
  VlSqliteDatabase *database = job->target->database;

  g_atomic_int_set (&job->cancelled, 1);
  if (!lane_withdraw (database->reader, job) && !lane_withdraw (database->writer, job))
    return;

  fail_cancelled (job);
  job_post (job);
}

/* Runs at home, like every watch of a reply. */
static void
on_cancelled (gpointer user_data)
{
  VlSqliteJob *job = user_data;

  /* It may be freed there. */
  job->is_watched = FALSE;
  _vl_sqlite_job_cancel (job);
}

void
_vl_sqlite_job_push (VlSqliteJob *job)
{
  VlSqliteDatabase *database = job->target->database;

  if (job->reply != NULL)
    {
      job->is_watched = _vl_reply_watch (job->reply, on_cancelled, job, NULL);
      if (!job->is_watched)
        {
          fail_cancelled (job);
          job_post (job);
          return;
        }
    }

  if (job->id != NULL && lane_touches (database->writer, job->target->table, job->id))
    job->writes = TRUE;
  lane_push (target_needs_writer (job->target, job) ? database->writer : database->reader, job);
}
