/* vl-test-table-queries.c: conditions, search and order
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-test-private.h"

/* --- One condition each --- */

typedef struct
{
  const char *name;
  const char *field;
  VlOp op;
  const char *value; /* in GVariant's text format */
  const char *ids;   /* by id, as an unordered list is */
} ConditionCase;

/* clang-format off */
static const ConditionCase condition_cases[] = {
  { "where/text-eq", "name", VL_OP_EQ, "'Apple'", "a j" },
  { "where/text-ne-leaves-null-out", "note", VL_OP_NE, "'x'", "a c d e g h i" },
  { "where/text-lt", "name", VL_OP_LT, "'a'", "a c h j" },
  { "where/text-le", "name", VL_OP_LE, "'Apple'", "a h j" },
  { "where/text-gt", "name", VL_OP_GT, "'fig'", "e f i" },
  { "where/text-ge", "name", VL_OP_GE, "'fig'", "e f g i" },
  { "where/text-eq-minds-case", "name", VL_OP_EQ, "'apple'", "" },
  { "where/text-eq-has-no-wildcards", "name", VL_OP_EQ, "'%'", "" },
  { "where/text-empty", "name", VL_OP_EQ, "''", "h" },
  { "where/text-empty-is-not-null", "note", VL_OP_EQ, "''", "c" },
  { "where/text-unicode", "name", VL_OP_EQ, "'\303\251clair'", "f" },
  { "where/text-quotes-are-text", "note", VL_OP_EQ, "\"it's; DROP TABLE things;--\"", "h" },
  { "where/text-injection", "name", VL_OP_EQ, "\"x' OR '1'='1\"", "" },

  { "where/int-eq", "stock", VL_OP_EQ, "int64 5", "c h i" },
  { "where/int-ne-leaves-null-out", "stock", VL_OP_NE, "int64 5", "a b e f g j" },
  { "where/int-lt", "stock", VL_OP_LT, "int64 5", "b e g" },
  { "where/int-le", "stock", VL_OP_LE, "int64 5", "b c e g h i" },
  { "where/int-gt", "stock", VL_OP_GT, "int64 5", "a f j" },
  { "where/int-ge", "stock", VL_OP_GE, "int64 5", "a c f h i j" },
  { "where/int-largest", "stock", VL_OP_EQ, "int64 9223372036854775807", "f" },
  { "where/int-smallest", "stock", VL_OP_LE, "int64 -9223372036854775808", "g" },
  { "where/int-is-exact", "stock", VL_OP_GT, "int64 9223372036854775806", "f" },
  { "where/int-of-32-bits", "stock", VL_OP_EQ, "5", "c h i" },
  { "where/int-eq-double", "stock", VL_OP_EQ, "5.0", "c h i" },
  { "where/int-gt-double", "stock", VL_OP_GT, "4.5", "a c f h i j" },
  { "where/int-below-2-to-63", "stock", VL_OP_LT, "9223372036854775808.0", "a b c e f g h i j" },
  { "where/int-is-never-2-to-63", "stock", VL_OP_EQ, "9223372036854775808.0", "" },
  { "where/int-above-a-low-double", "stock", VL_OP_GT, "-1e19", "a b c e f g h i j" },

  { "where/double-eq", "price", VL_OP_EQ, "1.5", "a d j" },
  { "where/double-ne-leaves-null-out", "price", VL_OP_NE, "1.5", "b e g h i" },
  { "where/double-lt", "price", VL_OP_LT, "0.25", "g i" },
  { "where/double-le", "price", VL_OP_LE, "0.25", "b g i" },
  { "where/double-gt", "price", VL_OP_GT, "1.5", "e h" },
  { "where/double-ge", "price", VL_OP_GE, "1.5", "a d e h j" },
  { "where/double-eq-int", "price", VL_OP_EQ, "int64 3", "e" },
  { "where/double-minus-zero-is-zero", "price", VL_OP_EQ, "-0.0", "i" },
  { "where/double-nan-is-null", "price", VL_OP_IS_NULL, NULL, "c f" },
  { "where/double-nan-is-not-there", "price", VL_OP_NOT_NULL, NULL, "a b d e g h i j" },

  { "where/boolean-true", "active", VL_OP_EQ, "true", "a c e g i" },
  { "where/boolean-false", "active", VL_OP_EQ, "false", "b f h" },
  { "where/boolean-ne-leaves-null-out", "active", VL_OP_NE, "true", "b f h" },
  { "where/boolean-counts-as-a-number", "active", VL_OP_EQ, "int64 1", "a c e g i" },
  { "where/boolean-lt", "active", VL_OP_LT, "true", "b f h" },

  { "where/bytes-eq", "data", VL_OP_EQ, "[byte 1, 2]", "a i" },
  { "where/bytes-empty-is-not-null", "data", VL_OP_EQ, "@ay []", "c" },
  { "where/bytes-lt", "data", VL_OP_LT, "[byte 1, 2]", "c d g" },
  { "where/bytes-gt", "data", VL_OP_GT, "[byte 1]", "a f h i" },
  { "where/bytes-is-null", "data", VL_OP_IS_NULL, NULL, "b e j" },

  { "where/mixed-int-eq-double", "mixed", VL_OP_EQ, "1.0", "a j" },
  { "where/mixed-double-eq-int", "mixed", VL_OP_EQ, "int64 9007199254740992", "e" },
  { "where/mixed-int-is-exact", "mixed", VL_OP_EQ, "int64 9007199254740993", "d" },
  { "where/mixed-numbers-before-text", "mixed", VL_OP_LT, "'C'", "a b d e g i j" },
  { "where/mixed-text-before-bytes", "mixed", VL_OP_GE, "'B'", "c g h" },
  { "where/mixed-text-is-no-number", "mixed", VL_OP_EQ, "'1'", "" },
  { "where/mixed-bytes-are-no-text", "mixed", VL_OP_EQ, "'a'", "" },

  { "where/null-is-null", "note", VL_OP_IS_NULL, NULL, "b j" },
  { "where/null-not-null", "note", VL_OP_NOT_NULL, NULL, "a c d e f g h i" },

  { "where/in", "name", VL_OP_IN, "['Apple', 'nobody', 'fig']", "a g j" },
  { "where/in-numbers", "stock", VL_OP_IN, "[int64 5, 0]", "b c h i" },
  { "where/in-values-of-any-type", "stock", VL_OP_IN, "[<int64 5>, <0.0>]", "b c h i" },
  { "where/in-nothing", "stock", VL_OP_IN, "@ax []", "" },
  { "where/not-in-leaves-null-out", "stock", VL_OP_NOT_IN, "[int64 5, 10]", "b e f g" },
  { "where/not-in-nothing-leaves-null-out", "stock", VL_OP_NOT_IN, "@ax []", "a b c e f g h i j" },

  { "where/contains", "name", VL_OP_CONTAINS, "'an'", "b" },
  { "where/contains-ignores-case-of-ascii", "note", VL_OP_CONTAINS, "'APPLE'", "g i" },
  { "where/contains-minds-case-of-others", "name", VL_OP_CONTAINS, "'\303\251'", "f" },
  { "where/contains-percent-is-literal", "note", VL_OP_CONTAINS, "'%'", "d" },
  { "where/contains-underscore-is-literal", "note", VL_OP_CONTAINS, "'_'", "e" },
  { "where/contains-star-is-literal", "note", VL_OP_CONTAINS, "'*'", "" },
  { "where/contains-quote", "note", VL_OP_CONTAINS, "\"'\"", "h" },
  { "where/contains-over-lines", "note", VL_OP_CONTAINS, "'\\nban'", "i" },

  { "where/id-eq", "id", VL_OP_EQ, "'c'", "c" },
  { "where/id-gt", "id", VL_OP_GT, "'g'", "h i j" },
  { "where/id-in", "id", VL_OP_IN, "['j', 'b', 'nobody']", "b j" },
};
/* clang-format on */

static void
run_condition_cases (VlTestRun *run)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (condition_cases) && run->error == NULL; i++)
    {
      const ConditionCase *wanted = &condition_cases[i];
      g_autoptr (VlQuery) query = _vl_test_where (wanted->field, wanted->op, wanted->value);

      if (_vl_test_begin_check (run, wanted->name, VL_CAPABILITY_FILTER))
        _vl_test_expect_ids (run, "list", query, wanted->ids);
    }
}

/* --- Several conditions --- */

typedef struct
{
  const char *name;
  const char *field[2];
  VlOp op[2];
  const char *value[2];
  const char *ids;
} PairCase;

/* clang-format off */
static const PairCase pair_cases[] = {
  { "where/two-columns", { "stock", "active" }, { VL_OP_EQ, VL_OP_EQ }, { "int64 5", "true" },
    "c i" },
  { "where/a-range", { "stock", "stock" }, { VL_OP_GE, VL_OP_LT }, { "int64 0", "int64 10" },
    "b c h i" },
  { "where/a-contradiction", { "stock", "stock" }, { VL_OP_EQ, VL_OP_EQ }, { "int64 5", "int64 6" },
    "" },
  { "where/null-and-value", { "active", "price" }, { VL_OP_IS_NULL, VL_OP_EQ }, { NULL, "1.5" },
    "d j" },
};
/* clang-format on */

static void
run_pair_cases (VlTestRun *run)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (pair_cases) && run->error == NULL; i++)
    {
      const PairCase *wanted = &pair_cases[i];
      g_autoptr (VlQuery) one = _vl_test_where (wanted->field[0], wanted->op[0], wanted->value[0]);
      g_autoptr (GVariant) value = NULL;
      g_autoptr (VlQuery) both = NULL;

      if (!_vl_test_begin_check (run, wanted->name, VL_CAPABILITY_FILTER))
        continue;
      value = _vl_test_parse (wanted->value[1]);
      both = vl_query_where (one, wanted->field[1], wanted->op[1], value);
      _vl_test_expect_ids (run, "list", both, wanted->ids);
    }
}

/* --- Search --- */

typedef struct
{
  const char *name;
  const char *text;
  const char *ids;
} SearchCase;

static const SearchCase search_cases[] = {
  { "search/a-word", "apple", "a g i j" },
  { "search/ignores-case-of-ascii", "APPLE", "a g i j" },
  { "search/every-word", "apple fig", "g" },
  { "search/words-in-any-order", "fig apple", "g" },
  { "search/words-in-different-columns", "fresh apple", "a" },
  { "search/spaces-do-not-count", "  apple   fresh ", "a" },
  { "search/part-of-a-word", "cher", "c" },
  { "search/percent-is-literal", "%", "d" },
  { "search/underscore-is-literal", "_", "e" },
  { "search/quotes-are-literal", "it's", "h" },
  { "search/unicode", "\346\227\245\346\234\254", "i" },
  { "search/minds-case-of-others", "\303\211", "e" },
  { "search/nothing-found", "nobody", "" },
  { "search/empty-text-is-no-search", "", "a b c d e f g h i j" },
};

static void
run_search_cases (VlTestRun *run)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  guint i;

  for (i = 0; i < G_N_ELEMENTS (search_cases) && run->error == NULL; i++)
    {
      g_autoptr (VlQuery) query = vl_query_search (all, search_cases[i].text);

      if (_vl_test_begin_check (run, search_cases[i].name, VL_CAPABILITY_SEARCH))
        _vl_test_expect_ids (run, "list", query, search_cases[i].ids);
    }
}

static void
check_search_and_condition (VlTestRun *run)
{
  g_autoptr (VlQuery) active = _vl_test_where ("active", VL_OP_EQ, "true");
  g_autoptr (VlQuery) query = vl_query_search (active, "apple");

  _vl_test_expect_ids (run, "list", query, "a g i");
}

/* --- Order --- */

typedef struct
{
  const char *name;
  const char *field;
  gboolean descending;
  const char *ids;
} OrderCase;

static const OrderCase order_cases[] = {
  { "order/double", "price", FALSE, "g i b a d j e h c f" },
  { "order/double-descending-nulls-last", "price", TRUE, "h e a d j b i g c f" },
  { "order/int", "stock", FALSE, "g e b c h i a j f d" },
  { "order/int-descending-nulls-last", "stock", TRUE, "f a j c h i b e g d" },
  { "order/boolean", "active", FALSE, "b f h a c e g i d j" },
  { "order/boolean-descending-nulls-last", "active", TRUE, "a c e g i b f h d j" },
  { "order/text-by-bytes", "name", FALSE, "h a j c b d g e f i" },
  { "order/text-by-bytes-descending", "name", TRUE, "i f e g d b c a j h" },
  { "order/text-nulls-last", "note", FALSE, "c d i g a h e f b j" },
  { "order/text-descending-nulls-last", "note", TRUE, "f e h a g i d c b j" },
  { "order/bytes", "data", FALSE, "c g d a i h f b e j" },
  { "order/bytes-descending", "data", TRUE, "f h a i d g c b e j" },
  { "order/mixed", "mixed", FALSE, "i a j b e d g c h f" },
  { "order/mixed-descending", "mixed", TRUE, "h c g d e b a j i f" },
  { "order/id", "id", FALSE, "a b c d e f g h i j" },
  { "order/id-descending", "id", TRUE, "j i h g f e d c b a" },
};

static void
run_order_cases (VlTestRun *run)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  guint i;

  for (i = 0; i < G_N_ELEMENTS (order_cases) && run->error == NULL; i++)
    {
      const OrderCase *wanted = &order_cases[i];
      g_autoptr (VlQuery) query = vl_query_order_by (all, wanted->field, wanted->descending);

      if (_vl_test_begin_check (run, wanted->name, VL_CAPABILITY_ORDER))
        _vl_test_expect_ids (run, "list", query, wanted->ids);
    }
}

static void
check_two_orders (VlTestRun *run)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) active = vl_query_order_by (all, "active", TRUE);
  g_autoptr (VlQuery) query = vl_query_order_by (active, "price", TRUE);

  _vl_test_expect_ids (run, "list", query, "e a i g c h b f d j");
}

static void
check_two_orders_ways (VlTestRun *run)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) stock = vl_query_order_by (all, "stock", FALSE);
  g_autoptr (VlQuery) query = vl_query_order_by (stock, "name", TRUE);

  _vl_test_expect_ids (run, "list", query, "g e b i c h a j f d");
}

static void
check_order_and_condition (VlTestRun *run)
{
  g_autoptr (VlQuery) five = _vl_test_where ("stock", VL_OP_EQ, "int64 5");
  g_autoptr (VlQuery) query = vl_query_order_by (five, "price", TRUE);

  _vl_test_expect_ids (run, "list", query, "h i c");
}

/* --- What makes no sense --- */

static void
expect_invalid (VlTestRun *run, VlQuery *query)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = _vl_test_list (run, query, &error);

  _vl_test_expect_true (run, page == NULL, "there is no page with an error");
  _vl_test_expect_error (run, "list", error, VL_ERROR_INVALID);
}

static void
check_unknown_column (VlTestRun *run)
{
  g_autoptr (VlQuery) query = _vl_test_where ("nonsense", VL_OP_EQ, "'x'");

  expect_invalid (run, query);
}

static void
check_unknown_column_null (VlTestRun *run)
{
  g_autoptr (VlQuery) query = _vl_test_where ("nonsense", VL_OP_IS_NULL, NULL);

  expect_invalid (run, query);
}

static void
check_column_injection (VlTestRun *run)
{
  const char *const fields[] = {
    "name\" = name --", "1=1; DROP TABLE things", "name'", "Name", "rowid", "things.name", " name"
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (fields) && run->error == NULL; i++)
    {
      g_autoptr (VlQuery) query = _vl_test_where (fields[i], VL_OP_EQ, "'x'");

      expect_invalid (run, query);
    }
  _vl_test_expect_ids (run, "list afterwards", NULL, "a b c d e f g h i j");
}

static void
check_unknown_order (VlTestRun *run)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_order_by (all, "nonsense", FALSE);
  g_autoptr (VlQuery) injection = vl_query_order_by (all, "name; DROP TABLE things", TRUE);

  expect_invalid (run, query);
  expect_invalid (run, injection);
}

static void
check_contains_number (VlTestRun *run)
{
  g_autoptr (VlQuery) query = _vl_test_where ("name", VL_OP_CONTAINS, "int64 5");

  expect_invalid (run, query);
}

static void
check_in_no_array (VlTestRun *run)
{
  g_autoptr (VlQuery) query = _vl_test_where ("name", VL_OP_IN, "int64 5");

  expect_invalid (run, query);
}

/* --- Agreement with VlQuery --- */

/* A small generator of our own: the same queries on every run and machine. */
static guint
pick (guint64 *state, guint n)
{
  *state = *state * G_GUINT64_CONSTANT (6364136223846793005) + 1442695040888963407u;
  return (guint) (*state >> 33) % n;
}

static VlQuery *
add_random_condition (VlQuery *query, guint64 *state)
{
  static const char *const fields[] = { "name", "price", "stock", "active", "note", "mixed", "id" };
  static const char *const values[] = { "'a'",     "'Apple'", "''",       "'x'",
                                        "int64 5", "int64 0", "1.5",      "0.25",
                                        "true",    "false",   "int64 -7", "9007199254740992.0" };
  static const VlOp ops[] = { VL_OP_EQ, VL_OP_NE, VL_OP_LT, VL_OP_LE, VL_OP_GT, VL_OP_GE };
  const char *field = fields[pick (state, G_N_ELEMENTS (fields))];
  g_autoptr (GVariant) value = NULL;

  if (pick (state, 8) == 0)
    return vl_query_where (query, field, pick (state, 2) == 0 ? VL_OP_IS_NULL : VL_OP_NOT_NULL,
                           NULL);

  value = _vl_test_parse (values[pick (state, G_N_ELEMENTS (values))]);
  return vl_query_where (query, field, ops[pick (state, G_N_ELEMENTS (ops))], value);
}

static VlQuery *
make_random_query (guint64 *state)
{
  static const char *const orders[] = { "name", "price", "stock", "active", "note", "mixed" };
  g_autoptr (VlQuery) query = vl_query_new ();
  guint n_conditions = pick (state, 3);
  guint n_orders = pick (state, 3);
  guint i;

  for (i = 0; i < n_conditions; i++)
    {
      g_autoptr (VlQuery) longer = add_random_condition (query, state);

      g_set_object (&query, longer);
    }
  for (i = 0; i < n_orders; i++)
    {
      const char *order = orders[pick (state, G_N_ELEMENTS (orders))];
      g_autoptr (VlQuery) longer = vl_query_order_by (query, order, pick (state, 2) == 0);

      g_set_object (&query, longer);
    }
  return g_steal_pointer (&query);
}

static int
compare_records (gconstpointer a, gconstpointer b, gpointer query)
{
  return vl_query_compare (query, *(VlRecord **) a, *(VlRecord **) b);
}

/* What the query itself makes of the records. */
static char *
pick_ids (VlPage *all, VlQuery *query)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GString) ids = g_string_new (NULL);
  guint i;

  for (i = 0; i < vl_page_get_n_records (all); i++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (all, i);

      if (vl_query_matches (query, record))
        g_ptr_array_add (records, g_steal_pointer (&record));
    }
  g_ptr_array_sort_with_data (records, compare_records, query);
  for (i = 0; i < records->len; i++)
    g_string_append_printf (ids, "%s%s", i > 0 ? " " : "",
                            vl_record_get_id (g_ptr_array_index (records, i)));
  return g_string_free (g_steal_pointer (&ids), FALSE);
}

static void
run_random_queries (VlTestRun *run)
{
  static const char *const names[] = { "agrees-with-query/1", "agrees-with-query/2",
                                       "agrees-with-query/3", "agrees-with-query/4" };
  guint64 state = 1;
  guint i;
  guint j;

  for (i = 0; i < G_N_ELEMENTS (names) && run->error == NULL; i++)
    {
      g_autoptr (VlPage) all = NULL;

      if (!_vl_test_begin_check (run, names[i], VL_CAPABILITY_FILTER | VL_CAPABILITY_ORDER))
        continue;
      all = _vl_test_list (run, NULL, NULL);
      for (j = 0; j < 25 && run->error == NULL && all != NULL; j++)
        {
          g_autoptr (VlQuery) query = make_random_query (&state);
          g_autofree char *ids = pick_ids (all, query);

          _vl_test_expect_ids (run, vl_query_get_key (query), query, ids);
        }
    }
}

static const VlTestCheck checks[] = {
  { "search/with-a-condition", VL_CAPABILITY_SEARCH | VL_CAPABILITY_FILTER,
    check_search_and_condition },
  { "order/by-two-columns", VL_CAPABILITY_ORDER, check_two_orders },
  { "order/by-two-columns-both-ways", VL_CAPABILITY_ORDER, check_two_orders_ways },
  { "order/with-a-condition", VL_CAPABILITY_ORDER | VL_CAPABILITY_FILTER,
    check_order_and_condition },
  { "order/unknown-column", VL_CAPABILITY_ORDER, check_unknown_order },
  { "where/unknown-column", VL_CAPABILITY_FILTER, check_unknown_column },
  { "where/unknown-column-is-not-null", VL_CAPABILITY_FILTER, check_unknown_column_null },
  { "where/column-names-are-never-spliced", VL_CAPABILITY_FILTER, check_column_injection },
  { "where/contains-a-number", VL_CAPABILITY_FILTER, check_contains_number },
  { "where/in-something-else-than-an-array", VL_CAPABILITY_FILTER, check_in_no_array },
};

void
_vl_test_table_queries (VlTestRun *run)
{
  run_condition_cases (run);
  run_pair_cases (run);
  run_search_cases (run);
  run_order_cases (run);
  _vl_test_run_checks (run, checks, G_N_ELEMENTS (checks));
  run_random_queries (run);
}
