/* test-live-event.c: what an event says
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

static void
test_changed (void)
{
  g_autoptr (VlLiveEvent) event = vl_live_event_new_changed ();

  g_assert_cmpint (vl_live_event_get_kind (event), ==, VL_LIVE_EVENT_KIND_CHANGED);
  g_assert_null (vl_live_event_get_ids (event));
  g_assert_null (vl_live_event_get_record (event));
  g_assert_null (vl_live_event_get_renamed_from (event));
  g_assert_null (vl_live_event_get_position (event));
  g_assert_cmpint (vl_live_event_get_origin (event), ==, VL_ORIGIN_STREAM);

  g_assert_finalize_object (g_steal_pointer (&event));
}

static void
test_ids (void)
{
  static const char *const ids[] = { "a", "b", NULL };
  g_autoptr (VlLiveEvent) event = vl_live_event_new (VL_LIVE_EVENT_KIND_DELETED, ids);

  g_assert_cmpint (vl_live_event_get_kind (event), ==, VL_LIVE_EVENT_KIND_DELETED);
  g_assert_cmpstrv (vl_live_event_get_ids (event), ids);
}

static void
check_n_ids (guint n_given, guint n_known)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) ids = NULL;
  g_autoptr (VlLiveEvent) event = NULL;

  for (guint i = 0; i < n_given; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);

      g_strv_builder_add (builder, id);
    }
  ids = g_strv_builder_end (builder);
  event = vl_live_event_new (VL_LIVE_EVENT_KIND_UPDATED, (const char *const *) ids);

  if (n_known == 0)
    g_assert_null (vl_live_event_get_ids (event));
  else
    g_assert_cmpuint (g_strv_length ((char **) vl_live_event_get_ids (event)), ==, n_known);
}

static void
test_too_many_ids (void)
{
  check_n_ids (1, 1);
  check_n_ids (256, 256);
  check_n_ids (257, 0);
  check_n_ids (10000, 0);
}

static void
test_useless_ids (void)
{
  static const char *const none[] = { NULL };
  static const char *const broken[] = { "a", "\xff", NULL };
  g_autoptr (VlLiveEvent) empty = vl_live_event_new (VL_LIVE_EVENT_KIND_UPDATED, none);
  g_autoptr (VlLiveEvent) odd = vl_live_event_new (VL_LIVE_EVENT_KIND_UPDATED, broken);

  g_assert_null (vl_live_event_get_ids (empty));
  g_assert_null (vl_live_event_get_ids (odd));
}

static void
test_of_records (void)
{
  static const char *const seven[] = { "7", NULL };
  static const char *const eight[] = { "8", NULL };
  g_autoptr (VlRecord) record = vl_record_new ("7", NULL);
  g_autoptr (VlRecord) nameless = vl_record_new (NULL, NULL);
  g_autoptr (VlLiveEvent) inserted = vl_live_event_new_inserted (record);
  g_autoptr (VlLiveEvent) unknown = vl_live_event_new_inserted (nameless);
  g_autoptr (VlLiveEvent) updated = vl_live_event_new_updated (NULL, record);
  g_autoptr (VlLiveEvent) renamed = vl_live_event_new_updated ("8", record);
  g_autoptr (VlLiveEvent) bare = vl_live_event_new_updated (NULL, NULL);
  g_autoptr (VlLiveEvent) deleted = vl_live_event_new_deleted ("7");

  g_assert_cmpint (vl_live_event_get_kind (inserted), ==, VL_LIVE_EVENT_KIND_INSERTED);
  g_assert_cmpstrv (vl_live_event_get_ids (inserted), seven);
  g_assert_true (vl_live_event_get_record (inserted) == record);

  g_assert_null (vl_live_event_get_ids (unknown));
  g_assert_true (vl_live_event_get_record (unknown) == nameless);

  g_assert_cmpint (vl_live_event_get_kind (updated), ==, VL_LIVE_EVENT_KIND_UPDATED);
  g_assert_cmpstrv (vl_live_event_get_ids (updated), seven);
  g_assert_cmpstrv (vl_live_event_get_ids (renamed), eight);
  g_assert_null (vl_live_event_get_ids (bare));

  g_assert_cmpint (vl_live_event_get_kind (deleted), ==, VL_LIVE_EVENT_KIND_DELETED);
  g_assert_cmpstrv (vl_live_event_get_ids (deleted), seven);
  g_assert_null (vl_live_event_get_record (deleted));
}

static void
test_with_is_a_copy (void)
{
  static const char *const ids[] = { "7", NULL };
  g_autoptr (VlRecord) record = vl_record_new ("7", NULL);
  g_autoptr (VlLiveEvent) plain = vl_live_event_new (VL_LIVE_EVENT_KIND_UPDATED, ids);
  g_autoptr (VlLiveEvent) a = vl_live_event_with_record (plain, record);
  g_autoptr (VlLiveEvent) b = vl_live_event_with_renamed_from (a, "new:1");
  g_autoptr (VlLiveEvent) c = vl_live_event_with_origin (b, VL_ORIGIN_WRITE);
  g_autoptr (VlLiveEvent) d = vl_live_event_with_position (c, "0/16B3748");
  g_autoptr (VlLiveEvent) e = vl_live_event_with_record (d, NULL);

  g_assert_null (vl_live_event_get_record (plain));
  g_assert_null (vl_live_event_get_renamed_from (a));
  g_assert_cmpint (vl_live_event_get_origin (b), ==, VL_ORIGIN_STREAM);
  g_assert_null (vl_live_event_get_position (c));

  g_assert_cmpint (vl_live_event_get_kind (d), ==, VL_LIVE_EVENT_KIND_UPDATED);
  g_assert_cmpstrv (vl_live_event_get_ids (d), ids);
  g_assert_true (vl_live_event_get_record (d) == record);
  g_assert_cmpstr (vl_live_event_get_renamed_from (d), ==, "new:1");
  g_assert_cmpint (vl_live_event_get_origin (d), ==, VL_ORIGIN_WRITE);
  g_assert_cmpstr (vl_live_event_get_position (d), ==, "0/16B3748");

  g_assert_null (vl_live_event_get_record (e));
  g_assert_cmpstr (vl_live_event_get_renamed_from (e), ==, "new:1");
  g_assert_cmpstr (vl_live_event_get_position (e), ==, "0/16B3748");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/live-event/changed/knows-nothing", test_changed);
  g_test_add_func ("/live-event/ids/are-kept", test_ids);
  g_test_add_func ("/live-event/ids/more-than-256-are-unknown", test_too_many_ids);
  g_test_add_func ("/live-event/ids/none-or-not-text-are-unknown", test_useless_ids);
  g_test_add_func ("/live-event/records/give-the-ids", test_of_records);
  g_test_add_func ("/live-event/with/answers-a-copy", test_with_is_a_copy);

  return g_test_run ();
}
