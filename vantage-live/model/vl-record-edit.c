/* vl-record-edit.c: a record being edited
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <string.h>

#include "vl-record-edit-private.h"

#include "../live/vl-live-table.h"
#include "../stream/vl-live-event.h"
#include "../table/vl-record.h"
#include "../table/vl-schema.h"
#include "../table/vl-table.h"
#include "vl-live-list-private.h"
#include "vl-row-private.h"

/**
 * VlRecordEdit:
 *
 * The companion of a form: what is being typed, above the record that it is
 * about.
 *
 * A form binds its widgets to the fields, see [method@RecordEdit.get_field].
 * Fields that nobody has touched follow the record, which may change while the
 * form is open; touched ones keep their draft, and say when the record has
 * changed under it. [method@RecordEdit.save_async] writes what is dirty and
 * nothing else, with what it was based on, and locks nothing meanwhile. When it is
 * refused, the drafts stay, and the fields say why.
 *
 * The record is followed over a [class@LiveTable], or as far as a [class@Row]
 * goes. Another table is asked for nothing.
 *
 * It is for the thread that made it alone.
 *
 * Since: 1.0
 */

enum
{
  PROP_TABLE = 1,
  PROP_RECORD,
  PROP_DIRTY,
  PROP_DIRTY_FIELDS,
  PROP_IS_NEW,
  PROP_CAN_SAVE,
  PROP_SAVING,
  PROP_ERROR,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (VlRecordEdit, vl_record_edit, G_TYPE_OBJECT)

/* What the table looks like */

static gboolean
find_column (VlRecordEdit *self, const char *name, VlSchema **schema, guint *column)
{
  *schema = self->table != NULL ? vl_table_get_schema (self->table) : NULL;

  return *schema != NULL && vl_schema_find_column (*schema, name, column);
}

VlFieldType
_vl_record_edit_get_type (VlRecordEdit *self, const char *name)
{
  g_autoptr (VlSchema) schema = NULL;
  VlFieldType type = VL_FIELD_TYPE_NULL;
  guint column;

  if (find_column (self, name, &schema, &column))
    type = vl_schema_get_column_type (schema, column);
  if (type == VL_FIELD_TYPE_NULL && self->record != NULL &&
      vl_record_has_field (self->record, name))
    type = vl_record_get_field_type (self->record, name);

  return type;
}

gboolean
_vl_record_edit_is_nullable (VlRecordEdit *self, const char *name)
{
  g_autoptr (VlSchema) schema = NULL;
  guint column;

  return !find_column (self, name, &schema, &column) ||
         vl_schema_get_column_nullable (schema, column);
}

/* What is dirty */

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static char **
list_dirty (VlRecordEdit *self)
{
  GPtrArray *names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name, field;

  g_hash_table_iter_init (&iter, self->fields);
  while (g_hash_table_iter_next (&iter, &name, &field))
    {
      if (_vl_field_is_touched (field))
        g_ptr_array_add (names, g_strdup (name));
    }
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);

  return (char **) g_ptr_array_free (names, FALSE);
}

void
_vl_record_edit_check (VlRecordEdit *self)
{
  gboolean can_save = vl_record_edit_get_can_save (self);

  if (self->could_save == can_save)
    return;

  self->could_save = can_save;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CAN_SAVE]);
}

void
_vl_record_edit_touched (VlRecordEdit *self)
{
  gboolean is_dirty = vl_record_edit_get_dirty (self);

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DIRTY_FIELDS]);
  if (self->was_dirty == is_dirty)
    return;

  self->was_dirty = is_dirty;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DIRTY]);
}

void
_vl_record_edit_set_error (VlRecordEdit *self, const GError *error)
{
  if (self->error == NULL && error == NULL)
    return;

  g_clear_error (&self->error);
  if (error != NULL)
    self->error = g_error_copy (error);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
}

/* The record underneath */

GPtrArray *
_vl_record_edit_copy_fields (VlRecordEdit *self)
{
  GPtrArray *fields = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer field;

  g_hash_table_iter_init (&iter, self->fields);
  while (g_hash_table_iter_next (&iter, NULL, &field))
    g_ptr_array_add (fields, g_object_ref (field));

  return fields;
}

gboolean
_vl_record_edit_is_waiting (VlRecordEdit *self)
{
  return self->record == NULL && self->row != NULL;
}

/* All fields see the record as it is when the first of them tells of it. */
static void
swap_record (VlRecordEdit *self, VlRecord *record, VlRecord *sent)
{
  g_autoptr (VlRecordEdit) edit G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr (VlRecord) before = self->record != NULL ? g_object_ref (self->record) : NULL;
  g_autoptr (GPtrArray) fields = _vl_record_edit_copy_fields (self);
  gboolean is_same = before == record ||
                     (before != NULL && record != NULL && vl_record_equal (before, record));

  if (is_same && sent == NULL)
    return;

  if (!is_same)
    g_set_object (&self->record, record);
  for (guint i = 0; i < fields->len; i++)
    {
      VlField *field = g_ptr_array_index (fields, i);

      if (sent != NULL && vl_record_has_field (sent, vl_field_get_name (field)))
        _vl_field_saved (field, sent, before, self->record);
      else
        _vl_field_follow (field, before, self->record);
    }
  if (!is_same)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECORD]);
  if ((before == NULL) != (self->record == NULL) && self->row == NULL)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_NEW]);
  _vl_record_edit_check (self);
}

void
_vl_record_edit_set_record (VlRecordEdit *self, VlRecord *record)
{
  swap_record (self, record, NULL);
}

void
_vl_record_edit_set_stored (VlRecordEdit *self, VlRecord *record, VlRecord *sent)
{
  swap_record (self, record, sent);
}

static void look (VlRecordEdit *self);

static void
looked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlRecord) record = vl_table_find_finish (VL_TABLE (source), result, &error);
  VlRecordEdit *self = user_data;

  /* Cancelled: the form has gone. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_object_ref (self);
  g_clear_object (&self->looking);
  /* A record that is not there any more is still what the form is about. */
  if (record != NULL)
    _vl_record_edit_set_record (self, record);
  if (self->looks_again)
    look (self);
  g_object_unref (self);
}

static void
look (VlRecordEdit *self)
{
  if (self->record == NULL || vl_record_get_id (self->record) == NULL)
    return;
  if (self->looking != NULL)
    {
      self->looks_again = TRUE;
      return;
    }

  self->looks_again = FALSE;
  self->looking = g_cancellable_new ();
  vl_table_find_async (self->table, vl_record_get_id (self->record), self->looking, looked, self);
}

static gboolean
is_about (VlLiveEvent *event, const char *id)
{
  const char *const *ids = vl_live_event_get_ids (event);

  return ids == NULL || g_strv_contains (ids, id) ||
         g_strcmp0 (vl_live_event_get_renamed_from (event), id) == 0;
}

/* A row is of use as long as its list keeps it up to date, and it is about the
 * same record: one that had to give its id to another may be given any record
 * then. */
static gboolean
follows_row (VlRecordEdit *self)
{
  return self->row != NULL && self->row->list != NULL && !self->row->is_behind &&
         vl_row_get_state (self->row) != VL_ROW_STATE_GONE &&
         (self->record == NULL || self->row->n_lives == self->n_lives);
}

static void
on_changed (VlLiveTable *live, VlLiveEvent *event, gpointer user_data)
{
  VlRecordEdit *self = user_data;
  const char *id = self->record != NULL ? vl_record_get_id (self->record) : NULL;

  if (id != NULL && is_about (event, id) && !follows_row (self))
    look (self);
}

static void
take_record (VlRecordEdit *self, VlRecord *record)
{
  if (record == NULL || (self->record != NULL && self->row->n_lives != self->n_lives))
    return;

  self->n_lives = self->row->n_lives;
  _vl_record_edit_set_record (self, record);
}

static void
take_row_record (VlRecordEdit *self)
{
  take_record (self, vl_row_get_record (self->row));
}

/* A row shows in the next turn what its list was told in this one. Who opens a form
 * on hearing that a write of his was made would be at odds with himself. */
static void
take_news (VlRecordEdit *self)
{
  VlLiveList *list = self->row->list;
  const char *id = vl_row_get_id (self->row);

  if (list != NULL && id != NULL)
    take_record (self, _vl_live_list_get_news (list, id));
}

static void
described (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VlSchema) schema = vl_table_describe_finish (VL_TABLE (source), result, &error);
  g_autoptr (VlRecordEdit) self = NULL;
  g_autoptr (GPtrArray) fields = NULL;

  /* The form has gone, or the table will be asked again when it is used. */
  if (schema == NULL)
    return;

  self = g_object_ref (user_data);
  g_clear_object (&self->describing);
  fields = _vl_record_edit_copy_fields (self);
  for (guint i = 0; i < fields->len; i++)
    _vl_field_described (g_ptr_array_index (fields, i));
}

static void
describe (VlRecordEdit *self)
{
  g_autoptr (VlSchema) schema = vl_table_get_schema (self->table);

  if (schema != NULL)
    return;

  self->describing = g_cancellable_new ();
  vl_table_describe_async (self->table, self->describing, described, self);
}

static void
follow (VlRecordEdit *self)
{
  describe (self);
  if (self->row != NULL)
    g_signal_connect_object (self->row, "notify::record", G_CALLBACK (take_row_record), self,
                             G_CONNECT_SWAPPED);
  if (VL_IS_LIVE_TABLE (self->table))
    g_signal_connect_object (self->table, "changed", G_CALLBACK (on_changed), self, 0);
}

/* The object */

static void
vl_record_edit_dispose (GObject *object)
{
  VlRecordEdit *self = VL_RECORD_EDIT (object);

  if (self->looking != NULL)
    g_cancellable_cancel (self->looking);
  g_clear_object (&self->looking);
  if (self->describing != NULL)
    g_cancellable_cancel (self->describing);
  g_clear_object (&self->describing);

  G_OBJECT_CLASS (vl_record_edit_parent_class)->dispose (object);
}

static void
vl_record_edit_finalize (GObject *object)
{
  VlRecordEdit *self = VL_RECORD_EDIT (object);
  GHashTableIter iter;
  gpointer field;

  /* A save holds the form. */
  g_assert (g_queue_is_empty (&self->saves));
  g_hash_table_iter_init (&iter, self->fields);
  while (g_hash_table_iter_next (&iter, NULL, &field))
    ((VlField *) field)->edit = NULL;
  g_clear_pointer (&self->fields, g_hash_table_unref);
  g_clear_object (&self->record);
  g_clear_object (&self->sending);
  g_clear_object (&self->row);
  g_clear_object (&self->table);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (vl_record_edit_parent_class)->finalize (object);
}

static void
vl_record_edit_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  VlRecordEdit *self = VL_RECORD_EDIT (object);

  switch (prop_id)
    {
    case PROP_TABLE:
      g_value_set_object (value, self->table);
      break;
    case PROP_RECORD:
      g_value_set_object (value, self->record);
      break;
    case PROP_DIRTY:
      g_value_set_boolean (value, vl_record_edit_get_dirty (self));
      break;
    case PROP_DIRTY_FIELDS:
      g_value_take_boxed (value, vl_record_edit_dup_dirty_fields (self));
      break;
    case PROP_IS_NEW:
      g_value_set_boolean (value, vl_record_edit_get_is_new (self));
      break;
    case PROP_CAN_SAVE:
      g_value_set_boolean (value, vl_record_edit_get_can_save (self));
      break;
    case PROP_SAVING:
      g_value_set_boolean (value, vl_record_edit_get_saving (self));
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, self->error);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
vl_record_edit_class_init (VlRecordEditClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read_only = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->dispose = vl_record_edit_dispose;
  object_class->finalize = vl_record_edit_finalize;
  object_class->get_property = vl_record_edit_get_property;

  /**
   * VlRecordEdit:table: (getter get_table)
   *
   * Where the record is saved.
   *
   * Since: 1.0
   */
  properties[PROP_TABLE] = g_param_spec_object ("table", NULL, NULL, VL_TYPE_TABLE, read_only);

  /**
   * VlRecordEdit:record: (getter get_record)
   *
   * The record underneath, as it is now; %NULL for a new one.
   *
   * Since: 1.0
   */
  properties[PROP_RECORD] = g_param_spec_object ("record", NULL, NULL, VL_TYPE_RECORD, read_only);

  /**
   * VlRecordEdit:dirty: (getter get_dirty)
   *
   * Whether there is something to save.
   *
   * Since: 1.0
   */
  properties[PROP_DIRTY] = g_param_spec_boolean ("dirty", NULL, NULL, FALSE, read_only);

  /**
   * VlRecordEdit:dirty-fields: (getter dup_dirty_fields)
   *
   * The names of the fields that are to be saved, in alphabetical order.
   *
   * Since: 1.0
   */
  properties[PROP_DIRTY_FIELDS] = g_param_spec_boxed ("dirty-fields", NULL, NULL, G_TYPE_STRV,
                                                      read_only);

  /**
   * VlRecordEdit:is-new: (getter get_is_new)
   *
   * Whether there is no record yet, and saving makes one; to bind a title to.
   *
   * Since: 1.0
   */
  properties[PROP_IS_NEW] = g_param_spec_boolean ("is-new", NULL, NULL, FALSE, read_only);

  /**
   * VlRecordEdit:can-save: (getter get_can_save)
   *
   * Whether there is something to save, and all of it can be: to bind the
   * sensitivity of a button to. Text that is no value cannot be saved.
   *
   * Since: 1.0
   */
  properties[PROP_CAN_SAVE] = g_param_spec_boolean ("can-save", NULL, NULL, FALSE, read_only);

  /**
   * VlRecordEdit:saving: (getter get_saving)
   *
   * Whether a save is under way. The form can be used meanwhile.
   *
   * Since: 1.0
   */
  properties[PROP_SAVING] = g_param_spec_boolean ("saving", NULL, NULL, FALSE, read_only);

  /**
   * VlRecordEdit:error: (getter dup_error)
   *
   * Why the last save was refused; %NULL if it was not.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, read_only);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
vl_record_edit_init (VlRecordEdit *self)
{
  self->fields = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  g_queue_init (&self->saves);
}

/**
 * vl_record_edit_new:
 * @table: where the record is saved
 * @record: (nullable): the record to edit, or %NULL for a new one
 *
 * Begins to edit a record.
 *
 * Returns: (transfer full): a new form
 *
 * Since: 1.0
 */
VlRecordEdit *
vl_record_edit_new (VlTable *table, VlRecord *record)
{
  VlRecordEdit *self;

  g_return_val_if_fail (VL_IS_TABLE (table), NULL);
  g_return_val_if_fail (record == NULL || VL_IS_RECORD (record), NULL);

  self = g_object_new (VL_TYPE_RECORD_EDIT, NULL);
  self->table = g_object_ref (table);
  g_set_object (&self->record, record);
  follow (self);

  return self;
}

/**
 * vl_record_edit_new_for_row:
 * @table: where the record is saved
 * @row: a row of a list of that table
 *
 * Begins to edit the record of a row, and follows that. A row whose record is
 * still to come is filled in when it comes.
 *
 * Returns: (transfer full): a new form
 *
 * Since: 1.0
 */
VlRecordEdit *
vl_record_edit_new_for_row (VlTable *table, VlRow *row)
{
  VlRecordEdit *self;

  g_return_val_if_fail (VL_IS_TABLE (table), NULL);
  g_return_val_if_fail (VL_IS_ROW (row), NULL);

  self = g_object_new (VL_TYPE_RECORD_EDIT, NULL);
  self->table = g_object_ref (table);
  self->row = g_object_ref (row);
  take_row_record (self);
  take_news (self);
  follow (self);

  return self;
}

/**
 * vl_record_edit_get_table: (get-property table)
 * @self: a form
 *
 * Gets where the record is saved.
 *
 * Returns: (transfer none): the table
 *
 * Since: 1.0
 */
VlTable *
vl_record_edit_get_table (VlRecordEdit *self)
{
  g_return_val_if_fail (VL_IS_RECORD_EDIT (self), NULL);

  return self->table;
}

/**
 * vl_record_edit_get_record: (get-property record)
 * @self: a form
 *
 * Gets the record underneath.
 *
 * Returns: (transfer none) (nullable): the record, or %NULL for a new one
 *
 * Since: 1.0
 */
VlRecord *
vl_record_edit_get_record (VlRecordEdit *self)
{
  g_return_val_if_fail (VL_IS_RECORD_EDIT (self), NULL);

  return self->record;
}

/**
 * vl_record_edit_get_field:
 * @self: a form
 * @name: the name of a column
 *
 * Gets a field, to bind widgets to; the same one at each call.
 *
 * Returns: (transfer none): the field
 *
 * Since: 1.0
 */
VlField *
vl_record_edit_get_field (VlRecordEdit *self, const char *name)
{
  VlField *field;

  g_return_val_if_fail (VL_IS_RECORD_EDIT (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  field = g_hash_table_lookup (self->fields, name);
  if (field == NULL)
    {
      field = _vl_field_new (self, name);
      g_hash_table_insert (self->fields, g_strdup (name), field);
    }

  return field;
}

/**
 * vl_record_edit_dup_value:
 * @self: a form
 * @name: the name of a column
 *
 * Gets what is in a field.
 *
 * Returns: (transfer full) (nullable): the value, or %NULL for a null
 *
 * Since: 1.0
 */
GVariant *
vl_record_edit_dup_value (VlRecordEdit *self, const char *name)
{
  g_return_val_if_fail (VL_IS_RECORD_EDIT (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return vl_field_dup_value (vl_record_edit_get_field (self, name));
}

/**
 * vl_record_edit_set_value:
 * @self: a form
 * @name: the name of a column
 * @value: (nullable): the value, or %NULL for a null; floating is consumed
 *
 * Sets what is in a field.
 *
 * Since: 1.0
 */
void
vl_record_edit_set_value (VlRecordEdit *self, const char *name, GVariant *value)
{
  g_return_if_fail (VL_IS_RECORD_EDIT (self));
  g_return_if_fail (name != NULL);

  vl_field_set_value (vl_record_edit_get_field (self, name), value);
}

/**
 * vl_record_edit_get_dirty: (get-property dirty)
 * @self: a form
 *
 * Gets whether there is something to save.
 *
 * Returns: whether there is
 *
 * Since: 1.0
 */
gboolean
vl_record_edit_get_dirty (VlRecordEdit *self)
{
  GHashTableIter iter;
  gpointer field;

  g_return_val_if_fail (VL_IS_RECORD_EDIT (self), FALSE);

  g_hash_table_iter_init (&iter, self->fields);
  while (g_hash_table_iter_next (&iter, NULL, &field))
    {
      if (_vl_field_is_touched (field))
        return TRUE;
    }

  return FALSE;
}

/**
 * vl_record_edit_dup_dirty_fields: (get-property dirty-fields)
 * @self: a form
 *
 * Gets the names of the fields that are to be saved.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names, in alphabetical
 *   order
 *
 * Since: 1.0
 */
char **
vl_record_edit_dup_dirty_fields (VlRecordEdit *self)
{
  g_return_val_if_fail (VL_IS_RECORD_EDIT (self), NULL);

  return list_dirty (self);
}

/**
 * vl_record_edit_get_is_new: (get-property is-new)
 * @self: a form
 *
 * Gets whether there is no record yet, and saving makes one. The form of a row
 * is never new.
 *
 * Returns: whether it is new
 *
 * Since: 1.0
 */
gboolean
vl_record_edit_get_is_new (VlRecordEdit *self)
{
  g_return_val_if_fail (VL_IS_RECORD_EDIT (self), FALSE);

  return self->record == NULL && self->row == NULL;
}

/**
 * vl_record_edit_get_can_save: (get-property can-save)
 * @self: a form
 *
 * Gets whether there is something to save, and all of it can be.
 *
 * Returns: whether it can be saved
 *
 * Since: 1.0
 */
gboolean
vl_record_edit_get_can_save (VlRecordEdit *self)
{
  GHashTableIter iter;
  gpointer field;
  gboolean is_dirty = FALSE;

  g_return_val_if_fail (VL_IS_RECORD_EDIT (self), FALSE);

  g_hash_table_iter_init (&iter, self->fields);
  while (g_hash_table_iter_next (&iter, NULL, &field))
    {
      if (((VlField *) field)->typed != NULL)
        return FALSE;
      is_dirty |= _vl_field_is_touched (field);
    }

  return is_dirty && !_vl_record_edit_is_waiting (self);
}

/**
 * vl_record_edit_get_saving: (get-property saving)
 * @self: a form
 *
 * Gets whether a save is under way.
 *
 * Returns: whether one is
 *
 * Since: 1.0
 */
gboolean
vl_record_edit_get_saving (VlRecordEdit *self)
{
  g_return_val_if_fail (VL_IS_RECORD_EDIT (self), FALSE);

  return !g_queue_is_empty (&self->saves);
}

/**
 * vl_record_edit_dup_error: (get-property error)
 * @self: a form
 *
 * Gets why the last save was refused.
 *
 * Returns: (transfer full) (nullable): the error, or %NULL
 *
 * Since: 1.0
 */
GError *
vl_record_edit_dup_error (VlRecordEdit *self)
{
  g_return_val_if_fail (VL_IS_RECORD_EDIT (self), NULL);

  return self->error != NULL ? g_error_copy (self->error) : NULL;
}

/**
 * vl_record_edit_revert:
 * @self: a form
 *
 * Gives up all drafts. A save that is under way is not called back: what it
 * stores is underneath when it is over.
 *
 * Since: 1.0
 */
void
vl_record_edit_revert (VlRecordEdit *self)
{
  g_autoptr (GPtrArray) fields = NULL;

  g_return_if_fail (VL_IS_RECORD_EDIT (self));

  fields = _vl_record_edit_copy_fields (self);
  for (guint i = 0; i < fields->len; i++)
    vl_field_revert (g_ptr_array_index (fields, i));
  _vl_record_edit_set_error (self, NULL);
}
