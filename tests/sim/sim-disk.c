/* sim-disk.c: a cache on disk, whose thread works when it is told to
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The jobs of its thread wait here until the scheduler has one of them done,
 * between any two things that happen at home. A crash is a copy of the folder
 * as it is at that moment, which is what a killed process leaves behind: what
 * the old process does afterwards it does to a folder that nobody opens again.
 */

#include "sim.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#include "base/vl-executor-private.h"
#include "base/vl-sqlite-private.h"
#include "cache/vl-disk-private.h"
#include "cache/vl-disk-worker-private.h"
#include "live/vl-live-core-private.h"
#include "live/vl-live-table-private.h"

/* Of the cache, in its folder. */
#define FILE_NAME G_DIR_SEPARATOR_S "cache.db"

/* More jobs follow from what is asked. */
#define MAX_JOBS_EARLY 3

typedef struct
{
  VlJobFunc func;
  gpointer user_data;
  gint64 time; /* when the oldest of what it does can have been asked for */
} Job;

struct _SimDisk
{
  Sim *sim;
  char *base;
  char *folder;
  char *copy;
  GQueue jobs;  /* of Job */
  Job *working; /* the one that is being done */
  guint n_done;
  gboolean has_worked;   /* since it was looked at */
  GMainContext *context; /* that of the thread which there is not */
  VlSqlite *sqlite;      /* the connection of the cache, NULL = none is known */
};

/* The one of this run. */
static SimDisk *current;

/* The thread */

/* Called with locks of the cache held. */
static void
push (VlExecutor *executor, VlJobFunc func, gpointer user_data)
{
  Job *job;

  if (sim_journal_push (executor, func, user_data))
    return;

  job = g_new (Job, 1);
  job->func = func;
  job->user_data = user_data;
  /* One that goes on with what another has left. */
  job->time = current->working != NULL ? current->working->time : sim_clock_now ();
  g_queue_push_tail (&current->jobs, job);
}

/* There is one more while a file is made that is to take the place of this. */
static void
opened (VlSqlite *sqlite, VlSqliteMode mode)
{
  if (g_str_has_suffix (sqlite3_db_filename (_vl_sqlite_get_db (sqlite), "main"), FILE_NAME))
    current->sqlite = sqlite;
}

guint
sim_disk_count_jobs (SimDisk *self)
{
  return self != NULL ? self->jobs.length : 0;
}

guint
sim_disk_count_done (SimDisk *self)
{
  return self->n_done;
}

/* Whether somebody may have given up waiting for what it has not done. */
gboolean
sim_disk_is_late (SimDisk *self)
{
  Job *job = g_queue_peek_head (&self->jobs);
  guint timeout = self->sim->config.timeout;

  return job != NULL && timeout > 0 && sim_clock_now () >= job->time + (gint64) timeout * 1000;
}

void
sim_disk_work (SimDisk *self)
{
  Job *job = g_queue_pop_head (&self->jobs);

  if (job == NULL)
    return;

  if (!self->sim->is_crashing)
    sim_log (self->sim, "  the disk works");
  self->has_worked = TRUE;
  self->n_done++;
  self->working = job;
  g_main_context_push_thread_default (self->context);
  job->func (job->user_data);
  g_main_context_pop_thread_default (self->context);
  self->working = NULL;
  g_free (job);
  if (g_main_context_pending (self->context))
    sim_fail (self->sim, "the disk tells its own thread");
}

/* While something happens at home. */
void
sim_disk_work_early (Sim *sim)
{
  SimDisk *self = sim->disk;

  sim_journal_work_early (sim);
  if (self == NULL || self->working != NULL || sim->is_crashing || sim->failed)
    return;

  for (guint i = 0; i < MAX_JOBS_EARLY && self->jobs.length > 0; i++)
    {
      if (sim_random_chance (&sim->random, sim->config.cache_early / 2))
        sim_disk_work (self);
    }
}

/* The folder */

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      g_unlink (file);
    }
  g_rmdir (path);
}

static void
copy_file (const char *from, const char *to)
{
  g_autofree char *data = NULL;
  gsize length;
  g_autoptr (GError) error = NULL;
  FILE *file;

  g_file_get_contents (from, &data, &length, &error);
  g_assert_no_error (error);
  file = g_fopen (to, "wb");
  g_assert_nonnull (file);
  g_assert_cmpuint (fwrite (data, 1, length, file), ==, length);
  g_assert_cmpint (fclose (file), ==, 0);
}

/* Nothing that happens here damages the file, or keeps anybody from using it. */
void
sim_disk_check_whole (SimDisk *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      if (strstr (name, "aside") != NULL)
        sim_fail (self->sim, "the file of the cache was set aside");
    }
  if (vl_sqlite_cache_get_is_degraded (VL_SQLITE_CACHE (self->sim->cache)))
    sim_fail (self->sim, "the cache works from memory alone");
}

/* As it is on the disk, for a process that comes later. */
void
sim_disk_copy (SimDisk *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *name;

  g_assert_cmpint (g_mkdir (self->copy, 0700), ==, 0);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *from = g_build_filename (self->folder, name, NULL);
      g_autofree char *to = g_build_filename (self->copy, name, NULL);

      copy_file (from, to);
    }
}

/* Whatever has happened since the copy was made has not. */
void
sim_disk_become_copy (SimDisk *self)
{
  g_assert (g_queue_is_empty (&self->jobs));
  self->sqlite = NULL;
  remove_folder (self->folder);
  g_assert_cmpint (g_rename (self->copy, self->folder), ==, 0);
}

/* In memory, if that is to be had: nothing here outlives the run. */
static char *
make_base (void)
{
  const char *const places[] = { g_getenv ("TMPDIR"), g_getenv ("XDG_RUNTIME_DIR"), "/dev/shm",
                                 g_get_tmp_dir () };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *path = NULL;

      if (places[i] == NULL || places[i][0] == '\0')
        continue;
      path = g_build_filename (places[i], "vl-sim-XXXXXX", NULL);
      if (g_mkdtemp (path) != NULL)
        return g_steal_pointer (&path);
    }

  g_error ("There is no folder for a cache on disk");
}

SimDisk *
sim_disk_new (Sim *sim)
{
  SimDisk *self = g_new0 (SimDisk, 1);

  self->sim = sim;
  self->base = make_base ();
  self->folder = g_build_filename (self->base, "cache", NULL);
  self->copy = g_build_filename (self->base, "copy", NULL);
  self->context = g_main_context_new ();
  g_queue_init (&self->jobs);
  current = self;
  _vl_executor_set_push_func (push);
  _vl_sqlite_set_opened_func (opened);
  _vl_disk_worker_set_max_batch (sim->config.disk_batch);
  _vl_disk_erase_set_part (sim->config.disk_batch);

  return self;
}

/* What is left of a run that has failed stays undone. */
void
sim_disk_free (SimDisk *self)
{
  _vl_disk_erase_set_part (0);
  _vl_disk_worker_set_max_batch (0);
  _vl_sqlite_set_opened_func (NULL);
  _vl_executor_set_push_func (NULL);
  current = NULL;
  g_queue_clear_full (&self->jobs, g_free);
  remove_folder (self->folder);
  remove_folder (self->copy);
  g_rmdir (self->base);
  g_main_context_unref (self->context);
  g_free (self->base);
  g_free (self->folder);
  g_free (self->copy);
  g_free (self);
}

VlCache *
sim_disk_open (SimDisk *self)
{
  const SimConfig *config = &self->sim->config;

  self->sqlite = NULL;

  return g_object_new (VL_TYPE_SQLITE_CACHE, "folder", self->folder, "max-bytes",
                       config->disk_budget, "memory-bytes", config->memory_budget, NULL);
}

/* What is kept in front of the file goes; what is in the file stays. */
void
sim_disk_forget_memory (SimDisk *self)
{
  VlSqliteCache *cache = VL_SQLITE_CACHE (self->sim->cache);
  guint64 budget = vl_sqlite_cache_get_memory_bytes (cache);

  if (budget == 0)
    return;

  sim_log (self->sim, "  the disk's memory is forgotten");
  vl_sqlite_cache_set_memory_bytes (cache, 1);
  vl_sqlite_cache_set_memory_bytes (cache, budget);
}

/* What is in it */

/* Kept with the connection: nearly every step looks. The text is static, and
 * release() gives it back. */
static sqlite3_stmt *
prepare (SimDisk *self, const char *sql)
{
  sqlite3_stmt *statement = _vl_sqlite_keep_static (self->sqlite, sql, NULL);

  g_assert_nonnull (statement);

  return statement;
}

/* A statement that is not at its end would keep the file as it was. */
static void
release (sqlite3_stmt *statement)
{
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
}

static SimCore *
core_of_root (Sim *sim, const char *root)
{
  for (guint i = 0; i < SIM_N_CORES; i++)
    {
      if (g_str_has_prefix (root, sim->cores[i].key))
        return &sim->cores[i];
    }

  g_assert_not_reached ();
}

/* Every entry, as the file has it now. */
GPtrArray *
sim_disk_dup_entries (SimDisk *self)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func (sim_disk_entry_free);
  sqlite3_stmt *statement;

  if (self->sqlite == NULL)
    return entries;

  /* What this process alone knows as fresh is below 0, of this opening, and younger
   * than the generation that the root has now. */
  statement = prepare (self, "SELECT r.name, e.key, e.generation = r.generation, r.is_open, "
                             "-e.generation > MAX (r.generation, s.opening << 32) "
                             "FROM entries AS e JOIN roots AS r ON r.id = e.root, state AS s "
                             "WHERE r.name IS NOT NULL ORDER BY e.id");
  while (sqlite3_step (statement) == SQLITE_ROW)
    {
      SimDiskEntry *entry = g_new0 (SimDiskEntry, 1);

      entry->root = g_strdup ((const char *) sqlite3_column_text (statement, 0));
      entry->key = g_strdup ((const char *) sqlite3_column_text (statement, 1));
      entry->core = core_of_root (self->sim, entry->root);
      entry->is_current = sqlite3_column_int (statement, 2) != 0;
      entry->is_marked = sqlite3_column_int (statement, 3) != 0;
      entry->is_here = sqlite3_column_int (statement, 4) != 0;
      g_ptr_array_add (entries, entry);
    }
  release (statement);

  return entries;
}

void
sim_disk_entry_free (gpointer data)
{
  SimDiskEntry *entry = data;

  g_free (entry->root);
  g_free (entry->key);
  g_free (entry);
}

/* Of the core's root; 0 when there is something left to do, or the file does not
 * say. */
guint64
sim_disk_get_generation (SimDisk *self, SimCore *core)
{
  sqlite3_stmt *statement;
  guint64 generation = 0;

  if (self->sqlite == NULL || self->jobs.length > 0)
    return 0;

  statement = prepare (self, "SELECT generation FROM roots WHERE substr (name, 1, ?2) = ?1");
  sqlite3_bind_text (statement, 1, core->key, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 2, (gint64) strlen (core->key));
  if (sqlite3_step (statement) == SQLITE_ROW)
    generation = (guint64) sqlite3_column_int64 (statement, 0);
  release (statement);

  return generation;
}

/* If we crashed now: whether what would be fresh of the root is no older than
 * that version. */
static void
check_core (SimDisk *self, SimCore *core, guint oldest, const char *why)
{
  sqlite3_stmt *statement = prepare (
    self, "SELECT e.key, p.data FROM roots AS r JOIN entries AS e ON e.root = r.id "
          "JOIN pages AS p ON p.id = e.id "
          "WHERE substr (r.name, 1, ?2) = ?1 AND r.is_open = 0 AND e.generation = r.generation");

  sqlite3_bind_text (statement, 1, core->key, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 2, (gint64) strlen (core->key));
  while (sqlite3_step (statement) == SQLITE_ROW)
    {
      const char *key = (const char *) sqlite3_column_text (statement, 0);
      g_autoptr (GBytes) bytes = g_bytes_new (sqlite3_column_blob (statement, 1),
                                              (gsize) sqlite3_column_bytes (statement, 1));
      g_autoptr (VlPage) page = vl_page_new_from_bytes (bytes, NULL);

      if (page == NULL || !sim_entry_is_of (self->sim, key, page, oldest))
        sim_fail (self->sim, "%s version %u, and a crash would leave an older %s/%s as fresh", why,
                  oldest, core->key, key);
    }
  release (statement);
}

/* Whether the root says that it has heard of everything up to this version. */
static gboolean
has_heard_of (SimDisk *self, SimCore *core, guint version)
{
  g_autofree char *expected = g_strdup_printf ("at %u", version);
  gboolean found = FALSE;
  sqlite3_stmt *statement = prepare (
    self, "SELECT p.data FROM roots AS r JOIN entries AS e ON e.root = r.id "
          "JOIN pages AS p ON p.id = e.id WHERE substr (r.name, 1, ?2) = ?1 AND r.is_open = 0 "
          "AND e.generation = r.generation AND e.key = 'position'");

  sqlite3_bind_text (statement, 1, core->key, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 2, (gint64) strlen (core->key));
  while (sqlite3_step (statement) == SQLITE_ROW)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (sqlite3_column_blob (statement, 0),
                                              (gsize) sqlite3_column_bytes (statement, 0));
      g_autoptr (VlPage) page = vl_page_new_from_bytes (bytes, NULL);
      g_autoptr (VlRecord) record = vl_page_get_record (page, 0);

      found |= g_strcmp0 (vl_record_get_string (record, "position"), expected) == 0;
    }
  release (statement);

  return found;
}

static VlLiveCore *
find_live (Sim *sim, SimCore *core)
{
  for (guint i = 0; i < sim->shells->len; i++)
    {
      SimShell *shell = g_ptr_array_index (sim->shells, i);

      if (shell->core == core && shell->table != NULL)
        return shell->table->core;
    }

  return NULL;
}

/* Whether there are facts, of writes or of events, and all that was to be done for
 * them has been done: then nothing may be left as fresh that they are laid over. */
static gboolean
relies_on_facts (SimDisk *self, SimCore *core)
{
  VlLiveCore *live = find_live (self->sim, core);

  return live != NULL && live->has_surgical && live->gate.state == VL_GATE_OPEN &&
         live->writer.n_marking == 0 && !live->writer.is_unnoted && self->jobs.length == 0 &&
         core->n_elsewhere == 0 && core->last_elsewhere < self->sim->step;
}

static void
check_facts (SimDisk *self, SimCore *core)
{
  sqlite3_stmt *statement = prepare (
    self, "SELECT e.key FROM roots AS r JOIN entries AS e ON e.root = r.id "
          "WHERE substr (r.name, 1, ?2) = ?1 AND r.is_open = 0 AND e.generation = r.generation "
          "AND e.key NOT IN ('schema', 'position')");

  sqlite3_bind_text (statement, 1, core->key, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 2, (gint64) strlen (core->key));
  if (sqlite3_step (statement) == SQLITE_ROW)
    sim_fail (self->sim, "D5: facts are laid over %s/%s, and a crash would leave it as fresh",
              core->key, (const char *) sqlite3_column_text (statement, 0));
  release (statement);
}

/* D5: a write of ours that nobody would know of; and what the stream would find
 * to be where it was, though something was missed. */
void
sim_disk_check_now (Sim *sim)
{
  SimDisk *self = sim->disk;
  guint version = sim_data_get_version (sim->data);
  gboolean is_late;

  if (self == NULL || self->sqlite == NULL)
    return;

  is_late = sim_disk_is_late (self);
  for (guint i = 0; i < SIM_N_CORES && !sim->failed; i++)
    {
      SimCore *core = &sim->cores[i];

      if (core->executed > core->durable && !is_late)
        check_core (self, core, core->executed, "D5: a write of ours made");
      if (relies_on_facts (self, core))
        check_facts (self, core);
      if (sim->config.positions && self->has_worked && has_heard_of (self, core, version))
        check_core (self, core, version, "the stream is still at");
    }
  self->has_worked = FALSE;
}
