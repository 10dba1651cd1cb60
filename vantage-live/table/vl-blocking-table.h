/* vl-blocking-table.h: a table whose work blocks, run on a thread of its own
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_BLOCKING_TABLE (vl_blocking_table_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (VlBlockingTable, vl_blocking_table, VL, BLOCKING_TABLE, GObject)

struct _VlBlockingTableClass
{
  GObjectClass parent_class;

  gboolean (*describe_blocking) (VlBlockingTable *self, VlReply *reply, GError **error);
  gboolean (*list_blocking) (VlBlockingTable *self, VlQuery *query, VlReply *reply, GError **error);
  gboolean (*find_blocking) (VlBlockingTable *self, const char *id, VlReply *reply, GError **error);
  gboolean (*count_blocking) (VlBlockingTable *self,
                              VlQuery *query,
                              VlReply *reply,
                              GError **error);
  gboolean (*apply_blocking) (VlBlockingTable *self,
                              VlChange *change,
                              VlReply *reply,
                              GError **error);
  gboolean (*apply_batch_blocking) (VlBlockingTable *self,
                                    GListModel *changes,
                                    VlReply *reply,
                                    GError **error);

  /*< private >*/
  gpointer padding[8];
};

G_END_DECLS
