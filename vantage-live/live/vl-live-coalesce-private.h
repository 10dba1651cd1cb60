/* vl-live-coalesce-private.h: patches that are sent as one
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../vl-types.h"

G_BEGIN_DECLS

typedef struct _VlLiveCore VlLiveCore;

/* At home, before the first of the queue is sent: with `coalesce`, patches to a
 * record join the one to it before them. */
void _vl_coalesce_queue (VlLiveCore *core);

/* One that others have joined has failed: each stands for itself again. */
void _vl_coalesce_part (VlLiveCore *core, VlWrite *write, GPtrArray *joined);

G_END_DECLS
