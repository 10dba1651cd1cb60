/* vl-live-window.c: windows cut from and glued out of master pages
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The cache holds pages of one size; a window of any size is cut from them.
 * Pages that were current at different times do not fit together: when the
 * root was invalidated between or while they were read, all are read once more,
 * and if that happens again the window is flagged as stale.
 *
 * Everything here runs at home.
 */

#include "vl-config.h"

#include "vl-live-window-private.h"

#include "../base/vl-mutant-private.h"
#include "../table/vl-page-private.h"
#include "../table/vl-page.h"
#include "../table/vl-query-private.h"
#include "../table/vl-schema.h"
#include "vl-live-copy-private.h"

/* How many pages of one window are read at a time. */
#define AHEAD 4

typedef struct
{
  VlWindow *window;
  VlReading *reading; /* under way */
  VlPage *page;       /* in */
  guint64 epoch;
  guint64 n; /* which page of the query */
} Part;

struct _VlWindow
{
  VlLiveCore *core; /* referenced */
  VlQuery *query;
  VlReadOptions options;
  VlWindowFunc func;
  gpointer user_data;

  guint size;      /* rows a page, 0 = a whole answer */
  guint64 first_n; /* the first page */
  guint64 last_n;  /* the last one that may be wanted */
  gboolean walks;  /* to the end, wherever that is */
  gint64 total;    /* of the query, as soon as a page says it; -1 = unknown */

  GPtrArray *parts; /* of Part, from first_n on */
  guint n_under_way;
  gboolean ended;    /* a short page is in: nothing comes after it */
  gboolean again;    /* it was begun anew once */
  gboolean starting; /* the loop that begins readings is on the stack */
  gboolean is_over;  /* was cancelled meanwhile; the loop frees it */
  GError *error;     /* of a page; the window ends with it */
  VlWindow **handle; /* where _vl_window_read() wants to know that it is gone */
};

static void window_advance (VlWindow *window);
static void window_read_part (VlWindow *window, guint index);

static void
part_free (gpointer data)
{
  Part *part = data;

  if (part->reading != NULL)
    _vl_reading_cancel (part->reading);
  g_clear_object (&part->page);
  g_free (part);
}

static void
window_free (VlWindow *window)
{
  if (window->handle != NULL)
    *window->handle = NULL;
  g_ptr_array_unref (window->parts);
  g_clear_error (&window->error);
  g_object_unref (window->query);
  _vl_live_core_unref (window->core);
  g_free (window);
}

static void
window_answer (VlWindow *window, VlPage *page, const GError *error)
{
  VlWindowFunc func = window->func;
  gpointer user_data = window->user_data;

  window_free (window);
  func (page, error, user_data);
}

static guint64
first_page (VlQuery *query, guint size)
{
  return size > 0 ? vl_query_get_offset (query) / size : 0;
}

/* The last of the pages that a window lies on. */
static guint64
last_page (VlQuery *query, guint size)
{
  guint64 offset = query->offset;
  guint64 limit = query->limit;

  if (size == 0)
    return 0;
  if (limit == 0 || offset > G_MAXUINT64 - limit)
    return G_MAXUINT64 / size;

  return (offset + limit - 1) / size;
}

/* The rows of the page at `n` that are in the window. */
static VlPage *
cut_part (VlQuery *query, guint size, Part *part)
{
  guint64 begin = part->n * size;
  guint64 n_records = vl_page_get_n_records (part->page);
  guint64 from = MAX (vl_query_get_offset (query), begin) - begin;
  guint64 limit = vl_query_get_limit (query);
  guint64 to = n_records;
  VlPageInfo info;

  if (limit > 0)
    to = MIN (to,
              from + limit -
                (vl_query_get_offset (query) < begin ? begin - vl_query_get_offset (query) : 0));
  from = MIN (from, to);
  _vl_page_get_info (part->page, &info);

  return _vl_page_cut (part->page, (guint) from, (guint) (to - from), &info);
}

static gboolean
is_short (guint size, VlPage *page)
{
  return size == 0 || page->n_rows < size;
}

/* What the window says of itself, put together from its pages. */
static void
describe_window (VlQuery *query, guint size, GPtrArray *parts, VlPageInfo *info)
{
  Part *last = g_ptr_array_index (parts, parts->len - 1);

  _vl_page_get_info (((Part *) g_ptr_array_index (parts, 0))->page, info);
  info->offset = vl_query_get_offset (query);
  for (guint i = 1; i < parts->len; i++)
    {
      VlPageInfo other;

      _vl_page_get_info (((Part *) g_ptr_array_index (parts, i))->page, &other);
      info->total = MAX (info->total, other.total);
      info->fetched_at = MIN (info->fetched_at, other.fetched_at);
      info->from_cache &= other.from_cache;
      info->is_stale |= other.is_stale;
      info->has_pending |= other.has_pending;
    }

  /* A page that is not full is the last one: that is the total. An empty one
   * tells it only if the page before it was full. */
  if (info->total < 0 && is_short (size, last->page) &&
      (vl_page_get_n_records (last->page) > 0 || parts->len > 1 || last->n == 0))
    info->total = (gint64) (last->n * size + vl_page_get_n_records (last->page));
}

/* The rows as the master has them. */
static VlPage *
glue_base (VlQuery *query, guint size, GPtrArray *parts, const VlPageInfo *info)
{
  g_autoptr (GPtrArray) cuts = g_ptr_array_new_with_free_func (g_object_unref);

  if (parts->len == 1)
    {
      Part *part = g_ptr_array_index (parts, 0);
      guint limit = vl_query_get_limit (query);

      /* The common case, a window that is a page: nothing is made for it. */
      if (vl_page_get_offset (part->page) == info->offset &&
          vl_page_get_total (part->page) == info->total &&
          (limit == 0 || vl_page_get_n_records (part->page) <= limit))
        return g_object_ref (part->page);
    }

  for (guint i = 0; i < parts->len; i++)
    g_ptr_array_add (cuts, cut_part (query, size, g_ptr_array_index (parts, i)));
  if (cuts->len == 1)
    return _vl_page_with_info (g_ptr_array_index (cuts, 0), info);

  return _vl_page_glue ((VlPage *const *) cuts->pdata, cuts->len, info);
}

/* Whether nothing comes after the last of the pages. */
static gboolean
is_at_end (guint size, GPtrArray *parts, gint64 total)
{
  Part *last = g_ptr_array_index (parts, parts->len - 1);

  return is_short (size, last->page) || (total >= 0 && (last->n + 1) * size >= (guint64) total);
}

/* What facts may have to know later: where its rows are. */
static void
note (VlLiveCore *core, VlPage *page)
{
  if (_vl_facts_expects (core->facts))
    _vl_facts_note (core->facts, page);
}

/* A window that is just what the cache has a page for. */
static void
repair (VlLiveCore *core, VlQuery *query, guint size, Part *part, VlPage *laid)
{
  const VlSlot slot = { .kind = VL_SLOT_PAGE, .query = query, .size = size, .n = part->n };

  if (query->limit == size && query->offset == part->n * size)
    _vl_repair (core, &slot, part->page, laid);
}

/* The window, as readers see it: the base, and the facts laid over it. */
static VlPage *
glue (VlLiveCore *core, VlQuery *query, guint size, GPtrArray *parts, VlOverlayState *state)
{
  g_autoptr (GPtrArray) pages = NULL;
  VlOverlayBase base = { .query = query, .n_pages = parts->len };
  VlPageInfo info;
  VlPage *laid;

  *state = VL_OVERLAY_DONE;
  for (guint i = 0; i < parts->len; i++)
    note (core, ((Part *) g_ptr_array_index (parts, i))->page);
  describe_window (query, size, parts, &info);
  if (_vl_facts_is_empty (core->facts) || (VL_MUTANT (REFRESH_FORGETS_PENDING) && !info.from_cache))
    return glue_base (query, size, parts, &info);

  pages = g_ptr_array_sized_new (parts->len);
  for (guint i = 0; i < parts->len; i++)
    g_ptr_array_add (pages, ((Part *) g_ptr_array_index (parts, i))->page);
  base.pages = (VlPage *const *) pages->pdata;
  base.is_end = is_at_end (size, parts, info.total);
  if (_vl_overlay_is_idle (core->overlay, base.pages, base.n_pages))
    return glue_base (query, size, parts, &info);

  laid = _vl_overlay_window (core->overlay, &base, &info, state);
  if (parts->len == 1 && *state == VL_OVERLAY_DONE)
    repair (core, query, size, g_ptr_array_index (parts, 0), laid);

  return laid;
}

/* Nobody knows whether the master read it before or after the table moved. */
static gboolean
was_overtaken (Part *part)
{
  return vl_page_get_is_stale (part->page) && !vl_page_get_from_cache (part->page);
}

static gboolean
fits_together (VlWindow *window)
{
  Part *first = g_ptr_array_index (window->parts, 0);

  if (window->parts->len == 1)
    return TRUE;

  for (guint i = 0; i < window->parts->len; i++)
    {
      Part *part = g_ptr_array_index (window->parts, i);

      if (part->epoch != first->epoch || was_overtaken (part))
        return FALSE;
    }

  return TRUE;
}

/* Begins anew with the pages. */
static void
window_restart (VlWindow *window)
{
  window->again = TRUE;
  window->ended = FALSE;
  window->first_n = first_page (window->query, window->size);
  window->last_n = last_page (window->query, window->size);
  g_ptr_array_set_size (window->parts, 0);
  window_advance (window);
}

/* The pages contradict what is known besides: what is cached is not what the
 * master has. TRUE when they are read once more. */
static gboolean
mend_torn (VlWindow *window, VlPage *page)
{
  window->core->stats->torn_windows++;
  for (guint i = 0; i < window->parts->len; i++)
    {
      Part *part = g_ptr_array_index (window->parts, i);

      if (window->again || vl_page_get_is_stale (part->page))
        return FALSE;
    }

  _vl_gate_invalidate (window->core, FALSE, NULL, NULL);
  window_restart (window);
  return TRUE;
}

/* Facts have moved rows of a page more into the window. TRUE when it is read. */
static gboolean
read_neighbour (VlWindow *window, VlOverlayState state)
{
  if (window->size == 0 || (state == VL_OVERLAY_WANTS_BEFORE && window->first_n == 0))
    return FALSE;

  if (state == VL_OVERLAY_WANTS_BEFORE)
    {
      window->first_n--;
      window_read_part (window, 0);
    }
  else
    {
      window->last_n = window->first_n + window->parts->len;
      window_read_part (window, window->parts->len);
    }
  return TRUE;
}

static void
window_complete (VlWindow *window)
{
  g_autoptr (VlPage) page = NULL;
  gboolean fits = fits_together (window);
  VlOverlayState state;

  if (!fits && !window->again)
    {
      window_restart (window);
      return;
    }

  page = glue (window->core, window->query, window->size, window->parts, &state);
  if (state == VL_OVERLAY_TORN && mend_torn (window, page))
    return;
  if ((state == VL_OVERLAY_WANTS_BEFORE || state == VL_OVERLAY_WANTS_AFTER) &&
      read_neighbour (window, state))
    return;

  if (!fits)
    {
      g_autoptr (VlPage) unflagged = g_steal_pointer (&page);

      page = _vl_copy_flag_stale (unflagged);
    }
  window_answer (window, page, NULL);
}

/* Drops what was read beyond the page that turned out to be the last. */
static void
drop_beyond_end (VlWindow *window)
{
  guint n_kept = 0;

  while (n_kept < window->parts->len)
    {
      Part *part = g_ptr_array_index (window->parts, n_kept++);

      if (part->page != NULL && is_short (window->size, part->page))
        break;
    }
  for (guint i = n_kept; i < window->parts->len; i++)
    {
      if (((Part *) g_ptr_array_index (window->parts, i))->page == NULL)
        window->n_under_way--;
    }
  g_ptr_array_set_size (window->parts, (int) n_kept);
}

static void
part_read (const VlReadResult *result, gpointer user_data)
{
  Part *part = user_data;
  VlWindow *window = part->window;

  part->reading = NULL;
  window->n_under_way--;
  if (result->error != NULL)
    {
      if (window->error == NULL)
        window->error = g_error_copy (result->error);
    }
  else
    {
      part->page = g_object_ref (result->page);
      part->epoch = result->epoch;
      window->total = MAX (window->total, vl_page_get_total (part->page));
      window->ended |= is_short (window->size, part->page);
    }

  /* The loop looks at what has come before it goes on. */
  if (!window->starting)
    window_advance (window);
}

/* Whether one more page is to be begun with now. */
static gboolean
wants_next (VlWindow *window)
{
  guint64 n = window->first_n + window->parts->len;

  if (window->ended || window->is_over || window->error != NULL || n > window->last_n)
    return FALSE;
  if (window->parts->len == 0)
    return TRUE;
  if (window->total >= 0 && n * window->size >= (guint64) window->total)
    return window->n_under_way == 0 && window->walks;
  if (window->walks && window->total < 0)
    return window->n_under_way == 0;

  return window->n_under_way < AHEAD;
}

/* The page is put into its place among the parts, and read. */
static void
begin_part (VlWindow *window, guint index)
{
  Part *part = g_new0 (Part, 1);
  const VlSlot slot = {
    .kind = VL_SLOT_PAGE,
    .query = window->query,
    .size = window->size,
    .n = window->first_n + index,
  };

  part->window = window;
  part->n = slot.n;
  g_ptr_array_insert (window->parts, (int) index, part);
  window->n_under_way++;
  part->reading = _vl_reader_read (window->core, &slot, &window->options, part_read, part);
}

/* A loop, not a recursion: what is in the cache answers at once. Whatever
 * happens inside, in the vfunc of a script that turns the main loop say, the
 * window and its parts are there when it is over. */
static void
window_begin_parts (VlWindow *window)
{
  window->starting = TRUE;
  while (wants_next (window))
    begin_part (window, window->parts->len);
  if (window->ended)
    drop_beyond_end (window);
  window->starting = FALSE;
}

/* One page more than was wanted at first. */
static void
window_read_part (VlWindow *window, guint index)
{
  window->starting = TRUE;
  begin_part (window, index);
  window->starting = FALSE;
  window_advance (window);
}

static void
window_advance (VlWindow *window)
{
  window_begin_parts (window);

  if (window->is_over)
    {
      window_free (window);
      return;
    }
  if (window->error != NULL)
    {
      g_autoptr (GError) error = g_steal_pointer (&window->error);

      window_answer (window, NULL, error);
      return;
    }
  if (window->n_under_way == 0)
    window_complete (window);
}

static guint
usable_size (VlLiveCore *core, guint page_size)
{
  return core->schema.has_windows ? page_size : 0;
}

VlWindow *
_vl_window_read (VlLiveCore *core,
                 VlQuery *query,
                 guint page_size,
                 const VlReadOptions *options,
                 VlWindowFunc func,
                 gpointer user_data)
{
  VlWindow *window = g_new0 (VlWindow, 1);
  VlWindow *handle = window;

  window->core = _vl_live_core_ref (core);
  window->query = g_object_ref (query);
  window->options = *options;
  window->func = func;
  window->user_data = user_data;
  window->size = usable_size (core, page_size);
  window->first_n = first_page (query, window->size);
  window->last_n = last_page (query, window->size);
  window->walks = query->limit == 0;
  window->total = -1;
  window->parts = g_ptr_array_new_with_free_func (part_free);
  window->handle = &handle;
  window_advance (window);
  if (handle != NULL)
    handle->handle = NULL;

  return handle;
}

void
_vl_window_cancel (VlWindow *window)
{
  if (window->starting)
    window->is_over = TRUE;
  else
    window_free (window);
}

/* A window that is just a page, the common case: nothing is made for it. */
static gboolean
is_the_page (VlQuery *query, guint size, VlPage *page)
{
  const VlPageInfo *info = &page->info;

  return info->offset == query->offset && (query->limit == 0 || page->n_rows <= query->limit) &&
         (info->total >= 0 || !is_short (size, page));
}

static void
add_part (GPtrArray *parts, VlPage *page, guint64 n)
{
  Part *part = g_new0 (Part, 1);

  part->page = page;
  part->n = n;
  g_ptr_array_add (parts, part);
}

/* A window that is not all of a page, which is consumed, but lies on it; or one
 * that facts have something to say about. NULL when they want more pages. */
static G_NO_INLINE VlPage *
glue_one (VlLiveCore *core, VlQuery *query, guint size, VlPage *page, guint64 n)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (part_free);
  g_autoptr (VlPage) window = NULL;
  VlOverlayState state;

  add_part (parts, page, n);
  window = glue (core, query, size, parts, &state);

  return state == VL_OVERLAY_DONE ? g_steal_pointer (&window) : NULL;
}

static VlPage *
peek_at (VlLiveCore *core, VlQuery *query, guint size, guint64 n, const VlReadOptions *options)
{
  const VlSlot slot = { .kind = VL_SLOT_PAGE, .query = query, .size = size, .n = n };

  return _vl_reader_peek (core, &slot, options);
}

/* Facts have moved rows of the page before or after into the window. */
static gboolean
peek_neighbour (VlLiveCore *core,
                VlQuery *query,
                guint size,
                const VlReadOptions *options,
                GPtrArray *parts,
                VlOverlayState state)
{
  gboolean before = state == VL_OVERLAY_WANTS_BEFORE;
  Part *edge = g_ptr_array_index (parts, before ? 0 : parts->len - 1);
  guint64 n = before ? edge->n - 1 : edge->n + 1;
  VlPage *page;

  if (size == 0 || (before && edge->n == 0))
    return FALSE;

  page = peek_at (core, query, size, n, options);
  if (page == NULL)
    return FALSE;

  add_part (parts, page, n);
  if (before)
    g_ptr_array_insert (parts, 0, g_ptr_array_steal_index (parts, parts->len - 1));

  return TRUE;
}

static VlPage *
glue_peeked (VlLiveCore *core,
             VlQuery *query,
             guint size,
             const VlReadOptions *options,
             GPtrArray *parts)
{
  VlOverlayState state;
  g_autoptr (VlPage) window = glue (core, query, size, parts, &state);

  while ((state == VL_OVERLAY_WANTS_BEFORE || state == VL_OVERLAY_WANTS_AFTER) &&
         peek_neighbour (core, query, size, options, parts, state))
    {
      g_clear_object (&window);
      window = glue (core, query, size, parts, &state);
    }

  return state == VL_OVERLAY_DONE ? g_steal_pointer (&window) : NULL;
}

/* A window of one page, which is consumed, that is more or less than that. */
static G_NO_INLINE VlPage *
peek_around (VlLiveCore *core,
             VlQuery *query,
             guint size,
             const VlReadOptions *options,
             VlPage *page)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (part_free);

  add_part (parts, page, query->offset / size);

  return glue_peeked (core, query, size, options, parts);
}

/* A window of several pages, or of a part of one. */
static G_NO_INLINE VlPage *
peek_parts (VlLiveCore *core, VlQuery *query, guint size, const VlReadOptions *options)
{
  guint64 n = first_page (query, size);
  guint64 last = last_page (query, size);
  gint64 total = -1;
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (part_free);

  for (; n <= last; n++)
    {
      VlPage *page = peek_at (core, query, size, n, options);

      if (page == NULL)
        return NULL;

      add_part (parts, page, n);
      total = MAX (total, page->info.total);
      /* As wants_next(): a list would not read on either. */
      if (is_short (size, page) ||
          (query->limit > 0 && total >= 0 && (n + 1) * size >= (guint64) total))
        break;
    }

  return glue_peeked (core, query, size, options, parts);
}

static G_NO_INLINE gboolean
has_nothing_over_it (VlLiveCore *core, VlPage *page)
{
  return _vl_overlay_is_idle (core->overlay, &page, 1);
}

/* Whether the page is the window as it is. */
static inline gboolean
is_window (VlLiveCore *core, VlQuery *query, guint size, VlPage *page)
{
  note (core, page);
  return is_the_page (query, size, page) &&
         (_vl_facts_is_empty (core->facts) || has_nothing_over_it (core, page));
}

VlPage *
_vl_window_peek (VlLiveCore *core, VlQuery *query, guint page_size, const VlReadOptions *options)
{
  guint size = usable_size (core, page_size);
  VlSlot slot = { .kind = VL_SLOT_PAGE, .query = query, .size = size };
  VlPage *page;

  if (size == 0 || query->limit != size || query->offset % size != 0)
    return peek_parts (core, query, size, options);

  slot.n = query->offset / size;
  page = _vl_reader_peek (core, &slot, options);
  if (page == NULL || is_window (core, query, size, page))
    return page;

  return peek_around (core, query, size, options, page);
}

VlPage *
_vl_window_get_at_hand (VlLiveCore *core,
                        VlQuery *query,
                        guint page_size,
                        const VlReadOptions *options)
{
  guint size = usable_size (core, page_size);
  const VlSlot slot = {
    .kind = VL_SLOT_PAGE,
    .query = query,
    .size = size,
    .n = first_page (query, size),
  };
  gboolean walks = size > 0 && query->limit == 0;
  VlPage *page;

  if (!walks && slot.n != last_page (query, size))
    return NULL;

  page = _vl_reader_get_at_hand (core, &slot, options, walks);
  if (page == NULL || is_window (core, query, size, page))
    return page;

  page = glue_one (core, query, size, page, slot.n);
  /* It is read again, and counted then. */
  if (page == NULL)
    core->stats->hits--;

  return page;
}
