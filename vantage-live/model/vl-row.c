/* vl-row.c: one record of a list, and how it is doing
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-row-private.h"

#include "../table/vl-record.h"
#include "../vl-enums.h"
#include "vl-live-list-private.h"

/**
 * VlRow:
 *
 * One item of a [class@LiveList].
 *
 * A row is there before its record is: a placeholder, %VL_ROW_STATE_LOADING, of
 * which a list view makes a widget that has nothing to show yet. When the
 * record arrives [property@Row:record] notifies, and again each time it becomes
 * another one. The record is replaced as a whole; what of it has changed is told
 * by [signal@Row::changed].
 *
 * Inside its list one row follows one record, as long as somebody holds the row:
 * where the record moves, the row moves, and when a new record is given its id
 * by the table, the row keeps it. Rows of the same record in several lists of
 * the same table change together.
 *
 * # Binding
 *
 * The columns of a table are no properties of the row, since a class has the
 * same properties for all its objects. In C and JavaScript a view binds to a
 * closure over [property@Row:record], for which [func@Row.dup_text] is made; in
 * Python, and everywhere else, it can connect to `notify::record` in the `bind`
 * handler of a list item factory and disconnect in `unbind`.
 *
 * A row belongs to the thread of its list.
 *
 * Since: 1.0
 */

enum
{
  PROP_ID = 1,
  PROP_RECORD,
  PROP_STATE,
  PROP_LOADING,
  PROP_ERROR,
  PROP_OBJECT,
  N_PROPS,
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (VlRow, vl_row, G_TYPE_OBJECT)

static gboolean
same_error (const GError *a, const GError *b)
{
  if (a == NULL || b == NULL)
    return a == b;

  return a->domain == b->domain && a->code == b->code && g_str_equal (a->message, b->message);
}

static VlRecord *
get_record (VlRow *self)
{
  return self->cell != NULL ? self->cell->record : NULL;
}

static const GError *
get_error (VlRow *self)
{
  if (self->cell != NULL && self->cell->write == VL_CELL_WRITE_FAILED)
    return self->cell->write_error;

  return self->load_error != NULL ? self->load_error : self->object_error;
}

static VlRowState
get_state (VlRow *self)
{
  VlRecord *record = get_record (self);

  if (self->is_gone)
    return VL_ROW_STATE_GONE;
  if (self->cell != NULL && self->cell->write == VL_CELL_WRITE_FAILED)
    return VL_ROW_STATE_WRITE_FAILED;
  if (self->cell != NULL && self->cell->write == VL_CELL_WRITE_PENDING)
    return VL_ROW_STATE_PENDING;
  if (record == NULL)
    return self->load_error != NULL ? VL_ROW_STATE_LOAD_FAILED : VL_ROW_STATE_LOADING;
  if (vl_record_is_provisional (record))
    return VL_ROW_STATE_PENDING;
  if (self->is_behind || self->cell->is_stale || self->load_error != NULL)
    return VL_ROW_STATE_STALE;

  return VL_ROW_STATE_FRESH;
}

/* The object */

static void
vl_row_finalize (GObject *object)
{
  VlRow *self = VL_ROW (object);

  if (self->list != NULL)
    _vl_live_list_row_died (self->list, self);
  _vl_row_bind (self, NULL);
  g_clear_error (&self->load_error);
  g_clear_error (&self->object_error);
  g_clear_error (&self->shown_error);
  g_clear_object (&self->shown_record);
  g_clear_object (&self->object);
  g_clear_object (&self->object_record);
  g_free (self->shown_id);

  G_OBJECT_CLASS (vl_row_parent_class)->finalize (object);
}

static void
vl_row_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  VlRow *self = VL_ROW (object);

  switch (prop_id)
    {
    case PROP_ID:
      g_value_set_string (value, vl_row_get_id (self));
      break;
    case PROP_RECORD:
      g_value_set_object (value, get_record (self));
      break;
    case PROP_STATE:
      g_value_set_enum (value, (int) get_state (self));
      break;
    case PROP_LOADING:
      g_value_set_boolean (value, vl_row_get_loading (self));
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, get_error (self));
      break;
    case PROP_OBJECT:
      g_value_set_object (value, vl_row_get_object (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
vl_row_class_init (VlRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read_only = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = vl_row_finalize;
  object_class->get_property = vl_row_get_property;

  /**
   * VlRow:id: (getter get_id)
   *
   * The id of the record; %NULL while that is not known, and for a record that
   * has none.
   *
   * Since: 1.0
   */
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, read_only);

  /**
   * VlRow:record: (getter get_record)
   *
   * The record; %NULL while it is still to come. It notifies only when the
   * record becomes another one.
   *
   * Since: 1.0
   */
  properties[PROP_RECORD] = g_param_spec_object ("record", NULL, NULL, VL_TYPE_RECORD, read_only);

  /**
   * VlRow:state: (getter get_state)
   *
   * How the row is doing.
   *
   * Since: 1.0
   */
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, VL_TYPE_ROW_STATE,
                                              VL_ROW_STATE_LOADING, read_only);

  /**
   * VlRow:loading: (getter get_loading)
   *
   * Whether the record is still to come: the same as the state
   * %VL_ROW_STATE_LOADING, to bind a spinner to.
   *
   * Since: 1.0
   */
  properties[PROP_LOADING] = g_param_spec_boolean ("loading", NULL, NULL, TRUE, read_only);

  /**
   * VlRow:error:
   *
   * Why the record could not be had or brought up to date, why a write of it has
   * failed, or why it does not fit the class of [property@Row:object]; else
   * %NULL.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, read_only);

  /**
   * VlRow:object: (getter get_object)
   *
   * What the list has made of the record, see
   * [method@LiveList.set_object_type] and
   * [method@LiveList.set_object_factory]. It notifies when the record has
   * arrived, and when another object has taken its place.
   *
   * Since: 1.0
   */
  properties[PROP_OBJECT] = g_param_spec_object ("object", NULL, NULL, G_TYPE_OBJECT, read_only);

  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * VlRow::changed:
   * @self: a row
   * @column: the name of the column
   *
   * Emitted for each column whose value is another one since the record was
   * replaced, and for all of them when the first record arrives. To hear of one
   * column only, connect to `changed::COLUMN`.
   *
   * Since: 1.0
   */
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass),
                                          G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0, NULL, NULL,
                                          NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
vl_row_init (VlRow *self)
{
}

/* For the list */

VlRow *
_vl_row_new (VlLiveList *list, guint position)
{
  VlRow *self = g_object_new (VL_TYPE_ROW, NULL);

  self->list = list;
  self->position = position;
  g_hash_table_add (list->rows, self);

  return self;
}

void
_vl_row_bind (VlRow *self, VlRowCell *cell)
{
  VlRowCell *old = self->cell;

  if (old == cell)
    return;

  self->cell = cell;
  self->n_lives += old == NULL;
  if (cell != NULL)
    _vl_row_cell_add_row (cell, self);
  if (old != NULL)
    _vl_row_cell_remove_row (old, self);
}

void
_vl_row_set_load_error (VlRow *self, const GError *error)
{
  g_clear_error (&self->load_error);
  self->load_error = error != NULL ? g_error_copy (error) : NULL;
}

void
_vl_row_touch (VlRow *self, GPtrArray *touched)
{
  if (self->is_touched)
    return;

  self->is_touched = TRUE;
  g_ptr_array_add (touched, g_object_ref (self));
}

/* The names of the columns that two records differ in. */
static GStrv
get_changed_columns (VlRecord *before, VlRecord *after)
{
  g_autoptr (VlRecord) patch = NULL;
  g_auto (GStrv) lost = NULL;
  g_autoptr (GStrvBuilder) names = NULL;
  g_auto (GStrv) set = NULL;

  if (before == NULL || after == NULL)
    return vl_record_get_field_names (after != NULL ? after : before);

  patch = vl_record_diff (before, after);
  set = vl_record_get_field_names (patch);
  lost = vl_record_get_field_names (before);
  names = g_strv_builder_new ();
  g_strv_builder_addv (names, (const char **) set);
  for (guint i = 0; lost[i] != NULL; i++)
    {
      if (!vl_record_has_field (after, lost[i]))
        g_strv_builder_add (names, lost[i]);
    }

  return g_strv_builder_end (names);
}

static void
emit_changed (VlRow *self, VlRecord *before, VlRecord *after)
{
  g_auto (GStrv) columns = NULL;

  if (g_signal_handler_find (self, G_SIGNAL_MATCH_ID, signals[SIGNAL_CHANGED], 0, NULL, NULL,
                             NULL) == 0)
    return;

  columns = get_changed_columns (before, after);
  for (guint i = 0; columns[i] != NULL; i++)
    g_signal_emit (self, signals[SIGNAL_CHANGED], g_quark_from_string (columns[i]), columns[i]);
}

static void
sync_record (VlRow *self)
{
  g_autoptr (VlRecord) before = g_steal_pointer (&self->shown_record);
  g_autoptr (VlRecord) after = NULL;

  g_set_object (&self->shown_record, get_record (self));
  if (self->shown_record == before)
    return;

  after = self->shown_record != NULL ? g_object_ref (self->shown_record) : NULL;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECORD]);
  if (self->object != NULL)
    vl_row_get_object (self);
  else if (self->list != NULL && _vl_live_list_has_factory (self->list))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OBJECT]);
  emit_changed (self, before, after);
}

static void
sync_row (VlRow *self)
{
  VlRowState state = get_state (self);
  gboolean was_loading = self->shown_state == VL_ROW_STATE_LOADING;
  GObject *object = G_OBJECT (self);

  self->is_touched = FALSE;
  if (g_strcmp0 (self->shown_id, vl_row_get_id (self)) != 0)
    {
      g_free (self->shown_id);
      self->shown_id = g_strdup (vl_row_get_id (self));
      g_object_notify_by_pspec (object, properties[PROP_ID]);
    }
  sync_record (self);
  if (!same_error (self->shown_error, get_error (self)))
    {
      g_clear_error (&self->shown_error);
      self->shown_error = get_error (self) != NULL ? g_error_copy (get_error (self)) : NULL;
      g_object_notify_by_pspec (object, properties[PROP_ERROR]);
    }
  if (self->shown_state == state)
    return;

  self->shown_state = state;
  g_object_notify_by_pspec (object, properties[PROP_STATE]);
  if (was_loading != (state == VL_ROW_STATE_LOADING))
    g_object_notify_by_pspec (object, properties[PROP_LOADING]);
}

void
_vl_row_sync_all (GPtrArray *touched)
{
  /* Handlers may have more rows touched. */
  for (guint i = 0; i < touched->len; i++)
    sync_row (touched->pdata[i]);
  g_ptr_array_set_size (touched, 0);
}

void
_vl_row_sync_silently (VlRow *self)
{
  g_set_object (&self->shown_record, get_record (self));
  g_free (self->shown_id);
  self->shown_id = g_strdup (vl_row_get_id (self));
  self->shown_state = get_state (self);
  g_clear_error (&self->shown_error);
  self->shown_error = get_error (self) != NULL ? g_error_copy (get_error (self)) : NULL;
}

/* Is notified in a turn of the list: a getter emits nothing. */
static void
take_object_error (VlRow *self, GError *error)
{
  if (same_error (self->object_error, error))
    {
      g_clear_error (&error);
      return;
    }

  g_clear_error (&self->object_error);
  self->object_error = error;
  _vl_row_touch (self, self->list->touched);
  _vl_live_list_wake (self->list);
}

/* Public */

/**
 * vl_row_get_id: (get-property id)
 * @self: a row
 *
 * Gets the id of the record.
 *
 * Returns: (transfer none) (nullable): the id, or %NULL if it is not known yet,
 *   or the record has none
 *
 * Since: 1.0
 */
const char *
vl_row_get_id (VlRow *self)
{
  g_return_val_if_fail (VL_IS_ROW (self), NULL);

  return self->cell != NULL ? self->cell->id : NULL;
}

/**
 * vl_row_get_record: (get-property record)
 * @self: a row
 *
 * Gets the record.
 *
 * Returns: (transfer none) (nullable): the record, or %NULL if it is still to
 *   come
 *
 * Since: 1.0
 */
VlRecord *
vl_row_get_record (VlRow *self)
{
  g_return_val_if_fail (VL_IS_ROW (self), NULL);

  return get_record (self);
}

/**
 * vl_row_get_state: (get-property state)
 * @self: a row
 *
 * Gets how the row is doing.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
VlRowState
vl_row_get_state (VlRow *self)
{
  g_return_val_if_fail (VL_IS_ROW (self), VL_ROW_STATE_GONE);

  return get_state (self);
}

/**
 * vl_row_get_loading: (get-property loading)
 * @self: a row
 *
 * Gets whether the record is still to come.
 *
 * Returns: whether it is
 *
 * Since: 1.0
 */
gboolean
vl_row_get_loading (VlRow *self)
{
  g_return_val_if_fail (VL_IS_ROW (self), FALSE);

  return get_state (self) == VL_ROW_STATE_LOADING;
}

/**
 * vl_row_dup_error:
 * @self: a row
 *
 * Gets why the record could not be had or brought up to date, why a write of it
 * has failed, or why it does not fit the class of [property@Row:object].
 *
 * Returns: (transfer full) (nullable): the error, or %NULL
 *
 * Since: 1.0
 */
GError *
vl_row_dup_error (VlRow *self)
{
  const GError *error;

  g_return_val_if_fail (VL_IS_ROW (self), NULL);

  error = get_error (self);

  return error != NULL ? g_error_copy (error) : NULL;
}

/**
 * vl_row_get_object: (get-property object)
 * @self: a row
 *
 * Gets what the list has made of the record, see
 * [method@LiveList.set_object_type] and [method@LiveList.set_object_factory].
 *
 * It is made when this is first asked for, and from then on brought up to date
 * whenever the record has become another one.
 *
 * Returns: (transfer none) (nullable): the object, or %NULL if the record is
 *   still to come, or the list makes none
 *
 * Since: 1.0
 */
GObject *
vl_row_get_object (VlRow *self)
{
  g_autoptr (GObject) before = NULL;
  g_autoptr (GError) error = NULL;
  VlRecord *record;

  g_return_val_if_fail (VL_IS_ROW (self), NULL);

  record = get_record (self);
  if (record == NULL || record == self->object_record || self->list == NULL ||
      !_vl_live_list_has_factory (self->list))
    return self->object;

  g_set_object (&self->object_record, record);
  before = g_steal_pointer (&self->object);
  self->object = _vl_live_list_make_object (self->list, record, before, &error);
  take_object_error (self, g_steal_pointer (&error));
  if (before != NULL && before != self->object)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OBJECT]);

  return self->object;
}
