/* vl-sqlite-layout-private.h: what the database says of one table
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../base/vl-sqlite-private.h"
#include "../table/vl-block-private.h"
#include "../vl-types.h"

G_BEGIN_DECLS

/* SQLite's rules: what a column does to values that are stored in it, and to
 * those it is compared with. */
typedef enum
{
  VL_AFFINITY_NONE,
  VL_AFFINITY_TEXT,
  VL_AFFINITY_NUMERIC, /* INTEGER and REAL too: they compare alike */
} VlAffinity;

/* What makes the order of rows complete where the keys of a query do not. */
typedef enum
{
  VL_TAIL_NONE, /* nothing does: a view */
  VL_TAIL_ID,
  VL_TAIL_ROWID, /* the rowid, by a name that no column has taken */
} VlTail;

typedef struct
{
  char *name;
  char *sql;         /* t."name" */
  char *compare_sql; /* the same, made to compare text byte by byte in UTF-8 */
  char *default_sql; /* what is stored when nothing is said; "NULL" if nothing */
  VlFieldType type;
  VlAffinity affinity;
  gboolean is_boolean;
  gboolean is_rowid;     /* INTEGER PRIMARY KEY: nothing but integers */
  gboolean is_generated; /* read, never written */
  gboolean nullable;
  gboolean is_integer; /* declared with INTEGER affinity */
  guint key_position;  /* from 1 on in the primary key, 0 = not part of it */
} VlSqliteColumn;

/* A foreign key, seen from the table that is described. */
typedef struct
{
  char *name;   /* of the relation */
  char *column; /* of ours, the one whose value counts */
  char *other_table;
  char *other_column; /* has the same value there; NULL = its primary key */
} VlSqliteRelation;

/* Immutable, shared by the threads and the table. */
typedef struct
{
  gatomicrefcount ref_count;
  char *table;      /* as it was asked for */
  char *table_sql;  /* "main"."table" */
  char *select_sql; /* the columns, and the rowid after them if it is the tail */
  VlSqliteColumn *columns;
  guint n_columns;
  int id_column; /* -1 = no usable key */
  VlTail tail;
  char *rowid_sql; /* t.rowid or another name for it, NULL = there is none */
  gboolean is_table;
  gboolean without_rowid;
  gboolean has_triggers;
  gboolean is_utf16;    /* the database; its own comparison of text is not ours */
  GPtrArray *relations; /* of VlSqliteRelation */
  VlSchema *schema;
  guint64 serial; /* no other layout of this process has it */
  VlBlock *like;  /* the columns as a block has them, no rows */
} VlSqliteLayout;

VlSqliteLayout *_vl_sqlite_layout_read (VlSqlite *sqlite,
                                        const char *path,
                                        const char *table,
                                        GError **error);
VlSqliteLayout *_vl_sqlite_layout_ref (VlSqliteLayout *self);
void _vl_sqlite_layout_unref (VlSqliteLayout *self);

/* -1 = no such column. */
int _vl_sqlite_layout_find (VlSqliteLayout *self, const char *column);

/* The foreign keys of the table and those that refer to it. */
gboolean _vl_sqlite_relations_read (VlSqlite *sqlite, VlSqliteLayout *layout, GError **error);
void _vl_sqlite_relation_free (VlSqliteRelation *self);

/* Creates the table, unless there is one of that name. */
gboolean _vl_sqlite_create_table (VlSqlite *sqlite, VlSchema *schema, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VlSqliteLayout, _vl_sqlite_layout_unref)

G_END_DECLS
