/* vl-name-private.h: names of which equal ones are the same pointer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The one copy of that text, as long as anybody has it; any thread. */
const char *_vl_name_get (const char *text);
void _vl_name_release (const char *name);

G_END_DECLS
