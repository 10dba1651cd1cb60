/* test-sqlite-table.c: what a table of a database looks like, and changing it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>
#include <vantage-live.h>

#include "sqlite-file.h"

#define READ_ONLY                                                                            \
 (VL_CAPABILITY_ORDER | VL_CAPABILITY_FILTER | VL_CAPABILITY_SEARCH | VL_CAPABILITY_WINDOW | \
  VL_CAPABILITY_COUNT | VL_CAPABILITY_SUBSCRIBE)

static VlSchema *
describe (VlSqliteTable *table)
{
  g_autoptr (GError) error = NULL;
  VlSchema *schema = vl_table_describe_sync (VL_TABLE (table), NULL, &error);

  g_assert_no_error (error);

  return schema;
}

static VlRecord *
find (VlSqliteTable *table, const char *id)
{
  g_autoptr (GError) error = NULL;
  VlRecord *record = vl_table_find_sync (VL_TABLE (table), id, NULL, &error);

  g_assert_no_error (error);

  return record;
}

static VlRecord *
make_record (const char *id, const char *fields)
{
  return vl_record_new (id, g_variant_new_parsed (fields));
}

#define assert_json(record, json)                               \
 G_STMT_START                                                   \
 {                                                              \
  g_autofree char *json_of_record = vl_record_to_json (record); \
  g_assert_cmpstr (json_of_record, ==, (json));                 \
 }                                                              \
 G_STMT_END

static void
assert_columns (VlSchema *schema, const char *expected)
{
  GString *columns = g_string_new (NULL);

  for (guint i = 0; i < vl_schema_get_n_columns (schema); i++)
    g_string_append_printf (columns, "%s%s:%d%s", i > 0 ? " " : "",
                            vl_schema_get_column_name (schema, i),
                            vl_schema_get_column_type (schema, i),
                            vl_schema_get_column_nullable (schema, i) ? "?" : "");
  g_assert_cmpstr (columns->str, ==, expected);
  g_string_free (columns, TRUE);
}

static void
test_describe (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlSqliteTable) table = NULL;
  g_autoptr (VlSchema) schema = NULL;

  sqlite_file_init (&file);
  sqlite_file_run (&file,
                   "CREATE TABLE client (id INTEGER PRIMARY KEY, name VARCHAR (20) NOT NULL, "
                   "paid BOOLEAN, price REAL, sum DECIMAL (10, 2), photo BLOB, born DATE, x, "
                   "twice AS (price * 2))");
  table = vl_sqlite_table_new (file.path, "client");
  schema = describe (table);

  assert_columns (schema, "id:2 name:4 paid:1? price:3? sum:3? photo:5? born:4? x:0? twice:0?");
  g_assert_cmpstr (vl_schema_get_table_name (schema), ==, "client");
  g_assert_cmpstr (vl_schema_get_id_column (schema), ==, "id");
  g_assert_cmpstr (vl_schema_get_title_columns (schema)[0], ==, "name");
  g_assert_nonnull (strchr (vl_schema_get_instance (schema), ':'));
  g_assert_true (vl_schema_can (schema, READ_ONLY | VL_CAPABILITY_INSERT | VL_CAPABILITY_REPLACE |
                                          VL_CAPABILITY_PATCH | VL_CAPABILITY_DELETE |
                                          VL_CAPABILITY_DELETE_ALL | VL_CAPABILITY_BATCH |
                                          VL_CAPABILITY_ASSIGN_ID));
  g_assert_false (vl_schema_can (schema, VL_CAPABILITY_REMOTE));
}

static void
assert_kind (SqliteFile *file, const char *name, const char *id_column, gboolean assigns)
{
  g_autoptr (VlSqliteTable) table = vl_sqlite_table_new (file->path, name);
  g_autoptr (VlSchema) schema = describe (table);

  g_assert_cmpstr (vl_schema_get_id_column (schema), ==, id_column);
  if (id_column == NULL)
    g_assert_cmpint (vl_schema_get_capabilities (schema), ==, READ_ONLY);
  else
    g_assert_true (vl_schema_can (schema, VL_CAPABILITY_INSERT));
  g_assert_true (vl_schema_can (schema, VL_CAPABILITY_ASSIGN_ID) == assigns);
}

static void
test_keys (void)
{
  g_auto (SqliteFile) file = { 0 };

  sqlite_file_init (&file);
  sqlite_file_run (&file, "CREATE TABLE rowid_key (id INTEGER PRIMARY KEY);"
                          "CREATE TABLE int_key (id INT PRIMARY KEY);"
                          "CREATE TABLE text_key (id TEXT PRIMARY KEY);"
                          "CREATE TABLE without (id TEXT PRIMARY KEY) WITHOUT ROWID;"
                          "CREATE TABLE without_int (id INTEGER PRIMARY KEY) WITHOUT ROWID;"
                          "CREATE TABLE pair (a INTEGER, b INTEGER, PRIMARY KEY (a, b));"
                          "CREATE TABLE blob_key (id BLOB PRIMARY KEY);"
                          "CREATE TABLE none (a TEXT, rowid TEXT);"
                          "CREATE VIEW seen AS SELECT * FROM rowid_key;"
                          "CREATE VIRTUAL TABLE found USING fts5 (body)");
  assert_kind (&file, "rowid_key", "id", TRUE);
  assert_kind (&file, "int_key", "id", FALSE);
  assert_kind (&file, "text_key", "id", TRUE);
  assert_kind (&file, "without", "id", TRUE);
  assert_kind (&file, "without_int", "id", FALSE);
  assert_kind (&file, "pair", NULL, FALSE);
  assert_kind (&file, "blob_key", NULL, FALSE);
  assert_kind (&file, "none", NULL, FALSE);
  assert_kind (&file, "seen", NULL, FALSE);
  assert_kind (&file, "found", NULL, FALSE);
}

static void
test_keyless_is_readable (void)
{
  static const char *const names[] = { "pair", "none", "seen", "found" };
  g_auto (SqliteFile) file = { 0 };

  sqlite_file_init (&file);
  sqlite_file_run (&file, "CREATE TABLE pair (a, b, v, PRIMARY KEY (a, b));"
                          "INSERT INTO pair VALUES (2, 1, 'x'), (1, 2, 'y'), (1, 1, 'x');"
                          "CREATE TABLE none (v TEXT, rowid TEXT);"
                          "INSERT INTO none VALUES ('x', 'a'), ('y', 'b'), ('x', 'c');"
                          "CREATE VIEW seen AS SELECT v, count(*) FROM pair GROUP BY v "
                          "UNION ALL SELECT 'x', 1;"
                          "CREATE VIRTUAL TABLE found USING fts5 (v);"
                          "INSERT INTO found VALUES ('x'), ('y'), ('x')");

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (VlSqliteTable) table = vl_sqlite_table_new (file.path, names[i]);
      g_autoptr (VlQuery) all = vl_query_new ();
      g_autoptr (VlQuery) only_x = vl_query_where (all, "v", VL_OP_EQ, g_variant_new_string ("x"));
      g_autoptr (VlPage) page = list_all (table, only_x);
      g_autoptr (VlRecord) record = NULL;
      g_autoptr (VlRecord) found = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_cmpuint (vl_page_get_n_records (page), ==, 2);
      record = vl_page_get_record (page, 0);
      g_assert_null (vl_record_get_id (record));
      g_assert_cmpint (vl_table_count_sync (VL_TABLE (table), only_x, NULL, NULL), ==, 2);

      found = vl_table_insert_sync (VL_TABLE (table), record, NULL, &error);
      g_assert_error (error, VL_ERROR, VL_ERROR_UNSUPPORTED);
      g_clear_error (&error);
      found = vl_table_find_sync (VL_TABLE (table), "1", NULL, &error);
      g_assert_null (found);
      g_assert_error (error, VL_ERROR, VL_ERROR_UNSUPPORTED);
    }
}

static void
test_values (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlSqliteTable) table = NULL;
  g_autoptr (VlPage) page = NULL;
  static const VlFieldType types[] = {
    VL_FIELD_TYPE_NULL,  VL_FIELD_TYPE_INT64, VL_FIELD_TYPE_DOUBLE, VL_FIELD_TYPE_STRING,
    VL_FIELD_TYPE_BYTES, VL_FIELD_TYPE_BYTES, VL_FIELD_TYPE_BYTES,
  };

  sqlite_file_init (&file);
  sqlite_file_run (&file, "CREATE TABLE t (id INTEGER PRIMARY KEY, v, b BOOLEAN);"
                          "INSERT INTO t VALUES (1, NULL, NULL), (2, 9223372036854775807, 0), "
                          "(3, 1.5, 1), (4, 'é', 2), (5, x'', 'true'), "
                          "(6, CAST (x'61ff' AS TEXT), 1.0), (7, 'a' || char (0) || 'b', 0)");
  table = vl_sqlite_table_new (file.path, "t");
  page = list_all (table, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (page, i);

      g_assert_cmpint (vl_record_get_field_type (record, "v"), ==, types[i]);
      if (i == 1)
        g_assert_cmpint (vl_record_get_int64 (record, "v"), ==, G_MAXINT64);
      if (i == 5 || i == 6)
        {
          g_autoptr (GBytes) bytes = vl_record_get_bytes (record, "v");
          g_autoptr (VlQuery) all = vl_query_new ();
          g_autoptr (GVariant) value = vl_record_get_variant (record, "v");
          g_autoptr (VlQuery) same = vl_query_where (all, "v", VL_OP_EQ, value);
          g_autoptr (VlPage) found = list_all (table, same);
          g_autofree char *ids = join_column (found, "id");

          g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                           i == 5 ? "a\377" : "a\0b", i == 5 ? 2 : 3);
          g_assert_cmpstr (ids, ==, i == 5 ? "6" : "7");
        }
    }

  {
    g_autofree char *booleans = join_column (page, "b");

    g_assert_cmpstr (booleans, ==, "-,false,true,2,true,true,false");
  }
}

static void
test_odd_keys (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlSqliteTable) table = NULL;
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlPage) last = NULL;
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) window = vl_query_window (all, 2, 2);
  g_autofree char *order = NULL;
  g_autofree char *rest = NULL;

  sqlite_file_init (&file);
  sqlite_file_run (&file,
                   "CREATE TABLE t (id TEXT PRIMARY KEY, n INTEGER);"
                   "INSERT INTO t VALUES (NULL, 3), (x'00', 4), (CAST (x'41ff' AS TEXT), 5), "
                   "('b', 2), ('a', 1), (NULL, 6)");
  table = vl_sqlite_table_new (file.path, "t");
  page = list_all (table, NULL);
  order = join_column (page, "n");
  g_assert_cmpstr (order, ==, "1,2,3,4,5,6");

  for (guint i = 0; i < 6; i++)
    g_assert_cmpstr (vl_page_get_record_id (page, i), ==, i == 0 ? "a" : i == 1 ? "b" : NULL);

  last = list_all (table, window);
  rest = join_column (last, "n");
  g_assert_cmpstr (rest, ==, "3,4");
}

static void
test_odd_names (void)
{
  static const char *const names[] = {
    "select", "with space", "quote\"d", "it's", "[brackets]", "täble", "a;b--", "\"", "%s", "?1",
  };
  g_auto (SqliteFile) file = { 0 };

  sqlite_file_init (&file);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *column = names[(i + 3) % G_N_ELEMENTS (names)];
      g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new (names[i]);
      g_autoptr (VlSchema) schema = NULL;
      g_autoptr (VlSqliteTable) table = NULL;
      g_autoptr (VlRecordBuilder) fields = vl_record_builder_new ("7");
      g_autoptr (VlRecord) record = NULL;
      g_autoptr (VlRecord) stored = NULL;
      g_autoptr (VlQuery) all = vl_query_new ();
      g_autoptr (VlQuery)
        some = vl_query_where (all, column, VL_OP_EQ, g_variant_new_string ("v'); --"));
      g_autoptr (VlQuery) ordered = vl_query_order_by (some, column, TRUE);
      g_autoptr (VlPage) page = NULL;
      g_autoptr (GError) error = NULL;

      vl_schema_builder_add_column (builder, names[i], VL_FIELD_TYPE_INT64, FALSE);
      vl_schema_builder_add_column (builder, column, VL_FIELD_TYPE_STRING, TRUE);
      vl_schema_builder_set_id_column (builder, names[i]);
      schema = vl_schema_builder_end (builder);
      table = vl_sqlite_table_new_with_schema (file.path, schema);

      vl_record_builder_set_string (fields, column, "v'); --");
      record = vl_record_builder_end (fields);
      stored = vl_table_insert_sync (VL_TABLE (table), record, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (vl_record_get_string (stored, column), ==, "v'); --");
      page = list_all (table, ordered);
      g_assert_cmpuint (vl_page_get_n_records (page), ==, 1);
    }

  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM sqlite_master WHERE "
                                                 "type = 'table'"),
                   ==, G_N_ELEMENTS (names));
}

/* Whatever is asked for as a value or a name stays one. */
static void
test_injection (void)
{
  static const char *const attacks[] = {
    "'; DROP TABLE t; --",   "\"; DROP TABLE t; --", "1 OR 1=1", "x' OR 'x'='x", "id\" = \"id", "*",
    "1); DELETE FROM t; --", "v\" || \"id",
  };
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlSqliteTable) table = NULL;

  sqlite_file_init (&file);
  sqlite_file_run (&file, "CREATE TABLE t (id TEXT PRIMARY KEY, v TEXT);"
                          "INSERT INTO t VALUES ('a', 'x'), ('b', 'y')");
  table = vl_sqlite_table_new (file.path, "t");

  for (guint i = 0; i < G_N_ELEMENTS (attacks); i++)
    {
      const char *attack = attacks[i];
      g_autoptr (VlQuery) all = vl_query_new ();
      g_autoptr (VlQuery)
        where = vl_query_where (all, "v", VL_OP_EQ, g_variant_new_string (attack));
      g_autoptr (VlQuery)
        contains = vl_query_where (all, "v", VL_OP_CONTAINS, g_variant_new_string (attack));
      g_autoptr (VlQuery) search = vl_query_search (all, attack);
      g_autoptr (VlQuery) column = vl_query_where (all, attack, VL_OP_NOT_NULL, NULL);
      g_autoptr (VlQuery) order = vl_query_order_by (all, attack, FALSE);
      g_autoptr (VlPage) page = list_all (table, where);
      g_autoptr (VlPage) page_contains = list_all (table, contains);
      g_autoptr (VlPage) page_search = list_all (table, search);
      g_autoptr (VlRecord) found = find (table, attack);
      g_autoptr (VlSqliteTable) other = vl_sqlite_table_new (file.path, attack);
      g_autoptr (VlPage) refused = NULL;
      g_autoptr (VlRecord) deleted = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_cmpuint (vl_page_get_n_records (page), ==, 0);
      g_assert_cmpuint (vl_page_get_n_records (page_contains), ==, 0);
      g_assert_cmpuint (vl_page_get_n_records (page_search), ==, 0);
      g_assert_null (found);
      refused = vl_table_list_sync (VL_TABLE (table), column, NULL, &error);
      g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
      g_clear_error (&error);
      refused = vl_table_list_sync (VL_TABLE (table), order, NULL, &error);
      g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
      g_clear_error (&error);
      refused = vl_table_list_sync (VL_TABLE (other), NULL, NULL, &error);
      g_assert_error (error, VL_ERROR, VL_ERROR_NOT_FOUND);
      g_clear_error (&error);
      deleted = vl_table_delete_sync (VL_TABLE (table), attack, NULL, &error);
      g_assert_no_error (error);
      g_assert_null (deleted);
    }

  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM t"), ==, 2);
}

static void
test_identity (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autofree char *indirect = NULL;
  g_autofree char *identity = NULL;
  g_autofree char *other_identity = NULL;
  g_autoptr (VlSqliteTable) table = NULL;
  g_autoptr (VlSqliteTable) other = NULL;

  sqlite_file_init (&file);
  indirect = g_strdup_printf ("%s/../%s/./test.db", file.folder, strrchr (file.folder, '/') + 1);
  table = vl_sqlite_table_new (file.path, "t");
  other = vl_sqlite_table_new (indirect, "t");
  identity = vl_table_get_identity (VL_TABLE (table));
  other_identity = vl_table_get_identity (VL_TABLE (other));

  g_assert_true (g_path_is_absolute (identity));
  g_assert_true (g_str_has_suffix (identity, "/test.db#t"));
  g_assert_cmpstr (identity, ==, other_identity);
  g_assert_false (g_file_test (file.path, G_FILE_TEST_EXISTS));
  g_assert_cmpstr (vl_sqlite_table_get_path (other), ==, indirect);
  g_assert_cmpstr (vl_sqlite_table_get_table_name (other), ==, "t");
}

static VlSchema *
product_schema (VlFieldType id_type)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("product");

  vl_schema_builder_add_column (builder, "id", id_type, FALSE);
  vl_schema_builder_add_column (builder, "name", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (builder, "sold", VL_FIELD_TYPE_BOOLEAN, TRUE);
  vl_schema_builder_add_column (builder, "price", VL_FIELD_TYPE_DOUBLE, TRUE);
  vl_schema_builder_add_column (builder, "photo", VL_FIELD_TYPE_BYTES, TRUE);
  vl_schema_builder_add_column (builder, "tags", VL_FIELD_TYPE_VARIANT, TRUE);
  vl_schema_builder_add_column (builder, "any", VL_FIELD_TYPE_NULL, TRUE);
  vl_schema_builder_set_id_column (builder, "id");

  return vl_schema_builder_end (builder);
}

static void
test_create (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlSchema) wanted = product_schema (VL_FIELD_TYPE_INT64);
  g_autoptr (VlSqliteTable) table = NULL;
  g_autoptr (VlSchema) schema = NULL;
  g_autofree char *mode = NULL;

  sqlite_file_init (&file);
  table = vl_sqlite_table_new_with_schema (file.path, wanted);
  g_assert_false (g_file_test (file.path, G_FILE_TEST_EXISTS));

  schema = describe (table);
  assert_columns (schema, "id:2 name:4 sold:1? price:3? photo:5? tags:4? any:0?");
  mode = sqlite_file_get_text (&file, "PRAGMA journal_mode");
  g_assert_cmpstr (mode, ==, "wal");
}

static void
test_create_beside (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlSchema) wanted = product_schema (VL_FIELD_TYPE_STRING);
  g_autoptr (VlSqliteTable) table = NULL;
  g_autoptr (VlSqliteTable) again = NULL;
  g_autoptr (VlPage) page = NULL;
  g_autofree char *mode = NULL;

  sqlite_file_init (&file);
  sqlite_file_run (&file, "CREATE TABLE other (id INTEGER PRIMARY KEY)");
  table = vl_sqlite_table_new_with_schema (file.path, wanted);
  page = list_all (table, NULL);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, 0);

  mode = sqlite_file_get_text (&file, "PRAGMA journal_mode");
  g_assert_cmpstr (mode, ==, "delete");

  sqlite_file_run (&file, "INSERT INTO product (id, name) VALUES ('p', 'Pen')");
  again = vl_sqlite_table_new_with_schema (file.path, wanted);
  g_clear_object (&page);
  page = list_all (again, NULL);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, 1);
}

static void
check_writes (VlTable *table, const char *id)
{
  g_autoptr (VlRecord) pen = make_record (id, "{'name': <'Pen'>, 'sold': <true>, 'price': <1.5>}");
  g_autoptr (VlRecord) ink = make_record (id, "{'name': <'Ink'>, 'photo': <b'abc'>}");
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (VlRecord) replaced = NULL;
  g_autoptr (GError) error = NULL;

  stored = vl_table_insert_sync (table, pen, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vl_record_get_id (stored), ==, id);
  g_assert_true (vl_record_get_boolean (stored, "sold"));
  g_assert_true (vl_record_has_field (stored, "photo"));

  g_assert_null (vl_table_insert_sync (table, pen, NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_EXISTS);
  g_assert_nonnull (strstr (error->message, id));
  g_assert_nonnull (strstr (error->message, "product"));
  g_clear_error (&error);

  replaced = vl_table_replace_sync (table, ink, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vl_record_get_string (replaced, "name"), ==, "Ink");
  g_assert_true (vl_record_is_null (replaced, "price"));
}

/* Of the record that check_writes() left. */
static void
check_more_writes (VlTable *table, const char *id)
{
  g_autoptr (VlRecord) fields = make_record (NULL, "{'price': <2.5>, 'any': <@mi nothing>}");
  g_autoptr (VlRecord) patched = NULL;
  g_autoptr (VlRecord) found = NULL;
  g_autoptr (VlRecord) deleted = NULL;
  g_autoptr (GError) error = NULL;

  patched = vl_table_patch_sync (table, id, fields, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vl_record_get_string (patched, "name"), ==, "Ink");
  g_assert_cmpfloat (vl_record_get_double (patched, "price"), ==, 2.5);
  found = vl_table_find_sync (table, id, NULL, &error);
  g_assert_true (vl_record_equal (found, patched));
  g_assert_null (vl_table_patch_sync (table, "99", fields, NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_NOT_FOUND);
  g_clear_error (&error);

  deleted = vl_table_delete_sync (table, id, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (vl_record_equal (deleted, patched));
  g_assert_null (vl_table_delete_sync (table, id, NULL, &error));
  g_assert_no_error (error);
  g_assert_null (vl_table_find_sync (table, id, NULL, &error));
  g_assert_no_error (error);
}

static void
test_changes (gconstpointer data)
{
  gboolean by_number = GPOINTER_TO_INT (data);
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlSchema)
    wanted = product_schema (by_number ? VL_FIELD_TYPE_INT64 : VL_FIELD_TYPE_STRING);
  g_autoptr (VlTable) table = NULL;
  g_autoptr (VlRecord) pen = make_record (by_number ? "7" : "007", "{'name': <'Pen'>}");
  g_autoptr (VlRecord) replaced = NULL;
  g_autoptr (GError) error = NULL;

  sqlite_file_init (&file);
  table = VL_TABLE (vl_sqlite_table_new_with_schema (file.path, wanted));
  check_writes (table, vl_record_get_id (pen));
  check_more_writes (table, vl_record_get_id (pen));

  /* A replacement creates. */
  replaced = vl_table_replace_sync (table, pen, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vl_record_get_string (replaced, "name"), ==, "Pen");
}

static void
test_assigned_ids (void)
{
  static const char *const keys[] = { "INTEGER PRIMARY KEY", "TEXT PRIMARY KEY" };
  g_auto (SqliteFile) file = { 0 };

  sqlite_file_init (&file);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *sql = g_strdup_printf ("CREATE TABLE t%u (id %s, v DEFAULT 5, rowid TEXT)",
                                              i, keys[i]);
      g_autofree char *name = g_strdup_printf ("t%u", i);
      g_autoptr (VlSqliteTable) table = NULL;
      g_autoptr (VlRecord) empty = make_record (NULL, "@a{sv} {}");
      g_autoptr (VlRecord) stored = NULL;
      g_autoptr (VlRecord) found = NULL;
      g_autoptr (GError) error = NULL;

      sqlite_file_run (&file, sql);
      table = vl_sqlite_table_new (file.path, name);
      stored = vl_table_insert_sync (VL_TABLE (table), empty, NULL, &error);
      g_assert_no_error (error);
      if (i == 0)
        g_assert_cmpstr (vl_record_get_id (stored), ==, "1");
      else
        g_assert_true (g_uuid_string_is_valid (vl_record_get_id (stored)));
      g_assert_cmpint (vl_record_get_int64 (stored, "v"), ==, 5);
      found = find (table, vl_record_get_id (stored));
      g_assert_true (vl_record_equal (found, stored));
    }
}

static void
test_defaults (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = NULL;
  g_autoptr (VlRecord) record = make_record ("1", "{'a': <1>}");
  g_autoptr (VlRecord) first = NULL;
  g_autoptr (VlRecord) second = NULL;
  g_autoptr (GError) error = NULL;

  sqlite_file_init (&file);
  sqlite_file_run (&file, "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b DEFAULT 'it''s', "
                          "c DEFAULT (1 + 2), d NOT NULL DEFAULT 0, e, g AS (a * 2), "
                          "h AS (a * 3) STORED);"
                          "CREATE TRIGGER tr AFTER INSERT ON t BEGIN UPDATE t SET e = 'seen' "
                          "WHERE id = new.id; END");
  table = VL_TABLE (vl_sqlite_table_new (file.path, "t"));

  first = vl_table_insert_sync (table, record, NULL, &error);
  g_assert_no_error (error);
  assert_json (first, "{\"id\":1,\"a\":1,\"b\":\"it's\",\"c\":3,\"d\":0,\"e\":\"seen\",\"g\":2,"
                      "\"h\":3}");
  sqlite_file_run (&file, "UPDATE t SET b = 'x', c = 'x', d = 'x', e = 'x'");
  second = vl_table_replace_sync (table, record, NULL, &error);
  g_assert_no_error (error);
  assert_json (second, "{\"id\":1,\"a\":1,\"b\":\"it's\",\"c\":3,\"d\":0,\"e\":null,\"g\":2,"
                       "\"h\":3}");

  /* What was read is fit to be written, generated columns included. */
  g_clear_object (&first);
  first = vl_table_replace_sync (table, second, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (vl_record_equal (first, second));
}

static void
assert_refused (VlTable *table, const char *id, const char *fields, VlError code)
{
  g_autoptr (VlRecord) record = make_record (id, fields);
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (GError) error = NULL;

  stored = vl_table_insert_sync (table, record, NULL, &error);
  g_assert_null (stored);
  g_assert_error (error, VL_ERROR, (int) code);
}

static void
test_refusals (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = NULL;
  g_autoptr (VlTable) strict = NULL;
  g_autofree char *dump = NULL;

  sqlite_file_init (&file);
  sqlite_file_run (
    &file,
    "CREATE TABLE p (id INTEGER PRIMARY KEY);"
    "CREATE TABLE t (id INTEGER PRIMARY KEY ON CONFLICT REPLACE, u UNIQUE ON CONFLICT IGNORE, "
    "n NOT NULL ON CONFLICT ROLLBACK DEFAULT 1, c CHECK (c < 10), p REFERENCES p (id));"
    "INSERT INTO t VALUES (1, 1, 1, 1, NULL);"
    "CREATE TRIGGER no BEFORE INSERT ON t WHEN new.c = 5 BEGIN SELECT RAISE (IGNORE); END;"
    "CREATE TRIGGER never BEFORE INSERT ON t WHEN new.c = 6 BEGIN SELECT RAISE (ABORT, 'no six'); "
    "END;"
    "CREATE TABLE s (id TEXT PRIMARY KEY, n INTEGER) STRICT");
  table = VL_TABLE (vl_sqlite_table_new (file.path, "t"));
  strict = VL_TABLE (vl_sqlite_table_new (file.path, "s"));

  assert_refused (table, "1", "@a{sv} {}", VL_ERROR_EXISTS);
  assert_refused (table, "2", "{'u': <1>}", VL_ERROR_EXISTS);
  assert_refused (table, "2", "{'n': <@mi nothing>}", VL_ERROR_REJECTED);
  assert_refused (table, "2", "{'c': <10>}", VL_ERROR_REJECTED);
  assert_refused (table, "2", "{'c': <5>}", VL_ERROR_REJECTED);
  assert_refused (table, "2", "{'c': <6>}", VL_ERROR_REJECTED);
  assert_refused (table, "2", "{'p': <99>}", VL_ERROR_REJECTED);
  assert_refused (table, "two", "@a{sv} {}", VL_ERROR_REJECTED);
  assert_refused (table, "02", "@a{sv} {}", VL_ERROR_REJECTED);
  assert_refused (table, "2", "{'zzz': <1>}", VL_ERROR_INVALID);
  assert_refused (strict, "a", "{'n': <'x'>}", VL_ERROR_REJECTED);

  dump = sqlite_file_get_text (&file, "SELECT group_concat (id || u || n || c) FROM t");
  g_assert_cmpstr (dump, ==, "1111");
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM s"), ==, 0);
}

static void
test_nested_values (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlSchema) wanted = product_schema (VL_FIELD_TYPE_INT64);
  g_autoptr (VlTable) table = NULL;
  g_autoptr (VlRecord) record = make_record ("1", "{'name': <'Pen'>, 'tags': <['a', 'b']>}");
  g_autoptr (VlRecord) stored = NULL;

  sqlite_file_init (&file);
  table = VL_TABLE (vl_sqlite_table_new_with_schema (file.path, wanted));
  stored = vl_table_insert_sync (table, record, NULL, NULL);
  g_assert_cmpstr (vl_record_get_string (stored, "tags"), ==, "[\"a\",\"b\"]");
}

static void
test_delete_all (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = NULL;
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) big = vl_query_where (all, "v", VL_OP_GT, g_variant_new_int64 (8));
  g_autoptr (VlQuery) ordered = vl_query_order_by (all, "v", TRUE);
  g_autoptr (VlQuery) top = vl_query_window (ordered, 1, 2);
  g_autoptr (VlQuery) wrong = vl_query_where (all, "nope", VL_OP_NOT_NULL, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *left = NULL;

  sqlite_file_init (&file);
  sqlite_file_run (&file, "CREATE TABLE t (id TEXT PRIMARY KEY, v) WITHOUT ROWID; "
                          "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                          "WHERE i < 10) INSERT INTO t SELECT 'k' || i, i FROM n");
  table = VL_TABLE (vl_sqlite_table_new (file.path, "t"));

  g_assert_false (vl_table_delete_all_sync (table, wrong, NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_true (vl_table_delete_all_sync (table, big, NULL, &error));
  g_assert_true (vl_table_delete_all_sync (table, top, NULL, &error));
  g_assert_no_error (error);
  left = sqlite_file_get_text (&file, "SELECT group_concat (v) FROM (SELECT v FROM t ORDER BY v)");
  g_assert_cmpstr (left, ==, "1,2,3,4,5,8");

  g_assert_true (vl_table_delete_all_sync (table, NULL, NULL, &error));
  g_assert_cmpint (sqlite_file_get_int64 (&file, "SELECT count(*) FROM t"), ==, 0);
}

/* A column's own collation makes ids collide, but not match. */
static void
test_collations (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlTable) table = NULL;
  g_autoptr (VlRecord) found = NULL;

  sqlite_file_init (&file);
  sqlite_file_run (&file, "CREATE TABLE t (id TEXT PRIMARY KEY COLLATE NOCASE, v);"
                          "INSERT INTO t VALUES ('a', 1)");
  table = VL_TABLE (vl_sqlite_table_new (file.path, "t"));
  g_assert_null (vl_table_find_sync (table, "A", NULL, NULL));
  assert_refused (table, "A", "@a{sv} {}", VL_ERROR_EXISTS);
  found = vl_table_find_sync (table, "a", NULL, NULL);
  g_assert_nonnull (found);
}

/* The table is altered while it is in use. */
static void
test_altered (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlSqliteTable) table = NULL;
  g_autoptr (VlPage) before = NULL;
  g_autoptr (VlPage) after = NULL;
  g_autofree char *values = NULL;
  g_autoptr (GError) error = NULL;

  sqlite_file_init (&file);
  sqlite_file_run (&file,
                   "CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 1)");
  table = vl_sqlite_table_new (file.path, "t");
  before = list_all (table, NULL);
  sqlite_file_run (&file, "ALTER TABLE t ADD COLUMN w DEFAULT 7");
  after = list_all (table, NULL);
  values = join_column (after, "w");
  g_assert_cmpstr (values, ==, "7");

  sqlite_file_run (&file, "DROP TABLE t");
  g_assert_null (vl_table_list_sync (VL_TABLE (table), NULL, NULL, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_NOT_FOUND);
}

static void
on_notify (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  ++*(guint *) user_data;
}

static void
test_properties (void)
{
  g_auto (SqliteFile) file = { 0 };
  g_autoptr (VlSchema) schema = product_schema (VL_FIELD_TYPE_INT64);
  VlSqliteTable *table;
  g_autofree char *path = NULL;
  g_autofree char *name = NULL;
  g_autoptr (VlSchema) kept = NULL;
  guint n_notified = 0;
  guint timeout;

  sqlite_file_init (&file);
  table = vl_sqlite_table_new_with_schema (file.path, schema);
  g_signal_connect (table, "notify::busy-timeout", G_CALLBACK (on_notify), &n_notified);
  g_assert_cmpuint (vl_sqlite_table_get_busy_timeout (table), ==, 5000);
  vl_sqlite_table_set_busy_timeout (table, 5000);
  g_assert_cmpuint (n_notified, ==, 0);
  vl_sqlite_table_set_busy_timeout (table, 10);
  g_assert_cmpuint (n_notified, ==, 1);

  g_object_get (table, "path", &path, "table-name", &name, "schema", &kept, "busy-timeout",
                &timeout, NULL);
  g_assert_cmpstr (path, ==, file.path);
  g_assert_cmpstr (name, ==, "product");
  g_assert_true (kept == schema);
  g_assert_cmpuint (timeout, ==, 10);
  g_object_set (table, "busy-timeout", 20, NULL);
  g_assert_cmpuint (vl_sqlite_table_get_busy_timeout (table), ==, 20);
  g_assert_finalize_object (table);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sqlite-table/describe/names-types-and-capabilities", test_describe);
  g_test_add_func ("/sqlite-table/describe/keys", test_keys);
  g_test_add_func ("/sqlite-table/describe/notices-alterations", test_altered);
  g_test_add_func ("/sqlite-table/read/without-a-key", test_keyless_is_readable);
  g_test_add_func ("/sqlite-table/read/values-as-they-are-stored", test_values);
  g_test_add_func ("/sqlite-table/read/keys-that-are-no-ids-come-last", test_odd_keys);
  g_test_add_func ("/sqlite-table/read/collations-do-not-count", test_collations);
  g_test_add_func ("/sqlite-table/names/any", test_odd_names);
  g_test_add_func ("/sqlite-table/names/injection", test_injection);
  g_test_add_func ("/sqlite-table/identity", test_identity);
  g_test_add_func ("/sqlite-table/create/file-and-table", test_create);
  g_test_add_func ("/sqlite-table/create/in-an-existing-file", test_create_beside);
  g_test_add_data_func ("/sqlite-table/write/by-number", GINT_TO_POINTER (TRUE), test_changes);
  g_test_add_data_func ("/sqlite-table/write/by-text", GINT_TO_POINTER (FALSE), test_changes);
  g_test_add_func ("/sqlite-table/write/assigned-ids", test_assigned_ids);
  g_test_add_func ("/sqlite-table/write/answers-the-row-as-stored", test_defaults);
  g_test_add_func ("/sqlite-table/write/refusals-change-nothing", test_refusals);
  g_test_add_func ("/sqlite-table/write/nested-values-become-json", test_nested_values);
  g_test_add_func ("/sqlite-table/write/delete-all", test_delete_all);
  g_test_add_func ("/sqlite-table/properties", test_properties);

  return g_test_run ();
}
