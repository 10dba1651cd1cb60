/* options.h: what the command line says
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

/* Failures whose messages name their file themselves. */
#define DEMO_ERROR (demo_error_quark ())

GQuark demo_error_quark (void);

/* What a script can rely on. */
#define DEMO_EXIT_OK     0
#define DEMO_EXIT_FAILED 1
#define DEMO_EXIT_USAGE  2

typedef enum
{
  DEMO_COMMAND_SEED,
  DEMO_COMMAND_LIST,
  DEMO_COMMAND_GET,
  DEMO_COMMAND_ADD,
  DEMO_COMMAND_WRITE,
  DEMO_COMMAND_PATCH,
  DEMO_COMMAND_DELETE,
  DEMO_COMMAND_WRITES,
  DEMO_COMMAND_EVENT_THEN_LIST,
  DEMO_COMMAND_INFO,
  DEMO_COMMAND_WATCH,
  DEMO_COMMAND_STATS,
  DEMO_COMMAND_CLEAR,
  DEMO_COMMAND_TOUR,
} DemoCommand;

typedef enum
{
  DEMO_CACHE_FOLDER,
  DEMO_CACHE_MEMORY,
  DEMO_CACHE_NONE,
} DemoCache;

typedef struct
{
  const char *program; /* how this program was started */
  DemoCommand command;
  const char *command_name;
  char **arguments; /* what follows the command */
  guint n_arguments;

  char *master; /* path of the database file */
  char *table;  /* NULL = the command's own */
  DemoCache cache;
  char *folder;         /* of the cache; NULL = the user's */
  gboolean has_latency; /* it was given */
  guint latency;        /* milliseconds */
  double error_rate;    /* from 0 to 1 */
  guint64 seed;
  gboolean offline;
  guint max_age; /* milliseconds, 0 = none */
  gboolean fresh;
  gboolean debug;
  gboolean json;
  char *journal; /* path, NULL = none */
  gboolean no_wait;

  gint64 rows; /* -1 = not given */
  char *import;
  guint64 page; /* from 1 */
  guint limit;
  gboolean has_limit; /* it was given */
  char **where;
  char **order;
  char *search;
  guint repeat; /* 0 = not given */
  char *id;
} DemoOptions;

typedef enum
{
  DEMO_PARSE_GO,
  DEMO_PARSE_DONE, /* help or version were asked for, and printed */
  DEMO_PARSE_FAILED,
} DemoParse;

/* Failures are of the domain G_OPTION_ERROR. */
DemoParse demo_options_parse (DemoOptions *self, int argc, char **argv, GError **error);
void demo_options_clear (DemoOptions *self);
