/* vl-sqlite-stream.c: notices that others change a database file
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-sqlite-stream-private.h"

#include "../base/vl-clock-private.h"
#include "../stream/vl-live-event.h"
#include "../vl-error.h"
#include "vl-sqlite-position-private.h"
#include "vl-sqlite-reader-private.h"

/* How soon a change is noticed, in milliseconds: a look costs a few
 * microseconds, on the thread of the file. */
#define INTERVAL 250

/* And how soon after a write of our own, which is no news, but moves the
 * position: a program that ends soon after it should have it kept. */
#define SOON 20

struct _VlSqliteStream
{
  VlLiveStream parent_instance;

  VlSqliteTarget *target;
  GThread *home_thread; /* to compare with */

  /* At home. */
  gboolean has_serial; /* the first look has been made since the start */
  guint64 serial;
  char *position; /* the last one that was told of, NULL = none */
  VlTimer *timer;
  gboolean is_soon;  /* it was started by a write */
  VlHandoff *home;   /* of the looks, while the stream runs */
  VlSqliteJob *look; /* on its way; it keeps the stream */
  GQueue held;       /* of VlSqliteJob: they wait for the first look */
  VlTimer *patience; /* with them */
};

G_DEFINE_FINAL_TYPE (VlSqliteStream, _vl_sqlite_stream, VL_TYPE_LIVE_STREAM)

static void look (VlSqliteStream *self);

/* Runs at home, or where the stream ends. */
static void
release_held (VlSqliteStream *self)
{
  VlSqliteJob *job;

  _vl_timer_clear (&self->patience);
  while ((job = g_queue_pop_head (&self->held)) != NULL)
    _vl_sqlite_job_push (job);
}

/* Runs at home. */
static void
on_patience (gpointer user_data)
{
  release_held (user_data);
}

gboolean
_vl_sqlite_stream_hold (VlSqliteStream *self, VlSqliteJob *job)
{
  GMainContext *context = _vl_handoff_get_context (job->home);

  if (g_thread_self () != self->home_thread || self->has_serial ||
      vl_live_stream_get_state (VL_LIVE_STREAM (self)) != VL_LIVE_STREAM_STATE_CONNECTING)
    return FALSE;

  g_queue_push_tail (&self->held, job);
  if (self->patience == NULL)
    self->patience = _vl_timer_start (context, INTERVAL, on_patience, self);

  return TRUE;
}

/* Runs at home. */
static void
on_time (gpointer user_data)
{
  VlSqliteStream *self = user_data;

  _vl_timer_clear (&self->timer);
  look (self);
}

/* Runs at home. */
static void
look_after (VlSqliteStream *self, guint delay)
{
  _vl_timer_clear (&self->timer);
  self->is_soon = delay == SOON;
  self->timer = _vl_timer_start (_vl_handoff_get_context (self->home), delay, on_time, self);
}

/* Many writes in a row bring one look forward. */
void
_vl_sqlite_stream_wrote (VlSqliteStream *self)
{
  if (g_thread_self () == self->home_thread && self->timer != NULL && !self->is_soon)
    look_after (self, SOON);
}

/* The position and what has changed belong together: both are of the state that
 * one transaction sees, and if that does not hold it still, nobody has changed
 * it meanwhile. */
static gboolean
look_inside (VlSqliteJob *job, VlSqliteSession *session, gboolean is_view, GError **error)
{
  gboolean must_look;
  gint64 seen;

  if (!_vl_sqlite_session_begin (session, FALSE, error))
    return FALSE;

  job->serial = _vl_sqlite_session_get_serial (session, job->target->table, is_view);
  job->position = _vl_sqlite_position_read (session, &must_look);
  seen = session->data_version;
  _vl_sqlite_session_end (session);
  if (must_look && (!_vl_sqlite_session_look (session, NULL) || session->data_version != seen))
    g_clear_pointer (&job->position, g_free);

  return TRUE;
}

/* Runs on the writer's thread, whose connection sees the commits of everybody
 * but itself. */
static gboolean
run_look (VlSqliteJob *job, VlSqliteSession *session, GError **error)
{
  g_autoptr (VlSqliteLayout) layout = _vl_sqlite_target_get_layout (job->target);
  g_autoptr (GError) busy = NULL;
  gboolean is_view;

  if (layout == NULL)
    layout = _vl_sqlite_describe (session, job->target->table, NULL);
  is_view = layout != NULL && !layout->is_table;
  if (look_inside (job, session, is_view, &busy))
    return TRUE;

  /* Somebody is writing: what that did is seen next time, if there is something
   * to compare it with. */
  if (!job->is_first && g_error_matches (busy, VL_ERROR, VL_ERROR_UNAVAILABLE))
    {
      job->serial = _vl_sqlite_session_get_serial (session, job->target->table, is_view);
      return TRUE;
    }

  g_propagate_error (error, g_steal_pointer (&busy));
  return FALSE;
}

static void
push_change (VlSqliteStream *self, const char *position)
{
  g_autoptr (VlLiveEvent) bare = vl_live_event_new_changed ();
  g_autoptr (VlLiveEvent) event = vl_live_event_with_position (bare, position);

  vl_live_stream_push (VL_LIVE_STREAM (self), event);
}

/* Runs at home. The first look makes the stream live, and that is a gap by
 * itself. */
static void
tell (VlSqliteStream *self, VlSqliteJob *job)
{
  VlLiveStream *stream = VL_LIVE_STREAM (self);
  gboolean changed = job->serial != self->serial;
  gboolean moved = job->position != NULL && g_strcmp0 (job->position, self->position) != 0;

  self->serial = job->serial;
  if (moved)
    {
      g_free (self->position);
      self->position = g_strdup (job->position);
    }

  if (job->is_first)
    {
      self->has_serial = TRUE;
      vl_live_stream_report_live_at (stream, job->position);
      release_held (self);
    }
  else if (changed)
    {
      push_change (self, job->position);
    }
  else if (moved)
    {
      vl_live_stream_report_position (stream, job->position);
    }
}

/* Runs at home. */
static void
looked (VlSqliteJob *job)
{
  VlSqliteStream *self = job->owner;

  if (self->look != job)
    return;
  self->look = NULL;

  if (job->error != NULL)
    {
      vl_live_stream_report_end (VL_LIVE_STREAM (self), job->error);
      release_held (self);
      return;
    }

  look_after (self, INTERVAL);
  tell (self, job);
}

static void
look (VlSqliteStream *self)
{
  VlSqliteJob *job = _vl_sqlite_job_new (self->target, "watch", run_look, looked);

  job->writes = TRUE;
  job->is_urgent = TRUE;
  job->is_first = !self->has_serial;
  /* A writer is waited for a moment rather than taken for an outage. */
  job->busy_timeout = job->is_first ? INTERVAL : 0;
  job->owner = g_object_ref (self);
  self->look = job;
  _vl_sqlite_job_push (job);
}

static void
vl_sqlite_stream_start (VlLiveStream *stream)
{
  VlSqliteStream *self = VL_SQLITE_STREAM (stream);

  self->has_serial = FALSE;
  g_clear_pointer (&self->position, g_free);
  g_clear_pointer (&self->home, _vl_handoff_unref);
  self->home = _vl_handoff_get (NULL);
  look (self);
}

static void
vl_sqlite_stream_stop (VlLiveStream *stream)
{
  VlSqliteStream *self = VL_SQLITE_STREAM (stream);
  VlSqliteJob *job = g_steal_pointer (&self->look);

  _vl_timer_clear (&self->timer);
  release_held (self);
  if (job != NULL)
    _vl_sqlite_job_cancel (job);
}

static void
vl_sqlite_stream_finalize (GObject *object)
{
  VlSqliteStream *self = VL_SQLITE_STREAM (object);

  _vl_timer_clear (&self->timer);
  release_held (self);
  g_free (self->position);
  g_clear_pointer (&self->home, _vl_handoff_unref);
  _vl_sqlite_target_unref (self->target);

  G_OBJECT_CLASS (_vl_sqlite_stream_parent_class)->finalize (object);
}

static void
_vl_sqlite_stream_class_init (VlSqliteStreamClass *klass)
{
  VlLiveStreamClass *stream_class = VL_LIVE_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = vl_sqlite_stream_finalize;
  stream_class->start = vl_sqlite_stream_start;
  stream_class->stop = vl_sqlite_stream_stop;
}

static void
_vl_sqlite_stream_init (VlSqliteStream *self)
{
  self->home_thread = g_thread_self ();
}

VlLiveStream *
_vl_sqlite_stream_new (VlSqliteTarget *target)
{
  VlSqliteStream *self = g_object_new (VL_TYPE_SQLITE_STREAM, NULL);

  self->target = _vl_sqlite_target_ref (target);

  return VL_LIVE_STREAM (self);
}
