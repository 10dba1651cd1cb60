/* vl-live-list-hunt.c: where the records of a list end, when its total is wrong
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A page that ought to be there is empty: the records end somewhere before it.
 * In place of the pages before, one after the other, those in the middle of
 * what is not known are asked for, as long as somebody looks at it. It is over
 * with the page that is not full, or when the first empty page comes after the
 * last full one.
 */

#include "vl-config.h"

#include "vl-live-list-private.h"

/* The pages before this one are known to be full. */
static guint
find_known (VlLiveList *self, guint page)
{
  const GArray *spans = self->spans.spans;
  guint end = page * self->page_size;

  for (guint i = spans->len; i > 0; i--)
    {
      const VlListSpan *span = &g_array_index (spans, VlListSpan, i - 1);

      if (span->first < end && !span->is_dirty)
        return MIN (span->first + span->n, end) / self->page_size;
    }

  return 0;
}

void
_vl_live_list_hunt_empty (VlLiveList *self, guint page)
{
  if (!self->is_hunting || page < self->hunt_low)
    self->hunt_low = find_known (self, page);
  self->hunt_high = page;
  self->is_hunting = self->hunt_low < page;
  if (self->is_hunting && self->total_kind == VL_TOTAL_KIND_EXACT)
    self->total_kind = VL_TOTAL_KIND_UNKNOWN;
}

gboolean
_vl_live_list_hunt_full (VlLiveList *self, guint page)
{
  if (!self->is_hunting || page >= self->hunt_high)
    {
      self->is_hunting = FALSE;
      return FALSE;
    }

  self->hunt_low = MAX (self->hunt_low, page + 1);
  if (self->hunt_low == self->hunt_high)
    {
      self->is_hunting = FALSE;
      self->total_kind = self->lie >= 0 ? VL_TOTAL_KIND_CAPPED : VL_TOTAL_KIND_EXACT;
    }

  return TRUE;
}

gboolean
_vl_live_list_is_doubtful (VlLiveList *self, guint page)
{
  return self->is_hunting && page >= self->hunt_low;
}

guint
_vl_live_list_find_probe (VlLiveList *self)
{
  return self->hunt_low + (self->hunt_high - self->hunt_low) / 2;
}
