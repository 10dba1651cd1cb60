/* shaped-table.c: a master that says of itself what a test wants
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "shaped-table.h"

#include "vantage-live/table/vl-page-private.h"

struct _ShapedTable
{
  GObject parent_instance;

  VlTable *target;
  VlSchema *schema;
  char *identity;
  VlTable *related;
  VlLiveStream *stream;
  gint64 stale_since;
  guint n_cancelled;
  GString *lists;
};

static void shaped_table_iface_init (VlTableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ShapedTable,
                               shaped_table,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_TABLE, shaped_table_iface_init))

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  ShapedTable *self = user_data;

  self->n_cancelled++;
}

static void
watch (ShapedTable *self, VlReply *reply)
{
  g_signal_connect_object (vl_reply_get_cancellable (reply), "cancelled", G_CALLBACK (on_cancelled),
                           self, G_CONNECT_DEFAULT);
}

static gboolean
shaped_table_describe (VlTable *table, VlReply *reply, GError **error)
{
  ShapedTable *self = TEST_SHAPED_TABLE (table);

  watch (self, reply);
  if (self->schema == NULL)
    return VL_TABLE_GET_IFACE (self->target)->describe (self->target, reply, error);

  vl_reply_return_schema (reply, self->schema);
  return TRUE;
}

static void
on_target_listed (GObject *target, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (VlReply) reply = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (VlPage) page = vl_table_list_finish (VL_TABLE (target), result, &error);
  gint64 *since = g_object_get_data (G_OBJECT (reply), "stale-since");
  g_autoptr (VlPage) stale = NULL;
  VlPageInfo info;

  g_assert_no_error (error);
  _vl_page_get_info (page, &info);
  info.fetched_at = *since;
  info.from_cache = TRUE;
  info.is_stale = TRUE;
  stale = _vl_page_with_info (page, &info);
  vl_reply_return_page (reply, stale);
}

static gboolean
shaped_table_list (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  ShapedTable *self = TEST_SHAPED_TABLE (table);

  watch (self, reply);
  g_string_append_printf (self->lists, "%" G_GUINT64_FORMAT "+%u ", vl_query_get_offset (query),
                          vl_query_get_limit (query));
  if (self->stale_since == 0)
    return VL_TABLE_GET_IFACE (self->target)->list (self->target, query, reply, error);

  g_object_set_data_full (G_OBJECT (reply), "stale-since",
                          g_memdup2 (&self->stale_since, sizeof self->stale_since), g_free);
  vl_table_list_async (self->target, query, NULL, on_target_listed, g_object_ref (reply));
  return TRUE;
}

static gboolean
shaped_table_find (VlTable *table, const char *id, VlReply *reply, GError **error)
{
  ShapedTable *self = TEST_SHAPED_TABLE (table);

  watch (self, reply);
  return VL_TABLE_GET_IFACE (self->target)->find (self->target, id, reply, error);
}

static gboolean
shaped_table_count (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  ShapedTable *self = TEST_SHAPED_TABLE (table);

  watch (self, reply);
  return VL_TABLE_GET_IFACE (self->target)->count (self->target, query, reply, error);
}

static gboolean
shaped_table_apply (VlTable *table, VlChange *change, VlReply *reply, GError **error)
{
  ShapedTable *self = TEST_SHAPED_TABLE (table);

  return VL_TABLE_GET_IFACE (self->target)->apply (self->target, change, reply, error);
}

static VlTable *
shaped_table_get_related (VlTable *table, const char *relation, VlRecord *record, GError **error)
{
  ShapedTable *self = TEST_SHAPED_TABLE (table);

  return self->related != NULL ? g_object_ref (self->related) : NULL;
}

static VlLiveStream *
shaped_table_get_stream (VlTable *table)
{
  ShapedTable *self = TEST_SHAPED_TABLE (table);

  return self->stream != NULL ? g_object_ref (self->stream) : NULL;
}

static char *
shaped_table_get_identity (VlTable *table)
{
  return g_strdup (TEST_SHAPED_TABLE (table)->identity);
}

static void
shaped_table_iface_init (VlTableInterface *iface)
{
  iface->describe = shaped_table_describe;
  iface->list = shaped_table_list;
  iface->find = shaped_table_find;
  iface->count = shaped_table_count;
  iface->apply = shaped_table_apply;
  iface->get_related = shaped_table_get_related;
  iface->get_stream = shaped_table_get_stream;
  iface->get_identity = shaped_table_get_identity;
}

static void
shaped_table_finalize (GObject *object)
{
  ShapedTable *self = TEST_SHAPED_TABLE (object);

  g_clear_object (&self->target);
  g_clear_object (&self->schema);
  g_clear_object (&self->related);
  g_clear_object (&self->stream);
  g_free (self->identity);
  g_string_free (self->lists, TRUE);

  G_OBJECT_CLASS (shaped_table_parent_class)->finalize (object);
}

static void
shaped_table_class_init (ShapedTableClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = shaped_table_finalize;
}

static void
shaped_table_init (ShapedTable *self)
{
  self->lists = g_string_new (NULL);
}

ShapedTable *
shaped_table_new (VlTable *target)
{
  ShapedTable *self = g_object_new (TYPE_SHAPED_TABLE, NULL);

  self->target = g_object_ref (target);

  return self;
}

void
shaped_table_set_schema (ShapedTable *self, VlSchema *schema)
{
  g_set_object (&self->schema, schema);
}

void
shaped_table_set_identity (ShapedTable *self, const char *identity)
{
  g_free (self->identity);
  self->identity = g_strdup (identity);
}

void
shaped_table_set_related (ShapedTable *self, VlTable *related)
{
  g_set_object (&self->related, related);
}

void
shaped_table_set_stream (ShapedTable *self, VlLiveStream *stream)
{
  g_set_object (&self->stream, stream);
}

void
shaped_table_set_stale (ShapedTable *self, gint64 fetched_at)
{
  self->stale_since = fetched_at;
}

guint
shaped_table_get_n_cancelled (ShapedTable *self)
{
  return self->n_cancelled;
}

const char *
shaped_table_get_lists (ShapedTable *self)
{
  return self->lists->str;
}

void
shaped_table_forget_lists (ShapedTable *self)
{
  g_string_truncate (self->lists, 0);
}
