/* vl-fault-rates.c: how likely faults are, and what becomes of events
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
set_rate (VlFaultTable *self, double *setting, double value, const char *property)
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

/**
 * VlFaultTable:error-rate: (getter get_error_rate) (setter set_error_rate)
 *
 * How likely a call is to get lost on its way to the target, from 0 (never) to
 * 1 (always).
 *
 * It fails with %VL_ERROR_UNAVAILABLE after its time, and the target does not
 * hear of it.
 *
 * Since: 1.0
 */

/**
 * vl_fault_table_get_error_rate: (get-property error-rate)
 * @self: a table
 *
 * Tells how likely a call is to get lost on its way to the target.
 *
 * Returns: the likelihood, from 0 to 1
 *
 * Since: 1.0
 */
double
vl_fault_table_get_error_rate (VlFaultTable *self)
{
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), 0);

  return get_settings (self).error_rate;
}

/**
 * vl_fault_table_set_error_rate: (set-property error-rate)
 * @self: a table
 * @error_rate: the likelihood, from 0 to 1
 *
 * Sets how likely calls made from now on are to get lost on their way to the
 * target.
 *
 * Since: 1.0
 */
void
vl_fault_table_set_error_rate (VlFaultTable *self, double error_rate)
{
  g_return_if_fail (VL_IS_FAULT_TABLE (self));
  g_return_if_fail (error_rate >= 0 && error_rate <= 1);

  set_rate (self, &self->network->settings.error_rate, error_rate, "error-rate");
}

/**
 * VlFaultTable:lost-ack-rate: (getter get_lost_ack_rate) (setter set_lost_ack_rate)
 *
 * How likely the acknowledgement of a write is to get lost, from 0 (never) to 1
 * (always).
 *
 * The target has applied the write, or refused it; the caller gets
 * [property@FaultTable:lost-ack-error]. Reads are spared.
 * [property@FaultTable:never-answer-rate] loses acknowledgements without an
 * error.
 *
 * Since: 1.0
 */

/**
 * vl_fault_table_get_lost_ack_rate: (get-property lost-ack-rate)
 * @self: a table
 *
 * Tells how likely the acknowledgement of a write is to get lost.
 *
 * Returns: the likelihood, from 0 to 1
 *
 * Since: 1.0
 */
double
vl_fault_table_get_lost_ack_rate (VlFaultTable *self)
{
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), 0);

  return get_settings (self).lost_ack_rate;
}

/**
 * vl_fault_table_set_lost_ack_rate: (set-property lost-ack-rate)
 * @self: a table
 * @lost_ack_rate: the likelihood, from 0 to 1
 *
 * Sets how likely the acknowledgements of writes made from now on are to get
 * lost.
 *
 * Since: 1.0
 */
void
vl_fault_table_set_lost_ack_rate (VlFaultTable *self, double lost_ack_rate)
{
  g_return_if_fail (VL_IS_FAULT_TABLE (self));
  g_return_if_fail (lost_ack_rate >= 0 && lost_ack_rate <= 1);

  set_rate (self, &self->network->settings.lost_ack_rate, lost_ack_rate, "lost-ack-rate");
}

/**
 * VlFaultTable:never-answer-rate: (getter get_never_answer_rate) (setter set_never_answer_rate)
 *
 * How likely a call is not to be answered at all, from 0 (never) to 1 (always).
 *
 * Whether it got lost on its way to the target or on its way back, when the
 * target has carried it out, is a matter of chance as well, one as likely as
 * the other. The caller gets an error when it has waited for long enough, see
 * [property@LiveTable:timeout].
 *
 * Since: 1.0
 */

/**
 * vl_fault_table_get_never_answer_rate: (get-property never-answer-rate)
 * @self: a table
 *
 * Tells how likely a call is not to be answered at all.
 *
 * Returns: the likelihood, from 0 to 1
 *
 * Since: 1.0
 */
double
vl_fault_table_get_never_answer_rate (VlFaultTable *self)
{
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), 0);

  return get_settings (self).never_answer_rate;
}

/**
 * vl_fault_table_set_never_answer_rate: (set-property never-answer-rate)
 * @self: a table
 * @never_answer_rate: the likelihood, from 0 to 1
 *
 * Sets how likely calls made from now on are not to be answered at all.
 *
 * Since: 1.0
 */
void
vl_fault_table_set_never_answer_rate (VlFaultTable *self, double never_answer_rate)
{
  g_return_if_fail (VL_IS_FAULT_TABLE (self));
  g_return_if_fail (never_answer_rate >= 0 && never_answer_rate <= 1);

  set_rate (self, &self->network->settings.never_answer_rate, never_answer_rate,
            "never-answer-rate");
}

/**
 * VlFaultTable:total-lie-rate: (getter get_total_lie_rate) (setter set_total_lie_rate)
 *
 * How likely a page is to tell a wrong total, from 0 (never) to 1 (always).
 *
 * Such a page says that the total is unknown, or one that is too low or too
 * high by up to ten; which, is a matter of chance. Its rows are right, and so
 * is what is counted without listing.
 *
 * Since: 1.0
 */

/**
 * vl_fault_table_get_total_lie_rate: (get-property total-lie-rate)
 * @self: a table
 *
 * Tells how likely a page is to tell a wrong total.
 *
 * Returns: the likelihood, from 0 to 1
 *
 * Since: 1.0
 */
double
vl_fault_table_get_total_lie_rate (VlFaultTable *self)
{
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), 0);

  return get_settings (self).total_lie_rate;
}

/**
 * vl_fault_table_set_total_lie_rate: (set-property total-lie-rate)
 * @self: a table
 * @total_lie_rate: the likelihood, from 0 to 1
 *
 * Sets how likely pages asked for from now on are to tell a wrong total.
 *
 * Since: 1.0
 */
void
vl_fault_table_set_total_lie_rate (VlFaultTable *self, double total_lie_rate)
{
  g_return_if_fail (VL_IS_FAULT_TABLE (self));
  g_return_if_fail (total_lie_rate >= 0 && total_lie_rate <= 1);

  set_rate (self, &self->network->settings.total_lie_rate, total_lie_rate, "total-lie-rate");
}

/**
 * VlFaultTable:event-delay: (getter get_event_delay) (setter set_event_delay)
 *
 * How late an event of the stream comes, in milliseconds.
 *
 * With 0 it comes at once, before whoever told it goes on. With more,
 * [property@FaultTable:jitter] is added to it by chance. Events keep their
 * order in any case.
 *
 * Since: 1.0
 */

/**
 * vl_fault_table_get_event_delay: (get-property event-delay)
 * @self: a table
 *
 * Tells how late an event of the stream comes.
 *
 * Returns: the delay, in milliseconds
 *
 * Since: 1.0
 */
guint
vl_fault_table_get_event_delay (VlFaultTable *self)
{
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), 0);

  return get_settings (self).event_delay;
}

/**
 * vl_fault_table_set_event_delay: (set-property event-delay)
 * @self: a table
 * @event_delay: the delay, in milliseconds; 0 for none
 *
 * Sets how late events of the stream come that are told from now on.
 *
 * Since: 1.0
 */
void
vl_fault_table_set_event_delay (VlFaultTable *self, guint event_delay)
{
  g_return_if_fail (VL_IS_FAULT_TABLE (self));

  set_uint (self, &self->network->settings.event_delay, event_delay, "event-delay");
}

/**
 * VlFaultTable:event-repeat-rate: (getter get_event_repeat_rate) (setter set_event_repeat_rate)
 *
 * How likely an event of the stream is to be told twice in a row, from 0 (never)
 * to 1 (always).
 *
 * Since: 1.0
 */

/**
 * vl_fault_table_get_event_repeat_rate: (get-property event-repeat-rate)
 * @self: a table
 *
 * Tells how likely an event of the stream is to be told twice.
 *
 * Returns: the likelihood, from 0 to 1
 *
 * Since: 1.0
 */
double
vl_fault_table_get_event_repeat_rate (VlFaultTable *self)
{
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), 0);

  return get_settings (self).event_repeat_rate;
}

/**
 * vl_fault_table_set_event_repeat_rate: (set-property event-repeat-rate)
 * @self: a table
 * @event_repeat_rate: the likelihood, from 0 to 1
 *
 * Sets how likely events from now on are to be told twice.
 *
 * Since: 1.0
 */
void
vl_fault_table_set_event_repeat_rate (VlFaultTable *self, double event_repeat_rate)
{
  g_return_if_fail (VL_IS_FAULT_TABLE (self));
  g_return_if_fail (event_repeat_rate >= 0 && event_repeat_rate <= 1);

  set_rate (self, &self->network->settings.event_repeat_rate, event_repeat_rate,
            "event-repeat-rate");
}

/**
 * VlFaultTable:event-loss-rate: (getter get_event_loss_rate) (setter set_event_loss_rate)
 *
 * How likely the stream is to break off when there is an event to tell, from 0
 * (never) to 1 (always).
 *
 * The event, and those still on their way, are lost. The stream ends with
 * %VL_ERROR_UNAVAILABLE and is started again after a while, see
 * [class@LiveStream]; that is a gap, so that whoever listens knows that
 * something may have been missed.
 *
 * Since: 1.0
 */

/**
 * vl_fault_table_get_event_loss_rate: (get-property event-loss-rate)
 * @self: a table
 *
 * Tells how likely the stream is to break off when there is an event to tell.
 *
 * Returns: the likelihood, from 0 to 1
 *
 * Since: 1.0
 */
double
vl_fault_table_get_event_loss_rate (VlFaultTable *self)
{
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), 0);

  return get_settings (self).event_loss_rate;
}

/**
 * vl_fault_table_set_event_loss_rate: (set-property event-loss-rate)
 * @self: a table
 * @event_loss_rate: the likelihood, from 0 to 1
 *
 * Sets how likely the stream is to break off at each event from now on.
 *
 * Since: 1.0
 */
void
vl_fault_table_set_event_loss_rate (VlFaultTable *self, double event_loss_rate)
{
  g_return_if_fail (VL_IS_FAULT_TABLE (self));
  g_return_if_fail (event_loss_rate >= 0 && event_loss_rate <= 1);

  set_rate (self, &self->network->settings.event_loss_rate, event_loss_rate, "event-loss-rate");
}

/**
 * VlFaultTable:echo: (getter get_echo) (setter set_echo)
 *
 * Whether the stream tells of the writes made through this table.
 *
 * For a target whose stream is silent about them, as is that of
 * [class@SqliteTable]. One that tells of them anyway, as does that of
 * [class@MemoryTable], tells of them twice then. An event of this kind is told
 * when the target has applied the write, before its acknowledgement is on its
 * way, and fares as all events do. Without a stream of the target nothing is
 * told.
 *
 * Since: 1.0
 */

/**
 * vl_fault_table_get_echo: (get-property echo)
 * @self: a table
 *
 * Tells whether the stream tells of the writes made through this table.
 *
 * Returns: whether it does
 *
 * Since: 1.0
 */
gboolean
vl_fault_table_get_echo (VlFaultTable *self)
{
  g_return_val_if_fail (VL_IS_FAULT_TABLE (self), FALSE);

  return get_settings (self).echo;
}

/**
 * vl_fault_table_set_echo: (set-property echo)
 * @self: a table
 * @echo: whether it does
 *
 * Sets whether the stream tells of the writes made through this table that are
 * applied from now on.
 *
 * Since: 1.0
 */
void
vl_fault_table_set_echo (VlFaultTable *self, gboolean echo)
{
  g_return_if_fail (VL_IS_FAULT_TABLE (self));

  set_flag (self, &self->network->settings.echo, echo, "echo");
}
