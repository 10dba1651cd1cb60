/* sim-mixed.c: rows of several versions
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Under surgical invalidation one row of a page may be newer than another: what
 * was told of it is laid over the page, and of the others nobody has told yet.
 * So for each record it is noted which version of it must be known; a page is
 * right when there is a version for each record, no older than that, so that
 * all of them together make just that page.
 *
 * A stream tells of each record in order, but late: it may tell of what the
 * master has changed again long since. That is laid over a newer page, too, and
 * put right when the stream comes to it. What was written here stays known.
 */

#include "sim.h"

void
sim_rows_know_all (SimCore *core, guint version)
{
  for (guint slot = 0; slot < SIM_N_IDS; slot++)
    core->rows_known[slot] = MAX (core->rows_known[slot], version);
}

/* It was written here. */
void
sim_row_written (SimCore *core, guint slot, guint version)
{
  core->rows_written[slot] = MAX (core->rows_written[slot], version);
  core->rows_known[slot] = MAX (core->rows_known[slot], version);
}

/* A stream has told of it, what it was in that version. */
void
sim_row_heard (Sim *sim, SimCore *core, guint slot, guint version, gboolean is_held)
{
  guint told = MAX (version, core->rows_written[slot]);

  core->rows_known[slot] = is_held ? MIN (core->rows_known[slot], told) : told;
  for (guint i = sim->calls->len; i > 0; i--)
    {
      SimCall *call = g_ptr_array_index (sim->calls, i - 1);

      if (!call->done && call->core == core)
        call->rows_known[slot] = MIN (call->rows_known[slot], told);
    }
}

/* The oldest version of a record that a call may show. */
guint
sim_row_get_oldest (const SimCall *call, guint slot, guint oldest)
{
  if (!call->core->is_surgical || call->must_match || oldest == 0 || slot >= SIM_N_IDS)
    return oldest;

  return call->rows_known[slot];
}

/* What a record may be, seen from the rows of a page. */
enum
{
  ABSENT = 1 << 0,
  BEFORE = 1 << 1,
  BETWEEN = 1 << 2, /* two rows that are next to each other */
  AFTER = 1 << 3,
  PRESENT = 1 << 4,
};

typedef struct
{
  SimCall *call;
  const SimRows *rows;
  guint oldest;
  guint gap; /* between the rows before this and those from it on nothing is known */
  guint may[SIM_N_IDS];
} Mixed;

static gboolean
meets (const SimQuery *query, const SimRow *row, guint slot)
{
  return row->exists && (query->g < 0 || row->g == query->g) &&
         (query->ids == 0 || (query->ids & 1u << slot) != 0);
}

static gboolean
comes_before (const SimQuery *query, const SimRow *a, guint slot_a, const SimRow *b, guint slot_b)
{
  if (query->order == SIM_ORDER_N && a->n != b->n)
    return a->n < b->n;
  if (query->order == SIM_ORDER_N_DESCENDING && a->n != b->n)
    return a->n > b->n;

  return slot_a < slot_b;
}

/* Where a row would be among those from `first` to `end`. */
static guint
place (const Mixed *self, const SimRow *row, guint slot, guint first, guint end)
{
  const SimRows *rows = self->rows;
  guint n = 0;

  for (guint i = first; i < end; i++)
    n += comes_before (&self->call->query, &rows->rows[i], rows->slots[i], row, slot);
  if (first == end)
    return BEFORE | AFTER;

  return n == 0 ? BEFORE : n == end - first ? AFTER : BETWEEN;
}

static guint
place_all (const Mixed *self, const SimRow *row, guint slot)
{
  guint in_first, in_last;

  if (!meets (&self->call->query, row, slot))
    return ABSENT;
  if (self->gap == 0)
    return PRESENT | place (self, row, slot, 0, self->rows->n);

  in_first = place (self, row, slot, 0, self->gap);
  in_last = place (self, row, slot, self->gap, self->rows->n);

  return PRESENT | (in_first == BETWEEN || in_last == BETWEEN ? BETWEEN : BEFORE | AFTER);
}

static void
look (Mixed *self)
{
  GArray *data = self->call->sim->data;

  for (guint slot = 0; slot < SIM_N_IDS; slot++)
    {
      guint version = sim_data_get_version (data);
      guint oldest = MIN (version, sim_row_get_oldest (self->call, slot, self->oldest));
      const SimRow *last = NULL;

      self->may[slot] = 0;
      for (;; version--)
        {
          const SimRow *row = &sim_data_peek (data, version)->rows[slot];

          if (last == NULL || row->w != last->w || row->exists != last->exists)
            self->may[slot] |= place_all (self, row, slot);
          last = row;
          if (version <= oldest)
            break;
        }
    }
}

static gboolean
is_shown (const SimRows *rows, guint slot)
{
  for (guint i = 0; i < rows->n; i++)
    {
      if (rows->slots[i] == slot)
        return TRUE;
    }

  return FALSE;
}

/* The rows themselves. */
static gboolean
is_in_order (const Mixed *self)
{
  const SimRows *rows = self->rows;
  const SimQuery *query = &self->call->query;

  for (guint i = 0; i < rows->n; i++)
    {
      if (rows->slots[i] >= SIM_N_IDS || !meets (query, &rows->rows[i], rows->slots[i]))
        return FALSE;
      if (i > 0 && i != self->gap &&
          !comes_before (query, &rows->rows[i - 1], rows->slots[i - 1], &rows->rows[i],
                         rows->slots[i]))
        return FALSE;
    }

  return TRUE;
}

/* Whether nothing is left out, and the page is where it should be. */
static gboolean
is_complete (const Mixed *self, gboolean is_placed)
{
  const SimCall *call = self->call;
  const SimRows *rows = self->rows;
  gboolean has_end = is_placed && (call->limit == 0 || rows->n < call->limit);
  guint least = 0;
  guint most = 0;

  for (guint slot = 0; slot < SIM_N_IDS; slot++)
    {
      guint may = self->may[slot] & (has_end && rows->n > 0 ? ~(guint) AFTER : G_MAXUINT);

      if (is_shown (rows, slot))
        continue;
      if ((may & (ABSENT | BEFORE | AFTER)) == 0)
        return FALSE;
      most += (may & BEFORE) != 0;
      least += (may & (ABSENT | AFTER)) == 0 || (rows->n == 0 && (may & ABSENT) == 0);
    }
  if (!is_placed)
    return TRUE;

  return rows->n == 0 ? least <= call->offset : least <= call->offset && call->offset <= most;
}

/* Several pages of the master may be of several versions: then all that is sure
 * is that each is without a hole. */
gboolean
sim_mixed_is_page (SimCall *call, const SimRows *rows, guint oldest)
{
  Mixed self = { .call = call, .rows = rows, .oldest = oldest };
  guint64 last = call->offset + (call->limit > 0 ? call->limit : SIM_N_IDS) - 1;
  gboolean has_pages = call->sim->config.has_window && !call->must_match;

  if (has_pages && call->offset / call->page_size != last / call->page_size)
    return TRUE;

  for (self.gap = 0; self.gap <= (has_pages && rows->n > 0 ? rows->n - 1 : 0); self.gap++)
    {
      look (&self);
      if (is_in_order (&self) && is_complete (&self, !has_pages))
        return TRUE;
    }

  return FALSE;
}

/* How many records meet the query of a call, at least and at most. */
void
sim_mixed_count (SimCall *call, guint oldest, guint *least, guint *most)
{
  const SimRows none = { 0 };
  Mixed self = { .call = call, .rows = &none, .oldest = oldest };

  *least = 0;
  *most = 0;
  look (&self);
  for (guint slot = 0; slot < SIM_N_IDS; slot++)
    {
      *least += (self.may[slot] & ABSENT) == 0;
      *most += (self.may[slot] & PRESENT) != 0;
    }
}

/* The same for what a cache holds, of no record an older version than `oldest`. */
gboolean
sim_mixed_is_entry (Sim *sim,
                    const SimQuery *query,
                    VlPage *page,
                    guint first,
                    guint size,
                    guint oldest)
{
  SimCore core = { 0 };
  SimCall call = { .sim = sim,
                   .core = &core,
                   .query = *query,
                   .offset = first,
                   .limit = size,
                   .page_size = MAX (size, 1) };
  SimRows rows = { .n = vl_page_get_n_records (page) };

  if (rows.n > SIM_N_IDS)
    return FALSE;
  for (guint i = 0; i < rows.n; i++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (page, i);
      gboolean found = FALSE;

      sim_row_read (&rows.rows[i], record);
      if (!sim_id_parse (vl_record_get_id (record), &rows.slots[i]))
        return FALSE;
      for (guint version = sim_data_get_version (sim->data); !found; version--)
        {
          const SimRow *row = &sim_data_peek (sim->data, version)->rows[rows.slots[i]];

          found = row->exists && row->w == rows.rows[i].w && row->g == rows.rows[i].g &&
                  row->n == rows.rows[i].n;
          if (version <= oldest)
            break;
        }
      if (!found)
        return FALSE;
    }

  return sim_mixed_is_page (&call, &rows, oldest);
}
