/* vl-table-call-private.h: one call of a table, from its _async to its answer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../base/vl-cancel-watch-private.h"
#include "vl-table-private.h"

G_BEGIN_DECLS

typedef struct _VlCall VlCall;

/* Checks the arguments against the schema (NULL for a table that checks by
 * itself) and sends what has to be sent; it ends the task or consumes a
 * reference to it with the flight. Runs in the caller's thread. */
typedef void (*VlCallStart) (GTask *task, VlCall *call, VlSchema *schema);

/* What a call works on; the task's data. Everything here belongs to the thread
 * that made the call. */
struct _VlCall
{
  VlCallStart start;
  VlTable *table;        /* the task's source object */
  VlFlight *flight;      /* what is under way, NULL = nothing */
  guint timeout;         /* of each flight, in milliseconds; 0 for a table that keeps time itself */
  VlCancelWatch *cancel; /* watches the caller's cancellable while it is */
  gboolean needs_schema; /* even of a table that checks by itself */
  gboolean describes;    /* asks for the schema, so that there is none to begin with */

  VlQuery *query;
  char *id;
  VlChange *change;
  char **ids;
  GHashTable *found;   /* find_many: id to record */
  gint64 fetched_at;   /* find_many: of the oldest page, 0 = none says */
  gboolean is_stale;   /* find_many: one of the pages is */
  gboolean is_fetched; /* find_many: one of the pages is not a copy */
  GPtrArray *given;    /* apply_many: the changes as the caller gave them */
  GListModel *changes; /* apply_many: those that are to be sent, checked */
  GArray *origins;     /* apply_many: for each of `changes`, its place in `given` */
  GPtrArray *outcomes; /* apply_many: VlOutcome, one for each of `given`, NULL = none yet */
  guint position;      /* of the next id, or of the next of `changes` */
  guint n_sent;        /* changes in the batch under way */
  gboolean failed;     /* find_many: the task has its error */
  GSList *unheard;     /* of VlUnheard, for what was answered, until the caller hears of it */
  gboolean looping;    /* the loop over the changes is on the stack */
};

/* Takes the arguments' references through `call`'s fields: fill them in
 * between _vl_call_new() and _vl_call_run(). */
GTask *_vl_call_new (VlTable *self,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data,
                     gpointer source_tag,
                     VlCallStart start,
                     VlCall **call);

/* Consumes `task`: describes the table first where that is needed. The vfuncs
 * run on the calling thread, unless it has no context of its own while another
 * thread turns the default one: then they run there. */
void _vl_call_run (GTask *task);

/* To be handed what a send returned: watches for cancellation until
 * _vl_call_landed(), which every VlAnswerFunc of a call begins with. */
void _vl_call_fly (GTask *task, VlFlight *flight);
void _vl_call_landed (GTask *task, VlAnswer *answer);

/* What every answer function of a call begins with: the flight is over; TRUE
 * when it has failed, and the task has been told. */
gboolean _vl_call_failed (GTask *task, VlAnswer *answer);

/* Checks the arguments of a _finish and takes the task's pointer. */
gpointer _vl_call_finish (VlTable *self, GAsyncResult *result, gpointer tag, GError **error);

/* What every _finish has to call, with what it tells the caller. */
void _vl_call_told (GTask *task, const GError *error);

/* Ends the task with an error, and consumes both. */
void _vl_call_refuse (GTask *task, GError *error);

typedef struct
{
  VlTable *self;
  gconstpointer argument;
  gconstpointer argument2;
} VlSyncArgs;

/* Runs `async` with a callback, turns a context until it is done and returns
 * its result for `finish`; NULL and an error if that cannot be. */
typedef void (*VlSyncBegin) (gpointer data,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
GAsyncResult *_vl_sync_run (gpointer table,
                            VlSyncBegin begin,
                            gpointer data,
                            GCancellable *cancellable,
                            GError **error);

/* The home of a table, see _vl_table_set_home(). Returns the context that
 * `_sync` may turn on the calling thread, or NULL. */
GMainContext *_vl_table_get_home_context (VlTable *self);
gboolean _vl_table_is_in_vfunc (VlTable *self);
gboolean _vl_table_checks_itself (VlTable *self);
VlPage *_vl_table_get_at_hand (VlTable *self, VlQuery *query);

/* Says that the calling thread owns `context` (NULL = none) only for a call:
 * no table that is first used meanwhile is at home there. Returns what was
 * said before, to be said again at the end. */
GMainContext *_vl_table_borrow_context (GMainContext *context);

G_END_DECLS
