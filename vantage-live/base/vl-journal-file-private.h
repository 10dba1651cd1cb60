/* vl-journal-file-private.h: records that are on the disk before anybody hears
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-journal-disk-private.h"

G_BEGIN_DECLS

/* A file of records that are appended and read back when it is opened. It has
 * one owner at a time. Everything happens on a worker thread, in the order of
 * the calls; all that is queued when the worker comes round is written and
 * synced in one go. The functions may be called from any thread; callbacks run
 * at home, the thread-default context of whoever opened it, in the order of the
 * calls, once, and never before the call has returned. When the home has gone,
 * `dropped` gets their data instead, on any thread. */
typedef struct _VlJournalFile VlJournalFile;

/* `replay` is what the file had; its records may be kept. NULL with an error
 * that says what can be done: then all that is asked of the file fails with the
 * same error, but closing it. */
typedef void (*VlJournalOpenFunc) (const VlJournalReplay *replay,
                                   const GError *error,
                                   gpointer user_data);

/* Without an error it is on the disk, whatever happens next. With one, it is
 * not in the file; after a crash right then it may be there all the same. */
typedef void (*VlJournalDoneFunc) (const GError *error, gpointer user_data);

/* Begins to open it: what follows waits for that. */
VlJournalFile *_vl_journal_file_open (const char *path,
                                      VlJournalOpenFunc opened,
                                      gpointer user_data,
                                      GDestroyNotify dropped);

/* `done` is nullable here and below; a record has at least one byte. */
void _vl_journal_file_append (VlJournalFile *self,
                              GBytes *record,
                              VlJournalDoneFunc done,
                              gpointer user_data,
                              GDestroyNotify dropped);

/* From here on these records stand for all that were appended before. The file
 * is written anew, bit by bit, while appends go on; it is done when the new
 * file has taken the place of the old one. After an error all is as it was.
 * `n_failed`: how many appends the caller knows to have failed; when there are
 * more by the time it begins, the records may hold what was not appended, and it
 * fails. `keep_copy`: a copy of the old file is set aside first. */
void _vl_journal_file_rewrite (VlJournalFile *self,
                               GPtrArray *records,
                               guint n_failed,
                               gboolean keep_copy,
                               VlJournalDoneFunc done,
                               gpointer user_data,
                               GDestroyNotify dropped);

/* Does what was asked for, then gives the file free; takes the reference. */
void _vl_journal_file_close (VlJournalFile *self,
                             VlJournalDoneFunc done,
                             gpointer user_data,
                             GDestroyNotify dropped);

G_END_DECLS
