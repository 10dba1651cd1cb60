/* vl-write.h: one write to watch
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_WRITE (vl_write_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlWrite, vl_write, VL, WRITE, GObject)

VL_AVAILABLE_IN_1_0
VlChange *vl_write_get_change (VlWrite *self);
VL_AVAILABLE_IN_1_0
VlRecord *vl_write_get_record (VlWrite *self);
VL_AVAILABLE_IN_1_0
VlWriteState vl_write_get_state (VlWrite *self);
VL_AVAILABLE_IN_1_0
GError *vl_write_dup_error (VlWrite *self);
VL_AVAILABLE_IN_1_0
guint vl_write_get_attempts (VlWrite *self);
VL_AVAILABLE_IN_1_0
gboolean vl_write_get_accepted (VlWrite *self);
VL_AVAILABLE_IN_1_0
gboolean vl_write_cancel (VlWrite *self);
VL_AVAILABLE_IN_1_0
gboolean vl_write_retry (VlWrite *self);
VL_AVAILABLE_IN_1_0
void vl_write_discard (VlWrite *self);

G_END_DECLS
