/* vl-table-check.c: what is asked of a table against what it can do
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-table-private.h"

#include "../base/vl-mutant-private.h"
#include "../vl-error.h"
#include "vl-cell-private.h"
#include "vl-change-private.h"
#include "vl-change.h"
#include "vl-query.h"
#include "vl-record-builder.h"
#include "vl-record.h"
#include "vl-schema.h"

/* `operation` is translated only if somebody reads it. */
static gboolean
check_capability (VlSchema *schema, VlCapabilities needed, const char *operation, GError **error)
{
  if (vl_schema_can (schema, needed))
    return TRUE;

  g_set_error (error, VL_ERROR, VL_ERROR_UNSUPPORTED, _ ("The table “%s” does not support: %s"),
               vl_schema_get_table_name (schema), _ (operation));
  return FALSE;
}

gboolean
_vl_table_check_query (VlSchema *schema, VlQuery *query, GError **error)
{
  if (vl_query_get_n_conditions (query) > 0 &&
      !check_capability (schema, VL_CAPABILITY_FILTER, N_ ("conditions"), error))
    return FALSE;
  if (vl_query_get_search (query) != NULL &&
      !check_capability (schema, VL_CAPABILITY_SEARCH, N_ ("search"), error))
    return FALSE;
  if (vl_query_get_n_orders (query) > 0 &&
      !check_capability (schema, VL_CAPABILITY_ORDER, N_ ("order"), error))
    return FALSE;

  return vl_query_check (query, schema, error);
}

gboolean
_vl_table_check_id (VlSchema *schema, const char *id, GError **error)
{
  if (g_utf8_validate (id, -1, NULL))
    return TRUE;

  g_set_error (error, VL_ERROR, VL_ERROR_INVALID, _ ("An id of the table “%s” is not UTF-8 text"),
               vl_schema_get_table_name (schema));
  return FALSE;
}

static gboolean
check_kind (VlSchema *schema, VlChangeKind kind, GError **error)
{
  switch (kind)
    {
    case VL_CHANGE_KIND_INSERT:
      return check_capability (schema, VL_CAPABILITY_INSERT, N_ ("insert"), error);
    case VL_CHANGE_KIND_REPLACE:
      return check_capability (schema, VL_CAPABILITY_REPLACE, N_ ("replace"), error);
    case VL_CHANGE_KIND_PATCH:
      return check_capability (schema, VL_CAPABILITY_PATCH, N_ ("patch"), error);
    case VL_CHANGE_KIND_DELETE:
      return check_capability (schema, VL_CAPABILITY_DELETE, N_ ("delete"), error);
    case VL_CHANGE_KIND_DELETE_ALL:
      return check_capability (schema, VL_CAPABILITY_DELETE_ALL, N_ ("delete all"), error);
    default:
      g_set_error_literal (error, VL_ERROR, VL_ERROR_INVALID, _ ("An unknown kind of change"));
      return FALSE;
    }
}

static gboolean
check_fields (VlSchema *schema, VlRecord *record, GError **error)
{
  guint n_slots = _vl_record_get_n_slots (record);

  for (guint i = 0; i < n_slots; i++)
    {
      VlCell cell;
      const char *field = _vl_record_get_slot (record, i, &cell);

      if (field == NULL || vl_schema_has_column (schema, field))
        continue;

      g_set_error (error, VL_ERROR, VL_ERROR_INVALID,
                   _ ("The table “%s” has no column “%s”, which the record “%s” has"),
                   vl_schema_get_table_name (schema), field,
                   vl_record_get_id (record) != NULL ? vl_record_get_id (record) : "");
      return FALSE;
    }

  return TRUE;
}

/* The text of the id column's field, for a record that says its id only
 * there, or NULL. */
static char *
dup_field_id (VlSchema *schema, VlRecord *record)
{
  const char *id_column = vl_schema_get_id_column (schema);
  VlCell cell;

  if (id_column == NULL || !_vl_record_get_cell (record, id_column, &cell))
    return NULL;
  if (cell.type == VL_FIELD_TYPE_STRING)
    return g_strndup (cell.data, cell.length);
  if (cell.type == VL_FIELD_TYPE_INT64)
    return g_strdup_printf ("%" G_GINT64_FORMAT, cell.int64);

  return NULL;
}

/* The id is said twice, as the id and as a field: it has to be the same. */
static gboolean
check_same_id (VlSchema *schema, VlRecord *record, GError **error)
{
  const char *id_column = vl_schema_get_id_column (schema);
  g_autofree char *field_id = NULL;

  if (id_column == NULL || !vl_record_has_field (record, id_column))
    return TRUE;

  field_id = dup_field_id (schema, record);
  if (field_id == NULL || g_strcmp0 (field_id, vl_record_get_id (record)) == 0)
    return TRUE;

  g_set_error (error, VL_ERROR, VL_ERROR_INVALID,
               _ ("The record “%s” of the table “%s” says in the column “%s” that its id is “%s”; "
                  "an id cannot be changed"),
               vl_record_get_id (record), vl_schema_get_table_name (schema),
               vl_schema_get_id_column (schema), field_id);
  return FALSE;
}

/* The record of an insert or a replacement, its id known if it is said
 * anywhere. */
static VlRecord *
take_id_from_field (VlSchema *schema, VlRecord *record)
{
  g_autofree char *id = NULL;
  g_autoptr (VlRecordBuilder) builder = NULL;

  if (vl_record_get_id (record) != NULL)
    return g_object_ref (record);

  id = dup_field_id (schema, record);
  if (id == NULL)
    return g_object_ref (record);

  builder = vl_record_builder_new_from (record);
  vl_record_builder_set_id (builder, id);

  return vl_record_builder_end (builder);
}

static VlRecord *
check_record (VlSchema *schema,
              VlChangeKind kind,
              VlRecord *given,
              gboolean normalizes,
              GError **error)
{
  g_autoptr (VlRecord) record = take_id_from_field (schema, given);
  const char *id = vl_record_get_id (record);

  if (!check_fields (schema, record, error))
    return NULL;

  if (id == NULL &&
      !(kind == VL_CHANGE_KIND_INSERT && vl_schema_can (schema, VL_CAPABILITY_ASSIGN_ID)))
    {
      g_set_error (error, VL_ERROR, VL_ERROR_INVALID,
                   _ ("A record without an id cannot be written to the table “%s”, which does not "
                      "assign ids"),
                   vl_schema_get_table_name (schema));
      return NULL;
    }
  if (id != NULL &&
      (!_vl_table_check_id (schema, id, error) || !check_same_id (schema, record, error)))
    return NULL;

  /* A patch carries only what it changes: its id stays beside it. */
  if (kind == VL_CHANGE_KIND_PATCH || !normalizes)
    return g_steal_pointer (&record);

  return _vl_record_normalize (record, schema);
}

static VlChange *
check_change (VlSchema *schema, VlChange *change, gboolean normalizes, GError **error)
{
  VlChangeKind kind = vl_change_get_kind (change);
  g_autoptr (VlRecord) record = NULL;

  if (!check_kind (schema, kind, error))
    return NULL;

  if (kind == VL_CHANGE_KIND_DELETE_ALL)
    {
      VlQuery *query = vl_change_get_query (change);

      if (query != NULL && !_vl_table_check_query (schema, query, error))
        return NULL;
      return g_object_ref (change);
    }

  if (kind == VL_CHANGE_KIND_DELETE)
    {
      if (!_vl_table_check_id (schema, vl_change_get_id (change), error))
        return NULL;
      return g_object_ref (change);
    }

  if (vl_change_get_record (change) == NULL)
    {
      /* A script can make one without a constructor. */
      g_set_error (error, VL_ERROR, VL_ERROR_INVALID,
                   _ ("A change of the table “%s” has no record"),
                   vl_schema_get_table_name (schema));
      return NULL;
    }
  record = check_record (schema, kind, vl_change_get_record (change), normalizes, error);
  if (record == NULL)
    return NULL;
  if (record == vl_change_get_record (change) || kind == VL_CHANGE_KIND_PATCH)
    return g_object_ref (change);

  return _vl_change_with_record (change, record);
}

VlChange *
_vl_table_check_change (VlSchema *schema, VlChange *change, GError **error)
{
  return check_change (schema, change, TRUE, error);
}

VlChange *
_vl_table_check_raw_change (VlSchema *schema, VlChange *change, GError **error)
{
  return check_change (schema, change, FALSE, error);
}

guint
_vl_table_batch_size (VlChange *const *changes, guint n_changes)
{
  g_autoptr (GHashTable) ids = NULL;
  guint n;

  if (n_changes <= 1 || VL_MUTANT (TWO_OF_ONE_IN_BATCH))
    return n_changes;

  ids = g_hash_table_new (g_str_hash, g_str_equal);
  for (n = 0; n < n_changes && n < VL_BATCH_MAX; n++)
    {
      const char *id = vl_change_get_id (changes[n]);

      if (vl_change_get_kind (changes[n]) == VL_CHANGE_KIND_DELETE_ALL)
        return MAX (n, 1);
      if (id != NULL && !g_hash_table_add (ids, (gpointer) id))
        return n;
    }

  return n;
}

guint
_vl_table_batch_length (GListModel *changes, guint first)
{
  g_autoptr (GPtrArray) next = g_ptr_array_new_with_free_func (g_object_unref);
  VlChange *change;

  while (next->len < VL_BATCH_MAX &&
         (change = g_list_model_get_item (changes, first + next->len)) != NULL)
    g_ptr_array_add (next, change);

  return _vl_table_batch_size ((VlChange *const *) next->pdata, next->len);
}
