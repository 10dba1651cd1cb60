/* vl-live-pace.c: how the last fetches of each key went
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A stream that is busier than the master is quick overtakes every fetch. If
 * each reader began one anew, the master would be asked without end and nobody
 * would see a page: such a key rests between two fetches.
 */

#include "vl-config.h"

#include "vl-live-pace-private.h"

#include "../cache/vl-memory-cache.h"
#include "../cache/vl-null-cache.h"
#include "../table/vl-page.h"

/* A key rests when this many of its fetches in a row were overtaken. */
#define OVERTAKEN_MAX 2

/* From one fetch to the next of a key that rests: at least this, or twice what
 * the last one took; microseconds. */
#define REST_MIN (200 * 1000)

/* So many keys are remembered; more are forgotten at once, which costs nothing
 * but a fetch too many now and then. */
#define KEYS_MAX 16384

void
_vl_pace_free (gpointer data)
{
  VlPace *pace = data;

  _vl_timer_clear (&pace->due);
  g_clear_object (&pace->query);
  g_free (pace->key);
  g_free (pace->id);
  g_free (pace);
}

static gboolean
is_forgettable (gpointer key, gpointer value, gpointer user_data)
{
  VlPace *pace = value;

  return pace->due == NULL;
}

VlPace *
_vl_pace_get (VlLiveCore *core, const char *key)
{
  VlPace *pace = g_hash_table_lookup (core->reader.keys, key);

  if (pace != NULL)
    return pace;

  if (g_hash_table_size (core->reader.keys) >= KEYS_MAX)
    g_hash_table_foreach_remove (core->reader.keys, is_forgettable, NULL);

  pace = g_new0 (VlPace, 1);
  g_hash_table_insert (core->reader.keys, g_strdup (key), pace);

  return pace;
}

guint
_vl_pace_get_rest (VlLiveCore *core, const char *key)
{
  VlPace *pace = g_hash_table_lookup (core->reader.keys, key);
  gint64 until;

  /* Whoever writes does not get to see what was before. */
  if (pace == NULL || pace->n_overtaken < OVERTAKEN_MAX ||
      pace->stored_epoch < core->writer.written)
    return 0;

  until = pace->began + MAX (REST_MIN, 2 * pace->duration);

  return (guint) MAX ((until - _vl_clock_monotonic () + 999) / 1000, 0);
}

gint64
_vl_pace_begin (VlLiveCore *core, const char *key)
{
  VlPace *pace = _vl_pace_get (core, key);

  pace->began = _vl_clock_monotonic ();

  return pace->began;
}

/* Counted when it happens: with a slow master many readers would have begun
 * anew until the first fetch is over. */
void
_vl_pace_overtaken (VlLiveCore *core, const char *key)
{
  _vl_pace_get (core, key)->n_overtaken++;
}

void
_vl_pace_end (VlLiveCore *core, const char *key, gint64 began, gboolean overtaken)
{
  VlPace *pace = _vl_pace_get (core, key);

  pace->duration = _vl_clock_monotonic () - began;
  if (!overtaken)
    pace->n_overtaken = 0;
}

static guint64
get_n_evicted (VlLiveCore *core)
{
  return VL_IS_MEMORY_CACHE (core->cache)
           ? vl_memory_cache_get_n_evicted (VL_MEMORY_CACHE (core->cache))
           : 0;
}

void
_vl_pace_stored (VlLiveCore *core, const char *key, VlPage *page, guint64 lease, guint64 epoch)
{
  VlPace *pace = _vl_pace_get (core, key);

  pace->is_stored = !VL_IS_NULL_CACHE (core->cache);
  pace->stored_epoch = epoch;
  pace->stored_at = vl_page_get_fetched_at (page);
  pace->n_evicted = get_n_evicted (core);
  _vl_live_position_stored (core, lease, epoch);
}

gboolean
_vl_pace_is_own (VlLiveCore *core, const char *key, VlPage *page)
{
  VlPace *pace = g_hash_table_lookup (core->reader.keys, key);

  return pace != NULL && pace->is_stored && pace->stored_epoch == core->gate.epoch &&
         pace->stored_at == vl_page_get_fetched_at (page);
}

gboolean
_vl_pace_is_outdone (VlLiveCore *core, const char *key, guint64 epoch)
{
  VlPace *pace = g_hash_table_lookup (core->reader.keys, key);

  return pace != NULL && pace->is_stored && pace->stored_epoch > epoch;
}

gboolean
_vl_pace_should_be_cached (VlLiveCore *core, const char *key)
{
  VlPace *pace = g_hash_table_lookup (core->reader.keys, key);

  return pace != NULL && pace->is_stored && pace->stored_epoch == core->gate.epoch &&
         pace->n_evicted == get_n_evicted (core);
}
