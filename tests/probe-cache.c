/* probe-cache.c: a cache that tests look into, bound to its thread
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "probe-cache.h"

typedef struct
{
  VlReply *reply;
  char *root;
  gboolean opens; /* or invalidates */
} HeldRoot;

static gint n_alive; /* atomic */

static void probe_cache_iface_init (VlCacheInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ProbeCache,
                               probe_cache,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_CACHE, probe_cache_iface_init))

static void
assert_home (ProbeCache *self)
{
  g_assert_true (g_thread_self () == self->home);
}

static void
held_root_free (gpointer data)
{
  HeldRoot *call = data;

  g_clear_object (&call->reply);
  g_free (call->root);
  g_free (call);
}

static void
hold (ProbeCache *self, const char *root, VlReply *reply, gboolean opens)
{
  HeldRoot *call = g_new0 (HeldRoot, 1);

  call->reply = g_object_ref (reply);
  call->root = g_strdup (root);
  call->opens = opens;
  g_ptr_array_add (self->held, call);
}

static void
trace (ProbeCache *self, const char *what)
{
  if (self->trace != NULL)
    g_string_append_printf (self->trace, "%s%s", self->trace->len > 0 ? "; " : "", what);
}

static VlCacheInterface *
target_iface (ProbeCache *self)
{
  return VL_CACHE_GET_IFACE (self->target);
}

static gboolean
probe_cache_lookup (VlCache *cache,
                    const char *root,
                    const char *key,
                    VlReply *reply,
                    GError **error)
{
  ProbeCache *self = PROBE_CACHE (cache);

  assert_home (self);

  return target_iface (self)->lookup (self->target, root, key, reply, error);
}

static gboolean
probe_cache_store (VlCache *cache,
                   const char *root,
                   const char *key,
                   VlPage *page,
                   guint64 lease,
                   VlReply *reply,
                   GError **error)
{
  ProbeCache *self = PROBE_CACHE (cache);

  assert_home (self);
  if (self->n_store_errors > 0)
    {
      self->n_store_errors--;
      g_set_error_literal (error, VL_ERROR, VL_ERROR_FAILED, "the disk is full");
      return FALSE;
    }

  return target_iface (self)->store (self->target, root, key, page, lease, reply, error);
}

static gboolean
probe_cache_remove (VlCache *cache,
                    const char *root,
                    const char *key,
                    VlReply *reply,
                    GError **error)
{
  ProbeCache *self = PROBE_CACHE (cache);

  assert_home (self);

  return target_iface (self)->remove (self->target, root, key, reply, error);
}

static gboolean
probe_cache_invalidate (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  ProbeCache *self = PROBE_CACHE (cache);

  assert_home (self);
  self->n_invalidated++;
  trace (self, "invalidate");
  if (self->holds_invalidate)
    {
      hold (self, root, reply, FALSE);
      return TRUE;
    }
  if (self->n_invalidate_errors > 0)
    {
      self->n_invalidate_errors--;
      g_set_error_literal (error, VL_ERROR, VL_ERROR_FAILED, "the disk is gone");
      return FALSE;
    }

  return target_iface (self)->invalidate (self->target, root, reply, error);
}

static gboolean
probe_cache_clear (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  ProbeCache *self = PROBE_CACHE (cache);

  assert_home (self);

  return target_iface (self)->clear (self->target, root, reply, error);
}

static gboolean
probe_cache_get_lease (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  ProbeCache *self = PROBE_CACHE (cache);

  assert_home (self);

  return target_iface (self)->get_lease (self->target, root, reply, error);
}

static gboolean
probe_cache_open (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  ProbeCache *self = PROBE_CACHE (cache);

  assert_home (self);
  self->n_opened++;
  trace (self, "open");
  if (self->holds_open)
    hold (self, root, reply, TRUE);
  else if (self->n_open_errors > 0)
    {
      self->n_open_errors--;
      vl_reply_fail_literal (reply, VL_ERROR_FAILED, "no mark");
    }
  else
    vl_reply_return_done (reply);

  return TRUE;
}

static gboolean
probe_cache_close (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  ProbeCache *self = PROBE_CACHE (cache);

  assert_home (self);
  self->n_closed++;
  trace (self, "close");
  vl_reply_return_done (reply);

  return TRUE;
}

static VlPage *
probe_cache_peek (VlCache *cache, const char *root, const char *key)
{
  ProbeCache *self = PROBE_CACHE (cache);

  assert_home (self);
  self->n_peeked++;

  return target_iface (self)->peek (self->target, root, key);
}

static void
probe_cache_iface_init (VlCacheInterface *iface)
{
  iface->lookup = probe_cache_lookup;
  iface->store = probe_cache_store;
  iface->remove = probe_cache_remove;
  iface->invalidate = probe_cache_invalidate;
  iface->clear = probe_cache_clear;
  iface->get_lease = probe_cache_get_lease;
  iface->open = probe_cache_open;
  iface->close = probe_cache_close;
  iface->peek = probe_cache_peek;
}

static void
probe_cache_dispose (GObject *object)
{
  assert_home (PROBE_CACHE (object));

  G_OBJECT_CLASS (probe_cache_parent_class)->dispose (object);
}

static void
probe_cache_finalize (GObject *object)
{
  ProbeCache *self = PROBE_CACHE (object);

  assert_home (self);
  g_clear_object (&self->target);
  g_ptr_array_unref (self->held);
  g_atomic_int_add (&n_alive, -1);

  G_OBJECT_CLASS (probe_cache_parent_class)->finalize (object);
}

static void
probe_cache_class_init (ProbeCacheClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = probe_cache_dispose;
  G_OBJECT_CLASS (klass)->finalize = probe_cache_finalize;
}

static void
probe_cache_init (ProbeCache *self)
{
  self->home = g_thread_self ();
  self->target = VL_CACHE (vl_memory_cache_new (0));
  self->held = g_ptr_array_new_with_free_func (held_root_free);
  g_atomic_int_inc (&n_alive);
}

ProbeCache *
probe_cache_new (void)
{
  return g_object_new (PROBE_TYPE_CACHE, NULL);
}

void
probe_cache_answer (ProbeCache *self)
{
  HeldRoot *call;
  GError *error = NULL;

  assert_home (self);
  g_assert_cmpuint (self->held->len, >, 0);
  call = g_ptr_array_steal_index (self->held, 0);
  if (call->opens)
    vl_reply_return_done (call->reply);
  else
    target_iface (self)->invalidate (self->target, call->root, call->reply, &error);
  g_assert_no_error (error);
  held_root_free (call);
}

guint
probe_cache_get_n_alive (void)
{
  return (guint) g_atomic_int_get (&n_alive);
}
