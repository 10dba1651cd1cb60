/* vl-sqlite-reader.c: lists, finds and counts
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-sqlite-reader-private.h"

#include "../base/vl-clock-private.h"
#include "../table/vl-page-rows-private.h"
#include "../table/vl-schema.h"
#include "../vl-error.h"
#include "vl-sqlite-row-private.h"

/* One list on its way. */
typedef struct
{
  VlSqliteSession *session;
  VlSqliteLayout *layout;
  const VlColumnState *states;
  VlQueryParts *parts;
  VlSqliteView *view;
  VlBlockPacker packer;
  guint64 offset;
  guint limit;  /* 0 = all */
  guint64 skip; /* rows still to be passed over */
  guint n_rows;
} Listing;

static gboolean
is_full (Listing *self)
{
  return self->limit > 0 && self->n_rows >= self->limit;
}

/* How many rows the next statement has to go through. */
static gint64
rows_wanted (Listing *self)
{
  guint64 wanted = self->limit - self->n_rows;

  if (self->limit == 0 || self->skip > G_MAXINT64 - wanted)
    return -1;

  return (gint64) (self->skip + wanted);
}

/* Remembers the last row of a full page. Rows without an id are not told
 * apart by their keys: none is remembered. */
static void
remember (Listing *self, sqlite3_stmt *statement)
{
  guint n_keys = self->parts->n_orders + 1;
  g_autofree VlCell *cells = NULL;
  VlCell *last;

  if (self->layout->tail == VL_TAIL_NONE)
    return;

  cells = g_new0 (VlCell, n_keys);
  for (guint i = 0; i + 1 < n_keys; i++)
    _vl_sqlite_row_get_cell (statement, self->layout,
                             (guint) _vl_sqlite_layout_find (self->layout,
                                                             self->parts->orders[i].field),
                             &cells[i]);

  last = &cells[n_keys - 1];
  if (self->layout->tail == VL_TAIL_ID)
    {
      _vl_sqlite_row_get_cell (statement, self->layout, (guint) self->layout->id_column, last);
      if (last->type != VL_FIELD_TYPE_INT64 && last->type != VL_FIELD_TYPE_STRING)
        return;
    }
  else
    {
      last->type = VL_FIELD_TYPE_INT64;
      last->int64 = sqlite3_column_int64 (statement, (int) self->layout->n_columns);
    }

  _vl_sqlite_view_add_anchor (self->view,
                              _vl_sqlite_anchor_new (self->offset + self->n_rows, cells, n_keys));
}

static gboolean
read_rows (Listing *self, VlSqliteText *text, GError **error)
{
  VlSqlite *sqlite = self->session->sqlite;
  sqlite3_stmt *statement = _vl_sqlite_text_prepare (text, sqlite, error);
  gboolean row = TRUE;
  gboolean done = TRUE;

  if (statement == NULL)
    return FALSE;

  while (done && row && !is_full (self))
    {
      done = _vl_sqlite_step (sqlite, statement, &row, error);
      if (!done || !row)
        break;
      if (self->skip > 0)
        {
          self->skip--;
          continue;
        }
      _vl_sqlite_row_append (statement, self->layout, &self->packer);
      self->n_rows++;
      if (is_full (self))
        remember (self, statement);
    }
  self->session->n_steps += (guint64) sqlite3_stmt_status (statement, SQLITE_STMTSTATUS_VM_STEP, 1);
  _vl_sqlite_release (sqlite, statement);

  return done;
}

static void
start_select (Listing *self, VlSqliteText *text)
{
  _vl_sqlite_text_init (text);
  g_string_append_printf (text->sql, "SELECT %s FROM %s AS t", self->layout->select_sql,
                          self->layout->table_sql);
  _vl_sqlite_text_add_where (text, self->layout, self->states, self->parts);
}

static gboolean
read_from_start (Listing *self, GError **error)
{
  g_auto (VlSqliteText) text = { 0 };

  start_select (self, &text);
  _vl_sqlite_text_add_order (&text, self->layout, self->states, self->parts, 0);
  _vl_sqlite_text_add_int64 (&text, " LIMIT ?", self->limit > 0 ? (gint64) self->limit : -1);
  _vl_sqlite_text_add_int64 (&text, " OFFSET ?", (gint64) MIN (self->skip, G_MAXINT64));
  self->skip = 0;

  return read_rows (self, &text, error);
}

static gboolean
read_from_anchor (Listing *self, const VlSqliteAnchor *anchor, GError **error)
{
  guint n_segments = _vl_sqlite_count_segments (self->parts);

  self->skip = self->offset - anchor->offset;
  for (guint i = 0; i < n_segments && !is_full (self); i++)
    {
      g_auto (VlSqliteText) text = { 0 };

      start_select (self, &text);
      if (!_vl_sqlite_text_add_segment (&text, self->layout, self->states, self->parts, anchor, i))
        continue;
      _vl_sqlite_text_add_int64 (&text, " LIMIT ?", rows_wanted (self));
      if (!read_rows (self, &text, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
count_rows (VlSqliteSession *session,
            VlSqliteLayout *layout,
            VlQueryParts *parts,
            gint64 *count,
            GError **error)
{
  g_auto (VlSqliteText) text = { 0 };
  sqlite3_stmt *statement;
  gboolean done;

  _vl_sqlite_text_init (&text);
  g_string_append_printf (text.sql, "SELECT count(*) FROM %s AS t", layout->table_sql);
  _vl_sqlite_text_add_where (&text, layout, NULL, parts);
  statement = _vl_sqlite_text_prepare (&text, session->sqlite, error);
  if (statement == NULL)
    return FALSE;

  done = _vl_sqlite_step (session->sqlite, statement, NULL, error);
  if (done)
    *count = sqlite3_column_int64 (statement, 0);
  _vl_sqlite_release (session->sqlite, statement);

  return done;
}

/* A page that is not full, or has no limit, says it by itself; otherwise it is
 * counted once for each state of the file. Who wants a single row does not
 * want to know how many there are. */
static gboolean
find_total (Listing *self, GError **error)
{
  gboolean seen_end = !is_full (self) && (self->n_rows > 0 || self->offset == 0);

  if (seen_end)
    self->view->total = (gint64) (self->offset + self->n_rows);
  else if (self->view->total < 0 && self->limit != 1)
    return count_rows (self->session, self->layout, self->parts, &self->view->total, error);

  return TRUE;
}

static gboolean
run_listing (Listing *self, const char *table, GError **error)
{
  const VlSqliteAnchor *anchor;

  self->layout = _vl_sqlite_session_get_layout (self->session, table, error);
  if (self->layout == NULL || !_vl_sqlite_check_query (self->layout, self->parts, error))
    return FALSE;
  self->states = _vl_sqlite_session_get_states (self->session, self->layout, self->parts, error);
  if (self->states == NULL)
    return FALSE;

  self->view = _vl_sqlite_session_get_view (self->session, self->layout, self->parts);
  _vl_block_packer_init (&self->packer, self->layout->like, self->limit);
  self->session->n_steps = 0;
  anchor = _vl_sqlite_view_find_anchor (self->view, self->offset);

  if (!(anchor != NULL ? read_from_anchor (self, anchor, error) : read_from_start (self, error)))
    return FALSE;

  return find_total (self, error);
}

static VlPage *
end_listing (Listing *self)
{
  const VlPageInfo info = {
    .offset = self->offset,
    .total = self->view->total,
    .fetched_at = _vl_clock_real (),
    .fingerprint = vl_schema_get_fingerprint (self->layout->schema),
  };

  return _vl_page_new_take_block (_vl_block_packer_end (&self->packer), &info);
}

VlPage *
_vl_sqlite_list (VlSqliteSession *session,
                 const char *table,
                 VlQueryParts *parts,
                 guint64 offset,
                 guint limit,
                 GError **error)
{
  Listing self = { .session = session, .parts = parts, .offset = offset, .limit = limit };
  gboolean done;

  self.skip = offset;
  if (!_vl_sqlite_session_begin (session, FALSE, error))
    return NULL;
  done = run_listing (&self, table, error);
  _vl_sqlite_session_end (session);

  if (done)
    return end_listing (&self);

  if (self.packer.like != NULL)
    _vl_block_packer_clear (&self.packer);
  return NULL;
}

static gboolean
find_in (VlSqliteSession *session,
         const char *table,
         const char *id,
         VlRecord **record,
         GError **error)
{
  VlSqliteLayout *layout = _vl_sqlite_session_get_layout (session, table, error);

  if (layout == NULL)
    return FALSE;
  if (layout->id_column < 0)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_UNSUPPORTED,
                   _ ("The table “%s” has no key of one column that a row could be found by"),
                   table);
      return FALSE;
    }

  return _vl_sqlite_read_record (session->sqlite, layout, id, record, error);
}

gboolean
_vl_sqlite_find (VlSqliteSession *session,
                 const char *table,
                 const char *id,
                 VlRecord **record,
                 GError **error)
{
  gboolean done;

  if (!_vl_sqlite_session_begin (session, FALSE, error))
    return FALSE;
  done = find_in (session, table, id, record, error);
  _vl_sqlite_session_end (session);

  return done;
}

static gboolean
count_in (VlSqliteSession *session,
          const char *table,
          VlQueryParts *parts,
          gint64 *count,
          GError **error)
{
  VlSqliteLayout *layout = _vl_sqlite_session_get_layout (session, table, error);
  VlSqliteView *view;

  if (layout == NULL || !_vl_sqlite_check_query (layout, parts, error))
    return FALSE;

  view = _vl_sqlite_session_get_view (session, layout, parts);
  if (view->total < 0 && !count_rows (session, layout, parts, &view->total, error))
    return FALSE;
  *count = view->total;

  return TRUE;
}

gboolean
_vl_sqlite_count (VlSqliteSession *session,
                  const char *table,
                  VlQueryParts *parts,
                  gint64 *count,
                  GError **error)
{
  gboolean done;

  if (!_vl_sqlite_session_begin (session, FALSE, error))
    return FALSE;
  done = count_in (session, table, parts, count, error);
  _vl_sqlite_session_end (session);

  return done;
}

VlSqliteLayout *
_vl_sqlite_describe (VlSqliteSession *session, const char *table, GError **error)
{
  VlSqliteLayout *layout;

  if (!_vl_sqlite_session_begin (session, FALSE, error))
    return NULL;
  layout = _vl_sqlite_session_get_layout (session, table, error);
  if (layout != NULL)
    _vl_sqlite_layout_ref (layout);
  _vl_sqlite_session_end (session);

  return layout;
}
