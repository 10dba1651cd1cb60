/* fuzz-page.c: pages that anybody may have stored
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The first byte says whether length and checksum are made right before the
 * others are read: else hardly anything gets past them.
 */

#include "fuzz.h"

#include "vantage-live/base/vl-checksum-private.h"
#include "vantage-live/table/vl-block-private.h"

static GBytes *
make_right (const uint8_t *data, size_t size)
{
  g_autofree guint8 *copy = NULL;
  const gsize checked = G_STRUCT_OFFSET (VlBlockHeader, checksum) + sizeof (guint64);
  VlBlockHeader header;

  if (size < sizeof header)
    return g_bytes_new (data, size);

  copy = g_memdup2 (data, size);
  memcpy (&header, data, sizeof header);
  memcpy (header.magic, VL_BLOCK_MAGIC, sizeof header.magic);
  header.version = VL_BLOCK_VERSION;
  header.byte_order = VL_BLOCK_BYTE_ORDER;
  header.length = size;
  memcpy (copy, &header, sizeof header);
  header.checksum = _vl_checksum (copy + checked, size - checked, VL_BLOCK_VERSION);
  memcpy (copy, &header, sizeof header);

  return g_bytes_new_take (g_steal_pointer (&copy), size);
}

static void
read_record (VlRecord *record)
{
  g_auto (GStrv) names = vl_record_get_field_names (record);
  g_autofree char *json = vl_record_to_json (record);
  g_autoptr (GVariant) variant = vl_record_to_variant (record);
  g_autoptr (VlRecord) same = vl_record_merge (record, record);

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (GVariant) value = vl_record_get_variant (record, names[i]);
      g_autoptr (GBytes) bytes = vl_record_get_bytes (record, names[i]);
      g_autoptr (GDateTime) time = vl_record_get_date_time (record, names[i]);

      g_assert_true (vl_record_has_field (record, names[i]));
      vl_record_get_string (record, names[i]);
      vl_record_get_double (record, names[i]);
    }
  g_assert_true (g_utf8_validate (json, -1, NULL));
  g_assert_true (vl_record_equal (record, same));
}

static void
read_page (VlPage *page)
{
  g_autofree char *json = vl_page_to_json (page);
  g_autoptr (GBytes) bytes = vl_page_to_bytes (page);
  g_autoptr (VlPage) again = vl_page_new_from_bytes (bytes, NULL);
  const guint n_records = vl_page_get_n_records (page);

  g_assert_nonnull (again);
  g_assert_true (_vl_page_equal_rows (page, again));
  g_assert_cmpuint (vl_page_get_offset (page), ==, vl_page_get_offset (again));
  g_assert_cmpint (vl_page_get_total (page), ==, vl_page_get_total (again));

  for (guint i = 0; i < MIN (n_records, 20); i++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (page, i);
      const char *id = vl_page_get_record_id (page, i);
      guint position;

      g_assert_cmpstr (id, ==, vl_record_get_id (record));
      g_assert_true (id == NULL || vl_page_find (page, id, &position));
      read_record (record);
    }
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  fuzz_set_up ();

  return 0;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (VlPage) page = NULL;
  g_autoptr (GError) error = NULL;

  if (size == 0)
    return 0;

  bytes = data[0] % 2 == 0 ? make_right (data + 1, size - 1) : g_bytes_new (data + 1, size - 1);
  page = vl_page_new_from_bytes (bytes, &error);
  if (page != NULL)
    read_page (page);
  else
    g_assert_error (error, VL_ERROR, VL_ERROR_CORRUPT);

  return 0;
}
