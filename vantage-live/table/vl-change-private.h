/* vl-change-private.h: changes, for those who send them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-change.h"

G_BEGIN_DECLS

/* The same change, uid included, to the record of another id. */
VlChange *_vl_change_with_id (VlChange *self, const char *id);

/* An insert or a replacement that is the same, uid included, but for its record
 * and its id, which are these. */
VlChange *_vl_change_with_record (VlChange *self, VlRecord *record);

/* What is stored when the table does not tell: what was written, but for a patch,
 * which has nothing of the other fields. */
VlRecord *_vl_change_get_stored (VlChange *self);

/* Whether the one who sends the change tells everybody who has to hear of it,
 * as a live table does; those who watch the table need not. Set by whoever
 * sends it on its own account, from any thread. */
void _vl_change_set_is_told (VlChange *self, gboolean is_told);
gboolean _vl_change_get_is_told (VlChange *self);

G_END_DECLS
