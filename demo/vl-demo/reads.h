/* reads.h: reads and writes of a live table, timed
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

#include "report.h"
#include "wiring.h"

/* What is in the cache, at once; NULL if that is nothing. */
VlPage *demo_peek_page (DemoWiring *wiring, VlQuery *query, DemoRead *read);
VlRecord *demo_peek_record (DemoWiring *wiring, const char *id, DemoRead *read);

/* Asynchronous; the main loop is turned until the answer is there. */
VlPage *demo_list (DemoWiring *wiring, VlQuery *query, DemoRead *read, GError **error);
/* NULL without an error: there is no such record. */
VlRecord *demo_find (DemoWiring *wiring, const char *id, DemoRead *read, GError **error);

/* A peek and a list, as a user interface would do it, both reported. */
VlPage *demo_read_page (DemoWiring *wiring, VlQuery *query, DemoReport *report, GError **error);

/* FALSE if it failed; what is known is in the write either way. With a journal
 * it is waited for until it is accepted, and if `waits` as long as the master can
 * be reached. */
gboolean demo_write (DemoWiring *wiring,
                     const char *how,
                     VlChange *change,
                     gboolean waits,
                     DemoWrite *write,
                     GError **error);
