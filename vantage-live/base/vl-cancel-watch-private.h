/* vl-cancel-watch-private.h: hears at home that a cancellable has fired
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What g_cancellable_source_new() would do, but that a source which is
 * destroyed while the cancellable fires on another thread leaks (seen with
 * GLib 2.74). */
typedef struct _VlCancelWatch VlCancelWatch;

typedef void (*VlCancelFunc) (gpointer user_data);

/* Runs `func` in `context` once, after `cancellable` has fired, on whatever
 * thread; even if it is reset meanwhile. At home, the thread of the context. */
VlCancelWatch *_vl_cancel_watch_start (GMainContext *context,
                                       GCancellable *cancellable,
                                       VlCancelFunc func,
                                       gpointer user_data);

/* At home; `func` does not run any more. It may be called from inside it. */
void _vl_cancel_watch_clear (VlCancelWatch **watch);

G_END_DECLS
