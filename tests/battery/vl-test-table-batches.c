/* vl-test-table-batches.c: several changes in one call
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-test-private.h"

/* Enough for several pages of any size that a cache may use. */
#define N_MANY 300

static void
add (GListStore *changes, VlChange *change)
{
  g_list_store_append (changes, change);
  g_object_unref (change);
}

static void
add_insert (GListStore *changes, const char *id, const char *name, gint64 stock)
{
  g_autoptr (VlRecord) record = _vl_test_record (id, name, stock);

  add (changes, vl_change_new_insert (record));
}

static void
add_patch (GListStore *changes, const char *id, const char *name, gint64 stock)
{
  g_autoptr (VlRecord) fields = _vl_test_record (NULL, name, stock);

  add (changes, vl_change_new_patch (id, fields));
}

/* One character an outcome: "." applied, else the first letter of the error. */
static char *
print_outcomes (GListModel *outcomes)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint i;

  for (i = 0; i < g_list_model_get_n_items (outcomes); i++)
    {
      g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, i);
      const GError *error = vl_outcome_get_error (outcome);

      if (error == NULL)
        g_string_append_c (text, '.');
      else if (g_error_matches (error, VL_ERROR, VL_ERROR_EXISTS))
        g_string_append_c (text, 'E');
      else if (g_error_matches (error, VL_ERROR, VL_ERROR_NOT_FOUND))
        g_string_append_c (text, 'N');
      else if (g_error_matches (error, VL_ERROR, VL_ERROR_INVALID))
        g_string_append_c (text, 'I');
      else if (g_error_matches (error, VL_ERROR, VL_ERROR_UNSUPPORTED))
        g_string_append_c (text, 'U');
      else
        g_string_append_printf (text, "(%s)", error->message);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
expect_changes (VlTestRun *run, GListModel *changes, GListModel *outcomes)
{
  guint i;

  _vl_test_expect_number (run, "outcomes", g_list_model_get_n_items (outcomes),
                          g_list_model_get_n_items (changes));
  for (i = 0; run->error == NULL && i < g_list_model_get_n_items (changes); i++)
    {
      g_autoptr (VlChange) change = g_list_model_get_item (changes, i);
      g_autoptr (VlOutcome) outcome = g_list_model_get_item (outcomes, i);
      VlChange *answered = vl_outcome_get_change (outcome);

      _vl_test_expect_number (run, "kind of the outcome's change", vl_change_get_kind (answered),
                              vl_change_get_kind (change));
      if (vl_change_get_id (change) != NULL)
        _vl_test_expect_text (run, "id of the outcome's change", vl_change_get_id (answered),
                              vl_change_get_id (change));
      if (vl_outcome_get_error (outcome) != NULL)
        _vl_test_expect_true (run, vl_outcome_get_record (outcome) == NULL,
                              "a change that failed has no record");
    }
}

static GListModel *
apply (VlTestRun *run, GListStore *changes, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GListModel) outcomes = _vl_test_apply_many (run, G_LIST_MODEL (changes), &error);
  g_autofree char *got = NULL;

  if (!_vl_test_no_error (run, "apply_many", error) || outcomes == NULL)
    return NULL;
  got = print_outcomes (outcomes);
  _vl_test_expect_text (run, "outcomes", got, expected);
  expect_changes (run, G_LIST_MODEL (changes), outcomes);
  return g_steal_pointer (&outcomes);
}

static void
check_none (VlTestRun *run)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;

  _vl_test_seed_three (run);
  outcomes = apply (run, changes, "");
  _vl_test_expect_ids (run, "list", NULL, "a b c");
}

static void
check_inserts (VlTestRun *run)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;

  _vl_test_seed_three (run);
  add_insert (changes, "e", "Elder", 5);
  add_insert (changes, "d", "Date", 4);
  outcomes = apply (run, changes, "..");
  _vl_test_expect_ids (run, "list", NULL, "a b c d e");
}

static void
check_records (VlTestRun *run)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (VlRecord) inserted = _vl_test_record ("d", "Date", 4);
  g_autoptr (VlRecord) patched = _vl_test_record ("a", "Avocado", 9);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (VlOutcome) first = NULL;
  g_autoptr (VlOutcome) second = NULL;

  _vl_test_seed_three (run);
  add_insert (changes, "d", "Date", 4);
  add_patch (changes, "a", "Avocado", 9);
  outcomes = apply (run, changes, "..");
  if (outcomes == NULL || run->error != NULL)
    return;
  first = g_list_model_get_item (outcomes, 0);
  second = g_list_model_get_item (outcomes, 1);
  _vl_test_expect_record (run, "outcome of insert", vl_outcome_get_record (first), inserted);
  _vl_test_expect_record (run, "outcome of patch", vl_outcome_get_record (second), patched);
}

static void
check_failures_in_the_middle (VlTestRun *run)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (VlRecord) kept = _vl_test_record ("b", "Banana", 2);

  _vl_test_seed_three (run);
  add_insert (changes, "d", "Date", 4);
  add_insert (changes, "b", "Other", 99);
  add_patch (changes, "nobody", "Nobody", 1);
  add (changes, vl_change_new_delete ("unknown"));
  add_patch (changes, "a", "Avocado", 9);
  add (changes, vl_change_new_delete ("c"));
  outcomes = apply (run, changes, ".EN...");
  _vl_test_expect_stored (run, "b", kept);
  _vl_test_expect_ids (run, "list", NULL, "a b d");
}

static void
check_invalid_in_the_middle (VlTestRun *run)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new ("x");
  g_autoptr (VlRecord) nonsense = NULL;
  g_autoptr (GListModel) outcomes = NULL;

  _vl_test_seed_three (run);
  vl_record_builder_set_string (builder, "nonsense", "x");
  nonsense = vl_record_builder_end (builder);
  add_insert (changes, "d", "Date", 4);
  add (changes, vl_change_new_insert (nonsense));
  add_insert (changes, "e", "Elder", 5);
  outcomes = apply (run, changes, ".I.");
  _vl_test_expect_ids (run, "list", NULL, "a b c d e");
}

/* In order: each sees what the ones before it did to the same record. */
static void
check_one_record (VlTestRun *run)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  g_autoptr (VlRecord) last = _vl_test_record ("d", "Last", 8);

  _vl_test_seed_three (run);
  add_patch (changes, "d", "Too early", 1);
  add_insert (changes, "d", "Date", 4);
  add_insert (changes, "d", "Date", 4);
  add_patch (changes, "d", "Patched", 5);
  add (changes, vl_change_new_delete ("d"));
  add_patch (changes, "d", "Too late", 6);
  add_insert (changes, "d", "Again", 7);
  add_patch (changes, "d", "Last", 8);
  outcomes = apply (run, changes, "N.E..N..");
  _vl_test_expect_stored (run, "d", last);
}

static void
check_replaces (VlTestRun *run)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (VlRecord) old = _vl_test_record ("b", "Replaced", 20);
  g_autoptr (VlRecord) new = _vl_test_record ("d", "Created", 40);
  g_autoptr (GListModel) outcomes = NULL;

  _vl_test_seed_three (run);
  add (changes, vl_change_new_replace (old));
  add (changes, vl_change_new_replace (new));
  outcomes = apply (run, changes, "..");
  _vl_test_expect_stored (run, "b", old);
  _vl_test_expect_stored (run, "d", new);
}

static void
check_delete_all_between (VlTestRun *run)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (VlQuery) query = _vl_test_where ("stock", VL_OP_GE, "int64 3");
  g_autoptr (GListModel) outcomes = NULL;

  _vl_test_seed_three (run);
  add_insert (changes, "d", "Date", 4);
  add (changes, vl_change_new_delete_all (query));
  add_insert (changes, "e", "Elder", 5);
  outcomes = apply (run, changes, "...");
  _vl_test_expect_ids (run, "list", NULL, "a b e");
}

/* --- Many records --- */

static void
seed_many (VlTestRun *run)
{
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (GListModel) outcomes = NULL;
  g_autofree char *expected = g_strnfill (N_MANY, '.');
  guint i;

  _vl_test_clear (run);
  for (i = 0; i < N_MANY; i++)
    {
      /* 7 is prime to N_MANY: each once, but not in order. */
      guint n = (i * 7) % N_MANY;
      g_autofree char *id = g_strdup_printf ("id-%03u", n);

      add_insert (changes, id, "Many", (gint64) n);
    }
  outcomes = apply (run, changes, expected);
}

static void
check_many (VlTestRun *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = NULL;

  seed_many (run);
  page = _vl_test_list (run, NULL, &error);
  if (_vl_test_no_error (run, "list", error) && page != NULL)
    _vl_test_expect_number (run, "records", vl_page_get_n_records (page), N_MANY);
}

/* Windows one after the other give each record once, in order. */
static void
check_walk (VlTestRun *run)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) down = vl_query_order_by (all, "stock", TRUE);
  guint offset = 0;

  seed_many (run);
  while (run->error == NULL && offset < N_MANY)
    {
      g_autoptr (VlQuery) query = vl_query_window (down, offset, 37);
      g_autoptr (GError) error = NULL;
      g_autoptr (VlPage) page = _vl_test_list (run, query, &error);
      guint i;

      if (!_vl_test_no_error (run, "list", error) || page == NULL)
        return;
      _vl_test_expect_number (run, "records", vl_page_get_n_records (page),
                              MIN (37, N_MANY - offset));
      for (i = 0; run->error == NULL && i < vl_page_get_n_records (page); i++)
        {
          g_autofree char *id = g_strdup_printf ("id-%03u", N_MANY - 1 - offset - i);

          _vl_test_expect_text (run, "id", vl_page_get_record_id (page, i), id);
        }
      offset += 37;
    }
}

static const VlTestCheck checks[] = {
  { "apply-many/of-nothing", 0, check_none },
  { "apply-many/inserts", 0, check_inserts },
  { "apply-many/answers-records", VL_CAPABILITY_PATCH, check_records },
  { "apply-many/failures-in-the-middle", VL_CAPABILITY_PATCH | VL_CAPABILITY_DELETE,
    check_failures_in_the_middle },
  { "apply-many/invalid-in-the-middle", 0, check_invalid_in_the_middle },
  { "apply-many/one-record-again-and-again", VL_CAPABILITY_PATCH | VL_CAPABILITY_DELETE,
    check_one_record },
  { "apply-many/replaces", VL_CAPABILITY_REPLACE, check_replaces },
  { "apply-many/delete-all-in-between", VL_CAPABILITY_DELETE_ALL | VL_CAPABILITY_FILTER,
    check_delete_all_between },
  { "apply-many/three-hundred", 0, check_many },
  { "window/walk", VL_CAPABILITY_WINDOW | VL_CAPABILITY_ORDER, check_walk },
};

void
_vl_test_table_batches (VlTestRun *run)
{
  _vl_test_run_checks (run, checks, G_N_ELEMENTS (checks));
}
