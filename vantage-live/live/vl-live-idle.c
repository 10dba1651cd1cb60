/* vl-live-idle.c: how many writes are unsettled, and who waits until none is
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-live-core-private.h"

typedef struct
{
  guint64 handle;
  VlWriterFunc func;
  gpointer user_data;
} IdleWaiter;

guint
_vl_writer_get_n_unsettled (VlLiveCore *core)
{
  guint n_unsettled;

  _vl_lock_acquire (&core->writer.lock);
  n_unsettled = core->writer.n_unsettled;
  _vl_lock_release (&core->writer.lock);

  return n_unsettled;
}

guint
_vl_writer_get_capacity (VlLiveCore *core)
{
  guint capacity;

  _vl_lock_acquire (&core->writer.lock);
  capacity = core->writer.capacity;
  _vl_lock_release (&core->writer.lock);

  return capacity;
}

void
_vl_writer_set_capacity (VlLiveCore *core, guint capacity)
{
  _vl_lock_acquire (&core->writer.lock);
  core->writer.capacity = capacity;
  _vl_lock_release (&core->writer.lock);
}

void
_vl_writer_count_settled (VlLiveCore *core, guint n_settled)
{
  _vl_lock_acquire (&core->writer.lock);
  core->writer.n_unsettled -= n_settled;
  _vl_lock_release (&core->writer.lock);
}

void
_vl_writer_check_idle (VlLiveCore *core)
{
  GQueue waiters;
  IdleWaiter *waiter;

  if (_vl_writer_get_n_unsettled (core) > 0)
    return;

  waiters = core->writer.idle;
  g_queue_init (&core->writer.idle);
  while ((waiter = g_queue_pop_head (&waiters)) != NULL)
    {
      waiter->func (waiter->user_data);
      g_free (waiter);
    }
}

guint64
_vl_writer_when_idle (VlLiveCore *core, VlWriterFunc func, gpointer user_data)
{
  IdleWaiter *waiter;

  if (_vl_writer_get_n_unsettled (core) == 0)
    {
      func (user_data);
      return 0;
    }

  waiter = g_new (IdleWaiter, 1);
  waiter->handle = ++core->writer.n_waiters;
  waiter->func = func;
  waiter->user_data = user_data;
  g_queue_push_tail (&core->writer.idle, waiter);

  return waiter->handle;
}

void
_vl_writer_give_up (VlLiveCore *core, guint64 handle)
{
  for (GList *l = core->writer.idle.head; l != NULL; l = l->next)
    {
      IdleWaiter *waiter = l->data;

      if (waiter->handle != handle)
        continue;
      g_queue_delete_link (&core->writer.idle, l);
      g_free (waiter);
      return;
    }
}
