/* vl-handoff-private.h: brings work home: one attached source a context
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A queue of functions to run in one GMainContext, fed from any thread. All
 * users of a context share one handoff and so one GSource, which can recurse;
 * functions run in the order they were posted, one at a time, so that a nested
 * loop goes on with the next. One turn runs what was queued when it began.
 *
 * The source lives as long as the context, not the handoff: dropping the last
 * reference, on any thread, leaves what was posted to run at home. The handoff
 * does not keep the context. If that goes away with functions queued, these
 * still run, on the thread that drops it: `func` owns what it was given and is
 * told by `orphaned` that this is not home. Each runs exactly once. */
typedef struct _VlHandoff VlHandoff;

typedef void (*VlHandoffFunc) (gpointer user_data, gboolean orphaned);

/* NULL = the thread-default context of the calling thread. */
VlHandoff *_vl_handoff_get (GMainContext *context);
VlHandoff *_vl_handoff_ref (VlHandoff *self);
void _vl_handoff_unref (VlHandoff *self);

/* Not a reference, and NULL once the context has gone: for those who have one,
 * or run at home. */
GMainContext *_vl_handoff_get_context (VlHandoff *self);

/* From any thread; never runs `func` before it returns, unless the context has
 * gone: then `func` runs at once, orphaned. */
void _vl_handoff_post (VlHandoff *self, VlHandoffFunc func, gpointer user_data);

/* The same; but posted by what runs at home it still runs in this turn, after
 * everything that was posted before it. For what goes on with something that
 * another turn has begun: what was posted like this cannot do it again, or other
 * sources would never have their turn. */
void _vl_handoff_post_on (VlHandoff *self, VlHandoffFunc func, gpointer user_data);

/* Between these two what the calling thread posts is held back and sent off at
 * once: one lock and one wake-up for many answers. They nest. */
void _vl_handoff_cork (void);
void _vl_handoff_uncork (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VlHandoff, _vl_handoff_unref)

G_END_DECLS
