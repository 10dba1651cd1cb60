/* vl-live-key-private.h: what a slot is called in the cache
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-live-reader-private.h"

G_BEGIN_DECLS

/* Room for nearly every key, so that a hit allocates nothing. */
#define VL_SLOT_KEY_ROOM 240

/* The key of a slot below its root: q/QUERYKEY/SIZE/N, n/QUERYKEY or id/ID,
 * with the parts percent-escaped. It is not to be moved, and is cleared by
 * whoever initialised it. */
typedef struct
{
  char *text;
  char room[VL_SLOT_KEY_ROOM];
} VlSlotKey;

void _vl_slot_key_init (VlSlotKey *self, const VlSlot *slot);

static inline void
_vl_slot_key_clear (VlSlotKey *self)
{
  if (self->text != self->room)
    g_free (self->text);
}

/* The query that fetches a slot: its own, with the window of its page. */
VlQuery *_vl_live_key_query (const VlSlot *slot);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VlSlotKey, _vl_slot_key_clear)

G_END_DECLS
