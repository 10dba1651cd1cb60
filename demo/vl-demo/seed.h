/* seed.h: fills a table
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "report.h"
#include "source.h"
#include "wiring.h"

/* Replaces the rows of the table, which is made if there is none, by those of
 * the source, through the live table. The wiring is connected then. */
gboolean demo_seed_fill (DemoWiring *wiring,
                         DemoSource *source,
                         DemoReport *report,
                         GError **error);
