/* vl-live-key-private.h: what a slot is called in the cache
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-live-reader-private.h"

G_BEGIN_DECLS

/* The key of a slot below its root: q/QUERYKEY/SIZE/N, n/QUERYKEY or id/ID,
 * with the parts percent-escaped. */
char *_vl_live_key_new (const VlSlot *slot);

/* The query that fetches a slot: its own, with the window of its page. */
VlQuery *_vl_live_key_query (const VlSlot *slot);

G_END_DECLS
