/* vl-row-cell.c: what the rows of one record share
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-row-cell-private.h"

#include "../base/vl-lock-private.h"
#include "../live/vl-live-table-private.h"
#include "../table/vl-record.h"
#include "vl-row-private.h"

static VlLock cells_lock;         /* zero-initialised, like a static GMutex */
static GHashTable *cells_by_core; /* under the lock: VlLiveCore to VlRowCells, neither owned */

static VlRowCells *
cells_new (gconstpointer core)
{
  VlRowCells *self = g_new0 (VlRowCells, 1);

  self->ref_count = 1;
  self->core = core;
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self->lists = g_ptr_array_new ();

  return self;
}

/* A core is used on one thread only, and with it its cells; the lock is for
 * those of other threads. Whoever has cells has a live table over the core, so
 * that a core that is found has not gone. */
static VlRowCells *
get_shared (VlLiveTable *table)
{
  gconstpointer core = table->core;
  VlRowCells *self;

  _vl_lock_acquire (&cells_lock);
  if (cells_by_core == NULL)
    cells_by_core = g_hash_table_new (NULL, NULL);
  self = g_hash_table_lookup (cells_by_core, core);
  if (self != NULL)
    {
      self->ref_count++;
      _vl_lock_release (&cells_lock);
      return self;
    }

  self = cells_new (core);
  g_hash_table_insert (cells_by_core, (gpointer) core, self);
  _vl_lock_release (&cells_lock);
  _vl_row_writes_watch (self, table);

  return self;
}

VlRowCells *
_vl_row_cells_get (VlTable *table)
{
  if (VL_IS_LIVE_TABLE (table))
    return get_shared (VL_LIVE_TABLE (table));

  return cells_new (NULL);
}

VlRowCells *
_vl_row_cells_ref (VlRowCells *self)
{
  self->ref_count++;

  return self;
}

void
_vl_row_cells_unref (VlRowCells *self)
{
  if (--self->ref_count > 0)
    return;

  if (self->core != NULL)
    {
      _vl_lock_acquire (&cells_lock);
      g_hash_table_remove (cells_by_core, self->core);
      _vl_lock_release (&cells_lock);
    }
  _vl_row_writes_unwatch (self);
  g_assert (g_hash_table_size (self->by_id) == 0);
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->lists);
  g_free (self);
}

VlRowCell *
_vl_row_cells_find (VlRowCells *self, const char *id)
{
  return id != NULL ? g_hash_table_lookup (self->by_id, id) : NULL;
}

VlRowCell *
_vl_row_cells_get_cell (VlRowCells *self, const char *id)
{
  VlRowCell *cell = _vl_row_cells_find (self, id);

  if (cell != NULL)
    return cell;

  cell = g_new0 (VlRowCell, 1);
  cell->cells = _vl_row_cells_ref (self);
  cell->id = g_strdup (id);
  cell->rows = g_ptr_array_sized_new (1);
  if (id != NULL)
    {
      g_hash_table_insert (self->by_id, cell->id, cell);
      _vl_row_writes_mark (self, cell);
    }

  return cell;
}

static void
forget_id (VlRowCell *cell)
{
  if (cell->id != NULL && g_hash_table_lookup (cell->cells->by_id, cell->id) == cell)
    g_hash_table_remove (cell->cells->by_id, cell->id);
}

static void
cell_free (VlRowCell *cell)
{
  VlRowCells *cells = cell->cells;

  forget_id (cell);
  g_clear_object (&cell->record);
  g_clear_error (&cell->write_error);
  g_ptr_array_unref (cell->rows);
  g_free (cell->id);
  g_free (cell);
  _vl_row_cells_unref (cells);
}

VlRow *
_vl_row_cell_find_row (VlRowCell *self, VlLiveList *list)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      VlRow *row = g_ptr_array_index (self->rows, i);

      if (row->list == list)
        return row;
    }

  return NULL;
}

void
_vl_row_cell_add_row (VlRowCell *self, VlRow *row)
{
  g_assert (row->list == NULL || _vl_row_cell_find_row (self, row->list) == NULL);
  g_ptr_array_add (self->rows, row);
}

void
_vl_row_cell_remove_row (VlRowCell *self, VlRow *row)
{
  g_ptr_array_remove_fast (self->rows, row);
  if (self->rows->len == 0)
    cell_free (self);
}

void
_vl_row_cell_touch (VlRowCell *self, GPtrArray *touched)
{
  for (guint i = 0; i < self->rows->len; i++)
    _vl_row_touch (g_ptr_array_index (self->rows, i), touched);
}

void
_vl_row_cell_set_record (VlRowCell *self,
                         VlRecord *record,
                         gint64 fetched_at,
                         gboolean is_stale,
                         GPtrArray *touched)
{
  if (self->record != NULL && is_stale && fetched_at < self->fetched_at)
    return;

  self->fetched_at = fetched_at;
  self->is_stale = is_stale;
  if (self->record == NULL || !vl_record_equal (self->record, record))
    g_set_object (&self->record, record);
  _vl_row_cell_touch (self, touched);
}

void
_vl_row_cell_set_early (VlRowCell *self, VlRecord *record, GPtrArray *touched)
{
  if (self->record == NULL || !vl_record_equal (self->record, record))
    g_set_object (&self->record, record);
  _vl_row_cell_touch (self, touched);
}

void
_vl_row_cell_set_stale (VlRowCell *self, GPtrArray *touched)
{
  if (self->is_stale)
    return;

  self->is_stale = TRUE;
  _vl_row_cell_touch (self, touched);
}

/* The rows of a cell whose id another one takes over. */
static void
give_up_rows (VlRowCell *self, VlRowCell *heir, GPtrArray *touched)
{
  /* The cell goes with its last row. */
  for (guint i = self->rows->len; i > 0; i--)
    {
      VlRow *row = g_ptr_array_index (self->rows, i - 1);
      gboolean is_free = row->list == NULL || _vl_row_cell_find_row (heir, row->list) == NULL;

      _vl_row_touch (row, touched);
      _vl_row_bind (row, is_free ? heir : NULL);
    }
}

void
_vl_row_cells_rename (VlRowCells *self, const char *from, const char *to, GPtrArray *touched)
{
  VlRowCell *cell = _vl_row_cells_find (self, from);
  VlRowCell *other = _vl_row_cells_find (self, to);

  if (cell == NULL || g_str_equal (from, to))
    return;

  if (other != NULL)
    give_up_rows (other, cell, touched);
  forget_id (cell);
  g_free (cell->id);
  cell->id = g_strdup (to);
  g_hash_table_insert (self->by_id, cell->id, cell);
  _vl_row_writes_mark (self, cell);
  _vl_row_cell_touch (cell, touched);
}
