/* vl-live-table-settings.c: the settings of a live table that its core has
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Live tables that share what is cached share these: what one of them sets
 * counts for all.
 */

#include "vl-config.h"

#include "vl-live-table.h"

#include "../vl-enums.h"
#include "vl-live-core-private.h"
#include "vl-live-network-private.h"
#include "vl-live-table-private.h"

#define READ_ONLY (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)
#define SETTABLE  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

/* Behind those of vl-live-table.c. */
enum
{
  PROP_WRITE_TARGET = 100,
  PROP_QUEUE_CAPACITY,
  PROP_TIMEOUT,
  PROP_OPTIMISTIC,
  PROP_INVALIDATION,
  PROP_ORDERING,
  PROP_CONFLICT_POLICY,
  PROP_RETRY_FLOOR,
  PROP_RETRY_CAP,
  PROP_SETTLE_TIME,
  PROP_STATE,
};

gboolean
_vl_live_table_get_setting (VlLiveTable *self, guint id, GValue *value)
{
  switch (id)
    {
    case PROP_WRITE_TARGET:
      g_value_set_object (value, vl_live_table_get_write_target (self));
      break;
    case PROP_QUEUE_CAPACITY:
      g_value_set_uint (value, vl_live_table_get_queue_capacity (self));
      break;
    case PROP_TIMEOUT:
      g_value_set_uint (value, vl_live_table_get_timeout (self));
      break;
    case PROP_OPTIMISTIC:
      g_value_set_boolean (value, vl_live_table_get_optimistic (self));
      break;
    case PROP_INVALIDATION:
      g_value_set_enum (value, (int) vl_live_table_get_invalidation (self));
      break;
    case PROP_ORDERING:
      g_value_set_enum (value, (int) vl_live_table_get_ordering (self));
      break;
    case PROP_CONFLICT_POLICY:
      g_value_set_enum (value, (int) vl_live_table_get_conflict_policy (self));
      break;
    case PROP_RETRY_FLOOR:
      g_value_set_uint (value, vl_live_table_get_retry_floor (self));
      break;
    case PROP_RETRY_CAP:
      g_value_set_uint (value, vl_live_table_get_retry_cap (self));
      break;
    case PROP_SETTLE_TIME:
      g_value_set_uint (value, vl_live_table_get_settle_time (self));
      break;
    case PROP_STATE:
      g_value_set_enum (value, (int) vl_live_table_get_state (self));
      break;
    default:
      return FALSE;
    }

  return TRUE;
}

gboolean
_vl_live_table_set_setting (VlLiveTable *self, guint id, const GValue *value)
{
  switch (id)
    {
    case PROP_WRITE_TARGET:
      vl_live_table_set_write_target (self, g_value_get_object (value));
      break;
    case PROP_QUEUE_CAPACITY:
      vl_live_table_set_queue_capacity (self, g_value_get_uint (value));
      break;
    case PROP_TIMEOUT:
      vl_live_table_set_timeout (self, g_value_get_uint (value));
      break;
    case PROP_OPTIMISTIC:
      vl_live_table_set_optimistic (self, g_value_get_boolean (value));
      break;
    case PROP_INVALIDATION:
      vl_live_table_set_invalidation (self, (VlInvalidation) g_value_get_enum (value));
      break;
    case PROP_ORDERING:
      vl_live_table_set_ordering (self, (VlOrdering) g_value_get_enum (value));
      break;
    case PROP_CONFLICT_POLICY:
      vl_live_table_set_conflict_policy (self, (VlConflictPolicy) g_value_get_enum (value));
      break;
    case PROP_RETRY_FLOOR:
      vl_live_table_set_retry_floor (self, g_value_get_uint (value));
      break;
    case PROP_RETRY_CAP:
      vl_live_table_set_retry_cap (self, g_value_get_uint (value));
      break;
    case PROP_SETTLE_TIME:
      vl_live_table_set_settle_time (self, g_value_get_uint (value));
      break;
    default:
      return FALSE;
    }

  return TRUE;
}

static void
install_reach (GObjectClass *klass)
{
  /**
   * VlLiveTable:write-target: (getter get_write_target) (setter set_write_target)
   *
   * The table that writes go to, while reads stay with the master; %NULL for
   * the master. What was written can be read once the master has it. What the
   * live table says it can write is what the target says, once it was described.
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, PROP_WRITE_TARGET,
                                   g_param_spec_object ("write-target", NULL, NULL, VL_TYPE_TABLE,
                                                        SETTABLE));

  /**
   * VlLiveTable:queue-capacity: (getter get_queue_capacity) (setter set_queue_capacity)
   *
   * How many writes may wait or be with the master, those that wait to be sent
   * again included. One more fails with %VL_ERROR_QUEUE_FULL.
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, PROP_QUEUE_CAPACITY,
                                   g_param_spec_uint ("queue-capacity", NULL, NULL, 1, G_MAXUINT,
                                                      10000, SETTABLE));

  /**
   * VlLiveTable:timeout: (getter get_timeout) (setter set_timeout)
   *
   * How long the master has to answer, in milliseconds; 0 for ever. A read then
   * fails with %VL_ERROR_TIMED_OUT, a write with %VL_ERROR_IN_DOUBT.
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, PROP_TIMEOUT,
                                   g_param_spec_uint ("timeout", NULL, NULL, 0, G_MAXUINT,
                                                      VL_DEFAULT_TIMEOUT, SETTABLE));

  /**
   * VlLiveTable:state: (getter get_state)
   *
   * Whether the master can be reached, as far as is known.
   *
   * It is offline while there is no network, for a master that says it is reached
   * over one (%VL_CAPABILITY_REMOTE). And it is offline after two writes in a row,
   * to different records, did not get there and wait to be sent again: then all
   * writes wait, and from time to time one tries. Reads ask the master all the
   * same. When it turns online, the writes that wait are sent at once.
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, PROP_STATE,
                                   g_param_spec_enum ("state", NULL, NULL, VL_TYPE_LIVE_STATE,
                                                      VL_LIVE_STATE_ONLINE, READ_ONLY));
}

static void
install_manner (GObjectClass *klass)
{
  /**
   * VlLiveTable:optimistic: (getter get_optimistic) (setter set_optimistic)
   *
   * Whether writes are shown before the master has them.
   *
   * A read then finds what was written as soon as the call that writes has
   * returned, flagged [property@Page:has-pending], and no form has to wait. What
   * the master refuses is taken back. A write that cannot reach the master now ends
   * for its caller and is sent when it can be; see [class@Write].
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, PROP_OPTIMISTIC,
                                   g_param_spec_boolean ("optimistic", NULL, NULL, FALSE,
                                                         SETTABLE));

  /**
   * VlLiveTable:invalidation: (getter get_invalidation) (setter set_invalidation)
   *
   * What a change does to what is cached.
   *
   * With %VL_INVALIDATION_SURGICAL a change to a known record, made here or told
   * by a stream with the record, is laid over the pages that are cached, and
   * these stay fresh. That is for masters that answer a write with all that it
   * has changed, and for streams that miss nothing: that tell of each record in
   * the order in which it changes, and before the master answers anybody with what
   * they tell of. One that tells late can leave totals and places wrong.
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, PROP_INVALIDATION,
                                   g_param_spec_enum ("invalidation", NULL, NULL,
                                                      VL_TYPE_INVALIDATION, VL_INVALIDATION_SLOPPY,
                                                      SETTABLE));

  /**
   * VlLiveTable:conflict-policy: (getter get_conflict_policy) (setter set_conflict_policy)
   *
   * What is done when a write is based on a record that somebody else has changed
   * since, unless a handler of [signal@LiveTable::conflict] says otherwise.
   *
   * What a write is based on is said with [method@Change.with_base], and the
   * master looks at it if it says %VL_CAPABILITY_CHECK_BASE. A master that compares
   * field by field, as ours do, has merged a patch with what others have done to
   * other fields already.
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, PROP_CONFLICT_POLICY,
                                   g_param_spec_enum ("conflict-policy", NULL, NULL,
                                                      VL_TYPE_CONFLICT_POLICY,
                                                      VL_CONFLICT_POLICY_MERGE_FIELDS, SETTABLE));
}

static void
install_order (GObjectClass *klass)
{
  /**
   * VlLiveTable:ordering: (getter get_ordering) (setter set_ordering)
   *
   * What a write that has to be sent again holds back. One that deletes all rows
   * holds back all, and is held back by all, either way.
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, PROP_ORDERING,
                                   g_param_spec_enum ("ordering", NULL, NULL, VL_TYPE_ORDERING,
                                                      VL_ORDERING_PER_RECORD, SETTABLE));

  /**
   * VlLiveTable:retry-floor: (getter get_retry_floor) (setter set_retry_floor)
   *
   * How long a write that did not reach the master waits at least until it is sent
   * again, in milliseconds. The longest wait doubles with each attempt; how long
   * it is between the two is left to chance.
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, PROP_RETRY_FLOOR,
                                   g_param_spec_uint ("retry-floor", NULL, NULL, 1, G_MAXUINT, 500,
                                                      SETTABLE));

  /**
   * VlLiveTable:retry-cap: (getter get_retry_cap) (setter set_retry_cap)
   *
   * How long a write that did not reach the master waits at most until it is sent
   * again, in milliseconds. If it is less than [property@LiveTable:retry-floor],
   * that counts.
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, PROP_RETRY_CAP,
                                   g_param_spec_uint ("retry-cap", NULL, NULL, 1, G_MAXUINT, 60000,
                                                      SETTABLE));

  /**
   * VlLiveTable:settle-time: (getter get_settle_time) (setter set_settle_time)
   *
   * How long what was written is shown at most while the master does not have it
   * yet, in milliseconds.
   *
   * It counts where writes go to another table than reads come from, see
   * [property@LiveTable:write-target], and for how long reads wait for the id of
   * a new record with [property@LiveTable:optimistic].
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, PROP_SETTLE_TIME,
                                   g_param_spec_uint ("settle-time", NULL, NULL, 0, G_MAXUINT, 5000,
                                                      SETTABLE));
}

void
_vl_live_table_install_settings (GObjectClass *klass)
{
  install_reach (klass);
  install_manner (klass);
  install_order (klass);
}

/**
 * vl_live_table_get_write_target: (get-property write-target)
 * @self: a live table
 *
 * Gets the table that writes go to.
 *
 * Returns: (transfer none) (nullable): the table, or %NULL for the
 *   master
 *
 * Since: 1.0
 */
VlTable *
vl_live_table_get_write_target (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), NULL);

  return self->core != NULL ? self->core->write_target : NULL;
}

/**
 * vl_live_table_set_write_target: (set-property write-target)
 * @self: a live table
 * @write_target: (nullable): a table, or %NULL for the master
 *
 * Sends writes to another table than the master. Live tables that share what is
 * cached share this too. At home only.
 *
 * Since: 1.0
 */
void
vl_live_table_set_write_target (VlLiveTable *self, VlTable *write_target)
{
  g_return_if_fail (VL_IS_LIVE_TABLE (self));
  g_return_if_fail (write_target == NULL || VL_IS_TABLE (write_target));
  g_return_if_fail (_vl_live_core_is_home_thread (self->core));

  if (self->core->write_target == write_target)
    return;

  _vl_live_core_set_write_target (self->core, write_target);
  _vl_live_core_tell_setting_changed (self->core, "write-target");
}

/**
 * vl_live_table_get_queue_capacity: (get-property queue-capacity)
 * @self: a live table
 *
 * Gets how many writes may wait.
 *
 * Returns: the number of writes
 *
 * Since: 1.0
 */
guint
vl_live_table_get_queue_capacity (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), 0);

  return _vl_writer_get_capacity (self->core);
}

/**
 * vl_live_table_set_queue_capacity: (set-property queue-capacity)
 * @self: a live table
 * @queue_capacity: the number of writes, at least 1
 *
 * Sets how many writes may wait. Live tables that share what is cached share
 * this too.
 *
 * Since: 1.0
 */
void
vl_live_table_set_queue_capacity (VlLiveTable *self, guint queue_capacity)
{
  g_return_if_fail (VL_IS_LIVE_TABLE (self));
  g_return_if_fail (queue_capacity > 0);

  if (_vl_writer_get_capacity (self->core) == queue_capacity)
    return;

  _vl_writer_set_capacity (self->core, queue_capacity);
  _vl_live_core_tell_setting_changed (self->core, "queue-capacity");
}

/**
 * vl_live_table_get_timeout: (get-property timeout)
 * @self: a live table
 *
 * Gets how long the master has to answer.
 *
 * Returns: the time in milliseconds, or 0 for ever
 *
 * Since: 1.0
 */
guint
vl_live_table_get_timeout (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), 0);

  return self->core->timeout;
}

/**
 * vl_live_table_set_timeout: (set-property timeout)
 * @self: a live table
 * @timeout: the time in milliseconds, or 0 for ever
 *
 * Sets how long the master has to answer. Live tables that share what is cached
 * share this too. At home only.
 *
 * Since: 1.0
 */
void
vl_live_table_set_timeout (VlLiveTable *self, guint timeout)
{
  g_return_if_fail (VL_IS_LIVE_TABLE (self));
  g_return_if_fail (_vl_live_core_is_home_thread (self->core));

  if (self->core->timeout == timeout)
    return;

  self->core->timeout = timeout;
  _vl_live_core_tell_setting_changed (self->core, "timeout");
}

/**
 * vl_live_table_get_optimistic: (get-property optimistic)
 * @self: a live table
 *
 * Gets whether writes are shown before the master has them.
 *
 * Returns: whether they are
 *
 * Since: 1.0
 */
gboolean
vl_live_table_get_optimistic (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), FALSE);

  return self->core->optimistic;
}

/**
 * vl_live_table_set_optimistic: (set-property optimistic)
 * @self: a live table
 * @optimistic: whether to show them
 *
 * Sets whether writes are shown before the master has them. It counts for the
 * writes that are made after it.
 * Live tables that share what is cached share this too. At home only.
 *
 * Since: 1.0
 */
void
vl_live_table_set_optimistic (VlLiveTable *self, gboolean optimistic)
{
  g_return_if_fail (VL_IS_LIVE_TABLE (self));
  g_return_if_fail (_vl_live_core_is_home_thread (self->core));

  if (self->core->optimistic == optimistic)
    return;

  self->core->optimistic = optimistic;
  _vl_live_core_check_facts (self->core);
  _vl_live_core_tell_setting_changed (self->core, "optimistic");
}

/**
 * vl_live_table_get_invalidation: (get-property invalidation)
 * @self: a live table
 *
 * Gets what a change does to what is cached.
 *
 * Returns: what it does
 *
 * Since: 1.0
 */
VlInvalidation
vl_live_table_get_invalidation (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), VL_INVALIDATION_SLOPPY);

  return self->core->invalidation;
}

/**
 * vl_live_table_set_invalidation: (set-property invalidation)
 * @self: a live table
 * @invalidation: what a change does
 *
 * Sets what a change does to what is cached.
 * Live tables that share what is cached share this too. At home only.
 *
 * Since: 1.0
 */
void
vl_live_table_set_invalidation (VlLiveTable *self, VlInvalidation invalidation)
{
  g_return_if_fail (VL_IS_LIVE_TABLE (self));
  g_return_if_fail (_vl_live_core_is_home_thread (self->core));

  if (self->core->invalidation == invalidation)
    return;

  self->core->invalidation = invalidation;
  _vl_live_core_check_facts (self->core);
  _vl_live_core_tell_setting_changed (self->core, "invalidation");
}

/**
 * vl_live_table_get_ordering: (get-property ordering)
 * @self: a live table
 *
 * Gets what a write that has to be sent again holds back.
 *
 * Returns: the order
 *
 * Since: 1.0
 */
VlOrdering
vl_live_table_get_ordering (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), VL_ORDERING_PER_RECORD);

  return self->core->writer.ordering;
}

/**
 * vl_live_table_set_ordering: (set-property ordering)
 * @self: a live table
 * @ordering: the order
 *
 * Sets what a write that has to be sent again holds back.
 * Live tables that share what is cached share this too. At home only.
 *
 * Since: 1.0
 */
void
vl_live_table_set_ordering (VlLiveTable *self, VlOrdering ordering)
{
  g_return_if_fail (VL_IS_LIVE_TABLE (self));
  g_return_if_fail (_vl_live_core_is_home_thread (self->core));

  if (self->core->writer.ordering == ordering)
    return;

  self->core->writer.ordering = ordering;
  _vl_writer_pump (self->core);
  _vl_live_core_tell_setting_changed (self->core, "ordering");
}

/**
 * vl_live_table_get_conflict_policy: (get-property conflict-policy)
 * @self: a live table
 *
 * Gets what is done about conflicts.
 *
 * Returns: the policy
 *
 * Since: 1.0
 */
VlConflictPolicy
vl_live_table_get_conflict_policy (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), VL_CONFLICT_POLICY_MERGE_FIELDS);

  return self->core->conflict_policy;
}

/**
 * vl_live_table_set_conflict_policy: (set-property conflict-policy)
 * @self: a live table
 * @conflict_policy: the policy
 *
 * Sets what is done when a write is based on a record that somebody else has
 * changed since.
 * Live tables that share what is cached share this too. At home only.
 *
 * Since: 1.0
 */
void
vl_live_table_set_conflict_policy (VlLiveTable *self, VlConflictPolicy conflict_policy)
{
  g_return_if_fail (VL_IS_LIVE_TABLE (self));
  g_return_if_fail (_vl_live_core_is_home_thread (self->core));

  if (self->core->conflict_policy == conflict_policy)
    return;

  self->core->conflict_policy = conflict_policy;
  _vl_live_core_tell_setting_changed (self->core, "conflict-policy");
}

/**
 * vl_live_table_get_retry_floor: (get-property retry-floor)
 * @self: a live table
 *
 * Gets how long a write waits at least until it is sent again.
 *
 * Returns: the time in milliseconds
 *
 * Since: 1.0
 */
guint
vl_live_table_get_retry_floor (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), 0);

  return self->core->writer.retry.floor;
}

/**
 * vl_live_table_set_retry_floor: (set-property retry-floor)
 * @self: a live table
 * @retry_floor: the time in milliseconds, at least 1
 *
 * Sets how long a write waits at least until it is sent again.
 * Live tables that share what is cached share this too. At home only.
 *
 * Since: 1.0
 */
void
vl_live_table_set_retry_floor (VlLiveTable *self, guint retry_floor)
{
  g_return_if_fail (VL_IS_LIVE_TABLE (self));
  g_return_if_fail (retry_floor > 0);
  g_return_if_fail (_vl_live_core_is_home_thread (self->core));

  if (self->core->writer.retry.floor == retry_floor)
    return;

  self->core->writer.retry.floor = retry_floor;
  _vl_live_core_tell_setting_changed (self->core, "retry-floor");
}

/**
 * vl_live_table_get_retry_cap: (get-property retry-cap)
 * @self: a live table
 *
 * Gets how long a write waits at most until it is sent again.
 *
 * Returns: the time in milliseconds
 *
 * Since: 1.0
 */
guint
vl_live_table_get_retry_cap (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), 0);

  return self->core->writer.retry.cap;
}

/**
 * vl_live_table_set_retry_cap: (set-property retry-cap)
 * @self: a live table
 * @retry_cap: the time in milliseconds, at least 1
 *
 * Sets how long a write waits at most until it is sent again.
 * Live tables that share what is cached share this too. At home only.
 *
 * Since: 1.0
 */
void
vl_live_table_set_retry_cap (VlLiveTable *self, guint retry_cap)
{
  g_return_if_fail (VL_IS_LIVE_TABLE (self));
  g_return_if_fail (retry_cap > 0);
  g_return_if_fail (_vl_live_core_is_home_thread (self->core));

  if (self->core->writer.retry.cap == retry_cap)
    return;

  self->core->writer.retry.cap = retry_cap;
  _vl_live_core_tell_setting_changed (self->core, "retry-cap");
}

/**
 * vl_live_table_get_settle_time: (get-property settle-time)
 * @self: a live table
 *
 * Gets how long what was written is shown at most before the master has it.
 *
 * Returns: the time in milliseconds
 *
 * Since: 1.0
 */
guint
vl_live_table_get_settle_time (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), 0);

  return self->core->settle_time;
}

/**
 * vl_live_table_set_settle_time: (set-property settle-time)
 * @self: a live table
 * @settle_time: the time in milliseconds
 *
 * Sets how long what was written is shown at most before the master has it.
 * Live tables that share what is cached share this too. At home only.
 *
 * Since: 1.0
 */
void
vl_live_table_set_settle_time (VlLiveTable *self, guint settle_time)
{
  g_return_if_fail (VL_IS_LIVE_TABLE (self));
  g_return_if_fail (_vl_live_core_is_home_thread (self->core));

  if (self->core->settle_time == settle_time)
    return;

  self->core->settle_time = settle_time;
  _vl_live_core_check_facts (self->core);
  _vl_live_core_tell_setting_changed (self->core, "settle-time");
}

/**
 * vl_live_table_get_state: (get-property state)
 * @self: a live table
 *
 * Gets whether the master can be reached, as far as is known. At home only.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
VlLiveState
vl_live_table_get_state (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), VL_LIVE_STATE_ONLINE);

  return _vl_live_network_get_state (self->core);
}
