/* vl-live-registry.c: the cores of this process
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-live-registry-private.h"

static VlLock registry_lock;  /* zero-initialised, like a static GMutex */
static GPtrArray *registered; /* under the lock: of VlLiveCore, not referenced */

gboolean
_vl_live_registry_release (VlLiveCore *core)
{
  gboolean last;
  gint count = g_atomic_int_get (&core->ref_count);

  while (count > 1)
    {
      if (g_atomic_int_compare_and_exchange (&core->ref_count, count, count - 1))
        return FALSE;
      count = g_atomic_int_get (&core->ref_count);
    }

  /* Perhaps the last one: nobody may find the core any more when it is. */
  _vl_lock_acquire (&registry_lock);
  last = g_atomic_int_dec_and_test (&core->ref_count);
  if (last && core->is_listed)
    g_ptr_array_remove_fast (registered, core);
  _vl_lock_release (&registry_lock);

  return last;
}

/* Whether two tables are one, for all that is known. */
static gboolean
same_table (VlTable *a, const char *a_identity, VlTable *b, const char *b_identity)
{
  if (a == NULL || b == NULL)
    return FALSE;

  return a == b || (a_identity != NULL && g_strcmp0 (a_identity, b_identity) == 0);
}

/* With the registry locked, so that the core stays. */
static VlLiveClash
clash_with (VlLiveCore *core)
{
  if (g_atomic_int_get (&core->n_shells) > 0 || _vl_writer_get_n_unsettled (core) > 0)
    return VL_LIVE_CLASH_IN_USE;

  return VL_LIVE_CLASH_GOING;
}

VlLiveCore *
_vl_live_registry_find (const VlLiveKey *key, VlLiveClash *clash)
{
  VlLiveCore *found = NULL;

  *clash = VL_LIVE_CLASH_NONE;
  _vl_lock_acquire (&registry_lock);
  for (guint i = 0; registered != NULL && i < registered->len && found == NULL; i++)
    {
      VlLiveCore *core = g_ptr_array_index (registered, i);

      if (core->cache != key->cache || !g_str_equal (core->cache_key, key->cache_key))
        continue;
      if (same_table (core->master, core->identity, key->master, key->identity) &&
          core->home == key->home)
        found = _vl_live_core_ref (core);
      else if (g_strcmp0 (core->identity, key->identity) == 0)
        *clash = MAX (*clash, clash_with (core));
    }
  _vl_lock_release (&registry_lock);

  return found;
}

void
_vl_live_registry_add (VlLiveCore *core)
{
  _vl_lock_acquire (&registry_lock);
  if (registered == NULL)
    registered = g_ptr_array_new ();
  g_ptr_array_add (registered, core);
  core->is_listed = TRUE;
  _vl_lock_release (&registry_lock);
}

void
_vl_live_registry_set_target (VlLiveCore *core, VlTable *target, const char *identity)
{
  g_autoptr (VlTable) old = NULL;

  _vl_lock_acquire (&registry_lock);
  old = g_steal_pointer (&core->write_target);
  g_set_object (&core->write_target, target);
  g_free (core->target_identity);
  core->target_identity = g_strdup (identity);
  _vl_lock_release (&registry_lock);
}

static gboolean
shares_table (VlLiveCore *a, VlLiveCore *b)
{
  return same_table (a->master, a->identity, b->master, b->identity) ||
         same_table (a->master, a->identity, b->write_target, b->target_identity) ||
         same_table (a->write_target, a->target_identity, b->master, b->identity) ||
         same_table (a->write_target, a->target_identity, b->write_target, b->target_identity);
}

gboolean
_vl_live_registry_has_others (VlLiveCore *core)
{
  gboolean found = FALSE;

  _vl_lock_acquire (&registry_lock);
  for (guint i = 0; registered != NULL && i < registered->len && !found; i++)
    {
      VlLiveCore *other = g_ptr_array_index (registered, i);

      found = other != core && shares_table (core, other);
    }
  _vl_lock_release (&registry_lock);

  return found;
}

gboolean
_vl_live_registry_is_writing (VlLiveCore *core)
{
  gboolean is_writing = FALSE;

  _vl_lock_acquire (&registry_lock);
  for (guint i = 0; registered != NULL && i < registered->len && !is_writing; i++)
    {
      VlLiveCore *other = g_ptr_array_index (registered, i);

      is_writing = shares_table (core, other) && _vl_writer_get_n_unsettled (other) > 0;
    }
  _vl_lock_release (&registry_lock);

  return is_writing;
}

void
_vl_live_registry_tell (VlLiveCore *core, VlLiveEvent *event)
{
  g_autoptr (GPtrArray) others = NULL;

  _vl_lock_acquire (&registry_lock);
  for (guint i = 0; registered != NULL && i < registered->len; i++)
    {
      VlLiveCore *other = g_ptr_array_index (registered, i);

      if (other == core || !shares_table (core, other))
        continue;
      if (others == NULL)
        others = g_ptr_array_new_with_free_func ((GDestroyNotify) _vl_live_core_unref);
      g_ptr_array_add (others, _vl_live_core_ref (other));
    }
  _vl_lock_release (&registry_lock);

  for (guint i = 0; others != NULL && i < others->len; i++)
    _vl_live_core_hear (g_ptr_array_index (others, i), event);
}
