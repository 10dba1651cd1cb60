/* vl-live-event-private.h: making one event of two
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-live-event.h"

G_BEGIN_DECLS

/* An event that tells no less than `first` and then `second` do. */
VlLiveEvent *_vl_live_event_merge (VlLiveEvent *first, VlLiveEvent *second);

G_END_DECLS
