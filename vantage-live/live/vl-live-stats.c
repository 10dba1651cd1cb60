/* vl-live-stats.c: what a live table has counted
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-live-stats-private.h"

/**
 * VlLiveStats:
 *
 * What a [class@LiveTable] has counted since it was made.
 *
 * Live tables that share a cache, a cache key and a master share their
 * counters. They are plain numbers without notification; read them on the
 * thread that made the live table. Tests can assert them, unlike times.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (VlLiveStats, vl_live_stats, G_TYPE_OBJECT)

static void
vl_live_stats_finalize (GObject *object)
{
  g_clear_pointer (&VL_LIVE_STATS (object)->redundant, _vl_page_tally_unref);

  G_OBJECT_CLASS (vl_live_stats_parent_class)->finalize (object);
}

static void
vl_live_stats_class_init (VlLiveStatsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = vl_live_stats_finalize;
}

static void
vl_live_stats_init (VlLiveStats *self)
{
  self->redundant = _vl_page_tally_new ();
}

VlLiveStats *
_vl_live_stats_new (void)
{
  return g_object_new (VL_TYPE_LIVE_STATS, NULL);
}

/**
 * vl_live_stats_get_hits:
 * @self: the counters of a live table
 *
 * Gets how many reads were answered from a fresh copy.
 *
 * A read of several pages counts each of them.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint64
vl_live_stats_get_hits (VlLiveStats *self)
{
  g_return_val_if_fail (VL_IS_LIVE_STATS (self), 0);

  return self->hits;
}

/**
 * vl_live_stats_get_misses:
 * @self: the counters of a live table
 *
 * Gets how many reads had to ask the master.
 *
 * Those that shared somebody else's fetch are counted by
 * [method@LiveStats.get_joins] instead.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint64
vl_live_stats_get_misses (VlLiveStats *self)
{
  g_return_val_if_fail (VL_IS_LIVE_STATS (self), 0);

  return self->misses;
}

/**
 * vl_live_stats_get_stale_hits:
 * @self: the counters of a live table
 *
 * Gets how many reads were answered from a stale copy.
 *
 * Each was flagged as stale.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint64
vl_live_stats_get_stale_hits (VlLiveStats *self)
{
  g_return_val_if_fail (VL_IS_LIVE_STATS (self), 0);

  return self->stale_hits;
}

/**
 * vl_live_stats_get_joins:
 * @self: the counters of a live table
 *
 * Gets how many reads shared a fetch that was under way for another.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint64
vl_live_stats_get_joins (VlLiveStats *self)
{
  g_return_val_if_fail (VL_IS_LIVE_STATS (self), 0);

  return self->joins;
}

/**
 * vl_live_stats_get_fetches:
 * @self: the counters of a live table
 *
 * Gets how many reads were sent to the master.
 *
 * Refreshes behind the readers are among them.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint64
vl_live_stats_get_fetches (VlLiveStats *self)
{
  g_return_val_if_fail (VL_IS_LIVE_STATS (self), 0);

  return self->fetches;
}

/**
 * vl_live_stats_get_refused_fills:
 * @self: the counters of a live table
 *
 * Gets how many fetches were stored as stale.
 *
 * They had begun before an invalidation.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint64
vl_live_stats_get_refused_fills (VlLiveStats *self)
{
  g_return_val_if_fail (VL_IS_LIVE_STATS (self), 0);

  return self->refused_fills;
}

/**
 * vl_live_stats_get_repeats:
 * @self: the counters of a live table
 *
 * Gets how many fetches were needless.
 *
 * Such a fetch is of a key whose last fetch was stored, and neither
 * invalidated, expired nor evicted, while nobody asked for what the master has
 * now, as a refresh does.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint64
vl_live_stats_get_repeats (VlLiveStats *self)
{
  g_return_val_if_fail (VL_IS_LIVE_STATS (self), 0);

  return self->repeats;
}

/**
 * vl_live_stats_get_redundant:
 * @self: the counters of a live table
 *
 * Gets how many pages were fetched for nothing.
 *
 * Such a page came from the master and is in memory no more, neither in a list
 * nor in the cache nor with anybody else, and no record of it was ever asked
 * for. What is read ahead and not scrolled to ends like that. A page without
 * records is not counted, nor one that another live table has fetched from this
 * one, which counts it itself. A copy that a cache has written to disk does not
 * keep a page from being counted.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint64
vl_live_stats_get_redundant (VlLiveStats *self)
{
  g_return_val_if_fail (VL_IS_LIVE_STATS (self), 0);

  return _vl_page_tally_get (self->redundant);
}

/**
 * vl_live_stats_get_events:
 * @self: the counters of a live table
 *
 * Gets how many events were heard from streams and other live tables.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint64
vl_live_stats_get_events (VlLiveStats *self)
{
  g_return_val_if_fail (VL_IS_LIVE_STATS (self), 0);

  return self->events;
}

/**
 * vl_live_stats_get_writes:
 * @self: the counters of a live table
 *
 * Gets how many writes were applied.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint64
vl_live_stats_get_writes (VlLiveStats *self)
{
  g_return_val_if_fail (VL_IS_LIVE_STATS (self), 0);

  return self->writes;
}

/**
 * vl_live_stats_get_failed_writes:
 * @self: the counters of a live table
 *
 * Gets how many writes failed.
 *
 * Writes that were withdrawn before they were sent are not among them.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint64
vl_live_stats_get_failed_writes (VlLiveStats *self)
{
  g_return_val_if_fail (VL_IS_LIVE_STATS (self), 0);

  return self->failed_writes;
}
