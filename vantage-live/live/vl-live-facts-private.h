/* vl-live-facts-private.h: what is known beyond the base
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../vl-types.h"

G_BEGIN_DECLS

/* A fact is what one write or one event does to the rows of a root. Base pages
 * come from the master and are never changed; what a reader sees is the base
 * with the facts laid over it. A fact is *pending* while its write is on its
 * way, and *settled*, with a number, once the master has said what came of it,
 * or a stream has told it. A page notes the last number when its fetch began:
 * it has those facts in it, and the later ones are laid over it.
 *
 * Nothing is ever taken back: a write that failed drops its fact, and the rest
 * is laid over the base anew.
 *
 * Home only; knows nothing of the core. */
typedef struct _VlFacts VlFacts;

/* What each hit looks at; the rest is vl-live-facts.c's own. */
typedef struct
{
  GQueue settled;   /* by number */
  GQueue pending;   /* by order */
  gboolean expects; /* there may be some later: what is read is remembered */
} VlFactsHead;

static inline gboolean
_vl_facts_expects (VlFacts *self)
{
  return ((const VlFactsHead *) self)->expects;
}

static inline gboolean
_vl_facts_has_pending (VlFacts *self)
{
  return ((const VlFactsHead *) self)->pending.length > 0;
}

/* Facts are laid over pages that stay fresh, from now on or not any more. */
void _vl_facts_set_last (VlFacts *self, gboolean last);
/* Facts may come from now on, or will not any more. */
void _vl_facts_set_expects (VlFacts *self, gboolean expects);

/* Whether there is nothing to lay over any page. */
static inline gboolean
_vl_facts_is_empty (VlFacts *self)
{
  const VlFactsHead *head = (const VlFactsHead *) self;

  return head->settled.length == 0 && head->pending.length == 0;
}

/* The facts of one record, oldest first. */
typedef struct _VlFactChain VlFactChain;

/* What facts make of a record. */
typedef struct
{
  VlRecord *old; /* as the base has it, NULL = not there, or not known */
  VlRecord *at;  /* by which the row stands where it does; NULL = there is no row */
  VlRecord *now; /* what is shown */
  gboolean is_known;
  gboolean is_pending;
} VlLaid;

VlFacts *_vl_facts_new (void);
void _vl_facts_free (VlFacts *self);

/* The number of the last settled fact, for a fetch that begins now, and of
 * this process's count. */
guint64 _vl_facts_get_seq (VlFacts *self);
guint64 _vl_facts_get_run (VlFacts *self);
/* Raised whenever something else is to be laid over a page. */
guint64 _vl_facts_get_version (VlFacts *self);

/* The number of the last fact that a page has in it. */
guint64 _vl_facts_get_page_seq (VlFacts *self, VlPage *page);

/* Whether the page is of the base that has not been given up. */
gboolean _vl_facts_is_current (VlFacts *self, VlPage *page);
/* Whether all facts that came after the page are still known. */
gboolean _vl_facts_reach (VlFacts *self, VlPage *page);
/* Whether there is nothing to lay over a page with that number. */
gboolean _vl_facts_is_idle (VlFacts *self, guint64 seq);

/* A write that is on its way; `write` tells it from the others and is not
 * looked into. `id` is the record's, provisional perhaps; NULL for all. */
void _vl_facts_begin (VlFacts *self, gconstpointer write, const char *id, VlChange *change);
/* The master has applied it: to the record `id`, which may be another one than
 * before, as `stored` (nullable: not told). FALSE when a stream told meanwhile
 * of another change to that record: nobody knows which came first, and what is
 * cached has to be given up. */
gboolean _vl_facts_settle (VlFacts *self, gconstpointer write, const char *id, VlRecord *stored);
/* Likewise, but that the base is not known to have it: it stays over each base
 * until it is dropped. */
void _vl_facts_linger (VlFacts *self, gconstpointer write, const char *id, VlRecord *stored);
/* Whether what the master has, or has not, of a record is known: else nobody can
 * tell which page has it. */
gboolean _vl_facts_knows (VlFacts *self, const char *id);
/* Whether a stream has told since `seq` that the record is anything but `stored`. */
gboolean _vl_facts_was_told_other (VlFacts *self, const char *id, guint64 seq, VlRecord *stored);
/* It was not applied. */
void _vl_facts_drop (VlFacts *self, gconstpointer write);
gboolean _vl_facts_has (VlFacts *self, gconstpointer write);

/* What a stream tells. FALSE when that cannot be told as a fact, so that what
 * is cached has to be given up. */
gboolean _vl_facts_hear (VlFacts *self, VlLiveEvent *event);

/* Everything that is cached was given up: what the base had is not known any
 * more, and only pages whose fetch begins after this are of the new one. */
void _vl_facts_give_up_base (VlFacts *self);

/* The id by which the master knows a record, if it was given another one here;
 * `id` itself otherwise. */
const char *_vl_facts_resolve (VlFacts *self, const char *id);
/* An id was given here to a record that is yet to be stored. */
void _vl_facts_issue (VlFacts *self, const char *provisional);
gboolean _vl_facts_has_issued (VlFacts *self, const char *provisional);
/* Whether it is such an id, given here or elsewhere, and nobody here knows the one
 * that the record got. */
gboolean _vl_facts_is_unstored (VlFacts *self, const char *id);
void _vl_facts_rename (VlFacts *self, const char *provisional, const char *id);

/* A page of the base was read: what it has of the records with facts, and of
 * those that get some soon, is remembered. */
void _vl_facts_note (VlFacts *self, VlPage *page);

/* For vl-live-overlay.c */

typedef void (*VlFactChainFunc) (VlFactChain *chain, gpointer user_data);

guint _vl_facts_get_n_chains (VlFacts *self);
VlFactChain *_vl_facts_get_chain (VlFacts *self, const char *id);
void _vl_facts_each_chain (VlFacts *self, VlFactChainFunc func, gpointer user_data);
const char *_vl_fact_chain_get_id (VlFactChain *chain);

/* What the base has of a record, when its row has been looked at. */
typedef struct
{
  VlRecord *record; /* NULL = it is not there */
} VlBaseRow;

/* What is to be laid over a base that has the facts up to `seq`: FALSE when the
 * chain has nothing for it. Without `row` what is known of the base counts. */
gboolean _vl_facts_lay (VlFacts *self,
                        VlFactChain *chain,
                        guint64 seq,
                        const VlBaseRow *row,
                        VlLaid *laid);
void _vl_laid_clear (VlLaid *laid);

/* Deletions of all rows that meet a query, laid over such a base. */
gboolean _vl_facts_sweeps (VlFacts *self, guint64 seq);
gboolean _vl_facts_sweep_everything (VlFacts *self, guint64 seq);
gboolean _vl_facts_is_swept (VlFacts *self, guint64 seq, VlRecord *row, gboolean *is_pending);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VlFacts, _vl_facts_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VlLaid, _vl_laid_clear)

G_END_DECLS
