/* vl-change.c: one change to a table
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "../base/vl-random-private.h"
#include "vl-change-private.h"
#include "vl-query.h"
#include "vl-record-builder.h"
#include "vl-record.h"

/**
 * VlChange:
 *
 * One change to a table: an insert, a replace, a patch, a delete or a
 * delete-all.
 *
 * Every change has a uid. Sending the same change again sends the same uid, so
 * that a table with the capability %VL_CAPABILITY_IDEMPOTENT can tell that it
 * has it already. A change that says what it was based on is refused by a table
 * with the capability %VL_CAPABILITY_CHECK_BASE when that is old.
 *
 * Immutable, and may be used from any thread. The `with_` methods answer a new
 * change that is the same, uid included, but for what they name.
 *
 * Since: 1.0
 */
struct _VlChange
{
  GObject parent_instance;

  VlChangeKind kind;
  VlOrigin origin;
  char *id;         /* NULL for delete-all and for an insert without one */
  VlRecord *record; /* insert, replace, patch (changed fields alone), else NULL */
  VlRecord *base;   /* what the change was based on, nullable */
  VlQuery *query;   /* what delete-all is limited to, nullable */
  char *uid;
  gint is_told; /* atomic; no part of the value: belongs to its current sender */
};

G_DEFINE_FINAL_TYPE (VlChange, vl_change, G_TYPE_OBJECT)

void
_vl_change_set_is_told (VlChange *self, gboolean is_told)
{
  g_atomic_int_set (&self->is_told, is_told);
}

VlRecord *
_vl_change_get_stored (VlChange *self)
{
  return self->kind != VL_CHANGE_KIND_PATCH ? self->record : NULL;
}

gboolean
_vl_change_get_is_told (VlChange *self)
{
  return g_atomic_int_get (&self->is_told);
}

static void
vl_change_finalize (GObject *object)
{
  VlChange *self = VL_CHANGE (object);

  g_clear_pointer (&self->id, g_free);
  g_clear_object (&self->record);
  g_clear_object (&self->base);
  g_clear_object (&self->query);
  g_clear_pointer (&self->uid, g_free);

  G_OBJECT_CLASS (vl_change_parent_class)->finalize (object);
}

static void
vl_change_class_init (VlChangeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = vl_change_finalize;
}

static void
vl_change_init (VlChange *self)
{
  self->origin = VL_ORIGIN_WRITE;
}

static VlChange *
new_change (VlChangeKind kind, const char *id)
{
  VlChange *self = g_object_new (VL_TYPE_CHANGE, NULL);

  self->kind = kind;
  self->id = g_strdup (id);
  self->uid = _vl_uuid_v7 ();

  return self;
}

/* Everything but the uid, which the caller sets. */
static VlChange *
copy_change (VlChange *self)
{
  VlChange *copy = g_object_new (VL_TYPE_CHANGE, NULL);

  copy->kind = self->kind;
  copy->origin = self->origin;
  copy->id = g_strdup (self->id);
  g_set_object (&copy->record, self->record);
  g_set_object (&copy->base, self->base);
  g_set_object (&copy->query, self->query);

  return copy;
}

VlChange *
_vl_change_with_record (VlChange *self, VlRecord *record)
{
  VlChange *copy = g_object_new (VL_TYPE_CHANGE, NULL);

  copy->kind = self->kind;
  copy->origin = self->origin;
  copy->id = g_strdup (vl_record_get_id (record));
  copy->record = g_object_ref (record);
  g_set_object (&copy->base, self->base);
  copy->uid = g_strdup (self->uid);

  return copy;
}

static VlRecord *
record_with_id (VlRecord *record, const char *id)
{
  g_autoptr (VlRecordBuilder) builder = NULL;

  if (g_strcmp0 (vl_record_get_id (record), id) == 0)
    return g_object_ref (record);

  builder = vl_record_builder_new_from (record);
  vl_record_builder_set_id (builder, id);

  return vl_record_builder_end (builder);
}

VlChange *
_vl_change_with_id (VlChange *self, const char *id)
{
  VlChange *copy = copy_change (self);

  copy->uid = g_strdup (self->uid);
  g_free (copy->id);
  copy->id = g_strdup (id);
  if (self->record != NULL)
    {
      g_clear_object (&copy->record);
      copy->record = record_with_id (self->record, id);
    }

  return copy;
}

/**
 * vl_change_new_insert:
 * @record: the new record; its id may be %NULL where the table assigns ids
 *
 * Makes a change that adds a record.
 *
 * Returns: (transfer full): a new change
 *
 * Since: 1.0
 */
VlChange *
vl_change_new_insert (VlRecord *record)
{
  VlChange *self = NULL;

  g_return_val_if_fail (VL_IS_RECORD (record), NULL);

  self = new_change (VL_CHANGE_KIND_INSERT, vl_record_get_id (record));
  self->record = g_object_ref (record);

  return self;
}

/**
 * vl_change_new_replace:
 * @record: the whole record, with its id
 *
 * Makes a change that puts a record in place of the one of that id, or adds it
 * when there is none.
 *
 * Returns: (transfer full): a new change
 *
 * Since: 1.0
 */
VlChange *
vl_change_new_replace (VlRecord *record)
{
  VlChange *self = NULL;

  g_return_val_if_fail (VL_IS_RECORD (record), NULL);

  self = new_change (VL_CHANGE_KIND_REPLACE, vl_record_get_id (record));
  self->record = g_object_ref (record);

  return self;
}

/**
 * vl_change_new_patch:
 * @id: the id of the record to change
 * @fields: the fields to change and nothing else; a field that is null becomes
 *   null, one that is absent stays
 *
 * Makes a change that sets some fields of a record.
 *
 * The change's record is @fields with the id @id.
 *
 * Returns: (transfer full): a new change
 *
 * Since: 1.0
 */
VlChange *
vl_change_new_patch (const char *id, VlRecord *fields)
{
  VlChange *self = NULL;

  g_return_val_if_fail (id != NULL, NULL);
  g_return_val_if_fail (VL_IS_RECORD (fields), NULL);

  self = new_change (VL_CHANGE_KIND_PATCH, id);
  self->record = record_with_id (fields, id);

  return self;
}

/**
 * vl_change_new_delete:
 * @id: the id of the record that goes
 *
 * Makes a change that deletes one record.
 *
 * Returns: (transfer full): a new change
 *
 * Since: 1.0
 */
VlChange *
vl_change_new_delete (const char *id)
{
  g_return_val_if_fail (id != NULL, NULL);

  return new_change (VL_CHANGE_KIND_DELETE, id);
}

/**
 * vl_change_new_delete_all:
 * @query: (nullable): which records go; %NULL means all
 *
 * Makes a change that deletes all records that meet a query.
 *
 * Returns: (transfer full): a new change
 *
 * Since: 1.0
 */
VlChange *
vl_change_new_delete_all (VlQuery *query)
{
  VlChange *self = NULL;

  g_return_val_if_fail (query == NULL || VL_IS_QUERY (query), NULL);

  self = new_change (VL_CHANGE_KIND_DELETE_ALL, NULL);
  g_set_object (&self->query, query);

  return self;
}

/**
 * vl_change_with_base:
 * @self: a change
 * @base: (nullable): the record as it was when the change was made up
 *
 * Makes the same change with the record that it was based on.
 *
 * A table with the capability %VL_CAPABILITY_CHECK_BASE compares the base with
 * the record as it is stored, in the same transaction, and refuses the change
 * with %VL_ERROR_CONFLICT if what it touches is different. A patch touches the
 * fields that it has, a replace and a delete those of the base; fields that the
 * base does not have, or the table, are not compared, and neither is the id.
 * Values are compared as [class@Query] orders them: 1 equals 1.0, and null
 * equals null.
 *
 * A patch or a replace of a record that is gone is a conflict too; without a
 * base the one is %VL_ERROR_NOT_FOUND and the other creates the record. A
 * delete has what it wants then. An insert or a delete-all touches nothing that
 * its base could tell of. The conflict carries the record as it is now, see
 * [method@Outcome.get_record]; it is gone if there is none.
 *
 * Any other table applies the change as if it had no base.
 *
 * Returns: (transfer full): a new change with the same uid
 *
 * Since: 1.0
 */
VlChange *
vl_change_with_base (VlChange *self, VlRecord *base)
{
  VlChange *copy = NULL;

  g_return_val_if_fail (VL_IS_CHANGE (self), NULL);
  g_return_val_if_fail (base == NULL || VL_IS_RECORD (base), NULL);

  copy = copy_change (self);
  copy->uid = g_strdup (self->uid);
  g_set_object (&copy->base, base);

  return copy;
}

/**
 * vl_change_with_uid:
 * @self: a change
 * @uid: another uid, perhaps empty
 *
 * Makes the same change with another uid.
 *
 * For changes that come back from a place where they were kept; a change that
 * is merely sent again keeps its uid. A change whose uid is empty is applied as
 * often as it is sent.
 *
 * Returns: (transfer full): a new change
 *
 * Since: 1.0
 */
VlChange *
vl_change_with_uid (VlChange *self, const char *uid)
{
  VlChange *copy = NULL;

  g_return_val_if_fail (VL_IS_CHANGE (self), NULL);
  g_return_val_if_fail (uid != NULL, NULL);

  copy = copy_change (self);
  copy->uid = g_strdup (uid);

  return copy;
}

/**
 * vl_change_with_origin:
 * @self: a change
 * @origin: where the change comes from
 *
 * Makes the same change with another origin.
 *
 * Returns: (transfer full): a new change with the same uid
 *
 * Since: 1.0
 */
VlChange *
vl_change_with_origin (VlChange *self, VlOrigin origin)
{
  VlChange *copy = NULL;

  g_return_val_if_fail (VL_IS_CHANGE (self), NULL);

  copy = copy_change (self);
  copy->uid = g_strdup (self->uid);
  copy->origin = origin;

  return copy;
}

/**
 * vl_change_get_kind:
 * @self: a change
 *
 * Gets what the change does.
 *
 * Returns: the kind
 *
 * Since: 1.0
 */
VlChangeKind
vl_change_get_kind (VlChange *self)
{
  g_return_val_if_fail (VL_IS_CHANGE (self), VL_CHANGE_KIND_INSERT);

  return self->kind;
}

/**
 * vl_change_get_id:
 * @self: a change
 *
 * Gets the id of the record that the change is about.
 *
 * Returns: (transfer none) (nullable): the id; %NULL for a delete-all and for
 *   an insert that leaves the id to the table
 *
 * Since: 1.0
 */
const char *
vl_change_get_id (VlChange *self)
{
  g_return_val_if_fail (VL_IS_CHANGE (self), NULL);

  return self->id;
}

/**
 * vl_change_get_record:
 * @self: a change
 *
 * Gets the record of an insert or a replace, or the changed fields of a patch.
 *
 * Returns: (transfer none) (nullable): the record, or %NULL for a delete and a
 *   delete-all
 *
 * Since: 1.0
 */
VlRecord *
vl_change_get_record (VlChange *self)
{
  g_return_val_if_fail (VL_IS_CHANGE (self), NULL);

  return self->record;
}

/**
 * vl_change_get_base:
 * @self: a change
 *
 * Gets the record that the change was based on.
 *
 * Returns: (transfer none) (nullable): the record as it was, or %NULL if that
 *   is not known
 *
 * Since: 1.0
 */
VlRecord *
vl_change_get_base (VlChange *self)
{
  g_return_val_if_fail (VL_IS_CHANGE (self), NULL);

  return self->base;
}

/**
 * vl_change_get_query:
 * @self: a change
 *
 * Gets what a delete-all is limited to.
 *
 * Returns: (transfer none) (nullable): the query; %NULL means all records, or
 *   that the change is not a delete-all
 *
 * Since: 1.0
 */
VlQuery *
vl_change_get_query (VlChange *self)
{
  g_return_val_if_fail (VL_IS_CHANGE (self), NULL);

  return self->query;
}

/**
 * vl_change_get_uid:
 * @self: a change
 *
 * Gets what tells this change from every other.
 *
 * It is a UUID of version 7 unless [method@Change.with_uid] was used.
 *
 * A table with the capability %VL_CAPABILITY_IDEMPOTENT remembers the uids of
 * the changes that it has applied, for as long as it says. One that comes again
 * is not applied again: it is answered with the record as it is stored now, a
 * delete with %NULL. What was refused is not remembered and may be applied the
 * next time.
 *
 * Returns: (transfer none): the uid
 *
 * Since: 1.0
 */
const char *
vl_change_get_uid (VlChange *self)
{
  g_return_val_if_fail (VL_IS_CHANGE (self), NULL);

  return self->uid;
}

/**
 * vl_change_get_origin:
 * @self: a change
 *
 * Gets where the change comes from, %VL_ORIGIN_WRITE unless told otherwise.
 *
 * Returns: the origin
 *
 * Since: 1.0
 */
VlOrigin
vl_change_get_origin (VlChange *self)
{
  g_return_val_if_fail (VL_IS_CHANGE (self), VL_ORIGIN_WRITE);

  return self->origin;
}
