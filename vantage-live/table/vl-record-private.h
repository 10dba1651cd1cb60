/* vl-record-private.h: records and the rows that they are
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-block-private.h"
#include "vl-record.h"

G_BEGIN_DECLS

/* What the ids begin with that are given here, to records that their table has
 * not stored yet. */
#define VL_PROVISIONAL_PREFIX "new:"

/* A row of the block, which the record keeps. */
VlRecord *_vl_record_new_for_row (VlBlock *block, guint row);

/* The only row of the block, whose reference it takes. */
VlRecord *_vl_record_new_take (VlBlock *block);

VlBlock *_vl_record_get_row (VlRecord *self, guint *row);

G_END_DECLS
