/* vl-test-table-reads.c: finding, counting and windows
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-test-private.h"

/* --- Windows --- */

typedef struct
{
  const char *name;
  const char *order; /* NULL = none */
  const char *field; /* a condition, NULL = none */
  guint64 offset;
  guint limit;
  const char *ids;
  gint64 total;
} WindowCase;

/* clang-format off */
static const WindowCase window_cases[] = {
  { "window/first", "price", NULL, 0, 3, "g i b", 10 },
  { "window/middle", "price", NULL, 3, 3, "a d j", 10 },
  { "window/over-the-end", "price", NULL, 8, 5, "c f", 10 },
  { "window/at-the-end", "price", NULL, 10, 5, "", 10 },
  { "window/beyond-the-end", "price", NULL, 99, 5, "", 10 },
  { "window/far-beyond-the-end", "price", NULL, G_GUINT64_CONSTANT (1) << 40, 5, "", 10 },
  { "window/limit-0-is-all", "price", NULL, 0, 0, "g i b a d j e h c f", 10 },
  { "window/offset-and-limit-0-is-the-rest", "price", NULL, 2, 0, "b a d j e h c f", 10 },
  { "window/one", "price", NULL, 0, 1, "g", 10 },
  { "window/last", "price", NULL, 9, 1, "f", 10 },
  { "window/large-limit", "price", NULL, 0, G_MAXUINT, "g i b a d j e h c f", 10 },
  { "window/without-order-is-by-id", NULL, NULL, 1, 2, "b c", 10 },
  { "window/after-conditions", NULL, "stock", 1, 1, "h", 3 },
  { "window/after-conditions-and-order", "name", "stock", 0, 2, "h c", 3 },
};
/* clang-format on */

static void
check_window (VlTestRun *run, const WindowCase *wanted)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery)
    filtered = wanted->field == NULL
                 ? g_object_ref (all)
                 : vl_query_where (all, wanted->field, VL_OP_EQ, g_variant_new_int64 (5));
  g_autoptr (VlQuery) ordered = wanted->order == NULL
                                  ? g_object_ref (filtered)
                                  : vl_query_order_by (filtered, wanted->order, FALSE);
  g_autoptr (VlQuery) query = vl_query_window (ordered, wanted->offset, wanted->limit);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = _vl_test_list (run, query, &error);

  if (!_vl_test_no_error (run, "list", error) || page == NULL)
    return;
  _vl_test_expect_page (run, "list", page, wanted->ids);
  if (vl_page_get_total (page) != -1)
    _vl_test_expect_number (run, "total", vl_page_get_total (page), wanted->total);
  _vl_test_expect_number (run, "offset", (gint64) vl_page_get_offset (page),
                          (gint64) wanted->offset);
}

static void
run_window_cases (VlTestRun *run)
{
  VlCapabilities needs = VL_CAPABILITY_WINDOW | VL_CAPABILITY_ORDER | VL_CAPABILITY_FILTER;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (window_cases) && run->error == NULL; i++)
    if (_vl_test_begin_check (run, window_cases[i].name, needs))
      check_window (run, &window_cases[i]);
}

/* --- Pages --- */

static void
check_total (VlTestRun *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = _vl_test_list (run, NULL, &error);

  if (!_vl_test_no_error (run, "list", error) || page == NULL)
    return;
  _vl_test_expect_number (run, "records", vl_page_get_n_records (page), 10);
  if (vl_page_get_total (page) != -1)
    _vl_test_expect_number (run, "total", vl_page_get_total (page), 10);
}

static void
check_positions (VlTestRun *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = _vl_test_list (run, NULL, &error);
  guint i;

  if (!_vl_test_no_error (run, "list", error) || page == NULL)
    return;
  for (i = 0; i < vl_page_get_n_records (page); i++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (page, i);
      guint position = G_MAXUINT;

      _vl_test_expect_true (run, vl_page_find (page, vl_record_get_id (record), &position),
                            "a page finds the records it has");
      _vl_test_expect_number (run, "position", position, i);
    }
}

/* What list tells of a record is what find tells. */
static void
check_list_and_find_agree (VlTestRun *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = _vl_test_list (run, NULL, &error);
  guint i;

  if (!_vl_test_no_error (run, "list", error) || page == NULL)
    return;
  for (i = 0; i < vl_page_get_n_records (page) && run->error == NULL; i++)
    {
      g_autoptr (VlRecord) listed = vl_page_get_record (page, i);
      g_autoptr (VlRecord) found = _vl_test_find (run, vl_record_get_id (listed), &error);

      if (_vl_test_no_error (run, "find", error))
        _vl_test_expect_record (run, "find", found, listed);
    }
}

static void
check_id_is_a_field (VlTestRun *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) found = _vl_test_find (run, "c", &error);

  if (!_vl_test_no_error (run, "find", error) || found == NULL)
    {
      _vl_test_expect_true (run, found != NULL, "find gives the record");
      return;
    }
  _vl_test_expect_text (run, "id", vl_record_get_id (found), "c");
  _vl_test_expect_text (run, "field id", vl_record_get_string (found, "id"), "c");
}

static void
check_list_repeats (VlTestRun *run)
{
  _vl_test_expect_ids (run, "first list", NULL, "a b c d e f g h i j");
  _vl_test_expect_ids (run, "second list", NULL, "a b c d e f g h i j");
}

/* --- Finding --- */

static void
check_find_unknown (VlTestRun *run)
{
  _vl_test_expect_stored (run, "nobody", NULL);
}

static void
check_find_is_exact (VlTestRun *run)
{
  const char *const near[] = { "A", "a ", " a", "a%", "%", "_", "*", "aa", "a'--" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (near) && run->error == NULL; i++)
    _vl_test_expect_stored (run, near[i], NULL);
}

static void
expect_many (VlTestRun *run, const char *const *ids, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = _vl_test_find_many (run, ids, &error);

  if (_vl_test_no_error (run, "find_many", error))
    _vl_test_expect_page (run, "find_many", page, expected);
}

static void
check_many_in_order (VlTestRun *run)
{
  const char *const ids[] = { "j", "c", "a", "g", NULL };

  expect_many (run, ids, "j c a g");
}

static void
check_many_unknown (VlTestRun *run)
{
  const char *const ids[] = { "c", "nobody", "a", "%", NULL };

  expect_many (run, ids, "c a");
}

static void
check_many_none (VlTestRun *run)
{
  const char *const ids[] = { NULL };

  expect_many (run, ids, "");
}

static void
check_many_all_unknown (VlTestRun *run)
{
  const char *const ids[] = { "x", "y", NULL };

  expect_many (run, ids, "");
}

/* --- The first record --- */

static void
expect_first (VlTestRun *run, VlQuery *query, const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record = _vl_test_get_first (run, query, &error);

  if (_vl_test_no_error (run, "get_first", error))
    _vl_test_expect_text (run, "get_first", record == NULL ? NULL : vl_record_get_id (record), id);
}

static void
check_first (VlTestRun *run)
{
  expect_first (run, NULL, "a");
}

static void
check_first_ordered (VlTestRun *run)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_order_by (all, "price", TRUE);

  expect_first (run, query, "h");
}

static void
check_first_filtered (VlTestRun *run)
{
  g_autoptr (VlQuery) query = _vl_test_where ("stock", VL_OP_LT, "int64 5");

  expect_first (run, query, "b");
}

static void
check_first_of_none (VlTestRun *run)
{
  g_autoptr (VlQuery) query = _vl_test_where ("name", VL_OP_EQ, "'nobody'");

  expect_first (run, query, NULL);
}

/* --- Counting --- */

static void
expect_count (VlTestRun *run, VlQuery *query, gint64 expected)
{
  g_autoptr (GError) error = NULL;
  gint64 count = _vl_test_count (run, query, &error);

  if (_vl_test_no_error (run, "count", error))
    _vl_test_expect_number (run, "count", count, expected);
}

static void
check_count_all (VlTestRun *run)
{
  g_autoptr (VlQuery) all = vl_query_new ();

  expect_count (run, NULL, 10);
  expect_count (run, all, 10);
}

static void
check_count_filtered (VlTestRun *run)
{
  g_autoptr (VlQuery) five = _vl_test_where ("stock", VL_OP_EQ, "int64 5");
  g_autoptr (VlQuery) none = _vl_test_where ("stock", VL_OP_EQ, "int64 77");

  expect_count (run, five, 3);
  expect_count (run, none, 0);
}

static void
check_count_searched (VlTestRun *run)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_search (all, "apple");

  expect_count (run, query, 4);
}

static void
check_count_ignores_order (VlTestRun *run)
{
  g_autoptr (VlQuery) five = _vl_test_where ("stock", VL_OP_EQ, "int64 5");
  g_autoptr (VlQuery) query = vl_query_order_by (five, "name", TRUE);

  expect_count (run, query, 3);
}

static void
check_count_ignores_window (VlTestRun *run)
{
  g_autoptr (VlQuery) five = _vl_test_where ("stock", VL_OP_EQ, "int64 5");
  g_autoptr (VlQuery) query = vl_query_window (five, 1, 1);

  expect_count (run, query, 3);
}

static void
check_count_unknown_column (VlTestRun *run)
{
  g_autoptr (VlQuery) query = _vl_test_where ("nonsense", VL_OP_EQ, "int64 5");
  g_autoptr (GError) error = NULL;

  _vl_test_count (run, query, &error);
  _vl_test_expect_error (run, "count", error, VL_ERROR_INVALID);
}

static void
check_first_unknown_column (VlTestRun *run)
{
  g_autoptr (VlQuery) query = _vl_test_where ("nonsense", VL_OP_EQ, "int64 5");
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record = _vl_test_get_first (run, query, &error);

  _vl_test_expect_true (run, record == NULL, "there is no record with an error");
  _vl_test_expect_error (run, "get_first", error, VL_ERROR_INVALID);
}

static const VlTestCheck checks[] = {
  { "list/all-by-id", 0, check_list_repeats },
  { "list/total", 0, check_total },
  { "list/positions", 0, check_positions },
  { "list/agrees-with-find", 0, check_list_and_find_agree },
  { "find/id-is-a-field-too", 0, check_id_is_a_field },
  { "find/unknown-is-null", 0, check_find_unknown },
  { "find/is-exact", 0, check_find_is_exact },
  { "find-many/in-the-order-of-the-ids", 0, check_many_in_order },
  { "find-many/leaves-unknown-out", 0, check_many_unknown },
  { "find-many/of-no-ids", 0, check_many_none },
  { "find-many/of-unknown-ids", 0, check_many_all_unknown },
  { "get-first/by-id", 0, check_first },
  { "get-first/by-order", VL_CAPABILITY_ORDER, check_first_ordered },
  { "get-first/by-condition", VL_CAPABILITY_FILTER, check_first_filtered },
  { "get-first/of-none-is-null", VL_CAPABILITY_FILTER, check_first_of_none },
  { "get-first/unknown-column", VL_CAPABILITY_FILTER, check_first_unknown_column },
  { "count/all", VL_CAPABILITY_COUNT, check_count_all },
  { "count/by-condition", VL_CAPABILITY_COUNT | VL_CAPABILITY_FILTER, check_count_filtered },
  { "count/by-search", VL_CAPABILITY_COUNT | VL_CAPABILITY_SEARCH, check_count_searched },
  { "count/ignores-order", VL_CAPABILITY_COUNT | VL_CAPABILITY_FILTER | VL_CAPABILITY_ORDER,
    check_count_ignores_order },
  { "count/ignores-window", VL_CAPABILITY_COUNT | VL_CAPABILITY_FILTER | VL_CAPABILITY_WINDOW,
    check_count_ignores_window },
  { "count/unknown-column", VL_CAPABILITY_COUNT | VL_CAPABILITY_FILTER,
    check_count_unknown_column },
};

void
_vl_test_table_reads (VlTestRun *run)
{
  run->check = "seed/reads";
  if (run->capabilities & VL_CAPABILITY_INSERT)
    _vl_test_seed_goods (run);
  _vl_test_run_checks (run, checks, G_N_ELEMENTS (checks));
  run_window_cases (run);
}
