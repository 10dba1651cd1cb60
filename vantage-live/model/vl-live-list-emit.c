/* vl-live-list-emit.c: the turns of a list, and all that it emits
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Nothing is emitted where a caller asks for an item. In a turn, changes are
 * gathered into one run as long as they touch; the state is always that after
 * the run that is not emitted yet, and a change elsewhere has it emitted first,
 * so that whoever listens never sees more than has been told.
 */

#include "vl-config.h"

#include "vl-live-list-private.h"

#include "../base/vl-mutant-private.h"

static void turn (VlLiveList *self);

static void
posted_turn (gpointer user_data, gboolean orphaned)
{
  g_autoptr (VlLiveList) self = user_data;

  self->is_posted = FALSE;
  if (!orphaned)
    turn (self);
}

void
_vl_live_list_wake (VlLiveList *self)
{
  if (self->is_posted || self->is_disposed)
    return;

  self->is_posted = TRUE;
  _vl_handoff_post (self->home, posted_turn, g_object_ref (self));
}

void
_vl_live_list_post (VlLiveList *self, VlListNews *news)
{
  if (self->is_disposed)
    {
      _vl_list_news_free (news);
      return;
    }

  g_queue_push_tail (&self->inbox, news);
  _vl_live_list_wake (self);
}

void
_vl_live_list_clear_inbox (VlLiveList *self)
{
  VlListNews *news;

  while ((news = g_queue_pop_head (&self->inbox)) != NULL)
    _vl_list_news_free (news);
}

static void
time_has_come (gpointer user_data)
{
  VlLiveList *self = user_data;

  _vl_timer_clear (&self->timer);
  self->flush_due = TRUE;
  turn (self);
}

void
_vl_live_list_schedule_at (VlLiveList *self, gint64 due)
{
  gint64 now = _vl_clock_monotonic ();
  guint delay = (guint) ((MAX (due - now, 0) + 999) / 1000);

  if (self->is_disposed || (self->timer != NULL && self->timer_due <= due))
    return;

  _vl_timer_clear (&self->timer);
  self->timer_due = due;
  self->timer = _vl_timer_start (_vl_handoff_get_context (self->home), delay, time_has_come, self);
}

void
_vl_live_list_schedule (VlLiveList *self, guint delay)
{
  if (delay == 0)
    {
      self->flush_due = TRUE;
      _vl_live_list_wake (self);
      return;
    }

  _vl_live_list_schedule_at (self, _vl_clock_monotonic () + (gint64) delay * 1000);
}

/* The only place that emits items-changed. */
void
_vl_live_list_emit (VlLiveList *self)
{
  guint removed = self->run_removed;
  guint added = self->run_added;

  g_assert (self->in_turn);
  if (!self->has_run)
    return;

  self->has_run = FALSE;
  if (VL_MUTANT (ALL_ITEMS_CHANGED))
    {
      self->run_first = 0;
      removed = self->n_items + removed - added;
      added = self->n_items;
    }
  g_list_model_items_changed (G_LIST_MODEL (self), self->run_first, removed, added);
  if (removed != added)
    _vl_live_list_notify_n_items (self);
}

static gboolean
touches_run (VlLiveList *self, guint first, guint n)
{
  return (guint64) first <= (guint64) self->run_first + self->run_added &&
         (guint64) first + n >= self->run_first;
}

gboolean
_vl_live_list_settle (VlLiveList *self, guint first, guint n)
{
  if (!self->has_run || touches_run (self, first, n))
    return FALSE;

  _vl_live_list_emit (self);
  return TRUE;
}

void
_vl_live_list_stage (VlLiveList *self, guint first, guint removed, guint added)
{
  guint run_end, end;

  g_assert (self->in_turn);
  _vl_live_list_settle (self, first, removed);
  if (!self->has_run)
    {
      self->has_run = TRUE;
      self->run_first = first;
      self->run_removed = removed;
      self->run_added = added;
      return;
    }

  /* What lies on one side of the old run only was not in it before: it counts
   * as removed and added. */
  run_end = self->run_first + self->run_added;
  end = first + removed;
  if (first < self->run_first)
    {
      self->run_removed += self->run_first - first;
      self->run_added += self->run_first - first;
      self->run_first = first;
    }
  if (end > run_end)
    {
      self->run_removed += end - run_end;
      self->run_added += end - run_end;
    }
  self->run_added = self->run_added - removed + added;
}

static void
act (VlLiveList *self, VlListNews *news)
{
  if (news->event != NULL)
    _vl_live_list_heard (self, news->event);
  else
    _vl_live_list_answered (self, news);
  _vl_list_news_free (news);
}

/* Handlers may do anything: what they want of the list waits, and it may be
 * gone when they return. A main loop that one of them runs goes on without the
 * list. */
static void
turn (VlLiveList *self)
{
  g_autoptr (VlLiveList) list = NULL;
  VlListNews *news;

  if (self->in_turn || self->is_disposed)
    return;

  list = g_object_ref (self);
  list->in_turn = TRUE;
  while (!list->is_disposed && (list->flush_due || list->touched->len > 0 || list->has_run ||
                                !g_queue_is_empty (&list->inbox)))
    {
      while (!list->is_disposed && (news = g_queue_pop_head (&list->inbox)) != NULL)
        act (list, news);
      if (list->flush_due && !list->is_disposed)
        {
          list->flush_due = FALSE;
          _vl_live_list_flush (list);
        }
      _vl_live_list_emit (list);
      _vl_row_sync_all (list->touched);
    }
  if (!list->is_disposed)
    _vl_live_list_notify_state (list);
  list->in_turn = FALSE;
  /* What came while a handler turned the main loop. */
  if (list->flush_due || list->touched->len > 0 || !g_queue_is_empty (&list->inbox))
    _vl_live_list_wake (list);
}
