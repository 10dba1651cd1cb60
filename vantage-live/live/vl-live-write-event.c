/* vl-live-write-event.c: what is told of writes
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The shells emit one `changed` a turn, so that they are told of all that went
 * to the target together at once. The stream and the other cores hear of each
 * write, if there is anybody: a record is worth more to them than its id.
 */

#include "vl-config.h"

#include "vl-live-core-private.h"

#include "../stream/vl-live-stream-private.h"
#include "../table/vl-change.h"
#include "../table/vl-record.h"
#include "../vl-error.h"
#include "vl-live-registry-private.h"
#include "vl-write-private.h"

gboolean
_vl_writer_changed_nothing (const GError *error)
{
  return g_error_matches (error, VL_ERROR, VL_ERROR_UNSUPPORTED) ||
         g_error_matches (error, VL_ERROR, VL_ERROR_INVALID) ||
         g_error_matches (error, VL_ERROR, VL_ERROR_REJECTED) ||
         g_error_matches (error, VL_ERROR, VL_ERROR_QUEUE_FULL);
}

static VlLiveEventKind
event_kind (VlWrite *write)
{
  if (_vl_write_has_failed (write))
    return VL_LIVE_EVENT_KIND_CHANGED;

  switch (vl_change_get_kind (vl_write_get_change (write)))
    {
    case VL_CHANGE_KIND_INSERT:
      return VL_LIVE_EVENT_KIND_INSERTED;
    case VL_CHANGE_KIND_PATCH:
      return VL_LIVE_EVENT_KIND_UPDATED;
    case VL_CHANGE_KIND_DELETE:
    case VL_CHANGE_KIND_DELETE_ALL:
      return VL_LIVE_EVENT_KIND_DELETED;
    case VL_CHANGE_KIND_REPLACE:
    default:
      return VL_LIVE_EVENT_KIND_CHANGED;
    }
}

/* NULL = unknown. */
static const char *
event_id (VlLiveCore *core, VlWrite *write)
{
  VlRecord *record = vl_write_get_record (write);

  if (!_vl_write_has_failed (write) && record != NULL && vl_record_get_id (record) != NULL)
    return vl_record_get_id (record);

  return _vl_facts_resolve (core->facts, vl_change_get_id (vl_write_get_change (write)));
}

/* A new record that was known by an id of ours. */
static gboolean
is_renamed (VlWrite *write)
{
  return !_vl_write_has_failed (write) && _vl_write_is_new (write) && vl_write_get_accepted (write);
}

static VlLiveEvent *
event_of_write (VlLiveCore *core, VlWrite *write)
{
  const char *ids[] = { event_id (core, write), NULL };
  VlRecord *record = vl_write_get_record (write);
  g_autoptr (VlLiveEvent) event = NULL;

  event = vl_live_event_new (event_kind (write), ids[0] != NULL ? ids : NULL);
  if (!_vl_write_has_failed (write) && record != NULL &&
      vl_change_get_kind (vl_write_get_change (write)) != VL_CHANGE_KIND_DELETE)
    {
      g_autoptr (VlLiveEvent) bare = g_steal_pointer (&event);

      event = vl_live_event_with_record (bare, record);
    }
  if (is_renamed (write))
    {
      g_autoptr (VlLiveEvent) bare = g_steal_pointer (&event);

      event = vl_live_event_with_renamed_from (bare, _vl_write_get_key (write));
    }

  return vl_live_event_with_origin (event, VL_ORIGIN_WRITE);
}

/* As if the events of each had been merged, one after the other. */
static VlLiveEvent *
event_of_writes (VlLiveCore *core, GPtrArray *writes)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  VlLiveEventKind kind = event_kind (writes->pdata[0]);
  g_autoptr (VlLiveEvent) event = NULL;
  gboolean is_known = TRUE;

  for (guint i = 0; i < writes->len; i++)
    {
      const char *id = event_id (core, writes->pdata[i]);

      is_known &= id != NULL;
      g_ptr_array_add (ids, (gpointer) id);
      if (event_kind (writes->pdata[i]) != kind)
        kind = VL_LIVE_EVENT_KIND_CHANGED;
    }
  g_ptr_array_add (ids, NULL);
  event = vl_live_event_new (kind, is_known ? (const char *const *) ids->pdata : NULL);

  return vl_live_event_with_origin (event, VL_ORIGIN_WRITE);
}

static gboolean
is_worth_telling (VlWrite *write)
{
  g_autoptr (GError) error = vl_write_dup_error (write);

  return error == NULL || _vl_write_is_in_doubt (write) || !_vl_writer_changed_nothing (error);
}

static void
tell_together (VlLiveCore *core, GPtrArray *writes)
{
  g_autoptr (VlLiveEvent) event = NULL;

  if (writes->len == 0)
    return;

  event = writes->len == 1 ? event_of_write (core, writes->pdata[0])
                           : event_of_writes (core, writes);
  _vl_live_core_tell_shells (core, event);
  g_ptr_array_set_size (writes, 0);
}

/* An event has room for one record that has got its id. */
static void
tell_shells (VlLiveCore *core, GPtrArray *writes)
{
  g_autoptr (GPtrArray) together = g_ptr_array_new ();

  for (guint i = 0; i < writes->len; i++)
    {
      gboolean alone = is_renamed (writes->pdata[i]);

      if (alone)
        tell_together (core, together);
      g_ptr_array_add (together, writes->pdata[i]);
      if (alone)
        tell_together (core, together);
    }
  tell_together (core, together);
}

void
_vl_writer_tell (VlLiveCore *core, GPtrArray *writes)
{
  g_autoptr (GPtrArray) told = g_ptr_array_new ();
  gboolean is_heard = _vl_live_stream_is_heard (core->stream);
  gboolean has_others = _vl_live_registry_has_others (core);

  for (guint i = 0; i < writes->len; i++)
    {
      if (is_worth_telling (writes->pdata[i]))
        g_ptr_array_add (told, writes->pdata[i]);
    }
  if (told->len == 0)
    return;

  for (guint i = 0; i < told->len && (is_heard || has_others); i++)
    {
      g_autoptr (VlLiveEvent) event = event_of_write (core, told->pdata[i]);

      vl_live_stream_push (core->stream, event);
      _vl_live_core_tell_others (core, event);
    }
  tell_shells (core, told);
}
