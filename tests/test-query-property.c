/* test-query-property.c: what holds for all queries and records
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a query means is said here a second time, over GVariants and texts, and
 * must agree with the library. The random numbers come from one seed. */

#include <math.h>
#include <string.h>
#include <vantage-live.h>

#include "random-query.h"

#define N_ROUNDS 20000
#define SEED     20240229

/* The second say on what queries are equal: a text for each */

/* Without wrappings; NULL for nothing. */
static GVariant *
bare (GVariant *value)
{
  g_autoptr (GVariant) inner = NULL;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARIANT))
    inner = g_variant_get_variant (value);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_MAYBE))
    inner = g_variant_get_maybe (value);
  else
    return g_variant_ref (value);

  return inner != NULL ? bare (inner) : NULL;
}

/* One letter for the type and a text for the value; NULL for nothing. */
static char *
describe_value (GVariant *wrapped)
{
  g_autoptr (GVariant) value = bare (wrapped);
  g_autofree char *text = NULL;
  const char *type = NULL;

  if (value == NULL)
    return NULL;

  type = g_variant_get_type_string (value);
  text = g_variant_print (value, FALSE);
  if (g_str_equal (type, "y"))
    return g_strdup_printf ("integer %u", g_variant_get_byte (value));
  if (strchr ("nqiuxt", type[0]) != NULL &&
      (type[0] != 't' || g_variant_get_uint64 (value) <= G_MAXINT64))
    return g_strconcat ("integer ", text, NULL);
  if (g_str_equal (type, "d"))
    {
      double number = g_variant_get_double (value);

      if (isnan (number))
        return g_strdup ("double nan");
      return g_strdup_printf ("double %a", number + 0.0);
    }
  if (strchr ("sog", type[0]) != NULL)
    return g_strconcat ("text ", g_variant_get_string (value, NULL), NULL);

  return g_strconcat (type, " ", text, NULL);
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static char *
join_set (GPtrArray *texts)
{
  GString *joined = g_string_new (NULL);

  g_ptr_array_sort (texts, compare_texts);
  for (guint i = 0; i < texts->len; i++)
    {
      if (i == 0 || !g_str_equal (texts->pdata[i - 1], texts->pdata[i]))
        g_string_append_printf (joined, "<%s>", (char *) texts->pdata[i]);
    }

  return g_string_free (joined, FALSE);
}

static gboolean
is_list (VlOp op, GVariant *value)
{
  return (op == VL_OP_IN || op == VL_OP_NOT_IN) && g_variant_is_container (value) &&
         g_variant_get_type_string (value)[0] == 'a' &&
         strchr ("y{", g_variant_get_type_string (value)[1]) == NULL;
}

static char *
describe_operand (const Term *term)
{
  g_autoptr (GVariant) value = term->value != NULL ? bare (term->value) : NULL;
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = NULL;

  if (value == NULL || term->op == VL_OP_IS_NULL || term->op == VL_OP_NOT_NULL)
    return g_strdup ("nothing");
  if (!is_list (term->op, value))
    return describe_value (value);

  for (gsize i = 0; i < g_variant_n_children (value); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (value, i);
      g_autofree char *item = describe_value (child);

      if (item != NULL && !g_str_equal (item, "double nan"))
        g_ptr_array_add (items, g_steal_pointer (&item));
    }
  text = join_set (items);

  return g_strconcat ("list ", text, NULL);
}

static char *
describe_spec (const Spec *spec)
{
  g_autoptr (GPtrArray) terms = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) text = g_string_new (NULL);
  g_auto (GStrv) words = g_strsplit_set (spec->search != NULL ? spec->search : "", " \t\n", -1);
  g_autofree char *joined = NULL;

  for (guint i = 0; i < spec->terms->len; i++)
    {
      const Term *term = spec->terms->pdata[i];
      g_autofree char *operand = describe_operand (term);

      g_ptr_array_add (terms, g_strdup_printf ("%s|%u|%s", term->field, (guint) term->op, operand));
    }
  joined = join_set (terms);
  g_string_append (text, joined);

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (words[i][0] != '\0')
        g_string_append_printf (text, "word %s|", words[i]);
    }

  for (guint i = 0; i < spec->n_orders; i++)
    {
      gboolean known = FALSE;

      for (guint j = 0; j < i; j++)
        known = known || g_str_equal (spec->orders[i], spec->orders[j]);
      if (!known)
        g_string_append_printf (text, "by %s %d|", spec->orders[i], spec->descending[i]);
    }

  return g_strdup (text->str);
}

static void
assert_agree_on_equality (const Spec *a, const Spec *b)
{
  g_autoptr (VlQuery) a_query = spec_make_query (a);
  g_autoptr (VlQuery) b_query = spec_make_query (b);
  g_autofree char *a_text = describe_spec (a);
  g_autofree char *b_text = describe_spec (b);
  gboolean equal = g_str_equal (a_text, b_text);

  if (g_str_equal (vl_query_get_key (a_query), vl_query_get_key (b_query)) != equal)
    g_error ("%s is %s\n%s is %s", a_text, vl_query_get_key (a_query), b_text,
             vl_query_get_key (b_query));
  g_assert_cmpint (vl_query_equal (a_query, b_query), ==, equal && a->limit == b->limit);
}

static void
test_equality (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);
  guint n_changed = 0;

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr (Spec) spec = spec_new_random (rand);
      g_autoptr (Spec) same = spec_rephrase (rand, spec);
      g_autoptr (Spec) changed = spec_change_one_thing (rand, spec);
      g_autoptr (Spec) other = spec_new_random (rand);
      g_autofree char *text = describe_spec (spec);
      g_autofree char *same_text = describe_spec (same);
      g_autofree char *changed_text = describe_spec (changed);

      g_assert_cmpstr (text, ==, same_text);
      n_changed += !g_str_equal (text, changed_text);
      assert_agree_on_equality (spec, same);
      assert_agree_on_equality (spec, changed);
      assert_agree_on_equality (spec, other);
    }

  g_assert_cmpuint (n_changed, >, N_ROUNDS / 2);
}

/* The same query again, by way of what the getters say. */
static VlQuery *
rebuild (VlQuery *query)
{
  VlQuery *copy = vl_query_new ();

  for (guint i = 0; i < vl_query_get_n_conditions (query); i++)
    {
      g_autoptr (VlQuery) before = copy;
      g_autoptr (GVariant) value = NULL;
      VlOp op;
      const char *field = vl_query_get_condition (query, i, &op, &value);

      copy = vl_query_where (before, field, op, value);
    }

  for (guint i = 0; i < vl_query_get_n_orders (query); i++)
    {
      g_autoptr (VlQuery) before = copy;
      gboolean descending;
      const char *field = vl_query_get_order (query, i, &descending);

      copy = vl_query_order_by (before, field, descending);
    }

  {
    g_autoptr (VlQuery) before = copy;

    copy = vl_query_search (before, vl_query_get_search (query));
  }

  return copy;
}

static void
test_parse (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED + 1);

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (Spec) spec = spec_new_random (rand);
      g_autoptr (VlQuery) query = spec_make_query (spec);
      g_autoptr (VlQuery) whole = vl_query_window (query, 0, 0);
      g_autoptr (VlQuery) back = vl_query_parse (vl_query_get_key (query), &error);
      g_autoptr (VlQuery) again = rebuild (query);
      g_autoptr (VlQuery) back_again = NULL;

      g_assert_no_error (error);
      g_assert_true (vl_query_equal (back, whole));
      g_assert_true (vl_query_equal (again, whole));

      /* Made of what was parsed, not of the text that was kept. */
      back_again = rebuild (back);
      g_assert_cmpstr (vl_query_get_key (back_again), ==, vl_query_get_key (query));
    }
}

static void
damage (GRand *rand, GString *key)
{
  static const char alphabet[] = "?&/+-:(),.%*0129abdefinsvx \xc3";
  char c = alphabet[random_below (rand, sizeof alphabet - 1)];
  gsize at = key->len > 0 ? random_below (rand, (guint) key->len) : 0;

  switch (random_below (rand, 4))
    {
    case 0:
      g_string_truncate (key, at);
      break;
    case 1:
      if (key->len > 0)
        g_string_erase (key, (gssize) at, 1);
      break;
    case 2:
      g_string_insert_c (key, (gssize) at, c);
      break;
    default:
      if (key->len > 0)
        key->str[at] = c;
      break;
    }
}

static void
test_damage (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED + 2);
  guint n_refused = 0;

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr (Spec) spec = spec_new_random (rand);
      g_autoptr (VlQuery) query = spec_make_query (spec);
      g_autoptr (GString) key = g_string_new (vl_query_get_key (query));
      g_autoptr (GError) error = NULL;
      g_autoptr (VlQuery) read = NULL;

      for (guint n = 1 + random_below (rand, 2); n > 0; n--)
        damage (rand, key);
      read = vl_query_parse (key->str, &error);

      if (read != NULL)
        {
          g_autoptr (VlQuery) again = rebuild (read);

          g_assert_no_error (error);
          g_assert_cmpstr (vl_query_get_key (again), ==, key->str);
        }
      else
        {
          g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
          n_refused++;
        }
    }

  g_assert_cmpuint (n_refused, >, N_ROUNDS / 4);
  g_assert_cmpuint (n_refused, <, N_ROUNDS);
}

/* The second say on what queries mean */

static int
class_of (GVariant *value)
{
  const char *type = NULL;

  if (value == NULL)
    return 5;

  type = g_variant_get_type_string (value);
  if (g_str_equal (type, "d") && isnan (g_variant_get_double (value)))
    return 5;
  if (g_str_equal (type, "t") && g_variant_get_uint64 (value) > G_MAXINT64)
    return 4;
  if (strchr ("bynqiuxtd", type[0]) != NULL)
    return 1;
  if (strchr ("sog", type[0]) != NULL)
    return 2;

  return g_str_equal (type, "ay") ? 3 : 4;
}

/* Holds every int64 and every double exactly. */
#ifdef __SIZEOF_FLOAT128__
typedef __float128 Wide;
#else
typedef long double Wide;
#endif

static Wide
number_of (GVariant *value)
{
  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_BOOLEAN:
      return g_variant_get_boolean (value) ? 1 : 0;
    case G_VARIANT_CLASS_BYTE:
      return g_variant_get_byte (value);
    case G_VARIANT_CLASS_INT16:
      return g_variant_get_int16 (value);
    case G_VARIANT_CLASS_UINT16:
      return g_variant_get_uint16 (value);
    case G_VARIANT_CLASS_INT32:
      return g_variant_get_int32 (value);
    case G_VARIANT_CLASS_UINT32:
      return g_variant_get_uint32 (value);
    case G_VARIANT_CLASS_INT64:
      return (Wide) g_variant_get_int64 (value);
    case G_VARIANT_CLASS_UINT64:
      return (Wide) g_variant_get_uint64 (value);
    case G_VARIANT_CLASS_DOUBLE:
      return g_variant_get_double (value);
    case G_VARIANT_CLASS_HANDLE:
    case G_VARIANT_CLASS_STRING:
    case G_VARIANT_CLASS_OBJECT_PATH:
    case G_VARIANT_CLASS_SIGNATURE:
    case G_VARIANT_CLASS_VARIANT:
    case G_VARIANT_CLASS_MAYBE:
    case G_VARIANT_CLASS_ARRAY:
    case G_VARIANT_CLASS_TUPLE:
    case G_VARIANT_CLASS_DICT_ENTRY:
    default:
      g_assert_not_reached ();
    }
}

static int
compare_values (GVariant *a, GVariant *b)
{
  g_autoptr (GBytes) a_bytes = NULL;
  g_autoptr (GBytes) b_bytes = NULL;
  int result;

  if (class_of (a) != class_of (b))
    return class_of (a) - class_of (b);

  switch (class_of (a))
    {
    case 1:
      return (number_of (a) > number_of (b)) - (number_of (a) < number_of (b));
    case 2:
      return strcmp (g_variant_get_string (a, NULL), g_variant_get_string (b, NULL));
    case 5:
      return 0;
    default:
      a_bytes = g_variant_get_data_as_bytes (a);
      b_bytes = g_variant_get_data_as_bytes (b);
      result = g_bytes_compare (a_bytes, b_bytes);
      if (result != 0)
        return result;
      return strcmp (g_variant_get_type_string (a), g_variant_get_type_string (b));
    }
}

static GVariant *
field_of (const Row *row, const char *field)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (row->dictionary, field, NULL);

  return value != NULL ? bare (value) : NULL;
}

static gboolean
text_has (GVariant *value, const char *word)
{
  g_autofree char *low_text = NULL;
  g_autofree char *low_word = g_ascii_strdown (word, -1);

  if (class_of (value) != 2)
    return FALSE;

  low_text = g_ascii_strdown (g_variant_get_string (value, NULL), -1);
  return strstr (low_text, low_word) != NULL;
}

static gboolean
any_equal (GVariant *list, GVariant *value)
{
  for (gsize i = 0; i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (list, i);
      g_autoptr (GVariant) item = bare (child);

      if (class_of (item) != 5 && compare_values (item, value) == 0)
        return TRUE;
    }

  return FALSE;
}

static gboolean
term_is_met (const Term *term, const Row *row)
{
  g_autoptr (GVariant) value = field_of (row, term->field);
  g_autoptr (GVariant) operand = term->value != NULL ? bare (term->value) : NULL;
  gboolean null = class_of (value) == 5;
  int order;

  if (term->op == VL_OP_IS_NULL)
    return null;
  if (null || term->op == VL_OP_NOT_NULL)
    return !null;
  if (operand == NULL || class_of (operand) == 5)
    return FALSE;
  if (term->op == VL_OP_IN || term->op == VL_OP_NOT_IN)
    return is_list (term->op, operand) && any_equal (operand, value) == (term->op == VL_OP_IN);
  if (term->op == VL_OP_CONTAINS)
    return class_of (operand) == 2 && text_has (value, g_variant_get_string (operand, NULL));

  order = compare_values (value, operand);
  return (term->op == VL_OP_EQ && order == 0) || (term->op == VL_OP_NE && order != 0) ||
         (term->op == VL_OP_LT && order < 0) || (term->op == VL_OP_LE && order <= 0) ||
         (term->op == VL_OP_GT && order > 0) || (term->op == VL_OP_GE && order >= 0);
}

static gboolean
word_is_found (const char *word, const Row *row)
{
  GVariantIter iter;
  GVariant *child = NULL;
  gboolean found = *word == '\0';

  g_variant_iter_init (&iter, row->dictionary);
  while (g_variant_iter_next (&iter, "{sv}", NULL, &child))
    {
      g_autoptr (GVariant) value = bare (child);

      found = found || text_has (value, word);
      g_variant_unref (child);
    }

  return found;
}

static gboolean
spec_is_met (const Spec *spec, const Row *row)
{
  g_auto (GStrv) words = g_strsplit_set (spec->search != NULL ? spec->search : "", " \t\n", -1);

  for (guint i = 0; i < spec->terms->len; i++)
    {
      if (!term_is_met (spec->terms->pdata[i], row))
        return FALSE;
    }

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (!word_is_found (words[i], row))
        return FALSE;
    }

  return TRUE;
}

static GVariant *
id_of (const Row *row)
{
  gint64 number = 0;

  if (row->id == NULL)
    return NULL;
  if (row->number_id &&
      g_ascii_string_to_signed (row->id, 10, G_MININT64, G_MAXINT64, &number, NULL))
    return g_variant_ref_sink (g_variant_new_int64 (number));

  return g_variant_ref_sink (g_variant_new_string (row->id));
}

static int
compare_rows (const Spec *spec, const Row *a, const Row *b)
{
  g_autoptr (GVariant) a_id = id_of (a);
  g_autoptr (GVariant) b_id = id_of (b);

  for (guint i = 0; i < spec->n_orders; i++)
    {
      g_autoptr (GVariant) a_value = field_of (a, spec->orders[i]);
      g_autoptr (GVariant) b_value = field_of (b, spec->orders[i]);
      gboolean nulls = class_of (a_value) == 5 || class_of (b_value) == 5;
      int result = compare_values (a_value, b_value);

      if (result != 0)
        return spec->descending[i] && !nulls ? -result : result;
    }

  return compare_values (a_id, b_id);
}

static int
sign (int number)
{
  return (number > 0) - (number < 0);
}

static void
test_matches (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED + 3);
  g_autoptr (VlSchema) schema = row_schema ();
  guint n_met = 0;

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr (Spec) spec = spec_new_random (rand);
      g_autoptr (VlQuery) query = spec_make_query (spec);
      Row row;
      gboolean met;

      row_init (rand, &row, schema);
      met = spec_is_met (spec, &row);
      if (vl_query_matches (query, row.record) != met)
        {
          g_autofree char *text = g_variant_print (row.dictionary, TRUE);

          g_error ("%s should%s meet %s", text, met ? "" : " not", vl_query_get_key (query));
        }
      n_met += met;
      row_clear (&row);
    }

  g_assert_cmpuint (n_met, >, N_ROUNDS / 5);
  g_assert_cmpuint (n_met, <, N_ROUNDS / 5 * 4);
}

static void
assert_total_order (VlQuery *query, const Spec *spec, const Row *rows, guint n_rows)
{
  int results[4][4];

  for (guint i = 0; i < n_rows; i++)
    for (guint j = 0; j < n_rows; j++)
      {
        results[i][j] = sign (vl_query_compare (query, rows[i].record, rows[j].record));
        g_assert_cmpint (results[i][j], ==, sign (compare_rows (spec, &rows[i], &rows[j])));
      }

  for (guint i = 0; i < n_rows; i++)
    for (guint j = 0; j < n_rows; j++)
      {
        g_assert_cmpint (results[i][j], ==, -results[j][i]);
        for (guint k = 0; k < n_rows; k++)
          g_assert_false (results[i][j] <= 0 && results[j][k] <= 0 && results[i][k] > 0);
      }
}

static void
test_compare (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED + 4);
  g_autoptr (VlSchema) schema = row_schema ();

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr (Spec) spec = spec_new_random (rand);
      g_autoptr (VlQuery) query = spec_make_query (spec);
      Row rows[4];

      for (guint j = 0; j < G_N_ELEMENTS (rows); j++)
        row_init (rand, &rows[j], schema);
      assert_total_order (query, spec, rows, G_N_ELEMENTS (rows));
      for (guint j = 0; j < G_N_ELEMENTS (rows); j++)
        row_clear (&rows[j]);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/query/property/equal-exactly-when-keys-are", test_equality);
  g_test_add_func ("/query/property/keys-parse-back", test_parse);
  g_test_add_func ("/query/property/damaged-keys-are-refused-or-keys", test_damage);
  g_test_add_func ("/query/property/matches-agrees-with-a-second-say", test_matches);
  g_test_add_func ("/query/property/compare-is-a-total-order", test_compare);

  return g_test_run ();
}
