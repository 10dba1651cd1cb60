/* vl-fault-call.c: one call through a simulated network
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-fault-call-private.h"

#include "../table/vl-change.h"
#include "../table/vl-page-private.h"
#include "../table/vl-page.h"
#include "../table/vl-schema-private.h"
#include "../table/vl-schema.h"
#include "../vl-error.h"
#include "vl-fault-stream-private.h"

/* One call on its way; belongs to the context of the caller, and to the relay. */
typedef struct
{
  VlFaultNetwork *network;
  VlReply *reply;
  VlLiveStream *stream; /* nullable */
  char *name;           /* of the table */
  VlRelay *relay;
  VlRelayRequest request;
  VlFaultPlan plan;
  GMainContext *context;

  /* While it is on its way in a direction. */
  VlTimer *timer;
  VlTimerFunc arrive; /* what comes next */
  VlFaultDirection direction;
  gboolean in_lane;

  VlAnswer answer;  /* on its way back */
  gboolean is_lost; /* and what it says is the network's doing */
} Call;

static void
call_stop_timer (Call *self)
{
  _vl_timer_clear (&self->timer);
  if (self->in_lane)
    _vl_fault_network_leave_lane (self->network, self->direction);
  self->in_lane = FALSE;
}

static void
call_free (gpointer data)
{
  Call *self = data;

  call_stop_timer (self);
  g_main_context_unref (self->context);
  _vl_fault_plan_clear (&self->plan);
  _vl_relay_request_clear (&self->request);
  _vl_answer_clear (&self->answer);
  g_free (self->name);
  g_clear_object (&self->stream);
  g_object_unref (self->reply);
  _vl_fault_network_unref (self->network);
  g_free (self);
}

static void
on_time (gpointer user_data)
{
  Call *self = user_data;

  call_stop_timer (self);
  self->arrive (self);
}

/* Runs `arrive` once it has got there, at once if nothing keeps it. */
static void
call_travel (Call *self, VlFaultDirection direction, guint delay, VlTimerFunc arrive)
{
  self->direction = direction;
  self->arrive = arrive;
  self->timer = _vl_fault_network_enter_lane (self->network, direction, delay, self->context,
                                              on_time, self, &self->in_lane);
  if (self->timer == NULL)
    arrive (self);
}

static gboolean
is_write (const VlRelayRequest *request)
{
  return request->kind == VL_RELAY_APPLY || request->kind == VL_RELAY_APPLY_BATCH;
}

/* What the caller wanted, for messages: "find", and of which record. */
static char *
describe_request (const VlRelayRequest *request)
{
  static const char *const names[] = {
    "describe", "list", "find", "count", "apply", "apply_batch"
  };
  const char *id = request->kind == VL_RELAY_APPLY
                     ? vl_change_get_id (VL_CHANGE (request->argument))
                     : request->id;

  return id != NULL ? g_strconcat (names[request->kind], " ", id, NULL)
                    : g_strdup (names[request->kind]);
}

static GError *
make_offline_error (const char *name, const VlRelayRequest *request)
{
  g_autofree char *what = describe_request (request);

  return g_error_new (VL_ERROR, VL_ERROR_UNAVAILABLE,
                      _ ("Table “%s” cannot be reached (%s): the simulated network is down"), name,
                      what);
}

static GError *
make_lost_error (Call *self)
{
  g_autofree char *what = describe_request (&self->request);

  return g_error_new (VL_ERROR, VL_ERROR_UNAVAILABLE,
                      _ ("Table “%s” cannot be reached (%s): the simulated network has lost the "
                         "call"),
                      self->name, what);
}

static GError *
make_lost_answer_error (Call *self)
{
  g_autofree char *what = describe_request (&self->request);
  VlFaultSettings settings;

  _vl_fault_network_get_settings (self->network, &settings);

  return g_error_new (VL_ERROR,
                      is_write (&self->request) ? (int) settings.lost_ack_error
                                                : VL_ERROR_UNAVAILABLE,
                      _ ("Table “%s” was reached (%s), but the simulated network has lost its "
                         "answer"),
                      self->name, what);
}

/* It ends with an error instead of the answer, if any. */
static void
call_lose (Call *self, GError *error)
{
  self->is_lost = TRUE;
  _vl_answer_clear (&self->answer);
  self->answer = (VlAnswer){ 0 };
  self->answer.error = error;
}

static void
call_arrive_back (gpointer user_data)
{
  Call *self = user_data;

  if (!self->is_lost && _vl_fault_network_is_offline (self->network))
    {
      _vl_fault_network_count_fault (self->network);
      call_lose (self, make_lost_answer_error (self));
    }
  _vl_relay_return (self->relay, self->request.kind, &self->answer);
}

static void
lie_about_total (VlPage **page, guint64 lie)
{
  g_autoptr (VlPage) honest = *page;
  VlPageInfo info;

  _vl_page_get_info (honest, &info);
  info.total = _vl_fault_lie (info.total, lie);
  *page = _vl_page_with_info (honest, &info);
}

static void
claim_remote (VlFaultNetwork *network, VlSchema **schema)
{
  g_autoptr (VlSchema) honest = NULL;
  VlFaultSettings settings;

  _vl_fault_network_get_settings (network, &settings);
  if (!settings.remote)
    return;

  honest = *schema;
  *schema = _vl_schema_with_capabilities (honest, vl_schema_get_capabilities (honest) |
                                                    VL_CAPABILITY_REMOTE);
}

static void
echo (Call *self)
{
  GListModel *changes;

  if (self->stream == NULL || !is_write (&self->request))
    return;

  if (self->request.kind == VL_RELAY_APPLY)
    {
      _vl_fault_stream_echo (self->stream, VL_CHANGE (self->request.argument), self->answer.record);
      return;
    }

  changes = G_LIST_MODEL (self->request.argument);
  for (guint i = 0; i < self->answer.n_items; i++)
    {
      g_autoptr (VlChange) change = g_list_model_get_item (changes, i);

      if (self->answer.items[i].answered && self->answer.items[i].error == NULL)
        _vl_fault_stream_echo (self->stream, change, self->answer.items[i].record);
    }
}

static void
call_never_answer (Call *self)
{
  _vl_fault_network_hold (self->network, self->reply);
  _vl_relay_drop (self->relay);
}

/* What the target says, or its silence, is the network's to change. */
static void
call_answered (VlRelay *relay, VlAnswer *answer, gpointer user_data)
{
  Call *self = user_data;

  self->answer = *answer;
  *answer = (VlAnswer){ 0 };
  if (self->answer.error == NULL)
    echo (self);

  if (self->plan.fate == VL_FAULT_FATE_NEVER_ANSWER)
    {
      call_never_answer (self);
      return;
    }
  if (self->plan.fate == VL_FAULT_FATE_LOST_ANSWER)
    call_lose (self, self->plan.error != NULL ? g_steal_pointer (&self->plan.error)
                                              : make_lost_answer_error (self));
  else if (self->answer.page != NULL && self->plan.lie != 0)
    lie_about_total (&self->answer.page, self->plan.lie);
  else if (self->answer.schema != NULL)
    claim_remote (self->network, &self->answer.schema);

  call_travel (self, VL_FAULT_BACK, self->plan.back, call_arrive_back);
}

static void
call_arrive_there (gpointer user_data)
{
  Call *self = user_data;

  if (_vl_fault_network_is_offline (self->network))
    {
      g_autoptr (GError) error = make_offline_error (self->name, &self->request);

      _vl_fault_network_count_fault (self->network);
      _vl_relay_fail (self->relay, error);
    }
  else if (self->plan.fate == VL_FAULT_FATE_LOST)
    {
      call_lose (self, self->plan.error != NULL ? g_steal_pointer (&self->plan.error)
                                                : make_lost_error (self));
      call_travel (self, VL_FAULT_BACK, self->plan.back, call_arrive_back);
    }
  else
    {
      _vl_relay_send (self->relay, &self->request, call_answered);
    }
}

/* A target that was never reached has not said what its table is called. */
static char *
dup_name (VlTable *target)
{
  g_autoptr (VlSchema) schema = vl_table_get_schema (target);
  char *identity;

  if (schema != NULL)
    return g_strdup (vl_schema_get_table_name (schema));

  identity = vl_table_get_identity (target);

  return identity != NULL ? identity : g_strdup (G_OBJECT_TYPE_NAME (target));
}

gboolean
_vl_fault_call_send (VlFaultNetwork *network,
                     VlTable *target,
                     VlLiveStream *stream,
                     const VlRelayRequest *request,
                     VlReply *reply,
                     GError **error)
{
  g_auto (VlFaultPlan) plan = { 0 };
  g_autofree char *name = dup_name (target);
  Call *call;

  _vl_fault_network_plan (network, request->kind, &plan);
  if (plan.fate == VL_FAULT_FATE_OFFLINE)
    {
      g_propagate_error (error, make_offline_error (name, request));
      return FALSE;
    }
  if (plan.fate == VL_FAULT_FATE_NEVER_THERE)
    {
      _vl_fault_network_hold (network, reply);
      return TRUE;
    }

  call = g_new0 (Call, 1);
  call->network = _vl_fault_network_ref (network);
  call->reply = g_object_ref (reply);
  call->stream = stream != NULL ? g_object_ref (stream) : NULL;
  call->name = g_steal_pointer (&name);
  call->plan = plan;
  plan = (VlFaultPlan){ 0 };
  call->context = g_main_context_ref_thread_default ();
  call->relay = _vl_relay_new (reply, target, call, call_free);
  _vl_relay_request_init (&call->request, request->kind, request->argument, request->id);
  call_travel (call, VL_FAULT_THERE, call->plan.there, call_arrive_there);

  return TRUE;
}
