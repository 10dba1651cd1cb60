/* replay.c: runs a target of the fuzzer over a corpus, without a fuzzer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static void
replay_file (const char *path)
{
  g_autofree char *data = NULL;
  g_autofree char *exact = NULL;
  gsize length;

  if (!g_file_get_contents (path, &data, &length, NULL))
    g_error ("Cannot read %s", path);

  /* Without the NUL that follows the contents here. */
  exact = g_memdup2 (data, length);
  LLVMFuzzerTestOneInput ((const uint8_t *) (exact != NULL ? exact : ""), length);
}

static guint
replay_folder (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;
  guint n = 0;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      replay_file (file);
      n++;
    }

  return n;
}

int
main (int argc, char *argv[])
{
  guint n = 0;

  LLVMFuzzerInitialize (&argc, &argv);
  for (int i = 1; i < argc; i++)
    if (g_file_test (argv[i], G_FILE_TEST_IS_DIR))
      n += replay_folder (argv[i]);
    else
      replay_file (argv[i]);

  /* An empty corpus shows nothing. */
  printf ("%u inputs\n", n);

  return argc > 1 && n == 0 && g_file_test (argv[1], G_FILE_TEST_IS_DIR) ? EXIT_FAILURE
                                                                         : EXIT_SUCCESS;
}
