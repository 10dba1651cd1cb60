/* vl-record-object.c: records as objects of a class of the application's own
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "vl-record-object.h"

#include "../table/vl-record-builder.h"
#include "../table/vl-record.h"
#include "../vl-error.h"
#include "vl-property-value-private.h"

/* Of a value in a message. */
#define MAX_CHARS 40

/* What properties are to be, by their names. */
typedef struct
{
  GPtrArray *names; /* of the parameter specifications */
  GArray *values;   /* of GValue */
} Settings;

static void
settings_init (Settings *settings)
{
  settings->names = g_ptr_array_new ();
  settings->values = g_array_new (FALSE, TRUE, sizeof (GValue));
  g_array_set_clear_func (settings->values, (GDestroyNotify) g_value_unset);
}

static void
settings_clear (Settings *settings)
{
  g_clear_pointer (&settings->names, g_ptr_array_unref);
  g_clear_pointer (&settings->values, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Settings, settings_clear)

/* Takes what is in the value. */
static void
settings_add (Settings *settings, GParamSpec *pspec, GValue *value)
{
  g_ptr_array_add (settings->names, (gpointer) pspec->name);
  g_array_append_vals (settings->values, value, 1);
  memset (value, 0, sizeof *value);
}

/* Names of properties cannot have an underscore, and those of columns seldom
 * have a dash. */
static gboolean
is_called (const char *column, const char *property)
{
  for (; *column != '\0' && *property != '\0'; column++, property++)
    {
      char letter = *column == '_' ? '-' : *column;

      if (letter != *property)
        return FALSE;
    }

  return *column == *property;
}

static char *
dup_column_name (GParamSpec *pspec)
{
  return g_strdelimit (g_strdup (pspec->name), "-", '_');
}

static gboolean
is_id (GParamSpec *pspec)
{
  return g_str_equal (pspec->name, "id");
}

/* The column of a property. That of the id may be missing: then it is the id
 * itself, and has no name. */
static gboolean
find_cell (VlRecord *record, GParamSpec *pspec, const char **column, VlCell *cell)
{
  guint n_slots = _vl_record_get_n_slots (record);

  for (guint slot = 0; slot < n_slots; slot++)
    {
      *column = _vl_record_get_slot (record, slot, cell);
      if (*column != NULL && is_called (*column, pspec->name))
        return TRUE;
    }
  *column = NULL;

  return is_id (pspec) && _vl_record_get_id_cell (record, cell);
}

/* An id that is text, for numbers. */
static gboolean
read_id (GValue *value, GParamSpec *pspec, VlRecord *record, const VlCell *id)
{
  VlCell number = *id;

  if (id->type == VL_FIELD_TYPE_STRING && !G_VALUE_HOLDS_STRING (value) &&
      _vl_id_parse_int64 (id->data, &number.int64))
    number.type = VL_FIELD_TYPE_INT64;

  return _vl_property_value_read (value, pspec, record, NULL, &number);
}

static gboolean
read_property (GValue *value,
               GParamSpec *pspec,
               VlRecord *record,
               const char *column,
               const VlCell *cell)
{
  VlCell id;

  g_value_init (value, pspec->value_type);
  if (column != NULL && _vl_property_value_read (value, pspec, record, column, cell))
    return TRUE;
  if (!is_id (pspec) || !_vl_record_get_id_cell (record, &id))
    return FALSE;
  g_value_reset (value);

  return read_id (value, pspec, record, &id);
}

static char *
print_short (GVariant *variant)
{
  g_autofree char *text = g_variant_print (variant, FALSE);
  g_autofree char *start = NULL;

  if (g_utf8_strlen (text, -1) <= MAX_CHARS)
    return g_steal_pointer (&text);

  start = g_utf8_substring (text, 0, MAX_CHARS - 1);

  return g_strconcat (start, "…", NULL);
}

static void
set_misfit (GError **error,
            VlRecord *record,
            const char *column,
            const VlCell *cell,
            GParamSpec *pspec)
{
  g_autoptr (GVariant) variant = column != NULL ? vl_record_get_variant (record, column) : NULL;
  g_autofree char *text = variant != NULL ? print_short (variant) : NULL;
  const char *id = vl_record_get_id (record);
  const char *owner = g_type_name (pspec->owner_type);

  if (cell->type == VL_FIELD_TYPE_NULL)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_INVALID,
                   _ ("“%s” of the record “%s” is null, which the property “%s” of %s cannot be"),
                   column != NULL ? column : "id", id != NULL ? id : "", pspec->name, owner);
      return;
    }
  g_set_error (error, VL_ERROR, VL_ERROR_INVALID,
               _ ("“%s” of the record “%s” is %s, which the property “%s” of %s cannot hold"),
               column != NULL ? column : "id", id != NULL ? id : "",
               text != NULL ? text : vl_record_get_id (record), pspec->name, owner);
}

/* To objects */

/* Whether the object has the value already. */
static gboolean
has_value (GObject *object, GParamSpec *pspec, const GValue *value)
{
  g_auto (GValue) present = G_VALUE_INIT;

  if ((pspec->flags & G_PARAM_READABLE) == 0)
    return FALSE;

  g_value_init (&present, pspec->value_type);
  g_object_get_property (object, pspec->name, &present);

  return _vl_property_value_equal (pspec, &present, value);
}

/* What the property of an object, or of one that is still to be made, is to be
 * set to; nothing is added when there is nothing to set. */
static gboolean
collect_property (VlRecord *self,
                  GParamSpec *pspec,
                  GObject *object,
                  Settings *settings,
                  GError **error)
{
  g_auto (GValue) value = G_VALUE_INIT;
  const char *column;
  VlCell cell;

  if ((pspec->flags & G_PARAM_WRITABLE) == 0 || !find_cell (self, pspec, &column, &cell))
    return TRUE;
  if (!read_property (&value, pspec, self, column, &cell))
    {
      set_misfit (error, self, column, &cell, pspec);
      return FALSE;
    }
  if (object != NULL && has_value (object, pspec, &value))
    return TRUE;
  if (object != NULL && (pspec->flags & G_PARAM_CONSTRUCT_ONLY) != 0)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_UNSUPPORTED,
                   _ ("The property “%s” of %s cannot be changed any more"), pspec->name,
                   g_type_name (pspec->owner_type));
      return FALSE;
    }
  settings_add (settings, pspec, &value);

  return TRUE;
}

static gboolean
collect_properties (VlRecord *self,
                    GObjectClass *klass,
                    GObject *object,
                    Settings *settings,
                    GError **error)
{
  g_autofree GParamSpec **pspecs = NULL;
  guint n_pspecs;

  pspecs = g_object_class_list_properties (klass, &n_pspecs);
  for (guint i = 0; i < n_pspecs; i++)
    {
      if (!collect_property (self, pspecs[i], object, settings, error))
        return FALSE;
    }

  return TRUE;
}

/**
 * vl_record_to_object:
 * @self: a record
 * @type: the type of the object, a class that is not abstract
 * @error: return location for an error
 *
 * Makes an object of a class of the application's own, whose properties are
 * named like the columns.
 *
 * A property `first-name` is the column `first_name`. A property `id` is the
 * column of that name, or else the id of the record. Columns without a property
 * are left out; properties without a column keep their default, and so do those
 * that cannot be set. Those that can only be set when the object is made are set
 * then.
 *
 * Values fit like this: an integer property holds integers in its range, booleans
 * as 0 and 1, and doubles without a fraction; a boolean, also the integers 0 and
 * 1; an enumeration, the nick as text or the number; flags, their number; a
 * `GDateTime`, text by ISO 8601 as [method@Record.get_date_time] reads it;
 * `GBytes`, bytes; a `GStrv`, an array of text; a `GVariant`, anything of its
 * type; text, text only, but for an `id`. Null is %NULL where a property can be
 * that.
 *
 * What does not fit is a %VL_ERROR_INVALID that names the column, the record and
 * the property, and nothing is made.
 *
 * Returns: (transfer full): a new object of @type, or %NULL with @error set
 *
 * Since: 1.0
 */
GObject *
vl_record_to_object (VlRecord *self, GType type, GError **error)
{
  g_autoptr (GTypeClass) klass = NULL;
  g_auto (Settings) settings = { 0 };
  GObject *object;

  g_return_val_if_fail (VL_IS_RECORD (self), NULL);
  g_return_val_if_fail (g_type_is_a (type, G_TYPE_OBJECT) && !G_TYPE_IS_ABSTRACT (type), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  klass = g_type_class_ref (type);
  settings_init (&settings);
  if (!collect_properties (self, (GObjectClass *) klass, NULL, &settings, error))
    return NULL;

  object = g_object_new_with_properties (type, settings.names->len,
                                         (const char **) settings.names->pdata,
                                         (const GValue *) (gconstpointer) settings.values->data);

  return g_object_is_floating (object) ? g_object_ref_sink (object) : object;
}

/**
 * vl_record_fill_object:
 * @self: a record
 * @object: an object whose properties are named like the columns
 * @error: return location for an error
 *
 * Brings an object up to date with a record, as [method@Record.to_object] would
 * have made it.
 *
 * Only properties whose value is another one are set, and notify, all of them
 * together. Fails with %VL_ERROR_INVALID when something does not fit, and with
 * %VL_ERROR_UNSUPPORTED when a property would have to change that can only be
 * set when the object is made; the object then stays as it is.
 *
 * Returns: %TRUE if the object is up to date
 *
 * Since: 1.0
 */
gboolean
vl_record_fill_object (VlRecord *self, GObject *object, GError **error)
{
  g_auto (Settings) settings = { 0 };

  g_return_val_if_fail (VL_IS_RECORD (self), FALSE);
  g_return_val_if_fail (G_IS_OBJECT (object), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  settings_init (&settings);
  if (!collect_properties (self, G_OBJECT_GET_CLASS (object), object, &settings, error))
    return FALSE;
  g_object_setv (object, settings.names->len, (const char **) settings.names->pdata,
                 (const GValue *) (gconstpointer) settings.values->data);

  return TRUE;
}

/* From objects */

static char *
dup_id (GParamSpec *pspec, const GValue *value)
{
  g_auto (GValue) text = G_VALUE_INIT;

  /* 0 is what a number is before anybody has set it. */
  if (!_vl_property_value_is_field (pspec->value_type) || g_param_value_defaults (pspec, value))
    return NULL;

  g_value_init (&text, G_TYPE_STRING);
  if (!g_value_transform (value, &text) || g_value_get_string (&text) == NULL ||
      g_value_get_string (&text)[0] == '\0')
    return NULL;

  return g_value_dup_string (&text);
}

/* A field that the property would be filled from as it is now stays. */
static gboolean
write_over (GParamSpec *pspec,
            const GValue *value,
            VlRecord *base,
            VlRecordBuilder *builder,
            GError **error)
{
  g_auto (GValue) before = G_VALUE_INIT;
  const char *column;
  VlCell cell;

  if (!find_cell (base, pspec, &column, &cell) || column == NULL)
    return TRUE;
  if (read_property (&before, pspec, base, column, &cell) &&
      _vl_property_value_equal (pspec, &before, value))
    return TRUE;

  return _vl_property_value_write (value, builder, column, &cell, error);
}

static gboolean
write_property (GObject *object,
                GParamSpec *pspec,
                VlRecord *base,
                VlRecordBuilder *builder,
                GError **error)
{
  const GParamFlags needed = is_id (pspec) ? G_PARAM_READABLE : G_PARAM_READWRITE;
  g_auto (GValue) value = G_VALUE_INIT;
  g_autofree char *column = NULL;

  if ((pspec->flags & needed) != needed || !_vl_property_value_is_field (pspec->value_type))
    return TRUE;

  g_value_init (&value, pspec->value_type);
  g_object_get_property (object, pspec->name, &value);
  if (is_id (pspec))
    {
      g_autofree char *id = dup_id (pspec, &value);

      if (id == NULL || (base != NULL && g_strcmp0 (id, vl_record_get_id (base)) == 0))
        return TRUE;
      vl_record_builder_set_id (builder, id);
    }
  if (base != NULL)
    return write_over (pspec, &value, base, builder, error);
  if (is_id (pspec))
    return TRUE;
  column = dup_column_name (pspec);

  return _vl_property_value_write (&value, builder, column, NULL, error);
}

/**
 * vl_record_from_object:
 * @object: an object whose properties are named like columns
 * @base: (nullable): the record that @object was filled from, or %NULL for a new
 *   one
 * @error: return location for an error
 *
 * Makes a record of the properties of an object: the other way round from
 * [method@Record.to_object].
 *
 * A property `first-name` becomes the column `first_name`, and a property `id`
 * the id, unless it is %NULL, empty or 0: then the record has none. Properties
 * that cannot be set, and those of types that no column has, are left out.
 * An enumeration becomes its nick, a `GDateTime` text by ISO 8601, and a `GStrv`
 * an array.
 *
 * With @base the new record has the columns of that, no more and no fewer, under
 * their names there, and what the object has not changed is the same as in
 * @base, whichever way it is written there: [method@Record.diff] between the two
 * is just what was edited, to be sent with [ctor@Change.new_patch].
 *
 * Fails with %VL_ERROR_INVALID if a value cannot be a field.
 *
 * Returns: (transfer full): a new record, or %NULL with @error set
 *
 * Since: 1.0
 */
VlRecord *
vl_record_from_object (GObject *object, VlRecord *base, GError **error)
{
  g_autoptr (VlRecordBuilder) builder = NULL;
  g_autofree GParamSpec **pspecs = NULL;
  guint n_pspecs;

  g_return_val_if_fail (G_IS_OBJECT (object), NULL);
  g_return_val_if_fail (base == NULL || VL_IS_RECORD (base), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  builder = base != NULL ? vl_record_builder_new_from (base) : vl_record_builder_new (NULL);
  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n_pspecs);
  for (guint i = 0; i < n_pspecs; i++)
    {
      if (!write_property (object, pspecs[i], base, builder, error))
        return NULL;
    }

  return vl_record_builder_end (builder);
}
