/* vl-sqlite-writer-private.h: changes
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-sqlite-session-private.h"

G_BEGIN_DECLS

typedef struct
{
  VlRecord *record; /* as stored; before it was deleted; as it is, of a conflict */
  GError *error;
} VlSqliteOutcome;

/* One change, a transaction of its own. After VL_ERROR_CONFLICT *record is the
 * record as it is, NULL = gone; so it is with all that follow here. */
gboolean _vl_sqlite_apply (VlSqliteSession *session,
                           const char *table,
                           VlChange *change,
                           VlRecord **record,
                           GError **error);

/* Several changes in one transaction, each with its own outcome; FALSE when
 * all of them failed for the same reason. */
gboolean _vl_sqlite_apply_batch (VlSqliteSession *session,
                                 const char *table,
                                 GPtrArray *changes,
                                 VlSqliteOutcome *outcomes,
                                 GError **error);

/* Within a transaction that is there already. */
gboolean _vl_sqlite_write (VlSqlite *sqlite,
                           VlSqliteLayout *layout,
                           VlChange *change,
                           VlRecord **record,
                           GError **error);

/* Likewise, unless the change was applied before and that is remembered: then
 * *record is its record as it is now, NULL for a deletion. */
gboolean _vl_sqlite_write_once (VlSqliteSession *session,
                                VlSqliteLayout *layout,
                                VlChange *change,
                                VlRecord **record,
                                GError **error);

/* Fails with VL_ERROR_CONFLICT if what the change touches is not what it was
 * in the record that the change is based on. */
gboolean _vl_sqlite_check_base (VlSqlite *sqlite,
                                VlSqliteLayout *layout,
                                VlChange *change,
                                VlRecord **current,
                                GError **error);

/* Within a transaction that is to write, for a session that keeps uids: makes
 * the table for them if there is none. */
gboolean _vl_sqlite_applied_prepare (VlSqliteSession *session, GError **error);

/* Whether the file can have that table: its name may be taken. */
gboolean _vl_sqlite_applied_check (VlSqliteSession *session, gboolean *usable, GError **error);

/* vl-sqlite-insert.c: a new row with that id. *is_here = FALSE if the record has
 * something that has to be written in another way; nothing was done then. */
gboolean _vl_sqlite_insert_kept (VlSqlite *sqlite,
                                 VlSqliteLayout *layout,
                                 VlRecord *record,
                                 const VlCell *id,
                                 gboolean *is_here,
                                 int *n_changed,
                                 GError **error);

G_END_DECLS
