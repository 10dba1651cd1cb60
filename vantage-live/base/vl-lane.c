/* vl-lane.c: those who use one file, one after the other on one thread
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-lane-private.h"

#include "vl-file-private.h"
#include "vl-lock-private.h"

struct _VlLane
{
  char *path; /* absolute, without links */
  VlExecutor *executor;
  guint n_users; /* under the lock */
};

static VlLock lanes_lock;
static GHashTable *lanes; /* path -> VlLane; under the lock */

VlLane *
_vl_lane_enter (const char *path, const char *thread_name)
{
  g_autofree char *canonical = _vl_file_canonical_path (path);
  VlLane *self;

  _vl_lock_acquire (&lanes_lock);
  if (lanes == NULL)
    lanes = g_hash_table_new (g_str_hash, g_str_equal);
  self = g_hash_table_lookup (lanes, canonical);
  if (self == NULL)
    {
      self = g_new0 (VlLane, 1);
      self->path = g_steal_pointer (&canonical);
      self->executor = _vl_executor_new (thread_name);
      g_hash_table_insert (lanes, self->path, self);
    }
  self->n_users++;
  _vl_lock_release (&lanes_lock);

  return self;
}

void
_vl_lane_leave (VlLane *self)
{
  gboolean is_last;

  _vl_lock_acquire (&lanes_lock);
  is_last = --self->n_users == 0;
  if (is_last)
    g_hash_table_remove (lanes, self->path);
  _vl_lock_release (&lanes_lock);
  if (!is_last)
    return;

  _vl_executor_unref (self->executor);
  g_free (self->path);
  g_free (self);
}

VlExecutor *
_vl_lane_get_executor (VlLane *self)
{
  return self->executor;
}
