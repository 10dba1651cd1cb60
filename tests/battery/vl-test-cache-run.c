/* vl-test-cache-run.c: how the checks of the battery call a cache and report
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-test-cache-private.h"

/* A cache that has not answered in a minute never will: the guard of a loop
 * that otherwise waits for a condition, not a measure of speed. */
#define HANG_SECONDS 60

void
_vl_test_cache_call_clear (VlTestCacheCall *call)
{
  g_clear_object (&call->result);
  g_clear_object (&call->page);
}

/* --- Failing --- */

void
_vl_test_cache_fail (VlTestCacheRun *run, const char *format, ...)
{
  va_list args;
  g_autofree char *message = NULL;

  if (run->error != NULL)
    return;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  run->error = g_error_new (VL_ERROR, VL_ERROR_FAILED, "%s: %s", run->check, message);
}

void
_vl_test_cache_expect (VlTestCacheRun *run, gboolean condition, const char *what)
{
  if (!condition)
    _vl_test_cache_fail (run, "expected that %s", what);
}

/* --- Calling --- */

static gboolean
on_hang (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

void
_vl_test_cache_returned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  VlTestCacheCall *call = user_data;

  _vl_test_cache_expect (call->run, !call->in_call,
                         "no callback runs before its call has returned");
  _vl_test_cache_expect (call->run, call->result == NULL, "each callback runs once");
  if (call->n_emitted != NULL)
    call->n_before = *call->n_emitted;
  g_set_object (&call->result, result);
}

void
_vl_test_cache_call_prepare (VlTestCacheCall *call, VlTestCacheRun *run)
{
  call->run = run;
  call->in_call = TRUE;
}

void
_vl_test_cache_call_wait (VlTestCacheCall *call)
{
  VlTestCacheRun *run = call->run;
  g_autoptr (GSource) guard = g_timeout_source_new_seconds (HANG_SECONDS);
  gboolean hung = FALSE;

  call->in_call = FALSE;
  g_source_set_callback (guard, on_hang, &hung, NULL);
  g_source_attach (guard, run->context);
  while (call->result == NULL && !hung)
    g_main_context_iteration (run->context, TRUE);
  g_source_destroy (guard);

  /* The callback may still come and points into the caller's stack: nothing
   * sensible can follow. */
  if (call->result == NULL)
    g_error ("%s: no answer came in %d seconds", run->check, HANG_SECONDS);
}

/* To be called with what a `_finish` function returned. */
static void
call_ended (VlTestCacheRun *run, const char *name, gboolean done, GError *error)
{
  if (error != NULL)
    _vl_test_cache_fail (run, "%s: expected no error, got %s", name, error->message);
  else if (!done)
    _vl_test_cache_fail (run, "%s: failed without an error", name);
  g_clear_error (&error);
}

void
_vl_test_cache_lookup_begin (VlTestCacheCall *call,
                             VlTestCacheRun *run,
                             const char *root,
                             const char *key)
{
  _vl_test_cache_call_prepare (call, run);
  vl_cache_lookup_async (run->cache, root, key, NULL, _vl_test_cache_returned, call);
  call->in_call = FALSE;
}

void
_vl_test_cache_lookup_end (VlTestCacheCall *call)
{
  VlTestCacheRun *run = call->run;
  GError *error = NULL;

  _vl_test_cache_call_wait (call);
  call->page = vl_cache_lookup_finish (run->cache, call->result, &call->fresh, &call->lease,
                                       &error);
  call_ended (run, "lookup", TRUE, error);
  _vl_test_cache_expect (run, call->page != NULL || !call->fresh, "a miss is not fresh");
  _vl_test_cache_expect (run, call->lease < G_GUINT64_CONSTANT (1) << 53, "a lease is below 2^53");
}

void
_vl_test_cache_lookup (VlTestCacheCall *call,
                       VlTestCacheRun *run,
                       const char *root,
                       const char *key)
{
  _vl_test_cache_lookup_begin (call, run, root, key);
  _vl_test_cache_lookup_end (call);
}

guint64
_vl_test_cache_get_lease (VlTestCacheRun *run, const char *root)
{
  g_auto (VlTestCacheCall) call = { 0 };
  GError *error = NULL;
  gboolean done;

  _vl_test_cache_call_prepare (&call, run);
  vl_cache_get_lease_async (run->cache, root, NULL, _vl_test_cache_returned, &call);
  _vl_test_cache_call_wait (&call);
  done = vl_cache_get_lease_finish (run->cache, call.result, &call.lease, &error);
  call_ended (run, "get_lease", done, error);
  return call.lease;
}

void
_vl_test_cache_store (VlTestCacheRun *run,
                      const char *root,
                      const char *key,
                      VlPage *page,
                      guint64 lease)
{
  g_auto (VlTestCacheCall) call = { 0 };
  GError *error = NULL;
  gboolean done;

  _vl_test_cache_call_prepare (&call, run);
  vl_cache_store_async (run->cache, root, key, page, lease, NULL, _vl_test_cache_returned, &call);
  _vl_test_cache_call_wait (&call);
  done = vl_cache_store_finish (run->cache, call.result, &error);
  call_ended (run, "store", done, error);
}

void
_vl_test_cache_remove (VlTestCacheRun *run, const char *root, const char *key)
{
  g_auto (VlTestCacheCall) call = { 0 };
  GError *error = NULL;
  gboolean done;

  _vl_test_cache_call_prepare (&call, run);
  vl_cache_remove_async (run->cache, root, key, NULL, _vl_test_cache_returned, &call);
  _vl_test_cache_call_wait (&call);
  done = vl_cache_remove_finish (run->cache, call.result, &error);
  call_ended (run, "remove", done, error);
}

/* Returns how many emissions came before the callback. */
guint
_vl_test_cache_invalidate_counted (VlTestCacheRun *run, const char *root, guint *n_emitted)
{
  g_auto (VlTestCacheCall) call = { .n_emitted = n_emitted };
  GError *error = NULL;
  gboolean done;

  _vl_test_cache_call_prepare (&call, run);
  vl_cache_invalidate_async (run->cache, root, NULL, _vl_test_cache_returned, &call);
  _vl_test_cache_call_wait (&call);
  done = vl_cache_invalidate_finish (run->cache, call.result, &error);
  call_ended (run, "invalidate", done, error);
  return call.n_before;
}

void
_vl_test_cache_invalidate (VlTestCacheRun *run, const char *root)
{
  _vl_test_cache_invalidate_counted (run, root, NULL);
}

guint
_vl_test_cache_clear_counted (VlTestCacheRun *run, const char *root, guint *n_emitted)
{
  g_auto (VlTestCacheCall) call = { .n_emitted = n_emitted };
  GError *error = NULL;
  gboolean done;

  _vl_test_cache_call_prepare (&call, run);
  vl_cache_clear_async (run->cache, root, NULL, _vl_test_cache_returned, &call);
  _vl_test_cache_call_wait (&call);
  done = vl_cache_clear_finish (run->cache, call.result, &error);
  call_ended (run, "clear", done, error);
  return call.n_before;
}

void
_vl_test_cache_clear (VlTestCacheRun *run, const char *root)
{
  _vl_test_cache_clear_counted (run, root, NULL);
}

void
_vl_test_cache_open (VlTestCacheRun *run, const char *root)
{
  g_auto (VlTestCacheCall) call = { 0 };
  GError *error = NULL;
  gboolean done;

  _vl_test_cache_call_prepare (&call, run);
  vl_cache_open_async (run->cache, root, NULL, _vl_test_cache_returned, &call);
  _vl_test_cache_call_wait (&call);
  done = vl_cache_open_finish (run->cache, call.result, &error);
  call_ended (run, "open", done, error);
}

void
_vl_test_cache_close (VlTestCacheRun *run, const char *root)
{
  g_auto (VlTestCacheCall) call = { 0 };
  GError *error = NULL;
  gboolean done;

  _vl_test_cache_call_prepare (&call, run);
  vl_cache_close_async (run->cache, root, NULL, _vl_test_cache_returned, &call);
  _vl_test_cache_call_wait (&call);
  done = vl_cache_close_finish (run->cache, call.result, &error);
  call_ended (run, "close", done, error);
}

/* --- Pages --- */

/* A page of `n` rows that can be told from others by `name`. */
VlPage *
_vl_test_cache_make_page (const char *name, guint n)
{
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("%s-%u", name, i);
      g_autoptr (VlRecordBuilder) fields = vl_record_builder_new (id);
      g_autoptr (VlRecord) record = NULL;

      vl_record_builder_set_string (fields, "name", name);
      vl_record_builder_set_int64 (fields, "number", i);
      record = vl_record_builder_end (fields);
      vl_page_builder_add_record (builder, record);
    }
  vl_page_builder_set_offset (builder, 200);
  vl_page_builder_set_total (builder, 1000);
  return vl_page_builder_end (builder);
}

gboolean
_vl_test_cache_same_page (VlPage *a, VlPage *b)
{
  if (vl_page_get_n_records (a) != vl_page_get_n_records (b) ||
      vl_page_get_offset (a) != vl_page_get_offset (b) ||
      vl_page_get_total (a) != vl_page_get_total (b) ||
      vl_page_get_fetched_at (a) != vl_page_get_fetched_at (b))
    return FALSE;

  for (guint i = 0; i < vl_page_get_n_records (a); i++)
    {
      g_autoptr (VlRecord) one = vl_page_get_record (a, i);
      g_autoptr (VlRecord) other = vl_page_get_record (b, i);

      if (!vl_record_equal (one, other))
        return FALSE;
    }
  return TRUE;
}

/* Peeking is optional, but must not claim more than a lookup. */
void
_vl_test_cache_expect_same_peek (VlTestCacheRun *run,
                                 const char *root,
                                 const char *key,
                                 VlTestCacheCall *found)
{
  g_autoptr (VlPage) peeked = vl_cache_peek (run->cache, root, key);

  if (peeked == NULL)
    return;
  if (found->page == NULL)
    _vl_test_cache_fail (run, "peek has a page that lookup does not have");
  else if (!_vl_test_cache_same_page (peeked, found->page))
    _vl_test_cache_fail (run, "peek has another page than lookup");
  else if (vl_page_get_is_stale (peeked) == found->fresh)
    _vl_test_cache_fail (run, "peek and lookup do not agree on whether the page is stale");
}

void
_vl_test_cache_expect_miss (VlTestCacheRun *run, const char *root, const char *key)
{
  g_auto (VlTestCacheCall) call = { 0 };

  _vl_test_cache_lookup (&call, run, root, key);
  if (call.page != NULL)
    _vl_test_cache_fail (run, "lookup of %s in %s: expected a miss, got a page", key, root);
  _vl_test_cache_expect_same_peek (run, root, key, &call);
}

static void
expect_page (VlTestCacheRun *run, const char *root, const char *key, VlPage *page, gboolean fresh)
{
  g_auto (VlTestCacheCall) call = { 0 };

  _vl_test_cache_lookup (&call, run, root, key);
  _vl_test_cache_expect_same_peek (run, root, key, &call);
  if (!run->holds)
    {
      _vl_test_cache_expect (run, call.page == NULL, "a cache that holds nothing always misses");
      return;
    }
  if (call.page == NULL)
    _vl_test_cache_fail (run, "lookup of %s in %s: expected a page, got a miss", key, root);
  else if (call.fresh != fresh)
    _vl_test_cache_fail (run, "lookup of %s in %s: expected the page to be %s", key, root,
                         fresh ? "fresh" : "stale");
  else if (!_vl_test_cache_same_page (call.page, page))
    _vl_test_cache_fail (run, "lookup of %s in %s: expected another page", key, root);
  else if (fresh)
    _vl_test_cache_expect (run, !vl_page_get_is_stale (call.page),
                           "a fresh page is not flagged stale");
}

void
_vl_test_cache_expect_fresh (VlTestCacheRun *run, const char *root, const char *key, VlPage *page)
{
  expect_page (run, root, key, page, TRUE);
}

void
_vl_test_cache_expect_stale (VlTestCacheRun *run, const char *root, const char *key, VlPage *page)
{
  expect_page (run, root, key, page, FALSE);
}

VlPage *
_vl_test_cache_store_fresh (VlTestCacheRun *run,
                            const char *root,
                            const char *key,
                            const char *name)
{
  VlPage *page = _vl_test_cache_make_page (name, 3);

  _vl_test_cache_store (run, root, key, page, _vl_test_cache_get_lease (run, root));
  return page;
}
