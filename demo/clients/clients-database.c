/* clients-database.c: the database, which plays the one far away
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "clients-database.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <vantage-live.h>

#include "clients-names.h"

/* Rows after which it says how far it is. */
#define STEP 2000

typedef struct
{
  char *path;
  guint n_rows;
  guint64 seed;
  GMainContext *context;
  ClientsProgressFunc progress;
  gpointer progress_data;
} Plan;

typedef struct
{
  GTask *task;
  guint n_done;
} Step;

static void
plan_free (gpointer data)
{
  Plan *plan = data;

  g_free (plan->path);
  g_main_context_unref (plan->context);
  g_free (plan);
}

static void
step_free (gpointer data)
{
  Step *step = data;

  g_object_unref (step->task);
  g_free (step);
}

static gboolean
tell_step (gpointer user_data)
{
  Step *step = user_data;
  Plan *plan = g_task_get_task_data (step->task);

  if (!g_task_get_completed (step->task))
    plan->progress (step->n_done, plan->n_rows, plan->progress_data);

  return G_SOURCE_REMOVE;
}

static void
tell (GTask *task, guint n_done)
{
  Plan *plan = g_task_get_task_data (task);
  Step *step = g_new0 (Step, 1);

  step->task = g_object_ref (task);
  step->n_done = n_done;
  g_main_context_invoke_full (plan->context, G_PRIORITY_DEFAULT_IDLE, tell_step, step, step_free);
}

static gboolean
check (sqlite3 *db, int result, GError **error)
{
  if (result == SQLITE_OK || result == SQLITE_DONE)
    return TRUE;

  g_set_error (error, VL_ERROR, VL_ERROR_FAILED, "The clients could not be made up: %s",
               sqlite3_errmsg (db));

  return FALSE;
}

static const char schema[] =
  "PRAGMA journal_mode = WAL;"
  "BEGIN;"
  "CREATE TABLE " CLIENTS_TABLE " ("
  " id INTEGER PRIMARY KEY,"
  " name TEXT NOT NULL CONSTRAINT \"“name” is missing\" CHECK (name <> ''),"
  " city TEXT,"
  " email TEXT UNIQUE CONSTRAINT \"“email” has to look like someone@somewhere\""
  "   CHECK (email IS NULL OR email LIKE '_%@_%._%'),"
  " phone TEXT,"
  " credit REAL CONSTRAINT \"“credit” cannot be less than nothing\" CHECK (credit >= 0),"
  " active BOOLEAN NOT NULL DEFAULT 1"
  ");";

static const char indices[] = "CREATE INDEX clients_by_name ON " CLIENTS_TABLE " (name);"
                              "CREATE INDEX clients_by_city ON " CLIENTS_TABLE " (city);"
                              "CREATE INDEX clients_by_credit ON " CLIENTS_TABLE " (credit);"
                              "COMMIT;";

static void
bind_text (sqlite3_stmt *insert, int place, const char *text)
{
  sqlite3_bind_text (insert, place, text, -1, SQLITE_TRANSIENT);
}

static int
add_person (sqlite3_stmt *insert, guint64 seed, guint number)
{
  g_auto (ClientsPerson) person = { 0 };

  clients_person_init (&person, seed, number);
  sqlite3_reset (insert);
  sqlite3_bind_int64 (insert, 1, number);
  bind_text (insert, 2, person.name);
  bind_text (insert, 3, person.city);
  bind_text (insert, 4, person.email);
  bind_text (insert, 5, person.phone);
  sqlite3_bind_double (insert, 6, person.credit);
  sqlite3_bind_int (insert, 7, person.is_active);

  return sqlite3_step (insert);
}

static gboolean
add_people (sqlite3 *db, GTask *task, GError **error)
{
  Plan *plan = g_task_get_task_data (task);
  sqlite3_stmt *insert = NULL;
  int result = sqlite3_prepare_v2 (db, "INSERT INTO " CLIENTS_TABLE " VALUES (?, ?, ?, ?, ?, ?, ?)",
                                   -1, &insert, NULL);
  gboolean goes_on = check (db, result, error);

  for (guint i = 1; goes_on && i <= plan->n_rows; i++)
    {
      goes_on = check (db, add_person (insert, plan->seed, i), error) &&
                !g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), error);
      if (i % STEP == 0)
        tell (task, i);
    }
  sqlite3_finalize (insert);

  return goes_on;
}

static gboolean
fill (const char *path, GTask *task, GError **error)
{
  sqlite3 *db = NULL;
  gboolean is_good;

  is_good = check (db, sqlite3_open (path, &db), error) &&
            check (db, sqlite3_exec (db, schema, NULL, NULL, NULL), error) &&
            add_people (db, task, error) &&
            check (db, sqlite3_exec (db, indices, NULL, NULL, NULL), error);
  /* The last one that closes it leaves nothing beside the file. */
  if (sqlite3_close (db) != SQLITE_OK && is_good)
    {
      g_set_error_literal (error, VL_ERROR, VL_ERROR_FAILED, "The clients could not be made up");
      is_good = FALSE;
    }

  return is_good;
}

static void
remove_part (const char *part)
{
  g_autofree char *wal = g_strconcat (part, "-wal", NULL);
  g_autofree char *shm = g_strconcat (part, "-shm", NULL);

  g_unlink (part);
  g_unlink (wal);
  g_unlink (shm);
}

static void
create (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Plan *plan = task_data;
  g_autofree char *part = g_strconcat (plan->path, ".part", NULL);
  g_autoptr (GError) error = NULL;

  remove_part (part);
  if (!fill (part, task, &error))
    {
      remove_part (part);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (g_rename (part, plan->path) != 0)
    {
      int reason = errno;

      remove_part (part);
      g_task_return_new_error (task, G_IO_ERROR, g_io_error_from_errno (reason), "%s: %s",
                               plan->path, g_strerror (reason));
      return;
    }
  g_task_return_boolean (task, TRUE);
}

void
clients_database_create_async (const char *path,
                               guint n_rows,
                               guint64 seed,
                               ClientsProgressFunc progress,
                               gpointer progress_data,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Plan *plan = g_new0 (Plan, 1);

  plan->path = g_strdup (path);
  plan->n_rows = n_rows;
  plan->seed = seed;
  plan->context = g_main_context_ref_thread_default ();
  plan->progress = progress;
  plan->progress_data = progress_data;
  g_task_set_task_data (task, plan, plan_free);
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    g_task_return_boolean (task, TRUE);
  else
    g_task_run_in_thread (task, create);
}

gboolean
clients_database_create_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
