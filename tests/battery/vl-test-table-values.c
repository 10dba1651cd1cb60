/* vl-test-table-values.c: what is stored comes back as it was
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-test-private.h"

#include <string.h>

/* --- Fields --- */

typedef struct
{
  const char *name;
  const char *field;
  const char *value; /* in GVariant's text format */
} ValueCase;

/* clang-format off */
static const ValueCase value_cases[] = {
  { "value/int-largest", "stock", "int64 9223372036854775807" },
  { "value/int-smallest", "stock", "int64 -9223372036854775808" },
  { "value/int-above-2-to-53", "stock", "int64 9007199254740993" },
  { "value/int-below-minus-2-to-53", "stock", "int64 -9007199254740993" },
  { "value/int-above-2-to-32", "stock", "int64 4294967297" },
  { "value/int-zero", "stock", "int64 0" },
  { "value/double-largest", "price", "1.7976931348623157e308" },
  { "value/double-smallest", "price", "2.2250738585072014e-308" },
  { "value/double-third", "price", "0.3333333333333333" },
  { "value/double-integral", "price", "7.0" },
  { "value/double-negative", "price", "-123456.789" },
  { "value/boolean-true", "active", "true" },
  { "value/boolean-false", "active", "false" },
  { "value/text-empty", "name", "''" },
  { "value/text-spaces", "name", "'  leading and trailing  '" },
  { "value/text-number", "name", "'0123'" },
  { "value/text-exponent", "name", "'1e5'" },
  { "value/text-boolean", "name", "'true'" },
  { "value/text-null", "name", "'NULL'" },
  { "value/text-lines", "name", "'one\\ntwo\\r\\nthree\\tfour'" },
  { "value/text-controls", "name", "'\\u0001\\u001f\\u007f'" },
  { "value/text-quotes", "name", "\"it's \\\"quoted\\\" `so` [or] {so}\"" },
  { "value/text-backslashes", "name", "'C:\\\\dir\\\\n'" },
  { "value/text-percent", "name", "'100% %s %d %n'" },
  { "value/text-injection", "name", "\"'); DROP TABLE things; --\"" },
  { "value/text-unicode", "name", "'\346\227\245\346\234\254\350\252\236 \320\226 \303\251'" },
  { "value/text-emoji", "name", "'\360\237\221\251\342\200\215\360\237\221\247 \360\237\207\251'" },
  { "value/text-right-to-left", "name", "'\327\251\327\234\327\225\327\235 \342\200\217x'" },
  { "value/text-composed-or-not", "name", "'e\314\201 \303\251'" },
  { "value/bytes-empty", "data", "@ay []" },
  { "value/bytes-with-zeros", "data", "[byte 0, 0, 1, 0]" },
  { "value/bytes-not-utf8", "data", "[byte 255, 254, 128]" },
  { "value/mixed-int", "mixed", "int64 42" },
  { "value/mixed-double", "mixed", "42.5" },
  { "value/mixed-integral-double", "mixed", "42.0" },
  { "value/mixed-text", "mixed", "'42'" },
  { "value/mixed-bytes", "mixed", "[byte 52, 50]" },
};
/* clang-format on */

static VlRecord *
make_one (const char *id, const char *field, GVariant *value)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (id);

  vl_record_builder_set_variant (builder, field, value);
  return vl_record_builder_end (builder);
}

static void
store_and_compare (VlTestRun *run, VlRecord *record)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = _vl_test_insert (run, record, &error);
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlRecord) listed = NULL;

  if (!_vl_test_no_error (run, "insert", error))
    return;
  _vl_test_expect_record (run, "insert", stored, record);
  _vl_test_expect_stored (run, vl_record_get_id (record), record);

  page = _vl_test_list (run, NULL, &error);
  if (!_vl_test_no_error (run, "list", error) || page == NULL)
    return;
  listed = vl_page_get_record (page, 0);
  _vl_test_expect_record (run, "list", listed, record);
}

static void
run_value_cases (VlTestRun *run)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (value_cases) && run->error == NULL; i++)
    {
      g_autoptr (GVariant) value = _vl_test_parse (value_cases[i].value);
      g_autoptr (VlRecord) record = make_one ("v", value_cases[i].field, value);

      if (!_vl_test_begin_check (run, value_cases[i].name, 0))
        continue;
      _vl_test_clear (run);
      store_and_compare (run, record);
    }
}

static void
check_long_text (VlTestRun *run)
{
  g_autofree char *text = g_strnfill (200000, 'x');
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_string (text));
  g_autoptr (VlRecord) record = make_one ("v", "note", value);

  _vl_test_clear (run);
  store_and_compare (run, record);
}

static void
check_all_bytes (VlTestRun *run)
{
  guint8 bytes[256];
  g_autoptr (GVariant) value = NULL;
  g_autoptr (VlRecord) record = NULL;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (bytes); i++)
    bytes[i] = (guint8) i;
  value = g_variant_ref_sink (
    g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes, sizeof bytes, sizeof bytes[0]));
  record = make_one ("v", "data", value);

  _vl_test_clear (run);
  store_and_compare (run, record);
}

static void
check_null_is_not_empty (VlTestRun *run)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new ("v");
  g_autoptr (VlRecord) record = NULL;

  vl_record_builder_set_null (builder, "name");
  vl_record_builder_set_string (builder, "note", "");
  vl_record_builder_set_int64 (builder, "stock", 0);
  record = vl_record_builder_end (builder);

  _vl_test_clear (run);
  store_and_compare (run, record);
}

/* --- Ids --- */

typedef struct
{
  const char *name;
  const char *id;
} IdCase;

static const IdCase id_cases[] = {
  { "id/spaces", "two words" },
  { "id/leading-space", " x" },
  { "id/quote", "it's" },
  { "id/double-quote", "say \"so\"" },
  { "id/percent", "100%2F" },
  { "id/slashes", "a/b/../c" },
  { "id/colon", "new:thing" },
  { "id/question", "a?b=c&d#e" },
  { "id/lines", "one\ntwo" },
  { "id/backslash", "a\\b" },
  { "id/leading-zeros", "007" },
  { "id/number", "42" },
  { "id/negative-number", "-42" },
  { "id/exponent", "1e3" },
  { "id/accents", "\303\251t\303\251" },
  { "id/emoji", "\360\237\230\200" },
  { "id/null-word", "NULL" },
  { "id/injection", "x'; DROP TABLE things; --" },
};

static void
check_id (VlTestRun *run, const char *id)
{
  const char *const ids[] = { id, NULL };
  g_autoptr (VlRecord) record = _vl_test_record (id, "Odd", 1);
  g_autoptr (VlRecord) other = _vl_test_record ("other", "Other", 2);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) many = NULL;
  g_autoptr (VlRecord) before = NULL;

  _vl_test_clear (run);
  _vl_test_seed (run, record);
  _vl_test_seed (run, other);
  _vl_test_expect_stored (run, id, record);
  many = _vl_test_find_many (run, ids, &error);
  if (!_vl_test_no_error (run, "find_many", error))
    return;
  _vl_test_expect_page (run, "find_many", many, id);

  before = _vl_test_delete (run, id, &error);
  if (!_vl_test_no_error (run, "delete", error))
    return;
  _vl_test_expect_stored (run, id, NULL);
  _vl_test_expect_ids (run, "list", NULL, "other");
}

static void
run_id_cases (VlTestRun *run)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (id_cases) && run->error == NULL; i++)
    if (_vl_test_begin_check (run, id_cases[i].name, VL_CAPABILITY_DELETE))
      check_id (run, id_cases[i].id);
}

static void
check_long_id (VlTestRun *run)
{
  g_autofree char *id = g_strnfill (1000, 'i');
  g_autoptr (VlRecord) record = _vl_test_record (id, "Long", 1);

  _vl_test_clear (run);
  store_and_compare (run, record);
}

/* Ids that differ by case or by a zero are different records. */
static void
check_similar_ids (VlTestRun *run)
{
  const char *const ids[] = { "a", "A", "1", "01", "1.0", "1 ", "\303\251", "e\314\201" };
  guint i;

  _vl_test_clear (run);
  for (i = 0; i < G_N_ELEMENTS (ids) && run->error == NULL; i++)
    {
      g_autoptr (VlRecord) record = _vl_test_record (ids[i], ids[i], (gint64) i);

      _vl_test_seed (run, record);
    }
  for (i = 0; i < G_N_ELEMENTS (ids) && run->error == NULL; i++)
    {
      g_autoptr (VlRecord) record = _vl_test_record (ids[i], ids[i], (gint64) i);

      _vl_test_expect_stored (run, ids[i], record);
    }
}

static void
check_id_order (VlTestRun *run)
{
  const char *const ids[] = { "b", "10", "\303\251", "9", "B", "a", "Z", "-1" };
  guint i;

  _vl_test_clear (run);
  for (i = 0; i < G_N_ELEMENTS (ids) && run->error == NULL; i++)
    {
      g_autoptr (VlRecord) record = _vl_test_record (ids[i], "Same", 1);

      _vl_test_seed (run, record);
    }
  /* Ids of text sort by their bytes, numbers or not. */
  _vl_test_expect_ids (run, "list", NULL, "-1 10 9 B Z a b \303\251");
}

static void
check_id_breaks_ties (VlTestRun *run)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) up = vl_query_order_by (all, "name", FALSE);
  g_autoptr (VlQuery) down = vl_query_order_by (all, "name", TRUE);
  const char *const ids[] = { "d", "b", "a", "c" };
  guint i;

  _vl_test_clear (run);
  for (i = 0; i < G_N_ELEMENTS (ids) && run->error == NULL; i++)
    {
      g_autoptr (VlRecord) record = _vl_test_record (ids[i], "Same", 1);

      _vl_test_seed (run, record);
    }
  _vl_test_expect_ids (run, "list", up, "a b c d");
  _vl_test_expect_ids (run, "list descending", down, "a b c d");
}

static const VlTestCheck checks[] = {
  { "value/long-text", 0, check_long_text },
  { "value/all-bytes", 0, check_all_bytes },
  { "value/null-is-not-empty", 0, check_null_is_not_empty },
  { "id/long", 0, check_long_id },
  { "id/similar-ones-are-different", 0, check_similar_ids },
  { "id/order-by-bytes", 0, check_id_order },
  { "id/breaks-ties", VL_CAPABILITY_ORDER, check_id_breaks_ties },
};

void
_vl_test_table_values (VlTestRun *run)
{
  run_value_cases (run);
  run_id_cases (run);
  _vl_test_run_checks (run, checks, G_N_ELEMENTS (checks));
}
