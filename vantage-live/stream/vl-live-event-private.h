/* vl-live-event-private.h: making one event of many
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-live-event.h"

G_BEGIN_DECLS

/* An event of more ids does not know them. */
#define VL_LIVE_EVENT_MAX_IDS 256

/* An event that tells no less than all of these, of which there is one at least,
 * one after the other. What they say of renaming is not told. */
VlLiveEvent *_vl_live_event_merge (VlLiveEvent *const *events, guint n_events);

G_END_DECLS
