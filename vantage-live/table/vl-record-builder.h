/* vl-record-builder.h: makes a record field by field
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_RECORD_BUILDER (vl_record_builder_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlRecordBuilder, vl_record_builder, VL, RECORD_BUILDER, GObject)

VL_AVAILABLE_IN_1_0
VlRecordBuilder *vl_record_builder_new (const char *id);
VL_AVAILABLE_IN_1_0
VlRecordBuilder *vl_record_builder_new_from (VlRecord *record);
VL_AVAILABLE_IN_1_0
void vl_record_builder_set_id (VlRecordBuilder *self, const char *id);
VL_AVAILABLE_IN_1_0
void vl_record_builder_set_null (VlRecordBuilder *self, const char *field);
VL_AVAILABLE_IN_1_0
void vl_record_builder_set_boolean (VlRecordBuilder *self, const char *field, gboolean value);
VL_AVAILABLE_IN_1_0
void vl_record_builder_set_int64 (VlRecordBuilder *self, const char *field, gint64 value);
VL_AVAILABLE_IN_1_0
void vl_record_builder_set_double (VlRecordBuilder *self, const char *field, double value);
VL_AVAILABLE_IN_1_0
void vl_record_builder_set_string (VlRecordBuilder *self, const char *field, const char *value);
VL_AVAILABLE_IN_1_0
void vl_record_builder_set_bytes (VlRecordBuilder *self, const char *field, GBytes *value);
VL_AVAILABLE_IN_1_0
void vl_record_builder_set_variant (VlRecordBuilder *self, const char *field, GVariant *value);
VL_AVAILABLE_IN_1_0
gboolean vl_record_builder_set_value (VlRecordBuilder *self,
                                      const char *field,
                                      const GValue *value,
                                      GError **error);
VL_AVAILABLE_IN_1_0
void vl_record_builder_unset (VlRecordBuilder *self, const char *field);
VL_AVAILABLE_IN_1_0
VlRecord *vl_record_builder_end (VlRecordBuilder *self);

G_END_DECLS
