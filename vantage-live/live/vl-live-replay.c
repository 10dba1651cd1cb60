/* vl-live-replay.c: what an earlier run has left in the journal
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is left gets in line again, in its order and in front of all that was
 * made since; what had failed is on the list of those that have. Nobody waits
 * for these writes.
 *
 * Everything here runs at home.
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-live-core-private.h"

#include "../base/vl-log-private.h"
#include "../table/vl-change.h"
#include "../vl-error.h"
#include "vl-live-send-private.h"
#include "vl-live-show-private.h"
#include "vl-write-private.h"

static VlWrite *
make_write (VlLiveCore *core, const VlJournaled *journaled)
{
  VlWrite *write = _vl_write_new (journaled->change, NULL, NULL);
  VlRecording *recording = _vl_write_get_recording (write);

  recording->number = journaled->number;
  /* As it was recorded: it may have been sent, and nobody has noted it. */
  recording->may_be_sent = journaled->recorded == VL_JOURNALED_SENT &&
                           journaled->state == VL_JOURNALED_SENT && journaled->attempts == 0;
  recording->is_replayed = TRUE;
  recording->was_sent = journaled->recorded == VL_JOURNALED_SENT ||
                        journaled->state == VL_JOURNALED_SENT || journaled->attempts > 0;
  recording->noted = recording->may_be_sent ? VL_JOURNALED_QUEUED : journaled->state;
  _vl_write_set_attempts (write, journaled->attempts);
  _vl_write_set_accepted (write);
  _vl_write_set_number (write, ++core->writer.n_writes);
  if (_vl_write_is_new (write))
    _vl_facts_issue (core->facts, _vl_write_get_key (write));

  return write;
}

static void
park (VlLiveCore *core, VlWrite *write, const GError *error, gboolean in_doubt)
{
  g_autoptr (GError) unknown = NULL;

  if (error == NULL)
    error = unknown = g_error_new_literal (VL_ERROR, VL_ERROR_FAILED,
                                           _ ("The write has failed in an earlier run"));
  _vl_write_set_core (write, core, FALSE);
  _vl_write_set_in_doubt (write, in_doubt);
  _vl_write_set_result (write, NULL, error);
  _vl_write_set_state (write, VL_WRITE_STATE_FAILED);
}

static void
line_up (VlLiveCore *core, VlWrite *write, gboolean in_doubt)
{
  _vl_lock_acquire (&core->writer.lock);
  core->writer.n_unsettled++;
  _vl_lock_release (&core->writer.lock);

  _vl_write_set_core (write, core, TRUE);
  _vl_write_set_in_doubt (write, in_doubt);
  core->recorder.has_doubts |= in_doubt;
  g_queue_push_tail (&core->writer.queue, g_object_ref (write));
  _vl_writer_log (core, write, "replayed");
}

/* The numbers of those that are in the journal, and on their way already. */
static GHashTable *
list_numbers (VlLiveCore *core)
{
  GHashTable *numbers = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  GListModel *list = G_LIST_MODEL (core->writer.writes);

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (VlWrite) write = g_list_model_get_item (list, i);
      guint64 number = _vl_write_get_recording (write)->number;

      if (number != 0)
        g_hash_table_add (numbers, g_memdup2 (&number, sizeof number));
    }

  return numbers;
}

static void
replay (VlLiveCore *core, GPtrArray *journaled)
{
  g_autoptr (GHashTable) listed = list_numbers (core);
  g_autoptr (GPtrArray) writes = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < journaled->len; i++)
    {
      const VlJournaled *entry = g_ptr_array_index (journaled, i);
      VlWrite *write;

      if (g_hash_table_contains (listed, &entry->number))
        continue;
      write = make_write (core, entry);
      g_ptr_array_add (writes, write);
      if (_vl_journaled_state_is_parked (entry->state))
        park (core, write, entry->error, entry->state == VL_JOURNALED_PARKED_IN_DOUBT);
      else
        line_up (core, write, entry->state == VL_JOURNALED_SENT);
    }
  if (writes->len == 0)
    return;

  g_list_store_splice (core->writer.writes, 0, 0, writes->pdata, writes->len);
  for (guint i = 0; i < writes->len; i++)
    {
      if (vl_write_get_state (writes->pdata[i]) != VL_WRITE_STATE_FAILED)
        _vl_show_begin (core, writes->pdata[i]);
    }
  _vl_live_core_tell_writes_changed (core);
}

static void
rename_all (VlLiveCore *core, GPtrArray *renames)
{
  for (guint i = 0; i + 1 < renames->len; i += 2)
    _vl_facts_rename (core->facts, g_ptr_array_index (renames, i),
                      g_ptr_array_index (renames, i + 1));
}

/* What was wrong with it; NULL when nothing was. */
static GError *
describe_damage (const VlJournalFound *found, const char *path)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (found->n_skipped > 0 || found->n_malformed > 0)
    g_string_append_printf (text,
                            _ ("The journal “%s” was damaged, and changes may be lost; those that "
                               "can be read are used"),
                            path);
  else if (found->aside != NULL)
    g_string_append_printf (text,
                            _ ("“%s” was no journal that this version can read, and a new one was "
                               "begun"),
                            path);
  else if (found->n_cut > 0)
    g_string_append_printf (text,
                            _ ("The end of the journal “%s” is not whole and was cut off, as a "
                               "program leaves it that is stopped while it records a change; one "
                               "that was accepted is lost only if the disk has not kept it"),
                            path);
  if (text->len == 0)
    return NULL;

  if (found->aside != NULL)
    g_string_append_printf (text, _ (". The file as it was is “%s”"), found->aside);

  return g_error_new_literal (VL_ERROR, VL_ERROR_CORRUPT, text->str);
}

/* One journal that is being opened. */
typedef struct
{
  VlLiveCore *core; /* referenced */
  guint number;
} Opening;

static void
opening_free (Opening *self)
{
  _vl_live_core_unref (self->core);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Opening, opening_free)

/* It may have been closed meanwhile, and perhaps it is opened once more. */
static gboolean
is_wanted (const Opening *self)
{
  return self->core->recorder.opening != NULL && self->core->recorder.n_openings == self->number;
}

static void
opened (const VlJournalFound *found, const GError *error, gpointer user_data)
{
  g_autoptr (Opening) self = user_data;
  VlLiveCore *core = self->core;
  VlRecorder *recorder = &core->recorder;

  if (!is_wanted (self))
    return;

  if (found == NULL)
    {
      _vl_log_warning ("The journal cannot be used, and writes are refused: %s", error->message);
      _vl_live_journal_close (g_steal_pointer (&recorder->opening), NULL, NULL, NULL);
      recorder->state = VL_JOURNAL_STATE_FAILED;
      recorder->error = g_error_copy (error);
      _vl_recorder_refuse_all (core);
    }
  else
    {
      recorder->journal = g_steal_pointer (&recorder->opening);
      recorder->state = VL_JOURNAL_STATE_OPEN;
      recorder->error = describe_damage (found, g_file_peek_path (recorder->file));
      rename_all (core, found->renames);
      replay (core, found->writes);
      _vl_recorder_record_all (core);
    }
  _vl_live_core_tell_journal_changed (core);
  _vl_writer_look_again (core);
}

/* The home context has gone. */
static void
open_dropped (gpointer user_data)
{
  g_autoptr (Opening) self = user_data;

  if (is_wanted (self))
    _vl_live_journal_close (g_steal_pointer (&self->core->recorder.opening), NULL, NULL, NULL);
}

static void
forget (VlLiveCore *core, VlWrite *write)
{
  GPtrArray *joined = _vl_write_get_joined (write);

  for (guint i = 0; joined != NULL && i < joined->len; i++)
    forget (core, joined->pdata[i]);
  _vl_show_drop (core, write);
  _vl_writer_let_go (core, write);
}

/* Those that were left to the next run: it begins now. */
static void
forget_left (VlLiveCore *core)
{
  g_autoptr (GPtrArray) left = g_steal_pointer (&core->recorder.left);

  core->recorder.left = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < left->len; i++)
    forget (core, left->pdata[i]);
}

/* Those on the list that were in the journal when it was closed. If it is the one
 * that is opened, those that had failed come back from there, and what was
 * retried since goes on; the numbers of any other mean nothing any more. */
static void
forget_listed (VlLiveCore *core, gboolean is_same)
{
  GListModel *list = G_LIST_MODEL (core->writer.writes);

  for (guint i = g_list_model_get_n_items (list); i > 0; i--)
    {
      g_autoptr (VlWrite) write = g_list_model_get_item (list, i - 1);
      VlRecording *recording = _vl_write_get_recording (write);
      gboolean has_failed = vl_write_get_state (write) == VL_WRITE_STATE_FAILED;

      if (recording->number == 0 || (is_same && !has_failed))
        continue;
      recording->number = 0;
      if (is_same)
        _vl_writer_let_go (core, write);
    }
}

static void
open_file (VlLiveCore *core, GFile *file)
{
  VlRecorder *recorder = &core->recorder;
  const char *path = g_file_peek_path (file);
  Opening *opening;

  recorder->file = g_object_ref (file);
  if (path == NULL)
    {
      g_autofree char *uri = g_file_get_uri (file);

      recorder->state = VL_JOURNAL_STATE_FAILED;
      recorder->error = g_error_new (VL_ERROR, VL_ERROR_INVALID,
                                     _ ("“%s” is not on a disk of this machine and cannot be a "
                                        "journal; give the path of a file"),
                                     uri);
      return;
    }

  forget_left (core);
  forget_listed (core, recorder->last_file != NULL && g_file_equal (file, recorder->last_file));
  g_set_object (&recorder->last_file, file);
  recorder->state = VL_JOURNAL_STATE_OPENING;
  opening = g_new (Opening, 1);
  opening->core = _vl_live_core_ref (core);
  opening->number = ++recorder->n_openings;
  recorder->opening = _vl_live_journal_open (path, opened, opening, open_dropped);
}

gboolean
_vl_recorder_set_file (VlLiveCore *core, GFile *file)
{
  VlRecorder *recorder = &core->recorder;

  if (recorder->is_parting && file != NULL && g_file_equal (file, recorder->file))
    _vl_recorder_stay (core);
  if (recorder->state == VL_JOURNAL_STATE_OPENING || recorder->state == VL_JOURNAL_STATE_OPEN)
    return FALSE;

  /* What was refused since is not recorded by another one. */
  if (recorder->state == VL_JOURNAL_STATE_FAILED)
    _vl_recorder_refuse_all (core);
  recorder->state = VL_JOURNAL_STATE_NONE;
  g_clear_object (&recorder->file);
  g_clear_error (&recorder->error);
  if (file != NULL)
    open_file (core, file);
  _vl_live_core_tell_journal_changed (core);

  return TRUE;
}

/* What must not be sent twice */

gboolean
_vl_recorder_park_doubtful (VlLiveCore *core)
{
  g_autoptr (GError) error = NULL;
  VlSend *send = NULL;
  GList *next;

  if (G_LIKELY (!core->recorder.has_doubts))
    return FALSE;

  core->recorder.has_doubts = FALSE;
  for (GList *l = core->writer.queue.head; l != NULL; l = next)
    {
      VlWrite *write = l->data;

      next = l->next;
      /* It would say that it knows it. */
      if (_vl_write_get_recording (write)->may_be_sent && _vl_recorder_is_for_idempotent (core))
        _vl_write_set_in_doubt (write, FALSE);
      if (!_vl_write_is_in_doubt (write) || _vl_retry_can_repeat (core, write))
        continue;
      if (send == NULL)
        send = _vl_send_new (core);
      _vl_write_set_in_doubt (write, FALSE);
      _vl_send_add (send, write);
      g_queue_delete_link (&core->writer.queue, l);
    }
  if (send == NULL)
    return FALSE;

  g_set_error (&error, VL_ERROR, VL_ERROR_IN_DOUBT,
               _ ("The program ended while this write was with “%s”; nobody knows whether it was "
                  "applied, and it may be applied twice if it is sent again"),
               core->cache_key);
  _vl_send_fail (send, error);

  return TRUE;
}
