/* vl-page-tally.c: fetched pages that nobody has read
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A mark is held by the runs of a page, and by the runs of whatever is made of
 * them without a copy: when the last of these goes, so has the page. Those who
 * look up a page never see it; who makes a record of a row does, once.
 */

#include "vl-config.h"

#include "vl-page-rows-private.h"
#include "vl-page-tally-private.h"

struct _VlPageTally
{
  guint n; /* atomic */
};

struct _VlPageMark
{
  VlPageTally *tally; /* referenced */
  gint is_read;       /* atomic; never goes back */
};

VlPageTally *
_vl_page_tally_new (void)
{
  return g_atomic_rc_box_new0 (VlPageTally);
}

void
_vl_page_tally_unref (VlPageTally *self)
{
  g_atomic_rc_box_release (self);
}

guint
_vl_page_tally_get (VlPageTally *self)
{
  return g_atomic_int_get (&self->n);
}

void
_vl_page_tally_watch (VlPageTally *self, VlPage *page)
{
  VlPageMark *mark;

  /* There is nothing to be read. */
  if (page->n_rows == 0)
    return;

  mark = g_atomic_rc_box_new0 (VlPageMark);
  mark->tally = g_atomic_rc_box_acquire (self);
  _vl_page_rows_set_mark (page->rows, mark);
  _vl_page_mark_unref (mark);
}

VlPageMark *
_vl_page_mark_ref (VlPageMark *self)
{
  return g_atomic_rc_box_acquire (self);
}

/* Runs wherever the last view of the page is dropped. */
static void
clear_mark (gpointer data)
{
  VlPageMark *self = data;

  if (!g_atomic_int_get (&self->is_read))
    g_atomic_int_inc (&self->tally->n);
  _vl_page_tally_unref (self->tally);
}

void
_vl_page_mark_unref (VlPageMark *self)
{
  g_atomic_rc_box_release_full (self, clear_mark);
}

void
_vl_page_mark_read (VlPageMark *self)
{
  if (!g_atomic_int_get (&self->is_read))
    g_atomic_int_set (&self->is_read, TRUE);
}
