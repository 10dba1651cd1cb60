/* sim-oracle-journal.c: what is in a journal when it is opened again
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A write that was accepted is there until it is over; one that was over, and
 * the journal had time to note it, never again. All of them in their order.
 */

#include "sim.h"

static GListModel *
get_list (Sim *sim, SimCore *core)
{
  for (guint i = 0; i < sim->shells->len; i++)
    {
      SimShell *shell = g_ptr_array_index (sim->shells, i);

      if (shell->core == core && shell->table != NULL)
        return vl_live_table_get_writes (shell->table);
    }

  return NULL;
}

static void
look_at (SimCore *core, VlWrite *object)
{
  SimWrite *write = g_object_get_data (G_OBJECT (object), "sim-seen");
  VlChange *change = vl_write_get_change (object);

  if (write == NULL)
    {
      write = sim_write_of (core, change);
      if (write == NULL)
        return;
      if (write->uid == NULL)
        write->uid = g_strdup (vl_change_get_uid (change));
      write->is_seen = TRUE;
      g_object_set_data (G_OBJECT (object), "sim-seen", write);
    }
  write->is_accepted |= vl_write_get_accepted (object) && !write->is_loose;
}

/* After each step: who has been accepted, and who is over. */
void
sim_oracle_look_at_journals (Sim *sim)
{
  for (guint i = 0; i < SIM_N_CORES && sim->journal != NULL; i++)
    {
      SimCore *core = &sim->cores[i];
      GListModel *list = get_list (sim, core);

      for (guint j = 0; list != NULL && j < g_list_model_get_n_items (list); j++)
        {
          g_autoptr (VlWrite) object = g_list_model_get_item (list, j);

          look_at (core, object);
        }
      sim_journal_stepped (sim->journal, core);
      for (guint j = core->first_write; j < core->writes->len; j++)
        {
          SimWrite *write = g_ptr_array_index (core->writes, j);

          if (!write->is_over)
            write->over_at = 0;
          else if (write->over_at == 0)
            write->over_at = 1 + sim_journal_count_pushed (sim->journal, core);
        }
    }
}

/* Something that was asked of it was not done: those that were not accepted yet are
 * taken back, perhaps, before anybody hears of it. */
void
sim_oracle_journal_fails (Sim *sim, SimCore *core)
{
  sim_oracle_look_at_journals (sim);
  for (guint i = core->first_write; i < core->writes->len; i++)
    {
      SimWrite *write = g_ptr_array_index (core->writes, i);

      if (!write->is_accepted && !write->is_over && write->shown == SIM_SHOWN)
        write->shown = SIM_SHOWN_PERHAPS;
    }
}

/* E5: whether it ends because it could not be recorded. One that was accepted has
 * been. */
gboolean
sim_oracle_is_unrecorded (Sim *sim, SimWrite *write, const GError *error)
{
  if (error == NULL || strstr (error->message, "was not recorded, and is not going to") == NULL)
    return FALSE;

  sim->counts[SIM_COUNT_UNRECORDED]++;
  write->is_unrecorded = TRUE;
  if (!sim_journal_failed_since (sim->journal, write->core, write->step))
    sim_fail (sim, "E5: write %u was not recorded, and nothing has failed", write->number);
  else if (write->is_accepted && !write->was_retried)
    sim_fail (sim, "E5: write %u was accepted, and not recorded", write->number);
  else if (!g_error_matches (error, VL_ERROR, VL_ERROR_UNAVAILABLE) &&
           !g_error_matches (error, VL_ERROR, VL_ERROR_FAILED))
    sim_fail (sim, "E5: write %u was not recorded for another reason: %s", write->number,
              error->message);

  return TRUE;
}

/* Whether it may have failed before it was sent. */
static gboolean
may_have_failed (const SimWrite *write)
{
  return write->is_invalid || write->was_undescribed || write->was_sent || write->parent != NULL ||
         write->core->last_undescribed >= write->step;
}

/* What the next one to open the journal must find of it. */
static SimExpected
expect (Sim *sim, SimWrite *write)
{
  gboolean has_failed = write->object != NULL &&
                        vl_write_get_state (write->object) == VL_WRITE_STATE_FAILED;
  gboolean is_noted = write->over_at > 0 &&
                      sim_journal_count_done (sim->journal, write->core) + 1 >= write->over_at &&
                      sim_journal_get_failed_at (sim->journal, write->core) + 1 < write->over_at;

  /* Its caller was told that it is not going to be made. */
  if (write->is_loose)
    return SIM_EXPECTED_PERHAPS;
  if (write->is_unrecorded)
    return sim_journal_is_sound (sim->journal, write->core) ? SIM_EXPECTED_NEVER
                                                            : SIM_EXPECTED_PERHAPS;
  /* E5: there was no place for it. */
  if (write->was_refused)
    return SIM_EXPECTED_NEVER;
  /* Its caller has heard of it, or did not want to. */
  if (has_failed && write->has_caller)
    return SIM_EXPECTED_PERHAPS;
  /* It stood for itself no more, and that it does again could not be noted. */
  if (has_failed && write->leader != NULL && !is_noted &&
      sim_journal_failed_since (sim->journal, write->core, write->step))
    return SIM_EXPECTED_PERHAPS;
  if (has_failed && write->is_accepted && !write->is_open)
    return is_noted ? SIM_EXPECTED_FAILED : SIM_EXPECTED;
  if (write->is_over && !has_failed && is_noted && !write->is_open)
    return SIM_EXPECTED_NEVER;
  if (write->is_over || !write->is_accepted || write->is_open || write->cancel_asked)
    return SIM_EXPECTED_PERHAPS;
  /* It may be noted that it is over, and nobody was told yet. */
  if (write->state == SIM_WRITE_ANSWERED || (write->has_caller && may_have_failed (write)))
    return SIM_EXPECTED_PERHAPS;

  return SIM_EXPECTED;
}

/* The program ends, or the journal was closed: who is left? */
void
sim_oracle_leave_journal (Sim *sim, SimCore *core)
{
  for (guint i = core->first_write; i < core->writes->len && sim->journal != NULL; i++)
    {
      SimWrite *write = g_ptr_array_index (core->writes, i);

      if (write->expected != SIM_EXPECTED_NOT)
        continue;
      write->expected = expect (sim, write);
      write->left_failing = may_have_failed (write);
      sim_log (sim, "  write %u is left: %d, object %d, over %d", write->number,
               (int) write->expected,
               write->object != NULL ? (int) vl_write_get_state (write->object) : -1,
               write->is_over);
    }
}

/* Whose write it is that has been taken up; the last that may be. */
static SimWrite *
find (SimCore *core, VlChange *change)
{
  SimWrite *found = NULL;

  for (guint i = core->writes->len; i > 0; i--)
    {
      SimWrite *write = g_ptr_array_index (core->writes, i - 1);

      if (write->uid != NULL && g_str_equal (write->uid, vl_change_get_uid (change)))
        return write;
      if (found == NULL && write->uid == NULL && write->expected != SIM_EXPECTED_NEVER &&
          sim_write_is_of (write, change))
        found = write;
    }

  return found;
}

static void
take_up (Sim *sim, SimCore *core, SimWrite *write, VlWrite *object, guint *order)
{
  VlWriteState state = vl_write_get_state (object);

  sim_log (sim, "  write %u is taken up, state %d", write->number, (int) state);
  sim->counts[SIM_COUNT_REPLAYED]++;
  /* One that failed while its caller was about to hear that it waits is kept as
   * well, and told of twice. */
  if (state == VL_WRITE_STATE_FAILED && write->outcome.failed &&
      write->expected == SIM_EXPECTED_NEVER)
    write->expected = SIM_EXPECTED_PERHAPS;
  if (write->expected == SIM_EXPECTED_NEVER || write->expected == SIM_EXPECTED_NOT)
    sim_fail (sim, "E5: write %u was over, and is in the journal again", write->number);
  if (write->expected == SIM_EXPECTED_FAILED && state != VL_WRITE_STATE_FAILED)
    sim_fail (sim, "E5: write %u had failed, and is in line again", write->number);
  if (write->expected == SIM_EXPECTED && write->n_attempts == 0 && !write->was_retried &&
      !write->left_failing && write->over_at == 0 && state == VL_WRITE_STATE_FAILED)
    sim_fail (sim, "E5: write %u was in line, and has failed", write->number);
  if (!vl_write_get_accepted (object))
    sim_fail (sim, "E5: write %u is in the journal, and not accepted", write->number);
  /* Those that users had tried again stand where they stood at first. */
  if (state != VL_WRITE_STATE_FAILED && !write->was_retried)
    {
      if (write->order < *order)
        sim_fail (sim, "E4: write %u is behind a later one in the journal", write->number);
      *order = write->order;
    }
  write->expected = SIM_EXPECTED_NOT;
  g_object_set_data (G_OBJECT (object), "sim-seen", write);
  sim_coalesced_take_up (sim, write, vl_write_get_change (object));
  sim_write_take_up (sim, write, object);
}

static void
check_lost (Sim *sim, SimCore *core)
{
  for (guint i = 0; i < core->writes->len; i++)
    {
      SimWrite *write = g_ptr_array_index (core->writes, i);

      /* It may have ended since the journal was closed, or go on. */
      if (write->number_in_core >= core->first_write &&
          (write->was_retried || (write->expected == SIM_EXPECTED && write->is_over)))
        write->expected = SIM_EXPECTED_NOT;
      if (write->expected == SIM_EXPECTED || write->expected == SIM_EXPECTED_FAILED)
        sim_fail (sim, "E5: write %u was accepted, and is lost", write->number);
      write->expected = SIM_EXPECTED_NOT;
    }
}

/* That it had ended since the journal was closed could not be noted. */
static gboolean
goes_on (Sim *sim, SimWrite *write, VlWrite *object)
{
  if (write->state != SIM_WRITE_ANSWERED || vl_write_get_state (object) >= VL_WRITE_STATE_APPLIED ||
      !sim_journal_failed_since (sim->journal, write->core, 0))
    return FALSE;

  write->expected = SIM_EXPECTED_PERHAPS;
  return TRUE;
}

static void
journal_is_open (Sim *sim, SimCore *core, GListModel *list)
{
  guint order = 0;

  if (sim_journal_is_aside (sim->journal))
    sim_fail (sim, "a journal was set aside");
  for (guint i = 0; i < g_list_model_get_n_items (list) && !sim->failed; i++)
    {
      g_autoptr (VlWrite) object = g_list_model_get_item (list, i);
      SimWrite *write = g_object_get_data (G_OBJECT (object), "sim-seen");

      if (write != NULL)
        continue;
      write = find (core, vl_write_get_change (object));
      if (write == NULL)
        sim_fail (sim, "E5: the journal has a write that nobody has made");
      else if (write->expected != SIM_EXPECTED_NOT || write->number_in_core < core->first_write ||
               goes_on (sim, write, object))
        take_up (sim, core, write, object, &order);
      else
        look_at (core, object);
    }
  if (!sim->failed)
    check_lost (sim, core);
}

/* The state of the journal has changed. */
void
sim_oracle_journal_changed (SimShell *shell)
{
  Sim *sim = shell->sim;
  SimCore *core = shell->core;
  VlJournalState state;

  if (sim->failed || sim->is_crashing || shell->table == NULL)
    return;

  state = vl_live_table_get_journal_state (shell->table);
  if (state == core->journal_state)
    return;

  /* It was closed, and nobody was there to see it. */
  if (state == VL_JOURNAL_STATE_OPENING && core->journal_state == VL_JOURNAL_STATE_OPEN)
    {
      sim_oracle_look_at_journals (sim);
      sim_oracle_leave_journal (sim, core);
    }
  sim_journal_stepped (sim->journal, core);
  core->journal_state = state;
  sim_log (sim, "  the journal of core %u: state %d", core->number, (int) state);
  switch (state)
    {
    case VL_JOURNAL_STATE_OPENING:
      /* Those in it come before all that are made from now on. */
      core->n_taken_up = core->n_orders;
      core->n_orders += 1000;
      break;
    case VL_JOURNAL_STATE_OPEN:
      journal_is_open (sim, core, vl_live_table_get_writes (shell->table));
      break;
    case VL_JOURNAL_STATE_FAILED:
      sim->counts[SIM_COUNT_UNUSABLE]++;
      if (!sim_journal_failed_since (sim->journal, core, sim->step))
        sim_fail (sim, "the journal of core %u cannot be used", core->number);
      break;
    case VL_JOURNAL_STATE_NONE:
    default:
      sim_oracle_look_at_journals (sim);
      sim_oracle_leave_journal (sim, core);
      break;
    }
}
