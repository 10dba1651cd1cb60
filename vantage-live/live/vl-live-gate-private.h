/* vl-live-gate-private.h: invalidating a root, and when its cache may be asked
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../base/vl-clock-private.h"
#include "../table/vl-reply-private.h"

G_BEGIN_DECLS

typedef struct _VlLiveCore VlLiveCore;

typedef void (*VlGateFunc) (gpointer user_data);

typedef enum
{
  VL_GATE_OPEN,     /* lookups and stores may be sent */
  VL_GATE_CLOSED,   /* an invalidate or clear is unanswered: they wait */
  VL_GATE_BYPASSED, /* the last one failed: the cache is not asked at all, and nobody waits */
} VlGateState;

typedef struct
{
  VlGateState state;
  guint64 epoch;    /* raised by each invalidation the moment it is wanted */
  guint64 cleared;  /* the epoch of the last clear: nothing older is stored */
  gboolean sending; /* one is under way */
  gboolean wanted;  /* one more has to be sent after the one under way */
  gboolean clear;   /* and it has to erase */
  GQueue current;   /* of GateWaiter: told when the one under way is answered */
  GQueue next;      /* of GateWaiter: told by the one after it */
  GQueue readers;   /* of GateWaiter: wait until the one under way is answered */
  GQueue later; /* of GateWaiter: likewise for the one after it, since that was wanted already */
  VlFlight *flight;
  VlTimer *retry;    /* while bypassed: when to try again */
  guint retry_delay; /* milliseconds */
} VlGate;

void _vl_gate_init (VlLiveCore *core);
void _vl_gate_dispose (VlLiveCore *core);
/* Once the core is complete: before the cache is asked for anything. */
void _vl_gate_start (VlLiveCore *core);

/* Makes everything cached stale, or erases it. From now on nothing that was
 * read before counts as fresh; `done` (nullable) runs once the cache knows, or
 * has failed and is bypassed. It may run before this returns. */
void _vl_gate_invalidate (VlLiveCore *core, gboolean clear, VlGateFunc done, gpointer user_data);

/* Somebody else invalidated the root in the cache. */
void _vl_gate_overtaken (VlLiveCore *core);

/* Runs `func` when the gate is not closed: now, if it is not. */
void _vl_gate_pass (VlLiveCore *core, VlGateFunc func, gpointer user_data);

G_END_DECLS
