/* test-random.c: random numbers and unique ids
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "base/vl-clock-private.h"
#include "base/vl-random-private.h"

#define N_THREADS 4
#define N_UUIDS   5000

static guint64 fake_random_value;
static gint64 fake_now;

static guint64
fake_random (void)
{
  return fake_random_value;
}

static gint64
fake_time (void)
{
  return fake_now;
}

static const VlClockBackend fake_clock = { .monotonic = fake_time, .real = fake_time };

static void
test_random (void)
{
  guint64 set = 0;
  guint64 unset = 0;

  for (guint i = 0; i < 200; i++)
    {
      guint64 number = _vl_random_uint64 ();

      set |= number;
      unset |= ~number;
    }
  g_assert_cmphex (set, ==, G_MAXUINT64);
  g_assert_cmphex (unset, ==, G_MAXUINT64);
}

static void
test_func (void)
{
  fake_random_value = 42;
  _vl_random_set_func (fake_random);
  g_assert_cmpuint (_vl_random_uint64 (), ==, 42);
  _vl_random_set_func (NULL);
  g_assert_false (_vl_random_uint64 () == 42 && _vl_random_uint64 () == 42);
}

/* The same for ever: what a test has found by its seed it finds again. */
static void
test_at (void)
{
  guint64 set = 0;
  guint64 unset = 0;
  GHashTable *seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  g_assert_cmphex (_vl_random_at (0, 0), ==, G_GUINT64_CONSTANT (0xa706dd2f4d197e6f));
  g_assert_cmphex (_vl_random_at (1, 1), ==, G_GUINT64_CONSTANT (0xf18d6ce93d6cf1ee));
  g_assert_cmphex (_vl_random_at (G_MAXUINT64, G_MAXUINT64), ==,
                   G_GUINT64_CONSTANT (0x445018e305810b78));

  for (guint64 seed = 0; seed < 50; seed++)
    for (guint64 index = 0; index < 50; index++)
      {
        guint64 number = _vl_random_at (seed, index);

        set |= number;
        unset |= ~number;
        g_assert_true (g_hash_table_add (seen, g_memdup2 (&number, sizeof number)));
      }
  g_assert_cmphex (set, ==, G_MAXUINT64);
  g_assert_cmphex (unset, ==, G_MAXUINT64);
  g_hash_table_unref (seen);
}

static void
test_uuid_form (void)
{
  g_autofree char *uuid = NULL;

  /* 0x0abc456789ab milliseconds and a quarter of one, well in the future so
   * that the process has not counted past it. */
  fake_now = G_GINT64_CONSTANT (0x0abc456789ab) * 1000 + 250;
  fake_random_value = G_MAXUINT64;
  _vl_clock_set_backend (&fake_clock);
  _vl_random_set_func (fake_random);
  uuid = _vl_uuid_v7 ();
  _vl_random_set_func (NULL);
  _vl_clock_set_backend (NULL);

  g_assert_cmpstr (uuid, ==, "0abc4567-89ab-7400-bfff-ffffffffffff");
  g_assert_true (g_uuid_string_is_valid (uuid));
}

static void
test_uuid_clock_goes_back (void)
{
  g_autofree char *last = NULL;

  fake_now = G_GINT64_CONSTANT (0x0bbc456789ab) * 1000;
  _vl_clock_set_backend (&fake_clock);
  last = _vl_uuid_v7 ();
  for (guint i = 0; i < 10000; i++)
    {
      char *next;

      fake_now -= i % 7;
      next = _vl_uuid_v7 ();
      g_assert_cmpint (strcmp (last, next), <, 0);
      g_assert_cmpint (next[14], ==, '7');
      g_free (last);
      last = next;
    }
  _vl_clock_set_backend (NULL);
}

static gpointer
make_uuids (gpointer user_data)
{
  GPtrArray *uuids = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < N_UUIDS; i++)
    {
      g_ptr_array_add (uuids, _vl_uuid_v7 ());
      if (i > 0)
        g_assert_cmpint (strcmp (uuids->pdata[i - 1], uuids->pdata[i]), <, 0);
    }

  return uuids;
}

static void
test_uuid_threads (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, NULL);
  GThread *threads[N_THREADS];
  GPtrArray *results[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("uuids", make_uuids, NULL);
  for (guint i = 0; i < N_THREADS; i++)
    {
      results[i] = g_thread_join (threads[i]);
      for (guint j = 0; j < results[i]->len; j++)
        {
          /* The time part alone is unique: the first 18 characters. */
          ((char *) results[i]->pdata[j])[18] = '\0';
          g_assert_true (g_hash_table_add (seen, results[i]->pdata[j]));
        }
    }
  for (guint i = 0; i < N_THREADS; i++)
    g_ptr_array_unref (results[i]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/random/every-bit-varies", test_random);
  g_test_add_func ("/random/func-takes-over", test_func);
  g_test_add_func ("/random/at/same-for-the-same-numbers", test_at);
  g_test_add_func ("/random/uuid/increases-and-is-unique-across-threads", test_uuid_threads);
  g_test_add_func ("/random/uuid/form-of-version-7", test_uuid_form);
  g_test_add_func ("/random/uuid/increases-when-the-clock-goes-back", test_uuid_clock_goes_back);

  return g_test_run ();
}
