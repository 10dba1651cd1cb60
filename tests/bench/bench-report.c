/* bench-report.c: the results for a terminal and for machines
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench-private.h"

#include <json-glib/json-glib.h>

static void
print_side (const char *who,
            const BenchSide *side,
            double cost,
            double instructions,
            const char *unit)
{
  g_autofree char *words = bench_cost_to_words (cost, unit);

  if (side->run == NULL && side->measure == NULL)
    return;

  g_print ("      %-6s %10s", who, words);
  if (instructions > 0)
    g_print (" %9.0f instructions", instructions);
  g_print ("   %s\n", side->what);
}

static void
print_result (const BenchResult *result)
{
  const BenchCase *bench_case = result->bench_case;
  g_autofree char *bar = bench_bar_to_words (bench_case);
  g_autofree char *miss = bench_miss_to_words (result);

  g_print ("\n%-4s %s\n", bench_case->id, bench_case->title);
  if (result->missing != NULL)
    {
      g_print ("      skipped: %s\n", result->missing);
      return;
    }

  print_side ("ours", &bench_case->ours, result->ours, result->ours_instructions, bench_case->unit);
  print_side ("peer", &bench_case->peer, result->peer, result->peer_instructions, bench_case->unit);
  print_side ("beside", &bench_case->beside, result->beside, 0, NULL);
  if (bench_case->bar == BENCH_PUBLISHED)
    g_print ("      ratio  %.3g\n", result->ratio);
  else
    g_print ("      ratio  %.2f  (%.2f to %.2f)  bar %s: %s\n", result->ratio, result->low,
             result->high, bar, miss != NULL ? miss : "met");
  if (bench_case->note != NULL)
    g_print ("      %s\n", bench_case->note);
  if (miss != NULL && bench_case->when_missed != NULL)
    g_print ("      %s\n", bench_case->when_missed);
}

void
bench_report_print (const BenchReport *report)
{
  guint n_missed = 0;

  for (guint i = 0; i < report->results->len; i++)
    {
      const BenchResult *result = g_ptr_array_index (report->results, i);

      print_result (result);
      n_missed += result->missing == NULL && !result->is_met;
    }
  for (guint i = 0; i < report->lines->len; i++)
    {
      const BenchLine *line = g_ptr_array_index (report->lines, i);

      g_print ("\n%s\n", line->series->name);
      for (guint k = 0; k < line->points->len; k++)
        {
          const BenchPoint *point = &g_array_index (line->points, BenchPoint, k);
          g_autofree char *words = bench_cost_to_words (point->cost, NULL);

          g_print ("      %10.0f %-16s %10s\n", point->size, line->series->size, words);
        }
    }

  if (!report->has_callgrind)
    g_print ("\nInstructions were not counted: valgrind is not installed, or was not asked for.\n");
  if (bench_get_load () > g_get_num_processors () / 2.0)
    g_print ("\nOthers wanted %.1f of the %u processors when this began: what takes two threads"
             " looks worse than it is.\n",
             bench_get_load (), g_get_num_processors ());
  g_print ("\n%u cases, %u of them miss their bar\n", report->results->len, n_missed);
}

static void
add_side (JsonBuilder *json,
          const char *name,
          const BenchSide *side,
          double cost,
          double instructions)
{
  if (side->run == NULL && side->measure == NULL)
    return;

  json_builder_set_member_name (json, name);
  json_builder_begin_object (json);
  json_builder_set_member_name (json, "what");
  json_builder_add_string_value (json, side->what);
  json_builder_set_member_name (json, "cost");
  json_builder_add_double_value (json, cost);
  if (instructions > 0)
    {
      json_builder_set_member_name (json, "instructions");
      json_builder_add_double_value (json, instructions);
    }
  json_builder_end_object (json);
}

static void
add_numbers (JsonBuilder *json, const BenchResult *result)
{
  const BenchCase *bench_case = result->bench_case;

  json_builder_set_member_name (json, "unit");
  json_builder_add_string_value (json, bench_case->unit != NULL ? bench_case->unit : "ns");
  add_side (json, "ours", &bench_case->ours, result->ours, result->ours_instructions);
  add_side (json, "peer", &bench_case->peer, result->peer, result->peer_instructions);
  add_side (json, "beside", &bench_case->beside, result->beside, 0);
  json_builder_set_member_name (json, "ratio");
  json_builder_add_double_value (json, result->ratio);
  json_builder_set_member_name (json, "quartiles");
  json_builder_begin_array (json);
  json_builder_add_double_value (json, result->low);
  json_builder_add_double_value (json, result->high);
  json_builder_end_array (json);
  json_builder_set_member_name (json, "rounds");
  json_builder_add_int_value (json, result->n_rounds);
  json_builder_set_member_name (json, "met");
  if (bench_case->bar == BENCH_PUBLISHED)
    json_builder_add_null_value (json);
  else
    json_builder_add_boolean_value (json, result->is_met);
}

static void
add_result (JsonBuilder *json, const BenchResult *result)
{
  g_autofree char *bar = bench_bar_to_words (result->bench_case);

  json_builder_begin_object (json);
  json_builder_set_member_name (json, "id");
  json_builder_add_string_value (json, result->bench_case->id);
  json_builder_set_member_name (json, "title");
  json_builder_add_string_value (json, result->bench_case->title);
  json_builder_set_member_name (json, "bar");
  json_builder_add_string_value (json, bar);
  if (result->missing != NULL)
    {
      json_builder_set_member_name (json, "skipped");
      json_builder_add_string_value (json, result->missing);
    }
  else
    add_numbers (json, result);
  json_builder_end_object (json);
}

static void
add_line (JsonBuilder *json, const BenchLine *line)
{
  json_builder_begin_object (json);
  json_builder_set_member_name (json, "name");
  json_builder_add_string_value (json, line->series->name);
  json_builder_set_member_name (json, "size");
  json_builder_add_string_value (json, line->series->size);
  json_builder_set_member_name (json, "points");
  json_builder_begin_array (json);
  for (guint i = 0; i < line->points->len; i++)
    {
      const BenchPoint *point = &g_array_index (line->points, BenchPoint, i);

      json_builder_begin_array (json);
      json_builder_add_double_value (json, point->size);
      json_builder_add_double_value (json, point->cost);
      json_builder_end_array (json);
    }
  json_builder_end_array (json);
  json_builder_end_object (json);
}

char *
bench_report_to_json (const BenchReport *report)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (json);
  json_builder_set_member_name (json, "processor");
  json_builder_add_string_value (json, bench_processor_name ());
  json_builder_set_member_name (json, "cases");
  json_builder_begin_array (json);
  for (guint i = 0; i < report->results->len; i++)
    add_result (json, g_ptr_array_index (report->results, i));
  json_builder_end_array (json);
  json_builder_set_member_name (json, "series");
  json_builder_begin_array (json);
  for (guint i = 0; i < report->lines->len; i++)
    add_line (json, g_ptr_array_index (report->lines, i));
  json_builder_end_array (json);
  json_builder_end_object (json);
  root = json_builder_get_root (json);

  return json_to_string (root, TRUE);
}
