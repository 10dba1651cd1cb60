/* vl-record-edit.h: a record being edited
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_RECORD_EDIT (vl_record_edit_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlRecordEdit, vl_record_edit, VL, RECORD_EDIT, GObject)

VL_AVAILABLE_IN_1_0
VlRecordEdit *vl_record_edit_new (VlTable *table, VlRecord *record);
VL_AVAILABLE_IN_1_0
VlRecordEdit *vl_record_edit_new_for_row (VlTable *table, VlRow *row);
VL_AVAILABLE_IN_1_0
VlTable *vl_record_edit_get_table (VlRecordEdit *self);
VL_AVAILABLE_IN_1_0
VlRecord *vl_record_edit_get_record (VlRecordEdit *self);

/* The fields. */
VL_AVAILABLE_IN_1_0
VlField *vl_record_edit_get_field (VlRecordEdit *self, const char *name);
VL_AVAILABLE_IN_1_0
GVariant *vl_record_edit_dup_value (VlRecordEdit *self, const char *name);
VL_AVAILABLE_IN_1_0
void vl_record_edit_set_value (VlRecordEdit *self, const char *name, GVariant *value);
VL_AVAILABLE_IN_1_0
gboolean vl_record_edit_get_dirty (VlRecordEdit *self);
VL_AVAILABLE_IN_1_0
char **vl_record_edit_dup_dirty_fields (VlRecordEdit *self);
VL_AVAILABLE_IN_1_0
gboolean vl_record_edit_get_is_new (VlRecordEdit *self);

/* Saving. */
VL_AVAILABLE_IN_1_0
gboolean vl_record_edit_get_can_save (VlRecordEdit *self);
VL_AVAILABLE_IN_1_0
gboolean vl_record_edit_get_saving (VlRecordEdit *self);
VL_AVAILABLE_IN_1_0
GError *vl_record_edit_dup_error (VlRecordEdit *self);
VL_AVAILABLE_IN_1_0
void vl_record_edit_save_async (VlRecordEdit *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
VL_AVAILABLE_IN_1_0
VlRecord *vl_record_edit_save_finish (VlRecordEdit *self, GAsyncResult *result, GError **error);
VL_AVAILABLE_IN_1_0
void vl_record_edit_revert (VlRecordEdit *self);

G_END_DECLS
