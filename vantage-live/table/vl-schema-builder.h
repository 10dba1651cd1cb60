/* vl-schema-builder.h: makes a schema column by column
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_SCHEMA_BUILDER (vl_schema_builder_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlSchemaBuilder, vl_schema_builder, VL, SCHEMA_BUILDER, GObject)

VL_AVAILABLE_IN_1_0
VlSchemaBuilder *vl_schema_builder_new (const char *table_name);
VL_AVAILABLE_IN_1_0
void vl_schema_builder_set_instance (VlSchemaBuilder *self, const char *instance);
VL_AVAILABLE_IN_1_0
void vl_schema_builder_add_column (VlSchemaBuilder *self,
                                   const char *name,
                                   VlFieldType type,
                                   gboolean nullable);
VL_AVAILABLE_IN_1_0
void vl_schema_builder_set_id_column (VlSchemaBuilder *self, const char *name);
VL_AVAILABLE_IN_1_0
void vl_schema_builder_add_title_column (VlSchemaBuilder *self, const char *name);
VL_AVAILABLE_IN_1_0
void vl_schema_builder_add_relation (VlSchemaBuilder *self, const char *name);
VL_AVAILABLE_IN_1_0
void vl_schema_builder_set_capabilities (VlSchemaBuilder *self, VlCapabilities capabilities);
VL_AVAILABLE_IN_1_0
VlSchema *vl_schema_builder_end (VlSchemaBuilder *self);

G_END_DECLS
