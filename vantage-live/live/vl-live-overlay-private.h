/* vl-live-overlay-private.h: facts laid over base pages
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../table/vl-page-private.h"
#include "vl-live-facts-private.h"

G_BEGIN_DECLS

/* Remembers how facts change the rows of the queries that were asked last.
 * Home only. */
typedef struct _VlOverlay VlOverlay;

VlOverlay *_vl_overlay_new (VlFacts *facts);
void _vl_overlay_free (VlOverlay *self);

/* The base pages that a window is cut from. */
typedef struct
{
  VlQuery *query;       /* with its window */
  VlPage *const *pages; /* one behind the other */
  guint n_pages;
  gboolean is_end; /* nothing comes after the last page */
} VlOverlayBase;

typedef enum
{
  VL_OVERLAY_DONE,
  VL_OVERLAY_WANTS_BEFORE, /* rows of the page before are in the window now */
  VL_OVERLAY_WANTS_AFTER,  /* rows of the page after the last one are */
  VL_OVERLAY_TORN,         /* the pages contradict each other: they have to be read again */
} VlOverlayState;

/* Whether facts have to be laid over any of the pages. */
gboolean _vl_overlay_is_idle (VlOverlay *self, VlPage *const *pages, guint n_pages);

/* The window with the facts laid over it; in each state but DONE as well as the
 * pages allow. `info` is that of the window without facts. */
VlPage *_vl_overlay_window (VlOverlay *self,
                            const VlOverlayBase *base,
                            const VlPageInfo *info,
                            VlOverlayState *state);

/* A page of one row or none, as that of a record is kept. */
VlPage *_vl_overlay_record (VlOverlay *self, const char *id, VlPage *base);

/* Likewise, of a record that the base cannot have. */
VlPage *_vl_overlay_new_record (VlOverlay *self, const char *id);

/* A page without rows, whose total is a count. */
VlPage *_vl_overlay_count (VlOverlay *self, VlQuery *query, VlPage *base);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VlOverlay, _vl_overlay_free)

G_END_DECLS
