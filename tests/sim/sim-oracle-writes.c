/* sim-oracle-writes.c: how a write may end
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sim.h"

/* E1: these change nothing, and invalidate nothing. */
static gboolean
changes_nothing (const GError *error)
{
  return g_error_matches (error, VL_ERROR, VL_ERROR_UNSUPPORTED) ||
         g_error_matches (error, VL_ERROR, VL_ERROR_INVALID) ||
         g_error_matches (error, VL_ERROR, VL_ERROR_REJECTED) ||
         g_error_matches (error, VL_ERROR, VL_ERROR_QUEUE_FULL);
}

static gboolean
is_in_doubt (Sim *sim, SimWrite *write, const GError *error)
{
  return g_error_matches (error, VL_ERROR, VL_ERROR_IN_DOUBT) && write->n_attempts > 0 &&
         (write->state != SIM_WRITE_QUEUED || write->is_open) &&
         sim_clock_now () >= write->deadline;
}

/* Who is not there does not hear what others write. */
static gboolean
has_heard (Sim *sim, SimCore *core, SimWrite *write)
{
  for (guint i = 0; i < sim->shells->len; i++)
    {
      SimShell *shell = g_ptr_array_index (sim->shells, i);

      if (shell->core == core && shell->is_alive && shell->step < write->answered)
        return TRUE;
    }

  return FALSE;
}

/* Where a change is laid over pages nobody knows more than that. */
static void
core_knows (Sim *sim, SimCore *core, SimWrite *write, guint version, gboolean is_done)
{
  gboolean is_of_row = is_done && write->kind != VL_CHANGE_KIND_DELETE_ALL && write->executed;

  if (core->is_surgical && is_of_row)
    sim_row_written (core, write->slot, write->version);
  else
    sim_oracle_known (sim, core, version);
}

/* The caller has been told: from now on nobody sees anything older. */
static void
caller_knows (Sim *sim, SimWrite *write, const GError *error)
{
  guint version = write->answered_version;

  for (guint i = 0; i < SIM_N_CORES && write->is_settling; i++)
    {
      sim->cores[i].n_settling -= &sim->cores[i] != write->core;
      sim_oracle_cause (sim, &sim->cores[i], &sim->cores[i] != write->core);
    }
  write->is_settling = FALSE;
  /* An attempt of before may have changed something. */
  if (write->was_in_doubt)
    sim_oracle_cause_for_all (sim);
  if ((write->state == SIM_WRITE_QUEUED && !write->is_open) ||
      (error != NULL && changes_nothing (error)))
    return;

  /* What the master did until we stopped waiting. */
  if (is_in_doubt (sim, write, error))
    version = sim_data_version_before (sim->data, write->deadline);
  for (guint i = 0; i < SIM_N_CORES; i++)
    {
      if (&sim->cores[i] == write->core || has_heard (sim, &sim->cores[i], write))
        core_knows (sim, &sim->cores[i], write, version, error == NULL);
      sim_oracle_cause (sim, &sim->cores[i], &sim->cores[i] != write->core);
    }
}

static void
check_cancelled (SimCall *call, SimWrite *write, const GError *error)
{
  Sim *sim = call->sim;

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    sim_fail (sim, "E9: call %u was cancelled and ended otherwise", call->number);

  /* It may still be on its way to being withdrawn in this very step. */
  if (write->state == SIM_WRITE_QUEUED && write->n_attempts == 0 &&
      (sim_write_may_wait (write) || sim->config.has_journal ||
       (sim->config.coalesces && write->kind == VL_CHANGE_KIND_PATCH)))
    {
      /* It may have been accepted for later just before, or be noted to be sent. */
      sim_write_watch (sim, write);
      write->is_released = write->object != NULL;
    }
  else if (write->state == SIM_WRITE_QUEUED && write->n_attempts == 0)
    {
      if (call->context == sim->elsewhere)
        g_ptr_array_add (sim->leaving, write);
      else
        write->withdrawn = sim->step;
      sim->counts[SIM_COUNT_WITHDRAWN]++;
    }
  else
    {
      /* It goes on, or was withdrawn while it waited. */
      sim->counts[SIM_COUNT_CANCELLED_SENT]++;
      write->is_released = TRUE;
      sim_write_watch (sim, write);
    }
}

static void
check_result (SimCall *call, SimWrite *write, VlRecord *record)
{
  Sim *sim = call->sim;
  SimRow row = { 0 };
  guint slot = write->slot;

  if (write->is_open)
    return;
  if (write->state != SIM_WRITE_ANSWERED || write->outcome.failed)
    {
      sim_fail (sim, "E4: write %u succeeded, the master has not said so", write->number);
      return;
    }
  if (write->outcome.code != VL_ERROR_CONFLICT && !write->executed)
    sim_fail (sim, "E5: write %u succeeded, and was never applied", write->number);
  /* Of one that was given up, and whose record is gone, nobody has anything. */
  if (write->kind == VL_CHANGE_KIND_DELETE_ALL ||
      (write->outcome.code == VL_ERROR_CONFLICT && !write->outcome.has_result))
    return;

  if ((record != NULL) != write->outcome.has_result)
    {
      sim_fail (sim, "E4: write %u has %s", write->number,
                record != NULL ? "a record" : "no record");
      return;
    }
  if (record == NULL)
    return;

  sim_row_read (&row, record);
  if (!sim_id_parse (vl_record_get_id (record), &slot) || slot != write->outcome.slot ||
      row.w != write->outcome.result.w || row.g != write->outcome.result.g ||
      row.n != write->outcome.result.n)
    sim_fail (sim, "E4: write %u was answered with %s, g=%d n=%d w=%d, and not with g=%d n=%d w=%d",
              write->number, vl_record_get_id (record), row.g, row.n, row.w,
              write->outcome.result.g, write->outcome.result.n, write->outcome.result.w);
}

/* Before the master had it. */
static void
check_refusal (SimCall *call, SimWrite *write, const GError *error)
{
  Sim *sim = call->sim;

  sim->counts[SIM_COUNT_REFUSED]++;
  if (g_error_matches (error, VL_ERROR, VL_ERROR_QUEUE_FULL))
    {
      sim->counts[SIM_COUNT_QUEUE_FULL]++;
      sim->counts[SIM_COUNT_QUEUE_FULL_NOTED] += sim->config.has_journal;
      write->was_refused = TRUE;
      write->withdrawn = 1;
      if (write->n_before < sim->config.capacity)
        sim_fail (sim, "E5: write %u found the queue full, of at most %u", write->number,
                  write->n_before);
      return;
    }
  if (write->is_invalid && (g_error_matches (error, VL_ERROR, VL_ERROR_INVALID) ||
                            g_error_matches (error, VL_ERROR, VL_ERROR_UNSUPPORTED)))
    return;
  if (call->shell->is_closed && g_error_matches (error, VL_ERROR, VL_ERROR_CLOSED))
    return;
  if (sim_oracle_is_unrecorded (sim, write, error) ||
      sim_provisional_is_unstored (sim, write, error))
    return;
  /* The master could not be described. */
  if ((write->was_undescribed || write->core->last_undescribed >= write->step) &&
      (strstr (error->message, "fault") != NULL || strstr (error->message, "dropped") != NULL ||
       strstr (error->message, "not answered within") != NULL))
    return;

  sim_fail (sim, "E4: write %u was never sent, and failed: %s", write->number, error->message);
}

static void
check_failure (SimCall *call, SimWrite *write, const GError *error)
{
  Sim *sim = call->sim;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      sim_fail (sim, "write %u is cancelled, and nobody asked for it", write->number);
      return;
    }
  if (write->is_open)
    return;
  if (write->state == SIM_WRITE_QUEUED)
    {
      check_refusal (call, write, error);
      return;
    }
  if (is_in_doubt (sim, write, error))
    return;
  if (write->state != SIM_WRITE_ANSWERED || !write->outcome.failed ||
      !g_error_matches (error, VL_ERROR, write->outcome.code) ||
      strstr (error->message, write->outcome.message) == NULL)
    sim_fail (sim, "E4: write %u has the error of another: %s", write->number, error->message);
}

/* E5: it is in line, and its caller need not wait any longer. */
static gboolean
is_released (Sim *sim, SimCall *call, SimWrite *write, const GError *error)
{
  return error == NULL && call->op != SIM_OP_WRITE && sim_core_answers_for (sim, write->core) &&
         (write->state != SIM_WRITE_ANSWERED || write->outcome.failed || write->is_open ||
          (sim_write_may_wait (write) && write->released_at < write->answered_at));
}

static gboolean
is_open (Sim *sim, SimCore *core)
{
  for (guint i = 0; i < sim->shells->len; i++)
    {
      SimShell *shell = g_ptr_array_index (sim->shells, i);

      if (shell->core == core && shell->table != NULL)
        return TRUE;
    }

  return FALSE;
}

/* Whoever is told so finds it in the list. */
static void
check_accepted (SimCall *call, SimWrite *write)
{
  Sim *sim = call->sim;

  if (write->object == NULL && write->state == SIM_WRITE_QUEUED && !write->is_open &&
      write->expected == SIM_EXPECTED_NOT && call->context == sim->context &&
      call->op != SIM_OP_APPLY_MANY && is_open (sim, write->core))
    sim_fail (sim, "E5: write %u is accepted, and nowhere to be found", write->number);
  else if (write->object != NULL && !vl_write_get_accepted (write->object))
    sim_fail (sim, "E5: the caller of write %u was told that it is accepted, and it is not",
              write->number);
}

/* It has ended, and everybody may know. */
static void
write_ended (Sim *sim, SimWrite *write, const GError *error)
{
  gboolean others = FALSE;

  if (!write->is_open)
    sim_conflict_check (sim, write);
  caller_knows (sim, write, error);
  write->state = SIM_WRITE_ANSWERED;
  write->is_over = TRUE;
  write->is_waiting = FALSE;
  write->is_open = FALSE;
  write->unshown_by = ++sim->moment;
  write->stored_at = error == NULL ? sim->moment : 0;
  if (write->unshown_from == 0)
    write->unshown_from = write->unshown_by;
  if (write->is_new && error == NULL)
    sim->counts[SIM_COUNT_RENAMES] += write->core->is_optimistic;
  for (guint i = write->core->next_write; i < write->core->writes->len; i++)
    {
      SimWrite *other = g_ptr_array_index (write->core->writes, i);

      others |= other != write && !other->is_over && other->shown == SIM_SHOWN;
    }
  if (error != NULL && others && write->shown == SIM_SHOWN)
    sim->counts[SIM_COUNT_ROLLBACKS]++;
}

/* The one who made the write has been told how it ended. */
void
sim_oracle_wrote (SimCall *call, SimWrite *write, VlRecord *record, const GError *error)
{
  Sim *sim = call->sim;

  if (sim->failed)
    return;
  if (write->finds_full && !call->cancelled &&
      !g_error_matches (error, VL_ERROR, VL_ERROR_QUEUE_FULL))
    sim_fail (sim, "E5: write %u found the queue full, and was not told", write->number);
  if (write->is_done && !write->is_owed)
    sim_fail (sim, "E4: the caller heard twice of write %u", write->number);
  write->is_done = TRUE;
  if (write->is_owed && write->is_over)
    return;
  write->is_owed = FALSE;

  if (call->cancelled)
    {
      check_cancelled (call, write, error);
      return;
    }
  if (is_released (sim, call, write, error))
    {
      sim_log (sim, "  write %u is accepted", write->number);
      sim->counts[SIM_COUNT_RELEASED]++;
      write->is_released = TRUE;
      write->has_caller = FALSE;
      sim_write_watch (sim, write);
      check_accepted (call, write);
      return;
    }
  if (error == NULL)
    check_result (call, write, record);
  else
    check_failure (call, write, error);
  if (!sim->failed)
    write_ended (sim, write, error);
}

static gboolean
can_be_sent_again (Sim *sim, const SimWrite *write)
{
  return sim->config.is_idempotent || (write->kind != VL_CHANGE_KIND_DELETE_ALL && !write->is_new);
}

/* E5: it was accepted, and has ended. */
void
sim_oracle_wrote_after_all (Sim *sim, SimWrite *write, const GError *error)
{
  if (sim->failed || write->is_over)
    return;

  if (write->cancel_asked && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      if (write->state != SIM_WRITE_QUEUED && !write->is_open)
        sim_fail (sim, "E12: write %u was sent, and yet withdrawn", write->number);
      write->is_over = TRUE;
      write->unshown_by = ++sim->moment;
      write->let_go_at = sim->moment;
      if (write->unshown_from == 0)
        write->unshown_from = write->unshown_by;
      return;
    }
  if (write->was_retried && write->state == SIM_WRITE_QUEUED &&
      sim_oracle_is_unrecorded (sim, write, error))
    {
      write_ended (sim, write, error);
      return;
    }
  if (!write->is_open && error == NULL &&
      (write->state != SIM_WRITE_ANSWERED || write->outcome.failed))
    sim_fail (sim, "E5: write %u was applied after all, the master has not said so", write->number);
  if (!write->is_open && error != NULL && write->n_attempts > 0 &&
      (write->state != SIM_WRITE_ANSWERED ||
       !g_error_matches (error, VL_ERROR, write->outcome.code)))
    sim_fail (sim, "E5: write %u has failed after all with the error of another: %s", write->number,
              error->message);
  if (!write->is_open && write->n_attempts == 0 &&
      g_error_matches (error, VL_ERROR, VL_ERROR_IN_DOUBT) && can_be_sent_again (sim, write) &&
      write->core->last_undescribed < write->step)
    sim_fail (sim, "E11: write %u is in doubt, and nobody doubts it", write->number);
  if (error != NULL && write->state == SIM_WRITE_QUEUED)
    sim_provisional_is_unstored (sim, write, error);
  sim->counts[SIM_COUNT_FAILED_LATER] += error != NULL;
  write_ended (sim, write, error);
}
