/* vl-cell-private.h: one value inside a block, and how values compare
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../vl-types.h"

G_BEGIN_DECLS

/* A value that points into the block (or the caller's memory) it came from. */
typedef struct
{
  VlFieldType type;
  union
  {
    gboolean boolean;
    gint64 int64;
    double real;
  };
  /* String: UTF-8, NUL-terminated, `length` without the NUL. Bytes: as they
   * are. Variant: its serialised normal form. Else NULL. */
  const char *data;
  gsize length;
  const char *variant_type; /* the type string of a variant, else NULL */
} VlCell;

/* The order of contract A3, ascending: numbers (boolean counting as 0 or 1)
 * exactly across int64 and double, then text, bytes, variants, and last null
 * and NaN, which are equal to each other. Callers that sort descending keep
 * the nulls last themselves. */
int _vl_cell_compare (const VlCell *a, const VlCell *b);
gboolean _vl_cell_is_null (const VlCell *cell);

/* A field as a cell, without a copy: FALSE and a null cell when the record
 * does not have it. The cell lives as long as the record. */
gboolean _vl_record_get_cell (VlRecord *record, const char *field, VlCell *cell);

/* The id's cell, int64 or string; FALSE and a null cell for a NULL id. */
gboolean _vl_record_get_id_cell (VlRecord *record, VlCell *cell);

/* Walks all fields in their order, absent ones left out. */
guint _vl_record_get_n_slots (VlRecord *record);
const char *_vl_record_get_slot (VlRecord *record,
                                 guint slot,
                                 VlCell *cell); /* NULL = absent here */

/* The record with its id cell, and the field of the schema's id column, made
 * what the schema says: int64 for canonical decimal text in an int64 column.
 * The field of the id column is added when it is not there or null, and a NULL
 * id is taken from that field. Returns the same record with another reference
 * when there is nothing to do. */
VlRecord *_vl_record_normalize (VlRecord *record, VlSchema *schema);

/* Parses canonical decimal text: no plus, no leading zeros, no "-0". */
gboolean _vl_id_parse_int64 (const char *id, gint64 *value);

G_END_DECLS
