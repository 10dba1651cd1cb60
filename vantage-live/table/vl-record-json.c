/* vl-record-json.c: records read from JSON text
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "vl-json-private.h"
#include "vl-record-builder-private.h"
#include "vl-record.h"

#include "../vl-error.h"

/* The id is text, an integer or nothing. */
static gboolean
set_id (VlRecordBuilder *builder, GVariant *id)
{
  if (g_variant_is_of_type (id, G_VARIANT_TYPE_STRING))
    vl_record_builder_set_id (builder, g_variant_get_string (id, NULL));
  else if (g_variant_is_of_type (id, G_VARIANT_TYPE_INT64))
    _vl_record_builder_set_id_field (builder, "id", g_variant_get_int64 (id));
  else
    return g_variant_is_of_type (id, G_VARIANT_TYPE_MAYBE);

  return TRUE;
}

static VlRecord *
read_object (GVariant *object, GError **error)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);
  g_autoptr (GVariant) id = NULL;
  GVariantIter iter;
  const char *name;
  GVariant *value;

  /* Of members of one name the last counts. */
  g_variant_iter_init (&iter, object);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value))
    {
      if (strcmp (name, "id") == 0)
        {
          g_clear_pointer (&id, g_variant_unref);
          id = g_variant_ref (value);
        }
      else
        vl_record_builder_set_variant (builder, name, value);
      g_variant_unref (value);
    }

  if (id != NULL && !set_id (builder, id))
    {
      g_set_error_literal (error, VL_ERROR, VL_ERROR_INVALID,
                           _ ("The id of a record must be text or a whole number"));
      return NULL;
    }

  return vl_record_builder_end (builder);
}

/**
 * vl_record_new_from_json:
 * @json: JSON text: one object
 *
 * Reads a record from JSON text.
 *
 * The member `id`, text or a whole number, becomes the id, and a field too if
 * it is a number. Of the other members whole numbers become 64-bit integers
 * (from 2⁶³ on, if they can, variants of type `t`, else doubles), objects and
 * arrays become variants of type `a{sv}` and `av`, and text with a NUL becomes
 * bytes. Of two members with one name the last counts.
 *
 * Fails with %VL_ERROR_INVALID if the text is not JSON or not an object, if it
 * is nested more than 60 levels deep, or if `id` is something else.
 *
 * Returns: (transfer full): a new record
 *
 * Since: 1.0
 */
VlRecord *
vl_record_new_from_json (const char *json, GError **error)
{
  g_autoptr (GVariant) object = NULL;
  g_autofree char *problem = NULL;

  g_return_val_if_fail (json != NULL, NULL);

  object = _vl_json_parse (json, &problem);
  if (object == NULL)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_INVALID,
                   _ ("The JSON text of a record cannot be read: %s"), problem);
      return NULL;
    }
  if (!g_variant_is_of_type (object, G_VARIANT_TYPE_VARDICT))
    {
      g_set_error_literal (error, VL_ERROR, VL_ERROR_INVALID,
                           _ ("The JSON text of a record must be an object"));
      return NULL;
    }

  return read_object (object, error);
}
