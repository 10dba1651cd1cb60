/* vl-tsan.c: what GLib orders, where the thread sanitizer sees it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Only part of a build under -fsanitize=thread, for the programs of tests. GLib
 * is not instrumented: the sanitizer does not see that the last g_object_unref()
 * comes after the others, nor that a class, or what g_once_init guards, is made
 * before it is used. These functions stand before GLib's own of the same names,
 * for us and for GIO; they do what those do with atomic operations and a lock
 * that the sanitizer understands, and hide nothing that is not ordered.
 */

#include "vl-config.h"

#include "vl-lock-private.h"

#include <dlfcn.h>
#include <glib-object.h>
#include <pthread.h>

#define STANDS_BEFORE __attribute__ ((visibility ("default")))

typedef void (*UnrefFunc) (gpointer object);
typedef void (*LeaveFunc) (volatile void *location, gsize result);
typedef gpointer (*ClassRefFunc) (GType type);

/* Far more than there are types in a test. */
#define MAX_CLASSES 4096

/* Types whose class is known to be made: an open hash table that only grows. */
static gpointer classes[MAX_CLASSES];
static pthread_mutex_t classes_lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

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

  /* Who has it weakly may have taken it up by now: then another one is the last. */
  _vl_tsan_release (object);
  _vl_tsan_acquire (object);
  ((UnrefFunc) find_real (&real, "g_object_unref")) (object);
}

STANDS_BEFORE void (g_once_init_leave) (volatile void *location, gsize result)
{
  static gpointer real;

  /* Those who look find the same address there. */
  _vl_tsan_release (location);
  ((LeaveFunc) find_real (&real, "g_once_init_leave")) (location, result);
}

/* Where the type is in the table, or belongs. */
static gpointer *
find_class (GType type)
{
  gsize at = (type >> 4) % MAX_CLASSES;
  gpointer seen;

  while ((seen = g_atomic_pointer_get (&classes[at])) != NULL && seen != GSIZE_TO_POINTER (type))
    at = (at + 1) % MAX_CLASSES;

  return &classes[at];
}

/* After this what the class has been made of can be looked at. Only those who
 * make a class take the lock, so that it orders nothing else. */
static gpointer
class_ref (GType type)
{
  static gpointer real;
  ClassRefFunc ref = (ClassRefFunc) find_real (&real, "g_type_class_ref");
  gpointer klass;

  if (g_atomic_pointer_get (find_class (type)) != NULL)
    return ref (type);

  pthread_mutex_lock (&classes_lock);
  klass = ref (type);
  g_atomic_pointer_set (find_class (type), GSIZE_TO_POINTER (type));
  pthread_mutex_unlock (&classes_lock);

  return klass;
}

STANDS_BEFORE gpointer
g_type_class_ref (GType type)
{
  return class_ref (type);
}

STANDS_BEFORE gpointer
g_object_new (GType type, const char *first, ...)
{
  gpointer klass = class_ref (type);
  gpointer object;
  va_list args;

  va_start (args, first);
  object = g_object_new_valist (type, first, args);
  va_end (args);
  g_type_class_unref (klass);

  return object;
}
