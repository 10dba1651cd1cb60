/* forgetful-file.c: plain files on a disk that loses what was not synced
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A layer over the operations of base/vl-file.c. A descriptor that came from
 * elsewhere, like one of openat(), is told by the name that the system knows it
 * under.
 */

#include "forgetful-file.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vantage-live/base/vl-file-private.h"

static const VlFileBackend *real;
static VlFileBackend backend;
static GHashTable *files; /* descriptor -> ForgetfulFile, of those opened here */
static GMutex files_lock;

/* 0, or -1 and errno. */
static int
enter (ForgetfulOp op, ForgetfulFile *file)
{
  switch (forgetful_disk_enter (op, file))
    {
    case SQLITE_OK:
      return 0;
    case SQLITE_FULL:
      errno = ENOSPC;
      return -1;
    case SQLITE_NOMEM:
      errno = ENOMEM;
      return -1;
    case SQLITE_CANTOPEN:
      errno = EACCES;
      return -1;
    default:
      errno = EIO;
      return -1;
    }
}

/* NULL when it is not on the disk. */
static char *
path_of (int fd)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autofree char *path = g_file_read_link (link, NULL);

  return path != NULL && forgetful_disk_has (path) ? g_steal_pointer (&path) : NULL;
}

static gboolean
is_folder (int fd)
{
  struct stat info;

  return fstat (fd, &info) == 0 && S_ISDIR (info.st_mode);
}

static ForgetfulFile *
opened_file (int fd)
{
  ForgetfulFile *file;

  g_mutex_lock (&files_lock);
  file = g_hash_table_lookup (files, GINT_TO_POINTER (fd));
  g_mutex_unlock (&files_lock);

  return file;
}

static int
disk_open (const char *path, int flags, int mode)
{
  gboolean is_ours = forgetful_disk_has (path) && (flags & O_DIRECTORY) == 0;
  gboolean existed = is_ours && g_file_test (path, G_FILE_TEST_EXISTS);
  ForgetfulFile *file;
  int fd;

  if (is_ours && enter (FORGETFUL_OPEN, NULL) != 0)
    return -1;
  fd = real->open (path, flags, mode);
  if (fd < 0 || !is_ours || is_folder (fd))
    return fd;

  file = forgetful_file_open (path, !existed);
  if (existed && (flags & O_TRUNC) != 0)
    forgetful_file_truncate (file, 0);
  g_mutex_lock (&files_lock);
  g_hash_table_insert (files, GINT_TO_POINTER (fd), file);
  g_mutex_unlock (&files_lock);
  return fd;
}

static gssize
disk_read (int fd, void *data, gsize length)
{
  ForgetfulFile *file = opened_file (fd);

  if (file != NULL && enter (FORGETFUL_READ, file) != 0)
    return -1;
  return real->read (fd, data, length);
}

static gssize
disk_write (int fd, const void *data, gsize length)
{
  ForgetfulFile *opened = opened_file (fd);
  g_autofree char *path = opened == NULL ? path_of (fd) : NULL;
  ForgetfulFile *file = path != NULL ? forgetful_file_open (path, FALSE) : opened;
  gint64 offset = lseek (fd, 0, SEEK_CUR);
  gssize n_written = -1;

  if (fcntl (fd, F_GETFL) & O_APPEND)
    offset = lseek (fd, 0, SEEK_END);
  if (file == NULL || enter (FORGETFUL_WRITE, file) == 0)
    n_written = real->write (fd, data, length);
  if (file != NULL && n_written > 0)
    forgetful_file_write (file, offset, data, (gsize) n_written);
  if (file != opened)
    forgetful_file_close (file);

  return n_written;
}

static int
disk_truncate (int fd, gint64 length)
{
  ForgetfulFile *file = opened_file (fd);

  if (file != NULL && enter (FORGETFUL_TRUNCATE, file) != 0)
    return -1;
  if (real->truncate (fd, length) != 0)
    return -1;
  if (file != NULL)
    forgetful_file_truncate (file, length);

  return 0;
}

static int
disk_sync (int fd)
{
  ForgetfulFile *opened = opened_file (fd);
  g_autofree char *path = opened == NULL ? path_of (fd) : NULL;
  ForgetfulFile *file;
  int result;

  /* The real one need not be synced. */
  if (opened == NULL && path == NULL)
    return 0;
  if (path != NULL && is_folder (fd))
    {
      result = enter (FORGETFUL_SYNC, NULL);
      if (result == 0)
        forgetful_disk_sync_folder (path);
      return result;
    }

  file = opened != NULL ? opened : forgetful_file_open (path, FALSE);
  result = enter (FORGETFUL_SYNC, file);
  if (result == 0)
    forgetful_file_sync (file);
  if (file != opened)
    forgetful_file_close (file);
  return result;
}

static int
disk_close (int fd)
{
  ForgetfulFile *file;

  g_mutex_lock (&files_lock);
  file = g_hash_table_lookup (files, GINT_TO_POINTER (fd));
  g_hash_table_remove (files, GINT_TO_POINTER (fd));
  g_mutex_unlock (&files_lock);
  if (file != NULL)
    forgetful_file_close (file);

  return real->close (fd);
}

static int
disk_rename (const char *from, const char *to)
{
  if (!forgetful_disk_has (from))
    return real->rename (from, to);
  if (enter (FORGETFUL_RENAME, NULL) != 0 || real->rename (from, to) != 0)
    return -1;
  forgetful_disk_rename (from, to);

  return 0;
}

static int
disk_unlink (const char *path)
{
  if (!forgetful_disk_has (path))
    return real->unlink (path);
  if (enter (FORGETFUL_REMOVE, NULL) != 0 || real->unlink (path) != 0)
    return -1;
  forgetful_disk_remove (path);

  return 0;
}

static int
disk_look (const char *path, struct stat *info)
{
  if (forgetful_disk_has (path) && enter (FORGETFUL_LOOK, NULL) != 0)
    return -1;

  return real->look (path, info);
}

static int
disk_lock (int fd)
{
  ForgetfulFile *file = opened_file (fd);

  if (file != NULL && enter (FORGETFUL_LOCK, file) != 0)
    return -1;

  return real->lock (fd);
}

void
forgetful_files_begin (void)
{
  real = _vl_file_backend ();
  files = g_hash_table_new (NULL, NULL);

  /* Folders and modes are left to the system. */
  backend = *real;
  backend.open = disk_open;
  backend.read = disk_read;
  backend.write = disk_write;
  backend.sync = disk_sync;
  backend.truncate = disk_truncate;
  backend.close = disk_close;
  backend.rename = disk_rename;
  backend.unlink = disk_unlink;
  backend.look = disk_look;
  backend.lock = disk_lock;
  _vl_file_set_backend (&backend);
}

void
forgetful_files_end (void)
{
  _vl_file_set_backend (NULL);
  g_assert_cmpuint (g_hash_table_size (files), ==, 0);
  g_clear_pointer (&files, g_hash_table_unref);
}
