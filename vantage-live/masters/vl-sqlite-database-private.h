/* vl-sqlite-database-private.h: one database file, its threads and requests
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../base/vl-handoff-private.h"
#include "../base/vl-lock-private.h"
#include "../table/vl-query-private.h"
#include "vl-sqlite-session-private.h"
#include "vl-sqlite-writer-private.h"

G_BEGIN_DECLS

/* All tables of a file share one of these: a reader and a writer, each with a
 * connection and a thread of its own, so that reads overtake queued writes. */
typedef struct _VlSqliteDatabase VlSqliteDatabase;

/* `path` as _vl_file_canonical_path() has it. At home. */
VlSqliteDatabase *_vl_sqlite_database_get (const char *path);
VlSqliteDatabase *_vl_sqlite_database_ref (VlSqliteDatabase *self);
void _vl_sqlite_database_unref (VlSqliteDatabase *self);

/* The part of a table that its requests need: they never hold the table. */
typedef struct
{
  gatomicrefcount ref_count;
  VlSqliteDatabase *database;
  char *table;
  VlSchema *schema;    /* what to create, or NULL */
  gboolean keeps_uids; /* of the changes that were applied */

  VlLock lock;
  gboolean is_created;    /* under the lock: nothing is left to create */
  guint n_passing;        /* under the lock: reads that the writer has yet to pass on */
  VlSqliteLayout *layout; /* under the lock: the last one that was read */
  guint64 n_steps;        /* under the lock: of the last list; for tests */
} VlSqliteTarget;

VlSqliteTarget *_vl_sqlite_target_new (const char *path, const char *table, VlSchema *schema);
VlSqliteTarget *_vl_sqlite_target_ref (VlSqliteTarget *self);
void _vl_sqlite_target_unref (VlSqliteTarget *self);
VlSqliteLayout *_vl_sqlite_target_get_layout (VlSqliteTarget *self); /* a new reference, or NULL */

typedef struct _VlSqliteJob VlSqliteJob;

/* Runs on the thread of a lane. */
typedef gboolean (*VlSqliteJobRun) (VlSqliteJob *job, VlSqliteSession *session, GError **error);

/* Runs at home with the outcome; not when home is gone. */
typedef void (*VlSqliteJobDone) (VlSqliteJob *job);

/* One request. Everything that it was given or made, and that is an object of
 * somebody else, is released at home. */
struct _VlSqliteJob
{
  const char *name; /* static: "list" */
  VlSqliteJobRun run;
  VlSqliteJobDone done;
  VlSqliteTarget *target;
  gboolean writes;     /* goes to the writer */
  gboolean is_urgent;  /* goes before what waits there */
  gboolean is_first;   /* of the looks of a stream */
  gboolean is_passing; /* a read that the writer is to pass on, having made the table */
  guint busy_timeout;

  /* What is asked. */
  VlReply *reply; /* or NULL */
  gpointer owner; /* an object kept for `done`, or NULL */
  VlQueryParts *parts;
  guint64 offset;
  guint limit;
  char *id;
  GPtrArray *changes;

  /* The outcome. */
  GError *error;
  VlPage *page;
  VlRecord *record;
  VlSqliteLayout *layout;
  gboolean is_idempotent; /* with the layout */
  gint64 count;
  VlSqliteOutcome *outcomes; /* one a change */
  guint64 serial;
  char *position; /* of the file; NULL = not known */

  /* How far it is. */
  VlHandoff *home;
  gboolean is_watched; /* home only: the reply tells when nobody waits any more */
  int cancelled;       /* atomic */
};

VlSqliteJob *_vl_sqlite_job_new (VlSqliteTarget *target,
                                 const char *name,
                                 VlSqliteJobRun run,
                                 VlSqliteJobDone done);

/* At home; consumes the job. */
void _vl_sqlite_job_push (VlSqliteJob *job);

/* At home, for a job without a reply: it ends soon, cancelled if it can be. */
void _vl_sqlite_job_cancel (VlSqliteJob *job);

G_END_DECLS
