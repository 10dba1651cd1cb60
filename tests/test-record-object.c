/* test-record-object.c: records as objects, and back
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

#include "list-fixture.h"

#define TEST_TYPE_CLIENT (test_client_get_type ())
G_DECLARE_FINAL_TYPE (TestClient, test_client, TEST, CLIENT, GObject)

enum
{
  PROP_ID = 1,
  PROP_FIRST_NAME,
  PROP_AGE,
  PROP_SMALL,
  PROP_LARGE,
  PROP_BALANCE,
  PROP_IS_GOOD,
  PROP_BUS,
  PROP_SINCE,
  PROP_PHOTO,
  PROP_EXTRA,
  PROP_TAGS,
  PROP_CITY,
  PROP_LABEL,
  PROP_MODEL,
  N_PROPS,
};

/* Its values are kept as they come. */
struct _TestClient
{
  GObject parent_instance;

  GValue values[N_PROPS];
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (TestClient, test_client, G_TYPE_OBJECT)

static void
test_client_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  g_value_copy (value, &TEST_CLIENT (object)->values[id]);
}

static void
test_client_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_copy (&TEST_CLIENT (object)->values[id], value);
}

static void
test_client_finalize (GObject *object)
{
  for (guint i = 1; i < N_PROPS; i++)
    g_value_unset (&TEST_CLIENT (object)->values[i]);

  G_OBJECT_CLASS (test_client_parent_class)->finalize (object);
}

static void
test_client_class_init (TestClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->set_property = test_client_set_property;
  object_class->get_property = test_client_get_property;
  object_class->finalize = test_client_finalize;
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL,
                                             flags | G_PARAM_CONSTRUCT_ONLY);
  properties[PROP_FIRST_NAME] = g_param_spec_string ("first-name", NULL, NULL, NULL, flags);
  properties[PROP_AGE] = g_param_spec_int ("age", NULL, NULL, 0, 150, 0, flags);
  properties[PROP_SMALL] = g_param_spec_uchar ("small", NULL, NULL, 0, 255, 0, flags);
  properties[PROP_LARGE] = g_param_spec_uint64 ("large", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_BALANCE] = g_param_spec_double ("balance", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE,
                                                  0, flags);
  properties[PROP_IS_GOOD] = g_param_spec_boolean ("is-good", NULL, NULL, FALSE, flags);
  properties[PROP_BUS] = g_param_spec_enum ("bus", NULL, NULL, G_TYPE_BUS_TYPE, G_BUS_TYPE_NONE,
                                            flags);
  properties[PROP_SINCE] = g_param_spec_boxed ("since", NULL, NULL, G_TYPE_DATE_TIME, flags);
  properties[PROP_PHOTO] = g_param_spec_boxed ("photo", NULL, NULL, G_TYPE_BYTES, flags);
  properties[PROP_EXTRA] = g_param_spec_variant ("extra", NULL, NULL, G_VARIANT_TYPE_ANY, NULL,
                                                 flags);
  properties[PROP_TAGS] = g_param_spec_boxed ("tags", NULL, NULL, G_TYPE_STRV, flags);
  properties[PROP_CITY] = g_param_spec_string ("city", NULL, NULL, "Riga",
                                               flags | G_PARAM_CONSTRUCT);
  properties[PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, NULL,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_MODEL] = g_param_spec_object ("model", NULL, NULL, G_TYPE_LIST_MODEL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
test_client_init (TestClient *self)
{
  for (guint i = 1; i < N_PROPS; i++)
    g_param_value_set_default (properties[i],
                               g_value_init (&self->values[i], properties[i]->value_type));
}

/* Records */

static VlRecord *
parse (const char *id, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) fields = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, &error);

  g_assert_no_error (error);

  return vl_record_new (id, fields);
}

static VlRecord *
make_record (void)
{
  return parse ("7", "{'first_name': <'Ada'>, 'age': <36>, 'small': <255>,"
                     " 'large': <uint64 18446744073709551615>, 'balance': <3>, 'is_good': <1>,"
                     " 'bus': <'system'>, 'since': <'2025-02-28T17:05:00+01:00'>,"
                     " 'photo': <[byte 1, 2]>, 'extra': <{'x': 1}>,"
                     " 'tags': <[<'new'>, <'rich'>]>, 'label': <'ignored'>, 'other': <true>}");
}

static GObject *
to_object (VlRecord *record)
{
  g_autoptr (GError) error = NULL;
  GObject *object = vl_record_to_object (record, TEST_TYPE_CLIENT, &error);

  g_assert_no_error (error);
  g_assert_true (TEST_IS_CLIENT (object));

  return object;
}

static VlRecord *
from_object (GObject *object, VlRecord *base)
{
  g_autoptr (GError) error = NULL;
  VlRecord *record = vl_record_from_object (object, base, &error);

  g_assert_no_error (error);

  return record;
}

static void
assert_misfit (const char *fields, const char *property)
{
  g_autoptr (VlRecord) record = parse ("7", fields);
  g_autoptr (GError) error = NULL;
  g_autoptr (GObject) object = vl_record_to_object (record, TEST_TYPE_CLIENT, &error);

  g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
  g_assert_null (object);
  g_assert_nonnull (strstr (error->message, property));
  g_assert_nonnull (strstr (error->message, "“7”"));
  g_assert_nonnull (strstr (error->message, "TestClient"));
}

static void
test_to_object (void)
{
  g_autoptr (VlRecord) record = make_record ();
  g_autoptr (GObject) object = to_object (record);
  g_autofree char *id = NULL;
  g_autofree char *name = NULL;
  g_autofree char *city = NULL;
  g_autofree char *label = NULL;
  int age;
  guchar small;
  guint64 large;
  double balance;
  gboolean is_good;
  GBusType bus;

  g_object_get (object, "id", &id, "first-name", &name, "age", &age, "small", &small, "large",
                &large, "balance", &balance, "is-good", &is_good, "bus", &bus, "city", &city,
                "label", &label, NULL);
  g_assert_cmpstr (id, ==, "7");
  g_assert_cmpstr (name, ==, "Ada");
  g_assert_cmpint (age, ==, 36);
  g_assert_cmpuint (small, ==, 255);
  g_assert_cmpuint (large, ==, G_MAXUINT64);
  g_assert_cmpfloat (balance, ==, 3.0);
  g_assert_true (is_good);
  g_assert_cmpint (bus, ==, G_BUS_TYPE_SYSTEM);
  g_assert_cmpstr (city, ==, "Riga");
  g_assert_null (label);
}

static void
test_boxed (void)
{
  g_autoptr (VlRecord) record = make_record ();
  g_autoptr (GObject) object = to_object (record);
  g_autoptr (GDateTime) since = NULL;
  g_autoptr (GBytes) photo = NULL;
  g_autoptr (GVariant) extra = NULL;
  g_auto (GStrv) tags = NULL;

  g_object_get (object, "since", &since, "photo", &photo, "extra", &extra, "tags", &tags, NULL);
  g_assert_cmpint (g_date_time_get_hour (since), ==, 17);
  g_assert_cmpuint (g_bytes_get_size (photo), ==, 2);
  g_assert_cmpuint (g_variant_n_children (extra), ==, 1);
  g_assert_cmpstrv (tags, ((const char *[]){ "new", "rich", NULL }));
}

static void
test_misfits (void)
{
  assert_misfit ("{'age': <'36'>}", "“age”");
  assert_misfit ("{'age': <-1>}", "“age”");
  assert_misfit ("{'age': <151>}", "“age”");
  assert_misfit ("{'age': <int64 4294967332>}", "“age”");
  assert_misfit ("{'age': <36.5>}", "“age”");
  assert_misfit ("{'age': <@mv nothing>}", "null");
  assert_misfit ("{'small': <256>}", "“small”");
  assert_misfit ("{'large': <-1>}", "“large”");
  assert_misfit ("{'balance': <'much'>}", "“balance”");
  assert_misfit ("{'is_good': <2>}", "“is-good”");
  assert_misfit ("{'is_good': <@mv nothing>}", "null");
  assert_misfit ("{'bus': <'omnibus'>}", "“bus”");
  assert_misfit ("{'bus': <77>}", "“bus”");
  assert_misfit ("{'first_name': <12>}", "“first-name”");
  assert_misfit ("{'first_name': <[byte 1]>}", "“first-name”");
  assert_misfit ("{'since': <'yesterday'>}", "'yesterday'");
  assert_misfit ("{'since': <1740758700>}", "“since”");
  assert_misfit ("{'photo': <'text'>}", "“photo”");
  assert_misfit ("{'tags': <[<'a'>, <1>]>}", "“tags”");
  assert_misfit ("{'model': <'a'>}", "“model”");
  assert_misfit ("{'age': <'a text that is a good deal longer than what a message should hold'>}",
                 "…");
}

static void
test_null (void)
{
  g_autoptr (VlRecord) record = parse (NULL, "{'first_name': <@mv nothing>, 'since': <@mv nothing>,"
                                             " 'extra': <@mv nothing>, 'city': <@mv nothing>,"
                                             " 'model': <@mv nothing>}");
  g_autoptr (GObject) object = to_object (record);
  g_autofree char *city = NULL;
  g_autofree char *id = NULL;
  g_autoptr (GDateTime) since = NULL;

  g_object_get (object, "city", &city, "since", &since, "id", &id, NULL);
  g_assert_null (city);
  g_assert_null (since);
  g_assert_null (id);
}

static void
count (GObject *object, GParamSpec *pspec, gpointer data)
{
  g_string_append_printf (data, "%s ", pspec->name);
}

static void
test_fill (void)
{
  g_autoptr (VlRecord) record = make_record ();
  g_autoptr (VlRecord) patch = parse (NULL, "{'first_name': <'Grace'>, 'age': <37>}");
  g_autoptr (VlRecord) newer = vl_record_merge (record, patch);
  g_autoptr (VlRecord) bad = parse ("7", "{'first_name': <'Joan'>, 'age': <'old'>}");
  g_autoptr (VlRecord) other = parse ("8", "{'first_name': <'Joan'>}");
  g_autoptr (GObject) object = to_object (record);
  g_autoptr (GString) heard = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;

  g_signal_connect (object, "notify", G_CALLBACK (count), heard);
  g_assert_true (vl_record_fill_object (record, object, NULL));
  g_assert_cmpstr (heard->str, ==, "");
  g_assert_true (vl_record_fill_object (newer, object, NULL));
  g_assert_cmpuint (heard->len, ==, strlen ("first-name age "));
  g_assert_nonnull (strstr (heard->str, "first-name "));

  g_assert_false (vl_record_fill_object (bad, object, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (vl_record_fill_object (other, object, &error));
  g_assert_error (error, VL_ERROR, VL_ERROR_UNSUPPORTED);
  g_object_get (object, "first-name", &name, NULL);
  g_assert_cmpstr (name, ==, "Grace");
}

/* What was not touched is written as it was. */
static void
test_write_back (void)
{
  g_autoptr (VlRecord) record = make_record ();
  g_autoptr (GObject) object = to_object (record);
  g_autoptr (VlRecord) same = from_object (object, record);
  g_autoptr (VlRecord) edited = NULL;
  g_autoptr (VlRecord) patch = NULL;
  g_auto (GStrv) names = NULL;

  g_assert_true (vl_record_equal (record, same));
  g_object_set (object, "first-name", "Grace", "bus", G_BUS_TYPE_SESSION, "is-good", FALSE, "city",
                "Tallinn", NULL);
  edited = from_object (object, record);
  patch = vl_record_diff (record, edited);
  names = vl_record_get_field_names (patch);
  g_assert_cmpuint (g_strv_length (names), ==, 3);
  g_assert_cmpstr (vl_record_get_string (patch, "first_name"), ==, "Grace");
  g_assert_cmpstr (vl_record_get_string (patch, "bus"), ==, "session");
  g_assert_cmpint (vl_record_get_field_type (patch, "is_good"), ==, VL_FIELD_TYPE_INT64);
  g_assert_cmpstr (vl_record_get_id (edited), ==, "7");
  g_assert_true (vl_record_get_boolean (edited, "other"));
}

static void
test_new_record (void)
{
  const char *const tags[] = { "a", NULL };
  g_autoptr (GDateTime) since = g_date_time_new_utc (2025, 2, 28, 17, 5, 0);
  g_autoptr (GObject)
    object = g_object_new (TEST_TYPE_CLIENT, "first-name", "Ada", "age", 36, "since", since, "tags",
                           tags, "bus", G_BUS_TYPE_SYSTEM, NULL);
  g_autoptr (VlRecord) record = from_object (object, NULL);
  g_autoptr (GObject) again = to_object (record);
  g_autoptr (VlRecord) same = from_object (again, NULL);

  g_assert_null (vl_record_get_id (record));
  g_assert_false (vl_record_has_field (record, "id"));
  g_assert_false (vl_record_has_field (record, "label"));
  g_assert_false (vl_record_has_field (record, "model"));
  g_assert_cmpstr (vl_record_get_string (record, "first_name"), ==, "Ada");
  g_assert_cmpint (vl_record_get_int64 (record, "age"), ==, 36);
  g_assert_cmpint (vl_record_get_field_type (record, "is_good"), ==, VL_FIELD_TYPE_BOOLEAN);
  g_assert_cmpstr (vl_record_get_string (record, "since"), ==, "2025-02-28T17:05:00Z");
  g_assert_cmpstr (vl_record_get_string (record, "bus"), ==, "system");
  g_assert_true (vl_record_has_field (record, "photo"));
  g_assert_true (vl_record_is_null (record, "photo"));
  g_assert_true (vl_record_equal (record, same));
}

static void
test_id (void)
{
  g_autoptr (VlRecord) number = parse ("7", "{'id': <7>, 'first-name': <'Ada'>}");
  g_autoptr (GObject) object = to_object (number);
  g_autoptr (VlRecord) same = from_object (object, number);
  g_autoptr (VlRecord) fresh = from_object (object, NULL);
  g_autofree char *id = NULL;
  g_autofree char *name = NULL;

  g_object_get (object, "id", &id, "first-name", &name, NULL);
  g_assert_cmpstr (id, ==, "7");
  g_assert_cmpstr (name, ==, "Ada");
  g_assert_true (vl_record_equal (number, same));
  g_assert_cmpint (vl_record_get_field_type (same, "id"), ==, VL_FIELD_TYPE_INT64);
  g_assert_cmpstr (vl_record_get_id (fresh), ==, "7");
}

/* A class whose id is a number, as many tables give it. */

#define TEST_TYPE_NUMBERED (test_numbered_get_type ())
G_DECLARE_FINAL_TYPE (TestNumbered, test_numbered, TEST, NUMBERED, GObject)

struct _TestNumbered
{
  GObject parent_instance;
  gint64 id;
};

G_DEFINE_FINAL_TYPE (TestNumbered, test_numbered, G_TYPE_OBJECT)

static void
test_numbered_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TEST_NUMBERED (object)->id = g_value_get_int64 (value);
}

static void
test_numbered_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_int64 (value, TEST_NUMBERED (object)->id);
}

static void
test_numbered_class_init (TestNumberedClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = test_numbered_set_property;
  object_class->get_property = test_numbered_get_property;
  g_object_class_install_property (object_class, 1,
                                   g_param_spec_int64 ("id", NULL, NULL, 0, G_MAXINT64, 0,
                                                       G_PARAM_READWRITE));
}

static void
test_numbered_init (TestNumbered *self)
{
}

/* A new object has no id before the table has given it one. */
static void
test_no_id_yet (void)
{
  g_autoptr (GObject) object = g_object_new (TEST_TYPE_NUMBERED, NULL);
  g_autoptr (VlRecord) fresh = from_object (object, NULL);
  g_autoptr (VlRecord) stored = NULL;

  g_assert_null (vl_record_get_id (fresh));
  g_object_set (object, "id", G_GINT64_CONSTANT (7), NULL);
  stored = from_object (object, NULL);
  g_assert_cmpstr (vl_record_get_id (stored), ==, "7");
}

/* A class with what a list of test-list-master has: a name that may change. */

#define TEST_TYPE_THING (test_thing_get_type ())
G_DECLARE_FINAL_TYPE (TestThing, test_thing, TEST, THING, GObject)

struct _TestThing
{
  GObject parent_instance;
  char *name;
};

G_DEFINE_FINAL_TYPE (TestThing, test_thing, G_TYPE_OBJECT)

static void
test_thing_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  g_free (TEST_THING (object)->name);
  TEST_THING (object)->name = g_value_dup_string (value);
}

static void
test_thing_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_string (value, TEST_THING (object)->name);
}

static void
test_thing_finalize (GObject *object)
{
  g_free (TEST_THING (object)->name);

  G_OBJECT_CLASS (test_thing_parent_class)->finalize (object);
}

/* Names start with a letter up to M. */
static void
test_thing_class_init (TestThingClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamSpec *pspec = g_param_spec_string ("name", NULL, NULL, NULL,
                                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  object_class->set_property = test_thing_set_property;
  object_class->get_property = test_thing_get_property;
  object_class->finalize = test_thing_finalize;
  G_PARAM_SPEC_STRING (pspec)->cset_first = g_strdup ("ABCDEFGHIJKLM");
  g_object_class_install_property (object_class, 1, pspec);
}

static void
test_thing_init (TestThing *self)
{
}

static void
test_list (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("a/Apple b/Banana");
  g_autoptr (VlRow) row = NULL;
  guint n_names = 0;
  guint n_objects = 0;
  GObject *object;

  vl_live_list_set_object_type (f->list, TEST_TYPE_THING);
  settle ();
  assert_changes (f, "0+2");
  row = list_fixture_get (f, 0);
  object = vl_row_get_object (row);
  g_assert_cmpstr (TEST_THING (object)->name, ==, "Apple");
  g_signal_connect (object, "notify::name", G_CALLBACK (count_notify), &n_names);
  g_signal_connect (row, "notify::object", G_CALLBACK (count_notify), &n_objects);

  list_master_put (f->master, "a", "Apricot");
  settle ();
  g_assert_true (vl_row_get_object (row) == object);
  g_assert_cmpstr (TEST_THING (object)->name, ==, "Apricot");
  g_assert_cmpuint (n_names, ==, 1);
  g_assert_cmpuint (n_objects, ==, 0);
}

/* What a binding hears that has asked before the record was there. */
static void
test_list_placeholder (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("");
  g_autoptr (VlRow) row = NULL;
  guint n_objects = 0;

  vl_live_list_set_object_type (f->list, TEST_TYPE_THING);
  f->master->n_virtual = 100;
  vl_live_list_refresh (f->list);
  pass_while ();
  assert_changes (f, "0+100");
  row = list_fixture_get (f, 50);
  g_assert_null (vl_row_get_object (row));
  g_signal_connect (row, "notify::object", G_CALLBACK (count_notify), &n_objects);
  pass_while ();
  g_assert_cmpuint (n_objects, ==, 1);
  g_assert_nonnull (vl_row_get_record (row));
}

static void
test_list_misfit (void)
{
  g_autoptr (ListFixture) f = list_fixture_new ("a/Apple z/Zucchini");
  g_autoptr (VlRow) good = NULL;
  g_autoptr (VlRow) bad = NULL;
  g_autoptr (GError) error = NULL;
  guint n_errors = 0;
  GObject *object;

  vl_live_list_set_object_type (f->list, TEST_TYPE_THING);
  settle ();
  assert_changes (f, "0+2");
  good = list_fixture_get (f, 0);
  bad = list_fixture_get (f, 1);
  g_signal_connect (bad, "notify::error", G_CALLBACK (count_notify), &n_errors);
  object = vl_row_get_object (good);
  g_assert_nonnull (object);
  g_assert_null (vl_row_get_object (bad));
  g_assert_cmpuint (n_errors, ==, 0);
  settle ();
  g_assert_cmpuint (n_errors, ==, 1);
  error = vl_row_dup_error (bad);
  g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
  g_assert_cmpint (vl_row_get_state (bad), ==, VL_ROW_STATE_FRESH);

  list_master_put (f->master, "z", "Lemon");
  list_master_put (f->master, "a", "Quince");
  settle ();
  g_assert_cmpstr (TEST_THING (vl_row_get_object (bad))->name, ==, "Lemon");
  settle ();
  g_assert_cmpuint (n_errors, ==, 2);
  g_clear_error (&error);
  error = vl_row_dup_error (bad);
  g_assert_no_error (error);
  g_assert_true (vl_row_get_object (good) == object);
  g_assert_cmpstr (TEST_THING (object)->name, ==, "Apple");
  error = vl_row_dup_error (good);
  g_assert_error (error, VL_ERROR, VL_ERROR_INVALID);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  fake_clock_begin ();
  g_test_add_func ("/record-object/a-record-fills-properties", test_to_object);
  g_test_add_func ("/record-object/boxed-types", test_boxed);
  g_test_add_func ("/record-object/what-does-not-fit-is-an-error", test_misfits);
  g_test_add_func ("/record-object/null", test_null);
  g_test_add_func ("/record-object/fill-notifies-only-what-changed", test_fill);
  g_test_add_func ("/record-object/what-is-written-back-is-what-changed", test_write_back);
  g_test_add_func ("/record-object/a-new-record", test_new_record);
  g_test_add_func ("/record-object/the-id", test_id);
  g_test_add_func ("/record-object/no-id-yet", test_no_id_yet);
  g_test_add_func ("/record-object/list/objects-are-refilled", test_list);
  g_test_add_func ("/record-object/list/placeholders-notify", test_list_placeholder);
  g_test_add_func ("/record-object/list/a-misfit-is-an-error-of-the-row", test_list_misfit);

  result = g_test_run ();
  fake_clock_end ();

  return result;
}
