/* vl-memory-table.c: a table in memory, the reference
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "../base/vl-lock-private.h"
#include "../base/vl-random-private.h"
#include "../stream/vl-live-event.h"
#include "../stream/vl-live-stream.h"
#include "../table/vl-cell-private.h"
#include "../table/vl-change.h"
#include "../table/vl-page-builder.h"
#include "../table/vl-page.h"
#include "../table/vl-query.h"
#include "../table/vl-record-builder.h"
#include "../table/vl-record.h"
#include "../table/vl-reply.h"
#include "../table/vl-schema-builder.h"
#include "../table/vl-schema.h"
#include "../table/vl-table-private.h"
#include "../table/vl-table.h"
#include "../vl-error.h"
#include "vl-memory-table.h"

/* How many applied changes are remembered by their uid. A change is sent again
 * at most seconds after the first time, and queues hold about as many. */
#define MAX_APPLIED 4096

#define CAPABILITIES                                                                         \
 (VL_CAPABILITY_ORDER | VL_CAPABILITY_FILTER | VL_CAPABILITY_SEARCH | VL_CAPABILITY_WINDOW | \
  VL_CAPABILITY_COUNT | VL_CAPABILITY_INSERT | VL_CAPABILITY_REPLACE | VL_CAPABILITY_PATCH | \
  VL_CAPABILITY_DELETE | VL_CAPABILITY_DELETE_ALL | VL_CAPABILITY_BATCH |                    \
  VL_CAPABILITY_ASSIGN_ID | VL_CAPABILITY_IDEMPOTENT | VL_CAPABILITY_SUBSCRIBE)

/**
 * VlMemoryTable:
 *
 * A table that lives in memory and is lost with the object.
 *
 * It does everything that a table can do, and answers at once. That makes it
 * the reference for other tables, a stand-in for a real one in tests, and a
 * place for what a program only needs while it runs.
 *
 * Values of any type may be put into any column; a column that a record leaves
 * out becomes null. A record inserted without an id is given one: the next
 * number if the id column is of type %VL_FIELD_TYPE_INT64, never one that was
 * used before, else a UUID. A change with a base is refused with
 * %VL_ERROR_CONFLICT when what it touches is not what the base says any more.
 * The changes of a batch are applied one by one: one that is refused stops none
 * of the others. A change that is sent again, known by its uid, is answered as
 * the first time; the last 4096 are remembered.
 *
 * Its stream tells of each change, whoever made it. It has no identity: the
 * cache key of a live table alone tells one memory table from another.
 *
 * It may be used from any thread.
 *
 * Since: 1.0
 */
struct _VlMemoryTable
{
  GObject parent_instance;

  /* Set by construction, never changed. */
  VlSchema *schema;
  VlRecord *blank; /* every column, null */
  VlLiveStream *stream;

  VlLock lock;

  /* Under the lock. */
  GSequence *records;  /* of VlRecord, by id */
  GHashTable *by_id;   /* id -> GSequenceIter of its record */
  gint64 highest_id;   /* of all that ever were, when they are numbers */
  GHashTable *applied; /* uid -> VlRecord or NULL: what a change was answered */
  GQueue applied_uids; /* the keys of `applied`, oldest first */
  GQueue untold;       /* of VlLiveEvent: changes that the stream has not told of */
  gboolean is_telling; /* a thread is busy with `untold` */
};

enum
{
  PROP_SCHEMA = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void vl_memory_table_iface_init (VlTableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (VlMemoryTable,
                               vl_memory_table,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_TABLE, vl_memory_table_iface_init))

static const char *
get_name (VlMemoryTable *self)
{
  return vl_schema_get_table_name (self->schema);
}

/* Reading. All of it under the lock. */

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

static VlRecord *
lookup (VlMemoryTable *self, const char *id)
{
  GSequenceIter *iter = g_hash_table_lookup (self->by_id, id);

  return iter != NULL ? g_sequence_get (iter) : NULL;
}

/* All records that meet the query, in its order; its window does not count. */
static GPtrArray *
collect (VlMemoryTable *self, VlQuery *query)
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

/* The part of `n_found` records that the query's window shows. */
static void
get_window (VlQuery *query, guint n_found, guint *first, guint *n)
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
check_columns (VlMemoryTable *self, VlRecord *record, GError **error)
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
dup_id_field (VlMemoryTable *self, VlRecord *record, char **id, GError **error)
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
resolve_id (VlMemoryTable *self, const char *given, VlRecord *record, char **id, GError **error)
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

/* Under the lock. */
static gboolean
assign_id (VlMemoryTable *self, char **id, GError **error)
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
make_record (VlMemoryTable *self, const char *id, VlRecord *from, VlRecord *fields)
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

/* Keeping records. All of it under the lock. */

static void
put (VlMemoryTable *self, VlRecord *record)
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
take_out (VlMemoryTable *self, const char *id)
{
  GSequenceIter *iter = g_hash_table_lookup (self->by_id, id);

  g_hash_table_remove (self->by_id, id);
  g_sequence_remove (iter);
}

static void
add_untold (VlMemoryTable *self, VlLiveEvent *event)
{
  g_queue_push_tail (&self->untold, event);
}

/* Not under the lock. Tells in the order in which the changes were made,
 * whichever thread gets here; a sink may change the table again. */
static void
tell (VlMemoryTable *self)
{
  VlLiveEvent *event;

  _vl_lock_acquire (&self->lock);
  if (!self->is_telling)
    {
      self->is_telling = TRUE;
      while ((event = g_queue_pop_head (&self->untold)) != NULL)
        {
          _vl_lock_release (&self->lock);
          vl_live_stream_push (self->stream, event);
          g_object_unref (event);
          _vl_lock_acquire (&self->lock);
        }
      self->is_telling = FALSE;
    }
  _vl_lock_release (&self->lock);
}

/* Changing. All of it under the lock. */

/* Whether the fields of `touched` are in `current` what `base` says. */
static gboolean
check_base (VlMemoryTable *self,
            VlRecord *base,
            VlRecord *touched,
            VlRecord *current,
            GError **error)
{
  const char *id_column = vl_schema_get_id_column (self->schema);

  for (guint i = 0; base != NULL && i < _vl_record_get_n_slots (touched); i++)
    {
      VlCell cell;
      VlCell before;
      VlCell now;
      const char *name = _vl_record_get_slot (touched, i, &cell);

      if (name == NULL || g_strcmp0 (name, id_column) == 0)
        continue;
      if (!_vl_record_get_cell (base, name, &before))
        continue;

      _vl_record_get_cell (current, name, &now);
      if (_vl_cell_compare (&before, &now) == 0)
        continue;

      g_set_error (error, VL_ERROR, VL_ERROR_CONFLICT,
                   _ ("The field “%s” of record “%s” of table “%s” was changed meanwhile"), name,
                   vl_record_get_id (current), get_name (self));
      return FALSE;
    }

  return TRUE;
}

static gboolean
apply_insert (VlMemoryTable *self, VlChange *change, VlRecord **stored, GError **error)
{
  VlRecord *record = vl_change_get_record (change);
  g_autofree char *id = NULL;

  if (!check_columns (self, record, error) ||
      !resolve_id (self, vl_record_get_id (record), record, &id, error) ||
      (id == NULL && !assign_id (self, &id, error)))
    return FALSE;

  if (lookup (self, id) != NULL)
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
apply_replace (VlMemoryTable *self, VlChange *change, VlRecord **stored, GError **error)
{
  VlRecord *record = vl_change_get_record (change);
  VlRecord *base = vl_change_get_base (change);
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

  current = lookup (self, id);
  if (current == NULL && base != NULL)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_CONFLICT,
                   _ ("The record “%s” of table “%s” was deleted meanwhile"), id, get_name (self));
      return FALSE;
    }
  /* Replacing touches every field. */
  if (current != NULL && !check_base (self, base, current, current, error))
    return FALSE;

  *stored = make_record (self, id, self->blank, record);
  add_untold (self, current == NULL ? vl_live_event_new_inserted (*stored)
                                    : vl_live_event_new_updated (id, *stored));
  put (self, *stored);

  return TRUE;
}

static gboolean
apply_patch (VlMemoryTable *self, VlChange *change, VlRecord **stored, GError **error)
{
  VlRecord *fields = vl_change_get_record (change);
  VlRecord *current;
  g_autofree char *id = NULL;

  if (!check_columns (self, fields, error) ||
      !resolve_id (self, vl_change_get_id (change), fields, &id, error))
    return FALSE;

  current = lookup (self, id);
  if (current == NULL)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_NOT_FOUND,
                   _ ("Cannot change the record “%s” of table “%s”: there is none"), id,
                   get_name (self));
      return FALSE;
    }
  if (!check_base (self, vl_change_get_base (change), fields, current, error))
    return FALSE;

  *stored = make_record (self, id, current, fields);
  put (self, *stored);
  add_untold (self, vl_live_event_new_updated (id, *stored));

  return TRUE;
}

static gboolean
apply_delete (VlMemoryTable *self, VlChange *change, VlRecord **before, GError **error)
{
  const char *id = vl_change_get_id (change);
  VlRecord *current = lookup (self, id);

  if (current == NULL)
    return TRUE;
  if (!check_base (self, vl_change_get_base (change), current, current, error))
    return FALSE;

  *before = g_object_ref (current);
  take_out (self, id);
  add_untold (self, vl_live_event_new_deleted (id));

  return TRUE;
}

static void
apply_delete_all (VlMemoryTable *self, VlChange *change)
{
  VlQuery *given = vl_change_get_query (change);
  g_autoptr (VlQuery) query = given != NULL ? g_object_ref (given) : vl_query_new ();
  g_autoptr (GPtrArray) found = collect (self, query);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) ids = NULL;
  guint first;
  guint n;

  get_window (query, found->len, &first, &n);
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

static void
remember (VlMemoryTable *self, VlChange *change, VlRecord *record)
{
  char *uid = g_strdup (vl_change_get_uid (change));

  g_hash_table_insert (self->applied, uid, record != NULL ? g_object_ref (record) : NULL);
  g_queue_push_tail (&self->applied_uids, uid);

  if (self->applied_uids.length > MAX_APPLIED)
    g_hash_table_remove (self->applied, g_queue_pop_head (&self->applied_uids));
}

/* `record` is what the change is answered with; it may stay NULL. */
static gboolean
apply_new (VlMemoryTable *self, VlChange *change, VlRecord **record, GError **error)
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

static gboolean
apply_once (VlMemoryTable *self, VlChange *change, VlRecord **record, GError **error)
{
  gpointer known = NULL;
  gboolean applied;

  *record = NULL;

  _vl_lock_acquire (&self->lock);
  applied = g_hash_table_lookup_extended (self->applied, vl_change_get_uid (change), NULL, &known);
  if (applied)
    {
      g_set_object (record, known);
    }
  else
    {
      applied = apply_new (self, change, record, error);
      if (applied)
        remember (self, change, *record);
    }
  _vl_lock_release (&self->lock);

  return applied;
}

/* The table's vfuncs. They run on whatever thread calls. */

static gboolean
vl_memory_table_describe (VlTable *table, VlReply *reply, GError **error)
{
  vl_reply_return_schema (reply, VL_MEMORY_TABLE (table)->schema);

  return TRUE;
}

static gboolean
vl_memory_table_list (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  VlMemoryTable *self = VL_MEMORY_TABLE (table);
  g_autoptr (VlPageBuilder) builder = vl_page_builder_new (self->schema);
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (VlPage) page = NULL;
  guint first;
  guint n;

  _vl_lock_acquire (&self->lock);
  found = collect (self, query);
  _vl_lock_release (&self->lock);

  get_window (query, found->len, &first, &n);
  for (guint i = first; i < first + n; i++)
    vl_page_builder_add_record (builder, found->pdata[i]);
  vl_page_builder_set_offset (builder, vl_query_get_offset (query));
  vl_page_builder_set_total (builder, found->len);

  page = vl_page_builder_end (builder);
  vl_reply_return_page (reply, page);

  return TRUE;
}

static gboolean
vl_memory_table_find (VlTable *table, const char *id, VlReply *reply, GError **error)
{
  VlMemoryTable *self = VL_MEMORY_TABLE (table);
  g_autoptr (VlRecord) record = NULL;

  _vl_lock_acquire (&self->lock);
  g_set_object (&record, lookup (self, id));
  _vl_lock_release (&self->lock);

  vl_reply_return_record (reply, record);

  return TRUE;
}

static gboolean
vl_memory_table_count (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  VlMemoryTable *self = VL_MEMORY_TABLE (table);
  GSequenceIter *iter;
  gint64 count = 0;

  _vl_lock_acquire (&self->lock);
  iter = g_sequence_get_begin_iter (self->records);
  for (; !g_sequence_iter_is_end (iter); iter = g_sequence_iter_next (iter))
    count += vl_query_matches (query, g_sequence_get (iter));
  _vl_lock_release (&self->lock);

  vl_reply_return_count (reply, count);

  return TRUE;
}

static gboolean
vl_memory_table_apply (VlTable *table, VlChange *change, VlReply *reply, GError **error)
{
  VlMemoryTable *self = VL_MEMORY_TABLE (table);
  g_autoptr (VlRecord) record = NULL;

  if (!apply_once (self, change, &record, error))
    return FALSE;

  tell (self);
  vl_reply_return_record (reply, record);

  return TRUE;
}

static gboolean
vl_memory_table_apply_batch (VlTable *table, GListModel *changes, VlReply *reply, GError **error)
{
  VlMemoryTable *self = VL_MEMORY_TABLE (table);
  guint n_changes = g_list_model_get_n_items (changes);

  for (guint i = 0; i < n_changes; i++)
    {
      g_autoptr (VlChange) change = g_list_model_get_item (changes, i);
      g_autoptr (VlRecord) record = NULL;
      g_autoptr (GError) refusal = NULL;

      if (apply_once (self, change, &record, &refusal))
        vl_reply_return_nth (reply, i, record);
      else
        vl_reply_fail_nth (reply, i, refusal);
    }

  tell (self);
  vl_reply_finish (reply);

  return TRUE;
}

static VlLiveStream *
vl_memory_table_get_stream (VlTable *table)
{
  return g_object_ref (VL_MEMORY_TABLE (table)->stream);
}

static void
vl_memory_table_iface_init (VlTableInterface *iface)
{
  iface->describe = vl_memory_table_describe;
  iface->list = vl_memory_table_list;
  iface->find = vl_memory_table_find;
  iface->count = vl_memory_table_count;
  iface->apply = vl_memory_table_apply;
  iface->apply_batch = vl_memory_table_apply_batch;
  iface->get_stream = vl_memory_table_get_stream;
}

/* The given schema, with what this table can do instead of what it says. */
static VlSchema *
adopt_schema (VlSchema *given)
{
  g_autoptr (VlSchemaBuilder) builder = NULL;
  const char *const *names;

  if (given == NULL)
    {
      builder = vl_schema_builder_new ("memory");
      vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_STRING, FALSE);
      vl_schema_builder_set_id_column (builder, "id");
      vl_schema_builder_set_capabilities (builder, CAPABILITIES);
      return vl_schema_builder_end (builder);
    }

  builder = vl_schema_builder_new (vl_schema_get_table_name (given));
  vl_schema_builder_set_instance (builder, vl_schema_get_instance (given));
  for (guint i = 0; i < vl_schema_get_n_columns (given); i++)
    vl_schema_builder_add_column (builder, vl_schema_get_column_name (given, i),
                                  vl_schema_get_column_type (given, i),
                                  vl_schema_get_column_nullable (given, i));
  vl_schema_builder_set_id_column (builder, vl_schema_get_id_column (given));
  for (names = vl_schema_get_title_columns (given); names != NULL && *names != NULL; names++)
    vl_schema_builder_add_title_column (builder, *names);
  vl_schema_builder_set_capabilities (builder, CAPABILITIES);

  return vl_schema_builder_end (builder);
}

static VlRecord *
make_blank (VlSchema *schema)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (NULL);

  for (guint i = 0; i < vl_schema_get_n_columns (schema); i++)
    vl_record_builder_set_null (builder, vl_schema_get_column_name (schema, i));

  return vl_record_builder_end (builder);
}

static void
vl_memory_table_constructed (GObject *object)
{
  VlMemoryTable *self = VL_MEMORY_TABLE (object);
  g_autoptr (VlSchema) given = g_steal_pointer (&self->schema);

  G_OBJECT_CLASS (vl_memory_table_parent_class)->constructed (object);

  self->schema = adopt_schema (given);
  self->blank = make_blank (self->schema);
}

static void
vl_memory_table_finalize (GObject *object)
{
  VlMemoryTable *self = VL_MEMORY_TABLE (object);

  g_queue_clear_full (&self->untold, g_object_unref);
  g_queue_clear (&self->applied_uids);
  g_hash_table_unref (self->applied);
  g_hash_table_unref (self->by_id);
  g_sequence_free (self->records);
  g_clear_object (&self->stream);
  g_clear_object (&self->blank);
  g_clear_object (&self->schema);
  _vl_lock_destroy (&self->lock);

  G_OBJECT_CLASS (vl_memory_table_parent_class)->finalize (object);
}

static void
vl_memory_table_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  VlMemoryTable *self = VL_MEMORY_TABLE (object);

  switch (prop_id)
    {
    case PROP_SCHEMA:
      g_value_set_object (value, self->schema);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
vl_memory_table_set_property (GObject *object,
                              guint prop_id,
                              const GValue *value,
                              GParamSpec *pspec)
{
  VlMemoryTable *self = VL_MEMORY_TABLE (object);

  switch (prop_id)
    {
    case PROP_SCHEMA:
      self->schema = g_value_dup_object (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
unref_nullable (gpointer object)
{
  if (object != NULL)
    g_object_unref (object);
}

static void
vl_memory_table_class_init (VlMemoryTableClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = vl_memory_table_constructed;
  object_class->finalize = vl_memory_table_finalize;
  object_class->get_property = vl_memory_table_get_property;
  object_class->set_property = vl_memory_table_set_property;

  /**
   * VlMemoryTable:schema:
   *
   * The columns of the table, and what it can do.
   *
   * The capabilities of the schema that it is made with do not count, nor do
   * its relations. Made without one, the table has only an id column.
   *
   * Since: 1.0
   */
  properties[PROP_SCHEMA] = g_param_spec_object ("schema", NULL, NULL, VL_TYPE_SCHEMA,
                                                 G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY |
                                                   G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
vl_memory_table_init (VlMemoryTable *self)
{
  _vl_lock_init (&self->lock);
  self->stream = vl_live_stream_new ();
  self->records = g_sequence_new (g_object_unref);
  self->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->applied = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, unref_nullable);
  g_queue_init (&self->applied_uids);
  g_queue_init (&self->untold);

  _vl_table_set_home (VL_TABLE (self));
}

/**
 * vl_memory_table_new:
 * @schema: the columns of the table; its capabilities do not count
 *
 * Makes an empty table.
 *
 * Returns: (transfer full): the table
 *
 * Since: 1.0
 */
VlMemoryTable *
vl_memory_table_new (VlSchema *schema)
{
  g_return_val_if_fail (VL_IS_SCHEMA (schema), NULL);

  return g_object_new (VL_TYPE_MEMORY_TABLE, "schema", schema, NULL);
}

/**
 * vl_memory_table_get_n_records:
 * @self: a table
 *
 * Tells how many records the table holds. May be called from any thread.
 *
 * Returns: the number of records
 *
 * Since: 1.0
 */
guint
vl_memory_table_get_n_records (VlMemoryTable *self)
{
  guint n_records;

  g_return_val_if_fail (VL_IS_MEMORY_TABLE (self), 0);

  _vl_lock_acquire (&self->lock);
  n_records = g_hash_table_size (self->by_id);
  _vl_lock_release (&self->lock);

  return n_records;
}
