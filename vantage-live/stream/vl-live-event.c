/* vl-live-event.c: something changed elsewhere
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "../vl-enums.h"
#include "../vl-error.h"
#include "../table/vl-record.h"
#include "vl-live-event-private.h"

/* Beyond this many records a reader is better off to look again at everything
 * than to be told of each; it also bounds what a queue of events can hold. */

/**
 * VlLiveEvent:
 *
 * What a [class@LiveStream] or a [class@LiveTable] tells of a change.
 *
 * An event says what kind of change it was and, where that is known, which
 * records it concerns and what the record looks like now. It may say less than
 * is true of the change, never more: one that knows nothing is of kind
 * %VL_LIVE_EVENT_KIND_CHANGED and has no ids.
 *
 * Events are immutable and may be used from any thread. The `with_` functions
 * answer a copy that differs in one thing.
 *
 * Since: 1.0
 */
struct _VlLiveEvent
{
  GObject parent_instance;

  /* None of these changes once the event has left the function that made it. */
  VlLiveEventKind kind;
  char **ids; /* NULL = unknown or too many, never empty */
  VlRecord *record;
  char *renamed_from;
  VlOrigin origin;
  char *position;
};

G_DEFINE_FINAL_TYPE (VlLiveEvent, vl_live_event, G_TYPE_OBJECT)

static char **
copy_ids (const char *const *ids)
{
  guint n_ids = 0;

  if (ids == NULL)
    return NULL;

  for (; ids[n_ids] != NULL; n_ids++)
    {
      if (n_ids == VL_LIVE_EVENT_MAX_IDS || !g_utf8_validate (ids[n_ids], -1, NULL))
        return NULL;
    }

  return n_ids > 0 ? g_strdupv ((char **) ids) : NULL;
}

static VlLiveEvent *
event_new (VlLiveEventKind kind, const char *const *ids, VlRecord *record)
{
  VlLiveEvent *self = g_object_new (VL_TYPE_LIVE_EVENT, NULL);

  self->kind = kind;
  self->ids = copy_ids (ids);
  g_set_object (&self->record, record);

  return self;
}

static VlLiveEvent *
event_copy (VlLiveEvent *self)
{
  VlLiveEvent *copy = event_new (self->kind, (const char *const *) self->ids, self->record);

  copy->renamed_from = g_strdup (self->renamed_from);
  copy->origin = self->origin;
  copy->position = g_strdup (self->position);

  return copy;
}

static void
vl_live_event_finalize (GObject *object)
{
  VlLiveEvent *self = VL_LIVE_EVENT (object);

  g_strfreev (self->ids);
  g_clear_object (&self->record);
  g_free (self->renamed_from);
  g_free (self->position);

  G_OBJECT_CLASS (vl_live_event_parent_class)->finalize (object);
}

static void
vl_live_event_class_init (VlLiveEventClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = vl_live_event_finalize;
}

static void
vl_live_event_init (VlLiveEvent *self)
{
  self->kind = VL_LIVE_EVENT_KIND_CHANGED;
  self->origin = VL_ORIGIN_STREAM;
}

/**
 * vl_live_event_new:
 * @kind: what happened
 * @ids: (nullable) (array zero-terminated=1): the ids of the records that it
 *   happened to, or %NULL for unknown
 *
 * Makes an event that names its records.
 *
 * More than 256 ids, none at all, or one that is not UTF-8 count as unknown.
 * The event's origin is %VL_ORIGIN_STREAM.
 *
 * Returns: (transfer full): the event
 *
 * Since: 1.0
 */
VlLiveEvent *
vl_live_event_new (VlLiveEventKind kind, const char *const *ids)
{
  return event_new (kind, ids, NULL);
}

/**
 * vl_live_event_new_changed:
 *
 * Makes the event that knows least: anything may have changed.
 *
 * It is what a stream tells of a gap, that is when it may have missed
 * something.
 *
 * Returns: (transfer full): the event
 *
 * Since: 1.0
 */
VlLiveEvent *
vl_live_event_new_changed (void)
{
  return event_new (VL_LIVE_EVENT_KIND_CHANGED, NULL, NULL);
}

/**
 * vl_live_event_new_inserted:
 * @record: the record that was added
 *
 * Makes the event of a new record.
 *
 * Its ids are the record's, or unknown when that has none.
 *
 * Returns: (transfer full): the event
 *
 * Since: 1.0
 */
VlLiveEvent *
vl_live_event_new_inserted (VlRecord *record)
{
  const char *ids[2] = { NULL, NULL };

  g_return_val_if_fail (VL_IS_RECORD (record), NULL);

  ids[0] = vl_record_get_id (record);

  return event_new (VL_LIVE_EVENT_KIND_INSERTED, ids, record);
}

/**
 * vl_live_event_new_updated:
 * @id: (nullable): the id of the record that was changed, or %NULL to take
 *   that of @record
 * @record: (nullable): the whole record as it is now, or %NULL if unknown
 *
 * Makes the event of a changed record.
 *
 * With neither an id nor a record that has one, which record it was is
 * unknown.
 *
 * Returns: (transfer full): the event
 *
 * Since: 1.0
 */
VlLiveEvent *
vl_live_event_new_updated (const char *id, VlRecord *record)
{
  const char *ids[2] = { id, NULL };

  g_return_val_if_fail (record == NULL || VL_IS_RECORD (record), NULL);

  if (id == NULL && record != NULL)
    ids[0] = vl_record_get_id (record);

  return event_new (VL_LIVE_EVENT_KIND_UPDATED, ids, record);
}

/**
 * vl_live_event_new_deleted:
 * @id: (nullable): the id of the record that was removed, or %NULL if unknown
 *
 * Makes the event of a removed record.
 *
 * Returns: (transfer full): the event
 *
 * Since: 1.0
 */
VlLiveEvent *
vl_live_event_new_deleted (const char *id)
{
  const char *ids[2] = { id, NULL };

  return event_new (VL_LIVE_EVENT_KIND_DELETED, ids, NULL);
}

/**
 * vl_live_event_with_record:
 * @self: an event
 * @record: (nullable): the whole record as it is now
 *
 * Answers a copy of the event with another record. The ids stay as they are.
 *
 * Returns: (transfer full): the copy
 *
 * Since: 1.0
 */
VlLiveEvent *
vl_live_event_with_record (VlLiveEvent *self, VlRecord *record)
{
  VlLiveEvent *copy;

  g_return_val_if_fail (VL_IS_LIVE_EVENT (self), NULL);
  g_return_val_if_fail (record == NULL || VL_IS_RECORD (record), NULL);

  copy = event_copy (self);
  g_set_object (&copy->record, record);

  return copy;
}

/**
 * vl_live_event_with_renamed_from:
 * @self: an event
 * @id: (nullable): the id that the record had until now
 *
 * Answers a copy of the event that tells that its record had another id before.
 *
 * Returns: (transfer full): the copy
 *
 * Since: 1.0
 */
VlLiveEvent *
vl_live_event_with_renamed_from (VlLiveEvent *self, const char *id)
{
  VlLiveEvent *copy;

  g_return_val_if_fail (VL_IS_LIVE_EVENT (self), NULL);

  copy = event_copy (self);
  g_free (copy->renamed_from);
  copy->renamed_from = g_strdup (id);

  return copy;
}

/**
 * vl_live_event_with_origin:
 * @self: an event
 * @origin: where the event comes from
 *
 * Answers a copy of the event with another origin.
 *
 * Returns: (transfer full): the copy
 *
 * Since: 1.0
 */
VlLiveEvent *
vl_live_event_with_origin (VlLiveEvent *self, VlOrigin origin)
{
  VlLiveEvent *copy;

  g_return_val_if_fail (VL_IS_LIVE_EVENT (self), NULL);

  copy = event_copy (self);
  copy->origin = origin;

  return copy;
}

/**
 * vl_live_event_with_position:
 * @self: an event
 * @position: (nullable): the source's own name for this point of its stream,
 *   for example an offset or a log sequence number
 *
 * Answers a copy of the event with another position.
 *
 * A position on an event that is pushed into a stream means that everything up
 * to and including this event was told, and nothing beyond it: the next event
 * has another one; see [method@LiveStream.report_live_at].
 *
 * Returns: (transfer full): the copy
 *
 * Since: 1.0
 */
VlLiveEvent *
vl_live_event_with_position (VlLiveEvent *self, const char *position)
{
  VlLiveEvent *copy;

  g_return_val_if_fail (VL_IS_LIVE_EVENT (self), NULL);

  copy = event_copy (self);
  g_free (copy->position);
  copy->position = g_strdup (position);

  return copy;
}

/**
 * vl_live_event_get_kind:
 * @self: an event
 *
 * Tells what happened.
 *
 * Returns: the kind of change
 *
 * Since: 1.0
 */
VlLiveEventKind
vl_live_event_get_kind (VlLiveEvent *self)
{
  g_return_val_if_fail (VL_IS_LIVE_EVENT (self), VL_LIVE_EVENT_KIND_CHANGED);

  return self->kind;
}

/**
 * vl_live_event_get_ids:
 * @self: an event
 *
 * Tells which records changed.
 *
 * Returns: (transfer none) (nullable) (array zero-terminated=1): between 1 and
 *   256 ids, or %NULL if they are unknown or more
 *
 * Since: 1.0
 */
const char *const *
vl_live_event_get_ids (VlLiveEvent *self)
{
  g_return_val_if_fail (VL_IS_LIVE_EVENT (self), NULL);

  return (const char *const *) self->ids;
}

/**
 * vl_live_event_get_record:
 * @self: an event
 *
 * Tells what the record looks like since the change.
 *
 * Returns: (transfer none) (nullable): the whole record, or %NULL if unknown
 *
 * Since: 1.0
 */
VlRecord *
vl_live_event_get_record (VlLiveEvent *self)
{
  g_return_val_if_fail (VL_IS_LIVE_EVENT (self), NULL);

  return self->record;
}

/**
 * vl_live_event_get_renamed_from:
 * @self: an event
 *
 * Tells which id the record had before, if that changed.
 *
 * Returns: (transfer none) (nullable): the earlier id
 *
 * Since: 1.0
 */
const char *
vl_live_event_get_renamed_from (VlLiveEvent *self)
{
  g_return_val_if_fail (VL_IS_LIVE_EVENT (self), NULL);

  return self->renamed_from;
}

/**
 * vl_live_event_get_origin:
 * @self: an event
 *
 * Tells where the event comes from.
 *
 * Returns: the origin
 *
 * Since: 1.0
 */
VlOrigin
vl_live_event_get_origin (VlLiveEvent *self)
{
  g_return_val_if_fail (VL_IS_LIVE_EVENT (self), VL_ORIGIN_OTHER);

  return self->origin;
}

/**
 * vl_live_event_get_position:
 * @self: an event
 *
 * Tells the source's own name for this point of its stream.
 *
 * Returns: (transfer none) (nullable): the position
 *
 * Since: 1.0
 */
const char *
vl_live_event_get_position (VlLiveEvent *self)
{
  g_return_val_if_fail (VL_IS_LIVE_EVENT (self), NULL);

  return self->position;
}
