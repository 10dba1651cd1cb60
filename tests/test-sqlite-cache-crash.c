/* test-sqlite-cache-crash.c: what is fresh after a program was killed
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The program runs itself as a child, which reads and writes through a live
 * table over a database and a cache on disk, and kills it at random moments.
 * What the cache then calls fresh has to be what the database has.
 */

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "cache-folder.h"
#include "sqlite-file.h"

#define N_KILLS   300 /* VL_TEST_KILLS says otherwise */
#define N_QUICK   30  /* under a checker */
#define N_IDS     25
#define N_QUERIES 6
#define PAGE_SIZE 5

/* How many requests the child has on their way. */
#define MAX_IN_FLIGHT 6

static VlQuery *
make_query (guint i)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) ordered = NULL;
  g_autoptr (VlQuery) filtered = NULL;

  ordered = i % 2 == 0 ? g_object_ref (all) : vl_query_order_by (all, "n", TRUE);
  filtered = i % 3 == 0 ? g_object_ref (ordered)
                        : vl_query_where (ordered, "n", i % 3 == 1 ? VL_OP_LT : VL_OP_GE,
                                          g_variant_new_int64 (500));
  return vl_query_window (filtered, i >= 4 ? PAGE_SIZE : 0, PAGE_SIZE);
}

static VlLiveTable *
make_live (VlTable *master, VlCache *cache)
{
  return g_object_new (VL_TYPE_LIVE_TABLE, "master", master, "cache-key", "crash", "cache", cache,
                       "follow-master", FALSE, "page-size", PAGE_SIZE, NULL);
}

/* --- The child --- */

static guint n_in_flight;

static void
done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  n_in_flight--;

  /* The parent counts these. */
  if (write (STDOUT_FILENO, ".", 1) != 1)
    exit (1);
}

static VlRecord *
make_record (const char *id)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (id);

  vl_record_builder_set_int64 (builder, "n", g_random_int_range (0, 1000));
  return vl_record_builder_end (builder);
}

static void
begin_something (VlTable *live)
{
  g_autofree char *id = g_strdup_printf ("%d", g_random_int_range (1, N_IDS + 1));
  g_autoptr (VlRecord) record = make_record (id);
  g_autoptr (VlQuery) query = make_query ((guint) g_random_int_range (0, N_QUERIES));

  n_in_flight++;
  switch (g_random_int_range (0, 40))
    {
    case 0:
      vl_table_delete_async (live, id, NULL, done, NULL);
      break;
    case 1:
      vl_table_patch_async (live, id, record, NULL, done, NULL);
      break;
    case 2:
      vl_table_replace_async (live, record, NULL, done, NULL);
      break;
    case 3:
    case 4:
    case 5:
      vl_table_find_async (live, id, NULL, done, NULL);
      break;
    case 6:
      vl_table_count_async (live, query, NULL, done, NULL);
      break;
    default:
      vl_table_list_async (live, query, NULL, done, NULL);
      break;
    }
}

G_GNUC_NORETURN static void
run_child (const char *file, const char *folder, const char *seed)
{
  VlSqliteTable *master = vl_sqlite_table_new (file, "things");
  VlSqliteCache *cache = vl_sqlite_cache_new (folder);
  VlLiveTable *live = make_live (VL_TABLE (master), VL_CACHE (cache));

  g_random_set_seed ((guint32) strtoul (seed, NULL, 10));
  for (;;)
    {
      /* Bursts, and the quiet in which something can become fresh. */
      guint burst = (guint) g_random_int_range (1, MAX_IN_FLIGHT);

      while (n_in_flight < burst)
        begin_something (VL_TABLE (live));
      while (n_in_flight > 0)
        g_main_context_iteration (NULL, TRUE);
    }
}

/* --- The parent --- */

/* Lets the child do `n` things, and kills it somewhere in the next. */
static void
run_and_kill (const char *program, SqliteFile *file, CacheFolder *folder, guint n)
{
  g_autofree char *seed = g_strdup_printf ("%d", g_test_rand_int ());
  const char *argv[] = { program, "--child", file->path, folder->path, seed, NULL };
  g_autoptr (GError) error = NULL;
  char dots[64];
  GPid pid;
  int status;
  int fd;

  cache_folder_wait_free (folder);
  g_spawn_async_with_pipes (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid,
                            NULL, &fd, NULL, &error);
  g_assert_no_error (error);
  while (n > 0)
    {
      gssize n_read = read (fd, dots, MIN (n, sizeof dots));

      g_assert_cmpint (n_read, >, 0);
      n -= (guint) n_read;
    }
  for (int i = g_test_rand_int_range (0, 200); i > 0; i--)
    g_thread_yield ();
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFSIGNALED (status));
  close (fd);
}

typedef struct
{
  guint n_fresh;
  guint n_stale;
  guint n_missed;
} Seen;

static void
assert_same_rows (VlPage *cached, VlPage *fetched)
{
  g_autofree char *cached_ids = join_column (cached, "id");
  g_autofree char *fetched_ids = join_column (fetched, "id");
  g_autofree char *cached_values = join_column (cached, "n");
  g_autofree char *fetched_values = join_column (fetched, "n");

  g_assert_cmpstr (cached_ids, ==, fetched_ids);
  g_assert_cmpstr (cached_values, ==, fetched_values);
}

static void
check_query (VlTable *live, VlTable *master, guint i, Seen *seen)
{
  g_autoptr (VlQuery) query = make_query (i);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) cached = vl_table_list_sync (live, query, NULL, &error);
  g_autoptr (VlPage) fetched = NULL;

  if (cached == NULL)
    {
      g_assert_error (error, VL_ERROR, VL_ERROR_NOT_FOUND);
      seen->n_missed++;
      return;
    }
  if (vl_page_get_is_stale (cached))
    {
      seen->n_stale++;
      return;
    }

  seen->n_fresh++;
  fetched = vl_table_list_sync (master, query, NULL, &error);
  g_assert_no_error (error);
  assert_same_rows (cached, fetched);
}

/* A record slot does not say by itself whether it is stale. */
static void
check_record (VlCache *cache, const char *root, VlTable *master, guint i, Seen *seen)
{
  g_autofree char *id = g_strdup_printf ("%u", i);
  g_autofree char *key = g_strdup_printf ("id/%u", i);
  g_autoptr (GError) error = NULL;
  gboolean fresh = FALSE;
  g_autoptr (VlPage) cached = cache_lookup (cache, root, key, &fresh, NULL);
  g_autoptr (VlRecord) record = NULL;

  if (cached == NULL || !fresh)
    {
      seen->n_missed += cached == NULL;
      seen->n_stale += cached != NULL;
      return;
    }

  seen->n_fresh++;
  record = vl_table_find_sync (master, id, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (vl_page_get_n_records (cached), ==, record != NULL);
  if (record != NULL)
    {
      g_autoptr (VlRecord) other = vl_page_get_record (cached, 0);

      g_assert_cmpint (vl_record_get_int64 (other, "n"), ==, vl_record_get_int64 (record, "n"));
    }
}

static char *
make_root (VlTable *master)
{
  g_autofree char *identity = vl_table_get_identity (master);
  g_autofree char *escaped = g_uri_escape_string (identity, NULL, FALSE);

  return g_strconcat ("crash@", escaped, NULL);
}

static void
check_after (SqliteFile *file, CacheFolder *folder, Seen *seen)
{
  g_autoptr (VlSqliteTable) master = vl_sqlite_table_new (file->path, "things");
  VlSqliteCache *cache = vl_sqlite_cache_new (folder->path);
  VlLiveTable *live = make_live (VL_TABLE (master), VL_CACHE (cache));
  g_autofree char *root = make_root (VL_TABLE (master));
  guint i;

  vl_live_table_set_read_policy (live, VL_READ_POLICY_CACHE_ONLY);
  for (i = 0; i < N_QUERIES; i++)
    check_query (VL_TABLE (live), VL_TABLE (master), i, seen);
  for (i = 1; i <= N_IDS; i++)
    check_record (VL_CACHE (cache), root, VL_TABLE (master), i, seen);
  g_assert_false (vl_sqlite_cache_get_is_degraded (cache));
  g_assert_cmpint (take_warnings (), ==, 0);

  /* What is left of the live table goes in a later turn, and the cache with
   * it. */
  g_object_unref (live);
  g_object_add_weak_pointer (G_OBJECT (cache), (gpointer *) &cache);
  g_object_unref (cache);
  while (cache != NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_kill (gconstpointer program)
{
  const char *wanted = g_getenv ("VL_TEST_KILLS");
  int usual = g_getenv ("VL_TEST_QUICK") != NULL ? N_QUICK : N_KILLS;
  int n_kills = wanted != NULL ? atoi (wanted) : usual;
  g_auto (CacheFolder) folder = { 0 };
  g_auto (SqliteFile) file = { 0 };
  Seen seen = { 0 };

  cache_folder_init (&folder);
  file.folder = g_strdup (folder.parent);
  file.path = g_build_filename (folder.parent, "things.db", NULL);
  sqlite_file_run (&file, "PRAGMA journal_mode = WAL; "
                          "CREATE TABLE things (id INTEGER PRIMARY KEY, n INTEGER); "
                          "INSERT INTO things VALUES (1, 10), (2, 700), (3, 40), (4, 900)");
  for (int i = 0; i < n_kills; i++)
    {
      run_and_kill (program, &file, &folder, (guint) g_test_rand_int_range (0, 60));
      check_after (&file, &folder, &seen);
    }

  g_test_message ("%u fresh, %u stale, %u missed", seen.n_fresh, seen.n_stale, seen.n_missed);
  g_assert_cmpuint (seen.n_fresh, >, 0);
  g_assert_cmpuint (seen.n_stale, >, 0);
}

int
main (int argc, char *argv[])
{
  if (argc == 5 && g_str_equal (argv[1], "--child"))
    run_child (argv[2], argv[3], argv[4]);

  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/sqlite-cache/crash/killed-at-any-moment", argv[0], test_kill);

  return g_test_run ();
}
