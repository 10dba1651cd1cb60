/* test-record-edit.c: a form, above a record that may change
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "fake-clock.h"
#include "live-ask.h"
#include "live-fixture.h"

typedef struct
{
  gboolean is_done;
  VlRecord *record;
  GError *error;
} Save;

static void
save_clear (Save *save)
{
  g_clear_object (&save->record);
  g_clear_error (&save->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Save, save_clear)

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Save *save = user_data;

  g_assert_false (save->is_done);
  save->is_done = TRUE;
  save->record = vl_record_edit_save_finish (VL_RECORD_EDIT (source), result, &save->error);
}

/* A described live table, whose master takes 100 ms. */
static LiveFixture
fixture_new (void)
{
  LiveFixture f = live_fixture_new (NULL);
  g_autoptr (VlPage) page = live_fixture_list (&f, NULL);

  g_assert_nonnull (page);
  settle ();
  vl_fault_table_set_latency (f.master, 100);

  return f;
}

static VlRecord *
find (LiveFixture *f, const char *id)
{
  g_autoptr (Ask) ask = ask_find (f->live, id);

  fake_clock_advance (1000);

  return ask->record != NULL ? g_object_ref (ask->record) : NULL;
}

static VlRecord *
find_at_master (LiveFixture *f, const char *id)
{
  return vl_table_find_sync (VL_TABLE (f->memory), id, NULL, NULL);
}

/* Somebody else does it, and we are told. */
static void
change_elsewhere (LiveFixture *f, const char *id, const char *name, double price)
{
  g_autoptr (VlLiveStream) stream = vl_live_stream_new ();
  g_autoptr (VlLiveEvent) event = vl_live_event_new_updated (id, NULL);

  vl_live_table_add_stream (f->live, stream);
  fake_clock_advance (1000);
  live_fixture_put (f, id, name, price);
  vl_live_stream_push (stream, event);
  fake_clock_advance (1000);
  vl_live_table_remove_stream (f->live, stream);
  fake_clock_advance (1000);
}

static guint n_notified;

static void
count_notify (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  n_notified++;
}

static void
test_untouched (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlRecord) record = find (&f, "a");
  g_autoptr (VlRecordEdit) edit = vl_record_edit_new (VL_TABLE (f.live), record);
  VlField *name = vl_record_edit_get_field (edit, "name");
  VlField *price = vl_record_edit_get_field (edit, "price");
  g_autoptr (GVariant) value = vl_field_dup_value (price);

  g_assert_true (name == vl_record_edit_get_field (edit, "name"));
  g_assert_cmpstr (vl_field_get_text (name), ==, "Apple");
  g_assert_cmpstr (vl_field_get_text (price), ==, "1.5");
  g_assert_cmpfloat (g_variant_get_double (value), ==, 1.5);
  g_assert_cmpint (vl_field_get_field_type (price), ==, VL_FIELD_TYPE_DOUBLE);
  g_assert_false (vl_record_edit_get_dirty (edit));

  /* It follows. */
  n_notified = 0;
  g_signal_connect (name, "notify::text", G_CALLBACK (count_notify), NULL);
  change_elsewhere (&f, "a", "Apricot", 1.5);
  g_assert_cmpstr (vl_field_get_text (name), ==, "Apricot");
  g_assert_cmpuint (n_notified, ==, 1);
  change_elsewhere (&f, "b", "Blueberry", 1.5);
  g_assert_cmpuint (n_notified, ==, 1);
  change_elsewhere (&f, "a", "Apricot", 2.5);
  g_assert_cmpuint (n_notified, ==, 1);
  g_assert_cmpstr (vl_field_get_text (price), ==, "2.5");
}

static void
test_dirty (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlRecord) record = find (&f, "a");
  g_autoptr (VlRecordEdit) edit = vl_record_edit_new (VL_TABLE (f.live), record);
  VlField *name = vl_record_edit_get_field (edit, "name");
  VlField *price = vl_record_edit_get_field (edit, "price");
  g_auto (GStrv) dirty = NULL;

  n_notified = 0;
  g_signal_connect (edit, "notify::dirty", G_CALLBACK (count_notify), NULL);
  vl_field_set_text (price, "2.5");
  vl_field_set_text (name, "Apricot");
  g_assert_true (vl_field_get_dirty (name));
  dirty = vl_record_edit_dup_dirty_fields (edit);
  g_assert_cmpstr (dirty[0], ==, "name");
  g_assert_cmpstr (dirty[1], ==, "price");
  g_assert_null (dirty[2]);
  g_assert_cmpuint (n_notified, ==, 1);

  /* What is as it was is not dirty. */
  vl_field_set_text (name, "Apple");
  g_assert_false (vl_field_get_dirty (name));
  vl_record_edit_revert (edit);
  g_assert_false (vl_record_edit_get_dirty (edit));
  g_assert_cmpstr (vl_field_get_text (price), ==, "1.5");
  g_assert_cmpuint (n_notified, ==, 2);
}

/* Only what is dirty is sent, and the form can be used meanwhile. */
static void
test_save (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlRecord) record = find (&f, "a");
  g_autoptr (VlRecordEdit) edit = vl_record_edit_new (VL_TABLE (f.live), record);
  VlField *name = vl_record_edit_get_field (edit, "name");
  VlField *price = vl_record_edit_get_field (edit, "price");
  g_auto (Save) save = { 0 };
  g_auto (Save) again = { 0 };
  g_autoptr (VlRecord) stored = NULL;

  vl_field_set_text (name, "Apricot");
  vl_record_edit_save_async (edit, NULL, on_saved, &save);
  g_assert_true (vl_record_edit_get_saving (edit));
  live_fixture_put (&f, "a", "Apple", 9.0);
  vl_field_set_text (price, "2.5");
  fake_clock_advance (1000);
  g_assert_true (save.is_done);
  g_assert_no_error (save.error);
  g_assert_false (vl_record_edit_get_saving (edit));
  g_assert_false (vl_field_get_dirty (name));
  g_assert_cmpstr (vl_field_get_text (name), ==, "Apricot");
  g_assert_true (vl_field_get_dirty (price));
  g_assert_cmpstr (vl_field_get_text (price), ==, "2.5");
  stored = find_at_master (&f, "a");
  g_assert_cmpstr (vl_record_get_string (stored, "name"), ==, "Apricot");
  g_assert_cmpfloat (vl_record_get_double (stored, "price"), ==, 9.0);

  /* Somebody has changed the price while it was typed. */
  g_assert_true (vl_field_get_conflict (price));
  vl_field_keep (price);
  g_assert_false (vl_field_get_conflict (price));
  vl_record_edit_save_async (edit, NULL, on_saved, &again);
  fake_clock_advance (1000);
  g_assert_no_error (again.error);
  g_assert_false (vl_record_edit_get_dirty (edit));
  g_clear_object (&stored);
  stored = find_at_master (&f, "a");
  g_assert_cmpfloat (vl_record_get_double (stored, "price"), ==, 2.5);
}

/* Typed while its own save is under way: that stays. */
static void
test_typed_meanwhile (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlRecord) record = find (&f, "a");
  g_autoptr (VlRecordEdit) edit = vl_record_edit_new (VL_TABLE (f.live), record);
  VlField *name = vl_record_edit_get_field (edit, "name");
  g_auto (Save) first = { 0 };
  g_auto (Save) second = { 0 };
  g_autoptr (VlRecord) stored = NULL;

  vl_field_set_text (name, "Apricot");
  vl_record_edit_save_async (edit, NULL, on_saved, &first);
  vl_field_set_text (name, "Apricots");
  vl_record_edit_save_async (edit, NULL, on_saved, &second);
  fake_clock_advance (150);
  g_assert_true (first.is_done);
  g_assert_false (second.is_done);
  g_assert_cmpstr (vl_field_get_text (name), ==, "Apricots");
  g_assert_true (vl_field_get_dirty (name));
  g_assert_false (vl_field_get_conflict (name));
  fake_clock_advance (1000);
  g_assert_no_error (second.error);
  g_assert_false (vl_record_edit_get_dirty (edit));
  stored = find_at_master (&f, "a");
  g_assert_cmpstr (vl_record_get_string (stored, "name"), ==, "Apricots");
}

static void
refuse (LiveFixture *f, int code, const char *message)
{
  g_autoptr (GError) error = g_error_new_literal (VL_ERROR, code, message);

  vl_fault_table_push_error (f->master, error);
}

static void
test_refused (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlRecord) record = find (&f, "a");
  g_autoptr (VlRecordEdit) edit = vl_record_edit_new (VL_TABLE (f.live), record);
  VlField *name = vl_record_edit_get_field (edit, "name");
  VlField *price = vl_record_edit_get_field (edit, "price");
  g_autoptr (GError) error = NULL;
  g_auto (Save) save = { 0 };
  g_auto (Save) again = { 0 };

  vl_field_set_text (name, "Apricot");
  vl_field_set_text (price, "-1");
  refuse (&f, VL_ERROR_REJECTED, "“price” is below zero");
  vl_record_edit_save_async (edit, NULL, on_saved, &save);
  fake_clock_advance (1000);
  g_assert_error (save.error, VL_ERROR, VL_ERROR_REJECTED);
  error = vl_record_edit_dup_error (edit);
  g_assert_error (error, VL_ERROR, VL_ERROR_REJECTED);
  g_assert_cmpstr (vl_field_get_error (price), ==, "“price” is below zero");
  g_assert_null (vl_field_get_error (name));
  g_assert_cmpstr (vl_field_get_text (name), ==, "Apricot");
  g_assert_cmpstr (vl_field_get_text (price), ==, "-1");

  /* Whoever types has read it. */
  vl_field_set_text (price, "1");
  g_assert_null (vl_field_get_error (price));
  vl_record_edit_save_async (edit, NULL, on_saved, &again);
  fake_clock_advance (1000);
  g_assert_no_error (again.error);
  g_clear_error (&error);
  error = vl_record_edit_dup_error (edit);
  g_assert_no_error (error);
}

static void
tell (GObject *object, GParamSpec *pspec, GString *told)
{
  g_string_append_printf (told, "%s%s", told->len > 0 ? " " : "", pspec->name);
}

static void
assert_told (GString *told, const char *expected)
{
  g_assert_cmpstr (told->str, ==, expected);
  g_string_truncate (told, 0);
}

/* What a label for the reason, a spinner and the entries are bound to. */
static void
test_told (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlRecord) record = find (&f, "a");
  g_autoptr (VlRecordEdit) edit = vl_record_edit_new (VL_TABLE (f.live), record);
  VlField *name = vl_record_edit_get_field (edit, "name");
  g_autoptr (GString) by_form = g_string_new (NULL);
  g_autoptr (GString) by_name = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_auto (Save) save = { 0 };

  vl_field_set_text (name, "Apricot");
  g_signal_connect (edit, "notify", G_CALLBACK (tell), by_form);
  g_signal_connect (name, "notify", G_CALLBACK (tell), by_name);
  refuse (&f, VL_ERROR_REJECTED, "“name” is not liked");
  vl_record_edit_save_async (edit, NULL, on_saved, &save);
  assert_told (by_form, "saving");
  fake_clock_advance (1000);
  g_assert_error (save.error, VL_ERROR, VL_ERROR_REJECTED);
  assert_told (by_form, "error saving");
  assert_told (by_name, "error");

  change_elsewhere (&f, "a", "Avocado", 1.5);
  assert_told (by_form, "record");
  assert_told (by_name, "conflict");

  vl_record_edit_revert (edit);
  assert_told (by_form, "dirty-fields dirty can-save error");
  assert_told (by_name, "conflict dirty error text value");
  error = vl_record_edit_dup_error (edit);
  g_assert_no_error (error);
}

typedef struct
{
  const char *reason;
  gboolean is_of_name;
  gboolean is_of_price;
} Reason;

/* Tables say in words what it is that they do not like. */
static void
test_reasons (void)
{
  static const Reason reasons[] = {
    { "“name” is not liked", TRUE, FALSE },
    { "UNIQUE constraint failed: products.name", TRUE, FALSE },
    { "products.name_of_it, products.price", FALSE, TRUE },
    { "products.name_of_it, products.name", TRUE, FALSE },
    { "“name” and “price” do not go together", TRUE, TRUE },
    { "not on a Sunday", TRUE, TRUE },
    { "products.name_of_it is missing", TRUE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    {
      g_auto (LiveFixture) f = fixture_new ();
      g_autoptr (VlRecord) record = find (&f, "a");
      g_autoptr (VlRecordEdit) edit = vl_record_edit_new (VL_TABLE (f.live), record);
      VlField *name = vl_record_edit_get_field (edit, "name");
      VlField *price = vl_record_edit_get_field (edit, "price");
      g_auto (Save) save = { 0 };

      vl_field_set_text (name, "Apricot");
      vl_field_set_text (price, "2.5");
      refuse (&f, VL_ERROR_REJECTED, reasons[i].reason);
      vl_record_edit_save_async (edit, NULL, on_saved, &save);
      fake_clock_advance (1000);
      g_assert_error (save.error, VL_ERROR, VL_ERROR_REJECTED);
      g_assert_cmpint (vl_field_get_error (name) != NULL, ==, reasons[i].is_of_name);
      g_assert_cmpint (vl_field_get_error (price) != NULL, ==, reasons[i].is_of_price);
    }
}

/* A table that tells nobody of changes says what is there when it refuses. */
static void
test_conflict_without_events (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlRecord) record = find (&f, "a");
  g_autoptr (VlRecordEdit) edit = vl_record_edit_new (VL_TABLE (f.memory), record);
  VlField *name = vl_record_edit_get_field (edit, "name");
  g_auto (Save) save = { 0 };

  vl_field_set_text (name, "Apricot");
  live_fixture_put (&f, "a", "Avocado", 9.0);
  g_assert_false (vl_field_get_conflict (name));
  vl_record_edit_save_async (edit, NULL, on_saved, &save);
  settle ();
  g_assert_error (save.error, VL_ERROR, VL_ERROR_CONFLICT);
  g_assert_true (vl_field_get_conflict (name));
  g_assert_nonnull (vl_field_get_error (name));
  g_assert_cmpstr (vl_field_get_text (name), ==, "Apricot");
  g_assert_cmpstr (vl_field_get_text (vl_record_edit_get_field (edit, "price")), ==, "9");
}

/* Nothing is sent, and that is no failure. */
static void
test_nothing_to_save (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlRecord) record = find (&f, "a");
  g_autoptr (VlRecordEdit) edit = vl_record_edit_new (VL_TABLE (f.live), record);
  g_auto (Save) save = { 0 };

  g_assert_nonnull (vl_record_edit_get_field (edit, "name"));
  vl_record_edit_save_async (edit, NULL, on_saved, &save);
  fake_clock_advance (1000);
  g_assert_true (save.is_done);
  g_assert_no_error (save.error);
  g_assert_true (save.record == record);
  g_assert_cmpuint (vl_fault_table_get_n_writes (f.master), ==, 0);
}

/* Who does not want to wait any more was not refused. */
static void
test_cancelled (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlRecord) record = find (&f, "a");
  g_autoptr (VlRecordEdit) edit = vl_record_edit_new (VL_TABLE (f.live), record);
  VlField *name = vl_record_edit_get_field (edit, "name");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_auto (Save) save = { 0 };

  vl_field_set_text (name, "Apricot");
  vl_record_edit_save_async (edit, cancellable, on_saved, &save);
  settle ();
  g_cancellable_cancel (cancellable);
  settle ();
  g_assert_error (save.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  error = vl_record_edit_dup_error (edit);
  g_assert_no_error (error);
  g_assert_null (vl_field_get_error (name));
  g_assert_true (vl_field_get_dirty (name));
  /* It goes on where it is. */
  fake_clock_advance (1000);
}

/* Not as 4690.0299999999997. */
static void
test_double (void)
{
  static const char *const texts[] = { "4690.03", "0.1", "3", "-2.5e-300", "0.30000000000000004" };
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlRecord) record = find (&f, "a");
  g_autoptr (VlRecordEdit) edit = vl_record_edit_new (VL_TABLE (f.live), record);
  VlField *price = vl_record_edit_get_field (edit, "price");

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      vl_field_set_value (price, g_variant_new_double (g_ascii_strtod (texts[i], NULL)));
      g_assert_cmpstr (vl_field_get_text (price), ==, texts[i]);
    }
}

static void
test_no_value (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlRecord) record = find (&f, "a");
  g_autoptr (VlRecordEdit) edit = vl_record_edit_new (VL_TABLE (f.live), record);
  VlField *price = vl_record_edit_get_field (edit, "price");
  g_autoptr (GVariant) value = NULL;
  g_auto (Save) save = { 0 };

  vl_field_set_text (price, "cheap");
  g_assert_cmpstr (vl_field_get_text (price), ==, "cheap");
  value = vl_field_dup_value (price);
  g_assert_null (value);
  g_assert_nonnull (vl_field_get_error (price));
  vl_record_edit_save_async (edit, NULL, on_saved, &save);
  fake_clock_advance (1000);
  g_assert_error (save.error, VL_ERROR, VL_ERROR_INVALID);
  g_assert_cmpuint (vl_fault_table_get_n_writes (f.master), ==, 0);

  vl_field_set_text (price, "");
  g_assert_null (vl_field_get_error (price));
  value = vl_field_dup_value (price);
  g_assert_null (value);
  g_assert_true (vl_field_get_dirty (price));
}

static void
test_conflict (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlRecord) record = find (&f, "a");
  g_autoptr (VlRecordEdit) edit = vl_record_edit_new (VL_TABLE (f.live), record);
  VlField *name = vl_record_edit_get_field (edit, "name");
  g_auto (Save) save = { 0 };

  vl_field_set_text (name, "Apricot");
  change_elsewhere (&f, "a", "Avocado", 1.5);
  g_assert_true (vl_field_get_conflict (name));
  g_assert_cmpstr (vl_field_get_text (name), ==, "Apricot");
  g_assert_cmpstr (vl_record_get_string (vl_record_edit_get_record (edit), "name"), ==, "Avocado");

  /* It was based on what is not there any more. */
  vl_record_edit_save_async (edit, NULL, on_saved, &save);
  fake_clock_advance (1000);
  g_assert_error (save.error, VL_ERROR, VL_ERROR_CONFLICT);
  g_assert_nonnull (vl_field_get_error (name));
  g_assert_cmpstr (vl_field_get_text (name), ==, "Apricot");

  vl_field_revert (name);
  g_assert_false (vl_field_get_conflict (name));
  g_assert_cmpstr (vl_field_get_text (name), ==, "Avocado");
}

static void
test_new (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlRecordEdit) edit = vl_record_edit_new (VL_TABLE (f.live), NULL);
  g_auto (Save) save = { 0 };
  g_auto (Save) again = { 0 };
  g_autoptr (VlRecord) stored = NULL;
  g_autofree char *id = NULL;

  vl_live_table_set_optimistic (f.live, TRUE);
  g_assert_null (vl_record_edit_get_record (edit));
  g_assert_cmpstr (vl_field_get_text (vl_record_edit_get_field (edit, "name")), ==, "");
  vl_record_edit_set_value (edit, "name", g_variant_new_string ("Date"));
  vl_record_edit_set_value (edit, "price", g_variant_new_double (2));
  vl_record_edit_save_async (edit, NULL, on_saved, &save);
  fake_clock_advance (1000);
  g_assert_no_error (save.error);
  g_assert_false (vl_record_edit_get_dirty (edit));
  id = g_strdup (vl_record_get_id (vl_record_edit_get_record (edit)));
  g_assert_nonnull (id);

  vl_record_edit_set_value (edit, "name", g_variant_new_string ("Dates"));
  vl_record_edit_save_async (edit, NULL, on_saved, &again);
  fake_clock_advance (1000);
  g_assert_no_error (again.error);
  stored = find_at_master (&f, id);
  g_assert_cmpstr (vl_record_get_string (stored, "name"), ==, "Dates");
}

/* Made without a network: the form is of a record that gets its id later. */
static void
test_new_offline (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlRecordEdit) edit = vl_record_edit_new (VL_TABLE (f.live), NULL);
  VlRecord *record;
  g_auto (Save) save = { 0 };

  vl_live_table_set_optimistic (f.live, TRUE);
  vl_fault_table_set_offline (f.master, TRUE);
  vl_record_edit_set_value (edit, "name", g_variant_new_string ("Date"));
  vl_record_edit_save_async (edit, NULL, on_saved, &save);
  fake_clock_advance (1000);
  g_assert_true (save.is_done);
  g_assert_no_error (save.error);
  g_assert_true (vl_record_is_provisional (vl_record_edit_get_record (edit)));

  vl_fault_table_set_offline (f.master, FALSE);
  for (guint i = 0; i < 100; i++)
    fake_clock_advance (1000);
  g_assert_cmpuint (vl_live_table_get_pending_writes (f.live), ==, 0);
  record = vl_record_edit_get_record (edit);
  g_assert_false (vl_record_is_provisional (record));
  g_assert_false (g_str_has_prefix (vl_record_get_id (record), "new:"));
  g_assert_cmpstr (vl_record_get_string (record, "name"), ==, "Date");
  g_assert_false (vl_record_edit_get_dirty (edit));
}

/* What is changed once more while the form looks, and what is none of its
 * business. */
static void
test_looks (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlRecord) record = find (&f, "a");
  g_autoptr (VlRecordEdit) edit = vl_record_edit_new (VL_TABLE (f.live), record);
  VlField *name = vl_record_edit_get_field (edit, "name");
  g_autoptr (VlLiveStream) stream = vl_live_stream_new ();
  g_autoptr (VlLiveEvent) ours = vl_live_event_new_updated ("a", NULL);
  g_autoptr (VlLiveEvent) other = vl_live_event_new_updated ("b", NULL);
  guint64 n_reads;

  vl_live_table_add_stream (f.live, stream);
  fake_clock_advance (1000);
  n_reads = vl_fault_table_get_n_reads (f.master);
  vl_live_stream_push (stream, other);
  fake_clock_advance (1000);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, n_reads);

  live_fixture_put (&f, "a", "Apricot", 1.5);
  vl_live_stream_push (stream, ours);
  fake_clock_advance (50);
  g_assert_cmpuint (vl_fault_table_get_n_reads (f.master), ==, n_reads + 1);
  live_fixture_put (&f, "a", "Avocado", 1.5);
  vl_live_stream_push (stream, ours);
  fake_clock_advance (1000);
  g_assert_cmpstr (vl_field_get_text (name), ==, "Avocado");
  vl_live_table_remove_stream (f.live, stream);
  fake_clock_advance (1000);
}

/* The list of its row goes, or the row is scrolled past: the form goes on. */
static void
test_row_that_is_not_kept (gconstpointer data)
{
  g_auto (LiveFixture) f = fixture_new ();
  VlLiveList *list = g_object_new (VL_TYPE_LIVE_LIST, "table", f.live, "page-size", 50, NULL);
  g_autoptr (VlRow) row = NULL;
  g_autoptr (VlRecordEdit) edit = NULL;

  for (guint i = 0; i < 500; i++)
    {
      g_autofree char *id = g_strdup_printf ("d%03u", i);

      live_fixture_put (&f, id, "Date", 1);
    }
  vl_live_table_invalidate (f.live);
  fake_clock_advance (1000);
  row = g_list_model_get_item (G_LIST_MODEL (list), 0);
  fake_clock_advance (1000);
  edit = vl_record_edit_new_for_row (VL_TABLE (f.live), row);
  g_assert_cmpstr (vl_field_get_text (vl_record_edit_get_field (edit, "name")), ==, "Apple");
  for (guint page = 1; GPOINTER_TO_INT (data) && page < 10; page++)
    {
      g_object_unref (g_list_model_get_item (G_LIST_MODEL (list), page * 50));
      fake_clock_advance (1000);
    }
  if (GPOINTER_TO_INT (data))
    g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_STALE);
  else
    g_assert_finalize_object (g_steal_pointer (&list));

  change_elsewhere (&f, "a", "Apricot", 1.5);
  g_assert_cmpstr (vl_field_get_text (vl_record_edit_get_field (edit, "name")), ==, "Apricot");
  g_clear_object (&list);
  settle ();
}

typedef struct
{
  LiveFixture *f;
  VlRow *row;
  VlRecordEdit *edit;
  char *name;
  Save save;
} OwnWrite;

/* A form is opened, filled in and saved in the very turn in which a write of the
 * record is told to be made. */
static void
open_form (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OwnWrite *own = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) stored = vl_table_patch_finish (VL_TABLE (source), result, &error);

  g_assert_no_error (error);
  own->edit = vl_record_edit_new_for_row (VL_TABLE (own->f->live), own->row);
  own->name = g_strdup (vl_field_get_text (vl_record_edit_get_field (own->edit, "name")));
  vl_field_set_text (vl_record_edit_get_field (own->edit, "name"), "Avocado");
  vl_record_edit_save_async (own->edit, NULL, on_saved, &own->save);
}

static void
test_own_write (gconstpointer data)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlLiveList) list = vl_live_list_new (VL_TABLE (f.live), NULL);
  g_autoptr (VlRecordBuilder) fields = vl_record_builder_new (NULL);
  g_autoptr (VlRecord) patch = NULL;
  g_autoptr (VlRow) row = g_list_model_get_item (G_LIST_MODEL (list), 0);
  OwnWrite own = { .f = &f, .row = row };

  vl_live_table_set_optimistic (f.live, GPOINTER_TO_INT (data));
  fake_clock_advance (1000);
  g_assert_cmpstr (vl_row_get_id (row), ==, "a");
  vl_record_builder_set_string (fields, "name", "Apricot");
  patch = vl_record_builder_end (fields);
  vl_table_patch_async (VL_TABLE (f.live), "a", patch, NULL, open_form, &own);
  fake_clock_advance (1000);

  g_assert_true (own.save.is_done);
  g_assert_no_error (own.save.error);
  g_assert_cmpstr (own.name, ==, "Apricot");
  save_clear (&own.save);
  g_free (own.name);
  g_object_unref (own.edit);
}

/* The form goes with a save and a look under way. */
static void
test_gone (void)
{
  g_auto (LiveFixture) f = fixture_new ();
  g_autoptr (VlRecord) record = find (&f, "a");
  VlRecordEdit *edit = vl_record_edit_new (VL_TABLE (f.live), record);
  g_autoptr (VlField) name = g_object_ref (vl_record_edit_get_field (edit, "name"));
  g_auto (Save) save = { 0 };

  vl_field_set_text (name, "Apricot");
  vl_live_table_invalidate (f.live);
  settle ();
  vl_record_edit_save_async (edit, NULL, on_saved, &save);
  g_object_add_weak_pointer (G_OBJECT (edit), (gpointer *) &edit);
  g_object_unref (edit);
  fake_clock_advance (1000);
  g_assert_true (save.is_done);
  g_assert_no_error (save.error);
  g_assert_null (edit);
  vl_field_set_text (name, "Avocado");
  g_assert_cmpstr (vl_field_get_text (name), ==, "");
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  fake_clock_advance (1000);
  g_test_add_func ("/record-edit/untouched-follows", test_untouched);
  g_test_add_func ("/record-edit/dirty", test_dirty);
  g_test_add_func ("/record-edit/save", test_save);
  g_test_add_func ("/record-edit/typed-while-it-is-saved", test_typed_meanwhile);
  g_test_add_func ("/record-edit/refused-keeps-the-draft", test_refused);
  g_test_add_func ("/record-edit/told", test_told);
  g_test_add_func ("/record-edit/reasons", test_reasons);
  g_test_add_func ("/record-edit/conflict-without-events", test_conflict_without_events);
  g_test_add_func ("/record-edit/nothing-to-save", test_nothing_to_save);
  g_test_add_func ("/record-edit/cancelled", test_cancelled);
  g_test_add_func ("/record-edit/text-that-is-no-value", test_no_value);
  g_test_add_func ("/record-edit/a-number-is-shown-as-it-was-typed", test_double);
  g_test_add_func ("/record-edit/conflict", test_conflict);
  g_test_add_func ("/record-edit/new-record", test_new);
  g_test_add_func ("/record-edit/new-record-without-a-network", test_new_offline);
  g_test_add_func ("/record-edit/looks", test_looks);
  g_test_add_data_func ("/record-edit/row/list-goes", GINT_TO_POINTER (FALSE),
                        test_row_that_is_not_kept);
  g_test_add_data_func ("/record-edit/row/scrolled-past", GINT_TO_POINTER (TRUE),
                        test_row_that_is_not_kept);
  g_test_add_func ("/record-edit/goes-while-it-saves", test_gone);
  g_test_add_data_func ("/record-edit/after-a-write-of-ones-own/told", GINT_TO_POINTER (FALSE),
                        test_own_write);
  g_test_add_data_func ("/record-edit/after-a-write-of-ones-own/shown", GINT_TO_POINTER (TRUE),
                        test_own_write);
  result = g_test_run ();
  fake_clock_end ();

  return result;
}
