/* test-name.c: names of which equal ones are the same pointer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib.h>

#include "base/vl-name-private.h"

#define N_THREADS 4
#define N_TURNS   100000

static void
test_equal (void)
{
  g_autofree char *text = g_strdup ("clients@db");
  const char *first = _vl_name_get ("clients@db");
  const char *second = _vl_name_get (text);
  const char *other = _vl_name_get ("orders@db");

  g_assert_true (first == second);
  g_assert_true (first != text);
  g_assert_true (first != other);
  g_assert_cmpstr (other, ==, "orders@db");

  /* As long as anybody has it. */
  _vl_name_release (first);
  g_assert_cmpstr (second, ==, "clients@db");
  g_assert_true (_vl_name_get ("clients@db") == second);
  _vl_name_release (second);
  _vl_name_release (second);
  _vl_name_release (other);
}

static gpointer
come_and_go (gpointer user_data)
{
  for (guint i = 0; i < N_TURNS; i++)
    {
      const char *name = _vl_name_get ("clients@db");

      g_assert_cmpstr (name, ==, "clients@db");
      if (i % 8 == 0)
        g_thread_yield ();
      _vl_name_release (name);
    }

  return NULL;
}

/* One lets go of the last reference while another asks for the name. */
static void
test_threads (void)
{
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("names", come_and_go, NULL);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/name/equal-ones-are-the-same", test_equal);
  g_test_add_func ("/name/come-and-go-in-threads", test_threads);

  return g_test_run ();
}
