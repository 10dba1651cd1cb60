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
#include "vl-page.h"
#include "vl-record.h"
#include "vl-reply-private.h"
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

G_DEFINE_FINAL_TYPE (VlReply, vl_reply, G_TYPE_OBJECT)

void
_vl_answer_clear (VlAnswer *answer)
{
  g_clear_error (&answer->error);
  g_clear_object (&answer->page);
  g_clear_object (&answer->record);
  g_clear_object (&answer->schema);
  for (guint i = 0; answer->items != NULL && i < answer->n_items; i++)
    {
      g_clear_object (&answer->items[i].record);
      g_clear_error (&answer->items[i].error);
    }
  g_clear_pointer (&answer->items, g_free);
}

VlFlight *
_vl_flight_ref (VlFlight *flight)
{
  g_atomic_ref_count_inc (&flight->ref_count);
  return flight;
}

void
_vl_flight_unref (VlFlight *flight)
{
  _vl_tsan_release (flight);
  if (!g_atomic_ref_count_dec (&flight->ref_count))
    return;

  _vl_tsan_acquire (flight);
  g_assert (flight->func == NULL);
  g_assert (flight->timer == NULL);
  if (flight->watch_free != NULL)
    flight->watch_free (flight->watch_data);
  _vl_answer_clear (&flight->answer);
  g_clear_object (&flight->rows);
  g_clear_object (&flight->cancellable);
  g_clear_pointer (&flight->home, _vl_handoff_unref);
  _vl_lock_destroy (&flight->lock);
  g_free (flight);
}

static const char *
kind_name (VlAnswerKind kind)
{
  static const char *const names[] = {
    [VL_ANSWER_PAGE] = "page",     [VL_ANSWER_RECORD] = "record", [VL_ANSWER_COUNT] = "count",
    [VL_ANSWER_SCHEMA] = "schema", [VL_ANSWER_LOOKUP] = "lookup", [VL_ANSWER_DONE] = "done",
    [VL_ANSWER_BATCH] = "batch",
  };

  return names[kind];
}

GError *
_vl_flight_error (VlFlight *flight, VlError code, const char *what)
{
  return g_error_new (VL_ERROR, (int) code, "%s.%s() %s", g_type_name (flight->info.type),
                      flight->info.vfunc, what);
}

/* At home, or wherever a flight ends up whose home is gone. Ends the flight
 * and hands `answer` on; the caller has set the state. */
static void
flight_end (VlFlight *flight, VlAnswer *answer)
{
  VlAnswerFunc func = g_steal_pointer (&flight->func);
  gpointer user_data = g_steal_pointer (&flight->user_data);

  _vl_timer_clear (&flight->timer);

  if (answer != NULL)
    func (answer, user_data);
  else if (flight->drop != NULL)
    flight->drop (user_data);
}

/* Brings an answer home. */
static void
flight_landed (gpointer user_data, gboolean orphaned)
{
  g_autoptr (VlFlight) flight = user_data;
  g_auto (VlAnswer) answer = { 0 };
  gboolean ended;

  _vl_lock_acquire (&flight->lock);
  ended = flight->state == FLIGHT_ENDED;
  flight->state = FLIGHT_ENDED;
  if (!ended)
    {
      answer = flight->answer;
      flight->answer = (VlAnswer){ 0 };
    }
  _vl_lock_release (&flight->lock);

  if (ended)
    return;

  if (orphaned)
    {
      /* The timer went with its context; what is left of it is ours. */
      flight_end (flight, NULL);
      return;
    }

  flight_end (flight, &answer);
}

void
_vl_flight_answer (VlFlight *flight, VlAnswer *answer)
{
  gboolean twice, late, post = FALSE;

  _vl_lock_acquire (&flight->lock);
  twice = flight->answered;
  late = flight->state == FLIGHT_ENDED;
  if (!twice && !late)
    {
      VlAnswer collected = flight->answer;

      flight->answered = TRUE;
      flight->answer = *answer;
      *answer = collected;
      if (flight->state == FLIGHT_WAITING)
        {
          flight->state = FLIGHT_ANSWERED;
          post = TRUE;
        }
    }
  _vl_lock_release (&flight->lock);

  if (post)
    _vl_handoff_post (flight->home, flight_landed, _vl_flight_ref (flight));
  if (twice)
    _vl_log_warning ("%s.%s() was answered more than once; only the first answer counts",
                     g_type_name (flight->info.type), flight->info.vfunc);
  else if (late)
    _vl_log_debug ("VL_OP", flight->info.vfunc, "VL_OUTCOME", "late-answer", NULL);
  _vl_answer_clear (answer);
}

static void
flight_answer_error (VlFlight *flight, GError *error)
{
  VlAnswer answer = { .error = error };

  _vl_flight_answer (flight, &answer);
}

gboolean
_vl_flight_expects (VlFlight *flight, VlAnswerKind kind)
{
  g_autofree char *what = NULL;

  if (flight->info.kind == kind ||
      (kind == VL_ANSWER_DONE && flight->info.kind == VL_ANSWER_RECORD && flight->info.may_be_done))
    return TRUE;

  what = g_strdup_printf (_ ("was answered with the wrong kind of answer: “%s” instead of “%s”"),
                          kind_name (kind), kind_name (flight->info.kind));
  flight_answer_error (flight, _vl_flight_error (flight, VL_ERROR_FAILED, what));

  return FALSE;
}

/* At home: tells those who work on the answer that nobody waits for it. */
static void
flight_tell_cancelled (VlFlight *flight)
{
  g_autoptr (GCancellable) cancellable = NULL;
  GDestroyNotify watch_free;
  VlReplyWatch watch;
  gpointer watch_data;

  _vl_lock_acquire (&flight->lock);
  g_set_object (&cancellable, flight->cancellable);
  watch = g_steal_pointer (&flight->watch);
  watch_data = g_steal_pointer (&flight->watch_data);
  watch_free = g_steal_pointer (&flight->watch_free);
  _vl_lock_release (&flight->lock);

  if (watch != NULL)
    watch (watch_data);
  if (watch_free != NULL)
    watch_free (watch_data);
  if (cancellable != NULL)
    g_cancellable_cancel (cancellable);
}

/* Runs at home. */
static void
flight_timed_out (gpointer user_data)
{
  g_autoptr (VlFlight) flight = _vl_flight_ref (user_data);
  g_auto (VlAnswer) answer = { 0 };
  g_autofree char *what = NULL;
  gboolean ended;

  _vl_lock_acquire (&flight->lock);
  ended = flight->state != FLIGHT_WAITING;
  if (!ended)
    {
      flight->state = FLIGHT_ENDED;
      flight->cancelled = TRUE;
    }
  _vl_lock_release (&flight->lock);

  if (ended)
    return;

  what = g_strdup_printf (_ ("was not answered within %u ms"), flight->info.timeout);
  answer.error = _vl_flight_error (flight, flight->info.timeout_error, what);
  flight_tell_cancelled (flight);
  flight_end (flight, &answer);
}

void
_vl_flight_cancel (VlFlight *flight)
{
  g_autoptr (VlFlight) self = flight;
  gboolean ended;

  _vl_lock_acquire (&self->lock);
  ended = self->state == FLIGHT_ENDED;
  self->state = FLIGHT_ENDED;
  self->cancelled = TRUE;
  _vl_lock_release (&self->lock);

  if (ended)
    return;

  flight_tell_cancelled (self);
  flight_end (self, NULL);
}

static void
flight_drop_watch (VlFlight *flight)
{
  GDestroyNotify watch_free;
  gpointer watch_data;

  _vl_lock_acquire (&flight->lock);
  flight->watch = NULL;
  watch_free = g_steal_pointer (&flight->watch_free);
  watch_data = g_steal_pointer (&flight->watch_data);
  _vl_lock_release (&flight->lock);

  if (watch_free != NULL)
    watch_free (watch_data);
}

gboolean
_vl_reply_watch (VlReply *reply, VlReplyWatch watch, gpointer user_data, GDestroyNotify free_func)
{
  VlFlight *flight = reply->flight;
  gboolean cancelled;

  _vl_lock_acquire (&flight->lock);
  g_assert (flight->watch == NULL);
  cancelled = flight->cancelled;
  if (!cancelled)
    {
      flight->watch = watch;
      flight->watch_data = user_data;
      flight->watch_free = free_func;
    }
  _vl_lock_release (&flight->lock);

  return !cancelled;
}

void
_vl_reply_unwatch (VlReply *reply)
{
  flight_drop_watch (reply->flight);
}

static void
vl_reply_finalize (GObject *object)
{
  VlReply *self = VL_REPLY (object);
  VlFlight *flight = self->flight;
  gboolean unanswered;

  _vl_lock_acquire (&flight->lock);
  unanswered = !flight->answered && flight->state != FLIGHT_ENDED;
  _vl_lock_release (&flight->lock);

  if (unanswered)
    flight_answer_error (flight, _vl_flight_error (flight, VL_ERROR_FAILED,
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
  VlFlight *flight = g_new0 (VlFlight, 1);

  g_atomic_ref_count_init (&flight->ref_count);
  _vl_lock_init (&flight->lock);
  flight->total = -1;
  self->flight = flight;
}

/* Tells the turns of the context that is being dispatched apart. */
static gint64
current_turn (void)
{
  GSource *source = g_main_current_source ();

  return source != NULL ? g_source_get_time (source) : 0;
}

VlReply *
_vl_reply_new (const VlReplyInfo *info, VlAnswerFunc func, gpointer user_data, GDestroyNotify drop)
{
  VlReply *self = g_object_new (VL_TYPE_REPLY, NULL);
  VlFlight *flight = self->flight;

  flight->info = *info;
  flight->func = func;
  flight->user_data = user_data;
  flight->drop = drop;
  flight->turn = current_turn ();
  if (info->kind == VL_ANSWER_BATCH)
    {
      flight->answer.items = g_new0 (VlBatchItem, MAX (info->n_items, 1));
      flight->answer.n_items = info->n_items;
    }

  return self;
}

/* What the return value of the vfunc says when there is no answer yet. */
static void
flight_returned (VlFlight *flight, gboolean returned, GError *error)
{
  gboolean answered;

  _vl_lock_acquire (&flight->lock);
  answered = flight->answered;
  _vl_lock_release (&flight->lock);

  if (answered || returned)
    {
      if (error != NULL)
        _vl_log_warning ("%s.%s() answered and set an error, which is ignored: %s",
                         g_type_name (flight->info.type), flight->info.vfunc, error->message);
      g_clear_error (&error);
    }
  else
    {
      flight_answer_error (flight, error != NULL
                                     ? error
                                     : _vl_flight_error (flight, VL_ERROR_FAILED,
                                                         _ ("raised or did not return TRUE")));
    }
}

void
_vl_reply_worked (VlReply *reply, gboolean returned, GError *error)
{
  flight_returned (reply->flight, returned, error);
}

/* Takes the answer that came before the vfunc returned. A vfunc that turned the
 * context meanwhile has its answer brought home like a late one: GTask would
 * take the call for one of an earlier turn and call back inside of it. */
static gboolean
flight_take_early (VlFlight *flight, VlAnswer *answer)
{
  FlightState state;

  _vl_lock_acquire (&flight->lock);
  if (flight->answered && flight->turn == current_turn ())
    {
      flight->state = FLIGHT_ENDED;
      *answer = flight->answer;
      flight->answer = (VlAnswer){ 0 };
    }
  else
    {
      /* Under the lock: an answer from another thread must find a home. */
      flight->home = _vl_handoff_get (NULL);
      flight->state = flight->answered ? FLIGHT_ANSWERED : FLIGHT_WAITING;
    }
  state = flight->state;
  _vl_lock_release (&flight->lock);

  if (state == FLIGHT_ANSWERED)
    _vl_handoff_post (flight->home, flight_landed, _vl_flight_ref (flight));
  else if (state == FLIGHT_WAITING && flight->info.timeout > 0)
    flight->timer = _vl_timer_start (_vl_handoff_get_context (flight->home), flight->info.timeout,
                                     flight_timed_out, flight);

  return state == FLIGHT_ENDED;
}

VlFlight *
_vl_reply_sent (VlReply *reply, gboolean returned, GError *error)
{
  g_autoptr (VlFlight) flight = _vl_flight_ref (reply->flight);
  G_GNUC_UNUSED g_autoptr (VlReply) self = reply;
  g_auto (VlAnswer) answer = { 0 };

  flight_returned (flight, returned, error);
  if (!flight_take_early (flight, &answer))
    return g_steal_pointer (&flight);

  flight_end (flight, &answer);
  return NULL;
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

  flight_answer_error (self->flight, g_error_copy (error));
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

  flight_answer_error (self->flight, g_error_new_literal (VL_ERROR, (int) code, message));
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
