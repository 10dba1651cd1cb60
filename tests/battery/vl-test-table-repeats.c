/* vl-test-table-repeats.c: changes that are sent again
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-test-private.h"

static void
expect_applied (VlTestRun *run, const char *what, VlOutcome *outcome)
{
  if (outcome != NULL && vl_outcome_get_error (outcome) != NULL)
    _vl_test_fail (run, "%s: expected no error, got %s", what,
                   vl_outcome_get_error (outcome)->message);
}

/* Applies it; the answer has to be a record of the same id as the table's. */
static void
send (VlTestRun *run, const char *what, VlChange *change, VlRecord *expected)
{
  g_autoptr (VlOutcome) outcome = _vl_test_apply_one (run, change);

  expect_applied (run, what, outcome);
  if (outcome != NULL && run->error == NULL && expected != NULL)
    _vl_test_expect_record (run, what, vl_outcome_get_record (outcome), expected);
}

/* Somebody else writes in between. */
static void
patch_name (VlTestRun *run, const char *id, const char *name)
{
  g_autoptr (VlRecord) record = vl_record_new (id, NULL);
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new_from (record);
  g_autoptr (VlRecord) fields = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  vl_record_builder_set_string (builder, "name", name);
  fields = vl_record_builder_end (builder);
  stored = _vl_test_patch (run, id, fields, &error);
  _vl_test_no_error (run, "patch", error);
}

static void
check_insert (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_record ("d", "Date", 4);
  g_autoptr (VlChange) change = vl_change_new_insert (record);

  _vl_test_seed_three (run);
  send (run, "insert", change, record);
  send (run, "insert again", change, record);
  _vl_test_expect_ids (run, "list", NULL, "a b c d");
}

/* The id that it was given the first time, and no second record. */
static void
check_insert_without_id (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_record (NULL, "Nameless", 4);
  g_autoptr (VlChange) change = vl_change_new_insert (record);
  g_autoptr (VlOutcome) first = NULL;
  g_autoptr (VlOutcome) second = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = NULL;

  _vl_test_seed_three (run);
  first = _vl_test_apply_one (run, change);
  second = _vl_test_apply_one (run, change);
  expect_applied (run, "insert", first);
  expect_applied (run, "insert again", second);
  if (run->error != NULL || vl_outcome_get_record (first) == NULL)
    return;

  _vl_test_expect_record (run, "insert again", vl_outcome_get_record (second),
                          vl_outcome_get_record (first));
  page = _vl_test_list (run, NULL, &error);
  if (_vl_test_no_error (run, "list", error))
    _vl_test_expect_number (run, "records", vl_page_get_n_records (page), 4);
}

/* What came after it is not undone, and is what the answer says. */
static void
check_patch (VlTestRun *run)
{
  g_autoptr (VlRecord) fields = _vl_test_make (NULL, "{'name': <'Berry'>}");
  g_autoptr (VlRecord) first = _vl_test_record ("b", "Berry", 2);
  g_autoptr (VlRecord) then = _vl_test_record ("b", "Plum", 2);
  g_autoptr (VlChange) change = vl_change_new_patch ("b", fields);

  _vl_test_seed_three (run);
  send (run, "patch", change, first);
  patch_name (run, "b", "Plum");
  send (run, "patch again", change, then);
  _vl_test_expect_stored (run, "b", then);
}

static void
check_replace (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_record ("b", "Berry", 3);
  g_autoptr (VlRecord) then = _vl_test_record ("b", "Plum", 3);
  g_autoptr (VlChange) change = vl_change_new_replace (record);

  _vl_test_seed_three (run);
  send (run, "replace", change, record);
  patch_name (run, "b", "Plum");
  send (run, "replace again", change, then);
  _vl_test_expect_stored (run, "b", then);
}

/* A new record of the same id stays. */
static void
check_delete (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_record ("b", "Berry", 3);
  g_autoptr (VlChange) change = vl_change_new_delete ("b");
  g_autoptr (VlOutcome) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  send (run, "delete", change, NULL);
  stored = _vl_test_insert (run, record, &error);
  _vl_test_no_error (run, "insert", error);
  again = _vl_test_apply_one (run, change);
  expect_applied (run, "delete again", again);
  _vl_test_expect_true (run, again == NULL || vl_outcome_get_record (again) == NULL,
                        "a deletion that is sent again tells of no record");
  _vl_test_expect_stored (run, "b", record);
}

static void
check_delete_all (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_record ("d", "Date", 4);
  g_autoptr (VlChange) change = vl_change_new_delete_all (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  send (run, "delete-all", change, NULL);
  stored = _vl_test_insert (run, record, &error);
  _vl_test_no_error (run, "insert", error);
  send (run, "delete-all again", change, NULL);
  _vl_test_expect_ids (run, "list", NULL, "d");
}

/* Its own doing is no conflict. */
static void
check_with_base (VlTestRun *run)
{
  g_autoptr (VlRecord) base = _vl_test_record ("b", "Banana", 2);
  g_autoptr (VlRecord) fields = _vl_test_make (NULL, "{'name': <'Berry'>}");
  g_autoptr (VlRecord) expected = _vl_test_record ("b", "Berry", 2);
  g_autoptr (VlChange) plain = vl_change_new_patch ("b", fields);
  g_autoptr (VlChange) change = vl_change_with_base (plain, base);

  _vl_test_seed_three (run);
  send (run, "patch", change, expected);
  send (run, "patch again", change, expected);
}

/* What was refused was not applied, and may work the next time. */
static void
check_refused (VlTestRun *run)
{
  g_autoptr (VlRecord) fields = _vl_test_make (NULL, "{'name': <'Date'>}");
  g_autoptr (VlRecord) record = _vl_test_record ("d", "Dill", 4);
  g_autoptr (VlRecord) expected = _vl_test_record ("d", "Date", 4);
  g_autoptr (VlChange) change = vl_change_new_patch ("d", fields);
  g_autoptr (VlOutcome) refused = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  refused = _vl_test_apply_one (run, change);
  _vl_test_expect_true (run, refused == NULL || vl_outcome_get_error (refused) != NULL,
                        "patching nothing is refused");
  stored = _vl_test_insert (run, record, &error);
  _vl_test_no_error (run, "insert", error);
  send (run, "patch again", change, expected);
  _vl_test_expect_stored (run, "d", expected);
}

/* Two changes that look alike are two. */
static void
check_others (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_record ("d", "Date", 4);
  g_autoptr (VlChange) first = vl_change_new_insert (record);
  g_autoptr (VlChange) second = vl_change_new_insert (record);
  g_autoptr (VlOutcome) outcome = NULL;

  _vl_test_seed_three (run);
  send (run, "insert", first, record);
  outcome = _vl_test_apply_one (run, second);
  _vl_test_expect_true (run,
                        outcome == NULL || g_error_matches (vl_outcome_get_error (outcome),
                                                            VL_ERROR, VL_ERROR_EXISTS),
                        "another change of the same record is not taken for the first");
}

static void
check_without_uid (VlTestRun *run)
{
  g_autoptr (VlRecord) fields = _vl_test_make (NULL, "{'name': <'Berry'>}");
  g_autoptr (VlRecord) expected = _vl_test_record ("b", "Berry", 2);
  g_autoptr (VlChange) plain = vl_change_new_patch ("b", fields);
  g_autoptr (VlChange) change = vl_change_with_uid (plain, "");

  _vl_test_seed_three (run);
  send (run, "patch", change, expected);
  patch_name (run, "b", "Plum");
  send (run, "patch again", change, expected);
  _vl_test_expect_stored (run, "b", expected);
}

/* Half of the batch is known. */
static void
check_batch (VlTestRun *run)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (VlRecord) d = _vl_test_record ("d", "Date", 4);
  g_autoptr (VlRecord) e = _vl_test_record ("e", "Elder", 5);
  g_autoptr (VlChange) first = vl_change_new_insert (d);
  g_autoptr (VlChange) second = vl_change_new_insert (e);
  g_autoptr (GError) error = NULL;

  _vl_test_seed_three (run);
  send (run, "insert", first, d);
  g_list_store_append (changes, second);
  g_list_store_append (changes, first);
  for (guint i = 0; i < 2 && run->error == NULL; i++)
    {
      g_autoptr (GListModel) outcomes = _vl_test_apply_many (run, G_LIST_MODEL (changes), &error);

      if (!_vl_test_no_error (run, "apply_many", error) || outcomes == NULL)
        return;
      for (guint k = 0; k < 2; k++)
        {
          g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, k);

          expect_applied (run, "a change of a batch again", outcome);
          if (run->error == NULL)
            _vl_test_expect_record (run, "a change of a batch again",
                                    vl_outcome_get_record (outcome), k == 0 ? e : d);
        }
    }
  _vl_test_expect_ids (run, "list", NULL, "a b c d e");
}

#define ONCE VL_CAPABILITY_IDEMPOTENT

static const VlTestCheck checks[] = {
  { "repeat/insert", ONCE, check_insert },
  { "repeat/insert-without-an-id", ONCE | VL_CAPABILITY_ASSIGN_ID, check_insert_without_id },
  { "repeat/patch", ONCE | VL_CAPABILITY_PATCH, check_patch },
  { "repeat/replace", ONCE | VL_CAPABILITY_PATCH | VL_CAPABILITY_REPLACE, check_replace },
  { "repeat/delete", ONCE | VL_CAPABILITY_DELETE, check_delete },
  { "repeat/delete-all", ONCE | VL_CAPABILITY_DELETE_ALL, check_delete_all },
  { "repeat/with-a-base", ONCE | VL_CAPABILITY_PATCH | VL_CAPABILITY_CHECK_BASE, check_with_base },
  { "repeat/what-was-refused", ONCE | VL_CAPABILITY_PATCH, check_refused },
  { "repeat/not-what-looks-alike", ONCE, check_others },
  { "repeat/not-without-a-uid", ONCE | VL_CAPABILITY_PATCH, check_without_uid },
  { "repeat/in-a-batch", ONCE, check_batch },
};

void
_vl_test_table_repeats (VlTestRun *run)
{
  _vl_test_run_checks (run, checks, G_N_ELEMENTS (checks));
}
