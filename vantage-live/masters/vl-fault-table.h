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

/* What chance decides, the seed decides. */

VL_AVAILABLE_IN_1_0
guint64 vl_fault_table_get_seed (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
void vl_fault_table_set_seed (VlFaultTable *self, guint64 seed);

/* How calls travel. */

VL_AVAILABLE_IN_1_0
guint vl_fault_table_get_latency (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
void vl_fault_table_set_latency (VlFaultTable *self, guint latency);
VL_AVAILABLE_IN_1_0
guint vl_fault_table_get_jitter (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
void vl_fault_table_set_jitter (VlFaultTable *self, guint jitter);
VL_AVAILABLE_IN_1_0
gboolean vl_fault_table_get_keep_order (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
void vl_fault_table_set_keep_order (VlFaultTable *self, gboolean keep_order);

/* What befalls them by chance, and by order. */

VL_AVAILABLE_IN_1_0
double vl_fault_table_get_error_rate (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
void vl_fault_table_set_error_rate (VlFaultTable *self, double error_rate);
VL_AVAILABLE_IN_1_0
double vl_fault_table_get_lost_ack_rate (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
void vl_fault_table_set_lost_ack_rate (VlFaultTable *self, double lost_ack_rate);
VL_AVAILABLE_IN_1_0
VlError vl_fault_table_get_lost_ack_error (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
void vl_fault_table_set_lost_ack_error (VlFaultTable *self, VlError lost_ack_error);
VL_AVAILABLE_IN_1_0
double vl_fault_table_get_never_answer_rate (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
void vl_fault_table_set_never_answer_rate (VlFaultTable *self, double never_answer_rate);
VL_AVAILABLE_IN_1_0
gboolean vl_fault_table_get_never_answer (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
void vl_fault_table_set_never_answer (VlFaultTable *self, gboolean never_answer);
VL_AVAILABLE_IN_1_0
void vl_fault_table_push_error (VlFaultTable *self, const GError *error);
VL_AVAILABLE_IN_1_0
void vl_fault_table_push_error_after (VlFaultTable *self, const GError *error);

/* Times without any network. */

VL_AVAILABLE_IN_1_0
gboolean vl_fault_table_get_offline (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
void vl_fault_table_set_offline (VlFaultTable *self, gboolean offline);
VL_AVAILABLE_IN_1_0
gboolean vl_fault_table_is_offline (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
void vl_fault_table_add_offline_window (VlFaultTable *self, guint start, guint duration);

/* What the target is made to say. */

VL_AVAILABLE_IN_1_0
double vl_fault_table_get_total_lie_rate (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
void vl_fault_table_set_total_lie_rate (VlFaultTable *self, double total_lie_rate);
VL_AVAILABLE_IN_1_0
gboolean vl_fault_table_get_remote (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
void vl_fault_table_set_remote (VlFaultTable *self, gboolean remote);

/* How its stream fares. */

VL_AVAILABLE_IN_1_0
guint vl_fault_table_get_event_delay (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
void vl_fault_table_set_event_delay (VlFaultTable *self, guint event_delay);
VL_AVAILABLE_IN_1_0
double vl_fault_table_get_event_repeat_rate (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
void vl_fault_table_set_event_repeat_rate (VlFaultTable *self, double event_repeat_rate);
VL_AVAILABLE_IN_1_0
double vl_fault_table_get_event_loss_rate (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
void vl_fault_table_set_event_loss_rate (VlFaultTable *self, double event_loss_rate);
VL_AVAILABLE_IN_1_0
gboolean vl_fault_table_get_echo (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
void vl_fault_table_set_echo (VlFaultTable *self, gboolean echo);

/* What has happened. */

VL_AVAILABLE_IN_1_0
guint64 vl_fault_table_get_n_calls (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
guint64 vl_fault_table_get_n_reads (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
guint64 vl_fault_table_get_n_writes (VlFaultTable *self);
VL_AVAILABLE_IN_1_0
guint64 vl_fault_table_get_n_faults (VlFaultTable *self);

G_END_DECLS
