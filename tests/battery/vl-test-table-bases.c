/* vl-test-table-bases.c: changes that say what they were based on
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-test-private.h"

#include <string.h>

/* What the records a, b and c are when a check begins, with more fields than
 * the others give them. */
#define B_FIELDS "{'name': <'Banana'>, 'stock': <int64 2>, 'price': <1.5>, 'mixed': <int64 5>}"

static void
seed (VlTestRun *run)
{
  g_autoptr (VlRecord) b = _vl_test_make ("b", B_FIELDS);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  _vl_test_seed_three (run);
  stored = _vl_test_patch (run, "b", b, &error);
  _vl_test_no_error (run, "patch", error);
}

/* Applies a change with a base. The first is consumed. */
static VlOutcome *
apply (VlTestRun *run, VlChange *plain, const char *base)
{
  g_autoptr (VlChange) owned = plain;
  g_autoptr (VlRecord) record = _vl_test_make (vl_change_get_id (plain), base);
  g_autoptr (VlChange) change = vl_change_with_base (owned, record);

  return _vl_test_apply_one (run, change);
}

static VlOutcome *
patch (VlTestRun *run, const char *fields, const char *base)
{
  g_autoptr (VlRecord) record = _vl_test_make (NULL, fields);

  return apply (run, vl_change_new_patch ("b", record), base);
}

static VlOutcome *
replace (VlTestRun *run, const char *fields, const char *base)
{
  g_autoptr (VlRecord) record = _vl_test_make ("b", fields);

  return apply (run, vl_change_new_replace (record), base);
}

/* It was refused, says why, and has the record as it is: `expected`, or none
 * when that is NULL. Nothing was changed. */
static void
expect_conflict (VlTestRun *run, VlOutcome *outcome, const char *field, const char *expected)
{
  g_autoptr (VlRecord) current = expected != NULL ? _vl_test_make ("b", expected) : NULL;
  g_autoptr (GError) error = NULL;

  if (outcome == NULL)
    return;
  if (vl_outcome_get_error (outcome) != NULL)
    error = g_error_copy (vl_outcome_get_error (outcome));
  _vl_test_expect_error (run, "a change with an old base", error, VL_ERROR_CONFLICT);
  if (run->error != NULL)
    return;

  if (strstr (error->message, "b") == NULL)
    _vl_test_fail (run, "the message \"%s\" does not say which record", error->message);
  if (field != NULL && strstr (error->message, field) == NULL)
    _vl_test_fail (run, "the message \"%s\" does not name the field %s", error->message, field);
  if (expected == NULL)
    _vl_test_expect_true (run, vl_outcome_get_record (outcome) == NULL,
                          "the conflict has no record, since it is gone");
  else
    _vl_test_expect_record (run, "the conflict's record", vl_outcome_get_record (outcome), current);
  _vl_test_expect_stored (run, "b", current);
}

static void
expect_applied (VlTestRun *run, VlOutcome *outcome, const char *expected)
{
  g_autoptr (VlRecord) record = expected != NULL ? _vl_test_make ("b", expected) : NULL;

  if (outcome == NULL)
    return;
  if (vl_outcome_get_error (outcome) != NULL)
    _vl_test_fail (run, "a change with a good base: expected no error, got %s",
                   vl_outcome_get_error (outcome)->message);
  _vl_test_expect_stored (run, "b", record);
}

static void
delete_b (VlTestRun *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) before = _vl_test_delete (run, "b", &error);

  _vl_test_no_error (run, "delete", error);
}

/* Another field than those that are patched may have changed. */
static void
check_patch_of_the_same (VlTestRun *run)
{
  g_autoptr (VlOutcome) outcome = NULL;

  seed (run);
  outcome = patch (run, "{'name': <'Berry'>}", "{'name': <'Banana'>, 'stock': <int64 99>}");
  expect_applied (run, outcome,
                  "{'name': <'Berry'>, 'stock': <int64 2>, 'price': <1.5>, 'mixed': <int64 5>}");
  if (outcome != NULL && vl_outcome_get_record (outcome) != NULL)
    _vl_test_expect_text (run, "the name that is answered",
                          vl_record_get_string (vl_outcome_get_record (outcome), "name"), "Berry");
}

static void
check_patch_of_another (VlTestRun *run)
{
  g_autoptr (VlOutcome) outcome = NULL;

  seed (run);
  outcome = patch (run, "{'name': <'Berry'>, 'stock': <int64 3>}",
                   "{'name': <'Banana'>, 'stock': <int64 1>}");
  expect_conflict (run, outcome, "stock", B_FIELDS);
}

/* Even when the patch would make it what it is already. */
static void
check_patch_to_the_same (VlTestRun *run)
{
  g_autoptr (VlOutcome) outcome = NULL;

  seed (run);
  outcome = patch (run, "{'name': <'Banana'>}", "{'name': <'Plum'>}");
  expect_conflict (run, outcome, "name", B_FIELDS);
}

static void
check_patch_without_the_field (VlTestRun *run)
{
  g_autoptr (VlOutcome) outcome = NULL;

  seed (run);
  outcome = patch (run, "{'name': <'Berry'>}", "{'stock': <int64 99>}");
  expect_applied (run, outcome,
                  "{'name': <'Berry'>, 'stock': <int64 2>, 'price': <1.5>, 'mixed': <int64 5>}");
}

static void
check_null (VlTestRun *run)
{
  g_autoptr (VlOutcome) equal = NULL;
  g_autoptr (VlOutcome) not_null = NULL;
  g_autoptr (VlOutcome) not_there = NULL;

  seed (run);
  not_null = patch (run, "{'name': <'Berry'>}", "{'name': <@ms nothing>}");
  expect_conflict (run, not_null, "name", B_FIELDS);
  not_there = patch (run, "{'note': <'Berry'>}", "{'note': <'then'>}");
  expect_conflict (run, not_there, "note", B_FIELDS);
  equal = patch (run, "{'name': <'Berry'>, 'note': <'new'>}",
                 "{'name': <'Banana'>, 'note': <@ms nothing>}");
  expect_applied (run, equal,
                  "{'name': <'Berry'>, 'stock': <int64 2>, 'price': <1.5>, 'mixed': <int64 5>, "
                  "'note': <'new'>}");
}

/* 5 is 5.0, and 2^53 + 1 is no double. */
static void
check_numbers (VlTestRun *run)
{
  g_autoptr (VlOutcome) equal = NULL;
  g_autoptr (VlOutcome) next = NULL;
  g_autoptr (VlOutcome) text = NULL;

  seed (run);
  text = patch (run, "{'mixed': <int64 6>}", "{'mixed': <'5'>}");
  expect_conflict (run, text, "mixed", B_FIELDS);
  equal = patch (run, "{'mixed': <int64 9007199254740993>}", "{'mixed': <5.0>}");
  expect_applied (run, equal,
                  "{'name': <'Banana'>, 'stock': <int64 2>, 'price': <1.5>, "
                  "'mixed': <int64 9007199254740993>}");
  next = patch (run, "{'mixed': <int64 7>}", "{'mixed': <9007199254740992.0>}");
  expect_conflict (run, next, "mixed",
                   "{'name': <'Banana'>, 'stock': <int64 2>, 'price': <1.5>, "
                   "'mixed': <int64 9007199254740993>}");
}

/* The new record leaves out what has changed, and would undo it. */
static void
check_replace (VlTestRun *run)
{
  g_autoptr (VlOutcome) old = NULL;
  g_autoptr (VlOutcome) good = NULL;

  seed (run);
  old = replace (run, "{'name': <'Berry'>}", "{'name': <'Banana'>, 'price': <2.5>}");
  expect_conflict (run, old, "price", B_FIELDS);
  good = replace (run, "{'name': <'Berry'>}", "{'name': <'Banana'>, 'price': <1.5>}");
  expect_applied (run, good, "{'name': <'Berry'>}");
}

static void
check_delete (VlTestRun *run)
{
  g_autoptr (VlOutcome) old = NULL;
  g_autoptr (VlOutcome) good = NULL;

  seed (run);
  old = apply (run, vl_change_new_delete ("b"), "{'name': <'Banana'>, 'stock': <int64 1>}");
  expect_conflict (run, old, "stock", B_FIELDS);
  good = apply (run, vl_change_new_delete ("b"), B_FIELDS);
  expect_applied (run, good, NULL);
}

static void
check_patch_of_gone (VlTestRun *run)
{
  g_autoptr (VlOutcome) outcome = NULL;

  seed (run);
  delete_b (run);
  outcome = patch (run, "{'name': <'Berry'>}", B_FIELDS);
  expect_conflict (run, outcome, NULL, NULL);
}

static void
check_replace_of_gone (VlTestRun *run)
{
  g_autoptr (VlOutcome) outcome = NULL;

  seed (run);
  delete_b (run);
  outcome = replace (run, "{'name': <'Berry'>}", B_FIELDS);
  expect_conflict (run, outcome, NULL, NULL);
}

static void
check_delete_of_gone (VlTestRun *run)
{
  g_autoptr (VlOutcome) outcome = NULL;

  seed (run);
  delete_b (run);
  outcome = apply (run, vl_change_new_delete ("b"), B_FIELDS);
  expect_applied (run, outcome, NULL);
  _vl_test_expect_true (run, outcome == NULL || vl_outcome_get_record (outcome) == NULL,
                        "there is nothing left to tell of");
}

static void
check_insert (VlTestRun *run)
{
  g_autoptr (VlRecord) record = _vl_test_make ("b", "{'name': <'Berry'>}");
  g_autoptr (VlOutcome) outcome = NULL;

  seed (run);
  delete_b (run);
  outcome = apply (run, vl_change_new_insert (record), B_FIELDS);
  expect_applied (run, outcome, "{'name': <'Berry'>}");
}

/* Of a batch each change has its own base, and its own record. */
static void
check_batch (VlTestRun *run)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (VlRecord) fields = _vl_test_make (NULL, "{'name': <'New'>}");
  const char *const bases[] = { "{'name': <'Apple'>}", "{'name': <'Plum'>}",
                                "{'name': <'Cherry'>}" };
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlOutcome) first = NULL;
  g_autoptr (VlOutcome) second = NULL;
  g_autoptr (VlOutcome) third = NULL;

  seed (run);
  for (guint i = 0; i < G_N_ELEMENTS (bases); i++)
    {
      const char id[] = { (char) ('a' + i), '\0' };
      g_autoptr (VlRecord) base = _vl_test_make (id, bases[i]);
      g_autoptr (VlChange) plain = vl_change_new_patch (id, fields);
      g_autoptr (VlChange) change = vl_change_with_base (plain, base);

      g_list_store_append (changes, change);
    }
  outcomes = _vl_test_apply_many (run, G_LIST_MODEL (changes), &error);
  if (!_vl_test_no_error (run, "apply_many", error) || outcomes == NULL)
    return;

  first = g_list_model_get_item (outcomes, 0);
  second = g_list_model_get_item (outcomes, 1);
  third = g_list_model_get_item (outcomes, 2);
  expect_conflict (run, second, "name", B_FIELDS);
  _vl_test_expect_true (run,
                        vl_outcome_get_error (first) == NULL &&
                          vl_outcome_get_error (third) == NULL,
                        "the changes beside a conflict are applied");
}

/* What a table without the capability does. */
void
_vl_test_expect_no_base (VlTestRun *run)
{
  g_autoptr (VlOutcome) outcome = NULL;

  if ((run->capabilities & VL_CAPABILITY_INSERT) == 0 ||
      (run->capabilities & VL_CAPABILITY_PATCH) == 0)
    return;

  seed (run);
  outcome = patch (run, "{'name': <'Berry'>}", "{'name': <'Plum'>}");
  expect_applied (run, outcome,
                  "{'name': <'Berry'>, 'stock': <int64 2>, 'price': <1.5>, 'mixed': <int64 5>}");
}

#define BASE    VL_CAPABILITY_CHECK_BASE
#define PATCH   (BASE | VL_CAPABILITY_PATCH)
#define REPLACE (PATCH | VL_CAPABILITY_REPLACE)
#define DELETE  (PATCH | VL_CAPABILITY_DELETE)

static const VlTestCheck checks[] = {
  { "base/patch-beside-what-has-changed", PATCH, check_patch_of_the_same },
  { "base/patch-of-what-has-changed", PATCH, check_patch_of_another },
  { "base/patch-to-what-it-is", PATCH, check_patch_to_the_same },
  { "base/field-that-it-does-not-have", PATCH, check_patch_without_the_field },
  { "base/null-equals-null", PATCH, check_null },
  { "base/numbers-exactly", PATCH, check_numbers },
  { "base/replace-touches-all", REPLACE, check_replace },
  { "base/delete-touches-all", DELETE, check_delete },
  { "base/patch-of-what-is-gone", DELETE, check_patch_of_gone },
  { "base/replace-of-what-is-gone", REPLACE | DELETE, check_replace_of_gone },
  { "base/delete-of-what-is-gone", DELETE, check_delete_of_gone },
  { "base/insert-touches-nothing", DELETE, check_insert },
  { "base/each-of-a-batch", PATCH, check_batch },
};

void
_vl_test_table_bases (VlTestRun *run)
{
  _vl_test_run_checks (run, checks, G_N_ELEMENTS (checks));
}
