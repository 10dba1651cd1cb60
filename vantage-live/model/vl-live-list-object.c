/* vl-live-list-object.c: what the rows of a list are made into
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-config.h"

#include "vl-live-list-private.h"

#include "../vl-error.h"
#include "vl-record-object.h"

gboolean
_vl_live_list_has_factory (VlLiveList *self)
{
  return self->factory != NULL || self->object_type != G_TYPE_INVALID;
}

/* An object that cannot be brought up to date is left as it is, unless a new
 * one can. */
static GObject *
make_typed (VlLiveList *self, VlRecord *record, GObject *object, GError **error)
{
  g_autoptr (GError) local = NULL;
  GObject *made;

  if (object != NULL && G_OBJECT_TYPE (object) == self->object_type &&
      vl_record_fill_object (record, object, &local))
    return g_object_ref (object);
  if (local != NULL && !g_error_matches (local, VL_ERROR, VL_ERROR_UNSUPPORTED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return g_object_ref (object);
    }
  made = vl_record_to_object (record, self->object_type, error);

  return made != NULL || object == NULL ? made : g_object_ref (object);
}

GObject *
_vl_live_list_make_object (VlLiveList *self, VlRecord *record, GObject *object, GError **error)
{
  if (self->factory != NULL)
    return self->factory (record, object, self->factory_data);

  return make_typed (self, record, object, error);
}

static void
take_factory (VlLiveList *self,
              VlObjectFactory factory,
              gpointer user_data,
              GDestroyNotify destroy,
              GType type)
{
  GDestroyNotify old_destroy = self->factory_destroy;
  gpointer old_data = self->factory_data;

  self->factory = factory;
  self->factory_data = user_data;
  self->factory_destroy = destroy;
  self->object_type = type;
  if (old_destroy != NULL)
    old_destroy (old_data);
}

/**
 * vl_live_list_set_object_factory:
 * @self: a list
 * @factory: (nullable) (scope notified) (closure user_data) (destroy destroy): a
 *   function that makes an object of a record, or %NULL
 * @user_data: data for @factory
 * @destroy: (nullable): frees @user_data
 *
 * Sets what [property@Row:object] is made by: an object of a class of the
 * application's own, whose properties its widgets can bind to. Where these are
 * named like the columns, [method@LiveList.set_object_type] is all it takes; the
 * one takes the place of the other.
 *
 * It is called when the object of a row is first asked for, and again when the
 * record of such a row has become another one. Set it before the list is used:
 * objects that were made already stay as they are until their record changes.
 *
 * Since: 1.0
 */
void
vl_live_list_set_object_factory (VlLiveList *self,
                                 VlObjectFactory factory,
                                 gpointer user_data,
                                 GDestroyNotify destroy)
{
  g_return_if_fail (VL_IS_LIVE_LIST (self));

  take_factory (self, factory, user_data, destroy, G_TYPE_INVALID);
}

/**
 * vl_live_list_set_object_type:
 * @self: a list
 * @type: a class that is not abstract, or %G_TYPE_INVALID
 *
 * Makes [property@Row:object] an object of a class of the application's own,
 * whose properties are named like the columns, as [method@Record.to_object]
 * does it.
 *
 * When the record of a row becomes another one, the same object is brought up to
 * date, and notifies of the properties that have changed; a new one takes its
 * place only where a property would have to change that can only be set when an
 * object is made. A record that does not fit the class leaves the object as it
 * is, or %NULL if there was none, and the reason in [property@Row:error].
 *
 * Set it before the list is used: objects that were made already stay as they
 * are until their record changes.
 *
 * Since: 1.0
 */
void
vl_live_list_set_object_type (VlLiveList *self, GType type)
{
  g_return_if_fail (VL_IS_LIVE_LIST (self));
  g_return_if_fail (type == G_TYPE_INVALID || type == G_TYPE_NONE ||
                    (g_type_is_a (type, G_TYPE_OBJECT) && !G_TYPE_IS_ABSTRACT (type)));

  take_factory (self, NULL, NULL, NULL, type != G_TYPE_NONE ? type : G_TYPE_INVALID);
}
