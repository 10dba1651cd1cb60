/* vl-journal-disk-private.h: a journal file, one call after the other
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-journal-format-private.h"

G_BEGIN_DECLS

/* What was found when a journal was opened. Nothing of it is lost silently: a
 * tail that was never finished is cut off; where damage is in front of sound
 * records, each of these is kept, a copy of the file is set aside, and an empty
 * record stands where the last damage was from then on; and a file of another
 * version, or something else, is renamed and a new one begun. */
typedef struct
{
  GPtrArray *records; /* of GBytes, in the order they were appended */
  guint64 n_cut;      /* bytes of a tail that was never finished */
  guint64 n_skipped;  /* bytes of damage in front of sound records */
  char *aside;        /* the path of what was set aside, NULL = nothing was */
} VlJournalReplay;

/* Everything here runs on the worker thread. */
typedef struct
{
  char *path;
  char *new_path; /* where it is written anew, to be renamed when it is whole */
  int fd;
  guint64 id;
  guint64 length;            /* of what is synced */
  gboolean is_broken;        /* a sync failed: what the file holds behind `length` is unknown */
  gboolean is_folder_synced; /* else what is appended may be gone with the name */

  /* What is being written anew; new_fd is -1 otherwise. */
  int new_fd;
  guint64 new_id;
  guint64 new_length;
  GPtrArray *pending; /* of GBytes: what belongs there, appends since included */
  guint n_written;    /* of these */
  gsize n_appended;   /* bytes that were appended since the last step */
} VlJournalDisk;

/* vl-journal-open.c: locks the file and reads it. The records are durable when
 * this returns. */
VlJournalDisk *_vl_journal_disk_open (const char *path, VlJournalReplay *replay, GError **error);
void _vl_journal_replay_clear (VlJournalReplay *replay);

/* A free name for what is set aside; NULL when there is none. */
char *_vl_journal_aside_path (const char *path);

/* Writes and syncs all of them, or none: then the file is as it was before. */
gboolean _vl_journal_disk_append (VlJournalDisk *self,
                                  GBytes *const *records,
                                  guint n_records,
                                  GError **error);

/* Begins to write the file anew with these records in place of those that it
 * has; appends go on meanwhile. `step` does a bounded part of it, and is called
 * until it has finished or failed. At each moment either the old file or the
 * new one is there, whole. */
gboolean _vl_journal_disk_begin_rewrite (VlJournalDisk *self, GPtrArray *records, GError **error);
gboolean _vl_journal_disk_is_rewriting (VlJournalDisk *self);
gboolean _vl_journal_disk_step (VlJournalDisk *self, gboolean *finished, GError **error);

/* Copies the file to a path that is not taken, and returns that. */
char *_vl_journal_disk_copy_aside (VlJournalDisk *self, GError **error);

void _vl_journal_disk_free (VlJournalDisk *self);

/* An error of VL_ERROR for a system error, by what was tried. */
typedef enum
{
  VL_JOURNAL_TO_OPEN,
  VL_JOURNAL_TO_SET_ASIDE,
  VL_JOURNAL_TO_COPY,
  VL_JOURNAL_TO_RECORD,
  VL_JOURNAL_TO_REWRITE,
  VL_JOURNAL_TO_READ_BACK,
} VlJournalTask;

void _vl_journal_set_error (GError **error, VlJournalTask task, const char *path, int reason);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VlJournalDisk, _vl_journal_disk_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VlJournalReplay, _vl_journal_replay_clear)

G_END_DECLS
