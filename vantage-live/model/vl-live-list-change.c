/* vl-live-list-change.c: what a list does when something has changed
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * An event that tells all there is to know about one record becomes one exact
 * change, if the neighbours of the record are at hand: masters sort and filter
 * as queries do. A while later a page is asked for, to see whether the table
 * counts as we do: an event may come late. Anything else has the pages that are
 * looked at fetched again, and filled in place.
 */

#include "vl-config.h"

#include "vl-live-list-private.h"

#include "../live/vl-live-table.h"
#include "../stream/vl-live-event.h"
#include "../stream/vl-live-stream.h"
#include "../base/vl-lock-private.h"
#include "../base/vl-mutant-private.h"
#include "../table/vl-query.h"
#include "../table/vl-record.h"
#include "../table/vl-schema.h"
#include "../table/vl-table.h"

/* Records that came one by one lie in spans of their own. When there are more
 * of these than pages would make, whole pages are fetched in their place. */
#define SPANS_MAX 256

/* Listening */

struct _VlListEar
{
  gatomicrefcount ref_count;
  VlHandoff *home;
  GWeakRef list;
  gint is_open; /* atomic: not yet while the list attaches itself */
};

typedef struct
{
  VlListEar *ear;
  VlLiveEvent *event;
} Heard;

static void
ear_unref (gpointer data)
{
  VlListEar *ear = data;

  if (!_vl_ref_count_dec (&ear->ref_count))
    return;

  _vl_handoff_unref (ear->home);
  g_weak_ref_clear (&ear->list);
  g_free (ear);
}

/* At home. */
static void
heard_at_home (gpointer user_data, gboolean orphaned)
{
  Heard *heard = user_data;
  g_autoptr (VlLiveList) list = orphaned ? NULL : g_weak_ref_get (&heard->ear->list);
  VlListNews *news;

  if (list != NULL)
    {
      news = g_new0 (VlListNews, 1);
      news->event = g_object_ref (heard->event);
      _vl_live_list_post (list, news);
    }
  g_object_unref (heard->event);
  ear_unref (heard->ear);
  g_free (heard);
}

/* Runs on any thread. */
static void
stream_told (VlLiveEvent *event, gpointer user_data)
{
  VlListEar *ear = user_data;
  Heard *heard;

  if (!g_atomic_int_get (&ear->is_open))
    return;

  heard = g_new (Heard, 1);
  heard->ear = ear;
  heard->event = g_object_ref (event);
  g_atomic_ref_count_inc (&ear->ref_count);
  _vl_handoff_post (ear->home, heard_at_home, heard);
}

static void
table_changed (VlLiveTable *table, VlLiveEvent *event, gpointer user_data)
{
  VlListNews *news = g_new0 (VlListNews, 1);

  news->event = g_object_ref (event);
  _vl_live_list_post (user_data, news);
}

void
_vl_live_list_listen (VlLiveList *self)
{
  g_autoptr (VlLiveStream) stream = NULL;

  if (self->live != NULL)
    {
      self->changed_handler = g_signal_connect (self->live, "changed", G_CALLBACK (table_changed),
                                                self);
      return;
    }

  stream = vl_table_get_stream (self->table);
  if (stream == NULL)
    return;

  self->ear = g_new0 (VlListEar, 1);
  g_atomic_ref_count_init (&self->ear->ref_count);
  g_atomic_ref_count_inc (&self->ear->ref_count);
  self->ear->home = _vl_handoff_ref (self->home);
  g_weak_ref_init (&self->ear->list, self);
  self->sink = _vl_live_stream_attach (stream, stream_told, self->ear, ear_unref);
  /* Nothing was read before this. */
  g_atomic_int_set (&self->ear->is_open, TRUE);
}

void
_vl_live_list_stop_listening (VlLiveList *self)
{
  g_clear_signal_handler (&self->changed_handler, self->live);
  g_clear_pointer (&self->sink, _vl_live_stream_detach);
  g_clear_pointer (&self->ear, ear_unref);
}

/* Unknown changes */

/* What no refill does: rows that are known are unknown. */
static void
blank (VlLiveList *self)
{
  g_autoptr (GPtrArray) rows = _vl_row_map_get_range (&self->map, 0, self->n_items);

  for (guint i = 0; i < rows->len; i++)
    {
      _vl_row_bind (rows->pdata[i], NULL);
      _vl_row_touch (rows->pdata[i], self->touched);
    }
}

void
_vl_live_list_refill (VlLiveList *self)
{
  if (VL_MUTANT (BLANK_ON_REFRESH))
    blank (self);
  self->changes++;
  g_hash_table_remove_all (self->torn);
  self->n_contradictions = 0;
  self->is_hunting = FALSE;
  self->recounts = TRUE;
  self->check_at = 0;
  _vl_list_spans_soil (&self->spans);
  g_hash_table_remove_all (self->rests);
  self->flush_due = TRUE;
}

/* Known changes */

static gboolean
can_place (VlLiveList *self)
{
  g_autoptr (VlSchema) schema = vl_table_get_schema (self->table);

  return self->shown != NULL && !self->is_opening && schema != NULL &&
         vl_schema_can (schema, VL_CAPABILITY_ORDER) && !_vl_list_spans_are_dirty (&self->spans) &&
         vl_query_get_limit (self->shown) == 0 && vl_query_get_offset (self->shown) == 0 &&
         self->n_items < VL_LIST_ITEMS_MAX && _vl_list_spans_get_n (&self->spans) < SPANS_MAX;
}

static int
compare_at (VlLiveList *self, VlRecord *record, guint position)
{
  g_autoptr (VlRecord) other = _vl_list_spans_get_record (&self->spans, position);

  return vl_query_compare (self->shown, record, other);
}

/* The end of the consecutive positions that are at hand from `first` on. */
static guint
find_group_end (VlLiveList *self, guint first)
{
  const VlListSpan *span;

  while ((span = _vl_list_spans_find (&self->spans, first)) != NULL)
    first = span->first + span->n;

  return first;
}

/* The first position of a group that the record comes before. */
static guint
search (VlLiveList *self, VlRecord *record, guint low, guint high)
{
  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (compare_at (self, record, middle) > 0)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

/* Where the record goes, if both its neighbours are known, or one is and the
 * list begins or ends there. */
static gboolean
find_place (VlLiveList *self, VlRecord *record, guint *position)
{
  guint64 first = _vl_list_spans_find_next (&self->spans, 0);

  if (self->n_items == 0 && self->total_kind == VL_TOTAL_KIND_EXACT)
    {
      *position = 0;
      return TRUE;
    }

  for (; first < self->n_items;
       first = _vl_list_spans_find_next (&self->spans, find_group_end (self, (guint) first)))
    {
      guint end = find_group_end (self, (guint) first);

      *position = search (self, record, (guint) first, end);
      if (*position == first && first > 0)
        return FALSE;
      if (*position < end)
        return TRUE;
      if (end == self->n_items)
        return self->total_kind == VL_TOTAL_KIND_EXACT;
    }

  return FALSE;
}

gboolean
_vl_live_list_find_known (VlLiveList *self, const char *id, guint *position)
{
  VlRow *row = _vl_live_list_find_row (self, id);

  if (row != NULL && row->is_placed)
    {
      *position = row->position;
      return TRUE;
    }

  return _vl_list_spans_find_id (&self->spans, id, position);
}

/* Whether the order of the record is what it was, and it was in its place. */
static gboolean
keeps_order (VlLiveList *self, guint position, VlRecord *record)
{
  const VlListSpan *span = _vl_list_spans_find (&self->spans, position);

  return span != NULL && !span->is_loose && compare_at (self, record, position) == 0;
}

/* Whether the record is between its neighbours, `position` being its own. */
static gboolean
stays (VlLiveList *self, guint position, VlRecord *record)
{
  if (position > 0 && (_vl_list_spans_find (&self->spans, position - 1) == NULL ||
                       compare_at (self, record, position - 1) < 0))
    return FALSE;
  if (position + 1 < self->n_items && (_vl_list_spans_find (&self->spans, position + 1) == NULL ||
                                       compare_at (self, record, position + 1) > 0))
    return FALSE;

  return position + 1 < self->n_items || self->total_kind == VL_TOTAL_KIND_EXACT;
}

/* Whether the record belongs where it is, as far as its neighbours do. */
static gboolean
is_in_place (VlLiveList *self, guint position, VlRecord *record)
{
  return keeps_order (self, position, record) ||
         (!_vl_list_spans_are_loose_but (&self->spans, position) && stays (self, position, record));
}

/* Takes the record out to look where it belongs now. */
static gboolean
relocate (VlLiveList *self, guint position, VlRecord *record)
{
  guint64 first = position;
  guint low, high, to;

  if (_vl_list_spans_find (&self->spans, position) == NULL)
    return FALSE;

  /* The group that it is in. */
  while (first > 0 && _vl_list_spans_find (&self->spans, (guint) first - 1) != NULL)
    first = _vl_list_spans_find (&self->spans, (guint) first - 1)->first;
  high = find_group_end (self, position);
  low = search (self, record, (guint) first, position);
  to = low < position ? low : search (self, record, position + 1, high) - 1;
  if ((to == first && first > 0) ||
      (to + 1 == high && (high < self->n_items || self->total_kind != VL_TOTAL_KIND_EXACT)))
    return FALSE;

  if (to == position)
    _vl_live_list_update (self, position, record);
  else
    _vl_live_list_move (self, position, to, record);

  return TRUE;
}

/* What is shown before the master has it stays in place until it has, and then
 * is looked at again, even if it is the same record. */
static void
update_early (VlLiveList *self, guint position, VlRecord *record)
{
  gboolean was_in_place = is_in_place (self, position, record);

  _vl_live_list_update_early (self, position, record);
  if (!was_in_place)
    _vl_list_spans_loosen (&self->spans, position, 1);
}

static gboolean
is_shown_early (VlLiveList *self, VlLiveEvent *event, VlRecord *record)
{
  return self->live != NULL && vl_live_event_get_origin (event) == VL_ORIGIN_WRITE &&
         _vl_row_writes_is_pending (self->cells, vl_record_get_id (record));
}

static gboolean
change_known (VlLiveList *self, VlLiveEvent *event, guint position, VlRecord *record)
{
  if (is_shown_early (self, event, record))
    {
      update_early (self, position, record);
      return TRUE;
    }
  if (!vl_query_matches (self->shown, record))
    {
      _vl_live_list_remove (self, position);
      return TRUE;
    }
  if (is_in_place (self, position, record))
    {
      _vl_live_list_update (self, position, record);
      return TRUE;
    }
  if (_vl_list_spans_are_loose_but (&self->spans, position))
    return FALSE;

  return relocate (self, position, record);
}

/* TRUE if it was acted upon. */
static gboolean
take_record (VlLiveList *self, VlLiveEvent *event, VlRecord *record)
{
  guint position;

  if (vl_record_get_id (record) == NULL)
    return FALSE;
  if (_vl_live_list_find_known (self, vl_record_get_id (record), &position))
    return change_known (self, event, position, record);
  if (vl_live_event_get_kind (event) != VL_LIVE_EVENT_KIND_INSERTED)
    return FALSE;
  if (!vl_query_matches (self->shown, record))
    return TRUE;
  if (_vl_list_spans_are_loose_but (&self->spans, G_MAXUINT64) ||
      !find_place (self, record, &position))
    return FALSE;

  _vl_live_list_insert (self, position, record);
  return TRUE;
}

static gboolean
take_deleted (VlLiveList *self, const char *const *ids)
{
  guint position;

  for (guint i = 0; ids[i] != NULL; i++)
    {
      if (!_vl_live_list_find_known (self, ids[i], &position))
        return FALSE;
    }
  for (guint i = 0; ids[i] != NULL; i++)
    {
      if (_vl_live_list_find_known (self, ids[i], &position))
        _vl_live_list_remove (self, position);
    }

  return TRUE;
}

static gboolean
take_known (VlLiveList *self, VlLiveEvent *event)
{
  const char *const *ids = vl_live_event_get_ids (event);
  VlRecord *record = vl_live_event_get_record (event);

  if (!can_place (self) || ids == NULL)
    return FALSE;
  if (vl_live_event_get_kind (event) == VL_LIVE_EVENT_KIND_DELETED)
    return take_deleted (self, ids);

  return record != NULL && ids[0] != NULL && ids[1] == NULL && take_record (self, event, record);
}

/* Where things are is not known, among copies that may be old; but what somebody
 * writes here is. */
static void
show_known (VlLiveList *self, VlLiveEvent *event)
{
  const char *const *ids = vl_live_event_get_ids (event);
  VlRecord *record = vl_live_event_get_record (event);
  guint position;

  if (self->shown == NULL || self->is_opening || record == NULL || ids == NULL || ids[0] == NULL ||
      ids[1] != NULL || vl_record_get_id (record) == NULL ||
      vl_live_event_get_kind (event) == VL_LIVE_EVENT_KIND_DELETED ||
      !is_shown_early (self, event, record) || !_vl_live_list_find_known (self, ids[0], &position))
    return;

  _vl_live_list_update_early (self, position, record);
  _vl_list_spans_loosen (&self->spans, position, 1);
}

VlRecord *
_vl_live_list_get_news (VlLiveList *self, const char *id)
{
  for (GList *l = self->inbox.tail; l != NULL; l = l->prev)
    {
      const VlListNews *news = l->data;
      VlRecord *record = news->event != NULL ? vl_live_event_get_record (news->event) : NULL;

      if (record != NULL && g_strcmp0 (vl_record_get_id (record), id) == 0)
        return record;
    }

  return NULL;
}

static void
take_rename (VlLiveList *self, VlLiveEvent *event)
{
  const char *const *ids = vl_live_event_get_ids (event);
  const char *from = vl_live_event_get_renamed_from (event);
  guint position;

  if (from == NULL || ids == NULL || ids[0] == NULL)
    return;

  /* What is at hand has the old id. */
  if (_vl_list_spans_find_id (&self->spans, from, &position))
    {
      VlRecord *record = vl_live_event_get_record (event);

      /* The id counts in the order. */
      if (record != NULL)
        {
          _vl_list_spans_put_record (&self->spans, position, record);
          _vl_list_spans_loosen (&self->spans, position, 1);
        }
      else
        _vl_list_spans_soil_range (&self->spans, position, 1);
    }
  _vl_row_cells_rename (self->cells, from, ids[0], self->touched);
}

void
_vl_live_list_heard (VlLiveList *self, VlLiveEvent *event)
{
  /* It may have come true. */
  self->lie = -1;
  take_rename (self, event);
  if (!take_known (self, event))
    {
      show_known (self, event);
      _vl_live_list_refill (self);
      return;
    }

  self->edits++;
  self->changes++;
  _vl_live_list_look_again (self, FALSE);
  self->check_at = _vl_clock_monotonic () + VL_LIST_CHECK_DELAY * 1000;
  self->flush_due = TRUE;
}
