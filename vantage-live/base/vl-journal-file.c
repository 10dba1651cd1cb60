/* vl-journal-file.c: records that are on the disk before anybody hears
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-journal-file-private.h"

#include "../vl-error.h"
#include "vl-handoff-private.h"
#include "vl-lane-private.h"
#include "vl-lock-private.h"

/* What is written in one go at most, unless one record is longer. */
#define MAX_GROUP_SIZE (8 * 1024 * 1024)

typedef enum
{
  OP_OPEN,
  OP_APPEND,
  OP_REWRITE,
  OP_CLOSE,
} Op;

typedef struct
{
  Op op;
  GBytes *record;     /* to append */
  GPtrArray *records; /* to write anew */
  guint n_failed;     /* so many appends are known to have failed */
  gboolean keep_copy;

  /* Who hears: `opened` for OP_OPEN, else `done`. */
  VlJournalOpenFunc opened;
  VlJournalDoneFunc done;
  gpointer user_data;
  GDestroyNotify dropped;

  /* What came of it. */
  VlJournalReplay replay;
  GError *error;
} Request;

struct _VlJournalFile
{
  gatomicrefcount ref_count; /* the owner and each pushed turn hold it */
  char *path;
  VlLane *lane;
  VlHandoff *home;

  VlLock lock; /* guards what follows */
  GQueue queue;
  gboolean is_pushed; /* a turn is on its way */

  /* On the worker's thread only. */
  VlJournalDisk *disk; /* NULL = not open */
  GError *error;       /* why not */
  Request *rewrite;    /* under way */
  guint n_failed;      /* appends */
};

static void
request_free (Request *request)
{
  g_clear_pointer (&request->record, g_bytes_unref);
  g_clear_pointer (&request->records, g_ptr_array_unref);
  _vl_journal_replay_clear (&request->replay);
  g_clear_error (&request->error);
  g_free (request);
}

static VlJournalFile *
file_ref (VlJournalFile *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

static void
file_unref (VlJournalFile *self)
{
  if (!_vl_ref_count_dec (&self->ref_count))
    return;

  g_assert (g_queue_is_empty (&self->queue));
  g_assert (self->disk == NULL && self->rewrite == NULL);
  _vl_lane_leave (self->lane);
  _vl_handoff_unref (self->home);
  g_clear_error (&self->error);
  _vl_lock_destroy (&self->lock);
  g_free (self->path);
  g_free (self);
}

/* --- On the worker --- */

/* At home. */
static void
tell (gpointer user_data, gboolean orphaned)
{
  Request *request = user_data;

  if (orphaned)
    {
      if (request->dropped != NULL)
        request->dropped (request->user_data);
    }
  else if (request->op == OP_OPEN)
    {
      request->opened (request->error == NULL ? &request->replay : NULL, request->error,
                       request->user_data);
    }
  else if (request->done != NULL)
    {
      request->done (request->error, request->user_data);
    }
  request_free (request);
}

/* One function each, of which the home is woken once: a callback may wait for
 * another one in a loop of its own. */
static void
end_request (VlJournalFile *self, Request *request)
{
  _vl_handoff_post (self->home, tell, request);
}

static void
open_disk (VlJournalFile *self, Request *request)
{
  self->disk = _vl_journal_disk_open (self->path, &request->replay, &self->error);
  if (self->disk == NULL)
    request->error = g_error_copy (self->error);
  end_request (self, request);
}

/* Takes the appends that come next, the first one included; one that is too
 * large alone. */
static GPtrArray *
take_group (GQueue *requests, Request *first)
{
  GPtrArray *group = g_ptr_array_new ();
  gsize size = g_bytes_get_size (first->record);
  Request *next;

  g_ptr_array_add (group, first);
  while ((next = g_queue_peek_head (requests)) != NULL && next->op == OP_APPEND &&
         g_bytes_get_size (next->record) <= MAX_GROUP_SIZE - MIN (size, MAX_GROUP_SIZE))
    {
      size += g_bytes_get_size (next->record);
      g_ptr_array_add (group, g_queue_pop_head (requests));
    }

  return group;
}

static gboolean
write_group (VlJournalFile *self, GPtrArray *group, GError **error)
{
  g_autofree GBytes **records = g_new (GBytes *, group->len);
  const Request *first = g_ptr_array_index (group, 0);

  if (self->disk == NULL)
    {
      g_propagate_error (error, g_error_copy (self->error));
      return FALSE;
    }
  if (g_bytes_get_size (first->record) > VL_JOURNAL_MAX_RECORD)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_INVALID,
                   _ ("A change is too large for the journal “%s”"), self->path);
      return FALSE;
    }
  for (guint i = 0; i < group->len; i++)
    records[i] = ((Request *) g_ptr_array_index (group, i))->record;

  return _vl_journal_disk_append (self->disk, records, group->len, error);
}

static void
append (VlJournalFile *self, GQueue *requests, Request *first)
{
  g_autoptr (GPtrArray) group = take_group (requests, first);
  g_autoptr (GError) error = NULL;

  if (!write_group (self, group, &error))
    self->n_failed += group->len;
  for (guint i = 0; i < group->len; i++)
    {
      Request *request = g_ptr_array_index (group, i);

      request->error = error != NULL ? g_error_copy (error) : NULL;
      end_request (self, request);
    }
}

/* Does the next part of it. */
static void
continue_rewrite (VlJournalFile *self)
{
  gboolean finished;

  if (!_vl_journal_disk_step (self->disk, &finished, &self->rewrite->error) || finished)
    end_request (self, g_steal_pointer (&self->rewrite));
}

static void
finish_rewrite (VlJournalFile *self)
{
  while (self->rewrite != NULL)
    continue_rewrite (self);
}

static gboolean
begin_rewrite (VlJournalFile *self, Request *request)
{
  if (self->disk == NULL)
    {
      request->error = g_error_copy (self->error);
      return FALSE;
    }
  if (request->n_failed != self->n_failed)
    {
      g_set_error (&request->error, VL_ERROR, VL_ERROR_FAILED,
                   _ ("The journal “%s” is not written anew after an error"), self->path);
      return FALSE;
    }
  if (request->keep_copy)
    {
      g_autofree char *copy = _vl_journal_disk_copy_aside (self->disk, &request->error);

      if (copy == NULL)
        return FALSE;
    }

  return _vl_journal_disk_begin_rewrite (self->disk, request->records, &request->error);
}

static void
start_rewrite (VlJournalFile *self, Request *request)
{
  finish_rewrite (self);
  if (begin_rewrite (self, request))
    self->rewrite = request;
  else
    end_request (self, request);
}

static void
close_disk (VlJournalFile *self, Request *request)
{
  finish_rewrite (self);
  g_clear_pointer (&self->disk, _vl_journal_disk_free);
  end_request (self, request);
}

static void
run_request (VlJournalFile *self, GQueue *requests, Request *request)
{
  switch (request->op)
    {
    case OP_OPEN:
      open_disk (self, request);
      break;
    case OP_APPEND:
      append (self, requests, request);
      break;
    case OP_REWRITE:
      start_rewrite (self, request);
      break;
    case OP_CLOSE:
    default:
      close_disk (self, request);
      break;
    }
}

static void run_turn (gpointer user_data);

/* Called with the lock. */
static void
push_turn (VlJournalFile *self)
{
  if (self->is_pushed)
    return;

  self->is_pushed = TRUE;
  _vl_executor_push (_vl_lane_get_executor (self->lane), run_turn, file_ref (self));
}

static void
take_queue (VlJournalFile *self, GQueue *requests)
{
  _vl_lock_acquire (&self->lock);
  *requests = self->queue;
  g_queue_init (&self->queue);
  self->is_pushed = FALSE;
  _vl_lock_release (&self->lock);
}

/* What is queued, and one part of a rewrite: what comes meanwhile waits for no
 * more than that. */
static void
run_turn (gpointer user_data)
{
  VlJournalFile *self = user_data;
  GQueue requests;
  Request *request;

  take_queue (self, &requests);
  while ((request = g_queue_pop_head (&requests)) != NULL)
    run_request (self, &requests, request);

  if (self->rewrite != NULL)
    continue_rewrite (self);
  if (self->rewrite != NULL)
    {
      _vl_lock_acquire (&self->lock);
      push_turn (self);
      _vl_lock_release (&self->lock);
    }
  file_unref (self);
}

/* --- From any thread --- */

static Request *
request_new (Op op, VlJournalDoneFunc done, gpointer user_data, GDestroyNotify dropped)
{
  Request *request = g_new0 (Request, 1);

  request->op = op;
  request->done = done;
  request->user_data = user_data;
  request->dropped = dropped;

  return request;
}

static void
push (VlJournalFile *self, Request *request)
{
  _vl_lock_acquire (&self->lock);
  g_queue_push_tail (&self->queue, request);
  push_turn (self);
  _vl_lock_release (&self->lock);
}

VlJournalFile *
_vl_journal_file_open (const char *path,
                       VlJournalOpenFunc opened,
                       gpointer user_data,
                       GDestroyNotify dropped)
{
  VlJournalFile *self = g_new0 (VlJournalFile, 1);
  Request *request = request_new (OP_OPEN, NULL, user_data, dropped);

  g_atomic_ref_count_init (&self->ref_count);
  self->path = g_strdup (path);
  self->lane = _vl_lane_enter (path, "vl-journal");
  self->home = _vl_handoff_get (NULL);
  _vl_lock_init (&self->lock);
  g_queue_init (&self->queue);

  request->opened = opened;
  push (self, request);

  return self;
}

void
_vl_journal_file_append (VlJournalFile *self,
                         GBytes *record,
                         VlJournalDoneFunc done,
                         gpointer user_data,
                         GDestroyNotify dropped)
{
  Request *request = request_new (OP_APPEND, done, user_data, dropped);

  g_assert (g_bytes_get_size (record) > 0);
  request->record = g_bytes_ref (record);
  push (self, request);
}

void
_vl_journal_file_rewrite (VlJournalFile *self,
                          GPtrArray *records,
                          guint n_failed,
                          gboolean keep_copy,
                          VlJournalDoneFunc done,
                          gpointer user_data,
                          GDestroyNotify dropped)
{
  Request *request = request_new (OP_REWRITE, done, user_data, dropped);

  request->records = g_ptr_array_ref (records);
  request->n_failed = n_failed;
  request->keep_copy = keep_copy;
  push (self, request);
}

void
_vl_journal_file_close (VlJournalFile *self,
                        VlJournalDoneFunc done,
                        gpointer user_data,
                        GDestroyNotify dropped)
{
  push (self, request_new (OP_CLOSE, done, user_data, dropped));
  file_unref (self);
}
