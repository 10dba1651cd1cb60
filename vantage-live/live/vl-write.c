/* vl-write.c: one write to watch
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-write-private.h"

#include "../table/vl-change.h"
#include "../table/vl-record-private.h"
#include "../vl-enums.h"
#include "vl-live-core-private.h"

/**
 * VlWrite:
 *
 * One write of a [class@LiveTable], to watch.
 *
 * [method@LiveTable.write] returns it at once. Its properties change, and notify,
 * only on the thread that made the live table.
 *
 * ## Its life
 *
 * With a [property@LiveTable:journal] it is *recording* until it is on the disk.
 * Then it is *queued*, until those before it have been answered, and *sent* while
 * it is with the master. It ends
 *
 * - *applied*: [property@Write:record] is what the master has stored;
 * - *failed*: [property@Write:error] says why. One that somebody waited for, as
 *   [method@Table.insert_async] does, is done with; any other stays in
 *   [method@LiveTable.get_writes] with what it was to write, until
 *   [method@Write.retry] or [method@Write.discard];
 * - *discarded*: withdrawn or given up by somebody, or given up in favour of what
 *   somebody else has written, see [property@LiveTable:conflict-policy].
 *
 * ## When the master cannot be reached
 *
 * A write that the live table answers for ([property@Write:accepted]; all are with
 * [property@LiveTable:optimistic] or a journal) does not fail with
 * %VL_ERROR_UNAVAILABLE: it is *waiting*, with that error to look at, and is sent
 * again, see [property@LiveTable:retry-floor]. Whoever waits for it hears at once,
 * and gets the record as it is shown, or only what was written where nothing is
 * shown before it is applied; so does whoever waits for a write that is held back
 * by it. A new record may be provisional then, see
 * [method@Record.is_provisional]. Later writes to its record wait with it, or all
 * of them, see [property@LiveTable:ordering]; a deletion of all rows waits for all
 * before it, and all after it wait for that. Any other write fails, and is not
 * sent again.
 *
 * ## When nobody knows
 *
 * A write that was not answered, or whose answer was lost, may have been applied.
 * One that the live table answers for is sent again if that does no harm: when
 * the master knows changes by their uid (%VL_CAPABILITY_IDEMPOTENT), and
 * otherwise all but new records without an id and deletions of all rows. A new
 * record with an id that turns out to be there, as it was to be written, is
 * applied, and so is a change that conflicts with nothing but itself. What cannot
 * be repeated has failed, mostly with %VL_ERROR_IN_DOUBT. Should its answer come
 * after all, and say so, it is applied nevertheless.
 *
 * Exactly once is promised for masters that know changes by their uid.
 *
 * ## Handlers
 *
 * [property@Write:state] and [property@Write:attempts] notify of a write that is
 * being sent before the master has it. Another write of the same live table,
 * made in such a handler with a `_sync` function, cannot end before this one and
 * so never returns: use an `_async` one, or [method@LiveTable.write].
 *
 * Since: 1.0
 */

struct _VlWrite
{
  GObject parent_instance;

  VlChange *change;    /* as it was made; never changes */
  VlLiveCore *core;    /* NULL once it is settled and on no list */
  gboolean holds_core; /* while it is unsettled */
  guint64 batch;       /* 0, or which call of apply_batch it belongs to */
  char *key;           /* what it writes to; never changes */
  VlWriteFunc func;    /* who waits, NULL = nobody or told */
  gpointer user_data;

  /* Home only. */
  guint64 number;
  VlChange *rebased; /* instead of the change: with a base that the master has */
  VlChange *sent;    /* as the table wants it */
  gint64 due;        /* monotonic */
  VlWriteState state;
  VlRecord *record;
  GError *error;
  guint n_rebases;         /* in a row */
  gboolean is_record_told; /* who listens has what there is */
  gboolean is_error_told;
  guint attempts;
  gboolean accepted;
  gboolean in_doubt;
  gboolean has_caller;
  VlRecording recording;
  GPtrArray *joined; /* of VlWrite: those that are sent with it; NULL = none */
};

enum
{
  PROP_CHANGE = 1,
  PROP_RECORD,
  PROP_STATE,
  PROP_ERROR,
  PROP_ATTEMPTS,
  PROP_ACCEPTED,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (VlWrite, vl_write, G_TYPE_OBJECT)

static void
vl_write_finalize (GObject *object)
{
  VlWrite *self = VL_WRITE (object);

  g_clear_object (&self->change);
  g_clear_object (&self->rebased);
  g_clear_pointer (&self->joined, g_ptr_array_unref);
  g_clear_object (&self->sent);
  g_clear_pointer (&self->key, g_free);
  g_clear_object (&self->record);
  g_clear_error (&self->error);
  _vl_write_set_core (self, NULL, FALSE);

  G_OBJECT_CLASS (vl_write_parent_class)->finalize (object);
}

static void
vl_write_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  VlWrite *self = VL_WRITE (object);

  switch (prop_id)
    {
    case PROP_CHANGE:
      g_value_set_object (value, self->change);
      break;
    case PROP_RECORD:
      g_value_set_object (value, self->record);
      break;
    case PROP_STATE:
      g_value_set_enum (value, (int) self->state);
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, self->error);
      break;
    case PROP_ATTEMPTS:
      g_value_set_uint (value, self->attempts);
      break;
    case PROP_ACCEPTED:
      g_value_set_boolean (value, self->accepted);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
vl_write_class_init (VlWriteClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = vl_write_finalize;
  object_class->get_property = vl_write_get_property;

  /**
   * VlWrite:change: (getter get_change)
   *
   * What is written.
   *
   * Since: 1.0
   */
  properties[PROP_CHANGE] = g_param_spec_object ("change", NULL, NULL, VL_TYPE_CHANGE, flags);

  /**
   * VlWrite:record: (getter get_record)
   *
   * The record as the master has stored it; for a deletion as it was before;
   * after a conflict as it is instead, see [method@Write.get_record].
   *
   * Since: 1.0
   */
  properties[PROP_RECORD] = g_param_spec_object ("record", NULL, NULL, VL_TYPE_RECORD, flags);

  /**
   * VlWrite:state: (getter get_state)
   *
   * How far it has come.
   *
   * No `_sync` write of the same live table may be made in a handler of its
   * notification of %VL_WRITE_STATE_SENT: it would wait for ever behind this
   * write, which is sent when the handler returns.
   *
   * Since: 1.0
   */
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, VL_TYPE_WRITE_STATE,
                                              VL_WRITE_STATE_QUEUED, flags);

  /**
   * VlWrite:error: (getter dup_error)
   *
   * Why it failed, or why it waits.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);

  /**
   * VlWrite:attempts: (getter get_attempts)
   *
   * How often it was sent; with each time it may wait longer for the next.
   *
   * Since: 1.0
   */
  properties[PROP_ATTEMPTS] = g_param_spec_uint ("attempts", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * VlWrite:accepted: (getter get_accepted)
   *
   * Whether the live table answers for the write: it is in the journal, or shown
   * if there is none, and will be applied, or reported as failed with its data.
   * What is in the journal survives the end of the program, whatever that is.
   *
   * Since: 1.0
   */
  properties[PROP_ACCEPTED] = g_param_spec_boolean ("accepted", NULL, NULL, FALSE, flags);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
vl_write_init (VlWrite *self)
{
  self->state = VL_WRITE_STATE_QUEUED;
  self->is_record_told = TRUE;
  self->is_error_told = TRUE;
}

/* A record that has no id yet gets one of ours: the change's own uid, so that it
 * is the same wherever the change comes from. */
static char *
make_key (VlChange *change)
{
  if (vl_change_get_kind (change) == VL_CHANGE_KIND_DELETE_ALL)
    return NULL;
  if (vl_change_get_id (change) != NULL)
    return g_strdup (vl_change_get_id (change));

  return g_strconcat (VL_PROVISIONAL_PREFIX, vl_change_get_uid (change), NULL);
}

VlWrite *
_vl_write_new (VlChange *change, VlWriteFunc func, gpointer user_data)
{
  VlWrite *self = g_object_new (VL_TYPE_WRITE, NULL);

  self->change = g_object_ref (change);
  self->key = make_key (change);
  self->func = func;
  self->user_data = user_data;
  self->has_caller = func != NULL;

  return self;
}

void
_vl_write_set_core (VlWrite *self, VlLiveCore *core, gboolean holds_core)
{
  VlLiveCore *held = self->holds_core ? self->core : NULL;

  self->core = core;
  self->holds_core = holds_core;
  if (core != NULL && holds_core)
    _vl_live_core_ref (core);
  if (held != NULL)
    _vl_live_core_unref (held);
}

VlLiveCore *
_vl_write_get_core (VlWrite *self)
{
  return self->core;
}

guint64
_vl_write_get_batch (VlWrite *self)
{
  return self->batch;
}

void
_vl_write_set_batch (VlWrite *self, guint64 batch)
{
  self->batch = batch;
}

guint64
_vl_write_get_number (VlWrite *self)
{
  return self->number;
}

void
_vl_write_set_number (VlWrite *self, guint64 number)
{
  self->number = number;
}

const char *
_vl_write_get_key (VlWrite *self)
{
  return self->key;
}

gboolean
_vl_write_is_new (VlWrite *self)
{
  return self->key != NULL && vl_change_get_id (self->change) == NULL;
}

VlChange *
_vl_write_get_current (VlWrite *self)
{
  return self->rebased != NULL ? self->rebased : self->change;
}

void
_vl_write_rebase (VlWrite *self, VlChange *change)
{
  g_set_object (&self->rebased, change);
  self->n_rebases++;
}

guint
_vl_write_get_n_rebases (VlWrite *self)
{
  return self->n_rebases;
}

gint64
_vl_write_get_due (VlWrite *self)
{
  return self->due;
}

void
_vl_write_set_due (VlWrite *self, gint64 due)
{
  self->due = due;
}

void
_vl_write_join (VlWrite *self, VlWrite *later)
{
  if (self->joined == NULL)
    self->joined = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (self->joined, later);
}

GPtrArray *
_vl_write_get_joined (VlWrite *self)
{
  return self->joined;
}

GPtrArray *
_vl_write_steal_joined (VlWrite *self)
{
  return g_steal_pointer (&self->joined);
}

VlRecording *
_vl_write_get_recording (VlWrite *self)
{
  return &self->recording;
}

void
_vl_write_set_attempts (VlWrite *self, guint attempts)
{
  self->attempts = attempts;
}

gboolean
_vl_write_is_in_doubt (VlWrite *self)
{
  return self->in_doubt;
}

void
_vl_write_set_in_doubt (VlWrite *self, gboolean in_doubt)
{
  self->in_doubt = in_doubt;
}

void
_vl_write_set_sent (VlWrite *self, VlChange *change)
{
  g_set_object (&self->sent, change);
}

VlChange *
_vl_write_get_sent (VlWrite *self)
{
  return self->sent != NULL ? self->sent : self->change;
}

gboolean
_vl_write_has_caller (VlWrite *self)
{
  return self->has_caller;
}

gboolean
_vl_write_has_failed (VlWrite *self)
{
  return self->error != NULL;
}

static void
tell_result (VlWrite *self)
{
  gboolean is_record_told = self->is_record_told;
  gboolean is_error_told = self->is_error_told;

  self->is_record_told = TRUE;
  self->is_error_told = TRUE;
  if (!is_record_told)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECORD]);
  if (!is_error_told)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
}

void
_vl_write_set_state (VlWrite *self, VlWriteState state)
{
  tell_result (self);
  if (self->state == state)
    return;

  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  for (guint i = 0; self->joined != NULL && i < self->joined->len; i++)
    _vl_write_set_state (g_ptr_array_index (self->joined, i), state);
}

void
_vl_write_add_attempt (VlWrite *self)
{
  self->attempts++;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ATTEMPTS]);
  for (guint i = 0; self->joined != NULL && i < self->joined->len; i++)
    _vl_write_add_attempt (g_ptr_array_index (self->joined, i));
}

void
_vl_write_set_accepted (VlWrite *self)
{
  if (self->accepted)
    return;

  self->accepted = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACCEPTED]);
}

void
_vl_write_release (VlWrite *self, VlRecord *record)
{
  VlWriteFunc func = g_steal_pointer (&self->func);

  self->has_caller = FALSE;
  if (func != NULL)
    func (self, record, NULL, g_steal_pointer (&self->user_data));
}

void
_vl_write_set_result (VlWrite *self, VlRecord *record, const GError *error)
{
  if (g_set_object (&self->record, record))
    self->is_record_told = FALSE;
  if (self->error != NULL || error != NULL)
    self->is_error_told = FALSE;
  g_clear_error (&self->error);
  self->error = error != NULL ? g_error_copy (error) : NULL;
}

void
_vl_write_begin_anew (VlWrite *self)
{
  _vl_write_set_result (self, NULL, NULL);
  self->n_rebases = 0;
}

void
_vl_write_settle (VlWrite *self, VlWriteState state)
{
  g_autoptr (VlWrite) write G_GNUC_UNUSED = g_object_ref (self);
  VlWriteFunc func = g_steal_pointer (&self->func);

  _vl_write_set_state (self, state);
  if (func != NULL)
    func (self, self->record, self->error, g_steal_pointer (&self->user_data));
}

/**
 * vl_write_get_change: (get-property change)
 * @self: a write
 *
 * Gets what is written. From any thread.
 *
 * Returns: (transfer none): the change
 *
 * Since: 1.0
 */
VlChange *
vl_write_get_change (VlWrite *self)
{
  g_return_val_if_fail (VL_IS_WRITE (self), NULL);

  return self->change;
}

/**
 * vl_write_get_record: (get-property record)
 * @self: a write
 *
 * Gets the record as the master has stored it; for a deletion as it was before.
 *
 * A write that failed with %VL_ERROR_CONFLICT has the record as it is in the
 * master instead, what somebody else has made of it; there is none if that is
 * gone.
 *
 * Returns: (transfer none) (nullable): the record, or %NULL if the write was
 *   not applied, or the master does not tell
 *
 * Since: 1.0
 */
VlRecord *
vl_write_get_record (VlWrite *self)
{
  g_return_val_if_fail (VL_IS_WRITE (self), NULL);

  return self->record;
}

/**
 * vl_write_get_state: (get-property state)
 * @self: a write
 *
 * Gets how far it has come.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
VlWriteState
vl_write_get_state (VlWrite *self)
{
  g_return_val_if_fail (VL_IS_WRITE (self), VL_WRITE_STATE_FAILED);

  return self->state;
}

/**
 * vl_write_dup_error:
 * @self: a write
 *
 * Gets why it failed, or why it waits. One that was withdrawn has
 * %G_IO_ERROR_CANCELLED, one that was discarded after it had failed what it failed
 * with, and one that was given up in favour of what the master has none.
 *
 * Returns: (transfer full) (nullable): the error, or %NULL if there is none
 *
 * Since: 1.0
 */
GError *
vl_write_dup_error (VlWrite *self)
{
  g_return_val_if_fail (VL_IS_WRITE (self), NULL);

  return self->error != NULL ? g_error_copy (self->error) : NULL;
}

/**
 * vl_write_get_attempts: (get-property attempts)
 * @self: a write
 *
 * Gets how often it was sent. With each time it may wait longer for the next.
 *
 * Returns: the number of times
 *
 * Since: 1.0
 */
guint
vl_write_get_attempts (VlWrite *self)
{
  g_return_val_if_fail (VL_IS_WRITE (self), 0);

  return self->attempts;
}

/**
 * vl_write_get_accepted: (get-property accepted)
 * @self: a write
 *
 * Gets whether the live table answers for the write.
 *
 * Returns: %TRUE if it will be applied, or reported as failed with its data
 *
 * Since: 1.0
 */
gboolean
vl_write_get_accepted (VlWrite *self)
{
  g_return_val_if_fail (VL_IS_WRITE (self), FALSE);

  return self->accepted;
}

/**
 * vl_write_cancel:
 * @self: a write
 *
 * Withdraws the write if it is not with the master, nor merged with another one
 * to be sent; see [property@LiveTable:coalesce].
 *
 * It is discarded then, and whoever waits for it gets %G_IO_ERROR_CANCELLED. One
 * that waits to be sent again, and of which nobody knows whether it was applied,
 * may have been. A later change to a new record that is withdrawn like this fails
 * with %VL_ERROR_NOT_FOUND. To be called on the thread that made the live table.
 *
 * Returns: %TRUE if it will not be sent any more, %FALSE if it is too late
 *
 * Since: 1.0
 */
gboolean
vl_write_cancel (VlWrite *self)
{
  g_return_val_if_fail (VL_IS_WRITE (self), FALSE);
  g_return_val_if_fail (self->core == NULL || _vl_live_core_is_home_thread (self->core), FALSE);

  if (self->state == VL_WRITE_STATE_DISCARDED)
    return TRUE;
  if (self->core == NULL || !self->holds_core || self->state == VL_WRITE_STATE_SENT)
    return FALSE;

  return _vl_writer_withdraw (self->core, self);
}

/**
 * vl_write_retry:
 * @self: a write
 *
 * Sends a write again: one that has failed gets in line anew, one that waits
 * does not wait any longer.
 *
 * A failed one is behind all others then, and one that waits is so no more, nor
 * does the queue pause; but it is still held back by earlier writes to its record,
 * and nothing is sent while there is no network, see
 * [property@LiveTable:state].
 *
 * One that failed in doubt may have been applied: a new record without an id, or
 * a deletion of all rows, is applied twice then, unless the master knows changes by
 * their uid. To be called on the thread that made the live table.
 *
 * Returns: %TRUE if it is going to be sent, %FALSE if it cannot be: it neither
 *   failed nor waits, somebody was told of its failure, its live table is gone, or
 *   the queue is full
 *
 * Since: 1.0
 */
gboolean
vl_write_retry (VlWrite *self)
{
  g_return_val_if_fail (VL_IS_WRITE (self), FALSE);
  g_return_val_if_fail (self->core == NULL || _vl_live_core_is_home_thread (self->core), FALSE);

  if (self->core == NULL ||
      (self->state != VL_WRITE_STATE_FAILED && self->state != VL_WRITE_STATE_WAITING))
    return FALSE;

  return _vl_writer_retry (self->core, self);
}

/**
 * vl_write_discard:
 * @self: a write
 *
 * Gives the write up: withdraws it if it is not with the master, and takes it
 * off [method@LiveTable.get_writes] if it has failed. Either way it is discarded
 * then.
 *
 * One that is with the master goes on, and one that has ended stays as it is. To
 * be called on the thread that made the
 * live table.
 *
 * Since: 1.0
 */
void
vl_write_discard (VlWrite *self)
{
  g_return_if_fail (VL_IS_WRITE (self));
  g_return_if_fail (self->core == NULL || _vl_live_core_is_home_thread (self->core));

  if (!vl_write_cancel (self) && self->core != NULL && self->state == VL_WRITE_STATE_FAILED)
    _vl_writer_forget (self->core, self);
}
