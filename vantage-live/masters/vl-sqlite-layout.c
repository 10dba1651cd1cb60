/* vl-sqlite-layout.c: what the database says of one table
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include <string.h>

#include "vl-sqlite-layout-private.h"

#include "../base/vl-file-private.h"
#include "../base/vl-lock-private.h"
#include "../table/vl-block-builder-private.h"
#include "../table/vl-schema-builder.h"
#include "../table/vl-schema.h"
#include "../vl-error.h"
#include "vl-sqlite-functions-private.h"

#define READ_CAPABILITIES                                                                    \
 (VL_CAPABILITY_ORDER | VL_CAPABILITY_FILTER | VL_CAPABILITY_SEARCH | VL_CAPABILITY_WINDOW | \
  VL_CAPABILITY_COUNT | VL_CAPABILITY_SUBSCRIBE)
#define WRITE_CAPABILITIES                                                                    \
 (VL_CAPABILITY_INSERT | VL_CAPABILITY_REPLACE | VL_CAPABILITY_PATCH | VL_CAPABILITY_DELETE | \
  VL_CAPABILITY_DELETE_ALL | VL_CAPABILITY_BATCH | VL_CAPABILITY_CHECK_BASE)

static void
column_clear (gpointer data)
{
  VlSqliteColumn *column = data;

  g_free (column->name);
  g_free (column->sql);
  g_free (column->compare_sql);
  g_free (column->default_sql);
}

VlSqliteLayout *
_vl_sqlite_layout_ref (VlSqliteLayout *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
_vl_sqlite_layout_unref (VlSqliteLayout *self)
{
  if (!_vl_ref_count_dec (&self->ref_count))
    return;

  for (guint i = 0; i < self->n_columns; i++)
    column_clear (&self->columns[i]);
  g_free (self->columns);
  g_free (self->table);
  g_free (self->table_sql);
  g_free (self->select_sql);
  g_free (self->rowid_sql);
  g_clear_pointer (&self->relations, g_ptr_array_unref);
  g_clear_object (&self->schema);
  g_clear_pointer (&self->like, _vl_block_unref);
  g_free (self);
}

int
_vl_sqlite_layout_find (VlSqliteLayout *self, const char *column)
{
  for (guint i = 0; i < self->n_columns; i++)
    {
      if (strcmp (self->columns[i].name, column) == 0)
        return (int) i;
    }

  return -1;
}

static gboolean
type_has (const char *type, const char *part)
{
  g_autofree char *upper = g_ascii_strup (type, -1);

  return strstr (upper, part) != NULL;
}

/* The columns that are declared to be something SQLite knows nothing of. */
static VlFieldType
type_of_numeric (const char *type, gboolean is_boolean)
{
  if (is_boolean)
    return VL_FIELD_TYPE_BOOLEAN;
  if (type_has (type, "DATE") || type_has (type, "TIME") || type_has (type, "JSON"))
    return VL_FIELD_TYPE_STRING;
  if (type_has (type, "NUM") || type_has (type, "DEC"))
    return VL_FIELD_TYPE_DOUBLE;

  return VL_FIELD_TYPE_NULL;
}

/* The rules of SQLite's documentation, in their order. */
static void
column_set_type (VlSqliteColumn *column, const char *type, gboolean is_strict)
{
  column->is_boolean = g_ascii_strncasecmp (type, "BOOL", 4) == 0;

  if (type_has (type, "INT"))
    {
      column->is_integer = TRUE;
      column->affinity = VL_AFFINITY_NUMERIC;
      column->type = VL_FIELD_TYPE_INT64;
    }
  else if (type_has (type, "CHAR") || type_has (type, "CLOB") || type_has (type, "TEXT"))
    {
      column->affinity = VL_AFFINITY_TEXT;
      column->type = VL_FIELD_TYPE_STRING;
    }
  else if (*type == '\0' || (is_strict && g_ascii_strcasecmp (type, "ANY") == 0))
    {
      column->type = VL_FIELD_TYPE_NULL;
    }
  else if (type_has (type, "BLOB"))
    {
      column->type = VL_FIELD_TYPE_BYTES;
    }
  else if (type_has (type, "REAL") || type_has (type, "FLOA") || type_has (type, "DOUB"))
    {
      column->affinity = VL_AFFINITY_NUMERIC;
      column->type = VL_FIELD_TYPE_DOUBLE;
    }
  else
    {
      column->affinity = VL_AFFINITY_NUMERIC;
      column->type = type_of_numeric (type, column->is_boolean);
    }
}

static const char *
column_text (sqlite3_stmt *statement, int column)
{
  const char *text = (const char *) sqlite3_column_text (statement, column);

  return text != NULL ? text : "";
}

/* A column's own collation would decide what is equal. */
static char *
make_compare_sql (VlSqlite *sqlite, VlSqliteLayout *layout, VlSqliteColumn *column)
{
  const char *collation = NULL;

  if (layout->is_utf16)
    return g_strconcat (column->sql, " COLLATE " VL_SQLITE_COLLATION, NULL);

  if (layout->is_table &&
      sqlite3_table_column_metadata (_vl_sqlite_get_db (sqlite), "main", layout->table,
                                     column->name, NULL, &collation, NULL, NULL,
                                     NULL) == SQLITE_OK &&
      g_ascii_strcasecmp (collation, "BINARY") == 0)
    return g_strdup (column->sql);

  return g_strconcat (column->sql, " COLLATE BINARY", NULL);
}

static void
read_column (VlSqlite *sqlite,
             VlSqliteLayout *layout,
             sqlite3_stmt *statement,
             gboolean is_strict,
             GArray *columns)
{
  int hidden = sqlite3_column_int (statement, 5);
  VlSqliteColumn column = { 0 };
  g_autoptr (GString) sql = NULL;

  /* The arguments of a virtual table are no columns of its rows. */
  if (hidden == 1)
    return;

  sql = g_string_new ("t.");
  column.name = g_strdup (column_text (statement, 0));
  _vl_sqlite_append_name (sql, column.name);
  column.sql = g_string_free (g_steal_pointer (&sql), FALSE);
  column_set_type (&column, column_text (statement, 1), is_strict);
  column.nullable = sqlite3_column_int (statement, 2) == 0;
  column.default_sql = sqlite3_column_type (statement, 3) == SQLITE_NULL
                         ? g_strdup ("NULL")
                         : g_strdup_printf ("(%s)", column_text (statement, 3));
  column.key_position = (guint) sqlite3_column_int (statement, 4);
  column.is_generated = hidden != 0;
  column.compare_sql = make_compare_sql (sqlite, layout, &column);
  g_array_append_val (columns, column);
}

static gboolean
read_columns (VlSqlite *sqlite, VlSqliteLayout *layout, gboolean is_strict, GError **error)
{
  sqlite3_stmt *statement = _vl_sqlite_prepare (
    sqlite,
    "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo (?1, 'main')",
    error);
  GArray *columns;
  gboolean row = TRUE;
  gboolean done = TRUE;

  if (statement == NULL)
    return FALSE;

  columns = g_array_new (FALSE, TRUE, sizeof (VlSqliteColumn));
  sqlite3_bind_text (statement, 1, layout->table, -1, SQLITE_STATIC);
  while (done && row)
    {
      done = _vl_sqlite_step (sqlite, statement, &row, error);
      if (done && row)
        read_column (sqlite, layout, statement, is_strict, columns);
    }
  _vl_sqlite_release (sqlite, statement);

  layout->n_columns = columns->len;
  layout->columns = (VlSqliteColumn *) (void *) g_array_free (columns, FALSE);

  return done;
}

/* What kind of thing it is; not-found if there is nothing of that name. */
static gboolean
read_kind (VlSqlite *sqlite,
           VlSqliteLayout *layout,
           const char *path,
           gboolean *is_strict,
           GError **error)
{
  sqlite3_stmt *statement =
    _vl_sqlite_prepare (sqlite,
                        "SELECT type, wr, strict FROM pragma_table_list WHERE schema = 'main' AND "
                        "name = ?1 COLLATE NOCASE",
                        error);
  gboolean row;
  gboolean done;

  if (statement == NULL)
    return FALSE;

  sqlite3_bind_text (statement, 1, layout->table, -1, SQLITE_STATIC);
  done = _vl_sqlite_step (sqlite, statement, &row, error);
  if (done && row)
    {
      const char *type = column_text (statement, 0);

      layout->is_table = strcmp (type, "table") == 0 || strcmp (type, "shadow") == 0;
      layout->without_rowid = sqlite3_column_int (statement, 1) != 0;
      *is_strict = sqlite3_column_int (statement, 2) != 0;
    }
  _vl_sqlite_release (sqlite, statement);

  if (done && !row)
    g_set_error (error, VL_ERROR, VL_ERROR_NOT_FOUND,
                 _ ("There is no table or view “%s” in the database file “%s”"), layout->table,
                 path);

  return done && row;
}

/* The number that `sql` answers for the table. */
static gboolean
read_number (VlSqlite *sqlite, const char *sql, const char *table, gint64 *value, GError **error)
{
  sqlite3_stmt *statement = _vl_sqlite_prepare (sqlite, sql, error);
  gboolean row;
  gboolean done;

  if (statement == NULL)
    return FALSE;

  sqlite3_bind_text (statement, 1, table, -1, SQLITE_STATIC);
  done = _vl_sqlite_step (sqlite, statement, &row, error);
  if (done && row)
    *value = sqlite3_column_int64 (statement, 0);
  _vl_sqlite_release (sqlite, statement);

  return done;
}

static gboolean
read_encoding (VlSqlite *sqlite, VlSqliteLayout *layout, GError **error)
{
  sqlite3_stmt *statement = _vl_sqlite_prepare (sqlite, "PRAGMA encoding", error);
  gboolean row;
  gboolean done;

  if (statement == NULL)
    return FALSE;

  done = _vl_sqlite_step (sqlite, statement, &row, error);
  if (done && row)
    layout->is_utf16 = strcmp (column_text (statement, 0), "UTF-8") != 0;
  _vl_sqlite_release (sqlite, statement);

  return done;
}

/* A key of the rowid has no index of its own. */
static gboolean
read_key (VlSqlite *sqlite, VlSqliteLayout *layout, GError **error)
{
  VlSqliteColumn *key = NULL;
  guint n_keys = 0;
  gint64 n_indices = 0;

  layout->id_column = -1;
  for (guint i = 0; i < layout->n_columns; i++)
    {
      if (layout->columns[i].key_position > 0)
        key = &layout->columns[i];
      n_keys += layout->columns[i].key_position > 0;
    }
  if (!layout->is_table || n_keys != 1 || !(key->is_integer || key->affinity == VL_AFFINITY_TEXT))
    return TRUE;

  layout->id_column = (int) (key - layout->columns);
  if (!key->is_integer || layout->without_rowid)
    return TRUE;

  if (!read_number (sqlite,
                    "SELECT count(*) FROM pragma_index_list (?1, 'main') WHERE origin = 'pk'",
                    layout->table, &n_indices, error))
    return FALSE;
  key->is_rowid = n_indices == 0;
  if (key->is_rowid)
    key->nullable = FALSE;

  return TRUE;
}

/* A column may bear the name of the rowid, and hide it. */
static char *
make_rowid_sql (VlSqliteLayout *layout)
{
  static const char *const names[] = { "rowid", "_rowid_", "oid" };

  if (!layout->is_table || layout->without_rowid)
    return NULL;

  for (guint n = 0; n < G_N_ELEMENTS (names); n++)
    {
      gboolean taken = FALSE;

      for (guint i = 0; i < layout->n_columns; i++)
        taken = taken || g_ascii_strcasecmp (layout->columns[i].name, names[n]) == 0;
      if (!taken)
        return g_strconcat ("t.", names[n], NULL);
    }

  return NULL;
}

static void
set_texts (VlSqliteLayout *layout)
{
  GString *sql = g_string_new (NULL);

  layout->rowid_sql = make_rowid_sql (layout);
  if (layout->id_column >= 0)
    layout->tail = VL_TAIL_ID;
  else if (layout->rowid_sql != NULL)
    layout->tail = VL_TAIL_ROWID;

  for (guint i = 0; i < layout->n_columns; i++)
    g_string_append_printf (sql, "%s%s", i > 0 ? ", " : "", layout->columns[i].sql);
  if (layout->tail == VL_TAIL_ROWID)
    g_string_append_printf (sql, ", %s", layout->rowid_sql);
  layout->select_sql = g_string_free (sql, FALSE);
}

/* The column that tells a reader which row it is: one that is called so, else
 * the first text. */
static const char *
find_title (VlSqliteLayout *layout)
{
  static const char *const names[] = { "name", "title", "label", "subject" };

  for (guint n = 0; n < G_N_ELEMENTS (names); n++)
    {
      for (guint i = 0; i < layout->n_columns; i++)
        {
          if (g_ascii_strcasecmp (layout->columns[i].name, names[n]) == 0)
            return layout->columns[i].name;
        }
    }
  for (guint i = 0; i < layout->n_columns; i++)
    {
      if (layout->columns[i].type == VL_FIELD_TYPE_STRING && (int) i != layout->id_column)
        return layout->columns[i].name;
    }

  return NULL;
}

static VlCapabilities
get_capabilities (VlSqliteLayout *layout)
{
  VlSqliteColumn *id;
  VlCapabilities capabilities = READ_CAPABILITIES;

  if (layout->id_column < 0)
    return capabilities;

  id = &layout->columns[layout->id_column];
  capabilities |= WRITE_CAPABILITIES;
  if (id->is_rowid || id->affinity == VL_AFFINITY_TEXT)
    capabilities |= VL_CAPABILITY_ASSIGN_ID;

  return capabilities;
}

static void
set_schema (VlSqliteLayout *layout, const char *path)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new (layout->table);
  g_autofree char *instance = _vl_file_dup_instance (path);
  const char *title = find_title (layout);

  vl_schema_builder_set_instance (builder, instance);
  for (guint i = 0; i < layout->n_columns; i++)
    vl_schema_builder_add_column (builder, layout->columns[i].name, layout->columns[i].type,
                                  layout->columns[i].nullable);
  if (layout->id_column >= 0)
    vl_schema_builder_set_id_column (builder, layout->columns[layout->id_column].name);
  if (title != NULL)
    vl_schema_builder_add_title_column (builder, title);
  for (guint i = 0; i < layout->relations->len; i++)
    {
      VlSqliteRelation *relation = layout->relations->pdata[i];

      vl_schema_builder_add_relation (builder, relation->name);
    }
  vl_schema_builder_set_capabilities (builder, get_capabilities (layout));
  layout->schema = vl_schema_builder_end (builder);
}

static guint64
next_serial (void)
{
  static VlLock serial_lock;
  static guint64 last;
  guint64 serial;

  _vl_lock_acquire (&serial_lock);
  serial = ++last;
  _vl_lock_release (&serial_lock);

  return serial;
}

static VlBlock *
make_like (VlSqliteLayout *layout)
{
  g_auto (VlBlockBuilder) builder = { 0 };

  _vl_block_builder_init (&builder, VL_BLOCK_IDS_HIDDEN);
  for (guint i = 0; i < layout->n_columns; i++)
    _vl_block_builder_add_column (&builder, layout->columns[i].name,
                                  strlen (layout->columns[i].name));
  if (layout->id_column >= 0)
    builder.id_column = (guint) layout->id_column;

  /* SQLite does not let two columns share a name. */
  g_assert (builder.n_columns == layout->n_columns);

  return _vl_block_builder_end (&builder);
}

VlSqliteLayout *
_vl_sqlite_layout_read (VlSqlite *sqlite, const char *path, const char *table, GError **error)
{
  g_autoptr (VlSqliteLayout) self = g_new0 (VlSqliteLayout, 1);
  GString *name = g_string_new ("\"main\".");
  gboolean is_strict = FALSE;
  gint64 n_triggers = 0;

  g_atomic_ref_count_init (&self->ref_count);
  self->table = g_strdup (table);
  _vl_sqlite_append_name (name, table);
  self->table_sql = g_string_free (name, FALSE);
  self->relations = g_ptr_array_new_with_free_func ((GDestroyNotify) _vl_sqlite_relation_free);

  if (!read_kind (sqlite, self, path, &is_strict, error) || !read_encoding (sqlite, self, error) ||
      !read_columns (sqlite, self, is_strict, error) || !read_key (sqlite, self, error) ||
      !read_number (sqlite,
                    "SELECT count(*) FROM main.sqlite_master WHERE type = 'trigger' AND "
                    "tbl_name = ?1 COLLATE NOCASE",
                    table, &n_triggers, error) ||
      !_vl_sqlite_relations_read (sqlite, self, error))
    return NULL;

  self->has_triggers = n_triggers > 0;
  set_texts (self);
  set_schema (self, path);
  self->serial = next_serial ();
  self->like = make_like (self);

  return g_steal_pointer (&self);
}
