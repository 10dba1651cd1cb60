/* live-hold.c: a cache and a master that answer when a test says so
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "live-hold.h"

static void hold_cache_iface_init (VlCacheInterface *iface);
static void hold_table_iface_init (VlTableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (HoldCache,
                               hold_cache,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_CACHE, hold_cache_iface_init))

G_DEFINE_FINAL_TYPE_WITH_CODE (HoldTable,
                               hold_table,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_TABLE, hold_table_iface_init))

static void
held_free (HeldCall *call)
{
  g_free (call->root);
  g_free (call->key);
  g_clear_object (&call->object);
  g_clear_object (&call->reply);
  g_free (call);
}

static HeldCall *
held_new (HoldOp op,
          const char *root,
          const char *key,
          gpointer object,
          guint64 lease,
          VlReply *reply)
{
  HeldCall *call = g_new0 (HeldCall, 1);

  call->op = op;
  call->root = g_strdup (root);
  call->key = g_strdup (key);
  call->object = object != NULL ? g_object_ref (object) : NULL;
  call->lease = lease;
  call->reply = g_object_ref (reply);

  return call;
}

static gboolean
failed (HeldCall *call, VlError code)
{
  vl_reply_fail_literal (call->reply, code, "held, and failed");
  held_free (call);
  return TRUE;
}

/* The cache */

static void
hold_cache_pass (HoldCache *self, HeldCall *call)
{
  VlCacheInterface *iface = VL_CACHE_GET_IFACE (self->target);
  gboolean ok = TRUE;

  switch ((int) call->op)
    {
    case HOLD_LOOKUP:
      ok = iface->lookup (self->target, call->root, call->key, call->reply, NULL);
      break;
    case HOLD_STORE:
      ok = iface->store (self->target, call->root, call->key, call->object, call->lease,
                         call->reply, NULL);
      break;
    case HOLD_INVALIDATE:
      self->marked = 0;
      ok = iface->invalidate (self->target, call->root, call->reply, NULL);
      break;
    case HOLD_CLEAR:
      self->marked = 0;
      ok = iface->clear (self->target, call->root, call->reply, NULL);
      break;
    case HOLD_LEASE:
      ok = iface->get_lease (self->target, call->root, call->reply, NULL);
      break;
    case HOLD_OPEN:
      self->marked++;
      vl_reply_return_done (call->reply);
      break;
    case HOLD_CLOSE:
      self->marked = 0;
      vl_reply_return_done (call->reply);
      break;
    default:
      g_assert_not_reached ();
    }
  g_assert_true (ok);
  held_free (call);
}

static gboolean
hold_cache_take (VlCache *cache, HeldCall *call)
{
  HoldCache *self = HOLD_CACHE (cache);

  self->n_calls[call->op]++;
  if (call->op == HOLD_LOOKUP && self->inside != NULL)
    self->inside (self->inside_data);
  if (self->holds[call->op])
    g_queue_push_tail (&self->held, call);
  else
    hold_cache_pass (self, call);

  return TRUE;
}

static gboolean
hold_cache_lookup (VlCache *c, const char *root, const char *key, VlReply *r, GError **error)
{
  return hold_cache_take (c, held_new (HOLD_LOOKUP, root, key, NULL, 0, r));
}

static gboolean
hold_cache_store (VlCache *c,
                  const char *root,
                  const char *key,
                  VlPage *page,
                  guint64 lease,
                  VlReply *r,
                  GError **error)
{
  return hold_cache_take (c, held_new (HOLD_STORE, root, key, page, lease, r));
}

static gboolean
hold_cache_invalidate (VlCache *c, const char *root, VlReply *r, GError **error)
{
  return hold_cache_take (c, held_new (HOLD_INVALIDATE, root, NULL, NULL, 0, r));
}

static gboolean
hold_cache_clear (VlCache *c, const char *root, VlReply *r, GError **error)
{
  return hold_cache_take (c, held_new (HOLD_CLEAR, root, NULL, NULL, 0, r));
}

static gboolean
hold_cache_get_lease (VlCache *c, const char *root, VlReply *r, GError **error)
{
  return hold_cache_take (c, held_new (HOLD_LEASE, root, NULL, NULL, 0, r));
}

static gboolean
hold_cache_open (VlCache *c, const char *root, VlReply *r, GError **error)
{
  return hold_cache_take (c, held_new (HOLD_OPEN, root, NULL, NULL, 0, r));
}

static gboolean
hold_cache_close (VlCache *c, const char *root, VlReply *r, GError **error)
{
  return hold_cache_take (c, held_new (HOLD_CLOSE, root, NULL, NULL, 0, r));
}

static void
hold_cache_finalize (GObject *object)
{
  HoldCache *self = HOLD_CACHE (object);

  g_queue_clear_full (&self->held, (GDestroyNotify) held_free);
  g_clear_object (&self->target);
  G_OBJECT_CLASS (hold_cache_parent_class)->finalize (object);
}

static void
hold_cache_class_init (HoldCacheClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = hold_cache_finalize;
}

static void
hold_cache_init (HoldCache *self)
{
  self->target = VL_CACHE (vl_memory_cache_new (0));
}

static void
hold_cache_iface_init (VlCacheInterface *iface)
{
  iface->lookup = hold_cache_lookup;
  iface->store = hold_cache_store;
  iface->invalidate = hold_cache_invalidate;
  iface->clear = hold_cache_clear;
  iface->get_lease = hold_cache_get_lease;
  iface->open = hold_cache_open;
  iface->close = hold_cache_close;
}

HoldCache *
hold_cache_new (void)
{
  return g_object_new (HOLD_TYPE_CACHE, NULL);
}

guint
hold_cache_release (HoldCache *self)
{
  guint n_held = self->held.length;

  for (guint i = 0; i < n_held; i++)
    hold_cache_pass (self, g_queue_pop_head (&self->held));

  return n_held;
}

guint
hold_cache_fail (HoldCache *self)
{
  guint n_held = self->held.length;

  for (guint i = 0; i < n_held; i++)
    failed (g_queue_pop_head (&self->held), VL_ERROR_FAILED);

  return n_held;
}

/* The table */

static void
hold_table_pass (HoldTable *self, HeldCall *call)
{
  VlTableInterface *iface = VL_TABLE_GET_IFACE (self->target);
  g_autoptr (GError) error = NULL;
  gboolean ok = TRUE;

  switch ((int) call->op)
    {
    case HOLD_DESCRIBE:
      if (self->schema != NULL)
        vl_reply_return_schema (call->reply, self->schema);
      else
        ok = iface->describe (self->target, call->reply, &error);
      break;
    case HOLD_LIST:
      ok = iface->list (self->target, call->object, call->reply, &error);
      break;
    case HOLD_FIND:
      ok = iface->find (self->target, call->key, call->reply, &error);
      break;
    case HOLD_COUNT:
      ok = iface->count (self->target, call->object, call->reply, &error);
      break;
    case HOLD_APPLY:
      ok = iface->apply (self->target, call->object, call->reply, &error);
      break;
    case HOLD_BATCH:
      ok = iface->apply_batch (self->target, call->object, call->reply, &error);
      break;
    default:
      g_assert_not_reached ();
    }
  if (!ok)
    vl_reply_fail (call->reply, error);
  held_free (call);
}

static gboolean
hold_table_take (VlTable *table, HeldCall *call)
{
  HoldTable *self = HOLD_TABLE (table);

  self->n_calls[call->op]++;
  if (self->holds[call->op])
    g_queue_push_tail (&self->held, call);
  else
    hold_table_pass (self, call);

  return TRUE;
}

static gboolean
hold_table_describe (VlTable *t, VlReply *r, GError **error)
{
  return hold_table_take (t, held_new (HOLD_DESCRIBE, NULL, NULL, NULL, 0, r));
}

static gboolean
hold_table_list (VlTable *t, VlQuery *query, VlReply *r, GError **error)
{
  return hold_table_take (t, held_new (HOLD_LIST, NULL, NULL, query, 0, r));
}

static gboolean
hold_table_find (VlTable *t, const char *id, VlReply *r, GError **error)
{
  return hold_table_take (t, held_new (HOLD_FIND, NULL, id, NULL, 0, r));
}

static gboolean
hold_table_count (VlTable *t, VlQuery *query, VlReply *r, GError **error)
{
  return hold_table_take (t, held_new (HOLD_COUNT, NULL, NULL, query, 0, r));
}

static gboolean
hold_table_apply (VlTable *t, VlChange *change, VlReply *r, GError **error)
{
  return hold_table_take (t, held_new (HOLD_APPLY, NULL, NULL, change, 0, r));
}

static gboolean
hold_table_apply_batch (VlTable *t, GListModel *changes, VlReply *r, GError **error)
{
  HOLD_TABLE (t)->n_in_batches += g_list_model_get_n_items (changes);
  return hold_table_take (t, held_new (HOLD_BATCH, NULL, NULL, changes, 0, r));
}

static void
hold_table_finalize (GObject *object)
{
  HoldTable *self = HOLD_TABLE (object);

  g_queue_clear_full (&self->held, (GDestroyNotify) held_free);
  g_clear_object (&self->schema);
  g_clear_object (&self->target);
  G_OBJECT_CLASS (hold_table_parent_class)->finalize (object);
}

static void
hold_table_class_init (HoldTableClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = hold_table_finalize;
}

static void
hold_table_init (HoldTable *self)
{
}

static void
hold_table_iface_init (VlTableInterface *iface)
{
  iface->describe = hold_table_describe;
  iface->list = hold_table_list;
  iface->find = hold_table_find;
  iface->count = hold_table_count;
  iface->apply = hold_table_apply;
  iface->apply_batch = hold_table_apply_batch;
}

HoldTable *
hold_table_new (VlTable *target)
{
  HoldTable *self = g_object_new (HOLD_TYPE_TABLE, NULL);

  self->target = g_object_ref (target);

  return self;
}

guint
hold_table_release (HoldTable *self)
{
  guint n_held = self->held.length;

  for (guint i = 0; i < n_held; i++)
    hold_table_pass (self, g_queue_pop_head (&self->held));

  return n_held;
}

guint
hold_table_fail (HoldTable *self, VlError code)
{
  guint n_held = self->held.length;

  for (guint i = 0; i < n_held; i++)
    failed (g_queue_pop_head (&self->held), code);

  return n_held;
}
