/* vl-live-retry-private.h: when writes are sent again
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../base/vl-clock-private.h"
#include "../vl-types.h"

G_BEGIN_DECLS

typedef struct _VlLiveCore VlLiveCore;

typedef struct
{
  guint floor;          /* milliseconds: no sooner than this */
  guint cap;            /* milliseconds: no later than this */
  VlTimer *timer;       /* until the first of those that wait is due */
  gint64 timer_due;     /* monotonic */
  gboolean has_waiting; /* some of the queue wait to be due, perhaps */
  gint64 paused_until;  /* monotonic: nothing is sent at all; 0 = not paused */
  guint n_unreached;    /* sends in a row that did not reach the target */
  char *last_key;       /* the record of the last of these */
  gboolean spans;       /* they were of several records */
} VlRetry;

void _vl_retry_init (VlRetry *self);
void _vl_retry_clear (VlRetry *self);

/* Whether it does no harm to send a write again that may have been applied. */
gboolean _vl_retry_can_repeat (VlLiveCore *core, VlWrite *write);

/* The target could not be reached with this write: when it is due again. */
void _vl_retry_put_off (VlLiveCore *core, VlWrite *write);
/* It could not be reached with these, which went together. Twice in a row, with
 * writes to different records, and nothing is sent for as long. The network has
 * to be checked after that, and after the next. */
void _vl_retry_unreached (VlLiveCore *core, GPtrArray *writes);
/* The target could not be asked what it is: nothing is sent for a while. */
void _vl_retry_pause (VlLiveCore *core);
/* It was reached, whatever it said. */
void _vl_retry_reached (VlLiveCore *core);
/* It can be reached again, we are told: everything is due. */
void _vl_retry_hurry (VlLiveCore *core);

/* A write that waited is taken out of line. When none is left that was tried, nobody
 * would find out that the master is back: what comes next goes at once. */
void _vl_retry_withdrawn (VlLiveCore *core, VlWrite *write);

/* `now` is when the queue was looked at: what was not due then has to be waited
 * for, even if it is by now. */
gboolean _vl_retry_is_paused (VlLiveCore *core, gint64 now);
/* Sees to it that the queue is looked at when the first of it is due. */
void _vl_retry_schedule (VlLiveCore *core, gint64 now);

G_END_DECLS
