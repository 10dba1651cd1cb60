/* sim-request.c: replies that the master and the cache have kept
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sim.h"

const char *
sim_request_kind_name (SimRequestKind kind)
{
  static const char *const names[] = {
    "describe", "list",   "find",       "count", "apply",     "apply_batch", "lookup",
    "store",    "remove", "invalidate", "clear", "get_lease", "open",        "close",
  };

  return names[kind];
}

SimRequest *
sim_request_new (Sim *sim, SimRequestKind kind, VlReply *reply)
{
  SimRequest *self = g_new0 (SimRequest, 1);

  self->kind = kind;
  self->number = ++sim->n_requests;
  self->step = sim->step;
  self->time = sim_clock_now ();
  self->reply = g_object_ref (reply);
  self->cancellable = g_object_ref (vl_reply_get_cancellable (reply));

  return self;
}

void
sim_request_free (gpointer data)
{
  SimRequest *self = data;

  g_clear_object (&self->reply);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->writes, g_ptr_array_unref);
  g_clear_pointer (&self->changes, g_ptr_array_unref);
  g_clear_pointer (&self->outcomes, g_array_unref);
  g_clear_object (&self->cache);
  g_clear_object (&self->page);
  g_free (self->root);
  g_free (self->name);
  g_free (self);
}
