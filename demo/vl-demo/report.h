/* report.h: what a command prints, as text or as one JSON object
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

#include "options.h"

typedef enum
{
  DEMO_OUTCOME_NOTHING, /* a peek that found no copy */
  DEMO_OUTCOME_HIT,
  DEMO_OUTCOME_STALE, /* a copy, flagged as perhaps out of date */
  DEMO_OUTCOME_MISS,  /* the master was asked */
} DemoOutcome;

/* One read, and how it went. */
typedef struct
{
  const char *how; /* peek, list, get, count */
  DemoOutcome outcome;
  gboolean is_stale;  /* also of what came from the master, when overtaken */
  gint64 age;         /* microseconds since the master was asked; -1 = unknown */
  double time;        /* microseconds that it took */
  gboolean to_master; /* the master was asked */
  guint latency;      /* milliseconds of the simulated network, 0 = none */
} DemoRead;

/* One write, and how it went. */
typedef struct
{
  const char *how; /* add, patch, delete */
  char *id;
  GString *states;  /* queued, sent, applied: those it went through */
  double call_time; /* microseconds until the call returned */
  double time;      /* microseconds until it was settled */
  VlRecord *record; /* as stored; NULL if the master does not tell */
  gboolean is_left; /* accepted, and not waited for any longer */
  guint latency;
} DemoWrite;

void demo_write_clear (DemoWrite *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DemoWrite, demo_write_clear)

typedef enum
{
  DEMO_STYLE_PLAIN,
  DEMO_STYLE_BOLD,
  DEMO_STYLE_DIM,
  DEMO_STYLE_GOOD,
  DEMO_STYLE_WARN,
  DEMO_STYLE_BAD,
} DemoStyle;

typedef struct _DemoReport DemoReport;

DemoReport *demo_report_new (const DemoOptions *options);
void demo_report_free (DemoReport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DemoReport, demo_report_free)

gboolean demo_report_is_json (DemoReport *self);
/* Members of the JSON object that only one command has. */
GString *demo_report_get_json (DemoReport *self);

/* Text only: a line, or a paragraph. */
void demo_report_say (DemoReport *self, DemoStyle style, const char *format, ...)
  G_GNUC_PRINTF (3, 4);
/* A numbered heading with an explanation; in JSON the reads and writes after it
 * carry its number. */
void demo_report_step (DemoReport *self, const char *title, const char *explanation);

void demo_report_read (DemoReport *self, const DemoRead *read);
void demo_report_write (DemoReport *self, const DemoWrite *write);
/* Rows, in the order of the schema's columns; JSON: the records. */
void demo_report_page (DemoReport *self, VlSchema *schema, VlPage *page, VlQuery *query);
void demo_report_record (DemoReport *self, VlSchema *schema, VlRecord *record);
/* Names and values. */
void demo_report_pairs (DemoReport *self, const char *const *pairs);

/* A line on standard error that replaces itself on a terminal; otherwise one
 * now and then. */
void demo_report_progress (DemoReport *self, const char *what, guint64 done, guint64 total);
void demo_report_progress_end (DemoReport *self);

/* JSON: prints the object. FALSE if the output could not be written. */
gboolean demo_report_finish (DemoReport *self, GError **error);

/* "52.1 ms", "0.84 µs". */
char *demo_format_time (double microseconds);
/* With thousands apart: "5,127". */
char *demo_format_count (guint64 count);
/* A field as it is shown. */
char *demo_format_field (VlRecord *record, const char *field);
