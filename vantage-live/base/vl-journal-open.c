/* vl-journal-open.c: finds a journal file, locks it and reads it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The lock is one of the file itself. A file may be renamed while somebody else
 * is about to lock it: so whoever has a lock looks whether the file is still the
 * one at the path. Nothing is written before that.
 *
 * Everything here runs on the worker thread.
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-journal-disk-private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "../vl-error.h"
#include "vl-file-private.h"
#include "vl-log-private.h"
#include "vl-random-private.h"

/* How often the file may be another one by the time it is locked. */
#define MAX_ATTEMPTS 100

#define MAX_ASIDE 10000

/* A file that is longer is not read to see what it is. */
#define MAX_LENGTH ((gsize) G_MAXINT32)

typedef enum
{
  FOUND,
  TRY_AGAIN,
  FAILED,
} Found;

char *
_vl_journal_aside_path (const char *path)
{
  for (guint n = 1; n <= MAX_ASIDE; n++)
    {
      g_autofree char *target = g_strdup_printf ("%s.aside-%u", path, n);
      struct stat info;

      if (_vl_file_backend ()->look (target, &info) != 0 && errno == ENOENT)
        return g_steal_pointer (&target);
    }

  return NULL;
}

/* Whether it is a plain file of this user. */
static gboolean
check_kind (const char *path, const struct stat *info, GError **error)
{
  if (S_ISLNK (info->st_mode))
    g_set_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE,
                 _ ("“%s” is a symbolic link and is not used as a journal; give the path of the "
                    "file itself"),
                 path);
  else if (!S_ISREG (info->st_mode))
    g_set_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE,
                 _ ("“%s” is no file and cannot be a journal; give the path of a file"), path);
  else if (info->st_uid != geteuid ())
    g_set_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE,
                 _ ("The file “%s” belongs to another user and is not used as a journal"), path);
  else
    return TRUE;

  return FALSE;
}

/* Makes the folder that the file is to be in, for this user only. */
static gboolean
make_folder_of (const char *path)
{
  const VlFileBackend *backend = _vl_file_backend ();
  g_autofree char *folder = g_path_get_dirname (path);
  struct stat info;

  if (backend->look (folder, &info) == 0)
    return TRUE;
  if (errno != ENOENT || !make_folder_of (folder))
    return FALSE;
  if (backend->make_folder (folder, 0700) != 0 && errno != EEXIST)
    return FALSE;

  return _vl_file_sync_folder_of (folder);
}

static int
open_file (const char *path, GError **error)
{
  const VlFileBackend *backend = _vl_file_backend ();
  struct stat info;
  int flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK;
  int fd;

  if (backend->look (path, &info) == 0)
    {
      if (!check_kind (path, &info, error))
        return -1;
    }
  else if (errno == ENOENT && make_folder_of (path))
    {
      flags |= O_CREAT;
    }
  else
    {
      _vl_journal_set_error (error, VL_JOURNAL_TO_OPEN, path, errno);
      return -1;
    }

  fd = backend->open (path, flags, 0600);
  if (fd < 0)
    _vl_journal_set_error (error, VL_JOURNAL_TO_OPEN, path, errno);

  return fd;
}

static Found
system_failure (const char *path, GError **error)
{
  _vl_journal_set_error (error, VL_JOURNAL_TO_OPEN, path, errno);

  return FAILED;
}

static Found
lock_file (const char *path, int fd, GError **error)
{
  if (_vl_file_backend ()->lock (fd) == 0)
    return FOUND;
  if (errno != EWOULDBLOCK)
    return system_failure (path, error);

  g_set_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE,
               _ ("The journal “%s” is in use by another program or by another part of this one; "
                  "give each a journal of its own"),
               path);

  return FAILED;
}

/* Whether the open file is ours alone, and still the one at the path. */
static Found
check_file (const char *path, int fd, GError **error)
{
  const VlFileBackend *backend = _vl_file_backend ();
  struct stat mine;
  struct stat found;

  if (backend->look_at (fd, &mine) != 0)
    return system_failure (path, error);
  if (!check_kind (path, &mine, error) || lock_file (path, fd, error) != FOUND)
    return FAILED;

  if (backend->look (path, &found) != 0)
    return errno == ENOENT ? TRY_AGAIN : system_failure (path, error);
  if (mine.st_dev != found.st_dev || mine.st_ino != found.st_ino)
    return TRY_AGAIN;
  if ((mine.st_mode & 07777) != 0600 && backend->set_mode (fd, 0600) != 0)
    return system_failure (path, error);

  return FOUND;
}

static int
open_locked (const char *path, GError **error)
{
  for (guint i = 0; i < MAX_ATTEMPTS; i++)
    {
      int fd = open_file (path, error);
      Found found;

      if (fd < 0)
        return -1;
      found = check_file (path, fd, error);
      if (found == FOUND)
        return fd;
      _vl_file_backend ()->close (fd);
      if (found == FAILED)
        return -1;
    }

  _vl_journal_set_error (error, VL_JOURNAL_TO_OPEN, path, EBUSY);
  return -1;
}

/* --- What was found --- */

static void
note_aside (VlJournalDisk *self, VlJournalReplay *replay, char *target, const char *problem)
{
  g_free (replay->aside);
  replay->aside = target;
  _vl_log_warning ("The journal “%s” was kept as “%s”: %s", self->path, target, problem);
}

/* Not a journal of ours: out of the way. */
static gboolean
rename_aside (VlJournalDisk *self,
              const VlJournalScan *scan,
              VlJournalReplay *replay,
              GError **error)
{
  g_autofree char *target = _vl_journal_aside_path (self->path);
  int reason = EEXIST;

  if (target != NULL)
    reason = _vl_file_backend ()->rename (self->path, target) == 0 ? 0 : errno;
  if (reason == 0 && !_vl_file_sync_folder_of (target))
    reason = errno;
  if (reason != 0)
    {
      _vl_journal_set_error (error, VL_JOURNAL_TO_SET_ASIDE, self->path, reason);
      return FALSE;
    }
  note_aside (self, replay, g_steal_pointer (&target), scan->problem);

  return TRUE;
}

static gboolean
begin_file (VlJournalDisk *self)
{
  g_autoptr (GByteArray) header = g_byte_array_new ();

  self->id = _vl_random_uint64 ();
  _vl_journal_append_header (header, self->id);
  self->length = header->len;

  return _vl_file_backend ()->truncate (self->fd, 0) == 0 &&
         _vl_file_write_all (self->fd, header->data, header->len);
}

static gboolean
cut_tail (VlJournalDisk *self, const VlJournalScan *scan)
{
  self->id = scan->id;
  self->length = scan->length;
  if (scan->n_cut == 0)
    return TRUE;

  return _vl_file_backend ()->truncate (self->fd, (gint64) scan->length) == 0;
}

/* A copy of it all is kept, and then a new file is made of what is sound. */
static gboolean
salvage (VlJournalDisk *self, const VlJournalScan *scan, VlJournalReplay *replay, GError **error)
{
  gboolean finished = FALSE;
  char *target;

  /* Those who read this again have to know that something was there. */
  if (scan->n_before > 0)
    g_ptr_array_insert (scan->records, (gint) scan->n_before, g_bytes_new_static (NULL, 0));

  self->length = scan->length + scan->n_cut;
  target = _vl_journal_disk_copy_aside (self, error);
  if (target == NULL)
    return FALSE;

  note_aside (self, replay, target, "it is damaged; what is sound in it is kept in use");
  if (!_vl_journal_disk_begin_rewrite (self, scan->records, error))
    return FALSE;
  while (!finished)
    if (!_vl_journal_disk_step (self, &finished, error))
      return FALSE;

  return TRUE;
}

/* What was found becomes a journal that is whole and durable. */
static gboolean
settle_file (VlJournalDisk *self,
             VlJournalKind kind,
             const VlJournalScan *scan,
             VlJournalReplay *replay,
             GError **error)
{
  gboolean settled;

  if (kind == VL_JOURNAL_DAMAGED)
    {
      if (!salvage (self, scan, replay, error))
        return FALSE;
      settled = TRUE;
    }
  else
    {
      settled = kind == VL_JOURNAL_EMPTY ? begin_file (self) : cut_tail (self, scan);
    }

  if (settled && _vl_file_sync (self->fd) && _vl_file_sync_folder_of (self->path))
    {
      self->is_folder_synced = TRUE;
      return TRUE;
    }
  _vl_journal_set_error (error, VL_JOURNAL_TO_OPEN, self->path, errno);

  return FALSE;
}

static void
report (VlJournalDisk *self, VlJournalReplay *replay, const VlJournalScan *scan)
{
  replay->records = g_ptr_array_ref (scan->records);
  replay->n_cut = scan->n_cut;
  replay->n_skipped = scan->n_skipped;
  if (replay->n_cut > 0)
    _vl_log_warning ("The last %" G_GUINT64_FORMAT " bytes of the journal “%s” are no whole "
                     "entry and were cut off",
                     replay->n_cut, self->path);
  if (replay->n_skipped > 0)
    _vl_log_warning ("%" G_GUINT64_FORMAT " bytes of the journal “%s” are damaged; %u "
                     "entries of it could be read",
                     replay->n_skipped, self->path, replay->records->len);
}

/* FALSE with no error: there was something else, and the path is free now. */
static gboolean
read_file (VlJournalDisk *self, VlJournalReplay *replay, GError **error)
{
  g_autoptr (GBytes) data = NULL;
  g_auto (VlJournalScan) scan = { 0 };
  VlJournalKind kind;

  self->fd = open_locked (self->path, error);
  if (self->fd < 0)
    return FALSE;
  data = _vl_file_read_all (self->fd, MAX_LENGTH);
  if (data == NULL)
    {
      _vl_journal_set_error (error, VL_JOURNAL_TO_OPEN, self->path, errno);
      return FALSE;
    }

  kind = _vl_journal_scan (&scan, data);
  if (kind == VL_JOURNAL_FOREIGN)
    {
      if (rename_aside (self, &scan, replay, error))
        {
          _vl_file_backend ()->close (self->fd);
          self->fd = -1;
        }
      return FALSE;
    }
  if (!settle_file (self, kind, &scan, replay, error))
    return FALSE;
  report (self, replay, &scan);

  return TRUE;
}

/* What a crash may have left of a file that was being written anew. */
static void
remove_leftover (VlJournalDisk *self)
{
  struct stat info;

  if (_vl_file_backend ()->look (self->new_path, &info) == 0 && S_ISREG (info.st_mode))
    _vl_file_backend ()->unlink (self->new_path);
}

VlJournalDisk *
_vl_journal_disk_open (const char *path, VlJournalReplay *replay, GError **error)
{
  g_autoptr (VlJournalDisk) self = g_new0 (VlJournalDisk, 1);

  self->path = g_strdup (path);
  self->new_path = g_strconcat (path, ".new", NULL);
  self->fd = -1;
  self->new_fd = -1;

  for (guint i = 0; i < MAX_ATTEMPTS; i++)
    {
      g_autoptr (GError) failure = NULL;

      if (read_file (self, replay, &failure))
        {
          remove_leftover (self);
          return g_steal_pointer (&self);
        }
      if (failure != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return NULL;
        }
    }

  _vl_journal_set_error (error, VL_JOURNAL_TO_OPEN, path, EBUSY);
  return NULL;
}

void
_vl_journal_replay_clear (VlJournalReplay *replay)
{
  g_clear_pointer (&replay->records, g_ptr_array_unref);
  g_clear_pointer (&replay->aside, g_free);
}
