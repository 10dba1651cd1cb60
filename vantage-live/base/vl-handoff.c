/* vl-handoff.c: brings work home: one attached source a context
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-handoff-private.h"

#include "vl-lock-private.h"

/* Who may touch what, and in which order the locks are taken:
 *
 * registry_lock -> self->lock -> the lock inside the GMainContext.
 *
 * The handoff holds no reference on its context, or an abandoned context would
 * never go. It can still be woken safely: nothing but the end of the context
 * destroys our source, which runs handoff_context_gone() before the context
 * frees itself and while it holds no lock. That needs self->lock: so whoever
 * holds it and sees `gone` unset has a source and a context whose memory stays.
 * The context may have lost its last reference by then, though, which its own
 * functions do not bear. Those of the source do, hence the way we wake. */

/* Changing the time at which a source becomes ready wakes its context. It
 * alternates between never and this, a time that does not come; what makes the
 * source ready is `pending`. */
#define FAR_AWAY G_MAXINT64

typedef struct
{
  guint64 serial;
  VlHandoffFunc func;
  gpointer user_data;
} Item;

typedef struct
{
  GSource source;
  VlHandoff *handoff; /* not a reference: the callback's data is one */
} HandoffSource;

struct _VlHandoff
{
  gint ref_count; /* atomic; one of them is the source's */
  gint pending;   /* atomic; whether `items` has any, for the source to poll */

  VlLock lock; /* guards what follows */
  GQueue items;
  guint64 last_serial;
  GMainContext *context;
  GSource *source; /* not a reference */
  gboolean gone;   /* the context is, and the source: nothing can run at home */
};

/* GMainContext to VlHandoff, no references; under `registry_lock`. An entry
 * goes in handoff_context_gone(), while its source still holds its reference,
 * so that what is found here is always alive. */
static VlLock registry_lock;
static GHashTable *registry;

static gboolean
handoff_is_pending (VlHandoff *self)
{
  return g_atomic_int_get (&self->pending) != 0;
}

static gboolean
handoff_prepare (GSource *source, int *timeout)
{
  *timeout = -1;

  return handoff_is_pending (((HandoffSource *) source)->handoff);
}

static gboolean
handoff_check (GSource *source)
{
  return handoff_is_pending (((HandoffSource *) source)->handoff);
}

static gboolean
handoff_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs handoff_source_funcs = {
  .prepare = handoff_prepare,
  .check = handoff_check,
  .dispatch = handoff_dispatch,
};

static guint64
handoff_get_last_serial (VlHandoff *self)
{
  guint64 serial;

  _vl_lock_acquire (&self->lock);
  serial = self->last_serial;
  _vl_lock_release (&self->lock);

  return serial;
}

/* Takes the first item out, unless it was posted after number `last`. */
static gboolean
handoff_pop (VlHandoff *self, guint64 last, Item *item)
{
  Item *head;
  gboolean found;

  _vl_lock_acquire (&self->lock);
  head = g_queue_peek_head (&self->items);
  found = head != NULL && head->serial <= last;
  if (found)
    {
      *item = *head;
      g_free (g_queue_pop_head (&self->items));
      g_atomic_int_set (&self->pending, !g_queue_is_empty (&self->items));
    }
  _vl_lock_release (&self->lock);

  return found;
}

/* Whoever turns the context may have another one on top: what runs here and
 * sends something is to be answered at home all the same. Returns what has to
 * be popped, or NULL. */
static GMainContext *
handoff_push_context (VlHandoff *self)
{
  GMainContext *context = _vl_handoff_get_context (self);
  GMainContext *top = g_main_context_get_thread_default ();

  if (context == (top != NULL ? top : g_main_context_default ()))
    return NULL;

  g_main_context_push_thread_default (context);

  return context;
}

/* Runs what was queued when the turn began; what these functions post waits
 * for the next turn, after other sources had theirs. A nested loop enters this
 * again and goes on with the next item. */
static gboolean
handoff_run (gpointer user_data)
{
  g_autoptr (VlHandoff) self = _vl_handoff_ref (user_data);
  GMainContext *pushed = handoff_push_context (self);
  guint64 last = handoff_get_last_serial (self);
  Item item;

  while (handoff_pop (self, last, &item))
    item.func (item.user_data, FALSE);
  if (pushed != NULL)
    g_main_context_pop_thread_default (pushed);

  return G_SOURCE_CONTINUE;
}

/* Runs on the thread that drops the context, or has it collected. */
static void
handoff_context_gone (gpointer user_data)
{
  g_autoptr (VlHandoff) self = user_data;
  Item item;

  _vl_lock_acquire (&registry_lock);
  g_hash_table_remove (registry, self->context);
  _vl_lock_release (&registry_lock);

  _vl_lock_acquire (&self->lock);
  self->gone = TRUE;
  self->context = NULL;
  self->source = NULL;
  _vl_lock_release (&self->lock);

  while (handoff_pop (self, G_MAXUINT64, &item))
    item.func (item.user_data, TRUE);
}

/* Called with the registry locked, by somebody who has a reference on the
 * context. The first reference is the source's. */
static VlHandoff *
handoff_new (GMainContext *context)
{
  VlHandoff *self = g_new0 (VlHandoff, 1);
  GSource *source = g_source_new (&handoff_source_funcs, sizeof (HandoffSource));

  self->ref_count = 1;
  self->context = context;
  _vl_lock_init (&self->lock);
  g_queue_init (&self->items);

  self->source = source;
  ((HandoffSource *) source)->handoff = self;
  g_source_set_static_name (source, "[vantage-live] handoff");
  g_source_set_can_recurse (source, TRUE);
  g_source_set_callback (source, handoff_run, self, handoff_context_gone);
  g_source_attach (source, context);
  g_source_unref (source);

  return self;
}

VlHandoff *
_vl_handoff_get (GMainContext *context)
{
  g_autoptr (GMainContext) home = NULL;
  VlHandoff *self;

  home = context != NULL ? g_main_context_ref (context) : g_main_context_ref_thread_default ();

  _vl_lock_acquire (&registry_lock);
  if (registry == NULL)
    registry = g_hash_table_new (NULL, NULL);
  self = g_hash_table_lookup (registry, home);
  if (self == NULL)
    {
      self = handoff_new (home);
      g_hash_table_insert (registry, home, self);
    }
  _vl_handoff_ref (self);
  _vl_lock_release (&registry_lock);

  return self;
}

VlHandoff *
_vl_handoff_ref (VlHandoff *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
_vl_handoff_unref (VlHandoff *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_assert (g_queue_is_empty (&self->items));
  _vl_lock_destroy (&self->lock);
  g_free (self);
}

GMainContext *
_vl_handoff_get_context (VlHandoff *self)
{
  GMainContext *context;

  _vl_lock_acquire (&self->lock);
  context = self->context;
  _vl_lock_release (&self->lock);

  return context;
}

/* Called with the handoff locked. */
static void
handoff_enqueue (VlHandoff *self, VlHandoffFunc func, gpointer user_data)
{
  Item *item = g_new (Item, 1);
  gboolean was_empty = g_queue_is_empty (&self->items);

  item->serial = ++self->last_serial;
  item->func = func;
  item->user_data = user_data;
  g_queue_push_tail (&self->items, item);
  g_atomic_int_set (&self->pending, TRUE);

  if (was_empty)
    g_source_set_ready_time (self->source,
                             g_source_get_ready_time (self->source) < 0 ? FAR_AWAY : -1);
}

void
_vl_handoff_post (VlHandoff *self, VlHandoffFunc func, gpointer user_data)
{
  gboolean gone;

  _vl_lock_acquire (&self->lock);
  gone = self->gone;
  if (!gone)
    handoff_enqueue (self, func, user_data);
  _vl_lock_release (&self->lock);

  if (gone)
    func (user_data, TRUE);
}
