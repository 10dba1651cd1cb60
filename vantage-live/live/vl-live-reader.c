/* vl-live-reader.c: reads of one slot, from the cache or the master
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One fetch serves all who read a key. It looks into the cache, decides for
 * each reader whether that will do, and asks the master for the others:
 *
 *   GATE -> LOOKUP -> MASTER -> (answers) -> STORE -> gone
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

#include "../base/vl-log-private.h"
#include "../cache/vl-cache-private.h"
#include "../table/vl-page-private.h"
#include "../table/vl-page.h"
#include "../table/vl-query.h"
#include "../table/vl-schema.h"
#include "../vl-error.h"
#include "vl-live-key-private.h"
#include "vl-live-pace-private.h"

typedef enum
{
  FETCH_GATE,   /* waits until the cache may be asked */
  FETCH_LOOKUP, /* asks the cache */
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

  gboolean is_listed;   /* a later reader may join */
  gboolean overtaken;   /* the root was invalidated since it began */
  gboolean background;  /* goes on without readers */
  gboolean tells;       /* `changed` when what it brings differs from what was cached */
  gboolean at_master;   /* the master is to be asked whatever the cache has */
  guint64 epoch;        /* of the gate, when it began */
  gint64 began;         /* monotonic, of the master's part */
  gint64 began_real;    /* likewise, real */
  VlFlight *flight;
  GQueue readings;      /* of VlReading */

  VlPage *cached;       /* what the cache had, nullable */
  gboolean is_fresh;    /* and whether it was fresh */
  gboolean has_lease;
  guint64 lease;
  VlPage *fetched;      /* what the master answered */
} VlFetch;

struct _VlReading
{
  VlFetch *fetch; /* NULL once it is being answered */
  GQueue *queue;  /* that its link is in */
  GList link;
  VlReadOptions options;
  gboolean restarted; /* was overtaken before it had begun, once */
  gboolean joined;
  VlReadFunc func;
  gpointer user_data;
};

static void fetch_begin (VlFetch *fetch);
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
  _vl_log_debug ("VL_OP", "read", "VL_KEY", fetch->key, "VL_OUTCOME", outcome, "VL_FETCH", number,
                 NULL);
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
  reading->func (&result, reading->user_data);
  g_free (reading);
}

static VlPage *
flag_stale (VlPage *page)
{
  VlPageInfo info;

  if (vl_page_get_is_stale (page))
    return g_object_ref (page);

  _vl_page_get_info (page, &info);
  info.is_stale = TRUE;

  return _vl_page_with_info (page, &info);
}

static VlPage *
flag_cached (VlPage *page)
{
  VlPageInfo info;

  _vl_page_get_info (page, &info);
  info.from_cache = TRUE;

  return _vl_page_with_info (page, &info);
}

/* Whether a page that the cache calls fresh is fresh enough: written under
 * this schema, and neither too old nor from the future. */
static gboolean
is_valid (VlLiveCore *core, VlPage *page, guint max_age)
{
  VlPageInfo info;
  gint64 age;

  _vl_page_get_info (page, &info);
  if (core->schema.schema == NULL ||
      info.fingerprint != vl_schema_get_fingerprint (core->schema.schema))
    return FALSE;

  age = _vl_clock_real () - info.fetched_at;

  return age >= 0 && (max_age == 0 || age <= (gint64) max_age * 1000);
}

static void
answer_stale (VlReading *reading, VlLiveCore *core, VlPage *page)
{
  g_autoptr (VlPage) stale = flag_stale (page);

  core->stats->stale_hits++;
  reading_answer (reading, stale, NULL, core->gate.epoch);
}

static void
answer_hit (VlReading *reading, VlLiveCore *core, VlPage *page)
{
  core->stats->hits++;
  reading_answer (reading, page, NULL, core->gate.epoch);
}

static void
answer_not_cached (VlReading *reading, VlFetch *fetch)
{
  g_autoptr (GError) error =
    g_error_new (VL_ERROR, VL_ERROR_NOT_FOUND,
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
                   is_valid (core, fetch->cached, reading->options.max_age);

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
 * Readers may come and go meanwhile. */
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

/* A key whose fetches were overtaken again and again gets a rest: who has a
 * stale page to look at is given that, and one refetch is due when it is over. */
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
  VlLiveCore *core = fetch->core;
  guint rest;

  each_reading (fetch, answer_from_cache);

  if (!g_queue_is_empty (&fetch->readings) && fetch->cached != NULL && !fetch->at_master)
    {
      rest = _vl_pace_get_rest (core, fetch->key);
      if (rest > 0)
        {
          _vl_pace_hold_back (core, fetch->key, fetch->kind, fetch->query, fetch->id, rest);
          each_reading (fetch, answer_resting);
        }
    }

  if (g_queue_is_empty (&fetch->readings) && !fetch->background)
    fetch_end (fetch);
  else
    fetch_ask_master (fetch);
}

static void fetch_restart (VlFetch *fetch);

static void
fetch_looked_up (VlAnswer *answer, gpointer user_data)
{
  VlFetch *fetch = user_data;

  g_clear_pointer (&fetch->flight, _vl_flight_unref);
  if (answer->error == NULL)
    {
      fetch->cached = g_steal_pointer (&answer->page);
      fetch->is_fresh = answer->fresh;
      fetch->lease = answer->lease;
      fetch->has_lease = answer->lease != 0;
    }

  if (fetch->overtaken)
    fetch_restart (fetch);
  else
    fetch_decide (fetch);
}

/* The cache may be asked. */
static void
fetch_passed (gpointer user_data)
{
  VlFetch *fetch = user_data;
  VlLiveCore *core = fetch->core;
  VlFlight *flight;

  fetch->epoch = core->gate.epoch;
  if (core->gate.state == VL_GATE_BYPASSED)
    {
      fetch->state = FETCH_MASTER;
      fetch_decide (fetch);
      return;
    }

  fetch->state = FETCH_LOOKUP;
  flight = _vl_cache_send_lookup (core->cache, core->root, fetch->key, VL_DEFAULT_TIMEOUT,
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

/* Overtaken while the cache was asked: nothing was fetched yet, so its readers
 * simply begin again, once. */
static void
fetch_restart (VlFetch *fetch)
{
  VlFetch *again = NULL;
  GList *next;

  for (GList *l = fetch->readings.head; l != NULL; l = next)
    {
      VlReading *reading = l->data;

      next = l->next;
      if (reading->restarted)
        continue;

      if (again == NULL)
        again = g_hash_table_lookup (fetch->core->reader.fetches, fetch->key);
      if (again == NULL || again->state > FETCH_LOOKUP)
        again = _vl_fetch_new_like (fetch);
      g_queue_unlink (&fetch->readings, l);
      g_queue_push_tail_link (&again->readings, l);
      reading->queue = &again->readings;
      reading->fetch = again;
      reading->restarted = TRUE;
    }

  if (again != NULL && again->state == FETCH_GATE && again->epoch == 0)
    fetch_begin (again);
  fetch_decide (fetch);
}
