/* vl-conflict.c: whether somebody else was quicker
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-conflict-private.h"

#include "../vl-error.h"
#include "vl-cell-private.h"
#include "vl-change.h"
#include "vl-record.h"
#include "vl-schema.h"

/* A patch touches the fields that it has, a replace and a delete every field. */
static gboolean
touches_field (VlChange *change, VlSchema *schema, const char *name)
{
  if (g_strcmp0 (name, vl_schema_get_id_column (schema)) == 0 ||
      !vl_schema_has_column (schema, name))
    return FALSE;

  return vl_change_get_kind (change) != VL_CHANGE_KIND_PATCH ||
         vl_record_has_field (vl_change_get_record (change), name);
}

/* The names, as a user is to read them; NULL if there is no difference. */
static char *
list_differences (VlChange *change, VlRecord *base, VlRecord *current, VlSchema *schema)
{
  g_autoptr (GString) names = NULL;

  for (guint i = 0; i < _vl_record_get_n_slots (base); i++)
    {
      VlCell then;
      VlCell now;
      const char *name = _vl_record_get_slot (base, i, &then);

      if (name == NULL || !touches_field (change, schema, name))
        continue;
      _vl_record_get_cell (current, name, &now);
      if (_vl_cell_compare (&then, &now) == 0)
        continue;

      if (names == NULL)
        names = g_string_new (NULL);
      g_string_append_printf (names, names->len > 0 ? ", “%s”" : "“%s”", name);
    }

  return names != NULL ? g_string_free (g_steal_pointer (&names), FALSE) : NULL;
}

gboolean
_vl_conflict_check (VlChange *change,
                    VlRecord *base,
                    VlRecord *current,
                    VlSchema *schema,
                    GError **error)
{
  VlChangeKind kind = vl_change_get_kind (change);
  const char *id = vl_change_get_id (change);
  g_autofree char *names = NULL;

  if (base == NULL || kind == VL_CHANGE_KIND_INSERT || kind == VL_CHANGE_KIND_DELETE_ALL)
    return TRUE;

  if (current == NULL)
    {
      /* A delete has what it wants. For the others it is more than “not found”:
       * the base says that it was there, so that somebody has to decide. */
      if (kind == VL_CHANGE_KIND_DELETE)
        return TRUE;
      g_set_error (error, VL_ERROR, VL_ERROR_CONFLICT,
                   _ ("Somebody else has deleted the record “%s” of the table “%s” meanwhile"),
                   id != NULL ? id : "", vl_schema_get_table_name (schema));
      return FALSE;
    }

  names = list_differences (change, base, current, schema);
  if (names == NULL)
    return TRUE;

  g_set_error (error, VL_ERROR, VL_ERROR_CONFLICT,
               _ ("Somebody else has changed the record “%s” of the table “%s” meanwhile, in %s; "
                  "read it again and repeat the change"),
               id != NULL ? id : "", vl_schema_get_table_name (schema), names);
  return FALSE;
}
