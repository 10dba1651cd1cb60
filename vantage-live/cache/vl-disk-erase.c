/* vl-disk-erase.c: erases what was cleared from the file of a cache
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Pages that were swept away or replaced before have left their bytes in what
 * is free now, and entries that moved theirs in between: only a file that is
 * written anew has none of them. That is done a part at a time, beside the file
 * that is in use, so that nobody waits for it but whoever clears. A root that
 * is cleared has lost its name, and is out of reach at once; should the process
 * die before its bytes are gone, the next one goes on.
 *
 * Everything here runs on the worker thread.
 */

#include "vl-config.h"

#include "vl-disk-private.h"

/* What is copied at a time: some milliseconds. */
#define MAX_COPY_BYTES   (1024 * 1024)
#define MAX_COPY_ENTRIES 256

static guint max_entries = MAX_COPY_ENTRIES;

void
_vl_disk_erase_set_part (guint n_entries)
{
  max_entries = n_entries > 0 ? n_entries : MAX_COPY_ENTRIES;
}

gboolean
_vl_disk_clear (VlDisk *self, const char *root_name, GError **error)
{
  VlDiskRoot *root = root_name != NULL ? g_hash_table_lookup (self->roots, root_name) : NULL;
  gboolean done;

  /* What never had a row has left no bytes either. */
  if (root_name != NULL && (root == NULL || root->id == 0))
    {
      g_hash_table_remove (self->roots, root_name);
      return TRUE;
    }

  done = _vl_disk_begin (self, TRUE, FALSE, error) &&
         (root != NULL ? _vl_disk_run (self, error, "UPDATE roots SET name = NULL WHERE id = ?1",
                                       "i", root->id)
                       : _vl_disk_run (self, error, "UPDATE roots SET name = NULL", "")) &&
         _vl_disk_commit (self, error);
  if (!done)
    return FALSE;

  /* One that is asked for next gets a new generation. */
  if (root != NULL)
    g_hash_table_remove (self->roots, root_name);
  else
    g_hash_table_remove_all (self->roots);
  _vl_disk_erase_stop (self);
  self->is_erasing = TRUE;

  return TRUE;
}

void
_vl_disk_erase_changed (VlDisk *self, gint64 id)
{
  gint64 *key;

  if (!self->is_copying || id > self->copied)
    return;

  key = g_new (gint64, 1);
  *key = id;
  g_hash_table_add (self->changed, key);
}

void
_vl_disk_erase_stop (VlDisk *self)
{
  self->is_erasing = FALSE;
  g_hash_table_remove_all (self->changed);
  if (!self->is_copying)
    return;

  self->is_copying = FALSE;
  if (self->sqlite != NULL)
    {
      _vl_sqlite_rollback (self->sqlite);
      _vl_sqlite_exec (self->sqlite, "DETACH next", NULL);
    }
  _vl_disk_drop_new (self);
}

static gboolean
begin_copy (VlDisk *self, GError **error)
{
  if (!_vl_disk_make_new (self, error) ||
      !_vl_disk_run (self, error, "ATTACH ?1 AS next", "t", self->new_path))
    return FALSE;

  self->is_copying = TRUE;
  self->copied = 0;
  self->kept_bytes = 0;
  self->kept_pages = 0;

  /* Nobody looks at it before it is whole, and synced. */
  return _vl_sqlite_exec (self->sqlite, "PRAGMA next.synchronous = OFF", error) &&
         _vl_sqlite_exec (self->sqlite, "PRAGMA next.journal_mode = OFF", error);
}

/* The last entry of the next part; `is_last` when there is nothing behind it. */
static gboolean
find_part (VlDisk *self, gint64 *last, gboolean *is_last, GError **error)
{
  sqlite3_stmt *statement = _vl_disk_prepare (
    self, error, "SELECT id, size FROM main.entries WHERE id > ?1 ORDER BY id", "i", self->copied);
  gboolean row = TRUE;
  gboolean done = statement != NULL;
  gint64 n_bytes = 0;
  guint n = 0;

  *last = self->copied;
  while (done && row && n < max_entries && n_bytes < MAX_COPY_BYTES)
    {
      done = _vl_sqlite_step (self->sqlite, statement, &row, error);
      if (!done || !row)
        continue;
      *last = sqlite3_column_int64 (statement, 0);
      n_bytes += sqlite3_column_int64 (statement, 1);
      n++;
    }
  *is_last = !row;
  if (statement != NULL)
    sqlite3_reset (statement);

  return done;
}

/* Adds what the new file has of a range of ids, or takes it off. */
static gboolean
count_kept (VlDisk *self, gint64 first, gint64 last, int sign, GError **error)
{
  sqlite3_stmt *statement = _vl_disk_prepare (self, error,
                                              "SELECT count (*), total (size) FROM next.entries "
                                              "WHERE id BETWEEN ?1 AND ?2",
                                              "ii", first, last);
  gboolean row = FALSE;
  gboolean done = statement != NULL && _vl_sqlite_step (self->sqlite, statement, &row, error);

  if (done && row)
    {
      self->kept_pages += sign * sqlite3_column_int64 (statement, 0);
      self->kept_bytes += sign * sqlite3_column_int64 (statement, 1);
    }
  if (statement != NULL)
    sqlite3_reset (statement);

  return done;
}

static gboolean
copy_range (VlDisk *self, gint64 first, gint64 last, GError **error)
{
  return _vl_disk_run (self, error,
                       "INSERT INTO next.entries SELECT * FROM main.entries WHERE id BETWEEN ?1 "
                       "AND ?2 AND root IN (SELECT id FROM main.roots WHERE name IS NOT NULL)",
                       "ii", first, last) &&
         _vl_disk_run (self, error,
                       "INSERT INTO next.pages SELECT * FROM main.pages WHERE id IN "
                       "(SELECT id FROM next.entries WHERE id BETWEEN ?1 AND ?2)",
                       "ii", first, last) &&
         count_kept (self, first, last, 1, error);
}

static gboolean
drop_range (VlDisk *self, gint64 first, gint64 last, GError **error)
{
  return count_kept (self, first, last, -1, error) &&
         _vl_disk_run (self, error, "DELETE FROM next.entries WHERE id BETWEEN ?1 AND ?2", "ii",
                       first, last) &&
         _vl_disk_run (self, error, "DELETE FROM next.pages WHERE id BETWEEN ?1 AND ?2", "ii",
                       first, last);
}

/* Those that changed since the last part: of one batch, and so not many. */
static gboolean
copy_changed (VlDisk *self, GError **error)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->changed);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      gint64 id = *(gint64 *) key;

      if (!drop_range (self, id, id, error) || !copy_range (self, id, id, error))
        return FALSE;
    }
  g_hash_table_remove_all (self->changed);

  return TRUE;
}

static gboolean
copy_part (VlDisk *self, gboolean *is_last, GError **error)
{
  gint64 first = self->copied + 1;
  gint64 last;

  if (!find_part (self, &last, is_last, error) || !_vl_disk_begin (self, TRUE, FALSE, error) ||
      !copy_changed (self, error) || !copy_range (self, first, last, error) ||
      !_vl_sqlite_exec (self->sqlite, "COMMIT", error))
    return FALSE;

  self->copied = last;

  return TRUE;
}

/* The roots go last, with the generations and marks that they have by now. */
static gboolean
finish_copy (VlDisk *self, GError **error)
{
  gboolean done =
    _vl_disk_begin (self, TRUE, FALSE, error) &&
    _vl_sqlite_exec (self->sqlite,
                     "INSERT INTO next.roots SELECT * FROM main.roots WHERE name IS NOT NULL",
                     error) &&
    _vl_disk_run (self, error,
                  "UPDATE next.state SET opening = (SELECT opening FROM main.state), stamp = ?1, "
                  "n_bytes = ?2, n_pages = ?3",
                  "iii", self->stamp, self->kept_bytes, self->kept_pages) &&
    _vl_sqlite_exec (self->sqlite, "COMMIT", error) &&
    _vl_sqlite_exec (self->sqlite, "PRAGMA next.journal_mode = WAL", error) &&
    _vl_sqlite_exec (self->sqlite, "DETACH next", error);

  if (!done)
    return FALSE;

  self->is_copying = FALSE;
  if (!_vl_disk_use_new (self, error))
    return FALSE;

  self->is_erasing = FALSE;
  self->n_bytes = self->kept_bytes;
  self->n_pages = self->kept_pages;

  return TRUE;
}

gboolean
_vl_disk_erase (VlDisk *self, GError **error)
{
  gboolean is_last = FALSE;

  if (!self->is_copying && !begin_copy (self, error))
    return FALSE;

  return copy_part (self, &is_last, error) && (!is_last || finish_copy (self, error));
}
