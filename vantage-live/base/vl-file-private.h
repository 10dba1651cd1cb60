/* vl-file-private.h: file operations, replaceable in tests
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>
#include <sys/stat.h>

G_BEGIN_DECLS

/* What the library does to files other than through SQLite. A test replaces
 * the backend to make a disk full, slow or forgetful. Every function answers
 * -1 and sets errno on failure, like the system call it is named after. */
typedef struct
{
  int (*open) (const char *path, int flags, int mode);
  gssize (*read) (int fd, void *data, gsize length);
  gssize (*write) (int fd, const void *data, gsize length);
  int (*sync) (int fd);
  int (*truncate) (int fd, gint64 length);
  int (*close) (int fd);
  int (*rename) (const char *from, const char *to);
  int (*unlink) (const char *path);
  int (*make_folder) (const char *path, int mode);
  int (*set_mode) (int fd, int mode);

  /* What is at a path, links not followed, and what is open. */
  int (*look) (const char *path, struct stat *info);
  int (*look_at) (int fd, struct stat *info);

  /* Makes this opening of the file its only owner until it is closed; EWOULDBLOCK
   * when another one is, in this process too. Does not wait. */
  int (*lock) (int fd);
} VlFileBackend;

const VlFileBackend *_vl_file_backend (void);

/* NULL restores the real operations. For tests. */
void _vl_file_set_backend (const VlFileBackend *backend);

/* The same over interruptions and short counts: FALSE and errno on failure. A
 * file that gives or takes nothing is one with an I/O error. */
gboolean _vl_file_write_all (int fd, gconstpointer data, gsize length);
gboolean _vl_file_sync (int fd);

/* From where the file stands to its end, or NULL and errno; EFBIG when that is
 * more than `max`. */
GBytes *_vl_file_read_all (int fd, gsize max);

/* Makes what was done to the names in the folder of `path` durable. TRUE where
 * the file system knows no such thing. */
gboolean _vl_file_sync_folder_of (const char *path);

/* "DEVICE:INODE" of the file at `path`, symbolic links followed, or NULL when
 * there is none: what tells a file from another one put in its place. */
char *_vl_file_dup_instance (const char *path);

/* "DEVICE:INODE:SIZE:MODIFIED:CHANGED" of the file at `path`, the times with
 * their nanoseconds, or NULL when there is none: what tells the file from itself
 * before it was written to. *changed (microseconds since the epoch) is the later
 * of the two times: the file may be written to once more within the same tick
 * of the clock that they were taken from. */
char *_vl_file_dup_stamp (const char *path, gint64 *changed);

/* The absolute path with symbolic links resolved as far as it exists, without
 * opening anything: the identity of a file that may not exist yet. */
char *_vl_file_canonical_path (const char *path);

G_END_DECLS
