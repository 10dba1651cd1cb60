/* vl-live-list-private.h: the inside of a list, for its other files
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../base/vl-clock-private.h"
#include "../base/vl-handoff-private.h"
#include "../stream/vl-live-stream-private.h"
#include "vl-list-spans-private.h"
#include "vl-live-list.h"
#include "vl-row-map-private.h"

G_BEGIN_DECLS

/* Whatever is news to a list, the answer of a table or an event, waits in its
 * inbox for the next turn. A turn is the only place where the list changes:
 *
 *  - vl-live-list-emit.c runs it, and emits all there is to emit;
 *  - vl-live-list-change.c acts upon events;
 *  - vl-live-list-load.c asks the table for pages, and hears the answers;
 *  - vl-live-list-fill.c puts what they bring in its place;
 *  - vl-live-list-hunt.c finds where the records end, when the total is wrong;
 *  - vl-live-list-place.c moves, adds and removes positions;
 *  - vl-live-list-window.c knows which pages are looked at;
 *  - vl-live-list-object.c makes objects of records.
 *
 * Positions are those of the list; pages are numbered from 0, each of page_size
 * positions. */

/* GTK takes the last position for none at all. */
#define VL_LIST_ITEMS_MAX (G_MAXUINT - 1)

/* Pages demanded last that are kept up to date: at least so many, and as many
 * as it takes to hold this number of rows. A list view of GTK keeps about 205
 * rows, whatever its height. */
#define VL_LIST_RECENT_MIN  8
#define VL_LIST_RECENT_ROWS 400
#define VL_LIST_RECENT_MAX  400

/* Milliseconds. About a frame from the first demand of a row to the fetch of
 * its page; from a failure to the next attempt; from one refill to the next;
 * from one query to the next, while somebody types; from an exact change until
 * the table is asked whether it counts as we do; from a torn page to the next
 * attempt. */
#define VL_LIST_FRAME        16
#define VL_LIST_RETRY_FLOOR  1000
#define VL_LIST_REFILL_FLOOR 100
#define VL_LIST_QUERY_FLOOR  100
#define VL_LIST_CHECK_DELAY  1000
#define VL_LIST_TORN_FLOOR   200

/* A page that stays stale is asked for this often, milliseconds. */
#define VL_LIST_STALE_MAX 30000

/* One request for a page, or for a count. */
typedef struct
{
  VlLiveList *list; /* not a reference; NULL = nobody waits any more */
  guint page;
  guint first;        /* position */
  guint n;            /* records asked for */
  gboolean opens;     /* the first page of a query that is not shown yet */
  gboolean is_forced; /* not for the sake of rows */
  gboolean refreshes; /* past what is cached */
  gboolean mends;     /* what another page contradicts */
  gboolean probes;    /* whether there is anything at all */
  GCancellable *cancellable;
  guint64 edits; /* of the list when it began */
  guint64 changes;
} VlListFetch;

/* What the inbox holds. */
typedef struct
{
  VlListFetch *fetch; /* answered, with `page`, `count` or `error` */
  VlPage *page;
  gint64 count;
  GError *error;
  VlLiveEvent *event;
} VlListNews;

/* A page that rests before it is asked for again. */
typedef struct
{
  gint64 until;         /* monotonic */
  GError *error;        /* NULL = it was torn, or stale; if it is torn, it is given up */
  GError *reason;       /* why it is still torn, which nobody had to hear yet */
  gboolean is_torn;     /* what it has another page has too */
  guint delay;          /* milliseconds from its beginning */
  gboolean is_demanded; /* is asked for again then */
} VlListRest;

/* What rows of a page that somebody holds are in want of. */
typedef enum
{
  VL_LIST_WANT_NOTHING,
  VL_LIST_WANT_NEWER,
  VL_LIST_WANT_RECORDS,
} VlListWant;

/* Hears the stream of a table on any thread. */
typedef struct _VlListEar VlListEar;

struct _VlLiveList
{
  GObject parent_instance;

  VlTable *table;
  VlLiveTable *live; /* the table, if it is one; not a reference of its own */
  VlQuery *query;    /* what is wanted */
  VlQuery *shown;    /* what positions are of; NULL = nothing yet */
  guint page_size;
  guint n_recent_max;
  VlHandoff *home;
  gulong changed_handler;
  VlStreamSink *sink;
  VlListEar *ear;

  VlObjectFactory factory;
  gpointer factory_data;
  GDestroyNotify factory_destroy;
  GType object_type; /* instead of a factory */

  /* What there is. */
  guint n_items;
  VlTotalKind total_kind;
  guint64 exact_changes; /* when the total was last seen to be exact */
  gint64 lie;            /* the total that turned out to be too high, -1 = none */
  gboolean is_hunting;   /* for the end: it is in one of the pages ... */
  guint hunt_low;        /* ... from this one ... */
  guint hunt_high;       /* ... to before this one */
  gint64 count;          /* what count has answered, -1 = not asked */
  guint64 count_changes;
  VlRowCells *cells;
  GHashTable *rows; /* of VlRow, not referenced: all that have this list */
  VlRowMap map;
  VlListSpans spans;
  gboolean is_whole; /* the table answers with all there is */

  /* What is looked at: the page demanded last comes first. */
  guint recent[VL_LIST_RECENT_MAX];
  guint n_recent;
  int direction;
  guint ahead;        /* the page that is read ahead, G_MAXUINT = none */
  guint ahead_failed; /* was to be, and is not until somebody looks at it */
  GArray *left;       /* of guint: pages that are not recent any more, to be marked */
  guint n_swept;      /* placeholders made since the last flush */
  gboolean warned;

  /* What is asked for. */
  GHashTable *fetches; /* page to VlListFetch, not owned: by the callback */
  GHashTable *rests;   /* page to VlListRest */
  VlListFetch *opening;
  VlListFetch *counting;
  gint64 opened_at;
  gboolean is_opening; /* `query` is to be shown */
  gboolean is_refreshing;
  gint64 refilled_at;
  gint64 check_at; /* 0 = no */
  gboolean recounts;
  GHashTable *torn;       /* page to how often it was, since something changed or it fitted */
  guint n_contradictions; /* pages that did not go together, since something changed */
  gint64 contradicted_at;
  guint64 edits;   /* exact changes */
  guint64 changes; /* all of them */
  GError *error;

  /* Turns. */
  GQueue inbox;       /* of VlListNews */
  gboolean is_posted; /* a turn */
  gboolean in_turn;
  gboolean flush_due;
  gboolean is_demanded; /* a flush is due in a frame at the latest */
  VlTimer *timer;
  gint64 timer_due;
  gboolean is_disposed;

  /* A run that has happened and was not emitted yet. */
  gboolean has_run;
  guint run_first;
  guint run_removed;
  guint run_added;
  guint told_n_items;
  GPtrArray *touched; /* rows to notify after it */

  /* What was notified last. */
  gboolean shown_loading;
  VlLoadState shown_load_state;
  VlTotalKind shown_total_kind;
  guint shown_pending;
  GError *shown_error;
};

/* vl-live-list.c */
void _vl_live_list_row_died (VlLiveList *self, VlRow *row);
void _vl_live_list_notify_state (VlLiveList *self);
VlLoadState _vl_live_list_find_load_state (VlLiveList *self);
gboolean _vl_live_list_is_loading (VlLiveList *self);
void _vl_live_list_notify_n_items (VlLiveList *self);

/* vl-live-list-object.c */
gboolean _vl_live_list_has_factory (VlLiveList *self);
/* NULL, or what it was, with an error. */
GObject *_vl_live_list_make_object (VlLiveList *self,
                                    VlRecord *record,
                                    GObject *object,
                                    GError **error);

/* vl-live-list-emit.c; home only. */
void _vl_live_list_post (VlLiveList *self, VlListNews *news);
/* A turn as soon as possible. */
void _vl_live_list_wake (VlLiveList *self);
/* A turn that looks what is to be asked for. */
void _vl_live_list_schedule (VlLiveList *self, guint delay);
void _vl_live_list_schedule_at (VlLiveList *self, gint64 due);
void _vl_live_list_clear_inbox (VlLiveList *self);

/* In a turn only. Says that positions are about to change, before they do: what
 * happened before is emitted unless it makes one run with this. */
void _vl_live_list_stage (VlLiveList *self, guint first, guint removed, guint added);
/* Emits what happened before, unless it touches these positions; TRUE if it
 * did, and handlers have run. */
gboolean _vl_live_list_settle (VlLiveList *self, guint first, guint n);
void _vl_live_list_emit (VlLiveList *self);

/* vl-live-list-place.c; in a turn only. */
void _vl_live_list_reset (VlLiveList *self);
void _vl_live_list_resize (VlLiveList *self, guint n_items);
void _vl_live_list_insert (VlLiveList *self, guint position, VlRecord *record);
void _vl_live_list_remove (VlLiveList *self, guint position);
void _vl_live_list_move (VlLiveList *self, guint from, guint to, VlRecord *record);
void _vl_live_list_update (VlLiveList *self, guint position, VlRecord *record);
/* Likewise, before the table has it. */
void _vl_live_list_update_early (VlLiveList *self, guint position, VlRecord *record);
/* Takes a row out of its position, which is left to whoever is next. */
void _vl_live_list_evict (VlLiveList *self, VlRow *row);
void _vl_live_list_displace (VlLiveList *self, VlRow *row);
/* The row of this list for a record, in its place or not. */
VlRow *_vl_live_list_find_row (VlLiveList *self, const char *id);
void _vl_live_list_adopt (VlLiveList *self, VlRow *row, guint position);

/* vl-live-list-fill.c; in a turn only. */
void _vl_live_list_take_page (VlLiveList *self, VlListFetch *fetch, VlPage *page);
void _vl_live_list_take_count (VlLiveList *self, gint64 count);
guint64 _vl_live_list_get_base (VlLiveList *self);

/* vl-live-list-hunt.c; in a turn only. A page turned out to be empty, or full. */
void _vl_live_list_hunt_empty (VlLiveList *self, guint page);
/* TRUE if the hunt has it, and the total is not to be looked at. */
gboolean _vl_live_list_hunt_full (VlLiveList *self, guint page);
/* Whether the page may not be there; then this is to be asked for in its place. */
gboolean _vl_live_list_is_doubtful (VlLiveList *self, guint page);
guint _vl_live_list_find_probe (VlLiveList *self);

/* vl-live-list-load.c */
void _vl_live_list_flush (VlLiveList *self);
void _vl_live_list_answered (VlLiveList *self, VlListNews *news);
void _vl_live_list_cancel_all (VlLiveList *self);
void _vl_live_list_forget_opening (VlLiveList *self);
/* Shows the query that is wanted, if its first page is at hand. In a turn. */
gboolean _vl_live_list_open_at_hand (VlLiveList *self);
/* The page did not fit what is here: it is asked for again, but not for ever. An
 * id that it has, and so has another place, can be NULL. */
void _vl_live_list_tear (VlLiveList *self, guint page, const char *id);
/* It did. */
void _vl_live_list_forget_torn (VlLiveList *self, guint page);
/* Whether asking for two pages again and again has not brought them together. */
gboolean _vl_live_list_is_worn_out (VlLiveList *self, guint page, guint other);
/* Tells whoever waits for a record of the page that there is none to be had. */
void _vl_live_list_give_up (VlLiveList *self, guint page, const char *id);
/* There is a reason to ask again for what is torn, now or after its rest. */
void _vl_live_list_look_again (VlLiveList *self, gboolean now);
void _vl_list_rest_free (gpointer data);
void _vl_list_news_free (VlListNews *news);

/* vl-live-list-window.c */
void _vl_live_list_demand (VlLiveList *self, guint position);
/* Counts a row that was made; all of them in one go are worth a warning. */
void _vl_live_list_count_sweep (VlLiveList *self);
void _vl_live_list_forget_pages (VlLiveList *self);
gboolean _vl_live_list_is_recent (VlLiveList *self, guint page);
gboolean _vl_live_list_has_rows (VlLiveList *self, guint page);
VlListWant _vl_live_list_get_want (VlLiveList *self, guint page);
guint _vl_live_list_find_ahead (VlLiveList *self);
/* The positions of a page, as far as there are any. */
guint _vl_live_list_get_page_length (VlLiveList *self, guint page);

/* vl-live-list-change.c */
void _vl_live_list_listen (VlLiveList *self);
void _vl_live_list_stop_listening (VlLiveList *self);
void _vl_live_list_heard (VlLiveList *self, VlLiveEvent *event);
gboolean _vl_live_list_find_known (VlLiveList *self, const char *id, guint *position);
/* Something has changed, and nobody knows what. */
void _vl_live_list_refill (VlLiveList *self);
/* The record as the list was told of it last, to be shown in the next turn; NULL if
 * it was told nothing. */
VlRecord *_vl_live_list_get_news (VlLiveList *self, const char *id);

G_END_DECLS
