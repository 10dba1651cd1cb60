/* vl-reply.h: the answer that a vfunc owes
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_REPLY (vl_reply_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlReply, vl_reply, VL, REPLY, GObject)

VL_AVAILABLE_IN_1_0
void vl_reply_return_page (VlReply *self, VlPage *page);
VL_AVAILABLE_IN_1_0
void vl_reply_return_record (VlReply *self, VlRecord *record);
VL_AVAILABLE_IN_1_0
void vl_reply_return_count (VlReply *self, gint64 count);
VL_AVAILABLE_IN_1_0
void vl_reply_return_schema (VlReply *self, VlSchema *schema);
VL_AVAILABLE_IN_1_0
void vl_reply_return_lookup (VlReply *self, VlPage *page, gboolean fresh, guint64 lease);
VL_AVAILABLE_IN_1_0
void vl_reply_return_done (VlReply *self);

VL_AVAILABLE_IN_1_0
void vl_reply_add_record (VlReply *self, VlRecord *record);
VL_AVAILABLE_IN_1_0
void vl_reply_set_total (VlReply *self, gint64 total);
VL_AVAILABLE_IN_1_0
void vl_reply_return_nth (VlReply *self, guint index, VlRecord *record);
VL_AVAILABLE_IN_1_0
void vl_reply_fail_nth (VlReply *self, guint index, const GError *error);
VL_AVAILABLE_IN_1_0
void vl_reply_fail_nth_conflict (VlReply *self,
                                 guint index,
                                 VlRecord *current,
                                 const char *message);
VL_AVAILABLE_IN_1_0
void vl_reply_finish (VlReply *self);

VL_AVAILABLE_IN_1_0
void vl_reply_fail (VlReply *self, const GError *error);
VL_AVAILABLE_IN_1_0
void vl_reply_fail_literal (VlReply *self, VlError code, const char *message);
VL_AVAILABLE_IN_1_0
void vl_reply_fail_conflict (VlReply *self, VlRecord *current, const char *message);

VL_AVAILABLE_IN_1_0
GCancellable *vl_reply_get_cancellable (VlReply *self);

G_END_DECLS
