/* vl-live-journal-private.h: the writes of a live table, on the disk
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../base/vl-journal-file-private.h"
#include "vl-journal-fold-private.h"

G_BEGIN_DECLS

/* Writes that are recorded before they are accepted, what became of them, and
 * what was left when it was opened. The functions may be called from any thread,
 * in the order in which things happened; nothing is recorded before it is open.
 * Callbacks run at home, as those of VlJournalFile do, and are nullable: what a
 * write has become need not be waited for, and if it could not be recorded it is
 * again, as soon as that works. */
typedef struct _VlLiveJournal VlLiveJournal;

typedef struct
{
  GPtrArray *writes;  /* of VlJournaled, unsettled, in the order they were recorded */
  GPtrArray *renames; /* of char *: a provisional id, and the one that took its place */
  guint64 n_cut;      /* bytes, as in VlJournalReplay */
  guint64 n_skipped;  /* bytes, too */
  guint n_malformed;  /* notes that make no sense; then a copy is set aside */
  const char *aside;  /* the path of what was set aside when it was opened, nullable */
} VlJournalFound;

/* `found` is NULL with an error: then nothing can be recorded. What it holds
 * may be kept by reference. */
typedef void (*VlLiveJournalFunc) (const VlJournalFound *found,
                                   const GError *error,
                                   gpointer user_data);

VlLiveJournal *_vl_live_journal_open (const char *path,
                                      VlLiveJournalFunc opened,
                                      gpointer user_data,
                                      GDestroyNotify dropped);

/* Records a write and returns its number, which is greater than all before it.
 * QUEUED, or SENT: then it may be sent as soon as it is recorded. `done` with an
 * error: it is not recorded, and the number means nothing; without `done` it is
 * as what a write has become. */
guint64 _vl_live_journal_record (VlLiveJournal *self,
                                 VlChange *change,
                                 VlJournaledState state,
                                 VlJournalDoneFunc done,
                                 gpointer user_data,
                                 GDestroyNotify dropped);

/* The write goes on with another change, in its place in the line. */
void _vl_live_journal_replace (VlLiveJournal *self,
                               guint64 number,
                               VlChange *change,
                               VlJournalDoneFunc done,
                               gpointer user_data,
                               GDestroyNotify dropped);

/* Likewise, and that change stands for those of other writes, too, which leave
 * the line: their numbers, of guint64. All of it is one note. */
void _vl_live_journal_merge (VlLiveJournal *self,
                             guint64 number,
                             GArray *others,
                             VlChange *change,
                             VlJournalDoneFunc done,
                             gpointer user_data,
                             GDestroyNotify dropped);

/* SENT, before it is sent: whoever must not send it twice waits for `done`. A
 * write that was in line when the program ended is in line again, one that was
 * sent is in doubt, one that is parked stays so. Counts the attempts. */
void _vl_live_journal_set_state (VlLiveJournal *self,
                                 guint64 number,
                                 VlJournaledState state,
                                 const GError *error,
                                 VlJournalDoneFunc done,
                                 gpointer user_data,
                                 GDestroyNotify dropped);

/* The write is out of the line for good. `real_id` (nullable): what the master
 * has called the record of a provisional id; both in one note. */
void _vl_live_journal_settle (VlLiveJournal *self,
                              guint64 number,
                              VlSettledOutcome outcome,
                              const char *real_id,
                              VlJournalDoneFunc done,
                              gpointer user_data,
                              GDestroyNotify dropped);

/* The id that took the place of a provisional one, a copy, or NULL. */
char *_vl_live_journal_resolve (VlLiveJournal *self, const char *id);

guint _vl_live_journal_get_n_unsettled (VlLiveJournal *self);

/* Does what was asked for, then gives the file free; takes the reference. */
void _vl_live_journal_close (VlLiveJournal *self,
                             VlJournalDoneFunc done,
                             gpointer user_data,
                             GDestroyNotify dropped);

G_END_DECLS
