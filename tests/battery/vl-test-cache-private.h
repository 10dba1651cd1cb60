/* vl-test-cache-private.h: what the checks of the cache battery share
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-test-private.h"

G_BEGIN_DECLS

/* Roots and keys as a live table makes them. */
#define CLIENT    "vl-test-client"
#define CLIENTS   "vl-test-clients"
#define PAGE_KEY  "q/vl-test/100/0"
#define OTHER_KEY "q/vl-test/100/1"

/* One run over one cache, on one thread. */
typedef struct
{
  VlCache *cache;
  GMainContext *context; /* the one that was thread-default at the start */
  const char *check;     /* the check that runs now */
  gboolean holds;        /* it keeps pages at all; else every lookup is a miss */
  GError *error;         /* of the first check that failed */
} VlTestCacheRun;

/* One call that may be in flight with others, and what it ended with. */
typedef struct
{
  VlTestCacheRun *run;
  gboolean in_call; /* the `_async` function has not returned yet */
  guint *n_emitted; /* nullable: how often invalidated was emitted so far */
  guint n_before;   /* what that was when the callback ran */
  GAsyncResult *result;
  VlPage *page;
  gboolean fresh;
  guint64 lease;
} VlTestCacheCall;

VL_TEST_INTERNAL void _vl_test_cache_call_clear (VlTestCacheCall *call);
VL_TEST_INTERNAL void _vl_test_cache_fail (VlTestCacheRun *run, const char *format, ...)
  G_GNUC_PRINTF (2, 3);
VL_TEST_INTERNAL void _vl_test_cache_expect (VlTestCacheRun *run,
                                             gboolean condition,
                                             const char *what);
VL_TEST_INTERNAL void _vl_test_cache_returned (GObject *source,
                                               GAsyncResult *result,
                                               gpointer user_data);
VL_TEST_INTERNAL void _vl_test_cache_call_prepare (VlTestCacheCall *call, VlTestCacheRun *run);
VL_TEST_INTERNAL void _vl_test_cache_call_wait (VlTestCacheCall *call);
VL_TEST_INTERNAL void _vl_test_cache_lookup_begin (VlTestCacheCall *call,
                                                   VlTestCacheRun *run,
                                                   const char *root,
                                                   const char *key);
VL_TEST_INTERNAL void _vl_test_cache_lookup_end (VlTestCacheCall *call);
VL_TEST_INTERNAL void _vl_test_cache_lookup (VlTestCacheCall *call,
                                             VlTestCacheRun *run,
                                             const char *root,
                                             const char *key);
VL_TEST_INTERNAL guint64 _vl_test_cache_get_lease (VlTestCacheRun *run, const char *root);
VL_TEST_INTERNAL void _vl_test_cache_store (VlTestCacheRun *run,
                                            const char *root,
                                            const char *key,
                                            VlPage *page,
                                            guint64 lease);
VL_TEST_INTERNAL void _vl_test_cache_remove (VlTestCacheRun *run,
                                             const char *root,
                                             const char *key);
VL_TEST_INTERNAL guint _vl_test_cache_invalidate_counted (VlTestCacheRun *run,
                                                          const char *root,
                                                          guint *n_emitted);
VL_TEST_INTERNAL void _vl_test_cache_invalidate (VlTestCacheRun *run, const char *root);
VL_TEST_INTERNAL guint _vl_test_cache_clear_counted (VlTestCacheRun *run,
                                                     const char *root,
                                                     guint *n_emitted);
VL_TEST_INTERNAL void _vl_test_cache_clear (VlTestCacheRun *run, const char *root);
VL_TEST_INTERNAL void _vl_test_cache_open (VlTestCacheRun *run, const char *root);
VL_TEST_INTERNAL void _vl_test_cache_close (VlTestCacheRun *run, const char *root);
VL_TEST_INTERNAL VlPage *_vl_test_cache_make_page (const char *name, guint n);
VL_TEST_INTERNAL gboolean _vl_test_cache_same_page (VlPage *a, VlPage *b);
VL_TEST_INTERNAL void _vl_test_cache_expect_same_peek (VlTestCacheRun *run,
                                                       const char *root,
                                                       const char *key,
                                                       VlTestCacheCall *found);
VL_TEST_INTERNAL void _vl_test_cache_expect_miss (VlTestCacheRun *run,
                                                  const char *root,
                                                  const char *key);
VL_TEST_INTERNAL void _vl_test_cache_expect_fresh (VlTestCacheRun *run,
                                                   const char *root,
                                                   const char *key,
                                                   VlPage *page);
VL_TEST_INTERNAL void _vl_test_cache_expect_stale (VlTestCacheRun *run,
                                                   const char *root,
                                                   const char *key,
                                                   VlPage *page);
VL_TEST_INTERNAL VlPage *_vl_test_cache_store_fresh (VlTestCacheRun *run,
                                                     const char *root,
                                                     const char *key,
                                                     const char *name);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VlTestCacheCall, _vl_test_cache_call_clear)

G_END_DECLS
