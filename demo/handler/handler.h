/* handler.h: answers JSON requests from any table
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

/* Answers one request, a JSON object on one line, with another. The table may
 * be a master, a live table, or a live table over a live table: nothing here
 * can tell.
 *
 *   {"op": "describe"}
 *   {"op": "list", "where": {"type": "Parish"}, "search": "sant",
 *    "order": ["name", "-code"], "offset": 0, "limit": 5}
 *   {"op": "count", "where": {"type": "Parish"}}
 *   {"op": "find", "id": "AD-02"}
 *   {"op": "insert", "record": {"id": "AD-99", "name": "New"}}
 *   {"op": "replace", "record": {"id": "AD-99", "name": "Newer"}}
 *   {"op": "patch", "id": "AD-99", "record": {"name": "Newest"}}
 *   {"op": "delete", "id": "AD-99"}
 *
 * Answers have "ok": true with "records" (and "total" or "count"), or "ok":
 * false with an "error" of a "code" and a "message". */
char *handler_answer (VlTable *table, const char *request);
