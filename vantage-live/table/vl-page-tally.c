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
  gint ref_count; /* atomic */
  guint n;        /* atomic */
};

struct _VlPageMark
{
  gint ref_count;     /* atomic */
  gint is_read;       /* atomic; never goes back */
  VlPageTally *tally; /* referenced */
};

VlPageTally *
_vl_page_tally_new (void)
{
  VlPageTally *self = g_new0 (VlPageTally, 1);

  self->ref_count = 1;

  return self;
}

void
_vl_page_tally_unref (VlPageTally *self)
{
  if (g_atomic_int_dec_and_test (&self->ref_count))
    g_free (self);
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

  mark = g_new0 (VlPageMark, 1);
  mark->ref_count = 1;
  mark->tally = self;
  g_atomic_int_inc (&self->ref_count);
  _vl_page_rows_set_mark (page->rows, mark);
  _vl_page_mark_unref (mark);
}

VlPageMark *
_vl_page_mark_ref (VlPageMark *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

/* Runs on whatever thread drops the page. */
void
_vl_page_mark_unref (VlPageMark *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  if (!g_atomic_int_get (&self->is_read))
    g_atomic_int_inc (&self->tally->n);
  _vl_page_tally_unref (self->tally);
  g_free (self);
}

void
_vl_page_mark_read (VlPageMark *self)
{
  if (!g_atomic_int_get (&self->is_read))
    g_atomic_int_set (&self->is_read, TRUE);
}
