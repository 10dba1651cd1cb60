/* vl-sqlite-cache.h: copies in a folder, that outlive the program
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_SQLITE_CACHE (vl_sqlite_cache_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlSqliteCache, vl_sqlite_cache, VL, SQLITE_CACHE, GObject)

VL_AVAILABLE_IN_1_0
VlSqliteCache *vl_sqlite_cache_new (const char *folder);
VL_AVAILABLE_IN_1_0
const char *vl_sqlite_cache_get_folder (VlSqliteCache *self);
VL_AVAILABLE_IN_1_0
guint64 vl_sqlite_cache_get_max_bytes (VlSqliteCache *self);
VL_AVAILABLE_IN_1_0
void vl_sqlite_cache_set_max_bytes (VlSqliteCache *self, guint64 max_bytes);
VL_AVAILABLE_IN_1_0
guint64 vl_sqlite_cache_get_memory_bytes (VlSqliteCache *self);
VL_AVAILABLE_IN_1_0
void vl_sqlite_cache_set_memory_bytes (VlSqliteCache *self, guint64 memory_bytes);
VL_AVAILABLE_IN_1_0
gboolean vl_sqlite_cache_get_is_degraded (VlSqliteCache *self);
VL_AVAILABLE_IN_1_0
GError *vl_sqlite_cache_dup_error (VlSqliteCache *self);
VL_AVAILABLE_IN_1_0
guint64 vl_sqlite_cache_get_n_bytes (VlSqliteCache *self);
VL_AVAILABLE_IN_1_0
guint vl_sqlite_cache_get_n_pages (VlSqliteCache *self);

G_END_DECLS
