/* sim-process.c: the program, that ends and begins again
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * All that a process has goes when it ends: live tables, streams, masters and
 * the cache. The master's data stay, and so does the folder of the cache. In
 * an orderly end everything that is under way is answered first. In a crash
 * nothing is: what the objects of the dead process still do while they are
 * taken apart reaches neither the data nor the folder, and nobody listens.
 */

#include "sim.h"

#include "live/vl-live-stats-private.h"

/* What has not gone then never will. */
#define MAX_ROUNDS 2000

static void
invalidated (VlCache *cache, const char *root, gpointer user_data)
{
  Sim *self = user_data;

  if (self->failed || self->is_crashing)
    return;

  for (guint i = 0; i < SIM_N_CORES; i++)
    {
      SimCore *core = &self->cores[i];

      if (root != NULL && !g_str_has_prefix (root, core->key))
        continue;
      /* Who waits for it reads after it, and who does not stores nothing. One
       * that others wait for may be done for a while. */
      core->durable = MAX (core->durable, core->n_elsewhere > 0
                                            ? core->elsewhere
                                            : sim_data_get_version (self->data));
      sim_oracle_cause (self, core, FALSE);
      sim_probe_invalidated (self, core);
    }
}

void
sim_process_begin (Sim *self)
{
  self->cache = sim_cache_new (self);
  self->stream = sim_stream_new (self);
  self->extra = vl_live_stream_new ();
  if (self->disk != NULL)
    g_signal_connect (self->cache, "invalidated", G_CALLBACK (invalidated), self);
  sim_watch (self, self->cache);
  sim_watch (self, self->stream);
  sim_watch (self, self->extra);
  for (guint i = 0; i < SIM_N_CORES; i++)
    {
      SimCore *core = &self->cores[i];

      core->master = sim_master_new (self, core, FALSE);
      if (self->config.has_target)
        core->target = sim_master_new (self, core, TRUE);
    }
}

static void
add_stats (Sim *self)
{
  for (guint i = 0; i < SIM_N_CORES; i++)
    {
      SimShell *shell = NULL;

      for (guint j = 0; j < self->shells->len; j++)
        {
          SimShell *other = g_ptr_array_index (self->shells, j);

          if (other->core == &self->cores[i] && other->table != NULL)
            shell = other;
        }
      if (shell == NULL)
        continue;
      self->counts[SIM_COUNT_JOINED] += vl_live_stats_get_joins (
        vl_live_table_get_stats (shell->table));
      self->counts[SIM_COUNT_ABSORBED] += vl_live_table_get_stats (shell->table)->laid_over;
      self->counts[SIM_COUNT_REFUSED_FILLS] += vl_live_stats_get_refused_fills (
        vl_live_table_get_stats (shell->table));
    }
}

/* The users let go of everything but the streams. */
void
sim_process_let_go (Sim *self)
{
  add_stats (self);
  g_ptr_array_set_size (self->lists, 0);
  for (guint i = 0; i < self->shells->len; i++)
    sim_shell_drop (g_ptr_array_index (self->shells, i));
  for (guint i = 0; i < SIM_N_CORES; i++)
    {
      g_clear_object (&self->cores[i].master);
      g_clear_object (&self->cores[i].target);
    }
  g_clear_object (&self->cache);
}

/* And of the rest, when nothing is under way any more. */
void
sim_process_forget (Sim *self)
{
  g_ptr_array_set_size (self->forgotten, 0);
  for (guint i = 0; i < self->writes->len; i++)
    sim_write_forget (g_ptr_array_index (self->writes, i));
  g_clear_object (&self->stream);
  g_clear_object (&self->extra);
  for (guint i = 0; i < 3; i++)
    {
      sim_turn (self);
      sim_turn_elsewhere (self);
    }
}

/* What the users knew of the process that is no more. What it had heard of it
 * has seen to, unless it crashed before. */
static void
reset_core (Sim *self, SimCore *core, gboolean crashed)
{
  core->durable = MAX (core->durable, core->executed);
  /* A cache in memory has nothing of before. */
  if (self->disk == NULL)
    core->durable = sim_data_get_version (self->data);
  /* Where a stream is the next process is told again. */
  if (!crashed && !self->config.positions)
    core->durable = MAX (core->durable, core->known);
  core->known = core->durable;
  core->known_now = core->durable;
  core->known_before = core->durable;
  core->last_cause = self->step;
  core->cause_pending = 0;
  core->cause_turns = 0;
  core->n_settling = 0;
  core->last_fault = 0;
  core->last_undescribed = 0;
  core->last_waiting = 0;
  core->paused_until = 0;
  core->journal_state = VL_JOURNAL_STATE_NONE;
  core->is_undescribed[0] = FALSE;
  core->is_undescribed[1] = FALSE;
  core->fault_pending = FALSE;
  core->n_reads = 0;
  core->n_leaving = 0;
  core->has_background = FALSE;
  core->awaits_word = FALSE;
  core->gap_is_open = FALSE;
  core->n_elsewhere = 0;
  core->next_write = core->writes->len;
  core->first_write = core->writes->len;
  core->has_sent = FALSE;
  g_hash_table_remove_all (core->overtaken);
  g_array_set_size (core->landing, 0);
}

static void
reset (Sim *self, gboolean crashed)
{
  for (guint i = 0; i < SIM_N_CORES; i++)
    reset_core (self, &self->cores[i], crashed);
  for (guint i = 0; i < self->calls->len; i++)
    ((SimCall *) g_ptr_array_index (self->calls, i))->done = TRUE;
  for (guint i = 0; i < self->writes->len; i++)
    {
      SimWrite *write = g_ptr_array_index (self->writes, i);

      write->is_done = TRUE;
      write->is_settling = FALSE;
      write->cancel_asked = FALSE;
      write->is_owed = FALSE;
      write->state = SIM_WRITE_ANSWERED;
      write->is_over = TRUE;
      write->is_waiting = FALSE;
      write->is_released = FALSE;
      write->shown = SIM_SHOWN_NOT;
    }
  g_ptr_array_set_size (self->leaving, 0);
  self->stream_wanted = FALSE;
  self->stream_live = !self->config.connecting;
  /* Events that come when nobody listens are lost. */
  sim_stream_forget (self);
}

/* Others go on; then the program is started again. */
static void
begin_again (Sim *self, const SimStep *step, GPtrArray *entries)
{
  SimRandom random = { step->d };

  for (guint i = sim_random_below (&random, 8); i > 4; i--)
    sim_master_change (self, (guint32) sim_random_next (&random));
  self->step++;
  sim_clock_fire (sim_clock_now () + 1 + sim_random_below (&random, 2000000));
  self->opened = sim_clock_real ();
  sim_process_begin (self);
  sim_log (self, "  the program begins again");
  if (step->c % 3 != 0 && entries != NULL)
    sim_probe_all (self, entries);
}

/* An end in good order. */

/* Somebody has to see what is in a journal, and to be asked about conflicts. */
static void
open_journals (Sim *self)
{
  for (guint i = 0; i < SIM_N_CORES; i++)
    {
      while (sim_conflict_is_waiting (self, &self->cores[i]) && !self->failed)
        sim_turn (self);
    }
  for (guint i = 0; i < SIM_N_CORES && self->journal != NULL; i++)
    {
      while (self->cores[i].journal_state == VL_JOURNAL_STATE_OPENING && !self->failed)
        {
          sim_journal_work (self->journal, i);
          sim_turn (self);
        }
    }
}

void
sim_process_close (Sim *self, const SimStep *step)
{
  g_autoptr (GPtrArray) entries = NULL;
  VlCache *cache = g_object_ref (self->cache);

  self->counts[SIM_COUNT_CLOSES]++;
  if (self->disk != NULL)
    sim_disk_check_whole (self->disk);
  for (guint i = 0; i < 2; i++)
    {
      sim_journal_mend (self->journal);
      open_journals (self);
    }
  self->is_quiet = TRUE;
  sim_process_let_go (self);
  sim_fall_quiet (self);
  sim_oracle_look_at_journals (self);
  for (guint i = 0; i < SIM_N_CORES; i++)
    sim_oracle_leave_journal (self, &self->cores[i]);
  sim_process_forget (self);
  if (self->disk != NULL)
    entries = sim_disk_dup_entries (self->disk);
  g_object_unref (cache);
  /* The next one may be there before the file is closed. */
  if (step->b % 2 == 0 && self->disk != NULL)
    sim_disk_work (self->disk);
  self->is_quiet = FALSE;
  if (self->failed)
    return;

  if (self->n_watched > 0)
    {
      sim_fail (self, "E10: %u objects outlive the program", self->n_watched);
      return;
    }
  reset (self, FALSE);
  begin_again (self, step, entries);
}

/* A crash */

/* The master has these, and does not know that nobody waits any more. */
static void
execute_orphans (Sim *self, GPtrArray *requests, SimRandom *random)
{
  for (guint i = 0; i < requests->len; i++)
    {
      SimRequest *request = g_ptr_array_index (requests, i);

      if (request->writes == NULL || request->answered)
        continue;

      self->counts[SIM_COUNT_CRASHES_WRITING]++;
      self->counts[SIM_COUNT_WRITTEN_UNHEARD] += request->executed;
      if (request->executed || sim_random_chance (random, 50))
        continue;
      self->counts[SIM_COUNT_WRITTEN_AFTER]++;
      sim_master_execute (self, request);
    }
}

static gboolean
is_still (Sim *self)
{
  return !g_main_context_pending (self->context) && !g_main_context_pending (self->elsewhere) &&
         sim_disk_count_jobs (self->disk) + sim_journal_count_jobs (self->journal) == 0;
}

/* Until nothing moves. */
static void
settle (Sim *self)
{
  for (guint round = 0; round < MAX_ROUNDS; round++)
    {
      while (sim_disk_count_jobs (self->disk) > 0)
        sim_disk_work (self->disk);
      while (sim_journal_count_jobs (self->journal) > 0)
        sim_journal_work (self->journal, 0);
      sim_turn (self);
      sim_turn_elsewhere (self);
      if (is_still (self))
        return;
    }
}

/* Takes the dead apart. Readers that wait for a word of the stream get one. */
static void
bury (Sim *self)
{
  gint64 due;

  g_ptr_array_set_size (self->master_requests, 0);
  g_ptr_array_set_size (self->cache_requests, 0);
  sim_process_let_go (self);
  settle (self);
  if (self->config.connecting)
    vl_live_stream_report_live (self->stream);
  settle (self);
  sim_process_forget (self);
  settle (self);
  for (guint round = 0; round < MAX_ROUNDS && self->n_watched > 0; round++)
    {
      if (!sim_clock_next (&due))
        break;
      sim_clock_fire (due);
      settle (self);
    }
  if (self->n_watched > 0)
    sim_fail (self, "E10: %u objects cannot be taken apart", self->n_watched);
}

void
sim_process_crash (Sim *self, const SimStep *step)
{
  g_autoptr (GPtrArray) entries = NULL;
  SimRandom random = { step->a };
  gboolean is_late = FALSE;

  self->counts[SIM_COUNT_CRASHES]++;
  self->counts[SIM_COUNT_CRASHES_FAILING] += sim_journal_fails (self->journal);
  if (self->disk != NULL)
    {
      entries = sim_disk_dup_entries (self->disk);
      is_late = sim_disk_is_late (self->disk);
      sim_disk_check_whole (self->disk);
      self->counts[SIM_COUNT_JOBS_LOST] += sim_disk_count_jobs (self->disk);
      sim_disk_copy (self->disk);
    }
  if (self->journal != NULL)
    sim_journal_crash (self->journal, &random);
  execute_orphans (self, self->master_requests, &random);
  execute_orphans (self, self->forgotten, &random);
  sim_oracle_look_at_journals (self);
  for (guint i = 0; i < SIM_N_CORES; i++)
    sim_oracle_leave_journal (self, &self->cores[i]);
  self->is_crashing = TRUE;
  bury (self);
  self->is_crashing = FALSE;
  if (self->failed)
    return;

  if (self->disk != NULL)
    sim_disk_become_copy (self->disk);
  if (self->journal != NULL)
    sim_journal_become_crashed (self->journal);
  /* Who gave up waiting for the mark wrote without one. */
  for (guint i = 0; i < SIM_N_CORES && is_late; i++)
    self->cores[i].executed = 0;
  reset (self, TRUE);
  begin_again (self, step, entries);
}
