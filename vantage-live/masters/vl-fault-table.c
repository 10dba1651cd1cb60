/* vl-fault-table.c: any table behind a simulated network
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "../base/vl-clock-private.h"
#include "../base/vl-lock-private.h"
#include "../table/vl-query.h"
#include "../table/vl-reply.h"
#include "../table/vl-table-private.h"
#include "../table/vl-table.h"
#include "../vl-error.h"
#include "vl-fault-table.h"
#include "vl-relay-private.h"
#include "vl-scoped-table.h"

/**
 * VlFaultTable:
 *
 * Any table behind a simulated network, for tests and demonstrations.
 *
 * Each call of the table, describing it included, takes
 * [property@FaultTable:latency] milliseconds: one half before the target is
 * asked, the other half before its answer is handed on. A call that is
 * cancelled in the first half never reaches the target; in the second half a
 * write has been applied, and only its answer is lost.
 *
 * Errors that were pushed befall one call each, in the order they were pushed:
 * [method@FaultTable.push_error] a call that does not reach the target,
 * [method@FaultTable.push_error_after] one that the target has carried out. With
 * [property@FaultTable:never-answer] calls go out and nothing comes back.
 *
 * Schema, capabilities, identity and stream are those of the target, and the
 * events of the stream are not delayed. Related tables are behind the same
 * network: they share latency, errors and counters.
 *
 * Settings, errors and counters may be used from any thread.
 *
 * Since: 1.0
 */

/* What scripted trouble a call is in. */
typedef struct
{
  GError *error;
  gboolean after; /* the target is asked nevertheless */
} Fault;

/* Shared by a table and those related to it. */
typedef struct
{
  gatomicrefcount ref_count;
  VlLock lock;

  /* Under the lock. */
  guint latency; /* milliseconds */
  gboolean never_answer;
  GQueue faults;   /* of Fault, the next call's first */
  GPtrArray *held; /* of VlReply: never to be answered */
  guint64 n_calls;
  guint64 n_reads;
  guint64 n_writes;
} Network;

struct _VlFaultTable
{
  GObject parent_instance;

  VlTable *target;  /* set by construction, never changed */
  Network *network; /* likewise */
};

enum
{
  PROP_TARGET = 1,
  PROP_LATENCY,
  PROP_NEVER_ANSWER,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void vl_fault_table_iface_init (VlTableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (VlFaultTable,
                               vl_fault_table,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_TABLE, vl_fault_table_iface_init))

/* The network. */

static void
fault_free (gpointer data)
{
  Fault *self = data;

  g_error_free (self->error);
  g_free (self);
}

static Network *
network_new (void)
{
  Network *self = g_new0 (Network, 1);

  g_atomic_ref_count_init (&self->ref_count);
  _vl_lock_init (&self->lock);
  g_queue_init (&self->faults);
  self->held = g_ptr_array_new_with_free_func (g_object_unref);

  return self;
}

static Network *
network_ref (Network *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

static void
network_unref (Network *self)
{
  if (!_vl_ref_count_dec (&self->ref_count))
    return;

  g_queue_clear_full (&self->faults, fault_free);
  g_ptr_array_unref (self->held);
  _vl_lock_destroy (&self->lock);
  g_free (self);
}

static void
network_push_fault (Network *self, const GError *error, gboolean after)
{
  Fault *fault = g_new0 (Fault, 1);

  fault->error = g_error_copy (error);
  fault->after = after;

  _vl_lock_acquire (&self->lock);
  g_queue_push_tail (&self->faults, fault);
  _vl_lock_release (&self->lock);
}

/* Under the lock. */
static void
network_count (Network *self, VlRelayKind kind)
{
  self->n_calls++;
  if (kind == VL_RELAY_APPLY || kind == VL_RELAY_APPLY_BATCH)
    self->n_writes++;
  else if (kind != VL_RELAY_DESCRIBE)
    self->n_reads++;
}

/* Under the lock. Forgets the replies that nobody waits for any more; those
 * are given to `forgotten`, to be dropped outside. */
static void
network_hold (Network *self, VlReply *reply, GPtrArray *forgotten)
{
  for (guint i = self->held->len; i > 0; i--)
    {
      VlReply *held = self->held->pdata[i - 1];

      if (g_cancellable_is_cancelled (vl_reply_get_cancellable (held)))
        g_ptr_array_add (forgotten, g_ptr_array_steal_index_fast (self->held, i - 1));
    }
  g_ptr_array_add (self->held, g_object_ref (reply));
}

static guint64
network_read (Network *self, const guint64 *counter)
{
  guint64 value;

  _vl_lock_acquire (&self->lock);
  value = *counter;
  _vl_lock_release (&self->lock);

  return value;
}

/* One call on its way; belongs to the context of the caller. */
typedef struct
{
  VlRelay *relay;
  VlRelayRequest request;
  Fault *fault;  /* nullable */
  guint latency; /* as it was when the call was made */
  GMainContext *context;
  VlTimer *timer;
  VlAnswer answer; /* on its way back */
} Call;

static void
call_free (gpointer data)
{
  Call *self = data;

  _vl_timer_clear (&self->timer);
  g_main_context_unref (self->context);
  _vl_relay_request_clear (&self->request);
  _vl_answer_clear (&self->answer);
  g_clear_pointer (&self->fault, fault_free);
  g_free (self);
}

/* Runs `func` after `delay`, at once when there is none to wait for. */
static void
call_after (Call *self, guint delay, VlTimerFunc func)
{
  _vl_timer_clear (&self->timer);
  if (delay > 0)
    self->timer = _vl_timer_start (self->context, delay, func, self);
  else
    func (self);
}

static void
call_arrive (gpointer user_data)
{
  Call *self = user_data;

  if (self->fault != NULL)
    _vl_relay_fail (self->relay, self->fault->error);
  else
    _vl_relay_return (self->relay, self->request.kind, &self->answer);
}

static void
call_answered (VlRelay *relay, VlAnswer *answer, gpointer user_data)
{
  Call *self = user_data;

  self->answer = *answer;
  *answer = (VlAnswer){ 0 };
  call_after (self, self->latency - self->latency / 2, call_arrive);
}

static void
call_reach_target (gpointer user_data)
{
  Call *self = user_data;

  if (self->fault != NULL && !self->fault->after)
    call_after (self, self->latency - self->latency / 2, call_arrive);
  else
    _vl_relay_send (self->relay, &self->request, call_answered);
}

/* A script can make one without a target. */
static gboolean
has_target (VlFaultTable *self, GError **error)
{
  if (self->target != NULL)
    return TRUE;

  g_set_error_literal (error, VL_ERROR, VL_ERROR_INVALID,
                       _ ("A fault table needs a target to stand in front of"));
  return FALSE;
}

static gboolean
make_call (VlTable *table,
           VlRelayKind kind,
           gpointer argument,
           const char *id,
           VlReply *reply,
           GError **error)
{
  VlFaultTable *self = VL_FAULT_TABLE (table);
  Network *network = self->network;
  g_autoptr (GPtrArray) forgotten = g_ptr_array_new_with_free_func (g_object_unref);
  Fault *fault = NULL;
  Call *call;
  guint latency;
  gboolean never_answer;

  if (!has_target (self, error))
    return FALSE;

  _vl_lock_acquire (&network->lock);
  network_count (network, kind);
  latency = network->latency;
  never_answer = network->never_answer;
  if (never_answer)
    network_hold (network, reply, forgotten);
  else
    fault = g_queue_pop_head (&network->faults);
  _vl_lock_release (&network->lock);

  if (never_answer)
    return TRUE;

  call = g_new0 (Call, 1);
  call->relay = _vl_relay_new (reply, self->target, call, call_free);
  _vl_relay_request_init (&call->request, kind, argument, id);
  call->fault = fault;
  call->latency = latency;
  call->context = g_main_context_ref_thread_default ();
  call_after (call, latency / 2, call_reach_target);

  return TRUE;
}

/* The table's vfuncs. */

static gboolean
vl_fault_table_describe (VlTable *table, VlReply *reply, GError **error)
{
  return make_call (table, VL_RELAY_DESCRIBE, NULL, NULL, reply, error);
}

static gboolean
vl_fault_table_list (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  return make_call (table, VL_RELAY_LIST, query, NULL, reply, error);
}

static gboolean
vl_fault_table_find (VlTable *table, const char *id, VlReply *reply, GError **error)
{
  return make_call (table, VL_RELAY_FIND, NULL, id, reply, error);
}

static gboolean
vl_fault_table_count (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  return make_call (table, VL_RELAY_COUNT, query, NULL, reply, error);
}

static gboolean
vl_fault_table_apply (VlTable *table, VlChange *change, VlReply *reply, GError **error)
{
  return make_call (table, VL_RELAY_APPLY, change, NULL, reply, error);
}

static gboolean
vl_fault_table_apply_batch (VlTable *table, GListModel *changes, VlReply *reply, GError **error)
{
  return make_call (table, VL_RELAY_APPLY_BATCH, changes, NULL, reply, error);
}

/* `target` behind the same network. */
static VlTable *
stand_in_front (VlFaultTable *self, VlTable *target)
{
  VlFaultTable *other;

  if (target == self->target)
    return g_object_ref (VL_TABLE (self));

  other = vl_fault_table_new (target);
  network_unref (other->network);
  other->network = network_ref (self->network);

  return VL_TABLE (other);
}

static VlTable *
vl_fault_table_get_related (VlTable *table, const char *relation, VlRecord *record, GError **error)
{
  VlFaultTable *self = VL_FAULT_TABLE (table);
  g_autoptr (VlTable) related = NULL;
  g_autoptr (VlTable) front = NULL;
  VlScopedTable *scoped;

  if (!has_target (self, error))
    return NULL;
  related = vl_table_get_related (self->target, relation, record, error);
  if (related == NULL)
    return NULL;
  if (!VL_IS_SCOPED_TABLE (related))
    return stand_in_front (self, related);

  /* A live table looks through a scoped table, and must find the network. */
  scoped = VL_SCOPED_TABLE (related);
  front = stand_in_front (self, vl_scoped_table_get_target (scoped));

  return VL_TABLE (vl_scoped_table_new (front, vl_scoped_table_get_scope (scoped)));
}

static VlLiveStream *
vl_fault_table_get_stream (VlTable *table)
{
  VlFaultTable *self = VL_FAULT_TABLE (table);

  return self->target != NULL ? vl_table_get_stream (self->target) : NULL;
}

static char *
vl_fault_table_get_identity (VlTable *table)
{
  VlFaultTable *self = VL_FAULT_TABLE (table);

  return self->target != NULL ? vl_table_get_identity (self->target) : NULL;
}

static void
vl_fault_table_iface_init (VlTableInterface *iface)
{
  iface->describe = vl_fault_table_describe;
  iface->list = vl_fault_table_list;
  iface->find = vl_fault_table_find;
  iface->count = vl_fault_table_count;
  iface->apply = vl_fault_table_apply;
  iface->apply_batch = vl_fault_table_apply_batch;
  iface->get_related = vl_fault_table_get_related;
  iface->get_stream = vl_fault_table_get_stream;
  iface->get_identity = vl_fault_table_get_identity;
}

static void
vl_fault_table_finalize (GObject *object)
{
  VlFaultTable *self = VL_FAULT_TABLE (object);

  g_clear_object (&self->target);
  g_clear_pointer (&self->network, network_unref);

  G_OBJECT_CLASS (vl_fault_table_parent_class)->finalize (object);
}

static void
vl_fault_table_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  VlFaultTable *self = VL_FAULT_TABLE (object);

  switch (prop_id)
    {
    case PROP_TARGET:
      g_value_set_object (value, self->target);
      break;

    case PROP_LATENCY:
      g_value_set_uint (value, vl_fault_table_get_latency (self));
      break;

    case PROP_NEVER_ANSWER:
      g_value_set_boolean (value, vl_fault_table_get_never_answer (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
vl_fault_table_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  VlFaultTable *self = VL_FAULT_TABLE (object);

  switch (prop_id)
    {
    case PROP_TARGET:
      self->target = g_value_dup_object (value);
      break;

    case PROP_LATENCY:
      vl_fault_table_set_latency (self, g_value_get_uint (value));
      break;

    case PROP_NEVER_ANSWER:
      vl_fault_table_set_never_answer (self, g_value_get_boolean (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
vl_fault_table_class_init (VlFaultTableClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = vl_fault_table_finalize;
  object_class->get_property = vl_fault_table_get_property;
  object_class->set_property = vl_fault_table_set_property;

  /**
   * VlFaultTable:target:
   *
   * The table behind the network.
   *
   * Since: 1.0
   */
  properties[PROP_TARGET] = g_param_spec_object ("target", NULL, NULL, VL_TYPE_TABLE,
                                                 G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY |
                                                   G_PARAM_STATIC_STRINGS);

  /**
   * VlFaultTable:latency: (getter get_latency) (setter set_latency)
   *
   * How long a call takes, in milliseconds, there and back; 0 for none.
   *
   * Calls on their way keep the latency that they began with.
   *
   * Since: 1.0
   */
  properties[PROP_LATENCY] = g_param_spec_uint ("latency", NULL, NULL, 0, G_MAXUINT, 0,
                                                G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                  G_PARAM_STATIC_STRINGS);

  /**
   * VlFaultTable:never-answer: (getter get_never_answer) (setter set_never_answer)
   *
   * Whether calls go out and nothing comes back.
   *
   * They do not reach the target, and are not answered either when this becomes
   * %FALSE again.
   *
   * Since: 1.0
   */
  properties[PROP_NEVER_ANSWER] = g_param_spec_boolean ("never-answer", NULL, NULL, FALSE,
                                                        G_PARAM_READWRITE |
                                                          G_PARAM_EXPLICIT_NOTIFY |
                                                          G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
vl_fault_table_init (VlFaultTable *self)
{
  self->network = network_new ();

  _vl_table_set_home (VL_TABLE (self));
}

/**
 * vl_fault_table_new:
 * @target: the table to put behind a network
 *
 * Puts a table behind a simulated network that works perfectly, until it is
 * told otherwise.
 *
 * Returns: (transfer full): the table
 *
 * Since: 1.0
 */
VlFaultTable *
vl_fault_table_new (VlTable *target)
{
  g_return_val_if_fail (VL_IS_TABLE (target), NULL);

  return g_object_new (VL_TYPE_FAULT_TABLE, "target", target, NULL);
}

/**
 * vl_fault_table_get_target:
 * @self: a table
 *
 * Tells which table is behind the network.
 *
 * Returns: (transfer none): the target
 *
 * Since: 1.0
 */
VlTable *
vl_fault_table_get_target (VlFaultTable *self)
{
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), NULL);

  return self->target;
}

/**
 * vl_fault_table_get_latency: (get-property latency)
 * @self: a table
 *
 * Tells how long a call takes.
 *
 * Returns: the time there and back, in milliseconds
 *
 * Since: 1.0
 */
guint
vl_fault_table_get_latency (VlFaultTable *self)
{
  guint latency;

  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), 0);

  _vl_lock_acquire (&self->network->lock);
  latency = self->network->latency;
  _vl_lock_release (&self->network->lock);

  return latency;
}

/**
 * vl_fault_table_set_latency: (set-property latency)
 * @self: a table
 * @latency: the time there and back, in milliseconds; 0 for none
 *
 * Sets how long calls take from now on.
 *
 * Since: 1.0
 */
void
vl_fault_table_set_latency (VlFaultTable *self, guint latency)
{
  gboolean differs;

  g_return_if_fail (VL_IS_FAULT_TABLE (self));

  _vl_lock_acquire (&self->network->lock);
  differs = self->network->latency != latency;
  self->network->latency = latency;
  _vl_lock_release (&self->network->lock);

  if (differs)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LATENCY]);
}

/**
 * vl_fault_table_get_never_answer: (get-property never-answer)
 * @self: a table
 *
 * Tells whether calls go out and nothing comes back.
 *
 * Returns: whether calls are never answered
 *
 * Since: 1.0
 */
gboolean
vl_fault_table_get_never_answer (VlFaultTable *self)
{
  gboolean never_answer;

  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), FALSE);

  _vl_lock_acquire (&self->network->lock);
  never_answer = self->network->never_answer;
  _vl_lock_release (&self->network->lock);

  return never_answer;
}

/**
 * vl_fault_table_set_never_answer: (set-property never-answer)
 * @self: a table
 * @never_answer: whether calls are never answered
 *
 * Sets whether calls made from now on go out and nothing comes back.
 *
 * Since: 1.0
 */
void
vl_fault_table_set_never_answer (VlFaultTable *self, gboolean never_answer)
{
  gboolean differs;

  g_return_if_fail (VL_IS_FAULT_TABLE (self));

  _vl_lock_acquire (&self->network->lock);
  differs = !self->network->never_answer != !never_answer;
  self->network->never_answer = never_answer;
  _vl_lock_release (&self->network->lock);

  if (differs)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NEVER_ANSWER]);
}

/**
 * vl_fault_table_push_error:
 * @self: a table
 * @error: what goes wrong
 *
 * Makes one call fail on its way to the target: the next one that no error
 * pushed earlier befalls. The target does not hear of it.
 *
 * Any call counts, also the one that describes the table before its first use.
 *
 * Since: 1.0
 */
void
vl_fault_table_push_error (VlFaultTable *self, const GError *error)
{
  g_return_if_fail (VL_IS_FAULT_TABLE (self));
  g_return_if_fail (error != NULL);

  network_push_fault (self->network, error, FALSE);
}

/**
 * vl_fault_table_push_error_after:
 * @self: a table
 * @error: what goes wrong
 *
 * Makes one call fail on its way back: like [method@FaultTable.push_error],
 * but the target has carried it out, and only its answer is lost.
 *
 * Since: 1.0
 */
void
vl_fault_table_push_error_after (VlFaultTable *self, const GError *error)
{
  g_return_if_fail (VL_IS_FAULT_TABLE (self));
  g_return_if_fail (error != NULL);

  network_push_fault (self->network, error, TRUE);
}

/**
 * vl_fault_table_get_n_calls:
 * @self: a table
 *
 * Tells how many calls were made in all: reads, writes and descriptions.
 *
 * Returns: the number of calls, those that failed included
 *
 * Since: 1.0
 */
guint64
vl_fault_table_get_n_calls (VlFaultTable *self)
{
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), 0);

  return network_read (self->network, &self->network->n_calls);
}

/**
 * vl_fault_table_get_n_reads:
 * @self: a table
 *
 * Tells how many calls were made that list, find or count.
 *
 * Returns: the number of reads, those that failed included
 *
 * Since: 1.0
 */
guint64
vl_fault_table_get_n_reads (VlFaultTable *self)
{
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), 0);

  return network_read (self->network, &self->network->n_reads);
}

/**
 * vl_fault_table_get_n_writes:
 * @self: a table
 *
 * Tells how many calls were made that change records. A batch is one.
 *
 * Returns: the number of writes, those that failed included
 *
 * Since: 1.0
 */
guint64
vl_fault_table_get_n_writes (VlFaultTable *self)
{
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), 0);

  return network_read (self->network, &self->network->n_writes);
}
