/* vl-row-writes.c: which records have writes that are not settled
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The writes of a live table are looked through again when some have changed,
 * but no more than once a frame: a burst of them costs one look.
 */

#include "vl-config.h"

#include "vl-row-cell-private.h"

#include "../base/vl-clock-private.h"
#include "../live/vl-live-table.h"
#include "../live/vl-write-private.h"
#include "vl-live-list-private.h"
#include "vl-row-private.h"

/* Milliseconds. */
#define FRAME 16

typedef struct
{
  VlCellWrite state;
  GError *error;
} WriteNote;

static void
note_free (gpointer data)
{
  WriteNote *note = data;

  g_clear_error (&note->error);
  g_free (note);
}

static VlCellWrite
get_state (VlWrite *write)
{
  VlWriteState state = vl_write_get_state (write);

  if (state == VL_WRITE_STATE_APPLIED || state == VL_WRITE_STATE_DISCARDED)
    return VL_CELL_WRITE_NONE;

  return state == VL_WRITE_STATE_FAILED ? VL_CELL_WRITE_FAILED : VL_CELL_WRITE_PENDING;
}

/* Of several writes of a record the later one counts, but for one that has
 * failed: that is to be seen. */
static void
take_note (GHashTable *writes, VlWrite *write)
{
  const char *id = _vl_write_get_key (write);
  VlCellWrite state = get_state (write);
  WriteNote *note;

  if (id == NULL || state == VL_CELL_WRITE_NONE)
    return;

  note = g_hash_table_lookup (writes, id);
  if (note == NULL)
    {
      note = g_new0 (WriteNote, 1);
      g_hash_table_insert (writes, g_strdup (id), note);
    }
  else if (note->state == VL_CELL_WRITE_FAILED)
    {
      return;
    }

  note->state = state;
  note->error = state == VL_CELL_WRITE_FAILED ? vl_write_dup_error (write) : NULL;
}

void
_vl_row_writes_mark (VlRowCells *self, VlRowCell *cell)
{
  WriteNote *note = self->writes != NULL ? g_hash_table_lookup (self->writes, cell->id) : NULL;

  g_clear_error (&cell->write_error);
  cell->write = note != NULL ? note->state : VL_CELL_WRITE_NONE;
  cell->write_error = note != NULL && note->error != NULL ? g_error_copy (note->error) : NULL;
}

static GHashTable *
read_writes (VlRowCells *self)
{
  GHashTable *writes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, note_free);

  for (guint i = 0; i < g_list_model_get_n_items (self->write_list); i++)
    {
      g_autoptr (VlWrite) write = g_list_model_get_item (self->write_list, i);

      take_note (writes, write);
    }

  return writes;
}

/* The cells of all ids in one table that are not the same in another. */
static void
mark_all (VlRowCells *self, GHashTable *ids, GPtrArray *touched)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, ids);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      VlRowCell *cell = _vl_row_cells_find (self, id);

      if (cell == NULL)
        continue;
      _vl_row_writes_mark (self, cell);
      _vl_row_cell_touch (cell, touched);
    }
}

/* Handlers of rows may do away with lists, and with these cells. */
static void
look_again (VlRowCells *self)
{
  g_autoptr (GHashTable) before = g_steal_pointer (&self->writes);
  g_autoptr (GPtrArray) touched = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) lists = g_ptr_array_new_with_free_func (g_object_unref);

  self->writes = read_writes (self);
  if (g_hash_table_size (before) == 0 && g_hash_table_size (self->writes) == 0)
    return;

  mark_all (self, before, touched);
  mark_all (self, self->writes, touched);
  for (guint i = 0; i < self->lists->len; i++)
    g_ptr_array_add (lists, g_object_ref (g_ptr_array_index (self->lists, i)));
  _vl_row_sync_all (touched);
  for (guint i = 0; i < lists->len; i++)
    _vl_live_list_wake (lists->pdata[i]);
}

static void
look_now (gpointer user_data)
{
  VlRowCells *self = user_data;

  _vl_row_cells_ref (self);
  _vl_timer_clear (&self->timer);
  look_again (self);
  _vl_row_cells_unref (self);
}

static void
look_soon (VlRowCells *self)
{
  if (self->timer == NULL)
    self->timer = _vl_timer_start (NULL, FRAME, look_now, self);
}

void
_vl_row_writes_watch (VlRowCells *self, VlLiveTable *table)
{
  self->table = g_object_ref (table);
  self->write_list = g_object_ref (vl_live_table_get_writes (table));
  self->writes = read_writes (self);
  self->list_handler = g_signal_connect_swapped (self->write_list, "items-changed",
                                                 G_CALLBACK (look_soon), self);
  self->count_handler = g_signal_connect_swapped (table, "notify::pending-writes",
                                                  G_CALLBACK (look_soon), self);
}

void
_vl_row_writes_unwatch (VlRowCells *self)
{
  if (self->table == NULL)
    return;

  _vl_timer_clear (&self->timer);
  g_clear_signal_handler (&self->list_handler, self->write_list);
  g_clear_signal_handler (&self->count_handler, self->table);
  g_clear_object (&self->write_list);
  g_clear_object (&self->table);
  g_clear_pointer (&self->writes, g_hash_table_unref);
}

gboolean
_vl_row_writes_is_pending (VlRowCells *self, const char *id)
{
  for (guint i = 0; self->table != NULL && i < g_list_model_get_n_items (self->write_list); i++)
    {
      g_autoptr (VlWrite) write = g_list_model_get_item (self->write_list, i);

      if (get_state (write) == VL_CELL_WRITE_PENDING &&
          g_strcmp0 (_vl_write_get_key (write), id) == 0)
        return TRUE;
    }

  return FALSE;
}

GHashTable *
_vl_row_writes_get_pending (VlRowCells *self)
{
  GHashTable *ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; self->table != NULL && i < g_list_model_get_n_items (self->write_list); i++)
    {
      g_autoptr (VlWrite) write = g_list_model_get_item (self->write_list, i);

      if (get_state (write) == VL_CELL_WRITE_PENDING && _vl_write_get_key (write) != NULL)
        g_hash_table_add (ids, g_strdup (_vl_write_get_key (write)));
    }

  return ids;
}

guint
_vl_row_writes_count (VlRowCells *self, VlLiveList *list)
{
  GHashTableIter iter;
  gpointer id, note;
  guint n = 0;

  if (self->writes == NULL)
    return 0;

  g_hash_table_iter_init (&iter, self->writes);
  while (g_hash_table_iter_next (&iter, &id, &note))
    {
      VlRowCell *cell = _vl_row_cells_find (self, id);
      VlRow *row = cell != NULL ? _vl_row_cell_find_row (cell, list) : NULL;

      n += row != NULL && row->is_placed && ((WriteNote *) note)->state == VL_CELL_WRITE_PENDING;
    }

  return n;
}
