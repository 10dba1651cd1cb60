/* vl-live-event-merge.c: making one event of two
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-live-event-private.h"

/* The ids of both, each once, or NULL when one of them does not know its. */
static GStrv
merge_ids (VlLiveEvent *first, VlLiveEvent *second)
{
  const char *const *parts[] = { vl_live_event_get_ids (first), vl_live_event_get_ids (second) };
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      if (parts[i] == NULL)
        return NULL;
      for (guint j = 0; parts[i][j] != NULL; j++)
        {
          if (g_hash_table_add (seen, (gpointer) parts[i][j]))
            g_strv_builder_add (ids, parts[i][j]);
        }
    }

  return g_strv_builder_end (ids);
}

VlLiveEvent *
_vl_live_event_merge (VlLiveEvent *first, VlLiveEvent *second)
{
  VlLiveEventKind kind = vl_live_event_get_kind (first);
  g_auto (GStrv) ids = merge_ids (first, second);
  g_autoptr (VlLiveEvent) event = NULL;
  VlOrigin origin = vl_live_event_get_origin (first);

  if (kind != vl_live_event_get_kind (second))
    kind = VL_LIVE_EVENT_KIND_CHANGED;
  if (origin != vl_live_event_get_origin (second))
    origin = VL_ORIGIN_OTHER;
  event = vl_live_event_new (kind, (const char *const *) ids);

  /* Twice the same record: the later state of it is the one that counts. */
  if (ids != NULL && g_strv_length (ids) == 1 && vl_live_event_get_record (second) != NULL)
    {
      g_autoptr (VlLiveEvent) bare = g_steal_pointer (&event);

      event = vl_live_event_with_record (bare, vl_live_event_get_record (second));
    }

  return vl_live_event_with_origin (event, origin);
}
