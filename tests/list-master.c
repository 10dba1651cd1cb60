/* list-master.c: a table that tells what it was asked for, and lies when told to
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "list-master.h"

typedef struct
{
  VlReply *reply;
  VlQuery *query;
  VlChange *change; /* instead of the query */
  gboolean is_count;
  GPtrArray *records; /* as they were when it was asked */
  gulong handler;
  ListMaster *master;
} HeldList;

static void list_master_iface_init (VlTableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ListMaster,
                               list_master,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_TABLE, list_master_iface_init))

static void
held_free (gpointer data)
{
  HeldList *held = data;

  g_signal_handler_disconnect (vl_reply_get_cancellable (held->reply), held->handler);
  g_object_unref (held->reply);
  g_clear_object (&held->query);
  g_clear_object (&held->change);
  g_ptr_array_unref (held->records);
  g_free (held);
}

VlRecord *
list_master_record (const char *id, const char *name)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (id);

  vl_record_builder_set_string (builder, "id", id);
  vl_record_builder_set_string (builder, "name", name);

  return vl_record_builder_end (builder);
}

static int
compare (gconstpointer a, gconstpointer b, gpointer query)
{
  return vl_query_compare (query, *(VlRecord *const *) a, *(VlRecord *const *) b);
}

static GPtrArray *
sorted (GPtrArray *records, VlQuery *query)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < records->len; i++)
    {
      if (vl_query_matches (query, records->pdata[i]))
        g_ptr_array_add (found, g_object_ref (records->pdata[i]));
    }
  g_ptr_array_sort_with_data (found, compare, query);

  return found;
}

static VlRecord *
nth (ListMaster *self, GPtrArray *found, guint64 i)
{
  g_autofree char *id = NULL;

  if (self->n_virtual == 0)
    return g_object_ref (found->pdata[i]);

  if (i < self->n_in_front)
    id = g_strdup_printf ("-%06u", (guint) i);
  else
    id = g_strdup_printf ("%07u", (guint) i - self->n_in_front);

  return list_master_record (id, id);
}

static void
answer (ListMaster *self, VlQuery *query, VlReply *reply, GPtrArray *records)
{
  g_autoptr (GPtrArray) found = sorted (records, query);
  guint64 n = self->n_virtual > 0 ? self->n_virtual : found->len;
  gboolean windows = vl_schema_can (self->schema, VL_CAPABILITY_WINDOW);
  guint64 first = windows ? MIN (vl_query_get_offset (query), n) : 0;
  guint64 limit = windows ? vl_query_get_limit (query) : 0;
  guint64 end = limit > 0 ? MIN (first + limit, n) : n;

  for (guint64 i = first; i < end; i++)
    {
      g_autoptr (VlRecord)
        record = nth (self, found, self->shows_twice && i + 1 == end ? first : i);

      vl_reply_add_record (reply, record);
    }
  if (self->total != -1)
    vl_reply_set_total (reply, self->total == LIST_TOTAL_TRUE ? (gint64) n : self->total);
  vl_reply_finish (reply);
}

static void
fail (VlReply *reply)
{
  g_autoptr (GError) error = g_error_new (VL_ERROR, VL_ERROR_UNAVAILABLE, "no network");

  vl_reply_fail (reply, error);
}

static gboolean
list_master_describe (VlTable *table, VlReply *reply, GError **error)
{
  vl_reply_return_schema (reply, LIST_MASTER (table)->schema);

  return TRUE;
}

static void
held_cancelled (GCancellable *cancellable, gpointer user_data)
{
  LIST_MASTER (user_data)->n_cancelled++;
}

static HeldList *
hold (ListMaster *self, VlReply *reply)
{
  HeldList *held = g_new0 (HeldList, 1);

  held->reply = g_object_ref (reply);
  held->records = g_ptr_array_copy (self->records, (GCopyFunc) (GCallback) g_object_ref, NULL);
  held->handler = g_signal_connect (vl_reply_get_cancellable (reply), "cancelled",
                                    G_CALLBACK (held_cancelled), self);
  g_ptr_array_set_free_func (held->records, g_object_unref);
  g_ptr_array_add (self->held, held);

  return held;
}

static gboolean
list_master_list (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  ListMaster *self = LIST_MASTER (table);

  self->n_lists++;
  g_string_append_printf (self->asked, "%s%" G_GUINT64_FORMAT "+%u",
                          self->asked->len > 0 ? " " : "", vl_query_get_offset (query),
                          vl_query_get_limit (query));
  if (self->holds)
    hold (self, reply)->query = g_object_ref (query);
  else if (self->n_errors > 0)
    {
      self->n_errors--;
      fail (reply);
    }
  else
    answer (self, query, reply, self->records);

  return TRUE;
}

static VlRecord *
find (ListMaster *self, const char *id)
{
  for (guint i = 0; id != NULL && i < self->records->len; i++)
    {
      if (g_strcmp0 (vl_record_get_id (self->records->pdata[i]), id) == 0)
        return self->records->pdata[i];
    }

  return NULL;
}

static gboolean
list_master_find (VlTable *table, const char *id, VlReply *reply, GError **error)
{
  vl_reply_return_record (reply, find (LIST_MASTER (table), id));

  return TRUE;
}

static void
answer_count (ListMaster *self, VlQuery *query, VlReply *reply, GPtrArray *records)
{
  g_autoptr (GPtrArray) found = sorted (records, query);

  vl_reply_return_count (reply, self->count == LIST_TOTAL_TRUE ? found->len : self->count);
}

static gboolean
list_master_count (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  ListMaster *self = LIST_MASTER (table);

  self->n_counts++;
  if (self->holds_counts)
    {
      HeldList *held = hold (self, reply);

      held->query = g_object_ref (query);
      held->is_count = TRUE;
    }
  else
    {
      answer_count (self, query, reply, self->records);
    }

  return TRUE;
}

/* Writes */

static void
echo (ListMaster *self, VlLiveEvent *event)
{
  if (self->echoes != NULL)
    g_queue_push_tail (self->echoes, event);
  else
    g_object_unref (event);
}

static void
store (ListMaster *self, const char *id, VlRecord *fields, VlReply *reply)
{
  VlRecord *old = find (self, id);
  const char *old_name = old != NULL ? vl_record_get_string (old, "name") : NULL;
  const char *name = vl_record_has_field (fields, "name") ? vl_record_get_string (fields, "name")
                                                          : old_name;
  g_autofree char *trimmed = g_strstrip (g_strdup (name));
  g_autoptr (VlRecord) record = list_master_record (id, self->trims ? trimmed : name);

  echo (self,
        old != NULL ? vl_live_event_new_updated (id, record) : vl_live_event_new_inserted (record));
  if (old != NULL)
    g_ptr_array_remove (self->records, old);
  g_ptr_array_add (self->records, g_object_ref (record));
  vl_reply_return_record (reply, self->tells_nothing ? NULL : record);
}

static void
refuse (VlReply *reply, int code)
{
  g_autoptr (GError) error = g_error_new (VL_ERROR, code, "“name” is not liked");

  vl_reply_fail (reply, error);
}

static void
apply (ListMaster *self, VlChange *change, VlReply *reply)
{
  VlRecord *record = vl_change_get_record (change);
  VlChangeKind kind = vl_change_get_kind (change);
  const char *id = vl_change_get_id (change);
  g_autofree char *assigned = NULL;

  if (id == NULL)
    id = assigned = g_strdup_printf ("n%03u", self->n_assigned++);
  if (kind == VL_CHANGE_KIND_DELETE)
    {
      if (find (self, id) != NULL)
        {
          g_ptr_array_remove (self->records, find (self, id));
          echo (self, vl_live_event_new_deleted (id));
        }
      vl_reply_return_record (reply, NULL);
    }
  else if (kind == VL_CHANGE_KIND_INSERT && find (self, id) != NULL)
    {
      refuse (reply, VL_ERROR_EXISTS);
    }
  else if (kind == VL_CHANGE_KIND_PATCH && find (self, id) == NULL)
    {
      refuse (reply, VL_ERROR_NOT_FOUND);
    }
  else
    {
      store (self, id, record, reply);
    }
}

static gboolean
list_master_apply (VlTable *table, VlChange *change, VlReply *reply, GError **error)
{
  ListMaster *self = LIST_MASTER (table);

  if (self->holds)
    hold (self, reply)->change = g_object_ref (change);
  else
    apply (self, change, reply);

  return TRUE;
}

static VlLiveStream *
list_master_get_stream (VlTable *table)
{
  ListMaster *self = LIST_MASTER (table);

  return self->stream != NULL ? g_object_ref (self->stream) : NULL;
}

static void
list_master_iface_init (VlTableInterface *iface)
{
  iface->describe = list_master_describe;
  iface->list = list_master_list;
  iface->find = list_master_find;
  iface->count = list_master_count;
  iface->apply = list_master_apply;
  iface->get_stream = list_master_get_stream;
}

static void
list_master_finalize (GObject *object)
{
  ListMaster *self = LIST_MASTER (object);

  g_clear_object (&self->schema);
  g_clear_object (&self->stream);
  g_ptr_array_unref (self->records);
  g_ptr_array_unref (self->held);
  g_string_free (self->asked, TRUE);

  G_OBJECT_CLASS (list_master_parent_class)->finalize (object);
}

static void
list_master_class_init (ListMasterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = list_master_finalize;
}

static void
list_master_init (ListMaster *self)
{
  self->stream = vl_live_stream_new ();
  self->records = g_ptr_array_new_with_free_func (g_object_unref);
  self->held = g_ptr_array_new_with_free_func (held_free);
  self->asked = g_string_new (NULL);
  self->total = LIST_TOTAL_TRUE;
  self->count = LIST_TOTAL_TRUE;
}

ListMaster *
list_master_new (VlCapabilities capabilities)
{
  ListMaster *self = g_object_new (LIST_TYPE_MASTER, NULL);
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("things");

  vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (builder, "name", VL_FIELD_TYPE_STRING, TRUE);
  vl_schema_builder_set_id_column (builder, "id");
  vl_schema_builder_set_capabilities (builder, capabilities);
  self->schema = vl_schema_builder_end (builder);

  return self;
}

void
list_master_set (ListMaster *self, const char *words)
{
  g_auto (GStrv) list = g_strsplit (words, " ", -1);

  g_ptr_array_set_size (self->records, 0);
  for (guint i = 0; list[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (list[i], "/", 2);

      if (parts[0] != NULL && parts[0][0] != '\0')
        g_ptr_array_add (self->records,
                         list_master_record (parts[0], parts[1] != NULL ? parts[1] : parts[0]));
    }
}

static gboolean
drop (ListMaster *self, const char *id)
{
  return g_ptr_array_remove (self->records, find (self, id));
}

void
list_master_put (ListMaster *self, const char *id, const char *name)
{
  VlRecord *record = list_master_record (id, name);
  gboolean was_there = drop (self, id);
  g_autoptr (VlLiveEvent) event = NULL;

  g_ptr_array_add (self->records, record);
  event = was_there ? vl_live_event_new_updated (id, record) : vl_live_event_new_inserted (record);
  vl_live_stream_push (self->stream, event);
}

void
list_master_remove (ListMaster *self, const char *id)
{
  g_autoptr (VlLiveEvent) event = vl_live_event_new_deleted (id);

  drop (self, id);
  vl_live_stream_push (self->stream, event);
}

static HeldList *
take_held (ListMaster *self)
{
  g_assert_cmpuint (self->held->len, >, 0);

  return g_ptr_array_steal_index (self->held, 0);
}

static void
answer_held (ListMaster *self, gboolean as_asked)
{
  HeldList *held = take_held (self);
  GPtrArray *records = as_asked ? held->records : self->records;

  if (held->change != NULL)
    apply (self, held->change, held->reply);
  else if (held->is_count)
    answer_count (self, held->query, held->reply, records);
  else
    answer (self, held->query, held->reply, records);
  held_free (held);
}

void
list_master_answer (ListMaster *self)
{
  answer_held (self, FALSE);
}

void
list_master_answer_as_asked (ListMaster *self)
{
  answer_held (self, TRUE);
}

void
list_master_fail (ListMaster *self)
{
  HeldList *held = take_held (self);

  fail (held->reply);
  held_free (held);
}

void
list_master_refuse (ListMaster *self)
{
  HeldList *held = take_held (self);

  refuse (held->reply, VL_ERROR_REJECTED);
  held_free (held);
}

void
list_master_answer_all (ListMaster *self)
{
  while (self->held->len > 0)
    list_master_answer (self);
}

char *
list_master_take_asked (ListMaster *self)
{
  char *asked = g_strdup (self->asked->str);

  g_string_truncate (self->asked, 0);

  return asked;
}
