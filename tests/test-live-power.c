/* test-live-power.c: what became of writes when the power went
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A live table with a journal over a database and a cache, all of them on a disk
 * that loses what was not synced, tears the last write, and forgets names. A seed
 * decides what is written and read, when the machine dies, and what is left. Each
 * life is a process of its own, with one thread; triggers in the database write
 * down all that is ever applied, so that nothing can be lost, doubled, or put in
 * another order unnoticed. One seed is run again by VL_TEST_SEED=SEED, more of
 * them by VL_TEST_SEEDS=NUMBER.
 */

#include <sqlite3.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cache-folder.h"
#include "fake-clock.h"
#include "forgetful-file.h"
#include "forgetful-vfs.h"
#include "live-ask.h"
#include "sqlite-file.h"
#include "stepped-jobs.h"

#include "vantage-live/base/vl-random-private.h"

#define N_SEEDS    200
#define N_QUICK    15
#define N_LIVES    5
#define N_STEPS    150
#define N_IDS      6
#define N_QUERIES  3
#define PAGE_SIZE  4
#define WRITES_MAX 1000

/* What the world does wrong, for the test to notice. */
typedef enum
{
  SOUND,
  DISK_LIES, /* what is synced is lost all the same */
  N_FLAWS,
} Flaw;

/* What the processes share. */
typedef struct
{
  gboolean is_accepted[N_LIVES * WRITES_MAX];
  gboolean is_reported[N_LIVES * WRITES_MAX];
  gboolean had_fault;
  guint n_accepted;
  guint n_replayed;
  guint n_doubtful;
  guint n_faults;
  guint n_fresh;
  guint n_stale;
  guint n_wrong;
} Shared;

typedef struct
{
  Shared *shared;
  SqliteFile file;
  CacheFolder folder;
  char *journal;
  guint32 seed;
  Flaw flaw;
  gboolean is_idempotent;
  gboolean has_faults;
} World;

/* One process. */
typedef struct
{
  World *world;
  guint life;
  GRand *rand;
  VlSqliteTable *master;
  VlCache *cache;
  VlLiveTable *live;
  guint n_written;
} Life;

static const char *const schema_sql =
  "PRAGMA journal_mode = WAL; "
  "CREATE TABLE things (id INTEGER PRIMARY KEY, n INTEGER); "
  "WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 6) "
  "INSERT INTO things SELECT n, 0 FROM i; "
  "CREATE TABLE log (seq INTEGER PRIMARY KEY, id INTEGER, n INTEGER, is_new INTEGER); "
  "CREATE TRIGGER updated AFTER UPDATE ON things BEGIN "
  "INSERT INTO log (id, n, is_new) VALUES (NEW.id, NEW.n, 0); END; "
  "CREATE TRIGGER inserted AFTER INSERT ON things BEGIN "
  "INSERT INTO log (id, n, is_new) VALUES (NEW.id, NEW.n, 1); END";

G_GNUC_PRINTF (2, 3)
static void
complain (World *world, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  world->shared->n_wrong++;
  if (world->flaw != SOUND)
    return;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("# seed %u: %s\n", world->seed, message);
}

static guint
any_below (Life *self, guint n)
{
  return g_rand_int (self->rand) % n;
}

/* --- Writing --- */

typedef struct
{
  Shared *shared;
  guint number;
} Accepted;

static void
accepted (VlWrite *write, GParamSpec *pspec, gpointer user_data)
{
  Accepted *call = user_data;

  if (!vl_write_get_accepted (write) || forgetful_disk_is_dead () ||
      call->shared->is_accepted[call->number])
    return;

  call->shared->is_accepted[call->number] = TRUE;
  call->shared->n_accepted++;
}

static void
free_accepted (gpointer data, GClosure *closure)
{
  g_free (data);
}

static VlChange *
make_change (Life *self, guint number)
{
  g_autofree char *id = g_strdup_printf ("%u", 1 + any_below (self, N_IDS));
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
  g_autoptr (VlRecord) fields = NULL;

  vl_record_builder_set_int64 (builder, "n", number);
  fields = vl_record_builder_end (builder);

  return any_below (self, 3) == 0 ? vl_change_new_insert (fields)
                                  : vl_change_new_patch (id, fields);
}

static void
write_one (Life *self)
{
  Accepted *call = g_new (Accepted, 1);
  g_autoptr (VlChange) change = NULL;
  g_autoptr (VlWrite) write = NULL;

  *call = (Accepted){ self->world->shared, self->life * WRITES_MAX + ++self->n_written };
  change = make_change (self, call->number);
  write = vl_live_table_write (self->live, change);
  g_signal_connect_data (write, "notify::accepted", G_CALLBACK (accepted), call, free_accepted, 0);
  accepted (write, NULL, call);
}

/* --- Reading --- */

static VlQuery *
make_query (guint i)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) filtered = vl_query_where (all, "id", VL_OP_LE, g_variant_new_int64 (N_IDS));

  return vl_query_window (filtered, i * 2, PAGE_SIZE);
}

static void
read_one (Life *self)
{
  g_autoptr (VlQuery) query = make_query (any_below (self, N_QUERIES));

  vl_table_list_async (VL_TABLE (self->live), query, NULL, NULL, NULL);
}

/* NULL when there is none. */
static VlPage *
read_now (gpointer table, guint i)
{
  g_autoptr (VlQuery) query = make_query (i);
  g_autoptr (Ask) ask = ask_list (table, query);

  while (!ask->is_done)
    stepped_jobs_do_all ();

  return g_steal_pointer (&ask->page);
}

/* What the cache calls fresh is what the database has. */
static void
check_fresh (Life *self)
{
  vl_live_table_set_read_policy (self->live, VL_READ_POLICY_CACHE_ONLY);
  for (guint i = 0; i < N_QUERIES; i++)
    {
      g_autoptr (VlPage) cached = read_now (self->live, i);
      g_autoptr (VlPage) fetched = NULL;
      g_autofree char *cached_values = NULL;
      g_autofree char *fetched_values = NULL;

      self->world->shared->n_stale += cached != NULL && vl_page_get_is_stale (cached);
      if (cached == NULL || vl_page_get_is_stale (cached))
        continue;
      self->world->shared->n_fresh++;
      fetched = read_now (self->master, i);
      cached_values = join_column (cached, "n");
      fetched_values = join_column (fetched, "n");
      if (!g_str_equal (cached_values, fetched_values))
        complain (self->world, "life %u: fresh is %s, but there is %s", self->life, cached_values,
                  fetched_values);
    }
  vl_live_table_set_read_policy (self->live, VL_READ_POLICY_CACHE_FIRST);
}

/* --- A life --- */

static GRand *library_rand;

static guint64
library_random (void)
{
  return (guint64) g_rand_int (library_rand) << 32 | g_rand_int (library_rand);
}

static void
life_begin (Life *self, World *world, guint life)
{
  *self = (Life){ .world = world, .life = life };
  self->rand = g_rand_new_with_seed (world->seed * 100 + life);
  library_rand = g_rand_new_with_seed (g_rand_int (self->rand));
  _vl_random_set_func (library_random);
  stepped_jobs_begin ();
  fake_clock_begin ();
  fake_clock_advance ((life + 1) * 1000000);
  forgetful_vfs_begin ();
  forgetful_files_begin ();
  forgetful_disk_begin (world->folder.parent, g_rand_int (self->rand));
  forgetful_disk_set_lies (world->flaw == DISK_LIES);

  self->master = g_object_new (VL_TYPE_SQLITE_TABLE, "path", world->file.path, "table-name",
                               "things", "allow-bookkeeping", world->is_idempotent, NULL);
  self->cache = VL_CACHE (vl_sqlite_cache_new (world->folder.path));
  self->live = g_object_new (VL_TYPE_LIVE_TABLE, "master", self->master, "cache-key", "power",
                             "cache", self->cache, "follow-master", FALSE, "page-size", PAGE_SIZE,
                             "retry-floor", 1, "retry-cap", 5, NULL);
  vl_live_table_set_optimistic (self->live, any_below (self, 2) == 0);
  if (any_below (self, 3) == 0)
    vl_live_table_set_invalidation (self->live, VL_INVALIDATION_SURGICAL);
}

static void
on_journal (VlLiveTable *live, GParamSpec *pspec, gpointer user_data)
{
  Shared *shared = user_data;

  if (vl_live_table_get_journal_state (live) == VL_JOURNAL_STATE_OPEN)
    shared->n_replayed += vl_live_table_get_pending_writes (live);
}

static void
use_journal (Life *self)
{
  g_autoptr (GFile) file = g_file_new_for_path (self->world->journal);

  g_signal_connect (self->live, "notify::journal-state", G_CALLBACK (on_journal),
                    self->world->shared);
  vl_live_table_set_journal (self->live, file);
}

/* Something of the disk does not work, once or from now on. */
static void
add_fault (Life *self)
{
  static const struct
  {
    ForgetfulOp op;
    int code;
  } faults[] = {
    { FORGETFUL_WRITE, SQLITE_FULL },     { FORGETFUL_WRITE, SQLITE_IOERR },
    { FORGETFUL_SYNC, SQLITE_FULL },      { FORGETFUL_SYNC, SQLITE_IOERR },
    { FORGETFUL_TRUNCATE, SQLITE_IOERR }, { FORGETFUL_RENAME, SQLITE_IOERR },
  };
  guint i = any_below (self, G_N_ELEMENTS (faults));

  self->world->shared->had_fault = TRUE;
  forgetful_disk_fail (faults[i].op, 1 + any_below (self, 60), any_below (self, 2), faults[i].code);
}

static void
step (Life *self)
{
  switch (any_below (self, 12))
    {
    case 0:
    case 1:
      for (guint n = 1 + any_below (self, 4); n > 0; n--)
        write_one (self);
      break;
    case 2:
    case 3:
      read_one (self);
      break;
    case 4:
      stepped_jobs_do_all ();
      break;
    case 5:
      fake_clock_advance (any_below (self, 20));
      break;
    default:
      stepped_jobs_do_one ();
      for (guint n = any_below (self, 4); n > 0; n--)
        g_main_context_iteration (NULL, FALSE);
      break;
    }
}

G_GNUC_NORETURN static void
live_and_die (World *world, guint life)
{
  Life self;
  guint n_steps;

  life_begin (&self, world, life);
  n_steps = any_below (&self, N_STEPS);
  if (any_below (&self, 4) == 0)
    forgetful_disk_kill_at (1 + any_below (&self, 60));
  else
    check_fresh (&self);
  use_journal (&self);
  if (any_below (&self, 3) > 0)
    stepped_jobs_do_all ();
  if (self.world->has_faults && any_below (&self, 2) == 0)
    add_fault (&self);
  if (any_below (&self, 2) == 0)
    forgetful_disk_kill_at (1 + any_below (&self, 200));
  for (guint i = 0; i < n_steps && !forgetful_disk_is_dead (); i++)
    step (&self);
  world->shared->n_faults += forgetful_disk_n_failed ();
  forgetful_disk_leave (any_below (&self, 5) > 0);
  _exit (0);
}

/* --- The last one --- */

/* What nobody can know is reported, with its data. */
static void
take_reports (Life *self)
{
  GListModel *writes = vl_live_table_get_writes (self->live);

  while (g_list_model_get_n_items (writes) > 0)
    {
      g_autoptr (VlWrite) write = g_list_model_get_item (writes, 0);
      g_autoptr (GError) error = vl_write_dup_error (write);
      VlRecord *record = vl_change_get_record (vl_write_get_change (write));

      /* What the disk did not take is reported with the reason. */
      if (!self->world->shared->had_fault &&
          (self->world->is_idempotent || !g_error_matches (error, VL_ERROR, VL_ERROR_IN_DOUBT)))
        complain (self->world, "a write failed: %s", error != NULL ? error->message : "no error");
      self->world->shared->is_reported[vl_record_get_int64 (record, "n")] = TRUE;
      self->world->shared->n_doubtful++;
      vl_write_discard (write);
    }
}

G_GNUC_NORETURN static void
live_on (World *world)
{
  Life self;

  life_begin (&self, world, N_LIVES);
  check_fresh (&self);
  use_journal (&self);
  stepped_jobs_do_all ();
  if (vl_live_table_get_journal_state (self.live) != VL_JOURNAL_STATE_OPEN)
    complain (world, "the journal cannot be used");
  for (guint i = 0; i < 1000 && vl_live_table_get_pending_writes (self.live) > 0; i++)
    {
      stepped_jobs_do_all ();
      fake_clock_advance (10);
    }
  if (vl_live_table_get_pending_writes (self.live) > 0)
    complain (world, "writes are never sent");
  take_reports (&self);
  check_fresh (&self);
  for (guint i = 0; i < N_QUERIES; i++)
    {
      g_autoptr (VlPage) page G_GNUC_UNUSED = read_now (self.live, i);
    }
  check_fresh (&self);
  if (vl_sqlite_cache_get_is_degraded (VL_SQLITE_CACHE (self.cache)))
    complain (world, "the cache works from memory alone");
  forgetful_disk_leave (FALSE);
  _exit (0);
}

/* --- A world --- */

static void
world_init (World *self, guint32 seed, Flaw flaw, gboolean has_faults)
{
  *self = (World){ .seed = seed, .flaw = flaw };
  self->is_idempotent = seed % 3 > 0;
  self->has_faults = has_faults;
  self->shared = mmap (NULL, sizeof *self->shared, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  g_assert_true (self->shared != MAP_FAILED);
  cache_folder_init (&self->folder);
  self->file.folder = g_strdup (self->folder.parent);
  self->file.path = g_build_filename (self->folder.parent, "things.db", NULL);
  self->journal = g_build_filename (self->folder.parent, "journal", NULL);
  sqlite_file_run (&self->file, schema_sql);
}

static void
world_clear (World *self)
{
  munmap (self->shared, sizeof *self->shared);
  cache_folder_clear (&self->folder);
  g_free (self->journal);
  g_free (self->file.folder);
  g_free (self->file.path);
}

static void
run_life (World *self, guint life)
{
  pid_t pid = fork ();
  int status;

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      if (life < N_LIVES)
        live_and_die (self, life);
      live_on (self);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  if (status != 0)
    complain (self, "life %u has crashed", life);
}

static gboolean
is_any (World *self, const char *sql)
{
  return sqlite_file_get_int64 (&self->file, sql) != 0;
}

/* A master that does not know what it has applied may be sent a patch twice,
 * which does no harm, but no new record. */
static void
check_log (World *self)
{
  g_autofree char *text = sqlite_file_get_text (&self->file, "SELECT group_concat (n) FROM log");
  g_auto (GStrv) found = g_strsplit (text != NULL ? text : "", ",", -1);

  for (guint i = 0; found[i] != NULL; i++)
    self->shared->is_reported[strtoul (found[i], NULL, 10)] = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (self->shared->is_accepted); i++)
    {
      if (self->shared->is_accepted[i] && !self->shared->is_reported[i])
        complain (self, "write %u was accepted and is lost", i);
    }
  if (is_any (self, "SELECT count(*) - count(DISTINCT n) FROM log WHERE is_new") ||
      (self->is_idempotent && is_any (self, "SELECT count(*) - count(DISTINCT n) FROM log")))
    complain (self, "a write was applied twice");
  if (is_any (self, "SELECT count(*) FROM (SELECT n - lag(n, 1, 0) OVER "
                    "(PARTITION BY id ORDER BY seq) AS step FROM log) WHERE step < 0"))
    complain (self, "writes to one record were put in another order");
}

typedef struct
{
  guint n_accepted;
  guint n_replayed;
  guint n_doubtful;
  guint n_faults;
  guint n_fresh;
  guint n_stale;
} Counters;

static guint
run_seed (guint32 seed, Flaw flaw, gboolean has_faults, Counters *counters)
{
  World world;
  guint n_wrong;

  world_init (&world, seed, flaw, has_faults);
  for (guint life = 0; life <= N_LIVES; life++)
    run_life (&world, life);
  check_log (&world);
  counters->n_accepted += world.shared->n_accepted;
  counters->n_replayed += world.shared->n_replayed;
  counters->n_doubtful += world.shared->n_doubtful;
  counters->n_faults += world.shared->n_faults;
  counters->n_fresh += world.shared->n_fresh;
  counters->n_stale += world.shared->n_stale;
  n_wrong = world.shared->n_wrong;
  world_clear (&world);

  return n_wrong;
}

static void
get_seeds (guint *first, guint *n)
{
  const char *one = g_getenv ("VL_TEST_SEED");
  const char *many = g_getenv ("VL_TEST_SEEDS");

  *first = one != NULL ? (guint) strtoul (one, NULL, 10) : 0;
  *n = g_getenv ("VL_TEST_QUICK") != NULL ? N_QUICK : N_SEEDS;
  if (one != NULL || many != NULL)
    *n = one != NULL ? 1 : (guint) strtoul (many, NULL, 10);
}

static void
test_sound (gconstpointer data)
{
  const gboolean has_faults = GPOINTER_TO_INT (data);
  Counters counters = { 0 };
  guint first;
  guint n;

  get_seeds (&first, &n);
  for (guint i = first; i < first + n; i++)
    {
      if (run_seed (i, SOUND, has_faults, &counters) > 0)
        g_error ("VL_TEST_SEED=%u", i);
    }
  g_test_message ("%u accepted, %u replayed, %u reported; %u fresh, %u stale; %u faults",
                  counters.n_accepted, counters.n_replayed, counters.n_doubtful, counters.n_fresh,
                  counters.n_stale, counters.n_faults);
  if (n < N_QUICK)
    return;
  g_assert_cmpuint (counters.n_accepted, >, n);
  g_assert_cmpuint (counters.n_replayed, >, n / 4);
  g_assert_cmpuint (counters.n_doubtful, >, 0);
  g_assert_cmpuint (counters.n_fresh, >, n);
  g_assert_cmpuint (counters.n_stale, >, n / 4);
  g_assert_cmpuint (counters.n_faults > 0, ==, has_faults);
}

/* What nobody would notice would be no test. */
static void
test_flaw (gconstpointer data)
{
  Counters counters = { 0 };
  guint i = 0;

  while (run_seed (i, GPOINTER_TO_UINT (data), FALSE, &counters) == 0)
    g_assert_cmpuint (++i, <, 100);
  g_test_message ("noticed after %u seeds", i + 1);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GFile) any = NULL;

  g_test_init (&argc, &argv, NULL);
  /* So that no child has to find out how. */
  any = g_file_new_for_path ("/");

  g_test_add_data_func ("/live-table/power/what-was-accepted-is-applied-once",
                        GINT_TO_POINTER (FALSE), test_sound);
  g_test_add_data_func ("/live-table/power/likewise-on-a-disk-that-fails", GINT_TO_POINTER (TRUE),
                        test_sound);
  g_test_add_data_func ("/live-table/power/notices/a-disk-that-lies", GUINT_TO_POINTER (DISK_LIES),
                        test_flaw);

  return g_test_run ();
}
