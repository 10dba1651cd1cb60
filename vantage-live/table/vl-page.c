/* vl-page.c: an immutable window of records
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-page-rows-private.h"
#include "vl-page.h"
#include "vl-record-private.h"

/**
 * VlPage:
 *
 * An immutable window of records: the unit of caching.
 *
 * A page is a [iface@Gio.ListModel] of [class@Record] that never changes, and so
 * never emits [signal@Gio.ListModel::items-changed]. It knows where in the whole
 * list it begins, how long that list is, and how old the copy is. Records are
 * made when they are asked for; the same position always answers the same
 * record.
 *
 * Pages may be used from any thread.
 *
 * Since: 1.0
 */

enum
{
  PROP_0,
  PROP_OFFSET,
  PROP_TOTAL,
  PROP_FETCHED_AT,
  PROP_FROM_CACHE,
  PROP_IS_STALE,
  PROP_HAS_PENDING,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static GType
vl_page_get_item_type (GListModel *model)
{
  return VL_TYPE_RECORD;
}

static guint
vl_page_get_n_items (GListModel *model)
{
  return VL_PAGE (model)->n_rows;
}

static gpointer
vl_page_get_item (GListModel *model, guint position)
{
  VlPage *self = VL_PAGE (model);

  if (position >= self->n_rows)
    return NULL;

  return _vl_page_rows_get_record (self->rows, position);
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = vl_page_get_item_type;
  iface->get_n_items = vl_page_get_n_items;
  iface->get_item = vl_page_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (VlPage,
                               vl_page,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
vl_page_finalize (GObject *object)
{
  VlPage *self = VL_PAGE (object);

  g_clear_pointer (&self->rows, _vl_page_rows_unref);

  G_OBJECT_CLASS (vl_page_parent_class)->finalize (object);
}

static void
vl_page_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  VlPage *self = VL_PAGE (object);

  switch (prop_id)
    {
    case PROP_OFFSET:
      g_value_set_uint64 (value, self->info.offset);
      break;
    case PROP_TOTAL:
      g_value_set_int64 (value, self->info.total);
      break;
    case PROP_FETCHED_AT:
      g_value_set_int64 (value, self->info.fetched_at);
      break;
    case PROP_FROM_CACHE:
      g_value_set_boolean (value, self->info.from_cache);
      break;
    case PROP_IS_STALE:
      g_value_set_boolean (value, self->info.is_stale);
      break;
    case PROP_HAS_PENDING:
      g_value_set_boolean (value, self->info.has_pending);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
vl_page_class_init (VlPageClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->finalize = vl_page_finalize;
  object_class->get_property = vl_page_get_property;

  /**
   * VlPage:offset: (getter get_offset)
   *
   * The position of the first record in the whole list.
   *
   * Since: 1.0
   */
  properties[PROP_OFFSET] = g_param_spec_uint64 ("offset", NULL, NULL, 0, G_MAXUINT64, 0,
                                                 G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * VlPage:total: (getter get_total)
   *
   * The length of the whole list, or -1 if it is not known.
   *
   * Since: 1.0
   */
  properties[PROP_TOTAL] = g_param_spec_int64 ("total", NULL, NULL, -1, G_MAXINT64, -1,
                                               G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * VlPage:fetched-at: (getter get_fetched_at)
   *
   * When the page was fetched from its master: microseconds since the epoch
   * in UTC, or 0 if it never was.
   *
   * Since: 1.0
   */
  properties[PROP_FETCHED_AT] = g_param_spec_int64 ("fetched-at", NULL, NULL, G_MININT64,
                                                    G_MAXINT64, 0,
                                                    G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * VlPage:from-cache: (getter get_from_cache)
   *
   * Whether the page was answered from a cache.
   *
   * Since: 1.0
   */
  properties[PROP_FROM_CACHE] = g_param_spec_boolean ("from-cache", NULL, NULL, FALSE,
                                                      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * VlPage:is-stale: (getter get_is_stale)
   *
   * Whether the page is known to be out of date, or may be.
   *
   * Since: 1.0
   */
  properties[PROP_IS_STALE] = g_param_spec_boolean ("is-stale", NULL, NULL, FALSE,
                                                    G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * VlPage:has-pending: (getter get_has_pending)
   *
   * Whether the page shows writes that the master has not stored yet.
   *
   * Since: 1.0
   */
  properties[PROP_HAS_PENDING] = g_param_spec_boolean ("has-pending", NULL, NULL, FALSE,
                                                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
vl_page_init (VlPage *self)
{
  self->info.total = -1;
}

static VlPage *
new_take_rows (VlPageRows *rows, const VlPageInfo *info)
{
  VlPage *self = g_object_new (VL_TYPE_PAGE, NULL);

  self->rows = rows;
  self->n_rows = rows->n_rows;
  self->info = *info;

  return self;
}

static void
add_rows (VlPageRuns *runs, VlPage *page, guint first, guint n)
{
  const VlPageRun *run;
  guint end = first + n;

  if (page->rows == NULL)
    return;

  for (run = page->rows->runs; run < page->rows->runs + page->rows->n_runs; run++)
    {
      guint from = MAX (first, run->position);
      guint to = MIN (end, run->position + run->n_rows);

      if (from < to)
        _vl_page_runs_add_part (runs, run, from - run->position, to - from);
    }
}

void
_vl_page_get_info (VlPage *self, VlPageInfo *info)
{
  *info = self->info;
}

VlPage *
_vl_page_with_info (VlPage *self, const VlPageInfo *info)
{
  if (self->rows == NULL)
    return _vl_page_new_from_records (NULL, 0, info);

  return new_take_rows (_vl_page_rows_ref (self->rows), info);
}

VlPage *
_vl_page_cut (VlPage *self, guint first, guint n, const VlPageInfo *info)
{
  guint n_rows = self->n_rows;
  VlPageRuns *runs = _vl_page_runs_new ();

  first = MIN (first, n_rows);
  add_rows (runs, self, first, MIN (n, n_rows - first));

  return new_take_rows (_vl_page_runs_end (runs), info);
}

VlPage *
_vl_page_glue (VlPage *const *pages, guint n_pages, const VlPageInfo *info)
{
  VlPageRuns *runs = _vl_page_runs_new ();

  for (guint i = 0; i < n_pages; i++)
    add_rows (runs, pages[i], 0, pages[i]->n_rows);

  return new_take_rows (_vl_page_runs_end (runs), info);
}

VlPage *
_vl_page_new_from_records (VlRecord *const *records, guint n_records, const VlPageInfo *info)
{
  VlPageRuns *runs = _vl_page_runs_new ();
  VlPageRows *rows;

  for (guint i = 0; i < n_records; i++)
    {
      guint row;
      VlBlock *block = _vl_record_get_row (records[i], &row);

      _vl_page_runs_add (runs, block, row, 1);
    }

  rows = _vl_page_runs_end (runs);
  if (n_records > 0)
    _vl_page_rows_use_records (rows, records);

  return new_take_rows (rows, info);
}

gboolean
_vl_page_equal_rows (VlPage *a, VlPage *b)
{
  guint n_rows = a->n_rows;

  if (n_rows != b->n_rows)
    return FALSE;
  if (a->rows == b->rows)
    return TRUE;

  for (guint i = 0; i < n_rows; i++)
    {
      guint row_a, row_b;
      VlBlock *block_a = _vl_page_rows_get (a->rows, i, &row_a);
      VlBlock *block_b = _vl_page_rows_get (b->rows, i, &row_b);

      if (!_vl_block_row_equal (block_a, row_a, block_b, row_b))
        return FALSE;
    }

  return TRUE;
}

gsize
_vl_page_get_n_bytes (VlPage *self)
{
  return sizeof (VlPage) + (self->rows != NULL ? _vl_page_rows_get_n_bytes (self->rows) : 0);
}

VlPage *
_vl_page_new_take_block (VlBlock *block, const VlPageInfo *info)
{
  g_autoptr (VlBlock) owned = block;
  VlPageRuns *runs = _vl_page_runs_new ();

  _vl_page_runs_add (runs, owned, 0, owned->n_rows);

  return new_take_rows (_vl_page_runs_end (runs), info);
}

/**
 * vl_page_new_from_bytes:
 * @bytes: what [method@Page.to_bytes] made
 *
 * Restores a page.
 *
 * The bytes are checked, and then used as they are, without a copy.
 *
 * Fails with %VL_ERROR_CORRUPT if the bytes are not a whole and sound page, or
 * were written by another version of the library that this one cannot read.
 *
 * Returns: (transfer full): a page
 *
 * Since: 1.0
 */
VlPage *
vl_page_new_from_bytes (GBytes *bytes, GError **error)
{
  VlPageInfo info;
  VlBlock *block;

  g_return_val_if_fail (bytes != NULL, NULL);

  block = _vl_block_new_from_bytes (bytes, error);
  if (block == NULL)
    return NULL;
  _vl_block_get_info (block, &info);

  return _vl_page_new_take_block (block, &info);
}

/**
 * vl_page_to_bytes:
 *
 * Makes bytes of the page, which [ctor@Page.new_from_bytes] restores on a
 * machine of the same byte order.
 *
 * They hold the records, the offset, the total and the time of the fetch, but
 * not how this page was come by: whether it is from a cache, stale, or has
 * pending writes.
 *
 * Returns: (transfer full): the bytes
 *
 * Since: 1.0
 */
GBytes *
vl_page_to_bytes (VlPage *self)
{
  g_autoptr (VlPageRows) rows = NULL;
  g_autoptr (VlBlock) block = NULL;

  g_return_val_if_fail (VL_IS_PAGE (self), NULL);

  if (self->rows != NULL)
    rows = _vl_page_rows_ref (self->rows);
  else
    rows = _vl_page_runs_end (_vl_page_runs_new ());
  block = _vl_page_rows_flatten (rows);

  return _vl_block_to_bytes (block, &self->info);
}

/**
 * vl_page_to_json:
 *
 * Makes JSON text of all records: an array of objects as
 * [method@Record.to_json] makes them.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
vl_page_to_json (VlPage *self)
{
  g_autoptr (GString) json = g_string_new ("[");

  g_return_val_if_fail (VL_IS_PAGE (self), NULL);

  if (self->rows != NULL)
    _vl_page_rows_mark_read (self->rows);
  for (guint i = 0; i < self->n_rows; i++)
    {
      guint row;
      VlBlock *block = _vl_page_rows_get (self->rows, i, &row);

      if (i > 0)
        g_string_append_c (json, ',');
      _vl_block_row_to_json (block, row, json);
    }
  g_string_append_c (json, ']');

  return g_string_free (g_steal_pointer (&json), FALSE);
}

/**
 * vl_page_get_n_records:
 *
 * Gets the number of records in the page.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
vl_page_get_n_records (VlPage *self)
{
  g_return_val_if_fail (VL_IS_PAGE (self), 0);

  return self->n_rows;
}

/**
 * vl_page_get_record:
 * @position: a position in the page, from 0
 *
 * Gets a record.
 *
 * The page keeps it: the same position answers the same record.
 *
 * Returns: (transfer full) (nullable): the record, or %NULL if the page ends
 *   before that position
 *
 * Since: 1.0
 */
VlRecord *
vl_page_get_record (VlPage *self, guint position)
{
  g_return_val_if_fail (VL_IS_PAGE (self), NULL);

  return vl_page_get_item (G_LIST_MODEL (self), position);
}

/**
 * vl_page_get_record_id:
 * @position: a position in the page, from 0
 *
 * Gets the id of a record, without making the record.
 *
 * Returns: (transfer none) (nullable): the id, or %NULL if the record has none
 *   or the page ends before that position; it lives as long as the page
 *
 * Since: 1.0
 */
const char *
vl_page_get_record_id (VlPage *self, guint position)
{
  VlBlock *block;
  guint row;

  g_return_val_if_fail (VL_IS_PAGE (self), NULL);

  if (position >= self->n_rows)
    return NULL;
  block = _vl_page_rows_get (self->rows, position, &row);

  return _vl_block_get_id (block, row);
}

/**
 * vl_page_find:
 * @id: the id of a record
 * @position: (out) (optional): where to put the position of the record
 *
 * Finds a record by its id.
 *
 * The first call on a page of many records takes longer than later ones.
 *
 * Returns: %TRUE if the page has a record of that id; of several it is the
 *   first
 *
 * Since: 1.0
 */
gboolean
vl_page_find (VlPage *self, const char *id, guint *position)
{
  guint found = 0;
  gboolean is_there;

  g_return_val_if_fail (VL_IS_PAGE (self), FALSE);
  g_return_val_if_fail (id != NULL, FALSE);

  is_there = self->rows != NULL && _vl_page_rows_find (self->rows, id, &found);
  if (position != NULL)
    *position = found;

  return is_there;
}

/**
 * vl_page_get_offset: (get-property offset)
 *
 * Gets the position of the first record in the whole list.
 *
 * Returns: the position, from 0
 *
 * Since: 1.0
 */
guint64
vl_page_get_offset (VlPage *self)
{
  g_return_val_if_fail (VL_IS_PAGE (self), 0);

  return self->info.offset;
}

/**
 * vl_page_get_total: (get-property total)
 *
 * Gets the length of the whole list.
 *
 * Returns: the length, or -1 if it is not known
 *
 * Since: 1.0
 */
gint64
vl_page_get_total (VlPage *self)
{
  g_return_val_if_fail (VL_IS_PAGE (self), -1);

  return self->info.total;
}

/**
 * vl_page_get_fetched_at: (get-property fetched-at)
 *
 * Gets the time when the page was fetched from its master.
 *
 * Returns: microseconds since the epoch in UTC, or 0 if it never was
 *
 * Since: 1.0
 */
gint64
vl_page_get_fetched_at (VlPage *self)
{
  g_return_val_if_fail (VL_IS_PAGE (self), 0);

  return self->info.fetched_at;
}

/**
 * vl_page_get_from_cache: (get-property from-cache)
 *
 * Tells whether the page was answered from a cache.
 *
 * Returns: %TRUE if it was
 *
 * Since: 1.0
 */
gboolean
vl_page_get_from_cache (VlPage *self)
{
  g_return_val_if_fail (VL_IS_PAGE (self), FALSE);

  return self->info.from_cache;
}

/**
 * vl_page_get_is_stale: (get-property is-stale)
 *
 * Tells whether the page is known to be out of date, or may be.
 *
 * Returns: %TRUE if it is
 *
 * Since: 1.0
 */
gboolean
vl_page_get_is_stale (VlPage *self)
{
  g_return_val_if_fail (VL_IS_PAGE (self), FALSE);

  return self->info.is_stale;
}

/**
 * vl_page_get_has_pending: (get-property has-pending)
 *
 * Tells whether the page shows writes that the master has not stored yet.
 *
 * Returns: %TRUE if it does
 *
 * Since: 1.0
 */
gboolean
vl_page_get_has_pending (VlPage *self)
{
  g_return_val_if_fail (VL_IS_PAGE (self), FALSE);

  return self->info.has_pending;
}
