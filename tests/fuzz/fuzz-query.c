/* fuzz-query.c: the text of a query
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

static VlSchema *schema;
static VlRecord *records[3];

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("table");

  fuzz_set_up ();
  vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_INT64, FALSE);
  vl_schema_builder_add_column (builder, "a", VL_FIELD_TYPE_STRING, TRUE);
  vl_schema_builder_set_id_column (builder, "id");
  schema = vl_schema_builder_end (builder);
  records[0] = vl_record_new ("1", NULL);
  records[1] = vl_record_new_from_json ("{\"id\":2,\"a\":\"Text\",\"b\":1.5}", NULL);
  records[2] = vl_record_new_from_json ("{\"id\":\"x\",\"a\":null,\"b\":[1,{\"c\":2}]}", NULL);

  return 0;
}

/* What parses is the canonical text of what it parses to. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) (size > 0 ? data : NULL), size);
  g_autoptr (VlQuery) query = NULL;
  g_autoptr (VlQuery) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) problem = NULL;
  const char *key = text != NULL ? text : "";

  query = vl_query_parse (key, &error);
  if (query == NULL)
    {
      g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }

  g_assert_cmpstr (vl_query_get_key (query), ==, key);
  again = vl_query_parse (vl_query_get_key (query), NULL);
  g_assert_true (vl_query_equal (query, again));
  vl_query_check (query, schema, &problem);
  for (guint i = 0; i < G_N_ELEMENTS (records); i++)
    {
      vl_query_matches (query, records[i]);
      for (guint j = 0; j < G_N_ELEMENTS (records); j++)
        g_assert_cmpint (vl_query_compare (query, records[i], records[j]), ==,
                         -vl_query_compare (query, records[j], records[i]));
    }

  return 0;
}
