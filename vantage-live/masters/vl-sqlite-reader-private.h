/* vl-sqlite-reader-private.h: lists, finds and counts
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-sqlite-session-private.h"

G_BEGIN_DECLS

/* Each is a transaction of its own and runs on the thread of the session. */
VlPage *_vl_sqlite_list (VlSqliteSession *session,
                         const char *table,
                         VlQueryParts *parts,
                         guint64 offset,
                         guint limit,
                         GError **error);

/* *record is NULL if there is no such row. */
gboolean _vl_sqlite_find (VlSqliteSession *session,
                          const char *table,
                          const char *id,
                          VlRecord **record,
                          GError **error);
gboolean _vl_sqlite_count (VlSqliteSession *session,
                           const char *table,
                           VlQueryParts *parts,
                           gint64 *count,
                           GError **error);

/* A new reference. */
VlSqliteLayout *_vl_sqlite_describe (VlSqliteSession *session, const char *table, GError **error);

/* The rows after an anchor come in parts, each one statement that an index can
 * serve: an "or" between them would make SQLite sort everything. */
guint _vl_sqlite_count_segments (VlQueryParts *parts);

/* FALSE if there can be nothing in segment `segment`. */
gboolean _vl_sqlite_text_add_segment (VlSqliteText *self,
                                      VlSqliteLayout *layout,
                                      const VlColumnState *states,
                                      VlQueryParts *parts,
                                      const VlSqliteAnchor *anchor,
                                      guint segment);

G_END_DECLS
