/* vl-scoped-table.h: the part of a table that meets a query
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_SCOPED_TABLE (vl_scoped_table_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlScopedTable, vl_scoped_table, VL, SCOPED_TABLE, GObject)

VL_AVAILABLE_IN_1_0
VlScopedTable *vl_scoped_table_new (VlTable *target, VlQuery *scope);
VL_AVAILABLE_IN_1_0
VlTable *vl_scoped_table_get_target (VlScopedTable *self);
VL_AVAILABLE_IN_1_0
VlQuery *vl_scoped_table_get_scope (VlScopedTable *self);

G_END_DECLS
