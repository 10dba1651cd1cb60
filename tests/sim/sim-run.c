/* sim-run.c: one run, from a seed to its end
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sim.h"

#include "base/vl-log-private.h"
#include "base/vl-random-private.h"

/* Rounds in which everything is answered; what has not fallen quiet then never
 * will. */
#define QUIET_ROUNDS 1500

/* The library's own random numbers. */
static SimRandom library_random;

static guint64
library_random_next (void)
{
  return sim_random_next (&library_random);
}

/* What is said */

static void
digest (Sim *self, const char *text)
{
  for (; *text != '\0'; text++)
    self->digest = (self->digest ^ (guchar) *text) * G_GUINT64_CONSTANT (0x100000001b3);
}

void
sim_log (Sim *self, const char *format, ...)
{
  va_list args;
  char text[512];

  if (!self->trace)
    return;

  va_start (args, format);
  g_vsnprintf (text, sizeof text, format, args);
  va_end (args);
  digest (self, text);
  if (self->prints)
    g_print ("# %s\n", text);
}

void
sim_fail (Sim *self, const char *format, ...)
{
  va_list args;

  if (self->failed)
    return;

  self->failed = TRUE;
  va_start (args, format);
  self->failure = g_strdup_vprintf (format, args);
  va_end (args);
  if (self->prints)
    g_print ("# FAILED: %s\n", self->failure);
}

static void
object_gone (gpointer data, GObject *object)
{
  Sim *self = data;

  self->n_watched--;
}

void
sim_watch (Sim *self, gpointer object)
{
  self->n_watched++;
  g_object_weak_ref (object, object_gone, self);
}

/* What the scheduler does */

void
sim_turn (Sim *self)
{
  gboolean was_in_turn = self->in_turn;

  self->in_turn = TRUE;
  sim_oracle_turns (self);
  g_main_context_iteration (self->context, FALSE);
  self->in_turn = was_in_turn;
  sim_oracle_turned (self);
}

/* The other context, for those who call from there. */
void
sim_turn_elsewhere (Sim *self)
{
  gboolean was_in_turn = self->in_turn;

  self->in_turn = TRUE;
  g_main_context_push_thread_default (self->elsewhere);
  g_main_context_iteration (self->elsewhere, FALSE);
  g_main_context_pop_thread_default (self->elsewhere);
  self->in_turn = was_in_turn;
}

/* B8: masters and caches are called at home alone. */
void
sim_check_home (Sim *self, const char *who)
{
  if (g_main_context_get_thread_default () != self->context)
    sim_fail (self, "B8: %s is called elsewhere", who);
}

void
sim_advance (Sim *self, gint64 microseconds)
{
  gint64 until = sim_clock_now () + microseconds;
  gint64 due;

  while (!self->failed && sim_clock_next (&due) && due <= until)
    {
      sim_oracle_time_passes (self, due);
      sim_clock_fire (due);
    }
  sim_oracle_time_passes (self, until);
  sim_clock_fire (until);
}

static gint64
choose_duration (guint32 how)
{
  switch (how % 32)
    {
    case 0:
      return G_GINT64_CONSTANT (31000000);
    case 1:
    case 2:
      return 1000000 + (how >> 8) % 1000000;
    case 3:
    case 4:
    case 5:
    case 6:
      return 50000 + (how >> 8) % 400000;
    default:
      return 1000 + (how >> 8) % 20000;
    }
}

static void
forget (Sim *self, GPtrArray *requests, guint index)
{
  SimRequest *request = g_ptr_array_steal_index (requests, index);

  sim_log (self, "  #%u is forgotten", request->number);
  if (request->writes != NULL && request->executed)
    sim_stream_tell_late (self);
  g_ptr_array_add (self->forgotten, request);
}

static void
run_master (Sim *self, const SimStep *step)
{
  GPtrArray *requests = self->master_requests;
  guint index;

  if (requests->len == 0)
    return;

  index = step->a % requests->len;
  switch ((int) step->op)
    {
    case SIM_OP_MASTER_EXECUTE:
      sim_master_execute (self, g_ptr_array_index (requests, index));
      break;
    case SIM_OP_MASTER_ANSWER:
      sim_master_answer (self, g_ptr_array_index (requests, index));
      break;
    case SIM_OP_MASTER_FAIL:
      sim_master_fail (self, g_ptr_array_index (requests, index), step->b);
      break;
    case SIM_OP_MASTER_DROP:
      sim_master_drop (self, g_ptr_array_index (requests, index));
      break;
    case SIM_OP_MASTER_FORGET:
    default:
      /* Without a timeout it would be waited for without end. */
      if (self->config.timeout > 0)
        forget (self, requests, index);
      break;
    }
}

static void
run_cache (Sim *self, const SimStep *step)
{
  GPtrArray *requests = self->cache_requests;
  guint index;

  if (requests->len == 0)
    return;

  index = step->a % requests->len;
  switch ((int) step->op)
    {
    case SIM_OP_CACHE_EXECUTE:
      sim_cache_execute (self, g_ptr_array_index (requests, index));
      break;
    case SIM_OP_CACHE_ANSWER:
      sim_cache_answer (self, g_ptr_array_index (requests, index));
      break;
    case SIM_OP_CACHE_FAIL:
      sim_cache_fail (self, g_ptr_array_index (requests, index), step->b);
      break;
    case SIM_OP_CACHE_FORGET:
    default:
      if (self->config.timeout > 0)
        forget (self, requests, index);
      break;
    }
}

static void
run_stream (Sim *self, const SimStep *step)
{
  switch ((int) step->op)
    {
    case SIM_OP_STREAM_DELIVER:
      sim_stream_deliver (self, step->a);
      sim_user_look (self, step);
      break;
    case SIM_OP_STREAM_LIVE:
      if (self->stream_live)
        sim_stream_report (self);
      sim_stream_set_live (self);
      break;
    case SIM_OP_STREAM_END:
    default:
      sim_stream_end (self, step->a);
      break;
    }
}

static void
run_journal (Sim *self, const SimStep *step)
{
  if (step->op == SIM_OP_JOURNAL_WORK)
    sim_journal_work (self->journal, step->a);
  else if (step->op == SIM_OP_JOURNAL_FAILS)
    sim_journal_fail (self->journal, step->a);
  else
    sim_journal_mend (self->journal);
}

static void
run_world (Sim *self, const SimStep *step)
{
  switch ((int) step->op)
    {
    case SIM_OP_TURN:
      if (self->config.two_contexts && step->a % 3 == 0)
        sim_turn_elsewhere (self);
      else
        sim_turn (self);
      break;
    case SIM_OP_ADVANCE:
      sim_advance (self, choose_duration (step->a));
      break;
    case SIM_OP_MASTER_GOES:
      self->is_away = TRUE;
      break;
    case SIM_OP_MASTER_COMES:
      self->is_away = FALSE;
      break;
    case SIM_OP_CACHE_EVICT:
      sim_cache_evict (self, step->a);
      break;
    case SIM_OP_CACHE_ELSEWHERE:
      sim_cache_invalidate_elsewhere (self, step->a);
      break;
    case SIM_OP_DISK_WORK:
      sim_disk_work (self->disk);
      break;
    case SIM_OP_DISK_PROBE:
      sim_probe_step (self, step);
      break;
    case SIM_OP_JOURNAL_WORK:
    case SIM_OP_JOURNAL_FAILS:
    case SIM_OP_JOURNAL_MENDS:
      run_journal (self, step);
      break;
    case SIM_OP_PROGRAM_ENDS:
      sim_process_close (self, step);
      break;
    case SIM_OP_PROGRAM_CRASHES:
      sim_process_crash (self, step);
      break;
    case SIM_OP_STREAM_DELIVER:
    case SIM_OP_STREAM_LIVE:
    case SIM_OP_STREAM_END:
      run_stream (self, step);
      break;
    case SIM_OP_MASTER_EXECUTE:
    case SIM_OP_MASTER_ANSWER:
    case SIM_OP_MASTER_FAIL:
    case SIM_OP_MASTER_DROP:
    case SIM_OP_MASTER_FORGET:
      run_master (self, step);
      break;
    default:
      run_cache (self, step);
      break;
    }
}

static void
run_step (Sim *self, guint index)
{
  const SimStep *step = &g_array_index (self->steps, SimStep, index);

  self->step++;
  sim_log (self, "%u: %s", index, sim_op_name (step->op));
  if (step->op < SIM_N_USER_OPS)
    sim_user_run (self, step);
  else
    run_world (self, step);
  if (!self->failed)
    sim_oracle_stepped (self);
}

/* When it is over */

static gboolean
is_waiting (Sim *self)
{
  for (guint i = 0; i < self->calls->len; i++)
    {
      if (!((SimCall *) g_ptr_array_index (self->calls, i))->done)
        return TRUE;
    }

  return self->master_requests->len + self->cache_requests->len > 0;
}

static void
answer_everything (Sim *self)
{
  while (self->master_requests->len > 0 && !self->failed)
    sim_master_answer (self, g_ptr_array_index (self->master_requests, 0));
  while (self->cache_requests->len > 0 && !self->failed)
    sim_cache_answer (self, g_ptr_array_index (self->cache_requests, 0));
  while (sim_disk_count_jobs (self->disk) > 0 && !self->failed)
    sim_disk_work (self->disk);
  while (sim_journal_count_jobs (self->journal) > 0 && !self->failed)
    sim_journal_work (self->journal, 0);
  sim_stream_set_live (self);
}

/* Goes on until nothing moves: no request, no timer, nothing posted. */
void
sim_fall_quiet (Sim *self)
{
  for (guint round = 0; round < QUIET_ROUNDS && !self->failed; round++)
    {
      gint64 due;

      self->step++;
      answer_everything (self);
      self->step++;
      sim_turn (self);
      sim_turn_elsewhere (self);
      if (g_main_context_pending (self->context) || g_main_context_pending (self->elsewhere) ||
          self->master_requests->len + self->cache_requests->len +
              sim_disk_count_jobs (self->disk) + sim_journal_count_jobs (self->journal) >
            0)
        continue;
      if (!sim_clock_next (&due))
        return;
      sim_advance (self, due - sim_clock_now ());
    }

  if (!self->failed)
    sim_fail (self, "it does not fall quiet");
}

/* What has been lost or was never told of is told now. */
static void
check_end_state (Sim *self)
{
  SimShell *shell = NULL;

  self->is_away = FALSE;
  sim_journal_mend (self->journal);
  sim_lists_calm (self);
  /* What is in a journal is to be seen to. */
  for (guint i = 0; i < SIM_N_CORES && self->journal != NULL; i++)
    sim_shell_open (self, i, 1);
  sim_fall_quiet (self);
  /* That one could not be opened may have been heard of just now. */
  sim_journal_mend (self->journal);
  sim_fall_quiet (self);
  if (self->events->len > 0 || self->stream_lost || !self->config.follows)
    sim_stream_gap (self);
  sim_fall_quiet (self);
  /* No key rests any more. */
  sim_advance (self, G_GINT64_CONSTANT (1000000000));
  sim_fall_quiet (self);
  for (guint i = 0; i < self->shells->len && !self->failed; i++)
    {
      shell = g_ptr_array_index (self->shells, i);
      if (shell->table == NULL || shell->is_closed)
        continue;
      sim_shell_configure (shell, (guint32) i << 8);
      sim_read_check_all (self, shell);
    }
  sim_fall_quiet (self);
  if (!self->failed)
    sim_lists_check_end (self);
  if (!self->failed && is_waiting (self))
    sim_fail (self, "E5: somebody still waits when all is quiet");
  if (!self->failed)
    sim_oracle_quiet (self);
}

/* Everything that was made goes when its users let go of it. */
static void
drop_everything (Sim *self)
{
  sim_process_let_go (self);
  sim_fall_quiet (self);
  sim_process_forget (self);
  if (!self->failed && self->n_watched > 0)
    sim_fail (self, "E10: %u objects are never finalized", self->n_watched);
}

/* From the beginning */

static void
make_core (Sim *self, guint number)
{
  static const char *const keys[] = { "alpha", "beta" };
  SimCore *core = &self->cores[number];

  core->number = number;
  core->key = g_strdup (keys[number]);
  core->overtaken = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  core->landing = g_array_new (FALSE, FALSE, sizeof (SimLanding));
  core->writes = g_ptr_array_new ();
  core->is_optimistic = (self->config.optimistic & 1u << number) != 0;
  core->is_surgical = (self->config.surgical & 1u << number) != 0;
}

static void
make_data (Sim *self, SimRandom *random)
{
  SimVersion *version;

  self->data = sim_data_new ();
  version = sim_data_begin (self->data, 0);
  for (guint i = 0; i < SIM_N_NAMED; i++)
    {
      if (sim_random_chance (random, 60))
        version->rows[i] = (SimRow){ TRUE, (gint) sim_random_below (random, 3),
                                     (gint) sim_random_below (random, 10), ++self->last_w };
    }
}

static void
sim_init (Sim *self, guint64 seed, const SimOptions *options)
{
  SimRandom random = { seed };

  self->seed = seed;
  self->trace = options->trace || options->digests;
  self->prints = options->trace;
  sim_config_make (&self->config, options->cache, &random);
  self->steps = sim_steps_make (&self->config, &random);
  self->random.state = sim_random_next (&random);
  library_random.state = sim_random_next (&random);
  _vl_random_set_func (library_random_next);
  sim_clock_reset ();

  self->context = g_main_context_new ();
  self->elsewhere = g_main_context_new ();
  self->leaving = g_ptr_array_new ();
  g_main_context_push_thread_default (self->context);
  self->events = g_ptr_array_new_with_free_func (g_object_unref);
  self->lists = g_ptr_array_new_with_free_func (sim_list_free);
  self->shells = g_ptr_array_new_with_free_func (g_free);
  self->calls = g_ptr_array_new_with_free_func (sim_call_free);
  self->writes = g_ptr_array_new_with_free_func (sim_write_free);
  self->master_requests = g_ptr_array_new_with_free_func (sim_request_free);
  self->cache_requests = g_ptr_array_new_with_free_func (sim_request_free);
  self->forgotten = g_ptr_array_new_with_free_func (sim_request_free);
  make_data (self, &random);
  self->schema = sim_schema_new (&self->config);
  if (self->config.cache == SIM_CACHE_DISK)
    self->disk = sim_disk_new (self);
  if (self->config.has_journal)
    self->journal = sim_journal_new (self);
  self->leases = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < SIM_N_CORES; i++)
    make_core (self, i);
  sim_process_begin (self);
}

/* What a failed run leaves behind stays where it is: its callbacks find that
 * it has failed. */
static void
sim_clear (Sim *self)
{
  g_main_context_pop_thread_default (self->context);
  sim_clock_stop ();
  g_clear_pointer (&self->journal, sim_journal_free);
  g_clear_pointer (&self->disk, sim_disk_free);
  if (self->failed)
    return;

  for (guint i = 0; i < SIM_N_CORES; i++)
    {
      g_free (self->cores[i].key);
      g_hash_table_unref (self->cores[i].overtaken);
      g_array_unref (self->cores[i].landing);
      g_ptr_array_unref (self->cores[i].writes);
    }
  g_main_context_unref (self->context);
  g_main_context_unref (self->elsewhere);
  g_ptr_array_unref (self->leaving);
  g_array_unref (self->steps);
  g_array_unref (self->data);
  g_object_unref (self->schema);
  g_ptr_array_unref (self->events);
  g_ptr_array_unref (self->lists);
  g_ptr_array_unref (self->shells);
  g_ptr_array_unref (self->calls);
  g_ptr_array_unref (self->writes);
  g_ptr_array_unref (self->master_requests);
  g_ptr_array_unref (self->cache_requests);
  g_ptr_array_unref (self->forgotten);
  g_ptr_array_unref (self->leases);
  g_free (self);
}

guint
sim_count_steps (guint64 seed, const SimOptions *options)
{
  SimRandom random = { seed };
  SimConfig config;
  g_autoptr (GArray) steps = NULL;

  sim_config_make (&config, options->cache, &random);
  steps = sim_steps_make (&config, &random);

  return steps->len;
}

static void
log_config (Sim *self)
{
  const SimConfig *config = &self->config;

  sim_log (self,
           "cache %d%s%s, stream %s%s%s%s%s, timeout %u, capacity %u, early %u %% and %u %%%s, "
           "optimistic %u, surgical %u%s%s%s%s%s%s, policy %d, retries %u to %u, settle time %u",
           (int) config->cache, config->cache_peeks ? " peeks" : "",
           config->cache_has_marks ? " marks" : "",
           !config->follows     ? "not followed"
           : config->connecting ? "connecting"
                                : "manual",
           config->has_target ? ", write target" : "", config->has_window ? ", windows" : "",
           config->has_batch ? ", batches" : "", config->has_total ? ", totals" : "",
           config->timeout, config->capacity, config->early, config->cache_early,
           config->faults ? ", faults" : "", config->optimistic, config->surgical,
           config->is_strict ? ", strict" : "", config->is_idempotent ? ", idempotent" : "",
           config->checks_base ? ", checks bases" : "", config->assigns_ids ? ", gives ids" : "",
           config->journal_fails ? ", failing journal"
           : config->has_journal ? ", journal"
                                 : "",
           config->coalesces ? ", coalesces" : "", (int) config->policy, config->retry_floor,
           config->retry_cap, config->settle_time);
}

/* Returns what failed, or NULL. */
char *
sim_run (guint64 seed, const SimOptions *options, SimResult *result)
{
  Sim *self = g_new0 (Sim, 1);
  char *failure;

  sim_init (self, seed, options);
  log_config (self);
  for (guint i = 0; i < self->steps->len && !self->failed; i++)
    {
      if (options->skip == NULL || !options->skip[i])
        run_step (self, i);
    }

  self->is_quiet = TRUE;
  if (!self->failed)
    check_end_state (self);
  if (!self->failed)
    drop_everything (self);

  for (guint i = 0; i < SIM_N_COUNTS && result != NULL; i++)
    result->counts[i] = self->counts[i];
  if (result != NULL)
    result->digest = self->digest;
  failure = g_strdup (self->failure);
  sim_clear (self);

  return failure;
}
