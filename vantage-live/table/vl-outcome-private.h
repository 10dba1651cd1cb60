/* vl-outcome-private.h: making outcomes
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-outcome.h"

G_BEGIN_DECLS

/* `record` may be NULL, with or without `error`; takes references and a copy. */
VlOutcome *_vl_outcome_new (VlChange *change, VlRecord *record, const GError *error);

G_END_DECLS
