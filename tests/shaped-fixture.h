/* shaped-fixture.h: a live table over a master of any shape
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "live-fixture.h"
#include "shaped-table.h"

/* As live_fixture_new(), with a shaped table between the memory table and the
 * fault table. */
static inline LiveFixture
shaped_fixture_new (ShapedTable **shaped, const char *identity, VlSchema *schema, VlCache *cache)
{
  LiveFixture f = live_fixture_new (cache);

  *shaped = shaped_table_new (VL_TABLE (f.memory));
  shaped_table_set_identity (*shaped, identity);
  shaped_table_set_schema (*shaped, schema);

  g_clear_object (&f.live);
  g_clear_object (&f.master);
  f.master = vl_fault_table_new (VL_TABLE (*shaped));
  f.live = g_object_new (VL_TYPE_LIVE_TABLE, "master", f.master, "cache-key", "products", "cache",
                         f.cache, "follow-master", FALSE, NULL);
  g_object_unref (*shaped); /* the master has it */

  return f;
}

/* The schema of the fixture, able to do this and nothing else. */
static inline VlSchema *
shaped_schema (VlCapabilities capabilities, const char *instance, const char *extra_column)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("products");

  vl_schema_builder_set_instance (builder, instance);
  vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (builder, "name", VL_FIELD_TYPE_STRING, TRUE);
  vl_schema_builder_add_column (builder, "price", VL_FIELD_TYPE_DOUBLE, TRUE);
  if (extra_column != NULL)
    vl_schema_builder_add_column (builder, extra_column, VL_FIELD_TYPE_STRING, TRUE);
  vl_schema_builder_set_id_column (builder, "id");
  vl_schema_builder_set_capabilities (builder, capabilities);

  return vl_schema_builder_end (builder);
}

#define SHAPED_CAPABILITIES                                                                  \
 (VL_CAPABILITY_ORDER | VL_CAPABILITY_FILTER | VL_CAPABILITY_SEARCH | VL_CAPABILITY_WINDOW | \
  VL_CAPABILITY_COUNT | VL_CAPABILITY_INSERT | VL_CAPABILITY_REPLACE | VL_CAPABILITY_PATCH | \
  VL_CAPABILITY_DELETE)
