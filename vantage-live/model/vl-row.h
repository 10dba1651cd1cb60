/* vl-row.h: one record of a list, and how it is doing
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_ROW (vl_row_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlRow, vl_row, VL, ROW, GObject)

VL_AVAILABLE_IN_1_0
const char *vl_row_get_id (VlRow *self);
VL_AVAILABLE_IN_1_0
VlRecord *vl_row_get_record (VlRow *self);
VL_AVAILABLE_IN_1_0
VlRowState vl_row_get_state (VlRow *self);
VL_AVAILABLE_IN_1_0
gboolean vl_row_get_loading (VlRow *self);
VL_AVAILABLE_IN_1_0
GError *vl_row_dup_error (VlRow *self);
VL_AVAILABLE_IN_1_0
GObject *vl_row_get_object (VlRow *self);

VL_AVAILABLE_IN_1_0
char *vl_row_get_text (VlRow *self, const char *column);
VL_AVAILABLE_IN_1_0
char *vl_row_dup_text (GObject *item, VlRecord *record, const char *column);

G_END_DECLS
