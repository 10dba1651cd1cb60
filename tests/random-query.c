/* random-query.c: random queries and records for property tests
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <math.h>
#include <string.h>
#include <vantage-live.h>

#include "random-query.h"
#include "table/vl-cell-private.h"

static const char *const fields[] = { "a", "b", "c d", "é&" };

guint
random_below (GRand *rand, guint n)
{
  return (guint) g_rand_int_range (rand, 0, (gint32) n);
}

/* Random values */

static const char *const value_texts[] = {
  "true",
  "false",
  "byte 1",
  "int16 -1",
  "uint16 2",
  "int32 0",
  "uint32 1",
  "int64 1",
  "int64 2",
  "int64 9007199254740993",
  "int64 9223372036854775807",
  "int64 -9223372036854775808",
  "uint64 2",
  "uint64 9223372036854775807",
  "uint64 9223372036854775808",
  "uint64 18446744073709551615",
  "0.0",
  "-0.0",
  "1.0",
  "0.1",
  "1.5",
  "-1.0",
  "9007199254740992.0",
  "9007199254740994.0",
  "9223372036854775808.0",
  "-9223372036854775808.0",
  "1e300",
  "1e-300",
  "''",
  "'a'",
  "'A'",
  "'ab'",
  "'foo BAR'",
  "'1'",
  "'é'",
  "'ÉA'",
  "'%&+,():?/*'",
  "objectpath '/a'",
  "signature 'as'",
  "@ay []",
  "@ay [97]",
  "@ay [97, 0]",
  "@ay [255]",
  "@as []",
  "@ax []",
  "['a', 'b']",
  "[int64 1]",
  "(1, 'x')",
  "{'a': <1>}",
  "@mx nothing",
  "@mx 1",
  "<1>",
  "<@ms nothing>",
  "<<'ab'>>",
};

static GVariant *
random_value (GRand *rand)
{
  guint i = random_below (rand, G_N_ELEMENTS (value_texts) + 3);
  static GVariant *values[G_N_ELEMENTS (value_texts)];

  if (i == G_N_ELEMENTS (value_texts))
    return g_variant_ref_sink (g_variant_new_double ((double) NAN));
  if (i == G_N_ELEMENTS (value_texts) + 1)
    return g_variant_ref_sink (g_variant_new_double ((double) -INFINITY));
  if (i == G_N_ELEMENTS (value_texts) + 2)
    return g_variant_ref_sink (g_variant_new_double (g_rand_double_range (rand, -2, 2)));

  if (values[i] == NULL)
    values[i] = g_variant_parse (NULL, value_texts[i], NULL, NULL, NULL);
  g_assert_nonnull (values[i]);
  return g_variant_ref (values[i]);
}

static GVariant *
random_list (GRand *rand)
{
  GVariantBuilder builder;
  guint length = random_below (rand, 5);

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("av"));
  for (guint i = 0; i < length; i++)
    {
      g_autoptr (GVariant) item = random_value (rand);

      g_variant_builder_add (&builder, "v", item);
    }

  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

/* Mostly what the operator wants, now and then something else. */
static GVariant *
random_operand (GRand *rand, VlOp op)
{
  static const char *const pieces[] = { "a", "A", "o b", "", "é", "%&" };
  gboolean list = op == VL_OP_IN || op == VL_OP_NOT_IN;

  if (random_below (rand, 20) == 0)
    return NULL;
  if (list != (random_below (rand, 10) == 0))
    return random_list (rand);
  if (op == VL_OP_CONTAINS && random_below (rand, 5) != 0)
    return g_variant_ref_sink (
      g_variant_new_string (pieces[random_below (rand, G_N_ELEMENTS (pieces))]));

  return random_value (rand);
}

/* Random queries */

static void
term_free (gpointer data)
{
  Term *term = data;

  g_clear_pointer (&term->value, g_variant_unref);
  g_free (term);
}

static void
add_term (Spec *spec, const char *field, VlOp op, GVariant *value)
{
  Term *term = g_new0 (Term, 1);

  term->field = field;
  term->op = op;
  term->value = value != NULL ? g_variant_ref (value) : NULL;
  g_ptr_array_add (spec->terms, term);
}

static void
add_random_term (GRand *rand, Spec *spec)
{
  VlOp op = random_below (rand, 60) == 0 ? (VlOp) 99
                                         : (VlOp) random_below (rand, VL_OP_NOT_NULL + 1);
  g_autoptr (GVariant) value = random_operand (rand, op);

  add_term (spec, fields[random_below (rand, G_N_ELEMENTS (fields))], op, value);
}

static Spec *
spec_new (void)
{
  Spec *spec = g_new0 (Spec, 1);

  spec->terms = g_ptr_array_new_with_free_func (term_free);
  return spec;
}

void
spec_free (Spec *spec)
{
  g_ptr_array_unref (spec->terms);
  g_free (spec->search);
  g_free (spec);
}

Spec *
spec_new_random (GRand *rand)
{
  static const char *const searches[] = { "a", "A b", " é ", "foo  bar", "%&", "\t", "1 1", "zz" };
  Spec *spec = spec_new ();

  for (guint n = random_below (rand, 4); n > 0; n--)
    add_random_term (rand, spec);
  if (random_below (rand, 4) == 0)
    spec->search = g_strdup (searches[random_below (rand, G_N_ELEMENTS (searches))]);
  for (guint n = random_below (rand, 4); n > 0; n--)
    {
      spec->orders[spec->n_orders] = fields[random_below (rand, G_N_ELEMENTS (fields))];
      spec->descending[spec->n_orders] = g_rand_boolean (rand);
      spec->n_orders++;
    }
  spec->limit = random_below (rand, 2);

  return spec;
}

VlQuery *
spec_make_query (const Spec *spec)
{
  VlQuery *query = vl_query_new ();

  for (guint i = 0; i < spec->terms->len; i++)
    {
      g_autoptr (VlQuery) before = query;
      const Term *term = spec->terms->pdata[i];

      query = vl_query_where (before, term->field, term->op, term->value);
    }

  for (guint i = 0; i < spec->n_orders; i++)
    {
      g_autoptr (VlQuery) before = query;

      query = vl_query_order_by (before, spec->orders[i], spec->descending[i]);
    }

  {
    g_autoptr (VlQuery) before = query;
    g_autoptr (VlQuery) searched = vl_query_search (before, spec->search);

    query = vl_query_window (searched, 0, spec->limit);
  }

  return query;
}

/* A list in another order, with one item twice. */
static GVariant *
shuffle_list (GRand *rand, GVariant *list)
{
  gsize length = g_variant_n_children (list);
  gsize start = length > 0 ? random_below (rand, (guint) length) : 0;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("av"));
  for (gsize i = 0; i < length + (length > 0); i++)
    {
      g_autoptr (GVariant) item = g_variant_get_child_value (list, (start + length - i) % length);

      g_variant_builder_add_value (&builder, item);
    }

  return g_variant_builder_end (&builder);
}

/* The same query put in other words. */
Spec *
spec_rephrase (GRand *rand, const Spec *spec)
{
  Spec *other = spec_new ();
  guint n = spec->terms->len;
  guint start = n > 0 ? random_below (rand, n) : 0;

  for (guint i = 0; i < n + (n > 0); i++)
    {
      const Term *term = spec->terms->pdata[(start + n - i) % n];
      g_autoptr (GVariant) value = term->value != NULL ? g_variant_ref (term->value) : NULL;
      gboolean list = term->op == VL_OP_IN || term->op == VL_OP_NOT_IN;

      if (list && value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE ("av")))
        {
          g_variant_unref (value);
          value = g_variant_ref_sink (shuffle_list (rand, term->value));
        }
      if (value != NULL && g_rand_boolean (rand))
        {
          GVariant *wrapped = g_variant_ref_sink (g_variant_new_variant (value));

          g_variant_unref (value);
          value = wrapped;
        }
      add_term (other, term->field, term->op, value);
    }

  if (spec->search != NULL)
    other->search = g_strconcat (" \n", spec->search, "\t ", NULL);
  memcpy (other->orders, spec->orders, sizeof spec->orders);
  memcpy (other->descending, spec->descending, sizeof spec->descending);
  other->n_orders = spec->n_orders;
  if (spec->n_orders > 0 && spec->n_orders < 4)
    other->orders[other->n_orders++] = spec->orders[0];
  other->limit = spec->limit;

  return other;
}

/* One thing changed, which may turn out to make no difference. */
Spec *
spec_change_one_thing (GRand *rand, const Spec *spec)
{
  Spec *other = spec_rephrase (rand, spec);
  Term *term = other->terms->len > 0 ? other->terms->pdata[0] : NULL;

  switch (random_below (rand, 6))
    {
    case 0:
      add_random_term (rand, other);
      break;
    case 1:
      other->descending[0] = !other->descending[0];
      break;
    case 2:
      g_free (other->search);
      other->search = g_strdup ("a");
      break;
    case 3:
      if (term != NULL)
        {
          g_clear_pointer (&term->value, g_variant_unref);
          term->value = random_operand (rand, term->op);
        }
      break;
    case 4:
      if (term != NULL)
        term->field = fields[random_below (rand, G_N_ELEMENTS (fields))];
      break;
    default:
      if (term != NULL)
        term->op = (VlOp) random_below (rand, VL_OP_NOT_NULL + 1);
      break;
    }

  return other;
}

/* Random records */

VlSchema *
row_schema (void)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("t");

  vl_schema_builder_add_column (builder, "key", VL_FIELD_TYPE_INT64, FALSE);
  vl_schema_builder_set_id_column (builder, "key");

  return vl_schema_builder_end (builder);
}

void
row_init (GRand *rand, Row *row, VlSchema *schema)
{
  static const char *const ids[] = { "1", "2", "10", "-3", "a", "A", "010" };
  guint id = random_below (rand, G_N_ELEMENTS (ids) + 1);
  GVariantDict dictionary;

  memset (row, 0, sizeof *row);
  row->id = id < G_N_ELEMENTS (ids) ? g_strdup (ids[id]) : NULL;
  row->number_id = id < 4 && g_rand_boolean (rand);

  g_variant_dict_init (&dictionary, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      g_autoptr (GVariant) value = random_value (rand);

      if (random_below (rand, 6) != 0)
        g_variant_dict_insert_value (&dictionary, fields[i], value);
    }
  row->dictionary = g_variant_ref_sink (g_variant_dict_end (&dictionary));
  row->record = vl_record_new (row->id, row->dictionary);

  if (row->number_id)
    {
      g_autoptr (VlRecord) plain = row->record;

      row->record = _vl_record_normalize (plain, schema);
    }
}

void
row_clear (Row *row)
{
  g_clear_pointer (&row->dictionary, g_variant_unref);
  g_clear_pointer (&row->id, g_free);
  g_clear_object (&row->record);
}
