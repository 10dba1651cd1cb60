/* vl-context-private.h: contexts that go from thread to thread
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-lock-private.h"

G_BEGIN_DECLS

/* Who owns a context is at home in all that lives there: what one owner has
 * done comes before what the next one does. */
static inline gboolean
_vl_context_acquire (GMainContext *context)
{
  if (!g_main_context_acquire (context))
    return FALSE;
  _vl_tsan_acquire (context);

  return TRUE;
}

static inline void
_vl_context_release (GMainContext *context)
{
  _vl_tsan_release (context);
  g_main_context_release (context);
}

/* The same for what a source does: whoever turns the context owns it. He may have
 * another one on top: what runs here and sends something is to be answered at
 * home all the same. Returns whether that took a push. */
static inline gboolean
_vl_context_enter (GMainContext *context)
{
  GMainContext *top = g_main_context_get_thread_default ();
  gboolean pushes = context != (top != NULL ? top : g_main_context_default ());

  _vl_tsan_acquire (context);
  if (pushes)
    g_main_context_push_thread_default (context);

  return pushes;
}

/* Unless it was pushed the context may be gone by now: it is only named. */
static inline void
_vl_context_leave (GMainContext *context, gboolean pushed)
{
  _vl_tsan_release (context);
  if (pushed)
    g_main_context_pop_thread_default (context);
}

/* Hands the source over to those who turn the context: its functions begin with
 * _vl_source_entered(). */
static inline void
_vl_source_attach (GSource *source, GMainContext *context)
{
  _vl_tsan_release (source);
  g_source_attach (source, context);
}

static inline void
_vl_source_entered (GSource *source)
{
  _vl_tsan_acquire (source);
}

G_END_DECLS
