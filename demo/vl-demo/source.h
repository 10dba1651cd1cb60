/* source.h: where the rows of a table come from
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

#include "options.h"

typedef struct _DemoSource DemoSource;

struct _DemoSource
{
  char *table_name;
  char *description;
  VlSchema *schema;
  guint64 n_rows;
  /* The row at an index; each is asked for once, in order. */
  VlRecord *(*make) (DemoSource *self, guint64 index);
  void (*free_data) (gpointer data);
  gpointer data;
};

/* Three products, generated clients, or a JSON file, as the options say. */
DemoSource *demo_source_new (const DemoOptions *options, GError **error);
DemoSource *demo_source_new_products (void);
DemoSource *demo_source_new_clients (guint64 n_rows);
/* An array of objects, or an object with one member that is such an array. */
DemoSource *demo_source_new_import (const char *path, GError **error);
void demo_source_free (DemoSource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DemoSource, demo_source_free)
