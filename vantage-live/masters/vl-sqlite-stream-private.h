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

G_END_DECLS
