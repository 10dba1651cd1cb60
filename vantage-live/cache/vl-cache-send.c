/* vl-cache-send.c: calls the vfuncs of a cache
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-cache-private.h"

#include "../table/vl-flight-private.h"
#include "../table/vl-reply.h"
#include "../vl-error.h"

/**
 * VlCacheInterface::lookup:
 * @self: the cache
 * @root: the root
 * @key: the rest of the key
 * @reply: (transfer none): what is owed the caller; answered by
 *   [method@Reply.return_lookup]
 * @error: return location for an error
 *
 * Looks for a page.
 *
 * The answer is the page, or %NULL for a miss; whether it is fresh; and the
 * generation of the root, hit or miss. A stale page has
 * [property@Page:is-stale] set or is answered as not fresh; either will do.
 * The pages answered should have [property@Page:from-cache] set if the cache
 * is able to; a live table sees to it otherwise.
 *
 * It runs on the thread of the caller.
 *
 * Returns: %TRUE when the reply is answered or will be, %FALSE with @error set
 *
 * Since: 1.0
 */

/**
 * VlCacheInterface::store:
 * @self: the cache
 * @root: the root
 * @key: the rest of the key
 * @page: (transfer none): what to keep
 * @lease: the lease that the lookup before the fetch had answered
 * @reply: (transfer none): what is owed the caller; answered by
 *   [method@Reply.return_done]
 * @error: return location for an error
 *
 * Keeps a page, in place of what was kept under the same key.
 *
 * It is stored as stale unless @lease equals the generation of the root; it
 * need not take the place of a fresh page then. Never refused for want of
 * room: a cache that does not want to keep the page says that it is done. A page with
 * [property@Page:has-pending] set is never kept.
 *
 * It runs on the thread of the caller.
 *
 * Returns: %TRUE when the reply is answered or will be, %FALSE with @error set
 *
 * Since: 1.0
 */

/**
 * VlCacheInterface::remove:
 * @self: the cache
 * @root: the root
 * @key: the rest of the key
 * @reply: (transfer none): what is owed the caller; answered by
 *   [method@Reply.return_done]
 * @error: return location for an error
 *
 * Erases one page, if there is one. The generation of the root stays.
 *
 * It runs on the thread of the caller.
 *
 * Returns: %TRUE when the reply is answered or will be, %FALSE with @error set
 *
 * Since: 1.0
 */

/**
 * VlCacheInterface::invalidate:
 * @self: the cache
 * @root: the root
 * @reply: (transfer none): what is owed the caller; answered by
 *   [method@Reply.return_done]
 * @error: return location for an error
 *
 * Makes all entries of a root stale and gives it another generation.
 *
 * Meant to be quick however many entries there are. Emits
 * [signal@Cache::invalidated] before it answers, and takes back the mark of
 * `open`.
 *
 * It runs on the thread of the caller.
 *
 * Returns: %TRUE when the reply is answered or will be, %FALSE with @error set
 *
 * Since: 1.0
 */

/**
 * VlCacheInterface::clear:
 * @self: the cache
 * @root: (nullable): the root, or %NULL for every root
 * @reply: (transfer none): what is owed the caller; answered by
 *   [method@Reply.return_done]
 * @error: return location for an error
 *
 * Erases all entries of a root and gives it another generation.
 *
 * Emits [signal@Cache::invalidated] once before it answers, with @root as it
 * is: %NULL speaks for every root, those too that the cache does not know.
 *
 * It runs on the thread of the caller.
 *
 * Returns: %TRUE when the reply is answered or will be, %FALSE with @error set
 *
 * Since: 1.0
 */

/**
 * VlCacheInterface::get_lease:
 * @self: the cache
 * @root: the root
 * @reply: (transfer none): what is owed the caller; answered by
 *   [method@Reply.return_lookup] with a %NULL page
 * @error: return location for an error
 *
 * Answers the generation of a root, as a lookup does.
 *
 * It runs on the thread of the caller.
 *
 * Returns: %TRUE when the reply is answered or will be, %FALSE with @error set
 *
 * Since: 1.0
 */

/**
 * VlCacheInterface::open:
 * @self: the cache
 * @root: the root
 * @reply: (transfer none): what is owed the caller; answered by
 *   [method@Reply.return_done] once the mark would survive a crash
 * @error: return location for an error
 *
 * Marks a root as being written to.
 *
 * A write may reach the master while the process dies before it could
 * invalidate anything. A root that is found marked when the cache is opened
 * anew is therefore stale; pages are not stored as fresh while the mark is
 * set. Optional: a cache without it keeps nothing across restarts.
 *
 * It runs on the thread of the caller.
 *
 * Returns: %TRUE when the reply is answered or will be, %FALSE with @error set
 *
 * Since: 1.0
 */

/**
 * VlCacheInterface::close:
 * @self: the cache
 * @root: the root
 * @reply: (transfer none): what is owed the caller; answered by
 *   [method@Reply.return_done]
 * @error: return location for an error
 *
 * Takes back the mark of `open` after a write that changed nothing.
 *
 * Optional. It runs on the thread of the caller.
 *
 * Returns: %TRUE when the reply is answered or will be, %FALSE with @error set
 *
 * Since: 1.0
 */

/**
 * VlCacheInterface::peek:
 * @self: the cache
 * @root: the root
 * @key: the rest of the key
 *
 * Looks for a page without waiting for anything.
 *
 * Optional, for caches that have the page at hand: no I/O, no locks held for
 * long. It answers what a lookup would, and the page itself says whether it is
 * stale. An error cannot be reported; a script that raises here answers a
 * miss.
 *
 * A cache that cannot flag its pages answers %NULL for a stale one.
 *
 * It runs on the thread of the caller.
 *
 * Returns: (transfer full) (nullable): the page, or %NULL when it is not there
 *   or would have to be waited for
 *
 * Since: 1.0
 */

static VlReplyInfo
make_info (VlCache *self, VlAnswerKind kind, const char *vfunc, guint timeout)
{
  return (VlReplyInfo){
    .kind = kind,
    .vfunc = vfunc,
    .type = G_OBJECT_TYPE (self),
    .timeout = timeout,
    .timeout_error = VL_ERROR_TIMED_OUT,
  };
}

static VlReply *
make_reply (VlCache *self,
            VlAnswerKind kind,
            const char *vfunc,
            guint timeout,
            VlAnswerFunc func,
            gpointer user_data,
            GDestroyNotify drop)
{
  const VlReplyInfo info = make_info (self, kind, vfunc, timeout);

  return _vl_reply_new (&info, func, user_data, drop);
}

void
_vl_cache_iface_set_quick (VlCacheInterface *iface, const VlCacheQuick *quick)
{
  iface->padding[0] = (gpointer) quick;
}

static const VlCacheQuick *
get_quick (VlCacheInterface *iface)
{
  static const VlCacheQuick none;

  return iface->padding[0] != NULL ? iface->padding[0] : &none;
}

static gboolean
fail_missing (VlCache *self, const char *vfunc, GError **error)
{
  g_set_error (error, VL_ERROR, VL_ERROR_FAILED,
               _ ("The cache cannot work: %s does not implement %s()"), G_OBJECT_TYPE_NAME (self),
               vfunc);
  return FALSE;
}

VlFlight *
_vl_cache_send_lookup (VlCache *self,
                       const char *root,
                       const char *key,
                       guint timeout,
                       VlAnswerFunc func,
                       gpointer user_data,
                       GDestroyNotify drop)
{
  VlCacheInterface *iface = VL_CACHE_GET_IFACE (self);
  const VlCacheQuick *quick = get_quick (iface);
  VlReplyInfo info = make_info (self, VL_ANSWER_LOOKUP, "lookup", timeout);
  g_auto (VlAnswer) answer = { 0 };
  VlReply *reply;
  GError *error = NULL;
  gboolean returned;

  if (quick->lookup_now != NULL && quick->lookup_now (self, root, key, &answer))
    {
      func (&answer, user_data);
      return NULL;
    }

  info.may_time_out = TRUE;
  if (quick->lookup_later != NULL)
    {
      VlFlight *flight = _vl_flight_new ();

      _vl_flight_prepare (flight, &info, func, user_data, drop);
      quick->lookup_later (self, root, key, flight);
      return _vl_flight_sent (flight, TRUE, NULL);
    }

  reply = _vl_reply_new (&info, func, user_data, drop);
  if (iface->lookup != NULL)
    returned = iface->lookup (self, root, key, reply, &error);
  else
    returned = fail_missing (self, "lookup", &error);
  return _vl_reply_sent (reply, returned, error);
}

VlFlight *
_vl_cache_send_store (VlCache *self,
                      const char *root,
                      const char *key,
                      VlPage *page,
                      guint64 lease,
                      guint timeout,
                      VlAnswerFunc func,
                      gpointer user_data,
                      GDestroyNotify drop)
{
  VlCacheInterface *iface = VL_CACHE_GET_IFACE (self);
  const VlCacheQuick *quick = get_quick (iface);
  VlAnswer answer = { 0 };
  VlReply *reply;
  GError *error = NULL;
  gboolean returned;

  if (quick->store_now != NULL)
    {
      quick->store_now (self, root, key, page, lease);
      func (&answer, user_data);
      return NULL;
    }

  reply = make_reply (self, VL_ANSWER_DONE, "store", timeout, func, user_data, drop);
  if (iface->store != NULL)
    returned = iface->store (self, root, key, page, lease, reply, &error);
  else
    returned = fail_missing (self, "store", &error);
  return _vl_reply_sent (reply, returned, error);
}

VlFlight *
_vl_cache_send_remove (VlCache *self,
                       const char *root,
                       const char *key,
                       guint timeout,
                       VlAnswerFunc func,
                       gpointer user_data,
                       GDestroyNotify drop)
{
  VlCacheInterface *iface = VL_CACHE_GET_IFACE (self);
  VlReply *reply = make_reply (self, VL_ANSWER_DONE, "remove", timeout, func, user_data, drop);
  GError *error = NULL;
  gboolean returned;

  if (iface->remove != NULL)
    returned = iface->remove (self, root, key, reply, &error);
  else
    returned = fail_missing (self, "remove", &error);
  return _vl_reply_sent (reply, returned, error);
}

/* The vfuncs that take a root and nothing else. */
typedef gboolean (*RootFunc) (VlCache *self, const char *root, VlReply *reply, GError **error);

static VlFlight *
send_root (VlCache *self,
           RootFunc vfunc,
           const char *name,
           gboolean required,
           const char *root,
           VlReply *reply)
{
  GError *error = NULL;
  gboolean returned = TRUE;

  if (vfunc != NULL)
    returned = vfunc (self, root, reply, &error);
  else if (required)
    returned = fail_missing (self, name, &error);
  else
    vl_reply_return_done (reply);
  return _vl_reply_sent (reply, returned, error);
}

VlFlight *
_vl_cache_send_invalidate (VlCache *self,
                           const char *root,
                           guint timeout,
                           VlAnswerFunc func,
                           gpointer user_data,
                           GDestroyNotify drop)
{
  VlReply *reply = make_reply (self, VL_ANSWER_DONE, "invalidate", timeout, func, user_data, drop);

  return send_root (self, VL_CACHE_GET_IFACE (self)->invalidate, "invalidate", TRUE, root, reply);
}

VlFlight *
_vl_cache_send_clear (VlCache *self,
                      const char *root,
                      guint timeout,
                      VlAnswerFunc func,
                      gpointer user_data,
                      GDestroyNotify drop)
{
  VlReply *reply = make_reply (self, VL_ANSWER_DONE, "clear", timeout, func, user_data, drop);

  return send_root (self, VL_CACHE_GET_IFACE (self)->clear, "clear", TRUE, root, reply);
}

VlFlight *
_vl_cache_send_get_lease (VlCache *self,
                          const char *root,
                          guint timeout,
                          VlAnswerFunc func,
                          gpointer user_data,
                          GDestroyNotify drop)
{
  VlReply *reply = make_reply (self, VL_ANSWER_LOOKUP, "get_lease", timeout, func, user_data, drop);

  return send_root (self, VL_CACHE_GET_IFACE (self)->get_lease, "get_lease", TRUE, root, reply);
}

VlFlight *
_vl_cache_send_open (VlCache *self,
                     const char *root,
                     guint timeout,
                     VlAnswerFunc func,
                     gpointer user_data,
                     GDestroyNotify drop)
{
  VlReply *reply = make_reply (self, VL_ANSWER_DONE, "open", timeout, func, user_data, drop);

  return send_root (self, VL_CACHE_GET_IFACE (self)->open, "open", FALSE, root, reply);
}

VlFlight *
_vl_cache_send_close (VlCache *self,
                      const char *root,
                      guint timeout,
                      VlAnswerFunc func,
                      gpointer user_data,
                      GDestroyNotify drop)
{
  VlReply *reply = make_reply (self, VL_ANSWER_DONE, "close", timeout, func, user_data, drop);

  return send_root (self, VL_CACHE_GET_IFACE (self)->close, "close", FALSE, root, reply);
}

gboolean
_vl_cache_has_open (VlCache *self)
{
  return VL_CACHE_GET_IFACE (self)->open != NULL;
}
