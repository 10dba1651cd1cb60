/* bench.c: the cases there are, and what they are written with
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench-private.h"

#include <glib/gstdio.h>
#include <time.h>

static GPtrArray *cases;
static GPtrArray *series_list;
static gboolean is_quick;
static char *folder;

GPtrArray *
bench_get_cases (void)
{
  if (cases == NULL)
    cases = g_ptr_array_new ();
  return cases;
}

GPtrArray *
bench_get_series (void)
{
  if (series_list == NULL)
    series_list = g_ptr_array_new ();
  return series_list;
}

void
bench_add_case (const BenchCase *bench_case)
{
  g_ptr_array_add (bench_get_cases (), (gpointer) bench_case);
}

void
bench_add_series (const BenchSeries *series)
{
  g_ptr_array_add (bench_get_series (), (gpointer) series);
}

void
bench_set_quick (gboolean quick)
{
  is_quick = quick;
}

gboolean
bench_is_quick (void)
{
  return is_quick;
}

gint64
bench_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (gint64) now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

void
bench_turn_until (const gboolean *done)
{
  while (!*done)
    g_main_context_iteration (NULL, TRUE);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

static void
remove_folder (void)
{
  remove_tree (folder);
  g_free (folder);
}

char *
bench_temp_path (const char *name)
{
  if (folder == NULL)
    {
      g_autoptr (GError) error = NULL;

      folder = g_dir_make_tmp ("vl-bench-XXXXXX", &error);
      g_assert_no_error (error);
      atexit (remove_folder);
    }

  return g_build_filename (folder, name, NULL);
}
