/* test-page.c: pages and views of them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <math.h>
#include <string.h>
#include <vantage-live.h>

#include "table/vl-cell-private.h"
#include "table/vl-page-private.h"

static VlSchema *
make_schema (void)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("t");

  vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_INT64, FALSE);
  vl_schema_builder_add_column (builder, "name", VL_FIELD_TYPE_STRING, TRUE);
  vl_schema_builder_set_id_column (builder, "id");

  return vl_schema_builder_end (builder);
}

/* Rows `first` ... `first + n - 1`, of integer ids. */
static VlPage *
make_page (guint first, guint n)
{
  g_autoptr (VlSchema) schema = make_schema ();
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (schema);

  for (guint i = first; i < first + n; i++)
    {
      g_autofree char *name = g_strdup_printf ("name %u", i);

      vl_page_builder_append_int64 (builder, i);
      vl_page_builder_append_string (builder, name, -1);
      vl_page_builder_end_row (builder);
    }
  vl_page_builder_set_offset (builder, first);

  return vl_page_builder_end (builder);
}

static VlRecord *
make_record (const char *id, guint number)
{
  g_autofree char *name = g_strdup_printf ("name %u", number);

  return vl_record_new (id, g_variant_new_parsed ("{'name': <%s>}", name));
}

static void
assert_info (VlPage *page, const VlPageInfo *expected)
{
  VlPageInfo info;

  _vl_page_get_info (page, &info);
  g_assert_cmpuint (info.offset, ==, expected->offset);
  g_assert_cmpint (info.total, ==, expected->total);
  g_assert_cmpint (info.fetched_at, ==, expected->fetched_at);
  g_assert_cmpuint (info.fingerprint, ==, expected->fingerprint);
  g_assert_cmpuint (info.seq, ==, expected->seq);
  g_assert_cmpuint (info.run, ==, expected->run);
  g_assert_true (info.from_cache == expected->from_cache);
  g_assert_true (info.is_stale == expected->is_stale);
  g_assert_true (info.has_pending == expected->has_pending);
}

static void
test_list_model (void)
{
  g_autoptr (VlPage) page = make_page (0, 10);
  GListModel *model = G_LIST_MODEL (page);
  g_autoptr (VlRecord) record = g_list_model_get_item (model, 3);
  g_autoptr (VlRecord) again = vl_page_get_record (page, 3);

  g_assert_true (g_list_model_get_item_type (model) == VL_TYPE_RECORD);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 10);
  g_assert_true (record == again);
  g_assert_cmpstr (vl_record_get_string (record, "name"), ==, "name 3");
  g_assert_null (g_list_model_get_item (model, 10));
  g_assert_null (vl_page_get_record (page, G_MAXUINT));
  g_assert_null (vl_page_get_record_id (page, 10));
}

static void
test_properties (void)
{
  const VlPageInfo info = {
    .offset = G_MAXUINT64,
    .total = G_MAXINT64,
    .fetched_at = 77,
    .from_cache = TRUE,
    .is_stale = TRUE,
    .has_pending = TRUE,
  };
  g_autoptr (VlPage) plain = make_page (0, 1);
  g_autoptr (VlPage) page = _vl_page_with_info (plain, &info);
  gboolean from_cache, is_stale, has_pending;
  guint64 offset;
  gint64 total, fetched_at;

  g_object_get (page, "offset", &offset, "total", &total, "fetched-at", &fetched_at, "from-cache",
                &from_cache, "is-stale", &is_stale, "has-pending", &has_pending, NULL);
  g_assert_cmpuint (offset, ==, G_MAXUINT64);
  g_assert_cmpint (total, ==, G_MAXINT64);
  g_assert_cmpint (fetched_at, ==, 77);
  g_assert_true (from_cache && is_stale && has_pending);
  g_assert_true (vl_page_get_from_cache (page) && vl_page_get_is_stale (page) &&
                 vl_page_get_has_pending (page));
  g_assert_false (vl_page_get_from_cache (plain) || vl_page_get_is_stale (plain) ||
                  vl_page_get_has_pending (plain));
  g_assert_cmpint (vl_page_get_total (plain), ==, -1);
  g_assert_cmpint (vl_page_get_fetched_at (plain), >, 0);
}

static void
test_bare (void)
{
  g_autoptr (VlPage) page = g_object_new (VL_TYPE_PAGE, NULL);
  g_autoptr (VlPage) other = make_page (0, 0);
  g_autoptr (GBytes) bytes = vl_page_to_bytes (page);
  g_autofree char *json = vl_page_to_json (page);
  VlPage *const both[] = { page, other };
  const VlPageInfo info = { .total = 0 };
  g_autoptr (VlPage) glued = _vl_page_glue (both, 2, &info);
  g_autoptr (VlPage) cut = _vl_page_cut (page, 0, 5, &info);
  g_autoptr (VlPage) view = _vl_page_with_info (page, &info);

  g_assert_cmpuint (vl_page_get_n_records (page), ==, 0);
  g_assert_cmpint (vl_page_get_total (page), ==, -1);
  g_assert_false (vl_page_find (page, "1", NULL));
  g_assert_cmpstr (json, ==, "[]");
  g_assert_true (_vl_page_equal_rows (page, other));
  g_assert_cmpuint (vl_page_get_n_records (glued), ==, 0);
  g_assert_cmpuint (vl_page_get_n_records (cut), ==, 0);
  g_assert_cmpint (vl_page_get_total (view), ==, 0);
  g_assert_cmpuint (_vl_page_get_n_bytes (page), >, 0);
  g_assert_cmpuint (g_bytes_get_size (bytes), >, 0);
}

static void
test_record_outlives_page (void)
{
  VlPage *page = make_page (5, 3);
  g_autoptr (VlRecord) record = vl_page_get_record (page, 1);

  g_assert_finalize_object (page);
  g_assert_cmpstr (vl_record_get_id (record), ==, "6");
  g_assert_cmpstr (vl_record_get_string (record, "name"), ==, "name 6");
}

static void
test_find (guint n)
{
  g_autoptr (VlPage) page = make_page (100, n);
  guint position;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", 100 + i);

      g_assert_true (vl_page_find (page, id, &position));
      g_assert_cmpuint (position, ==, i);
    }
  g_assert_false (vl_page_find (page, "99", &position));
  g_assert_false (vl_page_find (page, "0100", NULL));
  g_assert_false (vl_page_find (page, "", NULL));
  g_assert_false (vl_page_find (page, "name 100", NULL));
}

static void
test_find_in_few (void)
{
  test_find (5);
}

static void
test_find_in_many (void)
{
  test_find (10000);
}

/* Ids as integers, as text that could be one, as text, twice and not at all. */
static void
test_find_mixed (void)
{
  static const char *const ids[] = { "a", "5", NULL, "05", "a", "", NULL, "-9223372036854775808" };
  g_autoptr (VlRecord) number = vl_record_new_from_json ("{\"id\":7}", NULL);
  const VlPageInfo info = { .total = -1 };

  for (guint copies = 1; copies <= 5; copies += 4)
    {
      g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (g_object_unref);
      g_autoptr (VlPage) page = NULL;
      guint position;

      for (guint i = 0; i < G_N_ELEMENTS (ids) * copies; i++)
        g_ptr_array_add (records, make_record (ids[i % G_N_ELEMENTS (ids)], i));
      g_ptr_array_add (records, g_object_ref (number));
      page = _vl_page_new_from_records ((VlRecord *const *) records->pdata, records->len, &info);

      g_assert_true (vl_page_find (page, "a", &position));
      g_assert_cmpuint (position, ==, 0);
      g_assert_true (vl_page_find (page, "5", &position));
      g_assert_cmpuint (position, ==, 1);
      g_assert_true (vl_page_find (page, "05", &position));
      g_assert_cmpuint (position, ==, 3);
      g_assert_true (vl_page_find (page, "", &position));
      g_assert_cmpuint (position, ==, 5);
      g_assert_true (vl_page_find (page, "-9223372036854775808", &position));
      g_assert_cmpuint (position, ==, 7);
      g_assert_true (vl_page_find (page, "7", &position));
      g_assert_cmpuint (position, ==, records->len - 1);
      g_assert_false (vl_page_find (page, "07", &position));
    }
}

static void
test_to_json (void)
{
  g_autoptr (VlPage) page = make_page (1, 2);
  g_autofree char *json = vl_page_to_json (page);

  g_assert_cmpstr (json, ==, "[{\"id\":1,\"name\":\"name 1\"},{\"id\":2,\"name\":\"name 2\"}]");
}

static void
test_round_trip (void)
{
  VlPageInfo info = {
    .offset = 40,
    .total = 1000,
    .fetched_at = G_GINT64_CONSTANT (1740762300000000),
    .fingerprint = G_MAXUINT64,
    .seq = 12,
    .run = 34,
    .from_cache = TRUE,
    .is_stale = TRUE,
  };
  static const guint sizes[] = { 0, 1, 100, 10000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (VlPage) plain = make_page (0, sizes[i]);
      g_autoptr (VlPage) page = _vl_page_with_info (plain, &info);
      g_autoptr (GBytes) bytes = vl_page_to_bytes (page);
      g_autoptr (GError) error = NULL;
      g_autoptr (VlPage) restored = vl_page_new_from_bytes (bytes, &error);
      VlPageInfo expected = info;

      g_assert_no_error (error);
      expected.from_cache = FALSE;
      expected.is_stale = FALSE;
      assert_info (restored, &expected);
      g_assert_true (_vl_page_equal_rows (page, restored));
      g_assert_cmpuint (vl_page_get_n_records (restored), ==, sizes[i]);
    }
}

/* Rows without any column still are rows. */
static void
test_rows_without_columns (void)
{
  g_autoptr (VlSchemaBuilder) columns = vl_schema_builder_new ("t");
  g_autoptr (VlSchema) schema = vl_schema_builder_end (columns);
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (schema);
  g_autoptr (VlPage) page = NULL;
  g_autoptr (VlPage) restored = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *json = NULL;

  for (guint i = 0; i < 3; i++)
    vl_page_builder_end_row (builder);
  page = vl_page_builder_end (builder);
  bytes = vl_page_to_bytes (page);
  restored = vl_page_new_from_bytes (bytes, NULL);
  json = vl_page_to_json (restored);

  g_assert_cmpuint (vl_page_get_n_records (page), ==, 3);
  g_assert_cmpstr (json, ==, "[{\"id\":null},{\"id\":null},{\"id\":null}]");
}

static void
test_extremes_round_trip (void)
{
  g_autoptr (VlRecord) record = vl_record_new (
    NULL, g_variant_new_parsed ("{'min': <int64 -9223372036854775808>, 'nan': <%d>, 'inf': <%d>,"
                                " '': <''>, 'raw': <@ay []>, 'nul': <[byte 0x61, 0, 0x62]>}",
                                NAN, -INFINITY));
  VlRecord *const records[] = { record, record };
  const VlPageInfo info = { .total = -1 };
  g_autoptr (VlPage) page = _vl_page_new_from_records (records, 2, &info);
  g_autoptr (GBytes) bytes = vl_page_to_bytes (page);
  g_autoptr (VlPage) restored = vl_page_new_from_bytes (bytes, NULL);
  g_autoptr (VlRecord) second = vl_page_get_record (restored, 1);

  g_assert_true (_vl_page_equal_rows (page, restored));
  g_assert_cmpint (vl_record_get_int64 (second, "min"), ==, G_MININT64);
  g_assert_true (isnan (vl_record_get_double (second, "nan")));
  g_assert_cmpstr (vl_record_get_string (second, ""), ==, "");
  g_assert_cmpint (vl_record_get_field_type (second, "raw"), ==, VL_FIELD_TYPE_BYTES);
}

/* Views share records with the page they are of. */
static void
test_view_shares_records (void)
{
  const VlPageInfo info = { .total = 5, .from_cache = TRUE };
  g_autoptr (VlPage) page = make_page (0, 10);
  g_autoptr (VlPage) view = _vl_page_with_info (page, &info);
  g_autoptr (VlRecord) record = vl_page_get_record (page, 4);
  g_autoptr (VlRecord) same = vl_page_get_record (view, 4);
  VlRecord *const records[] = { record };
  g_autoptr (VlPage) single = _vl_page_new_from_records (records, 1, &info);
  g_autoptr (VlRecord) kept = vl_page_get_record (single, 0);

  g_assert_true (same == record);
  g_assert_true (kept == record);
  g_assert_true (vl_page_get_from_cache (view));
  g_assert_false (vl_page_get_from_cache (page));
}

/* The model of a page: its records. */
static GPtrArray *
model_of (VlPage *page)
{
  GPtrArray *records = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < vl_page_get_n_records (page); i++)
    g_ptr_array_add (records, vl_page_get_record (page, i));

  return records;
}

static void
assert_model (VlPage *page, GPtrArray *model)
{
  g_autoptr (GBytes) bytes = vl_page_to_bytes (page);
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) flat = vl_page_new_from_bytes (bytes, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (vl_page_get_n_records (page), ==, model->len);
  g_assert_true (_vl_page_equal_rows (page, flat));
  g_assert_true (_vl_page_equal_rows (flat, page));
  for (guint i = 0; i < model->len; i++)
    {
      g_autoptr (VlRecord) record = vl_page_get_record (page, i);

      g_assert_true (vl_record_equal (record, g_ptr_array_index (model, i)));
      g_assert_cmpstr (vl_page_get_record_id (page, i), ==,
                       vl_record_get_id (g_ptr_array_index (model, i)));
      g_assert_cmpstr (vl_page_get_record_id (flat, i), ==, vl_page_get_record_id (page, i));
    }
}

static VlPage *
make_odd_page (void)
{
  static const char *const ids[] = { "x", NULL, "3", "new:1" };
  const VlPageInfo info = { .total = -1 };
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (g_object_unref);
  guint n = (guint) g_test_rand_int_range (0, 5);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (records, make_record (ids[g_test_rand_int_range (0, 4)], i));

  return _vl_page_new_from_records ((VlRecord *const *) records->pdata, records->len, &info);
}

static void
step_cut (VlPage **page, GPtrArray **model)
{
  guint n_rows = (*model)->len;
  guint first = (guint) g_test_rand_int_range (0, (gint32) n_rows + 2);
  guint n = (guint) g_test_rand_int_range (0, (gint32) n_rows + 2);
  const VlPageInfo info = { .offset = first, .total = -1 };
  VlPage *cut = _vl_page_cut (*page, first, n, &info);

  if (first < n_rows)
    g_ptr_array_remove_range (*model, 0, first);
  else
    g_ptr_array_set_size (*model, 0);
  if (n < (*model)->len)
    g_ptr_array_set_size (*model, (gint) n);
  g_object_unref (*page);
  *page = cut;
}

static void
step_glue (VlPage **page, GPtrArray **model)
{
  g_autoptr (VlPage) extra = g_test_rand_bit () ? make_page (50, 7) : make_odd_page ();
  g_autoptr (GPtrArray) added = model_of (extra);
  VlPage *const pages[] = { *page, extra, *page };
  const VlPageInfo info = { .total = -1 };
  VlPage *glued = _vl_page_glue (pages, 3, &info);
  guint n_rows = (*model)->len;

  for (guint i = 0; i < added->len; i++)
    g_ptr_array_add (*model, g_object_ref (g_ptr_array_index (added, i)));
  for (guint i = 0; i < n_rows; i++)
    g_ptr_array_add (*model, g_object_ref (g_ptr_array_index (*model, i)));
  g_object_unref (*page);
  *page = glued;
}

/* Cuts and glues at random, against an array of records. */
static void
test_cut_and_glue (void)
{
  for (guint round = 0; round < 200; round++)
    {
      g_autoptr (VlPage) page = make_page (0, (guint) g_test_rand_int_range (0, 20));
      g_autoptr (GPtrArray) model = model_of (page);

      for (guint step = 0; step < 6; step++)
        {
          if (g_test_rand_bit ())
            step_cut (&page, &model);
          else if (model->len < 200)
            step_glue (&page, &model);
          assert_model (page, model);
        }
    }
}

/* Windows glued out of neighbouring pages are one run again. */
static void
test_n_bytes (void)
{
  const VlPageInfo info = { .total = -1 };
  g_autoptr (VlPage) page = make_page (0, 100);
  g_autoptr (VlPage) head = _vl_page_cut (page, 0, 40, &info);
  g_autoptr (VlPage) tail = _vl_page_cut (page, 40, 60, &info);
  VlPage *const pages[] = { head, tail };
  VlPage *const turned[] = { tail, head };
  g_autoptr (VlPage) whole = _vl_page_glue (pages, 2, &info);
  g_autoptr (VlPage) mixed = _vl_page_glue (turned, 2, &info);
  g_autoptr (VlPage) other = make_page (0, 1000);

  g_assert_true (_vl_page_equal_rows (page, whole));
  g_assert_cmpuint (_vl_page_get_n_bytes (whole), ==, _vl_page_get_n_bytes (page));
  /* A block counts once, however many runs are of it. */
  g_assert_cmpuint (_vl_page_get_n_bytes (mixed), <, _vl_page_get_n_bytes (page) + 100);
  g_assert_cmpuint (_vl_page_get_n_bytes (other), >, _vl_page_get_n_bytes (page) * 8);
}

static void
test_equal_rows (void)
{
  g_autoptr (VlPage) a = make_page (0, 10);
  g_autoptr (VlPage) b = make_page (0, 10);
  g_autoptr (VlPage) shorter = make_page (0, 9);
  g_autoptr (VlPage) shifted = make_page (1, 10);

  g_assert_true (_vl_page_equal_rows (a, b));
  g_assert_false (_vl_page_equal_rows (a, shorter));
  g_assert_false (_vl_page_equal_rows (a, shifted));
}

typedef struct
{
  VlPage *page;
  gint *n_ready;
  gint n_threads;
  gpointer records[500];
  const char *ids[500];
} Reader;

static gpointer
read_page (gpointer data)
{
  Reader *self = data;

  g_atomic_int_inc (self->n_ready);
  while (g_atomic_int_get (self->n_ready) < self->n_threads)
    g_thread_yield ();

  for (guint i = 0; i < G_N_ELEMENTS (self->records); i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);
      g_autoptr (VlRecord) record = vl_page_get_record (self->page, i);
      guint position;

      self->records[i] = record;
      self->ids[i] = vl_record_get_id (record);
      g_assert_cmpstr (self->ids[i], ==, id);
      g_assert_true (vl_page_get_record_id (self->page, i) == self->ids[i]);
      g_assert_true (vl_page_find (self->page, id, &position));
      g_assert_cmpuint (position, ==, i);
    }

  return NULL;
}

/* All threads get the same records and the same ids. */
static void
test_threads (void)
{
  for (guint round = 0; round < 20; round++)
    {
      g_autoptr (VlPage) page = make_page (0, 500);
      g_autofree Reader *readers = g_new0 (Reader, 4);
      GThread *threads[4];
      gint n_ready = 0;

      for (guint i = 0; i < 4; i++)
        {
          readers[i].page = page;
          readers[i].n_ready = &n_ready;
          readers[i].n_threads = 4;
          threads[i] = g_thread_new ("reader", read_page, &readers[i]);
        }
      for (guint i = 0; i < 4; i++)
        g_thread_join (threads[i]);
      for (guint i = 1; i < 4; i++)
        {
          g_assert_cmpmem (readers[i].records, sizeof readers[i].records, readers[0].records,
                           sizeof readers[0].records);
          g_assert_cmpmem (readers[i].ids, sizeof readers[i].ids, readers[0].ids,
                           sizeof readers[0].ids);
        }
    }
}

/* Records of one block with many columns: its index of names is made once. */
static gpointer
read_columns (gpointer data)
{
  VlRecord *record = data;

  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *name = g_strdup_printf ("c%u", i);

      g_assert_cmpint (vl_record_get_int64 (record, name), ==, i);
    }

  return NULL;
}

static void
test_threads_find_columns (void)
{
  for (guint round = 0; round < 20; round++)
    {
      g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
      g_autoptr (VlRecord) record = NULL;
      GThread *threads[4];

      for (guint i = 0; i < 200; i++)
        {
          g_autofree char *name = g_strdup_printf ("c%u", i);

          vl_record_builder_set_int64 (builder, name, i);
        }
      record = vl_record_builder_end (builder);
      for (guint i = 0; i < 4; i++)
        threads[i] = g_thread_new ("reader", read_columns, record);
      for (guint i = 0; i < 4; i++)
        g_thread_join (threads[i]);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/page/list-model", test_list_model);
  g_test_add_func ("/page/properties", test_properties);
  g_test_add_func ("/page/bare", test_bare);
  g_test_add_func ("/page/record-outlives-the-page", test_record_outlives_page);
  g_test_add_func ("/page/find/in-few", test_find_in_few);
  g_test_add_func ("/page/find/in-many", test_find_in_many);
  g_test_add_func ("/page/find/ids-of-all-kinds", test_find_mixed);
  g_test_add_func ("/page/to-json", test_to_json);
  g_test_add_func ("/page/bytes/round-trip", test_round_trip);
  g_test_add_func ("/page/bytes/rows-without-columns", test_rows_without_columns);
  g_test_add_func ("/page/bytes/extremes", test_extremes_round_trip);
  g_test_add_func ("/page/view/shares-records", test_view_shares_records);
  g_test_add_func ("/page/view/cut-and-glue-agree-with-a-model", test_cut_and_glue);
  g_test_add_func ("/page/view/n-bytes", test_n_bytes);
  g_test_add_func ("/page/equal-rows", test_equal_rows);
  g_test_add_func ("/page/threads/get-the-same-records", test_threads);
  g_test_add_func ("/page/threads/find-columns", test_threads_find_columns);

  return g_test_run ();
}
