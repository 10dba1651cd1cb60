/* vl-cache-private.h: calling a cache without a task in between
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../table/vl-reply-private.h"
#include "vl-cache.h"

G_BEGIN_DECLS

/* How long a call made by the public functions may take, in milliseconds. */
#define VL_CACHE_TIMEOUT 30000

/* The sends of a live table, at its home. Each runs the vfunc now; `func` runs
 * once, inside the call when the answer is there already (then `*flight` is
 * NULL), else later in the context that is thread-default now. `timeout` is in
 * milliseconds, 0 = none. `flight` may be NULL for no interest. The caller
 * keeps the cache alive until `func` has run or the flight is cancelled.
 *
 * What the answer carries:
 *
 *  - lookup: `page` (NULL = miss), `fresh` and `lease`. A call that times out
 *    is a miss with lease 0, which no cache of ours ever hands out.
 *  - get_lease: `lease`.
 *  - the others: nothing but perhaps an error.
 *
 * A required vfunc that is missing fails the call; open and close without
 * their vfunc are done at once. */
void _vl_cache_send_lookup (VlCache *self,
                            const char *root,
                            const char *key,
                            guint timeout,
                            VlAnswerFunc func,
                            gpointer user_data,
                            VlFlight **flight);
void _vl_cache_send_store (VlCache *self,
                           const char *root,
                           const char *key,
                           VlPage *page,
                           guint64 lease,
                           guint timeout,
                           VlAnswerFunc func,
                           gpointer user_data,
                           VlFlight **flight);
void _vl_cache_send_remove (VlCache *self,
                            const char *root,
                            const char *key,
                            guint timeout,
                            VlAnswerFunc func,
                            gpointer user_data,
                            VlFlight **flight);
void _vl_cache_send_invalidate (VlCache *self,
                                const char *root,
                                guint timeout,
                                VlAnswerFunc func,
                                gpointer user_data,
                                VlFlight **flight);
void _vl_cache_send_clear (VlCache *self,
                           const char *root,
                           guint timeout,
                           VlAnswerFunc func,
                           gpointer user_data,
                           VlFlight **flight);
void _vl_cache_send_get_lease (VlCache *self,
                               const char *root,
                               guint timeout,
                               VlAnswerFunc func,
                               gpointer user_data,
                               VlFlight **flight);
void _vl_cache_send_open (VlCache *self,
                          const char *root,
                          guint timeout,
                          VlAnswerFunc func,
                          gpointer user_data,
                          VlFlight **flight);
void _vl_cache_send_close (VlCache *self,
                           const char *root,
                           guint timeout,
                           VlAnswerFunc func,
                           gpointer user_data,
                           VlFlight **flight);

/* Whether the cache keeps a crash mark, so that a root has to be opened before
 * a write is sent. */
gboolean _vl_cache_has_open (VlCache *self);

G_END_DECLS
