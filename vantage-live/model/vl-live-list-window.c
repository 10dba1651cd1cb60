/* vl-live-list-window.c: which pages of a list are looked at
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Nobody tells a list what is on the screen. It is what somebody holds a row
 * of, and has asked for lately: a program in a language with a collector holds
 * all that it ever scrolled past.
 */

#include "vl-config.h"

#include "vl-live-list-private.h"

#include "../base/vl-log-private.h"

/* More rows than this between two frames are no scrolling. */
#define SWEEP 5000

static void
leave (VlLiveList *self, guint page)
{
  g_array_append_val (self->left, page);
}

void
_vl_live_list_count_sweep (VlLiveList *self)
{
  if (self->warned || ++self->n_swept < SWEEP)
    return;

  self->warned = TRUE;
  _vl_log_warning ("All of a live list is being read. Sort, filter and search with its query: a "
                   "model that does so on top of it loads the whole table");
}

static void
find_direction (VlLiveList *self, guint page)
{
  if (self->n_recent > 0)
    self->direction = page > self->recent[0] ? 1 : -1;
}

static void
move_to_front (VlLiveList *self, guint page)
{
  guint i;

  for (i = 0; i < self->n_recent; i++)
    {
      if (self->recent[i] == page)
        break;
    }
  if (i == self->n_recent && self->n_recent == self->n_recent_max)
    leave (self, self->recent[--i]);
  else if (i == self->n_recent)
    self->n_recent++;
  memmove (self->recent + 1, self->recent, i * sizeof (guint));
  self->recent[0] = page;
}

void
_vl_live_list_demand (VlLiveList *self, guint position)
{
  guint page = position / self->page_size;
  VlListRest *rest = g_hash_table_lookup (self->rests, GUINT_TO_POINTER (page));

  if (rest != NULL)
    rest->is_demanded = TRUE;
  if (self->n_recent == 0 || self->recent[0] != page)
    {
      find_direction (self, page);
      move_to_front (self, page);
    }
  if (self->is_demanded)
    return;

  self->is_demanded = TRUE;
  _vl_live_list_schedule (self, VL_LIST_FRAME);
}

gboolean
_vl_live_list_is_recent (VlLiveList *self, guint page)
{
  for (guint i = 0; i < self->n_recent; i++)
    {
      if (self->recent[i] == page)
        return TRUE;
    }

  return FALSE;
}

guint
_vl_live_list_get_page_length (VlLiveList *self, guint page)
{
  guint64 first = (guint64) page * self->page_size;

  return first < self->n_items ? (guint) MIN (self->page_size, self->n_items - first) : 0;
}

gboolean
_vl_live_list_has_rows (VlLiveList *self, guint page)
{
  guint n = _vl_live_list_get_page_length (self, page);

  return n > 0 && _vl_row_map_has_range (&self->map, page * self->page_size, n);
}

/* The record is at hand and good: nothing but the mark is missing. */
static void
bring_forward (VlLiveList *self, VlRow *row)
{
  if (!row->is_behind)
    return;

  row->is_behind = FALSE;
  _vl_row_touch (row, self->touched);
}

VlListWant
_vl_live_list_get_want (VlLiveList *self, guint page)
{
  guint n = _vl_live_list_get_page_length (self, page);
  g_autoptr (GPtrArray) rows = NULL;
  VlListWant want = VL_LIST_WANT_NOTHING;

  if (n == 0)
    return want;

  rows = _vl_row_map_get_range (&self->map, page * self->page_size, n);
  for (guint i = 0; i < rows->len; i++)
    {
      VlRow *row = rows->pdata[i];
      const VlListSpan *span = _vl_list_spans_find (&self->spans, row->position);

      if (span == NULL || row->cell == NULL)
        return VL_LIST_WANT_RECORDS;
      if (span->is_dirty || span->is_doubted)
        want = VL_LIST_WANT_NEWER;
      else
        bring_forward (self, row);
    }

  return want;
}

guint
_vl_live_list_find_ahead (VlLiveList *self)
{
  guint page;
  guint n;

  if (self->direction == 0 || self->n_recent == 0 || (self->direction < 0 && self->recent[0] == 0))
    return G_MAXUINT;

  page = self->direction > 0 ? self->recent[0] + 1 : self->recent[0] - 1;
  n = _vl_live_list_get_page_length (self, page);
  if (n == 0 || _vl_list_spans_cover (&self->spans, page * self->page_size, n))
    return G_MAXUINT;

  return page;
}

static void
mark_left (VlLiveList *self, guint page)
{
  guint n = _vl_live_list_get_page_length (self, page);
  g_autoptr (GPtrArray) rows = NULL;

  if (n == 0 || _vl_live_list_is_recent (self, page))
    return;

  rows = _vl_row_map_get_range (&self->map, page * self->page_size, n);
  for (guint i = 0; i < rows->len; i++)
    {
      VlRow *row = rows->pdata[i];

      row->is_behind = TRUE;
      _vl_row_touch (row, self->touched);
    }
  g_hash_table_remove (self->rests, GUINT_TO_POINTER (page));
}

static gboolean
is_kept (VlLiveList *self, guint page)
{
  return _vl_live_list_is_recent (self, page) || page == self->ahead ||
         (self->n_recent > 0 && (page == self->recent[0] + 1 || page + 1 == self->recent[0]));
}

/* A list that nobody has looked into yet keeps its first page. */
static void
drop_spans (VlLiveList *self)
{
  guint position = 0;

  if (self->is_whole || self->n_recent == 0)
    return;

  while (position < self->n_items)
    {
      guint64 next;
      guint page = position / self->page_size;

      if (!is_kept (self, page))
        _vl_list_spans_cut (&self->spans, page * self->page_size, self->page_size);
      next = _vl_list_spans_find_next (&self->spans, (page + 1) * (guint64) self->page_size);
      position = (guint) MIN (next, self->n_items);
    }
}

void
_vl_live_list_forget_pages (VlLiveList *self)
{
  self->n_swept = 0;
  for (guint i = 0; i < self->left->len; i++)
    mark_left (self, g_array_index (self->left, guint, i));
  g_array_set_size (self->left, 0);
  drop_spans (self);
}
