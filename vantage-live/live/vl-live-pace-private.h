/* vl-live-pace-private.h: how the last fetches of each key went
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-live-core-private.h"

G_BEGIN_DECLS

/* Home only. */
typedef struct
{
  guint n_overtaken;    /* fetches in a row that were overtaken */
  gint64 began;         /* monotonic, of the last fetch */
  gint64 duration;      /* microseconds, of the last fetch that ended */
  gboolean is_stored;   /* the last fetch was stored as fresh */
  guint64 stored_epoch; /* under this epoch of the gate */
  gint64 stored_at;     /* when that page was fetched */
  guint64 n_evicted;    /* by the cache, at that time */
  /* A refetch that is held back until the rest is over: */
  VlTimer *due;     /* NULL = none */
  VlLiveCore *core; /* not referenced: the timer goes with it */
  VlSlotKind kind;
  char *key;
  VlQuery *query;
  char *id;
} VlPace;

void _vl_pace_free (gpointer data);

/* The pace of a key; made when it is not there. */
VlPace *_vl_pace_get (VlLiveCore *core, const char *key);

/* How long the key has to rest before it may be fetched again, milliseconds. */
guint _vl_pace_get_rest (VlLiveCore *core, const char *key);

/* A fetch of the key asks the master; answers when, monotonic. */
gint64 _vl_pace_begin (VlLiveCore *core, const char *key);
/* The root was invalidated while it did. */
void _vl_pace_overtaken (VlLiveCore *core, const char *key);
void _vl_pace_end (VlLiveCore *core, const char *key, gint64 began, gboolean overtaken);

/* Whether a newer fetch of the key than one of `epoch` has been stored. */
gboolean _vl_pace_is_outdone (VlLiveCore *core, const char *key, guint64 epoch);
/* The page is going to be stored as fresh. */
void _vl_pace_stored (VlLiveCore *core,
                      const char *key,
                      VlPage *page,
                      guint64 lease,
                      guint64 epoch);

/* Whether the page is the one that was stored last, and the root has not been
 * invalidated since. */
gboolean _vl_pace_is_own (VlLiveCore *core, const char *key, VlPage *page);

/* Whether what the last fetch stored should still be there: then fetching it
 * again is a repeat. */
gboolean _vl_pace_should_be_cached (VlLiveCore *core, const char *key);

G_END_DECLS
