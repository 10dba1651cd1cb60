/* vl-live-table-sources.c: the streams that a live table listens to
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Live tables that share a core share their ears: a stream that one of them
 * follows already is not attached again, since each attachment begins with a
 * gap, and a gap makes stale what is cached for all of them. The first one is
 * the one whose positions count; see vl-live-position.c.
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

/* What the sink of a source needs; belongs to the sink. */
typedef struct
{
  VlLiveCore *core;
  gboolean is_first; /* its positions count */
} Ear;

static void
ear_free (gpointer data)
{
  Ear *ear = data;

  _vl_live_core_unref (ear->core);
  g_free (ear);
}

static VlWordKind
word_kind (VlStreamWordKind kind)
{
  switch (kind)
    {
    case VL_STREAM_GAP:
      return VL_WORD_GAP;
    case VL_STREAM_REACHED:
      return VL_WORD_REACHED;
    case VL_STREAM_ENDED:
      return VL_WORD_ENDED;
    case VL_STREAM_EVENT:
    default:
      return VL_WORD_EVENT;
    }
}

/* From any thread. */
static void
source_heard (const VlStreamWord *word, gpointer user_data)
{
  Ear *ear = user_data;

  if (ear->is_first)
    _vl_live_core_hear_word (ear->core, word_kind (word->kind), word->event, word->position);
  else if (word->event != NULL)
    _vl_live_core_hear (ear->core, word->event);
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

/* At home. A stream that nobody listens to yet. */
static VlLiveSource *
source_new (VlLiveCore *core, VlLiveStream *stream)
{
  VlLiveSource *source = g_new0 (VlLiveSource, 1);
  Ear *ear = g_new0 (Ear, 1);

  source->stream = g_object_ref (stream);
  source->n_shells = 1;
  ear->core = _vl_live_core_ref (core);
  _vl_lock_acquire (&core->sources_lock);
  g_ptr_array_add (core->sources, source);
  ear->is_first = core->first == NULL;
  if (ear->is_first)
    core->first = source;
  _vl_lock_release (&core->sources_lock);

  if (ear->is_first)
    _vl_live_core_hear_word (core, VL_WORD_ATTACHED, NULL,
                             _vl_live_stream_get_source_name (stream));
  source->sink = _vl_live_stream_attach_words (stream, source_heard, ear, ear_free);

  return source;
}

void
_vl_live_table_attach (VlLiveTable *self, VlLiveStream *stream)
{
  VlLiveSource *source = find_source (self->core, stream);

  if (source == NULL)
    source = source_new (self->core, stream);
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

/* From any thread: what the first stream was waited for need not be any more. */
static void
tell_left (VlLiveCore *core, VlWordKind kind)
{
  if (!_vl_live_core_is_home_thread (core) || core->position.trust != VL_TRUST_ALL ||
      core->position.is_awaited || core->position.gap != NULL ||
      g_atomic_int_get (&core->inbox_filled))
    _vl_live_core_hear_word (core, kind, NULL, NULL);
}

static void
source_drop (VlLiveTable *self, VlLiveSource *source, VlWordKind kind)
{
  VlLiveCore *core = self->core;
  gboolean last;
  gboolean was_first;

  _vl_lock_acquire (&core->sources_lock);
  last = --source->n_shells == 0;
  was_first = last && core->first == source;
  if (was_first)
    core->first = NULL;
  if (last)
    g_ptr_array_remove_fast (core->sources, source);
  _vl_lock_release (&core->sources_lock);

  if (!last)
    return;

  _vl_live_stream_detach (source->sink);
  if (was_first)
    tell_left (core, kind);
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
      source_drop (self, source, VL_WORD_LEFT);
      return;
    }
}

void
_vl_live_table_detach_all (VlLiveTable *self)
{
  while (self->sources->len > 0)
    source_drop (self, g_ptr_array_steal_index (self->sources, 0), VL_WORD_CLOSED);
}
