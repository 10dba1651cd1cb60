/* vl-live-repair-private.h: cached pages that facts are laid over are stored anew
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-live-reader-private.h"

G_BEGIN_DECLS

typedef struct _VlRepair VlRepair;

/* At home: what the cache has in the slot is `base`, and `laid` is that with all
 * facts laid over it. Once the cache has it, there is nothing to be laid over
 * any more. Does nothing when that is not worth it, or not sure, now. */
void _vl_repair (VlLiveCore *core, const VlSlot *slot, VlPage *base, VlPage *laid);

G_END_DECLS
