/* bench-peers.c: other libraries on the same page
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Nothing is gated here: each of them does something else than we do, and this
 * is what the same page costs there. They run in programs of their own, which
 * the runner tells what to do, round by round.
 */

#include "bench.h"

#include "bench-database.h"
#include "bench-table.h"

#define PAGE_SIZE 100
#define N_ROWS    10000
#define N_PAGES   1000
#define ROOT      "products/peers"

/* A program of peers/ that is running. */
typedef struct
{
  GSubprocess *process;
  GOutputStream *input;
  GDataInputStream *output;
} Peer;

typedef struct
{
  Peer peer;
  VlSqliteTable *sqlite; /* what misses and hits are read from */
  VlMemoryTable *memory;
  VlLiveTable *live;
  VlCache *cache;
  VlQuery *query;
  VlPage *pages[2];
  guint n_stored;
  guint64 lease;
  guint n_rows; /* of the last answer */
  guint n_under_way;
  gboolean is_done;
} Peers;

/* The program on the other side */

static void
peer_start (Peer *peer, const char *const *argv)
{
  g_autoptr (GError) error = NULL;

  peer->process = g_subprocess_newv (argv,
                                     G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                     &error);
  g_assert_no_error (error);
  peer->input = g_subprocess_get_stdin_pipe (peer->process);
  peer->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (peer->process));
}

static void
peer_stop (Peer *peer)
{
  if (peer->process == NULL)
    return;

  g_output_stream_close (peer->input, NULL, NULL);
  g_subprocess_wait (peer->process, NULL, NULL);
  g_object_unref (peer->output);
  g_object_unref (peer->process);
}

/* The nanoseconds that `n` operations took there. */
static double
peer_run (Peer *peer, const char *operation, guint n, guint expected_rows)
{
  g_autofree char *line = g_strdup_printf ("%s %u\n", operation, n);
  g_autofree char *answer = NULL;
  g_autoptr (GError) error = NULL;
  char *rest;
  guint64 time;

  g_output_stream_write_all (peer->input, line, strlen (line), NULL, NULL, &error);
  g_assert_no_error (error);
  answer = g_data_input_stream_read_line (peer->output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (answer);
  time = g_ascii_strtoull (answer, &rest, 10);
  g_assert_cmpuint (g_ascii_strtoull (rest, NULL, 10), ==, expected_rows);

  return (double) time;
}

static const char *
database (void)
{
  static char *path;

  if (path == NULL)
    {
      path = bench_temp_path ("peers.db");
      bench_database_make (path, N_ROWS);
    }

  return path;
}

static void
start_program (Peers *peers, const char *program)
{
  g_autofree char *folder = bench_temp_path ("");
  const char *const argv[] = { program, database (), folder, NULL };

  peer_start (&peers->peer, argv);
}

static void
peers_tear_down (gpointer data)
{
  Peers *peers = data;

  peer_stop (&peers->peer);
  g_clear_object (&peers->query);
  g_clear_object (&peers->live);
  g_clear_object (&peers->sqlite);
  g_clear_object (&peers->memory);
  g_clear_object (&peers->cache);
  g_clear_object (&peers->pages[0]);
  g_clear_object (&peers->pages[1]);
  g_free (peers);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* Lists of SQLite: Gom and libgda */

static void
listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Peers *peers = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = vl_table_list_finish ((VlTable *) source, result, &error);

  g_assert_no_error (error);
  peers->n_rows = vl_page_get_n_records (page);
  for (guint i = 0; i < peers->n_rows; i++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (page, i);

      g_assert (vl_record_get_string (record, "name") != NULL);
    }
  peers->is_done = TRUE;
}

static void
list_page (Peers *peers)
{
  peers->is_done = FALSE;
  vl_table_list_async ((VlTable *) peers->live, peers->query, NULL, listed, peers);
  bench_turn_until (&peers->is_done);
  g_assert_cmpuint (peers->n_rows, ==, PAGE_SIZE);
}

static void
list_pages (gpointer data, guint n)
{
  for (guint i = 0; i < n; i++)
    list_page (data);
}

static double
peer_list (gpointer data, guint n)
{
  Peers *peers = data;

  return peer_run (&peers->peer, "list", n, PAGE_SIZE);
}

G_GNUC_UNUSED static gpointer
lists_set_up (const char *program)
{
  Peers *peers = g_new0 (Peers, 1);
  g_autoptr (VlQuery) all = vl_query_new ();

  peers->cache = VL_CACHE (vl_null_cache_new ());
  peers->sqlite = vl_sqlite_table_new (database (), "products");
  peers->live = vl_live_table_new (VL_TABLE (peers->sqlite), "peers", peers->cache);
  peers->query = vl_query_window (all, 0, PAGE_SIZE);
  start_program (peers, program);

  return peers;
}

static void
lists_check (gpointer data)
{
  list_page (data);
  peer_list (data, 1);
}

/* Pages kept on disk: Evolution's cache */

static void
looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Peers *peers = user_data;
  g_autoptr (GError) error = NULL;
  gboolean fresh = FALSE;
  g_autoptr (VlPage)
    page = vl_cache_lookup_finish ((VlCache *) source, result, &fresh, &peers->lease, &error);

  g_assert_no_error (error);
  peers->n_rows = page != NULL ? vl_page_get_n_records (page) : 0;
  peers->is_done = TRUE;
}

static void
look_up (gpointer data, guint n)
{
  Peers *peers = data;

  for (guint i = 0; i < n; i++)
    {
      peers->is_done = FALSE;
      vl_cache_lookup_async (peers->cache, ROOT, "page", NULL, looked_up, peers);
      bench_turn_until (&peers->is_done);
    }
}

static void
stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Peers *peers = user_data;

  g_assert (vl_cache_store_finish ((VlCache *) source, result, NULL));
  peers->is_done = --peers->n_under_way == 0;
}

static void
store_page (Peers *peers, const char *key)
{
  peers->is_done = FALSE;
  peers->n_under_way++;
  vl_cache_store_async (peers->cache, ROOT, key, peers->pages[peers->n_stored++ % 2], peers->lease,
                        NULL, stored, peers);
}

static void
store_pages (gpointer data, guint n)
{
  Peers *peers = data;

  for (guint i = 0; i < n; i++)
    {
      store_page (peers, "page");
      bench_turn_until (&peers->is_done);
    }
}

static double
peer_get (gpointer data, guint n)
{
  Peers *peers = data;

  return peer_run (&peers->peer, "get", n, PAGE_SIZE);
}

static double
peer_put (gpointer data, guint n)
{
  Peers *peers = data;

  return peer_run (&peers->peer, "put", n, PAGE_SIZE);
}

static void
pages_init (Peers *peers, VlCache *cache)
{
  peers->cache = cache;
  peers->pages[0] = bench_table_page (0, PAGE_SIZE);
  peers->pages[1] = bench_table_page (PAGE_SIZE, PAGE_SIZE);
  look_up (peers, 1);
}

#ifdef PEER_ECACHE
static gpointer
ecache_set_up (void)
{
  static guint number;
  Peers *peers = g_new0 (Peers, 1);
  g_autofree char *name = g_strdup_printf ("peers-cache-%u", number++);
  g_autofree char *folder = bench_temp_path (name);
  VlSqliteCache *cache = vl_sqlite_cache_new (folder);

  /* Nothing in memory: pages come from the file. */
  vl_sqlite_cache_set_memory_bytes (cache, 0);
  pages_init (peers, VL_CACHE (cache));
  store_pages (peers, 1);
  start_program (peers, PEER_ECACHE);

  return peers;
}
#endif

static void
ecache_check (gpointer data)
{
  Peers *peers = data;

  look_up (peers, 1);
  g_assert_cmpuint (peers->n_rows, ==, PAGE_SIZE);
  peer_get (peers, 1);
  peer_put (peers, 1);
}

/* Hits and invalidations: TanStack Query */

static double
peer_hit (gpointer data, guint n)
{
  Peers *peers = data;

  return peer_run (&peers->peer, "hit", n, PAGE_SIZE);
}

static double
peer_forget (gpointer data, guint n)
{
  Peers *peers = data;

  return peer_run (&peers->peer, "forget", n, N_PAGES);
}

static void
fill_pages (gpointer data, guint n)
{
  Peers *peers = data;

  look_up (peers, 1);
  for (guint i = 0; i < N_PAGES; i++)
    {
      g_autofree char *key = g_strdup_printf ("q/*/%u/%u", PAGE_SIZE, i);

      store_page (peers, key);
    }
  bench_turn_until (&peers->is_done);
}

static void
forgotten (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Peers *peers = user_data;

  g_assert (vl_cache_invalidate_finish ((VlCache *) source, result, NULL));
  peers->is_done = TRUE;
}

static void
forget_pages (gpointer data, guint n)
{
  Peers *peers = data;

  peers->is_done = FALSE;
  vl_cache_invalidate_async (peers->cache, ROOT, NULL, forgotten, peers);
  bench_turn_until (&peers->is_done);
}

static const char *
tanstack_get_missing (void)
{
  const char *const argv[] = { "node", "-e", "require.resolve ('@tanstack/query-core')", NULL };
  int status = -1;

  if (g_spawn_sync (NULL, (char **) argv, NULL,
                    G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                    NULL, NULL, NULL, NULL, &status, NULL) &&
      status == 0)
    return NULL;

  return "Node does not find @tanstack/query-core; NODE_PATH can say where it is";
}

static void
start_tanstack (Peers *peers)
{
  const char *const argv[] = { "node", PEER_TANSTACK, NULL };

  peer_start (&peers->peer, argv);
}

static gpointer
tanstack_hit_set_up (void)
{
  Peers *peers = g_new0 (Peers, 1);
  g_autoptr (VlPage) page = NULL;

  peers->memory = bench_table_new (N_PAGES);
  peers->live = bench_table_live (VL_TABLE (peers->memory), PAGE_SIZE);
  peers->query = bench_table_query (5 * PAGE_SIZE, PAGE_SIZE);
  page = bench_table_list (peers->live, peers->query);
  start_tanstack (peers);

  return peers;
}

static gpointer
tanstack_forget_set_up (void)
{
  Peers *peers = g_new0 (Peers, 1);

  pages_init (peers, VL_CACHE (vl_memory_cache_new (G_GUINT64_CONSTANT (1) << 30)));
  start_tanstack (peers);

  return peers;
}

static void
got_hit (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Peers *peers = user_data;
  g_autoptr (VlPage) page = vl_table_list_finish ((VlTable *) source, result, NULL);

  peers->n_rows = vl_page_get_n_records (page);
  peers->is_done = TRUE;
}

/* Its query is built anew for each, too. */
static void
list_hits (gpointer data, guint n)
{
  Peers *peers = data;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (VlQuery) query = bench_table_query (5 * PAGE_SIZE, PAGE_SIZE);

      peers->is_done = FALSE;
      vl_table_list_async ((VlTable *) peers->live, query, NULL, got_hit, peers);
      bench_turn_until (&peers->is_done);
    }
}

static void
tanstack_hit_check (gpointer data)
{
  Peers *peers = data;

  list_hits (peers, 1);
  g_assert_cmpuint (peers->n_rows, ==, PAGE_SIZE);
  peer_hit (peers, 1);
}

static void
tanstack_forget_check (gpointer data)
{
  fill_pages (data, 1);
  forget_pages (data, 1);
  peer_forget (data, 1);
}

/* The cases. Where a program was not built its case says so. */

#ifdef PEER_GOM
static gpointer
gom_set_up (void)
{
  return lists_set_up (PEER_GOM);
}
# define gom_get_missing NULL
#else
# define gom_set_up NULL
static const char *
gom_get_missing (void)
{
  return "libgom-1.0-dev is not installed";
}
#endif

#ifdef PEER_GDA
static gpointer
gda_set_up (void)
{
  return lists_set_up (PEER_GDA);
}
# define gda_get_missing NULL
#else
# define gda_set_up NULL
static const char *
gda_get_missing (void)
{
  return "libgda-5.0-dev is not installed";
}
#endif

#ifdef PEER_ECACHE
# define ecache_get_missing NULL
#else
# define ecache_set_up NULL
static const char *
ecache_get_missing (void)
{
  return "libebackend1.2-dev is not installed";
}
#endif

static const BenchCase gom_case = {
  .id = "13-gom",
  .title = "Gom: a page of 100 records out of SQLite",
  .ours = { .what = "a miss: vl_table_list_async(), all records made", .run = list_pages },
  .peer = { .what = "gom_repository_find_sync() and _fetch_sync()", .measure = peer_list, .n = 20 },
  .get_missing = gom_get_missing,
  .set_up = gom_set_up,
  .tear_down = peers_tear_down,
  .check = lists_check,
};

static const BenchCase gda_case = {
  .id = "13-gda",
  .title = "libgda: a page of 100 rows out of SQLite",
  .ours = { .what = "a miss: vl_table_list_async(), all records made", .run = list_pages },
  .peer = { .what = "gda_connection_statement_execute_select(), all cells read",
            .measure = peer_list,
            .n = 50 },
  .get_missing = gda_get_missing,
  .set_up = gda_set_up,
  .tear_down = peers_tear_down,
  .check = lists_check,
};

static const BenchCase ecache_get_case = {
  .id = "13-ecache-get",
  .title = "Evolution's ECache: a page of 100 rows from the cache on disk",
  .ours = { .what = "vl_cache_lookup_async() of VlSqliteCache, nothing in memory, ready to be read",
            .run = look_up },
  .peer = { .what = "e_cache_get() of text that is still to be parsed",
            .measure = peer_get,
            .n = 500 },
  .note = "Ours crosses to another thread and back, one at a time.",
  .get_missing = ecache_get_missing,
  .set_up = ecache_set_up,
  .tear_down = peers_tear_down,
  .check = ecache_check,
};

static const BenchCase ecache_put_case = {
  .id = "13-ecache-put",
  .title = "Evolution's ECache: such a page into the cache on disk",
  .ours = { .what = "vl_cache_store_async() of VlSqliteCache", .run = store_pages },
  .peer = { .what = "e_cache_put()", .measure = peer_put, .n = 10 },
  .note = "It waits for the disk each time; ours does not, since what a crash takes is a copy.",
  .get_missing = ecache_get_missing,
  .set_up = ecache_set_up,
  .tear_down = peers_tear_down,
  .check = ecache_check,
};

static const BenchCase tanstack_hit_case = {
  .id = "13-tanstack-hit",
  .title = "TanStack Query: an asynchronous hit of a fresh page",
  .ours = { .what = "a new query, vl_table_list_async() and a turn", .run = list_hits },
  .peer = { .what = "a new key, await fetchQuery()", .measure = peer_hit, .n = 2000 },
  .get_missing = tanstack_get_missing,
  .set_up = tanstack_hit_set_up,
  .tear_down = peers_tear_down,
  .check = tanstack_hit_check,
};

static const BenchCase tanstack_forget_case = {
  .id = "13-tanstack-forget",
  .title = "TanStack Query: making 1,000 cached pages stale",
  .ours = { .what = "vl_cache_invalidate_async() of VlMemoryCache and a turn",
            .prepare = fill_pages,
            .run = forget_pages,
            .n = 1 },
  .peer = { .what = "await invalidateQueries()", .measure = peer_forget, .n = 1 },
  .get_missing = tanstack_get_missing,
  .set_up = tanstack_forget_set_up,
  .tear_down = peers_tear_down,
  .check = tanstack_forget_check,
};

void
bench_add_peers (void)
{
  bench_add_case (&gom_case);
  bench_add_case (&gda_case);
  bench_add_case (&ecache_get_case);
  bench_add_case (&ecache_put_case);
  bench_add_case (&tanstack_hit_case);
  bench_add_case (&tanstack_forget_case);
}
