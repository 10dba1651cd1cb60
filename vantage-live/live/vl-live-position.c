/* vl-live-position.c: whether copies of an earlier run can be trusted
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A cache on disk may hold what an earlier run of the program has fetched, and
 * nobody has heard what changed in between. A stream that can name the point
 * where it is helps out: the last one that was heard of is kept in the cache,
 * under ROOT/position, with the lease of the pages. While that entry is fresh,
 * what is fresh beside it has all that happened up to there. When the stream
 * then becomes live at the same position nothing was missed; at another one, or
 * at none, the root is invalidated as after any gap.
 *
 * Three things have to hold. What the stream tells is acted upon before the
 * position that comes after it is kept. What other cores of this process write
 * is, too: while a write to the table is on its way, to be told of later,
 * nothing is kept. And a position may be older than the pages beside it, since
 * it is never met again when it is, but not younger.
 *
 * Until the first word of the stream has come nobody knows which it is, and what
 * this core has not stored itself is not fresh: who has to have something fresh
 * waits for the word, and the others get the copy, flagged as stale. The master
 * is not asked for a moment either: becoming live would overtake the answer.
 *
 * Of several streams the one that was attached first counts, which is the
 * master's own as a rule; a gap of any other says that it has missed something.
 *
 * Everything here runs at home.
 */

#include "vl-config.h"

#include "vl-live-core-private.h"

#include "../base/vl-log-private.h"
#include "../cache/vl-cache-private.h"
#include "../table/vl-page-builder.h"
#include "../table/vl-page-private.h"
#include "../table/vl-page.h"
#include "../table/vl-record-builder.h"
#include "../table/vl-record.h"
#include "vl-live-pace-private.h"
#include "vl-live-registry-private.h"

/* Where the position is kept under the root, and in which fields. */
#define POSITION_KEY   "position"
#define POSITION_FIELD "position"
#define SOURCE_FIELD   "source"

/* As long as this after it was attached a stream is expected to be live in a
 * moment; milliseconds. */
#define IMMINENT 250

typedef struct
{
  VlPositionFunc func;
  gpointer user_data;
} PositionWaiter;

/* Words */

VlLiveWord *
_vl_live_word_new (VlWordKind kind, VlLiveEvent *event, const char *position)
{
  VlLiveWord *self = g_new0 (VlLiveWord, 1);

  self->kind = kind;
  g_set_object (&self->event, event);
  self->position = g_strdup (position);

  return self;
}

void
_vl_live_word_free (VlLiveWord *self)
{
  g_clear_object (&self->event);
  g_free (self->position);
  g_free (self);
}

/* Keeping it */

static VlPage *
position_to_page (VlLivePosition *self)
{
  g_autoptr (VlRecordBuilder) builder = vl_record_builder_new (POSITION_KEY);
  g_autoptr (VlRecord) record = NULL;
  VlPageInfo info = { .total = 1, .fetched_at = _vl_clock_real () };

  vl_record_builder_set_string (builder, POSITION_FIELD, self->heard);
  vl_record_builder_set_string (builder, SOURCE_FIELD, self->source);
  record = vl_record_builder_end (builder);

  return _vl_page_new_from_records (&record, 1, &info);
}

/* What is kept of a source of that name, or NULL. */
static char *
position_from_page (VlLivePosition *self, VlPage *page)
{
  g_autoptr (VlRecord) record = NULL;

  if (page == NULL || vl_page_get_is_stale (page) || vl_page_get_n_records (page) != 1)
    return NULL;

  record = vl_page_get_record (page, 0);
  if (g_strcmp0 (vl_record_get_string (record, SOURCE_FIELD), self->source) != 0)
    return NULL;

  return g_strdup (vl_record_get_string (record, POSITION_FIELD));
}

static void
kept (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (VlLiveCore) core = user_data;

  if (answer->error != NULL)
    _vl_log_debug ("VL_OP", "store-position", "VL_KEY", core->root, "VL_OUTCOME",
                   answer->error->message, NULL);
}

static gboolean
is_kept (VlLivePosition *self)
{
  return self->kept_lease == self->lease && g_strcmp0 (self->kept, self->heard) == 0;
}

/* A write that the position may be beyond is told of before it is counted as
 * settled: then it is in the inbox. And what is laid over the pages in memory is
 * not in those that are stored. */
static gboolean
may_be_told (VlLiveCore *core)
{
  return _vl_live_registry_is_writing (core) || g_atomic_int_get (&core->inbox_filled) != 0 ||
         core->has_surgical || _vl_hold_is_on (core);
}

/* Where nothing is fresh there is nothing to say about it. */
static void
keep (VlLiveCore *core)
{
  VlLivePosition *self = &core->position;
  g_autoptr (VlPage) page = NULL;
  VlFlight *flight;

  if (self->heard == NULL || self->lease == 0 || self->lease_epoch != core->gate.epoch ||
      is_kept (self) || core->gate.state != VL_GATE_OPEN || may_be_told (core))
    return;

  page = position_to_page (self);
  g_free (self->kept);
  self->kept = g_strdup (self->heard);
  self->kept_lease = self->lease;
  flight = _vl_cache_send_store (core->cache, core->root, POSITION_KEY, page, self->lease,
                                 core->timeout, kept, _vl_live_core_ref (core),
                                 (GDestroyNotify) _vl_live_core_unref);
  g_clear_pointer (&flight, _vl_flight_unref);
}

void
_vl_live_position_stored (VlLiveCore *core, guint64 lease, guint64 epoch)
{
  core->position.lease = lease;
  core->position.lease_epoch = epoch;
  keep (core);
}

/* Trust */

static void
waiters_run (VlLivePosition *self)
{
  GQueue waiters = self->waiters;
  PositionWaiter *waiter;

  _vl_timer_clear (&self->patience);
  g_queue_init (&self->waiters);
  while ((waiter = g_queue_pop_head (&waiters)) != NULL)
    {
      waiter->func (waiter->user_data);
      g_free (waiter);
    }
}

static void
patience_over (gpointer user_data)
{
  g_autoptr (VlLiveCore) core = _vl_live_core_ref (user_data);

  if (!core->position.is_brief)
    core->position.trust = VL_TRUST_OWN;
  waiters_run (&core->position);
}

/* Milliseconds. */
static guint
get_brief (VlLivePosition *self)
{
  gint64 age = (_vl_clock_monotonic () - self->attached_at) / 1000;

  return (guint) (IMMINENT - CLAMP (age, 0, IMMINENT));
}

gboolean
_vl_live_position_is_imminent (VlLiveCore *core)
{
  VlLivePosition *self = &core->position;

  return (self->is_awaited || self->gap != NULL) && get_brief (self) > 0;
}

static void
begin_patience (VlLiveCore *core)
{
  VlLivePosition *self = &core->position;
  guint delay = get_brief (self);

  self->is_brief = delay > 0 && (core->timeout == 0 || delay < core->timeout);
  if (!self->is_brief)
    delay = core->timeout;
  if (delay > 0)
    self->patience = _vl_timer_start (_vl_handoff_get_context (core->home), delay, patience_over,
                                      core);
}

/* The waiters keep the core, and the timer goes with them. */
void
_vl_live_position_wait (VlLiveCore *core, VlPositionFunc func, gpointer user_data)
{
  VlLivePosition *self = &core->position;
  PositionWaiter *waiter;

  if (self->trust != VL_TRUST_WAITING && !_vl_live_position_is_imminent (core))
    {
      func (user_data);
      return;
    }

  waiter = g_new (PositionWaiter, 1);
  waiter->func = func;
  waiter->user_data = user_data;
  g_queue_push_tail (&self->waiters, waiter);
  if (self->patience == NULL)
    begin_patience (core);
}

gboolean
_vl_live_position_give_up (VlLiveCore *core, gpointer user_data)
{
  GQueue *waiters = &core->position.waiters;

  for (GList *l = waiters->head; l != NULL; l = l->next)
    {
      PositionWaiter *waiter = l->data;

      if (waiter->user_data != user_data)
        continue;
      g_queue_delete_link (waiters, l);
      g_free (waiter);
      return TRUE;
    }

  return FALSE;
}

/* Nothing of an earlier run is fresh any more, so that there is nothing left to
 * wait for. While the meaning of a gap is open what was fetched before it could
 * still be taken for fresh. */
void
_vl_live_position_invalidated (VlLiveCore *core)
{
  VlLivePosition *self = &core->position;

  if (self->trust == VL_TRUST_ALL || self->gap != NULL)
    return;

  self->trust = VL_TRUST_ALL;
  waiters_run (self);
}

gboolean
_vl_live_position_is_own (VlLiveCore *core, const char *key, VlPage *page)
{
  return core->position.gap == NULL && _vl_pace_is_own (core, key, page);
}

static void
set_heard (VlLivePosition *self, const char *position)
{
  char **place = self->gap != NULL ? &self->after_gap : &self->heard;

  g_free (*place);
  *place = g_strdup (position);
}

static void
drop_gap (VlLivePosition *self)
{
  g_clear_object (&self->gap);
  g_clear_pointer (&self->after_gap, g_free);
}

/* A gap at a position that can be compared. TRUE when something was missed. */
static gboolean
take_gap (VlLivePosition *self, const char *position)
{
  gboolean missed = g_strcmp0 (position, self->heard) != 0;

  self->trust = VL_TRUST_ALL;
  set_heard (self, position);

  return missed;
}

/* The cache has said what was kept. */
static void
looked (VlLiveCore *core, VlPage *page, guint64 lease)
{
  VlLivePosition *self = &core->position;
  g_autoptr (VlLiveEvent) gap = g_steal_pointer (&self->gap);
  g_autofree char *after = g_steal_pointer (&self->after_gap);

  self->looking = FALSE;
  self->has_looked = TRUE;
  if (self->heard == NULL && (!self->is_anchored || gap != NULL))
    {
      self->heard = position_from_page (self, page);
      if (self->heard != NULL && self->look_epoch == core->gate.epoch)
        {
          self->lease = self->kept_lease = lease;
          self->lease_epoch = core->gate.epoch;
          g_free (self->kept);
          self->kept = g_strdup (self->heard);
        }
    }

  if (gap != NULL)
    {
      gboolean missed = take_gap (self, vl_live_event_get_position (gap));

      if (after != NULL)
        set_heard (self, after);
      if (missed)
        _vl_live_core_act (core, gap);
    }
  _vl_live_position_settle (core);
}

static void
looked_up (VlAnswer *answer, gpointer user_data)
{
  g_autoptr (VlLiveCore) core = user_data;
  gboolean fresh = answer->error == NULL && answer->fresh;

  looked (core, fresh ? answer->page : NULL, fresh ? answer->lease : 0);
}

/* The gate is not closed. */
static void
look_up (gpointer user_data)
{
  g_autoptr (VlLiveCore) core = user_data;
  VlFlight *flight;

  core->position.look_epoch = core->gate.epoch;
  if (core->gate.state == VL_GATE_BYPASSED)
    {
      looked (core, NULL, 0);
      return;
    }

  flight = _vl_cache_send_lookup (core->cache, core->root, POSITION_KEY, core->timeout, looked_up,
                                  _vl_live_core_ref (core), (GDestroyNotify) _vl_live_core_unref);
  g_clear_pointer (&flight, _vl_flight_unref);
}

/* What the stream says */

static void
take_attached (VlLiveCore *core, const char *source)
{
  VlLivePosition *self = &core->position;

  /* Nobody has listened since the last one left. */
  if (g_hash_table_size (core->reader.keys) > 0)
    _vl_gate_overtaken (core);
  if (g_strcmp0 (self->source, source) != 0)
    {
      g_clear_pointer (&self->heard, g_free);
      self->has_looked = FALSE;
    }
  g_free (self->source);
  self->source = g_strdup (source);
  self->is_anchored = FALSE;
  self->is_awaited = TRUE;
  self->attached_at = _vl_clock_monotonic ();
  self->trust = VL_TRUST_WAITING;
}

/* Whether it is a gap will turn out: what is being fetched now began before it,
 * and what readers have been given parts of. What the cache holds, and is going
 * to say, keeps. */
static void
overtake_before (VlLiveCore *core)
{
  VlLivePosition *self = &core->position;
  gboolean is_looked_for = self->look_epoch == core->gate.epoch;
  gboolean is_stored = self->lease_epoch == core->gate.epoch;

  _vl_gate_overtaken (core);
  if (is_looked_for)
    self->look_epoch = core->gate.epoch;
  if (is_stored)
    self->lease_epoch = core->gate.epoch;
}

static void
take_word_of_gap (VlLiveCore *core, VlLiveWord *word)
{
  VlLivePosition *self = &core->position;

  self->is_anchored = TRUE;
  self->is_awaited = FALSE;
  if (word->position == NULL)
    {
      drop_gap (self);
      g_clear_pointer (&self->heard, g_free);
      self->trust = VL_TRUST_ALL;
      word->is_news = TRUE;
    }
  else if (self->looking || (self->heard == NULL && !self->has_looked))
    {
      drop_gap (self);
      g_set_object (&self->gap, word->event);
      overtake_before (core);
    }
  else
    {
      word->is_news = take_gap (self, word->position);
    }
}

/* It went without a word, perhaps, or before anybody knew what that meant. Who
 * has asked meanwhile asked for more than a copy of an earlier run. Who asks when
 * it is not wanted any more asks as if there had never been one; but that those
 * that wanted it are closed does not make a copy any fresher. */
static void
take_left (VlLiveCore *core, gboolean is_unwanted)
{
  VlLivePosition *self = &core->position;

  self->is_awaited = FALSE;
  if (self->trust != VL_TRUST_ALL || self->gap != NULL)
    {
      self->doubted = core->reader.n_fetches;
      self->trust = is_unwanted ? VL_TRUST_ALL : VL_TRUST_OWN;
    }
  drop_gap (self);
}

void
_vl_live_position_take (VlLiveCore *core, VlLiveWord *word)
{
  VlLivePosition *self = &core->position;

  switch (word->kind)
    {
    case VL_WORD_GAP:
      take_word_of_gap (core, word);
      break;

    case VL_WORD_REACHED:
      if (self->is_anchored)
        set_heard (self, word->position);
      break;

    case VL_WORD_ENDED:
      self->is_awaited = FALSE;
      if (self->trust == VL_TRUST_WAITING && self->gap == NULL)
        self->trust = VL_TRUST_OWN;
      break;

    case VL_WORD_ATTACHED:
      take_attached (core, word->position);
      break;

    case VL_WORD_LEFT:
      take_left (core, TRUE);
      break;

    case VL_WORD_CLOSED:
      take_left (core, FALSE);
      break;

    case VL_WORD_EVENT:
    default:
      word->is_news = TRUE;
      if (word->position != NULL && self->is_anchored)
        set_heard (self, word->position);
      break;
    }
}

void
_vl_live_position_settle (VlLiveCore *core)
{
  VlLivePosition *self = &core->position;

  if (self->trust != VL_TRUST_WAITING)
    waiters_run (self);
  if ((self->trust == VL_TRUST_WAITING || self->gap != NULL) && self->heard == NULL &&
      !self->looking && !self->has_looked)
    {
      self->looking = TRUE;
      _vl_gate_pass (core, look_up, _vl_live_core_ref (core));
    }
  keep (core);
}

void
_vl_live_position_init (VlLiveCore *core)
{
  g_queue_init (&core->position.waiters);
}

void
_vl_live_position_dispose (VlLiveCore *core)
{
  VlLivePosition *self = &core->position;

  /* A waiter holds the core. */
  g_assert (g_queue_is_empty (&self->waiters));
  g_assert (self->patience == NULL);
  drop_gap (self);
  g_free (self->source);
  g_free (self->heard);
  g_free (self->kept);
}
