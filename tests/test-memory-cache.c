/* test-memory-cache.c: copies in memory, within a budget
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "cache/vl-cache-private.h"
#include "table/vl-page-private.h"

static VlPage *
make_page (const char *id, guint n_rows)
{
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (NULL);

  for (guint i = 0; i < n_rows; i++)
    {
      g_autofree char *row_id = g_strdup_printf ("%s-%05u", id, i);
      g_autoptr (VlRecord) record = vl_record_new (row_id, NULL);

      vl_page_builder_add_record (builder, record);
    }
  return vl_page_builder_end (builder);
}

static void
take_answer (VlAnswer *answer, gpointer user_data)
{
  VlAnswer *taken = user_data;

  g_assert_no_error (answer->error);
  *taken = *answer;
  taken->count = 1;
  *answer = (VlAnswer){ 0 };
}

/* This cache answers every call before it returns. */
static VlPage *
lookup (VlMemoryCache *cache, const char *root, const char *key, gboolean *fresh, guint64 *lease)
{
  VlAnswer answer = { 0 };

  _vl_cache_send_lookup (VL_CACHE (cache), root, key, 0, take_answer, &answer, NULL);
  g_assert_cmpint (answer.count, ==, 1);
  if (fresh != NULL)
    *fresh = answer.fresh;
  if (lease != NULL)
    *lease = answer.lease;
  return answer.page;
}

static guint64
get_lease (VlMemoryCache *cache, const char *root)
{
  g_auto (VlAnswer) answer = { 0 };

  _vl_cache_send_get_lease (VL_CACHE (cache), root, 0, take_answer, &answer, NULL);
  g_assert_cmpint (answer.count, ==, 1);
  return answer.lease;
}

static void
store (VlMemoryCache *cache, const char *root, const char *key, VlPage *page, guint64 lease)
{
  g_auto (VlAnswer) answer = { 0 };

  _vl_cache_send_store (VL_CACHE (cache), root, key, page, lease, 0, take_answer, &answer, NULL);
  g_assert_cmpint (answer.count, ==, 1);
}

static void
store_fresh (VlMemoryCache *cache, const char *root, const char *key, const char *id, guint n_rows)
{
  g_autoptr (VlPage) page = make_page (id, n_rows);

  store (cache, root, key, page, get_lease (cache, root));
}

static void
invalidate (VlMemoryCache *cache, const char *root)
{
  g_auto (VlAnswer) answer = { 0 };

  _vl_cache_send_invalidate (VL_CACHE (cache), root, 0, take_answer, &answer, NULL);
  g_assert_cmpint (answer.count, ==, 1);
}

static void
clear (VlMemoryCache *cache, const char *root)
{
  g_auto (VlAnswer) answer = { 0 };

  _vl_cache_send_clear (VL_CACHE (cache), root, 0, take_answer, &answer, NULL);
  g_assert_cmpint (answer.count, ==, 1);
}

static void
drop (VlMemoryCache *cache, const char *root, const char *key)
{
  g_auto (VlAnswer) answer = { 0 };

  _vl_cache_send_remove (VL_CACHE (cache), root, key, 0, take_answer, &answer, NULL);
  g_assert_cmpint (answer.count, ==, 1);
}

/* "fresh", "stale" or "miss", by lookup and peek alike. */
static const char *
state_of (VlMemoryCache *cache, const char *root, const char *key)
{
  gboolean fresh;
  g_autoptr (VlPage) page = lookup (cache, root, key, &fresh, NULL);
  g_autoptr (VlPage) peeked = vl_cache_peek (VL_CACHE (cache), root, key);

  g_assert_true (page == peeked);
  if (page == NULL)
    return "miss";
  g_assert_true (vl_page_get_from_cache (page));
  g_assert_cmpint (vl_page_get_is_stale (page), ==, !fresh);
  return fresh ? "fresh" : "stale";
}

static void
test_fresh (void)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (0);
  g_autoptr (VlPage) page = make_page ("a", 3);
  g_autoptr (VlPage) hit = NULL;
  g_autoptr (VlPage) again = NULL;
  gboolean fresh = TRUE;
  guint64 lease = 0;
  guint64 hit_lease;

  g_assert_null (lookup (cache, "root", "q/a", &fresh, &lease));
  g_assert_false (fresh);
  g_assert_cmpuint (lease, >, 0);
  g_assert_cmpuint (get_lease (cache, "root"), ==, lease);

  store (cache, "root", "q/a", page, lease);
  hit = lookup (cache, "root", "q/a", &fresh, &hit_lease);
  again = lookup (cache, "root", "q/a", NULL, NULL);
  g_assert_true (fresh);
  g_assert_cmpuint (hit_lease, ==, lease);
  g_assert_true (hit == again);
  g_assert_true (vl_page_get_from_cache (hit));
  g_assert_false (vl_page_get_from_cache (page));
  g_assert_true (_vl_page_equal_rows (hit, page));
  g_assert_cmpstr (state_of (cache, "root", "q/a"), ==, "fresh");
  g_assert_cmpstr (state_of (cache, "root", "q/b"), ==, "miss");
}

static void
test_old_lease (void)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (0);
  g_autoptr (VlPage) page = make_page ("a", 3);
  guint64 lease = get_lease (cache, "root");

  invalidate (cache, "root");
  store (cache, "root", "q/a", page, lease);
  g_assert_cmpstr (state_of (cache, "root", "q/a"), ==, "stale");
  store (cache, "root", "q/b", page, 0);
  g_assert_cmpstr (state_of (cache, "root", "q/b"), ==, "stale");
  store (cache, "root", "q/c", page, get_lease (cache, "root") + 1);
  g_assert_cmpstr (state_of (cache, "root", "q/c"), ==, "stale");
  store (cache, "root", "q/a", page, get_lease (cache, "root"));
  g_assert_cmpstr (state_of (cache, "root", "q/a"), ==, "fresh");
}

static void
test_late (void)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (0);
  g_autoptr (VlPage) late = make_page ("late", 1);
  g_autoptr (VlPage) found = NULL;
  guint64 lease = get_lease (cache, "root");
  guint64 n_bytes;

  invalidate (cache, "root");
  store_fresh (cache, "root", "q/a", "new", 1);
  n_bytes = vl_memory_cache_get_n_bytes (cache);
  store (cache, "root", "q/a", late, lease);
  found = lookup (cache, "root", "q/a", NULL, NULL);
  g_assert_cmpstr (vl_page_get_record_id (found, 0), ==, "new-00000");
  g_assert_cmpstr (state_of (cache, "root", "q/a"), ==, "fresh");
  g_assert_cmpuint (vl_memory_cache_get_n_bytes (cache), ==, n_bytes);
}

static void
test_invalidate (void)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (0);
  g_autoptr (VlPage) before = NULL;
  g_autoptr (VlPage) first = NULL;
  g_autoptr (VlPage) second = NULL;
  guint64 lease = get_lease (cache, "root");

  store_fresh (cache, "root", "q/a", "a", 3);
  store_fresh (cache, "root", "q/b", "b", 3);
  before = lookup (cache, "root", "q/a", NULL, NULL);
  invalidate (cache, "root");

  g_assert_cmpuint (get_lease (cache, "root"), !=, lease);
  first = lookup (cache, "root", "q/a", NULL, NULL);
  second = lookup (cache, "root", "q/a", NULL, NULL);
  g_assert_true (first == second);
  g_assert_true (_vl_page_equal_rows (first, before));
  g_assert_false (vl_page_get_is_stale (before));
  g_assert_cmpstr (state_of (cache, "root", "q/a"), ==, "stale");
  g_assert_cmpstr (state_of (cache, "root", "q/b"), ==, "stale");

  invalidate (cache, "root");
  g_assert_cmpstr (state_of (cache, "root", "q/a"), ==, "stale");
  store_fresh (cache, "root", "q/a", "a", 3);
  g_assert_cmpstr (state_of (cache, "root", "q/a"), ==, "fresh");
  g_assert_cmpstr (state_of (cache, "root", "q/b"), ==, "stale");
  g_assert_cmpuint (vl_memory_cache_get_n_pages (cache), ==, 2);
}

static void
test_roots (void)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (0);

  store_fresh (cache, "client", "id/1", "a", 1);
  store_fresh (cache, "clients", "id/1", "b", 1);
  store_fresh (cache, "client%2Fs", "id/1", "c", 1);
  invalidate (cache, "client");
  g_assert_cmpstr (state_of (cache, "client", "id/1"), ==, "stale");
  g_assert_cmpstr (state_of (cache, "clients", "id/1"), ==, "fresh");
  g_assert_cmpstr (state_of (cache, "client%2Fs", "id/1"), ==, "fresh");
  clear (cache, "clients");
  g_assert_cmpstr (state_of (cache, "client", "id/1"), ==, "stale");
  g_assert_cmpstr (state_of (cache, "clients", "id/1"), ==, "miss");
  g_assert_cmpstr (state_of (cache, "client%2Fs", "id/1"), ==, "fresh");
}

static void
test_clear (void)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (0);
  g_autoptr (VlPage) late = make_page ("late", 1);
  guint64 lease = get_lease (cache, "one");
  guint64 other = get_lease (cache, "two");

  store_fresh (cache, "one", "q/a", "a", 3);
  store_fresh (cache, "two", "q/a", "a", 3);
  clear (cache, "one");
  g_assert_cmpstr (state_of (cache, "one", "q/a"), ==, "miss");
  g_assert_cmpstr (state_of (cache, "two", "q/a"), ==, "fresh");
  store (cache, "one", "q/a", late, lease);
  g_assert_cmpstr (state_of (cache, "one", "q/a"), ==, "stale");

  clear (cache, NULL);
  g_assert_cmpstr (state_of (cache, "one", "q/a"), ==, "miss");
  g_assert_cmpstr (state_of (cache, "two", "q/a"), ==, "miss");
  g_assert_cmpuint (get_lease (cache, "two"), !=, other);
  g_assert_cmpuint (vl_memory_cache_get_n_bytes (cache), ==, 0);
  g_assert_cmpuint (vl_memory_cache_get_n_pages (cache), ==, 0);
  g_assert_cmpuint (vl_memory_cache_get_n_evicted (cache), ==, 0);
}

static void
test_remove (void)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (0);
  guint64 lease = get_lease (cache, "root");

  store_fresh (cache, "root", "q/a", "a", 3);
  store_fresh (cache, "root", "q/b", "b", 3);
  drop (cache, "root", "q/a");
  drop (cache, "root", "q/never");
  drop (cache, "elsewhere", "q/b");
  g_assert_cmpstr (state_of (cache, "root", "q/a"), ==, "miss");
  g_assert_cmpstr (state_of (cache, "root", "q/b"), ==, "fresh");
  invalidate (cache, "root");
  drop (cache, "root", "q/b");
  g_assert_cmpstr (state_of (cache, "root", "q/b"), ==, "miss");
  g_assert_cmpuint (vl_memory_cache_get_n_bytes (cache), ==, 0);
  g_assert_cmpuint (get_lease (cache, "root"), !=, lease);
}

static void
note_lease (GHashTable *seen, guint64 lease)
{
  g_assert_cmpuint (lease, >, 0);
  g_assert_cmpuint (lease, <, G_GUINT64_CONSTANT (1) << 53);
  g_assert_true (g_hash_table_add (seen, GSIZE_TO_POINTER ((gsize) lease)));
}

static void
test_generations (void)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (0);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  g_autoptr (VlPage) page = make_page ("a", 1);
  guint64 first = get_lease (cache, "first");

  store (cache, "kept", "q/a", page, get_lease (cache, "kept"));
  note_lease (seen, first);
  note_lease (seen, get_lease (cache, "kept"));
  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *root = g_strdup_printf ("root-%u", i % 2500);

      note_lease (seen, get_lease (cache, root));
      if (i % 3 == 0)
        invalidate (cache, root);
      else if (i % 3 == 1)
        clear (cache, root);
    }

  /* The first root was forgotten, and so its lease is void. */
  store (cache, "first", "q/a", page, first);
  g_assert_cmpstr (state_of (cache, "first", "q/a"), ==, "stale");
  note_lease (seen, get_lease (cache, "first"));
  /* One with entries is not forgotten. */
  g_assert_cmpstr (state_of (cache, "kept", "q/a"), ==, "fresh");
}

static void
test_idle_root (void)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (0);
  guint64 lease = get_lease (cache, "waiting");

  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *root = g_strdup_printf ("root-%u", i);

      get_lease (cache, root);
      if (i % 500 == 0)
        g_assert_cmpuint (get_lease (cache, "waiting"), ==, lease);
    }
}

static void
test_pending (void)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (0);
  g_autoptr (VlPage) plain = make_page ("a", 2);
  g_autoptr (VlPage) pending = NULL;
  g_autoptr (VlPage) stale = NULL;
  VlPageInfo info;

  _vl_page_get_info (plain, &info);
  info.has_pending = TRUE;
  pending = _vl_page_with_info (plain, &info);
  store (cache, "root", "q/a", pending, get_lease (cache, "root"));
  g_assert_cmpstr (state_of (cache, "root", "q/a"), ==, "miss");

  info.has_pending = FALSE;
  info.is_stale = TRUE;
  stale = _vl_page_with_info (plain, &info);
  store (cache, "root", "q/a", stale, get_lease (cache, "root"));
  g_assert_cmpstr (state_of (cache, "root", "q/a"), ==, "stale");
}

static void
test_empty (void)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (0);
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (NULL);
  g_autoptr (VlPage) count = NULL;
  g_autoptr (VlPage) found = NULL;

  vl_page_builder_set_total (builder, 4711);
  count = vl_page_builder_end (builder);
  store (cache, "root", "n/key", count, get_lease (cache, "root"));
  found = lookup (cache, "root", "n/key", NULL, NULL);
  g_assert_cmpuint (vl_page_get_n_records (found), ==, 0);
  g_assert_cmpint (vl_page_get_total (found), ==, 4711);
}

/* A budget for `n` pages of ten rows under keys of three characters. */
static guint64
budget_for (guint n)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (0);

  store_fresh (cache, "root", "q/0", "a", 10);
  return vl_memory_cache_get_n_bytes (cache) * n + 1;
}

static void
test_lru (void)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (budget_for (3));
  g_autoptr (VlPage) peeked = NULL;

  store_fresh (cache, "root", "q/1", "a", 10);
  store_fresh (cache, "root", "q/2", "a", 10);
  store_fresh (cache, "other", "q/3", "a", 10);
  g_assert_cmpuint (vl_memory_cache_get_n_evicted (cache), ==, 0);
  g_object_unref (lookup (cache, "root", "q/1", NULL, NULL));
  peeked = vl_cache_peek (VL_CACHE (cache), "root", "q/2");
  store_fresh (cache, "root", "q/4", "a", 10);
  g_assert_cmpstr (state_of (cache, "other", "q/3"), ==, "miss");
  store_fresh (cache, "root", "q/5", "a", 10);
  g_assert_cmpstr (state_of (cache, "root", "q/1"), ==, "miss");
  g_assert_cmpstr (state_of (cache, "root", "q/2"), ==, "fresh");
  g_assert_cmpuint (vl_memory_cache_get_n_pages (cache), ==, 3);
  g_assert_cmpuint (vl_memory_cache_get_n_evicted (cache), ==, 2);
}

static void
test_stale_first (void)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (budget_for (4));

  store_fresh (cache, "root", "q/1", "a", 10);
  store_fresh (cache, "root", "q/2", "a", 10);
  store_fresh (cache, "other", "q/3", "a", 10);
  store_fresh (cache, "other", "q/4", "a", 10);
  invalidate (cache, "other");
  /* That they were used lately does not help stale pages. */
  g_assert_cmpstr (state_of (cache, "other", "q/3"), ==, "stale");
  g_assert_cmpstr (state_of (cache, "other", "q/4"), ==, "stale");
  store_fresh (cache, "root", "q/5", "a", 10);
  store_fresh (cache, "root", "q/6", "a", 10);
  g_assert_cmpstr (state_of (cache, "other", "q/3"), ==, "miss");
  g_assert_cmpstr (state_of (cache, "other", "q/4"), ==, "miss");
  g_assert_cmpstr (state_of (cache, "root", "q/1"), ==, "fresh");
  g_assert_cmpstr (state_of (cache, "root", "q/2"), ==, "fresh");
}

static void
test_too_large (void)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (budget_for (3));
  guint64 n_bytes;

  store_fresh (cache, "root", "q/1", "a", 10);
  store_fresh (cache, "root", "q/2", "a", 10);
  n_bytes = vl_memory_cache_get_n_bytes (cache);
  store_fresh (cache, "root", "q/3", "a", 1000);
  g_assert_cmpstr (state_of (cache, "root", "q/3"), ==, "miss");
  g_assert_cmpuint (vl_memory_cache_get_n_bytes (cache), ==, n_bytes);
  /* What it would have replaced is out of date. */
  store_fresh (cache, "root", "q/2", "a", 1000);
  g_assert_cmpstr (state_of (cache, "root", "q/2"), ==, "miss");
  g_assert_cmpstr (state_of (cache, "root", "q/1"), ==, "fresh");
  g_assert_cmpuint (vl_memory_cache_get_n_evicted (cache), ==, 0);
}

static void
count_notify (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  g_assert_cmpstr (pspec->name, ==, "max-bytes");
  (*(guint *) user_data)++;
}

static void
test_max_bytes (void)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (budget_for (3));
  guint n_notify = 0;
  guint64 max_bytes;

  g_signal_connect (cache, "notify", G_CALLBACK (count_notify), &n_notify);
  g_assert_cmpuint (vl_memory_cache_get_max_bytes (cache), ==, budget_for (3));
  store_fresh (cache, "root", "q/1", "a", 10);
  store_fresh (cache, "root", "q/2", "a", 10);
  vl_memory_cache_set_max_bytes (cache, budget_for (1));
  g_assert_cmpuint (n_notify, ==, 1);
  g_assert_cmpuint (vl_memory_cache_get_n_pages (cache), ==, 1);
  g_assert_cmpuint (vl_memory_cache_get_n_evicted (cache), ==, 1);
  vl_memory_cache_set_max_bytes (cache, budget_for (1));
  g_assert_cmpuint (n_notify, ==, 1);
  g_object_set (cache, "max-bytes", G_GUINT64_CONSTANT (0), NULL);
  g_object_get (cache, "max-bytes", &max_bytes, NULL);
  g_assert_cmpuint (max_bytes, ==, 64 * 1024 * 1024);
  g_assert_cmpuint (n_notify, ==, 2);
}

static void
test_replace (void)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (0);
  guint64 n_bytes;

  store_fresh (cache, "root", "q/a", "a", 10);
  n_bytes = vl_memory_cache_get_n_bytes (cache);
  for (guint i = 0; i < 100; i++)
    store_fresh (cache, "root", "q/a", "a", 10);
  g_assert_cmpuint (vl_memory_cache_get_n_bytes (cache), ==, n_bytes);
  g_assert_cmpuint (vl_memory_cache_get_n_pages (cache), ==, 1);
}

/* What a handler of invalidated saw: it may use the cache. */
typedef struct
{
  guint n_calls;
  gboolean answered; /* before the handler ran */
  const char *state;
  char *root;
} Seen;

static void
see_invalidated (VlCache *cache, const char *root, gpointer user_data)
{
  Seen *seen = user_data;

  g_assert_false (seen->answered);
  seen->n_calls++;
  seen->state = state_of (VL_MEMORY_CACHE (cache), "root", "q/a");
  g_free (seen->root);
  seen->root = g_strdup (root);
}

static void
see_answer (VlAnswer *answer, gpointer user_data)
{
  Seen *seen = user_data;

  g_assert_no_error (answer->error);
  seen->answered = TRUE;
}

static void
test_invalidated (void)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (0);
  Seen seen = { 0 };

  store_fresh (cache, "root", "q/a", "a", 1);
  g_signal_connect (cache, "invalidated", G_CALLBACK (see_invalidated), &seen);
  _vl_cache_send_invalidate (VL_CACHE (cache), "root", 0, see_answer, &seen, NULL);
  g_assert_true (seen.answered);
  g_assert_cmpuint (seen.n_calls, ==, 1);
  g_assert_cmpstr (seen.state, ==, "stale");
  g_assert_cmpstr (seen.root, ==, "root");

  seen.answered = FALSE;
  _vl_cache_send_clear (VL_CACHE (cache), NULL, 0, see_answer, &seen, NULL);
  g_assert_true (seen.answered);
  g_assert_cmpuint (seen.n_calls, ==, 2);
  g_assert_cmpstr (seen.state, ==, "miss");
  g_assert_null (seen.root);
  g_signal_handlers_disconnect_by_data (cache, &seen);
}

static void
peek_from_notify (gpointer user_data, GObject *where_the_page_was)
{
  g_autoptr (VlPage) page G_GNUC_UNUSED = vl_cache_peek (user_data, "root", "q/a");
}

static void
test_release (void)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (0);

  for (guint i = 0; i < 5; i++)
    {
      VlPage *page;

      store_fresh (cache, "root", "q/a", "a", 1);
      page = lookup (cache, "root", "q/a", NULL, NULL);
      g_object_weak_ref (G_OBJECT (page), peek_from_notify, cache);
      g_object_unref (page);
      if (i == 0)
        store_fresh (cache, "root", "q/a", "b", 1);
      else if (i == 1)
        drop (cache, "root", "q/a");
      else if (i == 2)
        clear (cache, NULL);
      else
        {
          invalidate (cache, "root");
          page = i == 3 ? lookup (cache, "root", "q/a", NULL, NULL)
                        : vl_cache_peek (VL_CACHE (cache), "root", "q/a");
          g_object_unref (page);
        }
    }
}

#define N_ROOTS 4
#define N_KEYS  8

/* A cache as simple as can be. */
typedef struct
{
  const char *state[N_ROOTS][N_KEYS];
  guint64 lease[N_ROOTS][2]; /* an old one and the present one */
} Model;

static void
model_fall (Model *model, guint r, const char *state)
{
  for (guint k = 0; k < N_KEYS; k++)
    if (!g_str_equal (model->state[r][k], "miss"))
      model->state[r][k] = state;
}

static void
model_store (Model *model, guint r, guint k, guint64 lease)
{
  if (lease == model->lease[r][1])
    model->state[r][k] = "fresh";
  else if (g_str_equal (model->state[r][k], "miss"))
    model->state[r][k] = "stale";
}

static void
model_step (Model *model, VlMemoryCache *cache, VlPage *page)
{
  guint r = (guint) g_test_rand_int_range (0, N_ROOTS);
  guint k = (guint) g_test_rand_int_range (0, N_KEYS);
  guint64 lease = model->lease[r][g_test_rand_bit () ? 1 : 0];
  g_autofree char *root = g_strdup_printf ("%u", r);
  g_autofree char *key = g_strdup_printf ("q/%u", k);
  int what = g_test_rand_int_range (0, 12);

  if (what == 0)
    {
      invalidate (cache, root);
      model_fall (model, r, "stale");
    }
  else if (what == 1)
    {
      clear (cache, root);
      model_fall (model, r, "miss");
    }
  else if (what == 2)
    {
      drop (cache, root, key);
      model->state[r][k] = "miss";
    }
  else if (what < 7)
    {
      store (cache, root, key, page, lease);
      model_store (model, r, k, lease);
    }
  else
    g_assert_cmpstr (state_of (cache, root, key), ==, model->state[r][k]);

  if (what < 2)
    {
      model->lease[r][0] = model->lease[r][1];
      model->lease[r][1] = get_lease (cache, root);
      g_assert_cmpuint (model->lease[r][0], !=, model->lease[r][1]);
    }
  g_assert_cmpuint (get_lease (cache, root), ==, model->lease[r][1]);
}

static void
test_model (void)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (0);
  g_autoptr (VlPage) page = make_page ("a", 1);
  Model model;

  for (guint r = 0; r < N_ROOTS; r++)
    {
      g_autofree char *root = g_strdup_printf ("%u", r);

      model.lease[r][0] = model.lease[r][1] = get_lease (cache, root);
      for (guint k = 0; k < N_KEYS; k++)
        model.state[r][k] = "miss";
    }
  for (guint i = 0; i < 20000; i++)
    model_step (&model, cache, page);
}

typedef struct
{
  VlMemoryCache *cache;
  guint number;
} Worker;

/* Each thread owns a root, and all fight over the budget and one root. */
static gpointer
work (gpointer user_data)
{
  Worker *worker = user_data;
  VlMemoryCache *cache = worker->cache;
  g_autofree char *own = g_strdup_printf ("own-%u", worker->number);

  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *key = g_strdup_printf ("q/%u", i % 10);
      g_autoptr (VlPage) page = NULL;

      store_fresh (cache, own, key, "a", 1 + i % 10);
      page = vl_cache_peek (VL_CACHE (cache), own, key);
      if (page != NULL)
        g_assert_false (vl_page_get_is_stale (page));
      store_fresh (cache, "shared", key, "b", 1 + i % 10);
      if (i % 7 == 0)
        invalidate (cache, "shared");
      if (i % 101 == 0)
        clear (cache, "shared");
      g_assert_cmpuint (vl_memory_cache_get_n_bytes (cache), <=,
                        vl_memory_cache_get_max_bytes (cache));
    }
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (VlMemoryCache) cache = vl_memory_cache_new (budget_for (12));
  Worker workers[4];
  GThread *threads[4];

  for (guint i = 0; i < 4; i++)
    {
      workers[i] = (Worker){ cache, i };
      threads[i] = g_thread_new ("worker", work, &workers[i]);
    }
  for (guint i = 0; i < 4; i++)
    g_thread_join (threads[i]);

  g_assert_cmpuint (vl_memory_cache_get_n_evicted (cache), >, 0);
  clear (cache, NULL);
  g_assert_cmpuint (vl_memory_cache_get_n_bytes (cache), ==, 0);
  g_assert_cmpuint (vl_memory_cache_get_n_pages (cache), ==, 0);
}

static void
test_finalize (void)
{
  VlMemoryCache *cache = vl_memory_cache_new (0);
  g_autoptr (VlPage) page = NULL;

  store_fresh (cache, "root", "q/a", "a", 1);
  store_fresh (cache, "other", "q/a", "a", 1);
  invalidate (cache, "other");
  page = lookup (cache, "root", "q/a", NULL, NULL);
  g_assert_finalize_object (cache);
  g_assert_cmpstr (vl_page_get_record_id (page, 0), ==, "a-00000");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/memory-cache/store/is-fresh-under-the-lease", test_fresh);
  g_test_add_func ("/memory-cache/store/is-stale-under-an-old-lease", test_old_lease);
  g_test_add_func ("/memory-cache/store/late-leaves-what-is-fresh", test_late);
  g_test_add_func ("/memory-cache/store/pending-never-stale-as-stale", test_pending);
  g_test_add_func ("/memory-cache/store/page-without-rows", test_empty);
  g_test_add_func ("/memory-cache/store/replaces", test_replace);
  g_test_add_func ("/memory-cache/invalidate/makes-stale-not-gone", test_invalidate);
  g_test_add_func ("/memory-cache/invalidate/keeps-roots-apart", test_roots);
  g_test_add_func ("/memory-cache/invalidate/is-told-before-the-answer", test_invalidated);
  g_test_add_func ("/memory-cache/clear/erases", test_clear);
  g_test_add_func ("/memory-cache/remove/erases-one", test_remove);
  g_test_add_func ("/memory-cache/lease/never-repeats", test_generations);
  g_test_add_func ("/memory-cache/lease/of-a-root-in-use-is-kept", test_idle_root);
  g_test_add_func ("/memory-cache/budget/least-recently-used-goes-first", test_lru);
  g_test_add_func ("/memory-cache/budget/stale-goes-before-that", test_stale_first);
  g_test_add_func ("/memory-cache/budget/larger-than-all-of-it", test_too_large);
  g_test_add_func ("/memory-cache/budget/can-be-changed", test_max_bytes);
  g_test_add_func ("/memory-cache/pages-are-released-outside-the-lock", test_release);
  g_test_add_func ("/memory-cache/agrees-with-a-model", test_model);
  g_test_add_func ("/memory-cache/serves-threads", test_threads);
  g_test_add_func ("/memory-cache/finalizes", test_finalize);

  return g_test_run ();
}
