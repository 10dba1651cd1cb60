/* vl-sqlite-relations.c: foreign keys, from both sides
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <string.h>

#include "vl-sqlite-layout-private.h"

/* Every foreign key of one column; those of several columns are not among
 * the relations, since a scope has to name one value. */
#define SINGLE_KEYS                                                                              \
 "SELECT k.\"table\", k.\"from\", k.\"to\" FROM pragma_foreign_key_list (?1, 'main') AS k "      \
 "WHERE (SELECT count(*) FROM pragma_foreign_key_list (?1, 'main') AS o WHERE o.id = k.id) = 1 " \
 "ORDER BY k.id DESC"

void
_vl_sqlite_relation_free (VlSqliteRelation *self)
{
  g_free (self->name);
  g_free (self->column);
  g_free (self->other_table);
  g_free (self->other_column);
  g_free (self);
}

static void
add_relation (VlSqliteLayout *layout,
              char *name,
              const char *column,
              const char *other_table,
              const char *other_column)
{
  VlSqliteRelation *relation = g_new0 (VlSqliteRelation, 1);

  relation->name = name;
  relation->column = g_strdup (column);
  relation->other_table = g_strdup (other_table);
  relation->other_column = g_strdup (other_column);

  for (guint i = 0; i < layout->relations->len; i++)
    {
      VlSqliteRelation *other = layout->relations->pdata[i];

      if (strcmp (other->name, relation->name) == 0)
        {
          _vl_sqlite_relation_free (relation);
          return;
        }
    }

  g_ptr_array_add (layout->relations, relation);
}

static const char *
column_text (sqlite3_stmt *statement, int column)
{
  return (const char *) sqlite3_column_text (statement, column);
}

/* The column as the table spells it, which foreign keys need not. */
static const char *
own_column (VlSqliteLayout *layout, const char *name)
{
  for (guint i = 0; i < layout->n_columns; i++)
    {
      if (name == NULL ? layout->columns[i].key_position == 1
                       : g_ascii_strcasecmp (layout->columns[i].name, name) == 0)
        return layout->columns[i].name;
    }

  return NULL;
}

/* The names of all tables, so that no statement is open while their keys are
 * read. */
static GPtrArray *
list_tables (VlSqlite *sqlite, GError **error)
{
  g_autoptr (GPtrArray) tables = g_ptr_array_new_with_free_func (g_free);
  sqlite3_stmt
    *statement = _vl_sqlite_prepare (sqlite,
                                     "SELECT name FROM main.sqlite_master WHERE type = 'table' AND "
                                     "sql LIKE '%references%' ORDER BY name",
                                     error);
  gboolean row = TRUE;
  gboolean done = TRUE;

  if (statement == NULL)
    return NULL;

  while (done && row)
    {
      done = _vl_sqlite_step (sqlite, statement, &row, error);
      if (done && row)
        g_ptr_array_add (tables, g_strdup (column_text (statement, 0)));
    }
  _vl_sqlite_release (sqlite, statement);

  return done ? g_steal_pointer (&tables) : NULL;
}

/* One foreign key of `table`; a NULL `to` means the primary key there. */
static void
add_key (VlSqliteLayout *layout,
         const char *table,
         const char *parent,
         const char *from,
         const char *to)
{
  gboolean is_ours = g_ascii_strcasecmp (table, layout->table) == 0;

  if (is_ours && own_column (layout, from) != NULL)
    {
      const char *column = own_column (layout, from);

      add_relation (layout, g_strdup (column), column, parent, to);
    }

  if (g_ascii_strcasecmp (parent, layout->table) == 0 && own_column (layout, to) != NULL)
    add_relation (layout, g_strconcat (table, ".", from, NULL), own_column (layout, to), table,
                  from);
}

static gboolean
read_keys_of (VlSqlite *sqlite, VlSqliteLayout *layout, const char *table, GError **error)
{
  sqlite3_stmt *statement = _vl_sqlite_prepare (sqlite, SINGLE_KEYS, error);
  gboolean row = TRUE;
  gboolean done = TRUE;

  if (statement == NULL)
    return FALSE;

  sqlite3_bind_text (statement, 1, table, -1, SQLITE_STATIC);
  while (done && row)
    {
      done = _vl_sqlite_step (sqlite, statement, &row, error);
      if (done && row)
        add_key (layout, table, column_text (statement, 0), column_text (statement, 1),
                 column_text (statement, 2));
    }
  _vl_sqlite_release (sqlite, statement);

  return done;
}

/* The primary key of a parent that the foreign key does not name. */
static gboolean
complete_relation (VlSqlite *sqlite, VlSqliteRelation *relation, GError **error)
{
  sqlite3_stmt *statement;
  gboolean row;
  gboolean done;

  if (relation->other_column != NULL)
    return TRUE;

  statement = _vl_sqlite_prepare (sqlite,
                                  "SELECT name FROM pragma_table_xinfo (?1, 'main') WHERE pk = 1",
                                  error);
  if (statement == NULL)
    return FALSE;

  sqlite3_bind_text (statement, 1, relation->other_table, -1, SQLITE_STATIC);
  done = _vl_sqlite_step (sqlite, statement, &row, error);
  if (done && row)
    relation->other_column = g_strdup (column_text (statement, 0));
  _vl_sqlite_release (sqlite, statement);

  return done;
}

gboolean
_vl_sqlite_relations_read (VlSqlite *sqlite, VlSqliteLayout *layout, GError **error)
{
  g_autoptr (GPtrArray) tables = NULL;

  if (!layout->is_table)
    return TRUE;

  tables = list_tables (sqlite, error);
  if (tables == NULL)
    return FALSE;

  for (guint i = 0; i < tables->len; i++)
    {
      if (!read_keys_of (sqlite, layout, tables->pdata[i], error))
        return FALSE;
    }

  for (guint i = layout->relations->len; i > 0; i--)
    {
      VlSqliteRelation *relation = layout->relations->pdata[i - 1];

      if (!complete_relation (sqlite, relation, error))
        return FALSE;
      /* It refers to a table that does not exist, or has no key. */
      if (relation->other_column == NULL)
        g_ptr_array_remove_index (layout->relations, i - 1);
    }

  return TRUE;
}
