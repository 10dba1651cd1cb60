/* sim-world.c: what a seed decides beforehand
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sim.h"

typedef struct
{
  SimOp op;
  const char *name;
  guint weight;
} OpInfo;

static const OpInfo ops[] = {
  { SIM_OP_LIST, "list", 30 },
  { SIM_OP_FIND, "find", 10 },
  { SIM_OP_COUNT, "count", 5 },
  { SIM_OP_FIRST, "get_first", 4 },
  { SIM_OP_FIND_MANY, "find_many", 3 },
  { SIM_OP_REFRESH, "refresh", 2 },
  { SIM_OP_PEEK_PAGE, "peek_page", 6 },
  { SIM_OP_PEEK_RECORD, "peek_record", 3 },
  { SIM_OP_INSERT, "insert", 6 },
  { SIM_OP_REPLACE, "replace", 6 },
  { SIM_OP_PATCH, "patch", 6 },
  { SIM_OP_DELETE, "delete", 3 },
  { SIM_OP_DELETE_ALL, "delete_all", 1 },
  { SIM_OP_APPLY_MANY, "apply_many", 3 },
  { SIM_OP_WRITE, "write", 4 },
  { SIM_OP_INVALID_WRITE, "write what cannot be", 1 },
  { SIM_OP_CANCEL, "cancel", 6 },
  { SIM_OP_CANCEL_WRITE, "cancel or retry a write", 4 },
  { SIM_OP_CHANGE_ELSEWHERE, "change elsewhere", 6 },
  { SIM_OP_PUSH, "push", 2 },
  { SIM_OP_INVALIDATE, "invalidate", 1 },
  { SIM_OP_CLEAR, "clear", 1 },
  { SIM_OP_CONFIGURE, "configure", 3 },
  { SIM_OP_OPEN_TABLE, "open a table", 2 },
  { SIM_OP_DROP_TABLE, "drop a table", 1 },
  { SIM_OP_ADD_STREAM, "add or remove a stream", 1 },
  { SIM_OP_CLOSE, "close", 1 },
  { SIM_OP_OPEN_LIST, "open a list", 3 },
  { SIM_OP_USE_LIST, "look at a list", 20 },

  { SIM_OP_TURN, "turn", 300 },
  { SIM_OP_ADVANCE, "time passes", 60 },
  { SIM_OP_MASTER_EXECUTE, "the master executes", 50 },
  { SIM_OP_MASTER_ANSWER, "the master answers", 130 },
  { SIM_OP_MASTER_FAIL, "the master fails", 12 },
  { SIM_OP_MASTER_DROP, "the master drops", 2 },
  { SIM_OP_MASTER_FORGET, "the master forgets", 2 },
  { SIM_OP_MASTER_GOES, "the master goes away", 1 },
  { SIM_OP_MASTER_COMES, "the master comes back", 4 },
  { SIM_OP_CACHE_EXECUTE, "the cache executes", 40 },
  { SIM_OP_CACHE_ANSWER, "the cache answers", 200 },
  { SIM_OP_CACHE_FAIL, "the cache fails", 4 },
  { SIM_OP_CACHE_FORGET, "the cache forgets", 1 },
  { SIM_OP_CACHE_EVICT, "the cache evicts", 4 },
  { SIM_OP_CACHE_ELSEWHERE, "the cache is invalidated elsewhere", 5 },
  { SIM_OP_DISK_WORK, "the disk works", 200 },
  { SIM_OP_DISK_PROBE, "somebody else asks the disk", 12 },
  { SIM_OP_JOURNAL_WORK, "a journal works", 150 },
  { SIM_OP_JOURNAL_FAILS, "the journals' disk fails", 5 },
  { SIM_OP_JOURNAL_MENDS, "the journals' disk works again", 12 },
  { SIM_OP_PROGRAM_ENDS, "the program ends and begins again", 2 },
  { SIM_OP_PROGRAM_CRASHES, "the program crashes and begins again", 5 },
  { SIM_OP_STREAM_DELIVER, "an event is delivered", 40 },
  { SIM_OP_STREAM_LIVE, "the stream becomes live", 20 },
  { SIM_OP_STREAM_END, "the stream ends", 3 },
};

G_STATIC_ASSERT (G_N_ELEMENTS (ops) == SIM_N_OPS);

const char *
sim_op_name (SimOp op)
{
  g_assert (ops[op].op == op);

  return ops[op].name;
}

static const char *const count_names[] = {
  [SIM_COUNT_READS] = "reads",
  [SIM_COUNT_WRITES] = "writes",
  [SIM_COUNT_FETCHES] = "fetches",
  [SIM_COUNT_HITS] = "hits",
  [SIM_COUNT_JOINED] = "joined",
  [SIM_COUNT_OVERTAKEN] = "overtaken",
  [SIM_COUNT_STALE_HITS] = "stale hits",
  [SIM_COUNT_FALLBACKS] = "fallbacks to a copy",
  [SIM_COUNT_RESTARTED] = "restarted",
  [SIM_COUNT_RESTS] = "rests",
  [SIM_COUNT_REFUSED_FILLS] = "refused fills",
  [SIM_COUNT_CANCELLED_READS] = "cancelled reads",
  [SIM_COUNT_CANCELLED_FETCHES] = "cancelled fetches",
  [SIM_COUNT_WITHDRAWN] = "withdrawn writes",
  [SIM_COUNT_CANCELLED_SENT] = "cancelled after sent",
  [SIM_COUNT_IN_DOUBT] = "in doubt",
  [SIM_COUNT_LATE] = "late answers",
  [SIM_COUNT_REFUSED] = "refused writes",
  [SIM_COUNT_CONFLICTS] = "conflicts",
  [SIM_COUNT_RELEASED] = "accepted for later",
  [SIM_COUNT_SENT_AGAIN] = "sent again",
  [SIM_COUNT_PASSED] = "passed one that waits",
  [SIM_COUNT_BARRIERS] = "barriers",
  [SIM_COUNT_RETRIED] = "retried by users",
  [SIM_COUNT_DISCARDED] = "discarded by users",
  [SIM_COUNT_FAILED_LATER] = "failed after it was accepted",
  [SIM_COUNT_SHOWN] = "shown before the master has it",
  [SIM_COUNT_SHOWN_EXACTLY] = "shown, and all of the page known",
  [SIM_COUNT_ROLLBACKS] = "rollbacks with two in flight",
  [SIM_COUNT_RENAMES] = "renames",
  [SIM_COUNT_TO_NEW] = "to records by their first ids",
  [SIM_COUNT_TO_RENAMED] = "sent under the id that came",
  [SIM_COUNT_UNSTORED] = "to records never stored",
  [SIM_COUNT_READ_NEW] = "finds by first ids",
  [SIM_COUNT_TORN] = "torn windows",
  [SIM_COUNT_QUEUE_FULL] = "queue full",
  [SIM_COUNT_QUEUE_FULL_NOTED] = "queue full, and a journal",
  [SIM_COUNT_DECIDED] = "conflicts that were decided",
  [SIM_COUNT_BATCHES] = "batches",
  [SIM_COUNT_COALESCED] = "patches that were sent with others",
  [SIM_COUNT_MIXED] = "windows of several versions",
  [SIM_COUNT_BYPASSED] = "bypasses",
  [SIM_COUNT_GAPS] = "gaps",
  [SIM_COUNT_EVENTS] = "events",
  [SIM_COUNT_PEEKS] = "peeks",
  [SIM_COUNT_NESTED] = "nested calls",
  [SIM_COUNT_LAST_UNREF] = "dropped in a callback",
  [SIM_COUNT_TIMEOUTS] = "timeouts",
  [SIM_COUNT_CLOSES] = "programs that ended",
  [SIM_COUNT_CRASHES] = "programs that crashed",
  [SIM_COUNT_CRASHES_WRITING] = "crashed with a write on its way",
  [SIM_COUNT_WRITTEN_UNHEARD] = "written, and nobody heard",
  [SIM_COUNT_WRITTEN_AFTER] = "written after the crash",
  [SIM_COUNT_JOBS_LOST] = "jobs of the disk that were lost",
  [SIM_COUNT_REPLAYED] = "replayed from a journal",
  [SIM_COUNT_UNRECORDED] = "writes that were not recorded",
  [SIM_COUNT_UNUSABLE] = "journals that could not be opened",
  [SIM_COUNT_CRASHES_FAILING] = "crashed while the journal's disk failed",
  [SIM_COUNT_LISTS] = "lists",
  [SIM_COUNT_EMISSIONS] = "changes of lists",
  [SIM_COUNT_FRESH_AFTER] = "fresh from before",
  [SIM_COUNT_STALE_AFTER] = "stale from before",
  [SIM_COUNT_MARKED_AFTER] = "stale because of a mark",
  [SIM_COUNT_OLD_LEASES] = "old leases that were tried",
  [SIM_COUNT_POSITIONS] = "positions that were told",
  [SIM_COUNT_FRESH_AT_POSITION] = "fresh at the position from before",
  [SIM_COUNT_SURGICAL] = "surgical invalidation",
  [SIM_COUNT_ABSORBED] = "events that were laid over pages",
};

const char *
sim_count_name (SimCount count)
{
  return count_names[count];
}

/* It should happen in one of so many runs. What needs a cache on disk, and a
 * stream that knows where it is, is left to fewer of them. */
guint
sim_count_get_share (SimCount count)
{
  return count == SIM_COUNT_FRESH_AT_POSITION ? 500 : 100;
}

/* What outlives a process is fresh in the next one only if there is no stream,
 * or one that is where it was. */
static void
config_disk (SimConfig *self, SimRandom *random)
{
  guint memory = sim_random_below (random, 4);
  guint stream = sim_random_below (random, 10);

  self->memory_budget = memory == 0 ? 0 : memory == 1 ? 2 * 1024 : 1024 * 1024;
  self->disk_budget = sim_random_chance (random, 80) ? 0 : 6 * 1024;
  self->disk_batch = sim_random_chance (random, 50) ? 0 : 1 + sim_random_below (random, 3);
  self->follows = stream >= 5;
  self->connecting = stream != 5;
  self->positions = stream >= 7;
  if (self->positions && sim_random_chance (random, 60))
    {
      self->calm = 95;
      self->is_narrow = TRUE;
    }
}

/* How writes are sent and shown. */
static void
config_writes (SimConfig *self, SimRandom *random)
{
  static const guint floors[] = { 1, 10, 100, 1000 };
  static const guint caps[] = { 1, 20, 500, 5000 };

  self->optimistic = sim_random_below (random, 4) * sim_random_below (random, 2);
  self->is_strict = sim_random_chance (random, 25);
  self->is_idempotent = sim_random_chance (random, 60);
  self->checks_base = sim_random_chance (random, 50);
  self->assigns_ids = sim_random_chance (random, 60);
  self->policy = (VlConflictPolicy) sim_random_below (random, 4);
  self->retry_floor = floors[sim_random_below (random, G_N_ELEMENTS (floors))];
  self->retry_cap = caps[sim_random_below (random, G_N_ELEMENTS (caps))];
  self->settle_time = sim_random_chance (random, 80) ? 5000 : 50;
  self->has_journal = sim_random_chance (random, 25);
  self->has_lists = sim_random_chance (random, 20);
}

/* What changes the pages row by row. A stream that pages are made right by tells
 * of each record in order, and misses nothing: see sim-stream.c. */
static void
config_surgical (SimConfig *self, SimRandom *random)
{
  if (!sim_random_chance (random, 25))
    return;

  self->surgical = 1 + sim_random_below (random, 3);
  self->has_window = sim_random_chance (random, 50);
  self->echo = sim_random_chance (random, 40) ? 0 : 50;
  self->follows &= sim_random_chance (random, 90);
  self->calm = MIN (self->calm, 60);
}

/* What is opt-in. */
static void
config_options (SimConfig *self, SimRandom *random)
{
  self->coalesces = sim_random_chance (random, 20);
  self->decides = self->checks_base && sim_random_chance (random, 40);
  if (self->has_journal && sim_random_chance (random, 25))
    self->capacity = 3;
  self->journal_fails = self->has_journal && sim_random_chance (random, 40);
  self->goes_on = self->assigns_ids && sim_random_chance (random, 50);
}

void
sim_config_make (SimConfig *self, SimCacheKind cache, SimRandom *random)
{
  static const guint timeouts[] = { 30000, 30000, 1000, 0 };
  static const guint earlies[] = { 0, 10, 50, 95 };
  static const guint calms[] = { 0, 0, 60, 90, 98 };
  guint kind = sim_random_below (random, 16);
  /* Of its own, so that seeds stay what they were without it. */
  SimRandom surgical = { random->state ^ 1 };
  SimRandom options = { random->state ^ 2 };

  *self = (SimConfig){ 0 };
  /* That on disk takes ten times as long as the others. */
  self->cache = kind < 8    ? SIM_CACHE_SIM
                : kind < 12 ? SIM_CACHE_MEMORY
                : kind < 13 ? SIM_CACHE_NULL
                            : SIM_CACHE_DISK;
  if (cache != SIM_N_CACHES)
    self->cache = cache;
  self->cache_peeks = sim_random_chance (random, 60);
  self->cache_has_marks = sim_random_chance (random, 40);
  self->memory_budget = sim_random_chance (random, 70) ? 0 : 8 * 1024;
  self->follows = TRUE;
  self->connecting = sim_random_chance (random, 40);
  self->positions = self->connecting && sim_random_chance (random, 60);
  self->has_target = sim_random_chance (random, 20);
  self->has_window = sim_random_chance (random, 85);
  self->has_batch = sim_random_chance (random, 60);
  self->has_total = sim_random_chance (random, 70);
  self->has_delete_all = sim_random_chance (random, 80);
  self->timeout = timeouts[sim_random_below (random, G_N_ELEMENTS (timeouts))];
  self->capacity = sim_random_chance (random, 80) ? 10000 : 3;
  self->early = earlies[sim_random_below (random, G_N_ELEMENTS (earlies))];
  self->cache_early = earlies[sim_random_below (random, G_N_ELEMENTS (earlies))];
  self->echo = sim_random_chance (random, 50) ? 0 : 80;
  self->calm = calms[sim_random_below (random, G_N_ELEMENTS (calms))];
  self->is_narrow = sim_random_chance (random, 50);
  self->two_contexts = sim_random_chance (random, 30);
  self->revalidates = sim_random_chance (random, 50);
  self->faults = sim_random_chance (random, 60);
  config_writes (self, random);
  if (self->cache == SIM_CACHE_DISK)
    config_disk (self, random);
  config_surgical (self, &surgical);
  config_options (self, &options);

  /* Runs that do less of one thing do more of another. */
  for (guint op = 0; op < SIM_N_USER_OPS; op++)
    {
      if (op != SIM_OP_LIST && sim_random_chance (random, 15))
        self->disabled |= 1u << op;
    }
}

static gboolean
is_fault (SimOp op)
{
  return op == SIM_OP_MASTER_FAIL || op == SIM_OP_MASTER_DROP || op == SIM_OP_MASTER_FORGET ||
         op == SIM_OP_MASTER_GOES || op == SIM_OP_CACHE_FAIL || op == SIM_OP_CACHE_FORGET;
}

static gboolean
is_change (SimOp op)
{
  return (op >= SIM_OP_INSERT && op <= SIM_OP_INVALID_WRITE) ||
         (op >= SIM_OP_CHANGE_ELSEWHERE && op <= SIM_OP_CLEAR) || op == SIM_OP_OPEN_TABLE ||
         op == SIM_OP_ADD_STREAM || op == SIM_OP_CACHE_ELSEWHERE || op == SIM_OP_STREAM_END;
}

static gboolean
is_of_another_world (SimOp op, const SimConfig *config)
{
  gboolean has_disk = config->cache == SIM_CACHE_DISK;

  if (op >= SIM_OP_CACHE_EXECUTE && op < SIM_OP_CACHE_EVICT)
    return has_disk;
  if (op == SIM_OP_DISK_WORK || op == SIM_OP_DISK_PROBE)
    return !has_disk;
  if (op == SIM_OP_OPEN_LIST || op == SIM_OP_USE_LIST)
    return !config->has_lists;
  if (op == SIM_OP_JOURNAL_WORK)
    return !config->has_journal;
  if (op == SIM_OP_JOURNAL_FAILS || op == SIM_OP_JOURNAL_MENDS)
    return !config->journal_fails;

  return (op == SIM_OP_PROGRAM_ENDS || op == SIM_OP_PROGRAM_CRASHES) && !has_disk &&
         !config->has_journal;
}

static SimOp
pick_op (SimRandom *random, const guint *weights, guint first, guint last)
{
  guint total = 0;
  guint pick;

  for (guint op = first; op < last; op++)
    total += weights[op];
  pick = sim_random_below (random, total);
  for (guint op = first;; op++)
    {
      if (pick < weights[op])
        return (SimOp) op;
      pick -= weights[op];
    }
}

GArray *
sim_steps_make (const SimConfig *config, SimRandom *random)
{
  GArray *steps = g_array_sized_new (FALSE, FALSE, sizeof (SimStep), 4 * SIM_OPS);
  guint weights[SIM_N_OPS];
  /* Busy users, or a quick world. */
  guint pace = 20 + sim_random_below (random, 30);
  guint n_user_ops = 0;

  for (guint op = 0; op < SIM_N_OPS; op++)
    {
      weights[op] = ops[op].weight * 100;
      if (is_change ((SimOp) op))
        weights[op] = ops[op].weight * (100 - config->calm);
      if (op < SIM_N_USER_OPS && (config->disabled & 1u << op) != 0)
        weights[op] = 0;
      if (is_fault ((SimOp) op) && !config->faults)
        weights[op] = 0;
      if (is_of_another_world ((SimOp) op, config))
        weights[op] = 0;
    }

  while (n_user_ops < SIM_OPS)
    {
      gboolean by_user = sim_random_chance (random, pace);
      SimStep step;

      step.op = by_user ? pick_op (random, weights, 0, SIM_N_USER_OPS)
                        : pick_op (random, weights, SIM_N_USER_OPS, SIM_N_OPS);
      step.a = (guint32) sim_random_next (random);
      step.b = (guint32) sim_random_next (random);
      step.c = (guint32) sim_random_next (random);
      step.d = (guint32) sim_random_next (random);
      g_array_append_val (steps, step);
      n_user_ops += by_user;
    }

  return steps;
}
