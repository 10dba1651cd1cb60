/* vl-sqlite.c: one connection to an SQLite database
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <gio/gio.h>
#include <string.h>

#include "vl-sqlite-private.h"

#include "vl-file-private.h"

/* Statements kept: a live list needs about five. */
#define MAX_STATEMENTS 64

/* Longer text than this is not likely to come again. */
#define MAX_KEPT_SQL 8192

/* Places for statements that are kept by number, and how many of them are looked
 * at for one. */
#define N_KEPT  64
#define N_TRIES 8

/* Steps of SQLite's machine between two looks at the flag: about 20 us. */
#define CANCEL_INTERVAL 1000

typedef struct
{
  GList link;
  sqlite3_stmt *statement;
  gboolean is_used; /* by somebody, just now */
} Text;

typedef struct
{
  guint64 owner;
  guint64 variant;
  sqlite3_stmt *statement; /* NULL = free */
} Kept;

struct _VlSqlite
{
  sqlite3 *db;
  char *path;
  char *instance; /* of the file that is open, NULL = not known */
  guint busy_timeout;
  guint waited;         /* milliseconds, for the lock being waited for */
  const int *cancelled; /* atomic; NULL = nothing to watch */
  gboolean is_durable;

  /* Statements that are kept by their text, those used longest ago last; the
   * tables have them by text and by statement. */
  GQueue texts;
  GHashTable *by_text;
  GHashTable *by_statement;

  Kept kept[N_KEPT];
};

static VlSqliteOpened opened_func;

void
_vl_sqlite_set_opened_func (VlSqliteOpened func)
{
  g_atomic_pointer_set (&opened_func, func);
}

static gboolean
is_cancelled (VlSqlite *self)
{
  return self->cancelled != NULL && g_atomic_int_get (self->cancelled) != 0;
}

static int
on_progress (void *data)
{
  return is_cancelled (data);
}

/* Waits a little longer each time, the way SQLite does by itself, but sees
 * that nobody waits for the result any more. */
static int
on_busy (void *data, int n_calls)
{
  static const guint8 steps[] = { 1, 2, 5, 10, 15, 20, 25 };
  VlSqlite *self = data;
  guint wait = steps[MIN ((guint) n_calls, G_N_ELEMENTS (steps) - 1)];

  if (n_calls == 0)
    self->waited = 0;
  if (is_cancelled (self) || self->waited >= self->busy_timeout)
    return 0;

  wait = MIN (wait, self->busy_timeout - self->waited);
  sqlite3_sleep ((int) wait);
  self->waited += wait;

  return 1;
}

static gboolean
configure (VlSqlite *self, VlSqliteMode mode, GError **error)
{
  sqlite3_extended_result_codes (self->db, 1);
  sqlite3_busy_handler (self->db, on_busy, self);
  sqlite3_progress_handler (self->db, CANCEL_INTERVAL, on_progress, self);

  /* The reader opens for writing too, since it may have to play back the
   * journal of a program that crashed. */
  if (mode == VL_SQLITE_READ)
    return _vl_sqlite_exec (self, "PRAGMA query_only = ON", error);

  return _vl_sqlite_exec (self, "PRAGMA foreign_keys = ON", error);
}

VlSqlite *
_vl_sqlite_open (const char *path, VlSqliteMode mode, GError **error)
{
  g_autoptr (VlSqlite) self = g_new0 (VlSqlite, 1);
  VlSqliteOpened opened = g_atomic_pointer_get (&opened_func);
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
  int rc;

  if (mode == VL_SQLITE_CREATE)
    flags |= SQLITE_OPEN_CREATE;

  self->path = g_strdup (path);
  g_queue_init (&self->texts);
  self->by_text = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_statement = g_hash_table_new (NULL, NULL);

  rc = sqlite3_open_v2 (path, &self->db, flags, NULL);
  if (rc != SQLITE_OK)
    {
      _vl_sqlite_set_error (error, rc, self->db, path);
      return NULL;
    }
  self->instance = _vl_file_dup_instance (path);
  if (!configure (self, mode, error))
    return NULL;
  if (opened != NULL)
    opened (self, mode);

  return g_steal_pointer (&self);
}

static void
text_free (VlSqlite *self, Text *text)
{
  g_queue_unlink (&self->texts, &text->link);
  g_hash_table_remove (self->by_text, sqlite3_sql (text->statement));
  g_hash_table_remove (self->by_statement, text->statement);
  sqlite3_finalize (text->statement);
  g_free (text);
}

static void
text_add (VlSqlite *self, sqlite3_stmt *statement)
{
  Text *text = g_new0 (Text, 1);

  text->statement = statement;
  text->is_used = TRUE;
  text->link.data = text;
  g_queue_push_head_link (&self->texts, &text->link);
  g_hash_table_insert (self->by_text, (char *) sqlite3_sql (statement), text);
  g_hash_table_insert (self->by_statement, statement, text);
  text = g_queue_peek_tail (&self->texts);
  if (self->texts.length > MAX_STATEMENTS && !text->is_used)
    text_free (self, text);
}

void
_vl_sqlite_free (VlSqlite *self)
{
  while (!g_queue_is_empty (&self->texts))
    text_free (self, g_queue_peek_head (&self->texts));
  for (guint i = 0; i < N_KEPT; i++)
    sqlite3_finalize (self->kept[i].statement);
  g_hash_table_unref (self->by_text);
  g_hash_table_unref (self->by_statement);
  sqlite3_close (self->db);
  g_free (self->instance);
  g_free (self->path);
  g_free (self);
}

sqlite3 *
_vl_sqlite_get_db (VlSqlite *self)
{
  return self->db;
}

const char *
_vl_sqlite_get_instance (VlSqlite *self)
{
  return self->instance;
}

gboolean
_vl_sqlite_is_current (VlSqlite *self)
{
  g_autofree char *instance = _vl_file_dup_instance (self->path);

  return instance != NULL && g_strcmp0 (instance, self->instance) == 0;
}

void
_vl_sqlite_set_busy_timeout (VlSqlite *self, guint timeout)
{
  self->busy_timeout = timeout;
}

void
_vl_sqlite_set_cancelled (VlSqlite *self, const int *cancelled)
{
  self->cancelled = cancelled;
}

sqlite3_stmt *
_vl_sqlite_prepare (VlSqlite *self, const char *sql, GError **error)
{
  Text *text = g_hash_table_lookup (self->by_text, sql);
  sqlite3_stmt *statement = NULL;
  int rc;

  if (text != NULL && !text->is_used)
    {
      text->is_used = TRUE;
      g_queue_unlink (&self->texts, &text->link);
      g_queue_push_head_link (&self->texts, &text->link);
      return text->statement;
    }

  rc = sqlite3_prepare_v2 (self->db, sql, -1, &statement, NULL);
  if (rc != SQLITE_OK)
    {
      _vl_sqlite_set_error (error, is_cancelled (self) ? SQLITE_INTERRUPT : rc, self->db,
                            self->path);
      return NULL;
    }
  if (text == NULL && strlen (sql) <= MAX_KEPT_SQL)
    text_add (self, statement);

  return statement;
}

void
_vl_sqlite_release (VlSqlite *self, sqlite3_stmt *statement)
{
  Text *text = g_hash_table_lookup (self->by_statement, statement);

  if (text == NULL)
    {
      sqlite3_finalize (statement);
      return;
    }

  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  text->is_used = FALSE;
}

/* Where it is, or is to be: a few places are looked at, and when none of them
 * is free the first has to go. */
static Kept *
get_place (VlSqlite *self, guint64 owner, guint64 variant)
{
  guint64 hash = (owner * 31 + variant) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  guint first = (guint) (hash >> 32) % N_KEPT;
  Kept *free_place = NULL;

  for (guint i = 0; i < N_TRIES; i++)
    {
      Kept *kept = &self->kept[(first + i) % N_KEPT];

      if (kept->statement == NULL && free_place == NULL)
        free_place = kept;
      else if (kept->statement != NULL && kept->owner == owner && kept->variant == variant)
        return kept;
    }

  return free_place != NULL ? free_place : &self->kept[first];
}

sqlite3_stmt *
_vl_sqlite_get_kept (VlSqlite *self, guint64 owner, guint64 variant)
{
  Kept *kept = get_place (self, owner, variant);

  return kept->owner == owner && kept->variant == variant ? kept->statement : NULL;
}

sqlite3_stmt *
_vl_sqlite_keep (VlSqlite *self, guint64 owner, guint64 variant, const char *sql, GError **error)
{
  Kept *kept = get_place (self, owner, variant);
  sqlite3_stmt *statement = NULL;
  int rc = sqlite3_prepare_v3 (self->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);

  if (rc != SQLITE_OK)
    {
      _vl_sqlite_set_error (error, is_cancelled (self) ? SQLITE_INTERRUPT : rc, self->db,
                            self->path);
      return NULL;
    }

  sqlite3_finalize (kept->statement);
  *kept = (Kept){ owner, variant, statement };

  return statement;
}

sqlite3_stmt *
_vl_sqlite_keep_static (VlSqlite *self, const char *sql, GError **error)
{
  sqlite3_stmt *statement = _vl_sqlite_get_kept (self, 0, GPOINTER_TO_SIZE (sql));

  return statement != NULL ? statement
                           : _vl_sqlite_keep (self, 0, GPOINTER_TO_SIZE (sql), sql, error);
}

gboolean
_vl_sqlite_exec_static (VlSqlite *self, const char *sql, GError **error)
{
  sqlite3_stmt *statement = _vl_sqlite_keep_static (self, sql, error);
  gboolean row = TRUE;
  gboolean done = TRUE;

  if (statement == NULL)
    return FALSE;

  while (done && row)
    done = _vl_sqlite_step (self, statement, &row, error);
  sqlite3_reset (statement);

  return done;
}

gboolean
_vl_sqlite_get_static_int64 (VlSqlite *self, const char *sql, gint64 *value, GError **error)
{
  sqlite3_stmt *statement = _vl_sqlite_keep_static (self, sql, error);
  gboolean row = FALSE;
  gboolean done;

  if (statement == NULL)
    return FALSE;

  done = _vl_sqlite_step (self, statement, &row, error);
  if (done)
    *value = row ? sqlite3_column_int64 (statement, 0) : 0;
  sqlite3_reset (statement);

  return done;
}

gboolean
_vl_sqlite_check (VlSqlite *self, int rc, GError **error)
{
  if (rc == SQLITE_OK)
    return TRUE;

  _vl_sqlite_set_error (error, rc, self->db, self->path);
  return FALSE;
}

gboolean
_vl_sqlite_step (VlSqlite *self, sqlite3_stmt *statement, gboolean *row, GError **error)
{
  int rc = is_cancelled (self) ? SQLITE_INTERRUPT : sqlite3_step (statement);

  if (row != NULL)
    *row = rc == SQLITE_ROW;
  if (rc == SQLITE_ROW || rc == SQLITE_DONE)
    return TRUE;

  /* A wait for a lock that was given up because of the flag. */
  if ((rc & 0xff) == SQLITE_BUSY && is_cancelled (self))
    rc = SQLITE_INTERRUPT;
  _vl_sqlite_set_error (error, rc, self->db, self->path);

  return FALSE;
}

gboolean
_vl_sqlite_exec (VlSqlite *self, const char *sql, GError **error)
{
  sqlite3_stmt *statement = _vl_sqlite_prepare (self, sql, error);
  gboolean row = TRUE;
  gboolean done = TRUE;

  if (statement == NULL)
    return FALSE;

  while (done && row)
    done = _vl_sqlite_step (self, statement, &row, error);
  _vl_sqlite_release (self, statement);

  return done;
}

gboolean
_vl_sqlite_get_int64 (VlSqlite *self, const char *sql, gint64 *value, GError **error)
{
  sqlite3_stmt *statement = _vl_sqlite_prepare (self, sql, error);
  gboolean row;
  gboolean done;

  if (statement == NULL)
    return FALSE;

  done = _vl_sqlite_step (self, statement, &row, error);
  if (done)
    *value = row ? sqlite3_column_int64 (statement, 0) : 0;
  _vl_sqlite_release (self, statement);

  return done;
}

gboolean
_vl_sqlite_make_durable (VlSqlite *self, GError **error)
{
  if (!self->is_durable)
    self->is_durable = _vl_sqlite_exec (self, "PRAGMA synchronous = EXTRA", error);

  return self->is_durable;
}

gboolean
_vl_sqlite_in_transaction (VlSqlite *self)
{
  return sqlite3_get_autocommit (self->db) == 0;
}

void
_vl_sqlite_rollback (VlSqlite *self)
{
  const int *cancelled = g_steal_pointer (&self->cancelled);

  if (_vl_sqlite_in_transaction (self))
    _vl_sqlite_exec_static (self, "ROLLBACK", NULL);
  self->cancelled = cancelled;
}

void
_vl_sqlite_append_name (GString *sql, const char *name)
{
  g_string_append_c (sql, '"');
  for (const char *p = name; *p != '\0'; p++)
    {
      if (*p == '"')
        g_string_append_c (sql, '"');
      g_string_append_c (sql, *p);
    }
  g_string_append_c (sql, '"');
}
