/* vl-live-table-sources.c: the streams that a live table listens to
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Live tables that share a core share their ears: a stream that one of them
 * follows already is not attached again, since each attachment begins with a
 * gap, and a gap makes stale what is cached for all of them.
 */

#include "vl-config.h"

#include "vl-live-table-private.h"

/* A stream, and how many shells listen to it; belongs to the core. */
struct _VlLiveSource
{
  VlLiveStream *stream;
  VlStreamSink *sink;
  guint n_shells; /* under the core's lock of the sources */
};

/* From any thread. */
static void
source_heard (VlLiveEvent *event, gpointer user_data)
{
  _vl_live_core_hear (user_data, event);
}

/* At home. The source of a stream that is listened to, with one more shell. */
static VlLiveSource *
find_source (VlLiveCore *core, VlLiveStream *stream)
{
  VlLiveSource *found = NULL;

  _vl_lock_acquire (&core->sources_lock);
  for (guint i = 0; i < core->sources->len && found == NULL; i++)
    {
      VlLiveSource *source = g_ptr_array_index (core->sources, i);

      if (source->stream == stream)
        found = source;
    }
  if (found != NULL)
    found->n_shells++;
  _vl_lock_release (&core->sources_lock);

  return found;
}

void
_vl_live_table_attach (VlLiveTable *self, VlLiveStream *stream)
{
  VlLiveCore *core = self->core;
  VlLiveSource *source = find_source (core, stream);

  if (source == NULL)
    {
      source = g_new0 (VlLiveSource, 1);
      source->stream = g_object_ref (stream);
      source->n_shells = 1;
      source->sink = _vl_live_stream_attach (stream, source_heard, _vl_live_core_ref (core),
                                             (GDestroyNotify) _vl_live_core_unref);
      _vl_lock_acquire (&core->sources_lock);
      g_ptr_array_add (core->sources, source);
      _vl_lock_release (&core->sources_lock);
    }
  g_ptr_array_add (self->sources, source);
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
  if (_vl_live_core_is_home_thread (self->core))
    g_object_unref (object);
  else
    _vl_handoff_post (self->core->home, unref_at_home, object);
}

static void
source_drop (VlLiveTable *self, VlLiveSource *source)
{
  VlLiveCore *core = self->core;
  gboolean last;

  _vl_lock_acquire (&core->sources_lock);
  last = --source->n_shells == 0;
  if (last)
    g_ptr_array_remove_fast (core->sources, source);
  _vl_lock_release (&core->sources_lock);

  if (!last)
    return;

  _vl_live_stream_detach (source->sink);
  _vl_live_table_give_back (self, source->stream);
  g_free (source);
}

void
_vl_live_table_detach (VlLiveTable *self, VlLiveStream *stream)
{
  for (guint i = 0; i < self->sources->len; i++)
    {
      VlLiveSource *source = g_ptr_array_index (self->sources, i);

      if (source->stream != stream)
        continue;
      g_ptr_array_remove_index (self->sources, i);
      source_drop (self, source);
      return;
    }
}

void
_vl_live_table_detach_all (VlLiveTable *self)
{
  while (self->sources->len > 0)
    source_drop (self, g_ptr_array_steal_index (self->sources, 0));
}
