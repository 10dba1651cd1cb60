/* test-change.c: changes and their outcomes
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>
#include <vantage-live.h>

#include "table/vl-outcome-private.h"

static VlRecord *
make_record (const char *id, const char *name)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (id);

  vl_record_builder_set_string (builder, "name", name);

  return vl_record_builder_end (builder);
}

static void
test_kinds (void)
{
  g_autoptr (VlRecord) record = make_record ("7", "Chair");
  g_autoptr (VlRecord) nameless = make_record (NULL, "Chair");
  g_autoptr (VlQuery) query = vl_query_new ();
  g_autoptr (VlChange) insert = vl_change_new_insert (nameless);
  g_autoptr (VlChange) replace = vl_change_new_replace (record);
  g_autoptr (VlChange) delete = vl_change_new_delete ("7");
  g_autoptr (VlChange) some = vl_change_new_delete_all (query);
  g_autoptr (VlChange) all = vl_change_new_delete_all (NULL);

  g_assert_cmpint (vl_change_get_kind (insert), ==, VL_CHANGE_KIND_INSERT);
  g_assert_null (vl_change_get_id (insert));
  g_assert_true (vl_change_get_record (insert) == nameless);
  g_assert_null (vl_change_get_base (insert));

  g_assert_cmpint (vl_change_get_kind (replace), ==, VL_CHANGE_KIND_REPLACE);
  g_assert_cmpstr (vl_change_get_id (replace), ==, "7");
  g_assert_true (vl_change_get_record (replace) == record);

  g_assert_cmpint (vl_change_get_kind (delete), ==, VL_CHANGE_KIND_DELETE);
  g_assert_cmpstr (vl_change_get_id (delete), ==, "7");
  g_assert_null (vl_change_get_record (delete));

  g_assert_cmpint (vl_change_get_kind (some), ==, VL_CHANGE_KIND_DELETE_ALL);
  g_assert_null (vl_change_get_id (some));
  g_assert_true (vl_change_get_query (some) == query);
  g_assert_null (vl_change_get_query (all));
  g_assert_cmpint (vl_change_get_origin (all), ==, VL_ORIGIN_WRITE);
}

static void
test_patch (void)
{
  g_autoptr (VlRecord) fields = make_record (NULL, "Stool");
  g_autoptr (VlRecord) with_id = make_record ("7", "Stool");
  g_autoptr (VlChange) patch = vl_change_new_patch ("7", fields);
  g_autoptr (VlChange) same = vl_change_new_patch ("7", with_id);
  g_auto (GStrv) names = vl_record_get_field_names (vl_change_get_record (patch));

  g_assert_cmpint (vl_change_get_kind (patch), ==, VL_CHANGE_KIND_PATCH);
  g_assert_cmpstr (vl_change_get_id (patch), ==, "7");
  g_assert_cmpstr (vl_record_get_id (vl_change_get_record (patch)), ==, "7");
  g_assert_cmpstr (vl_record_get_string (vl_change_get_record (patch), "name"), ==, "Stool");
  g_assert_cmpuint (g_strv_length (names), ==, 1);
  g_assert_null (vl_record_get_id (fields));
  g_assert_true (vl_change_get_record (same) == with_id);
}

static void
test_uids (void)
{
  g_autoptr (VlChange) first = vl_change_new_delete ("1");
  g_autoptr (VlChange) second = vl_change_new_delete ("1");

  g_assert_true (g_uuid_string_is_valid (vl_change_get_uid (first)));
  g_assert_cmpint (vl_change_get_uid (first)[14], ==, '7');
  g_assert_cmpint (strcmp (vl_change_get_uid (first), vl_change_get_uid (second)), <, 0);
}

static void
assert_same_change (VlChange *a, VlChange *b)
{
  g_assert_true (a != b);
  g_assert_cmpint (vl_change_get_kind (a), ==, vl_change_get_kind (b));
  g_assert_cmpstr (vl_change_get_id (a), ==, vl_change_get_id (b));
  g_assert_true (vl_change_get_record (a) == vl_change_get_record (b));
  g_assert_true (vl_change_get_query (a) == vl_change_get_query (b));
}

static void
test_derived (void)
{
  g_autoptr (VlRecord) record = make_record ("7", "Chair");
  g_autoptr (VlRecord) base = make_record ("7", "Table");
  g_autoptr (VlChange) plain = vl_change_new_replace (record);
  g_autoptr (VlChange) based = vl_change_with_base (plain, base);
  g_autoptr (VlChange) named = vl_change_with_uid (based, "uid-1");
  g_autoptr (VlChange) moved = vl_change_with_origin (named, VL_ORIGIN_STREAM);
  g_autoptr (VlChange) bare = vl_change_with_base (moved, NULL);

  assert_same_change (plain, based);
  assert_same_change (plain, named);
  assert_same_change (plain, moved);
  assert_same_change (plain, bare);

  g_assert_null (vl_change_get_base (plain));
  g_assert_true (vl_change_get_base (based) == base);
  g_assert_true (vl_change_get_base (moved) == base);
  g_assert_null (vl_change_get_base (bare));

  g_assert_cmpstr (vl_change_get_uid (based), ==, vl_change_get_uid (plain));
  g_assert_cmpstr (vl_change_get_uid (named), ==, "uid-1");
  g_assert_cmpstr (vl_change_get_uid (moved), ==, "uid-1");
  g_assert_cmpstr (vl_change_get_uid (bare), ==, "uid-1");

  g_assert_cmpint (vl_change_get_origin (named), ==, VL_ORIGIN_WRITE);
  g_assert_cmpint (vl_change_get_origin (moved), ==, VL_ORIGIN_STREAM);
  g_assert_cmpint (vl_change_get_origin (bare), ==, VL_ORIGIN_STREAM);
}

static void
test_derived_delete_all (void)
{
  g_autoptr (VlQuery) query = vl_query_new ();
  g_autoptr (VlChange) some = vl_change_new_delete_all (query);
  g_autoptr (VlChange) moved = vl_change_with_origin (some, VL_ORIGIN_OTHER);

  assert_same_change (some, moved);
  g_assert_true (vl_change_get_query (moved) == query);
}

static void
test_lifetime (void)
{
  g_autoptr (VlRecord) record = make_record ("7", "Chair");
  g_autoptr (VlRecord) base = make_record ("7", "Table");
  g_autoptr (VlQuery) query = vl_query_new ();
  g_autoptr (VlChange) all = vl_change_new_delete_all (query);
  g_autoptr (VlChange) replace = vl_change_new_replace (record);
  g_autoptr (VlChange) based = vl_change_with_base (replace, base);

  g_assert_finalize_object (g_steal_pointer (&replace));
  g_assert_finalize_object (g_steal_pointer (&based));
  g_assert_finalize_object (g_steal_pointer (&all));
  g_assert_finalize_object (g_steal_pointer (&record));
  g_assert_finalize_object (g_steal_pointer (&base));
  g_assert_finalize_object (g_steal_pointer (&query));
}

static void
test_outcome (void)
{
  g_autoptr (VlRecord) record = make_record ("7", "Chair");
  g_autoptr (VlChange) change = vl_change_new_replace (record);
  g_autoptr (GError) error = g_error_new_literal (VL_ERROR, VL_ERROR_REJECTED, "no");
  g_autoptr (VlOutcome) good = _vl_outcome_new (change, record, NULL);
  g_autoptr (VlOutcome) bad = _vl_outcome_new (change, NULL, error);

  g_clear_error (&error);
  g_assert_true (vl_outcome_get_change (good) == change);
  g_assert_true (vl_outcome_get_record (good) == record);
  g_assert_null (vl_outcome_get_error (good));
  g_assert_true (vl_outcome_get_change (bad) == change);
  g_assert_null (vl_outcome_get_record (bad));
  g_assert_error (vl_outcome_get_error (bad), VL_ERROR, VL_ERROR_REJECTED);
  g_assert_cmpstr (vl_outcome_get_error (bad)->message, ==, "no");

  g_assert_finalize_object (g_steal_pointer (&good));
  g_assert_finalize_object (g_steal_pointer (&bad));
  g_assert_finalize_object (g_steal_pointer (&change));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/change/kinds-carry-what-they-need", test_kinds);
  g_test_add_func ("/change/patch-has-the-fields-under-the-id", test_patch);
  g_test_add_func ("/change/uids-are-unique-and-ascend", test_uids);
  g_test_add_func ("/change/with-keeps-the-rest", test_derived);
  g_test_add_func ("/change/with-keeps-the-query", test_derived_delete_all);
  g_test_add_func ("/change/frees-what-it-holds", test_lifetime);
  g_test_add_func ("/outcome/says-how-it-ended", test_outcome);

  return g_test_run ();
}
