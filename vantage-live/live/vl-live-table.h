/* vl-live-table.h: a master, a cache, a write queue and streams as one table
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_LIVE_TABLE (vl_live_table_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VlLiveTable, vl_live_table, VL, LIVE_TABLE, GObject)

VL_AVAILABLE_IN_1_0
VlLiveTable *vl_live_table_new (VlTable *master, const char *cache_key, VlCache *cache);
VL_AVAILABLE_IN_1_0
VlTable *vl_live_table_get_master (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
const char *vl_live_table_get_cache_key (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
VlCache *vl_live_table_get_cache (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
VlTable *vl_live_table_get_write_target (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
void vl_live_table_set_write_target (VlLiveTable *self, VlTable *write_target);
VL_AVAILABLE_IN_1_0
guint vl_live_table_get_page_size (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
void vl_live_table_set_page_size (VlLiveTable *self, guint page_size);
VL_AVAILABLE_IN_1_0
guint vl_live_table_get_max_age (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
void vl_live_table_set_max_age (VlLiveTable *self, guint max_age);
VL_AVAILABLE_IN_1_0
VlReadPolicy vl_live_table_get_read_policy (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
void vl_live_table_set_read_policy (VlLiveTable *self, VlReadPolicy read_policy);
VL_AVAILABLE_IN_1_0
gboolean vl_live_table_get_follow_master (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
void vl_live_table_set_follow_master (VlLiveTable *self, gboolean follow_master);
VL_AVAILABLE_IN_1_0
guint vl_live_table_get_queue_capacity (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
void vl_live_table_set_queue_capacity (VlLiveTable *self, guint queue_capacity);
VL_AVAILABLE_IN_1_0
guint vl_live_table_get_timeout (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
void vl_live_table_set_timeout (VlLiveTable *self, guint timeout);
VL_AVAILABLE_IN_1_0
gboolean vl_live_table_get_optimistic (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
void vl_live_table_set_optimistic (VlLiveTable *self, gboolean optimistic);
VL_AVAILABLE_IN_1_0
VlInvalidation vl_live_table_get_invalidation (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
void vl_live_table_set_invalidation (VlLiveTable *self, VlInvalidation invalidation);
VL_AVAILABLE_IN_1_0
VlOrdering vl_live_table_get_ordering (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
void vl_live_table_set_ordering (VlLiveTable *self, VlOrdering ordering);
VL_AVAILABLE_IN_1_0
VlConflictPolicy vl_live_table_get_conflict_policy (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
void vl_live_table_set_conflict_policy (VlLiveTable *self, VlConflictPolicy conflict_policy);
VL_AVAILABLE_IN_1_0
guint vl_live_table_get_retry_floor (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
void vl_live_table_set_retry_floor (VlLiveTable *self, guint retry_floor);
VL_AVAILABLE_IN_1_0
guint vl_live_table_get_retry_cap (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
void vl_live_table_set_retry_cap (VlLiveTable *self, guint retry_cap);
VL_AVAILABLE_IN_1_0
guint vl_live_table_get_settle_time (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
void vl_live_table_set_settle_time (VlLiveTable *self, guint settle_time);
VL_AVAILABLE_IN_1_0
VlLiveState vl_live_table_get_state (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
guint vl_live_table_get_pending_writes (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
VlLiveStats *vl_live_table_get_stats (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
void vl_live_table_add_stream (VlLiveTable *self, VlLiveStream *stream);
VL_AVAILABLE_IN_1_0
void vl_live_table_remove_stream (VlLiveTable *self, VlLiveStream *stream);
VL_AVAILABLE_IN_1_0
VlPage *vl_live_table_peek_page (VlLiveTable *self, VlQuery *query);
VL_AVAILABLE_IN_1_0
VlRecord *vl_live_table_peek_record (VlLiveTable *self, const char *id);
VL_AVAILABLE_IN_1_0
VlWrite *vl_live_table_write (VlLiveTable *self, VlChange *change);
VL_AVAILABLE_IN_1_0
GListModel *vl_live_table_get_writes (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
void vl_live_table_invalidate (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
void vl_live_table_clear (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
void vl_live_table_refresh_async (VlLiveTable *self,
                                  VlQuery *query,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
VL_AVAILABLE_IN_1_0
VlPage *vl_live_table_refresh_finish (VlLiveTable *self, GAsyncResult *result, GError **error);
VL_AVAILABLE_IN_1_0
VlPage *vl_live_table_refresh_sync (VlLiveTable *self,
                                    VlQuery *query,
                                    GCancellable *cancellable,
                                    GError **error);
VL_AVAILABLE_IN_1_0
gboolean vl_live_table_get_coalesce (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
void vl_live_table_set_coalesce (VlLiveTable *self, gboolean coalesce);
VL_AVAILABLE_IN_1_0
GFile *vl_live_table_get_journal (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
void vl_live_table_set_journal (VlLiveTable *self, GFile *journal);
VL_AVAILABLE_IN_1_0
VlJournalState vl_live_table_get_journal_state (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
GError *vl_live_table_dup_journal_error (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
guint vl_live_table_get_close_timeout (VlLiveTable *self);
VL_AVAILABLE_IN_1_0
void vl_live_table_set_close_timeout (VlLiveTable *self, guint close_timeout);
VL_AVAILABLE_IN_1_0
void vl_live_table_close_async (VlLiveTable *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
VL_AVAILABLE_IN_1_0
gboolean vl_live_table_close_finish (VlLiveTable *self, GAsyncResult *result, GError **error);
VL_AVAILABLE_IN_1_0
gboolean vl_live_table_close_sync (VlLiveTable *self, GCancellable *cancellable, GError **error);

G_END_DECLS
