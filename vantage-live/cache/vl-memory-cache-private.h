/* vl-memory-cache-private.h: using a cache in memory without replies
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-memory-cache.h"

G_BEGIN_DECLS

/* What the vfuncs do, for a cache that has one of these in front of something
 * slower. From any thread; no signal is emitted. `root_name` NULL = all. */
guint64 _vl_memory_cache_get_lease (VlMemoryCache *self, const char *root_name);
VlPage *_vl_memory_cache_find (VlMemoryCache *self, const char *root_name, const char *key);

/* Whether it has a fresh page there that was found since this was asked last. */
gboolean _vl_memory_cache_take_used (VlMemoryCache *self, const char *root_name, const char *key);

void _vl_memory_cache_put (VlMemoryCache *self,
                           const char *root_name,
                           const char *key,
                           VlPage *page,
                           guint64 lease);
void _vl_memory_cache_drop (VlMemoryCache *self, const char *root_name, const char *key);
void _vl_memory_cache_raise (VlMemoryCache *self, const char *root_name);
void _vl_memory_cache_erase (VlMemoryCache *self, const char *root_name);

G_END_DECLS
