/* vl-json-private.h: JSON text as variants
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One JSON value, nothing more and nothing less than the standard allows:
 *
 *   object     a{sv}, members as they come
 *   array      av
 *   string     s; with a NUL inside ay
 *   number     x if it is an integer of that range, t if it is one of that
 *              range, else d
 *   true       b
 *   null       mv that is nothing
 *
 * A new reference that is not floating; NULL with `problem` set to what is
 * wrong and where. Halves of surrogate pairs become U+FFFD. */
GVariant *_vl_json_parse (const char *json, char **problem);

G_END_DECLS
