/* sim-oracle-shown.c: rows of the master with writes laid over them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A model of its own: the rows of a version of the master, and over them, in
 * the order of the queue, the writes that were on their way when an answer was
 * made. When just that was is not always known: then any set of those that may
 * have been on their way will do, but those that must have been are in it.
 */

#include "sim.h"

/* So many writes of which it is not known whether they showed, at most; with
 * more all sets cannot be tried. */
#define MAX_OPEN 6

/* Of these, and of rows of which it is not known whether they are known. */
#define MAX_CHOICES 8

/* A settled write is kept for stale pages, unless so many followed. */
#define KEPT 40

/* Rows that the master has, and those that it does not have yet. */
#define MAX_LAID (SIM_N_IDS + 32)

typedef struct
{
  gboolean exists;
  SimRow at; /* what it is placed by */
  SimRow now;
  const SimWrite *write; /* the last that is laid over it */
} Laid;

typedef struct
{
  const SimWrite *writes[64]; /* in the order of the queue */
  gboolean must[64];
  guint n;
  guint n_open;
  guint n_settled; /* of the open ones */
} Pending;

/* When the answer was made, as far as we know. */
static void
get_window (SimCall *call, guint *from, guint *to)
{
  Sim *sim = call->sim;

  *from = call->moment;
  *to = sim->moment;
  if (!call->has_returned || call->context != sim->context || !sim->in_turn)
    return;

  /* What the master says within a turn may be told in it. */
  *from = MAX (call->moment, sim->turn_before);
}

static int
compare_orders (gconstpointer a, gconstpointer b)
{
  const SimWrite *write_a = *(const SimWrite *const *) a;
  const SimWrite *write_b = *(const SimWrite *const *) b;

  return (write_a->order > write_b->order) - (write_a->order < write_b->order);
}

/* Whether the master has done it, and perhaps we know. */
static gboolean
may_be_settled (const SimWrite *write)
{
  return write->unshown_from > 0 && write->executed && !write->outcome.failed;
}

/* Whether the live table knows the id of its record. */
static gboolean
is_placed (const SimWrite *write)
{
  const SimWrite *parent = write->parent;

  return parent == NULL || write->has_slot || may_be_settled (parent) ||
         (parent->executed && (parent->is_open || parent->stored_at > 0));
}

/* FALSE when there are too many. */
static gboolean
get_pending (SimCall *call, Pending *pending)
{
  SimCore *core = call->core;
  guint from, to;

  memset (pending, 0, sizeof *pending);
  if (!core->is_optimistic)
    return TRUE;

  get_window (call, &from, &to);
  for (guint i = core->first_write; i < core->writes->len; i++)
    {
      const SimWrite *write = g_ptr_array_index (core->writes, i);

      if (write->shown == SIM_SHOWN_NOT || write->shown_at > to ||
          (write->unshown_by > 0 && write->unshown_by < from))
        continue;
      if (pending->n == G_N_ELEMENTS (pending->writes))
        return FALSE;
      pending->writes[pending->n++] = write;
    }
  qsort (pending->writes, pending->n, sizeof pending->writes[0], compare_orders);
  for (guint i = 0; i < pending->n; i++)
    {
      const SimWrite *write = pending->writes[i];

      pending->must[i] = write->shown == SIM_SHOWN && write->shown_at <= from &&
                         write->unshown_from == 0 && !write->is_open && !write->cancel_asked &&
                         (write->parent == NULL || !write->parent->is_open);
      pending->n_open += !pending->must[i];
      pending->n_settled += may_be_settled (write);
    }

  return pending->n_open <= MAX_OPEN;
}

gboolean
sim_oracle_may_show (SimCall *call)
{
  Pending pending;

  return !get_pending (call, &pending) || pending.n > 0;
}

/* Laying over */

/* What is laid over a version. */
typedef struct
{
  SimCall *call;
  const Pending *pending;
  guint version;
  guint32 chosen;   /* of the open ones: those that show */
  gboolean settled; /* those that the master has answered are laid over as it did them */
  guint32 unknown;  /* slots of which the live table does not know what the master has */
  Laid rows[MAX_LAID];
  guint slots[MAX_LAID]; /* SIM_N_IDS and more: the number of a new one's write */
  guint n;
} Shown;

static Laid *
shown_find (Shown *self, guint slot)
{
  for (guint i = SIM_N_IDS; i < self->n; i++)
    {
      if (self->slots[i] == slot)
        return &self->rows[i];
    }

  return NULL;
}

static void
shown_add (Shown *self, guint slot, const SimWrite *write)
{
  if (self->n == MAX_LAID)
    return;

  self->slots[self->n] = slot;
  self->rows[self->n++] = (Laid){ TRUE, write->row, write->row, write };
}

static void
lay (Laid *laid, const SimWrite *write)
{
  switch (write->kind)
    {
    case VL_CHANGE_KIND_INSERT:
    case VL_CHANGE_KIND_REPLACE:
      if (!laid->exists)
        laid->at = write->row;
      laid->exists = TRUE;
      laid->now = write->row;
      break;
    case VL_CHANGE_KIND_PATCH:
      if (!laid->exists)
        return;
      sim_row_patch (&laid->now, write);
      break;
    case VL_CHANGE_KIND_DELETE:
      laid->exists = FALSE;
      break;
    case VL_CHANGE_KIND_DELETE_ALL:
    default:
      if (!laid->exists || (write->query.g >= 0 && laid->now.g != write->query.g))
        return;
      laid->exists = FALSE;
      break;
    }
  laid->write = write;
}

/* Somebody else may have deleted it since a page was read that had it; or one
 * has it that was read after the write. A replacement is then taken for that of a
 * record elsewhere. F3 says where inserts show, which do so in either case. */
static gboolean
was_there (const Shown *self, guint slot)
{
  for (guint version = 0; version < self->version; version++)
    {
      if (sim_data_peek (self->call->sim->data, version)->rows[slot].exists)
        return TRUE;
    }

  return FALSE;
}

/* A row of which it is not known whether it is there: only what is put there
 * anew shows. If it was there, it is taken to be where it was, of which nothing
 * shows until a page has it. */
static void
lay_unknown (Shown *self, const SimWrite *write)
{
  guint slot = sim_write_get_root (write)->slot;
  Laid *laid = shown_find (self, slot);

  if (laid != NULL)
    lay (laid, write);
  else if (!self->rows[slot].exists &&
           (write->executed || (write->kind == VL_CHANGE_KIND_REPLACE && was_there (self, slot))))
    return;
  else if (write->kind == VL_CHANGE_KIND_INSERT || write->kind == VL_CHANGE_KIND_REPLACE)
    shown_add (self, slot, write);
}

/* Whether the master may be seen to have a new record that still shows. */
static gboolean
may_be_twice (Sim *sim, const SimWrite *write)
{
  return write->was_in_doubt || write->was_retried || sim->config.has_target ||
         sim_clock_now () - write->sent_at >= (gint64) sim->config.settle_time * 1000;
}

/* What the master has done is where it belongs. */
static void
lay_settled (Shown *self, const SimWrite *write)
{
  Laid *laid = &self->rows[write->slot];

  lay (laid, write);
  laid->at = laid->now;
}

/* A write to a record that has no id yet is laid over what was made of that here,
 * if it shows. */
static void
lay_one (Shown *self, const SimWrite *write)
{
  const SimWrite *root = sim_write_get_root (write);
  Laid *laid = root->is_new ? shown_find (self, SIM_N_IDS + root->number) : NULL;

  if (laid != NULL)
    lay (laid, write);
  else if (!is_placed (write))
    return;
  else if ((self->unknown & 1u << root->slot) != 0)
    lay_unknown (self, write);
  else
    lay (&self->rows[root->slot], write);
}

/* FALSE when the choice does not go together. */
static gboolean
shown_make (Shown *self)
{
  Sim *sim = self->call->sim;
  const SimVersion *state = sim_data_peek (sim->data, self->version);
  guint open = 0;

  self->n = SIM_N_IDS;
  for (guint slot = 0; slot < SIM_N_IDS; slot++)
    {
      self->slots[slot] = slot;
      self->rows[slot] = (Laid){ state->rows[slot].exists, state->rows[slot], state->rows[slot],
                                 NULL };
    }

  for (guint i = 0; i < self->pending->n; i++)
    {
      const SimWrite *write = self->pending->writes[i];

      if (!self->pending->must[i] && (self->chosen & 1u << open++) == 0)
        continue;
      if (self->settled && may_be_settled (write) && write->kind != VL_CHANGE_KIND_DELETE_ALL)
        {
          lay_settled (self, write);
          continue;
        }
      if (write->is_new && write->executed && self->version >= write->version &&
          !may_be_twice (sim, write))
        return FALSE;
      for (guint j = 0; j < self->n && write->kind == VL_CHANGE_KIND_DELETE_ALL; j++)
        lay (&self->rows[j], write);
      if (write->is_new)
        shown_add (self, SIM_N_IDS + write->number, write);
      else if (write->kind != VL_CHANGE_KIND_DELETE_ALL)
        lay_one (self, write);
    }

  return TRUE;
}

/* New ones come first, in the order in which they were made. */
static guint
rank (guint slot)
{
  return slot >= SIM_N_IDS ? slot : G_MAXUINT - SIM_N_IDS + slot;
}

static gboolean
comes_before (const Shown *self, guint a, guint b)
{
  const SimQuery *query = &self->call->query;
  gint difference = self->rows[a].at.n - self->rows[b].at.n;

  if (query->order == SIM_ORDER_N && difference != 0)
    return difference < 0;
  if (query->order == SIM_ORDER_N_DESCENDING && difference != 0)
    return difference > 0;

  return rank (self->slots[a]) < rank (self->slots[b]);
}

static guint
shown_select (const Shown *self, guint *selected)
{
  const SimQuery *query = &self->call->query;
  guint n_selected = 0;

  for (guint i = 0; i < self->n; i++)
    {
      guint at = n_selected;

      if (!self->rows[i].exists || (query->g >= 0 && self->rows[i].at.g != query->g) ||
          (query->ids != 0 &&
           (self->slots[i] >= SIM_N_IDS || (query->ids & 1u << self->slots[i]) == 0)))
        continue;
      for (; at > 0 && comes_before (self, i, selected[at - 1]); at--)
        selected[at] = selected[at - 1];
      selected[at] = i;
      n_selected++;
    }

  return n_selected;
}

/* What may be shown */

static gboolean
same_content (const SimRow *a, const SimRow *b)
{
  return a->w == b->w && a->g == b->g && a->n == b->n;
}

static gboolean
is_slice (Shown *shown, const SimRows *rows, gint64 total)
{
  const SimCall *call = shown->call;
  guint selected[MAX_LAID];
  guint n = shown_select (shown, selected);
  guint begin = (guint) MIN (call->offset, n);
  guint end = call->limit > 0 ? MIN (begin + call->limit, n) : n;

  if (end - begin != rows->n || (total >= 0 && total != (gint64) n))
    return FALSE;
  for (guint i = 0; i < rows->n; i++)
    {
      guint at = selected[begin + i];

      if (shown->slots[at] != rows->slots[i] ||
          !same_content (&shown->rows[at].now, &rows->rows[i]))
        return FALSE;
    }

  return TRUE;
}

/* The slots that writes are under way to, and of which it matters whether the
 * live table knows what the master has: in a window all of them. */
static guint32
get_slots (SimCall *call, const Pending *pending)
{
  guint32 slots = 0;

  for (guint i = 0; i < pending->n; i++)
    {
      const SimWrite *write = pending->writes[i];

      if (!write->is_new && is_placed (write) && write->kind != VL_CHANGE_KIND_DELETE_ALL &&
          (call->sim->config.has_window || write->kind == VL_CHANGE_KIND_INSERT ||
           write->kind == VL_CHANGE_KIND_REPLACE))
        slots |= 1u << sim_write_get_root (write)->slot;
    }

  return slots;
}

/* Whether it is all of a version, with the writes laid over it. */
static gboolean
is_exact (SimCall *call, const Pending *pending, guint oldest, const SimRows *rows, gint64 total)
{
  guint32 slots = get_slots (call, pending);
  guint n_slots = 0;
  Shown shown = { .call = call, .pending = pending };

  for (guint32 left = slots; left != 0; left &= left - 1)
    n_slots++;
  if (n_slots + pending->n_open > MAX_CHOICES)
    return TRUE;

  for (guint version = sim_data_get_version (call->sim->data);; version--)
    {
      shown.version = version;
      for (shown.chosen = 0; shown.chosen < 1u << pending->n_open; shown.chosen++)
        {
          /* All subsets of the slots, the empty one first. */
          shown.unknown = 0;
          do
            {
              shown.settled = FALSE;
              if (shown_make (&shown) && is_slice (&shown, rows, total))
                return TRUE;
              shown.settled = TRUE;
              if (pending->n_settled > 0 && shown_make (&shown) && is_slice (&shown, rows, total))
                return TRUE;
              shown.unknown = (shown.unknown - slots) & slots;
            }
          while (shown.unknown != 0);
        }
      if (version <= oldest)
        return FALSE;
    }
}

/* Stale or not: what the master has answered to one of ours, nobody sees the
 * record without it. */
static guint
get_floor (SimCall *call, guint slot, guint oldest)
{
  SimCore *core = call->core;
  const guint oldest_of_all = oldest;
  guint from, to;
  guint n_settled = 0;

  if (!core->is_optimistic || call->sim->config.has_target)
    return oldest;

  get_window (call, &from, &to);
  for (guint i = core->writes->len; i > core->first_write && n_settled < KEPT; i--)
    {
      const SimWrite *write = g_ptr_array_index (core->writes, i - 1);

      if (!write->executed || write->unshown_by == 0 || write->unshown_by >= from ||
          write->unshown_by <= core->began)
        continue;
      n_settled++;
      /* A master that knows it answers as it did then. */
      if (write->was_retried && write->slot == slot)
        return oldest_of_all;
      if (write->shown == SIM_SHOWN && write->kind != VL_CHANGE_KIND_DELETE_ALL &&
          !write->outcome.failed && write->slot == slot && !write->was_in_doubt)
        oldest = MAX (oldest, write->version);
    }

  return oldest;
}

static gboolean
shows_row (Shown *shown, guint slot, const SimRow *row)
{
  const Laid *laid;

  if (!shown_make (shown))
    return FALSE;

  laid = slot < SIM_N_IDS ? &shown->rows[slot] : shown_find (shown, slot);
  if (laid == NULL || !laid->exists)
    return row == NULL;

  return row != NULL && same_content (&laid->now, row);
}

/* Whether the record may look like this in that version (NULL = not be there). */
static gboolean
is_row_at (SimCall *call, const Pending *pending, guint version, guint slot, const SimRow *row)
{
  Shown shown = { .call = call, .pending = pending, .version = version };

  for (shown.chosen = 0; shown.chosen < 1u << pending->n_open; shown.chosen++)
    {
      shown.settled = FALSE;
      if (shows_row (&shown, slot, row))
        return TRUE;
      shown.settled = TRUE;
      if (pending->n_settled > 0 && shows_row (&shown, slot, row))
        return TRUE;
    }

  return FALSE;
}

/* Or in any. */
static gboolean
is_row (SimCall *call, const Pending *pending, guint oldest, guint slot, const SimRow *row)
{
  guint of_row = sim_row_get_oldest (call, slot, oldest);
  guint floor = slot < SIM_N_IDS ? get_floor (call, slot, of_row) : oldest;

  for (guint version = sim_data_get_version (call->sim->data);; version--)
    {
      if (is_row_at (call, pending, version, slot, row))
        return TRUE;
      if (version <= floor)
        return FALSE;
    }
}

static void
check_twice (SimCall *call, const SimRows *rows)
{
  for (guint i = 0; i < rows->n; i++)
    {
      for (guint j = 0; j < i; j++)
        {
          const SimWrite *write = sim_write_of_row (call->core, rows->rows[i].w);

          /* Two pages of a window may be of two versions. */
          if ((rows->slots[i] == rows->slots[j] && !call->sim->config.has_window) ||
              (rows->slots[i] != rows->slots[j] && rows->rows[i].w == rows->rows[j].w &&
               write != NULL && !may_be_twice (call->sim, write)))
            sim_fail (call->sim, "F6: call %u has one record twice, w=%d", call->number,
                      rows->rows[i].w);
        }
    }
}

/* What is not in the master yet is said to be so. */
static gboolean
has_own (const Pending *pending, const SimRows *rows)
{
  for (guint i = 0; i < pending->n; i++)
    {
      for (guint j = 0; j < rows->n && pending->must[i]; j++)
        {
          const SimWrite *write = pending->writes[i];

          if (rows->rows[j].w == write->row.w &&
              (!write->is_new || rows->slots[j] == SIM_N_IDS + write->number))
            return TRUE;
        }
    }

  return FALSE;
}

/* Writes that were settled while the master was asked: a number does not say
 * which of them are in it. */
static guint
count_settled (SimCall *call, guint oldest)
{
  guint n = 0;

  for (guint i = call->core->first_write; i < call->core->writes->len; i++)
    {
      const SimWrite *write = g_ptr_array_index (call->core->writes, i);

      if (write->shown != SIM_SHOWN_NOT && write->executed && write->unshown_by > 0 &&
          (oldest == 0 || write->unshown_by >= call->moment))
        n += write->kind == VL_CHANGE_KIND_DELETE_ALL ? SIM_N_IDS : 1;
    }

  return n;
}

static gboolean
is_total (SimCall *call, const Pending *pending, guint oldest, gint64 total, guint n_settled)
{
  gint64 less = n_settled;
  gint64 more = n_settled;
  guint slots[SIM_N_IDS];

  for (guint i = 0; i < pending->n; i++)
    {
      const SimWrite *write = pending->writes[i];

      less += write->kind == VL_CHANGE_KIND_DELETE_ALL ? SIM_N_IDS : 1;
      more++;
    }
  if (call->core->is_surgical)
    {
      guint least, most;

      sim_mixed_count (call, oldest, &least, &most);
      return total >= least - less && total <= most + more;
    }
  for (guint version = sim_data_get_version (call->sim->data);; version--)
    {
      gint64 n = sim_data_select (call->sim->data, version, &call->query, slots);

      if (total >= n - less && total <= n + more)
        return TRUE;
      if (version <= oldest)
        return FALSE;
    }
}

/* What there was to choose from. */
static void
log_choice (SimCall *call, const Pending *pending, const SimRows *rows, gint64 total, guint oldest)
{
  Sim *sim = call->sim;
  const SimVersion *state = sim_data_peek (sim->data, sim_data_get_version (sim->data));

  for (guint i = 0; i < rows->n; i++)
    sim_log (sim, "    shows %u: g=%d n=%d w=%d", rows->slots[i], rows->rows[i].g, rows->rows[i].n,
             rows->rows[i].w);
  sim_log (sim, "    of %" G_GINT64_FORMAT ", since version %u", total, oldest);
  for (guint slot = 0; slot < SIM_N_IDS; slot++)
    {
      if (state->rows[slot].exists)
        sim_log (sim, "    the master has %u: g=%d n=%d w=%d", slot, state->rows[slot].g,
                 state->rows[slot].n, state->rows[slot].w);
    }
  for (guint i = 0; i < pending->n; i++)
    {
      const SimWrite *write = pending->writes[i];

      sim_log (sim, "    write %u %s: %s %u, g=%d%s n=%d%s w=%d", write->number,
               pending->must[i] ? "shows" : "may show", sim_change_kind_name (write->kind),
               write->slot, write->row.g, write->sets_g ? "!" : "", write->row.n,
               write->sets_n ? "!" : "", write->row.w);
    }
}

/* Whether all of it was read from one page, which is all there is. */
static gboolean
is_whole (SimCall *call, const SimRows *rows)
{
  return !call->core->is_surgical && call->offset == 0 && !call->sim->config.has_window &&
         (call->limit == 0 || rows->n < call->limit);
}

void
sim_oracle_shown_page (SimCall *call, VlPage *page, const SimRows *rows, guint oldest)
{
  Sim *sim = call->sim;
  gint64 total = vl_page_get_total (page);
  Pending pending;

  check_twice (call, rows);
  if (!get_pending (call, &pending))
    return;

  sim->counts[SIM_COUNT_SHOWN] += call->core->is_optimistic;
  if (sim->prints)
    log_choice (call, &pending, rows, total, oldest);
  for (guint i = 0; i < rows->n; i++)
    {
      if (!is_row (call, &pending, oldest, rows->slots[i], &rows->rows[i]))
        sim_fail (sim, "F: call %u has %s as it never was since version %u (w=%d)", call->number,
                  rows->slots[i] < SIM_N_IDS ? sim_id (rows->slots[i]) : "a new one", oldest,
                  rows->rows[i].w);
    }
  if (!vl_page_get_has_pending (page) && has_own (&pending, rows))
    sim_fail (sim, "F: call %u does not say that it has pending rows", call->number);
  /* What is laid over a stale page may be new in it, or not. */
  if (total >= 0 && sim->config.has_total && !vl_page_get_is_stale (page) &&
      !is_total (call, &pending, oldest, total, 0))
    sim_fail (sim, "F3: call %u has the total %" G_GINT64_FORMAT, call->number, total);
  /* F3: it counts what is shown. */
  if (total >= 0 && rows->n > 0 && (guint64) total < call->offset + rows->n)
    sim_fail (sim, "F3: call %u has %u records from %u on, and the total %" G_GINT64_FORMAT,
              call->number, rows->n, (guint) call->offset, total);

  if (is_exact (call, &pending, oldest, rows, sim->config.has_total ? total : -1))
    sim->counts[SIM_COUNT_SHOWN_EXACTLY] += call->core->is_optimistic;
  else if (call->core->is_surgical && pending.n == 0 && !vl_page_get_is_stale (page) &&
           oldest > 0 && !sim_mixed_is_page (call, rows, oldest))
    sim_fail (sim, "F4: call %u is no page of any versions of its rows", call->number);
  else if (is_whole (call, rows) && !vl_page_get_is_stale (page))
    sim_fail (sim, "F3: call %u is no version since %u with what is under way", call->number,
              oldest);
}

/* Whether what this deletion of all has met may have been fetched. */
static gboolean
may_be_swept (SimCall *call, const SimWrite *write, guint slot, guint oldest)
{
  for (guint version = sim_data_get_version (call->sim->data);; version--)
    {
      const SimRow *row = &sim_data_peek (call->sim->data, version)->rows[slot];

      if (row->exists && (write->query.g < 0 || row->g == write->query.g))
        return TRUE;
      if (version <= oldest)
        return FALSE;
    }
}

/* E2: what was settled while the master was asked is laid over what it said,
 * which may be newer; a record cannot be flagged as stale. Whether one of those
 * makes it look like this (NULL = not be there). */
static gboolean
is_settled (SimCall *call, const Pending *pending, guint oldest, guint slot, const SimRow *row)
{
  for (guint i = call->core->first_write; i < call->core->writes->len && !call->must_match; i++)
    {
      const SimWrite *write = g_ptr_array_index (call->core->writes, i);
      /* F1: it stays over copies that are older. Those may have what it deletes in a row
       * that somebody else had changed by the time it was executed, so that it stayed. */
      gboolean sweeps_copies = write->kind == VL_CHANGE_KIND_DELETE_ALL &&
                               (oldest == 0 ||
                                (call->core->is_surgical && oldest < write->version));

      if (!write->executed || write->unshown_from == 0 ||
          (write->unshown_by > 0 && write->unshown_by < call->moment && !sweeps_copies))
        continue;
      if (write->kind == VL_CHANGE_KIND_DELETE_ALL
            ? row == NULL && may_be_swept (call, write, slot, oldest)
            : write->slot == slot && is_row_at (call, pending, write->version, slot, row))
        return TRUE;
    }

  return FALSE;
}

/* Whether a record that has no id yet may look like this (NULL = not be there). */
gboolean
sim_oracle_may_show_new (SimCall *call, const SimWrite *write, const SimRow *row)
{
  Pending pending;

  return !get_pending (call, &pending) ||
         is_row (call, &pending, 0, SIM_N_IDS + write->number, row);
}

gboolean
sim_oracle_may_be_settled (SimCall *call, guint oldest, guint slot, const SimRow *row)
{
  const Pending none = { 0 };

  return is_settled (call, &none, oldest, slot, row);
}

void
sim_oracle_shown_record (SimCall *call, guint slot, const SimRow *row, guint oldest)
{
  Pending pending;

  if (!get_pending (call, &pending))
    return;

  if (!is_row (call, &pending, oldest, slot, row) &&
      !is_settled (call, &pending, oldest, slot, row))
    sim_fail (call->sim, "F: call %u has %s as it never was since version %u (w=%d)", call->number,
              sim_id (slot), oldest, row != NULL ? row->w : 0);
}

void
sim_oracle_shown_number (SimCall *call, gint64 number, guint oldest)
{
  Pending pending;

  /* What was told while the master was asked may be in what it said, and counts
   * twice; a number cannot say so. */
  if (call->core->is_surgical && !call->must_match &&
      (oldest == 0 || sim_oracle_overtaken_since (call->core, call->step)))
    return;
  if (get_pending (call, &pending) &&
      !is_total (call, &pending, oldest, number, count_settled (call, oldest)))
    sim_fail (call->sim, "F3: call %u counts %" G_GINT64_FORMAT, call->number, number);
}
