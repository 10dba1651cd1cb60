/* sim-stream.c: events that come late, twice or never
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sim.h"

/* What an event tells of, among its data. */
#define VERSION "sim-version"

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

/* Pages are made right by what it tells: of each record in order, of all that
 * happens, and before the master answers anybody else with it. Others tell when
 * they like. */
static gboolean
is_orderly (Sim *sim)
{
  return sim->config.surgical != 0;
}

static void
add_event (Sim *sim, VlLiveEvent *event)
{
  g_object_set_data (G_OBJECT (event), VERSION,
                     GUINT_TO_POINTER (sim_data_get_version (sim->data)));
  g_ptr_array_add (sim->events, event);
}

static guint
get_version (VlLiveEvent *event)
{
  return GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (event), VERSION));
}

/* The source sees a change, and will tell. */
void
sim_stream_note (Sim *sim, VlLiveEventKind kind, guint slot, const SimRow *row)
{
  const char *const ids[] = { sim_id (slot), NULL };
  g_autoptr (VlRecord) record = row->exists ? sim_row_to_record (row, slot) : NULL;
  VlLiveEvent *event;

  switch (sim_random_below (&sim->random, is_orderly (sim) ? 12 : 3))
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
  add_event (sim, event);
}

/* A write was done that nobody waits for any more: who has made it may be gone
 * when the answer comes. */
void
sim_stream_tell_late (Sim *sim)
{
  if (is_orderly (sim))
    add_event (sim, vl_live_event_new_changed ());
  else
    sim->stream_lost = TRUE;
}

/* Nobody listens any more; who does later begins with what the master has. */
void
sim_stream_forget (Sim *sim)
{
  sim->stream_lost = !is_orderly (sim);
  if (is_orderly (sim))
    g_ptr_array_set_size (sim->events, 0);
}

/* Where the source is: it has told of all that it tells of up to there since it
 * became live. NULL when there is no saying. */
static char *
dup_position (Sim *sim)
{
  guint position = sim_data_get_version (sim->data);

  if (!sim->config.positions || !sim->stream_live)
    return NULL;

  for (guint i = 0; i < sim->events->len; i++)
    {
      guint version = get_version (g_ptr_array_index (sim->events, i));

      if (version > sim->stream_base)
        position = MIN (position, version - 1);
    }

  return g_strdup_printf ("at %u", position);
}

static void
push (Sim *sim, VlLiveStream *stream, VlLiveEvent *event, guint version)
{
  gboolean was_in_push = sim->in_push;

  sim->counts[SIM_COUNT_EVENTS]++;
  sim->in_push = TRUE;
  vl_live_stream_push (stream, event);
  sim->in_push = was_in_push;
  sim_oracle_heard (sim, stream == sim->extra, event, version);
}

/* An event that may say where it brings the source, or is followed by a word
 * about that. */
static void
push_at (Sim *sim, VlLiveEvent *event, guint32 how)
{
  g_autofree char *position = dup_position (sim);
  g_autoptr (VlLiveEvent) placed = NULL;
  guint version = get_version (event);

  if (position != NULL && how % 3 == 0)
    {
      placed = vl_live_event_with_position (event, position);
      event = placed;
    }
  push (sim, sim->stream, event, version);
  if (how % 3 == 1)
    sim_stream_report (sim);
}

/* The first event that tells of the same record. */
static guint
get_first (Sim *sim, guint index)
{
  const char *const *ids = vl_live_event_get_ids (g_ptr_array_index (sim->events, index));

  for (guint i = 0; i < index && ids != NULL && ids[0] != NULL && is_orderly (sim); i++)
    {
      const char *const *others = vl_live_event_get_ids (g_ptr_array_index (sim->events, i));

      if (others != NULL && g_strcmp0 (ids[0], others[0]) == 0)
        return i;
    }

  return index;
}

/* One of the events comes, in any order, perhaps twice; those that come while
 * nobody is connected are lost. */
static void
deliver (Sim *sim, guint index, gboolean stays, guint32 how)
{
  g_autoptr (VlLiveEvent) event = g_object_ref (g_ptr_array_index (sim->events, index));

  if (!stays)
    g_ptr_array_remove_index (sim->events, index);
  if (!sim->stream_live)
    {
      sim->stream_lost = TRUE;
      return;
    }

  sim_log (sim, "  event of version %u", get_version (event));
  push_at (sim, event, how);
}

void
sim_stream_deliver (Sim *sim, guint32 which)
{
  if (sim->events->len > 0)
    deliver (sim, get_first (sim, which % sim->events->len), (which >> 16) % 8 == 0, which >> 20);
}

/* Where pages are made right by it, the stream tells of a change before the master
 * says anything that has it in it. */
void
sim_stream_deliver_until (Sim *sim, guint version)
{
  for (guint i = 0; i < sim->events->len && is_orderly (sim);)
    {
      if (get_version (g_ptr_array_index (sim->events, i)) > version)
        i++;
      else
        deliver (sim, get_first (sim, i), FALSE, i);
    }
}

void
sim_stream_push_now (Sim *sim, guint32 how)
{
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();
  gboolean extra = how % 3 == 0 || !sim->stream_live;

  sim_log (sim, "  push%s", extra ? " to the extra stream" : "");
  push (sim, extra ? sim->extra : sim->stream, event, 0);
}

/* Tells of everything that it has not told of. */
void
sim_stream_gap (Sim *sim)
{
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();

  sim_stream_deliver_until (sim, G_MAXUINT);
  if (is_orderly (sim) && !sim->stream_lost && sim->config.follows)
    return;

  sim_log (sim, "  gap");
  g_ptr_array_set_size (sim->events, 0);
  push (sim, sim->stream, event, 0);
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
  g_autofree char *position = NULL;

  if (!sim->config.connecting || !sim->stream_wanted || sim->stream_live)
    return;

  sim->counts[SIM_COUNT_GAPS]++;
  sim->stream_live = TRUE;
  sim->stream_base = sim_data_get_version (sim->data);
  /* What has happened until now is known with that. */
  if (is_orderly (sim))
    sim_stream_forget (sim);
  position = dup_position (sim);
  sim_log (sim, "  stream is live %s", position != NULL ? position : "");
  vl_live_stream_report_live_at (sim->stream, position);
  sim_oracle_live (sim);
}

/* For those who come now: one that everybody has left is not any more, though
 * its source has not been told yet. */
gboolean
sim_stream_is_live (Sim *sim)
{
  return !sim->config.connecting ||
         vl_live_stream_get_state (sim->stream) == VL_LIVE_STREAM_STATE_LIVE;
}

/* Says where the source is. */
void
sim_stream_report (Sim *sim)
{
  g_autofree char *position = dup_position (sim);

  if (position == NULL)
    return;

  sim_log (sim, "  stream is %s", position);
  sim->counts[SIM_COUNT_POSITIONS]++;
  vl_live_stream_report_position (sim->stream, position);
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
