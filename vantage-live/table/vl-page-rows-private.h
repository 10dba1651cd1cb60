/* vl-page-rows-private.h: the rows of a page, shared by all its views
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-block-private.h"
#include "vl-page-tally-private.h"

G_BEGIN_DECLS

/* Rows of a block that stand together in the page. */
typedef struct
{
  VlBlock *block;
  VlPageMark *mark; /* who wants to know whether these were read; mostly NULL */
  guint first;      /* row in the block */
  guint n_rows;
  guint position; /* in the page */
} VlPageRun;

/* Immutable but for the two members that are made late and published
 * atomically; any thread may read it and hold references. */
typedef struct _VlPageRows
{
  gint ref_count;
  guint n_rows;
  guint n_runs;
  gpointer slots; /* VlRecord *[n_rows]: records that were asked for, kept */
  gpointer index; /* finds positions by id */
  VlPageRun runs[];
} VlPageRows;

/* Collects runs; those that continue each other become one. */
typedef GArray VlPageRuns;

VlPageRuns *_vl_page_runs_new (void);
void _vl_page_runs_add (VlPageRuns *runs, VlBlock *block, guint first, guint n_rows);
/* `n_rows` of a run, from its row `first` on. */
void _vl_page_runs_add_part (VlPageRuns *runs, const VlPageRun *run, guint first, guint n_rows);
VlPageRows *_vl_page_runs_end (VlPageRuns *runs);

VlPageRows *_vl_page_rows_ref (VlPageRows *self);
void _vl_page_rows_unref (VlPageRows *self);

/* The block and row at a position, which must be one of the page. */
VlBlock *_vl_page_rows_get (VlPageRows *self, guint position, guint *row);

/* The same record for the same position, always; a new reference. */
VlRecord *_vl_page_rows_get_record (VlPageRows *self, guint position);

/* Uses these records for the positions, instead of making new ones; before
 * the rows are shared. */
void _vl_page_rows_use_records (VlPageRows *self, VlRecord *const *records);

/* On all runs in place of what they have, before the rows are shared. */
void _vl_page_rows_set_mark (VlPageRows *self, VlPageMark *mark);

/* Somebody has read them, though not as records. */
void _vl_page_rows_mark_read (VlPageRows *self);

/* The first row of that id. */
gboolean _vl_page_rows_find (VlPageRows *self, const char *id, guint *position);

/* All rows in one block. */
VlBlock *_vl_page_rows_flatten (VlPageRows *self);

gsize _vl_page_rows_get_n_bytes (VlPageRows *self);

/* A page of all rows of the block, whose reference it takes. */
VlPage *_vl_page_new_take_block (VlBlock *block, const VlPageInfo *info);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VlPageRows, _vl_page_rows_unref)

G_END_DECLS
