/* vl-null-cache.c: a cache that never holds anything
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-null-cache.h"

#include "../base/vl-lock-private.h"
#include "../table/vl-reply.h"
#include "vl-cache.h"

/* How many roots are remembered. When there are more all are forgotten, and
 * get generations that were never used: fetches under way then look overtaken,
 * which costs nothing here. */
#define MAX_ROOTS 1024

/**
 * VlNullCache:
 *
 * A cache that never holds anything.
 *
 * Every lookup is a miss. A live table over it asks its master each time, and
 * still joins readers who ask for the same thing at the same moment, and still
 * tells which answers were overtaken by a write: leases change like those of
 * any other cache.
 *
 * It may be used from any thread and shared by live tables on different ones.
 *
 * Since: 1.0
 */
struct _VlNullCache
{
  GObject parent_instance;

  VlLock lock;             /* protects what follows, never held while calling out */
  GHashTable *roots;       /* char * -> guint64 *: the generation of a root */
  guint64 last_generation; /* of any root: counts up only, so that none repeats */
};

static void cache_iface_init (VlCacheInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (VlNullCache,
                               vl_null_cache,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_CACHE, cache_iface_init))

static guint64
get_generation (VlNullCache *self, const char *root)
{
  guint64 *generation;
  guint64 result;

  _vl_lock_acquire (&self->lock);
  generation = g_hash_table_lookup (self->roots, root);
  if (generation == NULL)
    {
      if (g_hash_table_size (self->roots) >= MAX_ROOTS)
        g_hash_table_remove_all (self->roots);
      generation = g_new (guint64, 1);
      *generation = ++self->last_generation;
      g_hash_table_insert (self->roots, g_strdup (root), generation);
    }
  result = *generation;
  _vl_lock_release (&self->lock);

  return result;
}

/* A root that is forgotten gets a new generation when it is asked for next. */
static void
forget (VlNullCache *self, const char *root)
{
  _vl_lock_acquire (&self->lock);
  if (root != NULL)
    g_hash_table_remove (self->roots, root);
  else
    g_hash_table_remove_all (self->roots);
  _vl_lock_release (&self->lock);
}

static gboolean
vl_null_cache_lookup (VlCache *cache,
                      const char *root,
                      const char *key,
                      VlReply *reply,
                      GError **error)
{
  vl_reply_return_lookup (reply, NULL, FALSE, get_generation (VL_NULL_CACHE (cache), root));
  return TRUE;
}

static gboolean
vl_null_cache_get_lease (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  vl_reply_return_lookup (reply, NULL, FALSE, get_generation (VL_NULL_CACHE (cache), root));
  return TRUE;
}

static gboolean
vl_null_cache_store (VlCache *cache,
                     const char *root,
                     const char *key,
                     VlPage *page,
                     guint64 lease,
                     VlReply *reply,
                     GError **error)
{
  vl_reply_return_done (reply);
  return TRUE;
}

static gboolean
vl_null_cache_remove (VlCache *cache,
                      const char *root,
                      const char *key,
                      VlReply *reply,
                      GError **error)
{
  vl_reply_return_done (reply);
  return TRUE;
}

/* Serves both invalidate and clear. */
static gboolean
vl_null_cache_invalidate (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  forget (VL_NULL_CACHE (cache), root);
  vl_cache_emit_invalidated (cache, root);
  vl_reply_return_done (reply);
  return TRUE;
}

static void
cache_iface_init (VlCacheInterface *iface)
{
  iface->lookup = vl_null_cache_lookup;
  iface->store = vl_null_cache_store;
  iface->remove = vl_null_cache_remove;
  iface->invalidate = vl_null_cache_invalidate;
  iface->clear = vl_null_cache_invalidate;
  iface->get_lease = vl_null_cache_get_lease;
}

static void
vl_null_cache_finalize (GObject *object)
{
  VlNullCache *self = VL_NULL_CACHE (object);

  g_hash_table_unref (self->roots);
  _vl_lock_destroy (&self->lock);

  G_OBJECT_CLASS (vl_null_cache_parent_class)->finalize (object);
}

static void
vl_null_cache_class_init (VlNullCacheClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = vl_null_cache_finalize;
}

static void
vl_null_cache_init (VlNullCache *self)
{
  _vl_lock_init (&self->lock);
  self->roots = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

/**
 * vl_null_cache_new:
 *
 * Makes a cache that never holds anything.
 *
 * Returns: (transfer full): the cache
 *
 * Since: 1.0
 */
VlNullCache *
vl_null_cache_new (void)
{
  return g_object_new (VL_TYPE_NULL_CACHE, NULL);
}
