/* live-fixture.h: a live table over a counted master, for tests
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

/* Three products in a memory table, behind a fault table that counts the
 * calls, behind a live table. */
typedef struct
{
  VlMemoryTable *memory;
  VlFaultTable *master;
  VlCache *cache;
  VlLiveTable *live;
} LiveFixture;

static inline VlSchema *
live_fixture_schema (void)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("products");

  vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (builder, "name", VL_FIELD_TYPE_STRING, TRUE);
  vl_schema_builder_add_column (builder, "price", VL_FIELD_TYPE_DOUBLE, TRUE);
  vl_schema_builder_set_id_column (builder, "id");

  return vl_schema_builder_end (builder);
}

static inline VlRecord *
live_fixture_record (const char *id, const char *name, double price)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (id);

  vl_record_builder_set_string (builder, "name", name);
  vl_record_builder_set_double (builder, "price", price);

  return vl_record_builder_end (builder);
}

/* Puts a record into the master behind everybody's back. */
static inline void
live_fixture_put (LiveFixture *f, const char *id, const char *name, double price)
{
  g_autoptr (VlRecord) record = live_fixture_record (id, name, price);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = vl_table_replace_sync (VL_TABLE (f->memory), record, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (stored);
}

/* With a cache of its own unless one is given. The live table does not follow
 * the stream of the master: what a test changes there stays unheard. */
static inline LiveFixture
live_fixture_new (VlCache *cache)
{
  g_autoptr (VlSchema) schema = live_fixture_schema ();
  LiveFixture f = { 0 };

  f.memory = vl_memory_table_new (schema);
  live_fixture_put (&f, "a", "Apple", 1.5);
  live_fixture_put (&f, "b", "Banana", 0.5);
  live_fixture_put (&f, "c", "Cherry", 4.0);
  f.master = vl_fault_table_new (VL_TABLE (f.memory));
  f.cache = cache != NULL ? g_object_ref (cache) : VL_CACHE (vl_memory_cache_new (0));
  f.live = g_object_new (VL_TYPE_LIVE_TABLE, "master", f.master, "cache-key", "products", "cache",
                         f.cache, "follow-master", FALSE, NULL);

  return f;
}

static inline void
live_fixture_clear (LiveFixture *f)
{
  if (f->live != NULL)
    g_assert_finalize_object (f->live);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&f->master);
  g_clear_object (&f->memory);
  g_clear_object (&f->cache);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LiveFixture, live_fixture_clear)

static inline VlPage *
live_fixture_list (LiveFixture *f, VlQuery *query)
{
  g_autoptr (GError) error = NULL;
  VlPage *page = vl_table_list_sync (VL_TABLE (f->live), query, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (page);

  return page;
}
