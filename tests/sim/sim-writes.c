/* sim-writes.c: users who write
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sim.h"

const char *
sim_change_kind_name (VlChangeKind kind)
{
  static const char *const names[] = { "insert", "replace", "patch", "delete", "delete all" };

  return names[kind];
}

void
sim_write_forget (SimWrite *write)
{
  if (write->object != NULL)
    g_clear_signal_handler (&write->handler, write->object);
  g_clear_object (&write->object);
}

void
sim_write_free (gpointer data)
{
  SimWrite *write = data;

  sim_write_forget (write);
  sim_outcome_clear (&write->done);
  sim_outcome_clear (&write->outcome);
  g_free (write->done_uid);
  g_free (write->uid);
  g_clear_pointer (&write->joined, g_ptr_array_unref);
  g_clear_pointer (&write->absorbed, g_ptr_array_unref);
  g_free (write);
}

/* It is neither sent nor shown any more. */
static void
write_over (Sim *sim, SimWrite *write)
{
  write->is_over = TRUE;
  write->is_waiting = FALSE;
  write->unshown_by = ++sim->moment;
  write->let_go_at = sim->moment;
  if (write->unshown_from == 0)
    write->unshown_from = write->unshown_by;
}

/* Making writes */

/* Deletions do not say who made them: two that are alike and wait at the same
 * time could not be told apart. */
static gboolean
is_like_another (const SimWrite *write)
{
  if (write->kind != VL_CHANGE_KIND_DELETE && write->kind != VL_CHANGE_KIND_DELETE_ALL)
    return FALSE;

  for (guint i = write->core->next_write; i < write->core->writes->len; i++)
    {
      const SimWrite *other = g_ptr_array_index (write->core->writes, i);

      if (other->state != SIM_WRITE_ANSWERED && !other->is_over && other->kind == write->kind &&
          (write->kind == VL_CHANGE_KIND_DELETE ? other->slot == write->slot
                                                : other->query.g == write->query.g))
        return TRUE;
    }

  return FALSE;
}

/* Those that were cancelled may have left the queue, or not. */
static guint
count_before (SimCore *core)
{
  guint n_open = 0;

  for (guint i = 0; i < core->writes->len; i++)
    {
      const SimWrite *other = g_ptr_array_index (core->writes, i);

      n_open += !other->is_over || other->state == SIM_WRITE_SENT || other->cancel_asked;
    }

  return n_open;
}

/* Whether the call gets in line before it returns. */
static gboolean
is_described (SimShell *shell, SimOp op)
{
  g_autoptr (VlSchema) schema = vl_table_get_schema (VL_TABLE (shell->table));

  return schema != NULL || op == SIM_OP_WRITE;
}

/* Those that are there whatever happens: on their way, or in the list, and nobody
 * has said anything of them. */
static guint
count_waiting (Sim *sim, SimCore *core)
{
  guint n = 0;

  for (guint i = core->first_write; i < core->writes->len; i++)
    {
      const SimWrite *other = g_ptr_array_index (core->writes, i);

      n += other->was_in_line && !other->is_over && !other->cancel_asked && !other->is_open &&
           !other->is_invalid && !other->is_late && !other->was_refused &&
           other->state != SIM_WRITE_ANSWERED && other->answered_at <= sim->turn &&
           core->last_undescribed < other->step && other->parent == NULL &&
           !sim_journal_failed_since (sim->journal, core, other->step);
    }

  return n;
}

static SimWrite *
write_new (Sim *sim, SimCall *call, SimOp op, guint32 how)
{
  static const VlChangeKind kinds[] = {
    VL_CHANGE_KIND_INSERT,
    VL_CHANGE_KIND_REPLACE,
    VL_CHANGE_KIND_PATCH,
    VL_CHANGE_KIND_DELETE,
  };
  SimWrite *write = g_new0 (SimWrite, 1);

  write->core = call->core;
  write->number = sim->writes->len + 1;
  write->number_in_core = call->core->writes->len;
  if (op == SIM_OP_DELETE_ALL)
    write->kind = VL_CHANGE_KIND_DELETE_ALL;
  else if (op >= SIM_OP_INSERT && op <= SIM_OP_DELETE)
    write->kind = kinds[op - SIM_OP_INSERT];
  else
    write->kind = kinds[(how >> 28) % G_N_ELEMENTS (kinds)];
  write->slot = (how >> 2) % SIM_N_NAMED;
  write->is_new = sim->config.assigns_ids && write->kind == VL_CHANGE_KIND_INSERT &&
                  (how >> 20) % 2 == 0 && op != SIM_OP_INVALID_WRITE;
  write->order = ++call->core->n_orders;
  write->row = (SimRow){ TRUE, (gint) (how >> 8) % 3, (gint) (how >> 12) % 10, ++sim->last_w };
  write->sets_g = (how & 1) != 0;
  write->sets_n = (how & 2) != 0;
  write->query.g = (gint) (how >> 8) % 3;
  write->step = sim->step;
  write->made_at = sim->moment;
  write->was_undescribed = call->core->is_undescribed[0] || call->core->is_undescribed[1];
  write->is_late = call->shell->is_closed;
  write->has_caller = op != SIM_OP_WRITE;
  sim_oracle_write_made (sim, write->core);
  write->n_before = count_before (write->core);
  write->finds_full = call->context == sim->context && !write->is_late &&
                      op != SIM_OP_INVALID_WRITE && call->core->has_sent &&
                      is_described (call->shell, op) &&
                      count_waiting (sim, call->core) >= sim->config.capacity;
  write->has_base = (op == SIM_OP_WRITE || op == SIM_OP_APPLY_MANY) && sim->config.checks_base &&
                    write->kind != VL_CHANGE_KIND_INSERT && (how >> 24) % 2 == 0;
  if (sim->config.coalesces && write->kind == VL_CHANGE_KIND_PATCH && (how >> 26) % 2 == 0)
    write->slot %= 3;
  if (op != SIM_OP_INVALID_WRITE)
    sim_provisional_choose (sim, write, how >> 4);
  if (write->parent == NULL && is_like_another (write))
    write->kind = VL_CHANGE_KIND_REPLACE;
  write->is_invalid = op == SIM_OP_INVALID_WRITE ||
                      (write->kind == VL_CHANGE_KIND_DELETE_ALL && !sim->config.has_delete_all);
  if (op == SIM_OP_INVALID_WRITE)
    write->kind = VL_CHANGE_KIND_REPLACE;
  g_ptr_array_add (sim->writes, write);
  g_ptr_array_add (write->core->writes, write);
  g_ptr_array_add (call->writes, write);
  sim->counts[SIM_COUNT_WRITES]++;
  sim_log (sim, "  call %u: write %u, %s %s w=%d%s", call->number, write->number,
           sim_change_kind_name (write->kind), sim_id (write->slot), write->row.w,
           write->is_invalid ? ", which cannot be" : "");

  return write;
}

static VlRecord *
make_record (const SimWrite *write)
{
  gboolean is_patch = write->kind == VL_CHANGE_KIND_PATCH;
  g_autoptr (VlRecordBuilder)
    builder = vl_record_builder_new (is_patch || write->is_new ? NULL : sim_id (write->slot));

  if (!is_patch || write->sets_g)
    vl_record_builder_set_int64 (builder, "g", write->row.g);
  if (!is_patch || write->sets_n)
    vl_record_builder_set_int64 (builder, "n", write->row.n);
  vl_record_builder_set_int64 (builder, "w", write->row.w);
  if (write->is_invalid)
    vl_record_builder_set_int64 (builder, "nothing", 1);

  return vl_record_builder_end (builder);
}

static VlChange *
make_bare_change (const SimWrite *write)
{
  g_autoptr (VlRecord) record = make_record (write);
  g_autofree char *id = sim_write_dup_id (write);
  g_autoptr (VlQuery) query = NULL;

  switch (write->kind)
    {
    case VL_CHANGE_KIND_INSERT:
      return vl_change_new_insert (record);
    case VL_CHANGE_KIND_REPLACE:
      return vl_change_new_replace (record);
    case VL_CHANGE_KIND_PATCH:
      return vl_change_new_patch (id, record);
    case VL_CHANGE_KIND_DELETE:
      return vl_change_new_delete (id);
    case VL_CHANGE_KIND_DELETE_ALL:
    default:
      query = sim_query_make (&write->query, 0, 0);
      return vl_change_new_delete_all (query);
    }
}

/* Based on what the user has seen last, which may be old. */
static VlChange *
make_change (Sim *sim, SimWrite *write)
{
  VlChange *change = make_bare_change (write);
  guint version = sim_data_get_version (sim->data);
  const SimRow *row = &sim_data_peek (sim->data, version - MIN (version, (guint) write->row.w % 4))
                         ->rows[write->slot];
  g_autoptr (VlRecordBuilder) builder = NULL;
  g_autoptr (VlRecord) base = NULL;
  g_autoptr (VlChange) bare = change;

  if (!write->has_base || !row->exists || write->kind == VL_CHANGE_KIND_DELETE_ALL)
    return g_steal_pointer (&bare);

  write->base = *row;
  builder = vl_record_builder_new (sim_id (write->slot));
  vl_record_builder_set_int64 (builder, "g", row->g);
  vl_record_builder_set_int64 (builder, "n", row->n);
  base = vl_record_builder_end (builder);

  return vl_change_with_base (bare, base);
}

/* Callbacks */

static gboolean
write_back (SimCall *call, const GError *error)
{
  if (!sim_call_back (call))
    return FALSE;

  sim_log (call->sim, "  call %u (%s): %s", call->number, sim_op_name (call->op),
           error != NULL ? error->message : "done");
  return TRUE;
}

static void
wrote (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SimCall *call = user_data;
  SimWrite *write = g_ptr_array_index (call->writes, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record = NULL;

  switch (write->kind)
    {
    case VL_CHANGE_KIND_INSERT:
      record = vl_table_insert_finish (VL_TABLE (source), result, &error);
      break;
    case VL_CHANGE_KIND_REPLACE:
      record = vl_table_replace_finish (VL_TABLE (source), result, &error);
      break;
    case VL_CHANGE_KIND_PATCH:
      record = vl_table_patch_finish (VL_TABLE (source), result, &error);
      break;
    case VL_CHANGE_KIND_DELETE:
      record = vl_table_delete_finish (VL_TABLE (source), result, &error);
      break;
    case VL_CHANGE_KIND_DELETE_ALL:
    default:
      vl_table_delete_all_finish (VL_TABLE (source), result, &error);
      break;
    }
  if (write_back (call, error))
    sim_oracle_wrote (call, write, record, error);
  sim_call_end (call);
}

static void
take_outcomes (SimCall *call, GListModel *outcomes, const GError *error)
{
  for (guint i = 0; i < call->writes->len; i++)
    {
      SimWrite *write = g_ptr_array_index (call->writes, i);
      g_autoptr (VlOutcome) outcome = NULL;

      if (outcomes == NULL)
        {
          sim_oracle_wrote (call, write, NULL, error);
          continue;
        }
      outcome = g_list_model_get_item (outcomes, i);
      if (outcome != NULL && vl_outcome_get_error (outcome) != NULL)
        sim_log (call->sim, "  write %u: %s", write->number,
                 vl_outcome_get_error (outcome)->message);
      if (outcome == NULL)
        sim_fail (call->sim, "E4: apply_many has no outcome %u", i);
      else
        sim_oracle_wrote (call, write, vl_outcome_get_record (outcome),
                          vl_outcome_get_error (outcome));
    }
}

static void
wrote_many (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SimCall *call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GListModel) outcomes = vl_table_apply_many_finish (VL_TABLE (source), result, &error);

  if (write_back (call, error))
    take_outcomes (call, outcomes, error);
  sim_call_end (call);
}

static gboolean
is_final (VlWriteState state)
{
  return state >= VL_WRITE_STATE_APPLIED;
}

static void
write_settled (VlWrite *object, GParamSpec *pspec, gpointer user_data)
{
  SimCall *call = user_data;
  SimWrite *write = g_ptr_array_index (call->writes, 0);
  g_autoptr (GError) error = vl_write_dup_error (object);
  VlWriteState state = vl_write_get_state (object);

  if (!is_final (state) || call->sim->is_crashing || call->sim->failed)
    return;
  if (write->is_done)
    {
      sim_oracle_wrote_after_all (call->sim, write, error);
      return;
    }

  if (write->cancel_asked && state == VL_WRITE_STATE_DISCARDED)
    {
      /* It is told inside vl_write_cancel(). */
      sim_log (call->sim, "  write %u is withdrawn", write->number);
      call->done = TRUE;
      return;
    }
  sim_log (call->sim, "  write %u: %s", write->number, error != NULL ? error->message : "applied");
  /* It was in doubt, and its answer has come after all. */
  if (call->done && state == VL_WRITE_STATE_APPLIED && call->was_in_doubt)
    return;
  if (call->done)
    sim_fail (call->sim, "E4: write %u has settled twice", write->number);
  if (g_main_context_get_thread_default () != call->sim->context)
    sim_fail (call->sim, "E9: write %u settled elsewhere", write->number);
  call->done = TRUE;
  call->was_in_doubt = g_error_matches (error, VL_ERROR, VL_ERROR_IN_DOUBT);
  if (!call->sim->failed)
    sim_oracle_wrote (call, write, vl_write_get_record (object), error);
  sim_call_end (call);
}

/* Calls */

/* Which of those that are sent as one are in it is told by their uids: they are
 * made where these are known. */
static gboolean
needs_uid (SimCall *call)
{
  const SimWrite *write = g_ptr_array_index (call->writes, 0);

  return write->parent != NULL ||
         (call->sim->config.coalesces && write->kind == VL_CHANGE_KIND_PATCH);
}

static void
start_one (SimCall *call, VlTable *table)
{
  SimWrite *write = g_ptr_array_index (call->writes, 0);
  g_autoptr (VlRecord) record = make_record (write);
  g_autoptr (VlQuery) query = sim_query_make (&write->query, 0, 0);

  switch (write->kind)
    {
    case VL_CHANGE_KIND_INSERT:
      vl_table_insert_async (table, record, call->cancellable, wrote, call);
      break;
    case VL_CHANGE_KIND_REPLACE:
      vl_table_replace_async (table, record, call->cancellable, wrote, call);
      break;
    case VL_CHANGE_KIND_PATCH:
      vl_table_patch_async (table, sim_id (write->slot), record, call->cancellable, wrote, call);
      break;
    case VL_CHANGE_KIND_DELETE:
      vl_table_delete_async (table, sim_id (write->slot), call->cancellable, wrote, call);
      break;
    case VL_CHANGE_KIND_DELETE_ALL:
    default:
      vl_table_delete_all_async (table, query, call->cancellable, wrote, call);
      break;
    }
}

static void
start_many (SimCall *call, VlTable *table)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);

  for (guint i = 0; i < call->writes->len; i++)
    {
      SimWrite *write = g_ptr_array_index (call->writes, i);
      g_autoptr (VlChange) change = make_change (call->sim, write);

      write->uid = g_strdup (vl_change_get_uid (change));
      g_list_store_append (changes, change);
    }
  vl_table_apply_many_async (table, G_LIST_MODEL (changes), call->cancellable, wrote_many, call);
}

static void
start_watched (SimCall *call, VlLiveTable *table)
{
  SimWrite *write = g_ptr_array_index (call->writes, 0);
  g_autoptr (VlChange) change = make_change (call->sim, write);
  VlWriteState state;

  write->uid = g_strdup (vl_change_get_uid (change));
  write->object = vl_live_table_write (table, change);
  state = vl_write_get_state (write->object);
  write->handler = g_signal_connect (write->object, "notify::state", G_CALLBACK (write_settled),
                                     call);
  /* A master that answers at once has done it. */
  if (is_final (state))
    write_settled (write->object, NULL, call);
}

void
sim_write_start (Sim *sim, SimShell *shell, const SimStep *step)
{
  SimCall *call = sim_call_new (sim, shell, step);
  SimRandom random = { step->c };
  guint n_writes = step->op == SIM_OP_APPLY_MANY ? 1 + sim_random_below (&random, 5) : 1;
  gboolean had_sent = call->core->has_sent && is_described (shell, step->op);

  call->writes = g_ptr_array_new ();
  for (guint i = 0; i < n_writes; i++)
    write_new (sim, call, step->op, i == 0 ? step->b : (guint32) sim_random_next (&random));
  sim_call_begin (call);
  if (step->op == SIM_OP_WRITE)
    start_watched (call, shell->table);
  else if (step->op == SIM_OP_APPLY_MANY || needs_uid (call))
    start_many (call, VL_TABLE (shell->table));
  else
    start_one (call, VL_TABLE (shell->table));
  sim_call_begun (call);
  /* Those called from elsewhere get home later, and of others the table may not
   * know yet what they are about. */
  sim->moment++;
  for (guint i = 0; i < call->writes->len; i++)
    {
      SimWrite *write = g_ptr_array_index (call->writes, i);

      write->was_in_line = call->context == sim->context && had_sent &&
                           write->n_before < sim->config.capacity;
      if (!call->core->is_optimistic || write->is_invalid || write->is_late)
        continue;
      write->shown_at = sim->moment;
      write->shown = call->context == sim->context && had_sent &&
                         write->n_before < sim->config.capacity &&
                         call->core->journal_state != VL_JOURNAL_STATE_FAILED
                       ? SIM_SHOWN
                       : SIM_SHOWN_PERHAPS;
    }
}

/* Withdraws a write that is watched. */
void
sim_write_cancel (Sim *sim, guint32 which)
{
  guint n_writes = sim->writes->len;

  for (guint i = 0; i < MIN (n_writes, 20); i++)
    {
      SimWrite *write = g_ptr_array_index (sim->writes,
                                           n_writes - 1 - (which + i) % MIN (n_writes, 20));

      if (write->object == NULL || write->is_done)
        continue;

      write->cancel_asked = TRUE;
      if (vl_write_cancel (write->object))
        {
          sim_log (sim, "  write %u is taken back", write->number);
          if (write->state != SIM_WRITE_QUEUED && !write->is_open)
            sim_fail (sim, "E12: write %u was sent, and yet withdrawn", write->number);
          sim->counts[SIM_COUNT_WITHDRAWN]++;
          write->is_done = TRUE;
          write->withdrawn = 1;
          write_over (sim, write);
        }
      else
        {
          write->cancel_asked = FALSE;
        }
      return;
    }
}

/* Goes on with a write that the live table has on its list. */

static void
retry (Sim *sim, SimWrite *write, VlWrite *object)
{
  gboolean had_failed = vl_write_get_state (object) == VL_WRITE_STATE_FAILED;
  guint order = write->order;
  gboolean done;

  /* Everything begins anew, perhaps at once. */
  if (had_failed)
    {
      if (write->is_settling || write->state != SIM_WRITE_ANSWERED || !write->is_over)
        return;
      write->state = SIM_WRITE_QUEUED;
      write->stood_at = write->stood_at > 0 ? write->stood_at : write->order;
      write->order = ++write->core->n_orders;
      write->is_over = FALSE;
      write->was_retried = TRUE;
      write->is_loose = (write->is_unrecorded || write->is_loose) &&
                        write->core->journal_state == VL_JOURNAL_STATE_NONE;
      if (write->is_loose)
        write->expected = SIM_EXPECTED_NOT;
      write->is_unrecorded = FALSE;
      /* An answer may be there that has not landed. */
      write->is_open = write->answered_at > sim->turn;
      write->is_released = TRUE;
      write->in_doubt = write->was_in_doubt;
      write->unshown_from = 0;
      write->unshown_by = 0;
      write->core->next_write = MIN (write->core->next_write, write->number_in_core);
    }
  done = vl_write_retry (object);
  if (had_failed)
    write->shown_at = ++sim->moment;
  sim_log (sim, "  write %u is retried: %d", write->number, done);
  if (had_failed && !done)
    {
      write->state = SIM_WRITE_ANSWERED;
      write->order = order;
      write_over (sim, write);
      return;
    }
  sim->counts[SIM_COUNT_RETRIED] += done;
  if (had_failed && write->shown == SIM_SHOWN_PERHAPS && write->core->has_sent)
    write->shown = SIM_SHOWN_PERHAPS;
}

static void
discard (Sim *sim, SimWrite *write, VlWrite *object)
{
  VlWriteState state = vl_write_get_state (object);
  gboolean was_queued = write->state == SIM_WRITE_QUEUED;

  sim_log (sim, "  write %u is discarded", write->number);
  write->cancel_asked |= state < VL_WRITE_STATE_APPLIED;
  write->is_discarded |= state == VL_WRITE_STATE_FAILED;
  write->over_at = 0;
  vl_write_discard (object);
  sim->counts[SIM_COUNT_DISCARDED]++;
  if (vl_write_get_state (object) == VL_WRITE_STATE_DISCARDED && was_queued && !write->is_over)
    {
      write->is_done = TRUE;
      write->withdrawn = 1;
      write_over (sim, write);
    }
  else
    {
      write->cancel_asked = FALSE;
    }
}

void
sim_write_manage (Sim *sim, SimShell *shell, const SimStep *step)
{
  GListModel *writes = vl_live_table_get_writes (shell->table);
  guint n_writes = g_list_model_get_n_items (writes);
  g_autoptr (VlWrite) object = NULL;
  SimWrite *write;

  if (n_writes == 0 || g_main_context_get_thread_default () != sim->context)
    return;

  object = g_list_model_get_item (writes, step->b % n_writes);
  write = sim_write_of (shell->core, vl_write_get_change (object));
  if (write == NULL || write->cancel_asked)
    return;
  if (write->uid == NULL)
    write->uid = g_strdup (vl_change_get_uid (vl_write_get_change (object)));
  if (step->d % 3 != 0)
    retry (sim, write, object);
  else if (write->is_done || write->object != NULL)
    discard (sim, write, object);
}

static void
watched_settled (VlWrite *object, GParamSpec *pspec, gpointer user_data)
{
  Sim *sim = user_data;
  SimWrite *write = g_object_get_data (G_OBJECT (object), "sim-write");
  g_autoptr (GError) error = vl_write_dup_error (object);

  if (!is_final (vl_write_get_state (object)) || sim->is_crashing || sim->failed)
    return;

  sim_log (sim, "  write %u, after all: %s", write->number,
           error != NULL ? error->message : "applied");
  sim_oracle_wrote_after_all (sim, write, error);
}

static void
watch (Sim *sim, SimWrite *write, VlWrite *object)
{
  if (write->uid == NULL)
    write->uid = g_strdup (vl_change_get_uid (vl_write_get_change (object)));
  g_object_set_data (G_OBJECT (object), "sim-write", write);
  write->handler = g_signal_connect (object, "notify::state", G_CALLBACK (watched_settled), sim);
  write->object = g_object_ref (object);
}

/* Who watched it watches another object from now on, or none. */
void
sim_write_leave (Sim *sim, SimWrite *write)
{
  sim_write_forget (write);
  for (guint i = 0; i < sim->calls->len; i++)
    {
      SimCall *call = g_ptr_array_index (sim->calls, i);

      if (!call->done && call->op == SIM_OP_WRITE && call->writes != NULL &&
          g_ptr_array_index (call->writes, 0) == write)
        call->done = TRUE;
    }
}

/* An earlier process has left it in the journal, or this one has before: all but
 * what it does begins anew. `object` may be NULL. */
void
sim_write_take_up (Sim *sim, SimWrite *write, VlWrite *object)
{
  SimCore *core = write->core;
  gboolean has_failed = object != NULL && is_final (vl_write_get_state (object));

  sim_write_leave (sim, write);
  write->was_sent |= write->n_attempts > 0;
  /* E11: what came of an attempt of before nobody knows. That it is about to be
   * sent is noted before it is, or, for a master that applies nothing twice, that
   * it may be at any time: so there may be doubt, and nothing to be in doubt. */
  write->was_in_doubt |= write->was_sent;
  write->conflict = 0;
  write->asked = 0;
  write->in_doubt = TRUE;
  write->n_attempts = 0;
  write->n_waits = 0;
  write->deadline = 0;
  write->answered_at = 0;
  write->withdrawn = 0;
  write->is_open = FALSE;
  write->is_waiting = FALSE;
  write->is_discarded = FALSE;
  write->is_unrecorded = FALSE;
  write->is_loose = FALSE;
  write->cancel_asked = FALSE;
  write->is_owed = write->has_caller && !write->is_done;
  write->is_done |= !write->has_caller;
  write->has_caller = FALSE;
  write->is_released = TRUE;
  write->is_seen = TRUE;
  write->is_accepted = TRUE;
  write->step = sim->step;
  write->over_at = 0;
  write->is_over = has_failed;
  write->state = has_failed ? SIM_WRITE_ANSWERED : SIM_WRITE_QUEUED;
  write->order = ++core->n_taken_up;
  write->stood_at = 0;
  write->released_at = ++sim->moment;
  write->shown = core->is_optimistic ? SIM_SHOWN_PERHAPS : SIM_SHOWN_NOT;
  write->shown_at = sim->moment;
  write->unshown_from = has_failed ? sim->moment : 0;
  write->unshown_by = write->unshown_from;
  if (write->number_in_core < core->first_write)
    {
      write->number_in_core = core->writes->len;
      g_ptr_array_add (core->writes, write);
    }
  core->next_write = MIN (core->next_write, write->number_in_core);
  if (object != NULL)
    watch (sim, write, object);
}

/* Its caller does not wait any more, and somebody has to see what comes of it. */

void
sim_write_watch (Sim *sim, SimWrite *write)
{
  for (guint i = 0; i < sim->shells->len && write->object == NULL; i++)
    {
      SimShell *shell = g_ptr_array_index (sim->shells, i);
      GListModel *writes;

      if (shell->core != write->core || shell->table == NULL)
        continue;
      writes = vl_live_table_get_writes (shell->table);
      for (guint j = 0; j < g_list_model_get_n_items (writes); j++)
        {
          g_autoptr (VlWrite) object = g_list_model_get_item (writes, j);

          if (sim_write_of (write->core, vl_write_get_change (object)) != write)
            continue;
          watch (sim, write, object);
          break;
        }
    }
  if (write->object != NULL && is_final (vl_write_get_state (write->object)))
    watched_settled (write->object, NULL, sim);
}
