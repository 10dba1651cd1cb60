/* vl-record-edit.c: a record being edited
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <string.h>

#include "vl-record-edit-private.h"

#include "../live/vl-live-table.h"
#include "../stream/vl-live-event.h"
#include "../table/vl-change.h"
#include "../table/vl-outcome.h"
#include "../table/vl-record-builder.h"
#include "../table/vl-record.h"
#include "../table/vl-schema.h"
#include "../table/vl-table.h"
#include "../vl-error.h"
#include "vl-row.h"

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

struct _VlRecordEdit
{
  GObject parent_instance;

  VlTable *table;
  VlRow *row;         /* nullable */
  VlRecord *record;   /* underneath; NULL = new */
  GHashTable *fields; /* of VlField by name */
  GError *error;      /* why the last save was refused */
  GQueue saves;       /* of GTask: the first is under way */

  GCancellable *looking; /* the record is asked for; NULL = it is not */
  gboolean looks_again;  /* something has changed meanwhile */
  gboolean was_dirty;    /* as it was notified last */
};

enum
{
  PROP_TABLE = 1,
  PROP_RECORD,
  PROP_DIRTY,
  PROP_DIRTY_FIELDS,
  PROP_SAVING,
  PROP_ERROR,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (VlRecordEdit, vl_record_edit, G_TYPE_OBJECT)

static void save_next (VlRecordEdit *self);

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
_vl_record_edit_touched (VlRecordEdit *self)
{
  gboolean is_dirty = vl_record_edit_get_dirty (self);

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DIRTY_FIELDS]);
  if (self->was_dirty == is_dirty)
    return;

  self->was_dirty = is_dirty;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DIRTY]);
}

static void
set_error (VlRecordEdit *self, const GError *error)
{
  if (self->error == NULL && error == NULL)
    return;

  g_clear_error (&self->error);
  if (error != NULL)
    self->error = g_error_copy (error);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
}

/* The record underneath */

static GPtrArray *
copy_fields (VlRecordEdit *self)
{
  GPtrArray *fields = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer field;

  g_hash_table_iter_init (&iter, self->fields);
  while (g_hash_table_iter_next (&iter, NULL, &field))
    g_ptr_array_add (fields, g_object_ref (field));

  return fields;
}

static void
set_record (VlRecordEdit *self, VlRecord *record)
{
  g_autoptr (VlRecordEdit) edit G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr (VlRecord) before = self->record != NULL ? g_object_ref (self->record) : NULL;
  g_autoptr (GPtrArray) fields = NULL;

  if (before == record || (before != NULL && record != NULL && vl_record_equal (before, record)))
    return;

  g_set_object (&self->record, record);
  fields = copy_fields (self);
  for (guint i = 0; i < fields->len; i++)
    _vl_field_follow (g_ptr_array_index (fields, i), before, record);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECORD]);
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
    set_record (self, record);
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

static void
on_changed (VlLiveTable *live, VlLiveEvent *event, gpointer user_data)
{
  VlRecordEdit *self = user_data;
  const char *id = self->record != NULL ? vl_record_get_id (self->record) : NULL;

  if (id != NULL && is_about (event, id))
    look (self);
}

static void
on_row_record (VlRow *row, GParamSpec *pspec, gpointer user_data)
{
  VlRecord *record = vl_row_get_record (row);

  if (record != NULL)
    set_record (user_data, record);
}

static void
follow (VlRecordEdit *self)
{
  if (self->row != NULL)
    g_signal_connect_object (self->row, "notify::record", G_CALLBACK (on_row_record), self, 0);
  else if (VL_IS_LIVE_TABLE (self->table))
    g_signal_connect_object (self->table, "changed", G_CALLBACK (on_changed), self, 0);
}

/* Saving */

/* What is sent: the drafts, and what they are based on. */
typedef struct
{
  VlRecord *fields;
  VlRecord *base;
} Sent;

static void
sent_free (gpointer data)
{
  Sent *sent = data;

  g_clear_object (&sent->fields);
  g_clear_object (&sent->base);
  g_free (sent);
}

static void
copy_field (VlRecordBuilder *builder, const char *name, VlRecord *from)
{
  g_auto (GValue) value = G_VALUE_INIT;

  if (vl_record_is_null (from, name) || !vl_record_get_value (from, name, &value) ||
      !vl_record_builder_set_value (builder, name, &value, NULL))
    vl_record_builder_set_null (builder, name);
}

static Sent *
collect (VlRecordEdit *self, GError **error)
{
  g_autoptr (VlRecordBuilder) drafts = vl_record_builder_new (NULL);
  g_autoptr (VlRecordBuilder)
    base = self->record != NULL ? vl_record_builder_new_from (self->record) : NULL;
  GHashTableIter iter;
  gpointer key;
  VlField *field;
  Sent *sent;

  g_hash_table_iter_init (&iter, self->fields);
  while (g_hash_table_iter_next (&iter, &key, (gpointer *) &field))
    {
      if (field->typed != NULL)
        {
          g_set_error (error, VL_ERROR, VL_ERROR_INVALID, "“%s”: %s", field->name, field->error);
          return NULL;
        }
      if (field->draft == NULL)
        continue;
      copy_field (drafts, field->name, field->draft);
      if (base != NULL)
        copy_field (base, field->name, field->base);
    }

  sent = g_new0 (Sent, 1);
  sent->fields = vl_record_builder_end (drafts);
  sent->base = base != NULL ? vl_record_builder_end (base) : NULL;

  return sent;
}

static VlChange *
make_change (VlRecordEdit *self, Sent *sent)
{
  g_autoptr (VlChange) patch = NULL;

  if (self->record == NULL)
    return vl_change_new_insert (sent->fields);

  patch = vl_change_new_patch (vl_record_get_id (self->record), sent->fields);

  return vl_change_with_base (patch, sent->base);
}

/* The reasons go to the fields that the message names, or to all that were sent:
 * a table says in words what it does not like. */
static void
place_reasons (VlRecordEdit *self, Sent *sent, const GError *error)
{
  g_auto (GStrv) names = vl_record_get_field_names (sent->fields);
  gboolean is_named = FALSE;

  for (guint pass = 0; pass < 2 && !is_named; pass++)
    {
      for (guint i = 0; names[i] != NULL; i++)
        {
          VlField *field = g_hash_table_lookup (self->fields, names[i]);
          g_autofree char *quoted = g_strdup_printf ("“%s”", names[i]);
          g_autofree char *dotted = g_strdup_printf (".%s", names[i]);

          if (field == NULL || !_vl_field_is_touched (field))
            continue;
          if (pass == 0 && strstr (error->message, quoted) == NULL &&
              strstr (error->message, dotted) == NULL)
            continue;
          is_named = TRUE;
          _vl_field_set_error (field, error->message);
        }
    }
}

static void
saved (VlRecordEdit *self, Sent *sent, VlRecord *record)
{
  g_auto (GStrv) names = vl_record_get_field_names (sent->fields);

  set_error (self, NULL);
  set_record (self, record);
  for (guint i = 0; names[i] != NULL; i++)
    {
      VlField *field = g_hash_table_lookup (self->fields, names[i]);

      if (field != NULL)
        _vl_field_saved (field, sent->fields);
    }
}

static void
refused (VlRecordEdit *self, Sent *sent, VlRecord *current, const GError *error)
{
  set_error (self, error);
  if (g_error_matches (error, VL_ERROR, VL_ERROR_CONFLICT) && current != NULL)
    set_record (self, current);
  place_reasons (self, sent, error);
}

/* The first save is over. */
static void
save_end (VlRecordEdit *self)
{
  g_autoptr (GTask) task = g_queue_pop_head (&self->saves);

  if (g_queue_is_empty (&self->saves))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SAVING]);
  else
    save_next (self);
}

static void
applied (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (VlRecordEdit) self = g_object_ref (g_task_get_source_object (task));
  g_autoptr (GError) error = NULL;
  g_autoptr (GListModel) outcomes = vl_table_apply_many_finish (VL_TABLE (source), result, &error);
  g_autoptr (VlOutcome) outcome = outcomes != NULL ? g_list_model_get_item (outcomes, 0) : NULL;
  Sent *sent = g_task_get_task_data (task);

  if (outcome != NULL && vl_outcome_get_error (outcome) != NULL)
    error = g_error_copy (vl_outcome_get_error (outcome));
  if (error == NULL)
    {
      VlRecord *record = vl_outcome_get_record (outcome);

      saved (self, sent, record);
      g_task_return_pointer (task, record != NULL ? g_object_ref (record) : NULL, g_object_unref);
    }
  else
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        refused (self, sent, outcome != NULL ? vl_outcome_get_record (outcome) : NULL, error);
      g_task_return_error (task, g_steal_pointer (&error));
    }
  save_end (self);
}

static void
save_next (VlRecordEdit *self)
{
  GTask *task = g_queue_peek_head (&self->saves);
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (VlChange) change = NULL;
  g_autoptr (GError) error = NULL;
  Sent *sent = collect (self, &error);

  if (sent == NULL)
    {
      set_error (self, error);
      g_task_return_error (task, g_steal_pointer (&error));
      save_end (self);
      return;
    }
  /* Nothing to save is saved. */
  if (self->record != NULL && !vl_record_edit_get_dirty (self))
    {
      sent_free (sent);
      g_task_return_pointer (task, g_object_ref (self->record), g_object_unref);
      save_end (self);
      return;
    }

  g_task_set_task_data (task, sent, sent_free);
  change = make_change (self, sent);
  g_list_store_append (changes, change);
  vl_table_apply_many_async (self->table, G_LIST_MODEL (changes), g_task_get_cancellable (task),
                             applied, g_object_ref (task));
}

/* The object */

static void
vl_record_edit_dispose (GObject *object)
{
  VlRecordEdit *self = VL_RECORD_EDIT (object);

  if (self->looking != NULL)
    g_cancellable_cancel (self->looking);
  g_clear_object (&self->looking);

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
  g_set_object (&self->record, vl_row_get_record (row));
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
 * vl_record_edit_save_async:
 * @self: a form
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async) (closure user_data): a callback
 * @user_data: data for @callback
 *
 * Saves what is dirty, and nothing else.
 *
 * The form can be used meanwhile; what is typed then is for the next save. Saves
 * of one form go one after the other. Text that is no value fails with
 * %VL_ERROR_INVALID, and nothing is sent. When the table refuses it, the drafts
 * stay, and the fields say why.
 *
 * Since: 1.0
 */
void
vl_record_edit_save_async (VlRecordEdit *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task;

  g_return_if_fail (VL_IS_RECORD_EDIT (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, vl_record_edit_save_async);
  g_queue_push_tail (&self->saves, task);
  if (self->saves.length > 1)
    return;

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SAVING]);
  save_next (self);
}

/**
 * vl_record_edit_save_finish:
 * @self: a form
 * @result: what the callback was given
 * @error: (nullable): where to put an error
 *
 * Ends a save.
 *
 * Returns: (transfer full) (nullable): the record as it was stored, perhaps one
 *   with a provisional id; %NULL with @error set if it was refused
 *
 * Since: 1.0
 */
VlRecord *
vl_record_edit_save_finish (VlRecordEdit *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (VL_IS_RECORD_EDIT (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * vl_record_edit_revert:
 * @self: a form
 *
 * Gives up all drafts.
 *
 * Since: 1.0
 */
void
vl_record_edit_revert (VlRecordEdit *self)
{
  g_autoptr (GPtrArray) fields = NULL;

  g_return_if_fail (VL_IS_RECORD_EDIT (self));

  fields = copy_fields (self);
  for (guint i = 0; i < fields->len; i++)
    vl_field_revert (g_ptr_array_index (fields, i));
  set_error (self, NULL);
}
