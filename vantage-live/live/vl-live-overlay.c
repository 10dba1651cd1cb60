/* vl-live-overlay.c: facts laid over base pages
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The rows of a query are one sequence, of which the base has pages. Facts take
 * rows out of it and put others in, where the order of the query has them; so
 * rows of later pages move, and a window may need a row or two of the page
 * before or after its own. How far a page has moved is the number of rows that
 * were put in before its first row, less those that were taken out there: two
 * binary searches in what is prepared once for a query.
 */

#include "vl-config.h"

#include "vl-live-overlay-private.h"

#include "../table/vl-page.h"
#include "../table/vl-query.h"
#include "../table/vl-record.h"

/* What is prepared for so many queries is kept. */
#define VIEWS_MAX 16

/* So many windows that were made last are kept: those of a list that is looked
 * at. */
#define MADE_MAX 16

/* A row, and the record that it is sorted by. */
typedef struct
{
  VlRecord *key;
  VlRecord *now;
  gboolean is_pending;
} Row;

/* How the facts after `seq` change the rows of a query. */
typedef struct
{
  VlQuery *query;
  guint64 seq;
  guint64 version;
  gboolean is_bare; /* all rows of the base are gone */
  GPtrArray *gone;  /* of Row, in order: taken out, or moved away */
  GPtrArray *put;   /* of Row, in order: put in, or moved here */
  GPtrArray *same;  /* of Row, in order: changed where they are */
  guint64 last_used;
} View;

/* A window of one page that was made, as long as no fact changes. */
typedef struct
{
  VlPage *base; /* NULL = nothing */
  VlQuery *query;
  gboolean is_end;
  VlPage *page;
} Made;

struct _VlOverlay
{
  VlFacts *facts;
  Made made[MADE_MAX]; /* a ring */
  guint next_made;
  guint64 made_version; /* of the facts */
  View *views[VIEWS_MAX];
  guint64 n_uses;
};

/* A change to one row of a base page. */
typedef struct
{
  guint position;
  VlRecord *now; /* NULL: it is not shown */
} Edit;

/* The window being put together. */
typedef struct
{
  VlOverlay *overlay;
  const VlOverlayBase *base;
  GPtrArray *pieces; /* of VlPage */
  GHashTable *kept;  /* ids of rows that have facts and stay where they are */
  guint64 start;     /* of the first row, in what is shown */
  guint64 n_rows;
  guint64 n_swept;
  gboolean has_pending;
  gboolean is_torn; /* a page does not have what the others say */
} Build;

static void
row_free (gpointer data)
{
  Row *row = data;

  g_object_unref (row->key);
  g_clear_object (&row->now);
  g_free (row);
}

static Row *
row_new (VlRecord *key, const VlLaid *laid)
{
  Row *row = g_new0 (Row, 1);

  row->key = g_object_ref (key);
  row->now = laid->now != NULL ? g_object_ref (laid->now) : NULL;
  row->is_pending = laid->is_pending;

  return row;
}

static void
edit_clear (gpointer data)
{
  g_clear_object (&((Edit *) data)->now);
}

/* Views */

static void
view_free (View *view)
{
  g_object_unref (view->query);
  g_ptr_array_unref (view->gone);
  g_ptr_array_unref (view->put);
  g_ptr_array_unref (view->same);
  g_free (view);
}

static gboolean
is_in (VlQuery *query, VlRecord *record)
{
  return record != NULL && vl_query_matches (query, record);
}

/* Whether the row is where it was. */
static gboolean
has_stayed (VlQuery *query, VlRecord *old, VlRecord *at)
{
  return old == at || (old != NULL && at != NULL && vl_query_matches (query, at) &&
                       vl_query_compare (query, old, at) == 0);
}

typedef struct
{
  VlOverlay *overlay;
  View *view;
} Filling;

static void
fill_with_chain (VlFactChain *chain, gpointer user_data)
{
  Filling *filling = user_data;
  View *view = filling->view;
  g_auto (VlLaid) laid = { 0 };
  gboolean was_in, stays;

  if (!_vl_facts_lay (filling->overlay->facts, chain, view->seq, NULL, &laid))
    return;

  was_in = is_in (view->query, laid.old);
  stays = was_in && !view->is_bare && has_stayed (view->query, laid.old, laid.at);
  if (stays)
    {
      g_ptr_array_add (view->same, row_new (laid.old, &laid));
      return;
    }
  if (was_in)
    g_ptr_array_add (view->gone, row_new (laid.old, &laid));
  if (is_in (view->query, laid.at))
    g_ptr_array_add (view->put, row_new (laid.at, &laid));
}

static int
compare_rows (gconstpointer a, gconstpointer b, gpointer query)
{
  const Row *const *row_a = a;
  const Row *const *row_b = b;

  return vl_query_compare (query, (*row_a)->key, (*row_b)->key);
}

static View *
view_new (VlOverlay *overlay, VlQuery *query, guint64 seq)
{
  View *view = g_new0 (View, 1);
  Filling filling = { overlay, view };

  view->query = g_object_ref (query);
  view->seq = seq;
  view->version = _vl_facts_get_version (overlay->facts);
  view->is_bare = _vl_facts_sweep_everything (overlay->facts, seq);
  view->gone = g_ptr_array_new_with_free_func (row_free);
  view->put = g_ptr_array_new_with_free_func (row_free);
  view->same = g_ptr_array_new_with_free_func (row_free);
  _vl_facts_each_chain (overlay->facts, fill_with_chain, &filling);
  g_ptr_array_sort_with_data (view->gone, compare_rows, query);
  g_ptr_array_sort_with_data (view->put, compare_rows, query);
  g_ptr_array_sort_with_data (view->same, compare_rows, query);

  return view;
}

static gboolean
view_is_for (VlOverlay *self, View *view, VlQuery *query, guint64 seq)
{
  return view != NULL && view->seq == seq && view->version == _vl_facts_get_version (self->facts) &&
         g_str_equal (vl_query_get_key (view->query), vl_query_get_key (query));
}

/* What is prepared for a query: valid until the next call. */
static View *
get_view (VlOverlay *self, VlQuery *query, guint64 seq)
{
  guint oldest = 0;

  for (guint i = 0; i < VIEWS_MAX; i++)
    {
      View *view = self->views[i];

      if (view_is_for (self, view, query, seq))
        {
          view->last_used = ++self->n_uses;
          return view;
        }
      if (view == NULL ||
          (self->views[oldest] != NULL && view->last_used < self->views[oldest]->last_used))
        oldest = i;
    }

  g_clear_pointer (&self->views[oldest], view_free);
  self->views[oldest] = view_new (self, query, seq);
  self->views[oldest]->last_used = ++self->n_uses;

  return self->views[oldest];
}

/* The first of the rows that is not before the record, or, `after`, that is
 * behind it. */
static guint
find_bound (VlQuery *query, GPtrArray *rows, VlRecord *record, gboolean after)
{
  guint from = 0;
  guint to = rows->len;

  while (from < to)
    {
      guint middle = from + (to - from) / 2;
      const Row *row = g_ptr_array_index (rows, middle);
      int order = vl_query_compare (query, row->key, record);

      if (order < 0 || (after && order == 0))
        from = middle + 1;
      else
        to = middle;
    }

  return from;
}

/* Windows */

static void
add_rows (Build *build, VlPage *page, guint from, guint to)
{
  VlPageInfo info;

  if (to <= from)
    return;

  _vl_page_get_info (page, &info);
  g_ptr_array_add (build->pieces, _vl_page_cut (page, from, to - from, &info));
  build->n_rows += to - from;
}

static void
add_record (Build *build, VlRecord *record)
{
  const VlPageInfo info = { .total = -1 };

  g_ptr_array_add (build->pieces, _vl_page_new_from_records (&record, 1, &info));
  build->n_rows++;
}

static void
add_put (Build *build, const Row *row)
{
  const char *id = vl_record_get_id (row->key);

  if (row->now == NULL || (id != NULL && g_hash_table_contains (build->kept, id)))
    return;

  build->has_pending |= row->is_pending;
  add_record (build, row->now);
}

/* Whether what other pages say of a row that this one has puts it where it is. */
static gboolean
is_as_told (Build *build, VlFactChain *chain, guint64 seq, VlRecord *row)
{
  g_auto (VlLaid) laid = { 0 };

  return !_vl_facts_lay (build->overlay->facts, chain, seq, NULL, &laid) ||
         (is_in (build->base->query, laid.old) &&
          vl_query_compare (build->base->query, laid.old, row) == 0);
}

/* FALSE when the chain has nothing for that page. */
static gboolean
edit_row (Build *build, GArray *edits, VlPage *page, guint position, VlFactChain *chain)
{
  g_autoptr (VlRecord) row = vl_page_get_record (page, position);
  g_auto (VlLaid) laid = { 0 };
  guint64 seq = _vl_facts_get_page_seq (build->overlay->facts, page);
  const VlBaseRow base = { row };
  Edit edit = { .position = position };

  if (!_vl_facts_lay (build->overlay->facts, chain, seq, &base, &laid))
    return FALSE;

  build->has_pending |= laid.is_pending;
  build->is_torn |= _vl_facts_is_current (build->overlay->facts, page) &&
                    !is_as_told (build, chain, seq, row);
  if (laid.now != NULL && has_stayed (build->base->query, row, laid.at))
    {
      edit.now = g_object_ref (laid.now);
      g_hash_table_add (build->kept, (gpointer) _vl_fact_chain_get_id (chain));
    }
  g_array_append_val (edits, edit);
  return TRUE;
}

typedef struct
{
  Build *build;
  GArray *edits;
  VlPage *page;
} Editing;

static void
edit_chain (VlFactChain *chain, gpointer user_data)
{
  Editing *editing = user_data;
  guint position;

  if (vl_page_find (editing->page, _vl_fact_chain_get_id (chain), &position))
    edit_row (editing->build, editing->edits, editing->page, position, chain);
}

static void
edit_swept (Build *build, GArray *edits, VlPage *page, guint position)
{
  VlFacts *facts = build->overlay->facts;
  g_autoptr (VlRecord) row = vl_page_get_record (page, position);
  const Edit edit = { .position = position };
  gboolean is_pending = FALSE;

  if (!_vl_facts_is_swept (facts, _vl_facts_get_page_seq (facts, page), row, &is_pending))
    return;

  build->has_pending |= is_pending;
  build->n_swept++;
  g_array_append_val (edits, edit);
}

static int
compare_edits (gconstpointer a, gconstpointer b)
{
  guint position_a = ((const Edit *) a)->position;
  guint position_b = ((const Edit *) b)->position;

  return (position_a > position_b) - (position_a < position_b);
}

/* What becomes of the rows of a page, by position: as many looks as there are
 * facts or rows, whichever are fewer. */
static GArray *
find_edits (Build *build, VlPage *page)
{
  VlFacts *facts = build->overlay->facts;
  gboolean sweeps = _vl_facts_sweeps (facts, _vl_facts_get_page_seq (facts, page));
  GArray *edits = g_array_new (FALSE, FALSE, sizeof (Edit));
  Editing editing = { build, edits, page };

  g_array_set_clear_func (edits, edit_clear);
  if (!sweeps && _vl_facts_get_n_chains (facts) < vl_page_get_n_records (page))
    {
      _vl_facts_each_chain (facts, edit_chain, &editing);
      g_array_sort (edits, compare_edits);
      return edits;
    }

  for (guint i = 0; i < vl_page_get_n_records (page); i++)
    {
      VlFactChain *chain = _vl_facts_get_chain (facts, vl_page_get_record_id (page, i));

      if (chain != NULL && edit_row (build, edits, page, i, chain))
        continue;
      if (sweeps)
        edit_swept (build, edits, page, i);
    }

  return edits;
}

/* The rows of a page between two positions, as they are shown. */
static void
add_edited (Build *build, VlPage *page, GArray *edits, guint *next, guint from, guint to)
{
  while (*next < edits->len)
    {
      const Edit *edit = &g_array_index (edits, Edit, *next);

      if (edit->position >= to)
        break;
      add_rows (build, page, from, edit->position);
      if (edit->now != NULL)
        add_record (build, edit->now);
      from = edit->position + 1;
      ++*next;
    }
  add_rows (build, page, from, to);
}

/* The first row at or after `from` that comes behind the record. */
static guint
find_place (VlQuery *query, VlPage *page, guint from, VlRecord *record)
{
  guint to = vl_page_get_n_records (page);

  while (from < to)
    {
      guint middle = from + (to - from) / 2;
      g_autoptr (VlRecord) row = vl_page_get_record (page, middle);

      if (vl_query_compare (query, row, record) <= 0)
        from = middle + 1;
      else
        to = middle;
    }

  return from;
}

/* How many rows there are now; -1 if the page does not say how many there were,
 * or if that cannot be known. */
static gint64
total_of (VlOverlay *self, VlQuery *query, VlPage *page, gint64 total)
{
  View *view = get_view (self, query, _vl_facts_get_page_seq (self->facts, page));

  if (view->is_bare)
    return view->put->len;

  return total < 0 ? -1 : MAX (0, total + view->put->len - view->gone->len);
}

/* The same of a window, whose pages may have different facts in them: what one of
 * them says goes with its own. Else it is the last one that ends somewhere. */
static gint64
total_of_window (VlOverlay *self, const VlOverlayBase *base, gint64 total)
{
  VlPage *page = base->pages[base->n_pages - 1];

  for (guint i = 0; i < base->n_pages; i++)
    {
      if (vl_page_get_total (base->pages[i]) < 0)
        continue;
      page = base->pages[i];
      total = vl_page_get_total (page);
      break;
    }

  return total_of (self, base->query, page, total);
}

/* Where the first row of a page stands now. One without rows is behind all
 * others, wherever the last of these is. */
static guint64
find_start (VlOverlay *self, VlQuery *query, VlPage *page)
{
  View *view = get_view (self, query, _vl_facts_get_page_seq (self->facts, page));
  gint64 total = vl_page_get_total (page);
  guint64 offset = vl_page_get_offset (page);
  g_autoptr (VlRecord) first = NULL;
  guint n_gone = view->gone->len;
  guint n_put = view->put->len;

  if (offset == 0)
    return 0;
  if (vl_page_get_n_records (page) > 0)
    {
      first = vl_page_get_record (page, 0);
      n_gone = find_bound (query, view->gone, first, FALSE);
      n_put = find_bound (query, view->put, first, FALSE);
    }
  else if (total >= 0)
    {
      offset = MIN (offset, (guint64) total);
    }

  return offset + n_put > n_gone ? offset + n_put - n_gone : 0;
}

static gboolean
has_all (VlPage *page, GPtrArray *rows, guint from, guint to)
{
  for (guint i = from; i < to; i++)
    {
      const Row *row = g_ptr_array_index (rows, i);
      const char *id = vl_record_get_id (row->key);

      if (id != NULL && !vl_page_find (page, id, NULL))
        return FALSE;
    }

  return TRUE;
}

/* Whether the page has the rows that others say the base has in that place. It
 * does not if they were fetched before and after a change of which nobody has
 * told yet. */
static gboolean
has_what_was_told (Build *build, VlPage *page, View *view, gboolean is_last)
{
  VlQuery *query = build->base->query;
  GPtrArray *const all[] = { view->gone, view->same };
  guint n_records = vl_page_get_n_records (page);
  g_autoptr (VlRecord) first = n_records > 0 ? vl_page_get_record (page, 0) : NULL;
  g_autoptr (VlRecord) last = n_records > 0 ? vl_page_get_record (page, n_records - 1) : NULL;

  if (view->is_bare || !_vl_facts_is_current (build->overlay->facts, page))
    return TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      gboolean is_first = vl_page_get_offset (page) == 0;
      guint from = is_first || first == NULL ? 0 : find_bound (query, all[i], first, FALSE);
      guint to = is_last || last == NULL ? all[i]->len : find_bound (query, all[i], last, TRUE);

      if ((first != NULL || (is_first && is_last)) && !has_all (page, all[i], from, to))
        return FALSE;
    }

  return TRUE;
}

/* Adds a page with the rows that were put in before its last one, or, at the
 * end, after it. `before` is the last row of the page before, if there is one.
 * FALSE when the page does not begin where that one ends: of two that were
 * fetched at different times both or none may have a row. */
static gboolean
add_page (Build *build, guint i, VlRecord *before)
{
  const VlOverlayBase *base = build->base;
  VlPage *page = base->pages[i];
  guint n_records = vl_page_get_n_records (page);
  g_autoptr (GArray) edits = find_edits (build, page);
  guint64 start = find_start (build->overlay, base->query, page);
  View *view = get_view (build->overlay, base->query,
                         _vl_facts_get_page_seq (build->overlay->facts, page));
  gboolean is_last = base->is_end && i == base->n_pages - 1;
  g_autoptr (VlRecord) first = n_records > 0 ? vl_page_get_record (page, 0) : NULL;
  g_autoptr (VlRecord) last = n_records > 0 ? vl_page_get_record (page, n_records - 1) : NULL;
  guint from = 0, next = 0, put = 0;
  guint n_puts = view->put->len;
  gboolean fits = TRUE;

  if (before != NULL)
    put = find_bound (base->query, view->put, before, TRUE);
  else if (vl_page_get_offset (page) > 0)
    put = first != NULL ? find_bound (base->query, view->put, first, FALSE) : n_puts;
  build->is_torn |= !has_what_was_told (build, page, view, is_last);
  if (!is_last)
    n_puts = last != NULL ? find_bound (base->query, view->put, last, TRUE) : put;
  if (before == NULL)
    build->start = start;
  else if (first != NULL)
    fits = build->start + build->n_rows + find_bound (base->query, view->put, first, FALSE) ==
           start + put;

  for (; put < n_puts; put++)
    {
      const Row *row = g_ptr_array_index (view->put, put);
      guint place = find_place (base->query, page, from, row->key);

      add_edited (build, page, edits, &next, from, place);
      add_put (build, row);
      from = place;
    }
  add_edited (build, page, edits, &next, from, n_records);

  return fits;
}

static gboolean
add_pages (Build *build)
{
  const VlOverlayBase *base = build->base;
  VlPage *last = base->pages[base->n_pages - 1];
  g_autoptr (VlRecord) before = NULL;
  gboolean fits = TRUE;
  gint64 total;

  for (guint i = 0; i < base->n_pages; i++)
    {
      guint n_records = vl_page_get_n_records (base->pages[i]);

      fits &= add_page (build, i, before);
      if (n_records == 0)
        continue;
      g_clear_object (&before);
      before = vl_page_get_record (base->pages[i], n_records - 1);
    }

  total = total_of (build->overlay, base->query, last, vl_page_get_total (last));
  if (base->is_end && total >= 0)
    fits &= build->start + build->n_rows + build->n_swept == (guint64) total;

  return fits;
}

/* Pages that were fetched at different times agree on the total when each has
 * just the facts in it that it says. */
static gboolean
is_torn (VlOverlay *self, const VlOverlayBase *base)
{
  gint64 first = total_of (self, base->query, base->pages[0], vl_page_get_total (base->pages[0]));

  for (guint i = 1; i < base->n_pages; i++)
    {
      gint64 total = total_of (self, base->query, base->pages[i],
                               vl_page_get_total (base->pages[i]));

      if (first >= 0 && total >= 0 && total != first)
        return TRUE;
    }

  return FALSE;
}

static VlPage *
build_end (Build *build, const VlPageInfo *info, VlOverlayState *state)
{
  guint64 offset = vl_query_get_offset (build->base->query);
  guint limit = vl_query_get_limit (build->base->query);
  guint64 skip = offset > build->start ? MIN (offset - build->start, build->n_rows) : 0;
  guint64 n_rows = build->n_rows - skip;
  g_autoptr (VlPage) all = NULL;

  if (*state == VL_OVERLAY_DONE && build->start > offset)
    *state = VL_OVERLAY_WANTS_BEFORE;
  else if (*state == VL_OVERLAY_DONE && limit > 0 && n_rows < limit && !build->base->is_end)
    *state = VL_OVERLAY_WANTS_AFTER;
  if (limit > 0)
    n_rows = MIN (n_rows, limit);
  if (build->pieces->len == 0)
    return _vl_page_new_from_records (NULL, 0, info);

  all = _vl_page_glue ((VlPage *const *) build->pieces->pdata, build->pieces->len, info);

  return _vl_page_cut (all, (guint) skip, (guint) n_rows, info);
}

gboolean
_vl_overlay_is_idle (VlOverlay *self, VlPage *const *pages, guint n_pages)
{
  for (guint i = 0; i < n_pages; i++)
    {
      if (!_vl_facts_is_idle (self->facts, _vl_facts_get_page_seq (self->facts, pages[i])))
        return FALSE;
    }

  return TRUE;
}

/* All that the base has is being deleted. */
static void
add_bare (Build *build, View *view)
{
  for (guint i = 0; i < view->put->len; i++)
    add_put (build, g_ptr_array_index (view->put, i));
  build->has_pending = TRUE;
}

static void
made_clear (Made *made)
{
  g_clear_object (&made->base);
  g_clear_object (&made->query);
  g_clear_object (&made->page);
}

static gboolean
same_window (VlQuery *a, VlQuery *b)
{
  return a == b || (vl_query_get_offset (a) == vl_query_get_offset (b) &&
                    vl_query_get_limit (a) == vl_query_get_limit (b) &&
                    g_str_equal (vl_query_get_key (a), vl_query_get_key (b)));
}

/* The window as it was made the last time, or NULL. */
static VlPage *
find_made (VlOverlay *self, const VlOverlayBase *base)
{
  if (base->n_pages != 1 || self->made_version != _vl_facts_get_version (self->facts))
    return NULL;

  for (guint i = 0; i < MADE_MAX; i++)
    {
      const Made *made = &self->made[i];

      if (made->base == base->pages[0] && made->is_end == base->is_end &&
          same_window (made->query, base->query))
        return g_object_ref (made->page);
    }

  return NULL;
}

static void
keep_made (VlOverlay *self, const VlOverlayBase *base, VlPage *page)
{
  Made *made = &self->made[self->next_made];

  if (base->n_pages != 1)
    return;

  for (guint i = 0; i < MADE_MAX && self->made_version != _vl_facts_get_version (self->facts); i++)
    made_clear (&self->made[i]);
  self->made_version = _vl_facts_get_version (self->facts);
  self->next_made = (self->next_made + 1) % MADE_MAX;
  g_set_object (&made->base, base->pages[0]);
  g_set_object (&made->query, base->query);
  g_set_object (&made->page, page);
  made->is_end = base->is_end;
}

/* Of a base that may have some of the facts in it the total is not certain; but
 * what is shown is there. */
static gint64
count_all (Build *build, gint64 total)
{
  return MAX (total, (gint64) (build->start + build->n_rows));
}

static VlPage *
make_window (VlOverlay *self,
             const VlOverlayBase *base,
             const VlPageInfo *info,
             VlOverlayState *state)
{
  g_autoptr (GPtrArray) pieces = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) kept = g_hash_table_new (g_str_hash, g_str_equal);
  Build build = { .overlay = self, .base = base, .pieces = pieces, .kept = kept };
  VlOverlayBase whole = *base;
  VlPageInfo laid = *info;
  View *view;

  for (guint i = 0; i < base->n_pages; i++)
    _vl_facts_note (self->facts, base->pages[i]);

  *state = VL_OVERLAY_DONE;
  view = get_view (self, base->query, _vl_facts_get_page_seq (self->facts, base->pages[0]));
  if (view->is_bare)
    {
      whole.is_end = TRUE;
      build.base = &whole;
      add_bare (&build, view);
    }
  else if (!add_pages (&build) || build.is_torn || is_torn (self, base))
    {
      *state = VL_OVERLAY_TORN;
    }

  laid.total = total_of_window (self, base, info->total);
  if (laid.total >= 0)
    laid.total = count_all (&build, laid.total - (gint64) build.n_swept);
  laid.has_pending |= build.has_pending;
  laid.is_stale |= *state == VL_OVERLAY_TORN;

  return build_end (&build, &laid, state);
}

VlPage *
_vl_overlay_window (VlOverlay *self,
                    const VlOverlayBase *base,
                    const VlPageInfo *info,
                    VlOverlayState *state)
{
  VlPage *page = find_made (self, base);

  *state = VL_OVERLAY_DONE;
  if (page != NULL)
    return page;

  page = make_window (self, base, info, state);
  if (*state == VL_OVERLAY_DONE)
    keep_made (self, base, page);

  return page;
}

VlPage *
_vl_overlay_record (VlOverlay *self, const char *id, VlPage *base)
{
  VlFactChain *chain = _vl_facts_get_chain (self->facts, id);
  guint64 seq = _vl_facts_get_page_seq (self->facts, base);
  g_autoptr (VlRecord) record = vl_page_get_n_records (base) > 0 ? vl_page_get_record (base, 0)
                                                                 : NULL;
  const VlBaseRow row = { record };
  g_auto (VlLaid) laid = { 0 };
  gboolean is_pending = FALSE;
  VlPageInfo info;

  _vl_page_get_info (base, &info);
  if ((chain == NULL || !_vl_facts_lay (self->facts, chain, seq, &row, &laid)) &&
      (record == NULL || !_vl_facts_is_swept (self->facts, seq, record, &is_pending)))
    return g_object_ref (base);

  info.has_pending |= laid.is_pending || is_pending;
  info.total = laid.now != NULL;

  return _vl_page_new_from_records (&laid.now, (guint) info.total, &info);
}

VlPage *
_vl_overlay_new_record (VlOverlay *self, const char *id)
{
  const VlPageInfo info = { 0 };
  g_autoptr (VlPage) none = _vl_page_new_from_records (NULL, 0, &info);

  return _vl_overlay_record (self, id, none);
}

VlPage *
_vl_overlay_count (VlOverlay *self, VlQuery *query, VlPage *base)
{
  VlPageInfo info;

  if (_vl_overlay_is_idle (self, &base, 1))
    return g_object_ref (base);

  _vl_page_get_info (base, &info);
  info.total = total_of (self, query, base, info.total);
  info.has_pending |= !_vl_facts_is_idle (self->facts, G_MAXUINT64);

  return _vl_page_with_info (base, &info);
}

VlOverlay *
_vl_overlay_new (VlFacts *facts)
{
  VlOverlay *self = g_new0 (VlOverlay, 1);

  self->facts = facts;

  return self;
}

void
_vl_overlay_free (VlOverlay *self)
{
  for (guint i = 0; i < VIEWS_MAX; i++)
    g_clear_pointer (&self->views[i], view_free);
  for (guint i = 0; i < MADE_MAX; i++)
    made_clear (&self->made[i]);
  g_free (self);
}
