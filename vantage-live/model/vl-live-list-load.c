/* vl-live-list-load.c: what a list asks its table for
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>

#include "vl-live-list-private.h"

#include "../live/vl-live-table.h"
#include "../table/vl-page.h"
#include "../table/vl-query.h"
#include "../table/vl-schema.h"
#include "../table/vl-table.h"
#include "../vl-error.h"

/* Pages that are on their way at the same time. */
#define FETCHES_MAX 6

/* How often a torn page, or two that have the same id, are asked for again before
 * something changes. A table that has an id twice is not going to have it once. */
#define TORN_MAX 8

void
_vl_list_rest_free (gpointer data)
{
  VlListRest *rest = data;

  g_clear_error (&rest->error);
  g_clear_error (&rest->reason);
  g_free (rest);
}

static void
fetch_free (VlListFetch *fetch)
{
  g_clear_object (&fetch->cancellable);
  g_free (fetch);
}

void
_vl_list_news_free (VlListNews *news)
{
  if (news->fetch != NULL)
    fetch_free (news->fetch);
  g_clear_object (&news->page);
  g_clear_object (&news->event);
  g_clear_error (&news->error);
  g_free (news);
}

/* Fetches */

/* Runs at home. The list may be gone, or not care any more. */
static void
fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  VlListFetch *fetch = user_data;
  VlListNews *news = g_new0 (VlListNews, 1);

  news->fetch = fetch;
  if (fetch->refreshes)
    news->page = vl_live_table_refresh_finish (VL_LIVE_TABLE (source), result, &news->error);
  else
    news->page = vl_table_list_finish (VL_TABLE (source), result, &news->error);
  if (fetch->list != NULL)
    _vl_live_list_post (fetch->list, news);
  else
    _vl_list_news_free (news);
}

static VlQuery *
get_window (VlLiveList *self, VlQuery *query, VlListFetch *fetch)
{
  guint limit = vl_query_get_limit (query);

  fetch->first = fetch->page * self->page_size;
  fetch->n = self->page_size;
  if (limit > 0 && fetch->first < limit)
    fetch->n = MIN (fetch->n, limit - fetch->first);

  return vl_query_window (query, vl_query_get_offset (query) + fetch->first, fetch->n);
}

static VlListFetch *
fetch_new (VlLiveList *self, guint page)
{
  VlListFetch *fetch = g_new0 (VlListFetch, 1);

  fetch->list = self;
  fetch->page = page;
  fetch->edits = self->edits;
  fetch->changes = self->changes;

  return fetch;
}

static void
send (VlLiveList *self, VlListFetch *fetch, VlQuery *window)
{
  fetch->cancellable = g_cancellable_new ();
  if (fetch->refreshes)
    vl_live_table_refresh_async (self->live, window, fetch->cancellable, fetched, fetch);
  else
    vl_table_list_async (self->table, window, fetch->cancellable, fetched, fetch);
}

/* Its callback is still to come, and frees it. */
static void
abandon (VlListFetch *fetch)
{
  fetch->list = NULL;
  g_cancellable_cancel (fetch->cancellable);
}

void
_vl_live_list_forget_opening (VlLiveList *self)
{
  if (self->opening != NULL)
    abandon (g_steal_pointer (&self->opening));
}

static void
forget_counting (VlLiveList *self)
{
  if (self->counting != NULL)
    abandon (g_steal_pointer (&self->counting));
}

void
_vl_live_list_cancel_all (VlLiveList *self)
{
  g_autoptr (GPtrArray) fetches = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer fetch;

  g_hash_table_iter_init (&iter, self->fetches);
  while (g_hash_table_iter_next (&iter, NULL, &fetch))
    g_ptr_array_add (fetches, fetch);
  g_hash_table_remove_all (self->fetches);
  for (guint i = 0; i < fetches->len; i++)
    abandon (fetches->pdata[i]);
  _vl_live_list_forget_opening (self);
  forget_counting (self);
}

/* The copy that a live table has of a page, which may be stale. */
static VlPage *
peek (VlLiveList *self, VlListFetch *fetch, VlQuery *window)
{
  return self->live != NULL && !fetch->refreshes ? vl_live_table_peek_page (self->live, window)
                                                 : NULL;
}

/* What the rows of a page know of the last attempt to load it; those that have a
 * record are not said to be good before there is a newer one. */
static void
mark_rows (VlLiveList *self, guint page, const GError *error)
{
  guint n = _vl_live_list_get_page_length (self, page);
  g_autoptr (GPtrArray) rows = NULL;

  if (n == 0)
    return;

  rows = _vl_row_map_get_range (&self->map, page * self->page_size, n);
  for (guint i = 0; i < rows->len; i++)
    {
      VlRow *row = rows->pdata[i];

      if (error == NULL && (row->load_error == NULL || row->cell != NULL))
        continue;
      _vl_row_set_load_error (row, error);
      _vl_row_touch (row, self->touched);
    }
}

static gboolean
is_torn (VlLiveList *self, guint page)
{
  VlListRest *rest = g_hash_table_lookup (self->rests, GUINT_TO_POINTER (page));

  return rest != NULL && rest->is_torn;
}

/* Asks for a page, or fills it at once with what is at hand. */
static void
load (VlLiveList *self, VlListFetch *fetch)
{
  g_autoptr (VlQuery) window = get_window (self, self->shown, fetch);
  g_autoptr (VlPage) copy = peek (self, fetch, window);

  if (copy != NULL)
    {
      if (is_torn (self, fetch->page))
        g_hash_table_remove (self->rests, GUINT_TO_POINTER (fetch->page));
      _vl_live_list_take_page (self, fetch, copy);
      if (!vl_page_get_is_stale (copy) || self->is_disposed)
        {
          fetch_free (fetch);
          return;
        }
    }

  mark_rows (self, fetch->page, NULL);
  g_hash_table_insert (self->fetches, GUINT_TO_POINTER (fetch->page), fetch);
  send (self, fetch, window);
}

/* Rests */

static VlListRest *
rest (VlLiveList *self, guint page, guint delay)
{
  VlListRest *rest = g_new0 (VlListRest, 1);

  rest->until = _vl_clock_monotonic () + (gint64) delay * 1000;
  rest->delay = delay;
  g_hash_table_insert (self->rests, GUINT_TO_POINTER (page), rest);

  return rest;
}

/* Copies that were made at different times contradict each other as often as they
 * are asked for. Of a table that is not to ask its master there is nothing else. */
static gboolean
has_to_be_new (VlLiveList *self, guint page)
{
  return is_torn (self, page) && self->live != NULL &&
         vl_live_table_get_read_policy (self->live) != VL_READ_POLICY_CACHE_ONLY;
}

/* A copy that may be old is shown, and asked for again: soon, in case the table
 * is only busy, and then less and less often. */
static void
distrust (VlLiveList *self, guint page, guint last_delay)
{
  guint delay = last_delay > 0 ? MIN (2 * last_delay, VL_LIST_STALE_MAX) : VL_LIST_TORN_FLOOR;

  rest (self, page, delay)->is_demanded = TRUE;
}

static guint
get_delay (VlLiveList *self, guint page)
{
  VlListRest *rest = g_hash_table_lookup (self->rests, GUINT_TO_POINTER (page));

  return rest != NULL && rest->error == NULL ? rest->delay : 0;
}

/* A page that has failed waits until somebody wants it again. Also has the list
 * look again when the rest is over. */
static gboolean
is_resting (VlLiveList *self, guint page)
{
  VlListRest *rest = g_hash_table_lookup (self->rests, GUINT_TO_POINTER (page));

  if (rest == NULL)
    return FALSE;
  if (!rest->is_demanded)
    return TRUE;
  if (rest->until <= _vl_clock_monotonic ())
    return FALSE;

  _vl_live_list_schedule_at (self, rest->until);
  return TRUE;
}

/* Pages that there are not any more have not failed. */
static void
clear_error (VlLiveList *self)
{
  GHashTableIter iter;
  gpointer page, rest;

  g_hash_table_iter_init (&iter, self->rests);
  while (g_hash_table_iter_next (&iter, &page, &rest))
    {
      if (_vl_live_list_get_page_length (self, GPOINTER_TO_UINT (page)) == 0)
        g_hash_table_iter_remove (&iter);
      else if (((VlListRest *) rest)->error != NULL)
        return;
    }
  g_clear_error (&self->error);
}

/* Torn pages */

static void
set_error (VlLiveList *self, const GError *error)
{
  g_clear_error (&self->error);
  self->error = g_error_copy (error);
}

static guint
get_torn (VlLiveList *self, guint page)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->torn, GUINT_TO_POINTER (page)));
}

static void
set_torn (VlLiveList *self, guint page, guint n)
{
  g_hash_table_insert (self->torn, GUINT_TO_POINTER (page), GUINT_TO_POINTER (n));
}

/* Whatever the number of its rows that do not fit, that is one attempt. */
void
_vl_live_list_tear (VlLiveList *self, guint page, const char *id)
{
  guint n_torn = get_torn (self, page) + 1;
  VlListRest *torn;

  if (is_torn (self, page))
    return;
  if (n_torn > TORN_MAX && id != NULL)
    {
      _vl_live_list_give_up (self, page, id);
      return;
    }

  set_torn (self, page, n_torn);
  torn = rest (self, page, VL_LIST_TORN_FLOOR);
  torn->is_torn = TRUE;
  torn->is_demanded = n_torn <= TORN_MAX;
}

void
_vl_live_list_forget_torn (VlLiveList *self, guint page)
{
  if (!is_torn (self, page))
    g_hash_table_remove (self->torn, GUINT_TO_POINTER (page));
}

gboolean
_vl_live_list_is_worn_out (VlLiveList *self, guint page, guint other)
{
  return get_torn (self, page) + get_torn (self, other) >= TORN_MAX;
}

void
_vl_live_list_look_again (VlLiveList *self, gboolean now)
{
  GHashTableIter iter;
  gpointer page, value;

  g_hash_table_iter_init (&iter, self->rests);
  while (g_hash_table_iter_next (&iter, &page, &value))
    {
      VlListRest *torn = value;

      if (!torn->is_torn)
        continue;
      g_clear_error (&torn->error);
      g_clear_error (&torn->reason);
      torn->is_demanded = TRUE;
      if (now)
        torn->until = 0;
    }
}

/* Answers */

static void
fail_page (VlLiveList *self, guint page, const GError *error)
{
  set_error (self, error);
  rest (self, page, VL_LIST_RETRY_FLOOR)->error = g_error_copy (error);
  self->recounts = FALSE;
  mark_rows (self, page, error);
}

/* Whether somebody waits for a record of it. */
static gboolean
has_blank_rows (VlLiveList *self, guint page)
{
  g_autoptr (GPtrArray) rows = NULL;
  guint n = _vl_live_list_get_page_length (self, page);

  if (n == 0)
    return FALSE;

  rows = _vl_row_map_get_range (&self->map, page * self->page_size, n);
  for (guint i = 0; i < rows->len; i++)
    {
      if (((VlRow *) rows->pdata[i])->cell == NULL)
        return TRUE;
    }

  return FALSE;
}

/* For somebody who wants a record of the page before it is asked for again. */
static void
give_reason (VlLiveList *self, guint page, GError *error)
{
  VlListRest *rest = g_hash_table_lookup (self->rests, GUINT_TO_POINTER (page));

  rest->reason = error;
}

/* The other rows of the page are as good as before. */
static void
mark_blank_rows (VlLiveList *self, guint page, const GError *error)
{
  guint n = _vl_live_list_get_page_length (self, page);
  g_autoptr (GPtrArray) rows = NULL;

  if (n == 0)
    return;

  rows = _vl_row_map_get_range (&self->map, page * self->page_size, n);
  for (guint i = 0; i < rows->len; i++)
    {
      VlRow *row = rows->pdata[i];

      if (row->cell != NULL)
        continue;
      _vl_row_set_load_error (row, error);
      _vl_row_touch (row, self->touched);
    }
}

/* Who waits for a record does not have to wait for the end of the rest, which may
 * be long, to hear that there is none to be had. */
static void
tell_reason (VlLiveList *self, guint page)
{
  VlListRest *rest = g_hash_table_lookup (self->rests, GUINT_TO_POINTER (page));
  g_autoptr (GError) reason = NULL;

  if (rest == NULL || rest->reason == NULL || !has_blank_rows (self, page))
    return;

  reason = g_steal_pointer (&rest->reason);
  if (rest->is_torn)
    {
      set_error (self, reason);
      mark_blank_rows (self, page, reason);
      rest->error = g_steal_pointer (&reason);
      return;
    }
  fail_page (self, page, reason);
  rest = g_hash_table_lookup (self->rests, GUINT_TO_POINTER (page));
  rest->is_demanded = TRUE;
}

/* The next who looks at it has it asked for again, but nobody else. */
void
_vl_live_list_give_up (VlLiveList *self, guint page, const char *id)
{
  g_autoptr (VlSchema) schema = vl_table_get_schema (self->table);
  const char *name = schema != NULL ? vl_schema_get_table_name (schema)
                                    : G_OBJECT_TYPE_NAME (self->table);

  set_torn (self, page, TORN_MAX);
  rest (self, page, VL_LIST_RETRY_FLOOR)->is_torn = TRUE;
  give_reason (self, page,
               g_error_new (VL_ERROR, VL_ERROR_CORRUPT,
                            _ ("The table “%s” has the id “%s” more than once, and only one of "
                               "these records can be shown; give each an id of its own, or try "
                               "again if the table is being changed"),
                            name, id));
  tell_reason (self, page);
}

/* Those who wait are not the rows of this page. */
static void
fail_probe (VlLiveList *self, const GError *error)
{
  for (guint i = 0; i < self->n_recent; i++)
    {
      if (_vl_live_list_is_doubtful (self, self->recent[i]) &&
          _vl_live_list_has_rows (self, self->recent[i]))
        fail_page (self, self->recent[i], error);
    }
}

/* Nothing is wrong with the list when nobody looks at what is not there. */
static void
fail_fetch (VlLiveList *self, VlListFetch *fetch, const GError *error)
{
  if (fetch->probes)
    fail_probe (self, error);
  else if (fetch->is_forced || _vl_live_list_has_rows (self, fetch->page))
    fail_page (self, fetch->page, error);
  else
    self->ahead_failed = fetch->page;
}

/* The first page of a new query, or its error: now the old rows go. Somebody who
 * sees them go may want yet another query, which is opened after this one. */
static void
open (VlLiveList *self, VlListFetch *fetch, VlPage *page, const GError *error)
{
  g_autoptr (VlQuery) query = g_object_ref (self->query);

  _vl_live_list_reset (self);
  if (self->is_disposed)
    return;

  /* What is on its way is for the old rows, and so is what was changed. */
  _vl_live_list_cancel_all (self);
  fetch->edits = self->edits;
  self->is_opening = !vl_query_equal (query, self->query);
  self->flush_due |= self->is_opening;
  g_set_object (&self->shown, query);
  g_hash_table_remove_all (self->rests);
  g_clear_error (&self->error);
  self->lie = -1;
  self->count = -1;
  g_hash_table_remove_all (self->torn);
  self->is_whole = FALSE;
  self->total_kind = page != NULL ? VL_TOTAL_KIND_EXACT : VL_TOTAL_KIND_UNKNOWN;
  if (page != NULL)
    _vl_live_list_take_page (self, fetch, page);
  else
    set_error (self, error);
}

static void
count_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  VlListFetch *fetch = user_data;
  VlListNews *news = g_new0 (VlListNews, 1);

  news->fetch = fetch;
  news->count = vl_table_count_finish (VL_TABLE (source), result, &news->error);
  if (fetch->list != NULL)
    _vl_live_list_post (fetch->list, news);
  else
    _vl_list_news_free (news);
}

/* Only when the pages do not tell, and there is a first one. */
static void
count (VlLiveList *self)
{
  g_autoptr (VlSchema) schema = vl_table_get_schema (self->table);
  g_autoptr (VlQuery) all = NULL;

  if (self->is_disposed || self->shown == NULL || self->total_kind != VL_TOTAL_KIND_UNKNOWN ||
      (self->n_items == 0 && self->error != NULL) || self->counting != NULL ||
      (self->count >= 0 && self->count_changes == self->changes) || schema == NULL ||
      !vl_schema_can (schema, VL_CAPABILITY_COUNT))
    return;

  all = vl_query_window (self->shown, 0, 0);
  self->counting = fetch_new (self, 0);
  self->counting->cancellable = g_cancellable_new ();
  vl_table_count_async (self->table, all, self->counting->cancellable, count_answered,
                        self->counting);
}

static void
counted (VlLiveList *self, VlListNews *news)
{
  self->counting = NULL;
  if (news->error != NULL)
    return;

  if (news->fetch->changes == self->changes)
    _vl_live_list_take_count (self, news->count);
  /* It is asked again where something has changed meanwhile. */
  self->flush_due = TRUE;
}

void
_vl_live_list_answered (VlLiveList *self, VlListNews *news)
{
  VlListFetch *fetch = news->fetch;

  /* Cancelled while the answer waited here. */
  if (fetch->list == NULL)
    return;

  if (fetch == self->counting)
    {
      counted (self, news);
      return;
    }
  if (fetch == self->opening)
    {
      self->opening = NULL;
      open (self, fetch, news->page, news->error);
    }
  else
    {
      g_hash_table_remove (self->fetches, GUINT_TO_POINTER (fetch->page));
      if (news->error != NULL && fetch->mends && !has_blank_rows (self, fetch->page))
        {
          /* What is shown is not the worse for it. */
          distrust (self, fetch->page, get_delay (self, fetch->page));
          give_reason (self, fetch->page, g_steal_pointer (&news->error));
        }
      else if (news->error != NULL)
        {
          fail_fetch (self, fetch, news->error);
        }
      else
        {
          guint delay = get_delay (self, fetch->page);

          g_hash_table_remove (self->rests, GUINT_TO_POINTER (fetch->page));
          if (vl_page_get_is_stale (news->page))
            distrust (self, fetch->page, delay);
          _vl_live_list_take_page (self, fetch, news->page);
          clear_error (self);
        }
    }
  self->flush_due = TRUE;
}

/* Flush */

gboolean
_vl_live_list_open_at_hand (VlLiveList *self)
{
  VlListFetch fetch = { .changes = self->changes };
  g_autoptr (VlQuery) window = get_window (self, self->query, &fetch);
  g_autoptr (VlPage) copy = peek (self, &fetch, window);

  if (copy == NULL)
    return FALSE;

  open (self, &fetch, copy, NULL);
  if (vl_page_get_is_stale (copy))
    {
      _vl_list_spans_soil (&self->spans);
      self->recounts = TRUE;
    }

  return TRUE;
}

/* While somebody types, one query in so many milliseconds is asked for. */
static void
open_query (VlLiveList *self)
{
  gint64 now = _vl_clock_monotonic ();
  VlListFetch *fetch;
  g_autoptr (VlQuery) window = NULL;

  if (self->opening != NULL || _vl_live_list_open_at_hand (self))
    return;

  if (self->opened_at != 0 && now - self->opened_at < VL_LIST_QUERY_FLOOR * 1000)
    {
      _vl_live_list_schedule_at (self, self->opened_at + VL_LIST_QUERY_FLOOR * 1000);
      return;
    }

  fetch = fetch_new (self, 0);
  window = get_window (self, self->query, fetch);
  self->opened_at = now;
  fetch->opens = TRUE;
  self->opening = fetch;
  send (self, fetch, window);
}

static gboolean
is_needed (VlLiveList *self, VlListFetch *fetch)
{
  if (fetch->is_forced || fetch->page == self->ahead)
    return TRUE;

  return _vl_live_list_is_recent (self, fetch->page) && _vl_live_list_has_rows (self, fetch->page);
}

static void
cancel_idle (VlLiveList *self)
{
  GHashTableIter iter;
  gpointer fetch;

  g_hash_table_iter_init (&iter, self->fetches);
  while (g_hash_table_iter_next (&iter, NULL, &fetch))
    {
      if (is_needed (self, fetch))
        continue;
      g_hash_table_iter_remove (&iter);
      abandon (fetch);
    }
}

static gboolean
can_load (VlLiveList *self, guint page)
{
  return !self->is_disposed && g_hash_table_size (self->fetches) < FETCHES_MAX &&
         !g_hash_table_contains (self->fetches, GUINT_TO_POINTER (page)) &&
         !is_resting (self, page);
}

/* What has become old waits a while, so that a busy stream costs no more. */
static gboolean
may_refill (VlLiveList *self)
{
  gint64 due = self->refilled_at + VL_LIST_REFILL_FLOOR * 1000;

  if (self->refilled_at == 0 || _vl_clock_monotonic () >= due)
    return TRUE;

  _vl_live_list_schedule_at (self, due);
  return FALSE;
}

/* Something is asked for in place of pages that may not be there, once for all of
 * them. */
static void
load_doubtful (VlLiveList *self, guint wanted)
{
  guint page = _vl_live_list_find_probe (self);
  VlListFetch *fetch;

  g_hash_table_remove (self->rests, GUINT_TO_POINTER (wanted));
  mark_rows (self, wanted, NULL);
  if (g_hash_table_size (self->fetches) >= FETCHES_MAX ||
      g_hash_table_contains (self->fetches, GUINT_TO_POINTER (page)))
    return;

  fetch = fetch_new (self, page);
  fetch->probes = TRUE;
  fetch->is_forced = TRUE;
  load (self, fetch);
}

static void
load_ahead (VlLiveList *self)
{
  guint page = _vl_live_list_find_ahead (self);

  self->ahead = page;
  if (page == G_MAXUINT || page == self->ahead_failed || _vl_live_list_is_doubtful (self, page) ||
      !can_load (self, page))
    return;

  self->ahead_failed = G_MAXUINT;
  load (self, fetch_new (self, page));
}

static void
load_wanted (VlLiveList *self)
{
  gboolean refills = may_refill (self);
  guint pages[VL_LIST_RECENT_MAX];
  guint n_pages = self->n_recent;

  memcpy (pages, self->recent, n_pages * sizeof (guint));
  for (guint i = 0; i < n_pages; i++)
    {
      VlListWant want = _vl_live_list_get_want (self, pages[i]);
      VlListFetch *fetch;

      if (want == VL_LIST_WANT_RECORDS)
        tell_reason (self, pages[i]);
      if (want == VL_LIST_WANT_NOTHING || (want == VL_LIST_WANT_NEWER && !refills) ||
          !can_load (self, pages[i]))
        continue;
      if (_vl_live_list_is_doubtful (self, pages[i]))
        {
          load_doubtful (self, pages[i]);
          continue;
        }
      fetch = fetch_new (self, pages[i]);
      fetch->mends = fetch->refreshes = has_to_be_new (self, pages[i]);
      if (want == VL_LIST_WANT_NEWER)
        {
          self->refilled_at = _vl_clock_monotonic ();
          fetch->refreshes |= self->is_refreshing && self->live != NULL;
        }
      load (self, fetch);
    }
  load_ahead (self);
}

/* The table is asked how many records there are, by a page, unless one is on its
 * way anyway. */
static void
recount (VlLiveList *self)
{
  guint page = self->n_recent > 0 ? self->recent[0] : 0;
  VlListRest *rest;
  VlListFetch *fetch;

  if (!self->recounts || self->is_disposed || g_hash_table_size (self->fetches) > 0)
    return;

  if (_vl_live_list_get_page_length (self, page) == 0)
    page = 0;
  rest = g_hash_table_lookup (self->rests, GUINT_TO_POINTER (page));
  if (rest != NULL)
    rest->is_demanded = TRUE;
  if (is_resting (self, page) || !may_refill (self))
    return;

  self->refilled_at = _vl_clock_monotonic ();
  fetch = fetch_new (self, page);
  fetch->is_forced = TRUE;
  fetch->refreshes = self->is_refreshing && self->live != NULL;
  load (self, fetch);
}

/* A while after the last event that was taken at its word: the table is asked whether
 * it counts as we do, and what was told is looked at again where somebody looks. */
static void
check (VlLiveList *self)
{
  if (self->check_at == 0)
    return;
  if (_vl_clock_monotonic () < self->check_at)
    {
      _vl_live_list_schedule_at (self, self->check_at);
      return;
    }

  self->check_at = 0;
  self->recounts = TRUE;
  _vl_list_spans_doubt_told (&self->spans);
  recount (self);
}

/* In a turn. */
void
_vl_live_list_flush (VlLiveList *self)
{
  self->is_demanded = FALSE;
  if (self->is_opening)
    open_query (self);
  if (self->is_opening)
    return;

  _vl_live_list_forget_pages (self);
  cancel_idle (self);
  check (self);
  load_wanted (self);
  recount (self);
  count (self);
  if (g_hash_table_size (self->fetches) == 0)
    self->is_refreshing = FALSE;
}
