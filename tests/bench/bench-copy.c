/* bench-copy.c: a hit against a copy of what it answers
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"

#include "bench-table.h"

#define PAGE_SIZE 100

/* A page as a table of records by id, each a table of values by name, is what
 * a cache that hands out copies has to clone at each hit. */
typedef struct
{
  VlMemoryTable *master;
  VlLiveTable *live;
  VlQuery *query;
  GHashTable *records; /* of GHashTable of GValue */
} Copy;

static void
value_free (gpointer data)
{
  GValue *value = data;

  g_value_unset (value);
  g_free (value);
}

static GHashTable *
new_fields (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, value_free);
}

static GHashTable *
new_records (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                (GDestroyNotify) g_hash_table_unref);
}

static void
add_value (GHashTable *fields, const char *name, const GValue *from)
{
  GValue *value = g_new0 (GValue, 1);

  g_value_init (value, G_VALUE_TYPE (from));
  g_value_copy (from, value);
  g_hash_table_insert (fields, g_strdup (name), value);
}

static GHashTable *
copy_fields (GHashTable *fields)
{
  GHashTable *copy = new_fields ();
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, fields);
  while (g_hash_table_iter_next (&iter, &name, &value))
    add_value (copy, name, value);

  return copy;
}

static GHashTable *
copy_records (GHashTable *records)
{
  GHashTable *copy = new_records ();
  GHashTableIter iter;
  gpointer id, fields;

  g_hash_table_iter_init (&iter, records);
  while (g_hash_table_iter_next (&iter, &id, &fields))
    g_hash_table_insert (copy, g_strdup (id), copy_fields (fields));

  return copy;
}

static GHashTable *
records_of_page (VlPage *page)
{
  GHashTable *records = new_records ();

  for (guint i = 0; i < vl_page_get_n_records (page); i++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (page, i);
      g_auto (GStrv) names = vl_record_get_field_names (record);
      GHashTable *fields = new_fields ();

      for (char **name = names; *name != NULL; name++)
        {
          g_auto (GValue) value = G_VALUE_INIT;

          vl_record_get_value (record, *name, &value);
          add_value (fields, *name, &value);
        }
      g_hash_table_insert (records, g_strdup (vl_record_get_id (record)), fields);
    }

  return records;
}

static gpointer
copy_set_up (void)
{
  Copy *copy = g_new0 (Copy, 1);
  g_autoptr (VlPage) page = NULL;

  copy->master = bench_table_new (2 * PAGE_SIZE);
  copy->live = bench_table_live (VL_TABLE (copy->master), PAGE_SIZE);
  copy->query = bench_table_query (0, PAGE_SIZE);
  page = bench_table_list (copy->live, copy->query);
  copy->records = records_of_page (page);

  return copy;
}

static void
copy_tear_down (gpointer data)
{
  Copy *copy = data;

  g_hash_table_unref (copy->records);
  g_object_unref (copy->query);
  g_object_unref (copy->live);
  g_object_unref (copy->master);
  g_free (copy);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
copy_check (gpointer data)
{
  Copy *copy = data;
  g_autoptr (VlPage) page = vl_live_table_peek_page (copy->live, copy->query);
  g_autoptr (GHashTable) records = copy_records (copy->records);

  g_assert_cmpuint (vl_page_get_n_records (page), ==, PAGE_SIZE);
  g_assert_cmpuint (g_hash_table_size (records), ==, PAGE_SIZE);
  for (guint i = 0; i < PAGE_SIZE; i++)
    {
      GHashTable *fields = g_hash_table_lookup (records, vl_page_get_record_id (page, i));
      g_autoptr (VlRecord) record = vl_page_get_record (page, i);

      g_assert_cmpuint (g_hash_table_size (fields), ==, BENCH_N_COLUMNS);
      g_assert_cmpstr (g_value_get_string (g_hash_table_lookup (fields, "name")), ==,
                       vl_record_get_string (record, "name"));
    }
}

static void
peek (gpointer data, guint n)
{
  Copy *copy = data;

  for (guint i = 0; i < n; i++)
    g_object_unref (vl_live_table_peek_page (copy->live, copy->query));
}

static void
deep_copy (gpointer data, guint n)
{
  Copy *copy = data;

  for (guint i = 0; i < n; i++)
    g_hash_table_unref (copy_records (copy->records));
}

static const BenchCase copy_case = {
  .id = "12",
  .title = "A hit of a page of 100 rows against a deep copy of that page",
  .ours = { .what = "vl_live_table_peek_page() and unref", .run = peek },
  .peer = { .what = "a clone of 100 hash tables of 6 GValues, and its end", .run = deep_copy },
  .bar = BENCH_AT_LEAST,
  .limit = 500,
  .figure = "a cached page of 100 rows once more",
  .is_alone = TRUE,
  .rounds = 31,
  .set_up = copy_set_up,
  .tear_down = copy_tear_down,
  .check = copy_check,
};

void
bench_add_copy (void)
{
  bench_add_case (&copy_case);
}
