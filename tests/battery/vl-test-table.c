/* vl-test-table.c: the contract of a table, as checks that any table can take
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-test-private.h"

/* --- Describing --- */

static gboolean
types_agree (VlFieldType got, VlFieldType expected)
{
  /* "mixed" may be anything; a table without a boolean type keeps numbers. */
  return got == expected || expected == VL_FIELD_TYPE_NULL || got == VL_FIELD_TYPE_NULL ||
         (expected == VL_FIELD_TYPE_BOOLEAN && got == VL_FIELD_TYPE_INT64);
}

static void
check_columns (VlTestRun *run)
{
  g_autoptr (VlSchema) expected = vl_test_schema ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VlSchema) schema = _vl_test_describe (run, &error);
  guint i;

  if (!_vl_test_no_error (run, "describe", error))
    return;

  for (i = 0; i < vl_schema_get_n_columns (expected); i++)
    {
      const char *name = vl_schema_get_column_name (expected, i);
      guint column;

      if (!vl_schema_has_column (schema, name) || !vl_schema_find_column (schema, name, &column))
        _vl_test_fail (run, "describe: expected a column \"%s\"", name);
      else if (!types_agree (vl_schema_get_column_type (schema, column),
                             vl_schema_get_column_type (expected, i)))
        _vl_test_fail (run, "describe: the column \"%s\" has another type", name);
    }
  _vl_test_expect_true (run,
                        vl_schema_get_table_name (schema) != NULL &&
                          *vl_schema_get_table_name (schema) != '\0',
                        "the schema names the table");
}

static void
check_id_column (VlTestRun *run)
{
  g_autoptr (VlSchema) schema = vl_table_get_schema (run->table);

  _vl_test_expect_true (run, schema != NULL, "get_schema knows the schema after describe");
  if (schema != NULL)
    _vl_test_expect_text (run, "id column", vl_schema_get_id_column (schema), "id");
}

static void
check_schema_is_kept (VlTestRun *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlSchema) schema = _vl_test_describe (run, &error);
  g_autoptr (VlSchema) kept = vl_table_get_schema (run->table);

  if (!_vl_test_no_error (run, "describe", error))
    return;
  _vl_test_expect_true (run, kept != NULL && vl_schema_equal (kept, schema),
                        "get_schema gives what describe answered");
}

static void
check_describe_repeats (VlTestRun *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlSchema) first = _vl_test_describe (run, &error);
  g_autoptr (VlSchema) second = error == NULL ? _vl_test_describe (run, &error) : NULL;

  if (!_vl_test_no_error (run, "describe", error))
    return;
  _vl_test_expect_true (run,
                        vl_schema_get_fingerprint (first) == vl_schema_get_fingerprint (second),
                        "describing twice gives the same fingerprint");
}

static void
check_identity (VlTestRun *run)
{
  g_autofree char *first = vl_table_get_identity (run->table);
  g_autofree char *second = vl_table_get_identity (run->table);

  _vl_test_expect_text (run, "identity, asked twice", second, first);
  _vl_test_expect_true (run, first == NULL || *first != '\0', "the identity is not empty");
}

static void
check_stream (VlTestRun *run)
{
  g_autoptr (VlLiveStream) stream = vl_table_get_stream (run->table);
  gboolean claims = (run->capabilities & VL_CAPABILITY_SUBSCRIBE) != 0;

  _vl_test_expect_true (run, !claims || stream != NULL,
                        "a table with the capability subscribe has a stream");
}

static void
check_unknown_relation (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_record ("a", "Apple", 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlTable)
    related = vl_table_get_related (run->table, "no such relation", record, &error);

  _vl_test_expect_true (run, related == NULL, "an unknown relation gives no table");
  _vl_test_expect_true (run, error != NULL, "an unknown relation gives an error");
}

/* --- An empty table --- */

static void
check_empty_list (VlTestRun *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = _vl_test_list (run, NULL, &error);

  if (!_vl_test_no_error (run, "list", error))
    return;
  _vl_test_expect_page (run, "the table to test must be empty", page, "");
  _vl_test_expect_true (run, vl_page_get_total (page) <= 0, "the total of nothing is 0 or unknown");
}

static void
check_empty_find (VlTestRun *run)
{
  _vl_test_expect_stored (run, "a", NULL);
}

static void
check_empty_first (VlTestRun *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record = _vl_test_get_first (run, NULL, &error);

  if (_vl_test_no_error (run, "get_first", error))
    _vl_test_expect_true (run, record == NULL, "an empty table has no first record");
}

static void
check_empty_count (VlTestRun *run)
{
  g_autoptr (GError) error = NULL;
  gint64 count = _vl_test_count (run, NULL, &error);

  if (_vl_test_no_error (run, "count", error))
    _vl_test_expect_number (run, "count", count, 0);
}

static void
check_empty_find_many (VlTestRun *run)
{
  const char *const ids[] = { "a", "b", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = _vl_test_find_many (run, ids, &error);

  if (_vl_test_no_error (run, "find_many", error))
    _vl_test_expect_page (run, "find_many", page, "");
}

static void
check_empty_delete_all (VlTestRun *run)
{
  g_autoptr (GError) error = NULL;

  _vl_test_expect_true (run, _vl_test_delete_all (run, NULL, &error),
                        "deleting all of nothing succeeds");
  _vl_test_no_error (run, "delete_all", error);
}

static const VlTestCheck checks[] = {
  { "describe/names-the-columns", 0, check_columns },
  { "describe/names-the-id-column", 0, check_id_column },
  { "describe/is-kept", 0, check_schema_is_kept },
  { "describe/repeats", 0, check_describe_repeats },
  { "identity/is-constant", 0, check_identity },
  { "stream/is-there-when-claimed", 0, check_stream },
  { "relations/unknown-is-an-error", 0, check_unknown_relation },
  { "empty/list", 0, check_empty_list },
  { "empty/find", 0, check_empty_find },
  { "empty/get-first", 0, check_empty_first },
  { "empty/count", VL_CAPABILITY_COUNT, check_empty_count },
  { "empty/find-many", 0, check_empty_find_many },
  { "empty/delete-all", VL_CAPABILITY_DELETE_ALL, check_empty_delete_all },
};

void
_vl_test_table_basics (VlTestRun *run)
{
  _vl_test_run_checks (run, checks, G_N_ELEMENTS (checks));
}

/* --- The battery --- */

static void
describe_first (VlTestRun *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlSchema) schema = NULL;

  run->check = "describe/answers";
  run->n_checks++;
  schema = _vl_test_describe (run, &error);
  if (_vl_test_no_error (run, "describe", error) && schema != NULL)
    run->capabilities = vl_schema_get_capabilities (schema);
}

/**
 * vl_test_table:
 * @table: an empty table with the schema of [func@VlTest.schema]
 * @error: return location for an error
 *
 * Runs the contract of a table against @table and stops at the first check
 * that fails.
 *
 * The thread-default main context is iterated until all is done. Where @table
 * lacks a capability, the check is that the operation fails unsupported; so the
 * number of checks is the same for all tables. @table is left empty.
 *
 * Returns: the number of checks that ran, or 0 with an error that names the
 *   check, what was expected and what came
 */
guint
vl_test_table (VlTable *table, GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  const VlTestFunc topics[] = {
    _vl_test_table_basics, _vl_test_table_reads,   _vl_test_table_queries,
    _vl_test_table_writes, _vl_test_table_values,  _vl_test_table_batches,
    _vl_test_table_bases,  _vl_test_table_repeats, _vl_test_table_calls,
  };
  VlTestRun run = { .table = table, .context = context };
  guint i;

  g_return_val_if_fail (VL_IS_TABLE (table), 0);
  g_return_val_if_fail (error == NULL || *error == NULL, 0);

  g_object_ref (table);
  describe_first (&run);
  for (i = 0; i < G_N_ELEMENTS (topics) && run.error == NULL; i++)
    topics[i](&run);
  if (run.error == NULL && (run.capabilities & VL_CAPABILITY_INSERT) != 0)
    _vl_test_clear (&run);
  g_object_unref (table);

  if (run.error != NULL)
    {
      g_propagate_error (error, run.error);
      return 0;
    }
  return run.n_checks;
}
