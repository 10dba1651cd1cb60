/* vl-cancel-watch.c: hears at home that a cancellable has fired
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-cancel-watch-private.h"

#include "vl-handoff-private.h"
#include "vl-lock-private.h"

struct _VlCancelWatch
{
  gatomicrefcount ref_count; /* the owner's, the handler's, and one a post */

  /* Never change. */
  VlHandoff *home;
  GCancellable *cancellable;

  /* Home only. */
  gulong handler;
  VlCancelFunc func; /* NULL once it has run, or is not to run any more */
  gpointer user_data;
};

static void
watch_unref (VlCancelWatch *self)
{
  if (!_vl_ref_count_dec (&self->ref_count))
    return;

  g_object_unref (self->cancellable);
  _vl_handoff_unref (self->home);
  g_free (self);
}

static void
watch_landed (gpointer user_data, gboolean orphaned)
{
  VlCancelWatch *self = user_data;

  if (!orphaned && self->func != NULL)
    {
      VlCancelFunc func = self->func;

      self->func = NULL;
      func (self->user_data);
    }
  watch_unref (self);
}

/* Runs on the thread that cancels. */
static void
watch_fired (GCancellable *cancellable, gpointer user_data)
{
  VlCancelWatch *self = user_data;

  _vl_take_over (self);
  g_atomic_ref_count_inc (&self->ref_count);
  _vl_handoff_post (self->home, watch_landed, self);
}

static void
watch_disconnected (gpointer user_data, GClosure *closure)
{
  watch_unref (user_data);
}

VlCancelWatch *
_vl_cancel_watch_start (GMainContext *context,
                        GCancellable *cancellable,
                        VlCancelFunc func,
                        gpointer user_data)
{
  VlCancelWatch *self = g_new0 (VlCancelWatch, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_atomic_ref_count_inc (&self->ref_count);
  self->home = _vl_handoff_get (context);
  self->cancellable = g_object_ref (cancellable);
  self->func = func;
  self->user_data = user_data;
  /* Whoever cancels finds it under the lock of the signal. */
  _vl_hand_over (self);
  self->handler = g_signal_connect_data (cancellable, "cancelled", G_CALLBACK (watch_fired), self,
                                         watch_disconnected, 0);
  /* It may have fired before that; a second landing finds nothing to do. */
  if (g_cancellable_is_cancelled (cancellable))
    watch_fired (cancellable, self);

  return self;
}

void
_vl_cancel_watch_clear (VlCancelWatch **watch)
{
  VlCancelWatch *self = g_steal_pointer (watch);

  if (self == NULL)
    return;

  self->func = NULL;
  g_signal_handler_disconnect (self->cancellable, self->handler);
  watch_unref (self);
}
