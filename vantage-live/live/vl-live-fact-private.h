/* vl-live-fact-private.h: the inside of the facts, for their two files
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-live-facts-private.h"

G_BEGIN_DECLS

/* So many pages that were read last are looked into when a record gets its
 * first fact. */
#define RECENT_MAX 32

typedef struct
{
  guint64 number; /* 0 while pending */
  guint64 order;  /* in which they became what they are */
  VlChangeKind kind;
  gboolean is_own;         /* a write of ours, not an event */
  gconstpointer write;     /* of a pending one */
  VlFactChain *chain;      /* NULL: all rows that meet the query */
  VlRecord *record;        /* all of it, or the fields of a patch */
  VlQuery *query;          /* NULL: all rows */
  gboolean creates;        /* no base had the record before */
  gboolean was_told_other; /* a stream told of the record while it was pending */
} VlFact;

struct _VlFactChain
{
  char *id;
  GQueue facts;          /* of VlFact, settled before pending, not owned */
  gboolean knows_before; /* what the base had before the first of them: */
  VlRecord *before;      /* NULL = it was not there */
  guint64 before_seq;    /* of the page that said so */
  gint64 before_at;      /* when that was fetched */
  guint64 spent;         /* facts before this are for stale pages alone */
};

struct _VlFacts
{
  VlFactsHead head;
  guint64 run;
  guint64 last;      /* number of the last settled fact */
  guint64 forgotten; /* of the last one that is not kept any more */
  guint64 floor;     /* what was when the base was given up; a number of its own */
  guint64 old_floor; /* the same of the time before */
  guint64 version;
  guint64 n_orders;
  gboolean last_over_pages; /* that stay fresh */

  GHashTable *writes;  /* of the pending facts, by write */
  GHashTable *chains;  /* by id */
  GQueue sweeps;       /* of VlFact: those without a chain, settled before pending */
  GHashTable *renames; /* from provisional ids to those of the master, NULL = none yet */

  VlPage *recent[RECENT_MAX]; /* a ring */
  guint next_recent;
};

static inline gboolean
_vl_fact_is_pending (const VlFact *fact)
{
  return fact->number == 0;
}

/* What is known of a record, begun if need be; and ended, if nothing is. */
VlFactChain *_vl_facts_ensure_chain (VlFacts *self, const char *id);
void _vl_facts_check_empty (VlFacts *self, VlFactChain *chain);

/* What the base has: what it had, and the facts that are in it. Of a base that
 * was given up this is a guess for those that came after it. */
void _vl_facts_lay_base (VlFacts *self, VlFactChain *chain, guint64 seq, VlLaid *laid);

/* Takes the fact. */
void _vl_facts_add_settled (VlFacts *self, VlFact *fact);

G_END_DECLS
