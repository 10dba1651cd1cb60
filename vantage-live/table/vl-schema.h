/* vl-schema.h: what a table looks like and what it can do
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_SCHEMA (vl_schema_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlSchema, vl_schema, VL, SCHEMA, GObject)

VL_AVAILABLE_IN_1_0
const char *vl_schema_get_table_name (VlSchema *self);
VL_AVAILABLE_IN_1_0
const char *vl_schema_get_instance (VlSchema *self);
VL_AVAILABLE_IN_1_0
guint vl_schema_get_n_columns (VlSchema *self);
VL_AVAILABLE_IN_1_0
const char *vl_schema_get_column_name (VlSchema *self, guint column);
VL_AVAILABLE_IN_1_0
VlFieldType vl_schema_get_column_type (VlSchema *self, guint column);
VL_AVAILABLE_IN_1_0
gboolean vl_schema_get_column_nullable (VlSchema *self, guint column);
VL_AVAILABLE_IN_1_0
gboolean vl_schema_has_column (VlSchema *self, const char *name);
VL_AVAILABLE_IN_1_0
gboolean vl_schema_find_column (VlSchema *self, const char *name, guint *column);
VL_AVAILABLE_IN_1_0
const char *vl_schema_get_id_column (VlSchema *self);
VL_AVAILABLE_IN_1_0
const char *const *vl_schema_get_title_columns (VlSchema *self);
VL_AVAILABLE_IN_1_0
const char *const *vl_schema_get_relations (VlSchema *self);
VL_AVAILABLE_IN_1_0
VlCapabilities vl_schema_get_capabilities (VlSchema *self);
VL_AVAILABLE_IN_1_0
gboolean vl_schema_can (VlSchema *self, VlCapabilities capabilities);
VL_AVAILABLE_IN_1_0
guint64 vl_schema_get_fingerprint (VlSchema *self);
VL_AVAILABLE_IN_1_0
gboolean vl_schema_equal (VlSchema *self, VlSchema *other);
VL_AVAILABLE_IN_1_0
GVariant *vl_schema_to_variant (VlSchema *self);
VL_AVAILABLE_IN_1_0
VlSchema *vl_schema_new_from_variant (GVariant *variant, GError **error);

G_END_DECLS
