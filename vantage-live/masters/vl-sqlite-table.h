/* vl-sqlite-table.h: a table of an SQLite database
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_SQLITE_TABLE (vl_sqlite_table_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlSqliteTable, vl_sqlite_table, VL, SQLITE_TABLE, GObject)

VL_AVAILABLE_IN_1_0
VlSqliteTable *vl_sqlite_table_new (const char *path, const char *table);
VL_AVAILABLE_IN_1_0
VlSqliteTable *vl_sqlite_table_new_with_schema (const char *path, VlSchema *schema);
VL_AVAILABLE_IN_1_0
const char *vl_sqlite_table_get_path (VlSqliteTable *self);
VL_AVAILABLE_IN_1_0
const char *vl_sqlite_table_get_table_name (VlSqliteTable *self);
VL_AVAILABLE_IN_1_0
gboolean vl_sqlite_table_get_allow_bookkeeping (VlSqliteTable *self);
VL_AVAILABLE_IN_1_0
guint vl_sqlite_table_get_busy_timeout (VlSqliteTable *self);
VL_AVAILABLE_IN_1_0
void vl_sqlite_table_set_busy_timeout (VlSqliteTable *self, guint busy_timeout);

G_END_DECLS
