/* vl-page-private.h: making one page of others
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

#include "../vl-types.h"

G_BEGIN_DECLS

/* The parts of a page that are not its rows. */
typedef struct
{
  guint64 offset;
  gint64 total;        /* -1 = unknown */
  gint64 fetched_at;   /* microseconds since the epoch, 0 = never fetched */
  guint64 fingerprint; /* of the schema it was fetched under, 0 = unknown */
  guint64 seq;         /* the number of the last fact when its fetch began */
  guint64 run;         /* of the process that counted seq */
  gboolean from_cache;
  gboolean is_stale;
  gboolean has_pending;
} VlPageInfo;

struct _VlPage
{
  GObject parent_instance;

  /* Set before anybody else sees the page. NULL rows: made with
   * g_object_new(), empty. */
  VlPageInfo info;
  guint n_rows;
  struct _VlPageRows *rows;
};

void _vl_page_get_info (VlPage *self, VlPageInfo *info);

/* The same rows under other information: no copy. */
VlPage *_vl_page_with_info (VlPage *self, const VlPageInfo *info);

/* `n` rows of `self` from `first` on: no copy. */
VlPage *_vl_page_cut (VlPage *self, guint first, guint n, const VlPageInfo *info);

/* All rows of `pages`, one after the other: no copy. */
VlPage *_vl_page_glue (VlPage *const *pages, guint n_pages, const VlPageInfo *info);

/* One row a record: no copy. */
VlPage *_vl_page_new_from_records (VlRecord *const *records,
                                   guint n_records,
                                   const VlPageInfo *info);

/* Same ids and fields, row by row; the information does not count. */
gboolean _vl_page_equal_rows (VlPage *a, VlPage *b);

/* What the page keeps in memory, blocks included, slots not. */
gsize _vl_page_get_n_bytes (VlPage *self);

G_END_DECLS
