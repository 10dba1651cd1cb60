/* vl-disk-job.c: one request of a cache on disk
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-disk-job-private.h"

#include <string.h>

#include "../base/vl-mutant-private.h"
#include "../table/vl-flight-private.h"
#include "../table/vl-page.h"
#include "../table/vl-reply.h"
#include "vl-memory-cache-private.h"

static gsize
get_size (const char *text)
{
  return text != NULL ? strlen (text) + 1 : 0;
}

static VlDiskJob *
job_new (VlDiskOp op, const char *root, const char *key)
{
  gsize root_size = get_size (root);
  gsize key_size = get_size (key);
  VlDiskJob *job = g_malloc0 (sizeof (VlDiskJob) + root_size + key_size);

  job->op = op;
  if (root != NULL)
    job->root = memcpy (job->text, root, root_size);
  if (key != NULL)
    job->key = memcpy (job->text + root_size, key, key_size);

  return job;
}

VlDiskJob *
_vl_disk_job_new (VlDiskOp op, const char *root, const char *key, VlReply *reply)
{
  VlDiskJob *job = job_new (op, root, key);

  job->reply = g_object_ref (reply);

  return job;
}

VlDiskJob *
_vl_disk_job_new_lookup (const char *root, const char *key, VlFlight *flight)
{
  VlDiskJob *job = job_new (VL_DISK_LOOKUP, root, key);

  job->flight = _vl_flight_ref (flight);

  return job;
}

static void
emitter_free (GWeakRef *emitter)
{
  g_weak_ref_clear (emitter);
  g_free (emitter);
}

void
_vl_disk_job_emits (VlDiskJob *job, VlCache *cache)
{
  job->home = _vl_handoff_get (NULL);
  job->emitter = g_new0 (GWeakRef, 1);
  g_weak_ref_init (job->emitter, cache);
}

static void
job_free (VlDiskJob *job)
{
  g_clear_pointer (&job->home, _vl_handoff_unref);
  g_clear_pointer (&job->emitter, emitter_free);
  g_clear_object (&job->page);
  g_clear_object (&job->found);
  g_clear_object (&job->reply);
  g_clear_pointer (&job->flight, _vl_flight_unref);
  g_clear_error (&job->error);
  g_free (job);
}

void
_vl_disk_job_reset (VlDiskJob *job)
{
  g_clear_object (&job->found);
  job->fresh = FALSE;
  job->generation = 0;
}

static void
answer_flight (VlDiskJob *job)
{
  VlAnswer answer = {
    .error = g_steal_pointer (&job->error),
    .fresh = job->found != NULL && job->fresh,
    .lease = job->generation,
  };

  answer.page = g_steal_pointer (&job->found);
  _vl_flight_answer (job->flight, &answer);
}

static void
answer (VlDiskJob *job)
{
  if (job->flight != NULL)
    answer_flight (job);
  else if (job->error != NULL)
    vl_reply_fail (job->reply, job->error);
  else if (job->op == VL_DISK_LOOKUP || job->op == VL_DISK_GET_LEASE)
    vl_reply_return_lookup (job->reply, job->found, job->fresh, job->generation);
  else
    vl_reply_return_done (job->reply);
}

/* Runs at home, or anywhere when that is gone. */
static void
emit_and_answer (gpointer user_data, gboolean orphaned)
{
  VlDiskJob *job = user_data;
  g_autoptr (GObject) cache = NULL;

  if (!orphaned && job->emitter != NULL)
    cache = g_weak_ref_get (job->emitter);
  if (cache != NULL)
    vl_cache_emit_invalidated (VL_CACHE (cache), job->root);
  answer (job);
  job_free (job);
}

void
_vl_disk_job_end (VlDiskJob *job)
{
  if (job->home != NULL)
    {
      _vl_handoff_post (job->home, emit_and_answer, job);
      return;
    }

  answer (job);
  job_free (job);
}

void
_vl_disk_job_end_here (VlDiskJob *job)
{
  emit_and_answer (job, FALSE);
}

void
_vl_disk_job_run_in_memory (VlDiskJob *job, VlMemoryCache *memory)
{
  switch (job->op)
    {
    case VL_DISK_LOOKUP:
      /* The lease first: a page must not look fresh under a later one. */
      job->generation = _vl_memory_cache_get_lease (memory, job->root);
      job->found = _vl_memory_cache_find (memory, job->root, job->key);
      job->fresh = job->found != NULL && !vl_page_get_is_stale (job->found);
      break;
    case VL_DISK_GET_LEASE:
      job->generation = _vl_memory_cache_get_lease (memory, job->root);
      break;
    case VL_DISK_STORE:
      _vl_memory_cache_put (memory, job->root, job->key, job->page, job->lease);
      break;
    case VL_DISK_REMOVE:
      _vl_memory_cache_drop (memory, job->root, job->key);
      break;
    case VL_DISK_INVALIDATE:
      _vl_memory_cache_raise (memory, job->root);
      break;
    case VL_DISK_CLEAR:
      _vl_memory_cache_erase (memory, job->root);
      break;
    case VL_DISK_OPEN:
    case VL_DISK_CLOSE:
    default:
      break;
    }
}

/* What the file has, the memory in front gets too; in the order of the
 * requests, so that it never holds what the file has replaced. */
void
_vl_disk_job_fill (VlDiskJob *job, VlMemoryCache *front, gboolean fills)
{
  if (VL_MUTANT (MEMORY_UNSTAMPED))
    job->front_lease = _vl_memory_cache_get_lease (front, job->root);

  switch (job->op)
    {
    case VL_DISK_LOOKUP:
      if (fills && job->found != NULL)
        _vl_memory_cache_put (front, job->root, job->key, job->found,
                              job->fresh ? job->front_lease : 0);
      break;
    case VL_DISK_STORE:
      /* What is stale the file may have refused, in favour of a fresh one. */
      _vl_memory_cache_drop (front, job->root, job->key);
      if (fills && job->fresh)
        _vl_memory_cache_put (front, job->root, job->key, job->page, job->front_lease);
      break;
    case VL_DISK_REMOVE:
      _vl_memory_cache_drop (front, job->root, job->key);
      break;
    case VL_DISK_CLEAR:
      _vl_memory_cache_erase (front, job->root);
      break;
    case VL_DISK_INVALIDATE:
    case VL_DISK_GET_LEASE:
    case VL_DISK_OPEN:
    case VL_DISK_CLOSE:
    default:
      break;
    }
}
