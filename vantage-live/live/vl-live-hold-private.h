/* vl-live-hold-private.h: what waits until a new record has got its id
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../base/vl-clock-private.h"
#include "../vl-types.h"
#include "vl-live-position-private.h"

G_BEGIN_DECLS

typedef struct _VlLiveCore VlLiveCore;

typedef void (*VlHoldFunc) (gpointer user_data);

/* While a new record that has only an id of ours is with the master, nobody can
 * tell whether a row that turns up is that record: so rows wait. */
typedef struct
{
  gboolean is_on;
  VlTimer *timer; /* with it: how long at most */
  GQueue results; /* of HeldResult */
  GQueue words;   /* of VlLiveWord: of records that were inserted */
} VlLiveHold;

/* Home only, all of them. */
void _vl_hold_init (VlLiveCore *core);
void _vl_hold_dispose (VlLiveCore *core);

void _vl_hold_begin (VlLiveCore *core);
/* The id is known, or nothing will come of it. */
void _vl_hold_end (VlLiveCore *core);
gboolean _vl_hold_is_on (VlLiveCore *core);

/* Runs `func` when the hold ends. */
void _vl_hold_result (VlLiveCore *core, VlHoldFunc func, gpointer user_data);
/* TRUE when the word, which is consumed then, is to be heard later. */
gboolean _vl_hold_word (VlLiveCore *core, VlLiveWord *word);

G_END_DECLS
