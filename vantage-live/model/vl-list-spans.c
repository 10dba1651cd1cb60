/* vl-list-spans.c: the records that a list has at hand, by position
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-list-spans-private.h"

#include "../table/vl-page-private.h"
#include "../table/vl-page.h"

static void
clear_span (gpointer data)
{
  VlListSpan *span = data;

  g_clear_object (&span->page);
}

static VlListSpan *
get_span (VlListSpans *self, guint i)
{
  return &g_array_index (self->spans, VlListSpan, i);
}

static guint64
end_of (const VlListSpan *span)
{
  return (guint64) span->first + span->n;
}

void
_vl_list_spans_init (VlListSpans *self)
{
  self->spans = g_array_new (FALSE, TRUE, sizeof (VlListSpan));
  g_array_set_clear_func (self->spans, clear_span);
}

void
_vl_list_spans_clear (VlListSpans *self)
{
  g_clear_pointer (&self->spans, g_array_unref);
}

guint
_vl_list_spans_get_n (VlListSpans *self)
{
  return self->spans->len;
}

guint64
_vl_list_spans_count (VlListSpans *self)
{
  guint64 count = 0;

  for (guint i = 0; i < self->spans->len; i++)
    count += get_span (self, i)->n;

  return count;
}

/* The first span that ends after `position`. */
static guint
lower_bound (VlListSpans *self, guint64 position)
{
  guint low = 0;
  guint high = self->spans->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (end_of (get_span (self, middle)) <= position)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

/* Makes a span begin at `position` if one lies across it. */
static void
split (VlListSpans *self, guint64 position)
{
  guint i = lower_bound (self, position);
  VlListSpan *span;
  VlListSpan rest;

  if (i == self->spans->len)
    return;
  span = get_span (self, i);
  if (span->first >= position)
    return;

  rest = *span;
  rest.page = g_object_ref (span->page);
  span->n = (guint) (position - span->first);
  rest.first += span->n;
  rest.row += span->n;
  rest.n -= span->n;
  g_array_insert_val (self->spans, i + 1, rest);
}

void
_vl_list_spans_cut (VlListSpans *self, guint first, guint n)
{
  guint64 end = (guint64) first + n;
  guint from, to;

  if (n == 0)
    return;

  split (self, first);
  split (self, end);
  from = lower_bound (self, first);
  to = lower_bound (self, end);
  if (to > from)
    g_array_remove_range (self->spans, from, to - from);
}

void
_vl_list_spans_put (VlListSpans *self,
                    guint first,
                    guint n,
                    VlPage *page,
                    guint row,
                    gboolean is_dirty)
{
  VlListSpan span = { .first = first, .n = n, .row = row, .is_dirty = is_dirty };

  if (n == 0)
    return;

  _vl_list_spans_cut (self, first, n);
  span.page = g_object_ref (page);
  g_array_insert_val (self->spans, lower_bound (self, first), span);
}

void
_vl_list_spans_put_record (VlListSpans *self, guint position, VlRecord *record)
{
  const VlPageInfo info = { .total = -1 };
  g_autoptr (VlPage) page = _vl_page_new_from_records (&record, 1, &info);

  _vl_list_spans_put (self, position, 1, page, 0, FALSE);
  get_span (self, lower_bound (self, position))->is_told = TRUE;
}

void
_vl_list_spans_insert (VlListSpans *self, guint first, guint n)
{
  split (self, first);
  for (guint i = lower_bound (self, first); i < self->spans->len; i++)
    get_span (self, i)->first += n;
}

void
_vl_list_spans_delete (VlListSpans *self, guint first, guint n)
{
  _vl_list_spans_cut (self, first, n);
  for (guint i = lower_bound (self, first); i < self->spans->len; i++)
    get_span (self, i)->first -= n;
}

const VlListSpan *
_vl_list_spans_find (VlListSpans *self, guint position)
{
  guint i = lower_bound (self, position);

  if (i == self->spans->len || get_span (self, i)->first > position)
    return NULL;

  return get_span (self, i);
}

guint64
_vl_list_spans_find_next (VlListSpans *self, guint64 position)
{
  guint i = lower_bound (self, position);

  return i < self->spans->len ? MAX (get_span (self, i)->first, position) : G_MAXUINT64;
}

VlRecord *
_vl_list_spans_get_record (VlListSpans *self, guint position)
{
  const VlListSpan *span = _vl_list_spans_find (self, position);

  if (span == NULL)
    return NULL;

  return vl_page_get_record (span->page, span->row + (position - span->first));
}

const char *
_vl_list_spans_get_id (VlListSpans *self, guint position)
{
  const VlListSpan *span = _vl_list_spans_find (self, position);

  if (span == NULL)
    return NULL;

  return vl_page_get_record_id (span->page, span->row + (position - span->first));
}

gboolean
_vl_list_spans_find_id (VlListSpans *self, const char *id, guint *position)
{
  for (guint i = 0; i < self->spans->len; i++)
    {
      VlListSpan *span = get_span (self, i);
      guint row;

      if (!vl_page_find (span->page, id, &row) || row < span->row || row - span->row >= span->n)
        continue;
      *position = span->first + (row - span->row);
      return TRUE;
    }

  return FALSE;
}

gboolean
_vl_list_spans_cover (VlListSpans *self, guint first, guint n)
{
  guint64 next = first;

  for (guint i = lower_bound (self, first); i < self->spans->len; i++)
    {
      VlListSpan *span = get_span (self, i);

      if (next >= (guint64) first + n)
        break;
      if (span->first > next || span->is_dirty || span->is_doubted)
        return FALSE;
      next = end_of (span);
    }

  return next >= (guint64) first + n;
}

gboolean
_vl_list_spans_are_dirty (VlListSpans *self)
{
  for (guint i = 0; i < self->spans->len; i++)
    {
      if (get_span (self, i)->is_dirty)
        return TRUE;
    }

  return FALSE;
}

void
_vl_list_spans_soil (VlListSpans *self)
{
  for (guint i = 0; i < self->spans->len; i++)
    get_span (self, i)->is_dirty = TRUE;
}

void
_vl_list_spans_soil_range (VlListSpans *self, guint first, guint n)
{
  guint64 end = (guint64) first + n;

  for (guint i = lower_bound (self, first); i < self->spans->len && get_span (self, i)->first < end;
       i++)
    get_span (self, i)->is_dirty = TRUE;
}

void
_vl_list_spans_doubt_told (VlListSpans *self)
{
  for (guint i = 0; i < self->spans->len; i++)
    {
      VlListSpan *span = get_span (self, i);

      span->is_doubted |= span->is_told;
      span->is_told = FALSE;
    }
}

void
_vl_list_spans_loosen (VlListSpans *self, guint first, guint n)
{
  guint64 end = (guint64) first + n;

  split (self, first);
  split (self, end);
  for (guint i = lower_bound (self, first); i < self->spans->len && get_span (self, i)->first < end;
       i++)
    get_span (self, i)->is_loose = TRUE;
}

gboolean
_vl_list_spans_are_loose_but (VlListSpans *self, guint64 position)
{
  for (guint i = 0; i < self->spans->len; i++)
    {
      VlListSpan *span = get_span (self, i);

      if (span->is_loose && (span->first != position || span->n > 1))
        return TRUE;
    }

  return FALSE;
}
