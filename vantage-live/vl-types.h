/* vl-types.h: forward declarations and every enumeration
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include <gio/gio.h>

#include "vl-version-macros.h"

G_BEGIN_DECLS

typedef struct _VlBlockingTable VlBlockingTable;
typedef struct _VlCache VlCache;
typedef struct _VlChange VlChange;
typedef struct _VlFaultTable VlFaultTable;
typedef struct _VlLiveEvent VlLiveEvent;
typedef struct _VlField VlField;
typedef struct _VlLiveList VlLiveList;
typedef struct _VlRecordEdit VlRecordEdit;
typedef struct _VlLiveStats VlLiveStats;
typedef struct _VlLiveStream VlLiveStream;
typedef struct _VlLiveTable VlLiveTable;
typedef struct _VlMemoryCache VlMemoryCache;
typedef struct _VlMemoryTable VlMemoryTable;
typedef struct _VlNullCache VlNullCache;
typedef struct _VlOutcome VlOutcome;
typedef struct _VlPage VlPage;
typedef struct _VlPageBuilder VlPageBuilder;
typedef struct _VlQuery VlQuery;
typedef struct _VlRecord VlRecord;
typedef struct _VlRecordBuilder VlRecordBuilder;
typedef struct _VlReply VlReply;
typedef struct _VlRow VlRow;
typedef struct _VlSchema VlSchema;
typedef struct _VlSchemaBuilder VlSchemaBuilder;
typedef struct _VlScopedTable VlScopedTable;
typedef struct _VlSqliteCache VlSqliteCache;
typedef struct _VlSqliteTable VlSqliteTable;
typedef struct _VlTable VlTable;
typedef struct _VlWrite VlWrite;

/**
 * VlError:
 * @VL_ERROR_NOT_FOUND: the record, table or cached answer does not exist
 * @VL_ERROR_EXISTS: a record with that id exists already
 * @VL_ERROR_CONFLICT: the record was changed or deleted by somebody else
 *   meanwhile; nothing was changed
 * @VL_ERROR_UNSUPPORTED: the table cannot do that; nothing was changed
 * @VL_ERROR_INVALID: the request makes no sense, for example names a column
 *   that does not exist; nothing was changed
 * @VL_ERROR_UNAVAILABLE: the table cannot be reached at the moment; trying
 *   again later may help
 * @VL_ERROR_REJECTED: the table refuses, for example because a constraint is
 *   not met; trying again will not help
 * @VL_ERROR_IN_DOUBT: nobody knows whether the write was applied
 * @VL_ERROR_TIMED_OUT: a read was not answered in time
 * @VL_ERROR_READ_ONLY: the table cannot be written to
 * @VL_ERROR_QUEUE_FULL: too many writes are waiting; nothing was changed
 * @VL_ERROR_CLOSED: the table was closed
 * @VL_ERROR_CORRUPT: the data is damaged
 * @VL_ERROR_FAILED: anything else
 *
 * What can go wrong. Cancellation is not among them: it is
 * %G_IO_ERROR_CANCELLED, as everywhere.
 *
 * Since: 1.0
 */
typedef enum
{
  VL_ERROR_NOT_FOUND,
  VL_ERROR_EXISTS,
  VL_ERROR_CONFLICT,
  VL_ERROR_UNSUPPORTED,
  VL_ERROR_INVALID,
  VL_ERROR_UNAVAILABLE,
  VL_ERROR_REJECTED,
  VL_ERROR_IN_DOUBT,
  VL_ERROR_TIMED_OUT,
  VL_ERROR_READ_ONLY,
  VL_ERROR_QUEUE_FULL,
  VL_ERROR_CLOSED,
  VL_ERROR_CORRUPT,
  VL_ERROR_FAILED,
} VlError;

/**
 * VlFieldType:
 * @VL_FIELD_TYPE_NULL: no value; as the type of a column: values of any type
 * @VL_FIELD_TYPE_BOOLEAN: true or false
 * @VL_FIELD_TYPE_INT64: a signed 64-bit integer
 * @VL_FIELD_TYPE_DOUBLE: a double precision number
 * @VL_FIELD_TYPE_STRING: UTF-8 text
 * @VL_FIELD_TYPE_BYTES: bytes
 * @VL_FIELD_TYPE_VARIANT: a nested array or dictionary, as a [struct@GLib.Variant]
 *
 * The type of one value.
 *
 * Since: 1.0
 */
typedef enum
{
  VL_FIELD_TYPE_NULL,
  VL_FIELD_TYPE_BOOLEAN,
  VL_FIELD_TYPE_INT64,
  VL_FIELD_TYPE_DOUBLE,
  VL_FIELD_TYPE_STRING,
  VL_FIELD_TYPE_BYTES,
  VL_FIELD_TYPE_VARIANT,
} VlFieldType;

/**
 * VlOp:
 * @VL_OP_EQ: equal
 * @VL_OP_NE: not equal
 * @VL_OP_LT: less than
 * @VL_OP_LE: less than or equal
 * @VL_OP_GT: greater than
 * @VL_OP_GE: greater than or equal
 * @VL_OP_IN: equal to one of the values of an array
 * @VL_OP_NOT_IN: equal to none of the values of an array
 * @VL_OP_CONTAINS: text that contains the value, ignoring the case of ASCII letters
 * @VL_OP_IS_NULL: null; takes no value
 * @VL_OP_NOT_NULL: anything but null; takes no value
 *
 * The comparison of a [class@Query] condition. Null meets only
 * %VL_OP_IS_NULL: a null field does not even meet %VL_OP_NE or
 * %VL_OP_NOT_IN.
 *
 * Since: 1.0
 */
typedef enum
{
  VL_OP_EQ,
  VL_OP_NE,
  VL_OP_LT,
  VL_OP_LE,
  VL_OP_GT,
  VL_OP_GE,
  VL_OP_IN,
  VL_OP_NOT_IN,
  VL_OP_CONTAINS,
  VL_OP_IS_NULL,
  VL_OP_NOT_NULL,
} VlOp;

/**
 * VlCapabilities:
 * @VL_CAPABILITY_NONE: nothing but listing everything and finding by id
 * @VL_CAPABILITY_ORDER: sorts by any column
 * @VL_CAPABILITY_FILTER: honours conditions
 * @VL_CAPABILITY_SEARCH: honours search text
 * @VL_CAPABILITY_WINDOW: honours offset and limit
 * @VL_CAPABILITY_COUNT: counts without listing
 * @VL_CAPABILITY_INSERT: inserts records
 * @VL_CAPABILITY_REPLACE: replaces records
 * @VL_CAPABILITY_PATCH: changes some fields of a record
 * @VL_CAPABILITY_DELETE: deletes one record
 * @VL_CAPABILITY_DELETE_ALL: deletes all records that meet a query
 * @VL_CAPABILITY_BATCH: applies several changes in one go
 * @VL_CAPABILITY_ASSIGN_ID: gives an id to a record inserted without one
 * @VL_CAPABILITY_IDEMPOTENT: knows a change by its uid and applies it once,
 *   however often it is sent, see [method@Change.get_uid]
 * @VL_CAPABILITY_SUBSCRIBE: has a stream of its changes
 * @VL_CAPABILITY_REMOTE: is reached over a network
 * @VL_CAPABILITY_CHECK_BASE: compares what a change touches with the base of
 *   the change and fails with %VL_ERROR_CONFLICT if that is old, see
 *   [method@Change.with_base]
 *
 * What a table can do. A capability that is advertised but fails is worse
 * than one that was never claimed.
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  VL_CAPABILITY_NONE = 0,
  VL_CAPABILITY_ORDER = 1 << 0,
  VL_CAPABILITY_FILTER = 1 << 1,
  VL_CAPABILITY_SEARCH = 1 << 2,
  VL_CAPABILITY_WINDOW = 1 << 3,
  VL_CAPABILITY_COUNT = 1 << 4,
  VL_CAPABILITY_INSERT = 1 << 5,
  VL_CAPABILITY_REPLACE = 1 << 6,
  VL_CAPABILITY_PATCH = 1 << 7,
  VL_CAPABILITY_DELETE = 1 << 8,
  VL_CAPABILITY_DELETE_ALL = 1 << 9,
  VL_CAPABILITY_BATCH = 1 << 10,
  VL_CAPABILITY_ASSIGN_ID = 1 << 11,
  VL_CAPABILITY_IDEMPOTENT = 1 << 12,
  VL_CAPABILITY_SUBSCRIBE = 1 << 13,
  VL_CAPABILITY_REMOTE = 1 << 14,
  VL_CAPABILITY_CHECK_BASE = 1 << 15,
} VlCapabilities;

/**
 * VlChangeKind:
 * @VL_CHANGE_KIND_INSERT: a new record
 * @VL_CHANGE_KIND_REPLACE: a whole record, new or not
 * @VL_CHANGE_KIND_PATCH: some fields of a record that exists
 * @VL_CHANGE_KIND_DELETE: one record goes
 * @VL_CHANGE_KIND_DELETE_ALL: all records that meet a query go
 *
 * What a [class@Change] does.
 *
 * Since: 1.0
 */
typedef enum
{
  VL_CHANGE_KIND_INSERT,
  VL_CHANGE_KIND_REPLACE,
  VL_CHANGE_KIND_PATCH,
  VL_CHANGE_KIND_DELETE,
  VL_CHANGE_KIND_DELETE_ALL,
} VlChangeKind;

/**
 * VlOrigin:
 * @VL_ORIGIN_WRITE: a write made here
 * @VL_ORIGIN_STREAM: a stream told of it
 * @VL_ORIGIN_REFRESH: a refresh found it
 * @VL_ORIGIN_OTHER: another live table of this process, or unknown
 *
 * Where a [class@Change] or a [class@LiveEvent] comes from.
 *
 * Since: 1.0
 */
typedef enum
{
  VL_ORIGIN_WRITE,
  VL_ORIGIN_STREAM,
  VL_ORIGIN_REFRESH,
  VL_ORIGIN_OTHER,
} VlOrigin;

/**
 * VlLiveEventKind:
 * @VL_LIVE_EVENT_KIND_CHANGED: something changed; what is not known, or is
 *   more than one kind of thing
 * @VL_LIVE_EVENT_KIND_INSERTED: records were added
 * @VL_LIVE_EVENT_KIND_UPDATED: records were changed
 * @VL_LIVE_EVENT_KIND_DELETED: records were removed
 *
 * What a [class@LiveEvent] tells.
 *
 * Since: 1.0
 */
typedef enum
{
  VL_LIVE_EVENT_KIND_CHANGED,
  VL_LIVE_EVENT_KIND_INSERTED,
  VL_LIVE_EVENT_KIND_UPDATED,
  VL_LIVE_EVENT_KIND_DELETED,
} VlLiveEventKind;

/**
 * VlLiveStreamState:
 * @VL_LIVE_STREAM_STATE_STOPPED: nobody listens
 * @VL_LIVE_STREAM_STATE_CONNECTING: on its way to the source, or waiting to
 *   try again
 * @VL_LIVE_STREAM_STATE_LIVE: connected; events arrive as they happen
 * @VL_LIVE_STREAM_STATE_FAILED: given up, see [property@LiveStream:error]
 *
 * How a [class@LiveStream] is doing.
 *
 * Since: 1.0
 */
typedef enum
{
  VL_LIVE_STREAM_STATE_STOPPED,
  VL_LIVE_STREAM_STATE_CONNECTING,
  VL_LIVE_STREAM_STATE_LIVE,
  VL_LIVE_STREAM_STATE_FAILED,
} VlLiveStreamState;

/**
 * VlReadPolicy:
 * @VL_READ_POLICY_CACHE_FIRST: a fresh copy if there is one, else the master;
 *   a stale copy only when the master cannot be reached
 * @VL_READ_POLICY_STALE_WHILE_REVALIDATE: whatever copy there is, at once; a
 *   stale one is refreshed behind it
 * @VL_READ_POLICY_MASTER_FIRST: the master; a copy only when the master cannot
 *   be reached
 * @VL_READ_POLICY_CACHE_ONLY: only copies, stale ones flagged; never the master
 * @VL_READ_POLICY_MASTER_ONLY: only the master
 *
 * Where the reads of a [class@LiveTable] are answered from.
 *
 * Since: 1.0
 */
typedef enum
{
  VL_READ_POLICY_CACHE_FIRST,
  VL_READ_POLICY_STALE_WHILE_REVALIDATE,
  VL_READ_POLICY_MASTER_FIRST,
  VL_READ_POLICY_CACHE_ONLY,
  VL_READ_POLICY_MASTER_ONLY,
} VlReadPolicy;

/**
 * VlWriteState:
 * @VL_WRITE_STATE_RECORDING: is being put into the journal
 * @VL_WRITE_STATE_QUEUED: waits for its turn, or for an earlier write to its
 *   record; can still be withdrawn
 * @VL_WRITE_STATE_SENT: is with the master
 * @VL_WRITE_STATE_WAITING: the master could not be reached, or nobody knows
 *   whether it has it; it is sent again later, and can still be withdrawn
 * @VL_WRITE_STATE_APPLIED: the master has it
 * @VL_WRITE_STATE_FAILED: the master refused it, or nobody knows, see
 *   [property@Write:error]
 * @VL_WRITE_STATE_DISCARDED: withdrawn, or given up in favour of what the master
 *   has
 *
 * How far a [class@Write] has come. The last three are final, but that a failed
 * write can be tried again or discarded, and that one in doubt is applied when its
 * answer comes late.
 *
 * Since: 1.0
 */
typedef enum
{
  VL_WRITE_STATE_RECORDING,
  VL_WRITE_STATE_QUEUED,
  VL_WRITE_STATE_SENT,
  VL_WRITE_STATE_WAITING,
  VL_WRITE_STATE_APPLIED,
  VL_WRITE_STATE_FAILED,
  VL_WRITE_STATE_DISCARDED,
} VlWriteState;

/**
 * VlJournalState:
 * @VL_JOURNAL_STATE_NONE: there is none
 * @VL_JOURNAL_STATE_OPENING: it is being read; writes wait for that
 * @VL_JOURNAL_STATE_OPEN: each write is recorded before it is accepted
 * @VL_JOURNAL_STATE_FAILED: it cannot be used, and writes are refused; see
 *   [property@LiveTable:journal-error]
 *
 * What there is of the journal of a [class@LiveTable].
 *
 * Since: 1.0
 */
typedef enum
{
  VL_JOURNAL_STATE_NONE,
  VL_JOURNAL_STATE_OPENING,
  VL_JOURNAL_STATE_OPEN,
  VL_JOURNAL_STATE_FAILED,
} VlJournalState;

/**
 * VlInvalidation:
 * @VL_INVALIDATION_SLOPPY: any change makes everything stale that is cached of
 *   the master
 * @VL_INVALIDATION_SURGICAL: a change to a known record is laid over what is
 *   cached; only other changes make that stale
 *
 * What a change does to the copies of a [class@LiveTable].
 *
 * Since: 1.0
 */
typedef enum
{
  VL_INVALIDATION_SLOPPY,
  VL_INVALIDATION_SURGICAL,
} VlInvalidation;

/**
 * VlOrdering:
 * @VL_ORDERING_PER_RECORD: a write that waits to be tried again holds back only
 *   later writes to its record
 * @VL_ORDERING_STRICT: it holds back all later writes
 *
 * In what order the writes of a [class@LiveTable] reach the master when some of
 * them have to be tried again.
 *
 * Since: 1.0
 */
typedef enum
{
  VL_ORDERING_PER_RECORD,
  VL_ORDERING_STRICT,
} VlOrdering;

/**
 * VlConflictPolicy:
 * @VL_CONFLICT_POLICY_FAIL: the write fails with %VL_ERROR_CONFLICT, and
 *   [property@Write:record] is what the master has
 * @VL_CONFLICT_POLICY_KEEP_SERVER: the write is discarded, and whoever waits for it
 *   gets the record that the master has
 * @VL_CONFLICT_POLICY_KEEP_LOCAL: the write is applied over the other change, with
 *   what it touches
 * @VL_CONFLICT_POLICY_MERGE_FIELDS: a patch is applied if nobody has changed the
 *   fields that it has; anything else fails, a replacement and a deletion too, for
 *   they touch all fields
 *
 * What happens to a write whose record was changed by somebody else since it was
 * read.
 *
 * A record that somebody else has deleted cannot be written over: then the write
 * fails, but that %VL_CONFLICT_POLICY_KEEP_SERVER discards one that nobody waits
 * for. So does one whose record is changed again and again before it gets there.
 *
 * Since: 1.0
 */
typedef enum
{
  VL_CONFLICT_POLICY_FAIL,
  VL_CONFLICT_POLICY_KEEP_SERVER,
  VL_CONFLICT_POLICY_KEEP_LOCAL,
  VL_CONFLICT_POLICY_MERGE_FIELDS,
} VlConflictPolicy;

/**
 * VlLiveState:
 * @VL_LIVE_STATE_ONLINE: the master can be reached, as far as is known
 * @VL_LIVE_STATE_OFFLINE: there is no network to reach it by, or what was sent
 *   lately did not get there
 *
 * Whether a [class@LiveTable] has a master to talk to.
 *
 * Since: 1.0
 */
typedef enum
{
  VL_LIVE_STATE_ONLINE,
  VL_LIVE_STATE_OFFLINE,
} VlLiveState;

/**
 * VlLoadState:
 * @VL_LOAD_STATE_LOADING: nothing is known yet
 * @VL_LOAD_STATE_PARTIAL: the first records are known; others are loaded when
 *   they are asked for
 * @VL_LOAD_STATE_COMPLETE: all records are at hand
 * @VL_LOAD_STATE_FAILED: the last thing that was asked for could not be had,
 *   see [property@LiveList:error]
 *
 * How much of its query a [class@LiveList] has. A list that is complete and has
 * no items is empty; one that is loading and has none is not known to be.
 *
 * Since: 1.0
 */
typedef enum
{
  VL_LOAD_STATE_LOADING,
  VL_LOAD_STATE_PARTIAL,
  VL_LOAD_STATE_COMPLETE,
  VL_LOAD_STATE_FAILED,
} VlLoadState;

/**
 * VlTotalKind:
 * @VL_TOTAL_KIND_EXACT: the table has told how many records there are
 * @VL_TOTAL_KIND_UNKNOWN: there are more than is known; the list grows as it is
 *   scrolled
 * @VL_TOTAL_KIND_CAPPED: the table has told of more records than it has; the
 *   list ends where they do
 *
 * What the number of items of a [class@LiveList] is worth.
 *
 * Since: 1.0
 */
typedef enum
{
  VL_TOTAL_KIND_EXACT,
  VL_TOTAL_KIND_UNKNOWN,
  VL_TOTAL_KIND_CAPPED,
} VlTotalKind;

/**
 * VlRowState:
 * @VL_ROW_STATE_LOADING: a placeholder, its record is still to come
 * @VL_ROW_STATE_FRESH: the record is what the table has, for all that is known
 * @VL_ROW_STATE_STALE: the record may be old
 * @VL_ROW_STATE_PENDING: the record has a write that is not settled
 * @VL_ROW_STATE_WRITE_FAILED: a write of the record has failed, see
 *   [property@Row:error]
 * @VL_ROW_STATE_LOAD_FAILED: a placeholder, its record could not be had, see
 *   [property@Row:error]
 * @VL_ROW_STATE_GONE: the row is not in its list any more
 *
 * How a [class@Row] is doing.
 *
 * Since: 1.0
 */
typedef enum
{
  VL_ROW_STATE_LOADING,
  VL_ROW_STATE_FRESH,
  VL_ROW_STATE_STALE,
  VL_ROW_STATE_PENDING,
  VL_ROW_STATE_WRITE_FAILED,
  VL_ROW_STATE_LOAD_FAILED,
  VL_ROW_STATE_GONE,
} VlRowState;

G_END_DECLS
