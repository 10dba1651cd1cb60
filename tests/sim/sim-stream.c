/* sim-stream.c: events that come late, twice or never
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sim.h"

#define SIM_TYPE_STREAM (sim_stream_get_type ())
G_DECLARE_FINAL_TYPE (SimStream, sim_stream, SIM, STREAM, VlLiveStream)

/* A stream with a source, that the scheduler connects and disconnects. */
struct _SimStream
{
  VlLiveStream parent_instance;

  Sim *sim;
};

G_DEFINE_FINAL_TYPE (SimStream, sim_stream, VL_TYPE_LIVE_STREAM)

static void
sim_stream_start (VlLiveStream *stream)
{
  Sim *sim = SIM_STREAM (stream)->sim;

  sim_log (sim, "  stream starts");
  sim->stream_wanted = TRUE;
}

static void
sim_stream_stop (VlLiveStream *stream)
{
  Sim *sim = SIM_STREAM (stream)->sim;

  sim_log (sim, "  stream stops");
  sim->stream_wanted = FALSE;
  sim->stream_live = FALSE;
}

static void
sim_stream_class_init (SimStreamClass *klass)
{
  VL_LIVE_STREAM_CLASS (klass)->start = sim_stream_start;
  VL_LIVE_STREAM_CLASS (klass)->stop = sim_stream_stop;
}

static void
sim_stream_init (SimStream *self)
{
}

VlLiveStream *
sim_stream_new (Sim *sim)
{
  SimStream *self;

  if (!sim->config.connecting)
    {
      sim->stream_live = TRUE;
      return vl_live_stream_new ();
    }

  self = g_object_new (SIM_TYPE_STREAM, NULL);
  self->sim = sim;

  return VL_LIVE_STREAM (self);
}

/* The source sees a change, and will tell. */
void
sim_stream_note (Sim *sim, VlLiveEventKind kind, guint slot, const SimRow *row)
{
  const char *const ids[] = { sim_id (slot), NULL };
  g_autoptr (VlRecord) record = row->exists ? sim_row_to_record (row, slot) : NULL;
  VlLiveEvent *event;

  switch (sim_random_below (&sim->random, 3))
    {
    case 0:
      event = vl_live_event_new_changed ();
      break;
    case 1:
      event = vl_live_event_new (kind, ids);
      break;
    default:
      event = record == NULL ? vl_live_event_new_deleted (sim_id (slot))
              : kind == VL_LIVE_EVENT_KIND_INSERTED
                ? vl_live_event_new_inserted (record)
                : vl_live_event_new_updated (sim_id (slot), record);
      break;
    }
  g_ptr_array_add (sim->events, event);
}

static void
push (Sim *sim, VlLiveStream *stream, VlLiveEvent *event)
{
  gboolean was_in_push = sim->in_push;

  sim->counts[SIM_COUNT_EVENTS]++;
  sim->in_push = TRUE;
  vl_live_stream_push (stream, event);
  sim->in_push = was_in_push;
  sim_oracle_heard (sim, stream == sim->extra);
}

/* One of the events comes, in any order, perhaps twice; those that come while
 * nobody is connected are lost. */
void
sim_stream_deliver (Sim *sim, guint32 which)
{
  g_autoptr (VlLiveEvent) event = NULL;
  guint index;

  if (sim->events->len == 0)
    return;

  index = which % sim->events->len;
  event = g_object_ref (g_ptr_array_index (sim->events, index));
  if ((which >> 16) % 8 != 0)
    g_ptr_array_remove_index (sim->events, index);
  if (!sim->stream_live)
    {
      sim->stream_lost = TRUE;
      return;
    }

  sim_log (sim, "  event");
  push (sim, sim->stream, event);
}

void
sim_stream_push_now (Sim *sim, guint32 how)
{
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();
  gboolean extra = how % 3 == 0 || !sim->stream_live;

  sim_log (sim, "  push%s", extra ? " to the extra stream" : "");
  push (sim, extra ? sim->extra : sim->stream, event);
}

/* Tells of everything that it has not told of. */
void
sim_stream_gap (Sim *sim)
{
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();

  sim_log (sim, "  gap");
  g_ptr_array_set_size (sim->events, 0);
  push (sim, sim->stream, event);
  for (guint i = 0; i < sim->shells->len && !sim->config.follows; i++)
    {
      SimShell *shell = g_ptr_array_index (sim->shells, i);

      if (shell->table == NULL)
        continue;
      vl_live_table_invalidate (shell->table);
      sim_oracle_invalidated (sim, shell->core);
    }
}

void
sim_stream_set_live (Sim *sim)
{
  if (!sim->config.connecting || !sim->stream_wanted || sim->stream_live)
    return;

  sim_log (sim, "  stream is live");
  sim->counts[SIM_COUNT_GAPS]++;
  sim->stream_live = TRUE;
  vl_live_stream_report_live (sim->stream);
  sim_oracle_heard (sim, FALSE);
}

void
sim_stream_end (Sim *sim, guint32 how)
{
  g_autoptr (GError) error = g_error_new_literal (VL_ERROR, VL_ERROR_UNAVAILABLE, "gone");

  if (!sim->config.connecting || !sim->stream_wanted)
    return;

  sim_log (sim, "  stream ends");
  sim->stream_live = FALSE;
  sim->stream_wanted = FALSE;
  vl_live_stream_report_end (sim->stream, how % 2 == 0 ? error : NULL);
}
