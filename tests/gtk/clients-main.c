/* clients-main.c: a test of Clients, and a folder for what Clients keeps
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "clients-main.h"

#include <glib/gstdio.h>
#include <gtk/gtk.h>

static void
remove_all (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_all (child);
    }
  g_remove (path);
}

int
clients_main_run (int argc, char **argv, const char *path, GTestDataFunc func)
{
  g_autofree char *folder = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  /* GTK 4.8 warns when it is told to scroll while what it shows changes its size. */
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  if (!gtk_init_check ())
    {
      g_print ("1..0 # SKIP there is no display\n");
      return 0;
    }
  folder = g_dir_make_tmp ("vl-clients-XXXXXX", NULL);
  g_test_add_data_func (path, folder, func);
  status = g_test_run ();
  remove_all (folder);

  return status;
}
