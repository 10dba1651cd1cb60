/* forgetful-vfs.c: SQLite on a disk that loses what was not synced
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A layer over SQLite's own files. It syncs the folder where SQLite's does: with
 * the first sync of a journal or log, and when it is asked to with a removal.
 * The memory that readers of a log share is no file of the disk.
 */

#include "forgetful-vfs.h"

#include <sqlite3.h>
#include <string.h>

#define NEEDS_FOLDER (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL)

/* SQLite's own file follows. */
typedef struct
{
  sqlite3_file base;
  ForgetfulFile *file; /* NULL = not on the disk */
  char *folder;        /* to be synced with the file; NULL = not, or not again */
} VfsFile;

static sqlite3_vfs vfs;
static sqlite3_vfs *real_vfs;
static gboolean reads_short;

static sqlite3_file *
real_file (sqlite3_file *self)
{
  return (sqlite3_file *) (gpointer) ((VfsFile *) self + 1);
}

static ForgetfulFile *
disk_file (sqlite3_file *self)
{
  return ((VfsFile *) self)->file;
}

/* 0, or the code to fail with; `detail` says what could not be done. */
static int
enter (sqlite3_file *self, ForgetfulOp op, int detail)
{
  int code = disk_file (self) != NULL ? forgetful_disk_enter (op, disk_file (self)) : SQLITE_OK;

  return code == SQLITE_IOERR ? detail : code;
}

static int
file_close (sqlite3_file *self)
{
  VfsFile *file = (VfsFile *) self;
  int rc = real_file (self)->pMethods->xClose (real_file (self));

  g_clear_pointer (&file->file, forgetful_file_close);
  g_clear_pointer (&file->folder, g_free);
  return rc;
}

static int
file_read (sqlite3_file *self, void *data, int length, sqlite3_int64 offset)
{
  int code = enter (self, FORGETFUL_READ, SQLITE_IOERR_READ);
  int rc;

  if (code != SQLITE_OK && (!reads_short || forgetful_disk_is_dead ()))
    return code;

  rc = real_file (self)->pMethods->xRead (real_file (self), data, length, offset);
  if (code == SQLITE_OK || rc != SQLITE_OK)
    return rc;

  memset ((char *) data + length / 2, 0, (gsize) (length - length / 2));
  return SQLITE_IOERR_SHORT_READ;
}

static int
file_write (sqlite3_file *self, const void *data, int length, sqlite3_int64 offset)
{
  int rc = enter (self, FORGETFUL_WRITE, SQLITE_IOERR_WRITE);

  if (rc == SQLITE_OK)
    rc = real_file (self)->pMethods->xWrite (real_file (self), data, length, offset);
  if (rc == SQLITE_OK && disk_file (self) != NULL)
    forgetful_file_write (disk_file (self), offset, data, (gsize) length);
  return rc;
}

static int
file_truncate (sqlite3_file *self, sqlite3_int64 size)
{
  int rc = enter (self, FORGETFUL_TRUNCATE, SQLITE_IOERR_TRUNCATE);

  if (rc == SQLITE_OK)
    rc = real_file (self)->pMethods->xTruncate (real_file (self), size);
  if (rc == SQLITE_OK && disk_file (self) != NULL)
    forgetful_file_truncate (disk_file (self), size);
  return rc;
}

static int
file_sync (sqlite3_file *self, int flags)
{
  VfsFile *file = (VfsFile *) self;
  int rc = enter (self, FORGETFUL_SYNC, SQLITE_IOERR_FSYNC);

  /* The real one need not be synced. */
  if (rc != SQLITE_OK || file->file == NULL)
    return rc;

  forgetful_file_sync (file->file);
  if (file->folder != NULL)
    forgetful_disk_sync_folder (file->folder);
  g_clear_pointer (&file->folder, g_free);
  return SQLITE_OK;
}

static int
file_size (sqlite3_file *self, sqlite3_int64 *size)
{
  int rc = enter (self, FORGETFUL_LOOK, SQLITE_IOERR_FSTAT);

  return rc != SQLITE_OK ? rc : real_file (self)->pMethods->xFileSize (real_file (self), size);
}

static int
file_lock (sqlite3_file *self, int level)
{
  int rc = enter (self, FORGETFUL_LOCK, SQLITE_IOERR_LOCK);

  return rc != SQLITE_OK ? rc : real_file (self)->pMethods->xLock (real_file (self), level);
}

static int
file_unlock (sqlite3_file *self, int level)
{
  return real_file (self)->pMethods->xUnlock (real_file (self), level);
}

static int
file_check_reserved_lock (sqlite3_file *self, int *result)
{
  int rc = enter (self, FORGETFUL_LOCK, SQLITE_IOERR_CHECKRESERVEDLOCK);

  return rc != SQLITE_OK
           ? rc
           : real_file (self)->pMethods->xCheckReservedLock (real_file (self), result);
}

static int
file_control (sqlite3_file *self, int op, void *argument)
{
  return real_file (self)->pMethods->xFileControl (real_file (self), op, argument);
}

static int
file_sector_size (sqlite3_file *self)
{
  return real_file (self)->pMethods->xSectorSize (real_file (self));
}

static int
file_characteristics (sqlite3_file *self)
{
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int
file_shm_map (sqlite3_file *self, int page, int size, int extend, void volatile **data)
{
  return real_file (self)->pMethods->xShmMap (real_file (self), page, size, extend, data);
}

static int
file_shm_lock (sqlite3_file *self, int offset, int n, int flags)
{
  int rc = (flags & SQLITE_SHM_LOCK) != 0 ? enter (self, FORGETFUL_LOCK, SQLITE_IOERR_SHMLOCK)
                                          : SQLITE_OK;

  return rc != SQLITE_OK
           ? rc
           : real_file (self)->pMethods->xShmLock (real_file (self), offset, n, flags);
}

static void
file_shm_barrier (sqlite3_file *self)
{
  real_file (self)->pMethods->xShmBarrier (real_file (self));
}

static int
file_shm_unmap (sqlite3_file *self, int remove)
{
  return real_file (self)->pMethods->xShmUnmap (real_file (self), remove);
}

/* Without the part in which the pages of a file are mapped into memory. */
static const sqlite3_io_methods file_methods = {
  .iVersion = 2,
  .xClose = file_close,
  .xRead = file_read,
  .xWrite = file_write,
  .xTruncate = file_truncate,
  .xSync = file_sync,
  .xFileSize = file_size,
  .xLock = file_lock,
  .xUnlock = file_unlock,
  .xCheckReservedLock = file_check_reserved_lock,
  .xFileControl = file_control,
  .xSectorSize = file_sector_size,
  .xDeviceCharacteristics = file_characteristics,
  .xShmMap = file_shm_map,
  .xShmLock = file_shm_lock,
  .xShmBarrier = file_shm_barrier,
  .xShmUnmap = file_shm_unmap,
};

static int
vfs_open (sqlite3_vfs *self, sqlite3_filename path, sqlite3_file *base, int flags, int *out_flags)
{
  VfsFile *file = (VfsFile *) base;
  gboolean is_ours = forgetful_disk_has (path);
  gboolean existed = is_ours && g_file_test (path, G_FILE_TEST_EXISTS);
  int rc = is_ours ? forgetful_disk_enter (FORGETFUL_OPEN, NULL) : SQLITE_OK;

  memset (file, 0, sizeof *file);
  if (rc == SQLITE_OK)
    rc = real_vfs->xOpen (real_vfs, path, real_file (base), flags, out_flags);
  else if (rc == SQLITE_IOERR)
    rc = SQLITE_CANTOPEN;
  if (rc != SQLITE_OK)
    return rc;

  base->pMethods = &file_methods;
  if (is_ours)
    file->file = forgetful_file_open (path, !existed);
  if (is_ours && (flags & NEEDS_FOLDER) != 0)
    file->folder = g_path_get_dirname (path);
  return SQLITE_OK;
}

static int
vfs_delete (sqlite3_vfs *self, const char *path, int sync_folder)
{
  gboolean is_ours = forgetful_disk_has (path);
  int rc = is_ours ? forgetful_disk_enter (FORGETFUL_REMOVE, NULL) : SQLITE_OK;

  if (rc != SQLITE_OK)
    return rc == SQLITE_IOERR ? SQLITE_IOERR_DELETE : rc;

  rc = real_vfs->xDelete (real_vfs, path, is_ours ? 0 : sync_folder);
  if (rc == SQLITE_OK && is_ours)
    {
      g_autofree char *folder = g_path_get_dirname (path);

      forgetful_disk_remove (path);
      if (sync_folder)
        forgetful_disk_sync_folder (folder);
    }
  return rc;
}

static int
vfs_access (sqlite3_vfs *self, const char *path, int flags, int *result)
{
  int rc = forgetful_disk_has (path) ? forgetful_disk_enter (FORGETFUL_LOOK, NULL) : SQLITE_OK;

  if (rc != SQLITE_OK)
    return rc == SQLITE_IOERR ? SQLITE_IOERR_ACCESS : rc;
  return real_vfs->xAccess (real_vfs, path, flags, result);
}

/* To wait for a lock that never comes would take ten seconds. */
static int
vfs_sleep (sqlite3_vfs *self, int microseconds)
{
  if (forgetful_disk_fails_for_good (FORGETFUL_LOCK))
    return microseconds;

  return real_vfs->xSleep (real_vfs, microseconds);
}

void
forgetful_vfs_begin (void)
{
  real_vfs = sqlite3_vfs_find (NULL);
  vfs = *real_vfs;
  vfs.zName = "forgetful";
  vfs.pNext = NULL;
  vfs.szOsFile = (int) sizeof (VfsFile) + real_vfs->szOsFile;
  vfs.xOpen = vfs_open;
  vfs.xDelete = vfs_delete;
  vfs.xAccess = vfs_access;
  vfs.xSleep = vfs_sleep;
  reads_short = FALSE;
  g_assert_cmpint (sqlite3_vfs_register (&vfs, 1), ==, SQLITE_OK);
}

void
forgetful_vfs_end (void)
{
  g_assert_cmpint (sqlite3_vfs_unregister (&vfs), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_vfs_register (real_vfs, 1), ==, SQLITE_OK);
}

void
forgetful_vfs_set_short_reads (gboolean short_reads)
{
  reads_short = short_reads;
}
