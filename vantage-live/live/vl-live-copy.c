/* vl-live-copy.c: what the cache has at hand
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Everything here runs at home.
 */

#include "vl-config.h"

#include "vl-live-copy-private.h"

#include "../base/vl-log-private.h"
#include "../cache/vl-cache-private.h"
#include "../table/vl-page-private.h"
#include "../table/vl-page.h"
#include "../table/vl-query.h"
#include "../table/vl-schema.h"
#include "vl-live-key-private.h"

G_NO_INLINE VlPage *
_vl_copy_flag_stale (VlPage *page)
{
  VlPageInfo info;

  if (vl_page_get_is_stale (page))
    return g_object_ref (page);

  _vl_page_get_info (page, &info);
  info.is_stale = TRUE;

  return _vl_page_with_info (page, &info);
}

void
_vl_copy_become_stale (VlPage **page)
{
  g_autoptr (VlPage) unflagged = NULL;

  if (vl_page_get_is_stale (*page))
    return;

  unflagged = *page;
  *page = _vl_copy_flag_stale (unflagged);
}

G_NO_INLINE VlPage *
_vl_copy_flag_cached (VlPage *page)
{
  VlPageInfo info;

  _vl_page_get_info (page, &info);
  info.from_cache = TRUE;

  return _vl_page_with_info (page, &info);
}

VlPage *
_vl_copy_new (VlLiveCore *core, const VlCopyOrigin *origin, VlAnswer *answer)
{
  VlPageInfo info = {
    .total = -1,
    .fetched_at = origin->began,
    .fingerprint = vl_schema_get_fingerprint (core->schema.schema),
    .seq = origin->seq,
    .run = _vl_facts_get_run (core->facts),
    .is_stale = origin->is_stale,
  };
  guint limit, n_records;
  VlPage *page;

  switch (origin->kind)
    {
    case VL_SLOT_RECORD:
      info.total = answer->record != NULL;
      info.has_pending = answer->has_pending;
      info.is_stale |= answer->is_stale;
      return _vl_page_new_from_records (&answer->record, (guint) info.total, &info);

    case VL_SLOT_COUNT:
      info.total = answer->count;
      info.has_pending = answer->has_pending;
      info.is_stale |= answer->is_stale;
      return _vl_page_new_from_records (NULL, 0, &info);

    case VL_SLOT_PAGE:
    default:
      limit = vl_query_get_limit (origin->query);
      n_records = vl_page_get_n_records (answer->page);
      info.offset = vl_query_get_offset (origin->query);
      info.total = vl_page_get_total (answer->page);
      /* A master that is a copy itself may have nothing better. */
      info.is_stale |= vl_page_get_is_stale (answer->page);
      info.has_pending = vl_page_get_has_pending (answer->page);
      page = _vl_page_cut (answer->page, 0, limit == 0 ? n_records : MIN (limit, n_records), &info);
      _vl_page_tally_watch (core->stats->redundant, page);
      return page;
    }
}

gboolean
_vl_copy_is_valid (VlLiveCore *core, VlPage *page, guint max_age)
{
  const VlPageInfo *info = &page->info;
  gint64 age;

  if (core->schema.schema == NULL || info->fingerprint != core->schema.fingerprint)
    return FALSE;
  /* Facts that it lacks are not known any more. */
  if (G_UNLIKELY (core->has_surgical) && !_vl_facts_reach (core->facts, page))
    return FALSE;

  if (max_age == 0)
    return _vl_clock_has_come (info->fetched_at);

  age = _vl_clock_real () - info->fetched_at;

  return age >= 0 && age <= (gint64) max_age * 1000;
}

static gboolean
is_fresh (VlLiveCore *core, VlPage *page, const VlReadOptions *options)
{
  return !page->info.is_stale && _vl_copy_is_valid (core, page, options->max_age);
}

static void
peek_log (VlLiveCore *core,
          const char *op,
          const VlSlot *slot,
          const char *key,
          const char *outcome)
{
  if (G_LIKELY (!_vl_log_enabled ()))
    return;

  _vl_log_debug ("VL_OP", op, "VL_KEY", core->root, "VL_PAGE", slot->id == NULL ? key : NULL,
                 "VL_ID", slot->id, "VL_OUTCOME", outcome, NULL);
}

static gboolean
asks_cache_first (VlLiveCore *core, const VlReadOptions *options)
{
  return core->gate.state == VL_GATE_OPEN && !options->refresh &&
         options->policy != VL_READ_POLICY_MASTER_FIRST &&
         options->policy != VL_READ_POLICY_MASTER_ONLY;
}

/* What the cache has under a key, flagged as from the cache. */
static VlPage *
peek_cache (VlLiveCore *core, const char *key)
{
  VlPage *page;

  if (G_UNLIKELY (core->cache_iface->peek == NULL))
    return NULL;

  page = core->cache_iface->peek (core->cache, core->root, key);
  if (G_UNLIKELY (page != NULL && !page->info.from_cache))
    {
      g_autoptr (VlPage) unflagged = page;

      page = _vl_copy_flag_cached (unflagged);
    }

  return page;
}

static gboolean
is_being_fetched (VlLiveCore *core, const char *key)
{
  GHashTable *fetches = core->reader.fetches;

  return g_hash_table_size (fetches) > 0 && g_hash_table_contains (fetches, key);
}

/* A fresh page, if the cache has it and no fetch of its key is under way; one
 * that `must_end` only if it is not a full one. */
static VlPage *
find_at_hand (VlLiveCore *core,
              const VlSlot *slot,
              const char *key,
              const VlReadOptions *options,
              gboolean must_end)
{
  g_autoptr (VlPage) page = NULL;

  if (!asks_cache_first (core, options) || is_being_fetched (core, key))
    return NULL;

  page = peek_cache (core, key);
  if (page == NULL || !is_fresh (core, page, options) || !_vl_live_core_trusts (core, key, page) ||
      (must_end && slot->size > 0 && vl_page_get_n_records (page) >= slot->size))
    return NULL;

  core->stats->hits++;
  peek_log (core, "read", slot, key, "hit");

  return g_steal_pointer (&page);
}

gboolean
_vl_reader_answer_at_hand (VlLiveCore *core,
                           const VlSlot *slot,
                           const char *key,
                           const VlReadOptions *options,
                           VlReadFunc func,
                           gpointer user_data)
{
  g_autoptr (VlPage) page = find_at_hand (core, slot, key, options, FALSE);
  const VlReadResult result = { .page = page, .epoch = core->gate.epoch };

  if (page == NULL)
    return FALSE;

  func (&result, user_data);
  return TRUE;
}

/* What an earlier run of the program has left, as long as nobody knows whether
 * it is fresh: there is no telling how long that takes, and the first frame is
 * to be drawn now. */
static VlPage *
peek_untrusted (VlLiveCore *core,
                const VlSlot *slot,
                const char *key,
                VlPage *page,
                gboolean serves_stale)
{
  if (!serves_stale && core->position.trust != VL_TRUST_WAITING)
    return NULL;

  core->stats->stale_hits++;
  peek_log (core, "peek", slot, key, "stale");
  return _vl_copy_flag_stale (page);
}

VlPage *
_vl_reader_get_at_hand (VlLiveCore *core,
                        const VlSlot *slot,
                        const VlReadOptions *options,
                        gboolean must_end)
{
  g_auto (VlSlotKey) key;

  _vl_slot_key_init (&key, slot);
  return find_at_hand (core, slot, key.text, options, must_end);
}

VlPage *
_vl_reader_peek (VlLiveCore *core, const VlSlot *slot, const VlReadOptions *options)
{
  gboolean serves_stale = options->policy == VL_READ_POLICY_STALE_WHILE_REVALIDATE ||
                          options->policy == VL_READ_POLICY_CACHE_ONLY;
  g_auto (VlSlotKey) key;
  g_autoptr (VlPage) page = NULL;

  _vl_slot_key_init (&key, slot);
  if (!asks_cache_first (core, options))
    return NULL;

  page = peek_cache (core, key.text);
  if (page == NULL)
    return NULL;
  if (is_fresh (core, page, options))
    {
      if (!_vl_live_core_trusts (core, key.text, page))
        return peek_untrusted (core, slot, key.text, page, serves_stale);
      core->stats->hits++;
      peek_log (core, "peek", slot, key.text, "hit");
      return g_steal_pointer (&page);
    }
  if (!serves_stale)
    return NULL;

  core->stats->stale_hits++;
  peek_log (core, "peek", slot, key.text, "stale");
  return _vl_copy_flag_stale (page);
}
