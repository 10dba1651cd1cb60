/* vl-change.h: one change to a table
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_CHANGE (vl_change_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlChange, vl_change, VL, CHANGE, GObject)

VL_AVAILABLE_IN_1_0
VlChange *vl_change_new_insert (VlRecord *record);
VL_AVAILABLE_IN_1_0
VlChange *vl_change_new_replace (VlRecord *record);
VL_AVAILABLE_IN_1_0
VlChange *vl_change_new_patch (const char *id, VlRecord *fields);
VL_AVAILABLE_IN_1_0
VlChange *vl_change_new_delete (const char *id);
VL_AVAILABLE_IN_1_0
VlChange *vl_change_new_delete_all (VlQuery *query);

VL_AVAILABLE_IN_1_0
VlChange *vl_change_with_base (VlChange *self, VlRecord *base);
VL_AVAILABLE_IN_1_0
VlChange *vl_change_with_uid (VlChange *self, const char *uid);
VL_AVAILABLE_IN_1_0
VlChange *vl_change_with_origin (VlChange *self, VlOrigin origin);

VL_AVAILABLE_IN_1_0
VlChangeKind vl_change_get_kind (VlChange *self);
VL_AVAILABLE_IN_1_0
const char *vl_change_get_id (VlChange *self);
VL_AVAILABLE_IN_1_0
VlRecord *vl_change_get_record (VlChange *self);
VL_AVAILABLE_IN_1_0
VlRecord *vl_change_get_base (VlChange *self);
VL_AVAILABLE_IN_1_0
VlQuery *vl_change_get_query (VlChange *self);
VL_AVAILABLE_IN_1_0
const char *vl_change_get_uid (VlChange *self);
VL_AVAILABLE_IN_1_0
VlOrigin vl_change_get_origin (VlChange *self);

G_END_DECLS
