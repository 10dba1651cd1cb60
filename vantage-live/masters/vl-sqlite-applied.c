/* vl-sqlite-applied.c: which changes a database has already
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A table in the user's own file, made only where that was allowed, has a row
 * for each change that was applied: written in the same transaction, so that
 * both are there or neither. Of the record it has the id and nothing else: what
 * was deleted is not to live on here.
 */

#include "vl-config.h"

#include "vl-sqlite-writer-private.h"

#include "../base/vl-clock-private.h"
#include "../table/vl-change.h"
#include "../table/vl-record.h"
#include "vl-sqlite-row-private.h"

#define TABLE "\"main\".\"vantage_live_applied\""

/* How many changes are remembered, those of all tables of the file together:
 * ten queues full, in about ten megabytes. There is no limit of age, since the
 * clock of a device that was off may say anything. */
#define MAX_APPLIED 100000

/* Every so many changes those beyond the limit are forgotten. */
#define SWEEP_INTERVAL 256

/* 0 = there is none, 1 = ours, 2 = something else. */
static const char look_sql[] =
  "SELECT CASE WHEN count(*) = 0 THEN 0"
  " WHEN total (name IN ('seq', 'uid', 'table_name', 'record_id', 'applied_at')) = 5 THEN 1"
  " ELSE 2 END FROM pragma_table_info ('vantage_live_applied', 'main')";

static const char create_sql[] = "CREATE TABLE IF NOT EXISTS " TABLE
                                 " (seq INTEGER PRIMARY KEY, uid TEXT NOT NULL,"
                                 " table_name TEXT NOT NULL COLLATE NOCASE, record_id TEXT,"
                                 " applied_at INTEGER NOT NULL, UNIQUE (uid, table_name))";

static const char find_sql[] = "SELECT record_id FROM " TABLE " WHERE uid = ?1 AND table_name = ?2";

static const char note_sql[] = "INSERT INTO " TABLE
                               " (uid, table_name, record_id, applied_at) VALUES (?1, ?2, ?3, ?4)";

static const char sweep_sql[] = "DELETE FROM " TABLE " WHERE seq <= ?1";

static gboolean
look (VlSqliteSession *session, gint64 *found, GError **error)
{
  if (session->applied != VL_SQLITE_APPLIED_UNKNOWN)
    {
      *found = session->applied == VL_SQLITE_APPLIED_OURS ? 1 : 2;
      return TRUE;
    }
  if (!_vl_sqlite_get_int64 (session->sqlite, look_sql, found, error))
    return FALSE;

  if (*found != 0)
    session->applied = *found == 1 ? VL_SQLITE_APPLIED_OURS : VL_SQLITE_APPLIED_FOREIGN;

  return TRUE;
}

gboolean
_vl_sqlite_applied_check (VlSqliteSession *session, gboolean *usable, GError **error)
{
  gint64 found;

  if (!look (session, &found, error))
    return FALSE;
  *usable = found != 2;

  return TRUE;
}

gboolean
_vl_sqlite_applied_prepare (VlSqliteSession *session, GError **error)
{
  gint64 found;

  if (!session->keeps_uids)
    return TRUE;
  if (!look (session, &found, error))
    return FALSE;

  /* As described: without the capability. */
  session->keeps_uids = found != 2;

  /* It is not looked for in vain again until the transaction has made it last. */
  return found != 0 || _vl_sqlite_exec (session->sqlite, create_sql, error);
}

/* Binds the uid and the table, which the others have first. */
static sqlite3_stmt *
prepare (VlSqlite *sqlite, const char *sql, VlSqliteLayout *layout, const char *uid, GError **error)
{
  sqlite3_stmt *statement = _vl_sqlite_prepare (sqlite, sql, error);

  if (statement != NULL)
    {
      sqlite3_bind_text (statement, 1, uid, -1, SQLITE_STATIC);
      sqlite3_bind_text (statement, 2, layout->table, -1, SQLITE_STATIC);
    }

  return statement;
}

/* *id is that of the record that a change which is known has left, or NULL. */
static gboolean
find (VlSqlite *sqlite,
      VlSqliteLayout *layout,
      const char *uid,
      gboolean *known,
      char **id,
      GError **error)
{
  sqlite3_stmt *statement = prepare (sqlite, find_sql, layout, uid, error);
  gboolean done;

  if (statement == NULL)
    return FALSE;

  done = _vl_sqlite_step (sqlite, statement, known, error);
  if (done && *known)
    *id = g_strdup ((const char *) sqlite3_column_text (statement, 0));
  _vl_sqlite_release (sqlite, statement);

  return done;
}

static gboolean
sweep (VlSqlite *sqlite, gint64 last, GError **error)
{
  sqlite3_stmt *statement;
  gboolean row;
  gboolean done;

  if (last % SWEEP_INTERVAL != 0 || last <= MAX_APPLIED)
    return TRUE;

  statement = _vl_sqlite_prepare (sqlite, sweep_sql, error);
  if (statement == NULL)
    return FALSE;

  sqlite3_bind_int64 (statement, 1, last - MAX_APPLIED);
  done = _vl_sqlite_step (sqlite, statement, &row, error);
  _vl_sqlite_release (sqlite, statement);

  return done;
}

static gboolean
note (VlSqlite *sqlite, VlSqliteLayout *layout, const char *uid, const char *id, GError **error)
{
  sqlite3_stmt *statement = prepare (sqlite, note_sql, layout, uid, error);
  gboolean row;
  gboolean done;

  if (statement == NULL)
    return FALSE;

  sqlite3_bind_text (statement, 3, id, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 4, _vl_clock_real ());
  done = _vl_sqlite_step (sqlite, statement, &row, error);
  _vl_sqlite_release (sqlite, statement);

  return done && sweep (sqlite, sqlite3_last_insert_rowid (_vl_sqlite_get_db (sqlite)), error);
}

gboolean
_vl_sqlite_write_once (VlSqliteSession *session,
                       VlSqliteLayout *layout,
                       VlChange *change,
                       VlRecord **record,
                       GError **error)
{
  VlSqlite *sqlite = session->sqlite;
  const char *uid = vl_change_get_uid (change);
  g_autoptr (VlRecord) stored = NULL;
  g_autofree char *id = NULL;
  gboolean known;

  if (!session->keeps_uids || uid == NULL || *uid == '\0')
    return _vl_sqlite_write (sqlite, layout, change, record, error);

  if (!find (sqlite, layout, uid, &known, &id, error))
    return FALSE;
  if (known)
    return id == NULL || _vl_sqlite_read_record (sqlite, layout, id, record, error);

  if (!_vl_sqlite_write (sqlite, layout, change, &stored, error))
    {
      *record = g_steal_pointer (&stored);
      return FALSE;
    }
  if (stored != NULL && vl_change_get_kind (change) != VL_CHANGE_KIND_DELETE)
    id = g_strdup (vl_record_get_id (stored));
  if (!note (sqlite, layout, uid, id, error))
    return FALSE;

  *record = g_steal_pointer (&stored);
  return TRUE;
}
