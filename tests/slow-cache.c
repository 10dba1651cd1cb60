/* slow-cache.c: a cache that answers when the test says so
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "slow-cache.h"

#include <string.h>

typedef struct
{
  char operation;
  char *root;
  char *key;
  VlPage *page;
  guint64 lease;
  VlReply *reply;
  GError *error; /* what it is to fail with, nullable */
} Request;

struct _SlowCache
{
  GObject parent_instance;

  VlCache *memory;
  GQueue held; /* of Request */
  char *holds;
  char *fails;
  guint n_fails;
  gboolean is_blind;
  GString *log;
};

static void slow_cache_iface_init (VlCacheInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SlowCache,
                               slow_cache,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_CACHE, slow_cache_iface_init))

static void
request_free (gpointer data)
{
  Request *request = data;

  g_free (request->root);
  g_free (request->key);
  g_clear_object (&request->page);
  g_clear_object (&request->reply);
  g_clear_error (&request->error);
  g_free (request);
}

/* Lets the memory cache answer, or fails. Consumes `request`. */
static void
answer (SlowCache *self, Request *request)
{
  VlCacheInterface *iface = VL_CACHE_GET_IFACE (self->memory);
  gboolean answered = TRUE;

  if (request->error != NULL)
    {
      vl_reply_fail (request->reply, request->error);
      request_free (request);
      return;
    }

  switch (request->operation)
    {
    case 'l':
      answered = iface->lookup (self->memory, request->root, request->key, request->reply, NULL);
      break;
    case 's':
      answered = iface->store (self->memory, request->root, request->key, request->page,
                               request->lease, request->reply, NULL);
      break;
    case 'i':
      answered = iface->invalidate (self->memory, request->root, request->reply, NULL);
      break;
    case 'c':
      answered = iface->clear (self->memory, request->root, request->reply, NULL);
      break;
    case 'g':
      answered = iface->get_lease (self->memory, request->root, request->reply, NULL);
      break;
    default:
      g_assert_not_reached ();
    }
  g_assert_true (answered);
  request_free (request);
}

static gboolean
take (SlowCache *self,
      char operation,
      const char *root,
      const char *key,
      VlPage *page,
      guint64 lease,
      VlReply *reply)
{
  Request *request = g_new0 (Request, 1);
  const gboolean is_position = operation == 'l' && g_str_equal (key, "position");
  const char letter = is_position ? 'p' : operation;

  request->operation = operation;
  request->root = g_strdup (root);
  request->key = g_strdup (key);
  g_set_object (&request->page, page);
  request->lease = lease;
  request->reply = g_object_ref (reply);

  if (operation != 'g' && g_strcmp0 (key, "schema") != 0)
    g_string_append_c (self->log, letter);
  if (self->n_fails > 0 && strchr (self->fails, letter) != NULL)
    {
      self->n_fails--;
      request->error = g_error_new (VL_ERROR, VL_ERROR_FAILED, "The disk of the test is full");
    }

  if (strchr (self->holds, letter) != NULL)
    g_queue_push_tail (&self->held, request);
  else
    answer (self, request);

  return TRUE;
}

static gboolean
slow_cache_lookup (VlCache *cache,
                   const char *root,
                   const char *key,
                   VlReply *reply,
                   GError **error)
{
  return take (TEST_SLOW_CACHE (cache), 'l', root, key, NULL, 0, reply);
}

static gboolean
slow_cache_store (VlCache *cache,
                  const char *root,
                  const char *key,
                  VlPage *page,
                  guint64 lease,
                  VlReply *reply,
                  GError **error)
{
  return take (TEST_SLOW_CACHE (cache), 's', root, key, page, lease, reply);
}

static gboolean
slow_cache_invalidate (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  return take (TEST_SLOW_CACHE (cache), 'i', root, NULL, NULL, 0, reply);
}

static gboolean
slow_cache_clear (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  return take (TEST_SLOW_CACHE (cache), 'c', root, NULL, NULL, 0, reply);
}

static gboolean
slow_cache_get_lease (VlCache *cache, const char *root, VlReply *reply, GError **error)
{
  return take (TEST_SLOW_CACHE (cache), 'g', root, NULL, NULL, 0, reply);
}

static VlPage *
slow_cache_peek (VlCache *cache, const char *root, const char *key)
{
  SlowCache *self = TEST_SLOW_CACHE (cache);

  return self->is_blind ? NULL : vl_cache_peek (self->memory, root, key);
}

static void
slow_cache_iface_init (VlCacheInterface *iface)
{
  iface->lookup = slow_cache_lookup;
  iface->store = slow_cache_store;
  iface->invalidate = slow_cache_invalidate;
  iface->clear = slow_cache_clear;
  iface->get_lease = slow_cache_get_lease;
  iface->peek = slow_cache_peek;
}

static void
slow_cache_finalize (GObject *object)
{
  SlowCache *self = TEST_SLOW_CACHE (object);

  g_queue_clear_full (&self->held, request_free);
  g_clear_object (&self->memory);
  g_free (self->holds);
  g_free (self->fails);
  g_string_free (self->log, TRUE);

  G_OBJECT_CLASS (slow_cache_parent_class)->finalize (object);
}

static void
slow_cache_class_init (SlowCacheClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slow_cache_finalize;
}

static void
slow_cache_init (SlowCache *self)
{
  self->memory = VL_CACHE (vl_memory_cache_new (0));
  self->holds = g_strdup ("");
  self->fails = g_strdup ("");
  self->log = g_string_new (NULL);
}

SlowCache *
slow_cache_new (void)
{
  return g_object_new (TYPE_SLOW_CACHE, NULL);
}

void
slow_cache_hold (SlowCache *self, const char *operations)
{
  g_free (self->holds);
  self->holds = g_strdup (operations);
}

guint
slow_cache_release (SlowCache *self)
{
  GQueue held = self->held;
  Request *request;
  guint n = 0;

  g_queue_init (&self->held);
  for (; (request = g_queue_pop_head (&held)) != NULL; n++)
    answer (self, request);

  return n;
}

void
slow_cache_release_last (SlowCache *self)
{
  answer (self, g_queue_pop_tail (&self->held));
}

guint
slow_cache_get_n_held (SlowCache *self)
{
  return g_queue_get_length (&self->held);
}

void
slow_cache_fail (SlowCache *self, const char *operations, guint n)
{
  g_free (self->fails);
  self->fails = g_strdup (operations);
  self->n_fails = n;
}

void
slow_cache_set_blind (SlowCache *self)
{
  self->is_blind = TRUE;
}

const char *
slow_cache_get_log (SlowCache *self)
{
  return self->log->str;
}

void
slow_cache_forget_log (SlowCache *self)
{
  g_string_truncate (self->log, 0);
}

VlCache *
slow_cache_get_memory (SlowCache *self)
{
  return self->memory;
}
