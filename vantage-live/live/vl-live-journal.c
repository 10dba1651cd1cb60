/* vl-live-journal.c: the writes of a live table, on the disk
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the notes in the file come to is also kept in memory, so that the file
 * can be written anew without being read. The notes are pushed to the file with
 * the lock held: their order there is that in which they were folded.
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-live-journal-private.h"

#include "../base/vl-lock-private.h"
#include "../base/vl-log-private.h"
#include "../base/vl-mutant-private.h"
#include "../table/vl-change.h"
#include "../vl-error.h"

/* The file is written anew when it could be less than half as long, and so much
 * shorter. */
#define MIN_WASTE (64 * 1024)

struct _VlLiveJournal
{
  gatomicrefcount ref_count; /* the owner and each call that is not answered hold it */

  VlLock lock; /* guards what follows */
  VlJournalFile *file;
  VlJournalFold fold;
  gboolean is_open;
  gboolean is_behind;    /* the file lacks a note: it has to be written anew */
  gboolean is_rewriting; /* asked for, and not answered */
  guint n_failed;        /* appends, as far as is known */
  gsize n_bytes;         /* of the notes in the file */
  gsize n_since;         /* of those that were appended since it is written anew */
  gsize min_waste;       /* grows when writing it anew fails */

  VlLiveJournalFunc opened;
  gpointer user_data;
  GDestroyNotify dropped;
};

/* One call and who waits for it. */
typedef struct
{
  VlLiveJournal *journal;
  guint64 recorded; /* the number that is taken back if it fails; 0 = none */
  gsize n_notes;    /* bytes that the file will have, of a rewrite */
  VlJournalDoneFunc done;
  gpointer user_data;
  GDestroyNotify dropped;
} Call;

static void
journal_unref (VlLiveJournal *self)
{
  if (!_vl_ref_count_dec (&self->ref_count))
    return;

  g_assert (self->file == NULL);
  _vl_journal_fold_clear (&self->fold);
  _vl_lock_destroy (&self->lock);
  g_free (self);
}

static Call *
call_new (VlLiveJournal *self, VlJournalDoneFunc done, gpointer user_data, GDestroyNotify dropped)
{
  Call *call = g_new0 (Call, 1);

  g_atomic_ref_count_inc (&self->ref_count);
  call->journal = self;
  call->done = done;
  call->user_data = user_data;
  call->dropped = dropped;

  return call;
}

static void
call_free (Call *call)
{
  journal_unref (call->journal);
  g_free (call);
}

static void
call_dropped (gpointer user_data)
{
  Call *call = user_data;

  if (call->dropped != NULL)
    call->dropped (call->user_data);
  call_free (call);
}

static void
call_end (Call *call, const GError *error)
{
  if (call->done != NULL)
    call->done (error, call->user_data);
  call_free (call);
}

/* --- Writing it anew --- */

static void
rewritten (const GError *error, gpointer user_data)
{
  Call *call = user_data;
  VlLiveJournal *self = call->journal;

  _vl_lock_acquire (&self->lock);
  self->is_rewriting = FALSE;
  if (error == NULL)
    {
      self->n_bytes = call->n_notes + self->n_since;
      self->min_waste = MIN_WASTE;
    }
  else
    {
      self->is_behind = TRUE;
      self->min_waste = MAX (self->min_waste, self->n_bytes);
    }
  _vl_lock_release (&self->lock);

  call_end (call, error);
}

/* Called with the lock. */
static void
rewrite (VlLiveJournal *self, gboolean keep_copy)
{
  g_autoptr (GPtrArray) notes = _vl_journal_fold_to_notes (&self->fold);
  Call *call = call_new (self, NULL, NULL, NULL);

  for (guint i = 0; i < notes->len; i++)
    call->n_notes += _vl_journal_get_room (g_bytes_get_size (g_ptr_array_index (notes, i)));
  self->is_rewriting = TRUE;
  self->is_behind = FALSE;
  self->n_since = 0;
  _vl_journal_file_rewrite (self->file, notes, self->n_failed, keep_copy, rewritten, call,
                            call_dropped);
}

/* Called with the lock. */
static gboolean
is_wasteful (VlLiveJournal *self)
{
  const gsize needed = self->fold.n_bytes;

  return self->n_bytes > needed && self->n_bytes - needed > needed &&
         self->n_bytes - needed > self->min_waste;
}

/* --- Notes --- */

static void
appended (const GError *error, gpointer user_data)
{
  Call *call = user_data;
  VlLiveJournal *self = call->journal;

  _vl_lock_acquire (&self->lock);
  if (error != NULL)
    {
      self->n_failed++;
      if (call->recorded != 0)
        _vl_journal_fold_remove (&self->fold, call->recorded);
      else
        self->is_behind = !VL_MUTANT (NOTE_LOST);
    }
  else if (self->file != NULL && !self->is_rewriting && (self->is_behind || is_wasteful (self)))
    {
      rewrite (self, FALSE);
    }
  _vl_lock_release (&self->lock);

  call_end (call, error);
}

/* Called with the lock; takes the call, and the bytes. */
static void
add_note (VlLiveJournal *self, GBytes *bytes, Call *call)
{
  const gsize room = _vl_journal_get_room (g_bytes_get_size (bytes));

  self->n_bytes += room;
  self->n_since += room;
  _vl_journal_file_append (self->file, bytes, appended, call, call_dropped);
  g_bytes_unref (bytes);
}

/* --- Opening --- */

/* Reads all notes; how many make no sense. An empty one stands for damage. */
static guint
read_notes (VlLiveJournal *self, const VlJournalReplay *replay)
{
  guint n_malformed = 0;

  for (guint i = 0; i < replay->records->len; i++)
    {
      GBytes *bytes = g_ptr_array_index (replay->records, i);
      g_auto (VlNote) note = { 0 };
      g_autoptr (GError) error = NULL;

      self->n_bytes += _vl_journal_get_room (g_bytes_get_size (bytes));
      if (g_bytes_get_size (bytes) == 0)
        {
          _vl_journal_fold_doubt (&self->fold);
          continue;
        }
      if (_vl_note_read (&note, bytes, &error))
        {
          _vl_journal_fold_add (&self->fold, &note, bytes);
          continue;
        }
      n_malformed++;
      _vl_log_warning ("Note %u of a journal cannot be used: %s", i + 1, error->message);
    }

  return n_malformed;
}

/* What is known of the writes of before: a note that cannot be read may be on
 * any of them. */
static VlJournalFound
fold_replay (VlLiveJournal *self, const VlJournalReplay *replay)
{
  VlJournalFound found = {
    .n_cut = replay->n_cut,
    .n_skipped = replay->n_skipped,
    .aside = replay->aside,
  };

  found.n_malformed = read_notes (self, replay);
  if (found.n_malformed > 0)
    _vl_journal_fold_doubt (&self->fold);
  _vl_journal_fold_park_orphans (&self->fold);

  found.writes = g_ptr_array_new_with_free_func ((GDestroyNotify) _vl_journaled_free);
  for (GList *link = self->fold.writes.head; link != NULL; link = link->next)
    g_ptr_array_add (found.writes, _vl_journaled_copy (link->data));
  found.renames = _vl_journal_fold_list_renames (&self->fold);

  return found;
}

static void
file_opened (const VlJournalReplay *replay, const GError *error, gpointer user_data)
{
  VlLiveJournal *self = user_data;
  VlJournalFound found = { 0 };

  _vl_lock_acquire (&self->lock);
  if (replay != NULL)
    {
      found = fold_replay (self, replay);
      if (self->file != NULL && (found.n_malformed > 0 || is_wasteful (self)))
        rewrite (self, found.n_malformed > 0);
    }
  self->is_open = TRUE;
  _vl_lock_release (&self->lock);

  self->opened (replay != NULL ? &found : NULL, error, self->user_data);
  g_clear_pointer (&found.writes, g_ptr_array_unref);
  g_clear_pointer (&found.renames, g_ptr_array_unref);
  journal_unref (self);
}

static void
file_dropped (gpointer user_data)
{
  VlLiveJournal *self = user_data;

  if (self->dropped != NULL)
    self->dropped (self->user_data);
  journal_unref (self);
}

VlLiveJournal *
_vl_live_journal_open (const char *path,
                       VlLiveJournalFunc opened,
                       gpointer user_data,
                       GDestroyNotify dropped)
{
  VlLiveJournal *self = g_new0 (VlLiveJournal, 1);

  g_atomic_ref_count_init (&self->ref_count);
  _vl_lock_init (&self->lock);
  _vl_journal_fold_init (&self->fold);
  self->min_waste = MIN_WASTE;
  self->opened = opened;
  self->user_data = user_data;
  self->dropped = dropped;

  g_atomic_ref_count_inc (&self->ref_count);
  _vl_lock_acquire (&self->lock);
  self->file = _vl_journal_file_open (path, file_opened, self, file_dropped);
  _vl_lock_release (&self->lock);

  return self;
}

/* --- What happens to writes --- */

guint64
_vl_live_journal_record (VlLiveJournal *self,
                         VlChange *change,
                         VlJournaledState state,
                         VlJournalDoneFunc done,
                         gpointer user_data,
                         GDestroyNotify dropped)
{
  Call *call = call_new (self, done, user_data, dropped);
  VlNote note = { .kind = VL_NOTE_RECORDED, .change = change, .state = state };
  GBytes *bytes;

  _vl_lock_acquire (&self->lock);
  g_assert (self->is_open && self->file != NULL);
  note.number = self->fold.last_number + 1;
  call->recorded = done != NULL ? note.number : 0;
  bytes = _vl_note_recorded (note.number, change, state);
  _vl_journal_fold_add (&self->fold, &note, bytes);
  add_note (self, bytes, call);
  _vl_lock_release (&self->lock);

  return note.number;
}

void
_vl_live_journal_replace (VlLiveJournal *self,
                          guint64 number,
                          VlChange *change,
                          VlJournalDoneFunc done,
                          gpointer user_data,
                          GDestroyNotify dropped)
{
  Call *call = call_new (self, done, user_data, dropped);
  VlNote note = { .kind = VL_NOTE_RECORDED, .number = number, .change = change };
  VlJournaled *write;
  GBytes *bytes;

  _vl_lock_acquire (&self->lock);
  write = _vl_journal_fold_find (&self->fold, number);
  g_assert (write != NULL);
  note.state = write->recorded;
  bytes = _vl_note_recorded (number, change, note.state);
  _vl_journal_fold_add (&self->fold, &note, bytes);
  add_note (self, bytes, call);
  _vl_lock_release (&self->lock);
}

void
_vl_live_journal_merge (VlLiveJournal *self,
                        guint64 number,
                        GArray *others,
                        VlChange *change,
                        VlJournalDoneFunc done,
                        gpointer user_data,
                        GDestroyNotify dropped)
{
  Call *call = call_new (self, done, user_data, dropped);
  const VlNote note = {
    .kind = VL_NOTE_MERGED,
    .number = number,
    .change = change,
    .others = others,
  };
  GBytes *bytes = _vl_note_merged (number, others, change);

  _vl_lock_acquire (&self->lock);
  g_assert (_vl_journal_fold_find (&self->fold, number) != NULL);
  _vl_journal_fold_add (&self->fold, &note, bytes);
  add_note (self, bytes, call);
  _vl_lock_release (&self->lock);
}

void
_vl_live_journal_set_state (VlLiveJournal *self,
                            guint64 number,
                            VlJournaledState state,
                            const GError *error,
                            VlJournalDoneFunc done,
                            gpointer user_data,
                            GDestroyNotify dropped)
{
  Call *call = call_new (self, done, user_data, dropped);
  VlNote note = { .kind = VL_NOTE_STATE, .number = number, .state = state };
  VlJournaled *write;
  GBytes *bytes;

  _vl_lock_acquire (&self->lock);
  write = _vl_journal_fold_find (&self->fold, number);
  g_assert (write != NULL);
  note.attempts = write->attempts + (state == VL_JOURNALED_SENT);
  note.error = error != NULL ? g_error_copy (error) : NULL;
  bytes = _vl_note_state (number, state, note.attempts, error);
  _vl_journal_fold_add (&self->fold, &note, bytes);
  add_note (self, bytes, call);
  _vl_lock_release (&self->lock);

  g_clear_error (&note.error);
}

void
_vl_live_journal_settle (VlLiveJournal *self,
                         guint64 number,
                         VlSettledOutcome outcome,
                         const char *real_id,
                         VlJournalDoneFunc done,
                         gpointer user_data,
                         GDestroyNotify dropped)
{
  Call *call = call_new (self, done, user_data, dropped);
  g_auto (VlNote) note = { .kind = VL_NOTE_SETTLED, .number = number, .outcome = outcome };
  VlJournaled *write;
  GBytes *bytes;

  _vl_lock_acquire (&self->lock);
  write = _vl_journal_fold_find (&self->fold, number);
  g_assert (write != NULL);
  note.from = real_id != NULL ? _vl_journaled_dup_id (write) : NULL;
  note.to = note.from != NULL ? g_strdup (real_id) : NULL;
  bytes = _vl_note_settled (number, outcome, note.from, note.to);
  _vl_journal_fold_add (&self->fold, &note, bytes);
  add_note (self, bytes, call);
  _vl_lock_release (&self->lock);
}

char *
_vl_live_journal_resolve (VlLiveJournal *self, const char *id)
{
  char *real;

  _vl_lock_acquire (&self->lock);
  real = g_strdup (_vl_journal_fold_resolve (&self->fold, id));
  _vl_lock_release (&self->lock);

  return real;
}

guint
_vl_live_journal_get_n_unsettled (VlLiveJournal *self)
{
  guint n;

  _vl_lock_acquire (&self->lock);
  n = self->fold.writes.length;
  _vl_lock_release (&self->lock);

  return n;
}

void
_vl_live_journal_close (VlLiveJournal *self,
                        VlJournalDoneFunc done,
                        gpointer user_data,
                        GDestroyNotify dropped)
{
  VlJournalFile *file;

  _vl_lock_acquire (&self->lock);
  if (self->is_open && self->is_behind && !self->is_rewriting)
    rewrite (self, FALSE);
  file = g_steal_pointer (&self->file);
  _vl_lock_release (&self->lock);

  _vl_journal_file_close (file, done, user_data, dropped);
  journal_unref (self);
}
