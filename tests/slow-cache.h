/* slow-cache.h: a cache that answers when the test says so
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

/* A memory cache that writes down what it is asked, holds back what it is told
 * to hold back, and fails what it is told to fail. */
#define TYPE_SLOW_CACHE (slow_cache_get_type ())
G_DECLARE_FINAL_TYPE (SlowCache, slow_cache, TEST, SLOW_CACHE, GObject)

SlowCache *slow_cache_new (void);
/* `operations` is a text of letters: l lookup, p that of the position, s store,
 * i invalidate, c clear, g get_lease. What is asked from now on waits, if it is one of them. */
void slow_cache_hold (SlowCache *self, const char *operations);
/* Answers what waits, in the order in which it was asked; how many those were. */
guint slow_cache_release (SlowCache *self);
/* Answers the one that was asked last. */
void slow_cache_release_last (SlowCache *self);
guint slow_cache_get_n_held (SlowCache *self);
/* The next `n` calls of these operations fail. */
void slow_cache_fail (SlowCache *self, const char *operations, guint n);
/* From now on nothing can be peeked at: each read is a lookup. */
void slow_cache_set_blind (SlowCache *self);
/* What was asked, a letter each, those of the schema left out. */
const char *slow_cache_get_log (SlowCache *self);
void slow_cache_forget_log (SlowCache *self);
/* The cache that does the work. */
VlCache *slow_cache_get_memory (SlowCache *self);
