/* forgetful-disk.h: a folder that loses what was not synced
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One folder of this process, whose files are real ones, so that everything
 * that looks at them by name or locks them works. What is done to them is
 * written down beside, and with it what had been synced: losing power puts into
 * the folder what may be left then.
 *
 * That is, for each file, what was synced and any part of what was not: nothing,
 * everything, a beginning, or any of its sectors, the last write torn at any
 * byte; and of the files that were made, renamed and removed since the folder
 * was synced, likewise, any. A sync that fails loses some of what it was to
 * keep.
 *
 * All of it follows from one seed. Front ends bring the operations here:
 * forgetful-vfs.h those of SQLite, forgetful-file.h those of base/vl-file.c. */

/* What can be made to fail. */
typedef enum
{
  FORGETFUL_OPEN,
  FORGETFUL_READ,
  FORGETFUL_WRITE,
  FORGETFUL_SYNC,
  FORGETFUL_TRUNCATE,
  FORGETFUL_REMOVE,
  FORGETFUL_RENAME,
  FORGETFUL_LOOK, /* whether there is a file, and how large it is */
  FORGETFUL_LOCK,
  FORGETFUL_N_OPS,
} ForgetfulOp;

/* The folder is there, and what it holds is synced. Everything is as new. */
void forgetful_disk_begin (const char *folder, guint32 seed);
void forgetful_disk_end (void);

/* --- What a test does --- */

/* The process dies: from now on nothing succeeds, nor changes anything. What
 * the process had is to be dropped before the folder comes back. */
void forgetful_disk_kill (void);

/* The process dies at the n-th operation from now, 1 = the next, that changes
 * or syncs something; 0 = it does not. */
void forgetful_disk_kill_at (guint n);
gboolean forgetful_disk_is_dead (void);

/* The folder as the next process finds it, with or without a loss of power. */
void forgetful_disk_revive (gboolean power_lost);

/* Likewise, but the process that calls this ends right after it, with all that it
 * has open. */
void forgetful_disk_leave (gboolean power_lost);

/* Syncing does nothing, and says that it did. */
void forgetful_disk_set_lies (gboolean lies);

/* The n-th operation of its kind from now, 1 = the next, fails with a result
 * code of SQLite's; so do all after it, if `on`. */
void forgetful_disk_fail (ForgetfulOp op, guint n, gboolean on, int code);

/* Nothing fails any more. */
void forgetful_disk_forgive (void);

/* Whether each fails by now, until it is forgiven. */
gboolean forgetful_disk_fails_for_good (ForgetfulOp op);

/* How many there were since it was asked to fail, or since the beginning. */
guint forgetful_disk_count (ForgetfulOp op);

/* How often something failed on purpose since the beginning. */
guint forgetful_disk_n_failed (void);

/* How many handles are open. */
guint forgetful_disk_n_open (void);

/* --- What a front end does --- */

/* The contents of a file, whatever it is called. */
typedef struct _ForgetfulFile ForgetfulFile;

/* Whether the path is in the folder, or the folder itself. */
gboolean forgetful_disk_has (const char *path);

/* Before it is done: 0, or the code to fail with. `file` is what it changes, if
 * it is a file. A write that the process dies at is still done, and a sync that
 * fails is told of nowhere else. */
int forgetful_disk_enter (ForgetfulOp op, ForgetfulFile *file);

/* After a file was opened. */
ForgetfulFile *forgetful_file_open (const char *path, gboolean is_new);
void forgetful_file_close (ForgetfulFile *file);

/* After it was done. */
void forgetful_file_write (ForgetfulFile *file, gint64 offset, const void *data, gsize length);
void forgetful_file_truncate (ForgetfulFile *file, gint64 size);
void forgetful_file_sync (ForgetfulFile *file);
void forgetful_disk_sync_folder (const char *path);
void forgetful_disk_rename (const char *from, const char *to);
void forgetful_disk_remove (const char *path);

G_END_DECLS
