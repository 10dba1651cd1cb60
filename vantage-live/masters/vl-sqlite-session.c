/* vl-sqlite-session.c: a connection and what is known through it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <string.h>

#include "vl-sqlite-session-private.h"

#include "vl-sqlite-functions-private.h"

/* Both are forgotten with each change of the file, so that a reader who writes
 * as well fills them again and again: more would hardly be used. */
#define MAX_VIEWS   64
#define MAX_ANCHORS 4096

static void
anchor_free (gpointer data)
{
  g_free (data);
}

static void
view_free (gpointer data)
{
  VlSqliteView *view = data;

  g_ptr_array_unref (view->anchors);
  g_free (view);
}

VlSqliteSession *
_vl_sqlite_session_new (const char *path, gboolean writes)
{
  VlSqliteSession *self = g_new0 (VlSqliteSession, 1);

  self->path = g_strdup (path);
  self->writes = writes;
  self->touching = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->written = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->layouts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify) _vl_sqlite_layout_unref);
  self->views = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, view_free);
  self->states = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  return self;
}

static void
session_close (VlSqliteSession *self)
{
  g_hash_table_remove_all (self->layouts);
  g_hash_table_remove_all (self->views);
  g_hash_table_remove_all (self->states);
  g_clear_pointer (&self->sqlite, _vl_sqlite_free);
  self->applied = VL_SQLITE_APPLIED_UNKNOWN;
  self->data_version = 0;
  self->schema_version = 0;
  self->foreign_serial++;
}

void
_vl_sqlite_session_free (VlSqliteSession *self)
{
  session_close (self);
  g_hash_table_unref (self->touching);
  g_hash_table_unref (self->touched);
  g_hash_table_unref (self->written);
  g_hash_table_unref (self->told);
  g_hash_table_unref (self->layouts);
  g_hash_table_unref (self->views);
  g_hash_table_unref (self->states);
  g_free (self->path);
  g_free (self);
}

/* Runs within a write, for each row. */
static void
on_row_changed (void *data, int op, const char *database, const char *table, sqlite3_int64 rowid)
{
  VlSqliteSession *self = data;

  if (self->writing != NULL && g_ascii_strcasecmp (self->writing, table) != 0)
    g_hash_table_add (self->touching, g_ascii_strdown (table, -1));
}

gboolean
_vl_sqlite_session_open (VlSqliteSession *self, gboolean create, GError **error)
{
  VlSqliteMode mode = self->writes ? VL_SQLITE_WRITE : VL_SQLITE_READ;

  if (self->sqlite != NULL && _vl_sqlite_is_current (self->sqlite))
    return TRUE;

  if (self->sqlite != NULL)
    session_close (self);
  self->sqlite = _vl_sqlite_open (self->path, create ? VL_SQLITE_CREATE : mode, error);
  if (self->sqlite == NULL)
    return FALSE;

  if (!_vl_sqlite_add_functions (self->sqlite, error))
    {
      session_close (self);
      return FALSE;
    }
  if (self->writes)
    sqlite3_update_hook (_vl_sqlite_get_db (self->sqlite), on_row_changed, self);

  return TRUE;
}

/* The data version of a connection changes with every commit of another one:
 * for the reader that is each change of the file, for the writer each that
 * was not ours. */
gboolean
_vl_sqlite_session_look (VlSqliteSession *self, GError **error)
{
  gint64 data_version;
  gint64 schema_version;

  if (!_vl_sqlite_get_static_int64 (self->sqlite, "PRAGMA data_version", &data_version, error))
    return FALSE;
  if (data_version == self->data_version)
    return TRUE;

  if (!_vl_sqlite_get_int64 (self->sqlite, "PRAGMA schema_version", &schema_version, error))
    return FALSE;
  if (schema_version != self->schema_version)
    {
      g_hash_table_remove_all (self->layouts);
      self->applied = VL_SQLITE_APPLIED_UNKNOWN;
    }
  g_hash_table_remove_all (self->views);
  g_hash_table_remove_all (self->states);

  /* The first look after opening finds nothing new. */
  if (self->data_version != 0)
    self->foreign_serial++;
  self->data_version = data_version;
  self->schema_version = schema_version;

  return TRUE;
}

gboolean
_vl_sqlite_session_begin (VlSqliteSession *self, gboolean to_write, GError **error)
{
  if (to_write && !_vl_sqlite_make_durable (self->sqlite, error))
    return FALSE;
  if (!_vl_sqlite_exec_static (self->sqlite, to_write ? "BEGIN IMMEDIATE" : "BEGIN", error))
    return FALSE;

  if (_vl_sqlite_session_look (self, error))
    return TRUE;

  _vl_sqlite_session_end (self);
  return FALSE;
}

static gsize
get_count (GHashTable *counts, const char *table)
{
  return GPOINTER_TO_SIZE (g_hash_table_lookup (counts, table));
}

static void
count_up (GHashTable *counts, const char *table)
{
  gsize n = get_count (counts, table);

  g_hash_table_insert (counts, g_strdup (table), GSIZE_TO_POINTER (n + 1));
}

/* What is told of is told to those who know the table by the same name. */
static void
count_written (VlSqliteSession *self)
{
  g_autofree char *folded = NULL;

  if (self->writing == NULL)
    return;

  folded = g_ascii_strdown (self->writing, -1);
  count_up (self->written, folded);
  if (self->is_told)
    count_up (self->told, self->writing);
}

gboolean
_vl_sqlite_session_commit (VlSqliteSession *self, GError **error)
{
  GHashTableIter iter;
  gpointer table;

  if (!_vl_sqlite_exec_static (self->sqlite, "COMMIT", error))
    return FALSE;

  self->n_commits++;
  g_hash_table_iter_init (&iter, self->touching);
  while (g_hash_table_iter_next (&iter, &table, NULL))
    count_up (self->touched, table);
  count_written (self);

  return TRUE;
}

guint64
_vl_sqlite_session_get_serial (VlSqliteSession *self, const char *table, gboolean is_view)
{
  g_autofree char *folded = g_ascii_strdown (table, -1);

  if (is_view)
    return self->foreign_serial + self->n_commits;

  return self->foreign_serial + get_count (self->touched, folded) +
         get_count (self->written, folded) - get_count (self->told, table);
}

void
_vl_sqlite_session_end (VlSqliteSession *self)
{
  _vl_sqlite_rollback (self->sqlite);
}

VlSqliteLayout *
_vl_sqlite_session_get_layout (VlSqliteSession *self, const char *table, GError **error)
{
  VlSqliteLayout *layout = g_hash_table_lookup (self->layouts, table);

  if (layout != NULL)
    return layout;

  layout = _vl_sqlite_layout_read (self->sqlite, self->path, table, error);
  if (layout != NULL)
    g_hash_table_insert (self->layouts, g_strdup (table), layout);

  return layout;
}

/* Reads the whole column, once for each state of the file, and only of
 * columns that are ordered by: the price for the index that may be used when
 * nothing odd turns up. */
static gboolean
read_state (VlSqliteSession *self,
            VlSqliteLayout *layout,
            guint column,
            VlColumnState *state,
            GError **error)
{
  g_autoptr (GString) sql = g_string_new (NULL);
  const char *name = layout->columns[column].sql;
  gint64 is_odd;

  g_string_printf (sql, "SELECT 1 FROM %s AS t WHERE ", layout->table_sql);
  if ((int) column == layout->id_column)
    g_string_append_printf (sql, "vl_id (%s) IS NULL LIMIT 1", name);
  else
    g_string_append_printf (sql, "vl_odd (%s) LIMIT 1", name);

  if (!_vl_sqlite_get_int64 (self->sqlite, sql->str, &is_odd, error))
    return FALSE;
  *state = is_odd ? VL_COLUMN_ODD : VL_COLUMN_PLAIN;

  return TRUE;
}

static gboolean
need_state (VlSqliteSession *self,
            VlSqliteLayout *layout,
            VlColumnState *states,
            int column,
            GError **error)
{
  if (column < 0 || states[column] != VL_COLUMN_UNKNOWN || layout->columns[column].is_rowid)
    return TRUE;

  /* Nothing is to be gained: no index can be used. */
  if (!layout->is_table || layout->is_utf16)
    {
      states[column] = VL_COLUMN_ODD;
      return TRUE;
    }

  return read_state (self, layout, (guint) column, &states[column], error);
}

const VlColumnState *
_vl_sqlite_session_get_states (VlSqliteSession *self,
                               VlSqliteLayout *layout,
                               VlQueryParts *parts,
                               GError **error)
{
  VlColumnState *states = g_hash_table_lookup (self->states, layout->table);

  if (states == NULL)
    {
      states = g_new0 (VlColumnState, MAX (layout->n_columns, 1));
      g_hash_table_insert (self->states, g_strdup (layout->table), states);
    }

  for (guint i = 0; i < parts->n_orders; i++)
    {
      if (!need_state (self, layout, states,
                       _vl_sqlite_layout_find (layout, parts->orders[i].field), error))
        return NULL;
    }

  return need_state (self, layout, states, layout->id_column, error) ? states : NULL;
}

VlSqliteView *
_vl_sqlite_session_get_view (VlSqliteSession *self, VlSqliteLayout *layout, VlQueryParts *parts)
{
  g_autofree char *key = g_strconcat (layout->table, "\n", parts->key->text, NULL);
  VlSqliteView *view = g_hash_table_lookup (self->views, key);

  if (view != NULL)
    return view;

  if (g_hash_table_size (self->views) >= MAX_VIEWS)
    g_hash_table_remove_all (self->views);
  view = g_new0 (VlSqliteView, 1);
  view->total = -1;
  view->anchors = g_ptr_array_new_with_free_func (anchor_free);
  g_hash_table_insert (self->views, g_steal_pointer (&key), view);

  return view;
}

/* How many anchors are at or before `offset`. */
static guint
count_anchors (VlSqliteView *self, guint64 offset)
{
  guint low = 0;
  guint high = self->anchors->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      VlSqliteAnchor *anchor = self->anchors->pdata[middle];

      if (anchor->offset <= offset)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

const VlSqliteAnchor *
_vl_sqlite_view_find_anchor (VlSqliteView *self, guint64 offset)
{
  guint n = count_anchors (self, offset);

  return n > 0 ? self->anchors->pdata[n - 1] : NULL;
}

void
_vl_sqlite_view_add_anchor (VlSqliteView *self, VlSqliteAnchor *anchor)
{
  guint n = count_anchors (self, anchor->offset);

  if (n > 0 && ((VlSqliteAnchor *) self->anchors->pdata[n - 1])->offset == anchor->offset)
    {
      anchor_free (anchor);
      return;
    }

  /* Every second one is enough to find one's way, and the new one stays. */
  if (self->anchors->len >= MAX_ANCHORS)
    {
      g_autoptr (GPtrArray) old = g_steal_pointer (&self->anchors);

      self->anchors = g_ptr_array_new_with_free_func (anchor_free);
      for (guint i = 1; i < old->len; i += 2)
        g_ptr_array_add (self->anchors, g_steal_pointer (&old->pdata[i]));
      n = count_anchors (self, anchor->offset);
    }
  g_ptr_array_insert (self->anchors, (int) n, anchor);
}

/* One piece of memory: the anchor, its cells, what they point to. */
VlSqliteAnchor *
_vl_sqlite_anchor_new (guint64 offset, const VlCell *cells, guint n_cells)
{
  gsize size = sizeof (VlSqliteAnchor) + n_cells * sizeof (VlCell);
  VlSqliteAnchor *self;
  char *data;

  for (guint i = 0; i < n_cells; i++)
    size += cells[i].length;

  self = g_malloc (size);
  self->offset = offset;
  self->cells = (VlCell *) (self + 1);
  data = (char *) (self->cells + n_cells);
  for (guint i = 0; i < n_cells; i++)
    {
      self->cells[i] = cells[i];
      if (cells[i].length == 0)
        continue;
      memcpy (data, cells[i].data, cells[i].length);
      self->cells[i].data = data;
      data += cells[i].length;
    }

  return self;
}

gboolean
_vl_sqlite_session_create (VlSqliteSession *self, VlSchema *schema, GError **error)
{
  if (!_vl_sqlite_create_table (self->sqlite, schema, error))
    return FALSE;

  /* Our own changes do not show in the data version. */
  g_hash_table_remove_all (self->layouts);

  return TRUE;
}
