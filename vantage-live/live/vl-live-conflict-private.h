/* vl-live-conflict-private.h: a record that somebody else has changed, too
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../vl-types.h"

G_BEGIN_DECLS

typedef struct _VlLiveCore VlLiveCore;

typedef enum
{
  VL_CONFLICT_FAIL,
  VL_CONFLICT_AGAIN,   /* the write was rebased on what the master has */
  VL_CONFLICT_GIVE_UP, /* what the master has is kept */
} VlConflictOutcome;

/* What becomes of a write whose base is old. `current` is what the master has,
 * NULL = the record is gone, or the master does not tell. */
VlConflictOutcome _vl_conflict_resolve (VlLiveCore *core, VlWrite *write, VlRecord *current);

/* Whether a record has all fields of another one, and has them the same. */
/* Whether both have the same value there; one that is absent counts as null. */
gboolean _vl_conflict_same_field (VlRecord *a, VlRecord *b, const char *name);

gboolean _vl_conflict_has_fields (VlRecord *record, VlRecord *fields);

G_END_DECLS
