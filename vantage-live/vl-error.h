/* vl-error.h: the error domain
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "vl-types.h"

G_BEGIN_DECLS

#define VL_ERROR (vl_error_quark ())

VL_AVAILABLE_IN_1_0
GQuark vl_error_quark (void);

G_END_DECLS
