/* sim-reads.c: users who read
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sim.h"

/* What all calls have in common. */

SimCall *
sim_call_new (Sim *sim, SimShell *shell, const SimStep *step)
{
  SimCall *call = g_new0 (SimCall, 1);

  call->sim = sim;
  call->op = step->op;
  call->number = sim->calls->len + 1;
  call->step = sim->step;
  call->moment = ++sim->moment;
  call->time = sim_clock_now ();
  call->shell = shell;
  call->core = shell->core;
  call->known = shell->core->known;
  call->was_undescribed = shell->core->is_undescribed[0];
  call->was_resting = sim_oracle_is_resting (sim, shell->core);
  call->awaited_word = shell->core->awaits_word;
  call->policy = shell->policy;
  call->max_age = shell->max_age;
  call->page_size = shell->page_size;
  call->nested = step->d;
  if (call->core->is_surgical)
    memcpy (call->rows_known, call->core->rows_known, sizeof call->rows_known);
  call->context = sim->context;
  if (sim->config.two_contexts && step->op != SIM_OP_WRITE && step->op != SIM_OP_CLOSE &&
      (step->d % 32 < 8 || g_main_context_get_thread_default () == sim->elsewhere))
    call->context = sim->elsewhere;
  if (step->d % 2 == 0 && step->op != SIM_OP_WRITE)
    call->cancellable = g_cancellable_new ();
  g_ptr_array_add (sim->calls, call);

  return call;
}

void
sim_call_free (gpointer data)
{
  SimCall *call = data;

  g_clear_object (&call->cancellable);
  g_clear_pointer (&call->writes, g_ptr_array_unref);
  g_free (call);
}

/* Around the call itself. */
void
sim_call_begin (SimCall *call)
{
  g_main_context_push_thread_default (call->context);
}

void
sim_call_begun (SimCall *call)
{
  g_main_context_pop_thread_default (call->context);
  call->has_returned = TRUE;
}

/* What every callback begins with; FALSE when nothing matters any more. */
gboolean
sim_call_back (SimCall *call)
{
  Sim *sim = call->sim;

  if (sim->failed || sim->is_crashing)
    return FALSE;
  sim_disk_work_early (sim);
  if (call->done)
    sim_fail (sim, "E10: call %u was called back twice", call->number);
  if (!call->has_returned)
    sim_fail (sim, "E9: call %u was called back before it had returned", call->number);
  if (!sim->in_turn || g_main_context_get_thread_default () != call->context)
    sim_fail (sim, "E9: call %u was called back outside of its main context", call->number);

  call->done = TRUE;
  return !sim->failed;
}

static const SimOp nested_ops[] = {
  SIM_OP_LIST,       SIM_OP_FIND,       SIM_OP_COUNT,      SIM_OP_PATCH,
  SIM_OP_REPLACE,    SIM_OP_DELETE,     SIM_OP_CANCEL,     SIM_OP_PUSH,
  SIM_OP_INVALIDATE, SIM_OP_DROP_TABLE, SIM_OP_PEEK_PAGE,  SIM_OP_CLEAR,
  SIM_OP_WRITE,      SIM_OP_APPLY_MANY, SIM_OP_DROP_TABLE, SIM_OP_CONFIGURE,
};

/* What every callback ends with: users do more from there. */
void
sim_call_end (SimCall *call)
{
  Sim *sim = call->sim;
  SimRandom random = { call->nested };
  SimStep step;

  if (sim->failed || sim->is_crashing || sim->is_quiet || sim->nesting > 2 ||
      call->nested % (call->writes != NULL ? 2 : 4) != 0)
    return;

  step.op = nested_ops[sim_random_below (&random, G_N_ELEMENTS (nested_ops))];
  if (sim_random_chance (&random, call->writes != NULL ? 60 : sim->config.calm))
    step.op = sim_random_chance (&random, 60) ? SIM_OP_LIST : SIM_OP_PEEK_PAGE;
  step.a = (guint32) sim_random_next (&random);
  step.b = (guint32) sim_random_next (&random);
  step.c = (guint32) sim_random_next (&random);
  step.d = (guint32) sim_random_next (&random);
  if (step.op == SIM_OP_DROP_TABLE && call->shell->table != NULL && step.b % 2 == 0)
    {
      /* The caller's own, which then has no reference but the call's. */
      sim->counts[SIM_COUNT_LAST_UNREF]++;
      sim_log (sim, "  nested: drops table %u", call->shell->number);
      sim_shell_drop (call->shell);
      return;
    }

  sim->nesting++;
  sim->counts[SIM_COUNT_NESTED]++;
  sim_log (sim, "  nested: %s", sim_op_name (step.op));
  sim_user_run (sim, &step);
  sim->nesting--;
}

/* What every callback of a read begins with. */
static gboolean
read_back (SimCall *call, const GError *error)
{
  Sim *sim = call->sim;

  if (!sim_call_back (call))
    return FALSE;

  if (call->cancelled && call->context == sim->elsewhere)
    call->core->n_leaving++;
  else
    call->core->n_reads--;
  sim_log (sim, "  call %u (%s): %s", call->number, sim_op_name (call->op),
           error != NULL ? error->message : "answered");
  if (call->cancelled)
    {
      sim->counts[SIM_COUNT_CANCELLED_READS]++;
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        sim_fail (sim, "E9: call %u was cancelled and ended otherwise", call->number);
      return FALSE;
    }
  if (error != NULL)
    {
      sim_oracle_read_error (call, error);
      return FALSE;
    }

  return TRUE;
}

static void
listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SimCall *call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = NULL;

  if (call->op == SIM_OP_REFRESH)
    page = vl_live_table_refresh_finish (VL_LIVE_TABLE (source), result, &error);
  else if (call->op == SIM_OP_FIND_MANY)
    page = vl_table_find_many_finish (VL_TABLE (source), result, &error);
  else
    page = vl_table_list_finish (VL_TABLE (source), result, &error);

  if (read_back (call, error))
    {
      if (call->op == SIM_OP_FIND_MANY)
        sim_oracle_page_of_ids (call, page);
      else
        sim_oracle_page (call, page);
    }
  sim_call_end (call);
}

static void
found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SimCall *call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record = NULL;

  if (call->op == SIM_OP_FIRST)
    record = vl_table_get_first_finish (VL_TABLE (source), result, &error);
  else
    record = vl_table_find_finish (VL_TABLE (source), result, &error);

  if (read_back (call, error))
    {
      if (call->op == SIM_OP_FIRST)
        sim_oracle_first (call, record);
      else
        sim_oracle_record (call, call->slot, record);
    }
  sim_call_end (call);
}

static void
counted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SimCall *call = user_data;
  g_autoptr (GError) error = NULL;
  gint64 number = vl_table_count_finish (VL_TABLE (source), result, &error);

  if (read_back (call, error))
    sim_oracle_number (call, number);
  sim_call_end (call);
}

/* Windows of all kinds: the first page, a page, across pages, everything. */
static void
choose_window (SimCall *call, guint32 how)
{
  if (call->sim->config.is_narrow)
    how &= how % 4 == 0 ? 0xffff01f0 : 0xf00;
  call->query.g = (how & 3) == 3 ? -1 : (gint) (how & 3) % 3;
  if ((how & 12) != 0)
    call->query.g = -1;
  call->query.order = (SimOrder) ((how >> 4) % SIM_N_ORDERS);
  switch ((how >> 8) % 8)
    {
    case 0:
      break;
    case 1:
      call->offset = (how >> 12) % 12;
      break;
    case 2:
    case 3:
      call->offset = (how >> 12) % 12;
      call->limit = 1 + (how >> 16) % 10;
      break;
    case 4:
      call->offset = (guint64) ((how >> 12) % 3) * call->page_size;
      call->limit = call->page_size;
      break;
    default:
      call->limit = call->page_size;
      break;
    }
}

static void
choose_ids (SimCall *call, guint32 how)
{
  if (call->sim->config.is_narrow)
    how &= 0x10030;
  call->n_slots = 1 + how % G_N_ELEMENTS (call->slots);
  for (guint i = 0; i < call->n_slots; i++)
    call->slots[i] = ((how >> 4) + i * (1 + (how >> 16) % 4)) % SIM_N_NAMED;
}

static void
start_find_many (SimCall *call, VlTable *table)
{
  const char *names[G_N_ELEMENTS (call->slots) + 1] = { NULL };

  for (guint i = 0; i < call->n_slots; i++)
    names[i] = sim_id (call->slots[i]);
  vl_table_find_many_async (table, names, call->cancellable, listed, call);
}

static void
start (SimCall *call, VlTable *table)
{
  g_autoptr (VlQuery) query = sim_query_make (&call->query, call->offset, call->limit);
  g_autofree char *id = sim_call_dup_id (call);

  sim_log (call->sim,
           "  call %u: %s of table %u, policy %d, page size %u, group %d, order %d, %u+%u",
           call->number, sim_op_name (call->op), call->shell->number, (int) call->policy,
           call->page_size, call->query.g, (int) call->query.order, (guint) call->offset,
           call->limit);
  sim_call_begin (call);
  switch ((int) call->op)
    {
    case SIM_OP_FIND:
      vl_table_find_async (table, id, call->cancellable, found, call);
      break;
    case SIM_OP_COUNT:
      vl_table_count_async (table, query, call->cancellable, counted, call);
      break;
    case SIM_OP_FIRST:
      vl_table_get_first_async (table, query, call->cancellable, found, call);
      break;
    case SIM_OP_FIND_MANY:
      start_find_many (call, table);
      break;
    case SIM_OP_REFRESH:
      vl_live_table_refresh_async (VL_LIVE_TABLE (table), query, call->cancellable, listed, call);
      break;
    default:
      vl_table_list_async (table, query, call->cancellable, listed, call);
      break;
    }
  sim_call_begun (call);
}

void
sim_read_start (Sim *sim, SimShell *shell, const SimStep *step)
{
  SimCall *call = sim_call_new (sim, shell, step);

  sim->counts[SIM_COUNT_READS]++;
  call->core->n_reads++;
  if (call->policy == VL_READ_POLICY_STALE_WHILE_REVALIDATE)
    call->core->has_background = TRUE;
  choose_window (call, step->b);
  choose_ids (call, step->c);
  call->slot = step->c % (sim->config.is_narrow ? 4 : SIM_N_NAMED);
  sim_provisional_read (call, step->b);
  start (call, VL_TABLE (shell->table));
}

/* Now that all is quiet: reads that must be fresh and of the last version. */
void
sim_read_check_all (Sim *sim, SimShell *shell)
{
  static const SimOp ops[] = { SIM_OP_LIST, SIM_OP_FIND, SIM_OP_COUNT, SIM_OP_FIRST, SIM_OP_LIST };

  for (guint i = 0; i < G_N_ELEMENTS (ops); i++)
    {
      const SimStep step = { .op = ops[i], .d = 31 };
      SimCall *call = sim_call_new (sim, shell, &step);

      call->core->n_reads++;
      call->must_match = TRUE;
      call->query.g = i % 2 == 0 ? -1 : (gint) i % 3;
      call->query.order = (SimOrder) (i % SIM_N_ORDERS);
      call->slot = (i + shell->number * 7) % SIM_N_IDS;
      if (i == 4)
        call->limit = shell->page_size;
      start (call, VL_TABLE (shell->table));
    }
}

/* E9: nothing is seen from elsewhere. */
static void
check_peek (SimCall *call, gpointer seen)
{
  if (seen != NULL && call->context != call->sim->context)
    sim_fail (call->sim, "E9: a peek from elsewhere sees something");
}

void
sim_read_peek (Sim *sim, SimShell *shell, const SimStep *step)
{
  SimCall *call = sim_call_new (sim, shell, step);

  sim->counts[SIM_COUNT_PEEKS]++;
  choose_window (call, step->b);
  call->slot = step->c % (sim->config.is_narrow ? 4 : SIM_N_NAMED);
  sim_provisional_read (call, step->b);
  sim_call_begin (call);
  if (step->op == SIM_OP_PEEK_PAGE)
    {
      g_autoptr (VlQuery) query = sim_query_make (&call->query, call->offset, call->limit);
      g_autoptr (VlPage) page = vl_live_table_peek_page (shell->table, query);

      sim_log (sim, "  peek: %s", page != NULL ? "a page" : "nothing");
      check_peek (call, page);
      if (page != NULL)
        sim_oracle_page (call, page);
    }
  else
    {
      g_autofree char *id = sim_call_dup_id (call);
      g_autoptr (VlRecord) record = vl_live_table_peek_record (shell->table, id);

      sim_log (sim, "  peek: %s", record != NULL ? "a record" : "nothing");
      check_peek (call, record);
      if (record != NULL)
        sim_oracle_record (call, call->slot, record);
    }
  sim_call_begun (call);
  call->done = TRUE;
}
