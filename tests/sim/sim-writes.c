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
  g_free (write->message);
  g_free (write);
}

static void
write_fails (SimWrite *write, VlError code)
{
  write->failed = TRUE;
  write->code = (int) code;
  write->message = g_strdup_printf ("cannot do write %u", write->number);
}

static void
apply_to_row (Sim *sim, SimWrite *write)
{
  SimRow *row = &sim_data_begin (sim->data, sim_clock_now ())->rows[write->slot];
  SimRow before = *row;
  gboolean existed = row->exists;

  if (write->kind == VL_CHANGE_KIND_DELETE)
    *row = (SimRow){ 0 };
  else if (write->kind != VL_CHANGE_KIND_PATCH)
    *row = write->row;
  else
    {
      row->w = write->row.w;
      if (write->sets_g)
        row->g = write->row.g;
      if (write->sets_n)
        row->n = write->row.n;
    }
  write->result = write->kind == VL_CHANGE_KIND_DELETE ? before : *row;
  write->has_result = write->result.exists;
  if (sim_random_chance (&sim->random, sim->config.echo))
    sim_stream_note (sim,
                     !row->exists ? VL_LIVE_EVENT_KIND_DELETED
                     : existed    ? VL_LIVE_EVENT_KIND_UPDATED
                                  : VL_LIVE_EVENT_KIND_INSERTED,
                     write->slot, row);
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

/* The master does it. */
void
sim_write_apply (Sim *sim, SimWrite *write)
{
  gboolean exists =
    sim_data_peek (sim->data, sim_data_get_version (sim->data))->rows[write->slot].exists;

  if (write->executed)
    sim_fail (sim, "E5: write %u was applied twice", write->number);
  write->executed = TRUE;

  if (write->kind == VL_CHANGE_KIND_INSERT && exists)
    write_fails (write, VL_ERROR_EXISTS);
  else if (write->kind == VL_CHANGE_KIND_PATCH && !exists)
    write_fails (write, VL_ERROR_NOT_FOUND);
  else if (write->kind == VL_CHANGE_KIND_DELETE_ALL)
    apply_to_all (sim, write);
  else if (write->kind != VL_CHANGE_KIND_DELETE || exists)
    apply_to_row (sim, write);
  write->version = sim_data_get_version (sim->data);
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

      if (other->state == SIM_WRITE_QUEUED && other->kind == write->kind &&
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

      n_open += !other->is_done || other->state == SIM_WRITE_SENT || other->cancel_asked;
    }

  return n_open;
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
  if (op == SIM_OP_DELETE_ALL)
    write->kind = VL_CHANGE_KIND_DELETE_ALL;
  else if (op >= SIM_OP_INSERT && op <= SIM_OP_DELETE)
    write->kind = kinds[op - SIM_OP_INSERT];
  else
    write->kind = kinds[(how >> 28) % G_N_ELEMENTS (kinds)];
  write->slot = (how >> 2) % SIM_N_IDS;
  write->row = (SimRow){ TRUE, (gint) (how >> 8) % 3, (gint) (how >> 12) % 10, ++sim->last_w };
  write->sets_g = (how & 1) != 0;
  write->sets_n = (how & 2) != 0;
  write->query.g = (gint) (how >> 8) % 3;
  write->step = sim->step;
  write->was_undescribed = call->core->is_undescribed[0] || call->core->is_undescribed[1];
  write->is_late = call->shell->is_closed;
  write->n_before = count_before (write->core);
  if (is_like_another (write))
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
    builder = vl_record_builder_new (is_patch ? NULL : sim_id (write->slot));

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
make_change (const SimWrite *write)
{
  g_autoptr (VlRecord) record = make_record (write);
  g_autoptr (VlQuery) query = NULL;

  switch (write->kind)
    {
    case VL_CHANGE_KIND_INSERT:
      return vl_change_new_insert (record);
    case VL_CHANGE_KIND_REPLACE:
      return vl_change_new_replace (record);
    case VL_CHANGE_KIND_PATCH:
      return vl_change_new_patch (sim_id (write->slot), record);
    case VL_CHANGE_KIND_DELETE:
      return vl_change_new_delete (sim_id (write->slot));
    case VL_CHANGE_KIND_DELETE_ALL:
    default:
      query = sim_query_make (&write->query, 0, 0);
      return vl_change_new_delete_all (query);
    }
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

static void
write_settled (VlWrite *object, GParamSpec *pspec, gpointer user_data)
{
  SimCall *call = user_data;
  SimWrite *write = g_ptr_array_index (call->writes, 0);
  g_autoptr (GError) error = vl_write_dup_error (object);
  VlWriteState state = vl_write_get_state (object);

  if (state == VL_WRITE_STATE_QUEUED || state == VL_WRITE_STATE_SENT || call->sim->is_crashing)
    return;

  if (write->cancel_asked)
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
      g_autoptr (VlChange) change = make_change (g_ptr_array_index (call->writes, i));

      g_list_store_append (changes, change);
    }
  vl_table_apply_many_async (table, G_LIST_MODEL (changes), call->cancellable, wrote_many, call);
}

static void
start_watched (SimCall *call, VlLiveTable *table)
{
  SimWrite *write = g_ptr_array_index (call->writes, 0);
  g_autoptr (VlChange) change = make_change (write);
  VlWriteState state;

  write->object = vl_live_table_write (table, change);
  state = vl_write_get_state (write->object);
  write->handler = g_signal_connect (write->object, "notify::state", G_CALLBACK (write_settled),
                                     call);
  /* A master that answers at once has done it. */
  if (state != VL_WRITE_STATE_QUEUED && state != VL_WRITE_STATE_SENT)
    write_settled (write->object, NULL, call);
}

void
sim_write_start (Sim *sim, SimShell *shell, const SimStep *step)
{
  SimCall *call = sim_call_new (sim, shell, step);
  SimRandom random = { step->c };
  guint n_writes = step->op == SIM_OP_APPLY_MANY ? 1 + sim_random_below (&random, 5) : 1;

  call->writes = g_ptr_array_new ();
  for (guint i = 0; i < n_writes; i++)
    write_new (sim, call, step->op, i == 0 ? step->b : (guint32) sim_random_next (&random));
  sim_call_begin (call);
  if (step->op == SIM_OP_WRITE)
    start_watched (call, shell->table);
  else if (step->op == SIM_OP_APPLY_MANY)
    start_many (call, VL_TABLE (shell->table));
  else
    start_one (call, VL_TABLE (shell->table));
  sim_call_begun (call);
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
          if (write->state != SIM_WRITE_QUEUED)
            sim_fail (sim, "E12: write %u was sent, and yet withdrawn", write->number);
          sim->counts[SIM_COUNT_WITHDRAWN]++;
          write->is_done = TRUE;
          write->withdrawn = 1;
        }
      else
        {
          write->cancel_asked = FALSE;
        }
      return;
    }
}
