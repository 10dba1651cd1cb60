/* vl-sqlite-session-private.h: a connection and what is known through it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-sqlite-layout-private.h"
#include "vl-sqlite-text-private.h"

G_BEGIN_DECLS

/* A row that a page ended with: where the next one goes on. */
typedef struct
{
  guint64 offset; /* of the row after it */
  VlCell *cells;  /* of the query's keys, then of the last key; with their data */
} VlSqliteAnchor;

/* What is known of the answer to one query, window apart. */
typedef struct
{
  gint64 total;       /* -1 = not counted */
  GPtrArray *anchors; /* of VlSqliteAnchor, by offset */
} VlSqliteView;

/* The table of the changes that were applied, see vl-sqlite-applied.c. */
typedef enum
{
  VL_SQLITE_APPLIED_UNKNOWN,
  VL_SQLITE_APPLIED_OURS,
  VL_SQLITE_APPLIED_FOREIGN, /* there is something else of that name */
} VlSqliteAppliedState;

/* One of the two connections to a file: belongs to the thread of its lane. */
typedef struct
{
  char *path;
  gboolean writes;
  VlSqlite *sqlite; /* NULL = not open */

  gint64 data_version;
  gint64 schema_version;
  guint64 foreign_serial; /* counts the times that others had changed the file */

  /* The writer only: what a write of ours did beside what it was asked to, by
   * triggers and foreign keys. */
  const char *writing;  /* the table that the transaction is about, or NULL */
  gboolean is_told;     /* the sender of that tells whoever has to hear of it */
  GHashTable *touching; /* other tables it has changed so far, folded */
  GHashTable *touched;  /* how many transactions have, by table */
  GHashTable *written;  /* how many transactions were about a table, folded */
  GHashTable *told;     /* how many of them are told of, by the name they were sent to */
  guint64 n_commits;
  gboolean keeps_uids;          /* the writer only: of the changes that it is about to make */
  VlSqliteAppliedState applied; /* forgotten when the schema changes */

  GHashTable *layouts; /* by table */

  /* For one state of the file, the reader only. */
  GHashTable *views;  /* of VlSqliteView, by table and key of the query */
  GHashTable *states; /* of VlColumnState arrays, by table */
  guint64 n_steps;    /* of SQLite's machine in the last list; for tests */
} VlSqliteSession;

VlSqliteSession *_vl_sqlite_session_new (const char *path, gboolean writes);
void _vl_sqlite_session_free (VlSqliteSession *self);

/* Makes sure that the connection is to the file that is there now. */
gboolean _vl_sqlite_session_open (VlSqliteSession *self, gboolean create, GError **error);

/* Creates a table. */
gboolean _vl_sqlite_session_create (VlSqliteSession *self, VlSchema *schema, GError **error);

/* Begins a transaction and forgets what is not true any more.
 * _vl_sqlite_session_end() ends one that was not committed. */
gboolean _vl_sqlite_session_begin (VlSqliteSession *self, gboolean to_write, GError **error);
gboolean _vl_sqlite_session_commit (VlSqliteSession *self, GError **error);

/* A number that changes whenever `table` may have been changed by anything but
 * a write to it of ours that is told of. */
guint64 _vl_sqlite_session_get_serial (VlSqliteSession *self, const char *table, gboolean is_view);
void _vl_sqlite_session_end (VlSqliteSession *self);

/* Looks whether others have changed the file. */
gboolean _vl_sqlite_session_look (VlSqliteSession *self, GError **error);

/* Within a transaction. The session keeps it. */
VlSqliteLayout *_vl_sqlite_session_get_layout (VlSqliteSession *self,
                                               const char *table,
                                               GError **error);

/* Within a transaction: what the query's order needs to know of its columns.
 * NULL on error. */
const VlColumnState *_vl_sqlite_session_get_states (VlSqliteSession *self,
                                                    VlSqliteLayout *layout,
                                                    VlQueryParts *parts,
                                                    GError **error);

/* Within a transaction. `parts->key` must have been made. */
VlSqliteView *_vl_sqlite_session_get_view (VlSqliteSession *self,
                                           VlSqliteLayout *layout,
                                           VlQueryParts *parts);

/* The last anchor that is not behind `offset`, or NULL. */
const VlSqliteAnchor *_vl_sqlite_view_find_anchor (VlSqliteView *self, guint64 offset);
void _vl_sqlite_view_add_anchor (VlSqliteView *self, VlSqliteAnchor *anchor);

/* Copies `cells`, and what they point to. */
VlSqliteAnchor *_vl_sqlite_anchor_new (guint64 offset, const VlCell *cells, guint n_cells);

G_END_DECLS
