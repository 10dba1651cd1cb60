/* sim-conflict.c: users who decide about conflicts
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Who is asked is told what the master has, at home, once an attempt has met a
 * conflict and before anything else happens to the write; what is said is done.
 */

#include "sim.h"

static gboolean
is_there (Sim *sim, const SimCore *core)
{
  for (guint i = 0; i < sim->shells->len; i++)
    {
      const SimShell *shell = g_ptr_array_index (sim->shells, i);

      if (shell->core == core && shell->table != NULL)
        return TRUE;
    }

  return FALSE;
}

static gboolean
is_current (const SimWrite *write, VlRecord *current)
{
  const SimOutcome *outcome = &write->outcome;
  SimRow row = { 0 };
  guint slot;

  if (current == NULL || !outcome->has_result)
    return current == NULL && !outcome->has_result;

  sim_row_read (&row, current);
  return sim_id_parse (vl_record_get_id (current), &slot) && slot == outcome->slot &&
         row.w == outcome->result.w && row.g == outcome->result.g && row.n == outcome->result.n;
}

static VlConflictPolicy
decide (VlLiveTable *table, VlWrite *object, VlRecord *current, gpointer user_data)
{
  SimShell *shell = user_data;
  Sim *sim = shell->sim;
  SimWrite *write = sim_write_of (shell->core, vl_write_get_change (object));

  if (sim->failed || sim->is_crashing || write == NULL)
    return VL_CONFLICT_POLICY_FAIL;

  sim_log (sim, "  table %u is asked about write %u", shell->number, write->number);
  if (g_main_context_get_thread_default () != sim->context)
    sim_fail (sim, "E9: somebody is asked about a conflict elsewhere");
  /* Where there may be doubt, what came of it is looked for first, perhaps. */
  if ((write->conflict == 0 || write->conflict != write->n_attempts) && !write->in_doubt)
    sim_fail (sim, "write %u has met no conflict, and somebody is asked", write->number);
  else if (!is_current (write, current))
    sim_fail (sim, "who is asked about write %u is told what the master does not have",
              write->number);
  write->asked = write->n_attempts;
  sim->counts[SIM_COUNT_DECIDED]++;

  return write->conflict == write->n_attempts ? write->policy : sim->config.policy;
}

void
sim_conflict_watch (SimShell *shell)
{
  g_signal_connect (shell->table, "conflict", G_CALLBACK (decide), shell);
}

/* Returns what the user will say of it, or else what was set. */
VlConflictPolicy
sim_conflict_met (Sim *sim, SimWrite *write)
{
  if (write->leader != NULL)
    return write->leader->policy;

  write->conflict = write->n_attempts;
  write->policy = sim->config.policy;
  if (sim->config.decides && is_there (sim, write->core))
    write->policy = (VlConflictPolicy) ((write->row.w + (gint) write->slot) % 4);
  else
    write->asked = write->conflict;

  return write->policy;
}

/* It ends, or is sent again: if somebody was there, they have been asked, unless the
 * answer came when the live table had ceased to wait for it. */
void
sim_conflict_check (Sim *sim, SimWrite *write)
{
  if (sim->config.decides && write->conflict > 0 && write->conflict == write->n_attempts &&
      write->asked != write->conflict && write->too_late != write->conflict)
    sim_fail (sim, "write %u has met a conflict, and nobody was asked", write->number);
}

/* Whether somebody has to stay to be asked. */
gboolean
sim_conflict_is_waiting (Sim *sim, const SimCore *core)
{
  for (guint i = core->next_write; i < core->writes->len && sim->config.decides; i++)
    {
      const SimWrite *write = g_ptr_array_index (core->writes, i);

      if (write->conflict > 0 && write->conflict == write->n_attempts &&
          write->asked != write->conflict && !write->is_over && write->too_late != write->conflict)
        return TRUE;
    }

  return FALSE;
}
