/* vl-record-object.h: records as objects of a class of the application's own
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

VL_AVAILABLE_IN_1_0
GObject *vl_record_to_object (VlRecord *self, GType type, GError **error);
VL_AVAILABLE_IN_1_0
gboolean vl_record_fill_object (VlRecord *self, GObject *object, GError **error);
VL_AVAILABLE_IN_1_0
VlRecord *vl_record_from_object (GObject *object, VlRecord *base, GError **error);

G_END_DECLS
