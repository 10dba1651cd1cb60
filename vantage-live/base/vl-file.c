/* vl-file.c: file operations, replaceable in tests
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-file-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* As many links on one path as the kernel follows. */
#define MAX_LINKS 40

#define READ_SIZE (64 * 1024)

/* NULL = the real operations. Set by tests only. */
static const VlFileBackend *file_backend;

static int
real_open (const char *path, int flags, int mode)
{
  int fd;

  do
    fd = open (path, flags | O_CLOEXEC, mode);
  while (fd < 0 && errno == EINTR);

  return fd;
}

static gssize
real_read (int fd, void *data, gsize length)
{
  gssize n_read;

  do
    n_read = read (fd, data, length);
  while (n_read < 0 && errno == EINTR);

  return n_read;
}

static gssize
real_write (int fd, const void *data, gsize length)
{
  gssize n_written;

  do
    n_written = write (fd, data, length);
  while (n_written < 0 && errno == EINTR);

  return n_written;
}

static int
real_sync (int fd)
{
  int result;

  do
    result = fsync (fd);
  while (result < 0 && errno == EINTR);

  return result;
}

static int
real_truncate (int fd, gint64 length)
{
  int result;

  do
    result = ftruncate (fd, length);
  while (result < 0 && errno == EINTR);

  return result;
}

static int
real_rename (const char *from, const char *to)
{
  return rename (from, to);
}

static int
real_make_folder (const char *path, int mode)
{
  return mkdir (path, (mode_t) mode);
}

static int
real_set_mode (int fd, int mode)
{
  return fchmod (fd, (mode_t) mode);
}

static int
real_lock (int fd)
{
  int result;

  do
    result = flock (fd, LOCK_EX | LOCK_NB);
  while (result < 0 && errno == EINTR);

  return result;
}

static const VlFileBackend real_backend = {
  .open = real_open,
  .read = real_read,
  .write = real_write,
  .sync = real_sync,
  .truncate = real_truncate,
  .close = close,
  .rename = real_rename,
  .unlink = unlink,
  .make_folder = real_make_folder,
  .set_mode = real_set_mode,
  .look = lstat,
  .look_at = fstat,
  .lock = real_lock,
};

const VlFileBackend *
_vl_file_backend (void)
{
  const VlFileBackend *backend = g_atomic_pointer_get (&file_backend);

  return backend != NULL ? backend : &real_backend;
}

void
_vl_file_set_backend (const VlFileBackend *backend)
{
  g_atomic_pointer_set (&file_backend, backend);
}

gboolean
_vl_file_write_all (int fd, gconstpointer data, gsize length)
{
  const char *at = data;

  while (length > 0)
    {
      gssize n = _vl_file_backend ()->write (fd, at, (gssize) length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n == 0)
        errno = EIO;
      if (n <= 0)
        return FALSE;
      at += n;
      length -= (gsize) n;
    }

  return TRUE;
}

gboolean
_vl_file_sync (int fd)
{
  int result;

  do
    result = _vl_file_backend ()->sync (fd);
  while (result != 0 && errno == EINTR);

  return result == 0;
}

GBytes *
_vl_file_read_all (int fd, gsize max)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  g_autofree guint8 *buffer = g_malloc (READ_SIZE);
  gssize n;

  while ((n = _vl_file_backend ()->read (fd, buffer, READ_SIZE)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n > 0 && (gsize) n > max - data->len)
        errno = EFBIG;
      if (n < 0 || (gsize) n > max - data->len)
        return NULL;
      g_byte_array_append (data, buffer, (guint) n);
    }

  return g_byte_array_free_to_bytes (g_steal_pointer (&data));
}

gboolean
_vl_file_sync_folder_of (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = _vl_file_backend ()->open (folder, O_RDONLY | O_DIRECTORY, 0);
  gboolean synced;
  int reason;

  if (fd < 0)
    return FALSE;

  synced = _vl_file_sync (fd);
  reason = errno;
  _vl_file_backend ()->close (fd);
  errno = reason;

  return synced || reason == EINVAL || reason == EOPNOTSUPP;
}

char *
_vl_file_dup_instance (const char *path)
{
  struct stat info;

  if (stat (path, &info) != 0)
    return NULL;

  return g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, (guint64) info.st_dev,
                          (guint64) info.st_ino);
}

char *
_vl_file_dup_stamp (const char *path, gint64 *changed)
{
  struct stat info;

  if (stat (path, &info) != 0)
    return NULL;

  *changed = MAX ((gint64) info.st_mtim.tv_sec * G_USEC_PER_SEC + info.st_mtim.tv_nsec / 1000,
                  (gint64) info.st_ctim.tv_sec * G_USEC_PER_SEC + info.st_ctim.tv_nsec / 1000);

  return g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT ":%" G_GINT64_FORMAT
                          ":%" G_GINT64_FORMAT ".%09ld:%" G_GINT64_FORMAT ".%09ld",
                          (guint64) info.st_dev, (guint64) info.st_ino, (gint64) info.st_size,
                          (gint64) info.st_mtim.tv_sec, info.st_mtim.tv_nsec,
                          (gint64) info.st_ctim.tv_sec, info.st_ctim.tv_nsec);
}

/* Cuts the first component off `rest`, which may start with slashes; NULL when
 * nothing is left. */
static char *
take_component (GString *rest)
{
  gsize start = strspn (rest->str, "/");
  gsize length = strcspn (rest->str + start, "/");
  char *component;

  if (length == 0)
    return NULL;

  component = g_strndup (rest->str + start, length);
  g_string_erase (rest, 0, (gssize) (start + length));

  return component;
}

static void
drop_last_component (GString *path)
{
  char *slash = strrchr (path->str, '/');

  g_string_truncate (path, slash != NULL ? (gsize) (slash - path->str) : 0);
}

/* `resolved` is a path without links, without the closing slash, "" for the
 * root: so ".." is its parent. A link is put in front of what is left. */
static void
resolve_component (GString *resolved, GString *rest, const char *component, guint *n_links)
{
  gsize parent_length = resolved->len;
  g_autofree char *target = NULL;

  if (g_str_equal (component, "."))
    return;
  if (g_str_equal (component, ".."))
    {
      drop_last_component (resolved);
      return;
    }

  g_string_append_printf (resolved, "/%s", component);
  target = *n_links < MAX_LINKS ? g_file_read_link (resolved->str, NULL) : NULL;
  if (target == NULL)
    return;

  *n_links += 1;
  g_string_truncate (resolved, g_path_is_absolute (target) ? 0 : parent_length);
  g_string_prepend (rest, "/");
  g_string_prepend (rest, target);
}

char *
_vl_file_canonical_path (const char *path)
{
  g_autoptr (GString) rest = g_string_new (path);
  GString *resolved = g_string_new (NULL);
  guint n_links = 0;
  char *component;

  if (!g_path_is_absolute (path))
    {
      g_autofree char *folder = g_get_current_dir ();

      g_string_prepend (rest, "/");
      g_string_prepend (rest, folder);
    }

  while ((component = take_component (rest)) != NULL)
    {
      resolve_component (resolved, rest, component, &n_links);
      g_free (component);
    }
  if (resolved->len == 0)
    g_string_append_c (resolved, '/');

  return g_string_free (resolved, FALSE);
}
