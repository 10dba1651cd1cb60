/* fuzz-json.c: JSON that becomes a record
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  fuzz_set_up ();

  return 0;
}

/* What the record says of itself is JSON that says the same again. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) (size > 0 ? data : NULL), size);
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (VlRecord) again = NULL;
  g_autofree char *json = NULL;
  g_autofree char *same = NULL;
  g_autoptr (GError) error = NULL;

  record = vl_record_new_from_json (text != NULL ? text : "", &error);
  if (record == NULL)
    {
      g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }

  json = vl_record_to_json (record);
  again = vl_record_new_from_json (json, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vl_record_get_id (again), ==, vl_record_get_id (record));
  same = vl_record_to_json (again);
  g_assert_cmpstr (same, ==, json);

  return 0;
}
