/* vl-mutant-private.h: rules that can be broken on purpose
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* To show that a broken rule is noticed: a library that is built for the tests
 * with VL_MUTANTS defined breaks one of these, chosen while it runs. In any
 * other nothing is left of them. */
typedef enum
{
  VL_MUTANT_NONE,
  VL_MUTANT_REPLY_BEFORE_INVALIDATING,
  VL_MUTANT_STORE_WITHOUT_LEASE,
  VL_MUTANT_LEASE_AFTER_FETCH,
  VL_MUTANT_JOIN_OVERTAKEN,
  VL_MUTANT_MEMORY_UNSTAMPED,
  VL_MUTANT_ROLLBACK_BY_PRE_IMAGE,
  VL_MUTANT_FACT_DROPPED_AT_SETTLEMENT,
  VL_MUTANT_OLD_FACT_LAID_OVER,
  VL_MUTANT_NOT_FIFO,
  VL_MUTANT_TWO_OF_ONE_IN_BATCH,
  VL_MUTANT_DROPPED_AT_OVERFLOW,
  VL_MUTANT_RETRY_WITHOUT_ORDER,
  VL_MUTANT_REFRESH_FORGETS_PENDING,
  VL_MUTANT_TWO_ROWS_FOR_ONE,
  VL_MUTANT_ACCEPTED_BEFORE_SYNC,
  VL_MUTANT_REPLAYED_TWICE,
  VL_MUTANT_FETCH_FROM_GET_ITEM,
  VL_MUTANT_ALL_ITEMS_CHANGED,
  VL_MUTANT_FILLED_BY_POSITION,
  VL_MUTANT_BLANK_ON_REFRESH,
  VL_MUTANT_COUNTED_TWICE,
  VL_MUTANT_JOINED_ACROSS,
  VL_MUTANT_ONE_TOO_MANY,
  VL_MUTANT_CONFLICT_UNASKED,
  VL_MUTANT_SENT_BY_FIRST_ID,
  VL_MUTANT_FIRST_ID_FORGOTTEN,
  VL_MUTANT_MADE_UNRECORDED,
  VL_MUTANT_NOTE_LOST,
  VL_N_MUTANTS,
} VlMutant;

#ifdef VL_MUTANTS

const char *_vl_mutant_get_name (VlMutant mutant);

/* The one that is broken. Set before anything else happens. */
extern VlMutant _vl_mutant;

# define VL_MUTANT(name) (_vl_mutant == VL_MUTANT_##name)

#else

# define VL_MUTANT(name) FALSE

#endif

G_END_DECLS
