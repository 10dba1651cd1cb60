/* vl-test.h: the contract battery, run against any table or cache
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

G_BEGIN_DECLS

VlSchema *vl_test_schema (void);
guint vl_test_table (VlTable *table, GError **error);
guint vl_test_cache (VlCache *cache, GError **error);

/* vl-test-items.c */
GListModel *vl_test_count_items (GListModel *model);
guint vl_test_get_items_alive (GListModel *model);
guint vl_test_get_items_most (GListModel *model);

G_END_DECLS
