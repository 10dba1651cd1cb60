/* vl-disk-worker-private.h: the thread that a cache on disk works on
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-disk-job-private.h"

G_BEGIN_DECLS

/* Requests are done in the order they were made, many in one transaction, and
 * answered once that is over. When the file cannot be used, or not any more,
 * the memory takes its place. */
typedef struct _VlDiskWorker VlDiskWorker;

/* The cache is told by a `changed` at home that it works from memory alone. */
VlDiskWorker *_vl_disk_worker_new (GObject *cache,
                                   const char *folder_path,
                                   VlMemoryCache *memory,
                                   void (*changed) (GObject *cache));

/* From any thread: what is queued is still done, then the file is closed. */
void _vl_disk_worker_close (VlDiskWorker *self);

/* From any thread. Takes the job. */
void _vl_disk_worker_push (VlDiskWorker *self, VlDiskJob *job);

/* From any thread: TRUE with what the memory in front has, if that is what a
 * lookup queued now would find. `page` NULL asks for the lease alone. */
gboolean _vl_disk_worker_find (VlDiskWorker *self,
                               const char *root,
                               const char *key,
                               VlPage **page,
                               guint64 *lease);

void _vl_disk_worker_set_has_front (VlDiskWorker *self, gboolean has_front);

/* Begins to work, too. */
void _vl_disk_worker_set_max_bytes (VlDiskWorker *self, guint64 max_bytes);

/* Of all caches: how many requests go into one transaction, 0 = as usual. With
 * one there is a moment between any two in which a process may end. For tests,
 * before there is a cache. */
void _vl_disk_worker_set_max_batch (guint n_requests);

guint64 _vl_disk_worker_get_n_bytes (VlDiskWorker *self);
guint _vl_disk_worker_get_n_pages (VlDiskWorker *self);

/* NULL = works with the file, as far as is known. */
GError *_vl_disk_worker_dup_error (VlDiskWorker *self);

G_END_DECLS
