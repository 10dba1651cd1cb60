/* vl-handoff.c: brings work home: one attached source a context
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-handoff-private.h"

#ifdef __linux__
# include <sys/eventfd.h>
#endif
#include <unistd.h>

#include "vl-context-private.h"
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
 * functions do not bear. Those of the source do.
 *
 * Who wakes home must not hold a lock that home takes first thing, or it goes
 * to sleep again at once. So the source has a file of its own to be woken by,
 * which lives as long as the handoff and is written to when the lock has been
 * released. What makes the source ready is `pending` all the same. */

/* Where there is no such file: changing the time at which a source becomes
 * ready wakes its context. It alternates between never and this, a time that
 * does not come. */
#define FAR_AWAY G_MAXINT64

typedef struct _Item Item;

struct _Item
{
  Item *next;
  guint64 serial;
  VlHandoffFunc func;
  gpointer user_data;
};

typedef struct
{
  Item *head;
  Item *tail;
} ItemList;

typedef struct
{
  GSource source;
  VlHandoff *handoff; /* not a reference: the callback's data is one */
  gpointer wake_tag;  /* of `wake_fd`, NULL without one */
} HandoffSource;

struct _VlHandoff
{
  gint ref_count; /* atomic; one of them is the source's */
  gint pending;   /* atomic, changed under the lock; whether there are any items */
  gint may_sleep; /* atomic; home has looked at `pending` and may wait until it is woken */
  int wake_fd;    /* never changes; readable once home is to wake, -1 = none */

  ItemList running; /* home only: taken out of `items` */

  VlLock lock; /* guards what follows */
  ItemList items;
  guint64 last_serial;
  GMainContext *context; /* atomic, to be looked at without the lock */
  GSource *source;       /* not a reference */
  gboolean gone;         /* the context is, and the source: nothing can run at home */
};

/* What a thread has posted to one handoff and not sent off yet. */
typedef struct
{
  guint depth;
  VlHandoff *handoff; /* referenced; NULL = nothing is held */
  ItemList items;
} Cork;

static GPrivate cork_private = G_PRIVATE_INIT (g_free);

/* A turn, on the stack of the thread that runs it. */
typedef struct _Turn Turn;

struct _Turn
{
  Turn *outer; /* of the loop around a nested one */
  VlHandoff *handoff;
  guint64 first_last; /* the last item that was there when it began */
  guint64 last;       /* the last one that it runs */
  gboolean may_grow;  /* what it runs was there when it began */
};

static _Thread_local Turn *current_turn;

static void
items_append (ItemList *self, ItemList *other)
{
  if (other->head == NULL)
    return;

  if (self->head == NULL)
    self->head = other->head;
  else
    self->tail->next = other->head;
  self->tail = other->tail;
  *other = (ItemList){ NULL, NULL };
}

/* GMainContext to VlHandoff, no references; under `registry_lock`. An entry
 * goes in handoff_context_gone(), while its source still holds its reference,
 * so that what is found here is always alive. */
static VlLock registry_lock;
static GHashTable *registry;

static VlHandoff *
source_get_handoff (GSource *source)
{
  _vl_source_entered (source);

  return ((HandoffSource *) source)->handoff;
}

static gboolean
handoff_is_pending (VlHandoff *self)
{
  return g_atomic_int_get (&self->pending) != 0;
}

/* Says that it may sleep before it looks, as whoever posts looks at that after
 * saying that there is something: one of them sees the other. */
static gboolean
handoff_prepare (GSource *source, int *timeout)
{
  VlHandoff *self = source_get_handoff (source);

  *timeout = -1;
  g_atomic_int_set (&self->may_sleep, TRUE);

  return handoff_is_pending (self);
}

static gboolean
handoff_check (GSource *source)
{
  VlHandoff *self = source_get_handoff (source);
  gpointer tag = ((HandoffSource *) source)->wake_tag;

  g_atomic_int_set (&self->may_sleep, FALSE);
  if (tag != NULL && (g_source_query_unix_fd (source, tag) & G_IO_IN) != 0)
    {
      guint64 n_wakes;
      G_GNUC_UNUSED gssize n_read = read (self->wake_fd, &n_wakes, sizeof n_wakes);
    }

  return handoff_is_pending (self);
}

/* Nobody has looked whether it is ready if it was before the context would have
 * slept. */
static gboolean
handoff_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  VlHandoff *self = ((HandoffSource *) source)->handoff;

  g_atomic_int_set (&self->may_sleep, FALSE);

  return callback (user_data);
}

static GSourceFuncs handoff_source_funcs = {
  .prepare = handoff_prepare,
  .check = handoff_check,
  .dispatch = handoff_dispatch,
};

/* Moves what was posted to what is run; returns the number of the last. */
static guint64
handoff_take (VlHandoff *self)
{
  guint64 last;

  _vl_lock_acquire (&self->lock);
  items_append (&self->running, &self->items);
  last = self->last_serial;
  _vl_lock_release (&self->lock);

  return last;
}

/* Takes the first item out, unless it was posted after number `last`. */
static gboolean
handoff_pop (VlHandoff *self, guint64 last, Item *item)
{
  Item *head = self->running.head;

  if (head == NULL || head->serial > last)
    return FALSE;

  *item = *head;
  self->running.head = head->next;
  g_free (head);
  if (self->running.head == NULL)
    {
      _vl_lock_acquire (&self->lock);
      g_atomic_int_set (&self->pending, self->items.head != NULL);
      _vl_lock_release (&self->lock);
    }

  return TRUE;
}

/* Takes the next item of a turn out; when there is none left those that the
 * turn has grown by have to be taken in. */
static gboolean
turn_pop (Turn *turn, Item *item)
{
  gboolean found = handoff_pop (turn->handoff, turn->last, item);

  if (!found && turn->last > turn->first_last)
    {
      handoff_take (turn->handoff);
      found = handoff_pop (turn->handoff, turn->last, item);
    }
  turn->may_grow = found && item->serial <= turn->first_last;

  return found;
}

/* Runs what was queued when the turn began; what these functions post waits
 * for the next turn, after other sources had theirs, unless they post it to be
 * run on. A nested loop enters this again and goes on with the next item. */
static gboolean
handoff_run (gpointer user_data)
{
  g_autoptr (VlHandoff) self = _vl_handoff_ref (user_data);
  GMainContext *context = _vl_handoff_get_context (self);
  Turn turn = { .outer = current_turn, .handoff = self };
  Item item = { .func = NULL };
  gboolean pushed = _vl_context_enter (context);

  turn.first_last = turn.last = handoff_take (self);
  current_turn = &turn;
  while (turn_pop (&turn, &item))
    item.func (item.user_data, FALSE);
  current_turn = turn.outer;
  _vl_context_leave (context, pushed);

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
  g_atomic_pointer_set (&self->context, NULL);
  self->source = NULL;
  _vl_lock_release (&self->lock);

  handoff_take (self);
  while (handoff_pop (self, G_MAXUINT64, &item))
    item.func (item.user_data, TRUE);
}

static int
wake_fd_new (void)
{
#ifdef __linux__
  return eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
#else
  return -1;
#endif
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
  self->source = source;
  ((HandoffSource *) source)->handoff = self;
  self->wake_fd = wake_fd_new ();
  if (self->wake_fd >= 0)
    ((HandoffSource *) source)->wake_tag = g_source_add_unix_fd (source, self->wake_fd, G_IO_IN);
  g_source_set_static_name (source, "[vantage-live] handoff");
  g_source_set_can_recurse (source, TRUE);
  g_source_set_callback (source, handoff_run, self, handoff_context_gone);
  _vl_source_attach (source, context);
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

  g_assert (self->items.head == NULL && self->running.head == NULL);
  if (self->wake_fd >= 0)
    close (self->wake_fd);
  _vl_lock_destroy (&self->lock);
  g_free (self);
}

GMainContext *
_vl_handoff_get_context (VlHandoff *self)
{
  return g_atomic_pointer_get (&self->context);
}

/* Called with the handoff locked. TRUE when home is to be woken by its file. */
static gboolean
handoff_enqueue (VlHandoff *self, ItemList *items)
{
  for (Item *item = items->head; item != NULL; item = item->next)
    item->serial = ++self->last_serial;
  items_append (&self->items, items);
  if (handoff_is_pending (self))
    return FALSE;

  g_atomic_int_set (&self->pending, TRUE);
  if (!g_atomic_int_get (&self->may_sleep))
    return FALSE;
  if (self->wake_fd >= 0)
    return TRUE;

  g_source_set_ready_time (self->source,
                           g_source_get_ready_time (self->source) < 0 ? FAR_AWAY : -1);
  return FALSE;
}

/* Called by somebody who holds a reference, and no lock. */
static void
handoff_wake (VlHandoff *self)
{
  const guint64 once = 1;
  G_GNUC_UNUSED gssize n_written = write (self->wake_fd, &once, sizeof once);
}

/* Returns the number of the last of them. */
static guint64
handoff_send (VlHandoff *self, ItemList *items)
{
  gboolean wakes = FALSE;
  guint64 last;
  gboolean gone;
  Item *item;

  _vl_lock_acquire (&self->lock);
  gone = self->gone;
  if (!gone)
    wakes = handoff_enqueue (self, items);
  last = self->last_serial;
  _vl_lock_release (&self->lock);
  if (wakes)
    handoff_wake (self);

  while (gone && (item = items->head) != NULL)
    {
      items->head = item->next;
      item->func (item->user_data, TRUE);
      g_free (item);
    }

  return last;
}

static void
cork_flush (Cork *cork)
{
  g_autoptr (VlHandoff) handoff = g_steal_pointer (&cork->handoff);
  ItemList items = cork->items;

  cork->items = (ItemList){ NULL, NULL };
  if (handoff != NULL)
    handoff_send (handoff, &items);
}

/* Whether what this thread posts is held back. */
static Cork *
get_cork (void)
{
  Cork *cork = g_private_get (&cork_private);

  return cork != NULL && cork->depth > 0 ? cork : NULL;
}

void
_vl_handoff_post (VlHandoff *self, VlHandoffFunc func, gpointer user_data)
{
  Cork *cork = get_cork ();
  Item *item = g_new (Item, 1);
  ItemList items = { item, item };

  *item = (Item){ .func = func, .user_data = user_data };
  if (cork == NULL)
    {
      handoff_send (self, &items);
      return;
    }

  if (cork->handoff != self)
    {
      cork_flush (cork);
      cork->handoff = _vl_handoff_ref (self);
    }
  items_append (&cork->items, &items);
}

void
_vl_handoff_post_on (VlHandoff *self, VlHandoffFunc func, gpointer user_data)
{
  Turn *turn = current_turn;
  Item *item;
  ItemList items;

  if (turn == NULL || turn->handoff != self || !turn->may_grow || get_cork () != NULL)
    {
      _vl_handoff_post (self, func, user_data);
      return;
    }

  item = g_new (Item, 1);
  *item = (Item){ .func = func, .user_data = user_data };
  items = (ItemList){ item, item };
  turn->last = handoff_send (self, &items);
}

void
_vl_handoff_cork (void)
{
  Cork *cork = g_private_get (&cork_private);

  if (cork == NULL)
    {
      cork = g_new0 (Cork, 1);
      g_private_set (&cork_private, cork);
    }
  cork->depth++;
}

void
_vl_handoff_uncork (void)
{
  Cork *cork = g_private_get (&cork_private);

  g_assert (cork != NULL && cork->depth > 0);
  if (--cork->depth == 0)
    cork_flush (cork);
}
