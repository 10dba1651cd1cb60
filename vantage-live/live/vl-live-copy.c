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
#include "../table/vl-schema.h"
#include "vl-live-key-private.h"

VlPage *
_vl_copy_flag_stale (VlPage *page)
{
  VlPageInfo info;

  if (vl_page_get_is_stale (page))
    return g_object_ref (page);

  _vl_page_get_info (page, &info);
  info.is_stale = TRUE;

  return _vl_page_with_info (page, &info);
}

VlPage *
_vl_copy_flag_cached (VlPage *page)
{
  VlPageInfo info;

  _vl_page_get_info (page, &info);
  info.from_cache = TRUE;

  return _vl_page_with_info (page, &info);
}

gboolean
_vl_copy_is_valid (VlLiveCore *core, VlPage *page, guint max_age)
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

gboolean
_vl_reader_answer_at_hand (VlLiveCore *core,
                           const VlSlot *slot,
                           const char *key,
                           const VlReadOptions *options,
                           VlReadFunc func,
                           gpointer user_data)
{
  g_autoptr (VlPage) page = NULL;
  VlReadResult result = { 0 };

  if (core->gate.state != VL_GATE_OPEN || options->refresh ||
      options->policy == VL_READ_POLICY_MASTER_FIRST ||
      options->policy == VL_READ_POLICY_MASTER_ONLY ||
      g_hash_table_contains (core->reader.fetches, key))
    return FALSE;

  page = _vl_cache_peek (core->cache, core->root, key);
  if (page == NULL || vl_page_get_is_stale (page) ||
      !_vl_copy_is_valid (core, page, options->max_age) || !_vl_live_core_trusts (core, key, page))
    return FALSE;

  if (!vl_page_get_from_cache (page))
    {
      g_autoptr (VlPage) unflagged = g_steal_pointer (&page);

      page = _vl_copy_flag_cached (unflagged);
    }
  core->stats->hits++;
  peek_log (core, "read", slot, key, "hit");
  result.page = page;
  result.epoch = core->gate.epoch;
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
_vl_reader_peek (VlLiveCore *core, const VlSlot *slot, const VlReadOptions *options)
{
  gboolean serves_stale = options->policy == VL_READ_POLICY_STALE_WHILE_REVALIDATE ||
                          options->policy == VL_READ_POLICY_CACHE_ONLY;
  g_autofree char *key = NULL;
  g_autoptr (VlPage) page = NULL;

  if (core->gate.state != VL_GATE_OPEN || options->policy == VL_READ_POLICY_MASTER_FIRST ||
      options->policy == VL_READ_POLICY_MASTER_ONLY)
    return NULL;

  key = _vl_live_key_new (slot);
  page = vl_cache_peek (core->cache, core->root, key);
  if (page == NULL)
    return NULL;
  if (!vl_page_get_is_stale (page) && _vl_copy_is_valid (core, page, options->max_age))
    {
      if (!_vl_live_core_trusts (core, key, page))
        return peek_untrusted (core, slot, key, page, serves_stale);
      core->stats->hits++;
      peek_log (core, "peek", slot, key, "hit");
      return g_steal_pointer (&page);
    }
  if (!serves_stale)
    return NULL;

  core->stats->stale_hits++;
  peek_log (core, "peek", slot, key, "stale");
  return _vl_copy_flag_stale (page);
}
