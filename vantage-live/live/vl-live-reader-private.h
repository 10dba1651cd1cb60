/* vl-live-reader-private.h: reads of one slot, from the cache or the master
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../base/vl-clock-private.h"
#include "../vl-types.h"

G_BEGIN_DECLS

typedef struct _VlLiveCore VlLiveCore;

typedef enum
{
  VL_SLOT_PAGE,   /* ROOT/q/QUERYKEY/SIZE/N */
  VL_SLOT_COUNT,  /* ROOT/n/QUERYKEY */
  VL_SLOT_RECORD, /* ROOT/id/ID */
} VlSlotKind;

/* What is cached under one key, and how it is fetched. */
typedef struct
{
  VlSlotKind kind;
  VlQuery *query; /* of a page or a count; its window does not count */
  guint size;     /* of a page: rows, 0 = a whole answer */
  guint64 n;      /* of a page: which */
  const char *id; /* of a record */
} VlSlot;

typedef struct
{
  VlReadPolicy policy;
  guint max_age;    /* milliseconds, 0 = none */
  gboolean refresh; /* asks the master whatever the policy, and tells when it differs */
} VlReadOptions;

/* How a read ended. A count is the total of a page without rows, a record a
 * page of one row or none. */
typedef struct
{
  VlPage *page;  /* (transfer none) NULL with an error */
  GError *error; /* (transfer none) */
  guint64 epoch; /* of the gate: pages of one epoch fit together */
} VlReadResult;

/* Runs at home, once. */
typedef void (*VlReadFunc) (const VlReadResult *result, gpointer user_data);

typedef struct _VlReading VlReading;

typedef struct
{
  GHashTable *fetches; /* of VlFetch by its own key: those that a reader may join */
  GHashTable *keys;    /* of VlPace by key */
  guint64 n_fetches;   /* numbers the fetches for the log */
  guint64 n_answered;  /* fetches that have brought something */
  guint64 last_lease;  /* for a mutant: of any lookup */
} VlReader;

void _vl_reader_init (VlLiveCore *core);
void _vl_reader_dispose (VlLiveCore *core);

/* At home, with the inbox drained and the schema known. Answers now, and
 * returns NULL, or later. */
VlReading *_vl_reader_read (VlLiveCore *core,
                            const VlSlot *slot,
                            const VlReadOptions *options,
                            VlReadFunc func,
                            gpointer user_data);
/* `func` will not run. */
void _vl_reading_cancel (VlReading *reading);

/* What the cache has at once, without the master, or NULL. */
VlPage *_vl_reader_peek (VlLiveCore *core, const VlSlot *slot, const VlReadOptions *options);

/* Whether it cannot be told if what the master is being asked has a fact in it:
 * a page (from the offset of `query` on) or a count, that was asked for when
 * `seq` was the last one. */
typedef gboolean (*VlFetchFunc) (VlLiveCore *core,
                                 VlQuery *query,
                                 VlSlotKind kind,
                                 guint64 seq,
                                 gconstpointer data);

/* From the gate, without a function: whatever is under way was begun before an
 * invalidation. Else those of which it says so. */
void _vl_reader_overtake (VlLiveCore *core, VlFetchFunc is_doubtful, gconstpointer data);

G_END_DECLS
