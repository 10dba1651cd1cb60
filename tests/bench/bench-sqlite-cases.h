/* bench-sqlite-cases.h: what is measured against SQLite used directly
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

/* One round of one side: nanoseconds for each of its operations. */
typedef double (*SqliteSide) (gpointer data);

typedef struct
{
  const char *name;
  gpointer (*setup) (void); /* compares the results of both sides, too */
  void (*teardown) (gpointer data);
  SqliteSide ours;
  SqliteSide peer;
  SqliteSide beside; /* what is granted beside the ratio, or NULL */
  double bar;        /* at most; for one that has to be faster, at most the inverse */
} SqliteCase;

extern const SqliteCase sqlite_cases[];
extern const guint n_sqlite_cases;
