/* vl-fault-table.h: any table behind a simulated network
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_FAULT_TABLE (vl_fault_table_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlFaultTable, vl_fault_table, VL, FAULT_TABLE, GObject)

VL_AVAILABLE_IN_1_0
VlFaultTable *vl_fault_table_new (VlTable *target);
VL_AVAILABLE_IN_1_0
VlTable *vl_fault_table_get_target (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
guint vl_fault_table_get_latency (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
void vl_fault_table_set_latency (VlFaultTable *self, guint latency);
VL_AVAILABLE_IN_1_0
gboolean vl_fault_table_get_never_answer (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
void vl_fault_table_set_never_answer (VlFaultTable *self, gboolean never_answer);
VL_AVAILABLE_IN_1_0
void vl_fault_table_push_error (VlFaultTable *self, const GError *error);
VL_AVAILABLE_IN_1_0
void vl_fault_table_push_error_after (VlFaultTable *self, const GError *error);
VL_AVAILABLE_IN_1_0
guint64 vl_fault_table_get_n_calls (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
guint64 vl_fault_table_get_n_reads (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
guint64 vl_fault_table_get_n_writes (VlFaultTable *self);

G_END_DECLS
