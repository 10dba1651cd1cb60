/* vl-test-cache.c: the contract of a cache, as checks that any cache can take
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-test-cache-private.h"

/* Each check begins with an empty cache. */

static void
check_miss (VlTestCacheRun *run)
{
  _vl_test_cache_expect_miss (run, CLIENT, PAGE_KEY);
  _vl_test_cache_expect_miss (run, CLIENT, "");
  _vl_test_cache_expect_miss (run, "", PAGE_KEY);
}

static void
check_lease_is_told (VlTestCacheRun *run)
{
  g_auto (VlTestCacheCall) first = { 0 };
  g_auto (VlTestCacheCall) second = { 0 };

  _vl_test_cache_lookup (&first, run, CLIENT, PAGE_KEY);
  _vl_test_cache_lookup (&second, run, CLIENT, OTHER_KEY);
  _vl_test_cache_expect (run, first.lease == second.lease, "two lookups answer the same lease");
  _vl_test_cache_expect (run, _vl_test_cache_get_lease (run, CLIENT) == first.lease,
                         "get_lease answers what lookup does");
}

static void
check_store (VlTestCacheRun *run)
{
  guint64 lease = _vl_test_cache_get_lease (run, CLIENT);
  g_autoptr (VlPage) page = _vl_test_cache_make_page ("a", 3);
  g_auto (VlTestCacheCall) call = { 0 };

  _vl_test_cache_store (run, CLIENT, PAGE_KEY, page, lease);
  _vl_test_cache_expect_fresh (run, CLIENT, PAGE_KEY, page);
  _vl_test_cache_expect_fresh (run, CLIENT, PAGE_KEY, page);
  _vl_test_cache_expect_miss (run, CLIENT, OTHER_KEY);
  _vl_test_cache_lookup (&call, run, CLIENT, PAGE_KEY);
  _vl_test_cache_expect (run, call.lease == lease,
                         "a hit answers the lease too, and storing leaves it");
}

static void
check_store_replaces (VlTestCacheRun *run)
{
  g_autoptr (VlPage) first = _vl_test_cache_store_fresh (run, CLIENT, PAGE_KEY, "first");
  g_autoptr (VlPage) second = _vl_test_cache_store_fresh (run, CLIENT, PAGE_KEY, "second");

  _vl_test_cache_expect_fresh (run, CLIENT, PAGE_KEY, second);
  _vl_test_cache_expect (run, !_vl_test_cache_same_page (first, second),
                         "the pages of this check differ");
}

static void
check_store_late (VlTestCacheRun *run)
{
  guint64 lease = _vl_test_cache_get_lease (run, CLIENT);
  g_autoptr (VlPage) page = _vl_test_cache_make_page ("a", 3);

  _vl_test_cache_invalidate (run, CLIENT);
  _vl_test_cache_store (run, CLIENT, PAGE_KEY, page, lease);
  _vl_test_cache_expect_stale (run, CLIENT, PAGE_KEY, page);
}

static void
check_store_with_a_made_up_lease (VlTestCacheRun *run)
{
  guint64 lease = _vl_test_cache_get_lease (run, CLIENT);
  g_autoptr (VlPage) page = _vl_test_cache_make_page ("a", 3);

  _vl_test_cache_store (run, CLIENT, PAGE_KEY, page, lease + 1);
  _vl_test_cache_expect_stale (run, CLIENT, PAGE_KEY, page);
  _vl_test_cache_invalidate (run, CLIENT);
  _vl_test_cache_expect_stale (run, CLIENT, PAGE_KEY, page);
}

/* The cache may keep either page, but not the late one as fresh. */
static void
check_store_late_over_fresh (VlTestCacheRun *run)
{
  guint64 lease = _vl_test_cache_get_lease (run, CLIENT);
  g_autoptr (VlPage) late = _vl_test_cache_make_page ("late", 3);
  g_autoptr (VlPage) page = NULL;
  g_auto (VlTestCacheCall) call = { 0 };

  _vl_test_cache_invalidate (run, CLIENT);
  page = _vl_test_cache_store_fresh (run, CLIENT, PAGE_KEY, "new");
  _vl_test_cache_store (run, CLIENT, PAGE_KEY, late, lease);
  _vl_test_cache_lookup (&call, run, CLIENT, PAGE_KEY);
  if (call.page != NULL)
    _vl_test_cache_expect (run, !call.fresh || _vl_test_cache_same_page (call.page, page),
                           "a late page is never fresh");
}

static void
check_store_anew (VlTestCacheRun *run)
{
  g_autoptr (VlPage)
    first G_GNUC_UNUSED = _vl_test_cache_store_fresh (run, CLIENT, PAGE_KEY, "first");
  g_autoptr (VlPage) other = _vl_test_cache_store_fresh (run, CLIENT, OTHER_KEY, "other");
  g_autoptr (VlPage) second = NULL;

  _vl_test_cache_invalidate (run, CLIENT);
  second = _vl_test_cache_store_fresh (run, CLIENT, PAGE_KEY, "second");
  _vl_test_cache_expect_fresh (run, CLIENT, PAGE_KEY, second);
  _vl_test_cache_expect_stale (run, CLIENT, OTHER_KEY, other);
}

static void
check_invalidate (VlTestCacheRun *run)
{
  g_autoptr (VlPage) page = _vl_test_cache_store_fresh (run, CLIENT, PAGE_KEY, "a");
  g_autoptr (VlPage) other = _vl_test_cache_store_fresh (run, CLIENT, OTHER_KEY, "b");
  guint64 lease = _vl_test_cache_get_lease (run, CLIENT);

  _vl_test_cache_invalidate (run, CLIENT);
  _vl_test_cache_expect (run, _vl_test_cache_get_lease (run, CLIENT) != lease,
                         "invalidating changes the lease");
  _vl_test_cache_expect_stale (run, CLIENT, PAGE_KEY, page);
  _vl_test_cache_expect_stale (run, CLIENT, OTHER_KEY, other);
  _vl_test_cache_invalidate (run, CLIENT);
  _vl_test_cache_expect_stale (run, CLIENT, PAGE_KEY, page);
  _vl_test_cache_expect_miss (run, CLIENT, "q/vl-test/100/2");
}

static void
check_invalidate_unknown (VlTestCacheRun *run)
{
  guint64 lease = _vl_test_cache_get_lease (run, CLIENT);

  _vl_test_cache_invalidate (run, "vl-test-never-seen");
  _vl_test_cache_invalidate (run, CLIENT);
  _vl_test_cache_expect (run, _vl_test_cache_get_lease (run, CLIENT) != lease,
                         "invalidating changes the lease");
  _vl_test_cache_expect_miss (run, CLIENT, PAGE_KEY);
}

static void
check_clear (VlTestCacheRun *run)
{
  guint64 lease = _vl_test_cache_get_lease (run, CLIENT);
  g_autoptr (VlPage) page = _vl_test_cache_store_fresh (run, CLIENT, PAGE_KEY, "a");
  g_autoptr (VlPage) stale G_GNUC_UNUSED = _vl_test_cache_store_fresh (run, CLIENT, OTHER_KEY, "b");

  _vl_test_cache_clear (run, CLIENT);
  _vl_test_cache_expect_miss (run, CLIENT, PAGE_KEY);
  _vl_test_cache_expect_miss (run, CLIENT, OTHER_KEY);
  _vl_test_cache_expect (run, _vl_test_cache_get_lease (run, CLIENT) != lease,
                         "clearing changes the lease");
  _vl_test_cache_store (run, CLIENT, PAGE_KEY, page, lease);
  _vl_test_cache_expect_stale (run, CLIENT, PAGE_KEY, page);
  _vl_test_cache_clear (run, CLIENT);
  _vl_test_cache_expect_miss (run, CLIENT, PAGE_KEY);
}

static void
check_clear_all (VlTestCacheRun *run)
{
  g_autoptr (VlPage) client G_GNUC_UNUSED = _vl_test_cache_store_fresh (run, CLIENT, PAGE_KEY, "a");
  g_autoptr (VlPage)
    clients G_GNUC_UNUSED = _vl_test_cache_store_fresh (run, CLIENTS, PAGE_KEY, "b");
  guint64 leases[] = { _vl_test_cache_get_lease (run, CLIENT),
                       _vl_test_cache_get_lease (run, CLIENTS) };

  _vl_test_cache_clear (run, NULL);
  _vl_test_cache_expect_miss (run, CLIENT, PAGE_KEY);
  _vl_test_cache_expect_miss (run, CLIENTS, PAGE_KEY);
  _vl_test_cache_expect (run,
                         _vl_test_cache_get_lease (run, CLIENT) != leases[0] &&
                           _vl_test_cache_get_lease (run, CLIENTS) != leases[1],
                         "clearing all changes the lease of each root");
}

static void
check_roots_apart (VlTestCacheRun *run)
{
  g_autoptr (VlPage) client = _vl_test_cache_store_fresh (run, CLIENT, PAGE_KEY, "a");
  g_autoptr (VlPage) clients = _vl_test_cache_store_fresh (run, CLIENTS, PAGE_KEY, "b");
  guint64 lease = _vl_test_cache_get_lease (run, CLIENTS);

  _vl_test_cache_invalidate (run, CLIENT);
  _vl_test_cache_expect_stale (run, CLIENT, PAGE_KEY, client);
  _vl_test_cache_expect_fresh (run, CLIENTS, PAGE_KEY, clients);
  _vl_test_cache_clear (run, CLIENT);
  _vl_test_cache_expect_miss (run, CLIENT, PAGE_KEY);
  _vl_test_cache_expect_fresh (run, CLIENTS, PAGE_KEY, clients);
  _vl_test_cache_expect (run, _vl_test_cache_get_lease (run, CLIENTS) == lease,
                         "a root keeps its lease when another is cleared");
}

/* Pairs that a cache might take for one another. */
static void
check_odd_names_apart (VlTestCacheRun *run)
{
  static const char *const names[][2] = {
    { "vl-test/a", "b/c" },      { "vl-test/a/b", "c" },      { "vl-test", "a/b/c" },
    { "vl-test%2Fa", "b/c" },    { "vl-test%2fa", "b/c" },    { "vl-test/a", "b%2Fc" },
    { "VL-TEST/a", "b/c" },      { "vl-test/a", "B/c" },      { "vl-test/_", "b/c" },
    { "vl-test/%", "b/c" },      { "vl-test/*", "b/c" },      { "vl-test/a ", "b/c" },
    { "vl-test/a'--", "b/c" },   { "vl-test/\"a\"", "b/c" },  { "vl-test/\303\244", "b/c" },
    { "vl-test/a", "id/1" },     { "vl-test/a", "id/10" },    { "vl-test/a", "id/" },
    { "vl-test/a", "q//100/0" }, { "vl-test/a", "q//10/00" },
  };
  g_autoptr (GPtrArray) pages = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = g_strdup_printf ("page-%u", i);

      g_ptr_array_add (pages, _vl_test_cache_store_fresh (run, names[i][0], names[i][1], name));
    }
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    _vl_test_cache_expect_fresh (run, names[i][0], names[i][1], g_ptr_array_index (pages, i));

  _vl_test_cache_clear (run, "vl-test/%");
  _vl_test_cache_clear (run, "vl-test/_");
  _vl_test_cache_clear (run, "vl-test/*");
  _vl_test_cache_clear (run, "vl-test");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (g_str_equal (names[i][0], "vl-test") ||
          strpbrk (names[i][0] + strlen ("vl-test"), "_*") ||
          g_str_equal (names[i][0], "vl-test/%"))
        _vl_test_cache_expect_miss (run, names[i][0], names[i][1]);
      else
        _vl_test_cache_expect_fresh (run, names[i][0], names[i][1], g_ptr_array_index (pages, i));
    }
}

static void
check_generations_never_repeat (VlTestCacheRun *run)
{
  static const char *const roots[] = { CLIENT, CLIENTS, "vl-test-third" };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < 60; i++)
    {
      const char *root = roots[i % G_N_ELEMENTS (roots)];
      g_autofree char *text = g_strdup_printf ("%s %" G_GUINT64_FORMAT, root,
                                               _vl_test_cache_get_lease (run, root));

      _vl_test_cache_expect (run, g_hash_table_add (seen, g_steal_pointer (&text)),
                             "no generation repeats");
      if (i % 7 == 6)
        _vl_test_cache_clear (run, NULL);
      if (i % 2 == 0)
        _vl_test_cache_clear (run, root);
      else
        _vl_test_cache_invalidate (run, root);
    }
}

/* What the handlers of invalidated saw. */
typedef struct
{
  VlTestCacheRun *run;
  guint n;
  char *root;
  GThread *thread;
} Emissions;

static void
on_invalidated (VlCache *cache, const char *root, gpointer user_data)
{
  Emissions *emissions = user_data;
  g_autoptr (VlPage) peeked = vl_cache_peek (cache, CLIENT, PAGE_KEY);

  emissions->n++;
  emissions->thread = g_thread_self ();
  g_free (emissions->root);
  emissions->root = g_strdup (root);
  _vl_test_cache_expect (emissions->run, peeked == NULL || vl_page_get_is_stale (peeked),
                         "no page is fresh any more when invalidated is emitted");
}

static void
expect_emission (VlTestCacheRun *run, Emissions *emissions, guint n_before, const char *root)
{
  _vl_test_cache_expect (
    run, n_before == 1, "invalidated is emitted once (with NULL for all roots), before the answer");
  _vl_test_cache_expect (run, emissions->n == 1, "invalidated is not emitted after the answer");
  _vl_test_cache_expect (run, g_strcmp0 (emissions->root, root) == 0, "invalidated names the root");
  _vl_test_cache_expect (run, emissions->thread == g_thread_self (),
                         "invalidated is emitted on the thread that asked");
  g_clear_pointer (&emissions->root, g_free);
  emissions->n = 0;
}

static void
check_invalidated_signal (VlTestCacheRun *run)
{
  Emissions emissions = { .run = run };
  g_autoptr (VlPage) page = _vl_test_cache_store_fresh (run, CLIENT, PAGE_KEY, "a");
  gulong handler = g_signal_connect (run->cache, "invalidated", G_CALLBACK (on_invalidated),
                                     &emissions);

  expect_emission (run, &emissions, _vl_test_cache_invalidate_counted (run, CLIENT, &emissions.n),
                   CLIENT);
  expect_emission (run, &emissions, _vl_test_cache_clear_counted (run, CLIENT, &emissions.n),
                   CLIENT);
  expect_emission (run, &emissions, _vl_test_cache_clear_counted (run, NULL, &emissions.n), NULL);
  _vl_test_cache_remove (run, CLIENT, PAGE_KEY);
  _vl_test_cache_store (run, CLIENT, PAGE_KEY, page, _vl_test_cache_get_lease (run, CLIENT));
  _vl_test_cache_expect (run, emissions.n == 0, "only invalidate and clear emit invalidated");
  g_signal_handler_disconnect (run->cache, handler);
  g_free (emissions.root);
}

static void
check_remove (VlTestCacheRun *run)
{
  g_autoptr (VlPage) page = _vl_test_cache_store_fresh (run, CLIENT, PAGE_KEY, "a");
  g_autoptr (VlPage) other = _vl_test_cache_store_fresh (run, CLIENT, OTHER_KEY, "b");
  g_autoptr (VlPage) elsewhere = _vl_test_cache_store_fresh (run, CLIENTS, PAGE_KEY, "c");
  guint64 lease = _vl_test_cache_get_lease (run, CLIENT);

  _vl_test_cache_remove (run, CLIENT, PAGE_KEY);
  _vl_test_cache_expect_miss (run, CLIENT, PAGE_KEY);
  _vl_test_cache_expect_fresh (run, CLIENT, OTHER_KEY, other);
  _vl_test_cache_expect_fresh (run, CLIENTS, PAGE_KEY, elsewhere);
  _vl_test_cache_expect (run, _vl_test_cache_get_lease (run, CLIENT) == lease,
                         "removing leaves the lease");
  _vl_test_cache_store (run, CLIENT, PAGE_KEY, page, lease);
  _vl_test_cache_expect_fresh (run, CLIENT, PAGE_KEY, page);
}

static void
check_remove_unknown (VlTestCacheRun *run)
{
  g_autoptr (VlPage) page = _vl_test_cache_store_fresh (run, CLIENT, PAGE_KEY, "a");

  _vl_test_cache_remove (run, CLIENT, OTHER_KEY);
  _vl_test_cache_remove (run, "vl-test-never-seen", PAGE_KEY);
  _vl_test_cache_expect_fresh (run, CLIENT, PAGE_KEY, page);
}

static void
check_remove_stale (VlTestCacheRun *run)
{
  g_autoptr (VlPage) page G_GNUC_UNUSED = _vl_test_cache_store_fresh (run, CLIENT, PAGE_KEY, "a");

  _vl_test_cache_invalidate (run, CLIENT);
  _vl_test_cache_remove (run, CLIENT, PAGE_KEY);
  _vl_test_cache_expect_miss (run, CLIENT, PAGE_KEY);
}

/* A count is a page without rows, and so is a record that does not exist: both
 * are hits. */
static void
check_pages_without_rows (VlTestCacheRun *run)
{
  g_autoptr (VlPageBuilder) counted = vl_page_builder_new (NULL);
  g_autoptr (VlPageBuilder) nothing = vl_page_builder_new (NULL);
  g_autoptr (VlPage) count = NULL;
  g_autoptr (VlPage) none = NULL;
  guint64 lease = _vl_test_cache_get_lease (run, CLIENT);

  vl_page_builder_set_total (counted, G_GINT64_CONSTANT (5000000000));
  count = vl_page_builder_end (counted);
  none = vl_page_builder_end (nothing);
  _vl_test_cache_store (run, CLIENT, "n/vl-test", count, lease);
  _vl_test_cache_store (run, CLIENT, "id/nobody", none, lease);
  _vl_test_cache_expect_fresh (run, CLIENT, "n/vl-test", count);
  _vl_test_cache_expect_fresh (run, CLIENT, "id/nobody", none);
  _vl_test_cache_invalidate (run, CLIENT);
  _vl_test_cache_expect_stale (run, CLIENT, "n/vl-test", count);
}

static void
check_values (VlTestCacheRun *run)
{
  g_autoptr (VlRecordBuilder) fields = vl_record_builder_new ("\303\244 '\"\n");
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (NULL);
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (VlPage) page = NULL;
  g_autoptr (GVariant) nested = g_variant_ref_sink (
    g_variant_new_parsed ("{'list': <[int64 1, 2]>, 'text': <'\342\202\254'>}"));
  g_autoptr (GBytes) bytes = g_bytes_new_static ("\0\1\377", 3);

  vl_record_builder_set_null (fields, "null");
  vl_record_builder_set_boolean (fields, "boolean", TRUE);
  vl_record_builder_set_int64 (fields, "int64", G_MAXINT64);
  vl_record_builder_set_double (fields, "double", 0.1);
  vl_record_builder_set_string (fields, "string", "\346\274\242\345\255\227\n");
  vl_record_builder_set_string (fields, "empty", "");
  vl_record_builder_set_bytes (fields, "bytes", bytes);
  vl_record_builder_set_variant (fields, "variant", nested);
  record = vl_record_builder_end (fields);
  vl_page_builder_add_record (builder, record);
  page = vl_page_builder_end (builder);
  _vl_test_cache_store (run, CLIENT, "id/1", page, _vl_test_cache_get_lease (run, CLIENT));
  _vl_test_cache_expect_fresh (run, CLIENT, "id/1", page);
}

static void
check_large_page (VlTestCacheRun *run)
{
  g_autoptr (VlPage) page = _vl_test_cache_make_page ("large", 2000);

  _vl_test_cache_store (run, CLIENT, PAGE_KEY, page, _vl_test_cache_get_lease (run, CLIENT));
  _vl_test_cache_expect_fresh (run, CLIENT, PAGE_KEY, page);
}

static void
check_pages_outlive_their_entry (VlTestCacheRun *run)
{
  g_autoptr (VlPage) page = _vl_test_cache_store_fresh (run, CLIENT, PAGE_KEY, "a");
  g_auto (VlTestCacheCall) call = { 0 };

  _vl_test_cache_lookup (&call, run, CLIENT, PAGE_KEY);
  _vl_test_cache_clear (run, NULL);
  _vl_test_cache_expect (run, call.page == NULL || _vl_test_cache_same_page (call.page, page),
                         "a page that was answered stays what it is");
}

static void
check_peek_agrees (VlTestCacheRun *run)
{
  g_autoptr (VlPage) page G_GNUC_UNUSED = _vl_test_cache_store_fresh (run, CLIENT, PAGE_KEY, "a");
  g_autoptr (VlPage) elsewhere = vl_cache_peek (run->cache, CLIENTS, PAGE_KEY);
  g_auto (VlTestCacheCall) fresh = { 0 };
  g_auto (VlTestCacheCall) stale = { 0 };

  _vl_test_cache_expect (run, elsewhere == NULL, "peek looks into the root that it was asked for");
  _vl_test_cache_lookup (&fresh, run, CLIENT, PAGE_KEY);
  _vl_test_cache_expect_same_peek (run, CLIENT, PAGE_KEY, &fresh);
  _vl_test_cache_invalidate (run, CLIENT);
  _vl_test_cache_lookup (&stale, run, CLIENT, PAGE_KEY);
  _vl_test_cache_expect_same_peek (run, CLIENT, PAGE_KEY, &stale);
}

static void
check_open_and_close (VlTestCacheRun *run)
{
  g_autoptr (VlPage) page = _vl_test_cache_store_fresh (run, CLIENT, PAGE_KEY, "a");
  g_autoptr (VlPage) elsewhere = _vl_test_cache_store_fresh (run, CLIENTS, PAGE_KEY, "b");

  _vl_test_cache_open (run, CLIENT);
  _vl_test_cache_close (run, CLIENT);
  _vl_test_cache_expect_fresh (run, CLIENT, PAGE_KEY, page);
  _vl_test_cache_open (run, CLIENT);
  _vl_test_cache_invalidate (run, CLIENT);
  _vl_test_cache_expect_stale (run, CLIENT, PAGE_KEY, page);
  _vl_test_cache_expect_fresh (run, CLIENTS, PAGE_KEY, elsewhere);
  _vl_test_cache_store (run, CLIENT, PAGE_KEY, page, _vl_test_cache_get_lease (run, CLIENT));
  _vl_test_cache_expect_fresh (run, CLIENT, PAGE_KEY, page);
}

static void
check_many_in_flight (VlTestCacheRun *run)
{
  g_autoptr (VlPage) page G_GNUC_UNUSED = _vl_test_cache_store_fresh (run, CLIENT, PAGE_KEY, "a");
  VlTestCacheCall calls[40] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    _vl_test_cache_lookup_begin (&calls[i], run, CLIENT, i % 2 == 0 ? PAGE_KEY : OTHER_KEY);
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      _vl_test_cache_lookup_end (&calls[i]);
      if (run->holds && (i % 2 == 0) != (calls[i].page != NULL))
        _vl_test_cache_fail (run, "lookup %u of many got the answer of another one", i);
      _vl_test_cache_call_clear (&calls[i]);
    }
}

static void
check_cancelled (VlTestCacheRun *run)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (VlPage) page = _vl_test_cache_store_fresh (run, CLIENT, PAGE_KEY, "a");
  g_autoptr (VlPage) found = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (VlTestCacheCall) call = { 0 };

  _vl_test_cache_call_prepare (&call, run);
  vl_cache_lookup_async (run->cache, CLIENT, PAGE_KEY, cancellable, _vl_test_cache_returned, &call);
  g_cancellable_cancel (cancellable);
  _vl_test_cache_call_wait (&call);
  found = vl_cache_lookup_finish (run->cache, call.result, NULL, NULL, &error);
  _vl_test_cache_expect (run,
                         found == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED),
                         "a lookup that is cancelled ends so");
  _vl_test_cache_expect_fresh (run, CLIENT, PAGE_KEY, page);
}

static const struct
{
  const char *name;
  void (*func) (VlTestCacheRun *run);
} checks[] = {
  { "miss", check_miss },
  { "lease is told", check_lease_is_told },
  { "store", check_store },
  { "store replaces", check_store_replaces },
  { "store late", check_store_late },
  { "store with a made-up lease", check_store_with_a_made_up_lease },
  { "store late over a fresh page", check_store_late_over_fresh },
  { "store anew", check_store_anew },
  { "invalidate", check_invalidate },
  { "invalidate what is unknown", check_invalidate_unknown },
  { "clear", check_clear },
  { "clear all", check_clear_all },
  { "roots apart", check_roots_apart },
  { "odd names apart", check_odd_names_apart },
  { "generations never repeat", check_generations_never_repeat },
  { "invalidated is emitted", check_invalidated_signal },
  { "remove", check_remove },
  { "remove what is unknown", check_remove_unknown },
  { "remove what is stale", check_remove_stale },
  { "pages without rows", check_pages_without_rows },
  { "values", check_values },
  { "large page", check_large_page },
  { "pages outlive their entry", check_pages_outlive_their_entry },
  { "peek agrees", check_peek_agrees },
  { "open and close", check_open_and_close },
  { "many in flight", check_many_in_flight },
  { "cancelled", check_cancelled },
};

/* Whether it keeps pages at all: all or nothing. */
static void
find_out_whether_it_holds (VlTestCacheRun *run)
{
  g_autoptr (VlPage) page = NULL;
  g_auto (VlTestCacheCall) call = { 0 };

  run->check = "first steps";
  _vl_test_cache_clear (run, NULL);
  page = _vl_test_cache_store_fresh (run, CLIENT, PAGE_KEY, "a");
  _vl_test_cache_lookup (&call, run, CLIENT, PAGE_KEY);
  run->holds = call.page != NULL;
}

/**
 * vl_test_cache:
 * @cache: the cache; what it holds is erased
 * @error: return location for an error
 *
 * Checks that a cache keeps the contract.
 *
 * Turns the thread-default main context until all is done. The number of
 * checks is the same for each cache; one that never holds anything is allowed
 * to miss wherever another has a page.
 *
 * Returns: how many checks have run, or 0 with @error set, which names the
 *   check that failed
 */
guint
vl_test_cache (VlCache *cache, GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  VlTestCacheRun run = { .cache = cache, .context = context };
  guint n = 0;

  g_return_val_if_fail (VL_IS_CACHE (cache), 0);
  g_return_val_if_fail (error == NULL || *error == NULL, 0);

  g_object_ref (cache);
  find_out_whether_it_holds (&run);
  for (n = 0; n < G_N_ELEMENTS (checks) && run.error == NULL; n++)
    {
      run.check = checks[n].name;
      _vl_test_cache_clear (&run, NULL);
      if (run.error == NULL)
        checks[n].func (&run);
    }
  if (run.error == NULL)
    _vl_test_cache_clear (&run, NULL);
  g_object_unref (cache);

  if (run.error != NULL)
    {
      g_propagate_error (error, run.error);
      return 0;
    }
  return n;
}
