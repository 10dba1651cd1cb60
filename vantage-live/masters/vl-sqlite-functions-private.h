/* vl-sqlite-functions-private.h: the SQL functions that make SQLite agree
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../base/vl-sqlite-private.h"

G_BEGIN_DECLS

/* Where SQLite's idea of values differs from ours. TEXT that is not UTF-8, or
 * has a NUL in it, is bytes to us ("odd" text):
 *
 *   vl_odd (x)            1 for odd text, else 0
 *   vl_norm (x)           x, odd text as the blob it is to us
 *   vl_id (x)             x if it can be an id, else NULL
 *   vl_contains (x, word) as VL_OP_CONTAINS
 *   vl_search (word, ...) whether any of the others contains the word
 *   vl_in (x, list)       as VL_OP_IN; the list is a VlQueryCondition, a pointer of
 *                         type VL_SQLITE_LIST
 *
 * and a collation that compares text by its UTF-8 bytes, which SQLite's own
 * does not in a database that is kept in UTF-16. */
#define VL_SQLITE_COLLATION "vl_utf8"
#define VL_SQLITE_LIST      "vl-list"

/* What vl_search takes beside the word; SQLite allows a hundred or so. */
#define VL_SQLITE_MAX_SEARCHED 90

gboolean _vl_sqlite_add_functions (VlSqlite *sqlite, GError **error);

/* Whether text of a database is text to us. */
gboolean _vl_sqlite_is_text (const char *text, gsize length);

G_END_DECLS
