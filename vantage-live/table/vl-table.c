/* vl-table.c: anything that lists, finds, counts and changes records
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-table.h"

#include "../base/vl-lock-private.h"
#include "../vl-error.h"
#include "vl-change.h"
#include "vl-flight-private.h"
#include "vl-query.h"
#include "vl-record.h"
#include "vl-schema.h"
#include "vl-table-call-private.h"
#include "vl-table-private.h"

/**
 * VlTable:
 *
 * Anything that can list, find, count and change records.
 *
 * Every master implements it — a database, a web service, something slow and
 * far away — and so does [class@LiveTable], so that what uses a table need not
 * know whether it talks to a cache.
 *
 * # Calling a table
 *
 * Each operation comes in three forms. The `_async` form returns at once and
 * calls back in the context that was thread-default when it was called, never
 * before it has returned; `_finish` then gives the result. The `_sync` form
 * waits. On the thread that made the table it turns the context that was
 * thread-default there meanwhile, so that anything attached to it may be
 * dispatched: timers, events, the answers to other calls. On other threads it
 * waits for its answer alone.
 * It cannot be used inside a vfunc of the same table, and in gjs not inside an
 * `async` function, whose promises do not resolve in a nested loop.
 *
 * A table is described before its first operation, and what is asked of it is
 * checked against its [class@Schema]: a column that does not exist is
 * %VL_ERROR_INVALID, an operation that the table has no capability for is
 * %VL_ERROR_UNSUPPORTED, and neither reaches the table. Other errors are said
 * at each operation; any of them may end with %G_IO_ERROR_CANCELLED, with
 * %VL_ERROR_UNAVAILABLE when the table cannot be reached, and with
 * %VL_ERROR_FAILED.
 *
 * A read that is not answered within 30 seconds fails with
 * %VL_ERROR_TIMED_OUT, a write with %VL_ERROR_IN_DOUBT.
 *
 * # Implementing a table
 *
 * Each vfunc gets a [class@Reply], returns %TRUE, and answers the reply once:
 * at once, later or from another thread. Or it returns %FALSE and sets the
 * error. The vfunc runs in the thread that calls the table, or, when that has no
 * context of its own, in the one that turns the default context just then; a
 * live table calls its master only on the thread that made the live table.
 *
 * Since: 1.0
 */

/**
 * VlTableInterface::describe:
 * @self: a table
 * @reply: to be answered with [method@Reply.return_schema]
 * @error: return location for an error
 *
 * Opens the table if need be and tells what it looks like and can do.
 *
 * Returns: %TRUE if the reply is answered or will be
 */

/**
 * VlTableInterface::list:
 * @self: a table
 * @query: which records, in what order
 * @reply: to be answered with [method@Reply.return_page] or, record by record,
 *   with [method@Reply.add_record] and [method@Reply.finish]
 * @error: return location for an error
 *
 * Lists records.
 *
 * A table without %VL_CAPABILITY_WINDOW answers with all records that meet the
 * query. Others honour its offset and its limit, of which 0 means all.
 *
 * Returns: %TRUE if the reply is answered or will be
 */

/**
 * VlTableInterface::find:
 * @self: a table
 * @id: the id of the record
 * @reply: to be answered with [method@Reply.return_record], with %NULL if there
 *   is no such record
 * @error: return location for an error
 *
 * Finds a record.
 *
 * Returns: %TRUE if the reply is answered or will be
 */

/**
 * VlTableInterface::count:
 * @self: a table
 * @query: which records; the window does not count
 * @reply: to be answered with [method@Reply.return_count]
 * @error: return location for an error
 *
 * Counts records.
 *
 * Returns: %TRUE if the reply is answered or will be
 */

/**
 * VlTableInterface::apply:
 * @self: a table
 * @change: what to change
 * @reply: to be answered with [method@Reply.return_record]
 * @error: return location for an error
 *
 * Applies a change.
 *
 * Inserting an id that exists fails with %VL_ERROR_EXISTS; replacing creates
 * what does not exist; patching what does not exist fails with
 * %VL_ERROR_NOT_FOUND; deleting what does not exist succeeds with %NULL. A table
 * with %VL_CAPABILITY_CHECK_BASE refuses a change whose base is old, see
 * [method@Change.with_base], with [method@Reply.fail_conflict]; one with
 * %VL_CAPABILITY_IDEMPOTENT knows what it has applied, see
 * [method@Change.get_uid].
 *
 * Returns: %TRUE if the reply is answered or will be
 */

/**
 * VlTableInterface::apply_batch:
 * @self: a table
 * @changes: what to change, a list of [class@Change]
 * @reply: to be answered with [method@Reply.return_nth],
 *   [method@Reply.fail_nth] or [method@Reply.fail_nth_conflict] for each change,
 *   then [method@Reply.finish]
 * @error: return location for an error
 *
 * Applies several changes, each with its own answer.
 *
 * No two of them are of one record, and none is a delete-all.
 *
 * Returns: %TRUE if the reply is answered or will be
 */

/**
 * VlTableInterface::get_related:
 * @self: a table
 * @relation: one of the relations of the schema
 * @record: the record to start from
 * @error: return location for an error
 *
 * Gets the table of the records that are related to a record. No input or
 * output.
 *
 * Returns: (transfer full) (nullable): a table
 */

/**
 * VlTableInterface::get_stream:
 * @self: a table
 *
 * Gets the stream of the table's changes. An exception that is raised here in a
 * script reads as %NULL.
 *
 * Returns: (transfer full) (nullable): a stream
 */

/**
 * VlTableInterface::get_identity:
 * @self: a table
 *
 * Tells what this table is, without input or output. An exception that is
 * raised here in a script reads as %NULL.
 *
 * Returns: (transfer full) (nullable): the identity
 */

G_DEFINE_INTERFACE (VlTable, vl_table, G_TYPE_OBJECT)

/* What the library knows of one table, kept on the instance. */
typedef struct
{
  VlLock lock;
  VlSchema *schema;           /* under the lock: the last answer of describe */
  GThread *home_thread;       /* atomic, set once; NULL = no thread that may be home used it */
  GMainContext *home_context; /* of the home thread alone; NULL = the default context */
  gboolean checks_itself;     /* set once, before the table is shared */
  gboolean merges_writes;     /* likewise */
  VlAtHandFunc at_hand;       /* likewise; NULL = nothing is */
} TableState;

static GQuark table_state_quark;
static GThread *first_thread;     /* the one that first used the library */
static GPrivate vfunc_frames;     /* the innermost VlVfuncFrame of the thread */
static GPrivate borrowed_context; /* see _vl_table_borrow_context() */

static void
vl_table_default_init (VlTableInterface *iface)
{
  table_state_quark = g_quark_from_static_string ("vl-table-state");
  first_thread = g_thread_self ();
}

static void
table_state_free (gpointer data)
{
  TableState *state = data;

  _vl_lock_destroy (&state->lock);
  g_clear_object (&state->schema);
  g_clear_pointer (&state->home_context, g_main_context_unref);
  g_free (state);
}

static TableState *
table_state_new (void)
{
  TableState *state = g_new0 (TableState, 1);

  _vl_lock_init (&state->lock);

  return state;
}

/* Makes the calling thread the home, unless there is one. */
static void
table_state_settle (TableState *state)
{
  GMainContext *context = g_main_context_get_thread_default ();

  _vl_lock_acquire (&state->lock);
  if (state->home_thread == NULL)
    {
      state->home_context = context != NULL ? g_main_context_ref (context) : NULL;
      g_atomic_pointer_set (&state->home_thread, g_thread_self ());
    }
  _vl_lock_release (&state->lock);
}

/* Whether the calling thread looks like one that made a table: it turns a
 * context of its own, or the default one. */
static gboolean
thread_may_be_home (void)
{
  GMainContext *borrowed = g_private_get (&borrowed_context);
  GMainContext *own = g_main_context_get_thread_default ();

  if (own != NULL)
    return own != borrowed;

  return g_thread_self () == first_thread || (g_main_context_default () != borrowed &&
                                              g_main_context_is_owner (g_main_context_default ()));
}

static TableState *
table_state (VlTable *self)
{
  TableState *state = g_object_get_qdata (G_OBJECT (self), table_state_quark);

  if (G_UNLIKELY (state == NULL))
    {
      state = table_state_new ();
      if (!g_object_replace_qdata (G_OBJECT (self), table_state_quark, NULL, state,
                                   table_state_free, NULL))
        {
          table_state_free (state);
          state = g_object_get_qdata (G_OBJECT (self), table_state_quark);
        }
    }
  if (G_UNLIKELY (g_atomic_pointer_get (&state->home_thread) == NULL) && thread_may_be_home ())
    table_state_settle (state);

  return state;
}

void
_vl_table_set_home (VlTable *self)
{
  TableState *state = table_state_new ();

  table_state_settle (state);
  g_object_set_qdata_full (G_OBJECT (self), table_state_quark, state, table_state_free);
}

GMainContext *
_vl_table_borrow_context (GMainContext *context)
{
  GMainContext *outer = g_private_get (&borrowed_context);

  g_private_set (&borrowed_context, context);

  return outer;
}

void
_vl_table_set_checks_itself (VlTable *self)
{
  table_state (self)->checks_itself = TRUE;
}

void
_vl_table_set_at_hand (VlTable *self, VlAtHandFunc at_hand)
{
  table_state (self)->at_hand = at_hand;
}

VlPage *
_vl_table_get_at_hand (VlTable *self, VlQuery *query)
{
  TableState *state = table_state (self);

  return state->at_hand != NULL ? state->at_hand (self, query) : NULL;
}

gboolean
_vl_table_checks_itself (VlTable *self)
{
  return table_state (self)->checks_itself;
}

void
_vl_table_set_merges_writes (VlTable *self)
{
  table_state (self)->merges_writes = TRUE;
}

/* Not by table_state(): that makes a home of the calling thread. */
gboolean
_vl_table_merges_writes (VlTable *self)
{
  TableState *state = g_object_get_qdata (G_OBJECT (self), table_state_quark);

  return state != NULL && state->merges_writes;
}

GMainContext *
_vl_table_get_home_context (VlTable *self)
{
  TableState *state = table_state (self);

  if (g_atomic_pointer_get (&state->home_thread) != g_thread_self ())
    return NULL;

  return state->home_context != NULL ? state->home_context : g_main_context_default ();
}

void
_vl_table_enter_vfunc (VlTable *self, VlVfuncFrame *frame)
{
  frame->table = self;
  frame->outer = g_private_get (&vfunc_frames);
  g_private_set (&vfunc_frames, frame);
}

void
_vl_table_leave_vfunc (VlVfuncFrame *frame)
{
  g_private_set (&vfunc_frames, frame->outer);
}

gboolean
_vl_table_is_in_vfunc (VlTable *self)
{
  for (VlVfuncFrame *frame = g_private_get (&vfunc_frames); frame != NULL; frame = frame->outer)
    {
      if (frame->table == self)
        return TRUE;
    }

  return FALSE;
}

void
_vl_table_set_schema (VlTable *self, VlSchema *schema)
{
  TableState *state = table_state (self);
  g_autoptr (VlSchema) old = NULL;

  _vl_lock_acquire (&state->lock);
  old = g_steal_pointer (&state->schema);
  g_set_object (&state->schema, schema);
  _vl_lock_release (&state->lock);
}

void
_vl_table_take_described (VlTable *self, VlSchema *schema)
{
  g_autoptr (VlSchema) known = NULL;

  if (_vl_table_checks_itself (self))
    known = vl_table_get_schema (self);
  if (known == NULL)
    _vl_table_set_schema (self, schema);
}

/**
 * vl_table_get_schema:
 * @self: a table
 *
 * Gets what the table last said of itself.
 *
 * From any thread.
 *
 * Returns: (transfer full) (nullable): the schema, or %NULL if the table was
 *   not described yet
 *
 * Since: 1.0
 */
VlSchema *
vl_table_get_schema (VlTable *self)
{
  TableState *state;
  VlSchema *schema;

  g_return_val_if_fail (VL_IS_TABLE (self), NULL);

  state = table_state (self);
  _vl_lock_acquire (&state->lock);
  schema = state->schema != NULL ? g_object_ref (state->schema) : NULL;
  _vl_lock_release (&state->lock);

  return schema;
}

/**
 * vl_table_get_related:
 * @self: a table
 * @relation: one of the relations of the schema
 * @record: the record to start from
 * @error: return location for an error
 *
 * Gets the table of the records that are related to a record.
 *
 * No input or output takes place. The table has to be described before: use
 * [method@Table.describe_async].
 *
 * Errors: %VL_ERROR_UNSUPPORTED if the table knows no relations,
 * %VL_ERROR_INVALID if it does not know this one, %VL_ERROR_FAILED if it was
 * not described yet.
 *
 * Returns: (transfer full): a table
 *
 * Since: 1.0
 */
VlTable *
vl_table_get_related (VlTable *self, const char *relation, VlRecord *record, GError **error)
{
  VlTableInterface *iface;
  VlVfuncFrame frame;
  g_autoptr (GError) local_error = NULL;
  VlTable *related;

  g_return_val_if_fail (VL_IS_TABLE (self), NULL);
  g_return_val_if_fail (relation != NULL, NULL);
  g_return_val_if_fail (VL_IS_RECORD (record), NULL);

  iface = VL_TABLE_GET_IFACE (self);
  if (iface->get_related == NULL)
    {
      g_set_error (error, VL_ERROR, VL_ERROR_UNSUPPORTED, _ ("A %s has no related tables"),
                   G_OBJECT_TYPE_NAME (self));
      return NULL;
    }

  _vl_table_enter_vfunc (self, &frame);
  related = iface->get_related (self, relation, record, &local_error);
  _vl_table_leave_vfunc (&frame);

  if (related == NULL && local_error == NULL)
    g_set_error (&local_error, VL_ERROR, VL_ERROR_FAILED,
                 _ ("%s.get_related() raised or returned nothing"), G_OBJECT_TYPE_NAME (self));
  if (related == NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));

  return related;
}

/**
 * vl_table_get_stream:
 * @self: a table
 *
 * Gets the stream of the table's changes.
 *
 * Returns: (transfer full) (nullable): a stream, or %NULL if the table cannot
 *   tell of changes
 *
 * Since: 1.0
 */
VlLiveStream *
vl_table_get_stream (VlTable *self)
{
  VlTableInterface *iface;

  g_return_val_if_fail (VL_IS_TABLE (self), NULL);

  iface = VL_TABLE_GET_IFACE (self);

  return iface->get_stream != NULL ? iface->get_stream (self) : NULL;
}

/**
 * vl_table_get_identity:
 * @self: a table
 *
 * Gets what tells this table from all others, even in another process: for a
 * database the absolute path of the file and the name of the table, for a web
 * service its address.
 *
 * It is known without opening the table; no input or output takes place. Two
 * tables of one identity share what a cache holds of them.
 *
 * Returns: (transfer full) (nullable): the identity, or %NULL if the table has
 *   none
 *
 * Since: 1.0
 */
char *
vl_table_get_identity (VlTable *self)
{
  VlTableInterface *iface;

  g_return_val_if_fail (VL_IS_TABLE (self), NULL);

  iface = VL_TABLE_GET_IFACE (self);

  return iface->get_identity != NULL ? iface->get_identity (self) : NULL;
}

gboolean
_vl_table_has_apply_batch (VlTable *self)
{
  return VL_TABLE_GET_IFACE (self)->apply_batch != NULL;
}

static VlReplyInfo
make_info (VlTable *self, VlAnswerKind kind, const char *vfunc, guint n_items, guint timeout)
{
  gboolean writes = n_items > 0;

  return (VlReplyInfo){
    .kind = kind,
    .may_be_done = writes,
    .n_items = n_items,
    .vfunc = vfunc,
    .type = G_OBJECT_TYPE (self),
    .timeout = timeout,
    .timeout_error = writes ? VL_ERROR_IN_DOUBT : VL_ERROR_TIMED_OUT,
  };
}

static VlReply *
table_reply_new (VlTable *self,
                 VlAnswerKind kind,
                 const char *vfunc,
                 guint n_items,
                 guint timeout,
                 VlAnswerFunc func,
                 gpointer user_data,
                 GDestroyNotify drop)
{
  const VlReplyInfo info = make_info (self, kind, vfunc, n_items, timeout);

  return _vl_reply_new (&info, func, user_data, drop);
}

static GError *
missing_vfunc (VlTable *self, const char *vfunc)
{
  return g_error_new (VL_ERROR, VL_ERROR_UNSUPPORTED, _ ("%s does not implement %s()"),
                      G_OBJECT_TYPE_NAME (self), vfunc);
}

/* The body of every send: a reply, the vfunc inside a frame, and what came
 * back. A macro, because each vfunc has its own arguments. */
#define SEND(self, kind, vfunc, n_items, ...)                                                     \
 G_STMT_START                                                                                     \
 {                                                                                                \
  VlReply *reply = table_reply_new (self, kind, #vfunc, n_items, timeout, func, user_data, drop); \
  VlVfuncFrame frame;                                                                             \
  GError *error = NULL;                                                                           \
  gboolean returned = FALSE;                                                                      \
                                                                                                  \
  if (VL_TABLE_GET_IFACE (self)->vfunc == NULL)                                                   \
   return _vl_reply_sent (reply, FALSE, missing_vfunc (self, #vfunc));                            \
                                                                                                  \
  _vl_table_enter_vfunc (self, &frame);                                                           \
  returned = VL_TABLE_GET_IFACE (self)->vfunc (self, __VA_ARGS__, &error);                        \
  _vl_table_leave_vfunc (&frame);                                                                 \
  return _vl_reply_sent (reply, returned, error);                                                 \
 }                                                                                                \
 G_STMT_END

VlFlight *
_vl_table_send_describe (VlTable *self,
                         guint timeout,
                         VlAnswerFunc func,
                         gpointer user_data,
                         GDestroyNotify drop)
{
  SEND (self, VL_ANSWER_SCHEMA, describe, 0, reply);
}

void
_vl_table_iface_set_list (VlTableInterface *iface, VlListFunc list)
{
  iface->padding[0] = (gpointer) list;
}

static VlFlight *
send_list (VlTable *self,
           VlListFunc list,
           VlQuery *query,
           guint timeout,
           VlAnswerFunc func,
           gpointer user_data,
           GDestroyNotify drop)
{
  const VlReplyInfo info = make_info (self, VL_ANSWER_PAGE, "list", 0, timeout);
  VlFlight *flight = _vl_flight_new ();
  VlVfuncFrame frame;
  GError *error = NULL;
  gboolean returned;

  _vl_flight_prepare (flight, &info, func, user_data, drop);
  _vl_table_enter_vfunc (self, &frame);
  returned = list (self, query, flight, &error);
  _vl_table_leave_vfunc (&frame);

  return _vl_flight_sent (flight, returned, error);
}

VlFlight *
_vl_table_send_list (VlTable *self,
                     VlQuery *query,
                     guint timeout,
                     VlAnswerFunc func,
                     gpointer user_data,
                     GDestroyNotify drop)
{
  VlListFunc list = (VlListFunc) VL_TABLE_GET_IFACE (self)->padding[0];

  if (list != NULL)
    return send_list (self, list, query, timeout, func, user_data, drop);

  SEND (self, VL_ANSWER_PAGE, list, 0, query, reply);
}

VlFlight *
_vl_table_send_find (VlTable *self,
                     const char *id,
                     guint timeout,
                     VlAnswerFunc func,
                     gpointer user_data,
                     GDestroyNotify drop)
{
  SEND (self, VL_ANSWER_RECORD, find, 0, id, reply);
}

VlFlight *
_vl_table_send_count (VlTable *self,
                      VlQuery *query,
                      guint timeout,
                      VlAnswerFunc func,
                      gpointer user_data,
                      GDestroyNotify drop)
{
  SEND (self, VL_ANSWER_COUNT, count, 0, query, reply);
}

VlFlight *
_vl_table_send_apply (VlTable *self,
                      VlChange *change,
                      guint timeout,
                      VlAnswerFunc func,
                      gpointer user_data,
                      GDestroyNotify drop)
{
  SEND (self, VL_ANSWER_RECORD, apply, 1, change, reply);
}

VlFlight *
_vl_table_send_apply_batch (VlTable *self,
                            GListModel *changes,
                            guint timeout,
                            VlAnswerFunc func,
                            gpointer user_data,
                            GDestroyNotify drop)
{
  guint n_changes = MAX (g_list_model_get_n_items (changes), 1);

  SEND (self, VL_ANSWER_BATCH, apply_batch, n_changes, changes, reply);
}
