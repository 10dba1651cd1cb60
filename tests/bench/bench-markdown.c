/* bench-markdown.c: the results as a page of the documentation
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench-private.h"

#include <sqlite3.h>
#include <string.h>

static void
add_cost (GString *page, const BenchSide *side, double cost, double instructions, const char *unit)
{
  g_autofree char *words = bench_cost_to_words (cost, unit);

  if (side->run == NULL && side->measure == NULL)
    {
      g_string_append (page, " | –");
      return;
    }

  g_string_append_printf (page, " | %s", words);
  if (instructions > 0)
    g_string_append_printf (page, "<br>%.0f instr.", instructions);
}

static const char *
verdict (const BenchResult *result)
{
  if (result->bench_case->bar == BENCH_PUBLISHED)
    return "–";

  return result->is_met ? "met" : "**missed**";
}

static void
add_row (GString *page, const BenchResult *result)
{
  const BenchCase *bench_case = result->bench_case;
  g_autofree char *bar = bench_bar_to_words (bench_case);

  g_string_append_printf (page, "| %s | %s", bench_case->id, bench_case->title);
  if (result->missing != NULL)
    {
      g_string_append_printf (page, " | – | – | – | %s | skipped: %s |\n", bar, result->missing);
      return;
    }

  add_cost (page, &bench_case->ours, result->ours, result->ours_instructions, bench_case->unit);
  add_cost (page, &bench_case->peer, result->peer, result->peer_instructions, bench_case->unit);
  if (bench_case->bar == BENCH_PUBLISHED)
    g_string_append_printf (page, " | %.2g", result->ratio);
  else
    g_string_append_printf (page, " | **%.*f**", result->ratio < 100 ? 2 : 0, result->ratio);
  g_string_append_printf (page, " | %s | %s |\n", bar, verdict (result));
}

static void
add_side_note (GString *page, const char *who, const BenchSide *side)
{
  if (side->run != NULL || side->measure != NULL)
    g_string_append_printf (page, "; %s: %s", who, side->what);
}

/* What the two sides are, point by point. */
static void
add_notes (GString *page, const BenchResult *result)
{
  const BenchCase *bench_case = result->bench_case;
  g_autofree char *miss = bench_miss_to_words (result);
  g_autofree char *beside = NULL;

  g_string_append_printf (page, "- **%s** ours: %s", bench_case->id, bench_case->ours.what);
  add_side_note (page, "peer", &bench_case->peer);
  if (result->missing == NULL &&
      (bench_case->beside.run != NULL || bench_case->beside.measure != NULL))
    {
      beside = bench_cost_to_words (result->beside, NULL);
      g_string_append_printf (page, "; measured beside: %s, %s", bench_case->beside.what, beside);
    }
  g_string_append (page, ".");
  if (bench_case->note != NULL)
    g_string_append_printf (page, " %s", bench_case->note);
  if (miss != NULL)
    {
      if (miss[0] != '\0')
        miss[0] = g_ascii_toupper (miss[0]);
      g_string_append_printf (page, " *%s.*", miss);
      if (bench_case->when_missed != NULL)
        g_string_append_printf (page, " %s", bench_case->when_missed);
    }
  g_string_append (page, "\n");
}

static void
add_growth (GString *page, const BenchReport *report, const char *picture)
{
  if (report->lines->len == 0)
    return;

  g_string_append (page, "\n## How costs grow\n\n");
  if (picture != NULL)
    g_string_append_printf (page,
                            "![Costs against the work, both logarithmic: the lines are level or "
                            "straight](%s)\n\n",
                            picture);
  for (guint i = 0; i < report->lines->len; i++)
    {
      const BenchLine *line = g_ptr_array_index (report->lines, i);

      g_string_append_printf (page, "- %s, by %s:", line->series->name, line->series->size);
      for (guint k = 0; k < line->points->len; k++)
        {
          const BenchPoint *point = &g_array_index (line->points, BenchPoint, k);
          g_autofree char *cost = bench_cost_to_words (point->cost, NULL);
          g_autofree char *size = bench_count_to_words ((guint) point->size);

          g_string_append_printf (page, "%s %s at %s", k > 0 ? "," : "", cost, size);
        }
      g_string_append (page, "\n");
    }
}

static void
add_head (GString *page, const BenchReport *report)
{
  g_string_append_printf (
    page,
    "# What it costs\n\n"
    "This page was written by `meson compile -C build bench-page`; `meson compile -C build bench`\n"
    "prints the same on a terminal. Configure with `--buildtype=release` before you compare. "
    "Other\n"
    "libraries are measured where they are installed: `libgom-1.0-dev`, `libgda-5.0-dev`,\n"
    "`libebackend1.2-dev`, and `@tanstack/query-core` for Node, which `NODE_PATH` leads to.\n\n"
    "Each point of the table has two sides, which do the same work: ours, and a peer that is as\n"
    "near to the bare cost as can be. They take turns within one process, now one first and now\n"
    "the other, %u rounds or more; the ratio, ours to the peer's, is the median of those of the\n"
    "rounds, and where the bar is “≥” it is the peer's to ours. Where\n"
    "nothing waits and one thread does all the work, the time is what the processor gave to that\n"
    "thread, else that of the clock on the wall, which a busy machine makes swing. Instructions\n"
    "were counted by callgrind, and repeat. A bar that is missed is said below, with the reason\n"
    "and what would close it.\n\n"
    "Measured on %s, %u processors that were wanted by %.1f others, with GLib %u.%u.%u and\n"
    "SQLite %s.\n\n",
    report->n_rounds, bench_processor_name (), g_get_num_processors (), bench_get_load (),
    glib_major_version, glib_minor_version, glib_micro_version, sqlite3_libversion ());
}

static void
count_verdicts (const BenchReport *report, guint *n_bars, guint *n_missed)
{
  for (guint i = 0; i < report->results->len; i++)
    {
      const BenchResult *result = g_ptr_array_index (report->results, i);

      if (result->missing != NULL || result->bench_case->bar == BENCH_PUBLISHED)
        continue;
      *n_bars += 1;
      *n_missed += !result->is_met;
    }
}

char *
bench_report_to_markdown (const BenchReport *report, const char *picture)
{
  g_autoptr (GString) page = g_string_new (NULL);
  guint n_bars = 0;
  guint n_missed = 0;

  add_head (page, report);
  count_verdicts (report, &n_bars, &n_missed);
  g_string_append_printf (page, "%u bars, %u of them met.\n\n", n_bars, n_bars - n_missed);
  g_string_append (page, "| | | ours | peer | ratio | bar | |\n|---|---|---:|---:|---:|---|---|\n");
  for (guint i = 0; i < report->results->len; i++)
    add_row (page, g_ptr_array_index (report->results, i));
  g_string_append (page, "\n## What was compared\n\n");
  for (guint i = 0; i < report->results->len; i++)
    add_notes (page, g_ptr_array_index (report->results, i));
  add_growth (page, report, picture);

  return g_string_free (g_steal_pointer (&page), FALSE);
}

char *
bench_report_to_figures (const BenchReport *report)
{
  g_autoptr (GString) page = g_string_new ("| | takes | compared with | which takes |\n"
                                           "|---|---:|---|---:|\n");

  for (guint i = 0; i < report->results->len; i++)
    {
      const BenchResult *result = g_ptr_array_index (report->results, i);
      const BenchCase *bench_case = result->bench_case;
      g_autofree char *ours = bench_cost_to_words (result->ours, bench_case->unit);
      g_autofree char *peer = bench_cost_to_words (result->peer, bench_case->unit);

      if (bench_case->figure != NULL && result->missing == NULL)
        g_string_append_printf (page, "| %s | %s | %s | %s |\n", bench_case->figure, ours,
                                bench_case->peer.what, peer);
    }

  return g_string_free (g_steal_pointer (&page), FALSE);
}
