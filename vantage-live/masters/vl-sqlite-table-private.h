/* vl-sqlite-table-private.h: a table of an SQLite database, for tests
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-sqlite-table.h"

G_BEGIN_DECLS

/* How many steps SQLite's machine took for the rows of the last list. */
guint64 _vl_sqlite_table_get_n_steps (VlSqliteTable *self);

G_END_DECLS
