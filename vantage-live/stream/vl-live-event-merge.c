/* vl-live-event-merge.c: making one event of many
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-live-event-private.h"

/* The ids of all, each once, or NULL when one of them does not know its, or when
 * there are too many. */
static GStrv
merge_ids (VlLiveEvent *const *events, guint n_events)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GStrvBuilder) merged = g_strv_builder_new ();

  for (guint i = 0; i < n_events; i++)
    {
      const char *const *ids = vl_live_event_get_ids (events[i]);

      if (ids == NULL || g_hash_table_size (seen) > VL_LIVE_EVENT_MAX_IDS)
        return NULL;
      for (guint j = 0; ids[j] != NULL; j++)
        {
          if (g_hash_table_add (seen, (gpointer) ids[j]))
            g_strv_builder_add (merged, ids[j]);
        }
    }

  return g_strv_builder_end (merged);
}

VlLiveEvent *
_vl_live_event_merge (VlLiveEvent *const *events, guint n_events)
{
  VlLiveEventKind kind = vl_live_event_get_kind (events[0]);
  VlOrigin origin = vl_live_event_get_origin (events[0]);
  VlRecord *record = vl_live_event_get_record (events[n_events - 1]);
  g_autoptr (VlLiveEvent) event = NULL;
  g_auto (GStrv) ids = NULL;

  if (n_events == 1)
    return g_object_ref (events[0]);

  for (guint i = 1; i < n_events; i++)
    {
      if (kind != vl_live_event_get_kind (events[i]))
        kind = VL_LIVE_EVENT_KIND_CHANGED;
      if (origin != vl_live_event_get_origin (events[i]))
        origin = VL_ORIGIN_OTHER;
    }
  ids = merge_ids (events, n_events);
  event = vl_live_event_new (kind, (const char *const *) ids);

  /* Several times the same record: the latest state of it is the one that
   * counts. */
  if (ids != NULL && g_strv_length (ids) == 1 && record != NULL)
    {
      g_autoptr (VlLiveEvent) bare = g_steal_pointer (&event);

      event = vl_live_event_with_record (bare, record);
    }

  return vl_live_event_with_origin (event, origin);
}
