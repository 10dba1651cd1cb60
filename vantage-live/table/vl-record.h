/* vl-record.h: one immutable row
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_RECORD (vl_record_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlRecord, vl_record, VL, RECORD, GObject)

VL_AVAILABLE_IN_1_0
VlRecord *vl_record_new (const char *id, GVariant *fields);
VL_AVAILABLE_IN_1_0
VlRecord *vl_record_new_from_json (const char *json, GError **error);

VL_AVAILABLE_IN_1_0
const char *vl_record_get_id (VlRecord *self);
VL_AVAILABLE_IN_1_0
gboolean vl_record_is_provisional (VlRecord *self);

VL_AVAILABLE_IN_1_0
gboolean vl_record_has_field (VlRecord *self, const char *field);
VL_AVAILABLE_IN_1_0
gboolean vl_record_is_null (VlRecord *self, const char *field);
VL_AVAILABLE_IN_1_0
VlFieldType vl_record_get_field_type (VlRecord *self, const char *field);
VL_AVAILABLE_IN_1_0
char **vl_record_get_field_names (VlRecord *self);

VL_AVAILABLE_IN_1_0
const char *vl_record_get_string (VlRecord *self, const char *field);
VL_AVAILABLE_IN_1_0
gint64 vl_record_get_int64 (VlRecord *self, const char *field);
VL_AVAILABLE_IN_1_0
double vl_record_get_double (VlRecord *self, const char *field);
VL_AVAILABLE_IN_1_0
gboolean vl_record_get_boolean (VlRecord *self, const char *field);
VL_AVAILABLE_IN_1_0
GBytes *vl_record_get_bytes (VlRecord *self, const char *field);
VL_AVAILABLE_IN_1_0
GVariant *vl_record_get_variant (VlRecord *self, const char *field);
VL_AVAILABLE_IN_1_0
GDateTime *vl_record_get_date_time (VlRecord *self, const char *field);
VL_AVAILABLE_IN_1_0
gboolean vl_record_get_value (VlRecord *self, const char *field, GValue *value);

VL_AVAILABLE_IN_1_0
GVariant *vl_record_to_variant (VlRecord *self);
VL_AVAILABLE_IN_1_0
char *vl_record_to_json (VlRecord *self);

VL_AVAILABLE_IN_1_0
gboolean vl_record_equal (VlRecord *self, VlRecord *other);
VL_AVAILABLE_IN_1_0
VlRecord *vl_record_merge (VlRecord *self, VlRecord *patch);
VL_AVAILABLE_IN_1_0
VlRecord *vl_record_diff (VlRecord *self, VlRecord *newer);

G_END_DECLS
