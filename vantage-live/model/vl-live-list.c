/* vl-live-list.c: the records of a query as a list model
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-live-list-private.h"

#include "../base/vl-mutant-private.h"
#include "../live/vl-live-table.h"
#include "../table/vl-page.h"
#include "../table/vl-query.h"
#include "../table/vl-record.h"
#include "../table/vl-table.h"
#include "../vl-enums.h"

/* Unless the application or the live table says otherwise. */
#define DEFAULT_PAGE_SIZE 100

/**
 * VlLiveList:
 *
 * The records of a query as a [iface@Gio.ListModel] of [class@Row], loaded as
 * they are looked at.
 *
 * It may be as long as the table is: an item is made when somebody asks for it,
 * as a placeholder whose record is on its way, and forgotten when nobody holds
 * it any more. What is fetched is what is looked at, in pages: those that were
 * asked for lately and of which somebody holds a row, and a page in the
 * direction of travel. A list view does all this by itself, as long as it sits
 * directly in a scrolled window.
 *
 * # What it shows
 *
 * Rows are filled in place: [property@Row:record] notifies, and the list emits
 * nothing. [signal@Gio.ListModel::items-changed] tells of membership and order
 * alone, and never from inside a call: a change is emitted from the main loop,
 * as the smallest run that covers it. Nothing that is shown is ever blanked in
 * order to be loaded again.
 *
 * Over a [class@LiveTable] the list is live: what is written through it, and what
 * its streams tell of, shows at once. So it does over another table with a
 * stream of its own. A new [property@LiveList:query] takes the place of the old
 * one when its first page is there; until then the old rows stay.
 *
 * # How many items there are
 *
 * The table tells, with the first page or when it is asked to count. Where it
 * cannot, or is wrong, the list grows and shrinks at its end as pages come in;
 * see [property@LiveList:total-kind]. An empty list is
 * %VL_LOAD_STATE_COMPLETE; before that nobody knows.
 *
 * # One row for one id
 *
 * A table whose order changes between one page and the next shows a record
 * twice: both pages are asked for again. One that has an id more than once is
 * not going to have it once: one of the places then stays without a record,
 * %VL_ROW_STATE_LOAD_FAILED with %VL_ERROR_CORRUPT, and the list has failed,
 * until a change, [method@LiveList.refresh] or [method@LiveList.retry] has it
 * asked for anew.
 *
 * # What not to do
 *
 * Sorting, filtering and searching belong into the query. A sort or filter model
 * on top of the list, and whatever else goes through all of its items, loads the
 * whole table; the list warns of it once.
 *
 * A list belongs to the thread that made it, which is that of its live table,
 * and to its thread-default context.
 *
 * Since: 1.0
 */

enum
{
  PROP_TABLE = 1,
  PROP_QUERY,
  PROP_PAGE_SIZE,
  PROP_ITEM_TYPE,
  PROP_N_ITEMS,
  PROP_LOADING,
  PROP_LOAD_STATE,
  PROP_ERROR,
  PROP_TOTAL_KIND,
  PROP_PENDING,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void vl_live_list_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (VlLiveList,
                               vl_live_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, vl_live_list_iface_init))

/* The list model */

static GType
vl_live_list_get_item_type (GListModel *model)
{
  return VL_TYPE_ROW;
}

static guint
vl_live_list_get_n_items (GListModel *model)
{
  return ((VlLiveList *) model)->n_items;
}

/* Whether what another list has shown of a record is newer. One page may have
 * been shown with a write over it, and without; what is clean here is how it is
 * now. */
static gboolean
knows_better (VlRowCell *cell, const VlListSpan *span)
{
  gint64 fetched_at = vl_page_get_fetched_at (span->page);

  return cell->fetched_at > fetched_at || (cell->fetched_at == fetched_at && span->is_dirty);
}

static void
fill_at_hand (VlLiveList *self, VlRow *row, guint position)
{
  const VlListSpan *span = _vl_list_spans_find (&self->spans, position);
  g_autoptr (VlRecord) record = NULL;
  const char *id;

  if (span == NULL)
    return;

  id = _vl_list_spans_get_id (&self->spans, position);
  if (_vl_live_list_find_row (self, id) != NULL)
    return;

  _vl_row_bind (row, _vl_row_cells_get_cell (self->cells, id));
  if (row->cell->record != NULL && knows_better (row->cell, span))
    return;

  record = _vl_list_spans_get_record (&self->spans, position);
  _vl_row_cell_set_record (row->cell, record, vl_page_get_fetched_at (span->page),
                           vl_page_get_is_stale (span->page), self->touched);
  if (self->touched->len > 0)
    _vl_live_list_wake (self);
}

/* A row that nobody has seen yet: what is at hand for it is in it from the
 * start. */
static void
bear (VlLiveList *self, VlRow *row, guint position)
{
  gpointer page = GUINT_TO_POINTER (position / self->page_size);
  VlListRest *rest = g_hash_table_lookup (self->rests, page);

  fill_at_hand (self, row, position);
  if (rest == NULL || rest->error == NULL || g_hash_table_contains (self->fetches, page))
    return;

  /* Of a page that is given up, the other rows are good. */
  if (!rest->is_torn || row->cell == NULL)
    _vl_row_set_load_error (row, rest->error);
}

/* Somebody still holds the row of the record that is to be here. */
static VlRow *
find_homeless (VlLiveList *self, guint position)
{
  const char *id = _vl_list_spans_get_id (&self->spans, position);
  VlRow *row = _vl_live_list_find_row (self, id);

  return row != NULL && !row->is_placed ? g_object_ref (row) : NULL;
}

static VlRow *
make_row (VlLiveList *self, guint position)
{
  VlRow *row = find_homeless (self, position);

  if (row != NULL)
    {
      _vl_live_list_adopt (self, row, position);
      _vl_live_list_wake (self);
      return row;
    }

  row = _vl_row_new (self, position);
  _vl_row_map_put (&self->map, position, row);
  bear (self, row, position);
  _vl_row_sync_silently (row);
  _vl_live_list_count_sweep (self);

  return row;
}

static inline gboolean
is_good (VlRow *row)
{
  return row->cell != NULL && row->cell->record != NULL && !row->cell->is_stale &&
         !row->is_behind && row->load_error == NULL;
}

static gpointer
vl_live_list_get_item (GListModel *model, guint position)
{
  VlLiveList *self = (VlLiveList *) model;
  VlRow *row;

  if (position >= self->n_items)
    return NULL;

  row = _vl_row_map_get (&self->map, position);
  if (G_LIKELY (row != NULL && is_good (row) && self->n_recent > 0 &&
                position / self->page_size == self->recent[0]))
    return g_object_ref (row);

  row = row != NULL ? g_object_ref (row) : make_row (self, position);
  _vl_live_list_demand (self, position);
  if (VL_MUTANT (FETCH_FROM_GET_ITEM))
    _vl_live_list_flush (self);

  return row;
}

static void
vl_live_list_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = vl_live_list_get_item_type;
  iface->get_n_items = vl_live_list_get_n_items;
  iface->get_item = vl_live_list_get_item;
}

/* For the other files */

/* The row is being finalized; it may be the last one of a page that is on its
 * way. */
void
_vl_live_list_row_died (VlLiveList *self, VlRow *row)
{
  if (row->is_placed)
    {
      guint page = row->position / self->page_size;

      _vl_row_map_remove (&self->map, row);
      if (!self->is_demanded && !self->is_disposed &&
          g_hash_table_contains (self->fetches, GUINT_TO_POINTER (page)))
        {
          self->is_demanded = TRUE;
          _vl_live_list_schedule (self, VL_LIST_FRAME);
        }
    }
  g_hash_table_remove (self->rows, row);
}

gboolean
_vl_live_list_is_loading (VlLiveList *self)
{
  return self->is_opening || self->recounts || self->is_refreshing ||
         g_hash_table_size (self->fetches) > 0;
}

VlLoadState
_vl_live_list_find_load_state (VlLiveList *self)
{
  if (self->error != NULL)
    return VL_LOAD_STATE_FAILED;
  if (self->shown == NULL)
    return VL_LOAD_STATE_LOADING;
  if (self->total_kind == VL_TOTAL_KIND_UNKNOWN ||
      _vl_list_spans_count (&self->spans) < self->n_items)
    return VL_LOAD_STATE_PARTIAL;

  return VL_LOAD_STATE_COMPLETE;
}

void
_vl_live_list_notify_n_items (VlLiveList *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_ITEMS]);
}

static gboolean
take_error (VlLiveList *self)
{
  if (self->shown_error == NULL && self->error == NULL)
    return FALSE;
  if (self->shown_error != NULL && self->error != NULL &&
      g_error_matches (self->error, self->shown_error->domain, self->shown_error->code) &&
      g_str_equal (self->error->message, self->shown_error->message))
    return FALSE;

  g_clear_error (&self->shown_error);
  self->shown_error = self->error != NULL ? g_error_copy (self->error) : NULL;

  return TRUE;
}

/* Notifies of what is not the same as the last time. */
void
_vl_live_list_notify_state (VlLiveList *self)
{
  GObject *object = G_OBJECT (self);
  gboolean loading = _vl_live_list_is_loading (self);
  VlLoadState load_state = _vl_live_list_find_load_state (self);
  guint pending = _vl_row_writes_count (self->cells, self);

  g_object_freeze_notify (object);
  if (self->shown_loading != loading)
    g_object_notify_by_pspec (object, properties[PROP_LOADING]);
  if (self->shown_load_state != load_state)
    g_object_notify_by_pspec (object, properties[PROP_LOAD_STATE]);
  if (self->shown_total_kind != self->total_kind)
    g_object_notify_by_pspec (object, properties[PROP_TOTAL_KIND]);
  if (self->shown_pending != pending)
    g_object_notify_by_pspec (object, properties[PROP_PENDING]);
  if (take_error (self))
    g_object_notify_by_pspec (object, properties[PROP_ERROR]);
  self->shown_loading = loading;
  self->shown_load_state = load_state;
  self->shown_total_kind = self->total_kind;
  self->shown_pending = pending;
  g_object_thaw_notify (object);
}

/* The object */

static void
find_page_size (VlLiveList *self)
{
  if (self->page_size == 0 && self->live != NULL)
    self->page_size = vl_live_table_get_page_size (self->live);
  if (self->page_size == 0)
    self->page_size = DEFAULT_PAGE_SIZE;
  self->n_recent_max = CLAMP (VL_LIST_RECENT_ROWS / self->page_size, VL_LIST_RECENT_MIN,
                              VL_LIST_RECENT_MAX);
}

static void
vl_live_list_constructed (GObject *object)
{
  VlLiveList *self = VL_LIVE_LIST (object);

  G_OBJECT_CLASS (vl_live_list_parent_class)->constructed (object);

  if (self->table == NULL)
    /* A script can leave out what vl_live_list_new() asks for. */
    self->table = VL_TABLE (g_object_new (VL_TYPE_LIVE_TABLE, NULL));
  if (self->query == NULL)
    self->query = vl_query_new ();
  self->live = VL_IS_LIVE_TABLE (self->table) ? VL_LIVE_TABLE (self->table) : NULL;
  find_page_size (self);
  self->cells = _vl_row_cells_get (self->table);
  g_ptr_array_add (self->cells->lists, self);
  _vl_live_list_listen (self);

  /* Nobody listens yet: what is at hand can be there from the start. */
  self->in_turn = TRUE;
  _vl_live_list_open_at_hand (self);
  _vl_live_list_emit (self);
  self->in_turn = FALSE;
  self->shown_loading = _vl_live_list_is_loading (self);
  self->shown_load_state = _vl_live_list_find_load_state (self);
  self->shown_total_kind = self->total_kind;
  _vl_live_list_schedule (self, 0);
}

/* Rows that somebody holds go on without. */
static void
release_rows (VlLiveList *self)
{
  GHashTableIter iter;
  gpointer row;

  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, &row, NULL))
    ((VlRow *) row)->list = NULL;
}

static void
vl_live_list_dispose (GObject *object)
{
  VlLiveList *self = VL_LIVE_LIST (object);

  if (!self->is_disposed)
    {
      self->is_disposed = TRUE;
      _vl_live_list_stop_listening (self);
      _vl_live_list_cancel_all (self);
      _vl_live_list_clear_inbox (self);
      _vl_timer_clear (&self->timer);
      g_ptr_array_remove_fast (self->cells->lists, self);
    }

  G_OBJECT_CLASS (vl_live_list_parent_class)->dispose (object);
}

static void
vl_live_list_finalize (GObject *object)
{
  VlLiveList *self = VL_LIVE_LIST (object);

  release_rows (self);
  if (self->factory_destroy != NULL)
    self->factory_destroy (self->factory_data);
  g_clear_pointer (&self->touched, g_ptr_array_unref);
  g_clear_pointer (&self->rows, g_hash_table_unref);
  g_clear_pointer (&self->fetches, g_hash_table_unref);
  g_clear_pointer (&self->rests, g_hash_table_unref);
  g_clear_pointer (&self->torn, g_hash_table_unref);
  g_clear_pointer (&self->left, g_array_unref);
  _vl_row_map_clear (&self->map);
  _vl_list_spans_clear (&self->spans);
  g_clear_pointer (&self->cells, _vl_row_cells_unref);
  g_clear_pointer (&self->home, _vl_handoff_unref);
  g_clear_error (&self->error);
  g_clear_error (&self->shown_error);
  g_clear_object (&self->query);
  g_clear_object (&self->shown);
  g_clear_object (&self->table);

  G_OBJECT_CLASS (vl_live_list_parent_class)->finalize (object);
}

static void
vl_live_list_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  VlLiveList *self = VL_LIVE_LIST (object);

  switch (prop_id)
    {
    case PROP_TABLE:
      g_value_set_object (value, self->table);
      break;
    case PROP_QUERY:
      g_value_set_object (value, self->query);
      break;
    case PROP_PAGE_SIZE:
      g_value_set_uint (value, self->page_size);
      break;
    case PROP_ITEM_TYPE:
      g_value_set_gtype (value, VL_TYPE_ROW);
      break;
    case PROP_N_ITEMS:
      g_value_set_uint (value, self->n_items);
      break;
    case PROP_LOADING:
      g_value_set_boolean (value, vl_live_list_get_loading (self));
      break;
    case PROP_LOAD_STATE:
      g_value_set_enum (value, (int) vl_live_list_get_load_state (self));
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, self->error);
      break;
    case PROP_TOTAL_KIND:
      g_value_set_enum (value, (int) self->total_kind);
      break;
    case PROP_PENDING:
      g_value_set_uint (value, vl_live_list_get_pending (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
vl_live_list_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  VlLiveList *self = VL_LIVE_LIST (object);

  switch (prop_id)
    {
    case PROP_TABLE:
      self->table = g_value_dup_object (value);
      break;
    case PROP_QUERY:
      vl_live_list_set_query (self, g_value_get_object (value));
      break;
    case PROP_PAGE_SIZE:
      self->page_size = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
vl_live_list_class_init (VlLiveListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read_only = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags at_first = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  const GParamFlags settable = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->constructed = vl_live_list_constructed;
  object_class->dispose = vl_live_list_dispose;
  object_class->finalize = vl_live_list_finalize;
  object_class->get_property = vl_live_list_get_property;
  object_class->set_property = vl_live_list_set_property;

  /**
   * VlLiveList:table: (getter get_table)
   *
   * Where the records come from.
   *
   * Since: 1.0
   */
  properties[PROP_TABLE] = g_param_spec_object ("table", NULL, NULL, VL_TYPE_TABLE, at_first);

  /**
   * VlLiveList:query: (getter get_query) (setter set_query)
   *
   * Which records, and in what order.
   *
   * Since: 1.0
   */
  properties[PROP_QUERY] = g_param_spec_object ("query", NULL, NULL, VL_TYPE_QUERY,
                                                settable | G_PARAM_CONSTRUCT);

  /**
   * VlLiveList:page-size: (getter get_page_size)
   *
   * How many records are asked for together. When it is made with 0, that of the
   * live table, or 100.
   *
   * Since: 1.0
   */
  properties[PROP_PAGE_SIZE] = g_param_spec_uint ("page-size", NULL, NULL, 0, G_MAXINT, 0,
                                                  at_first);

  /**
   * VlLiveList:item-type:
   *
   * The type of the items: [class@Row].
   *
   * Since: 1.0
   */
  properties[PROP_ITEM_TYPE] = g_param_spec_gtype ("item-type", NULL, NULL, G_TYPE_OBJECT,
                                                   read_only);

  /**
   * VlLiveList:n-items:
   *
   * How many items there are, as far as that is known. It notifies after
   * [signal@Gio.ListModel::items-changed].
   *
   * Since: 1.0
   */
  properties[PROP_N_ITEMS] = g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0, read_only);

  /**
   * VlLiveList:loading: (getter get_loading)
   *
   * Whether anything is on its way.
   *
   * Since: 1.0
   */
  properties[PROP_LOADING] = g_param_spec_boolean ("loading", NULL, NULL, FALSE, read_only);

  /**
   * VlLiveList:load-state: (getter get_load_state)
   *
   * How much of the query the list has.
   *
   * Since: 1.0
   */
  properties[PROP_LOAD_STATE] = g_param_spec_enum ("load-state", NULL, NULL, VL_TYPE_LOAD_STATE,
                                                   VL_LOAD_STATE_LOADING, read_only);

  /**
   * VlLiveList:error:
   *
   * Why the last page that was asked for could not be had; %NULL when there is
   * none that failed.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, read_only);

  /**
   * VlLiveList:total-kind: (getter get_total_kind)
   *
   * What the number of items is worth.
   *
   * Since: 1.0
   */
  properties[PROP_TOTAL_KIND] = g_param_spec_enum ("total-kind", NULL, NULL, VL_TYPE_TOTAL_KIND,
                                                   VL_TOTAL_KIND_UNKNOWN, read_only);

  /**
   * VlLiveList:pending: (getter get_pending)
   *
   * How many of the rows that somebody holds have writes that are not settled.
   *
   * Since: 1.0
   */
  properties[PROP_PENDING] = g_param_spec_uint ("pending", NULL, NULL, 0, G_MAXUINT, 0, read_only);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
vl_live_list_init (VlLiveList *self)
{
  self->home = _vl_handoff_get (NULL);
  self->is_opening = TRUE;
  self->total_kind = VL_TOTAL_KIND_UNKNOWN;
  self->ahead = G_MAXUINT;
  self->ahead_failed = G_MAXUINT;
  self->lie = -1;
  self->count = -1;
  self->rows = g_hash_table_new (NULL, NULL);
  self->fetches = g_hash_table_new (NULL, NULL);
  self->rests = g_hash_table_new_full (NULL, NULL, NULL, _vl_list_rest_free);
  self->torn = g_hash_table_new (NULL, NULL);
  self->left = g_array_new (FALSE, FALSE, sizeof (guint));
  self->touched = g_ptr_array_new_with_free_func (g_object_unref);
  g_queue_init (&self->inbox);
  _vl_row_map_init (&self->map);
  _vl_list_spans_init (&self->spans);
}

/* Public */

/**
 * vl_live_list_new:
 * @table: where the records come from
 * @query: (nullable): which records, and in what order, or %NULL for all
 *
 * Creates a list on the calling thread and its thread-default context.
 *
 * What a live table has of the first page is in the list at once; anything else
 * is asked for from the main loop.
 *
 * Returns: (transfer full): a new list
 *
 * Since: 1.0
 */
VlLiveList *
vl_live_list_new (VlTable *table, VlQuery *query)
{
  g_return_val_if_fail (VL_IS_TABLE (table), NULL);
  g_return_val_if_fail (query == NULL || VL_IS_QUERY (query), NULL);

  return g_object_new (VL_TYPE_LIVE_LIST, "table", table, "query", query, NULL);
}

/**
 * vl_live_list_get_table: (get-property table)
 * @self: a list
 *
 * Gets where the records come from.
 *
 * Returns: (transfer none): the table
 *
 * Since: 1.0
 */
VlTable *
vl_live_list_get_table (VlLiveList *self)
{
  g_return_val_if_fail (VL_IS_LIVE_LIST (self), NULL);

  return self->table;
}

/**
 * vl_live_list_get_query: (get-property query)
 * @self: a list
 *
 * Gets which records are listed, or are going to be.
 *
 * Returns: (transfer none): the query
 *
 * Since: 1.0
 */
VlQuery *
vl_live_list_get_query (VlLiveList *self)
{
  g_return_val_if_fail (VL_IS_LIVE_LIST (self), NULL);

  return self->query;
}

/**
 * vl_live_list_set_query: (set-property query)
 * @self: a list
 * @query: (nullable): which records, and in what order, or %NULL for all
 *
 * Lists other records.
 *
 * The rows that are there stay until the first page of the new query is there,
 * or cannot be had. It may be called for each key that is pressed: of queries
 * that follow one another quickly only some are asked for. The offset and the
 * limit of a query count: the list then ends where they say.
 *
 * Since: 1.0
 */
void
vl_live_list_set_query (VlLiveList *self, VlQuery *query)
{
  g_autoptr (VlQuery) all = NULL;

  g_return_if_fail (VL_IS_LIVE_LIST (self));
  g_return_if_fail (query == NULL || VL_IS_QUERY (query));

  if (query == NULL)
    query = all = vl_query_new ();
  if (self->query != NULL && vl_query_equal (self->query, query))
    return;

  g_set_object (&self->query, query);
  /* Back to what is shown: nothing has to change. */
  self->is_opening = self->shown == NULL || !vl_query_equal (self->shown, query);
  if (self->cells != NULL && self->is_opening)
    _vl_live_list_cancel_all (self);
  else
    _vl_live_list_forget_opening (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_QUERY]);
  if (self->cells != NULL)
    _vl_live_list_schedule (self, 0);
}

/**
 * vl_live_list_get_page_size: (get-property page-size)
 * @self: a list
 *
 * Gets how many records are asked for together.
 *
 * Returns: the number of records
 *
 * Since: 1.0
 */
guint
vl_live_list_get_page_size (VlLiveList *self)
{
  g_return_val_if_fail (VL_IS_LIVE_LIST (self), 0);

  return self->page_size;
}

/**
 * vl_live_list_get_loading: (get-property loading)
 * @self: a list
 *
 * Gets whether anything is on its way.
 *
 * Returns: whether it is
 *
 * Since: 1.0
 */
gboolean
vl_live_list_get_loading (VlLiveList *self)
{
  g_return_val_if_fail (VL_IS_LIVE_LIST (self), FALSE);

  return _vl_live_list_is_loading (self);
}

/**
 * vl_live_list_get_load_state: (get-property load-state)
 * @self: a list
 *
 * Gets how much of the query the list has.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
VlLoadState
vl_live_list_get_load_state (VlLiveList *self)
{
  g_return_val_if_fail (VL_IS_LIVE_LIST (self), VL_LOAD_STATE_LOADING);

  return _vl_live_list_find_load_state (self);
}

/**
 * vl_live_list_dup_error:
 * @self: a list
 *
 * Gets why the last page that was asked for could not be had. The rows that
 * were in it say so themselves, see [property@Row:error].
 *
 * Returns: (transfer full) (nullable): the error, or %NULL if there is none
 *
 * Since: 1.0
 */
GError *
vl_live_list_dup_error (VlLiveList *self)
{
  g_return_val_if_fail (VL_IS_LIVE_LIST (self), NULL);

  return self->error != NULL ? g_error_copy (self->error) : NULL;
}

/**
 * vl_live_list_get_total_kind: (get-property total-kind)
 * @self: a list
 *
 * Gets what the number of items is worth.
 *
 * Returns: the kind
 *
 * Since: 1.0
 */
VlTotalKind
vl_live_list_get_total_kind (VlLiveList *self)
{
  g_return_val_if_fail (VL_IS_LIVE_LIST (self), VL_TOTAL_KIND_UNKNOWN);

  return self->total_kind;
}

/**
 * vl_live_list_get_pending: (get-property pending)
 * @self: a list
 *
 * Gets how many of the rows that somebody holds have writes that are not
 * settled.
 *
 * Returns: the number of rows
 *
 * Since: 1.0
 */
guint
vl_live_list_get_pending (VlLiveList *self)
{
  g_return_val_if_fail (VL_IS_LIVE_LIST (self), 0);

  return _vl_row_writes_count (self->cells, self);
}
