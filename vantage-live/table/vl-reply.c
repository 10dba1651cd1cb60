/* vl-reply.c: the answer that a vfunc owes
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-reply.h"

#include "../base/vl-log-private.h"
#include "../vl-error.h"
#include "vl-flight-private.h"
#include "vl-page-builder.h"
#include "vl-page.h"
#include "vl-record.h"
#include "vl-schema.h"

/**
 * VlReply:
 *
 * The answer that an implementation owes to one call of a vfunc.
 *
 * The vfuncs of [iface@Table], [class@BlockingTable] and [iface@Cache] take a
 * reply instead of a callback. The implementation keeps it, returns %TRUE, and
 * answers exactly once: at once, later, or from another thread. Which function
 * answers depends on the vfunc and is said there.
 *
 * The first answer wins. A second one is logged and ignored; an answer of the
 * wrong kind fails the call with %VL_ERROR_FAILED and names the vfunc. A reply
 * that is dropped without an answer fails the call too, and one that is kept
 * for ever runs into the caller's timeout.
 *
 * All methods may be called from any thread.
 *
 * Since: 1.0
 */

struct _VlReply
{
  GObject parent_instance;

  VlFlight *flight; /* never changes */
};

G_DEFINE_FINAL_TYPE (VlReply, vl_reply, G_TYPE_OBJECT)

static void
vl_reply_finalize (GObject *object)
{
  VlReply *self = VL_REPLY (object);
  VlFlight *flight = self->flight;

  if (_vl_flight_is_open (flight))
    _vl_flight_answer_error (flight, _vl_flight_error (flight, VL_ERROR_FAILED,
                                                       _ ("dropped its reply without an answer")));
  _vl_flight_unref (flight);

  G_OBJECT_CLASS (vl_reply_parent_class)->finalize (object);
}

static void
vl_reply_class_init (VlReplyClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = vl_reply_finalize;
}

static void
vl_reply_init (VlReply *self)
{
  self->flight = _vl_flight_new ();
}

VlReply *
_vl_reply_new (const VlReplyInfo *info, VlAnswerFunc func, gpointer user_data, GDestroyNotify drop)
{
  VlReply *self = g_object_new (VL_TYPE_REPLY, NULL);

  _vl_flight_prepare (self->flight, info, func, user_data, drop);

  return self;
}

VlFlight *
_vl_reply_get_flight (VlReply *reply)
{
  return reply->flight;
}

void
_vl_reply_worked (VlReply *reply, gboolean returned, GError *error)
{
  _vl_flight_returned (reply->flight, returned, error);
}

gboolean
_vl_reply_watch (VlReply *reply, VlReplyWatch watch, gpointer user_data, GDestroyNotify free_func)
{
  return _vl_flight_watch (reply->flight, watch, user_data, free_func);
}

void
_vl_reply_unwatch (VlReply *reply)
{
  _vl_flight_unwatch (reply->flight);
}

void
_vl_reply_set_unheard (VlReply *reply,
                       VlReplyWatch func,
                       gpointer user_data,
                       GDestroyNotify free_func)
{
  _vl_flight_set_unheard (reply->flight, func, user_data, free_func);
}

VlFlight *
_vl_reply_sent (VlReply *reply, gboolean returned, GError *error)
{
  g_autoptr (VlReply) self = reply;

  return _vl_flight_sent (_vl_flight_ref (self->flight), returned, error);
}

/**
 * vl_reply_return_page:
 * @self: a reply
 * @page: the page
 *
 * Answers with a page.
 *
 * This is the answer to `list`.
 *
 * Since: 1.0
 */
void
vl_reply_return_page (VlReply *self, VlPage *page)
{
  VlAnswer answer = { 0 };

  g_return_if_fail (VL_IS_REPLY (self));
  g_return_if_fail (VL_IS_PAGE (page));

  if (!_vl_flight_expects (self->flight, VL_ANSWER_PAGE))
    return;
  answer.page = g_object_ref (page);
  _vl_flight_answer (self->flight, &answer);
}

/**
 * vl_reply_return_record:
 * @self: a reply
 * @record: (nullable): the record, or %NULL for none
 *
 * Answers with a record.
 *
 * This is the answer to `find`, where %NULL means that there is no such
 * record, and to `apply`, which answers with the record as it is stored now.
 * For a deletion that is the record as it was before, or %NULL.
 *
 * Since: 1.0
 */
void
vl_reply_return_record (VlReply *self, VlRecord *record)
{
  VlAnswer answer = { 0 };

  g_return_if_fail (VL_IS_REPLY (self));
  g_return_if_fail (record == NULL || VL_IS_RECORD (record));

  if (!_vl_flight_expects (self->flight, VL_ANSWER_RECORD))
    return;
  g_set_object (&answer.record, record);
  _vl_flight_answer (self->flight, &answer);
}

/**
 * vl_reply_return_count:
 * @self: a reply
 * @count: a number of records, 0 or more
 *
 * Answers with a count.
 *
 * This is the answer to `count`. A negative number fails the call.
 *
 * Since: 1.0
 */
void
vl_reply_return_count (VlReply *self, gint64 count)
{
  VlAnswer answer = { 0 };

  g_return_if_fail (VL_IS_REPLY (self));

  if (!_vl_flight_expects (self->flight, VL_ANSWER_COUNT))
    return;
  if (count < 0)
    answer.error = _vl_flight_error (self->flight, VL_ERROR_FAILED,
                                     _ ("was answered with a negative count"));
  answer.count = count;
  _vl_flight_answer (self->flight, &answer);
}

/**
 * vl_reply_return_schema:
 * @self: a reply
 * @schema: the schema
 *
 * Answers with a schema.
 *
 * This is the answer to `describe`.
 *
 * Since: 1.0
 */
void
vl_reply_return_schema (VlReply *self, VlSchema *schema)
{
  VlAnswer answer = { 0 };

  g_return_if_fail (VL_IS_REPLY (self));
  g_return_if_fail (VL_IS_SCHEMA (schema));

  if (!_vl_flight_expects (self->flight, VL_ANSWER_SCHEMA))
    return;
  answer.schema = g_object_ref (schema);
  _vl_flight_answer (self->flight, &answer);
}

/**
 * vl_reply_return_lookup:
 * @self: a reply
 * @page: (nullable): the page, or %NULL for a miss
 * @fresh: whether the page may be served as it is; of no meaning for a miss
 * @lease: the generation of the root, below 2⁵³
 *
 * Answers with what a cache holds.
 *
 * This is the answer to the `lookup` and, with %NULL for the page, `get_lease`
 * of a [iface@Cache].
 *
 * Since: 1.0
 */
void
vl_reply_return_lookup (VlReply *self, VlPage *page, gboolean fresh, guint64 lease)
{
  VlAnswer answer = { 0 };

  g_return_if_fail (VL_IS_REPLY (self));
  g_return_if_fail (page == NULL || VL_IS_PAGE (page));

  if (!_vl_flight_expects (self->flight, VL_ANSWER_LOOKUP))
    return;
  g_set_object (&answer.page, page);
  answer.fresh = page != NULL && fresh;
  answer.lease = lease;
  _vl_flight_answer (self->flight, &answer);
}

/**
 * vl_reply_return_done:
 * @self: a reply
 *
 * Answers that it is done.
 *
 * This is the answer to the `store`, `remove`, `invalidate`, `clear`, `open`
 * and `close` of a [iface@Cache], and may be that of `apply` for a deletion.
 *
 * Since: 1.0
 */
void
vl_reply_return_done (VlReply *self)
{
  VlAnswer answer = { 0 };

  g_return_if_fail (VL_IS_REPLY (self));

  if (_vl_flight_expects (self->flight, VL_ANSWER_DONE))
    _vl_flight_answer (self->flight, &answer);
}

/**
 * vl_reply_add_record:
 * @self: a reply
 * @record: the next record of the page
 *
 * Adds a record to the page that [method@Reply.finish] will answer with.
 *
 * This and [method@Reply.set_total] let a script answer `list` without a
 * [class@PageBuilder].
 *
 * Since: 1.0
 */
void
vl_reply_add_record (VlReply *self, VlRecord *record)
{
  VlFlight *flight;

  g_return_if_fail (VL_IS_REPLY (self));
  g_return_if_fail (VL_IS_RECORD (record));

  flight = self->flight;
  if (!_vl_flight_expects (flight, VL_ANSWER_PAGE))
    return;

  _vl_lock_acquire (&flight->lock);
  if (!flight->answered)
    {
      if (flight->rows == NULL)
        flight->rows = vl_page_builder_new (NULL);
      vl_page_builder_add_record (flight->rows, record);
    }
  _vl_lock_release (&flight->lock);
}

/**
 * vl_reply_set_total:
 * @self: a reply
 * @total: how many records meet the query in all, or -1 if that is not known
 *
 * Sets the total of the page that [method@Reply.finish] will answer with.
 *
 * Since: 1.0
 */
void
vl_reply_set_total (VlReply *self, gint64 total)
{
  VlFlight *flight;

  g_return_if_fail (VL_IS_REPLY (self));

  flight = self->flight;
  if (!_vl_flight_expects (flight, VL_ANSWER_PAGE))
    return;

  _vl_lock_acquire (&flight->lock);
  flight->total = MAX (total, -1);
  _vl_lock_release (&flight->lock);
}

/* Takes `record` and `error` over. */
static void
flight_answer_nth (VlFlight *flight, guint index, VlRecord *record, GError *error)
{
  g_autoptr (VlRecord) own_record = record;
  g_autoptr (GError) own_error = error;
  gboolean taken = FALSE, late;

  if (!_vl_flight_expects (flight, VL_ANSWER_BATCH))
    return;

  _vl_lock_acquire (&flight->lock);
  if (!flight->answered && flight->state != VL_FLIGHT_ENDED && index < flight->answer.n_items &&
      !flight->answer.items[index].answered)
    {
      VlBatchItem *item = &flight->answer.items[index];

      item->answered = TRUE;
      item->record = g_steal_pointer (&own_record);
      item->error = g_steal_pointer (&own_error);
      taken = TRUE;
    }
  late = flight->state == VL_FLIGHT_ENDED && !flight->answered;
  _vl_lock_release (&flight->lock);

  if (!taken && !late)
    _vl_log_warning ("%s.%s() answered item %u of a batch that is over, too short, or has that "
                     "answer; it is ignored",
                     g_type_name (flight->info.type), flight->info.vfunc, index);
}

/**
 * vl_reply_return_nth:
 * @self: a reply
 * @index: the position of the change in the batch
 * @record: (nullable): the record as it is stored now, as in
 *   [method@Reply.return_record]
 *
 * Answers one change of a batch.
 *
 * It counts when [method@Reply.finish] is called.
 *
 * Since: 1.0
 */
void
vl_reply_return_nth (VlReply *self, guint index, VlRecord *record)
{
  g_return_if_fail (VL_IS_REPLY (self));
  g_return_if_fail (record == NULL || VL_IS_RECORD (record));

  flight_answer_nth (self->flight, index, record != NULL ? g_object_ref (record) : NULL, NULL);
}

/**
 * vl_reply_fail_nth:
 * @self: a reply
 * @index: the position of the change in the batch
 * @error: what went wrong with it
 *
 * Fails one change of a batch.
 *
 * It counts when [method@Reply.finish] is called.
 *
 * Since: 1.0
 */
void
vl_reply_fail_nth (VlReply *self, guint index, const GError *error)
{
  g_return_if_fail (VL_IS_REPLY (self));
  g_return_if_fail (error != NULL);

  flight_answer_nth (self->flight, index, NULL, g_error_copy (error));
}

/* `message` may be NULL. */
static GError *
conflict_error (VlFlight *flight, VlRecord *current, const char *message)
{
  const char *id = current != NULL ? vl_record_get_id (current) : NULL;
  g_autofree char *what = NULL;

  if (message != NULL)
    return g_error_new_literal (VL_ERROR, VL_ERROR_CONFLICT, message);

  if (id != NULL)
    what = g_strdup_printf (_ ("found that the record “%s” was changed by somebody else meanwhile; "
                               "read it again and repeat the change"),
                            id);
  else if (current != NULL)
    what = g_strdup (_ ("found that the record was changed by somebody else meanwhile; read it "
                        "again and repeat the change"));
  else
    what = g_strdup (_ ("found that the record was deleted by somebody else meanwhile"));

  return _vl_flight_error (flight, VL_ERROR_CONFLICT, what);
}

/**
 * vl_reply_fail_nth_conflict:
 * @self: a reply
 * @index: the position of the change in the batch
 * @current: (nullable): the record as it is now, or %NULL if it is gone
 * @message: (nullable): what is in conflict, a sentence a user can act on that
 *   names the fields; or %NULL for one that says no more than that
 *
 * Fails one change of a batch because of what somebody else did to its record,
 * as [method@Reply.fail_conflict] does with a single one.
 *
 * It counts when [method@Reply.finish] is called.
 *
 * Since: 1.0
 */
void
vl_reply_fail_nth_conflict (VlReply *self, guint index, VlRecord *current, const char *message)
{
  g_return_if_fail (VL_IS_REPLY (self));
  g_return_if_fail (current == NULL || VL_IS_RECORD (current));

  flight_answer_nth (self->flight, index, current != NULL ? g_object_ref (current) : NULL,
                     conflict_error (self->flight, current, message));
}

static void
flight_finish_page (VlFlight *flight)
{
  g_autoptr (VlPageBuilder) rows = NULL;
  VlAnswer answer = { 0 };
  gint64 total;

  _vl_lock_acquire (&flight->lock);
  rows = g_steal_pointer (&flight->rows);
  total = flight->total;
  _vl_lock_release (&flight->lock);

  if (rows == NULL)
    rows = vl_page_builder_new (NULL);
  vl_page_builder_set_total (rows, total);
  answer.page = vl_page_builder_end (rows);
  _vl_flight_answer (flight, &answer);
}

static void
flight_finish_batch (VlFlight *flight)
{
  VlAnswer answer = { 0 };
  gboolean answered, finishing;

  _vl_lock_acquire (&flight->lock);
  answered = flight->answered || flight->state == VL_FLIGHT_ENDED;
  finishing = !answered && flight->answer.items == NULL;
  if (!answered)
    {
      answer = flight->answer;
      flight->answer = (VlAnswer){ 0 };
    }
  _vl_lock_release (&flight->lock);

  /* Another thread is between here and its answer. */
  if (finishing)
    return;

  for (guint i = 0; i < answer.n_items; i++)
    {
      if (!answer.items[i].answered)
        answer.items[i].error = _vl_flight_error (flight, VL_ERROR_FAILED,
                                                  _ ("left a change of a batch without an answer"));
    }
  _vl_flight_answer (flight, &answer);
}

/**
 * vl_reply_finish:
 * @self: a reply
 *
 * Answers with what was collected.
 *
 * For `list` that is the page of the records added with
 * [method@Reply.add_record]; for `apply_batch` the answers given with
 * [method@Reply.return_nth], [method@Reply.fail_nth] and
 * [method@Reply.fail_nth_conflict]. A change of the batch that has none fails with
 * %VL_ERROR_FAILED.
 *
 * Since: 1.0
 */
void
vl_reply_finish (VlReply *self)
{
  g_return_if_fail (VL_IS_REPLY (self));

  if (self->flight->info.kind == VL_ANSWER_BATCH)
    flight_finish_batch (self->flight);
  else if (_vl_flight_expects (self->flight, VL_ANSWER_PAGE))
    flight_finish_page (self->flight);
}

/**
 * vl_reply_fail:
 * @self: a reply
 * @error: what went wrong
 *
 * Fails the call; a batch as a whole.
 *
 * Use the codes of [error@Error]: they decide what a live table does next.
 *
 * Since: 1.0
 */
void
vl_reply_fail (VlReply *self, const GError *error)
{
  g_return_if_fail (VL_IS_REPLY (self));
  g_return_if_fail (error != NULL);

  _vl_flight_answer_error (self->flight, g_error_copy (error));
}

/**
 * vl_reply_fail_literal:
 * @self: a reply
 * @code: what kind of failure it is
 * @message: what went wrong, a sentence a user can act on
 *
 * Fails the call; a batch as a whole.
 *
 * Since: 1.0
 */
void
vl_reply_fail_literal (VlReply *self, VlError code, const char *message)
{
  g_return_if_fail (VL_IS_REPLY (self));
  g_return_if_fail (message != NULL);

  _vl_flight_answer_error (self->flight, g_error_new_literal (VL_ERROR, (int) code, message));
}

/**
 * vl_reply_fail_conflict:
 * @self: a reply
 * @current: (nullable): the record as it is now, or %NULL if it is gone
 * @message: (nullable): what is in conflict, a sentence a user can act on that
 *   names the fields; or %NULL for one that says no more than that
 *
 * Fails a write because of what somebody else did to its record.
 *
 * This is an answer to `apply` for a change whose base, see
 * [method@Change.with_base], is not what the table has any more: what the
 * change touches is different, or the record is gone. The error is
 * %VL_ERROR_CONFLICT. The record goes with it, so that nobody has to ask for it:
 * see [method@Outcome.get_record] and [method@Write.get_record].
 *
 * Since: 1.0
 */
void
vl_reply_fail_conflict (VlReply *self, VlRecord *current, const char *message)
{
  VlAnswer answer = { 0 };

  g_return_if_fail (VL_IS_REPLY (self));
  g_return_if_fail (current == NULL || VL_IS_RECORD (current));

  if (!_vl_flight_expects_conflict (self->flight))
    return;
  g_set_object (&answer.record, current);
  answer.error = conflict_error (self->flight, current, message);
  _vl_flight_answer (self->flight, &answer);
}

void
_vl_reply_fail_with (VlReply *self, VlRecord *record, const GError *error)
{
  if (g_error_matches (error, VL_ERROR, VL_ERROR_CONFLICT) &&
      _vl_flight_may_conflict (self->flight))
    vl_reply_fail_conflict (self, record, error->message);
  else
    vl_reply_fail (self, error);
}

void
_vl_reply_fail_nth_with (VlReply *self, guint index, VlRecord *record, const GError *error)
{
  if (g_error_matches (error, VL_ERROR, VL_ERROR_CONFLICT))
    vl_reply_fail_nth_conflict (self, index, record, error->message);
  else
    vl_reply_fail_nth (self, index, error);
}

/**
 * vl_reply_get_cancellable:
 * @self: a reply
 *
 * Gets what tells that nobody waits for the answer any more.
 *
 * It belongs to this call alone and is cancelled, in the thread that made the
 * call, when the caller has cancelled or the call has timed out. The reply
 * still has to be answered or dropped then, but it does not matter with what.
 *
 * Returns: (transfer none): the cancellable of the call
 *
 * Since: 1.0
 */
GCancellable *
vl_reply_get_cancellable (VlReply *self)
{
  VlFlight *flight;

  g_return_val_if_fail (VL_IS_REPLY (self), NULL);

  flight = self->flight;
  _vl_lock_acquire (&flight->lock);
  if (flight->cancellable == NULL)
    {
      flight->cancellable = g_cancellable_new ();
      /* Nobody can have connected to it yet. */
      if (flight->cancelled)
        g_cancellable_cancel (flight->cancellable);
    }
  _vl_lock_release (&flight->lock);

  return flight->cancellable;
}
