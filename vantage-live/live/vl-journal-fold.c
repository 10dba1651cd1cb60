/* vl-journal-fold.c: what the notes of a journal come to
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "vl-journal-fold-private.h"

#include "../base/vl-journal-format-private.h"
#include "../table/vl-change.h"
#include "../vl-error.h"

#define PROVISIONAL_PREFIX "new:"

/* So many renames are kept for whoever still has a provisional id, and all that
 * a write in line needs. */
#define MAX_RENAMES 4096

/* What two names take as a note, beside themselves. */
#define NAMES_ROOM 12

typedef struct
{
  char *from;
  char *to;
} Rename;

/* --- Entries --- */

static void
rename_free (Rename *rename)
{
  g_free (rename->from);
  g_free (rename->to);
  g_free (rename);
}

VlJournaled *
_vl_journaled_copy (const VlJournaled *self)
{
  VlJournaled *copy = g_new (VlJournaled, 1);

  *copy = *self;
  g_object_ref (copy->change);
  g_bytes_ref (copy->note);
  copy->error = self->error != NULL ? g_error_copy (self->error) : NULL;

  return copy;
}

char *
_vl_journaled_dup_id (const VlJournaled *self)
{
  const char *id = vl_change_get_id (self->change);

  if (id != NULL || vl_change_get_kind (self->change) == VL_CHANGE_KIND_DELETE_ALL)
    return g_strdup (id);

  return g_strconcat (PROVISIONAL_PREFIX, vl_change_get_uid (self->change), NULL);
}

void
_vl_journaled_free (VlJournaled *self)
{
  g_clear_object (&self->change);
  g_clear_pointer (&self->note, g_bytes_unref);
  g_clear_error (&self->error);
  g_free (self);
}

void
_vl_journal_fold_init (VlJournalFold *self)
{
  *self = (VlJournalFold){ 0 };
  g_queue_init (&self->writes);
  g_queue_init (&self->rename_order);
  self->by_number = g_hash_table_new (g_int64_hash, g_int64_equal);
  self->renames = g_hash_table_new (g_str_hash, g_str_equal);
}

void
_vl_journal_fold_clear (VlJournalFold *self)
{
  g_queue_clear_full (&self->writes, (GDestroyNotify) _vl_journaled_free);
  g_queue_clear_full (&self->rename_order, (GDestroyNotify) rename_free);
  g_clear_pointer (&self->by_number, g_hash_table_unref);
  g_clear_pointer (&self->renames, g_hash_table_unref);
}

static gsize
room_of (GBytes *note)
{
  return _vl_journal_get_room (g_bytes_get_size (note));
}

VlJournaled *
_vl_journal_fold_find (VlJournalFold *self, guint64 number)
{
  GList *link = g_hash_table_lookup (self->by_number, &number);

  return link != NULL ? link->data : NULL;
}

const char *
_vl_journal_fold_resolve (VlJournalFold *self, const char *id)
{
  Rename *rename = g_hash_table_lookup (self->renames, id);

  return rename != NULL ? rename->to : NULL;
}

/* --- Notes --- */

static void
count_bytes (VlJournalFold *self, VlJournaled *write, gsize n_bytes)
{
  self->n_bytes += n_bytes - write->n_bytes;
  write->n_bytes = n_bytes;
}

static void
fold_recorded (VlJournalFold *self, const VlNote *note, GBytes *bytes)
{
  VlJournaled *write = _vl_journal_fold_find (self, note->number);

  self->last_number = MAX (self->last_number, note->number);
  if (write != NULL)
    {
      count_bytes (self, write, write->n_bytes - room_of (write->note) + room_of (bytes));
      g_set_object (&write->change, note->change);
      g_clear_pointer (&write->note, g_bytes_unref);
      write->note = g_bytes_ref (bytes);
      write->recorded = note->state;
      return;
    }

  write = g_new0 (VlJournaled, 1);
  write->number = note->number;
  write->change = g_object_ref (note->change);
  write->note = g_bytes_ref (bytes);
  write->state = write->recorded = note->state;
  count_bytes (self, write, room_of (bytes));
  g_queue_push_tail (&self->writes, write);
  g_hash_table_insert (self->by_number, &write->number, self->writes.tail);
}

/* What had failed gets in line anew. */
static void
to_end_of_line (VlJournalFold *self, VlJournaled *write)
{
  GList *link = g_hash_table_lookup (self->by_number, &write->number);

  g_queue_unlink (&self->writes, link);
  g_queue_push_tail_link (&self->writes, link);
}

static void
fold_state (VlJournalFold *self, const VlNote *note, GBytes *bytes)
{
  VlJournaled *write = _vl_journal_fold_find (self, note->number);

  if (write == NULL)
    {
      self->n_strays++;
      return;
    }
  count_bytes (self, write, room_of (write->note) + room_of (bytes));
  if (_vl_journaled_state_is_parked (write->state) && !_vl_journaled_state_is_parked (note->state))
    to_end_of_line (self, write);
  write->state = note->state;
  write->attempts = note->attempts;
  g_clear_error (&write->error);
  write->error = note->error != NULL ? g_error_copy (note->error) : NULL;
}

static void
fold_rename (VlJournalFold *self, const VlNote *note)
{
  Rename *rename = g_hash_table_lookup (self->renames, note->from);

  if (rename != NULL)
    {
      g_free (rename->to);
      rename->to = g_strdup (note->to);
      return;
    }

  rename = g_new (Rename, 1);
  rename->from = g_strdup (note->from);
  rename->to = g_strdup (note->to);
  g_hash_table_insert (self->renames, rename->from, rename);
  g_queue_push_tail (&self->rename_order, rename);
  if (self->rename_order.length <= MAX_RENAMES)
    self->n_bytes += _vl_journal_get_room (strlen (note->from) + strlen (note->to) + NAMES_ROOM);
}

void
_vl_journal_fold_remove (VlJournalFold *self, guint64 number)
{
  GList *link = g_hash_table_lookup (self->by_number, &number);
  VlJournaled *write;

  if (link == NULL)
    return;

  write = link->data;
  count_bytes (self, write, 0);
  g_hash_table_remove (self->by_number, &number);
  g_queue_delete_link (&self->writes, link);
  _vl_journaled_free (write);
}

static void
fold_settled (VlJournalFold *self, const VlNote *note)
{
  if (_vl_journal_fold_find (self, note->number) == NULL)
    self->n_strays++;
  _vl_journal_fold_remove (self, note->number);
  if (note->to != NULL)
    fold_rename (self, note);
}

static void
fold_merged (VlJournalFold *self, const VlNote *note)
{
  const VlJournaled *write = _vl_journal_fold_find (self, note->number);
  const VlJournaledState state = write != NULL ? write->recorded : VL_JOURNALED_QUEUED;
  g_autoptr (GBytes) recorded = _vl_note_recorded (note->number, note->change, state);

  for (guint i = 0; i < note->others->len; i++)
    {
      guint64 other = g_array_index (note->others, guint64, i);

      if (other != note->number)
        _vl_journal_fold_remove (self, other);
    }
  fold_recorded (self, note, recorded);
}

void
_vl_journal_fold_add (VlJournalFold *self, const VlNote *note, GBytes *bytes)
{
  switch (note->kind)
    {
    case VL_NOTE_RECORDED:
      fold_recorded (self, note, bytes);
      break;
    case VL_NOTE_MERGED:
      fold_merged (self, note);
      break;
    case VL_NOTE_STATE:
      fold_state (self, note, bytes);
      break;
    case VL_NOTE_SETTLED:
      fold_settled (self, note);
      break;
    case VL_NOTE_RENAMED:
      fold_rename (self, note);
      break;
    default:
      g_assert_not_reached ();
    }
}

/* --- After damage --- */

void
_vl_journal_fold_doubt (VlJournalFold *self)
{
  for (GList *link = self->writes.head; link != NULL; link = link->next)
    {
      VlJournaled *write = link->data;

      if (write->state == VL_JOURNALED_QUEUED)
        write->state = VL_JOURNALED_SENT;
    }
}

static gboolean
is_orphan (VlJournalFold *self, VlChange *change, GHashTable *inserted)
{
  const char *id = vl_change_get_id (change);

  return id != NULL && g_str_has_prefix (id, PROVISIONAL_PREFIX) &&
         vl_change_get_kind (change) != VL_CHANGE_KIND_INSERT &&
         !g_hash_table_contains (inserted, id) && _vl_journal_fold_resolve (self, id) == NULL;
}

void
_vl_journal_fold_park_orphans (VlJournalFold *self)
{
  g_autoptr (GHashTable) inserted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (GList *link = self->writes.head; link != NULL; link = link->next)
    {
      VlJournaled *write = link->data;
      g_autofree char *id = _vl_journaled_dup_id (write);

      if (vl_change_get_kind (write->change) == VL_CHANGE_KIND_INSERT)
        g_hash_table_add (inserted, g_strdup (id));
      if (_vl_journaled_state_is_parked (write->state) ||
          !is_orphan (self, write->change, inserted))
        continue;

      write->state = VL_JOURNALED_PARKED;
      g_clear_error (&write->error);
      g_set_error (&write->error, VL_ERROR, VL_ERROR_NOT_FOUND,
                   _ ("As far as the journal knows the record “%s” was never stored; discard the "
                      "change or make it again for another record"),
                   id);
    }
}

/* --- All of it --- */

/* The provisional ids that writes in line use. */
static GHashTable *
used_names (VlJournalFold *self)
{
  GHashTable *used = g_hash_table_new (g_str_hash, g_str_equal);

  for (GList *link = self->writes.head; link != NULL; link = link->next)
    {
      const char *id = vl_change_get_id (((VlJournaled *) link->data)->change);

      if (id != NULL)
        g_hash_table_add (used, (gpointer) id);
    }

  return used;
}

static void
add_renames (VlJournalFold *self, GPtrArray *notes)
{
  g_autoptr (GHashTable) used = used_names (self);
  guint n_over = self->rename_order.length - MIN (self->rename_order.length, MAX_RENAMES);

  for (GList *link = self->rename_order.head; link != NULL; link = link->next)
    {
      const Rename *rename = link->data;

      if (n_over > 0 && !g_hash_table_contains (used, rename->from))
        {
          n_over--;
          continue;
        }
      g_ptr_array_add (notes, _vl_note_renamed (rename->from, rename->to));
    }
}

GPtrArray *
_vl_journal_fold_list_renames (VlJournalFold *self)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (GList *link = self->rename_order.head; link != NULL; link = link->next)
    {
      const Rename *rename = link->data;

      g_ptr_array_add (names, g_strdup (rename->from));
      g_ptr_array_add (names, g_strdup (rename->to));
    }

  return names;
}

static gboolean
is_plain (const VlJournaled *write)
{
  return write->state == write->recorded && write->attempts == 0 && write->error == NULL;
}

GPtrArray *
_vl_journal_fold_to_notes (VlJournalFold *self)
{
  GPtrArray *notes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  add_renames (self, notes);
  for (GList *link = self->writes.head; link != NULL; link = link->next)
    {
      const VlJournaled *write = link->data;

      g_ptr_array_add (notes, g_bytes_ref (write->note));
      if (!is_plain (write))
        g_ptr_array_add (notes, _vl_note_state (write->number, write->state, write->attempts,
                                                write->error));
    }

  return notes;
}
