/* clients-text.h: texts of the table within texts of ours
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* LEFT-TO-RIGHT MARK and RIGHT-TO-LEFT MARK. */
#define CLIENTS_LRM "\u200e"
#define CLIENTS_RLM "\u200f"

char *clients_isolate (const char *text);

G_END_DECLS
