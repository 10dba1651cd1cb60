/* vl-sqlite-stream-private.h: notices that others change a database file
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../stream/vl-live-stream.h"
#include "vl-sqlite-database-private.h"

G_BEGIN_DECLS

#define VL_TYPE_SQLITE_STREAM (_vl_sqlite_stream_get_type ())

G_DECLARE_FINAL_TYPE (VlSqliteStream, _vl_sqlite_stream, VL, SQLITE_STREAM, VlLiveStream)

VlLiveStream *_vl_sqlite_stream_new (VlSqliteTarget *target);

/* TRUE if the job is taken, and pushed when the stream, which somebody has just
 * begun to listen to, is live or has failed to be, or does not get there soon.
 * So who describes the table before reading from it has heard the gap with
 * which the stream becomes live, and the first page is not made stale by it. */
gboolean _vl_sqlite_stream_hold (VlSqliteStream *self, VlSqliteJob *job);

/* This program has written to the table. From any thread, of which only that of
 * the stream's home is of use. */
void _vl_sqlite_stream_wrote (VlSqliteStream *self);

G_END_DECLS
