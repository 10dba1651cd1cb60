/* vl-fault-table.c: any table behind a simulated network
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "../stream/vl-live-stream.h"
#include "../table/vl-query.h"
#include "../table/vl-reply.h"
#include "../table/vl-table-private.h"
#include "../vl-enums.h"
#include "../vl-error.h"
#include "vl-fault-call-private.h"
#include "vl-fault-stream-private.h"
#include "vl-fault-table-private.h"
#include "vl-scoped-table.h"

/**
 * VlFaultTable:
 *
 * Any table behind a simulated network, for tests and demonstrations.
 *
 * A program that works with the table on the developer's desk may still freeze
 * without a network, save twice when an acknowledgement is lost, or show the
 * wrong page when two answers come in another order. With a fault table in
 * front of the real one all of that can be had at will. It works perfectly
 * until it is told otherwise.
 *
 * ## Time
 *
 * Each call of the table, describing it included, takes
 * [property@FaultTable:latency] milliseconds and by chance up to
 * [property@FaultTable:jitter] more: one half before the target is asked, the
 * other half before its answer is handed on. A call that is cancelled in the
 * first half never reaches the target; in the second half a write has been
 * applied, and only its answer is lost. A call that takes less time than another
 * overtakes it, unless [property@FaultTable:keep-order] is set.
 *
 * ## Faults
 *
 * Errors that were pushed befall one call each, in the order they were pushed:
 * [method@FaultTable.push_error] a call that does not reach the target,
 * [method@FaultTable.push_error_after] one that the target has carried out. Calls
 * for which none was pushed fail by chance: with
 * [property@FaultTable:error-rate] they do not reach the target, with
 * [property@FaultTable:lost-ack-rate] they are writes that were applied, and
 * with [property@FaultTable:never-answer-rate] nothing comes back. With
 * [property@FaultTable:never-answer] nothing ever does, and with
 * [property@FaultTable:total-lie-rate] pages are wrong about how many records
 * there are.
 *
 * ## No network
 *
 * While the network is down, because [property@FaultTable:offline] is set or
 * within a time that was announced by [method@FaultTable.add_offline_window],
 * each call fails with %VL_ERROR_UNAVAILABLE at once, and no error that was
 * pushed is used up. Calls on their way there fail likewise when they would have
 * arrived; of those on their way back the answer is lost, for a write with
 * [property@FaultTable:lost-ack-error]. The stream ends with
 * %VL_ERROR_UNAVAILABLE, and becomes live as soon as the network is back, which
 * is a gap unless the target's stream knows that nothing has happened.
 * [property@FaultTable:remote] claims that the table is far away.
 *
 * ## Events
 *
 * The stream is that of the target, whose events it tells at once, or
 * [property@FaultTable:event-delay] later, or twice with
 * [property@FaultTable:event-repeat-rate]. With
 * [property@FaultTable:event-loss-rate] it breaks off, and with
 * [property@FaultTable:echo] it tells of the program's own writes.
 *
 * ## Chance
 *
 * What chance decides is determined by [property@FaultTable:seed] and by how many
 * calls, or events, there were since that was set: the same calls in the same
 * order fare the same each time, and changing a likelihood changes nothing but
 * what it is about. A call that fails at some rate fails at any higher one. That
 * holds for a program that makes its calls in a fixed order, which one with
 * several threads may not do.
 *
 * ## The rest
 *
 * Schema, capabilities and identity are those of the target. Related tables are
 * behind the same network: they share settings, errors and counters; changes of a
 * setting are notified by the table on which it was set. Settings, errors and
 * counters may be used from any thread.
 *
 * A test that a form keeps what was typed when the server does not answer:
 *
 * ```python
 * from gi.repository import Vl
 *
 * def test_saving_without_a_network():
 *     server = Vl.FaultTable.new(Vl.SqliteTable.new('clients.db', 'clients'))
 *     server.set_latency(20)
 *     clients = Vl.LiveTable.new(server, 'clients', Vl.MemoryCache.new(0))
 *     form = ClientForm(clients, '42')
 *
 *     server.set_offline(True)
 *     form.set_name('Ada')
 *     form.save()
 *     assert form.get_name() == 'Ada' and form.shows_an_error()
 *
 *     server.set_offline(False)
 *     form.save()
 *     assert not form.shows_an_error()
 * ```
 *
 * Any number of runs with faults of all kinds, of which one that fails can be
 * repeated by its seed:
 *
 * ```python
 * def test_anything_may_happen():
 *     for seed in range(100):
 *         server = Vl.FaultTable(target=make_clients(), seed=seed, latency=5, jitter=20,
 *                                error_rate=0.1, lost_ack_rate=0.05)
 *         print('seed', seed)
 *         use_the_program(server)
 * ```
 *
 * Since: 1.0
 */

enum
{
  PROP_TARGET = 1,
  PROP_SEED,
  PROP_LATENCY,
  PROP_JITTER,
  PROP_KEEP_ORDER,
  PROP_ERROR_RATE,
  PROP_LOST_ACK_RATE,
  PROP_LOST_ACK_ERROR,
  PROP_NEVER_ANSWER_RATE,
  PROP_NEVER_ANSWER,
  PROP_OFFLINE,
  PROP_TOTAL_LIE_RATE,
  PROP_REMOTE,
  PROP_EVENT_DELAY,
  PROP_EVENT_REPEAT_RATE,
  PROP_EVENT_LOSS_RATE,
  PROP_ECHO,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/* The properties of one type, by their number. */

typedef struct
{
  const char *name;
  guint (*get) (VlFaultTable *self);
  void (*set) (VlFaultTable *self, guint value);
} Time;

static const Time times[N_PROPS] = {
  [PROP_LATENCY] = { "latency", vl_fault_table_get_latency, vl_fault_table_set_latency },
  [PROP_JITTER] = { "jitter", vl_fault_table_get_jitter, vl_fault_table_set_jitter },
  [PROP_EVENT_DELAY] = { "event-delay", vl_fault_table_get_event_delay,
                         vl_fault_table_set_event_delay },
};

typedef struct
{
  const char *name;
  double (*get) (VlFaultTable *self);
  void (*set) (VlFaultTable *self, double value);
} Rate;

static const Rate rates[N_PROPS] = {
  [PROP_ERROR_RATE] = { "error-rate", vl_fault_table_get_error_rate,
                        vl_fault_table_set_error_rate },
  [PROP_LOST_ACK_RATE] = { "lost-ack-rate", vl_fault_table_get_lost_ack_rate,
                           vl_fault_table_set_lost_ack_rate },
  [PROP_NEVER_ANSWER_RATE] = { "never-answer-rate", vl_fault_table_get_never_answer_rate,
                               vl_fault_table_set_never_answer_rate },
  [PROP_TOTAL_LIE_RATE] = { "total-lie-rate", vl_fault_table_get_total_lie_rate,
                            vl_fault_table_set_total_lie_rate },
  [PROP_EVENT_REPEAT_RATE] = { "event-repeat-rate", vl_fault_table_get_event_repeat_rate,
                               vl_fault_table_set_event_repeat_rate },
  [PROP_EVENT_LOSS_RATE] = { "event-loss-rate", vl_fault_table_get_event_loss_rate,
                             vl_fault_table_set_event_loss_rate },
};

typedef struct
{
  const char *name;
  gboolean (*get) (VlFaultTable *self);
  void (*set) (VlFaultTable *self, gboolean value);
} Flag;

static const Flag flags[N_PROPS] = {
  [PROP_KEEP_ORDER] = { "keep-order", vl_fault_table_get_keep_order,
                        vl_fault_table_set_keep_order },
  [PROP_NEVER_ANSWER] = { "never-answer", vl_fault_table_get_never_answer,
                          vl_fault_table_set_never_answer },
  [PROP_OFFLINE] = { "offline", vl_fault_table_get_offline, vl_fault_table_set_offline },
  [PROP_REMOTE] = { "remote", vl_fault_table_get_remote, vl_fault_table_set_remote },
  [PROP_ECHO] = { "echo", vl_fault_table_get_echo, vl_fault_table_set_echo },
};

static void vl_fault_table_iface_init (VlTableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (VlFaultTable,
                               vl_fault_table,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_TABLE, vl_fault_table_iface_init))

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

/* Where the table's own writes are told, if anywhere. */
static VlLiveStream *
dup_stream (VlFaultTable *self)
{
  VlLiveStream *stream;

  _vl_lock_acquire (&self->lock);
  stream = self->stream != NULL ? g_object_ref (self->stream) : NULL;
  _vl_lock_release (&self->lock);

  return stream;
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
  g_autoptr (VlLiveStream) stream = dup_stream (self);
  g_auto (VlRelayRequest) request = { 0 };

  if (!has_target (self, error))
    return FALSE;

  _vl_relay_request_init (&request, kind, argument, id);

  return _vl_fault_call_send (self->network, self->target, stream, &request, reply, error);
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
  _vl_fault_network_unref (other->network);
  other->network = _vl_fault_network_ref (self->network);

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
  g_autoptr (VlLiveStream) target = NULL;
  g_autoptr (VlLiveStream) stream = dup_stream (self);

  if (stream == NULL && self->target != NULL)
    target = vl_table_get_stream (self->target);
  if (target == NULL)
    return g_steal_pointer (&stream);

  stream = _vl_fault_stream_new (self->network, target);
  _vl_lock_acquire (&self->lock);
  if (self->stream == NULL)
    self->stream = g_object_ref (stream);
  _vl_lock_release (&self->lock);

  /* Another thread may have been first. */
  return dup_stream (self);
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

  g_clear_object (&self->stream);
  g_clear_object (&self->target);
  g_clear_pointer (&self->network, _vl_fault_network_unref);
  _vl_lock_destroy (&self->lock);

  G_OBJECT_CLASS (vl_fault_table_parent_class)->finalize (object);
}

static void
vl_fault_table_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  VlFaultTable *self = VL_FAULT_TABLE (object);

  if (prop_id == PROP_TARGET)
    g_value_set_object (value, self->target);
  else if (prop_id == PROP_SEED)
    g_value_set_uint64 (value, vl_fault_table_get_seed (self));
  else if (prop_id == PROP_LOST_ACK_ERROR)
    g_value_set_enum (value, (int) vl_fault_table_get_lost_ack_error (self));
  else if (times[prop_id].name != NULL)
    g_value_set_uint (value, times[prop_id].get (self));
  else if (rates[prop_id].name != NULL)
    g_value_set_double (value, rates[prop_id].get (self));
  else if (flags[prop_id].name != NULL)
    g_value_set_boolean (value, flags[prop_id].get (self));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
vl_fault_table_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  VlFaultTable *self = VL_FAULT_TABLE (object);

  if (prop_id == PROP_TARGET)
    self->target = g_value_dup_object (value);
  else if (prop_id == PROP_SEED)
    vl_fault_table_set_seed (self, g_value_get_uint64 (value));
  else if (prop_id == PROP_LOST_ACK_ERROR)
    vl_fault_table_set_lost_ack_error (self, (VlError) g_value_get_enum (value));
  else if (times[prop_id].name != NULL)
    times[prop_id].set (self, g_value_get_uint (value));
  else if (rates[prop_id].name != NULL)
    rates[prop_id].set (self, g_value_get_double (value));
  else if (flags[prop_id].name != NULL)
    flags[prop_id].set (self, g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
vl_fault_table_class_init (VlFaultTableClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags settable = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

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

  /* The others are described where their setters are. */
  properties[PROP_SEED] = g_param_spec_uint64 ("seed", NULL, NULL, 0, G_MAXUINT64, 0, settable);
  properties[PROP_LOST_ACK_ERROR] = g_param_spec_enum ("lost-ack-error", NULL, NULL, VL_TYPE_ERROR,
                                                       VL_ERROR_IN_DOUBT, settable);
  for (guint i = 0; i < N_PROPS; i++)
    {
      if (times[i].name != NULL)
        properties[i] = g_param_spec_uint (times[i].name, NULL, NULL, 0, G_MAXUINT, 0, settable);
      else if (rates[i].name != NULL)
        properties[i] = g_param_spec_double (rates[i].name, NULL, NULL, 0, 1, 0, settable);
      else if (flags[i].name != NULL)
        properties[i] = g_param_spec_boolean (flags[i].name, NULL, NULL, FALSE, settable);
    }

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
vl_fault_table_init (VlFaultTable *self)
{
  self->network = _vl_fault_network_new ();
  _vl_lock_init (&self->lock);

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

  _vl_fault_network_push_error (self->network, error, FALSE);
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

  _vl_fault_network_push_error (self->network, error, TRUE);
}

static guint64
get_counter (VlFaultTable *self, const guint64 *counter)
{
  guint64 value;

  _vl_lock_acquire (&self->network->lock);
  value = *counter;
  _vl_lock_release (&self->network->lock);

  return value;
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

  return get_counter (self, &self->network->n_calls);
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

  return get_counter (self, &self->network->n_reads);
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

  return get_counter (self, &self->network->n_writes);
}

/**
 * vl_fault_table_get_n_faults:
 * @self: a table
 *
 * Tells how many calls the network has let fail, or has left without an answer.
 *
 * Errors of the target itself do not count, nor do totals that are wrong.
 *
 * Returns: the number of calls that a fault befell
 *
 * Since: 1.0
 */
guint64
vl_fault_table_get_n_faults (VlFaultTable *self)
{
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), 0);

  return get_counter (self, &self->network->n_faults);
}
