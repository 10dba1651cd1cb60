/* test-scoped-table.c: a part of a table
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

static VlRecord *
make_record (const char *json)
{
  g_autoptr (GError) error = NULL;
  VlRecord *record = vl_record_new_from_json (json, &error);

  g_assert_no_error (error);

  return record;
}

static VlQuery *
where (const char *field, VlOp op, GVariant *value)
{
  g_autoptr (VlQuery) all = vl_query_new ();

  return vl_query_where (all, field, op, value);
}

static const char *const orders[] = {
  "{\"id\":1,\"client\":\"ann\",\"item\":\"tea\"}",
  "{\"id\":2,\"client\":\"bob\",\"item\":\"tea\"}",
  "{\"id\":3,\"client\":\"ann\",\"item\":\"milk\"}",
  "{\"id\":4,\"client\":null,\"item\":\"tea\"}",
};

/* A table of orders, with those above in it. */
static VlTable *
make_orders (void)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("order");
  g_autoptr (VlSchema) schema = NULL;
  VlTable *table;

  vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_INT64, FALSE);
  vl_schema_builder_add_column (builder, "client", VL_FIELD_TYPE_STRING, TRUE);
  vl_schema_builder_add_column (builder, "item", VL_FIELD_TYPE_STRING, TRUE);
  vl_schema_builder_set_id_column (builder, "id");
  schema = vl_schema_builder_end (builder);
  table = VL_TABLE (vl_memory_table_new (schema));

  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      g_autoptr (VlRecord) record = make_record (orders[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (VlRecord) stored = vl_table_insert_sync (table, record, NULL, &error);

      g_assert_no_error (error);
      g_assert_nonnull (stored);
    }

  return table;
}

static VlTable *
scope_to (VlTable *target, const char *client)
{
  g_autoptr (VlQuery) scope = where ("client", VL_OP_EQ, g_variant_new_string (client));

  return VL_TABLE (vl_scoped_table_new (target, scope));
}

static void
assert_list (VlTable *table, VlQuery *query, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = vl_table_list_sync (table, query, NULL, &error);
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < vl_page_get_n_records (page); i++)
    g_string_append_printf (text, "%s ", vl_page_get_record_id (page, i));
  g_assert_cmpstr (text->str, ==, expected);
  g_assert_cmpint (vl_table_count_sync (table, query, NULL, &error), ==, vl_page_get_total (page));
  g_assert_no_error (error);
}

static void
assert_invalid (VlTable *table)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = vl_table_list_sync (table, NULL, NULL, &error);

  g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
  g_assert_null (page);
}

static void
test_properties (void)
{
  g_autoptr (VlTable) target = make_orders ();
  g_autoptr (VlTable) table = scope_to (target, "ann");
  g_autoptr (VlTable) got_target = NULL;
  g_autoptr (VlQuery) got_scope = NULL;
  g_autoptr (VlSchema) schema = vl_table_describe_sync (table, NULL, NULL);
  g_autoptr (VlSchema) target_schema = vl_table_describe_sync (target, NULL, NULL);
  g_autoptr (VlLiveStream) stream = vl_table_get_stream (table);
  g_autoptr (VlLiveStream) target_stream = vl_table_get_stream (target);

  g_object_get (table, "target", &got_target, "scope", &got_scope, NULL);
  g_assert_true (got_target == target);
  g_assert_true (got_scope == vl_scoped_table_get_scope (VL_SCOPED_TABLE (table)));
  g_assert_true (vl_schema_equal (schema, target_schema));
  g_assert_true (stream == target_stream);

  g_clear_object (&got_target);
  g_assert_finalize_object (g_steal_pointer (&table));
}

static void
test_reading (void)
{
  g_autoptr (VlTable) target = make_orders ();
  g_autoptr (VlTable) table = scope_to (target, "ann");
  g_autoptr (VlQuery) tea = where ("item", VL_OP_EQ, g_variant_new_string ("tea"));
  g_autoptr (VlQuery) of_bob = where ("client", VL_OP_EQ, g_variant_new_string ("bob"));
  g_autoptr (VlQuery) backwards = vl_query_order_by (tea, "id", TRUE);
  g_autoptr (VlRecord) inside = NULL;
  g_autoptr (VlRecord) outside = NULL;
  g_autoptr (GError) error = NULL;

  assert_list (table, NULL, "1 3 ");
  assert_list (table, tea, "1 ");
  assert_list (table, of_bob, "");
  assert_list (target, backwards, "4 2 1 ");
  assert_list (table, backwards, "1 ");

  inside = vl_table_find_sync (table, "3", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vl_record_get_string (inside, "item"), ==, "milk");
  outside = vl_table_find_sync (table, "2", NULL, &error);
  g_assert_no_error (error);
  g_assert_null (outside);
  g_assert_null (vl_table_find_sync (table, "99", NULL, &error));
  g_assert_no_error (error);
}

static void
test_insert_fills (void)
{
  g_autoptr (VlTable) target = make_orders ();
  g_autoptr (VlTable) table = scope_to (target, "ann");
  g_autoptr (VlRecord) open = make_record ("{\"item\":\"jam\"}");
  g_autoptr (VlRecord) null = make_record ("{\"item\":\"jam\",\"client\":null}");
  g_autoptr (VlRecord) same = make_record ("{\"item\":\"jam\",\"client\":\"ann\"}");
  g_autoptr (VlRecord) wrong = make_record ("{\"item\":\"jam\",\"client\":\"bob\"}");
  VlRecord *good[] = { open, null, same };
  g_autoptr (VlRecord) refused = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (VlRecord) stored = vl_table_insert_sync (table, good[i], NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (vl_record_get_string (stored, "client"), ==, "ann");
    }
  assert_list (table, NULL, "1 3 5 6 7 ");

  refused = vl_table_insert_sync (table, wrong, NULL, &error);
  g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
  g_assert_null (refused);
  g_assert_cmpuint (vl_memory_table_get_n_records (VL_MEMORY_TABLE (target)), ==, 7);
}

static void
test_scope_on_the_id (void)
{
  g_autoptr (VlTable) target = make_orders ();
  g_autoptr (VlQuery) scope = where ("id", VL_OP_EQ, g_variant_new_int64 (9));
  g_autoptr (VlTable) table = VL_TABLE (vl_scoped_table_new (target, scope));
  g_autoptr (VlRecord) record = make_record ("{\"item\":\"jam\"}");
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (GError) error = NULL;

  stored = vl_table_insert_sync (table, record, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vl_record_get_id (stored), ==, "9");
  assert_list (table, NULL, "9 ");
}

static void
test_replace (void)
{
  g_autoptr (VlTable) target = make_orders ();
  g_autoptr (VlTable) table = scope_to (target, "ann");
  g_autoptr (VlRecord) mine = make_record ("{\"id\":\"1\",\"item\":\"jam\"}");
  g_autoptr (VlRecord) another = make_record ("{\"id\":\"2\",\"item\":\"jam\"}");
  g_autoptr (VlRecord) unknown = make_record ("{\"id\":\"8\",\"item\":\"jam\"}");
  g_autoptr (VlRecord) answer = NULL;
  g_autoptr (GError) error = NULL;

  answer = vl_table_replace_sync (table, mine, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vl_record_get_string (answer, "client"), ==, "ann");
  g_clear_object (&answer);

  answer = vl_table_replace_sync (table, another, NULL, &error);
  g_assert_error (error, VL_ERROR, VL_ERROR_NOT_FOUND);
  g_clear_error (&error);

  answer = vl_table_replace_sync (table, unknown, NULL, &error);
  g_assert_no_error (error);
  assert_list (table, NULL, "1 3 8 ");
}

static void
test_patch (void)
{
  g_autoptr (VlTable) target = make_orders ();
  g_autoptr (VlTable) table = scope_to (target, "ann");
  g_autoptr (VlRecord) fields = make_record ("{\"item\":\"jam\"}");
  g_autoptr (VlRecord) away = make_record ("{\"client\":\"bob\"}");
  g_autoptr (VlRecord) answer = NULL;
  g_autoptr (GError) error = NULL;

  answer = vl_table_patch_sync (table, "1", fields, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vl_record_get_string (answer, "item"), ==, "jam");
  g_clear_object (&answer);

  answer = vl_table_patch_sync (table, "2", fields, NULL, &error);
  g_assert_error (error, VL_ERROR, VL_ERROR_NOT_FOUND);
  g_clear_error (&error);
  answer = vl_table_patch_sync (table, "99", fields, NULL, &error);
  g_assert_error (error, VL_ERROR, VL_ERROR_NOT_FOUND);
  g_clear_error (&error);
  answer = vl_table_find_sync (target, "2", NULL, &error);
  g_assert_cmpstr (vl_record_get_string (answer, "item"), ==, "tea");
  g_clear_object (&answer);

  answer = vl_table_patch_sync (table, "1", away, NULL, &error);
  g_assert_no_error (error);
  assert_list (table, NULL, "3 ");
}

static void
test_delete (void)
{
  g_autoptr (VlTable) target = make_orders ();
  g_autoptr (VlTable) table = scope_to (target, "ann");
  g_autoptr (VlQuery) tea = where ("item", VL_OP_EQ, g_variant_new_string ("tea"));
  g_autoptr (VlRecord) answer = NULL;
  g_autoptr (GError) error = NULL;

  answer = vl_table_delete_sync (table, "2", NULL, &error);
  g_assert_no_error (error);
  g_assert_null (answer);
  assert_list (target, NULL, "1 2 3 4 ");

  g_assert_true (vl_table_delete_all_sync (table, tea, NULL, &error));
  g_assert_no_error (error);
  assert_list (target, NULL, "2 3 4 ");

  answer = vl_table_delete_sync (table, "3", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vl_record_get_string (answer, "item"), ==, "milk");
  g_assert_true (vl_table_delete_all_sync (table, NULL, NULL, &error));
  g_assert_no_error (error);
  assert_list (target, NULL, "2 4 ");
}

static void
test_change_keeps_its_uid (void)
{
  g_autoptr (VlTable) target = make_orders ();
  g_autoptr (VlTable) table = scope_to (target, "ann");
  g_autoptr (VlRecord) record = make_record ("{\"item\":\"jam\"}");
  g_autoptr (VlChange) change = vl_change_new_insert (record);
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);

  g_list_store_append (changes, change);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GListModel)
        outcomes = vl_table_apply_many_sync (table, G_LIST_MODEL (changes), NULL, &error);
      g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, 0);

      g_assert_no_error (error);
      g_assert_no_error (vl_outcome_get_error (outcome));
      g_assert_cmpstr (vl_record_get_id (vl_outcome_get_record (outcome)), ==, "5");
    }
  g_assert_cmpuint (vl_memory_table_get_n_records (VL_MEMORY_TABLE (target)), ==, 5);
}

static void
test_base_that_is_old (void)
{
  g_autoptr (VlTable) target = make_orders ();
  g_autoptr (VlTable) table = scope_to (target, "ann");
  g_autoptr (VlRecord) base = make_record ("{\"id\":1,\"item\":\"coffee\"}");
  g_autoptr (VlRecord) record = make_record ("{\"id\":1,\"item\":\"jam\"}");
  g_autoptr (VlChange) plain = vl_change_new_replace (record);
  g_autoptr (VlChange) change = vl_change_with_base (plain, base);
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (VlOutcome) outcome = NULL;

  g_list_store_append (changes, change);
  outcomes = vl_table_apply_many_sync (table, G_LIST_MODEL (changes), NULL, NULL);
  outcome = g_list_model_get_item (outcomes, 0);
  g_assert_error (vl_outcome_get_error (outcome), VL_ERROR, VL_ERROR_CONFLICT);
  g_assert_cmpstr (vl_record_get_string (vl_outcome_get_record (outcome), "item"), ==, "tea");
}

static VlOutcome *
apply (VlTable *table, VlChange *change)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (GError) error = NULL;

  g_list_store_append (changes, change);
  outcomes = vl_table_apply_many_sync (table, G_LIST_MODEL (changes), NULL, &error);
  g_assert_no_error (error);

  return g_list_model_get_item (outcomes, 0);
}

/* The order was ann's when the change was made up, and is bob's now. */
static void
test_base_outside (void)
{
  g_autoptr (VlTable) target = make_orders ();
  g_autoptr (VlTable) table = scope_to (target, "ann");
  g_autoptr (VlRecord) base = make_record ("{\"id\":2,\"client\":\"ann\",\"item\":\"tea\"}");
  g_autoptr (VlRecord) fields = make_record ("{\"item\":\"jam\"}");
  g_autoptr (VlChange) plain = vl_change_new_patch ("2", fields);
  g_autoptr (VlChange) patch = vl_change_with_base (plain, base);
  g_autoptr (VlChange) plain_delete = vl_change_new_delete ("2");
  g_autoptr (VlChange) deletion = vl_change_with_base (plain_delete, base);
  g_autoptr (VlOutcome) without = apply (table, plain);
  g_autoptr (VlOutcome) with = apply (table, patch);
  g_autoptr (VlOutcome) deleted = apply (table, deletion);

  g_assert_error (vl_outcome_get_error (without), VL_ERROR, VL_ERROR_NOT_FOUND);
  g_assert_error (vl_outcome_get_error (with), VL_ERROR, VL_ERROR_CONFLICT);
  g_assert_null (vl_outcome_get_record (with));
  g_assert_no_error (vl_outcome_get_error (deleted));
  g_assert_null (vl_outcome_get_record (deleted));
  assert_list (target, NULL, "1 2 3 4 ");
}

static void
move_away (VlTable *target)
{
  g_autoptr (VlRecord) fields = make_record ("{\"client\":\"bob\"}");
  g_autoptr (VlRecord) stored = vl_table_patch_sync (target, "1", fields, NULL, NULL);

  g_assert_nonnull (stored);
}

static void
on_applied (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GListModel **) user_data = vl_table_apply_many_finish (VL_TABLE (source), result, NULL);
}

/* Between the look at the record and the write of it. */
static void
test_base_moved_meanwhile (void)
{
  g_autoptr (VlTable) target = make_orders ();
  g_autoptr (VlFaultTable) slow = vl_fault_table_new (target);
  g_autoptr (VlTable) table = scope_to (VL_TABLE (slow), "ann");
  g_autoptr (VlRecord) base = make_record ("{\"id\":1,\"client\":\"ann\"}");
  g_autoptr (VlRecord) fields = make_record ("{\"client\":\"eve\"}");
  g_autoptr (VlChange) plain = vl_change_new_patch ("1", fields);
  g_autoptr (VlChange) change = vl_change_with_base (plain, base);
  g_autoptr (VlSchema) schema = vl_table_describe_sync (table, NULL, NULL);
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (VlOutcome) outcome = NULL;

  g_assert_nonnull (schema);
  g_list_store_append (changes, change);
  vl_fault_table_set_latency (slow, 4);
  vl_table_apply_many_async (table, G_LIST_MODEL (changes), NULL, on_applied, &outcomes);
  while (vl_fault_table_get_n_writes (slow) == 0)
    g_main_context_iteration (NULL, TRUE);
  move_away (target);
  while (outcomes == NULL)
    g_main_context_iteration (NULL, TRUE);

  outcome = g_list_model_get_item (outcomes, 0);
  g_assert_error (vl_outcome_get_error (outcome), VL_ERROR, VL_ERROR_CONFLICT);
  g_assert_null (vl_outcome_get_record (outcome));
}

static void
test_useless_scopes (void)
{
  g_autoptr (VlTable) target = make_orders ();
  g_autoptr (VlQuery) all = vl_query_new ();
  VlQuery *useless[] = {
    where ("id", VL_OP_GT, g_variant_new_int64 (1)),
    where ("client", VL_OP_NOT_NULL, NULL),
    vl_query_search (all, "tea"),
    vl_query_order_by (all, "id", TRUE),
    vl_query_window (all, 0, 1),
    vl_query_window (all, 1, 0),
    where ("colour", VL_OP_EQ, g_variant_new_string ("red")),
  };

  for (guint i = 0; i < G_N_ELEMENTS (useless); i++)
    {
      g_autoptr (VlQuery) scope = g_steal_pointer (&useless[i]);
      g_autoptr (VlTable) table = VL_TABLE (vl_scoped_table_new (target, scope));
      g_autoptr (VlTable) nothing = g_object_new (VL_TYPE_SCOPED_TABLE, NULL);

      assert_invalid (table);
      assert_invalid (nothing);
      g_assert_null (vl_table_get_stream (nothing));
      g_assert_null (vl_table_get_identity (nothing));
    }
}

/* A memory table has no identity of its own. */

#define TEST_TYPE_NAMED (test_named_get_type ())
G_DECLARE_FINAL_TYPE (TestNamed, test_named, TEST, NAMED, GObject)

struct _TestNamed
{
  GObject parent_instance;
  const char *identity;
};

static char *
test_named_get_identity (VlTable *table)
{
  return g_strdup (TEST_NAMED (table)->identity);
}

static void
test_named_iface_init (VlTableInterface *iface)
{
  iface->get_identity = test_named_get_identity;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestNamed,
                               test_named,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_TABLE, test_named_iface_init))

static void
test_named_class_init (TestNamedClass *klass)
{
}

static void
test_named_init (TestNamed *self)
{
}

static void
test_identity (void)
{
  g_autoptr (VlTable) orders_table = make_orders ();
  g_autoptr (VlTable) of_orders = scope_to (orders_table, "ann");
  g_autoptr (TestNamed) a = g_object_new (TEST_TYPE_NAMED, NULL);
  g_autoptr (TestNamed) b = g_object_new (TEST_TYPE_NAMED, NULL);
  g_autoptr (VlTable) a_ann = scope_to (VL_TABLE (a), "ann");
  g_autoptr (VlTable) a_again = scope_to (VL_TABLE (a), "ann");
  g_autoptr (VlTable) a_bob = scope_to (VL_TABLE (a), "bob?");
  g_autoptr (VlTable) b_ann = scope_to (VL_TABLE (b), "ann");
  g_autofree char *of_a_ann = NULL;
  g_autofree char *of_a_again = NULL;
  g_autofree char *of_a_bob = NULL;
  g_autofree char *of_b_ann = NULL;

  g_assert_null (vl_table_get_identity (of_orders));

  a->identity = "/srv/shop.db#order";
  b->identity = "/srv/old.db#order";
  of_a_ann = vl_table_get_identity (a_ann);
  of_a_again = vl_table_get_identity (a_again);
  of_a_bob = vl_table_get_identity (a_bob);
  of_b_ann = vl_table_get_identity (b_ann);
  g_assert_cmpstr (of_a_ann, ==, of_a_again);
  g_assert_cmpstr (of_a_ann, !=, of_a_bob);
  g_assert_cmpstr (of_a_ann, !=, of_b_ann);
  g_assert_true (g_str_has_prefix (of_a_ann, a->identity));
  g_assert_true (strchr (of_a_bob, '?') == strrchr (of_a_bob, '?'));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/scoped-table/properties", test_properties);
  g_test_add_func ("/scoped-table/read/only-the-scope", test_reading);
  g_test_add_func ("/scoped-table/insert/fills-the-scope", test_insert_fills);
  g_test_add_func ("/scoped-table/insert/scope-gives-the-id", test_scope_on_the_id);
  g_test_add_func ("/scoped-table/replace/not-found-outside", test_replace);
  g_test_add_func ("/scoped-table/patch/not-found-outside-and-may-leave", test_patch);
  g_test_add_func ("/scoped-table/delete/only-the-scope", test_delete);
  g_test_add_func ("/scoped-table/change/keeps-its-uid", test_change_keeps_its_uid);
  g_test_add_func ("/scoped-table/change/keeps-its-base", test_base_that_is_old);
  g_test_add_func ("/scoped-table/write/base-of-what-has-left-is-a-conflict", test_base_outside);
  g_test_add_func ("/scoped-table/write/conflict-tells-nothing-of-what-has-left",
                   test_base_moved_meanwhile);
  g_test_add_func ("/scoped-table/scope/only-equal-conditions", test_useless_scopes);
  g_test_add_func ("/scoped-table/identity/holds-the-scope", test_identity);

  return g_test_run ();
}
