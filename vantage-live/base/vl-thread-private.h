/* vl-thread-private.h: telling threads apart
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

extern _Thread_local char _vl_thread_mark;

/* Which thread this is: the address of something that each has one of. Every
 * hit asks, and g_thread_self() is dearer. As with that, the thread of a later
 * day may be called as one that has ended. */
static inline gconstpointer
_vl_thread_self (void)
{
  return &_vl_thread_mark;
}

G_END_DECLS
