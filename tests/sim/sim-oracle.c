/* sim-oracle.c: what each live table knows, and what it may do
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The oracle sees what goes in and comes out: calls, callbacks, requests to
 * the master, answers, events, time. It follows the contract from that alone.
 *
 * A *cause* is anything upon which everything that was read before is old: an
 * event, an invalidation, a write that may have been applied. What a core has
 * to *know* is the version that the master was in at the last cause.
 */

#include "sim.h"

#include "live/vl-live-stats-private.h"

/* Causes */

void
sim_oracle_cause (Sim *sim, SimCore *core, gboolean lands_later)
{
  core->last_cause = sim->step;
  if (!lands_later)
    return;

  core->cause_pending = sim->step;
  core->cause_turns = MAX (core->cause_turns, 1);
}

/* The answer lands in a turn, and the other cores hear of it in the next. */
void
sim_oracle_cause_for_all (Sim *sim)
{
  for (guint i = 0; i < SIM_N_CORES; i++)
    {
      sim_oracle_cause (sim, &sim->cores[i], TRUE);
      sim->cores[i].cause_turns = 2;
    }
}

void
sim_oracle_known (Sim *sim, SimCore *core, guint version)
{
  if (core->is_surgical)
    sim_rows_know_all (core, version);
  if (version <= core->known)
    return;

  core->known = version;
  sim_log (sim, "  core %u knows version %u", core->number, version);
}

/* Whether what was begun in this step may have been overtaken since. */
gboolean
sim_oracle_overtaken_since (SimCore *core, guint step)
{
  return core->cause_pending > 0 || core->gap_is_open || core->n_settling > 0 ||
         core->last_cause >= step || core->last_held >= step;
}

/* Pages that contradict what a live table knows besides: it gives them up. */
void
sim_oracle_look_for_torn (Sim *sim, SimCore *core)
{
  for (guint i = 0; i < sim->shells->len; i++)
    {
      SimShell *shell = g_ptr_array_index (sim->shells, i);
      guint64 n_torn;

      if (shell->core != core || shell->table == NULL)
        continue;
      n_torn = vl_live_table_get_stats (shell->table)->torn_windows;
      if (n_torn > core->n_torn)
        {
          sim->counts[SIM_COUNT_TORN] += n_torn - core->n_torn;
          sim_log (sim, "  core %u has found a torn window", core->number);
          sim_oracle_cause (sim, core, TRUE);
        }
      core->n_torn = n_torn;
      return;
    }
  /* Nobody is there to ask. */
  if (core->is_optimistic)
    sim_oracle_cause (sim, core, TRUE);
}

static void
reads_landed (Sim *sim, SimCore *core)
{
  for (guint i = core->landing->len; i > 0; i--)
    {
      SimLanding landing = g_array_index (core->landing, SimLanding, i - 1);

      if (landing.answered >= sim->step)
        continue;
      if (!sim_oracle_overtaken_since (core, landing.began))
        --*(guint *) g_hash_table_lookup (core->overtaken, &landing.key);
      g_array_remove_index (core->landing, i - 1);
    }
}

static gboolean
is_looked_for (GPtrArray *requests, const char *name)
{
  for (guint i = 0; i < requests->len; i++)
    {
      SimRequest *request = g_ptr_array_index (requests, i);

      if (request->kind == SIM_LOOKUP && g_strcmp0 (request->name, name) == 0)
        return TRUE;
    }

  return FALSE;
}

/* While the cache has not said which schema it keeps, nobody is told that the
 * master could not be described. */
static gboolean
schema_is_looked_up (Sim *sim)
{
  return sim_disk_count_jobs (sim->disk) > 0 || is_looked_for (sim->cache_requests, "schema");
}

static gboolean
asks_cache (GPtrArray *requests, SimCore *core)
{
  for (guint i = 0; i < requests->len; i++)
    {
      SimRequest *request = g_ptr_array_index (requests, i);

      if (request->cache != NULL && request->core == core)
        return TRUE;
    }

  return FALSE;
}

/* Nor does anybody know whether a stream has missed anything while the cache has
 * not said where it was; which it may only be asked after an invalidation. */
static gboolean
position_is_known (Sim *sim, SimCore *core)
{
  return sim_disk_count_jobs (sim->disk) == 0 && !asks_cache (sim->cache_requests, core) &&
         !asks_cache (sim->forgotten, core);
}

/* A turn begins: who came after a fault, but before this, hears of it too. */
void
sim_oracle_turns (Sim *sim)
{
  sim->turn_before = sim->turn;
  sim->turn = ++sim->moment;
  for (guint i = 0; i < SIM_N_CORES; i++)
    {
      SimCore *core = &sim->cores[i];

      core->known_before = core->known_now;
      core->known_now = core->known;
      core->gap_closes = core->gap_is_open && position_is_known (sim, core);
      if (!core->fault_pending)
        continue;
      core->last_fault = sim->step;
      if (core->last_undescribed > 0)
        core->last_undescribed = sim->step;
      core->fault_pending = schema_is_looked_up (sim);
    }
}

/* One turn of the main context is over: what was answered before it landed. */
void
sim_oracle_turned (Sim *sim)
{
  for (guint i = 0; i < sim->leaving->len; i++)
    {
      SimWrite *write = g_ptr_array_index (sim->leaving, i);

      if (write->state == SIM_WRITE_QUEUED && write->n_attempts == 0)
        write->withdrawn = sim->step;
    }
  sim_oracle_writes_turned (sim);
  g_ptr_array_set_size (sim->leaving, 0);
  for (guint i = 0; i < SIM_N_CORES; i++)
    {
      SimCore *core = &sim->cores[i];

      reads_landed (sim, core);
      core->n_reads -= core->n_leaving;
      core->n_leaving = 0;
      if (core->gap_is_open)
        core->last_cause = sim->step;
      core->gap_is_open = core->gap_is_open && !(core->gap_closes && position_is_known (sim, core));
      if (core->cause_pending == 0 || core->cause_pending >= sim->step)
        continue;
      core->last_cause = sim->step;
      if (--core->cause_turns == 0)
        core->cause_pending = 0;
    }
}

static void
request_expires (Sim *sim, SimRequest *request, gint64 until)
{
  if (request->cache != NULL || request->deadline == 0 || request->answered ||
      request->deadline <= sim_clock_now () || request->deadline > until)
    return;

  sim->counts[SIM_COUNT_TIMEOUTS]++;
  if (request->writes != NULL)
    sim_oracle_write_expired (sim, request);
  else
    request->core->last_fault = sim->step;
  if (request->kind == SIM_DESCRIBE)
    {
      request->core->is_undescribed[request->to_target] = TRUE;
      request->core->last_undescribed = sim->step;
      request->core->fault_pending = TRUE;
    }
  else if (request->writes == NULL)
    sim_oracle_read_answered (sim, request);
}

/* Time is about to pass. */
void
sim_oracle_time_passes (Sim *sim, gint64 until)
{
  for (guint i = 0; i < sim->master_requests->len; i++)
    request_expires (sim, g_ptr_array_index (sim->master_requests, i), until);
  for (guint i = 0; i < sim->forgotten->len; i++)
    request_expires (sim, g_ptr_array_index (sim->forgotten, i), until);
  for (guint i = 0; i < SIM_N_CORES; i++)
    {
      if (sim->cores[i].gap_is_open)
        sim->cores[i].last_cause = sim->step;
    }
  sim_oracle_writes_pass (sim, until);
  sim_cache_time_passes (sim, until);
}

/* Events and invalidations: who asks from now on sees nothing older. */

void
sim_oracle_invalidated (Sim *sim, SimCore *core)
{
  sim_oracle_cause (sim, core, TRUE);
  sim_oracle_known (sim, core, sim_data_get_version (sim->data));
}

static void
owe_changed (Sim *sim, SimCore *core)
{
  for (guint i = 0; i < sim->shells->len; i++)
    {
      SimShell *shell = g_ptr_array_index (sim->shells, i);

      if (shell->core == core && shell->is_alive && !shell->is_closed)
        shell->owes_changed = TRUE;
    }
}

/* F6: what is told of new records waits while one of ours gets its id. */
static gboolean
may_hold (SimCore *core)
{
  for (guint i = core->next_write; i < core->writes->len && core->is_optimistic; i++)
    {
      const SimWrite *write = g_ptr_array_index (core->writes, i);

      if (write->is_new && write->n_attempts > 0 && write->unshown_by == 0)
        return TRUE;
    }

  return FALSE;
}

/* What is told of one record, and may be laid over pages. */
static gboolean
is_of_row (VlLiveEvent *event, guint *slot)
{
  const char *const *ids = event != NULL ? vl_live_event_get_ids (event) : NULL;

  return ids != NULL && sim_id_parse (ids[0], slot) && ids[1] == NULL &&
         (vl_live_event_get_record (event) != NULL ||
          vl_live_event_get_kind (event) == VL_LIVE_EVENT_KIND_DELETED);
}

static void
core_heard (Sim *sim, SimCore *core, VlLiveEvent *event, guint version)
{
  gboolean is_held = event != NULL &&
                     vl_live_event_get_kind (event) == VL_LIVE_EVENT_KIND_INSERTED &&
                     may_hold (core);
  guint slot;

  if (core->is_surgical && is_of_row (event, &slot))
    {
      sim_oracle_cause (sim, core, TRUE);
      sim_row_heard (sim, core, slot, version, is_held);
    }
  else if (is_held)
    {
      sim_oracle_cause (sim, core, TRUE);
    }
  else
    {
      sim_oracle_invalidated (sim, core);
    }
}

static void
heard (Sim *sim, gboolean extra, gboolean is_news, VlLiveEvent *event, guint version)
{
  gboolean hears[SIM_N_CORES] = { FALSE };

  for (guint i = 0; i < sim->shells->len; i++)
    {
      SimShell *shell = g_ptr_array_index (sim->shells, i);

      hears[shell->core->number] |= shell->is_alive && !shell->is_closed &&
                                    (extra ? shell->has_extra : shell->follows);
    }
  for (guint i = 0; i < SIM_N_CORES; i++)
    {
      if (!hears[i])
        continue;
      core_heard (sim, &sim->cores[i], event, version);
      if (is_news)
        owe_changed (sim, &sim->cores[i]);
    }
}

void
sim_oracle_heard (Sim *sim, gboolean extra, VlLiveEvent *event, guint version)
{
  heard (sim, extra, TRUE, event, version);
}

/* The stream is live. Where it was is where it is, perhaps: then nothing has
 * changed. In either case nobody knows anything older from now on. */
void
sim_oracle_live (Sim *sim)
{
  heard (sim, FALSE, !sim->config.positions, NULL, 0);
  for (guint i = 0; i < SIM_N_CORES; i++)
    {
      sim->cores[i].awaits_word = FALSE;
      sim->cores[i].gap_is_open = sim->config.positions;
    }
}

/* By others. */
static gboolean
is_followed (Sim *sim, SimCore *core, SimShell *by)
{
  for (guint i = 0; i < sim->shells->len; i++)
    {
      SimShell *shell = g_ptr_array_index (sim->shells, i);

      if (shell != by && shell->core == core && shell->is_alive && shell->follows &&
          !shell->is_closed)
        return TRUE;
    }

  return FALSE;
}

static gboolean
has_others (Sim *sim, SimShell *by)
{
  for (guint i = 0; i < sim->shells->len; i++)
    {
      SimShell *shell = g_ptr_array_index (sim->shells, i);

      if (shell != by && shell->core == by->core && shell->is_alive)
        return TRUE;
    }

  return FALSE;
}

/* A live table is about to be there. The first that listens to a stream which
 * is live begins with what the master has. */
void
sim_oracle_opened (Sim *sim, SimShell *shell)
{
  /* What was behind those that have gone may have gone with them. */
  if (!has_others (sim, shell))
    {
      shell->core->has_sent = FALSE;
      shell->core->began = sim->moment;
    }
  if (!shell->follows)
    return;

  if (!is_followed (sim, shell->core, shell))
    {
      gboolean is_live = sim_stream_is_live (sim);

      shell->core->awaits_word = !is_live;
      if (is_live)
        sim_oracle_known (sim, shell->core, sim_data_get_version (sim->data));
    }
  sim_oracle_cause (sim, shell->core, TRUE);
}

void
sim_oracle_changed (SimShell *shell)
{
  Sim *sim = shell->sim;

  if (sim->in_push)
    sim_fail (sim, "E7: changed is emitted inside a push");
  if (!sim->in_turn || g_main_context_get_thread_default () != sim->context)
    sim_fail (sim, "E9: changed is emitted outside of the main context");
  shell->owes_changed = FALSE;
}

/* Reads that reach the master */

static gboolean
is_read (const SimRequest *request)
{
  return request->kind == SIM_LIST || request->kind == SIM_FIND || request->kind == SIM_COUNT;
}

static gboolean
is_in_flight (const SimRequest *request)
{
  return !request->answered && !g_cancellable_is_cancelled (request->cancellable) &&
         sim_clock_now () < request->deadline;
}

static void
check_single_flight (Sim *sim, SimRequest *request, GPtrArray *others)
{
  for (guint i = 0; i < others->len; i++)
    {
      SimRequest *other = g_ptr_array_index (others, i);

      if (other == request || other->core != request->core || other->key != request->key ||
          other->kind != request->kind || !is_in_flight (other))
        continue;
      if (!sim_oracle_overtaken_since (request->core, other->step))
        sim_fail (sim, "E3: #%u asks what #%u is being asked", request->number, other->number);
    }
}

static guint64
flight_key (const SimRequest *request)
{
  return request->key << 2 | (guint64) (request->kind - SIM_LIST);
}

static guint
count_overtaken (GPtrArray *requests, SimCore *core, guint64 key)
{
  guint n = 0;

  for (guint i = 0; i < requests->len; i++)
    {
      SimRequest *request = g_ptr_array_index (requests, i);

      n += is_read (request) && request->core == core && flight_key (request) == key &&
           is_in_flight (request) && sim_oracle_overtaken_since (core, request->step);
    }

  return n;
}

/* A key that was overtaken twice in a row may be refetched when nobody waits,
 * and answered with old copies until then. */
static gboolean
may_rest (Sim *sim, SimCore *core, guint64 key)
{
  guint *n = g_hash_table_lookup (core->overtaken, &key);

  return (n != NULL ? *n : 0) + count_overtaken (sim->master_requests, core, key) +
           count_overtaken (sim->forgotten, core, key) >=
         2;
}

/* Whether any key of the core may. */
gboolean
sim_oracle_is_resting (Sim *sim, SimCore *core)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, core->overtaken);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      if (may_rest (sim, core, *(guint64 *) key))
        return TRUE;
    }
  for (guint i = 0; i < sim->master_requests->len; i++)
    {
      SimRequest *request = g_ptr_array_index (sim->master_requests, i);

      if (is_read (request) && request->core == core && may_rest (sim, core, flight_key (request)))
        return TRUE;
    }

  return FALSE;
}

void
sim_oracle_read_came (Sim *sim, SimRequest *request)
{
  if (sim_oracle_is_look (request))
    return;

  sim_oracle_look_for_torn (sim, request->core);
  sim->counts[SIM_COUNT_FETCHES]++;
  request->waited = request->core->n_reads > 0 &&
                    !may_rest (sim, request->core, flight_key (request));
  check_single_flight (sim, request, sim->master_requests);
  check_single_flight (sim, request, sim->forgotten);
}

static void
count_as_overtaken (SimCore *core, guint64 key)
{
  guint *n = g_hash_table_lookup (core->overtaken, &key);

  if (n == NULL)
    {
      n = g_new0 (guint, 1);
      g_hash_table_insert (core->overtaken, g_memdup2 (&key, sizeof key), n);
    }
  ++*n;
}

/* How often a key was overtaken: after twice in a row it may rest. Whether this
 * one was is known when it has landed; until then it counts. */
void
sim_oracle_read_answered (Sim *sim, SimRequest *request)
{
  SimLanding landing = { flight_key (request), request->step, sim->step };

  /* What came of a write is known with it. */
  if (sim_oracle_is_look (request))
    {
      sim_oracle_cause_for_all (sim);
      return;
    }

  g_array_append_val (request->core->landing, landing);
  count_as_overtaken (request->core, landing.key);
}

/* It may have been overtaken before. */
static void
read_cancelled (Sim *sim, SimRequest *request)
{
  if (request->was_cancelled)
    return;

  request->was_cancelled = TRUE;
  sim->counts[SIM_COUNT_CANCELLED_FETCHES] += sim_clock_now () < request->deadline;
  if (sim_oracle_overtaken_since (request->core, request->step))
    count_as_overtaken (request->core, flight_key (request));
}

/* E3: nobody waits any more, so nobody is asked any more. */
static void
check_cancelled (Sim *sim, GPtrArray *requests)
{
  for (guint i = 0; i < requests->len; i++)
    {
      SimRequest *request = g_ptr_array_index (requests, i);

      if (!is_read (request))
        continue;
      if (g_cancellable_is_cancelled (request->cancellable))
        {
          read_cancelled (sim, request);
          continue;
        }
      if (request->core->n_reads == 0 && request->waited && !request->core->has_background &&
          sim_clock_now () < request->deadline)
        sim_fail (sim, "E3: #%u goes on, and nobody waits for it", request->number);
    }
}

/* After each step */

static void
check_capacity (Sim *sim)
{
  /* What an earlier process has left counts too. */
  if (sim->config.has_journal)
    return;

  for (guint i = 0; i < sim->shells->len; i++)
    {
      SimShell *shell = g_ptr_array_index (sim->shells, i);

      if (shell->table != NULL &&
          vl_live_table_get_pending_writes (shell->table) > sim->config.capacity)
        sim_fail (sim, "E5: %u writes wait, of at most %u",
                  vl_live_table_get_pending_writes (shell->table), sim->config.capacity);
    }
}

void
sim_oracle_stepped (Sim *sim)
{
  for (guint i = 0; i < SIM_N_CORES; i++)
    sim_oracle_look_for_torn (sim, &sim->cores[i]);
  check_cancelled (sim, sim->master_requests);
  check_cancelled (sim, sim->forgotten);
  check_capacity (sim);
  sim_cache_check_marks (sim);
  sim_disk_check_now (sim);
  sim_oracle_look_at_journals (sim);
  sim_lists_check (sim);
}

/* When all has fallen quiet */

static void
check_write (Sim *sim, SimWrite *write)
{
  if (write->expected == SIM_EXPECTED || write->expected == SIM_EXPECTED_FAILED)
    sim_fail (sim, "E5: nobody has taken write %u up from the journal", write->number);
  if (!write->is_done)
    sim_fail (sim, "E5: nobody was told of write %u", write->number);
  else if (write->object != NULL && vl_write_get_state (write->object) < VL_WRITE_STATE_APPLIED)
    sim_fail (sim, "E5: write %u has not ended", write->number);
}

static void
check_shell (Sim *sim, SimShell *shell)
{
  if (shell->is_alive && shell->owes_changed)
    sim_fail (sim, "E7: table %u did not tell of a change", shell->number);
  if (shell->table != NULL && vl_live_table_get_pending_writes (shell->table) != 0)
    sim_fail (sim, "E5: table %u has %u pending writes when all is quiet", shell->number,
              vl_live_table_get_pending_writes (shell->table));
}

void
sim_oracle_quiet (Sim *sim)
{
  for (guint i = 0; i < sim->calls->len && !sim->failed; i++)
    {
      SimCall *call = g_ptr_array_index (sim->calls, i);

      if (!call->done)
        sim_fail (sim, "call %u (%s) was never called back", call->number, sim_op_name (call->op));
    }
  for (guint i = 0; i < sim->writes->len && !sim->failed; i++)
    check_write (sim, g_ptr_array_index (sim->writes, i));
  for (guint i = 0; i < sim->shells->len && !sim->failed; i++)
    check_shell (sim, g_ptr_array_index (sim->shells, i));
}
