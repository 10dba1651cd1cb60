/* vl-live-mark.c: the mark of a root that a later process must not trust
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * It is set before a write is sent, and behind the first fact that is laid over
 * what is cached: pages that lack a fact are right only as long as this process
 * lives. What has become of a write that nobody saw cannot be told afterwards, so
 * writes wait for the mark. An event does not, nor do those who read: a process
 * that dies before the mark is on the disk could as well have died before the
 * event came.
 *
 * Everything here runs at home.
 */

#include "vl-config.h"

#include "vl-live-core-private.h"

#include "../base/vl-log-private.h"
#include "../cache/vl-cache-private.h"

/* A cache that could not set it is not asked for it again on account of events for
 * so long; microseconds. */
#define MARK_REST (30 * G_USEC_PER_SEC)

static void
closed_mark (VlAnswer *answer, gpointer user_data)
{
  _vl_live_core_unref (user_data);
}

/* Not while an invalidation waits for the one before it, or is to be tried
 * again: it takes the mark away, and until then the mark stands for it. Nor
 * while another mark is on its way, which would seem to be set afterwards. And
 * pages that facts are laid over are not what they should be on disk. Neither may
 * those be that are read after a write which nobody has answered for: it may be on
 * its way still, and a database may find after a crash what it could not commit. */
void
_vl_writer_close_mark (VlLiveCore *core)
{
  VlWriter *writer = &core->writer;
  VlFlight *flight;

  if (!writer->is_marked || writer->sent != NULL || writer->n_marking > 0 || core->gate.wanted ||
      core->gate.state == VL_GATE_BYPASSED || core->has_surgical || writer->is_unsure)
    return;

  writer->is_marked = FALSE;
  flight = _vl_cache_send_close (core->cache, core->root, core->timeout, closed_mark,
                                 _vl_live_core_ref (core), (GDestroyNotify) _vl_live_core_unref);
  g_clear_pointer (&flight, _vl_flight_unref);
}

/* TRUE when the writer can go on: no other mark is on its way. */
static gboolean
take_mark (VlLiveCore *core, const GError *error)
{
  VlWriter *writer = &core->writer;

  if (error != NULL)
    _vl_log_warning ("The cache could not note that something has changed: %s", error->message);
  writer->is_unnoted = error != NULL;
  writer->mark_again = error != NULL ? _vl_clock_monotonic () + MARK_REST : 0;
  /* What facts make right would not be known of after a crash. */
  if (writer->is_unnoted && core->has_surgical)
    _vl_gate_invalidate (core, FALSE, NULL, NULL);

  /* One that was overtaken by an invalidation says nothing; another follows. */
  if (--writer->n_marking > 0)
    return FALSE;

  writer->is_marked = TRUE;

  return TRUE;
}

static void
marked (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (VlLiveCore) core = user_data;

  if (take_mark (core, answer->error))
    _vl_writer_pump (core);
}

/* It may come at once, while somebody waits for what was told to be taken in:
 * what the queue does calls others. */
static void
marked_behind (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (VlLiveCore) core = user_data;

  if (take_mark (core, answer->error))
    _vl_writer_look_again (core);
}

static void
mark (VlLiveCore *core, VlAnswerFunc done)
{
  VlFlight *flight;

  core->writer.n_marking++;
  flight = _vl_cache_send_open (core->cache, core->root, core->timeout, done,
                                _vl_live_core_ref (core), (GDestroyNotify) _vl_live_core_unref);
  g_clear_pointer (&flight, _vl_flight_unref);
}

/* Whether there is a fact that it has to warn of; or none may be since it could not
 * be set, and that was a while ago: nobody may ever write. */
static gboolean
needs_mark (VlLiveCore *core)
{
  const VlWriter *writer = &core->writer;

  if (writer->is_unnoted)
    return core->invalidation == VL_INVALIDATION_SURGICAL &&
           _vl_clock_monotonic () >= writer->mark_again;

  return !writer->is_marked && core->has_surgical;
}

void
_vl_writer_mark_facts (VlLiveCore *core)
{
  if (core->writer.n_marking == 0 && needs_mark (core) && _vl_cache_has_open (core->cache))
    mark (core, marked_behind);
}

gboolean
_vl_writer_unmark (VlLiveCore *core)
{
  VlWriter *writer = &core->writer;

  writer->is_marked = FALSE;

  return (writer->sent != NULL || writer->n_marking > 0 || core->has_surgical ||
          writer->is_unsure) &&
         _vl_cache_has_open (core->cache);
}

void
_vl_writer_mark (VlLiveCore *core)
{
  mark (core, marked);
}
