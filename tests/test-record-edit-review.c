/* test-record-edit-review.c: what can come between typing and saving
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "list-fixture.h"
#include "live-fixture.h"

typedef struct
{
  gboolean is_done;
  gboolean was_saving; /* when it was told */
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
  save->was_saving = vl_record_edit_get_saving (VL_RECORD_EDIT (source));
  save->record = vl_record_edit_save_finish (VL_RECORD_EDIT (source), result, &save->error);
}

/* A master that answers when it is told to, with one record. */
static ListMaster *
master_new (void)
{
  ListMaster *master = list_master_new (LIST_EVERYTHING | LIST_WRITES);

  list_master_set (master, "a/Apple");
  master->holds = TRUE;

  return master;
}

static VlRecordEdit *
edit_apple (ListMaster *master)
{
  g_autoptr (VlRecord) record = list_master_record ("a", "Apple");

  return vl_record_edit_new (VL_TABLE (master), record);
}

static void
tell (GObject *object, GParamSpec *pspec, gpointer data)
{
  g_string_append_printf (data, "%s%s", ((GString *) data)->len > 0 ? " " : "", pspec->name);
}

/* A field that the table stores in its own way shows that, and nobody else has
 * changed it. */
static void
test_stored_otherwise (void)
{
  g_autoptr (ListMaster) master = master_new ();
  g_autoptr (VlRecordEdit) edit = edit_apple (master);
  VlField *name = vl_record_edit_get_field (edit, "name");
  g_autoptr (GString) told = g_string_new (NULL);
  g_auto (Save) save = { 0 };

  master->trims = TRUE;
  settle ();
  vl_field_set_text (name, "Apricot ");
  g_signal_connect (name, "notify", G_CALLBACK (tell), told);
  vl_record_edit_save_async (edit, NULL, on_saved, &save);
  settle ();
  list_master_answer (master);
  settle ();
  g_assert_no_error (save.error);
  g_assert_cmpstr (vl_field_get_text (name), ==, "Apricot");
  g_assert_cmpstr (told->str, ==, "dirty text value");
}

/* A table that does not tell what it has stored. */
static void
test_stored_and_not_told (void)
{
  g_autoptr (ListMaster) master = master_new ();
  g_autoptr (VlRecordEdit) edit = edit_apple (master);
  VlField *name = vl_record_edit_get_field (edit, "name");
  g_auto (Save) save = { 0 };

  master->tells_nothing = TRUE;
  vl_field_set_text (name, "Apricot");
  vl_record_edit_save_async (edit, NULL, on_saved, &save);
  settle ();
  list_master_answer (master);
  settle ();
  g_assert_no_error (save.error);
  g_assert_nonnull (vl_record_edit_get_record (edit));
  g_assert_cmpstr (vl_record_get_id (vl_record_edit_get_record (edit)), ==, "a");
  g_assert_cmpstr (vl_field_get_text (name), ==, "Apricot");
  g_assert_false (vl_record_edit_get_is_new (edit));
  g_assert_true (save.record == vl_record_edit_get_record (edit));
}

static VlRecord *
apple_in_crates (void)
{
  g_autoptr (VlRecord) apple = list_master_record ("a", "Apple");
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new_from (apple);

  vl_record_builder_set_int64 (builder, "crates", 12);

  return vl_record_builder_end (builder);
}

/* What nobody has touched is still there then. */
static void
test_stored_and_not_told_in_part (void)
{
  g_autoptr (ListMaster) master = master_new ();
  g_autoptr (VlRecord) record = apple_in_crates ();
  g_autoptr (VlRecordEdit) edit = vl_record_edit_new (VL_TABLE (master), record);
  VlField *crates = vl_record_edit_get_field (edit, "crates");
  g_auto (Save) save = { 0 };

  /* The schema does not have it. */
  g_assert_cmpint (vl_field_get_field_type (crates), ==, VL_FIELD_TYPE_INT64);
  master->tells_nothing = TRUE;
  vl_field_set_text (vl_record_edit_get_field (edit, "name"), "Apricot");
  vl_record_edit_save_async (edit, NULL, on_saved, &save);
  settle ();
  list_master_answer (master);
  settle ();
  g_assert_no_error (save.error);
  g_assert_cmpstr (vl_field_get_text (crates), ==, "12");
  g_assert_cmpstr (vl_record_get_string (save.record, "name"), ==, "Apricot");
  g_assert_cmpint (vl_record_get_int64 (save.record, "crates"), ==, 12);
}

/* What a row shows early is our own. */
static void
test_own_early_write (void)
{
  g_auto (LiveFixture) live = live_fixture_new (NULL);
  g_autoptr (ListFixture) f = g_new0 (ListFixture, 1);
  g_autoptr (VlRow) row = NULL;
  g_autoptr (VlRecordEdit) edit = NULL;
  VlField *name;
  g_autoptr (GString) told = g_string_new (NULL);
  g_auto (Save) save = { 0 };
  g_auto (Save) again = { 0 };

  list_fixture_watch (f, vl_live_list_new (VL_TABLE (live.live), NULL));
  settle ();
  pass_while ();
  assert_changes (f, "0+3");
  row = list_fixture_get (f, 0);
  vl_live_table_set_optimistic (live.live, TRUE);
  vl_fault_table_set_latency (live.master, 300);
  edit = vl_record_edit_new_for_row (VL_TABLE (live.live), row);
  name = vl_record_edit_get_field (edit, "name");
  vl_field_set_text (name, "Apricot");
  vl_record_edit_save_async (edit, NULL, on_saved, &save);
  g_signal_connect (name, "notify::conflict", G_CALLBACK (tell), told);
  vl_field_set_text (name, "Apricots");
  fake_clock_advance (50);
  g_assert_false (save.is_done);
  g_assert_cmpstr (vl_record_get_string (vl_record_edit_get_record (edit), "name"), ==, "Apricot");
  fake_clock_advance (2000);
  g_assert_no_error (save.error);
  g_assert_cmpstr (told->str, ==, "");
  g_assert_cmpstr (vl_field_get_text (name), ==, "Apricots");
  vl_record_edit_save_async (edit, NULL, on_saved, &again);
  fake_clock_advance (2000);
  g_assert_no_error (again.error);
  g_assert_cmpstr (vl_record_get_string (again.record, "name"), ==, "Apricots");
  fake_clock_advance (2000);
}

/* As it was, but that is not what is being stored. */
static void
test_typed_back (void)
{
  g_autoptr (ListMaster) master = master_new ();
  g_autoptr (VlRecordEdit) edit = edit_apple (master);
  VlField *name = vl_record_edit_get_field (edit, "name");
  g_auto (Save) save = { 0 };
  g_auto (Save) again = { 0 };
  g_auto (Save) third = { 0 };

  vl_field_set_text (name, "Apricot");
  vl_record_edit_save_async (edit, NULL, on_saved, &save);
  settle ();
  vl_field_set_text (name, "Apple");
  g_assert_true (vl_field_get_dirty (name));
  list_master_answer (master);
  settle ();
  g_assert_cmpstr (vl_field_get_text (name), ==, "Apple");
  g_assert_true (vl_field_get_dirty (name));
  vl_record_edit_save_async (edit, NULL, on_saved, &again);
  settle ();
  list_master_answer (master);
  settle ();
  g_assert_no_error (again.error);
  g_assert_false (vl_field_get_dirty (name));

  /* When that was refused it is as it was indeed. */
  vl_field_set_text (name, "Avocado");
  vl_record_edit_save_async (edit, NULL, on_saved, &third);
  settle ();
  vl_field_set_text (name, "Apple");
  list_master_refuse (master);
  settle ();
  g_assert_error (third.error, VL_ERROR, VL_ERROR_REJECTED);
  g_assert_false (vl_field_get_dirty (name));
  g_assert_null (vl_field_get_error (name));
}

static void
test_revert_during_save (void)
{
  g_autoptr (ListMaster) master = master_new ();
  g_autoptr (VlRecordEdit) edit = edit_apple (master);
  VlField *name = vl_record_edit_get_field (edit, "name");
  g_auto (Save) save = { 0 };

  vl_field_set_text (name, "Apricot");
  vl_record_edit_save_async (edit, NULL, on_saved, &save);
  settle ();
  vl_record_edit_revert (edit);
  g_assert_cmpstr (vl_field_get_text (name), ==, "Apple");
  list_master_answer (master);
  settle ();
  g_assert_no_error (save.error);
  g_assert_cmpstr (vl_field_get_text (name), ==, "Apricot");
  g_assert_false (vl_record_edit_get_dirty (edit));
}

static void
test_refused_new_record (void)
{
  g_autoptr (ListMaster) master = master_new ();
  g_autoptr (VlRecordEdit) edit = vl_record_edit_new (VL_TABLE (master), NULL);
  VlField *name = vl_record_edit_get_field (edit, "name");
  g_autoptr (GString) told = g_string_new (NULL);
  g_auto (Save) save = { 0 };
  g_auto (Save) again = { 0 };

  g_assert_true (vl_record_edit_get_is_new (edit));
  g_assert_false (vl_record_edit_get_can_save (edit));
  g_signal_connect (edit, "notify::is-new", G_CALLBACK (tell), told);
  vl_field_set_text (name, "Date");
  g_assert_true (vl_record_edit_get_can_save (edit));
  vl_record_edit_save_async (edit, NULL, on_saved, &save);
  settle ();
  list_master_refuse (master);
  settle ();
  g_assert_error (save.error, VL_ERROR, VL_ERROR_REJECTED);
  g_assert_cmpstr (vl_field_get_error (name), ==, "“name” is not liked");
  g_assert_true (vl_record_edit_get_is_new (edit));

  vl_field_set_text (name, "Dates");
  vl_record_edit_save_async (edit, NULL, on_saved, &again);
  settle ();
  list_master_answer (master);
  settle ();
  g_assert_no_error (again.error);
  g_assert_false (again.was_saving);
  g_assert_false (vl_record_edit_get_is_new (edit));
  g_assert_cmpstr (told->str, ==, "is-new");
  g_assert_cmpuint (master->records->len, ==, 2);
}

/* The reason is of what was sent. */
static void
test_reason_of_another_text (void)
{
  g_autoptr (ListMaster) master = master_new ();
  g_autoptr (VlRecordEdit) edit = edit_apple (master);
  VlField *name = vl_record_edit_get_field (edit, "name");
  g_auto (Save) save = { 0 };

  vl_field_set_text (name, "Apricot");
  vl_record_edit_save_async (edit, NULL, on_saved, &save);
  settle ();
  vl_field_set_text (name, "Avocado");
  list_master_refuse (master);
  settle ();
  g_assert_error (save.error, VL_ERROR, VL_ERROR_REJECTED);
  g_assert_null (vl_field_get_error (name));
}

static void
put_name (ListMaster *master, VlRow *row, const char *name)
{
  list_master_put (master, vl_row_get_id (row), name);
  settle ();
}

/* Somebody types what somebody else has made of it, and more. */
static void
test_conflict_comes_and_goes (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("a/Apple b/Banana");
  g_autoptr (VlRow) row = NULL;
  g_autoptr (VlRecordEdit) edit = NULL;
  VlField *name;

  settle ();
  assert_changes (f, "0+2");
  row = list_fixture_get (f, 0);
  edit = vl_record_edit_new_for_row (VL_TABLE (f->master), row);
  name = vl_record_edit_get_field (edit, "name");
  vl_field_set_text (name, "Apricot");
  put_name (f->master, row, "Avocado");
  g_assert_true (vl_field_get_conflict (name));
  /* It moves back. */
  put_name (f->master, row, "Apple");
  g_assert_false (vl_field_get_conflict (name));
  put_name (f->master, row, "Avocado");
  g_assert_true (vl_field_get_conflict (name));

  vl_field_set_text (name, "Avocado");
  g_assert_false (vl_field_get_conflict (name));
  vl_field_set_text (name, "Avocados");
  g_assert_true (vl_field_get_conflict (name));
  vl_field_keep (name);
  g_assert_false (vl_field_get_conflict (name));
  vl_field_set_text (name, "Avocado");
  g_assert_false (vl_field_get_dirty (name));
}

/* The record of a row that is not there yet is not a new one. */
static void
test_row_without_record (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("a b c d e f g h i j k l");
  g_autoptr (VlRow) row = NULL;
  g_autoptr (VlRecordEdit) edit = NULL;
  VlField *name;
  g_auto (Save) save = { 0 };

  settle ();
  assert_changes (f, "0+12");
  row = list_fixture_get (f, 11);
  edit = vl_record_edit_new_for_row (VL_TABLE (f->master), row);
  name = vl_record_edit_get_field (edit, "name");
  vl_field_set_text (name, "Lime");
  g_assert_false (vl_record_edit_get_is_new (edit));
  g_assert_false (vl_record_edit_get_can_save (edit));
  vl_record_edit_save_async (edit, NULL, on_saved, &save);
  settle ();
  g_assert_error (save.error, VL_ERROR, VL_ERROR_UNAVAILABLE);
  pass_frame ();
  g_assert_cmpstr (vl_record_get_id (vl_record_edit_get_record (edit)), ==, "l");
  g_assert_cmpstr (vl_field_get_text (name), ==, "Lime");
  g_assert_true (vl_record_edit_get_can_save (edit));
}

static void
test_record_without_id (void)
{
  g_autoptr (ListMaster) master = master_new ();
  g_autoptr (VlRecord) record = list_master_record (NULL, "Apple");
  g_autoptr (VlRecordEdit) edit = vl_record_edit_new (VL_TABLE (master), record);
  g_auto (Save) save = { 0 };

  vl_field_set_text (vl_record_edit_get_field (edit, "name"), "Apricot");
  vl_record_edit_save_async (edit, NULL, on_saved, &save);
  settle ();
  g_assert_error (save.error, VL_ERROR, VL_ERROR_INVALID);
}

/* A row whose id another one was given has another record then; the form has
 * not. */
static void
test_row_of_another_record (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("x y z");
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (VlRecordEdit) edit = NULL;
  g_autoptr (VlRecord) record = list_master_record ("y", "y");
  g_autoptr (VlLiveEvent) event = vl_live_event_new_updated ("y", record);
  g_autoptr (VlLiveEvent) renamed = vl_live_event_with_renamed_from (event, "x");

  settle ();
  assert_changes (f, "0+3");
  rows = list_fixture_hold (f, 0, 2);
  edit = vl_record_edit_new_for_row (VL_TABLE (f->master), rows->pdata[1]);
  vl_field_set_text (vl_record_edit_get_field (edit, "name"), "yy");
  list_master_set (f->master, "y z");
  vl_live_stream_push (f->master->stream, renamed);
  pass_while ();
  pass_while ();
  g_string_truncate (f->changes, 0);
  assert_model (f, "y z");
  g_assert_cmpstr (vl_record_get_id (vl_record_edit_get_record (edit)), ==, "y");
}

/* The row goes while the form is open: over a live table it goes on. */
static void
test_row_goes (void)
{
  g_auto (LiveFixture) live = live_fixture_new (NULL);
  g_autoptr (ListFixture) f = g_new0 (ListFixture, 1);
  g_autoptr (VlQuery) all = vl_query_new ();
  g_autoptr (VlQuery) query = vl_query_where (all, "name", VL_OP_LT, g_variant_new_string ("B"));
  g_autoptr (VlRecordEdit) edit = NULL;
  g_autoptr (VlRow) row = NULL;
  g_autoptr (VlRecord) patch = live_fixture_record ("a", "Zucchini", 7);
  g_autoptr (VlChange) change = vl_change_new_patch ("a", patch);
  g_autoptr (VlRecord) second = live_fixture_record ("a", "Courgette", 8);
  g_autoptr (VlChange) again = vl_change_new_patch ("a", second);
  g_autoptr (VlWrite) write = NULL;
  VlField *name;
  VlField *price;
  g_auto (Save) save = { 0 };

  list_fixture_watch (f, vl_live_list_new (VL_TABLE (live.live), query));
  settle ();
  pass_while ();
  assert_changes (f, "0+1");
  row = list_fixture_get (f, 0);
  edit = vl_record_edit_new_for_row (VL_TABLE (live.live), row);
  name = vl_record_edit_get_field (edit, "name");
  price = vl_record_edit_get_field (edit, "price");
  write = vl_live_table_write (live.live, change);
  settle ();
  pass_while ();
  assert_changes (f, "0-1");
  g_assert_cmpint (vl_row_get_state (row), ==, VL_ROW_STATE_GONE);
  g_clear_object (&write);
  write = vl_live_table_write (live.live, again);
  settle ();
  pass_while ();
  g_assert_cmpstr (vl_field_get_text (name), ==, "Courgette");

  vl_field_set_text (price, "9");
  vl_record_edit_save_async (edit, NULL, on_saved, &save);
  settle ();
  pass_while ();
  g_assert_no_error (save.error);
  g_assert_false (vl_record_edit_get_dirty (edit));
}

/* Two forms on one record. */
static void
test_two_forms (void)
{
  g_auto (LiveFixture) f = live_fixture_new (NULL);
  g_autoptr (VlPage) page = live_fixture_list (&f, NULL);
  g_autoptr (VlRecord) record = vl_page_get_record (page, 0);
  g_autoptr (VlRecordEdit) one = vl_record_edit_new (VL_TABLE (f.live), record);
  g_autoptr (VlRecordEdit) two = vl_record_edit_new (VL_TABLE (f.live), record);
  VlField *theirs = vl_record_edit_get_field (two, "name");
  g_auto (Save) save = { 0 };

  vl_field_set_text (vl_record_edit_get_field (one, "name"), "Apricot");
  vl_field_set_text (theirs, "Avocado");
  vl_record_edit_save_async (one, NULL, on_saved, &save);
  settle ();
  fake_clock_advance (1000);
  g_assert_no_error (save.error);
  g_assert_false (vl_record_edit_get_dirty (one));
  g_assert_cmpstr (vl_field_get_text (theirs), ==, "Avocado");
  g_assert_true (vl_field_get_conflict (theirs));
  g_assert_cmpstr (vl_field_get_text (vl_record_edit_get_field (two, "price")), ==, "1.5");
}

typedef struct
{
  const char *column;
  const char *text;
  gboolean is_value;
} Typed;

static VlTable *
table_of_all_types (void)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("things");
  g_autoptr (VlSchema) schema = NULL;

  vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (builder, "int", VL_FIELD_TYPE_INT64, FALSE);
  vl_schema_builder_add_column (builder, "real", VL_FIELD_TYPE_DOUBLE, TRUE);
  vl_schema_builder_add_column (builder, "bool", VL_FIELD_TYPE_BOOLEAN, TRUE);
  vl_schema_builder_add_column (builder, "bytes", VL_FIELD_TYPE_BYTES, TRUE);
  vl_schema_builder_add_column (builder, "variant", VL_FIELD_TYPE_VARIANT, TRUE);
  vl_schema_builder_add_column (builder, "string", VL_FIELD_TYPE_STRING, TRUE);
  vl_schema_builder_set_id_column (builder, "id");
  schema = vl_schema_builder_end (builder);

  return VL_TABLE (vl_memory_table_new (schema));
}

static void
test_text_of_each_type (void)
{
  static const Typed cases[] = {
    { "int", "12", TRUE },
    { "int", " 12 ", TRUE },
    { "int", "12.5", FALSE },
    { "int", "9223372036854775808", FALSE },
    { "int", " ", FALSE },
    { "int", "-9223372036854775808", TRUE },
    { "real", "1e3", TRUE },
    { "real", "1.5 ", TRUE },
    { "real", "1e999", FALSE },
    { "real", "nan", FALSE },
    { "real", "inf", FALSE },
    { "real", "1.5x", FALSE },
    { "bool", "True", TRUE },
    { "bool", "no", TRUE },
    { "bool", "maybe", FALSE },
    { "bytes", "x", FALSE },
    { "variant", "uint32 1", FALSE },
    { "string", " as it is ", TRUE },
    { "string", "\xff", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (VlTable) table = table_of_all_types ();
      g_autoptr (VlRecordEdit) edit = vl_record_edit_new (table, NULL);
      VlField *field = vl_record_edit_get_field (edit, cases[i].column);

      settle ();
      vl_field_set_text (field, cases[i].text);
      g_test_message ("%s: %s", cases[i].column, vl_field_get_text (field));
      g_assert_cmpint (vl_field_get_error (field) == NULL, ==, cases[i].is_value);
      g_assert_cmpint (vl_record_edit_get_can_save (edit), ==, cases[i].is_value);
      vl_field_revert (field);
      g_assert_null (vl_field_get_error (field));
      g_assert_false (vl_record_edit_get_dirty (edit));
    }
}

/* Typed before the table is known. */
static void
test_described_later (void)
{
  g_autoptr (VlTable) table = table_of_all_types ();
  g_autoptr (VlRecordEdit) edit = vl_record_edit_new (table, NULL);
  VlField *number = vl_record_edit_get_field (edit, "int");
  VlField *wrong = vl_record_edit_get_field (edit, "real");
  VlField *text = vl_record_edit_get_field (edit, "string");
  g_autoptr (GVariant) value = NULL;
  guint n_types = 0;

  g_signal_connect (number, "notify::field-type", G_CALLBACK (count_notify), &n_types);
  vl_field_set_text (number, "12");
  vl_field_set_text (wrong, "cheap");
  vl_field_set_text (text, "12");
  settle ();
  g_assert_cmpuint (n_types, ==, 1);
  g_assert_cmpint (vl_field_get_field_type (number), ==, VL_FIELD_TYPE_INT64);
  value = vl_field_dup_value (number);
  g_assert_cmpint (g_variant_get_int64 (value), ==, 12);
  g_assert_nonnull (vl_field_get_error (wrong));
  g_assert_cmpstr (vl_field_get_text (wrong), ==, "cheap");
  g_assert_null (vl_field_get_error (text));
  g_assert_false (vl_record_edit_get_can_save (edit));
}

/* The form goes before the table is known. */
static void
test_goes_undescribed (void)
{
  g_autoptr (VlTable) table = table_of_all_types ();
  VlRecordEdit *edit = vl_record_edit_new (table, NULL);

  g_assert_finalize_object (edit);
  settle ();
}

/* A bound button: told when it may be pressed, and not for each key. */
static void
test_notifications (void)
{
  g_autoptr (VlTable) table = table_of_all_types ();
  g_autoptr (VlRecordEdit) edit = vl_record_edit_new (table, NULL);
  VlField *number = vl_record_edit_get_field (edit, "int");
  g_autoptr (GString) told = g_string_new (NULL);

  settle ();
  g_signal_connect (edit, "notify", G_CALLBACK (tell), told);
  vl_field_set_text (number, "1");
  g_assert_cmpstr (told->str, ==, "dirty-fields dirty can-save");
  g_string_truncate (told, 0);
  vl_field_set_text (number, "12");
  g_assert_cmpstr (told->str, ==, "");
  vl_field_set_text (number, "12x");
  g_assert_cmpstr (told->str, ==, "can-save");
  vl_field_set_text (number, "12");
  g_assert_cmpstr (told->str, ==, "can-save can-save");
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  fake_clock_advance (1000);
  g_test_add_func ("/record-edit/stored/otherwise", test_stored_otherwise);
  g_test_add_func ("/record-edit/stored/and-not-told", test_stored_and_not_told);
  g_test_add_func ("/record-edit/stored/and-not-told-in-part", test_stored_and_not_told_in_part);
  g_test_add_func ("/record-edit/save/own-early-write", test_own_early_write);
  g_test_add_func ("/record-edit/save/typed-back", test_typed_back);
  g_test_add_func ("/record-edit/save/reverted-meanwhile", test_revert_during_save);
  g_test_add_func ("/record-edit/save/record-without-id", test_record_without_id);
  g_test_add_func ("/record-edit/refused/new-record", test_refused_new_record);
  g_test_add_func ("/record-edit/refused/typed-since", test_reason_of_another_text);
  g_test_add_func ("/record-edit/conflict/comes-and-goes", test_conflict_comes_and_goes);
  g_test_add_func ("/record-edit/conflict/two-forms", test_two_forms);
  g_test_add_func ("/record-edit/row/without-record", test_row_without_record);
  g_test_add_func ("/record-edit/row/of-another-record", test_row_of_another_record);
  g_test_add_func ("/record-edit/row/goes", test_row_goes);
  g_test_add_func ("/record-edit/text/of-each-type", test_text_of_each_type);
  g_test_add_func ("/record-edit/text/before-the-table-is-known", test_described_later);
  g_test_add_func ("/record-edit/goes-before-the-table-is-known", test_goes_undescribed);
  g_test_add_func ("/record-edit/notifications", test_notifications);
  result = g_test_run ();
  fake_clock_end ();

  return result;
}
