/* vl-live-copy-private.h: what the cache has at hand
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-live-core-private.h"

G_BEGIN_DECLS

/* The same page with a flag more; (transfer full). */
VlPage *_vl_copy_flag_stale (VlPage *page);
VlPage *_vl_copy_flag_cached (VlPage *page);
/* Puts a page that is flagged as stale in the place of one that is not. */
void _vl_copy_become_stale (VlPage **page);

/* Where a copy comes from. */
typedef struct
{
  VlSlotKind kind;
  VlQuery *query;    /* of a page: what the master was asked */
  gint64 began;      /* real time, when it was asked */
  guint64 seq;       /* of the last fact, then */
  gboolean is_stale; /* overtaken meanwhile */
} VlCopyOrigin;

/* The page that is kept and handed on: the master's rows under our own
 * information. */
VlPage *_vl_copy_new (VlLiveCore *core, const VlCopyOrigin *origin, VlAnswer *answer);

/* Whether a page that the cache calls fresh is fresh enough: written under
 * this schema, and neither too old (`max_age` in milliseconds, 0 = no limit)
 * nor from the future. */
gboolean _vl_copy_is_valid (VlLiveCore *core, VlPage *page, guint max_age);

/* A fresh page that the cache has at hand needs no fetch around it: runs `func`
 * with it, or returns FALSE when a fetch has to be begun. */
gboolean _vl_reader_answer_at_hand (VlLiveCore *core,
                                    const VlSlot *slot,
                                    const char *key,
                                    const VlReadOptions *options,
                                    VlReadFunc func,
                                    gpointer user_data);

/* Likewise, for who has nothing to be called back with; NULL when a fetch has
 * to be begun. A page that `must_end` is of no use if it is full, since more
 * may come after it. */
VlPage *_vl_reader_get_at_hand (VlLiveCore *core,
                                const VlSlot *slot,
                                const VlReadOptions *options,
                                gboolean must_end);

G_END_DECLS
