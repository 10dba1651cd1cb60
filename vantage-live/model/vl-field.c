/* vl-field.c: one field of a form
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "vl-record-edit-private.h"

#include "../table/vl-cell-private.h"
#include "../table/vl-record-builder.h"
#include "../table/vl-record.h"
#include "../vl-enums.h"

/**
 * VlField:
 *
 * One field of a [class@RecordEdit], for a widget to bind to.
 *
 * As long as nobody has touched it, it follows the record underneath. What is
 * set by [property@Field:text] or [property@Field:value] is a draft, which stays
 * until it was saved or is taken back. When the field changes underneath
 * meanwhile, the draft is kept, and [property@Field:conflict] says so.
 *
 * It is for the thread of its form alone.
 *
 * Since: 1.0
 */

enum
{
  PROP_NAME = 1,
  PROP_FIELD_TYPE,
  PROP_TEXT,
  PROP_VALUE,
  PROP_DIRTY,
  PROP_ERROR,
  PROP_CONFLICT,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (VlField, vl_field, G_TYPE_OBJECT)

static gboolean
same_field (VlRecord *a, VlRecord *b, const char *name)
{
  VlCell cell_a = { .type = VL_FIELD_TYPE_NULL };
  VlCell cell_b = { .type = VL_FIELD_TYPE_NULL };

  if (a != NULL && !_vl_record_get_cell (a, name, &cell_a))
    cell_a.type = VL_FIELD_TYPE_NULL;
  if (b != NULL && !_vl_record_get_cell (b, name, &cell_b))
    cell_b.type = VL_FIELD_TYPE_NULL;

  return cell_a.type == cell_b.type && _vl_cell_compare (&cell_a, &cell_b) == 0;
}

VlRecord *
_vl_field_cut (VlField *self, VlRecord *record)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
  g_auto (GValue) value = G_VALUE_INIT;

  if (record == NULL || vl_record_is_null (record, self->name) ||
      !vl_record_get_value (record, self->name, &value) ||
      !vl_record_builder_set_value (builder, self->name, &value, NULL))
    vl_record_builder_set_null (builder, self->name);

  return vl_record_builder_end (builder);
}

static VlRecord *
get_underneath (VlField *self)
{
  return self->edit != NULL ? vl_record_edit_get_record (self->edit) : NULL;
}

/* What is shown, or NULL when that is text which is no value. */
static VlRecord *
get_shown (VlField *self)
{
  if (self->typed != NULL)
    return NULL;

  return self->draft != NULL ? self->draft : get_underneath (self);
}

gboolean
_vl_field_is_touched (VlField *self)
{
  return self->draft != NULL || self->typed != NULL;
}

static void
notify_content (VlField *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXT]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VALUE]);
}

void
_vl_field_set_error (VlField *self, const char *error)
{
  if (g_strcmp0 (self->error, error) == 0)
    return;

  g_free (self->error);
  self->error = g_strdup (error);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
}

static void
set_conflict (VlField *self, gboolean conflict)
{
  if (self->conflict == conflict)
    return;

  self->conflict = conflict;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONFLICT]);
}

/* Takes `draft` and `typed`; both NULL: the field is as it is underneath. */
static void
set_draft (VlField *self, VlRecord *draft, char *typed)
{
  gboolean was_touched = _vl_field_is_touched (self);
  gboolean is_touched = draft != NULL || typed != NULL;

  if (is_touched && !was_touched)
    self->base = _vl_field_cut (self, get_underneath (self));
  g_clear_object (&self->draft);
  g_clear_pointer (&self->typed, g_free);
  self->draft = draft;
  self->typed = typed;
  if (!is_touched)
    g_clear_object (&self->base);

  if (!is_touched)
    set_conflict (self, FALSE);
  if (was_touched != is_touched)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DIRTY]);
  if (self->edit != NULL && was_touched != is_touched)
    _vl_record_edit_touched (self->edit);
  if (self->edit != NULL)
    _vl_record_edit_check (self->edit);
}

/* What is underneath may be our own draft, shown before it was stored. */
static gboolean
is_own (VlField *self, VlRecord *now)
{
  VlRecord *sending = self->edit != NULL ? self->edit->sending : NULL;

  return sending != NULL && vl_record_has_field (sending, self->name) &&
         same_field (sending, now, self->name);
}

static void
check_conflict (VlField *self)
{
  VlRecord *now = get_underneath (self);

  set_conflict (self, _vl_field_is_touched (self) && !same_field (self->base, now, self->name) &&
                        !(self->draft != NULL && same_field (self->draft, now, self->name)) &&
                        !is_own (self, now));
}

/* Whether the draft is what is underneath and was when it was touched, and nothing
 * else is on its way there. */
static gboolean
is_clean (VlField *self, VlRecord *draft)
{
  VlRecord *now = get_underneath (self);
  VlRecord *sending = self->edit != NULL ? self->edit->sending : NULL;

  return same_field (draft, now, self->name) &&
         (self->base == NULL || same_field (self->base, now, self->name)) &&
         (sending == NULL || !vl_record_has_field (sending, self->name) ||
          same_field (draft, sending, self->name));
}

/* Consumes `draft`. */
static void
take_draft (VlField *self, VlRecord *draft)
{
  g_autoptr (VlRecord) own = draft;
  g_autoptr (VlField) field G_GNUC_UNUSED = g_object_ref (self);

  set_draft (self, is_clean (self, draft) ? NULL : g_steal_pointer (&own), NULL);
  check_conflict (self);
  _vl_field_set_error (self, NULL);
}

/* Text and values */

/* The shortest text that reads back as the same number. */
static char *
show_double (double value)
{
  static const char *const formats[] = { "%.15g", "%.16g", "%.17g" };
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_ascii_formatd (number, sizeof number, formats[i], value);
      if (g_ascii_strtod (number, NULL) == value)
        break;
    }

  return g_strdup (number);
}

static char *
show (VlRecord *record, const char *name)
{
  g_autoptr (GVariant) variant = NULL;

  switch (vl_record_get_field_type (record, name))
    {
    case VL_FIELD_TYPE_STRING:
      return g_strdup (vl_record_get_string (record, name));
    case VL_FIELD_TYPE_INT64:
      return g_strdup_printf ("%" G_GINT64_FORMAT, vl_record_get_int64 (record, name));
    case VL_FIELD_TYPE_DOUBLE:
      return show_double (vl_record_get_double (record, name));
    case VL_FIELD_TYPE_BOOLEAN:
      return g_strdup (vl_record_get_boolean (record, name) ? "true" : "false");
    case VL_FIELD_TYPE_VARIANT:
      variant = vl_record_get_variant (record, name);
      return g_variant_print (variant, FALSE);
    case VL_FIELD_TYPE_BYTES:
    case VL_FIELD_TYPE_NULL:
    default:
      return g_strdup ("");
    }
}

static gboolean
parse_boolean (const char *text, gboolean *value)
{
  static const char *const yes[] = { "true", "yes", "1", NULL };
  static const char *const no[] = { "false", "no", "0", NULL };
  g_autofree char *lower = g_ascii_strdown (text, -1);

  *value = g_strv_contains (yes, lower);

  return *value || g_strv_contains (no, lower);
}

/* A number that is there, and not one that is too large or none at all. */
static gboolean
parse_double (const char *text, double *value)
{
  char *end = NULL;

  /* As the locale writes it, or as programs do. */
  *value = g_strtod (text, &end);

  return end != text && *end == '\0' && isfinite (*value);
}

/* Why the text is no value of the type, or NULL. */
static const char *
parse (VlRecordBuilder *builder, const char *name, VlFieldType type, const char *text)
{
  g_autofree char *word = g_strstrip (g_strdup (text));
  gint64 integer;
  gboolean boolean;
  double number;

  switch (type)
    {
    case VL_FIELD_TYPE_INT64:
      if (!g_ascii_string_to_signed (word, 10, G_MININT64, G_MAXINT64, &integer, NULL))
        return _ ("Enter a whole number");
      vl_record_builder_set_int64 (builder, name, integer);
      return NULL;
    case VL_FIELD_TYPE_DOUBLE:
      if (!parse_double (word, &number))
        return _ ("Enter a number");
      vl_record_builder_set_double (builder, name, number);
      return NULL;
    case VL_FIELD_TYPE_BOOLEAN:
      if (!parse_boolean (word, &boolean))
        return _ ("Enter “true” or “false”");
      vl_record_builder_set_boolean (builder, name, boolean);
      return NULL;
    case VL_FIELD_TYPE_BYTES:
    case VL_FIELD_TYPE_VARIANT:
      return _ ("This cannot be edited as text");
    case VL_FIELD_TYPE_STRING:
    case VL_FIELD_TYPE_NULL:
    default:
      vl_record_builder_set_string (builder, name, text);
      return NULL;
    }
}

/* No text is null where there can be a null, and nothing else can be meant, or
 * that is what was there. */
static gboolean
means_null (VlField *self, VlFieldType type)
{
  VlRecord *underneath = get_underneath (self);
  gboolean is_text = type == VL_FIELD_TYPE_STRING || type == VL_FIELD_TYPE_NULL;

  if (!_vl_record_edit_is_nullable (self->edit, self->name))
    return FALSE;

  return !is_text || underneath == NULL || vl_record_is_null (underneath, self->name);
}

/* Text that was typed before anybody knew what the column holds is read once
 * more then. */
static void
take_text (VlField *self, const char *text)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
  VlFieldType type = vl_field_get_field_type (self);
  const char *wrong = NULL;

  if (!g_utf8_validate (text, -1, NULL))
    wrong = _ ("This is not text");
  else if (*text == '\0' && means_null (self, type))
    vl_record_builder_set_null (builder, self->name);
  else
    wrong = parse (builder, self->name, type, text);

  if (wrong != NULL)
    {
      set_draft (self, NULL, g_utf8_make_valid (text, -1));
      _vl_field_set_error (self, wrong);
    }
  else
    {
      take_draft (self, vl_record_builder_end (builder));
    }
  notify_content (self);
}

void
_vl_field_described (VlField *self)
{
  g_autoptr (VlField) field G_GNUC_UNUSED = g_object_ref (self);
  g_autofree char *text = g_strdup (vl_field_get_text (self));
  VlFieldType type = vl_field_get_field_type (self);

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FIELD_TYPE]);
  if (self->draft != NULL && type != VL_FIELD_TYPE_NULL && type != VL_FIELD_TYPE_STRING &&
      vl_record_get_field_type (self->draft, self->name) == VL_FIELD_TYPE_STRING)
    take_text (self, text);
}

/* The object */

static void
vl_field_finalize (GObject *object)
{
  VlField *self = VL_FIELD (object);

  g_clear_object (&self->draft);
  g_clear_object (&self->base);
  g_clear_pointer (&self->typed, g_free);
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->error, g_free);
  g_clear_pointer (&self->name, g_free);

  G_OBJECT_CLASS (vl_field_parent_class)->finalize (object);
}

static void
vl_field_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  VlField *self = VL_FIELD (object);

  switch (prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_FIELD_TYPE:
      g_value_set_enum (value, (int) vl_field_get_field_type (self));
      break;
    case PROP_TEXT:
      g_value_set_string (value, vl_field_get_text (self));
      break;
    case PROP_VALUE:
      g_value_take_variant (value, vl_field_dup_value (self));
      break;
    case PROP_DIRTY:
      g_value_set_boolean (value, vl_field_get_dirty (self));
      break;
    case PROP_ERROR:
      g_value_set_string (value, self->error);
      break;
    case PROP_CONFLICT:
      g_value_set_boolean (value, self->conflict);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
vl_field_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  VlField *self = VL_FIELD (object);

  switch (prop_id)
    {
    case PROP_TEXT:
      vl_field_set_text (self, g_value_get_string (value));
      break;
    case PROP_VALUE:
      vl_field_set_value (self, g_value_get_variant (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
vl_field_class_init (VlFieldClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read_only = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags settable = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = vl_field_finalize;
  object_class->get_property = vl_field_get_property;
  object_class->set_property = vl_field_set_property;

  /**
   * VlField:name: (getter get_name)
   *
   * What the column is called.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, read_only);

  /**
   * VlField:field-type: (getter get_field_type)
   *
   * What the column holds; %VL_FIELD_TYPE_NULL when it may be anything.
   *
   * Since: 1.0
   */
  properties[PROP_FIELD_TYPE] = g_param_spec_enum ("field-type", NULL, NULL, VL_TYPE_FIELD_TYPE,
                                                   VL_FIELD_TYPE_NULL, read_only);

  /**
   * VlField:text: (getter get_text) (setter set_text)
   *
   * What is in the field, as text to edit. Text that is no value of the column
   * stays, with an [property@Field:error], and is not saved.
   *
   * Since: 1.0
   */
  properties[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, "", settable);

  /**
   * VlField:value: (getter dup_value) (setter set_value)
   *
   * What is in the field; %NULL is a null, or text that is no value.
   *
   * Since: 1.0
   */
  properties[PROP_VALUE] = g_param_spec_variant ("value", NULL, NULL, G_VARIANT_TYPE_ANY, NULL,
                                                 settable);

  /**
   * VlField:dirty: (getter get_dirty)
   *
   * Whether it is to be saved.
   *
   * Since: 1.0
   */
  properties[PROP_DIRTY] = g_param_spec_boolean ("dirty", NULL, NULL, FALSE, read_only);

  /**
   * VlField:error: (getter get_error)
   *
   * What is wrong with it, to be shown: why it was refused, or why its text is no
   * value; %NULL if nothing is known to be.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR] = g_param_spec_string ("error", NULL, NULL, NULL, read_only);

  /**
   * VlField:conflict: (getter get_conflict)
   *
   * Whether somebody else has changed the field since it was touched. The draft
   * is kept: [method@Field.revert] takes what is there now,
   * [method@Field.keep] saves the draft over it.
   *
   * Since: 1.0
   */
  properties[PROP_CONFLICT] = g_param_spec_boolean ("conflict", NULL, NULL, FALSE, read_only);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
vl_field_init (VlField *self)
{
}

VlField *
_vl_field_new (VlRecordEdit *edit, const char *name)
{
  VlField *self = g_object_new (VL_TYPE_FIELD, NULL);

  self->edit = edit;
  self->name = g_strdup (name);

  return self;
}

/* From the form */

void
_vl_field_follow (VlField *self, VlRecord *before, VlRecord *now)
{
  if (same_field (before, now, self->name))
    return;

  if (!_vl_field_is_touched (self))
    {
      notify_content (self);
      return;
    }
  check_conflict (self);
}

gboolean
_vl_field_was_sent (VlField *self, VlRecord *sent)
{
  return self->draft != NULL && same_field (self->draft, sent, self->name);
}

void
_vl_field_saved (VlField *self, VlRecord *sent, VlRecord *before, VlRecord *now)
{
  g_autoptr (VlField) field G_GNUC_UNUSED = g_object_ref (self);

  if (!_vl_field_is_touched (self))
    {
      _vl_field_follow (self, before, now);
      return;
    }
  if (_vl_field_was_sent (self, sent))
    {
      set_draft (self, NULL, NULL);
      _vl_field_set_error (self, NULL);
      /* A table may store something else than it was given. */
      if (!same_field (sent, now, self->name))
        notify_content (self);
      return;
    }

  /* What was typed since is based on what was stored. */
  g_clear_object (&self->base);
  self->base = _vl_field_cut (self, now != NULL ? now : sent);
  check_conflict (self);
}

void
_vl_field_not_saved (VlField *self)
{
  g_autoptr (VlField) field G_GNUC_UNUSED = g_object_ref (self);

  if (self->draft != NULL && is_clean (self, self->draft))
    set_draft (self, NULL, NULL);
}

/* The interface */

/**
 * vl_field_get_name: (get-property name)
 * @self: a field
 *
 * Gets what the column is called.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
vl_field_get_name (VlField *self)
{
  g_return_val_if_fail (VL_IS_FIELD (self), NULL);

  return self->name;
}

/**
 * vl_field_get_field_type: (get-property field-type)
 * @self: a field
 *
 * Gets what the column holds.
 *
 * Returns: the type, or %VL_FIELD_TYPE_NULL when it may be anything
 *
 * Since: 1.0
 */
VlFieldType
vl_field_get_field_type (VlField *self)
{
  g_return_val_if_fail (VL_IS_FIELD (self), VL_FIELD_TYPE_NULL);

  return self->edit != NULL ? _vl_record_edit_get_type (self->edit, self->name)
                            : VL_FIELD_TYPE_NULL;
}

/**
 * vl_field_get_text: (get-property text)
 * @self: a field
 *
 * Gets what is in the field, as text to edit.
 *
 * Returns: (transfer none): the text, perhaps empty; until the next call
 *
 * Since: 1.0
 */
const char *
vl_field_get_text (VlField *self)
{
  VlRecord *shown;

  g_return_val_if_fail (VL_IS_FIELD (self), NULL);

  if (self->typed != NULL)
    return self->typed;

  shown = get_shown (self);
  g_free (self->text);
  self->text = shown != NULL ? show (shown, self->name) : g_strdup ("");

  return self->text;
}

/**
 * vl_field_set_text: (set-property text)
 * @self: a field
 * @text: (nullable): the text; %NULL is no text
 *
 * Sets what is in the field. Text that cannot be a value of the column is kept,
 * and [property@Field:error] says what is wrong. No text is a null where there
 * can be one.
 *
 * Since: 1.0
 */
void
vl_field_set_text (VlField *self, const char *text)
{
  g_return_if_fail (VL_IS_FIELD (self));

  if (text == NULL)
    text = "";
  if (self->edit != NULL && !g_str_equal (text, vl_field_get_text (self)))
    take_text (self, text);
}

/**
 * vl_field_dup_value: (get-property value)
 * @self: a field
 *
 * Gets what is in the field.
 *
 * Returns: (transfer full) (nullable): the value, or %NULL for a null and for
 *   text that is no value
 *
 * Since: 1.0
 */
GVariant *
vl_field_dup_value (VlField *self)
{
  VlRecord *shown;
  g_autoptr (VlRecord) cut = NULL;
  g_autoptr (GVariant) all = NULL;

  g_return_val_if_fail (VL_IS_FIELD (self), NULL);

  shown = get_shown (self);
  if (shown == NULL || vl_record_is_null (shown, self->name))
    return NULL;

  cut = _vl_field_cut (self, shown);
  all = vl_record_to_variant (cut);

  return g_variant_lookup_value (all, self->name, NULL);
}

/**
 * vl_field_set_value: (set-property value)
 * @self: a field
 * @value: (nullable): the value, or %NULL for a null; floating is consumed
 *
 * Sets what is in the field.
 *
 * Since: 1.0
 */
void
vl_field_set_value (VlField *self, GVariant *value)
{
  g_autoptr (GVariant) own = value != NULL ? g_variant_ref_sink (value) : NULL;
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);

  g_return_if_fail (VL_IS_FIELD (self));

  if (self->edit == NULL)
    return;

  if (own == NULL)
    vl_record_builder_set_null (builder, self->name);
  else
    vl_record_builder_set_variant (builder, self->name, own);
  take_draft (self, vl_record_builder_end (builder));
  notify_content (self);
}

/**
 * vl_field_get_dirty: (get-property dirty)
 * @self: a field
 *
 * Gets whether it is to be saved.
 *
 * Returns: whether it is
 *
 * Since: 1.0
 */
gboolean
vl_field_get_dirty (VlField *self)
{
  g_return_val_if_fail (VL_IS_FIELD (self), FALSE);

  return _vl_field_is_touched (self);
}

/**
 * vl_field_get_error: (get-property error)
 * @self: a field
 *
 * Gets what is wrong with it.
 *
 * Returns: (transfer none) (nullable): a sentence to be shown, or %NULL
 *
 * Since: 1.0
 */
const char *
vl_field_get_error (VlField *self)
{
  g_return_val_if_fail (VL_IS_FIELD (self), NULL);

  return self->error;
}

/**
 * vl_field_get_conflict: (get-property conflict)
 * @self: a field
 *
 * Gets whether somebody else has changed the field since it was touched.
 *
 * Returns: whether somebody has
 *
 * Since: 1.0
 */
gboolean
vl_field_get_conflict (VlField *self)
{
  g_return_val_if_fail (VL_IS_FIELD (self), FALSE);

  return self->conflict;
}

/**
 * vl_field_revert:
 * @self: a field
 *
 * Gives the draft up: the field is as it is underneath, and follows that again.
 *
 * Since: 1.0
 */
void
vl_field_revert (VlField *self)
{
  g_autoptr (VlField) field G_GNUC_UNUSED = NULL;

  g_return_if_fail (VL_IS_FIELD (self));

  if (!_vl_field_is_touched (self))
    return;

  field = g_object_ref (self);
  set_draft (self, NULL, NULL);
  _vl_field_set_error (self, NULL);
  notify_content (self);
}

/**
 * vl_field_keep:
 * @self: a field
 *
 * Keeps the draft, in the knowledge of what is underneath: a conflict is over,
 * and the draft is saved over what somebody else has made of the field.
 *
 * Since: 1.0
 */
void
vl_field_keep (VlField *self)
{
  g_return_if_fail (VL_IS_FIELD (self));

  if (!_vl_field_is_touched (self) || self->edit == NULL)
    return;

  g_clear_object (&self->base);
  self->base = _vl_field_cut (self, get_underneath (self));
  _vl_field_set_error (self, NULL);
  set_conflict (self, FALSE);
}
