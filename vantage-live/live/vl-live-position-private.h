/* vl-live-position-private.h: whether copies of an earlier run can be trusted
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../base/vl-clock-private.h"
#include "../stream/vl-live-stream-private.h"
#include "../vl-types.h"

G_BEGIN_DECLS

typedef struct _VlLiveCore VlLiveCore;

/* What is put into the inbox of a core. */
typedef enum
{
  VL_WORD_EVENT,    /* something changed */
  VL_WORD_GAP,      /* the first stream: from now on it tells everything */
  VL_WORD_REACHED,  /* the first stream is at this position */
  VL_WORD_ENDED,    /* the first stream is not heard */
  VL_WORD_ATTACHED, /* a stream became the first one; its position is its name */
  VL_WORD_LEFT,     /* there is no first stream any more, since nobody wants one */
  VL_WORD_CLOSED,   /* likewise, since those that wanted it are closed */
} VlWordKind;

typedef struct
{
  VlWordKind kind;
  VlLiveEvent *event; /* of an event and a gap */
  char *position;     /* of the first stream alone; NULL = none */
  gboolean is_news;   /* something may have changed */
} VlLiveWord;

VlLiveWord *_vl_live_word_new (VlWordKind kind, VlLiveEvent *event, const char *position);
void _vl_live_word_free (VlLiveWord *self);

typedef enum
{
  VL_TRUST_ALL,     /* what the cache calls fresh is fresh */
  VL_TRUST_WAITING, /* the first word of the stream is outstanding */
  VL_TRUST_OWN,     /* it did not come: what this core has stored itself, and nothing else */
} VlTrust;

typedef void (*VlPositionFunc) (gpointer user_data);

/* Home only. */
typedef struct
{
  VlTrust trust;
  guint64 doubted;      /* up to this fetch nothing of an earlier run is fresh */
  char *source;         /* the name of the first stream */
  gboolean is_anchored; /* it has said from where on it tells everything */
  gboolean looking;     /* the cache is asked for the position that was kept */
  gboolean has_looked;
  guint64 look_epoch;  /* of the gate, when it was asked */
  VlLiveEvent *gap;    /* one at a position that came while it was asked */
  char *after_gap;     /* where the stream was later on, NULL = still there */
  char *heard;         /* whatever happened up to there was acted upon; NULL = nothing is known */
  guint64 lease;       /* of what was stored last as fresh, 0 = nothing */
  guint64 lease_epoch; /* of the gate, then */
  char *kept;          /* what is under ROOT/position */
  guint64 kept_lease;  /* and under which lease it was stored */
  gboolean is_awaited; /* it has not said anything yet */
  gint64 attached_at;  /* monotonic */
  GQueue waiters;      /* of PositionWaiter */
  VlTimer *patience;   /* with them */
  gboolean is_brief;   /* it ends when the stream is not new any more */
} VlLivePosition;

void _vl_live_position_init (VlLiveCore *core);
void _vl_live_position_dispose (VlLiveCore *core);

/* At home, for each word of the inbox in turn: sets whether it is news. */
void _vl_live_position_take (VlLiveCore *core, VlLiveWord *word);
/* At home, once all of them were acted upon. */
void _vl_live_position_settle (VlLiveCore *core);

/* At home: a page was stored that is fresh under this lease. */
void _vl_live_position_stored (VlLiveCore *core, guint64 lease, guint64 epoch);

/* At home. Whether the first word of the stream, or what it means, may come any
 * moment: a fetch that is begun now is likely to be overtaken by it. */
gboolean _vl_live_position_is_imminent (VlLiveCore *core);

/* At home. Runs `func` once the word is not outstanding, or not imminent, any
 * more. */
void _vl_live_position_wait (VlLiveCore *core, VlPositionFunc func, gpointer user_data);

/* FALSE when `func` is running, or has run, with that data. */
gboolean _vl_live_position_give_up (VlLiveCore *core, gpointer user_data);

/* At home: what the cache calls fresh from now on is newer than this. */
void _vl_live_position_invalidated (VlLiveCore *core);

/* At home. Whether the page, which the cache has under the key, was stored by
 * this core and while it was listening. */
gboolean _vl_live_position_is_own (VlLiveCore *core, const char *key, VlPage *page);

G_END_DECLS
