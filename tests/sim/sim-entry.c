/* sim-entry.c: whether what a cache holds is what the master had
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sim.h"

/* What a key of an entry asks for. */
typedef struct
{
  SimQuery query;
  gboolean is_record;
  gboolean is_count;
  guint slot;
  guint size; /* 0 = all */
  guint first;
} Entry;

static gboolean
entry_read (Entry *self, const char *key)
{
  g_auto (GStrv) parts = g_strsplit (key, "/", -1);
  guint n_parts = g_strv_length (parts);
  g_autofree char *plain = n_parts > 1 ? g_uri_unescape_string (parts[1], NULL) : NULL;
  g_autoptr (VlQuery) query = NULL;

  *self = (Entry){ 0 };
  if (plain == NULL)
    return FALSE;

  self->is_record = n_parts == 2 && g_str_equal (parts[0], "id");
  self->is_count = n_parts == 2 && g_str_equal (parts[0], "n");
  if (self->is_record)
    return sim_id_parse (plain, &self->slot);
  if (!self->is_count && (n_parts != 4 || !g_str_equal (parts[0], "q")))
    return FALSE;

  query = vl_query_parse (plain, NULL);
  if (query == NULL)
    return FALSE;
  sim_query_read (&self->query, query);
  if (!self->is_count)
    {
      self->size = (guint) g_ascii_strtoull (parts[2], NULL, 10);
      self->first = self->size * (guint) g_ascii_strtoull (parts[3], NULL, 10);
    }

  return TRUE;
}

static gboolean
is_row (VlPage *page, guint i, guint slot, const SimRow *expected)
{
  g_autoptr (VlRecord) record = vl_page_get_record (page, i);
  SimRow row = { 0 };
  guint other;

  sim_row_read (&row, record);

  return sim_id_parse (vl_record_get_id (record), &other) && other == slot && expected->exists &&
         row.w == expected->w && row.g == expected->g && row.n == expected->n;
}

static gboolean
is_version (Sim *sim, const Entry *entry, VlPage *page, guint version)
{
  const SimVersion *state = sim_data_peek (sim->data, version);
  guint n_rows = vl_page_get_n_records (page);
  guint slots[SIM_N_IDS];
  guint n_slots;
  guint first;
  guint end;

  if (entry->is_record)
    return state->rows[entry->slot].exists == (n_rows == 1) &&
           (n_rows == 0 || is_row (page, 0, entry->slot, &state->rows[entry->slot]));

  n_slots = sim_data_select (sim->data, version, &entry->query, slots);
  if (entry->is_count)
    return vl_page_get_total (page) == (gint64) n_slots;

  first = MIN (entry->first, n_slots);
  end = entry->size > 0 ? MIN (first + entry->size, n_slots) : n_slots;
  if (end - first != n_rows)
    return FALSE;
  for (guint i = 0; i < n_rows; i++)
    {
      if (!is_row (page, i, slots[first + i], &state->rows[slots[first + i]]))
        return FALSE;
    }

  return TRUE;
}

/* Under surgical invalidation what was told is laid over it and stored. */
static gboolean
is_mixed (Sim *sim, const Entry *entry, VlPage *page, guint oldest)
{
  return sim->config.surgical != 0 && !entry->is_record && !entry->is_count &&
         sim_mixed_is_entry (sim, &entry->query, page, entry->first, entry->size, oldest);
}

/* Whether the master had it in a version no older than `oldest`. What is not
 * of the master is of any. */
gboolean
sim_entry_is_of (Sim *sim, const char *key, VlPage *page, guint oldest)
{
  Entry entry;

  if (g_str_equal (key, "schema") || g_str_equal (key, "position") ||
      g_str_has_prefix (key, "probe/"))
    return TRUE;
  if (!entry_read (&entry, key))
    {
      sim_fail (sim, "the cache has an entry “%s”", key);
      return TRUE;
    }

  for (guint version = sim_data_get_version (sim->data);; version--)
    {
      if (is_version (sim, &entry, page, version))
        return TRUE;
      if (version <= oldest)
        return is_mixed (sim, &entry, page, oldest);
    }
}
