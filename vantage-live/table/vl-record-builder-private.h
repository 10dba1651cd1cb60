/* vl-record-builder-private.h: ids that are fields too
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-record-builder.h"

G_BEGIN_DECLS

/* Sets the id by the field of the id column; only while there is no id. */
void _vl_record_builder_set_id_field (VlRecordBuilder *self, const char *field, gint64 id);

G_END_DECLS
