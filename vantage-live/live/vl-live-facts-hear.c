/* vl-live-facts-hear.c: facts that streams tell
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "../stream/vl-live-event.h"
#include "../table/vl-record.h"
#include "vl-live-fact-private.h"

/* What the master has, as far as we were told; FALSE when we were not. */
static gboolean
get_told (VlFacts *self, VlFactChain *chain, VlRecord **record)
{
  g_auto (VlLaid) laid = { 0 };

  _vl_facts_lay_base (self, chain, self->last, &laid);
  *record = laid.now != NULL ? g_object_ref (laid.now) : NULL;

  return laid.is_known;
}

gboolean
_vl_facts_knows (VlFacts *self, const char *id)
{
  VlFactChain *chain = _vl_facts_ensure_chain (self, id);
  g_autoptr (VlRecord) record = NULL;
  gboolean is_known = get_told (self, chain, &record);

  _vl_facts_check_empty (self, chain);

  return is_known;
}

static gboolean
same_record (VlRecord *a, VlRecord *b)
{
  return a == b || (a != NULL && b != NULL && vl_record_equal (a, b));
}

/* A write of ours to that record may come before or after what was told. */
static void
note_told (VlFactChain *chain)
{
  for (GList *l = chain->facts.head; l != NULL; l = l->next)
    {
      VlFact *fact = l->data;

      if (_vl_fact_is_pending (fact))
        fact->was_told_other = TRUE;
    }
}

/* Whether the last fact says just that: it lies over all pages that are older.
 * A page that says so says nothing about older ones. */
static gboolean
is_a_fact_already (VlFactChain *chain, VlRecord *record)
{
  const VlFact *last = NULL;

  for (GList *l = chain->facts.head; l != NULL && !_vl_fact_is_pending (l->data); l = l->next)
    last = l->data;
  if (last == NULL || last->number < chain->spent)
    return FALSE;

  return record != NULL ? last->kind == VL_CHANGE_KIND_REPLACE && same_record (last->record, record)
                        : last->kind == VL_CHANGE_KIND_DELETE;
}

static gboolean
has_own (VlFactChain *chain)
{
  for (GList *l = chain->facts.head; l != NULL && !_vl_fact_is_pending (l->data); l = l->next)
    {
      const VlFact *fact = l->data;

      if (fact->is_own)
        return TRUE;
    }

  return FALSE;
}

/* Whether a page said so before the stream did: it was fetched since, and older
 * pages do not have what it has. Where rows of these were nobody knows. */
static gboolean
is_behind_pages (VlFactChain *chain, VlRecord *told, VlRecord *record, gboolean is_new)
{
  if (record == NULL)
    return told == NULL;

  return (is_new && told != NULL) || (chain->knows_before && same_record (chain->before, record));
}

/* The record is `record` (NULL: gone) from now on. */
static gboolean
hear_record (VlFacts *self, const char *id, VlRecord *record, gboolean is_new)
{
  VlFactChain *chain = _vl_facts_ensure_chain (self, id);
  g_autoptr (VlRecord) told = NULL;
  gboolean is_known = get_told (self, chain, &told);
  VlFact *fact;

  /* An echo, or told twice. */
  if (is_known && same_record (told, record) && is_a_fact_already (chain, record))
    return TRUE;

  is_known |= is_new;
  if (!is_known || (!same_record (told, record) && has_own (chain)) ||
      is_behind_pages (chain, told, record, is_new))
    {
      /* Our own write, or what came before it? And rows of which nobody knows
       * where they were cannot be taken away. */
      note_told (chain);
      _vl_facts_check_empty (self, chain);
      return FALSE;
    }

  note_told (chain);
  fact = g_new0 (VlFact, 1);
  fact->kind = record != NULL ? VL_CHANGE_KIND_REPLACE : VL_CHANGE_KIND_DELETE;
  fact->creates = is_new;
  fact->chain = chain;
  fact->record = record != NULL ? g_object_ref (record) : NULL;
  _vl_facts_add_settled (self, fact);

  return TRUE;
}

gboolean
_vl_facts_was_told_other (VlFacts *self, const char *id, guint64 seq, VlRecord *stored)
{
  VlFactChain *chain = _vl_facts_get_chain (self, id);

  for (GList *l = chain != NULL ? chain->facts.head : NULL;
       l != NULL && !_vl_fact_is_pending (l->data); l = l->next)
    {
      const VlFact *fact = l->data;

      if (fact->number > seq && !same_record (fact->record, stored))
        return TRUE;
    }

  return FALSE;
}

gboolean
_vl_facts_hear (VlFacts *self, VlLiveEvent *event)
{
  const char *const *ids = vl_live_event_get_ids (event);
  VlRecord *record = vl_live_event_get_record (event);
  gboolean is_clear = TRUE;

  if (ids == NULL || ids[0] == NULL || vl_live_event_get_renamed_from (event) != NULL)
    return FALSE;

  switch (vl_live_event_get_kind (event))
    {
    case VL_LIVE_EVENT_KIND_INSERTED:
    case VL_LIVE_EVENT_KIND_UPDATED:
      if (ids[1] != NULL || record == NULL || g_strcmp0 (vl_record_get_id (record), ids[0]) != 0)
        return FALSE;
      return hear_record (self, ids[0], record,
                          vl_live_event_get_kind (event) == VL_LIVE_EVENT_KIND_INSERTED);
    case VL_LIVE_EVENT_KIND_DELETED:
      for (guint i = 0; ids[i] != NULL; i++)
        is_clear &= hear_record (self, ids[i], NULL, FALSE);
      return is_clear;
    case VL_LIVE_EVENT_KIND_CHANGED:
    default:
      return FALSE;
    }
}
