/* vl-live-list-fill.c: what a page brings, put in its place
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Rows are filled in place. Only where a position turns out to have another
 * record than its row, items-changed goes out, and then a row follows its
 * record.
 */

#include "vl-config.h"

#include "vl-live-list-private.h"

#include "../base/vl-mutant-private.h"
#include "../table/vl-page.h"
#include "../table/vl-query.h"
#include "../table/vl-record.h"

/* Pages that contradict others, one after the other, before nothing more comes of
 * it. */
#define CONTRADICTIONS_MAX 16

/* A part of a page, and the positions that it is for. */
typedef struct
{
  VlPage *page;
  guint first;
  guint n;
  guint row;           /* of the page */
  const char **ids;    /* in the page; NULL = none, or there again: further on, or elsewhere */
  gboolean has_strays; /* rows of its records were elsewhere */
  gboolean gives_up;   /* and stay there */
} Fill;

guint64
_vl_live_list_get_base (VlLiveList *self)
{
  return self->shown != NULL ? vl_query_get_offset (self->shown) : 0;
}

/* A page does not go with the others, and nobody has told of a change: others may
 * be as old. They are looked at again, but not for ever: copies that were made at
 * different times contradict each other each time. */
static void
contradict (VlLiveList *self)
{
  gint64 now = _vl_clock_monotonic ();

  if (now - self->contradicted_at >= VL_LIST_STALE_MAX * G_GINT64_CONSTANT (1000))
    self->n_contradictions = 0;
  self->contradicted_at = now;
  if (++self->n_contradictions <= CONTRADICTIONS_MAX)
    _vl_list_spans_soil (&self->spans);
}

/* How many items so many records make. */
static guint
clamp_total (VlLiveList *self, guint64 total)
{
  guint limit = vl_query_get_limit (self->shown);

  if (limit > 0)
    total = MIN (total, limit);

  return (guint) MIN (total, VL_LIST_ITEMS_MAX);
}

/* The total */

/* All records up to `end` are there, and there is none at `end`. */
static void
end_at (VlLiveList *self, guint end, gint64 total)
{
  self->is_hunting = FALSE;
  if (total > (gint64) end)
    {
      self->total_kind = VL_TOTAL_KIND_CAPPED;
      self->lie = total;
    }
  else
    {
      self->total_kind = VL_TOTAL_KIND_EXACT;
    }
  _vl_live_list_resize (self, end);
}

/* More than this is not known: room for another page, which will tell. A page
 * before an end that has been seen since something changed tells nothing. */
static void
go_on_after (VlLiveList *self, guint end)
{
  if (end < self->n_items && self->total_kind == VL_TOTAL_KIND_EXACT &&
      self->exact_changes == self->changes)
    return;

  self->total_kind = VL_TOTAL_KIND_UNKNOWN;
  if (end >= self->n_items)
    _vl_live_list_resize (self, clamp_total (self, (guint64) end + self->page_size));
}

static gint64
get_total (VlLiveList *self, VlPage *page)
{
  guint64 base = _vl_live_list_get_base (self);
  gint64 total = vl_page_get_total (page);

  if (total < 0 && self->count >= 0 && self->count_changes == self->changes)
    total = self->count;
  if (total < 0)
    return -1;

  return (guint64) total > base ? clamp_total (self, (guint64) total - base) : 0;
}

/* There is none at `first`. */
static void
end_before (VlLiveList *self, guint first, gint64 total)
{
  gboolean was_hunting = self->is_hunting;

  if (total >= 0 && total <= first)
    {
      end_at (self, MIN ((guint) total, self->n_items), total);
      return;
    }

  end_at (self, MIN (first, self->n_items), total);
  self->is_hunting = was_hunting;
  _vl_live_list_hunt_empty (self, first / self->page_size);
}

/* `n` records from `first` on came in answer to a request for `asked`. */
static void
take_total (VlLiveList *self, VlPage *page, guint first, guint n, guint asked)
{
  guint limit = vl_query_get_limit (self->shown);
  gint64 total = get_total (self, page);
  guint end = first + n;

  if (limit > 0 && end >= limit)
    end_at (self, limit, -1);
  else if (n == 0 && first > 0)
    end_before (self, first, total);
  else if (n < asked)
    end_at (self, end, total);
  else if ((total < 0 || total == self->lie) &&
           _vl_live_list_hunt_full (self, first / self->page_size))
    return;
  else if (total < 0 || (guint64) total < end)
    go_on_after (self, end);
  else if (self->total_kind == VL_TOTAL_KIND_CAPPED && total == self->lie && end <= self->n_items)
    return;
  else
    {
      self->is_hunting = FALSE;
      self->total_kind = VL_TOTAL_KIND_EXACT;
      _vl_live_list_resize (self, (guint) total);
    }
}

void
_vl_live_list_take_count (VlLiveList *self, gint64 count)
{
  guint64 base = _vl_live_list_get_base (self);
  guint total;

  self->count = count;
  self->count_changes = self->changes;
  self->recounts = FALSE;
  if (self->total_kind != VL_TOTAL_KIND_UNKNOWN)
    return;

  total = (guint64) count > base ? clamp_total (self, (guint64) count - base) : 0;
  if (_vl_list_spans_find_next (&self->spans, total) != G_MAXUINT64)
    return;

  self->is_hunting = FALSE;
  self->total_kind = VL_TOTAL_KIND_EXACT;
  self->exact_changes = self->changes;
  _vl_live_list_resize (self, total);
}

/* The rows */

/* NULL for a record without an id, and for one whose id is there again. */
static const char *
get_id (Fill *fill, guint i)
{
  return fill->ids[i];
}

static gboolean
is_torn (Fill *fill, guint i)
{
  return get_id (fill, i) == NULL && vl_page_get_record_id (fill->page, fill->row + i) != NULL;
}

/* The last of several records with one id has it. */
static void
fill_init (Fill *fill)
{
  g_autoptr (GHashTable) last = g_hash_table_new (g_str_hash, g_str_equal);
  gboolean is_twice = FALSE;

  fill->ids = g_new (const char *, fill->n);
  for (guint i = 0; i < fill->n; i++)
    {
      fill->ids[i] = vl_page_get_record_id (fill->page, fill->row + i);
      if (fill->ids[i] != NULL &&
          !g_hash_table_insert (last, (gpointer) fill->ids[i], GUINT_TO_POINTER (i)))
        is_twice = TRUE;
    }
  for (guint i = 0; is_twice && i < fill->n; i++)
    {
      if (fill->ids[i] != NULL && GPOINTER_TO_UINT (g_hash_table_lookup (last, fill->ids[i])) != i)
        fill->ids[i] = NULL;
    }
}

/* Whether the row at the position, if any, is the one for the record there. */
static gboolean
fits (VlLiveList *self, Fill *fill, guint i)
{
  VlRow *row = _vl_row_map_get (&self->map, fill->first + i);
  const char *id = get_id (fill, i);
  VlRow *owner = id != NULL ? _vl_live_list_find_row (self, id) : NULL;

  if (owner != NULL)
    return owner == row;
  if (row == NULL || row->cell == NULL)
    return TRUE;

  return id == NULL && row->cell->id == NULL;
}

/* A row whose record is in the page, but that is elsewhere. When two pages have
 * had their rows taken by each other often enough, it stays there: who has to do
 * without is not told by moving rows, which a view would ask for anew. */
static VlRow *
find_stray (VlLiveList *self, Fill *fill)
{
  for (guint i = 0; i < fill->n; i++)
    {
      const char *id = get_id (fill, i);
      VlRow *owner = id != NULL ? _vl_live_list_find_row (self, id) : NULL;

      if (owner == NULL || !owner->is_placed ||
          (owner->position >= fill->first && owner->position - fill->first < fill->n))
        continue;
      fill->has_strays = TRUE;
      if (!_vl_live_list_is_worn_out (self, fill->first / self->page_size,
                                      owner->position / self->page_size))
        return owner;
      fill->ids[i] = NULL;
      fill->gives_up = TRUE;
    }

  return NULL;
}

/* Puts each row of the range where its record is now. */
static void
arrange (VlLiveList *self, Fill *fill, guint from, guint to)
{
  g_autoptr (GPtrArray) rows = NULL;

  _vl_live_list_stage (self, fill->first + from, to - from, to - from);
  rows = _vl_row_map_get_range (&self->map, fill->first + from, to - from);
  for (guint i = 0; i < rows->len; i++)
    _vl_live_list_displace (self, rows->pdata[i]);

  for (guint i = from; i < to; i++)
    {
      const char *id = get_id (fill, i);
      VlRow *owner = id != NULL ? _vl_live_list_find_row (self, id) : NULL;

      if (owner != NULL)
        _vl_live_list_adopt (self, owner, fill->first + i);
    }
  /* Placeholders wait where they are. */
  for (guint i = 0; i < rows->len; i++)
    {
      VlRow *row = rows->pdata[i];

      if (!row->is_placed && row->cell == NULL &&
          _vl_row_map_get (&self->map, row->position) == NULL)
        _vl_live_list_adopt (self, row, row->position);
    }
}

/* The rows that are not where their records are, as one range. */
static gboolean
find_changed (VlLiveList *self, Fill *fill, guint *from, guint *to)
{
  *from = fill->n;
  *to = 0;
  for (guint i = 0; i < fill->n; i++)
    {
      if (fits (self, fill, i))
        continue;
      *from = MIN (*from, i);
      *to = i + 1;
    }

  return *from < *to;
}

/* Whenever something is emitted on the way handlers may have asked for rows, and
 * everything is looked at again. TRUE if anything had to be moved. */
static gboolean
arrange_changed (VlLiveList *self, Fill *fill)
{
  guint from, to;

  if (VL_MUTANT (FILLED_BY_POSITION))
    return FALSE;
  do
    {
      VlRow *stray;

      while ((stray = find_stray (self, fill)) != NULL)
        _vl_live_list_evict (self, stray);
      if (!find_changed (self, fill, &from, &to))
        return fill->has_strays;
    }
  while (_vl_live_list_settle (self, fill->first + from, to - from));
  arrange (self, fill, from, to);

  return TRUE;
}

static void
fill_row (VlLiveList *self, Fill *fill, guint i)
{
  VlRow *row = _vl_row_map_get (&self->map, fill->first + i);
  g_autoptr (VlRecord) record = NULL;

  if (row == NULL || is_torn (fill, i))
    return;

  record = vl_page_get_record (fill->page, fill->row + i);
  if (row->cell == NULL)
    _vl_row_bind (row, _vl_row_cells_get_cell (self->cells, get_id (fill, i)));
  row->is_behind = FALSE;
  _vl_row_set_load_error (row, NULL);
  _vl_row_cell_set_record (row->cell, record, vl_page_get_fetched_at (fill->page),
                           vl_page_get_is_stale (fill->page), self->touched);
  _vl_row_touch (row, self->touched);
}

/* One torn row has all of its page fetched again. */
static void
tear (VlLiveList *self, Fill *fill)
{
  guint last = G_MAXUINT;

  for (guint i = 0; i < fill->n; i++)
    {
      guint page = (fill->first + i) / self->page_size;
      const char *id;

      if (!is_torn (fill, i))
        continue;
      _vl_list_spans_cut (&self->spans, fill->first + i, 1);
      if (page == last)
        continue;
      last = page;
      id = vl_page_get_record_id (fill->page, fill->row + i);
      if (fill->gives_up)
        _vl_live_list_give_up (self, page, id);
      else
        _vl_live_list_tear (self, page, id);
    }
}

/* The page is older than what was changed here since: only where nothing is
 * known it is better than nothing, and asked for again. */
static void
fill_holes (VlLiveList *self, Fill *fill)
{
  for (guint i = 0; i < fill->n; i++)
    {
      VlRow *row = _vl_row_map_get (&self->map, fill->first + i);
      const char *id = get_id (fill, i);

      if (row == NULL || row->cell != NULL || id == NULL ||
          _vl_live_list_find_row (self, id) != NULL)
        continue;
      fill_row (self, fill, i);
      _vl_row_cell_set_stale (row->cell, self->touched);
    }
}

/* Whether the records of a range are in their order, with what is around them. */
static gboolean
is_in_order (VlLiveList *self, guint first, guint n)
{
  g_autoptr (VlRecord) last = NULL;

  for (guint64 i = first > 0 ? first - 1 : 0; i <= (guint64) first + n && i < self->n_items; i++)
    {
      g_autoptr (VlRecord) record = _vl_list_spans_get_record (&self->spans, (guint) i);

      if (last != NULL && record != NULL && vl_query_compare (self->shown, last, record) > 0)
        return FALSE;
      g_set_object (&last, record);
    }

  return TRUE;
}

/* Writes that the master does not have yet are shown where the records were,
 * though what lies there besides may be known only later. */
static void
loosen_pending (VlLiveList *self, Fill *fill)
{
  g_autoptr (GHashTable) pending = _vl_row_writes_get_pending (self->cells);

  for (guint i = 0; i < fill->n; i++)
    {
      const char *id = get_id (fill, i);

      if (id != NULL && g_hash_table_contains (pending, id))
        _vl_list_spans_loosen (&self->spans, fill->first + i, 1);
    }
}

static void
put (VlLiveList *self, Fill *fill, gboolean is_dirty)
{
  _vl_list_spans_put (&self->spans, fill->first, fill->n, fill->page, fill->row, is_dirty);
  if (!vl_page_get_has_pending (fill->page))
    return;

  if (!is_in_order (self, fill->first, fill->n))
    _vl_list_spans_loosen (&self->spans, fill->first, fill->n);
  loosen_pending (self, fill);
}

static void
fill_all (VlLiveList *self, Fill *fill, gboolean is_dirty)
{
  gboolean was_clean = _vl_list_spans_cover (&self->spans, fill->first, fill->n);

  if (arrange_changed (self, fill) && was_clean)
    contradict (self);
  for (guint i = 0; i < fill->n; i++)
    fill_row (self, fill, i);
  put (self, fill, is_dirty);
  tear (self, fill);
}

/* A table that cannot do windows answers with all its records; of these the
 * list has those of the query's own window. */
static void
locate (VlLiveList *self, VlListFetch *fetch, VlPage *page, Fill *fill)
{
  guint64 base = _vl_live_list_get_base (self);
  guint64 offset = vl_page_get_offset (page);
  guint n = vl_page_get_n_records (page);

  if (offset == base + fetch->first && n <= fetch->n)
    {
      fill->first = fetch->first;
      fill->n = n;
      return;
    }

  self->is_whole = TRUE;
  fill->row = (guint) (base > offset ? MIN (base - offset, n) : 0);
  fill->first = (guint) (offset > base ? offset - base : 0);
  fill->n = clamp_total (self, (guint64) fill->first + (n - fill->row)) - fill->first;
}

void
_vl_live_list_take_page (VlLiveList *self, VlListFetch *fetch, VlPage *page)
{
  Fill fill = { .page = page };
  gboolean is_late = fetch->edits != self->edits;
  guint n_before;

  locate (self, fetch, page, &fill);
  n_before = self->total_kind == VL_TOTAL_KIND_EXACT ? self->n_items : G_MAXUINT;
  if (self->is_whole)
    end_at (self, fill.first + fill.n, -1);
  else if (!is_late)
    take_total (self, page, fill.first, fill.n, fetch->n);
  if (!is_late && fetch->changes == self->changes)
    {
      self->recounts = FALSE;
      self->exact_changes = self->changes;
    }
  else
    {
      /* It may have come true. */
      self->lie = -1;
    }
  if (n_before != G_MAXUINT && n_before != self->n_items)
    contradict (self);

  fill.n = fill.first < self->n_items ? MIN (fill.n, self->n_items - fill.first) : 0;
  fill_init (&fill);
  if (is_late)
    fill_holes (self, &fill);
  else
    fill_all (self, &fill, fetch->changes != self->changes || vl_page_get_is_stale (page));
  g_free (fill.ids);

  /* It did not bring what it was fetched for, and would not the next time. */
  if (!is_late && fetch->changes == self->changes &&
      _vl_live_list_get_want (self, fetch->page) == VL_LIST_WANT_RECORDS)
    _vl_live_list_tear (self, fetch->page, NULL);
  if (!is_late && !fill.has_strays)
    _vl_live_list_forget_torn (self, fetch->page);
}
