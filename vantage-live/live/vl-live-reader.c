/* vl-live-reader.c: reads of one slot, from the cache or the master
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One fetch serves all who read a key. It looks into the cache, decides for
 * each reader whether that will do, and asks the master for the others:
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

#include <glib/gi18n-lib.h>

#include "vl-live-core-private.h"

#include "../base/vl-checksum-private.h"
#include "../base/vl-log-private.h"
#include "../base/vl-mutant-private.h"
#include "../cache/vl-cache-private.h"
#include "../table/vl-page-private.h"
#include "../table/vl-page.h"
#include "../table/vl-query.h"
#include "../table/vl-schema.h"
#include "../vl-error.h"
#include "vl-live-copy-private.h"
#include "vl-live-key-private.h"
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

typedef struct
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
} VlFetch;

struct _VlReading
{
  VlFetch *fetch; /* NULL once it is being answered */
  GQueue *queue;  /* that its link is in */
  GList link;
  VlReadOptions options;
  gboolean restarted; /* was overtaken before it had begun, once */
  VlReading **handle; /* where _vl_reader_read() wants to know that it is gone */
  VlReadFunc func;
  gpointer user_data;
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
fetch_log (VlFetch *fetch, const char *outcome)
{
  g_autofree char *number = NULL;

  if (G_LIKELY (!_vl_log_enabled ()))
    return;

  number = g_strdup_printf ("%" G_GUINT64_FORMAT, fetch->number);
  _vl_log_debug ("VL_OP", "read", "VL_KEY", fetch->core->root, "VL_PAGE",
                 fetch->kind == VL_SLOT_RECORD ? NULL : fetch->key, "VL_ID", fetch->id,
                 "VL_OUTCOME", outcome, "VL_FETCH", number, NULL);
}

static void
reading_detach (VlReading *reading)
{
  g_queue_unlink (reading->queue, &reading->link);
  reading->queue = NULL;
  reading->fetch = NULL;
}

/* Hands a result to one reader, who is gone then. */
static void
reading_answer (VlReading *reading, VlPage *page, GError *error, guint64 epoch)
{
  const VlReadResult result = { page, error, epoch };

  if (reading->queue != NULL)
    reading_detach (reading);
  if (reading->handle != NULL)
    *reading->handle = NULL;
  reading->func (&result, reading->user_data);
  g_free (reading);
}

static void
answer_stale (VlReading *reading, VlLiveCore *core, VlPage *page)
{
  g_autoptr (VlPage) stale = _vl_copy_flag_stale (page);

  core->stats->stale_hits++;
  if (reading->fetch != NULL)
    fetch_log (reading->fetch, "stale");
  reading_answer (reading, stale, NULL, core->gate.epoch);
}

static void
answer_hit (VlReading *reading, VlLiveCore *core, VlPage *page)
{
  core->stats->hits++;
  if (reading->fetch != NULL)
    fetch_log (reading->fetch, "hit");
  reading_answer (reading, page, NULL, core->gate.epoch);
}

static void
answer_not_cached (VlReading *reading, VlFetch *fetch)
{
  g_autoptr (GError)
    error = g_error_new (VL_ERROR, VL_ERROR_NOT_FOUND,
                         _ ("Nothing is cached under “%s/%s”, and only the cache may be asked"),
                         fetch->core->root, fetch->key);

  fetch->core->stats->misses++;
  reading_answer (reading, NULL, error, 0);
}

/* Answers a reader from what the cache had, if its policy allows that; FALSE
 * when the master has to be asked for it. */
static gboolean
answer_from_cache (VlFetch *fetch, VlReading *reading)
{
  VlLiveCore *core = fetch->core;
  gboolean fresh = fetch->cached != NULL && fetch->is_fresh && !fetch->overtaken &&
                   fetch->state != FETCH_WORD &&
                   _vl_copy_is_valid (core, fetch->cached, reading->options.max_age);

  fetch->has_aged |= fetch->cached != NULL && !fresh;
  if (reading->options.refresh)
    return FALSE;

  switch (reading->options.policy)
    {
    case VL_READ_POLICY_CACHE_ONLY:
      if (fresh)
        answer_hit (reading, core, fetch->cached);
      else if (fetch->cached != NULL)
        answer_stale (reading, core, fetch->cached);
      else
        answer_not_cached (reading, fetch);
      return TRUE;

    case VL_READ_POLICY_STALE_WHILE_REVALIDATE:
      if (fetch->cached == NULL)
        return FALSE;
      if (fresh)
        {
          answer_hit (reading, core, fetch->cached);
          return TRUE;
        }
      fetch->background = TRUE;
      fetch->tells = TRUE;
      answer_stale (reading, core, fetch->cached);
      return TRUE;

    case VL_READ_POLICY_CACHE_FIRST:
      if (!fresh)
        return FALSE;
      answer_hit (reading, core, fetch->cached);
      return TRUE;

    case VL_READ_POLICY_MASTER_FIRST:
    case VL_READ_POLICY_MASTER_ONLY:
    default:
      return FALSE;
    }
}

/* Goes through the readers with `try`; those that it does not answer stay.
 * Readers may come and go meanwhile: those that come are not gone through. */
static void
each_reading (VlFetch *fetch, gboolean (*try) (VlFetch *fetch, VlReading *reading))
{
  GQueue waiting = fetch->readings;
  GList *link;

  g_queue_init (&fetch->readings);
  for (GList *l = waiting.head; l != NULL; l = l->next)
    ((VlReading *) l->data)->queue = &waiting;

  while ((link = waiting.head) != NULL)
    {
      VlReading *reading = link->data;

      if (try (fetch, reading))
        continue;
      g_queue_unlink (&waiting, link);
      g_queue_push_tail_link (&fetch->readings, link);
      reading->queue = &fetch->readings;
    }
}

static void
fetch_take (VlFetch *fetch, VlReading *reading)
{
  reading->fetch = fetch;
  reading->queue = &fetch->readings;
  g_queue_push_tail_link (&fetch->readings, &reading->link);
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
      if (answer_from_cache (fetch, reading))
        return TRUE;

      fetch->core->stats->joins++;
      fetch->tells |= reading->options.refresh;
      fetch_log (fetch, "join");
      fetch_take (fetch, reading);
      return TRUE;
    }

  /* Until the cache has answered, the fetch stands for what is being stored;
   * the master said it before this reader asked. */
  if (!reading->options.refresh && reading->options.policy != VL_READ_POLICY_MASTER_FIRST &&
      reading->options.policy != VL_READ_POLICY_MASTER_ONLY &&
      !vl_page_get_is_stale (fetch->fetched) &&
      _vl_copy_is_valid (fetch->core, fetch->fetched, reading->options.max_age))
    {
      g_autoptr (VlPage) page = _vl_copy_flag_cached (fetch->fetched);

      answer_hit (reading, fetch->core, page);
      return TRUE;
    }

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

/* A key that rests: who has a stale page to look at is given that, and one
 * refetch is due when the rest is over. */
static gboolean
answer_resting (VlFetch *fetch, VlReading *reading)
{
  if (reading->options.policy != VL_READ_POLICY_CACHE_FIRST || reading->options.refresh)
    return FALSE;

  answer_stale (reading, fetch->core, fetch->cached);
  return TRUE;
}

/* The cache was asked, or cannot be: serves those it can serve. */
static void
fetch_decide (VlFetch *fetch)
{
  guint rest;

  /* Who joins from now on is served at once, or waits for the master. */
  fetch->state = FETCH_MASTER;
  each_reading (fetch, answer_from_cache);

  rest = fetch->cached != NULL ? _vl_pace_get_rest (fetch->core, fetch->key) : 0;
  if (rest > 0 && (fetch->background || !g_queue_is_empty (&fetch->readings)))
    {
      hold_back (fetch, rest);
      fetch->background = FALSE;
      each_reading (fetch, answer_resting);
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
    {
      const VlReadOptions *options = &((VlReading *) l->data)->options;

      can_wait = !options->refresh && options->policy != VL_READ_POLICY_MASTER_FIRST &&
                 options->policy != VL_READ_POLICY_MASTER_ONLY;
    }

  return can_wait || _vl_live_position_is_imminent (fetch->core);
}

/* Lets a reader in on a fetch that waits for the stream. */
static void
fetch_join_waiting (VlFetch *fetch, VlReading *reading)
{
  if (answer_from_cache (fetch, reading))
    return;

  fetch_take (fetch, reading);
  if (_vl_live_position_give_up (fetch->core, fetch))
    fetch_trust (fetch);
}

/* Begins a fetch for a reader, or lets it in on the one that is under way. */
static void
reading_begin (VlLiveCore *core,
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

/* Overtaken while the cache was asked: nothing was fetched yet, so its readers
 * simply begin again, once; or join whoever has begun. */
static gboolean
restart_reading (VlFetch *fetch, VlReading *reading)
{
  if (reading->restarted && !g_hash_table_contains (fetch->core->reader.fetches, fetch->key))
    return FALSE;

  reading->restarted = TRUE;
  reading_detach (reading);
  reading_begin (fetch->core, reading, fetch->kind, fetch->key, fetch->query, fetch->id);
  return TRUE;
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
      each_reading (fetch, restart_reading);
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
      each_reading (fetch, restart_reading);
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
      each_reading (fetch, answer_from_cache);
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

static gboolean
answer_fetched (VlFetch *fetch, VlReading *reading)
{
  /* A reader before this one may have found that it is old already. */
  if (fetch->overtaken && !FORGETS_LEASE)
    _vl_copy_become_stale (&fetch->fetched);
  reading_answer (reading, fetch->fetched, NULL, fetch->epoch);
  return TRUE;
}

/* The master cannot be reached: an old copy is better than none for those who
 * did not ask for the master alone. */
static gboolean
answer_error (VlFetch *fetch, VlReading *reading, GError *error)
{
  gboolean unreachable = g_error_matches (error, VL_ERROR, VL_ERROR_UNAVAILABLE) ||
                         g_error_matches (error, VL_ERROR, VL_ERROR_TIMED_OUT);

  if (unreachable && fetch->cached != NULL && !reading->options.refresh &&
      reading->options.policy != VL_READ_POLICY_MASTER_ONLY)
    answer_stale (reading, fetch->core, fetch->cached);
  else
    reading_answer (reading, NULL, error, 0);

  return TRUE;
}

static void
fetch_failed (VlFetch *fetch, GError *error)
{
  GQueue waiting = fetch->readings;
  GList *link;

  fetch_log (fetch, error->message);
  fetch_unlist (fetch);
  g_queue_init (&fetch->readings);
  for (GList *l = waiting.head; l != NULL; l = l->next)
    ((VlReading *) l->data)->queue = &waiting;
  while ((link = waiting.head) != NULL)
    answer_error (fetch, link->data, error);
  fetch_end (fetch);
}

static void
fetch_stored (VlAnswer *answer, gpointer user_data)
{
  VlFetch *fetch = user_data;

  g_clear_pointer (&fetch->flight, _vl_flight_unref);
  if (answer->error != NULL)
    fetch_log (fetch, answer->error->message);
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
  fetch_log (fetch, fetch->overtaken ? "store-stale" : "store");
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
  fetch_log (fetch, fetch->overtaken ? "overtaken" : "miss");
  if (fetch->tells)
    fetch_tell (fetch);

  /* The readers hear before the cache has answered, but the next turn of any
   * of them finds what they were told: until it has, the fetch serves it. */
  each_reading (fetch, answer_fetched);
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
  _vl_hold_result (fetch->core, fetch_released, fetch);
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
  if (_vl_pace_should_be_cached (fetch->core, fetch->key) && !fetch->has_aged)
    stats->repeats++;
}

static void
fetch_ask_master (VlFetch *fetch)
{
  VlLiveCore *core = fetch->core;
  VlFlight *flight = NULL;

  count_fetch (fetch);
  for (GList *l = fetch->readings.head; l != NULL; l = l->next)
    fetch->tells |= ((VlReading *) l->data)->options.refresh;
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

VlReading *
_vl_reader_read (VlLiveCore *core,
                 const VlSlot *slot,
                 const VlReadOptions *options,
                 VlReadFunc func,
                 gpointer user_data)
{
  g_autoptr (VlLiveCore) self = _vl_live_core_ref (core);
  g_auto (VlSlotKey) key;
  g_autoptr (VlQuery) query = NULL;
  VlReading *reading;
  VlReading *handle;

  _vl_slot_key_init (&key, slot);
  if (_vl_reader_answer_at_hand (self, slot, key.text, options, func, user_data))
    return NULL;

  query = _vl_live_key_query (slot);
  handle = reading = g_new0 (VlReading, 1);
  reading->options = *options;
  reading->func = func;
  reading->user_data = user_data;
  reading->link.data = reading;
  reading->handle = &handle;
  reading_begin (self, reading, slot->kind, key.text, query, slot->id);
  if (handle != NULL)
    handle->handle = NULL;

  return handle;
}

void
_vl_reading_cancel (VlReading *reading)
{
  VlFetch *fetch = reading->fetch;

  reading_detach (reading);
  g_free (reading);

  /* The last one who waits for the master: nobody does any more, and who asks
   * next begins anew. */
  if (fetch != NULL && fetch->state == FETCH_MASTER && fetch->flight != NULL &&
      g_queue_is_empty (&fetch->readings) && !fetch->background)
    {
      fetch_log (fetch, "cancelled");
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
_vl_reader_overtake (VlLiveCore *core, VlFetchFunc is_doubtful, gconstpointer data)
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
