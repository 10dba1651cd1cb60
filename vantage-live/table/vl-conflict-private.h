/* vl-conflict-private.h: whether somebody else was quicker
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../vl-types.h"

G_BEGIN_DECLS

/* Compares what the change touches in `base`, that of the change or the same as
 * the table would store it, with the record as it is now: NULL = gone. Columns
 * that the schema does not have and the id do not count. FALSE and
 * VL_ERROR_CONFLICT, which names the fields, when somebody else was quicker. A
 * NULL base is never old. */
gboolean _vl_conflict_check (VlChange *change,
                             VlRecord *base,
                             VlRecord *current,
                             VlSchema *schema,
                             GError **error);

G_END_DECLS
