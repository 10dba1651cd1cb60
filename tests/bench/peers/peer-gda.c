/* peer-gda.c: libgda lists a page of records
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <libgda/libgda.h>

#include "peer.h"

#define PAGE_SIZE 100

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GdaDataModel, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GdaSqlParser, g_object_unref)

static GdaConnection *connection;
static GdaStatement *statement;

/* Every cell is read: its rows are decoded then. */
static guint
read_model (GdaDataModel *model)
{
  int n_rows = gda_data_model_get_n_rows (model);
  int n_columns = gda_data_model_get_n_columns (model);

  for (int row = 0; row < n_rows; row++)
    {
      for (int column = 0; column < n_columns; column++)
        {
          const GValue *value = gda_data_model_get_value_at (model, column, row, NULL);

          g_assert (value != NULL);
        }
    }

  return (guint) n_rows;
}

static guint
list (guint n)
{
  guint n_rows = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GdaDataModel)
        model = gda_connection_statement_execute_select (connection, statement, NULL, &error);

      g_assert_no_error (error);
      n_rows = read_model (model);
    }

  return n_rows;
}

int
main (int argc, char **argv)
{
  static const PeerOperation operations[] = { { "list", list } };
  g_autofree char *folder = g_path_get_dirname (argv[1]);
  g_autofree char *file = g_path_get_basename (argv[1]);
  g_autofree char *where = NULL;
  g_autofree char *select = g_strdup_printf (
    "SELECT id, name, city, price, stock, listed FROM products LIMIT %d", PAGE_SIZE);
  g_autoptr (GdaSqlParser) parser = NULL;
  g_autoptr (GError) error = NULL;

  /* It adds the ending by itself. */
  if (g_str_has_suffix (file, ".db"))
    file[strlen (file) - strlen (".db")] = '\0';
  where = g_strdup_printf ("DB_DIR=%s;DB_NAME=%s", folder, file);
  gda_init ();
  connection = gda_connection_open_from_string ("SQLite", where, NULL, GDA_CONNECTION_OPTIONS_NONE,
                                                &error);
  g_assert_no_error (error);
  parser = gda_connection_create_parser (connection);
  statement = gda_sql_parser_parse_string (parser, select, NULL, &error);
  g_assert_no_error (error);
  peer_serve (operations, G_N_ELEMENTS (operations));

  return 0;
}
