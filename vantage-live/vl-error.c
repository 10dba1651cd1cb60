/* vl-error.c: the error domain
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-error.h"

/**
 * vl_error_quark:
 *
 * The domain of the library's errors; use `VL_ERROR` instead in C.
 *
 * The codes are those of [error@Error].
 *
 * Returns: the quark of the error domain
 *
 * Since: 1.0
 */
/* clang-format off */
G_DEFINE_QUARK (vl-error-quark, vl_error)
/* clang-format on */
