/* sim-journal.c: the disk that the journals are on
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A few files in memory, each with what was synced of it, and threads that work
 * when they are told to. A crash is what is left of the files at one moment,
 * perhaps while a thread is at work: all that was synced, and any part of what
 * was written since. For a while the disk may fail: it has no room, or does not
 * sync, or refuses anything at times. What a sync has failed on, a later one that
 * succeeds says nothing of.
 */

#include "sim.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/vl-executor-private.h"
#include "base/vl-file-private.h"

#define FOLDER "/vl-sim-journals"

/* Descriptors of ours. */
#define FIRST_FD 1000000

/* More jobs follow from what is asked. */
#define MAX_JOBS_EARLY 2

/* A crash comes after so many operations of a job, at most. */
#define MAX_CUT 8

/* How the disk fails. */
typedef enum
{
  FAULT_NONE,
  FAULT_FULL,
  FAULT_SYNC,
  FAULT_ANY,
  N_FAULTS,
} Fault;

typedef struct
{
  guint ref_count;
  guint number;
  GByteArray *data;
  guint n_synced;     /* bytes, of those in front */
  GByteArray *before; /* what was synced, when it was cut since; NULL = it was not */
  guint lost_from;    /* bytes from there up to `lost_to`: a sync has failed on them */
  guint lost_to;
  gboolean is_locked;
} Node;

typedef struct
{
  Node *node; /* NULL = the folder */
  guint at;
  gboolean appends;
  gboolean has_lock;
} Opening;

typedef struct
{
  VlJobFunc func;
  gpointer user_data;
} Job;

/* Of one core. */
typedef struct
{
  GFile *file;
  VlExecutor *executor; /* NULL = none was seen */
  GQueue jobs;          /* of Job */
  guint n_pushed;
  guint n_done;
  gboolean is_failing; /* the disk has refused something to what was done last */
  guint failed_at;     /* how many had been asked for when it did so last */
  guint failed_step;   /* the step; 0 = it never has */
  guint n_landing;     /* turns until the last one knows */
} Lane;

struct _SimJournal
{
  Sim *sim;
  const VlFileBackend *real;
  GMainContext *context;  /* that of the threads which there are not */
  GHashTable *names;      /* path to Node */
  GHashTable *kept_names; /* as they would be after a crash */
  GHashTable *snapshot;   /* what a crash has left, NULL = none */
  GPtrArray *openings;    /* of Opening, NULL where one was closed */
  Lane lanes[SIM_N_CORES];
  Lane *using; /* of the journal that is about to be opened */
  guint n_nodes;
  guint cut;     /* operations until the crash, 0 = none comes */
  Lane *working; /* whose thread is at work, NULL = none is */
  Fault fault;
};

/* The one of this run. */
static SimJournal *current;

/* Files */

static Node *
node_new (const guint8 *data, guint length)
{
  Node *node = g_new0 (Node, 1);

  node->ref_count = 1;
  node->number = ++current->n_nodes;
  node->data = g_byte_array_new ();
  g_byte_array_append (node->data, data, length);
  node->n_synced = length;

  return node;
}

static Node *
node_ref (Node *node)
{
  node->ref_count++;

  return node;
}

static void
node_unref (gpointer data)
{
  Node *node = data;

  if (--node->ref_count > 0)
    return;

  g_byte_array_unref (node->data);
  g_clear_pointer (&node->before, g_byte_array_unref);
  g_free (node);
}

static GHashTable *
names_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, node_unref);
}

static GHashTable *
names_copy (GHashTable *names)
{
  GHashTable *copy = names_new ();
  GHashTableIter iter;
  gpointer path;
  gpointer node;

  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &path, &node))
    g_hash_table_insert (copy, g_strdup (path), node_ref (node));

  return copy;
}

/* What a crash leaves of a file: what was synced, and perhaps some of what came
 * behind that. */
static Node *
node_survive (const Node *node, SimRandom *random)
{
  Node *left;
  guint n_more;

  if (node->before != NULL && sim_random_chance (random, 50))
    return node_new (node->before->data, node->before->len);
  if (node->before != NULL)
    {
      n_more = node->data->len - node->n_synced;
    }
  else
    {
      n_more = sim_random_below (random, node->data->len - node->n_synced + 1);
      if (sim_random_chance (random, 60))
        n_more = 0;
    }

  left = node_new (node->data->data, node->n_synced + n_more);
  if (node->lost_to > node->lost_from && sim_random_chance (random, 50))
    {
      for (guint i = node->lost_from; i < MIN (node->lost_to, left->data->len); i++)
        left->data->data[i] = 0;
    }

  return left;
}

static void
take_snapshot (SimJournal *self)
{
  SimRandom *random = &self->sim->random;
  GHashTable *names = sim_random_chance (random, 50) ? self->names : self->kept_names;
  g_autoptr (GList) paths = g_list_sort (g_hash_table_get_keys (names), (GCompareFunc) strcmp);

  self->snapshot = names_new ();
  for (GList *l = paths; l != NULL; l = l->next)
    g_hash_table_insert (self->snapshot, g_strdup (l->data),
                         node_survive (g_hash_table_lookup (names, l->data), random));
}

/* Something was done: the crash may come now. */
static void
done (SimJournal *self)
{
  if (self->cut > 0 && --self->cut == 0)
    take_snapshot (self);
}

/* Operations */

static gboolean
is_ours (const char *path)
{
  return g_str_has_prefix (path, FOLDER);
}

static Opening *
get_opening (int fd)
{
  return fd >= FIRST_FD ? g_ptr_array_index (current->openings, (guint) (fd - FIRST_FD)) : NULL;
}

static int
fail (int reason)
{
  errno = reason;

  return -1;
}

/* Whether the disk does not do it. */
static gboolean
refuses (guint faults, guint percent)
{
  SimJournal *self = current;
  Sim *sim = self->sim;

  if (self->fault == FAULT_NONE || sim->is_quiet || sim->is_crashing ||
      (faults & 1u << self->fault) == 0 || !sim_random_chance (&sim->random, percent))
    return FALSE;

  if (self->working != NULL)
    {
      self->working->is_failing = TRUE;
      self->working->failed_step = sim->step;
      self->working->n_landing = 2;
      if (!sim->is_crashing)
        sim_log (sim, "  and fails");
    }

  return TRUE;
}

static int
journal_open (const char *path, int flags, int mode)
{
  SimJournal *self = current;
  Node *node = g_hash_table_lookup (self->names, path);
  gboolean is_folder = g_str_equal (path, FOLDER);
  Opening *opening;

  if (!is_ours (path))
    return self->real->open (path, flags, mode);
  if (node != NULL && (flags & O_EXCL) != 0)
    return fail (EEXIST);
  if (node == NULL && !is_folder && (flags & O_CREAT) == 0)
    return fail (ENOENT);
  if (refuses (1u << FAULT_ANY, 20))
    return fail (EIO);
  if (node == NULL && !is_folder && refuses (1u << FAULT_FULL, 50))
    return fail (ENOSPC);
  if (node == NULL && !is_folder)
    {
      node = node_new (NULL, 0);
      g_hash_table_insert (self->names, g_strdup (path), node);
      done (self);
    }

  opening = g_new0 (Opening, 1);
  opening->node = node != NULL ? node_ref (node) : NULL;
  opening->appends = (flags & O_APPEND) != 0;
  g_ptr_array_add (self->openings, opening);

  return FIRST_FD + (int) self->openings->len - 1;
}

static gssize
journal_read (int fd, void *data, gsize length)
{
  Opening *opening = get_opening (fd);
  gsize n;

  if (opening == NULL)
    return current->real->read (fd, data, length);
  if (refuses (1u << FAULT_ANY, 10))
    return fail (EIO);

  n = MIN (length, opening->node->data->len - opening->at);
  if (n > 0)
    memcpy (data, opening->node->data->data + opening->at, n);
  opening->at += (guint) n;

  return (gssize) n;
}

/* Only ever behind what is there. */
static gssize
journal_write (int fd, const void *data, gsize length)
{
  Opening *opening = get_opening (fd);

  if (opening == NULL)
    return current->real->write (fd, data, length);
  if (refuses (1u << FAULT_ANY, 30))
    return fail (EIO);
  if (current->fault == FAULT_FULL && length > 1 && sim_random_chance (&current->sim->random, 40))
    length /= 2;
  else if (refuses (1u << FAULT_FULL, 80))
    return fail (ENOSPC);

  g_assert (opening->appends || opening->at == opening->node->data->len);
  g_byte_array_append (opening->node->data, data, (guint) length);
  opening->at = opening->node->data->len;
  done (current);

  return (gssize) length;
}

static int
journal_sync (int fd)
{
  Opening *opening = get_opening (fd);

  if (opening == NULL)
    return current->real->sync (fd);
  if (refuses (1u << FAULT_SYNC | 1u << FAULT_ANY, 60))
    {
      if (opening->node != NULL && opening->node->lost_to <= opening->node->lost_from)
        opening->node->lost_from = opening->node->n_synced;
      if (opening->node != NULL)
        opening->node->lost_to = opening->node->data->len;
      return fail (EIO);
    }

  if (opening->node == NULL)
    {
      g_hash_table_unref (current->kept_names);
      current->kept_names = names_copy (current->names);
    }
  else
    {
      opening->node->n_synced = opening->node->data->len;
      g_clear_pointer (&opening->node->before, g_byte_array_unref);
    }
  done (current);

  return 0;
}

static int
journal_truncate (int fd, gint64 length)
{
  Opening *opening = get_opening (fd);
  Node *node;

  if (opening == NULL)
    return current->real->truncate (fd, length);

  if (refuses (1u << FAULT_ANY, 30))
    return fail (EIO);

  node = opening->node;
  if (node->before == NULL)
    {
      guint n_more = node->data->len - node->n_synced;

      /* It may have got there unasked. */
      if (n_more > 0)
        n_more = sim_random_below (&current->sim->random, n_more + 1);
      node->before = g_byte_array_new ();
      g_byte_array_append (node->before, node->data->data, node->n_synced + n_more);
    }
  node->lost_to = MIN (node->lost_to, (guint) length);
  g_byte_array_set_size (node->data, (guint) length);
  node->n_synced = MIN (node->n_synced, (guint) length);
  done (current);

  return 0;
}

/* What nobody has open is read from the disk when somebody opens it. */
static void
let_go_of_lost (Node *node)
{
  gboolean is_lost = node->lost_to > node->lost_from &&
                     sim_random_chance (&current->sim->random, 50);

  for (guint i = node->lost_from; is_lost && i < node->lost_to; i++)
    node->data->data[i] = 0;
  node->lost_from = 0;
  node->lost_to = 0;
}

static int
journal_close (int fd)
{
  Opening *opening = get_opening (fd);

  if (opening == NULL)
    return current->real->close (fd);

  if (opening->has_lock)
    opening->node->is_locked = FALSE;
  if (opening->node != NULL && opening->has_lock)
    let_go_of_lost (opening->node);
  if (opening->node != NULL)
    node_unref (opening->node);
  g_free (opening);
  current->openings->pdata[fd - FIRST_FD] = NULL;

  return 0;
}

static int
journal_rename (const char *from, const char *to)
{
  Node *node = g_hash_table_lookup (current->names, from);

  if (!is_ours (from))
    return current->real->rename (from, to);
  if (node == NULL)
    return fail (ENOENT);
  if (refuses (1u << FAULT_ANY, 30))
    return fail (EIO);

  g_hash_table_insert (current->names, g_strdup (to), node_ref (node));
  g_hash_table_remove (current->names, from);
  done (current);

  return 0;
}

static int
journal_unlink (const char *path)
{
  if (!is_ours (path))
    return current->real->unlink (path);
  if (!g_hash_table_remove (current->names, path))
    return fail (ENOENT);

  done (current);
  return 0;
}

static int
journal_make_folder (const char *path, int mode)
{
  return is_ours (path) ? fail (EEXIST) : current->real->make_folder (path, mode);
}

static int
journal_set_mode (int fd, int mode)
{
  return get_opening (fd) != NULL ? 0 : current->real->set_mode (fd, mode);
}

static int
tell (const Node *node, struct stat *info)
{
  memset (info, 0, sizeof *info);
  info->st_uid = geteuid ();
  info->st_mode = node != NULL ? S_IFREG | 0600 : S_IFDIR | 0700;
  info->st_ino = node != NULL ? node->number : 0;
  info->st_size = node != NULL ? (off_t) node->data->len : 0;

  return 0;
}

static int
journal_look (const char *path, struct stat *info)
{
  Node *node = g_hash_table_lookup (current->names, path);

  if (!is_ours (path))
    return current->real->look (path, info);
  if (node == NULL && !g_str_equal (path, FOLDER))
    return fail (ENOENT);

  return tell (node, info);
}

static int
journal_look_at (int fd, struct stat *info)
{
  Opening *opening = get_opening (fd);

  return opening != NULL ? tell (opening->node, info) : current->real->look_at (fd, info);
}

static int
journal_lock (int fd)
{
  Opening *opening = get_opening (fd);

  if (opening == NULL)
    return current->real->lock (fd);
  if (opening->node->is_locked)
    return fail (EWOULDBLOCK);

  opening->node->is_locked = TRUE;
  opening->has_lock = TRUE;

  return 0;
}

static const VlFileBackend backend = {
  .open = journal_open,
  .read = journal_read,
  .write = journal_write,
  .sync = journal_sync,
  .truncate = journal_truncate,
  .close = journal_close,
  .rename = journal_rename,
  .unlink = journal_unlink,
  .make_folder = journal_make_folder,
  .set_mode = journal_set_mode,
  .look = journal_look,
  .look_at = journal_look_at,
  .lock = journal_lock,
};

/* Threads */

/* Whether the job is one of ours. */
gboolean
sim_journal_push (gpointer executor, SimJobFunc func, gpointer user_data)
{
  SimJournal *self = current;
  Lane *lane = self != NULL ? self->using : NULL;
  Job *job;

  for (guint i = 0; self != NULL && i < SIM_N_CORES && lane == NULL; i++)
    {
      if (self->lanes[i].executor == executor)
        lane = &self->lanes[i];
    }
  if (lane == NULL)
    return FALSE;

  /* The one that was there may be about to go, and still have to close the file. */
  if (lane->executor != executor)
    {
      g_clear_pointer (&lane->executor, _vl_executor_unref);
      lane->executor = _vl_executor_ref (executor);
    }
  job = g_new (Job, 1);
  job->func = func;
  job->user_data = user_data;
  g_queue_push_tail (&lane->jobs, job);
  lane->n_pushed++;

  return TRUE;
}

static void
push (VlExecutor *executor, VlJobFunc func, gpointer user_data)
{
  if (!sim_journal_push (executor, func, user_data))
    g_error ("a thread works that nobody knows of");
}

static void
work (SimJournal *self, Lane *lane)
{
  Job *job = g_queue_pop_head (&lane->jobs);

  if (!self->sim->is_crashing)
    sim_log (self->sim, "  a journal works");
  self->working = lane;
  lane->is_failing = FALSE;
  g_main_context_push_thread_default (self->context);
  job->func (job->user_data);
  g_main_context_pop_thread_default (self->context);
  self->working = NULL;
  lane->n_done++;
  if (lane->is_failing && !self->sim->is_crashing)
    sim_oracle_journal_fails (self->sim, &self->sim->cores[lane - self->lanes]);
  g_free (job);
}

guint
sim_journal_count_jobs (SimJournal *self)
{
  guint n = 0;

  for (guint i = 0; self != NULL && i < SIM_N_CORES; i++)
    n += self->lanes[i].jobs.length;

  return n;
}

/* The first from there on that has something to do. */
static Lane *
find_busy (SimJournal *self, guint first)
{
  for (guint i = 0; i < SIM_N_CORES; i++)
    {
      Lane *lane = &self->lanes[(first + i) % SIM_N_CORES];

      if (lane->jobs.length > 0)
        return lane;
    }

  return NULL;
}

void
sim_journal_work (SimJournal *self, guint32 which)
{
  Lane *lane = self != NULL ? find_busy (self, which % SIM_N_CORES) : NULL;

  if (lane != NULL && self->working == NULL)
    work (self, lane);
}

/* While something happens at home. */
void
sim_journal_work_early (Sim *sim)
{
  SimJournal *self = sim->journal;

  if (self == NULL || self->working != NULL || sim->is_crashing || sim->failed)
    return;

  for (guint i = 0; i < MAX_JOBS_EARLY && sim_journal_count_jobs (self) > 0; i++)
    {
      if (sim_random_chance (&sim->random, sim->config.cache_early / 2))
        sim_journal_work (self, i);
    }
}

/* Numbers what is asked of the core's, and tells how far it has come. */
guint
sim_journal_count_pushed (SimJournal *self, const SimCore *core)
{
  return self->lanes[core->number].n_pushed;
}

guint
sim_journal_count_done (SimJournal *self, const SimCore *core)
{
  return self->lanes[core->number].n_done;
}

/* The disk fails */

void
sim_journal_fail (SimJournal *self, guint32 how)
{
  self->fault = (Fault) (FAULT_NONE + 1 + how % (N_FAULTS - 1));
  sim_log (self->sim, "  from now on the disk fails, way %d", (int) self->fault);
}

gboolean
sim_journal_fails (SimJournal *self)
{
  return self != NULL && self->fault != FAULT_NONE;
}

/* It does no more: those that could not open their journal try again. */
void
sim_journal_mend (SimJournal *self)
{
  if (self == NULL)
    return;

  self->fault = FAULT_NONE;
  for (guint i = 0; i < self->sim->shells->len; i++)
    {
      SimShell *shell = g_ptr_array_index (self->sim->shells, i);

      if (shell->table != NULL && !shell->is_closed &&
          vl_live_table_get_journal_state (shell->table) == VL_JOURNAL_STATE_FAILED)
        sim_journal_use (self, shell);
    }
}

/* After each step. What cannot be opened refuses all. */
void
sim_journal_stepped (SimJournal *self, const SimCore *core)
{
  Lane *lane = &self->lanes[core->number];

  if (core->journal_state == VL_JOURNAL_STATE_FAILED)
    lane->failed_step = self->sim->step;
  /* What was asked for in this step may have been part of it. */
  if (lane->failed_step == self->sim->step)
    lane->failed_at = lane->n_pushed;
}

/* Whether it has failed since that step, and was not able to record something. */
gboolean
sim_journal_failed_since (SimJournal *self, const SimCore *core, guint step)
{
  const Lane *lane = self != NULL ? &self->lanes[core->number] : NULL;

  return lane != NULL && (lane->n_landing > 0 || core->journal_state == VL_JOURNAL_STATE_FAILED ||
                          (lane->failed_step > 0 && lane->failed_step >= step));
}

/* Whether the last that was done with it has worked. */
gboolean
sim_journal_is_sound (SimJournal *self, const SimCore *core)
{
  return !self->lanes[core->number].is_failing;
}

/* How many had been asked for when something failed last. */
guint
sim_journal_get_failed_at (SimJournal *self, const SimCore *core)
{
  return self->lanes[core->number].failed_at;
}

/* A turn is over: whether what failed may have landed in it. */
gboolean
sim_journal_lands (SimJournal *self, const SimCore *core)
{
  Lane *lane = self != NULL ? &self->lanes[core->number] : NULL;

  if (lane == NULL || lane->n_landing == 0)
    return FALSE;

  lane->n_landing--;
  lane->failed_step = self->sim->step;
  return TRUE;
}

/* Nothing that happens here damages a file. */
gboolean
sim_journal_is_aside (SimJournal *self)
{
  GHashTableIter iter;
  gpointer path;

  g_hash_table_iter_init (&iter, self->names);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    {
      if (strstr (path, "aside") != NULL)
        return TRUE;
    }

  return FALSE;
}

/* Crashes */

/* Now, or in the middle of what a thread does next. */
void
sim_journal_crash (SimJournal *self, SimRandom *random)
{
  Lane *lane = find_busy (self, sim_random_below (random, SIM_N_CORES));
  guint n_done = lane != NULL ? lane->n_done : 0;

  if (lane != NULL && sim_random_chance (random, 60))
    {
      self->cut = 1 + sim_random_below (random, MAX_CUT);
      work (self, lane);
      /* What it has done nobody knows of. */
      lane->n_done = n_done;
      self->cut = 0;
    }
  if (self->snapshot == NULL)
    take_snapshot (self);
}

/* Whatever has happened since then has not. */
void
sim_journal_become_crashed (SimJournal *self)
{
  for (guint i = 0; i < self->openings->len; i++)
    {
      if (g_ptr_array_index (self->openings, i) != NULL)
        sim_fail (self->sim, "the file of a journal is left open");
    }
  g_ptr_array_set_size (self->openings, 0);
  g_hash_table_unref (self->names);
  g_hash_table_unref (self->kept_names);
  self->names = g_steal_pointer (&self->snapshot);
  self->kept_names = names_copy (self->names);
}

void
sim_journal_use (SimJournal *self, SimShell *shell)
{
  Lane *lane = &self->lanes[shell->core->number];

  self->using = lane;
  vl_live_table_set_journal (shell->table, lane->file);
  self->using = NULL;
}

SimJournal *
sim_journal_new (Sim *sim)
{
  SimJournal *self = g_new0 (SimJournal, 1);

  self->sim = sim;
  current = self;
  self->real = _vl_file_backend ();
  self->context = g_main_context_new ();
  self->names = names_new ();
  self->kept_names = names_new ();
  self->openings = g_ptr_array_new ();
  for (guint i = 0; i < SIM_N_CORES; i++)
    {
      g_autofree char *path = g_strdup_printf (FOLDER "/journal-%u", i);

      self->lanes[i].file = g_file_new_for_path (path);
      g_queue_init (&self->lanes[i].jobs);
    }
  _vl_file_set_backend (&backend);
  if (sim->disk == NULL)
    _vl_executor_set_push_func (push);

  return self;
}

/* What is left of a run that has failed stays undone. */
void
sim_journal_free (SimJournal *self)
{
  _vl_file_set_backend (NULL);
  _vl_executor_set_push_func (NULL);
  current = NULL;
  for (guint i = 0; i < SIM_N_CORES; i++)
    {
      g_object_unref (self->lanes[i].file);
      g_queue_clear_full (&self->lanes[i].jobs, g_free);
      g_clear_pointer (&self->lanes[i].executor, _vl_executor_unref);
    }
  if (!self->sim->failed)
    {
      g_hash_table_unref (self->names);
      g_hash_table_unref (self->kept_names);
      g_ptr_array_unref (self->openings);
    }
  g_main_context_unref (self->context);
  g_free (self);
}
