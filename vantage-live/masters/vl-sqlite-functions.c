/* vl-sqlite-functions.c: the SQL functions that make SQLite agree
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <string.h>

#include "vl-sqlite-functions-private.h"

#include "../table/vl-cell-private.h"
#include "../table/vl-query-private.h"

gboolean
_vl_sqlite_is_text (const char *text, gsize length)
{
  return g_utf8_validate_len (text, length, NULL);
}

static const char *
value_text (sqlite3_value *value, gsize *length)
{
  const char *text = (const char *) sqlite3_value_text (value);

  *length = (gsize) sqlite3_value_bytes (value);

  return text != NULL ? text : "";
}

/* Text that is text to us too; NULL for anything else. */
static const char *
value_proper_text (sqlite3_value *value, gsize *length)
{
  const char *text;

  if (sqlite3_value_type (value) != SQLITE_TEXT)
    return NULL;
  text = value_text (value, length);

  return _vl_sqlite_is_text (text, *length) ? text : NULL;
}

static gboolean
value_is_odd (sqlite3_value *value)
{
  gsize length;

  return sqlite3_value_type (value) == SQLITE_TEXT && value_proper_text (value, &length) == NULL;
}

static void
odd_func (sqlite3_context *context, int n_args, sqlite3_value **args)
{
  sqlite3_result_int (context, value_is_odd (args[0]));
}

static void
norm_func (sqlite3_context *context, int n_args, sqlite3_value **args)
{
  gsize length;
  const char *text;

  if (!value_is_odd (args[0]))
    {
      sqlite3_result_value (context, args[0]);
      return;
    }

  text = value_text (args[0], &length);
  sqlite3_result_blob64 (context, text, length, SQLITE_TRANSIENT);
}

static void
id_func (sqlite3_context *context, int n_args, sqlite3_value **args)
{
  gsize length;

  if (sqlite3_value_type (args[0]) == SQLITE_INTEGER ||
      value_proper_text (args[0], &length) != NULL)
    sqlite3_result_value (context, args[0]);
}

static gboolean
value_contains (sqlite3_value *value, const char *word, gsize word_length)
{
  gsize length;
  const char *text = value_proper_text (value, &length);

  return text != NULL && _vl_text_contains (text, length, word, word_length);
}

static void
contains_func (sqlite3_context *context, int n_args, sqlite3_value **args)
{
  gsize length;
  const char *word = value_text (args[1], &length);

  sqlite3_result_int (context, value_contains (args[0], word, length));
}

static void
search_func (sqlite3_context *context, int n_args, sqlite3_value **args)
{
  gsize length;
  const char *word = value_text (args[0], &length);
  gboolean found = FALSE;

  for (int i = 1; i < n_args && !found; i++)
    found = value_contains (args[i], word, length);
  sqlite3_result_int (context, found);
}

static void
read_value (sqlite3_value *value, VlCell *cell)
{
  memset (cell, 0, sizeof *cell);

  switch (sqlite3_value_type (value))
    {
    case SQLITE_INTEGER:
      cell->type = VL_FIELD_TYPE_INT64;
      cell->int64 = sqlite3_value_int64 (value);
      break;
    case SQLITE_FLOAT:
      cell->type = VL_FIELD_TYPE_DOUBLE;
      cell->real = sqlite3_value_double (value);
      break;
    case SQLITE_TEXT:
      cell->data = value_text (value, &cell->length);
      cell->type = _vl_sqlite_is_text (cell->data, cell->length) ? VL_FIELD_TYPE_STRING
                                                                 : VL_FIELD_TYPE_BYTES;
      break;
    case SQLITE_BLOB:
      cell->type = VL_FIELD_TYPE_BYTES;
      cell->data = sqlite3_value_blob (value);
      cell->length = (gsize) sqlite3_value_bytes (value);
      break;
    default:
      break;
    }
}

/* NULL for null, like IN. */
static void
in_func (sqlite3_context *context, int n_args, sqlite3_value **args)
{
  const VlQueryCondition *condition = sqlite3_value_pointer (args[1], VL_SQLITE_LIST);
  guint low = 0;
  guint high = condition != NULL ? condition->n_cells : 0;
  gboolean found = FALSE;
  VlCell cell;

  read_value (args[0], &cell);
  if (_vl_cell_is_null (&cell))
    return;

  while (low < high && !found)
    {
      guint middle = low + (high - low) / 2;
      int result = _vl_cell_compare (&cell, &condition->cells[middle]);

      found = result == 0;
      if (result < 0)
        high = middle;
      else
        low = middle + 1;
    }
  sqlite3_result_int (context, found);
}

static int
compare_utf8 (void *data, int a_length, const void *a, int b_length, const void *b)
{
  int result = memcmp (a, b, (gsize) MIN (a_length, b_length));

  return result != 0 ? result : (a_length > b_length) - (a_length < b_length);
}

gboolean
_vl_sqlite_add_functions (VlSqlite *sqlite, GError **error)
{
  static const struct
  {
    const char *name;
    int n_args;
    void (*func) (sqlite3_context *, int, sqlite3_value **);
  } functions[] = {
    { "vl_odd", 1, odd_func },           { "vl_norm", 1, norm_func },      { "vl_id", 1, id_func },
    { "vl_contains", 2, contains_func }, { "vl_search", -1, search_func }, { "vl_in", 2, in_func },
  };
  sqlite3 *db = _vl_sqlite_get_db (sqlite);
  int rc = sqlite3_create_collation (db, VL_SQLITE_COLLATION, SQLITE_UTF8, NULL, compare_utf8);

  /* Direct only: a view or trigger of a strange file has no business here. */
  for (guint i = 0; i < G_N_ELEMENTS (functions) && rc == SQLITE_OK; i++)
    rc = sqlite3_create_function_v2 (db, functions[i].name, functions[i].n_args,
                                     SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL,
                                     functions[i].func, NULL, NULL, NULL);

  return _vl_sqlite_check (sqlite, rc, error);
}
