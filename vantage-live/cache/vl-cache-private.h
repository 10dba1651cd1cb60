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

/* What our own caches do beside their vfuncs, so that the hot path has no reply
 * to make: an object, and more than half of what such a call costs. NULL is
 * what a cache does not do. All of it runs on the thread of the caller. */
typedef struct
{
  /* TRUE with the answer if it is at hand. */
  gboolean (*lookup_now) (VlCache *self, const char *root, const char *key, VlAnswer *answer);

  /* If it is not: the flight, of VL_ANSWER_LOOKUP, is answered later. */
  void (*lookup_later) (VlCache *self, const char *root, const char *key, VlFlight *flight);

  /* What is done when it returns, and cannot fail. */
  void (*store_now) (VlCache *self, const char *root, const char *key, VlPage *page, guint64 lease);
} VlCacheQuick;

void _vl_cache_iface_set_quick (VlCacheInterface *iface, const VlCacheQuick *quick);

/* The sends of a live table, at its home. Each runs the vfunc now and goes on
 * like _vl_reply_sent(): `func` runs inside the call, and NULL is returned,
 * when the answer is there already; else it runs later, at home. `drop` frees
 * `user_data` when `func` is never going to run. `timeout` is in milliseconds,
 * 0 = none. The caller keeps the cache alive until one of them has run.
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
VlFlight *_vl_cache_send_lookup (VlCache *self,
                                 const char *root,
                                 const char *key,
                                 guint timeout,
                                 VlAnswerFunc func,
                                 gpointer user_data,
                                 GDestroyNotify drop);
VlFlight *_vl_cache_send_store (VlCache *self,
                                const char *root,
                                const char *key,
                                VlPage *page,
                                guint64 lease,
                                guint timeout,
                                VlAnswerFunc func,
                                gpointer user_data,
                                GDestroyNotify drop);
VlFlight *_vl_cache_send_remove (VlCache *self,
                                 const char *root,
                                 const char *key,
                                 guint timeout,
                                 VlAnswerFunc func,
                                 gpointer user_data,
                                 GDestroyNotify drop);
VlFlight *_vl_cache_send_invalidate (VlCache *self,
                                     const char *root,
                                     guint timeout,
                                     VlAnswerFunc func,
                                     gpointer user_data,
                                     GDestroyNotify drop);
VlFlight *_vl_cache_send_clear (VlCache *self,
                                const char *root,
                                guint timeout,
                                VlAnswerFunc func,
                                gpointer user_data,
                                GDestroyNotify drop);
VlFlight *_vl_cache_send_get_lease (VlCache *self,
                                    const char *root,
                                    guint timeout,
                                    VlAnswerFunc func,
                                    gpointer user_data,
                                    GDestroyNotify drop);
VlFlight *_vl_cache_send_open (VlCache *self,
                               const char *root,
                               guint timeout,
                               VlAnswerFunc func,
                               gpointer user_data,
                               GDestroyNotify drop);
VlFlight *_vl_cache_send_close (VlCache *self,
                                const char *root,
                                guint timeout,
                                VlAnswerFunc func,
                                gpointer user_data,
                                GDestroyNotify drop);

/* Whether the cache keeps a crash mark, so that a root has to be opened before
 * a write is sent. */
gboolean _vl_cache_has_open (VlCache *self);

G_END_DECLS
