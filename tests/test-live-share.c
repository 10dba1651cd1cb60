/* test-live-share.c: live tables that share what is cached, and those that must
 * not
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fake-clock.h"
#include "live-ask.h"
#include "shaped-fixture.h"

static VlLiveTable *
live_new (gpointer master, const char *key, VlCache *cache)
{
  return g_object_new (VL_TYPE_LIVE_TABLE, "master", master, "cache-key", key, "cache", cache,
                       "follow-master", FALSE, NULL);
}

static VlPage *
list (gpointer table, VlQuery *query)
{
  g_autoptr (GError) error = NULL;
  VlPage *page = vl_table_list_sync (VL_TABLE (table), query, NULL, &error);

  g_assert_no_error (error);

  return page;
}

/* Drops the last reference, and lets go what hangs on it. */
static void
drop (VlLiveTable **live)
{
  g_assert_finalize_object (g_steal_pointer (live));
  settle ();
}

static void
test_shared (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  VlLiveTable *other = live_new (f.master, "products", f.cache);
  g_autoptr (VlPage) miss = list (f.live, NULL);
  g_autoptr (VlPage) hit = list (other, NULL);

  assert_origin (miss, FALSE, FALSE);
  assert_origin (hit, TRUE, FALSE);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 1);
  g_assert_true (vl_live_table_get_stats (f.live) == vl_live_table_get_stats (other));

  /* The shell's own: */
  vl_live_table_set_read_policy (other, VL_READ_POLICY_MASTER_FIRST);
  vl_live_table_set_max_age (other, 1);
  vl_live_table_set_page_size (other, 2);
  g_assert_cmpint (vl_live_table_get_read_policy (f.live), ==, VL_READ_POLICY_CACHE_FIRST);
  g_assert_cmpuint (vl_live_table_get_max_age (f.live), ==, 0);
  g_assert_cmpuint (vl_live_table_get_page_size (f.live), ==, 100);
  /* The core's: */
  vl_live_table_set_timeout (other, 1234);
  g_assert_cmpuint (vl_live_table_get_timeout (f.live), ==, 1234);
  drop (&other);
}

static void
on_notify (GObject *live, GParamSpec *pspec, gpointer user_data)
{
  GString *told = user_data;

  g_string_append_printf (told, "%s;", pspec->name);
}

static gpointer
set_capacity_elsewhere (gpointer live)
{
  vl_live_table_set_queue_capacity (live, 33);

  return NULL;
}

/* What one sets counts for all, and all say so. */
static void
test_shared_settings (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  VlLiveTable *other = live_new (f.master, "products", f.cache);
  g_autoptr (VlSchema) schema = live_fixture_schema ();
  g_autoptr (VlMemoryTable) target = vl_memory_table_new (schema);
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (GString) told_other = g_string_new (NULL);
  static const char *const names = "write-target;queue-capacity;timeout;optimistic;invalidation;"
                                   "ordering;conflict-policy;retry-floor;retry-cap;settle-time;"
                                   "coalesce;";

  g_signal_connect (f.live, "notify", G_CALLBACK (on_notify), told);
  g_signal_connect (other, "notify", G_CALLBACK (on_notify), told_other);
  vl_live_table_set_write_target (other, VL_TABLE (target));
  vl_live_table_set_queue_capacity (other, 12);
  vl_live_table_set_timeout (other, 1234);
  vl_live_table_set_optimistic (other, TRUE);
  vl_live_table_set_invalidation (other, VL_INVALIDATION_SURGICAL);
  vl_live_table_set_ordering (other, VL_ORDERING_STRICT);
  vl_live_table_set_conflict_policy (other, VL_CONFLICT_POLICY_FAIL);
  vl_live_table_set_retry_floor (other, 17);
  vl_live_table_set_retry_cap (other, 18);
  vl_live_table_set_settle_time (other, 19);
  vl_live_table_set_coalesce (other, TRUE);
  g_assert_cmpstr (told->str, ==, names);
  g_assert_cmpstr (told_other->str, ==, names);

  /* At home only, wherever it is set. */
  g_string_truncate (told, 0);
  g_thread_join (g_thread_new ("elsewhere", set_capacity_elsewhere, other));
  g_assert_cmpstr (told->str, ==, "");
  settle ();
  g_assert_cmpstr (told->str, ==, "queue-capacity;");

  /* Nothing has changed. */
  vl_live_table_set_timeout (f.live, 1234);
  g_assert_cmpstr (told->str, ==, "queue-capacity;");
  drop (&other);
}

static void
test_shared_fetch (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  VlLiveTable *other = live_new (f.master, "products", f.cache);
  g_autoptr (VlSchema) schema = vl_table_describe_sync (VL_TABLE (f.live), NULL, NULL);
  g_autoptr (Ask) a = NULL;
  g_autoptr (Ask) b = NULL;

  g_assert_nonnull (schema);
  vl_fault_table_set_latency (f.master, 100);
  a = ask_list (f.live, NULL);
  fake_clock_advance (10);
  b = ask_list (other, NULL);
  fake_clock_advance (90);
  assert_ids (a->page, "abc");
  assert_ids (b->page, "abc");
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 1);
  drop (&other);
}

/* A read, a write and an invalidation of the one count for the other. */
static void
test_shared_changes (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  VlLiveTable *other = live_new (f.master, "products", f.cache);
  g_autoptr (VlRecord) record = live_fixture_record ("a", "Apricot", 9.0);
  g_autoptr (VlPage) cached = list (other, NULL);
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (VlPage) news = NULL;
  Changes here = { 0 }, there = { 0 };

  g_assert_nonnull (cached);
  watch_changes (f.live, &here);
  watch_changes (other, &there);
  stored = vl_table_replace_sync (VL_TABLE (f.live), record, NULL, NULL);
  g_assert_nonnull (stored);
  news = list (other, NULL);
  assert_first_name (news, "Apricot");
  settle ();
  g_assert_cmpuint (here.n_emitted, ==, 1);
  g_assert_cmpuint (there.n_emitted, ==, 1);
  g_assert_cmpint (there.origin, ==, VL_ORIGIN_WRITE);

  vl_live_table_invalidate (other);
  g_assert_null (vl_live_table_peek_page (f.live, NULL));
  drop (&other);
}

/* One goes while its reader waits: the other is not disturbed, and nor is that
 * reader, who holds what it needs. */
static void
test_one_goes (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  VlLiveTable *other = live_new (f.master, "products", f.cache);
  g_autoptr (VlSchema) schema = vl_table_describe_sync (VL_TABLE (f.live), NULL, NULL);
  g_autoptr (Ask) a = NULL;
  g_autoptr (Ask) b = NULL;

  g_assert_nonnull (schema);
  vl_fault_table_set_latency (f.master, 100);
  b = ask_list (other, NULL);
  a = ask_list (f.live, NULL);
  g_object_unref (other);
  fake_clock_advance (100);
  assert_ids (a->page, "abc");
  assert_ids (b->page, "abc");
}

/* What is cached outlives the live tables, as far as the cache does. */
static void
test_made_again (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) miss = list (f.live, NULL);
  g_autoptr (VlPage) hit = NULL;

  g_assert_nonnull (miss);
  drop (&f.live);
  f.live = live_new (f.master, "products", f.cache);
  hit = list (f.live, NULL);
  assert_origin (hit, TRUE, FALSE);
}

static void
test_other_key (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  VlLiveTable *other = live_new (f.master, "another view", f.cache);
  g_autoptr (VlPage) first = list (f.live, NULL);
  g_autoptr (VlPage) second = list (other, NULL);

  g_assert_nonnull (first);
  assert_origin (second, FALSE, FALSE);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);
  g_assert_true (vl_live_table_get_stats (f.live) != vl_live_table_get_stats (other));

  /* It is the same master nevertheless: what is written through one is news to
   * the other. */
  {
    g_autoptr (VlRecord) record = live_fixture_record ("a", "Apricot", 9.0);
    g_autoptr (VlRecord) stored = NULL;
    g_autoptr (VlPage) news = NULL;
    Changes changes = { 0 };

    watch_changes (other, &changes);
    stored = vl_table_replace_sync (VL_TABLE (f.live), record, NULL, NULL);
    g_assert_nonnull (stored);
    news = list (other, NULL);
    assert_first_name (news, "Apricot");
    settle ();
    g_assert_cmpuint (changes.n_emitted, ==, 1);
    g_assert_cmpint (changes.origin, ==, VL_ORIGIN_OTHER);
  }
  drop (&other);
}

/* One master, and a key that another one begins with: each reads for itself. */
static void
test_key_inside_key (void)
{
  static const char *const keys[] = { "clients", "client", "clients of mine", "" };
  g_autoptr (VlCache) cache = VL_CACHE (vl_memory_cache_new (0));
  g_auto (LiveFixture) f = live_fixture_new (cache);
  VlLiveTable *lives[G_N_ELEMENTS (keys)];

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr (VlPage) page = NULL;

      lives[i] = live_new (f.master, keys[i], cache);
      page = list (lives[i], NULL);
      assert_origin (page, FALSE, FALSE);
      g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, i + 1);
    }
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_object_unref (lives[i]);
}

/* Keys and identities that begin alike, or run into each other. */
static void
test_similar_keys (void)
{
  static const struct
  {
    const char *key;
    const char *identity;
  } names[] = {
    { "client", NULL },   { "clients", NULL },    { "client/", NULL },
    { "client/q", NULL }, { "client%2F", NULL },  { "client@x", NULL },
    { "client", "x" },    { "client@x", "x" },    { "client", "x/q" },
    { "client", "xx" },   { "clients", "x" },     { "", "client" },
    { "", "" },           { "client%2Fq", NULL }, { "client", "" },
  };
  g_autoptr (VlCache) cache = VL_CACHE (vl_memory_cache_new (0));
  LiveFixture all[G_N_ELEMENTS (names)];
  VlLiveTable *lives[G_N_ELEMENTS (names)];

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      ShapedTable *shaped;
      g_autofree char *name = g_strdup_printf ("%u", i);
      g_autoptr (VlPage) page = NULL;

      all[i] = shaped_fixture_new (&shaped, names[i].identity, NULL, NULL);
      live_fixture_put (&all[i], "a", name, i);
      lives[i] = live_new (all[i].master, names[i].key, cache);
      page = list (lives[i], NULL);
      assert_origin (page, FALSE, FALSE);
      assert_first_name (page, name);
    }

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      vl_live_table_clear (lives[i]);
      for (guint j = 0; j < G_N_ELEMENTS (names); j++)
        {
          g_autofree char *name = g_strdup_printf ("%u", j);
          g_autoptr (VlPage) page = vl_live_table_peek_page (lives[j], NULL);

          g_test_message ("clear %u, peek %u", i, j);
          g_assert_cmpint (page != NULL, ==, i != j);
          if (page != NULL)
            assert_first_name (page, name);
        }
      g_object_unref (list (lives[i], NULL));
    }

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      drop (&lives[i]);
      live_fixture_clear (&all[i]);
    }
}

/* The second object for one table uses the first one's core, and so the first
 * object. */
static void
test_equal_identity (void)
{
  ShapedTable *first, *second;
  g_auto (LiveFixture) a = shaped_fixture_new (&first, "there", NULL, NULL);
  g_auto (LiveFixture) b = shaped_fixture_new (&second, "there", NULL, NULL);
  VlLiveTable *other = live_new (b.master, "products", a.cache);
  g_autoptr (VlPage) miss = list (a.live, NULL);
  g_autoptr (VlPage) hit = list (other, NULL);

  g_assert_nonnull (miss);
  assert_origin (hit, TRUE, FALSE);
  vl_live_table_invalidate (other);
  g_clear_object (&hit);
  hit = list (other, NULL);
  g_assert_cmpuint (vl_fault_table_get_n_reads (a.master), ==, 2);
  g_assert_cmpuint (vl_fault_table_get_n_reads (b.master), ==, 0);
  g_assert_true (vl_live_table_get_master (other) == VL_TABLE (b.master));
  drop (&other);
}

static void
test_other_identity (void)
{
  ShapedTable *first, *second;
  g_auto (LiveFixture) a = shaped_fixture_new (&first, "here", NULL, NULL);
  g_auto (LiveFixture) b = shaped_fixture_new (&second, "there", NULL, NULL);
  VlLiveTable *other = live_new (b.master, "products", a.cache);
  g_autoptr (VlPage) one = list (a.live, NULL);
  g_autoptr (VlPage) two = list (other, NULL);

  g_assert_nonnull (one);
  assert_origin (two, FALSE, FALSE);
  g_assert_cmpuint (vl_fault_table_get_n_reads (a.master), ==, 1);
  g_assert_cmpuint (vl_fault_table_get_n_reads (b.master), ==, 1);
  drop (&other);
}

/* Other caches: nothing is shared, whatever else is equal. */
static void
test_other_cache (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlCache) cache = VL_CACHE (vl_memory_cache_new (0));
  VlLiveTable *other = live_new (f.master, "products", cache);
  g_autoptr (VlPage) one = list (f.live, NULL);
  g_autoptr (VlPage) two = list (other, NULL);

  g_assert_nonnull (one);
  assert_origin (two, FALSE, FALSE);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, 2);
  drop (&other);
}

/* A mistake of the program's: it is said, and nothing is mixed up. */
static void
test_no_identity (void)
{
  g_auto (LiveFixture) a = live_fixture_new (NULL);
  g_auto (LiveFixture) b = live_fixture_new (NULL);
  VlLiveTable *other;
  g_autoptr (VlPage) one = NULL;
  g_autoptr (VlPage) two = NULL;

  live_fixture_put (&b, "a", "Apricot", 9.0);
  g_test_expect_message ("vantage-live", G_LOG_LEVEL_CRITICAL, "*“products”*another*");
  other = live_new (b.master, "products", a.cache);
  g_test_assert_expected_messages ();
  one = list (a.live, NULL);
  two = list (other, NULL);
  assert_first_name (one, "Apple");
  assert_first_name (two, "Apricot");
  drop (&other);
}

static gpointer
make_elsewhere (gpointer data)
{
  LiveFixture *f = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  VlLiveTable *other;

  g_main_context_push_thread_default (context);
  other = live_new (f->master, "products", f->cache);
  g_assert_true (vl_live_table_get_stats (other) != vl_live_table_get_stats (f->live));
  g_object_unref (other);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
test_other_context (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);

  g_test_expect_message ("vantage-live", G_LOG_LEVEL_CRITICAL, "*“products”*context*");
  g_thread_join (g_thread_new ("elsewhere", make_elsewhere, &f));
  g_test_assert_expected_messages ();
}

/* Clients and their orders */

typedef struct
{
  VlMemoryTable *memory; /* of the orders */
  ShapedTable *orders;
  VlFaultTable *network;
  LiveFixture clients;
  ShapedTable *shaped; /* the clients' master */
} Shop;

static VlRecord *
order_new (const char *id, const char *client, double price)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (id);

  vl_record_builder_set_string (builder, "client", client);
  vl_record_builder_set_double (builder, "price", price);

  return vl_record_builder_end (builder);
}

static Shop
shop_new (void)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("orders");
  g_autoptr (VlSchema) schema = NULL;
  Shop shop = { 0 };

  vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (builder, "client", VL_FIELD_TYPE_STRING, TRUE);
  vl_schema_builder_add_column (builder, "price", VL_FIELD_TYPE_DOUBLE, TRUE);
  vl_schema_builder_set_id_column (builder, "id");
  schema = vl_schema_builder_end (builder);
  shop.memory = vl_memory_table_new (schema);
  for (guint i = 0; i < 4; i++)
    {
      const char id[] = { (char) ('1' + i), '\0' };
      g_autoptr (VlRecord) order = order_new (id, i % 2 == 0 ? "a" : "b", i);
      g_autoptr (VlRecord)
        stored = vl_table_insert_sync (VL_TABLE (shop.memory), order, NULL, NULL);

      g_assert_nonnull (stored);
    }
  shop.orders = shaped_table_new (VL_TABLE (shop.memory));
  shaped_table_set_identity (shop.orders, "orders");
  shop.network = vl_fault_table_new (VL_TABLE (shop.orders));
  shop.clients = shaped_fixture_new (&shop.shaped, "clients", NULL, NULL);

  return shop;
}

static void
shop_clear (Shop *shop)
{
  live_fixture_clear (&shop->clients);
  g_clear_object (&shop->network);
  g_clear_object (&shop->orders);
  g_clear_object (&shop->memory);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Shop, shop_clear)

/* The orders of a client, as the live table of the clients gives them. The
 * relation leads through the network of the clients, so that counts. */
static VlTable *
orders_of (Shop *shop, const char *client)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery)
    scope = vl_query_where (all, "client", VL_OP_EQ, g_variant_new_string (client));
  g_autoptr (VlTable) scoped = VL_TABLE (vl_scoped_table_new (VL_TABLE (shop->network), scope));
  g_autoptr (VlRecord) record = live_fixture_record (client, "", 0.0);
  g_autoptr (GError) error = NULL;
  VlTable *related;

  shaped_table_set_related (shop->shaped, scoped);
  related = vl_table_get_related (VL_TABLE (shop->clients.live), "orders", record, &error);
  g_assert_no_error (error);
  g_assert_nonnull (related);
  shaped_table_set_related (shop->shaped, NULL);

  return related;
}

static void
test_related (void)
{
  g_auto (Shop) shop = shop_new ();
  g_autoptr (VlTable) of_a = orders_of (&shop, "a");
  g_autoptr (VlTable) of_b = orders_of (&shop, "b");

  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (VlPage) a = list (of_a, NULL);
      g_autoptr (VlPage) b = list (of_b, NULL);

      assert_ids (a, "13");
      assert_ids (b, "24");
      assert_origin (a, round == 1, FALSE);
      assert_origin (b, round == 1, FALSE);
      g_assert_cmpint (vl_table_count_sync (of_a, NULL, NULL, NULL), ==, 2);
    }
  g_assert_cmpuint (vl_fault_table_get_n_reads (shop.clients.master), ==, 3);
}

/* The same client asked for twice is the same view. */
static void
test_related_again (void)
{
  g_auto (Shop) shop = shop_new ();
  g_autoptr (VlTable) first = orders_of (&shop, "a");
  g_autoptr (VlTable) second = NULL;
  g_autoptr (VlPage) miss = list (first, NULL);
  g_autoptr (VlPage) hit = NULL;

  g_assert_nonnull (miss);
  second = orders_of (&shop, "a");
  hit = list (second, NULL);
  assert_ids (hit, "13");
  assert_origin (hit, TRUE, FALSE);
}

/* An order that is written through one view, moved from one client to another,
 * or written through a live table of all orders. */
static void
test_related_writes (void)
{
  g_auto (Shop) shop = shop_new ();
  g_autoptr (VlTable) of_a = orders_of (&shop, "a");
  g_autoptr (VlTable) of_b = orders_of (&shop, "b");
  VlLiveTable *all = live_new (shop.network, "all orders", shop.clients.cache);
  g_autoptr (VlRecord) order = order_new ("5", NULL, 5.0);
  g_autoptr (VlRecord) moved = order_new (NULL, "b", 1.0);
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (VlRecord) patched = NULL;
  g_autoptr (VlRecord) deleted = NULL;
  g_autoptr (GError) error = NULL;

  for (guint step = 0; step < 4; step++)
    {
      static const char *const expected[][3] = {
        { "13", "24", "1234" },
        { "135", "24", "12345" },
        { "35", "124", "12345" },
        { "35", "12", "1235" },
      };
      g_autoptr (VlPage) page_a = NULL;
      g_autoptr (VlPage) page_b = NULL;
      g_autoptr (VlPage) page_all = NULL;

      if (step == 1)
        stored = vl_table_insert_sync (of_a, order, NULL, &error);
      else if (step == 2)
        patched = vl_table_patch_sync (of_a, "1", moved, NULL, &error);
      else if (step == 3)
        deleted = vl_table_delete_sync (VL_TABLE (all), "4", NULL, &error);
      g_assert_no_error (error);

      page_a = list (of_a, NULL);
      page_b = list (of_b, NULL);
      page_all = list (all, NULL);
      assert_ids (page_a, expected[step][0]);
      assert_ids (page_b, expected[step][1]);
      assert_ids (page_all, expected[step][2]);
    }
  g_assert_cmpstr (vl_record_get_string (stored, "client"), ==, "a");
  g_assert_nonnull (patched);
  g_assert_nonnull (deleted);
  drop (&all);
}

/* A record that is not in the scope is not found, even if the cache has it. */
static void
test_related_find (void)
{
  g_auto (Shop) shop = shop_new ();
  g_autoptr (VlTable) of_a = orders_of (&shop, "a");
  g_autoptr (VlTable) of_b = orders_of (&shop, "b");

  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VlRecord) own = vl_table_find_sync (of_a, "1", NULL, &error);
      g_autoptr (VlRecord) foreign = vl_table_find_sync (of_b, "1", NULL, &error);

      g_assert_no_error (error);
      g_assert_nonnull (own);
      g_assert_null (foreign);
    }
}

/* A related table of another type is a master like any other. */
static void
test_related_other_type (void)
{
  g_auto (Shop) shop = shop_new ();
  g_autoptr (VlRecord) record = live_fixture_record ("a", "", 0.0);
  g_autoptr (VlTable) related = NULL;
  g_autoptr (GError) error = NULL;

  shaped_table_set_related (shop.shaped, VL_TABLE (shop.orders));
  vl_live_table_set_page_size (shop.clients.live, 7);
  related = vl_table_get_related (VL_TABLE (shop.clients.live), "orders", record, &error);
  g_assert_no_error (error);
  g_assert_true (VL_IS_LIVE_TABLE (related));
  g_assert_cmpstr (vl_live_table_get_cache_key (VL_LIVE_TABLE (related)), ==, "products");
  g_assert_cmpuint (vl_live_table_get_page_size (VL_LIVE_TABLE (related)), ==, 7);
  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (VlPage) page = list (related, NULL);

      assert_ids (page, "1234");
      assert_origin (page, round == 1, FALSE);
    }
  shaped_table_set_related (shop.shaped, NULL);
}

/* A live table as the master of another */

typedef struct
{
  LiveFixture lower;
  VlLiveTable *upper;
} Tower;

static Tower
tower_new (void)
{
  Tower tower = { live_fixture_new (NULL), NULL };

  tower.upper = g_object_new (VL_TYPE_LIVE_TABLE, "master", tower.lower.live, "cache-key", "upper",
                              NULL);

  return tower;
}

static void
tower_clear (Tower *tower)
{
  drop (&tower->upper);
  live_fixture_clear (&tower->lower);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Tower, tower_clear)

static void
test_tower_reads (void)
{
  g_auto (Tower) tower = tower_new ();
  VlLiveStats *upper = vl_live_table_get_stats (tower.upper);
  VlLiveStats *lower = vl_live_table_get_stats (tower.lower.live);

  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (VlPage) page = list (tower.upper, NULL);

      assert_ids (page, "abc");
      assert_origin (page, round == 1, FALSE);
      g_assert_cmpuint (vl_fault_table_get_n_reads (tower.lower.master), ==, 1);
      g_assert_cmpuint (vl_live_stats_get_misses (upper), ==, 1);
      g_assert_cmpuint (vl_live_stats_get_hits (upper), ==, round);
      g_assert_cmpuint (vl_live_stats_get_misses (lower), ==, 1);
      g_assert_cmpuint (vl_live_stats_get_hits (lower), ==, 0);
      settle ();
    }
}

/* Read your writes, through both, whoever writes. */
static void
test_tower_writes (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_auto (Tower) tower = tower_new ();
      g_autoptr (VlPage) before = list (tower.upper, NULL);
      g_autoptr (VlRecord) record = live_fixture_record ("a", "Apricot", 9.0);
      VlLiveTable *writer = i == 0 ? tower.upper : tower.lower.live;
      g_autoptr (VlRecord) stored = NULL;
      g_autoptr (VlPage) above = NULL;
      g_autoptr (VlPage) below = NULL;

      g_assert_nonnull (before);
      settle ();
      stored = vl_table_replace_sync (VL_TABLE (writer), record, NULL, NULL);
      g_assert_nonnull (stored);
      above = list (tower.upper, NULL);
      below = list (tower.lower.live, NULL);
      assert_first_name (above, "Apricot");
      assert_first_name (below, "Apricot");
    }
}

/* An event below is heard above, before the push returns. */
static void
test_tower_events (void)
{
  g_auto (Tower) tower = tower_new ();
  g_autoptr (VlLiveStream) stream = vl_live_stream_new ();
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();
  g_autoptr (VlPage) before = NULL;
  g_autoptr (VlPage) peeked = NULL;
  g_autoptr (VlPage) after = NULL;
  Changes changes = { 0 };

  vl_live_table_add_stream (tower.lower.live, stream);
  settle ();
  before = list (tower.upper, NULL);
  settle ();
  peeked = vl_live_table_peek_page (tower.upper, NULL);
  g_assert_nonnull (peeked);

  watch_changes (tower.upper, &changes);
  live_fixture_put (&tower.lower, "a", "Apricot", 9.0);
  vl_live_stream_push (stream, event);
  g_assert_null (vl_live_table_peek_page (tower.upper, NULL));
  after = list (tower.upper, NULL);
  assert_first_name (after, "Apricot");
  settle ();
  g_assert_cmpuint (changes.n_emitted, >=, 1);
}

/* What is shown stale below is not fresh above, and gets fresh there when the
 * master is back. */
static void
test_tower_offline (void)
{
  g_auto (Tower) tower = tower_new ();
  g_autoptr (VlPage) before = list (tower.upper, NULL);
  g_autoptr (GError) unavailable = g_error_new (VL_ERROR, VL_ERROR_UNAVAILABLE, "No network");
  g_autoptr (VlPage) offline = NULL;
  g_autoptr (VlPage) online = NULL;

  g_assert_nonnull (before);
  vl_live_table_invalidate (tower.lower.live);
  settle ();
  live_fixture_put (&tower.lower, "a", "Apricot", 9.0);
  vl_fault_table_push_error (tower.lower.master, unavailable);
  offline = list (tower.upper, NULL);
  assert_first_name (offline, "Apple");
  g_assert_true (vl_page_get_is_stale (offline));
  online = list (tower.upper, NULL);
  assert_first_name (online, "Apricot");
  assert_origin (online, FALSE, FALSE);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  fake_clock_advance (1000);

  g_test_add_func ("/live-table/share/what-is-cached", test_shared);
  g_test_add_func ("/live-table/share/settings-and-who-hears-of-them", test_shared_settings);
  g_test_add_func ("/live-table/share/one-fetch", test_shared_fetch);
  g_test_add_func ("/live-table/share/what-changes", test_shared_changes);
  g_test_add_func ("/live-table/share/one-goes", test_one_goes);
  g_test_add_func ("/live-table/share/made-again", test_made_again);
  g_test_add_func ("/live-table/share/another-key-does-not", test_other_key);
  g_test_add_func ("/live-table/share/similar-keys-do-not", test_similar_keys);
  g_test_add_func ("/live-table/share/key-inside-of-a-key", test_key_inside_key);
  g_test_add_func ("/live-table/share/masters-of-equal-identity", test_equal_identity);
  g_test_add_func ("/live-table/share/masters-of-other-identity-do-not", test_other_identity);
  g_test_add_func ("/live-table/share/another-cache-does-not", test_other_cache);
  g_test_add_func ("/live-table/share/masters-without-identity-clash", test_no_identity);
  g_test_add_func ("/live-table/share/another-context-clashes", test_other_context);
  g_test_add_func ("/live-table/related/each-has-its-own", test_related);
  g_test_add_func ("/live-table/related/asked-for-again", test_related_again);
  g_test_add_func ("/live-table/related/a-write-reaches-each-view", test_related_writes);
  g_test_add_func ("/live-table/related/finds-nothing-of-others", test_related_find);
  g_test_add_func ("/live-table/related/of-another-type", test_related_other_type);
  g_test_add_func ("/live-table/tower/reads", test_tower_reads);
  g_test_add_func ("/live-table/tower/read-your-writes", test_tower_writes);
  g_test_add_func ("/live-table/tower/events-rise", test_tower_events);
  g_test_add_func ("/live-table/tower/stale-below-is-not-fresh-above", test_tower_offline);
  status = g_test_run ();

  fake_clock_end ();

  return status;
}
