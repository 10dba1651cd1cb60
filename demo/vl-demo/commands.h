/* commands.h: what each command does
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

#include "options.h"
#include "report.h"
#include "wiring.h"

/* Each reports what it did, and is FALSE with an error when it failed. */
gboolean demo_seed (const DemoOptions *options, DemoReport *report, GError **error);
gboolean demo_list_command (const DemoOptions *options, DemoReport *report, GError **error);
gboolean demo_get_command (const DemoOptions *options, DemoReport *report, GError **error);
gboolean demo_add_command (const DemoOptions *options, DemoReport *report, GError **error);
gboolean demo_patch_command (const DemoOptions *options, DemoReport *report, GError **error);
gboolean demo_replace_command (const DemoOptions *options, DemoReport *report, GError **error);
gboolean demo_writes_command (const DemoOptions *options, DemoReport *report, GError **error);
gboolean demo_delete_command (const DemoOptions *options, DemoReport *report, GError **error);
gboolean demo_event_command (const DemoOptions *options, DemoReport *report, GError **error);
gboolean demo_stats_command (const DemoOptions *options, DemoReport *report, GError **error);
gboolean demo_watch_command (const DemoOptions *options, DemoReport *report, GError **error);
gboolean demo_clear_command (const DemoOptions *options, DemoReport *report, GError **error);
gboolean demo_tour (const DemoOptions *options, DemoReport *report, GError **error);

/* Makes a change, which it takes, and reports what came of it. */
gboolean demo_run_write (DemoWiring *wiring,
                         const DemoOptions *options,
                         VlChange *change,
                         DemoReport *report,
                         GError **error);

/* Counters of a live table with what they count. */
void demo_report_stats (DemoWiring *wiring, DemoReport *report);
