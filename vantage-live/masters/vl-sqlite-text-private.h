/* vl-sqlite-text-private.h: writes the SQL of a query
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../table/vl-cell-private.h"
#include "../table/vl-query-private.h"
#include "vl-sqlite-layout-private.h"

G_BEGIN_DECLS

/* What is known of the values of a column, for one state of the file. */
typedef enum
{
  VL_COLUMN_UNKNOWN,
  VL_COLUMN_PLAIN, /* no odd text; in the id column: nothing that is no id */
  VL_COLUMN_ODD,
} VlColumnState;

/* SQL and what is to be bound to it. Values are never part of the text. */
typedef struct
{
  GString *sql;
  GArray *values; /* of VlSqliteValue */
} VlSqliteText;

typedef enum
{
  VL_VALUE_CELL,
  VL_VALUE_AS_TEXT, /* bytes, as the text that SQLite takes them for */
  VL_VALUE_LIST,    /* a VlQueryCondition, for vl_in() */
} VlSqliteValueKind;

/* Belongs to whoever gave it, and outlives the statement. */
typedef struct
{
  VlSqliteValueKind kind;
  VlCell cell;
  const VlQueryCondition *list;
} VlSqliteValue;

void _vl_sqlite_text_init (VlSqliteText *self);
void _vl_sqlite_text_clear (VlSqliteText *self);
void _vl_sqlite_text_add_cell (VlSqliteText *self, const char *sql, const VlCell *cell);
void _vl_sqlite_text_add_int64 (VlSqliteText *self, const char *sql, gint64 value);

/* A statement with everything bound, to be released; NULL on error. */
sqlite3_stmt *_vl_sqlite_text_prepare (VlSqliteText *self, VlSqlite *sqlite, GError **error);
gboolean _vl_sqlite_bind_cell (VlSqlite *sqlite,
                               sqlite3_stmt *statement,
                               int position,
                               const VlCell *cell,
                               GError **error);

/* VL_ERROR_INVALID if the query names a column that does not exist. */
gboolean _vl_sqlite_check_query (VlSqliteLayout *layout, VlQueryParts *parts, GError **error);

/* One condition after the other, each led in by " WHERE " or " AND "; `states`
 * may be NULL. */
void _vl_sqlite_text_add_where (VlSqliteText *self,
                                VlSqliteLayout *layout,
                                const VlColumnState *states,
                                VlQueryParts *parts);

/* The id's value as the column compares it; TRUE if that is a number. */
gboolean _vl_sqlite_id_cell (VlSqliteLayout *layout, const char *id, VlCell *cell);

/* The row of `id`; FALSE if no row can have that id. The cell borrows it. */
gboolean _vl_sqlite_text_add_find (VlSqliteText *self, VlSqliteLayout *layout, const char *id);

/* What row `column` is ordered by. */
void _vl_sqlite_text_add_key (VlSqliteText *self,
                              VlSqliteLayout *layout,
                              const VlColumnState *states,
                              int column);

/* Likewise of the last key of every order. */
void _vl_sqlite_text_add_tail_key (VlSqliteText *self,
                                   VlSqliteLayout *layout,
                                   const VlColumnState *states);

/* " ORDER BY ..." from the query's key `first` on; nothing for a table without
 * an order. */
void _vl_sqlite_text_add_order (VlSqliteText *self,
                                VlSqliteLayout *layout,
                                const VlColumnState *states,
                                VlQueryParts *parts,
                                guint first);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VlSqliteText, _vl_sqlite_text_clear)

G_END_DECLS
