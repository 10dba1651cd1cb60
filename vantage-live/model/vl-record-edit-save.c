/* vl-record-edit-save.c: what becomes of drafts
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "vl-record-edit-private.h"

#include "../table/vl-change.h"
#include "../table/vl-outcome.h"
#include "../table/vl-record-builder.h"
#include "../table/vl-record.h"
#include "../table/vl-table.h"
#include "../vl-error.h"

static void save_next (VlRecordEdit *self);

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

/* Whether the message has the name, after a dot or in quotes. */
static gboolean
names_field (const char *message, const char *name)
{
  g_autofree char *quoted = g_strdup_printf ("“%s”", name);
  g_autofree char *dotted = g_strdup_printf (".%s", name);
  const char *at = message;

  if (strstr (message, quoted) != NULL)
    return TRUE;
  while ((at = strstr (at, dotted)) != NULL)
    {
      at += strlen (dotted);
      if (!g_ascii_isalnum (*at) && *at != '_')
        return TRUE;
    }

  return FALSE;
}

/* The reasons go to the fields that the message names, or to all that were sent:
 * a table says in words what it does not like. What was typed since it has not
 * seen. */
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

          if (field == NULL || !_vl_field_was_sent (field, sent->fields) ||
              (pass == 0 && !names_field (error->message, names[i])))
            continue;
          is_named = TRUE;
          _vl_field_set_error (field, error->message);
        }
    }
}

/* The record that is stored now. A table may not tell what that is; what comes
 * then is what was sent, which has nothing of the other fields. */
static VlRecord *
dup_stored (VlRecordEdit *self, Sent *sent, VlRecord *record)
{
  g_auto (GStrv) names = NULL;

  if (self->record == NULL)
    return record != NULL ? g_object_ref (record) : NULL;
  if (record == NULL)
    return vl_record_merge (self->record, sent->fields);

  names = vl_record_get_field_names (record);
  for (guint i = 0; names[i] != NULL; i++)
    {
      if (!vl_record_has_field (sent->fields, names[i]))
        return g_object_ref (record);
    }

  return vl_record_merge (self->record, record);
}

/* Consumes the answer. */
static VlRecord *
saved (VlRecordEdit *self, Sent *sent, VlRecord *answer)
{
  g_autoptr (VlRecord) own = answer;
  VlRecord *now = dup_stored (self, sent, own);

  _vl_record_edit_set_error (self, NULL);
  _vl_record_edit_set_stored (self, now, sent->fields);

  return now;
}

static void
refused (VlRecordEdit *self, Sent *sent, VlRecord *current, const GError *error)
{
  g_autoptr (GPtrArray) fields = _vl_record_edit_copy_fields (self);

  _vl_record_edit_set_error (self, error);
  for (guint i = 0; i < fields->len; i++)
    _vl_field_not_saved (fields->pdata[i]);
  if (g_error_matches (error, VL_ERROR, VL_ERROR_CONFLICT) && current != NULL)
    _vl_record_edit_set_record (self, current);
  place_reasons (self, sent, error);
}

/* The first save is over, with a record or an error, both consumed. Whoever hears
 * of it may begin another. */
static void
save_end (VlRecordEdit *self, VlRecord *record, GError *error)
{
  g_autoptr (GTask) task = g_queue_pop_head (&self->saves);
  gboolean is_last = g_queue_is_empty (&self->saves);

  if (is_last)
    g_object_notify (G_OBJECT (self), "saving");
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, record, g_object_unref);
  if (!is_last)
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
  g_autoptr (VlRecord) record = NULL;

  if (outcome != NULL && vl_outcome_get_error (outcome) != NULL)
    error = g_error_copy (vl_outcome_get_error (outcome));
  if (outcome != NULL)
    g_set_object (&record, vl_outcome_get_record (outcome));
  g_clear_object (&self->sending);
  if (error == NULL)
    record = saved (self, sent, g_steal_pointer (&record));
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    refused (self, sent, record, error);
  if (error != NULL)
    g_clear_object (&record);
  save_end (self, g_steal_pointer (&record), g_steal_pointer (&error));
}

/* Nothing that is not there yet can be changed, nor what has no id. */
static gboolean
check_record (VlRecordEdit *self, GError **error)
{
  if (_vl_record_edit_is_waiting (self))
    g_set_error_literal (error, VL_ERROR, VL_ERROR_UNAVAILABLE,
                         _ ("The record to change is still to come. Try again later."));
  else if (self->record != NULL && vl_record_get_id (self->record) == NULL)
    g_set_error_literal (error, VL_ERROR, VL_ERROR_INVALID,
                         _ ("The record has no id, and cannot be changed."));
  else
    return TRUE;

  return FALSE;
}

static void
save_next (VlRecordEdit *self)
{
  GTask *task = g_queue_peek_head (&self->saves);
  g_autoptr (GListStore) changes = g_list_store_new (VL_TYPE_CHANGE);
  g_autoptr (VlChange) change = NULL;
  g_autoptr (GError) error = NULL;
  Sent *sent = check_record (self, &error) ? collect (self, &error) : NULL;

  if (sent == NULL)
    {
      _vl_record_edit_set_error (self, error);
      save_end (self, NULL, g_steal_pointer (&error));
      return;
    }
  /* Nothing to save is saved. */
  if (self->record != NULL && !vl_record_edit_get_dirty (self))
    {
      sent_free (sent);
      save_end (self, g_object_ref (self->record), NULL);
      return;
    }

  g_task_set_task_data (task, sent, sent_free);
  g_set_object (&self->sending, sent->fields);
  change = make_change (self, sent);
  g_list_store_append (changes, change);
  vl_table_apply_many_async (self->table, G_LIST_MODEL (changes), g_task_get_cancellable (task),
                             applied, g_object_ref (task));
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
 * %VL_ERROR_INVALID, and nothing is sent; so does the form of a row whose record
 * is still to come, with %VL_ERROR_UNAVAILABLE. When the table refuses it, the
 * drafts stay, and the fields say why.
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

  g_object_notify (G_OBJECT (self), "saving");
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
 *   with a provisional id, or %NULL if the table has not told of a new one; %NULL
 *   with @error set if it was refused
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
