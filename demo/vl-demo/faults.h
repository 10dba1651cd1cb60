/* faults.h: what is wrong with the simulated network
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

#include "options.h"

/* Whether the options say that anything is. */
gboolean demo_faults_are_wanted (const DemoOptions *options);
void demo_faults_set (VlFaultTable *network, const DemoOptions *options);

/* For people, after what the network is like: ", down", or "". */
char *demo_faults_describe (VlFaultTable *network);
/* `network` may be NULL. */
void demo_faults_add_json (VlFaultTable *network, GString *json);

/* What to do about an error that is likely to be their doing, or NULL. */
const char *demo_faults_advise (const DemoOptions *options, const GError *error);
