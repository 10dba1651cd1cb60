/* test-file.c: file operations
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/vl-file-private.h"

typedef struct
{
  char *folder;
} Fixture;

static void
fixture_set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *made = g_dir_make_tmp ("vl-file-XXXXXX", NULL);

  g_assert_nonnull (made);
  /* The folder for temporary files may itself be reached by a link. */
  fixture->folder = realpath (made, NULL);
  g_assert_cmpint (g_chdir (fixture->folder), ==, 0);
}

static void
fixture_tear_down (Fixture *fixture, gconstpointer data)
{
  static const char *const files[] = { "link", "loop", "dangling", "file", "other", "sub/up" };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    g_unlink (files[i]);
  g_rmdir ("sub");
  g_assert_cmpint (g_chdir ("/"), ==, 0);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  free (fixture->folder);
}

static void
assert_canonical (Fixture *fixture, const char *path, const char *expected)
{
  g_autofree char *result = _vl_file_canonical_path (path);
  g_autofree char *full = NULL;

  full = g_path_is_absolute (expected) ? g_strdup (expected)
                                       : g_build_filename (fixture->folder, expected, NULL);
  g_assert_cmpstr (result, ==, full);
}

static void
test_operations (Fixture *fixture, gconstpointer data)
{
  const VlFileBackend *backend = _vl_file_backend ();
  char buffer[8] = "";
  GStatBuf info;
  int fd;

  g_assert_cmpint (backend->make_folder ("sub", 0700), ==, 0);
  fd = backend->open ("file", O_RDWR | O_CREAT | O_EXCL, 0600);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, !=, 0);
  g_assert_cmpint (backend->write (fd, "abcdef", 6), ==, 6);
  g_assert_cmpint (backend->truncate (fd, 3), ==, 0);
  g_assert_cmpint (backend->sync (fd), ==, 0);
  g_assert_cmpint (lseek (fd, 0, SEEK_SET), ==, 0);
  g_assert_cmpint (backend->read (fd, buffer, sizeof buffer), ==, 3);
  g_assert_cmpstr (buffer, ==, "abc");
  g_assert_cmpint (backend->close (fd), ==, 0);
  g_assert_cmpint (backend->rename ("file", "other"), ==, 0);
  g_assert_cmpint (g_stat ("other", &info), ==, 0);
  g_assert_cmpint (info.st_size, ==, 3);
  g_assert_cmpint (backend->unlink ("other"), ==, 0);
  g_assert_cmpint (g_stat ("other", &info), ==, -1);
}

static void
test_errors (Fixture *fixture, gconstpointer data)
{
  const VlFileBackend *backend = _vl_file_backend ();

  errno = 0;
  g_assert_cmpint (backend->open ("missing", O_RDONLY, 0), ==, -1);
  g_assert_cmpint (errno, ==, ENOENT);
  g_assert_cmpint (backend->unlink ("missing"), ==, -1);
  g_assert_cmpint (errno, ==, ENOENT);
  g_assert_cmpint (backend->write (-1, "", 1), ==, -1);
  g_assert_cmpint (errno, ==, EBADF);
}

static void
test_looks (Fixture *fixture, gconstpointer data)
{
  const VlFileBackend *backend = _vl_file_backend ();
  struct stat named;
  struct stat opened;
  int fd = backend->open ("file", O_RDWR | O_CREAT, 0644);

  g_assert_cmpint (backend->set_mode (fd, 0600), ==, 0);
  g_assert_cmpint (backend->look_at (fd, &opened), ==, 0);
  g_assert_cmpuint (opened.st_mode & 07777, ==, 0600);
  g_assert_cmpint (backend->look ("file", &named), ==, 0);
  g_assert_cmpuint (named.st_ino, ==, opened.st_ino);
  g_assert_cmpint (symlink ("file", "link"), ==, 0);
  g_assert_cmpint (backend->look ("link", &named), ==, 0);
  g_assert_true (S_ISLNK (named.st_mode));
  backend->close (fd);
}

/* Of two openings in one process one is the owner. */
static void
test_lock (Fixture *fixture, gconstpointer data)
{
  const VlFileBackend *backend = _vl_file_backend ();
  int first = backend->open ("file", O_RDWR | O_CREAT, 0600);
  int second = backend->open ("file", O_RDWR, 0);

  g_assert_cmpint (backend->lock (first), ==, 0);
  g_assert_cmpint (backend->lock (first), ==, 0);
  g_assert_cmpint (backend->lock (second), ==, -1);
  g_assert_cmpint (errno, ==, EWOULDBLOCK);
  backend->close (first);
  g_assert_cmpint (backend->lock (second), ==, 0);
  backend->close (second);
}

static void
test_whole (Fixture *fixture, gconstpointer data)
{
  const VlFileBackend *backend = _vl_file_backend ();
  int fd = backend->open ("file", O_RDWR | O_CREAT, 0600);
  g_autoptr (GBytes) all = NULL;

  g_assert_true (_vl_file_write_all (fd, "abcdef", 6));
  g_assert_true (_vl_file_sync (fd));
  g_assert_true (_vl_file_sync_folder_of ("file"));
  g_assert_false (_vl_file_sync_folder_of ("missing/file"));
  g_assert_cmpint (errno, ==, ENOENT);
  g_assert_cmpint (lseek (fd, 0, SEEK_SET), ==, 0);
  all = _vl_file_read_all (fd, 6);
  g_assert_cmpmem (g_bytes_get_data (all, NULL), g_bytes_get_size (all), "abcdef", 6);
  g_assert_cmpint (lseek (fd, 0, SEEK_SET), ==, 0);
  g_assert_null (_vl_file_read_all (fd, 5));
  g_assert_cmpint (errno, ==, EFBIG);
  backend->close (fd);
}

static int
disk_full (int fd)
{
  errno = ENOSPC;

  return -1;
}

static void
test_backend (Fixture *fixture, gconstpointer data)
{
  const VlFileBackend *real = _vl_file_backend ();
  VlFileBackend broken = *real;

  broken.sync = disk_full;
  _vl_file_set_backend (&broken);
  g_assert_cmpint (_vl_file_backend ()->sync (0), ==, -1);
  g_assert_cmpint (errno, ==, ENOSPC);
  _vl_file_set_backend (NULL);
  g_assert_true (_vl_file_backend () == real);
}

static void
test_instance (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = NULL;
  g_autofree char *linked = NULL;
  g_autofree char *second = NULL;

  g_assert_null (_vl_file_dup_instance ("file"));
  g_assert_true (g_file_set_contents ("file", "1", 1, NULL));
  g_assert_true (g_file_set_contents ("other", "2", 1, NULL));
  g_assert_cmpint (symlink ("file", "link"), ==, 0);

  first = _vl_file_dup_instance ("file");
  linked = _vl_file_dup_instance ("link");
  g_assert_nonnull (first);
  g_assert_cmpstr (first, ==, linked);

  g_assert_cmpint (g_rename ("other", "file"), ==, 0);
  second = _vl_file_dup_instance ("link");
  g_assert_cmpstr (first, !=, second);
}

static void
test_canonical_plain (Fixture *fixture, gconstpointer data)
{
  g_assert_true (g_file_set_contents ("file", "", 0, NULL));
  assert_canonical (fixture, "file", "file");
  assert_canonical (fixture, ".//./file", "file");
  assert_canonical (fixture, "missing/deep/", "missing/deep");
  assert_canonical (fixture, "missing/../file", "file");
  assert_canonical (fixture, "/", "/");
  assert_canonical (fixture, "/..//x", "/x");
}

static void
test_canonical_links (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (g_mkdir ("sub", 0700), ==, 0);
  g_assert_cmpint (symlink ("sub", "link"), ==, 0);
  g_assert_cmpint (symlink ("..", "sub/up"), ==, 0);
  g_assert_cmpint (symlink ("/nowhere/there", "dangling"), ==, 0);

  assert_canonical (fixture, "link/new.db", "sub/new.db");
  assert_canonical (fixture, "link/..", "");
  assert_canonical (fixture, "link/up/file", "file");
  assert_canonical (fixture, "dangling", "/nowhere/there");
  assert_canonical (fixture, "dangling/x", "/nowhere/there/x");
}

/* What matters is that it ends. */
static void
test_canonical_loop (Fixture *fixture, gconstpointer data)
{
  g_autofree char *result = NULL;

  g_assert_cmpint (symlink ("loop", "loop"), ==, 0);
  result = _vl_file_canonical_path ("loop");
  g_assert_true (g_path_is_absolute (result));
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/file/real-operations", test_operations);
  ADD ("/file/failures-set-errno", test_errors);
  ADD ("/file/looks-at-names-and-at-what-is-open", test_looks);
  ADD ("/file/lock-is-of-one-opening", test_lock);
  ADD ("/file/whole-files", test_whole);
  ADD ("/file/backend-takes-over", test_backend);
  ADD ("/file/instance-tells-files-apart", test_instance);
  ADD ("/file/canonical-path/without-links", test_canonical_plain);
  ADD ("/file/canonical-path/follows-links-also-dangling-ones", test_canonical_links);
  ADD ("/file/canonical-path/survives-a-loop-of-links", test_canonical_loop);

  return g_test_run ();
}
