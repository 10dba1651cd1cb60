/* vl-schema-private.h: making schemas
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-schema.h"

G_BEGIN_DECLS

typedef struct
{
  char *name; /* UTF-8 */
  VlFieldType type;
  gboolean nullable;
} VlSchemaColumn;

/* What a schema is made of, as the builder gathers it. */
typedef struct
{
  char *table_name;         /* never NULL, perhaps "" */
  char *instance;           /* nullable */
  GArray *columns;          /* VlSchemaColumn, names unique */
  char *id_column;          /* nullable */
  GPtrArray *title_columns; /* char *, no duplicates, not NULL-terminated */
  GPtrArray *relations;     /* char *, no duplicates, not NULL-terminated */
  VlCapabilities capabilities;
} VlSchemaParts;

/* Copies the parts. An id column or title columns that are not among the
 * columns are left out, with a warning in the log. */
VlSchema *_vl_schema_new (const VlSchemaParts *parts);

/* The same table with other capabilities. */
VlSchema *_vl_schema_with_capabilities (VlSchema *schema, VlCapabilities capabilities);

G_END_DECLS
