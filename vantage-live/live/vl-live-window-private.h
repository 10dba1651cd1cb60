/* vl-live-window-private.h: windows cut from and glued out of master pages
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-live-core-private.h"

G_BEGIN_DECLS

/* Runs at home, once; `page` or `error` (both transfer none). */
typedef void (*VlWindowFunc) (VlPage *page, const GError *error, gpointer user_data);

typedef struct _VlWindow VlWindow;

/* Reads the window of a query out of pages of `page_size` rows, or out of the
 * whole answer when the master cannot do windows. At home, with the schema
 * known; answers now, and returns NULL, or later. */
VlWindow *_vl_window_read (VlLiveCore *core,
                           VlQuery *query,
                           guint page_size,
                           const VlReadOptions *options,
                           VlWindowFunc func,
                           gpointer user_data);
/* `func` will not run. */
void _vl_window_cancel (VlWindow *window);

/* What a read would answer without asking anybody, if the window lies on one
 * page; else NULL. */
VlPage *_vl_window_get_at_hand (VlLiveCore *core,
                                VlQuery *query,
                                guint page_size,
                                const VlReadOptions *options);

/* What the cache has of the window at once, or NULL unless it has all of it. */
VlPage *_vl_window_peek (VlLiveCore *core,
                         VlQuery *query,
                         guint page_size,
                         const VlReadOptions *options);

G_END_DECLS
