/* sim-oracle-reads.c: what a read may show
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is not flagged as stale has to be what the master had in one version,
 * no older than what the live table had to know when the read began. A window
 * that lies on several of the master's pages may show each of them in another
 * version: between two of them somebody else may have changed the table and
 * told nobody yet.
 */

#include "sim.h"

/* A record that was given its id here. */
static gboolean
is_new_record (SimCall *call, VlRecord *record, guint *slot)
{
  const char *id = vl_record_get_id (record);
  const SimWrite *write = sim_provisional_find (call->core, id);

  /* Its uid is not known before somebody has looked. */
  if (write == NULL && id != NULL && g_str_has_prefix (id, "new:"))
    write = sim_write_of_row (call->core, (gint) vl_record_get_int64 (record, "w"));
  if (write == NULL)
    return FALSE;

  *slot = SIM_N_IDS + write->number;
  return TRUE;
}

static gboolean
read_rows (SimCall *call, VlPage *page, SimRows *rows)
{
  rows->n = vl_page_get_n_records (page);
  if (rows->n > SIM_MAX_ROWS)
    {
      sim_fail (call->sim, "call %u has %u records", call->number, rows->n);
      return FALSE;
    }

  for (guint i = 0; i < rows->n; i++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (page, i);

      sim_row_read (&rows->rows[i], record);
      if (is_new_record (call, record, &rows->slots[i]))
        continue;
      if (!sim_id_parse (vl_record_get_id (record), &rows->slots[i]) ||
          g_strcmp0 (vl_page_get_record_id (page, i), vl_record_get_id (record)) != 0)
        {
          sim_fail (call->sim, "call %u has the record “%s”", call->number,
                    vl_record_get_id (record));
          return FALSE;
        }
    }

  return TRUE;
}

static gboolean
is_row (const SimRow *a, const SimRow *b)
{
  return a->exists == b->exists && (!a->exists || (a->w == b->w && a->g == b->g && a->n == b->n));
}

/* Whether rows `first` to `first + n` are those of the query from `from` up to
 * `to` (0 = the end) in this version. */
static gboolean
is_slice (SimCall *call,
          guint version,
          const SimRows *rows,
          guint first,
          guint n,
          guint64 from,
          guint64 to)
{
  const SimVersion *state = sim_data_peek (call->sim->data, version);
  guint slots[SIM_N_IDS];
  guint n_slots = sim_data_select (call->sim->data, version, &call->query, slots);
  guint64 begin = MIN (from, n_slots);
  guint64 end = to == 0 ? n_slots : MIN (to, n_slots);

  if (end - begin != n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      guint slot = slots[begin + i];

      if (rows->slots[first + i] != slot || !is_row (&rows->rows[first + i], &state->rows[slot]))
        return FALSE;
    }

  return TRUE;
}

static gboolean
is_slice_of_any (SimCall *call,
                 guint oldest,
                 const SimRows *rows,
                 guint first,
                 guint n,
                 guint64 from,
                 guint64 to)
{
  for (guint version = sim_data_get_version (call->sim->data);; version--)
    {
      if (is_slice (call, version, rows, first, n, from, to))
        return TRUE;
      if (version <= oldest)
        return FALSE;
    }
}

/* Page by page, each in a version of its own. */
static gboolean
are_slices (SimCall *call, guint oldest, const SimRows *rows)
{
  guint64 end = call->limit > 0 ? call->offset + call->limit : G_MAXUINT32;
  guint64 from = call->offset;
  guint first = 0;

  while (from < end)
    {
      guint64 to = MIN (end, (from / call->page_size + 1) * call->page_size);
      guint n = (guint) MIN (to - from, rows->n - first);

      if (!is_slice_of_any (call, oldest, rows, first, n, from, to))
        return FALSE;
      first += n;
      if (n < to - from)
        break;
      from = to;
    }

  return first == rows->n;
}

static gboolean
is_total_of_any (SimCall *call, guint oldest, gint64 total)
{
  guint slots[SIM_N_IDS];

  for (guint version = sim_data_get_version (call->sim->data);; version--)
    {
      if (sim_data_select (call->sim->data, version, &call->query, slots) == total)
        return TRUE;
      if (version <= oldest)
        return FALSE;
    }
}

/* find_many lists when it knows the schema: with the policy of that time. */
static gboolean
is_between_policies (SimCall *call)
{
  return call->op == SIM_OP_FIND_MANY && call->shell->last_configured >= call->step;
}

/* Whether the call could be answered with something old at all. */
static gboolean
serves_stale (SimCall *call)
{
  if (is_between_policies (call))
    return TRUE;
  if (call->op == SIM_OP_REFRESH || call->policy == VL_READ_POLICY_MASTER_ONLY)
    return FALSE;

  return call->policy == VL_READ_POLICY_STALE_WHILE_REVALIDATE ||
         call->policy == VL_READ_POLICY_CACHE_ONLY || call->core->last_fault >= call->step ||
         (call->policy == VL_READ_POLICY_CACHE_FIRST &&
          (call->was_resting || sim_oracle_is_resting (call->sim, call->core)));
}

/* The oldest version that an answer without a flag may show. */
static guint
oldest_unflagged (SimCall *call)
{
  if (call->must_match)
    return sim_data_get_version (call->sim->data);

  return serves_stale (call) ? 0 : call->known;
}

static void
check_flags (SimCall *call, VlPage *page)
{
  Sim *sim = call->sim;
  gboolean is_stale = vl_page_get_is_stale (page);
  gboolean from_cache = vl_page_get_from_cache (page);
  gint64 fetched_at = vl_page_get_fetched_at (page);
  gboolean skips_cache = call->policy == VL_READ_POLICY_MASTER_ONLY ||
                         call->policy == VL_READ_POLICY_MASTER_FIRST || call->op == SIM_OP_REFRESH;

  sim_oracle_look_for_torn (sim, call->core);
  if (vl_page_get_has_pending (page) && !sim_oracle_may_show (call))
    sim_fail (sim, "call %u has pending rows", call->number);
  if (call->must_match && is_stale)
    sim_fail (sim, "call %u is stale when all is quiet", call->number);
  if (is_stale && !serves_stale (call) && !call->awaited_word && !call->core->awaits_word &&
      !sim_oracle_overtaken_since (call->core, call->step))
    sim_fail (sim, "E2: call %u is flagged stale, and nothing has happened", call->number);
  if (from_cache && !is_stale && skips_cache)
    sim_fail (sim, "call %u wanted the master, and has a copy", call->number);
  if (!from_cache && call->policy == VL_READ_POLICY_CACHE_ONLY && call->op == SIM_OP_LIST)
    sim_fail (sim, "call %u wanted a copy, and has not", call->number);
  if (from_cache && !is_stale && fetched_at < sim->opened && call->core->awaits_word)
    sim_fail (sim, "call %u has a copy from before, and nobody knows what has happened since",
              call->number);
  if (fetched_at <= 0 || fetched_at > sim_clock_real ())
    sim_fail (sim, "call %u is from another time", call->number);
  if (from_cache && !is_stale && call->max_age > 0 &&
      fetched_at + call->max_age * G_GINT64_CONSTANT (1000) <
        call->time - sim_clock_now () + sim_clock_real ())
    sim_fail (sim, "call %u has a copy that is too old", call->number);
}

static void
count_page (SimCall *call, VlPage *page)
{
  guint64 *counts = call->sim->counts;
  gboolean is_from_before = vl_page_get_from_cache (page) &&
                            vl_page_get_fetched_at (page) < call->sim->opened;

  if (is_from_before)
    counts[vl_page_get_is_stale (page) ? SIM_COUNT_STALE_AFTER : SIM_COUNT_FRESH_AFTER]++;
  if (is_from_before && !vl_page_get_is_stale (page) && call->shell->follows)
    counts[SIM_COUNT_FRESH_AT_POSITION]++;

  if (vl_page_get_from_cache (page))
    counts[vl_page_get_is_stale (page) ? SIM_COUNT_STALE_HITS : SIM_COUNT_HITS]++;
  else if (vl_page_get_is_stale (page))
    counts[SIM_COUNT_OVERTAKEN]++;
  if (vl_page_get_is_stale (page) && call->policy == VL_READ_POLICY_CACHE_FIRST &&
      vl_page_get_from_cache (page))
    counts[call->core->last_fault >= call->step ? SIM_COUNT_FALLBACKS : SIM_COUNT_RESTS]++;
}

void
sim_oracle_page (SimCall *call, VlPage *page)
{
  Sim *sim = call->sim;
  /* What is called back in this turn was answered since the last one began:
   * whatever had been heard then has overtaken it. */
  guint oldest = MAX (call->known,
                      sim->in_turn && call->context == sim->context ? call->core->known_before : 0);
  gint64 total = vl_page_get_total (page);
  SimRows rows;

  if (!read_rows (call, page, &rows))
    return;

  if (call->must_match)
    oldest = sim_data_get_version (sim->data);
  if (vl_page_get_is_stale (page))
    oldest = 0;
  check_flags (call, page);
  count_page (call, page);

  if (vl_page_get_offset (page) != call->offset || (call->limit > 0 && rows.n > call->limit))
    sim_fail (sim, "E8: call %u has another window", call->number);
  if (call->core->is_surgical || vl_page_get_is_stale (page) ||
      (call->core->is_optimistic && sim_oracle_may_show (call)))
    {
      sim_oracle_shown_page (call, page, &rows, oldest);
      return;
    }
  /* A master that tells no totals: the end of a window of several versions
   * need not be that of any of them. */
  if (total >= 0 && !is_total_of_any (call, oldest, total) &&
      (sim->config.has_total || rows.n + call->offset < call->page_size ||
       total != (gint64) (call->offset + rows.n)))
    sim_fail (sim, "E2: call %u has the total %" G_GINT64_FORMAT, call->number, total);

  if (is_slice_of_any (call, oldest, &rows, 0, rows.n, call->offset,
                       call->limit > 0 ? call->offset + call->limit : 0))
    return;

  sim->counts[SIM_COUNT_MIXED]++;
  if (!sim->config.has_window || !are_slices (call, oldest, &rows))
    sim_fail (sim,
              "%s: call %u shows what the master never had since version %u, which was known "
              "when it began%s",
              vl_page_get_is_stale (page) ? "E2" : "E1/E2", call->number, oldest,
              vl_page_get_is_stale (page) ? "; it is flagged" : "");
}

/* Which row a record was in some version, for those that show one. */
static gboolean
is_row_of_any (SimCall *call, guint oldest, guint slot, const SimRow *row)
{
  GArray *data = call->sim->data;

  oldest = sim_row_get_oldest (call, slot, oldest);
  for (guint version = sim_data_get_version (data);; version--)
    {
      if (is_row (row, &sim_data_peek (data, version)->rows[slot]))
        return TRUE;
      if (version <= oldest)
        return FALSE;
    }
}

/* F6: asked for by the id from before, it is there as it was made, or as the master
 * has it. TRUE when that is seen to. */
static gboolean
is_new_one (SimCall *call, VlRecord *record)
{
  const SimWrite *made = call->made;
  const char *id = record != NULL ? vl_record_get_id (record) : NULL;
  SimRow row = { 0 };

  if (made->stored_at > 0 && made->stored_at < call->moment && made->stored_at > call->core->began)
    return FALSE;
  if (record == NULL && !call->core->is_optimistic)
    return TRUE;
  if (record == NULL)
    return sim_oracle_may_show_new (call, made, NULL);
  if (sim_provisional_find (call->core, id) != made)
    return FALSE;

  sim_row_read (&row, record);
  if (!call->core->is_optimistic || !sim_oracle_may_show_new (call, made, &row))
    sim_fail (call->sim, "F6: call %u has the record of write %u as it never was (w=%d)",
              call->number, made->number, row.w);

  return TRUE;
}

/* A record cannot be flagged: it may be old only if the call may be answered
 * with old ones. */
void
sim_oracle_record (SimCall *call, guint slot, VlRecord *record)
{
  guint oldest = oldest_unflagged (call);
  SimRow row = { 0 };
  guint other;

  if (call->made != NULL && is_new_one (call, record))
    return;
  if (call->made != NULL)
    slot = call->made->slot;
  if (call->made != NULL && !call->made->has_slot)
    {
      sim_fail (call->sim, "F6: call %u has another record than that of write %u, which has no id",
                call->number, call->made->number);
      return;
    }
  if (record != NULL)
    {
      sim_row_read (&row, record);
      if (!sim_id_parse (vl_record_get_id (record), &other) || other != slot)
        sim_fail (call->sim, "call %u asked for %s and has %s", call->number, sim_id (slot),
                  vl_record_get_id (record));
    }
  if (call->core->is_optimistic || call->core->is_surgical)
    sim_oracle_shown_record (call, slot, record != NULL ? &row : NULL, oldest);
  else if (!is_row_of_any (call, oldest, slot, &row) &&
           !sim_oracle_may_be_settled (call, oldest, slot, record != NULL ? &row : NULL))
    sim_fail (call->sim, "E1/E2: call %u has %s as the master never had it since version %u (w=%d)",
              call->number, sim_id (slot), oldest, row.w);
}

/* The first of a query: it lies on one page. */
void
sim_oracle_first (SimCall *call, VlRecord *record)
{
  SimRows rows = { .n = record != NULL };
  guint oldest = oldest_unflagged (call);

  if (call->core->is_optimistic)
    return;
  if (record != NULL)
    {
      sim_row_read (&rows.rows[0], record);
      if (!sim_id_parse (vl_record_get_id (record), &rows.slots[0]))
        sim_fail (call->sim, "call %u has the record “%s”", call->number,
                  vl_record_get_id (record));
    }
  call->limit = 1;
  if (call->core->is_surgical)
    {
      /* Else it may be of a fetch that was overtaken, and cannot say so. */
      if (oldest > 0 &&
          (call->must_match || !sim_oracle_overtaken_since (call->core, call->step)) &&
          !sim_mixed_is_page (call, &rows, oldest))
        sim_fail (call->sim, "F4: call %u has a first record that was not", call->number);
      return;
    }
  /* E2: what was written here meanwhile is laid over what the master said, and
   * may leave nothing of the page. */
  if ((oldest == 0 || sim_oracle_overtaken_since (call->core, call->step)) &&
      (record == NULL || is_row_of_any (call, oldest, rows.slots[0], &rows.rows[0]) ||
       sim_oracle_may_be_settled (call, oldest, rows.slots[0], &rows.rows[0])))
    return;
  if (!is_slice_of_any (call, oldest, &rows, 0, rows.n, call->offset, call->offset + 1))
    sim_fail (call->sim, "E1/E2: call %u has a first record that was not, since version %u",
              call->number, oldest);
}

void
sim_oracle_number (SimCall *call, gint64 number)
{
  guint oldest = oldest_unflagged (call);

  if (call->core->is_optimistic || call->core->is_surgical)
    sim_oracle_shown_number (call, number, oldest);
  else if (!is_total_of_any (call, oldest, number))
    sim_fail (call->sim,
              "E1/E2: call %u counts %" G_GINT64_FORMAT ", which was not since version %u",
              call->number, number, oldest);
}

/* Each record on its own, in the order of the ids, those that do not exist left
 * out. */
static gboolean
are_rows_of_ids (SimCall *call, guint oldest, const SimRows *rows)
{
  guint next = 0;

  for (guint i = 0; i < call->n_slots; i++)
    {
      guint slot = call->slots[i];
      SimRow none = { 0 };
      const SimRow *row = &none;

      if (next < rows->n && rows->slots[next] == slot)
        row = &rows->rows[next++];
      if (!is_row_of_any (call, oldest, slot, row))
        return FALSE;
    }

  return next == rows->n;
}

/* A list of those ids, that lies on several pages. */
static gboolean
are_slices_of_ids (SimCall *call, guint oldest, const SimRows *rows)
{
  SimRows sorted = { 0 };

  call->query = (SimQuery){ .g = -1, .order = SIM_ORDER_ID };
  call->offset = 0;
  call->limit = 0;
  for (guint i = 0; i < call->n_slots; i++)
    call->query.ids |= 1u << call->slots[i];
  for (guint slot = 0; slot < SIM_N_IDS; slot++)
    {
      for (guint i = 0; i < rows->n; i++)
        {
          if (rows->slots[i] != slot)
            continue;
          sorted.slots[sorted.n] = slot;
          sorted.rows[sorted.n++] = rows->rows[i];
        }
    }

  return sorted.n == rows->n && are_slices (call, oldest, &sorted);
}

void
sim_oracle_page_of_ids (SimCall *call, VlPage *page)
{
  guint oldest = vl_page_get_is_stale (page) ? 0 : oldest_unflagged (call);
  SimRows rows;

  if (call->core->is_optimistic)
    return;
  if (!read_rows (call, page, &rows) || are_rows_of_ids (call, oldest, &rows) ||
      is_between_policies (call))
    return;

  call->sim->counts[SIM_COUNT_MIXED]++;
  if (call->core->is_surgical || !are_slices_of_ids (call, oldest, &rows))
    sim_fail (call->sim, "E1/E2: call %u has records that were not, since version %u", call->number,
              oldest);
}

/* Every error has to come from somewhere. */
void
sim_oracle_read_error (SimCall *call, const GError *error)
{
  SimCore *core = call->core;

  if ((call->policy == VL_READ_POLICY_CACHE_ONLY || is_between_policies (call)) &&
      call->op != SIM_OP_REFRESH && g_error_matches (error, VL_ERROR, VL_ERROR_NOT_FOUND))
    return;
  if (call->shell->is_closed && g_error_matches (error, VL_ERROR, VL_ERROR_CLOSED))
    return;
  if (call->must_match)
    sim_fail (call->sim, "call %u fails when all is quiet: %s", call->number, error->message);
  if ((call->was_undescribed || core->last_fault >= call->step) &&
      (strstr (error->message, "fault #") != NULL || strstr (error->message, "dropped") != NULL ||
       strstr (error->message, "not answered within") != NULL))
    return;

  sim_fail (call->sim, "call %u fails, and nothing has happened: %s", call->number, error->message);
}
