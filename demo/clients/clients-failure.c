/* clients-failure.c: why there are no clients to be seen, in words for everybody
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the library says is for those who wrote the program: it names paths, and
 * operations. Here it is told what the user has chosen, and can do.
 */

#include "clients-failure.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "clients-text.h"

static char *
describe_missing (const ClientsSource *source, const char *name)
{
  g_autofree char *table = clients_isolate (source->table);

  if (g_file_test (source->database, G_FILE_TEST_EXISTS))
    return g_strdup_printf ("There is no table “%s” in “%s”.", table, name);

  return g_strdup_printf ("There is no file “%s”.", name);
}

/* The network that is simulated comes before the file. */
static char *
describe_unavailable (const ClientsSource *source, const char *name)
{
  if (source->is_offline)
    return g_strdup ("There is no network. Try again when it is back.");
  if (g_access (source->database, R_OK) != 0)
    return g_strdup_printf (CLIENTS_LRM "“%s” cannot be opened: you are not allowed to read it.",
                            name);

  return g_strdup_printf (CLIENTS_LRM "“%s” cannot be reached at the moment. Try again in a while.",
                          name);
}

char *
clients_failure_describe (const GError *error, const ClientsSource *source)
{
  g_autofree char *base = g_filename_display_basename (source->database);
  g_autofree char *name = clients_isolate (base);

  if (g_error_matches (error, VL_ERROR, VL_ERROR_NOT_FOUND))
    return describe_missing (source, name);
  if (g_error_matches (error, VL_ERROR, VL_ERROR_UNAVAILABLE) ||
      g_error_matches (error, VL_ERROR, VL_ERROR_TIMED_OUT))
    return describe_unavailable (source, name);
  if (g_error_matches (error, VL_ERROR, VL_ERROR_CORRUPT))
    return g_strdup_printf (CLIENTS_LRM "“%s” is not an SQLite database, or it is damaged.", name);
  if (g_file_test (source->database, G_FILE_TEST_IS_DIR))
    return g_strdup_printf (CLIENTS_LRM "“%s” is a folder. Choose the file of an SQLite database.",
                            name);

  return g_strdup_printf ("Something is wrong with “%s”.", name);
}
