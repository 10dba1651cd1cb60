/* vl-live-list-place.c: moving, adding and removing the positions of a list
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A row that loses its position is kept in mind by the id of its record, as
 * long as somebody holds it: where the record turns up again, so does the row.
 */

#include "vl-config.h"

#include "vl-live-list-private.h"

#include "../table/vl-record.h"

VlRow *
_vl_live_list_find_row (VlLiveList *self, const char *id)
{
  VlRowCell *cell = _vl_row_cells_find (self->cells, id);

  return cell != NULL ? _vl_row_cell_find_row (cell, self) : NULL;
}

void
_vl_live_list_adopt (VlLiveList *self, VlRow *row, guint position)
{
  _vl_row_map_put (&self->map, position, row);
  if (!row->is_gone)
    return;

  row->is_gone = FALSE;
  _vl_row_touch (row, self->touched);
}

void
_vl_live_list_displace (VlLiveList *self, VlRow *row)
{
  _vl_row_map_remove (&self->map, row);
  row->is_gone = TRUE;
  _vl_row_touch (row, self->touched);
}

static void
displace_range (VlLiveList *self, guint first, guint n)
{
  g_autoptr (GPtrArray) rows = _vl_row_map_get_range (&self->map, first, n);

  for (guint i = 0; i < rows->len; i++)
    _vl_live_list_displace (self, rows->pdata[i]);
}

void
_vl_live_list_evict (VlLiveList *self, VlRow *row)
{
  g_autoptr (VlRow) held = g_object_ref (row);
  guint position = row->position;

  _vl_live_list_stage (self, position, 1, 1);
  _vl_live_list_displace (self, held);
  _vl_list_spans_cut (&self->spans, position, 1);
  _vl_live_list_tear (self, position / self->page_size, held->cell->id);
}

void
_vl_live_list_resize (VlLiveList *self, guint n_items)
{
  guint before = self->n_items;

  if (n_items > before)
    {
      _vl_live_list_stage (self, before, 0, n_items - before);
      self->n_items = n_items;
    }
  else if (n_items < before)
    {
      _vl_live_list_stage (self, n_items, before - n_items, 0);
      displace_range (self, n_items, before - n_items);
      _vl_list_spans_cut (&self->spans, n_items, G_MAXUINT - n_items);
      self->n_items = n_items;
    }
}

/* The two halves of a reset must not be made one: in between there is
 * nothing. */
void
_vl_live_list_reset (VlLiveList *self)
{
  _vl_live_list_emit (self);
  _vl_live_list_resize (self, 0);
  _vl_live_list_emit (self);
  self->n_recent = 0;
  self->direction = 0;
  self->ahead = G_MAXUINT;
  self->ahead_failed = G_MAXUINT;
  self->is_hunting = FALSE;
  g_array_set_size (self->left, 0);
}

static void
fill_in (VlLiveList *self, guint position, VlRecord *record, gboolean is_early)
{
  const char *id = vl_record_get_id (record);
  VlRow *row = _vl_row_map_get (&self->map, position);

  _vl_list_spans_put_record (&self->spans, position, record);
  if (row == NULL)
    return;

  if (row->cell == NULL && _vl_live_list_find_row (self, id) == NULL)
    _vl_row_bind (row, _vl_row_cells_get_cell (self->cells, id));
  if (row->cell == NULL || g_strcmp0 (row->cell->id, id) != 0)
    return;

  if (is_early)
    _vl_row_cell_set_early (row->cell, record, self->touched);
  else
    _vl_row_cell_set_record (row->cell, record, _vl_clock_real (), FALSE, self->touched);
}

void
_vl_live_list_insert (VlLiveList *self, guint position, VlRecord *record)
{
  VlRow *row;

  _vl_live_list_stage (self, position, 0, 1);
  _vl_row_map_shift (&self->map, position, 1);
  _vl_list_spans_insert (&self->spans, position, 1);
  self->n_items++;

  /* Held by somebody since it was here before. */
  row = _vl_live_list_find_row (self, vl_record_get_id (record));
  if (row != NULL && !row->is_placed)
    _vl_live_list_adopt (self, row, position);
  fill_in (self, position, record, FALSE);
}

void
_vl_live_list_remove (VlLiveList *self, guint position)
{
  VlRow *row;

  _vl_live_list_stage (self, position, 1, 0);
  row = _vl_row_map_get (&self->map, position);
  if (row != NULL)
    _vl_live_list_displace (self, row);
  _vl_row_map_shift (&self->map, position + 1, -1);
  _vl_list_spans_delete (&self->spans, position, 1);
  self->n_items--;
}

/* One run that has the row in it twice, so that a selection finds it again.
 * `to` counts without the row. */
void
_vl_live_list_move (VlLiveList *self, guint from, guint to, VlRecord *record)
{
  guint first = MIN (from, to);
  guint n = MAX (from, to) - first + 1;
  VlRow *row;

  _vl_live_list_stage (self, first, n, n);
  row = _vl_row_map_get (&self->map, from);
  if (row != NULL)
    _vl_row_map_remove (&self->map, row);
  _vl_row_map_shift (&self->map, from + 1, -1);
  _vl_list_spans_delete (&self->spans, from, 1);
  _vl_row_map_shift (&self->map, to, 1);
  _vl_list_spans_insert (&self->spans, to, 1);
  if (row != NULL)
    _vl_row_map_put (&self->map, to, row);
  fill_in (self, to, record, FALSE);
}

void
_vl_live_list_update (VlLiveList *self, guint position, VlRecord *record)
{
  fill_in (self, position, record, FALSE);
}

void
_vl_live_list_update_early (VlLiveList *self, guint position, VlRecord *record)
{
  fill_in (self, position, record, TRUE);
}
