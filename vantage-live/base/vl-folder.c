/* vl-folder.c: a folder that one owner at a time keeps files in
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-folder-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../vl-error.h"
#include "vl-file-private.h"

#define LOCK_NAME "lock"

/* Enough for any number, and too little for anything else. */
#define NUMBER_LENGTH 20

struct _VlFolder
{
  int folder; /* open, so that it can be synced */
  int lock;   /* open, and locked, as long as this lives */
};

static void
set_error (GError **error, const char *path, int reason)
{
  g_set_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE, _ ("The folder “%s” cannot be used: %s"),
               path, g_strerror (reason));
}

/* Parents as other programs make them; the folder itself for this user only.
 * What the umask takes away is given back once it is open. */
static gboolean
make_folder (const char *path, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);

  if (g_mkdir_with_parents (parent, 0700) != 0 && errno != EEXIST)
    {
      set_error (error, path, errno);
      return FALSE;
    }
  if (_vl_file_backend ()->make_folder (path, 0700) != 0)
    {
      if (errno != EEXIST)
        {
          set_error (error, path, errno);
          return FALSE;
        }
    }
  else if (chmod (path, 0700) != 0)
    {
      set_error (error, path, errno);
      return FALSE;
    }

  return TRUE;
}

/* By the open folder, not by its name: that might be another one by now. */
static gboolean
check_folder (int fd, const char *path, GError **error)
{
  struct stat info;

  if (fstat (fd, &info) != 0)
    {
      set_error (error, path, errno);
      return FALSE;
    }
  if (info.st_uid != geteuid ())
    {
      g_set_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE,
                   _ ("The folder “%s” belongs to another user and is not used"), path);
      return FALSE;
    }
  if ((info.st_mode & 07777) != 0700 && fchmod (fd, 0700) != 0)
    {
      set_error (error, path, errno);
      return FALSE;
    }

  return TRUE;
}

static int
open_folder (const char *path, GError **error)
{
  int fd;

  if (!make_folder (path, error))
    return -1;

  fd = _vl_file_backend ()->open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
  if (fd < 0)
    {
      struct stat info;

      if (lstat (path, &info) == 0 && S_ISLNK (info.st_mode))
        g_set_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE,
                     _ ("“%s” is a symbolic link and is not used; give the path of the folder"),
                     path);
      else
        set_error (error, path, errno);
      return -1;
    }
  if (!check_folder (fd, path, error))
    {
      _vl_file_backend ()->close (fd);
      return -1;
    }

  return fd;
}

static int
lock_folder (int folder, const char *path, GError **error)
{
  int fd = openat (folder, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  int result;

  if (fd < 0)
    {
      set_error (error, path, errno);
      return -1;
    }
  if (fchmod (fd, 0600) != 0)
    {
      set_error (error, path, errno);
      close (fd);
      return -1;
    }

  do
    result = flock (fd, LOCK_EX | LOCK_NB);
  while (result != 0 && errno == EINTR);
  if (result != 0)
    {
      if (errno == EWOULDBLOCK)
        g_set_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE,
                     _ ("The folder “%s” is in use by another program or by another part of this "
                        "one; give each a folder of its own"),
                     path);
      else
        set_error (error, path, errno);
      close (fd);
      return -1;
    }

  return fd;
}

VlFolder *
_vl_folder_open (const char *path, GError **error)
{
  int folder = open_folder (path, error);
  VlFolder *self;
  int lock;

  if (folder < 0)
    return NULL;
  lock = lock_folder (folder, path, error);
  if (lock < 0)
    {
      _vl_file_backend ()->close (folder);
      return NULL;
    }

  self = g_new0 (VlFolder, 1);
  self->folder = folder;
  self->lock = lock;

  return self;
}

void
_vl_folder_free (VlFolder *self)
{
  close (self->lock);
  _vl_file_backend ()->close (self->folder);
  g_free (self);
}

gboolean
_vl_folder_sync (VlFolder *self)
{
  return _vl_file_backend ()->sync (self->folder) == 0;
}

guint64
_vl_folder_get_number (VlFolder *self)
{
  char text[NUMBER_LENGTH + 1] = { 0 };

  if (pread (self->lock, text, NUMBER_LENGTH, 0) <= 0)
    return 0;

  return g_ascii_strtoull (text, NULL, 10);
}

/* Written in place, always as many bytes, so that a full disk cannot refuse
 * it. */
gboolean
_vl_folder_set_number (VlFolder *self, guint64 number)
{
  const VlFileBackend *backend = _vl_file_backend ();
  gboolean is_new = _vl_folder_get_number (self) == 0;
  g_autofree char *text = g_strdup_printf ("%0*" G_GUINT64_FORMAT, NUMBER_LENGTH, number);

  return lseek (self->lock, 0, SEEK_SET) == 0 &&
         backend->write (self->lock, text, NUMBER_LENGTH) == NUMBER_LENGTH &&
         backend->sync (self->lock) == 0 && (!is_new || _vl_folder_sync (self));
}

VlFileKind
_vl_folder_look (const char *path)
{
  struct stat info;

  if (lstat (path, &info) != 0)
    return errno == ENOENT ? VL_FILE_ABSENT : VL_FILE_OTHER;
  if (S_ISLNK (info.st_mode) || info.st_uid != geteuid ())
    return VL_FILE_FOREIGN;
  if (!S_ISREG (info.st_mode))
    return VL_FILE_OTHER;
  if ((info.st_mode & 07777) != 0600 && chmod (path, 0600) != 0)
    return VL_FILE_FOREIGN;

  return VL_FILE_REGULAR;
}

gboolean
_vl_folder_make_file (const char *path, GError **error)
{
  int fd = _vl_file_backend ()->open (path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);

  if (fd < 0 || fchmod (fd, 0600) != 0)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE, _ ("The file “%s” cannot be made: %s"),
                   path, g_strerror (errno));
      if (fd >= 0)
        _vl_file_backend ()->close (fd);
      return FALSE;
    }
  _vl_file_backend ()->close (fd);

  return TRUE;
}
