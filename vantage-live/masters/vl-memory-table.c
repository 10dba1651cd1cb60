/* vl-memory-table.c: a table in memory, the reference
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "../base/vl-lock-private.h"
#include "../stream/vl-live-event.h"
#include "../stream/vl-live-stream.h"
#include "../table/vl-change.h"
#include "../table/vl-page-builder.h"
#include "../table/vl-page.h"
#include "../table/vl-query.h"
#include "../table/vl-record.h"
#include "../table/vl-reply.h"
#include "../table/vl-schema-builder.h"
#include "../table/vl-schema.h"
#include "../table/vl-table-private.h"
#include "../table/vl-table.h"
#include "vl-memory-store-private.h"
#include "vl-memory-table.h"

#define CAPABILITIES                                                                         \
 (VL_CAPABILITY_ORDER | VL_CAPABILITY_FILTER | VL_CAPABILITY_SEARCH | VL_CAPABILITY_WINDOW | \
  VL_CAPABILITY_COUNT | VL_CAPABILITY_INSERT | VL_CAPABILITY_REPLACE | VL_CAPABILITY_PATCH | \
  VL_CAPABILITY_DELETE | VL_CAPABILITY_DELETE_ALL | VL_CAPABILITY_BATCH |                    \
  VL_CAPABILITY_ASSIGN_ID | VL_CAPABILITY_SUBSCRIBE | VL_CAPABILITY_CHECK_BASE)

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
 * %VL_ERROR_CONFLICT when what it touches is not what the base says any more,
 * see [method@Change.with_base]. The changes of a batch are applied one by one:
 * one that is refused stops none of the others. A change that is sent again,
 * known by its uid, is not applied again; the last 4096 are remembered, unless
 * [property@MemoryTable:idempotent] says otherwise.
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
  VlLiveStream *stream;
  gboolean idempotent;

  VlLock lock;

  /* Under the lock. */
  VlMemoryStore store;
  gboolean is_telling; /* a thread is busy with what is untold */
};

enum
{
  PROP_SCHEMA = 1,
  PROP_IDEMPOTENT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void vl_memory_table_iface_init (VlTableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (VlMemoryTable,
                               vl_memory_table,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_TABLE, vl_memory_table_iface_init))

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
      while ((event = g_queue_pop_head (&self->store.untold)) != NULL)
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

static gboolean
apply (VlMemoryTable *self, VlChange *change, VlRecord **record, GError **error)
{
  gboolean applied;

  _vl_lock_acquire (&self->lock);
  applied = _vl_memory_store_apply (&self->store, change, record, error);
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
  found = _vl_memory_store_collect (&self->store, query);
  _vl_lock_release (&self->lock);

  _vl_memory_get_window (query, found->len, &first, &n);
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
  g_set_object (&record, _vl_memory_store_lookup (&self->store, id));
  _vl_lock_release (&self->lock);

  vl_reply_return_record (reply, record);

  return TRUE;
}

static gboolean
vl_memory_table_count (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  VlMemoryTable *self = VL_MEMORY_TABLE (table);
  gint64 count;

  _vl_lock_acquire (&self->lock);
  count = _vl_memory_store_count (&self->store, query);
  _vl_lock_release (&self->lock);

  vl_reply_return_count (reply, count);

  return TRUE;
}

static gboolean
vl_memory_table_apply (VlTable *table, VlChange *change, VlReply *reply, GError **error)
{
  VlMemoryTable *self = VL_MEMORY_TABLE (table);
  g_autoptr (VlRecord) record = NULL;
  g_autoptr (GError) refusal = NULL;
  gboolean applied = apply (self, change, &record, &refusal);

  tell (self);
  if (applied)
    vl_reply_return_record (reply, record);
  else
    _vl_reply_fail_with (reply, record, refusal);

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

      if (apply (self, change, &record, &refusal))
        vl_reply_return_nth (reply, i, record);
      else
        _vl_reply_fail_nth_with (reply, i, record, refusal);
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
adopt_schema (VlSchema *given, VlCapabilities capabilities)
{
  g_autoptr (VlSchemaBuilder) builder = NULL;
  const char *const *names;

  if (given == NULL)
    {
      builder = vl_schema_builder_new ("memory");
      vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_STRING, FALSE);
      vl_schema_builder_set_id_column (builder, "id");
      vl_schema_builder_set_capabilities (builder, capabilities);
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
  vl_schema_builder_set_capabilities (builder, capabilities);

  return vl_schema_builder_end (builder);
}

static void
vl_memory_table_constructed (GObject *object)
{
  VlMemoryTable *self = VL_MEMORY_TABLE (object);
  g_autoptr (VlSchema) given = g_steal_pointer (&self->schema);

  G_OBJECT_CLASS (vl_memory_table_parent_class)->constructed (object);

  self->schema = adopt_schema (given, self->idempotent ? CAPABILITIES | VL_CAPABILITY_IDEMPOTENT
                                                       : CAPABILITIES);
  _vl_memory_store_init (&self->store, self->schema, self->idempotent);
}

static void
vl_memory_table_finalize (GObject *object)
{
  VlMemoryTable *self = VL_MEMORY_TABLE (object);

  _vl_memory_store_clear (&self->store);
  g_clear_object (&self->stream);
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

    case PROP_IDEMPOTENT:
      g_value_set_boolean (value, self->idempotent);
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

    case PROP_IDEMPOTENT:
      self->idempotent = g_value_get_boolean (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
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

  /**
   * VlMemoryTable:idempotent: (getter get_idempotent)
   *
   * Whether a change that is sent again is known by its uid and not applied
   * again, and %VL_CAPABILITY_IDEMPOTENT is claimed.
   *
   * %FALSE makes it a table that applies whatever it is sent, as most do: for
   * tests of what a program does then.
   *
   * Since: 1.0
   */
  properties[PROP_IDEMPOTENT] = g_param_spec_boolean ("idempotent", NULL, NULL, TRUE,
                                                      G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY |
                                                        G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
vl_memory_table_init (VlMemoryTable *self)
{
  _vl_lock_init (&self->lock);
  self->stream = vl_live_stream_new ();

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
  n_records = g_hash_table_size (self->store.by_id);
  _vl_lock_release (&self->lock);

  return n_records;
}

/**
 * vl_memory_table_get_idempotent: (get-property idempotent)
 * @self: a table
 *
 * Tells whether a change that is sent again is not applied again. May be called
 * from any thread.
 *
 * Returns: whether changes are known by their uids
 *
 * Since: 1.0
 */
gboolean
vl_memory_table_get_idempotent (VlMemoryTable *self)
{
  g_return_val_if_fail (VL_IS_MEMORY_TABLE (self), FALSE);

  return self->idempotent;
}
