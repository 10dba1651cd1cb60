/* debug-log.h: what the library logs, in readable form
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

/* From here on, to the standard error. */
void demo_debug_log_start (void);
