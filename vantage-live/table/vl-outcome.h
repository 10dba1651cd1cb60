/* vl-outcome.h: how one change of several ended
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_OUTCOME (vl_outcome_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlOutcome, vl_outcome, VL, OUTCOME, GObject)

VL_AVAILABLE_IN_1_0
VlChange *vl_outcome_get_change (VlOutcome *self);
VL_AVAILABLE_IN_1_0
VlRecord *vl_outcome_get_record (VlOutcome *self);
VL_AVAILABLE_IN_1_0
const GError *vl_outcome_get_error (VlOutcome *self);

G_END_DECLS
