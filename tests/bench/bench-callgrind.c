/* bench-callgrind.c: instructions an operation
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Times depend on the machine and on who else is on it; instructions repeat
 * exactly. The program runs itself under callgrind, once with few operations
 * and once with many: the difference is what the operations cost, without what
 * was set up for them.
 */

#include "bench-private.h"

#include <string.h>

#define FEW 100

gboolean
bench_callgrind_is_there (void)
{
  g_autofree char *path = g_find_program_in_path ("valgrind");

  return path != NULL;
}

/* Instructions of a whole process; 0 when it cannot be told. */
static guint64
count (const char *id, const char *side, guint n)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *number = g_strdup_printf ("%u", n);
  g_autofree char *log = NULL;
  const char *argv[] = {
    "valgrind",
    "--tool=callgrind",
    "--callgrind-out-file=/dev/null",
    self,
    "--once",
    id,
    "--side",
    side,
    "--operations",
    number,
    NULL,
  };
  const char *collected;

  if (self == NULL ||
      !g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL,
                     NULL, NULL, NULL, &log, NULL, NULL))
    return 0;

  collected = strstr (log, "Collected :");
  return collected != NULL ? g_ascii_strtoull (collected + strlen ("Collected :"), NULL, 10) : 0;
}

static double
count_an_operation (const BenchCase *bench_case, const char *side)
{
  guint64 few = count (bench_case->id, side, FEW);
  guint64 many = count (bench_case->id, side, FEW + bench_case->n_instructions);

  return few > 0 && many > few ? (double) (many - few) / bench_case->n_instructions : 0;
}

void
bench_callgrind_count (BenchResult *result)
{
  const BenchCase *bench_case = result->bench_case;

  if (bench_case->n_instructions == 0 || result->missing != NULL)
    return;

  result->ours_instructions = count_an_operation (bench_case, "ours");
  if (bench_case->peer.run != NULL)
    result->peer_instructions = count_an_operation (bench_case, "peer");
  result->is_met = bench_result_is_met (result);
}
