/* peer-gom.c: Gom lists a page of records
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gom/gom.h>

#include "peer.h"

#define PAGE_SIZE 100

typedef struct
{
  GomResource parent_instance;

  gint64 id;
  char *name;
  char *city;
  double price;
  gint64 stock;
  gboolean listed;
} Product;

typedef GomResourceClass ProductClass;

enum
{
  PROP_ID = 1,
  PROP_NAME,
  PROP_CITY,
  PROP_PRICE,
  PROP_STOCK,
  PROP_LISTED,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];
static GomRepository *repository;

static GType product_get_type (void);
G_DEFINE_TYPE (Product, product, GOM_TYPE_RESOURCE)

static void
product_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  Product *self = (Product *) object;

  switch (prop_id)
    {
    case PROP_ID:
      g_value_set_int64 (value, self->id);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_CITY:
      g_value_set_string (value, self->city);
      break;
    case PROP_PRICE:
      g_value_set_double (value, self->price);
      break;
    case PROP_STOCK:
      g_value_set_int64 (value, self->stock);
      break;
    case PROP_LISTED:
      g_value_set_boolean (value, self->listed);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
product_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  Product *self = (Product *) object;

  switch (prop_id)
    {
    case PROP_ID:
      self->id = g_value_get_int64 (value);
      break;
    case PROP_NAME:
      g_free (self->name);
      self->name = g_value_dup_string (value);
      break;
    case PROP_CITY:
      g_free (self->city);
      self->city = g_value_dup_string (value);
      break;
    case PROP_PRICE:
      self->price = g_value_get_double (value);
      break;
    case PROP_STOCK:
      self->stock = g_value_get_int64 (value);
      break;
    case PROP_LISTED:
      self->listed = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
product_finalize (GObject *object)
{
  Product *self = (Product *) object;

  g_free (self->name);
  g_free (self->city);

  G_OBJECT_CLASS (product_parent_class)->finalize (object);
}

static void
product_class_init (ProductClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = product_finalize;
  object_class->get_property = product_get_property;
  object_class->set_property = product_set_property;

  properties[PROP_ID] = g_param_spec_int64 ("id", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_CITY] = g_param_spec_string ("city", NULL, NULL, NULL, flags);
  properties[PROP_PRICE] = g_param_spec_double ("price", NULL, NULL, 0, G_MAXDOUBLE, 0, flags);
  properties[PROP_STOCK] = g_param_spec_int64 ("stock", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_LISTED] = g_param_spec_boolean ("listed", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gom_resource_class_set_table (klass, "products");
  gom_resource_class_set_primary_key (klass, "id");
}

static void
product_init (Product *self)
{
}

static guint
list (guint n)
{
  guint n_rows = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GomResourceGroup)
        group = gom_repository_find_sync (repository, product_get_type (), NULL, &error);

      g_assert_no_error (error);
      gom_resource_group_fetch_sync (group, 0, PAGE_SIZE, &error);
      g_assert_no_error (error);
      for (n_rows = 0; n_rows < PAGE_SIZE; n_rows++)
        {
          Product *product = (Product *) gom_resource_group_get_index (group, n_rows);

          g_assert (product->name != NULL);
        }
    }

  return n_rows;
}

int
main (int argc, char **argv)
{
  static const PeerOperation operations[] = { { "list", list } };
  g_autoptr (GomAdapter) adapter = gom_adapter_new ();
  g_autofree char *uri = g_filename_to_uri (argv[1], NULL, NULL);
  g_autoptr (GError) error = NULL;

  gom_adapter_open_sync (adapter, uri, &error);
  g_assert_no_error (error);
  repository = gom_repository_new (adapter);
  peer_serve (operations, G_N_ELEMENTS (operations));
  g_object_unref (repository);
  gom_adapter_close_sync (adapter, NULL);

  return 0;
}
