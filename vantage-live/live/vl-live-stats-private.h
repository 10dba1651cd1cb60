/* vl-live-stats-private.h: the counters, for those who count
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-live-stats.h"

#include "../table/vl-page-tally-private.h"

G_BEGIN_DECLS

/* Counted and read at home. */
struct _VlLiveStats
{
  GObject parent_instance;

  guint64 hits;
  guint64 misses;
  guint64 stale_hits;
  guint64 joins;
  guint64 fetches;
  guint64 refused_fills;
  guint64 repeats;
  guint64 events;
  guint64 writes;
  guint64 failed_writes;
  VlPageTally *redundant; /* pages; other threads count too */
  guint64 laid_over;      /* events that were no reason to ask again */
  guint64 torn_windows;   /* whose pages contradicted what was known besides */
};

VlLiveStats *_vl_live_stats_new (void);

G_END_DECLS
