/* vl-name.c: names of which equal ones are the same pointer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * GLib's interned GRefStrings would do, were they safe between threads: with GLib
 * 2.74 who asks for one while another thread lets go of the last reference gets
 * memory that is about to be freed. Here the references are counted under the lock
 * that guards the table.
 */

#include "vl-config.h"

#include "vl-name-private.h"

#include "vl-lock-private.h"

#include <string.h>

typedef struct
{
  gsize n_references;
  char text[];
} Name;

static VlLock lock;       /* guards what follows */
static GHashTable *names; /* text of the Name -> Name; NULL = none */

const char *
_vl_name_get (const char *text)
{
  Name *name;

  _vl_lock_acquire (&lock);
  if (names == NULL)
    names = g_hash_table_new (g_str_hash, g_str_equal);
  name = g_hash_table_lookup (names, text);
  if (name == NULL)
    {
      gsize size = strlen (text) + 1;

      name = g_malloc (sizeof (Name) + size);
      name->n_references = 0;
      memcpy (name->text, text, size);
      g_hash_table_insert (names, name->text, name);
    }
  name->n_references++;
  _vl_lock_release (&lock);

  return name->text;
}

void
_vl_name_release (const char *text)
{
  Name *name;

  _vl_lock_acquire (&lock);
  name = g_hash_table_lookup (names, text);
  if (--name->n_references == 0)
    {
      g_hash_table_remove (names, text);
      g_free (name);
    }
  if (g_hash_table_size (names) == 0)
    g_clear_pointer (&names, g_hash_table_unref);
  _vl_lock_release (&lock);
}
