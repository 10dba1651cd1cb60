/* peer.h: a program that another library is measured in
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The runner writes "OPERATION N" and reads back how many nanoseconds N of them
 * took, and how many rows the last one gave: so that both sides take turns. */

typedef struct
{
  const char *name;
  guint (*run) (guint n); /* the rows of the last one */
} PeerOperation;

static inline gint64
peer_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (gint64) now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

static inline void
peer_serve (const PeerOperation *operations, guint n_operations)
{
  char name[32];
  guint n;

  while (scanf ("%31s %u", name, &n) == 2)
    {
      for (guint i = 0; i < n_operations; i++)
        {
          gint64 begin = peer_now ();
          guint n_rows;

          if (strcmp (operations[i].name, name) != 0)
            continue;
          n_rows = operations[i].run (n);
          printf ("%" G_GINT64_FORMAT " %u\n", peer_now () - begin, n_rows);
          fflush (stdout);
        }
    }
}
