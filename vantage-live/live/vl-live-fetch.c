/* vl-live-fetch.c: what is being fetched of one key
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One fetch serves all who read a key. It looks into the cache, offers what is
 * there to each reader, and asks the master for those that it will not do for:
 *
 *   GATE -> LOOKUP (-> WORD) -> MASTER -> (answers) -> STORE -> gone
 *
 * No fetch asks the master before it has the lease of the cache in hand, and
 * what it brings is stored with that lease: when the root was invalidated
 * meanwhile, the cache stores it as stale. An invalidation takes the fetches
 * that are under way off the table (they are *overtaken*): their readers get
 * what they bring, flagged as stale, and later readers start anew.
 *
 * Everything here runs at home.
 */

#include "vl-config.h"

#include "vl-live-fetch-private.h"

#include "../base/vl-log-private.h"
#include "../base/vl-mutant-private.h"
#include "../cache/vl-cache-private.h"
#include "../table/vl-page-private.h"
#include "../table/vl-page.h"
#include "../table/vl-query.h"
#include "vl-live-copy-private.h"
#include "vl-live-pace-private.h"

#define FORGETS_LEASE (VL_MUTANT (STORE_WITHOUT_LEASE) || VL_MUTANT (LEASE_AFTER_FETCH))

typedef enum
{
  FETCH_GATE,   /* waits until the cache may be asked */
  FETCH_LOOKUP, /* asks the cache */
  FETCH_WORD,   /* has a copy of an earlier run, and waits for the stream */
  FETCH_MASTER, /* asks the master */
  FETCH_STORE,  /* has answered; the cache is being told */
} FetchState;

struct _VlFetch
{
  VlLiveCore *core; /* referenced */
  char *key;
  guint64 number; /* ties its log lines together */
  FetchState state;

  VlSlotKind kind;
  VlQuery *query; /* what the master is asked, with the page's window */
  char *id;

  gboolean is_listed;  /* a later reader may join */
  gboolean overtaken;  /* the root was invalidated since it began */
  gboolean background; /* goes on without readers */
  gboolean tells;      /* `changed` when what it brings differs from what was cached */
  guint64 epoch;       /* of the gate, when it began */
  guint64 seq;         /* of the last fact, when the master was asked */
  gint64 began;        /* monotonic, when the master was asked */
  gint64 began_real;   /* likewise, for the page */
  VlFlight *flight;
  GQueue readings; /* of VlReading */

  VlPage *cached;    /* what the cache had, nullable */
  gboolean is_fresh; /* and whether it was fresh */
  gboolean has_aged; /* stale, or too old for one of the readers */
  gboolean has_lease;
  guint64 lease;
  VlPage *fetched; /* what the master answered */
  VlAnswer held;   /* the same, while it is held back */
};

static void fetch_begin (VlFetch *fetch);
static void fetch_trust (gpointer user_data);
static void fetch_ask_master (VlFetch *fetch);

static void
fetch_free (VlFetch *fetch)
{
  g_assert (g_queue_is_empty (&fetch->readings));
  g_assert (fetch->flight == NULL);
  g_clear_object (&fetch->query);
  g_clear_object (&fetch->cached);
  g_clear_object (&fetch->fetched);
  g_free (fetch->id);
  g_free (fetch->key);
  _vl_live_core_unref (fetch->core);
  g_free (fetch);
}

static void
fetch_unlist (VlFetch *fetch)
{
  if (!fetch->is_listed)
    return;

  fetch->is_listed = FALSE;
  g_hash_table_remove (fetch->core->reader.fetches, fetch->key);
}

static void
fetch_end (VlFetch *fetch)
{
  fetch_unlist (fetch);
  fetch_free (fetch);
}

static void
fetch_take (VlFetch *fetch, VlReading *reading)
{
  _vl_reading_wait (reading, fetch, &fetch->readings);
}

static void
fetch_offer (VlFetch *fetch, VlOffer offer)
{
  _vl_readings_offer (&fetch->readings, fetch, offer);
}

static VlFetch *
fetch_new (VlLiveCore *core, VlSlotKind kind, const char *key, VlQuery *query, const char *id)
{
  VlFetch *fetch = g_new0 (VlFetch, 1);

  fetch->core = _vl_live_core_ref (core);
  fetch->kind = kind;
  fetch->key = g_strdup (key);
  fetch->query = query != NULL ? g_object_ref (query) : NULL;
  fetch->id = g_strdup (id);
  fetch->number = ++core->reader.n_fetches;
  fetch->is_listed = TRUE;
  g_hash_table_replace (core->reader.fetches, fetch->key, fetch);

  return fetch;
}

/* Lets a reader in on a fetch whose look into the cache is over; FALSE when it
 * has to begin one of its own. */
static gboolean
fetch_join_late (VlFetch *fetch, VlReading *reading)
{
  if (fetch->state != FETCH_STORE)
    {
      if (_vl_reading_offer (reading, fetch, VL_OFFER_CACHED))
        return TRUE;

      fetch->core->stats->joins++;
      fetch->tells |= _vl_reading_refreshes (reading);
      _vl_fetch_log (fetch, "join");
      fetch_take (fetch, reading);
      return TRUE;
    }

  /* Until the cache has answered, the fetch stands for what is being stored;
   * the master said it before this reader asked. */
  if (_vl_reading_offer (reading, fetch, VL_OFFER_STORED))
    return TRUE;

  /* What comes next is newer, and must not be overwritten. */
  fetch_unlist (fetch);
  fetch->has_lease = FALSE;
  return FALSE;
}

/* A rest is over, and somebody had asked: the key is fetched behind them. */
static void
rest_over (gpointer user_data)
{
  VlPace *pace = user_data;
  g_autoptr (VlLiveCore) core = NULL;
  g_autoptr (VlQuery) query = g_steal_pointer (&pace->query);
  g_autofree char *key = g_steal_pointer (&pace->key);
  g_autofree char *id = g_steal_pointer (&pace->id);
  VlSlotKind kind = pace->kind;

  _vl_timer_clear (&pace->due);
  if (!_vl_live_core_try_ref (pace->core))
    return;

  /* With nothing due, the pace may be forgotten while this drains. */
  core = pace->core;
  _vl_live_core_drain (core);
  if (!g_hash_table_contains (core->reader.fetches, key))
    {
      VlFetch *fetch = fetch_new (core, kind, key, query, id);

      fetch->background = TRUE;
      fetch->tells = TRUE;
      fetch_begin (fetch);
    }
}

static void
hold_back (VlFetch *fetch, guint rest)
{
  VlPace *pace = _vl_pace_get (fetch->core, fetch->key);

  if (pace->due != NULL)
    return;

  pace->core = fetch->core;
  pace->kind = fetch->kind;
  pace->key = g_strdup (fetch->key);
  pace->query = fetch->query != NULL ? g_object_ref (fetch->query) : NULL;
  pace->id = g_strdup (fetch->id);
  pace->due = _vl_timer_start (_vl_handoff_get_context (fetch->core->home), rest, rest_over, pace);
}

/* The cache was asked, or cannot be: serves those it can serve. */
static void
fetch_decide (VlFetch *fetch)
{
  guint rest;

  /* Who joins from now on is served at once, or waits for the master. */
  fetch->state = FETCH_MASTER;
  fetch_offer (fetch, VL_OFFER_CACHED);

  rest = fetch->cached != NULL ? _vl_pace_get_rest (fetch->core, fetch->key) : 0;
  if (rest > 0 && (fetch->background || !g_queue_is_empty (&fetch->readings)))
    {
      hold_back (fetch, rest);
      fetch->background = FALSE;
      fetch_offer (fetch, VL_OFFER_OLD);
    }

  if (g_queue_is_empty (&fetch->readings) && !fetch->background)
    fetch_end (fetch);
  else
    fetch_ask_master (fetch);
}

/* For the stream's: about a copy that may be fresh, unless a reader wants the
 * master whatever it is, or one that is about to come. */
static gboolean
waits_for_word (VlFetch *fetch)
{
  gboolean can_wait = fetch->is_fresh && fetch->core->position.trust == VL_TRUST_WAITING;

  for (GList *l = fetch->readings.head; l != NULL && can_wait; l = l->next)
    can_wait = !_vl_reading_wants_master (l->data);

  return can_wait || _vl_live_position_is_imminent (fetch->core);
}

/* Lets a reader in on a fetch that waits for the stream. */
static void
fetch_join_waiting (VlFetch *fetch, VlReading *reading)
{
  if (_vl_reading_offer (reading, fetch, VL_OFFER_CACHED))
    return;

  fetch_take (fetch, reading);
  if (_vl_live_position_give_up (fetch->core, fetch))
    fetch_trust (fetch);
}

/* Overtaken twice while the cache was asked: the master has not been, so that
 * what it says now is new. It cannot be stored without a new lease. */
static void
fetch_catch_up (VlFetch *fetch)
{
  VlLiveCore *core = fetch->core;

  if (g_hash_table_contains (core->reader.fetches, fetch->key))
    {
      fetch->background = FALSE;
      fetch_offer (fetch, VL_OFFER_RESTART);
      return;
    }

  fetch->overtaken = FALSE;
  fetch->is_fresh = FALSE;
  fetch->has_lease = FALSE;
  fetch->epoch = core->gate.epoch;
  fetch->is_listed = TRUE;
  g_hash_table_replace (core->reader.fetches, fetch->key, fetch);
}

static void
fetch_go_on (VlFetch *fetch)
{
  if (fetch->overtaken)
    {
      fetch_offer (fetch, VL_OFFER_RESTART);
      if (!g_queue_is_empty (&fetch->readings) || fetch->background)
        fetch_catch_up (fetch);
    }
  fetch_decide (fetch);
}

/* A copy of an earlier run is fresh when the stream says that nothing has
 * happened since. Who can do with a stale one does not wait for that, and who
 * wants the master's word waits for a moment at most. */
static void
fetch_trust (gpointer user_data)
{
  VlFetch *fetch = user_data;
  VlLiveCore *core = fetch->core;
  gboolean is_good = fetch->is_fresh && fetch->number > core->position.doubted &&
                     _vl_live_core_trusts (core, fetch->key, fetch->cached);

  if (!is_good && !fetch->overtaken && waits_for_word (fetch))
    {
      fetch->state = FETCH_WORD;
      fetch_offer (fetch, VL_OFFER_CACHED);
      _vl_live_position_wait (core, fetch_trust, fetch);
      return;
    }

  fetch->is_fresh = is_good;
  /* Those who were told that it may be stale were told too much. */
  if (fetch->state == FETCH_WORD && fetch->is_fresh && !fetch->overtaken)
    fetch->background = FALSE;
  fetch_go_on (fetch);
}

static void
fetch_looked_up (VlAnswer *answer, gpointer user_data)
{
  VlFetch *fetch = user_data;

  g_clear_pointer (&fetch->flight, _vl_flight_unref);
  if (answer->error == NULL)
    {
      fetch->cached = g_steal_pointer (&answer->page);
      /* A cache says it in either place. */
      fetch->is_fresh = answer->fresh && !vl_page_get_is_stale (fetch->cached);
      if (fetch->cached != NULL && !vl_page_get_from_cache (fetch->cached))
        {
          g_autoptr (VlPage) unflagged = g_steal_pointer (&fetch->cached);

          fetch->cached = _vl_copy_flag_cached (unflagged);
        }
      fetch->lease = answer->lease;
      if (VL_MUTANT (LEASE_AFTER_FETCH))
        fetch->core->reader.last_lease = answer->lease;
      fetch->has_lease = answer->lease != 0;
    }

  /* Whatever was pushed before this answer came makes it an old one. */
  _vl_live_core_drain (fetch->core);
  fetch_trust (fetch);
}

/* The cache may be asked, unless it is bypassed. */
static void
fetch_passed (gpointer user_data)
{
  VlFetch *fetch = user_data;
  VlLiveCore *core = fetch->core;
  VlFlight *flight;

  fetch->epoch = core->gate.epoch;
  if (core->gate.state == VL_GATE_BYPASSED)
    {
      fetch_decide (fetch);
      return;
    }

  fetch->state = FETCH_LOOKUP;
  flight = _vl_cache_send_lookup (core->cache, core->root, fetch->key, core->timeout,
                                  fetch_looked_up, fetch, NULL);
  if (flight != NULL)
    fetch->flight = flight;
}

static void
fetch_begin (VlFetch *fetch)
{
  fetch->state = FETCH_GATE;
  _vl_gate_pass (fetch->core, fetch_passed, fetch);
}

/* The master's answer */

static void
fetch_failed (VlFetch *fetch, GError *error)
{
  _vl_fetch_log (fetch, error->message);
  fetch_unlist (fetch);
  _vl_readings_fail (&fetch->readings, fetch, error);
  fetch_end (fetch);
}

static void
fetch_stored (VlAnswer *answer, gpointer user_data)
{
  VlFetch *fetch = user_data;

  g_clear_pointer (&fetch->flight, _vl_flight_unref);
  if (answer->error != NULL)
    _vl_fetch_log (fetch, answer->error->message);
  fetch_end (fetch);
}

/* Tells the cache, and then goes. A fetch that was overtaken is stored all the
 * same, under the lease that makes the cache take it as stale, unless a newer
 * one is there or coming. */
static void
fetch_store (gpointer user_data)
{
  VlFetch *fetch = user_data;
  VlLiveCore *core = fetch->core;
  gboolean is_outdone = !fetch->is_listed &&
                        (g_hash_table_contains (core->reader.fetches, fetch->key) ||
                         _vl_pace_is_outdone (core, fetch->key, fetch->epoch));
  VlFlight *flight;

  /* A master that is a live table shows what its own master does not have yet. */
  if (!fetch->has_lease || is_outdone || vl_page_get_has_pending (fetch->fetched) ||
      fetch->epoch < core->gate.cleared || core->gate.state == VL_GATE_BYPASSED)
    {
      fetch_end (fetch);
      return;
    }

  if (fetch->overtaken)
    core->stats->refused_fills++;
  else
    _vl_pace_stored (core, fetch->key, fetch->fetched, fetch->lease, fetch->epoch);
  _vl_fetch_log (fetch, fetch->overtaken ? "store-stale" : "store");
  if (VL_MUTANT (LEASE_AFTER_FETCH))
    fetch->lease = core->reader.last_lease;
  flight = _vl_cache_send_store (core->cache, core->root, fetch->key, fetch->fetched, fetch->lease,
                                 core->timeout, fetch_stored, fetch, NULL);
  if (flight != NULL)
    fetch->flight = flight;
}

static void
fetch_tell (VlFetch *fetch)
{
  if (fetch->cached == NULL || !_vl_page_equal_rows (fetch->cached, fetch->fetched) ||
      vl_page_get_total (fetch->cached) != vl_page_get_total (fetch->fetched))
    _vl_live_core_tell_refreshed (fetch->core);
}

static void
fetch_take_answer (VlFetch *fetch, VlAnswer *answer)
{
  VlCopyOrigin made = { fetch->kind, fetch->query, fetch->began_real, fetch->seq, FALSE };

  _vl_pace_end (fetch->core, fetch->key, fetch->began, fetch->overtaken);
  if (answer->error != NULL)
    {
      fetch_failed (fetch, answer->error);
      return;
    }

  fetch->core->reader.n_answered++;
  made.is_stale = fetch->overtaken && !FORGETS_LEASE;
  fetch->fetched = _vl_copy_new (fetch->core, &made, answer);
  fetch->state = FETCH_STORE;
  if (!g_queue_is_empty (&fetch->core->lingering))
    _vl_linger_check (fetch->core, fetch->seq, fetch->id, fetch->fetched);
  _vl_fetch_log (fetch, fetch->overtaken ? "overtaken" : "miss");
  if (fetch->tells)
    fetch_tell (fetch);

  /* The readers hear before the cache has answered, but the next turn of any
   * of them finds what they were told: until it has, the fetch serves it. */
  fetch_offer (fetch, VL_OFFER_FETCHED);
  _vl_gate_pass (fetch->core, fetch_store, fetch);
}

static void
fetch_released (gpointer user_data)
{
  VlFetch *fetch = user_data;
  VlAnswer held = fetch->held;

  fetch_take_answer (fetch, &held);
  g_clear_object (&held.page);
  g_clear_object (&held.record);
}

static void
fetch_answered (VlAnswer *answer, gpointer user_data)
{
  VlFetch *fetch = user_data;

  g_clear_pointer (&fetch->flight, _vl_flight_unref);
  /* Whatever was pushed before this answer came is older than what follows. */
  _vl_live_core_drain (fetch->core);
  if (answer->error != NULL || !_vl_hold_is_on (fetch->core))
    {
      fetch_take_answer (fetch, answer);
      return;
    }

  fetch->held.page = g_steal_pointer (&answer->page);
  fetch->held.record = g_steal_pointer (&answer->record);
  fetch->held.count = answer->count;
  fetch->held.has_pending = answer->has_pending;
  fetch->held.is_stale = answer->is_stale;
  _vl_hold_result (fetch->core, fetch_released, fetch);
}

/* Whether somebody asks for what the master has, and not for what is known. */
static gboolean
is_wanted (VlFetch *fetch)
{
  for (GList *l = fetch->readings.head; l != NULL; l = l->next)
    {
      if (_vl_reading_wants_master (l->data))
        return TRUE;
    }

  return FALSE;
}

static void
count_fetch (VlFetch *fetch)
{
  VlLiveStats *stats = fetch->core->stats;
  guint n_readings = g_queue_get_length (&fetch->readings);

  stats->fetches++;
  if (n_readings > 0)
    {
      stats->misses++;
      stats->joins += n_readings - 1;
    }
  if (_vl_pace_should_be_cached (fetch->core, fetch->key) && !fetch->has_aged && !is_wanted (fetch))
    stats->repeats++;
}

static void
fetch_ask_master (VlFetch *fetch)
{
  VlLiveCore *core = fetch->core;
  VlFlight *flight = NULL;

  count_fetch (fetch);
  for (GList *l = fetch->readings.head; l != NULL; l = l->next)
    fetch->tells |= _vl_reading_refreshes (l->data);
  fetch->began = _vl_pace_begin (core, fetch->key);
  fetch->began_real = _vl_clock_real ();
  fetch->seq = _vl_facts_get_seq (core->facts);

  switch (fetch->kind)
    {
    case VL_SLOT_PAGE:
      flight = _vl_table_send_list (core->master, fetch->query, core->timeout, fetch_answered,
                                    fetch, NULL);
      break;
    case VL_SLOT_COUNT:
      flight = _vl_table_send_count (core->master, fetch->query, core->timeout, fetch_answered,
                                     fetch, NULL);
      break;
    case VL_SLOT_RECORD:
      flight = _vl_table_send_find (core->master, fetch->id, core->timeout, fetch_answered, fetch,
                                    NULL);
      break;
    default:
      g_assert_not_reached ();
    }
  if (flight != NULL)
    fetch->flight = flight;
}

/* The interface */

void
_vl_fetch_join (VlLiveCore *core,
                VlReading *reading,
                VlSlotKind kind,
                const char *key,
                VlQuery *query,
                const char *id)
{
  VlFetch *fetch = g_hash_table_lookup (core->reader.fetches, key);

  if (fetch != NULL && (fetch->state == FETCH_GATE || fetch->state == FETCH_LOOKUP))
    {
      fetch_take (fetch, reading);
      return;
    }
  if (fetch != NULL && fetch->state == FETCH_WORD)
    {
      fetch_join_waiting (fetch, reading);
      return;
    }
  if (fetch != NULL && fetch_join_late (fetch, reading))
    return;

  fetch = fetch_new (core, kind, key, query, id);
  fetch_take (fetch, reading);
  fetch_begin (fetch);
}

void
_vl_fetch_rejoin (VlFetch *fetch, VlReading *reading)
{
  _vl_fetch_join (fetch->core, reading, fetch->kind, fetch->key, fetch->query, fetch->id);
}

/* The last one who waits for the master: nobody does any more, and who asks
 * next begins anew. */
void
_vl_fetch_left (VlFetch *fetch)
{
  if (fetch->state == FETCH_MASTER && fetch->flight != NULL &&
      g_queue_is_empty (&fetch->readings) && !fetch->background)
    {
      _vl_fetch_log (fetch, "cancelled");
      fetch_unlist (fetch);
      _vl_flight_cancel (g_steal_pointer (&fetch->flight));
      fetch_end (fetch);
    }
}

static gboolean
overtake (VlFetch *fetch)
{
  if (fetch->state == FETCH_GATE || (VL_MUTANT (JOIN_OVERTAKEN) && fetch->state == FETCH_MASTER))
    return FALSE;

  fetch->overtaken = TRUE;
  fetch->is_listed = FALSE;
  if (fetch->state == FETCH_MASTER)
    _vl_pace_overtaken (fetch->core, fetch->key);
  return TRUE;
}

static gboolean
is_doubted (VlFetch *fetch, VlFetchFunc is_doubtful, gconstpointer data)
{
  return fetch->state == FETCH_MASTER && fetch->kind != VL_SLOT_RECORD &&
         is_doubtful (fetch->core, fetch->query, fetch->kind, fetch->seq, data);
}

void
_vl_fetch_overtake (VlLiveCore *core, VlFetchFunc is_doubtful, gconstpointer data)
{
  GHashTableIter iter;
  gpointer fetch;

  g_hash_table_iter_init (&iter, core->reader.fetches);
  while (g_hash_table_iter_next (&iter, NULL, &fetch))
    {
      if (is_doubtful != NULL && !is_doubted (fetch, is_doubtful, data))
        continue;
      /* Where the root is as it was no lease makes what it brings stale. */
      ((VlFetch *) fetch)->has_lease &= is_doubtful == NULL;
      if (overtake (fetch))
        g_hash_table_iter_remove (&iter);
    }
}

VlLiveCore *
_vl_fetch_get_core (VlFetch *fetch)
{
  return fetch->core;
}

const char *
_vl_fetch_get_key (VlFetch *fetch)
{
  return fetch->key;
}

guint64
_vl_fetch_get_epoch (VlFetch *fetch)
{
  return fetch->epoch;
}

gboolean
_vl_fetch_has_follower (VlFetch *fetch)
{
  return g_hash_table_contains (fetch->core->reader.fetches, fetch->key);
}

VlPage *
_vl_fetch_get_cached (VlFetch *fetch)
{
  return fetch->cached;
}

gboolean
_vl_fetch_is_fresh (VlFetch *fetch)
{
  return fetch->cached != NULL && fetch->is_fresh && !fetch->overtaken &&
         fetch->state != FETCH_WORD;
}

VlPage *
_vl_fetch_get_answer (VlFetch *fetch)
{
  /* A reader before this one may have found that it is old already. */
  if (fetch->overtaken && !FORGETS_LEASE)
    _vl_copy_become_stale (&fetch->fetched);

  return fetch->fetched;
}

void
_vl_fetch_set_aged (VlFetch *fetch)
{
  fetch->has_aged = TRUE;
}

void
_vl_fetch_go_on_behind (VlFetch *fetch)
{
  fetch->background = TRUE;
  fetch->tells = TRUE;
}

void
_vl_fetch_log (VlFetch *fetch, const char *outcome)
{
  g_autofree char *number = NULL;

  if (G_LIKELY (!_vl_log_enabled ()))
    return;

  number = g_strdup_printf ("%" G_GUINT64_FORMAT, fetch->number);
  _vl_log_debug ("VL_OP", "read", "VL_KEY", fetch->core->root, "VL_PAGE",
                 fetch->kind == VL_SLOT_RECORD ? NULL : fetch->key, "VL_ID", fetch->id,
                 "VL_OUTCOME", outcome, "VL_FETCH", number, NULL);
}
