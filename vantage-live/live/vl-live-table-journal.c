/* vl-live-table-journal.c: the journal of a live table, as its users see it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-live-table.h"

#include "../vl-enums.h"
#include "vl-live-core-private.h"
#include "vl-live-table-private.h"

#define READABLE (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)
#define SETTABLE (READABLE | G_PARAM_WRITABLE)

/* Behind those of vl-live-table-settings.c. */
enum
{
  PROP_JOURNAL = 200,
  PROP_JOURNAL_STATE,
  PROP_JOURNAL_ERROR,
  PROP_CLOSE_TIMEOUT,
  PROP_COALESCE,
};

gboolean
_vl_live_table_get_journal_property (VlLiveTable *self, guint id, GValue *value)
{
  switch (id)
    {
    case PROP_JOURNAL:
      g_value_set_object (value, vl_live_table_get_journal (self));
      break;
    case PROP_JOURNAL_STATE:
      g_value_set_enum (value, (int) vl_live_table_get_journal_state (self));
      break;
    case PROP_JOURNAL_ERROR:
      g_value_take_boxed (value, vl_live_table_dup_journal_error (self));
      break;
    case PROP_CLOSE_TIMEOUT:
      g_value_set_uint (value, vl_live_table_get_close_timeout (self));
      break;
    case PROP_COALESCE:
      g_value_set_boolean (value, vl_live_table_get_coalesce (self));
      break;
    default:
      return FALSE;
    }

  return TRUE;
}

gboolean
_vl_live_table_set_journal_property (VlLiveTable *self, guint id, const GValue *value)
{
  switch (id)
    {
    case PROP_JOURNAL:
      vl_live_table_set_journal (self, g_value_get_object (value));
      break;
    case PROP_CLOSE_TIMEOUT:
      vl_live_table_set_close_timeout (self, g_value_get_uint (value));
      break;
    case PROP_COALESCE:
      vl_live_table_set_coalesce (self, g_value_get_boolean (value));
      break;
    default:
      return FALSE;
    }

  return TRUE;
}

void
_vl_live_table_install_journal (GObjectClass *klass)
{
  /**
   * VlLiveTable:journal: (getter get_journal) (setter set_journal)
   *
   * The file in which writes are recorded before they are accepted; see
   * [method@LiveTable.set_journal].
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, PROP_JOURNAL,
                                   g_param_spec_object ("journal", NULL, NULL, G_TYPE_FILE,
                                                        SETTABLE));

  /**
   * VlLiveTable:journal-state: (getter get_journal_state)
   *
   * Whether there is a journal, and whether it works.
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, PROP_JOURNAL_STATE,
                                   g_param_spec_enum ("journal-state", NULL, NULL,
                                                      VL_TYPE_JOURNAL_STATE, VL_JOURNAL_STATE_NONE,
                                                      READABLE));

  /**
   * VlLiveTable:journal-error: (getter dup_journal_error)
   *
   * Why the journal cannot be used, or what was wrong with it when it was opened.
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, PROP_JOURNAL_ERROR,
                                   g_param_spec_boxed ("journal-error", NULL, NULL, G_TYPE_ERROR,
                                                       READABLE));

  /**
   * VlLiveTable:close-timeout: (getter get_close_timeout) (setter set_close_timeout)
   *
   * How long [method@LiveTable.close_async] waits for writes, in milliseconds; 0
   * for as long as [property@LiveTable:timeout].
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, PROP_CLOSE_TIMEOUT,
                                   g_param_spec_uint ("close-timeout", NULL, NULL, 0, G_MAXUINT, 0,
                                                      SETTABLE));

  /**
   * VlLiveTable:coalesce: (getter get_coalesce) (setter set_coalesce)
   *
   * Whether patches to one record that wait behind each other are sent as one.
   *
   * Since: 1.0
   */
  g_object_class_install_property (klass, PROP_COALESCE,
                                   g_param_spec_boolean ("coalesce", NULL, NULL, FALSE, SETTABLE));
}

/**
 * vl_live_table_get_coalesce: (get-property coalesce)
 * @self: a live table
 *
 * Gets whether patches to one record that wait behind each other are sent as one.
 *
 * Returns: whether they are
 *
 * Since: 1.0
 */
gboolean
vl_live_table_get_coalesce (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), FALSE);

  return self->core->writer.coalesce;
}

/**
 * vl_live_table_set_coalesce: (set-property coalesce)
 * @self: a live table
 * @coalesce: whether to merge patches
 *
 * Sets whether patches to one record that wait behind each other are sent as one.
 *
 * A patch that was never sent takes in a later one to the same record, if nothing
 * else to that record stands between them, both have a base or neither has, and
 * with %VL_ORDERING_STRICT nothing at all stands between them. The later values
 * count. Each keeps its own [class@Write], and all end with the same result: one
 * that the master refuses takes the others with it. What was merged cannot be
 * withdrawn any more. Live tables that share what is cached share this too. At
 * home only.
 *
 * Since: 1.0
 */
void
vl_live_table_set_coalesce (VlLiveTable *self, gboolean coalesce)
{
  g_return_if_fail (VL_IS_LIVE_TABLE (self));
  g_return_if_fail (_vl_live_core_is_home_thread (self->core));

  coalesce = !!coalesce;
  if (self->core->writer.coalesce == coalesce)
    return;

  self->core->writer.coalesce = coalesce;
  _vl_live_core_tell_setting_changed (self->core, "coalesce");
}

/**
 * vl_live_table_get_journal: (get-property journal)
 * @self: a live table
 *
 * Gets the file in which writes are recorded.
 *
 * Returns: (transfer none) (nullable): the file, or %NULL if there is none
 *
 * Since: 1.0
 */
GFile *
vl_live_table_get_journal (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), NULL);

  return self->core != NULL ? self->core->recorder.file : NULL;
}

/**
 * vl_live_table_set_journal: (set-property journal)
 * @self: a live table
 * @journal: (nullable): a file on a disk of this machine, which need not be
 *   there yet, or %NULL
 *
 * Records writes in a journal from now on, and takes up what an earlier run of
 * the program has left there.
 *
 * A write is [property@Write:accepted] when it is on the disk, and sent only
 * then. What was accepted is applied, or reported as failed with its data, even
 * when the program is killed: the next one that opens the journal has it in
 * [method@LiveTable.get_writes] and sends it, in the order of before and ahead
 * of what is written then. What had failed is there too, until it is retried or
 * discarded. A write that was with the master when the program ended is sent
 * again where that does no harm; a master with the capability
 * %VL_CAPABILITY_IDEMPOTENT applies no change twice. Any other fails with
 * %VL_ERROR_IN_DOUBT.
 *
 * While the journal is being opened, writes wait. If it cannot be used, because
 * another program has it, its folder is read-only or the like, they are refused:
 * each fails with the reason, which [property@LiveTable:journal-error] has, too.
 * An application that would rather write without a journal then sets this to
 * %NULL. What was found damaged is reported there as well, with
 * %VL_ERROR_CORRUPT; such a journal is used nevertheless, and the file as it was
 * is kept beside it. A write that cannot be recorded, since the disk is full,
 * fails; the next one is tried.
 *
 * With a journal, operations such as [method@Table.insert_async] end as soon as
 * it turns out that the master cannot be reached; what becomes of them can be
 * seen in [method@LiveTable.get_writes].
 *
 * A journal is for one live table, and those that share what is cached with it,
 * over one master and write target. Writes that are made before it is set are not
 * recorded. A journal that works cannot be replaced: it is in use until the last
 * of these live tables is closed. At home only.
 *
 * Since: 1.0
 */
void
vl_live_table_set_journal (VlLiveTable *self, GFile *journal)
{
  GFile *now;

  g_return_if_fail (VL_IS_LIVE_TABLE (self));
  g_return_if_fail (journal == NULL || G_IS_FILE (journal));
  g_return_if_fail (_vl_live_core_is_home_thread (self->core));

  if (g_atomic_int_get (&self->is_closed))
    return;

  now = self->core->recorder.file;
  if (now == journal && journal == NULL)
    return;
  if (_vl_recorder_set_file (self->core, journal))
    return;
  if (journal == NULL || !g_file_equal (now, journal))
    g_critical ("A live table has a journal, and keeps it until it is closed");
}

/**
 * vl_live_table_get_journal_state: (get-property journal-state)
 * @self: a live table
 *
 * Gets whether there is a journal, and whether it works.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
VlJournalState
vl_live_table_get_journal_state (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), VL_JOURNAL_STATE_NONE);

  return self->core->recorder.state;
}

/**
 * vl_live_table_dup_journal_error:
 * @self: a live table
 *
 * Gets why the journal cannot be used, if its state is
 * %VL_JOURNAL_STATE_FAILED, or else what was wrong with it when it was opened,
 * as %VL_ERROR_CORRUPT. The message says what to do, and where the file was kept
 * as it was found.
 *
 * Returns: (transfer full) (nullable): the error, or %NULL if all is well
 *
 * Since: 1.0
 */
GError *
vl_live_table_dup_journal_error (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), NULL);

  return self->core->recorder.error != NULL ? g_error_copy (self->core->recorder.error) : NULL;
}

/**
 * vl_live_table_get_close_timeout: (get-property close-timeout)
 * @self: a live table
 *
 * Gets how long [method@LiveTable.close_async] waits for writes.
 *
 * Returns: the time in milliseconds, or 0 for as long as
 *   [property@LiveTable:timeout]
 *
 * Since: 1.0
 */
guint
vl_live_table_get_close_timeout (VlLiveTable *self)
{
  g_return_val_if_fail (VL_IS_LIVE_TABLE (self), 0);

  return self->close_timeout;
}

/**
 * vl_live_table_set_close_timeout: (set-property close-timeout)
 * @self: a live table
 * @close_timeout: the time in milliseconds, or 0 for as long as
 *   [property@LiveTable:timeout]
 *
 * Sets how long [method@LiveTable.close_async] waits for writes. At home only.
 *
 * Since: 1.0
 */
void
vl_live_table_set_close_timeout (VlLiveTable *self, guint close_timeout)
{
  g_return_if_fail (VL_IS_LIVE_TABLE (self));

  if (self->close_timeout == close_timeout)
    return;

  self->close_timeout = close_timeout;
  g_object_notify (G_OBJECT (self), "close-timeout");
}
