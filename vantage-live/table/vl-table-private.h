/* vl-table-private.h: calling a table from inside the library
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-reply-private.h"
#include "vl-table.h"

G_BEGIN_DECLS

/* How long a direct call waits for an answer, in milliseconds. */
#define VL_DEFAULT_TIMEOUT 30000

/* These call one vfunc and nothing else: no describe, no check, no
 * normalisation. `func` may run before they return (see _vl_reply_sent());
 * then they return NULL. A vfunc that is missing is VL_ERROR_UNSUPPORTED. */
VlFlight *_vl_table_send_describe (VlTable *self,
                                   guint timeout,
                                   VlAnswerFunc func,
                                   gpointer user_data,
                                   GDestroyNotify drop);
VlFlight *_vl_table_send_list (VlTable *self,
                               VlQuery *query,
                               guint timeout,
                               VlAnswerFunc func,
                               gpointer user_data,
                               GDestroyNotify drop);
VlFlight *_vl_table_send_find (VlTable *self,
                               const char *id,
                               guint timeout,
                               VlAnswerFunc func,
                               gpointer user_data,
                               GDestroyNotify drop);
VlFlight *_vl_table_send_count (VlTable *self,
                                VlQuery *query,
                                guint timeout,
                                VlAnswerFunc func,
                                gpointer user_data,
                                GDestroyNotify drop);
VlFlight *_vl_table_send_apply (VlTable *self,
                                VlChange *change,
                                guint timeout,
                                VlAnswerFunc func,
                                gpointer user_data,
                                GDestroyNotify drop);
VlFlight *_vl_table_send_apply_batch (VlTable *self,
                                      GListModel *changes,
                                      guint timeout,
                                      VlAnswerFunc func,
                                      gpointer user_data,
                                      GDestroyNotify drop);

gboolean _vl_table_has_apply_batch (VlTable *self);

/* What the dispatcher checks before it calls a table. The error is
 * VL_ERROR_UNSUPPORTED or VL_ERROR_INVALID. */
gboolean _vl_table_check_query (VlSchema *schema, VlQuery *query, GError **error);

/* Likewise; returns the change as the table wants it: its record normalised to
 * the schema, its id in canonical form. */
VlChange *_vl_table_check_change (VlSchema *schema, VlChange *change, GError **error);

/* Likewise, but the record stays as it is, for a table that merges writes: it
 * finds the id of a record beside its fields. */
VlChange *_vl_table_check_raw_change (VlSchema *schema, VlChange *change, GError **error);

/* An id as the table writes it. */
gboolean _vl_table_check_id (VlSchema *schema, const char *id, GError **error);

/* More than this in one batch would only make the answers wait for each other:
 * the gain of a batch is used up long before. */
#define VL_BATCH_MAX 256

/* How many of the changes, from the first on, make one legal batch: at most one
 * change a record, no delete-all among others, not more than a sane number. */
guint _vl_table_batch_size (VlChange *const *changes, guint n_changes);
/* Likewise, of a list from its item `first` on. */
guint _vl_table_batch_length (GListModel *changes, guint first);

/* One vfunc that is running on the calling thread: a _sync call of that table
 * could not end there. Those who run vfuncs elsewhere say so with these. */
typedef struct _VlVfuncFrame VlVfuncFrame;

struct _VlVfuncFrame
{
  VlTable *table;
  VlVfuncFrame *outer;
};

void _vl_table_enter_vfunc (VlTable *self, VlVfuncFrame *frame);
void _vl_table_leave_vfunc (VlVfuncFrame *frame);

/* Tables written in C call this from their instance init: the calling thread
 * and its thread-default context become the table's home. Of other tables the
 * library assumes that the first thread to use them that turns a context of its
 * own, or the default one, made them. */
void _vl_table_set_home (VlTable *self);

/* For a table that describes and checks by itself and takes any batch: the
 * live table. The dispatcher calls its vfuncs straight away. */
void _vl_table_set_checks_itself (VlTable *self);

/* For such a table: what it can answer to a list on the spot, with nobody to
 * be asked; NULL when it has to be listed. Called from any thread. */
typedef VlPage *(*VlAtHandFunc) (VlTable *self, VlQuery *query);
void _vl_table_set_at_hand (VlTable *self, VlAtHandFunc at_hand);

/* For such a table: a list whose answer goes to the flight, since a reply would
 * be an object that nobody sees. The vfunc in all else. */
typedef gboolean (*VlListFunc) (VlTable *self, VlQuery *query, VlFlight *flight, GError **error);
void _vl_table_iface_set_list (VlTableInterface *iface, VlListFunc list);

/* For a table that answers each change of a batch as if it had come alone: an
 * error of one never becomes that of the others. Those who queue writes may
 * make a batch of whatever waits, and need not normalise the records. */
void _vl_table_set_merges_writes (VlTable *self);
gboolean _vl_table_merges_writes (VlTable *self);

/* Keeps the schema for vl_table_get_schema(). From any thread. */
void _vl_table_set_schema (VlTable *self, VlSchema *schema);
/* What describe has answered: becomes the schema, unless the table looks after
 * that itself and may have heard of a newer one since. */
void _vl_table_take_described (VlTable *self, VlSchema *schema);

G_END_DECLS
