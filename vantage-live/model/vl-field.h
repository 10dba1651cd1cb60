/* vl-field.h: one field of a form
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_FIELD (vl_field_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlField, vl_field, VL, FIELD, GObject)

VL_AVAILABLE_IN_1_0
const char *vl_field_get_name (VlField *self);
VL_AVAILABLE_IN_1_0
VlFieldType vl_field_get_field_type (VlField *self);

/* What is in it. */
VL_AVAILABLE_IN_1_0
const char *vl_field_get_text (VlField *self);
VL_AVAILABLE_IN_1_0
void vl_field_set_text (VlField *self, const char *text);
VL_AVAILABLE_IN_1_0
GVariant *vl_field_dup_value (VlField *self);
VL_AVAILABLE_IN_1_0
void vl_field_set_value (VlField *self, GVariant *value);

/* How it is doing. */
VL_AVAILABLE_IN_1_0
gboolean vl_field_get_dirty (VlField *self);
VL_AVAILABLE_IN_1_0
const char *vl_field_get_error (VlField *self);
VL_AVAILABLE_IN_1_0
gboolean vl_field_get_conflict (VlField *self);

/* What to do about it. */
VL_AVAILABLE_IN_1_0
void vl_field_revert (VlField *self);
VL_AVAILABLE_IN_1_0
void vl_field_keep (VlField *self);

G_END_DECLS
