/* vl-live-conflict.c: a record that somebody else has changed, too
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-live-conflict-private.h"

#include "../table/vl-cell-private.h"
#include "../table/vl-change.h"
#include "../table/vl-record.h"
#include "vl-live-core-private.h"
#include "vl-write-private.h"

/* So often in a row a write gets out of the way of others. Then it fails: a
 * master that is never content must not keep us busy. */
#define REBASES_MAX 20

gboolean
_vl_conflict_same_field (VlRecord *a, VlRecord *b, const char *name)
{
  VlCell cell_a, cell_b;

  /* A field that is absent counts as null. */
  if (!_vl_record_get_cell (a, name, &cell_a))
    cell_a.type = VL_FIELD_TYPE_NULL;
  if (!_vl_record_get_cell (b, name, &cell_b))
    cell_b.type = VL_FIELD_TYPE_NULL;

  return _vl_cell_compare (&cell_a, &cell_b) == 0;
}

gboolean
_vl_conflict_has_fields (VlRecord *record, VlRecord *fields)
{
  g_auto (GStrv) names = vl_record_get_field_names (fields);

  for (guint i = 0; names[i] != NULL; i++)
    {
      if (!_vl_conflict_same_field (record, fields, names[i]))
        return FALSE;
    }

  return TRUE;
}

/* Whether each field that we change is as it was. */
static gboolean
can_merge (VlRecord *base, VlRecord *current, VlRecord *fields)
{
  g_auto (GStrv) names = vl_record_get_field_names (fields);

  for (guint i = 0; names[i] != NULL; i++)
    {
      if (vl_record_has_field (base, names[i]) &&
          !_vl_conflict_same_field (base, current, names[i]))
        return FALSE;
    }

  return TRUE;
}

/* The same change, on top of what the master has. */
static void
rebase (VlWrite *write, VlChange *change, VlRecord *current)
{
  g_autoptr (VlChange) rebased = vl_change_with_base (change, current);

  _vl_write_rebase (write, rebased);
}

/* A patch alone says which fields it is about: a whole record touches all, and
 * nobody has seen what a deletion would delete. */
static VlConflictOutcome
merge (VlWrite *write, VlChange *change, VlRecord *current)
{
  if (vl_change_get_kind (change) != VL_CHANGE_KIND_PATCH ||
      !can_merge (vl_change_get_base (change), current, vl_change_get_record (change)))
    return VL_CONFLICT_FAIL;

  rebase (write, change, current);
  return VL_CONFLICT_AGAIN;
}

VlConflictOutcome
_vl_conflict_resolve (VlLiveCore *core, VlWrite *write, VlRecord *current)
{
  VlChange *change = _vl_write_get_current (write);

  if (vl_change_get_base (change) == NULL || _vl_write_get_n_rebases (write) >= REBASES_MAX)
    return VL_CONFLICT_FAIL;

  switch (_vl_live_core_ask_about_conflict (core, write, current))
    {
    case VL_CONFLICT_POLICY_KEEP_SERVER:
      /* Who waits for a record gets one, or an error. */
      return current != NULL || !_vl_write_has_caller (write) ? VL_CONFLICT_GIVE_UP
                                                              : VL_CONFLICT_FAIL;
    case VL_CONFLICT_POLICY_KEEP_LOCAL:
      if (current == NULL)
        return VL_CONFLICT_FAIL;
      rebase (write, change, current);
      return VL_CONFLICT_AGAIN;
    case VL_CONFLICT_POLICY_MERGE_FIELDS:
      return current != NULL ? merge (write, change, current) : VL_CONFLICT_FAIL;
    case VL_CONFLICT_POLICY_FAIL:
    default:
      return VL_CONFLICT_FAIL;
    }
}
