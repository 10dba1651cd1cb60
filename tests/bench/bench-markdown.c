/* bench-markdown.c: the results as a page of the documentation
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench-private.h"

char *
bench_report_to_markdown (const BenchReport *report, const char *picture)
{
  return g_strdup ("");
}
