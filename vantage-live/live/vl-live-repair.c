/* vl-live-repair.c: cached pages that facts are laid over are stored anew
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The cache is asked for the page once more, since with it comes the lease: what
 * is made of a page may be stored under the lease that the page was fresh under,
 * and no other. One page is repaired at a time; the others are when they are read
 * again.
 *
 * Everything here runs at home.
 */

#include "vl-config.h"

#include "vl-live-core-private.h"

#include "../cache/vl-cache-private.h"
#include "../table/vl-page-private.h"
#include "../table/vl-page.h"
#include "vl-live-key-private.h"
#include "vl-live-repair-private.h"

struct _VlRepair
{
  VlLiveCore *core; /* referenced */
  char *key;
  VlPage *base;
  VlPage *laid; /* as it is stored */
  VlFlight *flight;
};

static void
repair_end (gpointer data)
{
  VlRepair *repair = data;
  VlLiveCore *core = repair->core;

  core->repair = NULL;
  g_clear_pointer (&repair->flight, _vl_flight_unref);
  g_object_unref (repair->base);
  g_object_unref (repair->laid);
  g_free (repair->key);
  g_free (repair);
  _vl_live_core_unref (core);
}

static void
stored (VlAnswer *answer, gpointer user_data)
{
  repair_end (user_data);
}

/* Whether the cache may be told of a page now. */
static gboolean
is_free (VlLiveCore *core, const char *key)
{
  return core->gate.state == VL_GATE_OPEN && !g_hash_table_contains (core->reader.fetches, key);
}

/* Whether all that is known is in the page that was made, and it was made of
 * this one. */
static gboolean
is_up_to_date (VlRepair *repair, VlPage *page)
{
  const VlPageInfo *base = &repair->base->info;

  return page != NULL && page->info.seq == base->seq && page->info.run == base->run &&
         page->info.fetched_at == base->fetched_at && page->n_rows == repair->base->n_rows &&
         _vl_facts_is_idle (repair->core->facts, repair->laid->info.seq);
}

static void
looked_up (VlAnswer *answer, gpointer user_data)
{
  VlRepair *repair = user_data;
  VlLiveCore *core = repair->core;
  VlFlight *flight;

  g_clear_pointer (&repair->flight, _vl_flight_unref);
  _vl_live_core_drain (core);
  if (answer->error != NULL || !answer->fresh || answer->lease == 0 ||
      !is_free (core, repair->key) || !is_up_to_date (repair, answer->page))
    {
      repair_end (repair);
      return;
    }

  flight = _vl_cache_send_store (core->cache, core->root, repair->key, repair->laid, answer->lease,
                                 core->timeout, stored, repair, repair_end);
  if (flight != NULL)
    repair->flight = flight;
}

static VlPage *
make_stored (VlLiveCore *core, VlPage *base, VlPage *laid)
{
  VlPageInfo info;

  _vl_page_get_info (laid, &info);
  info.seq = _vl_facts_get_seq (core->facts);
  info.run = _vl_facts_get_run (core->facts);
  info.fetched_at = base->info.fetched_at;
  info.fingerprint = base->info.fingerprint;
  info.from_cache = FALSE;

  return _vl_page_with_info (laid, &info);
}

static void
begin (VlLiveCore *core, const char *key, VlPage *base, VlPage *laid)
{
  VlRepair *repair = g_new0 (VlRepair, 1);
  VlFlight *flight;

  repair->core = _vl_live_core_ref (core);
  repair->key = g_strdup (key);
  repair->base = g_object_ref (base);
  repair->laid = make_stored (core, base, laid);
  core->repair = repair;
  flight = _vl_cache_send_lookup (core->cache, core->root, repair->key, core->timeout, looked_up,
                                  repair, repair_end);
  if (flight != NULL)
    repair->flight = flight;
}

static gboolean
is_worth_it (VlLiveCore *core, VlPage *base, VlPage *laid)
{
  return core->repair == NULL && !base->info.is_stale && !laid->info.is_stale &&
         !laid->info.has_pending && !_vl_facts_has_pending (core->facts);
}

void
_vl_repair (VlLiveCore *core, const VlSlot *slot, VlPage *base, VlPage *laid)
{
  g_auto (VlSlotKey) key;

  _vl_slot_key_init (&key, slot);
  if (is_worth_it (core, base, laid) && is_free (core, key.text))
    begin (core, key.text, base, laid);
}
