/* vl-live-table-private.h: the inside of a live table, for its operations
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-live-call-private.h"
#include "vl-live-table.h"

G_BEGIN_DECLS

VlLiveCore *_vl_live_table_get_core (VlLiveTable *self);
VlLiveView _vl_live_table_get_view (VlLiveTable *self);
gboolean _vl_live_table_is_closed (VlLiveTable *self, GError **error);
/* At home: nothing new is taken, and no stream is listened to. */
void _vl_live_table_set_closed (VlLiveTable *self);

G_END_DECLS
