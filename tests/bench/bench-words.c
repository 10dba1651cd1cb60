/* bench-words.c: numbers as people read them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench-private.h"

#include <stdlib.h>
#include <string.h>

char *
bench_cost_to_words (double cost, const char *unit)
{
  static const char *const units[] = { "ns", "µs", "ms", "s" };
  guint i = 0;

  if (unit != NULL)
    return g_strdup_printf ("%.*f %s", cost < 10 && cost != (int) cost ? 2 : 0, cost, unit);

  while (cost >= 1000 && i + 1 < G_N_ELEMENTS (units))
    {
      cost /= 1000;
      i++;
    }

  return g_strdup_printf ("%.*f %s", cost < 10 ? 2 : cost < 100 ? 1 : 0, cost, units[i]);
}

char *
bench_count_to_words (guint count)
{
  if (count >= 1000000)
    return g_strdup_printf ("%u,%03u,%03u", count / 1000000, count / 1000 % 1000, count % 1000);
  if (count >= 1000)
    return g_strdup_printf ("%u,%03u", count / 1000, count % 1000);

  return g_strdup_printf ("%u", count);
}

char *
bench_bar_to_words (const BenchCase *bench_case)
{
  g_autoptr (GString) words = g_string_new (NULL);

  switch (bench_case->bar)
    {
    case BENCH_AT_MOST:
      g_string_append_printf (words, "≤ %g", bench_case->limit);
      break;
    case BENCH_AT_LEAST:
      g_string_append_printf (words, "≥ %g", bench_case->limit);
      break;
    case BENCH_EXACTLY:
      g_string_append_printf (words, "= %g", bench_case->limit);
      break;
    case BENCH_PUBLISHED:
    default:
      g_string_append (words, "none");
      break;
    }
  if (bench_case->n_besides == 1)
    g_string_append_printf (words, " + %s", bench_case->beside.what);
  else if (bench_case->n_besides > 0)
    g_string_append_printf (words, " + %g × %s", bench_case->n_besides, bench_case->beside.what);
  if (bench_case->max_instructions > 0)
    g_string_append_printf (words, ", ≤ %u instructions", bench_case->max_instructions);

  return g_string_free (g_steal_pointer (&words), FALSE);
}

char *
bench_miss_to_words (const BenchResult *result)
{
  const BenchCase *bench_case = result->bench_case;
  g_autoptr (GString) words = g_string_new (NULL);
  double limit = bench_case->limit;

  if (result->missing != NULL || result->is_met)
    return NULL;

  if ((bench_case->bar == BENCH_AT_MOST && result->ratio > limit) ||
      (bench_case->bar == BENCH_AT_LEAST && result->ratio < limit))
    g_string_append_printf (words, "missed by %.0f %%", 100 * ABS (result->ratio - limit) / limit);
  else if (bench_case->bar == BENCH_EXACTLY && result->ratio != limit)
    g_string_append_printf (words, "missed: %g instead of %g", result->ratio, limit);
  if (bench_case->max_instructions > 0 &&
      result->ours_instructions > (double) bench_case->max_instructions)
    g_string_append_printf (words, "%s%.0f instructions too many",
                            words->len > 0 ? ", " : "missed: ",
                            result->ours_instructions - bench_case->max_instructions);

  return g_string_free (g_steal_pointer (&words), FALSE);
}

double
bench_get_load (void)
{
  static double load = -1;

  if (load < 0 && getloadavg (&load, 1) != 1)
    load = 0;

  return load;
}

const char *
bench_processor_name (void)
{
  static char *name;
  g_autofree char *info = NULL;
  char *found;

  if (name != NULL)
    return name;

  if (g_file_get_contents ("/proc/cpuinfo", &info, NULL, NULL) &&
      (found = strstr (info, "model name")) != NULL && (found = strchr (found, ':')) != NULL)
    name = g_strstrip (g_strndup (found + 1, strcspn (found + 1, "\n")));
  else
    name = g_strdup ("an unknown processor");

  return name;
}
