/* test-sqlite-cache-faults.c: a cache on a disk on which something fails
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The same script is run again and again, and each time another operation of
 * the disk fails: the first read, the second, and so on, once or from then on.
 * Whatever it is, the answers are right, and it is said once.
 */

#include <sqlite3.h>

#include "cache-folder.h"
#include "forgetful-file.h"
#include "forgetful-vfs.h"
#include "stepped-jobs.h"

#include "vantage-live/cache/vl-disk-private.h"

#define N_KEYS 6

/* Of those that come later this part is tried, and under a checker hardly any. */
#define PARTS       6
#define QUICK_PARTS 1

typedef struct
{
  CacheFolder folder;
  VlCache *cache;
  guint version; /* of "written" */
  guint n_notified;
} Run;

static int n_memory_alone;
static int n_kept_aside;

static void
sort_warning (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  if (g_strstr_len (message, -1, "works from memory alone") != NULL)
    n_memory_alone++;
  else if (g_strstr_len (message, -1, "was kept as") != NULL)
    n_kept_aside++;
  else
    g_error ("unexpected: %s", message);
}

static void
count_notify (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  *(guint *) user_data += 1;
}

/* --- Calls --- */

static GAsyncResult *
wait_done (GAsyncResult **result)
{
  stepped_jobs_do_all ();
  g_assert_nonnull (*result);
  return *result;
}

static Expected
find (Run *run, const char *root, const char *key, char **text, guint64 *lease)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = NULL;
  gboolean fresh = FALSE;

  vl_cache_lookup_async (run->cache, root, key, NULL, keep_result, &result);
  page = vl_cache_lookup_finish (run->cache, wait_done (&result), &fresh, lease, &error);
  g_assert_no_error (error);
  if (page == NULL)
    return EXPECT_MISS;

  *text = page_text (page);
  return fresh ? EXPECT_FRESH : EXPECT_STALE;
}

static void
fill (Run *run, const char *root, const char *key, const char *text, guint n_bytes)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = text_page (text, n_bytes);
  g_autofree char *found = NULL;
  guint64 lease = 0;

  find (run, root, key, &found, &lease);
  vl_cache_store_async (run->cache, root, key, page, lease, NULL, keep_result, &result);
  vl_cache_store_finish (run->cache, wait_done (&result), &error);
  g_assert_no_error (error);
}

typedef void (*RootCall) (VlCache *cache,
                          const char *root,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
typedef gboolean (*RootFinish) (VlCache *cache, GAsyncResult *result, GError **error);

static gboolean
call_root (Run *run, const char *root, RootCall call, RootFinish finish)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  call (run->cache, root, NULL, keep_result, &result);
  return finish (run->cache, wait_done (&result), &error);
}

#define do_root(run, root, name) \
 call_root (run, root, vl_cache_##name##_async, vl_cache_##name##_finish)

/* --- The script --- */

static void
open_cache (Run *run)
{
  run->n_notified = 0;
  n_memory_alone = 0;
  n_kept_aside = 0;
  run->cache = g_object_new (VL_TYPE_SQLITE_CACHE, "folder", run->folder.path, "memory-bytes",
                             (guint64) 0, NULL);
  g_signal_connect (run->cache, "notify::is-degraded", G_CALLBACK (count_notify), &run->n_notified);
}

/* Whether it works from memory alone; that it does is said once. */
static gboolean
close_cache (Run *run)
{
  g_autoptr (GError) error = vl_sqlite_cache_dup_error (VL_SQLITE_CACHE (run->cache));
  gboolean is_degraded = vl_sqlite_cache_get_is_degraded (VL_SQLITE_CACHE (run->cache));

  stepped_jobs_do_all ();
  g_assert_cmpint (is_degraded, ==, error != NULL);
  g_assert_cmpint (is_degraded, ==, n_memory_alone);
  g_assert_cmpuint (is_degraded, ==, run->n_notified);
  if (error != NULL)
    {
      g_assert_true (error->domain == VL_ERROR);
      g_assert_cmpstr (error->message, !=, "");
    }

  g_object_add_weak_pointer (G_OBJECT (run->cache), (gpointer *) &run->cache);
  g_object_unref (run->cache);
  stepped_jobs_do_all ();
  g_assert_null (run->cache);
  g_assert_cmpuint (forgetful_disk_n_open (), ==, 0);

  return is_degraded;
}

static void
check_written (Run *run)
{
  g_autofree char *text = NULL;
  g_autofree char *now = g_strdup_printf ("version %u", run->version);
  guint64 lease;

  if (find (run, "written", "key", &text, &lease) == EXPECT_FRESH)
    g_assert_cmpstr (text, ==, now);
}

static void
check_pages (Run *run)
{
  for (guint i = 0; i < N_KEYS; i++)
    {
      g_autofree char *key = g_strdup_printf ("key-%u", i);
      g_autofree char *expected = g_strdup_printf ("pages-%s", key);
      g_autofree char *text = NULL;
      g_autofree char *other = NULL;
      guint64 lease;

      if (find (run, "pages", key, &text, &lease) != EXPECT_MISS)
        g_assert_cmpstr (text, ==, expected);
      g_assert_cmpint (find (run, "old", key, &other, &lease), !=, EXPECT_FRESH);
    }
  check_written (run);
}

static void
fill_pages (Run *run, const char *root, guint n_bytes)
{
  for (guint i = 0; i < N_KEYS; i++)
    {
      g_autofree char *key = g_strdup_printf ("key-%u", i);
      g_autofree char *text = g_strdup_printf ("%s-%s", root, key);

      fill (run, root, key, text, n_bytes);
    }
}

/* The way of a live table. What could not be marked is not written here. */
static void
write_once (Run *run)
{
  g_autofree char *before = g_strdup_printf ("version %u", run->version);
  g_autofree char *after = NULL;

  fill (run, "written", "key", before, 10);
  if (!do_root (run, "written", open))
    return;
  run->version++;
  after = g_strdup_printf ("version %u", run->version);
  fill (run, "written", "other", after, 10);
  do_root (run, "written", invalidate);
  check_written (run);
  fill (run, "written", "key", after, 10);
  check_written (run);
}

/* Others go on. Whether it was done or could not be, it is answered. */
static void
clear_meanwhile (Run *run)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  guint64 lease;

  vl_cache_clear_async (run->cache, "old", NULL, keep_result, &result);
  while (result == NULL && (g_main_context_iteration (NULL, FALSE) || stepped_jobs_do_one ()))
    {
      g_autoptr (VlPage) page = text_page ("key-3", 10);

      vl_cache_store_async (run->cache, "more", "key", page, 1, NULL, NULL, NULL);
    }
  if (vl_cache_clear_finish (run->cache, wait_done (&result), &error))
    g_assert_cmpint (find (run, "old", "key-1", &text, &lease), ==, EXPECT_MISS);
}

static void
work (Run *run)
{
  fill_pages (run, "pages", 2000);
  fill_pages (run, "old", 10);
  do_root (run, "old", invalidate);
  fill (run, "pages", "key-1", "pages-key-1", 40000);
  write_once (run);
  if (do_root (run, "pages", open))
    do_root (run, "pages", close);
  check_pages (run);
  vl_sqlite_cache_set_max_bytes (VL_SQLITE_CACHE (run->cache), 40000);
  stepped_jobs_do_all ();
  fill_pages (run, "pages", 10);
  clear_meanwhile (run);
  check_pages (run);
  write_once (run);
}

typedef struct
{
  const char *name;
  ForgetfulOp op;
  int code;
  gboolean reads_short;
} Sweep;

/* What runs into the fault is the first cache or the second; a third finds what
 * they left when all is well again. */
static void
run_script (const Sweep *sweep, guint n, gboolean on, gboolean *was_degraded, int *n_aside)
{
  Run run = { 0 };
  sqlite3_int64 before = sqlite3_memory_used ();

  cache_folder_init (&run.folder);
  g_log_set_handler ("vantage-live", G_LOG_LEVEL_WARNING, sort_warning, NULL);
  g_assert_cmpint (g_mkdir (run.folder.path, 0700), ==, 0);
  forgetful_disk_begin (run.folder.path, n);
  forgetful_disk_fail (sweep->op, n, on, sweep->code);

  open_cache (&run);
  work (&run);
  *was_degraded = close_cache (&run);
  *n_aside = n_kept_aside;
  open_cache (&run);
  check_pages (&run);
  work (&run);
  *was_degraded |= close_cache (&run);
  *n_aside += n_kept_aside;

  forgetful_disk_forgive ();
  open_cache (&run);
  check_pages (&run);
  fill_pages (&run, "pages", 10);
  check_pages (&run);
  g_assert_false (close_cache (&run));
  g_assert_cmpint (n_kept_aside, <=, 1);

  g_assert_cmpint (sqlite3_memory_used (), ==, before);
  forgetful_disk_end ();
  cache_folder_clear (&run.folder);
}

/* TRUE if the run got as far as the n-th. */
static gboolean
try_fault (const Sweep *sweep, guint n, gboolean on, guint *n_degraded, guint *n_rebuilt)
{
  gboolean was_degraded = FALSE;
  int n_aside = 0;

  run_script (sweep, n, on, &was_degraded, &n_aside);
  *n_degraded += was_degraded;
  *n_rebuilt += n_aside > 0;
  if (!on)
    g_assert_cmpint (was_degraded + n_aside, <=, 1);

  return forgetful_disk_n_failed () > 0;
}

static void
setup (void)
{
  stepped_jobs_begin ();
  forgetful_vfs_begin ();
  forgetful_files_begin ();
  _vl_disk_erase_set_part (3);
}

static void
teardown (void)
{
  _vl_disk_erase_set_part (0);
  forgetful_files_end ();
  forgetful_vfs_end ();
  stepped_jobs_end ();
}

static void
test_sweep (gconstpointer data)
{
  const Sweep *sweep = data;
  guint parts = g_getenv ("VL_TEST_QUICK") != NULL ? QUICK_PARTS : PARTS;

  setup ();
  forgetful_vfs_set_short_reads (sweep->reads_short);
  for (int on = 0; on <= 1; on++)
    {
      guint n_degraded = 0;
      guint n_rebuilt = 0;
      guint n = 1;

      while (try_fault (sweep, n, on, &n_degraded, &n_rebuilt))
        n += 1 + n / parts;
      g_test_message ("%s: %u operations, %u times memory alone, %u times a new file",
                      on ? "from then on" : "once", n, n_degraded, n_rebuilt);
      g_assert_cmpuint (n, >, 1);

      /* Only what is damaged is thrown away for a new one, or was given up and
       * could not be removed. */
      if (sweep->code != SQLITE_CORRUPT && !sweep->reads_short &&
          (!on || sweep->op != FORGETFUL_REMOVE))
        g_assert_cmpuint (n_rebuilt, ==, 0);
    }
  teardown ();
}

/* The disk fails when a part of what was cleared has been erased. */
static gboolean
try_clear (guint n, int code)
{
  Run run = { 0 };
  gboolean had_fault;

  cache_folder_init (&run.folder);
  g_log_set_handler ("vantage-live", G_LOG_LEVEL_WARNING, sort_warning, NULL);
  g_assert_cmpint (g_mkdir (run.folder.path, 0700), ==, 0);
  forgetful_disk_begin (run.folder.path, n);
  open_cache (&run);
  fill_pages (&run, "pages", 10);
  fill_pages (&run, "old", 10);
  forgetful_disk_fail (FORGETFUL_WRITE, n, FALSE, code);
  clear_meanwhile (&run);
  had_fault = forgetful_disk_n_failed () > 0;
  g_assert_false (cache_folder_contains (&run.folder, "old-key"));
  close_cache (&run);
  forgetful_disk_end ();
  cache_folder_clear (&run.folder);

  return had_fault;
}

static void
test_clear (void)
{
  static const int codes[] = { SQLITE_IOERR, SQLITE_CORRUPT };

  setup ();
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      guint n = 1;

      while (try_clear (n, codes[i]))
        n++;
      g_assert_cmpuint (n, >, 10);
    }
  teardown ();
}

/* The power goes with the n-th operation after something was cleared: then all
 * of it is there, or nothing, and the others are. */
static gboolean
try_power (guint n, guint32 seed)
{
  Run run = { 0 };
  gboolean was_killed;
  guint n_found = 0;

  cache_folder_init (&run.folder);
  g_log_set_handler ("vantage-live", G_LOG_LEVEL_WARNING, sort_warning, NULL);
  g_assert_cmpint (g_mkdir (run.folder.path, 0700), ==, 0);
  forgetful_disk_begin (run.folder.path, seed);
  open_cache (&run);
  fill_pages (&run, "old", 20000);
  fill_pages (&run, "pages", 10);

  /* So that the log has a part of the file only, which would not do for
   * another one. */
  close_cache (&run);
  open_cache (&run);
  fill (&run, "pages", "key-0", "pages-key-0", 20000);
  do_root (&run, "old", open);
  forgetful_disk_kill_at (n);
  vl_cache_clear_async (run.cache, "old", NULL, NULL, NULL);
  stepped_jobs_do_all ();
  was_killed = forgetful_disk_is_dead ();
  forgetful_disk_kill ();
  g_clear_object (&run.cache);
  stepped_jobs_do_all ();
  forgetful_disk_revive (TRUE);

  open_cache (&run);
  check_pages (&run);
  for (guint i = 0; i < N_KEYS; i++)
    {
      g_autofree char *key = g_strdup_printf ("key-%u", i);
      g_autofree char *text = NULL;
      guint64 lease;

      n_found += find (&run, "pages", key, &text, &lease) == EXPECT_FRESH;
    }
  g_assert_cmpuint (n_found, ==, N_KEYS);
  g_assert_false (close_cache (&run));
  g_assert_cmpint (n_kept_aside, ==, 0);
  forgetful_disk_end ();
  cache_folder_clear (&run.folder);

  return was_killed;
}

static void
test_power (void)
{
  guint n_seeds = g_getenv ("VL_TEST_QUICK") != NULL ? 2 : 16;

  setup ();
  for (guint seed = 0; seed < n_seeds; seed++)
    {
      guint n = 1;

      while (try_power (n, seed))
        n++;
      g_assert_cmpuint (n, >, 10);
    }
  teardown ();
}

int
main (int argc, char *argv[])
{
  static const Sweep sweeps[] = {
    { "open/not-to-be-opened", FORGETFUL_OPEN, SQLITE_CANTOPEN, FALSE },
    { "open/out-of-memory", FORGETFUL_OPEN, SQLITE_NOMEM, FALSE },
    { "read/error", FORGETFUL_READ, SQLITE_IOERR, FALSE },
    { "read/out-of-memory", FORGETFUL_READ, SQLITE_NOMEM, FALSE },
    { "read/corrupt", FORGETFUL_READ, SQLITE_CORRUPT, FALSE },
    { "read/too-short", FORGETFUL_READ, SQLITE_IOERR, TRUE },
    { "write/error", FORGETFUL_WRITE, SQLITE_IOERR, FALSE },
    { "write/disk-full", FORGETFUL_WRITE, SQLITE_FULL, FALSE },
    { "sync/error", FORGETFUL_SYNC, SQLITE_IOERR, FALSE },
    { "sync/disk-full", FORGETFUL_SYNC, SQLITE_FULL, FALSE },
    { "truncate/error", FORGETFUL_TRUNCATE, SQLITE_IOERR, FALSE },
    { "remove/error", FORGETFUL_REMOVE, SQLITE_IOERR, FALSE },
    { "rename/error", FORGETFUL_RENAME, SQLITE_IOERR, FALSE },
    { "look/error", FORGETFUL_LOOK, SQLITE_IOERR, FALSE },
    { "lock/error", FORGETFUL_LOCK, SQLITE_IOERR, FALSE },
    { "lock/busy", FORGETFUL_LOCK, SQLITE_BUSY, FALSE },
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (sweeps); i++)
    {
      g_autofree char *path = g_strconcat ("/sqlite-cache/faults/", sweeps[i].name, NULL);

      g_test_add_data_func (path, &sweeps[i], test_sweep);
    }

  g_test_add_func ("/sqlite-cache/faults/while-something-is-erased", test_clear);
  g_test_add_func ("/sqlite-cache/faults/the-power-goes-while-something-is-erased", test_power);

  return g_test_run ();
}
