/* vl-live-gate.c: invalidating a root, and when its cache may be asked
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * While an invalidation of the root is unanswered, no lookup and no store for
 * it is sent: a slow cache cannot be overtaken. One is under way at a time;
 * those that are wanted meanwhile share the next. Between two of them the readers
 * go through who came before the second was wanted, or events that come faster
 * than the cache answers would keep them out. After one that failed the cache still holds what
 * should be stale, so it is left alone, and nobody waits for it, until one has succeeded.
 *
 * Everything here runs at home.
 */

#include "vl-config.h"

#include "vl-live-core-private.h"

#include "../base/vl-log-private.h"
#include "../cache/vl-cache-private.h"
#include "vl-live-fetch-private.h"

/* An invalidation that failed is tried again after this, then after twice as
 * long, up to the maximum; milliseconds. */
#define RETRY_FIRST 250
#define RETRY_MAX   30000

typedef struct
{
  VlGateFunc func;
  gpointer user_data;
} GateWaiter;

static void gate_send (VlLiveCore *core);

static void
waiter_add (GQueue *queue, VlGateFunc func, gpointer user_data)
{
  GateWaiter *waiter;

  if (func == NULL)
    return;

  waiter = g_new (GateWaiter, 1);
  waiter->func = func;
  waiter->user_data = user_data;
  g_queue_push_tail (queue, waiter);
}

/* Runs those that wait now; the ones they add wait for the next time. */
static void
waiters_run (GQueue *queue)
{
  GQueue waiters = *queue;
  GateWaiter *waiter;

  g_queue_init (queue);
  while ((waiter = g_queue_pop_head (&waiters)) != NULL)
    {
      waiter->func (waiter->user_data);
      g_free (waiter);
    }
}

/* Lets those in who want to ask the cache. Any of them may close the gate. */
static void
readers_run (VlGate *gate)
{
  GateWaiter *waiter;

  while (gate->state != VL_GATE_CLOSED && (waiter = g_queue_pop_head (&gate->readers)) != NULL)
    {
      waiter->func (waiter->user_data);
      g_free (waiter);
    }
}

/* What a cache holds that is not asked is of no matter to those who wait until
 * it is stale. */
static void
release_bypassed (VlGate *gate)
{
  if (gate->state != VL_GATE_BYPASSED)
    return;

  waiters_run (&gate->current);
  waiters_run (&gate->next);
}

static void
gate_retry (gpointer user_data)
{
  VlLiveCore *core = user_data;

  _vl_timer_clear (&core->gate.retry);
  if (core->gate.state != VL_GATE_BYPASSED || core->gate.sending || !_vl_live_core_try_ref (core))
    return;

  gate_send (core);
  _vl_live_core_unref (core);
}

/* Whoever has waited for the next one waits for the one under way now. */
static void
readers_move_up (VlGate *gate)
{
  GateWaiter *waiter;

  while ((waiter = g_queue_pop_head (&gate->later)) != NULL)
    g_queue_push_tail (&gate->readers, waiter);
}

static void
gate_failed (VlLiveCore *core, const GError *error)
{
  VlGate *gate = &core->gate;

  if (gate->state != VL_GATE_BYPASSED)
    _vl_log_warning ("The cache could not be invalidated and is not used until it can: %s",
                     error->message);
  gate->state = VL_GATE_BYPASSED;
  gate->retry_delay = gate->retry_delay == 0 ? RETRY_FIRST : MIN (gate->retry_delay * 2, RETRY_MAX);
  if (gate->retry == NULL)
    gate->retry = _vl_timer_start (_vl_handoff_get_context (core->home), gate->retry_delay,
                                   gate_retry, core);
}

static void
gate_answered (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (VlLiveCore) core = user_data;
  VlGate *gate = &core->gate;

  g_clear_pointer (&gate->flight, _vl_flight_unref);
  gate->sending = FALSE;
  if (answer->error != NULL)
    {
      gate_failed (core, answer->error);
    }
  else
    {
      gate->state = VL_GATE_OPEN;
      gate->clear = gate->clear && gate->wanted;
      gate->retry_delay = 0;
      _vl_timer_clear (&gate->retry);
    }

  /* Nobody may see again what is to be erased. */
  if (gate->wanted && gate->clear)
    {
      GQueue settled = gate->current;

      g_queue_init (&gate->current);
      gate_send (core);
      waiters_run (&settled);
      return;
    }

  /* Whoever begins to read now does so after all that was wanted, and has a
   * lease that the next one makes old. */
  waiters_run (&gate->current);
  readers_run (gate);
  if (gate->wanted && !gate->sending)
    gate_send (core);
  readers_run (gate);
  release_bypassed (gate);
}

/* Sends an invalidation on behalf of all that are wanted. */
static void
gate_send (VlLiveCore *core)
{
  VlGate *gate = &core->gate;
  gboolean marks = _vl_writer_unmark (core);
  VlFlight *flight;
  GateWaiter *waiter;

  gate->wanted = FALSE;
  gate->sending = TRUE;
  if (gate->state != VL_GATE_BYPASSED)
    gate->state = VL_GATE_CLOSED;
  while ((waiter = g_queue_pop_head (&gate->next)) != NULL)
    g_queue_push_tail (&gate->current, waiter);
  readers_move_up (gate);

  _vl_log_debug ("VL_OP", gate->clear ? "clear" : "invalidate", "VL_KEY", core->root, NULL);
  if (gate->clear)
    flight = _vl_cache_send_clear (core->cache, core->root, core->timeout, gate_answered,
                                   _vl_live_core_ref (core), (GDestroyNotify) _vl_live_core_unref);
  else
    flight = _vl_cache_send_invalidate (core->cache, core->root, core->timeout, gate_answered,
                                        _vl_live_core_ref (core),
                                        (GDestroyNotify) _vl_live_core_unref);
  if (flight != NULL)
    gate->flight = flight;

  if (marks)
    _vl_writer_mark (core);
}

static void
give_up_base (VlLiveCore *core)
{
  core->has_surgical = FALSE;
  _vl_facts_give_up_base (core->facts);
}

void
_vl_gate_invalidate (VlLiveCore *core, gboolean clear, VlGateFunc done, gpointer user_data)
{
  VlGate *gate = &core->gate;
  g_autoptr (VlLiveCore) self = _vl_live_core_ref (core);

  gate->clear |= clear;
  waiter_add (&gate->next, done, user_data);
  give_up_base (self);
  gate->epoch++;
  _vl_fetch_overtake (self, NULL, NULL);
  if (clear)
    gate->cleared = gate->epoch;
  if (gate->sending)
    gate->wanted = TRUE;
  else
    gate_send (self);

  release_bypassed (gate);
  _vl_live_position_invalidated (self);
}

void
_vl_gate_overtaken (VlLiveCore *core)
{
  /* Ours was known of when it was wanted. Pages may have been stored since, that
   * facts are to be laid over: the mark stays until one of ours. */
  if (!core->gate.sending)
    _vl_facts_give_up_base (core->facts);
  core->gate.epoch++;
  _vl_fetch_overtake (core, NULL, NULL);
}

void
_vl_gate_pass (VlLiveCore *core, VlGateFunc func, gpointer user_data)
{
  if (core->gate.state == VL_GATE_CLOSED)
    waiter_add (core->gate.wanted ? &core->gate.later : &core->gate.readers, func, user_data);
  else
    func (user_data);
}

/* The roots of a cache that could not be invalidated before their core went, or
 * that only its facts made right: whoever comes next must not trust what they
 * hold. */

static VlLock suspects_lock;

static GHashTable *
get_suspects (VlCache *cache)
{
  static const char *const name = "vl-live-gate-suspects";
  GHashTable *suspects = g_object_get_data (G_OBJECT (cache), name);

  if (suspects == NULL)
    {
      suspects = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_object_set_data_full (G_OBJECT (cache), name, suspects,
                              (GDestroyNotify) g_hash_table_unref);
    }

  return suspects;
}

static void
leave_suspect (VlLiveCore *core)
{
  _vl_lock_acquire (&suspects_lock);
  g_hash_table_add (get_suspects (core->cache), g_strdup (core->root));
  _vl_lock_release (&suspects_lock);
}

static gboolean
take_suspect (VlLiveCore *core)
{
  gboolean is_suspect;

  _vl_lock_acquire (&suspects_lock);
  is_suspect = g_hash_table_remove (get_suspects (core->cache), core->root);
  _vl_lock_release (&suspects_lock);

  return is_suspect;
}

void
_vl_gate_start (VlLiveCore *core)
{
  if (!take_suspect (core))
    return;

  core->gate.state = VL_GATE_BYPASSED;
  gate_send (core);
}

void
_vl_gate_init (VlLiveCore *core)
{
  VlGate *gate = &core->gate;

  gate->state = VL_GATE_OPEN;
  g_queue_init (&gate->current);
  g_queue_init (&gate->next);
  g_queue_init (&gate->readers);
  g_queue_init (&gate->later);
}

void
_vl_gate_dispose (VlLiveCore *core)
{
  VlGate *gate = &core->gate;

  /* A flight and a waiter hold the core. */
  g_assert (gate->flight == NULL);
  g_assert (g_queue_is_empty (&gate->current));
  g_assert (g_queue_is_empty (&gate->next));
  g_assert (g_queue_is_empty (&gate->readers));
  g_assert (g_queue_is_empty (&gate->later));
  _vl_timer_clear (&gate->retry);
  /* What makes its pages right goes with the core. */
  if (gate->state == VL_GATE_BYPASSED || core->has_surgical)
    leave_suspect (core);
}
