/* vl-disk-worker.c: the thread that a cache on disk works on
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Requests wait in a queue. A turn of the worker takes what is there, up to a
 * clear, does it in one transaction and answers it afterwards; a lookup sees
 * the stores that were queued before it, and a thousand stores are a few
 * transactions. Nothing is seen of a transaction that failed: the file is
 * rebuilt and the requests are done again, or they are done in memory.
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-disk-worker-private.h"

#include "../base/vl-executor-private.h"
#include "../base/vl-file-private.h"
#include "../base/vl-lock-private.h"
#include "../base/vl-log-private.h"
#include "../table/vl-page.h"
#include "../vl-error.h"
#include "vl-disk-private.h"
#include "vl-memory-cache-private.h"

/* How many requests go into one transaction. */
#define MAX_BATCH 256

static guint max_batch = MAX_BATCH; /* tests change it */

/* How many of them when all are lookups: those who asked look at the first pages
 * while the next are read. */
#define MAX_LOOKUPS 32

/* How often the file may be rebuilt before it is given up: a disk that damages
 * what it is given. */
#define MAX_REBUILDS 5

/* The budget may be exceeded by this part of it while there is always
 * something else to do. */
#define SLACK_PARTS 8

/* How many leases are remembered for lookups that memory can answer. */
#define MAX_LEASES 4096

/* The caches of a folder, one after the other, share a thread: so the next one
 * begins when the one before has closed its file. */
typedef struct
{
  char *path;
  VlExecutor *executor;
  guint n_users;
} Lane;

/* The lease of the file that goes with one of the memory in front. */
typedef struct
{
  guint64 front;
  guint64 file;
} Pair;

struct _VlDiskWorker
{
  gint ref_count; /* atomic; the cache and each pushed turn hold it */
  Lane *lane;
  VlMemoryCache *memory; /* in front of the file, or in its place */
  gint has_front;        /* atomic */
  VlHandoff *home;
  GWeakRef cache;
  void (*changed) (GObject *cache);

  VlLock lock; /* guards what follows */
  GQueue queue;
  gboolean is_pushed; /* a turn is on its way */
  guint n_changes;    /* stores and removals that were not done yet */
  gboolean in_memory; /* nothing is queued any more: memory is all there is */
  GError *error;      /* why memory is all there is */
  gboolean can_mark;  /* unless a later process may find what is not right */
  gboolean can_clear; /* unless there are bytes left that nobody can erase */
  guint64 max_bytes;
  guint64 n_bytes;
  guint n_pages;
  GHashTable *leases; /* root -> Pair */

  /* On the worker's thread only. */
  VlDisk *disk;        /* NULL = memory alone */
  GPtrArray *clearing; /* jobs whose bytes are still being erased */
  gboolean was_opened;
  gboolean is_closed;
  guint n_rebuilds;
};

/* --- Lanes --- */

static VlLock lanes_lock;
static GHashTable *lanes; /* path -> Lane; under the lock */

static Lane *
lane_get (const char *folder_path)
{
  g_autofree char *path = _vl_file_canonical_path (folder_path);
  Lane *lane;

  _vl_lock_acquire (&lanes_lock);
  if (lanes == NULL)
    lanes = g_hash_table_new (g_str_hash, g_str_equal);
  lane = g_hash_table_lookup (lanes, path);
  if (lane == NULL)
    {
      lane = g_new0 (Lane, 1);
      lane->path = g_steal_pointer (&path);
      lane->executor = _vl_executor_new ("vl-cache");
      g_hash_table_insert (lanes, lane->path, lane);
    }
  lane->n_users++;
  _vl_lock_release (&lanes_lock);

  return lane;
}

static void
lane_release (Lane *lane)
{
  gboolean is_last;

  _vl_lock_acquire (&lanes_lock);
  is_last = --lane->n_users == 0;
  if (is_last)
    g_hash_table_remove (lanes, lane->path);
  _vl_lock_release (&lanes_lock);
  if (!is_last)
    return;

  _vl_executor_unref (lane->executor);
  g_free (lane->path);
  g_free (lane);
}

/* --- The worker and what it tells --- */

static VlDiskWorker *
worker_ref (VlDiskWorker *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

static void
worker_unref (VlDiskWorker *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_assert (g_queue_is_empty (&self->queue));
  g_assert (self->disk == NULL);
  lane_release (self->lane);
  g_object_unref (self->memory);
  g_weak_ref_clear (&self->cache);
  _vl_handoff_unref (self->home);
  g_hash_table_unref (self->leases);
  g_ptr_array_unref (self->clearing);
  g_clear_error (&self->error);
  _vl_lock_destroy (&self->lock);
  g_free (self);
}

static void
tell_at_home (gpointer user_data, gboolean orphaned)
{
  VlDiskWorker *self = user_data;
  g_autoptr (GObject) cache = orphaned ? NULL : g_weak_ref_get (&self->cache);

  if (cache != NULL)
    self->changed (cache);
  worker_unref (self);
}

/* From now on memory is all there is. Runs on the worker. */
static void
degrade (VlDiskWorker *self, const GError *error, gboolean can_mark, gboolean can_clear)
{
  _vl_log_warning ("The cache works from memory alone and will not outlive the program: %s",
                   error->message);

  _vl_lock_acquire (&self->lock);
  self->error = g_error_copy (error);
  self->can_mark = can_mark;
  self->can_clear = can_clear;
  g_hash_table_remove_all (self->leases);
  _vl_lock_release (&self->lock);

  g_clear_pointer (&self->disk, _vl_disk_free);
  _vl_handoff_post (self->home, tell_at_home, worker_ref (self));
}

/* --- One batch --- */

static gboolean
job_writes (VlDiskJob *job)
{
  return job->op != VL_DISK_LOOKUP && job->op != VL_DISK_GET_LEASE;
}

/* A store earlier in the batch may make an invalidation one of fresh entries;
 * then they go together or not at all. */
static gboolean
job_needs_sync (VlDiskWorker *self, VlDiskJob *job)
{
  switch (job->op)
    {
    case VL_DISK_OPEN:
      return _vl_disk_mark_needs_sync (self->disk, job->root);
    case VL_DISK_INVALIDATE:
      return _vl_disk_invalidate_needs_sync (self->disk, job->root);
    case VL_DISK_LOOKUP:
    case VL_DISK_STORE:
    case VL_DISK_REMOVE:
    case VL_DISK_CLEAR:
    case VL_DISK_GET_LEASE:
    case VL_DISK_CLOSE:
    default:
      return FALSE;
    }
}

static guint64
get_max_bytes (VlDiskWorker *self)
{
  guint64 max_bytes;

  _vl_lock_acquire (&self->lock);
  max_bytes = self->max_bytes;
  _vl_lock_release (&self->lock);

  return max_bytes;
}

/* What was to be erased must not be kept aside either; it is said if it is. */
static void
forget_aside (VlDiskWorker *self, VlDiskJob *job)
{
  g_clear_error (&job->error);
  _vl_disk_forget_aside (self->disk, &job->error);
}

static gboolean
run_job (VlDiskWorker *self, VlDiskJob *job, guint64 max_bytes, GError **error)
{
  VlDisk *disk = self->disk;
  VlDiskFound found = { 0 };
  gboolean done = TRUE;

  switch (job->op)
    {
    case VL_DISK_LOOKUP:
      done = _vl_disk_lookup (disk, job->root, job->key, &found, error);
      job->found = found.page;
      job->fresh = found.fresh;
      job->generation = found.generation;
      break;
    case VL_DISK_STORE:
      done = _vl_disk_store (disk, job->root, job->key, job->page, job->lease, max_bytes,
                             &job->fresh, error);
      job->generation = _vl_disk_get_lease (disk, job->root);
      break;
    case VL_DISK_REMOVE:
      done = _vl_disk_remove (disk, job->root, job->key, error);
      break;
    case VL_DISK_INVALIDATE:
      done = _vl_disk_invalidate (disk, job->root, error);
      break;
    case VL_DISK_OPEN:
    case VL_DISK_CLOSE:
      done = _vl_disk_mark (disk, job->root, job->op == VL_DISK_OPEN, error);
      break;
    case VL_DISK_CLEAR:
      done = _vl_disk_clear (disk, job->root, error);
      if (done && job->root == NULL)
        forget_aside (self, job);
      break;
    case VL_DISK_GET_LEASE:
    default:
      job->generation = _vl_disk_get_lease (disk, job->root);
      break;
    }

  return done;
}

static gboolean
run_batch (VlDiskWorker *self, GPtrArray *jobs, GError **error)
{
  VlDiskJob *first = g_ptr_array_index (jobs, 0);
  guint64 max_bytes = get_max_bytes (self);
  gboolean writes = FALSE;
  gboolean synced = FALSE;

  if (first->op == VL_DISK_CLEAR)
    return run_job (self, first, max_bytes, error);

  for (guint i = 0; i < jobs->len; i++)
    {
      VlDiskJob *job = g_ptr_array_index (jobs, i);

      _vl_disk_job_reset (job);
      writes |= job_writes (job);
      synced |= job_needs_sync (self, job);
    }

  /* What only looks for one page is a transaction by itself. */
  if (jobs->len == 1 && !writes && !_vl_disk_has_to_write (self->disk))
    return run_job (self, first, max_bytes, error);

  if (!_vl_disk_begin (self->disk, writes, synced, error))
    return FALSE;
  self->disk->reads_many = !writes;
  for (guint i = 0; i < jobs->len; i++)
    {
      if (!run_job (self, g_ptr_array_index (jobs, i), max_bytes, error))
        return FALSE;
    }

  return _vl_disk_commit (self->disk, error);
}

/* What the memory in front held was told apart by leases that are no more. */
static void
forget_front (VlDiskWorker *self)
{
  _vl_memory_cache_erase (self->memory, NULL);
  _vl_lock_acquire (&self->lock);
  g_hash_table_remove_all (self->leases);
  _vl_lock_release (&self->lock);
}

/* After `error`: TRUE when there is a file to go on with. */
static gboolean
recover (VlDiskWorker *self, GError *error)
{
  g_autoptr (GError) failed = g_error_copy (error);
  gboolean can_clear = FALSE;
  gboolean can_mark;

  while (_vl_disk_is_damage (failed) && self->n_rebuilds < MAX_REBUILDS)
    {
      g_autofree char *reason = g_strdup (failed->message);

      self->n_rebuilds++;
      forget_front (self);
      g_clear_error (&failed);
      if (_vl_disk_rebuild (self->disk, reason, &failed))
        return TRUE;
    }

  can_mark = _vl_disk_abandon (self->disk, &can_clear);
  degrade (self, failed, can_mark, can_clear);

  return FALSE;
}

static void
run_on_disk (VlDiskWorker *self, GPtrArray *jobs)
{
  VlDiskJob *first = g_ptr_array_index (jobs, 0);

  while (self->disk != NULL)
    {
      g_autoptr (GError) error = NULL;

      if (run_batch (self, jobs, &error))
        return;
      if (recover (self, error) && first->op == VL_DISK_CLEAR)
        forget_aside (self, first);
    }
}

/* What is nothing worth if it is done in memory alone, while the file may be
 * found as it was. */
static void
check_in_memory (VlDiskWorker *self, VlDiskJob *job)
{
  gboolean is_done = (job->op != VL_DISK_OPEN || self->can_mark) &&
                     (job->op != VL_DISK_CLEAR || self->can_clear);

  if (!is_done && job->error == NULL)
    job->error = _vl_disk_worker_dup_error (self);
}

static void
run_in_memory (VlDiskWorker *self, GPtrArray *jobs)
{
  for (guint i = 0; i < jobs->len; i++)
    {
      VlDiskJob *job = g_ptr_array_index (jobs, i);

      _vl_disk_job_reset (job);
      _vl_disk_job_run_in_memory (job, self->memory);
      check_in_memory (self, job);
    }
}

/* --- After a batch --- */

/* Under the lock. */
static void
note_lease (VlDiskWorker *self, VlDiskJob *job)
{
  Pair *pair;

  if (job->generation == 0 || job->front_lease == 0)
    return;

  pair = g_hash_table_lookup (self->leases, job->root);
  if (pair == NULL)
    {
      if (g_hash_table_size (self->leases) >= MAX_LEASES)
        g_hash_table_remove_all (self->leases);
      pair = g_new (Pair, 1);
      g_hash_table_insert (self->leases, g_strdup (job->root), pair);
    }
  pair->front = job->front_lease;
  pair->file = job->generation;
}

/* For those who ask how much there is. */
static void
note_size (VlDiskWorker *self)
{
  if (self->disk == NULL)
    return;

  _vl_lock_acquire (&self->lock);
  self->n_bytes = (guint64) self->disk->n_bytes;
  self->n_pages = (guint) self->disk->n_pages;
  _vl_lock_release (&self->lock);
}

static gboolean
is_erasing (VlDiskWorker *self)
{
  return self->disk != NULL && self->disk->is_erasing;
}

static void
end_jobs (VlDiskWorker *self, GPtrArray *jobs)
{
  gboolean fills = g_atomic_int_get (&self->has_front);

  for (guint i = 0; i < jobs->len && self->disk != NULL; i++)
    _vl_disk_job_fill (g_ptr_array_index (jobs, i), self->memory, fills);

  _vl_lock_acquire (&self->lock);
  for (guint i = 0; i < jobs->len; i++)
    {
      VlDiskJob *job = g_ptr_array_index (jobs, i);

      self->n_changes -= job->op == VL_DISK_STORE || job->op == VL_DISK_REMOVE;
      if (self->disk != NULL)
        note_lease (self, job);
    }
  _vl_lock_release (&self->lock);
  note_size (self);

  _vl_handoff_cork ();
  for (guint i = 0; i < jobs->len; i++)
    {
      VlDiskJob *job = g_ptr_array_index (jobs, i);

      if (job->op == VL_DISK_CLEAR && is_erasing (self))
        g_ptr_array_add (self->clearing, job);
      else
        _vl_disk_job_end (job);
    }
  _vl_handoff_uncork ();
}

/* Does a part of it, between requests; those who cleared are answered at the
 * end, or when there is another file by now, or none. */
static void
erase (VlDiskWorker *self)
{
  g_autoptr (GError) error = NULL;
  gboolean is_replaced = !is_erasing (self);

  if (is_replaced && self->clearing->len == 0)
    return;
  if (!is_replaced)
    is_replaced = !_vl_disk_erase (self->disk, &error) && recover (self, error);
  if (is_erasing (self))
    return;

  note_size (self);
  for (guint i = 0; i < self->clearing->len; i++)
    {
      VlDiskJob *job = g_ptr_array_index (self->clearing, i);

      if (self->disk == NULL)
        check_in_memory (self, job);
      else if (is_replaced)
        forget_aside (self, job);
      _vl_disk_job_end (job);
    }
  g_ptr_array_set_size (self->clearing, 0);
}

static gboolean
is_over (VlDiskWorker *self, guint64 max_bytes)
{
  /* What is being erased will not count. */
  return self->disk != NULL && !self->disk->is_erasing && (guint64) self->disk->n_bytes > max_bytes;
}

/* A chunk at a time, unless those who store are quicker than that. */
static void
sweep (VlDiskWorker *self)
{
  guint64 max_bytes = get_max_bytes (self);

  do
    {
      g_autoptr (GError) error = NULL;

      if (!is_over (self, max_bytes))
        return;
      if (!_vl_disk_sweep (self->disk, max_bytes, &error))
        recover (self, error);
    }
  while (is_over (self, max_bytes + max_bytes / SLACK_PARTS));

  note_size (self);
}

/* --- Turns --- */

static void worker_turn (gpointer user_data);

/* Under the lock. TRUE when a turn is to be pushed, which is done without the
 * lock: it is what a turn takes first. */
static gboolean
wants_turn (VlDiskWorker *self)
{
  gboolean wants = !self->is_pushed;

  self->is_pushed = TRUE;

  return wants;
}

static void
push_turn (VlDiskWorker *self)
{
  _vl_executor_push (self->lane->executor, worker_turn, worker_ref (self));
}

/* A clear is a batch by itself: what it takes away, those after it do not
 * find. */
static GPtrArray *
take_batch (VlDiskWorker *self)
{
  GPtrArray *jobs = g_ptr_array_new ();
  gboolean writes = FALSE;
  VlDiskJob *job;

  _vl_lock_acquire (&self->lock);
  self->is_pushed = FALSE;
  while (jobs->len < (writes ? max_batch : MIN (max_batch, MAX_LOOKUPS)) &&
         (job = g_queue_peek_head (&self->queue)) != NULL)
    {
      writes |= job_writes (job);
      if (job->op == VL_DISK_CLEAR && jobs->len > 0)
        break;
      g_ptr_array_add (jobs, g_queue_pop_head (&self->queue));
      if (job->op == VL_DISK_CLEAR)
        break;
    }
  _vl_lock_release (&self->lock);

  return jobs;
}

static void
ensure_open (VlDiskWorker *self)
{
  g_autoptr (GError) error = NULL;

  if (self->was_opened)
    return;

  self->was_opened = TRUE;
  if (_vl_disk_open (self->disk, &error))
    return;

  if (self->disk->folder == NULL)
    degrade (self, error, TRUE, TRUE);
  else
    recover (self, error);
}

/* TRUE when there is more to do. */
static gboolean
worker_step (VlDiskWorker *self)
{
  g_autoptr (GPtrArray) jobs = take_batch (self);
  gboolean more;

  ensure_open (self);
  if (jobs->len > 0)
    {
      if (self->disk != NULL)
        run_on_disk (self, jobs);
      if (self->disk == NULL)
        run_in_memory (self, jobs);
      end_jobs (self, jobs);
    }
  erase (self);
  sweep (self);

  _vl_lock_acquire (&self->lock);
  more = !g_queue_is_empty (&self->queue) || is_erasing (self);
  if (self->disk == NULL && !more)
    self->in_memory = TRUE;
  more |= is_over (self, self->max_bytes);
  _vl_lock_release (&self->lock);

  return more;
}

/* Runs on the worker thread. */
static void
worker_turn (gpointer user_data)
{
  VlDiskWorker *self = user_data;
  gboolean wants = FALSE;

  if (!self->is_closed && worker_step (self))
    {
      _vl_lock_acquire (&self->lock);
      wants = wants_turn (self);
      _vl_lock_release (&self->lock);
    }
  if (wants)
    push_turn (self);
  worker_unref (self);
}

/* Runs on the worker thread, when nobody can ask for anything any more. */
static void
close_turn (gpointer user_data)
{
  VlDiskWorker *self = user_data;

  while (worker_step (self))
    ;
  self->is_closed = TRUE;
  if (self->disk != NULL)
    {
      g_autoptr (GError) error = NULL;

      /* Writes what was used since. */
      self->disk->is_changed = TRUE;
      if (!_vl_disk_begin (self->disk, TRUE, FALSE, &error) ||
          !_vl_disk_commit (self->disk, &error))
        _vl_log_debug ("VL_OP", "close", "VL_OUTCOME", error->message, NULL);
    }
  g_clear_pointer (&self->disk, _vl_disk_free);
  worker_unref (self);
}

/* --- From any thread --- */

static gboolean
take_used (const char *root_name, const char *key, gpointer user_data)
{
  return _vl_memory_cache_take_used (user_data, root_name, key);
}

VlDiskWorker *
_vl_disk_worker_new (GObject *cache,
                     const char *folder_path,
                     VlMemoryCache *memory,
                     void (*changed) (GObject *cache))
{
  VlDiskWorker *self = g_new0 (VlDiskWorker, 1);

  self->ref_count = 1;
  self->lane = lane_get (folder_path);
  self->memory = g_object_ref (memory);
  self->home = _vl_handoff_get (NULL);
  g_weak_ref_init (&self->cache, cache);
  self->changed = changed;
  _vl_lock_init (&self->lock);
  g_queue_init (&self->queue);
  self->leases = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->clearing = g_ptr_array_new ();
  self->disk = _vl_disk_new (folder_path);
  self->disk->take_used = take_used;
  self->disk->used_data = memory;
  self->can_mark = TRUE;
  self->can_clear = TRUE;

  return self;
}

void
_vl_disk_worker_close (VlDiskWorker *self)
{
  _vl_executor_push (self->lane->executor, close_turn, self);
}

void
_vl_disk_worker_push (VlDiskWorker *self, VlDiskJob *job)
{
  gboolean wants = FALSE;
  gboolean in_memory;

  if (job->root != NULL && g_atomic_int_get (&self->has_front))
    job->front_lease = _vl_memory_cache_get_lease (self->memory, job->root);

  _vl_lock_acquire (&self->lock);
  in_memory = self->in_memory;
  if (!in_memory)
    {
      /* What is replaced is not to be had any more. */
      if (job->op == VL_DISK_STORE || job->op == VL_DISK_REMOVE)
        {
          self->n_changes++;
          _vl_memory_cache_drop (self->memory, job->root, job->key);
        }
      g_queue_push_tail (&self->queue, job);
      wants = wants_turn (self);
    }
  _vl_lock_release (&self->lock);
  if (wants)
    push_turn (self);
  if (!in_memory)
    return;

  _vl_disk_job_run_in_memory (job, self->memory);
  check_in_memory (self, job);
  _vl_disk_job_end_here (job);
}

gboolean
_vl_disk_worker_find (VlDiskWorker *self,
                      const char *root,
                      const char *key,
                      VlPage **page,
                      guint64 *lease)
{
  g_autoptr (VlPage) found = NULL;
  gboolean is_known = FALSE;
  guint64 front;
  Pair *pair;

  if (!g_atomic_int_get (&self->has_front))
    return FALSE;

  front = _vl_memory_cache_get_lease (self->memory, root);
  _vl_lock_acquire (&self->lock);
  pair = g_hash_table_lookup (self->leases, root);
  if (pair != NULL && pair->front == front && self->n_changes == 0)
    {
      is_known = TRUE;
      *lease = pair->file;
    }
  _vl_lock_release (&self->lock);
  if (!is_known || page == NULL)
    return is_known;

  found = _vl_memory_cache_find (self->memory, root, key);
  if (found == NULL || vl_page_get_is_stale (found))
    return FALSE;
  *page = g_steal_pointer (&found);

  return TRUE;
}

void
_vl_disk_worker_set_has_front (VlDiskWorker *self, gboolean has_front)
{
  g_atomic_int_set (&self->has_front, has_front);
}

void
_vl_disk_worker_set_max_bytes (VlDiskWorker *self, guint64 max_bytes)
{
  gboolean wants;

  _vl_lock_acquire (&self->lock);
  self->max_bytes = max_bytes;
  wants = !self->in_memory && wants_turn (self);
  _vl_lock_release (&self->lock);
  if (wants)
    push_turn (self);
}

void
_vl_disk_worker_set_max_batch (guint n_requests)
{
  max_batch = n_requests > 0 ? n_requests : MAX_BATCH;
}

guint64
_vl_disk_worker_get_n_bytes (VlDiskWorker *self)
{
  gboolean in_memory;
  guint64 n_bytes;

  _vl_lock_acquire (&self->lock);
  in_memory = self->error != NULL;
  n_bytes = self->n_bytes;
  _vl_lock_release (&self->lock);

  return in_memory ? vl_memory_cache_get_n_bytes (self->memory) : n_bytes;
}

guint
_vl_disk_worker_get_n_pages (VlDiskWorker *self)
{
  gboolean in_memory;
  guint n_pages;

  _vl_lock_acquire (&self->lock);
  in_memory = self->error != NULL;
  n_pages = self->n_pages;
  _vl_lock_release (&self->lock);

  return in_memory ? vl_memory_cache_get_n_pages (self->memory) : n_pages;
}

GError *
_vl_disk_worker_dup_error (VlDiskWorker *self)
{
  GError *error;

  _vl_lock_acquire (&self->lock);
  error = self->error != NULL ? g_error_copy (self->error) : NULL;
  _vl_lock_release (&self->lock);

  return error;
}
