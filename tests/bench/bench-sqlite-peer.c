/* bench-sqlite-peer.c: SQLite used directly, the way a careful program does
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench-sqlite-peer.h"

#include <glib/gstdio.h>
#include <string.h>
#include <time.h>

static const char *const cities[] = { "Vilnius", "Kaunas", "London", "Bristol", "Lyon", "Bergen" };

void
peer_client (PeerClient *self, gint64 id)
{
  self->id = id;
  g_snprintf (self->name, sizeof self->name, "Client number %" G_GINT64_FORMAT, id);
  g_snprintf (self->email, sizeof self->email, "client%" G_GINT64_FORMAT "@example.org", id);
  g_strlcpy (self->city, cities[id % (gint64) G_N_ELEMENTS (cities)], sizeof self->city);
  self->balance = (double) (id % 100000) / 8;
  self->active = id % 3 != 0;
}

VlRecord *
peer_client_to_record (const PeerClient *self)
{
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, self->id);
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (id);

  vl_record_builder_set_string (builder, "name", self->name);
  vl_record_builder_set_string (builder, "email", self->email);
  vl_record_builder_set_string (builder, "city", self->city);
  vl_record_builder_set_double (builder, "balance", self->balance);
  vl_record_builder_set_boolean (builder, "active", self->active);

  return vl_record_builder_end (builder);
}

VlSchema *
peer_schema (void)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("client");

  vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_INT64, FALSE);
  vl_schema_builder_add_column (builder, "name", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (builder, "email", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (builder, "city", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (builder, "balance", VL_FIELD_TYPE_DOUBLE, FALSE);
  vl_schema_builder_add_column (builder, "active", VL_FIELD_TYPE_BOOLEAN, FALSE);
  vl_schema_builder_set_id_column (builder, "id");

  return vl_schema_builder_end (builder);
}

static void
check (sqlite3 *db, int rc, const char *sql)
{
  if (rc != SQLITE_OK)
    g_error ("%s: %s", sql, sqlite3_errmsg (db));
}

sqlite3 *
peer_open (const char *path)
{
  sqlite3 *db;

  check (NULL,
         sqlite3_open_v2 (path, &db,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL),
         path);

  return db;
}

void
peer_exec (sqlite3 *db, const char *sql)
{
  check (db, sqlite3_exec (db, sql, NULL, NULL, NULL), sql);
}

sqlite3_stmt *
peer_prepare (sqlite3 *db, const char *sql)
{
  sqlite3_stmt *statement;

  check (db, sqlite3_prepare_v3 (db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL), sql);

  return statement;
}

void
peer_done (sqlite3_stmt *statement)
{
  if (sqlite3_step (statement) != SQLITE_DONE)
    g_error ("%s: %s", sqlite3_sql (statement), sqlite3_errmsg (sqlite3_db_handle (statement)));
  sqlite3_reset (statement);
}

gint64
peer_get_int64 (sqlite3 *db, const char *sql)
{
  sqlite3_stmt *statement = peer_prepare (db, sql);
  gint64 value;

  if (sqlite3_step (statement) != SQLITE_ROW)
    g_error ("%s: %s", sql, sqlite3_errmsg (db));
  value = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);

  return value;
}

void
peer_bind_client (sqlite3_stmt *statement, const PeerClient *client)
{
  sqlite3_bind_int64 (statement, 1, client->id);
  sqlite3_bind_text (statement, 2, client->name, -1, SQLITE_STATIC);
  sqlite3_bind_text (statement, 3, client->email, -1, SQLITE_STATIC);
  sqlite3_bind_text (statement, 4, client->city, -1, SQLITE_STATIC);
  sqlite3_bind_double (statement, 5, client->balance);
  sqlite3_bind_int (statement, 6, client->active);
}

void
peer_make_clients (const char *path, gint64 n_rows)
{
  sqlite3 *db = peer_open (path);
  sqlite3_stmt *insert;

  peer_exec (db, "PRAGMA journal_mode = WAL");
  peer_exec (db, PEER_TABLE);
  insert = peer_prepare (db, "INSERT INTO client (" PEER_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?)");
  peer_exec (db, "BEGIN");
  for (gint64 id = 1; id <= n_rows; id++)
    {
      PeerClient client;

      peer_client (&client, id);
      peer_bind_client (insert, &client);
      peer_done (insert);
    }
  peer_exec (db, "COMMIT");
  sqlite3_finalize (insert);
  sqlite3_close (db);
}

static guint64
sum_text (const char *text)
{
  return (guint64) (guint8) text[0] + strlen (text);
}

guint64
peer_sum_row (sqlite3_stmt *statement)
{
  guint64 sum = (guint64) sqlite3_column_int64 (statement, 0);

  sum += sum_text ((const char *) sqlite3_column_text (statement, 1));
  sum += sum_text ((const char *) sqlite3_column_text (statement, 2));
  sum += sum_text ((const char *) sqlite3_column_text (statement, 3));
  sum += (guint64) (sqlite3_column_double (statement, 4) * 8);

  return sum + (guint64) sqlite3_column_int (statement, 5);
}

guint64
peer_sum_record (VlRecord *record)
{
  guint64 sum = (guint64) vl_record_get_int64 (record, "id");

  sum += sum_text (vl_record_get_string (record, "name"));
  sum += sum_text (vl_record_get_string (record, "email"));
  sum += sum_text (vl_record_get_string (record, "city"));
  sum += (guint64) (vl_record_get_double (record, "balance") * 8);

  return sum + (guint64) vl_record_get_boolean (record, "active");
}

static char *
copy_cell (sqlite3_stmt *statement, int column, char *buffer)
{
  gint64 integer;
  double real;
  gsize length;

  switch (sqlite3_column_type (statement, column))
    {
    case SQLITE_INTEGER:
      integer = sqlite3_column_int64 (statement, column);
      memcpy (buffer, &integer, sizeof integer);
      return buffer + sizeof integer;
    case SQLITE_FLOAT:
      real = sqlite3_column_double (statement, column);
      memcpy (buffer, &real, sizeof real);
      return buffer + sizeof real;
    default:
      length = (gsize) sqlite3_column_bytes (statement, column);
      memcpy (buffer, sqlite3_column_text (statement, column), length + 1);
      return buffer + length + 1;
    }
}

char *
peer_copy_row (sqlite3_stmt *statement, char *buffer)
{
  for (int column = 0; column < PEER_N_COLUMNS; column++)
    buffer = copy_cell (statement, column, buffer);

  return buffer;
}

char *
peer_folder_new (void)
{
  char *path = g_build_filename (g_get_tmp_dir (), "vl-bench-XXXXXX", NULL);

  if (g_mkdtemp (path) == NULL)
    g_error ("%s cannot be made", path);

  return path;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

void
peer_folder_free (char *path)
{
  remove_tree (path);
  g_free (path);
}

void
peer_wait (const guint *n_left)
{
  while (*n_left > 0)
    g_main_context_iteration (NULL, TRUE);
}

guint64
peer_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);

  return (guint64) now.tv_sec * 1000000000 + (guint64) now.tv_nsec;
}

double
peer_each (guint64 began, guint n)
{
  return (double) (peer_now () - began) / n;
}

typedef struct
{
  GMutex lock;
  GCond wake;
  gboolean asked; /* under the lock, like the next */
  gboolean ends;
  guint n_left;
} Hop;

static gboolean
hop_landed (gpointer user_data)
{
  ((Hop *) user_data)->n_left--;

  return G_SOURCE_REMOVE;
}

static gpointer
hop_thread (gpointer user_data)
{
  Hop *self = user_data;

  g_mutex_lock (&self->lock);
  while (!self->ends)
    {
      while (!self->asked && !self->ends)
        g_cond_wait (&self->wake, &self->lock);
      if (self->asked)
        g_idle_add_full (G_PRIORITY_DEFAULT, hop_landed, self, NULL);
      self->asked = FALSE;
    }
  g_mutex_unlock (&self->lock);

  return NULL;
}

double
peer_hop (gpointer unused, guint n)
{
  Hop self = { .n_left = 0 };
  GThread *thread;
  guint64 began;
  double total;

  g_mutex_init (&self.lock);
  g_cond_init (&self.wake);
  thread = g_thread_new ("hop", hop_thread, &self);
  began = peer_now ();
  for (guint i = 0; i < n; i++)
    {
      self.n_left = 1;
      g_mutex_lock (&self.lock);
      self.asked = TRUE;
      g_cond_signal (&self.wake);
      g_mutex_unlock (&self.lock);
      peer_wait (&self.n_left);
    }
  total = (double) (peer_now () - began);
  g_mutex_lock (&self.lock);
  self.ends = TRUE;
  g_cond_signal (&self.wake);
  g_mutex_unlock (&self.lock);
  g_thread_join (thread);
  g_mutex_clear (&self.lock);
  g_cond_clear (&self.wake);

  return total;
}

static void
turned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(guint *) user_data -= 1;
}

double
peer_turn (gpointer unused, guint n)
{
  guint64 began = peer_now ();

  for (guint i = 0; i < n; i++)
    {
      guint n_left = 1;
      g_autoptr (GTask) task = g_task_new (NULL, NULL, turned, &n_left);

      g_task_return_boolean (task, TRUE);
      peer_wait (&n_left);
    }

  return (double) (peer_now () - began);
}
