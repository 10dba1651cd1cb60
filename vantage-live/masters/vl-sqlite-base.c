/* vl-sqlite-base.c: whether somebody else was quicker
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <json-glib/json-glib.h>

#include "vl-sqlite-writer-private.h"

#include "../table/vl-change.h"
#include "../table/vl-conflict-private.h"
#include "../table/vl-record-builder.h"
#include "../table/vl-record.h"
#include "vl-sqlite-row-private.h"

/* The base as the table would keep it: nested values are text there. */
static VlRecord *
base_as_stored (VlRecord *base)
{
  g_autoptr (VlRecordBuilder) builder = NULL;

  for (guint i = 0; i < _vl_record_get_n_slots (base); i++)
    {
      VlCell cell;
      const char *field = _vl_record_get_slot (base, i, &cell);
      g_autoptr (GVariant) value = NULL;
      g_autofree char *json = NULL;

      if (field == NULL || cell.type != VL_FIELD_TYPE_VARIANT)
        continue;
      if (builder == NULL)
        builder = vl_record_builder_new_from (base);
      value = vl_record_get_variant (base, field);
      json = json_gvariant_serialize_data (value, NULL);
      vl_record_builder_set_string (builder, field, json);
    }

  return builder != NULL ? vl_record_builder_end (builder) : g_object_ref (base);
}

gboolean
_vl_sqlite_check_base (VlSqlite *sqlite,
                       VlSqliteLayout *layout,
                       VlChange *change,
                       VlRecord **current,
                       GError **error)
{
  const char *id = vl_change_get_id (change);
  g_autoptr (VlRecord) base = NULL;
  g_autoptr (VlRecord) stored = NULL;

  if (vl_change_get_base (change) == NULL || id == NULL ||
      vl_change_get_kind (change) == VL_CHANGE_KIND_INSERT)
    return TRUE;
  if (!_vl_sqlite_read_record (sqlite, layout, id, &stored, error))
    return FALSE;

  base = base_as_stored (vl_change_get_base (change));
  if (_vl_conflict_check (change, base, stored, layout->schema, error))
    return TRUE;

  *current = g_steal_pointer (&stored);
  return FALSE;
}
