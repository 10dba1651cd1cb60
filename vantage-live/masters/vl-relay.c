/* vl-relay.c: a request that one table passes on to another
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "../table/vl-change.h"
#include "../table/vl-flight-private.h"
#include "../table/vl-page.h"
#include "../table/vl-query.h"
#include "../table/vl-record.h"
#include "../table/vl-reply.h"
#include "../table/vl-schema.h"
#include "vl-relay-private.h"

/* All of it belongs to one context. It is held by whoever goes on with it, and
 * by each request on its way. */
struct _VlRelay
{
  VlReply *reply;
  VlTable *target;
  gpointer user_data;
  GDestroyNotify destroy;
  gboolean has_ended; /* answered, failed or dropped */

  GCancellable *cancellable; /* the reply's */
  gulong cancelled_id;

  VlRelayKind kind; /* of the request on its way */
  VlRelayFunc func; /* who gets its answer */
  VlFlight *flight; /* the request itself, NULL while none is */
};

void
_vl_relay_request_init (VlRelayRequest *self, VlRelayKind kind, gpointer argument, const char *id)
{
  self->kind = kind;
  self->argument = argument != NULL ? g_object_ref (argument) : NULL;
  self->id = g_strdup (id);
}

void
_vl_relay_request_clear (VlRelayRequest *self)
{
  g_clear_object (&self->argument);
  g_clear_pointer (&self->id, g_free);
}

static void
relay_clear (gpointer data)
{
  VlRelay *self = data;

  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_object_unref (self->cancellable);
  g_object_unref (self->target);
  g_object_unref (self->reply);
}

static void
relay_unref (VlRelay *self)
{
  g_rc_box_release_full (self, relay_clear);
}

static void
relay_end (VlRelay *self)
{
  self->has_ended = TRUE;
  g_clear_signal_handler (&self->cancelled_id, self->cancellable);
  g_clear_pointer (&self->flight, _vl_flight_cancel);
  relay_unref (self);
}

static void
on_cancelled (GCancellable *cancellable, VlRelay *self)
{
  g_autoptr (GError) error = NULL;

  g_cancellable_set_error_if_cancelled (cancellable, &error);
  _vl_relay_fail (self, error);
}

static void
on_answer (VlAnswer *answer, gpointer user_data)
{
  VlRelay *self = user_data;

  g_clear_pointer (&self->flight, _vl_flight_unref);
  if (self->kind == VL_RELAY_DESCRIBE && answer->error == NULL)
    _vl_table_take_described (self->target, answer->schema);
  if (!self->has_ended)
    self->func (self, answer, self->user_data);
  relay_unref (self);
}

/* The request was cancelled, or the context is gone and with it whoever waited
 * for the reply. */
static void
on_drop (gpointer user_data)
{
  VlRelay *self = user_data;

  if (!self->has_ended)
    {
      g_clear_pointer (&self->flight, _vl_flight_unref);
      relay_end (self);
    }
  relay_unref (self);
}

VlRelay *
_vl_relay_new (VlReply *reply, VlTable *target, gpointer user_data, GDestroyNotify destroy)
{
  VlRelay *self = g_rc_box_new0 (VlRelay);

  self->reply = g_object_ref (reply);
  self->target = g_object_ref (target);
  self->user_data = user_data;
  self->destroy = destroy;
  self->cancellable = g_object_ref (vl_reply_get_cancellable (reply));
  self->cancelled_id = g_signal_connect (self->cancellable, "cancelled", G_CALLBACK (on_cancelled),
                                         self);

  return self;
}

static VlFlight *
send (VlRelay *self, const VlRelayRequest *request)
{
  VlTable *target = self->target;

  switch (request->kind)
    {
    case VL_RELAY_DESCRIBE:
      return _vl_table_send_describe (target, 0, on_answer, self, on_drop);

    case VL_RELAY_LIST:
      return _vl_table_send_list (target, VL_QUERY (request->argument), 0, on_answer, self,
                                  on_drop);

    case VL_RELAY_FIND:
      return _vl_table_send_find (target, request->id, 0, on_answer, self, on_drop);

    case VL_RELAY_COUNT:
      return _vl_table_send_count (target, VL_QUERY (request->argument), 0, on_answer, self,
                                   on_drop);

    case VL_RELAY_APPLY:
      return _vl_table_send_apply (target, VL_CHANGE (request->argument), 0, on_answer, self,
                                   on_drop);

    case VL_RELAY_APPLY_BATCH:
      return _vl_table_send_apply_batch (target, G_LIST_MODEL (request->argument), 0, on_answer,
                                         self, on_drop);

    default:
      g_assert_not_reached ();
    }
}

void
_vl_relay_send (VlRelay *self, const VlRelayRequest *request, VlRelayFunc func)
{
  VlFlight *flight;

  self->kind = request->kind;
  self->func = func;

  g_rc_box_acquire (self); /* for the request: on_answer() or on_drop() lets go */
  g_rc_box_acquire (self);
  flight = send (self, request);

  /* The target may have cancelled the call from inside its vfunc. */
  if (flight != NULL && self->has_ended)
    _vl_flight_cancel (flight);
  else if (flight != NULL)
    self->flight = flight;
  relay_unref (self);
}

static void
return_batch (VlReply *reply, VlAnswer *answer)
{
  for (guint i = 0; i < answer->n_items; i++)
    {
      VlBatchItem *item = &answer->items[i];

      if (item->error != NULL)
        _vl_reply_fail_nth_with (reply, i, item->record, item->error);
      else if (item->answered)
        vl_reply_return_nth (reply, i, item->record);
    }
  vl_reply_finish (reply);
}

static void
return_answer (VlReply *reply, VlRelayKind kind, VlAnswer *answer)
{
  switch (kind)
    {
    case VL_RELAY_DESCRIBE:
      vl_reply_return_schema (reply, answer->schema);
      break;

    case VL_RELAY_LIST:
      vl_reply_return_page (reply, answer->page);
      break;

    /* With what they say of themselves. */
    case VL_RELAY_FIND:
    case VL_RELAY_COUNT:
      _vl_flight_answer (_vl_reply_get_flight (reply), answer);
      break;

    case VL_RELAY_APPLY:
      vl_reply_return_record (reply, answer->record);
      break;

    case VL_RELAY_APPLY_BATCH:
      return_batch (reply, answer);
      break;

    default:
      g_assert_not_reached ();
    }
}

void
_vl_relay_return (VlRelay *self, VlRelayKind kind, VlAnswer *answer)
{
  if (answer->error != NULL)
    _vl_reply_fail_with (self->reply, answer->record, answer->error);
  else
    return_answer (self->reply, kind, answer);
  relay_end (self);
}

void
_vl_relay_fail (VlRelay *self, const GError *error)
{
  vl_reply_fail (self->reply, error);
  relay_end (self);
}

void
_vl_relay_drop (VlRelay *self)
{
  relay_end (self);
}

static void
return_as_it_is (VlRelay *self, VlAnswer *answer, gpointer user_data)
{
  _vl_relay_return (self, self->kind, answer);
}

void
_vl_relay_pass (VlRelay *self, const VlRelayRequest *request)
{
  _vl_relay_send (self, request, return_as_it_is);
}
