/* vl-live-fetch-private.h: what is being fetched of one key
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-live-core-private.h"

G_BEGIN_DECLS

/* Home only, all of them. It goes by itself, when it has answered and the cache
 * has been told, or when nobody waits for it any more. */
typedef struct _VlFetch VlFetch;

/* Lets a reader in on the fetch of the key that is under way, or begins one for
 * it: the reader is answered, perhaps before this returns, or waits. */
void _vl_fetch_join (VlLiveCore *core,
                     VlReading *reading,
                     VlSlotKind kind,
                     const char *key,
                     VlQuery *query,
                     const char *id);
/* The same for one who has waited for this fetch, which was overtaken. */
void _vl_fetch_rejoin (VlFetch *fetch, VlReading *reading);
/* One who waited for it does not any more. */
void _vl_fetch_left (VlFetch *fetch);

/* Whether it cannot be told if what the master is being asked has a fact in it:
 * a page (from the offset of `query` on) or a count, that was asked for when
 * `seq` was the last one. */
typedef gboolean (*VlFetchFunc) (VlLiveCore *core,
                                 VlQuery *query,
                                 VlSlotKind kind,
                                 guint64 seq,
                                 gconstpointer data);

/* From the gate, without a function: whatever is under way was begun before an
 * invalidation. Else those of which it says so. */
void _vl_fetch_overtake (VlLiveCore *core, VlFetchFunc is_doubtful, gconstpointer data);

/* From here on for those who decide what a reader is given. */

VlLiveCore *_vl_fetch_get_core (VlFetch *fetch);
const char *_vl_fetch_get_key (VlFetch *fetch);
/* Of the gate: pages of one epoch fit together. */
guint64 _vl_fetch_get_epoch (VlFetch *fetch);
/* Whether another one of the key was begun since it was overtaken. */
gboolean _vl_fetch_has_follower (VlFetch *fetch);

/* What the cache had, or NULL; and whether it is known to be fresh. */
VlPage *_vl_fetch_get_cached (VlFetch *fetch);
gboolean _vl_fetch_is_fresh (VlFetch *fetch);
/* What the master answered, once it has; flagged if that is old already. */
VlPage *_vl_fetch_get_answer (VlFetch *fetch);

/* What the cache had is stale, or too old for a reader. */
void _vl_fetch_set_aged (VlFetch *fetch);
/* A reader was given an old copy: it goes on without readers, and tells when
 * what it brings is another one. */
void _vl_fetch_go_on_behind (VlFetch *fetch);

void _vl_fetch_log (VlFetch *fetch, const char *outcome);

G_END_DECLS
