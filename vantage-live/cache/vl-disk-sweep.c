/* vl-disk-sweep.c: keeps the file of a cache within its budget
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A few entries at a time, in a transaction of their own: those that are stale
 * first, then those that were not used for the longest time, be it that the
 * file was asked for them or only the memory in front of it. The bytes of what
 * is taken away stay in the file until others come in their place.
 *
 * Everything here runs on the worker thread.
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-disk-private.h"

#include "../vl-error.h"

static gboolean
is_over (VlDisk *self, guint64 max_bytes)
{
  return (guint64) self->n_bytes > max_bytes;
}

/* One that may go. */
typedef struct
{
  gint64 id;
  gint64 size;
  char *key;
} Candidate;

static void
candidate_clear (gpointer data)
{
  g_free (((Candidate *) data)->key);
}

/* It becomes the youngest, as if the file had been asked. */
static gboolean
spare (VlDisk *self, Candidate *candidate, GError **error)
{
  self->is_changed = TRUE;

  return _vl_disk_run (self, error, "UPDATE entries SET stamp = ?1 WHERE id = ?2", "ii",
                       ++self->stamp, candidate->id);
}

static gboolean
is_spared (VlDisk *self, VlDiskRoot *root, Candidate *candidate)
{
  return self->take_used != NULL && !self->spares_none && candidate->key != NULL &&
         self->take_used (root->name, candidate->key, self->used_data);
}

static GArray *
read_range (VlDisk *self, sqlite3_stmt *range, guint max, GError **error)
{
  g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));
  gboolean row = TRUE;

  g_array_set_clear_func (candidates, candidate_clear);
  while (row && candidates->len < max)
    {
      Candidate candidate;

      if (!_vl_sqlite_step (self->sqlite, range, &row, error))
        return NULL;
      if (!row)
        break;
      candidate.id = sqlite3_column_int64 (range, 0);
      candidate.size = sqlite3_column_int64 (range, 1);
      candidate.key = g_strdup ((const char *) sqlite3_column_text (range, 2));
      g_array_append_val (candidates, candidate);
    }

  return g_steal_pointer (&candidates);
}

/* Takes the entries of a range, in the order of the index, until the budget is
 * met or `left` of them were looked at. Nothing is deleted while it is being
 * read. */
static gboolean
take_range (VlDisk *self,
            VlDiskRoot *root,
            sqlite3_stmt *range,
            gboolean spares,
            guint64 max_bytes,
            guint *left,
            GError **error)
{
  g_autoptr (GArray) candidates = read_range (self, range, *left, error);
  gboolean done = candidates != NULL;

  sqlite3_reset (range);
  for (guint i = 0; done && i < candidates->len && is_over (self, max_bytes); i++)
    {
      Candidate *candidate = &g_array_index (candidates, Candidate, i);

      if (spares && is_spared (self, root, candidate))
        done = spare (self, candidate, error);
      else
        done = _vl_disk_delete_entry (self, candidate->id, candidate->size, error);
      *left -= 1;
    }

  return done;
}

static gboolean
sweep_stale (VlDisk *self, VlDiskRoot *root, guint64 max_bytes, guint *left, GError **error)
{
  guint before = *left;
  sqlite3_stmt *range =
    _vl_disk_prepare (self, error,
                      "SELECT id, size, key FROM entries WHERE root = ?1 AND generation < ?2 "
                      "ORDER BY generation, stamp",
                      "ii", root->id, (gint64) root->generation);
  gboolean done;

  if (range == NULL)
    return FALSE;

  done = take_range (self, root, range, FALSE, max_bytes, left, error);
  sqlite3_reset (range);
  if (done && *left == before)
    root->has_stale = FALSE;

  return done;
}

/* The stamp of the oldest fresh entry; G_MAXINT64 when there is none. */
static gboolean
get_oldest (VlDisk *self, VlDiskRoot *root, gint64 *stamp, GError **error)
{
  sqlite3_stmt
    *statement = _vl_disk_prepare (self, error,
                                   "SELECT stamp FROM entries WHERE root = ?1 AND generation = ?2 "
                                   "ORDER BY stamp LIMIT 1",
                                   "ii", root->id, (gint64) root->generation);
  gboolean row = FALSE;
  gboolean done;

  if (statement == NULL)
    return FALSE;

  done = _vl_sqlite_step (self->sqlite, statement, &row, error);
  *stamp = done && row ? sqlite3_column_int64 (statement, 0) : G_MAXINT64;
  sqlite3_reset (statement);

  return done;
}

/* The root with the oldest entry, up to the oldest of any other. */
static gboolean
find_oldest (VlDisk *self, VlDiskRoot **oldest, gint64 *limit, GError **error)
{
  gint64 first = G_MAXINT64;
  GHashTableIter iter;
  gpointer value;

  *oldest = NULL;
  *limit = G_MAXINT64;
  g_hash_table_iter_init (&iter, self->roots);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      VlDiskRoot *root = value;
      gint64 stamp;

      if (root->id == 0 || !root->has_fresh)
        continue;
      if (!get_oldest (self, root, &stamp, error))
        return FALSE;
      if (stamp < first)
        {
          *oldest = root;
          *limit = first;
          first = stamp;
        }
      else
        *limit = MIN (*limit, stamp);
    }

  return TRUE;
}

static gboolean
sweep_oldest (VlDisk *self, guint64 max_bytes, guint *left, GError **error)
{
  VlDiskRoot *root;
  sqlite3_stmt *range;
  gint64 limit;
  gboolean done;

  if (!find_oldest (self, &root, &limit, error))
    return FALSE;
  if (root == NULL)
    return TRUE;

  range = _vl_disk_prepare (self, error,
                            "SELECT id, size, key FROM entries WHERE root = ?1 AND generation = ?2 "
                            "AND stamp <= ?3 ORDER BY stamp",
                            "iii", root->id, (gint64) root->generation, limit);
  if (range == NULL)
    return FALSE;
  done = take_range (self, root, range, TRUE, max_bytes, left, error);
  sqlite3_reset (range);

  return done;
}

static gboolean
sweep_within (VlDisk *self, guint64 max_bytes, GError **error)
{
  guint left = VL_DISK_SWEEP;
  GHashTableIter iter;
  gpointer value;
  guint before;

  g_hash_table_iter_init (&iter, self->roots);
  while (g_hash_table_iter_next (&iter, NULL, &value) && left > 0 && is_over (self, max_bytes))
    {
      VlDiskRoot *root = value;

      if (root->id != 0 && root->has_stale && !sweep_stale (self, root, max_bytes, &left, error))
        return FALSE;
    }

  do
    {
      before = left;
      if (is_over (self, max_bytes) && !sweep_oldest (self, max_bytes, &left, error))
        return FALSE;
    }
  while (left > 0 && left < before && is_over (self, max_bytes));

  if (left < VL_DISK_SWEEP)
    return TRUE;

  g_set_error (error, VL_ERROR, VL_ERROR_CORRUPT, _ ("“%s” says that it holds more than it does"),
               self->path);
  return FALSE;
}

gboolean
_vl_disk_sweep (VlDisk *self, guint64 max_bytes, GError **error)
{
  gint64 before = self->n_bytes;

  if (!is_over (self, max_bytes))
    return TRUE;
  if (!_vl_disk_begin (self, TRUE, FALSE, error) || !sweep_within (self, max_bytes, error) ||
      !_vl_disk_commit (self, error))
    return FALSE;

  self->spares_none = self->n_bytes == before;

  return TRUE;
}
