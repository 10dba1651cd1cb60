/* wiring.h: a live table over an SQLite file, as the options say
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

#include "options.h"
#include "report.h"

typedef struct
{
  char *path;
  char *table_name;
  VlTable *sqlite;
  VlFaultTable *network; /* in front of it; NULL without latency */
  VlTable *master;       /* one of the two */
  VlCache *cache;
  VlLiveTable *live;
  VlSchema *schema;  /* once connected */
  gboolean has_left; /* writes for the next run: nobody waits for them */

  /* A record does not say when it was fetched: the last one found that was not
   * cached, and when. Microseconds since the epoch. */
  char *found_id;
  gint64 found_at;
} DemoWiring;

/* The table, unless another is named. */
#define DEMO_TABLE "products"

/* With a schema to make the table by, or NULL for one that is there. */
DemoWiring *demo_wiring_new (const DemoOptions *options,
                             const char *table_name,
                             VlSchema *create,
                             guint latency);
/* Asks the master what it is. */
gboolean demo_wiring_connect (DemoWiring *self, GError **error);
/* Both. */
DemoWiring *demo_wiring_open (const DemoOptions *options, GError **error);
/* Turns the main loop until the cache has put away what it was given, so that
 * what is shown next does not depend on how quick the disk is. */
void demo_wiring_settle (DemoWiring *self);
/* With a journal: leaves what is not done to the next run, in good order. */
gboolean demo_wiring_leave (DemoWiring *self, GError **error);
/* Gives the cache the time to keep what it was given, and lets it go, and all
 * that uses it. */
void demo_wiring_close (DemoWiring *self);
void demo_wiring_free (DemoWiring *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DemoWiring, demo_wiring_free)

guint demo_wiring_get_latency (DemoWiring *self);
/* Seen by every command first: which table, behind what. */
void demo_wiring_introduce (DemoWiring *self, const DemoOptions *options, DemoReport *report);
gboolean demo_wiring_info (const DemoOptions *options, DemoReport *report, GError **error);

/* Turns the main loop until it is so. */
void demo_wait (const gboolean *done);
/* For GAsyncReadyCallback: keeps the result and ends demo_wait(). */
typedef struct
{
  gboolean done;
  GAsyncResult *result;
} DemoAnswer;

void demo_answer_take (GObject *source, GAsyncResult *result, gpointer user_data);
void demo_answer_clear (DemoAnswer *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DemoAnswer, demo_answer_clear)

/* How the user calls this program, and a word as the shell takes it. */
const char *demo_program_name (void);
char *demo_shell_word (const char *text);

/* Microseconds, with fractions. */
double demo_now (void);
