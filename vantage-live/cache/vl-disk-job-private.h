/* vl-disk-job-private.h: one request of a cache on disk
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../base/vl-handoff-private.h"
#include "../table/vl-reply-private.h"
#include "vl-cache.h"
#include "vl-memory-cache.h"

G_BEGIN_DECLS

typedef enum
{
  VL_DISK_LOOKUP,
  VL_DISK_STORE,
  VL_DISK_REMOVE,
  VL_DISK_INVALIDATE,
  VL_DISK_CLEAR,
  VL_DISK_GET_LEASE,
  VL_DISK_OPEN,
  VL_DISK_CLOSE,
} VlDiskOp;

/* One request. */
typedef struct
{
  VlDiskOp op;
  const char *root; /* NULL = all, to clear */
  const char *key;  /* of a lookup, store or remove */
  VlPage *page;
  guint64 lease;
  VlReply *reply;   /* what is answered, or */
  VlFlight *flight; /* that of a lookup without a reply */

  /* The lease of the memory in front when the request was made: what it brings
   * is fresh there only if nothing was invalidated since. */
  guint64 front_lease;

  VlHandoff *home;   /* where `invalidated` is emitted, for invalidate and clear */
  GWeakRef *emitter; /* the cache */

  /* What came of it. */
  VlPage *found;
  gboolean fresh;
  guint64 generation;
  GError *error;

  char text[]; /* of root and key */
} VlDiskJob;

VlDiskJob *_vl_disk_job_new (VlDiskOp op, const char *root, const char *key, VlReply *reply);
VlDiskJob *_vl_disk_job_new_lookup (const char *root, const char *key, VlFlight *flight);

/* At home: `cache` emits `invalidated` there before the job is answered. */
void _vl_disk_job_emits (VlDiskJob *job, VlCache *cache);

/* Forgets what came of it. */
void _vl_disk_job_reset (VlDiskJob *job);

/* Does it with the memory in place of the file. */
void _vl_disk_job_run_in_memory (VlDiskJob *job, VlMemoryCache *memory);

/* Gives the memory in front what the file has, if it `fills` at all. */
void _vl_disk_job_fill (VlDiskJob *job, VlMemoryCache *front, gboolean fills);

/* Answers it and frees it: from any thread, or at home. */
void _vl_disk_job_end (VlDiskJob *job);
void _vl_disk_job_end_here (VlDiskJob *job);

G_END_DECLS
