/* test-journal-pack.c: variants that are written without being made
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>
#include <vantage-live.h>

#include "vantage-live/live/vl-journal-pack-private.h"

/* (yst) that may be, a double, an array of (sv), bytes that may be, and a number. */
#define TYPE "(m(yst)da(sv)mayu)"

static GBytes *
write_packed (const char *text, guint n_fields, gboolean has_all)
{
  GByteArray *data = g_byte_array_new ();
  g_auto (VlPack) pack;
  VlPackContainer body, inner, field;

  _vl_pack_init (&pack, data);
  body = _vl_pack_begin (&pack, 8);
  if (has_all)
    {
      inner = _vl_pack_begin (&pack, 8);
      _vl_pack_byte (&pack, 7);
      _vl_pack_string (&pack, text, strlen (text));
      _vl_pack_mark (&pack, &inner);
      _vl_pack_uint64 (&pack, G_MAXUINT64 - 1);
      _vl_pack_end_tuple (&pack, &inner);
      _vl_pack_just (&pack);
    }
  _vl_pack_mark (&pack, &body);
  _vl_pack_align (&pack, 8);
  _vl_pack_double (&pack, -0.25);
  inner = _vl_pack_begin (&pack, 8);
  for (guint i = 0; i < n_fields; i++)
    {
      field = _vl_pack_begin (&pack, 8);
      _vl_pack_string (&pack, "name", 4);
      _vl_pack_mark (&pack, &field);
      _vl_pack_align (&pack, 8);
      _vl_pack_string (&pack, text, strlen (text));
      _vl_pack_type (&pack, "s");
      _vl_pack_end_tuple (&pack, &field);
      _vl_pack_mark (&pack, &inner);
    }
  _vl_pack_end_array (&pack, &inner);
  _vl_pack_mark (&pack, &body);
  if (has_all)
    {
      _vl_pack_bytes (&pack, text, strlen (text));
      _vl_pack_just (&pack);
    }
  _vl_pack_mark (&pack, &body);
  _vl_pack_uint32 (&pack, 12345);
  _vl_pack_end_tuple (&pack, &body);

  return g_byte_array_free_to_bytes (data);
}

static GVariant *
make_variant (const char *text, guint n_fields, gboolean has_all)
{
  GVariantBuilder fields = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(sv)"));
  GVariant *bytes = NULL;
  GVariant *inner = NULL;
  GVariant *children[5];

  for (guint i = 0; i < n_fields; i++)
    g_variant_builder_add (&fields, "(sv)", "name", g_variant_new_string (text));
  if (has_all)
    {
      inner = g_variant_new ("(yst)", 7, text, G_MAXUINT64 - 1);
      bytes = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, text, strlen (text), 1);
    }
  children[0] = g_variant_new_maybe (G_VARIANT_TYPE ("(yst)"), inner);
  children[1] = g_variant_new_double (-0.25);
  children[2] = g_variant_builder_end (&fields);
  children[3] = g_variant_new_maybe (G_VARIANT_TYPE ("ay"), bytes);
  children[4] = g_variant_new_uint32 (12345);

  return g_variant_ref_sink (g_variant_new_tuple (children, G_N_ELEMENTS (children)));
}

static void
check_same (guint length, guint n_fields, gboolean has_all)
{
  g_autofree char *text = g_strnfill (length, 'x');
  g_autoptr (GBytes) packed = write_packed (text, n_fields, has_all);
  g_autoptr (GVariant) made = make_variant (text, n_fields, has_all);
  g_autoptr (GVariant) native = NULL;
  gsize size;
  gconstpointer data = g_bytes_get_data (packed, &size);

#if G_BYTE_ORDER == G_BIG_ENDIAN
  native = g_variant_byteswap (made);
#else
  native = g_variant_ref (made);
#endif
  g_assert_cmpstr (g_variant_get_type_string (native), ==, TYPE);
  g_assert_cmpmem (data, size, g_variant_get_data (native), g_variant_get_size (native));
}

/* The ends of values are wider in larger containers: around each limit. */
static void
test_same (void)
{
  for (guint length = 0; length <= 300; length++)
    {
      check_same (length, 0, length % 2 == 0);
      check_same (length, 1, TRUE);
      check_same (length, 3, length % 2 == 1);
    }
  for (guint length = 21800; length <= 21900; length++)
    check_same (length, 1, TRUE);
  for (guint length = 65450; length <= 65550; length++)
    check_same (length, 1, FALSE);
  check_same (10, 5000, TRUE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/journal-pack/as-a-variant-would-be", test_same);

  return g_test_run ();
}
