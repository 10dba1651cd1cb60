/* vl-journal-fold-private.h: what the notes of a journal come to
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-journal-codec-private.h"

G_BEGIN_DECLS

/* One write that was recorded and is not settled. */
typedef struct
{
  guint64 number;
  VlChange *change;
  VlJournaledState state;
  VlJournaledState recorded; /* what `note` says */
  guint attempts;
  GError *error; /* why it is parked, nullable */
  GBytes *note;  /* that recorded it */
  gsize n_bytes; /* of that, and of the one that says its state, in a file */
} VlJournaled;

typedef struct
{
  GQueue writes;         /* of VlJournaled, in the order they were recorded */
  GHashTable *by_number; /* guint64 -> GList of `writes` */
  GHashTable *renames;   /* provisional id -> Rename */
  GQueue rename_order;   /* of Rename, the oldest first */
  guint64 last_number;   /* the greatest ever seen */
  gsize n_bytes;         /* of the notes that are needed, in a file */
  guint n_strays;        /* notes on writes that are not there */
} VlJournalFold;

void _vl_journal_fold_init (VlJournalFold *self);
void _vl_journal_fold_clear (VlJournalFold *self);

/* `bytes` are what the note was read from, or was made to. A write that is
 * recorded again gets another change in its place in the line. */
void _vl_journal_fold_add (VlJournalFold *self, const VlNote *note, GBytes *bytes);

/* As if it had never been recorded. */
void _vl_journal_fold_remove (VlJournalFold *self, guint64 number);

VlJournaled *_vl_journal_fold_find (VlJournalFold *self, guint64 number);
const char *_vl_journal_fold_resolve (VlJournalFold *self, const char *id);

/* Notes on some that are recorded may be lost: whether these were sent, or even
 * settled, nobody knows any more. */
void _vl_journal_fold_doubt (VlJournalFold *self);

/* Parks the writes to records that will never get an id. */
void _vl_journal_fold_park_orphans (VlJournalFold *self);

/* The notes that stand for all of it, of GBytes. */
GPtrArray *_vl_journal_fold_to_notes (VlJournalFold *self);

/* Of char *: a provisional id, the one that took its place, and so on. */
GPtrArray *_vl_journal_fold_list_renames (VlJournalFold *self);

/* What the record of a write goes by: for a new one without an id a provisional
 * one, made of the uid of the change; NULL for all records. */
char *_vl_journaled_dup_id (const VlJournaled *self);
VlJournaled *_vl_journaled_copy (const VlJournaled *self);
void _vl_journaled_free (VlJournaled *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VlJournalFold, _vl_journal_fold_clear)

G_END_DECLS
