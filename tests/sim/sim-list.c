/* sim-list.c: lists over the live tables, and views that look at them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A view holds the rows of its window, as one of GTK does, and knows of the list
 * what it was told: its mirror is kept from items-changed alone.
 */

#include "sim.h"

#define MAX_LISTS 2

/* Rows that a view holds. */
#define WINDOW 10

/* Rounds until a list has to be what the master has. */
#define MAX_ROUNDS 12

typedef struct
{
  VlRow *row; /* NULL = it is not held */
  char *id;   /* as it was when we looked last */
  gboolean has_record;
} Held;

struct _SimList
{
  Sim *sim;
  SimShell *shell;
  guint number;
  VlLiveList *list;
  SimQuery query;
  GPtrArray *mirror; /* of Held */
  guint first;       /* of the window */
  guint n;
  gulong handler;
};

static void
held_free (gpointer data)
{
  Held *held = data;

  g_clear_object (&held->row);
  g_free (held->id);
  g_free (held);
}

/* L1: this asks for nothing, and tells nobody. */
static VlRow *
get_row (SimList *self, guint position)
{
  Sim *sim = self->sim;
  VlRow *row;

  sim->in_get_item++;
  row = g_list_model_get_item (G_LIST_MODEL (self->list), position);
  sim->in_get_item--;
  if (row == NULL && !sim->failed)
    sim_fail (sim, "L1: list %u has no row %u of %u", self->number, position, self->mirror->len);

  return row;
}

static void
hold (SimList *self)
{
  for (guint i = 0; i < self->mirror->len; i++)
    {
      Held *held = g_ptr_array_index (self->mirror, i);
      gboolean is_in = i >= self->first && i - self->first < self->n;

      if (!is_in)
        {
          g_clear_object (&held->row);
          g_clear_pointer (&held->id, g_free);
          held->has_record = FALSE;
        }
      else if (held->row == NULL)
        {
          held->row = get_row (self, i);
        }
    }
}

/* L2: not the whole list where its ends have stayed what they were. */
static void
check_run (SimList *self, guint position, guint removed, guint added)
{
  const Held *first;
  const Held *last;
  g_autoptr (VlRow) first_now = NULL;
  g_autoptr (VlRow) last_now = NULL;

  if (position > 0 || removed != added || removed != self->mirror->len || removed < 4)
    return;

  first = g_ptr_array_index (self->mirror, 0);
  last = g_ptr_array_index (self->mirror, removed - 1);
  if (first->row == NULL || last->row == NULL)
    return;

  first_now = get_row (self, 0);
  last_now = get_row (self, removed - 1);
  if (first_now == first->row && last_now == last->row)
    sim_fail (self->sim, "L2: list %u changes all of its %u rows, and has not", self->number,
              removed);
}

static void
items_changed (GListModel *model, guint position, guint removed, guint added, gpointer user_data)
{
  SimList *self = user_data;
  Sim *sim = self->sim;

  if (sim->failed || sim->is_crashing)
    return;

  sim->counts[SIM_COUNT_EMISSIONS]++;
  sim_log (sim, "  list %u: %u-%u+%u", self->number, position, removed, added);
  if (sim->in_get_item > 0)
    sim_fail (sim, "L1: list %u changes inside get_item", self->number);
  if (position + removed > self->mirror->len)
    {
      sim_fail (sim, "L2: list %u has %u rows, and %u go from %u on", self->number,
                self->mirror->len, removed, position);
      return;
    }

  check_run (self, position, removed, added);
  if (removed > 0)
    g_ptr_array_remove_range (self->mirror, position, removed);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (self->mirror, (int) (position + i), g_new0 (Held, 1));
  if (g_list_model_get_n_items (model) != self->mirror->len)
    sim_fail (sim, "L2: list %u has %u rows, and has told of %u", self->number,
              g_list_model_get_n_items (model), self->mirror->len);
  else
    hold (self);
}

/* The row of a record that had come before its new id did is free again. */
static gboolean
renames (SimList *self)
{
  return self->shell->core->is_optimistic && self->sim->config.assigns_ids;
}

/* L3: a row is that of its record, for as long as it is there. */
static void
check_held (SimList *self, guint position, GHashTable *ids)
{
  Sim *sim = self->sim;
  Held *held = g_ptr_array_index (self->mirror, position);
  g_autoptr (VlRow) row = get_row (self, position);
  VlRecord *record = vl_row_get_record (held->row);
  const char *id = vl_row_get_id (held->row);

  if (row != held->row)
    sim_fail (sim, "L3: list %u has another row %u, and has not told", self->number, position);
  else if (held->has_record && record == NULL && !renames (self))
    sim_fail (sim, "L4: row %u of list %u is blank", position, self->number);
  else if (id != NULL && record != NULL && g_strcmp0 (vl_record_get_id (record), id) != 0 &&
           !g_str_has_prefix (vl_record_get_id (record), "new:"))
    sim_fail (sim, "L3: row %u of list %u is %s, and has the record %s", position, self->number, id,
              vl_record_get_id (record));
  else if (held->id != NULL && id != NULL && !g_str_equal (held->id, id) &&
           !g_str_has_prefix (held->id, "new:"))
    sim_fail (sim, "L3: row %u of list %u was %s, and is %s", position, self->number, held->id, id);
  else if (id != NULL && !g_hash_table_add (ids, (gpointer) id))
    sim_fail (sim, "L3: list %u has %s twice", self->number, id);

  g_free (held->id);
  held->id = g_strdup (id);
  held->has_record = record != NULL;
}

static void
check_list (SimList *self)
{
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);

  if (g_list_model_get_n_items (G_LIST_MODEL (self->list)) != self->mirror->len)
    {
      sim_fail (self->sim, "L2: list %u has another number of rows, and has not told",
                self->number);
      return;
    }
  for (guint i = 0; i < self->mirror->len && !self->sim->failed; i++)
    {
      if (((Held *) g_ptr_array_index (self->mirror, i))->row != NULL)
        check_held (self, i, ids);
    }
}

/* After each step. */
void
sim_lists_check (Sim *sim)
{
  for (guint i = 0; i < sim->lists->len && !sim->failed; i++)
    check_list (g_ptr_array_index (sim->lists, i));
}

/* What users do */

static void
choose_query (SimQuery *query, guint32 how)
{
  *query = (SimQuery){ .g = (how & 3) == 0 ? (gint) (how >> 2) % 3 : -1,
                       .order = (SimOrder) ((how >> 4) % SIM_N_ORDERS) };
}

void
sim_list_open (Sim *sim, SimShell *shell, guint32 how)
{
  SimList *self;
  g_autoptr (VlQuery) query = NULL;

  if (sim->lists->len == MAX_LISTS || shell->is_closed ||
      g_main_context_get_thread_default () != sim->context)
    return;

  self = g_new0 (SimList, 1);
  self->sim = sim;
  self->shell = shell;
  self->number = ++sim->n_lists;
  self->mirror = g_ptr_array_new_with_free_func (held_free);
  self->n = WINDOW;
  choose_query (&self->query, how);
  query = sim_query_make (&self->query, 0, 0);
  self->list = g_object_new (VL_TYPE_LIVE_LIST, "table", shell->table, "query", query, "page-size",
                             3 + how % 5, NULL);
  self->handler = g_signal_connect (self->list, "items-changed", G_CALLBACK (items_changed), self);
  /* What is at hand is there at once. */
  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->list)); i > 0; i--)
    g_ptr_array_add (self->mirror, g_new0 (Held, 1));
  sim_watch (sim, self->list);
  /* It asks when nobody waits. */
  shell->core->has_background = TRUE;
  g_ptr_array_add (sim->lists, self);
  sim->counts[SIM_COUNT_LISTS]++;
  sim_log (sim, "  list %u is opened over table %u", self->number, shell->number);
}

void
sim_list_free (gpointer data)
{
  SimList *self = data;

  g_clear_signal_handler (&self->handler, self->list);
  g_ptr_array_unref (self->mirror);
  g_object_unref (self->list);
  g_free (self);
}

/* Scrolls, or looks at something else. */
void
sim_list_use (Sim *sim, const SimStep *step)
{
  SimList *self;
  g_autoptr (VlQuery) query = NULL;

  if (sim->lists->len == 0 || g_main_context_get_thread_default () != sim->context)
    return;

  self = g_ptr_array_index (sim->lists, step->b % sim->lists->len);
  switch (step->c % 16)
    {
    case 0:
      choose_query (&self->query, step->d);
      query = sim_query_make (&self->query, 0, 0);
      vl_live_list_set_query (self->list, query);
      break;
    case 1:
    case 2:
      vl_live_list_refresh (self->list);
      break;
    case 3:
      vl_live_list_retry (self->list);
      break;
    case 4:
      g_ptr_array_remove (sim->lists, self);
      break;
    default:
      self->first = step->d % (self->mirror->len + 1);
      self->first -= MIN (self->first, WINDOW / 2);
      hold (self);
      break;
    }
}

/* When all is quiet */

static gboolean
is_what_master_has (SimList *self)
{
  Sim *sim = self->sim;
  guint version = sim_data_get_version (sim->data);
  guint slots[SIM_N_IDS];
  guint n_slots = sim_data_select (sim->data, version, &self->query, slots);

  if (n_slots != self->mirror->len ||
      vl_live_list_get_load_state (self->list) != VL_LOAD_STATE_COMPLETE)
    return FALSE;
  for (guint i = 0; i < n_slots; i++)
    {
      const SimRow *expected = &sim_data_peek (sim->data, version)->rows[slots[i]];
      VlRow *row = ((Held *) g_ptr_array_index (self->mirror, i))->row;
      VlRecord *record = row != NULL ? vl_row_get_record (row) : NULL;
      SimRow found = { 0 };

      if (record == NULL || g_strcmp0 (vl_row_get_id (row), sim_id (slots[i])) != 0)
        return FALSE;
      sim_row_read (&found, record);
      if (found.w != expected->w || found.g != expected->g || found.n != expected->n)
        return FALSE;
    }

  return TRUE;
}

static void
check_end (SimList *self)
{
  Sim *sim = self->sim;

  if (self->shell->is_closed)
    return;

  self->first = 0;
  self->n = G_MAXUINT;
  for (guint i = 0; i < MAX_ROUNDS && !sim->failed; i++)
    {
      vl_live_list_retry (self->list);
      hold (self);
      sim_fall_quiet (sim);
      sim_advance (sim, 2000000);
      sim_fall_quiet (sim);
      if (sim->failed)
        return;
      check_list (self);
      if (is_what_master_has (self))
        return;
    }
  for (guint i = 0; i < self->mirror->len; i++)
    {
      VlRow *row = ((Held *) g_ptr_array_index (self->mirror, i))->row;
      VlRecord *record = row != NULL ? vl_row_get_record (row) : NULL;
      SimRow found = { 0 };

      if (record != NULL)
        sim_row_read (&found, record);
      sim_log (sim, "    row %u is %s, state %d: g=%d n=%d w=%d", i,
               row != NULL ? vl_row_get_id (row) : "not held",
               row != NULL ? (int) vl_row_get_state (row) : -1, found.g, found.n, found.w);
    }
  sim_fail (sim, "L5: list %u is not what the master has when all is quiet, state %d, %u rows",
            self->number, (int) vl_live_list_get_load_state (self->list), self->mirror->len);
}

/* Else a list asks for ever, now and then, for what is newer than old copies. */
void
sim_lists_calm (Sim *sim)
{
  for (guint i = 0; i < sim->lists->len; i++)
    {
      SimList *self = g_ptr_array_index (sim->lists, i);
      VlLiveTable *table = VL_LIVE_TABLE (vl_live_list_get_table (self->list));

      vl_live_table_set_read_policy (table, VL_READ_POLICY_CACHE_FIRST);
      vl_live_table_set_max_age (table, 0);
    }
}

void
sim_lists_check_end (Sim *sim)
{
  for (guint i = 0; i < sim->lists->len && !sim->failed; i++)
    check_end (g_ptr_array_index (sim->lists, i));
}
