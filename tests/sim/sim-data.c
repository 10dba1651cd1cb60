/* sim-data.c: the master's data, in each version that it was in
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sim.h"

static char ids[SIM_N_IDS][4];

GArray *
sim_data_new (void)
{
  GArray *data = g_array_sized_new (FALSE, TRUE, sizeof (SimVersion), 256);

  for (guint i = 0; i < SIM_N_IDS; i++)
    g_snprintf (ids[i], sizeof ids[i], "r%02u", i);
  g_array_set_size (data, 1);

  return data;
}

guint
sim_data_get_version (GArray *data)
{
  return data->len - 1;
}

const SimVersion *
sim_data_peek (GArray *data, guint version)
{
  return &g_array_index (data, SimVersion, version);
}

/* A new version, for the caller to change. */
SimVersion *
sim_data_begin (GArray *data, gint64 now)
{
  SimVersion next = g_array_index (data, SimVersion, data->len - 1);

  next.time = now;
  g_array_append_val (data, next);

  return &g_array_index (data, SimVersion, data->len - 1);
}

/* The last version that was made before `time`. */
guint
sim_data_version_before (GArray *data, gint64 time)
{
  guint version = data->len - 1;

  while (version > 0 && g_array_index (data, SimVersion, version).time >= time)
    version--;

  return version;
}

static gboolean
meets (const SimQuery *query, const SimRow *row, guint slot)
{
  return row->exists && (query->g < 0 || row->g == query->g) &&
         (query->ids == 0 || (query->ids & (1u << slot)) != 0);
}

static gboolean
comes_before (const SimQuery *query, const SimVersion *version, guint a, guint b)
{
  gint difference = version->rows[a].n - version->rows[b].n;

  if (query->order == SIM_ORDER_N && difference != 0)
    return difference < 0;
  if (query->order == SIM_ORDER_N_DESCENDING && difference != 0)
    return difference > 0;

  return a < b;
}

/* Which records meet the query, in order; its window is the caller's. */
guint
sim_data_select (GArray *data, guint version, const SimQuery *query, guint *slots)
{
  const SimVersion *state = sim_data_peek (data, version);
  guint n_slots = 0;

  for (guint slot = 0; slot < SIM_N_IDS; slot++)
    {
      guint at = n_slots;

      if (!meets (query, &state->rows[slot], slot))
        continue;
      for (; at > 0 && comes_before (query, state, slot, slots[at - 1]); at--)
        slots[at] = slots[at - 1];
      slots[at] = slot;
      n_slots++;
    }

  return n_slots;
}

const char *
sim_id (guint slot)
{
  return ids[slot];
}

gboolean
sim_id_parse (const char *id, guint *slot)
{
  if (id == NULL || id[0] != 'r' || strlen (id) != 3)
    return FALSE;

  *slot = (guint) (id[1] - '0') * 10 + (guint) (id[2] - '0');
  return *slot < SIM_N_IDS;
}

static void
read_condition (SimQuery *self, VlQuery *query, guint index)
{
  VlOp op;
  g_autoptr (GVariant) value = NULL;
  const char *field = vl_query_get_condition (query, index, &op, &value);

  if (g_str_equal (field, "g") && op == VL_OP_EQ)
    {
      self->g = (gint) g_variant_get_int64 (value);
      return;
    }

  g_assert_cmpstr (field, ==, "id");
  g_assert_cmpint (op, ==, VL_OP_IN);
  for (gsize i = 0; i < g_variant_n_children (value); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (value, i);
      g_autoptr (GVariant) plain = g_variant_is_of_type (child, G_VARIANT_TYPE_VARIANT)
                                     ? g_variant_get_variant (child)
                                     : g_variant_ref (child);
      guint slot;

      if (sim_id_parse (g_variant_get_string (plain, NULL), &slot))
        self->ids |= 1u << slot;
    }
}

/* Nothing but what sim_query_make() makes, and find_many. */
void
sim_query_read (SimQuery *self, VlQuery *query)
{
  gboolean descending;

  *self = (SimQuery){ .g = -1, .order = SIM_ORDER_ID };
  for (guint i = 0; i < vl_query_get_n_conditions (query); i++)
    read_condition (self, query, i);
  if (vl_query_get_n_orders (query) == 0)
    return;

  g_assert_cmpstr (vl_query_get_order (query, 0, &descending), ==, "n");
  self->order = descending ? SIM_ORDER_N_DESCENDING : SIM_ORDER_N;
}

VlQuery *
sim_query_make (const SimQuery *self, guint64 offset, guint limit)
{
  g_autoptr (VlQuery) query = vl_query_new ();

  if (self->g >= 0)
    {
      g_autoptr (VlQuery) all = g_steal_pointer (&query);

      query = vl_query_where (all, "g", VL_OP_EQ, g_variant_new_int64 (self->g));
    }
  if (self->order != SIM_ORDER_ID)
    {
      g_autoptr (VlQuery) unordered = g_steal_pointer (&query);

      query = vl_query_order_by (unordered, "n", self->order == SIM_ORDER_N_DESCENDING);
    }

  return vl_query_window (query, offset, limit);
}

VlRecord *
sim_row_to_record (const SimRow *row, guint slot)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (sim_id (slot));

  vl_record_builder_set_string (builder, "id", sim_id (slot));
  vl_record_builder_set_int64 (builder, "g", row->g);
  vl_record_builder_set_int64 (builder, "n", row->n);
  vl_record_builder_set_int64 (builder, "w", row->w);

  return vl_record_builder_end (builder);
}

void
sim_row_read (SimRow *row, VlRecord *record)
{
  row->exists = TRUE;
  row->g = (gint) vl_record_get_int64 (record, "g");
  row->n = (gint) vl_record_get_int64 (record, "n");
  row->w = (gint) vl_record_get_int64 (record, "w");
}

void
sim_row_patch (SimRow *row, const SimWrite *write)
{
  row->w = write->row.w;
  if (write->sets_g)
    row->g = write->row.g;
  if (write->sets_n)
    row->n = write->row.n;
}

VlPage *
sim_rows_to_page (VlSchema *schema,
                  const SimVersion *version,
                  const guint *slots,
                  guint n_slots,
                  gint64 total)
{
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (schema);

  for (guint i = 0; i < n_slots; i++)
    {
      const SimRow *row = &version->rows[slots[i]];

      vl_page_builder_append_string (builder, sim_id (slots[i]), -1);
      vl_page_builder_append_int64 (builder, row->g);
      vl_page_builder_append_int64 (builder, row->n);
      vl_page_builder_append_int64 (builder, row->w);
      vl_page_builder_end_row (builder);
    }
  vl_page_builder_set_total (builder, total);

  return vl_page_builder_end (builder);
}
