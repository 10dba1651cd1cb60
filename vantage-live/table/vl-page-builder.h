/* vl-page-builder.h: makes a page cell by cell
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_PAGE_BUILDER (vl_page_builder_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlPageBuilder, vl_page_builder, VL, PAGE_BUILDER, GObject)

VL_AVAILABLE_IN_1_0
VlPageBuilder *vl_page_builder_new (VlSchema *schema);
VL_AVAILABLE_IN_1_0
void vl_page_builder_set_offset (VlPageBuilder *self, guint64 offset);
VL_AVAILABLE_IN_1_0
void vl_page_builder_set_total (VlPageBuilder *self, gint64 total);
VL_AVAILABLE_IN_1_0
void vl_page_builder_append_null (VlPageBuilder *self);
VL_AVAILABLE_IN_1_0
void vl_page_builder_append_boolean (VlPageBuilder *self, gboolean value);
VL_AVAILABLE_IN_1_0
void vl_page_builder_append_int64 (VlPageBuilder *self, gint64 value);
VL_AVAILABLE_IN_1_0
void vl_page_builder_append_double (VlPageBuilder *self, double value);
VL_AVAILABLE_IN_1_0
void vl_page_builder_append_string (VlPageBuilder *self, const char *value, gssize length);
VL_AVAILABLE_IN_1_0
void vl_page_builder_append_bytes (VlPageBuilder *self, const guint8 *data, gsize length);
VL_AVAILABLE_IN_1_0
void vl_page_builder_append_variant (VlPageBuilder *self, GVariant *value);
VL_AVAILABLE_IN_1_0
void vl_page_builder_end_row (VlPageBuilder *self);
VL_AVAILABLE_IN_1_0
void vl_page_builder_add_record (VlPageBuilder *self, VlRecord *record);
VL_AVAILABLE_IN_1_0
guint vl_page_builder_get_n_rows (VlPageBuilder *self);
VL_AVAILABLE_IN_1_0
VlPage *vl_page_builder_end (VlPageBuilder *self);

G_END_DECLS
