/* vl-row-private.h: rows, for the list that they are in
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-row-cell-private.h"
#include "vl-row.h"

G_BEGIN_DECLS

/* Rows belong to the thread of their list. */
struct _VlRow
{
  GObject parent_instance;

  VlLiveList *list;   /* not a reference; NULL once the list has gone */
  guint position;     /* while it is placed */
  gboolean is_placed; /* in the map of the list */
  gboolean is_behind; /* not among the pages that are kept up to date */
  gboolean is_gone;   /* was in the list */
  VlRowCell *cell;    /* NULL for a placeholder */
  guint n_lives;      /* how often a placeholder was given a record */
  GError *load_error; /* of the last fetch of its page */

  /* What was notified last. */
  VlRecord *shown_record;
  char *shown_id;
  VlRowState shown_state;
  GError *shown_error;
  gboolean is_touched; /* waits for _vl_row_sync() */

  GObject *object; /* made of object_record, when it was first asked for */
  VlRecord *object_record;
  GError *object_error; /* the record does not fit it */
};

VlRow *_vl_row_new (VlLiveList *list, guint position);
void _vl_row_bind (VlRow *self, VlRowCell *cell);
void _vl_row_set_load_error (VlRow *self, const GError *error);

/* Notes a row for _vl_row_sync_all(), each once. */
void _vl_row_touch (VlRow *self, GPtrArray *touched);
/* Notifies of what has changed since the last time. */
void _vl_row_sync_all (GPtrArray *touched);
/* For a row that nobody has seen yet. */
void _vl_row_sync_silently (VlRow *self);

G_END_DECLS
