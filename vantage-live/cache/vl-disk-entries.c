/* vl-disk-entries.c: the roots and pages in the file of a cache
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * An entry is fresh when its generation is the one of its root, so that
 * invalidating a root is one row to write, whatever it holds. What is stored while
 * the mark of the root is set has another one, that this process knows as fresh,
 * until it invalidates the root, and no later one does. Transactions are
 * not synced to the disk one by one: after a loss of power the file is as it
 * was at some moment in the past, but whole. Two things must not be lost, the
 * mark that a write is under way and an invalidation that no mark stands for:
 * these are synced before they are answered.
 *
 * Everything here runs on the worker thread.
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-disk-private.h"

#include <string.h>

#include "../base/vl-checksum-private.h"
#include "../base/vl-mutant-private.h"
#include "../table/vl-block-private.h"
#include "../table/vl-page-rows-private.h"
#include "../table/vl-page.h"
#include "../vl-error.h"

/* How many roots without a row are remembered. One that is forgotten gets a
 * new generation, and what is fetched for it meanwhile is stored as stale. */
#define MAX_ROOTS 4096

/* An entry is written to again when it is used and this many parts of all have
 * been stored since it was used last. */
#define USED_PARTS 4

/* How many uses wait for a change to be written with. */
#define MAX_TOUCHED 256

/* No page of more bytes is kept: SQLite has its limits. */
#define MAX_SIZE (512 * 1024 * 1024)

/* --- Transactions --- */

gboolean
_vl_disk_has_to_write (VlDisk *self)
{
  return g_hash_table_size (self->touched) > MAX_TOUCHED;
}

gboolean
_vl_disk_begin (VlDisk *self, gboolean writes, gboolean synced, GError **error)
{
  writes |= _vl_disk_has_to_write (self);

  if (synced != self->is_synced &&
      !_vl_sqlite_exec_static (self->sqlite,
                               synced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL",
                               error))
    return FALSE;
  self->is_synced = synced;

  return _vl_sqlite_exec_static (self->sqlite, writes ? "BEGIN IMMEDIATE" : "BEGIN", error);
}

/* Only with a change, or when many wait: a lookup alone writes nothing. */
static gboolean
write_touched (VlDisk *self, GError **error)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->touched);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      if (!_vl_disk_run (self, error, "UPDATE entries SET stamp = ?1 WHERE id = ?2", "ii",
                         self->stamp, *(gint64 *) key))
        return FALSE;
    }
  g_hash_table_remove_all (self->touched);

  return TRUE;
}

void
_vl_disk_end_reading (VlDisk *self)
{
  self->reads_many = FALSE;
  g_clear_pointer (&self->blob, sqlite3_blob_close);
}

gboolean
_vl_disk_commit (VlDisk *self, GError **error)
{
  _vl_disk_end_reading (self);
  if ((self->is_changed || _vl_disk_has_to_write (self)) && !write_touched (self, error))
    return FALSE;

  if (self->is_changed &&
      !_vl_disk_run (self, error,
                     "UPDATE state SET stamp = ?1, n_bytes = ?2, n_pages = ?3 WHERE id = 1", "iii",
                     self->stamp, self->n_bytes, self->n_pages))
    return FALSE;
  self->is_changed = FALSE;

  return _vl_sqlite_exec_static (self->sqlite, "COMMIT", error);
}

/* --- Roots --- */

guint64
_vl_disk_root_checksum (const VlDiskRoot *root)
{
  const guint64 words[] = { (guint64) root->id, root->generation, (guint64) root->is_open };

  return _vl_checksum (root->name, strlen (root->name),
                       _vl_checksum (words, sizeof words, G_N_ELEMENTS (words)));
}

VlDiskRoot *
_vl_disk_add_root (VlDisk *self, const char *name, gint64 id)
{
  VlDiskRoot *root = g_new0 (VlDiskRoot, 1);

  root->name = g_strdup (name);
  root->id = id;
  g_hash_table_insert (self->roots, root->name, root);

  return root;
}

static gboolean
has_no_row (gpointer key, gpointer value, gpointer user_data)
{
  return ((VlDiskRoot *) value)->id == 0;
}

VlDiskRoot *
_vl_disk_ensure_root (VlDisk *self, const char *name)
{
  VlDiskRoot *root = g_hash_table_lookup (self->roots, name);

  if (root != NULL)
    return root;

  if (g_hash_table_size (self->roots) >= MAX_ROOTS)
    g_hash_table_foreach_remove (self->roots, has_no_row, NULL);
  root = _vl_disk_add_root (self, name, 0);
  root->generation = ++self->last_generation;

  return root;
}

gboolean
_vl_disk_write_root (VlDisk *self, VlDiskRoot *root, GError **error)
{
  if (root->id == 0)
    {
      if (!_vl_disk_run (self, error, "INSERT INTO roots VALUES (NULL, ?1, 0, 0, 0)", "t",
                         root->name))
        return FALSE;
      root->id = sqlite3_last_insert_rowid (_vl_sqlite_get_db (self->sqlite));
    }

  return _vl_disk_run (self, error,
                       "UPDATE roots SET generation = ?1, is_open = ?2, checksum = ?3 "
                       "WHERE id = ?4",
                       "iiii", (gint64) root->generation, (gint64) root->is_open,
                       (gint64) _vl_disk_root_checksum (root), root->id);
}

guint64
_vl_disk_get_lease (VlDisk *self, const char *root_name)
{
  return _vl_disk_ensure_root (self, root_name)->generation;
}

gboolean
_vl_disk_invalidate_needs_sync (VlDisk *self, const char *root_name)
{
  VlDiskRoot *root = g_hash_table_lookup (self->roots, root_name);

  return root != NULL && root->has_fresh && !root->is_open;
}

gboolean
_vl_disk_invalidate (VlDisk *self, const char *root_name, GError **error)
{
  VlDiskRoot *root = _vl_disk_ensure_root (self, root_name);

  root->generation = ++self->last_generation;
  root->here = 0;
  root->is_open = FALSE;
  root->has_stale |= root->has_fresh;
  root->has_fresh = FALSE;

  return root->id == 0 || _vl_disk_write_root (self, root, error);
}

gboolean
_vl_disk_mark_needs_sync (VlDisk *self, const char *root_name)
{
  VlDiskRoot *root = g_hash_table_lookup (self->roots, root_name);

  return root == NULL || !root->is_open;
}

gboolean
_vl_disk_mark (VlDisk *self, const char *root_name, gboolean is_open, GError **error)
{
  VlDiskRoot *root = _vl_disk_ensure_root (self, root_name);

  if (root->is_open == is_open)
    return TRUE;
  root->is_open = is_open;

  return _vl_disk_write_root (self, root, error);
}

/* --- Entries --- */

/* Of all that makes this page the answer to this question: a row that is in
 * the wrong place does not have it. */
static guint64
entry_checksum (const VlDiskRoot *root,
                const char *key,
                guint64 generation,
                gconstpointer data,
                gsize size)
{
  const VlBlockHeader *header = data;
  const guint64 words[] = { generation, header->checksum, (guint64) size };
  guint64 checksum = _vl_checksum (words, sizeof words, (guint64) root->id);

  checksum = _vl_checksum (root->name, strlen (root->name), checksum);

  return _vl_checksum (key, strlen (key), checksum);
}

static gboolean
fail_damaged (VlDisk *self, GError **error)
{
  g_set_error (error, VL_ERROR, VL_ERROR_CORRUPT, _ ("“%s” has pages that are damaged"),
               self->path);
  return FALSE;
}

static void
touch (VlDisk *self, gint64 id, gint64 stamp)
{
  gint64 *key;

  if (self->stamp - stamp <= self->n_pages / USED_PARTS)
    return;

  key = g_new (gint64, 1);
  *key = id;
  g_hash_table_add (self->touched, key);
}

static gboolean
is_fresh (const VlDiskRoot *root, guint64 generation)
{
  return generation == root->generation || (generation != 0 && generation == root->here);
}

/* What an entry says of its page. */
typedef struct
{
  gint64 id;
  guint64 generation;
  gint64 stamp;
  guint64 checksum;
} Entry;

static Entry
read_entry (sqlite3_stmt *statement)
{
  return (Entry){
    .id = sqlite3_column_int64 (statement, 0),
    .generation = (guint64) sqlite3_column_int64 (statement, 1),
    .stamp = sqlite3_column_int64 (statement, 2),
    .checksum = (guint64) sqlite3_column_int64 (statement, 3),
  };
}

/* Takes the bytes of a page, `length` of them in the buffer of `block`, for what
 * the entry says. Consumes the block. */
static gboolean
take_page (VlDisk *self,
           VlDiskRoot *root,
           const char *key,
           const Entry *entry,
           VlBlock *block,
           gsize length,
           VlDiskFound *found,
           GError **error)
{
  VlPageInfo info;

  if (length < sizeof (VlBlockHeader) ||
      entry_checksum (root, key, entry->generation, block->header, length) != entry->checksum)
    {
      _vl_block_unref (block);
      return fail_damaged (self, error);
    }

  block = _vl_block_open_filled (block, length, error);
  if (block == NULL)
    return FALSE;

  found->fresh = is_fresh (root, entry->generation);
  _vl_block_get_info (block, &info);
  info.from_cache = TRUE;
  info.is_stale = !found->fresh;
  found->page = _vl_page_new_take_block (block, &info);
  touch (self, entry->id, entry->stamp);

  return TRUE;
}

/* One page. */
static gboolean
look_for_page (VlDisk *self, VlDiskRoot *root, const char *key, VlDiskFound *found, GError **error)
{
  sqlite3_stmt *statement = _vl_disk_prepare (
    self, error,
    "SELECT e.id, e.generation, e.stamp, e.checksum, p.data "
    "FROM entries AS e JOIN pages AS p ON p.id = e.id WHERE e.root = ?1 AND e.key = ?2",
    "it", root->id, key);
  gboolean row = FALSE;
  gboolean done;

  if (statement == NULL)
    return FALSE;

  done = _vl_sqlite_step (self->sqlite, statement, &row, error);
  if (done && row)
    {
      Entry entry = read_entry (statement);
      gconstpointer data = sqlite3_column_blob (statement, 4);
      gsize length = (gsize) sqlite3_column_bytes (statement, 4);
      gpointer buffer;
      VlBlock *block = _vl_block_new_empty (length, &buffer);

      if (length > 0)
        memcpy (buffer, data, length);
      done = take_page (self, root, key, &entry, block, length, found, error);
    }
  sqlite3_reset (statement);

  return done;
}

/* Goes to the data of a page; FALSE without an error when there is none. */
static gboolean
seek_page (VlDisk *self, gint64 id, GError **error)
{
  int rc;

  if (self->blob != NULL)
    rc = sqlite3_blob_reopen (self->blob, id);
  else
    rc = sqlite3_blob_open (_vl_sqlite_get_db (self->sqlite), "main", "pages", "data", id, 0,
                            &self->blob);
  if (rc == SQLITE_OK)
    return TRUE;

  /* It cannot be used again after an error. */
  g_clear_pointer (&self->blob, sqlite3_blob_close);
  if (rc != SQLITE_ERROR)
    _vl_sqlite_set_error (error, rc, _vl_sqlite_get_db (self->sqlite), self->path);
  return FALSE;
}

/* One of several pages. Its bytes go where they stay, at once: a column of a row
 * would be a copy by itself. */
static gboolean
read_page (VlDisk *self,
           VlDiskRoot *root,
           const char *key,
           const Entry *entry,
           VlDiskFound *found,
           GError **error)
{
  g_autoptr (GError) failed = NULL;
  VlBlock *block;
  gpointer buffer;
  int length;
  int rc;

  if (!seek_page (self, entry->id, &failed))
    {
      if (failed == NULL)
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&failed));
      return FALSE;
    }

  length = sqlite3_blob_bytes (self->blob);
  block = _vl_block_new_empty ((gsize) length, &buffer);
  rc = sqlite3_blob_read (self->blob, buffer, length, 0);
  if (rc == SQLITE_OK)
    return take_page (self, root, key, entry, block, (gsize) length, found, error);

  _vl_block_unref (block);
  _vl_sqlite_set_error (error, rc, _vl_sqlite_get_db (self->sqlite), self->path);
  return FALSE;
}

static gboolean
look_for_one_of_many (VlDisk *self,
                      VlDiskRoot *root,
                      const char *key,
                      VlDiskFound *found,
                      GError **error)
{
  sqlite3_stmt *statement = _vl_disk_prepare (
    self, error, "SELECT id, generation, stamp, checksum FROM entries WHERE root = ?1 AND key = ?2",
    "it", root->id, key);
  Entry entry = { 0 };
  gboolean row = FALSE;
  gboolean done;

  if (statement == NULL)
    return FALSE;

  done = _vl_sqlite_step (self->sqlite, statement, &row, error);
  if (done && row)
    entry = read_entry (statement);
  sqlite3_reset (statement);

  return done && (!row || read_page (self, root, key, &entry, found, error));
}

gboolean
_vl_disk_lookup (VlDisk *self,
                 const char *root_name,
                 const char *key,
                 VlDiskFound *found,
                 GError **error)
{
  VlDiskRoot *root = _vl_disk_ensure_root (self, root_name);

  found->generation = root->generation;
  if (root->id == 0)
    return TRUE;

  return self->reads_many ? look_for_one_of_many (self, root, key, found, error)
                          : look_for_page (self, root, key, found, error);
}

/* Where the entry is; `id` 0 = nowhere. */
static gboolean
find_entry (VlDisk *self,
            VlDiskRoot *root,
            const char *key,
            gint64 *id,
            guint64 *generation,
            gint64 *size,
            GError **error)
{
  sqlite3_stmt *statement;
  gboolean row;
  gboolean done;

  *id = 0;
  statement = _vl_disk_prepare (
    self, error, "SELECT id, generation, size FROM entries WHERE root = ?1 AND key = ?2", "it",
    root->id, key);
  if (statement == NULL)
    return FALSE;

  done = _vl_sqlite_step (self->sqlite, statement, &row, error);
  if (done && row)
    {
      *id = sqlite3_column_int64 (statement, 0);
      *generation = (guint64) sqlite3_column_int64 (statement, 1);
      *size = sqlite3_column_int64 (statement, 2);
    }
  sqlite3_reset (statement);

  return done;
}

gboolean
_vl_disk_delete_entry (VlDisk *self, gint64 id, gint64 size, GError **error)
{
  self->n_bytes = MAX (self->n_bytes - size, 0);
  self->n_pages = MAX (self->n_pages - 1, 0);
  self->is_changed = TRUE;
  _vl_disk_erase_changed (self, id);

  return _vl_disk_run (self, error, "DELETE FROM entries WHERE id = ?1", "i", id) &&
         _vl_disk_run (self, error, "DELETE FROM pages WHERE id = ?1", "i", id);
}

gboolean
_vl_disk_remove (VlDisk *self, const char *root_name, const char *key, GError **error)
{
  VlDiskRoot *root = g_hash_table_lookup (self->roots, root_name);
  guint64 generation;
  gint64 id;
  gint64 size;

  if (root == NULL || root->id == 0)
    return TRUE;
  if (!find_entry (self, root, key, &id, &generation, &size, error))
    return FALSE;

  return id == 0 || _vl_disk_delete_entry (self, id, size, error);
}

static gboolean
write_entry (VlDisk *self,
             VlDiskRoot *root,
             const char *key,
             gint64 id,
             guint64 generation,
             gint64 size,
             GBytes *bytes,
             GError **error)
{
  gint64 checksum = (gint64) entry_checksum (root, key, generation, g_bytes_get_data (bytes, NULL),
                                             g_bytes_get_size (bytes));

  _vl_disk_erase_changed (self, id);
  if (id != 0)
    return _vl_disk_run (self, error,
                         "UPDATE entries SET generation = ?1, stamp = ?2, size = ?3, "
                         "checksum = ?4 WHERE id = ?5",
                         "iiiii", (gint64) generation, self->stamp, size, checksum, id) &&
           _vl_disk_run (self, error, "UPDATE pages SET data = ?1 WHERE id = ?2", "bi", bytes, id);

  if (!_vl_disk_run (self, error, "INSERT INTO entries VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6)",
                     "itiiii", root->id, key, (gint64) generation, self->stamp, size, checksum))
    return FALSE;
  id = sqlite3_last_insert_rowid (_vl_sqlite_get_db (self->sqlite));
  _vl_disk_erase_changed (self, id);

  return _vl_disk_run (self, error, "INSERT INTO pages VALUES (?1, ?2)", "ib", id, bytes);
}

/* The generation that the page is stored with; 0 = it is stale. While the mark is
 * set it is fresh for this process only, which may die before it can say that the
 * write has changed what was just read. */
static guint64
get_generation_now (VlDisk *self, VlDiskRoot *root, VlPage *page, guint64 lease)
{
  if ((lease != root->generation && !VL_MUTANT (STORE_WITHOUT_LEASE)) ||
      vl_page_get_is_stale (page))
    return 0;
  if (!root->is_open)
    return lease;

  /* Below those of all roots, so that what others will find stale goes first. */
  if (root->here == 0)
    root->here = (guint64) - (gint64) ++self->last_generation;

  return root->here;
}

gboolean
_vl_disk_store (VlDisk *self,
                const char *root_name,
                const char *key,
                VlPage *page,
                guint64 lease,
                guint64 max_bytes,
                gboolean *stored_fresh,
                GError **error)
{
  VlDiskRoot *root = _vl_disk_ensure_root (self, root_name);
  guint64 generation = get_generation_now (self, root, page, lease);
  g_autoptr (GBytes) bytes = NULL;
  guint64 before = 0;
  gint64 old_size = 0;
  gint64 id = 0;
  gint64 size;

  *stored_fresh = FALSE;
  if ((root->id == 0 && !_vl_disk_write_root (self, root, error)) ||
      !find_entry (self, root, key, &id, &before, &old_size, error))
    return FALSE;

  /* What is fresh is newer than what comes late, and stays. */
  if (id != 0 && is_fresh (root, before) && generation == 0)
    return TRUE;

  bytes = vl_page_to_bytes (page);
  size = (gint64) (g_bytes_get_size (bytes) + strlen (key) + VL_DISK_ENTRY_OVERHEAD);
  if (size > MAX_SIZE || (guint64) size > max_bytes)
    return id == 0 || _vl_disk_delete_entry (self, id, old_size, error);

  self->stamp++;
  self->n_bytes += size - old_size;
  self->n_pages += id == 0;
  self->is_changed = TRUE;
  root->has_fresh |= generation == root->generation;
  root->has_stale |= generation != root->generation;
  *stored_fresh = generation != 0;

  return write_entry (self, root, key, id, generation, size, bytes, error);
}
