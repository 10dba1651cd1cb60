/* vl-test-goods.c: the schema of the battery and the records it works with
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-test-private.h"

#include <math.h>

/**
 * vl_test_schema:
 *
 * The schema that a table must have to be tested with [func@VlTest.table]:
 * table "things", id column "id" of text, and a column of each type that every
 * table can store. The column "mixed" takes values of any of these types.
 *
 * It claims every capability of a table that can do all; a table without one
 * of them describes itself with less.
 *
 * Returns: (transfer full): a new schema
 */
VlSchema *
vl_test_schema (void)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("things");

  vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (builder, "name", VL_FIELD_TYPE_STRING, TRUE);
  vl_schema_builder_add_column (builder, "price", VL_FIELD_TYPE_DOUBLE, TRUE);
  vl_schema_builder_add_column (builder, "stock", VL_FIELD_TYPE_INT64, TRUE);
  vl_schema_builder_add_column (builder, "active", VL_FIELD_TYPE_BOOLEAN, TRUE);
  vl_schema_builder_add_column (builder, "note", VL_FIELD_TYPE_STRING, TRUE);
  vl_schema_builder_add_column (builder, "data", VL_FIELD_TYPE_BYTES, TRUE);
  vl_schema_builder_add_column (builder, "mixed", VL_FIELD_TYPE_NULL, TRUE);
  vl_schema_builder_set_id_column (builder, "id");
  vl_schema_builder_add_title_column (builder, "name");
  vl_schema_builder_set_capabilities (builder, VL_CAPABILITY_ORDER | VL_CAPABILITY_FILTER |
                                                 VL_CAPABILITY_SEARCH | VL_CAPABILITY_WINDOW |
                                                 VL_CAPABILITY_COUNT | VL_CAPABILITY_INSERT |
                                                 VL_CAPABILITY_REPLACE | VL_CAPABILITY_PATCH |
                                                 VL_CAPABILITY_DELETE | VL_CAPABILITY_DELETE_ALL);
  return vl_schema_builder_end (builder);
}

/* A value in GVariant's text format; NULL or "" = null. */
typedef struct
{
  const char *id;
  const char *name;
  double price; /* PRICE_NULL = null */
  const char *stock;
  const char *active;
  const char *note;
  const char *data;
  const char *mixed;
} Thing;

#define PRICE_NULL (-999.0)

/* The expectations of the read checks are written against these by hand. They
 * are stored in this order, so that nothing is right by chance. */
static const Thing goods[] = {
  /* clang-format off */
  { "f", "\303\251clair", NAN, "int64 9223372036854775807", "false", "x", "[byte 255, 0]", NULL },
  { "c", "Cherry", PRICE_NULL, "int64 5", "true", "", "@ay []", "'text a'" },
  { "a", "Apple", 1.5, "int64 10", "true", "fresh", "[byte 1, 2]", "int64 1" },
  { "j", "Apple", 1.5, "int64 10", NULL, NULL, NULL, "1.0" },
  { "b", "banana", 0.25, "int64 0", "false", NULL, NULL, "1.5" },
  { "h", "", 1e300, "int64 5", "false", "it's; DROP TABLE things;--", "[byte 2]", "[byte 97]" },
  { "d", "date", 1.5, NULL, NULL, "50% off", "[byte 1]", "int64 9007199254740993" },
  { "i", "\346\227\245\346\234\254 \360\237\230\200", 0.0, "int64 5", "true", "Apple\nBANANA",
    "[byte 1, 2]", "-0.5" },
  { "g", "fig", -2.5, "int64 -9223372036854775808", "true", "apple fig", "[byte 0]", "'B'" },
  { "e", "\303\211clair", 3.0, "int64 -7", "true", "under_score", NULL, "9007199254740992.0" },
  /* clang-format on */
};

GVariant *
_vl_test_parse (const char *text)
{
  GVariant *value;

  if (text == NULL)
    return NULL;
  value = g_variant_parse (NULL, text, NULL, NULL, NULL);
  if (value == NULL)
    g_error ("“%s” is no value", text);
  return value;
}

static void
add_parsed (VlRecordBuilder *builder, const char *field, const char *text)
{
  g_autoptr (GVariant) value = _vl_test_parse (text);

  if (value == NULL)
    vl_record_builder_set_null (builder, field);
  else
    vl_record_builder_set_variant (builder, field, value);
}

static void
add_text (VlRecordBuilder *builder, const char *field, const char *text)
{
  if (text == NULL)
    vl_record_builder_set_null (builder, field);
  else
    vl_record_builder_set_string (builder, field, text);
}

static VlRecord *
make_thing (const Thing *thing)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (thing->id);

  add_text (builder, "name", thing->name);
  if (thing->price <= PRICE_NULL)
    vl_record_builder_set_null (builder, "price");
  else
    vl_record_builder_set_double (builder, "price", thing->price);
  add_parsed (builder, "stock", thing->stock);
  add_parsed (builder, "active", thing->active);
  add_text (builder, "note", thing->note);
  add_parsed (builder, "data", thing->data);
  add_parsed (builder, "mixed", thing->mixed);
  return vl_record_builder_end (builder);
}

/* --- Storing --- */

void
_vl_test_seed (VlTestRun *run, VlRecord *record)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = NULL;

  stored = _vl_test_insert (run, record, &error);
  _vl_test_no_error (run, "storing a record to begin with", error);
}

static void
delete_each (VlTestRun *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = _vl_test_list (run, NULL, &error);
  guint i;

  for (i = 0; page != NULL && run->error == NULL && i < vl_page_get_n_records (page); i++)
    {
      g_autoptr (VlRecord) before = NULL;

      before = _vl_test_delete (run, vl_page_get_record_id (page, i), &error);
      _vl_test_no_error (run, "deleting what an earlier check left", error);
    }
}

void
_vl_test_clear (VlTestRun *run)
{
  g_autoptr (GError) error = NULL;

  if (run->capabilities & VL_CAPABILITY_DELETE_ALL)
    {
      _vl_test_delete_all (run, NULL, &error);
      _vl_test_no_error (run, "deleting what an earlier check left", error);
    }
  else
    delete_each (run);
}

void
_vl_test_seed_goods (VlTestRun *run)
{
  guint i;

  _vl_test_clear (run);
  for (i = 0; i < G_N_ELEMENTS (goods) && run->error == NULL; i++)
    {
      g_autoptr (VlRecord) record = make_thing (&goods[i]);

      _vl_test_seed (run, record);
    }
}

VlRecord *
_vl_test_record (const char *id, const char *name, gint64 stock)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (id);

  add_text (builder, "name", name);
  vl_record_builder_set_int64 (builder, "stock", stock);
  return vl_record_builder_end (builder);
}

void
_vl_test_seed_three (VlTestRun *run)
{
  g_autoptr (VlRecord) a = _vl_test_record ("a", "Apple", 1);
  g_autoptr (VlRecord) b = _vl_test_record ("b", "Banana", 2);
  g_autoptr (VlRecord) c = _vl_test_record ("c", "Cherry", 3);

  _vl_test_clear (run);
  _vl_test_seed (run, b);
  _vl_test_seed (run, c);
  _vl_test_seed (run, a);
}

VlQuery *
_vl_test_where (const char *field, VlOp op, const char *text)
{
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (GVariant) value = _vl_test_parse (text);

  return vl_query_where (all, field, op, value);
}

VlRecord *
_vl_test_make (const char *id, const char *fields)
{
  g_autoptr (GVariant) variant = g_variant_parse (G_VARIANT_TYPE_VARDICT, fields, NULL, NULL, NULL);

  return vl_record_new (id, variant);
}
