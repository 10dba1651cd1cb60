/* vl-sqlite-private.h: one connection to an SQLite database
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/* A connection with its prepared statements. It belongs to one thread at a
 * time. Errors are those of VL_ERROR, say which file they are about and what
 * can be done about it. */
typedef struct _VlSqlite VlSqlite;

typedef enum
{
  VL_SQLITE_READ,   /* an existing file; writing through it is refused */
  VL_SQLITE_WRITE,  /* an existing file */
  VL_SQLITE_CREATE, /* a file that may not exist yet */
} VlSqliteMode;

VlSqlite *_vl_sqlite_open (const char *path, VlSqliteMode mode, GError **error);
void _vl_sqlite_free (VlSqlite *self);
sqlite3 *_vl_sqlite_get_db (VlSqlite *self);

/* "DEVICE:INODE" of the file that is open, or NULL when it is not known. */
const char *_vl_sqlite_get_instance (VlSqlite *self);

/* FALSE when the path has another file, or none, by now. */
gboolean _vl_sqlite_is_current (VlSqlite *self);

/* How long a lock of somebody else is waited for, in milliseconds. */
void _vl_sqlite_set_busy_timeout (VlSqlite *self, guint timeout);

/* While `cancelled` is not zero (it is read atomically, and set from any
 * thread) whatever runs or waits ends with G_IO_ERROR_CANCELLED. Unlike
 * sqlite3_interrupt() it cannot hit the statement after the one that was
 * meant. NULL = nothing to watch. */
void _vl_sqlite_set_cancelled (VlSqlite *self, const int *cancelled);

/* A statement with nothing bound to it, the caller's until
 * _vl_sqlite_release(), which keeps it for the next user of the same text. */
sqlite3_stmt *_vl_sqlite_prepare (VlSqlite *self, const char *sql, GError **error);
void _vl_sqlite_release (VlSqlite *self, sqlite3_stmt *statement);

/* Statements that run for every row or page are not looked up by their text:
 * they have a place that two numbers say, which is not shared with others of
 * this connection. NULL when there is nothing, or something else, by now. It
 * stays the connection's; whoever has used it resets it. */
sqlite3_stmt *_vl_sqlite_get_kept (VlSqlite *self, guint64 owner, guint64 variant);

/* Prepares a statement and keeps it there. */
sqlite3_stmt *_vl_sqlite_keep (VlSqlite *self,
                               guint64 owner,
                               guint64 variant,
                               const char *sql,
                               GError **error);

/* Statements whose text is a literal, which says their place; reset by whoever
 * has used it. */
sqlite3_stmt *_vl_sqlite_keep_static (VlSqlite *self, const char *sql, GError **error);
gboolean _vl_sqlite_exec_static (VlSqlite *self, const char *sql, GError **error);
gboolean _vl_sqlite_get_static_int64 (VlSqlite *self,
                                      const char *sql,
                                      gint64 *value,
                                      GError **error);

/* TRUE with *row saying whether there is one. */
gboolean _vl_sqlite_step (VlSqlite *self, sqlite3_stmt *statement, gboolean *row, GError **error);

/* FALSE and the error unless `rc`, from a sqlite3_bind_ function, is OK. */
gboolean _vl_sqlite_check (VlSqlite *self, int rc, GError **error);

/* One statement without results; `sql` stays prepared. */
gboolean _vl_sqlite_exec (VlSqlite *self, const char *sql, GError **error);

/* The first column of the first row; 0 when there is no row. */
gboolean _vl_sqlite_get_int64 (VlSqlite *self, const char *sql, gint64 *value, GError **error);

/* Before the first transaction that writes: what is committed stays from now on,
 * even if the power goes, whatever journal the database has and whatever SQLite
 * was built with. (With less than that the removal of a journal may be lost, and
 * the journal played back.) Waits for locks. */
gboolean _vl_sqlite_make_durable (VlSqlite *self, GError **error);

gboolean _vl_sqlite_in_transaction (VlSqlite *self);

/* Ends a transaction that is still open, if there is one. */
void _vl_sqlite_rollback (VlSqlite *self);

/* Sets the error for `rc`. `db` may be NULL when it could not be opened. */
void _vl_sqlite_set_error (GError **error, int rc, sqlite3 *db, const char *path);

/* "name", with quotes inside doubled. */
void _vl_sqlite_append_name (GString *sql, const char *name);

/* Called for every new connection, on its thread. For tests. */
typedef void (*VlSqliteOpened) (VlSqlite *self, VlSqliteMode mode);
void _vl_sqlite_set_opened_func (VlSqliteOpened func);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VlSqlite, _vl_sqlite_free)

G_END_DECLS
