/* vl-live-table-sources.c: the streams that a live table listens to
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-live-table-private.h"

/* From any thread. */
static void
source_heard (VlLiveEvent *event, gpointer user_data)
{
  _vl_live_core_hear (user_data, event);
}

void
_vl_live_table_attach (VlLiveTable *self, VlLiveStream *stream)
{
  VlLiveSource source = { g_object_ref (stream), NULL };

  source.sink = _vl_live_stream_attach (stream, source_heard, _vl_live_core_ref (self->core),
                                        (GDestroyNotify) _vl_live_core_unref);
  g_array_append_val (self->sources, source);
}

/* Gives what belongs to home back there, whatever thread this is. */
static void
unref_at_home (gpointer user_data, gboolean orphaned)
{
  g_object_unref (user_data);
}

void
_vl_live_table_give_back (VlLiveTable *self, gpointer object)
{
  if (_vl_live_core_is_home (self->core))
    g_object_unref (object);
  else
    _vl_handoff_post (self->core->home, unref_at_home, object);
}

static void
source_clear (VlLiveTable *self, VlLiveSource *source)
{
  g_clear_pointer (&source->sink, _vl_live_stream_detach);
  _vl_live_table_give_back (self, g_steal_pointer (&source->stream));
}

void
_vl_live_table_detach (VlLiveTable *self, VlLiveStream *stream)
{
  for (guint i = 0; i < self->sources->len; i++)
    {
      VlLiveSource source = g_array_index (self->sources, VlLiveSource, i);

      if (source.stream != stream)
        continue;
      g_array_remove_index (self->sources, i);
      source_clear (self, &source);
      return;
    }
}

void
_vl_live_table_detach_all (VlLiveTable *self)
{
  while (self->sources->len > 0)
    {
      VlLiveSource source = g_array_index (self->sources, VlLiveSource, 0);

      g_array_remove_index (self->sources, 0);
      source_clear (self, &source);
    }
}
