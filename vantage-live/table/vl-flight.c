/* vl-flight.c: one request on its way, and how its answer comes home
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-flight-private.h"

#include "../base/vl-log-private.h"
#include "../vl-error.h"
#include "vl-page-builder.h"
#include "vl-page.h"
#include "vl-record.h"
#include "vl-schema.h"

/* Tells the turns of the context that is being dispatched apart. */
static gint64
current_turn (void)
{
  GSource *source = g_main_current_source ();

  return source != NULL ? g_source_get_time (source) : 0;
}

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
  g_clear_pointer (&answer->unheard, _vl_unheard_free);
}

struct _VlUnheard
{
  VlReplyWatch func;
  gpointer user_data;
  GDestroyNotify free_func; /* nullable */
};

void
_vl_unheard_free (VlUnheard *self)
{
  if (self->free_func != NULL)
    self->free_func (self->user_data);
  g_free (self);
}

void
_vl_unheard_tell (VlUnheard *self)
{
  self->func (self->user_data);
}

VlFlight *
_vl_flight_new (void)
{
  VlFlight *flight = g_new0 (VlFlight, 1);

  g_atomic_ref_count_init (&flight->ref_count);
  _vl_lock_init (&flight->lock);
  flight->total = -1;

  return flight;
}

void
_vl_flight_prepare (VlFlight *flight,
                    const VlReplyInfo *info,
                    VlAnswerFunc func,
                    gpointer user_data,
                    GDestroyNotify drop)
{
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
  if (!_vl_ref_count_dec (&flight->ref_count))
    return;

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

void
_vl_flight_end (VlFlight *flight, VlAnswer *answer)
{
  VlAnswerFunc func = g_steal_pointer (&flight->func);
  gpointer user_data = g_steal_pointer (&flight->user_data);
  VlUnheard *unheard;

  _vl_lock_acquire (&flight->lock);
  unheard = g_steal_pointer (&flight->unheard);
  _vl_lock_release (&flight->lock);
  if (answer != NULL && answer->error == NULL)
    answer->unheard = unheard;
  else
    g_clear_pointer (&unheard, _vl_unheard_free);

  _vl_timer_clear (&flight->timer);
  if (answer != NULL && flight->info.may_time_out &&
      g_error_matches (answer->error, VL_ERROR, VL_ERROR_TIMED_OUT))
    {
      _vl_log_debug ("VL_OP", flight->info.vfunc, "VL_OUTCOME", "timed-out", NULL);
      g_clear_error (&answer->error);
    }

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
  ended = flight->state == VL_FLIGHT_ENDED;
  flight->state = VL_FLIGHT_ENDED;
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
      _vl_flight_end (flight, NULL);
      return;
    }

  _vl_flight_end (flight, &answer);
}

void
_vl_flight_answer (VlFlight *flight, VlAnswer *answer)
{
  gboolean twice, late, post = FALSE;

  _vl_lock_acquire (&flight->lock);
  twice = flight->answered;
  late = flight->state == VL_FLIGHT_ENDED;
  if (!twice && !late)
    {
      VlAnswer collected = flight->answer;

      flight->answered = TRUE;
      flight->answer = *answer;
      *answer = collected;
      if (flight->state == VL_FLIGHT_WAITING)
        {
          flight->state = VL_FLIGHT_ANSWERED;
          post = TRUE;
        }
    }
  _vl_lock_release (&flight->lock);

  /* A task that ends in the turn that made it waits for another one, by itself
   * and at greater length. */
  if (post && flight->turn != current_turn ())
    _vl_handoff_post_on (flight->home, flight_landed, _vl_flight_ref (flight));
  else if (post)
    _vl_handoff_post (flight->home, flight_landed, _vl_flight_ref (flight));
  if (twice)
    _vl_log_warning ("%s.%s() was answered more than once; only the first answer counts",
                     g_type_name (flight->info.type), flight->info.vfunc);
  else if (late)
    _vl_log_debug ("VL_OP", flight->info.vfunc, "VL_OUTCOME", "late-answer", NULL);
  _vl_answer_clear (answer);
}

void
_vl_flight_answer_error (VlFlight *flight, GError *error)
{
  VlAnswer answer = { .error = error };

  _vl_flight_answer (flight, &answer);
}

/* The vfunc owes something else. */
static void
fail_kind (VlFlight *flight, const char *given)
{
  g_autofree char
    *what = g_strdup_printf (_ ("was answered with the wrong kind of answer: “%s” instead of “%s”"),
                             given, kind_name (flight->info.kind));

  _vl_flight_answer_error (flight, _vl_flight_error (flight, VL_ERROR_FAILED, what));
}

gboolean
_vl_flight_expects (VlFlight *flight, VlAnswerKind kind)
{
  if (flight->info.kind == kind ||
      (kind == VL_ANSWER_DONE && flight->info.kind == VL_ANSWER_RECORD && flight->info.may_be_done))
    return TRUE;

  fail_kind (flight, kind_name (kind));
  return FALSE;
}

gboolean
_vl_flight_may_conflict (VlFlight *flight)
{
  return flight->info.kind == VL_ANSWER_RECORD && flight->info.may_be_done;
}

gboolean
_vl_flight_expects_conflict (VlFlight *flight)
{
  if (_vl_flight_may_conflict (flight))
    return TRUE;

  fail_kind (flight, "conflict");
  return FALSE;
}

gboolean
_vl_flight_is_open (VlFlight *flight)
{
  gboolean is_open;

  _vl_lock_acquire (&flight->lock);
  is_open = !flight->answered && flight->state != VL_FLIGHT_ENDED;
  _vl_lock_release (&flight->lock);

  return is_open;
}

/* At home: tells those who work on the answer, or who have given one that is still on
 * its way, that nobody waits for it. */
static void
flight_tell_cancelled (VlFlight *flight)
{
  g_autoptr (GCancellable) cancellable = NULL;
  GDestroyNotify watch_free;
  VlReplyWatch watch;
  gpointer watch_data;
  VlUnheard *unheard = NULL;

  _vl_lock_acquire (&flight->lock);
  if (flight->answered)
    unheard = g_steal_pointer (&flight->unheard);
  g_set_object (&cancellable, flight->cancellable);
  watch = g_steal_pointer (&flight->watch);
  watch_data = g_steal_pointer (&flight->watch_data);
  watch_free = g_steal_pointer (&flight->watch_free);
  _vl_lock_release (&flight->lock);

  if (watch != NULL)
    watch (watch_data);
  if (watch_free != NULL)
    watch_free (watch_data);
  if (unheard != NULL)
    _vl_unheard_tell (unheard);
  g_clear_pointer (&unheard, _vl_unheard_free);
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
  ended = flight->state != VL_FLIGHT_WAITING;
  if (!ended)
    {
      flight->state = VL_FLIGHT_ENDED;
      flight->cancelled = TRUE;
    }
  _vl_lock_release (&flight->lock);

  if (ended)
    return;

  what = g_strdup_printf (_ ("was not answered within %u ms"), flight->info.timeout);
  answer.error = _vl_flight_error (flight, flight->info.timeout_error, what);
  flight_tell_cancelled (flight);
  _vl_flight_end (flight, &answer);
}

void
_vl_flight_cancel (VlFlight *flight)
{
  g_autoptr (VlFlight) self = flight;
  gboolean ended;

  _vl_lock_acquire (&self->lock);
  ended = self->state == VL_FLIGHT_ENDED;
  self->state = VL_FLIGHT_ENDED;
  self->cancelled = TRUE;
  _vl_lock_release (&self->lock);

  if (ended)
    return;

  flight_tell_cancelled (self);
  _vl_flight_end (self, NULL);
}

gboolean
_vl_flight_watch (VlFlight *flight,
                  VlReplyWatch watch,
                  gpointer user_data,
                  GDestroyNotify free_func)
{
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
_vl_flight_unwatch (VlFlight *flight)
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

void
_vl_flight_set_unheard (VlFlight *flight,
                        VlReplyWatch func,
                        gpointer user_data,
                        GDestroyNotify free_func)
{
  VlUnheard *unheard = g_new (VlUnheard, 1);

  *unheard = (VlUnheard){ func, user_data, free_func };
  _vl_lock_acquire (&flight->lock);
  g_assert (flight->unheard == NULL);
  if (flight->state != VL_FLIGHT_ENDED)
    flight->unheard = g_steal_pointer (&unheard);
  _vl_lock_release (&flight->lock);

  g_clear_pointer (&unheard, _vl_unheard_free);
}

void
_vl_flight_returned (VlFlight *flight, gboolean returned, GError *error)
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
      _vl_flight_answer_error (flight, error != NULL
                                         ? error
                                         : _vl_flight_error (flight, VL_ERROR_FAILED,
                                                             _ ("raised or did not return TRUE")));
    }
}

gboolean
_vl_flight_take_early (VlFlight *flight, VlAnswer *answer)
{
  VlFlightState state;

  _vl_lock_acquire (&flight->lock);
  if (flight->answered && flight->turn == current_turn ())
    {
      flight->state = VL_FLIGHT_ENDED;
      *answer = flight->answer;
      flight->answer = (VlAnswer){ 0 };
    }
  else
    {
      /* Under the lock: an answer from another thread must find a home. */
      flight->home = _vl_handoff_get (NULL);
      flight->state = flight->answered ? VL_FLIGHT_ANSWERED : VL_FLIGHT_WAITING;
    }
  state = flight->state;
  _vl_lock_release (&flight->lock);

  if (state == VL_FLIGHT_ANSWERED)
    _vl_handoff_post (flight->home, flight_landed, _vl_flight_ref (flight));
  else if (state == VL_FLIGHT_WAITING && flight->info.timeout > 0)
    flight->timer = _vl_timer_start (_vl_handoff_get_context (flight->home), flight->info.timeout,
                                     flight_timed_out, flight);

  return state == VL_FLIGHT_ENDED;
}

VlFlight *
_vl_flight_sent (VlFlight *flight, gboolean returned, GError *error)
{
  g_autoptr (VlFlight) self = flight;
  g_auto (VlAnswer) answer = { 0 };

  _vl_flight_returned (self, returned, error);
  if (!_vl_flight_take_early (self, &answer))
    return g_steal_pointer (&self);

  _vl_flight_end (self, &answer);
  return NULL;
}
