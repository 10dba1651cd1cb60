/* vl-memory-store.c: the records of a table in memory, and how they change
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-memory-store-private.h"

#include "../base/vl-random-private.h"
#include "../stream/vl-live-event.h"
#include "../table/vl-cell-private.h"
#include "../table/vl-change.h"
#include "../table/vl-conflict-private.h"
#include "../table/vl-query.h"
#include "../table/vl-record-builder.h"
#include "../table/vl-record.h"
#include "../table/vl-schema.h"
#include "../vl-error.h"

/* How many applied changes are remembered by their uid. A change is sent again
 * at most seconds after the first time, and queues hold about as many. */
#define MAX_APPLIED 4096

static const char *
get_name (VlMemoryStore *self)
{
  return vl_schema_get_table_name (self->schema);
}

/* Reading. */

static int
compare_ids (gconstpointer a, gconstpointer b, gpointer user_data G_GNUC_UNUSED)
{
  VlCell cell_a;
  VlCell cell_b;

  _vl_record_get_id_cell ((VlRecord *) a, &cell_a);
  _vl_record_get_id_cell ((VlRecord *) b, &cell_b);

  return _vl_cell_compare (&cell_a, &cell_b);
}

static int
compare_by_query (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return vl_query_compare (user_data, *(VlRecord **) a, *(VlRecord **) b);
}

VlRecord *
_vl_memory_store_lookup (VlMemoryStore *self, const char *id)
{
  GSequenceIter *iter = g_hash_table_lookup (self->by_id, id);

  return iter != NULL ? g_sequence_get (iter) : NULL;
}

GPtrArray *
_vl_memory_store_collect (VlMemoryStore *self, VlQuery *query)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (g_object_unref);
  GSequenceIter *iter = g_sequence_get_begin_iter (self->records);

  for (; !g_sequence_iter_is_end (iter); iter = g_sequence_iter_next (iter))
    {
      VlRecord *record = g_sequence_get (iter);

      if (vl_query_matches (query, record))
        g_ptr_array_add (found, g_object_ref (record));
    }
  if (vl_query_get_n_orders (query) > 0)
    g_ptr_array_sort_with_data (found, compare_by_query, query);

  return found;
}

gint64
_vl_memory_store_count (VlMemoryStore *self, VlQuery *query)
{
  GSequenceIter *iter = g_sequence_get_begin_iter (self->records);
  gint64 count = 0;

  for (; !g_sequence_iter_is_end (iter); iter = g_sequence_iter_next (iter))
    count += vl_query_matches (query, g_sequence_get (iter));

  return count;
}

void
_vl_memory_get_window (VlQuery *query, guint n_found, guint *first, guint *n)
{
  guint64 offset = vl_query_get_offset (query);
  guint limit = vl_query_get_limit (query);

  *first = (guint) MIN (offset, n_found);
  *n = n_found - *first;
  if (limit > 0)
    *n = MIN (*n, limit);
}

/* Making records. */

static gboolean
check_columns (VlMemoryStore *self, VlRecord *record, GError **error)
{
  for (guint i = 0; i < _vl_record_get_n_slots (record); i++)
    {
      VlCell cell;
      const char *name = _vl_record_get_slot (record, i, &cell);

      if (name == NULL || vl_schema_has_column (self->schema, name))
        continue;

      g_set_error (error, VL_ERROR, VL_ERROR_INVALID, _ ("Table “%s” has no column “%s”"),
                   get_name (self), name);
      return FALSE;
    }

  return TRUE;
}

/* The id as the field of the id column gives it; NULL when it does not. */
static gboolean
dup_id_field (VlMemoryStore *self, VlRecord *record, char **id, GError **error)
{
  const char *column = vl_schema_get_id_column (self->schema);
  VlCell cell;

  *id = NULL;
  if (column == NULL || !_vl_record_get_cell (record, column, &cell) || _vl_cell_is_null (&cell))
    return TRUE;

  if (cell.type == VL_FIELD_TYPE_INT64)
    *id = g_strdup_printf ("%" G_GINT64_FORMAT, cell.int64);
  else if (cell.type == VL_FIELD_TYPE_STRING)
    *id = g_strndup (cell.data, cell.length);
  else
    g_set_error (error, VL_ERROR, VL_ERROR_INVALID,
                 _ ("The column “%s” of table “%s” holds ids: numbers without a fraction, or text"),
                 column, get_name (self));

  return *id != NULL;
}

/* The id that a change is about: given by name, or by the field of the id
 * column, or not at all. */
static gboolean
resolve_id (VlMemoryStore *self, const char *given, VlRecord *record, char **id, GError **error)
{
  g_autofree char *field = NULL;

  if (!dup_id_field (self, record, &field, error))
    return FALSE;

  if (given != NULL && field != NULL && strcmp (given, field) != 0)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_INVALID,
                   _ ("The record “%s” of table “%s” cannot have the id “%s” as well"), given,
                   get_name (self), field);
      return FALSE;
    }

  *id = given != NULL ? g_strdup (given) : g_steal_pointer (&field);

  return TRUE;
}

static gboolean
assign_id (VlMemoryStore *self, char **id, GError **error)
{
  const char *name = vl_schema_get_id_column (self->schema);
  guint column;

  if (name == NULL || !vl_schema_find_column (self->schema, name, &column) ||
      vl_schema_get_column_type (self->schema, column) != VL_FIELD_TYPE_INT64)
    {
      *id = _vl_uuid_v7 ();
      return TRUE;
    }

  if (self->highest_id == G_MAXINT64)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_REJECTED,
                   _ ("Cannot insert into table “%s” without an id: the numbers are used up"),
                   get_name (self));
      return FALSE;
    }
  *id = g_strdup_printf ("%" G_GINT64_FORMAT, self->highest_id + 1);

  return TRUE;
}

/* The record as it is kept: all columns, its id cell and id column as the
 * schema wants them. `from` gives the columns that `fields` leaves out. */
static VlRecord *
make_record (VlMemoryStore *self, const char *id, VlRecord *from, VlRecord *fields)
{
  const char *column = vl_schema_get_id_column (self->schema);
  g_autoptr (VlRecord) merged = vl_record_merge (from, fields);
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new_from (merged);
  g_autoptr (VlRecord) record = NULL;

  vl_record_builder_set_id (builder, id);
  if (column != NULL)
    vl_record_builder_set_string (builder, column, id);
  record = vl_record_builder_end (builder);

  return _vl_record_normalize (record, self->schema);
}

/* Keeping records. */

static void
put (VlMemoryStore *self, VlRecord *record)
{
  const char *id = vl_record_get_id (record);
  GSequenceIter *iter = g_hash_table_lookup (self->by_id, id);
  VlCell cell;

  if (iter != NULL)
    {
      g_sequence_set (iter, g_object_ref (record));
      return;
    }

  iter = g_sequence_insert_sorted (self->records, g_object_ref (record), compare_ids, NULL);
  g_hash_table_insert (self->by_id, g_strdup (id), iter);

  if (_vl_record_get_id_cell (record, &cell) && cell.type == VL_FIELD_TYPE_INT64)
    self->highest_id = MAX (self->highest_id, cell.int64);
}

static void
take_out (VlMemoryStore *self, const char *id)
{
  GSequenceIter *iter = g_hash_table_lookup (self->by_id, id);

  g_hash_table_remove (self->by_id, id);
  g_sequence_remove (iter);
}

static void
add_untold (VlMemoryStore *self, VlLiveEvent *event)
{
  g_queue_push_tail (&self->untold, event);
}

/* Changing. */

static gboolean
check_base (VlMemoryStore *self,
            VlChange *change,
            VlRecord *current,
            VlRecord **answer,
            GError **error)
{
  if (_vl_conflict_check (change, vl_change_get_base (change), current, self->schema, error))
    return TRUE;

  g_set_object (answer, current);
  return FALSE;
}

static gboolean
apply_insert (VlMemoryStore *self, VlChange *change, VlRecord **stored, GError **error)
{
  VlRecord *record = vl_change_get_record (change);
  g_autofree char *id = NULL;

  if (!check_columns (self, record, error) ||
      !resolve_id (self, vl_record_get_id (record), record, &id, error) ||
      (id == NULL && !assign_id (self, &id, error)))
    return FALSE;

  if (_vl_memory_store_lookup (self, id) != NULL)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_EXISTS,
                   _ ("Cannot insert into table “%s”: a record with the id “%s” exists already"),
                   get_name (self), id);
      return FALSE;
    }

  *stored = make_record (self, id, self->blank, record);
  put (self, *stored);
  add_untold (self, vl_live_event_new_inserted (*stored));

  return TRUE;
}

static gboolean
apply_replace (VlMemoryStore *self, VlChange *change, VlRecord **stored, GError **error)
{
  VlRecord *record = vl_change_get_record (change);
  VlRecord *current;
  g_autofree char *id = NULL;

  if (!check_columns (self, record, error) ||
      !resolve_id (self, vl_record_get_id (record), record, &id, error))
    return FALSE;

  if (id == NULL)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_INVALID,
                   _ ("Cannot replace a record of table “%s” without an id"), get_name (self));
      return FALSE;
    }

  current = _vl_memory_store_lookup (self, id);
  if (!check_base (self, change, current, stored, error))
    return FALSE;

  *stored = make_record (self, id, self->blank, record);
  add_untold (self, current == NULL ? vl_live_event_new_inserted (*stored)
                                    : vl_live_event_new_updated (id, *stored));
  put (self, *stored);

  return TRUE;
}

static gboolean
apply_patch (VlMemoryStore *self, VlChange *change, VlRecord **stored, GError **error)
{
  VlRecord *fields = vl_change_get_record (change);
  VlRecord *current;
  g_autofree char *id = NULL;

  if (!check_columns (self, fields, error) ||
      !resolve_id (self, vl_change_get_id (change), fields, &id, error))
    return FALSE;

  current = _vl_memory_store_lookup (self, id);
  if (!check_base (self, change, current, stored, error))
    return FALSE;
  if (current == NULL)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_NOT_FOUND,
                   _ ("Cannot change the record “%s” of table “%s”: there is none"), id,
                   get_name (self));
      return FALSE;
    }

  *stored = make_record (self, id, current, fields);
  put (self, *stored);
  add_untold (self, vl_live_event_new_updated (id, *stored));

  return TRUE;
}

static gboolean
apply_delete (VlMemoryStore *self, VlChange *change, VlRecord **before, GError **error)
{
  const char *id = vl_change_get_id (change);
  VlRecord *current = _vl_memory_store_lookup (self, id);

  if (current == NULL)
    return TRUE;
  if (!check_base (self, change, current, before, error))
    return FALSE;

  *before = g_object_ref (current);
  take_out (self, id);
  add_untold (self, vl_live_event_new_deleted (id));

  return TRUE;
}

static void
apply_delete_all (VlMemoryStore *self, VlChange *change)
{
  VlQuery *given = vl_change_get_query (change);
  g_autoptr (VlQuery) query = given != NULL ? g_object_ref (given) : vl_query_new ();
  g_autoptr (GPtrArray) found = _vl_memory_store_collect (self, query);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) ids = NULL;
  guint first;
  guint n;

  _vl_memory_get_window (query, found->len, &first, &n);
  if (n == 0)
    return;

  for (guint i = first; i < first + n; i++)
    {
      const char *id = vl_record_get_id (found->pdata[i]);

      g_strv_builder_add (builder, id);
      take_out (self, id);
    }

  ids = g_strv_builder_end (builder);
  add_untold (self, vl_live_event_new (VL_LIVE_EVENT_KIND_DELETED, (const char *const *) ids));
}

static gboolean
apply_new (VlMemoryStore *self, VlChange *change, VlRecord **record, GError **error)
{
  switch (vl_change_get_kind (change))
    {
    case VL_CHANGE_KIND_INSERT:
      return apply_insert (self, change, record, error);

    case VL_CHANGE_KIND_REPLACE:
      return apply_replace (self, change, record, error);

    case VL_CHANGE_KIND_PATCH:
      return apply_patch (self, change, record, error);

    case VL_CHANGE_KIND_DELETE:
      return apply_delete (self, change, record, error);

    case VL_CHANGE_KIND_DELETE_ALL:
      apply_delete_all (self, change);
      return TRUE;

    default:
      g_assert_not_reached ();
    }
}

/* The uid of a change that is to be known again, or NULL. */
static const char *
get_uid (VlMemoryStore *self, VlChange *change)
{
  const char *uid = vl_change_get_uid (change);

  return self->applied != NULL && uid != NULL && *uid != '\0' ? uid : NULL;
}

static void
remember (VlMemoryStore *self, const char *uid, VlRecord *record)
{
  char *key = g_strdup (uid);

  g_hash_table_insert (self->applied, key,
                       record != NULL ? g_strdup (vl_record_get_id (record)) : NULL);
  g_queue_push_tail (&self->applied_uids, key);

  if (self->applied_uids.length > MAX_APPLIED)
    g_hash_table_remove (self->applied, g_queue_pop_head (&self->applied_uids));
}

gboolean
_vl_memory_store_apply (VlMemoryStore *self, VlChange *change, VlRecord **record, GError **error)
{
  const char *uid = get_uid (self, change);
  gboolean deletes = vl_change_get_kind (change) == VL_CHANGE_KIND_DELETE;
  gpointer id;

  *record = NULL;
  if (uid != NULL && g_hash_table_lookup_extended (self->applied, uid, NULL, &id))
    {
      /* As it is now: as it was then it may be older than what is known. */
      if (id != NULL)
        g_set_object (record, _vl_memory_store_lookup (self, id));
      return TRUE;
    }

  if (!apply_new (self, change, record, error))
    return FALSE;
  if (uid != NULL)
    remember (self, uid, deletes ? NULL : *record);

  return TRUE;
}

static VlRecord *
make_blank (VlSchema *schema)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);

  for (guint i = 0; i < vl_schema_get_n_columns (schema); i++)
    vl_record_builder_set_null (builder, vl_schema_get_column_name (schema, i));

  return vl_record_builder_end (builder);
}

void
_vl_memory_store_init (VlMemoryStore *self, VlSchema *schema, gboolean remembers)
{
  *self = (VlMemoryStore){ 0 };
  self->schema = g_object_ref (schema);
  self->blank = make_blank (schema);
  self->records = g_sequence_new (g_object_unref);
  self->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (remembers)
    self->applied = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_queue_init (&self->applied_uids);
  g_queue_init (&self->untold);
}

void
_vl_memory_store_clear (VlMemoryStore *self)
{
  g_queue_clear_full (&self->untold, g_object_unref);
  g_queue_clear (&self->applied_uids);
  g_clear_pointer (&self->applied, g_hash_table_unref);
  g_clear_pointer (&self->by_id, g_hash_table_unref);
  g_clear_pointer (&self->records, g_sequence_free);
  g_clear_object (&self->blank);
  g_clear_object (&self->schema);
}
