/* vl-query.h: which records, in what order, which of them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_QUERY (vl_query_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlQuery, vl_query, VL, QUERY, GObject)

VL_AVAILABLE_IN_1_0
VlQuery *vl_query_new (void);
VL_AVAILABLE_IN_1_0
VlQuery *vl_query_parse (const char *key, GError **error);

VL_AVAILABLE_IN_1_0
VlQuery *vl_query_where (VlQuery *self, const char *field, VlOp op, GVariant *value);
VL_AVAILABLE_IN_1_0
VlQuery *vl_query_search (VlQuery *self, const char *text);
VL_AVAILABLE_IN_1_0
VlQuery *vl_query_order_by (VlQuery *self, const char *field, gboolean descending);
VL_AVAILABLE_IN_1_0
VlQuery *vl_query_window (VlQuery *self, guint64 offset, guint limit);

VL_AVAILABLE_IN_1_0
const char *vl_query_get_key (VlQuery *self);
VL_AVAILABLE_IN_1_0
gboolean vl_query_equal (VlQuery *self, VlQuery *other);
VL_AVAILABLE_IN_1_0
guint vl_query_get_n_conditions (VlQuery *self);
VL_AVAILABLE_IN_1_0
const char *vl_query_get_condition (VlQuery *self, guint index, VlOp *op, GVariant **value);
VL_AVAILABLE_IN_1_0
const char *vl_query_get_search (VlQuery *self);
VL_AVAILABLE_IN_1_0
guint vl_query_get_n_orders (VlQuery *self);
VL_AVAILABLE_IN_1_0
const char *vl_query_get_order (VlQuery *self, guint index, gboolean *descending);
VL_AVAILABLE_IN_1_0
guint64 vl_query_get_offset (VlQuery *self);
VL_AVAILABLE_IN_1_0
guint vl_query_get_limit (VlQuery *self);

VL_AVAILABLE_IN_1_0
gboolean vl_query_check (VlQuery *self, VlSchema *schema, GError **error);
VL_AVAILABLE_IN_1_0
gboolean vl_query_matches (VlQuery *self, VlRecord *record);
VL_AVAILABLE_IN_1_0
int vl_query_compare (VlQuery *self, VlRecord *a, VlRecord *b);

G_END_DECLS
