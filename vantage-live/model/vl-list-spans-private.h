/* vl-list-spans-private.h: the records that a list has at hand, by position
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../vl-types.h"

G_BEGIN_DECLS

/* Consecutive positions whose records are rows of one page. */
typedef struct
{
  guint first;
  guint n;
  guint row; /* of the page, at `first` */
  VlPage *page;
  gboolean is_dirty;   /* something has changed since it was fetched */
  gboolean is_loose;   /* shown where it was, not where its order puts it */
  gboolean is_told;    /* by an event, which may have come late */
  gboolean is_doubted; /* that was a while ago: fetched again when somebody looks */
} VlListSpan;

/* Ordered and disjoint. */
typedef struct
{
  GArray *spans; /* of VlListSpan */
} VlListSpans;

void _vl_list_spans_init (VlListSpans *self);
void _vl_list_spans_clear (VlListSpans *self);
guint _vl_list_spans_get_n (VlListSpans *self);
/* How many positions they have. */
guint64 _vl_list_spans_count (VlListSpans *self);

/* In place of what is there. */
void _vl_list_spans_put (VlListSpans *self,
                         guint first,
                         guint n,
                         VlPage *page,
                         guint row,
                         gboolean is_dirty);
/* One record, as an event has told it. */
void _vl_list_spans_put_record (VlListSpans *self, guint position, VlRecord *record);
void _vl_list_spans_cut (VlListSpans *self, guint first, guint n);
/* What is at `first` moves up by `n`, leaving a hole. */
void _vl_list_spans_insert (VlListSpans *self, guint first, guint n);
/* Cuts, and what comes after moves down by `n`. */
void _vl_list_spans_delete (VlListSpans *self, guint first, guint n);

/* The span that has the position, or NULL; until the next change. */
const VlListSpan *_vl_list_spans_find (VlListSpans *self, guint position);
/* The first position from `position` on that has a span, or G_MAXUINT64. */
guint64 _vl_list_spans_find_next (VlListSpans *self, guint64 position);
VlRecord *_vl_list_spans_get_record (VlListSpans *self, guint position);
const char *_vl_list_spans_get_id (VlListSpans *self, guint position);
gboolean _vl_list_spans_find_id (VlListSpans *self, const char *id, guint *position);

/* Whether all of it is there, and nothing dirty. */
gboolean _vl_list_spans_cover (VlListSpans *self, guint first, guint n);
gboolean _vl_list_spans_are_dirty (VlListSpans *self);
void _vl_list_spans_soil (VlListSpans *self);
void _vl_list_spans_soil_range (VlListSpans *self, guint first, guint n);

/* Looks at what events have told anew, wherever somebody looks: they may come late. */
void _vl_list_spans_doubt_told (VlListSpans *self);

/* Until something else is put there. */
void _vl_list_spans_loosen (VlListSpans *self, guint first, guint n);
/* Whether anything is loose but the record at the position. */
gboolean _vl_list_spans_are_loose_but (VlListSpans *self, guint64 position);

G_END_DECLS
