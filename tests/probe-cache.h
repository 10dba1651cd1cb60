/* probe-cache.h: a cache that tests look into, bound to its thread
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

#define PROBE_TYPE_CACHE (probe_cache_get_type ())

G_DECLARE_FINAL_TYPE (ProbeCache, probe_cache, PROBE, CACHE, GObject)

/* A memory cache as a script would see it: the vfuncs, dispose and finalize
 * all have to run on the thread that made it. It has a crash mark, and answers
 * an invalidation when the test wants it to. */
struct _ProbeCache
{
  GObject parent_instance;

  GThread *home;
  VlCache *target;

  gboolean holds_invalidate;
  gboolean holds_open;
  guint n_invalidate_errors; /* so many of the next ones fail */
  guint n_store_errors;      /* likewise */
  guint n_open_errors;       /* likewise */
  GString *trace;            /* where "open", "close" and "invalidate" are told; not owned */
  GPtrArray *held;           /* of HeldRoot */

  guint n_invalidated; /* told to, answered or not */
  guint n_opened;
  guint n_closed;
  guint n_peeked;
};

ProbeCache *probe_cache_new (void);

/* Lets the first call that is held through. */
void probe_cache_answer (ProbeCache *self);

/* How many there are in this process. */
guint probe_cache_get_n_alive (void);
