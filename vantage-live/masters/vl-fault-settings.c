/* vl-fault-settings.c: how a simulated network behaves
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-fault-table-private.h"

static VlFaultSettings
get_settings (VlFaultTable *self)
{
  VlFaultSettings settings;

  _vl_fault_network_get_settings (self->network, &settings);

  return settings;
}

static void
set_uint (VlFaultTable *self, guint *setting, guint value, const char *property)
{
  gboolean differs;

  _vl_lock_acquire (&self->network->lock);
  differs = *setting != value;
  *setting = value;
  _vl_lock_release (&self->network->lock);

  if (differs)
    g_object_notify (G_OBJECT (self), property);
}

static void
set_flag (VlFaultTable *self, gboolean *setting, gboolean value, const char *property)
{
  gboolean differs;

  _vl_lock_acquire (&self->network->lock);
  differs = !*setting != !value;
  *setting = !!value;
  _vl_lock_release (&self->network->lock);

  if (differs)
    g_object_notify (G_OBJECT (self), property);
}

static void
set_code (VlFaultTable *self, VlError *setting, VlError value, const char *property)
{
  gboolean differs;

  _vl_lock_acquire (&self->network->lock);
  differs = *setting != value;
  *setting = value;
  _vl_lock_release (&self->network->lock);

  if (differs)
    g_object_notify (G_OBJECT (self), property);
}

/**
 * VlFaultTable:seed: (getter get_seed) (setter set_seed)
 *
 * What chance is counted from, any number.
 *
 * Setting it, to the same number too, begins anew.
 *
 * Since: 1.0
 */

/**
 * vl_fault_table_get_seed: (get-property seed)
 * @self: a table
 *
 * Tells what chance is counted from.
 *
 * Returns: the seed; 0 unless another was set
 *
 * Since: 1.0
 */
guint64
vl_fault_table_get_seed (VlFaultTable *self)
{
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), 0);

  return get_settings (self).seed;
}

/**
 * vl_fault_table_set_seed: (set-property seed)
 * @self: a table
 * @seed: any number
 *
 * Makes chance begin anew, from this number: the calls and events from now on
 * fare as those did that came after it was set before.
 *
 * Since: 1.0
 */
void
vl_fault_table_set_seed (VlFaultTable *self, guint64 seed)
{
  VlFaultNetwork *network;
  gboolean differs;

  g_return_if_fail (VL_IS_FAULT_TABLE (self));

  network = self->network;
  _vl_lock_acquire (&network->lock);
  differs = network->settings.seed != seed;
  network->settings.seed = seed;
  network->n_chances = 0;
  network->n_event_chances = 0;
  _vl_lock_release (&network->lock);

  if (differs)
    g_object_notify (G_OBJECT (self), "seed");
}

/**
 * VlFaultTable:latency: (getter get_latency) (setter set_latency)
 *
 * How long a call takes, in milliseconds, there and back; 0 for none.
 *
 * Calls on their way keep the time that they began with.
 *
 * Since: 1.0
 */

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
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), 0);

  return get_settings (self).latency;
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
  g_return_if_fail (VL_IS_FAULT_TABLE (self));

  set_uint (self, &self->network->settings.latency, latency, "latency");
}

/**
 * VlFaultTable:jitter: (getter get_jitter) (setter set_jitter)
 *
 * How much longer than [property@FaultTable:latency] a call may take, in
 * milliseconds.
 *
 * Each call takes from nothing to that much more, by chance.
 *
 * Since: 1.0
 */

/**
 * vl_fault_table_get_jitter: (get-property jitter)
 * @self: a table
 *
 * Tells how much longer than the latency a call may take.
 *
 * Returns: the most that is added to the latency, in milliseconds
 *
 * Since: 1.0
 */
guint
vl_fault_table_get_jitter (VlFaultTable *self)
{
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), 0);

  return get_settings (self).jitter;
}

/**
 * vl_fault_table_set_jitter: (set-property jitter)
 * @self: a table
 * @jitter: the most that is added to the latency, in milliseconds; 0 for nothing
 *
 * Sets how much longer than the latency calls may take from now on.
 *
 * Since: 1.0
 */
void
vl_fault_table_set_jitter (VlFaultTable *self, guint jitter)
{
  g_return_if_fail (VL_IS_FAULT_TABLE (self));

  set_uint (self, &self->network->settings.jitter, jitter, "jitter");
}

/**
 * VlFaultTable:keep-order: (getter get_keep_order) (setter set_keep_order)
 *
 * Whether calls keep their order, as they do on one connection.
 *
 * If so, they reach the target in the order in which they were made, and answers
 * come in the order in which the target gave them, whatever the time that each
 * takes by itself. If not, as it is at first, each call arrives when its own time
 * has passed, as if it had a connection of its own: with some
 * [property@FaultTable:jitter] calls overtake each other, both on their way there
 * and on their way back. Reads and writes are treated alike; a live table has one
 * write on its way at a time, and so its writes stay in order anyway.
 *
 * Since: 1.0
 */

/**
 * vl_fault_table_get_keep_order: (get-property keep-order)
 * @self: a table
 *
 * Tells whether calls keep their order.
 *
 * Returns: whether they do
 *
 * Since: 1.0
 */
gboolean
vl_fault_table_get_keep_order (VlFaultTable *self)
{
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), FALSE);

  return get_settings (self).keep_order;
}

/**
 * vl_fault_table_set_keep_order: (set-property keep-order)
 * @self: a table
 * @keep_order: whether they are to
 *
 * Sets whether calls keep their order from now on; those on their way already
 * arrive when they would have arrived.
 *
 * Since: 1.0
 */
void
vl_fault_table_set_keep_order (VlFaultTable *self, gboolean keep_order)
{
  g_return_if_fail (VL_IS_FAULT_TABLE (self));

  set_flag (self, &self->network->settings.keep_order, keep_order, "keep-order");
}

/**
 * VlFaultTable:lost-ack-error: (getter get_lost_ack_error) (setter set_lost_ack_error)
 *
 * What a write ends with whose acknowledgement is lost.
 *
 * It is %VL_ERROR_IN_DOUBT unless set otherwise: that is what a table should
 * say which does not know what became of a write. A server behind another that
 * gives up too early may well say %VL_ERROR_UNAVAILABLE.
 *
 * Since: 1.0
 */

/**
 * vl_fault_table_get_lost_ack_error: (get-property lost-ack-error)
 * @self: a table
 *
 * Tells what a write ends with whose acknowledgement is lost.
 *
 * Returns: the code of the error
 *
 * Since: 1.0
 */
VlError
vl_fault_table_get_lost_ack_error (VlFaultTable *self)
{
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), VL_ERROR_FAILED);

  return get_settings (self).lost_ack_error;
}

/**
 * vl_fault_table_set_lost_ack_error: (set-property lost-ack-error)
 * @self: a table
 * @lost_ack_error: the code of the error
 *
 * Sets what writes end with whose acknowledgement is lost from now on.
 *
 * Since: 1.0
 */
void
vl_fault_table_set_lost_ack_error (VlFaultTable *self, VlError lost_ack_error)
{
  g_return_if_fail (VL_IS_FAULT_TABLE (self));

  set_code (self, &self->network->settings.lost_ack_error, lost_ack_error, "lost-ack-error");
}

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
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), FALSE);

  return get_settings (self).never_answer;
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
  g_return_if_fail (VL_IS_FAULT_TABLE (self));

  set_flag (self, &self->network->settings.never_answer, never_answer, "never-answer");
}

/**
 * VlFaultTable:offline: (getter get_offline) (setter set_offline)
 *
 * Whether the network is down, until this is %FALSE again.
 *
 * See also [method@FaultTable.add_offline_window], which does not change this.
 *
 * Since: 1.0
 */

/**
 * vl_fault_table_get_offline: (get-property offline)
 * @self: a table
 *
 * Tells whether the network was switched off. See
 * [method@FaultTable.is_offline] for whether it is down.
 *
 * Returns: whether it was switched off
 *
 * Since: 1.0
 */
gboolean
vl_fault_table_get_offline (VlFaultTable *self)
{
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), FALSE);

  return get_settings (self).offline;
}

/**
 * vl_fault_table_set_offline: (set-property offline)
 * @self: a table
 * @offline: whether to switch it off
 *
 * Switches the network off, or on again.
 *
 * Since: 1.0
 */
void
vl_fault_table_set_offline (VlFaultTable *self, gboolean offline)
{
  g_return_if_fail (VL_IS_FAULT_TABLE (self));

  set_flag (self, &self->network->settings.offline, offline, "offline");
  _vl_fault_network_tell_streams (self->network);
}

/**
 * vl_fault_table_is_offline:
 * @self: a table
 *
 * Tells whether the network is down at this moment: because it was switched
 * off, or because a time without network that was added has come.
 *
 * Returns: whether it is down
 *
 * Since: 1.0
 */
gboolean
vl_fault_table_is_offline (VlFaultTable *self)
{
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), FALSE);

  return _vl_fault_network_is_offline (self->network);
}

/**
 * vl_fault_table_add_offline_window:
 * @self: a table
 * @start: when the network goes down, in milliseconds from now
 * @duration: for how long, in milliseconds
 *
 * Adds a time without network, in addition to those that were added before.
 *
 * Since: 1.0
 */
void
vl_fault_table_add_offline_window (VlFaultTable *self, guint start, guint duration)
{
  g_return_if_fail (VL_IS_FAULT_TABLE (self));

  _vl_fault_network_add_window (self->network, start, duration);
}

/**
 * VlFaultTable:remote: (getter get_remote) (setter set_remote)
 *
 * Whether the table claims to be reached over a network, by the capability
 * %VL_CAPABILITY_REMOTE.
 *
 * The state of a live table over such a master follows the
 * network of the computer. A description says what was set when the target gave
 * it, so set this before the first use.
 *
 * Since: 1.0
 */

/**
 * vl_fault_table_get_remote: (get-property remote)
 * @self: a table
 *
 * Tells whether the table claims to be reached over a network.
 *
 * Returns: whether it does
 *
 * Since: 1.0
 */
gboolean
vl_fault_table_get_remote (VlFaultTable *self)
{
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), FALSE);

  return get_settings (self).remote;
}

/**
 * vl_fault_table_set_remote: (set-property remote)
 * @self: a table
 * @remote: whether it does
 *
 * Sets whether the table claims to be reached over a network from now on.
 *
 * Since: 1.0
 */
void
vl_fault_table_set_remote (VlFaultTable *self, gboolean remote)
{
  g_return_if_fail (VL_IS_FAULT_TABLE (self));

  set_flag (self, &self->network->settings.remote, remote, "remote");
}
