/* vl-live-stream.h: a source of change events
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_LIVE_STREAM (vl_live_stream_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (VlLiveStream, vl_live_stream, VL, LIVE_STREAM, GObject)

struct _VlLiveStreamClass
{
  GObjectClass parent_class;

  void (*start) (VlLiveStream *self);
  void (*stop) (VlLiveStream *self);

  /*< private >*/
  gpointer padding[8];
};

VL_AVAILABLE_IN_1_0
VlLiveStream *vl_live_stream_new (void);
VL_AVAILABLE_IN_1_0
void vl_live_stream_push (VlLiveStream *self, VlLiveEvent *event);
VL_AVAILABLE_IN_1_0
void vl_live_stream_report_live (VlLiveStream *self);
VL_AVAILABLE_IN_1_0
void vl_live_stream_report_live_at (VlLiveStream *self, const char *position);
VL_AVAILABLE_IN_1_0
void vl_live_stream_report_position (VlLiveStream *self, const char *position);
VL_AVAILABLE_IN_1_0
void vl_live_stream_report_end (VlLiveStream *self, const GError *error);
VL_AVAILABLE_IN_1_0
VlLiveStreamState vl_live_stream_get_state (VlLiveStream *self);
VL_AVAILABLE_IN_1_0
GError *vl_live_stream_dup_error (VlLiveStream *self);

G_END_DECLS
