/* vl-disk.c: the database file of a cache
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The file is what one process at a time owns, behind the lock of its folder:
 * a write-ahead log without shared memory. It is never trusted: its identity,
 * version and shape are checked when it is opened, each root and entry carries
 * a checksum of what makes it fresh, and a page one of its bytes. What does
 * not check out makes the whole file a damaged one, that is set aside.
 *
 * Everything here runs on the worker thread.
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-disk-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "../base/vl-checksum-private.h"
#include "../base/vl-file-private.h"
#include "../base/vl-log-private.h"
#include "../base/vl-random-private.h"
#include "../table/vl-block-private.h"
#include "../vl-error.h"

#define FILE_NAME "cache.db"

/* A new file is made under this name and gets the other one once it is whole,
 * so that an empty or half made one is always a damaged one. */
#define NEW_NAME "cache.new"

/* "VlCa". */
#define APPLICATION_ID 0x566c4361

/* Raised with each change of the tables below; what is in a page has a version
 * of its own. */
#define VERSION (2 * 1000 + VL_BLOCK_VERSION)

/* How many files are kept aside before the last is replaced. */
#define MAX_ASIDE 16

/* A generation has the number of the opening above these bits, and a count
 * below: what one opening handed out no other does, saved or not. 21 and 32
 * bits stay below 2^53. */
#define COUNT_BITS 32
#define FIRST_BITS 20

static const char *const suffixes[] = { "", "-wal", "-journal", "-shm" };

/* In the order of their names, as they are compared with. The blobs have a
 * table of their own, so that what is said about a page can change without
 * writing it again. A root without a name was cleared, and is to be erased. */
static const char *const tables[] = {
  "CREATE TABLE entries (id INTEGER PRIMARY KEY, root INTEGER NOT NULL, key TEXT NOT NULL, "
  "generation INTEGER NOT NULL, stamp INTEGER NOT NULL, size INTEGER NOT NULL, "
  "checksum INTEGER NOT NULL, UNIQUE (root, key))",
  "CREATE INDEX entries_by_use ON entries (root, generation, stamp)",
  "CREATE TABLE pages (id INTEGER PRIMARY KEY, data BLOB NOT NULL)",
  "CREATE TABLE roots (id INTEGER PRIMARY KEY, name TEXT UNIQUE, "
  "generation INTEGER NOT NULL, is_open INTEGER NOT NULL, checksum INTEGER NOT NULL)",
  "CREATE TABLE state (id INTEGER PRIMARY KEY, opening INTEGER NOT NULL, stamp INTEGER NOT NULL, "
  "n_bytes INTEGER NOT NULL, n_pages INTEGER NOT NULL)",
};

static void
root_free (gpointer data)
{
  VlDiskRoot *root = data;

  g_free (root->name);
  g_free (root);
}

VlDisk *
_vl_disk_new (const char *folder_path)
{
  VlDisk *self = g_new0 (VlDisk, 1);

  self->folder_path = g_strdup (folder_path);
  self->path = g_build_filename (folder_path, FILE_NAME, NULL);
  self->new_path = g_build_filename (folder_path, NEW_NAME, NULL);
  self->roots = g_hash_table_new_full (_vl_hash_key, g_str_equal, NULL, root_free);
  self->touched = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->changed = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  return self;
}

void
_vl_disk_free (VlDisk *self)
{
  _vl_disk_end_reading (self);
  g_clear_pointer (&self->sqlite, _vl_sqlite_free);
  g_clear_pointer (&self->folder, _vl_folder_free);
  g_hash_table_unref (self->roots);
  g_hash_table_unref (self->touched);
  g_hash_table_unref (self->changed);
  g_free (self->path);
  g_free (self->new_path);
  g_free (self->folder_path);
  g_free (self);
}

gboolean
_vl_disk_is_damage (const GError *error)
{
  return g_error_matches (error, VL_ERROR, VL_ERROR_CORRUPT) ||
         g_error_matches (error, VL_ERROR, VL_ERROR_FAILED) ||
         g_error_matches (error, VL_ERROR, VL_ERROR_EXISTS) ||
         g_error_matches (error, VL_ERROR, VL_ERROR_REJECTED);
}

/* --- Statements --- */

static gboolean
bind_all (VlDisk *self, sqlite3_stmt *statement, const char *types, va_list args, GError **error)
{
  for (int i = 1; *types != '\0'; types++, i++)
    {
      GBytes *bytes;
      int rc;

      switch (*types)
        {
        case 'i':
          rc = sqlite3_bind_int64 (statement, i, va_arg (args, gint64));
          break;
        case 't':
          rc = sqlite3_bind_text (statement, i, va_arg (args, const char *), -1, SQLITE_STATIC);
          break;
        case 'b':
        default:
          bytes = va_arg (args, GBytes *);
          rc = sqlite3_bind_blob64 (statement, i, g_bytes_get_data (bytes, NULL),
                                    g_bytes_get_size (bytes), SQLITE_STATIC);
          break;
        }
      if (!_vl_sqlite_check (self->sqlite, rc, error))
        return FALSE;
    }

  return TRUE;
}

static sqlite3_stmt *
prepare_valist (VlDisk *self, GError **error, const char *sql, const char *types, va_list args)
{
  sqlite3_stmt *statement = _vl_sqlite_keep_static (self->sqlite, sql, error);

  if (statement == NULL || bind_all (self, statement, types, args, error))
    return statement;

  sqlite3_reset (statement);
  return NULL;
}

sqlite3_stmt *
_vl_disk_prepare (VlDisk *self, GError **error, const char *sql, const char *types, ...)
{
  sqlite3_stmt *statement;
  va_list args;

  va_start (args, types);
  statement = prepare_valist (self, error, sql, types, args);
  va_end (args);

  return statement;
}

gboolean
_vl_disk_run (VlDisk *self, GError **error, const char *sql, const char *types, ...)
{
  sqlite3_stmt *statement;
  gboolean done;
  va_list args;

  va_start (args, types);
  statement = prepare_valist (self, error, sql, types, args);
  va_end (args);
  if (statement == NULL)
    return FALSE;

  done = _vl_sqlite_step (self->sqlite, statement, NULL, error);
  sqlite3_reset (statement);

  return done;
}

/* "" when there is none; NULL is an error. */
static char *
get_text (VlDisk *self, const char *sql, GError **error)
{
  sqlite3_stmt *statement = _vl_disk_prepare (self, error, sql, "");
  char *text = NULL;
  gboolean row;

  if (statement == NULL)
    return NULL;
  if (_vl_sqlite_step (self->sqlite, statement, &row, error))
    {
      const char *found = row ? (const char *) sqlite3_column_text (statement, 0) : NULL;

      text = g_strdup (found != NULL ? found : "");
    }
  sqlite3_reset (statement);

  return text;
}

static gboolean
run_all (VlSqlite *sqlite, const char *const *statements, gsize n_statements, GError **error)
{
  for (gsize i = 0; i < n_statements; i++)
    {
      if (!_vl_sqlite_exec (sqlite, statements[i], error))
        return FALSE;
    }

  return TRUE;
}

/* --- Setting aside --- */

static char *
aside_path (VlDisk *self, guint n)
{
  return g_strdup_printf ("%s.aside-%u", self->path, n);
}

static gboolean
fail_folder (VlDisk *self, GError **error)
{
  g_set_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE, _ ("The folder “%s” cannot be used: %s"),
               self->folder_path, g_strerror (errno));
  return FALSE;
}

static gboolean
sync_folder (VlDisk *self, GError **error)
{
  return _vl_folder_sync (self->folder) || fail_folder (self, error);
}

/* The database goes first, and for good: without its log it would be one that
 * has forgotten its marks, while a log without its database is never read. */
static gboolean
move_files (VlDisk *self, const char *from, const char *to, GError **error)
{
  const VlFileBackend *backend = _vl_file_backend ();

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *source = g_strconcat (from, suffixes[i], NULL);
      g_autofree char *target = g_strconcat (to, suffixes[i], NULL);

      if (backend->rename (source, target) != 0 && errno != ENOENT)
        {
          g_set_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE,
                       _ ("The file “%s” cannot be renamed to “%s”: %s"), source, target,
                       g_strerror (errno));
          return FALSE;
        }
      if (i == 0 && !sync_folder (self, error))
        return FALSE;
    }

  return TRUE;
}

static void
remove_files (const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *name = g_strconcat (path, suffixes[i], NULL);

      _vl_file_backend ()->unlink (name);
    }
}

static gboolean
set_aside (VlDisk *self, const char *reason, GError **error)
{
  g_autofree char *target = NULL;

  for (guint n = 1; n <= MAX_ASIDE; n++)
    {
      g_free (target);
      target = aside_path (self, n);
      if (_vl_folder_look (target) == VL_FILE_ABSENT)
        break;
    }
  if (!move_files (self, self->path, target, error))
    return FALSE;

  _vl_log_warning ("The cache file “%s” was kept as “%s” and a new one begun: %s", self->path,
                   target, reason);
  return TRUE;
}

gboolean
_vl_disk_forget_aside (VlDisk *self, GError **error)
{
  for (guint n = 1; n <= MAX_ASIDE; n++)
    {
      g_autofree char *path = aside_path (self, n);

      remove_files (path);
      if (_vl_folder_look (path) != VL_FILE_REGULAR)
        continue;
      g_set_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE, _ ("The file “%s” cannot be removed"),
                   path);
      return FALSE;
    }

  return sync_folder (self, error);
}

/* --- Opening --- */

/* Connects to a file that has been looked at. What another program may have
 * left in it cannot make it do anything. */
static VlSqlite *
connect_to (const char *path, GError **error)
{
  static const char *const pragmas[] = {
    "PRAGMA locking_mode = EXCLUSIVE", "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",     "PRAGMA secure_delete = OFF",
    "PRAGMA temp_store = MEMORY",      "PRAGMA cache_size = -65536",
    "PRAGMA journal_mode = WAL",       "PRAGMA wal_autocheckpoint = 256",
    "PRAGMA synchronous = NORMAL",
  };
  g_autoptr (VlSqlite) sqlite = _vl_sqlite_open (path, VL_SQLITE_WRITE, error);
  gint64 id = 0;
  gint64 version = 0;

  if (sqlite == NULL || !_vl_sqlite_get_int64 (sqlite, "PRAGMA application_id", &id, error) ||
      !_vl_sqlite_get_int64 (sqlite, "PRAGMA user_version", &version, error))
    return NULL;

  /* Before anything is changed in it. */
  if (id != APPLICATION_ID || version != VERSION)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_CORRUPT,
                   id != APPLICATION_ID ? _ ("“%s” is not a cache of this library")
                                        : _ ("“%s” was written by another version of this library"),
                   path);
      return NULL;
    }

  return run_all (sqlite, pragmas, G_N_ELEMENTS (pragmas), error) ? g_steal_pointer (&sqlite)
                                                                  : NULL;
}

/* Not synced: that is done once, with all that comes into the file. */
static gboolean
build (const char *path, GError **error)
{
  g_autoptr (VlSqlite) sqlite = _vl_sqlite_open (path, VL_SQLITE_WRITE, error);
  g_autofree char *id = g_strdup_printf ("PRAGMA application_id = %d", APPLICATION_ID);
  g_autofree char *version = g_strdup_printf ("PRAGMA user_version = %d", VERSION);
  const char *const before[] = { "PRAGMA page_size = 16384", "PRAGMA locking_mode = EXCLUSIVE",
                                 "PRAGMA synchronous = OFF", "PRAGMA journal_mode = MEMORY",
                                 "BEGIN IMMEDIATE" };
  const char *const after[] = { "INSERT INTO state VALUES (1, 0, 0, 0, 0)",
                                id,
                                version,
                                "COMMIT",
                                "PRAGMA journal_mode = OFF",
                                "PRAGMA journal_mode = WAL" };

  return sqlite != NULL && run_all (sqlite, before, G_N_ELEMENTS (before), error) &&
         run_all (sqlite, tables, G_N_ELEMENTS (tables), error) &&
         run_all (sqlite, after, G_N_ELEMENTS (after), error);
}

gboolean
_vl_disk_make_new (VlDisk *self, GError **error)
{
  remove_files (self->new_path);
  if (_vl_folder_make_file (self->new_path, error) && build (self->new_path, error))
    return TRUE;

  remove_files (self->new_path);
  return FALSE;
}

void
_vl_disk_drop_new (VlDisk *self)
{
  remove_files (self->new_path);
}

static gboolean
sync_new (VlDisk *self, GError **error)
{
  const VlFileBackend *backend = _vl_file_backend ();
  int fd = backend->open (self->new_path, O_RDWR | O_NOFOLLOW, 0);
  gboolean done = fd >= 0 && backend->sync (fd) == 0;

  if (!done)
    fail_folder (self, error);
  if (fd >= 0)
    backend->close (fd);

  return done;
}

gboolean
_vl_disk_use_new (VlDisk *self, GError **error)
{
  g_autofree char *log = g_strconcat (self->path, "-wal", NULL);

  /* The log of the file that is there must not meet another one. */
  g_clear_pointer (&self->sqlite, _vl_sqlite_free);
  if (_vl_folder_look (log) != VL_FILE_ABSENT)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE, _ ("The file “%s” cannot be removed"),
                   log);
      return FALSE;
    }
  if (!sync_new (self, error) || !sync_folder (self, error) ||
      !move_files (self, self->new_path, self->path, error))
    return FALSE;

  self->sqlite = connect_to (self->path, error);
  return self->sqlite != NULL;
}

static gboolean
check_tables (VlDisk *self, GError **error)
{
  g_autofree char
    *found = get_text (self,
                       "SELECT group_concat (sql, ';') FROM (SELECT sql FROM sqlite_schema "
                       "WHERE sql IS NOT NULL ORDER BY name)",
                       error);
  g_autoptr (GString) expected = g_string_new (NULL);

  if (found == NULL)
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    g_string_append_printf (expected, "%s%s", i > 0 ? ";" : "", tables[i]);
  if (g_str_equal (found, expected->str))
    return TRUE;

  g_set_error (error, VL_ERROR, VL_ERROR_CORRUPT, _ ("“%s” does not have the tables of a cache"),
               self->path);
  return FALSE;
}

static gboolean
load_root (VlDisk *self, sqlite3_stmt *statement, GError **error)
{
  const char *name = (const char *) sqlite3_column_text (statement, 1);
  VlDiskRoot *root;

  if (name == NULL)
    {
      self->is_erasing = TRUE;
      return TRUE;
    }
  if (!g_hash_table_contains (self->roots, name))
    {
      root = _vl_disk_add_root (self, name, sqlite3_column_int64 (statement, 0));
      root->generation = (guint64) sqlite3_column_int64 (statement, 2);
      root->is_open = sqlite3_column_int64 (statement, 3) != 0;
      root->has_fresh = sqlite3_column_int64 (statement, 5) != 0;
      root->has_stale = TRUE;
      self->last_generation = MAX (self->last_generation, root->generation);
      if (_vl_disk_root_checksum (root) == (guint64) sqlite3_column_int64 (statement, 4))
        return TRUE;
    }

  g_set_error (error, VL_ERROR, VL_ERROR_CORRUPT, _ ("“%s” has roots that are damaged"),
               self->path);
  return FALSE;
}

static gboolean
load_roots (VlDisk *self, GError **error)
{
  sqlite3_stmt *statement = _vl_disk_prepare (self, error,
                                              "SELECT id, name, generation, is_open, checksum, "
                                              "EXISTS (SELECT 1 FROM entries WHERE root = roots.id "
                                              "AND generation = roots.generation) FROM roots",
                                              "");
  gboolean row = TRUE;
  gboolean done = statement != NULL;

  while (done && row)
    {
      done = _vl_sqlite_step (self->sqlite, statement, &row, error);
      if (done && row)
        done = load_root (self, statement, error);
    }
  if (statement != NULL)
    sqlite3_reset (statement);

  return done;
}

static gboolean
load_state (VlDisk *self, gint64 *opening, GError **error)
{
  sqlite3_stmt *statement = _vl_disk_prepare (
    self, error, "SELECT opening, stamp, n_bytes, n_pages FROM state WHERE id = 1", "");
  gboolean row = FALSE;
  gboolean done;

  if (statement == NULL)
    return FALSE;

  done = _vl_sqlite_step (self->sqlite, statement, &row, error);
  if (done && row)
    {
      *opening = sqlite3_column_int64 (statement, 0);
      self->stamp = sqlite3_column_int64 (statement, 1);
      self->n_bytes = sqlite3_column_int64 (statement, 2);
      self->n_pages = sqlite3_column_int64 (statement, 3);
      done = *opening >= 0 && self->stamp >= 0 && self->n_bytes >= 0 && self->n_pages >= 0;
    }
  sqlite3_reset (statement);
  if (done && row)
    return TRUE;

  if (error != NULL && *error == NULL)
    g_set_error (error, VL_ERROR, VL_ERROR_CORRUPT, _ ("“%s” does not say how it was left"),
                 self->path);
  return FALSE;
}

/* Generations of this opening are above those of all before, which the folder
 * knows even if the file has been lost. */
static guint64
next_opening (VlDisk *self, gint64 opening)
{
  guint64 last = MAX ((guint64) opening, _vl_folder_get_number (self->folder));
  guint64 next;

  last = MAX (last, self->last_generation >> COUNT_BITS);
  next = last > 0 ? last + 1 : 1 + (_vl_random_uint64 () & ((1u << FIRST_BITS) - 1));

  next &= (1u << (53 - COUNT_BITS)) - 1;

  return MAX (next, 1);
}

/* Of a root that holds nothing fresh the last generation may not have come to
 * the disk, and the one before must not be given out again. It gets a new one,
 * which is synced: what made it hold nothing fresh may be lost otherwise. */
static gboolean
has_idle_roots (VlDisk *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->roots);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      VlDiskRoot *root = value;

      if (!root->has_fresh && !root->is_open)
        return TRUE;
    }

  return FALSE;
}

/* Nor did a process that died while it wrote to the master come to invalidate
 * the roots that are open. */
static gboolean
raise_roots (VlDisk *self, GError **error)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->roots);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      VlDiskRoot *root = value;

      if (root->has_fresh && !root->is_open)
        continue;
      if (!_vl_disk_invalidate (self, root->name, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
begin_opening (VlDisk *self, GError **error)
{
  gint64 opening = 0;
  guint64 next;

  if (!check_tables (self, error) || !load_state (self, &opening, error) ||
      !load_roots (self, error))
    return FALSE;

  next = next_opening (self, opening);
  self->last_generation = next << COUNT_BITS;
  if (!_vl_folder_set_number (self->folder, next))
    return fail_folder (self, error);

  return _vl_disk_begin (self, TRUE, has_idle_roots (self), error) &&
         _vl_disk_run (self, error, "UPDATE state SET opening = ?1 WHERE id = 1", "i",
                       (gint64) next) &&
         raise_roots (self, error) && _vl_disk_commit (self, error);
}

static void
close_file (VlDisk *self)
{
  _vl_disk_erase_stop (self);
  _vl_disk_end_reading (self);
  g_clear_pointer (&self->sqlite, _vl_sqlite_free);
  g_hash_table_remove_all (self->roots);
  g_hash_table_remove_all (self->touched);
  self->n_bytes = 0;
  self->n_pages = 0;
  self->stamp = 0;
  self->is_changed = FALSE;
}

static gboolean
begin_file (VlDisk *self, GError **error)
{
  return _vl_disk_make_new (self, error) && sync_new (self, error) &&
         move_files (self, self->new_path, self->path, error);
}

/* What a crash kept from being committed is in the log, and of no root that
 * could be cleared. */
static gboolean
empty_log (VlDisk *self, GError **error)
{
  sqlite3 *db = _vl_sqlite_get_db (self->sqlite);
  sqlite3_file *log = NULL;

  if (!_vl_sqlite_exec (self->sqlite, "PRAGMA wal_checkpoint (TRUNCATE)", error))
    return FALSE;

  sqlite3_file_control (db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);

  return log == NULL || log->pMethods == NULL ||
         _vl_sqlite_check (self->sqlite, log->pMethods->xSync (log, SQLITE_SYNC_NORMAL), error);
}

static gboolean
open_file (VlDisk *self, GError **error)
{
  g_autofree char *log = g_strconcat (self->path, "-wal", NULL);
  gboolean has_crashed = _vl_folder_look (log) != VL_FILE_ABSENT;

  self->sqlite = connect_to (self->path, error);
  if (self->sqlite != NULL && begin_opening (self, error) &&
      (!has_crashed || empty_log (self, error)))
    return TRUE;

  close_file (self);
  return FALSE;
}

/* Looks at what is there; what cannot be opened as a file is set aside. */
static gboolean
ensure_file (VlDisk *self, GError **error)
{
  g_autofree char *log = g_strconcat (self->path, "-wal", NULL);
  VlFileKind kind = _vl_folder_look (self->path);

  if (kind == VL_FILE_FOREIGN || _vl_folder_look (log) == VL_FILE_FOREIGN)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE,
                   _ ("“%s” is a symbolic link or belongs to another user, and is not used"),
                   self->path);
      return FALSE;
    }
  remove_files (self->new_path);
  if (kind == VL_FILE_REGULAR)
    return TRUE;

  /* A log without its database, too, must not meet a new one. */
  if ((kind == VL_FILE_OTHER || _vl_folder_look (log) != VL_FILE_ABSENT) &&
      !set_aside (self, "it is not a whole database", error))
    return FALSE;

  return begin_file (self, error);
}

gboolean
_vl_disk_rebuild (VlDisk *self, const char *reason, GError **error)
{
  g_autoptr (GPtrArray) marked = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer value;
  gboolean done;

  g_hash_table_iter_init (&iter, self->roots);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      VlDiskRoot *root = value;

      if (root->is_open)
        g_ptr_array_add (marked, g_strdup (root->name));
    }

  close_file (self);
  if (!set_aside (self, reason, error) || !begin_file (self, error) || !open_file (self, error))
    return FALSE;
  if (marked->len == 0)
    return TRUE;

  done = _vl_disk_begin (self, TRUE, TRUE, error);
  for (guint i = 0; i < marked->len && done; i++)
    done = _vl_disk_mark (self, g_ptr_array_index (marked, i), TRUE, error);

  return done && _vl_disk_commit (self, error);
}

gboolean
_vl_disk_open (VlDisk *self, GError **error)
{
  g_autoptr (GError) damage = NULL;

  self->folder = _vl_folder_open (self->folder_path, error);
  if (self->folder == NULL || !ensure_file (self, error))
    return FALSE;
  if (open_file (self, &damage))
    return TRUE;
  if (!_vl_disk_is_damage (damage))
    {
      g_propagate_error (error, g_steal_pointer (&damage));
      return FALSE;
    }

  return _vl_disk_rebuild (self, damage->message, error);
}

/* --- Giving up --- */

/* A header that is no longer one: nobody takes the file for what it was. That
 * needs no space on the disk. */
static gboolean
deface (const char *path)
{
  const VlFileBackend *backend = _vl_file_backend ();
  const char zeros[32] = { 0 };
  VlFileKind kind = _vl_folder_look (path);
  int fd;
  gboolean done;

  if (kind != VL_FILE_REGULAR)
    return kind == VL_FILE_ABSENT;
  fd = backend->open (path, O_WRONLY | O_NOFOLLOW, 0);
  if (fd < 0)
    return FALSE;
  done = backend->write (fd, zeros, sizeof zeros) == sizeof zeros && backend->sync (fd) == 0;
  backend->close (fd);

  return done;
}

static gboolean
has_aside (VlDisk *self)
{
  for (guint n = 1; n <= MAX_ASIDE; n++)
    {
      g_autofree char *path = aside_path (self, n);

      if (_vl_folder_look (path) != VL_FILE_ABSENT)
        return TRUE;
    }

  return FALSE;
}

/* Both, since the log has its own copy of the header. It is not touched while
 * the database may be read without it. */
gboolean
_vl_disk_abandon (VlDisk *self, gboolean *is_erased)
{
  g_autofree char *log = g_strconcat (self->path, "-wal", NULL);
  gboolean done;

  if (self->sqlite != NULL)
    sqlite3_db_config (_vl_sqlite_get_db (self->sqlite), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  close_file (self);

  /* Somebody else's. */
  *is_erased = TRUE;
  if (self->folder == NULL || _vl_folder_look (self->path) == VL_FILE_FOREIGN)
    return TRUE;

  done = deface (self->path) && deface (log);
  if (_vl_file_backend ()->unlink (self->path) == 0 || errno == ENOENT)
    {
      done |= _vl_folder_sync (self->folder);
      if (done)
        remove_files (self->path);
    }
  *is_erased = _vl_folder_look (self->path) == VL_FILE_ABSENT &&
               _vl_folder_look (log) == VL_FILE_ABSENT && !has_aside (self) &&
               _vl_folder_sync (self->folder);

  return done;
}
