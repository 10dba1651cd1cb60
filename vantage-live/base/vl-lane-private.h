/* vl-lane-private.h: those who use one file, one after the other on one thread
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-executor-private.h"

G_BEGIN_DECLS

/* All who work on one path share a lane, and so a worker thread: what one has
 * pushed there is done before what another one pushes later. So a file that is
 * closed here, and opened again at once, is closed when it is opened. The lane
 * goes with its last user; from any thread. */
typedef struct _VlLane VlLane;

VlLane *_vl_lane_enter (const char *path, const char *thread_name);
void _vl_lane_leave (VlLane *self);
VlExecutor *_vl_lane_get_executor (VlLane *self);

G_END_DECLS
