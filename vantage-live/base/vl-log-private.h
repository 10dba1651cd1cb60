/* vl-log-private.h: structured log lines
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Log lines carry structured fields and are built only when somebody listens:
 * G_MESSAGES_DEBUG named the domain or "all" when the first line was due,
 * g_log_set_debug_enabled() was called, or a listener is set. Messages are not
 * translated: they are the fields, `VL_OP` "list" as "op=list". `NULL` ends the
 * list of field name and value (text) pairs, at most 16; a pair whose value is
 * NULL is left out. Record contents go only to _vl_log_detail(), which needs
 * VL_LOG_DETAIL=1 as well; credentials nowhere. */
#define VL_LOG_DOMAIN "vantage-live"

/* Gets these lines instead of GLib, on the thread that writes it. For tests;
 * NULL restores GLib. */
typedef void (*VlLogListener) (const GLogField *fields, gsize n_fields, gpointer user_data);
void _vl_log_set_listener (VlLogListener listener, gpointer user_data);

/* Asked first by those who would have to build the values of a line. */
gboolean _vl_log_enabled (void);
void _vl_log_debug (const char *field, ...) G_GNUC_NULL_TERMINATED;
void _vl_log_detail (const char *field, ...) G_GNUC_NULL_TERMINATED;

/* A misuse worth telling whoever runs the program, for example a second
 * answer to one request. */
void _vl_log_warning (const char *format, ...) G_GNUC_PRINTF (1, 2);

G_END_DECLS
