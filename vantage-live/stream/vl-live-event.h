/* vl-live-event.h: something changed elsewhere
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_LIVE_EVENT (vl_live_event_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlLiveEvent, vl_live_event, VL, LIVE_EVENT, GObject)

VL_AVAILABLE_IN_1_0
VlLiveEvent *vl_live_event_new (VlLiveEventKind kind, const char *const *ids);
VL_AVAILABLE_IN_1_0
VlLiveEvent *vl_live_event_new_changed (void);
VL_AVAILABLE_IN_1_0
VlLiveEvent *vl_live_event_new_inserted (VlRecord *record);
VL_AVAILABLE_IN_1_0
VlLiveEvent *vl_live_event_new_updated (const char *id, VlRecord *record);
VL_AVAILABLE_IN_1_0
VlLiveEvent *vl_live_event_new_deleted (const char *id);

VL_AVAILABLE_IN_1_0
VlLiveEvent *vl_live_event_with_record (VlLiveEvent *self, VlRecord *record);
VL_AVAILABLE_IN_1_0
VlLiveEvent *vl_live_event_with_renamed_from (VlLiveEvent *self, const char *id);
VL_AVAILABLE_IN_1_0
VlLiveEvent *vl_live_event_with_origin (VlLiveEvent *self, VlOrigin origin);
VL_AVAILABLE_IN_1_0
VlLiveEvent *vl_live_event_with_position (VlLiveEvent *self, const char *position);

VL_AVAILABLE_IN_1_0
VlLiveEventKind vl_live_event_get_kind (VlLiveEvent *self);
VL_AVAILABLE_IN_1_0
const char *const *vl_live_event_get_ids (VlLiveEvent *self);
VL_AVAILABLE_IN_1_0
VlRecord *vl_live_event_get_record (VlLiveEvent *self);
VL_AVAILABLE_IN_1_0
const char *vl_live_event_get_renamed_from (VlLiveEvent *self);
VL_AVAILABLE_IN_1_0
VlOrigin vl_live_event_get_origin (VlLiveEvent *self);
VL_AVAILABLE_IN_1_0
const char *vl_live_event_get_position (VlLiveEvent *self);

G_END_DECLS
