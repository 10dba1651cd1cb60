/* vl-null-cache.h: a cache that never holds anything
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_NULL_CACHE (vl_null_cache_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlNullCache, vl_null_cache, VL, NULL_CACHE, GObject)

VL_AVAILABLE_IN_1_0
VlNullCache *vl_null_cache_new (void);

G_END_DECLS
