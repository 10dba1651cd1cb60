/* cache-folder.h: a folder for a cache, and calls that wait
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include <vantage-live.h>

/* A folder for a cache to be made in, a file that is kept of it, and what was
 * warned of meanwhile. */
typedef struct
{
  char *parent;
  char *path; /* does not exist yet */
  char *file; /* the database file in it */
} CacheFolder;

static gint n_warnings;
static char *last_warning;
static GMutex warnings_lock;

static inline void
count_warning (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  g_mutex_lock (&warnings_lock);
  g_free (last_warning);
  last_warning = g_strdup (message);
  g_mutex_unlock (&warnings_lock);
  g_atomic_int_inc (&n_warnings);
}

/* How many there were since this was asked last. */
static inline int
take_warnings (void)
{
  int n = g_atomic_int_get (&n_warnings);

  g_atomic_int_set (&n_warnings, 0);
  return n;
}

static inline void
cache_folder_init (CacheFolder *self)
{
  /* In memory, if there is such a place: it is not the disk that is tested. */
  const char *parent = g_file_test ("/dev/shm", G_FILE_TEST_IS_DIR) ? "/dev/shm" : g_get_tmp_dir ();

  self->parent = g_build_filename (parent, "vl-cache-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (self->parent));
  self->path = g_build_filename (self->parent, "cache", NULL);
  self->file = g_build_filename (self->path, "cache.db", NULL);

  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  g_log_set_handler ("vantage-live", G_LOG_LEVEL_WARNING, count_warning, NULL);
  take_warnings ();
}

static inline void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (g_file_test (path, G_FILE_TEST_IS_SYMLINK) || !g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_unlink (path);
      return;
    }

  dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_rmdir (path);
}

static inline void
cache_folder_clear (CacheFolder *self)
{
  if (self->parent == NULL)
    return;

  remove_tree (self->parent);
  g_clear_pointer (&self->parent, g_free);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->file, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CacheFolder, cache_folder_clear)

/* How many files in the folder have `part` in their name. */
static inline guint
cache_folder_count (CacheFolder *self, const char *part)
{
  g_autoptr (GDir) dir = g_dir_open (self->path, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    n += strstr (name, part) != NULL;
  return n;
}

/* Whether the text is anywhere in the files of the folder. */
static inline gboolean
cache_folder_contains (CacheFolder *self, const char *text)
{
  g_autoptr (GDir) dir = g_dir_open (self->path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->path, name, NULL);
      g_autofree char *data = NULL;
      gsize length;

      if (g_file_get_contents (path, &data, &length, NULL) &&
          memmem (data, length, text, strlen (text)) != NULL)
        return TRUE;
    }
  return FALSE;
}

/* Waits until nobody has the folder: a cache closes it on its own thread. */
static inline void
cache_folder_wait_free (CacheFolder *self)
{
  g_autofree char *path = g_build_filename (self->path, "lock", NULL);
  int fd = g_open (path, O_RDWR | O_CLOEXEC, 0);

  if (fd < 0)
    return;
  /* The fuzzer has a timer. */
  while (flock (fd, LOCK_EX) != 0)
    g_assert_cmpint (errno, ==, EINTR);
  close (fd);
}

/* Copies the files as they are now: what a crash would leave. */
static inline void
cache_folder_copy (CacheFolder *self, CacheFolder *copy)
{
  g_autoptr (GDir) dir = g_dir_open (self->path, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  g_assert_cmpint (g_mkdir (copy->path, 0700), ==, 0);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *from = g_build_filename (self->path, name, NULL);
      g_autofree char *to = g_build_filename (copy->path, name, NULL);
      g_autofree char *data = NULL;
      gsize length;

      if (g_file_get_contents (from, &data, &length, NULL))
        g_assert_true (g_file_set_contents (to, data, (gssize) length, NULL));
    }
}

/* --- Calls --- */

static inline void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_set_object ((GAsyncResult **) user_data, result);
}

static inline GAsyncResult *
wait_result (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static inline VlPage *
cache_lookup (VlCache *cache, const char *root, const char *key, gboolean *fresh, guint64 *lease)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  VlPage *page;

  vl_cache_lookup_async (cache, root, key, NULL, keep_result, &result);
  page = vl_cache_lookup_finish (cache, wait_result (&result), fresh, lease, &error);
  g_assert_no_error (error);
  return page;
}

static inline guint64
cache_get_lease (VlCache *cache, const char *root)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint64 lease = 0;

  vl_cache_get_lease_async (cache, root, NULL, keep_result, &result);
  vl_cache_get_lease_finish (cache, wait_result (&result), &lease, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (lease, >, 0);
  return lease;
}

static inline void
cache_store (VlCache *cache, const char *root, const char *key, VlPage *page, guint64 lease)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  vl_cache_store_async (cache, root, key, page, lease, NULL, keep_result, &result);
  vl_cache_store_finish (cache, wait_result (&result), &error);
  g_assert_no_error (error);
}

#define DEFINE_ROOT_CALL(name)                                       \
 static inline void cache_##name (VlCache *cache, const char *root)  \
 {                                                                   \
  g_autoptr (GAsyncResult) result = NULL;                            \
  g_autoptr (GError) error = NULL;                                   \
  vl_cache_##name##_async (cache, root, NULL, keep_result, &result); \
  vl_cache_##name##_finish (cache, wait_result (&result), &error);   \
  g_assert_no_error (error);                                         \
 }

DEFINE_ROOT_CALL (invalidate)
DEFINE_ROOT_CALL (clear)
DEFINE_ROOT_CALL (open)
DEFINE_ROOT_CALL (close)

/* A page of one row whose field `text` is the text, and as many bytes more as
 * wanted. */
static inline VlPage *
text_page (const char *text, guint n_bytes)
{
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (NULL);
  g_autoptr (VlRecordBuilder) fields = vl_record_builder_new ("row");
  g_autofree char *filling = g_strnfill (n_bytes, '.');
  g_autoptr (VlRecord) record = NULL;

  vl_record_builder_set_string (fields, "text", text);
  vl_record_builder_set_string (fields, "filling", filling);
  record = vl_record_builder_end (fields);
  vl_page_builder_add_record (builder, record);
  return vl_page_builder_end (builder);
}

static inline char *
page_text (VlPage *page)
{
  g_autoptr (VlRecord) record = NULL;

  g_assert_cmpuint (vl_page_get_n_records (page), ==, 1);
  record = vl_page_get_record (page, 0);
  return g_strdup (vl_record_get_string (record, "text"));
}

static inline void
put (VlCache *cache, const char *root, const char *key, const char *text, guint n_bytes)
{
  g_autoptr (VlPage) page = text_page (text, n_bytes);

  cache_store (cache, root, key, page, cache_get_lease (cache, root));
}

typedef enum
{
  EXPECT_MISS,
  EXPECT_STALE,
  EXPECT_FRESH,
} Expected;

static inline Expected
look (VlCache *cache, const char *root, const char *key, char **text)
{
  gboolean fresh = FALSE;
  g_autoptr (VlPage) page = cache_lookup (cache, root, key, &fresh, NULL);

  if (page == NULL)
    {
      g_assert_false (fresh);
      return EXPECT_MISS;
    }
  if (text != NULL)
    *text = page_text (page);
  g_assert_true (vl_page_get_from_cache (page));
  g_assert_cmpint (vl_page_get_is_stale (page), ==, !fresh);
  return fresh ? EXPECT_FRESH : EXPECT_STALE;
}

#define expect(cache, root, key, expected) \
 g_assert_cmpint (look (cache, root, key, NULL), ==, expected)
