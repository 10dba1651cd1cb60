/* vl-outcome.c: how one change of several ended
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-change.h"
#include "vl-outcome-private.h"
#include "vl-record.h"

/**
 * VlOutcome:
 *
 * How one change of [method@Table.apply_many_async] ended.
 *
 * Immutable, and may be used from any thread.
 *
 * Since: 1.0
 */
struct _VlOutcome
{
  GObject parent_instance;

  VlChange *change; /* never NULL */
  VlRecord *record; /* what the table answered, nullable; also of a conflict */
  GError *error;    /* NULL = applied */
};

G_DEFINE_FINAL_TYPE (VlOutcome, vl_outcome, G_TYPE_OBJECT)

static void
vl_outcome_finalize (GObject *object)
{
  VlOutcome *self = VL_OUTCOME (object);

  g_clear_object (&self->change);
  g_clear_object (&self->record);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (vl_outcome_parent_class)->finalize (object);
}

static void
vl_outcome_class_init (VlOutcomeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = vl_outcome_finalize;
}

static void
vl_outcome_init (VlOutcome *self)
{
}

VlOutcome *
_vl_outcome_new (VlChange *change, VlRecord *record, const GError *error)
{
  VlOutcome *self = g_object_new (VL_TYPE_OUTCOME, NULL);

  g_assert (VL_IS_CHANGE (change));

  self->change = g_object_ref (change);
  g_set_object (&self->record, record);
  if (error != NULL)
    self->error = g_error_copy (error);

  return self;
}

/**
 * vl_outcome_get_change:
 * @self: an outcome
 *
 * Gets the change that this is the outcome of.
 *
 * Returns: (transfer none): the change
 *
 * Since: 1.0
 */
VlChange *
vl_outcome_get_change (VlOutcome *self)
{
  g_return_val_if_fail (VL_IS_OUTCOME (self), NULL);

  return self->change;
}

/**
 * vl_outcome_get_record:
 * @self: an outcome
 *
 * Gets the record that the table answered with.
 *
 * This is the record as stored or, after a delete, as it was before. If the
 * error is %VL_ERROR_CONFLICT it is the record as somebody else has made it
 * meanwhile, or %NULL if that is gone.
 *
 * Returns: (transfer none) (nullable): the record, or %NULL when the change
 *   failed otherwise or the table told of none
 *
 * Since: 1.0
 */
VlRecord *
vl_outcome_get_record (VlOutcome *self)
{
  g_return_val_if_fail (VL_IS_OUTCOME (self), NULL);

  return self->record;
}

/**
 * vl_outcome_get_error:
 * @self: an outcome
 *
 * Gets why the change failed.
 *
 * The error is of the domain [error@Error], or %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer none) (nullable): the error, or %NULL when the change was
 *   applied
 *
 * Since: 1.0
 */
const GError *
vl_outcome_get_error (VlOutcome *self)
{
  g_return_val_if_fail (VL_IS_OUTCOME (self), NULL);

  return self->error;
}
