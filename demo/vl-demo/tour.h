/* tour.h: what the steps of the tour share
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "commands.h"
#include "reads.h"

typedef struct
{
  const DemoOptions *options;
  DemoReport *report;
  DemoWiring *wiring;
  VlLiveStream *stream; /* of events from elsewhere */
  VlQuery *query;       /* the first records */
  char *id;             /* of the first record */
  const char *column;   /* with text, of the schema; NULL = none */
  char *text;           /* what the first record has there */

  /* Microseconds, for the end. */
  double miss_time;
  double hit_time;
  double peek_time;
  double call_time;
  double write_time;
} DemoTour;

/* Each is a step, with its heading. */
gboolean demo_tour_miss (DemoTour *self, GError **error);
gboolean demo_tour_hit (DemoTour *self, GError **error);
gboolean demo_tour_queries (DemoTour *self, GError **error);
gboolean demo_tour_record (DemoTour *self, GError **error);
gboolean demo_tour_joins (DemoTour *self, GError **error);
gboolean demo_tour_write (DemoTour *self, GError **error);
gboolean demo_tour_own_write (DemoTour *self, GError **error);
gboolean demo_tour_event (DemoTour *self, GError **error);
gboolean demo_tour_other_program (DemoTour *self, GError **error);
gboolean demo_tour_refused (DemoTour *self, GError **error);
gboolean demo_tour_offline (DemoTour *self, GError **error);
/* The last one: the live table is gone after it. */
gboolean demo_tour_restart (DemoTour *self, GError **error);
