/* vl-page-tally-private.h: fetched pages that nobody has read
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../vl-types.h"

G_BEGIN_DECLS

/* Counts pages that are dropped without a record of them having been asked for.
 * Any thread may drop a page; the number is good to read on any thread. */
typedef struct _VlPageTally VlPageTally;

/* On one page, with all views, cuts and gluings of it. */
typedef struct _VlPageMark VlPageMark;

VlPageTally *_vl_page_tally_new (void);
void _vl_page_tally_unref (VlPageTally *self);
guint _vl_page_tally_get (VlPageTally *self);

/* From now on the tally watches the page, which nobody else may have seen yet. */
void _vl_page_tally_watch (VlPageTally *self, VlPage *page);

VlPageMark *_vl_page_mark_ref (VlPageMark *self);
void _vl_page_mark_unref (VlPageMark *self);
void _vl_page_mark_read (VlPageMark *self);

G_END_DECLS
