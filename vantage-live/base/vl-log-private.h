/* vl-log-private.h: structured log lines
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Log lines carry structured fields and are built only when somebody listens:
 * G_MESSAGES_DEBUG names the domain, or a writer function was set by
 * _vl_log_set_listener(). Messages are not translated. `NULL` ends the list of
 * field name and value (text) pairs. Record contents go only to
 * _vl_log_detail(), which needs VL_LOG_DETAIL=1 as well; credentials nowhere. */
#define VL_LOG_DOMAIN "vantage-live"

gboolean _vl_log_enabled (void);
void _vl_log_debug (const char *field, ...) G_GNUC_NULL_TERMINATED;
void _vl_log_detail (const char *field, ...) G_GNUC_NULL_TERMINATED;

/* A misuse worth telling whoever runs the program, for example a second
 * answer to one request. */
void _vl_log_warning (const char *format, ...) G_GNUC_PRINTF (1, 2);

G_END_DECLS
