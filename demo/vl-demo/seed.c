/* seed.c: fills a table
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "seed.h"

#include "commands.h"
#include "json-writer.h"

/* Rows written at once: one transaction. */
#define BATCH 500

/* Somebody else's table is not emptied by mistake: one with just these columns
 * was made here. */
static gboolean
check_columns (DemoWiring *wiring, DemoSource *source, GError **error)
{
  guint n_columns = vl_schema_get_n_columns (wiring->schema);
  gboolean same = n_columns == vl_schema_get_n_columns (source->schema);

  for (guint i = 0; same && i < n_columns; i++)
    same = vl_schema_has_column (source->schema, vl_schema_get_column_name (wiring->schema, i));
  if (same)
    return TRUE;

  g_set_error (error, VL_ERROR, VL_ERROR_CONFLICT,
               "There is a table %s with other columns, which seed does not touch; "
               "name another with --table",
               wiring->table_name);

  return FALSE;
}

static GListModel *
make_changes (DemoSource *source, guint64 first)
{
  GListStore *changes = g_list_store_new (VL_TYPE_CHANGE);
  guint64 end = MIN (source->n_rows, first + BATCH);

  for (guint64 i = first; i < end; i++)
    {
      g_autoptr (VlRecord) record = source->make (source, i);
      g_autoptr (VlChange) change = vl_change_new_insert (record);

      g_list_store_append (changes, change);
    }

  return G_LIST_MODEL (changes);
}

static gboolean
check_outcomes (GListModel *outcomes, GError **error)
{
  for (guint i = 0; i < g_list_model_get_n_items (outcomes); i++)
    {
      g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, i);
      const GError *failure = vl_outcome_get_error (outcome);

      if (failure != NULL)
        {
          g_propagate_error (error, g_error_copy (failure));
          return FALSE;
        }
    }

  return TRUE;
}

static gboolean
fill (DemoWiring *wiring, DemoSource *source, DemoReport *report, GError **error)
{
  VlTable *table = VL_TABLE (wiring->live);

  for (guint64 i = 0; i < source->n_rows; i += BATCH)
    {
      g_autoptr (GListModel) changes = make_changes (source, i);
      g_autoptr (GListModel) outcomes = NULL;

      demo_report_progress (report, source->description, i, source->n_rows);
      outcomes = vl_table_apply_many_sync (table, changes, NULL, error);
      if (outcomes == NULL || !check_outcomes (outcomes, error))
        return FALSE;
    }
  demo_report_progress_end (report);

  return TRUE;
}

gboolean
demo_seed_fill (DemoWiring *wiring, DemoSource *source, DemoReport *report, GError **error)
{
  if (!demo_wiring_connect (wiring, error) || !check_columns (wiring, source, error))
    return FALSE;

  vl_live_table_clear (wiring->live);
  if (!vl_table_delete_all_sync (VL_TABLE (wiring->live), NULL, NULL, error))
    return FALSE;

  return fill (wiring, source, report, error);
}

gboolean
demo_seed (const DemoOptions *options, DemoReport *report, GError **error)
{
  g_autoptr (DemoSource) source = demo_source_new (options, error);
  g_autoptr (DemoWiring) wiring = NULL;
  g_autofree char *count = NULL;
  g_autofree char *time = NULL;
  double begin = demo_now ();

  if (source == NULL)
    return FALSE;

  /* Setting the stage is no part of the play: no network, unless asked for. */
  wiring = demo_wiring_new (options, source->table_name, source->schema,
                            options->has_latency ? options->latency : 0);
  if (!demo_seed_fill (wiring, source, report, error))
    return FALSE;

  demo_wiring_introduce (wiring, options, report);
  if (demo_report_is_json (report))
    demo_json_add_int (demo_report_get_json (report), "seeded", (gint64) source->n_rows);
  count = demo_format_count (source->n_rows);
  time = demo_format_time (demo_now () - begin);
  demo_report_say (report, DEMO_STYLE_PLAIN, "%s %s, in %s.", count, source->description, time);

  return TRUE;
}
