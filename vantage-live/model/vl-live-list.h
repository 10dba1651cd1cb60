/* vl-live-list.h: the records of a query as a list model
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_LIVE_LIST (vl_live_list_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlLiveList, vl_live_list, VL, LIVE_LIST, GObject)

/**
 * VlObjectFactory:
 * @record: a record that a row shows
 * @object: (nullable): what the row had for the record before, if anything
 * @user_data: data given with the function
 *
 * Makes what [property@Row:object] is, see
 * [method@LiveList.set_object_factory].
 *
 * It may bring @object up to date and return that again, or return another one.
 *
 * Returns: (transfer full) (nullable): the object for @record
 *
 * Since: 1.0
 */
typedef GObject *(*VlObjectFactory) (VlRecord *record, GObject *object, gpointer user_data);

/* What is listed. */

VL_AVAILABLE_IN_1_0
VlLiveList *vl_live_list_new (VlTable *table, VlQuery *query);
VL_AVAILABLE_IN_1_0
VlTable *vl_live_list_get_table (VlLiveList *self);
VL_AVAILABLE_IN_1_0
VlQuery *vl_live_list_get_query (VlLiveList *self);
VL_AVAILABLE_IN_1_0
void vl_live_list_set_query (VlLiveList *self, VlQuery *query);
VL_AVAILABLE_IN_1_0
guint vl_live_list_get_page_size (VlLiveList *self);
VL_AVAILABLE_IN_1_0
void vl_live_list_set_object_factory (VlLiveList *self,
                                      VlObjectFactory factory,
                                      gpointer user_data,
                                      GDestroyNotify destroy);
VL_AVAILABLE_IN_1_0
void vl_live_list_set_object_type (VlLiveList *self, GType type);

/* How far it is. */

VL_AVAILABLE_IN_1_0
gboolean vl_live_list_get_loading (VlLiveList *self);
VL_AVAILABLE_IN_1_0
VlLoadState vl_live_list_get_load_state (VlLiveList *self);
VL_AVAILABLE_IN_1_0
GError *vl_live_list_dup_error (VlLiveList *self);
VL_AVAILABLE_IN_1_0
VlTotalKind vl_live_list_get_total_kind (VlLiveList *self);
VL_AVAILABLE_IN_1_0
guint vl_live_list_get_pending (VlLiveList *self);

/* What to do with it. */

VL_AVAILABLE_IN_1_0
void vl_live_list_retry (VlLiveList *self);
VL_AVAILABLE_IN_1_0
void vl_live_list_refresh (VlLiveList *self);
VL_AVAILABLE_IN_1_0
gboolean vl_live_list_find_position (VlLiveList *self, const char *id, guint *position);

G_END_DECLS
