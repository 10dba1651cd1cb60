/* vl-live-reader.c: who reads, and what they are given
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A reading is answered at once by what the cache has at hand (vl-live-copy.c),
 * or waits for the fetch of its key (vl-live-fetch.c), which it shares with all
 * who read that. The fetch offers what it has when it has it; whether that will
 * do for a reader, by its policy, is decided here.
 *
 * Everything here runs at home.
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-live-core-private.h"

#include "../base/vl-checksum-private.h"
#include "../table/vl-page.h"
#include "../table/vl-query.h"
#include "../vl-error.h"
#include "vl-live-copy-private.h"
#include "vl-live-fetch-private.h"
#include "vl-live-key-private.h"
#include "vl-live-pace-private.h"

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
    _vl_fetch_log (reading->fetch, "stale");
  reading_answer (reading, stale, NULL, core->gate.epoch);
}

static void
answer_hit (VlReading *reading, VlLiveCore *core, VlPage *page)
{
  core->stats->hits++;
  if (reading->fetch != NULL)
    _vl_fetch_log (reading->fetch, "hit");
  reading_answer (reading, page, NULL, core->gate.epoch);
}

static void
answer_not_cached (VlReading *reading, VlFetch *fetch)
{
  VlLiveCore *core = _vl_fetch_get_core (fetch);
  g_autoptr (GError)
    error = g_error_new (VL_ERROR, VL_ERROR_NOT_FOUND,
                         _ ("Nothing is cached under “%s/%s”, and only the cache may be asked"),
                         core->root, _vl_fetch_get_key (fetch));

  core->stats->misses++;
  reading_answer (reading, NULL, error, 0);
}

/* Answers a reader from what the cache had, if its policy allows that; FALSE
 * when the master has to be asked for it. */
static gboolean
answer_from_cache (VlFetch *fetch, VlReading *reading)
{
  VlLiveCore *core = _vl_fetch_get_core (fetch);
  VlPage *cached = _vl_fetch_get_cached (fetch);
  gboolean fresh = _vl_fetch_is_fresh (fetch) &&
                   _vl_copy_is_valid (core, cached, reading->options.max_age);

  if (cached != NULL && !fresh)
    _vl_fetch_set_aged (fetch);
  if (reading->options.refresh)
    return FALSE;

  switch (reading->options.policy)
    {
    case VL_READ_POLICY_CACHE_ONLY:
      if (fresh)
        answer_hit (reading, core, cached);
      else if (cached != NULL)
        answer_stale (reading, core, cached);
      else
        answer_not_cached (reading, fetch);
      return TRUE;

    case VL_READ_POLICY_STALE_WHILE_REVALIDATE:
      if (cached == NULL)
        return FALSE;
      if (fresh)
        {
          answer_hit (reading, core, cached);
          return TRUE;
        }
      _vl_fetch_go_on_behind (fetch);
      answer_stale (reading, core, cached);
      return TRUE;

    case VL_READ_POLICY_CACHE_FIRST:
      if (!fresh)
        return FALSE;
      answer_hit (reading, core, cached);
      return TRUE;

    case VL_READ_POLICY_MASTER_FIRST:
    case VL_READ_POLICY_MASTER_ONLY:
    default:
      return FALSE;
    }
}

/* A key that rests: who has a stale page to look at is given that, and one
 * refetch is due when the rest is over. */
static gboolean
answer_resting (VlFetch *fetch, VlReading *reading)
{
  if (reading->options.policy != VL_READ_POLICY_CACHE_FIRST || reading->options.refresh)
    return FALSE;

  answer_stale (reading, _vl_fetch_get_core (fetch), _vl_fetch_get_cached (fetch));
  return TRUE;
}

/* What the master said before this reader asked stands for the cache, which is
 * being told of it. */
static gboolean
answer_stored (VlFetch *fetch, VlReading *reading)
{
  VlLiveCore *core = _vl_fetch_get_core (fetch);
  VlPage *answer = _vl_fetch_get_answer (fetch);
  g_autoptr (VlPage) page = NULL;

  if (_vl_reading_wants_master (reading) || vl_page_get_is_stale (answer) ||
      !_vl_copy_is_valid (core, answer, reading->options.max_age))
    return FALSE;

  page = _vl_copy_flag_cached (answer);
  answer_hit (reading, core, page);
  return TRUE;
}

static gboolean
answer_fetched (VlFetch *fetch, VlReading *reading)
{
  reading_answer (reading, _vl_fetch_get_answer (fetch), NULL, _vl_fetch_get_epoch (fetch));
  return TRUE;
}

/* Overtaken while the cache was asked: nothing was fetched yet, so its readers
 * simply begin again, once; or join whoever has begun. */
static gboolean
restart_reading (VlFetch *fetch, VlReading *reading)
{
  if (reading->restarted && !_vl_fetch_has_follower (fetch))
    return FALSE;

  reading->restarted = TRUE;
  reading_detach (reading);
  _vl_fetch_rejoin (fetch, reading);
  return TRUE;
}

/* The master cannot be reached: an old copy is better than none for those who
 * did not ask for the master alone. */
static void
answer_error (VlFetch *fetch, VlReading *reading, GError *error)
{
  VlPage *cached = _vl_fetch_get_cached (fetch);
  gboolean unreachable = g_error_matches (error, VL_ERROR, VL_ERROR_UNAVAILABLE) ||
                         g_error_matches (error, VL_ERROR, VL_ERROR_TIMED_OUT);

  if (unreachable && cached != NULL && !reading->options.refresh &&
      reading->options.policy != VL_READ_POLICY_MASTER_ONLY)
    answer_stale (reading, _vl_fetch_get_core (fetch), cached);
  else
    reading_answer (reading, NULL, error, 0);
}

/* For the fetch */

gboolean
_vl_reading_refreshes (VlReading *reading)
{
  return reading->options.refresh;
}

gboolean
_vl_reading_wants_master (VlReading *reading)
{
  const VlReadOptions *options = &reading->options;

  return options->refresh || options->policy == VL_READ_POLICY_MASTER_FIRST ||
         options->policy == VL_READ_POLICY_MASTER_ONLY;
}

void
_vl_reading_wait (VlReading *reading, VlFetch *fetch, GQueue *readings)
{
  reading->fetch = fetch;
  reading->queue = readings;
  g_queue_push_tail_link (readings, &reading->link);
}

gboolean
_vl_reading_offer (VlReading *reading, VlFetch *fetch, VlOffer offer)
{
  switch (offer)
    {
    case VL_OFFER_CACHED:
      return answer_from_cache (fetch, reading);
    case VL_OFFER_OLD:
      return answer_resting (fetch, reading);
    case VL_OFFER_STORED:
      return answer_stored (fetch, reading);
    case VL_OFFER_FETCHED:
      return answer_fetched (fetch, reading);
    case VL_OFFER_RESTART:
      return restart_reading (fetch, reading);
    default:
      g_assert_not_reached ();
    }
}

/* Those who wait go into a queue of the caller's, where who cancels meanwhile
 * is found; those that come are not gone through. */
static void
take_out (GQueue *readings, GQueue *waiting)
{
  *waiting = *readings;
  g_queue_init (readings);
  for (GList *l = waiting->head; l != NULL; l = l->next)
    ((VlReading *) l->data)->queue = waiting;
}

void
_vl_readings_offer (GQueue *readings, VlFetch *fetch, VlOffer offer)
{
  GQueue waiting;
  GList *link;

  take_out (readings, &waiting);
  while ((link = waiting.head) != NULL)
    {
      VlReading *reading = link->data;

      if (_vl_reading_offer (reading, fetch, offer))
        continue;
      g_queue_unlink (&waiting, link);
      g_queue_push_tail_link (readings, link);
      reading->queue = readings;
    }
}

void
_vl_readings_fail (GQueue *readings, VlFetch *fetch, GError *error)
{
  GQueue waiting;
  GList *link;

  take_out (readings, &waiting);
  while ((link = waiting.head) != NULL)
    answer_error (fetch, link->data, error);
}

/* The interface */

void
_vl_reader_init (VlLiveCore *core)
{
  core->reader.fetches = g_hash_table_new (_vl_hash_key, g_str_equal);
  core->reader.keys = g_hash_table_new_full (_vl_hash_key, g_str_equal, g_free, _vl_pace_free);
}

void
_vl_reader_dispose (VlLiveCore *core)
{
  /* A fetch holds the core. */
  g_assert (g_hash_table_size (core->reader.fetches) == 0);
  g_clear_pointer (&core->reader.fetches, g_hash_table_unref);
  g_clear_pointer (&core->reader.keys, g_hash_table_unref);
}

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
  _vl_fetch_join (self, reading, slot->kind, key.text, query, slot->id);
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
  if (fetch != NULL)
    _vl_fetch_left (fetch);
}
