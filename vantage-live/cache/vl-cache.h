/* vl-cache.h: where copies live
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_CACHE (vl_cache_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_INTERFACE (VlCache, vl_cache, VL, CACHE, GObject)

/**
 * VlCacheInterface:
 * @g_iface: the parent interface
 *
 * What an implementation of [iface@Cache] fills in.
 *
 * `peek`, `open` and `close` are optional; the others are required.
 *
 * Since: 1.0
 */
/* clang-format off */
struct _VlCacheInterface
{
  GTypeInterface g_iface;

  gboolean (*lookup)     (VlCache     *self,
                          const char  *root,
                          const char  *key,
                          VlReply     *reply,
                          GError     **error);
  gboolean (*store)      (VlCache     *self,
                          const char  *root,
                          const char  *key,
                          VlPage      *page,
                          guint64      lease,
                          VlReply     *reply,
                          GError     **error);
  gboolean (*remove)     (VlCache     *self,
                          const char  *root,
                          const char  *key,
                          VlReply     *reply,
                          GError     **error);
  gboolean (*invalidate) (VlCache     *self,
                          const char  *root,
                          VlReply     *reply,
                          GError     **error);
  gboolean (*clear)      (VlCache     *self,
                          const char  *root,
                          VlReply     *reply,
                          GError     **error);
  gboolean (*get_lease)  (VlCache     *self,
                          const char  *root,
                          VlReply     *reply,
                          GError     **error);
  gboolean (*open)       (VlCache     *self,
                          const char  *root,
                          VlReply     *reply,
                          GError     **error);
  gboolean (*close)      (VlCache     *self,
                          const char  *root,
                          VlReply     *reply,
                          GError     **error);
  VlPage  *(*peek)       (VlCache     *self,
                          const char  *root,
                          const char  *key);

  /*< private >*/
  gpointer padding[8];
};
/* clang-format on */

VL_AVAILABLE_IN_1_0
void vl_cache_lookup_async (VlCache *self,
                            const char *root,
                            const char *key,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
VL_AVAILABLE_IN_1_0
VlPage *vl_cache_lookup_finish (VlCache *self,
                                GAsyncResult *result,
                                gboolean *fresh,
                                guint64 *lease,
                                GError **error);

VL_AVAILABLE_IN_1_0
void vl_cache_store_async (VlCache *self,
                           const char *root,
                           const char *key,
                           VlPage *page,
                           guint64 lease,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
VL_AVAILABLE_IN_1_0
gboolean vl_cache_store_finish (VlCache *self, GAsyncResult *result, GError **error);

VL_AVAILABLE_IN_1_0
void vl_cache_remove_async (VlCache *self,
                            const char *root,
                            const char *key,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
VL_AVAILABLE_IN_1_0
gboolean vl_cache_remove_finish (VlCache *self, GAsyncResult *result, GError **error);

VL_AVAILABLE_IN_1_0
void vl_cache_invalidate_async (VlCache *self,
                                const char *root,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
VL_AVAILABLE_IN_1_0
gboolean vl_cache_invalidate_finish (VlCache *self, GAsyncResult *result, GError **error);

VL_AVAILABLE_IN_1_0
void vl_cache_clear_async (VlCache *self,
                           const char *root,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
VL_AVAILABLE_IN_1_0
gboolean vl_cache_clear_finish (VlCache *self, GAsyncResult *result, GError **error);

VL_AVAILABLE_IN_1_0
void vl_cache_get_lease_async (VlCache *self,
                               const char *root,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
VL_AVAILABLE_IN_1_0
gboolean vl_cache_get_lease_finish (VlCache *self,
                                    GAsyncResult *result,
                                    guint64 *lease,
                                    GError **error);

VL_AVAILABLE_IN_1_0
void vl_cache_open_async (VlCache *self,
                          const char *root,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
VL_AVAILABLE_IN_1_0
gboolean vl_cache_open_finish (VlCache *self, GAsyncResult *result, GError **error);

VL_AVAILABLE_IN_1_0
void vl_cache_close_async (VlCache *self,
                           const char *root,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
VL_AVAILABLE_IN_1_0
gboolean vl_cache_close_finish (VlCache *self, GAsyncResult *result, GError **error);

VL_AVAILABLE_IN_1_0
VlPage *vl_cache_peek (VlCache *self, const char *root, const char *key);

VL_AVAILABLE_IN_1_0
void vl_cache_emit_invalidated (VlCache *self, const char *root);

G_END_DECLS
