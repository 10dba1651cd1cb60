/* vl-reply-private.h: how a request is sent and its answer comes home
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include "../vl-types.h"

G_BEGIN_DECLS

typedef enum
{
  VL_ANSWER_PAGE,
  VL_ANSWER_RECORD,
  VL_ANSWER_COUNT,
  VL_ANSWER_SCHEMA,
  VL_ANSWER_LOOKUP,
  VL_ANSWER_DONE,
  VL_ANSWER_BATCH,
} VlAnswerKind;

/* One item of a batch: a record, or an error. */
typedef struct
{
  VlRecord *record;
  GError *error;
  gboolean answered;
} VlBatchItem;

/* What a request ended with. Whoever is handed one steals what it keeps. */
typedef struct
{
  GError *error; /* set = it failed, and the rest is void */
  VlPage *page;
  VlRecord *record;
  VlSchema *schema;
  gint64 count;
  gboolean fresh;
  guint64 lease;
  VlBatchItem *items; /* n_items of them */
  guint n_items;
} VlAnswer;

/* Runs at home, once. */
typedef void (*VlAnswerFunc) (VlAnswer *answer, gpointer user_data);

typedef struct
{
  VlAnswerKind kind;
  guint n_items;         /* of a batch */
  const char *vfunc;     /* static, for messages: "list" */
  GType type;            /* of the object that was called, for messages */
  guint timeout;         /* milliseconds, 0 = none */
  VlError timeout_error; /* what a timeout is called */
} VlReplyInfo;

/* Makes the reply for one call. The caller then calls the vfunc and hands what
 * came back to _vl_reply_sent(), which takes an answer that is there already
 * at once, inside the call, and else waits for one: `func` runs later, in the
 * context that is thread-default now.
 *
 * The caller of _vl_reply_sent() may keep its reference to cancel the flight;
 * it must then not be the reason that a dropped reply is never noticed, so
 * flights are kept by VlFlight instead. */
typedef struct _VlFlight VlFlight;

VlReply *_vl_reply_new (const VlReplyInfo *info, VlAnswerFunc func, gpointer user_data);

/* Consumes `reply` and `error`. Returns the flight while no answer has come,
 * else NULL; `func` has run then. `flight` may be NULL for no interest. */
void _vl_reply_sent (VlReply *reply, gboolean returned, GError *error, VlFlight **flight);

/* At home. Fires the reply's cancellable; `func` will not run. */
void _vl_flight_cancel (VlFlight *flight);
VlFlight *_vl_flight_ref (VlFlight *flight);
void _vl_flight_unref (VlFlight *flight);

void _vl_answer_clear (VlAnswer *answer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VlFlight, _vl_flight_unref)

G_END_DECLS
