/* vl-sqlite-apply.c: changes and their transactions
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-sqlite-writer-private.h"

#include "../table/vl-change-private.h"
#include "../table/vl-record.h"
#include "../vl-error.h"

/* From here on the write is on its way: a caller who cancels is told so, but
 * what is half done is finished. */
static gboolean
begin (VlSqliteSession *session,
       const char *table,
       VlChange *first,
       VlSqliteLayout **layout,
       GError **error)
{
  if (!_vl_sqlite_session_begin (session, TRUE, error))
    return FALSE;
  _vl_sqlite_set_cancelled (session->sqlite, NULL);
  session->writing = table;
  session->is_told = first != NULL && _vl_change_get_is_told (first);
  g_hash_table_remove_all (session->touching);

  *layout = _vl_sqlite_session_get_layout (session, table, error);
  if (*layout != NULL && (*layout)->id_column >= 0 && _vl_sqlite_applied_prepare (session, error))
    return TRUE;

  if (*layout != NULL && (*layout)->id_column < 0)
    g_set_error (error, VL_ERROR, VL_ERROR_UNSUPPORTED,
                 _ ("The table “%s” has no key of one column and cannot be written to"), table);
  _vl_sqlite_session_end (session);

  return FALSE;
}

gboolean
_vl_sqlite_apply (VlSqliteSession *session,
                  const char *table,
                  VlChange *change,
                  VlRecord **record,
                  GError **error)
{
  g_autoptr (VlRecord) stored = NULL;
  VlSqliteLayout *layout;
  gboolean done;

  if (!begin (session, table, change, &layout, error))
    return FALSE;

  done = _vl_sqlite_write_once (session, layout, change, &stored, error);
  if (done && !_vl_sqlite_session_commit (session, error))
    {
      g_clear_object (&stored);
      done = FALSE;
    }
  _vl_sqlite_session_end (session);
  *record = g_steal_pointer (&stored);

  return done;
}

static void
outcomes_clear (VlSqliteOutcome *outcomes, guint n_outcomes)
{
  for (guint i = 0; i < n_outcomes; i++)
    {
      g_clear_object (&outcomes[i].record);
      g_clear_error (&outcomes[i].error);
    }
}

/* Errors that say something about the change rather than about the file. */
static gboolean
is_about_change (const GError *error)
{
  return error->domain == VL_ERROR &&
         (error->code == VL_ERROR_EXISTS || error->code == VL_ERROR_NOT_FOUND ||
          error->code == VL_ERROR_CONFLICT || error->code == VL_ERROR_INVALID ||
          error->code == VL_ERROR_REJECTED);
}

/* A change is one statement that writes, which SQLite undoes as a whole when
 * it fails: only triggers can leave something behind. FALSE when the whole
 * transaction is lost. */
static gboolean
write_one (VlSqliteSession *session,
           VlSqliteLayout *layout,
           VlChange *change,
           VlSqliteOutcome *outcome,
           GError **error)
{
  VlSqlite *sqlite = session->sqlite;
  gboolean guarded = layout->has_triggers;

  if (guarded && !_vl_sqlite_exec (sqlite, "SAVEPOINT vl_change", error))
    return FALSE;

  if (!_vl_sqlite_write_once (session, layout, change, &outcome->record, &outcome->error))
    {
      if (!_vl_sqlite_in_transaction (sqlite) || !is_about_change (outcome->error))
        {
          g_propagate_error (error, g_error_copy (outcome->error));
          return FALSE;
        }
      if (guarded && !_vl_sqlite_exec (sqlite, "ROLLBACK TO vl_change", error))
        return FALSE;
    }

  return !guarded || _vl_sqlite_exec (sqlite, "RELEASE vl_change", error);
}

/* For a batch that one change has undone: the others are not to suffer. */
static gboolean
apply_singly (VlSqliteSession *session,
              const char *table,
              GPtrArray *changes,
              VlSqliteOutcome *outcomes)
{
  outcomes_clear (outcomes, changes->len);
  for (guint i = 0; i < changes->len; i++)
    _vl_sqlite_apply (session, table, changes->pdata[i], &outcomes[i].record, &outcomes[i].error);

  return TRUE;
}

gboolean
_vl_sqlite_apply_batch (VlSqliteSession *session,
                        const char *table,
                        GPtrArray *changes,
                        VlSqliteOutcome *outcomes,
                        GError **error)
{
  g_autoptr (GError) failure = NULL;
  VlSqliteLayout *layout;
  gboolean done = TRUE;
  gboolean undone;

  if (!begin (session, table, changes->len > 0 ? changes->pdata[0] : NULL, &layout, error))
    return FALSE;

  for (guint i = 0; i < changes->len && done; i++)
    done = write_one (session, layout, changes->pdata[i], &outcomes[i], &failure);
  undone = done || !_vl_sqlite_in_transaction (session->sqlite);
  done = done && _vl_sqlite_session_commit (session, &failure);
  _vl_sqlite_session_end (session);
  if (done)
    return TRUE;

  /* RAISE (ROLLBACK) in a trigger, or a foreign key that is looked at when the
   * transaction ends. */
  if (undone && is_about_change (failure))
    return apply_singly (session, table, changes, outcomes);

  outcomes_clear (outcomes, changes->len);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}
