/* vl-flight-private.h: one request on its way, from the inside
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../base/vl-clock-private.h"
#include "../base/vl-handoff-private.h"
#include "../base/vl-lock-private.h"
#include "vl-page-builder.h"
#include "vl-reply-private.h"
#include "vl-reply.h"

G_BEGIN_DECLS

typedef enum
{
  FLIGHT_SENDING,  /* the vfunc has not returned; an answer is only kept */
  FLIGHT_WAITING,  /* it has; an answer is brought home */
  FLIGHT_ANSWERED, /* the answer is on its way home */
  FLIGHT_ENDED,    /* the answer was taken, or nobody wants it any more */
} FlightState;

struct _VlFlight
{
  gatomicrefcount ref_count;
  VlReplyInfo info;

  VlLock lock;
  FlightState state;         /* under the lock */
  gboolean answered;         /* under the lock: somebody gave the one answer */
  VlAnswer answer;           /* under the lock until taken */
  VlPageBuilder *rows;       /* under the lock: what add_record() collects */
  gint64 total;              /* under the lock: what set_total() said */
  GCancellable *cancellable; /* under the lock: made when asked for */
  gboolean cancelled;        /* under the lock */
  VlReplyWatch watch;        /* under the lock; NULL = nobody watches */
  gpointer watch_data;       /* likewise */
  GDestroyNotify watch_free; /* likewise, nullable */
  gint64 turn;               /* never changes: see current_turn() */

  /* Home only, except that a flight whose home is gone is dropped by whoever
   * finds out. */
  VlHandoff *home;
  VlTimer *timer;
  VlAnswerFunc func; /* NULL once called */
  gpointer user_data;
  GDestroyNotify drop;
};

struct _VlReply
{
  GObject parent_instance;

  VlFlight *flight; /* never changes */
};

/* From any thread. Takes `answer` over, as the answer or to free it. */
void _vl_flight_answer (VlFlight *flight, VlAnswer *answer);

/* Whether an answer of `kind` is what the vfunc owes; fails the call if not. */
gboolean _vl_flight_expects (VlFlight *flight, VlAnswerKind kind);

/* An error that names the vfunc. */
GError *_vl_flight_error (VlFlight *flight, VlError code, const char *what);

G_END_DECLS
