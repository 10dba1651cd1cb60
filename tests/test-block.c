/* test-block.c: damaged blocks are refused, sound ones come back the same
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>
#include <vantage-live.h>

#include "base/vl-checksum-private.h"
#include "table/vl-block-builder-private.h"
#include "table/vl-block-pack-private.h"
#include "table/vl-record-private.h"

#define CHECKED_OFFSET 16

static VlPage *
make_page (guint n_rows)
{
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (NULL);

  for (guint i = 0; i < n_rows; i++)
    {
      g_autofree char *id = g_strdup_printf ("row %u", i);
      g_autofree char *text = g_strdup_printf ("name of %u: größe", i);
      g_autoptr (VlRecord) record =
        vl_record_new (id, g_variant_new_parsed ("{'s': <%s>, 'i': <%u>, 'd': <1.5>, 'b': <true>,"
                                                 " 'n': <@mv nothing>, 'y': <[byte 1, 0, 255]>,"
                                                 " 'v': <{'k': <[1, 2]>, 'l': <'x'>}>}",
                                                 text, i));

      vl_page_builder_add_record (builder, record);
    }
  vl_page_builder_set_offset (builder, 20);
  vl_page_builder_set_total (builder, 4711);

  return vl_page_builder_end (builder);
}

/* The bytes of a page, aligned, to be changed at will. */
static guint64 *
make_buffer (guint n_rows, gsize *length)
{
  g_autoptr (VlPage) page = make_page (n_rows);
  g_autoptr (GBytes) bytes = vl_page_to_bytes (page);
  guint64 *buffer;

  *length = g_bytes_get_size (bytes);
  buffer = g_malloc0 (*length + 8);
  memcpy (buffer, g_bytes_get_data (bytes, NULL), *length);

  return buffer;
}

static VlPage *
load (gconstpointer data, gsize length)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, length);
  g_autoptr (GError) error = NULL;
  VlPage *page = vl_page_new_from_bytes (bytes, &error);

  if (page == NULL)
    g_assert_error (error, VL_ERROR, VL_ERROR_CORRUPT);
  else
    g_assert_no_error (error);

  return page;
}

static void
assert_refused (gconstpointer data, gsize length)
{
  g_assert_null (load (data, length));
}

static void
fix_checksum (gpointer data, gsize length)
{
  VlBlockHeader *header = data;

  header->checksum = _vl_checksum ((const char *) data + CHECKED_OFFSET, length - CHECKED_OFFSET,
                                   VL_BLOCK_VERSION);
}

static void
test_round_trip (void)
{
  g_autoptr (VlPage) page = make_page (3);
  g_autoptr (GBytes) bytes = vl_page_to_bytes (page);
  g_autoptr (GBytes) again = NULL;
  g_autoptr (VlPage) restored = vl_page_new_from_bytes (bytes, NULL);

  g_assert_nonnull (restored);
  g_assert_true (_vl_page_equal_rows (page, restored));
  again = vl_page_to_bytes (restored);
  g_assert_true (g_bytes_equal (bytes, again));
}

/* Not read in place, but read. */
static void
test_misaligned (void)
{
  gsize length;
  g_autofree guint64 *buffer = make_buffer (3, &length);
  g_autofree char *shifted = g_malloc (length + 8);
  g_autoptr (VlPage) page = load (buffer, length);

  for (guint shift = 1; shift < 8; shift++)
    {
      g_autoptr (VlPage) moved = NULL;

      memcpy (shifted + shift, buffer, length);
      moved = load (shifted + shift, length);
      g_assert_nonnull (moved);
      g_assert_true (_vl_page_equal_rows (page, moved));
    }
}

static void
test_truncations (void)
{
  gsize length;
  g_autofree guint64 *buffer = make_buffer (3, &length);
  g_autofree char *exact = NULL;

  for (gsize cut = 0; cut < length; cut++)
    {
      /* A buffer of its own, so that a checker sees reads behind the end. */
      g_autofree char *part = g_memdup2 (buffer, cut);

      assert_refused (part, cut);
    }
  /* One byte more is as bad. */
  exact = g_malloc0 (length + 1);
  memcpy (exact, buffer, length);
  assert_refused (exact, length + 1);
}

static void
test_byte_changes (void)
{
  gsize length;
  g_autofree guint64 *buffer = make_buffer (2, &length);
  guint8 *bytes = (guint8 *) buffer;

  for (gsize i = 0; i < length; i++)
    {
      guint8 right = bytes[i];

      for (guint wrong = 0; wrong < 256; wrong++)
        if (wrong != right)
          {
            bytes[i] = (guint8) wrong;
            assert_refused (bytes, length);
          }
      bytes[i] = right;
    }
  {
    g_autoptr (VlPage) page = load (buffer, length);

    g_assert_nonnull (page);
  }
}

static void
test_bit_flips (void)
{
  gsize length;
  g_autofree guint64 *buffer = make_buffer (100, &length);
  guint8 *bytes = (guint8 *) buffer;

  g_assert_cmpuint (length, >, 10000);
  for (gsize i = 0; i < length * 8; i++)
    {
      bytes[i / 8] ^= (guint8) (1 << i % 8);
      assert_refused (bytes, length);
      bytes[i / 8] ^= (guint8) (1 << i % 8);
    }
}

static void
assert_says (gpointer data, gsize length, const char *part)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, length);
  g_autoptr (GError) error = NULL;

  g_assert_null (vl_page_new_from_bytes (bytes, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_CORRUPT);
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_versions (void)
{
  gsize length;
  g_autofree guint64 *buffer = make_buffer (1, &length);
  VlBlockHeader *header = (VlBlockHeader *) buffer;

  header->version = VL_BLOCK_VERSION + 1;
  assert_says (buffer, length, "newer version");
  header->version = VL_BLOCK_VERSION - 1;
  assert_says (buffer, length, "older version");
  header->version = VL_BLOCK_VERSION;
  header->byte_order = GUINT16_SWAP_LE_BE (VL_BLOCK_BYTE_ORDER);
  assert_says (buffer, length, "byte order");
  header->byte_order = VL_BLOCK_BYTE_ORDER;
  header->magic[0] = 'x';
  assert_says (buffer, length, "something else");
}

/* Touches everything that a page offers. */
static void
exercise (VlPage *page)
{
  g_autofree char *json = vl_page_to_json (page);
  g_autoptr (GBytes) bytes = vl_page_to_bytes (page);
  g_autoptr (VlPage) again = vl_page_new_from_bytes (bytes, NULL);

  g_assert_nonnull (json);
  g_assert_nonnull (again);
  g_assert_true (_vl_page_equal_rows (page, again));

  for (guint i = 0; i < vl_page_get_n_records (page); i++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (page, i);
      g_autoptr (GVariant) fields = vl_record_to_variant (record);
      g_autoptr (VlRecord) copy = vl_record_new (vl_record_get_id (record), fields);
      g_autoptr (VlRecord) merged = vl_record_merge (record, copy);
      g_autoptr (VlRecord) diff = vl_record_diff (record, copy);
      g_autofree char *printed = g_variant_print (fields, TRUE);
      g_auto (GStrv) names = vl_record_get_field_names (record);

      for (guint j = 0; names[j] != NULL; j++)
        {
          g_assert_true (vl_record_has_field (record, names[j]));
          vl_record_get_double (record, names[j]);
        }
      if (vl_page_get_record_id (page, i) != NULL)
        g_assert_true (vl_page_find (page, vl_page_get_record_id (page, i), NULL));
      g_assert_nonnull (merged);
      g_assert_cmpstr (vl_record_get_id (diff), ==, vl_record_get_id (record));
      g_assert_nonnull (printed);
    }
}

/* Random changes that the checksum does not tell of. */
static void
test_forged_changes (void)
{
  gsize length;
  g_autofree guint64 *sound = make_buffer (3, &length);
  guint n_rounds = g_test_thorough () ? 2000000 : 100000;
  guint n_accepted = 0;

  for (guint round = 0; round < n_rounds; round++)
    {
      g_autofree guint64 *buffer = g_memdup2 (sound, length);
      guint8 *bytes = (guint8 *) buffer;
      g_autoptr (VlPage) page = NULL;
      int n_changes = g_test_rand_int_range (1, 4);

      for (int i = 0; i < n_changes; i++)
        {
          gsize at = (gsize) g_test_rand_int_range (0, (gint32) length);

          /* Half of them where they do most harm: to numbers. */
          if (g_test_rand_bit ())
            bytes[at] = (guint8) g_test_rand_int ();
          else
            buffer[MIN (at / 8, length / 8 - 1)] = (guint64)
              g_test_rand_int_range (-16, (gint32) length);
        }
      fix_checksum (buffer, length);
      page = load (buffer, length);
      if (page != NULL)
        {
          n_accepted++;
          if (vl_page_get_n_records (page) <= 3)
            exercise (page);
        }
    }
  g_test_message ("%u of %u were accepted", n_accepted, n_rounds);
  g_assert_cmpuint (n_accepted, >, 0);
  g_assert_cmpuint (n_accepted, <, n_rounds);
}

/* Nothing but the header is right. */
static void
test_forged_garbage (void)
{
  guint n_rounds = g_test_thorough () ? 1000000 : 100000;

  for (guint round = 0; round < n_rounds; round++)
    {
      gsize n_words = (gsize) g_test_rand_int_range (11, 80);
      gsize length = n_words * 8;
      g_autofree guint64 *buffer = g_new (guint64, n_words);
      VlBlockHeader *header = (VlBlockHeader *) buffer;
      g_autoptr (VlPage) page = NULL;

      for (gsize i = 0; i < n_words; i++)
        buffer[i] = g_test_rand_bit ()
                      ? (guint64) g_test_rand_int_range (0, 40)
                      : (guint64) g_test_rand_int () << 32 | (guint32) g_test_rand_int ();
      memcpy (header->magic, VL_BLOCK_MAGIC, 4);
      header->version = VL_BLOCK_VERSION;
      header->byte_order = VL_BLOCK_BYTE_ORDER;
      header->length = length;
      header->n_columns = (guint32) g_test_rand_int_range (0, 4);
      header->n_rows = (guint32) g_test_rand_int_range (0, 4);
      header->id_column = g_test_rand_bit () ? 0 : VL_BLOCK_NO_COLUMN;
      header->reserved = 0;
      header->total = -1;
      header->fetched_at = 0;
      header->offset = 0;
      fix_checksum (buffer, length);
      page = load (buffer, length);
      if (page != NULL)
        exercise (page);
    }
}

static VlBlockColumn *
get_columns (gpointer buffer)
{
  return (VlBlockColumn *) (void *) ((char *) buffer + sizeof (VlBlockHeader));
}

static VlBlockCell *
get_cells (gpointer buffer)
{
  VlBlockHeader *header = buffer;

  return (VlBlockCell *) (void *) (get_columns (buffer) + header->n_columns);
}

static void
test_numbers_that_overflow (void)
{
  static const guint32 counts[] = { 0, 1, 3, 4, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff };
  gsize length;
  g_autofree guint64 *sound = make_buffer (2, &length);

  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    for (guint j = 0; j < G_N_ELEMENTS (counts); j++)
      {
        g_autofree guint64 *buffer = g_memdup2 (sound, length);
        VlBlockHeader *header = (VlBlockHeader *) buffer;
        g_autoptr (VlPage) page = NULL;

        header->n_columns = counts[i];
        header->n_rows = counts[j];
        fix_checksum (buffer, length);
        page = load (buffer, length);
        g_assert_true (page == NULL || vl_page_get_n_records (page) <= length / 16);
      }
}

static void
test_cells_that_overflow (void)
{
  static const guint64 values[] = {
    0,          1,           G_MAXINT32,      G_MAXUINT32,
    G_MAXINT64, G_MAXUINT64, G_MAXUINT64 - 7, G_GUINT64_CONSTANT (0x00ffffffffffffff)
  };
  gsize length;
  g_autofree guint64 *sound = make_buffer (1, &length);

  for (guint tag = 0; tag < 256; tag++)
    for (guint i = 0; i < G_N_ELEMENTS (values); i++)
      for (guint j = 0; j < G_N_ELEMENTS (values); j++)
        {
          g_autofree guint64 *buffer = g_memdup2 (sound, length);
          VlBlockCell *cell = get_cells (buffer);
          g_autoptr (VlPage) page = NULL;

          cell->head = VL_BLOCK_HEAD (tag, values[i]);
          cell->value.offset = values[j];
          fix_checksum (buffer, length);
          page = load (buffer, length);
          if (page != NULL)
            exercise (page);
          g_assert_true (page == NULL || tag <= VL_BLOCK_TAG (VL_FIELD_TYPE_VARIANT));
        }
}

static void
test_structure_is_checked (void)
{
  gsize length;
  g_autofree guint64 *sound = make_buffer (2, &length);

  for (guint flaw = 0; flaw < 9; flaw++)
    {
      g_autofree guint64 *buffer = g_memdup2 (sound, length);
      VlBlockHeader *header = (VlBlockHeader *) buffer;
      VlBlockColumn *columns = get_columns (buffer);
      VlBlockCell *cells = get_cells (buffer);

      switch (flaw)
        {
        case 0: /* two columns of one name */
          columns[1].name = columns[0].name;
          break;
        case 1: /* an id column that is not there */
          header->id_column = header->n_columns;
          break;
        case 2: /* an unknown flag */
          columns[0].flags = 2;
          break;
        case 3: /* a hidden column that is not the id's */
          columns[0].flags = VL_BLOCK_COLUMN_HIDDEN;
          break;
        case 4: /* a string that does not end where it says */
          cells[0].head = VL_BLOCK_HEAD (VL_BLOCK_TAG (VL_FIELD_TYPE_STRING),
                                         VL_BLOCK_CELL_LENGTH (&cells[0]) - 1);
          break;
        case 5: /* cells that together claim more than there is */
          for (guint i = 0; i < header->n_columns * header->n_rows; i++)
            cells[i] = cells[0];
          break;
        case 6: /* a total that cannot be */
          header->total = -2;
          break;
        case 7: /* a boolean that is neither */
          cells[0].head = VL_BLOCK_HEAD (VL_BLOCK_TAG (VL_FIELD_TYPE_BOOLEAN), 0);
          cells[0].value.int64 = 2;
          break;
        default: /* what is kept for later */
          header->reserved = 1;
          break;
        }
      fix_checksum (buffer, length);
      assert_refused (buffer, length);
    }
}

/* Text that is not UTF-8 is refused wherever it stands. */
static void
test_text_is_checked (void)
{
  g_autoptr (VlRecord)
    record = vl_record_new ("an id that is long",
                            g_variant_new_parsed ("{'a name of a column': <'a text to damage'>}"));
  VlRecord *const records[] = { record };
  const VlPageInfo info = { .total = -1 };
  g_autoptr (VlPage) page = _vl_page_new_from_records (records, 1, &info);
  g_autoptr (GBytes) bytes = vl_page_to_bytes (page);
  gsize length = g_bytes_get_size (bytes);
  static const char *const texts[] = { "an id that is long", "a name of a column",
                                       "a text to damage" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    for (gsize at = 0; at < strlen (texts[i]); at++)
      for (guint bad = 0; bad < 2; bad++)
        {
          g_autofree guint64 *buffer = g_memdup2 (g_bytes_get_data (bytes, NULL), length);
          char *text = memmem (buffer, length, texts[i], strlen (texts[i]));

          g_assert_nonnull (text);
          text[at] = bad == 0 ? '\0' : '\xff';
          fix_checksum (buffer, length);
          assert_refused (buffer, length);
        }
}

static void
test_variant_type_is_checked (void)
{
  static const char *const types[] = {
    "av\0", "a*\0", "(ii", "a{v", "zzz", "\0\0\0", "aaa", "r\0\0"
  };
  g_autoptr (VlRecord) record = vl_record_new (NULL, g_variant_new_parsed ("{'v': <(true, 'x')>}"));
  VlRecord *const records[] = { record };
  const VlPageInfo info = { .total = -1 };
  g_autoptr (VlPage) page = _vl_page_new_from_records (records, 1, &info);
  g_autoptr (GBytes) bytes = vl_page_to_bytes (page);
  gsize length = g_bytes_get_size (bytes);

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree guint64 *buffer = g_memdup2 (g_bytes_get_data (bytes, NULL), length);
      char *type = memmem (buffer, length, "(bs)", 4);
      g_autoptr (VlPage) loaded = NULL;

      g_assert_nonnull (type);
      memcpy (type, types[i], 3);
      type[3] = '\0';
      fix_checksum (buffer, length);
      loaded = load (buffer, length);
      g_assert_true ((loaded != NULL) == (i == 0));
      if (loaded != NULL)
        exercise (loaded);
    }
}

/* A page that is all ASCII is looked at in another way. */
static guint64 *
make_plain_buffer (gsize *length)
{
  g_autoptr (VlSchemaBuilder) columns = vl_schema_builder_new ("plain");
  g_autoptr (VlSchema) schema = NULL;
  g_autoptr (VlPageBuilder) builder = NULL;
  g_autoptr (VlPage) page = NULL;
  g_autoptr (GBytes) bytes = NULL;
  guint64 *buffer;

  vl_schema_builder_add_column (columns, "s", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (columns, "empty", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (columns, "b", VL_FIELD_TYPE_BOOLEAN, FALSE);
  vl_schema_builder_set_id_column (columns, "s");
  schema = vl_schema_builder_end (columns);
  builder = vl_page_builder_new (schema);
  for (guint i = 0; i < 7; i++)
    {
      g_autofree char *text = g_strdup_printf ("row %u", i);

      vl_page_builder_append_string (builder, text, -1);
      vl_page_builder_append_string (builder, "", -1);
      vl_page_builder_append_boolean (builder, TRUE);
      vl_page_builder_end_row (builder);
    }
  page = vl_page_builder_end (builder);
  bytes = vl_page_to_bytes (page);
  *length = g_bytes_get_size (bytes);
  buffer = g_malloc0 (*length + 8);
  memcpy (buffer, g_bytes_get_data (bytes, NULL), *length);

  return buffer;
}

/* Whatever is let through has texts that end where they say. */
static void
assert_texts_end (VlPage *page)
{
  for (guint i = 0; i < vl_page_get_n_records (page); i++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (page, i);

      for (guint slot = 0; slot < _vl_record_get_n_slots (record); slot++)
        {
          VlCell cell;

          if (_vl_record_get_slot (record, slot, &cell) != NULL &&
              cell.type == VL_FIELD_TYPE_STRING)
            g_assert_cmpuint (strlen (cell.data), ==, cell.length);
        }
    }
}

static void
test_plain (void)
{
  static const guint8 values[] = { 0x00, 0x01, 0x41, 0x80, 0xff };
  gsize length;
  g_autofree guint64 *buffer = make_plain_buffer (&length);
  guint8 *bytes = (guint8 *) buffer;
  g_autoptr (VlPage) page = load (buffer, length);
  guint n_refused = 0;

  g_assert_nonnull (page);
  for (gsize at = CHECKED_OFFSET; at < length; at++)
    {
      guint8 before = bytes[at];

      for (guint i = 0; i < G_N_ELEMENTS (values); i++)
        {
          g_autoptr (VlPage) other = NULL;

          bytes[at] = values[i];
          fix_checksum (buffer, length);
          other = load (buffer, length);
          if (other != NULL)
            assert_texts_end (other);
          n_refused += other == NULL;
        }
      bytes[at] = before;
    }
  g_assert_cmpuint (n_refused, >, length);
}

/* A packer leaves what a builder would. */
static void
test_packed (void)
{
  g_auto (VlBlockBuilder) columns = { 0 };
  g_auto (VlBlockBuilder) builder = { 0 };
  g_auto (VlBlockPacker) packer = { 0 };
  g_autoptr (VlBlock) like = NULL;
  g_autoptr (VlBlock) built = NULL;
  g_autoptr (VlBlock) packed = NULL;

  _vl_block_builder_init (&columns, VL_BLOCK_IDS_COLUMN);
  _vl_block_builder_init (&builder, VL_BLOCK_IDS_COLUMN);
  for (const char *name = "abcde"; *name != '\0'; name++)
    {
      _vl_block_builder_add_column (&columns, name, 1);
      _vl_block_builder_add_column (&builder, name, 1);
    }
  columns.id_column = builder.id_column = 0;
  like = _vl_block_builder_end (&columns);
  _vl_block_packer_init (&packer, like, 0);
  for (gint64 i = 0; i < 50; i++)
    {
      g_autofree char *text = g_strnfill ((gsize) i, 'x');
      const VlCell cells[] = {
        { .type = VL_FIELD_TYPE_INT64, .int64 = i },
        { .type = VL_FIELD_TYPE_STRING, .data = text, .length = (gsize) i },
        { .type = i % 3 == 0 ? VL_FIELD_TYPE_NULL : VL_FIELD_TYPE_DOUBLE, .real = 1.5 },
        { .type = VL_FIELD_TYPE_BYTES, .data = "\0\1\2", .length = (gsize) i % 4 },
        { .type = VL_FIELD_TYPE_BOOLEAN, .boolean = i % 2 == 0 },
      };
      g_autoptr (VlBlock) row = _vl_block_new_row (like, cells);

      _vl_block_packer_add (&packer, cells);
      _vl_block_builder_begin_row (&builder);
      for (guint column = 0; column < G_N_ELEMENTS (cells); column++)
        _vl_block_builder_set_cell (&builder, column, &cells[column]);
      _vl_block_builder_end_row (&builder);
      g_assert_cmpuint (row->n_rows, ==, 1);
      g_assert_null (_vl_block_check (row));
      g_assert_cmpuint (row->cells[0].value.int64, ==, i);
    }
  built = _vl_block_builder_end (&builder);
  packed = _vl_block_packer_end (&packer);

  g_assert_null (_vl_block_check (packed));
  g_assert_cmpuint (packed->n_rows, ==, 50);
  for (guint i = 0; i < 50; i++)
    {
      g_assert_true (_vl_block_row_equal (built, i, packed, i));
      g_assert_cmpstr (_vl_block_get_id (built, i), ==, _vl_block_get_id (packed, i));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/block/round-trip", test_round_trip);
  g_test_add_func ("/block/misaligned", test_misaligned);
  g_test_add_func ("/block/every-truncation-is-refused", test_truncations);
  g_test_add_func ("/block/every-byte-change-is-refused", test_byte_changes);
  g_test_add_func ("/block/every-bit-flip-is-refused", test_bit_flips);
  g_test_add_func ("/block/other-versions-are-named", test_versions);
  g_test_add_func ("/block/forged/changes", test_forged_changes);
  g_test_add_func ("/block/forged/garbage", test_forged_garbage);
  g_test_add_func ("/block/forged/counts", test_numbers_that_overflow);
  g_test_add_func ("/block/forged/cells", test_cells_that_overflow);
  g_test_add_func ("/block/forged/structure", test_structure_is_checked);
  g_test_add_func ("/block/forged/text", test_text_is_checked);
  g_test_add_func ("/block/forged/variant-types", test_variant_type_is_checked);
  g_test_add_func ("/block/plain-texts-end-where-they-say", test_plain);
  g_test_add_func ("/block/packed-is-what-a-builder-makes", test_packed);

  return g_test_run ();
}
