/* vl-property-value-private.h: what a property of an object holds, and a field
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../table/vl-cell-private.h"

G_BEGIN_DECLS

/* Whether there are fields that a property of the type could hold. */
gboolean _vl_property_value_is_field (GType type);

/* Makes `value`, of the type of the property and not set yet, what the cell
 * says; FALSE if the property cannot hold that. The cell is that of `column`,
 * or of the id when that is NULL. */
gboolean _vl_property_value_read (GValue *value,
                                  GParamSpec *pspec,
                                  VlRecord *record,
                                  const char *column,
                                  const VlCell *cell);

/* The other way round; what `was` there, or NULL, decides where there are
 * several ways to say it. */
gboolean _vl_property_value_write (const GValue *value,
                                   VlRecordBuilder *builder,
                                   const char *column,
                                   const VlCell *was,
                                   GError **error);

/* By what they hold, not by where it is. */
gboolean _vl_property_value_equal (GParamSpec *pspec, const GValue *a, const GValue *b);

G_END_DECLS
