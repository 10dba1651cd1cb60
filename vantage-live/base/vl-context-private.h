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

/* The same for what a source does: whoever turns the context owns it. */
static inline void
_vl_context_enter (GMainContext *context)
{
  _vl_tsan_acquire (context);
}

static inline void
_vl_context_leave (GMainContext *context)
{
  _vl_tsan_release (context);
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
