/* vl-memory-cache.h: copies in memory, within a budget
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_MEMORY_CACHE (vl_memory_cache_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlMemoryCache, vl_memory_cache, VL, MEMORY_CACHE, GObject)

VL_AVAILABLE_IN_1_0
VlMemoryCache *vl_memory_cache_new (guint64 max_bytes);
VL_AVAILABLE_IN_1_0
guint64 vl_memory_cache_get_max_bytes (VlMemoryCache *self);
VL_AVAILABLE_IN_1_0
void vl_memory_cache_set_max_bytes (VlMemoryCache *self, guint64 max_bytes);
VL_AVAILABLE_IN_1_0
guint64 vl_memory_cache_get_n_bytes (VlMemoryCache *self);
VL_AVAILABLE_IN_1_0
guint vl_memory_cache_get_n_pages (VlMemoryCache *self);
VL_AVAILABLE_IN_1_0
guint64 vl_memory_cache_get_n_evicted (VlMemoryCache *self);

G_END_DECLS
