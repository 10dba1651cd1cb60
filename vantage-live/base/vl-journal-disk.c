/* vl-journal-disk.c: a journal file, one call after the other
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What was appended is synced, and so is the name of the file, before anybody
 * is told. After a sync has failed nobody knows what the disk has of what was
 * written, and another sync would not tell: so what is known to be there is
 * written into a new file, and until that has worked nothing is appended.
 *
 * Everything here runs on the worker thread.
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-journal-disk-private.h"

#include <errno.h>
#include <fcntl.h>

#include "../vl-error.h"
#include "vl-file-private.h"
#include "vl-mutant-private.h"
#include "vl-random-private.h"

/* How much is written and synced in one step of a rewrite: what an append waits
 * for at most, beside its own. */
#define STEP_SIZE (256 * 1024)

/* What can be read back in one go. */
#define MAX_LENGTH ((guint64) G_MAXINT32)

static char *
describe_failure (VlJournalTask task, const char *path, int reason)
{
  const char *text = g_strerror (reason);

  switch (task)
    {
    case VL_JOURNAL_TO_SET_ASIDE:
      return g_strdup_printf (_ ("The file “%s” is no journal and cannot be set aside: %s"), path,
                              text);
    case VL_JOURNAL_TO_COPY:
      return g_strdup_printf (_ ("The journal “%s” is damaged, and no copy of it can be kept: %s"),
                              path, text);
    case VL_JOURNAL_TO_RECORD:
      return g_strdup_printf (_ ("The change was not recorded in the journal “%s”: %s"), path,
                              text);
    case VL_JOURNAL_TO_REWRITE:
      return g_strdup_printf (_ ("The journal “%s” cannot be written anew: %s"), path, text);
    case VL_JOURNAL_TO_READ_BACK:
      return g_strdup_printf (_ ("The journal “%s” cannot be read back: %s"), path, text);
    case VL_JOURNAL_TO_OPEN:
    default:
      return g_strdup_printf (_ ("The journal “%s” cannot be opened: %s"), path, text);
    }
}

void
_vl_journal_set_error (GError **error, VlJournalTask task, const char *path, int reason)
{
  g_autofree char *message = NULL;

  if (reason == ENOSPC || reason == EDQUOT)
    message = g_strdup_printf (
      _ ("There is no room for the journal “%s”; make room on the disk and try again"), path);
  else
    message = describe_failure (task, path, reason);

  g_set_error_literal (error, VL_ERROR, reason == EIO ? VL_ERROR_FAILED : VL_ERROR_UNAVAILABLE,
                       message);
}

static gboolean
is_rewriting (VlJournalDisk *self)
{
  return self->new_fd >= 0;
}

gboolean
_vl_journal_disk_is_rewriting (VlJournalDisk *self)
{
  return is_rewriting (self);
}

static gboolean
sync_folder (VlJournalDisk *self)
{
  if (!self->is_folder_synced)
    self->is_folder_synced = _vl_file_sync_folder_of (self->path);

  return self->is_folder_synced;
}

/* --- Writing it anew --- */

static void
abort_rewrite (VlJournalDisk *self)
{
  if (!is_rewriting (self))
    return;

  _vl_file_backend ()->close (self->new_fd);
  _vl_file_backend ()->unlink (self->new_path);
  self->new_fd = -1;
  g_clear_pointer (&self->pending, g_ptr_array_unref);
}

/* It is locked before it gets the name, so that nobody finds it there without
 * an owner. */
static gboolean
make_new (VlJournalDisk *self)
{
  const VlFileBackend *backend = _vl_file_backend ();
  g_autoptr (GByteArray) data = g_byte_array_new ();

  /* Left over from a crash, or not to be here. */
  if (backend->unlink (self->new_path) != 0 && errno != ENOENT)
    return FALSE;
  self->new_fd = backend->open (self->new_path, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW,
                                0600);
  if (self->new_fd < 0 || backend->set_mode (self->new_fd, 0600) != 0 ||
      backend->lock (self->new_fd) != 0)
    return FALSE;

  self->new_id = _vl_random_uint64 ();
  _vl_journal_append_header (data, self->new_id);
  self->new_length = data->len;

  return _vl_file_write_all (self->new_fd, data->data, data->len);
}

gboolean
_vl_journal_disk_begin_rewrite (VlJournalDisk *self, GPtrArray *records, GError **error)
{
  g_assert (!is_rewriting (self));

  if (!make_new (self))
    {
      _vl_journal_set_error (error, VL_JOURNAL_TO_REWRITE, self->path, errno);
      abort_rewrite (self);
      return FALSE;
    }

  self->pending = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (guint i = 0; i < records->len; i++)
    g_ptr_array_add (self->pending, g_bytes_ref (g_ptr_array_index (records, i)));
  self->n_written = 0;
  self->n_appended = 0;

  return TRUE;
}

/* Writes the next part: at least as much as was appended meanwhile, so that it
 * comes to an end. */
static gboolean
write_part (VlJournalDisk *self)
{
  const gsize size = STEP_SIZE + self->n_appended;
  g_autoptr (GByteArray) data = g_byte_array_new ();

  while (self->n_written < self->pending->len && data->len < size)
    _vl_journal_append_record (data, self->new_length, self->new_id,
                               g_ptr_array_index (self->pending, self->n_written++));
  self->n_appended = 0;
  self->new_length += data->len;
  if (self->new_length > MAX_LENGTH)
    {
      errno = EFBIG;
      return FALSE;
    }

  return _vl_file_write_all (self->new_fd, data->data, data->len) && _vl_file_sync (self->new_fd);
}

/* From here on the new file is the journal. The old one is still whole, should
 * its name come back: nothing is appended to the new one before the folder is
 * synced. */
static gboolean
take_new (VlJournalDisk *self)
{
  if (_vl_file_backend ()->rename (self->new_path, self->path) != 0)
    return FALSE;

  _vl_file_backend ()->close (self->fd);
  self->fd = self->new_fd;
  self->id = self->new_id;
  self->length = self->new_length;
  self->is_broken = FALSE;
  self->new_fd = -1;
  g_clear_pointer (&self->pending, g_ptr_array_unref);
  self->is_folder_synced = FALSE;
  sync_folder (self);

  return TRUE;
}

gboolean
_vl_journal_disk_step (VlJournalDisk *self, gboolean *finished, GError **error)
{
  gboolean done;

  *finished = FALSE;
  if (!is_rewriting (self))
    {
      g_set_error (error, VL_ERROR, VL_ERROR_FAILED,
                   _ ("The journal “%s” is not written anew after an error"), self->path);
      return FALSE;
    }

  done = write_part (self);
  if (done && self->n_written == self->pending->len)
    {
      done = take_new (self);
      *finished = done;
    }
  if (!done)
    {
      _vl_journal_set_error (error, VL_JOURNAL_TO_REWRITE, self->path, errno);
      abort_rewrite (self);
    }

  return done;
}

static gboolean
rewrite_now (VlJournalDisk *self, GPtrArray *records, GError **error)
{
  gboolean finished = FALSE;

  abort_rewrite (self);
  if (!_vl_journal_disk_begin_rewrite (self, records, error))
    return FALSE;
  while (!finished)
    if (!_vl_journal_disk_step (self, &finished, error))
      return FALSE;

  return TRUE;
}

/* --- Repair --- */

/* What was synced, read back by another opening of the file. */
static GBytes *
read_back (VlJournalDisk *self)
{
  const VlFileBackend *backend = _vl_file_backend ();
  int fd = backend->open (self->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
  g_autoptr (GBytes) all = NULL;
  struct stat mine;
  struct stat found;
  int reason;

  if (fd < 0)
    return NULL;

  errno = ENOENT;
  if (backend->look_at (self->fd, &mine) == 0 && backend->look_at (fd, &found) == 0 &&
      mine.st_dev == found.st_dev && mine.st_ino == found.st_ino)
    all = _vl_file_read_all (fd, G_MAXUINT32);
  reason = errno;
  backend->close (fd);
  errno = reason;
  if (all == NULL)
    return NULL;

  return g_bytes_new_from_bytes (all, 0, MIN (g_bytes_get_size (all), (gsize) self->length));
}

/* Puts a new file in place of one that a failed sync has made unknown. */
static gboolean
repair (VlJournalDisk *self, GError **error)
{
  g_autoptr (GBytes) data = read_back (self);
  g_auto (VlJournalScan) scan = { 0 };

  if (data == NULL)
    {
      _vl_journal_set_error (error, VL_JOURNAL_TO_READ_BACK, self->path, errno);
      return FALSE;
    }
  if (_vl_journal_scan (&scan, data) != VL_JOURNAL_OURS || scan.length != self->length)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_CORRUPT,
                   _ ("The journal “%s” does not hold what was recorded in it; close it, keep a "
                      "copy and open it again"),
                   self->path);
      return FALSE;
    }

  return rewrite_now (self, scan.records, error);
}

/* --- Appending --- */

/* Takes away what was written behind `length`, lest a crash brings it back when
 * it was said to have failed. */
static void
take_back (VlJournalDisk *self, gboolean is_known)
{
  if (_vl_file_backend ()->truncate (self->fd, (gint64) self->length) == 0 &&
      _vl_file_sync (self->fd) && is_known)
    return;

  self->is_broken = TRUE;
  repair (self, NULL);
}

static gboolean
append_data (VlJournalDisk *self, const GByteArray *data)
{
  gboolean is_written = _vl_file_write_all (self->fd, data->data, data->len);
  int reason;

  if (is_written && (VL_MUTANT (ACCEPTED_BEFORE_SYNC) || _vl_file_sync (self->fd)))
    return TRUE;

  reason = errno;
  take_back (self, !is_written);
  errno = reason;

  return FALSE;
}

gboolean
_vl_journal_disk_append (VlJournalDisk *self,
                         GBytes *const *records,
                         guint n_records,
                         GError **error)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  gsize n_bytes = 0;

  if (self->is_broken && !repair (self, error))
    return FALSE;

  for (guint i = 0; i < n_records; i++)
    n_bytes += _vl_journal_get_room (g_bytes_get_size (records[i]));
  if (n_bytes > MAX_LENGTH - self->length)
    {
      g_set_error (
        error, VL_ERROR, VL_ERROR_UNAVAILABLE,
        _ ("The journal “%s” is full; it has room again when what waits there is written"),
        self->path);
      return FALSE;
    }

  for (guint i = 0; i < n_records; i++)
    _vl_journal_append_record (data, self->length, self->id, records[i]);
  if (!sync_folder (self) || !append_data (self, data))
    {
      _vl_journal_set_error (error, VL_JOURNAL_TO_RECORD, self->path, errno);
      return FALSE;
    }

  self->length += data->len;
  self->n_appended += data->len;
  for (guint i = 0; i < n_records && is_rewriting (self); i++)
    g_ptr_array_add (self->pending, g_bytes_ref (records[i]));

  return TRUE;
}

/* --- Copies --- */

static int
make_copy (const char *path, GBytes *data)
{
  const VlFileBackend *backend = _vl_file_backend ();
  int fd = backend->open (path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
  gsize length;
  const char *bytes = g_bytes_get_data (data, &length);
  int reason = 0;

  if (fd < 0)
    return errno;
  if (backend->set_mode (fd, 0600) != 0 || !_vl_file_write_all (fd, bytes, length) ||
      !_vl_file_sync (fd))
    reason = errno;
  backend->close (fd);
  if (reason == 0 && !_vl_file_sync_folder_of (path))
    reason = errno;
  if (reason != 0)
    backend->unlink (path);

  return reason;
}

char *
_vl_journal_disk_copy_aside (VlJournalDisk *self, GError **error)
{
  g_autofree char *target = _vl_journal_aside_path (self->path);
  g_autoptr (GBytes) data = read_back (self);
  int reason = data != NULL ? 0 : errno;

  if (reason == 0)
    reason = target != NULL ? make_copy (target, data) : EEXIST;
  if (reason != 0)
    {
      _vl_journal_set_error (error, VL_JOURNAL_TO_COPY, self->path, reason);
      return NULL;
    }

  return g_steal_pointer (&target);
}

void
_vl_journal_disk_free (VlJournalDisk *self)
{
  abort_rewrite (self);
  /* Whoever opens it next must not find what was said to have failed. */
  if (self->is_broken)
    repair (self, NULL);
  if (self->fd >= 0)
    _vl_file_backend ()->close (self->fd);
  g_free (self->path);
  g_free (self->new_path);
  g_free (self);
}
