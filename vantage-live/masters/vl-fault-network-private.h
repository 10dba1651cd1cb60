/* vl-fault-network-private.h: what a fault table and those related to it share
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../base/vl-clock-private.h"
#include "../base/vl-lock-private.h"
#include "../vl-types.h"
#include "vl-relay-private.h"

G_BEGIN_DECLS

/* What the properties of a fault table say. */
typedef struct
{
  guint64 seed;
  guint latency;     /* milliseconds */
  guint jitter;      /* milliseconds */
  guint event_delay; /* milliseconds */

  /* From 0 to 1. */
  double error_rate;
  double lost_ack_rate;
  double never_answer_rate;
  double total_lie_rate;
  double event_repeat_rate;
  double event_loss_rate;

  VlError lost_ack_error;
  gboolean keep_order;
  gboolean never_answer;
  gboolean offline;
  gboolean remote;
  gboolean echo;
} VlFaultSettings;

/* One direction, of calls that are to keep their order. */
typedef struct
{
  guint n_calls; /* on their way */
  gint64 last;   /* when the last of them arrives, at the latest; monotonic */
} VlFaultLane;

typedef enum
{
  VL_FAULT_THERE,
  VL_FAULT_BACK,
  VL_FAULT_N_LANES
} VlFaultDirection;

typedef struct
{
  gatomicrefcount ref_count;
  VlLock lock;

  /* Under the lock. */
  VlFaultSettings settings;
  guint64 n_chances;       /* calls that chance has decided on since it was seeded */
  guint64 n_event_chances; /* events, likewise */
  GArray *windows;         /* of VlFaultWindow: times to be offline, past ones left out */
  GQueue pushed;           /* of VlFaultError, the next call's first */
  VlFaultLane lanes[VL_FAULT_N_LANES];
  GPtrArray *held;    /* of VlReply: never to be answered */
  GPtrArray *streams; /* of VlFaultListener */
  guint64 n_calls;
  guint64 n_reads;
  guint64 n_writes;
  guint64 n_faults;
} VlFaultNetwork;

VlFaultNetwork *_vl_fault_network_new (void);
VlFaultNetwork *_vl_fault_network_ref (VlFaultNetwork *self);
void _vl_fault_network_unref (VlFaultNetwork *self);

/* Takes the lock. For what is read alone. */
void _vl_fault_network_get_settings (VlFaultNetwork *self, VlFaultSettings *settings);

/* What becomes of a call. */
typedef enum
{
  VL_FAULT_FATE_PASS,
  VL_FAULT_FATE_OFFLINE,      /* fails at once */
  VL_FAULT_FATE_LOST,         /* on the way there, and its caller is told */
  VL_FAULT_FATE_NEVER_THERE,  /* likewise, and nobody is told */
  VL_FAULT_FATE_LOST_ANSWER,  /* on the way back, and its caller is told */
  VL_FAULT_FATE_NEVER_ANSWER, /* likewise, and nobody is told */
} VlFaultFate;

/* What chance has in store for a call. */
typedef struct
{
  VlFaultFate fate;
  GError *error; /* the one that was pushed for this call, or NULL */
  guint there;   /* milliseconds */
  guint back;    /* milliseconds */
  guint64 lie;   /* how to lie about the total, 0 = not at all */
} VlFaultPlan;

void _vl_fault_plan_clear (VlFaultPlan *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VlFaultPlan, _vl_fault_plan_clear)

/* Counts a call and decides on it. Takes the lock, as all of these do. */
void _vl_fault_network_plan (VlFaultNetwork *self, VlRelayKind kind, VlFaultPlan *plan);
/* Counts a fault that was not planned. */
void _vl_fault_network_count_fault (VlFaultNetwork *self);

/* What chance has in store for an event. */
typedef struct
{
  gboolean is_lost;
  gboolean is_repeated;
  guint delay; /* milliseconds */
} VlFaultEventPlan;

void _vl_fault_network_plan_event (VlFaultNetwork *self, VlFaultEventPlan *plan);

/* The total that a lying page tells instead of `truth`; never that. `lie` is
 * the plan's. */
gint64 _vl_fault_lie (gint64 truth, guint64 lie);

void _vl_fault_network_push_error (VlFaultNetwork *self, const GError *error, gboolean after);
/* Keeps a reply that is never to be answered. */
void _vl_fault_network_hold (VlFaultNetwork *self, VlReply *reply);

/* Starts the timer of a call that takes `delay` in a direction; NULL if it
 * arrives at once. If it answers TRUE in `in_lane` the call stays in order with
 * others, and _vl_fault_network_leave_lane() is owed. */
VlTimer *_vl_fault_network_enter_lane (VlFaultNetwork *self,
                                       VlFaultDirection direction,
                                       guint delay,
                                       GMainContext *context,
                                       VlTimerFunc func,
                                       gpointer user_data,
                                       gboolean *in_lane);
void _vl_fault_network_leave_lane (VlFaultNetwork *self, VlFaultDirection direction);

gboolean _vl_fault_network_is_offline (VlFaultNetwork *self);
void _vl_fault_network_add_window (VlFaultNetwork *self, guint start, guint duration);
/* Milliseconds until a window begins or ends; FALSE = none does. */
gboolean _vl_fault_network_get_edge (VlFaultNetwork *self, guint *delay);

/* Streams that are told when the network comes and goes. */
void _vl_fault_network_add_stream (VlFaultNetwork *self, VlLiveStream *stream);
void _vl_fault_network_remove_stream (VlFaultNetwork *self, VlLiveStream *stream);
/* Not under the lock. */
void _vl_fault_network_tell_streams (VlFaultNetwork *self);

G_END_DECLS
