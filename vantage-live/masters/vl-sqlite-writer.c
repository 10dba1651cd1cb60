/* vl-sqlite-writer.c: changes in SQL
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include <json-glib/json-glib.h>
#include <string.h>

#include "vl-sqlite-writer-private.h"

#include "../base/vl-random-private.h"
#include "../table/vl-change.h"
#include "../table/vl-query.h"
#include "../table/vl-record.h"
#include "../vl-error.h"
#include "vl-sqlite-row-private.h"

/* A statement that writes, with the texts that it made itself. */
typedef struct
{
  VlSqlite *sqlite;
  VlSqliteLayout *layout;
  VlSqliteText text;
  GPtrArray *strings;
} Writing;

static void
writing_init (Writing *self, VlSqlite *sqlite, VlSqliteLayout *layout)
{
  self->sqlite = sqlite;
  self->layout = layout;
}

/* For what makes its text anew. */
static void
writing_begin (Writing *self)
{
  _vl_sqlite_text_init (&self->text);
  self->strings = g_ptr_array_new_with_free_func (g_free);
}

static void
writing_clear (Writing *self)
{
  if (self->strings == NULL)
    return;

  _vl_sqlite_text_clear (&self->text);
  g_ptr_array_unref (self->strings);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Writing, writing_clear)

static VlSqliteColumn *
id_column (Writing *self)
{
  return &self->layout->columns[self->layout->id_column];
}

/* Nested values are kept as JSON text, and read back as that. */
static void
make_json (Writing *self, VlRecord *record, const char *field, VlCell *cell)
{
  g_autoptr (GVariant) value = vl_record_get_variant (record, field);
  char *json = json_gvariant_serialize_data (value, &cell->length);

  g_ptr_array_add (self->strings, json);
  cell->type = VL_FIELD_TYPE_STRING;
  cell->data = json;
}

static void
add_field (Writing *self, const char *sql, VlRecord *record, const char *field)
{
  VlCell cell;

  _vl_record_get_cell (record, field, &cell);
  if (cell.type == VL_FIELD_TYPE_VARIANT)
    make_json (self, record, field, &cell);
  _vl_sqlite_text_add_cell (&self->text, sql, &cell);
}

static gboolean
is_writable (Writing *self, guint column)
{
  return !self->layout->columns[column].is_generated && (int) column != self->layout->id_column;
}

/* Runs the statement; how many rows of the table it changed. */
static gboolean
run (Writing *self, int *n_changed, GError **error)
{
  sqlite3_stmt *statement = _vl_sqlite_text_prepare (&self->text, self->sqlite, error);
  gboolean done;

  if (statement == NULL)
    return FALSE;

  done = _vl_sqlite_step (self->sqlite, statement, NULL, error);
  *n_changed = done ? sqlite3_changes (_vl_sqlite_get_db (self->sqlite)) : 0;
  _vl_sqlite_release (self->sqlite, statement);

  return done;
}

static gboolean
fail_ignored (VlSqliteLayout *layout, GError **error)
{
  g_set_error (error, VL_ERROR, VL_ERROR_REJECTED,
               _ ("A trigger of the table “%s” does not let it happen"), layout->table);
  return FALSE;
}

static gboolean
fail_not_found (VlSqliteLayout *layout, const char *id, GError **error)
{
  g_set_error (error, VL_ERROR, VL_ERROR_NOT_FOUND, _ ("There is no record “%s” in the table “%s”"),
               id, layout->table);
  return FALSE;
}

static gboolean
check_fields (VlSqliteLayout *layout, VlRecord *record, GError **error)
{
  guint n_slots = _vl_record_get_n_slots (record);

  for (guint i = 0; i < n_slots; i++)
    {
      VlCell cell;
      const char *field = _vl_record_get_slot (record, i, &cell);

      if (field == NULL || _vl_sqlite_layout_find (layout, field) >= 0)
        continue;
      g_set_error (error, VL_ERROR, VL_ERROR_INVALID, _ ("The table “%s” has no column “%s”"),
                   layout->table, field);
      return FALSE;
    }

  return TRUE;
}

/* The id's value as the column keeps it. A text that an integer column would
 * turn into a number would be another id than the one it was given. */
static gboolean
make_id_cell (Writing *self, const char *id, VlCell *cell, GError **error)
{
  gint64 number;

  *cell = (VlCell){ .type = VL_FIELD_TYPE_STRING, .data = id, .length = strlen (id) };
  if (!id_column (self)->is_integer)
    return TRUE;

  if (_vl_id_parse_int64 (id, &number))
    {
      *cell = (VlCell){ .type = VL_FIELD_TYPE_INT64 };
      cell->int64 = number;
      return TRUE;
    }

  g_set_error (error, VL_ERROR, VL_ERROR_REJECTED,
               _ ("“%s” cannot be the id of a record in the table “%s”: it has to be an integer"),
               id, self->layout->table);
  return FALSE;
}

static void
append_insert (Writing *self, VlRecord *record, const VlCell *id)
{
  GString *sql = self->text.sql;
  GString *values = g_string_new (") VALUES (");
  const char *lead = "";

  g_string_append_printf (sql, "INSERT OR ABORT INTO %s (", self->layout->table_sql);
  if (id != NULL)
    {
      _vl_sqlite_append_name (sql, id_column (self)->name);
      _vl_sqlite_text_add_cell (&self->text, "", id);
      g_string_append_c (values, '?');
      lead = ", ";
    }
  for (guint i = 0; i < self->layout->n_columns; i++)
    {
      const char *name = self->layout->columns[i].name;

      if (!is_writable (self, i) || !vl_record_has_field (record, name))
        continue;
      g_string_append (sql, lead);
      _vl_sqlite_append_name (sql, name);
      add_field (self, "", record, name);
      g_string_append_printf (values, "%s?", lead);
      lead = ", ";
    }

  if (*lead == '\0')
    g_string_printf (sql, "INSERT OR ABORT INTO %s DEFAULT VALUES", self->layout->table_sql);
  else
    g_string_append_printf (sql, "%s)", values->str);
  g_string_free (values, TRUE);
}

/* Puts the row in, one way or the other. */
static gboolean
insert_values (Writing *writing, VlRecord *record, const VlCell *id, int *n_changed, GError **error)
{
  gboolean is_here = FALSE;
  gboolean done = FALSE;

  if (id != NULL)
    done = _vl_sqlite_insert_kept (writing->sqlite, writing->layout, record, id, &is_here,
                                   n_changed, error);
  if (is_here)
    return done;

  if (!check_fields (writing->layout, record, error))
    return FALSE;
  writing_begin (writing);
  append_insert (writing, record, id);
  return run (writing, n_changed, error);
}

/* A new row. `id` NULL lets SQLite count. */
static gboolean
insert_row (VlSqlite *sqlite,
            VlSqliteLayout *layout,
            VlRecord *record,
            const char *id,
            VlRecord **stored,
            GError **error)
{
  g_auto (Writing) writing = { 0 };
  g_autofree char *assigned = NULL;
  VlCell cell;
  int n_changed = 0;

  writing_init (&writing, sqlite, layout);
  if (id != NULL && !make_id_cell (&writing, id, &cell, error))
    return FALSE;
  if (!insert_values (&writing, record, id != NULL ? &cell : NULL, &n_changed, error))
    return FALSE;
  if (n_changed == 0)
    return fail_ignored (layout, error);

  if (id == NULL)
    {
      gint64 rowid = sqlite3_last_insert_rowid (_vl_sqlite_get_db (sqlite));

      assigned = g_strdup_printf ("%" G_GINT64_FORMAT, rowid);
      id = assigned;
    }

  return _vl_sqlite_read_record (sqlite, layout, id, stored, error);
}

static gboolean
write_insert (VlSqlite *sqlite,
              VlSqliteLayout *layout,
              VlChange *change,
              VlRecord **stored,
              GError **error)
{
  VlRecord *record = vl_change_get_record (change);
  const char *id = vl_record_get_id (record);
  VlSqliteColumn *column = &layout->columns[layout->id_column];
  g_autofree char *made = NULL;

  if (id == NULL && !column->is_rowid)
    id = made = _vl_uuid_v7 ();

  return insert_row (sqlite, layout, record, id, stored, error);
}

/* UPDATE ... SET, for a patch only what it has, for a replacement everything;
 * FALSE if there is nothing to set. */
static gboolean
append_update (Writing *self, VlRecord *record, gboolean everything)
{
  GString *sql = self->text.sql;
  const char *lead = " SET ";

  g_string_append_printf (sql, "UPDATE OR ABORT %s AS t", self->layout->table_sql);
  for (guint i = 0; i < self->layout->n_columns; i++)
    {
      VlSqliteColumn *column = &self->layout->columns[i];
      gboolean has_field = vl_record_has_field (record, column->name);

      if (!is_writable (self, i) || (!has_field && !everything))
        continue;
      g_string_append (sql, lead);
      _vl_sqlite_append_name (sql, column->name);
      if (has_field)
        add_field (self, " = ?", record, column->name);
      else
        g_string_append_printf (sql, " = %s", column->default_sql);
      lead = ", ";
    }

  return lead[0] == ',';
}

/* *found says whether there is a row with that id. */
static gboolean
update_row (VlSqlite *sqlite,
            VlSqliteLayout *layout,
            const char *id,
            VlRecord *record,
            gboolean everything,
            gboolean *found,
            VlRecord **stored,
            GError **error)
{
  g_auto (Writing) writing = { 0 };
  int n_changed = 0;
  gboolean has_columns;

  writing_init (&writing, sqlite, layout);
  writing_begin (&writing);
  has_columns = append_update (&writing, record, everything);
  if (has_columns)
    {
      *found = FALSE;
      if (!_vl_sqlite_text_add_find (&writing.text, layout, id))
        return TRUE;
      if (!run (&writing, &n_changed, error))
        return FALSE;
    }

  if (!_vl_sqlite_read_record (sqlite, layout, id, stored, error))
    return FALSE;
  *found = n_changed > 0 || *stored != NULL;
  if (has_columns && n_changed == 0 && *stored != NULL)
    return fail_ignored (layout, error);

  return TRUE;
}

static gboolean
write_patch (VlSqlite *sqlite,
             VlSqliteLayout *layout,
             VlChange *change,
             VlRecord **stored,
             GError **error)
{
  VlRecord *fields = vl_change_get_record (change);
  const char *id = vl_change_get_id (change);
  gboolean found;

  if (!check_fields (layout, fields, error) ||
      !update_row (sqlite, layout, id, fields, FALSE, &found, stored, error))
    return FALSE;

  return found || fail_not_found (layout, id, error);
}

static gboolean
write_replace (VlSqlite *sqlite,
               VlSqliteLayout *layout,
               VlChange *change,
               VlRecord **stored,
               GError **error)
{
  VlRecord *record = vl_change_get_record (change);
  const char *id = vl_change_get_id (change);
  gboolean found;

  if (!check_fields (layout, record, error) ||
      !update_row (sqlite, layout, id, record, TRUE, &found, stored, error))
    return FALSE;

  return found || insert_row (sqlite, layout, record, id, stored, error);
}

static gboolean
write_delete (VlSqlite *sqlite,
              VlSqliteLayout *layout,
              VlChange *change,
              VlRecord **before,
              GError **error)
{
  g_auto (Writing) writing = { 0 };
  const char *id = vl_change_get_id (change);
  int n_changed;

  writing_init (&writing, sqlite, layout);
  if (!_vl_sqlite_read_record (sqlite, layout, id, before, error))
    return FALSE;
  if (*before == NULL)
    return TRUE;

  writing_begin (&writing);
  g_string_append_printf (writing.text.sql, "DELETE FROM %s AS t", layout->table_sql);
  _vl_sqlite_text_add_find (&writing.text, layout, id);
  if (!run (&writing, &n_changed, error))
    return FALSE;

  return n_changed > 0 || fail_ignored (layout, error);
}

/* A window is honoured, too: never more than was asked for. */
static void
append_window (Writing *self, VlQuery *query)
{
  VlQueryParts *parts = query->parts;
  const char *key = self->layout->rowid_sql != NULL ? self->layout->rowid_sql
                                                    : id_column (self)->sql;

  g_string_append_printf (self->text.sql, " WHERE %s IN (SELECT %s FROM %s AS t", key, key,
                          self->layout->table_sql);
  _vl_sqlite_text_add_where (&self->text, self->layout, NULL, parts);
  _vl_sqlite_text_add_order (&self->text, self->layout, NULL, parts, 0);
  _vl_sqlite_text_add_int64 (&self->text, " LIMIT ?",
                             query->limit > 0 ? (gint64) query->limit : -1);
  _vl_sqlite_text_add_int64 (&self->text, " OFFSET ?)", (gint64) MIN (query->offset, G_MAXINT64));
}

static gboolean
write_delete_all (VlSqlite *sqlite, VlSqliteLayout *layout, VlChange *change, GError **error)
{
  g_auto (Writing) writing = { 0 };
  VlQuery *query = vl_change_get_query (change);
  int n_changed;

  if (query != NULL && !_vl_sqlite_check_query (layout, query->parts, error))
    return FALSE;

  writing_init (&writing, sqlite, layout);
  writing_begin (&writing);
  g_string_append_printf (writing.text.sql, "DELETE FROM %s AS t", layout->table_sql);
  if (query != NULL && (query->limit > 0 || query->offset > 0))
    append_window (&writing, query);
  else if (query != NULL)
    _vl_sqlite_text_add_where (&writing.text, layout, NULL, query->parts);

  return run (&writing, &n_changed, error);
}

gboolean
_vl_sqlite_write (VlSqlite *sqlite,
                  VlSqliteLayout *layout,
                  VlChange *change,
                  VlRecord **record,
                  GError **error)
{
  g_autoptr (VlRecord) stored = NULL;
  gboolean done = FALSE;

  if (!_vl_sqlite_check_base (sqlite, layout, change, record, error))
    return FALSE;

  switch (vl_change_get_kind (change))
    {
    case VL_CHANGE_KIND_INSERT:
      done = write_insert (sqlite, layout, change, &stored, error);
      break;
    case VL_CHANGE_KIND_REPLACE:
      done = write_replace (sqlite, layout, change, &stored, error);
      break;
    case VL_CHANGE_KIND_PATCH:
      done = write_patch (sqlite, layout, change, &stored, error);
      break;
    case VL_CHANGE_KIND_DELETE:
      done = write_delete (sqlite, layout, change, &stored, error);
      break;
    case VL_CHANGE_KIND_DELETE_ALL:
      done = write_delete_all (sqlite, layout, change, error);
      break;
    default:
      g_set_error_literal (error, VL_ERROR, VL_ERROR_INVALID, _ ("An unknown kind of change"));
      break;
    }
  if (done)
    *record = g_steal_pointer (&stored);

  return done;
}
