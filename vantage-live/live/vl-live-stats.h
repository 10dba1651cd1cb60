/* vl-live-stats.h: what a live table has counted
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_LIVE_STATS (vl_live_stats_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlLiveStats, vl_live_stats, VL, LIVE_STATS, GObject)

VL_AVAILABLE_IN_1_0
guint64 vl_live_stats_get_hits (VlLiveStats *self);
VL_AVAILABLE_IN_1_0
guint64 vl_live_stats_get_misses (VlLiveStats *self);
VL_AVAILABLE_IN_1_0
guint64 vl_live_stats_get_stale_hits (VlLiveStats *self);
VL_AVAILABLE_IN_1_0
guint64 vl_live_stats_get_joins (VlLiveStats *self);
VL_AVAILABLE_IN_1_0
guint64 vl_live_stats_get_fetches (VlLiveStats *self);
VL_AVAILABLE_IN_1_0
guint64 vl_live_stats_get_refused_fills (VlLiveStats *self);
VL_AVAILABLE_IN_1_0
guint64 vl_live_stats_get_repeats (VlLiveStats *self);
VL_AVAILABLE_IN_1_0
guint64 vl_live_stats_get_redundant (VlLiveStats *self);
VL_AVAILABLE_IN_1_0
guint64 vl_live_stats_get_events (VlLiveStats *self);
VL_AVAILABLE_IN_1_0
guint64 vl_live_stats_get_writes (VlLiveStats *self);
VL_AVAILABLE_IN_1_0
guint64 vl_live_stats_get_failed_writes (VlLiveStats *self);

G_END_DECLS
