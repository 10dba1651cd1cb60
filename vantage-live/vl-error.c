/* vl-error.c: the error domain
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <libintl.h>

#include "vl-error.h"

/* A program binds its own domain and knows nothing of ours. Here, because this
 * file is also in every program that links the library statically. */
static void bind_messages (void) __attribute__ ((constructor));

static void
bind_messages (void)
{
  bindtextdomain (GETTEXT_PACKAGE, VL_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
}

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
