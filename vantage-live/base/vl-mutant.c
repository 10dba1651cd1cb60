/* vl-mutant.c: rules that can be broken on purpose
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-mutant-private.h"

#ifdef VL_MUTANTS

VlMutant _vl_mutant;

const char *
_vl_mutant_get_name (VlMutant mutant)
{
  static const char *const names[] = {
    [VL_MUTANT_NONE] = "none",
    [VL_MUTANT_REPLY_BEFORE_INVALIDATING] = "reply-before-invalidating",
    [VL_MUTANT_STORE_WITHOUT_LEASE] = "store-without-lease",
    [VL_MUTANT_LEASE_AFTER_FETCH] = "lease-after-fetch",
    [VL_MUTANT_JOIN_OVERTAKEN] = "join-overtaken",
    [VL_MUTANT_MEMORY_UNSTAMPED] = "memory-unstamped",
    [VL_MUTANT_ROLLBACK_BY_PRE_IMAGE] = "rollback-by-pre-image",
    [VL_MUTANT_FACT_DROPPED_AT_SETTLEMENT] = "fact-dropped-at-settlement",
    [VL_MUTANT_OLD_FACT_LAID_OVER] = "old-fact-laid-over",
    [VL_MUTANT_NOT_FIFO] = "not-fifo",
    [VL_MUTANT_TWO_OF_ONE_IN_BATCH] = "two-of-one-in-batch",
    [VL_MUTANT_DROPPED_AT_OVERFLOW] = "dropped-at-overflow",
    [VL_MUTANT_RETRY_WITHOUT_ORDER] = "retry-without-order",
    [VL_MUTANT_REFRESH_FORGETS_PENDING] = "refresh-forgets-pending",
    [VL_MUTANT_TWO_ROWS_FOR_ONE] = "two-rows-for-one",
    [VL_MUTANT_ACCEPTED_BEFORE_SYNC] = "accepted-before-sync",
    [VL_MUTANT_REPLAYED_TWICE] = "replayed-twice",
    [VL_MUTANT_FETCH_FROM_GET_ITEM] = "fetch-from-get-item",
    [VL_MUTANT_ALL_ITEMS_CHANGED] = "all-items-changed",
    [VL_MUTANT_FILLED_BY_POSITION] = "filled-by-position",
    [VL_MUTANT_BLANK_ON_REFRESH] = "blank-on-refresh",
    [VL_MUTANT_COUNTED_TWICE] = "counted-twice",
    [VL_MUTANT_JOINED_ACROSS] = "joined-across",
    [VL_MUTANT_ONE_TOO_MANY] = "one-too-many",
    [VL_MUTANT_CONFLICT_UNASKED] = "conflict-unasked",
    [VL_MUTANT_SENT_BY_FIRST_ID] = "sent-by-first-id",
    [VL_MUTANT_FIRST_ID_FORGOTTEN] = "first-id-forgotten",
    [VL_MUTANT_MADE_UNRECORDED] = "made-unrecorded",
    [VL_MUTANT_NOTE_LOST] = "note-lost",
  };

  return names[mutant];
}

#endif
