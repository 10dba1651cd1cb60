/* test-table.c: what a table is asked, and what its callers get
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "scripted-table.h"

/* A table that implements nothing but describe. */
#define BARE_TYPE_TABLE (bare_table_get_type ())
G_DECLARE_FINAL_TYPE (BareTable, bare_table, BARE, TABLE, GObject)

struct _BareTable
{
  GObject parent_instance;
};

static gboolean
bare_table_describe (VlTable *table, VlReply *reply, GError **error)
{
  g_autoptr (VlSchema) schema = scripted_schema (VL_FIELD_TYPE_STRING, SCRIPTED_EVERYTHING);

  vl_reply_return_schema (reply, schema);
  return TRUE;
}

static VlTable *
bare_table_get_related (VlTable *table, const char *relation, VlRecord *record, GError **error)
{
  if (g_str_equal (relation, "self"))
    return g_object_ref (table);
  if (g_str_equal (relation, "odd"))
    g_set_error_literal (error, VL_ERROR, VL_ERROR_INVALID, "no such relation");

  return NULL;
}

static void
bare_table_iface_init (VlTableInterface *iface)
{
  iface->describe = bare_table_describe;
  iface->get_related = bare_table_get_related;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BareTable,
                               bare_table,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_TABLE, bare_table_iface_init))

static void
bare_table_class_init (BareTableClass *klass)
{
}

static void
bare_table_init (BareTable *self)
{
}

static guint
n_operations (ScriptedTable *table)
{
  guint n = 0;

  for (guint op = OP_DESCRIBE + 1; op < N_OPS; op++)
    n += table->n_calls[op];

  return n;
}

static GError *
call_sync (gpointer table, ScriptedOp op)
{
  g_auto (Waiter) waiter = { NULL, NULL };

  call_async (table, op, NULL, &waiter);
  return call_finish (table, op, &waiter);
}

static VlQuery *
where_name (const char *field)
{
  g_autoptr (VlQuery) all = vl_query_new ();

  return vl_query_where (all, field, VL_OP_EQ, g_variant_new_string ("one"));
}

/* Describing */

static void
test_describes_first (void)
{
  for (guint op = OP_DESCRIBE + 1; op < N_OPS; op++)
    {
      g_autoptr (ScriptedTable) table = scripted_table_new (SCRIPTED_EVERYTHING);
      g_autoptr (VlSchema) schema = NULL;

      g_assert_null (vl_table_get_schema (VL_TABLE (table)));
      for (guint again = 0; again < N_OPS; again++)
        {
          g_autoptr (GError) error = call_sync (table, op);

          g_assert_no_error (error);
        }
      g_assert_cmpuint (table->n_calls[OP_DESCRIBE], ==, 1);
      g_assert_cmpuint (table->n_calls[op], ==, N_OPS);
      schema = vl_table_get_schema (VL_TABLE (table));
      g_assert_true (schema == table->schema);
    }
}

static void
test_describes_later (void)
{
  g_autoptr (ScriptedTable) table = scripted_table_new (SCRIPTED_EVERYTHING);
  g_autoptr (VlReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };

  table->acts[OP_DESCRIBE] = scripted_keep;
  call_async (table, OP_LIST, NULL, &waiter);
  turn ();
  g_assert_cmpuint (n_operations (table), ==, 0);

  reply = scripted_take (table);
  vl_reply_return_schema (reply, table->schema);
  error = call_finish (table, OP_LIST, &waiter);
  g_assert_no_error (error);
  g_assert_cmpuint (table->n_calls[OP_LIST], ==, 1);
}

static gboolean
unreachable (ScriptedTable *self, ScriptedOp op, gpointer argument, VlReply *reply, GError **error)
{
  g_set_error_literal (error, VL_ERROR, VL_ERROR_UNAVAILABLE, "out of reach");
  return FALSE;
}

static void
test_describe_fails (void)
{
  for (guint op = 0; op < N_OPS; op++)
    {
      g_autoptr (ScriptedTable) table = scripted_table_new (SCRIPTED_EVERYTHING);
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) later = NULL;

      table->acts[OP_DESCRIBE] = unreachable;
      error = call_sync (table, op);
      g_assert_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE);
      g_assert_cmpstr (error->message, ==, "out of reach");
      g_assert_cmpuint (n_operations (table), ==, 0);
      g_assert_null (vl_table_get_schema (VL_TABLE (table)));

      /* The next operation asks again. */
      table->acts[OP_DESCRIBE] = NULL;
      later = call_sync (table, op);
      g_assert_no_error (later);
      g_assert_cmpuint (table->n_calls[OP_DESCRIBE], ==, 2);
    }
}

static void
test_describe_cancelled (void)
{
  g_autoptr (ScriptedTable) table = scripted_table_new (SCRIPTED_EVERYTHING);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (VlReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Waiter) waiter = { NULL, NULL };

  table->acts[OP_DESCRIBE] = scripted_keep;
  call_async (table, OP_LIST, cancellable, &waiter);
  reply = scripted_take (table);
  g_cancellable_cancel (cancellable);
  error = call_finish (table, OP_LIST, &waiter);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  vl_reply_return_schema (reply, table->schema);
  turn ();
  g_assert_cmpuint (n_operations (table), ==, 0);
}

static void
test_describe_again (void)
{
  g_autoptr (ScriptedTable) table = scripted_table_new (SCRIPTED_EVERYTHING);
  g_autoptr (VlSchema) first = vl_table_describe_sync (VL_TABLE (table), NULL, NULL);
  g_autoptr (VlSchema) second = NULL;
  g_autoptr (VlSchema) known = NULL;
  g_autoptr (GError) error = NULL;

  /* Who asks for it gets it anew, and so do those who come after. */
  g_clear_object (&table->schema);
  table->schema = scripted_schema (VL_FIELD_TYPE_STRING, VL_CAPABILITY_NONE);
  second = vl_table_describe_sync (VL_TABLE (table), NULL, NULL);
  known = vl_table_get_schema (VL_TABLE (table));
  g_assert_true (second == table->schema && known == second && first != second);
  error = call_sync (table, OP_COUNT);
  g_assert_error (error, VL_ERROR, VL_ERROR_UNSUPPORTED);
}

/* Checks */

static void
assert_refused (VlTable *table, VlQuery *query, VlError code, const char *about)
{
  g_autoptr (GError) list = NULL;
  g_autoptr (GError) first = NULL;
  g_autoptr (GError) count = NULL;

  g_assert_null (vl_table_list_sync (table, query, NULL, &list));
  g_assert_null (vl_table_get_first_sync (table, query, NULL, &first));
  g_assert_cmpint (vl_table_count_sync (table, query, NULL, &count), ==, -1);
  g_assert_error (list, VL_ERROR, (int) code);
  g_assert_error (first, VL_ERROR, (int) code);
  g_assert_error (count, VL_ERROR, (int) code);
  g_assert_nonnull (strstr (list->message, "things"));
  g_assert_nonnull (strstr (list->message, about));
  g_assert_cmpuint (n_operations (SCRIPTED_TABLE (table)), ==, 0);
}

static void
test_unknown_columns (void)
{
  g_autoptr (VlTable) table = VL_TABLE (scripted_table_new (SCRIPTED_EVERYTHING));
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) where = where_name ("colour");
  g_autoptr (VlQuery) order = vl_query_order_by (all, "colour", FALSE);

  assert_refused (table, where, VL_ERROR_INVALID, "colour");
  assert_refused (table, order, VL_ERROR_INVALID, "colour");
}

static void
test_query_capabilities (void)
{
  g_autoptr (VlTable) table = VL_TABLE (scripted_table_new (VL_CAPABILITY_COUNT));
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) where = where_name ("name");
  g_autoptr (VlQuery) order = vl_query_order_by (all, "name", FALSE);
  g_autoptr (VlQuery) search = vl_query_search (all, "one");
  g_autoptr (VlQuery) window = vl_query_window (all, 1, 2);
  g_autoptr (VlPage) page = NULL;
  g_autoptr (GError) error = NULL;

  assert_refused (table, where, VL_ERROR_UNSUPPORTED, "conditions");
  assert_refused (table, order, VL_ERROR_UNSUPPORTED, "order");
  assert_refused (table, search, VL_ERROR_UNSUPPORTED, "search");

  /* Without the window capability the answer is whole. */
  for (guint i = 0; i < 4; i++)
    scripted_table_add (SCRIPTED_TABLE (table), (const char[]){ (char) ('a' + i), '\0' }, "one");
  page = vl_table_list_sync (table, window, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, 4);
  g_assert_cmpuint (vl_page_get_offset (page), ==, 0);
}

static GError *
write_sync (VlTable *table, VlChangeKind kind, VlRecord *record)
{
  g_autoptr (VlRecord) answer = NULL;
  GError *error = NULL;

  switch (kind)
    {
    case VL_CHANGE_KIND_INSERT:
      answer = vl_table_insert_sync (table, record, NULL, &error);
      break;
    case VL_CHANGE_KIND_REPLACE:
      answer = vl_table_replace_sync (table, record, NULL, &error);
      break;
    case VL_CHANGE_KIND_PATCH:
      answer = vl_table_patch_sync (table, "a", record, NULL, &error);
      break;
    case VL_CHANGE_KIND_DELETE:
      answer = vl_table_delete_sync (table, "a", NULL, &error);
      break;
    case VL_CHANGE_KIND_DELETE_ALL:
      g_assert_true (vl_table_delete_all_sync (table, NULL, NULL, &error) == (error == NULL));
      break;
    default:
      g_assert_not_reached ();
    }

  return error;
}

static void
test_write_capabilities (void)
{
  const VlCapabilities needed[] = {
    VL_CAPABILITY_INSERT, VL_CAPABILITY_REPLACE,    VL_CAPABILITY_PATCH,
    VL_CAPABILITY_DELETE, VL_CAPABILITY_DELETE_ALL,
  };
  g_autoptr (VlRecord) record = scripted_record ("a", "one");

  for (guint kind = 0; kind < G_N_ELEMENTS (needed); kind++)
    {
      VlCapabilities others = SCRIPTED_EVERYTHING & ~needed[kind];
      g_autoptr (ScriptedTable) able = scripted_table_new (needed[kind]);
      g_autoptr (ScriptedTable) unable = scripted_table_new (others);
      g_autoptr (GError) none = write_sync (VL_TABLE (able), kind, record);
      g_autoptr (GError) error = write_sync (VL_TABLE (unable), kind, record);

      g_assert_no_error (none);
      g_assert_cmpuint (able->n_calls[OP_APPLY], ==, 1);
      g_assert_error (error, VL_ERROR, VL_ERROR_UNSUPPORTED);
      g_assert_nonnull (strstr (error->message, "things"));
      g_assert_cmpuint (n_operations (unable), ==, 0);
    }
}

static void
test_count_capability (void)
{
  g_autoptr (ScriptedTable) table = scripted_table_new (SCRIPTED_EVERYTHING & ~VL_CAPABILITY_COUNT);
  g_autoptr (GError) error = call_sync (table, OP_COUNT);

  g_assert_error (error, VL_ERROR, VL_ERROR_UNSUPPORTED);
  g_assert_cmpuint (n_operations (table), ==, 0);
}

static void
test_delete_all_query (void)
{
  g_autoptr (VlTable) table = VL_TABLE (scripted_table_new (SCRIPTED_EVERYTHING));
  g_autoptr (VlQuery) where = where_name ("name");
  g_autoptr (VlQuery) odd = where_name ("colour");
  g_autoptr (GError) error = NULL;
  GPtrArray *sent = SCRIPTED_TABLE (table)->sent;

  g_assert_true (vl_table_delete_all_sync (table, NULL, NULL, NULL));
  g_assert_true (vl_table_delete_all_sync (table, where, NULL, NULL));
  g_assert_false (vl_table_delete_all_sync (table, odd, NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);

  g_assert_cmpuint (sent->len, ==, 2);
  g_assert_null (vl_change_get_query (g_ptr_array_index (sent, 0)));
  g_assert_true (vl_change_get_query (g_ptr_array_index (sent, 1)) == where);
}

static void
test_null_query (void)
{
  g_autoptr (VlTable) table = VL_TABLE (scripted_table_new (SCRIPTED_EVERYTHING));
  g_autoptr (VlQuery) all = vl_query_new ();
  GPtrArray *queries = SCRIPTED_TABLE (table)->queries;

  g_object_unref (vl_table_list_sync (table, NULL, NULL, NULL));
  g_assert_cmpint (vl_table_count_sync (table, NULL, NULL, NULL), ==, 0);
  g_assert_null (vl_table_get_first_sync (table, NULL, NULL, NULL));
  g_assert_cmpuint (queries->len, ==, 3);
  for (guint i = 0; i < queries->len; i++)
    g_assert_cmpstr (vl_query_get_key (g_ptr_array_index (queries, i)), ==, vl_query_get_key (all));
  g_assert_cmpuint (vl_query_get_limit (g_ptr_array_index (queries, 2)), ==, 1);
}

/* Ids and records */

static VlRecord *
record_of (const char *id, const char *field, GVariant *value)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (id);

  vl_record_builder_set_variant (builder, field, value);

  return vl_record_builder_end (builder);
}

static void
assert_write_refused (VlTable *table, VlChangeKind kind, VlRecord *record, const char *about)
{
  guint n_before = n_operations (SCRIPTED_TABLE (table));
  g_autoptr (GError) error = write_sync (table, kind, record);

  g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "things"));
  g_assert_nonnull (strstr (error->message, about));
  g_assert_cmpuint (n_operations (SCRIPTED_TABLE (table)), ==, n_before);
}

static void
test_refused_records (void)
{
  g_autoptr (VlTable) table = VL_TABLE (scripted_table_new (SCRIPTED_EVERYTHING));
  g_autoptr (VlRecord) odd = record_of ("a", "colour", g_variant_new_string ("red"));
  g_autoptr (VlRecord) nameless = record_of (NULL, "name", g_variant_new_string ("one"));
  g_autoptr (VlRecord) torn = record_of ("a", "id", g_variant_new_string ("b"));

  for (guint kind = VL_CHANGE_KIND_INSERT; kind <= VL_CHANGE_KIND_PATCH; kind++)
    {
      assert_write_refused (table, kind, odd, "colour");
      assert_write_refused (table, kind, torn, "“b”");
      /* A patch says its id elsewhere. */
      if (kind != VL_CHANGE_KIND_PATCH)
        assert_write_refused (table, kind, nameless, "without an id");
    }
}

static void
test_assigned_ids (void)
{
  g_autoptr (VlTable)
    table = VL_TABLE (scripted_table_new (SCRIPTED_EVERYTHING | VL_CAPABILITY_ASSIGN_ID));
  g_autoptr (VlRecord) nameless = record_of (NULL, "name", g_variant_new_string ("one"));
  g_autoptr (GError) error = write_sync (table, VL_CHANGE_KIND_INSERT, nameless);

  g_assert_no_error (error);
  g_assert_null (vl_change_get_id (g_ptr_array_index (SCRIPTED_TABLE (table)->sent, 0)));
  assert_write_refused (table, VL_CHANGE_KIND_REPLACE, nameless, "without an id");
}

static void
test_id_by_field (void)
{
  g_autoptr (ScriptedTable) table = scripted_table_new (SCRIPTED_EVERYTHING);
  g_autoptr (VlRecord) number = record_of (NULL, "id", g_variant_new_int64 (7));
  g_autoptr (VlRecord) text = record_of (NULL, "id", g_variant_new_string ("8"));
  g_autoptr (VlRecord) both = record_of ("9", "id", g_variant_new_string ("9"));
  VlRecord *records[] = { number, text, both };
  const char *const ids[] = { "7", "8", "9" };

  g_clear_object (&table->schema);
  table->schema = scripted_schema (VL_FIELD_TYPE_INT64, SCRIPTED_EVERYTHING);
  for (guint i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_autoptr (VlRecord) stored = vl_table_insert_sync (VL_TABLE (table), records[i], NULL, NULL);
      VlChange *sent = g_ptr_array_index (table->sent, i);

      g_assert_cmpstr (vl_change_get_id (sent), ==, ids[i]);
      g_assert_cmpstr (vl_record_get_id (stored), ==, ids[i]);
      /* As the table writes it. */
      g_assert_cmpint (vl_record_get_field_type (vl_change_get_record (sent), "id"), ==,
                       VL_FIELD_TYPE_INT64);
    }
}

/* A change keeps what else it carries when its record is put in order. */
static void
test_change_is_kept (void)
{
  g_autoptr (ScriptedTable) table = scripted_table_new (SCRIPTED_EVERYTHING);
  g_autoptr (VlRecord) record = record_of (NULL, "id", g_variant_new_string ("a"));
  g_autoptr (VlRecord) base = scripted_record ("a", "base");
  g_autoptr (VlChange) plain = vl_change_new_replace (record);
  g_autoptr (VlChange) based = vl_change_with_base (plain, base);
  g_autoptr (VlChange) named = vl_change_with_uid (based, "my-uid");
  g_autoptr (VlChange) change = vl_change_with_origin (named, VL_ORIGIN_OTHER);
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  VlChange *sent;

  g_list_store_append (changes, change);
  outcomes = vl_table_apply_many_sync (VL_TABLE (table), G_LIST_MODEL (changes), NULL, NULL);
  sent = g_ptr_array_index (table->sent, 0);
  g_assert_true (sent != change);
  g_assert_cmpint (vl_change_get_kind (sent), ==, VL_CHANGE_KIND_REPLACE);
  g_assert_cmpstr (vl_change_get_id (sent), ==, "a");
  g_assert_cmpstr (vl_change_get_uid (sent), ==, "my-uid");
  g_assert_true (vl_change_get_base (sent) == base);
  g_assert_cmpint (vl_change_get_origin (sent), ==, VL_ORIGIN_OTHER);
}

static void
test_number_ids (void)
{
  g_autoptr (VlSchema) schema = scripted_schema (VL_FIELD_TYPE_INT64, SCRIPTED_EVERYTHING);
  g_autoptr (VlTable) table = VL_TABLE (vl_memory_table_new (schema));
  g_autoptr (VlRecord) seven = scripted_record ("7", "seven");
  g_autoptr (VlRecord) stored = vl_table_insert_sync (table, seven, NULL, NULL);
  g_autoptr (VlRecord) found = vl_table_find_sync (table, "7", NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (vl_record_get_int64 (stored, "id"), ==, 7);
  g_assert_cmpstr (vl_record_get_string (found, "name"), ==, "seven");
  g_assert_null (vl_table_find_sync (table, "007", NULL, &error));
  g_assert_no_error (error);
  g_assert_null (vl_table_delete_sync (table, "007", NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (vl_table_count_sync (table, NULL, NULL, NULL), ==, 1);
}

static void
test_ids_that_are_no_text (void)
{
  const char *const ids[] = { "a", "\xff", NULL };
  g_autoptr (VlTable) table = VL_TABLE (scripted_table_new (SCRIPTED_EVERYTHING));
  g_autoptr (GError) find = NULL;
  g_autoptr (GError) remove = NULL;
  g_autoptr (GError) many = NULL;

  g_assert_null (vl_table_find_sync (table, "\xff", NULL, &find));
  g_assert_null (vl_table_delete_sync (table, "\xff", NULL, &remove));
  g_assert_null (vl_table_find_many_sync (table, ids, NULL, &many));
  g_assert_error (find, VL_ERROR, VL_ERROR_INVALID);
  g_assert_error (remove, VL_ERROR, VL_ERROR_INVALID);
  g_assert_error (many, VL_ERROR, VL_ERROR_INVALID);
  g_assert_cmpuint (n_operations (SCRIPTED_TABLE (table)), ==, 0);
}

/* Answers */

static VlPage *
list_window (VlTable *table, guint64 offset, guint limit)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) window = vl_query_window (all, offset, limit);
  g_autoptr (GError) error = NULL;
  VlPage *page = vl_table_list_sync (table, window, NULL, &error);

  g_assert_no_error (error);
  return page;
}

/* A script adds record after record, and its page says nothing of offsets. */
static void
test_window (void)
{
  g_autoptr (VlTable) table = VL_TABLE (scripted_table_new (SCRIPTED_EVERYTHING));
  g_autoptr (VlPage) fits = NULL;
  g_autoptr (VlPage) too_many = NULL;
  g_autoptr (VlPage) unlimited = NULL;

  for (guint i = 0; i < 5; i++)
    scripted_table_add (SCRIPTED_TABLE (table), (const char[]){ (char) ('a' + i), '\0' }, "one");

  fits = list_window (table, 40, 5);
  g_assert_cmpuint (vl_page_get_offset (fits), ==, 40);
  g_assert_cmpuint (vl_page_get_n_records (fits), ==, 5);
  g_assert_cmpint (vl_page_get_total (fits), ==, 5);
  g_assert_cmpint (vl_page_get_fetched_at (fits), >, 0);

  too_many = list_window (table, 0, 3);
  g_assert_cmpuint (vl_page_get_offset (too_many), ==, 0);
  g_assert_cmpuint (vl_page_get_n_records (too_many), ==, 3);
  g_assert_cmpstr (vl_page_get_record_id (too_many, 2), ==, "c");

  unlimited = list_window (table, 7, 0);
  g_assert_cmpuint (vl_page_get_offset (unlimited), ==, 7);
  g_assert_cmpuint (vl_page_get_n_records (unlimited), ==, 5);
}

static char *
first_id (VlTable *table, guint64 offset)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_window (all, offset, 9);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record = vl_table_get_first_sync (table, query, NULL, &error);

  g_assert_no_error (error);
  return record != NULL ? g_strdup (vl_record_get_id (record)) : NULL;
}

static void
test_get_first (void)
{
  g_autoptr (VlTable) whole = VL_TABLE (scripted_table_new (VL_CAPABILITY_NONE));
  g_autoptr (VlTable) windowed = VL_TABLE (scripted_table_new (VL_CAPABILITY_WINDOW));
  g_autofree char *first = NULL, *second = NULL, *beyond = NULL, *cut = NULL;
  GPtrArray *queries = SCRIPTED_TABLE (windowed)->queries;

  for (guint i = 0; i < 2; i++)
    scripted_table_add (SCRIPTED_TABLE (whole), (const char[]){ (char) ('a' + i), '\0' }, "one");
  first = first_id (whole, 0);
  second = first_id (whole, 1);
  beyond = first_id (whole, 2);
  g_assert_cmpstr (first, ==, "a");
  g_assert_cmpstr (second, ==, "b");
  g_assert_null (beyond);

  /* What a script answers a window with begins there. */
  scripted_table_add (SCRIPTED_TABLE (windowed), "z", "one");
  cut = first_id (windowed, 25);
  g_assert_cmpstr (cut, ==, "z");
  g_assert_cmpuint (vl_query_get_offset (g_ptr_array_index (queries, 0)), ==, 25);
  g_assert_cmpuint (vl_query_get_limit (g_ptr_array_index (queries, 0)), ==, 1);
}

static void
test_large_count (void)
{
  g_autoptr (ScriptedTable) table = scripted_table_new (SCRIPTED_EVERYTHING);

  table->count = G_MAXINT64 - 1;
  g_assert_cmpint (vl_table_count_sync (VL_TABLE (table), NULL, NULL, NULL), ==, G_MAXINT64 - 1);
  table->count = 0;
  g_assert_cmpint (vl_table_count_sync (VL_TABLE (table), NULL, NULL, NULL), ==, 0);
}

static gboolean
say_done (ScriptedTable *self, ScriptedOp op, gpointer argument, VlReply *reply, GError **error)
{
  vl_reply_return_done (reply);
  return TRUE;
}

static void
test_done (void)
{
  g_autoptr (ScriptedTable) scripted = scripted_table_new (SCRIPTED_EVERYTHING);
  VlTable *table = VL_TABLE (scripted);
  g_autoptr (VlRecord) record = record_of (NULL, "id", g_variant_new_string ("a"));
  g_autoptr (VlRecord) fields = record_of (NULL, "name", g_variant_new_string ("two"));
  g_autoptr (VlRecord) inserted = NULL;
  g_autoptr (VlRecord) replaced = NULL;
  g_autoptr (VlRecord) patched = NULL;
  g_autoptr (GError) error = NULL;

  scripted->acts[OP_APPLY] = say_done;
  inserted = vl_table_insert_sync (table, record, NULL, NULL);
  replaced = vl_table_replace_sync (table, record, NULL, NULL);
  patched = vl_table_patch_sync (table, "a", fields, NULL, NULL);

  /* What was written, with its id. */
  g_assert_cmpstr (vl_record_get_id (inserted), ==, "a");
  g_assert_cmpstr (vl_record_get_id (replaced), ==, "a");
  g_assert_cmpstr (vl_record_get_id (patched), ==, "a");
  g_assert_cmpstr (vl_record_get_string (patched, "name"), ==, "two");
  g_assert_null (vl_table_delete_sync (table, "a", NULL, &error));
  g_assert_no_error (error);
  g_assert_true (vl_table_delete_all_sync (table, NULL, NULL, &error));
}

static void
test_records (void)
{
  g_autoptr (ScriptedTable) scripted = scripted_table_new (SCRIPTED_EVERYTHING);
  VlTable *table = VL_TABLE (scripted);
  g_autoptr (VlRecord) found = NULL;
  g_autoptr (GError) error = NULL;

  scripted_table_add (scripted, "a", "one");
  found = vl_table_find_sync (table, "a", NULL, &error);
  g_assert_true (found == g_ptr_array_index (scripted->records, 0));
  g_assert_null (vl_table_find_sync (table, "b", NULL, &error));
  g_assert_no_error (error);
}

/* What is not there */

static void
test_missing_vfuncs (void)
{
  const char *const names[] = { NULL, "list", "find", "count", "apply", "apply" };
  g_autoptr (VlTable) table = g_object_new (BARE_TYPE_TABLE, NULL);

  for (guint op = OP_DESCRIBE + 1; op < N_OPS; op++)
    {
      g_autofree char *message = g_strdup_printf ("BareTable does not implement %s()", names[op]);
      g_autoptr (GError) error = call_sync (table, op);

      g_assert_error (error, VL_ERROR, VL_ERROR_UNSUPPORTED);
      g_assert_cmpstr (error->message, ==, message);
    }
}

static VlTable *
related (gpointer table, const char *relation, GError **error)
{
  g_autoptr (VlRecord) record = scripted_record ("a", "one");

  return vl_table_get_related (table, relation, record, error);
}

static void
test_related (void)
{
  g_autoptr (VlTable) bare = g_object_new (BARE_TYPE_TABLE, NULL);
  g_autoptr (ScriptedTable) none = scripted_table_new (SCRIPTED_EVERYTHING);
  g_autoptr (VlTable) self = related (bare, "self", NULL);
  g_autoptr (GError) unsupported = NULL;
  g_autoptr (GError) silent = NULL;
  g_autoptr (GError) invalid = NULL;

  g_assert_true (self == bare);
  g_assert_null (related (none, "self", &unsupported));
  g_assert_error (unsupported, VL_ERROR, VL_ERROR_UNSUPPORTED);
  g_assert_null (related (bare, "odd", &invalid));
  g_assert_error (invalid, VL_ERROR, VL_ERROR_INVALID);
  g_assert_null (related (bare, "lost", &silent));
  g_assert_error (silent, VL_ERROR, VL_ERROR_FAILED);
  g_assert_cmpstr (silent->message, ==, "BareTable.get_related() raised or returned nothing");
  g_assert_null (related (bare, "lost", NULL));

  g_assert_null (vl_table_get_identity (bare));
  g_assert_null (vl_table_get_stream (bare));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/table/describe/comes-first-and-once", test_describes_first);
  g_test_add_func ("/table/describe/may-take-its-time", test_describes_later);
  g_test_add_func ("/table/describe/failing-fails-the-operation", test_describe_fails);
  g_test_add_func ("/table/describe/cancelled-nothing-is-sent", test_describe_cancelled);
  g_test_add_func ("/table/describe/asked-for-asks-again", test_describe_again);
  g_test_add_func ("/table/check/unknown-columns-are-invalid", test_unknown_columns);
  g_test_add_func ("/table/check/queries-need-capabilities", test_query_capabilities);
  g_test_add_func ("/table/check/writes-need-capabilities", test_write_capabilities);
  g_test_add_func ("/table/check/count-needs-its-capability", test_count_capability);
  g_test_add_func ("/table/check/delete-all-keeps-its-query", test_delete_all_query);
  g_test_add_func ("/table/check/no-query-is-an-empty-one", test_null_query);
  g_test_add_func ("/table/check/records-that-make-no-sense", test_refused_records);
  g_test_add_func ("/table/check/no-id-where-the-table-assigns-it", test_assigned_ids);
  g_test_add_func ("/table/check/an-id-may-be-a-field-alone", test_id_by_field);
  g_test_add_func ("/table/check/a-change-keeps-what-it-carries", test_change_is_kept);
  g_test_add_func ("/table/check/number-ids-are-canonical", test_number_ids);
  g_test_add_func ("/table/check/ids-are-text", test_ids_that_are_no_text);
  g_test_add_func ("/table/answer/fits-the-window", test_window);
  g_test_add_func ("/table/answer/first", test_get_first);
  g_test_add_func ("/table/answer/counts-are-large", test_large_count);
  g_test_add_func ("/table/answer/done-gives-what-was-written", test_done);
  g_test_add_func ("/table/answer/found-or-not", test_records);
  g_test_add_func ("/table/missing-vfuncs-are-unsupported", test_missing_vfuncs);
  g_test_add_func ("/table/related-identity-stream", test_related);

  return g_test_run ();
}
