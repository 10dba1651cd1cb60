/* vl-change-private.h: the same change of another record
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../vl-types.h"

G_BEGIN_DECLS

/* An insert or a replacement that is the same, uid included, but for its record
 * and its id, which are these. */
VlChange *_vl_change_with_record (VlChange *self, VlRecord *record);

G_END_DECLS
