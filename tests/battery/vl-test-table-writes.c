/* vl-test-table-writes.c: one write at a time
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-test-private.h"

#include <string.h>

static void
expect_message_names (VlTestRun *run, GError *error, const char *id)
{
  if (error != NULL && strstr (error->message, id) == NULL)
    _vl_test_fail (run, "the message \"%s\" does not say which record", error->message);
}

/* --- Insert --- */

static void
check_insert (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_record ("d", "Date", 4);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  stored = _vl_test_insert (run, record, &error);
  if (!_vl_test_no_error (run, "insert", error))
    return;
  _vl_test_expect_record (run, "insert", stored, record);
  _vl_test_expect_stored (run, "d", record);
  _vl_test_expect_ids (run, "list", NULL, "a b c d");
}

static void
check_insert_answers_what_find_finds (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_make ("d", "{'name': <'Date'>}");
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;
  g_autoptr (VlRecord) found = NULL;

  _vl_test_seed_three (run);
  stored = _vl_test_insert (run, record, &error);
  if (!_vl_test_no_error (run, "insert", error))
    return;
  found = _vl_test_find (run, "d", &error);
  if (_vl_test_no_error (run, "find", error) && stored != NULL)
    _vl_test_expect_record (run, "find", found, stored);
}

static void
check_insert_existing (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_record ("b", "Other", 99);
  g_autoptr (VlRecord) old = _vl_test_record ("b", "Banana", 2);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  stored = _vl_test_insert (run, record, &error);
  _vl_test_expect_error (run, "insert", error, VL_ERROR_EXISTS);
  expect_message_names (run, error, "b");
  _vl_test_expect_stored (run, "b", old);
  _vl_test_expect_ids (run, "list", NULL, "a b c");
}

static void
check_insert_after_delete (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_record ("b", "Again", 5);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) before = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  before = _vl_test_delete (run, "b", &error);
  if (!_vl_test_no_error (run, "delete", error))
    return;
  stored = _vl_test_insert (run, record, &error);
  if (_vl_test_no_error (run, "insert", error))
    _vl_test_expect_stored (run, "b", record);
}

static void
check_insert_leaves_out (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_make ("d", "@a{sv} {}");
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  stored = _vl_test_insert (run, record, &error);
  if (_vl_test_no_error (run, "insert", error))
    _vl_test_expect_stored (run, "d", record);
}

static void
check_insert_unknown_column (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_make ("d", "{'nonsense': <'x'>}");
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  stored = _vl_test_insert (run, record, &error);
  _vl_test_expect_error (run, "insert", error, VL_ERROR_INVALID);
  _vl_test_expect_stored (run, "d", NULL);
}

static void
check_insert_without_id (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_record (NULL, "Nameless", 4);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  stored = _vl_test_insert (run, record, &error);
  if ((run->capabilities & VL_CAPABILITY_ASSIGN_ID) == 0)
    {
      if (!g_error_matches (error, VL_ERROR, VL_ERROR_UNSUPPORTED))
        _vl_test_expect_error (run, "insert", error, VL_ERROR_INVALID);
      _vl_test_expect_ids (run, "list", NULL, "a b c");
    }
  else if (_vl_test_no_error (run, "insert", error) && stored != NULL)
    {
      _vl_test_expect_true (run, vl_record_get_id (stored) != NULL, "an id was given");
      if (vl_record_get_id (stored) != NULL)
        _vl_test_expect_stored (run, vl_record_get_id (stored), record);
    }
}

/* --- Replace --- */

static void
check_replace_creates (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_record ("d", "Date", 4);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  stored = _vl_test_replace (run, record, &error);
  if (!_vl_test_no_error (run, "replace", error))
    return;
  _vl_test_expect_record (run, "replace", stored, record);
  _vl_test_expect_stored (run, "d", record);
}

static void
check_replace_replaces_all (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_make ("b", "{'note': <'new'>}");
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  stored = _vl_test_replace (run, record, &error);
  if (!_vl_test_no_error (run, "replace", error))
    return;
  /* Fields that the new record does not have are gone. */
  _vl_test_expect_record (run, "replace", stored, record);
  _vl_test_expect_stored (run, "b", record);
  _vl_test_expect_ids (run, "list", NULL, "a b c");
}

static void
check_replace_unknown_column (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_make ("b", "{'nonsense': <'x'>}");
  g_autoptr (VlRecord) old = _vl_test_record ("b", "Banana", 2);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  stored = _vl_test_replace (run, record, &error);
  _vl_test_expect_error (run, "replace", error, VL_ERROR_INVALID);
  _vl_test_expect_stored (run, "b", old);
}

/* --- Patch --- */

static void
check_patch (VlTestRun *run)
{
  g_autoptr (VlRecord) fields = _vl_test_make (NULL, "{'stock': <int64 77>, 'note': <'n'>}");
  g_autoptr (VlRecord)
    expected = _vl_test_make ("b", "{'name': <'Banana'>, 'stock': <int64 77>, 'note': <'n'>}");
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  stored = _vl_test_patch (run, "b", fields, &error);
  if (!_vl_test_no_error (run, "patch", error))
    return;
  _vl_test_expect_record (run, "patch", stored, expected);
  _vl_test_expect_stored (run, "b", expected);
}

static void
check_patch_leaves_others_alone (VlTestRun *run)
{
  g_autoptr (VlRecord) fields = _vl_test_make (NULL, "{'stock': <int64 77>}");
  g_autoptr (VlRecord) a = _vl_test_record ("a", "Apple", 1);
  g_autoptr (VlRecord) c = _vl_test_record ("c", "Cherry", 3);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  stored = _vl_test_patch (run, "b", fields, &error);
  if (!_vl_test_no_error (run, "patch", error))
    return;
  _vl_test_expect_stored (run, "a", a);
  _vl_test_expect_stored (run, "c", c);
}

static void
check_patch_to_null (VlTestRun *run)
{
  g_autoptr (VlRecord) fields = _vl_test_make (NULL, "{'name': <@ms nothing>}");
  g_autoptr (VlRecord) expected = _vl_test_record ("b", NULL, 2);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  stored = _vl_test_patch (run, "b", fields, &error);
  if (!_vl_test_no_error (run, "patch", error))
    return;
  _vl_test_expect_record (run, "patch", stored, expected);
  _vl_test_expect_stored (run, "b", expected);
}

static void
check_patch_nothing (VlTestRun *run)
{
  g_autoptr (VlRecord) fields = _vl_test_make (NULL, "@a{sv} {}");
  g_autoptr (VlRecord) expected = _vl_test_record ("b", "Banana", 2);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  stored = _vl_test_patch (run, "b", fields, &error);
  if (!_vl_test_no_error (run, "patch", error))
    return;
  _vl_test_expect_record (run, "patch", stored, expected);
  _vl_test_expect_stored (run, "b", expected);
}

static void
check_patch_nothing_unknown (VlTestRun *run)
{
  g_autoptr (VlRecord) fields = _vl_test_make (NULL, "@a{sv} {}");
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  stored = _vl_test_patch (run, "nobody", fields, &error);
  _vl_test_expect_error (run, "patch", error, VL_ERROR_NOT_FOUND);
}

static void
check_patch_unknown (VlTestRun *run)
{
  g_autoptr (VlRecord) fields = _vl_test_make (NULL, "{'stock': <int64 77>}");
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  stored = _vl_test_patch (run, "nobody", fields, &error);
  _vl_test_expect_error (run, "patch", error, VL_ERROR_NOT_FOUND);
  expect_message_names (run, error, "nobody");
  _vl_test_expect_ids (run, "list", NULL, "a b c");
}

static void
check_patch_unknown_column (VlTestRun *run)
{
  g_autoptr (VlRecord) fields = _vl_test_make (NULL, "{'stock': <int64 77>, 'nonsense': <'x'>}");
  g_autoptr (VlRecord) old = _vl_test_record ("b", "Banana", 2);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  stored = _vl_test_patch (run, "b", fields, &error);
  _vl_test_expect_error (run, "patch", error, VL_ERROR_INVALID);
  _vl_test_expect_stored (run, "b", old);
}

static void
check_patch_moves_the_record (VlTestRun *run)
{
  g_autoptr (VlRecord) fields = _vl_test_make (NULL, "{'stock': <int64 77>}");
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_order_by (all, "stock", TRUE);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  _vl_test_expect_ids (run, "list before", query, "c b a");
  stored = _vl_test_patch (run, "a", fields, &error);
  if (_vl_test_no_error (run, "patch", error))
    _vl_test_expect_ids (run, "list afterwards", query, "a c b");
}

/* --- Delete --- */

static void
check_delete (VlTestRun *run)
{
  g_autoptr (VlRecord) expected = _vl_test_record ("b", "Banana", 2);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) before = NULL;

  _vl_test_seed_three (run);
  before = _vl_test_delete (run, "b", &error);
  if (!_vl_test_no_error (run, "delete", error))
    return;
  /* A table may not tell what it deleted; what it tells must be true. */
  if (before != NULL)
    _vl_test_expect_record (run, "delete", before, expected);
  _vl_test_expect_stored (run, "b", NULL);
  _vl_test_expect_ids (run, "list", NULL, "a c");
}

static void
check_delete_unknown (VlTestRun *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) before = NULL;

  _vl_test_seed_three (run);
  before = _vl_test_delete (run, "nobody", &error);
  if (!_vl_test_no_error (run, "delete", error))
    return;
  _vl_test_expect_true (run, before == NULL, "deleting an unknown id gives no record");
  _vl_test_expect_ids (run, "list", NULL, "a b c");
}

static void
check_delete_twice (VlTestRun *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) first = NULL;
  g_autoptr (VlRecord) second = NULL;

  _vl_test_seed_three (run);
  first = _vl_test_delete (run, "b", &error);
  if (!_vl_test_no_error (run, "delete", error))
    return;
  second = _vl_test_delete (run, "b", &error);
  if (_vl_test_no_error (run, "delete again", error))
    _vl_test_expect_true (run, second == NULL, "deleting again gives no record");
}

static void
check_delete_is_exact (VlTestRun *run)
{
  const char *const near[] = { "A", "a ", "%", "_", "*", "a' OR '1'='1" };
  guint i;

  _vl_test_seed_three (run);
  for (i = 0; i < G_N_ELEMENTS (near) && run->error == NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VlRecord) before = _vl_test_delete (run, near[i], &error);

      if (_vl_test_no_error (run, "delete", error))
        _vl_test_expect_true (run, before == NULL, "no record was deleted");
    }
  _vl_test_expect_ids (run, "list", NULL, "a b c");
}

/* --- Delete all --- */

static void
expect_deleted (VlTestRun *run, VlQuery *query, const char *left)
{
  g_autoptr (GError) error = NULL;
  gboolean done;

  _vl_test_seed_goods (run);
  done = _vl_test_delete_all (run, query, &error);
  if (!_vl_test_no_error (run, "delete_all", error))
    return;
  _vl_test_expect_true (run, done, "delete_all answers TRUE");
  _vl_test_expect_ids (run, "list", NULL, left);
}

static void
check_delete_all (VlTestRun *run)
{
  expect_deleted (run, NULL, "");
}

static void
check_delete_all_empty_query (VlTestRun *run)
{
  g_autoptr (VlQuery) all = vl_query_new ();

  expect_deleted (run, all, "");
}

static void
check_delete_all_filtered (VlTestRun *run)
{
  g_autoptr (VlQuery) query = _vl_test_where ("stock", VL_OP_EQ, "int64 5");

  expect_deleted (run, query, "a b d e f g j");
}

static void
check_delete_all_null (VlTestRun *run)
{
  g_autoptr (VlQuery) query = _vl_test_where ("stock", VL_OP_NE, "int64 5");

  /* Null does not meet "not equal". */
  expect_deleted (run, query, "c d h i");
}

static void
check_delete_all_searched (VlTestRun *run)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_search (all, "apple");

  expect_deleted (run, query, "b c d e f h");
}

static void
check_delete_all_of_none (VlTestRun *run)
{
  g_autoptr (VlQuery) query = _vl_test_where ("stock", VL_OP_EQ, "int64 555");

  expect_deleted (run, query, "a b c d e f g h i j");
}

static void
check_delete_all_unknown_column (VlTestRun *run)
{
  g_autoptr (VlQuery) query = _vl_test_where ("nonsense", VL_OP_IS_NULL, NULL);
  g_autoptr (GError) error = NULL;

  _vl_test_seed_three (run);
  _vl_test_delete_all (run, query, &error);
  _vl_test_expect_error (run, "delete_all", error, VL_ERROR_INVALID);
  _vl_test_expect_ids (run, "list", NULL, "a b c");
}

/* Two of three, or nothing and an error: never more than was asked for. */
static void
check_delete_all_window (VlTestRun *run)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_window (all, 1, 2);
  g_autoptr (GError) error = NULL;

  _vl_test_seed_three (run);
  if (_vl_test_delete_all (run, query, &error))
    _vl_test_expect_ids (run, "list", NULL, "a");
  else
    _vl_test_expect_ids (run, "list", NULL, "a b c");
}

static const VlTestCheck checks[] = {
  { "insert/stores", 0, check_insert },
  { "insert/answers-what-find-finds", 0, check_insert_answers_what_find_finds },
  { "insert/existing-id", 0, check_insert_existing },
  { "insert/after-delete", VL_CAPABILITY_DELETE, check_insert_after_delete },
  { "insert/fields-left-out-are-null", 0, check_insert_leaves_out },
  { "insert/unknown-column", 0, check_insert_unknown_column },
  { "insert/without-an-id", 0, check_insert_without_id },
  { "replace/creates", VL_CAPABILITY_REPLACE, check_replace_creates },
  { "replace/replaces-every-field", VL_CAPABILITY_REPLACE, check_replace_replaces_all },
  { "replace/unknown-column", VL_CAPABILITY_REPLACE, check_replace_unknown_column },
  { "patch/changes-its-fields-only", VL_CAPABILITY_PATCH, check_patch },
  { "patch/leaves-other-records-alone", VL_CAPABILITY_PATCH, check_patch_leaves_others_alone },
  { "patch/to-null", VL_CAPABILITY_PATCH, check_patch_to_null },
  { "patch/of-nothing", VL_CAPABILITY_PATCH, check_patch_nothing },
  { "patch/of-nothing-unknown-id", VL_CAPABILITY_PATCH, check_patch_nothing_unknown },
  { "patch/unknown-id", VL_CAPABILITY_PATCH, check_patch_unknown },
  { "patch/unknown-column", VL_CAPABILITY_PATCH, check_patch_unknown_column },
  { "patch/moves-the-record", VL_CAPABILITY_PATCH | VL_CAPABILITY_ORDER,
    check_patch_moves_the_record },
  { "delete/deletes", VL_CAPABILITY_DELETE, check_delete },
  { "delete/unknown-id-is-no-error", VL_CAPABILITY_DELETE, check_delete_unknown },
  { "delete/twice", VL_CAPABILITY_DELETE, check_delete_twice },
  { "delete/is-exact", VL_CAPABILITY_DELETE, check_delete_is_exact },
  { "delete-all/without-a-query", VL_CAPABILITY_DELETE_ALL, check_delete_all },
  { "delete-all/with-an-empty-query", VL_CAPABILITY_DELETE_ALL, check_delete_all_empty_query },
  { "delete-all/by-condition", VL_CAPABILITY_DELETE_ALL | VL_CAPABILITY_FILTER,
    check_delete_all_filtered },
  { "delete-all/leaves-null-out", VL_CAPABILITY_DELETE_ALL | VL_CAPABILITY_FILTER,
    check_delete_all_null },
  { "delete-all/by-search", VL_CAPABILITY_DELETE_ALL | VL_CAPABILITY_SEARCH,
    check_delete_all_searched },
  { "delete-all/of-none", VL_CAPABILITY_DELETE_ALL | VL_CAPABILITY_FILTER,
    check_delete_all_of_none },
  { "delete-all/unknown-column", VL_CAPABILITY_DELETE_ALL | VL_CAPABILITY_FILTER,
    check_delete_all_unknown_column },
  { "delete-all/never-more-than-asked", VL_CAPABILITY_DELETE_ALL | VL_CAPABILITY_WINDOW,
    check_delete_all_window },
};

void
_vl_test_table_writes (VlTestRun *run)
{
  _vl_test_run_checks (run, checks, G_N_ELEMENTS (checks));
}
