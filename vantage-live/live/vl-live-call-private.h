/* vl-live-call-private.h: one call of a live table, from its reply to its answer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-live-core-private.h"

G_BEGIN_DECLS

/* What a shell is asked, in whichever thread. Each answers `reply`, which it
 * holds until then, and gives up when the reply's cancellable fires. */
typedef struct
{
  VlReadOptions options;
  guint page_size;
} VlLiveView;

void _vl_live_call_describe (VlLiveCore *core, VlReply *reply);
void _vl_live_call_list (VlLiveCore *core, VlQuery *query, const VlLiveView *view, VlReply *reply);
void _vl_live_call_list_quick (VlLiveCore *core,
                               VlQuery *query,
                               const VlLiveView *view,
                               VlFlight *flight);
void _vl_live_call_find (VlLiveCore *core, const char *id, const VlLiveView *view, VlReply *reply);
void _vl_live_call_count (VlLiveCore *core, VlQuery *query, const VlLiveView *view, VlReply *reply);
void _vl_live_call_apply (VlLiveCore *core, VlChange *change, VlReply *reply);
void _vl_live_call_apply_batch (VlLiveCore *core, GListModel *changes, VlReply *reply);

/* At home. The schema as the live table shows it: with what it can do by
 * itself, and what a write target can do, as soon as that is known. */
VlSchema *_vl_live_call_show_schema (VlLiveCore *core, VlSchema *schema);

G_END_DECLS
