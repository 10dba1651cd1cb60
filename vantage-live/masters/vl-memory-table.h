/* vl-memory-table.h: a table in memory, the reference
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_MEMORY_TABLE (vl_memory_table_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlMemoryTable, vl_memory_table, VL, MEMORY_TABLE, GObject)

VL_AVAILABLE_IN_1_0
VlMemoryTable *vl_memory_table_new (VlSchema *schema);
VL_AVAILABLE_IN_1_0
guint vl_memory_table_get_n_records (VlMemoryTable *self);
VL_AVAILABLE_IN_1_0
gboolean vl_memory_table_get_idempotent (VlMemoryTable *self);

G_END_DECLS
