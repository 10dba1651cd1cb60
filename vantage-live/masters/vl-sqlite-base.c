/* vl-sqlite-base.c: whether somebody else was quicker
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-sqlite-writer-private.h"

#include "../table/vl-change.h"
#include "../table/vl-record.h"
#include "../vl-error.h"
#include "vl-sqlite-row-private.h"

/* A patch touches the fields it has, anything else all of them. A field that
 * the base does not have says nothing. */
static const char *
find_difference (VlSqliteLayout *layout, VlChange *change, VlRecord *base, VlRecord *current)
{
  VlRecord *fields = vl_change_get_kind (change) == VL_CHANGE_KIND_PATCH
                       ? vl_change_get_record (change)
                       : NULL;

  for (guint i = 0; i < layout->n_columns; i++)
    {
      const char *name = layout->columns[i].name;
      VlCell then;
      VlCell now;

      if ((int) i == layout->id_column || (fields != NULL && !vl_record_has_field (fields, name)) ||
          !_vl_record_get_cell (base, name, &then))
        continue;
      _vl_record_get_cell (current, name, &now);
      if (_vl_cell_compare (&then, &now) != 0)
        return name;
    }

  return NULL;
}

gboolean
_vl_sqlite_check_base (VlSqlite *sqlite, VlSqliteLayout *layout, VlChange *change, GError **error)
{
  VlRecord *base = vl_change_get_base (change);
  VlChangeKind kind = vl_change_get_kind (change);
  const char *id = vl_change_get_id (change);
  g_autoptr (VlRecord) current = NULL;
  const char *field;

  if (base == NULL || id == NULL || kind == VL_CHANGE_KIND_INSERT)
    return TRUE;
  if (!_vl_sqlite_read_record (sqlite, layout, id, &current, error))
    return FALSE;

  if (current == NULL)
    {
      /* A patch says not-found by itself, and a deletion has what it wants. */
      if (kind != VL_CHANGE_KIND_REPLACE)
        return TRUE;
      g_set_error (error, VL_ERROR, VL_ERROR_CONFLICT,
                   _ ("The record “%s” of the table “%s” was deleted by somebody else meanwhile"),
                   id, layout->table);
      return FALSE;
    }

  field = find_difference (layout, change, base, current);
  if (field == NULL)
    return TRUE;

  g_set_error (error, VL_ERROR, VL_ERROR_CONFLICT,
               _ ("The column “%s” of the record “%s” of the table “%s” was changed by somebody "
                  "else meanwhile; read the record again and repeat the change"),
               field, id, layout->table);
  return FALSE;
}
