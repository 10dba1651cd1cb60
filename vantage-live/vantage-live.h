/* vantage-live.h: the only header that a program includes
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#define VL_INSIDE

#include "vl-version.h"
#include "vl-version-macros.h"
#include "vl-types.h"
#include "vl-enums.h"
#include "vl-error.h"

#include "table/vl-record.h"
#include "table/vl-record-builder.h"
#include "table/vl-schema.h"
#include "table/vl-schema-builder.h"
#include "table/vl-page.h"
#include "table/vl-page-builder.h"
#include "table/vl-query.h"
#include "table/vl-change.h"
#include "table/vl-outcome.h"
#include "table/vl-reply.h"
#include "table/vl-table.h"
#include "table/vl-blocking-table.h"

#include "stream/vl-live-event.h"
#include "stream/vl-live-stream.h"

#include "masters/vl-memory-table.h"
#include "masters/vl-scoped-table.h"
#include "masters/vl-sqlite-table.h"
#include "masters/vl-fault-table.h"

#include "cache/vl-cache.h"
#include "cache/vl-memory-cache.h"
#include "cache/vl-null-cache.h"
#include "cache/vl-sqlite-cache.h"

#include "live/vl-live-stats.h"
#include "live/vl-live-table.h"
#include "live/vl-write.h"

#include "model/vl-field.h"
#include "model/vl-live-list.h"
#include "model/vl-record-edit.h"
#include "model/vl-record-object.h"
#include "model/vl-row.h"

#undef VL_INSIDE
