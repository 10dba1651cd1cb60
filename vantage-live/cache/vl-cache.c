/* vl-cache.c: where copies live
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "../base/vl-cancel-watch-private.h"
#include "vl-cache-private.h"

#include "../table/vl-page.h"

/**
 * VlCache:
 *
 * Where a live table keeps copies of what its master answered.
 *
 * A cache holds pages ([class@Page]) under two texts: the *root*, which names
 * one table seen through one cache key, and the rest of the key. Roots are
 * compared whole: `client` has nothing to do with `clients`. Both texts are
 * made by the live table, with their parts percent-escaped; a cache takes them
 * as they come.
 *
 * ## Generations and leases
 *
 * Each root has a *generation*, a number below 2^53. Every lookup, hit or
 * miss, answers with it; that answer is the *lease* under which a fetch may
 * begin, and which the fetched page is stored with. A page that is stored with
 * a lease that does not equal the generation at that moment is stored as
 * stale. Invalidating or clearing a root gives it another generation. No
 * generation is ever used twice in the life of a cache, for no root, not even
 * when the cache has forgotten that it knew the root.
 *
 * Invalidated entries are stale, not gone: a lookup answers them with `fresh`
 * %FALSE and a page whose [property@Page:is-stale] is set. They go first when
 * room is needed. A page that is not fresh is never a hit.
 *
 * ## Implementing a cache
 *
 * `lookup`, `store`, `remove`, `invalidate`, `clear` and `get_lease` are
 * required. Each gets a [class@Reply], answers it once, now or later and from
 * any thread, and returns %TRUE; or returns %FALSE with an error. `peek` is
 * optional, for caches that can answer without waiting. `open` and `close` are
 * optional, for caches that survive the process: what is stored between them may
 * be fresh until the process ends, or not at all, but never for the next one. A cache emits
 * [signal@Cache::invalidated] by [method@Cache.emit_invalidated] before it
 * answers an invalidation.
 *
 * Lookups and leases may be answered in any order. What changes a root, and
 * `open` and `close` with it, takes effect in the order of the calls: a mark
 * that is set right behind an invalidation must not be taken back by it.
 *
 * A live table calls its cache on its own thread only; a cache that several
 * live tables on several threads share has to be safe for that.
 * [class@MemoryCache] and [class@NullCache] are.
 *
 * Since: 1.0
 */

G_DEFINE_INTERFACE (VlCache, vl_cache, G_TYPE_OBJECT)

/* One call of the public functions: the data of its task, used at home only. */
typedef struct
{
  VlFlight *flight;         /* while the answer is awaited, else NULL */
  VlCancelWatch *cancelled; /* watches the caller's cancellable while `flight` is set */
  VlPage *page;             /* what came, until _finish takes it */
  gboolean fresh;           /* likewise */
  guint64 lease;            /* likewise */
} CacheCall;

enum
{
  INVALIDATED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
vl_cache_default_init (VlCacheInterface *iface)
{
  /**
   * VlCache::invalidated:
   * @self: the cache
   * @root: (nullable): the root, or %NULL for every root
   *
   * The entries of a root have become stale or were cleared.
   *
   * It is emitted on the thread that asked for it, before the request is
   * answered, so that several live tables over one cache can follow each
   * other.
   *
   * Since: 1.0
   */
  signals[INVALIDATED] = g_signal_new ("invalidated", VL_TYPE_CACHE, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
cache_call_free (CacheCall *call)
{
  g_assert (call->flight == NULL && call->cancelled == NULL);
  g_clear_object (&call->page);
  g_free (call);
}

static void
cache_call_stop_waiting (CacheCall *call)
{
  _vl_cancel_watch_clear (&call->cancelled);
  g_clear_pointer (&call->flight, _vl_flight_unref);
}

/* A VlAnswerFunc; owns the task. */
static void
cache_call_answered (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  CacheCall *call = g_task_get_task_data (task);

  cache_call_stop_waiting (call);
  if (answer->error != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&answer->error));
      return;
    }

  call->page = g_steal_pointer (&answer->page);
  call->fresh = answer->fresh;
  call->lease = answer->lease;
  g_task_return_boolean (task, TRUE);
}

/* Instead of cache_call_answered(): the call was cancelled, or nothing turns
 * the context of the caller any more. */
static void
cache_call_dropped (gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  cache_call_stop_waiting (g_task_get_task_data (task));
}

static void
cache_call_cancelled (gpointer user_data)
{
  GTask *task = user_data;
  CacheCall *call = g_task_get_task_data (task);
  VlFlight *flight = g_steal_pointer (&call->flight);

  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                           _ ("The call to the cache was cancelled"));
  _vl_flight_cancel (flight);
}

/* Returns NULL when the task has ended already. */
static GTask *
cache_call_begin (VlCache *self,
                  GCancellable *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer user_data,
                  gpointer tag,
                  const char *name)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_task_set_name (task, name);
  if (g_task_return_error_if_cancelled (task))
    return NULL;

  g_task_set_task_data (task, g_new0 (CacheCall, 1), (GDestroyNotify) cache_call_free);
  return g_steal_pointer (&task);
}

/* `task` may be gone when there is no flight: it has been answered then. */
static void
cache_call_wait (GTask *task, VlFlight *flight)
{
  CacheCall *call;
  GCancellable *cancellable;

  if (flight == NULL)
    return;

  call = g_task_get_task_data (task);
  call->flight = flight;
  cancellable = g_task_get_cancellable (task);
  if (cancellable == NULL)
    return;

  call->cancelled = _vl_cancel_watch_start (g_task_get_context (task), cancellable,
                                            cache_call_cancelled, task);
}

static gboolean
cache_call_finish (VlCache *self, GAsyncResult *result, gpointer tag, GError **error)
{
  g_return_val_if_fail (VL_IS_CACHE (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, tag), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * vl_cache_lookup_async:
 * @self: a cache
 * @root: the root
 * @key: the rest of the key
 * @cancellable: (nullable): to give up, or %NULL
 * @callback: (scope async) (closure user_data): called with the answer
 * @user_data: handed to @callback
 *
 * Looks for a page.
 *
 * @callback runs in the thread-default context of the calling thread, never
 * before this function has returned. A cache that does not answer within 30
 * seconds has nothing: a miss with the lease 0.
 *
 * Since: 1.0
 */
void
vl_cache_lookup_async (VlCache *self,
                       const char *root,
                       const char *key,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  GTask *task;

  g_return_if_fail (VL_IS_CACHE (self));
  g_return_if_fail (root != NULL);
  g_return_if_fail (key != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = cache_call_begin (self, cancellable, callback, user_data, vl_cache_lookup_async,
                           "vl_cache_lookup_async");
  if (task == NULL)
    return;
  cache_call_wait (task, _vl_cache_send_lookup (self, root, key, VL_CACHE_TIMEOUT,
                                                cache_call_answered, task, cache_call_dropped));
}

/**
 * vl_cache_lookup_finish:
 * @self: a cache
 * @result: the result that the callback was given
 * @fresh: (out) (optional): whether the page is fresh; %FALSE on a miss
 * @lease: (out) (optional): the generation of the root, hit or miss: what a
 *   page fetched from now on is stored with
 * @error: return location for an error
 *
 * Takes the answer of [method@Cache.lookup_async].
 *
 * Returns: (transfer full) (nullable): the page, or %NULL for a miss, or on
 *   error: %VL_ERROR_FAILED for a cache that does not work,
 *   %G_IO_ERROR_CANCELLED, or an error of the cache
 *
 * Since: 1.0
 */
VlPage *
vl_cache_lookup_finish (VlCache *self,
                        GAsyncResult *result,
                        gboolean *fresh,
                        guint64 *lease,
                        GError **error)
{
  CacheCall *call;

  if (fresh != NULL)
    *fresh = FALSE;
  if (lease != NULL)
    *lease = 0;
  if (!cache_call_finish (self, result, vl_cache_lookup_async, error))
    return NULL;

  call = g_task_get_task_data (G_TASK (result));
  if (fresh != NULL)
    *fresh = call->fresh;
  if (lease != NULL)
    *lease = call->lease;
  return g_steal_pointer (&call->page);
}

/**
 * vl_cache_store_async:
 * @self: a cache
 * @root: the root
 * @key: the rest of the key
 * @page: what to keep
 * @lease: the lease of the lookup that came before @page was fetched
 * @cancellable: (nullable): to give up, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: handed to @callback
 *
 * Keeps a page, in place of what was kept under the same key.
 *
 * It is stored as stale unless @lease equals the generation of @root; a cache
 * may then keep what it has, if that is fresh. That it is done does not promise that the page is
 * there: a cache may have no room, and pages with [property@Page:has-pending] set are never kept.
 *
 * @callback runs in the thread-default context of the calling thread, never
 * before this function has returned.
 *
 * Since: 1.0
 */
void
vl_cache_store_async (VlCache *self,
                      const char *root,
                      const char *key,
                      VlPage *page,
                      guint64 lease,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task;

  g_return_if_fail (VL_IS_CACHE (self));
  g_return_if_fail (root != NULL);
  g_return_if_fail (key != NULL);
  g_return_if_fail (VL_IS_PAGE (page));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = cache_call_begin (self, cancellable, callback, user_data, vl_cache_store_async,
                           "vl_cache_store_async");
  if (task == NULL)
    return;
  cache_call_wait (task, _vl_cache_send_store (self, root, key, page, lease, VL_CACHE_TIMEOUT,
                                               cache_call_answered, task, cache_call_dropped));
}

/**
 * vl_cache_store_finish:
 * @self: a cache
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Takes the answer of [method@Cache.store_async].
 *
 * Returns: %TRUE, or %FALSE on error: %VL_ERROR_FAILED for a cache that does
 *   not work, %VL_ERROR_TIMED_OUT after 30 seconds, %G_IO_ERROR_CANCELLED, or
 *   an error of the cache
 *
 * Since: 1.0
 */
gboolean
vl_cache_store_finish (VlCache *self, GAsyncResult *result, GError **error)
{
  return cache_call_finish (self, result, vl_cache_store_async, error);
}

/**
 * vl_cache_remove_async:
 * @self: a cache
 * @root: the root
 * @key: the rest of the key
 * @cancellable: (nullable): to give up, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: handed to @callback
 *
 * Erases one page, if there is one.
 *
 * The generation of @root stays what it is, and other entries are left alone.
 *
 * @callback runs in the thread-default context of the calling thread, never
 * before this function has returned.
 *
 * Since: 1.0
 */
void
vl_cache_remove_async (VlCache *self,
                       const char *root,
                       const char *key,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  GTask *task;

  g_return_if_fail (VL_IS_CACHE (self));
  g_return_if_fail (root != NULL);
  g_return_if_fail (key != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = cache_call_begin (self, cancellable, callback, user_data, vl_cache_remove_async,
                           "vl_cache_remove_async");
  if (task == NULL)
    return;
  cache_call_wait (task, _vl_cache_send_remove (self, root, key, VL_CACHE_TIMEOUT,
                                                cache_call_answered, task, cache_call_dropped));
}

/**
 * vl_cache_remove_finish:
 * @self: a cache
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Takes the answer of [method@Cache.remove_async].
 *
 * Returns: %TRUE, whether there was a page or not, or %FALSE on error:
 *   %VL_ERROR_FAILED for a cache that does not work, %VL_ERROR_TIMED_OUT after
 *   30 seconds, %G_IO_ERROR_CANCELLED, or an error of the cache
 *
 * Since: 1.0
 */
gboolean
vl_cache_remove_finish (VlCache *self, GAsyncResult *result, GError **error)
{
  return cache_call_finish (self, result, vl_cache_remove_async, error);
}

/**
 * vl_cache_invalidate_async:
 * @self: a cache
 * @root: the root
 * @cancellable: (nullable): to give up, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: handed to @callback
 *
 * Makes all entries of a root stale and gives it another generation.
 *
 * The entries can still be looked up, as stale ones. Live tables over the same
 * root hear of it by [signal@Cache::invalidated].
 *
 * @callback runs in the thread-default context of the calling thread, never
 * before this function has returned.
 *
 * Since: 1.0
 */
void
vl_cache_invalidate_async (VlCache *self,
                           const char *root,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task;

  g_return_if_fail (VL_IS_CACHE (self));
  g_return_if_fail (root != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = cache_call_begin (self, cancellable, callback, user_data, vl_cache_invalidate_async,
                           "vl_cache_invalidate_async");
  if (task == NULL)
    return;
  cache_call_wait (task, _vl_cache_send_invalidate (self, root, VL_CACHE_TIMEOUT,
                                                    cache_call_answered, task, cache_call_dropped));
}

/**
 * vl_cache_invalidate_finish:
 * @self: a cache
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Takes the answer of [method@Cache.invalidate_async].
 *
 * Returns: %TRUE, or %FALSE on error, when the entries may still be taken for
 *   fresh: %VL_ERROR_FAILED for a cache that does not work,
 *   %VL_ERROR_TIMED_OUT after 30 seconds, %G_IO_ERROR_CANCELLED, or an error
 *   of the cache
 *
 * Since: 1.0
 */
gboolean
vl_cache_invalidate_finish (VlCache *self, GAsyncResult *result, GError **error)
{
  return cache_call_finish (self, result, vl_cache_invalidate_async, error);
}

/**
 * vl_cache_clear_async:
 * @self: a cache
 * @root: (nullable): the root, or %NULL for every root
 * @cancellable: (nullable): to give up, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: handed to @callback
 *
 * Erases all entries of a root and gives it another generation.
 *
 * Live tables over the same root hear of it by [signal@Cache::invalidated].
 *
 * @callback runs in the thread-default context of the calling thread, never
 * before this function has returned.
 *
 * Since: 1.0
 */
void
vl_cache_clear_async (VlCache *self,
                      const char *root,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task;

  g_return_if_fail (VL_IS_CACHE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = cache_call_begin (self, cancellable, callback, user_data, vl_cache_clear_async,
                           "vl_cache_clear_async");
  if (task == NULL)
    return;
  cache_call_wait (task, _vl_cache_send_clear (self, root, VL_CACHE_TIMEOUT, cache_call_answered,
                                               task, cache_call_dropped));
}

/**
 * vl_cache_clear_finish:
 * @self: a cache
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Takes the answer of [method@Cache.clear_async].
 *
 * Returns: %TRUE, or %FALSE on error, when entries may still be there:
 *   %VL_ERROR_FAILED for a cache that does not work, %VL_ERROR_TIMED_OUT after
 *   30 seconds, %G_IO_ERROR_CANCELLED, or an error of the cache
 *
 * Since: 1.0
 */
gboolean
vl_cache_clear_finish (VlCache *self, GAsyncResult *result, GError **error)
{
  return cache_call_finish (self, result, vl_cache_clear_async, error);
}

/**
 * vl_cache_get_lease_async:
 * @self: a cache
 * @root: the root
 * @cancellable: (nullable): to give up, or %NULL
 * @callback: (scope async) (closure user_data): called with the answer
 * @user_data: handed to @callback
 *
 * Asks for the generation of a root without looking anything up.
 *
 * @callback runs in the thread-default context of the calling thread, never
 * before this function has returned.
 *
 * Since: 1.0
 */
void
vl_cache_get_lease_async (VlCache *self,
                          const char *root,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task;

  g_return_if_fail (VL_IS_CACHE (self));
  g_return_if_fail (root != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = cache_call_begin (self, cancellable, callback, user_data, vl_cache_get_lease_async,
                           "vl_cache_get_lease_async");
  if (task == NULL)
    return;
  cache_call_wait (task, _vl_cache_send_get_lease (self, root, VL_CACHE_TIMEOUT,
                                                   cache_call_answered, task, cache_call_dropped));
}

/**
 * vl_cache_get_lease_finish:
 * @self: a cache
 * @result: the result that the callback was given
 * @lease: (out) (optional): the generation of the root, below 2^53; 0 on error
 * @error: return location for an error
 *
 * Takes the answer of [method@Cache.get_lease_async].
 *
 * Returns: %TRUE, or %FALSE on error: %VL_ERROR_FAILED for a cache that does
 *   not work, %VL_ERROR_TIMED_OUT after 30 seconds, %G_IO_ERROR_CANCELLED, or
 *   an error of the cache
 *
 * Since: 1.0
 */
gboolean
vl_cache_get_lease_finish (VlCache *self, GAsyncResult *result, guint64 *lease, GError **error)
{
  if (lease != NULL)
    *lease = 0;
  if (!cache_call_finish (self, result, vl_cache_get_lease_async, error))
    return FALSE;

  if (lease != NULL)
    *lease = ((CacheCall *) g_task_get_task_data (G_TASK (result)))->lease;
  return TRUE;
}

/**
 * vl_cache_open_async:
 * @self: a cache
 * @root: the root
 * @cancellable: (nullable): to give up, or %NULL
 * @callback: (scope async) (closure user_data): called when the mark is safe
 * @user_data: handed to @callback
 *
 * Marks a root as being written to, or as right only together with what the
 * process has been told of it.
 *
 * A root that is still marked when a cache that survives restarts is opened
 * anew is stale. What is stored while it is marked is stale then even if the mark
 * was taken back; whether it is fresh until then is up to the cache. Any other
 * cache is done at once.
 *
 * @callback runs in the thread-default context of the calling thread, never
 * before this function has returned.
 *
 * Since: 1.0
 */
void
vl_cache_open_async (VlCache *self,
                     const char *root,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  GTask *task;

  g_return_if_fail (VL_IS_CACHE (self));
  g_return_if_fail (root != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = cache_call_begin (self, cancellable, callback, user_data, vl_cache_open_async,
                           "vl_cache_open_async");
  if (task == NULL)
    return;
  cache_call_wait (task, _vl_cache_send_open (self, root, VL_CACHE_TIMEOUT, cache_call_answered,
                                              task, cache_call_dropped));
}

/**
 * vl_cache_open_finish:
 * @self: a cache
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Takes the answer of [method@Cache.open_async].
 *
 * Returns: %TRUE, or %FALSE on error, when a crash might leave old entries
 *   taken for fresh: %VL_ERROR_TIMED_OUT after 30 seconds,
 *   %G_IO_ERROR_CANCELLED, or an error of the cache
 *
 * Since: 1.0
 */
gboolean
vl_cache_open_finish (VlCache *self, GAsyncResult *result, GError **error)
{
  return cache_call_finish (self, result, vl_cache_open_async, error);
}

/**
 * vl_cache_close_async:
 * @self: a cache
 * @root: the root
 * @cancellable: (nullable): to give up, or %NULL
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: handed to @callback
 *
 * Takes back the mark of [method@Cache.open_async].
 *
 * For a write that has changed nothing; [method@Cache.invalidate_async] takes
 * the mark back too. What was stored before the mark was set stays as fresh as it
 * was.
 *
 * @callback runs in the thread-default context of the calling thread, never
 * before this function has returned.
 *
 * Since: 1.0
 */
void
vl_cache_close_async (VlCache *self,
                      const char *root,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task;

  g_return_if_fail (VL_IS_CACHE (self));
  g_return_if_fail (root != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = cache_call_begin (self, cancellable, callback, user_data, vl_cache_close_async,
                           "vl_cache_close_async");
  if (task == NULL)
    return;
  cache_call_wait (task, _vl_cache_send_close (self, root, VL_CACHE_TIMEOUT, cache_call_answered,
                                               task, cache_call_dropped));
}

/**
 * vl_cache_close_finish:
 * @self: a cache
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Takes the answer of [method@Cache.close_async].
 *
 * Returns: %TRUE, or %FALSE on error: %VL_ERROR_TIMED_OUT after 30 seconds,
 *   %G_IO_ERROR_CANCELLED, or an error of the cache
 *
 * Since: 1.0
 */
gboolean
vl_cache_close_finish (VlCache *self, GAsyncResult *result, GError **error)
{
  return cache_call_finish (self, result, vl_cache_close_async, error);
}

/**
 * vl_cache_peek:
 * @self: a cache
 * @root: the root
 * @key: the rest of the key
 *
 * Looks for a page without waiting for anything.
 *
 * Does no I/O. For use on the thread that the cache belongs to;
 * [class@MemoryCache] and [class@NullCache] may be asked on any thread.
 *
 * Returns: (transfer full) (nullable): the page, whose
 *   [property@Page:is-stale] tells whether it is stale, or %NULL when it is
 *   not there, would have to be waited for, or the cache cannot tell without
 *   waiting
 *
 * Since: 1.0
 */
VlPage *
vl_cache_peek (VlCache *self, const char *root, const char *key)
{
  VlCacheInterface *iface;

  g_return_val_if_fail (VL_IS_CACHE (self), NULL);
  g_return_val_if_fail (root != NULL, NULL);
  g_return_val_if_fail (key != NULL, NULL);

  iface = VL_CACHE_GET_IFACE (self);

  return iface->peek != NULL ? iface->peek (self, root, key) : NULL;
}

/**
 * vl_cache_emit_invalidated:
 * @self: a cache
 * @root: (nullable): the root, or %NULL for every root
 *
 * Emits [signal@Cache::invalidated], for implementations.
 *
 * To be called on the thread that the cache was called on, after the entries
 * have become stale or are gone and before the request is answered; and
 * without holding locks, since handlers may use the cache.
 *
 * Since: 1.0
 */
void
vl_cache_emit_invalidated (VlCache *self, const char *root)
{
  g_return_if_fail (VL_IS_CACHE (self));

  g_signal_emit (self, signals[INVALIDATED], 0, root);
}
