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

G_END_DECLS
