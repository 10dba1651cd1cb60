/* sim-oracle-queue.c: what is sent to the master, and in which order
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sim.h"

/* Whether what cannot reach the master waits until it can. */
gboolean
sim_core_answers_for (const Sim *sim, const SimCore *core)
{
  return core->is_optimistic || sim->config.has_journal;
}

/* The other cores hear when it settles. If it was cancelled we do not know when
 * that is. */
void
sim_oracle_write_settles (Sim *sim, SimWrite *write)
{
  if (write->is_settling || (write->is_done && !write->cancel_asked && !write->is_released))
    return;

  write->is_settling = TRUE;
  for (guint i = 0; i < SIM_N_CORES; i++)
    sim->cores[i].n_settling += &sim->cores[i] != write->core;
}

/* Which write it is */

/* By what it does. */
gboolean
sim_write_is_of (const SimWrite *write, VlChange *change)
{
  VlRecord *record = vl_change_get_record (change);
  SimQuery query;
  guint slot;

  if (write->kind != vl_change_get_kind (change))
    return FALSE;
  if (write->kind == VL_CHANGE_KIND_DELETE_ALL)
    {
      sim_query_read (&query, vl_change_get_query (change));
      return query.g == write->query.g;
    }
  if (write->parent != NULL)
    return FALSE;
  if (!write->is_new && (!sim_id_parse (vl_change_get_id (change), &slot) || slot != write->slot))
    return FALSE;

  return record == NULL || vl_record_get_int64 (record, "w") == write->row.w;
}

static gboolean
is_same_write (const SimWrite *write, VlChange *change)
{
  return write->uid != NULL ? g_str_equal (write->uid, vl_change_get_uid (change))
                            : sim_write_is_of (write, change);
}

/* The write that the change is, or NULL. */
SimWrite *
sim_write_of (SimCore *core, VlChange *change)
{
  for (guint i = core->writes->len; i > 0; i--)
    {
      SimWrite *write = g_ptr_array_index (core->writes, i - 1);

      if (write->uid != NULL && is_same_write (write, change))
        return write;
    }
  for (guint i = core->next_write; i < core->writes->len; i++)
    {
      SimWrite *write = g_ptr_array_index (core->writes, i);

      if (write->uid == NULL && !write->is_over && is_same_write (write, change))
        return write;
    }

  return NULL;
}

/* The write of a new record, or NULL. */
SimWrite *
sim_write_of_row (SimCore *core, gint w)
{
  for (guint i = core->writes->len; i > core->first_write; i--)
    {
      SimWrite *write = g_ptr_array_index (core->writes, i - 1);

      if (write->row.w == w)
        return write->is_new ? write : NULL;
    }

  return NULL;
}

/* Whether it waits for the master, or may have been held back by what does. */
gboolean
sim_write_may_wait (const SimWrite *write)
{
  return write->n_waits > 0 || write->was_undescribed ||
         write->core->last_undescribed >= write->step || write->core->last_waiting >= write->step;
}

/* The queue may rest now, and for so long. */
static void
note_pause (Sim *sim, SimCore *core)
{
  guint most = MAX (sim->config.retry_floor, sim->config.retry_cap);

  core->last_waiting = sim->step;
  core->paused_until = sim_clock_now () + (gint64) most * 1000;
}

/* A write is made: whether it may have to wait from the beginning. */
void
sim_oracle_write_made (Sim *sim, SimCore *core)
{
  if (sim_clock_now () <= core->paused_until)
    core->last_waiting = sim->step;
  for (guint i = core->next_write; i < core->writes->len; i++)
    {
      const SimWrite *write = g_ptr_array_index (core->writes, i);

      if (!write->is_over && sim_write_may_wait (write))
        core->last_waiting = sim->step;
    }
}

/* E4: the order */

static gboolean
is_same_record (const SimWrite *a, const SimWrite *b)
{
  if (a->kind == VL_CHANGE_KIND_DELETE_ALL || b->kind == VL_CHANGE_KIND_DELETE_ALL)
    return TRUE;

  return sim_write_is_same_record (a, b);
}

/* Whether it could not be recorded, perhaps, or it could not be noted that it is sent. */
static gboolean
may_be_put_off (Sim *sim, const SimWrite *write)
{
  return sim_journal_failed_since (sim->journal, write->core, write->step);
}

/* Whether a later write may be sent although this one was not. */
static gboolean
may_be_left_out (Sim *sim, const SimWrite *write)
{
  return write->cancel_asked || write->is_invalid || write->is_late || write->is_over ||
         write->is_open || (write->is_done && !write->is_released) ||
         write->n_before >= sim->config.capacity || write->was_undescribed ||
         write->core->last_undescribed >= write->step ||
         (!write->is_accepted && may_be_put_off (sim, write)) ||
         sim_provisional_may_be_unstored (write);
}

/* Whether it waits itself, or behind one that does. */
static gboolean
is_held (Sim *sim, const SimWrite *write)
{
  if (write->is_waiting)
    return TRUE;

  for (guint i = write->core->next_write; i < write->core->writes->len; i++)
    {
      const SimWrite *other = g_ptr_array_index (write->core->writes, i);

      if (other->order < write->order && !other->is_over &&
          ((other->state == SIM_WRITE_QUEUED && other->is_waiting) || other->is_open) &&
          (sim->config.is_strict || is_same_record (other, write)))
        return TRUE;
    }

  return FALSE;
}

/* E4: what is sent next is chosen when the master is free, and goes out when the
 * journal has noted that. What held this one back then may be over by now: it was
 * answered after all, or taken back. */
static gboolean
may_have_been_held (Sim *sim, const SimWrite *write)
{
  if (may_be_put_off (sim, write))
    return TRUE;

  for (guint i = write->core->first_write; i < write->core->writes->len; i++)
    {
      const SimWrite *other = g_ptr_array_index (write->core->writes, i);

      if (sim->config.has_journal && other->order < write->order && other->let_go_at > 0 &&
          other->let_go_at >= write->core->last_landed && is_same_record (other, write))
        return TRUE;
      if (other->order < write->order && other->state == SIM_WRITE_QUEUED && !other->is_over &&
          may_be_put_off (sim, other) && is_same_record (other, write))
        return TRUE;
    }

  return FALSE;
}

static void
check_order (Sim *sim, const SimWrite *write)
{
  for (guint i = write->core->next_write; i < write->core->writes->len && !sim->failed; i++)
    {
      const SimWrite *other = g_ptr_array_index (write->core->writes, i);

      if (other == write || other->state != SIM_WRITE_QUEUED || other->order > write->order ||
          may_be_left_out (sim, other))
        continue;
      if (sim->config.is_strict || is_same_record (other, write) ||
          !(is_held (sim, other) || may_have_been_held (sim, other)))
        sim_fail (sim, "E4: write %u is sent before write %u", write->number, other->number);
      sim->counts[SIM_COUNT_PASSED]++;
    }
  if (write->n_waits > 0)
    sim->counts[SIM_COUNT_SENT_AGAIN]++;
  if (write->kind == VL_CHANGE_KIND_DELETE_ALL)
    sim->counts[SIM_COUNT_BARRIERS]++;
}

static void
check_one_in_flight (Sim *sim, SimRequest *request, GPtrArray *others)
{
  for (guint i = 0; i < others->len; i++)
    {
      SimRequest *other = g_ptr_array_index (others, i);

      if (other != request && other->core == request->core && other->writes != NULL &&
          !other->answered && sim_clock_now () < other->deadline)
        sim_fail (sim, "E4: #%u is sent while #%u is not answered", request->number, other->number);
    }
}

static void
check_batch (Sim *sim, SimRequest *request)
{
  guint32 slots = 0;

  for (guint i = 0; i < request->writes->len; i++)
    {
      SimWrite *write = g_ptr_array_index (request->writes, i);
      gboolean is_named = (!write->is_new && write->parent == NULL) || write->has_slot;

      if (write->leader != NULL)
        continue;
      if ((is_named && (slots & 1u << write->slot) != 0) ||
          (write->kind == VL_CHANGE_KIND_DELETE_ALL && request->writes->len > 1))
        sim_fail (sim, "B6: #%u is not a legal batch", request->number);
      if (is_named)
        slots |= 1u << write->slot;
    }
}

/* Nobody knows more than before, and it is sent once more. */
static void
looked_in_vain (Sim *sim, SimWrite *write)
{
  for (guint i = 0; i < SIM_N_CORES && write->is_settling; i++)
    sim->cores[i].n_settling -= &sim->cores[i] != write->core;
  write->is_settling = FALSE;
  write->state = SIM_WRITE_QUEUED;
  write->n_waits++;
  write->unshown_from = 0;
  sim_oracle_cause_for_all (sim);
}

static void
sends (SimRequest *request, SimWrite *write, SimWrite *leader)
{
  /* It had gone before the word came. */
  write->withdrawn = 0;
  write->state = SIM_WRITE_SENT;
  write->is_waiting = FALSE;
  write->leader = leader;
  write->attempt = request->number;
  write->n_attempts++;
  write->deadline = request->deadline;
  write->sent_at = sim_clock_now ();
}

static void
take_joined (Sim *sim, SimRequest *request, SimWrite *leader, VlChange *change)
{
  if (leader->kind == VL_CHANGE_KIND_PATCH)
    sim_coalesced_take (sim, leader, change);
  for (guint i = 0; leader->joined != NULL && i < leader->joined->len && !sim->failed; i++)
    {
      SimWrite *joined = g_ptr_array_index (leader->joined, i);

      sim_log (sim, "  and with it write %u", joined->number);
      sim->counts[SIM_COUNT_COALESCED]++;
      sends (request, joined, leader);
      joined->is_accepted |= sim->config.has_journal;
    }
}

/* Those that have joined others are behind them all. */
static void
add_joined (SimRequest *request)
{
  for (guint i = 0; i < request->n_changes && i < request->writes->len; i++)
    {
      SimWrite *leader = g_ptr_array_index (request->writes, i);

      for (guint j = 0; leader->joined != NULL && j < leader->joined->len; j++)
        {
          g_ptr_array_add (request->writes, g_ptr_array_index (leader->joined, j));
          g_ptr_array_add (request->changes,
                           g_object_ref (g_ptr_array_index (request->changes, i)));
        }
    }
}

static void
take_write (Sim *sim, SimRequest *request, VlChange *change)
{
  SimWrite *write = sim_write_of (request->core, change);

  /* Taken up while nobody was there to see it. */
  if (write != NULL && write->expected != SIM_EXPECTED_NOT && write->expected != SIM_EXPECTED_NEVER)
    {
      write->expected = SIM_EXPECTED_NOT;
      sim_write_take_up (sim, write, NULL);
    }
  if (write != NULL && write->state == SIM_WRITE_ANSWERED && write->is_open && write->in_doubt &&
      !write->is_over)
    looked_in_vain (sim, write);
  if (write == NULL || write->state != SIM_WRITE_QUEUED || write->is_over)
    {
      sim_fail (sim, "E4: a %s of %s is sent again, or was never asked for",
                sim_change_kind_name (vl_change_get_kind (change)),
                vl_change_get_id (change) != NULL ? vl_change_get_id (change) : "all");
      return;
    }

  sim_log (sim, "  #%u is write %u", request->number, write->number);
  check_order (sim, write);
  if (write->finds_full || write->was_refused)
    sim_fail (sim, "E5: write %u found the queue full, and was sent", write->number);
  if (write->is_invalid || write->is_late)
    sim_fail (sim, "E1: write %u cannot be, and was sent", write->number);
  if (write->withdrawn > 0 && write->withdrawn < sim->step)
    sim_fail (sim, "E12: write %u was withdrawn, and was sent", write->number);
  if (write->uid == NULL)
    write->uid = g_strdup (vl_change_get_uid (change));
  sim_conflict_check (sim, write);
  sim_provisional_sent (sim, write, change);
  write->is_accepted = sim->config.has_journal && !write->is_loose;
  write->core->has_sent = TRUE;
  sends (request, write, NULL);
  g_ptr_array_add (request->writes, write);
  take_joined (sim, request, write, change);
}

void
sim_oracle_write_came (Sim *sim, SimRequest *request)
{
  check_one_in_flight (sim, request, sim->master_requests);
  check_one_in_flight (sim, request, sim->forgotten);
  request->n_changes = request->changes->len;
  for (guint i = 0; i < request->n_changes && !sim->failed; i++)
    take_write (sim, request, g_ptr_array_index (request->changes, i));
  if (!sim->failed)
    add_joined (request);
  g_array_set_size (request->outcomes, request->changes->len);
  if (!sim->failed)
    check_batch (sim, request);
}

/* What becomes of an attempt */

static gboolean
is_repeatable (Sim *sim, const SimWrite *write)
{
  return sim->config.is_idempotent || (write->kind != VL_CHANGE_KIND_DELETE_ALL && !write->is_new);
}

static void
waits (Sim *sim, SimWrite *write)
{
  write->state = SIM_WRITE_QUEUED;
  write->is_waiting = TRUE;
  write->n_waits++;
  note_pause (sim, write->core);
  if (write->released_at == 0)
    write->released_at = sim->moment;
}

static void
ends (Sim *sim, SimWrite *write)
{
  write->state = SIM_WRITE_ANSWERED;
  write->is_waiting = FALSE;
  if (write->unshown_from == 0)
    write->unshown_from = sim->moment;
  sim_oracle_write_settles (sim, write);
}

/* Whether each field of a patch is in the master as it was in the base. */
static gboolean
can_merge (VlChange *change, const SimRow *current)
{
  VlRecord *base = vl_change_get_base (change);
  VlRecord *fields = vl_change_get_record (change);

  if (vl_change_get_kind (change) != VL_CHANGE_KIND_PATCH)
    return FALSE;

  return !(vl_record_has_field (fields, "g") && vl_record_has_field (base, "g") &&
           vl_record_get_int64 (base, "g") != current->g) &&
         !(vl_record_has_field (fields, "n") && vl_record_has_field (base, "n") &&
           vl_record_get_int64 (base, "n") != current->n) &&
         !(vl_record_has_field (base, "w") && vl_record_get_int64 (base, "w") != current->w);
}

static void
meets_conflict (Sim *sim, SimWrite *write, VlChange *change)
{
  VlConflictPolicy policy = sim_conflict_met (sim, write);
  SimOutcome *outcome = &write->outcome;
  gboolean again = FALSE;

  /* Who waits for a record that has gone is told of it. */
  if (policy == VL_CONFLICT_POLICY_KEEP_SERVER)
    outcome->failed = !outcome->has_result && !write->is_done && write->has_caller;
  else if (policy == VL_CONFLICT_POLICY_KEEP_LOCAL)
    again = outcome->has_result;
  else if (policy == VL_CONFLICT_POLICY_MERGE_FIELDS)
    again = outcome->has_result && can_merge (change, &outcome->result);

  sim->counts[SIM_COUNT_CONFLICTS]++;
  sim_log (sim, "  write %u meets a conflict: %s", write->number, again ? "again" : "ends");
  if (again)
    write->state = SIM_WRITE_QUEUED;
  else
    ends (sim, write);
}

static void
attempt_over (Sim *sim, SimWrite *write, VlChange *change, const SimOutcome *outcome)
{
  gboolean answers = sim_core_answers_for (sim, write->core) &&
                     (!write->is_loose || write->core->is_optimistic);
  int code = outcome->code;

  sim_outcome_copy (&write->outcome, outcome);
  write->answered = sim->step;
  write->answered_at = sim->moment;
  write->answered_version = sim_data_get_version (sim->data);
  write->was_in_doubt |= outcome->failed && code == VL_ERROR_IN_DOUBT;
  sim->counts[SIM_COUNT_IN_DOUBT] += outcome->failed && code == VL_ERROR_IN_DOUBT;
  if (!outcome->failed)
    ends (sim, write);
  else if (code == VL_ERROR_CONFLICT && vl_change_get_base (change) != NULL && !write->in_doubt)
    meets_conflict (sim, write, change);
  else if (answers && code == VL_ERROR_UNAVAILABLE)
    waits (sim, write);
  else if (answers && code == VL_ERROR_IN_DOUBT && is_repeatable (sim, write))
    {
      write->in_doubt = TRUE;
      waits (sim, write);
    }
  else
    {
      /* What came of it before is looked for. */
      write->is_open = write->in_doubt && (code == VL_ERROR_EXISTS || code == VL_ERROR_CONFLICT);
      ends (sim, write);
    }
}

void
sim_oracle_write_answered (Sim *sim, SimRequest *request)
{
  gboolean is_late = sim_clock_now () >= request->deadline;

  sim->moment++;
  sim->counts[SIM_COUNT_LATE] += is_late;
  if (!is_late)
    request->core->last_landed = sim->moment;
  sim_oracle_cause_for_all (sim);
  for (guint i = 0; i < request->writes->len; i++)
    {
      SimWrite *write = g_ptr_array_index (request->writes, i);
      const SimOutcome *outcome = &g_array_index (request->outcomes, SimOutcome, i);

      if (write->attempt == request->number && write->state == SIM_WRITE_SENT && !is_late)
        {
          attempt_over (sim, write, g_ptr_array_index (request->changes, i), outcome);
        }
      else if (write->state == SIM_WRITE_ANSWERED && !outcome->failed)
        {
          /* Somebody may have it done again before this lands. */
          write->answered_at = sim->moment;
          /* It is known by now to have been done, and is laid over what was asked
           * before. */
          write->unshown_from = sim->moment;
          write->unshown_by = 0;
        }
      else if (!outcome->failed)
        {
          /* It need not be sent again; whether it still waits is known when this
           * lands. */
          write->is_open = TRUE;
          write->let_go_at = sim->moment;
        }
    }
}

/* Nobody waits any more. */
void
sim_oracle_write_expired (Sim *sim, SimRequest *request)
{
  SimOutcome outcome = { 0 };

  request->core->last_landed = ++sim->moment;
  sim_outcome_fail (&outcome, VL_ERROR_IN_DOUBT, "not answered within");
  for (guint i = 0; i < SIM_N_CORES; i++)
    sim_oracle_cause (sim, &sim->cores[i], FALSE);
  for (guint i = 0; i < request->writes->len; i++)
    {
      SimWrite *write = g_ptr_array_index (request->writes, i);

      if (write->attempt == request->number && write->state == SIM_WRITE_SENT)
        {
          attempt_over (sim, write, g_ptr_array_index (request->changes, i), &outcome);
          /* That has landed. */
          write->answered_at = 0;
        }
      write->was_in_doubt = TRUE;
    }
  sim_outcome_clear (&outcome);
}

/* Time is about to pass: an answer that has not landed comes too late. */
void
sim_oracle_writes_pass (Sim *sim, gint64 until)
{
  sim->moment++;
  for (guint i = 0; i < SIM_N_CORES; i++)
    {
      SimCore *core = &sim->cores[i];

      for (guint j = core->next_write; j < core->writes->len; j++)
        {
          SimWrite *write = g_ptr_array_index (core->writes, j);

          if (write->n_attempts > 0 && write->answered_at > sim->turn &&
              write->state != SIM_WRITE_SENT && write->deadline <= until)
            {
              write->is_open = TRUE;
              write->too_late = write->n_attempts;
              write->let_go_at = sim->moment;
              write->in_doubt |= sim_core_answers_for (sim, core) && is_repeatable (sim, write);
              write->was_in_doubt = TRUE;
              write->n_waits += write->in_doubt;
              note_pause (sim, core);
            }
        }
    }
}

/* A turn is over: what was answered before it has landed. */
void
sim_oracle_writes_turned (Sim *sim)
{
  for (guint i = 0; i < SIM_N_CORES; i++)
    {
      SimCore *core = &sim->cores[i];

      if (sim_journal_lands (sim->journal, core))
        note_pause (sim, core);
      for (guint j = core->next_write; j < core->writes->len; j++)
        {
          SimWrite *write = g_ptr_array_index (core->writes, j);

          if (write->is_new && core->is_optimistic && write->n_attempts > 0 && !write->is_over)
            core->last_held = sim->step;
          if (!write->is_over && sim_write_may_wait (write))
            note_pause (sim, core);
          if (write->state == SIM_WRITE_SENT)
            write->is_open = FALSE;
          if (write->unshown_from > 0 && write->unshown_by == 0 && !write->is_open &&
              write->unshown_from < sim->turn)
            write->unshown_by = sim->moment;
        }
      while (core->next_write < core->writes->len)
        {
          SimWrite *write = g_ptr_array_index (core->writes, core->next_write);

          if (!write->is_over || (write->shown != SIM_SHOWN_NOT && write->unshown_by == 0))
            break;
          core->next_write++;
        }
    }
  sim->moment++;
}

/* E11: the live table looks whether what it may have written is there. */
gboolean
sim_oracle_is_look (const SimRequest *request)
{
  SimCore *core = request->core;

  for (guint i = core->next_write; i < core->writes->len && request->kind == SIM_FIND; i++)
    {
      const SimWrite *write = g_ptr_array_index (core->writes, i);

      if (write->is_open && write->state == SIM_WRITE_ANSWERED && write->slot == request->slot)
        return TRUE;
    }

  return FALSE;
}
