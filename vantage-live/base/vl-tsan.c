/* vl-tsan.c: what GLib orders, where the thread sanitizer sees it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Only part of a build under -fsanitize=thread, and for the programs of tests
 * alone. GLib is not instrumented, so that the sanitizer does not see that the
 * last g_object_unref() happens after the others, nor that what g_once_init
 * guards was made before it is used. These functions stand before GLib's own
 * of the same names, for us and for GIO; they do what those do with atomic
 * operations that the sanitizer understands, and hide nothing that is not
 * ordered.
 */

#include "vl-config.h"

#include "vl-lock-private.h"

#include <dlfcn.h>
#include <glib-object.h>

#define STANDS_BEFORE __attribute__ ((visibility ("default")))

typedef void (*UnrefFunc) (gpointer object);
typedef void (*LeaveFunc) (volatile void *location, gsize result);

/* GLib calls these before any constructor of ours has run. */
static gpointer
find_real (gpointer *real, const char *name)
{
  gpointer found = g_atomic_pointer_get (real);

  if (found == NULL)
    {
      found = dlsym (RTLD_NEXT, name);
      g_assert (found != NULL);
      g_atomic_pointer_set (real, found);
    }

  return found;
}

/* GObject is left the last reference. No test has toggle references, which
 * would want to hear of the last but one. */
STANDS_BEFORE void
g_object_unref (gpointer object)
{
  static gpointer real;
  volatile gint *count = (volatile gint *) &((GObject *) object)->ref_count;
  gint seen;

  while ((seen = g_atomic_int_get (count)) > 1)
    {
      if (g_atomic_int_compare_and_exchange (count, seen, seen - 1))
        return;
    }

  ((UnrefFunc) find_real (&real, "g_object_unref")) (object);
}

STANDS_BEFORE void (g_once_init_leave) (volatile void *location, gsize result)
{
  static gpointer real;

  /* Those who look find the same address there. */
  _vl_tsan_release (location);
  ((LeaveFunc) find_real (&real, "g_once_init_leave")) (location, result);
}
