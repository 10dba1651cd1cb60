/* vl-flight-private.h: one request on its way, inside
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../base/vl-clock-private.h"
#include "../base/vl-handoff-private.h"
#include "../base/vl-lock-private.h"
#include "vl-reply-private.h"

G_BEGIN_DECLS

typedef enum
{
  VL_FLIGHT_SENDING,  /* the vfunc has not returned; an answer is only kept */
  VL_FLIGHT_WAITING,  /* it has; an answer is brought home */
  VL_FLIGHT_ANSWERED, /* the answer is on its way home */
  VL_FLIGHT_ENDED,    /* the answer was taken, or nobody wants it any more */
} VlFlightState;

struct _VlFlight
{
  gatomicrefcount ref_count;
  VlReplyInfo info;

  VlLock lock;
  VlFlightState state;       /* under the lock */
  gboolean answered;         /* under the lock: somebody gave the one answer */
  VlAnswer answer;           /* under the lock until taken */
  VlPageBuilder *rows;       /* under the lock: what add_record() collects */
  gint64 total;              /* under the lock: what set_total() said */
  GCancellable *cancellable; /* under the lock: made when asked for */
  gboolean cancelled;        /* under the lock */
  VlReplyWatch watch;        /* under the lock; NULL = nobody watches */
  gpointer watch_data;       /* likewise */
  GDestroyNotify watch_free; /* likewise, nullable */
  VlUnheard *unheard;        /* under the lock; goes with the answer */
  gint64 turn;               /* never changes: see current_turn() */

  /* Home only, except that a flight whose home is gone is dropped by whoever
   * finds out. */
  VlHandoff *home;
  VlTimer *timer;
  VlAnswerFunc func; /* NULL once called */
  gpointer user_data;
  GDestroyNotify drop;
};

/* With one reference, and nothing known of it yet. */
VlFlight *_vl_flight_new (void);
void _vl_flight_prepare (VlFlight *self,
                         const VlReplyInfo *info,
                         VlAnswerFunc func,
                         gpointer user_data,
                         GDestroyNotify drop);

/* From any thread. Takes `answer` over, as the answer or to free it. */
void _vl_flight_answer (VlFlight *self, VlAnswer *answer);
void _vl_flight_answer_error (VlFlight *self, GError *error);

/* Whether an answer of `kind` is what the vfunc owes; fails the call if not. */
gboolean _vl_flight_expects (VlFlight *self, VlAnswerKind kind);
/* Likewise for an error that comes with a record: only a single write ends so. */
gboolean _vl_flight_may_conflict (VlFlight *self);
gboolean _vl_flight_expects_conflict (VlFlight *self);

/* What _vl_reply_watch() and _vl_reply_unwatch() do. */
gboolean _vl_flight_watch (VlFlight *self,
                           VlReplyWatch watch,
                           gpointer user_data,
                           GDestroyNotify free_func);
void _vl_flight_unwatch (VlFlight *self);
/* What _vl_reply_set_unheard() does. */
void _vl_flight_set_unheard (VlFlight *self,
                             VlReplyWatch func,
                             gpointer user_data,
                             GDestroyNotify free_func);

/* "Type.vfunc() " and what is wrong. */
GError *_vl_flight_error (VlFlight *self, VlError code, const char *what);

/* From any thread: somebody still has to answer. */
gboolean _vl_flight_is_open (VlFlight *self);

/* What the return value of the vfunc says when there is no answer yet. Consumes
 * `error`. */
void _vl_flight_returned (VlFlight *self, gboolean returned, GError *error);

/* Takes the answer that came before the vfunc returned. A vfunc that turned the
 * context meanwhile has its answer brought home like a late one: GTask would
 * take the call for one of an earlier turn and call back inside of it. */
gboolean _vl_flight_take_early (VlFlight *self, VlAnswer *answer);

/* What _vl_reply_sent() does, for a flight without a reply: whoever has it
 * answers it for sure. Consumes `self` and `error`. */
VlFlight *_vl_flight_sent (VlFlight *self, gboolean returned, GError *error);

/* At home, or wherever a flight ends up whose home is gone. Ends the flight
 * and hands `answer` on, or drops it; the caller has set the state. */
void _vl_flight_end (VlFlight *self, VlAnswer *answer);

G_END_DECLS
