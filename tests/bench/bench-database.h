/* bench-database.h: an SQLite file with the table of the benchmarks
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

/* `n_rows` products with the keys 1, 2, 3 and so on. */
void bench_database_make (const char *path, guint n_rows);
