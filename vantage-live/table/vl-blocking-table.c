/* vl-blocking-table.c: a table whose work blocks, run on a thread of its own
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-blocking-table.h"

#include "../base/vl-executor-private.h"
#include "../base/vl-handoff-private.h"
#include "../base/vl-lock-private.h"
#include "../vl-error.h"
#include "vl-change.h"
#include "vl-query.h"
#include "vl-reply.h"
#include "vl-table-private.h"

/* So many reads may pass a waiting write before it gets its turn, so that a
 * busy reader cannot hold it back for ever. */
#define READS_PAST_A_WRITE 64

/**
 * VlBlockingTable:
 *
 * A base class for tables whose work blocks.
 *
 * It implements [iface@Table] and runs each request on one dedicated thread, so
 * that a subclass can use a blocking database driver, one that must stay on one
 * thread even, without blocking its callers. The vfuncs have the shape of those
 * of the interface, and answer the reply they are given before they return, or
 * later.
 *
 * Requests run one at a time. A `list` or a `count` is served before the writes
 * that wait, a `find` before the waiting writes of other records; the writes
 * keep their order. A request that is cancelled while it waits is never run;
 * one that runs can watch [method@Reply.get_cancellable].
 *
 * A subclass in Python names [iface@Table] among its bases again. gjs cannot
 * run code on another thread, and so cannot subclass this one.
 *
 * Since: 1.0
 */

/**
 * VlBlockingTable::describe_blocking:
 * @self: a table
 * @reply: to be answered with [method@Reply.return_schema]
 * @error: return location for an error
 *
 * Does what `describe` of [iface@Table] does, on the worker thread.
 *
 * Returns: %TRUE if the reply is answered or will be
 */

/**
 * VlBlockingTable::list_blocking:
 * @self: a table
 * @query: which records, in what order
 * @reply: to be answered with [method@Reply.return_page]
 * @error: return location for an error
 *
 * Does what `list` of [iface@Table] does, on the worker thread.
 *
 * Returns: %TRUE if the reply is answered or will be
 */

/**
 * VlBlockingTable::find_blocking:
 * @self: a table
 * @id: the id of the record
 * @reply: to be answered with [method@Reply.return_record]
 * @error: return location for an error
 *
 * Does what `find` of [iface@Table] does, on the worker thread.
 *
 * Returns: %TRUE if the reply is answered or will be
 */

/**
 * VlBlockingTable::count_blocking:
 * @self: a table
 * @query: which records
 * @reply: to be answered with [method@Reply.return_count]
 * @error: return location for an error
 *
 * Does what `count` of [iface@Table] does, on the worker thread.
 *
 * Returns: %TRUE if the reply is answered or will be
 */

/**
 * VlBlockingTable::apply_blocking:
 * @self: a table
 * @change: what to change
 * @reply: to be answered with [method@Reply.return_record] or
 *   [method@Reply.fail_conflict]
 * @error: return location for an error
 *
 * Does what `apply` of [iface@Table] does, on the worker thread.
 *
 * Returns: %TRUE if the reply is answered or will be
 */

/**
 * VlBlockingTable::apply_batch_blocking:
 * @self: a table
 * @changes: what to change, a list of [class@Change]
 * @reply: to be answered with [method@Reply.return_nth],
 *   [method@Reply.fail_nth], [method@Reply.fail_nth_conflict] and
 *   [method@Reply.finish]
 * @error: return location for an error
 *
 * Does what `apply_batch` of [iface@Table] does, on the worker thread.
 *
 * Returns: %TRUE if the reply is answered or will be
 */

typedef enum
{
  REQUEST_DESCRIBE,
  REQUEST_LIST,
  REQUEST_FIND,
  REQUEST_COUNT,
  REQUEST_APPLY,
  REQUEST_APPLY_BATCH,
} RequestKind;

/* One request; belongs to the queue, then to the worker, then to home, where
 * it is freed: what it refers to may belong to a script that cannot let go of
 * it elsewhere. */
typedef struct
{
  VlBlockingTable *table; /* the worker's reference, from when it runs */
  RequestKind kind;
  VlReply *reply;
  GCancellable *cancellable; /* the reply's */
  VlQuery *query;
  char *id;
  VlChange *change;
  GListModel *changes;
} Request;

typedef struct
{
  VlExecutor *executor; /* never changes */
  VlHandoff *home;      /* never changes: where the worker's references go back to */
  VlLock lock;
  GQueue requests; /* under the lock: of Request, in the order they came */
  guint n_passed;  /* under the lock: reads served while a write waited */
} VlBlockingTablePrivate;

static void vl_blocking_table_iface_init (VlTableInterface *iface);

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (VlBlockingTable,
                                  vl_blocking_table,
                                  G_TYPE_OBJECT,
                                  G_ADD_PRIVATE (VlBlockingTable)
                                    G_IMPLEMENT_INTERFACE (VL_TYPE_TABLE,
                                                           vl_blocking_table_iface_init))

#define PRIVATE(self) \
 ((VlBlockingTablePrivate *) vl_blocking_table_get_instance_private (VL_BLOCKING_TABLE (self)))

static void
request_free (gpointer data)
{
  Request *request = data;

  g_assert (request->reply == NULL);
  g_clear_object (&request->table);
  g_clear_object (&request->cancellable);
  g_clear_object (&request->query);
  g_clear_pointer (&request->id, g_free);
  g_clear_object (&request->change);
  g_clear_object (&request->changes);
  g_free (request);
}

static gboolean
request_is_write (const Request *request)
{
  return request->kind == REQUEST_APPLY || request->kind == REQUEST_APPLY_BATCH;
}

static gboolean
change_touches (VlChange *change, const char *id)
{
  return vl_change_get_kind (change) == VL_CHANGE_KIND_DELETE_ALL ||
         g_strcmp0 (vl_change_get_id (change), id) == 0;
}

static gboolean
request_touches (const Request *request, const char *id)
{
  guint n_changes;

  if (request->kind == REQUEST_APPLY)
    return change_touches (request->change, id);

  n_changes = g_list_model_get_n_items (request->changes);
  for (guint i = 0; i < n_changes; i++)
    {
      g_autoptr (VlChange) change = g_list_model_get_item (request->changes, i);

      if (change_touches (change, id))
        return TRUE;
    }

  return FALSE;
}

/* Under the lock. The first request that may be served now: the first of all,
 * or a read that may pass the writes before it. */
static GList *
pick (VlBlockingTablePrivate *priv)
{
  GList *head = priv->requests.head;

  if (head == NULL || !request_is_write (head->data) || priv->n_passed >= READS_PAST_A_WRITE)
    return head;

  for (GList *l = head->next; l != NULL; l = l->next)
    {
      Request *request = l->data;
      gboolean passes = !request_is_write (request);

      for (GList *before = head; passes && request->kind == REQUEST_FIND && before != l;
           before = before->next)
        passes = !request_is_write (before->data) || !request_touches (before->data, request->id);
      if (passes)
        return l;
    }

  return head;
}

static Request *
take_next (VlBlockingTablePrivate *priv)
{
  Request *request = NULL;
  GList *link;

  _vl_lock_acquire (&priv->lock);
  link = pick (priv);
  if (link != NULL)
    {
      request = link->data;
      priv->n_passed = link == priv->requests.head ? 0 : priv->n_passed + 1;
      g_queue_delete_link (&priv->requests, link);
    }
  _vl_lock_release (&priv->lock);

  return request;
}

/* Runs on the worker thread. */
static gboolean
run_vfunc (VlBlockingTable *self, Request *request, GError **error)
{
  VlBlockingTableClass *klass = VL_BLOCKING_TABLE_GET_CLASS (self);

  switch (request->kind)
    {
    case REQUEST_DESCRIBE:
      return klass->describe_blocking (self, request->reply, error);
    case REQUEST_LIST:
      return klass->list_blocking (self, request->query, request->reply, error);
    case REQUEST_FIND:
      return klass->find_blocking (self, request->id, request->reply, error);
    case REQUEST_COUNT:
      return klass->count_blocking (self, request->query, request->reply, error);
    case REQUEST_APPLY:
      return klass->apply_blocking (self, request->change, request->reply, error);
    case REQUEST_APPLY_BATCH:
      return klass->apply_batch_blocking (self, request->changes, request->reply, error);
    default:
      g_return_val_if_reached (FALSE);
    }
}

static void
free_at_home (gpointer user_data, gboolean orphaned)
{
  request_free (user_data);
}

/* Runs on the worker thread, once for each request that was queued; consumes
 * the reference that came with it. */
static void
run_next (gpointer user_data)
{
  VlBlockingTable *self = user_data;
  VlBlockingTablePrivate *priv = PRIVATE (self);
  g_autoptr (VlHandoff) home = _vl_handoff_ref (priv->home);
  Request *request = take_next (priv);
  VlVfuncFrame frame;

  g_assert (request != NULL);
  request->table = self;

  if (!g_cancellable_is_cancelled (request->cancellable))
    {
      GError *error = NULL;
      gboolean returned;

      _vl_table_enter_vfunc (VL_TABLE (self), &frame);
      returned = run_vfunc (self, request, &error);
      _vl_table_leave_vfunc (&frame);
      _vl_reply_worked (request->reply, returned, error);
    }

  /* The table does not answer any more, unless it kept the reply. */
  g_clear_object (&request->reply);
  _vl_handoff_post (home, free_at_home, request);
}

/* Takes `request` over, but for its reply. */
static gboolean
queue_request (VlTable *table, Request *request, VlReply *reply)
{
  VlBlockingTablePrivate *priv = PRIVATE (table);

  request->reply = g_object_ref (reply);
  request->cancellable = g_object_ref (vl_reply_get_cancellable (reply));

  _vl_lock_acquire (&priv->lock);
  g_queue_push_tail (&priv->requests, request);
  _vl_lock_release (&priv->lock);
  _vl_executor_push (priv->executor, run_next, g_object_ref (table));

  return TRUE;
}

static Request *
request_new (RequestKind kind)
{
  Request *request = g_new0 (Request, 1);

  request->kind = kind;

  return request;
}

static gboolean
is_missing (VlTable *table, gpointer vfunc, const char *name, GError **error)
{
  if (vfunc != NULL)
    return FALSE;

  g_set_error (error, VL_ERROR, VL_ERROR_UNSUPPORTED, _ ("%s does not implement %s()"),
               G_OBJECT_TYPE_NAME (table), name);
  return TRUE;
}

#define IS_MISSING(table, vfunc, error) \
 is_missing (table, (gpointer) VL_BLOCKING_TABLE_GET_CLASS (table)->vfunc, #vfunc, error)

static gboolean
vl_blocking_table_describe (VlTable *table, VlReply *reply, GError **error)
{
  if (IS_MISSING (table, describe_blocking, error))
    return FALSE;

  return queue_request (table, request_new (REQUEST_DESCRIBE), reply);
}

static gboolean
vl_blocking_table_list (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  Request *request;

  if (IS_MISSING (table, list_blocking, error))
    return FALSE;

  request = request_new (REQUEST_LIST);
  request->query = g_object_ref (query);
  return queue_request (table, request, reply);
}

static gboolean
vl_blocking_table_find (VlTable *table, const char *id, VlReply *reply, GError **error)
{
  Request *request;

  if (IS_MISSING (table, find_blocking, error))
    return FALSE;

  request = request_new (REQUEST_FIND);
  request->id = g_strdup (id);
  return queue_request (table, request, reply);
}

static gboolean
vl_blocking_table_count (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  Request *request;

  if (IS_MISSING (table, count_blocking, error))
    return FALSE;

  request = request_new (REQUEST_COUNT);
  request->query = g_object_ref (query);
  return queue_request (table, request, reply);
}

static gboolean
vl_blocking_table_apply (VlTable *table, VlChange *change, VlReply *reply, GError **error)
{
  Request *request;

  if (IS_MISSING (table, apply_blocking, error))
    return FALSE;

  request = request_new (REQUEST_APPLY);
  request->change = g_object_ref (change);
  return queue_request (table, request, reply);
}

static gboolean
vl_blocking_table_apply_batch (VlTable *table, GListModel *changes, VlReply *reply, GError **error)
{
  Request *request;

  if (IS_MISSING (table, apply_batch_blocking, error))
    return FALSE;

  request = request_new (REQUEST_APPLY_BATCH);
  request->changes = g_object_ref (changes);
  return queue_request (table, request, reply);
}

static void
vl_blocking_table_iface_init (VlTableInterface *iface)
{
  iface->describe = vl_blocking_table_describe;
  iface->list = vl_blocking_table_list;
  iface->find = vl_blocking_table_find;
  iface->count = vl_blocking_table_count;
  iface->apply = vl_blocking_table_apply;
  iface->apply_batch = vl_blocking_table_apply_batch;
}

static void
vl_blocking_table_finalize (GObject *object)
{
  VlBlockingTablePrivate *priv = PRIVATE (object);

  /* Each request that waits holds a reference to the table. */
  g_assert (g_queue_is_empty (&priv->requests));
  g_clear_pointer (&priv->executor, _vl_executor_unref);
  g_clear_pointer (&priv->home, _vl_handoff_unref);
  _vl_lock_destroy (&priv->lock);

  G_OBJECT_CLASS (vl_blocking_table_parent_class)->finalize (object);
}

static void
vl_blocking_table_class_init (VlBlockingTableClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = vl_blocking_table_finalize;
}

static void
vl_blocking_table_init (VlBlockingTable *self)
{
  VlBlockingTablePrivate *priv = PRIVATE (self);

  priv->executor = _vl_executor_new ("vl-blocking");
  priv->home = _vl_handoff_get (NULL);
  _vl_lock_init (&priv->lock);
  g_queue_init (&priv->requests);
  _vl_table_set_home (VL_TABLE (self));
}
