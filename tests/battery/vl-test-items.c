/* vl-test-items.c: how many items of a list model are alive
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vl-test.h"

/* Passes a model on, and counts what goes through it. */
#define VL_TEST_TYPE_ITEMS (vl_test_items_get_type ())
G_DECLARE_FINAL_TYPE (VlTestItems, vl_test_items, VL_TEST, ITEMS, GObject)

struct _VlTestItems
{
  GObject parent_instance;

  GListModel *model;
  GHashTable *alive; /* items, not referenced */
  guint most;
};

static GType
vl_test_items_get_item_type (GListModel *model)
{
  return g_list_model_get_item_type (VL_TEST_ITEMS (model)->model);
}

static guint
vl_test_items_get_n_items (GListModel *model)
{
  return g_list_model_get_n_items (VL_TEST_ITEMS (model)->model);
}

static void
item_died (gpointer user_data, GObject *item)
{
  g_hash_table_remove (VL_TEST_ITEMS (user_data)->alive, item);
}

static gpointer
vl_test_items_get_item (GListModel *model, guint position)
{
  VlTestItems *self = VL_TEST_ITEMS (model);
  GObject *item = g_list_model_get_item (self->model, position);

  if (item != NULL && g_hash_table_add (self->alive, item))
    g_object_weak_ref (item, item_died, self);
  self->most = MAX (self->most, g_hash_table_size (self->alive));

  return item;
}

static void
vl_test_items_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = vl_test_items_get_item_type;
  iface->get_n_items = vl_test_items_get_n_items;
  iface->get_item = vl_test_items_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (VlTestItems,
                               vl_test_items,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, vl_test_items_iface_init))

static void
vl_test_items_finalize (GObject *object)
{
  VlTestItems *self = VL_TEST_ITEMS (object);
  GHashTableIter iter;
  gpointer item;

  g_hash_table_iter_init (&iter, self->alive);
  while (g_hash_table_iter_next (&iter, &item, NULL))
    g_object_weak_unref (item, item_died, self);
  g_hash_table_unref (self->alive);
  g_signal_handlers_disconnect_by_data (self->model, self);
  g_object_unref (self->model);

  G_OBJECT_CLASS (vl_test_items_parent_class)->finalize (object);
}

static void
vl_test_items_class_init (VlTestItemsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = vl_test_items_finalize;
}

static void
vl_test_items_init (VlTestItems *self)
{
  self->alive = g_hash_table_new (NULL, NULL);
}

/**
 * vl_test_count_items:
 * @model: a list model
 *
 * Makes a model of the same items that counts them.
 *
 * Returns: (transfer full): a new model
 */
GListModel *
vl_test_count_items (GListModel *model)
{
  VlTestItems *self = g_object_new (VL_TEST_TYPE_ITEMS, NULL);

  self->model = g_object_ref (model);
  g_signal_connect_swapped (model, "items-changed", G_CALLBACK (g_list_model_items_changed), self);

  return G_LIST_MODEL (self);
}

/**
 * vl_test_get_items_alive:
 * @model: a model that counts
 *
 * Gets how many items that were asked for are alive.
 *
 * Returns: the number
 */
guint
vl_test_get_items_alive (GListModel *model)
{
  return g_hash_table_size (VL_TEST_ITEMS (model)->alive);
}

/**
 * vl_test_get_items_most:
 * @model: a model that counts
 *
 * Gets how many were alive at one time, at most.
 *
 * Returns: the number
 */
guint
vl_test_get_items_most (GListModel *model)
{
  return VL_TEST_ITEMS (model)->most;
}
