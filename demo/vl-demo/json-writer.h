/* json-writer.h: JSON text, member by member
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

/* Each appends to an object or array that is open at the end of the text, with
 * a comma where one is due. A NULL key is for arrays. */
void demo_json_add_raw (GString *json, const char *key, const char *text);
void demo_json_add_string (GString *json, const char *key, const char *value);
void demo_json_add_int (GString *json, const char *key, gint64 value);
void demo_json_add_double (GString *json, const char *key, double value);
void demo_json_add_boolean (GString *json, const char *key, gboolean value);
void demo_json_open (GString *json, const char *key, char bracket);
