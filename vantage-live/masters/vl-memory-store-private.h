/* vl-memory-store-private.h: the records of a table in memory
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../vl-types.h"

G_BEGIN_DECLS

/* What a table in memory keeps under its lock: all of this is called with that
 * held, but for init and clear. */
typedef struct
{
  VlSchema *schema;    /* never changes */
  VlRecord *blank;     /* never changes: every column, null */
  GSequence *records;  /* of VlRecord, by id */
  GHashTable *by_id;   /* id -> GSequenceIter of its record */
  gint64 highest_id;   /* of all that ever were, when they are numbers */
  GHashTable *applied; /* uid of a change -> id of its record, nullable; NULL = none are kept */
  GQueue applied_uids; /* the keys of `applied`, oldest first */
  GQueue untold;       /* of VlLiveEvent: what was changed, for the table to tell */
} VlMemoryStore;

/* `remembers`: the changes that were applied, to know them again. */
void _vl_memory_store_init (VlMemoryStore *self, VlSchema *schema, gboolean remembers);
void _vl_memory_store_clear (VlMemoryStore *self);

/* The store's own, or NULL. */
VlRecord *_vl_memory_store_lookup (VlMemoryStore *self, const char *id);

/* All records that meet the query, in its order; its window does not count. */
GPtrArray *_vl_memory_store_collect (VlMemoryStore *self, VlQuery *query);
gint64 _vl_memory_store_count (VlMemoryStore *self, VlQuery *query);

/* The part of `n_found` records that the query's window shows. */
void _vl_memory_get_window (VlQuery *query, guint n_found, guint *first, guint *n);

/* Applies the change unless it was applied before. `record` is what it is to be
 * answered with, nullable; after VL_ERROR_CONFLICT the record as it is now. */
gboolean _vl_memory_store_apply (VlMemoryStore *self,
                                 VlChange *change,
                                 VlRecord **record,
                                 GError **error);

G_END_DECLS
