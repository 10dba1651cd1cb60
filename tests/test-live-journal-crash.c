/* test-live-journal-crash.c: what became of writes when a program was killed
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The program runs itself as a child, which writes through a live table with a
 * journal over a database and a cache on disk, tells of each write that was
 * accepted, and is killed at a random moment. The next child, or the parent,
 * takes up the journal. Triggers in the database write down all that is ever
 * applied, so that nothing can be lost, doubled, or put in another order
 * unnoticed. What the cache calls fresh has to be what the database has.
 */

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "cache-folder.h"
#include "sqlite-file.h"

#define N_KILLS   300 /* VL_TEST_KILLS says otherwise */
#define N_QUICK   30  /* under a checker */
#define N_IDS     10
#define N_QUERIES 3
#define PAGE_SIZE 5

/* Each child counts its writes from a number of its own. */
#define WRITES_MAX 1000000

/* How many writes a child makes in one go. */
#define BURST_MAX 12

/* And how much it reads, when all of them are applied. */
#define READS_MAX 10

typedef struct
{
  const char *program;
  const char *mode; /* as the child is told */
  gboolean is_idempotent;
  gboolean is_faulty;
} Setting;

static const char *const schema_sql =
  "PRAGMA journal_mode = WAL; "
  "CREATE TABLE things (id INTEGER PRIMARY KEY, n INTEGER); "
  "WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 10) "
  "INSERT INTO things SELECT n, 0 FROM i; "
  "CREATE TABLE log (seq INTEGER PRIMARY KEY, id INTEGER, n INTEGER, is_new INTEGER); "
  "CREATE TRIGGER updated AFTER UPDATE ON things BEGIN "
  "INSERT INTO log (id, n, is_new) VALUES (NEW.id, NEW.n, 0); END; "
  "CREATE TRIGGER inserted AFTER INSERT ON things BEGIN "
  "INSERT INTO log (id, n, is_new) VALUES (NEW.id, NEW.n, 1); END";

static VlQuery *
make_query (guint i)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) filtered = vl_query_where (all, "id", VL_OP_LE, g_variant_new_int64 (N_IDS));

  return vl_query_window (filtered, i * PAGE_SIZE, PAGE_SIZE);
}

static VlLiveTable *
make_live (VlTable *master, VlCache *cache)
{
  return g_object_new (VL_TYPE_LIVE_TABLE, "master", master, "cache-key", "crash", "cache", cache,
                       "follow-master", FALSE, "page-size", PAGE_SIZE, "retry-floor", 1,
                       "retry-cap", 5, NULL);
}

static void
use_journal (VlLiveTable *live, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);

  vl_live_table_set_journal (live, file);
}

static VlSqliteTable *
make_master (const char *path, gboolean is_idempotent)
{
  return g_object_new (VL_TYPE_SQLITE_TABLE, "path", path, "table-name", "things",
                       "allow-bookkeeping", is_idempotent, NULL);
}

/* --- The child --- */

static guint n_recording;
static guint n_reading;

static void
accepted (VlWrite *one, GParamSpec *pspec, gpointer user_data)
{
  guint32 number = GPOINTER_TO_UINT (user_data);

  /* The parent counts on it from now on. */
  n_recording--;
  if (!vl_write_get_accepted (one) ||
      write (STDOUT_FILENO, &number, sizeof number) != sizeof number)
    exit (1);
}

static void
read_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  const guint32 nothing = 0;

  n_reading--;
  if (write (STDOUT_FILENO, &nothing, sizeof nothing) != sizeof nothing)
    exit (1);
}

static VlChange *
make_change (guint32 number)
{
  g_autofree char *id = g_strdup_printf ("%d", g_random_int_range (1, N_IDS + 1));
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
  g_autoptr (VlRecord) fields = NULL;

  vl_record_builder_set_int64 (builder, "n", number);
  fields = vl_record_builder_end (builder);

  return g_random_int_range (0, 3) == 0 ? vl_change_new_insert (fields)
                                        : vl_change_new_patch (id, fields);
}

static void
write_one (VlLiveTable *live, guint32 number)
{
  g_autoptr (VlChange) change = make_change (number);
  g_autoptr (VlWrite) write = vl_live_table_write (live, change);

  n_recording++;
  if (vl_write_get_accepted (write))
    accepted (write, NULL, GUINT_TO_POINTER (number));
  else
    g_signal_connect (write, "notify::accepted", G_CALLBACK (accepted), GUINT_TO_POINTER (number));
}

static void
read_one (VlLiveTable *live)
{
  g_autoptr (VlQuery) query = make_query ((guint) g_random_int_range (0, N_QUERIES));

  n_reading++;
  vl_table_list_async (VL_TABLE (live), query, NULL, read_done, NULL);
}

static VlTable *
make_faulty (VlTable *target, guint seed)
{
  VlFaultTable *faulty = vl_fault_table_new (target);

  vl_fault_table_set_seed (faulty, seed);
  vl_fault_table_set_error_rate (faulty, 0.1);
  vl_fault_table_set_lost_ack_rate (faulty, 0.1);
  vl_fault_table_set_lost_ack_error (faulty, VL_ERROR_IN_DOUBT);

  return VL_TABLE (faulty);
}

G_GNUC_NORETURN static void
run_child (char *argv[])
{
  gboolean is_idempotent = strstr (argv[1], "plain") == NULL;
  guint run = (guint) strtoul (argv[5], NULL, 10);
  guint32 number = run * WRITES_MAX;
  VlSqliteTable *target = make_master (argv[2], is_idempotent);
  VlTable *master = strstr (argv[1], "faulty") != NULL ? make_faulty (VL_TABLE (target), run)
                                                       : VL_TABLE (target);
  VlLiveTable *live = make_live (master, VL_CACHE (vl_sqlite_cache_new (argv[3])));

  g_random_set_seed (run);
  vl_live_table_set_optimistic (live, run % 2 == 0);
  if (run % 3 == 0)
    vl_live_table_set_invalidation (live, VL_INVALIDATION_SURGICAL);
  use_journal (live, argv[4]);
  for (;;)
    {
      guint burst = (guint) g_random_int_range (1, BURST_MAX);
      gboolean drains = g_random_int_range (0, 2) == 0;

      for (guint i = 0; i < burst; i++)
        write_one (live, ++number);
      while (n_recording > 0 || (drains && vl_live_table_get_pending_writes (live) > 0))
        g_main_context_iteration (NULL, TRUE);
      for (guint i = 0; drains && i < READS_MAX; i++)
        read_one (live);
      while (n_reading > 0)
        g_main_context_iteration (NULL, TRUE);
    }
}

/* --- The parent --- */

typedef struct
{
  const Setting *setting;
  SqliteFile file;
  CacheFolder folder;
  char *journal;
  guint n_runs;
  GHashTable *owed; /* of the numbers that were accepted and not found yet */
  guint n_accepted;
  guint n_replayed;
  guint n_doubtful;
  guint n_fresh;
} World;

static void
world_init (World *self, const Setting *setting)
{
  *self = (World){ .setting = setting };
  cache_folder_init (&self->folder);
  self->file.folder = g_strdup (self->folder.parent);
  self->file.path = g_build_filename (self->folder.parent, "things.db", NULL);
  self->journal = g_build_filename (self->folder.parent, "journal", NULL);
  self->owed = g_hash_table_new (NULL, NULL);
  sqlite_file_run (&self->file, schema_sql);
}

static void
world_clear (World *self)
{
  g_hash_table_unref (self->owed);
  g_free (self->journal);
  cache_folder_clear (&self->folder);
  g_free (self->file.folder);
  g_free (self->file.path);
}

/* Reads up to `n` numbers of writes, and zeros of reads, or all that there are to come. */
static void
read_accepted (World *self, int fd, guint n)
{
  guint32 number;

  while (n-- > 0)
    {
      gssize n_read = read (fd, &number, sizeof number);

      if (n_read == 0)
        return;
      g_assert_cmpint (n_read, ==, sizeof number);
      if (number == 0)
        continue;
      g_hash_table_add (self->owed, GUINT_TO_POINTER (number));
      self->n_accepted++;
    }
}

static void
run_and_kill (World *self)
{
  g_autofree char *run = g_strdup_printf ("%u", ++self->n_runs);
  const char *argv[] = {
    self->setting->program,
    self->setting->mode,
    self->file.path,
    self->folder.path,
    self->journal,
    run,
    NULL,
  };
  g_autoptr (GError) error = NULL;
  GPid pid;
  int status;
  int fd;

  cache_folder_wait_free (&self->folder);
  g_spawn_async_with_pipes (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid,
                            NULL, &fd, NULL, &error);
  g_assert_no_error (error);
  read_accepted (self, fd, (guint) g_test_rand_int_range (0, 60));
  for (int i = g_test_rand_int_range (0, 200); i > 0; i--)
    g_thread_yield ();
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGKILL);
  read_accepted (self, fd, G_MAXUINT);
  close (fd);
}

static void
check_fresh (World *self, VlTable *live, VlTable *master)
{
  vl_live_table_set_read_policy (VL_LIVE_TABLE (live), VL_READ_POLICY_CACHE_ONLY);
  for (guint i = 0; i < N_QUERIES; i++)
    {
      g_autoptr (VlQuery) query = make_query (i);
      g_autoptr (VlPage) cached = vl_table_list_sync (live, query, NULL, NULL);
      g_autoptr (VlPage) fetched = NULL;
      g_autofree char *cached_values = NULL;
      g_autofree char *fetched_values = NULL;

      if (cached == NULL || vl_page_get_is_stale (cached))
        continue;
      self->n_fresh++;
      fetched = vl_table_list_sync (master, query, NULL, NULL);
      cached_values = join_column (cached, "n");
      fetched_values = join_column (fetched, "n");
      g_assert_cmpstr (cached_values, ==, fetched_values);
    }
}

static gint64
get_number (VlWrite *write)
{
  return vl_record_get_int64 (vl_change_get_record (vl_write_get_change (write)), "n");
}

/* What nobody can know is reported, with its data. */
static void
take_reports (World *self, VlLiveTable *live)
{
  GListModel *writes = vl_live_table_get_writes (live);

  while (g_list_model_get_n_items (writes) > 0)
    {
      g_autoptr (VlWrite) write = g_list_model_get_item (writes, 0);
      g_autoptr (GError) error = vl_write_dup_error (write);

      g_assert_error (error, VL_ERROR, VL_ERROR_IN_DOUBT);
      g_assert_false (self->setting->is_idempotent);
      g_hash_table_remove (self->owed, GUINT_TO_POINTER ((guint) get_number (write)));
      self->n_doubtful++;
      vl_write_discard (write);
    }
}

static void
check_owed (World *self)
{
  g_autofree char *text = sqlite_file_get_text (&self->file,
                                                "SELECT group_concat (DISTINCT n) FROM log");
  g_auto (GStrv) found = g_strsplit (text != NULL ? text : "", ",", -1);

  for (guint i = 0; found[i] != NULL; i++)
    g_hash_table_remove (self->owed, GUINT_TO_POINTER ((guint) strtoul (found[i], NULL, 10)));
  g_assert_cmpuint (g_hash_table_size (self->owed), ==, 0);
}

/* At any time. A master that does not know what it has applied may be sent a
 * patch twice, which does no harm, but no new record. */
static void
check_log (World *self)
{
  g_assert_cmpint (sqlite_file_get_int64 (&self->file,
                                          self->setting->is_idempotent
                                            ? "SELECT count(*) - count(DISTINCT n) FROM log"
                                            : "SELECT count(*) - count(DISTINCT n) FROM log "
                                              "WHERE is_new"),
                   ==, 0);
  g_assert_cmpint (sqlite_file_get_int64 (&self->file,
                                          "SELECT count(*) FROM (SELECT n - lag(n, 1, 0) OVER "
                                          "(PARTITION BY id ORDER BY seq) AS step FROM log) "
                                          "WHERE step < 0"),
                   ==, 0);
}

static void
take_up (World *self, VlLiveTable *live)
{
  use_journal (live, self->journal);
  while (vl_live_table_get_journal_state (live) == VL_JOURNAL_STATE_OPENING)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (vl_live_table_get_journal_state (live), ==, VL_JOURNAL_STATE_OPEN);
  self->n_replayed += vl_live_table_get_pending_writes (live);
  while (vl_live_table_get_pending_writes (live) > 0)
    g_main_context_iteration (NULL, TRUE);
  take_reports (self, live);
  check_owed (self);
}

static void
check_after (World *self, gboolean takes_up)
{
  g_autoptr (VlSqliteTable) table = make_master (self->file.path, self->setting->is_idempotent);
  g_autoptr (VlTable) master = self->setting->is_faulty
                                 ? VL_TABLE (vl_fault_table_new (VL_TABLE (table)))
                                 : VL_TABLE (g_object_ref (table));
  VlSqliteCache *cache = vl_sqlite_cache_new (self->folder.path);
  VlLiveTable *live = make_live (master, VL_CACHE (cache));

  check_fresh (self, VL_TABLE (live), master);
  if (takes_up)
    {
      take_up (self, live);
      check_fresh (self, VL_TABLE (live), master);
    }
  check_log (self);
  g_assert_false (vl_sqlite_cache_get_is_degraded (cache));
  g_assert_true (vl_live_table_close_sync (live, NULL, NULL));

  g_object_unref (live);
  g_object_add_weak_pointer (G_OBJECT (cache), (gpointer *) &cache);
  g_object_unref (cache);
  while (cache != NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_kill (gconstpointer data)
{
  const char *wanted = g_getenv ("VL_TEST_KILLS");
  int usual = g_getenv ("VL_TEST_QUICK") != NULL ? N_QUICK : N_KILLS;
  int n_kills = wanted != NULL ? atoi (wanted) : usual;
  World world;

  world_init (&world, data);
  for (int i = 0; i < n_kills; i++)
    {
      run_and_kill (&world);
      check_after (&world, g_test_rand_int_range (0, 3) > 0);
    }
  check_after (&world, TRUE);
  g_test_message ("%u accepted, %u replayed, %u in doubt, %u fresh", world.n_accepted,
                  world.n_replayed, world.n_doubtful, world.n_fresh);
  g_assert_cmpuint (world.n_replayed, >, 0);
  /* A child is seldom done when it is killed, one over a bad network hardly
   * ever. */
  if (!world.setting->is_faulty && n_kills >= N_KILLS)
    g_assert_cmpuint (world.n_fresh, >, 0);
  world_clear (&world);
}

int
main (int argc, char *argv[])
{
  Setting known = { argv[0], "--child", TRUE, FALSE };
  Setting faulty = { argv[0], "--faulty-child", TRUE, TRUE };
  Setting plain = { argv[0], "--plain-child", FALSE, FALSE };

  if (argc == 6 && g_str_has_suffix (argv[1], "child"))
    run_child (argv);

  g_test_init (&argc, &argv, NULL);

#define CRASH "/live-table/journal/crash/"
  g_test_add_data_func (CRASH "each-write-once", &known, test_kill);
  g_test_add_data_func (CRASH "each-write-once-over-a-bad-network", &faulty, test_kill);
  g_test_add_data_func (CRASH "no-record-twice-in-a-plain-table", &plain, test_kill);
#undef CRASH

  return g_test_run ();
}
