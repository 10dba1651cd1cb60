/* sim-apply.c: what a master makes of a write
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sim.h"

void
sim_outcome_clear (gpointer data)
{
  SimOutcome *self = data;

  g_clear_pointer (&self->message, g_free);
}

void
sim_outcome_copy (SimOutcome *self, const SimOutcome *other)
{
  char *message = g_strdup (other->message);

  sim_outcome_clear (self);
  *self = *other;
  self->message = message;
}

void
sim_outcome_fail (SimOutcome *self, VlError code, const char *message)
{
  g_free (self->message);
  self->failed = TRUE;
  self->code = (int) code;
  self->message = g_strdup (message);
  self->has_result = FALSE;
}

static void
refuse (SimWrite *write, SimOutcome *outcome, VlError code)
{
  g_autofree char *message = g_strdup_printf ("cannot do write %u", write->number);

  sim_outcome_fail (outcome, code, message);
}

/* Whether it is not as the change takes it to be, in what the change touches. */
static gboolean
is_other (VlChange *change, const SimRow *row)
{
  VlRecord *base = vl_change_get_base (change);
  VlRecord *fields = vl_change_get_record (change);
  gboolean all = vl_change_get_kind (change) != VL_CHANGE_KIND_PATCH;

  if (base == NULL)
    return FALSE;
  if (!row->exists)
    return TRUE;

  return ((all || vl_record_has_field (fields, "g")) && vl_record_has_field (base, "g") &&
          vl_record_get_int64 (base, "g") != row->g) ||
         ((all || vl_record_has_field (fields, "n")) && vl_record_has_field (base, "n") &&
          vl_record_get_int64 (base, "n") != row->n);
}

static void
patch (SimRow *row, const SimWrite *write)
{
  sim_row_patch (row, write);
  for (guint i = 0; write->joined != NULL && i < write->joined->len; i++)
    sim_row_patch (row, g_ptr_array_index (write->joined, i));
}

static void
apply_to_row (Sim *sim, SimWrite *write, SimOutcome *outcome)
{
  guint slot = write->slot;
  SimRow *row = &sim_data_begin (sim->data, sim_clock_now ())->rows[slot];
  SimRow before = *row;

  if (write->kind == VL_CHANGE_KIND_DELETE)
    *row = (SimRow){ 0 };
  else if (write->kind != VL_CHANGE_KIND_PATCH)
    *row = write->row;
  else
    patch (row, write);
  outcome->result = write->kind == VL_CHANGE_KIND_DELETE ? before : *row;
  outcome->has_result = outcome->result.exists;
  outcome->slot = slot;
  if (sim_random_chance (&sim->random, sim->config.echo))
    sim_stream_note (sim,
                     !row->exists    ? VL_LIVE_EVENT_KIND_DELETED
                     : before.exists ? VL_LIVE_EVENT_KIND_UPDATED
                                     : VL_LIVE_EVENT_KIND_INSERTED,
                     slot, row);
}

static void
apply_to_all (Sim *sim, SimWrite *write)
{
  SimVersion *version = sim_data_begin (sim->data, sim_clock_now ());

  for (guint slot = 0; slot < SIM_N_IDS; slot++)
    {
      if (version->rows[slot].exists &&
          (write->query.g < 0 || version->rows[slot].g == write->query.g))
        version->rows[slot] = (SimRow){ 0 };
    }
}

/* FALSE when there is no id left. */
static gboolean
give_id (Sim *sim, SimWrite *write)
{
  if (!write->is_new || write->has_slot)
    return TRUE;
  if (SIM_N_NAMED + sim->n_given >= SIM_N_IDS)
    return FALSE;

  write->slot = SIM_N_NAMED + sim->n_given++;
  write->has_slot = TRUE;
  return TRUE;
}

static void
apply (Sim *sim, SimWrite *write, VlChange *change, SimOutcome *outcome)
{
  SimRow row = { 0 };

  if (!give_id (sim, write))
    {
      refuse (write, outcome, VL_ERROR_REJECTED);
      return;
    }
  if (write->kind != VL_CHANGE_KIND_DELETE_ALL)
    row = sim_data_peek (sim->data, sim_data_get_version (sim->data))->rows[write->slot];

  if (is_other (change, &row))
    {
      refuse (write, outcome, VL_ERROR_CONFLICT);
      outcome->result = row;
      outcome->has_result = row.exists;
      outcome->slot = write->slot;
    }
  else if (write->kind == VL_CHANGE_KIND_INSERT && row.exists)
    refuse (write, outcome, VL_ERROR_EXISTS);
  else if (write->kind == VL_CHANGE_KIND_PATCH && !row.exists)
    refuse (write, outcome, VL_ERROR_NOT_FOUND);
  else if (write->kind == VL_CHANGE_KIND_DELETE_ALL)
    apply_to_all (sim, write);
  else if (write->kind != VL_CHANGE_KIND_DELETE || row.exists)
    apply_to_row (sim, write, outcome);
}

/* E11: what does no harm when it is done again. */
static gboolean
can_repeat (const SimWrite *write)
{
  return write->kind != VL_CHANGE_KIND_DELETE_ALL && !write->is_new;
}

static gboolean
has_done (const SimWrite *write, VlChange *change)
{
  return write->executed && g_strcmp0 (write->done_uid, vl_change_get_uid (change)) == 0;
}

static void
check_once (Sim *sim, const SimWrite *write)
{
  /* Who asks for it again has it done again; one that was done with another knows
   * nothing of that one's uid. */
  gboolean was_asked = write->was_retried &&
                       (!sim->config.is_idempotent || g_strcmp0 (write->done_uid, write->uid) != 0);

  if (write->executed && !was_asked &&
      (sim->config.is_idempotent || !write->was_in_doubt || !can_repeat (write)))
    sim_fail (sim, "E5: write %u was applied twice", write->number);
}

static void
note_done (Sim *sim, SimWrite *write, VlChange *change, const SimOutcome *outcome)
{
  if (!outcome->failed || outcome->code != VL_ERROR_REJECTED)
    write->version = sim_data_get_version (sim->data);
  if (outcome->failed)
    return;

  write->executed = TRUE;
  g_free (write->done_uid);
  write->done_uid = g_strdup (vl_change_get_uid (change));
  sim_outcome_copy (&write->done, outcome);
}

static void
check_all_done (Sim *sim, GPtrArray *joined)
{
  for (guint i = 0; joined != NULL && i < joined->len; i++)
    {
      const SimWrite *write = g_ptr_array_index (joined, i);

      if (!write->executed)
        sim_fail (sim, "E5: write %u has joined one that was applied before", write->number);
    }
}

static void
check_all_once (Sim *sim, GPtrArray *joined)
{
  for (guint i = 0; joined != NULL && i < joined->len; i++)
    check_once (sim, g_ptr_array_index (joined, i));
}

static void
note_all_done (Sim *sim, GPtrArray *joined, VlChange *change, const SimOutcome *outcome)
{
  for (guint i = 0; joined != NULL && i < joined->len; i++)
    note_done (sim, g_ptr_array_index (joined, i), change, outcome);
}

/* The master does it, and what has joined it. */
void
sim_write_apply (Sim *sim, SimWrite *write, VlChange *change, SimOutcome *outcome)
{
  if (sim->config.is_idempotent && has_done (write, change))
    {
      check_all_done (sim, write->joined);
      check_all_done (sim, write->absorbed);
      sim_outcome_copy (outcome, &write->done);
      return;
    }
  check_once (sim, write);
  check_all_once (sim, write->joined);
  check_all_once (sim, write->absorbed);

  apply (sim, write, change, outcome);
  note_done (sim, write, change, outcome);
  note_all_done (sim, write->joined, change, outcome);
  note_all_done (sim, write->absorbed, change, outcome);
}
