/* vl-live-reader-private.h: who reads, and what they are given
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

/* From here on for the fetch alone. A reading waits in the queue of its fetch
 * until it is answered, and is gone then. */

typedef struct _VlFetch VlFetch;

/* What a fetch has for who reads. */
typedef enum
{
  VL_OFFER_CACHED,  /* what the cache had, fresh or not */
  VL_OFFER_OLD,     /* the same, since the key rests and is fetched later */
  VL_OFFER_STORED,  /* the master's answer, to one who came after it */
  VL_OFFER_FETCHED, /* the master's answer, to those who waited for it */
  VL_OFFER_RESTART, /* nothing: it was overtaken before the master was asked */
} VlOffer;

/* Whether it is to ask the master whatever there is, and to tell. */
gboolean _vl_reading_refreshes (VlReading *reading);
/* Whether it will not do with what the cache has, by that or by its policy. */
gboolean _vl_reading_wants_master (VlReading *reading);

/* From now on it waits for the fetch, in its queue. */
void _vl_reading_wait (VlReading *reading, VlFetch *fetch, GQueue *readings);
/* FALSE when that will not do for it; else it was answered, or begins again. */
gboolean _vl_reading_offer (VlReading *reading, VlFetch *fetch, VlOffer offer);

/* The same for all who wait in the queue: those for whom it will not do stay.
 * Readers may come and go meanwhile: those that come are not offered it. */
void _vl_readings_offer (GQueue *readings, VlFetch *fetch, VlOffer offer);
/* The master has not answered: nobody stays. */
void _vl_readings_fail (GQueue *readings, VlFetch *fetch, GError *error);

G_END_DECLS
