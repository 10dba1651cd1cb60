/* vl-live-facts.c: what is known beyond the base
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-live-fact-private.h"

#include "../base/vl-mutant-private.h"
#include "../base/vl-random-private.h"
#include "../stream/vl-live-event.h"
#include "../table/vl-change.h"
#include "../table/vl-page-private.h"
#include "../table/vl-page.h"
#include "../table/vl-query.h"
#include "../table/vl-record-private.h"
#include "../table/vl-record.h"

/* So many settled facts are kept; an older page cannot be brought up to date
 * any more. */
#define SETTLED_MAX 4096

/* So many of them are kept for pages that are stale anyway. */
#define KEPT_FOR_STALE 64

/* One fact */

static void
fact_free (gpointer data)
{
  VlFact *fact = data;

  g_clear_object (&fact->record);
  g_clear_object (&fact->query);
  g_free (fact);
}

static gboolean
is_over (const VlFact *fact, guint64 seq)
{
  return _vl_fact_is_pending (fact) || fact->number > seq;
}

/* Settled facts lie below pending ones, and older below newer. */
static gboolean
is_below (const VlFact *a, const VlFact *b)
{
  if (_vl_fact_is_pending (a) != _vl_fact_is_pending (b))
    return _vl_fact_is_pending (b);

  return a->order < b->order;
}

/* Chains */

static void
chain_free (gpointer data)
{
  VlFactChain *chain = data;

  g_queue_clear (&chain->facts);
  g_clear_object (&chain->before);
  g_free (chain->id);
  g_free (chain);
}

/* Whether what the base had is nothing, since the record was new with the first
 * fact that counts. */
static gboolean
is_created (VlFactChain *chain, guint64 floor)
{
  for (GList *l = chain->facts.head; l != NULL; l = l->next)
    {
      const VlFact *fact = l->data;

      if (_vl_fact_is_pending (fact) || fact->number > floor)
        return fact->creates;
    }

  return FALSE;
}

static const VlFact *
first_settled_after (VlFactChain *chain, guint64 seq)
{
  for (GList *l = chain->facts.head; l != NULL && !_vl_fact_is_pending (l->data); l = l->next)
    {
      if (((const VlFact *) l->data)->number > seq)
        return l->data;
    }

  return NULL;
}

/* What was told while the master was asked may be in the page. */
static gboolean
is_after_fact (VlFactChain *chain, VlRecord *record, guint64 seq)
{
  for (GList *l = chain->facts.head; l != NULL && !_vl_fact_is_pending (l->data); l = l->next)
    {
      const VlFact *fact = l->data;

      if (fact->number > seq && fact->record != NULL && vl_record_equal (fact->record, record))
        return TRUE;
    }

  return FALSE;
}

/* Newer pages know better what the base has. Those of a base that was given up
 * say what it was that facts are laid over for whoever is shown them yet. */
static gboolean
chain_learn (VlFacts *self, VlFactChain *chain, VlRecord *record, guint64 seq, gint64 fetched_at)
{
  const VlFact *first = first_settled_after (chain, seq >= self->floor ? self->floor : 0);

  if (chain->knows_before &&
      (chain->before_seq > seq || (chain->before_seq == seq && chain->before_at >= fetched_at)))
    return FALSE;
  /* The page has facts of this chain in it: that is not before them. */
  if ((first != NULL && first->number <= seq) ||
      (self->last_over_pages && is_after_fact (chain, record, seq)))
    return FALSE;

  chain->knows_before = TRUE;
  chain->before_seq = seq;
  chain->before_at = fetched_at;
  g_set_object (&chain->before, record);

  return TRUE;
}

static void
chain_learn_recent (VlFacts *self, VlFactChain *chain)
{
  for (guint i = 0; i < RECENT_MAX; i++)
    {
      VlPage *page = self->recent[i];
      guint position;

      if (page != NULL && vl_page_find (page, chain->id, &position))
        {
          g_autoptr (VlRecord) record = vl_page_get_record (page, position);

          chain_learn (self, chain, record, _vl_facts_get_page_seq (self, page),
                       vl_page_get_fetched_at (page));
        }
    }
}

/* Of a record whose facts are all from before the base that was given up last
 * but one nobody has kept track since. */
static void
chain_check_spent (VlFacts *self, VlFactChain *chain)
{
  const VlFact *last = g_queue_peek_tail (&chain->facts);

  if (last == NULL || _vl_fact_is_pending (last) || last->number >= self->old_floor)
    return;

  chain->spent = self->old_floor;
  chain->knows_before = FALSE;
  g_clear_object (&chain->before);
  chain->before_seq = 0;
  chain_learn_recent (self, chain);
}

VlFactChain *
_vl_facts_ensure_chain (VlFacts *self, const char *id)
{
  VlFactChain *chain = g_hash_table_lookup (self->chains, id);

  if (chain != NULL)
    {
      chain_check_spent (self, chain);
      return chain;
    }

  chain = g_new0 (VlFactChain, 1);
  chain->id = g_strdup (id);
  g_queue_init (&chain->facts);
  chain_learn_recent (self, chain);
  g_hash_table_insert (self->chains, chain->id, chain);

  return chain;
}

void
_vl_facts_check_empty (VlFacts *self, VlFactChain *chain)
{
  if (g_queue_is_empty (&chain->facts))
    g_hash_table_remove (self->chains, chain->id);
}

static void
queue_insert (GQueue *queue, VlFact *fact)
{
  GList *link = queue->tail;

  while (link != NULL && is_below (fact, link->data))
    link = link->prev;
  g_queue_insert_after (queue, link, fact);
}

static GQueue *
get_queue (VlFacts *self, VlFact *fact)
{
  return fact->chain != NULL ? &fact->chain->facts : &self->sweeps;
}

/* What facts do to a row */

static void
laid_set (VlLaid *laid, VlRecord *record, gboolean stays)
{
  g_set_object (&laid->now, record);
  if (!stays)
    g_set_object (&laid->at, record);
}

/* A write that is on its way changes what is shown, but does not move a row
 * that is there: only what the master has stored is at its place. */
static void
lay (VlLaid *laid, const VlFact *fact)
{
  gboolean stays = _vl_fact_is_pending (fact) && laid->now != NULL;
  g_autoptr (VlRecord) merged = NULL;

  switch (fact->kind)
    {
    case VL_CHANGE_KIND_INSERT:
    case VL_CHANGE_KIND_REPLACE:
      laid_set (laid, fact->record, stays);
      break;
    case VL_CHANGE_KIND_PATCH:
      if (laid->now == NULL)
        return;
      merged = vl_record_merge (laid->now, fact->record);
      laid_set (laid, merged, stays);
      break;
    case VL_CHANGE_KIND_DELETE:
      laid_set (laid, NULL, FALSE);
      break;
    case VL_CHANGE_KIND_DELETE_ALL:
      if (laid->now == NULL || (fact->query != NULL && !vl_query_matches (fact->query, laid->now)))
        return;
      laid_set (laid, NULL, FALSE);
      break;
    default:
      return;
    }

  laid->is_pending |= _vl_fact_is_pending (fact);
}

/* Whether all that a settled fact leaves is known without what was before. */
static gboolean
tells_all (const VlFact *fact)
{
  return fact->kind != VL_CHANGE_KIND_PATCH && fact->kind != VL_CHANGE_KIND_DELETE_ALL;
}

void
_vl_laid_clear (VlLaid *laid)
{
  g_clear_object (&laid->old);
  g_clear_object (&laid->at);
  g_clear_object (&laid->now);
}

/* The first of two queues that are in order. */
static const VlFact *
next_fact (GList **a, GList **b)
{
  GList **from = a;
  const VlFact *fact;

  if (*a == NULL && *b == NULL)
    return NULL;
  if (*a == NULL || (*b != NULL && is_below ((*b)->data, (*a)->data)))
    from = b;
  fact = (*from)->data;
  *from = (*from)->next;

  return fact;
}

void
_vl_facts_lay_base (VlFacts *self, VlFactChain *chain, guint64 seq, VlLaid *laid)
{
  guint64 floor = seq >= self->floor ? self->floor : 0;
  gboolean is_before = chain->knows_before && chain->before_seq >= floor;
  gboolean is_known = is_before || is_created (chain, floor);
  guint64 oldest = seq >= self->floor ? chain->spent : 0;

  laid->is_known = is_known;
  if (is_before || !is_known)
    laid_set (laid, chain->before, FALSE);
  for (GList *l = chain->facts.head; l != NULL && !is_over (l->data, seq); l = l->next)
    {
      const VlFact *fact = l->data;

      if (fact->number < oldest || (is_known && fact->number <= floor) ||
          (is_before && fact->number <= chain->before_seq))
        continue;
      lay (laid, fact);
      laid->is_known |= fact->number > floor && tells_all (fact);
    }
}

gboolean
_vl_facts_lay (VlFacts *self, VlFactChain *chain, guint64 seq, const VlBaseRow *row, VlLaid *laid)
{
  GList *facts = chain->facts.head;
  GList *sweeps = self->sweeps.head;
  const VlFact *fact;
  gboolean any = FALSE;

  memset (laid, 0, sizeof *laid);
  if (row != NULL)
    {
      laid->is_known = TRUE;
      laid_set (laid, row->record, FALSE);
    }
  else
    {
      _vl_facts_lay_base (self, chain, seq, laid);
    }
  g_set_object (&laid->old, laid->now);
  while ((fact = next_fact (&facts, &sweeps)) != NULL)
    {
      if (!is_over (fact, seq) && !VL_MUTANT (OLD_FACT_LAID_OVER))
        continue;
      any |= fact->chain != NULL;
      lay (laid, fact);
    }

  if (!any)
    _vl_laid_clear (laid);
  return any;
}

/* Adding and settling */

static void
forget_oldest (VlFacts *self)
{
  VlFact *fact = g_queue_pop_head (&self->head.settled);
  VlFactChain *chain = fact->chain;

  self->forgotten = fact->number;
  if (chain != NULL && (!chain->knows_before || chain->before_seq < fact->number))
    {
      g_auto (VlLaid) laid = { 0 };

      _vl_facts_lay_base (self, chain, fact->number, &laid);
      chain->knows_before = laid.is_known;
      g_set_object (&chain->before, laid.now);
      chain->before_seq = fact->number;
      chain->before_at = 0;
    }
  g_queue_remove (get_queue (self, fact), fact);
  if (chain != NULL)
    _vl_facts_check_empty (self, chain);
  fact_free (fact);
}

void
_vl_facts_add_settled (VlFacts *self, VlFact *fact)
{
  fact->number = ++self->last;
  fact->order = ++self->n_orders;
  fact->write = NULL;
  g_queue_push_tail (&self->head.settled, fact);
  queue_insert (get_queue (self, fact), fact);
  self->version++;
  if (self->head.settled.length > SETTLED_MAX)
    forget_oldest (self);
}

void
_vl_facts_begin (VlFacts *self, gconstpointer write, const char *id, VlChange *change)
{
  VlFact *fact = g_new0 (VlFact, 1);
  VlRecord *record = vl_change_get_record (change);
  VlQuery *query = vl_change_get_query (change);

  fact->order = ++self->n_orders;
  fact->kind = vl_change_get_kind (change);
  fact->is_own = TRUE;
  fact->write = write;
  fact->record = record != NULL ? g_object_ref (record) : NULL;
  fact->query = query != NULL ? g_object_ref (query) : NULL;
  if (fact->kind != VL_CHANGE_KIND_DELETE_ALL)
    {
      fact->chain = _vl_facts_ensure_chain (self, id);
      fact->creates = fact->kind == VL_CHANGE_KIND_INSERT;
    }
  g_queue_push_tail (&self->head.pending, fact);
  g_hash_table_insert (self->writes, (gpointer) write, fact);
  queue_insert (get_queue (self, fact), fact);
  self->version++;
}

gboolean
_vl_facts_has (VlFacts *self, gconstpointer write)
{
  return g_hash_table_contains (self->writes, write);
}

/* Takes the fact of a write out of the pending ones. */
static VlFact *
steal_pending (VlFacts *self, gconstpointer write)
{
  VlFact *fact = g_hash_table_lookup (self->writes, write);

  if (fact == NULL)
    return NULL;

  g_hash_table_remove (self->writes, write);
  g_queue_remove (&self->head.pending, fact);
  g_queue_remove (get_queue (self, fact), fact);
  self->version++;

  return fact;
}

/* What a saved image of the record before this one would undo. */
static void
drop_later (VlFacts *self, VlFact *fact)
{
  VlFact *last = fact->chain != NULL ? g_queue_peek_tail (&fact->chain->facts) : NULL;

  if (last == NULL || !_vl_fact_is_pending (last) || last->order < fact->order)
    return;

  fact_free (steal_pending (self, last->write));
  drop_later (self, fact);
}

void
_vl_facts_drop (VlFacts *self, gconstpointer write)
{
  VlFact *fact = steal_pending (self, write);

  if (fact == NULL)
    return;
  if (VL_MUTANT (ROLLBACK_BY_PRE_IMAGE))
    drop_later (self, fact);

  if (fact->chain != NULL)
    _vl_facts_check_empty (self, fact->chain);
  fact_free (fact);
}

/* What was known by one id is known by another from now on. */
static void
chain_move (VlFacts *self, VlFactChain *from, VlFactChain *to)
{
  VlFact *fact;

  while ((fact = g_queue_pop_head (&from->facts)) != NULL)
    {
      fact->chain = to;
      queue_insert (&to->facts, fact);
    }
  _vl_facts_check_empty (self, from);
}

void
_vl_facts_rename (VlFacts *self, const char *provisional, const char *id)
{
  VlFactChain *from = g_hash_table_lookup (self->chains, provisional);

  if (g_str_equal (provisional, id))
    return;

  g_hash_table_insert (self->renames, g_strdup (provisional), g_strdup (id));
  if (from != NULL)
    chain_move (self, from, _vl_facts_ensure_chain (self, id));
  self->version++;
}

/* What the master made of it, and of which record. */
static void
fact_complete (VlFacts *self, VlFact *fact, const char *id, VlRecord *stored)
{
  if (fact->chain != NULL && id != NULL && !g_str_equal (fact->chain->id, id))
    {
      g_autofree char *provisional = g_strdup (fact->chain->id);
      VlFactChain *chain = _vl_facts_ensure_chain (self, id);

      fact->chain = chain;
      _vl_facts_rename (self, provisional, id);
    }
  if (stored != NULL && fact->kind != VL_CHANGE_KIND_DELETE &&
      fact->kind != VL_CHANGE_KIND_DELETE_ALL)
    {
      fact->kind = VL_CHANGE_KIND_REPLACE;
      g_set_object (&fact->record, stored);
    }
}

gboolean
_vl_facts_settle (VlFacts *self, gconstpointer write, const char *id, VlRecord *stored)
{
  VlFact *fact = steal_pending (self, write);
  gboolean is_clear;

  if (fact == NULL)
    return TRUE;

  is_clear = !fact->was_told_other;
  if (VL_MUTANT (FACT_DROPPED_AT_SETTLEMENT))
    {
      fact_free (fact);
      return is_clear;
    }
  fact_complete (self, fact, id, stored);
  _vl_facts_add_settled (self, fact);

  return is_clear;
}

void
_vl_facts_linger (VlFacts *self, gconstpointer write, const char *id, VlRecord *stored)
{
  VlFact *fact = steal_pending (self, write);

  if (fact == NULL)
    return;

  fact_complete (self, fact, id, stored);
  g_queue_push_tail (&self->head.pending, fact);
  g_hash_table_insert (self->writes, (gpointer) write, fact);
  queue_insert (get_queue (self, fact), fact);
}

void
_vl_facts_issue (VlFacts *self, const char *provisional)
{
  if (!g_hash_table_contains (self->renames, provisional))
    g_hash_table_insert (self->renames, g_strdup (provisional), NULL);
}

gboolean
_vl_facts_has_issued (VlFacts *self, const char *provisional)
{
  return g_hash_table_contains (self->renames, provisional);
}

gboolean
_vl_facts_is_unstored (VlFacts *self, const char *id)
{
  gpointer real;

  if (g_hash_table_lookup_extended (self->renames, id, NULL, &real))
    return real == NULL;

  /* Of an earlier run, which has not noted that it got another. A table may have ids
   * that only begin like that. */
  return g_str_has_prefix (id, VL_PROVISIONAL_PREFIX) &&
         g_uuid_string_is_valid (id + strlen (VL_PROVISIONAL_PREFIX));
}

/* Learning what the base has */

static void
learn_row (VlFacts *self, VlFactChain *chain, VlPage *page, guint position)
{
  g_autoptr (VlRecord) record = vl_page_get_record (page, position);

  if (chain_learn (self, chain, record, _vl_facts_get_page_seq (self, page),
                   vl_page_get_fetched_at (page)))
    self->version++;
}

static void
learn_of_chains (VlFacts *self, VlPage *page)
{
  GHashTableIter iter;
  gpointer chain;
  guint position;

  g_hash_table_iter_init (&iter, self->chains);
  while (g_hash_table_iter_next (&iter, NULL, &chain))
    {
      if (vl_page_find (page, ((VlFactChain *) chain)->id, &position))
        learn_row (self, chain, page, position);
    }
}

static void
learn_of_rows (VlFacts *self, VlPage *page)
{
  for (guint i = 0; i < vl_page_get_n_records (page); i++)
    {
      const char *id = vl_page_get_record_id (page, i);
      VlFactChain *chain = id != NULL ? g_hash_table_lookup (self->chains, id) : NULL;

      if (chain != NULL)
        learn_row (self, chain, page, i);
    }
}

void
_vl_facts_note (VlFacts *self, VlPage *page)
{
  if (vl_page_get_n_records (page) == 0)
    return;
  for (guint i = 0; i < RECENT_MAX; i++)
    {
      if (self->recent[i] == page)
        return;
    }

  g_set_object (&self->recent[self->next_recent], page);
  self->next_recent = (self->next_recent + 1) % RECENT_MAX;
  if (g_hash_table_size (self->chains) < vl_page_get_n_records (page))
    learn_of_chains (self, page);
  else
    learn_of_rows (self, page);
}

static void
forget_recent (VlFacts *self)
{
  for (guint i = 0; i < RECENT_MAX; i++)
    g_clear_object (&self->recent[i]);
}

void
_vl_facts_set_expects (VlFacts *self, gboolean expects)
{
  self->head.expects = expects;
  if (!expects)
    forget_recent (self);
}

void
_vl_facts_set_last (VlFacts *self, gboolean last)
{
  self->last_over_pages = last;
}

void
_vl_facts_give_up_base (VlFacts *self)
{
  guint64 before = self->floor;

  /* Facts from before the base that was given up the last time are laid over
   * nothing but what is older than that: stale pages, that are shown for a
   * moment. */
  while (self->head.settled.length > KEPT_FOR_STALE &&
         ((VlFact *) g_queue_peek_head (&self->head.settled))->number < before)
    forget_oldest (self);

  self->old_floor = before;
  self->floor = ++self->last;
  self->version++;
  forget_recent (self);
}

/* The numbers */

guint64
_vl_facts_get_seq (VlFacts *self)
{
  return self->last;
}

guint64
_vl_facts_get_run (VlFacts *self)
{
  return self->run;
}

guint64
_vl_facts_get_version (VlFacts *self)
{
  return self->version;
}

gboolean
_vl_facts_is_current (VlFacts *self, VlPage *page)
{
  return _vl_facts_get_page_seq (self, page) >= self->floor;
}

guint64
_vl_facts_get_page_seq (VlFacts *self, VlPage *page)
{
  return page->info.run == self->run ? page->info.seq : 0;
}

gboolean
_vl_facts_reach (VlFacts *self, VlPage *page)
{
  return self->forgotten == 0 || _vl_facts_get_page_seq (self, page) >= self->forgotten;
}

gboolean
_vl_facts_is_idle (VlFacts *self, guint64 seq)
{
  if (VL_MUTANT (OLD_FACT_LAID_OVER))
    return _vl_facts_is_empty (self);

  return self->last <= seq && g_queue_is_empty (&self->head.pending);
}

const char *
_vl_facts_resolve (VlFacts *self, const char *id)
{
  const char *real = id != NULL ? g_hash_table_lookup (self->renames, id) : NULL;

  return real != NULL ? real : id;
}

/* For the overlay */

guint
_vl_facts_get_n_chains (VlFacts *self)
{
  return g_hash_table_size (self->chains);
}

VlFactChain *
_vl_facts_get_chain (VlFacts *self, const char *id)
{
  return id != NULL ? g_hash_table_lookup (self->chains, id) : NULL;
}

void
_vl_facts_each_chain (VlFacts *self, VlFactChainFunc func, gpointer user_data)
{
  GHashTableIter iter;
  gpointer chain;

  g_hash_table_iter_init (&iter, self->chains);
  while (g_hash_table_iter_next (&iter, NULL, &chain))
    func (chain, user_data);
}

const char *
_vl_fact_chain_get_id (VlFactChain *chain)
{
  return chain->id;
}

gboolean
_vl_facts_sweeps (VlFacts *self, guint64 seq)
{
  for (GList *l = self->sweeps.head; l != NULL; l = l->next)
    {
      if (is_over (l->data, seq))
        return TRUE;
    }

  return FALSE;
}

gboolean
_vl_facts_sweep_everything (VlFacts *self, guint64 seq)
{
  for (GList *l = self->sweeps.head; l != NULL; l = l->next)
    {
      const VlFact *fact = l->data;

      if (is_over (fact, seq) && (fact->query == NULL || vl_query_get_key (fact->query)[0] == '\0'))
        return TRUE;
    }

  return FALSE;
}

gboolean
_vl_facts_is_swept (VlFacts *self, guint64 seq, VlRecord *row, gboolean *is_pending_out)
{
  for (GList *l = self->sweeps.head; l != NULL; l = l->next)
    {
      const VlFact *fact = l->data;

      if (!is_over (fact, seq) || (fact->query != NULL && !vl_query_matches (fact->query, row)))
        continue;
      *is_pending_out = _vl_fact_is_pending (fact);
      return TRUE;
    }

  return FALSE;
}

VlFacts *
_vl_facts_new (void)
{
  VlFacts *self = g_new0 (VlFacts, 1);

  /* 0 stands for a page that nobody has numbered. */
  self->run = _vl_random_uint64 () | 1;
  g_queue_init (&self->head.settled);
  g_queue_init (&self->head.pending);
  g_queue_init (&self->sweeps);
  self->writes = g_hash_table_new (NULL, NULL);
  self->chains = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, chain_free);
  self->renames = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  return self;
}

void
_vl_facts_free (VlFacts *self)
{
  forget_recent (self);
  g_queue_clear (&self->sweeps);
  g_clear_pointer (&self->chains, g_hash_table_unref);
  g_clear_pointer (&self->writes, g_hash_table_unref);
  g_clear_pointer (&self->renames, g_hash_table_unref);
  g_queue_clear_full (&self->head.settled, fact_free);
  g_queue_clear_full (&self->head.pending, fact_free);
  g_free (self);
}
