/* vl-table.h: anything that lists, finds, counts and changes records
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VL_INSIDE) && !defined(VL_COMPILATION)
# error "Only <vantage-live.h> can be included directly."
#endif

#include "../vl-types.h"

G_BEGIN_DECLS

#define VL_TYPE_TABLE (vl_table_get_type ())

VL_AVAILABLE_IN_1_0
G_DECLARE_INTERFACE (VlTable, vl_table, VL, TABLE, GObject)

/**
 * VlTableInterface:
 * @g_iface: the parent interface
 *
 * What an implementation of [iface@Table] fills in.
 *
 * `describe`, `list` and `find` are required; the others go by the
 * capabilities that `describe` answers.
 *
 * Since: 1.0
 */
/* clang-format off */
struct _VlTableInterface
{
  GTypeInterface g_iface;

  gboolean      (*describe)     (VlTable     *self,
                                 VlReply     *reply,
                                 GError     **error);
  gboolean      (*list)         (VlTable     *self,
                                 VlQuery     *query,
                                 VlReply     *reply,
                                 GError     **error);
  gboolean      (*find)         (VlTable     *self,
                                 const char  *id,
                                 VlReply     *reply,
                                 GError     **error);
  gboolean      (*count)        (VlTable     *self,
                                 VlQuery     *query,
                                 VlReply     *reply,
                                 GError     **error);
  gboolean      (*apply)        (VlTable     *self,
                                 VlChange    *change,
                                 VlReply     *reply,
                                 GError     **error);
  gboolean      (*apply_batch)  (VlTable     *self,
                                 GListModel  *changes,
                                 VlReply     *reply,
                                 GError     **error);
  VlTable      *(*get_related)  (VlTable     *self,
                                 const char  *relation,
                                 VlRecord    *record,
                                 GError     **error);
  VlLiveStream *(*get_stream)   (VlTable     *self);
  char         *(*get_identity) (VlTable     *self);

  /*< private >*/
  gpointer padding[8];
};
/* clang-format on */

VL_AVAILABLE_IN_1_0
void vl_table_describe_async (VlTable *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
VL_AVAILABLE_IN_1_0
VlSchema *vl_table_describe_finish (VlTable *self, GAsyncResult *result, GError **error);
VL_AVAILABLE_IN_1_0
VlSchema *vl_table_describe_sync (VlTable *self, GCancellable *cancellable, GError **error);

VL_AVAILABLE_IN_1_0
void vl_table_list_async (VlTable *self,
                          VlQuery *query,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
VL_AVAILABLE_IN_1_0
VlPage *vl_table_list_finish (VlTable *self, GAsyncResult *result, GError **error);
VL_AVAILABLE_IN_1_0
VlPage *vl_table_list_sync (VlTable *self,
                            VlQuery *query,
                            GCancellable *cancellable,
                            GError **error);

VL_AVAILABLE_IN_1_0
void vl_table_find_async (VlTable *self,
                          const char *id,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
VL_AVAILABLE_IN_1_0
VlRecord *vl_table_find_finish (VlTable *self, GAsyncResult *result, GError **error);
VL_AVAILABLE_IN_1_0
VlRecord *vl_table_find_sync (VlTable *self,
                              const char *id,
                              GCancellable *cancellable,
                              GError **error);

VL_AVAILABLE_IN_1_0
void vl_table_count_async (VlTable *self,
                           VlQuery *query,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
VL_AVAILABLE_IN_1_0
gint64 vl_table_count_finish (VlTable *self, GAsyncResult *result, GError **error);
VL_AVAILABLE_IN_1_0
gint64 vl_table_count_sync (VlTable *self,
                            VlQuery *query,
                            GCancellable *cancellable,
                            GError **error);

VL_AVAILABLE_IN_1_0
void vl_table_insert_async (VlTable *self,
                            VlRecord *record,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
VL_AVAILABLE_IN_1_0
VlRecord *vl_table_insert_finish (VlTable *self, GAsyncResult *result, GError **error);
VL_AVAILABLE_IN_1_0
VlRecord *vl_table_insert_sync (VlTable *self,
                                VlRecord *record,
                                GCancellable *cancellable,
                                GError **error);

VL_AVAILABLE_IN_1_0
void vl_table_replace_async (VlTable *self,
                             VlRecord *record,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
VL_AVAILABLE_IN_1_0
VlRecord *vl_table_replace_finish (VlTable *self, GAsyncResult *result, GError **error);
VL_AVAILABLE_IN_1_0
VlRecord *vl_table_replace_sync (VlTable *self,
                                 VlRecord *record,
                                 GCancellable *cancellable,
                                 GError **error);

VL_AVAILABLE_IN_1_0
void vl_table_patch_async (VlTable *self,
                           const char *id,
                           VlRecord *fields,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
VL_AVAILABLE_IN_1_0
VlRecord *vl_table_patch_finish (VlTable *self, GAsyncResult *result, GError **error);
VL_AVAILABLE_IN_1_0
VlRecord *vl_table_patch_sync (VlTable *self,
                               const char *id,
                               VlRecord *fields,
                               GCancellable *cancellable,
                               GError **error);

VL_AVAILABLE_IN_1_0
void vl_table_delete_async (VlTable *self,
                            const char *id,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
VL_AVAILABLE_IN_1_0
VlRecord *vl_table_delete_finish (VlTable *self, GAsyncResult *result, GError **error);
VL_AVAILABLE_IN_1_0
VlRecord *vl_table_delete_sync (VlTable *self,
                                const char *id,
                                GCancellable *cancellable,
                                GError **error);

VL_AVAILABLE_IN_1_0
void vl_table_delete_all_async (VlTable *self,
                                VlQuery *query,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
VL_AVAILABLE_IN_1_0
gboolean vl_table_delete_all_finish (VlTable *self, GAsyncResult *result, GError **error);
VL_AVAILABLE_IN_1_0
gboolean vl_table_delete_all_sync (VlTable *self,
                                   VlQuery *query,
                                   GCancellable *cancellable,
                                   GError **error);

VL_AVAILABLE_IN_1_0
void vl_table_apply_many_async (VlTable *self,
                                GListModel *changes,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
VL_AVAILABLE_IN_1_0
GListModel *vl_table_apply_many_finish (VlTable *self, GAsyncResult *result, GError **error);
VL_AVAILABLE_IN_1_0
GListModel *vl_table_apply_many_sync (VlTable *self,
                                      GListModel *changes,
                                      GCancellable *cancellable,
                                      GError **error);

VL_AVAILABLE_IN_1_0
void vl_table_find_many_async (VlTable *self,
                               const char *const *ids,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
VL_AVAILABLE_IN_1_0
VlPage *vl_table_find_many_finish (VlTable *self, GAsyncResult *result, GError **error);
VL_AVAILABLE_IN_1_0
VlPage *vl_table_find_many_sync (VlTable *self,
                                 const char *const *ids,
                                 GCancellable *cancellable,
                                 GError **error);

VL_AVAILABLE_IN_1_0
void vl_table_get_first_async (VlTable *self,
                               VlQuery *query,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
VL_AVAILABLE_IN_1_0
VlRecord *vl_table_get_first_finish (VlTable *self, GAsyncResult *result, GError **error);
VL_AVAILABLE_IN_1_0
VlRecord *vl_table_get_first_sync (VlTable *self,
                                   VlQuery *query,
                                   GCancellable *cancellable,
                                   GError **error);

VL_AVAILABLE_IN_1_0
VlSchema *vl_table_get_schema (VlTable *self);
VL_AVAILABLE_IN_1_0
VlTable *vl_table_get_related (VlTable *self,
                               const char *relation,
                               VlRecord *record,
                               GError **error);
VL_AVAILABLE_IN_1_0
VlLiveStream *vl_table_get_stream (VlTable *self);
VL_AVAILABLE_IN_1_0
char *vl_table_get_identity (VlTable *self);

G_END_DECLS
