/* vl-row-cell-private.h: what the rows of one record share
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../vl-types.h"

G_BEGIN_DECLS

/* The cells of one table. Lists over live tables that share what is cached
 * share their cells, so that all rows of a record change together; any other
 * list has cells of its own. Home only. */
typedef struct _VlRowCells VlRowCells;

typedef enum
{
  VL_CELL_WRITE_NONE,
  VL_CELL_WRITE_PENDING,
  VL_CELL_WRITE_FAILED,
} VlCellWrite;

typedef struct
{
  VlRowCells *cells; /* a reference */
  char *id;
  VlRecord *record;
  gint64 fetched_at; /* of the page that brought the record */
  gboolean is_stale;
  GPtrArray *rows; /* of VlRow, not referenced; none = the cell goes */
  VlCellWrite write;
  GError *write_error;
} VlRowCell;

struct _VlRowCells
{
  guint ref_count;
  gconstpointer core; /* of the live table, whose lists share this; NULL = one list */
  GHashTable *by_id;  /* id of the cell to VlRowCell, neither owned */
  GPtrArray *lists;   /* of VlLiveList, not referenced */

  /* vl-row-writes.c; NULL without a live table */
  VlLiveTable *table;
  GHashTable *writes; /* id to WriteNote */
  GListModel *write_list;
  gulong list_handler;
  gulong count_handler;
  struct _VlTimer *timer;
  gboolean is_disposed;
};

VlRowCells *_vl_row_cells_get (VlTable *table);
VlRowCells *_vl_row_cells_ref (VlRowCells *self);
void _vl_row_cells_unref (VlRowCells *self);

/* The cell of a record, made if need be; goes when no row is bound to it. */
VlRowCell *_vl_row_cells_get_cell (VlRowCells *self, const char *id);
VlRowCell *_vl_row_cells_find (VlRowCells *self, const char *id);

/* A record was given another id. Rows that had the new one already are left as
 * placeholders where their list has a row of the old one as well. */
void _vl_row_cells_rename (VlRowCells *self, const char *from, const char *to, GPtrArray *touched);

/* The row of the cell in a list, or NULL. */
VlRow *_vl_row_cell_find_row (VlRowCell *self, VlLiveList *list);
void _vl_row_cell_add_row (VlRowCell *self, VlRow *row);
/* Frees the cell with its last row. */
void _vl_row_cell_remove_row (VlRowCell *self, VlRow *row);

/* Swaps the record, unless it is equal to the one that is there, or a stale
 * copy of an older one. Rows that are to be notified are added to `touched`. */
void _vl_row_cell_set_record (VlRowCell *self,
                              VlRecord *record,
                              gint64 fetched_at,
                              gboolean is_stale,
                              GPtrArray *touched);
/* What is shown of it before the table has it, over the copy that there is. */
void _vl_row_cell_set_early (VlRowCell *self, VlRecord *record, GPtrArray *touched);
void _vl_row_cell_set_stale (VlRowCell *self, GPtrArray *touched);
void _vl_row_cell_touch (VlRowCell *self, GPtrArray *touched);

/* vl-row-writes.c: which records have writes that are not settled */
void _vl_row_writes_watch (VlRowCells *self, VlLiveTable *table);
void _vl_row_writes_unwatch (VlRowCells *self);
void _vl_row_writes_mark (VlRowCells *self, VlRowCell *cell);
/* Whether one of the record is not settled, now. */
gboolean _vl_row_writes_is_pending (VlRowCells *self, const char *id);
GHashTable *_vl_row_writes_get_pending (VlRowCells *self); /* a set of ids */
/* How many of these records have rows in the list. */
guint _vl_row_writes_count (VlRowCells *self, VlLiveList *list);

G_END_DECLS
