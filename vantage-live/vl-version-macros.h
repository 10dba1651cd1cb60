/* vl-version-macros.h: which symbols a program may use
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include <glib.h>

#include "vl-version.h"

#ifndef _VL_EXTERN
# define _VL_EXTERN extern
#endif

/**
 * VL_VERSION_1_0:
 *
 * The first stable version of the interface, for
 * `VL_VERSION_MIN_REQUIRED` and `VL_VERSION_MAX_ALLOWED`.
 *
 * Since: 1.0
 */
#define VL_VERSION_1_0 (G_ENCODE_VERSION (1, 0))

#define VL_VERSION_CUR_STABLE (G_ENCODE_VERSION (VL_MAJOR_VERSION, VL_MINOR_VERSION))

/* A program that defines these before it includes the library is warned of
 * what is deprecated since the first, and of what is newer than the second. */
#ifndef VL_VERSION_MIN_REQUIRED
# define VL_VERSION_MIN_REQUIRED VL_VERSION_CUR_STABLE
#endif
#ifndef VL_VERSION_MAX_ALLOWED
# define VL_VERSION_MAX_ALLOWED VL_VERSION_CUR_STABLE
#endif

#if VL_VERSION_MAX_ALLOWED < VL_VERSION_MIN_REQUIRED
# error "VL_VERSION_MAX_ALLOWED must be >= VL_VERSION_MIN_REQUIRED"
#endif

#if VL_VERSION_MAX_ALLOWED < VL_VERSION_1_0
# define VL_AVAILABLE_IN_1_0 G_UNAVAILABLE (1, 0) _VL_EXTERN
#else
# define VL_AVAILABLE_IN_1_0 _VL_EXTERN
#endif
