/* test-null-cache.c: a cache that never holds anything
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "cache/vl-cache-private.h"

static void
take_answer (VlAnswer *answer, gpointer user_data)
{
  VlAnswer *taken = user_data;

  g_assert_no_error (answer->error);
  *taken = *answer;
  taken->count = 1;
  *answer = (VlAnswer){ 0 };
}

static guint64
miss (VlNullCache *cache, const char *root)
{
  g_auto (VlAnswer) answer = { 0 };
  g_auto (VlAnswer) lease = { 0 };

  _vl_cache_send_lookup (VL_CACHE (cache), root, "q/key", 0, take_answer, &answer, NULL);
  _vl_cache_send_get_lease (VL_CACHE (cache), root, 0, take_answer, &lease, NULL);
  g_assert_cmpint (answer.count, ==, 1);
  g_assert_null (answer.page);
  g_assert_false (answer.fresh);
  g_assert_cmpuint (answer.lease, >, 0);
  g_assert_cmpuint (answer.lease, ==, lease.lease);
  return answer.lease;
}

static void
test_empty (void)
{
  g_autoptr (VlNullCache) cache = vl_null_cache_new ();
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (NULL);
  g_autoptr (VlPage) page = vl_page_builder_end (builder);
  g_auto (VlAnswer) stored = { 0 };
  g_auto (VlAnswer) removed = { 0 };
  guint64 lease = miss (cache, "root");

  _vl_cache_send_store (VL_CACHE (cache), "root", "q/key", page, lease, 0, take_answer, &stored,
                        NULL);
  g_assert_cmpint (stored.count, ==, 1);
  g_assert_cmpuint (miss (cache, "root"), ==, lease);
  _vl_cache_send_remove (VL_CACHE (cache), "root", "q/key", 0, take_answer, &removed, NULL);
  g_assert_cmpint (removed.count, ==, 1);
  g_assert_cmpuint (miss (cache, "root"), ==, lease);
  g_assert_null (vl_cache_peek (VL_CACHE (cache), "root", "q/key"));
  g_assert_false (_vl_cache_has_open (VL_CACHE (cache)));
}

static void
note_root (VlCache *cache, const char *root, gpointer user_data)
{
  g_ptr_array_add (user_data, g_strdup (root != NULL ? root : "(all)"));
}

static void
test_leases (void)
{
  g_autoptr (VlNullCache) cache = vl_null_cache_new ();
  g_autoptr (GPtrArray) roots = g_ptr_array_new_with_free_func (g_free);
  g_auto (VlAnswer) invalidated = { 0 };
  g_auto (VlAnswer) cleared = { 0 };
  g_auto (VlAnswer) cleared_all = { 0 };
  guint64 client = miss (cache, "client");
  guint64 clients = miss (cache, "clients");

  g_signal_connect (cache, "invalidated", G_CALLBACK (note_root), roots);
  _vl_cache_send_invalidate (VL_CACHE (cache), "client", 0, take_answer, &invalidated, NULL);
  g_assert_cmpuint (miss (cache, "client"), !=, client);
  g_assert_cmpuint (miss (cache, "clients"), ==, clients);

  client = miss (cache, "client");
  _vl_cache_send_clear (VL_CACHE (cache), "clients", 0, take_answer, &cleared, NULL);
  g_assert_cmpuint (miss (cache, "client"), ==, client);
  g_assert_cmpuint (miss (cache, "clients"), !=, clients);

  clients = miss (cache, "clients");
  _vl_cache_send_clear (VL_CACHE (cache), NULL, 0, take_answer, &cleared_all, NULL);
  g_assert_cmpuint (miss (cache, "client"), !=, client);
  g_assert_cmpuint (miss (cache, "clients"), !=, clients);

  g_assert_cmpuint (roots->len, ==, 3);
  g_assert_cmpstr (roots->pdata[0], ==, "client");
  g_assert_cmpstr (roots->pdata[1], ==, "clients");
  g_assert_cmpstr (roots->pdata[2], ==, "(all)");
}

static void
test_generations (void)
{
  g_autoptr (VlNullCache) cache = vl_null_cache_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *root = g_strdup_printf ("root-%u", i % 1500);

      g_assert_true (g_hash_table_add (seen, GSIZE_TO_POINTER ((gsize) miss (cache, root))));
    }
  g_assert_finalize_object (g_steal_pointer (&cache));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/null-cache/never-holds-anything", test_empty);
  g_test_add_func ("/null-cache/lease/changes-when-invalidated-or-cleared", test_leases);
  g_test_add_func ("/null-cache/lease/never-repeats", test_generations);

  return g_test_run ();
}
