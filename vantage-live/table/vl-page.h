/* vl-page.h: an immutable window of records
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_PAGE (vl_page_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlPage, vl_page, VL, PAGE, GObject)

VL_AVAILABLE_IN_1_0
VlPage *vl_page_new_from_bytes (GBytes *bytes, GError **error);
VL_AVAILABLE_IN_1_0
GBytes *vl_page_to_bytes (VlPage *self);
VL_AVAILABLE_IN_1_0
char *vl_page_to_json (VlPage *self);

VL_AVAILABLE_IN_1_0
guint vl_page_get_n_records (VlPage *self);
VL_AVAILABLE_IN_1_0
VlRecord *vl_page_get_record (VlPage *self, guint position);
VL_AVAILABLE_IN_1_0
const char *vl_page_get_record_id (VlPage *self, guint position);
VL_AVAILABLE_IN_1_0
gboolean vl_page_find (VlPage *self, const char *id, guint *position);

VL_AVAILABLE_IN_1_0
guint64 vl_page_get_offset (VlPage *self);
VL_AVAILABLE_IN_1_0
gint64 vl_page_get_total (VlPage *self);
VL_AVAILABLE_IN_1_0
gint64 vl_page_get_fetched_at (VlPage *self);
VL_AVAILABLE_IN_1_0
gboolean vl_page_get_from_cache (VlPage *self);
VL_AVAILABLE_IN_1_0
gboolean vl_page_get_is_stale (VlPage *self);
VL_AVAILABLE_IN_1_0
gboolean vl_page_get_has_pending (VlPage *self);

G_END_DECLS
