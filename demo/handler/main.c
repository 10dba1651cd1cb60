/* main.c: hands the handler a table, and requests from the standard input
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "handler.h"

typedef struct
{
  char *master;
  char *table;
  gboolean live;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->master);
  g_free (options->table);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse (Options *options, int argc, char **argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "master", 0, 0, G_OPTION_ARG_FILENAME, &options->master, "The SQLite file (./demo-master.db)",
      "PATH" },
    { "table", 0, 0, G_OPTION_ARG_FILENAME, &options->table, "The table in it (products)", "NAME" },
    { "live", 0, 0, G_OPTION_ARG_NONE, &options->live, "Put a live table in front of it", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_summary (context, "Answers requests, a JSON object a line, from a table.\n"
                                         "For example: {\"op\": \"list\", \"order\": [\"-price\"], "
                                         "\"limit\": 2}");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;

  if (argc > 1)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "“%s” is one argument too many",
                 argv[1]);

  return argc == 1;
}

static VlTable *
open_table (const Options *options)
{
  const char *path = options->master != NULL ? options->master : "./demo-master.db";
  const char *name = options->table != NULL ? options->table : "products";
  g_autoptr (VlTable) master = VL_TABLE (vl_sqlite_table_new (path, name));

  if (!options->live)
    return g_steal_pointer (&master);

  return VL_TABLE (vl_live_table_new (master, name, NULL));
}

int
main (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_autoptr (VlTable) table = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;
  size_t size = 0;

  setlocale (LC_ALL, "");
  if (!parse (&options, argc, argv, &error))
    {
      fprintf (stderr, "vl-handler: %s\n", error->message);
      return 2;
    }

  table = open_table (&options);
  while (getline (&line, &size, stdin) > 0)
    {
      g_autofree char *answer = NULL;

      if (*g_strstrip (line) == '\0')
        continue;
      answer = handler_answer (table, line);
      puts (answer);
      fflush (stdout);
    }

  return ferror (stdin) || ferror (stdout) ? 1 : 0;
}
