/* test-memory-table.c: the reference table
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "vantage-live/stream/vl-live-stream-private.h"

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* Columns id, name (text), price (number) and note (anything). */
static VlSchema *
make_schema (VlFieldType id_type)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("product");

  vl_schema_builder_add_column (builder, "id", id_type, FALSE);
  vl_schema_builder_add_column (builder, "name", VL_FIELD_TYPE_STRING, TRUE);
  vl_schema_builder_add_column (builder, "price", VL_FIELD_TYPE_INT64, TRUE);
  vl_schema_builder_add_column (builder, "note", VL_FIELD_TYPE_NULL, TRUE);
  vl_schema_builder_set_id_column (builder, "id");
  vl_schema_builder_add_title_column (builder, "name");
  vl_schema_builder_set_capabilities (builder, VL_CAPABILITY_REMOTE);

  return vl_schema_builder_end (builder);
}

static VlTable *
make_table (VlFieldType id_type)
{
  g_autoptr (VlSchema) schema = make_schema (id_type);

  return VL_TABLE (vl_memory_table_new (schema));
}

static VlRecord *
make_record (const char *json)
{
  g_autoptr (GError) error = NULL;
  VlRecord *record = vl_record_new_from_json (json, &error);

  g_assert_no_error (error);

  return record;
}

/* Inserts, and answers the id that the record got. */
static char *
insert (VlTable *table, const char *json)
{
  g_autoptr (VlRecord) record = make_record (json);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = vl_table_insert_sync (table, record, NULL, &error);

  g_assert_no_error (error);

  return g_strdup (vl_record_get_id (stored));
}

static void
insert_all (VlTable *table, const char *const *records)
{
  for (; *records != NULL; records++)
    g_free (insert (table, *records));
}

/* The ids of a list, and its total: "1 2 3 (3)". */
static void
assert_list (VlTable *table, VlQuery *query, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = vl_table_list_sync (table, query, NULL, &error);
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < vl_page_get_n_records (page); i++)
    g_string_append_printf (text, "%s ", vl_page_get_record_id (page, i));
  g_string_append_printf (text, "(%" G_GINT64_FORMAT ")", vl_page_get_total (page));
  g_assert_cmpstr (text->str, ==, expected);
}

static gint64
count (VlTable *table, VlQuery *query)
{
  g_autoptr (GError) error = NULL;
  gint64 n = vl_table_count_sync (table, query, NULL, &error);

  g_assert_no_error (error);

  return n;
}

static VlChange *
with_base (VlChange *change, VlRecord *base)
{
  VlChange *based = vl_change_with_base (change, base);

  g_object_unref (change);

  return based;
}

/* Applies one change; the answer, or the error. */
static VlOutcome *
apply (VlTable *table, VlChange *change)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (GError) error = NULL;

  g_list_store_append (changes, change);
  outcomes = vl_table_apply_many_sync (table, G_LIST_MODEL (changes), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (outcomes), ==, 1);

  return g_list_model_get_item (outcomes, 0);
}

static void
test_schema (void)
{
  g_autoptr (VlTable) table = make_table (VL_FIELD_TYPE_INT64);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlSchema) schema = vl_table_describe_sync (table, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (vl_schema_get_table_name (schema), ==, "product");
  g_assert_cmpuint (vl_schema_get_n_columns (schema), ==, 4);
  g_assert_cmpstr (vl_schema_get_id_column (schema), ==, "id");
  g_assert_cmpstr (vl_schema_get_title_columns (schema)[0], ==, "name");
  g_assert_false (vl_schema_can (schema, VL_CAPABILITY_REMOTE));
  g_assert_true (vl_schema_can (schema, VL_CAPABILITY_IDEMPOTENT | VL_CAPABILITY_BATCH |
                                          VL_CAPABILITY_SUBSCRIBE | VL_CAPABILITY_ASSIGN_ID |
                                          VL_CAPABILITY_CHECK_BASE));
  g_assert_true (vl_memory_table_get_idempotent (VL_MEMORY_TABLE (table)));
  g_assert_null (vl_table_get_identity (table));

  g_assert_finalize_object (g_steal_pointer (&table));
}

static void
test_without_schema (void)
{
  g_autoptr (VlTable) table = g_object_new (VL_TYPE_MEMORY_TABLE, NULL);
  g_autofree char *id = insert (table, "{\"id\":\"a\"}");

  g_assert_cmpstr (id, ==, "a");
  g_assert_cmpuint (vl_memory_table_get_n_records (VL_MEMORY_TABLE (table)), ==, 1);
}

static void
test_stored_record (void)
{
  g_autoptr (VlTable) table = make_table (VL_FIELD_TYPE_INT64);
  g_autoptr (VlRecord) given = make_record ("{\"name\":\"Flux\",\"id\":\"7\"}");
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = vl_table_insert_sync (table, given, NULL, &error);
  g_autoptr (VlRecord) found = NULL;
  g_auto (GStrv) names = NULL;
  static const char *const expected[] = { "id", "name", "price", "note", NULL };

  g_assert_no_error (error);
  names = vl_record_get_field_names (stored);
  g_assert_cmpstrv (names, expected);
  g_assert_cmpint (vl_record_get_field_type (stored, "id"), ==, VL_FIELD_TYPE_INT64);
  g_assert_cmpint (vl_record_get_int64 (stored, "id"), ==, 7);
  g_assert_true (vl_record_has_field (stored, "price"));
  g_assert_true (vl_record_is_null (stored, "price"));

  found = vl_table_find_sync (table, "7", NULL, &error);
  g_assert_no_error (error);
  g_assert_true (vl_record_equal (stored, found));
}

static void
test_assigned_ids (void)
{
  g_autoptr (VlTable) numbers = make_table (VL_FIELD_TYPE_INT64);
  g_autoptr (VlTable) texts = make_table (VL_FIELD_TYPE_STRING);
  g_autofree char *first = insert (numbers, "{\"name\":\"a\"}");
  g_autofree char *given = insert (numbers, "{\"id\":41}");
  g_autofree char *next = insert (numbers, "{\"name\":\"b\"}");
  g_autofree char *a = insert (texts, "{\"name\":\"a\"}");
  g_autofree char *b = insert (texts, "{\"name\":\"b\"}");
  g_autofree char *again = NULL;
  g_autoptr (VlRecord) deleted = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (first, ==, "1");
  g_assert_cmpstr (given, ==, "41");
  g_assert_cmpstr (next, ==, "42");
  g_assert_cmpuint (strlen (a), ==, 36);
  g_assert_cmpstr (a, <, b);

  deleted = vl_table_delete_sync (numbers, "42", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vl_record_get_id (deleted), ==, "42");
  again = insert (numbers, "{}");
  g_assert_cmpstr (again, ==, "43");
}

static void
test_numbers_used_up (void)
{
  g_autoptr (VlTable) table = make_table (VL_FIELD_TYPE_INT64);
  g_autofree char *id = insert (table, "{\"id\":9223372036854775807}");
  g_autoptr (VlRecord) record = make_record ("{}");
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (id, ==, "9223372036854775807");
  stored = vl_table_insert_sync (table, record, NULL, &error);
  g_assert_error (error, VL_ERROR, VL_ERROR_REJECTED);
  g_assert_null (stored);
}

static void
test_write_rules (void)
{
  g_autoptr (VlTable) table = make_table (VL_FIELD_TYPE_STRING);
  g_autoptr (VlRecord) one = make_record ("{\"id\":\"1\",\"name\":\"a\",\"price\":5}");
  g_autoptr (VlRecord) other = make_record ("{\"id\":\"1\",\"name\":\"b\"}");
  g_autoptr (VlRecord) fields = make_record ("{\"price\":6}");
  g_autoptr (VlRecord) odd = make_record ("{\"colour\":\"red\"}");
  g_autoptr (VlRecord) rename = vl_record_new (NULL, g_variant_new_parsed ("@a{sv} {'id': <'2'>}"));
  g_autoptr (VlRecord) answer = NULL;
  g_autoptr (GError) error = NULL;

  answer = vl_table_patch_sync (table, "1", fields, NULL, &error);
  g_assert_error (error, VL_ERROR, VL_ERROR_NOT_FOUND);
  g_clear_error (&error);
  answer = vl_table_delete_sync (table, "1", NULL, &error);
  g_assert_no_error (error);
  g_assert_null (answer);
  answer = vl_table_find_sync (table, "1", NULL, &error);
  g_assert_no_error (error);
  g_assert_null (answer);

  answer = vl_table_replace_sync (table, one, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (vl_record_get_int64 (answer, "price"), ==, 5);
  g_clear_object (&answer);
  answer = vl_table_insert_sync (table, other, NULL, &error);
  g_assert_error (error, VL_ERROR, VL_ERROR_EXISTS);
  g_clear_error (&error);

  answer = vl_table_patch_sync (table, "1", fields, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vl_record_get_string (answer, "name"), ==, "a");
  g_assert_cmpint (vl_record_get_int64 (answer, "price"), ==, 6);
  g_clear_object (&answer);
  answer = vl_table_replace_sync (table, other, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (vl_record_is_null (answer, "price"));
  g_clear_object (&answer);

  answer = vl_table_patch_sync (table, "1", odd, NULL, &error);
  g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
  g_clear_error (&error);
  answer = vl_table_patch_sync (table, "1", rename, NULL, &error);
  g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
  g_assert_null (answer);
}

static const char *const fruit[] = {
  "{\"id\":1,\"name\":\"pear\",\"price\":3}",
  "{\"id\":2,\"name\":\"Apple\",\"price\":1}",
  "{\"id\":10,\"name\":\"fig\",\"price\":2.5}",
  "{\"id\":3,\"name\":\"pear\",\"price\":null}",
  "{\"id\":\"x\",\"name\":\"Big apple\",\"price\":\"dear\"}",
  NULL,
};

static VlQuery *
where (const char *field, VlOp op, GVariant *value)
{
  g_autoptr (VlQuery) all = vl_query_new ();

  return vl_query_where (all, field, op, value);
}

static void
test_reading (void)
{
  g_autoptr (VlTable) table = make_table (VL_FIELD_TYPE_INT64);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) by_price = vl_query_order_by (all, "price", FALSE);
  g_autoptr (VlQuery) dear_first = vl_query_order_by (all, "price", TRUE);
  g_autoptr (VlQuery) window = vl_query_window (by_price, 1, 2);
  g_autoptr (VlQuery) beyond = vl_query_window (all, 99, 2);
  g_autoptr (VlQuery) apples = vl_query_search (all, "APPLE");
  g_autoptr (VlQuery) cheap = where ("price", VL_OP_LT, g_variant_new_int64 (3));
  g_autoptr (VlPage) page = NULL;
  g_autoptr (GError) error = NULL;

  insert_all (table, fruit);
  assert_list (table, NULL, "1 2 3 10 x (5)");
  assert_list (table, by_price, "2 10 1 x 3 (5)");
  assert_list (table, dear_first, "x 1 10 2 3 (5)");
  assert_list (table, window, "10 1 (5)");
  assert_list (table, beyond, "(5)");
  assert_list (table, apples, "2 x (2)");
  assert_list (table, cheap, "2 10 (2)");
  g_assert_cmpint (count (table, cheap), ==, 2);
  g_assert_cmpint (count (table, window), ==, 5);
  g_assert_cmpint (count (table, NULL), ==, 5);

  page = vl_table_list_sync (table, window, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (vl_page_get_offset (page), ==, 1);
}

static void
test_delete_all (void)
{
  g_autoptr (VlTable) table = make_table (VL_FIELD_TYPE_INT64);
  g_autoptr (VlQuery) pears = where ("name", VL_OP_EQ, g_variant_new_string ("pear"));
  g_autoptr (GError) error = NULL;

  insert_all (table, fruit);
  g_assert_true (vl_table_delete_all_sync (table, pears, NULL, &error));
  g_assert_no_error (error);
  assert_list (table, NULL, "2 10 x (3)");
  g_assert_true (vl_table_delete_all_sync (table, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (vl_memory_table_get_n_records (VL_MEMORY_TABLE (table)), ==, 0);
}

/* `expected` is in the message and the record with it as it is stored; NULL is
 * no conflict. */
static void
assert_conflict (VlTable *table, VlChange *change, const char *expected)
{
  g_autoptr (VlChange) owned = change;
  g_autoptr (VlRecord) now = vl_table_find_sync (table, vl_change_get_id (change), NULL, NULL);
  g_autoptr (VlOutcome) outcome = apply (table, owned);
  const GError *error = vl_outcome_get_error (outcome);

  if (expected == NULL)
    {
      g_assert_no_error (error);
      return;
    }

  g_assert_error (error, VL_ERROR, VL_ERROR_CONFLICT);
  g_assert_nonnull (strstr (error->message, expected));
  g_assert_nonnull (strstr (error->message, "the record “1” of the table “product”"));
  g_assert_true (vl_outcome_get_record (outcome) == now);
}

static void
test_conflict (void)
{
  g_autoptr (VlTable) table = make_table (VL_FIELD_TYPE_STRING);
  g_autofree char *id = insert (table, "{\"id\":\"1\",\"name\":\"a\",\"price\":5}");
  g_autoptr (VlRecord) base = make_record ("{\"id\":\"1\",\"name\":\"a\",\"price\":4}");
  g_autoptr (VlRecord) name = make_record ("{\"name\":\"b\"}");
  g_autoptr (VlRecord) price = make_record ("{\"price\":6}");
  g_autoptr (VlRecord) both = make_record ("{\"price\":6,\"name\":\"c\"}");
  /* A column that the table does not have, and another id, do not count. */
  g_autoptr (VlRecord) odd = make_record ("{\"id\":7,\"name\":\"b\",\"colour\":\"red\"}");

  g_assert_cmpstr (id, ==, "1");

  /* The price is not what the base says; the name is. */
  assert_conflict (table, with_base (vl_change_new_patch ("1", price), base), "in “price”");
  assert_conflict (table, with_base (vl_change_new_patch ("1", name), base), NULL);
  assert_conflict (table, with_base (vl_change_new_patch ("1", both), base), "in “name”, “price”;");
  assert_conflict (table, with_base (vl_change_new_replace (base), base), "“price”");
  assert_conflict (table, with_base (vl_change_new_delete ("1"), base), "“price”");
  assert_conflict (table, with_base (vl_change_new_patch ("1", price), odd), NULL);
  assert_conflict (table, with_base (vl_change_new_delete ("1"), odd), NULL);
  assert_conflict (table, with_base (vl_change_new_replace (base), base), "deleted");
  assert_conflict (table, with_base (vl_change_new_patch ("1", price), base), "deleted");
  assert_conflict (table, with_base (vl_change_new_delete ("1"), base), NULL);
  g_assert_cmpuint (vl_memory_table_get_n_records (VL_MEMORY_TABLE (table)), ==, 0);
}

static void
test_same_uid_twice (void)
{
  g_autoptr (VlTable) table = make_table (VL_FIELD_TYPE_INT64);
  g_autoptr (VlRecord) record = make_record ("{\"name\":\"a\"}");
  g_autoptr (VlRecord) patch = make_record ("{\"name\":\"b\"}");
  g_autoptr (VlChange) insertion = vl_change_new_insert (record);
  g_autoptr (VlChange) deletion = vl_change_new_delete ("1");
  g_autoptr (VlChange) failure = vl_change_new_patch ("1", patch);
  g_autoptr (VlOutcome) first = apply (table, insertion);
  g_autoptr (VlOutcome) second = apply (table, insertion);
  g_autoptr (VlOutcome) outcome = NULL;

  g_assert_no_error (vl_outcome_get_error (second));
  g_assert_true (vl_outcome_get_record (first) == vl_outcome_get_record (second));
  g_assert_cmpuint (vl_memory_table_get_n_records (VL_MEMORY_TABLE (table)), ==, 1);

  for (guint i = 0; i < 2; i++)
    {
      g_clear_object (&outcome);
      outcome = apply (table, deletion);
      g_assert_no_error (vl_outcome_get_error (outcome));
      if (i == 0)
        g_assert_cmpstr (vl_record_get_id (vl_outcome_get_record (outcome)), ==, "1");
      else
        g_assert_null (vl_outcome_get_record (outcome));
    }

  /* The record is gone, and nothing brings it back. */
  g_object_unref (apply (table, insertion));
  g_assert_cmpuint (vl_memory_table_get_n_records (VL_MEMORY_TABLE (table)), ==, 0);

  /* What was refused is not remembered: it may work the next time. */
  g_clear_object (&outcome);
  outcome = apply (table, failure);
  g_assert_error (vl_outcome_get_error (outcome), VL_ERROR, VL_ERROR_NOT_FOUND);
  g_free (insert (table, "{\"id\":1}"));
  g_clear_object (&outcome);
  outcome = apply (table, failure);
  g_assert_no_error (vl_outcome_get_error (outcome));
}

/* A table that applies whatever it is sent. */
static void
test_not_idempotent (void)
{
  g_autoptr (VlSchema) schema = make_schema (VL_FIELD_TYPE_INT64);
  g_autoptr (VlMemoryTable)
    table = g_object_new (VL_TYPE_MEMORY_TABLE, "schema", schema, "idempotent", FALSE, NULL);
  g_autoptr (VlRecord) record = make_record ("{\"name\":\"a\"}");
  g_autoptr (VlChange) change = vl_change_new_insert (record);
  g_autoptr (VlSchema) described = vl_table_describe_sync (VL_TABLE (table), NULL, NULL);

  g_assert_false (vl_memory_table_get_idempotent (table));
  g_assert_false (vl_schema_can (described, VL_CAPABILITY_IDEMPOTENT));
  g_assert_true (vl_schema_can (described, VL_CAPABILITY_CHECK_BASE));
  g_object_unref (apply (VL_TABLE (table), change));
  g_object_unref (apply (VL_TABLE (table), change));
  assert_list (VL_TABLE (table), NULL, "1 2 (2)");
}

/* The last 4096 are known, and those before them are not. */
static void
test_forgotten (void)
{
  g_autoptr (VlTable) table = make_table (VL_FIELD_TYPE_INT64);
  g_autoptr (VlRecord) record = make_record ("{\"name\":\"a\"}");
  g_autoptr (VlChange) first = vl_change_new_insert (record);
  g_autoptr (VlChange) second = vl_change_new_insert (record);
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;

  g_list_store_append (changes, first);
  g_list_store_append (changes, second);
  for (guint i = 0; i < 4095; i++)
    {
      g_autoptr (VlChange) change = vl_change_new_delete ("7");

      g_list_store_append (changes, change);
    }
  outcomes = vl_table_apply_many_sync (table, G_LIST_MODEL (changes), NULL, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (outcomes), ==, 4097);
  g_object_unref (apply (table, second));
  assert_list (table, NULL, "1 2 (2)");
  g_object_unref (apply (table, first));
  assert_list (table, NULL, "1 2 3 (3)");
}

static void
test_batch (void)
{
  g_autoptr (VlTable) table = make_table (VL_FIELD_TYPE_STRING);
  g_autoptr (VlRecord) a = make_record ("{\"id\":\"a\"}");
  g_autoptr (VlRecord) b = make_record ("{\"id\":\"b\"}");
  g_autoptr (VlRecord) odd = make_record ("{\"colour\":\"red\"}");
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (GError) error = NULL;
  VlChange *some[] = { vl_change_new_insert (a), vl_change_new_insert (a), vl_change_new_insert (b),
                       vl_change_new_patch ("c", odd) };
  static const int codes[] = { -1, VL_ERROR_EXISTS, -1, VL_ERROR_INVALID };

  for (guint i = 0; i < G_N_ELEMENTS (some); i++)
    {
      g_list_store_append (changes, some[i]);
      g_object_unref (some[i]);
    }
  outcomes = vl_table_apply_many_sync (table, G_LIST_MODEL (changes), NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (some); i++)
    {
      g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, i);

      if (codes[i] == -1)
        g_assert_no_error (vl_outcome_get_error (outcome));
      else
        g_assert_error (vl_outcome_get_error (outcome), VL_ERROR, codes[i]);
    }
  assert_list (table, NULL, "a b (2)");
}

/* Writes down each event: "+1" inserted, "=1" updated, "-1" deleted. */
static void
write_down (VlLiveEvent *event, gpointer user_data)
{
  static const char *const signs[] = { "~", "+", "=", "-" };
  const char *const *ids = vl_live_event_get_ids (event);
  GString *heard = user_data;

  g_string_append (heard, signs[vl_live_event_get_kind (event)]);
  for (; ids != NULL && *ids != NULL; ids++)
    g_string_append_printf (heard, "%s ", *ids);
  if (vl_live_event_get_record (event) != NULL)
    g_assert_cmpstr (vl_record_get_id (vl_live_event_get_record (event)), ==,
                     vl_live_event_get_ids (event)[0]);
}

static void
test_stream (void)
{
  g_autoptr (VlTable) table = make_table (VL_FIELD_TYPE_INT64);
  g_autoptr (VlLiveStream) stream = vl_table_get_stream (table);
  g_autoptr (GString) heard = g_string_new (NULL);
  VlStreamSink *sink = _vl_live_stream_attach (stream, write_down, heard, NULL);
  g_autoptr (VlRecord) one = make_record ("{\"id\":\"1\",\"name\":\"b\"}");
  g_autoptr (VlRecord) two = make_record ("{\"id\":\"2\",\"name\":\"b\"}");
  g_autoptr (VlRecord) patch = make_record ("{\"name\":\"c\"}");
  g_autoptr (VlChange) insertion = vl_change_new_insert (one);

  g_object_unref (apply (table, insertion));
  g_object_unref (apply (table, insertion));
  g_object_unref (vl_table_replace_sync (table, one, NULL, NULL));
  g_object_unref (vl_table_replace_sync (table, two, NULL, NULL));
  g_object_unref (vl_table_patch_sync (table, "1", patch, NULL, NULL));
  g_assert_null (vl_table_patch_sync (table, "7", patch, NULL, NULL));
  g_assert_null (vl_table_delete_sync (table, "7", NULL, NULL));
  g_object_unref (vl_table_delete_sync (table, "1", NULL, NULL));
  g_free (insert (table, "{\"id\":5}"));
  g_assert_true (vl_table_delete_all_sync (table, NULL, NULL, NULL));
  g_assert_true (vl_table_delete_all_sync (table, NULL, NULL, NULL));

  g_assert_cmpstr (heard->str, ==, "~+1 =1 +2 =1 -1 +5 -2 5 ");
  _vl_live_stream_detach (sink);
  settle ();
}

/* A sink that answers an insert with a patch of the same record. */
typedef struct
{
  VlTable *table;
  GString *heard;
} Meddler;

static void
meddle (VlLiveEvent *event, gpointer user_data)
{
  Meddler *self = user_data;
  g_autoptr (VlRecord) patch = make_record ("{\"price\":1}");

  write_down (event, self->heard);
  if (vl_live_event_get_kind (event) == VL_LIVE_EVENT_KIND_INSERTED)
    vl_table_patch_async (self->table, vl_live_event_get_ids (event)[0], patch, NULL, NULL, NULL);
}

static gpointer
insert_elsewhere (gpointer data)
{
  g_free (insert (data, "{}"));

  return NULL;
}

static void
test_writing_sink (void)
{
  g_autoptr (VlTable) table = make_table (VL_FIELD_TYPE_INT64);
  g_autoptr (VlLiveStream) stream = vl_table_get_stream (table);
  g_autoptr (GString) heard = g_string_new (NULL);
  Meddler meddler = { table, heard };
  VlStreamSink *sink = _vl_live_stream_attach (stream, meddle, &meddler, NULL);
  g_autoptr (GString) behind = g_string_new (NULL);
  VlStreamSink *other = _vl_live_stream_attach (stream, write_down, behind, NULL);

  g_free (insert (table, "{\"id\":0}"));
  g_assert_cmpstr (heard->str, ==, "~+0 =0 ");
  g_thread_join (g_thread_new ("insert", insert_elsewhere, table));
  g_assert_cmpstr (heard->str, ==, "~+0 =0 +1 =1 ");
  /* Whoever hears of them later hears of them in the same order. */
  g_assert_cmpstr (behind->str, ==, heard->str);
  _vl_live_stream_detach (other);
  _vl_live_stream_detach (sink);
  settle ();
}

#define N_THREADS 4
#define N_INSERTS 200

static gpointer
insert_many (gpointer data)
{
  for (guint i = 0; i < N_INSERTS; i++)
    g_free (insert (data, "{\"name\":\"x\"}"));

  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (VlTable) table = make_table (VL_FIELD_TYPE_INT64);
  GThread *threads[N_THREADS];
  g_autofree char *next = NULL;

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("insert", insert_many, table);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  g_assert_cmpuint (vl_memory_table_get_n_records (VL_MEMORY_TABLE (table)), ==,
                    N_THREADS * N_INSERTS);
  next = insert (table, "{}");
  g_assert_cmpint (atoi (next), ==, N_THREADS * N_INSERTS + 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/memory-table/schema/says-what-it-does", test_schema);
  g_test_add_func ("/memory-table/schema/may-be-left-out", test_without_schema);
  g_test_add_func ("/memory-table/write/answers-the-record-as-stored", test_stored_record);
  g_test_add_func ("/memory-table/write/assigns-ids", test_assigned_ids);
  g_test_add_func ("/memory-table/write/numbers-run-out", test_numbers_used_up);
  g_test_add_func ("/memory-table/write/rules", test_write_rules);
  g_test_add_func ("/memory-table/write/base-that-is-old-is-a-conflict", test_conflict);
  g_test_add_func ("/memory-table/write/same-uid-is-applied-once", test_same_uid_twice);
  g_test_add_func ("/memory-table/write/not-idempotent-if-told-so", test_not_idempotent);
  g_test_add_func ("/memory-table/write/forgets-what-is-long-ago", test_forgotten);
  g_test_add_func ("/memory-table/write/batch-gives-each-its-answer", test_batch);
  g_test_add_func ("/memory-table/write/delete-all-honours-its-query", test_delete_all);
  g_test_add_func ("/memory-table/read/list-and-count", test_reading);
  g_test_add_func ("/memory-table/stream/tells-of-each-change", test_stream);
  g_test_add_func ("/memory-table/stream/sink-may-write", test_writing_sink);
  g_test_add_func ("/memory-table/threads/any-may-write", test_threads);

  return g_test_run ();
}
