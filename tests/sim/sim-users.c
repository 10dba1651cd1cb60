/* sim-users.c: what users do with live tables
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sim.h"

/* More are not open at a time. */
#define MAX_SHELLS 4

/* Live tables */

static void
shell_gone (gpointer data, GObject *object)
{
  SimShell *shell = data;

  shell->is_alive = FALSE;
  shell->owes_changed = FALSE;
  shell->sim->n_watched--;
}

static void
shell_changed (VlLiveTable *table, VlLiveEvent *event, gpointer data)
{
  SimShell *shell = data;
  Sim *sim = shell->sim;
  SimStep step = { SIM_OP_LIST, 0, shell->nested, shell->nested >> 8, 1 };

  if (sim->failed || sim->is_crashing)
    return;

  sim_disk_work_early (sim);
  sim_log (sim, "  table %u changed", shell->number);
  sim_oracle_changed (shell);
  if (sim->is_quiet || sim->nesting > 2 || shell->table == NULL)
    return;

  shell->nested = shell->nested * 1103515245 + 12345;
  if (shell->nested >> 28 == 0)
    {
      sim->counts[SIM_COUNT_LAST_UNREF]++;
      sim_shell_drop (shell);
    }
  else if (shell->nested >> 28 < 5)
    {
      /* What a view does: it reads again. */
      sim->nesting++;
      sim_read_start (sim, shell, &step);
      sim->nesting--;
    }
}

void
sim_shell_configure (SimShell *shell, guint32 how)
{
  static const guint page_sizes[] = { 4, 4, 4, 3, 1, 7, 50 };
  static const guint max_ages[] = { 0, 0, 0, 20, 500 };
  static const VlReadPolicy policies[] = {
    VL_READ_POLICY_CACHE_FIRST, VL_READ_POLICY_CACHE_FIRST,  VL_READ_POLICY_CACHE_FIRST,
    VL_READ_POLICY_CACHE_FIRST, VL_READ_POLICY_MASTER_FIRST, VL_READ_POLICY_STALE_WHILE_REVALIDATE,
    VL_READ_POLICY_CACHE_ONLY,  VL_READ_POLICY_MASTER_ONLY,
  };

  shell->last_configured = shell->sim->step;
  shell->policy = policies[how % G_N_ELEMENTS (policies)];
  shell->max_age = max_ages[(how >> 4) % G_N_ELEMENTS (max_ages)];
  shell->page_size = page_sizes[(how >> 8) % G_N_ELEMENTS (page_sizes)];
  if (shell->policy == VL_READ_POLICY_STALE_WHILE_REVALIDATE && !shell->sim->config.revalidates)
    shell->policy = VL_READ_POLICY_CACHE_FIRST;
  if (shell->sim->is_quiet)
    {
      shell->policy = VL_READ_POLICY_CACHE_FIRST;
      shell->max_age = 0;
    }
  vl_live_table_set_read_policy (shell->table, shell->policy);
  vl_live_table_set_max_age (shell->table, shell->max_age);
  vl_live_table_set_page_size (shell->table, shell->page_size);
}

SimShell *
sim_shell_open (Sim *sim, guint core, guint32 how)
{
  SimShell *shell = g_new0 (SimShell, 1);
  /* A second object for the same table is as good as the first. */
  g_autoptr (VlTable) other = NULL;

  shell->sim = sim;
  shell->core = &sim->cores[core];
  shell->number = sim->shells->len + 1;
  shell->step = sim->step;
  shell->is_alive = TRUE;
  shell->nested = how;
  shell->follows = sim->config.follows;
  g_ptr_array_add (sim->shells, shell);
  sim->counts[SIM_COUNT_SURGICAL] += shell->core->is_surgical;
  sim_log (sim, "  table %u is opened on core %u", shell->number, core);
  if (how % 4 == 0)
    other = sim_master_new (sim, shell->core, FALSE);

  sim_oracle_opened (sim, shell);
  g_main_context_push_thread_default (sim->context);
  sim->is_opening = TRUE;
  shell->table = g_object_new (VL_TYPE_LIVE_TABLE, "master",
                               other != NULL ? other : shell->core->master, "cache-key",
                               shell->core->key, "cache", sim->cache, "follow-master",
                               sim->config.follows, NULL);
  sim->is_opening = FALSE;
  g_object_weak_ref (G_OBJECT (shell->table), shell_gone, shell);
  sim->n_watched++;
  g_signal_connect (shell->table, "changed", G_CALLBACK (shell_changed), shell);
  if (sim->config.decides)
    sim_conflict_watch (shell);
  vl_live_table_set_timeout (shell->table, sim->config.timeout);
  vl_live_table_set_queue_capacity (shell->table, sim->config.capacity);
  g_object_set (shell->table, "optimistic", shell->core->is_optimistic, "invalidation",
                shell->core->is_surgical ? VL_INVALIDATION_SURGICAL : VL_INVALIDATION_SLOPPY,
                "ordering", sim->config.is_strict ? VL_ORDERING_STRICT : VL_ORDERING_PER_RECORD,
                "conflict-policy", sim->config.policy, "retry-floor", sim->config.retry_floor,
                "retry-cap", sim->config.retry_cap, "settle-time", sim->config.settle_time,
                "coalesce", sim->config.coalesces, NULL);
  if (shell->core->target != NULL)
    {
      /* What was written is not laid over what the master has. */
      vl_live_table_set_settle_time (shell->table, 0);
      vl_live_table_set_write_target (shell->table, shell->core->target);
    }
  sim_shell_configure (shell, how >> 4);
  if (sim->journal != NULL)
    {
      g_signal_connect_swapped (shell->table, "notify::journal-state",
                                G_CALLBACK (sim_oracle_journal_changed), shell);
      sim_journal_use (sim->journal, shell);
    }
  g_main_context_pop_thread_default (sim->context);

  return shell;
}

void
sim_shell_drop (SimShell *shell)
{
  VlLiveTable *table = shell->table;

  /* Somebody has to see what is in a journal, and to be asked. */
  if (table == NULL || ((shell->core->journal_state == VL_JOURNAL_STATE_OPENING ||
                         sim_conflict_is_waiting (shell->sim, shell->core)) &&
                        !shell->sim->is_crashing && !shell->sim->failed))
    return;

  shell->table = NULL;

  g_object_unref (table);
}

static SimShell *
pick_shell (Sim *sim, guint32 which)
{
  guint n_open = 0;

  for (guint i = 0; i < sim->shells->len; i++)
    n_open += ((SimShell *) g_ptr_array_index (sim->shells, i))->table != NULL;
  if (n_open == 0)
    return NULL;

  which %= n_open;
  for (guint i = 0;; i++)
    {
      SimShell *shell = g_ptr_array_index (sim->shells, i);

      if (shell->table != NULL && which-- == 0)
        return shell;
    }
}

static guint
count_open (Sim *sim)
{
  guint n_open = 0;

  for (guint i = 0; i < sim->shells->len; i++)
    n_open += ((SimShell *) g_ptr_array_index (sim->shells, i))->table != NULL;

  return n_open;
}

/* Cancels one of the latest calls. */
static void
cancel (Sim *sim, guint32 which)
{
  guint n_calls = sim->calls->len;
  guint n_latest = MIN (n_calls, 24);

  for (guint i = 0; i < n_latest; i++)
    {
      SimCall *call = g_ptr_array_index (sim->calls, n_calls - 1 - (which + i) % n_latest);

      if (call->done || call->cancelled || call->cancellable == NULL)
        continue;

      sim_log (sim, "  call %u is cancelled", call->number);
      call->cancelled = TRUE;
      for (guint j = 0; call->writes != NULL && j < call->writes->len; j++)
        ((SimWrite *) g_ptr_array_index (call->writes, j))->cancel_asked = TRUE;
      g_cancellable_cancel (call->cancellable);
      return;
    }
}

static void
closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SimCall *call = user_data;
  g_autoptr (GError) error = NULL;

  vl_live_table_close_finish (VL_LIVE_TABLE (source), result, &error);
  if (sim_call_back (call))
    sim_log (call->sim, "  call %u (close): %s", call->number,
             error != NULL ? error->message : "done");
  sim_call_end (call);
}

static void
close_table (Sim *sim, SimShell *shell, const SimStep *step)
{
  SimCall *call = sim_call_new (sim, shell, step);

  sim_log (sim, "  call %u: closes table %u", call->number, shell->number);
  shell->is_closed = TRUE;
  shell->owes_changed = FALSE;
  sim_call_begin (call);
  vl_live_table_close_async (shell->table, call->cancellable, closed, call);
  sim_call_begun (call);
}

static void
run_on_shell (Sim *sim, SimShell *shell, const SimStep *step)
{
  switch ((int) step->op)
    {
    case SIM_OP_LIST:
    case SIM_OP_FIND:
    case SIM_OP_COUNT:
    case SIM_OP_FIRST:
    case SIM_OP_FIND_MANY:
    case SIM_OP_REFRESH:
      sim_read_start (sim, shell, step);
      break;
    case SIM_OP_PEEK_PAGE:
    case SIM_OP_PEEK_RECORD:
      sim_read_peek (sim, shell, step);
      break;
    case SIM_OP_INSERT:
    case SIM_OP_REPLACE:
    case SIM_OP_PATCH:
    case SIM_OP_DELETE:
    case SIM_OP_DELETE_ALL:
    case SIM_OP_APPLY_MANY:
    case SIM_OP_WRITE:
    case SIM_OP_INVALID_WRITE:
      sim_write_start (sim, shell, step);
      break;
    case SIM_OP_INVALIDATE:
      vl_live_table_invalidate (shell->table);
      sim_oracle_invalidated (sim, shell->core);
      break;
    case SIM_OP_CLEAR:
      vl_live_table_clear (shell->table);
      sim_oracle_invalidated (sim, shell->core);
      break;
    case SIM_OP_CONFIGURE:
      sim_shell_configure (shell, step->b);
      break;
    case SIM_OP_DROP_TABLE:
      sim_log (sim, "  table %u is dropped", shell->number);
      sim_shell_drop (shell);
      break;
    case SIM_OP_ADD_STREAM:
      if (shell->has_extra)
        vl_live_table_remove_stream (shell->table, sim->extra);
      else
        vl_live_table_add_stream (shell->table, sim->extra);
      shell->has_extra = !shell->has_extra;
      sim_oracle_cause (sim, shell->core, TRUE);
      break;
    case SIM_OP_CLOSE:
      close_table (sim, shell, step);
      break;
    case SIM_OP_OPEN_LIST:
      sim_list_open (sim, shell, step->b);
      break;
    default:
      g_assert_not_reached ();
    }
}

/* E7: who looks in the very turn of a push sees nothing older. */
void
sim_user_look (Sim *sim, const SimStep *step)
{
  SimShell *shell = pick_shell (sim, step->b);
  SimStep look = { SIM_OP_PEEK_PAGE, step->a, step->c, step->c >> 8, step->d | 1 };

  if (shell == NULL || sim->failed || step->d % 4 > 1)
    return;

  if (step->d % 4 == 0)
    sim_read_peek (sim, shell, &look);
  look.op = SIM_OP_LIST;
  if (step->d % 4 == 1)
    sim_read_start (sim, shell, &look);
}

void
sim_user_run (Sim *sim, const SimStep *step)
{
  SimShell *shell = pick_shell (sim, step->a);

  switch ((int) step->op)
    {
    case SIM_OP_CANCEL:
      cancel (sim, step->b);
      break;
    case SIM_OP_CANCEL_WRITE:
      if (shell != NULL && step->c % 4 != 0)
        sim_write_manage (sim, shell, step);
      else
        sim_write_cancel (sim, step->b);
      break;
    case SIM_OP_CHANGE_ELSEWHERE:
      sim_master_change (sim, step->b);
      break;
    case SIM_OP_PUSH:
      sim_stream_push_now (sim, step->b);
      sim_user_look (sim, step);
      break;
    case SIM_OP_USE_LIST:
      sim_list_use (sim, step);
      break;
    case SIM_OP_OPEN_TABLE:
      if (count_open (sim) < MAX_SHELLS)
        sim_shell_open (sim, step->b % SIM_N_CORES, step->c);
      break;
    default:
      if (shell == NULL)
        shell = sim_shell_open (sim, step->b % SIM_N_CORES, step->c);
      run_on_shell (sim, shell, step);
      break;
    }
}
