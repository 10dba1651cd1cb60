/* vl-sqlite-row-private.h: from rows of a statement to records
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../table/vl-block-pack-private.h"
#include "../table/vl-cell-private.h"
#include "vl-sqlite-layout-private.h"

G_BEGIN_DECLS

/* The places of the statements that are kept for a layout; an insert's has the
 * set of its columns in the other bits. */
#define VL_KEPT_FIND_NUMBER 1
#define VL_KEPT_FIND_TEXT   2
#define VL_KEPT_INSERT      (G_GUINT64_CONSTANT (1) << 63)

/* Column `column` of a row of the layout's select_sql; the cell points into
 * the statement and is good until that is stepped. */
void _vl_sqlite_row_get_cell (sqlite3_stmt *statement,
                              VlSqliteLayout *layout,
                              guint column,
                              VlCell *cell);

void _vl_sqlite_row_append (sqlite3_stmt *statement, VlSqliteLayout *layout, VlBlockPacker *packer);

/* *record is NULL if there is no row with that id. */
gboolean _vl_sqlite_read_record (VlSqlite *sqlite,
                                 VlSqliteLayout *layout,
                                 const char *id,
                                 VlRecord **record,
                                 GError **error);

G_END_DECLS
